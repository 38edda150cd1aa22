//! The list of buckets.

use egui::{Align, Layout, Margin, Rect, Response, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::problem;
use crate::catalog::Total;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::Ask;
use crate::gui::panel::buckets::model::BucketRow;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Tone, Type, size, space};
use crate::gui::widget::{
    Badge, EmptyState, IconButton, MenuItem, Row, TextField, context_menu, menu_separator, skeleton, text, tooltip,
};
use crate::gui::words;
use crate::media;
use crate::supabase::BucketName;

const ROW: f32 = 66.0;
/// Height of what all buckets come to.
const FOOT: f32 = 56.0;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let head = egui::Frame::NONE.inner_margin(Margin {
        left: 16,
        right: 12,
        top: 8,
        bottom: 8,
    });
    head.show(ui, |ui| head_row(ui, state, context.why_locked()));
    let filter = egui::Frame::NONE.inner_margin(Margin {
        left: 12,
        right: 12,
        top: 0,
        bottom: 10,
    });
    filter.show(ui, |ui| TextField::search("Filter buckets", &mut state.filter).show(ui));
    if let Some((total, words)) = state.used() {
        let foot = egui::Panel::bottom("buckets used")
            .exact_size(FOOT)
            .resizable(false)
            .frame(egui::Frame::NONE.inner_margin(Margin::symmetric(space::PANEL as i8, 10)));
        foot.show(ui, |ui| used(ui, total, &words));
    }
    body(ui, state, context);
}

/// What all buckets come to. How much there may be is nowhere to be asked.
fn used(ui: &mut Ui, total: Total, caption: &str) {
    let t = Tokens::of(ui);
    let whole = ui.max_rect();
    let line = |top: f32| {
        let from = pos2(whole.left(), whole.top() + top);
        Rect::from_min_max(from, pos2(whole.right(), from.y + 18.0))
    };
    sides(
        ui,
        line(0.0),
        |ui| _ = text::label(ui, Type::Small, "Used", t.tx2),
        |ui| _ = text::label(ui, Type::SmallStrong, total.size(), t.tx1),
    );
    let objects = match total.objects {
        1 => "1 object".to_owned(),
        many => format!("{} objects", media::group_thousands(many)),
    };
    sides(
        ui,
        line(19.0),
        |ui| _ = text::elided(ui, Type::Caption, caption, t.tx3),
        |ui| _ = text::label(ui, Type::Caption, objects, t.tx3),
    );
}

fn head_row(ui: &mut Ui, state: &mut State, why_locked: Option<&str>) {
    let t = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(size::CONTROL);
        text::label(ui, Type::Head, "Buckets", t.tx1);
        if let Some(rows) = state.buckets().value() {
            text::label(ui, Type::Small, words::grouped(rows.len()), t.tx3);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let new = IconButton::new(icon::PLUS, "New bucket");
            if ui.add(new.disabled_because(why_locked)).clicked() {
                state.ask(Ask::NewBucket);
            }
            let busy = state.buckets().is_loading();
            if ui
                .add(IconButton::new(icon::ARROW_CLOCKWISE, "Refresh buckets").busy(busy))
                .clicked()
                && !busy
            {
                state.reload();
            }
        });
    });
}

fn body(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(rows) = state.buckets().value() else {
        match state.buckets().problem() {
            Some(failure) => {
                if problem::show(ui, failure, context.actions) {
                    state.reload();
                }
            }
            None => loading(ui),
        }
        return;
    };
    if rows.is_empty() {
        let empty = EmptyState::new(
            icon::DATABASE,
            "No buckets yet",
            "A bucket holds pictures and other files",
        );
        if empty.button("New bucket").height(180.0).show(ui) {
            state.ask(Ask::NewBucket);
        }
        return;
    }
    let wanted = state.filter.trim().to_lowercase();
    let shown: Vec<usize> = (0..rows.len())
        .filter(|index| rows[*index].name.to_lowercase().contains(&wanted))
        .collect();
    if shown.is_empty() {
        let line = format!("No match for “{}”", state.filter.trim());
        if EmptyState::new(icon::MAGNIFYING_GLASS, &line, "")
            .button("Clear filter")
            .height(160.0)
            .show(ui)
        {
            state.filter.clear();
        }
        return;
    }
    let (mut open, mut asked) = (None, None);
    ui.spacing_mut().item_spacing.y = 2.0;
    ScrollArea::vertical()
        .id_salt("bucket rows")
        .auto_shrink(false)
        .show_rows(ui, ROW, shown.len(), |ui, range| {
            egui::Frame::NONE.inner_margin(Margin::symmetric(6, 0)).show(ui, |ui| {
                for row in shown
                    .get(range)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|index| rows.get(*index))
                {
                    let response = bucket_row(ui, state, row);
                    let Some(bucket) = &row.parsed else { continue };
                    if response.clicked() {
                        open = Some(bucket.clone());
                    }
                    let chosen = context_menu(&response, |ui| menu(ui, bucket, context));
                    if let Some(Some(chosen)) = chosen {
                        asked = Some(chosen);
                    }
                }
            });
        });
    if let Some(bucket) = open {
        state.open_bucket(bucket);
    }
    match asked {
        Some(Asked::About(ask)) => state.ask(ask),
        Some(Asked::Refresh(bucket)) => context.service.refresh_bucket(&bucket),
        None => {}
    }
}

/// What was chosen of a bucket's menu.
enum Asked {
    About(Ask),
    Refresh(BucketName),
}

fn menu(ui: &mut Ui, bucket: &BucketName, context: &mut PanelContext<'_>) -> Option<Asked> {
    let why_not = context.why_locked();
    let mut asked = None;
    let edit = MenuItem::new("Edit…").icon(icon::PENCIL_SIMPLE);
    if ui.add(edit.disabled_because(why_not)).clicked() {
        asked = Some(Asked::About(Ask::EditBucket(bucket.clone())));
    }
    if ui
        .add(MenuItem::new("List again").icon(icon::ARROW_CLOCKWISE))
        .clicked()
    {
        asked = Some(Asked::Refresh(bucket.clone()));
    }
    if ui.add(MenuItem::new("Copy name").icon(icon::COPY)).clicked() {
        context.actions.push(Action::Copy {
            text: bucket.to_string(),
            what: "Name",
        });
    }
    menu_separator(ui);
    let empty = MenuItem::new("Empty…").icon(icon::ERASER).danger();
    if ui.add(empty.disabled_because(why_not)).clicked() {
        asked = Some(Asked::About(Ask::EmptyBucket(bucket.clone())));
    }
    let delete = MenuItem::new("Delete…").icon(icon::TRASH).danger();
    if ui.add(delete.disabled_because(why_not)).clicked() {
        asked = Some(Asked::About(Ask::DeleteBucket(bucket.clone())));
    }
    asked
}

fn bucket_row(ui: &mut Ui, state: &State, row: &BucketRow) -> Response {
    let t = Tokens::of(ui);
    let selected = row.parsed.is_some() && row.parsed.as_ref() == state.bucket();
    let held = row.parsed.as_ref().and_then(|name| state.held(name));
    let (access, tone, sign) = if row.public {
        ("Public", Tone::Public, icon::GLOBE_SIMPLE)
    } else {
        ("Private", Tone::Neutral, icon::LOCK_SIMPLE)
    };
    let spoken = format!("{}, {}", row.name, access.to_lowercase());
    let response = Row::new(&spoken, ROW).selected(selected).show(ui, |ui| {
        let rect = ui.max_rect();
        let left = rect.left() + 24.0;
        let line = |top: f32| {
            Rect::from_min_max(
                pos2(left, rect.top() + top),
                pos2(rect.right(), rect.top() + top + 18.0),
            )
        };
        let mark = if selected {
            icon::DATABASE.filled()
        } else {
            icon::DATABASE
        };
        let color = if selected { t.acc_tx } else { t.tx3 };
        mark.paint(
            ui.painter(),
            pos2(rect.left() + 8.0, rect.top() + 17.0),
            size::ICON,
            color,
        );
        sides(
            ui,
            line(8.0),
            |ui| _ = text::elided(ui, Type::Strong, &row.name, t.tx1),
            |ui| {
                ui.add(Badge::new(tone, access).icon(sign));
            },
        );
        let second = line(27.0);
        match held {
            Some(held) => {
                let (count, size) = held.words();
                sides(
                    ui,
                    second,
                    |ui| _ = text::elided(ui, Type::Caption, count, t.tx2),
                    |ui| _ = text::label(ui, Type::Caption, size, t.tx2),
                );
            }
            None => in_line(ui, second, "Not listed yet", t.tx3),
        }
        in_line(ui, line(44.0), &row.limits, t.tx3);
    });
    match &row.parsed {
        Some(_) => response,
        None => tooltip(response, "Objects of a bucket of this name cannot be addressed"),
    }
}

fn in_line(ui: &mut Ui, at: Rect, words: &str, color: egui::Color32) {
    let layout = Layout::left_to_right(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(at).layout(layout), |ui| {
        text::elided(ui, Type::Caption, words, color)
    });
}

/// Something at the right edge, and something that takes what is left of it.
fn sides(ui: &mut Ui, at: Rect, left: impl FnOnce(&mut Ui), right: impl FnOnce(&mut Ui)) {
    ui.scope_builder(
        UiBuilder::new()
            .max_rect(at)
            .layout(Layout::right_to_left(Align::Center)),
        |ui| {
            right(ui);
            ui.with_layout(Layout::left_to_right(Align::Center), left);
        },
    );
}

fn loading(ui: &mut Ui) {
    egui::Frame::NONE
        .inner_margin(Margin::symmetric(space::PANEL as i8, 8))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 8.0;
            for width in [150.0, 120.0, 170.0, 130.0] {
                skeleton(ui, vec2(width, 14.0));
                skeleton(ui, vec2(width * 0.7, 10.0));
                ui.add_space(14.0);
            }
        });
}
