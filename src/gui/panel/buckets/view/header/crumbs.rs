//! The way to what is shown: the bucket and its folders.

use egui::{Response, Role, Sense, Ui, WidgetInfo, vec2};

use crate::catalog::shown_name;
use crate::gui::icon;
use crate::gui::panel::buckets::state::{Scope, State};
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{IconButton, text, tooltip};
use crate::media;

/// Greatest width of one name.
const CRUMB_MOST: f32 = 200.0;
/// What the button after the last name takes.
const PENCIL: f32 = 28.0;

/// The way to here: the bucket, its folders, each to be clicked; those in the middle are left out when there is no room.
pub fn show(ui: &mut Ui, state: &mut State) {
    let Some(bucket) = state.bucket() else { return };
    let everywhere = state.search.has_text() && state.search.scope == Scope::Everywhere;
    if everywhere {
        text::label(ui, Type::Strong, Scope::Everywhere.words(), Tokens::of(ui).tx1);
        return;
    }
    let mut steps = vec![(bucket.to_string(), String::new())];
    let in_bucket = state.search.has_text() && state.search.scope == Scope::Bucket;
    let folder = if in_bucket { "" } else { state.folder() };
    let mut from = 0;
    for (slash, _) in folder.match_indices('/') {
        steps.push((shown_name(&folder[from..slash]).to_owned(), folder[..=slash].to_owned()));
        from = slash + 1;
    }
    let widths: Vec<f32> = steps.iter().map(|(name, _)| crumb_width(ui, name) + 20.0).collect();
    let mut hidden = 0;
    while steps.len() - hidden > 2
        && widths[0] + widths[1 + hidden..].iter().sum::<f32>() + if hidden > 0 { 36.0 } else { 0.0 }
            > ui.available_width() - PENCIL
    {
        hidden += 1;
    }
    let mut to = None;
    ui.spacing_mut().item_spacing.x = 4.0;
    let is_deep = state.search.has_text() || state.flat;
    let last = if is_deep { steps.len() } else { steps.len() - 1 };
    for (place, (name, prefix)) in steps.iter().enumerate() {
        if place > 0 && place <= hidden {
            if place == hidden {
                separator(ui);
                if crumb(ui, "…", &format!("Folder {prefix}"), false).clicked() {
                    to = Some(prefix.clone());
                }
            }
            continue;
        }
        if place > 0 {
            separator(ui);
        }
        if crumb(ui, name, name, place == last).clicked() {
            to = Some(prefix.clone());
        }
    }
    if is_deep {
        separator(ui);
        text::label(ui, Type::Strong, Scope::Bucket.words(), Tokens::of(ui).tx1);
        if let Some(total) = state.index().map(|index| index.folder_total(folder)) {
            ui.add_space(space::CONTROL);
            let words = format!("{} objects · {}", media::group_thousands(total.objects), total.size());
            text::elided(ui, Type::Caption, words, Tokens::of(ui).tx2);
        }
    } else if ui
        .add(IconButton::new(icon::PENCIL_SIMPLE, "Type a path").small())
        .clicked()
    {
        state.edit_path();
    }
    if let Some(folder) = to {
        state.open_folder(&folder);
    }
}

fn crumb_width(ui: &Ui, name: &str) -> f32 {
    let galley = ui
        .painter()
        .layout_job(Type::Strong.line(name, Tokens::of(ui).tx1, CRUMB_MOST));
    galley.size().x
}

fn crumb(ui: &mut Ui, shown: &str, spoken: &str, last: bool) -> Response {
    let t = Tokens::of(ui);
    let most = CRUMB_MOST.min(ui.available_width().max(24.0));
    let galley = ui
        .painter()
        .layout_job(Type::Strong.line(shown, egui::Color32::PLACEHOLDER, most));
    let cut = galley.elided;
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x, size::SMALL), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, ui.is_enabled(), spoken));
    let color = if last || response.hovered() { t.tx1 } else { t.tx2 };
    let at = egui::Align2::LEFT_CENTER
        .anchor_size(rect.left_center(), galley.size())
        .min;
    ui.painter().galley_with_override_text_color(at, galley, color);
    if response.has_focus() {
        let stroke = egui::Stroke::new(2.0, t.acc_tx);
        ui.painter()
            .rect_stroke(rect.expand2(vec2(3.0, -1.0)), 4, stroke, egui::StrokeKind::Outside);
    }
    if cut || shown == "…" {
        tooltip(response, spoken)
    } else {
        response
    }
}

fn separator(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(12.0, size::SMALL), Sense::hover());
    icon::CARET_RIGHT.paint(ui.painter(), rect.center(), size::ICON_BADGE, Tokens::of(ui).tx3);
}
