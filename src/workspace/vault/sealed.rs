//! The file of secrets: sealed with a key made from a passphrase, for machines without a keychain.
//!
//! Argon2id makes the key (RFC 9106), XChaCha20-Poly1305 seals, with a fresh nonce at every write. What stands outside
//! the seal (version, salt, cost) is sealed along as associated data, so that nobody can lower the cost unnoticed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Bound, Vault, VaultError};
use crate::http::Secret;
use crate::workspace::profiles::replace;

/// The sealed file, open or not.
pub(super) struct SealedFile {
    path: PathBuf,
    opened: Mutex<Option<Opened>>,
}

/// What is remembered of the passphrase while the file is open.
struct Opened {
    head: Head,
    key: Zeroizing<[u8; 32]>,
}

/// What everybody may read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    version: u32,
    /// Memory to make the key, in KiB.
    memory: u32,
    /// Passes over that memory.
    passes: u32,
    salt: String,
}

/// The file's form, in JSON.
#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(flatten)]
    head: Head,
    nonce: String,
    sealed: String,
}

type Entries = BTreeMap<String, Bound>;

const VERSION: u32 = 1;
/// RFC 9106's second recommended choice: 64 MiB and three passes.
const MEMORY: u32 = 64 << 10;
const PASSES: u32 = 3;
/// A file that asks for more than this was not written by this program: 1 GiB, 16 passes.
const MOST: (u32, u32) = (1 << 20, 16);
/// No file of secrets is larger.
const LARGEST: u64 = 4 << 20;
const SALT: usize = 16;
const NONCE: usize = 24;

impl SealedFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            opened: Mutex::default(),
        }
    }

    pub(super) fn exists(&self) -> bool {
        self.path.exists()
    }

    pub(super) fn is_open(&self) -> bool {
        self.opened().is_some()
    }

    pub(super) fn close(&self) {
        *self.opened() = None;
    }

    /// Opens the file; begins it if there is none.
    pub(super) fn open(&self, passphrase: &Secret) -> Result<(), VaultError> {
        let _lock = self.lock()?;
        let opened = match self.read()? {
            Some(sealed) => unsealed_by(passphrase, &sealed)?,
            None => {
                if passphrase.expose().chars().count() < Vault::PASSPHRASE {
                    return Err(VaultError::WeakPassphrase(Vault::PASSPHRASE));
                }
                let head = Head {
                    version: VERSION,
                    memory: MEMORY,
                    passes: PASSES,
                    salt: STANDARD.encode(random::<SALT>()?),
                };
                let opened = Opened {
                    key: key(passphrase, &head)?,
                    head,
                };
                self.write(&opened, &Entries::new())?;
                opened
            }
        };
        *self.opened() = Some(opened);
        Ok(())
    }

    pub(super) fn confirm(&self, passphrase: &Secret) -> Result<(), VaultError> {
        let sealed = self.read()?.ok_or(VaultError::Locked)?;
        unsealed_by(passphrase, &sealed).map(|_| ())
    }

    pub(super) fn get(&self, id: &str) -> Result<Option<Bound>, VaultError> {
        let Some(sealed) = self.read()? else { return Ok(None) };
        let opened = self.opened();
        let opened = opened.as_ref().ok_or(VaultError::Locked)?;
        Ok(unseal(opened, &sealed)?.remove(id))
    }

    pub(super) fn put(&self, id: &str, bound: &Bound) -> Result<(), VaultError> {
        self.change(|entries| {
            entries.insert(id.to_owned(), bound.clone());
            true
        })
    }

    /// Removes what may not be there.
    pub(super) fn remove(&self, ids: &[String]) -> Result<(), VaultError> {
        if !self.exists() {
            return Ok(());
        }
        self.change(|entries| {
            let before = entries.len();
            entries.retain(|id, _| !ids.contains(id));
            entries.len() < before
        })
    }

    /// Reads, changes and writes while no other process does. `change` says whether there is anything to write.
    fn change(&self, change: impl FnOnce(&mut Entries) -> bool) -> Result<(), VaultError> {
        let _lock = self.lock()?;
        let opened = self.opened();
        let opened = opened.as_ref().ok_or_else(|| match self.exists() {
            true => VaultError::Locked,
            false => VaultError::NoPassphrase,
        })?;
        let mut entries = match self.read()? {
            Some(sealed) => unseal(opened, &sealed)?,
            None => Entries::new(),
        };
        if change(&mut entries) {
            self.write(opened, &entries)?;
        }
        Ok(())
    }

    fn lock(&self) -> io::Result<File> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let lock = File::create(self.path.with_extension("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    fn read(&self) -> Result<Option<Sealed>, VaultError> {
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(facts) if facts.len() > LARGEST => return Err(VaultError::Damaged),
            facts => facts?,
        };
        let sealed: Sealed = serde_json::from_slice(&fs::read(&self.path)?).map_err(|_| VaultError::Damaged)?;
        let head = &sealed.head;
        let known = head.version == VERSION && head.memory <= MOST.0 && head.passes <= MOST.1;
        known.then_some(Some(sealed)).ok_or(VaultError::Damaged)
    }

    fn write(&self, opened: &Opened, entries: &Entries) -> Result<(), VaultError> {
        let nonce = random::<NONCE>()?;
        let plain = Zeroizing::new(serde_json::to_vec(entries).map_err(io::Error::from)?);
        let payload = Payload {
            msg: &plain,
            aad: &opened.head.bytes(),
        };
        let sealed = cipher(&opened.key)
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| io::Error::other("it could not be sealed"))?;
        let whole = Sealed {
            head: opened.head.clone(),
            nonce: STANDARD.encode(nonce),
            sealed: STANDARD.encode(sealed),
        };
        let text = serde_json::to_vec_pretty(&whole).map_err(io::Error::from)?;
        Ok(replace(&self.path, &text)?)
    }

    fn opened(&self) -> MutexGuard<'_, Option<Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Head {
    fn bytes(&self) -> Vec<u8> {
        format!("{}/{}/{}/{}", self.version, self.memory, self.passes, self.salt).into_bytes()
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}

fn unsealed_by(passphrase: &Secret, sealed: &Sealed) -> Result<Opened, VaultError> {
    let opened = Opened {
        key: key(passphrase, &sealed.head)?,
        head: sealed.head.clone(),
    };
    unseal(&opened, sealed).map_err(|error| match error {
        VaultError::Damaged => VaultError::WrongPassphrase,
        error => error,
    })?;
    Ok(opened)
}

fn unseal(opened: &Opened, sealed: &Sealed) -> Result<Entries, VaultError> {
    // Another process may have begun the file anew, with another passphrase.
    if sealed.head != opened.head {
        return Err(VaultError::Locked);
    }
    let nonce: [u8; NONCE] = decoded(&sealed.nonce)?.try_into().map_err(|_| VaultError::Damaged)?;
    let (msg, aad) = (decoded(&sealed.sealed)?, sealed.head.bytes());
    let payload = Payload { msg: &msg, aad: &aad };
    let plain = cipher(&opened.key).decrypt(&XNonce::from(nonce), payload);
    let plain = Zeroizing::new(plain.map_err(|_| VaultError::Damaged)?);
    serde_json::from_slice(&plain).map_err(|_| VaultError::Damaged)
}

/// Takes some tenths of a second and 64 MiB: that is what makes guessing dear.
fn key(passphrase: &Secret, head: &Head) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let salt = decoded(&head.salt)?;
    let params = Params::new(head.memory, head.passes, 1, Some(32)).map_err(|_| VaultError::Damaged)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose().as_bytes(), &salt, key.as_mut())
        .map_err(|_| VaultError::Damaged)?;
    Ok(key)
}

fn decoded(text: &str) -> Result<Vec<u8>, VaultError> {
    STANDARD.decode(text).map_err(|_| VaultError::Damaged)
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}
