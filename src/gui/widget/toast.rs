//! Toasts: what happened elsewhere, said once, at the bottom right.

use std::collections::VecDeque;
use std::sync::Arc;

use egui::accesskit::Live;
use egui::{
    Align, Align2, Area, Context, Frame, Galley, Id, Label, Layout, Margin, Order, Role, Sense, Ui, UiBuilder, vec2,
};

use super::{Button, IconButton, Progress, ProgressBar, paint};
use crate::gui::icon;
use crate::gui::theme::{Tokens, Tone, Type, size};

/// How long a toast stays, in seconds. Errors and works in progress stay until they are dismissed.
const LIFE: f64 = 6.0;
/// The most that are shown at a time.
const MOST: usize = 3;
const WIDTH: f32 = 340.0;
/// What is inside its margins.
const ROOM: f32 = WIDTH - 24.0;
const PROGRESS: f32 = 72.0;

/// Which toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ToastId(u64);

/// A message with at most one action, such as "Undo".
#[derive(Clone, Debug)]
pub struct Toast {
    tone: Tone,
    words: String,
    action: Option<String>,
    progress: Option<Progress>,
}

impl Toast {
    /// A message.
    pub fn new(tone: Tone, words: impl Into<String>) -> Self {
        Self {
            tone,
            words: words.into(),
            action: None,
            progress: None,
        }
    }

    /// The words of its button. A toast with a button has no cross: an error stays until its button is used.
    #[must_use]
    pub fn action(mut self, words: impl Into<String>) -> Self {
        self.action = Some(words.into());
        self
    }

    /// A work that is going on.
    #[must_use]
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = Some(progress);
        self
    }

    fn stays(&self) -> bool {
        self.tone == Tone::Err || self.progress.is_some()
    }

    /// Draws the toast alone.
    pub fn show(&self, ui: &mut Ui) -> Option<ToastChoice> {
        let t = Tokens::of(ui);
        let frame = Frame::popup(ui.style()).inner_margin(Margin {
            left: 13,
            right: 9,
            top: 8,
            bottom: 8,
        });
        frame
            .show(ui, |ui| {
                let words = self.words(ui, t);
                ui.set_width(ROOM);
                ui.set_height(words.size().y.max(size::SMALL));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| self.contents(ui, t, words))
                    .inner
            })
            .inner
    }

    /// The words on two lines at most, beside what else there is.
    fn words(&self, ui: &Ui, t: &Tokens) -> Arc<Galley> {
        let gap = ui.spacing().item_spacing.x;
        let answer = match &self.action {
            Some(action) => {
                let words = Type::Small.job(action, t.tx1, f32::INFINITY);
                ui.painter().layout_job(words).size().x + 2.0 * ui.spacing().button_padding.x
            }
            None => size::SMALL,
        };
        let progress = self.progress.map_or(0.0, |_| PROGRESS + gap);
        let room = ROOM - size::ICON - answer - progress - 3.0 * gap;
        let mut job = Type::Small.job(&self.words, t.tx1, room);
        job.wrap.max_rows = 2;
        ui.painter().layout_job(job)
    }

    fn contents(&self, ui: &mut Ui, t: &Tokens, words: Arc<Galley>) -> Option<ToastChoice> {
        let mut choice = None;
        if self.action.is_none() && ui.add(IconButton::new(icon::X, "Dismiss").small()).clicked() {
            choice = Some(ToastChoice::Dismissed);
        }
        if let Some(words) = &self.action
            && ui.add(Button::new(words).small()).clicked()
        {
            choice = Some(ToastChoice::Action);
        }
        if let Some(progress) = self.progress {
            ui.add(ProgressBar::new(&self.words, progress).width(PROGRESS));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let (at, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), Sense::hover());
            let (mark, color) = match (self.progress, self.tone) {
                (Some(Progress::Running(_)), _) => (None, t.acc_tx),
                (_, Tone::Ok) => (Some(icon::CHECK_CIRCLE), t.ok),
                (_, Tone::Warn) => (Some(icon::WARNING), t.warn_fill),
                (_, Tone::Err) => (Some(icon::X_CIRCLE), t.err),
                (_, Tone::Neutral | Tone::Accent | Tone::Public) => (Some(icon::INFO), t.acc_tx),
            };
            match mark {
                Some(mark) => _ = mark.filled().paint(ui.painter(), at.center(), size::ICON, color),
                None => paint::spinner(ui, at.center(), size::ICON, color),
            }
            let cut = words.elided;
            let label = ui.add(Label::new(words));
            if cut {
                label.on_hover_text(&self.words);
            }
        });
        choice
    }
}

/// What the user did to a toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastChoice {
    /// Clicked its action; the toast is gone.
    Action,
    /// Closed it.
    Dismissed,
}

/// The toasts of the window, the newest at the bottom.
#[derive(Debug, Default)]
pub struct Toasts {
    shown: VecDeque<(ToastId, Toast, Option<f64>)>,
    last: u64,
}

impl Toasts {
    /// Says something. When there are too many, the oldest that would go by itself goes first.
    pub fn push(&mut self, toast: Toast) -> ToastId {
        self.last += 1;
        let id = ToastId(self.last);
        self.shown.push_back((id, toast, None));
        if self.shown.len() > MOST {
            let oldest = self.shown.iter().position(|(_, toast, _)| !toast.stays()).unwrap_or(0);
            self.shown.remove(oldest);
        }
        id
    }

    /// Changes a toast that is still there, for instance its progress. A changed toast stays another six seconds.
    pub fn replace(&mut self, id: ToastId, toast: Toast) {
        if let Some(entry) = self.shown.iter_mut().find(|(other, ..)| *other == id) {
            (entry.1, entry.2) = (toast, None);
        }
    }

    /// Takes a toast away.
    pub fn dismiss(&mut self, id: ToastId) {
        self.shown.retain(|(other, ..)| *other != id);
    }

    /// They wait, unseen, and have their whole time when they are shown again: for as long as they would lie over buttons
    /// of a large question.
    pub fn wait(&mut self) {
        for (.., end) in &mut self.shown {
            *end = None;
        }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Draws all of them `margin` points from the right bottom corner, over everything; answers what was clicked.
    ///
    /// The time of a toast does not run while the pointer is over it.
    pub fn show(&mut self, ctx: &Context, margin: egui::Vec2) -> Option<(ToastId, ToastChoice)> {
        if self.shown.is_empty() {
            return None;
        }
        let now = ctx.input(|input| input.time);
        let area = Area::new(Id::unique("toasts"))
            .order(Order::Tooltip)
            .anchor(Align2::RIGHT_BOTTOM, -margin);
        let choice = area
            .show(ctx, |ui| {
                ui.spacing_mut().item_spacing.y = 8.0;
                let mut choice = None;
                for (id, toast, end) in &mut self.shown {
                    let assertive = toast.tone == Tone::Err;
                    let builder = UiBuilder::new()
                        .id_salt(id.0)
                        .accessibility_role(if assertive { Role::Alert } else { Role::Status })
                        .accessibility_label(&toast.words);
                    let drawn = ui.scope_builder(builder, |ui| toast.show(ui));
                    ui.accesskit_node_builder(drawn.response.id, |node| {
                        node.set_live(if assertive { Live::Assertive } else { Live::Polite });
                    });
                    let over = ui.rect_contains_pointer(drawn.response.rect);
                    if end.is_none() || over {
                        *end = Some(now + LIFE);
                    }
                    choice = drawn.inner.map(|choice| (*id, choice)).or(choice);
                }
                choice
            })
            .inner;
        if let Some((id, _)) = choice {
            self.dismiss(id);
        }
        self.shown
            .retain(|(_, toast, end)| toast.stays() || end.is_none_or(|end| now < end));
        let next = self
            .shown
            .iter()
            .filter(|(_, toast, _)| !toast.stays())
            .filter_map(|(.., end)| *end);
        if let Some(next) = next.reduce(f64::min) {
            ctx.request_repaint_after_secs((next - now).max(0.0) as f32);
        }
        choice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_not_pushed_out_by_good_news() {
        let mut toasts = Toasts::default();
        let error = toasts.push(Toast::new(Tone::Err, "2 of 11 objects were not deleted"));
        for i in 0..5 {
            toasts.push(Toast::new(Tone::Ok, format!("Scene {i} replaced")));
        }
        assert_eq!(toasts.shown.len(), MOST);
        assert!(toasts.shown.iter().any(|(id, ..)| *id == error));
        assert_eq!(
            toasts.shown.back().map(|(_, toast, _)| toast.words.as_str()),
            Some("Scene 4 replaced")
        );
    }

    #[test]
    fn what_waited_has_its_whole_time() {
        let ctx = Context::default();
        let mut toasts = Toasts::default();
        let pass = |toasts: &mut Toasts, time: f64, wait: bool| {
            let input = egui::RawInput {
                time: Some(time),
                ..Default::default()
            };
            let mut output = ctx.run_ui(input, |ui| match wait {
                true => toasts.wait(),
                false => _ = toasts.show(ui, vec2(16.0, 16.0)),
            });
            output.textures_delta.clear();
        };
        toasts.push(Toast::new(Tone::Ok, "Scene 3 replaced"));
        pass(&mut toasts, 1.0, false);
        pass(&mut toasts, 2.0, true);
        pass(&mut toasts, 90.0, true);
        pass(&mut toasts, 91.0, false);
        pass(&mut toasts, 91.0 + LIFE - 1.0, false);
        assert!(!toasts.is_empty());
        pass(&mut toasts, 91.0 + LIFE + 1.0, false);
        assert!(toasts.is_empty());
    }
}
