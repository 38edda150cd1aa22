//! Manuscripts in the studio, what goes out of children's names, and pictures that are made outside of it: all in one ledger.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::time::Duration;

use storymimi_studio::service::{BatchScope, Service};
use storymimi_studio::story::{
    BatchSettings, Brief, CastMember, Manuscript, ManuscriptScene, Placement, SceneId, StoryId, Variant, VariantState,
};
use storymimi_studio::workspace::{Dialect, EngineId, Money, Provider};
use support::project::Project;
use support::provider::{Does, FakeProvider, Wait};
use support::story_rows;
use tokio_util::sync::CancellationToken;

async fn start(change: impl FnOnce(&mut Provider)) -> (Project, FakeProvider) {
    let painter = FakeProvider::start().await;
    painter.when("refused", Does::Moderated { output: false });
    painter.once("busy", Does::RateLimited(Wait::Millis(50)));
    painter.when("lost", Does::CutOff);
    let mut provider = painter.provider(Dialect::OpenAi);
    "Painter".clone_into(&mut provider.name);
    provider.price = Some(Money::parse("0.04").unwrap());
    change(&mut provider);
    let project = Project::with(|workspace| workspace.provider = provider).await;
    (project, painter)
}

fn missing() -> BatchSettings {
    BatchSettings::missing(EngineId::new("Painter"))
}

fn manuscript(prompts: &[&str]) -> Manuscript {
    let brief = Brief::new("Shells", "Maya and Pip at the sea", prompts.len(), 11).unwrap();
    let scene = |prompt: &&str| ManuscriptScene {
        scene_id: SceneId::fresh(),
        title: "t".into(),
        text: "Maya laughs.".into(),
        image_prompt: (*prompt).to_owned(),
        alt_text: "a".into(),
        chosen: None,
    };
    let member = |name: &str, look: &str, is_child| CastMember::new(name, look, is_child);
    Manuscript {
        style: Some("Watercolour".into()),
        scenes: prompts.iter().map(scene).collect(),
        cast: vec![
            member("Maya", "black braids and yellow boots", true),
            member("Pip", "a small fox in a green scarf", false),
        ],
        ..Manuscript::new(brief)
    }
}

async fn run(service: &Service, id: &StoryId) -> Vec<Variant> {
    let scope = BatchScope::Stories(vec![id.clone()]);
    let plan = service.plan_batch(&scope, &missing()).await.unwrap();
    let never = CancellationToken::new();
    let ran = service.run_batch(&plan, &|_| {}, &never);
    let batch = tokio::time::timeout(Duration::from_secs(60), ran)
        .await
        .unwrap()
        .unwrap();
    service.batch_variants(&batch.id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manuscript_is_drawn_as_candidates_and_its_children_are_hidden() {
    let (project, painter) = start(|_| {}).await;
    let service = &project.service;
    let kept = service
        .save_manuscript(&manuscript(&["Maya finds a shell", "Pip sleeps"]))
        .await
        .unwrap();
    let variants = run(service, &kept.id).await;
    assert_eq!(variants.len(), 2);
    for variant in &variants {
        assert_eq!(
            (&variant.state, &variant.place),
            (&VariantState::Made, &Placement::Candidate),
            "it has no rows yet"
        );
        assert_eq!(variant.wanted.as_ref().unwrap().style.as_deref(), Some("Watercolour"));
    }
    assert_eq!(
        variants[0].wanted.as_ref().unwrap().prompt,
        "Maya finds a shell",
        "here it is as it was written"
    );
    let mut prompts = painter.prompts();
    prompts.sort_by_key(|prompt| prompt.contains("sleeps"));
    assert!(!prompts.concat().contains("Maya"), "{prompts:?}");
    assert!(
        prompts[0].contains("finds a shell") && prompts[0].contains("black braids and yellow boots"),
        "{prompts:?}"
    );
    assert!(
        prompts[1].starts_with("Pip sleeps. Pip: a small fox in a green scarf. Watercolour"),
        "{prompts:?}"
    );
    assert!(
        service.story(&kept.id).await.is_err(),
        "nothing was written to the project"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn names_go_out_where_the_workspace_says_so() {
    let (project, painter) = start(|provider| provider.mask_people = false).await;
    let kept = project
        .service
        .save_manuscript(&manuscript(&["Maya finds a shell"]))
        .await
        .unwrap();
    run(&project.service, &kept.id).await;
    assert!(painter.prompts()[0].starts_with("Maya finds a shell. Maya: black braids"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_resume_pays_for_is_a_variant_and_in_the_sums_like_any_other() {
    let (project, painter) = start(|_| {}).await;
    let (service, server) = (&project.service, &project.server);
    let prompts = ["a girl named Maya in the snow", "a lost thing", "a refused thing"];
    let (id, _) = story_rows::insert(server.url(), server.service_key(), "Snow", &prompts).await;
    let id = StoryId::parse(&id).unwrap();
    let outcome = service
        .resume_story(&id, &|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(outcome.failures.len(), 2);
    let mut seen = Vec::new();
    for scene in &outcome.story.scenes {
        let variants = service.variants(&id, &scene.scene_id).await.unwrap();
        assert_eq!(variants.len(), 1);
        seen.extend(variants);
    }
    assert_eq!((&seen[0].state, seen[0].letter().as_str()), (&VariantState::Made, "A"));
    let shown = outcome.story.scenes[0].image_url.as_deref().unwrap();
    assert!(
        shown.ends_with(&seen[0].stored_at.as_ref().unwrap().1),
        "it is known to be the one that is shown"
    );
    assert!(
        matches!(seen[1].state, VariantState::Uncertain { .. }),
        "{:?}",
        seen[1].state
    );
    assert_eq!(
        seen[2].state,
        VariantState::Refused {
            message: "Your request was rejected by the safety system".into()
        }
    );
    let spending = service.spending().await.unwrap();
    let cents = |cents: i64| Money::from_micros(cents * 10_000);
    assert_eq!((spending.today, spending.this_month[0].perhaps), (cents(4), cents(4)));
    assert!(
        !painter.prompts().concat().contains("Maya"),
        "its children are hidden as well"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_asks_for_time_is_left_alone_meanwhile() {
    let (project, painter) = start(|provider| provider.concurrent = 2).await;
    let (service, server) = (&project.service, &project.server);
    let prompts = ["a busy thing", "two", "three", "four"];
    let (id, _) = story_rows::insert(server.url(), server.service_key(), "Snow", &prompts).await;
    let variants = run(service, &StoryId::parse(&id).unwrap()).await;
    assert!(variants.iter().all(Variant::is_placed), "{variants:?}");
    assert_eq!((painter.paid().pictures, painter.asked_for_pictures()), (4, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_along_with_its_story_stays_within_the_budget() {
    let (project, painter) = start(|provider| {
        provider.budget = Some(Money::parse("0.10").unwrap());
        provider.concurrent = 4;
    })
    .await;
    let (service, server) = (&project.service, &project.server);
    let prompts = ["one", "two", "three", "four"];
    let (id, _) = story_rows::insert(server.url(), server.service_key(), "Snow", &prompts).await;
    let id = StoryId::parse(&id).unwrap();
    let never = CancellationToken::new();
    let outcome = service.resume_story(&id, &|_| {}, &never).await.unwrap();
    assert_eq!(
        (painter.paid().pictures, painter.asked_for_pictures()),
        (2, 2),
        "a third would pass it"
    );
    assert_eq!((outcome.story.pictures(), outcome.failures.len()), (2, 2));
    for failure in &outcome.failures {
        let told = failure.error.to_string();
        assert!(
            told.starts_with("the next picture would pass the budget of $0.10 a month for Painter: $0.08 is spent"),
            "{told}"
        );
    }
    let kept = service.story(&id).await.unwrap();
    let told = kept.scenes.iter().filter_map(|scene| scene.image_error.as_deref());
    assert_eq!(told.filter(|told| told.contains("budget")).count(), 2);

    // A batch is held by the same sum, and nothing is asked twice by going on.
    let settings = missing();
    let plan = service
        .plan_batch(&BatchScope::Stories(vec![id.clone()]), &settings)
        .await;
    let batch = service.run_batch(&plan.unwrap(), &|_| {}, &never).await.unwrap();
    assert!(batch.waiting.unwrap().contains("would pass the budget"));
    assert_eq!(painter.asked_for_pictures(), 2);
}
