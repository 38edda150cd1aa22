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
mod scenes;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use storymimi_studio::gui::app::App;
use storymimi_studio::story::{Brief, Story};
use support::studio::Studio;
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
    studio.harness.get_all_by_label(label).next().unwrap().click();
    studio.harness.run_steps(2);
}
