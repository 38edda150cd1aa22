//! Admin mode as time passes.

use std::time::Duration;

use egui::Context;

use crate::gui::app::App;
use crate::service::AdminState;

impl App {
    /// The time between the shown countdown and its next change; asks for that frame alone.
    pub(in crate::gui::app) fn watch_admin(&mut self, ctx: &Context) {
        let admin = self.service.admin();
        let works = ctx.input(|input| {
            input.events.iter().any(|event| {
                matches!(
                    event,
                    egui::Event::Key { pressed: true, .. }
                        | egui::Event::PointerButton { .. }
                        | egui::Event::MouseWheel { .. }
                        | egui::Event::Text(_)
                )
            })
        });
        if works {
            admin.touch();
        }
        if let AdminState::Unlocked { locks_in } = admin.state() {
            ctx.request_repaint_after(next_change(locks_in));
        }
    }
}

/// How long the countdown stays as it is shown: to the next minute, in the last one to the next second.
fn next_change(left: Duration) -> Duration {
    let step = if left > Duration::from_secs(60) { 60 } else { 1 };
    let past = Duration::from_nanos(1_000_000_000 * (left.as_secs() % step) + u64::from(left.subsec_nanos()));
    past + Duration::from_millis(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countdown_asks_for_a_frame_when_it_changes_and_for_none_between() {
        let next = |millis| next_change(Duration::from_millis(millis)).as_millis();
        assert_eq!(next(14 * 60_000 + 30_000), 30_005);
        assert_eq!(next(15 * 60_000), 5);
        assert_eq!(next(42_500), 505);
    }
}
