//! All batches with their turns: which comes first, how far each is, and what became of its pictures.

use egui::{Align, Context, Id, Layout, Ui, vec2};

use super::bar::{self, facts, progress};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, State};
use crate::gui::theme::{Tokens, Tone, Type, space};
use crate::gui::widget::{Button, Chip, EmptyState, IconButton, ModalFrame, ProgressBar, frame, modal, paint, text};
use crate::story::{Batch, BatchState, BatchWish};

pub(super) fn show(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    if !state.batches.listed {
        return;
    }
    let batches = state.batches.all();
    let frame = ModalFrame::new("batches", "Batches")
        .caption("Pictures that are made one after another, in this order")
        .width(720.0);
    let id = frame.id();
    let answer = frame.show(
        ctx,
        |ui| {
            if batches.is_empty() {
                let line = "No batch yet";
                EmptyState::new(icon::QUEUE, line, "“Generate missing” begins one")
                    .height(140.0)
                    .show(ui);
            }
            let open = batches.iter().filter(|batch| !batch.is_over()).count();
            for (at, batch) in batches.iter().enumerate() {
                let part = Id::unique("batch").with(batch.id);
                paint::part(ui, part, |ui| row(ui, batch, at, open, context));
                if at + 1 < batches.len() {
                    ui.add_space(space::TIGHT);
                    frame::hairline(ui);
                    ui.add_space(space::TIGHT);
                }
            }
        },
        |ui| ui.add(Button::new("Close").large()).clicked(),
    );
    if answer.footer || answer.closed {
        state.batches.listed = false;
        modal::return_focus(ctx, id);
    }
}

fn row(ui: &mut Ui, batch: &Batch, at: usize, open: usize, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), 28.0),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let mut wish = |wish| context.actions.push(Action::Do(Box::new(Deed::Wish(batch.id, wish))));
            if batch.is_over() {
                let again = bar::to_try_again(batch);
                let retry = Button::new("Retry").small().icon(icon::ARROW_CLOCKWISE);
                if again > 0 && ui.add(retry.tip(bar::TRY_AGAIN)).clicked() {
                    wish(BatchWish::Retry);
                }
            } else {
                if ui.add(bar::cancel(batch).small()).clicked() {
                    wish(BatchWish::Cancel);
                }
                match batch.state {
                    BatchState::Paused | BatchState::Held => {
                        if ui.add(Button::new("Resume").small().icon(icon::PLAY)).clicked() {
                            wish(BatchWish::Resume);
                        }
                    }
                    BatchState::Running | BatchState::Waiting => {
                        if ui.add(Button::new("Pause").small().icon(icon::PAUSE)).clicked() {
                            wish(BatchWish::Pause);
                        }
                    }
                    BatchState::Cancelling | BatchState::Ended => {}
                }
                let last = (at + 1 >= open).then_some("It is the last one");
                let down = IconButton::new(icon::ARROW_LINE_DOWN, "Behind all others").small();
                if ui.add(down.disabled_because(last)).clicked() {
                    wish(BatchWish::Last);
                }
                let first = (at == 0).then_some("It is the first one");
                let up = IconButton::new(icon::ARROW_LINE_UP, "Before all others").small();
                if ui.add(up.disabled_because(first)).clicked() {
                    wish(BatchWish::First);
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let (tone, word) = word(batch);
                ui.add(Chip::new(tone, word));
                text::elided(ui, Type::Strong, batch.title.as_str(), t.tx1);
            });
        },
    );
    text::elided(ui, Type::Small, facts(batch, batch.waiting.as_deref()), t.tx2);
    ui.add_space(4.0);
    ui.add(ProgressBar::new(&batch.title, progress(batch)));
}

fn word(batch: &Batch) -> (Tone, &'static str) {
    let bad = batch.counts.failed + batch.counts.refused + batch.counts.uncertain + batch.counts.not_placed;
    match batch.state {
        BatchState::Running => (Tone::Accent, "Running"),
        BatchState::Waiting => (Tone::Neutral, "Waiting"),
        BatchState::Paused => (Tone::Neutral, "Paused"),
        BatchState::Held => (Tone::Warn, "Held"),
        BatchState::Cancelling => (Tone::Neutral, "Stopping"),
        BatchState::Ended if bad > 0 => (Tone::Warn, "Not all made"),
        BatchState::Ended if batch.counts.made == 0 => (Tone::Neutral, "Cancelled"),
        BatchState::Ended => (Tone::Ok, "Done"),
    }
}
