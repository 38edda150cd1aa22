//! Custom metadata as a table, and the same table while it is edited.

use egui::{Margin, Ui};

use super::{edit, section};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::inspect::{MetadataForm, shown};
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, IconButton, Note, TextField, frame, key_value, text, tooltip};
use crate::supabase::{BucketName, ObjectInfo, ObjectKey};

/// Width of the names.
const NAMES: f32 = 96.0;

pub fn show(ui: &mut Ui, state: &mut State, at: (&BucketName, &ObjectKey), context: &mut PanelContext<'_>) {
    frame::section_break(ui);
    let Some(info) = state.inspect.info().cloned() else {
        section(ui, "Custom metadata", Some(("Edit", Some("It is not read yet"))));
        return;
    };
    if let Some(mut form) = state.inspect.metadata.take() {
        section(ui, "Custom metadata", None);
        if editor(ui, &mut form, at, context) {
            state.inspect.metadata = Some(form);
        }
        return;
    }
    if section(ui, "Custom metadata", Some(("Edit", context.why_locked()))) {
        state.inspect.edit_metadata();
    }
    if info.metadata.is_empty() {
        text::label(ui, Type::Small, "None", Tokens::of(ui).tx3);
    } else {
        table(ui, &info, context);
    }
}

fn table(ui: &mut Ui, info: &ObjectInfo, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    frame::code(ui).inner_margin(Margin::symmetric(9, 2)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        for (place, (name, value)) in info.metadata.iter().enumerate() {
            if place > 0 {
                frame::hairline(ui);
            }
            let value = shown(value);
            ui.push_id(("metadata", name), |ui| {
                key_value(ui, NAMES, name, |ui| {
                    let response = text::key(ui, Type::MonoSmall, &value, t.tx1).interact(egui::Sense::click());
                    if tooltip(response, "Click to copy").clicked() {
                        context.actions.push(Action::Copy {
                            text: value.clone(),
                            what: "Value",
                        });
                    }
                });
            });
        }
    });
}

/// Draws the table that is edited; answers whether it stays.
fn editor(
    ui: &mut Ui,
    form: &mut MetadataForm,
    (bucket, key): (&BucketName, &ObjectKey),
    context: &mut PanelContext<'_>,
) -> bool {
    let t = Tokens::of(ui);
    if form.take_ready()
        && let Ok(change) = form.edit()
    {
        context.actions.push(edit(bucket, key, change));
        return false;
    }
    let mut gone = None;
    ui.spacing_mut().item_spacing.y = 4.0;
    for (place, row) in form.rows.iter_mut().enumerate() {
        let number = place + 1;
        let fixed = row
            .is_fixed()
            .then_some("This program knows the object by it, so it stays as it is");
        ui.push_id(("metadata row", place), |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                TextField::new(&format!("Name {number}"), &mut row.name)
                    .mono()
                    .hint("name")
                    .width(NAMES + 8.0)
                    .disabled_because(fixed)
                    .show(ui);
                let width = ui.available_width() - 28.0;
                TextField::new(&format!("Value {number}"), &mut row.value)
                    .mono()
                    .hint("value")
                    .width(width)
                    .disabled_because(fixed)
                    .show(ui);
                let label = format!("Remove row {number}");
                let remove = IconButton::new(icon::X, &label).small();
                if ui.add(remove.disabled_because(fixed)).clicked() {
                    gone = Some(place);
                }
            });
        });
    }
    if let Some(place) = gone {
        form.remove(place);
    }
    if ui.add(Button::ghost("Add a row").small().icon(icon::PLUS)).clicked() {
        form.add();
    }
    if let Some(conflict) = form.conflict() {
        if Note::warn("Somebody changed it meanwhile", &conflict)
            .button("Keep mine")
            .show(ui)
        {
            form.keep_mine();
        }
        if ui.add(Button::new("Take theirs").small()).clicked() {
            return false;
        }
    }
    if let Some(problem) = form.problem() {
        Note::err(&problem.what, &problem.advice).show(ui);
    }
    let reason = form.why_not();
    if let Some(reason) = form.edit().err().filter(|reason| reason != "Nothing is changed yet") {
        text::wrapped(ui, Type::Caption, reason, t.err);
    }
    let mut stays = true;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let save = Button::primary("Save metadata").small().busy(form.is_saving());
        let save = save.tip("The bytes are not sent again");
        if ui.add(save.disabled_because(reason.as_deref())).clicked() {
            form.save();
        }
        stays = !ui.add(Button::ghost("Cancel").small()).clicked();
    });
    stays
}
