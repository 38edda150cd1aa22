//! What hangs on a story: its public copies go with it or stay, and come back with it; its cover follows a picture that is taken back;
//! a link that leads nowhere is led to the object that it meant.

use serde_json::{Value, json};
use storymimi_studio::local::TableLayout;
use storymimi_studio::story::{Fate, Likeness, Replaced, Source, Status, Story};
use tokio_util::sync::CancellationToken;

use crate::fixtures::{LaidOut, told};
use crate::support::project::png;

/// A name that tells a picture of a scene from somebody's own file.
fn key(index: usize) -> String {
    format!("scene_{index}_{}.png", uuid::Uuid::new_v4())
}

async fn only(project: &LaidOut, title: &str) -> Story {
    let stories = project.service.all_stories().await.unwrap();
    stories.into_iter().find(|story| story.title == title).unwrap()
}

async fn copies(project: &LaidOut) -> Vec<Value> {
    let query = project.supabase.rest().from("public_stories").select("*");
    let mut rows: Vec<Value> = query.fetch().await.unwrap();
    rows.sort_by_key(|row| row["title"].to_string());
    rows
}

/// A story of two scenes with two copies, one of them under another title, and a story of somebody else with one of the pictures.
async fn copied(layout: TableLayout) -> (LaidOut, Story) {
    let project = LaidOut::start(layout).await;
    let first = project.picture("story-images", &key(0)).await;
    let second = project.picture("story-images", &key(1)).await;
    let foreign = project.picture("story-images", &key(2)).await;
    project
        .tell(
            layout,
            "Pip",
            "completed",
            &[told("a", Some(&first)), told("b", Some(&second))],
        )
        .await;
    let scenes = |urls: &[&str]| -> Vec<Value> {
        let items = urls.iter().enumerate();
        items
            .map(|(at, url)| json!({ "sequence": at, "text": "t", "image_url": url }))
            .collect()
    };
    for row in [
        json!({ "title": "Pip", "scenes": scenes(&[&first, "https://elsewhere.example/x.png"]), "cover_image_url": first }),
        json!({ "title": "Pip for all", "scenes": scenes(&[&first]), "cover_image_url": format!("{first}?") }),
        json!({ "title": "Zoe", "scenes": scenes(&[&second, &foreign]) }),
    ] {
        project.insert("public_stories", row).await;
    }
    let story = only(&project, "Pip").await;
    (project, story)
}

#[tokio::test]
async fn public_copies_are_named_and_go_with_a_story_and_come_back_as_they_were() {
    for layout in [TableLayout::Usual, TableLayout::Backend, TableLayout::Numbered] {
        let (project, story) = copied(layout).await;
        let before = copies(&project).await;
        let plan = project.service.plan_story_deletion(&story.story_id).await.unwrap();
        let mut named: Vec<&str> = plan.copies.iter().map(|copy| copy.title.as_str()).collect();
        named.sort_unstable();
        assert_eq!(
            named,
            ["Pip", "Pip for all"],
            "{layout:?}: what only shares a picture is no copy"
        );
        assert!(plan.with_copies, "they go unless it is said otherwise");
        let fates: Vec<(Fate, bool)> = plan
            .objects
            .iter()
            .map(|object| (object.fate, object.in_copies))
            .collect();
        // The second picture is shown by somebody else's story.
        assert_eq!(fates, [(Fate::Trash, true), (Fate::UsedElsewhere, false)], "{layout:?}");

        let gone = project.service.delete_story(&plan).await.unwrap();
        assert_eq!((gone.copies, gone.objects), (2, 1), "{layout:?}");
        let left: Vec<String> = copies(&project)
            .await
            .iter()
            .map(|row| row["title"].to_string())
            .collect();
        assert_eq!(left, ["\"Zoe\""], "{layout:?}");

        project.service.undelete_story(&story.story_id).await.unwrap();
        assert_eq!(copies(&project).await, before, "{layout:?}: every column is as it was");
        assert_eq!(only(&project, "Pip").await.scenes.len(), 2);
    }
}

#[tokio::test]
async fn public_copies_stay_with_what_they_show_when_that_is_wanted() {
    let (project, story) = copied(TableLayout::Usual).await;
    let before = copies(&project).await;
    let plan = project.service.plan_story_deletion(&story.story_id).await.unwrap();
    let plan = plan.with_copies(false);
    let fates: Vec<Fate> = plan.objects.iter().map(|object| object.fate).collect();
    assert_eq!(fates, [Fate::UsedElsewhere, Fate::UsedElsewhere]);
    assert_eq!(plan.clone().with_copies(true).objects[0].fate, Fate::Trash, "and back");
    let gone = project.service.delete_story(&plan).await.unwrap();
    assert_eq!((gone.copies, gone.objects), (0, 0));
    assert_eq!(copies(&project).await, before);
    assert!(project.service.story(&story.story_id).await.is_err());
}

/// Gives the first scene a picture of the editor's own.
async fn replace_first(project: &LaidOut, story: &Story) -> Replaced {
    let source = Source::File {
        bytes: png(64, 48).into(),
        name: "own.png".to_owned(),
    };
    let never = CancellationToken::new();
    let scene = &story.scenes[0].scene_id;
    let replaced = project.service.replace_picture(story, scene, source, &never).await;
    replaced.unwrap()
}

#[tokio::test]
async fn a_first_picture_that_is_taken_back_leaves_no_cover_behind() {
    for layout in [TableLayout::Usual, TableLayout::Backend] {
        let project = LaidOut::start(layout).await;
        let other = project.picture("story-images", &key(1)).await;
        project
            .tell(layout, "Pip", "processing", &[told("a", None), told("b", Some(&other))])
            .await;
        let before = only(&project, "Pip").await;
        assert_eq!((before.status, &before.cover_image_url), (Status::Processing, &None));
        let replaced = replace_first(&project, &before).await;
        let whole = only(&project, "Pip").await;
        assert_eq!(whole.status, Status::Completed);
        assert_eq!(whole.cover_image_url, replaced.now, "the first picture is the cover");

        project.service.put_back(&replaced).await.unwrap();
        let back = only(&project, "Pip").await;
        assert_eq!(
            (&back.scenes[0].image_url, &back.cover_image_url),
            (&None, &None),
            "{layout:?}"
        );
        assert_eq!(back.status, Status::Processing, "{layout:?}: it lacks a picture again");
        assert_eq!(back.scenes[1].image_url.as_deref(), Some(other.as_str()));
    }
}

#[tokio::test]
async fn a_cover_that_somebody_chose_turns_to_what_is_left() {
    let project = LaidOut::start(TableLayout::Usual).await;
    let other = project.picture("story-images", &key(1)).await;
    project
        .tell(
            TableLayout::Usual,
            "Pip",
            "completed",
            &[told("a", None), told("b", Some(&other))],
        )
        .await;
    let before = only(&project, "Pip").await;
    let replaced = replace_first(&project, &before).await;
    let shown = only(&project, "Pip").await;
    project
        .service
        .set_cover(&shown, replaced.now.as_deref())
        .await
        .unwrap();
    let copy = json!({ "title": "Pip", "scenes": [{ "sequence": 0, "text": "t", "image_url": replaced.now }] });
    project.insert("public_stories", copy).await;

    project.service.put_back(&replaced).await.unwrap();
    let back = only(&project, "Pip").await;
    assert_eq!(back.cover_image_url.as_deref(), Some(other.as_str()));
    assert_eq!(copies(&project).await[0]["scenes"][0]["image_url"], Value::Null);
}

#[tokio::test]
async fn the_picture_of_a_broken_link_is_found_and_shown_and_that_is_taken_back() {
    for layout in [TableLayout::Usual, TableLayout::Backend, TableLayout::Guide] {
        let project = LaidOut::start(layout).await;
        let (lost, name) = (project.picture("story-images", "x.png").await, key(0));
        let lost = lost.replace("x.png", &format!("old/{name}"));
        let there = project.picture("story-images", &format!("2025/{name}")).await;
        project.picture("story-images", &key(7)).await;
        project
            .tell(layout, "Pip", "completed", &[told("a", Some(&lost))])
            .await;
        let story = only(&project, "Pip").await;
        let scene = &story.scenes[0].scene_id;

        let found = project.service.find_pictures(&story.story_id, scene, "").await.unwrap();
        assert_eq!(found.of, 3, "{layout:?}");
        let best = &found.list[0];
        assert_eq!(
            (best.key.as_str(), best.likeness),
            (format!("2025/{name}").as_str(), Likeness::Name)
        );
        let typed = project
            .service
            .find_pictures(&story.story_id, scene, "X.PN")
            .await
            .unwrap();
        assert_eq!(typed.list.len(), 1, "{layout:?}");

        // Whoever saw another link is told, and nothing is changed.
        let (id, key) = (&story.story_id, &best.key);
        project
            .service
            .point_at(id, scene, Some("another"), key)
            .await
            .unwrap_err();
        assert_eq!(
            only(&project, "Pip").await.scenes[0].image_url.as_deref(),
            Some(lost.as_str())
        );
        let replaced = project.service.point_at(id, scene, Some(&lost), key).await.unwrap();
        assert_eq!(
            only(&project, "Pip").await.scenes[0].image_url.as_deref(),
            Some(there.as_str())
        );

        // Back again, though the link leads nowhere; and once more.
        let back = project.service.put_back(&replaced).await.unwrap();
        assert_eq!(
            only(&project, "Pip").await.scenes[0].image_url.as_deref(),
            Some(lost.as_str()),
            "{layout:?}"
        );
        project.service.put_back(&back).await.unwrap();
        assert_eq!(
            only(&project, "Pip").await.scenes[0].image_url.as_deref(),
            Some(there.as_str()),
            "{layout:?}"
        );
    }
}

#[tokio::test]
async fn an_object_that_is_gone_is_not_pointed_at() {
    let project = LaidOut::start(TableLayout::Usual).await;
    let url = project.picture("story-images", &key(0)).await;
    project
        .tell(
            TableLayout::Usual,
            "Pip",
            "completed",
            &[told("a", Some(&format!("{url}x")))],
        )
        .await;
    let story = only(&project, "Pip").await;
    let gone = storymimi_studio::supabase::ObjectKey::parse("gone.png").unwrap();
    let (scene, seen) = (&story.scenes[0].scene_id, story.scenes[0].image_url.as_deref());
    let problem = project
        .service
        .point_at(&story.story_id, scene, seen, &gone)
        .await
        .unwrap_err();
    assert!(problem.what.contains("gone.png"), "{problem:?}");
    assert_eq!(only(&project, "Pip").await, story);
}
