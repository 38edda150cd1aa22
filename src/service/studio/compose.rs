//! From what an editor wants to what is sent to a model.

use serde::Serialize;

use crate::ai::{Ai, PaintRequest, Reference};
use crate::journal::{Recipe, sha256};
use crate::media;
use crate::service::{Problem, Service};
use crate::story::{Disguise, DrawnStory, PictureRef, Style, Variant, Wanted};

/// What is sent, and what is kept of it.
pub(super) struct Composed {
    pub(super) request: PaintRequest,
    /// The recipe that it is, if it is no more than words, a size and a seed.
    pub(super) recipe: Option<Recipe>,
    /// As JSON, without bytes.
    pub(super) sent: String,
    /// Puts real names into what comes back.
    pub(super) disguise: Disguise,
}

/// What the journal keeps of a request.
#[derive(Serialize)]
struct Sent<'a> {
    prompt: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    negative: Option<&'a str>,
    model: &'a str,
    base_url: &'a str,
    width: u32,
    height: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// SHA-256 of the picture that it begins from.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strength: Option<f32>,
    /// SHA-256 of the pictures of what is to be seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<String>,
}

/// The recipe of what is wanted, if it is no more than words, a size and a seed.
pub(super) fn recipe(ai: &Ai, scene: &str, story: &DrawnStory, wanted: &Wanted) -> Option<Recipe> {
    let plain = wanted.base.is_none() && wanted.negative.is_none() && references(ai, scene, story, wanted).is_empty();
    let seed = wanted.seed.filter(|_| plain)?;
    let provider = ai.provider();
    Some(Recipe {
        scene_id: scene.to_owned(),
        provider: if provider.is_built_in() {
            "built-in".to_owned()
        } else {
            provider.base_url.clone()
        },
        model: wanted.model.clone().unwrap_or_else(|| provider.image_model.clone()),
        prompt: worded(story, wanted),
        seed: u64::from(seed),
        size: (wanted.width, wanted.height),
    })
}

/// The words of the editor with the looks of those who are named, and those of the style.
fn worded(story: &DrawnStory, wanted: &Wanted) -> String {
    let prompt = story.with_looks(&wanted.prompt);
    match wanted.style.as_deref().and_then(Style::find) {
        Some(style) => style.apply(&prompt),
        None => prompt,
    }
}

/// The editor's reference pictures, and the portraits of those who are named, as many as the engine takes. A portrait is not drawn
/// after the one that it is to be instead of.
fn references(ai: &Ai, scene: &str, story: &DrawnStory, wanted: &Wanted) -> Vec<PictureRef> {
    let portraits = story
        .named_in(&wanted.prompt)
        .filter(|member| member.portraits.as_str() != scene)
        .filter_map(|member| member.portrait);
    let mut references = wanted.references.clone();
    let most = ai.abilities().references_beside(wanted.base.is_some());
    for portrait in portraits.map(PictureRef::Variant) {
        if references.len() < most && !references.contains(&portrait) {
            references.push(portrait);
        }
    }
    references
}

impl Service {
    /// Puts together what is sent for a variant.
    pub(super) async fn compose(&self, ai: &Ai, variant: &Variant, wanted: &Wanted) -> Result<Composed, Problem> {
        let provider = ai.provider();
        let story = self.inner.stories.drawn_story(&variant.story).await?;
        let disguise = if provider.mask_people && !provider.is_built_in() {
            story.disguise()
        } else {
            Disguise::default()
        };
        // A prompt without anybody in it goes out as it is.
        let hide = |words: &str| match provider.mask_people && !provider.is_built_in() {
            true => disguise.apply(words),
            false => words.to_owned(),
        };
        let mut request = PaintRequest::new(hide(&worded(&story, wanted)), wanted.width, wanted.height);
        request.negative = wanted.negative.as_deref().map(hide);
        request.seed = wanted.seed.map(u64::from);
        request.model.clone_from(&wanted.model);
        request.strength = wanted
            .strength
            .filter(|_| wanted.base.is_some() && ai.abilities().strength);
        if let Some(base) = &wanted.base {
            request.base = Some(self.reference(base).await?);
        }
        for picture in references(ai, variant.scene.as_str(), &story, wanted) {
            match self.reference(&picture).await {
                Ok(reference) => request.references.push(reference),
                // A portrait that is not there yet is no reason to draw nothing.
                Err(_) if !wanted.references.contains(&picture) => {}
                Err(problem) => return Err(problem),
            }
        }
        let hashes = |pictures: &[Reference]| pictures.iter().map(|one| sha256(&one.bytes)).collect::<Vec<_>>();
        let sent = Sent {
            prompt: &request.prompt,
            negative: request.negative.as_deref(),
            model: request.model.as_deref().unwrap_or(&provider.image_model),
            base_url: if provider.is_built_in() { "" } else { &provider.base_url },
            width: request.width,
            height: request.height,
            seed: request.seed,
            base: request.base.as_ref().map(|base| sha256(&base.bytes)),
            strength: request.strength,
            references: hashes(&request.references),
        };
        let sent = serde_json::to_string(&sent).map_err(|_| Problem::stopped())?;
        Ok(Composed {
            recipe: recipe(ai, variant.scene.as_str(), &story, wanted),
            request,
            sent,
            disguise,
        })
    }

    /// The bytes of a picture that another one is made from.
    async fn reference(&self, picture: &PictureRef) -> Result<Reference, Problem> {
        let variants = &self.inner.queue.variants;
        let bytes = match picture {
            PictureRef::Variant(id) => variants.bytes(*id).await?,
            PictureRef::Kept(sha256) => variants.kept(sha256).await?,
            PictureRef::Live(story, scene) => self.inner.stories.live_picture(story, scene).await?,
        };
        let media_type = media::detect(&bytes)
            .filter(|kind| kind.is_picture())
            .ok_or_else(|| {
                Problem::new(
                    "What this picture is to be made from is no picture.",
                    "Choose another one.",
                )
            })?
            .mime()
            .to_owned();
        Ok(Reference { bytes, media_type })
    }
}
