//! Every key on one page, made from the list of commands.

use egui::{Context, Sense, Ui, UiBuilder, pos2, vec2};

use crate::gui::action::{Command, Group};
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{Button, KeyCap, ModalFrame, modal, text};

const WIDTH: f32 = 720.0;
const GAP: f32 = 40.0;
const ROW: f32 = 28.0;

/// Keys that belong to whatever has focus and are no commands.
const LISTS: &[(&str, &[&str])] = &[
    ("Move the selection", &["Arrows"]),
    ("First, last", &["Home", "End"]),
    ("A page up, down", &["PgUp", "PgDn"]),
    ("Open", &["Enter"]),
];

/// Keys of a scene's pictures that need no name of their own.
const SCENES: &[(&str, &[&str])] = &[
    ("Choose a candidate", &["1", "…", "9"]),
    ("Move the divider", &["←", "→"]),
    ("Undo", &["Z"]),
];

const ANYWHERE: &[(&str, &[&str])] = &[
    ("Next control, previous", &["Tab", "Shift Tab"]),
    ("Close the topmost thing", &["Esc"]),
];

/// Draws the page over everything; answers whether the user closed it.
pub fn show(ctx: &Context) -> bool {
    let modal = ModalFrame::new("shortcuts", "Keyboard shortcuts")
        .caption("Single letters work while no text field has focus")
        .width(WIDTH);
    let id = modal.id();
    let answer = modal.show(ctx, columns, |ui| ui.add(Button::new("Close").large()).clicked());
    if answer.footer {
        modal::return_focus(ctx, id);
    }
    answer.closed || answer.footer
}

fn columns(ui: &mut Ui) {
    let width = (ui.available_width() - GAP) * 0.5;
    let top = ui.cursor().min;
    let mut bottom = top.y;
    for (at, column) in [left as fn(&mut Ui), right].into_iter().enumerate() {
        let corner = pos2(top.x + (width + GAP) * at as f32, top.y);
        let rect = egui::Rect::from_min_size(corner, vec2(width, 0.0));
        let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
        child.set_width(width);
        child.spacing_mut().item_spacing.y = 0.0;
        column(&mut child);
        bottom = bottom.max(child.min_rect().bottom());
    }
    ui.allocate_space(vec2(ui.available_width(), bottom - top.y));
}

fn left(ui: &mut Ui) {
    commands(ui, Group::Go);
    ui.add_space(space::CONTENT);
    commands(ui, Group::Program);
    ui.add_space(space::CONTENT);
    heading(ui, "Lists and grids");
    rows(ui, LISTS);
    ui.add_space(space::CONTENT);
    heading(ui, "Anywhere");
    rows(ui, ANYWHERE);
}

fn right(ui: &mut Ui) {
    commands(ui, Group::Work);
    ui.add_space(space::CONTENT);
    commands(ui, Group::Scenes);
    rows(ui, SCENES);
    ui.add_space(space::CONTENT);
    commands(ui, Group::Workspace);
    ui.add_space(space::CONTENT);
    commands(ui, Group::View);
    zoom(ui);
}

fn commands(ui: &mut Ui, group: Group) {
    heading(ui, group.name());
    for command in Command::ALL.iter().filter(|command| command.group() == group) {
        let keys = command.keys();
        if !keys.is_empty() {
            row(ui, command.name(), &[&keys]);
        }
    }
}

/// egui's own keys for the size of the interface.
fn zoom(ui: &mut Ui) {
    use egui::gui_zoom::kb_shortcuts::{ZOOM_IN, ZOOM_OUT, ZOOM_RESET};
    let is_mac = cfg!(target_os = "macos");
    let [larger, smaller, reset] = [ZOOM_IN, ZOOM_OUT, ZOOM_RESET].map(|keys| crate::gui::action::shown(keys, is_mac));
    row(ui, "Larger, smaller", &[&larger, &smaller]);
    row(ui, "Normal size", &[&reset]);
}

fn rows(ui: &mut Ui, rows: &[(&str, &[&str])]) {
    for (words, keys) in rows {
        row(ui, words, keys);
    }
}

fn heading(ui: &mut Ui, words: &str) {
    text::label(ui, Type::SmallStrong, words, Tokens::of(ui).tx2);
    ui.add_space(space::LABEL);
}

fn row(ui: &mut Ui, words: &str, keys: &[&str]) {
    let t = Tokens::of(ui);
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, t.line));
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    child.spacing_mut().item_spacing.x = space::LABEL;
    text::label(&mut child, Type::Small, words, t.tx1);
    let right = egui::Layout::right_to_left(egui::Align::Center);
    child.with_layout(right, |ui| {
        ui.set_height(size::KEY);
        for key in keys.iter().rev() {
            ui.add(KeyCap::new(key));
        }
    });
}
