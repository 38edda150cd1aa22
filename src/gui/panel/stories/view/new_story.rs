//! The form of a new story.

use egui::{Context, Id, Key, Modifiers, Ui};

use super::engine;
use super::problem::{self, Answer};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, Focus, FormField, NewStory, State};
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{Button, IconButton, ModalFrame, Note, PromptBox, Stepper, TextField, modal, text};
use crate::story::Brief;

/// Draws the form while it is open.
pub(super) fn show(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    if !state.form.open {
        return;
    }
    let focus = state.focus.take_if(|focus| *focus == Focus::Title).is_some();
    let form = &mut state.form;
    // Taken before the prompt, which would make it a new line.
    let entered = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let frame = ModalFrame::new("new-story", "New story")
        .caption("A draft is written from it; nothing is published before you have looked at it")
        .width(560.0);
    let id = frame.id();
    let answer = frame.show(
        ctx,
        |ui| fields(ui, form, context, focus),
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let create = ui
                .add(
                    Button::primary("Write the draft")
                        .icon(icon::SPARKLE)
                        .key("Ctrl Enter")
                        .large(),
                )
                .clicked();
            let own = Button::new("Write it myself").large().tip("Begins with empty scenes");
            let own = ui.add(own).clicked();
            let cancel = ui.add(Button::new("Cancel").large()).clicked();
            (create, own, cancel)
        },
    );
    let (create, own, cancel) = answer.footer;
    if answer.closed || cancel {
        form.hide();
        modal::return_focus(ctx, id);
    } else if create || own || entered {
        let engine = form.writer(context.service).map(|engine| engine.id);
        let Some(brief) = form.create() else {
            // The keyboard goes to the first field that is in the way.
            if let Some(field) = form.in_the_way() {
                ctx.memory_mut(|memory| memory.request_focus(field_id(field)));
            }
            return;
        };
        let deed = match engine {
            Some(engine) if !own => Deed::Draft { brief, engine },
            _ => Deed::Begin(brief),
        };
        context.actions.push(Action::Do(Box::new(deed)));
        modal::return_focus(ctx, id);
    }
}

/// A field of the form, to give it the keyboard.
fn field_id(field: FormField) -> Id {
    Id::unique("new-story").with(field)
}

fn fields(ui: &mut Ui, form: &mut NewStory, context: &mut PanelContext<'_>, focus: bool) {
    ui.spacing_mut().item_spacing.y = 0.0;
    if let Some(problem) = form.problem.take() {
        // It stays until the next try; dismissing it keeps it away.
        if problem::show(ui, &problem, "", true, context.actions) != Some(Answer::Dismissed) {
            form.problem = Some(problem);
        }
        ui.add_space(space::SECTION);
    }
    let error = form.title_error();
    let id = field_id(FormField::Title);
    let title = TextField::new("Title", &mut form.typed.title)
        .label()
        .hint("Pip and the Lost Star")
        .error(error.as_deref())
        .id(id)
        .show(ui);
    form.left_title |= title.lost_focus() && !form.typed.title.is_empty();
    if title.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter) && input.modifiers.is_none()) {
        ui.memory_mut(|memory| memory.request_focus(field_id(FormField::Prompt)));
    }
    if focus {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    ui.add_space(space::TIGHT);

    let error = form.prompt_error();
    let prompt = PromptBox::new("Prompt", &mut form.typed.prompt)
        .hint("Who the story is about, and what happens, in a sentence or two")
        .rows(5)
        .most_rows(10)
        .limit(Brief::PROMPT_MAX)
        .id(field_id(FormField::Prompt))
        .show(ui);
    form.left_prompt |= prompt.lost_focus() && !form.typed.prompt.is_empty();
    message(ui, error.as_deref());
    ui.add_space(space::TIGHT);
    numbers(ui, form);
    ui.add_space(space::SECTION);
    engines(ui, form, context);
}

/// What is wrong with the prompt. Its room is kept.
fn message(ui: &mut Ui, error: Option<&str>) {
    let t = Tokens::of(ui);
    ui.add_space(space::LABEL);
    text::line(ui, Type::Caption.line_height(), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if let Some(error) = error {
            let (at, _) = ui.allocate_exact_size(egui::vec2(12.0, 12.0), egui::Sense::hover());
            icon::X_CIRCLE.filled().paint(ui.painter(), at.center(), 12.0, t.err);
            text::elided(ui, Type::Caption, error, t.err);
        }
    });
}

fn numbers(ui: &mut Ui, form: &mut NewStory) {
    let t = Tokens::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::PANEL;
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::LABEL;
            text::label(ui, Type::Small, "Scenes", t.tx2);
            let least = u32::try_from(*Brief::SCENES.start()).unwrap_or(1);
            let most = u32::try_from(*Brief::SCENES.end()).unwrap_or(least);
            ui.add(Stepper::new("Scenes", &mut form.typed.scenes, least..=most).width(180.0));
        });
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let error = form.seed_error();
            TextField::new("Seed", &mut form.typed.seed)
                .id(field_id(FormField::Seed))
                .label()
                .mono()
                .help("The same words and seed give the same story")
                .error(error)
                .width(ui.available_width() - size::CONTROL - 6.0)
                .show(ui);
            ui.vertical(|ui| {
                ui.add_space(16.0 + space::LABEL);
                if ui
                    .add(IconButton::new(icon::DICE_FIVE, "Roll another seed").framed())
                    .clicked()
                {
                    form.roll();
                }
            });
        });
    });
}

/// Who writes; the built-in engines are never called AI.
fn engines(ui: &mut Ui, form: &mut NewStory, context: &PanelContext<'_>) {
    let t = Tokens::of(ui);
    let Some(writer) = form.writer(context.service) else {
        Note::warn("No engine can write here", "You can write the story yourself.").show(ui);
        return;
    };
    text::label(ui, Type::Small, "Engine", t.tx2);
    ui.add_space(space::LABEL);
    engine::writer(ui, context.service, form, 240.0);
    ui.add_space(space::GROUP);
    let line = format!("{} writes the draft", writer.name);
    let body = match (writer.built_in, writer.masks_people) {
        (true, _) => "It is part of this program: no account, no key, and nothing leaves this machine.",
        (false, true) => "Title and prompt are sent to this provider, with the names and ages of people replaced.",
        (false, false) => "Title and prompt are sent to this provider as they are, with names and ages.",
    };
    Note::info(&line, body).show(ui);
    if let Some(notice) = writer.notice {
        ui.add_space(space::TIGHT);
        Note::warn("Before children's stories are sent there", notice).show(ui);
    }
}
