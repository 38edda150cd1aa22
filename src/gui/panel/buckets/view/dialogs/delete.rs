//! Whether to move objects to the trash, or to delete them for good.

use egui::{Ui, pos2};

use super::{Answer, answered, entered};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::Deletion;
use crate::gui::theme::{Tokens, Type, size};
use crate::gui::widget::{Button, ModalFrame, Note, Row, TextField, text};
use crate::gui::words;
use crate::service::{Load, SceneUse};
use crate::transfer::trash::Trash;

pub fn show(ui: &Ui, deletion: &mut Deletion, context: &mut PanelContext<'_>) -> bool {
    let what = deletion.chosen.counted();
    let title = if deletion.for_good {
        format!("Delete {what} for good")
    } else {
        format!("Move {what} to trash")
    };
    let caption = deletion.chosen.caption();
    let frame = ModalFrame::new("delete objects", &title).caption(&caption).width(460.0);
    let id = frame.id();
    let (mut enter, mut scene) = (false, None);
    let (mut focused, for_good) = (deletion.focused, deletion.for_good);
    let why_not = deletion.why_not();
    let answer = frame.show(
        ui.ctx(),
        |ui| (enter, scene) = body(ui, deletion),
        |ui| {
            let words = if for_good { "Delete for good" } else { "Move to trash" };
            let yes = Button::danger_filled(words).large().icon(icon::TRASH);
            let yes = ui.add(yes.disabled_because(why_not)).clicked();
            let cancel = ui.add(Button::new("Cancel").large());
            if !focused && !for_good {
                // Enter right after Del must not be the answer yes.
                focused = cancel.has_focus();
                cancel.request_focus();
            }
            match (yes, cancel.clicked()) {
                (true, _) => Answer::Yes,
                (false, true) => Answer::No,
                (false, false) => Answer::Open,
            }
        },
    );
    deletion.focused = focused;
    if let Some(used) = scene {
        // Whoever wants to see it first has not decided yet.
        let scene = used.scene.map(|scene| scene.id);
        context.actions.push(Action::OpenStory(used.story, scene));
        answered(ui.ctx(), id, Answer::No, false, false);
        return false;
    }
    let enter = enter && deletion.why_not().is_none();
    match answered(ui.ctx(), id, answer.footer, enter, answer.closed) {
        Answer::Open => true,
        Answer::No => false,
        Answer::Yes => {
            let chosen = deletion.chosen.clone();
            context.actions.push(Action::Delete { chosen, for_good });
            false
        }
    }
}

/// Names the scenes that show what would go; a click on one leads to it. Where that is not known, the warning says what may be.
fn shown_by(ui: &mut Ui, shown: &Load<Vec<SceneUse>>) -> Option<SceneUse> {
    /// Named before the rest is a number.
    const NAMED: usize = 5;
    let uses = shown.value().filter(|uses| !uses.is_empty())?;
    let mut clicked = None;
    let t = Tokens::of(ui);
    ui.add_space(6.0);
    text::label(ui, Type::SmallStrong, "Shown by", t.warn);
    for used in uses.iter().take(NAMED) {
        let words = used.words();
        let label = format!("Show {words}");
        let row = Row::new(&label, size::SMALL).padding(4.0).show(ui, |ui| {
            let right = ui.available_rect_before_wrap();
            let arrow = pos2(right.right() - 10.0, right.center().y);
            icon::ARROW_RIGHT.paint(ui.painter(), arrow, size::ICON_SMALL, t.tx2);
            ui.set_max_width(right.width() - 28.0);
            text::elided(ui, Type::Small, words.as_str(), t.tx1);
        });
        if row.clicked() {
            clicked = Some(used.clone());
        }
    }
    if uses.len() > NAMED {
        let rest = format!("and {} more", words::grouped(uses.len() - NAMED));
        text::label(ui, Type::Small, rest, t.tx3);
    }
    clicked
}

/// Draws what would go; answers whether Enter was pressed in the confirmation, and the scene that is to be looked at.
fn body(ui: &mut Ui, deletion: &mut Deletion) -> (bool, Option<SceneUse>) {
    let t = Tokens::of(ui);
    let chosen = &deletion.chosen;
    for key in &chosen.named {
        text::key(ui, Type::Mono, key, t.tx1);
    }
    if let Some(objects) = chosen
        .objects
        .filter(|objects| chosen.folder.is_none() && *objects > chosen.named.len())
    {
        let rest = format!("and {} more", words::grouped(objects - chosen.named.len()));
        text::label(ui, Type::Small, rest, t.tx3);
    }
    if chosen.unaddressed > 0 {
        let left = words::count(chosen.unaddressed, "object has a key", "objects have keys");
        let words = format!("{left} that cannot be addressed; they stay.");
        text::wrapped(ui, Type::Small, words, t.tx2);
    }
    let scene = shown_by(ui, &deletion.shown_by);
    ui.add_space(6.0);
    if !deletion.for_good {
        let heading = format!("Restore for {} days.", Trash::RETENTION_DAYS);
        let body = "Scenes and pages that show these objects lose them until “Undo” in the transfers brings them back.";
        Note::warn(&heading, body).show(ui);
        return (false, scene);
    }
    let body = "They do not go to the trash. Scenes and pages that show them lose them for ever.";
    Note::err("This cannot be undone.", body).show(ui);
    ui.add_space(6.0);
    let label = format!("Type “{}” to confirm", Deletion::WORD);
    let field = TextField::new(&label, &mut deletion.typed).label().hint(Deletion::WORD);
    let response = field.show(ui);
    (entered(ui, &response), scene)
}
