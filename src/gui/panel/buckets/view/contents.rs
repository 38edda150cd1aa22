//! The objects of the open bucket, or what stands in their place.

use egui::{Frame, Margin, Panel, Rect, Ui, UiBuilder, vec2};

use super::{Room, everywhere, grid, header, keys, problem, selection_bar, table};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::Ask;
use crate::gui::panel::buckets::model::Shape;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, space};
use crate::gui::widget::{EmptyState, Note, frame, skeleton, skeleton_due};
use crate::gui::words;
use crate::media;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, room: Room) {
    keys::shape(ui, state);
    if state.bucket().is_none() {
        return without_bucket(ui, state, context);
    }
    let whole = ui.max_rect();
    header::show(ui, state, context, room);
    let has_bar = !state.selection().is_empty();
    if has_bar {
        let bar = Panel::bottom("buckets selection")
            .exact_size(State::SELECTION_BAR)
            .resizable(false)
            .frame(frame::docked_bar(ui));
        bar.show(ui, |ui| selection_bar::show(ui, state, context));
    }
    // Before the keys of the objects, which would take the arrow of Alt ↑.
    keys::global(ui, state);
    if state.is_everywhere() {
        everywhere::show(ui, state, context);
    } else {
        body(ui, state, context);
    }
    if !has_bar && state.selection().single().is_some() {
        // The bar comes with the next frame, and is not to cover what was chosen at the lower end.
        state.scroll_to = state.cursor();
    }
    drop_files(ui, whole, state, context);
    // What was typed or clicked in this frame is asked at once, not when the next one happens to come.
    state.look(context.service);
    state.poll_everywhere(context.service);
}

fn without_bucket(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    if state.buckets().value().is_some() {
        let empty = EmptyState::new(
            icon::DATABASE,
            "No bucket is open",
            "Make a bucket, then upload pictures into it",
        );
        if empty.button("New bucket").show(ui) {
            state.ask(Ask::NewBucket);
        }
    } else if let Some(failure) = state.buckets().problem() {
        if problem::show(ui, failure, context.actions) {
            state.reload();
        }
    } else {
        loading(ui, state);
    }
}

fn body(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(everything) = state.index().map(|index| index.total().objects) else {
        match state.listing_problem() {
            Some(failure) => {
                if problem::show(ui, failure, context.actions) {
                    state.reload();
                }
            }
            None => loading(ui, state),
        }
        return;
    };
    if let Some(failure) = state.listing_problem() {
        // The previous index stays in view.
        let again = Frame::NONE
            .inner_margin(Margin {
                left: 20,
                right: 20,
                top: 0,
                bottom: 8,
            })
            .show(ui, |ui| {
                Note::warn("This is what was there before.", &failure.sentences())
                    .button("Try again")
                    .show(ui)
            });
        if again.inner {
            state.reload();
        }
    }
    let contents = state.contents();
    if contents.folders.is_empty() && contents.objects.is_empty() {
        if state.is_listing() && state.is_partial() {
            // It may be among what is not listed yet.
            return loading(ui, state);
        }
        return nothing(ui, state, context, everything);
    }
    match state.shape {
        Shape::Grid => grid::show(ui, state, context),
        Shape::Table => table::show(ui, state, context),
    }
}

fn nothing(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, everything: u64) {
    Frame::NONE
        .inner_margin(Margin::same(space::CONTENT as i8))
        .show(ui, |ui| {
            if !state.search.is_empty() {
                let text = state.search.text.trim();
                let line = if text.is_empty() {
                    "Nothing here passes the filters".to_owned()
                } else {
                    format!("No match for “{text}”")
                };
                let searched = match everything {
                    1 => "1 object searched".to_owned(),
                    many => format!("{} objects searched", media::group_thousands(many)),
                };
                let words = if state.search.filtering.is_empty() {
                    "Clear search"
                } else {
                    "Clear filters"
                };
                if EmptyState::new(icon::MAGNIFYING_GLASS, &line, &searched)
                    .button(words)
                    .show(ui)
                {
                    state.search.clear();
                }
                return;
            }
            let empty = if state.folder().is_empty() {
                EmptyState::new(icon::UPLOAD_SIMPLE, "Nothing here", "Drop files to upload")
                    .button("Upload")
                    .drop_target()
            } else {
                EmptyState::new(
                    icon::FOLDER_OPEN,
                    "This folder is empty",
                    "Its last object is gone; drop files to upload",
                )
                .button("Upload")
                .drop_target()
            };
            if empty.show(ui) {
                context.actions.extend(state.choose_uploads());
            }
        });
}

/// What stands in the place of objects that are not known yet, if that takes longer than a moment.
fn loading(ui: &mut Ui, state: &mut State) {
    let id = ui.scope_id().with("loading since");
    let now = ui.input(|input| input.time);
    let frame = ui.cumulative_frame_nr();
    // The time at which skeletons began to be waited for, as long as that goes on frame after frame.
    let seen = ui
        .data(|data| data.get_temp::<(u64, f64)>(id))
        .filter(|(seen, _)| *seen + 1 >= frame);
    let since = seen.map_or(now, |(_, since)| since);
    ui.data_mut(|data| data.insert_temp(id, (frame, since)));
    if !skeleton_due(ui, since) {
        return;
    }
    if state.shape == Shape::Table {
        return table::skeletons(ui, state);
    }
    Frame::NONE
        .inner_margin(Margin::symmetric(space::CONTENT as i8, 8))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(14.0, 14.0);
            let columns = ((ui.available_width() + 14.0) / 162.0).floor().max(1.0) as usize;
            for _ in 0..3 {
                ui.horizontal(|ui| {
                    for _ in 0..columns {
                        ui.vertical(|ui| {
                            ui.spacing_mut().item_spacing.y = 8.0;
                            skeleton(ui, vec2(148.0, 111.0));
                            skeleton(ui, vec2(110.0, 10.0));
                            skeleton(ui, vec2(60.0, 10.0));
                        });
                    }
                });
            }
        });
}

/// Files dragged over the window can be dropped on the objects.
fn drop_files(ui: &mut Ui, at: Rect, state: &State, context: &mut PanelContext<'_>) {
    let (hovered, dropped) = ui.input(|input| {
        let dropped = input
            .raw
            .dropped_files
            .iter()
            .map(|file| file.path().to_owned())
            .collect::<Vec<_>>();
        (input.raw.hovered_files.len(), dropped)
    });
    let Some(bucket) = state.bucket().cloned() else { return };
    let folder = state.folder().to_owned();
    if hovered > 0 {
        let t = Tokens::of(ui);
        ui.painter().rect_filled(at, 0, t.bg1.gamma_multiply(0.94));
        let line = format!("Drop to upload to {bucket}/{folder}");
        let caption = words::count(hovered, "file", "files");
        let inner = at.shrink(space::CONTENT);
        ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
            EmptyState::new(icon::UPLOAD_SIMPLE, &line, &caption)
                .drop_target()
                .show(ui)
        });
    }
    if !dropped.is_empty() {
        context.actions.push(Action::Upload {
            paths: dropped,
            bucket,
            folder,
        });
    }
}
