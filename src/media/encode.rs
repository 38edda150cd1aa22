//! From pixels to bytes.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder as _};

use super::decode::Pixels;
use super::detect::MediaType;
use super::error::MediaError;

/// Writes a picture as JPEG, with `quality` from 1 to 100, as WebP or as PNG. What is transparent becomes white in a JPEG,
/// which knows no transparency.
///
/// WebP is lossless: the encoder knows no other kind, so `quality` is nothing to it, as it is nothing to PNG.
///
/// # Errors
/// [`MediaError::KindNotShown`] for any other kind, or that the encoder failed.
pub fn encode(picture: &Pixels, kind: MediaType, quality: u8) -> Result<Vec<u8>, MediaError> {
    let (width, height) = (picture.width(), picture.height());
    let mut bytes = Vec::new();
    let opaque = picture.is_opaque();
    let written = match kind {
        MediaType::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100));
            encoder.write_image(&on_white(picture), width, height, ExtendedColorType::Rgb8)
        }
        MediaType::Webp if opaque => WebPEncoder::new_lossless(&mut bytes).write_image(
            &on_white(picture),
            width,
            height,
            ExtendedColorType::Rgb8,
        ),
        MediaType::Webp => {
            WebPEncoder::new_lossless(&mut bytes).write_image(picture.rgba(), width, height, ExtendedColorType::Rgba8)
        }
        MediaType::Png => {
            let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
            if opaque {
                encoder.write_image(&on_white(picture), width, height, ExtendedColorType::Rgb8)
            } else {
                encoder.write_image(picture.rgba(), width, height, ExtendedColorType::Rgba8)
            }
        }
        other => return Err(MediaError::KindNotShown(other)),
    };
    written.map_err(|source| MediaError::Damaged { kind, source })?;
    Ok(bytes)
}

/// Three bytes a pixel, laid over white.
fn on_white(picture: &Pixels) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(picture.rgba().len() / 4 * 3);
    for pixel in picture.rgba().chunks_exact(4) {
        let alpha = u32::from(pixel[3]);
        rgb.extend(pixel[..3].iter().map(|&colour| {
            let mixed = (u32::from(colour) * alpha + 255 * (255 - alpha) + 127) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        }));
    }
    rgb
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Limits, decode, detect};

    fn gradient(alpha: bool) -> Pixels {
        let rgba = (0..64_u32 * 48)
            .flat_map(|at| {
                let (x, y) = (at % 64, at / 64);
                let a = if alpha && x < 32 { 0 } else { 255 };
                [(x * 4) as u8, (y * 5) as u8, 128, a]
            })
            .collect();
        Pixels::new(64, 48, rgba).unwrap()
    }

    #[test]
    fn what_is_written_reads_back() {
        for alpha in [false, true] {
            let picture = gradient(alpha);
            for kind in [MediaType::Png, MediaType::Webp] {
                let bytes = encode(&picture, kind, 80).unwrap();
                assert_eq!(detect(&bytes), Some(kind));
                assert_eq!(decode(&bytes, &Limits::default()).unwrap(), picture, "{kind}");
            }
            let bytes = encode(&picture, MediaType::Jpeg, 90).unwrap();
            let back = decode(&bytes, &Limits::default()).unwrap();
            assert_eq!((back.width(), back.height()), (64, 48));
            let first = &back.rgba()[..3];
            assert_eq!(
                first.iter().all(|&colour| colour > 240),
                alpha,
                "transparent is white: {first:?}"
            );
        }
    }

    #[test]
    fn quality_costs_bytes() {
        let size = |quality| encode(&gradient(false), MediaType::Jpeg, quality).unwrap().len();
        assert!(size(20) < size(80) && size(80) < size(100));
        assert!(encode(&gradient(false), MediaType::Avif, 80).is_err());
    }
}
