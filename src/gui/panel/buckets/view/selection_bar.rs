//! The bar below the objects while some are chosen.

use egui::{Align, Frame, Layout, Margin, Ui};

use crate::gui::icon::{self, Icon};
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::{Act, Ask};
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, Checked, IconButton, MenuItem, bare_check_box, menu_below, menu_separator, text};
use crate::gui::words;

/// What can be done, the most usual first: words, icon, what it asks, and the width of its button.
const ACTS: [(&str, Icon, Act, f32); 5] = [
    ("Move to trash", icon::TRASH, Act::Trash, 136.0),
    ("Headers…", icon::SLIDERS_HORIZONTAL, Act::Headers, 108.0),
    ("Copy URLs…", icon::LINK, Act::Urls, 120.0),
    ("Move…", icon::FOLDER_SIMPLE, Act::Move, 90.0),
    ("Download", icon::DOWNLOAD_SIMPLE, Act::Download, 112.0),
];
/// What is in the menu in any case.
const MORE: [(&str, Icon, Act); 3] = [
    ("Copy…", icon::COPY, Act::Copy),
    ("Rename…", icon::CURSOR_TEXT, Act::Rename),
    ("Delete for good…", icon::TRASH, Act::Delete),
];
/// Room for what is chosen, the menu and the cross.
const REST: f32 = 250.0;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let margin = Margin::symmetric(space::PANEL as i8, 0);
    Frame::NONE.inner_margin(margin).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::CONTROL;
            let clear = IconButton::new(icon::X, "Clear selection").key("Esc");
            if ui.add(clear).clicked() {
                state.choose_none();
                return;
            }
            let shown = fitting(ui.available_width());
            let more = ui.add(IconButton::new(icon::DOTS_THREE, "More actions").framed());
            menu_below(&more, 190.0, |ui| menu(ui, shown, state, context));
            for (words, icon, act, _) in &ACTS[..shown] {
                let reason = why_not(*act, state, context);
                let button = if *act == Act::Trash {
                    Button::danger(words)
                } else {
                    Button::new(words)
                };
                if ui.add(button.icon(*icon).disabled_because(reason)).clicked() {
                    state.ask(Ask::Chosen(*act));
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| chosen(ui, state));
        });
    });
}

/// How many of the buttons there is room for.
fn fitting(width: f32) -> usize {
    let mut left = width - REST;
    ACTS.iter()
        .take_while(|(.., needed)| {
            left -= needed + space::CONTROL;
            left >= 0.0
        })
        .count()
}

/// Why something cannot be done with what is chosen.
fn why_not(act: Act, state: &State, context: &PanelContext<'_>) -> Option<&'static str> {
    let locked = context.why_locked().filter(|_| act.changes());
    let many = (act == Act::Rename && state.selection().len() != 1)
        .then_some("Only one object at a time has a name to change");
    locked.or(many)
}

fn menu(ui: &mut Ui, shown: usize, state: &mut State, context: &mut PanelContext<'_>) {
    let hidden = ACTS[shown..]
        .iter()
        .rev()
        .map(|(words, icon, act, _)| (*words, *icon, *act));
    let rest = MORE.into_iter();
    for (words, icon, act) in hidden.chain(rest) {
        let danger = matches!(act, Act::Trash | Act::Delete);
        if act == Act::Delete {
            menu_separator(ui);
        }
        let mut item = MenuItem::new(words).icon(icon);
        if danger {
            item = item.danger();
        }
        if act == Act::Rename {
            item = item.key("F2");
        }
        if ui.add(item.disabled_because(why_not(act, state, context))).clicked() {
            state.ask(Ask::Chosen(act));
        }
    }
}

fn chosen(ui: &mut Ui, state: &mut State) {
    let t = Tokens::of(ui);
    let (chosen, shown) = (state.selection().len(), state.contents().objects.len());
    let all = chosen >= shown;
    let name = if all { "Select none" } else { "Select all" };
    let mark = if all { Checked::Yes } else { Checked::Some };
    if bare_check_box(ui, name, mark).clicked() {
        if all {
            state.choose_none();
        } else {
            state.choose_all();
        }
        return;
    }
    text::label(ui, Type::Strong, format!("{} selected", words::grouped(chosen)), t.tx1);
    text::elided(ui, Type::Caption, state.selected_total().size(), t.tx2);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_no_room_for_is_in_the_menu() {
        assert_eq!([0.0, 300.0, 420.0, 2_000.0].map(fitting), [0, 0, 1, ACTS.len()]);
        assert_eq!(ACTS[0].2, Act::Trash, "what is shown last is what is used most");
    }
}
