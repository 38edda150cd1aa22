//! Draws a review over the window.

mod head;
mod options;
mod row;

use std::cell::RefCell;

use egui::{
    Align, Color32, Context, Key, KeyboardShortcut, Layout, Modifiers, Rect, Sense, Stroke, Ui, UiBuilder, pos2, vec2,
};

use super::state::Review;
use super::thumbs::Thumbs;
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{Button, ModalFrame, modal, paint, text};
use crate::gui::words;
use crate::media::format_bytes;
use crate::service::Service;

/// Its size at most, and what is left free around it.
const SIZE: egui::Vec2 = vec2(1160.0, 744.0);
const AROUND: egui::Vec2 = vec2(120.0, 80.0);
/// Of head and foot.
const BARS: f32 = 56.0 + 60.0;
/// Width of the options at the right.
const OPTIONS: f32 = 292.0;

/// What a view is given besides the review.
pub struct Around<'a> {
    /// The workspace's work.
    pub service: &'a Service,
    /// Small pictures of files.
    pub thumbs: &'a mut Thumbs,
    /// Why nothing can be replaced.
    pub why_locked: Option<&'static str>,
    /// Bytes a second that went through lately, if any did.
    pub speed: Option<u64>,
}

/// What was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing.
    Nothing,
    /// That more files are chosen.
    More,
    /// That it is closed, and nothing done.
    Close,
}

/// Draws the review.
pub fn show(ctx: &Context, review: &mut Review, around: &mut Around<'_>) -> Asked {
    let window = ctx.content_rect().size();
    let room = SIZE.min(window - AROUND).max(vec2(480.0, 320.0));
    let counts = review.sheet.counts();
    let title = if counts.all == 0 {
        "Review before uploading".to_owned()
    } else {
        format!("Review {} before uploading", words::count(counts.all, "file", "files"))
    };
    let modal = ModalFrame::new("upload review", &title)
        .caption("Nothing is sent until you start. Drop more files here to add them")
        .width(room.x)
        .body_margin(0.0)
        .head_button(icon::PLUS, "Add files…")
        .stays();
    let id = modal.id();
    // Before anything is drawn: egui takes Enter for a click on what has focus.
    let keys = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);
    let wants_start = ctx.input_mut(|input| input.consume_shortcut(&keys));
    // The body is drawn before the foot.
    let shared = RefCell::new((review, around));
    let answer = modal.show(
        ctx,
        |ui| {
            let (review, around) = &mut *shared.borrow_mut();
            body(ui, vec2(room.x, room.y - BARS), review, around);
        },
        |ui| {
            let (review, around) = &mut *shared.borrow_mut();
            foot(ui, review, around)
        },
    );
    let (review, around) = shared.into_inner();
    if let Some(wait) = review.asks_in() {
        ctx.request_repaint_after(wait);
    }
    if wants_start {
        review.start(around.service);
    }
    if answer.head_clicked {
        Asked::More
    } else if answer.closed || answer.footer {
        modal::return_focus(ctx, id);
        Asked::Close
    } else {
        Asked::Nothing
    }
}

fn body(ui: &mut Ui, size: egui::Vec2, review: &mut Review, around: &mut Around<'_>) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let middle = rect.right() - OPTIONS;
    let left = Rect::from_min_max(rect.min, pos2(middle, rect.bottom()));
    let right = Rect::from_min_max(pos2(middle, rect.top()), rect.max);
    ui.painter().rect_filled(right, 0, t.bg1);
    ui.painter()
        .vline(middle + 0.5, rect.y_range(), Stroke::new(1.0, t.line));
    let down = Layout::top_down(Align::Min);
    ui.scope_builder(UiBuilder::new().max_rect(left).layout(down), |ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        ui.shrink_clip_rect(left);
        head::show(ui, review);
        row::all(ui, review, around);
    });
    let inside = right.with_min_x(middle + 1.0);
    ui.scope_builder(UiBuilder::new().max_rect(inside).layout(down), |ui| {
        ui.shrink_clip_rect(right);
        options::show(ui, review, around);
    });
}

/// From right to left. Answers whether it is to be closed.
fn foot(ui: &mut Ui, review: &mut Review, around: &mut Around<'_>) -> bool {
    let t = Tokens::of(ui);
    let why_not = review.why_not();
    let start = Button::primary("Start upload")
        .large()
        .icon(icon::UPLOAD_SIMPLE)
        .busy(review.is_starting())
        .tip("Ctrl Enter")
        .disabled_because(why_not.as_deref());
    if ui.add(start).clicked() {
        review.start(around.service);
    }
    let close = ui.add(Button::new("Cancel").large()).clicked();
    let conversions = review.conversions();
    if conversions > 0 {
        ui.add_space(space::CONTROL);
        let many = words::count(conversions, "file is", "files are");
        text::label(ui, Type::Caption, format!("{many} made anew on this computer"), t.tx2);
    }
    let room = ui.available_rect_before_wrap();
    let room = room.with_min_x(room.left() + row::MARGIN - space::PANEL);
    let second = second_line(t, review, why_not.as_deref());
    let height = if second.is_some() { 36.0 } else { 18.0 };
    let lines = Rect::from_center_size(room.center(), vec2(room.width(), height));
    paint::inside(ui, lines, Layout::top_down(Align::Min), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        text::elided(ui, Type::SmallStrong, summary(review, around.speed), t.tx1);
        let Some((mark, color, words)) = second else { return };
        text::line(ui, 14.0, |ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            let (at, _) = ui.allocate_exact_size(vec2(size::ICON_BADGE, size::ICON_BADGE), Sense::hover());
            mark.paint(ui.painter(), at.center(), size::ICON_BADGE, color);
            text::elided(ui, Type::Caption, words, color);
        });
    });
    close
}

/// "9 of 12 will upload, 6.0 MB, about 5 s".
fn summary(review: &Review, speed: Option<u64>) -> String {
    let counts = review.sheet.counts();
    if counts.all == 0 {
        return "No files yet".to_owned();
    }
    let mut text = format!(
        "{} of {} will upload, {}",
        words::grouped(counts.uploads()),
        words::grouped(counts.all),
        format_bytes(counts.bytes)
    );
    if let Some(speed) = speed.filter(|speed| *speed > 0 && counts.bytes > 0) {
        let seconds = counts.bytes.div_ceil(speed);
        text.push_str(", about ");
        text.push_str(&match seconds {
            0..=59 => format!("{} s", seconds.max(1)),
            60..=3599 => format!("{} min", seconds.div_ceil(60)),
            _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        });
    }
    text
}

/// What blocks it, or what happened.
fn second_line(t: &Tokens, review: &Review, why_not: Option<&str>) -> Option<(Icon, Color32, String)> {
    if let Some(problem) = &review.problem {
        return Some((icon::X_CIRCLE.filled(), t.err, problem.sentences()));
    }
    if review.changed > 0 {
        let many = words::count(review.changed, "file was", "files were");
        let words = format!("{many} changed just now and looked at again; start once more");
        return Some((icon::WARNING.filled(), t.warn, words));
    }
    let why_not = why_not?.to_owned();
    if review.sheet.counts().needs_choice > 0 || review.options.folder_problem().is_some() {
        Some((icon::X_CIRCLE.filled(), t.err, why_not))
    } else {
        Some((icon::INFO, t.tx2, why_not))
    }
}
