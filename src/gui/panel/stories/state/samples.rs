//! Stories for the unit tests of this panel.

use jiff::Timestamp;

use crate::story::{
    Brief, Kept, MadeWith, Manuscript, ManuscriptScene, Picture, Placement, Scene, SceneId, Status, Story, StoryId,
    Variant, VariantId, VariantSource, VariantState, Verdict, Wanted,
};
use crate::workspace::EngineId;

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

/// A manuscript that lacks nothing.
pub(super) fn manuscript(scenes: usize) -> Manuscript {
    let brief = Brief::new("Pip and the Lost Star", "A fox finds a star.", scenes.max(1), 4127).unwrap();
    let mut manuscript = Manuscript::new(brief);
    manuscript.version = 1;
    manuscript.scenes = (1..=scenes)
        .map(|number| ManuscriptScene {
            scene_id: SceneId::fresh(),
            title: format!("Scene {number}"),
            text: format!("A small fox walks into the snow for the {number}. time."),
            image_prompt: "A small fox in the snow".to_owned(),
            alt_text: "A fox in the snow".to_owned(),
            chosen: Some(VariantId::fresh()),
        })
        .collect();
    manuscript
}

/// A candidate of a scene.
pub(super) fn variant(story: &StoryId, scene: &SceneId, ordinal: u32, state: VariantState) -> Variant {
    let made = state == VariantState::Made;
    Variant {
        id: VariantId::fresh(),
        story: story.clone(),
        scene: scene.clone(),
        ordinal,
        wanted: Some(Wanted {
            seed: Some(4127 + ordinal),
            ..Wanted::new(EngineId::new("Together"), format!("Prompt {ordinal}"))
        }),
        state,
        verdict: Verdict::Open,
        picture: made.then(|| Picture {
            sha256: "0".repeat(64),
            media_type: "image/png".to_owned(),
            width: 1024,
            height: 768,
            bytes: 100,
        }),
        seed: made.then_some(u64::from(4127 + ordinal)),
        model: None,
        cost: None,
        queued_at: Timestamp::UNIX_EPOCH,
        asked_at: Some(Timestamp::UNIX_EPOCH),
        ended_at: made.then(|| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(5)),
        attempts: 1,
        note: None,
        source: VariantSource::Drawn,
        place: Placement::Candidate,
        stored_at: None,
        batch: None,
    }
}
