//! The scenes of the selected story as cards, as many beside each other as fit.

use egui::{Direction, Key, Layout, Margin, Modifiers, Rect, ScrollArea, Stroke, Ui, UiBuilder, pos2, vec2};

use super::asked::{Answer, Asked};
use super::card;
use super::picture::four_by_three;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, Focus, Only, SceneView, State};
use crate::gui::theme::{Tokens, space};
use crate::gui::widget::{Button, paint};

/// Between cards, both ways.
const GAP: f32 = 12.0;
/// A card is at least about this wide.
const CARD: f32 = 225.0;

/// Draws the cards; answers the scene under the pointer, for files that are dropped, and what was asked for.
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) -> Answer {
    let scenes = state.scenes_shown();
    // Behind all scenes there is room to add one.
    let cards = scenes.len() + usize::from(state.only == Only::All);
    let (size, columns) = card_size(ui.available_width());
    let selected = state
        .scene()
        .and_then(|scene| scenes.iter().position(|&at| at == scene.index));
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
        .show_rows(ui, size.y, cards.div_ceil(columns), |ui, rows| {
            let origin = ui.max_rect().min + vec2(space::CONTENT, 0.0);
            let place = |at: usize| {
                let (row, column) = (at / columns, at % columns);
                let row = row as f32 - rows.start as f32;
                origin + vec2(column as f32 * (size.x + GAP), row * (size.y + GAP))
            };
            if let Some(at) = reveal {
                ui.scroll_to_rect(Rect::from_min_size(place(at), size).expand(GAP), None);
            }
            for at in rows.start * columns..(rows.end * columns).min(cards) {
                let rect = Rect::from_min_size(place(at), size);
                let builder = UiBuilder::new().id_salt(at).max_rect(rect);
                let Some(&scene) = scenes.get(at) else {
                    if ui.scope_builder(builder, |ui| add_card(ui, rect)).inner {
                        add_scene(state, context);
                    }
                    continue;
                };
                let drawn = ui
                    .scope_builder(builder, |ui| card::show(ui, state, scene, rect, context))
                    .inner;
                if drawn.has_pointer {
                    under_pointer = drawn.scene.map(|scene| (scene, rect));
                }
                asked = drawn.asked.map(|asked| (scene, asked)).or(asked);
            }
            let bottom = pos2(origin.x, place((rows.end * columns).max(1) - columns).y + size.y);
            ui.expand_to_include_rect(Rect::from_min_max(ui.max_rect().min, bottom));
        });
    (under_pointer, asked)
}

/// How large a card is, and how many are beside each other.
fn card_size(width: f32) -> (egui::Vec2, usize) {
    let width = width - 2.0 * space::CONTENT;
    let columns = columns(width);
    let card = (width - GAP * (columns - 1) as f32) / columns as f32;
    (vec2(card, four_by_three(card).y + card::BODY), columns)
}

/// How many cards are beside each other in so much room.
fn columns(width: f32) -> usize {
    ((width / CARD).floor() as usize).max(1)
}

/// The dashed place behind the last scene.
fn add_card(ui: &mut Ui, rect: Rect) -> bool {
    let t = Tokens::of(ui);
    paint::dashed_rect(ui.painter(), rect, Stroke::new(1.0, t.line2));
    let button = Rect::from_center_size(rect.center(), vec2(rect.width() - 24.0, 28.0));
    let layout = Layout::centered_and_justified(Direction::LeftToRight);
    ui.scope_builder(UiBuilder::new().max_rect(button).layout(layout), |ui| {
        ui.add(Button::ghost("Add scene").icon(icon::PLUS)).clicked()
    })
    .inner
}

/// Asks for a scene more.
pub(super) fn add_scene(state: &State, context: &mut PanelContext<'_>) {
    if let Some(story) = state.story() {
        context
            .actions
            .push(Action::Do(Box::new(Deed::AddScene(Box::new(story.clone())))));
    }
}

/// Turns what was clicked on a card into selection and actions.
pub(super) fn carry_out(state: &mut State, context: &mut PanelContext<'_>, at: usize, asked: Asked) {
    if let Asked::Drop(from, to) = asked {
        move_scene(state, context, from, to);
        return;
    }
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
        Asked::RetryAs(job, kind) => Some(Action::RetryAs(job, kind)),
        Asked::Cancel(job) => Some(Action::CancelJob(job)),
        Asked::Find => state.find_picture(&id),
        Asked::Explain => url.map(Action::ExplainUrl),
        Asked::CopyUrl => url.map(|text| Action::Copy { text, what: "URL" }),
        Asked::ShowObject => url
            .and_then(|url| context.service.own_object(&url))
            .map(|(bucket, key)| Action::OpenObject(bucket, key)),
        Asked::Move(to) | Asked::Drop(_, to) => {
            move_scene(state, context, at, to);
            state.focus = Some(Focus::Card);
            None
        }
    };
    context.actions.extend(action);
}

fn move_scene(state: &State, context: &mut PanelContext<'_>, from: usize, to: usize) {
    let Some(story) = state.story() else { return };
    if let Some(scene) = story.scenes.get(from)
        && to < story.scenes.len()
        && to != from
    {
        context.actions.push(Action::Do(Box::new(Deed::MoveScene {
            story: Box::new(story.clone()),
            scene: scene.scene_id.clone(),
            to,
        })));
    }
}

/// The arrows move over the scenes while nothing else has the keyboard; Enter shows the picture large.
pub(super) fn keys(ui: &Ui, state: &mut State) {
    let Some(scene) = state.scene() else { return };
    let card = card::id(&scene.scene_id);
    let has_picture = scene.image_url.is_some();
    let focused = ui.memory(egui::Memory::focused);
    let on_card = focused == Some(card);
    if !on_card && focused.is_some() || state.form.open || state.enlarged {
        return;
    }
    let columns = match state.view {
        SceneView::Grid => columns(ui.available_width() - 2.0 * space::CONTENT) as isize,
        SceneView::Strip | SceneView::Table => 1,
    };
    let page = match state.view {
        SceneView::Grid => columns,
        SceneView::Strip => (ui.available_height() / super::strip::ROW) as isize,
        SceneView::Table => (ui.available_height() / super::table::ROW) as isize,
    };
    let by = ui.input(|input| {
        if input.modifiers.any() {
            return 0;
        }
        let pressed = |key| input.num_presses(key) as isize;
        pressed(Key::ArrowRight) - pressed(Key::ArrowLeft)
            + columns * (pressed(Key::ArrowDown) - pressed(Key::ArrowUp))
            + page.max(1) * (pressed(Key::PageDown) - pressed(Key::PageUp))
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
