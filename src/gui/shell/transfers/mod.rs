//! The transfers, over the bottom right corner of the content: what moves, how fast, what holds it up, how it ended.

mod item;
mod job;
mod limits;
mod lines;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use egui::load::SizedTexture;
use egui::{Align, Align2, Area, Id, Key, Layout, Modifiers, Order, Pos2, Rect, ScrollArea, Ui, UiBuilder, Vec2, vec2};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{Button, EmptyState, IconButton, frame, spinner, text};
use crate::media::{format_bytes, group_thousands};
use crate::service::{Moving, MovingJob, PictureAt, Wish};
use crate::transfer::{JobId, JobState, Limits, Target};
use lines::Line;

/// Its width.
const WIDTH: f32 = 392.0;
/// Of its head and its foot.
const BAR: f32 = 40.0;
/// Every row has this height, so that only those in view are drawn.
const ROW: f32 = 54.0;
/// Rows are seen at most so high; more scroll.
const ROWS: f32 = 5.0 * ROW;
/// From the right and the lower edge of the content.
const MARGIN: Vec2 = vec2(16.0, 12.0);
/// A job of fewer bytes says how long a request takes, and not how much goes through.
const TELLING: u64 = 1024 * 1024;

/// What is known of transfers, and whether they are shown.
#[derive(Default)]
pub struct Transfers {
    /// Whether they are shown.
    pub open: bool,
    /// What is known; nothing before the first news.
    moving: Option<Arc<Moving>>,
    /// Plans that are being made.
    planning: usize,
    /// Bytes a second when something large enough moved last.
    speed: Option<u64>,
    /// Jobs whose items were opened or closed by hand.
    opened: HashMap<JobId, bool>,
    /// Where they were drawn in this frame.
    at: Option<Rect>,
}

impl Transfers {
    /// Shows or hides them.
    pub fn toggle(&mut self) {
        self.open = !self.open;
    }

    /// Takes in how they are; gives back how they were, if that is known.
    pub fn take(&mut self, moving: &Arc<Moving>) -> Option<Arc<Moving>> {
        let tells = |one: &MovingJob| one.bytes_per_second > 0 && one.job.counts.bytes >= TELLING;
        if moving.jobs.iter().any(tells) {
            self.speed = Some(moving.bytes_per_second);
        }
        self.moving.replace(Arc::clone(moving))
    }

    /// How they are.
    #[must_use]
    pub fn moving(&self) -> Arc<Moving> {
        self.moving.clone().unwrap_or_default()
    }

    /// Bytes a second that went through when something moved last that was large enough to tell.
    #[must_use]
    pub fn usual_speed(&self) -> Option<u64> {
        self.speed
    }

    /// A plan is being made.
    pub fn planning(&mut self) {
        self.planning += 1;
    }

    /// A plan was made, or was not.
    pub fn planned(&mut self) {
        self.planning = self.planning.saturating_sub(1);
    }

    /// Esc closes them, if nothing lies over them and nothing is being typed.
    pub fn close_with_escape(&mut self, ui: &Ui) {
        let covered = ui.memory(|memory| memory.top_modal_layer().is_some()) || egui::Popup::is_any_open(ui);
        if self.open
            && !covered
            && !ui.text_edit_focused()
            && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
        {
            self.open = false;
        }
    }

    /// How far from the lower right corner of the window toasts are to begin, so that they do not lie over the transfers.
    #[must_use]
    pub fn room_for_toasts(&self, window: Rect, margin: Vec2) -> Vec2 {
        const TOAST: f32 = 340.0;
        match self.at {
            Some(at) if at.right() > window.right() - margin.x - TOAST => {
                vec2(margin.x, margin.y.max(window.bottom() - at.top() + space::CONTROL))
            }
            _ => margin,
        }
    }
}

/// What is known besides the transfers themselves.
pub struct Around<'a> {
    /// What the engine keeps to.
    pub limits: Limits,
    /// A small picture of a file of this machine, once it is there.
    pub thumb: &'a mut dyn FnMut(&Ui, &Path) -> Option<SizedTexture>,
    /// A small picture of an object, once it is there.
    pub picture: &'a mut dyn FnMut(&Ui, &PictureAt) -> Option<SizedTexture>,
}

/// Draws them over `content`, above what is docked to its lower edge, if they are shown.
pub fn show(ui: &Ui, content: Rect, transfers: &mut Transfers, around: &mut Around<'_>, actions: &mut Vec<Action>) {
    transfers.at = None;
    if !transfers.open {
        return;
    }
    let moving = transfers.moving();
    let corner = content.right_bottom() - MARGIN;
    let area = Area::new(Id::unique("transfers"))
        // Menus and questions lie over it.
        .order(Order::Middle)
        .pivot(Align2::RIGHT_BOTTOM)
        .fixed_pos(corner)
        .constrain(false)
        .show(ui, |ui| {
            frame::popover(ui).show(ui, |ui| {
                ui.set_width(WIDTH);
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                head(ui, transfers, &moving, around.limits, actions);
                frame::hairline(ui);
                rows(ui, transfers, &moving, room(content, corner), around, actions);
                foot(ui, &moving);
            });
        });
    transfers.at = Some(area.response.rect);
}

/// What is left for the rows in a low window.
fn room(content: Rect, corner: Pos2) -> f32 {
    (corner.y - content.top() - 2.0 * BAR - MARGIN.y).clamp(ROW, ROWS)
}

fn head(ui: &mut Ui, transfers: &mut Transfers, moving: &Moving, limits: Limits, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    bar(ui, |ui| {
        text::label(ui, Type::Head, "Transfers", t.tx1);
        let words = lines::progress(moving);
        let any = |state| moving.jobs.iter().any(|moving| moving.job.state == state);
        let all = if any(JobState::Running) || any(JobState::Waiting) {
            Some(("Pause all", Wish::Pause))
        } else {
            any(JobState::Paused).then_some(("Resume all", Wish::Resume))
        };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = IconButton::new(icon::CARET_DOWN, "Close transfers")
                .small()
                .key("Ctrl T");
            if ui.add(close).clicked() {
                transfers.open = false;
            }
            limits::show(ui, limits, actions);
            if let Some((words, wish)) = all
                && ui.add(Button::ghost(words).small()).clicked()
            {
                actions.push(Action::Wish(Target::Everything, wish));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if let Some(words) = words {
                    text::facts(ui, Type::Small, &words, t.tx2);
                }
            });
        });
    });
}

fn rows(
    ui: &mut Ui,
    transfers: &mut Transfers,
    moving: &Moving,
    most: f32,
    around: &mut Around<'_>,
    actions: &mut Vec<Action>,
) {
    let lines = lines::lines(moving, transfers.planning > 0, &transfers.opened);
    if lines.is_empty() {
        EmptyState::new(
            icon::ARROWS_DOWN_UP,
            "Nothing is moving",
            "Finished transfers stay for 7 days",
        )
        .height(140.0)
        .show(ui);
        return;
    }
    let t = Tokens::of(ui);
    let area = ScrollArea::vertical()
        .max_height(most)
        .min_scrolled_height(most)
        .auto_shrink([false, true]);
    area.show_rows(ui, ROW, lines.len(), |ui, range| {
        let first = range.start;
        for (at, line) in lines[range].iter().enumerate() {
            let top = ui.cursor().min;
            match *line {
                Line::Planning => planning(ui),
                Line::Job { job, open } => {
                    if job::show(ui, &moving.jobs[job], open, lines::is_last(moving, job), actions) {
                        transfers.opened.insert(moving.jobs[job].job.id, !open);
                    }
                }
                Line::Item { job, item } => {
                    let of = &moving.jobs[job];
                    item::show(ui, moving, of, &of.items[item], around, actions);
                }
            }
            if line.begins_a_job() && first + at > 0 {
                let stroke = egui::Stroke::new(1.0, t.line);
                ui.painter().hline(top.x..=top.x + WIDTH, top.y.round() + 0.5, stroke);
            }
        }
    });
}

fn planning(ui: &mut Ui) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH, ROW), egui::Sense::hover());
    let layout = Layout::left_to_right(Align::Center);
    let inside = rect.shrink2(vec2(20.0, 0.0));
    ui.scope_builder(UiBuilder::new().max_rect(inside).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = space::PANEL;
        spinner(ui, "Planning");
        text::label(ui, Type::Small, "Looking at what is to be done", t.tx2);
    });
}

fn foot(ui: &mut Ui, moving: &Moving) {
    let queued = lines::queued(moving);
    let words = match &moving.held_up_by {
        Some(words) => words.as_str(),
        None if queued > 0 => "Begins in a moment",
        None => return,
    };
    frame::hairline(ui);
    let t = Tokens::of(ui);
    bar(ui, |ui| {
        let (mark, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), egui::Sense::hover());
        let (icon, color) = if moving.server_waited_for.is_some() {
            (icon::HOURGLASS_MEDIUM, t.warn)
        } else {
            (icon::GAUGE, t.tx3)
        };
        icon.paint(ui.painter(), mark.center(), size::ICON, color);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if queued > 0 {
                text::label(ui, Type::Small, format!("{} queued", group_thousands(queued)), t.acc_tx);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::elided(ui, Type::Small, words, t.tx2);
            });
        });
    });
}

fn bar(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH, BAR), egui::Sense::hover());
    let inside = rect.shrink2(vec2(12.0, 0.0));
    let layout = Layout::left_to_right(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(inside).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = space::CONTROL;
        contents(ui);
    });
}

/// "3.4 MB/s".
#[must_use]
pub fn speed(bytes_per_second: u64) -> String {
    format!("{}/s", format_bytes(bytes_per_second))
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    #[test]
    fn toasts_keep_clear_of_the_transfers() {
        let window = Rect::from_min_size(Pos2::ZERO, vec2(1440.0, 900.0));
        let margin = vec2(16.0, 40.0);
        let mut transfers = Transfers::default();
        assert_eq!(transfers.room_for_toasts(window, margin), margin);
        // Beside an inspector.
        transfers.at = Some(Rect::from_min_max(pos2(690.0, 480.0), pos2(1084.0, 820.0)));
        assert_eq!(transfers.room_for_toasts(window, margin), margin);
        // In the corner of the window.
        transfers.at = Some(Rect::from_min_max(pos2(1030.0, 480.0), pos2(1424.0, 820.0)));
        assert_eq!(transfers.room_for_toasts(window, margin), vec2(16.0, 428.0));
    }
}
