//! Every code that a project's servers are known to give, with its class, whether the same request may be made again, and
//! what a person can do. One table, so that none can be without one of the three.

mod sign_in;
mod storage;
mod tables;

use super::Class;
use sign_in::SIGN_IN;
use storage::STORAGE;
use tables::TABLES;

/// Whether the same request may succeed a little later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stays an error.
    Stays,
    /// The server had trouble of its own, perhaps after it had carried the request out.
    Transient,
    /// The server refused before it did anything.
    Refused,
    /// The code says nothing; its status does.
    ByStatus,
}

/// What is known of one code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) code: &'static str,
    /// None if only the status tells.
    pub(super) class: Option<Class>,
    pub(super) verdict: Verdict,
    pub(super) hint: &'static str,
}

/// What is known of a code.
pub(super) fn known(code: &str) -> Option<&'static Known> {
    [STORAGE, TABLES, SIGN_IN]
        .into_iter()
        .flatten()
        .find(|known| known.code == code)
}

/// Every code of the table, for the tests.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static Known> {
    [STORAGE, TABLES, SIGN_IN].into_iter().flatten()
}

const fn stays(code: &'static str, class: Class, hint: &'static str) -> Known {
    Known {
        code,
        class: Some(class),
        verdict: Verdict::Stays,
        hint,
    }
}

const fn transient(code: &'static str, class: Class, hint: &'static str) -> Known {
    Known {
        code,
        class: Some(class),
        verdict: Verdict::Transient,
        hint,
    }
}

const fn refused(code: &'static str, class: Class, hint: &'static str) -> Known {
    Known {
        code,
        class: Some(class),
        verdict: Verdict::Refused,
        hint,
    }
}

const fn by_status(code: &'static str, hint: &'static str) -> Known {
    Known {
        code,
        class: None,
        verdict: Verdict::ByStatus,
        hint,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The codes that the wire notes list for storage, by hand and apart from the table.
    const DOCUMENTED: &str = "NoSuchBucket NoSuchKey NoSuchUpload InvalidJWT InvalidRequest TenantNotFound EntityTooLarge \
        InternalError ResourceAlreadyExists KeyAlreadyExists BucketAlreadyExists ResourceNotEmpty ResourceReferenced \
        InvalidBucketName InvalidKey InvalidRange InvalidMimeType InvalidUploadId InvalidSignature InvalidUploadSignature \
        ExpiredToken SignatureDoesNotMatch AccessDenied ResourceLocked LockTimeout DatabaseTimeout DatabaseReadOnly \
        DatabaseSchemaMismatch DatabaseInvalidObjectDefinition DatabaseTransactionAborted DatabaseError TransactionError \
        MissingContentLength MissingParameter InvalidParameter S3Error InvalidAccessKeyId MaximumCredentialsLimit \
        InvalidChecksum MissingPart SlowDown TusError Aborted AbortedTerminate FeatureNotEnabled NotSupported MalformedXML \
        NoSuchCatalog PGRST116 PGRST202 PGRST204 PGRST205 PGRST106 PGRST301 42501 23505 23503 57014 25006 22P02 42703 42P01 \
        55P03 invalid_credentials email_not_confirmed over_request_rate_limit refresh_token_not_found \
        refresh_token_already_used session_not_found user_banned captcha_failed bad_jwt weak_password";

    #[test]
    fn every_documented_code_is_known() {
        let missing: Vec<_> = DOCUMENTED
            .split_whitespace()
            .filter(|code| known(code).is_none())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
        let mut seen = HashSet::new();
        let twice: Vec<_> = all().filter(|known| !seen.insert(known.code)).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn every_hint_is_a_sentence_to_act_on() {
        for known in all() {
            let hint = known.hint;
            assert!(
                hint.len() > 20 && hint.ends_with('.') && hint.starts_with(|c: char| c.is_uppercase()),
                "{}: {hint}",
                known.code
            );
        }
    }

    /// What is repeated without asking is what the table of retries says, and nothing else.
    #[test]
    fn only_these_are_repeated() {
        let again = |verdict| {
            let mut codes: Vec<_> = all()
                .filter(|known| known.verdict == verdict)
                .map(|known| known.code)
                .collect();
            codes.sort_unstable();
            codes.join(" ")
        };
        assert_eq!(again(Verdict::Refused), "LockTimeout ResourceLocked SlowDown");
        assert_eq!(
            again(Verdict::Transient),
            "25006 40001 40P01 53300 55P03 57014 Aborted DatabaseConnectionLimit DatabaseInvalidObjectDefinition \
             DatabaseReadOnly DatabaseSchemaMismatch DatabaseTimeout PGRST000 PGRST001 PGRST002 PGRST003 TransactionError \
             hook_timeout hook_timeout_after_retry request_timeout"
        );
        assert_eq!(again(Verdict::ByStatus), "S3Error TusError");
    }

    /// A class that waiting mends is one that waiting mends in the table, too; both ways round for the first.
    #[test]
    fn class_and_verdict_agree() {
        for known in all() {
            let mends = matches!(known.verdict, Verdict::Transient | Verdict::Refused);
            let class_mends = matches!(known.class, Some(Class::Busy | Class::Throttled));
            assert!(!mends || class_mends, "{known:?}");
        }
    }
}
