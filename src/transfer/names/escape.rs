//! Names written so that a bucket takes them, and read back to the very same name.
//!
//! What cannot stay is written between exclamation marks: `!u56fe.7247!` are the characters U+56FE and U+7247, `!u!` is
//! a name without characters, and letters that German has besides the plain ones are written as one writes them without
//! them: `M!oe!hre`. An exclamation mark that could be taken for one of these is written `!u21!`, so [`decode`] of
//! [`encode`] is the name again, whatever it is. A name of which only a beginning and a hash are left has `!h…!` in it,
//! and is found again through a manifest or a plan only.

use std::fmt::Write as _;

use super::hostile::{is_dots, is_forbidden_on_windows, is_invisible, is_reserved};
use crate::supabase::ObjectKey;

/// Letters with a spelling of their own.
const SPELLED: [(char, &str); 7] = [
    ('ä', "ae"),
    ('ö', "oe"),
    ('ü', "ue"),
    ('Ä', "Ae"),
    ('Ö', "Oe"),
    ('Ü', "Ue"),
    ('ß', "ss"),
];

/// Digits of the hash in a shortened name: half of SHA-256.
pub(super) const HASH_DIGITS: usize = 32;

/// What a written name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// The name itself.
    Exact(String),
    /// Some of the name is not there any more, only its hash.
    Shortened,
}

/// Writes a name of any characters so that it is a legal key and no system takes a segment of it for something else.
/// Slashes stay. The result may be longer than a key can be; see [`super::suggest`].
#[must_use]
pub fn encode(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for (index, segment) in name.split('/').enumerate() {
        if index > 0 {
            key.push('/');
        }
        encode_segment(&mut key, segment, in_key(segment), true);
    }
    key
}

/// Reads what [`encode`] wrote. A text that was never written by it stays as it is.
#[must_use]
pub fn decode(key: &str) -> Decoded {
    let mut name = String::with_capacity(key.len());
    let mut rest = key;
    while let Some(at) = rest.find('!') {
        name.push_str(&rest[..at]);
        rest = &rest[at..];
        match token(rest) {
            Some((length, Token::Characters)) => {
                let inside = &rest[2..length - 1];
                name.extend(inside.split('.').filter_map(character));
                rest = &rest[length..];
            }
            Some((length, Token::Spelled(c))) => {
                name.push(c);
                rest = &rest[length..];
            }
            Some((_, Token::Hash)) => return Decoded::Shortened,
            None => {
                name.push('!');
                rest = &rest[1..];
            }
        }
    }
    name.push_str(rest);
    Decoded::Exact(name)
}

/// Which characters of a segment have to be escaped in a key: by their number in the segment.
fn in_key(segment: &str) -> impl Fn(usize, char) -> bool {
    let rules = Places::of(segment);
    move |index, c| {
        rules.must(index, c)
            || is_forbidden_on_windows(c)
            // A slash is allowed in keys, and is between segments.
            || (!c.is_ascii_alphanumeric() && ObjectKey::parse(c.encode_utf8(&mut [0; 4])).is_err())
    }
}

/// Which characters of a segment have to be escaped in the name of a file.
fn in_file_name(segment: &str) -> impl Fn(usize, char) -> bool {
    let rules = Places::of(segment);
    move |index, c| rules.must(index, c) || is_forbidden_on_windows(c) || is_invisible(c) || c == '/'
}

/// Writes a segment of a key as the name of a file. What looks like an escape already is left alone, so that names stay
/// readable: two keys may give one name, and a manifest tells which file is which.
pub(super) fn encode_file_name(segment: &str) -> String {
    let mut name = String::with_capacity(segment.len());
    encode_segment(&mut name, segment, in_file_name(segment), false);
    name
}

/// Whether a segment can be the name of a file as it is.
pub(super) fn is_file_name(segment: &str) -> bool {
    let must = in_file_name(segment);
    !segment.is_empty() && !segment.chars().enumerate().any(|(index, c)| must(index, c))
}

/// Places in a segment at which a character is one too many.
struct Places {
    last: usize,
    dots: bool,
    reserved: bool,
    /// From here on, there are only dots and spaces.
    tail: usize,
}

impl Places {
    fn of(segment: &str) -> Self {
        let count = segment.chars().count();
        let kept = segment.trim_end_matches(['.', ' ']).chars().count();
        Self {
            last: count.saturating_sub(1),
            dots: is_dots(segment),
            reserved: is_reserved(segment),
            tail: kept,
        }
    }

    fn must(&self, index: usize, c: char) -> bool {
        self.dots
            || (index == 0 && (self.reserved || c == ' '))
            // The last one is enough: no system cuts off what does not end the name.
            || (index == self.last && index >= self.tail)
    }
}

fn encode_segment(out: &mut String, segment: &str, must: impl Fn(usize, char) -> bool, marks_too: bool) {
    if segment.is_empty() {
        out.push_str("!u!");
        return;
    }
    let chars: Vec<char> = segment.chars().collect();
    let mut escaped: Vec<bool> = chars.iter().enumerate().map(|(index, c)| must(index, *c)).collect();
    if marks_too {
        // Backwards: whatever follows begins with a mark, escaped or not.
        for at in (0..chars.len()).filter(|at| chars[*at] == '!') {
            let end = (at + 1..chars.len())
                .find(|next| chars[*next] == '!' || escaped[*next])
                .unwrap_or(chars.len());
            let inside: String = chars[at + 1..end].iter().collect();
            escaped[at] |= inside_token(&inside).is_some();
        }
    }
    // Whether a run of numbers is open.
    let mut open = false;
    for (c, escaped) in chars.into_iter().zip(escaped) {
        let spelled = SPELLED.iter().find(|(letter, _)| escaped && *letter == c);
        match (escaped && spelled.is_none(), open) {
            (true, false) => out.push_str("!u"),
            (true, true) => out.push('.'),
            (false, true) => out.push('!'),
            (false, false) => {}
        }
        open = escaped && spelled.is_none();
        match spelled {
            Some((_, spelling)) => {
                out.push('!');
                out.push_str(spelling);
                out.push('!');
            }
            // Writing to a string cannot fail.
            None if escaped => drop(write!(out, "{:02x}", u32::from(c))),
            None => out.push(c),
        }
    }
    if open {
        out.push('!');
    }
}

enum Token {
    Characters,
    Spelled(char),
    Hash,
}

/// The escape at the beginning of a text, with its length.
fn token(text: &str) -> Option<(usize, Token)> {
    let inside = text.strip_prefix('!')?;
    // The longest is a run of numbers, as long as it likes; none has a slash in it.
    let end = inside.find(['!', '/']).filter(|end| inside[*end..].starts_with('!'))?;
    Some((end + 2, inside_token(&inside[..end])?))
}

fn inside_token(inside: &str) -> Option<Token> {
    if let Some((letter, _)) = SPELLED.iter().find(|(_, spelling)| *spelling == inside) {
        return Some(Token::Spelled(*letter));
    }
    if let Some(hash) = inside.strip_prefix('h') {
        let digits = hash.len() == HASH_DIGITS && hash.bytes().all(is_hex);
        return digits.then_some(Token::Hash);
    }
    let numbers = inside.strip_prefix('u')?;
    let readable = numbers.is_empty() || numbers.split('.').all(|number| character(number).is_some());
    readable.then_some(Token::Characters)
}

/// Two digits at least: `!ue!` is a letter.
fn character(number: &str) -> Option<char> {
    let digits = (2..=6).contains(&number.len()) && number.bytes().all(is_hex);
    digits
        .then(|| u32::from_str_radix(number, 16).ok())
        .flatten()
        .and_then(char::from_u32)
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Makes a written segment fit: its beginning, the hash of what it stands for, its extension. Never ends in an escape
/// that is cut in two.
pub(super) fn shorten(written: &str, original: &str, most: usize) -> String {
    let hash = hash_mark(original);
    let extension = extension(written);
    let room = most.saturating_sub(hash.len() + extension.len());
    let mut kept = 0;
    while kept < written.len() {
        let rest = &written[kept..];
        let unit = token(rest).map_or_else(|| rest.chars().next().map_or(0, char::len_utf8), |(length, _)| length);
        if kept + unit > room {
            break;
        }
        kept += unit;
    }
    // A mark that stays must not become the beginning of an escape through the one that follows.
    while let Some(mark) = written[..kept].rfind('!')
        && inside_token(&written[mark + 1..kept]).is_some()
    {
        kept = mark;
    }
    format!("{}{hash}{extension}", &written[..kept])
}

/// `!h…!`: that a name was shortened, and the hash of what it was.
pub(super) fn hash_mark(original: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(original.as_bytes());
    let mut text = String::from("!h");
    for byte in &hash[..HASH_DIGITS / 2] {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('!');
    text
}

/// The extension with its dot, if it is one that says something; else nothing.
pub(super) fn extension(name: &str) -> &str {
    let name = name.rsplit('/').next().unwrap_or(name);
    match name.rfind('.') {
        Some(dot) if dot > 0 => {
            let letters = &name[dot + 1..];
            let plain = (1..=10).contains(&letters.len()) && letters.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if plain { &name[dot..] } else { "" }
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn back(key: &str) -> String {
        match decode(key) {
            Decoded::Exact(name) => name,
            Decoded::Shortened => panic!("{key}"),
        }
    }

    #[test]
    fn reads_as_one_would_write_it() {
        for (name, key) in [
            ("winter/1.png", "winter/1.png"),
            ("Möhre über Straße.png", "M!oe!hre !ue!ber Stra!ss!e.png"),
            ("图片.png", "!u56fe.7247!.png"),
            ("a//b", "a/!u!/b"),
            ("", "!u!"),
            ("/a/", "!u!/a/!u!"),
            ("..", "!u2e.2e!"),
            ("a/../b", "a/!u2e.2e!/b"),
            (" a ", "!u20!a!u20!"),
            ("a. .", "a. !u2e!"),
            ("nul.txt", "!u6e!ul.txt"),
            ("a:b", "a!u3a!b"),
            ("Oh! What!", "Oh! What!"),
            ("a!oe!b", "a!u21!oe!b"),
            ("a!oeö", "a!u21!oe!oe!"),
            ("!u!", "!u21!u!"),
            ("100%\u{202e}", "100!u25.202e!"),
            ("\u{e}nul", "!u0e!nul"),
            ("\u{0}", "!u00!"),
        ] {
            assert_eq!(encode(name), key);
            assert_eq!(back(key), name);
        }
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in [
            "!",
            "!!",
            "!x!",
            "!u110000!",
            "!ud800!",
            "!u1234567!",
            "!uF6!",
            "!u0!",
            "!oe",
            "!u2e/!",
            "!habc!",
        ] {
            assert_eq!(back(text), text);
        }
    }

    #[test]
    fn a_shortened_name_says_so_and_is_not_cut_inside_an_escape() {
        let name = format!("{}.png", "ö".repeat(300));
        let short = shorten(&encode(&name), &name, 255);
        assert!(short.len() <= 255 && short.ends_with("!.png"), "{short}");
        assert_eq!(decode(&short), Decoded::Shortened);
        let other = shorten(&encode(&name), &format!("{name}x"), 255);
        assert_ne!(short, other);
    }

    /// Texts in which everything that can go wrong is likely.
    fn nasty() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("!".to_owned()),
            Just("!u".to_owned()),
            Just("u".to_owned()),
            Just("!oe".to_owned()),
            Just("oe!".to_owned()),
            Just("!h".to_owned()),
            Just("/".to_owned()),
            Just(".".to_owned()),
            Just(" ".to_owned()),
            Just("nul".to_owned()),
            Just("ö".to_owned()),
            Just("21".to_owned()),
            Just(format!("h{}", "a".repeat(32))),
            any::<char>().prop_map(String::from),
            ".{0,5}"
        ];
        prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(crate::transfer::names::cases(256))]

        #[test]
        fn every_name_comes_back(name in nasty()) {
            let key = encode(&name);
            prop_assert_eq!(back(&key), name.as_str());
            for c in key.chars() {
                prop_assert!(ObjectKey::parse(&c.to_string()).is_ok(), "{}", key);
            }
            for segment in key.split('/') {
                prop_assert!(is_file_name(segment), "{}", key);
            }
            // What was written is legal already; writing it again loses nothing either.
            prop_assert_eq!(back(&encode(&key)), key);
        }

        #[test]
        fn shortened_names_are_told(name in nasty(), most in 60_usize..120) {
            let short = shorten(&encode(&name), &name, most);
            prop_assert!(short.len() <= most);
            prop_assert_eq!(decode(&short), Decoded::Shortened);
        }

        #[test]
        fn plain_names_stay(name in "[A-Za-z0-9_]{1,8}[A-Za-z0-9_.'() &$@=;+,-]{0,20}[A-Za-z0-9_]/[xyz]{1,9}\\.(png|webp)") {
            prop_assume!(!is_reserved(name.split('/').next().unwrap()));
            prop_assert_eq!(encode(&name), name);
        }

        #[test]
        fn file_names_are_safe(name in nasty()) {
            for segment in name.split('/') {
                prop_assert!(is_file_name(&encode_file_name(segment)), "{}", segment);
            }
        }
    }
}
