//! The transfers, over the bottom right corner of the content: what moves, how fast, what holds it up, how it ended.

mod item;
mod job;

use std::sync::Arc;

use egui::{Align, Area, Id, Layout, Order, Pos2, Rect, ScrollArea, Ui, UiBuilder, vec2};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{Button, EmptyState, IconButton, frame, text};
use crate::media::format_bytes;
use crate::service::{Moving, Wish};
use crate::transfer::{JobState, Target};

/// Its width.
const WIDTH: f32 = 392.0;
/// Of its head and its foot.
const BAR: f32 = 40.0;
/// Rows are seen at most so high; more scroll.
const ROWS: f32 = 300.0;
/// From the right and the lower edge of the content.
const MARGIN: egui::Vec2 = vec2(16.0, 12.0);

/// What is known of transfers, and whether they are shown.
#[derive(Default)]
pub struct Transfers {
    /// Whether they are shown.
    pub open: bool,
    /// What is known.
    pub moving: Arc<Moving>,
}

impl Transfers {
    /// Shows or hides them.
    pub fn toggle(&mut self) {
        self.open = !self.open;
    }
}

/// Draws it over `content`, above what is docked to its lower edge. Answers whether it was closed.
pub fn show(ui: &Ui, content: Rect, moving: &Moving, actions: &mut Vec<Action>) -> bool {
    let corner = content.right_bottom() - MARGIN;
    let mut closed = false;
    Area::new(Id::unique("transfers"))
        .order(Order::Foreground)
        .pivot(egui::Align2::RIGHT_BOTTOM)
        .fixed_pos(corner)
        .constrain(false)
        .show(ui, |ui| {
            frame::popover(ui).show(ui, |ui| {
                ui.set_width(WIDTH);
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                closed = head(ui, moving, actions);
                frame::hairline(ui);
                rows(ui, moving, room(content, corner), actions);
                if let Some(words) = &moving.held_up_by {
                    frame::hairline(ui);
                    foot(ui, words, moving);
                }
            });
        });
    closed
}

/// What is left for the rows in a low window.
fn room(content: Rect, corner: Pos2) -> f32 {
    (corner.y - content.top() - 2.0 * BAR - MARGIN.y).clamp(60.0, ROWS)
}

fn head(ui: &mut Ui, moving: &Moving, actions: &mut Vec<Action>) -> bool {
    let t = Tokens::of(ui);
    let mut closed = false;
    bar(ui, |ui| {
        text::label(ui, Type::Head, "Transfers", t.tx1);
        let (mut done, mut items) = (0, 0);
        for job in moving.jobs.iter().map(|moving| &moving.job) {
            done += job.counts.items - job.counts.waiting - job.counts.running;
            items += job.counts.items;
        }
        if items > 0 {
            let mut words = format!("{done} of {items} done");
            if moving.bytes_per_second > 0 {
                words.push_str(&format!(" · {}/s", format_bytes(moving.bytes_per_second)));
            }
            text::label(ui, Type::Small, words, t.tx2);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            closed = ui
                .add(IconButton::new(icon::CARET_DOWN, "Close transfers").small())
                .clicked();
            let any = |state| moving.jobs.iter().any(|moving| moving.job.state == state);
            let all = if any(JobState::Running) || any(JobState::Waiting) {
                Some(("Pause all", Wish::Pause))
            } else {
                any(JobState::Paused).then_some(("Resume all", Wish::Resume))
            };
            if let Some((words, wish)) = all
                && ui.add(Button::ghost(words).small()).clicked()
            {
                actions.push(Action::Wish(Target::Everything, wish));
            }
        });
    });
    closed
}

fn rows(ui: &mut Ui, moving: &Moving, most: f32, actions: &mut Vec<Action>) {
    if moving.jobs.is_empty() {
        EmptyState::new(
            icon::ARROWS_DOWN_UP,
            "Nothing is moving",
            "Finished transfers stay for 7 days",
        )
        .height(140.0)
        .show(ui);
        return;
    }
    ScrollArea::vertical().max_height(most).show(ui, |ui| {
        for (at, one) in moving.jobs.iter().enumerate() {
            if at > 0 {
                frame::hairline(ui);
            }
            job::show(ui, one, actions);
        }
    });
}

fn foot(ui: &mut Ui, words: &str, moving: &Moving) {
    let t = Tokens::of(ui);
    bar(ui, |ui| {
        let (mark, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), egui::Sense::hover());
        icon::GAUGE.paint(ui.painter(), mark.center(), size::ICON, t.tx3);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let queued: u64 = moving.jobs.iter().map(|moving| moving.job.counts.waiting).sum();
            if queued > 0 {
                text::label(ui, Type::Small, format!("{queued} queued"), t.tx2);
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
