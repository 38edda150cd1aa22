//! Which file is which object: written beside what was downloaded, so that names that had to change lose nothing.
//!
//! JSON lines: the first says what this is, each other one is a file. A manifest may come from anybody; nothing in it is
//! believed that a key or a [`LocalPath`] could not say.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{LocalPath, fold};
use crate::supabase::BucketName;
use crate::transfer::whole::write_whole;
use crate::workspace::ProjectUrl;

/// Bytes of a line at most: two long names and two hashes have a tenth of it.
const LINE_MAX: u64 = 64 << 10;

/// The files of a folder and the objects that they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Where the objects are.
    pub project: ProjectUrl,
    /// When it was written.
    pub made_at: Timestamp,
    /// File by file.
    pub entries: Vec<ManifestEntry>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// Below the folder in which the manifest is.
    pub local: LocalPath,
    /// The object's bucket.
    pub bucket: String,
    /// The object's key, as the server has it; it may be one that cannot be written any more.
    pub key: String,
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The object's ETag, as the server gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// SHA-256 of the bytes, as hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    manifest: u32,
    project: String,
    made_at: Timestamp,
}

/// Why a manifest cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("the manifest cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is something else, or of a later version of this program.
    #[error("this is not a manifest that this version reads: {0}")]
    Format(String),
    /// A line is wrong.
    #[error("line {line} of the manifest is wrong: {what}")]
    Line {
        /// From 1.
        line: usize,
        /// What.
        what: String,
    },
}

impl Manifest {
    /// How the file is called, beside the files that it describes.
    pub const FILE_NAME: &'static str = ".storymimi-manifest.jsonl";
    /// The version that this program writes.
    pub const FORMAT: u32 = 1;

    /// Writes it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let head = Head {
            manifest: Self::FORMAT,
            project: self.project.to_string(),
            made_at: self.made_at,
        };
        serde_json::to_writer(&mut *to, &head)?;
        to.write_all(b"\n")?;
        for entry in &self.entries {
            serde_json::to_writer(&mut *to, entry)?;
            to.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Reads one. A line that is cut off at the end is an error, as anything is that two files of one folder cannot be.
    ///
    /// # Errors
    /// With the line that is wrong.
    pub fn read(from: &mut impl BufRead) -> Result<Self, ManifestError> {
        let head = line(from, 1)?.ok_or_else(|| ManifestError::Format("it is empty".to_owned()))?;
        let head: Head = serde_json::from_slice(&head).map_err(|error| ManifestError::Format(error.to_string()))?;
        if head.manifest != Self::FORMAT {
            return Err(ManifestError::Format(format!("it has version {}", head.manifest)));
        }
        let project = ProjectUrl::parse(&head.project)
            .ok()
            .filter(|url| url.as_str() == head.project)
            .ok_or_else(|| ManifestError::Format("its project has no address".to_owned()))?;
        let mut manifest = Self {
            project,
            made_at: head.made_at,
            entries: Vec::new(),
        };
        let mut files = HashSet::new();
        let mut number = 1;
        loop {
            number += 1;
            let Some(bytes) = line(from, number)? else {
                return Ok(manifest);
            };
            let wrong = |what: String| ManifestError::Line { line: number, what };
            let entry: ManifestEntry = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
            entry.check().map_err(wrong)?;
            if !files.insert(fold(entry.local.as_str())) {
                return Err(wrong(format!("the file {} is there twice", entry.local)));
            }
            manifest.entries.push(entry);
        }
    }

    /// Writes it into a folder, in the place of the one that was there. Blocks.
    ///
    /// # Errors
    /// If it cannot be written; what was there stays then.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        write_whole(&folder.join(Self::FILE_NAME), |file| self.write(file))
    }

    /// Reads that of a folder; None if there is none. Blocks.
    ///
    /// # Errors
    /// As [`Manifest::read`].
    pub fn open(folder: &Path) -> Result<Option<Self>, ManifestError> {
        match File::open(folder.join(Self::FILE_NAME)) {
            Ok(file) => Self::read(&mut BufReader::new(file)).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What this one and a later one of the same folder say together: of a file that both know, the later one is right. Of
    /// another project nothing is kept.
    #[must_use]
    pub fn followed_by(self, later: Self) -> Self {
        if self.project != later.project {
            return later;
        }
        let known: HashSet<String> = later.entries.iter().map(|entry| fold(entry.local.as_str())).collect();
        let mut entries = self.entries;
        entries.retain(|entry| !known.contains(&fold(entry.local.as_str())));
        entries.extend(later.entries);
        Self { entries, ..later }
    }

    /// The entries by the path of their file.
    #[must_use]
    pub fn by_file(&self) -> HashMap<&str, &ManifestEntry> {
        self.entries.iter().map(|entry| (entry.local.as_str(), entry)).collect()
    }
}

impl ManifestEntry {
    fn check(&self) -> Result<(), String> {
        BucketName::parse(&self.bucket).map_err(|error| error.to_string())?;
        if self.key.is_empty() {
            return Err("the key is empty".to_owned());
        }
        let hex = |text: &String| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !self.sha256.as_ref().is_none_or(hex) {
            return Err("the SHA-256 is none".to_owned());
        }
        if self.size.is_some_and(|size| i64::try_from(size).is_err()) {
            return Err("no file has so many bytes".to_owned());
        }
        if self
            .etag
            .as_ref()
            .is_some_and(|etag| etag.chars().any(char::is_control))
        {
            return Err("the ETag is none".to_owned());
        }
        Ok(())
    }
}

/// A line without its end; None after the last.
fn line(from: &mut impl BufRead, number: usize) -> Result<Option<Vec<u8>>, ManifestError> {
    let wrong = |what: &str| ManifestError::Line {
        line: number,
        what: what.to_owned(),
    };
    let mut bytes = Vec::new();
    from.by_ref().take(LINE_MAX).read_until(b'\n', &mut bytes)?;
    match bytes.pop() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(bytes)),
        Some(_) if bytes.len() as u64 + 1 == LINE_MAX => Err(wrong("it is too long")),
        Some(_) => Err(wrong("it is cut off")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            project: ProjectUrl::parse("https://abcdefghijklmnopqrst.supabase.co").unwrap(),
            made_at: "2026-11-25T18:00:00Z".parse().unwrap(),
            entries: vec![
                ManifestEntry {
                    local: LocalPath::parse("a/!u3a!.png").unwrap(),
                    bucket: "story-images".to_owned(),
                    key: "a/:.png".to_owned(),
                    size: Some(7),
                    etag: Some("\"e\"".to_owned()),
                    sha256: Some("0".repeat(64)),
                },
                ManifestEntry {
                    local: LocalPath::parse("b").unwrap(),
                    bucket: "story-images".to_owned(),
                    key: "b\nc".to_owned(),
                    size: None,
                    etag: None,
                    sha256: None,
                },
            ],
        }
    }

    fn written(manifest: &Manifest) -> String {
        let mut bytes = Vec::new();
        manifest.write(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn is_read_as_it_was_written() {
        let text = written(&manifest());
        assert_eq!(text.lines().count(), 3);
        let read = Manifest::read(&mut text.as_bytes()).unwrap();
        assert_eq!(read, manifest());
        assert_eq!(read.by_file()["a/!u3a!.png"].key, "a/:.png");
    }

    #[test]
    fn the_later_one_is_right() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Manifest::open(folder.path()).unwrap().is_none());
        manifest().save(folder.path()).unwrap();
        let earlier = Manifest::open(folder.path()).unwrap().unwrap();
        assert_eq!(earlier, manifest());
        let mut later = manifest();
        later.entries.remove(0);
        later.entries[0].local = LocalPath::parse("B").unwrap();
        later.entries[0].key = "other".to_owned();
        let both = earlier.clone().followed_by(later.clone());
        let keys: Vec<&str> = both.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["a/:.png", "other"]);
        later.project = ProjectUrl::parse("https://other.example.com").unwrap();
        assert_eq!(earlier.followed_by(later.clone()), later);
    }

    #[test]
    fn a_hostile_one_is_refused_with_its_line() {
        let head = written(&Manifest {
            entries: Vec::new(),
            ..manifest()
        });
        let escaping = [
            "../x",
            "/etc/passwd",
            "a/../../x",
            "C:\\\\x",
            "a\\\\b",
            "nul",
            "a:b",
            "",
            "a//b",
            "./a",
            "a/.",
            "x.",
            "x\\u0000",
            "\\u202ex",
            "a/",
            " ",
        ];
        for local in escaping {
            let text = format!("{head}{{\"local\":\"{local}\",\"bucket\":\"b\",\"key\":\"k\"}}\n");
            let error = Manifest::read(&mut text.as_bytes()).unwrap_err();
            assert!(matches!(error, ManifestError::Line { line: 2, .. }), "{local}: {error}");
        }
        for entry in [
            "{\"local\":\"a\",\"bucket\":\"a/b\",\"key\":\"k\"}",
            "{\"local\":\"a\",\"bucket\":\"b\",\"key\":\"\"}",
            "{\"local\":\"a\",\"bucket\":\"b\",\"key\":\"k\",\"sha256\":\"zz\"}",
            "{\"local\":\"a\",\"bucket\":\"b\",\"key\":\"k\",\"size\":18446744073709551615}",
            "{\"local\":\"a\",\"bucket\":\"b\",\"key\":\"k\",\"size\":-1}",
            "[]",
            "",
            "{\"local\":\"a\",\"bucket\":\"b\",\"key\":\"k\"}\n{\"local\":\"A\",\"bucket\":\"b\",\"key\":\"k2\"}",
        ] {
            assert!(
                Manifest::read(&mut format!("{head}{entry}\n").as_bytes()).is_err(),
                "{entry}"
            );
        }
        let cut = format!("{head}{{\"local\":\"a\"");
        assert!(
            Manifest::read(&mut cut.as_bytes())
                .unwrap_err()
                .to_string()
                .contains("cut off")
        );
        let endless = format!("{head}{}", "x".repeat(1 << 20));
        assert!(
            Manifest::read(&mut endless.as_bytes())
                .unwrap_err()
                .to_string()
                .contains("too long")
        );
        for head in [
            "",
            "{}\n",
            "{\"manifest\":2,\"project\":\"https://a.b\",\"made_at\":\"2026-11-25T18:00:00Z\"}\n",
            "{\"manifest\":1,\"project\":\"x\",\"made_at\":\"2026-11-25T18:00:00Z\"}\n",
        ] {
            assert!(
                matches!(Manifest::read(&mut head.as_bytes()), Err(ManifestError::Format(_))),
                "{head}"
            );
        }
    }

    proptest! {
        #![proptest_config(crate::transfer::names::cases(64))]

        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut text = written(&manifest()).into_bytes();
            text.extend(bytes);
            if let Ok(read) = Manifest::read(&mut text.as_slice()) {
                prop_assert!(read.entries.len() >= 2);
            }
        }
    }
}
