//! What the tests of the journal keep in it.

use bytes::Bytes;

use super::{NewPicture, Recipe};

/// A recipe of these words.
pub(super) fn recipe(prompt: &str) -> Recipe {
    Recipe {
        scene_id: "scene".into(),
        provider: "p".into(),
        model: "m".into(),
        prompt: prompt.into(),
        seed: 1,
        size: (4, 3),
    }
}

/// A picture that a model has sent and was paid for.
pub(super) fn picture(bytes: &'static [u8]) -> NewPicture {
    NewPicture {
        bytes: Bytes::from_static(bytes),
        media_type: "image/png".into(),
        width: 4,
        height: 3,
        seed: None,
        cost: Some(30),
        model: "m".into(),
        note: None,
        recipe: None,
    }
}
