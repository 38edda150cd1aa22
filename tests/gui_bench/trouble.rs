//! What a provider refuses, what fails, and what helps.

use egui_kittest::kittest::Queryable as _;
use storymimi_studio::story::VariantState;
use storymimi_studio::workspace::{Dialect, Provider};

use super::support::provider::{Does, FakeProvider};
use super::*;

/// A window whose workspace can also ask a provider that the test answers for.
fn with(provider: impl FnOnce(&mut Provider)) -> (Studio, FakeProvider, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let painter = runtime.block_on(FakeProvider::start());
    let mut asked = painter.provider(Dialect::OpenAi);
    "Painter".clone_into(&mut asked.name);
    provider(&mut asked);
    let mut studio = Studio::with([1440.0, 900.0], Theme::Dark, |workspace| {
        workspace.providers.push(asked);
    });
    make(&mut studio, 1);
    let role = egui::Role::ComboBox;
    studio
        .harness
        .click(|harness| harness.get_by_role_and_label(role, "Engine").rect());
    studio.harness.run_steps(3);
    studio
        .harness
        .click(|harness| harness.query_all_by_label_contains("Painter").last().unwrap().rect());
    studio.harness.run_steps(3);
    (studio, painter, runtime)
}

fn say(studio: &mut Studio, words: &str) {
    studio.type_into("Prompt", words);
    press(studio, Key::Escape);
}

/// Asks for one candidate by its key, whatever becomes of it.
fn ask_for_one(studio: &mut Studio) {
    while !has(studio, "Generate 1") {
        studio
            .harness
            .click(|harness| harness.get_by_label("Fewer variants").rect());
        studio.harness.run_steps(2);
    }
    press(studio, Key::G);
}

#[test]
fn a_refusal_is_told_in_the_provider_s_words_and_another_engine_helps() {
    let (mut studio, painter, _runtime) = with(|_| {});
    painter.when("dragon", Does::Moderated { output: false });
    let live = scene(&studio, 0).image_url;
    say(&mut studio, " and a dragon");
    ask_for_one(&mut studio);
    until_told(&mut studio, "Candidate B, refused");
    press(&mut studio, Key::Num1);
    assert!(has(&studio, "The provider refused candidate B. Nothing was changed."));
    assert!(
        studio
            .harness
            .query_all_by_label_contains("rejected by the safety system")
            .next()
            .is_some()
    );
    studio.picture("bench-refused");
    // Nothing of it can be put in place, and it is not asked again by itself.
    press(&mut studio, Key::R);
    studio.settle();
    assert_eq!(scene(&studio, 0).image_url, live);
    assert_eq!(variants(&studio, 0)[0].attempts, 1);
    assert_eq!(painter.paid().pictures, 0);

    // The built-in engine draws the same words.
    studio
        .harness
        .click(|harness| harness.get_by_label("Built-in picture").rect());
    until_told(&mut studio, "Candidate C, made");
    let drawn = variants(&studio, 0);
    assert_eq!(
        drawn[1].wanted.as_ref().unwrap().prompt,
        drawn[0].wanted.as_ref().unwrap().prompt
    );
    assert!(matches!(drawn[0].state, VariantState::Refused { .. }));

    // The prompt can be edited from the message.
    press(&mut studio, Key::Num1);
    studio
        .harness
        .click(|harness| harness.get_by_label("Edit prompt").rect());
    studio.harness.run_steps(3);
    assert!(studio.harness.ctx.text_edit_focused());
}

#[test]
fn a_provider_that_cannot_be_reached_fails_and_is_asked_again_when_it_is_wanted() {
    let nowhere = |provider: &mut Provider| "http://127.0.0.1:9/v1".clone_into(&mut provider.base_url);
    let (mut studio, _painter, _runtime) = with(nowhere);
    ask_for_one(&mut studio);
    until_told(&mut studio, "Candidate B, failed");
    press(&mut studio, Key::Num1);
    studio.picture("bench-failed");
    assert!(has(&studio, "Ask again") && has(&studio, "Built-in picture"));
    // Its attempts are counted anew, so that the time tells.
    let before = variants(&studio, 0)[0].asked_at;
    studio.harness.click(|harness| harness.get_by_label("Ask again").rect());
    studio.harness.run_steps(2);
    for _ in 0..1_000 {
        if variants(&studio, 0)[0].asked_at > before {
            break;
        }
        studio.harness.step();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(variants(&studio, 0)[0].asked_at > before);
}
