//! From bytes to pixels, within limits that are checked before memory is taken.

use std::error::Error;
use std::io::{self, Cursor};

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, metadata::Orientation};

use super::detect::{MediaType, detect};
use super::envelope::wrapped_picture;
use super::error::MediaError;

/// How much a picture may cost to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub max_bytes: u64,
    /// Pixels, width times height.
    pub max_pixels: u64,
    /// Bytes of memory while decoding, the pixels included.
    pub max_alloc: u64,
}

impl Default for Limits {
    /// 64 megapixels, which no picture of a story comes near and a bomb exceeds; 64 MB of file; memory for the pixels at
    /// 8 bytes each.
    fn default() -> Self {
        Self {
            max_bytes: 64_000_000,
            max_pixels: 64_000_000,
            max_alloc: 512_000_000,
        }
    }
}

/// What the header of a picture says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureInfo {
    /// By content.
    pub media_type: MediaType,
    /// Pixels across, as shown (a rotation in the metadata is applied).
    pub width: u32,
    /// Pixels down, as shown.
    pub height: u32,
    /// Whether pixels may be transparent.
    pub has_alpha: bool,
}

/// A decoded picture: RGBA, 8 bits each, straight alpha, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

impl Pixels {
    /// Takes pixels that were made elsewhere. `None` if there are not exactly four bytes for each.
    #[must_use]
    pub fn new(width: u32, height: u32, rgba: Vec<u8>) -> Option<Self> {
        let expected = u64::from(width) * u64::from(height) * 4;
        (expected > 0 && rgba.len() as u64 == expected).then_some(Self { width, height, rgba })
    }

    /// Pixels across, at least 1.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Pixels down, at least 1.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The bytes, four for each pixel.
    #[must_use]
    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    /// Whether every pixel is opaque.
    #[must_use]
    pub fn is_opaque(&self) -> bool {
        self.rgba.chunks_exact(4).all(|pixel| pixel[3] == u8::MAX)
    }
}

/// Reads the header only: kind and size, without decoding a pixel.
///
/// # Errors
/// If the bytes are empty, no picture that is shown here, cut off, or damaged in the header.
pub fn inspect(bytes: &[u8]) -> Result<PictureInfo, MediaError> {
    let media_type = shown_kind(bytes)?;
    let mut decoder = decoder(bytes, media_type)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(MediaError::CutOff);
    }
    let has_alpha = decoder.color_type().has_alpha();
    let (width, height) = match orientation(&mut decoder) {
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH => {
            (height, width)
        }
        _ => (width, height),
    };
    Ok(PictureInfo {
        media_type,
        width,
        height,
        has_alpha,
    })
}

/// Decodes a picture, turned the way its metadata says. Of an animation the first frame.
///
/// # Errors
/// As [`inspect`], and if it exceeds a limit, which is seen before memory for the pixels is taken.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Pixels, MediaError> {
    let size = bytes.len() as u64;
    if size > limits.max_bytes {
        return Err(MediaError::TooLarge {
            size,
            most: limits.max_bytes,
        });
    }
    let media_type = shown_kind(bytes)?;
    let mut decoder = decoder(bytes, media_type)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.max_pixels {
        return Err(MediaError::TooManyPixels {
            width,
            height,
            most: limits.max_pixels,
        });
    }
    let memory = pixels.saturating_mul(4).saturating_add(decoder.total_bytes());
    if memory > limits.max_alloc {
        return Err(MediaError::TooMuchMemory { most: limits.max_alloc });
    }
    // The JPEG decoder fills what is missing with grey and says nothing.
    if media_type == MediaType::Jpeg && is_cut_off(bytes, media_type) {
        return Err(MediaError::CutOff);
    }
    let translate = |error| translate(error, bytes, media_type, limits);
    let mut memory = image::Limits::default();
    memory.max_alloc = Some(limits.max_alloc);
    decoder.set_limits(memory).map_err(translate)?;
    let orientation = orientation(&mut decoder);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(translate)?;
    picture.apply_orientation(orientation);
    let rgba = picture.into_rgba8();
    let (width, height) = rgba.dimensions();
    Pixels::new(width, height, rgba.into_raw()).ok_or(MediaError::CutOff)
}

/// The kind, if it is one that is decoded here.
pub(super) fn shown_kind(bytes: &[u8]) -> Result<MediaType, MediaError> {
    if bytes.is_empty() {
        return Err(MediaError::Empty);
    }
    match detect(bytes) {
        Some(kind) if kind.is_picture_we_show() => Ok(kind),
        Some(kind) if kind.is_picture() => Err(MediaError::KindNotShown(kind)),
        Some(kind) => Err(MediaError::NotAPicture(kind)),
        None if wrapped_picture(bytes).is_some() => Err(MediaError::Wrapped),
        None => Err(MediaError::Unknown),
    }
}

fn decoder(bytes: &[u8], media_type: MediaType) -> Result<impl ImageDecoder + '_, MediaError> {
    let format = match media_type {
        MediaType::Png => ImageFormat::Png,
        MediaType::Jpeg => ImageFormat::Jpeg,
        MediaType::Webp => ImageFormat::WebP,
        MediaType::Gif => ImageFormat::Gif,
        other => return Err(MediaError::KindNotShown(other)),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    // Limits of our own follow, with sentences of our own; this one bounds what the header's own chunks may take.
    let mut header = image::Limits::default();
    header.max_alloc = Some(Limits::default().max_alloc);
    reader.limits(header);
    reader
        .into_decoder()
        .map_err(|error| translate(error, bytes, media_type, &Limits::default()))
}

/// Damaged metadata is no reason not to show the picture.
fn orientation(decoder: &mut impl ImageDecoder) -> Orientation {
    decoder.orientation().unwrap_or(Orientation::NoTransforms)
}

fn translate(error: ImageError, bytes: &[u8], kind: MediaType, limits: &Limits) -> MediaError {
    match error {
        ImageError::Limits(_) => MediaError::TooMuchMemory { most: limits.max_alloc },
        error if ends_early(&error) || is_cut_off(bytes, kind) => MediaError::CutOff,
        source => MediaError::Damaged { kind, source },
    }
}

/// Whether "unexpected end of file" is at the root of an error, however deep the decoder wrapped it.
fn ends_early(error: &ImageError) -> bool {
    // `ImageError::source` steps over the I/O error itself.
    let mut cause: Option<&(dyn Error + 'static)> = match error {
        ImageError::IoError(error) => Some(error),
        other => other.source(),
    };
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::UnexpectedEof
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Whether the kind's own framing says that bytes are missing at the end. Known for JPEG and
/// GIF (end marker) and WebP (length); PNG's decoder tells by itself.
fn is_cut_off(bytes: &[u8], kind: MediaType) -> bool {
    match kind {
        MediaType::Jpeg => !jpeg_is_complete(bytes),
        MediaType::Webp => bytes
            .get(4..8)
            .and_then(|length| length.try_into().ok())
            .is_none_or(|length| u64::from(u32::from_le_bytes(length)) + 8 > bytes.len() as u64),
        MediaType::Gif => bytes.last() != Some(&b';'),
        _ => false,
    }
}

/// Whether the end marker follows the first scan. Segments are skipped by their length, because an embedded preview has an end
/// marker of its own; inside a scan `FF D9` is nothing else.
fn jpeg_is_complete(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        match marker {
            // Fill bytes may stand before a marker.
            0xff => at += 1,
            START_OF_SCAN => return bytes[at..].windows(2).any(|pair| pair == [0xff, 0xd9]),
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    false
}

#[cfg(test)]
mod tests;
