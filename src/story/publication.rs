//! A manuscript becomes a story of the project, as one unit: every picture stored and proven, then the rows. What fails is taken
//! back; what is interrupted is known from the journal, and gone on with.

use futures_util::StreamExt as _;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::manuscript::{Manuscript, ManuscriptState, must_be_draft};
use super::model::{MadeWith, Scene, SceneId, Status, Story, StoryId};
use super::picture::Prepared;
use super::replacement::Sent;
use super::variant::VariantId;
use super::{Kept, Place, Stories, StoryError, name_of};
use crate::journal::Held;
use crate::supabase::{Class, ObjectKey, UPLOAD_MARK};

/// What is being done while a manuscript is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishStep {
    /// So many of its pictures are stored and proven.
    Stored {
        /// These.
        done: usize,
        /// Of so many.
        of: usize,
    },
    /// The rows are being written.
    Writing,
    /// What was stored is being removed, because of a failure.
    TakingBack,
}

/// How far a publication is, as the journal has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Publication {
    pub(super) stage: PublicationStage,
    pub(super) pictures: Vec<PublishedPicture>,
    /// Whether rows may have been written.
    #[serde(default)]
    pub(super) rows: bool,
    /// The id of the story's row, once it is known; projects may give ids of their own.
    #[serde(default)]
    pub(super) story: Option<StoryId>,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PublicationStage {
    Storing,
    Writing,
    TakingBack,
}

/// A picture of a publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PublishedPicture {
    pub(super) scene: SceneId,
    pub(super) variant: VariantId,
    /// Who drew it.
    #[serde(default)]
    pub(super) engine: Option<String>,
    pub(super) sent: Sent,
    /// The note that sees to the object if no row ever points at it; none before it is stored.
    #[serde(default)]
    pub(super) note: Option<String>,
}

impl Publication {
    /// None if a newer program wrote it in a way that this one cannot read.
    pub(super) fn read(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    fn text(&self) -> String {
        // Texts and numbers have a form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

type Observe<'a> = &'a (dyn Fn(PublishStep) + Send + Sync);

impl Stories {
    /// Publishes a manuscript that was approved, or goes on with that. If something of it is refused, what was stored is removed and the
    /// manuscript is a draft again.
    ///
    /// # Errors
    /// If nobody approved of it as it is, somebody is at it, or something failed. When the project could not be reached, what is done
    /// stays done, and publishing it again goes on from there.
    pub async fn publish(
        &self,
        id: &StoryId,
        observe: Observe<'_>,
        cancel: &CancellationToken,
    ) -> Result<Story, StoryError> {
        let held = self.hold_publication(id).await?;
        let manuscript = self.manuscript(id).await?;
        if manuscript.state == ManuscriptState::Published {
            return self.rows.get(manuscript.published_as.as_ref().unwrap_or(id)).await;
        }
        let begun = self.publication(id).await?;
        let (mut publication, resumed) = match begun {
            Some(begun) if begun.stage == PublicationStage::TakingBack => {
                observe(PublishStep::TakingBack);
                Box::pin(self.take_back(id, begun)).await?;
                (self.plan_publication(&self.manuscript(id).await?).await?, false)
            }
            Some(begun) => (begun, true),
            None => (self.plan_publication(&manuscript).await?, false),
        };
        let manuscript = self.manuscript(id).await?;
        let done = self
            .carry_publication(&manuscript, &mut publication, resumed, observe, cancel)
            .await;
        match done {
            Ok(story) => {
                let mut published = manuscript;
                published.state = ManuscriptState::Published;
                published.published_as = Some(story.story_id.clone());
                self.end_publication(id, Some(published.body())).await?;
                held.done();
                Ok(story)
            }
            Err(error) if stays(&error) => Err(error),
            Err(error) => {
                observe(PublishStep::TakingBack);
                publication.stage = PublicationStage::TakingBack;
                self.note_publication(id, &publication).await?;
                if let Err(left) = Box::pin(self.take_back(id, publication)).await {
                    tracing::info!("what was stored of {id} is removed later: {left}");
                }
                Err(error)
            }
        }
    }

    /// Takes back what was stored of a publication that did not come to its end; the manuscript is a draft again.
    ///
    /// # Errors
    /// If somebody is at it, or the project cannot be reached; the next start goes on with it then.
    pub async fn take_back_publication(&self, id: &StoryId) -> Result<Manuscript, StoryError> {
        let held = self.hold_publication(id).await?;
        if let Some(mut publication) = self.publication(id).await? {
            publication.stage = PublicationStage::TakingBack;
            self.note_publication(id, &publication).await?;
            Box::pin(self.take_back(id, publication)).await?;
        }
        held.done();
        self.manuscript(id).await
    }

    /// Goes on with what was being taken back when a program ended. Publications that were interrupted otherwise are left as they
    /// are: [`Stories::publish`] goes on with them. Gives the manuscripts that are drafts again.
    ///
    /// # Errors
    /// If the journal or the project cannot be asked. What is left to do is done the next time.
    pub async fn settle_publications(&self) -> Result<Vec<StoryId>, StoryError> {
        let mut drafts = Vec::new();
        for manuscript in self.manuscripts().await? {
            if manuscript.state != ManuscriptState::TakingBack {
                continue;
            }
            match self.take_back_publication(&manuscript.id).await {
                Ok(_) => drafts.push(manuscript.id),
                Err(StoryError::AtWork(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(drafts)
    }

    async fn hold_publication(&self, id: &StoryId) -> Result<Held, StoryError> {
        self.hold(format!("publish-{}", name_of(id)), id).await
    }

    async fn publication(&self, id: &StoryId) -> Result<Option<Publication>, StoryError> {
        let row = self.manuscript_row(id).await?;
        let read = |json: String| Publication::read(&json).ok_or_else(|| StoryError::NewerManuscript(id.clone()));
        row.publishing.map(read).transpose()
    }

    async fn note_publication(&self, id: &StoryId, publication: &Publication) -> Result<(), StoryError> {
        let (id, text) = (id.to_string(), publication.text());
        let noted = self.journal.run(move |journal| journal.note_publishing(&id, &text));
        Ok(noted.await?)
    }

    async fn end_publication(&self, id: &StoryId, body: Option<String>) -> Result<(), StoryError> {
        let id = id.to_string();
        let ended = self
            .journal
            .run(move |journal| journal.end_publishing(&id, body.as_deref()));
        Ok(ended.await?)
    }

    /// Decides under which names its pictures will be stored, and writes that down: from now on the manuscript cannot be changed.
    async fn plan_publication(&self, manuscript: &Manuscript) -> Result<Publication, StoryError> {
        must_be_draft(manuscript)?;
        let lacks = manuscript.lacks();
        if !lacks.is_empty() {
            return Err(StoryError::Lacks(lacks));
        }
        if !manuscript.is_approved() {
            return Err(StoryError::NotApproved(manuscript.id.clone()));
        }
        let bucket = self.ensure_bucket().await?;
        let mut pictures = Vec::new();
        for (index, scene) in manuscript.scenes.iter().enumerate() {
            let Some(variant) = scene.chosen else { continue };
            let at = (&manuscript.id, index);
            let (prepared, drawn) = self.prepare_variant(&bucket, at, variant, None).await?;
            pictures.push(PublishedPicture {
                scene: scene.scene_id.clone(),
                variant,
                engine: drawn.wanted.map(|wanted| wanted.engine.to_string()),
                sent: Sent::of(&prepared),
                note: None,
            });
        }
        let publication = Publication {
            stage: PublicationStage::Storing,
            pictures,
            rows: false,
            story: None,
        };
        let (id, version, text) = (manuscript.id.to_string(), manuscript.version, publication.text());
        let begun = self
            .journal
            .run(move |journal| journal.begin_publishing(&id, version, &text));
        match begun.await? {
            true => Ok(publication),
            false => Err(StoryError::ManuscriptChanged(manuscript.id.clone())),
        }
    }

    async fn carry_publication(
        &self,
        manuscript: &Manuscript,
        publication: &mut Publication,
        resumed: bool,
        observe: Observe<'_>,
        cancel: &CancellationToken,
    ) -> Result<Story, StoryError> {
        self.store_pictures(manuscript, publication, resumed, observe, cancel)
            .await?;
        if cancel.is_cancelled() && publication.stage == PublicationStage::Storing {
            return Err(StoryError::Cancelled);
        }
        observe(PublishStep::Writing);
        publication.stage = PublicationStage::Writing;
        let looked_for = resumed && publication.rows;
        publication.rows = true;
        self.note_publication(&manuscript.id, publication).await?;
        let mut story = self.story_of(manuscript, publication);
        story.story_id = Box::pin(self.write_rows(&story, publication, looked_for)).await?;
        publication.story = Some(story.story_id.clone());
        self.note_publication(&manuscript.id, publication).await?;
        for picture in &publication.pictures {
            let (Some(key), Some(note)) = (picture.key(), picture.note.clone()) else {
                continue;
            };
            self.placed(&self.stored(key, true, note)).await?;
        }
        let cover = story.cover_image_url.as_deref();
        self.rows
            .set_status(&story.story_id, Status::Completed, cover, &story.made_with)
            .await?;
        self.rows.get(&story.story_id).await
    }

    /// Stores the pictures that are not stored yet, some at a time.
    async fn store_pictures(
        &self,
        manuscript: &Manuscript,
        publication: &mut Publication,
        resumed: bool,
        observe: Observe<'_>,
        cancel: &CancellationToken,
    ) -> Result<(), StoryError> {
        let of = publication.pictures.len();
        let mut done = publication
            .pictures
            .iter()
            .filter(|picture| picture.note.is_some())
            .count();
        observe(PublishStep::Stored { done, of });
        let missing: Vec<(usize, PublishedPicture)> = publication
            .pictures
            .iter()
            .cloned()
            .enumerate()
            .filter(|(_, picture)| picture.note.is_none())
            .collect();
        let mut results = stream::iter(missing)
            .map(|(at, picture)| async move {
                if cancel.is_cancelled() {
                    return (at, Err(StoryError::Cancelled));
                }
                (
                    at,
                    Box::pin(self.store_picture(&manuscript.id, at, &picture, resumed)).await,
                )
            })
            .buffer_unordered(self.settings.concurrent_pictures.max(1));
        let mut failed = None;
        while let Some((at, result)) = results.next().await {
            match result {
                Ok(note) => {
                    publication.pictures[at].note = Some(note);
                    self.note_publication(&manuscript.id, publication).await?;
                    done += 1;
                    observe(PublishStep::Stored { done, of });
                }
                // Those that are under way come to their end: nothing is stored that is not known of.
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Stores one picture under the name that was decided upon; gives the note that sees to it.
    async fn store_picture(
        &self,
        story: &StoryId,
        index: usize,
        picture: &PublishedPicture,
        resumed: bool,
    ) -> Result<String, StoryError> {
        if resumed {
            if let Some(key) = self.proven(picture.key(), &picture.sent).await? {
                return self.retire(story, &picture.scene, &key, None).await;
            }
            // What arrived of it in part, or is being taken away, is in the way.
            self.remove_ours(&picture.sent).await?;
        }
        let bucket = self.supabase.buckets().get(&self.settings.bucket).await?;
        let at = (story, index);
        let (prepared, _) = self.prepare_variant(&bucket, at, picture.variant, None).await?;
        let prepared = prepared.under(&picture.sent)?;
        let stored = self.store_prepared(story, &picture.scene, prepared).await?;
        let variant = picture.variant;
        self.remember_variant(variant, &stored.key).await?;
        Ok(stored.note)
    }

    /// The story as its rows will be.
    fn story_of(&self, manuscript: &Manuscript, publication: &Publication) -> Story {
        let url = |scene: &SceneId| {
            let picture = publication.pictures.iter().find(|picture| picture.scene == *scene)?;
            Some(self.url_of(&picture.key()?))
        };
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let scenes = manuscript.scenes.iter().enumerate().map(|(index, scene)| Scene {
            scene_id: scene.scene_id.clone(),
            index,
            title: scene.title.clone(),
            text: scene.text.clone(),
            image_prompt: scene.image_prompt.clone(),
            image_url: url(&scene.scene_id),
            alt_text: filled(&scene.alt_text),
            image_error: None,
        });
        let approved = manuscript.approved.as_ref();
        let mut engines: Vec<&str> = publication
            .pictures
            .iter()
            .filter_map(|picture| picture.engine.as_deref())
            .collect();
        engines.sort_unstable();
        engines.dedup();
        Story {
            story_id: manuscript.id.clone(),
            title: manuscript.title.trim().to_owned(),
            prompt: manuscript.brief.prompt().to_owned(),
            status: Status::Processing,
            scenes: scenes.collect(),
            cover_image_url: manuscript.cover_scene().and_then(|scene| url(&scene.scene_id)),
            created_at: None,
            updated_at: None,
            user_id: self.settings.user_id.clone(),
            made_with: MadeWith {
                seed: Some(manuscript.brief.seed()),
                scenes: Some(manuscript.scenes.len()),
                text_engine: manuscript.engine.as_ref().map(ToString::to_string),
                image_engine: Some(engines.join(", ")).filter(|engines| !engines.is_empty()),
                style: manuscript.style.clone(),
                approved_by: approved.map(|approval| approval.by.clone()),
                approved_at: approved.map(|approval| approval.at.to_string()),
                ..MadeWith::default()
            },
            kept: Kept::default(),
            flaws: Vec::new(),
        }
    }

    /// Writes the story's row and its scenes; gives the id that it has there. `looked_for`: a run before this one may have written them.
    async fn write_rows(
        &self,
        story: &Story,
        publication: &Publication,
        looked_for: bool,
    ) -> Result<StoryId, StoryError> {
        let there = match looked_for {
            true => Box::pin(self.written(publication, &story.story_id)).await?,
            false => None,
        };
        let (id, has_scenes) = match there {
            Some(there) => (there.story_id.clone(), !there.scenes.is_empty()),
            None => match self.rows.insert_whole(story).await {
                Ok((id, _)) => return Ok(id),
                // The answer was lost: the rows tell.
                Err(error) if is_ambiguous(&error) => match Box::pin(self.written(publication, &story.story_id)).await?
                {
                    Some(there) => (there.story_id.clone(), !there.scenes.is_empty()),
                    None => return Err(error),
                },
                Err(error) => return Err(error),
            },
        };
        // All scenes are one request, so all are there or none.
        if !has_scenes && let Err(error) = self.rows.insert_scenes(&id, &story.scenes).await {
            let there = match is_ambiguous(&error) {
                true => Box::pin(self.written(publication, &story.story_id)).await?,
                false => None,
            };
            if there.is_none_or(|there| there.scenes.is_empty()) {
                return Err(error);
            }
        }
        Ok(id)
    }

    /// The story of a publication, if its row is there: the one that shows its pictures, whose names nobody else has.
    async fn written(&self, publication: &Publication, id: &StoryId) -> Result<Option<Story>, StoryError> {
        for id in publication.story.iter().chain([id]) {
            match self.rows.get(id).await {
                Ok(story) => return Ok(Some(story)),
                Err(StoryError::NoSuchStory(_)) => {}
                Err(error) => return Err(error),
            }
        }
        for key in publication.pictures.iter().filter_map(PublishedPicture::key) {
            let is = |other: &str| self.own(other).as_ref() == Some(&key);
            for found in self.rows.places_of(&key, &is).await? {
                if let Place::Scene { story, .. } | Place::Cover { story } = &found.place {
                    return self.rows.get(story).await.map(Some);
                }
            }
        }
        Ok(None)
    }

    /// Removes rows and objects of a publication that did not come to its end.
    async fn take_back(&self, id: &StoryId, publication: Publication) -> Result<(), StoryError> {
        if publication.rows
            && let Some(story) = Box::pin(self.written(&publication, id)).await?
        {
            self.rows.delete_story(&story.story_id).await?;
        }
        for picture in &publication.pictures {
            self.remove_ours(&picture.sent).await?;
            if let Some(note) = picture.note.clone() {
                self.journal.run(move |journal| journal.unretire(&note)).await?;
            }
        }
        self.end_publication(id, None).await
    }

    /// Removes an object if it has the mark that we gave it; one of somebody else's is left alone.
    async fn remove_ours(&self, sent: &Sent) -> Result<(), StoryError> {
        let Ok(key) = ObjectKey::parse(&sent.key) else {
            return Ok(());
        };
        let objects = self.supabase.bucket(&self.settings.bucket);
        match objects.info(&key).await {
            Ok(info) if info.metadata.get(UPLOAD_MARK).and_then(Value::as_str) == Some(&sent.mark) => {
                objects.remove_one(&key).await?;
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(error) if matches!(error.class, Class::NotFound | Class::BucketNotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl PublishedPicture {
    fn key(&self) -> Option<ObjectKey> {
        ObjectKey::parse(&self.sent.key).ok()
    }
}

impl Prepared {
    /// The same picture under a name that was decided upon before.
    fn under(mut self, sent: &Sent) -> Result<Self, StoryError> {
        self.key = ObjectKey::parse(&sent.key)?;
        self.metadata.insert(UPLOAD_MARK.to_owned(), sent.mark.clone().into());
        self.mark.clone_from(&sent.mark);
        Ok(self)
    }
}

fn is_ambiguous(error: &StoryError) -> bool {
    matches!(error, StoryError::Wire(error) if error.class == Class::Ambiguous)
}

/// Whether what is done stays done after a failure: nobody refused anything, and going on may succeed.
fn stays(error: &StoryError) -> bool {
    match error {
        StoryError::Wire(error) => matches!(
            error.class,
            Class::Network | Class::Ambiguous | Class::Busy | Class::Throttled | Class::BadKey
        ),
        StoryError::Journal(_) => true,
        _ => false,
    }
}
