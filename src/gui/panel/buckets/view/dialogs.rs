//! The questions over the place: a new bucket, and whether to move objects to the trash.

use egui::Ui;

use crate::catalog::Total;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::model::Dialog;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{Button, ModalFrame, Note, TextField, modal, text, toggle_row};
use crate::gui::words;
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::trash::Trash;

/// Keys named in the question before the rest is a number.
const NAMED: usize = 5;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    if state.dialog.is_some() && context.why_locked().is_some() {
        // By its key, or by a button that only leads here: first it has to be unlocked.
        state.dialog = None;
        context.actions.push(Action::AskToUnlock);
        return;
    }
    let stays = match state.dialog.take() {
        None => return,
        Some(Dialog::NewBucket { name, public }) => new_bucket(ui, state, name, public, context),
        Some(Dialog::Delete {
            bucket,
            keys,
            total,
            focused,
        }) => delete(ui, (bucket, keys, total), focused, context),
    };
    state.dialog = stays;
}

fn new_bucket(
    ui: &Ui,
    state: &State,
    mut name: String,
    mut public: bool,
    context: &mut PanelContext<'_>,
) -> Option<Dialog> {
    let frame = ModalFrame::new("new bucket", "New bucket").width(440.0);
    let id = frame.id();
    let mut entered = false;
    // Nothing is wrong yet before something was typed.
    let problem = if name.is_empty() {
        None
    } else {
        state.name_problem(&name)
    };
    let reason = problem
        .clone()
        .or_else(|| name.is_empty().then(|| "Type a name first".to_owned()));
    let answer = frame.show(
        ui.ctx(),
        |ui| {
            let t = Tokens::of(ui);
            let field = TextField::new("Name", &mut name).label().mono().hint("story-images");
            let field = field
                .help("Letters, digits and - _ . It cannot be changed later")
                .error(problem.as_deref());
            let response = field.show(ui);
            entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            ui.add_space(8.0);
            toggle_row(ui, "Public", &mut public);
            let meaning = if public {
                "Anybody who has or guesses a URL can read that object without a key."
            } else {
                "Objects are read only with a key, by a signed-in user, or through a signed URL."
            };
            text::wrapped(ui, Type::Caption, meaning, t.tx3);
        },
        |ui| {
            let create = ui
                .add(
                    Button::primary("Create bucket")
                        .large()
                        .disabled_because(reason.as_deref()),
                )
                .clicked();
            (create, ui.add(Button::new("Cancel").large()).clicked())
        },
    );
    let (create, cancel) = answer.footer;
    if (create || entered)
        && state.name_problem(&name).is_none()
        && let Ok(parsed) = BucketName::parse_new(&name)
    {
        context.actions.push(Action::CreateBucket { name: parsed, public });
        modal::return_focus(ui.ctx(), id);
        return None;
    }
    if cancel {
        modal::return_focus(ui.ctx(), id);
    }
    (!cancel && !answer.closed).then_some(Dialog::NewBucket { name, public })
}

fn delete(
    ui: &Ui,
    (bucket, keys, total): (BucketName, Vec<ObjectKey>, Total),
    mut focused: bool,
    context: &mut PanelContext<'_>,
) -> Option<Dialog> {
    let what = match keys.as_slice() {
        [_] => "1 object".to_owned(),
        keys => words::count(keys.len(), "object", "objects"),
    };
    let title = format!("Move {what} to trash");
    let caption = format!("{} of {bucket}", total.size());
    let frame = ModalFrame::new("delete objects", &title).caption(&caption).width(460.0);
    let id = frame.id();
    let answer = frame.show(
        ui.ctx(),
        |ui| {
            let t = Tokens::of(ui);
            for key in keys.iter().take(NAMED) {
                text::key(ui, Type::Mono, key.as_str(), t.tx1);
            }
            if keys.len() > NAMED {
                let rest = format!("and {} more", words::grouped(keys.len() - NAMED));
                text::label(ui, Type::Small, rest, t.tx3);
            }
            let chosen = usize::try_from(total.objects).unwrap_or(usize::MAX);
            if chosen > keys.len() {
                let left = words::count(chosen - keys.len(), "object has a key", "objects have keys");
                text::wrapped(
                    ui,
                    Type::Small,
                    format!("{left} that cannot be addressed; they stay."),
                    t.tx2,
                );
            }
            ui.add_space(6.0);
            let heading = format!("Restore for {} days.", Trash::RETENTION_DAYS);
            let body =
                "Scenes and pages that show these objects lose them until “Undo” in the transfers brings them back.";
            Note::warn(&heading, body).show(ui);
        },
        |ui| {
            let delete = ui
                .add(Button::danger_filled("Move to trash").large().icon(icon::TRASH))
                .clicked();
            let cancel = ui.add(Button::new("Cancel").large());
            if !focused {
                // Enter right after Del must not be the answer yes.
                focused = cancel.has_focus();
                cancel.request_focus();
            }
            (delete, cancel.clicked())
        },
    );
    let (delete, cancel) = answer.footer;
    if delete || cancel {
        modal::return_focus(ui.ctx(), id);
    }
    if delete {
        context.actions.push(Action::Remove(bucket, keys));
        return None;
    }
    (!cancel && !answer.closed).then_some(Dialog::Delete {
        bucket,
        keys,
        total,
        focused,
    })
}
