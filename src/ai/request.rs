//! What a picture is asked for with, and what comes back.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::workspace::Money;

/// What a picture is asked for with. What an engine cannot do is left out where it only takes away a wish (see
/// [`super::Abilities`]), and an error where the picture would be another one: without its base or its references.
#[derive(Clone, Debug, PartialEq)]
pub struct PaintRequest {
    /// The words.
    pub prompt: String,
    /// What is not to be seen, where the engine takes such words.
    pub negative: Option<String>,
    /// Pixels across. Engines that draw in some sizes only take the nearest shape.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The same seed draws the same again, where the engine takes one. Without it the engine takes one of its own.
    pub seed: Option<u64>,
    /// How long the engine works at it, where it asks.
    pub steps: Option<u32>,
    /// The picture to start from.
    pub base: Option<Reference>,
    /// How far it may go away from its base, from 0 to 1.
    pub strength: Option<f32>,
    /// Pictures that show who and what is meant, or in what style.
    pub references: Vec<Reference>,
    /// The model, if not the provider's usual one.
    pub model: Option<String>,
}

/// A picture that goes along with a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its bytes.
    pub bytes: Bytes,
    /// By its content.
    pub media_type: String,
}

/// A picture as the model sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Painted {
    /// The bytes, unchanged: providers sign what they send.
    pub bytes: Bytes,
    /// By content; providers call JPEG bytes PNG.
    pub media_type: String,
    /// What the provider made of the prompt.
    pub note: Option<String>,
    /// The seed that was really used, if it is known.
    pub seed: Option<u64>,
    /// What the provider says it cost.
    pub cost: Option<Money>,
    /// The model that drew it, as far as the provider says, else as it was asked for.
    pub model: String,
}

/// How far a picture is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PaintProgress {
    /// From 0 to 1, if the engine tells.
    pub fraction: Option<f32>,
    /// How much longer it takes, if the engine tells.
    pub left: Option<Duration>,
}

impl PaintRequest {
    /// A picture of so many pixels, with nothing wished for beyond the words.
    #[must_use]
    pub fn new(prompt: impl Into<String>, width: u32, height: u32) -> Self {
        Self {
            prompt: prompt.into(),
            negative: None,
            width,
            height,
            seed: None,
            steps: None,
            base: None,
            strength: None,
            references: Vec::new(),
            model: None,
        }
    }

    /// The base and the references, as one list: for APIs that know only one kind.
    pub(super) fn pictures(&self) -> impl Iterator<Item = &Reference> {
        self.base.iter().chain(&self.references)
    }
}

impl Reference {
    /// The picture within a text, as `data:` URL.
    pub(super) fn data_url(&self) -> String {
        format!("data:{};base64,{}", self.media_type, self.base64())
    }

    pub(super) fn base64(&self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(&self.bytes)
    }

    /// A name for it in a form.
    pub(super) fn file_name(&self, number: usize) -> String {
        let extension = match self.media_type.as_str() {
            "image/jpeg" => "jpg",
            "image/webp" => "webp",
            _ => "png",
        };
        format!("picture-{number}.{extension}")
    }
}

// Megabytes say nothing to a reader.
impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({}, {} bytes)", self.media_type, self.bytes.len())
    }
}
