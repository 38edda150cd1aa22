//! Words of anybody, made into words that a book can hold.

use super::Language;

/// Characters of one text at most: a scene that says more is cut, and that is said.
pub(super) const TEXT_MAX: usize = 20_000;

/// A text on one line: white space is one space, and what is not seen and steers is left out.
pub(super) fn line(text: &str) -> String {
    let clean: String = text.chars().take(TEXT_MAX).filter_map(visible).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The paragraphs of a text, each on one line.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let text: String = text.chars().take(TEXT_MAX).collect();
    text.split(['\n', '\r', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}'])
        .map(line)
        .filter(|paragraph| !paragraph.is_empty())
        .collect()
}

/// What XML and fonts can hold of a character. Controls become spaces; what changes the direction of a text or is no
/// character at all is left out.
fn visible(c: char) -> Option<char> {
    match c {
        '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => None,
        '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}' => None,
        c if u32::from(c) & 0xfffe == 0xfffe => None,
        c if c.is_control() => Some(' '),
        c => Some(c),
    }
}

/// For XHTML and XML, in elements and in attributes with double quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Whether more letters run from right to left than from left to right.
pub(super) fn is_rtl<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let (mut rtl, mut ltr) = (0_usize, 0_usize);
    for c in texts.flat_map(str::chars).filter(|c| c.is_alphabetic()) {
        match u32::from(c) {
            0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x1_0800..=0x1_0fff | 0x1_e800..=0x1_efff => rtl += 1,
            _ => ltr += 1,
        }
    }
    rtl > ltr
}

/// The language by the letters, where they tell it, else by who wrote; the built-in storyteller writes English.
pub(super) fn language<'a>(texts: impl Iterator<Item = &'a str>, writer: Option<&str>) -> Language {
    let mut counts = [
        ("he", 0_usize),
        ("ar", 0),
        ("ja", 0),
        ("ko", 0),
        ("zh", 0),
        ("el", 0),
        ("th", 0),
        ("hi", 0),
        ("", 0),
    ];
    for c in texts.flat_map(str::chars).filter(|c| c.is_alphabetic()).take(100_000) {
        let at = match u32::from(c) {
            0x590..=0x5ff => 0,
            0x600..=0x6ff => 1,
            0x3040..=0x30ff => 2,
            0xac00..=0xd7af => 3,
            0x4e00..=0x9fff => 4,
            0x370..=0x3ff | 0x1f00..=0x1fff => 5,
            0xe00..=0xe7f => 6,
            0x900..=0x97f => 7,
            _ => 8,
        };
        counts[at].1 += 1;
    }
    // Japanese is written with Chinese letters, too; a few of its own tell it.
    if counts[2].1 * 8 > counts[4].1 {
        counts[2].1 += counts[4].1;
    }
    let most = counts
        .iter()
        .max_by_key(|(_, count)| *count)
        .map_or("", |(language, _)| language);
    let language = match most {
        "" if writer.is_some_and(|writer| writer.contains("(no AI)")) => "en",
        "" => "und",
        known => known,
    };
    Language::parse(language).unwrap_or_else(|_| Language::unknown())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_words_become_plain_ones() {
        assert_eq!(line(" a\u{0}b\t\u{202e}c\u{feff}\u{ffff}\n d "), "a b c d");
        assert_eq!(paragraphs("a\r\n\r\n b \u{2028}c\u{b}"), ["a", "b", "c"]);
        assert_eq!(escaped("<script>&'\""), "&lt;script&gt;&amp;&#39;&quot;");
        assert_eq!(line(&"x".repeat(30_000)).len(), TEXT_MAX);
    }

    #[test]
    fn languages_and_directions_are_told_by_letters() {
        let of = |text: &str, writer| language(std::iter::once(text), writer).as_str().to_owned();
        assert_eq!(of("שלום", None), "he");
        assert_eq!(of("星の子 は 森", None), "ja");
        assert_eq!(of("小狐狸找星星", None), "zh");
        assert_eq!(of("A fox", None), "und");
        assert_eq!(of("A fox", Some("Built-in storyteller (no AI)")), "en");
        assert!(is_rtl(["שלום fox"].into_iter()) && !is_rtl(["fox", ""].into_iter()));
    }
}
