//! Stories for the unit tests of this panel.

use crate::story::{Kept, MadeWith, Scene, SceneId, Status, Story, StoryId};

pub(super) fn scene(index: usize, url: Option<&str>) -> Scene {
    Scene {
        scene_id: SceneId::fresh(),
        index,
        title: format!("Scene {}", index + 1),
        text: "A small fox walks into the snow.".to_owned(),
        image_prompt: "A small fox in the snow".to_owned(),
        image_url: url.map(str::to_owned),
        alt_text: Some("A fox in the snow".to_owned()),
        image_error: None,
    }
}

/// A story whose scenes all have their pictures.
pub(super) fn story(title: &str, scenes: usize) -> Story {
    let url = "http://127.0.0.1:54321/storage/v1/object/public/story-images/scene_0_a.png";
    Story {
        story_id: StoryId::fresh(),
        title: title.to_owned(),
        prompt: "A fox finds a star".to_owned(),
        status: Status::Completed,
        scenes: (0..scenes).map(|index| scene(index, Some(url))).collect(),
        cover_image_url: Some(url.to_owned()),
        created_at: None,
        updated_at: None,
        user_id: None,
        made_with: MadeWith {
            seed: Some(4127),
            ..MadeWith::default()
        },
        kept: Kept::default(),
        flaws: Vec::new(),
    }
}
