//! Every form of the object's URL, each with a button that copies it.

use egui::{Align, Layout, Role, Sense, Ui, WidgetInfo, vec2};
use jiff::Timestamp;

use super::{NAMES, section};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::inspect::{Expiry, left};
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, size};
use crate::gui::widget::{Button, IconButton, MenuItem, Note, key_value, menu_below, text, tooltip};
use crate::supabase::url::{self, Render};
use crate::supabase::{BucketName, ObjectKey};

/// Width in pixels that the render URL asks for.
const RENDER: u32 = 400;

pub fn show(ui: &mut Ui, state: &mut State, (bucket, key): (&BucketName, &ObjectKey), context: &mut PanelContext<'_>) {
    let project = context.service.workspace().url.clone();
    let public = url::public_url(&project, bucket, key);
    let closed = (!state.is_public()).then_some("Does not open for visitors: the bucket is private");
    if section(ui, "URLs", Some(("Open in URL Lab", None))) {
        context.actions.push(Action::ExplainUrl(public.clone()));
    }
    let root = format!("{project}{}", url::API_ROOT);
    let short = |address: &str| {
        address
            .strip_prefix(&root)
            .map_or_else(|| address.to_owned(), |path| format!("…{path}"))
    };
    row(ui, "Public", &public, &short(&public), closed, context);
    signed(ui, state, &short, context);
    let authenticated = url::authenticated_url(&project, bucket, key);
    row(
        ui,
        "Authenticated",
        &authenticated,
        &short(&authenticated),
        None,
        context,
    );
    let download = url::download_url(&project, bucket, key, None);
    row(ui, "Download", &download, &short(&download), closed, context);
    let render = Render {
        width: Some(RENDER),
        ..Render::default()
    };
    let render = url::render_url(&project, bucket, key, &render);
    row(ui, "Render 400 px", &render, &short(&render), closed, context);
    if let Some(problem) = state.inspect.link.problem() {
        Note::err(&problem.what, &problem.advice).show(ui);
    }
}

fn row(ui: &mut Ui, name: &str, address: &str, shown: &str, closed: Option<&str>, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    key_value(ui, NAMES, name, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let label = format!("Copy {name} URL");
            if ui.add(IconButton::new(icon::COPY, &label).small()).clicked() {
                context.actions.push(Action::Copy {
                    text: address.to_owned(),
                    what: "URL",
                });
            }
            if let Some(reason) = closed {
                let (rect, response) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
                icon::PROHIBIT.paint(ui.painter(), rect.center(), size::ICON_BADGE, t.warn);
                response.widget_info(|| WidgetInfo::labeled(Role::Label, true, reason));
                tooltip(response, reason);
            }
            let color = if closed.is_some() { t.tx3 } else { t.tx2 };
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::key(ui, Type::MonoSmall, shown, color)
            });
        });
    });
}

/// The signed URL: made when it is asked for, with the time that it still lasts.
fn signed(ui: &mut Ui, state: &mut State, short: &impl Fn(&str) -> String, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let link = state.inspect.link.link().cloned();
    let lasts = link.as_ref().and_then(|link| left(link.ends?, Timestamp::now()));
    if let Some((_, changes)) = &lasts {
        ui.request_repaint_after(*changes);
    }
    let ended = link.as_ref().is_some_and(|link| link.ends.is_some()) && lasts.is_none();
    let loading = state.inspect.link.is_loading();
    key_value(ui, NAMES, "Signed", |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            if let Some(link) = link.as_ref().filter(|_| !ended) {
                if ui.add(IconButton::new(icon::COPY, "Copy Signed URL").small()).clicked() {
                    let secret = crate::http::Secret::exact(link.expose());
                    context.actions.push(Action::CopySecret(secret, "signed URL"));
                }
                let words = lasts.as_ref().map_or("without end", |(words, _)| words);
                text::label(ui, Type::Small, words, t.ok);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    // Its token is as good as a key: it is copied, not shown.
                    let shown = short(link.expose());
                    let shown = shown.split('?').next().unwrap_or_default();
                    text::key(ui, Type::MonoSmall, &format!("{shown}?token=…"), t.tx2);
                });
                return;
            }
            let choose = ui.add(IconButton::new(icon::CARET_DOWN, "Choose how long it lasts").small());
            menu_below(&choose, 140.0, |ui| {
                for (expiry, words) in Expiry::ALL {
                    let item = MenuItem::new(words).checked(state.inspect.link.expiry == expiry);
                    if ui.add(item).clicked() {
                        state.inspect.link.expiry = expiry;
                        state.inspect.link.sign();
                    }
                }
            });
            let words = format!("Sign for {}", state.inspect.link.expiry.words());
            if ui.add(Button::new(&words).small().busy(loading)).clicked() && !loading {
                state.inspect.link.sign();
            }
            if ended {
                text::label(ui, Type::Small, "ended", t.warn);
            }
        });
    });
}
