//! MD5 (RFC 1321): what the ETag of an object is, and so what each byte that moves goes through. It proves that nothing was changed
//! by accident, and nothing else.
//!
//! The rest of the hash, buffers and saved states, is that of the `md-5` crate. Only what is done with a block is our own: each
//! step waits for the one before it, so what counts is how many operations lie between the two. The compiler adds constants that
//! it knows last, which is one more; here it does not know them. That is a quarter more bytes a second than the crate has, and
//! as many as OpenSSL's assembly has.

#![expect(
    unexpected_cfgs,
    reason = "a macro of the digest crate asks after a feature of its own"
)]

use std::fmt;

use ::md5::digest::array::Array;
use ::md5::digest::block_api::{
    AlgorithmName, Block, BlockSizeUser, Buffer, BufferKindUser, Eager, FixedOutputCore, OutputSizeUser, Reset,
    UpdateCore,
};
use ::md5::digest::common::hazmat::{DeserializeStateError, SerializableState, SerializedState};
use ::md5::digest::typenum::{U16, U24, U64};
use ::md5::digest::{HashMarker, Output, buffer_fixed};

buffer_fixed!(
    /// An MD5 under way. Its saved state is that of the `md-5` crate.
    pub struct Md5(Core);
    impl: FixedHashTraits;
);

/// What is known after so many whole blocks.
#[derive(Clone)]
pub struct Core {
    blocks: u64,
    state: [u32; 4],
}

/// What is added in each step: the sines of the numbers from 1 on.
static SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

/// Bits by which is rotated, in each of the four rounds.
const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// What all four operations have in common: `late` is what has to wait for the step before.
#[inline(always)]
fn step(late: u32, early: u32, turn: u32, b: u32) -> u32 {
    late.wrapping_add(early).rotate_left(turn).wrapping_add(b)
}

/// Takes blocks in.
fn compress(state: &mut [u32; 4], blocks: &[[u8; 64]]) {
    // A table of which the compiler knows nothing.
    let sines = std::hint::black_box(&SINES);
    for block in blocks {
        let mut words = [0; 16];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        let [mut a, mut b, mut c, mut d] = *state;
        // Four steps, after which each of the four has its own place again.
        macro_rules! four {
            ($round:literal, $at:expr, $word:expr, $how:expr) => {
                let early = |own: u32, at: usize| own.wrapping_add(words[$word(at) % 16]).wrapping_add(sines[at]);
                let turns = TURNS[$round];
                a = $how(early(a, $at), b, c, d, turns[0]);
                d = $how(early(d, $at + 1), a, b, c, turns[1]);
                c = $how(early(c, $at + 2), d, a, b, turns[2]);
                b = $how(early(b, $at + 3), c, d, a, turns[3]);
            };
        }
        macro_rules! round {
            ($round:literal, $word:expr, $how:expr) => {
                four!($round, 16 * $round, $word, $how);
                four!($round, 16 * $round + 4, $word, $how);
                four!($round, 16 * $round + 8, $word, $how);
                four!($round, 16 * $round + 12, $word, $how);
            };
        }
        round!(0, |at: usize| at, |early, b, c, d, turn| step(
            d ^ (b & (c ^ d)),
            early,
            turn,
            b
        ));
        // No bit is set in both of them, so that they can be added one after the other.
        round!(1, |at: usize| 5 * at + 1, |early: u32, b, c: u32, d: u32, turn| step(
            d & b,
            early.wrapping_add(!d & c),
            turn,
            b
        ));
        round!(2, |at: usize| 3 * at + 5, |early, b, c, d, turn| step(
            b ^ (c ^ d),
            early,
            turn,
            b
        ));
        round!(3, |at: usize| 7 * at, |early, b, c, d: u32, turn| step(
            c ^ (b | !d),
            early,
            turn,
            b
        ));
        for (sum, own) in state.iter_mut().zip([a, b, c, d]) {
            *sum = sum.wrapping_add(own);
        }
    }
}

impl Default for Core {
    fn default() -> Self {
        Self {
            blocks: 0,
            state: [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476],
        }
    }
}

impl HashMarker for Core {}

impl BlockSizeUser for Core {
    type BlockSize = U64;
}

impl BufferKindUser for Core {
    type BufferKind = Eager;
}

impl OutputSizeUser for Core {
    type OutputSize = U16;
}

impl UpdateCore for Core {
    fn update_blocks(&mut self, blocks: &[Block<Self>]) {
        self.blocks = self.blocks.wrapping_add(blocks.len() as u64);
        compress(&mut self.state, Array::cast_slice_to_core(blocks));
    }
}

impl FixedOutputCore for Core {
    fn finalize_fixed_core(&mut self, buffer: &mut Buffer<Self>, out: &mut Output<Self>) {
        let bytes = self.blocks.wrapping_mul(64).wrapping_add(buffer.get_pos() as u64);
        let mut state = self.state;
        buffer.len64_padding_le(bytes.wrapping_mul(8), |block| compress(&mut state, &[block.0]));
        for (bytes, word) in out.chunks_exact_mut(4).zip(state) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
    }
}

impl Reset for Core {
    fn reset(&mut self) {
        *self = Self::default();
    }
}

impl AlgorithmName for Core {
    fn write_alg_name(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Md5")
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").finish_non_exhaustive()
    }
}

/// The words of the state and then the count of blocks, all from their least byte on, as the crate writes them.
impl SerializableState for Core {
    type SerializedStateSize = U24;

    fn serialize(&self) -> SerializedState<Self> {
        let mut saved = SerializedState::<Self>::default();
        let (state, blocks) = saved.split_at_mut(16);
        for (bytes, word) in state.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        blocks.copy_from_slice(&self.blocks.to_le_bytes());
        saved
    }

    fn deserialize(saved: &SerializedState<Self>) -> Result<Self, DeserializeStateError> {
        let (state, blocks) = saved.split_at(16);
        let mut read = Self {
            blocks: u64::from_le_bytes(blocks.try_into().map_err(|_| DeserializeStateError)?),
            state: [0; 4],
        };
        for (word, bytes) in read.state.iter_mut().zip(state.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use ::md5::Digest as _;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hashes_are_those_of_the_standard() {
        // RFC 1321, A.5
        for (text, hash) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
            (
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                "d174ab98d277d9f5a5611c2c9f419d9f",
            ),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
        ] {
            let found: String = Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(found, hash, "{text:?}");
        }
    }

    proptest! {
        /// Bytes in any pieces, and put down and taken up again by either of the two at any place.
        #[test]
        fn it_is_what_the_crate_says(bytes in prop::collection::vec(any::<u8>(), 0..700), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4)) {
            let (mut ours, mut theirs) = (Md5::new(), ::md5::Md5::new());
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.push(bytes.len());
            cuts.sort_unstable();
            let mut from = 0;
            for cut in cuts {
                ours.update(&bytes[from..cut]);
                theirs.update(&bytes[from..cut]);
                let (saved, same) = (ours.serialize(), theirs.serialize());
                prop_assert_eq!(&saved[..], &same[..]);
                (ours, theirs) = (Md5::deserialize(&same).unwrap(), ::md5::Md5::deserialize(&saved).unwrap());
                from = cut;
            }
            prop_assert_eq!(&ours.finalize()[..], &theirs.finalize()[..]);
        }
    }
}
