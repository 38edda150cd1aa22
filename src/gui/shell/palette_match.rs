//! How what is typed into the palette matches a text: letters in order, better at the beginnings of words and in a row.

use std::ops::Range;

/// How well a text matches, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// Greater is better; 0 for an empty query.
    pub score: i32,
    /// Byte ranges of the matched letters, in order, without overlaps.
    pub ranges: Vec<Range<usize>>,
}

const AT_WORD: i32 = 8;
/// More than a word's beginning, or "alt" in "alt text" would take the t of "text".
const IN_A_ROW: i32 = 9;
/// The first letter in the middle of a word.
const INSIDE: i32 = -4;
/// A later letter in the middle of a word, away from the one before: one is forgiven, a text of nothing else is noise.
const SCATTERED: i32 = -9;
/// The whole word of the query stands at the very beginning.
const AT_START: i32 = 6;

/// Matches every word of `query` in `text`, in any order; letter case is ignored. `None` when one does not match.
#[must_use]
pub fn find(query: &str, text: &str) -> Option<Match> {
    let letters: Vec<Letter> = letters(text);
    let mut found = Match::default();
    let mut at: Vec<usize> = Vec::new();
    for word in query.split_whitespace() {
        let word: Vec<char> = word.chars().map(fold).collect();
        let (score, places) = find_word(&word, &letters)?;
        found.score += score;
        at.extend(places);
    }
    at.sort_unstable();
    at.dedup();
    for place in at {
        let range = letters[place].range.clone();
        match found.ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => found.ranges.push(range),
        }
    }
    Some(found)
}

struct Letter {
    folded: char,
    range: Range<usize>,
    begins_word: bool,
}

fn letters(text: &str) -> Vec<Letter> {
    let mut before: Option<char> = None;
    text.char_indices()
        .map(|(at, c)| {
            let begins_word = c.is_alphanumeric()
                && before.is_none_or(|before| {
                    !before.is_alphanumeric()
                        || (before.is_lowercase() && c.is_uppercase())
                        || (before.is_numeric() != c.is_numeric())
                });
            before = Some(c);
            Letter {
                folded: fold(c),
                range: at..at + c.len_utf8(),
                begins_word,
            }
        })
        .collect()
}

fn fold(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// The best places of the word's letters, by dynamic programming over (letter of the word, letter of the text).
fn find_word(word: &[char], text: &[Letter]) -> Option<(i32, Vec<usize>)> {
    // Most texts fail here, at the cost of one pass.
    let mut rest = text.iter();
    if !word.iter().all(|c| rest.any(|letter| letter.folded == *c)) {
        return None;
    }
    // best[j]: the best score with the present letter of the word at j, and the place of the letter before it.
    let mut scores: Vec<Option<i32>> = Vec::new();
    let mut parents: Vec<Vec<usize>> = Vec::with_capacity(word.len());
    for (i, c) in word.iter().enumerate() {
        let mut row = vec![None; text.len()];
        let mut parent = vec![0; text.len()];
        let mut best_before: Option<(i32, usize)> = None;
        for (j, letter) in text.iter().enumerate() {
            if i > 0 && j >= 2 {
                let candidate = scores[j - 2].map(|score| (score, j - 2));
                if candidate.map(|(score, _)| score) > best_before.map(|(score, _)| score) {
                    best_before = candidate;
                }
            }
            if letter.folded != *c {
                continue;
            }
            if i == 0 {
                let own = if letter.begins_word { AT_WORD } else { INSIDE };
                row[j] = Some(own + if j == 0 { AT_START } else { 0 });
                continue;
            }
            let own = if letter.begins_word { AT_WORD } else { SCATTERED };
            let apart = best_before.map(|(score, at)| (score + own, at));
            let in_a_row = j
                .checked_sub(1)
                .and_then(|at| scores[at].map(|score| (score + own.max(IN_A_ROW), at)));
            if let Some((score, at)) = in_a_row.max(apart) {
                row[j] = Some(score);
                parent[j] = at;
            }
        }
        scores = row;
        parents.push(parent);
    }
    let (score, end) = scores
        .iter()
        .enumerate()
        .filter_map(|(at, score)| score.map(|score| (score, at)))
        .max_by_key(|(score, at)| (*score, std::cmp::Reverse(*at)))?;
    if score <= 0 && word.len() > 1 {
        return None;
    }
    let mut places = vec![end];
    for parent in parents.iter().skip(1).rev() {
        let Some(&last) = places.last() else { break };
        places.push(parent[last]);
    }
    Some((score, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with its matched parts in brackets.
    fn marked(query: &str, text: &str) -> Option<String> {
        let found = find(query, text)?;
        let mut marked = String::new();
        let mut at = 0;
        for range in found.ranges {
            marked += &text[at..range.start];
            marked += &format!("[{}]", &text[range.clone()]);
            at = range.end;
        }
        Some(marked + &text[at..])
    }

    fn score(query: &str, text: &str) -> i32 {
        find(query, text).unwrap().score
    }

    #[test]
    fn words_match_in_any_order() {
        assert_eq!(
            marked("alt te", "Write alt text for scene 3").as_deref(),
            Some("Write [alt] [te]xt for scene 3")
        );
        assert_eq!(
            marked("te alt", "salt-lake/tent_01.png").as_deref(),
            Some("s[alt]-lake/[te]nt_01.png")
        );
    }

    #[test]
    fn initials_match_words() {
        assert_eq!(marked("ns", "New story").as_deref(), Some("[N]ew [s]tory"));
        assert_eq!(
            marked("pls", "Pip and the Lost Star").as_deref(),
            Some("[P]ip and the [L]ost [S]tar")
        );
        assert_eq!(marked("s3", "scene3.png").as_deref(), Some("[s]cene[3].png"));
    }

    #[test]
    fn takes_the_run_of_letters_and_not_the_first_that_come() {
        assert_eq!(marked("star", "silent star").as_deref(), Some("silent [star]"));
    }

    #[test]
    fn scattered_letters_and_missing_letters_do_not_match() {
        assert_eq!(marked("oir", "Otis over the sea"), None);
        assert_eq!(marked("xyz", "New story"), None);
        assert_eq!(marked("new xyz", "New story"), None);
        assert_eq!(marked("story!", "New story"), None);
    }

    #[test]
    fn the_beginning_is_better_than_the_middle() {
        assert!(score("set", "Settings") > score("set", "Show settings"));
        assert!(score("set", "Show settings") > score("set", "Asset"));
    }

    #[test]
    fn letters_of_any_script_are_whole() {
        assert_eq!(marked("möh", "Die Möhre").as_deref(), Some("Die [Möh]re"));
        assert_eq!(marked("ΛΎΚ", "ο λύκος").as_deref(), Some("ο [λύκ]ος"));
    }

    #[test]
    fn an_empty_query_matches_all() {
        assert_eq!(find(" ", "New story"), Some(Match::default()));
    }
}
