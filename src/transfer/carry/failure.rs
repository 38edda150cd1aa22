//! What an error means for the item that it happened to: one table for everything that a server says, one for files.

use std::error::Error as _;
use std::io;
use std::path::Path;

use crate::http::{HttpError, NetworkClass};
use crate::supabase::{Class, Error};
use crate::transfer::job::{Failure, FailureKind};

/// Codes of storage that name a class of errors which pass, but stay themselves until somebody mends the project.
const STAYS: &[&str] = &["DatabaseSchemaMismatch", "DatabaseInvalidObjectDefinition"];

/// What an error of the project means for an item.
#[must_use]
pub fn failure(error: &Error) -> Failure {
    Failure {
        kind: kind(error),
        what: error.to_string(),
        hint: error.hint().to_owned(),
    }
}

fn kind(error: &Error) -> FailureKind {
    let code = error.code.as_deref();
    match error.class {
        Class::Throttled => FailureKind::Throttled,
        Class::Busy if code.is_some_and(|code| STAYS.contains(&code)) => FailureKind::Refused,
        // Too many at once, said in other words.
        Class::Busy if error.http_status == Some(423) || matches!(code, Some("ResourceLocked" | "LockTimeout")) => {
            FailureKind::Throttled
        }
        Class::Busy if error.http_status == Some(503) && error.retry_after.is_some() => FailureKind::Throttled,
        Class::Busy => FailureKind::Passing,
        Class::Network if network(error) == Some(NetworkClass::Tls) => FailureKind::Refused,
        Class::Network => FailureKind::Passing,
        // An answer that was cut off says nothing of what was done. So does a call that was stopped.
        Class::Ambiguous | Class::Cancelled => FailureKind::Ambiguous,
        // A hotel's page to sign in at stands in every server's place until somebody does.
        Class::Unexpected if in_the_way(error) => FailureKind::Passing,
        Class::NotFound | Class::Exists => FailureKind::Changed,
        Class::Source => FailureKind::SourceChanged,
        Class::Invalid if code == Some("InvalidRange") => FailureKind::Changed,
        Class::Invalid if code == Some("InvalidChecksum") => FailureKind::Corrupt,
        Class::BucketNotFound
        | Class::NotEmpty
        | Class::Forbidden
        | Class::BadKey
        | Class::Invalid
        | Class::TooLarge
        | Class::WrongType
        | Class::Unsupported
        | Class::Unexpected => FailureKind::Refused,
    }
}

fn network(error: &Error) -> Option<NetworkClass> {
    let source = error.source()?.downcast_ref::<HttpError>()?;
    Some(source.class)
}

/// Whether something else than the server answered.
fn in_the_way(error: &Error) -> bool {
    let redirected = error.http_status.is_some_and(|status| (300..400).contains(&status));
    redirected || error.message.contains("web page")
}

/// The target, or an object that is the source, is not what it was.
pub(super) fn changed(what: impl Into<String>, hint: &str) -> Failure {
    of(FailureKind::Changed, what, hint)
}

/// The file that is sent is not what it was.
pub(super) fn source_changed(what: impl Into<String>, hint: &str) -> Failure {
    of(FailureKind::SourceChanged, what, hint)
}

/// It would fail in the same way again.
pub(super) fn refused(what: impl Into<String>, hint: &str) -> Failure {
    of(FailureKind::Refused, what, hint)
}

/// What arrived is not what was sent.
pub(super) fn corrupt(what: impl Into<String>, hint: &str) -> Failure {
    of(FailureKind::Corrupt, what, hint)
}

fn of(kind: FailureKind, what: impl Into<String>, hint: &str) -> Failure {
    Failure {
        kind,
        what: what.into(),
        hint: hint.to_owned(),
    }
}

/// A file that is to be sent cannot be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => source_changed(
            format!("{shown} is not there any more."),
            "Put it back, or plan the upload anew.",
        ),
        _ => refused(
            format!("{shown} cannot be read: {error}"),
            "Check that it is a file and that you may open it.",
        ),
    }
}

/// A file cannot be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => refused(
            format!("There is no room for {shown}: {error}"),
            "Make room on the disk, then try again; what has arrived is kept, and it goes on from there.",
        ),
        io::ErrorKind::AlreadyExists => changed(
            format!("{shown} is there already; nothing was replaced."),
            "Move that file away, or plan the download anew.",
        ),
        io::ErrorKind::PermissionDenied => refused(
            format!("{shown} cannot be written: {error}"),
            "Check that you may write to the folder, and that no link in it leads elsewhere.",
        ),
        _ => refused(
            format!("{shown} cannot be written: {error}"),
            "Check the folder and its disk, then try again.",
        ),
    }
}

/// Runs what blocks. A program that ends drops it.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(ending()),
        },
    }
}

/// What was begun is not waited for any more.
pub(super) fn ending() -> Failure {
    of(
        FailureKind::Passing,
        "The program is ending.",
        "It goes on when the program is started again.",
    )
}

#[cfg(test)]
mod tests {
    use axum::response::{IntoResponse as _, Response};

    use super::*;
    use crate::supabase::testing::{bucket, cut_off, json, key, project, storage_error};

    async fn said_of(answer: impl Fn() -> Response + Send + Sync + 'static) -> FailureKind {
        let (project, _) = project(move |_| answer()).await;
        let error = project.bucket(&bucket("b")).remove_one(&key("a")).await.unwrap_err();
        let failed = failure(&error);
        assert!(!failed.what.is_empty() && !failed.hint.is_empty());
        failed.kind
    }

    #[tokio::test]
    async fn what_a_server_says_has_one_meaning_for_an_item() {
        use FailureKind::{Ambiguous, Changed, Corrupt, Passing, Refused, Throttled};
        for (status, code, kind) in [
            ("429", "SlowDown", Throttled),
            ("423", "ResourceLocked", Throttled),
            ("503", "LockTimeout", Throttled),
            ("544", "DatabaseTimeout", Passing),
            ("503", "DatabaseReadOnly", Passing),
            ("503", "DatabaseSchemaMismatch", Refused),
            ("403", "AccessDenied", Refused),
            ("404", "NoSuchBucket", Refused),
            ("409", "KeyAlreadyExists", Changed),
            ("413", "EntityTooLarge", Refused),
            ("415", "InvalidMimeType", Refused),
            ("416", "InvalidRange", Changed),
            ("400", "InvalidChecksum", Corrupt),
            ("400", "InvalidKey", Refused),
            ("401", "InvalidJWT", Refused),
        ] {
            let said = said_of(move || storage_error(status, code, "no")).await;
            assert_eq!(said, kind, "{code}");
        }
        assert_eq!(said_of(cut_off).await, Ambiguous);
        let sign_in = || (::http::StatusCode::FOUND, [("location", "http://hotel/")]).into_response();
        assert_eq!(said_of(sign_in).await, Passing);
    }

    #[tokio::test]
    async fn a_page_to_sign_in_at_is_in_the_way_and_other_nonsense_is_not() {
        for (answer, kind) in [
            (
                "<!doctype html><title>Welcome to our hotel</title>",
                FailureKind::Passing,
            ),
            ("42", FailureKind::Refused),
        ] {
            let (project, _) = project(move |_| answer.into_response()).await;
            let error = project.bucket(&bucket("b")).info(&key("a")).await.unwrap_err();
            assert_eq!(failure(&error).kind, kind, "{error}");
        }
        let (project, _) = project(|_| json(200, serde_json::json!({"name": "a"}))).await;
        assert!(project.bucket(&bucket("b")).info(&key("a")).await.is_ok());
    }
}
