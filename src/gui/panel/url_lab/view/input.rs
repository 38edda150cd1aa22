//! The field with the URL, its parts in their colours.

use egui::text::{LayoutJob, TextWrapping};
use egui::text_edit::TextEdit;
use egui::{
    Align2, Color32, Frame, Id, Margin, Rect, Sense, Stroke, StrokeKind, TextBuffer, TextFormat, Ui, UiBuilder,
    ViewportCommand, pos2, vec2,
};

use super::segments::hue;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::url_lab::state::State;
use crate::gui::theme::{Tokens, Type, radius, size};
use crate::gui::widget::IconButton;
use crate::supabase::url::{Segment, Severity};

/// Two lines of monospace and their margin.
const HEIGHT: f32 = 58.0;
const LINE: f32 = 20.0;
const BEFORE: f32 = 40.0;
const AFTER: f32 = 68.0;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let id = Id::unique("url lab text");
    if std::mem::take(&mut state.focus) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let width = ui.available_width();
    let (text, parts) = state.editing();
    let lines = ui
        .painter()
        .layout_job(job(text, parts, t, width - BEFORE - AFTER))
        .rows
        .len()
        .clamp(2, 6);
    let height = (HEIGHT - 2.0 * LINE) + lines as f32 * LINE;
    let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let background = ui.painter().add(egui::Shape::Noop);

    let inner = Rect::from_min_max(rect.min + vec2(BEFORE, 9.0), rect.max - vec2(AFTER, 9.0));
    let mut layouter = |ui: &Ui, buffer: &dyn TextBuffer, width: f32| {
        // The frame in which something is typed is drawn again once its parts are known.
        ui.painter().layout_job(job(buffer.as_str(), parts, t, width))
    };
    let edit = TextEdit::multiline(text)
        .id(id)
        .font(mono())
        .frame(Frame::NONE)
        .margin(Margin::ZERO)
        .hint_text(
            Type::Mono
                .rich("https://…/storage/v1/object/public/story-images/scene_0.png")
                .color(t.tx3),
        )
        .return_key(None)
        .desired_width(inner.width())
        .desired_rows(lines)
        .align(Align2::LEFT_TOP)
        .layouter(&mut layouter);
    let response = ui
        .scope_builder(UiBuilder::new().max_rect(inner), |ui| ui.add(edit))
        .inner;
    ui.accesskit_node_builder(response.id, |node| node.set_label("URL, path or value of a row"));

    let focus = response.has_focus();
    let (stroke, grown) = if focus {
        (Stroke::new(2.0, t.acc_tx), 0.5)
    } else {
        (Stroke::new(1.0, t.line2), 0.0)
    };
    let shape = egui::epaint::RectShape::new(rect.expand(grown), radius::CARD, t.input, stroke, StrokeKind::Inside);
    ui.painter().set(background, shape);
    icon::LINK.paint(
        ui.painter(),
        pos2(rect.left() + 22.0, rect.top() + 19.0),
        size::ICON,
        t.tx3,
    );
    buttons(ui, rect, state, id);
    // What was put into the field moved the cursor to the end of its text.
    ui.advance_cursor_after_rect(rect);

    if response.changed() {
        if state.text.contains(['\n', '\r']) {
            state.text = one_line(&state.text);
        }
        state.refresh(context.service);
        ui.ctx().request_discard("the parts of the new text are known now");
    }
}

fn buttons(ui: &mut Ui, rect: Rect, state: &mut State, field: Id) {
    let at = Rect::from_min_max(
        pos2(rect.right() - AFTER + 8.0, rect.top() + 7.0),
        rect.max - vec2(8.0, 0.0),
    );
    ui.scope_builder(UiBuilder::new().max_rect(at), |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            if ui
                .add(
                    IconButton::new(icon::CLIPBOARD_TEXT, "Paste in its place")
                        .small()
                        .key("Ctrl V"),
                )
                .clicked()
            {
                state.pasting = true;
                ui.memory_mut(|memory| memory.request_focus(field));
                ui.ctx().send_viewport_cmd(ViewportCommand::RequestPaste);
            }
            let empty = state.text.is_empty().then_some("The field is empty");
            if ui
                .add(IconButton::new(icon::X, "Clear URL").small().disabled_because(empty))
                .clicked()
            {
                state.text.clear();
                ui.memory_mut(|memory| memory.request_focus(field));
            }
        });
    });
}

fn mono() -> egui::FontId {
    egui::FontId::new(13.0, Type::Mono.font().family)
}

/// A URL has no line breaks; mail and terminals put them in.
pub fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect()
}

/// The text with its parts in their colours. Parts of another text are left out.
fn job(text: &str, parts: &[Segment], t: &Tokens, width: f32) -> LayoutJob {
    let format = |color: Color32| TextFormat {
        font_id: mono(),
        color,
        line_height: Some(LINE),
        ..TextFormat::default()
    };
    let mut job = LayoutJob {
        wrap: TextWrapping::wrap_at_width(width.max(80.0)),
        ..LayoutJob::default()
    };
    job.keep_trailing_whitespace = true;
    let covers = parts.last().is_some_and(|last| last.range.end == text.len());
    if !covers || parts.iter().any(|part| text.get(part.range.clone()).is_none()) {
        job.append(text, 0.0, format(t.tx1));
        return job;
    }
    for part in parts {
        let mut style = format(hue(t, part.kind).text);
        if part.severity == Some(Severity::Error) {
            style.background = t.err_bg;
        }
        let whole = part.range.clone();
        let core = part.core.start.max(whole.start)..part.core.end.min(whole.end);
        if core.start <= core.end {
            job.append(
                text.get(whole.start..core.start).unwrap_or_default(),
                0.0,
                format(t.tx3),
            );
            job.append(text.get(core.clone()).unwrap_or_default(), 0.0, style);
            job.append(text.get(core.end..whole.end).unwrap_or_default(), 0.0, format(t.tx3));
        } else {
            job.append(text.get(whole).unwrap_or_default(), 0.0, style);
        }
    }
    job
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supabase::url::{Context, explain};

    #[test]
    fn the_coloured_text_is_the_text() {
        for text in [
            "https://https://a.supabase.co/storage/v1/object/public/b/ö k.png?x=1",
            "//",
            "b/k",
            "?",
            "  x ",
        ] {
            let parts = explain(text, &Context::default()).segments;
            assert_eq!(job(text, &parts, &Tokens::DARK, 500.0).text, text);
            assert_eq!(job("another", &parts, &Tokens::DARK, 500.0).text, "another");
        }
    }

    #[test]
    fn broken_lines_are_joined() {
        assert_eq!(one_line("https://a\n  /b\r\n/c "), "https://a/b/c");
    }
}
