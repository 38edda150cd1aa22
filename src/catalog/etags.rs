//! ETags in little space: nearly all are an MD5 in quotes, or one with the number of parts behind it.

/// ETags by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Etags {
    pub(super) hashes: Vec<[u8; 16]>,
    /// Of how many parts the hash is; 0 for a plain MD5, [`OTHER`] if the ETag is something else.
    pub(super) parts: Vec<u16>,
    /// What is something else, by row. A row that is not here has no ETag.
    pub(super) others: Vec<(u32, Box<str>)>,
}

/// Stands for an ETag that is no hash.
pub(super) const OTHER: u16 = u16::MAX;

impl Etags {
    pub(super) fn push(&mut self, etag: Option<&str>) {
        let (hash, parts) = match etag.map(|etag| (etag, read(etag))) {
            Some((_, Some(known))) => known,
            Some((etag, None)) => {
                let row = u32::try_from(self.hashes.len()).unwrap_or(u32::MAX);
                self.others.push((row, etag.into()));
                ([0; 16], OTHER)
            }
            None => ([0; 16], OTHER),
        };
        self.hashes.push(hash);
        self.parts.push(parts);
    }

    pub(super) fn get(&self, row: usize) -> Option<String> {
        let parts = self.parts[row];
        if parts == OTHER {
            let other = self.others.binary_search_by_key(&row, |(row, _)| *row as usize).ok()?;
            return Some(self.others[other].1.to_string());
        }
        let mut text = String::with_capacity(40);
        text.push('"');
        for byte in self.hashes[row] {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
        }
        if parts > 0 {
            text.push('-');
            text.push_str(&parts.to_string());
        }
        text.push('"');
        Some(text)
    }

    pub(super) fn shrink(&mut self) {
        self.hashes.shrink_to_fit();
        self.parts.shrink_to_fit();
        self.others.shrink_to_fit();
    }
}

/// The hash of an ETag and its parts, if writing them again gives the same ETag.
fn read(etag: &str) -> Option<([u8; 16], u16)> {
    let inside = etag.strip_prefix('"')?.strip_suffix('"')?;
    let digits = inside.as_bytes().get(..32)?;
    let parts = match &inside.as_bytes()[32..] {
        [] => 0,
        [b'-', b'1'..=b'9', ..] => inside[33..].parse().ok().filter(|parts| *parts != OTHER)?,
        _ => return None,
    };
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut hash = [0; 16];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some((hash, parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_etag_comes_back_as_it_was() {
        let hash = "0123456789abcdef0123456789abcdef";
        let all = [
            Some(format!("\"{hash}\"")),
            None,
            Some(format!("\"{hash}-2\"")),
            Some(format!("\"{hash}-02\"")),
            Some(format!("\"{hash}-65535\"")),
            Some(format!("\"{hash}-+2\"")),
            Some(format!("\"{hash}-2\u{e4}\"")),
            Some(hash.to_owned()),
            Some(format!("\"{}\"", hash.to_uppercase())),
            Some(format!("W/\"{hash}\"")),
            Some("\"\"".to_owned()),
            Some("\"".to_owned()),
            Some(String::new()),
            Some("\"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü\"".to_owned()),
        ];
        let mut etags = Etags::default();
        all.iter().for_each(|etag| etags.push(etag.as_deref()));
        for (row, etag) in all.iter().enumerate() {
            assert_eq!(etags.get(row), *etag);
        }
        assert_eq!(
            etags.others.len(),
            all.len() - 3,
            "the usual ones take no space of their own"
        );
    }
}
