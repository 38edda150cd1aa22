//! A keychain for tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use zeroize::Zeroizing;

use super::keychain::Keychain;
use super::{Vault, VaultError};
use crate::workspace::Home;

pub(crate) type Trouble = fn() -> VaultError;

/// A keychain that answers as it is told to.
#[derive(Clone, Default)]
pub(crate) struct Scripted {
    /// What is in it.
    pub(crate) entries: Arc<Mutex<BTreeMap<String, String>>>,
    /// How everything fails.
    pub(crate) trouble: Arc<Mutex<Option<Trouble>>>,
    /// Entries of this kind cannot be written.
    pub(crate) refused: Arc<Mutex<Option<&'static str>>>,
}

impl Scripted {
    /// A vault with it.
    pub(crate) fn vault(&self, home: &Home) -> Vault {
        Vault::with(home, self.clone())
    }

    fn checked(&self) -> Result<MutexGuard<'_, BTreeMap<String, String>>, VaultError> {
        match *self.trouble.lock().unwrap() {
            Some(trouble) => Err(trouble()),
            None => Ok(self.entries.lock().unwrap()),
        }
    }
}

impl Keychain for Scripted {
    fn status(&self) -> Result<(), VaultError> {
        Ok(())
    }

    fn set(&self, id: &str, text: &str) -> Result<(), VaultError> {
        if self.refused.lock().unwrap().is_some_and(|kind| id.ends_with(kind)) {
            return Err(VaultError::KeychainSilent);
        }
        self.checked()?.insert(id.to_owned(), text.to_owned());
        Ok(())
    }

    fn get(&self, id: &str) -> Result<Option<Zeroizing<String>>, VaultError> {
        Ok(self.checked()?.get(id).cloned().map(Zeroizing::new))
    }

    fn delete(&self, id: &str) -> Result<(), VaultError> {
        self.checked()?.remove(id);
        Ok(())
    }
}
