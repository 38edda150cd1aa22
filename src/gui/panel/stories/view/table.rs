//! The scenes as lines of a table: many at a glance, with what each lacks.

use egui::{Align, Rect, ScrollArea, Sense, Stroke, Ui, UiBuilder, pos2, vec2};

use super::asked::{Answer, Asked};
use super::card;
use super::picture::{Pixels, spoken};
use super::scene_row;
use super::standing;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{ScenePicture, State};
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Tone, Type, radius, space};
use crate::gui::widget::{Badge, Picture, PictureState, Row, cell, text};
use crate::story::{Scene, SceneId};

/// Height of a line.
pub(super) const ROW: f32 = 36.0;
const HEAD: f32 = 28.0;
const NUMBER: f32 = 26.0;
const THUMB: egui::Vec2 = vec2(36.0, 27.0);
const STATE: f32 = 118.0;
const GAP: f32 = 12.0;

/// Draws the heads and the lines; answers as [`super::strip::show`].
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) -> Answer {
    let scenes = state.scenes_shown();
    let width = ui.available_width() - 2.0 * space::CONTENT;
    let texts = ((width - NUMBER - THUMB.x - STATE - 5.0 * GAP) / 3.0).max(60.0);
    let widths = [NUMBER, THUMB.x, texts, texts, texts, STATE];
    head(ui, widths);
    let selected = state
        .scene()
        .and_then(|scene| scenes.iter().position(|&at| at == scene.index));
    let reveal = state.reveal_card.then_some(selected).flatten();
    state.reveal_card = false;
    let (mut under, mut asked) = (None, None);
    ui.spacing_mut().item_spacing.y = 0.0;
    let left = ui.max_rect().left();
    let whole = ui.available_width();
    ScrollArea::vertical()
        .id_salt("scene-table")
        .auto_shrink(false)
        .show_rows(ui, ROW, scenes.len(), |ui, rows| {
            let top = ui.max_rect().top();
            let place = |at: usize| {
                let y = top + (at as f32 - rows.start as f32) * ROW;
                Rect::from_min_size(pos2(left, y), vec2(whole, ROW))
            };
            if let Some(at) = reveal {
                ui.scroll_to_rect(place(at), None);
            }
            for at in rows.clone() {
                let Some(&scene) = scenes.get(at) else { continue };
                let rect = place(at);
                ui.scope_builder(UiBuilder::new().id_salt(at).max_rect(rect), |ui| {
                    let drawn = row(ui, state, scene, widths, context);
                    if ui.rect_contains_pointer(rect) {
                        under = drawn.0.map(|scene| (scene, rect));
                    }
                    asked = drawn.1.map(|asked| (scene, asked)).or(asked);
                });
            }
        });
    (under, asked)
}

fn head(ui: &mut Ui, widths: [f32; 6]) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
    let inner = rect.shrink2(vec2(space::CONTENT, 0.0));
    let layout = egui::Layout::left_to_right(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(inner).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        for (width, words) in widths
            .into_iter()
            .zip(["#", "", "Text", "Prompt", "Alt text", "Picture"])
        {
            cell(ui, width, Align::Min, |ui| {
                text::elided(ui, Type::Caption, words, t.tx3)
            });
        }
    });
}

fn row(
    ui: &mut Ui,
    state: &mut State,
    at: usize,
    widths: [f32; 6],
    context: &mut PanelContext<'_>,
) -> (Option<SceneId>, Option<Asked>) {
    let Some(story) = state.story() else {
        return (None, None);
    };
    let Some(scene) = story.scenes.get(at) else {
        return (None, None);
    };
    let selected = state.scene().is_some_and(|chosen| chosen.scene_id == scene.scene_id);
    let shown = state.picture(story, scene);
    let t = Tokens::of(ui);
    let name = format!("Scene {}", at + 1);
    let pixels = Pixels::live(ui, context, state, (story, scene), PictureSize::Thumb);
    let response = Row::new(&name, ROW)
        .table()
        .selected(selected)
        .padding(space::CONTENT)
        .draggable()
        .id(card::id(&scene.scene_id))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            cell(ui, widths[0], Align::Min, |ui| {
                text::label(ui, Type::Mono, (at + 1).to_string(), t.tx3);
            });
            cell(ui, widths[1], Align::Min, |ui| {
                let thumb = match &pixels {
                    Pixels::Ready(texture, _) => PictureState::Ready(*texture),
                    Pixels::Loading => PictureState::Loading,
                    Pixels::Broken { .. } | Pixels::None => PictureState::Missing { line: "", button: None },
                };
                Picture::new(spoken(scene), thumb)
                    .size(THUMB)
                    .corners(radius::MINI)
                    .show(ui);
            });
            let alt = scene.alt_text.as_deref().unwrap_or_default();
            for (width, (words, none)) in widths[2..5].iter().zip([
                (card::first_line(scene), "No text"),
                (scene.image_prompt.trim(), "No prompt"),
                (alt.trim(), ""),
            ]) {
                cell(ui, *width, Align::Min, |ui| match (words, none) {
                    ("", "") if scene.image_url.is_some() => {
                        ui.add(Badge::new(Tone::Warn, "No alt text").icon(icon::TEXT_T_SLASH));
                    }
                    ("", none) => _ = text::elided(ui, Type::Small, none, t.tx3),
                    (words, _) => _ = text::elided(ui, Type::Small, words, if selected { t.tx1 } else { t.tx2 }),
                });
            }
            cell(ui, widths[5], Align::Min, |ui| {
                picture_words(ui, scene, &pixels, &shown);
            });
        });
    let asked = scene_row::asked(ui, &response, story, (at, scene), &shown, None);
    let focused = scene_row::keyboard(ui, &response, selected, state.focus);
    let (id, link) = (scene.scene_id.clone(), scene.image_url.clone());
    if focused {
        state.focus = None;
    }
    standing::remember_broken(state, &id, link, &pixels);
    (Some(id), asked)
}

/// How the picture is, in a word or two.
fn picture_words(ui: &mut Ui, scene: &Scene, pixels: &Pixels, shown: &ScenePicture<'_>) {
    let t = Tokens::of(ui);
    match shown {
        ScenePicture::Live if pixels.is_broken() => {
            ui.add(Badge::new(Tone::Err, "Broken link").icon(icon::LINK_BREAK));
        }
        ScenePicture::Live => _ = text::label(ui, Type::Small, "Live", t.tx2),
        ScenePicture::Drawing { doing, .. } => _ = ui.add(Badge::new(Tone::Accent, doing).busy()),
        ScenePicture::Waiting => _ = text::label(ui, Type::Small, "Waiting", t.tx3),
        ScenePicture::Failed(_) if scene.image_url.is_some() => {
            ui.add(Badge::new(Tone::Err, "Not replaced").icon(icon::WARNING_CIRCLE));
        }
        ScenePicture::Failed(_) => _ = ui.add(Badge::new(Tone::Err, "Failed").icon(icon::WARNING_CIRCLE)),
        ScenePicture::Missing => _ = text::label(ui, Type::Small, "No picture", t.tx3),
    }
}
