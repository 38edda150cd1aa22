//! Who a tale is about, in words: made once from the brief, then the same on every page.

use crate::local::lexicon::{Character, Color, Garment, GarmentKind, Heard, Mood, Pose, Scale, Setting, SkinTone};

use super::grammar::{Gender, list, with_article};
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

/// Children of people.
const CHILDREN: &[&str] = &[
    "baby",
    "boy",
    "brother",
    "child",
    "daughter",
    "girl",
    "granddaughter",
    "grandson",
    "kid",
    "lad",
    "little boy",
    "little girl",
    "schoolboy",
    "schoolgirl",
    "sister",
    "son",
    "toddler",
];
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

    /// Whether it is a child of a person: somebody like whom there may be one outside of the tale.
    pub(super) fn is_child(&self) -> bool {
        CHILDREN.contains(&self.noun.as_str())
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
