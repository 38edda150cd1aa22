//! Draws the stories' place: list, scenes, inspector, and what lies over them.

mod asked;
mod batch;
mod bench_keys;
mod candidate;
mod card;
mod creation;
mod delete;
mod drop;
mod engine;
mod export;
mod finding;
mod grid;
mod header;
mod history_tab;
mod inspector;
mod list;
mod manuscript;
mod new_story;
mod picture;
mod preview;
mod problem;
mod provenance_tab;
mod reorder;
mod repair;
mod scene_files;
mod scene_row;
mod standing;
mod strip;
mod table;
mod text_tab;
mod variants_tab;

use egui::{Area, CentralPanel, Frame, Id, Key, Margin, Modifiers, Order, Panel, Rect, Ui, UiBuilder, pos2, vec2};

use problem::Answer;

use super::state::{Only, SceneView, Selection, State};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::theme::{Tokens, space};
use crate::gui::widget::{EmptyState, FilterChip, frame, paint, skeleton, skeleton_due};
use crate::story::SceneId;

/// Below this width of the window, the inspector lies over the scenes.
const NARROW: f32 = 1280.0;
const INSPECTOR: f32 = 372.0;
const LIST: f32 = 264.0;
/// A message in the middle is at most this wide.
const MESSAGE: f32 = 520.0;

/// Draws the whole place into `ui`.
pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    inspector(ui, state, context);
    content(ui, state, context);
}

/// Draws the inspector at the right, where there is room for it. Apart from [`content`], so that what is docked below
/// the content ends at the inspector.
pub fn inspector(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    state.is_narrow = ui.content_rect().width() < NARROW;
    // The inspector says anew which field of it has the keyboard.
    state.words.focus(None);
    bench_keys::take(ui, state, context.actions);
    drop::remember_place(ui, None);
    let writing = matches!(state.selection(), Selection::Creation(_) | Selection::Manuscript(_));
    if state.is_narrow || !state.inspector_open || state.has_nothing() || writing {
        return;
    }
    let panel = Panel::right("story-inspector")
        .default_size(INSPECTOR)
        .size_range(340.0..=480.0)
        .resizable(true);
    panel.frame(frame::panel(ui)).show(ui, |ui| {
        ui.take_available_width();
        let place = paint::part(ui, Id::unique("story-inspector contents"), |ui| {
            inspector::show(ui, state, context)
        });
        drop::remember_place(ui, place);
    });
}

/// Draws the list and the scenes, and what lies over them.
pub fn content(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    if std::mem::take(&mut state.retry_pictures) {
        picture::retry(state.list.pictures(), context.pictures);
    }
    let panel = Panel::left("story-list")
        .default_size(LIST)
        .size_range(220.0..=360.0)
        .resizable(true);
    panel.frame(frame::panel(ui)).show(ui, |ui| {
        ui.take_available_width();
        paint::part(ui, Id::unique("story-list contents"), |ui| {
            list::show(ui, state, context);
        });
    });
    let middle = CentralPanel::default().frame(frame::panel(ui)).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        paint::part(ui, Id::unique("story contents"), |ui| centre(ui, state, context))
    });
    if state.is_narrow && state.inspector_over && state.story().is_some() {
        inspector_over(ui, middle.response.rect, state, context);
    }
    drop::show(ui, state, middle.inner, context);
    new_story::show(ui, state, context);
    delete::show(ui, state, context);
    repair::show(ui, state, context);
    finding::show(ui, state, context);
    manuscript::discard(ui, state, context);
    batch::over(ui, state, context);
    export::show(ui, state, context);
    scene_files::show(ui, state, context);
    preview::show(ui, state, context);
    bench_keys::escape(ui, state);
}

/// The selected story; answers the scene under the pointer.
fn centre(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) -> Option<(SceneId, Rect)> {
    // At the bottom, so that nothing moves when a picture is asked for and when it came.
    batch::bar(ui, state, context);
    match state.selection() {
        Selection::Creation(id) => {
            let id = *id;
            creation::show(ui, state, context, id);
            return None;
        }
        Selection::Manuscript(id) => {
            let id = id.clone();
            manuscript::show(ui, state, context, &id);
            return None;
        }
        Selection::None | Selection::Story(_) => {}
    }
    let Some(story) = state.story() else {
        nothing(ui, state, context);
        return None;
    };
    let (is_empty, at_work) = (story.scenes.is_empty(), state.work.running(&story.story_id).is_some());
    let why = story.made_with.error.clone();
    header::show(ui, state, context);
    if is_empty {
        no_scenes(ui, at_work, why.as_deref());
        return None;
    }
    only(ui, state);
    grid::keys(ui, state);
    let (under_pointer, asked) = match state.view {
        SceneView::Grid => grid::show(ui, state, context),
        SceneView::Strip => strip::show(ui, state, context),
        SceneView::Table => table::show(ui, state, context),
    };
    if let Some((at, asked)) = asked {
        grid::carry_out(state, context, at, asked);
    }
    under_pointer
}

/// Says that not all scenes are shown, and why.
fn only(ui: &mut Ui, state: &mut State) {
    if state.only == Only::All {
        return;
    }
    let margin = Margin {
        left: space::CONTENT as i8,
        right: space::CONTENT as i8,
        top: 0,
        bottom: 10,
    };
    Frame::NONE.inner_margin(margin).show(ui, |ui| {
        if ui.add(FilterChip::new(state.only.words(), true).removable()).clicked() {
            state.only = Only::All;
        }
    });
}

/// No story is selected because there is none, or none yet.
fn nothing(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    if state.list.is_loaded() && state.list.is_empty() {
        let empty = EmptyState::new(
            icon::BOOK_OPEN,
            "No stories yet",
            "Write a prompt to make the first one",
        );
        if empty.button("New story").show(ui) {
            state.new_story();
        }
    } else if let Some(problem) = state.list.problem() {
        let side = ((ui.available_width() - MESSAGE) * 0.5).max(space::CONTENT);
        let top = ui.available_height() * 0.28;
        let place = Rect::from_min_max(ui.max_rect().min + vec2(side, top), ui.max_rect().max - vec2(side, 0.0));
        let answer = ui
            .scope_builder(UiBuilder::new().max_rect(place), |ui| {
                problem::show(ui, problem, "Try again", false, context.actions)
            })
            .inner;
        if answer == Some(Answer::Retry) {
            state.refresh();
        }
    } else if state.list.is_reading() {
        header_skeleton(ui);
    }
}

fn header_skeleton(ui: &mut Ui) {
    let now = ui.input(|input| input.time);
    let since = ui.data_mut(|data| *data.get_temp_mut_or_insert_with(Id::unique("stories-first-header"), || now));
    if !skeleton_due(ui, since) {
        return;
    }
    Frame::NONE.inner_margin(space::CONTENT).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        skeleton(ui, vec2(260.0, 22.0));
        skeleton(ui, vec2(ui.available_width().min(520.0), 14.0));
    });
}

fn no_scenes(ui: &mut Ui, at_work: bool, why: Option<&str>) {
    let (line, caption) = match (at_work, why) {
        (true, _) => (
            "The scenes are being written",
            "They appear here as soon as they are stored",
        ),
        (false, Some(why)) => ("The scenes could not be written", why),
        (false, None) => ("No scenes yet", "“Write the scenes” continues where this story stopped"),
    };
    EmptyState::new(icon::TEXT_ALIGN_LEFT, line, caption).show(ui);
}

/// The inspector over the scenes, at their right edge.
fn inspector_over(ui: &Ui, middle: Rect, state: &mut State, context: &mut PanelContext<'_>) {
    let width = INSPECTOR.min(middle.width());
    let rect = Rect::from_min_max(pos2(middle.right() - width, middle.top()), middle.max);
    let area = Area::new(Id::unique("story-inspector-over"))
        .order(Order::Middle)
        .fixed_pos(rect.min)
        .constrain(false);
    area.show(ui, |ui| {
        frame::panel(ui).shadow(ui.visuals().popup_shadow).show(ui, |ui| {
            ui.set_min_size(rect.size());
            ui.set_max_size(rect.size());
            let edge = egui::Stroke::new(1.0, Tokens::of(ui).line);
            ui.painter().vline(rect.left(), rect.y_range(), edge);
            let place = inspector::show(ui, state, context);
            drop::remember_place(ui, place);
        });
    });
    let typing = ui.memory(|memory| memory.focused().is_some());
    if !typing
        && !state.form.open
        && !state.enlarged
        && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
    {
        state.inspector_over = false;
    }
}

/// Whether the pointer is pressed or let go in this pass. A click elsewhere takes the keyboard from a field, so that a field to which
/// a button leads gets it in a later one.
fn is_pointing(ui: &Ui) -> bool {
    let pointing = ui.input(|input| input.pointer.any_pressed() || input.pointer.any_released());
    if pointing {
        ui.ctx().request_repaint();
    }
    pointing
}
