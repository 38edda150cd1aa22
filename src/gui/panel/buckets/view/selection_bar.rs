//! The bar below the objects while some are chosen.

use egui::{Align, Color32, Frame, Layout, Margin, Ui};

use crate::gui::icon::{self, Icon};
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::{Act, Ask};
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{
    Button, Checked, IconButton, MenuItem, bare_check_box, menu_below, menu_separator, paint, text,
};
use crate::gui::words;

/// What can be done, from the right: words, icon, what it asks.
const ACTS: [(&str, Icon, Act); 5] = [
    ("Move to trash", icon::TRASH, Act::Trash),
    ("Headers…", icon::SLIDERS_HORIZONTAL, Act::Headers),
    ("Copy URLs…", icon::LINK, Act::Urls),
    ("Move…", icon::FOLDER_SIMPLE, Act::Move),
    ("Download", icon::DOWNLOAD_SIMPLE, Act::Download),
];
/// Which of them keep their button longest where there is little room.
const KEPT: [Act; 5] = [Act::Trash, Act::Download, Act::Move, Act::Urls, Act::Headers];
/// What is in the menu in any case.
const MORE: [(&str, Icon, Act); 3] = [
    ("Copy…", icon::COPY, Act::Copy),
    ("Rename…", icon::CURSOR_TEXT, Act::Rename),
    ("Delete for good…", icon::TRASH, Act::Delete),
];

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
            let single = state.selection().len() == 1;
            let fits = Fitting::of(ui, state);
            let shown = &fits.acts;
            let more = ui.add(IconButton::new(icon::DOTS_THREE, "More actions").framed());
            let mut all = false;
            let asked = menu_below(&more, 190.0, |ui| {
                if let Some(words) = fits.more_in_menu.as_deref() {
                    all = ui.add(MenuItem::new(words).icon(icon::CHECK).key("Ctrl A")).clicked();
                    menu_separator(ui);
                }
                items(ui, shown, single, context)
            });
            if all {
                state.choose_more();
                return;
            }
            if let Some(Some(act)) = asked {
                state.ask(Ask::Chosen(act));
            }
            for (words, icon, act) in ACTS.iter().filter(|(.., act)| shown.contains(act)) {
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
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| chosen(ui, state, &fits));
        });
    });
}

/// What there is room for: first the number of those chosen, then the buttons, then their size, last "Select all 8,214".
#[derive(Debug, Default)]
struct Fitting {
    /// Whose buttons are shown.
    acts: Vec<Act>,
    /// The size of those chosen.
    size: Option<String>,
    /// The words of the button that chooses more.
    more: Option<String>,
    /// The same words, where there is only room for them in the menu.
    more_in_menu: Option<String>,
}

impl Fitting {
    fn of(ui: &Ui, state: &State) -> Self {
        let wide = |kind, words: &str| paint::whole_line(ui, kind, words, Color32::PLACEHOLDER).size().x;
        let needed = |act: Act| {
            let words = ACTS
                .iter()
                .find(|(.., known)| *known == act)
                .map_or("", |(words, ..)| words);
            wide(Type::Button, words) + 20.0 + size::ICON + 6.0 + space::CONTROL
        };
        let said = size::SMALL + wide(Type::Strong, &selected(state)) + 2.0 * space::CONTROL;
        // The menu has its place in any case.
        let room = ui.available_width() - size::CONTROL - space::CONTROL - said;
        let acts = kept(room, needed);
        let mut left = room - acts.iter().map(|act| needed(*act)).sum::<f32>();
        let mut fits = |width: f32| {
            let fits = width <= left;
            left -= width;
            fits
        };
        let size = state.selected_total().size();
        let size = fits(wide(Type::Caption, &size) + space::CONTROL).then_some(size);
        let (more, more_in_menu) = match more_words(state) {
            Some(words) if fits(wide(Type::Button, &words) + 18.0 + space::CONTROL) => (Some(words), None),
            words => (None, words),
        };
        Self {
            acts,
            size,
            more,
            more_in_menu,
        }
    }
}

/// Those that are kept longest, as many as there is room for.
fn kept(room: f32, needed: impl Fn(Act) -> f32) -> Vec<Act> {
    let mut left = room;
    let fits = |act: &Act| {
        left -= needed(*act);
        left >= 0.0
    };
    KEPT.into_iter().take_while(fits).collect()
}

/// Why something cannot be done.
fn why_not(act: Act, single: bool, context: &PanelContext<'_>) -> Option<&'static str> {
    let locked = context.why_locked().filter(|_| act.changes());
    let many = (act == Act::Rename && !single).then_some("Only one object at a time has a name to change");
    locked.or(many)
}

/// Everything that can be done with objects, or with one folder, as items of a menu; answers what was chosen.
pub fn acts(ui: &mut Ui, single: bool, context: &PanelContext<'_>) -> Option<Act> {
    items(ui, &[], single, context)
}

/// What there is no button for, as items of a menu: buttons are there for those `shown`.
fn items(ui: &mut Ui, shown: &[Act], single: bool, context: &PanelContext<'_>) -> Option<Act> {
    let hidden = ACTS.iter().rev().filter(|(.., act)| !shown.contains(act));
    let all: Vec<(&str, Icon, Act)> = hidden.chain(&MORE).copied().collect();
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

fn chosen(ui: &mut Ui, state: &mut State, fits: &Fitting) {
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
    text::label(ui, Type::Strong, selected(state), t.tx1);
    if let Some(size) = &fits.size {
        text::label(ui, Type::Caption, size.as_str(), t.tx2);
    }
    if let Some(words) = &fits.more
        && ui.add(Button::ghost(words).small()).clicked()
    {
        state.choose_more();
    }
}

/// "3 selected".
fn selected(state: &State) -> String {
    format!("{} selected", words::grouped(state.selection().len()))
}

/// "Select all 8,214", where there is more to choose.
fn more_words(state: &State) -> Option<String> {
    let more = state.more_to_choose()?;
    Some(format!("Select all {}", words::grouped(more)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_no_room_for_is_in_the_menu() {
        assert_eq!(kept(-5.0, |_| 100.0), []);
        assert_eq!(kept(250.0, |_| 100.0), [Act::Trash, Act::Download]);
        assert_eq!(kept(500.0, |_| 100.0).len(), ACTS.len());
        assert!(ACTS.iter().all(|(.., act)| KEPT.contains(act)));
    }
}
