//! What the built-in engines understand of a text: who is in it, where and when it plays, what lies about.
//!
//! The storyteller and the illustrator share this reading, so that a picture shows what the words say.
//! Reading is pure and deterministic; a word that is not known is reported, never guessed.
//!
//! The words are tables in `assets/lexicon/`: `words.txt` (colours, clothes, verbs, places, little words), `nouns.txt`
//! (nouns with a sprite, by hand), `emojilib.txt` (more of them, derived) and `names.txt` (given names).
//! What is drawn of a reading is the illustrator's business, what is told of it the storyteller's.

mod forms;
mod reader;
mod tokens;
mod vocabulary;

pub(in crate::local) use reader::Heard;

/// Reads a text: a prompt, a page, a title. Quick enough for every keystroke; only the first
/// few thousand words of a longer text are read.
#[must_use]
pub fn read(text: &str) -> Reading {
    reader::hear(text).reading
}

/// Reads a text and keeps the words in which things were said.
pub(in crate::local) fn hear(text: &str) -> Heard {
    reader::hear(text)
}

/// The kind that usually goes with a given name ("girl" for "Mira").
pub(in crate::local) fn kind_of_name(name: &str) -> Option<&'static str> {
    vocabulary::vocabulary().kind_of_name(&name.to_lowercase())
}

/// Whether a capital word at the start of a title is a name rather than a word of the tables.
pub(in crate::local) fn could_be_name(word: &str) -> bool {
    kind_of_name(word).is_some() || vocabulary::vocabulary().is_unknown(word)
}

/// The names of all sprites that [`read`] can answer with, some of them more than once.
pub fn sprites() -> impl Iterator<Item = &'static str> {
    vocabulary::sprites()
}

/// Everything a text was understood to say. Two texts with the same reading may still be drawn differently:
/// [`Reading::unknown`] words take part in the picture's layout.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Who takes part, in order of mention; the first is the hero. Empty if nobody was named.
    pub cast: Vec<Character>,
    /// Where it plays.
    pub setting: Setting,
    /// Whether [`Reading::setting`] was said, or is only the default.
    pub setting_said: bool,
    /// When it plays.
    pub time: TimeOfDay,
    /// What falls from the sky or hangs in it.
    pub weather: Weather,
    /// Things besides the cast, in order of mention, by the name of their sprite.
    pub props: Vec<Prop>,
    /// How far the viewer stands from the scene.
    pub shot: Shot,
    /// Where in the picture the hero is, if the text says so.
    pub side: Option<Side>,
    /// The words that were understood, as they are to be shown ("fox", "green scarf", "snow").
    pub understood: Vec<String>,
    /// Nouns and adjectives that nothing is known about, lower case, in order of mention.
    pub unknown: Vec<String>,
}

/// One of the cast, as far as the text describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Character {
    /// The kind, which is a sprite's name: `fox`, `girl`, `robot`.
    pub kind: String,
    /// The given name, if the text has one ("a fox named Pip").
    pub name: Option<String>,
    /// Clothes, in order of mention.
    pub garments: Vec<Garment>,
    /// Sprite name of what is carried in the hand (a lantern, a kite).
    pub holds: Option<String>,
    /// The colour of the body, if said ("a blue dragon").
    pub color: Option<Color>,
    /// The skin tone, if said; only people have one.
    pub skin: Option<SkinTone>,
    /// What the body does.
    pub pose: Pose,
    /// What the face shows.
    pub mood: Mood,
    /// Smaller or larger than usual ("tiny", "giant").
    pub scale: Scale,
}

/// A garment and its colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Garment {
    /// What it is.
    pub kind: GarmentKind,
    /// Its colour, if said.
    pub color: Option<Color>,
}

/// The garments that can be drawn, each with a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub enum GarmentKind {
    Scarf,
    Hat,
    Cape,
    Coat,
    Dress,
    Shirt,
    Trousers,
    Boots,
    Glasses,
    Bow,
    Crown,
    Backpack,
}

/// The colours that a text can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Color {
    Red,
    Orange,
    Yellow,
    Green,
    Blue,
    Purple,
    Pink,
    Brown,
    Black,
    White,
    Grey,
    Gold,
    Silver,
    Turquoise,
}

/// Skin tones of the sprite set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum SkinTone {
    Light,
    MediumLight,
    Medium,
    MediumDark,
    Dark,
}

/// Where a scene plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Setting {
    Meadow,
    Forest,
    PineForest,
    Mountains,
    Beach,
    Sea,
    Underwater,
    Desert,
    City,
    Village,
    Farm,
    Garden,
    River,
    Cave,
    Space,
    Room,
    Bedroom,
    Kitchen,
    Library,
    Castle,
}

/// When a scene plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum TimeOfDay {
    Dawn,
    Day,
    Sunset,
    Night,
}

/// The weather of a scene. Indoors it is seen through the window only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Weather {
    Clear,
    Cloudy,
    Rain,
    Storm,
    Snow,
    Fog,
    Wind,
    Rainbow,
}

/// A thing in the scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prop {
    /// The sprite's name: `star`, `kite`, `sailboat`.
    pub sprite: String,
    /// How many, at most six are drawn.
    pub count: u8,
    /// Its colour, if said.
    pub color: Option<Color>,
}

/// What a character does; taken from verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Pose {
    Stand,
    Walk,
    Run,
    Wave,
    Sit,
    Sleep,
    Point,
    Jump,
    Hug,
    Hold,
}

/// What a character feels; taken from adjectives and adverbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Mood {
    Calm,
    Happy,
    Sad,
    Afraid,
    Surprised,
    Sleepy,
    Angry,
}

/// A character's size beside its usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Scale {
    Small,
    Usual,
    Large,
}

/// How a scene is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Shot {
    Wide,
    Medium,
    Close,
}

/// Where in a picture its hero stands, as the viewer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Side {
    Left,
    Middle,
    Right,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 20] = [
        Self::Meadow,
        Self::Forest,
        Self::PineForest,
        Self::Mountains,
        Self::Beach,
        Self::Sea,
        Self::Underwater,
        Self::Desert,
        Self::City,
        Self::Village,
        Self::Farm,
        Self::Garden,
        Self::River,
        Self::Cave,
        Self::Space,
        Self::Room,
        Self::Bedroom,
        Self::Kitchen,
        Self::Library,
        Self::Castle,
    ];

    /// Whether the scene has walls and a roof, so that weather stays outside.
    #[must_use]
    pub fn is_indoors(self) -> bool {
        matches!(
            self,
            Self::Room | Self::Bedroom | Self::Kitchen | Self::Library | Self::Castle
        )
    }
}

#[cfg(test)]
mod tests;
