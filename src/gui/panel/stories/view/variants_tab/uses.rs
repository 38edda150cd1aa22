//! Where the live picture is used: what a replacement will update, before it happens.

use egui::{Align, Layout, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Part, State};
use crate::gui::theme::{Tokens, Type, size};
use crate::gui::widget::{Note, Row, text};
use crate::gui::words;
use crate::story::{Pointer, StoryId};

const ROW: f32 = 22.0;

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    state.bench.record.want(Part::Pointers);
    let Some(scene) = state.scene() else { return };
    if scene.image_url.is_none() {
        text::label(ui, Type::SmallStrong, "Used in no place", t.tx2);
        // A line that is not broken would make the inspector wider than it is for other scenes.
        text::wrapped(
            ui,
            Type::Caption,
            "The first picture goes into the scene, and into the cover if that has none",
            t.tx3,
        );
        return;
    }
    let load = state.bench.record.pointers();
    let Some(pointers) = load.value() else {
        match load.problem() {
            Some(problem) => {
                let what = problem.what.clone();
                if Note::warn("It is not known where this picture is used", &what)
                    .button("Try again")
                    .show(ui)
                {
                    state.bench.record.stale();
                }
            }
            None => {
                text::label(ui, Type::SmallStrong, "Used in …", t.tx2);
                // Most pictures are used in one or two places: what is below hardly moves when they are known.
                ui.add_space(2.0 + 2.0 * ROW);
            }
        }
        return;
    };
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), 18.0),
        Layout::right_to_left(Align::Center),
        |ui| {
            if pointers.len() > 1 {
                text::label(ui, Type::Caption, "all updated on replace", t.tx3);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let words = format!("Used in {}", words::count(pointers.len(), "place", "places"));
                text::label(ui, Type::SmallStrong, words, t.tx2);
            });
        },
    );
    ui.add_space(2.0);
    let Some((of, _)) = state.selected() else { return };
    for (at, pointer) in pointers.iter().enumerate() {
        let verb = if is_public(pointer) { "Copy id of" } else { "Show" };
        let name = format!("{verb} {}", pointer.label());
        let id = ui.unique_id().with(("pointer", at));
        let response = Row::new(&name, ROW).padding(0.0).id(id).show(ui, |ui| row(ui, pointer));
        if response.clicked() {
            context.actions.push(leads_to(pointer, &of));
        }
    }
}

fn row(ui: &mut Ui, pointer: &Pointer) {
    let t = Tokens::of(ui);
    let rect = ui.max_rect();
    let mark = match pointer {
        Pointer::SceneRow { .. } => icon::ROWS,
        Pointer::Cover => icon::BOOKMARK_SIMPLE,
        Pointer::PublicScene { .. } | Pointer::PublicCover { .. } => icon::BOOK_OPEN,
    };
    mark.paint(
        ui.painter(),
        pos2(rect.left() + 7.0, rect.center().y),
        size::ICON_SMALL,
        t.tx3,
    );
    let end = pos2(rect.right() - 7.0, rect.center().y);
    let leads = if is_public(pointer) {
        icon::COPY
    } else {
        icon::ARROW_RIGHT
    };
    leads.paint(ui.painter(), end, size::ICON_SMALL, t.tx2);
    let words = Rect::from_min_max(
        pos2(rect.left() + 22.0, rect.top()),
        pos2(rect.right() - 22.0, rect.bottom()),
    );
    let layout = Layout::left_to_right(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(words).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        text::label(ui, Type::Small, pointer.label(), t.tx1);
        let column = match pointer {
            Pointer::PublicScene { index, .. } => format!("{}[{index}]", pointer.column()),
            _ => pointer.column().to_owned(),
        };
        text::elided(ui, Type::MonoSmall, column, t.tx3);
    });
    ui.allocate_rect(rect, Sense::hover());
}

/// Rows of public copies are not shown in this program; their id can be copied.
fn is_public(pointer: &Pointer) -> bool {
    matches!(pointer, Pointer::PublicScene { .. } | Pointer::PublicCover { .. })
}

fn leads_to(pointer: &Pointer, of: &StoryId) -> Action {
    match pointer {
        Pointer::SceneRow { scene, .. } => Action::OpenStory(of.clone(), Some(scene.clone())),
        Pointer::Cover => Action::OpenStory(of.clone(), None),
        Pointer::PublicScene { story: copy, .. } | Pointer::PublicCover { story: copy } => Action::Copy {
            text: copy.to_string(),
            what: "Id of the public copy",
        },
    }
}
