//! The connect screen: the local workspace at the left, a project of Supabase at the right.

mod advanced;
mod key_facts;
mod local_card;
mod project_card;
mod providers;
mod test_table;

use egui::{Align, CentralPanel, Frame, Layout, Panel, Rect, Role, ScrollArea, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use jiff::Timestamp;

use super::state::State;
use crate::gui::action::{Action, Command};
use crate::gui::icon;
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::widget::{Button, IconButton, Note, follow_focus, frame, menu_below, text};

const BAR: f32 = 44.0;
/// The content at its widest, its left card and the gap.
const CONTENT: f32 = 1120.0;
const LEFT: f32 = 400.0;
const LEFT_LEAST: f32 = 320.0;
const GAP: f32 = 16.0;
/// 20 and the card's border.
const PADDING: f32 = 21.0;
/// The cards are no lower than this.
const LEAST: f32 = 684.0;

/// What the foot of the right card covers at most at the lower edge of the window.
const FOOT: f32 = 72.0;

/// What the page tells besides what is typed.
pub struct Facts<'a> {
    /// Host and port of the embedded server, while it is known.
    pub local_address: Option<&'a str>,
    /// The folder of everything the program writes.
    pub folder: &'a str,
    /// Whether the local workspace is the open one.
    pub is_local_open: bool,
    /// The time, for what keys say of theirs.
    pub now: Timestamp,
}

/// Draws the page over the whole window.
pub fn show(ui: &mut Ui, state: &mut State, facts: &Facts<'_>, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let surface = Frame::NONE.fill(t.bg0);
    Panel::top("connect bar")
        .exact_size(BAR)
        .resizable(false)
        .show_separator_line(false)
        .frame(surface)
        .show(ui, |ui| bar(ui, actions));
    CentralPanel::default().frame(surface).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let available = ui.available_width();
            let width = (available - 2.0 * space::CONTENT).min(CONTENT);
            let left = ((available - width) * 0.5).round();
            let from = ui.cursor().min + vec2(left, 0.0);
            let room = Rect::from_min_size(from, vec2(width, f32::INFINITY));
            let shown = ui.scope_builder(
                UiBuilder::new().max_rect(room).layout(Layout::top_down(Align::Min)),
                |ui| page(ui, state, facts, actions),
            );
            ui.advance_cursor_after_rect(shown.response.rect);
            ui.add_space(space::CONTENT);
            if !state.foot_has_focus {
                follow_focus(ui, FOOT);
            }
        });
    });
}

fn bar(ui: &mut Ui, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let rect = ui.max_rect();
    ui.scope_builder(
        UiBuilder::new()
            .max_rect(rect)
            .layout(Layout::left_to_right(Align::Center)),
        |ui| {
            ui.add_space(16.0);
            let (mark, _) = ui.allocate_exact_size(vec2(24.0, 24.0), egui::Sense::hover());
            ui.painter().rect_filled(mark, radius::CONTROL, t.acc);
            icon::BOOK_OPEN
                .filled()
                .paint(ui.painter(), mark.center(), size::ICON, t.on_fill);
            text::label(ui, Type::Section, "StoryMimi Studio", t.tx1);
        },
    );
    ui.scope_builder(
        UiBuilder::new()
            .max_rect(rect)
            .layout(Layout::right_to_left(Align::Center)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.add_space(16.0);
            let (mark, name, command) = if t.dark {
                (icon::MOON, "Light theme", Command::ThemeLight)
            } else {
                (icon::SUN, "Dark theme", Command::ThemeDark)
            };
            if ui.add(IconButton::new(mark, name)).clicked() {
                actions.push(Action::Command(command));
            }
            let help = ui.add(Button::ghost("Help").icon(icon::QUESTION));
            menu_below(&help, 340.0, help_text);
        },
    );
}

/// Where in Supabase's dashboard the two things lie that the form asks for.
fn help_text(ui: &mut Ui) {
    let t = Tokens::of(ui);
    Frame::NONE.inner_margin(10).show(ui, |ui| {
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ui.set_max_width(340.0);
            ui.spacing_mut().item_spacing.y = 4.0;
            for (title, words) in [
                (
                    "Project URL",
                    "In the dashboard of Supabase, open your project and press Connect, or copy the browser's address \
                     as it is: Studio finds the project in it.",
                ),
                (
                    "Key",
                    "Project settings, API keys. The publishable key (formerly anon) is enough to sign in with; a \
                     secret key (formerly service_role) may do everything and is for admins.",
                ),
                (
                    "A .env file",
                    "Copy its text and paste it into either field: both are filled.",
                ),
            ] {
                text::label(ui, Type::SmallStrong, title, t.tx1);
                text::wrapped(ui, Type::Small, words, t.tx2);
                ui.add_space(4.0);
            }
        });
    });
}

fn page(ui: &mut Ui, state: &mut State, facts: &Facts<'_>, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let width = ui.max_rect().width();
    ui.set_width(width);
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.add_space(30.0);
    let (title, words) = state.title();
    text::label(ui, Type::Display, title, t.tx1);
    ui.add_space(4.0);
    text::elided(ui, Type::Body, words, t.tx2);
    ui.add_space(20.0);
    if let Some(reason) = &state.reason {
        // Where something only has to be typed, nothing is broken.
        let note = if reason.field.is_some() { Note::warn } else { Note::err };
        note(&reason.what, &reason.advice).show(ui);
        ui.add_space(GAP);
    }

    let left_width = (width - GAP - 704.0).clamp(LEFT_LEAST, LEFT);
    let right_width = width - GAP - left_width;
    let top = ui.cursor().min;
    // The right card is as tall as its contents were in the last pass; the left one stays as it is, whatever is typed.
    let id = ui.unique_id().with("height");
    let before = ui.data(|data| data.get_temp::<f32>(id)).unwrap_or(LEAST);
    card(ui, top, left_width, LEAST, "Local workspace", |ui| {
        local_card::show(ui, facts, LEAST - 2.0 * PADDING, actions);
    });
    let used = card(
        ui,
        top + vec2(left_width + GAP, 0.0),
        right_width,
        before,
        "Supabase project",
        |ui| project_card::show(ui, state, facts, actions),
    );
    let height = used.max(LEAST);
    if (height - before).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(id, height));
        ui.ctx().request_discard("the cards have another height");
    }
    ui.advance_cursor_after_rect(Rect::from_min_size(top, vec2(width, height)));
}

/// A card at a place; answers how tall its contents make it.
fn card(ui: &mut Ui, at: egui::Pos2, width: f32, height: f32, name: &str, contents: impl FnOnce(&mut Ui)) -> f32 {
    let t = Tokens::of(ui);
    let rect = Rect::from_min_size(at, vec2(width, height));
    let surface = frame::card(ui, 0);
    ui.painter()
        .add(surface.shadow.as_shape(rect, egui::CornerRadius::same(radius::MODAL)));
    ui.painter().rect(
        rect,
        radius::MODAL,
        t.bg2,
        egui::Stroke::new(1.0, t.line),
        egui::StrokeKind::Inside,
    );
    let inner = Rect::from_min_max(
        rect.min + vec2(PADDING, PADDING),
        pos2(rect.right() - PADDING, f32::INFINITY),
    );
    let shown = ui.scope_builder(
        UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)),
        |ui| {
            ui.set_width(inner.width());
            contents(ui);
            ui.min_rect().bottom()
        },
    );
    shown
        .response
        .widget_info(|| WidgetInfo::labeled(Role::Group, true, name));
    shown.inner + PADDING - rect.top()
}
