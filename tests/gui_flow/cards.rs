//! What helps on a card where something is wrong: the picture of a broken link is found again, and one that the bucket refuses is
//! saved as what it takes. And what hangs on a story when it is deleted.

use std::sync::Arc;

use egui::Key;
use serde_json::{Value, json};
use storymimi_studio::http::Http;
use storymimi_studio::media::{MediaType, Pixels, encode};
use storymimi_studio::story::{Source, Story};
use storymimi_studio::supabase::{BucketUpdate, ObjectKey, Supabase};

use super::support::studio::Studio;
use super::{click, contains, has, make};

fn supabase(studio: &Studio) -> Supabase {
    let workspace = studio.service.workspace();
    let http = Http::new(Arc::default()).unwrap();
    Supabase::new(http, workspace.url.clone(), workspace.key.clone())
}

fn read(studio: &Studio, story: &Story) -> Story {
    studio.runtime.block_on(studio.service.story(&story.story_id)).unwrap()
}

/// Another program changes the link of the first scene.
fn relink(studio: &Studio, story: &Story, url: &str) {
    let rest = supabase(studio).rest();
    let scene = rest.from("scenes").eq("scene_id", &story.scenes[0].scene_id);
    let patch = json!({ "image_url": url });
    let rows: Vec<Value> = studio.runtime.block_on(scene.update(&patch)).unwrap();
    assert_eq!(rows.len(), 1);
}

/// Frames until the first scene has this link.
fn until_linked(studio: &mut Studio, story: &Story, wanted: impl Fn(&str) -> bool) -> String {
    for _ in 0..1_500 {
        let url = read(studio, story).scenes[0].image_url.clone().unwrap_or_default();
        if wanted(&url) {
            return url;
        }
        studio.harness.step();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the link is {:?}", read(studio, story).scenes[0].image_url);
}

/// A window on a story whose first scene has a link that leads nowhere; the link, and the right one.
fn broken() -> (Studio, Story, String, String) {
    let mut studio = Studio::start();
    let story = make(&studio, "Pip and the Lost Star", 2);
    let right = story.scenes[0].image_url.clone().unwrap();
    let wrong = right.replace("/scene_0_", "/winter/scene_0_");
    assert_ne!(wrong, right);
    relink(&studio, &story, &wrong);
    studio.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::R);
    studio.until("the broken link", |harness| has(harness, "Find image"));
    (studio, story, wrong, right)
}

#[test]
fn the_image_of_a_broken_link_is_found_shown_and_put_back_with_one_undo() {
    let (mut studio, story, wrong, right) = broken();
    let key = right.rsplit('/').next().unwrap().to_owned();
    click(&mut studio, "Find image");
    let likeliest = format!("{key}, same file name");
    studio.until("what fits", |harness| has(harness, &likeliest));
    assert!(
        contains(&studio.harness, "is not there"),
        "the link that leads nowhere is named"
    );
    studio.picture("find-image");

    // Words narrow the list, and the keyboard goes through it.
    studio.type_into("Words of the file's name", "scene_1");
    studio.until("fewer", |harness| !has(harness, &likeliest));
    studio.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    studio.type_into("Words of the file's name", "scene_0");
    studio.until("the one", |harness| has(harness, &likeliest));
    click(&mut studio, "Use this picture");
    assert_eq!(until_linked(&mut studio, &story, |url| url != wrong), right);
    studio.until("it is shown", |harness| !has(harness, "Broken link"));

    studio.until("the undo", |harness| has(harness, "Picture replaced"));
    studio.harness.key_press(Key::Z);
    assert_eq!(until_linked(&mut studio, &story, |url| url != right), wrong);
}

#[test]
fn the_likeliest_image_is_used_by_the_keyboard_alone() {
    let (mut studio, story, wrong, right) = broken();
    click(&mut studio, "Find image");
    studio.until("what fits", |harness| contains(harness, ", same file name"));
    // The field of the words has the keyboard from the beginning.
    assert!(studio.harness.ctx.text_edit_focused());
    studio.harness.key_press(Key::ArrowDown);
    studio.harness.run_steps(2);
    studio.harness.key_press(Key::ArrowUp);
    studio.harness.run_steps(2);
    studio.harness.key_press(Key::Enter);
    assert_eq!(until_linked(&mut studio, &story, |url| url != wrong), right);
    assert!(!has(&studio.harness, "Use this picture"));
}

#[test]
fn somebody_who_was_faster_is_not_written_over() {
    let (mut studio, story, _, _) = broken();
    click(&mut studio, "Find image");
    studio.until("what fits", |harness| contains(harness, ", same file name"));
    let theirs = story.scenes[1].image_url.clone().unwrap();
    relink(&studio, &story, &theirs);
    click(&mut studio, "Use this picture");
    studio.until("it is said", |harness| {
        contains(harness, "replaced this picture meanwhile")
    });
    assert_eq!(read(&studio, &story).scenes[0].image_url, Some(theirs));
}

/// Noise, which no format makes small.
fn noise(width: u32, height: u32) -> Vec<u8> {
    let pixels = Pixels::new(width, height, super::support::noise::noise(width, height));
    encode(&pixels.unwrap(), MediaType::Png, 0).unwrap()
}

/// What the bucket of pictures takes from now on.
fn takes(studio: &Studio, most: Option<u64>, kinds: Option<Vec<String>>) {
    let update = BucketUpdate {
        file_size_limit: Some(most),
        allowed_mime_types: Some(kinds),
        ..BucketUpdate::default()
    };
    let buckets = supabase(studio).buckets();
    let bucket = studio.service.bucket().clone();
    studio.runtime.block_on(buckets.update(&bucket, &update)).unwrap();
}

fn size_of(studio: &Studio, url: &str) -> u64 {
    let (bucket, key) = studio.service.own_object(url).unwrap();
    let objects = supabase(studio).bucket(&bucket);
    let key = ObjectKey::parse(key.as_str()).unwrap();
    studio.runtime.block_on(objects.info(&key)).unwrap().size.unwrap()
}

#[test]
fn a_picture_that_the_bucket_refuses_is_saved_as_what_it_takes() {
    const MOST: u64 = 60_000;
    let mut studio = Studio::start();
    let story = make(&studio, "Pip and the Lost Star", 1);
    studio.until("the story", |harness| has(harness, "1 of 1 pictures live"));
    takes(&studio, Some(MOST), None);
    let before = story.scenes[0].image_url.clone().unwrap();
    let own = |studio: &Studio| {
        let source = Source::File {
            bytes: noise(400, 300).into(),
            name: "own.png".to_owned(),
        };
        let scene = story.scenes[0].scene_id.clone();
        studio.service.start_replace(read(studio, &story), scene, source);
    };
    own(&studio);
    studio.until("the refusal", |harness| has(harness, "Retry as WebP"));
    assert!(contains(&studio.harness, "Too large for this bucket"));
    assert!(has(&studio.harness, "Not uploaded"));
    assert_eq!(
        read(&studio, &story).scenes[0].image_url.as_deref(),
        Some(before.as_str())
    );
    studio.picture("retry-as-webp");
    click(&mut studio, "Retry as WebP");
    let small = until_linked(&mut studio, &story, |url| url != before);
    assert!(small.ends_with(".webp"), "{small}");
    assert!(size_of(&studio, &small) <= MOST);
    studio.until("all is well", |harness| !has(harness, "Retry as WebP"));

    // A bucket that takes only one kind gets that kind.
    takes(&studio, None, Some(vec!["image/jpeg".to_owned()]));
    own(&studio);
    studio.until("the other refusal", |harness| has(harness, "Retry as JPEG"));
    assert!(contains(&studio.harness, "Not a kind this bucket takes"));
    click(&mut studio, "Retry as JPEG");
    let other = until_linked(&mut studio, &story, |url| url != small);
    assert!(other.ends_with(".jpg") || other.ends_with(".jpeg"), "{other}");
}

#[test]
fn public_copies_are_named_before_a_story_is_deleted_and_go_unless_they_are_to_stay() {
    let mut studio = Studio::start();
    let story = make(&studio, "Pip and the Lost Star", 1);
    let scenes = json!([{ "sequence": 0, "text": "t", "image_url": story.scenes[0].image_url }]);
    let copy = json!({ "title": "Pip for all", "scenes": scenes });
    let rest = supabase(&studio).rest();
    let added: Vec<Value> = studio
        .runtime
        .block_on(rest.from("public_stories").insert(&copy))
        .unwrap();
    assert_eq!(added.len(), 1);
    studio.until("the story", |harness| has(harness, "1 of 1 pictures live"));
    click(&mut studio, "More for this story");
    click(&mut studio, "Delete story…");
    studio.until("what goes", |harness| has(harness, "Also delete 1 public copy"));
    assert!(contains(&studio.harness, "“Pip for all”, 1 scene"));
    assert!(contains(&studio.harness, "1 picture goes to the trash"));
    // A dialog stands in the middle only once it knows its size.
    studio.settle();
    studio.picture("flow-delete-copies");
    click(&mut studio, "Also delete 1 public copy");
    studio.harness.run_steps(2);
    assert!(contains(&studio.harness, "Readers still see them"));
    assert!(contains(&studio.harness, "No picture goes with it"));
    studio.settle();
    click(&mut studio, "Also delete 1 public copy");
    studio.settle();
    click(&mut studio, "Delete story");
    studio.until("it is gone", |harness| has(harness, "No stories yet"));
    let copies = rest.from("public_stories").select("*");
    let left: Vec<Value> = studio.runtime.block_on(copies.fetch()).unwrap();
    assert_eq!(left, Vec::<Value>::new());
}
