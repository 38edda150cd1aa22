//! Draws the buckets' place: the list of buckets, the objects, the inspector, and the questions over them.

mod contents;
mod dialogs;
mod everywhere;
mod grid;
mod header;
mod inspector;
mod keys;
mod list;
mod problem;
mod selection_bar;
mod side;
mod table;
mod thumb;
mod usage;

use egui::{Align2, Area, Id, Key, Modifiers, Order, Panel, Rect, Ui, pos2, vec2};

use super::state::State;
use crate::gui::panel::PanelContext;
use crate::gui::widget::{frame, paint};

/// Width of the list of buckets.
const LIST: f32 = 248.0;
/// Width of the inspector.
const INSPECTOR: f32 = 340.0;
/// With less than this the list of buckets is opened over the objects.
const ROOM_FOR_LIST: f32 = 1056.0;
/// With less than this the inspector is opened over the objects.
const ROOM_FOR_INSPECTOR: f32 = 1216.0;

/// What there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room {
    list: bool,
    inspector: bool,
}

/// Draws the whole place into `ui`.
pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    inspector(ui, state, context);
    content(ui, state, context);
}

/// Draws the inspector at the right, where there is room for it. Apart from [`content`], so that what is docked below
/// the content ends at the inspector.
pub fn inspector(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    inspector::enlarged::keys(ui, state);
    state.roomy = ui.available_width() >= ROOM_FOR_INSPECTOR;
    state.has_room_for_list = ui.available_width() >= ROOM_FOR_LIST;
    if state.roomy && !state.inspector_hidden {
        let panel = Panel::right("buckets inspector")
            .exact_size(INSPECTOR)
            .resizable(false)
            .frame(frame::panel(ui));
        panel.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            paint::part(ui, Id::unique("buckets inspector contents"), |ui| {
                details(ui, state, context);
            });
        });
    }
}

/// Draws the list of buckets and the objects, and what lies over them.
pub fn content(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let whole = ui.available_rect_before_wrap();
    let room = Room {
        list: state.has_room_for_list,
        inspector: state.roomy,
    };
    let list_was_over = state.list_over;
    let before = (state.bucket().cloned(), state.selection().single());
    ui.spacing_mut().item_spacing.y = 0.0;

    if room.list {
        let panel = Panel::left("buckets list")
            .exact_size(LIST)
            .resizable(false)
            .frame(frame::panel(ui));
        panel.show(ui, |ui| {
            paint::part(ui, Id::unique("buckets list contents"), |ui| {
                list::show(ui, state, context);
            });
        });
    }
    egui::CentralPanel::default().frame(frame::panel(ui)).show(ui, |ui| {
        paint::part(ui, Id::unique("bucket contents"), |ui| {
            contents::show(ui, state, context, room);
        });
    });

    if !room.inspector && state.inspector_over {
        let at = Rect::from_min_max(
            pos2((whole.right() - INSPECTOR).max(whole.left()), whole.top()),
            whole.max,
        );
        over(ui, "buckets inspector over", at, |ui| {
            details(ui, state, context);
        });
    }
    if !room.list && state.list_over {
        let at = Rect::from_min_size(whole.min, vec2(LIST.min(whole.width()), whole.height()));
        let outside = over(ui, "buckets list over", at, |ui| list::show(ui, state, context));
        // The click that opened it is not one beside it.
        if (outside && list_was_over) || ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
            state.list_over = false;
        }
    }
    inspector::enlarged::show(ui, whole, state, context);
    dialogs::show(ui, state, context);
    if before != (state.bucket().cloned(), state.selection().single()) {
        // What was chosen is asked for by the next poll.
        ui.request_repaint();
    }
}

/// The inspector, or what takes the space in its place.
fn details(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    if state.usage.open {
        usage::show(ui, state, context);
    } else {
        inspector::show(ui, state, context);
    }
}

/// A panel over the place, where there is no room beside the objects. Answers whether there was a click outside of it.
fn over(ui: &Ui, name: &'static str, at: Rect, contents: impl FnOnce(&mut Ui)) -> bool {
    let area = Area::new(Id::unique(name))
        .order(Order::Middle)
        .pivot(Align2::LEFT_TOP)
        .fixed_pos(at.min)
        .show(ui, |ui| {
            ui.set_clip_rect(at);
            ui.spacing_mut().item_spacing.y = 0.0;
            frame::popover(ui).corner_radius(0).show(ui, |ui| {
                ui.set_width(at.width() - 2.0);
                ui.set_height(at.height() - 2.0);
                contents(ui);
            });
        });
    area.response.clicked_elsewhere()
}
