//! Who is in the story: names, looks, portraits, and who is a child. What is said of them here goes into every prompt that names
//! them, and the portraits along with it to engines that draw after pictures; names and ages of children are replaced in what a
//! provider is sent, unless the workspace says otherwise.

use egui::{Align, Id, Layout, Ui, vec2};

use super::{asking, candidates};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, Edit, State};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, EmptyState, IconButton, Note, PromptBox, TextField, check_box, frame, paint, text};
use crate::gui::words::count;
use crate::story::{CastMember, Manuscript, StoryId, VariantId};

const NAME: f32 = 160.0;
const CHILD: f32 = 92.0;
const BUTTON: f32 = 28.0;

/// What was done to somebody.
enum Done {
    Changed(CastMember),
    Removed,
    Chose(Option<VariantId>),
}

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, id: &StoryId) {
    let Some(edit) = state.manuscripts.edit(id) else { return };
    if edit.get().cast.is_empty() {
        let empty = EmptyState::new(
            icon::USERS,
            "Nobody is named yet",
            "Who is described here looks the same on every page, as far as the engine can do that",
        );
        if empty.button("Add somebody").height(220.0).show(ui) {
            edit.add_member();
        }
        return;
    }
    let manuscript = edit.get().clone();
    // Whose names are hidden is read from what is saved.
    let unsaved = (!edit.is_cast_saved()).then_some("What was typed is being saved");
    settings(ui, state, context, &manuscript, unsaved);
    ui.add_space(space::CONTROL);
    asking::portraits(ui, &state.choices, context.service, &manuscript.cast);
    ui.add_space(space::SECTION);
    let mut done = None;
    for at in 0..manuscript.cast.len() {
        let part = Id::unique("manuscript-member").with(manuscript.cast[at].portraits.as_str());
        let one = paint::part(ui, part, |ui| member(ui, state, context, (&manuscript, at), unsaved));
        done = one.map(|one| (at, one)).or(done);
        ui.add_space(space::SECTION);
    }
    let Some(edit) = state.manuscripts.edit(id) else { return };
    match done {
        Some((at, done)) => settle(edit, &manuscript, at, done),
        None if ui.add(Button::new("Add somebody").icon(icon::PLUS)).clicked() => edit.add_member(),
        None => {}
    }
    if manuscript.cast.iter().any(|member| member.is_child) {
        ui.add_space(space::PANEL);
        Note::info(
            "Children are not named to providers",
            "Their names and ages are replaced in what leaves this machine, and put back in what comes. The built-in engines run \
             here. Pictures are sent as they are: bring no photograph of a real child.",
        )
        .icon(icon::SHIELD_CHECK)
        .show(ui);
    }
}

fn settle(edit: &mut Edit, seen: &Manuscript, at: usize, done: Done) {
    match done {
        Done::Changed(member) => edit.change(|manuscript| manuscript.cast[at] = member),
        Done::Removed => edit.remove_member(at),
        Done::Chose(variant) => edit.choose_portrait(&seen.cast[at].portraits, variant),
    }
}

/// Who draws, how, how many; and all who have no portrait yet at once.
fn settings(
    ui: &mut Ui,
    state: &mut State,
    context: &mut PanelContext<'_>,
    manuscript: &Manuscript,
    unsaved: Option<&str>,
) {
    let bare = manuscript.cast.iter().filter(|member| {
        let variants = state.candidates.of(&manuscript.id, &member.portraits);
        member.portrait.is_none() && !asking::are_coming(variants)
    });
    let bare: Vec<_> = bare
        .filter_map(|member| Some((&member.portraits, member.portrait_prompt()?)))
        .collect();
    let pictures = bare.len() * state.choices.variants as usize;
    let words = match bare.len() {
        0 => "Draw portraits".to_owned(),
        _ => format!("Draw {}", count(pictures, "portrait", "portraits")),
    };
    let none = bare
        .is_empty()
        .then_some("Everybody has a portrait, or one is being drawn");
    if asking::settings(
        ui,
        &mut state.choices,
        context.service,
        (&words, pictures),
        none.or(unsaved),
    ) {
        for (portraits, prompt) in bare {
            let asked = asking::ask(&state.choices, context.service, &manuscript.id, portraits, &prompt);
            context.actions.extend(asked);
        }
    }
}

fn member(
    ui: &mut Ui,
    state: &State,
    context: &mut PanelContext<'_>,
    (manuscript, at): (&Manuscript, usize),
    unsaved: Option<&str>,
) -> Option<Done> {
    let before = &manuscript.cast[at];
    let variants = state.candidates.of(&manuscript.id, &before.portraits);
    let whom = called(before, at);
    let mut done = None;
    frame::card(ui, 12).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::PANEL;
            let coming = asking::are_coming(variants);
            let name = format!("Portrait of {whom}");
            candidates::chosen(ui, context, (&name, "No portrait chosen"), before.portrait, coming);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                done = words(ui, before, at);
                ui.add_space(4.0);
                if let Some(variant) = candidates::show(ui, context, variants, before.portrait, &whom) {
                    done = Some(Done::Chose(variant));
                }
                ui.add_space(4.0);
                let prompt = before.portrait_prompt();
                let why = match () {
                    () if prompt.is_none() => Some("Say what they look like first"),
                    () if coming => Some("Portraits are being drawn"),
                    () => unsaved,
                };
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    let draw = match state.choices.variants {
                        1 => format!("Draw a portrait of {whom}"),
                        many => format!("Draw {many} portraits of {whom}"),
                    };
                    let draw = Button::new(&draw).small().icon(icon::IMAGE).disabled_because(why);
                    if ui.add(draw).clicked()
                        && let Some(prompt) = &prompt
                    {
                        let asked = asking::ask(
                            &state.choices,
                            context.service,
                            &manuscript.id,
                            &before.portraits,
                            prompt,
                        );
                        context.actions.extend(asked);
                    }
                    let bring = format!("Bring a portrait of {}…", whom.trim_end_matches('…'));
                    if ui
                        .add(Button::ghost(&bring).small().icon(icon::UPLOAD_SIMPLE))
                        .clicked()
                    {
                        context.actions.push(Action::Do(Box::new(Deed::Bring {
                            story: manuscript.id.clone(),
                            scene: before.portraits.clone(),
                        })));
                    }
                });
            });
        });
    });
    done
}

/// What somebody is called on buttons: there is no room for more than a name.
fn called(member: &CastMember, at: usize) -> String {
    const MOST: usize = 24;
    match member.name.trim() {
        "" => format!("member {}", at + 1),
        name if name.chars().count() > MOST => {
            let begin: String = name.chars().take(MOST - 1).collect();
            format!("{}…", begin.trim_end())
        }
        name => name.to_owned(),
    }
}

/// What is said of somebody.
fn words(ui: &mut Ui, before: &CastMember, at: usize) -> Option<Done> {
    let t = Tokens::of(ui);
    let mut member = before.clone();
    let number = at + 1;
    let mut removed = false;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::SECTION;
        column(ui, NAME, |ui| {
            text::label(ui, Type::Small, "Name", t.tx2);
            ui.add_space(space::LABEL);
            TextField::new(&format!("Name of member {number}"), &mut member.name)
                .hint("Pip")
                .show(ui);
        });
        let look = (ui.available_width() - CHILD - BUTTON - 2.0 * space::SECTION).max(160.0);
        column(ui, look, |ui| {
            text::label(ui, Type::Small, "Look", t.tx2);
            ui.add_space(space::LABEL);
            PromptBox::new(&format!("Look of member {number}"), &mut member.look)
                .bare()
                .rows(2)
                .hint("A small fox with a green scarf")
                .show(ui);
        });
        column(ui, CHILD, |ui| {
            ui.add_space(16.0 + space::LABEL + 4.0);
            check_box(ui, "Is a child", &mut member.is_child);
        });
        column(ui, BUTTON, |ui| {
            ui.add_space(16.0 + space::LABEL);
            let name = format!("Remove member {number}");
            removed = ui.add(IconButton::new(icon::TRASH, &name)).clicked();
        });
    });
    match removed {
        true => Some(Done::Removed),
        false => (member != *before).then_some(Done::Changed(member)),
    }
}

fn column(ui: &mut Ui, width: f32, contents: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 0.0;
        contents(ui);
    });
}
