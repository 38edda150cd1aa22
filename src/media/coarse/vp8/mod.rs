//! Lossy WebP for small pictures: the key frame of RFC 6386, a row of macroblocks at a time, without the filter that smooths the
//! edges of blocks. Nothing is predicted from what that filter changes, and little of it is left once a picture is half as large.

mod bits;
mod predict;
mod tables;

use bits::{Bits, PlaneProbs, by_coefficient};
use predict::{Mode, Plane, spread};

use super::Refused;

/// A frame whose header was read.
pub(super) struct Frame<'a> {
    pub(super) size: (u32, u32),
    modes: Bits<'a>,
    coefficients: Vec<Bits<'a>>,
    segments: Option<Segments>,
    steps: [Steps; 4],
    /// How likely it is that a macroblock has coefficients, if it is said of each.
    skips: Option<u8>,
    probs: Box<[PlaneProbs; 4]>,
}

/// Section 9.3: parts of the picture with steps of their own.
struct Segments {
    /// The probabilities of the tree; None if all are in the first.
    tree: Option<[u8; 3]>,
    levels: [i32; 4],
    is_absolute: bool,
}

/// The steps of the first coefficient and of the others.
#[derive(Clone, Copy, Default)]
struct Steps {
    luma: [i32; 2],
    second: [i32; 2],
    chroma: [i32; 2],
}

/// What a macroblock needs to know of its neighbour above, or on its left.
#[derive(Clone, Copy, Default)]
struct Beside {
    modes: [Mode; 4],
    luma: [bool; 4],
    chroma: [[bool; 2]; 2],
    second: bool,
}

/// What was read of a macroblock.
struct Macroblock {
    /// The one of all, if it is not predicted in sixteen blocks.
    mode: Option<Mode>,
    small: [[Mode; 4]; 4],
    chroma: Mode,
    blocks: [[i16; 16]; 24],
    ends: [u8; 24],
}

/// The picture as far as it was read: a row of macroblocks.
pub(super) struct Rows {
    luma: Plane,
    blue: Plane,
    red: Plane,
}

impl<'a> Frame<'a> {
    /// Reads the header of a `VP8 ` chunk.
    pub(super) fn open(data: &'a [u8]) -> Result<Self, Refused> {
        let (head, rest) = data.split_first_chunk::<10>().ok_or(Refused)?;
        let tag = u32::from_le_bytes([head[0], head[1], head[2], 0]);
        // A key frame that is shown, and its mark.
        if tag & 1 != 0 || tag >> 4 & 1 == 0 || head[3..6] != [0x9d, 0x01, 0x2a] {
            return Err(Refused);
        }
        let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
        let size = (side(head[6], head[7]), side(head[8], head[9]));
        let (first, mut rest) = rest.split_at_checked((tag >> 5) as usize).ok_or(Refused)?;
        let mut bits = Bits::new(first);
        let color_space = bits.flag();
        // Whether colours may leave their range; they are held to it in any case.
        bits.flag();
        if color_space || size.0 == 0 || size.1 == 0 {
            return Err(Refused);
        }
        let segments = bits.flag().then(|| segments(&mut bits));
        // The filter: its kind, level and sharpness, and how the level changes.
        bits.number(10);
        if bits.flag() && bits.flag() {
            for _ in 0..8 {
                bits.signed(6);
            }
        }
        let parts = 1 << bits.number(2);
        let steps = steps(&mut bits, segments.as_ref());
        // Whether the probabilities are for later frames.
        bits.flag();
        let mut tokens = tables::TOKENS;
        let places = tokens.as_flattened_mut().as_flattened_mut().as_flattened_mut();
        let changes = tables::TOKEN_CHANGES.as_flattened().as_flattened().as_flattened();
        for (place, no) in places.iter_mut().zip(changes) {
            if bits.bit(*no) {
                *place = bits.number(8) as u8;
            }
        }
        let skips = bits.flag().then(|| bits.number(8) as u8);
        if bits.is_over() {
            return Err(Refused);
        }
        let (lengths, after) = rest.split_at_checked(3 * (parts - 1)).ok_or(Refused)?;
        rest = after;
        let mut coefficients = Vec::with_capacity(parts);
        for length in lengths.chunks_exact(3) {
            let length = u32::from_le_bytes([length[0], length[1], length[2], 0]);
            let (part, after) = rest.split_at_checked(length as usize).ok_or(Refused)?;
            coefficients.push(Bits::new(part));
            rest = after;
        }
        coefficients.push(Bits::new(rest));
        Ok(Self {
            size,
            modes: bits,
            coefficients,
            segments,
            steps,
            skips,
            probs: Box::new(tokens.each_ref().map(by_coefficient)),
        })
    }

    /// Decodes the picture, a row of macroblocks after the other. `each` is told its number, from 0, and the samples, which are
    /// more than the picture has where that does not end with a macroblock.
    pub(super) fn decode(mut self, mut each: impl FnMut(u32, &Rows) -> Result<(), Refused>) -> Result<(), Refused> {
        let (across, down) = (self.size.0.div_ceil(16) as usize, self.size.1.div_ceil(16));
        let mut rows = Rows {
            luma: Plane::new(across, 16),
            blue: Plane::new(across, 8),
            red: Plane::new(across, 8),
        };
        let mut above = vec![Beside::default(); across];
        let parts = self.coefficients.len();
        let mut read = Macroblock {
            mode: None,
            small: [[Mode::Dc; 4]; 4],
            chroma: Mode::Dc,
            blocks: [[0; 16]; 24],
            ends: [0; 24],
        };
        for y in 0..down {
            let part = y as usize % parts;
            let mut left = Beside::default();
            for (x, above) in above.iter_mut().enumerate() {
                self.read(part, above, &mut left, &mut read);
                rows.paint(&read, (x, y as usize), x + 1 == across);
            }
            if self.modes.is_over() || self.coefficients.get(part).is_none_or(Bits::is_over) {
                return Err(Refused);
            }
            each(y, &rows)?;
            rows.luma.advance();
            rows.blue.advance();
            rows.red.advance();
        }
        Ok(())
    }

    /// Reads a macroblock.
    fn read(&mut self, part: usize, above: &mut Beside, left: &mut Beside, into: &mut Macroblock) {
        let bits = &mut self.modes;
        let mut segment = 0;
        if let Some(tree) = self.segments.as_ref().and_then(|segments| segments.tree) {
            let half = usize::from(bits.bit(tree[0]));
            segment = 2 * half + usize::from(bits.bit(tree[1 + half]));
        }
        let is_empty = self.skips.is_some_and(|no| bits.bit(no));
        into.mode = bits.bit(145).then(|| {
            if bits.bit(156) {
                [Mode::Horizontal, Mode::Tm][usize::from(bits.bit(128))]
            } else {
                [Mode::Dc, Mode::Vertical][usize::from(bits.bit(163))]
            }
        });
        if let Some(mode) = into.mode {
            above.modes = [mode; 4];
            left.modes = [mode; 4];
        } else {
            for (row, left) in into.small.iter_mut().zip(&mut left.modes) {
                for (mode, above) in row.iter_mut().zip(&mut above.modes) {
                    *mode = small_mode(bits, &tables::BLOCK_MODES[*above as usize][*left as usize]);
                    *above = *mode;
                    *left = *mode;
                }
            }
        }
        into.chroma = if !bits.bit(142) {
            Mode::Dc
        } else if !bits.bit(114) {
            Mode::Vertical
        } else {
            [Mode::Horizontal, Mode::Tm][usize::from(bits.bit(183))]
        };
        into.blocks = [[0; 16]; 24];
        into.ends = [0; 24];
        if is_empty {
            let keeps = into.mode.is_none();
            for beside in [above, left] {
                beside.luma = [false; 4];
                beside.chroma = [[false; 2]; 2];
                // A macroblock without second coefficients says nothing of them.
                beside.second &= keeps;
            }
            return;
        }
        let (Some(bits), steps) = (self.coefficients.get_mut(part), self.steps[segment]) else {
            return;
        };
        let (plane, first) = if into.mode.is_some() {
            let mut block = [0; 16];
            let context = usize::from(above.second) + usize::from(left.second);
            let end = bits.coefficients(&self.probs[1], context, steps.second, 0, &mut block);
            above.second = end > 0;
            left.second = end > 0;
            for (block, value) in into.blocks.iter_mut().zip(spread(&block)) {
                block[0] = value;
            }
            (&self.probs[0], 1)
        } else {
            (&self.probs[3], 0)
        };
        let (luma, chroma) = into.blocks.split_at_mut(16);
        let (luma_ends, chroma_ends) = into.ends.split_at_mut(16);
        for (y, left) in left.luma.iter_mut().enumerate() {
            for (x, above) in above.luma.iter_mut().enumerate() {
                let context = usize::from(*above) + usize::from(*left);
                let end = bits.coefficients(plane, context, steps.luma, first, &mut luma[4 * y + x]);
                luma_ends[4 * y + x] = end as u8;
                *above = end > first;
                *left = end > first;
            }
        }
        for (plane, (above, left)) in above.chroma.iter_mut().zip(&mut left.chroma).enumerate() {
            for (y, left) in left.iter_mut().enumerate() {
                for (x, above) in above.iter_mut().enumerate() {
                    let place = 4 * plane + 2 * y + x;
                    let context = usize::from(*above) + usize::from(*left);
                    let end = bits.coefficients(&self.probs[2], context, steps.chroma, 0, &mut chroma[place]);
                    chroma_ends[place] = end as u8;
                    *above = end > 0;
                    *left = end > 0;
                }
            }
        }
    }
}

impl Rows {
    /// The brightness of one of sixteen rows, and what is behind it.
    pub(super) fn luma(&self, row: usize) -> &[u8] {
        self.luma.row(row)
    }

    /// The differences to blue and to red of one of eight rows, and what is behind them.
    pub(super) fn colours(&self, row: usize) -> (&[u8], &[u8]) {
        (self.blue.row(row), self.red.row(row))
    }

    /// Predicts a macroblock and adds its coefficients.
    fn paint(&mut self, read: &Macroblock, (x, y): (usize, usize), is_last: bool) {
        let at = self.luma.place(x);
        let stride = self.luma.stride;
        if let Some(mode) = read.mode {
            self.luma.predict::<16>(at, mode, y > 0, x > 0);
            for (block, (values, end)) in read.blocks.iter().zip(read.ends).take(16).enumerate() {
                let at = at + block / 4 * 4 * stride + block % 4 * 4;
                self.luma.add(at, values, usize::from(end));
            }
        } else {
            // Of the blocks on the right, all have what is above the first of them.
            let mut beyond = [0; 4];
            let above = at - stride;
            if y > 0 && is_last {
                beyond = [self.luma.samples[above + 15]; 4];
            } else {
                beyond.copy_from_slice(&self.luma.samples[above + 16..][..4]);
            }
            for (block, (values, end)) in read.blocks.iter().zip(read.ends).take(16).enumerate() {
                let at = at + block / 4 * 4 * stride + block % 4 * 4;
                let mut right = beyond;
                if block % 4 < 3 {
                    right.copy_from_slice(&self.luma.samples[at - stride + 4..][..4]);
                }
                self.luma.predict_small(at, read.small[block / 4][block % 4], right);
                self.luma.add(at, values, usize::from(end));
            }
        }
        for (plane, first) in [(&mut self.blue, 16), (&mut self.red, 20)] {
            let at = plane.place(x);
            plane.predict::<8>(at, read.chroma, y > 0, x > 0);
            for block in 0..4 {
                let at = at + block / 2 * 4 * plane.stride + block % 2 * 4;
                plane.add(at, &read.blocks[first + block], usize::from(read.ends[first + block]));
            }
        }
    }
}

fn segments(bits: &mut Bits<'_>) -> Segments {
    let has_tree = bits.flag();
    let mut segments = Segments {
        tree: None,
        levels: [0; 4],
        is_absolute: true,
    };
    if bits.flag() {
        segments.is_absolute = bits.flag();
        segments.levels = std::array::from_fn(|_| bits.signed(7));
        // The filter's.
        for _ in 0..4 {
            bits.signed(6);
        }
    }
    if has_tree {
        segments.tree = Some(std::array::from_fn(|_| {
            if bits.flag() { bits.number(8) as u8 } else { 255 }
        }));
    }
    segments
}

/// Sections 9.6 and 14.1.
fn steps(bits: &mut Bits<'_>, segments: Option<&Segments>) -> [Steps; 4] {
    let base = bits.number(7) as i32;
    let [luma_first, second_first, second, chroma_first, chroma] = std::array::from_fn(|_| bits.signed(4));
    std::array::from_fn(|segment| {
        let level = match segments {
            Some(segments) if segments.is_absolute => segments.levels[segment],
            Some(segments) => base + segments.levels[segment],
            None => base,
        };
        let place = |change: i32| (level + change).clamp(0, 127) as usize;
        let first = |change| i32::from(tables::DC_STEPS[place(change)]);
        let other = |change| i32::from(tables::AC_STEPS[place(change)]);
        Steps {
            luma: [first(luma_first), other(0)],
            second: [first(second_first) * 2, (other(second) * 155 / 100).max(8)],
            chroma: [first(chroma_first).min(132), other(chroma)],
        }
    })
}

/// Section 11.2.
fn small_mode(bits: &mut Bits<'_>, no: &[u8; 9]) -> Mode {
    if !bits.bit(no[0]) {
        Mode::Dc
    } else if !bits.bit(no[1]) {
        Mode::Tm
    } else if !bits.bit(no[2]) {
        Mode::Vertical
    } else if !bits.bit(no[3]) {
        if !bits.bit(no[4]) {
            Mode::Horizontal
        } else if !bits.bit(no[5]) {
            Mode::RightDown
        } else {
            Mode::VerticalRight
        }
    } else if !bits.bit(no[6]) {
        Mode::LeftDown
    } else if !bits.bit(no[7]) {
        Mode::VerticalLeft
    } else if !bits.bit(no[8]) {
        Mode::HorizontalDown
    } else {
        Mode::HorizontalUp
    }
}
