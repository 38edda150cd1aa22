//! Blocks from their neighbours and their coefficients: RFC 6386, sections 12 and 14.

/// A part of a plane: the samples of a row of macroblocks below the last row of the one above, with a margin on the left.
pub(super) struct Plane {
    pub(super) samples: Vec<u8>,
    pub(super) stride: usize,
    rows: usize,
}

/// Samples on the left of the first block, of which the last one is looked at; on the right of the last one as many are.
pub(super) const MARGIN: usize = 16;

/// How a block of 4 × 4 is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Mode {
    #[default]
    Dc,
    Tm,
    Vertical,
    Horizontal,
    LeftDown,
    RightDown,
    VerticalRight,
    VerticalLeft,
    HorizontalDown,
    HorizontalUp,
}

impl Plane {
    /// Of so many blocks of `side` samples.
    pub(super) fn new(blocks: usize, side: usize) -> Self {
        let stride = 2 * MARGIN + blocks * side;
        let mut plane = Self {
            samples: vec![127; stride * (side + 1)],
            stride,
            rows: side,
        };
        plane.margin();
        plane
    }

    fn margin(&mut self) {
        for row in 1..=self.rows {
            self.samples[row * self.stride + MARGIN - 1] = 129;
        }
    }

    /// The last row becomes the one above the next ones.
    pub(super) fn advance(&mut self) {
        self.samples.copy_within(self.rows * self.stride.., 0);
        self.samples[MARGIN - 1] = 129;
    }

    /// A row of samples, without the margins.
    pub(super) fn row(&self, row: usize) -> &[u8] {
        &self.samples[(row + 1) * self.stride + MARGIN..]
    }

    /// Where the block begins.
    pub(super) fn place(&self, block: usize) -> usize {
        self.stride + MARGIN + block * self.rows
    }

    /// Predicts a block of `N` × `N`.
    pub(super) fn predict<const N: usize>(&mut self, at: usize, mode: Mode, has_above: bool, has_left: bool) {
        let stride = self.stride;
        let mut above = [0; N];
        above.copy_from_slice(&self.samples[at - stride..][..N]);
        let corner = self.samples[at - stride - 1];
        let left: [u8; N] = std::array::from_fn(|row| self.samples[at + row * stride - 1]);
        let sum = |all: &[u8; N]| all.iter().map(|sample| u32::from(*sample)).sum::<u32>();
        let size = N as u32;
        let mean = match (has_above, has_left) {
            (true, true) => (sum(&above) + sum(&left) + size) / (2 * size),
            (true, false) => (sum(&above) + size / 2) / size,
            (false, true) => (sum(&left) + size / 2) / size,
            (false, false) => 128,
        };
        for (row, left) in left.iter().enumerate() {
            let into = &mut self.samples[at + row * stride..][..N];
            match mode {
                Mode::Vertical => into.copy_from_slice(&above),
                Mode::Horizontal => into.fill(*left),
                Mode::Tm => {
                    let base = i16::from(*left) - i16::from(corner);
                    for (into, above) in into.iter_mut().zip(&above) {
                        *into = (base + i16::from(*above)).clamp(0, 255) as u8;
                    }
                }
                _ => into.fill(mean as u8),
            }
        }
    }

    /// Predicts a block of 4 × 4 by section 12.3. `right` is above, to the right.
    pub(super) fn predict_small(&mut self, at: usize, mode: Mode, right: [u8; 4]) {
        let stride = self.stride;
        let samples = &mut self.samples;
        let mut above = [0_u8; 4];
        above.copy_from_slice(&samples[at - stride..][..4]);
        let left: [u8; 4] = std::array::from_fn(|row| samples[at + row * stride - 1]);
        let corner = samples[at - stride - 1];
        let [a, b, c, d] = above;
        let [e, f, g, h] = right;
        let [i, j, k, l] = left;
        let x = corner;
        let rows: [[u8; 4]; 4] = match mode {
            Mode::Dc => {
                let sum: u32 = [a, b, c, d, i, j, k, l].map(u32::from).iter().sum();
                [[((sum + 4) >> 3) as u8; 4]; 4]
            }
            Mode::Tm => left.map(|left| {
                let base = i16::from(left) - i16::from(x);
                above.map(|above| (base + i16::from(above)).clamp(0, 255) as u8)
            }),
            Mode::Vertical => [[three(x, a, b), three(a, b, c), three(b, c, d), three(c, d, e)]; 4],
            Mode::Horizontal => [
                [three(x, i, j); 4],
                [three(i, j, k); 4],
                [three(j, k, l); 4],
                [three(k, l, l); 4],
            ],
            Mode::LeftDown => {
                let line = [
                    three(a, b, c),
                    three(b, c, d),
                    three(c, d, e),
                    three(d, e, f),
                    three(e, f, g),
                    three(f, g, h),
                    three(g, h, h),
                ];
                std::array::from_fn(|row| std::array::from_fn(|column| line[row + column]))
            }
            Mode::RightDown => {
                let line = [
                    three(j, k, l),
                    three(i, j, k),
                    three(x, i, j),
                    three(a, x, i),
                    three(b, a, x),
                    three(c, b, a),
                    three(d, c, b),
                ];
                std::array::from_fn(|row| std::array::from_fn(|column| line[3 - row + column]))
            }
            Mode::VerticalRight => {
                let (p, q) = (two(x, a), three(i, x, a));
                let (r, s) = (two(a, b), three(x, a, b));
                let (t, u) = (two(b, c), three(a, b, c));
                let (v, w) = (two(c, d), three(b, c, d));
                [
                    [p, r, t, v],
                    [q, s, u, w],
                    [three(j, i, x), p, r, t],
                    [three(k, j, i), q, s, u],
                ]
            }
            Mode::VerticalLeft => {
                let (p, q) = (two(b, c), three(b, c, d));
                let (r, s) = (two(c, d), three(c, d, e));
                [
                    [two(a, b), p, r, two(d, e)],
                    [three(a, b, c), q, s, three(d, e, f)],
                    [p, r, two(d, e), three(e, f, g)],
                    [q, s, three(d, e, f), three(f, g, h)],
                ]
            }
            Mode::HorizontalDown => {
                let (p, q) = (two(i, x), three(j, i, x));
                let (r, s) = (two(j, i), three(k, j, i));
                let (t, u) = (two(k, j), three(l, k, j));
                [
                    [p, three(i, x, a), three(x, a, b), three(a, b, c)],
                    [r, q, p, three(i, x, a)],
                    [t, s, r, q],
                    [two(l, k), u, t, s],
                ]
            }
            Mode::HorizontalUp => {
                let (p, q) = (two(j, k), three(j, k, l));
                let (r, s) = (two(k, l), three(k, l, l));
                [
                    [two(i, j), three(i, j, k), p, q],
                    [p, q, r, s],
                    [r, s, l, l],
                    [l, l, l, l],
                ]
            }
        };
        for (row, values) in rows.iter().enumerate() {
            samples[at + row * stride..][..4].copy_from_slice(values);
        }
    }

    /// Adds what the coefficients of a block of 4 × 4 stand for. `end` is behind the last one.
    #[inline]
    pub(super) fn add(&mut self, at: usize, block: &[i16; 16], end: usize) {
        if end > 1 {
            self.add_rows(at, &transformed(block));
        } else if block[0] != 0 {
            self.add_rows(at, &[[(i32::from(block[0]) + 4) >> 3; 4]; 4]);
        }
    }

    #[inline]
    fn add_rows(&mut self, at: usize, rows: &[[i32; 4]; 4]) {
        for (row, values) in rows.iter().enumerate() {
            let into = &mut self.samples[at + row * self.stride..][..4];
            for (into, value) in into.iter_mut().zip(values) {
                *into = value.wrapping_add(i32::from(*into)).clamp(0, 255) as u8;
            }
        }
    }
}

fn two(a: u8, b: u8) -> u8 {
    ((u16::from(a) + u16::from(b) + 1) >> 1) as u8
}

fn three(a: u8, b: u8, c: u8) -> u8 {
    ((u16::from(a) + 2 * u16::from(b) + u16::from(c) + 2) >> 2) as u8
}

/// Section 14.3. Broken files leave the range of numbers; nothing but their own colours depends on it.
fn transformed(block: &[i16; 16]) -> [[i32; 4]; 4] {
    let by_1 = |value: i32| (value.wrapping_mul(20_091) >> 16).wrapping_add(value);
    let by_2 = |value: i32| value.wrapping_mul(35_468) >> 16;
    let butterfly = |[a, b, c, d]: [i32; 4]| {
        let (even, odd) = (a.wrapping_add(c), a.wrapping_sub(c));
        let low = by_2(b).wrapping_sub(by_1(d));
        let high = by_1(b).wrapping_add(by_2(d));
        [
            even.wrapping_add(high),
            odd.wrapping_add(low),
            odd.wrapping_sub(low),
            even.wrapping_sub(high),
        ]
    };
    let columns: [[i32; 4]; 4] =
        std::array::from_fn(|x| butterfly(std::array::from_fn(|y| i32::from(block[y * 4 + x]))));
    std::array::from_fn(|y| {
        let row = butterfly(std::array::from_fn(|x| columns[x][y]));
        row.map(|value| value.wrapping_add(4) >> 3)
    })
}

/// Section 14.3: the first coefficients of the sixteen blocks of a macroblock.
pub(super) fn spread(block: &[i16; 16]) -> [i16; 16] {
    let butterfly = |[a, b, c, d]: [i32; 4]| {
        let (outer, inner) = (a + d, b + c);
        let (across, between) = (a - d, b - c);
        [outer + inner, across + between, outer - inner, across - between]
    };
    let columns: [[i32; 4]; 4] =
        std::array::from_fn(|x| butterfly(std::array::from_fn(|y| i32::from(block[y * 4 + x]))));
    let mut out = [0; 16];
    for (y, row) in out.chunks_exact_mut(4).enumerate() {
        let values = butterfly(std::array::from_fn(|x| columns[x][y]));
        for (into, value) in row.iter_mut().zip(values) {
            *into = ((value + 3) >> 3) as i16;
        }
    }
    out
}
