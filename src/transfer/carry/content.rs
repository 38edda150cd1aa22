//! What bytes are known by: size, SHA-256, MD5, and what of that an ETag tells.

use sha2::{Digest as _, Sha256};

use crate::media::Md5;
use crate::transfer::job::Content;

/// Hashes under way.
#[derive(Clone, Default)]
pub(super) struct Hashes {
    sha256: Sha256,
    md5: Md5,
    size: u64,
}

impl Hashes {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.md5.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// As [`Hashes::update`], while the MD5 of the same bytes is made elsewhere.
    pub(super) fn update_but_md5(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// The MD5 so far.
    pub(super) fn md5(&self) -> Md5 {
        self.md5.clone()
    }

    /// The MD5 that was made elsewhere.
    pub(super) fn set_md5(&mut self, md5: Md5) {
        self.md5 = md5;
    }

    /// Bytes so far.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn finish(self) -> Content {
        Content {
            size: Some(self.size),
            sha256: Some(hex(&self.sha256.finalize())),
            md5: Some(hex(&self.md5.finalize())),
            etag: None,
        }
    }

    pub(super) fn of(bytes: &[u8]) -> Content {
        let mut hashes = Self::default();
        hashes.update(bytes);
        hashes.finish()
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// An ETag without what proxies and servers put around it: a weak one is of the same bytes before they were compressed.
pub(super) fn bare(etag: &str) -> &str {
    let etag = etag.trim();
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}

/// Whether two ETags are of the same bytes.
pub(super) fn same_etag(one: &str, other: &str) -> bool {
    bare(one).eq_ignore_ascii_case(bare(other))
}

/// The MD5 that an ETag is, if it looks like one. It may be none: stores that encrypt give other digits of the same form.
pub(super) fn etag_md5(etag: &str) -> Option<String> {
    let bare = bare(etag);
    (bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| bare.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_the_known_ones() {
        let content = Hashes::of(b"abc");
        assert_eq!(content.size, Some(3));
        assert_eq!(content.md5.as_deref(), Some("900150983cd24fb0d6963f7d28e17f72"));
        assert_eq!(
            content.sha256.as_deref(),
            Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        );
    }

    #[test]
    fn etags_are_read_as_servers_and_proxies_write_them() {
        let md5 = "900150983cd24fb0d6963f7d28e17f72";
        for etag in [
            format!("\"{md5}\""),
            format!("W/\"{md5}\""),
            md5.to_uppercase(),
            format!(" \"{md5}\" "),
        ] {
            assert_eq!(etag_md5(&etag).as_deref(), Some(md5), "{etag}");
            assert!(same_etag(&etag, md5));
        }
        for etag in [
            "",
            "\"\"",
            &format!("\"{md5}-3\""),
            "\"900150983cd24fb0d6963f7d28e17f7g\"",
        ] {
            assert_eq!(etag_md5(etag), None, "{etag}");
        }
        assert!(!same_etag("\"a\"", "\"b\""));
    }
}
