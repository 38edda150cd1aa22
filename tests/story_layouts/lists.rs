//! Searching, filtering, sorting and paging by the server, in every layout, and at the size of a large project.

use std::collections::BTreeSet;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::json;
use storymimi_studio::local::TableLayout;
use storymimi_studio::service::STORIES_PAGE;
use storymimi_studio::story::{Show, Sort, Status, Story, StoryQuery};

use crate::fixtures::{ALL, LaidOut, Told, told};
use crate::support::rows::seed_stories;

/// Stories of every kind.
async fn fill(project: &LaidOut, layout: TableLayout) {
    let described = Told {
        alt: Some("A fox"),
        ..told("a", Some("p"))
    };
    let many: Vec<Told<'_>> = (0..30).map(|_| described).collect();
    for (title, status, scenes) in [
        ("Whole, (described)", "completed", vec![described, described]),
        ("Bare \"pictures\"", "COMPLETED", vec![described, told("b", Some("q"))]),
        ("Half a fox", "Failed", vec![described, told("b", None)]),
        ("Empty picture", "error", vec![described, told("b", Some(""))]),
        ("Nothing yet", "pending", vec![]),
        ("At work 50%_", "PROCESSING", vec![told("a", None)]),
        ("Ünïcode füchse", "whatever", vec![described]),
        ("Many", "completed", many),
    ] {
        project.tell(layout, title, status, &scenes).await;
    }
}

fn titles(stories: &[Story]) -> BTreeSet<&str> {
    stories.iter().map(|story| story.title.as_str()).collect()
}

/// What the server lists is what looking at all stories lists, for every question in every layout.
#[tokio::test]
async fn the_server_lists_what_looking_at_every_story_lists() {
    for layout in ALL {
        let project = LaidOut::start(layout).await;
        fill(&project, layout).await;
        let all = project.service.all_stories().await.unwrap();
        assert_eq!(all.len(), 8, "{layout:?}");
        let now = Timestamp::now();
        let shows = [Show::All, Show::Failed, Show::Missing, Show::NoAlt, Show::Stale];
        let states = [
            None,
            Some(Status::Completed),
            Some(Status::Failed),
            Some(Status::Processing),
        ];
        for show in shows {
            for status in states {
                for text in ["", "fox", "ABOUT half", "50%_", "\"pictures\"", ", (d", "nowhere"] {
                    let query = StoryQuery {
                        text: text.to_owned(),
                        status,
                        show,
                        sort: Sort::Title,
                    };
                    let page = project.service.story_page(&query, 0).await.unwrap();
                    let wanted: Vec<Story> = all.iter().filter(|story| query.lists(story, now)).cloned().collect();
                    assert_eq!(titles(&page.stories), titles(&wanted), "{layout:?} {query:?}");
                    assert_eq!(page.total, Some(wanted.len() as u64), "{layout:?} {query:?}");
                }
            }
        }
        let counts = project.service.story_counts(&StoryQuery::default()).await.unwrap();
        for show in shows {
            let wanted = all.iter().filter(|story| show.lists(story, now)).count() as u64;
            assert_eq!(counts.of(show), Some(wanted), "{layout:?} {show:?}");
        }
    }
}

#[tokio::test]
async fn what_did_not_change_for_an_hour_is_stale() {
    let project = LaidOut::start(TableLayout::Usual).await;
    let at = |hours: i64| (Timestamp::now() - jiff::SignedDuration::from_hours(hours)).to_string();
    for (title, status, changed) in [
        ("long ago", "processing", at(2)),
        ("just now", "processing", at(0)),
        ("waits", "pending", at(30)),
        ("done", "completed", at(30)),
    ] {
        let row =
            json!({ "title": title, "prompt": "p", "status": status, "created_at": at(40), "updated_at": changed });
        project.insert("stories", row).await;
    }
    let stale = StoryQuery {
        show: Show::Stale,
        ..StoryQuery::default()
    };
    let page = project.service.story_page(&stale, 0).await.unwrap();
    assert_eq!(titles(&page.stories), ["long ago", "waits"].into());
    assert_eq!(
        project
            .service
            .story_counts(&StoryQuery::default())
            .await
            .unwrap()
            .stale,
        Some(2)
    );
}

#[tokio::test]
async fn lists_are_sorted_by_the_server_and_pages_do_not_overlap() {
    for layout in [TableLayout::Usual, TableLayout::Guide] {
        let project = LaidOut::start(layout).await;
        for at in 0..205 {
            let row = match layout {
                TableLayout::Usual => {
                    json!({ "title": format!("{:03}", 999 - at), "prompt": "p", "created_at": "2026-01-31T12:00:00Z" })
                }
                _ => json!({ "title": format!("{:03}", 999 - at), "scenes": [], "created_at": "2026-01-31T12:00:00Z" }),
            };
            project.insert("stories", row).await;
        }
        for sort in [Sort::Created, Sort::Updated, Sort::Title, Sort::Status] {
            let query = StoryQuery {
                sort,
                ..StoryQuery::default()
            };
            let mut seen = Vec::new();
            for page in 0..4 {
                let page = project.service.story_page(&query, page * STORIES_PAGE).await.unwrap();
                assert_eq!(page.total, Some(205));
                seen.extend(page.stories);
            }
            assert_eq!((seen.len(), titles(&seen).len()), (205, 205), "{layout:?} {sort:?}");
            if sort == Sort::Title {
                assert!(seen.is_sorted_by_key(|story| story.title.clone()));
            }
            if sort == Sort::Updated {
                assert!(seen.is_sorted_by(|a, b| a.updated_at >= b.updated_at));
            }
        }
    }
}

/// A hundred thousand stories: what a page takes does not depend on how many there are in memory, since none are.
#[tokio::test]
async fn a_hundred_thousand_stories_are_listed_page_by_page() {
    const STORIES: u64 = 100_000;
    let project = LaidOut::start(TableLayout::Usual).await;
    seed_stories(&project.folder.path().join("local"), STORIES, 5);
    let query = |text: &str, show: Show, sort: Sort| StoryQuery {
        text: text.to_owned(),
        show,
        sort,
        ..StoryQuery::default()
    };
    let cases = [
        (
            "first page",
            query("", Show::All, Sort::Created),
            0,
            STORIES,
            STORIES_PAGE,
        ),
        (
            "deep page",
            query("", Show::All, Sort::Created),
            99_900,
            STORIES,
            STORIES_PAGE,
        ),
        (
            "deep page by title",
            query("", Show::All, Sort::Title),
            50_000,
            STORIES,
            STORIES_PAGE,
        ),
        (
            "behind the end",
            query("", Show::All, Sort::Created),
            STORIES,
            STORIES,
            0,
        ),
        (
            "search, one hit",
            query("tale 77777.", Show::All, Sort::Created),
            0,
            1,
            1,
        ),
        (
            "search, no hit",
            query("no such tale", Show::All, Sort::Created),
            0,
            0,
            0,
        ),
        (
            "failed",
            query("", Show::Failed, Sort::Created),
            0,
            STORIES / 100,
            STORIES_PAGE,
        ),
        (
            "missing",
            query("", Show::Missing, Sort::Created),
            0,
            STORIES / 50,
            STORIES_PAGE,
        ),
        (
            "no alt",
            query("", Show::NoAlt, Sort::Created),
            0,
            STORIES / 10,
            STORIES_PAGE,
        ),
        (
            "missing, deep",
            query("", Show::Missing, Sort::Created),
            1_950,
            STORIES / 50,
            50,
        ),
        (
            "stale",
            query("", Show::Stale, Sort::Created),
            0,
            STORIES / 200,
            STORIES_PAGE,
        ),
    ];
    for (name, query, offset, total, rows) in cases {
        let begun = Instant::now();
        let page = project.service.story_page(&query, offset).await.unwrap();
        println!("{name}: {} ms", begun.elapsed().as_millis());
        assert_eq!((page.total, page.stories.len() as u64), (Some(total), rows), "{name}");
        assert!(page.stories.iter().all(|story| story.scenes.len() == 5), "{name}");
    }
    let begun = Instant::now();
    let counts = project.service.story_counts(&StoryQuery::default()).await.unwrap();
    println!("counts: {} ms", begun.elapsed().as_millis());
    let got = [counts.all, counts.failed, counts.missing, counts.no_alt, counts.stale].map(Option::unwrap);
    assert_eq!(got, [1, 100, 50, 10, 200].map(|of| STORIES / of));
}
