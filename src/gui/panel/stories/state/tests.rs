//! What the stories' place knows, event by event.

use super::samples::{manuscript, story};
use super::testing::Bench;
use super::*;
use crate::service::{Job, SceneWork};
use crate::story::Replaced;

fn with(stories: Vec<Story>) -> State {
    let mut state = State::default();
    state.take_pages(Ok(Pages { stories, more: false }));
    state
}

fn selected(state: &State) -> &str {
    state.story().map_or("", |story| &story.title)
}

fn brief() -> Brief {
    Brief::new("Pip and the Lost Star", "A fox finds a star.", 6, 4127).unwrap()
}

/// A job that makes `brief()`, as it is told when it stands at `state`.
fn creating(bench: &Bench, subject: Subject, state: JobState) -> Job {
    bench.job(subject, state)
}

#[test]
fn the_first_story_and_its_first_scene_are_selected() {
    let state = with(vec![story("Newest", 3), story("Older", 2)]);
    assert_eq!(selected(&state), "Newest");
    assert_eq!(state.scene().unwrap().index, 0);
    assert!(with(Vec::new()).story().is_none());
}

#[test]
fn a_selection_is_kept_by_id_through_a_refresh() {
    let (first, second) = (story("A", 2), story("B", 3));
    let mut state = with(vec![first.clone(), second.clone()]);
    state.select(Selection::Story(second.story_id.clone()));
    state.step(1);
    let scene = state.scene().unwrap().scene_id.clone();
    state.take_pages(Ok(Pages {
        stories: vec![story("New", 1), first.clone(), second],
        more: false,
    }));
    assert_eq!((selected(&state), &state.scene().unwrap().scene_id), ("B", &scene));
    state.take_pages(Ok(Pages {
        stories: vec![first],
        more: false,
    }));
    assert_eq!(selected(&state), "A", "what is gone gives way to what is first");
}

#[test]
fn scenes_are_stepped_through_without_falling_off_an_end() {
    let mut state = with(vec![story("A", 3)]);
    state.step(-1);
    assert_eq!(state.scene().unwrap().index, 0);
    state.step(5);
    assert_eq!(state.scene().unwrap().index, 2);
    state.step(isize::MIN / 2);
    assert_eq!(state.scene().unwrap().index, 0);
}

#[test]
fn a_draft_is_selected_once_it_is_written() {
    let bench = Bench::new();
    let mut state = with(vec![story("Old", 1)]);
    let mut job = creating(&bench, Subject::None, JobState::Running);
    state.started(job.id, brief());
    assert_eq!(*state.selection(), Selection::Creation(job.id));
    state.take_event(&Event::Job(job.clone()));
    assert!(state.story().is_none());

    job.state = JobState::Done(String::new());
    state.take_event(&Event::Job(job.clone()));
    assert_eq!(*state.selection(), Selection::Creation(job.id), "it is not listed yet");
    let mut written = manuscript(6);
    written.brief = brief();
    let id = written.id.clone();
    state.manuscripts.take_list(vec![written]);
    state.settle();
    assert_eq!(*state.selection(), Selection::Manuscript(id));
    assert_eq!((state.work.creations().count(), state.rows_above()), (0, 1));
}

#[test]
fn somebody_who_went_elsewhere_meanwhile_stays_there() {
    let bench = Bench::new();
    let old = story("Old", 1);
    let mut state = with(vec![old.clone()]);
    let job = creating(&bench, Subject::None, JobState::Done(String::new()));
    state.started(job.id, brief());
    state.select(Selection::Story(old.story_id));
    let mut written = manuscript(6);
    written.brief = brief();
    state.manuscripts.take_list(vec![written]);
    state.take_event(&Event::Job(job));
    assert_eq!(selected(&state), "Old");
}

#[test]
fn how_a_publication_ended_is_shown_until_somebody_goes_elsewhere() {
    let bench = Bench::new();
    let mut state = with(vec![story("Old", 1)]);
    let written = manuscript(2);
    let id = written.id.clone();
    state.manuscripts.take_list(vec![written.clone()]);
    state.select(Selection::Manuscript(id.clone()));
    assert!(state.manuscripts.edit(&id).is_some());
    let mut job = creating(&bench, Subject::Story(id.clone()), JobState::Running);
    state.publishing(id.clone(), job.id);
    // The journal lists it no more before the job says that it is done.
    state.manuscripts.take_list(Vec::new());
    state.settle();
    assert_eq!(*state.selection(), Selection::Manuscript(id.clone()));
    job.state = JobState::Done("2 scenes are published".to_owned());
    state.take_event(&Event::Job(job));
    let edit = state.manuscripts.edit(&id).unwrap();
    assert_eq!(
        (edit.get().state, edit.step),
        (crate::story::ManuscriptState::Published, Step::Publish)
    );
    state.select(Selection::None);
    assert!(state.manuscripts.edit(&id).is_none());
}

#[test]
fn a_manuscript_that_was_published_elsewhere_gives_way_to_its_story() {
    let written = manuscript(2);
    let mut row = story("Pip and the Lost Star", 2);
    row.story_id = written.id.clone();
    let mut state = with(vec![story("Old", 1), row]);
    state.manuscripts.take_list(vec![written.clone()]);
    state.select(Selection::Manuscript(written.id.clone()));
    state.manuscripts.take_list(Vec::new());
    state.settle();
    assert_eq!(*state.selection(), Selection::Story(written.id));
}

#[test]
fn a_story_that_could_not_be_begun_comes_back_into_the_form() {
    let bench = Bench::new();
    let mut state = with(Vec::new());
    let problem = Problem::new("The project cannot be reached.", "Check the network.");
    let job = creating(&bench, Subject::None, JobState::Failed(problem.clone()));
    state.started(job.id, brief());
    state.take_event(&Event::Job(job));
    assert!(state.form.open);
    assert_eq!(state.form.problem.as_ref(), Some(&problem));
    assert_eq!(state.form.create().unwrap(), brief());
    assert_eq!(state.work.creations().count(), 0);
}

#[test]
fn words_being_typed_are_not_overwritten_by_a_story_that_failed() {
    let bench = Bench::new();
    let mut state = with(Vec::new());
    let job = creating(&bench, Subject::None, JobState::Failed(Problem::new("No.", "")));
    state.started(job.id, brief());
    state.form.typed.title = "Another one".to_owned();
    state.take_event(&Event::Job(job.clone()));
    assert_eq!(state.form.typed.title, "Another one");
    assert_eq!(
        *state.selection(),
        Selection::Creation(job.id),
        "the failed one is still shown"
    );
}

#[test]
fn what_changed_is_read_again_and_nothing_else() {
    let (first, second) = (story("A", 1), story("B", 1));
    let mut state = with(vec![first.clone(), second.clone()]);
    state.take_event(&Event::Changed(Subject::Scene(
        first.story_id.clone(),
        first.scenes[0].scene_id.clone(),
    )));
    assert!(state.list.expects(&first.story_id) && !state.list.expects(&second.story_id));
    assert!(!state.list.is_reading());
}

#[test]
fn regenerating_uses_what_is_typed_and_not_while_a_picture_is_made() {
    let mut state = with(vec![story("A", 1)]);
    let scene = state.scene().unwrap().scene_id.clone();
    let id = state.story().unwrap().story_id.clone();
    let draft = state.drafts.get_mut(&scene).unwrap();
    (draft.prompt, draft.seed) = ("A fox at night".to_owned(), "7".to_owned());
    let expected = Action::Regenerate {
        story: id.clone(),
        scene: scene.clone(),
        prompt: "A fox at night".to_owned(),
        seed: 7,
    };
    assert_eq!(state.regenerate(&scene), Some(expected));
    assert_ne!(state.drafts[&scene].seed, "7", "the next one gets another seed");

    state.take_event(&Event::Scene(id, scene.clone(), SceneWork::Drawing));
    assert_eq!(state.regenerate(&scene), None);
}

#[test]
fn a_missing_picture_is_made_with_the_seed_of_its_story() {
    let mut row = story("A", 1);
    row.scenes[0].image_url = None;
    let scene = row.scenes[0].scene_id.clone();
    let mut state = with(vec![row]);
    assert!(matches!(
        state.generate(&scene),
        Some(Action::Regenerate { seed: 4127, .. })
    ));
}

#[test]
fn without_words_the_prompt_is_asked_for() {
    let mut row = story("A", 2);
    row.scenes[1].image_prompt = " ".to_owned();
    let scene = row.scenes[1].scene_id.clone();
    let mut state = with(vec![row]);
    state.inspector_open = false;
    assert_eq!(state.generate(&scene), None);
    assert_eq!(state.focus, Some(Focus::Prompt));
    assert!(state.inspector_open && state.scene().unwrap().scene_id == scene);
}

#[test]
fn undo_puts_back_the_picture_of_the_selected_scene_first() {
    let mut row = story("A", 2);
    row.scenes[0].image_url = Some("https://x/new.png".to_owned());
    let (here, there) = (row.scenes[0].scene_id.clone(), row.scenes[1].scene_id.clone());
    let story = row.story_id.clone();
    let mut state = with(vec![row]);
    let replaced = |scene: &SceneId| Replaced {
        story: story.clone(),
        scene: scene.clone(),
        before: Some("https://x/old.png".to_owned()),
        now: Some("https://x/new.png".to_owned()),
        left_behind: None,
    };
    state.take_event(&Event::Replaced(replaced(&here)));
    state.take_event(&Event::Replaced(replaced(&there)));
    assert_eq!(state.command(Command::Undo), Some(Action::PutBack(replaced(&here))));
    assert_eq!(state.command(Command::Undo), Some(Action::PutBack(replaced(&there))));
    assert_eq!(state.command(Command::Undo), None);
}

#[test]
fn what_is_missing_is_planned_for_the_selected_story() {
    let mut row = story("A", 2);
    let mut state = with(vec![row.clone()]);
    assert_eq!(state.command(Command::GenerateMissing), None);
    assert!(state.batches.planning.is_none(), "nothing is missing");
    row.scenes[1].image_url = None;
    let id = row.story_id.clone();
    state.list.take_story(row);
    state.command(Command::GenerateMissing);
    let planning = state.batches.planning.as_ref().unwrap();
    assert_eq!(planning.scope, crate::service::BatchScope::Stories(vec![id]));
}

#[test]
fn opening_a_story_that_is_not_listed_reads_it() {
    let mut state = with(vec![story("A", 1)]);
    let other = story("B", 2);
    let scene = other.scenes[1].scene_id.clone();
    state.open(other.story_id.clone(), Some(scene.clone()));
    assert!(state.list.expects(&other.story_id));
    state.list.take_story(other);
    state.settle();
    assert_eq!((selected(&state), &state.scene().unwrap().scene_id), ("B", &scene));
}

#[test]
fn the_candidate_that_was_placed_stands_for_the_new_picture_and_for_no_other() {
    let mut state = State::default();
    let row = story("Pip", 1);
    state.take_pages(Ok(Pages {
        stories: vec![row.clone()],
        more: false,
    }));
    let variant = crate::story::VariantId::fresh();
    let mut scene = row.scenes[0].clone();
    let before = scene.image_url.clone();
    let stands = |state: &State, scene: &Scene| state.stored_as(&row, scene, None);
    assert_eq!(stands(&state, &scene), None);
    state.place(&scene, variant);
    assert_eq!(stands(&state, &scene), None, "not before it is there");
    scene.image_url = Some("https://x/new.png".to_owned());
    assert_eq!(stands(&state, &scene), Some(variant));
    state.take_event(&Event::Replaced(Replaced {
        story: row.story_id.clone(),
        scene: scene.scene_id.clone(),
        before: before.clone(),
        now: scene.image_url.clone(),
        left_behind: None,
    }));
    assert_eq!(stands(&state, &scene), Some(variant));
    for other in [before, Some("https://x/of-somebody-else.png".to_owned())] {
        scene.image_url = other;
        assert_eq!(stands(&state, &scene), None);
    }
}
