//! Who asks models for what is queued: whoever holds the system's lock on `studio.lock`. A process that dies holds nothing.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Held while the queue of a workspace is run. Dropped, it is free.
#[derive(Debug)]
pub(super) struct QueueLock {
    _file: File,
}

fn path(journal: &Path) -> PathBuf {
    journal.join("studio.lock")
}

impl QueueLock {
    /// Takes it; none if somebody else has it. Blocks only for the file system.
    pub(super) fn take(journal: &Path) -> io::Result<Option<Self>> {
        fs::create_dir_all(journal)?;
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path(journal))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether somebody has it. Who asks holds it for a moment itself, so whoever wants it tries again.
    pub(super) fn is_held(journal: &Path) -> bool {
        File::open(path(journal)).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_runs_the_queue_and_others_see_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!QueueLock::is_held(folder.path()));
        let held = QueueLock::take(folder.path()).unwrap().unwrap();
        assert!(QueueLock::is_held(folder.path()));
        assert!(QueueLock::take(folder.path()).unwrap().is_none());
        drop(held);
        assert!(!QueueLock::is_held(folder.path()));
        assert!(QueueLock::take(folder.path()).unwrap().is_some());
    }
}
