//! Place, time and weather: which of several that are said is where the scene plays.

use crate::local::lexicon::tokens::Gap;
use crate::local::lexicon::vocabulary::{Match, Meaning};
use crate::local::lexicon::{Setting, TimeOfDay, Weather};

use super::{Link, Pending, Reader, rank};

impl Reader<'_> {
    pub(super) fn place(&mut self, at: usize, setting: Setting, found: Match) {
        let said = self.said(at, found.words);
        if self.deny(&said) {
            self.pending = Pending::default();
            return;
        }
        let strong = matches!(self.link, Link::In | Link::Preposition) || found.words > 1;
        self.locate(setting, strong, &said);
        if let (Some(noun), false) = (found.noun, strong) {
            self.thing(at, noun, found);
        } else {
            self.understand(&said);
            self.pending = Pending::default();
        }
        self.parts(at, found);
    }

    /// The first place that something happens *in* wins over places that are only mentioned.
    pub(super) fn locate(&mut self, setting: Setting, strong: bool, said: &str) {
        match self.setting {
            Some((_, before)) if before || !strong => {}
            _ => {
                self.setting = Some((setting, strong));
                self.heard.place = Some(said.to_owned());
            }
        }
    }

    pub(super) fn time(&mut self, time: TimeOfDay, base: &str) {
        if !self.deny(base) {
            self.heard.time.get_or_insert(time);
            self.understand(base);
        }
    }

    pub(super) fn weather(&mut self, at: usize, weather: Weather, base: &str) {
        let over = at > 0 && matches!(self.tokens[at - 1].lower.as_str(), "stopped" | "stops");
        if self.deny(base) || over || self.compared {
            self.compared = false;
            return;
        }
        self.understand(base);
        self.fall(weather);
    }

    pub(super) fn before_thing(&self, at: usize) -> bool {
        let next = self.vocabulary.longest_match(&self.tokens[at + 1..]);
        self.tokens.get(at + 1).is_some_and(|it| it.gap == Gap::Join)
            && next.is_some_and(|it| matches!(it.meaning, Meaning::Noun(noun) if !noun.class.is_animate()))
    }

    pub(super) fn fall(&mut self, weather: Weather) {
        let stronger = self.heard.weather.is_none_or(|before| rank(weather) > rank(before));
        if stronger {
            self.heard.weather = Some(weather);
        }
    }

    /// The words inside a phrase may say more: a "snowy forest" is a place, and snow.
    pub(super) fn parts(&mut self, at: usize, found: Match) {
        if found.words == 1 {
            return;
        }
        for index in at..at + found.words {
            let single = &self.tokens[index..=index];
            match self.vocabulary.longest_match(single).map(|it| it.meaning) {
                Some(Meaning::Weather(weather)) => self.fall(weather),
                Some(Meaning::Time(time)) => {
                    self.heard.time.get_or_insert(time);
                }
                _ => {}
            }
        }
    }
}
