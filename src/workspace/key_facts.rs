//! What a key says of itself, for the line below the field it was pasted into.

use jiff::{SignedDuration, Timestamp};

use super::{ApiKey, KeyKind, ProjectUrl};

/// A key's facts, read from its form alone: nothing is sent, and no signature is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// The kind in words: "Legacy JWT", "Publishable", "Secret", "User token".
    pub kind: &'static str,
    /// Whom it acts as: `anon`, `service_role`, `authenticated` or a role of the project's own.
    pub role: String,
    /// The reference of the project that it was made for, if it says so.
    pub project: Option<String>,
    /// Its end.
    pub lifetime: Lifetime,
    /// The key as it may be shown: its public beginning, dots, its last three characters.
    pub masked: String,
    /// Whether it passes every rule of the database, so that admin mode is on.
    pub is_service: bool,
}

/// How long a key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Until it is revoked.
    Endless,
    /// Until then.
    Until(Timestamp),
    /// Until then, which is within [`KeyFacts::SOON`].
    EndsSoon(Timestamp),
    /// It ended then, and no server takes it any more.
    Ended(Timestamp),
}

/// Whether a key belongs to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// Both name the same project.
    Yes,
    /// They name different projects: the server will refuse it.
    No,
    /// One of them names none.
    Unknown,
}

impl KeyFacts {
    /// Keys that end sooner than that are pointed out: 30 days.
    pub const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

    /// The facts of a key at the time `now`.
    #[must_use]
    pub fn of(key: &ApiKey, now: Timestamp) -> Self {
        let (kind, role) = match key.kind() {
            KeyKind::Publishable => ("Publishable", "anon"),
            KeyKind::Secret => ("Secret", "service_role"),
            KeyKind::Jwt { role, .. } if matches!(role.as_str(), "anon" | "service_role") => {
                ("Legacy JWT", role.as_str())
            }
            KeyKind::Jwt { role, .. } => ("User token", role.as_str()),
        };
        let lifetime = match key.kind() {
            KeyKind::Jwt {
                expires_at: Some(end), ..
            } => Lifetime::at(*end, now),
            _ => Lifetime::Endless,
        };
        Self {
            kind,
            role: role.to_owned(),
            project: key.project().map(str::to_owned),
            lifetime,
            masked: key.masked(),
            is_service: key.is_service(),
        }
    }

    /// Whether the key was made for the project at `url`.
    #[must_use]
    pub fn belongs_to(&self, url: &ProjectUrl) -> Belongs {
        match (&self.project, url.reference()) {
            (Some(ours), Some(theirs)) if ours == theirs => Belongs::Yes,
            (Some(_), Some(_)) => Belongs::No,
            _ => Belongs::Unknown,
        }
    }
}

impl Lifetime {
    fn at(end: i64, now: Timestamp) -> Self {
        // An end that no calendar has is as good as none.
        let Ok(end) = Timestamp::from_second(end) else {
            return if end < 0 {
                Self::Ended(Timestamp::MIN)
            } else {
                Self::Endless
            };
        };
        if end <= now {
            Self::Ended(end)
        } else if end.duration_since(now) < KeyFacts::SOON {
            Self::EndsSoon(end)
        } else {
            Self::Until(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn token(claims: &str) -> ApiKey {
        let payload = URL_SAFE_NO_PAD.encode(claims);
        ApiKey::parse(&format!(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{payload}.c2lnbmF0dXJlx4Q"
        ))
        .unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-25T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn reads_a_legacy_key() {
        let key = token(r#"{"iss":"supabase","ref":"vqkzmdlrwsnhtyfpjxbe","role":"service_role","exp":2065392000}"#);
        let facts = KeyFacts::of(&key, now());
        assert_eq!((facts.kind, facts.role.as_str()), ("Legacy JWT", "service_role"));
        assert_eq!(facts.lifetime, Lifetime::Until("2035-06-14T00:00:00Z".parse().unwrap()));
        assert_eq!(facts.masked, "eyJhbGciOiJIUzI1NiIs••••x4Q");
        assert!(facts.is_service);
        let url = |text| ProjectUrl::parse(text).unwrap();
        assert_eq!(facts.belongs_to(&url("vqkzmdlrwsnhtyfpjxbe.supabase.co")), Belongs::Yes);
        assert_eq!(facts.belongs_to(&url("another.supabase.co")), Belongs::No);
        assert_eq!(facts.belongs_to(&url("127.0.0.1:54321")), Belongs::Unknown);
    }

    #[test]
    fn tells_when_a_key_ends() {
        let lifetime = |exp: i64| KeyFacts::of(&token(&format!(r#"{{"role":"anon","exp":{exp}}}"#)), now()).lifetime;
        let at = now().as_second();
        assert!(matches!(lifetime(at), Lifetime::Ended(_)));
        assert!(matches!(lifetime(at + 60), Lifetime::EndsSoon(_)));
        assert!(matches!(lifetime(at + 40 * 86_400), Lifetime::Until(_)));
        assert_eq!(lifetime(i64::MAX), Lifetime::Endless);
        assert!(matches!(lifetime(i64::MIN), Lifetime::Ended(_)));
        assert_eq!(KeyFacts::of(&token("{}"), now()).lifetime, Lifetime::Endless);
    }

    #[test]
    fn names_the_newer_kinds_and_users() {
        let facts = |text: &str| KeyFacts::of(&ApiKey::parse(text).unwrap(), now());
        let publishable = facts("sb_publishable_0123456789abcdef");
        assert_eq!((publishable.kind, publishable.is_service), ("Publishable", false));
        assert_eq!(publishable.masked, "sb_publishable_••••def");
        let secret = facts("sb_secret_0123456789abcdef");
        assert_eq!(
            (secret.kind, secret.role.as_str(), secret.is_service),
            ("Secret", "service_role", true)
        );
        let user = KeyFacts::of(&token(r#"{"role":"authenticated","sub":"u"}"#), now());
        assert_eq!((user.kind, user.is_service), ("User token", false));
    }
}
