//! What is changed of stories, in every layout, by one editor and by many at once.

use bytes::Bytes;
use serde_json::{Value, json};
use storymimi_studio::local::TableLayout;
use storymimi_studio::service::Service;
use storymimi_studio::story::{Brief, SceneEdit, Source, Story, StoryId};
use tokio_util::sync::CancellationToken;

use crate::fixtures::{ALL, LaidOut, Told, told};
use crate::support::project::png;

fn text(text: &str) -> SceneEdit {
    SceneEdit {
        text: Some(text.to_owned()),
        ..SceneEdit::default()
    }
}

fn texts(story: &Story) -> Vec<&str> {
    story.scenes.iter().map(|scene| scene.text.as_str()).collect()
}

async fn again(service: &Service, story: &Story) -> Story {
    service.story(&story.story_id).await.unwrap()
}

async fn of(project: &LaidOut, layout: TableLayout, scenes: &[Told<'_>]) -> Story {
    let id = project.tell(layout, "Pip", "completed", scenes).await;
    let stories = project.service.all_stories().await.unwrap();
    stories.into_iter().find(|story| story.story_id.as_str() == id).unwrap()
}

#[tokio::test]
async fn a_story_is_made_and_its_picture_replaced_and_put_back_in_every_layout() {
    for layout in ALL {
        let project = LaidOut::start(layout).await;
        let brief = Brief::new("Pip", "A fox named Pip finds a star in the snow", 2, 7).unwrap();
        let cancel = CancellationToken::new();
        let made = project.service.create_story(&brief, &|_| {}, &cancel).await.unwrap();
        assert!(made.failures.is_empty(), "{layout:?}: {:?}", made.failures);
        let story = made.story;
        assert_eq!((story.scenes.len(), story.pictures()), (2, 2), "{layout:?}");
        let scene = story.scenes[1].scene_id.clone();
        let source = || Source::File {
            bytes: Bytes::from(png(16, 12)),
            name: "own.png".to_owned(),
        };
        let replaced = project
            .service
            .replace_picture(&story, &scene, source(), &cancel)
            .await
            .unwrap();
        let now = again(&project.service, &story).await;
        assert_eq!(now.scenes[1].image_url, replaced.now, "{layout:?}");
        assert_eq!(now.scenes[0], story.scenes[0], "{layout:?}");
        // Whoever saw the one before is told.
        let late = project
            .service
            .replace_picture(&story, &scene, source(), &cancel)
            .await
            .unwrap_err();
        assert!(late.what.contains("Somebody else"), "{layout:?}: {late:?}");
        project.service.put_back(&replaced).await.unwrap();
        let back = again(&project.service, &story).await;
        assert_eq!(back.scenes[1].image_url, story.scenes[1].image_url, "{layout:?}");
    }
}

#[tokio::test]
async fn texts_are_edited_scenes_added_moved_and_taken_out_in_every_layout() {
    for layout in ALL {
        let project = LaidOut::start(layout).await;
        let service = &project.service;
        let story = of(
            &project,
            layout,
            &[told("a", Some("p")), told("b", None), told("c", None)],
        )
        .await;
        let seen = story.scenes[1].clone();
        service
            .edit_scene(&story.story_id, &seen.scene_id, text("B, “b”, ‘b’ & ü * 50%"), &seen)
            .await
            .unwrap();
        let now = again(service, &story).await;
        assert_eq!(texts(&now), ["a", "B, “b”, ‘b’ & ü * 50%", "c"], "{layout:?}");
        // The same edit by somebody who saw what was there before.
        let told_so = service
            .edit_scene(&story.story_id, &seen.scene_id, text("mine"), &seen)
            .await
            .unwrap_err();
        assert!(told_so.what.contains("Somebody else"), "{layout:?}: {told_so:?}");
        // The same words are no conflict: a lost answer looks like that.
        let same = text("B, “b”, ‘b’ & ü * 50%");
        service
            .edit_scene(&story.story_id, &seen.scene_id, same, &seen)
            .await
            .unwrap();

        let id = service.add_scene(&now, 1, text("new")).await.unwrap();
        let now = again(service, &story).await;
        assert_eq!(texts(&now), ["a", "new", "B, “b”, ‘b’ & ü * 50%", "c"], "{layout:?}");
        assert_eq!(now.scenes[1].scene_id, id, "{layout:?}");
        // The others are still known by their ids.
        let ids = |story: &Story| {
            story
                .scenes
                .iter()
                .map(|scene| scene.scene_id.clone())
                .collect::<Vec<_>>()
        };
        let before = ids(&now);
        service.move_scene(&now, &before[3], 0).await.unwrap();
        let moved = again(service, &story).await;
        assert_eq!(texts(&moved), ["c", "a", "new", "B, “b”, ‘b’ & ü * 50%"], "{layout:?}");
        assert_eq!(
            ids(&moved),
            [&before[3], &before[0], &before[1], &before[2]].map(Clone::clone),
            "{layout:?}"
        );
        // Whoever saw the order before is told, and nothing moves.
        assert!(service.move_scene(&now, &before[0], 3).await.is_err(), "{layout:?}");
        assert!(service.add_scene(&now, 0, text("late")).await.is_err(), "{layout:?}");
        service.move_scene(&moved, &before[3], 99).await.unwrap();
        let moved = again(service, &story).await;
        assert_eq!(
            ids(&moved),
            [&before[0], &before[1], &before[2], &before[3]].map(Clone::clone),
            "{layout:?}"
        );

        service.remove_scene(&story.story_id, &moved.scenes[1]).await.unwrap();
        let now = again(service, &story).await;
        assert_eq!(texts(&now), ["a", "B, “b”, ‘b’ & ü * 50%", "c"], "{layout:?}");
        assert_eq!(
            ids(&now),
            [&before[0], &before[2], &before[3]].map(Clone::clone),
            "{layout:?}"
        );
        let mut other = now.scenes[0].clone();
        other.image_url = Some("another".to_owned());
        assert!(
            service.remove_scene(&story.story_id, &other).await.is_err(),
            "{layout:?}"
        );
        assert_eq!(
            again(service, &story).await.scenes[0].image_url.as_deref(),
            Some("p"),
            "{layout:?}"
        );

        service.rename_story(&now, "  Pip \n the Fox ").await.unwrap();
        assert_eq!(again(service, &story).await.title, "Pip the Fox", "{layout:?}");
        assert!(service.rename_story(&now, "Late").await.is_err(), "{layout:?}");
    }
}

#[tokio::test]
async fn alternative_texts_go_where_there_is_a_place_for_them() {
    for layout in ALL {
        let project = LaidOut::start(layout).await;
        let story = of(&project, layout, &[told("a", Some("p"))]).await;
        let edit = SceneEdit {
            alt_text: Some("A fox".to_owned()),
            ..SceneEdit::default()
        };
        let scene = &story.scenes[0];
        let done = project
            .service
            .edit_scene(&story.story_id, &scene.scene_id, edit, scene)
            .await;
        let now = again(&project.service, &story).await;
        if matches!(layout, TableLayout::Backend | TableLayout::Unrelated) {
            let problem = done.unwrap_err();
            assert!(problem.what.contains("no column alt_text"), "{layout:?}: {problem:?}");
            assert_eq!(now, story);
        } else {
            done.unwrap();
            assert_eq!(now.scenes[0].alt_text.as_deref(), Some("A fox"), "{layout:?}");
        }
    }
}

/// Eight editors write into one column, each a scene of their own, and nobody's words are lost.
#[tokio::test]
async fn many_editors_of_one_column_lose_nothing() {
    for layout in [
        TableLayout::Guide,
        TableLayout::Numbered,
        TableLayout::TextColumn,
        TableLayout::Usual,
    ] {
        let project = LaidOut::start(layout).await;
        // Long enough that an address has no room for all of it.
        let long: Vec<String> = (0..8)
            .map(|at| format!("{at} {}", "über den Berg ".repeat(60)))
            .collect();
        let scenes: Vec<Told<'_>> = long.iter().map(|text| told(text, Some("p"))).collect();
        let story = of(&project, layout, &scenes).await;
        let others: Vec<_> = (0..8)
            .map(|editor| project.another(&format!("editor-{editor}")))
            .collect();
        let writes = story.scenes.iter().zip(&others).map(|(scene, (service, _))| {
            let edit = SceneEdit {
                text: Some(format!("by editor {}", scene.index)),
                ..SceneEdit::default()
            };
            let (id, story) = (scene.scene_id.clone(), story.story_id.clone());
            async move {
                // Somebody who is told to look again does.
                for _ in 0..20 {
                    let seen = service.story(&story).await.unwrap();
                    let seen = seen.scenes.into_iter().find(|scene| scene.scene_id == id).unwrap();
                    if service.edit_scene(&story, &id, edit.clone(), &seen).await.is_ok() {
                        return;
                    }
                }
                panic!("an editor got nowhere");
            }
        });
        futures_util::future::join_all(writes).await;
        let now = again(&project.service, &story).await;
        let wanted: Vec<String> = (0..8).map(|at| format!("by editor {at}")).collect();
        assert_eq!(texts(&now), wanted, "{layout:?}");
    }
}

/// Two replace the same picture: one of them wins, the other is told.
#[tokio::test]
async fn of_two_who_replace_the_same_picture_one_is_told() {
    for layout in [TableLayout::Guide, TableLayout::Numbered, TableLayout::PublicOnly] {
        let project = LaidOut::start(layout).await;
        project.picture("story-images", "x.png").await;
        let story = of(&project, layout, &[told("a", None), told("b", Some("p"))]).await;
        let (one, two) = (project.another("one").0, project.another("two").0);
        let scene = story.scenes[1].scene_id.clone();
        let source = |size| Source::File {
            bytes: Bytes::from(png(size, size)),
            name: "own.png".to_owned(),
        };
        let cancel = CancellationToken::new();
        let (first, second) = tokio::join!(
            one.replace_picture(&story, &scene, source(10), &cancel),
            two.replace_picture(&story, &scene, source(12), &cancel)
        );
        assert!(first.is_ok() != second.is_ok(), "{layout:?}: {first:?} {second:?}");
        let now = again(&project.service, &story).await;
        let winner = first.or(second).unwrap();
        assert_eq!(now.scenes[1].image_url, winner.now, "{layout:?}");
        assert_eq!(texts(&now), ["a", "b"]);
    }
}

/// Fields that nobody here knows, and the form in which the column came, are as they were.
#[tokio::test]
async fn unknown_fields_and_the_form_of_a_column_stay() {
    let project = LaidOut::start(TableLayout::Guide).await;
    let items = json!([
        { "seq": "x", "Image-URL": "old", "extra": { "deep": [1, 2.5, null, "é"] } },
        { "text": "b", "audio_url": "https://x.test/b.mp3" },
    ]);
    for column in [
        items.clone(),
        json!(items.to_string()),
        json!({ "story_title": "T", "scenes": items.clone(), "child": { "age": 4 } }),
    ] {
        let id = uuid::Uuid::new_v4().to_string();
        project
            .insert("stories", json!({ "id": id, "title": "T", "scenes": column }))
            .await;
        let story = project.service.story(&StoryId::parse(&id).unwrap()).await.unwrap();
        let cancel = CancellationToken::new();
        project.picture("story-images", &format!("{id}.png")).await;
        let source = Source::File {
            bytes: Bytes::from(png(10, 10)),
            name: "own.png".to_owned(),
        };
        let scene = &story.scenes[0].scene_id;
        let replaced = project
            .service
            .replace_picture(&story, scene, source, &cancel)
            .await
            .unwrap();
        let row = project.rows("stories", "id", &id).await.remove(0);
        let expected = column
            .to_string()
            .replace("\"old\"", &format!("{:?}", replaced.now.clone().unwrap()));
        let expected: Value = match &column {
            Value::String(text) => json!(text.replace("\"old\"", &format!("{:?}", replaced.now.unwrap()))),
            _ => serde_json::from_str(&expected).unwrap(),
        };
        // A text has its fields in the order in which they were; the database has its own.
        assert_eq!(row["scenes"], expected, "{column}");
    }
}

#[tokio::test]
async fn a_story_is_put_in_whole_and_taken_out_in_every_layout() {
    for layout in ALL {
        let project = LaidOut::start(layout).await;
        let story = of(&project, layout, &[told("a", Some("p")), told("b", Some("q"))]).await;
        let another = of(&project, layout, &[told("c", None)]).await;
        let stories = project.stories();
        assert!(stories.delete_story_rows(&story.story_id).await.unwrap(), "{layout:?}");
        assert!(!stories.delete_story_rows(&story.story_id).await.unwrap(), "{layout:?}");
        let left = project.service.all_stories().await.unwrap();
        assert_eq!(left.len(), 1, "{layout:?}");
        assert_eq!(texts(&left[0]), ["c"], "{layout:?}");
        assert_eq!(left[0].story_id, another.story_id);
        let mut fresh = story.clone();
        fresh.story_id = StoryId::fresh();
        let (id, scenes) = stories.insert_story_whole(&fresh).await.unwrap();
        let now = project.service.story(&id).await.unwrap();
        assert_eq!(texts(&now), ["a", "b"], "{layout:?}");
        let ids: Vec<_> = now.scenes.iter().map(|scene| scene.scene_id.clone()).collect();
        assert_eq!(ids, scenes, "{layout:?}");
        assert_eq!(now.scenes[1].image_url.as_deref(), Some("q"), "{layout:?}");
    }
}
