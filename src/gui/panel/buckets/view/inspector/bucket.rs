//! Nothing is chosen: the bucket itself.

use egui::Ui;

use super::NAMES;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::Ask;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::space;
use crate::gui::widget::{Button, EmptyState, IconButton, MenuItem, frame, key_text, menu_below};

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(row) = state.open_row().cloned() else { return };
    let access = if row.public {
        "Public: anybody may read"
    } else {
        "Private: key or signed URL"
    };
    key_text(ui, NAMES, "Access", access);
    let (limit, types) = row.limits.split_once(" · ").unwrap_or((&row.limits, ""));
    key_text(ui, NAMES, "Size limit", limit.strip_prefix("Limit ").unwrap_or(limit));
    key_text(ui, NAMES, "Types", types);
    if let Some(total) = state.index().map(crate::catalog::Index::total) {
        key_text(ui, NAMES, "Objects", &crate::media::group_thousands(total.objects));
        key_text(ui, NAMES, "Stored", &total.size());
    }
    if let Some(bucket) = row.parsed {
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::TIGHT;
            let why_locked = context.why_locked();
            let edit = Button::new("Edit bucket…").icon(icon::PENCIL_SIMPLE);
            if ui.add(edit.disabled_because(why_locked)).clicked() {
                state.ask(Ask::EditBucket(bucket.clone()));
            }
            let more = ui.add(IconButton::new(icon::DOTS_THREE, "More about the bucket").framed());
            menu_below(&more, 180.0, |ui| {
                let empty = MenuItem::new("Empty bucket…").icon(icon::ERASER).danger();
                if ui.add(empty.disabled_because(why_locked)).clicked() {
                    state.ask(Ask::EmptyBucket(bucket.clone()));
                }
                let delete = MenuItem::new("Delete bucket…").icon(icon::TRASH).danger();
                if ui.add(delete.disabled_because(why_locked)).clicked() {
                    state.ask(Ask::DeleteBucket(bucket.clone()));
                }
            });
        });
    }
    frame::section_break(ui);
    EmptyState::new(
        icon::IMAGE,
        "Nothing selected",
        "Click an object to see what is known of it",
    )
    .height(120.0)
    .show(ui);
}
