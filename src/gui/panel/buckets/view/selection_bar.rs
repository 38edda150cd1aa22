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
const REST: f32 = 330.0;

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
            let single = state.selection().len() == 1;
            if let Some(Some(act)) = menu_below(&more, 190.0, |ui| items(ui, shown, single, context)) {
                state.ask(Ask::Chosen(act));
            }
            for (words, icon, act, _) in &ACTS[..shown] {
                let reason = why_not(*act, single, context);
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

/// Why something cannot be done.
fn why_not(act: Act, single: bool, context: &PanelContext<'_>) -> Option<&'static str> {
    let locked = context.why_locked().filter(|_| act.changes());
    let many = (act == Act::Rename && !single).then_some("Only one object at a time has a name to change");
    locked.or(many)
}

/// Everything that can be done with objects, or with one folder, as items of a menu; answers what was chosen.
pub fn acts(ui: &mut Ui, single: bool, context: &PanelContext<'_>) -> Option<Act> {
    items(ui, 0, single, context)
}

/// What there is no button for, as items of a menu: buttons are there for the first `shown`.
fn items(ui: &mut Ui, shown: usize, single: bool, context: &PanelContext<'_>) -> Option<Act> {
    let (hidden, rest) = (ACTS[shown..].iter().rev(), MORE.iter());
    let all = hidden.map(|(words, icon, act, _)| (*words, *icon, *act));
    let all: Vec<(&str, Icon, Act)> = all.chain(rest.copied()).collect();
    let danger = |act: Act| matches!(act, Act::Trash | Act::Delete);
    // What takes something away comes last, behind a line.
    let (last, first): (Vec<_>, Vec<_>) = all.into_iter().partition(|(.., act)| danger(*act));
    let mut chosen = None;
    for (place, (words, icon, act)) in first.iter().chain(&last).enumerate() {
        if place == first.len() {
            menu_separator(ui);
        }
        let mut item = MenuItem::new(words).icon(*icon).key(key(*act));
        if danger(*act) {
            item = item.danger();
        }
        if ui.add(item.disabled_because(why_not(*act, single, context))).clicked() {
            chosen = Some(*act);
        }
    }
    chosen
}

/// The key that does it.
fn key(act: Act) -> &'static str {
    match act {
        Act::Rename => "F2",
        Act::Trash => "Del",
        Act::Delete => "Shift Del",
        Act::Download | Act::Move | Act::Copy | Act::Headers | Act::Urls => "",
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
    if let Some(more) = state.more_to_choose() {
        let words = format!("Select all {}", words::grouped(more));
        if ui.add(Button::ghost(&words).small()).clicked() {
            state.choose_more();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_no_room_for_is_in_the_menu() {
        assert_eq!([0.0, 400.0, 480.0, 2_000.0].map(fitting), [0, 0, 1, ACTS.len()]);
        assert_eq!(ACTS[0].2, Act::Trash, "what is shown last is what is used most");
    }
}
