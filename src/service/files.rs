//! Files of this machine: read for uploads, written for downloads.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::Problem;
use crate::media;

/// A file of this machine, read whole. Pictures are small; large files are another matter.
#[derive(Clone, Debug)]
pub struct LocalFile {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it.
    pub bytes: Bytes,
}

/// Bytes read at most for one upload in this version: storage's own advice for uploads in one piece.
const FILE_MAX: u64 = 50_000_000;

impl LocalFile {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is not there, is a folder, is too large for an upload in one piece, or cannot be read.
    pub async fn read(path: &Path) -> Result<Self, Problem> {
        let shown = path.display();
        let facts = tokio::fs::metadata(path)
            .await
            .map_err(|error| unreadable(path, &error))?;
        if !facts.is_file() {
            return Err(Problem::new(
                format!("{shown} is not a file."),
                "Choose one picture file.",
            ));
        }
        if facts.len() > FILE_MAX {
            let (size, most) = (media::format_bytes(facts.len()), media::format_bytes(FILE_MAX));
            return Err(Problem::new(
                format!("{shown} has {size}; at most {most} can be uploaded in one piece."),
                "Make the file smaller, or export it with a stronger compression.",
            ));
        }
        let bytes = tokio::fs::read(path).await.map_err(|error| unreadable(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            bytes: bytes.into(),
        })
    }

    /// The file's name without its folders.
    #[must_use]
    pub fn name(&self) -> String {
        self.path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let mut problem = Problem::new(
        format!("{} cannot be read.", path.display()),
        "Check that the file is still there and that you may open it.",
    );
    problem.technical = error.to_string();
    problem
}

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is written.
    Kept,
    /// The new one takes its place.
    Replaced,
}

/// Writes a file whole or not at all. Blocks.
///
/// # Errors
/// If the file is there and is to be kept, or if the folder cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), Problem> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let write = || {
        let mut file = new_file(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        match existing {
            Existing::Kept => file.persist_noclobber(path),
            Existing::Replaced => file.persist(path),
        }
        .map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Problem::new(
            format!("{} is there already; nothing was written.", path.display()),
            "Name another file, or move that one away.",
        ),
        _ => unwritable(path, &error),
    })
}

/// A temporary file in the folder of the file to be, with the permissions that any new file of the user has.
fn new_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    let mut problem = Problem::new(
        format!("{} could not be written.", path.display()),
        "Check that the folder is there, that you may write to it and that the disk is not full.",
    );
    problem.technical = error.to_string();
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_kept_or_replaced_as_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_whole(&path, b"1", Existing::Kept).unwrap();
        assert!(
            write_whole(&path, b"2", Existing::Kept)
                .unwrap_err()
                .what
                .contains("is there already")
        );
        assert_eq!(std::fs::read(&path).unwrap(), b"1");
        write_whole(&path, b"3", Existing::Replaced).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"3");
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no temporary file is left"
        );
    }
}
