//! Where a picture was taken: cameras write it into the file, beside the pixels. Found and removed here without touching a
//! pixel and without changing the length of anything.
//!
//! Known are Exif (JPEG, PNG, WebP) and XMP, as cameras and phones write them: the GPS directory of Exif 2.32, 4.6.6, and
//! the properties `exif:GPS…` of XMP part 2. What is written elsewhere (the place's name in IPTC, in a caption, or in a
//! video that a phone puts behind the picture) is not looked for.

use std::io::{self, Read, Seek, SeekFrom};

use super::detect::{MediaType, detect};

/// A block of metadata is not looked into beyond this.
const BLOCK_MAX: u64 = 16 << 20;
/// What TIFF calls the directory with the place.
const GPS_DIRECTORY: u16 = 0x8825;
/// Entries of a directory that are looked at; cameras write fewer than a hundred.
const ENTRIES_MAX: u16 = 4_096;

/// Whether a file of a kind that is looked into says where it was taken. Only its metadata is read. Blocks.
///
/// # Errors
/// If it cannot be read. Damaged files say nothing.
pub fn has_location(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut head = [0; 64];
    file.seek(SeekFrom::Start(0))?;
    let read = read_some(file, &mut head)?;
    let found = match detect(&head[..read]) {
        Some(MediaType::Jpeg) => {
            let mut found = false;
            let end = jpeg(file, &mut |block| {
                found |= block_has_location(block);
                !found
            })?;
            // Further pictures may lie behind the first one; each has its own metadata.
            if !found && end.is_some_and(|end| end.has_more) {
                let mut all = Vec::new();
                file.seek(SeekFrom::Start(0))?;
                file.take(super::Limits::default().max_bytes).read_to_end(&mut all)?;
                found = blocks_anywhere(&all).any(|at| block_has_location(&all[at..]));
            }
            found
        }
        Some(MediaType::Png) => {
            let mut found = false;
            png(file, &mut |name, data| {
                found |= png_chunk_has_location(name, data);
                !found
            })?;
            found
        }
        Some(MediaType::Webp) => {
            let mut found = false;
            webp(file, &mut |name, data| {
                found |= matches!(name, b"EXIF" | b"XMP ") && block_has_location(data);
                !found
            })?;
            found
        }
        _ => false,
    };
    Ok(found)
}

/// Removes from a picture where it was taken; says whether anything was removed. The length stays the same.
pub fn remove_location(bytes: &mut [u8]) -> bool {
    match detect(bytes) {
        Some(MediaType::Jpeg) => {
            let places: Vec<usize> = blocks_anywhere(bytes).collect();
            places
                .into_iter()
                .fold(false, |any, at| clear_block(&mut bytes[at..]) | any)
        }
        Some(MediaType::Webp) => {
            let mut any = false;
            let mut at = 12_usize;
            while let Some((name, data)) = riff_chunk(bytes, at) {
                if matches!(&name, b"EXIF" | b"XMP ") {
                    any |= clear_block(&mut bytes[data.clone()]);
                }
                at = data.end + (data.end & 1);
            }
            any
        }
        Some(MediaType::Png) => {
            let mut any = false;
            let mut at = 8_usize;
            while let Some((name, data)) = png_chunk(bytes, at) {
                if clear_png_chunk(&name, &mut bytes[data.clone()]) {
                    any = true;
                    let sum = crc(&bytes[data.start - 4..data.end]);
                    if let Some(place) = bytes.get_mut(data.end..data.end + 4) {
                        place.copy_from_slice(&sum.to_be_bytes());
                    }
                }
                at = data.end + 4;
            }
            any
        }
        _ => false,
    }
}

fn read_some(file: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads a block of so many bytes, or what there is of it.
fn block(file: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    file.take(length.min(BLOCK_MAX)).read_to_end(&mut data)?;
    Ok(data)
}

/// How the segments of a JPEG end.
struct JpegEnd {
    /// Whether it says that there are more pictures in the file.
    has_more: bool,
}

/// Hands on the metadata of a JPEG, until the picture itself begins or nobody wants more.
fn jpeg(file: &mut (impl Read + Seek), take: &mut dyn FnMut(&[u8]) -> bool) -> io::Result<Option<JpegEnd>> {
    const APP1: u8 = 0xe1;
    const APP2: u8 = 0xe2;
    let mut at = 2_u64;
    let mut has_more = false;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 4];
        if read_some(file, &mut head)? < 4 || head[0] != 0xff {
            return Ok(None);
        }
        let (marker, length) = (head[1], u64::from(u16::from_be_bytes([head[2], head[3]])));
        match marker {
            // Fill bytes may stand before a marker.
            0xff => at += 1,
            0xda => return Ok(Some(JpegEnd { has_more })),
            0xd9 => return Ok(None),
            _ if length < 2 => return Ok(None),
            APP1 | APP2 => {
                let data = block(file, length - 2)?;
                has_more |= marker == APP2 && data.starts_with(b"MPF\0");
                if marker == APP1 && !take(&data) {
                    return Ok(None);
                }
                at += 2 + length;
            }
            _ => at += 2 + length,
        }
    }
}

/// Where metadata begins in a JPEG and in all pictures behind it.
fn blocks_anywhere(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let exif = memchr::memmem::find_iter(bytes, b"Exif\0\0");
    let xmp = memchr::memmem::find_iter(bytes, b"http://ns.adobe.com/xap/1.0/\0");
    let extended = memchr::memmem::find_iter(bytes, b"http://ns.adobe.com/xmp/extension/\0");
    exif.chain(xmp).chain(extended)
}

fn png(file: &mut (impl Read + Seek), take: &mut dyn FnMut(&[u8; 4], &[u8]) -> bool) -> io::Result<()> {
    let mut at = 8_u64;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        if read_some(file, &mut head)? < 8 {
            return Ok(());
        }
        let [a, b, c, d, name @ ..] = head;
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        if matches!(&name, b"eXIf" | b"iTXt" | b"tEXt" | b"zTXt") && !take(&name, &block(file, length)?) {
            return Ok(());
        }
        at += 12 + length;
    }
}

fn webp(file: &mut (impl Read + Seek), take: &mut dyn FnMut(&[u8; 4], &[u8]) -> bool) -> io::Result<()> {
    let mut at = 12_u64;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        if read_some(file, &mut head)? < 8 {
            return Ok(());
        }
        let [n0, n1, n2, n3, a, b, c, d] = head;
        let (name, length) = ([n0, n1, n2, n3], u64::from(u32::from_le_bytes([a, b, c, d])));
        if matches!(&name, b"EXIF" | b"XMP ") && !take(&name, &block(file, length)?) {
            return Ok(());
        }
        at += 8 + length + (length & 1);
    }
}

fn png_chunk(bytes: &[u8], at: usize) -> Option<([u8; 4], std::ops::Range<usize>)> {
    let length = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize;
    let name = bytes.get(at + 4..at + 8)?.try_into().ok()?;
    let end = (at + 8).checked_add(length).filter(|end| *end <= bytes.len())?;
    Some((name, at + 8..end))
}

fn riff_chunk(bytes: &[u8], at: usize) -> Option<([u8; 4], std::ops::Range<usize>)> {
    let name = bytes.get(at..at + 4)?.try_into().ok()?;
    let length = u32::from_le_bytes(bytes.get(at + 4..at + 8)?.try_into().ok()?) as usize;
    let end = (at + 8).checked_add(length).filter(|end| *end <= bytes.len())?;
    Some((name, at + 8..end))
}

/// The text chunks of PNG that hold metadata of photographs: XMP as such, and Exif as ImageMagick writes it, in digits.
fn is_profile(data: &[u8]) -> bool {
    [
        &b"Raw profile type exif\0"[..],
        b"Raw profile type APP1\0",
        b"Raw profile type xmp\0",
    ]
    .iter()
    .any(|name| data.starts_with(name))
}

fn is_packed_xmp(data: &[u8]) -> bool {
    // Keyword, then the flag of compression.
    data.starts_with(b"XML:com.adobe.xmp\0") && data.get(18) == Some(&1)
}

fn png_chunk_has_location(name: &[u8; 4], data: &[u8]) -> bool {
    match name {
        b"eXIf" => block_has_location(data),
        // What is packed is not unpacked to look: it is removed as a whole.
        _ => is_profile(data) || is_packed_xmp(data) || block_has_location(data),
    }
}

fn clear_png_chunk(name: &[u8; 4], data: &mut [u8]) -> bool {
    match name {
        b"eXIf" => clear_block(data),
        b"iTXt" | b"tEXt" | b"zTXt" if is_profile(data) || is_packed_xmp(data) => {
            // The keyword becomes one that says nothing, and the rest an empty text: chunks may not be cut out without
            // moving what is behind them.
            let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
            data[..end].fill(b'x');
            if let Some(rest) = data.get_mut(end + 1..) {
                rest.fill(0);
            }
            true
        }
        b"iTXt" => clear_block(data),
        _ => false,
    }
}

fn block_has_location(data: &[u8]) -> bool {
    tiff_of(data).is_some_and(|tiff| !gps_entries(&data[tiff..]).is_empty()) || xmp_places(data).next().is_some()
}

fn clear_block(data: &mut [u8]) -> bool {
    let mut any = false;
    if let Some(tiff) = tiff_of(data) {
        any |= clear_tiff(&mut data[tiff..]);
    }
    let places: Vec<_> = xmp_places(data).collect();
    for place in places {
        any = true;
        data[place].fill(b' ');
    }
    any
}

/// Where the TIFF of a block begins: behind `Exif\0\0`, or at once.
fn tiff_of(data: &[u8]) -> Option<usize> {
    let at = if data.starts_with(b"Exif\0\0") { 6 } else { 0 };
    let head = data.get(at..at + 4)?;
    matches!(head, b"II*\0" | b"MM\0*").then_some(at)
}

/// Reads numbers of a TIFF in its own order of bytes.
#[derive(Clone, Copy)]
struct Numbers<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl<'a> Numbers<'a> {
    fn of(tiff: &'a [u8]) -> Self {
        Self {
            bytes: tiff,
            little: tiff.first() == Some(&b'I'),
        }
    }

    fn u16(self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn u32(self, at: usize) -> Option<usize> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        let number = if self.little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        };
        usize::try_from(number).ok()
    }
}

/// Where in the first directory the entries are that lead to a place, with where they lead.
fn gps_entries(tiff: &[u8]) -> Vec<(usize, usize)> {
    let numbers = Numbers::of(tiff);
    let find = || -> Option<Vec<(usize, usize)>> {
        let directory = numbers.u32(4)?;
        let count = numbers.u16(directory)?.min(ENTRIES_MAX);
        let mut found = Vec::new();
        for entry in 0..usize::from(count) {
            let at = directory.checked_add(2 + entry * 12)?;
            let Some(tag) = numbers.u16(at) else { break };
            if tag == GPS_DIRECTORY
                && let Some(to) = numbers.u32(at + 8)
                && numbers.u16(to).is_some_and(|count| count > 0)
            {
                found.push((at, to));
            }
        }
        Some(found)
    };
    find().unwrap_or_default()
}

/// Empties the directories with a place, and what their entries lead to.
fn clear_tiff(tiff: &mut [u8]) -> bool {
    let found = gps_entries(tiff);
    for (_, directory) in &found {
        let numbers = Numbers::of(tiff);
        let count = usize::from(numbers.u16(*directory).unwrap_or(0).min(ENTRIES_MAX));
        let mut places = Vec::new();
        for entry in 0..count {
            let at = directory + 2 + entry * 12;
            let (Some(kind), Some(values)) = (numbers.u16(at + 2), numbers.u32(at + 4)) else {
                break;
            };
            let length = values.saturating_mul(width_of(kind));
            if length > 4
                && let Some(to) = numbers.u32(at + 8)
            {
                places.push((to, length));
            }
            places.push((at, 12));
        }
        // A directory without entries says nothing; the pointer to it may stay, so that nothing has to move.
        places.push((*directory, 2));
        for (at, length) in places {
            // The header is nobody's value, whatever a damaged or hostile entry says.
            let end = at.saturating_add(length).min(tiff.len());
            if let Some(place) = tiff.get_mut(at.max(8)..end) {
                place.fill(0);
            }
        }
    }
    !found.is_empty()
}

/// Bytes of a value, by its type.
fn width_of(kind: u16) -> usize {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 => 4,
        5 | 10 | 12 => 8,
        _ => 1,
    }
}

/// What an XMP text says of a place: attributes `exif:GPS…="…"` and elements `<exif:GPS…>…</exif:GPS…>`, as a whole, so that
/// what is left is still well formed when it becomes spaces.
fn xmp_places(data: &[u8]) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    const NAME: &[u8] = b"exif:GPS";
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let found = at + memchr::memmem::find(data.get(at..)?, NAME)?;
            let place = element(data, found).or_else(|| attribute(data, found));
            at = place.as_ref().map_or(found + NAME.len(), |place| place.end);
            // What was removed already is not found, and what means something else is stepped over.
            if place.is_some() {
                return place;
            }
        }
    })
}

fn name_end(data: &[u8], start: usize) -> usize {
    let length = data[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.'))
        .count();
    start + length
}

fn attribute(data: &[u8], start: usize) -> Option<std::ops::Range<usize>> {
    let space = |at: usize| at + data[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let equals = space(name_end(data, start));
    (data.get(equals) == Some(&b'=')).then_some(())?;
    let open = space(equals + 1);
    let quote = *data.get(open).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let close = open + 1 + memchr::memchr(quote, data.get(open + 1..)?)?;
    Some(start..close + 1)
}

fn element(data: &[u8], start: usize) -> Option<std::ops::Range<usize>> {
    let open = start.checked_sub(1).filter(|at| data[*at] == b'<')?;
    let name = &data[start..name_end(data, start)];
    let end_of_tag = start + memchr::memchr(b'>', &data[start..])?;
    if data[end_of_tag - 1] == b'/' {
        return Some(open..end_of_tag + 1);
    }
    let close = [b"</", name, b">"].concat();
    let at = end_of_tag + memchr::memmem::find(&data[end_of_tag..], &close)?;
    Some(open..at + close.len())
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests;
