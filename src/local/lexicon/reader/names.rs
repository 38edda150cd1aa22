//! Given names: "a fox named Pip", "Pip the fox", "Mira, a girl", or a name alone.

use crate::local::lexicon::tokens::Gap;
use crate::local::lexicon::vocabulary::{Class, Meaning, Noun};

use super::{Link, MOST_CAST, Pending, Reader, capitalised, is_of_name};

impl Reader<'_> {
    /// A name at this token: one that is known, or "Pip the fox", "Mira, a girl", or a common given name.
    pub(super) fn name(&mut self, at: usize) -> Option<usize> {
        let token = &self.tokens[at];
        if !token.capital || !token.text.chars().all(is_of_name) {
            return None;
        }
        let known = self.called(token.text);
        let guess_mended = known.is_some() && known == self.guessed && self.presents_cast(at + 1);
        if guess_mended {
            self.drop_guess();
        } else if let Some(index) = known {
            self.focus = Some(index);
            self.about_cast = true;
            self.pending = Pending {
                own: token.possessive,
                ..Pending::default()
            };
            return Some(1);
        }
        let words = self.name_length(at);
        let found = self.vocabulary.longest_match(&self.tokens[at..]);
        let may_be_name = found.is_none_or(|found| {
            matches!(
                found.meaning,
                Meaning::Noun(_) | Meaning::Color(_) | Meaning::Weather(_) | Meaning::Place(_) | Meaning::TimeHint(_)
            )
        });
        if !may_be_name || !self.pending.is_empty() {
            return None;
        }
        let names_kind = self
            .vocabulary
            .longest_match(&self.tokens[at + words - 1..at + words])
            .is_some_and(|it| matches!(it.meaning, Meaning::Noun(noun) if noun.class.is_animate()));
        if !names_kind && self.presents_cast(at + words) {
            self.forward.name = Some(self.written(at, words));
            return Some(words);
        }
        self.lone_name(at, found.is_some())
    }

    /// A given name without a kind. The kind is the name's usual one, or a child if the name does something.
    pub(super) fn lone_name(&mut self, at: usize, known_word: bool) -> Option<usize> {
        let token = &self.tokens[at];
        let usual = self.vocabulary.kind_of_name(&token.lower);
        let next = self.vocabulary.longest_match(&self.tokens[at + 1..]);
        let acts = self.tokens.get(at + 1).is_some_and(|next| next.gap == Gap::Join)
            && next.is_some_and(|next| {
                matches!(
                    next.meaning,
                    Meaning::Pose(_)
                        | Meaning::Act
                        | Meaning::Hold
                        | Meaning::Wear
                        | Meaning::With
                        | Meaning::And
                        | Meaning::Be
                )
            });
        let inside = token.gap == Gap::Join && !self.title_case && at > 0;
        let placed = matches!(self.link, Link::In | Link::Preposition);
        let kind = match usual {
            Some(kind) if !known_word || acts || (inside && !placed) => kind,
            None if acts && !known_word && (inside || self.recurs(at)) && !placed => "child",
            _ => return None,
        };
        let kind_noun = Noun {
            sprite: kind,
            class: Class::Person,
        };
        if self.heard.reading.cast.len() >= MOST_CAST {
            return Some(1);
        }
        let index = self.enter(kind_noun, kind);
        self.guessed = Some(index);
        self.focus = Some(index);
        self.about_cast = true;
        let pending = Pending::default();
        self.describe(index, kind_noun, &pending, Some(token.text.to_owned()));
        self.pending.own = token.possessive;
        Some(1)
    }

    /// Whether a capital word comes again inside a sentence, as names do.
    pub(super) fn recurs(&self, at: usize) -> bool {
        let text = self.tokens[at].text;
        self.tokens
            .iter()
            .any(|token| token.gap == Gap::Join && token.text == text)
    }

    pub(super) fn called(&self, text: &str) -> Option<usize> {
        self.heard.reading.cast.iter().position(|character| {
            character
                .name
                .as_deref()
                .is_some_and(|name| name == text || name.split(' ').next() == Some(text))
        })
    }

    /// How many capital words make up the name here: "Captain Blue Beard" is one name.
    pub(super) fn name_length(&self, at: usize) -> usize {
        1 + self.tokens[at + 1..]
            .iter()
            .take(2)
            .take_while(|token| {
                token.gap == Gap::Join
                    && token.capital
                    && token.text.chars().all(is_of_name)
                    && self
                        .vocabulary
                        .longest_match(std::slice::from_ref(*token))
                        .is_none_or(|it| matches!(it.meaning, Meaning::Noun(_) | Meaning::Color(_)))
            })
            .count()
    }

    /// How many capital words stand together here; after "named" all of them are the name.
    pub(super) fn capitals(&self, at: usize) -> usize {
        let most = if self.title_case { 0 } else { 2 };
        let more = self.tokens[at + 1..].iter().take(most);
        1 + more.take_while(|token| token.gap == Gap::Join && token.capital).count()
    }

    /// Whether "the small red fox" or ", a fox" follows.
    pub(super) fn presents_cast(&self, at: usize) -> bool {
        let Some(first) = self.tokens.get(at) else {
            return false;
        };
        let article = match first.gap {
            Gap::Join => first.lower == "the",
            Gap::Comma => matches!(first.lower.as_str(), "the" | "a" | "an"),
            Gap::Stop => false,
        };
        if !article {
            return false;
        }
        let mut at = at + 1;
        for _ in 0..5 {
            if self.tokens.get(at).is_none_or(|token| token.gap == Gap::Stop) {
                return false;
            }
            match self.vocabulary.longest_match(&self.tokens[at..]) {
                None => at += 1,
                Some(found) => match found.meaning {
                    Meaning::Noun(noun) if noun.class.is_animate() => return true,
                    Meaning::Color(_) | Meaning::Size(_) | Meaning::Mood(_) | Meaning::Skip => {
                        at += found.words;
                    }
                    _ => return false,
                },
            }
        }
        false
    }

    /// "named Pip", "whose name is Pip".
    pub(super) fn named(&mut self, at: usize, words: usize) -> usize {
        let Some(next) = self
            .tokens
            .get(at + words)
            .filter(|next| next.gap == Gap::Join && next.text.chars().all(is_of_name))
        else {
            return words;
        };
        let length = if next.capital {
            self.capitals(at + words)
        } else if self.vocabulary.longest_match(&self.tokens[at + words..]).is_none() {
            1
        } else {
            return words;
        };
        if self.about_cast
            && let Some(index) = self.focus
            && self.heard.reading.cast[index].name.is_none()
        {
            let name = capitalised(&self.written(at + words, length));
            self.give_name(index, name);
        }
        self.pending = Pending::default();
        words + length
    }

    /// "the girl Mira", "King Otto".
    pub(super) fn name_after(&self, last: usize) -> (Option<String>, usize) {
        let follows = self.tokens.get(last + 1).is_some_and(|next| {
            next.gap == Gap::Join
                && next.capital
                && next.text.chars().count() > 1
                && next.text.chars().all(is_of_name)
                && (self.vocabulary.kind_of_name(&next.lower).is_some()
                    || self.vocabulary.longest_match(&self.tokens[last + 1..]).is_none())
        });
        if follows && !self.title_case && !self.tokens[last].possessive {
            (Some(self.written(last + 1, 1)), 1)
        } else {
            (None, 0)
        }
    }

    pub(super) fn give_name(&mut self, index: usize, name: String) {
        self.understand(&name);
        let guess = self.called(&name).filter(|&other| self.guessed == Some(other));
        self.heard.reading.cast[index].name = Some(name);
        if guess.is_some_and(|other| other != index) {
            self.drop_guess();
        }
    }

    /// The text now says who it is, so the kind that went with the name is taken back.
    pub(super) fn drop_guess(&mut self) {
        let Some(guess) = self.guessed.take() else {
            return;
        };
        self.heard.reading.cast.remove(guess);
        self.heard.cast_nouns.remove(guess);
        self.heard.held_nouns.remove(guess);
        self.heard.owned.remove(guess);
        self.focus = match self.focus {
            Some(focus) if focus > guess => Some(focus - 1),
            Some(focus) if focus == guess => None,
            unmoved => unmoved,
        };
    }
}
