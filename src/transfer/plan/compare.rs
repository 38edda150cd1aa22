//! Whether a file has the bytes of an object, as far as the server tells anything of them. Reading a file is work: it is
//! done only where the sizes are equal, and few at a time.

use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::PathBuf;

use serde_json::Value;
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

use super::PlanError;
use super::request::blocking;
use super::there::Stored;
use crate::media::Md5;
use crate::supabase::{ObjectKey, Objects};

/// Files read at once.
pub(super) const READS: usize = 4;
/// Bytes read at once.
const PIECE: usize = 256 << 10;
/// Where SHA-256 of an object's bytes is in its metadata, if who stored it put it there.
const HASH: &str = "sha256";

/// How a file and an object compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Same {
    Yes,
    No,
    /// The sizes are equal, and nothing else can be compared.
    Unknown,
}

/// The hash that an object is compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hash {
    Md5(String),
    Sha256(String),
}

/// A file to be compared; opened when it is its turn.
pub(super) type Open = Box<dyn FnOnce() -> io::Result<Box<dyn Read + Send>> + Send>;

/// Compares a file with an object of a key. The object is asked about only if its ETag is no hash.
pub(super) async fn compare(
    (size, path, open): (u64, PathBuf, Open),
    (objects, key, stored): (&Objects, &ObjectKey, &Stored),
    stop: &CancellationToken,
) -> Result<Same, PlanError> {
    if stored.size != Some(size) {
        return Ok(Same::No);
    }
    let hash = match stored.etag.as_deref().and_then(md5_of) {
        Some(md5) => Hash::Md5(md5),
        None => match sha256_of(objects, key, stored).await? {
            Some(sha256) => Hash::Sha256(sha256),
            None => return Ok(Same::Unknown),
        },
    };
    let stop = stop.clone();
    let same = blocking(move || {
        let mut file = open()?;
        match hash {
            Hash::Md5(expected) => Ok(digest::<Md5>(&mut *file, &stop)? == expected),
            Hash::Sha256(expected) => Ok(digest::<Sha256>(&mut *file, &stop)? == expected),
        }
    })
    .await
    .map_err(|source: io::Error| match source.kind() {
        io::ErrorKind::Interrupted => PlanError::Stopped,
        _ => PlanError::Io {
            what: "read",
            path,
            source,
        },
    })?;
    Ok(if same { Same::Yes } else { Same::No })
}

/// The MD5 that an ETag is, in small letters; None if it is something else, as after an upload in pieces.
pub(super) fn md5_of(etag: &str) -> Option<String> {
    let bare = etag.trim().trim_matches('"');
    let digits = bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| bare.to_ascii_lowercase())
}

/// What was kept beside the bytes by who stored them, if these still are the bytes that were listed.
async fn sha256_of(objects: &Objects, key: &ObjectKey, stored: &Stored) -> Result<Option<String>, PlanError> {
    let info = objects.info(key).await?;
    let hash = info
        .metadata
        .get(HASH)
        .and_then(Value::as_str)
        .filter(|_| info.etag == stored.etag);
    Ok(hash
        .filter(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map(str::to_ascii_lowercase))
}

fn digest<H: sha2::Digest>(file: &mut dyn Read, stop: &CancellationToken) -> io::Result<String> {
    let mut hash = H::new();
    let mut piece = vec![0; PIECE];
    loop {
        if stop.is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let read = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&piece[..read]);
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_a_hash_or_it_is_not() {
        assert_eq!(
            md5_of("\"D41D8CD98F00B204E9800998ECF8427E\"").as_deref(),
            Some("d41d8cd98f00b204e9800998ecf8427e")
        );
        for other in [
            "",
            "\"x\"",
            "d41d8cd98f00b204e9800998ecf8427e-2",
            "W/\"d41d8cd98f00b204e9800998ecf8427e\"",
        ] {
            assert_eq!(md5_of(other), None, "{other}");
        }
    }

    #[test]
    fn bytes_are_hashed_and_hashing_stops() {
        let go = CancellationToken::new();
        assert_eq!(
            digest::<Md5>(&mut &b""[..], &go).unwrap(),
            "d41d8cd98f00b204e9800998ecf8427e"
        );
        assert_eq!(
            digest::<Sha256>(&mut &b"abc"[..], &go).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        go.cancel();
        let error = digest::<Md5>(&mut io::repeat(1), &go).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Interrupted);
    }
}
