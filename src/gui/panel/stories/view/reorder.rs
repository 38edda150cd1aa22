//! Another order of the scenes: by dragging one onto another, or with Alt and an arrow.

use egui::{CursorIcon, Key, Modifiers, Rect, Response, Stroke, Ui, pos2};

use super::asked::Asked;
use crate::gui::theme::Tokens;
use crate::story::{SceneId, Story};

/// The scene that is being dragged.
#[derive(Clone)]
struct Dragged(SceneId);

/// Alt and an arrow move the scene that has the keyboard. `beside` says that the next scene is to the right.
pub(super) fn keys(ui: &Ui, scene: &Response, at: usize, scenes: usize, beside: bool) -> Option<Asked> {
    if !scene.has_focus() {
        return None;
    }
    let (back, on) = if beside {
        (Key::ArrowLeft, Key::ArrowRight)
    } else {
        (Key::ArrowUp, Key::ArrowDown)
    };
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::ALT, key));
    let to = match (pressed(back), pressed(on)) {
        (true, false) => at.checked_sub(1)?,
        (false, true) if at + 1 < scenes => at + 1,
        _ => return None,
    };
    Some(Asked::Move(to))
}

/// Lets a scene be dragged, and another be dropped on it; a line shows where it would go. The answer is for the scene that
/// is dropped.
pub(super) fn drag(ui: &Ui, scene: &Response, story: &Story, at: usize, beside: bool) -> Option<Asked> {
    let own = story.scenes.get(at)?;
    if scene.drag_started() {
        egui::DragAndDrop::set_payload(ui, Dragged(own.scene_id.clone()));
    }
    if scene.dragged() {
        ui.set_cursor_icon(CursorIcon::Grabbing);
    }
    let over = scene.dnd_hover_payload::<Dragged>()?;
    let from = story.scenes.iter().position(|scene| scene.scene_id == over.0)?;
    if from == at {
        return None;
    }
    let line = |from, to| {
        let stroke = Stroke::new(2.0, Tokens::of(ui).acc_tx);
        ui.painter().line_segment([from, to], stroke);
    };
    let Rect { min, max } = scene.rect;
    match (beside, from < at) {
        (true, true) => line(pos2(max.x + 5.0, min.y), pos2(max.x + 5.0, max.y)),
        (true, false) => line(pos2(min.x - 5.0, min.y), pos2(min.x - 5.0, max.y)),
        (false, true) => line(pos2(min.x, max.y), max),
        (false, false) => line(min, pos2(max.x, min.y)),
    }
    scene.dnd_release_payload::<Dragged>()?;
    Some(Asked::Drop(from, at))
}
