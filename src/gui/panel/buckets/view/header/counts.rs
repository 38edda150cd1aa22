//! What there is, how long it took to find, and how fresh it is.

use egui::{Align, Layout, Ui};
use jiff::tz::TimeZone;

use crate::catalog::Coverage;
use crate::gui::icon;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, size};
use crate::gui::widget::{Button, spinner, text, tooltip};
use crate::gui::words;
use crate::service::Indexing;

pub fn show(ui: &mut Ui, state: &mut State) {
    if state.is_everywhere() {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| everywhere(ui, state));
        return;
    }
    freshness(ui, state);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        if let Some(problem) = state.question_problem() {
            let color = Tokens::of(ui).err;
            let (mark, _) = ui.allocate_exact_size(egui::Vec2::splat(size::ICON_BADGE), egui::Sense::hover());
            icon::WARNING.paint(ui.painter(), mark.center(), size::ICON_BADGE, color);
            text::elided(ui, Type::Caption, &problem.what, color);
        } else if state.index().is_some() {
            counts(ui, state);
        }
    });
}

/// What was found in all buckets, and in how many of them all was looked at.
fn everywhere(ui: &mut Ui, state: &State) {
    let t = Tokens::of(ui);
    if state.found_everywhere().is_none() {
        return;
    }
    let (total, whole, all) = state.everywhere_total();
    let matches = match total.objects {
        1 => "1 match".to_owned(),
        many => format!("{} matches", crate::media::group_thousands(many)),
    };
    text::label(ui, Type::CaptionStrong, matches, t.tx1);
    let buckets = if whole == all {
        format!("in {}", words::count(all, "bucket", "buckets"))
    } else {
        format!("so far, {whole} of {} listed", words::count(all, "bucket", "buckets"))
    };
    text::elided(ui, Type::Caption, format!("{buckets} · {}", total.size()), t.tx2);
}

fn counts(ui: &mut Ui, state: &State) {
    let t = Tokens::of(ui);
    let contents = state.contents();
    let size = contents.total.size();
    let chosen = match state.selection().len() {
        0 => String::new(),
        many => format!(" · {} selected", words::grouped(many)),
    };
    if state.shows_matches() {
        let matches = words::count(contents.objects.len(), "match", "matches");
        text::label(ui, Type::CaptionStrong, matches, t.tx1);
        let took = contents.took.as_micros().div_ceil(1_000);
        text::elided(ui, Type::Caption, format!("in {took} ms · {size}{chosen}"), t.tx2);
        return;
    }
    if contents.folders.is_empty() && contents.objects.is_empty() {
        return;
    }
    let mut line = words::count(contents.objects.len(), "object", "objects");
    if !contents.folders.is_empty() {
        line = format!("{}, {line}", words::count(contents.folders.len(), "folder", "folders"));
    }
    text::elided(ui, Type::Caption, format!("{line}  ·  {size}{chosen}"), t.tx2);
}

/// How fresh the index is, at the right.
fn freshness(ui: &mut Ui, state: &mut State) {
    let t = Tokens::of(ui);
    match (state.indexing(), state.coverage()) {
        (Some(Indexing::Failed(problem)), _) => {
            let words = problem.what.clone();
            if ui.add(Button::ghost("Try again").small()).clicked() {
                state.reload();
            }
            let label = text::label(ui, Type::Caption, "Index not refreshed", t.warn);
            tooltip(label, &words);
        }
        (Some(Indexing::Listing { listed, expected }), coverage) => {
            let words = match (coverage, share(*listed, *expected)) {
                (Some(Coverage::Partial { .. }) | None, Some(share)) => format!("Index listing, {share}"),
                (Some(Coverage::Partial { .. }) | None, None) if *listed == 0 => "Index listing".to_owned(),
                (Some(Coverage::Partial { .. }) | None, None) => {
                    format!("Index listing, {} so far", crate::media::group_thousands(*listed))
                }
                (Some(_), Some(share)) => format!("Index refreshing, {share} · rows stay usable"),
                (Some(_), None) => "Index refreshing · rows stay usable".to_owned(),
            };
            text::label(ui, Type::Caption, &words, t.tx3);
            spinner(ui, &words);
        }
        (_, Some(Coverage::Complete { at })) => {
            let time = at.to_zoned_datetime(TimeZone::system()).strftime("%H:%M:%S");
            text::label(ui, Type::Caption, format!("Index up to date, {time}"), t.tx3);
        }
        (_, Some(Coverage::Partial { .. })) => {
            text::label(ui, Type::Caption, "Index incomplete", t.warn);
        }
        _ => {}
    }
}

/// "61 %", if it is known how much there is.
fn share(listed: u64, expected: Option<u64>) -> Option<String> {
    let expected = expected.filter(|expected| *expected > 0)?;
    Some(format!("{} %", (listed.saturating_mul(100) / expected).min(99)))
}
