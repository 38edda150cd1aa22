//! Portraits of who is in a story: drawn, refused, brought and chosen, and sent along to an engine that draws after them.

use std::time::{Duration, Instant};

use egui::Theme;
use storymimi_studio::story::{Brief, CastMember, Manuscript, ManuscriptScene, SceneId, Variant};

use super::provider::Does;
use super::support::studio::Studio;
use super::{choose_engine, click, contains, fake, has, listed};

const DRAFT: &str = "Mira and the Patient Turtle";

/// A draft of one scene that names a child and a turtle, its cast in sight.
fn cast(studio: &mut Studio) -> Manuscript {
    let brief = Brief::new(DRAFT, "A girl named Mira and a turtle by the sea", 1, 9).unwrap();
    let draft = Manuscript {
        scenes: vec![ManuscriptScene {
            scene_id: SceneId::fresh(),
            title: "The shore".to_owned(),
            text: "Mira waves to Olo.".to_owned(),
            image_prompt: "Mira waves to Olo, a wide shot".to_owned(),
            alt_text: "A girl waves to a turtle".to_owned(),
            chosen: None,
        }],
        cast: vec![
            CastMember::new("Mira", "A girl of six in a red dress, with black braids", true),
            CastMember::new("Olo", "An old green turtle with kind eyes", false),
        ],
        ..Manuscript::new(brief)
    };
    let saved = studio.runtime.block_on(studio.service.save_manuscript(&draft)).unwrap();
    open_cast(studio);
    saved
}

fn open_cast(studio: &mut Studio) {
    studio.until("the draft in the list", |harness| listed(harness, DRAFT));
    click(studio, DRAFT);
    studio.until("the draft", |harness| has(harness, "Scene 1 text"));
    click(studio, "Next: cast");
    studio.until("the cast", |harness| has(harness, "Name of member 2"));
}

/// As the journal has it.
fn kept(studio: &Studio) -> Manuscript {
    let manuscripts = studio.runtime.block_on(studio.service.manuscripts()).unwrap();
    manuscripts.into_iter().next().unwrap()
}

fn candidates(studio: &Studio, draft: &Manuscript, member: usize) -> Vec<Variant> {
    let read = studio.service.variants(&draft.id, &draft.cast[member].portraits);
    studio.runtime.block_on(read).unwrap()
}

/// Until the journal says so; the window goes on meanwhile.
fn until_kept(studio: &mut Studio, what: &str, kept: impl Fn(&Studio) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !kept(studio) {
        assert!(Instant::now() < deadline, "{what}");
        studio.harness.step();
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_portrait_is_drawn_chosen_kept_and_goes_along_with_the_scenes_that_name_its_member() {
    let (fake, provider, _runtime) = fake();
    let name = provider.name.clone();
    let mut studio = Studio::with([1440.0, 900.0], Theme::Dark, |workspace| {
        workspace.providers.push(provider);
    });
    let draft = cast(&mut studio);
    assert!(
        contains(&studio.harness, "takes no reference pictures"),
        "the built-in one"
    );
    choose_engine(&mut studio, &name);
    assert!(contains(&studio.harness, "draws after portraits. None is chosen yet"));
    assert!(has(&studio.harness, "Draw 2 portraits") && has(&studio.harness, "About $0.08"));

    click(&mut studio, "Draw a portrait of Mira");
    until_kept(&mut studio, "no portrait", |studio| {
        candidates(studio, &draft, 0)
            .iter()
            .any(|variant| variant.picture.is_some())
    });
    studio.until("the candidate", |harness| has(harness, "Candidate A of Mira"));
    studio.settle();
    let first = candidates(&studio, &draft, 0)[0].id;
    until_kept(&mut studio, "not chosen", |studio| {
        kept(studio).cast[0].portrait == Some(first)
    });
    assert!(
        fake.drawn()[0].0.starts_with("A girl of six") && !fake.drawn()[0].0.contains("Mira"),
        "a name that is not needed is not sent: {:?}",
        fake.drawn()
    );

    // A refusal is told where the portrait would be, and it is asked for again by people only.
    fake.next([Does::Moderated { output: false }]);
    click(&mut studio, "Draw a portrait of Olo");
    studio.until("the refusal", |harness| has(harness, "Try A of Olo again"));
    assert!(contains(&studio.harness, "A: The provider's rules forbid it"));
    assert_eq!(fake.paid().pictures, 1);
    studio.settle();
    studio.picture("flow-cast-refused");
    click(&mut studio, "Try A of Olo again");
    until_kept(&mut studio, "no second try", |studio| {
        candidates(studio, &draft, 1)
            .iter()
            .any(|variant| variant.picture.is_some())
    });
    studio.until("no refusal", |harness| !has(harness, "Try A of Olo again"));
    studio.settle();
    until_kept(&mut studio, "not chosen", |studio| {
        kept(studio).cast[1].portrait.is_some()
    });
    assert!(contains(
        &studio.harness,
        "those of who is named in a prompt go along with it"
    ));
    studio.picture("flow-cast-portraits");

    // Another one of the same is not drawn after the first.
    click(&mut studio, "Draw a portrait of Mira");
    until_kept(&mut studio, "no other portrait", |studio| {
        candidates(studio, &draft, 0)
            .iter()
            .filter(|variant| variant.picture.is_some())
            .count()
            == 2
    });
    assert_eq!(fake.asked_of("/images/edits").len(), 0);

    studio.start_again();
    open_cast(&mut studio);
    assert_eq!(
        kept(&studio).cast[0].portrait,
        Some(first),
        "it is there at the next start"
    );
    click(&mut studio, "Next: pictures");
    choose_engine(&mut studio, &name);
    click(&mut studio, "Generate for scene 1");
    until_kept(&mut studio, "no picture", |_| fake.asked_of("/images/edits").len() == 1);
    let sent = fake.asked_of("/images/edits").remove(0);
    let body = String::from_utf8_lossy(&sent.bytes).into_owned();
    assert_eq!(body.matches("filename=").count(), 2, "both are named in its prompt");
}

#[test]
fn a_portrait_is_brought_and_a_member_is_removed_without_it() {
    let mut studio = Studio::with([1280.0, 800.0], Theme::Light, |_| {});
    let draft = cast(&mut studio);
    let path = studio.folder.join("olo.png");
    image::RgbImage::from_pixel(64, 48, image::Rgb([40, 160, 90]))
        .save(&path)
        .unwrap();
    studio.chosen.lock().unwrap().push(path);
    click(&mut studio, "Bring a portrait of Olo…");
    studio.until("the candidate", |harness| has(harness, "Candidate A of Olo"));
    studio.settle();
    until_kept(&mut studio, "not chosen", |studio| {
        kept(studio).cast[1].portrait.is_some()
    });
    studio.picture("flow-cast-light");

    // Nobody is drawn of whom nothing is known; what is typed is saved before a name could go out.
    studio.reach("Add somebody");
    studio.until("another member", |harness| has(harness, "Name of member 3"));
    studio.reach("Draw a portrait of member 3");
    studio.reach("Remove member 1");
    // Each keeps what is theirs.
    let olo = &draft.cast[1].portraits;
    until_kept(&mut studio, "not removed", |studio| {
        kept(studio).cast[0].portraits == *olo
    });
    assert!(kept(&studio).cast[0].portrait.is_some());
    assert_eq!(candidates(&studio, &draft, 0), []);
}
