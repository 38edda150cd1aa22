//! The tokens of somebody who is signed in, in the vault.

use std::fs::{File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::supabase::{SessionKeeper, Tokens, Turn};
use crate::workspace::{Keep, Kept, Profile, SecretName, Vault};

/// How long another process may take to exchange the tokens. An exchange that is tried again takes less.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether it is done.
const STEP: Duration = Duration::from_millis(25);

/// Keeps the session of one profile.
pub(super) struct VaultKeeper {
    pub(super) vault: Vault,
    pub(super) profile: Profile,
    /// The file whose lock says who exchanges the tokens. The system lets go of it when a process dies.
    pub(super) lock: PathBuf,
}

impl SessionKeeper for VaultKeeper {
    fn turn(&self) -> io::Result<Turn> {
        if self.profile.keep == Keep::Session {
            // No other process has these tokens.
            return Ok(Box::new(()));
        }
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&self.lock)?;
        let until = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Box::new(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(STEP),
                Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::TimedOut.into()),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    fn load(&self) -> io::Result<Option<Tokens>> {
        let stored = self
            .vault
            .get(&self.profile, &SecretName::Session)
            .map_err(io::Error::other)?;
        // A text that is no session is as good as none: whoever signs in puts a new one in its place.
        Ok(stored.and_then(|text| Tokens::from_stored(&text).ok()))
    }

    fn keep(&self, tokens: &Tokens) -> io::Result<()> {
        let stored = tokens.to_stored();
        let kept = self.vault.put(&self.profile, &SecretName::Session, &stored);
        let Kept { place, why } = kept.map_err(io::Error::other)?;
        // Where there is no keychain, it was said at the beginning that the session does not outlive the program. One that
        // only refuses now still has the tokens of before, which the next start would find, and they are spent.
        if place != self.profile.keep && self.vault.keychain().is_ok() {
            return Err(io::Error::other(why.unwrap_or_else(|| "it was not kept".to_owned())));
        }
        Ok(())
    }

    fn forget(&self) -> io::Result<()> {
        let forgotten = self.vault.forget_one(&self.profile, &SecretName::Session);
        forgotten.map_err(io::Error::other)
    }
}
