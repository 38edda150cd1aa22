//! A segment as bytes: columns one after the other, numbers with their least byte first, and a sum over all of it. What is
//! read is checked whole, so that a damaged or foreign one is none and never wrong rows.

use super::arena::Arena;
use super::etags::{Etags, OTHER};
use super::segment::{Columns, LARGEST, NO_SIZE, NO_WORD};

/// Says what it is and in which form.
const MAGIC: &[u8; 8] = b"SMSEG\0\0\x01";

/// The bytes of a segment of a bucket.
pub(super) fn encode(columns: &Columns, bucket: &str) -> Vec<u8> {
    let rows = columns.len();
    let text = columns.keys.text();
    let mut bytes = Vec::with_capacity(text.len() + rows * 52 + 64);
    bytes.extend_from_slice(MAGIC);
    let others = &columns.etags.others;
    for length in [rows, text.len(), columns.words.len(), others.len()] {
        number(&mut bytes, length);
    }
    bytes.extend_from_slice(text.as_bytes());
    columns
        .keys
        .starts()
        .iter()
        .for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    columns
        .sizes
        .iter()
        .for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    columns
        .modified
        .iter()
        .for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    columns
        .created
        .iter()
        .for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    columns
        .types
        .iter()
        .for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    columns
        .caches
        .iter()
        .for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    columns.etags.hashes.iter().for_each(|x| bytes.extend_from_slice(x));
    columns
        .etags
        .parts
        .iter()
        .for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
    for word in &columns.words {
        number(&mut bytes, word.len());
        bytes.extend_from_slice(word.as_bytes());
    }
    for (row, etag) in others {
        bytes.extend_from_slice(&row.to_le_bytes());
        number(&mut bytes, etag.len());
        bytes.extend_from_slice(etag.as_bytes());
    }
    let sum = sum(&bytes, bucket);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// The columns that bytes are, if they are whole and of this bucket.
pub(super) fn decode(bytes: &[u8], bucket: &str) -> Option<Columns> {
    let (bytes, expected) = bytes.split_last_chunk::<4>()?;
    if sum(bytes, bucket) != u32::from_le_bytes(*expected) {
        return None;
    }
    let mut reader = Reader(bytes.strip_prefix(MAGIC)?);
    let [rows, text, words, others] = [reader.number()?, reader.number()?, reader.number()?, reader.number()?];
    let text = std::str::from_utf8(reader.take(text)?).ok()?.to_owned();
    let starts = reader.column(rows.checked_add(1)?, u32::from_le_bytes)?;
    let columns = Columns {
        keys: Arena::from_parts(text, starts)?,
        sizes: reader.column(rows, u64::from_le_bytes)?,
        modified: reader.column(rows, i64::from_le_bytes)?,
        created: reader.column(rows, i64::from_le_bytes)?,
        types: reader.column(rows, u16::from_le_bytes)?,
        caches: reader.column(rows, u16::from_le_bytes)?,
        etags: Etags {
            hashes: reader.column(rows, |hash: [u8; 16]| hash)?,
            parts: reader.column(rows, u16::from_le_bytes)?,
            others: Vec::new(),
        },
        words: Vec::new(),
    };
    let words = (0..words).map(|_| reader.text()).collect::<Option<Vec<_>>>()?;
    let others = (0..others).map(|_| {
        let row = u32::from_le_bytes(*reader.take(4)?.first_chunk::<4>()?);
        Some((row, reader.text()?))
    });
    let others = others.collect::<Option<Vec<_>>>()?;
    let columns = Columns {
        words,
        etags: Etags {
            others,
            ..columns.etags
        },
        ..columns
    };
    (reader.0.is_empty() && is_right(&columns)).then_some(columns)
}

/// Whether every place is one that there is, and all is in order.
fn is_right(columns: &Columns) -> bool {
    let words = columns.words.len();
    let is_word = |place: &u16| *place == NO_WORD || usize::from(*place) < words;
    let rows = columns.len();
    let is_size = |size: &u64| *size <= LARGEST || *size == NO_SIZE;
    let others = &columns.etags.others;
    let is_other = |(row, _): &(u32, Box<str>)| columns.etags.parts.get(*row as usize) == Some(&OTHER);
    rows > 0
        && (1..rows).all(|row| columns.keys.get(row - 1) < columns.keys.get(row))
        && columns.sizes.iter().all(is_size)
        && columns.types.iter().all(is_word)
        && columns.caches.iter().all(is_word)
        && others.iter().all(is_other)
        && others.windows(2).all(|pair| pair[0].0 < pair[1].0)
}

fn sum(bytes: &[u8], bucket: &str) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(bucket.as_bytes());
    sum.update(bytes);
    sum.finalize()
}

fn number(bytes: &mut Vec<u8>, number: usize) {
    // Segments are far smaller: their places are 32 bits wide.
    bytes.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, many: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(many)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let number = u32::from_le_bytes(*self.take(4)?.first_chunk::<4>()?);
        usize::try_from(number).ok()
    }

    fn text(&mut self) -> Option<Box<str>> {
        let length = self.number()?;
        Some(std::str::from_utf8(self.take(length)?).ok()?.into())
    }

    fn column<T, const WIDE: usize>(&mut self, many: usize, read: impl Fn([u8; WIDE]) -> T) -> Option<Vec<T>> {
        let (values, rest) = self.take(many.checked_mul(WIDE)?)?.as_chunks::<WIDE>();
        rest.is_empty()
            .then(|| values.iter().map(|value| read(*value)).collect())
    }
}
