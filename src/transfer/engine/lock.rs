//! Who runs a job: whoever holds the system's lock on `transfers/<job>.lock`. A process that dies holds nothing.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::transfer::error::TransferError;
use crate::transfer::job::JobId;

/// Held while a job runs. Dropped, the job is free.
#[derive(Debug)]
pub(super) struct JobLock {
    _file: File,
}

impl JobLock {
    /// Takes a job. Blocks only for the file system.
    pub(super) fn take(journal: &Path, job: JobId) -> Result<Self, TransferError> {
        let folder = journal.join("transfers");
        let path = folder.join(format!("{job}.lock"));
        let opened = fs::create_dir_all(&folder).and_then(|()| {
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(false);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(&path)
        });
        match opened
            .map_err(TryLockError::Error)
            .and_then(|file| file.try_lock().map(|()| file))
        {
            Ok(file) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(TransferError::Busy(job)),
            Err(TryLockError::Error(source)) => Err(TransferError::Lock { path, source }),
        }
    }

    /// Whether somebody runs a job. Who asks holds it for a moment itself, so whoever takes it tries twice.
    pub(super) fn is_held(journal: &Path, job: JobId) -> bool {
        let path = journal.join("transfers").join(format!("{job}.lock"));
        File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Removes the file of a job that nobody will run again.
    pub(super) fn remove(self, journal: &Path, job: JobId) {
        // One that stays behind is empty and in nobody's way.
        let _ = fs::remove_file(journal.join("transfers").join(format!("{job}.lock")));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn one_at_a_time_runs_a_job_and_others_see_it() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (JobId(Uuid::new_v4()), JobId(Uuid::new_v4()));
        assert!(!JobLock::is_held(folder.path(), a));
        let held = JobLock::take(folder.path(), a).unwrap();
        assert!(JobLock::is_held(folder.path(), a) && !JobLock::is_held(folder.path(), b));
        assert!(matches!(JobLock::take(folder.path(), a), Err(TransferError::Busy(job)) if job == a));
        JobLock::take(folder.path(), b).unwrap();
        drop(held);
        assert!(!JobLock::is_held(folder.path(), a));
        JobLock::take(folder.path(), a).unwrap();
    }
}
