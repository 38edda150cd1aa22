//! What is written into a picture beside its pixels: notes of the programs that made it, and whether it is signed. Read from PNG,
//! JPEG and WebP; written into PNG, and only into what nobody has signed.
//!
//! Formats: PNG 3rd edition, 11.3.3 (tEXt, zTXt, iTXt); XMP specification part 3; C2PA 2.1, A.3 (`caBX` of PNG, APP11 of
//! JPEG, the `C2PA` chunk of WebP).

use std::io::Read as _;

use super::detect::{MediaType, detect};
use super::xmp;

/// Notes that are read of one picture at most.
const NOTES_MAX: usize = 64;
/// Bytes of one note, unpacked; what is longer is cut.
const NOTE_MAX: usize = 256 << 10;
/// Chunks that are stepped over at most: a hostile file is given up.
const CHUNKS_MAX: usize = 65_536;

/// The keyword of this program's own record in a PNG.
pub const PROVENANCE_KEYWORD: &str = "storymimi:provenance";
/// The keyword of an XMP packet in a PNG.
pub const XMP_KEYWORD: &str = "XML:com.adobe.xmp";

/// What is written in a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Keyword and text, in the order of the file; without the XMP packet.
    pub texts: Vec<(String, String)>,
    /// The XMP packet, as it is.
    pub xmp: Option<String>,
    /// Whether it carries a C2PA manifest: any change of its bytes breaks the signature.
    pub is_signed: bool,
}

impl Notes {
    /// The first text under a keyword.
    #[must_use]
    pub fn text(&self, keyword: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(name, _)| name == keyword);
        found.map(|(_, text)| text.as_str())
    }

    /// What the picture says it shows (`Iptc4xmpCore:AltTextAccessibility`).
    #[must_use]
    pub fn alt_text(&self) -> Option<String> {
        xmp::alt_text(self.xmp.as_deref()?)
    }

    /// What kind of source the picture says it has (`Iptc4xmpExt:DigitalSourceType`), a URI of IPTC's vocabulary.
    #[must_use]
    pub fn source_type(&self) -> Option<String> {
        xmp::source_type(self.xmp.as_deref()?)
    }

    fn add(&mut self, keyword: &str, text: String) {
        if keyword == XMP_KEYWORD {
            self.xmp.get_or_insert(text);
        } else if self.texts.len() < NOTES_MAX && !keyword.is_empty() {
            self.texts.push((keyword.to_owned(), text));
        }
    }
}

/// Reads what is written in a picture. A damaged one says what can still be read of it.
#[must_use]
pub fn notes(bytes: &[u8]) -> Notes {
    let mut notes = Notes::default();
    match detect(bytes) {
        Some(MediaType::Png) => read_png(bytes, &mut notes),
        Some(MediaType::Jpeg) => read_jpeg(bytes, &mut notes),
        Some(MediaType::Webp) => read_webp(bytes, &mut notes),
        _ => {}
    }
    notes
}

/// The same PNG with texts in it, in front of its pixels. None if it is no PNG, if a keyword is none (1 to 79 letters of
/// Latin-1), or if it is signed: a signed picture is not touched.
#[must_use]
pub fn with_texts(png: &[u8], texts: &[(&str, &str)]) -> Option<Vec<u8>> {
    if detect(png) != Some(MediaType::Png) || notes(png).is_signed {
        return None;
    }
    let header = chunk(png, 8).filter(|header| header.name == *b"IHDR")?;
    let mut added = Vec::new();
    for (keyword, text) in texts {
        let is_keyword = (1..80).contains(&keyword.len()) && keyword.bytes().all(|byte| (32..127).contains(&byte));
        if !is_keyword || text.contains('\0') {
            return None;
        }
        // Keyword, not compressed, no language, no translated keyword.
        let mut data = Vec::with_capacity(keyword.len() + text.len() + 5);
        data.extend_from_slice(keyword.as_bytes());
        data.extend_from_slice(&[0; 5]);
        data.extend_from_slice(text.as_bytes());
        let length = u32::try_from(data.len()).ok().filter(|length| *length < 1 << 31)?;
        added.extend_from_slice(&length.to_be_bytes());
        let start = added.len();
        added.extend_from_slice(b"iTXt");
        added.extend_from_slice(&data);
        let sum = crc32fast::hash(&added[start..]);
        added.extend_from_slice(&sum.to_be_bytes());
    }
    let mut bytes = Vec::with_capacity(png.len() + added.len());
    bytes.extend_from_slice(&png[..header.next]);
    bytes.extend_from_slice(&added);
    bytes.extend_from_slice(&png[header.next..]);
    Some(bytes)
}

/// A chunk of a PNG.
struct Chunk<'a> {
    name: [u8; 4],
    data: &'a [u8],
    next: usize,
}

fn chunk(bytes: &[u8], at: usize) -> Option<Chunk<'_>> {
    let head: &[u8; 8] = bytes.get(at..at.checked_add(8)?)?.first_chunk()?;
    let [a, b, c, d, name @ ..] = *head;
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?;
    let end = (at + 8).checked_add(length)?;
    let data = bytes.get(at + 8..end)?;
    let next = end.checked_add(4).filter(|next| *next <= bytes.len())?;
    Some(Chunk { name, data, next })
}

fn read_png(bytes: &[u8], notes: &mut Notes) {
    let mut at = 8;
    for _ in 0..CHUNKS_MAX {
        let Some(chunk) = chunk(bytes, at) else { return };
        match &chunk.name {
            b"caBX" => notes.is_signed = true,
            b"IEND" => return,
            b"tEXt" | b"zTXt" | b"iTXt" => {
                if let Some((keyword, text)) = png_text(&chunk) {
                    notes.add(&keyword, text);
                }
            }
            _ => {}
        }
        at = chunk.next;
    }
}

fn png_text(chunk: &Chunk<'_>) -> Option<(String, String)> {
    let (keyword, rest) = split_zero(chunk.data)?;
    if keyword.is_empty() || keyword.len() > 79 {
        return None;
    }
    let keyword = latin(keyword);
    let text = match &chunk.name {
        b"tEXt" => latin(cut(rest)),
        b"zTXt" => latin(&unpacked(rest.split_first().filter(|(method, _)| **method == 0)?.1)),
        _ => {
            let [flag, method, rest @ ..] = rest else { return None };
            let (_language, rest) = split_zero(rest)?;
            let (_translated, rest) = split_zero(rest)?;
            match (flag, method) {
                (0, _) => lossy(cut(rest)),
                (1, 0) => lossy(&unpacked(rest)),
                _ => return None,
            }
        }
    };
    Some((keyword, text))
}

fn split_zero(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(0, bytes)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

fn cut(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(NOTE_MAX)]
}

fn latin(bytes: &[u8]) -> String {
    // Programs write UTF-8 where Latin-1 is asked for.
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What of a packed note can be unpacked, and no more than a note may have.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    // A note that ends too early is as much of it as there is.
    let _ = flate2::read::ZlibDecoder::new(bytes)
        .take(NOTE_MAX as u64)
        .read_to_end(&mut text);
    text
}

fn read_jpeg(bytes: &[u8], notes: &mut Notes) {
    const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
    let mut at = 2_usize;
    for _ in 0..CHUNKS_MAX {
        let Some(&[0xff, marker, high, low]) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else {
            return;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        match marker {
            // Fill bytes may stand before a marker.
            0xff => {
                at += 1;
                continue;
            }
            // The picture begins, or ends.
            0xda | 0xd9 => return,
            _ if length < 2 => return,
            _ => {}
        }
        let Some(data) = bytes.get(at + 4..at + 2 + length) else {
            return;
        };
        match marker {
            0xe1 if data.starts_with(XMP) => notes.add(XMP_KEYWORD, lossy(&data[XMP.len()..])),
            0xeb => notes.is_signed |= data.starts_with(b"JP") && memchr::memmem::find(data, b"c2pa").is_some(),
            0xfe => notes.add("Comment", latin(data)),
            _ => {}
        }
        at += 2 + length;
    }
}

fn read_webp(bytes: &[u8], notes: &mut Notes) {
    let mut at = 12_usize;
    for _ in 0..CHUNKS_MAX {
        let Some(&[n0, n1, n2, n3, a, b, c, d]) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else {
            return;
        };
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let Some(data) = (at + 8).checked_add(length).and_then(|end| bytes.get(at + 8..end)) else {
            return;
        };
        match &[n0, n1, n2, n3] {
            b"XMP " => notes.add(XMP_KEYWORD, lossy(cut(data))),
            b"C2PA" => notes.is_signed = true,
            _ => {}
        }
        at += 8 + length + (length & 1);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::media::{Limits, Pixels, decode, encode};

    fn png() -> Vec<u8> {
        encode(
            &Pixels::new(2, 1, vec![1, 2, 3, 255, 4, 5, 6, 255]).unwrap(),
            MediaType::Png,
            0,
        )
        .unwrap()
    }

    fn with_chunk(png: &[u8], name: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let mut chunk = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
        chunk.extend_from_slice(name);
        chunk.extend_from_slice(data);
        let sum = crc32fast::hash(&chunk[4..]);
        chunk.extend_from_slice(&sum.to_be_bytes());
        let mut bytes = png.to_vec();
        bytes.splice(33..33, chunk);
        bytes
    }

    #[test]
    fn what_is_written_is_read_and_the_pixels_stay() {
        let plain = png();
        let packet = xmp::packet(Some("A fox & a <star>"), Some("http://cv.iptc.org/x"));
        let marked = with_texts(&plain, &[("storymimi", "{\"ö\":1}"), (XMP_KEYWORD, &packet)]).unwrap();
        let notes = notes(&marked);
        assert_eq!(notes.text("storymimi"), Some("{\"ö\":1}"));
        assert_eq!(notes.alt_text().as_deref(), Some("A fox & a <star>"));
        assert_eq!(notes.source_type().as_deref(), Some("http://cv.iptc.org/x"));
        let limits = Limits::default();
        assert_eq!(decode(&marked, &limits).unwrap(), decode(&plain, &limits).unwrap());
    }

    #[test]
    fn every_kind_of_text_is_read() {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all("Möhre".as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        let mut bytes = with_chunk(&png(), b"tEXt", b"parameters\0a fox\nSteps: 4");
        bytes = with_chunk(&bytes, b"zTXt", &[b"prompt\0\0", &packed[..]].concat());
        bytes = with_chunk(&bytes, b"iTXt", &[b"workflow\0\x01\0de\0\0", &packed[..]].concat());
        bytes = with_chunk(&bytes, b"tEXt", b"latin\0M\xf6hre");
        let notes = notes(&bytes);
        for (keyword, text) in [
            ("parameters", "a fox\nSteps: 4"),
            ("prompt", "Möhre"),
            ("workflow", "Möhre"),
            ("latin", "Möhre"),
        ] {
            assert_eq!(notes.text(keyword), Some(text), "{keyword}");
        }
    }

    #[test]
    fn a_bomb_is_cut_and_a_crowd_is_not_taken_in() {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(&vec![b'a'; 64 << 20]).unwrap();
        let packed = packed.finish().unwrap();
        let mut bytes = with_chunk(&png(), b"zTXt", &[b"bomb\0\0", &packed[..]].concat());
        for _ in 0..100 {
            bytes = with_chunk(&bytes, b"tEXt", b"k\0v");
        }
        let notes = notes(&bytes);
        assert_eq!(notes.texts.len(), NOTES_MAX);
        assert!(notes.texts.iter().all(|(_, text)| text.len() <= NOTE_MAX));
    }

    #[test]
    fn what_is_signed_is_known_and_not_touched() {
        let signed = with_chunk(&png(), b"caBX", b"jumb");
        assert!(notes(&signed).is_signed);
        assert_eq!(with_texts(&signed, &[("a", "b")]), None);
        let jpeg = encode(&Pixels::new(1, 1, vec![9; 4]).unwrap(), MediaType::Jpeg, 80).unwrap();
        assert!(!notes(&jpeg).is_signed);
        let mut signed = jpeg.clone();
        signed.splice(2..2, *b"\xff\xeb\x00\x12JP\0\0\0\0\0\x10jumbc2pa");
        assert!(notes(&signed).is_signed);
        assert_eq!(with_texts(&jpeg, &[("a", "b")]), None, "only PNG is written");
    }

    #[test]
    fn keywords_that_are_none_are_refused() {
        for keyword in ["", "ö", "a\nb", &"k".repeat(80)] {
            assert_eq!(with_texts(&png(), &[(keyword, "x")]), None, "{keyword:?}");
        }
        assert_eq!(with_texts(&png(), &[("a", "x\0y")]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(
            kind in 0..3_usize, bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..300_usize, len in any::<u32>(),
        ) {
            let mut whole = match kind {
                0 => png(),
                1 => b"\xff\xd8\xff\xe1\x00\x04ab".to_vec(),
                _ => b"RIFF\0\0\0\0WEBPXMP \x02\0\0\0ab".to_vec(),
            };
            let at = at.min(whole.len());
            whole.splice(at..at, bytes.into_iter().chain(len.to_be_bytes()));
            let _ = notes(&whole);
            if let Some(marked) = with_texts(&whole, &[("k", "v")]) {
                let read = notes(&marked);
                prop_assert_eq!(read.text("k"), Some("v"));
            }
        }
    }
}
