//! A story that was asked for and has no row yet: how its job stands.

use egui::{Align, Frame, Layout, Margin, Ui, vec2};

use super::list::progress_of;
use super::problem::{self, Answer};
use crate::gui::action::Action;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Creation, State};
use crate::gui::theme::{Tokens, Tone, Type, size, space};
use crate::gui::widget::{Button, Chip, Progress, progress_ring, text};
use crate::service::{JobId, JobState};

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, id: JobId) {
    let t = Tokens::of(ui);
    let in_use = !state.form.is_unused();
    let Some(creation) = state.work.creation(id) else {
        return;
    };
    let mut edit = false;
    let margin = Margin {
        left: space::CONTENT as i8,
        right: space::CONTENT as i8,
        top: 14,
        bottom: 12,
    };
    Frame::NONE.inner_margin(margin).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        title_row(ui, creation, context);
        ui.add_space(4.0);
        text::elided(ui, Type::Body, creation.brief.prompt(), t.tx2);
        ui.add_space(16.0);
        match creation.job.as_ref().map(|job| &job.state) {
            Some(JobState::Failed(problem)) => {
                if problem::show(ui, problem, problem::retry_words(problem), false, context.actions)
                    == Some(Answer::Retry)
                {
                    context.actions.push(Action::RetryJob(id));
                }
                ui.add_space(8.0);
                edit = change(ui, in_use);
            }
            Some(JobState::Cancelled) => {
                text::label(ui, Type::Body, "Cancelled before anything was written.", t.tx2);
                ui.add_space(8.0);
                edit = change(ui, in_use);
            }
            _ => {}
        }
    });
    if edit {
        state.edit_creation(id);
        state.new_story();
    }
}

fn change(ui: &mut Ui, in_use: bool) -> bool {
    let why_not = in_use.then_some("Another story is being written in the form; create or clear that one first");
    ui.add(Button::new("Change and try again").disabled_because(why_not))
        .clicked()
}

fn title_row(ui: &mut Ui, creation: &Creation, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::CONTROL),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let over = creation.job.as_ref().is_some_and(|job| job.state.is_over());
            if !over {
                if ui.add(Button::new("Cancel")).clicked() {
                    context.actions.push(Action::CancelJob(creation.id));
                }
                let job = creation.job.as_ref();
                let doing = job
                    .map(|job| job.progress.doing.as_str())
                    .filter(|doing| !doing.is_empty());
                text::label(ui, Type::Small, doing.unwrap_or("Starting"), t.tx2);
                progress_ring(
                    ui,
                    "Write draft",
                    20.0,
                    job.map_or(Progress::Running(None), progress_of),
                    "",
                );
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let room = ui.available_width() - 90.0;
                ui.scope(|ui| {
                    ui.set_max_width(room.max(40.0));
                    text::elided(ui, Type::Title, creation.brief.title(), t.tx1);
                });
                let chip = match (over, creation.problem().is_some()) {
                    (true, true) => Chip::new(Tone::Err, "Not written"),
                    (true, false) => Chip::new(Tone::Neutral, "Cancelled"),
                    (false, _) => Chip::new(Tone::Accent, "Writing"),
                };
                ui.add(chip);
            });
        },
    );
}
