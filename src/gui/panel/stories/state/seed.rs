//! Seeds as people read and type them.

/// One more than the largest seed that the dice give: a number that can be read out and typed.
const READABLE: u32 = 1_000_000;

/// A seed that was not used before, as far as chance goes.
pub(super) fn fresh() -> u32 {
    uuid::Uuid::new_v4().as_fields().0 % READABLE
}

/// Reads a typed seed.
pub(super) fn parse(text: &str) -> Result<u32, &'static str> {
    text.trim()
        .parse()
        .map_err(|_| "A seed is a whole number from 0 to 4,294,967,295")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_whole_numbers_of_32_bits() {
        assert_eq!(parse(" 4127 "), Ok(4127));
        assert_eq!(parse("4294967295"), Ok(u32::MAX));
        for wrong in ["", "-1", "4.5", "4294967296", "x"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_dice_give_readable_numbers() {
        let all: Vec<u32> = (0..50).map(|_| fresh()).collect();
        assert!(all.iter().all(|&seed| seed < READABLE));
        assert!(all.iter().any(|&seed| seed != all[0]));
    }
}
