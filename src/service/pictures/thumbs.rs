//! Small pictures that were made, kept on disk for the next time: by a hash of what they are of, so that the names tell
//! nothing. The folder is the user's alone. It is a cache: any file may go, be damaged or be written by another process at the
//! same time, and is made anew.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use crate::media::{self, Limits, MediaType, Preview};

/// Changes with anything that makes the same bytes another small picture.
const FORMAT: &[u8; 8] = b"smthumb1";
/// Width and height of the original, four bytes each, and the hash of all that follows and of them.
const HEAD: usize = 8 + 8 + 32;
/// No small picture has more.
const MOST_BYTES: u64 = 8 << 20;
/// Bytes of all files together.
const MOST: u64 = 512 << 20;
/// How exact "used last" is: a file's time is not written more often.
const EXACT: Duration = Duration::from_secs(60 * 60);
/// A temporary file that is older was left behind by a crash.
const LEFT_BEHIND: Duration = Duration::from_secs(60 * 60);

/// The name of a small picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    /// Of what it is, each part in full: where, which object, which bytes, how large.
    pub(super) fn new(workspace: &str, bucket: &str, key: &str, etag: &str, fit: (u32, u32)) -> Self {
        let etag = etag.trim_start_matches("W/").trim_matches('"');
        let mut hash = Sha256::new();
        hash.update(FORMAT);
        for part in [workspace, bucket, key, etag] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update(fit.0.to_le_bytes());
        hash.update(fit.1.to_le_bytes());
        Self(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// In one of 256 folders, so that none has too many files.
    fn path(&self, folder: &Path) -> PathBuf {
        folder.join(&self.0[..2]).join(&self.0[2..])
    }
}

/// The folder of small pictures.
pub(super) struct Thumbs {
    folder: PathBuf,
    most: u64,
    /// Bytes that may still be written before it is looked how many there are.
    until_sweep: AtomicU64,
    sweeping: Mutex<()>,
}

impl Thumbs {
    /// Nothing is made before the first picture is kept.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self::with(folder, MOST)
    }

    fn with(folder: PathBuf, most: u64) -> Self {
        Self {
            folder,
            most,
            until_sweep: AtomicU64::new(0),
            sweeping: Mutex::new(()),
        }
    }

    /// A picture that was kept. One that is damaged is removed and is none. Blocks.
    pub(super) fn get(&self, name: &Name) -> Option<Preview> {
        let path = name.path(&self.folder);
        let mut file = File::open(&path).ok()?;
        let facts = file.metadata().ok()?;
        let found = read(&mut file, facts.len());
        if found.is_none() {
            tracing::debug!("a kept small picture is damaged and is made anew");
            _ = fs::remove_file(&path);
        } else if facts.modified().is_ok_and(|used| is_older(used, EXACT)) {
            // Kept longer for it; that it cannot be written is no reason not to show it.
            _ = File::options()
                .append(true)
                .open(&path)
                .and_then(|file| file.set_modified(SystemTime::now()));
        }
        found
    }

    /// Keeps a picture, and removes what was not used for longest when there are too many. Blocks.
    pub(super) fn put(&self, name: &Name, picture: &Preview) {
        match self.write(name, picture) {
            Ok(written) => {
                let left = self.until_sweep.load(Ordering::Relaxed);
                self.until_sweep.store(left.saturating_sub(written), Ordering::Relaxed);
                if left <= written {
                    self.sweep();
                }
            }
            Err(error) => tracing::debug!(%error, "a small picture could not be kept"),
        }
    }

    fn write(&self, name: &Name, picture: &Preview) -> io::Result<u64> {
        let pixels = &picture.pixels;
        // Lossless where there is transparency, which JPEG does not know; a fifth of that elsewhere, and not to be told apart.
        let kind = if pixels.is_opaque() {
            MediaType::Jpeg
        } else {
            MediaType::Webp
        };
        let body = media::encode(pixels, kind, 92).map_err(io::Error::other)?;
        let size = [picture.original.0.to_le_bytes(), picture.original.1.to_le_bytes()].concat();
        let bytes = [&FORMAT[..], &size, &checksum(&size, &body), &body].concat();
        let path = name.path(&self.folder);
        let folder = path.parent().unwrap_or(&self.folder);
        make_private(&self.folder)?;
        make_private(folder)?;
        // Not synced: after a power cut the checksum tells.
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
        file.write_all(&bytes)?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(bytes.len() as u64)
    }

    /// Looks at all files, and removes the ones that were used longest ago until a fifth of the room is free.
    fn sweep(&self) {
        // Another thread is at it.
        let Ok(_alone) = self.sweeping.try_lock() else { return };
        let mut files = Vec::new();
        for folder in entries(&self.folder) {
            for entry in entries(&folder.path()) {
                let Ok(facts) = entry.metadata() else { continue };
                let used = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                let is_new = entry.file_name().to_string_lossy().starts_with('.');
                if !is_new {
                    files.push((used, facts.len(), entry.path()));
                } else if is_older(used, LEFT_BEHIND) {
                    _ = fs::remove_file(entry.path());
                }
            }
        }
        let mut total: u64 = files.iter().map(|(_, length, _)| length).sum();
        if total > self.most {
            files.sort_unstable_by_key(|(used, ..)| *used);
            for (_, length, path) in files {
                if total <= self.most / 5 * 4 {
                    break;
                }
                // Gone already is gone.
                _ = fs::remove_file(path);
                total -= length;
            }
        }
        self.until_sweep.store(
            (self.most.saturating_sub(total)).clamp(self.most / 16, self.most / 4),
            Ordering::Relaxed,
        );
    }
}

fn read(file: &mut File, length: u64) -> Option<Preview> {
    if length > MOST_BYTES {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    let (head, body) = bytes.split_at_checked(HEAD)?;
    let (size, sum) = head.strip_prefix(FORMAT)?.split_at(8);
    if sum != checksum(size, body) {
        return None;
    }
    let number = |at: usize| size.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let pixels = media::decode(body, &Limits::default()).ok()?;
    Some(Preview {
        pixels,
        original: (number(0)?, number(4)?),
    })
}

fn checksum(size: &[u8], body: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(size).chain_update(body).finalize().into()
}

fn is_older(time: SystemTime, than: Duration) -> bool {
    SystemTime::now().duration_since(time).is_ok_and(|age| age > than)
}

fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

/// Makes a folder that only the user may read: small pictures of a private bucket are private.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
        builder.mode(0o700).create(folder)?;
        // One that was there already may be open to others.
        if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        }
        Ok(())
    }
    #[cfg(not(unix))]
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Pixels;

    fn picture(shade: u8, alpha: u8) -> Preview {
        Preview {
            pixels: Pixels::new(32, 24, [shade, shade, shade, alpha].repeat(32 * 24)).unwrap(),
            original: (3200, 2400),
        }
    }

    fn name(key: &str) -> Name {
        Name::new("local", "pictures", key, "\"1\"", (320, 240))
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        entries(folder)
            .flat_map(|entry| entries(&entry.path()).collect::<Vec<_>>())
            .map(|entry| entry.path())
            .collect()
    }

    #[test]
    fn what_is_kept_is_found_by_what_it_is_of_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let thumbs = Thumbs::new(folder.path().join("cache/thumbs"));
        for alpha in [255, 90] {
            let key = format!("a{alpha}");
            thumbs.put(&name(&key), &picture(77, alpha));
            assert_eq!(thumbs.get(&name(&key)), Some(picture(77, alpha)));
        }
        for other in [
            Name::new("other", "pictures", "a255", "1", (320, 240)),
            Name::new("local", "picture", "sa255", "1", (320, 240)),
            Name::new("local", "pictures", "a255", "2", (320, 240)),
            Name::new("local", "pictures", "a255", "1", (640, 480)),
        ] {
            assert_eq!(thumbs.get(&other), None, "{other:?}");
        }
        // The listing and the download write an ETag differently.
        assert_eq!(
            Name::new("local", "pictures", "a255", "W/\"1\"", (320, 240)),
            name("a255")
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            for path in [thumbs.folder.clone(), files(&thumbs.folder)[0].clone()] {
                assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{path:?}");
            }
        }
    }

    #[test]
    fn a_damaged_one_is_none_and_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let thumbs = Thumbs::new(folder.path().to_owned());
        thumbs.put(&name("a"), &picture(77, 255));
        let path = files(folder.path()).remove(0);
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(7) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x20;
            fs::write(&path, &damaged).unwrap();
            assert_eq!(thumbs.get(&name("a")), None, "byte {at}");
            assert!(!path.exists());
            fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(thumbs.get(&name("a")), None, "cut off at {at}");
        }
        thumbs.put(&name("a"), &picture(77, 255));
        assert!(thumbs.get(&name("a")).is_some());
    }

    #[test]
    fn the_ones_that_were_not_used_for_longest_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let one = {
            let thumbs = Thumbs::new(folder.path().to_owned());
            thumbs.put(&name("0"), &picture(0, 255));
            fs::metadata(&files(folder.path())[0]).unwrap().len()
        };
        // Two processes with room for ten.
        let both = [0, 1].map(|_| Thumbs::with(folder.path().to_owned(), one * 10 + one / 2));
        let old = SystemTime::now() - Duration::from_secs(60 * 60 * 24);
        for number in 1..60_u64 {
            let path = name(&number.to_string()).path(folder.path());
            both[(number % 2) as usize].put(&name(&number.to_string()), &picture(0, 255));
            if let Ok(file) = File::options().append(true).open(&path) {
                file.set_modified(old + Duration::from_secs(number)).unwrap();
            }
        }
        both[0].sweep();
        let left = files(folder.path()).len() as u64;
        assert!(left <= 10, "{left} of {one} bytes each");
        assert!(both[0].get(&name("59")).is_some());
        // Looked at, so it is used.
        let path = name("59").path(folder.path());
        assert!(fs::metadata(path).unwrap().modified().unwrap() > old + Duration::from_secs(1000));
    }

    #[test]
    fn what_a_crash_left_behind_goes_and_a_folder_that_cannot_be_written_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let thumbs = Thumbs::with(folder.path().to_owned(), 10_000);
        thumbs.put(&name("a"), &picture(1, 255));
        let beside = files(folder.path())[0].with_file_name(".new-crashed");
        let file = File::create(&beside).unwrap();
        file.set_modified(SystemTime::now() - LEFT_BEHIND * 2).unwrap();
        thumbs.sweep();
        assert!(!beside.exists() && thumbs.get(&name("a")).is_some());
        let nowhere = Thumbs::new(beside.join("x"));
        fs::write(&beside, b"a file").unwrap();
        nowhere.put(&name("a"), &picture(1, 255));
        assert_eq!(nowhere.get(&name("a")), None);
    }
}
