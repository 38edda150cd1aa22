//! The scenes as rows: picture, text, prompt and alternative text beside each other, to be read down a column.

use egui::{Align, Layout, Rect, ScrollArea, Sense, Stroke, Ui, UiBuilder, pos2, vec2};

use super::asked::{Answer, Asked};
use super::card;
use super::picture::{Pixels, elapsed, four_by_three, spoken};
use super::scene_row;
use super::standing;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{ScenePicture, State};
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Tone, Type, radius, space};
use crate::gui::widget::{Badge, Corner, Picture, Row, text, tick};
use crate::story::{Scene, SceneId};

/// Height of a row.
pub(super) const ROW: f32 = 140.0;
/// Width of its picture.
const PICTURE: f32 = 164.0;
/// Height of the heads.
const HEAD: f32 = 28.0;
const GAP: f32 = 16.0;
/// Lines of a text that are shown; the inspector has the rest.
const LINES: usize = 6;

/// Draws the heads of the columns and the rows; answers the scene under the pointer, for files that are dropped, and what was
/// asked for.
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) -> Answer {
    let scenes = state.scenes_shown();
    let (left, width) = (
        ui.max_rect().left() + space::CONTENT,
        ui.available_width() - 2.0 * space::CONTENT,
    );
    let column = ((width - PICTURE) / 3.0 - GAP).max(60.0);
    let columns = [0, 1, 2].map(|at| left + PICTURE + GAP + at as f32 * (column + GAP));
    head(ui, left, columns, column);
    let selected = state
        .scene()
        .and_then(|scene| scenes.iter().position(|&at| at == scene.index));
    let reveal = state.reveal_card.then_some(selected).flatten();
    state.reveal_card = false;
    let (mut under, mut asked) = (None, None);
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .id_salt("scene-strip")
        .auto_shrink(false)
        .show_rows(ui, ROW, scenes.len(), |ui, rows| {
            let top = ui.max_rect().top();
            let place = |at: usize| {
                let y = top + (at as f32 - rows.start as f32) * ROW;
                Rect::from_min_size(pos2(left - 8.0, y), vec2(width + 16.0, ROW))
            };
            if let Some(at) = reveal {
                ui.scroll_to_rect(place(at), None);
            }
            for at in rows.clone() {
                let Some(&scene) = scenes.get(at) else { continue };
                let rect = place(at);
                ui.scope_builder(UiBuilder::new().id_salt(at).max_rect(rect), |ui| {
                    let drawn = row(ui, state, scene, rect, columns, column, context);
                    if ui.rect_contains_pointer(rect) {
                        under = drawn.0.map(|scene| (scene, rect));
                    }
                    asked = drawn.1.map(|asked| (scene, asked)).or(asked);
                });
            }
        });
    (under, asked)
}

fn head(ui: &mut Ui, left: f32, columns: [f32; 3], width: f32) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
    let words = [(left, PICTURE, "Picture")].into_iter().chain(
        columns
            .into_iter()
            .zip(["Text", "Prompt", "Alt text"])
            .map(|(x, words)| (x, width, words)),
    );
    for (x, width, words) in words {
        let at = Rect::from_min_size(pos2(x, rect.top()), vec2(width, HEAD));
        let layout = Layout::left_to_right(Align::Center);
        ui.scope_builder(UiBuilder::new().max_rect(at).layout(layout), |ui| {
            text::elided(ui, Type::Caption, words, t.tx3);
        });
    }
}

fn row(
    ui: &mut Ui,
    state: &mut State,
    at: usize,
    rect: Rect,
    columns: [f32; 3],
    width: f32,
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
    let mut button = None;
    let response = Row::new(&name, ROW)
        .table()
        .selected(selected)
        .padding(0.0)
        .draggable()
        .id(card::id(&scene.scene_id))
        .show(ui, |ui| {
            let size = four_by_three(PICTURE);
            let place = Rect::from_min_size(pos2(rect.left() + 8.0, rect.center().y - size.y * 0.5), size);
            let number = (at + 1).to_string();
            let badges = [(Corner::LeftTop, Badge::new(Tone::Neutral, &number).over_picture())];
            let clock = match &shown {
                ScenePicture::Drawing { since, .. } => {
                    tick(ui);
                    elapsed(*since)
                }
                _ => String::new(),
            };
            ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
                let answer = Picture::new(spoken(scene), standing::picture_state(&pixels, &shown, &clock))
                    .size(size)
                    .corners(radius::CONTROL)
                    .badges(&badges)
                    .show(ui);
                if answer.button {
                    button = standing::state_button(&shown);
                }
            });
            for (x, (words, none)) in columns.into_iter().zip(texts(scene)) {
                let at = Rect::from_min_max(pos2(x, rect.top() + 10.0), pos2(x + width, rect.bottom() - 8.0));
                cell(ui, at, words, none, none == NO_ALT && scene.image_url.is_some(), t);
            }
        });
    let asked = scene_row::asked(ui, &response, story, (at, scene), &shown, button);
    let focused = scene_row::keyboard(ui, &response, selected, state.focus);
    let (id, link) = (scene.scene_id.clone(), scene.image_url.clone());
    if focused {
        state.focus = None;
    }
    standing::remember_broken(state, &id, link, &pixels);
    (Some(id), asked)
}

const NO_ALT: &str = "No alt text";

/// The three texts of a scene, each with what is said when there is none.
fn texts(scene: &Scene) -> [(&str, &'static str); 3] {
    [
        (scene.text.trim(), "No text"),
        (scene.image_prompt.trim(), "No prompt"),
        (scene.alt_text.as_deref().unwrap_or_default().trim(), NO_ALT),
    ]
}

fn cell(ui: &mut Ui, rect: Rect, words: &str, none: &str, warns: bool, t: &Tokens) {
    if words.is_empty() && warns {
        ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            ui.add(Badge::new(Tone::Warn, none).icon(icon::TEXT_T_SLASH));
        });
        return;
    }
    let (words, color) = if words.is_empty() {
        (none, t.tx3)
    } else {
        (words, t.tx2)
    };
    let mut job = Type::Small.job(words, color, rect.width());
    job.wrap.max_rows = LINES;
    let galley = ui.painter().layout_job(job);
    ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
        ui.shrink_clip_rect(rect.expand(1.0));
        ui.add(egui::Label::new(galley));
    });
}
