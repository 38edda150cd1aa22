//! The buckets' place and the URL Lab, against the real embedded server: what an admin or developer sees and does there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod browse;
mod many;
mod pictures;
#[path = "../support/mod.rs"]
mod support;
mod usage;

use std::time::{Duration, Instant};

use egui::{Key, Modifiers, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use storymimi_studio::catalog::Index;
use storymimi_studio::gui::action::Action;
use storymimi_studio::gui::panel::{PanelContext, buckets, url_lab};
use storymimi_studio::gui::review::Thumbs;
use storymimi_studio::gui::texture::Pictures;
use storymimi_studio::service::{Event, Service};
use storymimi_studio::story::Brief;
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, url};
use storymimi_studio::transfer::Rules;
use storymimi_studio::transfer::plan::{BadNames, FileSource, KeySource, KeyTarget, Links, Taken, UploadOrder};
use support::Click as _;
use support::project::{Project, png};
use tokio_util::sync::CancellationToken;

/// Both places with their project, as the shell holds them.
struct Desk {
    buckets: buckets::State,
    lab: url_lab::State,
    show_lab: bool,
    /// Nothing new is taken in: what is shown stays as it is.
    frozen: bool,
    /// What is shown then.
    index: Option<Index>,
    pictures: Pictures,
    actions: Vec<Action>,
    project: Project,
    runtime: tokio::runtime::Runtime,
}

impl Desk {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let project = runtime.block_on(Project::start());
        Self {
            buckets: buckets::State::default(),
            lab: url_lab::State::default(),
            show_lab: false,
            frozen: false,
            index: None,
            pictures: Pictures::new(),
            actions: Vec::new(),
            project,
            runtime,
        }
    }

    fn service(&self) -> &Service {
        &self.project.service
    }

    fn bucket(&self, name: &str, public: bool) -> BucketName {
        let name = BucketName::parse_new(name).unwrap();
        let bucket = NewBucket {
            name: name.clone(),
            public,
            file_size_limit: Some(5_000_000),
            allowed_mime_types: None,
        };
        self.runtime.block_on(self.service().create_bucket(&bucket)).unwrap();
        name
    }

    fn put(&self, bucket: &BucketName, key: &str, bytes: Vec<u8>) -> ObjectKey {
        let key = ObjectKey::parse(key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(key.file_name());
        std::fs::write(&file, bytes).unwrap();
        let order = UploadOrder {
            sources: vec![FileSource::Named(file.clone())],
            bucket: bucket.clone(),
            target: KeyTarget::Exact(key.clone()),
            bad_names: BadNames::Refuse,
            taken: Taken::Refuse,
            links: Links::Refuse,
            rules: Rules::default(),
        };
        let service = self.service();
        let stored = self.runtime.block_on(async {
            let plan = service
                .plan_upload(&order, &|_| {}, &CancellationToken::new())
                .await
                .unwrap();
            let job = service.submit(plan).await.unwrap();
            service.run_transfer(job).await.unwrap()
        });
        assert!(stored.is_done(), "{stored:#?}");
        key
    }

    fn frame(&mut self, ui: &mut egui::Ui) {
        let service = &self.project.service;
        let events: Vec<Event> = self.project.events.drain().collect();
        for event in &events {
            self.buckets.event(event, service);
            self.lab.event(event, service);
        }
        self.pictures.poll(ui);
        let actions = &mut self.actions;
        if self.show_lab {
            self.lab.poll(service);
            let mut context = PanelContext {
                service,
                pictures: &mut self.pictures,
                thumbs: &mut Thumbs::default(),
                jobs: &[],
                actions,
            };
            url_lab::view::show(ui, &mut self.lab, &mut context);
        } else {
            if !self.frozen {
                self.buckets.poll(service);
            }
            let mut context = PanelContext {
                service,
                pictures: &mut self.pictures,
                thumbs: &mut Thumbs::default(),
                jobs: &[],
                actions,
            };
            buckets::view::show(ui, &mut self.buckets, &mut context);
        }
    }
}

fn open(desk: Desk) -> Harness<'static, Desk> {
    sized(desk, [1376.0, 832.0], Theme::Dark)
}

fn sized(desk: Desk, size: [f32; 2], look: Theme) -> Harness<'static, Desk> {
    support::builder(size, look)
        .with_max_steps(64)
        .build_ui_state(|ui, desk: &mut Desk| desk.frame(ui), desk)
}

/// Runs frames until the window shows what is awaited.
fn wait(harness: &mut Harness<'_, Desk>, what: &str, there: impl Fn(&Harness<'_, Desk>) -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        harness.run_steps(2);
        if there(harness) {
            return;
        }
        assert!(Instant::now() < until, "never seen: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// For eyes: a picture of the place into the folder that `BUCKETS_PICTURES` names.
fn picture(harness: &mut Harness<'_, Desk>, name: &str) {
    let Ok(folder) = std::env::var("BUCKETS_PICTURES") else {
        return;
    };
    let quiet = Instant::now() + Duration::from_millis(1_500);
    while Instant::now() < quiet {
        harness.step();
        std::thread::sleep(Duration::from_millis(10));
    }
    harness
        .render()
        .unwrap()
        .save(std::path::Path::new(&folder).join(format!("{name}.png")))
        .unwrap();
}

fn type_into(harness: &mut Harness<'_, Desk>, field: &str, text: &str) {
    harness.get_by_label(field).focus();
    harness.step();
    harness.get_by_label(field).type_text(text);
    harness.step();
}

fn wait_for(harness: &mut Harness<'_, Desk>, label: &str) {
    wait(harness, label, |harness| {
        harness.query_all_by_label_contains(label).next().is_some()
    });
}

/// A project with a public bucket of three pictures, two of them in a folder.
fn with_pictures() -> (Desk, BucketName) {
    let desk = Desk::new();
    let bucket = desk.bucket("story-images", true);
    desk.put(&bucket, "cover.png", png(64, 48));
    desk.put(&bucket, "pip/scene_0.png", png(40, 30));
    desk.put(&bucket, "pip/scene_1.png", png(40, 30));
    (desk, bucket)
}

/// A project as it looks in use: pictures of the built-in illustrator, several buckets, other kinds of files.
fn in_use() -> Desk {
    let desk = Desk::new();
    let brief = Brief::new(
        "Pip and the Lost Star",
        "A fox named Pip carries a fallen star home",
        8,
        7,
    )
    .unwrap();
    let never = CancellationToken::new();
    desk.runtime
        .block_on(desk.service().create_story(&brief, &|_| {}, &never))
        .unwrap();
    let bucket = desk.service().bucket().clone();
    let objects = desk.runtime.block_on(desk.service().objects(&bucket, "")).unwrap();
    for (place, row) in objects.iter().enumerate() {
        let key = ObjectKey::parse(&row.key).unwrap();
        let bytes = desk
            .runtime
            .block_on(desk.service().download(&bucket, &key))
            .unwrap()
            .bytes;
        let folder = if place % 2 == 0 {
            "stories/pip-lost-star"
        } else {
            "stories/winter-sampler"
        };
        desk.put(&bucket, &format!("{folder}/scene_{place}_a91c.png"), bytes.to_vec());
        if place < 3 {
            desk.put(&bucket, &format!("drafts/scene_{place}.jpg"), bytes.to_vec());
        }
    }
    desk.bucket("story-drafts", false);
    let exports = desk.bucket("exports", false);
    desk.put(
        &exports,
        "notes with a rather long name for a file of the service.txt",
        b"plain words".to_vec(),
    );
    desk
}

#[test]
fn each_state_of_the_place_can_be_drawn() {
    for (look, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let mut harness = open(in_use());
        harness.ctx.set_theme(look);
        wait_for(&mut harness, "Folder stories");
        picture(&mut harness, &format!("grid-{name}"));
        harness.click(|harness| harness.get_all_by_label_contains("scene_0_").next().unwrap().rect());
        wait_for(&mut harness, "ETag");
        picture(&mut harness, &format!("object-{name}"));
        harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
        harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
        wait_for(&mut harness, "3 selected");
        harness.key_press(Key::V);
        picture(&mut harness, &format!("table-{name}"));
        type_into(&mut harness, "Search all folders", "scene_3");
        wait_for(&mut harness, "matches");
        picture(&mut harness, &format!("search-{name}"));
    }
}

#[test]
fn the_places_fit_a_small_window() {
    for (size, name) in [([1216.0, 732.0], "1280"), ([1056.0, 632.0], "1120")] {
        let mut desk = in_use();
        let bucket = desk.service().bucket().clone();
        let project = desk.service().workspace().url.clone();
        let key = desk
            .runtime
            .block_on(desk.service().objects(&bucket, "drafts/"))
            .unwrap()
            .remove(0)
            .key;
        let good = url::public_url(&project, &bucket, &ObjectKey::parse(&key).unwrap());
        desk.lab.open(good.replacen("http://", "https://http://", 1));
        let mut harness = sized(desk, size, Theme::Light);
        wait_for(&mut harness, "Folder drafts");
        harness.click(|harness| harness.get_by_label("Folder drafts").rect());
        wait_for(&mut harness, "scene_0.jpg,");
        harness.click(|harness| harness.get_by_label_contains("scene_0.jpg,").rect());
        wait_for(&mut harness, "1 selected");
        picture(&mut harness, &format!("small-{name}"));
        harness.state_mut().show_lab = true;
        wait_for(&mut harness, "Fix all");
        picture(&mut harness, &format!("small-lab-{name}"));
    }
}

#[test]
fn folders_open_and_the_path_leads_back() {
    let (desk, _) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    assert!(harness.query_by_label_contains("1 folder, 1 object").is_some());
    harness.click(|harness| harness.get_by_label("Folder pip").rect());
    wait_for(&mut harness, "scene_1.png,");
    assert!(harness.query_by_label_contains("cover.png,").is_none());
    harness.click(|harness| harness.get_by_role_and_label(egui::Role::Link, "story-images").rect());
    wait_for(&mut harness, "cover.png,");
}

#[test]
fn a_search_goes_through_all_folders() {
    let (desk, _) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    type_into(&mut harness, "Search all folders", "SCENE_1");
    wait_for(&mut harness, "1 match");
    assert!(harness.query_by_label_contains("scene_1.png,").is_some());
    type_into(&mut harness, "Search all folders", "x");
    wait_for(&mut harness, "No match for");
    harness.click(|harness| harness.get_by_label("Clear search").rect());
    wait_for(&mut harness, "cover.png,");
}

#[test]
fn delete_asks_and_then_names_exactly_what_was_chosen() {
    let (desk, bucket) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "Folder pip");
    harness.click(|harness| harness.get_by_label("Folder pip").rect());
    wait_for(&mut harness, "scene_0.png,");
    harness.click(|harness| harness.get_by_label_contains("scene_0.png,").rect());
    wait_for(&mut harness, "1 selected");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    wait_for(&mut harness, "2 selected");
    harness.key_press(Key::Delete);
    wait_for(&mut harness, "Restore for 30 days");
    picture(&mut harness, "delete");
    assert!(
        harness.state().actions.is_empty(),
        "nothing is deleted before the answer"
    );
    harness.key_press(Key::Enter);
    wait(&mut harness, "the question closed", |harness| {
        harness.query_by_label_contains("Restore for 30 days").is_none()
    });
    assert!(harness.state().actions.is_empty(), "Enter right after Del is not a yes");
    harness.key_press(Key::Delete);
    wait_for(&mut harness, "Restore for 30 days");
    // The last one is the question's; those of the bar and of the details lie below it.
    harness.click(|harness| {
        let buttons = harness.get_all_by_role_and_label(egui::Role::Button, "Move to trash");
        buttons.last().unwrap().rect()
    });
    harness.run_steps(3);
    let keys = vec![
        KeySource::Key(ObjectKey::parse("pip/scene_0.png").unwrap()),
        KeySource::Key(ObjectKey::parse("pip/scene_1.png").unwrap()),
    ];
    let [
        Action::Delete {
            chosen,
            for_good: false,
        },
    ] = harness.state().actions.as_slice()
    else {
        panic!("{:?}", harness.state().actions)
    };
    assert_eq!((&chosen.bucket, chosen.sources()), (&bucket, keys));
}

#[test]
fn the_inspector_tells_what_the_server_knows() {
    let (desk, bucket) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    harness.click(|harness| harness.get_by_label_contains("cover.png,").rect());
    // It comes with all that is above it.
    wait_for(&mut harness, "Copy Public URL");
    harness.click(|harness| harness.get_by_label("Copy Public URL").rect());
    harness.run_steps(3);
    let project = harness.state().service().workspace().url.clone();
    let text = url::public_url(&project, &bucket, &ObjectKey::parse("cover.png").unwrap());
    assert_eq!(harness.state().actions, [Action::Copy { text, what: "URL" }]);
}

/// Requests that fetched the whole of an object.
fn fetched(harness: &Harness<'_, Desk>, key: &str) -> usize {
    let all = harness.state().service().transcript().exchanges();
    let is_part = |headers: &[(String, String)]| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("range"));
    all.iter()
        .filter(|exchange| exchange.operation == "Download object" && exchange.target.contains(key))
        .filter(|exchange| !is_part(&exchange.request_headers))
        .count()
}

#[test]
fn a_preview_that_was_made_before_needs_no_request() {
    let (desk, _) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    harness.click(|harness| harness.get_by_label_contains("cover.png,").rect());
    wait_for(&mut harness, "64 × 48");
    let first = fetched(&harness, "cover.png");
    assert!(first > 0, "it was fetched when nobody had seen it");
    // It is kept while it is shown already; then nothing is left of it but what is kept.
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let before = fetched(&harness, "cover.png");
        harness.state_mut().pictures = Pictures::new();
        wait_for(&mut harness, "64 × 48");
        if fetched(&harness, "cover.png") == before {
            break;
        }
        assert!(Instant::now() < until, "it is fetched each time");
    }
}

#[test]
fn what_others_upload_appears_and_the_selection_stays() {
    let (desk, bucket) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    harness.click(|harness| harness.get_by_label_contains("cover.png,").rect());
    wait_for(&mut harness, "1 selected");
    harness.state().put(&bucket, "a-new-one.png", png(8, 6));
    wait_for(&mut harness, "a-new-one.png,");
    assert!(harness.query_by_label("1 selected").is_some());
    let chosen = harness.get_by_label_contains("cover.png,");
    assert_eq!(chosen.accesskit_node().toggled(), Some(egui::accesskit::Toggled::True));
}

#[test]
fn a_new_bucket_is_checked_while_it_is_typed() {
    let (desk, _) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "cover.png,");
    harness.click(|harness| harness.get_by_label("New bucket").rect());
    wait_for(&mut harness, "Create bucket");
    type_into(&mut harness, "Name", "story-images");
    wait_for(&mut harness, "is there already");
    picture(&mut harness, "new-bucket");
    type_into(&mut harness, "Name", "-ö");
    wait_for(&mut harness, "“ö” is not allowed");
    harness.click(|harness| harness.get_by_label("Create bucket").rect());
    harness.run_steps(3);
    assert!(harness.state().actions.is_empty());
}

#[test]
fn an_empty_project_and_an_empty_bucket_say_what_to_do() {
    let mut harness = open(Desk::new());
    wait_for(&mut harness, "No buckets yet");
    picture(&mut harness, "no-buckets");
    let bucket = harness.state().bucket("covers", false);
    wait_for(&mut harness, "Nothing here");
    picture(&mut harness, "empty-bucket");
    harness.click(|harness| harness.get_all_by_label("Upload").next().unwrap().rect());
    harness.run_steps(3);
    assert_eq!(
        harness.state().actions,
        [Action::ChooseUploads {
            bucket,
            folder: String::new()
        }]
    );
}

#[test]
fn files_are_dropped_into_the_folder_that_is_shown() {
    let (desk, bucket) = with_pictures();
    let mut harness = open(desk);
    wait_for(&mut harness, "Folder pip");
    harness.click(|harness| harness.get_by_label("Folder pip").rect());
    wait_for(&mut harness, "scene_1.png,");
    harness.input_mut().hovered_files.push(egui::HoveredFile {
        path: Some("fox.png".into()),
        ..Default::default()
    });
    harness.run_steps(2);
    assert!(
        harness
            .query_by_label_contains("Drop to upload to story-images/pip/")
            .is_some()
    );
    picture(&mut harness, "drop");
    let path = std::path::PathBuf::from("/home/me/fox.png");
    support::dropped::drop_files(&mut harness, std::slice::from_ref(&path));
    assert_eq!(
        harness.state().actions,
        [Action::Upload {
            paths: vec![path],
            bucket,
            folder: "pip/".to_owned()
        }]
    );
}

#[test]
fn a_narrow_window_puts_the_details_over_the_objects() {
    let (desk, _) = with_pictures();
    let mut harness = sized(desk, [640.0, 560.0], Theme::Light);
    wait_for(&mut harness, "cover.png,");
    assert!(harness.query_by_label("Filter buckets").is_none());
    harness.click(|harness| harness.get_by_label("Show buckets").rect());
    wait_for(&mut harness, "Filter buckets");
    harness.key_press(Key::Escape);
    wait(&mut harness, "the list closed", |harness| {
        harness.query_by_label("Filter buckets").is_none()
    });
    harness.click(|harness| harness.get_by_label("Show details").rect());
    wait_for(&mut harness, "Hide details");
    picture(&mut harness, "narrow");
}

#[test]
fn a_url_is_explained_mended_and_checked_only_when_asked() {
    let (mut desk, bucket) = with_pictures();
    desk.show_lab = true;
    let project = desk.service().workspace().url.clone();
    let good = url::public_url(&project, &bucket, &ObjectKey::parse("cover.png").unwrap());
    desk.lab
        .open(format!("{}?width=640", good.replacen("http://", "http://http://", 1)));
    let mut harness = open(desk);
    wait_for(&mut harness, "appears twice");
    wait(&mut harness, "the object's facts", |harness| {
        harness.query_by_label("image/png").is_some()
    });
    let sent = |harness: &Harness<'_, Desk>| {
        let all = harness.state().service().transcript().exchanges();
        all.iter().filter(|exchange| exchange.operation == "Check URL").count()
    };
    assert_eq!(sent(&harness), 0);
    picture(&mut harness, "lab-problems");
    harness.click(|harness| harness.get_by_label("Fix all").rect());
    wait_for(&mut harness, "Nothing is wrong");
    harness.click(|harness| harness.get_by_label("Check").rect());
    wait_for(&mut harness, "Public without a key: 200");
    wait_for(&mut harness, "Authenticated without a key: 4");
    // Three URLs with and without the key, and the one that is typed, which asks for a rendered picture.
    assert_eq!(sent(&harness), 7);
    picture(&mut harness, "lab-checked");
}

#[test]
fn the_lab_begins_with_an_example_of_this_workspace() {
    let mut desk = Desk::new();
    desk.show_lab = true;
    let mut harness = open(desk);
    wait_for(&mut harness, "Paste a URL");
    picture(&mut harness, "lab-empty");
    harness.click(|harness| harness.get_by_label("Explain this example").rect());
    wait_for(&mut harness, "Bucket: story-images");
}
