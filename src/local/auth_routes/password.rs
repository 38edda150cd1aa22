//! Passwords: argon2id, on the blocking pool, and only a few at a time, since each takes 19 MiB.

use std::sync::{Arc, OnceLock};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use super::error::AuthError;
use crate::http::Secret;
use crate::local::store::user::PasswordHash;

/// The least that OWASP recommends: 19 MiB, two passes, one lane.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT: usize = 16;
const HASH: usize = 32;
/// Hashes computed at the same time.
const AT_ONCE: usize = 2;
/// Fewest characters of a password, as in GoTrue.
const SHORTEST: usize = 6;
/// Most bytes: what GoTrue's bcrypt takes.
const LONGEST: usize = 72;

/// Computes and compares hashes.
pub struct Hasher {
    permits: Arc<Semaphore>,
}

impl Hasher {
    /// A hasher that computes a few hashes at the same time.
    pub fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The hash of a password, with a fresh salt.
    ///
    /// # Errors
    /// That the system has no random numbers or no memory to give.
    pub async fn hash(&self, password: &Secret) -> Result<PasswordHash, AuthError> {
        let password = password.clone();
        self.run(move || {
            let mut salt = [0; SALT];
            getrandom::fill(&mut salt).map_err(|error| AuthError::internal(&error))?;
            Ok(PasswordHash(to_text(&salt, &compute(&password, &salt)?)))
        })
        .await
    }

    /// Whether the password has this hash. Without a hash the same work is done for nothing, so that the time does not
    /// tell whether there is such a user.
    ///
    /// # Errors
    /// As [`Hasher::hash`].
    pub async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<bool, AuthError> {
        let known = hash.and_then(|hash| from_text(&hash.0));
        let password = password.clone();
        self.run(move || {
            let (salt, expected) = known.unwrap_or_else(|| (nobody().to_vec(), vec![0; HASH]));
            let same: bool = compute(&password, &salt)?.ct_eq(&expected).into();
            Ok(same && hash_is_real(&expected))
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
    ) -> Result<T, AuthError> {
        // The permit goes with the work: a caller who goes away does not make room for another hash.
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|closed| AuthError::internal(&closed))?;
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        })
        .await
        .unwrap_or_else(|stopped| Err(AuthError::internal(&stopped)))
    }
}

/// The placeholder of users that are not there is no hash that a password could have.
fn hash_is_real(hash: &[u8]) -> bool {
    hash.iter().any(|byte| *byte != 0)
}

/// A salt for users that are not there.
fn nobody() -> &'static [u8; SALT] {
    static NOBODY: OnceLock<[u8; SALT]> = OnceLock::new();
    NOBODY.get_or_init(|| {
        let mut salt = [7; SALT];
        // Any salt will do.
        let _ = getrandom::fill(&mut salt);
        salt
    })
}

fn compute(password: &Secret, salt: &[u8]) -> Result<[u8; HASH], AuthError> {
    let mut hash = [0; HASH];
    Params::new(MEMORY, PASSES, LANES, Some(HASH))
        .map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
        .and_then(|argon| argon.hash_password_into(password.expose().as_bytes(), salt, &mut hash))
        .map_err(|error| AuthError::internal(&error))?;
    Ok(hash)
}

fn parameters() -> String {
    format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}$")
}

fn to_text(salt: &[u8], hash: &[u8]) -> String {
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    format!("{}{salt}${hash}", parameters())
}

/// Salt and hash; `None` for a hash that was not made here.
fn from_text(text: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let (salt, hash) = text.strip_prefix(&parameters())?.split_once('$')?;
    let salt = STANDARD_NO_PAD.decode(salt).ok()?;
    let hash = STANDARD_NO_PAD.decode(hash).ok()?;
    (salt.len() == SALT && hash.len() == HASH).then_some((salt, hash))
}

/// What GoTrue asks of a new password with its usual settings.
///
/// # Errors
/// What is wrong with it, in GoTrue's words.
pub fn check_strength(password: &Secret) -> Result<(), AuthError> {
    let length = password.expose().len();
    if length > LONGEST {
        return Err(AuthError::invalid(format!(
            "Password cannot be longer than {LONGEST} characters"
        )));
    }
    if length < SHORTEST {
        return Err(AuthError::weak_password(
            format!("Password should be at least {SHORTEST} characters."),
            "length",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_has_its_own_hash_and_no_other() {
        let hasher = Hasher::new();
        let (right, wrong) = (Secret::exact(" fox and sea "), Secret::exact("fox and sea"));
        let (one, two) = (hasher.hash(&right).await.unwrap(), hasher.hash(&right).await.unwrap());
        assert_ne!(one, two, "salts differ");
        assert!(one.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.verify(&right, Some(&one)).await.unwrap());
        assert!(!hasher.verify(&wrong, Some(&one)).await.unwrap());
        assert!(!hasher.verify(&right, None).await.unwrap());
        for damaged in ["", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "$2a$10$abc"] {
            let damaged = PasswordHash(damaged.into());
            assert!(!hasher.verify(&right, Some(&damaged)).await.unwrap());
        }
        assert_eq!(format!("{one:?}"), "PasswordHash(…)");
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(check_strength(&Secret::exact("12345")).is_err());
        assert!(check_strength(&Secret::exact(&"x".repeat(73))).is_err());
        assert!(check_strength(&Secret::exact("123456")).is_ok());
    }
}
