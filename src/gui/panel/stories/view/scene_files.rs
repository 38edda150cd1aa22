//! Asks which of several files goes to which scene, before anything is done with them.

use egui::{Align, Context, Id, Key, Layout, Modifiers, ScrollArea, Ui};

use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{SceneFile, SceneFiles, State};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{
    Button, EmptyState, MenuItem, ModalFrame, Row, Select, cell, check_box, modal, spinner, text,
};
use crate::gui::words::count;
use crate::media::{MediaType, format_bytes};
use crate::story::{SceneId, Story};

const WIDTH: f32 = 720.0;
const ROW: f32 = 44.0;
/// Rows that are seen at once.
const ROWS: f32 = 9.0;
const SCENE: f32 = 208.0;
const CHECK: f32 = 196.0;

/// Draws the question while it is open.
pub(super) fn show(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(mut files) = state.files.take() else { return };
    let Some(story) = state.list.get(&files.story).cloned() else {
        return;
    };
    let title = match files.files.len() {
        0 => "Pictures for scenes".to_owned(),
        many => format!("{} for scenes of {}", count(many, "file", "files"), story.title),
    };
    let frame = ModalFrame::new("scene-files", &title)
        .caption("The numbers in the names say which goes where. Nothing is done until you start")
        .width(WIDTH)
        .body_margin(0.0)
        .stays();
    let id = frame.id();
    let why_locked = context.why_locked();
    let entered = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let shared = std::cell::RefCell::new(&mut files);
    let answer = frame.show(
        ctx,
        |ui| body(ui, &mut shared.borrow_mut(), &story, context),
        |ui| foot(ui, &mut shared.borrow_mut(), why_locked),
    );
    let (start, cancel) = answer.footer;
    if answer.closed || cancel {
        modal::return_focus(ctx, id);
    } else if (start || entered) && files.why_not().is_none() {
        context.actions.push(files.answer());
        modal::return_focus(ctx, id);
    } else {
        state.files = Some(files);
    }
}

fn body(ui: &mut Ui, files: &mut SceneFiles, story: &Story, context: &mut PanelContext<'_>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    if let Some(problem) = &files.problem {
        ui.add_space(space::CONTROL);
        text::wrapped(ui, Type::Small, problem.sentences(), Tokens::of(ui).err);
    }
    if files.files.is_empty() {
        ui.add_space(24.0);
        if files.is_looking() {
            ui.vertical_centered(|ui| spinner(ui, "Looking at the files"));
        } else {
            EmptyState::new(icon::FILE_IMAGE, "No files", "The folder has none").show(ui);
        }
        ui.add_space(24.0);
        return;
    }
    let mut given = None;
    let area = ScrollArea::vertical()
        .id_salt("scene files")
        .max_height(ROW * ROWS)
        .auto_shrink([false, true]);
    area.show_rows(ui, ROW, files.files.len(), |ui, range| {
        for at in range {
            let Some(file) = files.files.get(at) else { break };
            if let Some(scene) = row(ui, file, at, story, files.replace, context) {
                given = Some((at, scene));
            }
        }
    });
    if let Some((at, scene)) = given {
        files.give(at, scene);
    }
}

/// One file; answers the scene that was chosen for it, or that it is left out.
fn row(
    ui: &mut Ui,
    file: &SceneFile,
    at: usize,
    story: &Story,
    replace: bool,
    context: &mut PanelContext<'_>,
) -> Option<Option<SceneId>> {
    let t = Tokens::of(ui);
    let mut chosen = None;
    let scene = file
        .scene
        .as_ref()
        .and_then(|scene| story.scenes.iter().find(|row| row.scene_id == *scene));
    let check = match (file.why_not(), scene) {
        (Some(why), _) => (why, t.tx3),
        (None, None) => ("Left out", t.tx3),
        (None, Some(_)) if !replace => ("A candidate", t.tx2),
        (None, Some(row)) if row.image_url.is_some() => ("Replaces the picture", t.warn),
        (None, Some(_)) => ("Its first picture", t.ok),
    };
    let name = format!("{}, {}", file.source.name(), check.0);
    Row::new(&name, ROW)
        .table()
        .padding(space::PANEL)
        .id(Id::unique("scene file").with(at))
        .show(ui, |ui| {
            ui.push_id(("scene file", at), |ui| {
                ui.spacing_mut().item_spacing.x = 12.0;
                thumb(ui, file, context);
                let rest = ui.available_width() - SCENE - CHECK - 24.0;
                cell(ui, rest, Align::Min, |ui| {
                    ui.with_layout(Layout::top_down(Align::Min), |ui| {
                        ui.spacing_mut().item_spacing.y = 1.0;
                        ui.add_space(6.0);
                        text::elided(ui, Type::SmallStrong, file.source.name(), t.tx1);
                        text::elided(ui, Type::Caption, facts(file), t.tx3);
                    });
                });
                cell(ui, SCENE, Align::Min, |ui| {
                    let current = scene.map_or_else(|| "Leave out".to_owned(), called);
                    let label = format!("Scene of {}", file.source.name());
                    let select = Select::new(&label, &current)
                        .width(SCENE)
                        .disabled_because(file.why_not());
                    let (_, answer) = select.show(ui, |ui| {
                        let mut answer = None;
                        if ui.add(MenuItem::new("Leave out").checked(scene.is_none())).clicked() {
                            answer = Some(None);
                        }
                        for row in &story.scenes {
                            let is = scene.is_some_and(|scene| scene.scene_id == row.scene_id);
                            if ui.add(MenuItem::new(&called(row)).checked(is)).clicked() {
                                answer = Some(Some(row.scene_id.clone()));
                            }
                        }
                        answer
                    });
                    chosen = answer.flatten();
                });
                cell(ui, CHECK, Align::Min, |ui| {
                    text::elided(ui, Type::Small, check.0, check.1);
                });
            });
        });
    chosen
}

/// "Scene 3 · The frozen lake".
fn called(scene: &crate::story::Scene) -> String {
    match scene.title.trim() {
        "" => format!("Scene {}", scene.index + 1),
        title => format!("Scene {} · {title}", scene.index + 1),
    }
}

/// "PNG · 231 KB · 1024 × 768".
fn facts(file: &SceneFile) -> String {
    let source = &file.source;
    let kind = source.kind.map_or("File", MediaType::name);
    let mut facts = format!("{kind} · {}", format_bytes(source.size));
    if let Some((width, height)) = source.dimensions {
        facts.push_str(&format!(" · {width} × {height}"));
    }
    facts
}

fn thumb(ui: &mut Ui, file: &SceneFile, context: &mut PanelContext<'_>) {
    let (path, mark) = match file.why_not() {
        None => (Some(file.source.path.as_path()), icon::FILE_IMAGE),
        Some(_) => (None, icon::FILE_X),
    };
    context.thumbs.show(ui, context.service, file.source.name(), path, mark);
}

/// From right to left: what is done, and whether at once. Answers whether it is to begin, and whether nothing is to be done.
fn foot(ui: &mut Ui, files: &mut SceneFiles, why_locked: Option<&str>) -> (bool, bool) {
    ui.spacing_mut().item_spacing.x = 8.0;
    let many = files.given();
    let words = match (files.replace, many) {
        (_, 0) => "Bring pictures".to_owned(),
        (false, many) => format!("Bring {}", count(many, "candidate", "candidates")),
        (true, many) => format!("Bring {} live", count(many, "picture", "pictures")),
    };
    let why_not = files.why_not().or(why_locked.filter(|_| files.replace));
    let start = Button::primary(&words)
        .large()
        .key("Ctrl Enter")
        .disabled_because(why_not);
    let start = ui.add(start).clicked();
    let cancel = ui.add(Button::new("Cancel").large()).clicked();
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let line = "Replace live pictures at once";
        check_box(ui, line, &mut files.replace);
    });
    (start, cancel)
}
