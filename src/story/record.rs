//! The record of a picture that is about to be stored: what is known of it at that moment.

use super::provenance::{DigitalSource, Provenance};
use super::variant::{PictureRef, Variant, VariantSource};
use super::{Settings, StoryId};
use crate::journal::{Made, Recipe, sha256};
use crate::workspace::{Money, Provider};

/// The record of a picture that a recipe made.
pub(super) fn of_recipe(
    recipe: &Recipe,
    settings: &Settings,
    story: &StoryId,
    index: usize,
    made: &Made,
) -> Provenance {
    let engine = settings.image_engine.clone();
    let (width, height) = recipe.size;
    Provenance {
        story_id: Some(story.clone()),
        scene_index: Some(index),
        digital_source_type: Some(source(&engine)),
        engine: Some(engine),
        model: Some(recipe.model.clone()).filter(|model| !model.is_empty()),
        base_host: host(&recipe.provider),
        seed: Some(recipe.seed),
        width: Some(width),
        height: Some(height),
        sha256: Some(made.sha256.clone()),
        ..Provenance::new().with_prompt(&recipe.prompt)
    }
}

/// The record of a picture that an editor brought.
pub(super) fn of_file(story: &StoryId, index: usize, name: &str, sha256: String) -> Provenance {
    Provenance {
        story_id: Some(story.clone()),
        scene_index: Some(index),
        engine: Some("upload".to_owned()),
        file_name: Some(name.to_owned()),
        sha256: Some(sha256),
        ..Provenance::new()
    }
}

/// The record of a variant.
pub(super) fn of_variant(variant: &Variant, story: &StoryId, index: usize) -> Provenance {
    let picture = variant.picture.as_ref();
    let sha = picture.map(|picture| picture.sha256.clone()).unwrap_or_default();
    let made = match (&variant.source, &variant.wanted) {
        (VariantSource::Brought { file_name }, _) => return of_file(story, index, file_name, sha),
        (VariantSource::Drawn, None) => Provenance::new(),
        (VariantSource::Drawn, Some(wanted)) => {
            let engine = if wanted.engine.is_built_in() {
                Provider::BUILT_IN_ILLUSTRATOR.to_owned()
            } else {
                wanted.engine.to_string()
            };
            let kept = wanted.references.iter().filter_map(|reference| match reference {
                PictureRef::Kept(sha256) => Some(sha256.clone()),
                PictureRef::Live(..) | PictureRef::Variant(_) => None,
            });
            let source = match &wanted.base {
                // What was changed may have been anybody's.
                Some(_) if !wanted.engine.is_built_in() => DigitalSource::CompositeWithTrained,
                _ => source(&engine),
            };
            Provenance {
                digital_source_type: Some(source),
                engine: Some(engine),
                negative_sha256: wanted.negative.as_deref().map(|words| sha256(words.as_bytes())),
                references: kept.collect(),
                ..Provenance::new().with_prompt(&wanted.prompt)
            }
        }
    };
    Provenance {
        story_id: Some(story.clone()),
        scene_id: Some(variant.scene.clone()),
        scene_index: Some(index),
        model: variant.model.clone(),
        seed: variant.seed,
        width: picture.map(|picture| picture.width),
        height: picture.map(|picture| picture.height),
        created_at: variant.ended_at.map(|at| at.to_string()),
        cost_micros: variant.cost.map(Money::micros),
        sha256: Some(sha),
        ..made
    }
}

fn source(engine: &str) -> DigitalSource {
    if engine.contains("(no AI)") {
        DigitalSource::Algorithmic
    } else {
        DigitalSource::TrainedAlgorithmic
    }
}

/// Whose server an address is on; nothing else of the address.
fn host(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    url.host_str().map(str::to_owned)
}
