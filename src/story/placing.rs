//! A variant becomes the picture of a scene.

use serde_json::json;

use super::model::{SceneId, Story, StoryId};
use super::picture::Prepared;
use super::replace::Replaced;
use super::variant::{PictureRef, Variant, VariantId};
use super::{Provenance, Stories, StoryError, record};
use crate::media::MediaType;
use crate::supabase::{Bucket, ObjectKey};

impl Stories {
    /// Puts a variant in the place of a scene's picture, and in every other place of the story that shows the same one, as
    /// [`Stories::replace`] does. The bytes are those that the journal keeps, as they came.
    ///
    /// # Errors
    /// As [`Stories::replace`]; and if the variant has no picture.
    pub async fn place(&self, story: &Story, scene: &SceneId, variant: VariantId) -> Result<Replaced, StoryError> {
        self.place_as(story, scene, variant, None).await
    }

    /// The same; with `save_as` what is stored is made anew from its bytes, which stay as they came.
    ///
    /// # Errors
    /// As [`Stories::place`].
    pub async fn place_as(
        &self,
        story: &Story,
        scene: &SceneId,
        variant: VariantId,
        save_as: Option<MediaType>,
    ) -> Result<Replaced, StoryError> {
        let scene = self.scene_of(story, scene).await?;
        let bucket = self.ensure_bucket().await?;
        let (prepared, variant) = self
            .prepare_variant(&bucket, (&story.story_id, scene.index), variant, save_as)
            .await?;
        let patch = match &variant.wanted {
            Some(wanted) => json!({ "image_prompt": wanted.prompt }),
            None => json!({}),
        };
        let key = prepared.key.clone();
        // Before it is sent: a program that ends just after that finds the object again.
        self.remember_variant(variant.id, &key).await?;
        let replaced = Box::pin(self.replace_with(&story.story_id, scene, prepared, patch, None)).await?;
        self.variants().placed(variant.id).await?;
        Ok(replaced)
    }

    /// A variant's picture, checked against what the bucket takes, with a name of its own.
    pub(super) async fn prepare_variant(
        &self,
        bucket: &Bucket,
        (story, index): (&StoryId, usize),
        id: VariantId,
        save_as: Option<MediaType>,
    ) -> Result<(Prepared, Variant), StoryError> {
        let variant = self.variants().get(id).await?;
        let bytes = self.variants().bytes(id).await?;
        let provenance = self.provenance_of(&variant, story, index).await?;
        let facts = json!(provenance.to_metadata());
        let prepared = self.prepare(bucket, (story, index), bytes, facts, save_as).await?;
        Ok((prepared, variant))
    }

    /// Where a variant comes from, as it is kept beside its object. Anybody may read that, so it has no words and no addresses.
    pub(super) async fn provenance_of(
        &self,
        variant: &Variant,
        story: &StoryId,
        index: usize,
    ) -> Result<Provenance, StoryError> {
        let mut provenance = Provenance {
            operator: self.settings.operator.as_deref().map(without_address),
            ..record::of_variant(variant, story, index)
        };
        if let Some(PictureRef::Variant(parent)) = variant.wanted.as_ref().and_then(|wanted| wanted.base.as_ref()) {
            let parent = self.variants().get(*parent).await.ok();
            let picture = parent.and_then(|parent| parent.picture);
            provenance.parent_sha256 = picture.map(|picture| picture.sha256);
        }
        Ok(provenance)
    }

    /// Remembers where a variant is stored.
    pub(super) async fn remember_variant(&self, id: VariantId, key: &ObjectKey) -> Result<(), StoryError> {
        let bucket = self.settings.bucket.as_str();
        self.variants().stored(id, bucket, key.as_str()).await
    }
}

/// A person's name as others may read it.
fn without_address(name: &str) -> String {
    name.split('@').next().unwrap_or_default().to_owned()
}
