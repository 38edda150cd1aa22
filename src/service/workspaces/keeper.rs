//! The tokens of somebody who is signed in, in the vault.

use std::io;

use crate::supabase::{SessionKeeper, Tokens};
use crate::workspace::{Profile, SecretName, Vault};

/// Keeps the session of one profile.
pub(super) struct VaultKeeper {
    pub(super) vault: Vault,
    pub(super) profile: Profile,
}

impl SessionKeeper for VaultKeeper {
    fn load(&self) -> io::Result<Option<Tokens>> {
        let stored = self
            .vault
            .get(&self.profile, SecretName::Session)
            .map_err(io::Error::other)?;
        // A text that is no session is as good as none: whoever signs in puts a new one in its place.
        Ok(stored.and_then(|text| Tokens::from_stored(&text).ok()))
    }

    fn keep(&self, tokens: &Tokens) -> io::Result<()> {
        let stored = tokens.to_stored();
        let kept = self.vault.put(&self.profile, SecretName::Session, &stored);
        kept.map(|_| ()).map_err(io::Error::other)
    }

    fn forget(&self) -> io::Result<()> {
        let forgotten = self.vault.forget_one(&self.profile, SecretName::Session);
        forgotten.map_err(io::Error::other)
    }
}
