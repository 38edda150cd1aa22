//! What is being done to stories and scenes, and how the last of it ended: jobs and events, by what they are about.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::service::{Event, Job, JobId, JobState, Problem, SceneWork, Subject};
use crate::story::{Brief, Replaced, Scene, SceneId, Story, StoryId};

/// A story that was asked for and has no row yet.
#[derive(Clone, Debug)]
pub struct Creation {
    /// The job that makes it.
    pub id: JobId,
    /// What was asked for.
    pub brief: Brief,
    /// How the job stands, once that was told.
    pub job: Option<Job>,
    /// The story's id, once its row was written.
    pub story: Option<StoryId>,
}

impl Creation {
    /// Why it failed, if it did.
    pub fn problem(&self) -> Option<&Problem> {
        match self.job.as_ref().map(|job| &job.state) {
            Some(JobState::Failed(problem)) => Some(problem),
            _ => None,
        }
    }
}

/// What a scene's card shows.
#[derive(Clone, Debug, PartialEq)]
pub enum ScenePicture<'a> {
    /// The picture that the row says.
    Live,
    /// A picture is being made or uploaded.
    Drawing {
        /// Since when.
        since: Timestamp,
        /// The job that can be cancelled, if it is this scene's own.
        job: Option<JobId>,
        /// What is done: "Drawing", "Uploading".
        doing: &'a str,
    },
    /// There is no picture, and a job at work on the story will get to it.
    Waiting,
    /// The last try failed. If there is a picture, it is the previous one.
    Failed(Failure<'a>),
    /// There is no picture.
    Missing,
}

/// Why there is no new picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure<'a> {
    /// A job of this run failed.
    Job(JobId, &'a Problem),
    /// The row says so.
    Row(&'a str),
}

/// Jobs and events, sorted by story and scene.
#[derive(Default)]
pub struct Work {
    stories: HashMap<StoryId, Job>,
    scenes: HashMap<SceneId, Job>,
    drawing: HashMap<SceneId, (StoryId, Timestamp)>,
    dismissed: HashSet<JobId>,
    replaced: HashMap<SceneId, Replaced>,
    last_replaced: Option<SceneId>,
    creations: Vec<Creation>,
}

impl Work {
    /// Takes in what happened.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Job(job) => self.take_job(job),
            Event::Scene(story, scene, SceneWork::Drawing) => {
                self.drawing.insert(scene.clone(), (story.clone(), Timestamp::now()));
            }
            Event::Scene(_, scene, SceneWork::Ended) => _ = self.drawing.remove(scene),
            Event::Replaced(replaced) => {
                self.last_replaced = Some(replaced.scene.clone());
                self.replaced.insert(replaced.scene.clone(), replaced.clone());
            }
            _ => {}
        }
    }

    fn take_job(&mut self, job: &Job) {
        if let Some(creation) = self.creations.iter_mut().find(|creation| creation.id == job.id) {
            creation.job = Some(job.clone());
            if let Some(story) = job.subject.story() {
                creation.story = Some(story.clone());
            }
        }
        if !job.state.is_over() {
            self.dismissed.remove(&job.id);
        }
        match &job.subject {
            Subject::Story(story) => {
                if supersedes(job, self.stories.get(story)) {
                    self.stories.insert(story.clone(), job.clone());
                }
                if job.state.is_over() {
                    // A picture that was being made when the job was stopped is told of nowhere else.
                    self.drawing.retain(|_, (of, _)| of != story);
                }
            }
            Subject::Scene(_, scene) => {
                if supersedes(job, self.scenes.get(scene)) {
                    self.scenes.insert(scene.clone(), job.clone());
                }
                if job.state.is_over() {
                    self.drawing.remove(scene);
                }
            }
            Subject::None | Subject::Bucket(_) => {}
        }
    }

    /// The job that works on the story as a whole, if one does.
    pub fn running(&self, story: &StoryId) -> Option<&Job> {
        self.stories.get(story).filter(|job| !job.state.is_over())
    }

    /// The last job on the story as a whole, if it failed and nobody has put its message away.
    pub fn failed(&self, story: &StoryId) -> Option<(JobId, &Problem)> {
        self.failure_of(self.stories.get(story)?)
    }

    /// What the card of a scene shows.
    pub fn picture<'a>(&'a self, story: &Story, scene: &'a Scene) -> ScenePicture<'a> {
        let job = self.scenes.get(&scene.scene_id);
        if let Some(job) = job.filter(|job| !job.state.is_over()) {
            let doing = match job.progress.doing.as_str() {
                "" => "Starting",
                doing => doing,
            };
            return ScenePicture::Drawing {
                since: job.started,
                job: Some(job.id),
                doing,
            };
        }
        if let Some((_, since)) = self.drawing.get(&scene.scene_id) {
            return ScenePicture::Drawing {
                since: *since,
                job: None,
                doing: "Drawing",
            };
        }
        if let Some((job, problem)) = job.and_then(|job| self.failure_of(job)) {
            return ScenePicture::Failed(Failure::Job(job, problem));
        }
        match (&scene.image_url, &scene.image_error) {
            (Some(_), _) => ScenePicture::Live,
            (None, _) if self.running(&story.story_id).is_some() => ScenePicture::Waiting,
            (None, Some(reason)) => ScenePicture::Failed(Failure::Row(reason)),
            (None, None) => ScenePicture::Missing,
        }
    }

    /// Whether a picture for the scene is being made or about to be.
    pub fn is_busy(&self, story: &Story, scene: &Scene) -> bool {
        matches!(
            self.picture(story, scene),
            ScenePicture::Drawing { .. } | ScenePicture::Waiting
        )
    }

    fn failure_of<'a>(&self, job: &'a Job) -> Option<(JobId, &'a Problem)> {
        match &job.state {
            JobState::Failed(problem) if !self.dismissed.contains(&job.id) => Some((job.id, problem)),
            _ => None,
        }
    }

    /// Puts a failed job's message away.
    pub fn dismiss(&mut self, job: JobId) {
        self.dismissed.insert(job);
    }

    /// The replacement that the scene's picture is the result of, as long as it is still that picture.
    pub fn replaced(&self, scene: &Scene) -> Option<&Replaced> {
        self.replaced
            .get(&scene.scene_id)
            .filter(|replaced| replaced.now == scene.image_url)
    }

    /// Takes out a replacement to undo: of this scene, or the last one of all.
    pub fn take_replaced(&mut self, scene: Option<&SceneId>) -> Option<Replaced> {
        let scene = scene.cloned().or_else(|| self.last_replaced.take())?;
        if self.last_replaced.as_ref() == Some(&scene) {
            self.last_replaced = None;
        }
        self.replaced.remove(&scene)
    }

    /// A story was asked for.
    pub fn begin(&mut self, id: JobId, brief: Brief) {
        self.creations.push(Creation {
            id,
            brief,
            job: None,
            story: None,
        });
    }

    /// Stories without a row, newest first.
    pub fn creations(&self) -> impl DoubleEndedIterator<Item = &Creation> {
        self.creations.iter().rev()
    }

    /// A story without a row, by its job.
    pub fn creation(&self, id: JobId) -> Option<&Creation> {
        self.creations.iter().find(|creation| creation.id == id)
    }

    /// Takes out the creations for which `ended` says so.
    pub fn take_creations(&mut self, ended: impl Fn(&Creation) -> bool) -> Vec<Creation> {
        let (over, left) = std::mem::take(&mut self.creations).into_iter().partition(ended);
        self.creations = left;
        over
    }
}

/// Whether what `job` says is newer than what is known: jobs are numbered in the order of their start, and an older
/// one counts again only while it is started again.
fn supersedes(job: &Job, known: Option<&Job>) -> bool {
    known.is_none_or(|known| job.id >= known.id || !job.state.is_over())
}

#[cfg(test)]
mod tests {
    use super::super::samples::story;
    use super::super::testing::Bench;
    use super::*;

    fn failed() -> JobState {
        JobState::Failed(Problem::new("The bucket refused the picture.", ""))
    }

    #[test]
    fn a_scene_goes_from_waiting_to_drawing_to_live() {
        let bench = Bench::new();
        let mut story = story("Pip", 1);
        story.scenes[0].image_url = None;
        let (id, scene) = (story.story_id.clone(), story.scenes[0].scene_id.clone());
        let mut work = Work::default();
        assert_eq!(work.picture(&story, &story.scenes[0]), ScenePicture::Missing);

        let job = bench.job(Subject::Story(id.clone()), JobState::Running);
        work.take(&Event::Job(job.clone()));
        assert_eq!(work.picture(&story, &story.scenes[0]), ScenePicture::Waiting);
        work.take(&Event::Scene(id.clone(), scene.clone(), SceneWork::Drawing));
        assert!(matches!(
            work.picture(&story, &story.scenes[0]),
            ScenePicture::Drawing { job: None, .. }
        ));
        work.take(&Event::Scene(id, scene, SceneWork::Ended));
        story.scenes[0].image_url = Some("https://x/y.png".to_owned());
        assert_eq!(work.picture(&story, &story.scenes[0]), ScenePicture::Live);
    }

    #[test]
    fn a_cancelled_job_leaves_nothing_drawing() {
        let bench = Bench::new();
        let mut story = story("Pip", 1);
        story.scenes[0].image_url = None;
        let mut work = Work::default();
        let mut job = bench.job(Subject::Story(story.story_id.clone()), JobState::Running);
        work.take(&Event::Job(job.clone()));
        work.take(&Event::Scene(
            story.story_id.clone(),
            story.scenes[0].scene_id.clone(),
            SceneWork::Drawing,
        ));
        job.state = JobState::Cancelled;
        work.take(&Event::Job(job));
        assert_eq!(work.picture(&story, &story.scenes[0]), ScenePicture::Missing);
    }

    #[test]
    fn a_failure_is_shown_until_it_is_put_away_or_tried_again() {
        let bench = Bench::new();
        let story = story("Pip", 1);
        let scene = &story.scenes[0];
        let subject = Subject::Scene(story.story_id.clone(), scene.scene_id.clone());
        let mut job = bench.job(subject.clone(), failed());
        let mut work = Work::default();
        work.take(&Event::Job(job.clone()));
        assert!(matches!(work.picture(&story, scene), ScenePicture::Failed(Failure::Job(id, _)) if id == job.id));
        work.dismiss(job.id);
        assert_eq!(work.picture(&story, scene), ScenePicture::Live);

        job.state = JobState::Running;
        work.take(&Event::Job(job.clone()));
        job.state = failed();
        work.take(&Event::Job(job.clone()));
        assert!(
            matches!(work.picture(&story, scene), ScenePicture::Failed(_)),
            "a new failure is not put away"
        );

        let newer = bench.job(subject, JobState::Done("Scene 1 shows its new picture".to_owned()));
        work.take(&Event::Job(newer));
        work.take(&Event::Job(job));
        assert_eq!(work.picture(&story, scene), ScenePicture::Live, "old news do not count");
    }

    #[test]
    fn the_rows_own_reason_is_shown_for_a_picture_that_was_never_made() {
        let mut story = story("Pip", 1);
        story.scenes[0].image_url = None;
        story.scenes[0].image_error = Some("the model refused".to_owned());
        let work = Work::default();
        let shown = work.picture(&story, &story.scenes[0]);
        assert_eq!(shown, ScenePicture::Failed(Failure::Row("the model refused")));
    }

    #[test]
    fn an_undo_is_offered_only_for_the_picture_that_is_there() {
        let mut story = story("Pip", 2);
        let mut work = Work::default();
        let replaced = |scene: &Scene| Replaced {
            story: story.story_id.clone(),
            scene: scene.scene_id.clone(),
            before: Some("https://x/old.png".to_owned()),
            now: Some("https://x/new.png".to_owned()),
            left_behind: None,
        };
        let (first, second) = (replaced(&story.scenes[0]), replaced(&story.scenes[1]));
        work.take(&Event::Replaced(first.clone()));
        work.take(&Event::Replaced(second.clone()));
        assert_eq!(work.replaced(&story.scenes[0]), None, "the row does not show it yet");
        story.scenes[0].image_url = Some("https://x/new.png".to_owned());
        assert_eq!(work.replaced(&story.scenes[0]), Some(&first));
        assert_eq!(work.take_replaced(None), Some(second));
        assert_eq!(work.take_replaced(None), None);
        assert_eq!(work.take_replaced(Some(&story.scenes[0].scene_id)), Some(first));
        assert_eq!(work.replaced(&story.scenes[0]), None);
    }
}
