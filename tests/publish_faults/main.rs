//! Every request of publishing, replacing, taking back, deleting and having back goes wrong once, in each way that it can: the
//! program dies before or after it, the answer is lost, or the project refuses. Afterwards story, rows and bucket agree.

#![allow(clippy::large_futures, reason = "each of these futures is made once")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/counting.rs"]
mod counting;
mod stage;

use std::collections::BTreeSet;

use stage::{BLOWS, Blow, Stage, key_of, picture, settle};
use storymimi_studio::story::{
    Manuscript, ManuscriptState, Replaced, Replacement, ReplacementState, Source, Status, Stories, Story, StoryError,
    StoryId,
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// More requests than any of these takes.
const MOST: usize = 80;

/// The objects of the project are those that the story and its copy show, and nothing else.
async fn check_objects(stage: &Stage, story: &Story, copied: &[String], play: &str) {
    let shown = story.scenes.iter().filter_map(|scene| scene.image_url.as_deref());
    let shown = shown.chain(story.cover_image_url.as_deref());
    let shown: BTreeSet<String> = shown.chain(copied.iter().map(String::as_str)).map(key_of).collect();
    assert_eq!(stage.keys().await, shown, "{play}: the bucket holds what is shown");
}

/// Whether the latest replacement says that the project refused to change a place.
fn is_behind(history: &[Replacement], blow: Blow) -> bool {
    let behind = history.first().is_some_and(|done| done.left_behind.is_some());
    assert!(!behind || blow == Blow::Refused, "{blow:?}: {history:?}");
    behind
}

async fn replace(stories: &Stories, story: &Story) -> Result<Replaced, StoryError> {
    let source = Source::File {
        bytes: picture(7),
        name: "x.png".to_owned(),
    };
    let scene = &story.scenes[0].scene_id;
    stories.replace(story, scene, source, &CancellationToken::new()).await
}

/// Scene, cover and public copy show the same, and nothing else is in the bucket.
async fn check_places(stage: &Stage, story: &Story, copy: &serde_json::Value, play: &str) {
    check_objects(stage, story, &stage.links_of_copy(copy).await, play).await;
    let live = key_of(story.scenes[0].image_url.as_deref().unwrap());
    let cover = key_of(story.cover_image_url.as_deref().unwrap());
    let links = stage.links_of_copy(copy).await;
    let copied: Vec<String> = links.iter().map(|link| key_of(link)).collect();
    let second = key_of(story.scenes[1].image_url.as_deref().unwrap());
    assert_eq!(cover, live, "{play}: the cover follows");
    assert_eq!(copied, [live.clone(), live, second], "{play}: the public copy follows");
}

#[tokio::test]
async fn a_replacement_that_is_struck_is_whole_or_not_at_all() {
    let stage = Stage::set().await;
    for blow in BLOWS {
        for at in 0..MOST {
            let play = format!("{blow:?} at {at}");
            let folder = tempfile::tempdir().unwrap();
            let id = stage.story().await;
            let before = stage.program(&folder).get(&id).await.unwrap();
            let copy = stage.copy(&before).await;
            let stories = stage.program(&folder);
            let (ended, fell) = stage.struck(at, blow, replace(&stories, &before)).await;
            drop(stories);

            let next = stage.program(&folder);
            settle(&next).await;
            let now = next.get(&id).await.unwrap();
            let is_new = now.scenes[0].image_url != before.scenes[0].image_url;
            let history = next.history(&now.scenes[0].scene_id).await.unwrap();
            if is_behind(&history, blow) {
                // It is told, and what the place shows is there.
                check_objects(&stage, &now, &stage.links_of_copy(&copy).await, &play).await;
                stage.clear().await;
                continue;
            }
            check_places(&stage, &now, &copy, &play).await;
            assert_eq!(
                history
                    .iter()
                    .filter(|done| done.state == ReplacementState::Done)
                    .count(),
                usize::from(is_new),
                "{play}: the history tells it"
            );
            if let Some(Ok(replaced)) = &ended {
                assert_eq!(replaced.now, now.scenes[0].image_url, "{play}: what was told is so");
            }
            if !fell {
                assert!(is_new && matches!(ended, Some(Ok(_))), "{play}: nothing happened to it");
                stage.clear().await;
                break;
            }
            // One undo takes every place back, also at the next start.
            if is_new {
                let done = history.iter().find(|done| done.state == ReplacementState::Done);
                next.put_back(&done.unwrap().replaced()).await.unwrap();
                let back = next.get(&id).await.unwrap();
                assert_eq!(back.cover_image_url, before.cover_image_url, "{play}");
                let links = stage.links_of_copy(&copy).await;
                let had = format!("{}?", before.cover_image_url.as_deref().unwrap());
                assert_eq!(links[0], had, "{play}: the very link is back");
                settle(&next).await;
                check_places(&stage, &back, &copy, &play).await;
            }
            stage.clear().await;
            assert!(
                at + 1 < MOST,
                "{blow:?}: a replacement takes more requests than this looks at"
            );
        }
    }
}

#[tokio::test]
async fn taking_back_that_is_struck_is_whole_or_not_at_all() {
    let stage = Stage::set().await;
    for blow in BLOWS {
        for at in 0..MOST {
            let play = format!("{blow:?} at {at}");
            let folder = tempfile::tempdir().unwrap();
            let id = stage.story().await;
            let stories = stage.program(&folder);
            let before = stories.get(&id).await.unwrap();
            let copy = stage.copy(&before).await;
            let replaced = replace(&stories, &before).await.unwrap();
            let (ended, fell) = stage.struck(at, blow, stories.put_back(&replaced)).await;
            drop(stories);

            let next = stage.program(&folder);
            settle(&next).await;
            let now = next.get(&id).await.unwrap();
            let history = next.history(&now.scenes[0].scene_id).await.unwrap();
            if is_behind(&history, blow) {
                check_objects(&stage, &now, &stage.links_of_copy(&copy).await, &play).await;
            } else {
                check_places(&stage, &now, &copy, &play).await;
            }
            let live = &now.scenes[0].image_url;
            assert!([&replaced.before, &replaced.now].contains(&live), "{play}");
            if matches!(ended, Some(Ok(_))) {
                assert_eq!(*live, replaced.before, "{play}: what was told is so");
            }
            if !fell {
                assert!(matches!(ended, Some(Ok(_))), "{play}");
                stage.clear().await;
                break;
            }
            stage.clear().await;
        }
    }
}

/// What is in the project after the next start, whatever became of a publication.
async fn check_publication(stage: &Stage, folder: &TempDir, manuscript: &Manuscript, play: &str) {
    let next = stage.program(folder);
    settle(&next).await;
    let kept = next.manuscript(&manuscript.id).await.unwrap();
    match kept.state {
        ManuscriptState::Draft => {
            let gone = next.get(&manuscript.id).await;
            assert!(
                matches!(gone, Err(StoryError::NoSuchStory(_))),
                "{play}: no row is left"
            );
            assert!(stage.keys().await.is_empty(), "{play}: no picture is left");
            assert!(kept.is_approved(), "{play}: it is approved still");
        }
        ManuscriptState::Publishing => {}
        ManuscriptState::TakingBack => panic!("{play}: the next start goes on with it"),
        ManuscriptState::Published => {}
    }
    let story = next
        .publish(&manuscript.id, &|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    check_rows(manuscript, &story, play);
    settle(&next).await;
    check_objects(stage, &next.get(&manuscript.id).await.unwrap(), &[], play).await;
    let kept = next.manuscript(&manuscript.id).await.unwrap();
    assert_eq!(kept.state, ManuscriptState::Published, "{play}");
}

fn check_rows(manuscript: &Manuscript, story: &Story, play: &str) {
    assert_eq!(story.status, Status::Completed, "{play}");
    assert_eq!(story.title, manuscript.title, "{play}");
    assert_eq!(story.cover_image_url, story.scenes[0].image_url, "{play}");
    assert_eq!(
        story.made_with.approved_by.as_deref(),
        Some("ada@example.org"),
        "{play}"
    );
    let rows: Vec<_> = story
        .scenes
        .iter()
        .map(|scene| (&scene.scene_id, &scene.text, &scene.title, scene.alt_text.as_deref()))
        .collect();
    let written: Vec<_> = manuscript
        .scenes
        .iter()
        .map(|scene| {
            (
                &scene.scene_id,
                &scene.text,
                &scene.title,
                Some(scene.alt_text.as_str()),
            )
        })
        .collect();
    assert_eq!(rows, written, "{play}: the rows are the manuscript");
}

#[tokio::test]
async fn a_publication_that_is_struck_is_gone_on_with_or_leaves_nothing() {
    let stage = Stage::set().await;
    for blow in BLOWS {
        for at in 0..MOST {
            let play = format!("{blow:?} at {at}");
            let folder = tempfile::tempdir().unwrap();
            let stories = stage.program(&folder);
            let manuscript = stage.manuscript(&stories).await;
            let cancel = CancellationToken::new();
            let publishing = stories.publish(&manuscript.id, &|_| {}, &cancel);
            let (ended, fell) = stage.struck(at, blow, publishing).await;
            drop(stories);
            if blow == Blow::Refused && matches!(ended, Some(Err(_))) {
                let kept = stage.program(&folder).manuscript(&manuscript.id).await.unwrap();
                assert_eq!(kept.state, ManuscriptState::Draft, "{play}: it is taken back at once");
            }
            check_publication(&stage, &folder, &manuscript, &play).await;
            stage.clear().await;
            if !fell {
                assert!(matches!(ended, Some(Ok(_))), "{play}: nothing happened to it");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_deletion_that_is_struck_is_whole_or_not_at_all_and_comes_back() {
    let stage = Stage::set().await;
    for blow in BLOWS {
        for at in 0..MOST {
            let play = format!("{blow:?} at {at}");
            let folder = tempfile::tempdir().unwrap();
            let id = published(&stage, &folder).await;
            let stories = stage.program(&folder);
            let before = stories.get(&id).await.unwrap();
            let deletion = stories.plan_deletion(&id).await.unwrap();
            let (ended, fell) = stage.struck(at, blow, stories.delete_story(&deletion)).await;
            drop(stories);

            let next = stage.program(&folder);
            settle(&next).await;
            match next.get(&id).await {
                Ok(story) => {
                    assert_eq!(story, before, "{play}: it is as it was");
                    check_objects(&stage, &story, &[], &play).await;
                    assert_eq!(next.deleted_stories().await.unwrap(), [], "{play}");
                }
                Err(StoryError::NoSuchStory(_)) => {
                    assert!(stage.keys().await.is_empty(), "{play}: its pictures are in the trash");
                    let deleted = next.deleted_stories().await.unwrap();
                    assert!(deleted[0].whole && deleted[0].objects == 2, "{play}: {deleted:?}");
                    have_back(&stage, &next, &before, &play).await;
                }
                Err(error) => panic!("{play}: {error}"),
            }
            stage.clear().await;
            if !fell {
                assert!(matches!(ended, Some(Ok(_))), "{play}: nothing happened to it");
                break;
            }
        }
    }
}

async fn have_back(stage: &Stage, stories: &Stories, before: &Story, play: &str) {
    let back = stories.undelete_story(&before.story_id).await.unwrap();
    assert_eq!(back.missing, Vec::<String>::new(), "{play}");
    assert_eq!(back.story, *before, "{play}: it is as it was");
    check_objects(stage, before, &[], play).await;
    assert_eq!(stories.deleted_stories().await.unwrap(), [], "{play}");
}

#[tokio::test]
async fn having_back_that_is_struck_is_gone_on_with() {
    let stage = Stage::set().await;
    for blow in BLOWS {
        for at in 0..MOST {
            let play = format!("{blow:?} at {at}");
            let folder = tempfile::tempdir().unwrap();
            let id = published(&stage, &folder).await;
            let stories = stage.program(&folder);
            let before = stories.get(&id).await.unwrap();
            let deletion = stories.plan_deletion(&id).await.unwrap();
            stories.delete_story(&deletion).await.unwrap();
            let (ended, fell) = stage.struck(at, blow, stories.undelete_story(&id)).await;
            drop(stories);

            let next = stage.program(&folder);
            settle(&next).await;
            if next.deleted_stories().await.unwrap().is_empty() {
                assert_eq!(next.get(&id).await.unwrap(), before, "{play}: it is as it was");
                check_objects(&stage, &before, &[], &play).await;
            } else {
                assert!(ended.is_none_or(|ended| ended.is_err()), "{play}");
                have_back(&stage, &next, &before, &play).await;
            }
            stage.clear().await;
            if !fell {
                break;
            }
        }
    }
}

/// The blows that leave something half-done of which the next program knows by its journal only.
const HALF_WAY: [Blow; 2] = [Blow::KilledAfter, Blow::LostAnswer];

/// A story with its public copy and their pictures, as they are in the project.
#[derive(Debug, PartialEq)]
struct Whole {
    story: Story,
    copy: serde_json::Value,
    keys: BTreeSet<String>,
}

async fn whole(stage: &Stage, stories: &Stories, id: &StoryId, copy: &serde_json::Value) -> Whole {
    Whole {
        story: stories.get(id).await.unwrap(),
        copy: stage.row_of_copy(copy).await.unwrap(),
        keys: stage.keys().await,
    }
}

/// Deletes a story as a person does who finds it there after the program died.
async fn delete_again(stories: &Stories, id: &StoryId, play: &str) {
    match stories.plan_deletion(id).await {
        Ok(deletion) => {
            let deleted = stories.delete_story(&deletion).await;
            let deleted = deleted.unwrap_or_else(|error| panic!("{play}: {error}"));
            assert!(deleted.whole, "{play}");
        }
        Err(StoryError::NoSuchStory(_)) => {}
        Err(error) => panic!("{play}: {error}"),
    }
    settle(stories).await;
}

#[tokio::test]
async fn a_deletion_that_is_struck_and_asked_for_again_loses_neither_copies_nor_pictures() {
    let stage = Stage::set().await;
    for blow in HALF_WAY {
        for at in 0..MOST {
            let play = format!("{blow:?} at {at}");
            let folder = tempfile::tempdir().unwrap();
            let stories = stage.program(&folder);
            let id = stage.story().await;
            let copy = stage.copy(&stories.get(&id).await.unwrap()).await;
            let before = whole(&stage, &stories, &id, &copy).await;
            let deletion = stories.plan_deletion(&id).await.unwrap();
            let (_, fell) = stage.struck(at, blow, stories.delete_story(&deletion)).await;
            drop(stories);

            // Nothing was settled between the two.
            let next = stage.program(&folder);
            delete_again(&next, &id, &play).await;
            assert!(stage.row_of_copy(&copy).await.is_none(), "{play}: the copy went too");
            assert!(stage.keys().await.is_empty(), "{play}: the pictures are in the trash");
            let deleted = next.deleted_stories().await.unwrap();
            assert_eq!((deleted[0].objects, deleted[0].copies), (2, 1), "{play}");
            let back = next.undelete_story(&id).await.unwrap();
            assert_eq!(back.missing, Vec::<String>::new(), "{play}");
            assert_eq!(
                whole(&stage, &next, &id, &copy).await,
                before,
                "{play}: all is as it was"
            );
            stage.clear().await;
            if !fell {
                break;
            }
        }
    }
}

#[tokio::test]
async fn what_is_deleted_again_while_it_comes_back_loses_neither_copies_nor_pictures() {
    let stage = Stage::set().await;
    for blow in HALF_WAY {
        for at in 0..MOST {
            let play = format!("{blow:?} at {at}");
            let folder = tempfile::tempdir().unwrap();
            let stories = stage.program(&folder);
            let id = stage.story().await;
            let copy = stage.copy(&stories.get(&id).await.unwrap()).await;
            let before = whole(&stage, &stories, &id, &copy).await;
            let deletion = stories.plan_deletion(&id).await.unwrap();
            stories.delete_story(&deletion).await.unwrap();
            let (_, fell) = stage.struck(at, blow, stories.undelete_story(&id)).await;
            drop(stories);

            let next = stage.program(&folder);
            delete_again(&next, &id, &play).await;
            // A return that was gone on with at once is whole; nobody asked for its end again.
            if next.deleted_stories().await.unwrap().is_empty() {
                assert_eq!(
                    whole(&stage, &next, &id, &copy).await,
                    before,
                    "{play}: all is as it was"
                );
            } else {
                next.undelete_story(&id).await.unwrap();
                assert_eq!(
                    whole(&stage, &next, &id, &copy).await,
                    before,
                    "{play}: all is as it was"
                );
            }
            stage.clear().await;
            if !fell {
                break;
            }
        }
    }
}

/// A story that was published here.
async fn published(stage: &Stage, folder: &TempDir) -> storymimi_studio::story::StoryId {
    let stories = stage.program(folder);
    let manuscript = stage.manuscript(&stories).await;
    let cancel = CancellationToken::new();
    let published = stories.publish(&manuscript.id, &|_| {}, &cancel).await;
    published.unwrap().story_id
}
