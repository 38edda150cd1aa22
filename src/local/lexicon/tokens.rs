//! Text to words. Punctuation is kept only as the kind of gap before a word.

/// What stands between a word and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// A space, a hyphen, a quotation mark: the phrase goes on.
    Join,
    /// A comma, a dash, a bracket.
    Comma,
    /// The sentence ends; also the gap before the first word.
    Stop,
}

/// A word of the text.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    /// As it was written, without a possessive ending.
    pub(super) text: &'t str,
    /// In lower case, with a plain apostrophe.
    pub(super) lower: String,
    /// What stands before it.
    pub(super) gap: Gap,
    /// Whether it begins with a capital letter.
    pub(super) capital: bool,
    /// Whether it ended in `'s` or `s'`.
    pub(super) possessive: bool,
}

/// Texts longer than this are read up to here, so that reading stays quick on pasted books.
const MOST_TOKENS: usize = 4_000;
/// Longer "words" are data, not language.
const LONGEST_WORD: usize = 40;

/// Splits a text into its first [`MOST_TOKENS`] words.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut gap = Gap::Stop;
    let mut chars = text.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        if found.len() == MOST_TOKENS {
            break;
        }
        if is_pictograph(first) {
            let end = start + first.len_utf8();
            found.push(token(&text[start..end], gap));
            gap = Gap::Join;
            continue;
        }
        if !first.is_alphanumeric() {
            gap = gap.max(gap_of(first));
            continue;
        }
        let mut end = start + first.len_utf8();
        while let Some(&(at, next)) = chars.peek() {
            let inside = next.is_alphanumeric()
                || is_combining(next)
                || (is_apostrophe(next)
                    && text[at + next.len_utf8()..]
                        .chars()
                        .next()
                        .is_some_and(char::is_alphanumeric));
            if !inside {
                break;
            }
            end = at + next.len_utf8();
            chars.next();
        }
        let word = &text[start..end];
        if word.len() <= LONGEST_WORD {
            found.push(token(word, gap));
        }
        gap = Gap::Join;
    }
    found
}

fn token(word: &str, gap: Gap) -> Token<'_> {
    let capital = word.chars().next().is_some_and(char::is_uppercase);
    let stem = ["'s", "’s", "'S", "’S"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending));
    let text = stem.unwrap_or(word);
    // "it's" and "that's" are not possessive: the short forms are listed whole.
    let short = stem.is_some_and(|stem| {
        ["it", "that", "there", "he", "she", "here", "what", "who", "let"]
            .iter()
            .any(|word| stem.eq_ignore_ascii_case(word))
    });
    Token {
        text,
        lower: text.to_lowercase().replace('’', "'"),
        gap,
        capital,
        possessive: stem.is_some() && !short,
    }
}

fn gap_of(mark: char) -> Gap {
    match mark {
        '.' | '!' | '?' | ';' | '\n' | '…' | '。' | '！' | '？' => Gap::Stop,
        ',' | ':' | '(' | ')' | '[' | ']' | '–' | '—' | '/' | '|' | '<' | '>' | '、' | '，' => Gap::Comma,
        _ => Gap::Join,
    }
}

fn is_apostrophe(mark: char) -> bool {
    matches!(mark, '\'' | '’')
}

fn is_combining(mark: char) -> bool {
    matches!(mark, '\u{300}'..='\u{36f}')
}

/// Emoji are words of one character; their variation selectors and joiners are gaps.
fn is_pictograph(mark: char) -> bool {
    matches!(mark, '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b50}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.lower).collect()
    }

    #[test]
    fn splits_at_hyphens_and_keeps_short_forms() {
        assert_eq!(words("A close-up, don’t"), ["a", "close", "up", "don't"]);
    }

    #[test]
    fn takes_the_possessive_off() {
        let found = tokens("the king's hat; it's");
        assert_eq!(found[1].lower, "king");
        assert!(found[1].possessive);
        assert!(!found[3].possessive);
        assert_eq!(found[3].gap, Gap::Stop);
    }

    #[test]
    fn an_emoji_is_a_word() {
        assert_eq!(words("🦊in 🌲\u{fe0f}!"), ["🦊", "in", "🌲"]);
    }

    #[test]
    fn long_data_is_no_word() {
        assert!(tokens(&"x".repeat(10_000)).is_empty());
        assert_eq!(tokens(&"a ".repeat(100_000)).len(), MOST_TOKENS);
    }
}
