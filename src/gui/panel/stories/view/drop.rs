//! Files dropped on scenes: one that hovers over the window shows where it would go. On a card it takes the place of the scene's
//! picture; on the bench it is a candidate. Of several files, and of a folder, it is asked which goes where.

use std::path::PathBuf;

use egui::{Id, Rect, Ui, vec2};

use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{SceneFiles, State};
use crate::gui::theme::size;
use crate::gui::widget::drop_target;
use crate::story::SceneId;

/// Remembers where on the screen the inspector takes a file; the content, which asks for it, is drawn later.
pub(super) fn remember_place(ui: &Ui, place: Option<Rect>) {
    ui.data_mut(|data| data.insert_temp(Id::unique("story-drop-place"), place));
}

fn inspector_place(ui: &Ui) -> Option<Rect> {
    ui.data(|data| data.get_temp::<Option<Rect>>(Id::unique("story-drop-place")))
        .flatten()
}

/// Takes a dropped file, or shows where it would go: to the scene under the pointer, else to the selected one.
///
/// Windowing systems do not all tell where the pointer is while a file is dragged; what is shown is what happens.
pub(super) fn show(ui: &mut Ui, state: &mut State, under: Option<(SceneId, Rect)>, context: &mut PanelContext<'_>) {
    if state.form.open || state.enlarged || state.files.is_some() {
        return;
    }
    let (hovering, files) = ui.input(|input| {
        let dropped = &input.raw.dropped_files;
        let paths: Vec<PathBuf> = dropped.iter().map(|file| file.path().to_owned()).collect();
        (input.raw.hovered_files.len(), paths)
    });
    if hovering == 0 && files.is_empty() {
        return;
    }
    let on_card = under.is_some();
    let (scene, place) = match (under, state.scene()) {
        (Some((scene, rect)), _) => (scene, Some(rect)),
        (None, Some(scene)) => (scene.scene_id.clone(), inspector_place(ui)),
        (None, None) => return,
    };
    match files.as_slice() {
        [] => {
            let top = Rect::from_min_size(ui.max_rect().min, vec2(ui.max_rect().width(), 3.0 * size::LARGE));
            drop_target(ui, place.unwrap_or(top), &words(state, &scene, hovering, on_card));
        }
        // What has no extension may be a folder, which only a look tells.
        [path] if path.extension().is_some() => {
            state.select_scene(&scene);
            let action = if on_card {
                state.replace_picture(&scene, path.clone())
            } else {
                state.bring_candidate(path.clone())
            };
            context.actions.extend(action);
        }
        _ => {
            if let Some(story) = state.story().map(|story| story.story_id.clone()) {
                state.files = Some(SceneFiles::of(story, files));
            }
        }
    }
}

fn words(state: &State, scene: &SceneId, hovering: usize, on_card: bool) -> String {
    let row = state.story().and_then(|story| {
        let row = story.scenes.iter().find(|row| row.scene_id == *scene)?;
        Some((row.index + 1, state.work.is_busy(story, row)))
    });
    match row {
        Some(_) if hovering > 1 => "Drop to say which goes to which scene".to_owned(),
        Some((number, _)) if !on_card => format!("Drop as a candidate for scene {number}"),
        Some((number, true)) => format!("Scene {number} is being drawn"),
        Some((number, false)) => format!("Drop to replace scene {number}"),
        None => String::new(),
    }
}
