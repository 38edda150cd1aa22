//! The live picture, alone or compared with the chosen candidate.

use egui::load::SizedTexture;
use egui::{Id, Rect, Sense, Ui, Vec2, vec2};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{ScenePicture, State};
use crate::gui::panel::stories::view::picture::{Pixels, elapsed, spoken};
use crate::gui::panel::stories::view::standing::picture_state;
use crate::gui::texture::PictureSize;
use crate::gui::theme::Tone;
use crate::gui::widget::{Badge, Button, Compare, CompareSide, Corner, Fit, Picture, PictureState, Progress, tick};
use crate::service::PictureAt;
use crate::story::{Variant, VariantSource, VariantState};

/// Width and height of the place in the look's own measure.
const SHAPE: Vec2 = vec2(339.0, 247.0);

/// The name of the comparison, for assistive technology, and the same in both places it is in.
pub(in crate::gui::panel::stories::view) fn name(variant: &Variant) -> String {
    format!("Live and {}", variant.letter())
}

/// Which candidate it is: "B · seed 4127", "C · pip.png".
pub(in crate::gui::panel::stories::view) fn tag(variant: &Variant) -> String {
    let letter = variant.letter();
    match (&variant.source, variant.seed) {
        (VariantSource::Brought { file_name }, _) => {
            let short: String = file_name.chars().take(24).collect();
            format!("{letter} · {short}")
        }
        (VariantSource::Drawn, Some(seed)) => format!("{letter} · seed {seed}"),
        (VariantSource::Drawn, None) => letter,
    }
}

/// One of two compared pictures.
pub(in crate::gui::panel::stories::view) fn side<'a>(
    pixels: &'a Pixels,
    alt: &'a str,
    tag: Badge<'a>,
) -> CompareSide<'a> {
    let picture = match pixels {
        Pixels::Ready(texture, _) => Ok(*texture),
        Pixels::Loading => Err(""),
        Pixels::None => Err("No picture yet"),
        Pixels::Broken { line, .. } => Err(*line),
    };
    CompareSide { picture, alt, tag }
}

/// Pictures that are lower than this are not compared.
const LOWEST: f32 = 132.0;

/// Draws the place, no higher than `room` where that can be; answers where a file can be dropped.
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, room: f32) -> Rect {
    let width = ui.available_width();
    let height = (width * SHAPE.y / SHAPE.x).round();
    let place = vec2(width, height.min(room.floor().max(LOWEST)));
    let chosen = state.bench.chosen().cloned();
    let live = {
        let Some((story, scene)) = state.story().zip(state.scene()) else {
            return Rect::NOTHING;
        };
        Pixels::live(ui, context, state, (story, scene), PictureSize::Card)
    };
    match chosen {
        Some(variant) if variant.picture.is_some() => compared(ui, state, context, &variant, &live, place),
        Some(variant) => unmade(ui, &variant, live.texture(), place),
        None => alone(ui, state, context, &live, place),
    }
}

fn compared(
    ui: &mut Ui,
    state: &mut State,
    context: &mut PanelContext<'_>,
    variant: &Variant,
    live: &Pixels,
    place: Vec2,
) -> Rect {
    let at = PictureAt::Variant(variant.id);
    let candidate = Pixels::of(ui, context.pictures, context.service, &at, PictureSize::Card);
    let alt = state.scene().map(|scene| spoken(scene).to_owned()).unwrap_or_default();
    let words = tag(variant);
    let first = side(live, &alt, Badge::new(Tone::Ok, "Live").over_picture());
    let second = side(&candidate, &alt, Badge::new(Tone::Neutral, &words).over_picture());
    let response = Compare::new(&name(variant), first, second, &mut state.bench.look)
        .size(place)
        .id(Id::unique("bench-compare"))
        .show(ui);
    response.rect
}

/// A candidate that is not there, or not yet, over the picture that stays live.
fn unmade(ui: &mut Ui, variant: &Variant, under: Option<SizedTexture>, place: Vec2) -> Rect {
    let letter = variant.letter();
    let clock = match (&variant.state, variant.asked_at) {
        (VariantState::Drawing, Some(since)) => {
            tick(ui);
            elapsed(since)
        }
        _ => String::new(),
    };
    let failed = match &variant.state {
        VariantState::Queued | VariantState::Drawing | VariantState::Made => None,
        VariantState::Refused { .. } => Some(format!("{letter} was refused")),
        VariantState::Failed { .. } => Some(format!("{letter} could not be made")),
        VariantState::Cancelled => Some(format!("{letter} was cancelled")),
        VariantState::Uncertain { .. } => Some(format!("It is not known what became of {letter}")),
    };
    let shown = match &failed {
        Some(line) => PictureState::Failed {
            under,
            line,
            button: None,
        },
        None => PictureState::Busy {
            under,
            progress: Progress::Running(None),
            elapsed: &clock,
            line: if variant.state == VariantState::Queued {
                "Waiting for its turn"
            } else {
                "Drawing"
            },
        },
    };
    let words = tag(variant);
    let badges = [(Corner::RightTop, Badge::new(Tone::Neutral, &words).over_picture())];
    let name = format!("Candidate {letter}");
    let answer = Picture::new(&name, shown).size(place).badges(&badges).show(ui);
    answer.response.rect
}

/// The live picture; a click shows it as large as it can be.
fn alone(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, pixels: &Pixels, place: Vec2) -> Rect {
    let (Some(story), Some(scene)) = (state.story(), state.scene()) else {
        return Rect::NOTHING;
    };
    let shown = state.work.picture(story, scene);
    let clock = match &shown {
        ScenePicture::Drawing { since, .. } => {
            tick(ui);
            elapsed(*since)
        }
        _ => String::new(),
    };
    let live = [(Corner::LeftTop, Badge::new(Tone::Ok, "Live").over_picture())];
    let is_live = matches!((&shown, pixels), (ScenePicture::Live, Pixels::Ready(..)));
    let mut picture = picture_state(pixels, &shown, &clock);
    match &mut picture {
        // What happened and what helps is told below.
        PictureState::Failed { line, button, .. } => {
            *line = if scene.image_url.is_some() {
                "Not replaced"
            } else {
                "No picture"
            };
            *button = None;
        }
        PictureState::Missing { button, .. } => *button = None,
        PictureState::Ready(_) | PictureState::Loading | PictureState::Broken { .. } | PictureState::Busy { .. } => {}
    }
    let can_enlarge = pixels.texture().is_some();
    let answer = Picture::new(spoken(scene), picture)
        .size(place)
        .fit(fit(pixels, place))
        .badges(if is_live { &live } else { &[] })
        .sense(if can_enlarge { Sense::click() } else { Sense::hover() })
        .show(ui);
    let rect = answer.response.rect;
    let enlarge = can_enlarge && answer.response.on_hover_cursor(egui::CursorIcon::ZoomIn).clicked();
    if let ScenePicture::Drawing { job: Some(job), .. } = &shown {
        ui.add_space(6.0);
        if ui.add(Button::new("Cancel").icon(icon::X).small()).clicked() {
            context.actions.push(Action::CancelJob(*job));
        }
    }
    if enlarge {
        state.enlarged = true;
    }
    rect
}

/// A picture that has the shape of its place, or nearly, fills it; any other is shown whole.
fn fit(pixels: &Pixels, place: Vec2) -> Fit {
    let shape = place.x / place.y.max(1.0);
    match pixels.texture() {
        Some(texture) if (texture.size.x / texture.size.y.max(1.0) / shape - 1.0).abs() > 0.08 => Fit::Contain,
        Some(_) | None => Fit::Cover,
    }
}
