//! Who is called a child in a text: the ways that briefs say it, in the languages that briefs are most often written in.

use std::sync::LazyLock;

use regex::Regex;

/// A word that is a name by its capital letter, or by its script where that has no capitals; up to three of them.
const NAME: &str = r"(?:\p{Lu}|\p{Lt}|\p{Lo})[\p{L}\p{M}'’-]*(?:\s(?:\p{Lu}|\p{Lt}|\p{Lo})[\p{L}\p{M}'’-]*){0,2}";
/// The same in any letters: where a text says that a name follows.
const ANY_NAME: &str = r"[\p{L}][\p{L}\p{M}'’-]*(?:\s\p{Lu}[\p{L}\p{M}'’-]*){0,2}";
/// What a child is called.
const CHILD: &str = r"(?:girls?|boys?|child(?:ren)?|kids?|toddlers?|bab(?:y|ies)|infants?|daughters?|sons?|sisters?|brothers?|niece|nephew|grandsons?|granddaughters?|grandchild(?:ren)?|twins?|triplets?|siblings?|pupils?|schoolgirls?|schoolboys?|preschoolers?|princess|prince|Mädchen|Junge|Kind|Tochter|Sohn|Schwester|Bruder|niñ[ao]s?|hij[ao]s?|herman[ao]s?|chic[ao]s?|fille|fillette|garçon|enfant|fils|sœur|frère|bambin[aoie]|ragazz[aoie]|figli[ao]|sorell[ae]|fratell[oi]|menin[ao]s?|crianças?|filh[ao]s?|девочк[аиу]|мальчик[аи]?|доч[ьк]а?|сын)";
/// What stands between a name and what is said of it.
const NAMED: &str = r"(?:named|called|who is called|whose names? (?:is|are)|by the name of|namens|genannt|heißt|llamad[ao]s?|que se llama|de nombre|nommée?s?|appelée?s?|prénommée?s?|qui s['’]appelle|di nome|chiamat[aoie]|chamad[ao]s?|de nome|по имени|которую зовут|которого зовут)";
/// How old somebody may be that is a child.
const AGE: &str = r"(?:1[0-7]|[0-9]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)";

/// Words with a capital that are nobody's name.
const NOBODY: &[&str] = &[
    "then",
    "now",
    "so",
    "later",
    "today",
    "soon",
    "suddenly",
    "there",
    "here",
    "if",
    "as",
    "because",
    "while",
    "where",
    "what",
    "why",
    "how",
    "for",
    "from",
    "by",
    "to",
    "of",
    "meet",
    "hello",
    "dear",
    "yes",
    "no",
    "a",
    "an",
    "the",
    "she",
    "he",
    "they",
    "it",
    "her",
    "his",
    "their",
    "who",
    "and",
    "but",
    "with",
    "in",
    "on",
    "at",
    "when",
    "once",
    "chapter",
    "scene",
    "page",
    "part",
    "figure",
    "step",
    "number",
    "level",
    "grade",
    "year",
    "day",
    "book",
    "volume",
    "section",
    "table",
    "version",
    "act",
    "verse",
    "age",
    "ages",
    "aged",
    "everyone",
    "everybody",
    "nobody",
    "someone",
    "this",
    "that",
    "these",
    "my",
    "our",
    "your",
    "we",
    "you",
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
    "little",
    "big",
    "after",
    "each",
    "every",
    "i",
    "der",
    "die",
    "das",
    "ein",
    "eine",
    "sie",
    "er",
    "und",
    "la",
    "el",
    "los",
    "las",
    "una",
    "un",
    "le",
    "les",
    "une",
    "und",
    "christmas",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "july",
    "september",
    "october",
    "november",
    "december",
];

/// Texts are looked at up to so many bytes.
const TEXT_MAX: usize = 1 << 20;

struct Patterns {
    /// Each has the names in its first group.
    all: Vec<Regex>,
    /// Between two names of a list.
    and: Regex,
}

#[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles each")]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let list = |name: &str| format!(r"({name}(?:(?:\s*,\s*|\s*,?\s+(?:and|und|y|et|e|и)\s+|\s*&\s*){NAME})*)");
    let pattern = |text: String| Regex::new(&text).expect("the pattern is a constant");
    Patterns {
        all: vec![
            // "a little girl with red hair named Maya", "twins called Ana and Ben"
            pattern(format!(
                r"(?i:\b{CHILD})(?:[\s,]+[\p{{L}}\p{{M}}'’-]+){{0,6}}?[\s,]+(?i:{NAMED})\s+{}",
                list(ANY_NAME)
            )),
            // "my daughter Maya", "the boy Tom", "our twins, Ana and Ben"
            pattern(format!(
                r"(?i:\b(?:my|our|her|his|their|the|a|an|mein(?:e|er)?|mi|ma|mon|notre|mia|mio|minha|meu|little|young|baby)\s+(?:\p{{Ll}}+\s+){{0,2}}?{CHILD})\s*,?\s+{}",
                list(NAME)
            )),
            // "five-year-old Maya", "6 year old girl Maya", "5-jährige Maya"
            pattern(format!(
                r"(?i:\b{AGE})(?i:[\s-]*(?:years?|yrs?|months?)[\s-]+old|[\s-]*jährige[rsn]?|[\s-]*y/?o)\s+(?:\p{{Ll}}+\s+){{0,3}}?{}",
                list(NAME)
            )),
            // "Maya, aged five", "Maya, age 5", "Maya who is 5", "Maya is five years old", "Maya, 5,", "Maya (5)"
            pattern(format!(
                r"\b({NAME})\s*(?:,\s*|\s)(?i:who(?:'s|’s|\s+is)\s+|is\s+|was\s+|turns\s+|turned\s+|is\s+turning\s+)?(?i:(?:aged?|de)\s+(?:of\s+)?)?(?i:{AGE})(?i:\s*[-\s]?(?:years?|yrs?|y/?o|months?)(?:[\s-]+(?:old|of\s+age))?\b|\s*Jahre\s+alt|\s*años|\s*ans\b|\s*anni\b|\s*anos\b|\s*(?:лет|год[а]?)\b)"
            )),
            pattern(format!(
                r"\b({NAME})\s*,?\s+(?i:(?:who\s+is\s+)?aged?\s+(?:of\s+)?{AGE})\b"
            )),
            pattern(format!(r"\b({NAME})\s*,\s*(?:de\s+)?(?i:{AGE})\s*(?:,|\.|;|\)|$)")),
            pattern(format!(
                r"\b({NAME})\s*\(\s*(?i:aged?\s+)?(?i:{AGE})(?i:\s*(?:years?|yrs?|y/?o|J\.|Jahre|años|ans|anni|anos|лет)[^)]{{0,10}})?\s*\)"
            )),
            // "Maya, a five-year-old girl", "Maya is a little girl"
            pattern(format!(
                r"\b({NAME})\s*(?:,\s*|\s+(?i:is|was)\s+)(?i:an?|the|our|my|ein(?:e)?|una?|une)\s+(?:[\p{{L}}\d'’-]+\s+){{0,3}}?(?i:{CHILD})\b"
            )),
        ],
        and: pattern(r"\s*,\s*(?:(?:and|und|y|et|e|и)\s+)?|\s+(?:and|und|y|et|e|и)\s+|\s*&\s*".to_owned()),
    }
});

/// The names of children that a text tells of, in its order within each pattern.
pub(super) fn names(text: &str) -> Vec<String> {
    let end = text.floor_char_boundary(TEXT_MAX);
    let text = &text[..end];
    let mut names = Vec::new();
    for pattern in &PATTERNS.all {
        for found in pattern.captures_iter(text) {
            let Some(list) = found.get(1) else { continue };
            names.extend(PATTERNS.and.split(list.as_str()).filter_map(name));
        }
    }
    names
}

/// A name without the words that only stand at the beginning of a sentence.
fn name(words: &str) -> Option<String> {
    let is_nobody = |word: &&str| NOBODY.contains(&word.to_lowercase().as_str());
    let kept: Vec<&str> = words
        .split_whitespace()
        .skip_while(is_nobody)
        .take_while(|word| !is_nobody(word))
        .collect();
    (!kept.is_empty()).then(|| kept.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_found_however_a_brief_says_it() {
        for (text, expected) in [
            ("A little girl with red hair named Maya finds a fox", &["Maya"][..]),
            ("a girl named maya", &["maya"]),
            ("Twins called Ana and Ben, who like owls", &["Ana", "Ben"]),
            ("It is about my daughter Maya Lopez.", &["Maya Lopez"]),
            ("our twins, Ana and Ben", &["Ana", "Ben"]),
            ("The five-year-old Tom sleeps", &["Tom"]),
            ("6 year old girl Zoë", &["Zoë"]),
            ("Maya, aged five, and a bear", &["Maya"]),
            ("Maya, age 5", &["Maya"]),
            ("Maya is five years old", &["Maya"]),
            ("Then Maya (5) laughs", &["Maya"]),
            ("Then Maya, 5, laughs", &["Maya"]),
            ("Maya, a brave little girl, laughs", &["Maya"]),
            ("Ein Mädchen namens Jörg-Ulla", &["Jörg-Ulla"]),
            ("una niña llamada Lucía", &["Lucía"]),
            ("une petite fille appelée Chloé", &["Chloé"]),
            ("Lucía, de 5 años", &["Lucía"]),
            ("девочка по имени Маша", &["Маша"]),
        ] {
            let mut found = names(text);
            found.dedup();
            for name in expected {
                assert!(found.iter().any(|found| found == name), "{text}: {found:?}");
            }
        }
    }

    #[test]
    fn what_is_nobody_is_not_taken_for_a_child() {
        for text in [
            "Chapter 5 (5)",
            "A fox named Pip finds a star",
            "She is five years old",
            "The old man Tom, aged 80, sleeps",
            "In Scene (3) the sea is blue",
            "a bear called Bruno and 3 owls",
            "",
        ] {
            assert_eq!(names(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn long_texts_take_no_long_time() {
        let text = "girl girl girl girl A ".repeat(20_000);
        assert!(names(&text).len() < 100_000);
    }
}
