//! The fold of the connect screen: name and colour, and what is seldom changed.

use egui::{Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::providers;
use crate::gui::mark;
use crate::gui::panel::connect::state::State;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{LargeField, Stepper, frame, paint, text, tooltip};
use crate::workspace::{Colour, Limits};

const FIELD: f32 = 16.0 + space::LABEL + 32.0;

/// Draws the fold's contents.
pub(super) fn show(ui: &mut Ui, state: &mut State) {
    let t = Tokens::of(ui);
    frame::hairline(ui);
    ui.add_space(space::SECTION);
    let errors = state.advanced_errors();
    let usual = state.usual_name();
    let form = &mut state.form;
    let mut changed = false;
    pair(ui, |ui, width| {
        let mut name = std::mem::take(&mut form.name);
        LargeField::new("Name", &mut name).hint(&usual).width(width).show(ui);
        form.name = name;
        colours(ui, width, &mut form.colour);
    });
    let fields = &mut form.advanced;
    pair(ui, |ui, width| {
        changed |= plain(
            ui,
            width,
            "Bucket of pictures",
            &mut fields.bucket,
            errors.bucket.as_deref(),
        );
        let template = &mut fields.key_template;
        changed |= plain(ui, width, "Name of a picture", template, errors.key_template.as_deref());
    });
    pair(ui, |ui, width| {
        changed |= plain(
            ui,
            width,
            "Table of stories",
            &mut fields.stories,
            errors.stories.as_deref(),
        );
        changed |= plain(
            ui,
            width,
            "Table of scenes",
            &mut fields.scenes,
            errors.scenes.as_deref(),
        );
    });
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::LABEL;
            text::label(ui, Type::Small, "Pictures made at the same time", t.tx2);
            let most = u32::try_from(Limits::MOST_PICTURES).unwrap_or(u32::MAX);
            let pictures = Stepper::new("Pictures made at the same time", &mut fields.pictures, 1..=most);
            changed |= ui.add(pictures.width(160.0)).changed();
        });
    });
    ui.add_space(space::GROUP);
    changed |= providers::show(ui, state, &errors.providers);
    if changed {
        state.changed();
    }
}

/// Two fields beside each other, and the distance to the next pair.
pub(super) fn pair(ui: &mut Ui, contents: impl FnOnce(&mut Ui, f32)) {
    let width = (ui.available_width() - space::SECTION) * 0.5;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::SECTION;
        contents(ui, width);
    });
    ui.add_space(space::GROUP);
}

pub(super) fn plain(ui: &mut Ui, width: f32, name: &str, text: &mut String, error: Option<&str>) -> bool {
    LargeField::new(name, text)
        .mono()
        .error(error)
        .width(width)
        .show(ui)
        .response
        .changed()
}

/// The eight marks, one of which is chosen.
fn colours(ui: &mut Ui, width: f32, chosen: &mut Colour) {
    let t = Tokens::of(ui);
    ui.allocate_ui(vec2(width, FIELD), |ui| {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::LABEL;
            text::label(ui, Type::Small, "Colour", t.tx2);
            text::line(ui, 32.0, |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                for colour in Colour::ALL {
                    let (rect, response) = ui.allocate_exact_size(vec2(size::CONTROL, size::CONTROL), Sense::click());
                    let is_chosen = *chosen == colour;
                    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_chosen, colour.name()));
                    let tint = mark::color(t, colour);
                    ui.painter().circle_filled(rect.center(), 8.0, tint);
                    if is_chosen {
                        ui.painter().circle_stroke(rect.center(), 11.0, Stroke::new(1.5, tint));
                    }
                    paint::focus_ring(ui, &response, 6);
                    if response.clicked() {
                        *chosen = colour;
                    }
                    tooltip(response, colour.name());
                }
            });
        });
    });
}
