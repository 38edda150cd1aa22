//! Moves, copies, deletions.

use storymimi_studio::transfer::plan::{DeleteOrder, KeySource, PlanError, RelocateOrder, Taken};
use storymimi_studio::transfer::{Action, Kind, Rules};

use super::project::{Local, bucket, key};
use super::{Planning, expect, moving, rows};

#[tokio::test]
async fn objects_move_to_keys_and_folders() {
    let local = Local::start().await;
    for key in ["a/1.png", "a/2.png", "a/sub/3.png", "b/2.png", "c.png"] {
        local.put(key, b"bytes").await;
    }
    let planning = Planning::of(&local.project);
    let plan = planning.relocate(&moving(&["a/"], "b/")).await;
    assert_eq!(plan.title, "Move 3 objects of art to art/b");
    expect(
        &plan,
        &[
            ("b/1.png", Action::New),
            ("b/2.png", Action::Refuse),
            ("b/sub/3.png", Action::New),
        ],
    );
    assert_eq!(plan.items[1].why, "Something is there already.");
    let copy = RelocateOrder {
        copy: true,
        ..moving(&["a/"], "b/")
    };
    let plan = planning.relocate(&copy).await;
    assert_eq!((plan.kind, plan.items[1].action), (Kind::Copy, Action::Identical));
    let replace = RelocateOrder {
        taken: Taken::Replace,
        ..moving(&["a/"], "b/")
    };
    let plan = planning.relocate(&replace).await;
    assert_eq!(plan.items[1].action, Action::Replace);
    assert!(plan.items[1].replaces.as_ref().unwrap().etag.is_some() && plan.items[1].seen.etag.is_some());
    let rename = RelocateOrder {
        taken: Taken::Rename,
        ..moving(&["a/"], "b/")
    };
    assert_eq!(
        rows(&planning.relocate(&rename).await)[1],
        ("b/2 (2).png".to_owned(), Action::Rename)
    );
    expect(
        &planning.relocate(&moving(&["c.png"], "C.png")).await,
        &[("C.png", Action::New)],
    );
    let twin = planning.relocate(&moving(&["a/1.png", "c.png"], "d/")).await;
    expect(&twin, &[("d/1.png", Action::New), ("d/c.png", Action::New)]);
    let mut folder = moving(&[], "x/");
    folder.sources = vec![KeySource::Folder("a/sub".to_owned())];
    expect(&planning.relocate(&folder).await, &[("x/sub/3.png", Action::New)]);
    let same = planning.relocate(&moving(&["a/"], "a/")).await;
    assert!(same.items.iter().all(|item| item.action == Action::Identical));
    for (from, to) in [("a/", "a/b/"), ("", "b/")] {
        let error = planning.planner().relocate(&moving(&[from], to)).await.unwrap_err();
        assert!(matches!(error, PlanError::IntoItself(_)), "{error}");
    }
    let two = planning
        .planner()
        .relocate(&moving(&["a/*.png"], "one.png"))
        .await
        .unwrap_err();
    assert!(matches!(two, PlanError::OneTarget(2, _)), "{two}");
    let clash = planning.relocate(&moving(&["a/2.png", "b/2.png"], "e/")).await;
    expect(&clash, &[("e/2.png", Action::New), ("", Action::Refuse)]);
}

#[tokio::test]
async fn chains_and_swaps_are_not_left_to_chance() {
    let local = Local::start().await;
    for key in ["x/a", "x/b/a", "x/b/b/a", "free"] {
        local.put(key, b"bytes").await;
    }
    let planning = Planning::of(&local.project);
    // Each would go where the next one is.
    let chain = RelocateOrder {
        taken: Taken::Replace,
        ..moving(&["x/**"], "x/b/")
    };
    for copy in [false, true] {
        let plan = planning.relocate(&RelocateOrder { copy, ..chain.clone() }).await;
        expect(
            &plan,
            &[("", Action::Refuse), ("", Action::Refuse), ("x/b/b/b/a", Action::New)],
        );
        assert!(
            plan.items[0]
                .why
                .starts_with("x/b/a is moved or copied by this plan too"),
            "{plan:#?}"
        );
    }
    // What is where it is to go already keeps its place.
    let plan = planning
        .relocate(&RelocateOrder {
            taken: Taken::Replace,
            ..moving(&["x/a", "x/b/a", "free"], "x/b/")
        })
        .await;
    expect(
        &plan,
        &[
            ("", Action::Refuse),
            ("x/b/a", Action::Identical),
            ("x/b/free", Action::New),
        ],
    );
}

#[tokio::test]
async fn another_bucket_has_limits_of_its_own() {
    let local = Local::start().await;
    local.bucket("small", Some(3), None).await;
    local.put("a.png", b"bytes").await;
    local.put("b.png", b"by").await;
    let order = RelocateOrder {
        to_bucket: bucket("small"),
        ..moving(&["*.png"], "")
    };
    let plan = Planning::of(&local.project).relocate(&order).await;
    expect(&plan, &[("", Action::Refuse), ("b.png", Action::New)]);
    assert!(plan.items[0].why.contains("3 bytes"), "{}", plan.items[0].why);
}

#[tokio::test]
async fn deletions_say_whether_they_can_be_taken_back() {
    let local = Local::start().await;
    for key in ["a/1.png", "a/2.png", "_trash/d/x.png"] {
        local.put(key, b"bytes").await;
    }
    let planning = Planning::of(&local.project);
    let order = |text: &str, keep_trash| DeleteOrder {
        sources: vec![KeySource::typed(text).unwrap()],
        bucket: bucket("art"),
        rules: Rules {
            keep_trash,
            ..Rules::default()
        },
    };
    let plan = planning.planner().delete(&order("", true)).await.unwrap();
    planning.sound(&plan);
    assert_eq!(plan.title, "Delete 2 objects of art");
    assert!(
        plan.items
            .iter()
            .all(|item| item.action == Action::New && item.to.is_none())
    );
    let trash = planning.planner().delete(&order("_trash/", true)).await.unwrap();
    assert_eq!(trash.items[0].action, Action::Refuse);
    let for_good = planning.planner().delete(&order("_trash/", false)).await.unwrap();
    assert_eq!(
        (for_good.items[0].action, for_good.title.as_str()),
        (Action::New, "Delete 1 object of art for good")
    );
    assert_eq!(
        local.objects().list_all("").await.unwrap().len(),
        3,
        "planning changes nothing"
    );
    assert!(local.objects().exists(&key("a/1.png")).await.unwrap());
}
