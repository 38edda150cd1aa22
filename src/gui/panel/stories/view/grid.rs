//! The scenes of the selected story as cards, as many beside each other as fit.

use egui::{Key, Margin, Modifiers, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::card::{self, Asked};
use super::picture::four_by_three;
use crate::gui::action::Action;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Focus, State};
use crate::gui::theme::space;
use crate::story::SceneId;

/// Between cards, both ways.
const GAP: f32 = 12.0;
/// A card is at least about this wide.
const CARD: f32 = 225.0;

/// Draws the cards; answers the scene under the pointer, for files that are dropped.
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) -> Option<(SceneId, Rect)> {
    let scenes = state.story().map_or(0, |story| story.scenes.len());
    let width = ui.available_width() - 2.0 * space::CONTENT;
    let columns = ((width / CARD).floor() as usize).max(1);
    let card_width = (width - GAP * (columns - 1) as f32) / columns as f32;
    let picture = four_by_three(card_width);
    let size = vec2(card_width, picture.y + card::BODY);
    keys(ui, state, columns);

    let selected = state.scene().map(|scene| scene.index);
    let reveal = state.reveal_card.then_some(selected).flatten();
    state.reveal_card = false;
    let mut under_pointer = None;
    let mut asked = None;
    ui.spacing_mut().item_spacing.y = GAP;
    let margin = Margin {
        left: 0,
        right: 0,
        top: 2,
        bottom: 20,
    };
    ScrollArea::vertical()
        .id_salt("scene-cards")
        .auto_shrink(false)
        .content_margin(margin)
        .show_rows(ui, size.y, scenes.div_ceil(columns), |ui, rows| {
            let origin = ui.max_rect().min + vec2(space::CONTENT, 0.0);
            let place = |at: usize| {
                let (row, column) = (at / columns, at % columns);
                let row = row as f32 - rows.start as f32;
                origin + vec2(column as f32 * (size.x + GAP), row * (size.y + GAP))
            };
            if let Some(at) = reveal {
                ui.scroll_to_rect(Rect::from_min_size(place(at), size).expand(GAP), None);
            }
            for at in rows.start * columns..(rows.end * columns).min(scenes) {
                let rect = Rect::from_min_size(place(at), size);
                let builder = UiBuilder::new().id_salt(at).max_rect(rect);
                let drawn = ui
                    .scope_builder(builder, |ui| card::show(ui, state, at, rect, context))
                    .inner;
                if drawn.has_pointer {
                    under_pointer = drawn.scene.map(|scene| (scene, rect));
                }
                if drawn.asked.is_some() {
                    asked = Some((at, drawn.asked));
                }
            }
            let bottom = pos2(origin.x, place((rows.end * columns).max(1) - columns).y + size.y);
            ui.expand_to_include_rect(Rect::from_min_max(ui.max_rect().min, bottom));
        });
    if let Some((at, Some(asked))) = asked {
        carry_out(state, context, at, asked);
    }
    under_pointer
}

/// Turns what was clicked on a card into selection and actions.
fn carry_out(state: &mut State, context: &mut PanelContext<'_>, at: usize, asked: Asked) {
    let Some(scene) = state.story().and_then(|story| story.scenes.get(at)) else {
        return;
    };
    let (id, url) = (scene.scene_id.clone(), scene.image_url.clone());
    state.select_scene(&id);
    state.inspector_over = state.is_narrow;
    let action = match asked {
        Asked::Select => None,
        Asked::Enlarge => {
            state.enlarged = url.is_some();
            None
        }
        Asked::Upload => state.choose_picture(&id),
        Asked::Regenerate => state.regenerate(&id),
        Asked::Generate => state.generate(&id),
        Asked::Retry(job) => Some(Action::RetryJob(job)),
        Asked::Cancel(job) => Some(Action::CancelJob(job)),
        Asked::Explain => url.map(Action::ExplainUrl),
        Asked::CopyUrl => url.map(|text| Action::Copy { text, what: "URL" }),
        Asked::ShowObject => url
            .and_then(|url| context.service.own_object(&url))
            .map(|(bucket, key)| Action::OpenObject(bucket, key)),
    };
    context.actions.extend(action);
}

/// The arrows move over the cards while nothing else has the keyboard; Enter shows the picture large.
fn keys(ui: &Ui, state: &mut State, columns: usize) {
    let Some(scene) = state.scene() else { return };
    let card = card::id(&scene.scene_id);
    let has_picture = scene.image_url.is_some();
    let focused = ui.memory(egui::Memory::focused);
    let on_card = focused == Some(card);
    if !on_card && focused.is_some() || state.form.open || state.enlarged {
        return;
    }
    let columns = columns as isize;
    let by = ui.input(|input| {
        if input.modifiers.any() {
            return 0;
        }
        let pressed = |key| input.num_presses(key) as isize;
        pressed(Key::ArrowRight) - pressed(Key::ArrowLeft) + columns * (pressed(Key::ArrowDown) - pressed(Key::ArrowUp))
    });
    let edge = ui.input(|input| match () {
        () if input.modifiers.any() => None,
        () if input.key_pressed(Key::Home) => Some(isize::MIN / 2),
        () if input.key_pressed(Key::End) => Some(isize::MAX / 2),
        () => None,
    });
    if by != 0 || edge.is_some() {
        state.step(edge.unwrap_or(by));
        if on_card {
            state.focus = Some(Focus::Card);
        }
    }
    if on_card && has_picture && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
        state.enlarged = true;
    }
}
