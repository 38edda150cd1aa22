//! A picture made anew so that a bucket takes it: of another kind, and no larger than so many bytes.

use super::decode::{Pixels, decode};
use super::detect::MediaType;
use super::encode::encode;
use super::error::MediaError;
use super::limits::Limits;
use super::transform::{Fit, Resize, resize};

/// The quality of JPEGs that are made: no difference is seen at the size that they are shown in.
const QUALITY: u8 = 88;
/// As good as it gets before pixels are given up.
const LOW_QUALITY: u8 = 76;
/// How often a size is tried. Each try is smaller than the one before, so that there is an end.
const TRIES: usize = 8;
/// A picture is not made smaller than this on its longer side: nobody would know it again.
const SMALLEST: u32 = 64;

/// A picture that was made anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refitted {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Pixels across and down.
    pub dimensions: (u32, u32),
}

/// Writes a picture as `kind`, with as many of its pixels as go into `most` bytes. Of an animation the first frame; what the
/// file says besides the pixels (where and with what it was taken) does not come along.
///
/// # Errors
/// As [`decode`] and [`encode`]; [`MediaError::LargerThanBucket`] if not even a very small one goes into so many bytes.
pub fn refit(bytes: &[u8], kind: MediaType, most: Option<u64>) -> Result<Refitted, MediaError> {
    let whole = decode(bytes, &Limits::default())?;
    let first = written(&whole, kind, QUALITY)?;
    let Some(most) = most.filter(|most| (first.bytes.len() as u64) > *most) else {
        return Ok(first);
    };
    let (mut size, mut sides) = (first.bytes.len() as u64, first.dimensions);
    if kind == MediaType::Jpeg {
        let again = written(&whole, kind, LOW_QUALITY)?;
        size = again.bytes.len() as u64;
        if size <= most {
            return Ok(again);
        }
    }
    for _ in 0..TRIES {
        sides = smaller(sides, size, most);
        let scaled = resize(
            &whole,
            &Resize {
                width: Some(sides.0),
                height: Some(sides.1),
                fit: Fit::Contain,
                ..Resize::default()
            },
        )?;
        let again = written(&scaled, kind, QUALITY)?;
        size = again.bytes.len() as u64;
        if size <= most {
            return Ok(again);
        }
        if sides.0.max(sides.1) <= SMALLEST {
            break;
        }
    }
    Err(MediaError::LargerThanBucket { size, most })
}

fn written(picture: &Pixels, kind: MediaType, quality: u8) -> Result<Refitted, MediaError> {
    Ok(Refitted {
        bytes: encode(picture, kind, quality)?,
        dimensions: (picture.width(), picture.height()),
    })
}

/// The sides that should do, if bytes go with the number of pixels; a little less, because they do not quite.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "smaller than what it was, and positive"
)]
fn smaller(sides: (u32, u32), size: u64, most: u64) -> (u32, u32) {
    let scale = ((most as f64 / size as f64).sqrt() * 0.96).min(0.9);
    let side = |side: u32| ((f64::from(side) * scale) as u32).max(1);
    let longest = sides.0.max(sides.1);
    if side(longest) < SMALLEST && longest > SMALLEST {
        let scale = f64::from(SMALLEST) / f64::from(longest);
        let side = |side: u32| ((f64::from(side) * scale) as u32).max(1);
        return (side(sides.0), side(sides.1));
    }
    (side(sides.0), side(sides.1))
}

#[cfg(test)]
#[path = "../../tests/support/noise.rs"]
mod noise;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{detect, inspect};

    /// Noise, which no format makes small.
    fn noise(width: u32, height: u32) -> Vec<u8> {
        let pixels = Pixels::new(width, height, noise::noise(width, height));
        encode(&pixels.unwrap(), MediaType::Png, 0).unwrap()
    }

    #[test]
    fn another_kind_keeps_all_pixels_where_there_is_room() {
        let made = refit(&noise(200, 100), MediaType::Jpeg, None).unwrap();
        assert_eq!(made.dimensions, (200, 100));
        assert_eq!(detect(&made.bytes), Some(MediaType::Jpeg));
        assert_eq!(inspect(&made.bytes).unwrap().width, 200);
    }

    #[test]
    fn what_is_too_large_is_made_as_small_as_it_must_and_not_much_smaller() {
        let original = noise(400, 300);
        for (kind, most) in [
            (MediaType::Png, 200_000),
            (MediaType::Png, 40_000),
            (MediaType::Jpeg, 30_000),
            (MediaType::Webp, 100_000),
        ] {
            let made = refit(&original, kind, Some(most)).unwrap();
            let size = made.bytes.len() as u64;
            assert!(size <= most && size > most / 3, "{kind}: {size} of {most}");
            let info = inspect(&made.bytes).unwrap();
            assert_eq!((info.width, info.height), made.dimensions);
            let (width, height) = made.dimensions;
            assert!((width * 3).abs_diff(height * 4) <= 8, "{width} × {height}");
        }
    }

    #[test]
    fn what_can_be_no_smaller_is_an_error_and_so_is_what_is_no_picture() {
        let error = refit(&noise(100, 100), MediaType::Png, Some(20)).unwrap_err();
        assert!(matches!(error, MediaError::LargerThanBucket { most: 20, .. }));
        assert!(refit(b"text", MediaType::Png, None).is_err());
        assert!(refit(&noise(10, 10), MediaType::Avif, None).is_err());
    }
}
