//! From the frequencies of a block to as many pixels as are wanted: the inverse cosine transform of the lowest of them.

/// Where the lowest sixteen frequencies are in the order of the file.
const LOWEST: [usize; 16] = [0, 1, 5, 6, 2, 4, 7, 13, 3, 8, 12, 17, 9, 11, 18, 24];

/// The cosines of an eighth and of three eighths of a half turn, over the root of two, in 4,096ths.
const NEAR: i32 = 2_676;
const FAR: i32 = 1_108;

/// Paints a block of `side` pixels, 1, 2 or 4, each way.
#[inline]
pub(super) fn paint(
    block: &[i16; 64],
    has_others: bool,
    steps: &[u16; 64],
    side: usize,
    stride: usize,
    into: &mut [u8],
) {
    // What no picture has is cut, so that no sum leaves 32 bits.
    let value = |at: usize| (i32::from(block[at]) * i32::from(steps[at])).clamp(-32_768, 32_767);
    let mean = value(0);
    if side == 1 || !has_others {
        let sample = level(mean + 4, 3);
        for row in 0..side {
            into[row * stride..][..side].fill(sample);
        }
    } else if side == 2 {
        let (across, down, both) = (value(1), value(2), value(4));
        into[0] = level(mean + across + down + both + 4, 3);
        into[1] = level(mean - across + down - both + 4, 3);
        let below = &mut into[stride..];
        below[0] = level(mean + across - down - both + 4, 3);
        below[1] = level(mean - across - down + both + 4, 3);
    } else {
        let values = LOWEST.map(value);
        let columns: [[i32; 4]; 4] = std::array::from_fn(|x| {
            four([values[x], values[4 + x], values[8 + x], values[12 + x]]).map(|sum| sum >> 10)
        });
        for y in 0..4 {
            let row = four([columns[0][y], columns[1][y], columns[2][y], columns[3][y]]);
            let pixels = row.map(|sum| level(sum + (1 << 14), 15));
            into[y * stride..][..4].copy_from_slice(&pixels);
        }
    }
}

/// Four points, 4,096-fold.
fn four([a, b, c, d]: [i32; 4]) -> [i32; 4] {
    let (even, odd) = ((a + c) << 11, (a - c) << 11);
    let (outer, inner) = (b * NEAR + d * FAR, b * FAR - d * NEAR);
    [even + outer, odd + inner, odd - inner, even - outer]
}

fn level(sum: i32, shift: u32) -> u8 {
    ((sum >> shift) + 128).clamp(0, 255) as u8
}
