//! One scene: its picture in its state, its first line, and what can be done with one click.

use egui::epaint::StrokeKind;
use egui::{
    Align, CornerRadius, EventFilter, Id, Layout, Margin, Rect, Response, Role, Sense, Stroke, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::asked::{Asked, menu};
use super::picture::{Pixels, elapsed, four_by_three, spoken};
use super::reorder;
use super::standing::{picture_state, remember_broken, state_button};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Failure, Focus, ScenePicture, State};
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Tone, Type, radius};
use crate::gui::widget::{Badge, Button, Corner, Fit, Picture, PictureState, Progress, frame, text, tick};
use crate::gui::words;
use crate::service::Drawing;
use crate::story::{Scene, SceneId};

/// Height of the words below the picture.
pub(super) const BODY: f32 = 62.0;

/// What became of a card in this frame.
pub(super) struct Drawn {
    pub(super) asked: Option<Asked>,
    pub(super) has_pointer: bool,
    pub(super) scene: Option<SceneId>,
}

/// The id of a scene's card, the same wherever it is.
pub(super) fn id(scene: &SceneId) -> Id {
    Id::unique("scene-card").with(scene.as_str())
}

/// Draws the card of the scene at a place from 0 into `rect`.
pub(super) fn show(ui: &mut Ui, state: &mut State, at: usize, rect: Rect, context: &mut PanelContext<'_>) -> Drawn {
    let mut drawn = Drawn {
        asked: None,
        has_pointer: false,
        scene: None,
    };
    let Some(story) = state.story() else { return drawn };
    let Some(scene) = story.scenes.get(at) else {
        return drawn;
    };
    let selected = state
        .scene()
        .is_some_and(|selected| selected.scene_id == scene.scene_id);
    let shown = state.picture(story, scene);

    let card = ui.interact(rect, id(&scene.scene_id), Sense::click_and_drag());
    let name = format!("Scene {}", at + 1);
    card.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), selected, &name));
    surface(ui, rect);
    let over = ui.rect_contains_pointer(rect);
    let pixels = Pixels::live(ui, context, state, (story, scene), PictureSize::Card);

    let drawing = context.service.drawing();
    let drawing = drawing.into_iter().find(|drawing| drawing.scene == scene.scene_id);
    let candidates = state.candidates.open(&story.story_id, &scene.scene_id);
    let top = Rect::from_min_size(rect.min, four_by_three(rect.width()));
    let inner = ui.scope_builder(UiBuilder::new().max_rect(top), |ui| {
        picture(
            ui,
            scene,
            &pixels,
            (&shown, drawing.as_ref()),
            top,
            over || selected && card.has_focus(),
        )
    });
    let mut asked = inner.inner;
    let below = Rect::from_min_max(pos2(rect.left() + 11.0, top.bottom()), rect.max - vec2(11.0, 0.0));
    let words = ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
        body(ui, scene, &pixels, &shown, candidates)
    });
    asked = asked.or(words.inner);
    asked = asked.or(menu(&card, scene, &shown));
    asked = asked.or(reorder::keys(ui, &card, at, story.scenes.len(), true));
    asked = asked.or(reorder::drag(ui, &card, story, at, true));
    if card.clicked() {
        asked = asked.or(Some(Asked::Select));
    }
    if card.double_clicked() {
        asked = Some(Asked::Enlarge);
    }
    edge(ui, rect, selected, &card);

    if card.has_focus() {
        let arrows = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(card.id, arrows));
    } else if selected && state.focus == Some(Focus::Card) {
        card.request_focus();
    }
    drawn.asked = asked;
    drawn.has_pointer = over;
    drawn.scene = Some(scene.scene_id.clone());
    let (id, link) = (scene.scene_id.clone(), scene.image_url.clone());
    if selected && state.focus == Some(Focus::Card) {
        state.focus = None;
    }
    remember_broken(state, &id, link, &pixels);
    drawn
}

fn surface(ui: &Ui, rect: Rect) {
    let frame = frame::card(ui, 0).stroke(Stroke::NONE).inner_margin(Margin::ZERO);
    ui.painter().add(frame.paint(rect));
}

/// The border comes last, over the picture: a selected card's ring must not be covered.
fn edge(ui: &Ui, rect: Rect, selected: bool, card: &Response) {
    let t = Tokens::of(ui);
    let painter = ui.painter();
    if selected {
        painter.rect_stroke(rect, radius::CARD, Stroke::new(2.0, t.acc_tx), StrokeKind::Inside);
    } else {
        let color = if card.hovered() { t.line2 } else { t.line };
        painter.rect_stroke(rect, radius::CARD, Stroke::new(1.0, color), StrokeKind::Inside);
    }
    if card.has_focus() {
        painter.rect_stroke(
            rect.expand(1.0),
            radius::CARD + 1,
            Stroke::new(2.0, t.acc_tx),
            StrokeKind::Outside,
        );
    }
}

fn picture(
    ui: &mut Ui,
    scene: &Scene,
    pixels: &Pixels,
    (shown, drawing): (&ScenePicture<'_>, Option<&Drawing>),
    place: Rect,
    over: bool,
) -> Option<Asked> {
    let number = (scene.index + 1).to_string();
    let badges = [(Corner::LeftTop, Badge::new(Tone::Neutral, &number).over_picture())];
    let clock = match shown {
        ScenePicture::Drawing { since, .. } => {
            tick(ui);
            elapsed(*since)
        }
        _ => String::new(),
    };
    let (upload, regenerate, enlarge) = (
        format!("Upload a picture for scene {number}"),
        format!("Regenerate scene {number}"),
        format!("Show scene {number} large"),
    );
    let all = [
        (icon::UPLOAD_SIMPLE, upload.as_str()),
        (icon::ARROWS_CLOCKWISE, regenerate.as_str()),
        (icon::ARROWS_OUT_SIMPLE, enlarge.as_str()),
    ];
    let actions = match shown {
        ScenePicture::Drawing { .. } | ScenePicture::Waiting => &all[..0],
        ScenePicture::Missing | ScenePicture::Failed(Failure::Row(_)) => &all[..1],
        ScenePicture::Failed(Failure::Job(_, problem)) if problem.retry || problem.save_as.is_some() => &all[..1],
        ScenePicture::Failed(Failure::Job(..)) => &all[..2],
        ScenePicture::Live if pixels.is_broken() => &all[..2],
        ScenePicture::Live => &all[..],
    };
    let button = state_button(shown);
    let corners = CornerRadius {
        nw: radius::CARD,
        ne: radius::CARD,
        sw: 0,
        se: 0,
    };
    let left = drawing.map(drawing_words).unwrap_or_default();
    let stands = match picture_state(pixels, shown, &clock) {
        PictureState::Busy { under, elapsed, .. } => PictureState::Busy {
            under,
            elapsed,
            progress: Progress::Running(drawing.and_then(|drawing| drawing.fraction)),
            line: &left,
        },
        other => other,
    };
    let answer = Picture::new(spoken(scene), stands)
        .size(place.size())
        .fit(Fit::Cover)
        .corners(corners)
        .badges(&badges)
        .actions(actions)
        .show_actions(over)
        .show(ui);
    let hover = [Asked::Upload, Asked::Regenerate, Asked::Enlarge];
    answer.action.map(|at| hover[at]).or(button.filter(|_| answer.button))
}

/// How much longer a picture takes, as far as its engine says so.
fn drawing_words(drawing: &Drawing) -> String {
    let share = drawing.fraction.map(|share| format!("{:.0} %", share * 100.0));
    let left = drawing
        .left
        .map(|left| format!("about {} s left", left.as_secs().max(1)));
    let words: Vec<String> = share.into_iter().chain(left).collect();
    words.join(" · ")
}

/// The two lines below the picture.
fn body(ui: &mut Ui, scene: &Scene, pixels: &Pixels, shown: &ScenePicture<'_>, candidates: usize) -> Option<Asked> {
    let t = Tokens::of(ui);
    let rect = ui.max_rect();
    let dot = match shown {
        ScenePicture::Live if pixels.is_broken() => t.err,
        ScenePicture::Live => t.ok,
        ScenePicture::Drawing { .. } => t.acc_tx,
        ScenePicture::Failed(_) => t.err,
        ScenePicture::Waiting | ScenePicture::Missing => t.tx3,
    };
    ui.painter()
        .circle_filled(pos2(rect.left() + 3.0, rect.top() + 17.0), 3.0, dot);
    let line = Rect::from_min_max(
        pos2(rect.left() + 13.0, rect.top() + 8.0),
        pos2(rect.right(), rect.top() + 26.0),
    );
    ui.scope_builder(UiBuilder::new().max_rect(line), |ui| {
        text::elided(ui, Type::Strong, first_line(scene), t.tx1);
    });
    let line = Rect::from_min_max(
        pos2(rect.left(), rect.top() + 30.0),
        pos2(rect.right(), rect.bottom() - 8.0),
    );
    let layout = Layout::left_to_right(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(line).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        facts(ui, scene, pixels, shown, candidates)
    })
    .inner
}

fn facts(ui: &mut Ui, scene: &Scene, pixels: &Pixels, shown: &ScenePicture<'_>, candidates: usize) -> Option<Asked> {
    let t = Tokens::of(ui);
    let mut asked = None;
    match shown {
        ScenePicture::Live if pixels.is_broken() => {
            ui.add(Badge::new(Tone::Err, "Broken link").icon(icon::LINK_BREAK));
            let find = Button::new("Find image")
                .small()
                .tip("Look for the picture in the bucket");
            if ui.add(find).clicked() {
                asked = Some(Asked::Find);
            }
        }
        ScenePicture::Live => {
            text::label(ui, Type::Caption, "Live", t.tx3);
            if candidates > 0 {
                candidates_badge(ui, candidates);
            }
            if scene.alt_text.is_none() {
                ui.add(Badge::new(Tone::Warn, "No alt text").icon(icon::TEXT_T_SLASH));
            }
        }
        ScenePicture::Drawing { doing, .. } => {
            ui.add(Badge::new(Tone::Accent, doing).busy());
            if scene.image_url.is_some() {
                text::elided(ui, Type::Caption, "live picture kept", t.tx3);
            }
        }
        ScenePicture::Failed(_) if scene.image_url.is_some() => {
            let words = if is_not_taken(shown) {
                "Not uploaded"
            } else {
                "Not replaced"
            };
            ui.add(Badge::new(Tone::Err, words).icon(icon::WARNING_CIRCLE));
            text::elided(ui, Type::Caption, "live picture kept", t.tx3);
        }
        ScenePicture::Failed(_) => _ = ui.add(Badge::new(Tone::Err, "No picture").icon(icon::WARNING_CIRCLE)),
        ScenePicture::Missing if candidates > 0 => candidates_badge(ui, candidates),
        ScenePicture::Waiting | ScenePicture::Missing => text_caption(ui, "No picture yet"),
    }
    asked
}

/// Whether the bucket did not take the picture.
fn is_not_taken(shown: &ScenePicture<'_>) -> bool {
    matches!(shown, ScenePicture::Failed(Failure::Job(_, problem)) if problem.save_as.is_some())
}

fn candidates_badge(ui: &mut Ui, candidates: usize) {
    let words = words::count(candidates, "candidate", "candidates");
    ui.add(Badge::new(Tone::Accent, &words).icon(icon::STACK));
}

fn text_caption(ui: &mut Ui, words: &str) {
    let color = Tokens::of(ui).tx3;
    text::label(ui, Type::Caption, words, color);
}

pub(super) fn first_line(scene: &Scene) -> &str {
    [&scene.text, &scene.title]
        .into_iter()
        .find_map(|text| text.lines().map(str::trim).find(|line| !line.is_empty()))
        .unwrap_or("No text")
}
