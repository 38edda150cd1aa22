//! The inspector's first tab: see the picture, make another, bring one, and where it is.

use std::path::PathBuf;

use egui::{Align, Id, Layout, Rect, Sense, Ui, vec2};

use super::card::picture_state;
use super::picture::{Pixels, elapsed, spoken};
use super::problem::{self, Answer};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Failure, Focus, ScenePicture, State};
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Tone, Type, size, space};
use crate::gui::widget::{
    Badge, Button, Corner, Fit, IconButton, Note, Picture, PictureState, PromptBox, TextField, frame, text, tick,
};
use crate::media;
use crate::service::{JobId, Problem};
use crate::story::{Brief, Scene, SceneId};

/// Draws the tab; answers where a file can be dropped on it.
pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) -> Rect {
    let preview = preview(ui, state, context);
    outcome(ui, state, context);
    frame::section_break(ui);
    prompt(ui, state, context);
    frame::section_break(ui);
    own_picture(ui, state, context);
    frame::section_break(ui);
    address(ui, state, context);
    preview
}

fn preview(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) -> Rect {
    let t = Tokens::of(ui);
    let width = ui.available_width();
    let place = vec2(width, width * 0.75);
    let (Some(story), Some(scene)) = (state.story(), state.scene()) else {
        return Rect::NOTHING;
    };
    let shown = state.work.picture(story, scene);
    let pixels = Pixels::at(
        ui,
        context.pictures,
        context.service,
        scene.image_url.as_ref(),
        PictureSize::Card,
    );
    let clock = match &shown {
        ScenePicture::Drawing { since, .. } => {
            tick(ui);
            elapsed(*since)
        }
        _ => String::new(),
    };
    let live = [(Corner::LeftTop, Badge::new(Tone::Ok, "Live").over_picture())];
    let is_live = matches!((&shown, &pixels), (ScenePicture::Live, Pixels::Ready(..)));
    let mut picture = picture_state(&pixels, &shown, &clock);
    match &mut picture {
        // What happened and what helps is told below.
        PictureState::Failed { line, button, .. } => {
            *line = if scene.image_url.is_some() {
                "Not replaced"
            } else {
                "No picture"
            };
            *button = None;
        }
        PictureState::Missing { button, .. } => *button = None,
        PictureState::Ready(_) | PictureState::Loading | PictureState::Broken { .. } | PictureState::Busy { .. } => {}
    }
    let can_enlarge = pixels.texture().is_some();
    let answer = Picture::new(spoken(scene), picture)
        .size(place)
        .fit(fit(&pixels))
        .badges(if is_live { &live } else { &[] })
        .sense(if can_enlarge { Sense::click() } else { Sense::hover() })
        .show(ui);
    let rect = answer.response.rect;
    let enlarge = can_enlarge && answer.response.on_hover_cursor(egui::CursorIcon::ZoomIn).clicked();

    ui.add_space(8.0);
    caption(ui, state, scene, &pixels);
    ui.add_space(2.0);
    let made_by = match &scene.image_url {
        Some(_) => state.facts.made_by().unwrap_or_default(),
        None => String::new(),
    };
    // Its room is kept, so that nothing moves when the answer arrives.
    text::line(ui, Type::Caption.line_height(), |ui| {
        text::elided(ui, Type::Caption, made_by, t.tx3)
    });
    if let ScenePicture::Drawing { job: Some(job), .. } = &shown {
        ui.add_space(6.0);
        if ui.add(Button::new("Cancel").icon(icon::X).small()).clicked() {
            context.actions.push(Action::CancelJob(*job));
        }
    }
    if enlarge {
        state.enlarged = true;
    }
    rect
}

/// A picture that has the shape of its place fills it, with its round corners; any other is shown whole.
fn fit(pixels: &Pixels) -> Fit {
    match pixels.texture() {
        Some(texture) if (texture.size.x * 3.0 - texture.size.y * 4.0).abs() > texture.size.y * 0.04 => Fit::Contain,
        Some(_) | None => Fit::Cover,
    }
}

/// Pixels, bytes, and the name of the file.
fn caption(ui: &mut Ui, state: &State, scene: &Scene, pixels: &Pixels) {
    let t = Tokens::of(ui);
    let mut facts = String::new();
    if let Pixels::Ready(_, Some((width, height))) = pixels {
        facts = format!("{width} × {height}");
    }
    if let Some(bytes) = state.facts.size() {
        let separator = if facts.is_empty() { "" } else { " · " };
        facts = format!("{facts}{separator}{}", media::format_bytes(bytes));
    }
    text::line(ui, Type::Caption.line_height(), |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        if !facts.is_empty() {
            text::label(ui, Type::Caption, facts, t.tx2);
        }
        let name = match (state.facts.object(), &scene.image_url) {
            (Some(object), _) => object.key.file_name(),
            (None, Some(url)) => file_name(url),
            (None, None) => "No picture yet",
        };
        text::key(ui, Type::MonoSmall, name, t.tx3);
    });
}

fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit('/').next().unwrap_or(path)
}

/// What an answer to the outcome asks for.
enum Reaction {
    Retry(JobId),
    Dismiss(JobId),
    Generate,
    PutBack,
}

/// How the last work on this picture ended: replaced, or failed and why.
fn outcome(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let (Some(story), Some(scene)) = (state.story(), state.scene()) else {
        return;
    };
    let id = scene.scene_id.clone();
    let mut reaction = None;
    match state.work.picture(story, scene) {
        ScenePicture::Failed(Failure::Job(job, problem)) => {
            ui.add_space(12.0);
            reaction = match problem::show(ui, problem, problem::retry_words(problem), true, context.actions) {
                Some(Answer::Retry) => Some(Reaction::Retry(job)),
                Some(Answer::Dismissed) => Some(Reaction::Dismiss(job)),
                None => None,
            };
        }
        ScenePicture::Failed(Failure::Row(reason)) => {
            ui.add_space(12.0);
            let mut problem = Problem::new(
                "The picture of this scene could not be made.",
                "Try again, change the prompt, or bring a picture of your own.",
            );
            problem.technical = reason.to_owned();
            let answer = problem::show(ui, &problem, "Try again", false, context.actions);
            reaction = (answer == Some(Answer::Retry)).then_some(Reaction::Generate);
        }
        _ if state.work.replaced(scene).is_some() => {
            ui.add_space(12.0);
            let undo = Note::ok("Picture replaced", "The previous picture is still in its bucket.")
                .button("Undo")
                .show(ui);
            reaction = undo.then_some(Reaction::PutBack);
        }
        _ => {}
    }
    let action = match reaction {
        Some(Reaction::Retry(job)) => Some(Action::RetryJob(job)),
        Some(Reaction::Generate) => state.generate(&id),
        Some(Reaction::PutBack) => state.work.take_replaced(Some(&id)).map(Action::PutBack),
        Some(Reaction::Dismiss(job)) => {
            state.work.dismiss(job);
            None
        }
        None => None,
    };
    context.actions.extend(action);
}

fn prompt(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let (Some(story), Some(scene)) = (state.story(), state.scene()) else {
        return;
    };
    let busy = state.work.is_busy(story, scene);
    let (id, has_picture) = (scene.scene_id.clone(), scene.image_url.is_some());
    let Some(draft) = state.drafts.get_mut(&id) else { return };

    let field = Id::unique("scene-prompt");
    if state.focus == Some(Focus::Prompt) {
        state.focus = None;
        ui.memory_mut(|memory| memory.request_focus(field));
    }
    PromptBox::new("Prompt", &mut draft.prompt)
        .hint("What the picture shows")
        .rows(3)
        .limit(Brief::PROMPT_MAX)
        .id(field)
        .show(ui);
    ui.add_space(space::GROUP);

    let width = ui.available_width();
    let error = draft.seed_error();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        TextField::new("Seed", &mut draft.seed)
            .label()
            .mono()
            .error(error)
            .width(width * 0.34)
            .show(ui);
        ui.vertical(|ui| {
            ui.add_space(16.0 + space::LABEL);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                let (mark, name) = if draft.keep_seed {
                    (icon::LOCK_SIMPLE, "Take another seed for each picture")
                } else {
                    (icon::LOCK_SIMPLE_OPEN, "Keep this seed for the next picture")
                };
                if ui
                    .add(IconButton::new(mark, name).framed().selected(draft.keep_seed))
                    .clicked()
                {
                    draft.keep_seed = !draft.keep_seed;
                }
                if ui
                    .add(IconButton::new(icon::DICE_FIVE, "Roll another seed").framed())
                    .clicked()
                {
                    draft.roll();
                }
            });
        });
        ui.vertical(|ui| engine(ui, context));
    });

    let why_not = if busy {
        Some("A picture is being made")
    } else {
        draft.checked().err()
    };
    let mut asked = false;
    ui.horizontal(|ui| {
        ui.set_height(size::CONTROL);
        if draft.is_changed()
            && ui
                .add(Button::ghost("Reset prompt").icon(icon::ARROW_COUNTER_CLOCKWISE))
                .clicked()
        {
            draft.reset();
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let words = if has_picture { "Regenerate" } else { "Generate" };
            let button = Button::primary(words)
                .icon(icon::IMAGE)
                .key("G")
                .disabled_because(why_not);
            asked = ui.add(button).clicked();
        });
    });
    if asked {
        let action = state.regenerate(&id);
        context.actions.extend(action);
    }
}

/// Who draws. One engine a workspace; there is nothing to choose.
fn engine(ui: &mut Ui, context: &PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    text::label(ui, Type::Small, "Drawn by", t.tx2);
    ui.add_space(space::LABEL + 6.0);
    text::elided(
        ui,
        Type::Small,
        context.service.workspace().provider.image_engine(),
        t.tx1,
    );
}

fn own_picture(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let (Some(story), Some(scene)) = (state.story(), state.scene()) else {
        return;
    };
    let busy = state.work.is_busy(story, scene).then_some("A picture is being made");
    let id = scene.scene_id.clone();
    let mut action = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let choose = Button::new("Upload picture…")
            .icon(icon::UPLOAD_SIMPLE)
            .disabled_because(busy);
        if ui.add(choose).clicked() {
            action = state.choose_picture(&id);
        }
        text::elided(ui, Type::Caption, "or drop a PNG, JPEG or WebP here", t.tx3);
    });
    ui.add_space(space::CONTROL);
    action = action.or(typed_path(ui, state, busy, &id));
    context.actions.extend(action);
}

/// File dialogs may be missing: a path can be typed instead.
fn typed_path(ui: &mut Ui, state: &mut State, busy: Option<&str>, scene: &SceneId) -> Option<Action> {
    let draft = state.drafts.get_mut(scene)?;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let width = ui.available_width() - 76.0;
        let field = TextField::new("Path of a picture file", &mut draft.path)
            .hint("or type a file's path")
            .icon(icon::FILE_IMAGE)
            .width(width)
            .show(ui);
        let path = draft.path.trim();
        let why_not = busy.or(path.is_empty().then_some("Type the path of a picture file first"));
        let used = ui
            .add(Button::new("Use file").min_width(70.0).disabled_because(why_not))
            .clicked();
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let used = used || entered && why_not.is_none();
        if !used {
            return None;
        }
        let path = PathBuf::from(path);
        draft.path.clear();
        Some(path)
    })
    .inner
    .and_then(|path| state.replace_picture(scene, path))
}

fn address(ui: &mut Ui, state: &State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    text::label(ui, Type::Small, "Picture URL", t.tx2);
    ui.add_space(space::LABEL);
    let Some(url) = state.scene().and_then(|scene| scene.image_url.as_ref()) else {
        text::label(ui, Type::Small, "This scene has no picture yet", t.tx3);
        return;
    };
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::CONTROL),
        Layout::right_to_left(Align::Center),
        |ui| {
            if ui
                .add(IconButton::new(icon::COPY, "Copy picture URL").framed())
                .clicked()
            {
                context.actions.push(Action::Copy {
                    text: url.clone(),
                    what: "URL",
                });
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::key(ui, Type::Mono, url, t.tx1)
            });
        },
    );
    ui.add_space(space::CONTROL);
    ui.horizontal(|ui| {
        if ui
            .add(Button::new("Open in URL Lab").icon(icon::LINK).small())
            .clicked()
        {
            context.actions.push(Action::ExplainUrl(url.clone()));
        }
        let elsewhere = state
            .facts
            .object()
            .is_none()
            .then_some("This picture is not in this project");
        let show = Button::new("Show in bucket")
            .icon(icon::DATABASE)
            .small()
            .disabled_because(elsewhere);
        if ui.add(show).clicked()
            && let Some(object) = state.facts.object()
        {
            context
                .actions
                .push(Action::OpenObject(object.bucket.clone(), object.key.clone()));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_file_name_has_no_query() {
        assert_eq!(file_name("https://x/a/scene_1.png?token=eyJ"), "scene_1.png");
        assert_eq!(file_name("scene_1.png"), "scene_1.png");
    }
}
