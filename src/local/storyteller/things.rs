//! The things of a tale: the one it turns on, and those that lie about.

use crate::local::lexicon::{Heard, Prop, Setting, Weather};

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

    /// Something to lose, find, reach or give, for a brief that names nothing: it follows from the event, the weather
    /// or the place, so that it belongs into the tale, and it is something that can be drawn.
    pub(super) fn invented(heard: &Heard, place: Setting, arc: Arc, text: &str, random: &mut Random) -> Self {
        let choices = if arc == Arc::Party {
            of_party(text)
        } else {
            let weather = heard.weather.filter(|_| !place.is_indoors());
            let (own, strayed) = of_weather(weather).unwrap_or_else(|| of_place(place));
            if arc == Arc::Return { strayed } else { own }
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

fn of_party(text: &str) -> &'static [&'static str] {
    let lower = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["birthday", "wedding"]) {
        &["birthday cake"]
    } else if says(&["concert", "parade", "music"]) {
        &["big drum", "golden trumpet"]
    } else if says(&["christmas"]) {
        &["red present", "silver bell"]
    } else {
        &["paper lantern", "big cake"]
    }
}

/// What may be one's own or longed for, and what may have strayed.
type Choices = (&'static [&'static str], &'static [&'static str]);

fn of_weather(weather: Option<Weather>) -> Option<Choices> {
    Some(match weather? {
        Weather::Snow => (&["red lantern", "silver bell"], &["red lantern", "silver bell"]),
        Weather::Rain | Weather::Storm => (&["yellow umbrella"], &["yellow umbrella", "little boat"]),
        Weather::Wind => (&["red kite"], &["red kite", "white feather"]),
        Weather::Clear | Weather::Cloudy | Weather::Fog | Weather::Rainbow => return None,
    })
}

fn of_place(place: Setting) -> Choices {
    match place {
        Setting::Beach | Setting::Sea => (&["white shell", "pink shell"], &["little boat", "white feather"]),
        Setting::Underwater => (&["white shell", "pink shell"], &["golden key", "silver bell"]),
        Setting::River => (&["little boat", "white feather"], &["little boat", "white feather"]),
        Setting::Space => (&["little star", "silver telescope"], &["little star"]),
        Setting::Castle => (&["golden key", "crystal ball"], &["golden key", "silver bell"]),
        Setting::Cave => (&["red lantern", "blue crystal"], &["blue crystal", "golden key"]),
        Setting::Bedroom | Setting::Room => (&["teddy bear", "red lantern"], &["golden key", "teddy bear"]),
        Setting::Kitchen => (&["blue teapot", "big cake"], &["blue teapot", "golden key"]),
        Setting::Library => (&["golden key", "red lantern"], &["golden key", "white feather"]),
        Setting::Mountains => (&["golden compass", "white feather"], &["white feather", "silver bell"]),
        Setting::Desert => (&["golden compass", "red lantern"], &["golden compass", "white feather"]),
        Setting::City | Setting::Village => (&["red kite", "paper lantern"], &["silver bell", "teddy bear"]),
        Setting::Farm => (&["orange pumpkin", "big sunflower"], &["white egg", "silver bell"]),
        Setting::Garden | Setting::Meadow => (&["big sunflower", "red kite"], &["white feather", "silver bell"]),
        Setting::Forest | Setting::PineForest => {
            (&["paper lantern", "brown acorn"], &["white feather", "paper lantern"])
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::lexicon::read;

    #[test]
    fn invented_things_can_be_drawn_and_say_nothing_else() {
        let weathers = [Weather::Snow, Weather::Rain, Weather::Wind];
        let choices = Setting::ALL
            .map(of_place)
            .into_iter()
            .chain(weathers.into_iter().filter_map(|it| of_weather(Some(it))));
        let parties = ["birthday", "parade", "christmas", "party"].map(of_party);
        let all = choices.flat_map(|(own, strayed)| [own, strayed]).chain(parties);
        for noun in all.flatten() {
            let reading = read(&format!("We see {}.", Goal::new(noun).presented()));
            assert_eq!(reading.props.len(), 1, "{noun}: {reading:?}");
            assert!(crate::local::illustrator::can_draw(&reading.props[0].sprite), "{noun}");
            assert!(reading.cast.is_empty() && !reading.setting_said, "{noun}: {reading:?}");
            assert!(reading.unknown.is_empty(), "{noun}: {:?}", reading.unknown);
        }
    }
}
