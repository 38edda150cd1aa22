//! What a bucket is, or is to be.

use egui::Ui;

use super::{Answer, answered, buttons, entered};
use crate::gui::action::Action;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::{BucketForm, KNOWN_TYPES, Unit};
use crate::gui::panel::buckets::state::State;
use crate::gui::panel::buckets::view::problem;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{
    Button, FilterChip, MenuItem, ModalFrame, Note, Select, TextField, spinner, text, toggle_row,
};

pub fn show(ui: &Ui, state: &State, form: &mut BucketForm, context: &mut PanelContext<'_>) -> bool {
    let editing = form.editing.is_some();
    let title = form
        .editing
        .as_ref()
        .map_or_else(|| "New bucket".to_owned(), |bucket| format!("Edit {bucket}"));
    let frame = ModalFrame::new("bucket form", &title).width(480.0);
    let id = frame.id();
    let name_problem = state.form_name_problem(form);
    let reason = if editing {
        form.changes().err()
    } else {
        name_problem.clone().or_else(|| form.made().err())
    };
    let reason = if form.saving {
        Some("It is being saved".to_owned())
    } else {
        reason
    };
    let saving = form.saving;
    let mut enter = false;
    let answer = frame.show(
        ui.ctx(),
        |ui| enter = body(ui, form, name_problem.as_deref(), context),
        |ui| {
            let words = if editing { "Save changes" } else { "Create bucket" };
            buttons(ui, Button::primary(words).busy(saving), reason.as_deref())
        },
    );
    let answer = match (answer.footer, enter && reason.is_none(), answer.closed) {
        (Answer::Yes, ..) | (_, true, _) => Answer::Yes,
        (footer, _, closed) => answered(ui.ctx(), id, footer, false, closed),
    };
    match answer {
        Answer::Open => true,
        Answer::No => false,
        Answer::Yes => {
            // It stays open until the server has taken it, and says here why it has not.
            if let Some(action) = asked(form) {
                form.saving = true;
                form.problem = None;
                context.actions.push(action);
            }
            true
        }
    }
}

fn asked(form: &BucketForm) -> Option<Action> {
    match &form.editing {
        Some(bucket) => Some(Action::UpdateBucket(bucket.clone(), form.changes().ok()?)),
        None => form.made().ok().map(Action::CreateBucket),
    }
}

/// Draws the form; answers whether Enter was pressed in its name.
fn body(ui: &mut Ui, form: &mut BucketForm, name_problem: Option<&str>, context: &mut PanelContext<'_>) -> bool {
    let t = Tokens::of(ui);
    let mut enter = false;
    if form.editing.is_some() && form.present.value().is_none() {
        match form.present.problem() {
            Some(failure) => {
                if problem::show(ui, failure, context.actions) {
                    form.present.clear();
                }
            }
            None => {
                text::line(ui, size::SMALL, |ui| {
                    spinner(ui, "Reading the bucket");
                    text::label(ui, Type::Small, "Reading the bucket", t.tx3);
                });
            }
        }
        return false;
    }
    if let Some(failure) = &form.problem {
        Note::err(&failure.what, &failure.advice).show(ui);
        ui.add_space(4.0);
    }
    if form.editing.is_none() {
        let field = TextField::new("Name", &mut form.name)
            .label()
            .mono()
            .hint("story-images");
        let field = field
            .help("Letters, digits and - _ . It cannot be changed later")
            .error(name_problem);
        let response = field.show(ui);
        enter = entered(ui, &response);
        ui.add_space(4.0);
    }
    access(ui, form);
    ui.add_space(space::CONTROL);
    limit(ui, form);
    ui.add_space(space::CONTROL);
    types(ui, form);
    enter
}

fn access(ui: &mut Ui, form: &mut BucketForm) {
    let t = Tokens::of(ui);
    toggle_row(ui, "Public", &mut form.public);
    let before = form.present.value().map(|bucket| bucket.public);
    let (meaning, color) = match (before, form.public) {
        (Some(false), true) => (
            "Every object in it becomes readable for anybody who has or guesses its URL, at once and without a key.",
            t.warn,
        ),
        (Some(true), false) => (
            "Public URLs stop working. Pictures of stories and pages that use them disappear for visitors; copies kept on \
             the way are served for a while.",
            t.warn,
        ),
        (_, true) => (
            "Anybody who has or guesses a URL can read that object without a key.",
            t.tx3,
        ),
        (_, false) => (
            "Objects are read only with a key, by a signed-in user, or through a signed URL.",
            t.tx3,
        ),
    };
    text::wrapped(ui, Type::Caption, meaning, color);
}

fn limit(ui: &mut Ui, form: &mut BucketForm) {
    let wrong = form.bytes().err();
    let help = form.limit_help();
    text::label(ui, Type::Small, "Size limit", Tokens::of(ui).tx2);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::CONTROL;
        let field = TextField::new("Size limit", &mut form.limit)
            .hint("No limit of its own")
            .width(160.0);
        field.show(ui);
        let unit = Unit::ALL.iter().find(|(unit, _)| *unit == form.unit);
        Select::new("Unit", unit.map_or("", |(_, words)| words))
            .width(76.0)
            .show_choices(ui, &mut form.unit, &Unit::ALL);
    });
    let t = Tokens::of(ui);
    match wrong {
        Some(wrong) => text::wrapped(ui, Type::Caption, wrong, t.err),
        None => text::wrapped(ui, Type::Caption, help, t.tx3),
    };
}

fn types(ui: &mut Ui, form: &mut BucketForm) {
    let t = Tokens::of(ui);
    text::label(ui, Type::Small, "Types it takes", t.tx2);
    if form.types.is_empty() {
        text::label(ui, Type::Caption, "Any type", t.tx3);
    } else {
        let mut gone = None;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
            for kind in &form.types {
                if ui.add(FilterChip::new(kind, true).removable()).clicked() {
                    gone = Some(kind.clone());
                }
            }
        });
        if let Some(kind) = gone {
            form.toggle_type(&kind);
        }
    }
    let wrong = form.type_problem();
    let mut add = false;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::CONTROL;
        let field = TextField::new("Another type", &mut form.typed_type)
            .hint("image/png, or png")
            .mono()
            .width(ui.available_width() - 150.0 - 56.0 - 2.0 * space::CONTROL);
        let response = field.show(ui);
        let why_not = wrong
            .as_deref()
            .or_else(|| form.typed_type.trim().is_empty().then_some("Type a type first"));
        add = ui
            .add(Button::new("Add").min_width(56.0).disabled_because(why_not))
            .clicked();
        if entered(ui, &response) && why_not.is_none() {
            add = true;
            response.request_focus();
        }
        Select::new("Known types", "Known types").width(150.0).show(ui, |ui| {
            for kind in KNOWN_TYPES {
                let on = form.types.iter().any(|known| known == kind);
                if ui.add(MenuItem::new(kind).checked(on)).clicked() {
                    form.toggle_type(kind);
                }
            }
        });
    });
    if add {
        // What is wrong with it is said below.
        let _said = form.add_typed();
    }
    if let Some(wrong) = wrong {
        text::wrapped(ui, Type::Caption, wrong, t.err);
    }
}
