//! The boolean decoder of RFC 6386, section 7, and the coefficients that are read with it.

use super::tables::{BANDS, LARGE, ZIGZAG};

/// The probabilities of one plane, by coefficient instead of band.
pub(super) type PlaneProbs = [[[u8; 11]; 3]; 17];

/// Zeros that are read behind the end, of which an encoder may have left some out.
const BEHIND: u32 = 8;

/// Reads decisions of known probability. Behind the end there are zeros.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    data: &'a [u8],
    value: u64,
    /// The range less one, from 127 to 254.
    range: u32,
    /// Bits of `value` below the eight that are compared.
    left: i32,
    behind: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            value: 0,
            range: 254,
            left: -8,
            behind: 0,
        }
    }

    /// Whether more was read than there is.
    pub(super) fn is_over(&self) -> bool {
        self.behind > BEHIND
    }

    #[inline]
    fn fill(&mut self) {
        if let Some((chunk, _)) = self.data.split_first_chunk::<8>() {
            self.value = self.value << 56 | u64::from_be_bytes(*chunk) >> 8;
            self.left += 56;
            self.data = &self.data[7..];
        } else {
            self.fill_slowly();
        }
    }

    #[cold]
    fn fill_slowly(&mut self) {
        self.value <<= 8;
        self.left += 8;
        if let Some((byte, rest)) = self.data.split_first() {
            self.value |= u64::from(*byte);
            self.data = rest;
        } else {
            self.behind = self.behind.saturating_add(1);
        }
    }

    /// A decision that is no with a probability of `no` in 256.
    #[inline(always)]
    pub(super) fn bit(&mut self, no: u8) -> bool {
        if self.left < 0 {
            self.fill();
        }
        let split = (self.range * u32::from(no)) >> 8;
        let is_set = (self.value >> self.left) as u32 > split;
        let range = if is_set {
            self.value -= u64::from(split + 1) << self.left;
            self.range - split
        } else {
            split + 1
        };
        // Back to at least 128.
        let shift = range.leading_zeros().wrapping_sub(24);
        self.range = (range << shift).wrapping_sub(1);
        self.left -= shift as i32;
        is_set
    }

    pub(super) fn flag(&mut self) -> bool {
        self.bit(128)
    }

    pub(super) fn number(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |number, _| number << 1 | u32::from(self.flag()))
    }

    /// A number with its sign, or 0 if there is none.
    pub(super) fn signed(&mut self, bits: u32) -> i32 {
        if !self.flag() {
            return 0;
        }
        let number = self.number(bits) as i32;
        if self.flag() { -number } else { number }
    }

    /// Section 13: the coefficients of a block from `first` on, multiplied by their steps, into their places. Answers where the
    /// last one was, plus one.
    #[inline]
    pub(super) fn coefficients(
        &mut self,
        probs: &PlaneProbs,
        context: usize,
        steps: [i32; 2],
        first: usize,
        block: &mut [i16; 16],
    ) -> usize {
        // What is known of the stream stays in registers meanwhile.
        let mut bits = *self;
        let mut at = first;
        let mut now = &probs[at][context];
        let end = 'block: loop {
            if !bits.bit(now[0]) {
                break at;
            }
            while !bits.bit(now[1]) {
                at += 1;
                if at == 16 {
                    break 'block 16;
                }
                now = &probs[at][0];
            }
            let after = &probs[at + 1];
            let level = if bits.bit(now[2]) {
                let level = bits.large(now);
                now = &after[2];
                level
            } else {
                now = &after[1];
                1
            };
            let level = if bits.bit(128) { -level } else { level };
            // As wide as everybody keeps it: what a broken file asks for beyond that is cut.
            block[usize::from(ZIGZAG[at])] = (level * steps[usize::from(at > 0)]) as i16;
            at += 1;
            if at == 16 {
                break 16;
            }
        };
        *self = bits;
        end
    }

    /// Section 13.2: a level of two or more.
    #[inline]
    fn large(&mut self, probs: &[u8; 11]) -> i32 {
        let mut bit = |no| i32::from(self.bit(no));
        if bit(probs[3]) == 0 {
            return if bit(probs[4]) == 0 { 2 } else { 3 + bit(probs[5]) };
        }
        if bit(probs[6]) == 0 {
            return if bit(probs[7]) == 0 {
                5 + bit(159)
            } else {
                let high = bit(165);
                7 + 2 * high + bit(145)
            };
        }
        let high = bit(probs[8]) as usize;
        let category = 2 * high + bit(probs[9 + high]) as usize;
        let extra = LARGE[category].iter().fold(0, |extra, no| extra << 1 | bit(*no));
        3 + (8 << category) + extra
    }
}

/// The probabilities of a plane as [`Bits::coefficients`] wants them.
pub(super) fn by_coefficient(bands: &[[[u8; 11]; 3]; 8]) -> PlaneProbs {
    BANDS.map(|band| bands[usize::from(band)])
}
