//! Above the objects: where one is, search and filters, order, shape, and what there is.

mod counts;
mod crumbs;
mod filters;
mod path;
mod upload;

use egui::{Align, Frame, Id, Layout, Margin, Ui, vec2};

use super::Room;
use crate::catalog::{Mode, SortBy};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::Ask;
use crate::gui::panel::buckets::model::Shape;
use crate::gui::panel::buckets::state::{Column, Scope, State};
use crate::gui::theme::{size, space};
use crate::gui::widget::{
    Button, IconButton, MenuItem, Segment, Select, TextField, menu_below, menu_separator, segmented,
};

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, room: Room) {
    let margin = Margin {
        left: space::CONTENT as i8,
        right: space::CONTENT as i8,
        top: 0,
        bottom: 0,
    };
    Frame::NONE.inner_margin(margin).show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(space::CONTROL, 0.0);
        let row = |ui: &mut Ui, height: f32, contents: &mut dyn FnMut(&mut Ui)| {
            ui.allocate_ui_with_layout(
                vec2(ui.available_width(), height),
                Layout::right_to_left(Align::Center),
                |ui| {
                    ui.set_height(height);
                    contents(ui);
                },
            );
        };
        row(ui, 48.0, &mut |ui| top_row(ui, state, context, room));
        row(ui, size::CONTROL, &mut |ui| filter_row(ui, state));
        row(ui, 28.0, &mut |ui| counts::show(ui, state));
    });
}

fn top_row(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, room: Room) {
    let details_shown = if room.inspector {
        !state.inspector_hidden
    } else {
        state.inspector_over
    };
    if !details_shown
        && ui
            .add(IconButton::new(icon::SIDEBAR_SIMPLE, "Show details").framed())
            .clicked()
    {
        state.toggle_inspector();
    }
    upload::upload_from_path(ui, state, context);
    ui.spacing_mut().item_spacing.x = 4.0;
    if ui.add(Button::primary("Upload").icon(icon::UPLOAD_SIMPLE)).clicked() {
        context.actions.extend(state.choose_uploads());
    }
    ui.add_space(4.0);
    if ui.available_width() > 320.0 && ui.add(Button::new("New folder").icon(icon::FOLDER_PLUS)).clicked() {
        state.ask(Ask::NewFolder);
    }
    ui.add_space(space::CONTROL);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        if !room.list && ui.add(IconButton::new(icon::LIST, "Show buckets")).clicked() {
            state.list_over = true;
            state.inspector_over = false;
        }
        if state.path_edit.is_some() {
            path::show(ui, state, context.service);
        } else {
            crumbs::show(ui, state);
        }
    });
}

fn filter_row(ui: &mut Ui, state: &mut State) {
    let shapes = [
        (Shape::Grid, Segment::icon(icon::SQUARES_FOUR, "Grid")),
        (Shape::Table, Segment::icon(icon::ROWS, "Table")),
    ];
    segmented(ui, &mut state.shape, &shapes);
    let usage = IconButton::new(icon::TREE_STRUCTURE, "Usage").selected(state.usage.open && state.is_inspector_open());
    if ui.add(usage).clicked() {
        state.toggle_usage();
    }
    sort(ui, state);
    if state.shape == Shape::Table {
        columns(ui, state);
    }
    ui.add_space(space::CONTROL);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        search(ui, state);
        filters::show(ui, state);
    });
}

fn search(ui: &mut Ui, state: &mut State) {
    let id = Id::unique("buckets search");
    // Filters that are on are to be seen beside it.
    let share = match state.search.filtering.all().len() {
        0 => 0.45,
        1 => 0.34,
        _ => 0.28,
    };
    let width = (ui.available_width() * share).clamp(120.0, 240.0);
    let name = match state.search.scope {
        Scope::Folder => "Search this folder",
        Scope::Bucket => "Search all folders",
        Scope::Everywhere => "Search all buckets",
    };
    let mut is_regex = state.search.mode == Mode::Regex;
    let field = TextField::search(name, &mut state.search.text)
        .switch(".*", "Regular expression", &mut is_regex)
        .width(width)
        .id(id);
    field.show(ui);
    if is_regex != (state.search.mode == Mode::Regex) {
        state.search.mode = if is_regex { Mode::Regex } else { Mode::Substring };
    }
    if std::mem::take(&mut state.focus_search) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
}

fn sort(ui: &mut Ui, state: &mut State) {
    let sign = if state.order.descending {
        icon::SORT_DESCENDING
    } else {
        icon::SORT_ASCENDING
    };
    let by = state.order.by;
    // What fits best comes first only where something is looked for that fits more or less.
    let best = (state.search.mode == Mode::Fuzzy).then_some(SortBy::Match);
    Select::new("Sort by", by.words())
        .icon(sign)
        .width(if ui.available_width() < 520.0 { 96.0 } else { 116.0 })
        .show(ui, |ui| {
            for choice in best.into_iter().chain(SortBy::ALL) {
                let item = MenuItem::new(choice.words()).checked(choice == by);
                if ui.add(item).clicked() && choice != by {
                    state.sort(choice);
                }
            }
            menu_separator(ui);
            for (words, descending) in [("Ascending", false), ("Descending", true)] {
                let item = MenuItem::new(words).checked(state.order.descending == descending);
                if ui.add(item).clicked() {
                    state.order.descending = descending;
                }
            }
        });
}

fn columns(ui: &mut Ui, state: &mut State) {
    let button = ui.add(IconButton::new(icon::TABLE, "Choose columns").framed());
    menu_below(&button, 160.0, |ui| {
        for column in Column::ALL {
            let item = MenuItem::new(column.words()).checked(state.columns.has(column));
            if ui.add(item).clicked() {
                state.columns.flip(column);
            }
        }
    });
}
