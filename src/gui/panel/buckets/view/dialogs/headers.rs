//! What is to be changed of many objects at once.

use egui::Ui;

use super::{Answer, answered, buttons, plan};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::{CACHING, HeaderForm, KNOWN_TYPES};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, IconButton, MenuItem, ModalFrame, Select, TextField, check_box, text};

/// Width of the names of metadata.
const NAMES: f32 = 160.0;

pub fn show(ui: &Ui, form: &mut HeaderForm, context: &mut PanelContext<'_>) -> bool {
    let title = format!("Headers of {}", form.chosen.what());
    let caption = form.chosen.caption();
    let frame = ModalFrame::new("edit headers", &title)
        .caption(&caption)
        .note("The bytes are not sent again")
        .width(540.0);
    let id = frame.id();
    let why_not = form.why_not();
    let answer = frame.show(
        ui.ctx(),
        |ui| body(ui, form),
        |ui| buttons(ui, Button::primary("Change headers"), why_not.as_deref()),
    );
    match answered(ui.ctx(), id, answer.footer, false, answer.closed) {
        Answer::Open => true,
        Answer::No => false,
        Answer::Yes => {
            if let Some(planned) = form.plan.value() {
                context.actions.push(Action::Transfer(Box::new(planned.plan.clone())));
            }
            false
        }
    }
}

fn body(ui: &mut Ui, form: &mut HeaderForm) {
    let t = Tokens::of(ui);
    check_box(ui, "Change the type", &mut form.change_type);
    if form.change_type {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::CONTROL;
            let width = ui.available_width() - 150.0 - space::CONTROL;
            TextField::new("Content type", &mut form.content_type)
                .mono()
                .hint("image/png")
                .width(width)
                .show(ui);
            Select::new("Known types", "Known types").width(150.0).show(ui, |ui| {
                for kind in KNOWN_TYPES.into_iter().filter(|kind| !kind.ends_with('*')) {
                    if ui.add(MenuItem::new(kind)).clicked() {
                        kind.clone_into(&mut form.content_type);
                    }
                }
            });
        });
    }
    check_box(ui, "Change how long it is kept by caches", &mut form.change_caching);
    if form.change_caching {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::CONTROL;
            let width = ui.available_width() - 150.0 - space::CONTROL;
            TextField::new("Cache-Control", &mut form.cache_control)
                .mono()
                .hint("max-age=3600")
                .width(width)
                .show(ui);
            Select::new("Usual rules", "Usual rules")
                .width(150.0)
                .show(ui, |ui| rules(ui, &mut form.cache_control));
        });
    }
    ui.add_space(4.0);
    metadata(ui, form);
    if let Err(reason) = form.edit()
        && (form.change_type || form.change_caching || !form.set.is_empty())
    {
        text::wrapped(ui, Type::Caption, reason, t.err);
    }
    if plan::show(ui, &form.plan, "Choose what to change to see what will happen") {
        form.plan.again();
    }
}

/// Rules for caches to choose from.
pub fn rules(ui: &mut Ui, chosen: &mut String) {
    for (rule, meaning) in CACHING {
        if ui
            .add(MenuItem::new(rule).key(meaning).checked(rule == chosen))
            .clicked()
        {
            rule.clone_into(chosen);
        }
    }
}

fn metadata(ui: &mut Ui, form: &mut HeaderForm) {
    let t = Tokens::of(ui);
    text::label(ui, Type::Small, "Custom metadata to set", t.tx2);
    let mut gone = None;
    for (place, (name, value)) in form.set.iter_mut().enumerate() {
        ui.push_id(place, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = space::TIGHT;
                let number = place + 1;
                TextField::new(&format!("Name {number}"), name)
                    .mono()
                    .hint("name")
                    .width(NAMES)
                    .show(ui);
                let width = ui.available_width() - 28.0 - space::TIGHT;
                TextField::new(&format!("Value {number}"), value)
                    .mono()
                    .hint("value")
                    .width(width)
                    .show(ui);
                if ui
                    .add(IconButton::new(icon::X, &format!("Remove row {number}")))
                    .clicked()
                {
                    gone = Some(place);
                }
            });
        });
    }
    if let Some(place) = gone {
        form.set.remove(place);
    }
    if ui.add(Button::new("Add metadata").small().icon(icon::PLUS)).clicked() {
        form.set.push((String::new(), String::new()));
    }
    ui.add_space(4.0);
    TextField::new("Names to take away", &mut form.unset)
        .label()
        .mono()
        .hint("draft, owner")
        .show(ui);
    check_box(ui, "Take away all other metadata", &mut form.replace);
}
