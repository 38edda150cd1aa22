//! Keys that have the letters of every word in order, whatever the case; better in the name, at the beginnings of words and
//! close together.

use memchr::{memchr, memmem, memrchr};

use super::{Field, Found};
use crate::catalog::arena::fold;
use crate::catalog::segment::bag;

const AT_WORD: i32 = 8;
const IN_A_ROW: i32 = 9;
const AT_START: i32 = 6;
const IN_NAME: i32 = 16;
/// A letter that stands alone within a word.
const SCATTERED: i32 = -4;
/// Letters between the first and the last that count against a match, at most.
const WIDEST: usize = 24;

/// Words whose letters are looked for.
#[derive(Debug)]
pub(in crate::catalog) struct Fuzzy {
    words: Vec<Word>,
    /// Every key that matches has these letters.
    bag: u64,
}

#[derive(Debug)]
struct Word {
    text: Vec<u8>,
    /// Where each letter ends, if there are any of more than a byte.
    ends: Option<Vec<usize>>,
}

impl Fuzzy {
    pub(super) fn new(words: &[&str]) -> Self {
        let word = |word: &&str| Word {
            text: word.as_bytes().to_vec(),
            ends: (!word.is_ascii()).then(|| word.char_indices().map(|(at, c)| at + c.len_utf8()).collect()),
        };
        Self {
            words: words.iter().map(word).collect(),
            bag: words.iter().fold(0, |all, word| all | bag(word.as_bytes())),
        }
    }

    pub(super) fn search(&self, field: &Field<'_>, found: &mut Found<'_>) {
        let keys = field.segment.folded();
        let bags = field.segment.bags();
        let skip = fold(field.folder).len();
        for row in field.rows.clone() {
            if self.bag & !bags[row] != 0 {
                continue;
            }
            if let Some(score) = self.matches(&keys.get(row).as_bytes()[skip..]) {
                found(row, score);
            }
        }
    }

    pub(super) fn matches(&self, text: &[u8]) -> Option<i32> {
        let name = memrchr(b'/', text).map_or(0, |slash| slash + 1);
        let mut sum = 0;
        for word in &self.words {
            sum += match word.find(&text[name..]) {
                Some(score) => score + IN_NAME,
                None if name > 0 => word.find(text)?,
                None => return None,
            };
        }
        Some(sum)
    }
}

impl Word {
    /// How well the letters are found: from where they end first, back to where they begin last.
    fn find(&self, text: &[u8]) -> Option<i32> {
        match &self.ends {
            None => self.find_bytes(text),
            Some(ends) => self.find_letters(ends, text),
        }
    }

    fn find_bytes(&self, text: &[u8]) -> Option<i32> {
        let mut end = 0;
        for letter in &self.text {
            end += memchr(*letter, &text[end..])? + 1;
        }
        let mut score = 0;
        let (mut at, mut after) = (end, end);
        for (place, letter) in self.text.iter().enumerate().rev() {
            // It is there: the way forward came by.
            at = memrchr(*letter, &text[..at])?;
            score += worth(text, at, place > 0 && at > 0 && text[at - 1] == self.text[place - 1]);
            if place + 1 == self.text.len() {
                after = at + 1;
            }
        }
        Some(score + start(at) - spread(after - at, self.text.len()))
    }

    fn find_letters(&self, ends: &[usize], text: &[u8]) -> Option<i32> {
        let (mut at, mut begin, mut score) = (0, 0, 0);
        let mut first = None;
        for end in ends {
            let place = at + memmem::find(&text[at..], &self.text[begin..*end])?;
            score += worth(text, place, first.is_some() && place == at);
            first.get_or_insert(place);
            at = place + end - begin;
            begin = *end;
        }
        let first = first.unwrap_or(0);
        Some(score + start(first) - spread(at - first, self.text.len()))
    }
}

/// What a letter that was found is worth.
fn worth(text: &[u8], at: usize, in_a_row: bool) -> i32 {
    let begins_word = match at.checked_sub(1).map(|before| text[before]) {
        None => true,
        Some(before) => {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
            !is_word(before) || (before.is_ascii_digit() != text[at].is_ascii_digit())
        }
    };
    match (in_a_row, begins_word) {
        (true, _) => IN_A_ROW,
        (false, true) => AT_WORD,
        (false, false) => SCATTERED,
    }
}

fn start(at: usize) -> i32 {
    if at == 0 { AT_START } else { 0 }
}

/// What counts against letters that are far from each other.
fn spread(width: usize, letters: usize) -> i32 {
    width.saturating_sub(letters).min(WIDEST) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(word: &str, text: &str) -> Option<i32> {
        let words: Vec<&str> = word.split_whitespace().collect();
        Fuzzy::new(&words).matches(text.as_bytes())
    }

    #[test]
    fn letters_are_found_in_order_and_the_better_place_wins() {
        assert_eq!(score("abc", "acb"), None);
        assert!(score("abc", "a/b/c").is_some() && score("öä", "xöxä").is_some() && score("äö", "öä").is_none());
        for (word, better, worse) in [
            ("cov", "pip/cover.png", "pip/c-o-v.png"),
            ("cov", "cover.png", "recover.png"),
            ("fox", "a/fox.png", "fox/a.png"),
            ("sc2", "scene_2.png", "second/scare12.png"),
            ("öl", "öl.png", "kohöfl.png"),
        ] {
            assert!(score(word, better) > score(word, worse), "{word}: {better}, {worse}");
        }
        assert!(score("fox cov", "cover/fox").is_some() && score("fox zoo", "cover/fox").is_none());
    }
}
