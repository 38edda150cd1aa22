//! English: articles, plurals, lists, capitals. Only what the templates need.

/// How a noun is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Singular,
    Plural,
    /// "some honey".
    Mass,
}

/// How somebody is spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gender {
    She,
    He,
    /// Not said.
    They,
}

const MASS: &[&str] = &[
    "bacon",
    "bread",
    "butter",
    "candy",
    "cheese",
    "chocolate",
    "cocoa",
    "coffee",
    "confetti",
    "coral",
    "fairy dust",
    "firewood",
    "fruit",
    "garlic",
    "honey",
    "hot chocolate",
    "ice",
    "ice cream",
    "juice",
    "laundry",
    "lemonade",
    "milk",
    "money",
    "music",
    "popcorn",
    "porridge",
    "rice",
    "salt",
    "silk",
    "soap",
    "spaghetti",
    "stardust",
    "straw",
    "tea",
    "thread",
    "toast",
    "treasure",
    "wheat",
    "wood",
    "yarn",
    "camping",
    "stew",
    "pasta",
    "soup",
];
/// Singulars that end in "s".
const SINGULAR_S: &[&str] = &[
    "bus",
    "cactus",
    "circus",
    "compass",
    "dress",
    "glass",
    "octopus",
    "canvas",
    "walrus",
    "tennis",
    "cross",
    "hippopotamus",
    "rhinoceros",
    "platypus",
    "abacus",
    "lotus",
    "hibiscus",
    "campus",
    "christmas",
    "magnifying glass",
];

/// The number of a noun as it is written.
pub(super) fn number_of(noun: &str) -> Number {
    let last = noun.rsplit(' ').next().unwrap_or(noun);
    if MASS.contains(&noun) || MASS.contains(&last) {
        Number::Mass
    } else if last.ends_with('s') && !last.ends_with("ss") && !SINGULAR_S.contains(&last) {
        Number::Plural
    } else {
        Number::Singular
    }
}

/// "a fox", "an owl", "some honey", "boots".
pub(super) fn with_article(noun: &str) -> String {
    match number_of(noun) {
        Number::Singular => format!("{} {noun}", article(noun)),
        Number::Mass => format!("some {noun}"),
        Number::Plural => noun.to_owned(),
    }
}

/// "a" or "an", by sound.
pub(super) fn article(phrase: &str) -> &'static str {
    let first = phrase.split([' ', '-']).next().unwrap_or(phrase).to_lowercase();
    let vowel = first.starts_with(['a', 'e', 'i', 'o', 'u', 'é', 'ö', 'ä']);
    let sounds_like_you = ["uni", "uku", "use", "ufo", "eu", "one"]
        .iter()
        .any(|start| first.starts_with(start));
    let silent_h = ["hour", "honest", "heir"].iter().any(|start| first.starts_with(start));
    if (vowel && !sounds_like_you) || silent_h {
        "an"
    } else {
        "a"
    }
}

/// The plural of a noun phrase.
pub(super) fn plural(noun: &str) -> String {
    if number_of(noun) != Number::Singular {
        return noun.to_owned();
    }
    let (before, last) = noun
        .rsplit_once(' ')
        .map_or(("", noun), |(before, last)| (before, last));
    let last = match last {
        "mouse" => "mice".to_owned(),
        "goose" => "geese".to_owned(),
        "man" => "men".to_owned(),
        "woman" => "women".to_owned(),
        "child" => "children".to_owned(),
        "snowman" => "snowmen".to_owned(),
        "fish" | "sheep" | "deer" | "moose" | "jellyfish" | "goldfish" | "aircraft" => last.to_owned(),
        _ if last.ends_with("lf") || last == "loaf" || last == "leaf" => {
            format!("{}ves", &last[..last.len() - 1])
        }
        _ if last.ends_with("fe") => format!("{}ves", &last[..last.len() - 2]),
        _ if last.ends_with('y') && !["ay", "ey", "oy", "uy"].iter().any(|end| last.ends_with(end)) => {
            format!("{}ies", &last[..last.len() - 1])
        }
        _ if ["s", "x", "z", "ch", "sh"].iter().any(|end| last.ends_with(end)) => format!("{last}es"),
        _ => format!("{last}s"),
    };
    if before.is_empty() {
        last
    } else {
        format!("{before} {last}")
    }
}

/// "a, b and c".
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// The numbers that are written out in a story.
pub(super) fn number_word(count: u8) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ];
    WORDS
        .get(usize::from(count))
        .map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

pub(super) fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Capital letters at the beginning and after a full stop outside quotes.
pub(super) fn capitalise(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut begins = true;
    let mut ended = false;
    for c in text.chars() {
        if begins && c.is_alphabetic() {
            result.extend(c.to_uppercase());
            begins = false;
        } else {
            result.push(c);
            begins = begins && !c.is_numeric();
        }
        match c {
            '.' | '!' | '?' => ended = true,
            ' ' if ended => begins = true,
            _ => ended = false,
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_go_by_sound() {
        for (noun, right) in [
            ("owl", "an owl"),
            ("fox", "a fox"),
            ("unicorn", "a unicorn"),
            ("umbrella", "an umbrella"),
            ("old key", "an old key"),
            ("honey", "some honey"),
            ("yellow boots", "yellow boots"),
            ("bus", "a bus"),
            ("hourglass", "an hourglass"),
        ] {
            assert_eq!(with_article(noun), right);
        }
    }

    #[test]
    fn plurals() {
        for (one, many) in [
            ("red balloon", "red balloons"),
            ("mouse", "mice"),
            ("butterfly", "butterflies"),
            ("toy", "toys"),
            ("fox", "foxes"),
            ("leaf", "leaves"),
            ("wolf", "wolves"),
            ("sheep", "sheep"),
            ("fireworks", "fireworks"),
        ] {
            assert_eq!(plural(one), many);
        }
    }

    #[test]
    fn capitals_begin_sentences_but_not_what_follows_speech() {
        assert_eq!(
            capitalise("pip looked. \"where?\" asked pip. it was gone."),
            "Pip looked. \"Where?\" asked pip. It was gone."
        );
    }
}
