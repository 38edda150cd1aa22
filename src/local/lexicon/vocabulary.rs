//! The word tables, as the reader looks them up. They are text files, so that a word is added without code.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::forms::{Form, base_forms};
use super::tokens::{Gap, Token};
use super::{Color, GarmentKind, Mood, Pose, Scale, Setting, Shot, Side, SkinTone, TimeOfDay, Weather};

/// What a word or a phrase says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    Color(Color),
    Size(Scale),
    Mood(Mood),
    Skin(SkinTone),
    /// "fur", "feathers": a colour before it is the body's.
    Body,
    Pose(Pose),
    Garment(GarmentKind),
    Place(Setting),
    Time(TimeOfDay),
    /// Says the time only if nothing else does ("the moon").
    TimeHint(TimeOfDay),
    Weather(Weather),
    Shot(Shot),
    Side(Side),
    Number(u8),
    Not,
    Article(Article),
    /// "his", "her": what follows belongs to the one last named.
    Own,
    Pronoun,
    Be,
    Named,
    Wear,
    In,
    With,
    Hold,
    /// A verb whose object is in the scene, not in the hand.
    Act,
    Preposition,
    And,
    Or,
    /// "toy", "stuffed": the next noun is a plaything.
    Toy,
    Skip,
    Noun(Noun),
}

/// How a noun is introduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Article {
    A,
    The,
    /// "another", "a second".
    New,
}

/// A noun with a sprite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noun {
    pub(super) sprite: &'static str,
    pub(super) class: Class,
}

/// What a noun can be in a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Person,
    Animal,
    /// An animal that is scenery when there are several (birds, butterflies).
    Swarm,
    /// A thing for the hand.
    Held,
    Thing,
}

impl Class {
    pub(super) fn is_animate(self) -> bool {
        matches!(self, Self::Person | Self::Animal | Self::Swarm)
    }
}

/// A phrase of the text that a table knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    pub(super) meaning: Meaning,
    /// How many words it takes.
    pub(super) words: usize,
    /// The phrase in its base form.
    pub(super) base: &'static str,
    pub(super) form: Form,
    /// The sprite of the same phrase, if it is also a noun ("desert island" is a place and a thing).
    pub(super) noun: Option<Noun>,
}

const STEERING: &str = include_str!("../../../assets/lexicon/words.txt");
const NOUNS: &str = include_str!("../../../assets/lexicon/nouns.txt");
const DERIVED: &str = include_str!("../../../assets/lexicon/emojilib.txt");
const NAMES: &str = include_str!("../../../assets/lexicon/names.txt");

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::load);

pub(super) struct Vocabulary {
    words: HashMap<&'static str, Meaning>,
    nouns: HashMap<&'static str, Noun>,
    /// First words of phrases, with the longest phrase's number of words.
    phrases: HashMap<&'static str, usize>,
    names: HashMap<&'static str, &'static str>,
}

/// The tables, read once.
pub(super) fn vocabulary() -> &'static Vocabulary {
    &VOCABULARY
}

/// Every sprite that a reading can name.
pub(super) fn sprites() -> impl Iterator<Item = &'static str> {
    vocabulary().nouns.values().map(|noun| noun.sprite)
}

impl Vocabulary {
    fn load() -> Self {
        let mut vocabulary = Self {
            words: HashMap::with_capacity(4_096),
            nouns: HashMap::with_capacity(2_048),
            phrases: HashMap::new(),
            names: HashMap::new(),
        };
        for (class, value, words) in lines(STEERING) {
            let Some(meaning) = meaning(class, value) else {
                continue;
            };
            for word in words {
                vocabulary.words.entry(word).or_insert(meaning);
                vocabulary.note_phrase(word);
            }
        }
        for (class, sprite, words) in lines(NOUNS).chain(lines(DERIVED)) {
            let Some(class) = noun_class(class) else {
                continue;
            };
            for word in words {
                let noun = Noun { sprite, class };
                vocabulary.nouns.entry(word).or_insert(noun);
                vocabulary.note_phrase(word);
            }
        }
        for (_, kind, names) in lines(NAMES) {
            for name in names {
                vocabulary.names.insert(name, kind);
            }
        }
        vocabulary
    }

    fn note_phrase(&mut self, phrase: &'static str) {
        let mut words = phrase.split(' ');
        if let Some(first) = words.next() {
            let longest = self.phrases.entry(first).or_default();
            *longest = (*longest).max(1 + words.count());
        }
    }

    /// The kind that goes with a common given name ("Mira" is a girl).
    pub(super) fn kind_of_name(&self, lower: &str) -> Option<&'static str> {
        self.names.get(lower).copied()
    }

    /// Whether no table holds this word.
    pub(super) fn is_unknown(&self, word: &str) -> bool {
        self.match_word(&word.to_lowercase()).is_none()
    }

    /// The sprite of this name, as the tables hold it, if it is an animal that comes in swarms.
    pub(super) fn swarm(&self, sprite: &str) -> Option<Noun> {
        let is_it = |noun: &&Noun| noun.class == Class::Swarm && noun.sprite == sprite;
        self.nouns.values().find(is_it).copied()
    }

    /// The longest phrase that begins at the first token.
    pub(super) fn longest_match(&self, tokens: &[Token<'_>]) -> Option<Match> {
        let first = tokens.first()?;
        let mut longest = self.phrases.get(first.lower.as_str()).copied();
        for (base, _) in base_forms(&first.lower) {
            longest = longest.max(self.phrases.get(base.as_str()).copied());
        }
        let together = 1 + tokens[1..].iter().take_while(|next| next.gap == Gap::Join).count();
        (1..=longest.unwrap_or(1).min(together))
            .rev()
            .find_map(|words| self.match_of(&tokens[..words]))
    }

    /// The meaning of exactly these words; the last may be inflected, or the first of a verb phrase.
    fn match_of(&self, tokens: &[Token<'_>]) -> Option<Match> {
        let (last, before) = tokens.split_last()?;
        if before.is_empty() {
            return self.match_word(&last.lower);
        }
        let mut phrase = String::with_capacity(32);
        for token in before {
            phrase.push_str(&token.lower);
            phrase.push(' ');
        }
        let stem = phrase.len();
        phrase.push_str(&last.lower);
        if let Some(found) = self.look_up(&phrase, tokens.len(), Form::Same) {
            return Some(found);
        }
        base_forms(&last.lower).into_iter().find_map(|(base, form)| {
            phrase.truncate(stem);
            phrase.push_str(&base);
            self.look_up(&phrase, tokens.len(), form)
        })
    }

    fn match_word(&self, word: &str) -> Option<Match> {
        self.look_up(word, 1, Form::Same).or_else(|| {
            base_forms(word)
                .into_iter()
                .find_map(|(base, form)| self.look_up(&base, 1, form))
        })
    }

    fn look_up(&self, phrase: &str, words: usize, form: Form) -> Option<Match> {
        let noun = self.nouns.get_key_value(phrase).filter(|_| form != Form::Verb);
        let (base, meaning) = match self.words.get_key_value(phrase) {
            Some((base, meaning)) if may_be(*meaning, form) => (base, *meaning),
            _ => noun.map(|(base, noun)| (base, Meaning::Noun(*noun)))?,
        };
        Some(Match {
            meaning,
            words,
            base,
            form,
            noun: noun.map(|(_, noun)| *noun),
        })
    }
}

/// "Redding" is not a red thing: only verbs and weather have `-ing` and `-ed` forms.
fn may_be(meaning: Meaning, form: Form) -> bool {
    match form {
        Form::Same => true,
        Form::Plural => !matches!(
            meaning,
            Meaning::Not
                | Meaning::Article(_)
                | Meaning::Own
                | Meaning::In
                | Meaning::And
                | Meaning::Or
                | Meaning::Preposition
                | Meaning::Size(_)
        ),
        Form::Verb => matches!(
            meaning,
            Meaning::Pose(_) | Meaning::Mood(_) | Meaning::Hold | Meaning::Act | Meaning::Weather(_) | Meaning::Skip
        ),
    }
}

/// The lines of a table: class, value, words.
fn lines(
    table: &'static str,
) -> impl Iterator<Item = (&'static str, &'static str, impl Iterator<Item = &'static str>)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (head, words) = line.split_once(": ")?;
        let (class, value) = head.split_once(' ').unwrap_or((head, "-"));
        Some((class, value, words.split(',').map(str::trim)))
    })
}

fn noun_class(name: &str) -> Option<Class> {
    Some(match name {
        "person" => Class::Person,
        "animal" => Class::Animal,
        "swarm" => Class::Swarm,
        "held" => Class::Held,
        "thing" => Class::Thing,
        _ => return None,
    })
}

fn meaning(class: &str, value: &str) -> Option<Meaning> {
    Some(match class {
        "color" => Meaning::Color(color(value)?),
        "size" => Meaning::Size(match value {
            "small" => Scale::Small,
            "large" => Scale::Large,
            _ => return None,
        }),
        "mood" => Meaning::Mood(mood(value)?),
        "skin" => Meaning::Skin(skin(value)?),
        "coat" => Meaning::Body,
        "pose" => Meaning::Pose(pose(value)?),
        "garment" => Meaning::Garment(garment(value)?),
        "place" => Meaning::Place(setting(value)?),
        "time" => Meaning::Time(time(value)?),
        "hint" => Meaning::TimeHint(time(value)?),
        "weather" => Meaning::Weather(weather(value)?),
        "shot" => Meaning::Shot(match value {
            "wide" => Shot::Wide,
            "medium" => Shot::Medium,
            "close" => Shot::Close,
            _ => return None,
        }),
        "side" => Meaning::Side(match value {
            "left" => Side::Left,
            "middle" => Side::Middle,
            "right" => Side::Right,
            _ => return None,
        }),
        "number" => Meaning::Number(value.parse().ok()?),
        "not" => Meaning::Not,
        "article" => Meaning::Article(match value {
            "a" => Article::A,
            "the" => Article::The,
            "new" => Article::New,
            _ => return None,
        }),
        "own" => Meaning::Own,
        "pronoun" => Meaning::Pronoun,
        "be" => Meaning::Be,
        "named" => Meaning::Named,
        "wear" => Meaning::Wear,
        "in" => Meaning::In,
        "with" => Meaning::With,
        "hold" => Meaning::Hold,
        "find" => Meaning::Act,
        "preposition" => Meaning::Preposition,
        "and" => Meaning::And,
        "or" => Meaning::Or,
        "toy" => Meaning::Toy,
        "skip" => Meaning::Skip,
        _ => return None,
    })
}

fn color(name: &str) -> Option<Color> {
    Some(match name {
        "red" => Color::Red,
        "orange" => Color::Orange,
        "yellow" => Color::Yellow,
        "green" => Color::Green,
        "blue" => Color::Blue,
        "purple" => Color::Purple,
        "pink" => Color::Pink,
        "brown" => Color::Brown,
        "black" => Color::Black,
        "white" => Color::White,
        "grey" => Color::Grey,
        "gold" => Color::Gold,
        "silver" => Color::Silver,
        "turquoise" => Color::Turquoise,
        _ => return None,
    })
}

fn mood(name: &str) -> Option<Mood> {
    Some(match name {
        "calm" => Mood::Calm,
        "happy" => Mood::Happy,
        "sad" => Mood::Sad,
        "afraid" => Mood::Afraid,
        "surprised" => Mood::Surprised,
        "sleepy" => Mood::Sleepy,
        "angry" => Mood::Angry,
        _ => return None,
    })
}

fn skin(name: &str) -> Option<SkinTone> {
    Some(match name {
        "light" => SkinTone::Light,
        "medium-light" => SkinTone::MediumLight,
        "medium" => SkinTone::Medium,
        "medium-dark" => SkinTone::MediumDark,
        "dark" => SkinTone::Dark,
        _ => return None,
    })
}

fn pose(name: &str) -> Option<Pose> {
    Some(match name {
        "stand" => Pose::Stand,
        "walk" => Pose::Walk,
        "run" => Pose::Run,
        "wave" => Pose::Wave,
        "sit" => Pose::Sit,
        "sleep" => Pose::Sleep,
        "point" => Pose::Point,
        "jump" => Pose::Jump,
        "hug" => Pose::Hug,
        "hold" => Pose::Hold,
        _ => return None,
    })
}

fn garment(name: &str) -> Option<GarmentKind> {
    Some(match name {
        "scarf" => GarmentKind::Scarf,
        "hat" => GarmentKind::Hat,
        "cape" => GarmentKind::Cape,
        "coat" => GarmentKind::Coat,
        "dress" => GarmentKind::Dress,
        "shirt" => GarmentKind::Shirt,
        "trousers" => GarmentKind::Trousers,
        "boots" => GarmentKind::Boots,
        "glasses" => GarmentKind::Glasses,
        "bow" => GarmentKind::Bow,
        "crown" => GarmentKind::Crown,
        "backpack" => GarmentKind::Backpack,
        _ => return None,
    })
}

fn setting(name: &str) -> Option<Setting> {
    Some(match name {
        "meadow" => Setting::Meadow,
        "forest" => Setting::Forest,
        "pine-forest" => Setting::PineForest,
        "mountains" => Setting::Mountains,
        "beach" => Setting::Beach,
        "sea" => Setting::Sea,
        "underwater" => Setting::Underwater,
        "desert" => Setting::Desert,
        "city" => Setting::City,
        "village" => Setting::Village,
        "farm" => Setting::Farm,
        "garden" => Setting::Garden,
        "river" => Setting::River,
        "cave" => Setting::Cave,
        "space" => Setting::Space,
        "room" => Setting::Room,
        "bedroom" => Setting::Bedroom,
        "kitchen" => Setting::Kitchen,
        "library" => Setting::Library,
        "castle" => Setting::Castle,
        _ => return None,
    })
}

fn time(name: &str) -> Option<TimeOfDay> {
    Some(match name {
        "dawn" => TimeOfDay::Dawn,
        "day" => TimeOfDay::Day,
        "sunset" => TimeOfDay::Sunset,
        "night" => TimeOfDay::Night,
        _ => return None,
    })
}

fn weather(name: &str) -> Option<Weather> {
    Some(match name {
        "clear" => Weather::Clear,
        "cloudy" => Weather::Cloudy,
        "rain" => Weather::Rain,
        "storm" => Weather::Storm,
        "snow" => Weather::Snow,
        "fog" => Weather::Fog,
        "wind" => Weather::Wind,
        "rainbow" => Weather::Rainbow,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_understood() {
        for (class, value, words) in lines(STEERING) {
            assert!(meaning(class, value).is_some(), "{class} {value}");
            for word in words {
                assert!(!word.is_empty(), "empty word in {class} {value}");
                assert_eq!(word, word.to_lowercase(), "not lower case");
            }
        }
        for (class, sprite, words) in lines(NOUNS).chain(lines(DERIVED)) {
            assert!(noun_class(class).is_some(), "{class} {sprite}");
            assert!(words.count() > 0, "{sprite} has no words");
        }
    }

    #[test]
    fn knows_more_than_a_thousand_nouns() {
        let nouns = vocabulary().nouns.keys();
        assert!(nouns.filter(|word| word.is_ascii()).count() > 1_000);
    }
}
