//! Many texts in one, a line break after each, so that all are searched at once.

use std::borrow::Cow;

/// Texts by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arena {
    text: String,
    /// Where each begins, and where the next one would.
    starts: Vec<u32>,
}

impl Default for Arena {
    fn default() -> Self {
        Self {
            text: String::new(),
            starts: vec![0],
        }
    }
}

impl Arena {
    /// Of a text and the places in it, if each is one of a text with a line break before the next.
    pub(super) fn from_parts(text: String, starts: Vec<u32>) -> Option<Self> {
        let is_right = |pair: &[u32]| {
            let end = pair[1] as usize;
            pair[0] < pair[1] && text.as_bytes().get(end - 1) == Some(&b'\n')
        };
        // The byte before each place is a whole letter, so that all of them are between letters.
        let whole = starts.first() == Some(&0) && starts.last().is_some_and(|last| *last as usize == text.len());
        (whole && starts.windows(2).all(is_right)).then_some(Self { text, starts })
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
        // The owner begins another one long before.
        self.starts.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn get(&self, place: usize) -> &str {
        let (start, end) = self.bounds(place);
        &self.text[start..end]
    }

    /// Where a text begins and ends.
    pub(super) fn bounds(&self, place: usize) -> (usize, usize) {
        (self.starts[place] as usize, self.starts[place + 1] as usize - 1)
    }

    /// All texts.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// The text that a byte is in, which is not before the one at `from`. Soon found if it is near.
    pub(super) fn place_of(&self, byte: usize, from: usize) -> usize {
        let (mut low, mut step) = (from, 1);
        while low + step < self.len() && self.starts[low + step] as usize <= byte {
            low += step;
            step *= 2;
        }
        let high = (low + step).min(self.len());
        low + self.starts[low..high].partition_point(|start| *start as usize <= byte) - 1
    }

    /// Whether a text has a line break of its own.
    pub(super) fn has_breaks(&self) -> bool {
        memchr::memchr_iter(b'\n', self.text.as_bytes()).count() > self.len()
    }

    /// The texts without their case; None if they have none.
    pub(super) fn folded(&self) -> Option<Self> {
        let has_case = |byte: &u8| byte.is_ascii_uppercase() || !byte.is_ascii();
        if !self.text.as_bytes().iter().any(has_case) {
            return None;
        }
        if self.text.is_ascii() {
            return Some(Self {
                text: self.text.to_ascii_lowercase(),
                starts: self.starts.clone(),
            });
        }
        let mut folded = Self::default();
        for place in 0..self.len() {
            folded.push(&fold(self.get(place)));
        }
        folded.shrink();
        (folded != *self).then_some(folded)
    }

    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.starts.shrink_to_fit();
    }
}

/// A text without its case, letter by letter, so that what begins another text does so afterwards, too.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    // The two small forms of one Greek letter are the same.
    let letters = text.chars().flat_map(char::to_lowercase);
    Cow::Owned(letters.map(|c| if c == 'ς' { 'σ' } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_text_of_each_byte_and_refuses_places_that_are_none() {
        let mut arena = Arena::default();
        for text in ["", "a", "\n", "ä/b", "c"] {
            arena.push(text);
        }
        for place in 0..arena.len() {
            let (start, end) = arena.bounds(place);
            for byte in start..=end {
                for from in 0..=place {
                    assert_eq!(arena.place_of(byte, from), place, "{byte} from {from}");
                }
            }
        }
        assert!(arena.has_breaks());
        let (text, starts) = (arena.text().to_owned(), arena.starts().to_vec());
        assert_eq!(Arena::from_parts(text.clone(), starts.clone()), Some(arena));
        for wrong in [
            vec![],
            vec![1],
            vec![0, 3, 3],
            vec![0, 1, 3, 5, 10],
            vec![0, 2, 12],
            vec![0, 400],
        ] {
            assert_eq!(Arena::from_parts(text.clone(), wrong), None);
        }
    }

    #[test]
    fn what_has_no_case_is_kept_once() {
        let arena = |texts: &[&str]| {
            let mut arena = Arena::default();
            texts.iter().for_each(|text| arena.push(text));
            arena
        };
        assert_eq!(arena(&["a/b", "ä"]).folded(), None);
        assert_eq!(arena(&["A/b"]).folded(), Some(arena(&["a/b"])));
        assert_eq!(arena(&["a", "İΣ", "c"]).folded(), Some(arena(&["a", "i\u{307}σ", "c"])));
        assert_eq!(fold("ΣΑΣ"), fold("σας"));
    }
}
