//! The head of the selected story: what it is, how far it is, and the one thing to do next.

use egui::{Align, Id, Key, Layout, Margin, Modifiers, Sense, Ui, vec2};

use super::list::{progress_of, status_tone};
use super::problem::{self, Answer};
use crate::gui::action::{Action, Command};
use crate::gui::icon::{self, Icon};
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, Deleting, Only, Repairing, SceneView, State, TitleEdit, without_alt};
use crate::gui::theme::{Tokens, Tone, Type, size, space};
use crate::gui::widget::{
    Button, Chip, IconButton, MenuItem, Progress, ProgressBar, Segment, TextField, menu_below, menu_separator,
    progress_ring, segmented, text, tooltip,
};
use crate::service::{Job, JobState};
use crate::story::{Brief, MadeWith, Status, Story};

/// What was asked for in the head.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    Rename,
    SaveTitle,
    DropTitle,
    Delete,
    Repair,
    Export,
    AddScene,
}

/// Draws the head; it ends where the scenes begin.
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let margin = Margin {
        left: space::CONTENT as i8,
        right: space::CONTENT as i8,
        top: 14,
        bottom: 12,
    };
    // The title as it is typed is apart while the rest of the state is read.
    let mut typed = state.title.take();
    let mut view = state.view;
    let (asked, only, dismissed) = egui::Frame::NONE
        .inner_margin(margin)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let Some(story) = state.story() else {
                return (None, None, None);
            };
            let job = state.work.running(&story.story_id);
            let asked = title_row(ui, story, typed.as_mut(), job, context);
            ui.add_space(4.0);
            prompt(ui, story);
            ui.add_space(4.0);
            let only = status_row(ui, state, story, &mut view);
            let mut dismissed = None;
            if let Some((job, problem)) = state.work.failed(&story.story_id) {
                ui.add_space(10.0);
                match problem::show(ui, problem, problem::retry_words(problem), true, context.actions) {
                    Some(Answer::Retry) => context.actions.push(Action::ResumeStory(story.story_id.clone())),
                    Some(Answer::Dismissed) => dismissed = Some(job),
                    Some(Answer::SaveAs(_)) | None => {}
                }
            }
            (asked, only, dismissed)
        })
        .inner;
    state.title = typed;
    state.view = view;
    if let Some(job) = dismissed {
        state.work.dismiss(job);
    }
    if let Some(only) = only {
        state.show_only(only);
    }
    if let Some(asked) = asked {
        carry_out(state, context, asked);
    }
}

fn carry_out(state: &mut State, context: &mut PanelContext<'_>, asked: Asked) {
    match asked {
        Asked::Rename => state.rename(),
        Asked::DropTitle => state.title = None,
        Asked::SaveTitle => {
            let typed = state.title.take();
            let Some(story) = state.story().cloned().map(Box::new) else {
                return;
            };
            if let Some(title) = typed.and_then(|typed| typed.checked(&story.title)) {
                let rename = Deed::Rename { story, title };
                context.actions.push(Action::Do(Box::new(rename)));
            }
        }
        Asked::Delete => state.deleting = state.story().map(|story| Deleting::new(story.story_id.clone())),
        Asked::Repair => state.repairing = state.story().map(|story| Repairing::new(story.story_id.clone())),
        Asked::Export => {
            if let Some(story) = state.story().map(|story| story.story_id.clone()) {
                state.ask_export(story);
            }
        }
        Asked::AddScene => super::grid::add_scene(state, context),
    }
}

fn title_row(
    ui: &mut Ui,
    story: &Story,
    typed: Option<&mut TitleEdit>,
    job: Option<&Job>,
    context: &mut PanelContext<'_>,
) -> Option<Asked> {
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::CONTROL),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let mut asked = more(ui, story, context);
            let none = story.scenes.is_empty().then_some("There is nothing to export yet");
            let export = Button::new("Export…").icon(icon::EXPORT).disabled_because(none);
            if ui.add(export).clicked() {
                asked = Some(Asked::Export);
            }
            match job {
                Some(job) => running(ui, job, context),
                None => finish(ui, story, context),
            }
            let titled = ui.with_layout(Layout::left_to_right(Align::Center), |ui| match typed {
                Some(typed) => edited_title(ui, typed),
                None => title(ui, story, job),
            });
            asked.or(titled.inner)
        },
    )
    .inner
}

/// The title; a click lets it be changed.
fn title(ui: &mut Ui, story: &Story, job: Option<&Job>) -> Option<Asked> {
    let t = Tokens::of(ui);
    let (tone, word) = match job {
        Some(_) => (Tone::Accent, Status::Processing.word()),
        None => status_tone(story.status),
    };
    let room = ui.available_width() - chip_width(word) - 8.0;
    let label = ui
        .scope(|ui| {
            ui.set_max_width(room.max(40.0));
            let words = Type::Title.rich(story.title.as_str()).color(t.tx1);
            ui.add(egui::Label::new(words).truncate().sense(Sense::click()))
        })
        .inner;
    if label.hovered() {
        ui.set_cursor_icon(egui::CursorIcon::Text);
    }
    let clicked = label.clicked();
    tooltip(label, "Click to change the title");
    ui.add(Chip::new(tone, word));
    clicked.then_some(Asked::Rename)
}

/// The field in the title's place: Enter saves, Esc leaves it as it was.
fn edited_title(ui: &mut Ui, typed: &mut TitleEdit) -> Option<Asked> {
    let id = Id::unique("story-title");
    if std::mem::take(&mut typed.focus) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let escaped = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    let width = ui.available_width().min(520.0);
    let field = TextField::new("Title", &mut typed.text)
        .id(id)
        .hint("Title")
        .width(width)
        .show(ui);
    let long = typed.text.chars().count() > Brief::TITLE_MAX;
    if long {
        let words = format!("A title has at most {} letters", Brief::TITLE_MAX);
        tooltip(field.clone(), &words);
    }
    match () {
        () if escaped => Some(Asked::DropTitle),
        () if field.lost_focus() => Some(Asked::SaveTitle),
        () => None,
    }
}

/// Room for the chip after a title; a little more than it takes.
fn chip_width(word: &str) -> f32 {
    34.0 + 7.0 * word.chars().count() as f32
}

fn more(ui: &mut Ui, story: &Story, context: &mut PanelContext<'_>) -> Option<Asked> {
    let button = ui.add(IconButton::new(icon::DOTS_THREE, "More for this story").framed());
    menu_below(&button, 220.0, |ui| {
        let mut asked = None;
        if ui.add(MenuItem::new("Rename").icon(icon::PENCIL_SIMPLE)).clicked() {
            asked = Some(Asked::Rename);
        }
        if ui.add(MenuItem::new("Add scene").icon(icon::PLUS)).clicked() {
            asked = Some(Asked::AddScene);
        }
        if ui.add(MenuItem::new("Repair links…").icon(icon::WRENCH)).clicked() {
            asked = Some(Asked::Repair);
        }
        menu_separator(ui);
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
        let export = MenuItem::new("Export…").icon(icon::DOWNLOAD_SIMPLE);
        let none = story.scenes.is_empty().then_some("This story has no scenes yet");
        if ui.add(export.disabled_because(none)).clicked() {
            context.actions.push(Action::ExportStory(story.story_id.clone()));
        }
        if ui.add(MenuItem::new("Show bucket").icon(icon::DATABASE)).clicked() {
            context
                .actions
                .push(Action::OpenBucket(context.service.bucket().clone()));
        }
        menu_separator(ui);
        let delete = MenuItem::new("Delete story…").icon(icon::TRASH).danger();
        if ui.add(delete.disabled_because(context.why_locked())).clicked() {
            asked = Some(Asked::Delete);
        }
        asked
    })
    .flatten()
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
    let keys = Command::GenerateMissing.keys();
    if story.scenes.is_empty() {
        if ui.add(Button::primary("Write the scenes").icon(icon::IMAGE)).clicked() {
            context.actions.push(Action::ResumeStory(story.story_id.clone()));
        }
        return;
    }
    let missing = story.missing().count();
    if missing == 0 {
        return;
    }
    let words = format!("Generate {missing} missing");
    if ui.add(Button::primary(&words).icon(icon::IMAGE).key(&keys)).clicked() {
        context.actions.push(Action::Command(Command::GenerateMissing));
    }
}

/// The prompt, with who wrote and drew the story as its tooltip.
fn prompt(ui: &mut Ui, story: &Story) {
    let t = Tokens::of(ui);
    let (words, color) = match story.prompt.trim() {
        "" => ("No prompt", t.tx3),
        prompt => (prompt, t.tx2),
    };
    let label = text::elided(ui, Type::Body, words, color);
    if let Some(words) = engines(&story.made_with) {
        tooltip(label, &words);
    }
}

fn engines(made_with: &MadeWith) -> Option<String> {
    let writer = made_with
        .text_engine
        .as_ref()
        .map(|engine| format!("Written by {engine}"));
    let drawer = made_with
        .image_engine
        .as_ref()
        .map(|engine| format!("drawn by {engine}"));
    let words: Vec<String> = [writer, drawer].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" · "))
}

/// How far the story is and what is wrong with it, and the views of its scenes at the right.
fn status_row(ui: &mut Ui, state: &State, story: &Story, view: &mut SceneView) -> Option<Only> {
    let t = Tokens::of(ui);
    let mut asked = None;
    ui.horizontal(|ui| {
        ui.set_height(size::CONTROL);
        ui.spacing_mut().item_spacing.x = 8.0;
        let (pictures, scenes) = (state.live_of(story), story.scenes.len());
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
        let broken = state.broken_of(story);
        let bare = without_alt(story);
        for (count, one, many, icon, tone, only) in [
            (
                failed,
                "1 failed",
                "failed",
                icon::WARNING_CIRCLE,
                Tone::Err,
                Only::Missing,
            ),
            (
                broken,
                "1 broken link",
                "broken links",
                icon::LINK_BREAK,
                Tone::Err,
                Only::Broken,
            ),
            (
                bare,
                "1 without alt text",
                "without alt text",
                icon::TEXT_T_SLASH,
                Tone::Warn,
                Only::NoAlt,
            ),
        ] {
            let words = match count {
                0 => continue,
                1 => one.to_owned(),
                count => format!("{count} {many}"),
            };
            if problem_count(ui, icon, &words, tone) {
                asked = Some(only);
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            segmented(
                ui,
                view,
                &[
                    (SceneView::Grid, Segment::icon(icon::GRID_FOUR, "Cards")),
                    (SceneView::Strip, Segment::icon(icon::ROWS, "Texts beside pictures")),
                    (SceneView::Table, Segment::icon(icon::TABLE, "Table")),
                ],
            );
        });
    });
    asked
}

/// How many scenes have something wrong; a click shows only those.
fn problem_count(ui: &mut Ui, mark: Icon, words: &str, tone: Tone) -> bool {
    let color = Tokens::of(ui).tone(tone).fg;
    ui.add_space(4.0);
    ui.spacing_mut().item_spacing.x = 4.0;
    let (at, _) = ui.allocate_exact_size(vec2(size::ICON_SMALL, size::ICON_SMALL), Sense::hover());
    mark.paint(ui.painter(), at.center(), size::ICON_SMALL, color);
    let label = ui.add(
        egui::Label::new(Type::Small.rich(words).color(color))
            .extend()
            .sense(Sense::click()),
    );
    ui.spacing_mut().item_spacing.x = 8.0;
    let clicked = label.clicked();
    let tip = if mark == icon::LINK_BREAK {
        "Of the pictures that were loaded so far; click to show only these"
    } else {
        "Click to show only these scenes"
    };
    tooltip(label.on_hover_cursor(egui::CursorIcon::PointingHand), tip);
    clicked
}
