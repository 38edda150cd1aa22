use std::path::PathBuf;

use proptest::prelude::*;

use super::super::{Action, HeaderEdit, PlanError, Rules, Unseen};
use super::*;

fn project() -> ProjectUrl {
    ProjectUrl::parse("https://abcdefghijklmnopqrst.supabase.co").unwrap()
}

fn item(from: Place, to: Option<Place>) -> PlanItem {
    PlanItem {
        from,
        to,
        action: Action::New,
        why: String::new(),
        media_type: Some("image/png".to_owned()),
        size: Some(7),
        dimensions: Some((1, 2)),
        seen: Seen {
            size: Some(7),
            modified: None,
            etag: None,
        },
        replaces: None,
        renamed_from: None,
    }
}

fn edit() -> HeaderEdit {
    HeaderEdit {
        cache_control: Some("no-cache".to_owned()),
        ..HeaderEdit::default()
    }
}

fn a_bucket(name: &str) -> Place {
    Place::Bucket {
        bucket: name.to_owned(),
    }
}

/// A good plan of a kind, with two items.
fn plan(kind: Kind) -> Plan {
    let file = |number: u32| Place::file(format!("/folder/sub/{number}.png"));
    let object = |number: u32| Place::object("b", format!("k/{number}.png"));
    let other = |number: u32| Place::object("b", format!("other/{number}.png"));
    let bucket = |number: u32| Place::Bucket {
        bucket: format!("b{number}"),
    };
    let pair = |number: u32| match kind {
        Kind::Upload => item(file(number), Some(object(number))),
        Kind::Download => item(object(number), Some(file(number))),
        Kind::Delete | Kind::Edit => item(object(number), None),
        Kind::Empty | Kind::DeleteBucket => item(bucket(number), None),
        _ => item(object(number), Some(other(number))),
    };
    Plan {
        format: Plan::FORMAT,
        project: project().to_string(),
        made_at: "2026-11-25T18:00:00Z".parse().unwrap(),
        kind,
        title: "A plan".to_owned(),
        rules: Rules {
            root: (kind == Kind::Download).then(|| PathBuf::from("/folder")),
            edit: (kind == Kind::Edit).then(edit),
            ..Rules::default()
        },
        items: vec![pair(1), pair(2)],
        unseen: Vec::new(),
    }
}

const KINDS: [Kind; 9] = [
    Kind::Upload,
    Kind::Download,
    Kind::Move,
    Kind::Copy,
    Kind::Delete,
    Kind::Restore,
    Kind::Edit,
    Kind::Empty,
    Kind::DeleteBucket,
];

/// What is said of a plan that was changed.
fn said(kind: Kind, change: impl FnOnce(&mut Plan)) -> PlanFaults {
    let mut plan = plan(kind);
    change(&mut plan);
    plan.check(&project()).unwrap_err()
}

#[test]
fn good_plans_are_good_and_come_back_from_their_files() {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let path = folder.path().join("plan.json");
        let mut plan = plan(kind);
        plan.unseen = vec![Unseen {
            place: "/x".to_owned(),
            why: "It cannot be read.".to_owned(),
        }];
        if kind == Kind::Delete {
            plan.items.iter_mut().for_each(|item| item.action = Action::Skip);
        }
        plan.save(&path).unwrap();
        assert_eq!(Plan::read(&path, &project()).unwrap(), plan);
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "a temporary file was left"
    );
}

#[test]
fn the_item_that_is_wrong_is_named() {
    type Change = fn(&mut PlanItem);
    let changes: &[(Kind, Change)] = &[
        (Kind::Upload, |item| item.to = None),
        (Kind::Upload, |item| item.from = Place::object("b", "k")),
        (Kind::Upload, |item| item.to = Some(Place::file("/folder/x"))),
        (Kind::Upload, |item| item.from = Place::file("relative.png")),
        (Kind::Upload, |item| item.from = Place::file("")),
        (Kind::Upload, |item| item.from = Place::file("/a\0b")),
        (Kind::Upload, |item| item.to = Some(Place::object("b", "ö"))),
        (Kind::Upload, |item| item.to = Some(Place::object("b", "a/../b"))),
        (Kind::Upload, |item| item.to = Some(Place::object("b", "x".repeat(851)))),
        (Kind::Upload, |item| item.to = Some(Place::object("a/b", "k"))),
        (Kind::Upload, |item| item.to = Some(Place::object(" b", "k"))),
        (Kind::Upload, |item| item.to = Some(Place::object("", "k"))),
        (Kind::Upload, |item| item.size = Some(u64::MAX)),
        (Kind::Upload, |item| item.size = Some(8)),
        (Kind::Upload, |item| item.seen.size = Some(u64::MAX)),
        (Kind::Upload, |item| item.media_type = None),
        (Kind::Upload, |item| {
            item.media_type = Some("image/png\r\nx-upsert: true".to_owned());
        }),
        (Kind::Upload, |item| item.media_type = Some(String::new())),
        (Kind::Upload, |item| item.dimensions = Some((u32::MAX, 1))),
        (Kind::Upload, |item| item.action = Action::Replace),
        (Kind::Upload, |item| item.replaces = Some(Seen::default())),
        (Kind::Upload, |item| item.why = "a\u{1b}[2J".to_owned()),
        (Kind::Upload, |item| item.why = "x".repeat(5_000)),
        (Kind::Upload, |item| item.renamed_from = Some("x".repeat(100_000))),
        (Kind::Download, |item| {
            item.to = Some(Place::file("/folder/../etc/passwd"));
        }),
        (Kind::Download, |item| item.to = Some(Place::file("/etc/passwd"))),
        (Kind::Download, |item| item.to = Some(Place::file("/folder"))),
        (Kind::Download, |item| item.to = Some(Place::file("/folder/./x"))),
        (Kind::Download, |item| item.to = Some(Place::file("/folder//x"))),
        (Kind::Download, |item| item.to = Some(Place::file("/folder/nul"))),
        (Kind::Download, |item| item.to = Some(Place::file("/folder/a:b"))),
        (Kind::Download, |item| item.to = Some(Place::file("folder/x"))),
        (Kind::Download, |item| item.to = Some(Place::object("b", "k"))),
        (Kind::Download, |item| item.to = None),
        (Kind::Download, |item| item.from = Place::file("/folder/x")),
        (Kind::Download, |item| item.seen.etag = Some("a\r\nb".to_owned())),
        (Kind::Move, |item| item.to = Some(item.from.clone())),
        (Kind::Move, |item| item.to = None),
        (Kind::Copy, |item| item.to = Some(Place::file("/x"))),
        (Kind::Restore, |item| item.from = Place::file("/x")),
        (Kind::Delete, |item| item.to = Some(Place::object("b", "k"))),
        (Kind::Delete, |item| item.from = Place::object("b", "..")),
        (Kind::Delete, |item| item.from = a_bucket("b")),
        (Kind::Copy, |item| item.to = Some(a_bucket("b"))),
        (Kind::Upload, |item| item.to = Some(a_bucket("b"))),
        (Kind::Edit, |item| item.to = Some(Place::object("b", "k"))),
        (Kind::Edit, |item| item.from = a_bucket("b")),
        (Kind::Empty, |item| item.from = Place::object("b", "k")),
        (Kind::Empty, |item| item.to = Some(a_bucket("c"))),
        (Kind::DeleteBucket, |item| item.from = a_bucket(" b")),
        (Kind::DeleteBucket, |item| item.from = a_bucket("ö")),
        (Kind::DeleteBucket, |item| item.from = Place::file("/x")),
    ];
    for (number, (kind, change)) in changes.iter().enumerate() {
        let faults = said(*kind, |plan| change(&mut plan.items[1]));
        assert_eq!(faults.faults[0].item, Some(1), "{number}: {faults}");
        assert!(faults.to_string().contains("item 2: "), "{number}: {faults}");
        assert!(!faults.to_string().chars().any(char::is_control), "{number}: {faults}");
    }
}

#[test]
fn two_items_do_not_write_to_one_place() {
    for kind in KINDS {
        let faults = said(kind, |plan| plan.items[1] = plan.items[0].clone());
        assert_eq!(faults.faults[0].item, Some(1), "{kind:?}");
        // Nothing is done for those that are left out.
        let mut left_out = plan(kind);
        left_out.items[1] = left_out.items[0].clone();
        left_out.items[1].action = Action::Skip;
        assert_eq!(left_out.check(&project()), Ok(()), "{kind:?}");
    }
}

#[test]
fn the_plan_itself_is_checked() {
    let changes: [fn(&mut Plan); 9] = [
        |plan| plan.format = 2,
        |plan| plan.project = "https://zzzzzzzzzzzzzzzzzzzz.supabase.co".to_owned(),
        |plan| plan.project = "nothing".to_owned(),
        |plan| plan.title = "a\nb".to_owned(),
        |plan| plan.rules.cache_control = "x\r\ny".to_owned(),
        |plan| plan.rules.root = Some("relative".into()),
        |plan| plan.rules.root = Some("/a/../b".into()),
        |plan| plan.items.iter_mut().for_each(|item| item.size = Some(SIZE_MAX + 1)),
        |plan| {
            plan.unseen.push(Unseen {
                place: "x".to_owned(),
                why: "a\u{7}".to_owned(),
            });
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert!(said(Kind::Copy, change).count > 0, "{number}");
    }
    for change in [
        |plan: &mut Plan| plan.rules.edit = None,
        |plan: &mut Plan| plan.rules.edit = Some(HeaderEdit::default()),
        |plan: &mut Plan| plan.rules.edit.as_mut().unwrap().cache_control = Some("a\r\nb".to_owned()),
    ] {
        assert_eq!(said(Kind::Edit, change).faults[0].item, None);
    }
    assert!(said(Kind::Copy, |plan| plan.rules.edit = Some(edit())).count > 0);
    let blind = said(Kind::Delete, |plan| {
        plan.unseen.push(Unseen {
            place: "x".to_owned(),
            why: "y".to_owned(),
        });
    });
    assert_eq!(blind.faults[0].item, None);
    assert!(said(Kind::Download, |plan| plan.rules.root = None).count == 2);
    let many = said(Kind::Delete, |plan| {
        plan.items = vec![item(Place::object("b", "ö"), None); 100];
    });
    assert_eq!((many.faults.len(), many.count > 100), (TOLD, true));
    assert!(many.to_string().contains("more."));
}

#[test]
fn a_hostile_file_is_told_where_it_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Plan::read(&path, &project()).unwrap_err().to_string()
    };
    let good = serde_json::to_string(&plan(Kind::Upload)).unwrap();
    for (text, expected) in [
        (String::new(), "not a plan"),
        ("[]".to_owned(), "not a plan"),
        ("{}".to_owned(), "not a plan"),
        (good[..good.len() - 9].to_owned(), "not a plan"),
        (
            good.replacen("\"action\":\"new\"", "\"action\":\"destroy\"", 1),
            "item 1: unknown variant",
        ),
        (
            good.replace("\"dimensions\":[1,2]", "\"dimensions\":[1,-2]"),
            "item 1: ",
        ),
        (good.replace("\"size\":7", "\"size\":-1"), "item 1: "),
        (good.replace("\"size\":7", "\"size\":1e30"), "item 1: "),
        (good.replace("\"from\":{\"file\"", "\"from\":{\"url\""), "item 1: "),
        (
            good.replace("\"kind\":\"upload\"", "\"kind\":\"delete\""),
            "item 1: it is about an object",
        ),
        (good.replace("k/2.png", "k/\\u0000.png"), "item 2: "),
        (good.replace("\"format\":1", "\"format\":9"), "version 9"),
        (format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), "not a plan"),
    ] {
        let error = read(&text);
        assert!(error.contains(expected), "{error}");
        assert!(error.len() < 2_000 && !error.chars().any(char::is_control), "{error}");
    }
    assert!(matches!(
        Plan::read(folder.path(), &project()),
        Err(PlanError::NotAPlan(_))
    ));
    assert!(matches!(
        Plan::read(&folder.path().join("none"), &project()),
        Err(PlanError::Io { what: "read", .. })
    ));
}

#[test]
fn what_was_there_stays_if_a_plan_cannot_be_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    std::fs::create_dir(&path).unwrap();
    let error = plan(Kind::Copy).save(&path).unwrap_err();
    assert!(matches!(error, PlanError::Io { what: "written", .. }), "{error}");
    assert!(path.is_dir() && std::fs::read_dir(folder.path()).unwrap().count() == 1);
    assert!(plan(Kind::Copy).save(&folder.path().join("none/plan.json")).is_err());
}

#[test]
fn a_plan_in_numbers() {
    let mut plan = plan(Kind::Copy);
    plan.items[1].action = Action::Refuse;
    plan.items[1].size = None;
    let summary = plan.summary();
    assert_eq!(summary.acting(), (1, 7));
    assert_eq!(
        (
            summary.of(Action::Refuse).items,
            summary.of(Action::Refuse).unsized_items
        ),
        (1, 1)
    );
    assert_eq!((summary.rows.len(), summary.of(Action::Skip).items), (2, 0));
}

proptest! {
    #![proptest_config(crate::transfer::names::cases(64))]

    #[test]
    fn no_download_leaves_its_folder(path in "(/folder)?(/|\\.|[a-z:]|\\.\\.|nul|\\\\){0,12}") {
        let mut plan = plan(Kind::Download);
        plan.items.truncate(1);
        plan.items[0].to = Some(Place::file(&path));
        if plan.check(&project()).is_ok() {
            let inside = Path::new(&path).strip_prefix("/folder").unwrap();
            let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
            prop_assert!(inside.components().count() > 0 && inside.components().all(plain));
        }
    }

    #[test]
    fn damaged_files_are_refused_or_read(at in 0_usize..2_000, byte in any::<u8>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        let mut bytes = serde_json::to_vec(&plan(Kind::Move)).unwrap();
        let at = at % bytes.len();
        bytes[at] = byte;
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(plan) = Plan::read(&path, &project()) {
            prop_assert_eq!(plan.check(&project()), Ok(()));
        }
    }
}
