//! Several objects are chosen: what they come to, what they have in common, and the first of them.

use egui::{Rect, Sense, Ui, vec2};

use super::{NAMES, thumb};
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, radius};
use crate::gui::widget::{key_text, key_value, text};
use crate::gui::words;

/// Pictures in a row, and rows.
const ACROSS: usize = 3;
/// What more objects than this have in common is not looked for.
const LOOKED_AT: usize = 2_000;

pub fn show(ui: &mut Ui, state: &State, context: &mut PanelContext<'_>) {
    let Some(bucket) = state.bucket() else { return };
    let total = state.selected_total();
    let gap = 6.0;
    let side = ((ui.available_width() - gap * (ACROSS - 1) as f32) / ACROSS as f32).floor();
    let cell = vec2(side, (side * 0.75).round());
    let first = state.selection().iter().take(ACROSS * ACROSS);
    let shown: Vec<_> = first.filter_map(|index| state.entry(index)).collect();
    let rows = shown.len().div_ceil(ACROSS);
    let size = vec2(ui.available_width(), rows as f32 * (cell.y + gap));
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    for (place, entry) in shown.iter().enumerate() {
        let step = vec2(
            (place % ACROSS) as f32 * (cell.x + gap),
            (place / ACROSS) as f32 * (cell.y + gap),
        );
        let at = Rect::from_min_size(rect.min + step, cell);
        thumb::show(ui, at, radius::CONTROL, bucket, entry, context);
    }
    ui.advance_cursor_after_rect(rect);
    ui.add_space(4.0);
    key_text(ui, NAMES, "Objects", &words::grouped(state.selection().len()));
    key_text(ui, NAMES, "Together", &total.size());
    if state.selection().len() <= LOOKED_AT {
        common(ui, state);
    }
    ui.add_space(6.0);
    let t = Tokens::of(ui);
    text::wrapped(
        ui,
        Type::Caption,
        "Go through them one by one with the arrows above.",
        t.tx3,
    );
}

fn common(ui: &mut Ui, state: &State) {
    let t = Tokens::of(ui);
    let (mut kinds, mut folders) = (Vec::new(), Vec::new());
    let (mut smallest, mut largest) = (None::<u64>, None::<u64>);
    for entry in state.selection().iter().filter_map(|index| state.entry(index)) {
        let kind = entry.content_type.clone().unwrap_or_else(|| "not declared".to_owned());
        count(&mut kinds, kind);
        count(&mut folders, entry.folder().to_owned());
        if let Some(size) = entry.size {
            smallest = Some(smallest.map_or(size, |least| least.min(size)));
            largest = Some(largest.map_or(size, |most| most.max(size)));
        }
    }
    if let (Some(smallest), Some(largest)) = (smallest, largest)
        && smallest != largest
    {
        let (smallest, largest) = (
            crate::media::format_bytes(smallest),
            crate::media::format_bytes(largest),
        );
        key_text(ui, NAMES, "Sizes", &format!("{smallest} to {largest}"));
    }
    for (name, values, many) in [("Type", kinds, "types"), ("Folder", folders, "folders")] {
        key_value(ui, NAMES, name, |ui| match values.as_slice() {
            [(one, _)] if one.is_empty() => _ = text::label(ui, Type::Small, "the bucket itself", t.tx2),
            [(one, _)] => _ = text::key(ui, Type::MonoSmall, one, t.tx1),
            several => {
                let response = text::label(ui, Type::Small, format!("{} {many}", several.len()), t.tx1);
                let all: Vec<String> = several
                    .iter()
                    .take(12)
                    .map(|(value, number)| format!("{} × {value}", words::grouped(*number)))
                    .collect();
                crate::gui::widget::tooltip(response, &all.join("\n"));
            }
        });
    }
}

fn count(values: &mut Vec<(String, usize)>, value: String) {
    match values.iter_mut().find(|(known, _)| *known == value) {
        Some((_, number)) => *number += 1,
        None => values.push((value, 1)),
    }
}
