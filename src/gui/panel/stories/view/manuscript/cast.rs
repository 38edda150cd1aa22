//! Who is in the story: names, looks, and who is a child. What is said of them here goes into every prompt; names and ages of
//! children are replaced in what a provider is sent, unless the workspace says otherwise.

use egui::{Align, Id, Layout, Ui, vec2};

use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::State;
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, EmptyState, IconButton, Note, PromptBox, TextField, check_box, paint, text};
use crate::story::StoryId;

const NAME: f32 = 200.0;
const CHILD: f32 = 120.0;
const BUTTON: f32 = 28.0;

pub(super) fn show(ui: &mut Ui, state: &mut State, _context: &mut PanelContext<'_>, id: &StoryId) {
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
    let t = Tokens::of(ui);
    let mut remove = None;
    for at in 0..edit.get().cast.len() {
        let before = edit.get().cast[at].clone();
        let mut member = before.clone();
        let number = at + 1;
        let part = Id::unique("manuscript-member").with(at);
        paint::part(ui, part, |ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = space::SECTION;
                column(ui, NAME, |ui| {
                    text::label(ui, Type::Small, "Name", t.tx2);
                    ui.add_space(space::LABEL);
                    TextField::new(&format!("Name of member {number}"), &mut member.name)
                        .hint("Pip")
                        .show(ui);
                });
                let look = (ui.available_width() - CHILD - BUTTON - 3.0 * space::SECTION).max(160.0);
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
                    if ui.add(IconButton::new(icon::TRASH, &name)).clicked() {
                        remove = Some(at);
                    }
                });
            });
        });
        ui.add_space(space::SECTION);
        if member != before {
            edit.change(|manuscript| manuscript.cast[at] = member);
        }
    }
    if let Some(at) = remove {
        edit.remove_member(at);
    }
    if ui.add(Button::new("Add somebody").icon(icon::PLUS)).clicked() {
        edit.add_member();
    }
    if edit.get().cast.iter().any(|member| member.is_child) {
        ui.add_space(space::PANEL);
        Note::info(
            "Children are not named to providers",
            "Their names and ages are replaced in what leaves this machine, and put back in what comes. The built-in engines run here.",
        )
        .icon(icon::SHIELD_CHECK)
        .show(ui);
    }
}

fn column(ui: &mut Ui, width: f32, contents: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 0.0;
        contents(ui);
    });
}
