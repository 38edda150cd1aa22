//! The head of the dock: open or close it, choose what it shows, filter.

use egui::{Align, Align2, Layout, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::rows::inside;
use super::{Dock, Tab};
use crate::gui::icon;
use crate::gui::theme::{Tokens, Tone, Type, radius};
use crate::gui::widget::{FilterChip, IconButton, TextField};
use crate::service::Job;

/// Height of the head, and of the whole dock while it is closed.
pub const HEIGHT: f32 = 32.0;

/// Width of the filter's field.
const FIELD: f32 = 170.0;

pub(super) fn show(ui: &mut Ui, dock: &mut Dock, jobs: &[Job]) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    if dock.open {
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
    }
    let inner = rect.shrink2(vec2(5.0, 0.0));
    let left = Layout::left_to_right(Align::Center);
    let used = inside(ui, inner, left, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let (caret, name) = match dock.open {
            true => (icon::CARET_DOWN, "Close the log"),
            false => (icon::CARET_UP, "Open the log"),
        };
        if ui.add(IconButton::new(caret, name).small().key("Ctrl J")).clicked() {
            dock.open = !dock.open;
        }
        let running = jobs.iter().filter(|job| !job.state.is_over()).count();
        tab(ui, dock, Tab::Log, "Log", 0);
        tab(ui, dock, Tab::Jobs, "Jobs", running);
        tab(ui, dock, Tab::Requests, "Requests", 0);
        ui.min_rect()
    });
    let room = Rect::from_min_max(egui::pos2(used.right() + 8.0, inner.top()), inner.max);
    let right = Layout::right_to_left(Align::Center);
    inside(ui, room, right, |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        tools(ui, dock);
    });
}

/// A tab; choosing one opens the dock.
fn tab(ui: &mut Ui, dock: &mut Dock, tab: Tab, words: &str, count: usize) {
    const PADDING: f32 = 8.0;
    let t = Tokens::of(ui);
    let chosen = dock.open && dock.tab == tab;
    let galley = |ui: &Ui, words: &str, color| ui.painter().layout_job(Type::Button.line(words, color, f32::INFINITY));
    let words_galley = galley(ui, words, egui::Color32::PLACEHOLDER);
    let count_galley = (count > 0).then(|| galley(ui, &count.to_string(), t.acc_tx));
    let count_width = count_galley.as_ref().map_or(0.0, |count| 5.0 + count.size().x);
    let width = words_galley.size().x + count_width + 2.0 * PADDING;
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), chosen, words));
    if response.clicked() {
        dock.open_on(tab);
    }
    let color = match chosen || response.hovered() {
        true => t.tx1,
        false => t.tx2,
    };
    let at = Align2::LEFT_CENTER.anchor_size(rect.left_center() + vec2(PADDING, 0.0), words_galley.size());
    let after = at.right() + 5.0;
    ui.painter()
        .galley_with_override_text_color(at.min, words_galley, color);
    if let Some(count) = count_galley {
        let at = Align2::LEFT_CENTER.anchor_size(egui::pos2(after, rect.center().y), count.size());
        ui.painter().galley(at.min, count, t.acc_tx);
    }
    if response.has_focus() {
        let ring = rect.shrink2(vec2(2.0, 4.0));
        ui.painter()
            .rect_stroke(ring, radius::CONTROL, Stroke::new(2.0, t.acc_tx), StrokeKind::Inside);
    }
}

/// What narrows the list shown. From right to left.
fn tools(ui: &mut Ui, dock: &mut Dock) {
    if dock.open && dock.tab != Tab::Jobs {
        if ui
            .add(IconButton::new(icon::ERASER, "Clear the list").small())
            .clicked()
        {
            match dock.tab {
                Tab::Log => dock.log.clear(),
                Tab::Jobs | Tab::Requests => dock.requests.clear(),
            }
        }
        let paused = dock.log.is_paused();
        let (icon, name) = match paused {
            true => (icon::PLAY, "Let new lines in"),
            false => (icon::PAUSE, "Hold new lines back"),
        };
        if ui.add(IconButton::new(icon, name).small().selected(paused)).clicked() {
            dock.log.pause(!paused);
            dock.requests.pause(!paused);
        }
        TextField::new("Filter the list", &mut dock.filter.text)
            .hint("Filter by text or id")
            .icon(icon::FUNNEL_SIMPLE)
            .clearable()
            .width(FIELD)
            .show(ui);
    }
    if dock.tab != Tab::Log && dock.open {
        return;
    }
    let warnings = FilterChip::new("Warnings", dock.filter.warnings)
        .dot(Tone::Warn)
        .count(dock.log.warnings());
    if ui.add(warnings).clicked() {
        dock.filter.warnings = !dock.filter.warnings || !dock.open;
        dock.open_on(Tab::Log);
    }
    let errors = FilterChip::new("Errors", dock.filter.errors)
        .dot(Tone::Err)
        .count(dock.log.errors());
    if ui.add(errors).clicked() {
        dock.filter.errors = !dock.filter.errors || !dock.open;
        dock.open_on(Tab::Log);
    }
}
