//! How fast transfers may be, and how many items at once.

use std::num::{NonZeroU64, NonZeroUsize};

use egui::Ui;

use super::speed;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::widget::{IconButton, MenuItem, menu_below, menu_heading, menu_separator};
use crate::transfer::Limits;

/// Bytes a second that can be chosen.
const SPEEDS: [u64; 5] = [10_000_000, 5_000_000, 2_000_000, 1_000_000, 250_000];
/// Items at once that can be chosen.
const AT_ONCE: [usize; 4] = [8, 4, 2, 1];

/// The button, with a menu of both.
pub(super) fn show(ui: &mut Ui, limits: Limits, actions: &mut Vec<Action>) {
    let is_set = limits.bytes_per_second.is_some() || limits.at_once != Limits::default().at_once;
    let button = ui.add(
        IconButton::new(icon::SLIDERS_HORIZONTAL, "Limits of transfers")
            .small()
            .selected(is_set),
    );
    let chosen = menu_below(&button, 200.0, |ui| menu(ui, limits));
    if let Some(limits) = chosen.flatten() {
        actions.push(Action::LimitTransfers(limits));
    }
}

fn menu(ui: &mut Ui, limits: Limits) -> Option<Limits> {
    let mut chosen = None;
    let mut choice = |ui: &mut Ui, words: &str, choice: Limits| {
        if ui.add(MenuItem::new(words).checked(choice == limits)).clicked() {
            chosen = Some(choice);
        }
    };
    menu_heading(ui, "Bytes a second, up and down together");
    let fast = |bytes_per_second| Limits {
        bytes_per_second,
        ..limits
    };
    choice(ui, "As fast as it goes", fast(None));
    for bytes in SPEEDS {
        choice(ui, &speed(bytes), fast(NonZeroU64::new(bytes)));
    }
    menu_separator(ui);
    menu_heading(ui, "Items at once");
    let many = |at_once: NonZeroUsize, large_at_once: NonZeroUsize| Limits {
        at_once,
        large_at_once,
        ..limits
    };
    let usual = Limits::default();
    choice(ui, "As many as help", many(usual.at_once, usual.large_at_once));
    for number in AT_ONCE.into_iter().filter_map(NonZeroUsize::new) {
        let words = format!("At most {number}");
        choice(ui, &words, many(number, number.min(usual.large_at_once)));
    }
    chosen
}
