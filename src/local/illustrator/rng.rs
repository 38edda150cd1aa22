//! Chance that can be repeated: a small PCG32, fed by the seed and the words, never by the clock.

/// A PCG32 generator (XSH-RR output), one of its own for every layer, so that a change in one layer
/// leaves the others where they were.
#[derive(Clone, Debug)]
pub struct Rng {
    state: u64,
    increment: u64,
}

impl Rng {
    /// The generator for `layer` of the picture that `base` stands for.
    pub fn new(base: u64, layer: &str) -> Self {
        let mut rng = Self {
            state: 0,
            increment: (hash(layer) << 1) | 1,
        };
        rng.next();
        rng.state = rng.state.wrapping_add(base);
        rng.next();
        rng
    }

    fn next(&mut self) -> u32 {
        let old = self.state;
        self.state = old.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(self.increment);
        let xorshifted = (((old >> 18) ^ old) >> 27) as u32;
        xorshifted.rotate_right((old >> 59) as u32)
    }

    /// A number in `0.0..1.0`.
    pub fn unit(&mut self) -> f32 {
        (self.next() >> 8) as f32 / (1 << 24) as f32
    }

    /// A number in `low..high`.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A whole number in `0..count`; 0 if `count` is 0.
    pub fn index(&mut self, count: usize) -> usize {
        ((self.unit() * count as f32) as usize).min(count.saturating_sub(1))
    }

    /// `true` in the given share of cases.
    pub fn chance(&mut self, share: f32) -> bool {
        self.unit() < share
    }

    /// One of the items; `items` must not be empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }
}

/// FNV-1a, 64 bits: the same on every machine and in every version, as `std`'s hasher is not.
pub fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_base_and_layer_give_the_same_numbers() {
        let mut a = Rng::new(7, "sky");
        let mut b = Rng::new(7, "sky");
        let mut other_layer = Rng::new(7, "land");
        let first: Vec<u32> = (0..8).map(|_| a.next()).collect();
        assert_eq!(first, (0..8).map(|_| b.next()).collect::<Vec<_>>());
        assert_ne!(first, (0..8).map(|_| other_layer.next()).collect::<Vec<_>>());
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut rng = Rng::new(1, "range");
        for _ in 0..2000 {
            assert!((3.0..5.0).contains(&rng.range(3.0, 5.0)));
            assert!(rng.index(4) < 4);
        }
        assert_eq!(rng.index(0), 0);
    }
}
