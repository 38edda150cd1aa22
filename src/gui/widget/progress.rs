//! Progress: bars, rings, the spinner, skeletons.

use egui::{Color32, Rect, Response, Role, Sense, Stroke, Ui, Widget, WidgetInfo, pos2, vec2};

use super::paint;
use crate::gui::theme::{Tokens, Tone, Type, motion, radius};

/// How far a work is, and how it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// Running; `None` while the total is unknown.
    Running(Option<f32>),
    /// Stopped by the user.
    Paused(f32),
    /// Waiting to try again.
    Retrying(f32),
    /// Stopped by an error.
    Failed(f32),
    /// Done and proven.
    Done,
}

impl Progress {
    /// The share that is done, from 0 to 1; `None` while the total is unknown.
    pub fn share(self) -> Option<f32> {
        match self {
            Self::Running(share) => share.map(|share| share.clamp(0.0, 1.0)),
            Self::Paused(share) | Self::Retrying(share) | Self::Failed(share) => Some(share.clamp(0.0, 1.0)),
            Self::Done => Some(1.0),
        }
    }

    fn color(self, t: &Tokens) -> Color32 {
        match self {
            Self::Running(_) => t.acc_tx,
            Self::Paused(_) => t.tx3,
            Self::Retrying(_) => t.tone(Tone::Warn).fill,
            Self::Failed(_) => t.err,
            Self::Done => t.ok,
        }
    }
}

/// A bar: `ui.add(ProgressBar::new("Upload", Progress::Running(Some(0.62))).width(120.0))`.
#[must_use = "add it with `ui.add(bar)`"]
pub struct ProgressBar<'a> {
    name: &'a str,
    progress: Progress,
    width: Option<f32>,
    height: f32,
}

impl<'a> ProgressBar<'a> {
    /// A bar four points tall; `name` is for assistive technology.
    pub fn new(name: &'a str, progress: Progress) -> Self {
        Self {
            name,
            progress,
            width: None,
            height: 4.0,
        }
    }

    /// Width in points; without it, the bar takes what is available.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Two points tall, for the edge of a row.
    pub fn thin(mut self) -> Self {
        self.height = 2.0;
        self
    }
}

impl Widget for ProgressBar<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = Tokens::of(ui);
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let (rect, response) = ui.allocate_exact_size(vec2(width, self.height), Sense::hover());
        let share = self.progress.share();
        response.widget_info(|| WidgetInfo {
            label: Some(self.name.to_owned()),
            value: share.map(|share| f64::from((share * 100.0).floor())),
            ..WidgetInfo::new(Role::ProgressIndicator)
        });
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let corner = self.height * 0.5;
        ui.painter().rect_filled(rect, corner, t.bg4);
        let done = match share {
            Some(share) => Rect::from_min_size(rect.min, vec2(width * share, self.height)),
            None => sliding_block(ui, rect),
        };
        if done.width() > 0.0 {
            ui.painter().rect_filled(done, corner, self.progress.color(t));
        }
        response
    }
}

/// Where the block of a bar without a total is: 30 % of the bar, from left to right in 1.4 seconds.
fn sliding_block(ui: &Ui, rect: Rect) -> Rect {
    let along = if motion::reduced(ui) {
        0.5
    } else {
        ui.request_repaint();
        (ui.input(|input| input.time) / 1.4).fract() as f32
    };
    let block = rect.width() * 0.3;
    let left = rect.left() - block + (rect.width() + block) * along;
    Rect::from_min_size(pos2(left, rect.top()), vec2(block, rect.height())).intersect(rect)
}

/// A ring, `diameter` wide, with words in its middle (such as "0:14"; empty for none).
pub fn progress_ring(ui: &mut Ui, name: &str, diameter: f32, progress: Progress, words: &str) -> Response {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(diameter, diameter), Sense::hover());
    response.widget_info(|| WidgetInfo {
        label: Some(name.to_owned()),
        value: progress.share().map(|share| f64::from((share * 100.0).floor())),
        ..WidgetInfo::new(Role::ProgressIndicator)
    });
    if ui.is_rect_visible(rect) {
        paint_ring(ui, rect, progress, words, [t.bg4, progress.color(t), t.tx1]);
    }
    response
}

/// Paints a ring into `rect` in the colours of track, share and words.
pub(super) fn paint_ring(ui: &Ui, rect: Rect, progress: Progress, words: &str, [track, done, text]: [Color32; 3]) {
    let width = if rect.width() >= 40.0 { 4.0 } else { 3.0 };
    let ring = rect.width() * 0.5 - width * 0.5;
    ui.painter()
        .circle_stroke(rect.center(), ring, Stroke::new(width, track));
    match progress.share() {
        Some(share) => paint::arc(ui.painter(), rect.center(), ring, 0.0, share, Stroke::new(width, done)),
        None => {
            let turn = if motion::reduced(ui) {
                0.0
            } else {
                ui.request_repaint();
                ui.input(|input| input.time).fract() as f32
            };
            paint::arc(ui.painter(), rect.center(), ring, turn, 0.3, Stroke::new(width, done));
        }
    }
    if !words.is_empty() {
        let galley = paint::whole_line(ui, Type::Mono, words, text);
        paint::galley_center(ui.painter(), rect, galley, text);
    }
}

/// A spinner of 16 points in the accent; `name` says what is awaited.
pub fn spinner(ui: &mut Ui, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, ui.is_enabled(), name));
    paint::spinner(ui, rect.center(), 16.0, Tokens::of(ui).acc_tx);
    response
}

/// A grey block where something will be.
pub fn skeleton(ui: &mut Ui, size: egui::Vec2) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect_filled(rect, radius::BADGE, Tokens::of(ui).bg3);
    response
}

/// Whether a load that began at `since` (of `ui.input(|i| i.time)`) has lasted long enough to show skeletons: 150 ms.
/// Asks for the frame in which it will have.
pub fn skeleton_due(ui: &Ui, since: f64) -> bool {
    let left = 0.15 - (ui.input(|input| input.time) - since);
    if left > 0.0 {
        ui.request_repaint_after_secs(left as f32);
    }
    left <= 0.0
}

/// Asks for a frame when a clock or countdown that is on the screen has to change.
pub fn tick(ui: &Ui) {
    ui.request_repaint_after_secs(motion::TICK);
}
