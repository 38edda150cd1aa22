//! The text of one page: which sentences it has room for, and in which order they stand.

use super::Story;
use super::grammar::{capitalise, count_words};
use super::plot::{self, Arc, Beat};
use super::sentences::{Deck, Teller, Telling, tellings};

/// Sentences that fit any beat: so many go on one page at most, so that the last pages have some left.
const MORE_OF_ANY: usize = 3;

/// The most words of a page for which `words` were asked.
pub(super) fn most_words(words: usize) -> usize {
    words * 13 / 10 + 25
}

/// The pieces of one page while they are chosen.
pub(super) struct PageText<'p, 's> {
    story: &'s Story,
    deck: &'p mut Deck,
    teller: Teller<'s>,
    facts: &'p mut Vec<&'static str>,
    beats: Vec<BeatText>,
}

/// Some sentences, and the section they are from.
#[derive(Clone, Copy)]
struct Piece {
    section: &'static str,
    text: &'static str,
}

/// The pieces of one beat, in the order of telling.
struct BeatText {
    beat: Beat,
    /// How the place looks and sounds.
    ambience: Vec<Piece>,
    begins: Vec<Piece>,
    /// What the brief says besides, before what leads on.
    more: Vec<Piece>,
    ends: Vec<Piece>,
}

impl BeatText {
    fn new(beat: Beat) -> Self {
        Self {
            beat,
            ambience: Vec::new(),
            begins: Vec::new(),
            more: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Takes away the last piece of a kind, from what is missed least (0) to what is missed most (3). What tells the beat
    /// itself, its first piece, stays.
    fn shed(&mut self, stage: usize) -> Option<Piece> {
        match stage {
            0 => self.ambience.pop(),
            1 => self.ends.pop(),
            2 => self.more.pop(),
            _ if self.begins.len() > 1 => self.begins.pop(),
            _ => None,
        }
    }
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
        }
    }

    /// First what must be told, then what the brief says, then what the page has room for.
    pub(super) fn tell(&mut self, beats: &[Beat], ambience: &[&'static str]) {
        let mut optional: Vec<(usize, Piece)> = Vec::new();
        for &beat in beats {
            let index = self.beats.len();
            self.beats.push(BeatText::new(beat));
            if beat == Beat::Opening {
                self.open(index, &mut optional);
                continue;
            }
            let Some(telling) = self.draw_beat(beat) else {
                continue;
            };
            let section = beat.section();
            let mut pieces = telling.iter().map(|&text| Piece { section, text });
            self.beats[index].begins.extend(pieces.next());
            optional.extend(pieces.map(|piece| (index, piece)));
        }
        self.tell_extras();
        // A telling may stop early, but it skips nothing.
        let mut stopped = None;
        for (index, piece) in optional {
            if stopped != Some(index) && self.has_room(piece.text) {
                self.beats[index].ends.push(piece);
            } else {
                stopped = Some(index);
            }
        }
        self.fill_up(ambience);
        self.shorten();
    }

    fn open(&mut self, index: usize, optional: &mut Vec<(usize, Piece)>) {
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
                self.facts.retain(|fact| *fact != section);
                let piece = Piece {
                    section,
                    text: telling[0],
                };
                let text = &mut self.beats[index];
                if matches!(section, "premise" | "when") {
                    text.ends.push(piece);
                } else {
                    text.begins.push(piece);
                }
            }
            if section == "premise" && !self.facts.contains(&"when") {
                optional.extend(telling[1..].iter().map(|&text| (index, Piece { section, text })));
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
        for section in facts {
            let fits = late || section != "extras";
            let place = self.beats.iter().position(|text| text.beat > Beat::Spark).unwrap_or(0);
            let told = fits
                .then(|| self.deck.draw(&[section]))
                .flatten()
                .is_some_and(|telling| {
                    let text = telling[0];
                    let room = self.has_room(text) || (section == "extras" && !opens);
                    if room {
                        self.beats[place].more.push(Piece { section, text });
                    }
                    room
                });
            if !told {
                self.facts.push(section);
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
    fn fill_up(&mut self, ambience: &[&'static str]) {
        let beats = self.beats.len();
        let most = self.story.words.div_ceil(50);
        let mut sections: Vec<(usize, &'static str)> = ambience.iter().take(most).map(|it| (0, *it)).collect();
        for round in 0..8 * beats {
            let index = round % beats;
            sections.push((index, self.beats[index].beat.more()));
        }
        sections.extend((0..MORE_OF_ANY).map(|round| (round % beats, "more any")));
        for (index, section) in sections {
            if self.words() + 6 > self.story.words {
                break;
            }
            let Some(telling) = self.deck.draw(&[section]) else {
                continue;
            };
            let piece = Piece {
                section,
                text: telling[0],
            };
            let text = &mut self.beats[index];
            match (section.starts_with("more"), text.beat) {
                (_, Beat::Opening) => text.more.push(piece),
                (true, _) => text.ends.push(piece),
                (false, _) => text.ambience.push(piece),
            }
        }
    }

    /// Long names, clothes and companions can make what must be told too long together. Then whole sentences go: what
    /// paints, what was added, what the brief says besides (a later page has room for it), and at last a beat.
    fn shorten(&mut self) {
        let most = most_words(self.story.words);
        while self.words() > most {
            let piece = (0..4).find_map(|stage| self.beats.iter_mut().rev().find_map(|text| text.shed(stage)));
            match piece {
                Some(piece) if is_fact(piece.section) => self.facts.push(piece.section),
                Some(_) => {}
                None if self.beats.len() > 1 => {
                    let least = (0..self.beats.len()).max_by_key(|index| plot::weight(self.beats[*index].beat));
                    self.beats.remove(least.unwrap_or(0));
                }
                None => break,
            }
        }
    }

    /// How many words the page has as it stands.
    fn words(&self) -> usize {
        count_words(&self.written(&mut self.teller.clone()))
    }

    /// Whether the page is nearer to its length with the piece than without.
    fn has_room(&self, piece: &str) -> bool {
        let length = count_words(&self.teller.clone().fill(piece));
        self.words() + length / 2 <= self.story.words
    }

    pub(super) fn written(&self, teller: &mut Teller<'s>) -> String {
        let pieces = self.beats.iter().flat_map(|text| {
            [&text.ambience, &text.begins, &text.more, &text.ends]
                .into_iter()
                .flatten()
        });
        let told: Vec<String> = pieces.map(|piece| capitalise(&teller.fill(piece.text))).collect();
        told.join(" ")
    }
}

/// Whether a section tells what the brief says beyond the plot, on whatever page has room.
fn is_fact(section: &str) -> bool {
    matches!(section, "look" | "carry" | "scenery" | "titled" | "extras")
}
