//! The bar below the objects while some are chosen.

use egui::{Align, Frame, Layout, Margin, Ui};

use super::keys;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, Checked, IconButton, bare_check_box, text};
use crate::gui::words;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    Frame::NONE
        .inner_margin(Margin::symmetric(space::PANEL as i8, 0))
        .show(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = space::CONTROL;
                if ui.add(IconButton::new(icon::X, "Clear selection").key("Esc")).clicked() {
                    state.choose_none();
                    return;
                }
                let delete = Button::danger("Move to trash").icon(icon::TRASH);
                if ui.add(delete.disabled_because(context.why_locked())).clicked() {
                    state.ask_delete();
                }
                let public = state.open_row().is_none_or(|row| row.public);
                let tip = if public {
                    "Copies the public URL of each, one a line"
                } else {
                    "Copies the public URL of each, one a line. The bucket is private: they do not open for visitors"
                };
                if ui.add(Button::new("Copy URLs").icon(icon::LINK).tip(tip)).clicked() {
                    keys::copy_urls(state, context);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
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
                    text::label(ui, Type::Caption, state.selected_total().size(), t.tx2);
                    if let Some(more) = state.more_to_choose() {
                        let words = format!("Select all {}", words::grouped(more));
                        if ui.add(Button::ghost(&words).small()).clicked() {
                            state.choose_more();
                        }
                    }
                });
            });
        });
}
