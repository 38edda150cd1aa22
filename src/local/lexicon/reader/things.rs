//! Clothes and nouns: what is worn, what is held, what lies about, and what is no thing at all here.

use crate::local::lexicon::forms::Form;
use crate::local::lexicon::tokens::Gap;
use crate::local::lexicon::vocabulary::{Class, Match, Meaning, Noun};
use crate::local::lexicon::{Garment, GarmentKind, Prop, Setting};

use super::{Link, MOST_PROPS, Pending, Reader, as_said, phrase, plural_count, wear};

impl Reader<'_> {
    pub(super) fn garment(&mut self, kind: GarmentKind, found: Match) {
        let pending = std::mem::take(&mut self.pending);
        let phrase = phrase(&pending.words, found.base);
        if self.deny(&phrase) {
            return;
        }
        let apart = matches!(self.link, Link::Act | Link::Hold) || (self.link == Link::Preposition && !pending.own);
        if apart {
            if let Some(sprite) = sprite_of_garment(kind) {
                self.understand(&phrase);
                let noun = Noun {
                    sprite,
                    class: Class::Held,
                };
                self.put(noun, &pending, phrase, plural_count(found.form));
            }
            return;
        }
        self.understand(&phrase);
        let garment = Garment {
            kind,
            color: pending.color,
        };
        self.heard.garment_nouns.push((garment.clone(), phrase));
        match self.focused() {
            Some(character) => wear(&mut character.garments, garment),
            None => wear(&mut self.forward.garments, garment),
        }
    }

    pub(super) fn noun(&mut self, at: usize, noun: Noun, found: Match) -> usize {
        let last = at + found.words - 1;
        if self.is_verb_here(at, found) || self.is_modifier(last, found) {
            return found.words;
        }
        if std::mem::take(&mut self.compared) {
            self.pending = Pending::default();
            return found.words;
        }
        let several = found.form == Form::Plural || self.pending.count.is_some_and(|n| n > 1);
        if self.pending.toy && noun.class.is_animate() {
            let toy = Noun {
                sprite: "teddy-bear",
                class: Class::Held,
            };
            self.thing(at, toy, found);
        } else if noun.class.is_animate() && !(noun.class == Class::Swarm && several) {
            return found.words + self.meet(at, noun, found);
        } else {
            self.thing(at, noun, found);
        }
        if self.tokens[last].possessive {
            self.pending.own = true;
        }
        found.words
    }

    /// "to fish", "they duck": a noun only if something introduces it.
    pub(super) fn is_verb_here(&self, at: usize, found: Match) -> bool {
        const OFTEN_VERBS: &[&str] = &[
            "rose", "ring", "duck", "bear", "fish", "train", "slide", "brush", "drum", "hammer", "bug", "seal", "bat",
            "target", "party", "spool", "toast", "pan", "slice", "badger",
        ];
        if !OFTEN_VERBS.contains(&found.base) || !self.pending.is_empty() || at == 0 {
            return false;
        }
        let before = &self.tokens[at - 1];
        self.tokens[at].gap == Gap::Join
            && (before.lower == "to"
                || self
                    .vocabulary
                    .longest_match(std::slice::from_ref(before))
                    .is_some_and(|it| matches!(it.meaning, Meaning::Pronoun | Meaning::Noun(_))))
    }

    /// In "apple pie" the apple only says which pie.
    pub(super) fn is_modifier(&self, last: usize, found: Match) -> bool {
        let Some(next) = self.tokens.get(last + 1) else {
            return false;
        };
        found.form == Form::Same
            && next.gap == Gap::Join
            && next.lower.is_ascii()
            && self.tokens[last].lower.is_ascii()
            && !self.tokens[last].possessive
            && self
                .vocabulary
                .longest_match(&self.tokens[last + 1..])
                .is_some_and(|it| matches!(it.meaning, Meaning::Noun(noun) if !noun.class.is_animate()))
    }

    pub(super) fn thing(&mut self, at: usize, noun: Noun, found: Match) {
        let pending = std::mem::take(&mut self.pending);
        let phrase = phrase(&pending.words, found.base);
        if self.deny(&phrase) {
            return;
        }
        if let Some(room) = interior(noun.sprite)
            && self.link == Link::In
        {
            self.locate(room, true, found.base);
            self.understand(&phrase);
            return;
        }
        self.about_cast = false;
        let count = pending.count.unwrap_or_else(|| plural_count(found.form));
        self.understand(&as_said(&pending, &self.said(at, found.words)));
        let in_hand = noun.class == Class::Held && matches!(self.link, Link::Hold | Link::With) && count == 1;
        if in_hand
            && let Some(index) = self.focus
            && self.heard.reading.cast[index].holds.is_none()
        {
            self.heard.reading.cast[index].holds = Some(noun.sprite.to_owned());
            self.heard.held_nouns[index] = Some(phrase);
            return;
        }
        self.put(noun, &pending, phrase, count);
    }

    pub(super) fn put(&mut self, noun: Noun, pending: &Pending, phrase: String, count: u8) {
        let props = &mut self.heard.reading.props;
        if let Some(prop) = props.iter_mut().find(|prop| prop.sprite == noun.sprite) {
            prop.count = prop.count.max(count);
            prop.color = prop.color.or(pending.color);
        } else if props.len() < MOST_PROPS {
            props.push(Prop {
                sprite: noun.sprite.to_owned(),
                count,
                color: pending.color,
            });
            self.heard.prop_nouns.push(phrase);
        }
    }
}

/// The room behind a building's door.
fn interior(sprite: &str) -> Option<Setting> {
    match sprite {
        "castle" => Some(Setting::Castle),
        "house" | "hut" | "school" | "house-with-garden" => Some(Setting::Room),
        _ => None,
    }
}

fn sprite_of_garment(kind: GarmentKind) -> Option<&'static str> {
    Some(match kind {
        GarmentKind::Scarf => "scarf",
        GarmentKind::Hat => "top-hat",
        GarmentKind::Cape => return None,
        GarmentKind::Coat => "coat",
        GarmentKind::Dress => "dress",
        GarmentKind::Shirt => "t-shirt",
        GarmentKind::Trousers => "jeans",
        GarmentKind::Boots => "hiking-boot",
        GarmentKind::Glasses => "glasses",
        GarmentKind::Bow => "ribbon",
        GarmentKind::Crown => "crown",
        GarmentKind::Backpack => "backpack",
    })
}
