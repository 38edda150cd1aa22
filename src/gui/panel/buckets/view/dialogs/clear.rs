//! Whether all that is in a bucket is to go, and the bucket with it: only after its name was typed.

use egui::Ui;

use super::{Answer, answered, buttons, entered};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::Clearing;
use crate::gui::panel::buckets::view::problem;
use crate::gui::theme::{Tokens, Type, size};
use crate::gui::widget::{Button, ModalFrame, Note, TextField, spinner, text};
use crate::gui::words;
use crate::media::format_bytes;
use crate::service::BucketTotal;

pub fn show(ui: &Ui, clearing: &mut Clearing, context: &mut PanelContext<'_>) -> bool {
    let (verb, button) = if clearing.then_delete {
        ("Delete", "Delete bucket")
    } else {
        ("Empty", "Empty bucket")
    };
    let title = format!("{verb} {}", clearing.bucket);
    let frame = ModalFrame::new("clear bucket", &title).width(480.0);
    let id = frame.id();
    let why_not = clearing.why_not();
    let mut enter = false;
    let answer = frame.show(
        ui.ctx(),
        |ui| enter = body(ui, clearing, context),
        |ui| buttons(ui, Button::danger_filled(button).icon(icon::TRASH), why_not),
    );
    let enter = enter && clearing.why_not().is_none();
    match answered(ui.ctx(), id, answer.footer, enter, answer.closed) {
        Answer::Open => true,
        Answer::No => false,
        Answer::Yes => {
            context.actions.push(Action::ClearBucket {
                bucket: clearing.bucket.clone(),
                then_delete: clearing.then_delete,
            });
            false
        }
    }
}

fn body(ui: &mut Ui, clearing: &mut Clearing, context: &mut PanelContext<'_>) -> bool {
    let t = Tokens::of(ui);
    let Some(total) = clearing.count.value().copied() else {
        if let Some(failure) = clearing.count.problem() {
            if problem::show(ui, failure, context.actions) {
                clearing.count_again();
            }
        } else {
            text::line(ui, size::SMALL, |ui| {
                spinner(ui, "Counting what would go");
                text::label(ui, Type::Small, "Counting what would go", t.tx3);
            });
        }
        return false;
    };
    if total.objects == 0 {
        let words = if clearing.then_delete {
            "The bucket is empty. Its settings are all that would go."
        } else {
            "The bucket is empty."
        };
        text::wrapped(ui, Type::Body, words, t.tx1);
        return false;
    }
    let line = going(total);
    let body = if clearing.then_delete {
        "Those in the trash go, too, and then the bucket with its settings. Nothing of it can be restored. Scenes and pages \
         that show these objects lose them for ever."
    } else {
        "Those in the trash go, too. Nothing of it can be restored. Scenes and pages that show these objects lose them for \
         ever. The bucket and its settings stay."
    };
    Note::err(&line, body).show(ui);
    ui.add_space(6.0);
    let label = format!("Type {} to confirm", clearing.bucket);
    // No hint: the name in an empty field would look as if it were typed already.
    let field = TextField::new(&label, &mut clearing.typed).label().mono();
    let response = field.show(ui);
    entered(ui, &response)
}

/// "12,408 objects with 2.9 GB are deleted for good."
fn going(total: BucketTotal) -> String {
    let objects = usize::try_from(total.objects).unwrap_or(usize::MAX);
    let verb = if objects == 1 { "is" } else { "are" };
    format!(
        "{} with {} {verb} deleted for good",
        words::count(objects, "object", "objects"),
        format_bytes(total.bytes)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_how_much_goes() {
        let total = |objects, bytes| BucketTotal { objects, bytes };
        assert_eq!(going(total(1, 5)), "1 object with 5 bytes is deleted for good");
        assert_eq!(
            going(total(12_408, 2_900_000_000)),
            "12,408 objects with 2.9 GB are deleted for good"
        );
    }
}
