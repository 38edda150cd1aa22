//! Small files of this machine, read and written whole: pictures of scenes, exported workspaces.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::Problem;
use crate::media;

/// A file of this machine, read whole. Pictures are small.
#[derive(Clone, Debug)]
pub struct LocalFile {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it.
    pub bytes: Bytes,
}

/// Bytes read at most: no picture that can be used has more.
const FILE_MAX: u64 = 50_000_000;

impl LocalFile {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is not there, is a folder, is too large for an upload in one piece, or cannot be read.
    pub async fn read(path: &Path) -> Result<Self, Problem> {
        let shown = path.display();
        let facts = facts(path).await?;
        if facts.len() > FILE_MAX {
            let (size, most) = (media::format_bytes(facts.len()), media::format_bytes(FILE_MAX));
            return Err(Problem::new(
                format!("{shown} has {size}; at most {most} can be used here."),
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

async fn facts(path: &Path) -> Result<std::fs::Metadata, Problem> {
    let facts = tokio::fs::metadata(path)
        .await
        .map_err(|error| unreadable(path, &error))?;
    if facts.is_file() {
        return Ok(facts);
    }
    Err(Problem::new(
        format!("{} is not a file.", path.display()),
        "Choose one file.",
    ))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let mut problem = Problem::new(
        format!("{} cannot be read.", path.display()),
        "Check that the file is still there and that you may open it.",
    );
    problem.technical = error.to_string();
    problem
}

/// Writes a file whole or not at all; it takes the place of what is there. Blocks.
///
/// # Errors
/// If the folder cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let write = || {
        let mut file = new_file(path)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map(drop).map_err(|error| error.error)
    };
    write().map_err(|error| unwritable(path, &error))
}

/// A temporary file in the folder of the file to be, with the permissions that any new file of the user has.
fn new_file(path: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
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
    fn a_file_is_written_whole_or_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_whole(&path, b"1").unwrap();
        write_whole(&path, b"3").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"3");
        let nowhere = folder.path().join("none").join("a");
        let problem = write_whole(&nowhere, b"1").unwrap_err();
        assert!(problem.what.contains("could not be written"), "{}", problem.what);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no temporary file is left"
        );
    }
}
