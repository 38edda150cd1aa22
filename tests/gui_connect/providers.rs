//! AI providers in the connect form: added, their models listed and chosen, kept with their keys, taken out.

use egui::{Event, Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use storymimi_studio::workspace::{Dialect, EngineId};

use super::support::Click as _;
use crate::provider::{FakeProvider, KEY, PAINTER, Paid, WRITER};
use crate::support::studio::Studio;
use crate::{Remote, contains, do_not_remember, field, has, open_connect, paste, primary};

/// The value of a header of the user's own; short, so that nothing could know it by its form.
const ORG: &str = "o-42";

/// Puts a text in the place of what the field holds.
fn replace(studio: &mut Studio, label: &str, text: &str) {
    field(&studio.harness, label).focus();
    studio.harness.step();
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    studio.harness.step();
    studio.harness.event(Event::Paste(text.to_owned()));
    studio.harness.run_steps(3);
}

/// Clicks what is called so and is no mere text, after scrolling to it: the form is longer than the window.
fn press(studio: &mut Studio, label: &str) {
    fn find<'h>(harness: &'h crate::Harness, label: &'h str) -> egui_kittest::Node<'h> {
        let mut named = harness.query_all_by_label(label);
        let named = named.find(|node| node.accesskit_node().role() != Role::Label);
        named.unwrap_or_else(|| panic!("there is nothing called {label:?} to click"))
    }
    find(&studio.harness, label).scroll_to_me();
    studio.harness.run_steps(8);
    studio.harness.click(|harness| find(harness, label).rect());
    studio.harness.run_steps(3);
}

/// Chooses a model from the list that the provider gave.
fn choose(studio: &mut Studio, list: &str, model: &str) {
    press(studio, list);
    studio.harness.click(|harness| harness.get_by_label(model).rect());
    studio.harness.run_steps(3);
}

#[test]
fn a_provider_is_added_with_its_models_and_asked_for_nothing_that_costs() {
    let mut studio = Studio::start();
    let remote = Remote::start(&studio);
    let fake = studio.runtime.block_on(FakeProvider::start());
    open_connect(&mut studio);
    paste(&mut studio, "Project URL", remote.server.url());
    paste(&mut studio, "Key", remote.server.service_key());
    do_not_remember(&mut studio);
    press(&mut studio, "Name, colour and more");
    press(&mut studio, "Add a provider");
    // Without a model it is none, and the button says why.
    assert!(contains(&studio.harness, "Name a model that writes or one that draws"));
    press(&mut studio, "How it is spoken to");
    press(&mut studio, Dialect::Together.title());
    replace(&mut studio, "Provider's address", &fake.base_url(Dialect::Together));
    replace(&mut studio, "Provider's name", "Mine");
    paste(&mut studio, "Provider's key", KEY);
    press(&mut studio, "Add a header");
    replace(&mut studio, "Header 1", "Host");
    paste(&mut studio, "Value of header 1", ORG);
    assert!(contains(&studio.harness, "“Host” is no header that can be sent along"));
    replace(&mut studio, "Header 1", "X-Org");
    assert!(!contains(&studio.harness, "no header that can be sent"));
    assert!(!contains(&studio.harness, ORG), "it is shown as dots");
    press(&mut studio, "List its models");
    studio.until("its models", |harness| has(harness, "Models that draw"));
    choose(&mut studio, "Models that draw", PAINTER);
    choose(&mut studio, "Models that write", WRITER);
    replace(&mut studio, "Price of a picture, in US dollars", "0.0027");
    replace(&mut studio, "Budget of a month, in US dollars", "20");
    studio.picture("provider");
    let connect = primary(&studio.harness);
    press(&mut studio, &connect);
    studio.until("the project is open", |harness| {
        harness.state().service().workspace().url.as_str() == remote.server.url()
    });
    let service = studio.harness.state().service().clone();
    let engines = service.engines();
    let ids: Vec<&str> = engines.iter().map(|engine| engine.id.as_str()).collect();
    assert_eq!(ids, ["Mine", EngineId::BUILT_IN]);
    assert_eq!(engines[0].price.unwrap().to_string(), "$0.0027");
    assert_eq!(engines[0].budget.unwrap().to_string(), "$20.00");
    assert!(
        engines[0].masks_people,
        "names stay here unless somebody says otherwise"
    );
    let ai = service.engine_ai(&EngineId::new("mine")).unwrap();
    assert_eq!(ai.provider().dialect, Dialect::Together);
    assert_eq!(ai.provider().key.as_ref().unwrap().expose(), KEY);
    assert_eq!(fake.paid(), Paid::default());
    let asked = fake.asked();
    assert!(!asked.is_empty());
    assert!(
        asked
            .iter()
            .all(|asked| asked.headers["authorization"] == format!("Bearer {KEY}") && asked.headers["x-org"] == ORG)
    );
    let seen = format!("{:?}", studio.workspaces.transcript().exchanges());
    assert!(seen.contains("x-org") && !seen.contains(ORG), "{seen}");
}

#[test]
fn this_computer_is_searched_only_when_somebody_asks_for_it() {
    let mut studio = Studio::start();
    let looked = |studio: &Studio| {
        let exchanges = studio.workspaces.transcript().exchanges();
        exchanges
            .iter()
            .filter(|exchange| exchange.operation == "Look for models here")
            .count()
    };
    open_connect(&mut studio);
    press(&mut studio, "Name, colour and more");
    studio.settle();
    assert_eq!(looked(&studio), 0);
    press(&mut studio, "Look for local AI");
    // What is there differs from computer to computer; that each usual port was asked once does not.
    let mut count = 0;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while count < 6 && std::time::Instant::now() < deadline {
        studio.harness.step();
        std::thread::sleep(std::time::Duration::from_millis(5));
        count = looked(&studio);
    }
    assert_eq!(count, 6);
}

#[test]
fn providers_are_taken_out_and_put_first() {
    let mut studio = Studio::start();
    open_connect(&mut studio);
    press(&mut studio, "Name, colour and more");
    for name in ["One", "Two"] {
        press(&mut studio, "Add a provider");
        replace(&mut studio, "Provider's name", name);
        replace(&mut studio, "Model that writes", "writer");
        // Closes its fields, so that the list is to be seen as a whole.
        press(&mut studio, name);
    }
    assert!(!has(&studio.harness, "Make One the usual one"), "it is already");
    press(&mut studio, "Make Two the usual one");
    assert!(has(&studio.harness, "Make One the usual one"));
    press(&mut studio, "Remove One");
    assert!(!has(&studio.harness, "Remove One") && has(&studio.harness, "Remove Two"));
    // A second of the same name is told of.
    press(&mut studio, "Add a provider");
    replace(&mut studio, "Provider's name", "two");
    assert!(contains(&studio.harness, "Another provider is called “two” already"));
}
