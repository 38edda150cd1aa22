//! The bar below the scenes while pictures are made in batches, and until somebody has seen that not all were.

use egui::{Align, Frame, Layout, Margin, Panel, Stroke, Ui};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, State, has_failed, progress_words, share};
use crate::gui::theme::{Tokens, Type, size};
use crate::gui::widget::{Button, IconButton, Progress, ProgressBar, text};
use crate::gui::words::count;
use crate::story::{Batch, BatchState, BatchWish};

/// Draws the bar, if there is something to tell.
pub(in crate::gui::panel::stories::view) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(batch) = state.batches.shown().cloned() else {
        return;
    };
    let t = Tokens::of(ui);
    let margin = Margin {
        left: 20,
        right: 12,
        top: 5,
        bottom: 5,
    };
    let frame = Frame::NONE.fill(t.bg2).inner_margin(margin);
    let panel = Panel::bottom("story-batches")
        .resizable(false)
        .show_separator_line(false);
    let shown = panel.frame(frame).show(ui, |ui| row(ui, state, context, &batch));
    let rect = shown.response.rect;
    ui.painter()
        .hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t.line));
}

fn row(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, batch: &Batch) {
    let t = Tokens::of(ui);
    let more = state.batches.open().saturating_sub(usize::from(!batch.is_over()));
    ui.horizontal(|ui| {
        ui.set_height(size::CONTROL);
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.add(ProgressBar::new("Batch", progress(batch)).width(72.0));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            if batch.is_over() && ui.add(IconButton::new(icon::X, "Dismiss this batch")).clicked() {
                state.batches.dismiss(batch.id);
            }
            let words = match more {
                0 => "All batches".to_owned(),
                more => format!("All batches, {more} more"),
            };
            if ui.add(IconButton::new(icon::QUEUE, &words)).clicked() {
                state.batches.listed = true;
            }
            buttons(ui, batch, context);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::label(ui, Type::SmallStrong, batch.title.as_str(), t.tx1);
                let mut words = facts(batch, batch.waiting.as_deref());
                if more > 0 {
                    words = format!("{words} · {}", count(more, "more batch", "more batches"));
                }
                let color = match (batch.is_over(), &batch.waiting) {
                    (true, _) => t.err,
                    (false, Some(_)) => t.warn,
                    (false, None) => t.tx2,
                };
                text::elided(ui, Type::Small, words, color);
            });
        });
    });
}

/// How far it is, as a bar shows it.
pub(super) fn progress(batch: &Batch) -> Progress {
    match batch.state {
        BatchState::Paused | BatchState::Held | BatchState::Waiting | BatchState::Cancelling => {
            Progress::Paused(share(batch))
        }
        BatchState::Running => Progress::Running(Some(share(batch))),
        BatchState::Ended if has_failed(batch) => Progress::Failed(share(batch)),
        BatchState::Ended => Progress::Done,
    }
}

/// What is told of a batch beside its title: how far, what it costs, how long, and why it waits.
pub(super) fn facts(batch: &Batch, waiting: Option<&str>) -> String {
    let mut words = vec![progress_words(batch)];
    match (batch.estimate, batch.cost.micros()) {
        (Some(estimate), 0) if estimate.micros() > 0 => words.push(format!("est. {estimate}")),
        (Some(estimate), _) if estimate.micros() > 0 => words.push(format!("{} of about {estimate}", batch.cost)),
        (_, 0) => {}
        (_, _) => words.push(batch.cost.to_string()),
    }
    match (batch.state, waiting) {
        (_, Some(waiting)) => words.push(waiting.to_owned()),
        (BatchState::Paused, None) => words.push("paused".to_owned()),
        (BatchState::Cancelling, None) => words.push("stopping".to_owned()),
        (BatchState::Waiting, None) => words.push("waits for its turn".to_owned()),
        _ => {
            if let Some(left) = batch.left.map(|left| left.as_secs()).filter(|left| *left > 0) {
                words.push(format!("about {} left", duration(left)));
            }
        }
    }
    words.join(" · ")
}

/// "8 s", "3 min", "2 h".
pub(super) fn duration(seconds: u64) -> String {
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3_600)),
    }
}

fn buttons(ui: &mut Ui, batch: &Batch, context: &mut PanelContext<'_>) {
    let mut wish = |ui: &mut Ui, button: Button<'_>, wish: BatchWish| {
        if ui.add(button.small()).clicked() {
            context.actions.push(Action::Do(Box::new(Deed::Wish(batch.id, wish))));
        }
    };
    if batch.is_over() {
        let again = to_try_again(batch);
        if again > 0 {
            let again = format!("Try {again} again");
            let retry = Button::new(&again).icon(icon::ARROW_CLOCKWISE);
            wish(ui, retry.tip(TRY_AGAIN), BatchWish::Retry);
        }
        return;
    }
    wish(ui, cancel(batch), BatchWish::Cancel);
    match batch.state {
        BatchState::Paused | BatchState::Held => {
            wish(ui, Button::new("Resume").icon(icon::PLAY), BatchWish::Resume);
        }
        BatchState::Running | BatchState::Waiting => {
            wish(ui, Button::new("Pause").icon(icon::PAUSE), BatchWish::Pause);
        }
        BatchState::Cancelling | BatchState::Ended => {}
    }
}

/// What trying again does.
pub(super) const TRY_AGAIN: &str =
    "What failed or was cancelled is asked for again; what is made is put into its scene";

/// How many pictures trying again is about.
pub(super) fn to_try_again(batch: &Batch) -> u64 {
    batch.counts.failed + batch.counts.cancelled + batch.counts.not_placed
}

/// The way to call a batch off: what was not asked for first, and then what was.
pub(super) fn cancel(batch: &Batch) -> Button<'static> {
    match batch.state {
        BatchState::Cancelling => {
            Button::new("Give up what is under way").tip("What was asked of a provider may be charged for all the same")
        }
        _ => Button::new("Cancel").tip("What was not asked for yet is not; what was, is waited for"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_short_as_they_stay_true() {
        assert_eq!(
            [8, 89, 90, 181, 7_300].map(duration),
            ["8 s", "89 s", "2 min", "4 min", "3 h"]
        );
    }
}
