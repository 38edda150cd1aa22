//! The selected scene at the right: its picture large, and everything that can be done to it.

use egui::{Align, Frame, Layout, Margin, Rect, ScrollArea, Ui, vec2};

use super::{history_tab, provenance_tab, text_tab, variants_tab};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{State, Tab};
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{self, EmptyState, IconButton, tabs, text};

/// Draws the inspector; answers where a file can be dropped on it.
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) -> Option<Rect> {
    ui.spacing_mut().item_spacing.y = 0.0;
    head(ui, state);
    if state.scene().is_none() {
        EmptyState::new(
            icon::IMAGE_SQUARE,
            "No scene selected",
            "A story's scenes and their pictures are shown here",
        )
        .show(ui);
        return None;
    }
    tabs(
        ui,
        &mut state.tab,
        space::PANEL,
        &[
            (Tab::Variants, widget::Tab::new("Variants")),
            (Tab::Text, widget::Tab::new("Text and alt")),
            (Tab::Provenance, widget::Tab::new("Provenance")),
            (Tab::History, widget::Tab::new("History")),
        ],
    );
    let margin = Margin {
        left: space::PANEL as i8,
        right: space::PANEL as i8,
        top: 12,
        bottom: 20,
    };
    // Each scene has its own place in its texts.
    let salt = state.scene().map(|scene| scene.scene_id.clone());
    ScrollArea::vertical()
        .id_salt((
            "scene-inspector",
            salt.as_ref().map(crate::story::SceneId::as_str),
            state.tab as u8,
        ))
        .auto_shrink(false)
        .show(ui, |ui| {
            Frame::NONE
                .inner_margin(margin)
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
                    match state.tab {
                        Tab::Variants => Some(variants_tab::show(ui, state, context)),
                        Tab::Text => {
                            text_tab::show(ui, state, context);
                            None
                        }
                        Tab::Provenance => {
                            provenance_tab::show(ui, state, context);
                            None
                        }
                        Tab::History => {
                            history_tab::show(ui, state, context);
                            None
                        }
                    }
                })
                .inner
        })
        .inner
}

fn head(ui: &mut Ui, state: &mut State) {
    let t = Tokens::of(ui);
    let margin = Margin {
        left: space::PANEL as i8,
        right: 12,
        top: 6,
        bottom: 6,
    };
    Frame::NONE.inner_margin(margin).show(ui, |ui| {
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), size::CONTROL),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                let scenes = state.story().map_or(0, |story| story.scenes.len());
                let at = state.scene().map(|scene| scene.index);
                match at {
                    Some(at) => {
                        text::label(ui, Type::Head, format!("Scene {}", at + 1), t.tx1);
                        text::label(ui, Type::Small, format!("of {scenes}"), t.tx3);
                    }
                    None => _ = text::label(ui, Type::Head, "Scene", t.tx1),
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.spacing_mut().item_spacing.x = 4.0;
                    if ui
                        .add(IconButton::new(icon::X, "Close inspector").key("Ctrl I"))
                        .clicked()
                    {
                        state.toggle_inspector();
                    }
                    let last = at.is_none_or(|at| at + 1 >= scenes).then_some("This is the last scene");
                    let next = IconButton::new(icon::CARET_RIGHT, "Next scene")
                        .key("]")
                        .disabled_because(last);
                    if ui.add(next).clicked() {
                        state.step(1);
                    }
                    let first = at.is_none_or(|at| at == 0).then_some("This is the first scene");
                    let previous = IconButton::new(icon::CARET_LEFT, "Previous scene")
                        .key("[")
                        .disabled_because(first);
                    if ui.add(previous).clicked() {
                        state.step(-1);
                    }
                });
            },
        );
    });
}
