//! Which files are shown, and what can be done for all that are alike.

use egui::{Align, Layout, Sense, Ui, UiBuilder, vec2};

use super::row::{CHECK, DETECTED, GAP, MARGIN, THUMB};
use crate::gui::review::state::{Review, Tab};
use crate::gui::review::words;
use crate::gui::theme::{Tokens, Tone, Type, space};
use crate::gui::widget::{Button, FilterChip, cell, frame, text};
use crate::transfer::plan::fix::{Row, TroubleKind};

const TABS: f32 = 44.0;
const COLUMNS: f32 = 28.0;

pub(super) fn show(ui: &mut Ui, review: &mut Review) {
    tabs(ui, review);
    frame::hairline(ui);
    columns(ui);
    frame::hairline(ui);
}

fn tabs(ui: &mut Ui, review: &mut Review) {
    let counts = review.sheet.counts();
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), TABS), Sense::hover());
    let inside = rect.shrink2(vec2(MARGIN, 0.0));
    let layout = Layout::left_to_right(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(inside).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let tabs = [
            (Tab::All, "All", counts.all),
            (Tab::Ready, "Ready", counts.ready),
            (Tab::Fixed, "Fixed for you", counts.fixed),
            (Tab::NeedsChoice, "Needs a choice", counts.needs_choice),
            (Tab::Skipped, "Skipped", counts.skipped),
        ];
        for (tab, name, count) in tabs {
            let mut chip = FilterChip::new(name, review.tab == tab).count(count);
            if tab == Tab::NeedsChoice && count > 0 {
                chip = chip.dot(Tone::Err);
            }
            if ui.add(chip).clicked() {
                review.open_tab(tab);
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| alike(ui, review));
    });
}

fn alike(ui: &mut Ui, review: &mut Review) {
    let alike = review.alike();
    let reason = match review.last {
        None => Some("Choose something for one file first"),
        Some(_) if alike == 0 => Some("No other file has the same trouble"),
        Some(_) => None,
    };
    let tip = review.last.map(|(kind, fix)| {
        let many = crate::gui::words::count(alike, "more file", "more files");
        let does = review
            .sheet
            .rows()
            .iter()
            .flat_map(Row::standings)
            .find(|standing| standing.trouble.kind() == kind && kind != TroubleKind::LeftOut)
            .map(|standing| words::fix(&standing.trouble, fix));
        format!("{}: {many}", does.unwrap_or_default())
    });
    let button = Button::ghost("Apply fix to all alike")
        .tip(tip.as_deref().unwrap_or_default())
        .disabled_because(reason);
    if ui.add(button).clicked() {
        review.choose_for_alike();
    }
}

fn columns(ui: &mut Ui) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), COLUMNS), Sense::hover());
    let inside = rect.shrink2(vec2(MARGIN, 0.0));
    let layout = Layout::left_to_right(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(inside).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.add_space(THUMB + GAP);
        let rest = ui.available_width() - DETECTED - CHECK - 2.0 * GAP;
        for (width, name) in [(rest, "File and target key"), (DETECTED, "Detected"), (CHECK, "Check")] {
            cell(ui, width, Align::Min, |ui| text::label(ui, Type::Caption, name, t.tx2));
        }
    });
}
