//! Making a picture smaller while its rows arrive: each cell of some columns and rows becomes their mean. What a cell does not
//! need is forgotten at once, so a picture of any size takes the memory of a few of its rows.

/// Sums of 8-bit samples in 16 bits hold that many rows; cells are never larger.
const MOST: u32 = 255;

/// Kinds of samples, one byte each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Samples {
    /// One byte a pixel.
    Grey,
    /// Brightness and straight alpha.
    GreyAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue and straight alpha.
    Rgba,
}

impl Samples {
    /// Bytes of a pixel.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::Rgba)
    }
}

/// A picture that was made smaller by whole numbers.
#[derive(Debug)]
pub(super) struct Shrunk {
    /// Four bytes a pixel, straight alpha.
    pub(super) rgba: Vec<u8>,
    /// Cells across and down.
    pub(super) size: (u32, u32),
    /// How many cells the source really has: the last ones may be covered in part.
    pub(super) exact: (f64, f64),
}

enum Sums {
    Plain(Vec<u16>),
    /// Colours times alpha, and alpha.
    Alpha(Vec<u32>),
}

/// Takes rows and gives cells.
pub(super) struct Shrink {
    samples: Samples,
    source: (u32, u32),
    cell: (u32, u32),
    sums: Sums,
    /// Rows in the sums.
    rows: u32,
    taken: u32,
    out: Vec<u8>,
}

impl Shrink {
    /// The largest cells that leave at least twice the `target` for a better scaler to work on.
    pub(super) fn cell(source: (u32, u32), target: (u32, u32)) -> (u32, u32) {
        let one = |source: u32, target: u32| (source / target.max(1) / 2).clamp(1, MOST);
        (one(source.0, target.0), one(source.1, target.1))
    }

    /// Bytes of memory that the sums and the cells take.
    pub(super) fn cost(source: (u32, u32), cell: (u32, u32)) -> u64 {
        let cells = u64::from(source.0.div_ceil(cell.0)) * u64::from(source.1.div_ceil(cell.1));
        u64::from(source.0) * 16 + cells * 4
    }

    pub(super) fn new(samples: Samples, source: (u32, u32), cell: (u32, u32)) -> Self {
        let row = source.0 as usize * samples.bytes();
        let sums = match (cell, samples.has_alpha()) {
            // Nothing to add up.
            ((1, 1), _) => Sums::Plain(Vec::new()),
            (_, false) => Sums::Plain(vec![0; row]),
            (_, true) => Sums::Alpha(vec![0; row]),
        };
        let cells = source.0.div_ceil(cell.0) as usize * source.1.div_ceil(cell.1) as usize;
        Self {
            samples,
            source,
            cell,
            sums,
            rows: 0,
            taken: 0,
            out: Vec::with_capacity(cells * 4),
        }
    }

    /// Takes the next row. What is beyond the last one, and what a row has too much, is not looked at.
    pub(super) fn push(&mut self, row: &[u8]) {
        let length = self.source.0 as usize * self.samples.bytes();
        if self.taken == self.source.1 || row.len() < length {
            return;
        }
        let row = &row[..length];
        self.taken += 1;
        if self.cell == (1, 1) {
            as_rgba(self.samples, row, &mut self.out);
            return;
        }
        match &mut self.sums {
            Sums::Plain(sums) => {
                for (sum, &value) in sums.iter_mut().zip(row) {
                    *sum += u16::from(value);
                }
            }
            Sums::Alpha(sums) if self.samples == Samples::Rgba => {
                for (sum, pixel) in sums.chunks_exact_mut(4).zip(row.chunks_exact(4)) {
                    let alpha = u32::from(pixel[3]);
                    sum[0] += u32::from(pixel[0]) * alpha;
                    sum[1] += u32::from(pixel[1]) * alpha;
                    sum[2] += u32::from(pixel[2]) * alpha;
                    sum[3] += alpha;
                }
            }
            Sums::Alpha(sums) => {
                for (sum, pixel) in sums.chunks_exact_mut(2).zip(row.chunks_exact(2)) {
                    let alpha = u32::from(pixel[1]);
                    sum[0] += u32::from(pixel[0]) * alpha;
                    sum[1] += alpha;
                }
            }
        }
        self.rows += 1;
        if self.rows == self.cell.1 || self.taken == self.source.1 {
            self.emit();
        }
    }

    fn emit(&mut self) {
        let across = self.cell.0 as usize * self.samples.bytes();
        match (&mut self.sums, self.samples) {
            (Sums::Plain(sums), Samples::Grey) => {
                for cell in sums.chunks(across) {
                    let [grey] = means(cell, self.rows);
                    self.out.extend([grey, grey, grey, u8::MAX]);
                }
                sums.fill(0);
            }
            (Sums::Plain(sums), _) => {
                for cell in sums.chunks(across) {
                    let [red, green, blue] = means(cell, self.rows);
                    self.out.extend([red, green, blue, u8::MAX]);
                }
                sums.fill(0);
            }
            (Sums::Alpha(sums), Samples::GreyAlpha) => {
                for cell in sums.chunks(across) {
                    let [grey, alpha] = weighted(cell, self.rows);
                    self.out.extend([grey, grey, grey, alpha]);
                }
                sums.fill(0);
            }
            (Sums::Alpha(sums), _) => {
                for cell in sums.chunks(across) {
                    self.out.extend(weighted::<4>(cell, self.rows));
                }
                sums.fill(0);
            }
        }
        self.rows = 0;
    }

    /// The picture so far; `None` if rows are missing.
    pub(super) fn finish(self) -> Option<Shrunk> {
        let size = (self.source.0.div_ceil(self.cell.0), self.source.1.div_ceil(self.cell.1));
        (self.taken == self.source.1).then_some(Shrunk {
            rgba: self.out,
            size,
            exact: (
                f64::from(self.source.0) / f64::from(self.cell.0),
                f64::from(self.source.1) / f64::from(self.cell.1),
            ),
        })
    }
}

/// Pixels as they are, four bytes each.
fn as_rgba(samples: Samples, row: &[u8], out: &mut Vec<u8>) {
    match samples {
        Samples::Rgba => out.extend_from_slice(row),
        Samples::Rgb => out.extend(
            row.chunks_exact(3)
                .flat_map(|pixel| [pixel[0], pixel[1], pixel[2], u8::MAX]),
        ),
        Samples::Grey => out.extend(row.iter().flat_map(|&grey| [grey, grey, grey, u8::MAX])),
        Samples::GreyAlpha => out.extend(
            row.chunks_exact(2)
                .flat_map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]]),
        ),
    }
}

/// The means of a cell's columns, each the sum of `rows` samples. At most 255 · 255 samples: no sum leaves 32 bits.
fn means<const N: usize>(cell: &[u16], rows: u32) -> [u8; N] {
    let mut sums = [0_u32; N];
    for pixel in cell.chunks_exact(N) {
        for (sum, &value) in sums.iter_mut().zip(pixel) {
            *sum += u32::from(value);
        }
    }
    let count = (cell.len() / N) as u32 * rows;
    sums.map(|sum| divided(sum, count))
}

/// The same with alpha last: the mean of a colour is that of what can be seen of it.
fn weighted<const N: usize>(cell: &[u32], rows: u32) -> [u8; N] {
    let mut sums = [0_u32; N];
    for pixel in cell.chunks_exact(N) {
        for (sum, &value) in sums.iter_mut().zip(pixel) {
            *sum += value;
        }
    }
    let alpha = sums[N - 1];
    let count = (cell.len() / N) as u32 * rows;
    let mut out = sums.map(|sum| divided(sum, alpha));
    out[N - 1] = divided(alpha, count);
    out
}

/// Rounded; nothing of nothing is 0.
fn divided(sum: u32, by: u32) -> u8 {
    let quotient = (u64::from(sum) + u64::from(by / 2)).checked_div(u64::from(by));
    u8::try_from(quotient.unwrap_or(0)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shrink(samples: Samples, size: (u32, u32), cell: (u32, u32), bytes: &[u8]) -> Shrunk {
        let mut shrink = Shrink::new(samples, size, cell);
        for row in bytes.chunks_exact(size.0 as usize * samples.bytes()) {
            shrink.push(row);
        }
        shrink.finish().unwrap()
    }

    #[test]
    fn cells_are_means_and_the_last_ones_are_those_of_what_is_there() {
        let shrunk = shrink(Samples::Grey, (3, 3), (2, 2), &[0, 10, 50, 20, 30, 60, 100, 200, 9]);
        assert_eq!(shrunk.size, (2, 2));
        assert_eq!(shrunk.exact, (1.5, 1.5));
        let greys: Vec<u8> = shrunk.rgba.chunks_exact(4).map(|pixel| pixel[0]).collect();
        assert_eq!(greys, [15, 55, 150, 9]);
    }

    #[test]
    fn hidden_colour_does_not_bleed() {
        let shrunk = shrink(Samples::Rgba, (2, 1), (2, 1), &[255, 255, 255, 255, 255, 0, 0, 0]);
        assert_eq!(shrunk.rgba, [255, 255, 255, 128]);
        let shrunk = shrink(Samples::GreyAlpha, (2, 1), (2, 1), &[9, 0, 7, 0]);
        assert_eq!(shrunk.rgba, [0, 0, 0, 0]);
    }

    #[test]
    fn the_largest_sums_fit() {
        for samples in [Samples::Grey, Samples::GreyAlpha, Samples::Rgb, Samples::Rgba] {
            let white = vec![255; 255 * 255 * samples.bytes()];
            let shrunk = shrink(samples, (255, 255), (255, 255), &white);
            assert_eq!(shrunk.rgba, [255; 4], "{samples:?}");
        }
    }

    #[test]
    fn cells_leave_twice_the_target() {
        for (source, target, cell) in [
            ((2312, 1736), (320, 240), (3, 3)),
            ((320, 240), (320, 240), (1, 1)),
            ((1, 100_000), (1, 240), (1, 208)),
            ((64_000_000, 1), (320, 1), (255, 1)),
        ] {
            assert_eq!(Shrink::cell(source, target), cell);
        }
    }

    #[test]
    fn missing_rows_are_no_picture() {
        let mut shrink = Shrink::new(Samples::Rgb, (2, 2), (1, 1));
        shrink.push(&[0; 6]);
        shrink.push(&[0; 5]);
        assert!(shrink.finish().is_none());
    }

    proptest! {
        #[test]
        fn a_plain_picture_stays_plain(
            size in (1_u32..40, 1_u32..40), cell in (1_u32..12, 1_u32..12), pixel in any::<[u8; 4]>(),
            samples in prop::sample::select(vec![Samples::Grey, Samples::GreyAlpha, Samples::Rgb, Samples::Rgba]),
        ) {
            let bytes = pixel[..samples.bytes()].repeat((size.0 * size.1) as usize);
            let shrunk = shrink(samples, size, cell, &bytes);
            prop_assert_eq!(shrunk.rgba.len(), (shrunk.size.0 * shrunk.size.1 * 4) as usize);
            let mut expected = Vec::new();
            as_rgba(samples, &pixel[..samples.bytes()], &mut expected);
            if expected[3] == 0 && cell != (1, 1) {
                expected = vec![0; 4];
            }
            for found in shrunk.rgba.chunks_exact(4) {
                prop_assert_eq!(found, expected.as_slice());
            }
        }
    }
}
