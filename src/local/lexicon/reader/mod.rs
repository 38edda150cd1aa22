//! The walk over a text's words. One pass, left to right; adjectives wait for their noun, clothes and poses go to
//! whoever was named last, and what comes before anybody was named waits for the first who is.

mod names;
mod people;
mod scene;
mod things;

use crate::local::lexicon::forms::Form;
use crate::local::lexicon::tokens::{Gap, Token, tokens};
use crate::local::lexicon::vocabulary::{Article, Match, Meaning, Vocabulary, vocabulary};
use crate::local::lexicon::{
    Character, Color, Garment, Mood, Pose, Reading, Scale, Setting, Shot, SkinTone, TimeOfDay, Weather,
};

/// A reading, and how its parts were said: what the storyteller needs to speak of them in the user's own words.
#[derive(Clone, Debug)]
pub(in crate::local) struct Heard {
    pub(in crate::local) reading: Reading,
    /// The noun each of the cast was called by ("squirrel"), in step with the cast.
    pub(in crate::local) cast_nouns: Vec<String>,
    /// Whether each of the cast was said to be somebody's ("his dog"), in step with the cast.
    pub(in crate::local) owned: Vec<bool>,
    /// The words for each prop ("red lantern"), in step with the props.
    pub(in crate::local) prop_nouns: Vec<String>,
    /// The noun of what each of the cast holds.
    pub(in crate::local) held_nouns: Vec<Option<String>>,
    /// The words of each garment, in order of mention ("yellow raincoat").
    pub(in crate::local) garment_nouns: Vec<(Garment, String)>,
    /// The words of the place ("hilltop").
    pub(in crate::local) place: Option<String>,
    /// The time of day, if it was said.
    pub(in crate::local) time: Option<TimeOfDay>,
    /// The weather, if it was said.
    pub(in crate::local) weather: Option<Weather>,
}

const MOST_CAST: usize = 6;
const MOST_PROPS: usize = 24;
/// Lists for people to read: a pasted book must not make them endless.
const MOST_WORDS: usize = 64;
/// How many are meant by a bare plural.
const SEVERAL: u8 = 3;

pub(super) fn hear(text: &str) -> Heard {
    let tokens = tokens(text);
    let mut reader = Reader::new(&tokens);
    let mut at = 0;
    while at < tokens.len() {
        at += reader.step(at);
    }
    reader.finish()
}

/// What governs the next noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    None,
    In,
    Wear,
    With,
    Hold,
    Act,
    Preposition,
}

/// Adjectives and articles that wait for their noun.
#[derive(Clone, Debug, Default)]
struct Pending {
    article: Option<Article>,
    own: bool,
    toy: bool,
    color: Option<Color>,
    scale: Option<Scale>,
    mood: Option<Mood>,
    pose: Option<Pose>,
    count: Option<u8>,
    words: Vec<&'static str>,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.article.is_none() && !self.own && self.words.is_empty() && self.count.is_none()
    }
}

/// What was said of somebody not yet named.
#[derive(Clone, Debug, Default)]
struct Forward {
    name: Option<String>,
    garments: Vec<Garment>,
    pose: Option<Pose>,
    mood: Option<Mood>,
    skin: Option<SkinTone>,
}

struct Reader<'t> {
    tokens: &'t [Token<'t>],
    vocabulary: &'static Vocabulary,
    heard: Heard,
    setting: Option<(Setting, bool)>,
    hint: Option<TimeOfDay>,
    /// Who was named last.
    focus: Option<usize>,
    /// Whether the last noun was one of the cast, so that "named" is about them.
    about_cast: bool,
    pending: Pending,
    forward: Forward,
    link: Link,
    negated: bool,
    /// A negated noun was just passed: "or" goes on denying.
    denying: bool,
    /// "like a": the next noun is only a comparison.
    compared: bool,
    title_case: bool,
    /// One of the cast whose kind was only concluded from a given name.
    guessed: Option<usize>,
}

impl<'t> Reader<'t> {
    fn new(tokens: &'t [Token<'t>]) -> Self {
        let long = tokens.iter().filter(|token| token.lower.len() > 3);
        let (all, capital) = long.fold((0, 0), |(all, capital), token| {
            (all + 1, capital + usize::from(token.capital))
        });
        Self {
            tokens,
            vocabulary: vocabulary(),
            heard: Heard {
                reading: Reading {
                    cast: Vec::new(),
                    setting: Setting::Meadow,
                    setting_said: false,
                    time: TimeOfDay::Day,
                    weather: Weather::Clear,
                    props: Vec::new(),
                    shot: Shot::Medium,
                    side: None,
                    understood: Vec::new(),
                    unknown: Vec::new(),
                },
                cast_nouns: Vec::new(),
                owned: Vec::new(),
                prop_nouns: Vec::new(),
                held_nouns: Vec::new(),
                garment_nouns: Vec::new(),
                place: None,
                time: None,
                weather: None,
            },
            setting: None,
            hint: None,
            focus: None,
            about_cast: false,
            pending: Pending::default(),
            forward: Forward::default(),
            link: Link::None,
            negated: false,
            denying: false,
            compared: false,
            title_case: all >= 2 && capital * 10 >= all * 7,
            guessed: None,
        }
    }

    /// Reads what begins at a token and says how many tokens that took.
    fn step(&mut self, at: usize) -> usize {
        let token = &self.tokens[at];
        match token.gap {
            Gap::Stop => {
                self.flush();
                self.link = Link::None;
                self.negated = false;
                self.denying = false;
            }
            Gap::Comma => {
                self.negated = false;
                self.denying = false;
                // A list of clothes goes on after a comma, everything else starts anew.
                if self.link != Link::Wear && self.link != Link::In {
                    self.link = Link::None;
                }
            }
            Gap::Join => {}
        }
        if let Some(words) = self.name(at) {
            return words;
        }
        let Some(found) = self.vocabulary.longest_match(&self.tokens[at..]) else {
            self.not_known(token);
            return 1;
        };
        self.take(at, found)
    }

    fn take(&mut self, at: usize, found: Match) -> usize {
        let words = found.words;
        match found.meaning {
            Meaning::Color(color) => {
                self.pending.color.get_or_insert(color);
                self.pending.words.push(found.base);
            }
            Meaning::Size(scale) => {
                self.pending.scale = Some(scale);
                self.pending.words.push(found.base);
            }
            Meaning::Number(count) => self.pending.count = Some(count),
            Meaning::Toy => self.pending.toy = true,
            Meaning::Mood(mood) => self.mood(mood, found),
            Meaning::Pose(pose) => self.pose(pose, found),
            Meaning::Skin(skin) => self.skin(skin, found.base),
            Meaning::Body => self.body_color(),
            Meaning::Garment(kind) => self.garment(kind, found),
            Meaning::Place(setting) => self.place(at, setting, found),
            Meaning::Time(time) => {
                self.time(time, found.base);
                self.parts(at, found);
            }
            Meaning::TimeHint(time) => {
                if !self.deny(found.base) {
                    self.hint.get_or_insert(time);
                    match found.noun {
                        Some(noun) => self.thing(at, noun, found),
                        None => self.understand(found.base),
                    }
                }
            }
            Meaning::Weather(Weather::Rainbow) if self.before_thing(at) => {
                // A rainbow kite is drawn under a rainbow.
                self.fall(Weather::Rainbow);
                self.pending.words.push(found.base);
            }
            Meaning::Weather(weather) => self.weather(at, weather, found.base),
            Meaning::Shot(shot) => {
                self.heard.reading.shot = shot;
                self.understand(found.base);
            }
            Meaning::Side(side) => {
                self.heard.reading.side.get_or_insert(side);
                self.understand(&self.said(at, words));
            }
            Meaning::Noun(noun) => return self.noun(at, noun, found),
            Meaning::Named => return self.named(at, words),
            steering => self.steer(at, steering, found.base),
        }
        words
    }

    /// Little words: they change what the next noun means.
    fn steer(&mut self, at: usize, meaning: Meaning, base: &str) {
        match meaning {
            Meaning::Not => {
                self.flush();
                self.negated = true;
            }
            Meaning::Article(article) => {
                let next_to_number = self.pending.count;
                self.flush();
                self.pending.article = Some(article);
                self.pending.count = next_to_number;
            }
            Meaning::Own => {
                self.flush();
                self.pending.own = true;
            }
            Meaning::Pronoun => {
                self.flush();
                self.link = Link::None;
            }
            Meaning::Be => self.govern(Link::None),
            Meaning::Wear => self.govern(Link::Wear),
            Meaning::In => self.govern(Link::In),
            Meaning::With => self.govern(Link::With),
            Meaning::Hold => self.govern(Link::Hold),
            Meaning::Act => {
                self.compared = base == "like" && self.next_is(at, Article::A);
                self.govern(Link::Act);
                self.negated = false;
            }
            Meaning::Preposition => {
                self.compared = base == "as" && self.next_is(at, Article::A);
                // "searches for her hat": the hat is searched, not worn.
                let object = base == "for" && self.link == Link::Act;
                self.govern(if object { Link::Act } else { Link::Preposition });
                self.negated = false;
            }
            Meaning::And => {
                let goes_on = self
                    .vocabulary
                    .longest_match(&self.tokens[at + 1..])
                    .is_some_and(|next| matches!(next.meaning, Meaning::Color(_)));
                if !goes_on {
                    self.flush();
                }
            }
            Meaning::Or => {
                self.flush();
                self.negated |= self.denying;
            }
            _ => {}
        }
    }

    fn govern(&mut self, link: Link) {
        self.flush();
        self.link = link;
    }

    fn next_is(&self, at: usize, article: Article) -> bool {
        self.vocabulary
            .longest_match(&self.tokens[at + 1..])
            .is_some_and(|next| next.meaning == Meaning::Article(article))
    }

    // ── adjectives and verbs ──

    /// Adjectives that found no noun are about whoever was named last: "the fox is happy".
    fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if let Some(mood) = pending.mood {
            self.feel(mood);
        }
        if let Some(pose) = pending.pose {
            self.strike(pose);
        }
    }

    fn mood(&mut self, mood: Mood, found: Match) {
        if self.deny(found.base) {
            return;
        }
        self.understand(found.base);
        if found.form == Form::Plural && self.focus.is_some() {
            self.feel(mood);
        } else {
            self.pending.mood = Some(mood);
        }
    }

    fn feel(&mut self, mood: Mood) {
        match self.focused() {
            Some(character) => {
                if character.mood == Mood::Calm {
                    character.mood = mood;
                }
            }
            None => self.forward.mood = Some(mood),
        }
    }

    fn pose(&mut self, pose: Pose, found: Match) {
        if self.deny(found.base) {
            return;
        }
        // "a sleeping bear" waits for the bear, "Pip sleeps" does not.
        if self.pending.is_empty() {
            self.strike(pose);
            self.link = Link::Act;
        } else if found.form == Form::Verb || found.base == "asleep" {
            self.pending.pose = Some(pose);
        } else {
            self.flush();
            self.strike(pose);
            self.link = Link::Act;
        }
    }

    fn strike(&mut self, pose: Pose) {
        match self.focused() {
            Some(character) => {
                if character.pose == Pose::Stand {
                    character.pose = pose;
                }
            }
            None => self.forward.pose = Some(pose),
        }
    }

    fn skin(&mut self, skin: SkinTone, base: &str) {
        self.understand(base);
        match self.focused() {
            Some(character) => character.skin = Some(skin),
            None => self.forward.skin = Some(skin),
        }
    }

    fn body_color(&mut self) {
        let color = self.pending.color.take();
        if let (Some(color), Some(character)) = (color, self.focused()) {
            character.color.get_or_insert(color);
            self.pending.words.clear();
        }
    }

    fn focused(&mut self) -> Option<&mut Character> {
        self.focus.and_then(|index| self.heard.reading.cast.get_mut(index))
    }

    fn written(&self, at: usize, words: usize) -> String {
        let words: Vec<&str> = self.tokens[at..at + words].iter().map(|token| token.text).collect();
        words.join(" ")
    }

    fn said(&self, at: usize, words: usize) -> String {
        self.written(at, words).to_lowercase()
    }

    // ── notes ──

    /// Whether what was just read is denied ("no rain"); says so among the understood words.
    fn deny(&mut self, phrase: &str) -> bool {
        if !self.negated {
            self.denying = false;
            return false;
        }
        self.negated = false;
        self.denying = true;
        self.understand(&format!("no {phrase}"));
        true
    }

    fn understand(&mut self, phrase: &str) {
        let understood = &mut self.heard.reading.understood;
        if understood.len() < MOST_WORDS && !understood.iter().any(|known| known == phrase) {
            understood.push(phrase.to_owned());
        }
    }

    fn not_known(&mut self, token: &Token<'_>) {
        if let Ok(count) = token.lower.parse::<u8>() {
            self.pending.count = Some(count);
            return;
        }
        let content = token.lower.chars().count() > 2
            && token.lower.chars().all(|c| c.is_alphabetic() || c == '\'')
            && !token.lower.ends_with("ly");
        let unknown = &mut self.heard.reading.unknown;
        if content && unknown.len() < MOST_WORDS && !unknown.contains(&token.lower) {
            unknown.push(token.lower.clone());
        }
    }

    fn finish(mut self) -> Heard {
        self.flush();
        self.promote();
        let mut heard = self.heard;
        for character in &mut heard.reading.cast {
            if character.holds.is_some() && character.pose == Pose::Stand {
                character.pose = Pose::Hold;
            }
        }
        if let Some((setting, _)) = self.setting {
            heard.reading.setting = setting;
            heard.reading.setting_said = true;
        }
        heard.time = heard.time.or(self.hint);
        heard.reading.time = heard.time.unwrap_or(TimeOfDay::Day);
        heard.reading.weather = heard.weather.unwrap_or(Weather::Clear);
        heard
    }
}

fn wear(garments: &mut Vec<Garment>, garment: Garment) {
    match garments.iter_mut().find(|worn| worn.kind == garment.kind) {
        Some(worn) => worn.color = worn.color.or(garment.color),
        None => garments.push(garment),
    }
}

fn phrase(adjectives: &[&str], base: &str) -> String {
    let mut phrase = String::new();
    for word in adjectives {
        phrase.push_str(word);
        phrase.push(' ');
    }
    phrase + base
}

/// "3 yellow fish", "green scarf": a noun with its adjectives, as it is shown.
fn as_said(pending: &Pending, noun: &str) -> String {
    let phrase = phrase(&pending.words, noun);
    match pending.count {
        Some(count) if count > 1 => format!("{count} {phrase}"),
        _ => phrase,
    }
}

fn plural_count(form: Form) -> u8 {
    if form == Form::Plural { SEVERAL } else { 1 }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn is_of_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '\'' | '’')
}

/// A colour before a person ("a black girl") is the skin's.
fn skin_of(color: Color) -> Option<SkinTone> {
    match color {
        Color::Black => Some(SkinTone::Dark),
        Color::Brown => Some(SkinTone::MediumDark),
        Color::White => Some(SkinTone::Light),
        _ => None,
    }
}

/// Of two kinds of weather the one that shows more wins: a storm over rain, a rainbow over both.
fn rank(weather: Weather) -> u8 {
    match weather {
        Weather::Clear => 0,
        Weather::Cloudy => 1,
        Weather::Wind => 2,
        Weather::Fog => 3,
        Weather::Rain | Weather::Snow => 4,
        Weather::Storm => 5,
        Weather::Rainbow => 6,
    }
}
