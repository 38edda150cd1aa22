//! The walk over a text's words. One pass, left to right; adjectives wait for their noun, clothes and poses go to
//! whoever was named last, and what comes before anybody was named waits for the first who is.

use super::forms::Form;
use super::tokens::{Gap, Token, tokens};
use super::vocabulary::{Article, Class, Match, Meaning, Noun, Vocabulary, vocabulary};
use super::{
    Character, Color, Garment, GarmentKind, Mood, Pose, Prop, Reading, Scale, Setting, Shot, SkinTone, TimeOfDay,
    Weather,
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
                self.govern(Link::Preposition);
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

    // ── clothes ──

    fn garment(&mut self, kind: GarmentKind, found: Match) {
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

    // ── place, time, weather ──

    fn place(&mut self, at: usize, setting: Setting, found: Match) {
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
    fn locate(&mut self, setting: Setting, strong: bool, said: &str) {
        match self.setting {
            Some((_, before)) if before || !strong => {}
            _ => {
                self.setting = Some((setting, strong));
                self.heard.place = Some(said.to_owned());
            }
        }
    }

    fn time(&mut self, time: TimeOfDay, base: &str) {
        if !self.deny(base) {
            self.heard.time.get_or_insert(time);
            self.understand(base);
        }
    }

    fn weather(&mut self, at: usize, weather: Weather, base: &str) {
        let over = at > 0 && matches!(self.tokens[at - 1].lower.as_str(), "stopped" | "stops");
        if self.deny(base) || over || self.compared {
            self.compared = false;
            return;
        }
        self.understand(base);
        self.fall(weather);
    }

    fn before_thing(&self, at: usize) -> bool {
        let next = self.vocabulary.longest_match(&self.tokens[at + 1..]);
        self.tokens.get(at + 1).is_some_and(|it| it.gap == Gap::Join)
            && next.is_some_and(|it| matches!(it.meaning, Meaning::Noun(noun) if !noun.class.is_animate()))
    }

    fn fall(&mut self, weather: Weather) {
        let stronger = self.heard.weather.is_none_or(|before| rank(weather) > rank(before));
        if stronger {
            self.heard.weather = Some(weather);
        }
    }

    /// The words inside a phrase may say more: a "snowy forest" is a place, and snow.
    fn parts(&mut self, at: usize, found: Match) {
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

    // ── nouns ──

    fn noun(&mut self, at: usize, noun: Noun, found: Match) -> usize {
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
    fn is_verb_here(&self, at: usize, found: Match) -> bool {
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
    fn is_modifier(&self, last: usize, found: Match) -> bool {
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

    fn thing(&mut self, at: usize, noun: Noun, found: Match) {
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

    fn put(&mut self, noun: Noun, pending: &Pending, phrase: String, count: u8) {
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

    // ── the cast ──

    /// One of the cast is mentioned, for the first time or again. Returns how many words of a name follow.
    fn meet(&mut self, at: usize, noun: Noun, found: Match) -> usize {
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

    fn enter(&mut self, noun: Noun, base: &str) -> usize {
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

    fn describe(&mut self, index: usize, noun: Noun, pending: &Pending, name: Option<String>) {
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

    fn give_name(&mut self, index: usize, name: String) {
        self.understand(&name);
        let guess = self.called(&name).filter(|&other| self.guessed == Some(other));
        self.heard.reading.cast[index].name = Some(name);
        if guess.is_some_and(|other| other != index) {
            self.drop_guess();
        }
    }

    /// The text now says who it is, so the kind that went with the name is taken back.
    fn drop_guess(&mut self) {
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

    /// Which of the cast "the fox" is, if any.
    fn known(&self, noun: Noun, pending: &Pending, name: Option<&str>, count: u8) -> Option<usize> {
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

    // ── names ──

    /// A name at this token: one that is known, or "Pip the fox", "Mira, a girl", or a common given name.
    fn name(&mut self, at: usize) -> Option<usize> {
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
    fn lone_name(&mut self, at: usize, known_word: bool) -> Option<usize> {
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
    fn recurs(&self, at: usize) -> bool {
        let text = self.tokens[at].text;
        self.tokens
            .iter()
            .any(|token| token.gap == Gap::Join && token.text == text)
    }

    fn called(&self, text: &str) -> Option<usize> {
        self.heard.reading.cast.iter().position(|character| {
            character
                .name
                .as_deref()
                .is_some_and(|name| name == text || name.split(' ').next() == Some(text))
        })
    }

    /// How many capital words make up the name here: "Captain Blue Beard" is one name.
    fn name_length(&self, at: usize) -> usize {
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
    fn capitals(&self, at: usize) -> usize {
        let most = if self.title_case { 0 } else { 2 };
        let more = self.tokens[at + 1..].iter().take(most);
        1 + more.take_while(|token| token.gap == Gap::Join && token.capital).count()
    }

    /// Whether "the small red fox" or ", a fox" follows.
    fn presents_cast(&self, at: usize) -> bool {
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
    fn named(&mut self, at: usize, words: usize) -> usize {
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
    fn name_after(&self, last: usize) -> (Option<String>, usize) {
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

    /// If nobody else is there, a swarm is who the picture is about.
    fn promote(&mut self) {
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
