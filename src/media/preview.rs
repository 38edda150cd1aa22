//! A picture made small for the screen, straight from its bytes: less memory and time than decoding all of it first.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::error::{DecodingError, ImageFormatHint, LimitError, LimitErrorKind};
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, RgbaImage, metadata::Orientation};

use super::decode::{HEADER_ALLOC, Pixels, area, check_pixels, opened, orientation, sized_kind, translate, within};
use super::detect::MediaType;
use super::error::MediaError;
use super::limits::{Deadline, Limits, Timed};
use super::shrink::{Samples, Shrink, Shrunk};
use super::{coarse, cost};

/// A picture made small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// What is shown.
    pub pixels: Pixels,
    /// Width and height of the whole picture, as shown.
    pub original: (u32, u32),
}

/// Decodes a picture and scales it down so that it fits into `fit` (width, height), with its proportions kept and at least one
/// pixel each way; what fits already stays as it is. It is turned the way its metadata says; of an animation it is the first
/// frame. Colours are taken as sRGB, whatever profile the file has.
///
/// Colours of transparent pixels do not bleed into their neighbours: alpha is multiplied in before and divided out after.
///
/// # Errors
/// If the bytes are no picture that is shown here, are damaged or cut off, or exceed a limit, which is seen before memory for
/// the pixels is taken.
pub fn preview(bytes: &[u8], fit: (u32, u32), limits: &Limits) -> Result<Preview, MediaError> {
    if sized_kind(bytes, limits)? == MediaType::Png {
        return png_preview(bytes, fit, limits);
    }
    let deadline = Deadline::start(limits);
    let (decoder, media_type) = opened(bytes, limits)?;
    let size = decoder.dimensions();
    let cell = Plan::new(size, fit, Orientation::NoTransforms).cell;
    if cell.0.min(cell.1) < coarse::LEAST {
        return whole_preview(decoder, media_type, bytes, fit, limits);
    }
    let (decoder, plan, orientation) = planned(decoder, media_type, bytes, fit, limits)?;
    // It may have a copy of the file.
    drop(decoder);
    if let Ok(shrunk) = coarse::read(media_type, bytes, size, plan.cell, deadline) {
        return plan.finish(Some(shrunk), orientation);
    }
    if deadline.is_over() {
        return Err(MediaError::TooSlow { most: limits.max_time });
    }
    let (decoder, media_type) = opened(bytes, limits)?;
    whole_preview(decoder, media_type, bytes, fit, limits)
}

/// Bytes of memory that [`preview`] takes at most for these bytes, told from their header; 0 for what it refuses at once.
#[must_use]
pub fn preview_cost(bytes: &[u8], fit: (u32, u32), limits: &Limits) -> u64 {
    let cost = match sized_kind(bytes, limits) {
        Ok(MediaType::Png) => png_decoder(bytes, Deadline::start(limits))
            .read_header_info()
            .map(|header| png_cost(header, fit))
            .ok(),
        Ok(_) => opened(bytes, limits).ok().map(|(decoder, media_type)| {
            let size = decoder.dimensions();
            let memory = cost::decoding(media_type, bytes, size, decoder.total_bytes());
            memory.saturating_add(Plan::new(size, fit, Orientation::NoTransforms).cost())
        }),
        Err(_) => None,
    };
    // More than the limit is refused.
    cost.filter(|cost| *cost <= limits.max_alloc).unwrap_or(0)
}

/// Where a picture goes: what is added up while it is read, and what it is scaled to.
struct Plan {
    source: (u32, u32),
    target: (u32, u32),
    cell: (u32, u32),
}

impl Plan {
    /// The orientation turns the small picture, so the place is turned the other way first.
    fn new(source: (u32, u32), fit: (u32, u32), orientation: Orientation) -> Self {
        let fit = if turns(orientation) { (fit.1, fit.0) } else { fit };
        let target = fitted(source, fit);
        Self {
            source,
            target,
            cell: Shrink::cell(source, target),
        }
    }

    fn shrink(&self, samples: Samples) -> Shrink {
        Shrink::new(samples, self.source, self.cell)
    }

    fn cost(&self) -> u64 {
        // The cells are scaled across first, then down.
        let scaled = u64::from(self.target.0) * u64::from(self.source.1.div_ceil(self.cell.1)) * 4;
        let shrunk = Shrink::cost(self.source, self.cell);
        shrunk.saturating_add(scaled).saturating_add(area(self.target) * 8)
    }

    /// Without cells, rows were missing.
    fn finish(&self, shrunk: Option<Shrunk>, orientation: Orientation) -> Result<Preview, MediaError> {
        let shrunk = shrunk.ok_or(MediaError::CutOff)?;
        let pixels = turned(scaled(shrunk, self.target)?, orientation).ok_or(MediaError::CutOff)?;
        let (width, height) = self.source;
        Ok(Preview {
            pixels,
            original: if turns(orientation) {
                (height, width)
            } else {
                (width, height)
            },
        })
    }
}

/// A decoder held to its memory, and where what it gives goes.
fn planned<D: ImageDecoder>(
    decoder: D,
    media_type: MediaType,
    bytes: &[u8],
    fit: (u32, u32),
    limits: &Limits,
) -> Result<(D, Plan, Orientation), MediaError> {
    let size = decoder.dimensions();
    let memory = cost::decoding(media_type, bytes, size, decoder.total_bytes());
    let plan = Plan::new(size, fit, Orientation::NoTransforms);
    let mut decoder = within(
        decoder,
        memory.saturating_add(plan.cost()),
        memory,
        bytes,
        media_type,
        limits,
    )?;
    let orientation = orientation(&mut decoder);
    Ok((decoder, Plan::new(size, fit, orientation), orientation))
}

/// JPEG, WebP and GIF come as a whole, where they are not decoded coarsely.
fn whole_preview(
    decoder: impl ImageDecoder,
    media_type: MediaType,
    bytes: &[u8],
    fit: (u32, u32),
    limits: &Limits,
) -> Result<Preview, MediaError> {
    let size = decoder.dimensions();
    let native = decoder.total_bytes();
    let (decoder, plan, orientation) = planned(decoder, media_type, bytes, fit, limits)?;
    let samples = match decoder.color_type() {
        ColorType::L8 => Samples::Grey,
        ColorType::La8 => Samples::GreyAlpha,
        ColorType::Rgb8 => Samples::Rgb,
        ColorType::Rgba8 => Samples::Rgba,
        // None of these decoders gives anything else.
        _ => return Err(MediaError::KindNotShown(media_type)),
    };
    let length = usize::try_from(native).map_err(|_| MediaError::TooMuchMemory { most: limits.max_alloc })?;
    let mut decoded = vec![0; length];
    decoder
        .read_image(&mut decoded)
        .map_err(|error| translate(error, bytes, media_type, limits))?;
    let mut shrink = plan.shrink(samples);
    for row in decoded.chunks_exact((size.0 as usize * samples.bytes()).max(1)) {
        shrink.push(row);
    }
    drop(decoded);
    plan.finish(shrink.finish(), orientation)
}

/// PNG comes row by row, if it is not interlaced.
fn png_preview(bytes: &[u8], fit: (u32, u32), limits: &Limits) -> Result<Preview, MediaError> {
    let deadline = Deadline::start(limits);
    let failed = |error| translate(png_error(error), bytes, MediaType::Png, limits);
    let too_much = || MediaError::TooMuchMemory { most: limits.max_alloc };
    let mut decoder = png_decoder(bytes, deadline);
    // What the header says of the size comes before anything that is sized by it.
    let header = decoder.read_header_info().map_err(failed)?;
    let (size, interlaced, memory) = (header.size(), header.interlaced, png_cost(header, fit));
    check_pixels(size, limits)?;
    if memory > limits.max_alloc {
        return Err(too_much());
    }
    let mut reader = decoder.read_info().map_err(failed)?;
    let turn = |info: &png::Info<'_>| {
        let metadata = info.exif_metadata.as_deref();
        metadata
            .and_then(Orientation::from_exif_chunk)
            .unwrap_or(Orientation::NoTransforms)
    };
    let orientation = turn(reader.info());
    let plan = Plan::new(size, fit, orientation);
    let samples = match reader.output_color_type().0 {
        png::ColorType::Grayscale => Samples::Grey,
        png::ColorType::GrayscaleAlpha => Samples::GreyAlpha,
        png::ColorType::Rgba => Samples::Rgba,
        // Palettes are resolved.
        png::ColorType::Rgb | png::ColorType::Indexed => Samples::Rgb,
    };
    let mut shrink = plan.shrink(samples);
    if interlaced {
        let mut decoded = vec![0; reader.output_buffer_size().ok_or_else(too_much)?];
        reader.next_frame(&mut decoded).map_err(failed)?;
        for row in decoded.chunks_exact((size.0 as usize * samples.bytes()).max(1)) {
            shrink.push(row);
        }
    } else {
        while let Some(row) = reader.next_row().map_err(failed)? {
            shrink.push(row.data());
            if deadline.is_over() {
                return Err(MediaError::TooSlow { most: limits.max_time });
            }
        }
    }
    plan.finish(shrink.finish(), orientation)
}

fn png_decoder(bytes: &[u8], deadline: Deadline) -> png::Decoder<Timed<'_>> {
    // The limit is for chunks of metadata, of which only the camera's are kept.
    let metadata = png::Limits { bytes: HEADER_ALLOC };
    let mut decoder = png::Decoder::new_with_limits(Timed::new(bytes, deadline), metadata);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder
}

/// Bytes of memory for a PNG with this header.
fn png_cost(header: &png::Info<'_>, fit: (u32, u32)) -> u64 {
    let size = header.size();
    let decoded = if header.interlaced {
        area(size).saturating_mul(4)
    } else {
        0
    };
    cost::decoding(MediaType::Png, &[], size, decoded)
        .saturating_add(Plan::new(size, fit, Orientation::NoTransforms).cost())
}

/// As the `image` crate says it, so that there is one way to tell causes apart.
fn png_error(error: png::DecodingError) -> ImageError {
    match error {
        png::DecodingError::IoError(error) => ImageError::IoError(error),
        png::DecodingError::LimitsExceeded => {
            ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory))
        }
        other => ImageError::Decoding(DecodingError::new(ImageFormatHint::Exact(ImageFormat::Png), other)),
    }
}

fn scaled(shrunk: Shrunk, target: (u32, u32)) -> Result<Pixels, MediaError> {
    let (width, height) = shrunk.size;
    let pixels = Pixels::new(width, height, shrunk.rgba).ok_or(MediaError::CutOff)?;
    if (width, height) == target {
        return Ok(pixels);
    }
    let source = ImageRef::new(width, height, pixels.rgba(), PixelType::U8x4).map_err(|_| MediaError::CutOff)?;
    let mut into = Image::new(target.0, target.1, PixelType::U8x4);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(0.0, 0.0, shrunk.exact.0, shrunk.exact.1)
        .use_alpha(!pixels.is_opaque());
    Resizer::new().resize(&source, &mut into, &options)?;
    Pixels::new(target.0, target.1, into.into_vec()).ok_or(MediaError::CutOff)
}

fn turned(pixels: Pixels, orientation: Orientation) -> Option<Pixels> {
    if orientation == Orientation::NoTransforms {
        return Some(pixels);
    }
    let (width, height) = (pixels.width(), pixels.height());
    let mut picture = DynamicImage::ImageRgba8(RgbaImage::from_raw(width, height, pixels.into_rgba())?);
    picture.apply_orientation(orientation);
    let turned = picture.into_rgba8();
    let (width, height) = turned.dimensions();
    Pixels::new(width, height, turned.into_raw())
}

/// Whether width and height change places.
fn turns(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    )
}

/// The largest size with the proportions of `size` inside `fit`, never larger than `size`.
fn fitted(size: (u32, u32), fit: (u32, u32)) -> (u32, u32) {
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
mod tests;
