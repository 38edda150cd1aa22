//! The text of one page: which sentences it has room for, and in which order they stand.

use super::Story;
use super::grammar::{capitalise, count_words};
use super::plot::{Arc, Beat};
use super::sentences::{Deck, Teller, Telling, tellings};

/// Sentences that fit any beat: so many go on one page at most, so that the last pages have some left.
const MORE_OF_ANY: usize = 3;

/// The pieces of one page while they are chosen.
pub(super) struct PageText<'p, 's> {
    story: &'s Story,
    deck: &'p mut Deck,
    teller: Teller<'s>,
    facts: &'p mut Vec<&'static str>,
    beats: Vec<BeatText>,
    words: usize,
}

/// The pieces of one beat, in the order of telling.
struct BeatText {
    beat: Beat,
    /// How the place looks and sounds.
    ambience: Vec<&'static str>,
    begins: Vec<&'static str>,
    /// What the brief says besides, before what leads on.
    more: Vec<&'static str>,
    ends: Vec<&'static str>,
}

impl<'p, 's> PageText<'p, 's> {
    pub(super) fn new(
        story: &'s Story,
        deck: &'p mut Deck,
        teller: &Teller<'s>,
        facts: &'p mut Vec<&'static str>,
    ) -> Self {
        Self {
            story,
            deck,
            teller: teller.clone(),
            facts,
            beats: Vec::new(),
            words: 0,
        }
    }

    /// First what must be told, then what the brief says, then what the page has room for.
    pub(super) fn tell(&mut self, beats: &[Beat]) {
        let mut optional: Vec<(usize, &'static str)> = Vec::new();
        for &beat in beats {
            let index = self.beats.len();
            self.beats.push(BeatText {
                beat,
                ambience: Vec::new(),
                begins: Vec::new(),
                more: Vec::new(),
                ends: Vec::new(),
            });
            if beat == Beat::Opening {
                self.open(index, &mut optional);
                continue;
            }
            let Some(telling) = self.draw_beat(beat) else {
                continue;
            };
            self.add(telling[0]);
            self.beats[index].begins.push(telling[0]);
            optional.extend(telling[1..].iter().map(|piece| (index, *piece)));
        }
        self.tell_extras();
        // A telling may stop early, but it skips nothing.
        let mut stopped = None;
        for (index, piece) in optional {
            if stopped != Some(index) && self.has_room(piece) {
                self.add(piece);
                self.beats[index].ends.push(piece);
            } else {
                stopped = Some(index);
            }
        }
        self.fill_up();
    }

    fn open(&mut self, index: usize, optional: &mut Vec<(usize, &'static str)>) {
        let roomy = self.story.words >= 30;
        for section in ["intro", "look", "carry", "scenery", "titled", "premise", "when"] {
            let is_fact = !matches!(section, "intro" | "premise");
            if is_fact && !self.facts.contains(&section) {
                continue;
            }
            let of_arc = format!("premise {}", self.story.arc.section());
            let name = if section == "premise" { of_arc.as_str() } else { section };
            let Some(telling) = self.deck.draw(&[name]) else {
                continue;
            };
            let must = section == "intro" || (roomy && matches!(section, "look" | "when"));
            if must || self.has_room(telling[0]) {
                self.add(telling[0]);
                self.facts.retain(|fact| *fact != section);
                let text = &mut self.beats[index];
                if matches!(section, "premise" | "when") {
                    text.ends.push(telling[0]);
                } else {
                    text.begins.push(telling[0]);
                }
            }
            if section == "premise" && !self.facts.contains(&"when") {
                optional.extend(telling[1..].iter().map(|piece| (index, *piece)));
            }
        }
        // "It all began one night" belongs to the opening or nowhere.
        self.facts.retain(|fact| *fact != "when");
    }

    /// Facts that had no room yet are told as soon as there is some.
    fn tell_extras(&mut self) {
        let opens = self.beats.iter().any(|text| text.beat == Beat::Opening);
        let late = self.beats.iter().any(|text| text.beat >= Beat::SetOut);
        let facts = std::mem::take(self.facts);
        for fact in facts {
            let fits = late || fact != "extras";
            let place = self.beats.iter().position(|text| text.beat > Beat::Spark).unwrap_or(0);
            let told = fits.then(|| self.deck.draw(&[fact])).flatten().is_some_and(|telling| {
                let room = self.has_room(telling[0]) || (fact == "extras" && !opens);
                if room {
                    self.add(telling[0]);
                    self.beats[place].more.push(telling[0]);
                }
                room
            });
            if !told {
                self.facts.push(fact);
            }
        }
    }

    fn draw_beat(&mut self, beat: Beat) -> Option<&'static Telling> {
        let arc = self.story.arc;
        let own = format!("{} {}", beat.section(), arc.section());
        let own_only = !tellings(&own).is_empty() && (beat != Beat::Closing || arc == Arc::Dark);
        if own_only {
            self.deck.draw(&[&own])
        } else {
            self.deck.draw(&[&own, beat.section()])
        }
    }

    /// Ambience first, then more of each beat in turn.
    fn fill_up(&mut self) {
        let beats = self.beats.len();
        let mut sections: Vec<(usize, &'static str)> = Vec::new();
        if let Some(first) = self.beats.first() {
            let most = self.story.words.div_ceil(50);
            let ambience = self.story.ambience(first.beat).into_iter().take(most);
            sections.extend(ambience.map(|it| (0, it)));
        }
        for round in 0..8 * beats {
            let index = round % beats;
            sections.push((index, self.beats[index].beat.more()));
        }
        sections.extend((0..MORE_OF_ANY).map(|round| (round % beats, "more any")));
        for (index, section) in sections {
            if self.words + 6 > self.story.words {
                break;
            }
            let Some(telling) = self.deck.draw(&[section]) else {
                continue;
            };
            self.add(telling[0]);
            let text = &mut self.beats[index];
            match (section.starts_with("more"), text.beat) {
                (_, Beat::Opening) => text.more.push(telling[0]),
                (true, _) => text.ends.push(telling[0]),
                (false, _) => text.ambience.push(telling[0]),
            }
        }
    }

    fn length(&self, piece: &str) -> usize {
        count_words(&self.teller.clone().fill(piece))
    }

    /// Whether the page is nearer to its length with the piece than without.
    fn has_room(&self, piece: &str) -> bool {
        self.words + self.length(piece) / 2 <= self.story.words
    }

    fn add(&mut self, piece: &str) {
        self.words += self.length(piece);
    }

    pub(super) fn written(self, teller: &mut Teller<'s>) -> String {
        let pieces = self.beats.iter().flat_map(|text| {
            [&text.ambience, &text.begins, &text.more, &text.ends]
                .into_iter()
                .flatten()
        });
        let told: Vec<String> = pieces.map(|piece| capitalise(&teller.fill(piece))).collect();
        told.join(" ")
    }
}
