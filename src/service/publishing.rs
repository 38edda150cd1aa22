//! Manuscripts for both faces: written, saved, approved of, published; and stories that are deleted and had back.

use tokio_util::sync::CancellationToken;

use super::{AdminAction, Ending, Event, JobContext, JobId, Problem, Service, Subject};
use crate::media::MediaType;
use crate::story::{
    Brief, DeletedStory, Deletion, Manuscript, PublishStep, Replaced, SceneId, Story, StoryId, Undeleted, VariantId,
};
use crate::workspace::EngineId;

impl Service {
    /// Stories that are not published yet, the one that was saved last first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn manuscripts(&self) -> Result<Vec<Manuscript>, Problem> {
        Ok(self.inner.stories.manuscripts().await?)
    }

    /// One manuscript, published or not.
    ///
    /// # Errors
    /// If there is none.
    pub async fn manuscript(&self, id: &StoryId) -> Result<Manuscript, Problem> {
        Ok(self.inner.stories.manuscript(id).await?)
    }

    /// Saves a manuscript over the version that it is of, and gives it back as it is kept, with its new version.
    ///
    /// # Errors
    /// If somebody else saved it since, or it is being published or was. Theirs is kept then.
    pub async fn save_manuscript(&self, manuscript: &Manuscript) -> Result<Manuscript, Problem> {
        let saved = self.inner.stories.save_manuscript(manuscript).await?;
        self.inner.events.send(Event::Manuscript(saved.id.clone()));
        Ok(saved)
    }

    /// Forgets a manuscript, as it was seen.
    ///
    /// # Errors
    /// If it was changed since, or is being published.
    pub async fn discard_manuscript(&self, seen: &Manuscript) -> Result<(), Problem> {
        self.inner.stories.discard_manuscript(seen).await?;
        self.inner.events.send(Event::Manuscript(seen.id.clone()));
        Ok(())
    }

    /// Notes that a person has looked at every text and picture of a manuscript, as they saw it.
    ///
    /// # Errors
    /// If it lacks something, or was changed since.
    pub async fn approve(&self, seen: &Manuscript) -> Result<Manuscript, Problem> {
        let approved = self.inner.stories.approve(seen).await?;
        self.inner.events.send(Event::Manuscript(approved.id.clone()));
        Ok(approved)
    }

    /// Asks a text model for a manuscript and waits for it. Nothing is written to the project.
    ///
    /// # Errors
    /// If there is no such engine, or the model fails or refuses.
    pub async fn draft(
        &self,
        brief: &Brief,
        engine: &EngineId,
        cancel: &CancellationToken,
    ) -> Result<Manuscript, Problem> {
        let ai = self.expect_engine(engine)?;
        let drafting = self.inner.stories.draft_manuscript(&ai, engine.clone(), brief, cancel);
        let manuscript = drafting.await?;
        self.inner.events.send(Event::Manuscript(manuscript.id.clone()));
        Ok(manuscript)
    }

    /// Starts the same as a job. Started again after a success it would ask, and pay, again; after a failure there is nothing yet.
    pub fn start_draft(&self, brief: Brief, engine: EngineId) -> JobId {
        let service = self.clone();
        let title = brief.title().to_owned();
        self.jobs().start("Write draft", title, Subject::None, move |context| {
            let (service, brief, engine) = (service.clone(), brief.clone(), engine.clone());
            async move {
                context.report(0, None, "Writing the scenes");
                match service.draft(&brief, &engine, context.cancel()).await {
                    Err(_) if context.cancel().is_cancelled() => Ok(Ending::Cancelled),
                    Err(problem) => Err(problem),
                    Ok(manuscript) => Ok(Ending::Done(format!(
                        "{} scenes are written; nothing is published",
                        manuscript.scenes.len()
                    ))),
                }
            }
        })
    }

    /// Publishes a manuscript that was approved, or goes on with that, and waits for it.
    ///
    /// # Errors
    /// If it is not approved, or something failed: then nothing of it is in the project, or it can be gone on with.
    pub async fn publish(
        &self,
        id: &StoryId,
        observe: &(dyn Fn(PublishStep) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Story, Problem> {
        self.permit_bucket().await?;
        let published = Box::pin(self.inner.stories.publish(id, observe, cancel)).await;
        self.inner.events.send(Event::Manuscript(id.clone()));
        self.changed(Subject::Story(id.clone()));
        self.changed(Subject::Bucket(self.bucket().clone()));
        // What was a candidate is a scene's picture now.
        for scene in published.iter().flat_map(|story| &story.scenes) {
            let event = Event::Variants(id.clone(), scene.scene_id.clone());
            self.inner.events.send(event);
        }
        Ok(published?)
    }

    /// Starts the same as a job. Started again it goes on.
    pub fn start_publish(&self, manuscript: &Manuscript) -> JobId {
        let (service, id) = (self.clone(), manuscript.id.clone());
        let subject = Subject::Story(id.clone());
        self.jobs()
            .start("Publish story", manuscript.title.clone(), subject, move |context| {
                let (service, id) = (service.clone(), id.clone());
                async move {
                    let observe = |step: PublishStep| tell(&context, &step);
                    match service.publish(&id, &observe, context.cancel()).await {
                        Err(_) if context.cancel().is_cancelled() => Ok(Ending::Cancelled),
                        Err(problem) => Err(problem),
                        Ok(story) => Ok(Ending::Done(format!(
                            "{} scenes are published, each with its picture, stored and checked",
                            story.scenes.len()
                        ))),
                    }
                }
            })
    }

    /// Takes back what was stored of a publication that did not come to its end.
    ///
    /// # Errors
    /// If somebody is at it, or the project cannot be reached.
    pub async fn take_back_publication(&self, id: &StoryId) -> Result<Manuscript, Problem> {
        let manuscript = self.inner.stories.take_back_publication(id).await?;
        self.inner.events.send(Event::Manuscript(id.clone()));
        self.changed(Subject::Bucket(self.bucket().clone()));
        Ok(manuscript)
    }

    /// Puts a variant in the place of a scene's picture and waits for it.
    ///
    /// # Errors
    /// If admin mode is locked, the variant has no picture, it cannot be stored, or somebody else replaced the picture meanwhile.
    pub async fn place(&self, story: &StoryId, scene: &SceneId, variant: VariantId) -> Result<Replaced, Problem> {
        self.place_as(story, scene, variant, None).await
    }

    async fn place_as(
        &self,
        story: &StoryId,
        scene: &SceneId,
        variant: VariantId,
        save_as: Option<MediaType>,
    ) -> Result<Replaced, Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        let story = self.inner.stories.get(story).await?;
        let placed = self.inner.stories.place_as(&story, scene, variant, save_as).await;
        self.changed(Subject::Story(story.story_id));
        Ok(placed?)
    }

    /// Starts putting a variant in the place of a scene's picture, and in every other place that shows the same one.
    pub fn start_place(&self, story: StoryId, scene: SceneId, variant: VariantId) -> JobId {
        let service = self.clone();
        let subject = Subject::Scene(story.clone(), scene.clone());
        self.jobs().start("Replace live", "", subject, move |context| {
            let (service, story, scene) = (service.clone(), story.clone(), scene.clone());
            async move {
                context.report(0, Some(1), "Storing");
                let replaced = service.place_as(&story, &scene, variant, context.save_as()).await?;
                context.report(1, Some(1), "");
                service.changed(Subject::Bucket(service.bucket().clone()));
                service.inner.events.send(Event::Variants(story, scene));
                let ending = {
                    let saved = super::stories::saved_as(&context);
                    super::stories::with_rest(format!("The scene shows its new picture{saved}"), &replaced)
                };
                service.inner.events.send(Event::Replaced(replaced));
                Ok(ending)
            }
        })
    }

    /// What would go with a story.
    ///
    /// # Errors
    /// If the project cannot be read or has no such story.
    pub async fn plan_story_deletion(&self, id: &StoryId) -> Result<Deletion, Problem> {
        Ok(self.inner.stories.plan_deletion(id).await?)
    }

    /// Goes on with a deletion, or with the return of a story, that a program has left half-done. What became of the story if it is gone then.
    ///
    /// # Errors
    /// If somebody is at it, or the project cannot be asked.
    pub async fn settle_story_deletion(&self, id: &StoryId) -> Result<Option<DeletedStory>, Problem> {
        let settled = self.inner.stories.settle_deletion(id).await?;
        if settled.is_some() {
            self.changed(Subject::Story(id.clone()));
            self.changed(Subject::Bucket(self.bucket().clone()));
        }
        Ok(settled)
    }

    /// Deletes a story as it was planned and waits for it.
    ///
    /// # Errors
    /// If admin mode is locked, or the project refuses: the story is then as it was.
    pub async fn delete_story(&self, deletion: &Deletion) -> Result<DeletedStory, Problem> {
        self.admin().permit(AdminAction::DeleteObjects)?;
        let deleted = self.inner.stories.delete_story(deletion).await;
        self.changed(Subject::Story(deletion.story.clone()));
        self.changed(Subject::Bucket(self.bucket().clone()));
        Ok(deleted?)
    }

    /// Starts the same as a job.
    pub fn start_delete_story(&self, deletion: Deletion) -> JobId {
        let service = self.clone();
        let subject = Subject::Story(deletion.story.clone());
        self.jobs()
            .start("Delete story", deletion.title.clone(), subject, move |_| {
                let (service, deletion) = (service.clone(), deletion.clone());
                async move {
                    let deleted = service.delete_story(&deletion).await?;
                    let pictures = deleted.objects;
                    let copies = match deleted.copies {
                        0 => String::new(),
                        1 => " and 1 public copy".to_owned(),
                        copies => format!(" and {copies} public copies"),
                    };
                    Ok(Ending::Done(format!(
                        "It is gone, and {pictures} pictures{copies} with it; all can be had back for a while"
                    )))
                }
            })
    }

    /// Deleted stories that can be had back, the latest first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn deleted_stories(&self) -> Result<Vec<DeletedStory>, Problem> {
        Ok(self.inner.stories.deleted_stories().await?)
    }

    /// Has a deleted story back and waits for it.
    ///
    /// # Errors
    /// If admin mode is locked, or it was not deleted here; or the project refuses or cannot be reached: called again, it goes on.
    pub async fn undelete_story(&self, id: &StoryId) -> Result<Undeleted, Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        let back = self.inner.stories.undelete_story(id).await;
        self.changed(Subject::Story(id.clone()));
        self.changed(Subject::Bucket(self.bucket().clone()));
        Ok(back?)
    }
}

fn tell(context: &JobContext, step: &PublishStep) {
    match step {
        PublishStep::Stored { done, of } => {
            context.report(*done, Some(*of + 1), format!("{done} of {of} pictures are stored"));
        }
        PublishStep::Writing => context.report(0, None, "Writing the rows"),
        PublishStep::TakingBack => context.report(0, None, "Removing what was stored"),
    }
}
