//! What is known of the chosen object: its picture, facts, metadata and URLs.

use egui::load::SizedTexture;
use egui::{Align, Frame, Layout, Margin, ScrollArea, Ui, vec2};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::grid::entry_name;
use super::{INSPECTOR, problem, thumb};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::kind;
use crate::gui::panel::buckets::model::Entry;
use crate::gui::panel::buckets::state::State;
use crate::gui::texture::{PictureSize, Shown};
use crate::gui::theme::{Tokens, Tone, Type, radius, size, space};
use crate::gui::widget::{
    Badge, Button, Corner, EmptyState, Fit, IconButton, Note, Picture, PictureState, frame, key_mono, key_text, text,
    tooltip,
};
use crate::gui::words;
use crate::service::PictureAt;
use crate::supabase::url::{self, Render};
use crate::supabase::{BucketName, ObjectInfo, ObjectKey};

/// Width of the names of facts.
const NAMES: f32 = 104.0;
/// Pictures in a row, and rows, while several objects are chosen.
const ACROSS: usize = 3;
/// Width in pixels that the render URL asks for.
const RENDER: u32 = 400;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    head(ui, state);
    ScrollArea::vertical()
        .id_salt("buckets inspector")
        .auto_shrink(false)
        .show(ui, |ui| {
            let margin = Margin {
                left: space::PANEL as i8,
                right: space::PANEL as i8,
                top: 0,
                bottom: 20,
            };
            Frame::NONE.inner_margin(margin).show(ui, |ui| {
                ui.set_width(INSPECTOR.min(ui.available_width() + 2.0 * space::PANEL) - 2.0 * space::PANEL);
                match state.selection().len() {
                    0 => bucket(ui, state),
                    1 => object(ui, state, context),
                    _ => several(ui, state, context),
                }
            });
        });
}

fn head(ui: &mut Ui, state: &mut State) {
    let t = Tokens::of(ui);
    let margin = Margin {
        left: space::PANEL as i8,
        right: space::SECTION as i8,
        top: 6,
        bottom: 6,
    };
    Frame::NONE.inner_margin(margin).show(ui, |ui| {
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), size::CONTROL),
            Layout::right_to_left(Align::Center),
            |ui| {
                ui.set_height(size::CONTROL);
                ui.spacing_mut().item_spacing.x = 2.0;
                if ui.add(IconButton::new(icon::X, "Hide details")).clicked() {
                    state.inspector_hidden = true;
                    state.inspector_over = false;
                }
                let many = state.contents().objects.len();
                let none = (many == 0).then_some("There is no object here");
                if ui
                    .add(IconButton::new(icon::CARET_RIGHT, "Next object").disabled_because(none))
                    .clicked()
                {
                    state.step(1, super::super::selection::Choice::Only);
                }
                if ui
                    .add(IconButton::new(icon::CARET_LEFT, "Previous object").disabled_because(none))
                    .clicked()
                {
                    state.step(-1, super::super::selection::Choice::Only);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.spacing_mut().item_spacing.x = space::CONTROL;
                    let words = match (state.selection().len(), state.single(), state.bucket()) {
                        (0, _, Some(bucket)) => bucket.to_string(),
                        (1, Some((_, entry)), _) => entry_name(&entry).to_owned(),
                        (many, ..) => format!("{} selected", words::grouped(many)),
                    };
                    text::elided(ui, Type::Head, words, t.tx1);
                });
            },
        );
    });
}

/// Nothing is chosen: the bucket itself.
fn bucket(ui: &mut Ui, state: &State) {
    let Some(row) = state.open_row() else { return };
    ui.spacing_mut().item_spacing.y = 2.0;
    key_text(
        ui,
        NAMES,
        "Access",
        if row.public {
            "Public: anybody may read"
        } else {
            "Private: key or signed URL"
        },
    );
    let (limit, types) = row.limits.split_once(" · ").unwrap_or((&row.limits, ""));
    key_text(ui, NAMES, "Size limit", limit.strip_prefix("Limit ").unwrap_or(limit));
    key_text(ui, NAMES, "Types", types);
    if let Some(total) = state.index().map(crate::catalog::Index::total) {
        key_text(ui, NAMES, "Objects", &crate::media::group_thousands(total.objects));
        key_text(ui, NAMES, "Stored", &total.size());
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

/// Several are chosen: what they come to, and the first of them.
fn several(ui: &mut Ui, state: &State, context: &mut PanelContext<'_>) {
    let Some(bucket) = state.bucket() else { return };
    let total = state.selected_total();
    ui.spacing_mut().item_spacing.y = 2.0;
    let gap = 6.0;
    let side = ((ui.available_width() - gap * (ACROSS - 1) as f32) / ACROSS as f32).floor();
    let cell = vec2(side, (side * 0.75).round());
    let shown: Vec<_> = state
        .selection()
        .iter()
        .take(ACROSS * ACROSS)
        .filter_map(|object| state.entry(object))
        .collect();
    let rows = shown.len().div_ceil(ACROSS);
    let (rect, _) = ui.allocate_exact_size(
        vec2(ui.available_width(), rows as f32 * (cell.y + gap)),
        egui::Sense::hover(),
    );
    for (place, entry) in shown.into_iter().enumerate() {
        let step = vec2(
            (place % ACROSS) as f32 * (cell.x + gap),
            (place / ACROSS) as f32 * (cell.y + gap),
        );
        thumb::show(
            ui,
            egui::Rect::from_min_size(rect.min + step, cell),
            radius::CONTROL,
            bucket,
            &entry,
            context,
        );
    }
    ui.advance_cursor_after_rect(rect);
    ui.add_space(4.0);
    key_text(ui, NAMES, "Objects", &crate::media::group_thousands(total.objects));
    key_text(ui, NAMES, "Together", &total.size());
}

fn object(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some((bucket, entry)) = state.single().map(|(bucket, entry)| (bucket.clone(), entry)) else {
        return;
    };
    ui.spacing_mut().item_spacing.y = 2.0;
    preview(ui, &bucket, &entry, context);
    ui.add_space(8.0);
    key_line(ui, &entry, context);
    let key = ObjectKey::parse(&entry.key).ok();
    notes(ui, state, &entry, key.is_some());
    facts(ui, state, &entry, context);
    if let Some(info) = state.info().value().filter(|info| !info.metadata.is_empty()) {
        metadata(ui, info, context);
    }
    let Some(key) = key else { return };
    frame::section_break(ui);
    urls(ui, state, &bucket, &key, context);
    frame::section_break(ui);
    ui.horizontal(|ui| {
        if ui.add(Button::new("Save…").icon(icon::DOWNLOAD_SIMPLE)).clicked() {
            context.actions.push(Action::Save(bucket.clone(), key.clone()));
        }
        let delete = Button::danger("Move to trash").icon(icon::TRASH);
        if ui.add(delete.disabled_because(context.why_locked())).clicked() {
            state.ask_delete();
        }
    });
    if let Some(failure) = state.info().problem() {
        ui.add_space(8.0);
        if problem::show(ui, failure, context.actions) {
            state.reload();
        }
    }
}

fn preview(ui: &mut Ui, bucket: &BucketName, entry: &Entry, context: &mut PanelContext<'_>) {
    let width = ui.available_width();
    let place = vec2(width, (width * 0.75).round());
    let key = ObjectKey::parse(&entry.key).ok();
    let key = key.filter(|_| kind::may_be_picture(entry.name(), entry.content_type.as_deref()));
    let Some(key) = key else {
        let (rect, _) = ui.allocate_exact_size(vec2(width, 140.0), egui::Sense::hover());
        thumb::show(ui, rect, radius::CARD, bucket, entry, context);
        return;
    };
    let at = PictureAt::Object(bucket.clone(), key);
    let alt = format!("Preview of {}", entry.name());
    let (state, original) = match context.pictures.get(ui.ctx(), context.service, &at, PictureSize::Card) {
        Shown::Loading => (PictureState::Loading, None),
        Shown::Ready { texture, original } => (PictureState::Ready(SizedTexture::from_handle(texture)), original),
        Shown::Broken(problem) => {
            let code = problem.code.as_deref().unwrap_or("");
            (
                PictureState::Broken {
                    line: &problem.what,
                    code,
                },
                None,
            )
        }
    };
    let words = original.map(|(width, height)| format!("{width} × {height}"));
    let badges: Vec<_> = words
        .iter()
        .map(|words| (Corner::LeftBottom, Badge::new(Tone::Neutral, words).over_picture()))
        .collect();
    Picture::new(&alt, state)
        .size(place)
        .fit(Fit::Contain)
        .badges(&badges)
        .show(ui);
}

fn key_line(ui: &mut Ui, entry: &Entry, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::SMALL),
        Layout::right_to_left(Align::Center),
        |ui| {
            if ui.add(IconButton::new(icon::COPY, "Copy key").small()).clicked() {
                context.actions.push(Action::Copy {
                    text: entry.key.clone(),
                    what: "Key",
                });
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::key(ui, Type::Mono, &entry.key, t.tx1)
            });
        },
    );
}

fn notes(ui: &mut Ui, state: &State, entry: &Entry, addressed: bool) {
    let declared = entry.content_type.as_deref();
    if let (Some(named), Some(declared)) = (kind::mismatch(entry.name(), declared), declared) {
        ui.add_space(6.0);
        let body = format!("Declared {declared}, the name promises {named}. Browsers go by what is declared.");
        Note::warn("Type and name do not agree", &body).show(ui);
    }
    if !addressed {
        ui.add_space(6.0);
        let body = "Its key has characters that the Storage API refuses in a URL. It can be seen here and not opened.";
        Note::warn("This object cannot be addressed", body).show(ui);
    }
    if state.open_row().is_some_and(|row| !row.public) {
        ui.add_space(6.0);
        let body = "Its public URL does not open for visitors. Use the authenticated one, or make the bucket public.";
        Note::warn("The bucket is private", body).show(ui);
    }
    ui.add_space(6.0);
}

fn facts(ui: &mut Ui, state: &State, entry: &Entry, context: &mut PanelContext<'_>) {
    let info = state.info().value();
    let bytes = info.and_then(|info| info.size).or(entry.size);
    let bytes = bytes.map_or_else(
        || "Not known".to_owned(),
        |bytes| format!("{} bytes", words::grouped(usize::try_from(bytes).unwrap_or(usize::MAX))),
    );
    key_text(ui, NAMES, "Size", &bytes);
    let declared = info
        .and_then(|info| info.content_type.as_deref())
        .or(entry.content_type.as_deref());
    key_mono(ui, NAMES, "Type", declared.unwrap_or("not declared"));
    let modified = entry.modified.or_else(|| info?.last_modified);
    if let Some(time) = modified {
        key_text(ui, NAMES, "Modified", &words::whole_time(time, &TimeZone::system()));
    }
    match info {
        Some(info) => {
            key_mono(
                ui,
                NAMES,
                "Cache-Control",
                info.cache_control.as_deref().unwrap_or("not set"),
            );
            if let Some(etag) = &info.etag {
                copied(ui, "ETag", etag, "ETag", context);
            }
        }
        None if state.info().is_loading() => key_text(ui, NAMES, "Cache-Control", "…"),
        None => {}
    }
}

/// A fact that can be copied.
fn copied(ui: &mut Ui, name: &str, value: &str, what: &'static str, context: &mut PanelContext<'_>) {
    let color = Tokens::of(ui).tx1;
    crate::gui::widget::key_value(ui, NAMES, name, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui
                .add(IconButton::new(icon::COPY, &format!("Copy {name}")).small())
                .clicked()
            {
                context.actions.push(Action::Copy {
                    text: value.to_owned(),
                    what,
                });
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::key(ui, Type::MonoSmall, value, color)
            });
        });
    });
}

fn metadata(ui: &mut Ui, info: &ObjectInfo, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    frame::section_break(ui);
    ui.horizontal(|ui| text::label(ui, Type::SmallStrong, "Custom metadata", t.tx2));
    ui.add_space(4.0);
    frame::code(ui).inner_margin(Margin::symmetric(9, 2)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        for (place, (name, value)) in info.metadata.iter().enumerate() {
            if place > 0 {
                frame::hairline(ui);
            }
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            copied_mono(ui, name, &value, context);
        }
    });
}

fn copied_mono(ui: &mut Ui, name: &str, value: &str, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    ui.push_id(("metadata", name), |ui| {
        crate::gui::widget::key_value(ui, 96.0, name, |ui| {
            let response = text::key(ui, Type::MonoSmall, value, t.tx1).interact(egui::Sense::click());
            if tooltip(response, "Click to copy").clicked() {
                context.actions.push(Action::Copy {
                    text: value.to_owned(),
                    what: "Value",
                });
            }
        });
    });
}

fn urls(ui: &mut Ui, state: &State, bucket: &BucketName, key: &ObjectKey, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let project = &context.service.workspace().url;
    let public = url::public_url(project, bucket, key);
    let private = state
        .open_row()
        .is_some_and(|row| !row.public)
        .then_some("Does not open: the bucket is private");
    // The embedded server has no route that resizes; a project has one.
    let local = context
        .service
        .workspace()
        .is_local
        .then_some("The local workspace does not resize pictures");
    let render = Render {
        width: Some(RENDER),
        ..Render::default()
    };
    let forms = [
        ("Public", public.clone(), private),
        ("Authenticated", url::authenticated_url(project, bucket, key), None),
        ("Download", url::download_url(project, bucket, key, None), private),
        (
            "Render 400 px",
            url::render_url(project, bucket, key, &render),
            private.or(local),
        ),
    ];
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::SMALL),
        Layout::right_to_left(Align::Center),
        |ui| {
            if ui
                .add(Button::ghost("Open in URL Lab").small().icon(icon::LINK))
                .clicked()
            {
                context.actions.push(Action::ExplainUrl(public));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::label(ui, Type::SmallStrong, "URLs", t.tx2)
            });
        },
    );
    let root = format!("{project}{}", url::API_ROOT);
    for (name, address, closed) in forms {
        let shown = address
            .strip_prefix(&root)
            .map_or_else(|| address.clone(), |path| format!("…{path}"));
        crate::gui::widget::key_value(ui, NAMES, name, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                if ui
                    .add(IconButton::new(icon::COPY, &format!("Copy {name} URL")).small())
                    .clicked()
                {
                    context.actions.push(Action::Copy {
                        text: address.clone(),
                        what: "URL",
                    });
                }
                if let Some(reason) = closed {
                    let (rect, response) = ui.allocate_exact_size(vec2(14.0, 14.0), egui::Sense::hover());
                    icon::PROHIBIT.paint(ui.painter(), rect.center(), size::ICON_BADGE, t.warn);
                    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, reason));
                    tooltip(response, reason);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    text::key(
                        ui,
                        Type::MonoSmall,
                        &shown,
                        if closed.is_some() { t.tx3 } else { t.tx2 },
                    )
                });
            });
        });
    }
}
