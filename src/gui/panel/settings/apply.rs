//! From the settings to egui, and back for what egui's own keys change.

use egui::style::ScrollAnimation;
use egui::{Context, ThemePreference};

use super::state::{Settings, Theme, ZOOM};
use crate::gui::theme::motion;

impl Settings {
    /// Makes the window look as the settings say. Call at the start and after a change.
    pub fn apply(&self, ctx: &Context) {
        ctx.set_theme(match self.theme {
            Theme::System => ThemePreference::System,
            Theme::Dark => ThemePreference::Dark,
            Theme::Light => ThemePreference::Light,
        });
        ctx.set_zoom_factor(self.zoom_percent() as f32 / 100.0);
        let (time, scroll) = if self.reduced_motion {
            (0.0, ScrollAnimation::none())
        } else {
            (motion::OPEN, ScrollAnimation::duration(motion::SCROLL))
        };
        ctx.all_styles_mut(|style| {
            style.animation_time = time;
            style.scroll_animation = scroll;
        });
    }

    /// Takes over the zoom that egui's own keys (Ctrl +, Ctrl −, Ctrl 0) have set, within the range. Call every frame,
    /// before anything is drawn: a zoom that was set in a frame is egui's only in the next one.
    pub fn follow(&mut self, ctx: &Context) {
        let percent = (ctx.zoom_factor() * 100.0).round() as u32;
        if percent == self.zoom {
            return;
        }
        self.zoom = percent.clamp(*ZOOM.start(), *ZOOM.end());
        if self.zoom != percent {
            ctx.set_zoom_factor(self.zoom as f32 / 100.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::{Event, Key, Modifiers, RawInput};

    use super::*;
    use crate::gui::theme;

    /// One frame with the keys pressed.
    fn frame(ctx: &Context, settings: &mut Settings, keys: &[Key]) {
        let events = keys.iter().map(|key| Event::Key {
            key: *key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::COMMAND,
        });
        let input = RawInput {
            events: events.collect(),
            ..RawInput::default()
        };
        ctx.run_ui(input, |ui| settings.follow(ui)).textures_delta.clear();
    }

    #[test]
    fn reduced_motion_stops_what_moves_in_both_themes() {
        let ctx = Context::default();
        theme::install(&ctx);
        let mut settings = Settings {
            reduced_motion: true,
            ..Settings::default()
        };
        settings.apply(&ctx);
        for look in [egui::Theme::Dark, egui::Theme::Light] {
            assert_eq!(ctx.style_of(look).animation_time, 0.0);
        }
        settings.reduced_motion = false;
        settings.apply(&ctx);
        assert_eq!(ctx.style_of(egui::Theme::Light).animation_time, motion::OPEN);
    }

    #[test]
    fn the_zoom_follows_the_keys_and_stays_in_its_range() {
        let ctx = Context::default();
        let mut settings = Settings::default();
        settings.apply(&ctx);
        frame(&ctx, &mut settings, &[Key::Plus]);
        frame(&ctx, &mut settings, &[]);
        assert_eq!(settings.zoom, 110);
        for _ in 0..8 {
            frame(&ctx, &mut settings, &[Key::Minus]);
        }
        frame(&ctx, &mut settings, &[]);
        frame(&ctx, &mut settings, &[]);
        assert_eq!(settings.zoom, 80);
        assert_eq!(ctx.zoom_factor(), 0.8);
    }
}
