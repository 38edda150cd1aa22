//! Decoders for pictures that will be made small: they do of JPEG and lossy WebP only what is seen of it afterwards, and have never
//! more than a few rows in memory. What is unusual or broken they refuse, without a reason: the whole decoders show or judge it.

mod jpeg;
mod vp8;

use super::detect::MediaType;
use super::limits::Deadline;
use super::shrink::{Samples, Shrink, Shrunk};

/// The smallest cells, each way, that a picture is read in here.
pub(super) const LEAST: u32 = 2;

/// The picture is one for the whole decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused;

/// Reads a picture of a `size` that is known from its header in cells of at least two by two pixels, which may become smaller than
/// `cell`, never larger.
///
/// # Errors
/// If that is not done here, or if the time is over.
pub(super) fn read(
    kind: MediaType,
    bytes: &[u8],
    size: (u32, u32),
    cell: (u32, u32),
    deadline: Deadline,
) -> Result<Shrunk, Refused> {
    if cell.0.min(cell.1) < LEAST {
        return Err(Refused);
    }
    match kind {
        MediaType::Jpeg => {
            let frame = jpeg::Frame::open(bytes)?;
            if frame.size != size {
                return Err(Refused);
            }
            frame.read(cell, deadline)
        }
        MediaType::Webp => {
            let frame = vp8::Frame::open(vp8_chunk(bytes).ok_or(Refused)?)?;
            if frame.size != size {
                return Err(Refused);
            }
            lossy(frame, cell, deadline)
        }
        _ => Err(Refused),
    }
}

/// Its rows, shrunk further.
struct Halved {
    shrink: Shrink,
    /// The size of the picture in pixels of the rows, which is not whole where the last ones are covered in part.
    exact: (f64, f64),
    cell: (u32, u32),
}

impl Halved {
    /// Of a picture whose rows have `by` of its pixels in one.
    fn new(samples: Samples, size: (u32, u32), by: u32, cell: (u32, u32)) -> Self {
        let cell = ((cell.0 / by).max(1), (cell.1 / by).max(1));
        Self {
            shrink: Shrink::new(samples, (size.0.div_ceil(by), size.1.div_ceil(by)), cell),
            exact: (f64::from(size.0) / f64::from(by), f64::from(size.1) / f64::from(by)),
            cell,
        }
    }

    /// `to_rgb` makes red, green and blue of the samples of a pixel.
    fn finish(self, to_rgb: impl Fn([u8; 3]) -> [u8; 3]) -> Result<Shrunk, Refused> {
        let mut shrunk = self.shrink.finish().ok_or(Refused)?;
        shrunk.exact = (
            self.exact.0 / f64::from(self.cell.0),
            self.exact.1 / f64::from(self.cell.1),
        );
        for [first, second, third, _] in shrunk.rgba.as_chunks_mut().0 {
            [*first, *second, *third] = to_rgb([*first, *second, *third]);
        }
        Ok(shrunk)
    }
}

/// The only picture of a WebP that is lossy, still and opaque.
fn vp8_chunk(bytes: &[u8]) -> Option<&[u8]> {
    const ANIMATED: u8 = 0x02;
    const HAS_ALPHA: u8 = 0x10;
    let length = |at: usize| {
        let length = bytes.get(at..at + 4)?;
        usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()
    };
    // What is behind the end of the container is not of it.
    let bytes = bytes.get(..length(4)?.checked_add(8)?)?;
    let mut at = 12;
    loop {
        let name = bytes.get(at..at + 4)?;
        let end = (at + 8).checked_add(length(at + 4)?)?;
        let data = bytes.get(at + 8..end)?;
        match name {
            b"VP8 " => return Some(data),
            b"VP8X" if data.first()? & (ANIMATED | HAS_ALPHA) != 0 => return None,
            b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF" => return None,
            _ => at = end.checked_add(end % 2)?,
        }
    }
}

/// Two by two of the brightness for one of the colour: what is stored.
fn lossy(frame: vp8::Frame<'_>, cell: (u32, u32), deadline: Deadline) -> Result<Shrunk, Refused> {
    let (width, height) = frame.size;
    let across = width.div_ceil(2) as usize;
    let mut rows = Halved::new(Samples::Rgb, frame.size, 2, cell);
    let mut line = vec![0; across * 3];
    frame.decode(|number, block| {
        if deadline.is_over() {
            return Err(Refused);
        }
        for row in 0..8 {
            let top = number * 16 + row as u32 * 2;
            if top >= height {
                break;
            }
            let first = block.luma(row * 2);
            // The last row may be alone, as may the last column.
            let second = if top + 1 < height {
                block.luma(row * 2 + 1)
            } else {
                first
            };
            let (blue, red) = block.colours(row);
            let colours = blue.iter().zip(red);
            let pairs = first.as_chunks::<2>().0.iter().zip(second.as_chunks::<2>().0);
            for ((into, (blue, red)), (first, second)) in line.as_chunks_mut::<3>().0.iter_mut().zip(colours).zip(pairs)
            {
                let sum = [first[0], first[1], second[0], second[1]]
                    .map(u16::from)
                    .iter()
                    .sum::<u16>();
                *into = [((sum + 2) >> 2) as u8, *blue, *red];
            }
            if width % 2 == 1 {
                let last = width as usize - 1;
                line[last / 2 * 3] = ((u16::from(first[last]) + u16::from(second[last])) / 2) as u8;
            }
            rows.shrink.push(&line);
        }
        Ok(())
    })?;
    rows.finish(video_to_rgb)
}

/// RFC 6386, section 9.2: brightness from 16 to 235, colours from 16 to 240.
fn video_to_rgb([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let luma = (i32::from(luma) - 16) * 76_309;
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    let value = |sum: i32| ((sum + (1 << 15)) >> 16).clamp(0, 255) as u8;
    [
        value(luma + red * 104_597),
        value(luma - blue * 25_675 - red * 53_279),
        value(luma + blue * 132_201),
    ]
}

/// JFIF: all of them from 0 to 255.
fn full_to_rgb([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let luma = i32::from(luma) << 16;
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    let value = |sum: i32| ((sum + (1 << 15)) >> 16).clamp(0, 255) as u8;
    [
        value(luma + red * 91_881),
        value(luma - blue * 22_554 - red * 46_802),
        value(luma + blue * 116_130),
    ]
}

#[cfg(test)]
mod tests;
