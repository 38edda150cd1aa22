//! What the rows of scenes have in common, with long texts or in one line: what is asked for on them, and the keyboard.

use egui::{EventFilter, Response, Ui};

use super::asked::{self, Asked};
use super::reorder;
use crate::gui::panel::stories::state::{Focus, ScenePicture};
use crate::story::{Scene, Story};

/// What is asked for on a row; `button` is what was pressed on its picture.
pub(super) fn asked(
    ui: &mut Ui,
    response: &Response,
    story: &Story,
    (at, scene): (usize, &Scene),
    shown: &ScenePicture<'_>,
    button: Option<Asked>,
) -> Option<Asked> {
    let mut asked = button.or(response.clicked().then_some(Asked::Select));
    if response.double_clicked() {
        asked = Some(Asked::Enlarge);
    }
    asked
        .or(reorder::keys(ui, response, at, story.scenes.len(), false))
        .or(reorder::drag(ui, response, story, at, false))
        .or(asked::menu(response, scene, shown))
}

/// Leaves the arrows to a row that has the keyboard, and gives it to the selected one if that is wanted. Whether it was wanted.
pub(super) fn keyboard(ui: &Ui, response: &Response, selected: bool, focus: Option<Focus>) -> bool {
    let wanted = selected && focus == Some(Focus::Card);
    if response.has_focus() {
        let arrows = EventFilter {
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    } else if wanted {
        response.request_focus();
    }
    wanted
}
