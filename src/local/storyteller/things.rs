//! The things of a tale: the one it turns on, and those that lie about.

use crate::local::lexicon::{Heard, Prop, Setting};

use super::grammar::{Number, number_of, number_word, plural, with_article};
use super::plot::Arc;
use super::random::Random;

/// The thing at the heart of a tale.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    /// "red kite".
    pub(super) noun: String,
}

/// Too large or too far away to be lost, carried or given.
const FIXED: &[&str] = &[
    "bathtub",
    "bed",
    "cactus",
    "castle",
    "cloud",
    "deciduous-tree",
    "evergreen-tree",
    "factory",
    "ferris-wheel",
    "fire",
    "fountain",
    "full-moon",
    "crescent-moon",
    "house",
    "house-with-garden",
    "houses",
    "hut",
    "mountain",
    "palm-tree",
    "roller-coaster",
    "school",
    "snow-capped-mountain",
    "sun",
    "tent",
    "volcano",
    "window",
    "door",
    "desert-island",
    "circus-tent",
    "christmas-tree",
    "playground-slide",
    "post-office",
    "office-building",
    "classical-building",
    "ringed-planet",
    "party-popper",
    "footprints",
    "paw-prints",
    "bird",
    "butterfly",
    "honeybee",
    "fish",
    "tropical-fish",
    "carousel-horse",
    "lady-beetle",
    "ant",
    "beetle",
    "bug",
    "caterpillar",
    "baby-chick",
    "hatching-chick",
    "jellyfish",
    "cricket",
    "globe-showing-europe-africa",
    "spider-web",
    "nest-with-eggs",
    "fireworks",
    "confetti-ball",
    "locomotive",
    "train",
    "bus",
    "wind-face",
    "tornado",
    "bus-stop",
    "couch-and-lamp",
    "balloon",
    "open-book",
];

/// To travel in, so not what one travels to.
const VEHICLES: &[&str] = &[
    "airplane",
    "automobile",
    "bicycle",
    "canoe",
    "ferry",
    "flying-saucer",
    "helicopter",
    "kick-scooter",
    "motor-boat",
    "motorcycle",
    "parachute",
    "passenger-ship",
    "pickup-truck",
    "racing-car",
    "rocket",
    "sailboat",
    "ship",
    "skateboard",
    "sled",
    "small-airplane",
    "speedboat",
    "tractor",
    "skis",
];

impl Goal {
    /// The index of the prop that the tale can turn on: one thing that can be lost, carried and given.
    pub(super) fn among(heard: &Heard, journey: bool) -> Option<usize> {
        let props = heard.reading.props.iter().zip(&heard.prop_nouns);
        props.into_iter().position(|(prop, noun)| {
            prop.count == 1
                && number_of(noun) != Number::Plural
                && !FIXED.contains(&prop.sprite.as_str())
                && !(journey && VEHICLES.contains(&prop.sprite.as_str()))
        })
    }

    pub(super) fn new(noun: &str) -> Self {
        Self { noun: noun.to_owned() }
    }

    /// Something to lose, find or give, for a brief that names nothing.
    pub(super) fn invented(place: Setting, arc: Arc, random: &mut Random) -> Self {
        let choices: &[&str] = if arc == Arc::Party {
            &["birthday cake", "paper lantern", "big drum"]
        } else {
            match place {
                Setting::Beach | Setting::Sea | Setting::Underwater => {
                    &["white shell", "golden compass", "silver bell"]
                }
                Setting::Space => &["little star", "silver telescope", "golden key"],
                Setting::Castle => &["golden key", "crystal ball", "silver bell"],
                Setting::Kitchen | Setting::Room | Setting::Bedroom | Setting::Library => {
                    &["teddy bear", "golden key", "red balloon"]
                }
                _ => &[
                    "red kite",
                    "little bell",
                    "paper lantern",
                    "golden key",
                    "white feather",
                ],
            }
        };
        Self::new(random.pick(choices).copied().unwrap_or("red kite"))
    }

    /// "a red kite", but only "honey": after "without" and "for".
    pub(super) fn unpresented(&self) -> String {
        match number_of(&self.noun) {
            Number::Mass => self.noun.clone(),
            Number::Singular | Number::Plural => self.presented(),
        }
    }

    /// "a red kite", "some honey".
    pub(super) fn presented(&self) -> String {
        with_article(&self.noun)
    }
}

/// "three red balloons", "a castle".
pub(super) fn counted(prop: &Prop, noun: &str, said: bool) -> String {
    match prop.count {
        0 | 1 => match prop.sprite.as_str() {
            "full-moon" | "sun" => format!("the {noun}"),
            _ => with_article(noun),
        },
        _ if !said => plural(noun),
        count => format!("{} {}", number_word(count), plural(noun)),
    }
}
