//! An MD5 that can be put down and taken up again, perhaps by another process: the ETag of an object whose bytes arrive over
//! hours.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use md5::Digest as _;
use md5::digest::common::hazmat::{SerializableState, SerializedState};

use super::blob::quoted_hex;
use crate::media::Md5;

/// Bytes that are read at a time when a file is hashed once more.
const CHUNK: usize = 1024 * 1024;

/// The hash of what has arrived so far, unless it was lost.
#[derive(Clone)]
pub struct RunningDigest(Option<Md5>);

impl RunningDigest {
    /// Of no bytes.
    pub fn new() -> Self {
        Self(Some(Md5::new()))
    }

    /// Goes on from a saved state. What cannot be read counts as lost, and then the file is hashed at its end.
    pub fn resume(state: Option<&[u8]>) -> Self {
        let state = state.and_then(|bytes| SerializedState::<Md5>::try_from(bytes).ok());
        Self(state.and_then(|state| Md5::deserialize(&state).ok()))
    }

    /// The state, to be kept in a row. `None` if it was lost.
    pub fn save(&self) -> Option<Vec<u8>> {
        self.0.as_ref().map(|digest| digest.serialize().to_vec())
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        if let Some(digest) = &mut self.0 {
            digest.update(bytes);
        }
    }

    /// The ETag of a file that holds exactly the hashed bytes. Reads the file if the state was lost. Blocks.
    ///
    /// # Errors
    /// That the file cannot be read.
    pub fn etag(self, file: &mut File) -> io::Result<String> {
        let digest = match self.0 {
            Some(digest) => digest,
            None => hash_all(file)?,
        };
        Ok(quoted_hex(&digest.finalize()))
    }
}

fn hash_all(file: &mut File) -> io::Result<Md5> {
    let mut digest = Md5::new();
    let mut buffer = vec![0; CHUNK];
    file.seek(SeekFrom::Start(0))?;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(digest),
            read => digest.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_saved_hash_goes_on_and_a_lost_one_is_made_again() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 241) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let whole = quoted_hex(&Md5::digest(&bytes));
        for cut in [0, 1, 63, 64, 65, 1_000_003, bytes.len()] {
            let mut first = RunningDigest::new();
            first.update(&bytes[..cut]);
            let state = first.save().unwrap();
            let mut second = RunningDigest::resume(Some(&state));
            second.update(&bytes[cut..]);
            assert!(second.save().is_some());
            assert_eq!(second.etag(&mut file).unwrap(), whole, "cut at {cut}");
            for lost in [None, Some(&b"no state"[..]), Some(&[255; 89])] {
                let mut lost = RunningDigest::resume(lost);
                lost.update(&bytes[cut..]);
                if lost.save().is_none() {
                    assert_eq!(lost.etag(&mut file).unwrap(), whole);
                }
            }
        }
    }
}
