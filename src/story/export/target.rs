//! Where an export goes: under a temporary name, synced, then renamed. What is there stays, unless it was said that it goes.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::folder::MANIFEST;
use super::{ExportError, ExportSettings, Format, Made};
use crate::transfer::names;

/// A name for a story's file or folder that every system takes.
#[must_use]
pub fn suggested_name(title: &str, format: Format) -> String {
    let words: String = title
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .take(80)
        .collect();
    let joined = words.split_whitespace().collect::<Vec<_>>().join("-");
    let joined = if joined.is_empty() { "story".to_owned() } else { joined };
    let ending = match format {
        Format::Colouring => "-colouring.pdf".to_owned(),
        Format::Sheet => "-pictures.png".to_owned(),
        format => format.extension().map(|end| format!(".{end}")).unwrap_or_default(),
    };
    let laid = names::lay_out(&[&format!("{joined}{ending}")]);
    laid.first()
        .map_or_else(|| format!("story{ending}"), |laid| laid.path.to_string())
}

/// Whether something can go there, before any work is done for it.
pub(super) fn check(to: &Path, settings: &ExportSettings) -> Result<(), ExportError> {
    if to.file_name().is_none() {
        return Err(ExportError::NoName(to.to_owned()));
    }
    let Ok(there) = fs::symlink_metadata(to) else {
        return Ok(());
    };
    if !settings.overwrite {
        return Err(ExportError::IsThere(to.to_owned()));
    }
    let fits = match settings.format {
        Format::Folder => there.is_dir() && is_ours(to),
        _ => !there.is_dir(),
    };
    if fits {
        Ok(())
    } else {
        Err(ExportError::NotOurs(to.to_owned()))
    }
}

/// Puts what was made there; the bytes of it are counted.
pub(super) fn put(made: &Made, to: &Path, overwrite: bool) -> Result<u64, ExportError> {
    let result = match made {
        Made::File(bytes) => put_file(bytes, to, overwrite),
        Made::Folder(files) => put_folder(files, to, overwrite),
    };
    result.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => ExportError::IsThere(to.to_owned()),
        _ => ExportError::Write {
            path: to.to_owned(),
            source,
        },
    })
}

fn parent(to: &Path) -> &Path {
    to.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn put_file(bytes: &[u8], to: &Path, overwrite: bool) -> io::Result<u64> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".storymimi-").suffix(".partial");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(parent(to))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    if overwrite {
        file.persist(to).map_err(|error| error.error)?;
    } else {
        file.persist_noclobber(to).map_err(|error| error.error)?;
    }
    sync(parent(to))?;
    Ok(bytes.len() as u64)
}

fn put_folder(files: &[super::folder::File], to: &Path, overwrite: bool) -> io::Result<u64> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".storymimi-").suffix(".partial");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let made = builder.tempdir_in(parent(to))?;
    let mut total = 0;
    for file in files {
        let mut out = File::create_new(made.path().join(file.name.to_path()))?;
        out.write_all(&file.bytes)?;
        out.sync_all()?;
        total += file.bytes.len() as u64;
    }
    sync(made.path())?;
    // Should another one have come there meanwhile, it is not taken the place of.
    let old = if overwrite && is_ours(to) {
        let aside = aside(to);
        fs::rename(to, &aside)?;
        Some(aside)
    } else {
        None
    };
    let path = made.keep();
    if let Err(error) = rename_new(&path, to) {
        if let Some(old) = &old {
            // It was there before; what cannot be put back is found beside it.
            let _ = fs::rename(old, to);
        }
        let _ = fs::remove_dir_all(&path);
        return Err(error);
    }
    sync(parent(to))?;
    if let Some(old) = old {
        fs::remove_dir_all(old)?;
    }
    Ok(total)
}

/// A name beside a folder that nothing has.
fn aside(to: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(to.file_name().unwrap_or_default());
    name.push(format!(".{}.old", uuid::Uuid::new_v4()));
    to.with_file_name(name)
}

/// Renames without taking anything's place, where the system can; elsewhere what is there is looked for first.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// Whether a folder is an export: only then it is ours to replace.
fn is_ours(folder: &Path) -> bool {
    let Ok(text) = fs::read_to_string(folder.join(MANIFEST)) else {
        return false;
    };
    serde_json::from_str::<serde_json::Value>(&text)
        .is_ok_and(|manifest| manifest["format"] == super::folder::FORMAT && manifest["story_id"].is_string())
}

/// The name is on disk only when its folder is.
fn sync(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe() {
        assert_eq!(
            suggested_name("Pip and the Lost Star!", Format::Pdf),
            "Pip-and-the-Lost-Star.pdf"
        );
        assert_eq!(suggested_name("../../etc", Format::Epub), "etc.epub");
        assert_eq!(suggested_name("", Format::Sheet), "story-pictures.png");
        assert_eq!(suggested_name("星の子", Format::Colouring), "星の子-colouring.pdf");
        assert!(!suggested_name("Con", Format::Folder).to_lowercase().contains("con"));
    }

    #[test]
    fn what_is_there_stays_unless_it_is_to_go() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("a.pdf");
        put(&Made::File(b"1".to_vec()), &to, false).unwrap();
        let error = put(&Made::File(b"2".to_vec()), &to, false).unwrap_err();
        assert!(matches!(error, ExportError::IsThere(_)), "{error}");
        assert_eq!(fs::read(&to).unwrap(), b"1");
        put(&Made::File(b"2".to_vec()), &to, true).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"2");
        let nowhere = folder.path().join("none/b.pdf");
        assert!(matches!(
            put(&Made::File(Vec::new()), &nowhere, false),
            Err(ExportError::Write { .. })
        ));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half is left");
    }

    #[test]
    fn a_folder_that_is_not_ours_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("mine");
        fs::create_dir(&to).unwrap();
        fs::write(to.join("letter.txt"), "dear").unwrap();
        let settings = ExportSettings {
            format: Format::Folder,
            overwrite: true,
            ..ExportSettings::default()
        };
        assert!(matches!(check(&to, &settings), Err(ExportError::NotOurs(_))));
        assert!(matches!(
            put(&Made::Folder(Vec::new()), &to, true),
            Err(ExportError::IsThere(_))
        ));
        assert_eq!(fs::read_to_string(to.join("letter.txt")).unwrap(), "dear");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
