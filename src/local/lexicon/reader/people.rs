//! The cast: who is new, who is mentioned again, and what is said of them.

use crate::local::lexicon::forms::Form;
use crate::local::lexicon::vocabulary::{Article, Class, Match, Noun};
use crate::local::lexicon::{Character, Mood, Pose, Scale};

use super::{Link, MOST_CAST, Pending, Reader, SEVERAL, as_said, phrase, skin_of, wear};

impl Reader<'_> {
    /// One of the cast is mentioned, for the first time or again. Returns how many words of a name follow.
    pub(super) fn meet(&mut self, at: usize, noun: Noun, found: Match) -> usize {
        let last = at + found.words - 1;
        let pending = std::mem::take(&mut self.pending);
        let phrase = phrase(&pending.words, found.base);
        if self.deny(&phrase) {
            return 0;
        }
        let count = pending.count.unwrap_or(if found.form == Form::Plural { 2 } else { 1 });
        self.understand(&as_said(&pending, &self.said(at, found.words)));
        let (name, name_words) = match self.forward.name.take() {
            Some(name) => (Some(name), 0),
            None => self.name_after(last),
        };
        let known = self.known(noun, &pending, name.as_deref(), count);
        let index = match known {
            Some(index) => index,
            None if self.heard.reading.cast.len() >= MOST_CAST => return name_words,
            None => {
                let index = self.enter(noun, found.base);
                self.heard.owned[index] = pending.own;
                index
            }
        };
        self.focus = Some(index);
        self.about_cast = true;
        self.describe(index, noun, &pending, name);
        // Naming somebody may take back a guess, and with it a place in the cast.
        let index = self.focus.unwrap_or(0);
        let copies = usize::from(count.saturating_sub(1));
        if known.is_none() {
            let room = MOST_CAST - self.heard.reading.cast.len();
            for _ in 0..copies.min(room) {
                let Some(twin) = self.heard.reading.cast.get(index).cloned() else {
                    break;
                };
                self.heard.reading.cast.push(Character { name: None, ..twin });
                self.heard.cast_nouns.push(found.base.to_owned());
                self.heard.held_nouns.push(None);
                self.heard.owned.push(pending.own);
            }
        }
        if self.tokens[last].possessive {
            self.pending.own = true;
            self.link = Link::None;
        }
        name_words
    }

    pub(super) fn enter(&mut self, noun: Noun, base: &str) -> usize {
        self.heard.reading.cast.push(Character {
            kind: noun.sprite.to_owned(),
            name: None,
            garments: Vec::new(),
            holds: None,
            color: None,
            skin: None,
            pose: Pose::Stand,
            mood: Mood::Calm,
            scale: Scale::Usual,
        });
        self.heard.cast_nouns.push(base.to_owned());
        self.heard.held_nouns.push(None);
        self.heard.owned.push(false);
        self.heard.reading.cast.len() - 1
    }

    pub(super) fn describe(&mut self, index: usize, noun: Noun, pending: &Pending, name: Option<String>) {
        let forward = std::mem::take(&mut self.forward);
        let character = &mut self.heard.reading.cast[index];
        for garment in forward.garments {
            wear(&mut character.garments, garment);
        }
        if character.pose == Pose::Stand {
            character.pose = pending.pose.or(forward.pose).unwrap_or(Pose::Stand);
        }
        if character.mood == Mood::Calm {
            character.mood = pending.mood.or(forward.mood).unwrap_or(Mood::Calm);
        }
        if let Some(scale) = pending.scale {
            character.scale = scale;
        }
        character.skin = character.skin.or(forward.skin);
        if let Some(color) = pending.color {
            match skin_of(color) {
                Some(skin) if noun.class == Class::Person => {
                    character.skin.get_or_insert(skin);
                }
                _ => {
                    character.color.get_or_insert(color);
                }
            }
        }
        if let Some(name) = name
            && character.name.is_none()
        {
            self.give_name(index, name);
        }
    }

    /// Which of the cast "the fox" is, if any.
    pub(super) fn known(&self, noun: Noun, pending: &Pending, name: Option<&str>, count: u8) -> Option<usize> {
        if count > 1 || pending.article == Some(Article::New) {
            return None;
        }
        self.heard.reading.cast.iter().position(|character| {
            character.kind == noun.sprite
                && match (name, character.name.as_deref()) {
                    (Some(new), Some(old)) => new == old,
                    _ => true,
                }
        })
    }

    /// If nobody else is there, a swarm is who the picture is about.
    pub(super) fn promote(&mut self) {
        if !self.heard.reading.cast.is_empty() {
            return;
        }
        let swarm = self
            .heard
            .reading
            .props
            .iter()
            .enumerate()
            .find_map(|(index, prop)| self.vocabulary.swarm(&prop.sprite).map(|noun| (index, noun)));
        let Some((index, noun)) = swarm else { return };
        let prop = self.heard.reading.props.remove(index);
        let base = self.heard.prop_nouns.remove(index);
        for _ in 0..prop.count.min(SEVERAL) {
            let index = self.enter(noun, &base);
            self.heard.reading.cast[index].color = prop.color;
        }
        self.focus = Some(0);
    }
}
