//! What should be looked at: a wrong type, a key that cannot be asked for, a private bucket.

use egui::{Align, Frame, Layout, Margin, Sense, Ui, vec2};

use super::edit;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::inspect::should_be;
use crate::gui::panel::buckets::kind;
use crate::gui::panel::buckets::model::Entry;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::widget::{Button, Note, text};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::plan::HeaderEdit;

pub fn show(
    ui: &mut Ui,
    state: &State,
    entry: &Entry,
    at: Option<(&BucketName, &ObjectKey)>,
    context: &mut PanelContext<'_>,
) {
    let info = state.inspect.info();
    let declared = info
        .and_then(|info| info.content_type.as_deref())
        .or(entry.content_type.as_deref());
    let peek = state.inspect.peek();
    let right = should_be(declared, peek.and_then(|peek| peek.kind));
    let Some((bucket, key)) = at else {
        ui.add_space(6.0);
        let body = "Its key has characters that the Storage API refuses in a URL. It can be seen here and not opened.";
        Note::warn("This object cannot be addressed", body).show(ui);
        return;
    };
    if peek.is_some_and(|peek| peek.is_wrapped) {
        ui.add_space(6.0);
        let body =
            "A client stored the body of a web form around it. Browsers cannot show it; upload the file itself again.";
        Note::warn("The picture is wrapped", body).show(ui);
    } else if let Some(right) = right {
        ui.add_space(8.0);
        if mismatch(ui, declared.unwrap_or("no type"), right, context.why_locked()) {
            let change = HeaderEdit {
                content_type: Some(right.to_owned()),
                ..HeaderEdit::default()
            };
            context.actions.push(edit(bucket, key, change));
        }
    } else if let (Some(named), Some(declared)) = (kind::mismatch(entry.name(), declared), declared)
        && peek.is_some()
    {
        ui.add_space(6.0);
        let body = format!("Declared {declared}, the name promises {named}. Browsers go by what is declared.");
        Note::warn("Type and name do not agree", &body).show(ui);
    }
    ui.add_space(6.0);
}

/// The card of a type that is not that of the bytes; answers whether to mend it.
fn mismatch(ui: &mut Ui, declared: &str, right: &str, why_locked: Option<&str>) -> bool {
    let t = Tokens::of(ui);
    let frame = Frame::NONE
        .fill(t.warn_bg)
        .corner_radius(radius::CARD)
        .inner_margin(Margin::symmetric(10, 6));
    frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(space::CONTROL, 2.0);
            text::line(ui, size::SMALL, |ui| {
                let (mark, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), Sense::hover());
                icon::WARNING
                    .filled()
                    .paint(ui.painter(), mark.center(), size::ICON, t.warn_fill);
                text::elided(ui, Type::SmallStrong, "Declared type does not match the bytes", t.warn);
            });
            let layout = Layout::right_to_left(Align::Center);
            ui.allocate_ui_with_layout(vec2(ui.available_width(), size::SMALL), layout, |ui| {
                let fix = Button::new("Fix type").small();
                let fix = fix.tip("Declares the type of the bytes; the bytes are not sent again");
                let clicked = ui.add(fix.disabled_because(why_locked)).clicked();
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    text::label(ui, Type::MonoSmall, declared, t.tx2);
                    let (mark, _) = ui.allocate_exact_size(vec2(size::ICON_BADGE, size::ICON_BADGE), Sense::hover());
                    icon::ARROW_RIGHT.paint(ui.painter(), mark.center(), size::ICON_BADGE, t.tx2);
                    text::label(ui, Type::MonoSmall, right, t.tx1);
                    text::elided(ui, Type::Small, "in file", t.tx2);
                });
                clicked
            })
            .inner
        })
        .inner
}
