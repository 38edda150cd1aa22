//! Who and what a tale is about, in words: made once from the brief, then the same on every page.

use crate::local::lexicon::{
    Character, Color, Garment, GarmentKind, Heard, Mood, Pose, Prop, Scale, Setting, SkinTone,
};

use super::grammar::{Gender, Number, list, number_of, number_word, plural, with_article};
use super::random::Random;

/// One of the cast.
#[derive(Clone, Debug)]
pub(super) struct Actor {
    /// The given name, if there is one.
    pub(super) name: Option<String>,
    /// "fox", "grandma".
    pub(super) noun: String,
    pub(super) gender: Gender,
    pub(super) character: Character,
    /// "a green scarf", "yellow boots".
    pub(super) clothes: Vec<String>,
    /// "red lantern".
    pub(super) held: Option<String>,
    /// Whether it is the hero's own, like "his dog".
    pub(super) owned: bool,
}

/// The thing at the heart of a tale.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    /// "red kite".
    pub(super) noun: String,
}

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

/// Spoken to as a name, without an article.
const KIN: &[&str] = &[
    "grandma",
    "granny",
    "grandpa",
    "granddad",
    "grandad",
    "nana",
    "gran",
    "mum",
    "mummy",
    "mom",
    "mommy",
    "mama",
    "dad",
    "daddy",
    "papa",
    "santa",
    "santa claus",
    "father christmas",
];
const SHE: &[&str] = &[
    "girl",
    "daughter",
    "sister",
    "schoolgirl",
    "granddaughter",
    "woman",
    "lady",
    "mother",
    "mom",
    "mum",
    "mummy",
    "mommy",
    "mama",
    "aunt",
    "auntie",
    "grandmother",
    "grandma",
    "granny",
    "nana",
    "gran",
    "old woman",
    "old lady",
    "elderly woman",
    "princess",
    "queen",
    "empress",
    "witch",
    "sorceress",
    "enchantress",
    "mermaid",
    "superheroine",
    "supergirl",
    "vixen",
    "lioness",
    "tigress",
    "hen",
    "mare",
    "doe",
    "cow",
    "policewoman",
    "spacewoman",
    "little girl",
    "mrs claus",
    "mother christmas",
    "fairy godmother",
    "ewe",
    "queen mother",
];
const HE: &[&str] = &[
    "boy",
    "son",
    "brother",
    "schoolboy",
    "grandson",
    "lad",
    "man",
    "father",
    "dad",
    "daddy",
    "papa",
    "uncle",
    "fisherman",
    "gentleman",
    "grandfather",
    "grandpa",
    "granddad",
    "grandad",
    "old man",
    "elderly man",
    "prince",
    "king",
    "emperor",
    "wizard",
    "sorcerer",
    "merman",
    "santa",
    "santa claus",
    "father christmas",
    "fireman",
    "policeman",
    "spaceman",
    "rooster",
    "cockerel",
    "stallion",
    "bull",
    "ram",
    "stag",
    "tomcat",
    "snowman",
    "little boy",
    "old fisherman",
    "postman",
    "mailman",
    "frog prince",
];
/// For two of a kind that the brief does not tell apart.
const NAMES: &[&str] = &[
    "Juno", "Bo", "Lulu", "Momo", "Nim", "Pepper", "Tilly", "Fern", "Basil", "Kit", "Remy", "Sunny",
];

impl Actor {
    fn new(heard: &Heard, index: usize) -> Option<Self> {
        let character = heard.reading.cast.get(index)?.clone();
        let noun = heard.cast_nouns.get(index)?.clone();
        let clothes = character
            .garments
            .iter()
            .map(|garment| with_article(&words_of(garment, heard)))
            .collect();
        Some(Self {
            name: character.name.clone(),
            gender: gender_of(&noun),
            noun,
            clothes,
            held: heard.held_nouns.get(index).cloned().flatten(),
            owned: heard.owned.get(index).copied().unwrap_or(false),
            character,
        })
    }

    /// Somebody the storyteller brings along.
    fn invented(noun: &str) -> Option<Self> {
        Self::new(&crate::local::lexicon::hear(&format!("a {noun}")), 0)
    }

    /// Who it is about if nothing else is known.
    fn fox() -> Self {
        Self {
            name: None,
            noun: "fox".to_owned(),
            gender: Gender::They,
            character: Character {
                kind: "fox".to_owned(),
                name: None,
                garments: Vec::new(),
                holds: None,
                color: None,
                skin: None,
                pose: Pose::Stand,
                mood: Mood::Calm,
                scale: Scale::Small,
            },
            clothes: Vec::new(),
            held: None,
            owned: false,
        }
    }

    fn is_kin(&self) -> bool {
        KIN.contains(&self.noun.as_str())
    }

    /// "Pip", "the fox", "Grandma".
    pub(super) fn short(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None if self.is_kin() => super::grammar::capitalise(&self.noun),
            None => format!("the {}", self.noun),
        }
    }

    /// "a small blue dragon named Pip".
    pub(super) fn presented(&self) -> String {
        if self.is_kin() && self.name.is_none() {
            return self.short();
        }
        let noun = with_article(&self.described());
        match &self.name {
            Some(name) => format!("{noun} named {name}"),
            None => noun,
        }
    }

    /// "small blue dragon".
    pub(super) fn described(&self) -> String {
        let size = match self.character.scale {
            Scale::Small => "small ",
            Scale::Usual => "",
            Scale::Large => "big ",
        };
        let color = self.character.color.map_or("", color_word);
        let gap = if color.is_empty() { "" } else { " " };
        format!("{size}{color}{gap}{}", self.noun)
    }

    /// Everything that makes the look, in words that read back to the same look:
    /// "a small fox named Pip, wearing a green scarf and holding a red lantern".
    pub(super) fn look(&self) -> String {
        let mut look = with_article(&self.described());
        if let Some(name) = &self.name {
            look = format!("{look} named {name}");
        }
        if let Some(skin) = self.character.skin {
            look = format!("{look} with {}", skin_words(skin));
        }
        if !self.clothes.is_empty() {
            look = format!("{look}, wearing {}", list(&self.clothes));
        }
        if let Some(held) = &self.held {
            let and = if self.clothes.is_empty() { "," } else { " and" };
            look = format!("{look}{and} holding {}", with_article(held));
        }
        look
    }

    /// The look in few words, for the text beside a picture.
    pub(super) fn glimpse(&self) -> String {
        let mut glimpse = match &self.name {
            None if self.is_kin() => self.short(),
            Some(name) => format!("{name} the {}", self.described()),
            None => with_article(&self.described()),
        };
        if let Some(first) = self.clothes.first() {
            glimpse = format!("{glimpse} in {first}");
        }
        glimpse
    }

    /// "fox in a red hat" of two foxes needs a name to be told apart.
    fn name_by(&mut self, name: &str) {
        self.name = Some(name.to_owned());
        self.character.name = self.name.clone();
    }
}

/// The hero, the helper and whoever else the brief names; never empty, never two that cannot be told apart.
pub(super) fn cast(heard: &Heard, text: &str, place: Setting, random: &mut Random) -> Vec<Actor> {
    let mut actors: Vec<Actor> = (0..heard.reading.cast.len().min(4))
        .filter_map(|index| Actor::new(heard, index))
        .collect();
    if actors.is_empty() {
        let hero = random.pick(heroes(place)).and_then(|noun| Actor::invented(noun));
        actors.push(hero.unwrap_or_else(Actor::fox));
    }
    if let Some(hero) = actors.first_mut()
        && hero.gender == Gender::They
    {
        hero.gender = gender_said(text, hero.name.as_deref());
    }
    if actors.len() < 2 {
        let known = actors.first().map(|hero| hero.character.kind.clone());
        let mut choices: Vec<&str> = helpers(place).to_vec();
        random.shuffle(&mut choices);
        let helper = choices
            .into_iter()
            .filter_map(Actor::invented)
            .find(|helper| Some(&helper.character.kind) != known.as_ref());
        actors.extend(helper);
    }
    let mut names: Vec<&str> = NAMES.iter().copied().filter(|name| !text.contains(name)).collect();
    random.shuffle(&mut names);
    for index in 0..actors.len() {
        let alike = actors
            .iter()
            .enumerate()
            .any(|(other, actor)| other != index && actor.noun == actors[index].noun);
        if alike
            && actors[index].name.is_none()
            && let Some(name) = names.pop()
        {
            actors[index].name_by(name);
        }
    }
    actors
}

fn gender_of(noun: &str) -> Gender {
    if SHE.contains(&noun) {
        Gender::She
    } else if HE.contains(&noun) {
        Gender::He
    } else {
        Gender::They
    }
}

/// What the brief's pronouns, or a common given name, say of the hero.
fn gender_said(text: &str, name: Option<&str>) -> Gender {
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    let (mut she, mut he) = (false, false);
    for word in &mut words {
        she |= matches!(word, "she" | "her" | "hers" | "herself");
        he |= matches!(word, "he" | "his" | "him" | "himself");
    }
    match (she, he) {
        (true, false) => Gender::She,
        (false, true) => Gender::He,
        _ => match name.and_then(crate::local::lexicon::kind_of_name) {
            Some("girl") => Gender::She,
            Some("boy") => Gender::He,
            _ => Gender::They,
        },
    }
}

fn words_of(garment: &Garment, heard: &Heard) -> String {
    let said = heard.garment_nouns.iter().find(|(it, _)| it == garment);
    match said {
        Some((_, words)) => words.clone(),
        None => {
            let color = garment.color.map_or("", color_word);
            format!("{color} {}", garment_word(garment.kind)).trim().to_owned()
        }
    }
}

fn garment_word(kind: GarmentKind) -> &'static str {
    match kind {
        GarmentKind::Scarf => "scarf",
        GarmentKind::Hat => "hat",
        GarmentKind::Cape => "cape",
        GarmentKind::Coat => "coat",
        GarmentKind::Dress => "dress",
        GarmentKind::Shirt => "shirt",
        GarmentKind::Trousers => "trousers",
        GarmentKind::Boots => "boots",
        GarmentKind::Glasses => "glasses",
        GarmentKind::Bow => "bow",
        GarmentKind::Crown => "crown",
        GarmentKind::Backpack => "backpack",
    }
}

fn color_word(color: Color) -> &'static str {
    match color {
        Color::Red => "red",
        Color::Orange => "orange",
        Color::Yellow => "yellow",
        Color::Green => "green",
        Color::Blue => "blue",
        Color::Purple => "purple",
        Color::Pink => "pink",
        Color::Brown => "brown",
        Color::Black => "black",
        Color::White => "white",
        Color::Grey => "grey",
        Color::Gold => "golden",
        Color::Silver => "silver",
        Color::Turquoise => "turquoise",
    }
}

fn skin_words(skin: SkinTone) -> &'static str {
    match skin {
        SkinTone::Light => "light skin",
        SkinTone::MediumLight => "medium light skin",
        SkinTone::Medium => "medium skin",
        SkinTone::MediumDark => "brown skin",
        SkinTone::Dark => "dark skin",
    }
}

// ── things ──

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

impl Goal {
    /// The index of the prop that the tale can turn on: one thing that can be lost, carried and given.
    pub(super) fn among(heard: &Heard) -> Option<usize> {
        let props = heard.reading.props.iter().zip(&heard.prop_nouns);
        props.into_iter().position(|(prop, noun)| {
            prop.count == 1 && number_of(noun) != Number::Plural && !FIXED.contains(&prop.sprite.as_str())
        })
    }

    pub(super) fn new(noun: &str) -> Self {
        Self { noun: noun.to_owned() }
    }

    /// Something to lose, find or give, for a brief that names nothing.
    pub(super) fn invented(place: Setting, party: bool, random: &mut Random) -> Self {
        let choices: &[&str] = if party {
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

    /// "a red kite", "some honey", "the moon".
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

// ── places ──

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

fn heroes(place: Setting) -> &'static [&'static str] {
    match place {
        Setting::Underwater | Setting::Sea => &["small turtle", "small whale", "small octopus"],
        Setting::Space => &["small robot", "small alien"],
        Setting::Castle => &["small dragon", "small mouse"],
        Setting::Beach => &["small crab", "small turtle"],
        Setting::City | Setting::Village | Setting::Room | Setting::Bedroom | Setting::Kitchen | Setting::Library => {
            &["small cat", "small mouse", "small dog"]
        }
        _ => &["small fox", "small rabbit", "small hedgehog", "small bear"],
    }
}

fn helpers(place: Setting) -> &'static [&'static str] {
    match place {
        Setting::Meadow => &["rabbit", "hedgehog", "bee"],
        Setting::Forest => &["owl", "squirrel", "deer"],
        Setting::PineForest => &["owl", "deer", "squirrel"],
        Setting::Mountains => &["goat", "eagle", "bear"],
        Setting::Beach => &["turtle", "crab", "seal"],
        Setting::Sea => &["dolphin", "whale", "turtle"],
        Setting::Underwater => &["turtle", "octopus", "dolphin"],
        Setting::Desert => &["camel", "lizard"],
        Setting::City => &["cat", "dog"],
        Setting::Village => &["dog", "cat", "goose"],
        Setting::Farm => &["horse", "sheep", "rooster"],
        Setting::Garden => &["hedgehog", "snail", "frog"],
        Setting::River => &["frog", "duck", "otter"],
        Setting::Cave => &["bat", "bear"],
        Setting::Space => &["robot", "alien"],
        Setting::Room | Setting::Bedroom | Setting::Kitchen => &["mouse", "cat", "dog"],
        Setting::Library => &["owl", "mouse"],
        Setting::Castle => &["dragon", "mouse", "owl"],
    }
}
