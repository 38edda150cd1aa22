//! The selected picture, as large as the window allows, alone or compared with the chosen candidate.

use egui::{Align2, Context, Frame, Id, Key, Modal, Modifiers, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use super::picture::{Pixels, spoken};
use super::variants_tab::pictures;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::State;
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Tone, Type, size};
use crate::gui::widget::{Badge, Compare, Fit, IconButton, Picture, PictureState, text};
use crate::service::PictureAt;

/// Free around the picture; the words below it have their own.
const MARGIN: f32 = 40.0;
const WORDS: f32 = 56.0;

/// Draws the picture over everything while it is asked for. Esc and clicks beside it close it, arrows go to the
/// neighbours.
pub(super) fn show(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    if !state.enlarged {
        return;
    }
    let compared = state.bench.chosen().is_some_and(|variant| variant.picture.is_some());
    if !compared && state.scene().is_none_or(|scene| scene.image_url.is_none()) {
        state.enlarged = false;
        return;
    }
    // The arrows move the divider while that has the keyboard.
    let on_divider = ctx.memory(|memory| memory.has_focus(divider()));
    let by = ctx.input_mut(|input| {
        if on_divider {
            return 0;
        }
        isize::from(input.consume_key(Modifiers::NONE, Key::ArrowRight))
            - isize::from(input.consume_key(Modifiers::NONE, Key::ArrowLeft))
    });
    if by != 0 {
        step(state, by);
    }
    let t = Tokens::of_ctx(ctx);
    let window = ctx.content_rect().size();
    let room = vec2(
        (window.x - 2.0 * MARGIN).max(200.0),
        (window.y - 2.0 * MARGIN - WORDS).max(150.0),
    );
    let modal = Modal::new(Id::unique("picture-large"))
        .backdrop_color(t.scrim)
        .frame(Frame::NONE)
        .show(ctx, |ui| contents(ui, state, context, room));
    if modal.should_close() || modal.inner {
        state.enlarged = false;
    }
}

/// The comparison, to tell whether it has the keyboard.
fn divider() -> Id {
    Id::unique("picture-large-compare")
}

/// To the next scene that has a picture, if there is one on that side.
fn step(state: &mut State, by: isize) {
    let Some((story, scene)) = state.story().zip(state.scene()) else {
        return;
    };
    let with_picture = |at: &usize| story.scenes[*at].image_url.is_some();
    let to = if by > 0 {
        (scene.index + 1..story.scenes.len()).find(with_picture)
    } else {
        (0..scene.index).rev().find(with_picture)
    };
    if let Some(to) = to {
        let by = to as isize - scene.index as isize;
        state.step(by);
    }
}

/// Answers whether it is to be closed.
fn contents(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, room: egui::Vec2) -> bool {
    let Some((story, scene)) = state.story().zip(state.scene()) else {
        return true;
    };
    let (scenes, scene) = (story.scenes.len(), scene.clone());
    let mut pixels = Pixels::live(ui, context, state, (story, &scene), PictureSize::Full);
    if matches!(pixels, Pixels::Loading) {
        // Until the large one is here, the small one stands in for it.
        pixels = Pixels::live(ui, context, state, (story, &scene), PictureSize::Card);
    }
    let shape = match &pixels {
        Pixels::Ready(texture, original) => {
            original.map_or(texture.size, |(width, height)| vec2(width as f32, height as f32))
        }
        Pixels::None | Pixels::Loading | Pixels::Broken { .. } => vec2(4.0, 3.0),
    };
    let scale = (room.x / shape.x).min(room.y / shape.y);
    let place = shape * scale;
    let shown = match &pixels {
        Pixels::Ready(texture, _) => PictureState::Ready(*texture),
        Pixels::Loading | Pixels::None => PictureState::Loading,
        Pixels::Broken { line, code } => PictureState::Broken { line, code },
    };
    let chosen = state
        .bench
        .chosen()
        .filter(|variant| variant.picture.is_some())
        .cloned();
    let rect = match chosen {
        Some(variant) => {
            let at = PictureAt::Variant(variant.id);
            let candidate = Pixels::of(ui, context.pictures, context.service, &at, PictureSize::Full);
            let tag = pictures::tag(&variant);
            let first = pictures::side(&pixels, spoken(&scene), Badge::new(Tone::Ok, "Live").over_picture());
            let second = pictures::side(
                &candidate,
                spoken(&scene),
                Badge::new(Tone::Neutral, &tag).over_picture(),
            );
            Compare::new(&pictures::name(&variant), first, second, &mut state.bench.look)
                .size(place)
                .id(divider())
                .wheel()
                .show(ui)
                .rect
        }
        None => {
            let picture = Picture::new(spoken(&scene), shown).size(place).fit(Fit::Contain);
            picture.show(ui).response.rect
        }
    };
    words(ui, rect.width(), scene.index, scenes, scene.alt_text.as_deref());
    let corner = Align2::RIGHT_TOP.align_size_within_rect(vec2(size::CONTROL, size::CONTROL), rect.shrink(10.0));
    let close = ui.scope_builder(UiBuilder::new().max_rect(corner), |ui| {
        ui.add(
            IconButton::new(icon::X, "Close large picture")
                .key("Esc")
                .over_picture(),
        )
        .clicked()
    });
    close.inner
}

fn words(ui: &mut Ui, width: f32, at: usize, scenes: usize, alt: Option<&str>) {
    let t = &Tokens::DARK;
    let (rect, _) = ui.allocate_exact_size(vec2(width, WORDS), Sense::hover());
    let inner = Rect::from_min_max(pos2(rect.left(), rect.top() + 10.0), rect.max);
    ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        text::elided(ui, Type::Strong, format!("Scene {} of {scenes}", at + 1), t.on_fill);
        text::elided(ui, Type::Small, alt.unwrap_or("No alt text"), t.tx2);
    });
}
