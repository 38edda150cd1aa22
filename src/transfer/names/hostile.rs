//! What makes a name dangerous somewhere: the words and characters that some system takes for something else.

use unicode_normalization::UnicodeNormalization as _;

/// Bytes that a name may have on the file systems in use (ext4, APFS, NTFS counts 16-bit units and so takes these too).
pub(super) const SEGMENT_MAX: usize = 255;

/// Characters that Windows forbids in names or gives a meaning of their own: `:` begins a stream, `*` and `?` are
/// patterns, `\` is a slash.
pub(super) fn is_forbidden_on_windows(c: char) -> bool {
    matches!(c, '<' | '>' | ':' | '"' | '\\' | '|' | '?' | '*')
}

/// Characters that are not seen, or change how their neighbours are seen: controls, marks of direction, zero width.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether Windows opens a device in the place of a file of this name. What follows the first dot does not count
/// (`nul.txt.jpg`), nor do spaces before it; the superscript digits count as digits.
pub(super) fn is_reserved(segment: &str) -> bool {
    let stem = segment.split(['.', ':']).next().unwrap_or_default();
    let stem = stem.trim_end_matches(' ').to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$"
    ) {
        return true;
    }
    ["COM", "LPT"].iter().any(|port| {
        stem.strip_prefix(port).is_some_and(|number| {
            let mut chars = number.chars();
            let digit = chars
                .next()
                .is_some_and(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'));
            digit && chars.next().is_none()
        })
    })
}

/// Whether a segment leads to another folder.
pub(super) fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

/// The form in which names are compared that some file system takes for one and the same: without case, in one Unicode
/// normal form, without characters that cannot be seen.
///
/// It rather holds two names for one than one for two.
#[must_use]
pub fn fold(name: &str) -> String {
    if name.is_ascii() && !name.bytes().any(|byte| byte.is_ascii_control()) {
        return name.to_ascii_lowercase();
    }
    // Character by character: the last sigma of a word has a form of its own otherwise.
    name.chars()
        .filter(|c| !is_invisible(*c))
        .nfd()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_recognised_behind_extensions() {
        for bad in [
            "con",
            "CON",
            "nul.txt.jpg",
            "NUL .txt",
            "com1",
            "LPT0",
            "COM9.png",
            "com²",
            "aux.",
            "CONOUT$",
            "prn  ",
            "nul:x",
        ] {
            assert!(is_reserved(bad), "{bad}");
        }
        for good in [
            "console",
            "com",
            "com10",
            "lpt",
            "nulls.txt",
            "a.nul",
            "xcon",
            "com⁴",
            "",
            ".con",
        ] {
            assert!(!is_reserved(good), "{good}");
        }
    }

    #[test]
    fn twins_fold_to_one() {
        for (one, other) in [
            ("A.PNG", "a.png"),
            ("M\u{f6}hre", "MO\u{308}HRE"),
            ("ΣΑΣ", "σας"),
            ("a\u{200b}b", "ab"),
            ("\u{212a}", "k"),
            ("ß", "SS"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        assert_ne!(fold("a"), fold("b"));
        assert_ne!(fold("ö"), fold("o"));
    }

    proptest::proptest! {
        #![proptest_config(crate::transfer::names::cases(64))]

        #[test]
        fn folding_twice_changes_nothing(text in ".{0,20}") {
            let once = fold(&text);
            proptest::prop_assert_eq!(fold(&once), once);
        }
    }
}
