//! Smaller pictures.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::decode::Pixels;
use super::error::MediaError;

/// Scales a picture down so that it fits into `fit` (width, height), with its proportions kept and at least one pixel each
/// way. A picture that fits already is returned as it is: nothing is ever enlarged.
///
/// Colours of transparent pixels do not bleed into their neighbours: alpha is multiplied in before and divided out after.
///
/// # Errors
/// If the scaler refuses, which it does for no picture that [`Pixels`] can hold.
pub fn thumbnail(picture: &Pixels, fit: (u32, u32)) -> Result<Pixels, MediaError> {
    let (width, height) = fitted((picture.width(), picture.height()), fit);
    if (width, height) == (picture.width(), picture.height()) {
        return Ok(picture.clone());
    }
    let source = ImageRef::new(picture.width(), picture.height(), picture.rgba(), PixelType::U8x4)
        .map_err(|_| MediaError::CutOff)?;
    let mut target = Image::new(width, height, PixelType::U8x4);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .use_alpha(!picture.is_opaque());
    Resizer::new().resize(&source, &mut target, &options)?;
    Pixels::new(width, height, target.into_vec()).ok_or(MediaError::CutOff)
}

/// The largest size with the proportions of `size` inside `fit`, never larger than `size`.
pub(super) fn fitted(size: (u32, u32), fit: (u32, u32)) -> (u32, u32) {
    let (width, height) = (u64::from(size.0), u64::from(size.1));
    let (most_width, most_height) = (u64::from(fit.0.max(1)), u64::from(fit.1.max(1)));
    if width <= most_width && height <= most_height {
        return size;
    }
    // Rounded to nearest in whole numbers; the side that binds is exact.
    let scale = |side: u64, by: u64, of: u64| u32::try_from(((side * by + of / 2) / of).max(1)).unwrap_or(u32::MAX);
    if width * most_height >= height * most_width {
        (scale(width, most_width, width), scale(height, most_width, width))
    } else {
        (scale(width, most_height, height), scale(height, most_height, height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: u32, height: u32, pixel: [u8; 4]) -> Pixels {
        let count = width as usize * height as usize;
        Pixels::new(width, height, pixel.repeat(count)).unwrap()
    }

    #[test]
    fn keeps_proportions_and_never_enlarges() {
        for (size, fit, expected) in [
            ((1024, 768), (256, 256), (256, 192)),
            ((768, 1024), (256, 256), (192, 256)),
            ((100, 50), (256, 256), (100, 50)),
            ((1, 100_000), (256, 256), (1, 256)),
            ((100_000, 1), (256, 256), (256, 1)),
            ((10, 10), (0, 0), (1, 1)),
            ((u32::MAX, 1), (u32::MAX - 1, 5), (u32::MAX - 1, 1)),
        ] {
            assert_eq!(fitted(size, fit), expected, "{size:?} in {fit:?}");
        }
        let small = plain(10, 4, [1, 2, 3, 255]);
        assert_eq!(thumbnail(&small, (64, 64)).unwrap(), small);
        let thin = thumbnail(&plain(1, 100_000, [9, 9, 9, 255]), (256, 256)).unwrap();
        assert_eq!((thin.width(), thin.height()), (1, 256));
    }

    #[test]
    fn hidden_colour_does_not_bleed() {
        // Opaque white beside fully transparent red: the edge must stay white.
        let mut rgba = Vec::new();
        for _ in 0..32 {
            for column in 0..32 {
                rgba.extend(if column < 16 {
                    [255, 255, 255, 255]
                } else {
                    [255, 0, 0, 0]
                });
            }
        }
        let scaled = thumbnail(&Pixels::new(32, 32, rgba).unwrap(), (7, 7)).unwrap();
        for pixel in scaled.rgba().chunks_exact(4).filter(|pixel| pixel[3] > 16) {
            assert!(pixel[1] > 240 && pixel[2] > 240, "{pixel:?}");
        }
    }
}
