//! Everything that providers do wrong, in every dialect: which error it becomes, what is said about it, and that nothing
//! is paid for twice. The provider is the one in `support/provider`; no key of anybody's is needed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/provider/mod.rs"]
mod provider;

use std::sync::Arc;
use std::time::Duration;

use provider::{Does, FakeProvider, KEY, PAINTER, Paid, Wait};
use storymimi_studio::ai::{Ai, AiError, DraftRequest, Drafted, PaintRequest, Painted, Stage};
use storymimi_studio::http::{Http, Options, RetryPolicy, Transcript};
use storymimi_studio::service::Problem;
use storymimi_studio::workspace::Dialect;

/// All that draw.
const ALL: [Dialect; 7] = Dialect::OFFERED;
/// Those whose bodies are OpenAI's.
const LIKE_OPENAI: [Dialect; 4] = [
    Dialect::OpenAi,
    Dialect::OpenRouter,
    Dialect::Together,
    Dialect::OpenaiLoose,
];
/// The errors after which nobody knows whether there is something to pay.
const OPEN: [&str; 7] = [
    "Timeout",
    "Ambiguous",
    "Broke",
    "NotFetched",
    "NoImage",
    "BadJson",
    "Truncated",
];
/// Those that write in the same way at addresses of their own.
const WRITING: [Dialect; 4] = [
    Dialect::OpenAi,
    Dialect::OpenRouter,
    Dialect::Gemini,
    Dialect::OpenaiLoose,
];

/// A client that does not wait between attempts, unless it is told to.
fn ai(provider: &FakeProvider, dialect: Dialect) -> Ai {
    let retry = RetryPolicy {
        jitter: || 0.0,
        ..RetryPolicy::default()
    };
    let options = Options {
        retry,
        ..Options::default()
    };
    let http = Http::with_options(Arc::new(Transcript::default()), options).unwrap();
    Ai::new(http, provider.provider(dialect))
}

async fn paint(ai: &Ai) -> Result<Painted, AiError> {
    let request = PaintRequest {
        seed: Some(7),
        ..PaintRequest::new("a fox in the snow", 1024, 768)
    };
    ai.paint(&request, &|_| {}).await
}

async fn draft(ai: &Ai) -> Result<Drafted, AiError> {
    let request = DraftRequest {
        title: "Pip".to_owned(),
        prompt: "a fox who is lost".to_owned(),
        scenes: 3,
        words_per_scene: 30,
        seed: 7,
        cast: Vec::new(),
        model: None,
    };
    ai.draft(&request).await
}

/// The name of an error's variant.
fn kind(error: &AiError) -> String {
    format!("{error:?}").split([' ', '(', '{']).next().unwrap().to_owned()
}

/// Requests that may be paid for.
fn asked(provider: &FakeProvider) -> usize {
    let free = [
        "/models",
        "/progress",
        "/queue",
        "/interrupt",
        "/history",
        "/sd-models",
        "/object_info",
        "/endpoints",
        "/view",
        "/pictures/",
    ];
    let all = provider.asked();
    all.iter()
        .filter(|asked| !free.iter().any(|path| asked.path.contains(path)) || asked.path.contains(":generate"))
        .count()
}

/// What is known after a picture has failed.
struct Failed {
    error: AiError,
    problem: Problem,
    asked: usize,
    pictures: usize,
}

/// One picture that a provider of that dialect does not bring.
async fn failed(dialect: Dialect, does: Does) -> Failed {
    let provider = FakeProvider::start().await;
    provider.always(does);
    let ai = ai(&provider, dialect);
    let error = match paint(&ai).await {
        Err(error) => error,
        Ok(painted) => panic!("{dialect}, {does:?}: a picture came: {painted:?}"),
    };
    let said = format!("{error} {error:?} {}", error.hint());
    assert!(
        !said.contains(KEY),
        "{dialect}, {does:?}: the key is in the error: {said}"
    );
    let again = Failed {
        asked: asked(&provider),
        pictures: provider.paid().pictures,
        problem: Problem::from(error.clone()),
        error,
    };
    assert!(
        again.pictures <= 1,
        "{dialect}, {does:?}: paid {} times",
        again.pictures
    );
    again
}

/// That a failure is the same in all these dialects: its kind, words that it says, how often was asked, what was paid.
async fn is(dialects: &[Dialect], does: Does, expected: &str, words: &str, attempts: usize, paid: usize) {
    for &dialect in dialects {
        let failed = failed(dialect, does).await;
        let Failed { error, problem, .. } = &failed;
        assert_eq!(kind(error), expected, "{dialect}, {does:?}: {error}");
        let said = problem.sentences();
        assert!(said.contains(words), "{dialect}, {does:?}: {said}");
        assert!(said.ends_with(['.', '!', '?']), "{dialect}, {does:?}: {said}");
        assert_eq!(
            (failed.asked, failed.pictures),
            (attempts, paid),
            "{dialect}, {does:?}: attempts, and what was paid"
        );
        let uncertain = match error {
            AiError::Refused { stage, .. } => *stage == Some(Stage::Output),
            _ => OPEN.contains(&expected),
        };
        assert_eq!(error.may_be_charged(), uncertain, "{dialect}, {does:?}");
        // OpenRouter's refusal names the words, whatever it was at.
        let says_otherwise = dialect == Dialect::OpenRouter && expected == "Refused";
        assert!(
            paid == 0 || uncertain || says_otherwise,
            "{dialect}, {does:?}: it was paid for, and nobody is told"
        );
    }
}

#[tokio::test]
async fn a_picture_comes_in_every_dialect() {
    for dialect in ALL {
        let provider = FakeProvider::start().await;
        let painted = paint(&ai(&provider, dialect)).await.unwrap();
        assert_eq!(painted.media_type, "image/png", "{dialect}");
        assert_eq!(painted.model, PAINTER, "{dialect}");
        assert_eq!(provider.paid(), Paid { texts: 0, pictures: 1 }, "{dialect}");
        let told = matches!(
            dialect,
            Dialect::Together | Dialect::Sdapi | Dialect::Gemini | Dialect::Comfy
        );
        assert_eq!(painted.seed, told.then_some(7), "{dialect}");
        let cost = (dialect == Dialect::OpenRouter).then(|| "$0.0390".to_owned());
        assert_eq!(painted.cost.map(|cost| cost.to_string()), cost, "{dialect}");
        assert_eq!(provider.interrupts(), 0, "{dialect}");
    }
}

#[tokio::test]
async fn too_many_requests_are_made_again_after_the_time_that_is_asked_for_in_each_form() {
    for wait in [
        Wait::Unsaid,
        Wait::Seconds(0.02),
        Wait::Millis(20),
        Wait::Date(0),
        Wait::Body(0.02),
    ] {
        for dialect in ALL {
            let provider = FakeProvider::start().await;
            provider.next([Does::RateLimited(wait)]);
            paint(&ai(&provider, dialect)).await.unwrap();
            assert_eq!(
                (asked(&provider), provider.paid().pictures),
                (2, 1),
                "{dialect}, {wait:?}"
            );
        }
    }
}

#[tokio::test]
async fn nobody_waits_for_longer_than_two_minutes() {
    for wait in [
        Wait::Seconds(180.0),
        Wait::Millis(180_000),
        Wait::Date(200),
        Wait::Body(180.5),
    ] {
        for dialect in ALL {
            let failed = failed(dialect, Does::RateLimited(wait)).await;
            assert_eq!(
                (kind(&failed.error).as_str(), failed.asked),
                ("RateLimited", 1),
                "{dialect}, {wait:?}"
            );
            let AiError::RateLimited { after: Some(after), .. } = failed.error else {
                panic!("{dialect}, {wait:?}: no time");
            };
            assert!(after > Duration::from_secs(120), "{dialect}, {wait:?}: {after:?}");
            assert!(
                failed.problem.advice.starts_with("Try again in "),
                "{}",
                failed.problem.advice
            );
        }
    }
}

#[tokio::test]
async fn a_provider_that_always_wants_to_wait_is_asked_four_times() {
    is(
        &ALL,
        Does::RateLimited(Wait::Unsaid),
        "RateLimited",
        "asks to wait: Too many requests",
        4,
        0,
    )
    .await;
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_not_asked_again() {
    is(
        &LIKE_OPENAI,
        Does::InsufficientQuota,
        "NoCredit",
        "credit is used up",
        1,
        0,
    )
    .await;
    is(
        &ALL,
        Does::NoCredit,
        "NoCredit",
        "Add credit to the provider's account",
        1,
        0,
    )
    .await;
}

#[tokio::test]
async fn refused_words_are_told_with_the_reason_and_never_asked_again() {
    is(
        &ALL,
        Does::Moderated { output: false },
        "Refused",
        "Change the prompt",
        1,
        0,
    )
    .await;
    is(
        &ALL,
        Does::Moderated { output: true },
        "Refused",
        "refused this prompt",
        1,
        1,
    )
    .await;
    for (dialect, output, stage) in [
        (Dialect::OpenAi, false, Stage::Input),
        (Dialect::OpenAi, true, Stage::Output),
        (Dialect::OpenRouter, false, Stage::Input),
        (Dialect::Gemini, false, Stage::Input),
        (Dialect::Gemini, true, Stage::Output),
    ] {
        let error = failed(dialect, Does::Moderated { output }).await.error;
        let AiError::Refused {
            stage: told,
            categories,
            ..
        } = &error
        else {
            panic!("{error}");
        };
        assert_eq!(*told, Some(stage), "{dialect}");
        assert_eq!(categories.len(), 1, "{dialect}: {categories:?}");
    }
}

#[tokio::test]
async fn a_refusal_in_words_instead_of_a_picture_is_one() {
    let failed = failed(Dialect::Gemini, Does::Refusal).await;
    assert!(
        failed.problem.what.contains("I would rather not draw that"),
        "{}",
        failed.problem.what
    );
    assert!(matches!(failed.error, AiError::Refused { .. }));
}

#[tokio::test]
async fn a_success_without_a_picture_is_none() {
    let paid = [
        Dialect::OpenAi,
        Dialect::OpenRouter,
        Dialect::Together,
        Dialect::Gemini,
        Dialect::Sdapi,
    ];
    is(&paid, Does::EmptyData, "NoImage", "sent no picture", 1, 1).await;
    is(&[Dialect::Comfy], Does::EmptyData, "NoImage", "sent no picture", 1, 0).await;
}

#[tokio::test]
async fn a_black_picture_is_a_refusal() {
    is(&ALL, Does::Black, "Refused", "all black", 1, 1).await;
    is(
        &LIKE_OPENAI,
        Does::BlackFlagged,
        "Refused",
        "blacked the picture out",
        1,
        1,
    )
    .await;
}

#[tokio::test]
async fn bytes_are_named_by_what_they_are() {
    for dialect in ALL {
        for (does, expected) in [(Does::Jpeg, "image/jpeg"), (Does::Webp, "image/webp")] {
            let provider = FakeProvider::start().await;
            provider.next([does]);
            let painted = paint(&ai(&provider, dialect)).await.unwrap();
            assert_eq!(painted.media_type, expected, "{dialect}");
        }
    }
    is(
        &ALL,
        Does::NotAPicture,
        "BadJson",
        "what was sent as a picture is none",
        1,
        1,
    )
    .await;
}

#[tokio::test]
async fn an_address_is_fetched_from_the_providers_own_host_without_the_key() {
    for dialect in [
        Dialect::OpenAi,
        Dialect::Together,
        Dialect::OpenaiLoose,
        Dialect::Gemini,
        Dialect::Sdapi,
    ] {
        let provider = FakeProvider::start().await;
        provider.next([Does::Url]);
        paint(&ai(&provider, dialect))
            .await
            .unwrap_or_else(|error| panic!("{dialect}: {error}"));
        for fetched in provider
            .asked()
            .iter()
            .filter(|asked| asked.path.starts_with("/pictures/"))
        {
            let has_key = fetched
                .headers
                .values()
                .any(|value| value.to_str().unwrap_or_default().contains(KEY));
            assert!(!has_key, "{dialect}");
        }
        assert_eq!(provider.paid().pictures, 1, "{dialect}");
    }
    let with_addresses = [Dialect::OpenAi, Dialect::Together, Dialect::OpenaiLoose, Dialect::Sdapi];
    is(
        &with_addresses,
        Does::UrlGone,
        "NotFetched",
        "was made, and could not be fetched",
        1,
        1,
    )
    .await;
    is(
        &[Dialect::Comfy],
        Does::UrlGone,
        "NotFetched",
        "was made, and could not be fetched",
        1,
        1,
    )
    .await;
    is(&with_addresses, Does::UrlElsewhere, "BadJson", "not encrypted", 1, 1).await;
}

#[tokio::test]
async fn a_model_that_is_gone_is_told_of_with_those_that_are_there() {
    for dialect in ALL {
        let failed = failed(dialect, Does::ModelGone).await;
        let AiError::ModelGone { offered, .. } = &failed.error else {
            panic!("{dialect}: {}", failed.error);
        };
        assert!(!offered.is_empty(), "{dialect}");
        assert!(
            failed.problem.advice.contains(&offered[0]),
            "{dialect}: {}",
            failed.problem.advice
        );
        assert_eq!((failed.asked, failed.pictures), (1, 0), "{dialect}");
    }
}

#[tokio::test]
async fn keys_and_rights_are_told_apart() {
    is(&ALL, Does::Unauthorized, "Auth", "does not accept the key", 1, 0).await;
    is(&ALL, Does::Forbidden, "Auth", "does not accept the key", 1, 0).await;
    is(&ALL, Does::Unverified, "Unverified", "Verify the organisation", 1, 0).await;
}

#[tokio::test]
async fn a_busy_provider_is_asked_again_and_one_that_broke_is_not() {
    is(&ALL, Does::Overloaded, "Overloaded", "All machines are busy", 4, 0).await;
    is(
        &ALL,
        Does::ServerError,
        "Broke",
        "broke off: The server had an error. It may",
        1,
        0,
    )
    .await;
    is(&ALL, Does::BadGateway, "Broke", "The model's machine went away", 1, 1).await;
    let like_openai = [
        Dialect::OpenAi,
        Dialect::OpenRouter,
        Dialect::Together,
        Dialect::OpenaiLoose,
        Dialect::Gemini,
    ];
    is(
        &like_openai,
        Does::ErrorWithin,
        "Broke",
        "The model's machine went away",
        1,
        0,
    )
    .await;
}

#[tokio::test]
async fn what_may_be_paid_is_not_asked_again() {
    is(
        &ALL,
        Does::GatewayTimeout,
        "Timeout",
        "may have done the work and charged for it",
        1,
        1,
    )
    .await;
    is(
        &ALL,
        Does::RequestTimeout,
        "Timeout",
        "gave up waiting (HTTP 408)",
        1,
        1,
    )
    .await;
    is(
        &ALL,
        Does::DropBefore,
        "Ambiguous",
        "Look at the provider's usage page",
        1,
        0,
    )
    .await;
    let at_once = [
        Dialect::OpenAi,
        Dialect::OpenRouter,
        Dialect::Together,
        Dialect::OpenaiLoose,
        Dialect::Sdapi,
        Dialect::Gemini,
    ];
    for does in [Does::DropAfter, Does::CutOff] {
        is(&at_once, does, "Ambiguous", "Look at the provider's usage page", 1, 1).await;
    }
    is(&at_once, Does::TruncatedJson, "BadJson", "cannot be used", 1, 1).await;
    is(
        &[Dialect::Comfy],
        Does::Forgets,
        "Broke",
        "does not know the picture any more",
        1,
        0,
    )
    .await;
}

#[tokio::test]
async fn a_server_that_is_not_there_costs_nothing() {
    for dialect in ALL {
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = FakeProvider::start().await;
        let mut gone = provider.provider(dialect);
        gone.base_url = gone
            .base_url
            .replace(&provider.url(), &format!("http://{}", free.local_addr().unwrap()));
        drop(free);
        let http = Http::new(Arc::new(Transcript::default())).unwrap();
        let error = paint(&Ai::new(http, gone)).await.unwrap_err();
        assert_eq!(kind(&error), "Network", "{dialect}: {error}");
        assert!(!error.may_be_charged());
    }
}

#[tokio::test]
async fn a_wrong_request_names_its_field() {
    for dialect in LIKE_OPENAI {
        let failed = failed(dialect, Does::BadField("size")).await;
        let AiError::BadRequest { param, .. } = &failed.error else {
            panic!("{dialect}: {}", failed.error);
        };
        assert_eq!(param.as_deref(), Some("size"), "{dialect}");
        assert_eq!(failed.problem.advice, "The provider objects to “size”.", "{dialect}");
    }
    is(&ALL, Does::NotThisApi, "NoSuchApi", "no such API at this address", 1, 0).await;
}

#[tokio::test]
async fn what_breaks_while_it_is_made_is_told_in_the_servers_words() {
    is(
        &[Dialect::Comfy],
        Does::Breaks,
        "Broke",
        "KSampler: out of memory",
        1,
        0,
    )
    .await;
    is(&[Dialect::Sdapi], Does::Breaks, "Broke", "CUDA out of memory", 1, 0).await;
}

#[tokio::test]
async fn giving_up_stops_servers_that_can_be_stopped() {
    for dialect in [Dialect::Sdapi, Dialect::Comfy] {
        let provider = FakeProvider::start().await;
        provider.next([Does::After(Duration::from_secs(60))]);
        let ai = ai(&provider, dialect);
        {
            let work = paint(&ai);
            tokio::pin!(work);
            // Until it is at work, and has been asked how far it is.
            let at_work = async {
                while !provider
                    .asked()
                    .iter()
                    .any(|asked| asked.path.contains("/progress") || asked.path == "/queue")
                {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::select! {
                result = &mut work => panic!("{dialect}: {result:?}"),
                () = at_work => {}
            }
        }
        while provider.interrupts() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(provider.paid().pictures, 0, "{dialect}");
    }
}

#[tokio::test]
async fn progress_is_told_where_the_server_tells_it() {
    let provider = FakeProvider::start().await;
    provider.next([Does::After(Duration::from_millis(1_500))]);
    let told = std::sync::Mutex::new(Vec::new());
    let request = PaintRequest::new("a fox", 512, 512);
    let ai = ai(&provider, Dialect::Sdapi);
    ai.paint(&request, &|progress| told.lock().unwrap().push(progress.fraction))
        .await
        .unwrap();
    assert_eq!(told.lock().unwrap().first(), Some(&Some(0.5)));
}

#[tokio::test]
async fn no_more_pictures_are_asked_for_at_once_than_the_provider_is_to_be_given() {
    let provider = FakeProvider::start().await;
    provider.always(Does::After(Duration::from_millis(50)));
    let ai = ai(&provider, Dialect::OpenAi);
    let all = futures_util::future::join_all((0..6).map(|_| paint(&ai))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!((provider.most_at_once(), provider.paid().pictures), (2, 6));
}

// ── texts ──

/// A text that does not come, and what was paid.
async fn no_text(dialect: Dialect, does: Does) -> (AiError, usize, usize) {
    let provider = FakeProvider::start().await;
    provider.always(does);
    let error = draft(&ai(&provider, dialect)).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(KEY), "{dialect}, {does:?}");
    (error, asked(&provider), provider.paid().texts)
}

async fn text_is(does: Does, expected: &str, words: &str, attempts: usize, paid: usize) {
    for dialect in WRITING {
        let (error, asked, texts) = no_text(dialect, does).await;
        assert_eq!(kind(&error), expected, "{dialect}, {does:?}: {error}");
        assert_eq!(
            (asked, texts),
            (attempts, paid),
            "{dialect}, {does:?}: attempts, and what was paid"
        );
        let said = Problem::from(error).sentences();
        assert!(said.contains(words), "{dialect}, {does:?}: {said}");
    }
}

/// A text that comes although the provider does something wrong.
async fn text_comes(does: &[Does], paid: usize) {
    for dialect in WRITING {
        let provider = FakeProvider::start().await;
        provider.next(does.iter().copied());
        let drafted = draft(&ai(&provider, dialect))
            .await
            .unwrap_or_else(|error| panic!("{dialect}, {does:?}: {error}"));
        assert_eq!(drafted.scenes.len(), 3, "{dialect}, {does:?}");
        assert_eq!(drafted.cast[0].name, "Mia", "{dialect}, {does:?}");
        assert_eq!(provider.paid().texts, paid, "{dialect}, {does:?}");
    }
}

#[tokio::test]
async fn texts_in_fences_and_in_pieces_are_read() {
    text_comes(&[Does::Fenced], 1).await;
    text_comes(&[Does::Streams], 1).await;
}

#[tokio::test]
async fn a_text_that_cannot_be_used_is_repaired_once() {
    text_comes(&[Does::TruncatedJson], 2).await;
    text_comes(&[Does::WrongCount], 2).await;
    text_comes(&[Does::Prose], 2).await;
    text_is(Does::TruncatedJson, "BadJson", "cannot be used", 2, 2).await;
    text_is(Does::Prose, "BadJson", "cannot be used", 2, 2).await;
    text_is(
        Does::WrongCount,
        "WrongCount",
        "wrote 4 scenes where 3 were asked for",
        2,
        2,
    )
    .await;
}

#[tokio::test]
async fn what_two_answers_cost_is_added_up() {
    let provider = FakeProvider::start().await;
    provider.next([Does::WrongCount]);
    let drafted = draft(&ai(&provider, Dialect::OpenRouter)).await.unwrap();
    assert_eq!(drafted.cost.unwrap().to_string(), "$0.0040");
}

#[tokio::test]
async fn texts_that_end_early_are_told_apart() {
    text_is(Does::OutOfTokens, "Truncated", "Ask for fewer scenes", 1, 1).await;
    text_is(Does::ContentFilter, "Refused", "filter stopped the text", 1, 1).await;
    text_is(Does::Refusal, "Refused", "I cannot write about that", 1, 1).await;
    text_is(Does::MidStreamError, "Broke", "The model's machine went away", 1, 1).await;
    text_is(Does::ErrorWithin, "Broke", "The model's machine went away", 1, 0).await;
}

#[tokio::test]
async fn forms_that_a_model_does_not_know_are_left_out_and_cost_nothing() {
    for (field, attempts) in [
        ("response_format", 3),
        ("seed", 2),
        ("max_tokens", 2),
        ("max_completion_tokens", 2),
    ] {
        let provider = FakeProvider::start().await;
        provider.always(Does::BadField(field));
        let dialect = if field == "max_completion_tokens" {
            Dialect::OpenAi
        } else {
            Dialect::OpenaiLoose
        };
        let ai = ai(&provider, dialect);
        draft(&ai).await.unwrap_or_else(|error| panic!("{field}: {error}"));
        assert_eq!((asked(&provider), provider.paid().texts), (attempts, 1), "{field}");
        draft(&ai).await.unwrap();
        assert_eq!(
            (asked(&provider), provider.paid().texts),
            (attempts + 1, 2),
            "{field}: it is remembered"
        );
    }
    text_is(Does::BadField("messages"), "BadRequest", "“messages”", 1, 0).await;
}

#[tokio::test]
async fn texts_that_may_be_paid_are_not_asked_for_again() {
    text_is(Does::DropAfter, "Ambiguous", "usage page", 1, 1).await;
    text_is(Does::DropBefore, "Ambiguous", "usage page", 1, 0).await;
    text_is(Does::GatewayTimeout, "Timeout", "usage page", 1, 0).await;
    text_is(Does::RateLimited(Wait::Unsaid), "RateLimited", "asks to wait", 4, 0).await;
    text_is(Does::Overloaded, "Overloaded", "All machines are busy", 4, 0).await;
    text_is(Does::Unauthorized, "Auth", "does not accept the key", 1, 0).await;
    text_is(Does::ModelGone, "ModelGone", "Choose another model; it offers", 1, 0).await;
    text_is(Does::NoCredit, "NoCredit", "credit", 1, 0).await;
}
