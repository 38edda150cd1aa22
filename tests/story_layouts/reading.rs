//! What is read of rows, whatever they are like.

use serde_json::{Value, json};
use storymimi_studio::local::TableLayout;
use storymimi_studio::story::{Kept, Status, StoryId};

use crate::fixtures::{ALL, LaidOut, told};

#[tokio::test]
async fn every_layout_is_recognised_and_read_into_the_one_story() {
    for layout in ALL {
        let project = LaidOut::start(layout).await;
        assert_eq!(project.service.all_stories().await.unwrap(), [], "{layout:?}");
        let scenes = [told("Once.", Some("https://x.test/1.png")), told("Then.", None)];
        let id = project.tell(layout, "Pip", "COMPLETED", &scenes).await;
        let stories = project.service.all_stories().await.unwrap();
        let [story] = stories.as_slice() else {
            panic!("{layout:?}: {stories:?}")
        };
        assert_eq!(
            (story.story_id.as_str(), story.title.as_str()),
            (id.as_str(), "Pip"),
            "{layout:?}"
        );
        assert_eq!(story.prompt, "about Pip", "{layout:?}");
        let read: Vec<_> = story
            .scenes
            .iter()
            .map(|scene| (scene.index, scene.text.as_str(), scene.image_url.as_deref()))
            .collect();
        assert_eq!(
            read,
            [(0, "Once.", Some("https://x.test/1.png")), (1, "Then.", None)],
            "{layout:?}"
        );
        assert!(story.flaws.is_empty(), "{layout:?}: {:?}", story.flaws);
        let kept = match layout {
            TableLayout::Usual | TableLayout::Backend | TableLayout::Unrelated => Kept::Rows,
            TableLayout::PublicOnly => Kept::Public,
            _ => Kept::Json,
        };
        assert_eq!(story.kept, kept, "{layout:?}");
        if !matches!(layout, TableLayout::Guide | TableLayout::PublicOnly) {
            assert_eq!(story.status, Status::Completed, "{layout:?}");
        }
        // One by one they are the same, and so are the ids of scenes that have none.
        let again = project.service.story(&story.story_id).await.unwrap();
        assert_eq!(again, *story, "{layout:?}");
        assert_ne!(story.scenes[0].scene_id, story.scenes[1].scene_id);
    }
}

#[tokio::test]
async fn an_id_that_no_row_can_have_is_no_story_and_no_failure() {
    for layout in ALL {
        let project = LaidOut::start(layout).await;
        for id in [
            "42",
            "no-such-story",
            "8f2c1e90-4b7a-4d11-9c2f-0a1b2c3d4e5f",
            "99999999999999999999",
        ] {
            let problem = project.service.story(&StoryId::parse(id).unwrap()).await.unwrap_err();
            assert!(problem.what.contains("no story"), "{layout:?}: {problem:?}");
        }
    }
}

#[tokio::test]
async fn a_table_that_comes_to_be_is_seen_without_a_restart() {
    let project = LaidOut::start(TableLayout::PublicOnly).await;
    project
        .tell(TableLayout::PublicOnly, "Copy", "", &[told("Once.", None)])
        .await;
    assert_eq!(project.service.all_stories().await.unwrap().len(), 1);
    // The project gets its tables, and the copies lose theirs.
    let database = rusqlite::Connection::open(project.folder.path().join("local/project.sqlite3")).unwrap();
    database.execute_batch("DROP TABLE public_stories").unwrap();
    drop(database);
    assert!(project.service.all_stories().await.is_err());
}

/// Whatever a column holds, the story is there, and so are the others.
#[tokio::test]
async fn a_broken_row_is_shown_with_what_can_be_read_and_hides_no_other() {
    let project = LaidOut::start(TableLayout::Guide).await;
    let picture = "https://x.test/1.png";
    let columns: Vec<(Value, Vec<&str>, usize)> = vec![
        (Value::Null, vec![], 0),
        (json!([]), vec![], 0),
        (json!({}), vec![], 0),
        (json!(""), vec![], 0),
        (json!("[]"), vec![], 0),
        (json!([{"text": "a"}]), vec!["a"], 0),
        // Encoded twice, and once more.
        (json!(json!([{"text": "a"}]).to_string()), vec!["a"], 0),
        (
            json!(json!(json!([{"text": "a"}]).to_string()).to_string()),
            vec!["a"],
            0,
        ),
        (json!({"title": "T", "scenes": [{"text": "a"}]}), vec!["a"], 0),
        // Out of order, numbered by texts; two of one number; a number that is missing.
        (
            json!([{"sequence": "2", "text": "b"}, {"sequence": "1", "text": "a"}]),
            vec!["a", "b"],
            0,
        ),
        (
            json!([{"sequence": 7, "text": "b"}, {"sequence": 7, "text": "a"}]),
            vec!["b", "a"],
            0,
        ),
        (json!([{"sequence": 7, "text": "b"}, {"text": "a"}]), vec!["b", "a"], 0),
        // Other names, other types.
        (
            json!([{"sceneNumber": 1, "Content": "a", "imageUrl": picture}]),
            vec!["a"],
            0,
        ),
        (json!([{"text": 5, "image": {"url": picture}}]), vec!["5"], 0),
        (json!([{"text": ["a", "b"], "title": {"de": "x"}}]), vec!["a b"], 1),
        (json!(["a", null, 3]), vec!["a", "", ""], 2),
        (
            json!([{"scene_id": "s", "text": "a"}, {"scene_id": "s", "text": "b"}]),
            vec!["a", "b"],
            0,
        ),
        // No scenes at all.
        (json!("Once upon a time"), vec![], 1),
        (json!({"pages": 3}), vec![], 1),
        (json!(true), vec![], 1),
    ];
    for (at, (column, ..)) in columns.iter().enumerate() {
        let row = json!({ "title": format!("{at}"), "scenes": column, "prompt": null });
        project.insert("stories", row).await;
    }
    project
        .insert("stories", json!({ "title": null, "scenes": null }))
        .await;
    let stories = project.service.all_stories().await.unwrap();
    assert_eq!(stories.len(), columns.len() + 1);
    assert!(stories.iter().any(|story| story.title == "Untitled"));
    for (at, (column, texts, flaws)) in columns.iter().enumerate() {
        let story = stories.iter().find(|story| story.title == at.to_string()).unwrap();
        let read: Vec<&str> = story.scenes.iter().map(|scene| scene.text.as_str()).collect();
        assert_eq!(read, *texts, "{column}");
        assert_eq!(story.flaws.len(), *flaws, "{column}: {:?}", story.flaws);
        let ids: std::collections::HashSet<_> = story.scenes.iter().map(|scene| &scene.scene_id).collect();
        assert_eq!(ids.len(), story.scenes.len(), "{column}");
        assert!(
            story
                .scenes
                .iter()
                .all(|scene| scene.image_url.as_deref().is_none_or(|url| url == picture))
        );
    }
}

#[tokio::test]
async fn what_others_keep_with_a_story_is_kept_when_its_status_is_written() {
    let project = LaidOut::start(TableLayout::Backend).await;
    let id = uuid::Uuid::new_v4();
    let metadata = json!({ "child_profile": { "name": "Mia", "age": 4 }, "seed": "seven", "scenes": 2 });
    let twice = json!(metadata.to_string());
    let row =
        json!({ "story_id": id, "title": "Pip", "prompt": "a fox", "status": "PROCESSING", "story_metadata": twice });
    project.insert("stories", row).await;
    let story = project
        .service
        .story(&StoryId::parse(&id.to_string()).unwrap())
        .await
        .unwrap();
    assert_eq!(
        (story.status, story.made_with.scenes, story.made_with.seed),
        (Status::Processing, Some(2), None)
    );
    let cancel = tokio_util::sync::CancellationToken::new();
    let outcome = project
        .service
        .resume_story(&story.story_id, &|_| {}, &cancel)
        .await
        .unwrap();
    assert_eq!(
        (outcome.story.status, outcome.story.scenes.len()),
        (Status::Completed, 2)
    );
    let row = &project.rows("stories", "story_id", &id.to_string()).await[0];
    assert_eq!(row["status"], "completed");
    assert_eq!(row["story_metadata"]["child_profile"]["name"], "Mia");
    assert_eq!(row["story_metadata"]["seed"], "seven");
}
