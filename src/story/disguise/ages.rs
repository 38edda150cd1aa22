//! How old a child is, told as a band of years: enough for a picture, too little for a record.

use std::sync::LazyLock;

use regex::{Captures, Regex};

const NUMBER: &str = r"(?:1[0-7]|[0-9]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)";
const WORDS: [&str; 18] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
];
/// First and last year of each band.
const BANDS: [(usize, usize); 5] = [(0, 2), (3, 5), (6, 8), (9, 12), (13, 17)];

/// Ways to say an age; the number is the group `n`.
#[expect(
    clippy::expect_used,
    reason = "the patterns are constants, and every test compiles them"
)]
static AGE: LazyLock<Regex> = LazyLock::new(|| {
    let number = format!(r"(?:{NUMBER})");
    let ways = [
        // "5-year-old", "five years old", "5 yrs", "5 y/o"
        format!(
            r"\b(?P<a>{number})(?P<a2>[\s-]*(?:years?|yrs?)[\s-]+(?:old|of\s+age)|[\s-]*y/?o\b|\s+Jahre\s+alt|\s*-?jährige[rsn]?|\s+años|\s+ans\b|\s+anni\b|\s+anos\b|\s+(?:лет|года?)\b)"
        ),
        // "aged 5", "age of five", "turns six"
        format!(r"\b(?P<b1>aged?\s+(?:of\s+)?|turn(?:s|ed|ing)\s+|is\s+only\s+)(?P<b>{number})\b"),
        // "Maya (5)"
        format!(r"(?P<c1>\p{{L}}\s*\(\s*)(?P<c>{number})(?P<c2>\s*\))"),
        // "Maya, 5,"
        format!(r"(?P<d1>\p{{L}},\s+)(?P<d>{number})(?P<d2>\s*[,.;])"),
    ];
    Regex::new(&format!("(?i:{})", ways.join("|"))).expect("the pattern is a constant")
});

fn age(text: &str) -> Option<usize> {
    let small = text.to_lowercase();
    let age = small
        .parse()
        .ok()
        .or_else(|| WORDS.iter().position(|word| *word == small))?;
    (age < 18).then_some(age)
}

fn band(age: usize) -> Option<(usize, usize)> {
    BANDS.into_iter().find(|(first, last)| (*first..=*last).contains(&age))
}

fn replaced(found: &Captures<'_>) -> Option<String> {
    let part = |name: &str| found.name(name).map_or("", |part| part.as_str());
    let (before, number, after) = if found.name("a").is_some() {
        ("", part("a"), part("a2"))
    } else if found.name("b").is_some() {
        (part("b1"), part("b"), "")
    } else if found.name("c").is_some() {
        (part("c1"), part("c"), part("c2"))
    } else {
        (part("d1"), part("d"), part("d2"))
    };
    let (first, last) = band(age(number)?)?;
    let to = if after.starts_with('-') { "-to-" } else { " to " };
    Some(format!("{before}{first}{to}{last}{after}"))
}

/// Whether what is before a number makes it the end of a band, such as "3 to 5" and "3-to-5".
fn ends_band(before: &str) -> bool {
    let parted = |c: char| c == '-' || c.is_whitespace();
    before.trim_end_matches(parted).strip_suffix("to").is_some_and(|rest| {
        rest.ends_with(parted) && rest.trim_end_matches(parted).ends_with(|c: char| c.is_ascii_digit())
    })
}

/// Whether what follows a number makes it the beginning of a band.
fn begins_band(after: &str) -> bool {
    let parted = |c: char| c == '-' || c.is_whitespace();
    after.trim_start_matches(parted).strip_prefix("to").is_some_and(|rest| {
        rest.starts_with(parted)
            && rest
                .trim_start_matches(parted)
                .starts_with(|c: char| c.is_ascii_digit())
    })
}

/// The text with a band of years for each age of a child.
pub(super) fn banded(text: &str) -> String {
    AGE.replace_all(text, |found: &Captures<'_>| {
        let whole = found.get(0).map_or(0..0, |whole| whole.range());
        let is_band = ends_band(&text[..whole.start]) || begins_band(&text[whole.end..]);
        let new = if is_band { None } else { replaced(found) };
        new.unwrap_or_else(|| found[0].to_owned())
    })
    .into_owned()
}

/// What is said of ages in a text, and what goes out instead.
pub(super) fn phrases(text: &str) -> Vec<(String, String)> {
    AGE.captures_iter(text)
        // What stands before or after a bare number is a name, which goes out as another one.
        .filter(|found| found.name("c").is_none() && found.name("d").is_none())
        .filter(|found| {
            let whole = found.get(0).map_or(0..0, |whole| whole.range());
            !ends_band(&text[..whole.start]) && !begins_band(&text[whole.end..])
        })
        .filter_map(|found| Some((found[0].to_owned(), replaced(&found)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_become_bands() {
        for (text, expected) in [
            ("a 5-year-old girl", "a 3-to-5-year-old girl"),
            ("a five year old", "a 3 to 5 year old"),
            ("Maya is 12 years old.", "Maya is 9 to 12 years old."),
            ("Maya, aged two", "Maya, aged 0 to 2"),
            ("Maya (7) and Tom (16)", "Maya (6 to 8) and Tom (13 to 17)"),
            ("Maya, 5, laughs", "Maya, 3 to 5, laughs"),
            ("at the age of six", "at the age of 6 to 8"),
            ("she turns 3", "she turns 3 to 5"),
            (
                "3 owls and 80-year-old Ann, aged 70",
                "3 owls and 80-year-old Ann, aged 70",
            ),
            ("15 foxes (scene 20)", "15 foxes (scene 20)"),
            ("она 5 лет", "она 3 to 5 лет"),
        ] {
            assert_eq!(banded(text), expected);
            assert_eq!(banded(&banded(text)), expected, "a band is no age");
        }
    }
}
