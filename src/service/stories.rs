//! Stories for both faces: reads to await, long work as jobs.

use tokio_util::sync::CancellationToken;

use super::{AdminAction, AdminState, Ending, Event, JobContext, JobId, Problem, SceneWork, Service, Subject};
use crate::story::{Brief, Outcome, Replaced, SceneId, Source, Step, Story, StoryError, StoryId};
use crate::supabase::Class;

/// Stories read at a time.
pub const STORIES_PAGE: u64 = 100;

impl Service {
    /// A page of stories with their scenes, newest first.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn stories(&self, offset: u64) -> Result<Vec<Story>, Problem> {
        Ok(self.inner.stories.list(offset, STORIES_PAGE).await?)
    }

    /// All stories with their scenes, newest first.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn all_stories(&self) -> Result<Vec<Story>, Problem> {
        let mut stories = Vec::new();
        self.each_page(|page| stories.extend(page)).await?;
        Ok(stories)
    }

    /// All stories with their scenes, newest first, a page at a time: there may be more than memory is for.
    pub(super) async fn each_page(&self, mut take: impl FnMut(Vec<Story>)) -> Result<(), Problem> {
        let mut offset = 0;
        loop {
            let page = self.stories(offset).await?;
            // A project may give fewer rows than it is asked for; only none is the end.
            if page.is_empty() {
                return Ok(());
            }
            offset += page.len() as u64;
            take(page);
        }
    }

    /// One story with its scenes.
    ///
    /// # Errors
    /// If the project cannot be read or has no such story.
    pub async fn story(&self, id: &StoryId) -> Result<Story, Problem> {
        Ok(self.inner.stories.get(id).await?)
    }

    /// Makes a story and waits for it.
    ///
    /// # Errors
    /// If not even its scenes could be written; pictures that failed are in the outcome.
    pub async fn create_story(
        &self,
        brief: &Brief,
        observe: &(dyn Fn(Step) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Outcome, Problem> {
        self.permit_bucket().await?;
        let outcome = self.inner.stories.create(brief, observe, cancel).await?;
        self.changed(Subject::Story(outcome.story.story_id.clone()));
        Ok(outcome)
    }

    /// Does what is missing of a story and waits for it.
    ///
    /// # Errors
    /// As [`Service::create_story`].
    pub async fn resume_story(
        &self,
        id: &StoryId,
        observe: &(dyn Fn(Step) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Outcome, Problem> {
        self.permit_bucket().await?;
        let outcome = self.inner.stories.resume(id, observe, cancel).await?;
        self.changed(Subject::Story(id.clone()));
        Ok(outcome)
    }

    /// Puts a new picture in the place of a scene's picture of `story`, as the caller saw it, and waits for it.
    ///
    /// # Errors
    /// If admin mode is locked, the picture cannot be used, made or stored, or if somebody else replaced it since `story` was read. The
    /// scene then still shows what it showed.
    pub async fn replace_picture(
        &self,
        story: &Story,
        scene: &SceneId,
        source: Source,
        cancel: &CancellationToken,
    ) -> Result<Replaced, Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        Ok(self.inner.stories.replace(story, scene, source, cancel).await?)
    }

    /// Undoes a replacement and waits for it.
    ///
    /// # Errors
    /// If admin mode is locked, or the picture was replaced once more since.
    pub async fn put_back(&self, replaced: &Replaced) -> Result<Replaced, Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        Ok(self.inner.stories.put_back(replaced).await?)
    }

    /// A story's bucket is made where it is missing, which is for admins: while admin mode is locked, it has to be there.
    pub(super) async fn permit_bucket(&self) -> Result<(), Problem> {
        if self.admin().state() != AdminState::Locked {
            return Ok(());
        }
        match self.inner.supabase.buckets().get(self.bucket()).await {
            Err(error) if error.class == Class::BucketNotFound => {
                self.admin().permit(AdminAction::CreateBucket).map_err(|mut problem| {
                    problem.what = format!("The bucket {} is not there yet. {}", self.bucket(), problem.what);
                    problem
                })
            }
            // Whatever else is wrong is told by the work itself.
            _ => Ok(()),
        }
    }

    /// Starts making a story. Started again after a failure, the job resumes the story it began.
    pub fn start_story(&self, brief: Brief) -> JobId {
        let service = self.clone();
        let title = brief.title().to_owned();
        let begun = std::sync::Arc::new(std::sync::Mutex::new(None::<StoryId>));
        self.jobs().start("Create story", title, Subject::None, move |context| {
            let (service, brief, begun) = (service.clone(), brief.clone(), begun.clone());
            async move {
                service.permit_bucket().await?;
                let known = begun.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
                let tracker = Tracker::new(&service, &context, known.clone(), Some(begun));
                let observe = |step: Step| tracker.step(step);
                let result = match known {
                    Some(id) => service.inner.stories.resume(&id, &observe, context.cancel()).await,
                    None => service.inner.stories.create(&brief, &observe, context.cancel()).await,
                };
                tracker.end(result)
            }
        })
    }

    /// Starts doing what is missing of a story.
    pub fn start_resume(&self, story: &Story) -> JobId {
        let (service, id) = (self.clone(), story.story_id.clone());
        self.jobs().start(
            "Finish story",
            story.title.clone(),
            Subject::Story(id.clone()),
            move |context| {
                let (service, id) = (service.clone(), id.clone());
                async move {
                    service.permit_bucket().await?;
                    let tracker = Tracker::new(&service, &context, Some(id.clone()), None);
                    let observe = |step: Step| tracker.step(step);
                    let result = service.inner.stories.resume(&id, &observe, context.cancel()).await;
                    tracker.end(result)
                }
            },
        )
    }

    /// Starts putting a new picture in the place of a scene's picture.
    pub fn start_replace(&self, story: Story, scene: SceneId, source: Source) -> JobId {
        let service = self.clone();
        let index = story
            .scenes
            .iter()
            .find(|candidate| candidate.scene_id == scene)
            .map_or(0, |scene| scene.index);
        let title = match source {
            Source::Drawn { .. } => "Regenerate picture",
            Source::File { .. } => "Upload picture",
        };
        let target = format!("{}, scene {}", story.title, index + 1);
        let subject = Subject::Scene(story.story_id.clone(), scene.clone());
        self.jobs().start(title, target, subject, move |context| {
            let (service, story, scene, source) = (service.clone(), story.clone(), scene.clone(), source.clone());
            async move {
                service.admin().permit(AdminAction::Overwrite)?;
                let doing = match source {
                    Source::Drawn { .. } => "Drawing",
                    Source::File { .. } => "Uploading",
                };
                context.report(0, Some(1), doing);
                let id = story.story_id.clone();
                service
                    .inner
                    .events
                    .send(Event::Scene(id.clone(), scene.clone(), SceneWork::Drawing));
                let result = service.replace_fresh(&id, &scene, source, &context).await;
                service
                    .inner
                    .events
                    .send(Event::Scene(id.clone(), scene, SceneWork::Ended));
                service.changed(Subject::Story(id));
                let replaced = match result {
                    Err(StoryError::Cancelled) => return Ok(Ending::Cancelled),
                    result => result?,
                };
                context.report(1, Some(1), "");
                service.changed(Subject::Bucket(service.bucket().clone()));
                let saved = saved_as(&context);
                let ending = with_rest(format!("Scene {} shows its new picture{saved}", index + 1), &replaced);
                service.inner.events.send(Event::Replaced(replaced));
                Ok(ending)
            }
        })
    }

    /// The row is read again first: a retry must see what the attempt before it, or somebody else, left there.
    async fn replace_fresh(
        &self,
        id: &StoryId,
        scene: &SceneId,
        source: Source,
        context: &JobContext,
    ) -> Result<Replaced, StoryError> {
        let story = self.inner.stories.get(id).await?;
        let stories = &self.inner.stories;
        stories
            .replace_as(&story, scene, source, context.save_as(), context.cancel())
            .await
    }

    /// Starts undoing a replacement.
    pub fn start_put_back(&self, replaced: Replaced) -> JobId {
        let service = self.clone();
        let subject = Subject::Scene(replaced.story.clone(), replaced.scene.clone());
        self.jobs().start("Put picture back", "", subject, move |_| {
            let (service, replaced) = (service.clone(), replaced.clone());
            async move {
                let back = service.put_back(&replaced).await?;
                service.changed(Subject::Story(replaced.story));
                Ok(with_rest("The previous picture is back".to_owned(), &back))
            }
        })
    }
}

/// What is said of a picture that was saved as another kind.
pub(super) fn saved_as(context: &JobContext) -> String {
    let kind = context.save_as();
    kind.map_or_else(String::new, |kind| format!(", saved as {}", kind.name()))
}

/// How a replacement ended, with what did not follow it.
pub(super) fn with_rest(done: String, replaced: &Replaced) -> Ending {
    Ending::Done(match &replaced.left_behind {
        Some(why) => format!("{done}; the story's own row did not follow: {why}"),
        None => done,
    })
}

/// Turns the steps of a story into progress and events.
struct Tracker<'a> {
    service: &'a Service,
    context: &'a JobContext,
    state: std::sync::Mutex<Tracked>,
    begun: Option<std::sync::Arc<std::sync::Mutex<Option<StoryId>>>>,
}

#[derive(Default)]
struct Tracked {
    story: Option<StoryId>,
    scenes: usize,
    done: usize,
}

impl<'a> Tracker<'a> {
    fn new(
        service: &'a Service,
        context: &'a JobContext,
        story: Option<StoryId>,
        begun: Option<std::sync::Arc<std::sync::Mutex<Option<StoryId>>>>,
    ) -> Self {
        let state = std::sync::Mutex::new(Tracked {
            story,
            ..Tracked::default()
        });
        Self {
            service,
            context,
            state,
            begun,
        }
    }

    fn step(&self, step: Step) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let work = match step {
            Step::Bucket => {
                self.context.report(0, None, "Looking for the bucket");
                None
            }
            Step::Started(story) => {
                self.context.about(Subject::Story(story.clone()));
                if let Some(begun) = &self.begun {
                    *begun.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(story.clone());
                }
                state.story = Some(story);
                None
            }
            Step::Writing => {
                self.context.report(0, None, "Writing the scenes");
                None
            }
            Step::Written { scenes, missing } => {
                (state.scenes, state.done) = (scenes, scenes - missing);
                self.progress(&state);
                None
            }
            Step::Drawing { scene, .. } => Some((scene, SceneWork::Drawing)),
            Step::Stored { scene, .. } => {
                state.done += 1;
                self.progress(&state);
                Some((scene, SceneWork::Ended))
            }
            Step::Failed { scene, .. } => Some((scene, SceneWork::Ended)),
        };
        let Some(story) = state.story.clone() else { return };
        drop(state);
        match work {
            Some((scene, work)) => {
                self.service.inner.events.send(Event::Scene(story.clone(), scene, work));
                if work == SceneWork::Ended {
                    self.service.changed(Subject::Story(story));
                }
            }
            None => self.service.changed(Subject::Story(story)),
        }
    }

    fn progress(&self, state: &Tracked) {
        let doing = format!("{} of {} pictures", state.done, state.scenes);
        self.context.report(state.done, Some(state.scenes), doing);
    }

    fn end(&self, result: Result<Outcome, StoryError>) -> Result<Ending, Problem> {
        let story = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .story
            .clone();
        if let Some(story) = story {
            self.service.changed(Subject::Story(story));
        }
        self.service.changed(Subject::Bucket(self.service.bucket().clone()));
        let outcome = match result {
            Err(StoryError::Cancelled) => return Ok(Ending::Cancelled),
            result => result?,
        };
        if outcome.cancelled {
            return Ok(Ending::Cancelled);
        }
        let scenes = outcome.story.scenes.len();
        match outcome.into_problem() {
            Some(problem) => Err(problem),
            None => Ok(Ending::Done(format!(
                "{scenes} scenes, each with its picture, stored and checked"
            ))),
        }
    }
}
