//! All pictures of a story on one sheet, in their order.

use tokio_util::sync::CancellationToken;

use super::book::Book;
use super::{ExportError, Finished, Made};
use crate::media::{Fit, Limits, MediaType, Pixels, Resize, decode, encode, resize};

/// A cell in pixels, and what is around it.
const CELL: (u32, u32) = (480, 360);
const GAP: u32 = 24;
/// Columns at most.
const COLUMNS: u32 = 4;

pub(super) fn make(book: &Book, cancel: &CancellationToken) -> Result<Finished, ExportError> {
    let arts: Vec<_> = book.pages.iter().filter_map(|page| page.art.as_ref()).collect();
    if arts.is_empty() {
        return Err(ExportError::NoPictures(book.pages.len()));
    }
    let count = u32::try_from(arts.len()).unwrap_or(u32::MAX);
    // As wide as high, or somewhat wider.
    let columns = (1..=COLUMNS)
        .find(|columns| columns * columns >= count)
        .unwrap_or(COLUMNS);
    let rows = count.div_ceil(columns);
    let (width, height) = (GAP + columns * (CELL.0 + GAP), GAP + rows * (CELL.1 + GAP));
    let mut sheet = vec![255_u8; width as usize * height as usize * 4];
    let mut notes = Vec::new();
    for (at, art) in (0_u32..).zip(&arts) {
        if cancel.is_cancelled() {
            return Err(ExportError::Cancelled);
        }
        let small = decode(&art.bytes, &Limits::default()).and_then(|pixels| {
            let wanted = Resize {
                width: Some(CELL.0),
                height: Some(CELL.1),
                fit: Fit::Contain,
                ..Resize::default()
            };
            resize(&pixels, &wanted)
        });
        let small = match small {
            Ok(small) => small,
            Err(error) => {
                notes.push(format!("Picture {} is left out: {error}", at + 1));
                continue;
            }
        };
        let left = GAP + at % columns * (CELL.0 + GAP) + (CELL.0.saturating_sub(small.width())) / 2;
        let top = GAP + at / columns * (CELL.1 + GAP) + (CELL.1.saturating_sub(small.height())) / 2;
        lay(&mut sheet, width, &small, (left, top));
    }
    if notes.len() == arts.len() {
        return Err(ExportError::NoPictures(arts.len()));
    }
    let pixels = Pixels::new(width, height, sheet).ok_or(ExportError::TooLarge)?;
    Ok(Finished {
        made: Made::File(encode(&pixels, MediaType::Png, 100)?),
        pages: arts.len(),
        notes,
    })
}

/// Puts a picture on white at a place; what would stick out is cut off.
fn lay(sheet: &mut [u8], width: u32, picture: &Pixels, (left, top): (u32, u32)) {
    let row = picture.width() as usize * 4;
    for (y, from) in (0_u32..).zip(picture.rgba().chunks_exact(row)) {
        let start = ((top + y) as usize * width as usize + left as usize) * 4;
        let Some(to) = sheet.get_mut(start..start + row) else {
            return;
        };
        for (to, from) in to.chunks_exact_mut(4).zip(from.chunks_exact(4)) {
            let alpha = u32::from(from[3]);
            for (to, from) in to[..3].iter_mut().zip(&from[..3]) {
                let mixed = (u32::from(*from) * alpha + 255 * (255 - alpha) + 127) / 255;
                *to = u8::try_from(mixed).unwrap_or(u8::MAX);
            }
        }
    }
}
