//! The steps of a draft, the views of a story and its batches, compared with pictures that were looked at: `UPDATE_SNAPSHOTS=1`
//! accepts new ones.

use std::time::{Duration, Instant};

use egui::{Key, Modifiers, Rect, Theme, pos2, vec2};
use egui_kittest::kittest::{AccessKitNode, Queryable as _};
use egui_kittest::{SnapshotOptions, SnapshotResults};
use storymimi_studio::service::{BatchScope, Service};
use storymimi_studio::story::{
    BatchSettings, Brief, CastMember, Manuscript, SceneEdit, SceneId, StoryId, VariantState, Wanted,
};
use storymimi_studio::workspace::EngineId;
use tokio::runtime::Runtime;

use super::provider::{Does, FakeProvider};
use super::support::Click as _;
use super::support::studio::Studio;
use super::{click, contains, fake, has, listed, make};

const STORY: &str = "Pip and the Lost Star";
const DRAFT: &str = "Mira and the Patient Turtle";

/// As far down as the window goes, but for the status bar.
const ALL: f32 = f32::INFINITY;

/// The window, the provider that can be asked, and what that runs on.
struct Desk {
    studio: Studio,
    fake: FakeProvider,
    engine: EngineId,
    _runtime: Runtime,
}

/// Until so many candidates are there and none is to come.
fn wait_for(studio: &Studio, story: &StoryId, scene: &SceneId, count: usize) {
    let within = Instant::now() + Duration::from_secs(60);
    loop {
        let variants = studio.runtime.block_on(studio.service.variants(story, scene)).unwrap();
        if variants.len() == count && variants.iter().all(|variant| variant.state.is_over()) {
            return;
        }
        assert!(Instant::now() < within, "not all candidates came: {variants:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ask(studio: &Studio, draft: &Manuscript, scene: &SceneId, (engine, prompt): (&EngineId, &str), count: usize) {
    let wanted = Wanted {
        seed: Some(40),
        ..Wanted::new(engine.clone(), prompt)
    };
    let asked = studio.service.start_variants(&draft.id, scene, wanted, count);
    studio.runtime.block_on(asked).unwrap();
    wait_for(studio, &draft.id, scene, count);
}

fn first_made(
    service: &Service,
    runtime: &Runtime,
    draft: &Manuscript,
    scene: &SceneId,
) -> Option<storymimi_studio::story::VariantId> {
    let variants = runtime.block_on(service.variants(&draft.id, scene)).unwrap();
    let made = variants.iter().find(|variant| variant.state == VariantState::Made);
    made.map(|variant| variant.id)
}

/// A draft of four scenes: three have a chosen picture, one of them two candidates, and the last has none. Of its cast one has a
/// portrait, and the other's was refused.
fn write_a_draft(desk: &Desk) {
    let studio = &desk.studio;
    let brief = Brief::new(
        DRAFT,
        "A girl named Mira in a red dress and a turtle by the sea at sunset",
        4,
        9,
    );
    studio.service.start_draft(brief.unwrap(), EngineId::built_in());
    let manuscripts = || studio.runtime.block_on(studio.service.manuscripts()).unwrap();
    let within = Instant::now() + Duration::from_secs(60);
    while manuscripts().is_empty() {
        assert!(Instant::now() < within, "no draft");
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut draft = manuscripts().remove(0);
    draft.cast = vec![
        CastMember::new("Mira", "A girl of six in a red dress, with black braids", true),
        CastMember::new("Olo", "An old green turtle with kind eyes", false),
    ];
    let mut draft = studio.runtime.block_on(studio.service.save_manuscript(&draft)).unwrap();
    for at in 0..3 {
        let (scene, prompt) = (draft.scenes[at].scene_id.clone(), draft.scenes[at].image_prompt.clone());
        ask(
            studio,
            &draft,
            &scene,
            (&EngineId::built_in(), &prompt),
            1 + usize::from(at == 1),
        );
        draft.scenes[at].chosen = first_made(&studio.service, &studio.runtime, &draft, &scene);
    }
    draft.scenes[1].alt_text.clear();
    let (mira, olo) = (draft.cast[0].clone(), draft.cast[1].clone());
    let prompt = mira.portrait_prompt().unwrap();
    ask(studio, &draft, &mira.portraits, (&EngineId::built_in(), &prompt), 2);
    draft.cast[0].portrait = first_made(&studio.service, &studio.runtime, &draft, &mira.portraits);
    desk.fake.next([Does::Moderated { output: false }]);
    let prompt = olo.portrait_prompt().unwrap();
    ask(studio, &draft, &olo.portraits, (&desk.engine, &prompt), 1);
    studio.runtime.block_on(studio.service.save_manuscript(&draft)).unwrap();
}

/// A story whose second picture is described to nobody, with two more scenes that have none; and the draft.
fn desk(look: Theme, size: [f32; 2]) -> Desk {
    let (fake, provider, runtime) = fake();
    let engine = provider.id();
    let studio = Studio::with(size, look, |workspace| workspace.providers.push(provider));
    let mut desk = Desk {
        studio,
        fake,
        engine,
        _runtime: runtime,
    };
    let studio = &mut desk.studio;
    let story = make(studio, STORY, 6);
    let scene = story.scenes[1].clone();
    let bare = SceneEdit {
        alt_text: Some(String::new()),
        ..SceneEdit::default()
    };
    let edit = studio
        .service
        .edit_scene(&story.story_id, &scene.scene_id, bare, &scene);
    studio.runtime.block_on(edit).unwrap();
    for (title, text) in [
        ("The climb", "Together they climbed, one careful step after the other."),
        ("Home", "At last they reached the highest hill, and the star went home."),
    ] {
        let seen = studio.runtime.block_on(studio.service.story(&story.story_id)).unwrap();
        let edit = SceneEdit {
            title: Some(title.to_owned()),
            text: Some(text.to_owned()),
            image_prompt: Some(format!("{title}: {text}")),
            alt_text: Some("A fox and an owl on a hill".to_owned()),
        };
        let added = studio.service.add_scene(&seen, seen.scenes.len(), edit);
        studio.runtime.block_on(added).unwrap();
    }
    write_a_draft(&desk);
    let studio = &mut desk.studio;
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    studio.until("the list", |harness| listed(harness, STORY) && listed(harness, DRAFT));
    show(studio, STORY);
    studio.until("the story", |harness| has(harness, "6 of 8 pictures live"));
    // Log and inspector have pictures of their own.
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::I);
    studio.settle();
    desk
}

/// Selects a row of the list.
fn show(studio: &mut Studio, title: &str) {
    let role = egui::accesskit::Role::ListBoxOption;
    studio
        .harness
        .click(|harness| harness.get_by_role_and_label(role, title).rect());
    studio.harness.run_steps(2);
}

fn step(studio: &mut Studio, number: usize, shown: &str) {
    let name = format!("step {number} of 5");
    studio
        .harness
        .click(|harness| harness.get_all_by_label_contains(&name).next().unwrap().rect());
    studio.harness.run_steps(2);
    studio.until(shown, |harness| has(harness, shown));
}

/// Compares the window down to so far, but for what is another each time. What is below repeats what is above.
fn compare(studio: &mut Studio, results: &mut SnapshotResults, name: &str, down_to: f32) {
    studio.harness.remove_cursor();
    studio.settle();
    let whole = studio.harness.ctx.content_rect();
    let down_to = down_to.min(whole.bottom() - 24.0);
    let mut masks = vec![Rect::from_min_max(pos2(0.0, down_to), whole.max)];
    let another_each_time = |node: &AccessKitNode<'_>| {
        let words = node.label().or_else(|| node.value()).unwrap_or_default();
        ["http://127", "· about"].iter().any(|told| words.contains(told))
    };
    for node in studio.harness.query_all_by(another_each_time) {
        let rect = node.rect();
        if rect.height() < 40.0 {
            // As wide as words of about that length are.
            let size = vec2((rect.width() / 80.0).ceil() * 80.0, rect.height());
            masks.push(Rect::from_min_size(rect.min, size).expand(2.0));
        }
    }
    for rect in masks {
        studio.harness.mask(rect);
    }
    // The illustrator's pictures are scaled with the instructions that the machine has; nothing else may differ.
    let options = SnapshotOptions::new().threshold(1.0).max_failed_pixels(400);
    results.add(studio.harness.try_snapshot_options(name, &options));
}

#[test]
fn a_draft_and_a_batch_in_the_dark() {
    let mut results = SnapshotResults::new();
    let mut desk = desk(Theme::Dark, [1440.0, 900.0]);
    let studio = &mut desk.studio;
    click(studio, "Texts beside pictures");
    studio.until("the strip", |harness| has(harness, "Prompt"));
    compare(studio, &mut results, "flow_strip_dark", 400.0);
    click(studio, "Cards");

    // An engine that holds its answer is shown at work; then one picture is there, and the rest waits for somebody.
    desk.fake.always(Does::Held);
    let settings = BatchSettings::missing(desk.engine.clone());
    let plan = studio.service.plan_batch(&BatchScope::All, &settings);
    let plan = studio.runtime.block_on(plan).unwrap();
    studio.runtime.block_on(studio.service.start_batch(plan)).unwrap();
    studio.until("the bar", |harness| contains(harness, "0 of 2 · 1 generating"));
    click(studio, "Pause");
    desk.fake.let_go(1);
    studio.until("the pause", |harness| {
        contains(harness, "1 of 2 · $0.04 of about $0.08 · paused")
    });
    compare(studio, &mut results, "flow_batch_bar_dark", ALL);

    show(studio, DRAFT);
    step(studio, 1, "Scene 4 text");
    compare(studio, &mut results, "flow_draft_dark", 500.0);
    step(studio, 2, "Try A of Olo again");
    compare(studio, &mut results, "flow_cast_dark", 740.0);
    step(studio, 5, "What will be done");
    compare(studio, &mut results, "flow_publish_dark", ALL);
}

#[test]
fn a_draft_and_a_plan_in_the_light_of_a_small_window() {
    let mut results = SnapshotResults::new();
    let mut desk = desk(Theme::Light, [1280.0, 800.0]);
    let studio = &mut desk.studio;
    click(studio, "Table");
    studio.until("the table", |harness| has(harness, "Prompt"));
    compare(studio, &mut results, "flow_table_light", ALL);
    click(studio, "Order of the list");
    click(studio, "Generate all missing…");
    studio.until("the plan", |harness| has(harness, "Generate 2 pictures"));
    compare(studio, &mut results, "flow_batch_plan_light", ALL);
    click(studio, "Cancel");

    show(studio, DRAFT);
    step(studio, 3, "Candidate B of scene 2");
    compare(studio, &mut results, "flow_pictures_light", 600.0);
    step(studio, 4, "Scene 4 has no picture.");
    compare(studio, &mut results, "flow_review_light", ALL);

    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::N);
    studio.harness.run_steps(3);
    studio.type_into("Title", "The Bear Who Read to the Moon");
    studio.harness.get_by_label("Seed").focus();
    studio.harness.run_steps(2);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    studio.type_into("Seed", "4127");
    compare(studio, &mut results, "flow_brief_light", ALL);
}

#[test]
fn a_draft_whose_words_are_very_long() {
    let mut results = SnapshotResults::new();
    let mut studio = Studio::with([1280.0, 800.0], Theme::Dark, |_| {});
    let long = |words: &str, times: usize| vec![words; times].join(" ");
    let title = long("Mira and the Turtle Who Waited for the Tide", 3);
    let brief = Brief::new(
        "Mira",
        &long("A girl and a turtle wait for the tide by the sea.", 12),
        2,
        9,
    );
    let mut draft = Manuscript::new(brief.unwrap());
    draft.title.clone_from(&title);
    draft.cast = vec![CastMember::new(
        long("Mira Annabel Josephine", 4),
        long(
            "A girl of six in a red dress with white dots, with black braids and a straw hat,",
            6,
        ),
        true,
    )];
    for at in 0..2 {
        draft.scenes.push(storymimi_studio::story::ManuscriptScene {
            scene_id: SceneId::fresh(),
            title: long("The Long, Long Way Down to the Shore", 3),
            text: long(
                "Mira looked at the sea for a very long time and said nothing at all.",
                16 + at,
            ),
            image_prompt: long("A girl in a red dress and a green turtle at the sea, wide shot,", 4),
            alt_text: "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen".repeat(3),
            chosen: None,
        });
    }
    studio.runtime.block_on(studio.service.save_manuscript(&draft)).unwrap();
    studio.until("the draft", |harness| listed(harness, &title));
    show(&mut studio, &title);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    step(&mut studio, 1, "Scene 2 text");
    compare(&mut studio, &mut results, "flow_draft_long_dark", 500.0);
    step(&mut studio, 2, "Name of member 1");
    compare(&mut studio, &mut results, "flow_cast_long_dark", ALL);
}
