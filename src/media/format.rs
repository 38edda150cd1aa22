//! Sizes as people read them.

/// Units of 1,000, as the storage service counts its limits.
const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];

/// A size in decimal units, short: `348 bytes`, `231 KB`, `6.8 MB`, `5 MB`. One decimal below 100, none from there on.
#[must_use]
pub fn format_bytes(bytes: u64) -> String {
    if bytes == 1 {
        return "1 byte".to_owned();
    }
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    // Whole tenths of the unit, rounded half up, so that no float decides between "1000 KB" and "1 MB".
    let mut unit = 1000_u128;
    let bytes = u128::from(bytes);
    for (index, name) in UNITS.iter().enumerate() {
        let tenths = (bytes * 10 + unit / 2) / unit;
        let whole = (bytes + unit / 2) / unit;
        if whole < 1000 || index + 1 == UNITS.len() {
            return match (tenths < 1000, tenths % 10) {
                (true, 0) => format!("{} {name}", tenths / 10),
                (true, tenth) => format!("{}.{tenth} {name}", tenths / 10),
                (false, _) => format!("{whole} {name}"),
            };
        }
        unit *= 1000;
    }
    format!("{bytes} bytes")
}

/// A number with a comma between groups of three digits: `1,204,331`.
#[must_use]
pub fn group_thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short_and_decimal() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1 KB"),
            (1_250, "1.3 KB"),
            (99_949, "99.9 KB"),
            (99_950, "100 KB"),
            (231_400, "231 KB"),
            (999_499, "999 KB"),
            (999_500, "1 MB"),
            (6_800_000, "6.8 MB"),
            (52_428_800, "52.4 MB"),
            (1_000_000_000, "1 GB"),
            (u64::MAX, "18447 PB"),
        ] {
            assert_eq!(format_bytes(bytes), text, "{bytes}");
        }
    }

    #[test]
    fn digits_are_grouped_from_the_right() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (198_412, "198,412"),
            (1_204_331, "1,204,331"),
        ] {
            assert_eq!(group_thousands(number), text);
        }
    }
}
