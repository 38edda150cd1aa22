//! Where secrets are kept between starts: the system's keychain, a file sealed with a passphrase, or nowhere.
//!
//! A secret is kept together with the address it is for, and is given out for that address only: who can change the
//! profiles on disk, but not open the vault, cannot have a key sent to a host of their own.

mod keychain;
mod sealed;
#[cfg(test)]
mod testing;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{BaseUrl, Home, Keep, Profile, ProfileId};
use crate::http::Secret;
use keychain::{Keychain, SystemKeychain};
use sealed::SealedFile;
#[cfg(test)]
pub(crate) use testing::Scripted;

/// The secrets of all profiles. Clones share what is unlocked.
///
/// The calls block, on the disk or on a keychain that asks its user; they belong on the blocking pool.
#[derive(Clone)]
pub struct Vault {
    shared: Arc<Shared>,
}

struct Shared {
    keychain: Box<dyn Keychain>,
    file: SealedFile,
    session: Mutex<HashMap<String, Bound>>,
}

/// The secrets that a profile may have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SecretName {
    /// The project's key.
    Key,
    /// The tokens of the signed-in user.
    Session,
    /// The key of the AI provider at this address. Providers of a profile with one address share it.
    Provider(BaseUrl),
    /// The values of the headers that are sent to the AI provider at this address.
    Headers(BaseUrl),
}

/// Where a secret went, and why not to the place that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The place.
    pub place: Keep,
    /// Why it is not the one asked for.
    pub why: Option<String>,
}

/// A secret and the address that it may be sent to.
#[derive(Clone, Serialize, Deserialize)]
struct Bound {
    #[serde(rename = "for")]
    address: String,
    #[serde(with = "exposed")]
    secret: Secret,
}

/// Why a secret cannot be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file is locked: its passphrase was not given yet.
    #[error("the file of secrets is locked")]
    Locked,
    /// There is no file yet, and no passphrase to make one with.
    #[error("the file of secrets has no passphrase yet")]
    NoPassphrase,
    /// Another passphrase.
    #[error("this is not the passphrase of the file of secrets")]
    WrongPassphrase,
    /// Too short to protect anything.
    #[error("a passphrase has at least {0} characters")]
    WeakPassphrase(usize),
    /// The keychain does not answer.
    #[error("the system's keychain did not answer in time; it may be asking for its password")]
    KeychainSilent,
    /// The keychain refuses, or there is none.
    #[error("the system's keychain cannot be used: {0}")]
    Keychain(String),
    /// The file cannot be read or written.
    #[error("the file of secrets cannot be used: {0}")]
    File(#[from] std::io::Error),
    /// The file is not one of this program, or was changed by something else.
    #[error("the file of secrets is damaged")]
    Damaged,
}

impl SecretName {
    /// All secrets that a profile can have.
    #[must_use]
    pub fn all(profile: &Profile) -> Vec<Self> {
        let providers = profile.providers.iter();
        let providers = providers.flat_map(|provider| {
            let url = &provider.base_url;
            let headers = (!provider.secret_headers.is_empty()).then(|| Self::Headers(url.clone()));
            [Self::Provider(url.clone())].into_iter().chain(headers)
        });
        [Self::Key, Self::Session].into_iter().chain(providers).collect()
    }

    /// Its name in the places where secrets are kept.
    fn entry(&self, profile: &ProfileId) -> String {
        match self {
            Self::Key => format!("{profile}/key"),
            Self::Session => format!("{profile}/session"),
            Self::Provider(url) => format!("{profile}/provider {url}"),
            Self::Headers(url) => format!("{profile}/headers {url}"),
        }
    }

    /// The name that earlier versions gave it, when a profile had one provider.
    fn earlier_entry(&self, profile: &ProfileId) -> Option<String> {
        matches!(self, Self::Provider(_)).then(|| format!("{profile}/provider"))
    }

    /// The address that the secret is for; none if the profile does not name it any more.
    fn address(&self, profile: &Profile) -> Option<String> {
        match self {
            Self::Key | Self::Session => Some(profile.url.to_string()),
            Self::Provider(url) | Self::Headers(url) => {
                let named = profile.providers.iter().any(|provider| provider.base_url == *url);
                named.then(|| url.to_string())
            }
        }
    }
}

impl Vault {
    /// The least a passphrase has, in characters.
    pub const PASSPHRASE: usize = 10;

    /// The vault of a home, with the system's keychain unless `STORYMIMI_NO_KEYCHAIN` is set. Nothing is opened yet.
    #[must_use]
    pub fn new(home: &Home) -> Self {
        if std::env::var_os("STORYMIMI_NO_KEYCHAIN").is_some_and(|value| !value.is_empty()) {
            Self::without_keychain(home)
        } else {
            Self::with(home, SystemKeychain::new(home))
        }
    }

    /// A vault that leaves the system's keychain alone, as on a machine without one.
    #[must_use]
    pub fn without_keychain(home: &Home) -> Self {
        Self::with(home, keychain::NoKeychain)
    }

    fn with(home: &Home, keychain: impl Keychain + 'static) -> Self {
        Self {
            shared: Arc::new(Shared {
                keychain: Box::new(keychain),
                file: SealedFile::new(home.path().join("secrets.sealed")),
                session: Mutex::default(),
            }),
        }
    }

    /// Whether this system has a keychain that works.
    ///
    /// # Errors
    /// If not, and why.
    pub fn keychain(&self) -> Result<(), VaultError> {
        self.shared.keychain.status()
    }

    /// Whether there is a file of secrets whose passphrase was not given yet.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.shared.file.exists() && !self.shared.file.is_open()
    }

    /// Whether the file of secrets is open, so that secrets can go there.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared.file.is_open()
    }

    /// Opens the file of secrets, or begins one with this passphrase. Takes a noticeable time, on purpose.
    ///
    /// # Errors
    /// If it is another file's passphrase, or too short for a new one.
    pub fn unlock(&self, passphrase: &Secret) -> Result<(), VaultError> {
        self.shared.file.open(passphrase)
    }

    /// Whether this is the passphrase of the file of secrets, for a second question before something dangerous.
    ///
    /// # Errors
    /// If it is not, or there is no such file.
    pub fn confirm(&self, passphrase: &Secret) -> Result<(), VaultError> {
        self.shared.file.confirm(passphrase)
    }

    /// Forgets the passphrase, and what is kept for this session only.
    pub fn lock(&self) {
        self.shared.file.close();
        self.session().clear();
    }

    /// Keeps a secret of a profile in the place that the profile asks for. Where there is no keychain, it goes into
    /// the file if that is open, else it stays for this session.
    ///
    /// # Errors
    /// If a file was asked for that is locked or cannot be written, or the keychain stays silent: those can be mended.
    pub fn put(&self, profile: &Profile, name: &SecretName, secret: &Secret) -> Result<Kept, VaultError> {
        let id = name.entry(&profile.id);
        let bound = Bound {
            // Without an address it is found by nobody.
            address: name.address(profile).unwrap_or_default(),
            secret: secret.clone(),
        };
        let (place, why) = match profile.keep {
            Keep::Session => (Keep::Session, None),
            Keep::File => {
                self.shared.file.put(&id, &bound)?;
                (Keep::File, None)
            }
            Keep::Keychain => match self.shared.keychain.set(&id, &bound.text()) {
                Ok(()) => (Keep::Keychain, None),
                Err(VaultError::KeychainSilent) => return Err(VaultError::KeychainSilent),
                Err(error) if self.is_open() => {
                    self.shared.file.put(&id, &bound)?;
                    (Keep::File, Some(error.to_string()))
                }
                Err(error) => (Keep::Session, Some(error.to_string())),
            },
        };
        // What was elsewhere before is old now. A place that cannot be reached keeps an old secret, which is not found
        // while the profile names another place.
        if place == Keep::Session {
            self.session().insert(id.clone(), bound);
        } else {
            self.session().remove(&id);
        }
        if place != Keep::File && self.is_open() {
            let _ = self.shared.file.remove(std::slice::from_ref(&id));
        }
        if place != Keep::Keychain && profile.keep != Keep::Keychain {
            let _ = self.shared.keychain.delete(&id);
        }
        Ok(Kept { place, why })
    }

    /// Finds a secret of a profile. One that was kept for another address is not found.
    ///
    /// # Errors
    /// If the place cannot be looked into.
    pub fn get(&self, profile: &Profile, name: &SecretName) -> Result<Option<Secret>, VaultError> {
        let Some(address) = name.address(profile) else {
            return Ok(None);
        };
        let mut found = self.look(profile.keep, &name.entry(&profile.id))?;
        if found.is_none()
            && let Some(earlier) = name.earlier_entry(&profile.id)
        {
            found = self.look(profile.keep, &earlier)?;
        }
        Ok(found.filter(|bound| bound.address == address).map(|bound| bound.secret))
    }

    fn look(&self, keep: Keep, id: &str) -> Result<Option<Bound>, VaultError> {
        let for_session = self.session().get(id).cloned();
        Ok(match (for_session, keep) {
            (Some(bound), _) => Some(bound),
            (None, Keep::Session) => None,
            (None, Keep::File) => self.shared.file.get(id)?,
            // Without a keychain nothing can be in it.
            (None, Keep::Keychain) if self.shared.keychain.status().is_err() => None,
            (None, Keep::Keychain) => match self.shared.keychain.get(id)? {
                Some(text) => Some(Bound::read(&text)?),
                None => None,
            },
        })
    }

    /// Forgets one secret of a profile, as when its user signs out.
    ///
    /// # Errors
    /// If the place that the profile names still has it.
    pub fn forget_one(&self, profile: &Profile, name: &SecretName) -> Result<(), VaultError> {
        self.forget_all(profile, std::slice::from_ref(name))
    }

    /// Forgets all secrets of a profile.
    ///
    /// # Errors
    /// If the place that the profile names still has them.
    pub fn forget(&self, profile: &Profile) -> Result<(), VaultError> {
        self.forget_all(profile, &SecretName::all(profile))
    }

    fn forget_all(&self, profile: &Profile, names: &[SecretName]) -> Result<(), VaultError> {
        let mut ids: Vec<String> = names.iter().map(|name| name.entry(&profile.id)).collect();
        // Under its earlier name there is at most one, and perhaps another provider's.
        let earlier = names.iter().find_map(|name| {
            let id = name.earlier_entry(&profile.id)?;
            let bound = self.look(profile.keep, &id).ok()??;
            (Some(bound.address) == name.address(profile)).then_some(id)
        });
        ids.extend(earlier);
        for id in &ids {
            self.session().remove(id);
        }
        let from_file = match self.shared.file.remove(&ids) {
            // A file that holds other profiles' secrets is no reason to ask for its passphrase.
            Err(VaultError::Locked) if profile.keep != Keep::File => Ok(()),
            result => result,
        };
        let mut from_keychain = Ok(());
        if self.shared.keychain.status().is_ok() {
            for id in &ids {
                from_keychain = from_keychain.and(self.shared.keychain.delete(id));
            }
        }
        from_file.and(from_keychain)
    }

    fn session(&self) -> MutexGuard<'_, HashMap<String, Bound>> {
        self.shared.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bound {
    fn text(&self) -> Zeroizing<String> {
        // Two texts always have a form in JSON.
        Zeroizing::new(serde_json::to_string(self).unwrap_or_default())
    }

    fn read(text: &str) -> Result<Self, VaultError> {
        serde_json::from_str(text).map_err(|_| VaultError::Damaged)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

/// The one place where a secret becomes part of a document: inside the keychain and the sealed file.
mod exposed {
    use serde::{Deserialize as _, Deserializer, Serializer};
    use zeroize::Zeroizing;

    use crate::http::Secret;

    pub(super) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        Ok(Secret::exact(&text))
    }
}

#[cfg(test)]
mod tests;
