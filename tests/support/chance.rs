//! Chance that is the same for the same seed, for tests that kill the program at random moments.

use std::ops::Range;

/// Numbers that look random and are the same for the same seed.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        // Knuth's MMIX.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// The seeds to try: the one that `<name>_SEED` names, else as many as `<name>_SEEDS` says, else `usual` of them.
pub fn seeds(name: &str, usual: u64) -> Range<u64> {
    match std::env::var(format!("{name}_SEED")) {
        Ok(seed) => {
            let seed: u64 = seed.parse().unwrap();
            seed..seed + 1
        }
        Err(_) => 1..1 + std::env::var(format!("{name}_SEEDS")).map_or(usual, |seeds| seeds.parse().unwrap()),
    }
}
