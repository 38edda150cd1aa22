use std::path::PathBuf;

use super::*;
use crate::transfer::plan::fix::{Trouble, TroubleKind};
use crate::transfer::plan::{Action, Place, Seen};

fn terms() -> Terms {
    Terms {
        bucket: BucketName::parse("pictures").unwrap(),
        limit: None,
        types: None,
        folder: "winter".to_owned(),
        template: Template::default(),
        taken: IfTaken::Ask,
        remove_location: true,
    }
}

fn source(name: &str, kind: Option<MediaType>, size: u64) -> Source {
    Source {
        path: PathBuf::from("/home/me").join(name),
        relative: name.to_owned(),
        size,
        modified: None,
        kind,
        media_type: kind.map_or("text/plain", MediaType::mime).to_owned(),
        dimensions: kind.map(|_| (40, 30)),
        has_location: false,
        refused: None,
    }
}

fn png(name: &str) -> Source {
    source(name, Some(MediaType::Png), 1_000)
}

fn sheet(terms: Terms, sources: Vec<Source>) -> Sheet {
    let mut sheet = Sheet::new(terms);
    sheet.add(sources);
    sheet.settle();
    sheet
}

/// Answers what is asked of the bucket until nothing is: `there` has other bytes, `same` the same.
fn answer(sheet: &mut Sheet, there: &[&str], same: &[&str]) -> usize {
    let mut rounds = 0;
    loop {
        let aims = sheet.aims();
        if aims.is_empty() {
            return rounds;
        }
        rounds += 1;
        assert!(rounds < 100, "it never ends");
        let met = aims.into_iter().map(|aim| {
            let is_same = same.contains(&aim.key.as_str());
            let is_there = is_same || there.contains(&aim.key.as_str());
            Met {
                seen: is_there.then(|| Seen {
                    size: Some(5),
                    ..Seen::default()
                }),
                same: Some(is_same),
                twin: None,
                aim,
            }
        });
        sheet.take_met(met.collect());
        sheet.settle();
    }
}

fn states(sheet: &Sheet) -> Vec<State> {
    sheet.rows().iter().map(Row::state).collect()
}

fn keys(sheet: &Sheet) -> Vec<&str> {
    sheet
        .rows()
        .iter()
        .map(|row| row.key().map_or("", |key| key.as_str()))
        .collect()
}

fn first(sheet: &Sheet, row: usize) -> (TroubleKind, Option<Fix>) {
    let standing = &sheet.rows()[row].standings()[0];
    (standing.trouble.kind(), standing.fix)
}

#[test]
fn what_is_free_and_right_is_ready() {
    let mut sheet = sheet(terms(), vec![png("fox.png"), png("deep/owl.png")]);
    assert_eq!(states(&sheet), [State::Checking, State::Checking]);
    answer(&mut sheet, &[], &[]);
    assert_eq!(states(&sheet), [State::Ready, State::Ready]);
    assert_eq!(keys(&sheet), ["winter/fox.png", "winter/deep/owl.png"]);
    let items = sheet.items();
    assert_eq!(items[0].action, Action::New);
    assert_eq!(items[0].to, Some(Place::object("pictures", "winter/fox.png")));
    assert_eq!(sheet.counts().uploads(), 2);
    assert_eq!(sheet.counts().bytes, 2_000);
}

#[test]
fn a_taken_key_asks_and_every_answer_is_done() {
    let there = ["winter/fox.png", "winter/fox (2).png"];
    for (fix, state, action, key) in [
        (Fix::Replace, State::Fixed, Action::Replace, "winter/fox.png"),
        (Fix::KeepBoth, State::Fixed, Action::Rename, "winter/fox (3).png"),
        (Fix::Skip, State::Skipped, Action::Skip, "winter/fox.png"),
    ] {
        let mut sheet = sheet(terms(), vec![png("fox.png")]);
        answer(&mut sheet, &there, &[]);
        assert_eq!(states(&sheet), [State::NeedsChoice]);
        assert_eq!(first(&sheet, 0), (TroubleKind::Taken, None));
        sheet.choose(0, TroubleKind::Taken, fix);
        sheet.settle();
        answer(&mut sheet, &there, &[]);
        assert_eq!(states(&sheet), [state], "{fix:?}");
        assert_eq!(keys(&sheet), [key], "{fix:?}");
        let item = &sheet.items()[0];
        assert_eq!((item.action, item.replaces.is_some()), (action, fix == Fix::Replace));
        // And back again.
        let kind = first(&sheet, 0).0;
        sheet.choose(0, kind, Fix::Replace);
        sheet.settle();
        answer(&mut sheet, &there, &[]);
        assert_eq!(sheet.items()[0].action, Action::Replace, "after {fix:?}");
    }
}

#[test]
fn a_rule_answers_for_all_and_a_choice_goes_before_it() {
    let there = ["winter/a.png", "winter/b.png"];
    let mut sheet = sheet(terms(), vec![png("a.png"), png("b.png")]);
    answer(&mut sheet, &there, &[]);
    sheet.choose(0, TroubleKind::Taken, Fix::Skip);
    for (taken, state, action) in [
        (IfTaken::Replace, State::Fixed, Action::Replace),
        (IfTaken::KeepBoth, State::Fixed, Action::Rename),
        (IfTaken::Skip, State::Skipped, Action::Skip),
        (IfTaken::Ask, State::NeedsChoice, Action::Skip),
    ] {
        sheet.set_terms(Terms { taken, ..terms() });
        sheet.settle();
        answer(&mut sheet, &there, &[]);
        assert_eq!(states(&sheet), [State::Skipped, state], "{taken:?}");
        assert_eq!(sheet.items()[1].action, action, "{taken:?}");
    }
}

#[test]
fn the_same_bytes_are_left_alone_unless_somebody_insists() {
    let same = ["winter/a.png"];
    let mut sheet = sheet(
        Terms {
            taken: IfTaken::Replace,
            ..terms()
        },
        vec![png("a.png")],
    );
    answer(&mut sheet, &[], &same);
    assert_eq!(first(&sheet, 0), (TroubleKind::Identical, Some(Fix::Skip)));
    assert_eq!(sheet.items()[0].action, Action::Identical);
    sheet.choose(0, TroubleKind::Identical, Fix::KeepBoth);
    sheet.settle();
    answer(&mut sheet, &[], &same);
    assert_eq!(keys(&sheet), ["winter/a (2).png"]);
    assert_eq!(states(&sheet), [State::Fixed]);
}

#[test]
fn two_files_never_get_one_key() {
    let template = Template::new("same.{ext}");
    let mut sheet = sheet(
        Terms { template, ..terms() },
        vec![
            png("a.png"),
            png("b.png"),
            png("c.png"),
            source("d.jpg", Some(MediaType::Jpeg), 9),
        ],
    );
    answer(&mut sheet, &["winter/same (2).png"], &[]);
    assert_eq!(
        keys(&sheet),
        [
            "winter/same.png",
            "winter/same (3).png",
            "winter/same (4).png",
            "winter/same.jpg"
        ]
    );
    // Names that nobody made here are asked about.
    let one = |folder: &str| Source {
        path: PathBuf::from(folder).join("a.png"),
        ..png("a.png")
    };
    let mut sheet = Sheet::new(terms());
    sheet.add(vec![one("/x"), one("/y")]);
    sheet.settle();
    answer(&mut sheet, &[], &[]);
    assert_eq!(states(&sheet), [State::Ready, State::NeedsChoice]);
    assert!(matches!(
        sheet.rows()[1].standings()[0].trouble,
        Trouble::SameKey { other: 0 }
    ));
    sheet.skip(0, true);
    sheet.settle();
    answer(&mut sheet, &[], &[]);
    assert_eq!(states(&sheet), [State::Skipped, State::Ready], "the key is free again");
    sheet.skip(0, false);
    sheet.choose(1, TroubleKind::SameKey, Fix::KeepBoth);
    sheet.settle();
    answer(&mut sheet, &[], &[]);
    assert_eq!(keys(&sheet), ["winter/a.png", "winter/a (2).png"]);
}

#[test]
fn names_that_are_no_keys_and_extensions_that_lie_are_put_right() {
    let mut sheet = sheet(
        terms(),
        vec![
            png("Möhre #7 [final].png"),
            png("scene.jpg"),
            png("图.png"),
            png("fine.PNG"),
        ],
    );
    answer(&mut sheet, &[], &[]);
    assert_eq!(&keys(&sheet)[..2], ["winter/Mohre-7-final.png", "winter/scene.png"]);
    assert_eq!(states(&sheet), [State::Fixed, State::Fixed, State::Fixed, State::Ready]);
    assert_eq!(sheet.items()[1].renamed_from.as_deref(), Some("winter/scene.jpg"));
    sheet.choose(0, TroubleKind::BadName, Fix::Escape);
    sheet.choose(1, TroubleKind::WrongExtension, Fix::KeepName);
    sheet.settle();
    answer(&mut sheet, &[], &[]);
    assert!(keys(&sheet)[0].starts_with("winter/M!"), "{:?}", keys(&sheet));
    assert_eq!(keys(&sheet)[1], "winter/scene.jpg");
    sheet.call(0, Some("möhre.jpg".to_owned()));
    sheet.settle();
    answer(&mut sheet, &[], &[]);
    assert_eq!(sheet.rows()[0].standings().len(), 2, "it is judged like any other");
    sheet.call(0, Some("carrot.png".to_owned()));
    sheet.settle();
    answer(&mut sheet, &[], &[]);
    assert_eq!(keys(&sheet)[0], "winter/carrot.png");
}

#[test]
fn what_the_bucket_does_not_take_is_made_into_something_it_does() {
    let terms = Terms {
        limit: Some(5_000),
        types: Some(vec!["image/png".to_owned(), "image/jpeg".to_owned()]),
        ..terms()
    };
    let mut sheet = sheet(
        terms,
        vec![
            source("a.webp", Some(MediaType::Webp), 100),
            source("b.png", Some(MediaType::Png), 9_000),
            source("c.heic", Some(MediaType::Heic), 100),
            source("d.txt", None, 100),
        ],
    );
    assert_eq!(
        sheet.to_make(),
        [(0, recipe(MediaType::Png)), (1, recipe(MediaType::Png))]
    );
    assert_eq!(keys(&sheet)[0], "winter/a.png", "it is called what it becomes");
    answer(&mut sheet, &[], &[]);
    assert_eq!(
        states(&sheet),
        [State::Checking, State::Checking, State::Skipped, State::Skipped]
    );
    let made = |kind| Made {
        path: PathBuf::from("/made/1"),
        size: 80,
        modified: None,
        kind,
        dimensions: Some((4, 3)),
    };
    sheet.take_made(0, recipe(MediaType::Png), Ok(made(MediaType::Png)));
    sheet.take_made(1, recipe(MediaType::Png), Err("The picture is damaged.".to_owned()));
    // Nobody wants this any more.
    sheet.take_made(1, recipe(MediaType::Webp), Ok(made(MediaType::Webp)));
    sheet.settle();
    answer(&mut sheet, &[], &[]);
    assert_eq!(states(&sheet)[..2], [State::Fixed, State::NeedsChoice]);
    let item = &sheet.items()[0];
    assert_eq!(item.from, Place::file("/made/1"));
    assert_eq!(
        (item.size, item.dimensions, item.media_type.as_deref()),
        (Some(80), Some((4, 3)), Some("image/png"))
    );
    sheet.choose(1, TroubleKind::TooLarge, Fix::Convert(MediaType::Jpeg));
    sheet.settle();
    assert_eq!(sheet.to_make(), [(1, recipe(MediaType::Jpeg))]);
    assert_eq!(keys(&sheet)[1], "winter/b.jpg");
    sheet.choose(1, TroubleKind::TooLarge, Fix::Skip);
    sheet.settle();
    assert!(sheet.to_make().is_empty(), "nothing is made of what is left out");
}

fn recipe(into: MediaType) -> Recipe {
    Recipe {
        into: Some(into),
        most: Some(5_000),
        without_location: false,
    }
}

#[test]
fn what_helps_one_helps_all_that_are_alike() {
    let there = ["winter/a.png", "winter/b.png", "winter/c.png"];
    let mut sheet = sheet(terms(), vec![png("a.png"), png("b.png"), png("c.png"), png("d.png")]);
    answer(&mut sheet, &there, &[]);
    sheet.choose(1, TroubleKind::Taken, Fix::Replace);
    sheet.settle();
    assert_eq!(sheet.alike(TroubleKind::Taken, Fix::Replace), [0, 2]);
    assert_eq!(sheet.choose_for_alike(TroubleKind::Taken, Fix::Replace), 2);
    sheet.settle();
    assert_eq!(states(&sheet), [State::Fixed, State::Fixed, State::Fixed, State::Ready]);
    assert!(sheet.alike(TroubleKind::Taken, Fix::Replace).is_empty());
}

#[test]
fn where_a_picture_was_taken_is_removed_unless_it_is_to_stay() {
    let located = Source {
        has_location: true,
        ..png("a.png")
    };
    let mut sheet = sheet(terms(), vec![located]);
    let strip = Recipe {
        into: None,
        most: None,
        without_location: true,
    };
    assert_eq!(sheet.to_make(), [(0, strip)]);
    sheet.choose(0, TroubleKind::Location, Fix::KeepLocation);
    sheet.settle();
    answer(&mut sheet, &[], &[]);
    assert_eq!(states(&sheet), [State::Fixed]);
    assert_eq!(sheet.items()[0].from, Place::file("/home/me/a.png"));
    sheet.set_terms(Terms {
        remove_location: false,
        ..terms()
    });
    sheet.settle();
    assert_eq!(states(&sheet), [State::Ready]);
}

#[test]
fn another_folder_or_bucket_asks_anew_and_an_answer_to_an_old_question_is_nothing() {
    let mut sheet = sheet(terms(), vec![png("a.png")]);
    let old = sheet.aims();
    sheet.set_terms(Terms {
        folder: "summer/".to_owned(),
        ..terms()
    });
    sheet.settle();
    let met = old.into_iter().map(|aim| Met {
        seen: None,
        same: Some(false),
        twin: None,
        aim,
    });
    sheet.take_met(met.collect());
    sheet.settle();
    assert_eq!(states(&sheet), [State::Checking]);
    answer(&mut sheet, &[], &[]);
    assert_eq!((states(&sheet)[0], keys(&sheet)[0]), (State::Ready, "summer/a.png"));
    let bucket = BucketName::parse("other").unwrap();
    sheet.set_terms(Terms {
        bucket,
        folder: "summer".to_owned(),
        ..terms()
    });
    sheet.settle();
    assert_eq!(states(&sheet), [State::Checking]);
}

#[test]
fn empty_files_and_what_cannot_be_read_are_told() {
    let refused = Source {
        refused: Some("It cannot be read: Permission denied.".to_owned()),
        ..png("locked.png")
    };
    let mut sheet = sheet(
        terms(),
        vec![refused, source("empty.png", None, 0), source(".keep", None, 0)],
    );
    sheet.look(
        1,
        Source {
            media_type: "image/png".to_owned(),
            ..source("empty.png", None, 0)
        },
    );
    sheet.settle();
    answer(&mut sheet, &[], &[]);
    assert_eq!(states(&sheet), [State::Skipped, State::NeedsChoice, State::Fixed]);
    sheet.choose(1, TroubleKind::Empty, Fix::Upload);
    sheet.settle();
    answer(&mut sheet, &[], &[]);
    assert_eq!(states(&sheet)[1], State::Fixed);
    let items = sheet.items();
    assert_eq!(items[0].action, Action::Skip);
    assert!(items[0].why.contains("Permission denied"));
}
