//! Where a tale plays, with the prepositions that go with the words for it.

use crate::local::lexicon::{Heard, Setting};

/// Where it plays, with the right prepositions.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) setting: Setting,
    /// "in the pine forest".
    pub(super) inside: String,
    /// "the pine forest".
    pub(super) plain: String,
    /// "through the pine forest".
    pub(super) through: String,
}

const ON: &[&str] = &[
    "avenue",
    "beach",
    "cliff",
    "coast",
    "coral reef",
    "desert island",
    "farm",
    "glacier",
    "grass",
    "heath",
    "high seas",
    "hill",
    "hillside",
    "hilltop",
    "ice field",
    "iceberg",
    "island",
    "lawn",
    "moor",
    "mountain",
    "mountainside",
    "mountain top",
    "mountaintop",
    "ocean",
    "open sea",
    "pasture",
    "pavement",
    "peak",
    "pier",
    "planet",
    "prairie",
    "ranch",
    "reef",
    "ridge",
    "river bank",
    "riverbank",
    "road",
    "rooftop",
    "rooftops",
    "sand dune",
    "sand dunes",
    "sandy beach",
    "savanna",
    "savannah",
    "sea",
    "seabed",
    "seashore",
    "sea floor",
    "ocean floor",
    "shore",
    "sidewalk",
    "stormy sea",
    "street",
    "city street",
    "summit",
    "tropical island",
    "volcano",
    "dune",
    "green hills",
    "rolling hills",
    "asteroid",
    "main street",
    "flower bed",
    "sofa",
    "couch",
    "plain",
    "hills",
];
/// On, but one goes along them.
const ALONG: &[&str] = &[
    "avenue",
    "beach",
    "city street",
    "coast",
    "main street",
    "pavement",
    "pier",
    "riverbank",
    "river bank",
    "sandy beach",
    "seashore",
    "shore",
    "sidewalk",
    "street",
];
const BY: &[&str] = &[
    "brook",
    "canal",
    "creek",
    "fireplace",
    "harbor",
    "harbour",
    "lake",
    "lakeside",
    "lake shore",
    "lakeshore",
    "lighthouse",
    "oasis",
    "pond",
    "pool",
    "port",
    "puddle",
    "river",
    "seafront",
    "seaside",
    "stream",
    "waterfall",
    "kitchen table",
    "dining table",
    "station",
    "bookshelf",
    "bookshelves",
];
const AMONG: &[&str] = &["trees", "pine trees", "fir trees"];
/// Said without an article or with a preposition of their own, so that the setting's usual words are better.
const ODD: &[&str] = &[
    "antarctica",
    "downtown",
    "indoors",
    "lunar",
    "mars",
    "north pole",
    "outer space",
    "picnic",
    "road",
    "south pole",
    "space",
    "traffic",
    "treetop",
    "underground",
    "underwater",
    "under water",
    "wave tops",
    "bedside",
    "bed time",
    "deck of a ship",
    "rocket ship trip",
    "arctic",
    "antarctic",
    "alps",
    "sahara",
    "mountains",
    "milky way",
    "hay",
    "countryside",
    "taiga",
    "surface of the moon",
    "deep sea",
    "tree house",
    "treehouse",
];

impl Place {
    /// The place of a brief, or one where the hero may well live.
    pub(super) fn new(heard: &Heard) -> Self {
        let setting = if heard.reading.setting_said {
            heard.reading.setting
        } else {
            let kind = heard.reading.cast.first().map(|hero| hero.kind.as_str());
            home_of(kind.unwrap_or_default())
        };
        let said = heard.place.as_deref().filter(|_| heard.reading.setting_said);
        match said {
            Some(words) if is_plain(words) => Self::of_words(words, setting),
            _ => Self::of(setting),
        }
    }

    fn of_words(words: &str, setting: Setting) -> Self {
        let (inside, through) = if ALONG.contains(&words) {
            ("on", "along")
        } else if ON.contains(&words) {
            ("on", "across")
        } else if BY.contains(&words) {
            ("by", "around")
        } else if AMONG.contains(&words) {
            ("among", "through")
        } else if setting.is_indoors() {
            ("in", "around")
        } else {
            ("in", "through")
        };
        Self {
            setting,
            inside: format!("{inside} the {words}"),
            plain: format!("the {words}"),
            through: format!("{through} the {words}"),
        }
    }

    fn of(setting: Setting) -> Self {
        let (inside, plain, through) = match setting {
            Setting::Meadow => ("in the meadow", "the meadow", "across the meadow"),
            Setting::Forest => ("in the forest", "the forest", "through the forest"),
            Setting::PineForest => ("in the pine forest", "the pine forest", "through the pine forest"),
            Setting::Mountains => ("in the mountains", "the mountains", "through the mountains"),
            Setting::Beach => ("on the beach", "the beach", "along the beach"),
            Setting::Sea => ("on the sea", "the sea", "across the sea"),
            Setting::Underwater => ("under the sea", "the world under the sea", "through the deep water"),
            Setting::Desert => ("in the desert", "the desert", "through the desert"),
            Setting::City => ("in the city", "the city", "through the city"),
            Setting::Village => ("in the village", "the village", "through the village"),
            Setting::Farm => ("on the farm", "the farm", "across the farm"),
            Setting::Garden => ("in the garden", "the garden", "through the garden"),
            Setting::River => ("by the river", "the riverbank", "along the river"),
            Setting::Cave => ("in the cave", "the cave", "through the cave"),
            Setting::Space => ("in outer space", "the wide sky", "past the stars"),
            Setting::Room => ("in the living room", "the house", "around the house"),
            Setting::Bedroom => ("in the bedroom", "the bedroom", "around the bedroom"),
            Setting::Kitchen => ("in the kitchen", "the kitchen", "around the kitchen"),
            Setting::Library => ("in the library", "the library", "through the library"),
            Setting::Castle => ("in the castle", "the castle", "through the castle"),
        };
        Self {
            setting,
            inside: inside.to_owned(),
            plain: plain.to_owned(),
            through: through.to_owned(),
        }
    }

    /// The name of its section among the sentences.
    pub(super) fn section(&self) -> &'static str {
        match self.setting {
            Setting::Meadow => "place meadow",
            Setting::Forest => "place forest",
            Setting::PineForest => "place pine-forest",
            Setting::Mountains => "place mountains",
            Setting::Beach => "place beach",
            Setting::Sea => "place sea",
            Setting::Underwater => "place underwater",
            Setting::Desert => "place desert",
            Setting::City => "place city",
            Setting::Village => "place village",
            Setting::Farm => "place farm",
            Setting::Garden => "place garden",
            Setting::River => "place river",
            Setting::Cave => "place cave",
            Setting::Space => "place space",
            Setting::Room => "place room",
            Setting::Bedroom => "place bedroom",
            Setting::Kitchen => "place kitchen",
            Setting::Library => "place library",
            Setting::Castle => "place castle",
        }
    }
}

/// Whether "the" goes before these words as they are.
fn is_plain(words: &str) -> bool {
    let leads = [
        "in ", "on ", "under ", "among ", "by ", "at ", "to ", "beside ", "inside ", "into ", "below ", "beneath ",
        "bottom ", "deep ", "over ", "fly ", "flies ", "flying ", "flew ", "trip ", "journey ", "travel ", "dunes by",
    ];
    !ODD.contains(&words) && !leads.iter().any(|lead| words.starts_with(lead))
}

fn home_of(kind: &str) -> Setting {
    match kind {
        "whale" | "spouting-whale" | "dolphin" | "octopus" | "squid" | "fish" | "tropical-fish" | "blowfish"
        | "shark" | "jellyfish" | "mermaid" | "merman" | "lobster" => Setting::Underwater,
        "crab" | "turtle" | "seal" | "flamingo" => Setting::Beach,
        "penguin" | "polar-bear" | "goat" | "eagle" | "llama" => Setting::Mountains,
        "camel" | "scorpion" => Setting::Desert,
        "cow" | "pig" | "ewe" | "rooster" | "chicken" | "farmer" | "donkey" | "baby-chick" => Setting::Farm,
        "king" | "queen" | "prince" | "princess" | "knight" | "guard" => Setting::Castle,
        "astronaut" | "alien" => Setting::Space,
        "fox" | "owl" | "bear" | "deer" | "wolf" | "chipmunk" | "badger" | "moose" | "boar" | "raccoon" | "fairy"
        | "elf" | "wizard" | "witch" | "troll" | "monkey" | "gorilla" => Setting::Forest,
        "frog" | "duck" | "swan" | "otter" | "beaver" | "crocodile" | "hippopotamus" => Setting::River,
        "hedgehog" | "snail" | "butterfly" | "honeybee" | "lady-beetle" | "caterpillar" => Setting::Garden,
        "bat" | "dragon" => Setting::Cave,
        "girl" | "boy" | "child" | "man" | "woman" | "old-man" | "old-woman" => Setting::Village,
        "firefighter" | "police-officer" | "robot" | "mechanic" => Setting::City,
        _ => Setting::Meadow,
    }
}
