//! What the tests of the window share: a harness with our theme, and a renderer that needs no GPU.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub mod dropped;
pub mod noise;
pub mod picker;
pub mod project;
pub mod provider;
mod renderer;
pub mod story_rows;
pub mod studio;

use egui::{Context, Event, Modifiers, PointerButton, Pos2, Rect, Theme, Ui, Vec2};
use egui_kittest::{Harness, HarnessBuilder};
use storymimi_studio::gui::theme;

pub use renderer::SoftRenderer;

/// A harness of `size` points with our theme installed, drawn on the CPU.
///
/// Accessible names and missing glyphs are checked; motion is off, as for a user who asked for no motion.
pub fn builder<State>(size: impl Into<Vec2>, look: Theme) -> HarnessBuilder<State> {
    HarnessBuilder::default()
        .with_size(size)
        .with_theme(look)
        .with_render_cursor(false)
        .with_context_setup(|ctx: &Context| theme::install(ctx))
        .renderer(SoftRenderer::default())
}

/// A harness around one function that draws.
pub fn harness<'a>(size: impl Into<Vec2>, look: Theme, ui: impl FnMut(&mut Ui) + 'a) -> Harness<'a> {
    builder(size, look).build_ui(ui)
}

/// Clicks that hit what they mean.
pub trait Click {
    /// Clicks in the middle of a place, after whatever was pressed before. Found and clicked within one frame: what is under a pointer
    /// is what the frame before has drawn, so nothing that comes to the window meanwhile can move it away.
    fn click(&mut self, place: impl FnOnce(&Self) -> Rect);

    /// The same with the other button.
    fn click_secondary(&mut self, place: impl FnOnce(&Self) -> Rect);
}

impl<State> Click for Harness<'_, State> {
    fn click(&mut self, place: impl FnOnce(&Self) -> Rect) {
        self.step();
        let place = place(self).center();
        click_at(self, place, PointerButton::Primary);
    }

    fn click_secondary(&mut self, place: impl FnOnce(&Self) -> Rect) {
        self.step();
        let place = place(self).center();
        click_at(self, place, PointerButton::Secondary);
    }
}

fn click_at<State>(harness: &mut Harness<'_, State>, pos: Pos2, button: PointerButton) {
    let pressed = |pressed| Event::PointerButton {
        pos,
        button,
        pressed,
        modifiers: Modifiers::NONE,
    };
    let click = [Event::PointerMoved(pos), pressed(true), pressed(false)];
    harness.input_mut().events.extend(click);
    harness.step();
}
