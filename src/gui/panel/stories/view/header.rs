//! The head of the selected story: what it is, how far it is, and the one thing to do next.

use egui::{Align, Layout, Margin, Ui, vec2};

use super::list::{progress_of, status_tone};
use super::problem::{self, Answer};
use crate::gui::action::Action;
use crate::gui::icon::{self, Icon};
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{State, without_alt};
use crate::gui::theme::{Tokens, Tone, Type, size, space};
use crate::gui::widget::{
    Button, Chip, IconButton, MenuItem, Progress, ProgressBar, menu_below, progress_ring, text, tooltip,
};
use crate::service::{Job, JobState};
use crate::story::{MadeWith, Status, Story};

/// Draws the head; it ends where the scenes begin.
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let margin = Margin {
        left: space::CONTENT as i8,
        right: space::CONTENT as i8,
        top: 14,
        bottom: 12,
    };
    let mut dismissed = None;
    egui::Frame::NONE.inner_margin(margin).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let Some(story) = state.story() else { return };
        let job = state.work.running(&story.story_id);
        title_row(ui, story, job, context);
        ui.add_space(4.0);
        prompt(ui, story);
        engines(ui, &story.made_with);
        ui.add_space(4.0);
        status_row(ui, state, story);
        if let Some((job, problem)) = state.work.failed(&story.story_id) {
            ui.add_space(10.0);
            match problem::show(ui, problem, problem::retry_words(problem), true, context.actions) {
                Some(Answer::Retry) => context.actions.push(Action::ResumeStory(story.story_id.clone())),
                Some(Answer::Dismissed) => dismissed = Some(job),
                None => {}
            }
        }
    });
    if let Some(job) = dismissed {
        state.work.dismiss(job);
    }
}

fn title_row(ui: &mut Ui, story: &Story, job: Option<&Job>, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::CONTROL),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            more(ui, story, context);
            match job {
                Some(job) => running(ui, job, context),
                None => finish(ui, story, context),
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let (tone, word) = match job {
                    Some(_) => (Tone::Accent, Status::Processing.word()),
                    None => status_tone(story.status),
                };
                let room = ui.available_width() - chip_width(word) - 8.0;
                ui.scope(|ui| {
                    ui.set_max_width(room.max(40.0));
                    text::elided(ui, Type::Title, story.title.as_str(), t.tx1);
                });
                ui.add(Chip::new(tone, word));
            });
        },
    );
}

/// Room for the chip after a title; a little more than it takes.
fn chip_width(word: &str) -> f32 {
    34.0 + 7.0 * word.chars().count() as f32
}

fn more(ui: &mut Ui, story: &Story, context: &mut PanelContext<'_>) {
    let button = ui.add(IconButton::new(icon::DOTS_THREE, "More for this story").framed());
    menu_below(&button, 200.0, |ui| {
        let id = Action::Copy {
            text: story.story_id.to_string(),
            what: "Story id",
        };
        if ui
            .add(MenuItem::new("Copy story id").icon(icon::IDENTIFICATION_CARD))
            .clicked()
        {
            context.actions.push(id);
        }
        let cover = story.cover_image_url.as_ref();
        let item = MenuItem::new("Copy cover URL").icon(icon::LINK_SIMPLE);
        let none = cover.is_none().then_some("This story has no cover yet");
        if ui.add(item.disabled_because(none)).clicked()
            && let Some(url) = cover
        {
            context.actions.push(Action::Copy {
                text: url.clone(),
                what: "Cover URL",
            });
        }
        if ui.add(MenuItem::new("Show bucket").icon(icon::DATABASE)).clicked() {
            context
                .actions
                .push(Action::OpenBucket(context.service.bucket().clone()));
        }
    });
}

/// While a job works on the story: how far it is, and a way to stop it.
fn running(ui: &mut Ui, job: &Job, context: &mut PanelContext<'_>) {
    let stopping = job.state == JobState::Cancelling;
    let cancel = Button::new("Cancel").disabled_because(stopping.then_some("It stops as soon as that is safe"));
    if ui.add(cancel).clicked() {
        context.actions.push(Action::CancelJob(job.id));
    }
    let words = match (stopping, job.progress.doing.as_str()) {
        (true, _) => "Stopping",
        (false, "") => "Starting",
        (false, doing) => doing,
    };
    text::label(ui, Type::Small, words, Tokens::of(ui).tx2);
    progress_ring(ui, &job.title, 20.0, progress_of(job), "");
}

/// The one button that is where the work ends.
fn finish(ui: &mut Ui, story: &Story, context: &mut PanelContext<'_>) {
    let words = match story.missing().count() {
        _ if story.scenes.is_empty() => "Write the scenes".to_owned(),
        0 => return,
        1 => "Finish 1 picture".to_owned(),
        missing => format!("Finish {missing} pictures"),
    };
    if ui.add(Button::primary(&words).icon(icon::IMAGE)).clicked() {
        context.actions.push(Action::ResumeStory(story.story_id.clone()));
    }
}

fn prompt(ui: &mut Ui, story: &Story) {
    let t = Tokens::of(ui);
    let (words, color) = match story.prompt.trim() {
        "" => ("No prompt", t.tx3),
        prompt => (prompt, t.tx2),
    };
    text::elided(ui, Type::Body, words, color);
}

fn engines(ui: &mut Ui, made_with: &MadeWith) {
    let writer = made_with
        .text_engine
        .as_ref()
        .map(|engine| format!("Written by {engine}"));
    let drawer = made_with
        .image_engine
        .as_ref()
        .map(|engine| format!("drawn by {engine}"));
    let words: Vec<String> = [writer, drawer].into_iter().flatten().collect();
    if !words.is_empty() {
        ui.add_space(2.0);
        text::elided(ui, Type::Caption, words.join(" · "), Tokens::of(ui).tx3);
    }
}

fn status_row(ui: &mut Ui, state: &State, story: &Story) {
    let t = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(size::CONTROL);
        ui.spacing_mut().item_spacing.x = 8.0;
        let (pictures, scenes) = (story.pictures(), story.scenes.len());
        if scenes == 0 {
            text::label(ui, Type::Small, "No scenes yet", t.tx3);
            return;
        }
        let share = pictures as f32 / scenes as f32;
        let progress = if pictures == scenes {
            Progress::Done
        } else {
            Progress::Running(Some(share))
        };
        ui.add(ProgressBar::new("Pictures live", progress).width(72.0));
        text::label(ui, Type::Small, format!("{pictures} of {scenes} pictures live"), t.tx2);
        let failed = story.missing().filter(|scene| scene.image_error.is_some()).count();
        let broken = state.broken.len();
        let bare = without_alt(story);
        for (count, one, many, icon, tone) in [
            (failed, "1 failed", "failed", icon::WARNING_CIRCLE, Tone::Err),
            (broken, "1 broken link", "broken links", icon::LINK_BREAK, Tone::Err),
            (
                bare,
                "1 without alt text",
                "without alt text",
                icon::TEXT_T_SLASH,
                Tone::Warn,
            ),
        ] {
            match count {
                0 => {}
                1 => problem_count(ui, icon, one, tone),
                count => problem_count(ui, icon, &format!("{count} {many}"), tone),
            }
        }
    });
}

fn problem_count(ui: &mut Ui, mark: Icon, words: &str, tone: Tone) {
    let color = Tokens::of(ui).tone(tone).fg;
    ui.add_space(4.0);
    ui.spacing_mut().item_spacing.x = 4.0;
    let (at, _) = ui.allocate_exact_size(vec2(size::ICON_SMALL, size::ICON_SMALL), egui::Sense::hover());
    mark.paint(ui.painter(), at.center(), size::ICON_SMALL, color);
    let label = text::label(ui, Type::Small, words, color);
    ui.spacing_mut().item_spacing.x = 8.0;
    if mark == icon::LINK_BREAK {
        tooltip(label, "Of the pictures that were loaded so far");
    }
}
