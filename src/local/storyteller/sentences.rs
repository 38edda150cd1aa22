//! The sentences of `assets/storyteller/en.txt`, and how their blanks are filled.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::cast::Actor;
use super::grammar::{Gender, capitalise, list, with_article};
use super::place::Place;
use super::random::Random;
use super::things::Goal;

/// One way to tell something: the first piece must be told, the others may be.
pub(super) type Telling = Vec<&'static str>;

static SECTIONS: LazyLock<HashMap<&'static str, Vec<Telling>>> =
    LazyLock::new(|| sections(include_str!("../../../assets/storyteller/en.txt")));

fn sections(text: &'static str) -> HashMap<&'static str, Vec<Telling>> {
    let mut sections: HashMap<&str, Vec<Telling>> = HashMap::new();
    let mut name = "";
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name = header;
        } else {
            let pieces = line.split('|').filter(|piece| !piece.is_empty());
            sections.entry(name).or_default().push(pieces.collect());
        }
    }
    sections
}

/// All ways to tell a section; none if there is no such section.
pub(super) fn tellings(section: &str) -> &'static [Telling] {
    SECTIONS.get(section).map_or(&[], Vec::as_slice)
}

/// Hands out tellings so that none comes twice in one tale.
pub(super) struct Deck {
    random: Random,
    left: HashMap<String, Vec<&'static Telling>>,
}

impl Deck {
    pub(super) fn new(random: Random) -> Self {
        Self {
            random,
            left: HashMap::new(),
        }
    }

    /// The next telling of these sections together, or none if all were told.
    pub(super) fn draw(&mut self, sections: &[&str]) -> Option<&'static Telling> {
        let random = &mut self.random;
        let left = self.left.entry(sections.join("+")).or_insert_with(|| {
            let mut all: Vec<&Telling> = sections.iter().flat_map(|it| tellings(it)).collect();
            random.shuffle(&mut all);
            all
        });
        left.pop()
    }
}

/// Fills blanks, and remembers who was presented and who a pronoun would mean.
#[derive(Clone)]
pub(super) struct Teller<'a> {
    pub(super) hero: &'a Actor,
    pub(super) helper: &'a Actor,
    pub(super) extras: &'a [Actor],
    pub(super) goal: &'a Goal,
    pub(super) place: &'a Place,
    pub(super) props: &'a [String],
    pub(super) title: &'a str,
    pub(super) when: &'a str,
    pub(super) helper_known: bool,
    pub(super) goal_known: bool,
    /// Whether "he" or "they" would not clearly be the hero.
    pub(super) unclear: bool,
    pub(super) spoken: Spoken,
}

/// What the last two sentences called the hero, as far as it decides what the next may call them. One "they" after the
/// name is friendly; a second one sounds like several.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spoken {
    /// Whether the sentence before, and this one, said "they" of the hero alone.
    they_before: bool,
    they_now: bool,
    /// Whether this sentence has named the hero, and the helper.
    hero_now: bool,
    helper_now: bool,
    /// Whether the last subject was a name, so that "was" follows where "they" has "were".
    name_last: bool,
}

impl Spoken {
    fn sentence_ends(&mut self) {
        *self = Self {
            they_before: self.they_now,
            ..Self::default()
        };
    }
}

impl Teller<'_> {
    /// A page begins with names.
    pub(super) fn turn_page(&mut self) {
        self.unclear = true;
    }

    /// A piece with its blanks filled and its sentences begun with capitals.
    pub(super) fn fill(&mut self, piece: &str) -> String {
        let mut told = String::with_capacity(piece.len() * 2);
        let mut rest = piece;
        while let Some((before, after)) = rest.split_once('{') {
            told.push_str(before);
            if before.contains(['.', '?', '!']) {
                self.spoken.sentence_ends();
            }
            let Some((blank, after)) = after.split_once('}') else {
                break;
            };
            // "…," whispered by "they" is stiff, unless one of several is meant.
            let tags_speech = told.ends_with("\" ") || told.ends_with("\" said ");
            told.push_str(&self.blank(blank, tags_speech));
            rest = after;
        }
        told.push_str(rest);
        self.spoken.sentence_ends();
        self.unclear = self.is_unclear_after(piece, &told);
        capitalise(&told)
    }

    /// Whether a pronoun after this piece could mean somebody else than the hero.
    fn is_unclear_after(&self, piece: &str, told: &str) -> bool {
        let speaks_of_others = piece.contains("{helper}") || piece.contains("{h_") || piece.contains("{extras}");
        if self.hero.gender != Gender::They {
            return speaks_of_others || says_several(told);
        }
        // "They" is one alone only right after the hero, and where no others are "they".
        let own = ["{a_hero}", "{hero}", "{they}", "{them}", "{their}"];
        speaks_of_others || says_several(piece) || !own.iter().any(|blank| piece.contains(blank))
    }

    fn blank(&mut self, blank: &str, tags_speech: bool) -> String {
        match blank {
            "a_hero" => {
                self.name_hero();
                self.hero.presented()
            }
            "hero" => self.name_hero(),
            "they" if self.unclear || self.they_is_stiff(tags_speech) => self.name_hero(),
            "them" if self.unclear => self.name_hero(),
            "their" if self.unclear => format!("{}'s", self.name_hero()),
            "they" => {
                self.spoken.they_now = true;
                self.spoken.name_last = false;
                pronoun(self.hero.gender, blank).to_owned()
            }
            "them" | "their" => pronoun(self.hero.gender, blank).to_owned(),
            "were" | "h_were" if self.spoken.name_last => "was".to_owned(),
            "were" => pronoun(self.hero.gender, blank).to_owned(),
            "helper" => self.name_helper(),
            "h_they" if self.helper.gender == Gender::They && (tags_speech || !self.spoken.helper_now) => {
                self.name_helper()
            }
            "h_they" => {
                self.spoken.name_last = false;
                pronoun(self.helper.gender, "they").to_owned()
            }
            "h_them" | "h_their" | "h_were" => pronoun(self.helper.gender, &blank[2..]).to_owned(),
            "goal" => self.goal(),
            "goal_n" => {
                self.goal_known = true;
                self.goal.noun.clone()
            }
            "goal_plain" => {
                self.goal_known = true;
                self.goal.unpresented()
            }
            "in_place" => self.place.inside.clone(),
            "place" => self.place.plain.clone(),
            "through_place" => self.place.through.clone(),
            "clothes" => list(&self.hero.clothes),
            "held" => self.hero.held.as_deref().map(with_article).unwrap_or_default(),
            "props" => list(self.props),
            "extras" => {
                let names: Vec<String> = self.extras.iter().map(Actor::presented).collect();
                list(&names)
            }
            "hero_title" => self.hero.short(),
            "helper_title" => self.helper.short(),
            "place_title" => self.place.inside.clone(),
            "title" => self.title.to_owned(),
            "when" => self.when.to_owned(),
            _ => String::new(),
        }
    }

    fn name_hero(&mut self) -> String {
        self.unclear = false;
        self.spoken.hero_now = true;
        self.spoken.name_last = true;
        self.hero.short()
    }

    fn name_helper(&mut self) -> String {
        self.spoken.helper_now = true;
        self.spoken.name_last = true;
        self.helper()
    }

    /// Whether the name is better than a "they" that means one alone.
    fn they_is_stiff(&self, tags_speech: bool) -> bool {
        let spoken = &self.spoken;
        self.hero.gender == Gender::They
            && !spoken.hero_now
            && (tags_speech || (spoken.they_before && !spoken.they_now))
    }

    fn helper(&mut self) -> String {
        if std::mem::replace(&mut self.helper_known, true) {
            return self.helper.short();
        }
        let presented = if self.helper.owned {
            let name = self.helper.name.as_deref();
            let owner = pronoun(self.hero.gender, "their");
            let name = name.map_or_else(String::new, |name| format!(" {name}"));
            format!("{owner} {}{name}", self.helper.described())
        } else {
            self.helper.presented()
        };
        match self.helper.clothes.as_slice() {
            [] => presented,
            clothes => format!("{presented} in {}", list(clothes)),
        }
    }

    fn goal(&mut self) -> String {
        if std::mem::replace(&mut self.goal_known, true) {
            format!("the {}", self.goal.noun)
        } else {
            self.goal.presented()
        }
    }
}

/// Whether a text has a plural pronoun of its own; blanks do not count.
fn says_several(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic() && !"{}_".contains(c))
        .any(|word| matches!(word, "They" | "they" | "them" | "their" | "both"))
}

fn pronoun(gender: Gender, form: &str) -> &'static str {
    match (form, gender) {
        ("they", Gender::She) => "she",
        ("they", Gender::He) => "he",
        ("them", Gender::She) | ("their", Gender::She) => "her",
        ("them", Gender::He) => "him",
        ("them", Gender::They) => "them",
        ("their", Gender::He) => "his",
        ("their", Gender::They) => "their",
        ("were", Gender::They) => "were",
        ("were", _) => "was",
        _ => "they",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::storyteller::plot::Beat;

    const ARCS: [&str; 7] = ["search", "return", "friend", "dark", "journey", "helping", "party"];

    #[test]
    fn every_arc_can_tell_every_beat_in_several_ways() {
        for arc in ARCS {
            for beat in [Beat::Spark, Beat::SetOut, Beat::Climax, Beat::Resolution] {
                let ways = tellings(&format!("{} {arc}", beat.section())).len();
                assert!(ways >= 4, "{} {arc}: {ways}", beat.section());
            }
            assert!(tellings(&format!("premise {arc}")).len() >= 4, "{arc}");
            for beat in ["obstacle", "helper", "closing"] {
                let ways = tellings(&format!("{beat} {arc}")).len() + tellings(beat).len();
                assert!(ways >= 4, "{beat} {arc}: {ways}");
            }
        }
    }

    #[test]
    fn blanks_are_known_and_closed() {
        let known = [
            "a_hero",
            "hero",
            "they",
            "them",
            "their",
            "were",
            "helper",
            "h_they",
            "h_them",
            "h_their",
            "h_were",
            "goal",
            "goal_n",
            "goal_plain",
            "in_place",
            "place",
            "through_place",
            "clothes",
            "held",
            "props",
            "extras",
            "hero_title",
            "helper_title",
            "place_title",
            "title",
            "when",
        ];
        for piece in SECTIONS.values().flatten().flatten() {
            assert_eq!(piece.matches('{').count(), piece.matches('}').count(), "{piece}");
            for blank in piece.split('{').skip(1).filter_map(|it| it.split_once('}')) {
                assert!(known.contains(&blank.0), "{} in {piece}", blank.0);
            }
        }
    }
}
