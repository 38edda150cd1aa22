//! Links of every generation: what points where, what leads nowhere, what leads somewhere in a wrong form and is put right.

use std::collections::BTreeSet;

use serde_json::json;
use storymimi_studio::local::TableLayout;
use storymimi_studio::story::{Place, Show, StoryId, StoryQuery};
use storymimi_studio::supabase::ObjectKey;

use crate::fixtures::{ALL, LaidOut, told};

#[tokio::test]
async fn every_place_that_points_at_an_object_is_found_and_led_elsewhere() {
    for layout in ALL {
        let project = LaidOut::start(layout).await;
        let key = "tales/scene_0 (1)_x.png";
        project.picture("story-images", key).await;
        let plain = project.url("story-images", "tales/scene_0%20(1)_x.png");
        let encoded = project.url("story-images", "tales/scene_0%20%281%29_x.png?");
        let other = project.url("story-images", "tales/scene_0 (1)_xx.png");
        let scenes = [
            told("a", Some(&plain)),
            told("b", Some(&other)),
            told("c", Some(&encoded)),
        ];
        project.tell(layout, "Pip", "completed", &scenes).await;
        project
            .tell(layout, "Another", "completed", &[told("d", Some(&other))])
            .await;
        let stories = project.stories();
        let key = ObjectKey::parse(key).unwrap();
        let found = stories.places_of(&key).await.unwrap();
        let mut urls: Vec<&str> = found.iter().map(|found| found.url.as_str()).collect();
        urls.sort_unstable();
        let mut wanted = [plain.as_str(), &encoded];
        wanted.sort_unstable();
        assert_eq!(urls, wanted, "{layout:?}");
        assert!(found.iter().all(|found| found.title == "Pip"), "{layout:?}");
        for found in &found {
            // What is not there any more is left alone.
            assert!(
                !stories
                    .swap_place(&found.place, Some("stale"), Some("new"))
                    .await
                    .unwrap(),
                "{layout:?}"
            );
            assert!(
                stories
                    .swap_place(&found.place, Some(&found.url), Some("new"))
                    .await
                    .unwrap(),
                "{layout:?}"
            );
            assert_eq!(
                stories.link_at(&found.place).await.unwrap(),
                Some(Some("new".to_owned())),
                "{layout:?}"
            );
        }
        assert_eq!(stories.places_of(&key).await.unwrap(), [], "{layout:?}");
        let story = project.service.all_stories().await.unwrap();
        let story = story.iter().find(|story| story.title == "Pip").unwrap();
        let pictures: Vec<_> = story.scenes.iter().map(|scene| scene.image_url.as_deref()).collect();
        assert_eq!(pictures, [Some("new"), Some(other.as_str()), Some("new")], "{layout:?}");
    }
}

#[tokio::test]
async fn covers_and_public_copies_are_places_too() {
    for layout in [TableLayout::Usual, TableLayout::Backend, TableLayout::Numbered] {
        let project = LaidOut::start(layout).await;
        let url = project.picture("story-images", "a.png").await;
        let doubled = url.replace("http://", "http://http://");
        let id = project.tell(layout, "Pip", "completed", &[told("a", Some(&url))]).await;
        let of_story = project.supabase.rest().from("stories").eq("story_id", &id);
        let _: Vec<serde_json::Value> = of_story.update(&json!({ "cover_image_url": url })).await.unwrap();
        // More scenes than a question to the server names, one of them ours; as a list, as a text, and in an object.
        let mut many: Vec<_> = (0..40)
            .map(|at| json!({ "sequence": at, "image_url": "x", "audio_url": at }))
            .collect();
        many[31]["image_url"] = json!(doubled);
        for scenes in [json!(many), json!(json!(many).to_string()), json!({ "scenes": many })] {
            let row = json!({ "title": "Copy", "scenes": scenes, "cover_image_url": format!("{url}?") });
            project.insert("public_stories", row).await;
        }
        project
            .insert("public_stories", json!({ "title": "None", "scenes": [] }))
            .await;
        let stories = project.stories();
        let key = ObjectKey::parse("a.png").unwrap();
        let found = stories.places_of(&key).await.unwrap();
        let labels: BTreeSet<String> = found.iter().map(|found| found.place.label()).collect();
        let wanted = ["Scene 1", "Cover", "Public copy, scene 32", "Public copy, cover"];
        assert_eq!(labels, wanted.map(str::to_owned).into(), "{layout:?}");
        assert_eq!(found.len(), 2 + 2 * 3, "{layout:?}");
        for found in &found {
            assert!(
                stories.swap_place(&found.place, Some(&found.url), None).await.unwrap(),
                "{:?}",
                found.place
            );
            assert_eq!(stories.link_at(&found.place).await.unwrap(), Some(None));
        }
        for row in project.rows("public_stories", "title", "Copy").await {
            let text = row["scenes"].to_string();
            assert!(
                !text.contains("a.png") && text.matches("audio_url").count() == 40,
                "{text}"
            );
            assert_eq!(row["cover_image_url"], serde_json::Value::Null);
        }
    }
}

/// The five ways in which objects were named, and the forms in which their links were written.
#[tokio::test]
async fn links_of_every_generation_are_recognised_and_put_right() {
    let project = LaidOut::start(TableLayout::Backend).await;
    let id = uuid::Uuid::new_v4().to_string();
    let keys = [
        ("story-images", format!("{id}/0.png")),
        ("story-images", format!("{id}/scene_1.png")),
        ("story-images", format!("scene_2_{}.png", uuid::Uuid::new_v4())),
        ("images", format!("stories/{id}/story_{id}_scene_3_20250615_101112.png")),
        ("images", format!("{id}/scene_4.png")),
    ];
    let mut right = Vec::new();
    for (bucket, key) in &keys {
        right.push(project.picture(bucket, key).await);
    }
    let host = project.server.url().trim_start_matches("http://").to_owned();
    let wrong = [
        format!("{}?", right[0]),
        right[1].replace("http://", "https://https://"),
        right[2].replace("http://", ""),
        right[3].replace("/object/public/", "/object/sign/") + "?token=eyJhbGciOiJIUzI1NiJ9.e30.x",
        right[4]
            .replace(&host, "oldproject.supabase.co")
            .replace("http://", "https://"),
    ];
    let row =
        json!({ "story_id": id, "title": "Old", "prompt": "p", "status": "COMPLETED", "cover_image_url": wrong[0] });
    project.insert("stories", row).await;
    for (at, url) in wrong.iter().enumerate() {
        // Counted from 0 in the names and from 1 in the rows.
        let row = json!({ "story_id": id, "sequence": at + 1, "text": at.to_string(), "image_url": url });
        project.insert("scenes", row).await;
    }
    // A right one, one whose object is gone, one elsewhere, and what is no link.
    let gone = project.url("images", "gone.png").replace("http://", "https://https://");
    let extra = [
        right[0].clone(),
        gone,
        "https://cdn.test/a.png".to_owned(),
        "not a link".to_owned(),
    ];
    for (at, url) in extra.iter().enumerate() {
        let row = json!({ "story_id": id, "sequence": at + 6, "text": "x", "image_url": url });
        project.insert("scenes", row).await;
    }
    let copy = json!({ "title": "Old, for all", "scenes": [{ "sequence": 0, "text": "t", "image_url": wrong[1] }] });
    project.insert("public_stories", copy).await;

    let story = StoryId::parse(&id).unwrap();
    let repairs = project.service.links_to_repair(&story).await.unwrap();
    let planned: BTreeSet<(String, String, String)> = repairs
        .iter()
        .map(|repair| (repair.place.label(), repair.before.clone(), repair.after.clone()))
        .collect();
    let mut wanted: BTreeSet<(String, String, String)> = (0..5)
        .map(|at| (format!("Scene {}", at + 1), wrong[at].clone(), right[at].clone()))
        .collect();
    wanted.insert(("Cover".to_owned(), wrong[0].clone(), right[0].clone()));
    wanted.insert(("Public copy, scene 1".to_owned(), wrong[1].clone(), right[1].clone()));
    assert_eq!(planned, wanted);
    assert!(
        repairs
            .iter()
            .all(|repair| !repair.problems.is_empty() && !repair.problems[0].is_empty()),
        "{repairs:?}"
    );
    // Looking changes nothing.
    assert_eq!(project.service.links_to_repair(&story).await.unwrap(), repairs);

    // Somebody puts another picture into one of the places meanwhile.
    let Some(Place::Scene { scene, .. }) = repairs
        .iter()
        .map(|repair| repair.place.clone())
        .find(|place| matches!(place, Place::Scene { index: 2, .. }))
    else {
        panic!("{repairs:?}")
    };
    let of_scene = project.supabase.rest().from("scenes").eq("scene_id", &scene);
    let _: Vec<serde_json::Value> = of_scene.update(&json!({ "image_url": "theirs" })).await.unwrap();
    assert_eq!(project.service.repair_links(&repairs).await.unwrap(), repairs.len() - 1);
    let now = project.service.story(&story).await.unwrap();
    let pictures: Vec<&str> = now
        .scenes
        .iter()
        .map(|scene| scene.image_url.as_deref().unwrap())
        .collect();
    let mut wanted: Vec<&str> = right.iter().map(String::as_str).collect();
    wanted[2] = "theirs";
    wanted.extend(extra.iter().map(String::as_str));
    assert_eq!(pictures, wanted);
    assert_eq!(now.cover_image_url.as_ref(), Some(&right[0]));
    assert!(project.service.links_to_repair(&story).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_picture_that_is_in_another_bucket_than_its_link_says_is_found_in_the_workspaces() {
    let project = LaidOut::start(TableLayout::Guide).await;
    let right = project.picture("story-images", "a/b.png").await;
    let wrong = project.url("old-bucket", "a/b.png");
    let id = project
        .tell(TableLayout::Guide, "Pip", "", &[told("a", Some(&wrong))])
        .await;
    let story = StoryId::parse(&id).unwrap();
    let repairs = project.service.links_to_repair(&story).await.unwrap();
    assert_eq!(repairs.len(), 1);
    assert_eq!(repairs[0].after, right);
    assert!(
        repairs[0].problems.iter().any(|problem| problem.contains("old-bucket")),
        "{repairs:?}"
    );
    assert_eq!(project.service.repair_links(&repairs).await.unwrap(), 1);
    assert_eq!(
        project.service.story(&story).await.unwrap().scenes[0]
            .image_url
            .as_deref(),
        Some(right.as_str())
    );
}

#[tokio::test]
async fn stories_whose_links_lead_nowhere_are_listed_and_counted() {
    for layout in ALL {
        let project = LaidOut::start(layout).await;
        let there = project.picture("story-images", "there.png").await;
        let gone = project.url("story-images", "gone.png");
        let nowhere = project.url("no-such-bucket", "gone.png");
        project
            .tell(layout, "Whole", "completed", &[told("a", Some(&there))])
            .await;
        project
            .tell(
                layout,
                "Broken fox",
                "completed",
                &[told("a", Some(&there)), told("b", Some(&gone))],
            )
            .await;
        project
            .tell(
                layout,
                "Broken owl",
                "failed",
                &[told("a", Some(&nowhere)), told("b", Some(&gone))],
            )
            .await;
        project
            .tell(
                layout,
                "Elsewhere",
                "completed",
                &[told("a", Some("https://cdn.test/a.png"))],
            )
            .await;
        let broken = StoryQuery {
            show: Show::Broken,
            ..StoryQuery::default()
        };
        assert_eq!(
            project
                .service
                .story_counts(&StoryQuery::default())
                .await
                .unwrap()
                .broken,
            None,
            "{layout:?}"
        );
        let page = project.service.story_page(&broken, 0).await.unwrap();
        let titles: BTreeSet<&str> = page.stories.iter().map(|story| story.title.as_str()).collect();
        assert_eq!(titles, ["Broken fox", "Broken owl"].into(), "{layout:?}");
        assert_eq!(page.total, Some(2), "{layout:?}");
        assert_eq!(
            project
                .service
                .story_counts(&StoryQuery::default())
                .await
                .unwrap()
                .broken,
            Some(2),
            "{layout:?}"
        );
        let links = project.service.broken_links(&|_| {}).await.unwrap();
        assert_eq!((links.links().len(), links.looked_at()), (3, 6), "{layout:?}");
        let owl = StoryQuery {
            text: "OWL".to_owned(),
            ..broken.clone()
        };
        let page = project.service.story_page(&owl, 0).await.unwrap();
        assert_eq!((page.stories.len(), page.total), (1, Some(1)), "{layout:?}");
        assert!(
            project
                .service
                .story_page(&broken, 100)
                .await
                .unwrap()
                .stories
                .is_empty()
        );
    }
}

/// Whole indexes are believed of what they have and asked about for what they have not.
#[tokio::test]
async fn objects_are_looked_for_in_the_index_of_their_bucket() {
    let project = LaidOut::start(TableLayout::Usual).await;
    let mut urls = Vec::new();
    for at in 0..12 {
        urls.push(project.picture("story-images", &format!("{at}.png")).await);
    }
    let gone = project.url("story-images", "gone.png");
    let mut scenes: Vec<_> = urls.iter().map(|url| told("a", Some(url))).collect();
    scenes.push(told("b", Some(&gone)));
    project.tell(TableLayout::Usual, "Pip", "completed", &scenes).await;
    let bucket = project.service.bucket().clone();
    let fresh = std::time::Duration::from_secs(60);
    project.service.whole_index(&bucket, fresh, &|_| {}).await.unwrap();
    let looks = || {
        let exchanges = project.service.transcript().exchanges();
        exchanges
            .iter()
            .filter(|exchange| exchange.url.contains("/object/info/"))
            .count()
    };
    let before = looks();
    let broken = project.service.broken_links(&|_| {}).await.unwrap();
    assert_eq!(broken.links().len(), 1);
    assert_eq!(looks() - before, 1, "only what the index does not have is asked for");
}
