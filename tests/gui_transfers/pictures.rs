//! Pictures of the transfers: running, mixed, empty, long names, many; in both themes.

use std::sync::Arc;
use std::time::Duration;

use egui::{Rect, Theme};
use egui_kittest::{Harness, SnapshotResults};
use jiff::Timestamp;
use storymimi_studio::gui::action::Action;
use storymimi_studio::gui::shell::transfers::{self, Transfers};
use storymimi_studio::service::{Moving, MovingItem, MovingJob, Wish};
use storymimi_studio::transfer::{
    Counts, Failure, FailureKind, ItemState, Job, JobId, JobState, Kind, Limits, Proof, Rules, Target, Wanted,
};
use uuid::Uuid;

use crate::support;
use egui_kittest::kittest::Queryable as _;

struct Page {
    transfers: Transfers,
    actions: Vec<Action>,
}

fn open(size: [f32; 2], look: Theme, moving: Moving) -> Harness<'static, Page> {
    let mut transfers = Transfers::default();
    transfers.take(&Arc::new(moving));
    transfers.open = true;
    let page = Page {
        transfers,
        actions: Vec::new(),
    };
    let mut harness = support::builder(size, look).build_ui_state(
        |ui, page: &mut Page| {
            let whole: Rect = ui.ctx().content_rect();
            let mut around = transfers::Around {
                limits: Limits::default(),
                thumb: &mut |_, _| None,
                picture: &mut |_, _| None,
            };
            transfers::show(ui, whole, &mut page.transfers, &mut around, &mut page.actions);
        },
        page,
    );
    harness.run_steps(4);
    harness
}

fn id(number: u128) -> JobId {
    JobId(Uuid::from_u128(number))
}

fn job(number: u128, kind: Kind, title: &str, state: JobState, items: Vec<MovingItem>) -> MovingJob {
    let count = |is: fn(&ItemState) -> bool| items.iter().filter(|item| is(&item.state)).count() as u64;
    let counts = Counts {
        items: items.len() as u64,
        waiting: count(|state| *state == ItemState::Waiting),
        running: count(|state| matches!(state, ItemState::InFlight | ItemState::Landed)),
        done: count(|state| matches!(state, ItemState::Done { .. })),
        skipped: count(|state| matches!(state, ItemState::Skipped { .. })),
        failed: count(|state| matches!(state, ItemState::Failed(_))),
        undecided: count(|state| matches!(state, ItemState::Undecided { .. })),
        cancelled: count(|state| *state == ItemState::Cancelled),
        bytes: items.iter().filter_map(|item| item.size).sum(),
        bytes_done: items.iter().map(|item| item.bytes).sum(),
    };
    let over = matches!(state, JobState::Done | JobState::Failed | JobState::Cancelled);
    let at: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
    MovingJob {
        job: Job {
            id: id(number),
            kind,
            title: title.to_owned(),
            rules: Rules::default(),
            created_at: at,
            ended_at: over.then_some(at),
            wanted: if state == JobState::Paused {
                Wanted::Pause
            } else {
                Wanted::Run
            },
            state,
            counts,
        },
        items,
        bytes_per_second: if state == JobState::Running { 1_100_000 } else { 0 },
        left: (state == JobState::Running).then_some(Duration::from_secs(4)),
        proofs: Vec::new(),
        held_by: None,
        can_be_undone: over && kind == Kind::Delete,
    }
}

fn item(number: u32, name: &str, size: u64, share: f64, state: ItemState) -> MovingItem {
    MovingItem {
        number,
        name: name.to_owned(),
        way: format!("/home/marta/{name} → story-images/stories/{name}"),
        object: None,
        file: None,
        picture: None,
        size: Some(size),
        bytes: (size as f64 * share) as u64,
        wanted: Wanted::Run,
        state,
    }
}

fn done(proof: Proof) -> ItemState {
    ItemState::Done { proof }
}

fn refused() -> ItemState {
    ItemState::Failed(Failure {
        kind: FailureKind::Refused,
        what: "the bucket refused a 6.8 MB picture: story-images accepts files up to 5 MB".to_owned(),
        hint: "Save it as WebP, or raise the limit of the bucket.".to_owned(),
    })
}

fn running() -> Moving {
    let pictures = vec![
        item(0, "scene_3_e1f7.png", 238_000, 1.0, done(Proof::ServerHash)),
        item(1, "cover-wide.webp", 7_100_000, 0.62, ItemState::InFlight),
        item(2, "scene_5_4d02.png", 1_200_000, 0.0, ItemState::Waiting),
    ];
    let pdf = vec![item(0, "pip-lost-star-print.pdf", 18_400_000, 0.33, ItemState::Waiting)];
    Moving {
        jobs: vec![
            job(
                1,
                Kind::Upload,
                "Upload 3 files to story-images/stories",
                JobState::Running,
                pictures,
            ),
            job(2, Kind::Download, "Download 1 object", JobState::Paused, pdf),
        ],
        bytes_per_second: 3_400_000,
        held_up_by: Some("The server asked for less, 3 at a time".to_owned()),
        server_waited_for: None,
    }
}

fn mixed() -> Moving {
    let failed = vec![
        item(0, "scene_6_71aa.png", 1_400_000, 1.0, done(Proof::SizeOnly)),
        item(1, "scene_7_0f3d.png", 6_800_000, 0.0, refused()),
        item(
            2,
            "scene_8_aa90.png",
            240_000,
            0.0,
            ItemState::Undecided {
                why: "somebody else has changed this object meanwhile; which one is right?".to_owned(),
            },
        ),
        item(
            3,
            "scene_9_b1b1.png",
            240_000,
            0.0,
            ItemState::Skipped {
                why: "the same bytes are there already".to_owned(),
            },
        ),
    ];
    let deleted = vec![item(0, "scene_1_b204.png", 231_000, 1.0, done(Proof::ServerHash))];
    Moving {
        jobs: vec![
            job(
                2,
                Kind::Delete,
                "Delete 1 object of story-images",
                JobState::Done,
                deleted,
            ),
            job(
                1,
                Kind::Upload,
                "Upload 4 files to story-images/stories",
                JobState::Failed,
                failed,
            ),
        ],
        ..Moving::default()
    }
}

/// What was done in large: its row says how far it is proven.
fn large() -> Moving {
    let done = |number, title: &str, proofs: &[(Proof, u64)]| {
        let mut large = job(number, Kind::Upload, title, JobState::Done, Vec::new());
        large.proofs = proofs.to_vec();
        large.job.counts.items = proofs.iter().map(|(_, items)| items).sum();
        large.job.counts.done = large.job.counts.items;
        large.job.counts.bytes = 68_100_000;
        large
    };
    Moving {
        jobs: vec![
            done(1, "Upload 20 files to story-images", &[(Proof::ServerHash, 20)]),
            done(
                2,
                "Upload 300 files to story-images",
                &[(Proof::ServerHash, 290), (Proof::SizeOnly, 10)],
            ),
        ],
        ..Moving::default()
    }
}

fn long() -> Moving {
    let name = "a picture that somebody has given a name which tells the whole story of how it came to be.final.v2.png";
    let title = "Upload 12,408 files to story-images/a/folder/in/a/folder/in/a/folder/that/goes/on/and/on";
    let items = vec![
        item(0, name, 7_100_000, 0.4, ItemState::InFlight),
        item(1, name, 7_100_000, 0.4, ItemState::Waiting),
        item(2, name, 7_100_000, 0.0, refused()),
        item(3, name, 7_100_000, 1.0, done(Proof::ReadBack)),
    ];
    let mut long = job(1, Kind::Upload, title, JobState::Running, items);
    long.job.counts.items = 12_408;
    long.job.counts.waiting = 12_000;
    Moving {
        jobs: vec![long],
        bytes_per_second: 0,
        held_up_by: Some("Waiting for the server, 12,001 items are safe".to_owned()),
        server_waited_for: Some("nothing answers at https://abcdefghijkl.supabase.co: connection refused".to_owned()),
    }
}

fn many() -> Moving {
    let jobs = (0..50).map(|number| {
        let state = if number < 2 {
            JobState::Running
        } else {
            JobState::Waiting
        };
        let items = (0..8).map(|at| {
            item(
                at,
                &format!("scene_{number}_{at}.png"),
                240_000,
                0.0,
                ItemState::Waiting,
            )
        });
        let title = format!("Upload 10,000 files to story-images/{number}");
        let mut many = job(number, Kind::Upload, &title, state, items.collect());
        many.job.counts.items = 10_000;
        many.job.counts.waiting = 10_000;
        many
    });
    Moving {
        jobs: jobs.collect(),
        bytes_per_second: 3_400_000,
        held_up_by: Some("32 at a time, trying more".to_owned()),
        server_waited_for: None,
    }
}

#[test]
fn the_transfers_look_as_they_should() {
    let mut results = SnapshotResults::new();
    for (look, theme) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        for (name, moving) in [
            ("running", running()),
            ("mixed", mixed()),
            ("empty", Moving::default()),
            ("long", long()),
            ("large", large()),
        ] {
            let mut harness = open([440.0, 420.0], look, moving);
            harness.snapshot(format!("transfers_{name}_{theme}"));
            results.extend(harness.take_snapshot_results());
        }
    }
    let mut harness = open([440.0, 420.0], Theme::Dark, many());
    harness.snapshot("transfers_many_dark");
    results.extend(harness.take_snapshot_results());
}

#[test]
fn of_many_rows_only_those_in_view_are_there() {
    let harness = open([440.0, 420.0], Theme::Dark, many());
    let rows = harness.query_all_by_role(egui::Role::ListBoxOption).count();
    assert!((4..=8).contains(&rows), "{rows} rows of 450 are made in a frame");
    assert!(harness.query_by_label("0 of 500,000 done · 3.4 MB/s").is_some());
    assert!(harness.query_by_label("500,000 queued").is_some());
}

#[test]
fn a_long_text_stays_in_its_row() {
    let harness = open([440.0, 420.0], Theme::Dark, long());
    let frame = harness.get_by_label("Close transfers").rect();
    for row in harness.query_all_by_role(egui::Role::ListBoxOption) {
        assert!(row.rect().right() <= frame.right() + 16.0, "{:?}", row.rect());
    }
}

#[test]
fn rows_are_steered_by_what_can_be_done_about_them() {
    let mut harness = open([440.0, 420.0], Theme::Dark, running());
    harness.get_by_label("Pause cover-wide.webp").click();
    harness.run_steps(2);
    harness.get_by_label("Resume pip-lost-star-print.pdf").click();
    harness.run_steps(2);
    harness.get_by_label("More about scene_5_4d02.png").click();
    harness.run_steps(3);
    harness.get_by_label("Put before all others").click();
    harness.run_steps(3);
    let wishes = [
        Action::Wish(Target::Item(id(1), 1), Wish::Pause),
        Action::Wish(Target::Job(id(2)), Wish::Resume),
        Action::Wish(Target::Item(id(1), 2), Wish::First),
    ];
    assert_eq!(harness.state().actions, wishes);

    let mut harness = open([440.0, 420.0], Theme::Dark, mixed());
    harness.get_by_label("More about scene_7_0f3d.png").click();
    harness.run_steps(3);
    harness.get_by_label("Copy error").click();
    harness.run_steps(3);
    harness.get_by_label("Undo").click();
    harness.run_steps(2);
    let [Action::Copy { text, .. }, Action::UndoTransfer(undone)] = harness.state().actions.as_slice() else {
        panic!("{:?}", harness.state().actions);
    };
    assert!(text.contains("story-images/stories/scene_7_0f3d.png") && text.contains("raise the limit"));
    assert_eq!(*undone, id(2));
}
