//! How a name is written: its words, its forms, where it begins and ends.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::stand_ins::{Script, script};

/// One way a name is written, and what is written instead.
pub(super) struct Form {
    pub(super) from: String,
    pub(super) to: String,
}

/// Words of names that name nobody.
const PARTICLES: &[&str] = &[
    "the", "of", "and", "de", "del", "della", "der", "den", "des", "di", "da", "do", "dos", "du", "el", "la", "le",
    "les", "van", "von", "zu", "y", "e", "und", "et", "bin", "ibn", "al", "little", "big", "old", "young", "baby",
    "mr", "mrs", "ms", "miss", "dr", "st", "prince", "princess", "king", "queen", "captain", "sir", "lady", "uncle",
    "aunt", "grandma", "grandpa", "mum", "mom", "dad", "mother", "father", "sister", "brother", "boy", "girl", "child",
    "kid", "fox", "bear", "cat", "dog", "robot",
];

/// Names that are ordinary words in small letters: in small letters they are the word.
const ORDINARY: &[&str] = &[
    "abbey", "amber", "angel", "april", "art", "ash", "august", "autumn", "basil", "bay", "bear", "berry", "bill",
    "bird", "blossom", "blue", "brook", "buck", "bud", "bunny", "candy", "carol", "chance", "chase", "chuck", "clay",
    "cliff", "clover", "coral", "crystal", "daisy", "dale", "dash", "dawn", "dean", "destiny", "dot", "drew", "duke",
    "earl", "ebony", "eve", "faith", "fawn", "felicity", "fern", "flora", "forest", "fox", "frank", "gene", "genesis",
    "ginger", "glen", "grace", "grant", "gray", "guy", "happy", "harmony", "hazel", "heather", "heaven", "holly",
    "honey", "honor", "hope", "hunter", "ivory", "ivy", "jack", "jade", "jasmine", "jay", "jet", "jewel", "joy",
    "june", "juniper", "justice", "king", "lance", "lark", "laurel", "leaf", "lee", "liberty", "lilac", "lily",
    "lotus", "lucky", "major", "maple", "mark", "mason", "may", "melody", "mercy", "meadow", "miles", "mint", "misty",
    "moon", "noble", "norm", "ocean", "olive", "opal", "pansy", "pat", "patience", "peace", "pearl", "peg", "penny",
    "pepper", "pierce", "pip", "piper", "pixie", "poppy", "prince", "princess", "rain", "rainbow", "ray", "reed",
    "rich", "river", "rob", "robin", "rocky", "rod", "rose", "rosemary", "rowan", "ruby", "rue", "rusty", "sage",
    "sandy", "scarlet", "serenity", "shay", "sky", "skye", "snow", "sonny", "spike", "spring", "star", "stone",
    "storm", "sue", "summer", "sunny", "tad", "tiger", "tiny", "trinity", "trip", "van", "violet", "wade", "ward",
    "west", "wild", "will", "willow", "winter", "wolf", "wren", "zen",
];

/// The endings of the cases of Slavic names, by the ending of the name itself.
const SLAVIC: [(&str, &[&str]); 5] = [
    (
        "а",
        &[
            "а", "ы", "и", "е", "у", "ой", "ою", "о", "ин", "ина", "ино", "ины", "иной", "ину",
        ],
    ),
    (
        "я",
        &["я", "и", "е", "ю", "ей", "ею", "ин", "ина", "ино", "ины", "иной", "ину"],
    ),
    ("й", &["й", "я", "ю", "ем", "е"]),
    ("ь", &["ь", "я", "ю", "ем", "е", "и", "ью"]),
    ("", &["", "а", "у", "ом", "е", "ов", "ова", "ову", "ово", "овы"]),
];

/// The words of a name that are hidden, each by itself.
pub(super) fn words(name: &str) -> Vec<String> {
    let name: String = name.nfc().collect();
    name.split(|c: char| !is_of_word(c) && !matches!(c, '\'' | '’'))
        .map(|word| word.trim_matches(['\'', '’']))
        .map(|word| {
            word.strip_suffix("'s")
                .or_else(|| word.strip_suffix("’s"))
                .unwrap_or(word)
        })
        .filter(|word| word.chars().any(char::is_alphabetic))
        .filter(|word| word.chars().count() > 1 || is_unparted(word))
        .filter(|word| !PARTICLES.contains(&word.to_lowercase().as_str()))
        .filter(|word| word.chars().count() <= 60)
        .map(str::to_owned)
        .collect()
}

/// Small letters, one way to write accents.
pub(super) fn fold(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// Whether a letter, digit or mark belongs to a word.
pub(super) fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}')
}

/// Whether a name is of a script that does not part its words, or joins small words to them: it is found inside other letters.
pub(super) fn is_unparted(name: &str) -> bool {
    let long = name.chars().count() >= 3;
    match name.chars().find(|c| c.is_alphabetic()).map(script) {
        Some(Script::Han | Script::Kana | Script::Hangul | Script::Unparted) => true,
        Some(Script::Hebrew | Script::Arabic) => long,
        _ => false,
    }
}

/// Whether a word between these letters is a word of its own.
pub(super) fn stands_alone(before: Option<char>, word: &str, after: Option<char>) -> bool {
    // A mark after a letter makes it another letter, in every script.
    if after.is_some_and(is_combining_mark) {
        return false;
    }
    is_unparted(word) || (!before.is_some_and(is_of_word) && !after.is_some_and(is_of_word))
}

/// A name with a capital at its beginning.
fn titled(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect(),
        None => String::new(),
    }
}

/// All ways a name is written, each with its stand-in written the same way.
pub(super) fn of(name: &str, stand_in: &str) -> Vec<Form> {
    let mut written: Vec<(String, String)> = Vec::new();
    let small = name.to_lowercase();
    // Who is called in small letters is hidden in small letters, too.
    let is_small = name == small;
    if !is_small {
        written.push((name.to_owned(), stand_in.to_owned()));
    }
    written.push((titled(name), titled(stand_in)));
    written.push((name.to_uppercase(), stand_in.to_uppercase()));
    if is_small || !ORDINARY.contains(&small.as_str()) {
        written.push((small, stand_in.to_lowercase()));
    }
    let typeset: Vec<_> = written
        .iter()
        .filter(|(from, _)| from.contains(['\'', '’']))
        .map(|(from, to)| {
            let turned = |c| match c {
                '\'' => '’',
                '’' => '\'',
                other => other,
            };
            (from.chars().map(turned).collect(), to.clone())
        })
        .collect();
    written.extend(typeset);
    let endings = endings(name, stand_in);
    let mut forms: Vec<Form> = Vec::new();
    let mut add = |from: String, to: &str| {
        if !forms.iter().any(|form| form.from == from) {
            forms.push(Form {
                from,
                to: to.to_owned(),
            });
        }
    };
    for (from, to) in &written {
        for (name_end, stand_in_end, added) in &endings {
            let capitals = from.chars().count() > 1 && from == &from.to_uppercase() && from != &from.to_lowercase();
            let added = if capitals { added.to_uppercase() } else { added.clone() };
            let Some(stem) = stem(from, name_end) else { continue };
            let Some(stand_in_stem) = self::stem(to, stand_in_end) else {
                continue;
            };
            let (from, to) = (format!("{stem}{added}"), format!("{stand_in_stem}{added}"));
            let decomposed: String = from.nfd().collect();
            add(from, &to);
            add(decomposed, &to);
        }
    }
    forms
}

/// A word without its ending, in whatever letters.
fn stem<'a>(word: &'a str, ending: &str) -> Option<&'a str> {
    let letters = ending.chars().count();
    let all = word.chars().count();
    let cut = word
        .char_indices()
        .nth(all.checked_sub(letters)?)
        .map_or(word.len(), |(at, _)| at);
    Some(&word[..cut])
}

/// What is cut off the name, what is cut off the stand-in, what is added to both.
fn endings(name: &str, stand_in: &str) -> Vec<(String, String, String)> {
    let none = || (String::new(), String::new(), String::new());
    match name.chars().find(|c| c.is_alphabetic()).map(script) {
        Some(Script::Cyrillic) => {
            let small = name.to_lowercase();
            let ending = SLAVIC.iter().find(|(ending, _)| small.ends_with(ending));
            let Some((ending, endings)) = ending else {
                return vec![none()];
            };
            if !stand_in.to_lowercase().ends_with(ending) {
                return vec![none()];
            }
            let cut = |added: &&str| ((*ending).to_owned(), (*ending).to_owned(), (*added).to_owned());
            endings.iter().map(cut).collect()
        }
        Some(Script::Latin) => vec![none(), (String::new(), String::new(), "s".to_owned())],
        _ => vec![none()],
    }
}
