//! What a provider is told of a child that a story is about: neither its name nor its age, on any way a story is made.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use storymimi_studio::service::{BatchScope, Service};
use storymimi_studio::story::{BatchSettings, Brief, Manuscript, Status, Story, StoryId};
use storymimi_studio::workspace::{Dialect, EngineId};
use support::project::Project;
use support::provider::{Does, FakeProvider};
use tokio_util::sync::CancellationToken;

/// A model that keeps to the words it is given, so that whatever it is told comes back.
async fn start(mask_people: bool) -> (Project, FakeProvider) {
    let fake = FakeProvider::start().await;
    fake.always(Does::Retells);
    let mut provider = fake.provider(Dialect::OpenAi);
    provider.mask_people = mask_people;
    let project = Project::with(|workspace| workspace.provider = provider).await;
    (project, fake)
}

fn brief(title: &str, prompt: &str) -> Brief {
    Brief::new(title, prompt, 2, 7).unwrap()
}

/// Every byte that the provider was sent, heads and all, for its texts and for its pictures.
fn told(fake: &FakeProvider) -> (String, String) {
    let of = |ending: &str| {
        let asked = fake.asked_of(ending);
        assert!(!asked.is_empty(), "nothing was asked of {ending}");
        let texts = asked.iter().map(|asked| {
            format!(
                "{} {:?} {}",
                asked.path,
                asked.headers,
                String::from_utf8_lossy(&asked.bytes)
            )
        });
        texts.collect::<Vec<_>>().join("\n")
    };
    (of("/completions"), of("/generations"))
}

fn assert_hidden(told: &str, name: &str) {
    assert!(!told.to_lowercase().contains(&name.to_lowercase()), "{told}");
}

fn engine(service: &Service) -> EngineId {
    EngineId::new(&service.workspace().provider.name)
}

/// Draws whatever the story lacks.
async fn draw(service: &Service, id: &StoryId) {
    let scope = BatchScope::Stories(vec![id.clone()]);
    let settings = BatchSettings::missing(engine(service));
    let plan = service.plan_batch(&scope, &settings).await.unwrap();
    let batch = service
        .run_batch(&plan, &|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    let variants = service.batch_variants(&batch.id).await.unwrap();
    assert!(!variants.is_empty());
    for variant in &variants {
        assert!(variant.picture.is_some(), "{:?}", variant.state);
    }
}

/// The manuscript with the pictures that were drawn for it chosen, approved and published.
async fn publish(service: &Service, mut manuscript: Manuscript) -> Story {
    for scene in &mut manuscript.scenes {
        let variants = service.variants(&manuscript.id, &scene.scene_id).await.unwrap();
        scene.chosen = Some(variants[0].id);
    }
    let saved = service.save_manuscript(&manuscript).await.unwrap();
    let approved = service.approve(&saved).await.unwrap();
    service
        .publish(&approved.id, &|_| {}, &CancellationToken::new())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_story_holds_the_name_that_the_provider_never_got() {
    let (project, fake) = start(true).await;
    let brief = brief(
        "Mia at the sea",
        "A girl named Mia, aged 5, finds a shell. Mia's dog helps MIA.",
    );
    let outcome = project
        .service
        .create_story(&brief, &|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    let (text, pictures) = told(&fake);
    assert_hidden(&text, "Mia");
    assert_hidden(&pictures, "Mia");
    assert!(!text.contains("aged 5"), "{text}");
    assert!(pictures.contains("looks at the sea"), "{pictures}");
    let story = outcome.story;
    assert_eq!(
        (story.status, story.title.as_str()),
        (Status::Completed, "Mia at the sea")
    );
    assert_eq!(story.prompt, brief.prompt());
    for scene in &story.scenes {
        assert_eq!(scene.text, brief.prompt(), "it came back as it was written");
        assert_eq!(scene.image_prompt, "Mia looks at the sea");
        assert_eq!(scene.alt_text.as_deref(), Some("Mia at the sea"));
        assert!(scene.image_url.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_model_calls_a_child_is_hidden_from_then_on() {
    // Nothing in the brief tells that Theodora is a child; the cast that comes back does.
    let (project, fake) = start(true).await;
    let outcome = project
        .service
        .create_story(
            &brief("Theodora sails", "Theodora and a dog sail away."),
            &|_| {},
            &CancellationToken::new(),
        )
        .await
        .unwrap();
    let (_, pictures) = told(&fake);
    assert_hidden(&pictures, "Theodora");
    assert_eq!(outcome.story.scenes[0].image_prompt, "Theodora looks at the sea");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manuscript_is_drafted_drawn_and_published_without_the_name_going_out() {
    let (project, fake) = start(true).await;
    let service = &project.service;
    let brief = brief("Mia at the sea", "A girl named Mia, aged 5, finds a shell.");
    let never = CancellationToken::new();
    let manuscript = service.draft(&brief, &engine(service), &never).await.unwrap();
    assert_eq!(manuscript.scenes[0].text, brief.prompt());
    let child = &manuscript.cast[0];
    assert_eq!(
        (child.name.as_str(), child.look.as_str(), child.is_child),
        ("Mia", "Mia has a red coat", true)
    );
    draw(service, &manuscript.id).await;
    let story = publish(service, manuscript).await;
    let (text, pictures) = told(&fake);
    assert_hidden(&text, "Mia");
    assert_hidden(&pictures, "Mia");
    assert!(pictures.contains("has a red coat"), "the look goes along: {pictures}");
    assert_eq!(story.title, "Mia at the sea");
    assert_eq!(story.scenes[0].image_prompt, "Mia looks at the sea");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_names_are_not_to_be_hidden_they_go_out_as_they_are() {
    let (project, fake) = start(false).await;
    project
        .service
        .create_story(
            &brief("Mia at the sea", "A girl named Mia, aged 5, finds a shell."),
            &|_| {},
            &CancellationToken::new(),
        )
        .await
        .unwrap();
    let (text, pictures) = told(&fake);
    assert!(text.contains("A girl named Mia, aged 5"), "{text}");
    assert!(pictures.contains("Mia looks at the sea"), "{pictures}");
}
