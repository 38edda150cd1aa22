//! The secret of a workspace and the two API keys that are signed with it.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::error::SecretsError;
use super::jwt;
use super::store::make_private_folder;

/// The JWT secret that `supabase start` uses on every machine.
const SUPABASE_JWT_SECRET: &str = "super-secret-jwt-token-with-at-least-32-characters-long";
/// The keys of the newer kind that `supabase start` prints on every machine.
const SUPABASE_PUBLISHABLE_KEY: &str = "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH";
const SUPABASE_SECRET_KEY: &str = "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz";
/// Keeps a proof from being a signature of anything else.
const PROOF: &str = "storymimi proof of a server";
const TEN_YEARS: i64 = 10 * 365 * 24 * 60 * 60;

/// What tokens are signed with, and the tokens that clients present. Never printed: `Debug` is redacted.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    jwt_secret: String,
    anon_key: String,
    service_key: String,
    /// The keys that are no tokens; the gateway translates them into the two above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    publishable_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_key: Option<String>,
}

/// The claims of an API key, in the order in which Supabase writes them.
#[derive(Serialize, Deserialize)]
struct KeyClaims {
    iss: String,
    role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    exp: i64,
}

impl Secrets {
    /// Reads the secrets kept in `file`, or makes fresh ones and keeps them there, readable by the user alone.
    ///
    /// Two processes may do this at the same time: the file appears whole or not at all, the first one wins, and
    /// both return what it holds.
    ///
    /// # Errors
    /// [`SecretsError`] if the file cannot be read, understood or written.
    pub fn load_or_create(file: &Path) -> Result<Self, SecretsError> {
        let fail = |source| SecretsError::Io {
            path: file.to_owned(),
            source,
        };
        match Self::load(file) {
            Err(SecretsError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            loaded => return loaded,
        }
        let folder = file.parent().unwrap_or(Path::new("."));
        make_private_folder(folder).map_err(fail)?;
        // A named temporary file is made with mode 0600 on Unix; in the user's own folder elsewhere.
        let mut fresh = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
        let secrets = Self::generate()?;
        fresh
            .write_all(&serde_json::to_vec_pretty(&secrets).map_err(SecretsError::Encode)?)
            .and_then(|()| fresh.as_file().sync_all())
            .map_err(fail)?;
        match fresh.persist_noclobber(file) {
            Ok(_) => Ok(secrets),
            Err(lost) if lost.error.kind() == io::ErrorKind::AlreadyExists => Self::load(file),
            Err(lost) => Err(fail(lost.error)),
        }
    }

    /// The well-known secret and keys of `supabase start`: for local development only, since everybody has them.
    #[must_use]
    #[expect(clippy::expect_used, reason = "claims of two texts and a number are JSON")]
    pub fn supabase_defaults() -> Self {
        let key = |role: &str| {
            let claims = KeyClaims {
                iss: "supabase-demo".into(),
                role: role.into(),
                iat: None,
                exp: 1_983_812_996,
            };
            jwt::sign(SUPABASE_JWT_SECRET, jwt::Kind::Key, &claims).expect("claims of two texts and a number are JSON")
        };
        Self {
            jwt_secret: SUPABASE_JWT_SECRET.into(),
            anon_key: key("anon"),
            service_key: key("service_role"),
            publishable_key: Some(SUPABASE_PUBLISHABLE_KEY.into()),
            secret_key: Some(SUPABASE_SECRET_KEY.into()),
        }
    }

    fn generate() -> Result<Self, SecretsError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(SecretsError::Random)?;
        let jwt_secret = URL_SAFE_NO_PAD.encode(bytes);
        let now = jiff::Timestamp::now().as_second();
        let key = |role: &str| {
            let claims = KeyClaims {
                iss: "storymimi-studio".into(),
                role: role.into(),
                iat: Some(now),
                exp: now + TEN_YEARS,
            };
            jwt::sign(&jwt_secret, jwt::Kind::Key, &claims).map_err(SecretsError::Encode)
        };
        Ok(Self {
            anon_key: key("anon")?,
            service_key: key("service_role")?,
            jwt_secret,
            publishable_key: None,
            secret_key: None,
        })
    }

    fn load(file: &Path) -> Result<Self, SecretsError> {
        let text = fs::read(file).map_err(|source| SecretsError::Io {
            path: file.to_owned(),
            source,
        })?;
        let secrets: Self = serde_json::from_slice(&text).map_err(|source| SecretsError::Damaged {
            path: file.to_owned(),
            source,
        })?;
        Ok(secrets)
    }

    /// The HS256 secret, for the server's own rooms and for whoever runs the server and is to see it. Who has it can make
    /// any key.
    #[must_use]
    pub fn jwt_secret(&self) -> &str {
        &self.jwt_secret
    }

    /// The key of a visitor: it may read what is public, and nothing else.
    #[must_use]
    pub fn anon_key(&self) -> &str {
        &self.anon_key
    }

    /// The key that may do everything.
    #[must_use]
    pub fn service_key(&self) -> &str {
        &self.service_key
    }

    /// `sb_publishable_…`, which stands for [`Secrets::anon_key`], if there is one.
    #[must_use]
    pub fn publishable_key(&self) -> Option<&str> {
        self.publishable_key.as_deref()
    }

    /// `sb_secret_…`, which stands for [`Secrets::service_key`], if there is one.
    #[must_use]
    pub fn secret_key(&self) -> Option<&str> {
        self.secret_key.as_deref()
    }

    /// The token that a key of the newer kind stands for.
    pub(super) fn translate(&self, key: &str) -> Option<&str> {
        let is = |known: Option<&str>| known.is_some_and(|known| known.as_bytes().ct_eq(key.as_bytes()).into());
        if is(self.publishable_key()) {
            Some(&self.anon_key)
        } else if is(self.secret_key()) {
            Some(&self.service_key)
        } else {
            None
        }
    }

    /// What only somebody with these secrets can answer to `nonce`: that the server at `url` has them. The address is
    /// in it so that another program cannot pass the question on to the real server.
    #[must_use]
    pub fn proof(&self, url: &str, nonce: &str) -> String {
        jwt::proof(&self.jwt_secret, &[PROOF, url, nonce])
    }

    /// Whether `proof` is that of [`Secrets::proof`], compared in constant time.
    #[must_use]
    pub fn is_proof(&self, url: &str, nonce: &str, proof: &str) -> bool {
        self.proof(url, nonce).as_bytes().ct_eq(proof.as_bytes()).into()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_keys_that_supabase_start_prints() {
        let secrets = Secrets::supabase_defaults();
        assert_eq!(
            secrets.anon_key(),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24iLCJleHAiOjE5ODM4MTI5OTZ9.CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0"
        );
        assert_eq!(
            secrets.service_key(),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6InNlcnZpY2Vfcm9sZSIsImV4cCI6MTk4MzgxMjk5Nn0.EGIM96RAZx35lJzdJsyH-qQwv8Hdp7fsn3W0YpN81IU"
        );
    }

    #[test]
    fn the_newer_keys_stand_for_the_older_ones() {
        let secrets = Secrets::supabase_defaults();
        assert_eq!(secrets.translate(SUPABASE_PUBLISHABLE_KEY), Some(secrets.anon_key()));
        assert_eq!(secrets.translate(SUPABASE_SECRET_KEY), Some(secrets.service_key()));
        for other in [
            "",
            "sb_secret_",
            "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvy",
            secrets.anon_key(),
        ] {
            assert_eq!(secrets.translate(other), None, "{other}");
        }
    }

    #[test]
    fn a_proof_is_of_one_server_one_address_and_one_question() {
        let secrets = Secrets::supabase_defaults();
        let proof = secrets.proof("http://127.0.0.1:1", "nonce");
        assert!(secrets.is_proof("http://127.0.0.1:1", "nonce", &proof));
        for (url, nonce) in [("http://127.0.0.1:2", "nonce"), ("http://127.0.0.1:1", "other")] {
            assert!(!secrets.is_proof(url, nonce, &proof));
        }
        assert!(
            !Secrets::generate()
                .unwrap()
                .is_proof("http://127.0.0.1:1", "nonce", &proof)
        );
    }

    #[test]
    fn the_first_of_two_writers_wins_and_both_hold_its_keys() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/secrets.json");
        let racers: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| Secrets::load_or_create(&file).unwrap()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let kept = Secrets::load_or_create(&file).unwrap();
        for one in &racers {
            assert_eq!(one.service_key(), kept.service_key());
        }
        assert_eq!(
            fs::read_dir(file.parent().unwrap()).unwrap().count(),
            1,
            "no temporary file is left"
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_file_and_a_new_folder_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets.json");
        Secrets::load_or_create(&file).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let made = folder.path().join("new/data");
        Secrets::load_or_create(&made.join("secrets.json")).unwrap();
        assert_eq!(fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_damaged_file_is_reported_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets.json");
        fs::write(&file, "{").unwrap();
        assert!(matches!(
            Secrets::load_or_create(&file),
            Err(SecretsError::Damaged { .. })
        ));
        assert_eq!(fs::read_to_string(&file).unwrap(), "{");
    }

    #[test]
    fn nothing_secret_is_in_its_debug_text() {
        let secrets = Secrets::supabase_defaults();
        assert_eq!(format!("{secrets:?}"), "Secrets(redacted)");
    }
}
