//! Who is at a piece of work: whoever holds the system's lock on its file in the journal's folder. A process that dies holds
//! nothing, so what it left half-done can be told from what is under way.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;

use super::{Journal, JournalError};

/// Held while the work is done. Dropped, it is free.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    _file: File,
}

impl Journal {
    /// Takes a piece of work, whose name is one for a file; None if somebody is at it, in this process or in another one.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn hold(&self, name: &str) -> Result<Option<Held>, JournalError> {
        self.hold_by(name, File::try_lock)
    }

    /// Takes part in something that others may take part in at the same time; None if somebody has it for themselves just now.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn hold_with_others(&self, name: &str) -> Result<Option<Held>, JournalError> {
        self.hold_by(name, File::try_lock_shared)
    }

    /// Whether somebody has it, alone or with others. Who asks has it for a moment itself, so whoever wants it tries again.
    #[must_use]
    pub fn is_held(&self, name: &str) -> bool {
        File::open(self.held(name)).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    fn held(&self, name: &str) -> PathBuf {
        self.folder.join("held").join(format!("{name}.lock"))
    }

    fn hold_by(
        &self,
        name: &str,
        lock: impl FnOnce(&File) -> Result<(), TryLockError>,
    ) -> Result<Option<Held>, JournalError> {
        let path = self.held(name);
        let opened = fs::create_dir_all(self.folder.join("held")).and_then(|()| {
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(false);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(&path)
        });
        match opened
            .map_err(TryLockError::Error)
            .and_then(|file| lock(&file).map(|()| file))
        {
            Ok(file) => Ok(Some(Held { path, _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(JournalError::File { path, source }),
        }
    }

    /// Takes one of so many places of a name; None if all are taken. A place is let go of by dropping it: [`Held::done`] is for work that
    /// nobody takes up again, and others wait for this one.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn hold_one_of(&self, name: &str, places: usize) -> Result<Option<Held>, JournalError> {
        for place in 1..=places.max(1) {
            if let Some(held) = self.hold(&format!("{name}-{place}"))? {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }
}

impl Held {
    /// Lets go of work that nobody will take up again. Whoever takes a name looks in the journal once more whether there is
    /// anything to do, so it does no harm that the file is gone.
    pub fn done(self) {
        // One that stays behind is empty and in nobody's way.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_is_at_a_piece_of_work() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let other = Journal::open(folder.path()).unwrap();
        let held = journal.hold("a").unwrap().unwrap();
        assert!(other.hold("a").unwrap().is_none() && journal.hold("a").unwrap().is_none());
        assert!(other.hold("b").unwrap().is_some());
        drop(held);
        other.hold("a").unwrap().unwrap().done();
        assert!(!folder.path().join("held/a.lock").exists());
        assert!(journal.hold("a").unwrap().is_some());
    }

    #[test]
    fn no_more_have_a_place_than_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let other = Journal::open(folder.path()).unwrap();
        let first = journal.hold_one_of("a", 2).unwrap().unwrap();
        let second = other.hold_one_of("a", 2).unwrap().unwrap();
        assert!(journal.hold_one_of("a", 2).unwrap().is_none() && other.hold_one_of("a", 1).unwrap().is_none());
        assert!(journal.hold_one_of("b", 1).unwrap().is_some());
        drop(first);
        assert!(other.hold_one_of("a", 2).unwrap().is_some());
        drop(second);
    }

    #[test]
    fn what_several_have_together_is_seen_until_the_last_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let other = Journal::open(folder.path()).unwrap();
        assert!(!journal.is_held("a"));
        let first = journal.hold_with_others("a").unwrap().unwrap();
        let second = other.hold_with_others("a").unwrap().unwrap();
        assert!(journal.is_held("a") && other.hold("a").unwrap().is_none());
        drop(first);
        assert!(journal.is_held("a"));
        drop(second);
        assert!(!journal.is_held("a") && other.hold("a").unwrap().is_some());
    }
}
