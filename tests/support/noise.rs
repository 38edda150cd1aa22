//! A picture of noise, which no format makes small. For the tests of the window, and for those of what they show.

/// Red, green, blue and opacity of so many pixels; the same each time.
pub fn noise(width: u32, height: u32) -> Vec<u8> {
    let mut seed = 1_u32;
    let pixels = (0..width * height).flat_map(|_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        [(seed >> 24) as u8, (seed >> 16) as u8, (seed >> 8) as u8, 255]
    });
    pixels.collect()
}
