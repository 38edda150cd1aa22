//! What the server really answers.

use egui::{Align, Layout, Sense, Ui, UiBuilder, vec2};

use super::problems::head;
use crate::gui::action::Action;
use crate::gui::icon::{self, Icon};
use crate::gui::panel::PanelContext;
use crate::gui::panel::url_lab::state::State;
use crate::gui::theme::{Tokens, Type, size};
use crate::gui::widget::{Button, Row, cell, frame, text};
use crate::gui::words;
use crate::media::format_bytes;
use crate::service::{ProbeAnswer, ProbeRow};

const HEAD: f32 = 26.0;
const ROW: f32 = 42.0;
const FIRST: f32 = 132.0;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let rows = state.probe().value();
    let answers = rows.map_or(0, |rows| {
        rows.iter().map(|row| 1 + usize::from(row.with_key.is_some())).sum()
    });
    let caption = match rows {
        None => "Real requests, reads only. Nothing is sent before you press the button".to_owned(),
        Some(_) => format!("{}, nothing written", words::count(answers, "request", "requests")),
    };
    let reason = state
        .object()
        .is_none()
        .then_some("There is no object of this workspace in the URL yet");
    let button = if rows.is_some() { "Check again" } else { "Check" };
    let busy = state.probe().is_loading();
    let mut pressed = false;
    head(ui, "What the server says", &caption, |ui| {
        let button = Button::new(button)
            .icon(icon::ARROW_CLOCKWISE)
            .tip("Ctrl Enter")
            .busy(busy);
        pressed = ui.add(button.disabled_because(reason)).clicked() && !busy;
    });
    if pressed {
        state.check();
        ui.request_repaint();
    }
    let Some(rows) = state.probe().value() else { return };
    ui.add_space(6.0);
    frame::card(ui, 1).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let column = ((ui.available_width() - FIRST) * 0.5).max(120.0);
        titles(ui, column);
        for row in rows {
            frame::hairline(ui);
            show_row(ui, row, column, context);
        }
    });
}

fn titles(ui: &mut Ui, column: f32) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    ui.scope_builder(
        UiBuilder::new()
            .max_rect(rect)
            .layout(Layout::left_to_right(Align::Center)),
        |ui| {
            cell(ui, FIRST, Align::Min, |ui| {
                ui.add_space(12.0);
                text::label(ui, Type::Caption, "Request", t.tx3);
            });
            for (sign, words) in [
                (icon::GLOBE_SIMPLE, "Without a key"),
                (icon::KEY, "With this workspace's key"),
            ] {
                cell(ui, column, Align::Min, |ui| {
                    ui.add_space(10.0);
                    mark(ui, sign, t.tx3);
                    text::elided(ui, Type::Caption, words, t.tx2);
                });
            }
        },
    );
}

fn show_row(ui: &mut Ui, row: &ProbeRow, column: f32, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    ui.scope_builder(
        UiBuilder::new()
            .max_rect(rect)
            .layout(Layout::left_to_right(Align::Center)),
        |ui| {
            cell(ui, FIRST, Align::Min, |ui| {
                ui.add_space(12.0);
                ui.spacing_mut().item_spacing.x = 8.0;
                text::label(ui, Type::MonoSmall, "GET", t.tx3);
                text::elided(ui, Type::SmallStrong, row.route, t.tx1);
            });
            answer(ui, row.route, "without a key", Some(&row.anonymous), column, context);
            answer(ui, row.route, "with the key", row.with_key.as_ref(), column, context);
        },
    );
}

fn answer(
    ui: &mut Ui,
    route: &str,
    who: &str,
    answer: Option<&ProbeAnswer>,
    column: f32,
    context: &mut PanelContext<'_>,
) {
    let t = Tokens::of(ui);
    let Some(answer) = answer else {
        cell(ui, column, Align::Min, |ui| {
            ui.add_space(10.0);
            text::elided(ui, Type::Caption, "Not asked: the key is sent to own URLs only", t.tx3);
        });
        return;
    };
    let (sign, color) = if answer.is_success() {
        (icon::CHECK_CIRCLE.filled(), t.ok)
    } else {
        (icon::X_CIRCLE.filled(), t.err)
    };
    let status = answer
        .status
        .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let inner = answer.status_in_body.map(|status| status.to_string());
    let code = [inner.as_deref(), answer.code.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let code = if answer.is_success() { "OK".to_owned() } else { code };
    let second = if answer.is_success() {
        let kind = answer.content_type.as_deref().unwrap_or("no type");
        format!("{kind}, {}", format_bytes(answer.size))
    } else {
        format!(
            "{}, {}",
            if answer.message.is_empty() {
                "No reason given"
            } else {
                &answer.message
            },
            format_bytes(answer.size)
        )
    };
    cell(ui, column, Align::Min, |ui| {
        let spoken = format!("{route} {who}: {status} {code}, {second}");
        let response = Row::new(&spoken, ROW - 2.0).padding(10.0).show(ui, |ui| {
            let rect = ui.max_rect();
            let lines = [rect.top() + 4.0, rect.top() + 21.0];
            let line =
                |top: f32| egui::Rect::from_min_max(egui::pos2(rect.left(), top), egui::pos2(rect.right(), top + 16.0));
            ui.scope_builder(
                UiBuilder::new()
                    .max_rect(line(lines[0]))
                    .layout(Layout::right_to_left(Align::Center)),
                |ui| {
                    text::label(ui, Type::Caption, format!("{} ms", answer.duration.as_millis()), t.tx3);
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        mark(ui, sign, color);
                        text::label(ui, Type::Mono, &status, t.tx1);
                        text::elided(ui, Type::Mono, &code, color);
                    });
                },
            );
            let second_line = line(lines[1]).with_min_x(rect.left() + 22.0);
            ui.scope_builder(
                UiBuilder::new()
                    .max_rect(second_line)
                    .layout(Layout::left_to_right(Align::Center)),
                |ui| text::elided(ui, Type::Caption, &second, t.tx3),
            );
        });
        if let Some(exchange) = answer.exchange
            && response.clicked()
        {
            context.actions.push(Action::ShowRequest(exchange));
        }
    });
}

fn mark(ui: &mut Ui, sign: Icon, color: egui::Color32) {
    ui.spacing_mut().item_spacing.x = 6.0;
    let (at, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), Sense::hover());
    sign.paint(ui.painter(), at.center(), size::ICON, color);
}
