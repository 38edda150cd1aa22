//! Every request of this run, and all that is kept of one of them.

use std::ops::Range;
use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{Align, Id, Label, Rangef, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use super::log_state::Level;
use super::request_text::{Detail, TextKind, TextLine};
use super::requests_state::{Request, Requests};
use super::rows::{GAP, PADDING, Part, ROW, Rows, inside};
use super::words;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::theme::{Tokens, Type, size};
use crate::gui::widget::{Button, EmptyState, Row, cell, text};
use crate::http::{Exchange, ExchangeId};
use crate::media::format_bytes;
use crate::service::Service;

const TIME: f32 = 100.0;
const METHOD: f32 = 64.0;
const STATUS: f32 = 132.0;
const DURATION: f32 = 72.0;
const SIZE: f32 = 72.0;

/// Height of a line of an open request.
const LINE: f32 = 16.0;
/// Space above and below those lines.
const MARGIN: f32 = 10.0;
/// Where those lines begin.
const INDENT: f32 = PADDING + TIME + GAP;
/// Room for the button beside them.
const BUTTON: f32 = 132.0;

/// What the view keeps between frames.
#[derive(Debug, Default)]
pub(super) struct View {
    detail: Option<Detail>,
    /// Scrolls to the open request once.
    pub reveal: bool,
}

pub(super) fn show(
    ui: &mut Ui,
    requests: &mut Requests,
    view: &mut View,
    filter: &mut String,
    service: &Service,
    actions: &mut Vec<Action>,
) {
    requests.refresh(filter);
    if requests.shown().is_empty() {
        nothing(ui, requests, filter);
        return;
    }
    let position = |id| requests.shown().iter().position(|shown| *shown == id);
    let open = requests.open().and_then(|id| Some((id, position(id)?)));
    let exchange = open.and_then(|(id, _)| service.exchange(id));
    let height = view.lay_out(ui, exchange.as_ref());
    let rows = Rows {
        count: requests.shown().len(),
        height: ROW,
        open: open.map(|(_, index)| (index, height)),
        reveal: std::mem::take(&mut view.reveal),
    };
    let mut toggled = None;
    rows.show(ui, "requests", |ui, part| match part {
        Part::Row(index) => {
            if let Some(request) = requests.shown().get(index).and_then(|id| requests.get(*id))
                && row(ui, request, open.is_some_and(|(_, open)| open == index))
            {
                toggled = Some(request.id);
            }
        }
        Part::Detail(seen) => {
            if let Some((id, _)) = open {
                detail(ui, id, view.detail.as_ref(), seen, actions);
            }
        }
    });
    if let Some(id) = toggled {
        requests.toggle(id);
    }
}

impl View {
    /// Makes the lines of the open request if they are not made yet; answers their height.
    fn lay_out(&mut self, ui: &Ui, exchange: Option<&Arc<Exchange>>) -> f32 {
        let Some(exchange) = exchange else {
            self.detail = None;
            return LINE + 2.0 * MARGIN;
        };
        let letter = ui.fonts_mut(|fonts| fonts.glyph_width(&Type::MonoSmall.font(), 'm'));
        let room = ui.available_width() - INDENT - BUTTON - PADDING;
        let columns = (room / letter).max(0.0) as usize;
        if !(self.detail.as_ref()).is_some_and(|detail| detail.is_of(exchange, columns)) {
            self.detail = Some(Detail::new(exchange, columns));
        }
        let lines = self.detail.as_ref().map_or(1, |detail| detail.lines.len());
        lines as f32 * LINE + 2.0 * MARGIN
    }
}

fn nothing(ui: &mut Ui, requests: &Requests, filter: &mut String) {
    if requests.is_empty() || filter.is_empty() {
        EmptyState::new(
            icon::ARROWS_DOWN_UP,
            "No requests yet",
            "Each request to the server is listed here, without its secrets",
        )
        .show(ui);
    } else if EmptyState::new(
        icon::FUNNEL_SIMPLE,
        "No request matches the filter",
        "Address, method, status and number are searched",
    )
    .button("Clear filter")
    .show(ui)
    {
        filter.clear();
    }
}

/// Draws a request; answers whether it is to be opened or closed.
fn row(ui: &mut Ui, request: &Request, open: bool) -> bool {
    let t = Tokens::of(ui);
    let (status, color) = match &request.ended {
        None => ("under way", t.tx3),
        Some((Level::Ok, status)) => (status.as_str(), t.ok),
        Some((Level::Warn, status)) => (status.as_str(), t.warn),
        Some((Level::Error, status)) => (status.as_str(), t.err),
    };
    let name = format!("{} {}, {}, {status}", request.method, request.url, request.operation);
    let width = ui.available_width() - 2.0 * PADDING;
    let rest = (width - TIME - METHOD - STATUS - DURATION - SIZE - 5.0 * GAP).max(0.0);
    Row::new(&name, ROW)
        .table()
        .selected(open)
        .padding(PADDING)
        .id(Id::unique(("request", request.id)))
        .show(ui, |ui| {
            cell(ui, TIME, Align::Min, |ui| {
                text::label(ui, Type::MonoSmall, words::time(request.at), t.tx2);
            });
            cell(ui, METHOD, Align::Min, |ui| {
                ui.spacing_mut().item_spacing.x = 5.0;
                let (at, _) = ui.allocate_exact_size(vec2(10.0, ROW), Sense::hover());
                let caret = if open { icon::CARET_DOWN } else { icon::CARET_RIGHT };
                caret.paint(ui.painter(), at.center(), size::ICON_BADGE, t.tx3);
                text::label(ui, Type::MonoSmall, request.method.as_str(), t.tx1);
            });
            cell(ui, rest, Align::Min, |ui| {
                text::key(ui, Type::MonoSmall, &request.url, t.tx2);
            });
            cell(ui, SIZE, Align::Max, |ui| {
                if request.size > 0 {
                    text::label(ui, Type::MonoSmall, format_bytes(request.size), t.tx2);
                }
            });
            cell(ui, DURATION, Align::Max, |ui| {
                if let Some(duration) = request.duration {
                    text::label(ui, Type::MonoSmall, words::duration(duration), t.tx2);
                }
            });
            cell(ui, STATUS, Align::Min, |ui| {
                text::elided(ui, Type::MonoSmall, status, color);
            });
        })
        .clicked()
}

fn detail(ui: &mut Ui, id: ExchangeId, detail: Option<&Detail>, seen: Rangef, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let rect = ui.max_rect();
    ui.painter().rect_filled(rect, 0, t.input);
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, t.line));
    let Some(detail) = detail else {
        let line = Rect::from_min_max(rect.min + vec2(INDENT, MARGIN), rect.max);
        inside(ui, line, egui::Layout::default(), |ui| {
            let gone = "This request is no longer kept; newer ones took its place.";
            text::elided(ui, Type::Small, gone, t.tx2);
        });
        return;
    };
    for index in lines_in(seen, detail.lines.len()) {
        let Some(line) = detail.lines.get(index) else { break };
        let top = rect.top() + MARGIN + index as f32 * LINE;
        let place = Rect::from_min_max(
            pos2(rect.left() + INDENT, top),
            pos2(rect.right() - PADDING, top + LINE),
        );
        ui.scope_builder(UiBuilder::new().id_salt(index).max_rect(place), |ui| {
            ui.add(Label::new(layout(line, t)).extend().selectable(true));
        });
    }
    // Stays in sight while the lines beside it scroll.
    let button = Rect::from_min_size(
        pos2(rect.right() - PADDING - BUTTON, rect.top() + seen.min + 8.0),
        vec2(BUTTON, size::SMALL),
    );
    let layout = egui::Layout::right_to_left(Align::Center);
    inside(ui, button, layout, |ui| {
        let copy = Button::new("Copy as curl").small().icon(icon::TERMINAL_WINDOW);
        if ui.add(copy).clicked() {
            actions.push(Action::CopyCurl(id));
        }
    });
}

/// The lines of an open request of which a part can be seen.
fn lines_in(seen: Rangef, count: usize) -> Range<usize> {
    let first = ((seen.min - MARGIN) / LINE).max(0.0) as usize;
    let last = ((seen.max - MARGIN) / LINE).max(0.0).ceil() as usize;
    first.min(count)..last.min(count)
}

fn layout(line: &TextLine, t: &Tokens) -> LayoutJob {
    let mut job = LayoutJob::default();
    let mut part = |text: &str, color| job.append(text, 0.0, Type::MonoSmall.format(color));
    match line.kind {
        TextKind::Heading => part(&line.text, t.acc_tx),
        TextKind::Note => part(&line.text, t.tx3),
        TextKind::Body => part(&line.text, t.tx1),
        TextKind::Header(name) => {
            let (name, value) = line.text.split_at_checked(name).unwrap_or((&line.text, ""));
            part(name, t.tx3);
            part(value, t.tx1);
        }
    }
    job
}
