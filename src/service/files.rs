//! Files of this machine: read for uploads, written for downloads.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tempfile::TempPath;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::Problem;
use crate::http::SourceFile;
use crate::media;

/// A file of this machine, read whole. Pictures are small; other files are sent without that.
#[derive(Clone, Debug)]
pub struct LocalFile {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it.
    pub bytes: Bytes,
}

/// Bytes read at most: no picture that can be used has more.
const FILE_MAX: u64 = 50_000_000;
/// Bytes that a file's type is told from; more than any type needs.
const HEAD: u64 = 4 << 10;

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

/// Looks at a file that is to be sent: what it is now, and its first bytes, which tell its type.
pub(super) async fn look(path: &Path) -> Result<(SourceFile, Vec<u8>), Problem> {
    facts(path).await?;
    let head = async {
        let source = SourceFile::look(path).await?;
        let mut head = Vec::new();
        let file = tokio::fs::File::open(path).await?;
        file.take(HEAD).read_to_end(&mut head).await?;
        Ok((source, head))
    };
    head.await.map_err(|error: std::io::Error| unreadable(path, &error))
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
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
    let write = || {
        let mut file = new_file(path)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        put_in_place(file.into_temp_path(), path, existing)
    };
    write().map_err(|error| unwritable(path, &error))
}

/// A file that is being written. It is not there before it is whole; dropped before, it leaves nothing behind.
pub(super) struct Arriving {
    path: PathBuf,
    existing: Existing,
    file: tokio::fs::File,
    temporary: TempPath,
}

impl Arriving {
    /// Begins a file that is to be at `path`.
    pub(super) async fn at(path: &Path, existing: Existing) -> Result<Self, Problem> {
        let path = path.to_owned();
        let begun = tokio::task::spawn_blocking(move || {
            // Whoever puts one there later is found at the end.
            if existing == Existing::Kept && path.symlink_metadata().is_ok() {
                return Err(unwritable(&path, &std::io::ErrorKind::AlreadyExists.into()));
            }
            let (file, temporary) = new_file(&path).map_err(|error| unwritable(&path, &error))?.into_parts();
            Ok(Self {
                path,
                existing,
                file: tokio::fs::File::from_std(file),
                temporary,
            })
        });
        begun.await.map_err(|_| Problem::stopped())?
    }

    /// Writes the next bytes.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.file
            .write_all(bytes)
            .await
            .map_err(|error| unwritable(&self.path, &error))
    }

    /// Puts it where it is to be, once all of it is on the disk.
    pub(super) async fn finish(mut self) -> Result<(), Problem> {
        let synced = async {
            self.file.flush().await?;
            self.file.sync_all().await
        };
        synced.await.map_err(|error| unwritable(&self.path, &error))?;
        let Self {
            path,
            existing,
            file,
            temporary,
        } = self;
        tokio::task::spawn_blocking(move || {
            drop(file);
            put_in_place(temporary, &path, existing).map_err(|error| unwritable(&path, &error))
        })
        .await
        .map_err(|_| Problem::stopped())?
    }
}

fn put_in_place(file: TempPath, path: &Path, existing: Existing) -> std::io::Result<()> {
    match existing {
        Existing::Kept => file.persist_noclobber(path),
        Existing::Replaced => file.persist(path),
    }
    .map_err(|error| error.error)
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
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return Problem::new(
            format!("{} is there already; nothing was written.", path.display()),
            "Name another file, or move that one away.",
        );
    }
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
