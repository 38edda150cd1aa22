//! Carries out what is asked for of stories, manuscripts and batches.

use super::App;
use super::execute::Asked;
use crate::gui::panel::stories::Deed;
use crate::gui::picker::Purpose;
use crate::service::{LocalFile, Pending, Problem};
use crate::story::{Manuscript, ManuscriptScene, SceneEdit, SceneId, StoryId};

/// A deed whose end is awaited.
pub(super) struct Doing {
    /// What is said if it fails.
    failed: &'static str,
    done: Pending<Done>,
}

/// What is shown once a deed is done.
pub(super) enum Done {
    /// What changed shows by itself.
    Nothing,
    /// A manuscript was begun.
    Begun(StoryId),
}

impl App {
    /// Carries out one deed. What fails is said in a toast and in the log.
    pub(super) fn carry_out(&mut self, deed: Deed) {
        let failed = deed.failed_words();
        let service = &self.service;
        let done =
            match deed {
                Deed::Draft { brief, engine } => {
                    let job = service.start_draft(brief.clone(), engine);
                    self.stories.started(job, brief);
                    return;
                }
                Deed::Publish(manuscript) => {
                    let job = service.start_publish(&manuscript);
                    self.stories.publishing(manuscript.id, job);
                    return;
                }
                Deed::Delete(deletion) => {
                    service.start_delete_story(*deletion);
                    return;
                }
                Deed::PointAt {
                    story,
                    scene,
                    seen,
                    key,
                } => {
                    service.start_point_at(story, scene, seen, key);
                    return;
                }
                Deed::RepairLinks { story, repairs } => {
                    service.start_repair_links(story, repairs);
                    return;
                }
                Deed::Rename { story, title } => {
                    service.load(move |service| async move { nothing(service.rename_story(&story, &title).await) })
                }
                Deed::AddScene(story) => service.load(move |service| async move {
                    let at = story.scenes.len();
                    nothing(service.add_scene(&story, at, SceneEdit::default()).await.map(drop))
                }),
                Deed::MoveScene { story, scene, to } => {
                    service.load(move |service| async move { nothing(service.move_scene(&story, &scene, to).await) })
                }
                Deed::Begin(brief) => service.load(move |service| async move {
                    let mut manuscript = Manuscript::new(brief);
                    let scenes = manuscript.brief.scenes();
                    manuscript.scenes = (0..scenes).map(|_| empty_scene()).collect();
                    let saved = service.save_manuscript(&manuscript).await?;
                    Ok(Done::Begun(saved.id))
                }),
                Deed::Discard(manuscript) => {
                    service.load(move |service| async move { nothing(service.discard_manuscript(&manuscript).await) })
                }
                Deed::TakeBack(id) => service
                    .load(move |service| async move { nothing(service.take_back_publication(&id).await.map(drop)) }),
                Deed::Generate {
                    story,
                    scene,
                    wanted,
                    count,
                } => {
                    self.stories.await_picture(&story, &scene);
                    service.load(move |service| async move {
                        nothing(service.start_variants(&story, &scene, *wanted, count).await.map(drop))
                    })
                }
                Deed::Bring { story, scene } => {
                    self.stories.await_picture(&story, &scene);
                    self.bring(story, scene)
                }
                Deed::BringFiles { story, files, replace } => service
                    .load(move |service| async move { nothing(service.bring_files(&story, files, replace).await) }),
                Deed::StartBatch(plan) => {
                    service.load(move |service| async move { nothing(service.start_batch(*plan).await.map(drop)) })
                }
                Deed::Wish(batch, wish) => {
                    service.load(move |service| async move { nothing(service.wish_batch(&batch, wish).await) })
                }
            };
        self.waiting.ask(Asked::Deed(Doing { failed, done }));
    }

    /// Lets the user choose a file, and takes it as a candidate.
    fn bring(&self, story: StoryId, scene: SceneId) -> Pending<Done> {
        let picker = self.picker.clone();
        self.service.load(move |service| async move {
            let Some(path) = picker.pick_files(&Purpose::Picture).await?.into_iter().next() else {
                return Ok(Done::Nothing);
            };
            let file = LocalFile::read(&path).await?;
            let name = file.name();
            nothing(
                service
                    .bring_candidate(&story, &scene, file.bytes, &name)
                    .await
                    .map(drop),
            )
        })
    }

    /// Takes in how a deed ended, or keeps waiting.
    pub(super) fn poll_deed(&mut self, doing: Doing) {
        let Doing { failed, done } = doing;
        match done.take() {
            Err(done) => self.waiting.ask(Asked::Deed(Doing { failed, done })),
            Ok(Ok(Done::Nothing)) => {}
            Ok(Ok(Done::Begun(id))) => self.stories.show_manuscript(id),
            Ok(Err(problem)) => self.failed(&problem, failed),
        }
    }
}

fn nothing(result: Result<(), Problem>) -> Result<Done, Problem> {
    result.map(|()| Done::Nothing)
}

fn empty_scene() -> ManuscriptScene {
    ManuscriptScene {
        scene_id: SceneId::fresh(),
        title: String::new(),
        text: String::new(),
        image_prompt: String::new(),
        alt_text: String::new(),
        chosen: None,
    }
}
