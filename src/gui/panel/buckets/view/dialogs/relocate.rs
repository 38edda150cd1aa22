//! Where objects are moved or copied to, and what a thing is renamed to.

use egui::{ScrollArea, Sense, Ui, vec2};

use super::{Answer, answered, buttons, entered, plan};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::{Journey, Relocation};
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{Button, ModalFrame, Note, Row, Select, TextField, frame, spinner, text};
use crate::supabase::BucketName;
use crate::transfer::plan::Taken;
use crate::workspace::WorkspaceId;

/// Height of the list of folders.
const FOLDERS: f32 = 168.0;

pub fn show(ui: &Ui, state: &State, relocation: &mut Relocation, context: &mut PanelContext<'_>) -> bool {
    let (verb, button) = match relocation.journey {
        Journey::Move => ("Move", "Move"),
        Journey::Copy => ("Copy", "Copy"),
        Journey::Rename => ("Rename", "Rename"),
    };
    let title = format!("{verb} {}", relocation.chosen.what());
    let caption = relocation.chosen.caption();
    let frame = ModalFrame::new("relocate objects", &title)
        .caption(&caption)
        .width(540.0);
    let id = frame.id();
    let replaces = relocation.taken == Taken::Replace;
    let locked = context.why_locked().filter(|_| replaces).map(str::to_owned);
    let why_not = relocation.why_not().or(locked);
    let mut enter = false;
    let answer = frame.show(
        ui.ctx(),
        |ui| {
            enter = if relocation.journey == Journey::Rename {
                name(ui, relocation)
            } else {
                place(ui, state, relocation)
            };
            ui.add_space(4.0);
            if relocation.workspace().is_some() {
                plan::taken_but_not_replaced(ui, &mut relocation.taken);
            } else {
                plan::taken(ui, &mut relocation.taken);
            }
            let waiting = if relocation.is_home() {
                "They are in this folder already"
            } else {
                "Choose where they go to see what will happen"
            };
            if plan::show(ui, &relocation.plan, waiting) {
                relocation.plan.again();
            }
        },
        |ui| buttons(ui, Button::primary(button), why_not.as_deref()),
    );
    match answered(ui.ctx(), id, answer.footer, enter && why_not.is_none(), answer.closed) {
        Answer::Open => true,
        Answer::No => false,
        Answer::Yes => {
            if let Some(planned) = relocation.plan.value() {
                context.actions.push(Action::Transfer(Box::new(planned.plan.clone())));
            }
            false
        }
    }
}

fn name(ui: &mut Ui, relocation: &mut Relocation) -> bool {
    let same = relocation.typed.trim() == relocation.name_now();
    let wrong = relocation
        .target()
        .err()
        .filter(|_| !same && !relocation.typed.trim().is_empty());
    let ends = relocation.changes_extension();
    let help = if relocation.chosen.folder.is_some() {
        "Everything in the folder gets another key; public URLs change with it"
    } else {
        "The object gets another key; its public URL changes with it"
    };
    let field = TextField::new("New name", &mut relocation.typed).label().mono();
    let response = field.help(help).error(wrong.as_deref()).show(ui);
    if !relocation.focused {
        relocation.focused = response.has_focus();
        response.request_focus();
    }
    let enter = entered(ui, &response);
    if ends {
        let body = "Its type stays as it is declared; other programs may go by the name.";
        Note::warn("The end of the name changes", body).show(ui);
    }
    enter
}

fn place(ui: &mut Ui, state: &State, relocation: &mut Relocation) -> bool {
    let t = Tokens::of(ui);
    workspace(ui, relocation);
    let buckets: Vec<BucketName> = match relocation.buckets_there() {
        Some(buckets) => buckets.to_vec(),
        None => state.names().cloned().collect(),
    };
    let current = relocation.to_bucket.to_string();
    text::label(ui, Type::Small, "To bucket", t.tx2);
    let choices: Vec<(BucketName, &str)> = buckets.iter().map(|bucket| (bucket.clone(), bucket.as_str())).collect();
    let mut bucket = relocation.to_bucket.clone();
    Select::new("To bucket", &current)
        .icon(icon::DATABASE)
        .show_choices(ui, &mut bucket, &choices);
    relocation.set_bucket(bucket);
    ui.add_space(4.0);
    let wrong = relocation.target().err();
    let field = TextField::new("To folder", &mut relocation.typed)
        .label()
        .mono()
        .hint("the bucket itself");
    let response = field
        .help("A folder that is not there yet is made")
        .error(wrong.as_deref())
        .show(ui);
    let enter = entered(ui, &response);
    folders(ui, relocation);
    enter
}

/// Into which workspace, where there are others.
fn workspace(ui: &mut Ui, relocation: &mut Relocation) {
    const HERE: &str = "This workspace";
    let others = relocation.workspaces();
    if others.is_empty() {
        return;
    }
    let t = Tokens::of(ui);
    let choices: Vec<(Option<WorkspaceId>, String)> = std::iter::once((None, HERE.to_owned()))
        .chain(others.iter().map(|(id, name)| (Some(id.clone()), name.clone())))
        .collect();
    let choices: Vec<(Option<WorkspaceId>, &str)> =
        choices.iter().map(|(id, name)| (id.clone(), name.as_str())).collect();
    let mut chosen = relocation.workspace().cloned();
    let current = choices
        .iter()
        .find(|(id, _)| *id == chosen)
        .map_or(HERE, |(_, name)| name);
    text::label(ui, Type::Small, "To workspace", t.tx2);
    Select::new("To workspace", current)
        .icon(icon::PLUGS_CONNECTED)
        .show_choices(ui, &mut chosen, &choices);
    relocation.set_workspace(chosen);
    if let Some(problem) = relocation.closed() {
        let (what, advice) = (problem.what.clone(), problem.advice.clone());
        Note::err(&what, &advice).show(ui);
    }
    ui.add_space(4.0);
}

/// The folders in the folder that is typed, to step into.
fn folders(ui: &mut Ui, relocation: &mut Relocation) {
    let t = Tokens::of(ui);
    let mut entered = None;
    frame::code(ui).inner_margin(4).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.set_height(FOLDERS);
        ui.spacing_mut().item_spacing.y = 0.0;
        let at = relocation.folder().unwrap_or_default();
        if !at.is_empty() {
            let parent = at.trim_end_matches('/');
            let parent = parent.rfind('/').map_or("", |slash| &parent[..=slash]);
            let response = Row::new("Parent folder", size::TABLE_ROW).show(ui, |ui| {
                row(ui, icon::ARROW_UP, "..");
            });
            if response.clicked() {
                entered = Some(parent.to_owned());
            }
        }
        match (relocation.folders.value(), relocation.folders.problem()) {
            (Some(folders), _) if folders.is_empty() => {
                text::label(ui, Type::Small, "No folders in here", t.tx3);
            }
            (Some(folders), _) => {
                ScrollArea::vertical()
                    .id_salt(("folders", &at))
                    .auto_shrink(false)
                    .show_rows(ui, size::TABLE_ROW, folders.len(), |ui, shown| {
                        for folder in &folders[shown] {
                            let name = folder.strip_prefix(at.as_str()).unwrap_or(folder).trim_end_matches('/');
                            let label = format!("Into folder {name}");
                            let response =
                                Row::new(&label, size::TABLE_ROW).show(ui, |ui| row(ui, icon::FOLDER_SIMPLE, name));
                            if response.clicked() {
                                entered = Some(folder.clone());
                            }
                        }
                    });
            }
            (None, Some(problem)) => _ = Note::err(&problem.what, &problem.advice).show(ui),
            (None, None) if relocation.folders.is_loading() => {
                text::line(ui, size::SMALL, |ui| {
                    spinner(ui, "Reading folders");
                    text::label(ui, Type::Small, "Reading folders", t.tx3);
                });
            }
            (None, None) => {}
        }
    });
    if let Some(folder) = entered {
        relocation.enter(&folder);
    }
}

fn row(ui: &mut Ui, mark: icon::Icon, words: &str) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.x = space::CONTROL;
    let (at, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), Sense::hover());
    mark.paint(ui.painter(), at.center(), size::ICON, t.acc_tx);
    text::elided(ui, Type::Small, words, t.tx1);
}
