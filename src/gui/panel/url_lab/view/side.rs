//! The object that is meant: its picture, what is known of it, and code that reads it.

use egui::load::SizedTexture;
use egui::text::LayoutJob;
use egui::{Align, Frame, Layout, Margin, ScrollArea, Ui, UiBuilder, vec2};
use jiff::tz::TimeZone;

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::url_lab::snippet::{Language, Token, highlight};
use crate::gui::panel::url_lab::state::State;
use crate::gui::texture::{PictureSize, Shown};
use crate::gui::theme::{Tokens, Tone, Type, size, space};
use crate::gui::widget::{
    Badge, Button, Corner, EmptyState, Fit, Note, Picture, PictureState, Tab, frame, key_mono, key_text, tabs, text,
};
use crate::gui::words;
use crate::supabase::{BucketName, ObjectKey};

const NAMES: f32 = 104.0;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    ScrollArea::vertical()
        .id_salt("url lab side")
        .auto_shrink(false)
        .show(ui, |ui| {
            let margin = Margin {
                left: space::PANEL as i8,
                right: space::PANEL as i8,
                top: 6,
                bottom: 0,
            };
            Frame::NONE.inner_margin(margin).show(ui, |ui| {
                ui.set_width(ui.available_width());
                object(ui, state, context);
            });
            let Some((bucket, key)) = state.object().cloned() else {
                return;
            };
            ui.add_space(8.0);
            code(ui, state, &bucket, &key, context);
        });
}

fn object(ui: &mut Ui, state: &State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let object = state.object().cloned();
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::CONTROL),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.set_height(size::CONTROL);
            if let Some((bucket, key)) = &object
                && ui
                    .add(Button::ghost("Show in bucket").small().icon(icon::DATABASE))
                    .clicked()
            {
                context.actions.push(Action::OpenObject(bucket.clone(), key.clone()));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::label(ui, Type::Head, "Live preview", t.tx1)
            });
        },
    );
    ui.add_space(6.0);
    let Some(at) = state.picture() else {
        let line = "No object of this workspace";
        EmptyState::new(icon::IMAGE, line, "Only objects of the open project are shown here")
            .height(200.0)
            .show(ui);
        return;
    };
    let width = ui.available_width();
    let place = vec2(width, (width * 0.68).round());
    let kind = state.info().value().and_then(|info| info.content_type.clone());
    let (picture, original) = match context.pictures.get(ui.ctx(), context.service, &at, PictureSize::Card) {
        Shown::Loading => (PictureState::Loading, None),
        Shown::Ready { texture, original } => (PictureState::Ready(SizedTexture::from_handle(texture)), original),
        Shown::Broken(problem) => {
            let code = problem.code.as_deref().unwrap_or("");
            (
                PictureState::Broken {
                    line: "There is no picture to show",
                    code,
                },
                None,
            )
        }
    };
    let words = original.map(|(width, height)| match &kind {
        Some(kind) => format!(
            "{width} × {height} · {}",
            kind.rsplit('/').next().unwrap_or(kind).to_uppercase()
        ),
        None => format!("{width} × {height}"),
    });
    let badges: Vec<_> = words
        .iter()
        .map(|words| (Corner::LeftBottom, Badge::new(Tone::Neutral, words).over_picture()))
        .collect();
    Picture::new("Preview of the object", picture)
        .size(place)
        .fit(Fit::Contain)
        .badges(&badges)
        .show(ui);
    ui.add_space(10.0);
    facts(ui, state);
}

fn facts(ui: &mut Ui, state: &State) {
    if let Some(problem) = state.info().problem() {
        Note::err(&problem.what, &problem.advice).show(ui);
        return;
    }
    let info = state.info().value();
    let or_dots = |value: Option<String>| match value {
        Some(value) => value,
        None if info.is_none() => "…".to_owned(),
        None => "not known".to_owned(),
    };
    key_mono(
        ui,
        NAMES,
        "Content type",
        &or_dots(info.and_then(|info| info.content_type.clone())),
    );
    let bytes = info.and_then(|info| info.size).map(|size| {
        let bytes = words::grouped(usize::try_from(size).unwrap_or(usize::MAX));
        format!("{bytes} bytes")
    });
    key_text(ui, NAMES, "Size", &or_dots(bytes));
    let time = info
        .and_then(|info| info.last_modified)
        .map(|time| words::whole_time(time, &TimeZone::system()));
    key_text(ui, NAMES, "Modified", &or_dots(time));
    let access = match state.is_public() {
        Some(true) => "Public: anybody may read",
        Some(false) => "Private: key or signed URL",
        None => "not known",
    };
    key_text(ui, NAMES, "Bucket", access);
}

fn code(ui: &mut Ui, state: &mut State, bucket: &BucketName, key: &ObjectKey, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let choices = Language::ALL.map(|language| (language, Tab::new(language.words())));
    frame::hairline(ui);
    let top = ui.cursor().min;
    let row = tabs(ui, &mut state.language, space::PANEL, &choices).rect;
    let at = egui::Rect::from_min_size(
        egui::pos2(ui.max_rect().right() - 110.0, top.y + 4.0),
        vec2(94.0, size::SMALL),
    );
    let copy = ui.scope_builder(
        UiBuilder::new()
            .max_rect(at)
            .layout(Layout::right_to_left(Align::Center)),
        |ui| {
            ui.add(
                Button::new("Copy")
                    .small()
                    .icon(icon::COPY)
                    .tip("Copy the code, Ctrl Shift C"),
            )
        },
    );
    ui.advance_cursor_after_rect(row);
    if copy.inner.clicked() {
        copy_snippet(state, context);
    }
    let snippet = state.language.snippet(bucket, key, state.is_public() == Some(true));
    let margin = Margin {
        left: space::PANEL as i8,
        right: space::PANEL as i8,
        top: 10,
        bottom: 20,
    };
    Frame::NONE.inner_margin(margin).show(ui, |ui| {
        frame::code(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ScrollArea::horizontal().id_salt("code").show(ui, |ui| {
                let job = coloured(&snippet, state.language, t);
                ui.add(egui::Label::new(job).selectable(true).extend());
            });
        });
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let (at, _) = ui.allocate_exact_size(vec2(size::ICON_SMALL, size::ICON_SMALL), egui::Sense::hover());
            icon::SHIELD_CHECK.paint(ui.painter(), at.center(), size::ICON_SMALL, t.tx3);
            text::label(
                ui,
                Type::Caption,
                "Keys are read from the environment and never copied",
                t.tx3,
            );
        });
    });
}

/// Copies the code that is shown.
pub fn copy_snippet(state: &State, context: &mut PanelContext<'_>) {
    if let Some((bucket, key)) = state.object() {
        let text = state.language.snippet(bucket, key, state.is_public() == Some(true));
        context.actions.push(Action::Copy { text, what: "Code" });
    }
}

fn coloured(code: &str, language: Language, t: &Tokens) -> LayoutJob {
    let mut job = LayoutJob::default();
    for (place, line) in code.lines().enumerate() {
        if place > 0 {
            job.append("\n", 0.0, Type::MonoSmall.format(t.tx1));
        }
        for (piece, token) in highlight(line, language) {
            let color = match token {
                Token::Keyword => t.scheme.text,
                Token::Call => t.host.text,
                Token::Number => t.access.text,
                Token::Text => t.folder.text,
                Token::Comment => t.tx3,
                Token::Plain => t.tx1,
            };
            job.append(piece, 0.0, Type::MonoSmall.format(color));
        }
    }
    job
}
