//! Each way in which a provider fails: whether it may have been charged for, what is said, and that "Retry" never pays again
//! for what may have been.

use storymimi_studio::service::BatchScope;
use storymimi_studio::story::{BatchSettings, BatchWish, Variant, VariantState};
use storymimi_studio::workspace::{Dialect, EngineId, Money, Provider};

use super::support::project::Project;
use super::support::provider::{Does, FakeProvider};
use super::{over, story};

/// What becomes of a variant.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// It may have been charged for: only a person asks again, for another one.
    Open,
    /// It was refused before any work.
    Refused,
    /// It was made, and then refused.
    RefusedAndCharged,
    /// It certainly cost nothing, and "Retry" asks again.
    Free,
}

use End::{Free, Open, Refused, RefusedAndCharged};

/// What a provider does, what becomes of it, and words that are said.
const ROWS: [(Dialect, Does, End, &str); 34] = [
    (
        Dialect::OpenAi,
        Does::GatewayTimeout,
        Open,
        "gave up waiting (HTTP 504).",
    ),
    (
        Dialect::OpenAi,
        Does::RequestTimeout,
        Open,
        "gave up waiting (HTTP 408).",
    ),
    (
        Dialect::OpenAi,
        Does::ServerError,
        Open,
        "The provider broke off: The server had an error.",
    ),
    (
        Dialect::OpenAi,
        Does::BadGateway,
        Open,
        "The provider broke off: The model's machine went away.",
    ),
    (
        Dialect::OpenRouter,
        Does::ErrorWithin,
        Open,
        "The provider broke off: The model's machine went away.",
    ),
    (
        Dialect::Gemini,
        Does::ServerError,
        Open,
        "The provider broke off: The server had an error.",
    ),
    (Dialect::Sdapi, Does::Breaks, Open, "CUDA out of memory."),
    (Dialect::Comfy, Does::Breaks, Open, "KSampler: out of memory."),
    (
        Dialect::Comfy,
        Does::Forgets,
        Open,
        "does not know the picture any more",
    ),
    (
        Dialect::Comfy,
        Does::UrlGone,
        Open,
        "was made, and could not be fetched",
    ),
    (
        Dialect::OpenAi,
        Does::UrlGone,
        Open,
        "was made, and could not be fetched",
    ),
    (Dialect::Together, Does::UrlElsewhere, Open, "not encrypted"),
    (Dialect::OpenAi, Does::DropBefore, Open, ""),
    (Dialect::OpenAi, Does::DropAfter, Open, ""),
    (Dialect::OpenAi, Does::CutOff, Open, ""),
    (Dialect::Together, Does::TruncatedJson, Open, "cannot be used"),
    (Dialect::OpenAi, Does::EmptyData, Open, "The provider sent no picture."),
    (Dialect::Gemini, Does::EmptyData, Open, "The provider sent no picture."),
    (
        Dialect::Sdapi,
        Does::NotAPicture,
        Open,
        "what was sent as a picture is none.",
    ),
    (
        Dialect::OpenAi,
        Does::Moderated { output: false },
        Refused,
        "rejected by the safety system",
    ),
    (
        Dialect::OpenRouter,
        Does::Moderated { output: false },
        Refused,
        "Your input was flagged",
    ),
    (
        Dialect::OpenAi,
        Does::Moderated { output: true },
        RefusedAndCharged,
        "rejected by the safety system",
    ),
    (
        Dialect::Together,
        Does::Moderated { output: true },
        RefusedAndCharged,
        "NSFW",
    ),
    (
        Dialect::Gemini,
        Does::Moderated { output: true },
        RefusedAndCharged,
        "Unable to show the picture",
    ),
    (Dialect::OpenAi, Does::Black, RefusedAndCharged, "all black"),
    (Dialect::OpenAi, Does::Unauthorized, Free, "does not accept the key"),
    (Dialect::OpenAi, Does::Forbidden, Free, "does not accept the key"),
    (Dialect::OpenAi, Does::Unverified, Free, "organisation verified"),
    (Dialect::OpenRouter, Does::InsufficientQuota, Free, "credit is used up"),
    (Dialect::OpenAi, Does::InsufficientQuota, Free, "credit is used up"),
    (Dialect::OpenAi, Does::ModelGone, Free, "has no such model"),
    (
        Dialect::OpenAi,
        Does::BadField("size"),
        Free,
        "does not accept the request",
    ),
    (
        Dialect::OpenAi,
        Does::NotThisApi,
        Free,
        "There is no such API at this address (HTTP 404).",
    ),
    (Dialect::OpenAi, Does::Overloaded, Free, "All machines are busy."),
];

fn price() -> Money {
    Money::parse("0.04").unwrap()
}

fn engine(row: usize) -> EngineId {
    EngineId::new(&format!("Provider {row}"))
}

/// One provider for each row, so that the trouble of one is not the next one's.
async fn providers() -> (Vec<FakeProvider>, Vec<Provider>) {
    let (mut fakes, mut providers) = (Vec::new(), Vec::new());
    for (row, (dialect, does, ..)) in ROWS.into_iter().enumerate() {
        let fake = FakeProvider::start().await;
        fake.always(does);
        providers.push(Provider {
            name: engine(row).to_string(),
            price: Some(price()),
            ..fake.provider(dialect)
        });
        fakes.push(fake);
    }
    (fakes, providers)
}

fn check(row: usize, variant: &Variant) {
    let (dialect, does, end, words) = ROWS[row];
    let of = format!("{dialect}, {does:?}: {:?}", variant.state);
    let said = match (&variant.state, end) {
        (VariantState::Uncertain { sentence }, Open) => sentence,
        (VariantState::Refused { message }, Refused | RefusedAndCharged) => message,
        (VariantState::Failed { sentence, hint, .. }, Free) => {
            assert!(hint.ends_with('.'), "{of}");
            sentence
        }
        _ => panic!("{of} is not {end:?}"),
    };
    assert!(said.contains(words), "{of}");
    if end == Open || end == Free {
        assert!(said.ends_with(['.', '!', '?']), "{of}");
        assert!(
            said.starts_with(|first: char| first.is_uppercase() || !first.is_alphabetic()),
            "{of}"
        );
    }
    let charged = match end {
        Open | RefusedAndCharged => Some(price()),
        Refused | Free => None,
    };
    assert_eq!(variant.cost, charged, "{of}: what it costs, or may");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_charged_is_never_asked_for_again_by_itself_and_what_is_not_is() {
    let (fakes, all) = providers().await;
    let project = Project::with(|workspace| *workspace = workspace.clone().with_providers(all)).await;
    let service = &project.service;
    service.keep_drawing();
    let mut begun = Vec::new();
    for row in 0..ROWS.len() {
        let story = story(&project, &["a fox in the snow"]).await;
        let scope = BatchScope::Stories(vec![story.story_id.clone()]);
        let settings = BatchSettings {
            place: false,
            ..BatchSettings::missing(engine(row))
        };
        let plan = service.plan_batch(&scope, &settings).await.unwrap();
        begun.push((story, service.start_batch(plan).await.unwrap()));
    }
    for (row, (story, batch)) in begun.iter().enumerate() {
        over(service, batch).await;
        let variants = service
            .variants(&story.story_id, &story.scenes[0].scene_id)
            .await
            .unwrap();
        check(row, &variants[0]);
    }
    let spending = service.spending().await.unwrap();
    for (row, told) in ROWS.iter().enumerate() {
        let of = spending
            .this_month
            .iter()
            .find(|spent| spent.engine == engine(row))
            .unwrap();
        let expected = match told.2 {
            Open => (Money::ZERO, price()),
            RefusedAndCharged => (price(), Money::ZERO),
            Refused | Free => (Money::ZERO, Money::ZERO),
        };
        assert_eq!((of.spent, of.perhaps), expected, "{told:?}");
    }

    // All are well again, and somebody presses "Retry".
    for (row, (story, batch)) in begun.iter().enumerate() {
        fakes[row].recover();
        let (asked, paid) = (fakes[row].asked().len(), fakes[row].paid().pictures);
        service.wish_batch(batch, BatchWish::Retry).await.unwrap();
        over(service, batch).await;
        let variants = service
            .variants(&story.story_id, &story.scenes[0].scene_id)
            .await
            .unwrap();
        if ROWS[row].2 == Free {
            assert_eq!(variants[0].state, VariantState::Made, "{:?}", ROWS[row]);
            assert_eq!((paid, fakes[row].paid().pictures), (0, 1), "{:?}", ROWS[row]);
            continue;
        }
        check(row, &variants[0]);
        assert_eq!(fakes[row].asked().len(), asked, "{:?}: nobody was asked", ROWS[row]);
        // A person asks again: what was charged stays in the sums beside the new one.
        let again = service.retry_variant(&variants[0].id).await.unwrap();
        assert_eq!(again == variants[0].id, ROWS[row].2 == Refused, "{:?}", ROWS[row]);
    }
    service.close().await;
}
