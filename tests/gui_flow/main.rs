//! From a brief to a published story, the list of many stories, the views of scenes and batches of pictures: the whole window on the
//! real embedded server, through accessible labels.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/rows.rs"]
mod rows;

mod batch;
mod cards;
mod create;
mod list;
mod looks;
mod portraits;
mod scenes;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use provider::FakeProvider;
use storymimi_studio::gui::app::App;
use storymimi_studio::story::{Brief, Story};
use storymimi_studio::workspace::{Dialect, Money, Provider};
use support::Click as _;
use support::provider;
use support::studio::Studio;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const PROMPT: &str =
    "A small fox named Pip, who wears a green scarf, finds a fallen star in a snowy forest and carries it home";

/// Makes a whole story with the built-in engines.
fn make(studio: &Studio, title: &str, scenes: usize) -> Story {
    let brief = Brief::new(title, PROMPT, scenes, 7).unwrap();
    let never = CancellationToken::new();
    let made = studio.service.create_story(&brief, &|_| {}, &never);
    studio.runtime.block_on(made).unwrap().story
}

/// A provider that draws for four cents, and asked for one picture at a time; and what it runs on.
fn fake() -> (FakeProvider, Provider, Runtime) {
    let runtime = Runtime::new().unwrap();
    let fake = runtime.block_on(FakeProvider::start());
    let provider = Provider {
        price: Some(Money::parse("0.04").unwrap()),
        concurrent: 1,
        ..fake.provider(Dialect::OpenAi)
    };
    (fake, provider, runtime)
}

/// Chooses who draws.
fn choose_engine(studio: &mut Studio, name: &str) {
    // A dialog's lies in the middle, over others of the name.
    let middle = studio.harness.ctx.content_rect().center();
    let away = |node: &egui_kittest::Node<'_>| node.rect().center().distance_sq(middle);
    studio.harness.click(|harness| {
        let engines = harness.get_all_by_role_and_label(Role::ComboBox, "Engine");
        engines.min_by(|a, b| away(a).total_cmp(&away(b))).unwrap().rect()
    });
    studio.until("the engines", |harness| has(harness, name));
    click(studio, name);
    studio.harness.run_steps(2);
}

/// Where the server of the window keeps its rows.
fn data(studio: &Studio) -> std::path::PathBuf {
    studio.folder.join("local")
}

fn has(harness: &Harness<'_, App>, label: &str) -> bool {
    harness.query_all_by_label(label).next().is_some()
}

fn contains(harness: &Harness<'_, App>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

/// Whether a story is a row of the list.
fn listed(harness: &Harness<'_, App>, title: &str) -> bool {
    harness
        .query_all_by_role_and_label(Role::ListBoxOption, title)
        .next()
        .is_some()
}

/// Clicks the first thing of that name.
fn click(studio: &mut Studio, label: &str) {
    studio
        .harness
        .click(|harness| harness.get_all_by_label(label).next().unwrap().rect());
    studio.harness.run_steps(2);
}
