//! A picture as it goes into a PDF: JPEG and PNG as they are where that is possible, everything else as pixels.

use krilla::image::Image;

use crate::media::{Fit, Limits, MediaError, MediaType, Pixels, Resize, decode, resize};
use crate::story::export::Art;

/// Pixels of a picture at most: 300 to the inch on the largest page, with its bleed.
const PIXELS_MAX: u64 = 12_000_000;
/// The longer side of a picture that had more.
const SIDE: u32 = 3_600;

pub(super) fn image(art: &Art) -> Result<Image, MediaError> {
    let is_large = u64::from(art.width) * u64::from(art.height) > PIXELS_MAX;
    let as_it_is = match art.media_type {
        _ if is_large => None,
        MediaType::Png => Image::from_png(art.bytes.to_vec().into(), true).ok(),
        MediaType::Jpeg => Image::from_jpeg(art.bytes.to_vec().into(), true).ok(),
        _ => None,
    };
    // A picture that its metadata turns is turned before.
    if let Some(image) = as_it_is.filter(|image| image.size() == (art.width, art.height)) {
        return Ok(image);
    }
    let pixels = decode(&art.bytes, &Limits::default())?;
    let pixels = if is_large { smaller(&pixels)? } else { pixels };
    let (width, height) = (pixels.width(), pixels.height());
    Ok(Image::from_rgba8(pixels.into_rgba(), width, height))
}

fn smaller(pixels: &Pixels) -> Result<Pixels, MediaError> {
    let wanted = Resize {
        width: Some(SIDE),
        height: Some(SIDE),
        fit: Fit::Contain,
        ..Resize::default()
    };
    resize(pixels, &wanted)
}
