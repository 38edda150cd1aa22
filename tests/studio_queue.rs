//! What the studio promises: nothing is paid twice, limits and budgets are kept, refusals are told and not repeated, and
//! what is queued is carried out once, whoever runs it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/gate.rs"]
mod gate;
mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use storymimi_studio::service::{BatchScope, Event, Service};
use storymimi_studio::story::{
    Batch, BatchId, BatchPlan, BatchSettings, BatchState, BatchWish, Brief, PictureRef, Placement, SceneId, Status,
    Story, StoryId, Variant, VariantSource, VariantState, Verdict, Wanted,
};
use storymimi_studio::supabase::{BucketName, BucketUpdate, Supabase};
use storymimi_studio::workspace::{Dialect, EngineId, Home, Money, ProjectUrl, Provider};
use support::project::{Project, png};
use support::provider::{Does, FakeProvider, Wait};
use support::story_rows;
use tokio_util::sync::CancellationToken;

/// A project with a provider that counts, and the built-in engines beside it.
struct Studio {
    project: Project,
    painter: FakeProvider,
}

impl Studio {
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Provider)) -> Self {
        let painter = FakeProvider::start().await;
        painter.when("refused", Does::Moderated { output: false });
        painter.once("busy", Does::RateLimited(Wait::Millis(50)));
        painter.when("tired", Does::RateLimited(Wait::Millis(3_600_000)));
        painter.when("lost", Does::CutOff);
        painter.when("broken", Does::NotAPicture);
        let mut provider = painter.provider(Dialect::OpenAi);
        "Painter".clone_into(&mut provider.name);
        change(&mut provider);
        let project = Project::with(|workspace| {
            let built_in = workspace.provider.clone();
            *workspace = workspace.clone().with_providers(vec![provider, built_in]);
        })
        .await;
        Self { project, painter }
    }

    fn service(&self) -> &Service {
        &self.project.service
    }

    async fn story(&self, prompts: &[&str]) -> Story {
        let server = &self.project.server;
        let (id, _) = story_rows::insert(server.url(), server.service_key(), "Pip", prompts).await;
        self.read(&StoryId::parse(&id).unwrap()).await
    }

    async fn read(&self, id: &StoryId) -> Story {
        self.service().story(id).await.unwrap()
    }

    async fn plan(&self, story: &Story, settings: &BatchSettings) -> BatchPlan {
        let scope = BatchScope::Stories(vec![story.story_id.clone()]);
        self.service().plan_batch(&scope, settings).await.unwrap()
    }

    async fn run(&self, plan: &BatchPlan) -> Batch {
        run(self.service(), plan).await
    }

    async fn variants(&self, story: &Story, index: usize) -> Vec<Variant> {
        let scene = &story.scenes[index].scene_id;
        self.service().variants(&story.story_id, scene).await.unwrap()
    }

    /// Waits until a batch is over, with the queue run as the window runs it.
    async fn over(&self, id: &BatchId) -> Batch {
        self.until(id, Batch::is_over).await
    }

    async fn until(&self, id: &BatchId, done: impl Fn(&Batch) -> bool) -> Batch {
        let wait = async {
            loop {
                let batch = self.service().batch(id).await.unwrap();
                if done(&batch) {
                    return batch;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), wait)
            .await
            .unwrap_or_else(|_| panic!("it does not come to that"))
    }
}

async fn run(service: &Service, plan: &BatchPlan) -> Batch {
    let never = CancellationToken::new();
    let ran = service.run_batch(plan, &|_| {}, &never);
    tokio::time::timeout(Duration::from_secs(60), ran)
        .await
        .unwrap_or_else(|_| panic!("it does not end"))
        .unwrap()
}

/// The words in which the provider refuses.
const REFUSAL: &str = "Your request was rejected by the safety system";

fn painter() -> EngineId {
    EngineId::new("Painter")
}

fn missing() -> BatchSettings {
    BatchSettings::missing(painter())
}

fn candidates() -> BatchSettings {
    BatchSettings {
        place: false,
        missing_only: false,
        ..missing()
    }
}

fn dollars(text: &str) -> Option<Money> {
    Some(Money::parse(text).unwrap())
}

fn bucket() -> BucketName {
    BucketName::parse("story-images").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn variants_are_candidates_with_letters_seeds_and_verdicts_that_stay() {
    let studio = Studio::start().await;
    let story = studio.story(&["a fox in the snow"]).await;
    let service = studio.service();
    service.keep_drawing();
    let wanted = Wanted {
        seed: Some(41),
        ..Wanted::new(EngineId::built_in(), "a fox in the snow")
    };
    let scene = &story.scenes[0].scene_id;
    let batch = service.start_variants(&story.story_id, scene, wanted, 3).await.unwrap();
    let ended = studio.over(&batch).await;
    assert_eq!(
        (ended.counts.made, ended.cost, ended.estimate),
        (3, Money::ZERO, dollars("0"))
    );
    let variants = studio.variants(&story, 0).await;
    let letters: Vec<String> = variants.iter().map(Variant::letter).collect();
    assert_eq!(letters, ["A", "B", "C"]);
    assert_eq!(
        variants.iter().map(|one| one.seed.unwrap()).collect::<Vec<_>>(),
        [41, 42, 43]
    );
    let pictures: HashSet<&str> = variants
        .iter()
        .map(|one| one.picture.as_ref().unwrap().sha256.as_str())
        .collect();
    assert_eq!(pictures.len(), 3, "another seed, another picture");
    for one in &variants {
        let picture = one.picture.as_ref().unwrap();
        let bytes = service.variant_picture(&one.id).await.unwrap();
        assert_eq!(
            (bytes.len() as u64, picture.width, picture.height),
            (picture.bytes, 1024, 768)
        );
        assert_eq!(
            (&one.state, &one.place, one.attempts),
            (&VariantState::Made, &Placement::Candidate, 1)
        );
    }
    assert_eq!(
        studio.read(&story.story_id).await.scenes[0].image_url,
        None,
        "a candidate is not shown"
    );

    service.judge(&variants[0].id, Verdict::Kept).await.unwrap();
    service.judge(&variants[1].id, Verdict::Rejected).await.unwrap();
    service.forget_variant(&variants[2].id).await.unwrap();
    let id = service
        .bring_candidate(&story.story_id, scene, png(20, 10).into(), "fox.png")
        .await
        .unwrap();
    let after = studio.variants(&story, 0).await;
    let seen: Vec<(String, Verdict)> = after.iter().map(|one| (one.letter(), one.verdict)).collect();
    let expected = [("A", Verdict::Kept), ("B", Verdict::Rejected), ("D", Verdict::Open)];
    assert_eq!(seen, expected.map(|(letter, verdict)| (letter.to_owned(), verdict)));
    assert_eq!(after[2].id, id);
    assert_eq!(
        after[2].source,
        VariantSource::Brought {
            file_name: "fox.png".into()
        }
    );
    let no_picture = service
        .bring_candidate(&story.story_id, scene, Bytes::from_static(b"<svg/>"), "x.svg")
        .await;
    assert!(no_picture.is_err());
    service.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_pictures_are_paid_once_and_put_into_their_scenes() {
    let studio = Studio::with(|provider| provider.price = dollars("0.04")).await;
    let story = studio.story(&["one", "two", "three"]).await;
    let plan = studio.plan(&story, &missing()).await;
    assert_eq!((plan.pictures, plan.cost, plan.made_before), (3, dollars("0.12"), 0));
    assert_eq!(studio.painter.asked_for_pictures(), 0, "a plan asks nobody");
    let ended = studio.run(&plan).await;
    assert_eq!(
        (ended.state, ended.counts.placed, ended.cost),
        (BatchState::Ended, 3, dollars("0.12").unwrap())
    );
    assert_eq!(studio.painter.paid().pictures, 3);
    let shown = studio.read(&story.story_id).await;
    assert_eq!((shown.status, shown.pictures()), (Status::Completed, 3));
    assert_eq!(shown.cover_image_url, shown.scenes[0].image_url);
    for (index, scene) in shown.scenes.iter().enumerate() {
        let served = reqwest::get(scene.image_url.as_deref().unwrap())
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
        let variant = &studio.variants(&story, index).await[0];
        assert_eq!(
            studio.service().variant_picture(&variant.id).await.unwrap(),
            served,
            "as it came"
        );
        assert!(variant.is_placed() && variant.stored_at.is_some());
    }
    let again = studio.plan(&shown, &missing()).await;
    assert!(again.items.is_empty(), "nothing is missing");
    let problem = studio.service().start_batch(again).await.unwrap_err();
    assert_eq!(problem.what, "There is nothing to draw.");
    let spending = studio.service().spending().await.unwrap();
    assert_eq!(
        (spending.today, spending.this_month.len()),
        (dollars("0.12").unwrap(), 1)
    );
    let engine = studio.service().find_engine(&painter()).unwrap();
    assert_eq!(engine.spent_this_month, dollars("0.12").unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_studio_and_resume_pay_for_the_same_picture_once() {
    let studio = Studio::start().await;
    let story = studio.story(&["one", "two"]).await;
    // As candidates: paid for, and not shown.
    let plan = studio.plan(&story, &candidates()).await;
    studio.run(&plan).await;
    assert_eq!(studio.painter.paid().pictures, 2);
    let plan = studio.plan(&story, &missing()).await;
    assert_eq!((plan.pictures, plan.made_before), (2, 2));
    let resumed = studio
        .service()
        .resume_story(&story.story_id, &|_| {}, &CancellationToken::new())
        .await;
    assert_eq!(resumed.unwrap().story.status, Status::Completed);
    assert_eq!(studio.painter.paid().pictures, 2);

    // And the other way round: what a run of `resume` has paid for and could not store is there for the studio.
    let client = client(&studio);
    limit(&client, Some(1)).await;
    let story = studio.story(&["three"]).await;
    let resumed = studio
        .service()
        .resume_story(&story.story_id, &|_| {}, &CancellationToken::new())
        .await;
    assert_eq!(resumed.unwrap().failures.len(), 1);
    assert_eq!(studio.painter.paid().pictures, 3);
    limit(&client, None).await;
    let ended = studio.run(&studio.plan(&story, &missing()).await).await;
    assert_eq!((ended.counts.placed, ended.cost), (1, Money::ZERO));
    assert_eq!(studio.painter.paid().pictures, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_with_its_text_and_only_a_person_asks_again() {
    let studio = Studio::start().await;
    let story = studio.story(&["a refused thing", "a fox"]).await;
    let ended = studio.run(&studio.plan(&story, &missing()).await).await;
    assert_eq!((ended.counts.refused, ended.counts.placed), (1, 1));
    let refused = &studio.variants(&story, 0).await[0];
    assert_eq!(
        refused.state,
        VariantState::Refused {
            message: REFUSAL.into()
        }
    );
    let shown = studio.read(&story.story_id).await;
    assert_eq!(shown.scenes[0].image_error.as_deref(), Some(REFUSAL));
    studio.service().wish_batch(&ended.id, BatchWish::Retry).await.unwrap();
    let after = studio.service().batch(&ended.id).await.unwrap();
    assert!(after.is_over(), "what was refused is not asked for again with the rest");

    studio.painter.recover();
    let asked = studio.painter.asked_for_pictures();
    assert_eq!(studio.service().retry_variant(&refused.id).await.unwrap(), refused.id);
    studio.service().keep_drawing();
    let ended = studio.over(&ended.id).await;
    assert_eq!(
        (ended.counts.placed, studio.painter.asked_for_pictures()),
        (2, asked + 1)
    );
    assert_eq!(studio.read(&story.story_id).await.status, Status::Completed);
    studio.service().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_came_is_uncertain_and_not_asked_for_again() {
    let studio = Studio::with(|provider| provider.price = dollars("0.04")).await;
    let story = studio.story(&["a lost thing"]).await;
    let ended = studio.run(&studio.plan(&story, &missing()).await).await;
    assert_eq!((ended.counts.uncertain, ended.state), (1, BatchState::Ended));
    let state = studio.variants(&story, 0).await[0].state.clone();
    assert!(
        matches!(&state, VariantState::Uncertain { sentence } if sentence.ends_with('.')),
        "{state:?}"
    );
    assert_eq!(studio.painter.paid().pictures, 1);
    studio.service().wish_batch(&ended.id, BatchWish::Retry).await.unwrap();
    assert!(studio.service().batch(&ended.id).await.unwrap().is_over());
    let spending = studio.service().spending().await.unwrap();
    let engine = &spending.this_month[0];
    assert_eq!(
        (engine.spent, engine.perhaps, engine.pictures),
        (Money::ZERO, dollars("0.04").unwrap(), 0)
    );
    let plan = studio.plan(&story, &missing()).await;
    assert_eq!(
        (plan.pictures, plan.uncertain),
        (1, 1),
        "somebody may decide to pay again, and is told"
    );
    // A person asks again: the old one stays what it is.
    let old = studio.variants(&story, 0).await[0].id;
    let new = studio.service().retry_variant(&old).await.unwrap();
    assert_ne!(old, new);
    assert_eq!(
        studio.service().variant(&old).await.unwrap().state,
        studio.variants(&story, 0).await[0].state,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_provider_is_waited_for_and_one_that_stays_so_holds_the_batch() {
    let studio = Studio::start().await;
    let story = studio.story(&["a busy thing"]).await;
    let ended = studio.run(&studio.plan(&story, &missing()).await).await;
    assert_eq!(
        (
            ended.counts.placed,
            studio.painter.paid().pictures,
            studio.painter.asked_for_pictures()
        ),
        (1, 1, 2)
    );

    let studio = Studio::with(|provider| provider.concurrent = 1).await;
    let story = studio.story(&["a tired thing", "another tired thing"]).await;
    studio.service().keep_drawing();
    let id = studio
        .service()
        .start_batch(studio.plan(&story, &missing()).await)
        .await
        .unwrap();
    let waits = studio
        .until(&id, |batch| batch.waiting.is_some() && batch.counts.drawing == 0)
        .await;
    let why = waits.waiting.unwrap();
    assert!(
        why.starts_with("Waits 60 min: the server asked for it. Attempt 2 of 4 comes then."),
        "{why}"
    );
    assert_eq!((waits.state, waits.counts.queued), (BatchState::Running, 2));
    assert_eq!(studio.painter.paid().pictures, 0);
    // Both wait; the second was not even asked for.
    assert_eq!(studio.painter.asked_for_pictures(), 1);
    studio.service().wish_batch(&id, BatchWish::Cancel).await.unwrap();
    let ended = studio.over(&id).await;
    assert_eq!(ended.counts.cancelled, 2);
    studio.service().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_waits_while_the_project_cannot_be_reached_and_goes_on_by_itself() {
    let gone = Arc::new(AtomicBool::new(false));
    let studio = behind_a_gate(&gone).await;
    let story = studio.story(&["a thing", "another thing"]).await;
    let plan = studio.plan(&story, &missing()).await;
    gone.store(true, Ordering::SeqCst);
    studio.service().keep_drawing();
    let id = studio.service().start_batch(plan).await.unwrap();
    let waits = studio.until(&id, |batch| batch.waiting.is_some()).await;
    let why = waits.waiting.unwrap();
    assert!(
        why.starts_with("Waits 5.0 s: the project cannot be reached. Attempt 2 of 4 comes then."),
        "{why}"
    );
    assert_eq!(
        (waits.counts.queued, waits.counts.failed),
        (2, 0),
        "nothing fails for that"
    );
    assert_eq!(studio.painter.asked_for_pictures(), 0);
    gone.store(false, Ordering::SeqCst);
    let ended = studio.over(&id).await;
    assert_eq!((ended.counts.placed, ended.counts.failed), (2, 0));
    studio.service().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_was_made_waits_for_the_project_and_is_put_into_its_scene_by_itself() {
    let gone = Arc::new(AtomicBool::new(false));
    let studio = behind_a_gate(&gone).await;
    studio.painter.always(Does::Held);
    let story = studio.story(&["a thing"]).await;
    let plan = studio.plan(&story, &missing()).await;
    studio.service().keep_drawing();
    let id = studio.service().start_batch(plan).await.unwrap();
    studio.until(&id, |batch| batch.counts.drawing == 1).await;
    gone.store(true, Ordering::SeqCst);
    studio.painter.let_go(1);
    studio.until(&id, |batch| batch.counts.made == 1).await;
    // Longer than the tries of one request take.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let waits = studio.service().batch(&id).await.unwrap();
    assert_eq!(
        (waits.counts.placed, waits.counts.not_placed),
        (0, 0),
        "nothing fails for that"
    );
    gone.store(false, Ordering::SeqCst);
    let ended = studio.over(&id).await;
    assert_eq!((ended.counts.placed, ended.counts.not_placed), (1, 0));
    assert_eq!(studio.painter.paid().pictures, 1);
    studio.service().close().await;
}

/// A project that no request reaches while it is `gone`.
async fn behind_a_gate(gone: &Arc<AtomicBool>) -> Studio {
    let painter = FakeProvider::start().await;
    let mut provider = painter.provider(Dialect::OpenAi);
    "Painter".clone_into(&mut provider.name);
    let gone = Arc::clone(gone);
    let judge: gate::Judge = Arc::new(move |_| {
        let is_lost = gone.load(Ordering::SeqCst);
        Box::pin(async move {
            if is_lost {
                gate::Verdict::LoseRequest
            } else {
                gate::Verdict::Pass
            }
        })
    });
    let project = Project::with(|workspace| {
        let server = workspace.url.as_str().to_owned();
        let runtime = tokio::runtime::Handle::current();
        let url = tokio::task::block_in_place(|| runtime.block_on(gate::before(&server, judge)));
        workspace.url = ProjectUrl::parse(&url).unwrap();
        *workspace = workspace.clone().with_providers(vec![provider]);
    })
    .await;
    Studio { project, painter }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_stops_before_it_would_pass_the_budget_and_says_so() {
    let studio = Studio::with(|provider| {
        (provider.price, provider.budget, provider.concurrent) = (dollars("0.04"), dollars("0.10"), 4);
    })
    .await;
    let story = studio.story(&["one", "two", "three", "four", "five"]).await;
    let ended = studio.run(&studio.plan(&story, &missing()).await).await;
    assert_eq!(
        (ended.state, ended.counts.made, ended.counts.queued),
        (BatchState::Held, 2, 3)
    );
    let why = ended.waiting.unwrap();
    assert!(
        why.contains("budget of $0.10 a month for Painter: $0.08 is spent"),
        "{why}"
    );
    assert_eq!(studio.painter.paid().pictures, 2);
    let service = studio.service();
    let on = service
        .resume_batch(&ended.id, &|_| {}, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(
        (on.state, studio.painter.paid().pictures),
        (BatchState::Held, 2),
        "resumed, it still keeps to it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_that_is_made_beside_a_batch_keeps_to_the_same_limit_and_the_same_budget() {
    let studio = Studio::with(|provider| {
        (provider.price, provider.budget, provider.concurrent) = (dollars("0.04"), dollars("0.31"), 1);
    })
    .await;
    studio.painter.takes(Duration::from_millis(60));
    let story = studio.story(&["one", "two", "three", "four"]).await;
    let plan = studio.plan(&story, &missing()).await;
    // As another process on the same journal.
    let workspace = studio.service().workspace().clone();
    let home = Home::at(studio.project.folder.path());
    let (other, _events) = Service::open(workspace, &home, tokio::runtime::Handle::current()).unwrap();
    let brief = Brief::new("Zoe", "A hare by the sea", 4, 3).unwrap();
    let never = CancellationToken::new();
    let (ended, made) = tokio::join!(studio.run(&plan), other.create_story(&brief, &|_| {}, &never));
    let outcome = made.unwrap();
    assert_eq!(studio.painter.most_at_once(), 1, "whoever asks");
    // Seven are within the budget; the eighth would pass it, whichever that is.
    assert_eq!(studio.painter.paid().pictures, 7);
    assert_eq!(ended.counts.made + outcome.story.pictures() as u64, 7);
    if let Some(failure) = outcome.failures.into_iter().next() {
        let problem = storymimi_studio::service::Problem::from(failure.error);
        assert!(problem.what.contains("budget of $0.31"), "{problem:?}");
    } else {
        assert_eq!(ended.state, BatchState::Held, "{ended:?}");
    }
    other.close().await;
}

/// However much is queued, one story does not wait until all of that is drawn.
#[tokio::test(flavor = "multi_thread")]
async fn a_story_that_is_made_goes_before_what_is_left_of_a_batch() {
    let studio = Studio::with(|provider| provider.concurrent = 1).await;
    studio.painter.when("queued", Does::Held);
    let story = studio.story(&["queued 1", "queued 2", "queued 3"]).await;
    let service = studio.service();
    service.keep_drawing();
    let batch = service
        .start_batch(studio.plan(&story, &missing()).await)
        .await
        .unwrap();
    studio.until(&batch, |batch| batch.counts.drawing == 1).await;
    let made = tokio::spawn({
        let service = service.clone();
        async move {
            let brief = Brief::new("Zoe", "A hare by the sea", 2, 3).unwrap();
            let never = CancellationToken::new();
            service.create_story(&brief, &|_| {}, &never).await.unwrap()
        }
    });
    let workspace = service.workspace().id.clone();
    let held = Home::at(studio.project.folder.path()).journal(&workspace).join("held");
    let waits = || {
        let files = std::fs::read_dir(&held).unwrap().flatten();
        files
            .map(|file| file.file_name())
            .any(|name| name.to_string_lossy().contains("-waiting"))
    };
    tokio::time::timeout(Duration::from_secs(60), async {
        while !waits() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    // Two scenes are drawn at a time, so both wait.
    studio.painter.let_go(1);
    let outcome = tokio::time::timeout(Duration::from_secs(60), made)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((outcome.story.status, outcome.story.pictures()), (Status::Completed, 2));
    assert_eq!(studio.painter.paid_for("queued"), 1, "the others wait");
    studio.painter.let_go(2);
    let ended = studio.over(&batch).await;
    assert_eq!(ended.counts.placed, 3);
    assert_eq!(studio.painter.most_at_once(), 1);
    service.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_are_asked_for_at_once_than_the_provider_is_to_be_given() {
    let studio = Studio::with(|provider| provider.concurrent = 2).await;
    studio.painter.takes(Duration::from_millis(40));
    let story = studio.story(&["1", "2", "3", "4", "5", "6"]).await;
    let settings = BatchSettings {
        per_scene: 2,
        ..candidates()
    };
    let ended = studio.run(&studio.plan(&story, &settings).await).await;
    assert_eq!((ended.counts.made, studio.painter.paid().pictures), (12, 12));
    assert_eq!(studio.painter.most_at_once(), 2);
    let again = studio.plan(&story, &settings).await;
    assert_eq!(
        (again.pictures, again.made_before, again.seconds),
        (12, 12, Some(0)),
        "nothing of it is paid again"
    );
    let estimate = studio.service().estimate(&painter(), 100).await.unwrap();
    assert!(
        estimate.seconds.is_some_and(|seconds| seconds >= 2),
        "it is known by now how long they take"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_carry_out_what_is_queued_once() {
    let studio = Studio::start().await;
    studio.painter.takes(Duration::from_millis(10));
    let (workspace, home) = (
        studio.service().workspace().clone(),
        Home::at(studio.project.folder.path()),
    );
    let (other, _events) = Service::open(workspace, &home, tokio::runtime::Handle::current()).unwrap();
    let prompts: Vec<String> = (0..8).map(|at| at.to_string()).collect();
    let prompts: Vec<&str> = prompts.iter().map(String::as_str).collect();
    let (first, second) = (studio.story(&prompts).await, studio.story(&prompts).await);
    let plans = (
        studio.plan(&first, &missing()).await,
        studio.plan(&second, &missing()).await,
    );
    studio.service().keep_drawing();
    other.keep_drawing();
    let here = studio.service().start_batch(plans.0).await.unwrap();
    // What one adds the other may carry out; a third waits for its own.
    let there = run(&other, &plans.1).await;
    assert_eq!((there.state, there.counts.placed), (BatchState::Ended, 8));
    assert_eq!(studio.over(&here).await.counts.placed, 8);
    assert_eq!(
        (studio.painter.paid().pictures, studio.painter.asked_for_pictures()),
        (16, 16)
    );
    other.close().await;
    studio.service().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_paused_ordered_and_cancelled_and_what_is_paid_for_is_waited_for() {
    let studio = Studio::with(|provider| provider.concurrent = 1).await;
    studio.painter.takes(Duration::from_millis(150));
    let story = studio.story(&["1", "2", "3"]).await;
    let service = studio.service();
    let slow = service
        .start_batch(studio.plan(&story, &candidates()).await)
        .await
        .unwrap();
    let other = service
        .start_batch(studio.plan(&story, &candidates()).await)
        .await
        .unwrap();
    service.wish_batch(&other, BatchWish::First).await.unwrap();
    let order: Vec<BatchId> = service.batches().await.unwrap().iter().map(|batch| batch.id).collect();
    assert_eq!(order, [other, slow]);
    assert_eq!(
        service.batch(&slow).await.unwrap().state,
        BatchState::Waiting,
        "nobody runs the queue yet"
    );
    service.wish_batch(&other, BatchWish::Pause).await.unwrap();
    service.keep_drawing();
    studio.until(&slow, |batch| batch.counts.drawing == 1).await;
    service.wish_batch(&slow, BatchWish::Cancel).await.unwrap();
    let ended = studio.over(&slow).await;
    assert_eq!(
        (ended.counts.made, ended.counts.cancelled),
        (1, 2),
        "the one that was asked for came"
    );
    assert_eq!(studio.painter.asked_for_pictures(), 1);
    let paused = service.batch(&other).await.unwrap();
    assert_eq!((paused.state, paused.counts.queued), (BatchState::Paused, 3));
    service.wish_batch(&other, BatchWish::Resume).await.unwrap();
    let ended = studio.over(&other).await;
    assert_eq!(ended.counts.made, 3);
    // The same words and seed were paid for by the first batch.
    assert_eq!(studio.painter.paid().pictures, 3);

    // Said twice, what was asked for is given up as well, and nobody knows whether it is charged.
    let story = studio.story(&["4"]).await;
    studio.painter.takes(Duration::from_secs(600));
    let stuck = service
        .start_batch(studio.plan(&story, &candidates()).await)
        .await
        .unwrap();
    studio.until(&stuck, |batch| batch.counts.drawing == 1).await;
    service.wish_batch(&stuck, BatchWish::Cancel).await.unwrap();
    assert_eq!(
        studio
            .until(&stuck, |batch| batch.state == BatchState::Cancelling)
            .await
            .counts
            .drawing,
        1
    );
    service.wish_batch(&stuck, BatchWish::Cancel).await.unwrap();
    assert_eq!(studio.over(&stuck).await.counts.uncertain, 1);
    service.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_cannot_be_put_into_its_scene_is_kept_and_put_there_later_without_paying() {
    let studio = Studio::start().await;
    let client = client(&studio);
    let story = studio.story(&["one", "two"]).await;
    studio
        .run(&studio.plan(&studio.story(&["first"]).await, &missing()).await)
        .await;
    let paid = studio.painter.paid().pictures;
    limit(&client, Some(1)).await;
    let ended = studio.run(&studio.plan(&story, &missing()).await).await;
    assert_eq!((ended.counts.made, ended.counts.not_placed), (2, 2));
    let variant = &studio.variants(&story, 0).await[0];
    let Placement::Failed { sentence, .. } = &variant.place else {
        panic!("{:?}", variant.place)
    };
    let shown = studio.read(&story.story_id).await;
    assert_eq!(shown.scenes[0].image_error.as_ref(), Some(sentence));
    limit(&client, None).await;
    studio.service().wish_batch(&ended.id, BatchWish::Retry).await.unwrap();
    studio.service().keep_drawing();
    let ended = studio.over(&ended.id).await;
    assert_eq!((ended.counts.placed, studio.painter.paid().pictures), (2, paid + 2));
    studio.service().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_is_kept_and_what_comes_and_is_no_picture_is_told() {
    let studio = Studio::with(|provider| provider.price = dollars("0.04")).await;
    let story = studio.story(&["a broken thing"]).await;
    let settings = BatchSettings {
        style: Some("Watercolour".into()),
        ..missing()
    };
    let ended = studio.run(&studio.plan(&story, &settings).await).await;
    assert_eq!(ended.counts.uncertain, 1);
    let variant = &studio.variants(&story, 0).await[0];
    assert!(
        matches!(&variant.state, VariantState::Uncertain { sentence } if sentence.contains("is none")),
        "{:?}",
        variant.state
    );
    assert_eq!(
        variant.cost,
        dollars("0.04"),
        "it was charged for, as far as anybody knows"
    );
    studio.service().wish_batch(&ended.id, BatchWish::Retry).await.unwrap();
    assert!(
        studio.service().batch(&ended.id).await.unwrap().is_over(),
        "it is not paid for again with the rest"
    );
    assert_eq!(studio.painter.paid_for("a broken thing. Watercolour"), 1);
    let unknown = BatchSettings {
        style: Some("Oil".into()),
        ..missing()
    };
    let scope = BatchScope::Stories(vec![story.story_id.clone()]);
    let problem = studio.service().plan_batch(&scope, &unknown).await.unwrap_err();
    assert!(problem.sentences().contains("no style “Oil”") && problem.advice.contains("Paper cut"));
    let nobody = BatchSettings::missing(EngineId::new("Nobody"));
    assert!(studio.service().plan_batch(&scope, &nobody).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_engine_cannot_do_is_said_before_it_is_asked() {
    let studio = Studio::start().await;
    let story = studio.story(&["a fox"]).await;
    let service = studio.service();
    let scene = &story.scenes[0].scene_id;
    let from_live = Wanted {
        base: Some(PictureRef::Live(story.story_id.clone(), scene.clone())),
        ..Wanted::new(EngineId::built_in(), "a fox")
    };
    let problem = service
        .start_variants(&story.story_id, scene, from_live.clone(), 1)
        .await
        .unwrap_err();
    assert!(
        problem.what.contains("cannot begin from another picture"),
        "{}",
        problem.what
    );
    let no_words = Wanted::new(EngineId::built_in(), "  ");
    assert!(
        service
            .start_variants(&story.story_id, scene, no_words, 1)
            .await
            .is_err()
    );
    // An engine that can is not asked either while there is nothing to begin from.
    let nothing = Wanted {
        engine: painter(),
        ..from_live
    };
    service.keep_drawing();
    let batch = service
        .start_variants(&story.story_id, scene, nothing, 1)
        .await
        .unwrap();
    assert_eq!(studio.over(&batch).await.counts.failed, 1);
    assert_eq!(studio.painter.asked_for_pictures(), 0);
    service.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shows_a_scene_is_told_of_its_variants() {
    let studio = Studio::start().await;
    let story = studio.story(&["a fox"]).await;
    let ended = studio.run(&studio.plan(&story, &missing()).await).await;
    let mine = (story.story_id.clone(), story.scenes[0].scene_id.clone());
    let events: Vec<Event> = studio.project.events.drain().collect();
    let of_scene = |event: &&Event| matches!(event, Event::Variants(a, b) if (a, b) == (&mine.0, &mine.1));
    assert!(events.iter().filter(of_scene).count() >= 3, "queued, being drawn, made");
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Batch(id) if *id == ended.id))
    );
    assert!(studio.service().drawing().is_empty());
    let nobody = SceneId::fresh();
    assert!(
        studio
            .service()
            .variants(&story.story_id, &nobody)
            .await
            .unwrap()
            .is_empty()
    );
}

fn client(studio: &Studio) -> Supabase {
    let workspace = studio.service().workspace();
    let http = storymimi_studio::http::Http::new(std::sync::Arc::default()).unwrap();
    Supabase::new(http, workspace.url.clone(), workspace.key.clone())
}

/// Lets the bucket take pictures of so many bytes only.
async fn limit(client: &Supabase, bytes: Option<u64>) {
    let update = BucketUpdate {
        file_size_limit: Some(bytes),
        ..BucketUpdate::default()
    };
    client.buckets().update(&bucket(), &update).await.unwrap();
}
