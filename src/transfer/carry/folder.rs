//! The folder that a download writes into, as a handle: whatever a key says, and whatever somebody makes of the folders
//! meanwhile, nothing is written outside of it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, Metadata, OpenOptions};
use sha2::{Digest as _, Sha256};

use crate::transfer::job::JobId;
use crate::transfer::plan::Seen;

/// Characters of a file's own name in that of its partial file.
const SHORT: usize = 24;

/// The folder of one file, and the file's name in it.
#[derive(Debug)]
pub(super) struct Folder {
    dir: Dir,
    name: OsString,
}

impl Folder {
    /// Opens the folder of the file at `path`, which is inside `root`, and makes it if it is not there. Without a root the
    /// file's folder is its own root, and has to be there. Blocks.
    ///
    /// # Errors
    /// If the path is not inside the root, or a link on the way leads out of it.
    pub(super) fn open(root: Option<&Path>, path: &Path) -> io::Result<Self> {
        let Some(root) = root else {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let dir = Dir::open_ambient_dir(parent.unwrap_or(Path::new(".")), ambient_authority())?;
            return Self::in_dir(dir, path.file_name());
        };
        let inside = path.strip_prefix(root).map_err(|_| outside())?;
        // Only plain names: what is between the root and the file is from a key.
        if !inside.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(outside());
        }
        let mut dir = match Dir::open_ambient_dir(root, ambient_authority()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Dir::create_ambient_dir_all(root, ambient_authority())?;
                Dir::open_ambient_dir(root, ambient_authority())?
            }
            opened => opened?,
        };
        if let Some(parent) = inside.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            // Most folders are there by now.
            dir = match dir.open_dir(parent) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => match dir.create_dir_all(parent) {
                    // A link is there, or a file: opening it says which, and whether it leads out.
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    _ => dir.open_dir(parent)?,
                },
                opened => opened?,
            };
        }
        Self::in_dir(dir, inside.file_name())
    }

    fn in_dir(dir: Dir, name: Option<&OsStr>) -> io::Result<Self> {
        let name = name.ok_or_else(outside)?.to_owned();
        Ok(Self { dir, name })
    }

    /// The file's own name.
    pub(super) fn name(&self) -> &OsStr {
        &self.name
    }

    /// What is at the file's name; links are not followed.
    pub(super) fn look(&self) -> io::Result<Option<Metadata>> {
        match self.dir.symlink_metadata(&self.name) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens the file for reading, if it is a plain one.
    pub(super) fn read(&self) -> io::Result<Option<std::fs::File>> {
        match self.look()? {
            Some(metadata) if metadata.is_file() => Ok(Some(self.dir.open(&self.name)?.into_std())),
            Some(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file")),
            None => Ok(None),
        }
    }

    /// The partial file, for writing at its end; what another run left of it is in it. It is locked until it is closed: a
    /// run that was cut off may still be at its last bytes.
    pub(super) fn part(&self, name: &str) -> io::Result<std::fs::File> {
        // Two attempts: what stands in its way is no partial file of ours.
        for _ in 0..2 {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create_new(true);
            match self.dir.open_with(name, &options) {
                Ok(file) => {
                    let file = file.into_std();
                    file.lock()?;
                    return Ok(file);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            match self.dir.symlink_metadata(name) {
                // Gone again.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
                Ok(metadata) => {
                    if let Some(file) = self.own_part(name, &metadata)? {
                        file.lock()?;
                        return Ok(file);
                    }
                    self.dir.remove_file(name)?;
                }
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "something keeps taking the name of its partial file",
        ))
    }

    /// Opens the file of that name, if it is a plain one that has no other name. A link would lead the bytes elsewhere.
    fn own_part(&self, name: &str, seen: &Metadata) -> io::Result<Option<std::fs::File>> {
        if !seen.is_file() {
            return Ok(None);
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let file = self.dir.open_with(name, &options)?;
        Ok(is_the_only_name(&file, seen)?.then(|| file.into_std()))
    }

    /// Gives a whole file its name, if nothing has it. On the disk with [`Folder::sync`].
    pub(super) fn put(&self, part: &str) -> io::Result<()> {
        match self.rename_to_free(part) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            done => return done,
        }
        match self.dir.hard_link(part, &self.dir, &self.name) {
            Ok(()) => self.dir.remove_file(part),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // A file system without links: the name is taken by an empty file of our own, and that one is replaced.
            Err(_) => {
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                self.dir.open_with(&self.name, &options)?;
                let renamed = self.dir.rename(part, &self.dir, &self.name);
                if renamed.is_err() {
                    let _ = self.dir.remove_file(&self.name);
                }
                renamed
            }
        }
    }

    /// One step of the system, where it has such: a rename that takes nothing's place.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    fn rename_to_free(&self, part: &str) -> io::Result<()> {
        use rustix::fs::{RenameFlags, renameat_with};
        use rustix::io::Errno;
        // Both are plain names in the folder.
        match renameat_with(&self.dir, part, &self.dir, &self.name, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(()),
            // Which of these, is the file system's affair.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::PERM) => Err(io::ErrorKind::Unsupported.into()),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    fn rename_to_free(&self, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Gives a whole file a name that another one has, if that still is the one that was planned. On the disk with
    /// [`Folder::sync`].
    pub(super) fn replace(&self, part: &str, planned: &Seen) -> io::Result<()> {
        let Some(there) = self.look()? else {
            return self.put(part);
        };
        if !there.is_file() || !is_as_planned(&there, planned) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.dir.rename(part, &self.dir, &self.name)
    }

    /// Throws a partial file away.
    pub(super) fn remove_part(&self, part: &str) -> io::Result<()> {
        match self.dir.remove_file(part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The names in the folder are on the disk, too.
    #[cfg_attr(
        not(unix),
        expect(
            clippy::unused_self,
            clippy::unnecessary_wraps,
            reason = "no folder can be synced there"
        )
    )]
    pub(super) fn sync(&self) -> io::Result<()> {
        #[cfg(unix)]
        self.dir.open(".")?.sync_all()?;
        Ok(())
    }
}

/// By what two handles are known to be of the same folder, where the system tells.
pub(super) type Identity = (u64, u64);

impl Folder {
    #[cfg(unix)]
    pub(super) fn identity(&self) -> Option<Identity> {
        use cap_std::fs::MetadataExt as _;
        let facts = self.dir.dir_metadata().ok()?;
        Some((facts.dev(), facts.ino()))
    }

    #[cfg(not(unix))]
    pub(super) fn identity(&self) -> Option<Identity> {
        None
    }
}

/// The name of an item's partial file: any file's, whatever its own name is made of.
pub(super) fn part_name(job: JobId, name: &OsStr) -> String {
    let readable = name.to_string_lossy();
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let short: String = readable.chars().filter(plain).take(SHORT).collect();
    let digest = Sha256::digest(name.as_encoded_bytes());
    let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!(".{short}-{hash}.{}.part", job.0.simple())
}

pub(super) fn is_as_planned(there: &Metadata, planned: &Seen) -> bool {
    let modified = there.modified().ok().map(cap_std::time::SystemTime::into_std);
    let modified = modified.and_then(|time| jiff::Timestamp::try_from(time).ok());
    planned.size.is_none_or(|size| size == there.len())
        && planned
            .modified
            .zip(modified)
            .is_none_or(|(planned, now)| planned == now)
}

#[cfg(unix)]
fn is_the_only_name(file: &File, seen: &Metadata) -> io::Result<bool> {
    use cap_std::fs::MetadataExt as _;
    let opened = file.metadata()?;
    Ok(opened.is_file() && opened.nlink() == 1 && (opened.dev(), opened.ino()) == (seen.dev(), seen.ino()))
}

#[cfg(not(unix))]
fn is_the_only_name(file: &File, _: &Metadata) -> io::Result<bool> {
    Ok(file.metadata()?.is_file())
}

fn outside() -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        "its place is outside of the folder that was chosen",
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use uuid::Uuid;

    use super::*;

    fn write(folder: &Folder, name: &str, bytes: &[u8]) {
        folder.part(name).unwrap().write_all(bytes).unwrap();
    }

    #[test]
    fn a_name_is_given_once() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/c.png");
        let folder = Folder::open(Some(root.path()), &path).unwrap();
        write(&folder, ".p", b"one");
        folder.put(".p").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write(&folder, ".p", b"two");
        assert_eq!(folder.put(".p").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");

        // Replaced if it is what was planned.
        let planned = Seen {
            size: Some(3),
            modified: Some(fs::metadata(&path).unwrap().modified().unwrap().try_into().unwrap()),
            etag: None,
        };
        fs::write(&path, b"three").unwrap();
        assert!(folder.replace(".p", &planned).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"three");
        let planned = Seen {
            size: Some(5),
            ..Seen::default()
        };
        folder.replace(".p", &planned).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_outside_of_the_root_is_reached() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("root");
        fs::create_dir(&root).unwrap();
        fs::create_dir(home.path().join("outside")).unwrap();
        for path in [
            home.path().join("outside/a"),
            root.join("../outside/a"),
            root.join("x/../../outside/a"),
            Path::new("/etc/a").to_owned(),
            root.clone(),
        ] {
            assert!(Folder::open(Some(&root), &path).is_err(), "{}", path.display());
        }
        #[cfg(unix)]
        {
            for (name, to) in [("up", home.path().join("outside")), ("rel", "../outside".into())] {
                std::os::unix::fs::symlink(to, root.join(name)).unwrap();
                assert!(Folder::open(Some(&root), &root.join(name).join("a")).is_err(), "{name}");
            }
        }
        assert_eq!(fs::read_dir(home.path().join("outside")).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_the_partial_file_leads_nowhere() {
        let root = tempfile::tempdir().unwrap();
        let precious = root.path().join("precious");
        fs::write(&precious, b"precious").unwrap();
        let folder = Folder::open(Some(root.path()), &root.path().join("a")).unwrap();
        let symbolic: fn(&Path, &Path) -> io::Result<()> = |to, at| std::os::unix::fs::symlink(to, at);
        let hard: fn(&Path, &Path) -> io::Result<()> = |to, at| fs::hard_link(to, at);
        for link in [symbolic, hard] {
            link(&precious, &root.path().join(".p")).unwrap();
            write(&folder, ".p", b"new");
            folder.put(".p").unwrap();
            assert_eq!(fs::read(&precious).unwrap(), b"precious");
            assert_eq!(fs::read(root.path().join("a")).unwrap(), b"new");
            fs::remove_file(root.path().join("a")).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn whoever_swaps_a_folder_for_a_link_meanwhile_leads_nothing_out() {
        use std::sync::atomic::{AtomicBool, Ordering};

        let home = tempfile::tempdir().unwrap();
        let (root, outside) = (home.path().join("root"), home.path().join("outside"));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&outside).unwrap();
        let done = AtomicBool::new(false);
        let inside = std::thread::scope(|scope| {
            scope.spawn(|| {
                let at = root.join("d");
                for number in 0.. {
                    if done.load(Ordering::Relaxed) {
                        return;
                    }
                    let _ = fs::rename(&at, root.join(format!("away-{number}")));
                    let _ = std::os::unix::fs::symlink(&outside, &at);
                    std::thread::yield_now();
                    let _ = fs::remove_file(&at);
                    std::thread::yield_now();
                }
            });
            // As long as it takes until each of the two has won often, if the system lets them.
            let (mut inside, mut refused) = (0, 0);
            for number in 0..50_000 {
                let path = root.join("d").join(format!("{number}"));
                let written = Folder::open(Some(&root), &path).and_then(|folder| {
                    folder.part(".p")?.write_all(b"bytes")?;
                    folder.put(".p")
                });
                match written {
                    Ok(()) => inside += 1,
                    Err(_) => refused += 1,
                }
                if (inside >= 50 && refused >= 50) || inside >= 1_000 {
                    break;
                }
            }
            done.store(true, Ordering::Relaxed);
            inside
        });
        assert_eq!(
            fs::read_dir(&outside).unwrap().count(),
            0,
            "nothing was written outside"
        );
        assert!(inside > 0, "the folder never won the race");
    }

    #[test]
    fn partial_files_have_plain_names_whatever_the_file_is_called() {
        let job = JobId(Uuid::from_u128(7));
        let mut seen = std::collections::HashSet::new();
        let long = "x".repeat(255);
        for name in [
            "a.png",
            "..",
            "CON",
            "nul.txt",
            "a:b",
            "a\u{202e}gnp",
            "-rf",
            "é",
            "e\u{301}",
            " ",
            &long,
            "A.png",
        ] {
            let part = part_name(job, OsStr::new(name));
            assert!(
                part.starts_with('.') && part.ends_with(".part") && part.len() < 100,
                "{part}"
            );
            assert!(
                part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)),
                "{part}"
            );
            assert!(seen.insert(part.to_lowercase()), "{name}");
        }
    }
}
