//! From bytes to pixels, within limits that are checked before memory is taken.

use std::error::Error;
use std::io;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, metadata::Orientation};

use super::cost;
use super::detect::{MediaType, detect};
use super::envelope::wrapped_picture;
use super::error::MediaError;
use super::limits::{Deadline, Limits, Timed};

/// What a file may keep in memory besides its pixels: colour profiles, texts, metadata of the camera.
pub(super) const HEADER_ALLOC: usize = 16_000_000;

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

    /// The bytes, given away.
    #[must_use]
    pub fn into_rgba(self) -> Vec<u8> {
        self.rgba
    }

    /// Whether every pixel is opaque.
    #[must_use]
    pub fn is_opaque(&self) -> bool {
        self.rgba.chunks_exact(4).all(|pixel| pixel[3] == u8::MAX)
    }

    /// Whether nothing but black is to be seen, or nothing at all.
    #[must_use]
    pub fn is_black(&self) -> bool {
        self.rgba
            .chunks_exact(4)
            .all(|pixel| pixel[3] == 0 || pixel[..3].iter().all(|level| *level == 0))
    }
}

/// Reads the header only: kind and size, without decoding a pixel.
///
/// # Errors
/// If the bytes are empty, no picture that is shown here, cut off, or damaged in the header.
pub fn inspect(bytes: &[u8]) -> Result<PictureInfo, MediaError> {
    let media_type = shown_kind(bytes)?;
    let mut decoder = decoder(bytes, media_type, &Limits::default())?;
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

/// Decodes a picture, turned the way its metadata says. Of an animation the first frame. Colours are taken as sRGB, whatever
/// profile the file has.
///
/// # Errors
/// As [`inspect`], and if it exceeds a limit, which is seen before memory for the pixels is taken.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Pixels, MediaError> {
    let (decoder, media_type) = opened(bytes, limits)?;
    let size = decoder.dimensions();
    let native = decoder.total_bytes();
    // The pixels as they are in the file and as they are given out, or turned, are there at the same time.
    let given_out = area(size).saturating_mul(4).max(native);
    let memory = cost::decoding(media_type, bytes, size, native);
    let mut decoder = within(
        decoder,
        memory.saturating_add(given_out),
        memory,
        bytes,
        media_type,
        limits,
    )?;
    let orientation = orientation(&mut decoder);
    let mut picture =
        DynamicImage::from_decoder(decoder).map_err(|error| translate(error, bytes, media_type, limits))?;
    picture.apply_orientation(orientation);
    let rgba = picture.into_rgba8();
    let (width, height) = rgba.dimensions();
    Pixels::new(width, height, rgba.into_raw()).ok_or(MediaError::CutOff)
}

/// The decoder of a picture whose bytes and pixels are within the limits.
pub(super) fn opened<'a>(
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<(impl ImageDecoder + use<'a>, MediaType), MediaError> {
    let media_type = sized_kind(bytes, limits)?;
    let decoder = decoder(bytes, media_type, limits)?;
    check_pixels(decoder.dimensions(), limits)?;
    // The JPEG decoder fills what is missing with grey and says nothing.
    if media_type == MediaType::Jpeg && is_cut_off(bytes, media_type) {
        return Err(MediaError::CutOff);
    }
    Ok((decoder, media_type))
}

/// The kind of a file that is not too large.
pub(super) fn sized_kind(bytes: &[u8], limits: &Limits) -> Result<MediaType, MediaError> {
    let size = bytes.len() as u64;
    if size > limits.max_bytes {
        return Err(MediaError::TooLarge {
            size,
            most: limits.max_bytes,
        });
    }
    shown_kind(bytes)
}

pub(super) fn check_pixels((width, height): (u32, u32), limits: &Limits) -> Result<(), MediaError> {
    if area((width, height)) > limits.max_pixels {
        return Err(MediaError::TooManyPixels {
            width,
            height,
            most: limits.max_pixels,
        });
    }
    Ok(())
}

/// Pixels in all.
pub(super) fn area((width, height): (u32, u32)) -> u64 {
    u64::from(width) * u64::from(height)
}

/// Sees that the memory is allowed, and holds the decoder to its part of it.
pub(super) fn within<D: ImageDecoder>(
    mut decoder: D,
    memory: u64,
    of_decoder: u64,
    bytes: &[u8],
    media_type: MediaType,
    limits: &Limits,
) -> Result<D, MediaError> {
    if memory > limits.max_alloc {
        return Err(MediaError::TooMuchMemory { most: limits.max_alloc });
    }
    let mut most = image::Limits::default();
    most.max_alloc = Some(of_decoder);
    decoder
        .set_limits(most)
        .map_err(|error| translate(error, bytes, media_type, limits))?;
    Ok(decoder)
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

fn decoder<'a>(
    bytes: &'a [u8],
    media_type: MediaType,
    limits: &Limits,
) -> Result<impl ImageDecoder + use<'a>, MediaError> {
    let format = match media_type {
        MediaType::Png => ImageFormat::Png,
        MediaType::Jpeg => ImageFormat::Jpeg,
        MediaType::Webp => ImageFormat::WebP,
        MediaType::Gif => ImageFormat::Gif,
        other => return Err(MediaError::KindNotShown(other)),
    };
    let mut reader = ImageReader::with_format(Timed::new(bytes, Deadline::start(limits)), format);
    // Limits of our own follow, with sentences of our own; this one bounds what the header's own chunks may take.
    let mut header = image::Limits::default();
    header.max_alloc = Some(HEADER_ALLOC as u64);
    reader.limits(header);
    reader
        .into_decoder()
        .map_err(|error| translate(error, bytes, media_type, limits))
}

/// Damaged metadata is no reason not to show the picture.
pub(super) fn orientation(decoder: &mut impl ImageDecoder) -> Orientation {
    decoder.orientation().unwrap_or(Orientation::NoTransforms)
}

pub(super) fn translate(error: ImageError, bytes: &[u8], kind: MediaType, limits: &Limits) -> MediaError {
    match error {
        error if has_cause(&error, io::ErrorKind::TimedOut) => MediaError::TooSlow { most: limits.max_time },
        ImageError::Limits(_) => MediaError::TooMuchMemory { most: limits.max_alloc },
        error if has_cause(&error, io::ErrorKind::UnexpectedEof) || is_cut_off(bytes, kind) => MediaError::CutOff,
        source => MediaError::Damaged { kind, source },
    }
}

/// Whether an I/O error of this kind is at the root of an error, however deep the decoder wrapped it.
fn has_cause(error: &ImageError, kind: io::ErrorKind) -> bool {
    // `ImageError::source` steps over the I/O error itself.
    let mut cause: Option<&(dyn Error + 'static)> = match error {
        ImageError::IoError(error) => Some(error),
        other => other.source(),
    };
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == kind
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
            START_OF_SCAN => return memchr::memmem::find(&bytes[at..], &[0xff, 0xd9]).is_some(),
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    false
}

#[cfg(test)]
mod tests;
