//! The log: a line for whatever was done, and below a failed one what to do about it.

use egui::{Align, Id, Sense, Ui, vec2};

use super::jobs_view;
use super::log_state::{Failure, Filter, Level, Line, Log};
use super::rows::{GAP, PADDING, Part, ROW, Rows};
use super::words;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::theme::{Tokens, Tone, Type, size};
use crate::gui::widget::{EmptyState, ErrorAction, ErrorBlock, ErrorChoice, Row, cell, text};
use crate::service::{Job, JobState, Service};

/// Height of what opens below a line.
const DETAIL: f32 = 74.0;

pub(super) fn show(
    ui: &mut Ui,
    log: &mut Log,
    filter: &mut Filter,
    service: &Service,
    jobs: &[Job],
    actions: &mut Vec<Action>,
) {
    log.refresh(filter);
    if log.shown().is_empty() {
        nothing(ui, log, filter);
        return;
    }
    let open = (log.open()).and_then(|id| log.shown().iter().position(|shown| *shown == id));
    let mut toggled = None;
    let rows = Rows {
        count: log.shown().len(),
        height: ROW,
        open: open.map(|index| (index, DETAIL)),
        reveal: false,
    };
    rows.show(ui, "log", |ui, part| match part {
        Part::Row(index) => {
            if let Some(line) = log.shown().get(index).and_then(|id| log.line(*id))
                && row(ui, line, open == Some(index))
            {
                toggled = Some(line.id);
            }
        }
        Part::Detail(_) => {
            if let Some(line) = log.open().and_then(|id| log.line(id))
                && let Some(failure) = &line.failure
            {
                detail(ui, line, failure, service, jobs, actions);
            }
        }
    });
    if let Some(id) = toggled {
        log.toggle(id);
    }
}

fn nothing(ui: &mut Ui, log: &Log, filter: &mut Filter) {
    if log.is_empty() || *filter == Filter::default() {
        EmptyState::new(
            icon::LIST_DASHES,
            "Nothing was changed yet",
            "Each change, each job and each failure gets a line here",
        )
        .show(ui);
    } else if EmptyState::new(
        icon::FUNNEL_SIMPLE,
        "No line matches the filter",
        "Lines are kept until the program closes",
    )
    .button("Clear filter")
    .show(ui)
    {
        *filter = Filter::default();
    }
}

/// Draws a line; answers whether it is to be opened or closed.
fn row(ui: &mut Ui, line: &Line, open: bool) -> bool {
    let t = Tokens::of(ui);
    let (tone, level) = match line.level {
        Level::Ok => (Tone::Ok, "OK"),
        Level::Warn => (Tone::Warn, "Warn"),
        Level::Error => (Tone::Err, "Error"),
    };
    let color = t.tone(tone).fg;
    let name = format!("{level}, {}, {}, {}", line.operation, line.target, line.status);
    let mut row = Row::new(&name, ROW)
        .table()
        .padding(PADDING)
        .id(Id::unique(("log line", line.id)));
    if open {
        row = row.tint(tone);
    }
    let columns = Columns::of(ui.available_width());
    let clicked = row
        .show(ui, |ui| {
            cell(ui, Columns::TIME, Align::Min, |ui| {
                text::label(ui, Type::MonoSmall, words::time(line.at), t.tx2);
            });
            cell(ui, Columns::LEVEL, Align::Min, |ui| {
                ui.spacing_mut().item_spacing.x = 5.0;
                if line.failure.is_some() {
                    let (at, _) = ui.allocate_exact_size(vec2(10.0, ROW), Sense::hover());
                    let caret = if open { icon::CARET_DOWN } else { icon::CARET_RIGHT };
                    caret.paint(ui.painter(), at.center(), size::ICON_BADGE, color);
                }
                text::label(ui, Type::MonoSmall, level, color);
            });
            cell(ui, columns.operation, Align::Min, |ui| {
                text::elided(ui, Type::SmallStrong, &line.operation, t.tx1);
            });
            cell(ui, columns.rest, Align::Min, |ui| {
                text::key(ui, Type::MonoSmall, &line.target, t.tx2);
            });
            if columns.duration {
                cell(ui, Columns::DURATION, Align::Max, |ui| {
                    if let Some(duration) = line.duration {
                        text::label(ui, Type::MonoSmall, words::duration(duration), t.tx2);
                    }
                });
            }
            cell(ui, Columns::STATUS, Align::Min, |ui| {
                text::elided(ui, Type::MonoSmall, &line.status, color);
            });
        })
        .clicked();
    clicked && line.failure.is_some()
}

fn detail(ui: &mut Ui, line: &Line, failure: &Failure, service: &Service, jobs: &[Job], actions: &mut Vec<Action>) {
    let mut offered = Vec::with_capacity(4);
    let over = |job: &&Job| matches!(job.state, JobState::Failed(_) | JobState::Cancelled);
    let job = jobs.iter().find(|job| Some(job.id) == line.job).filter(over);
    if let Some((job, save)) = job.and_then(|job| Some((job, jobs_view::save_as(job)?))) {
        offered.push((
            ErrorAction::new(save.words()).icon(icon::ARROW_CLOCKWISE),
            Action::RetryAs(job.id, save.kind),
        ));
    }
    if let Some(job) = job.filter(|_| failure.retry) {
        offered.push((
            ErrorAction::new("Retry").icon(icon::ARROW_CLOCKWISE),
            Action::RetryJob(job.id),
        ));
    }
    if let Some(id) = line.exchange.filter(|id| service.exchange(*id).is_some()) {
        offered.push((
            ErrorAction::new("Copy as curl").icon(icon::TERMINAL_WINDOW),
            Action::CopyCurl(id),
        ));
        offered.push((ErrorAction::new("Show request"), Action::ShowRequest(id)));
    }
    let buttons: Vec<ErrorAction<'_>> = offered.iter().map(|(button, _)| *button).collect();
    let block = ErrorBlock::new(&failure.what, &failure.advice, &failure.technical)
        .code(&failure.code)
        .actions(&buttons);
    let indent = PADDING + Columns::TIME + GAP;
    if let Some(ErrorChoice::Action(index)) = block.show_in_dock(ui, indent)
        && let Some((_, action)) = offered.into_iter().nth(index)
    {
        actions.push(action);
    }
}

/// Widths of the columns that depend on the room there is.
struct Columns {
    operation: f32,
    rest: f32,
    duration: bool,
}

impl Columns {
    const TIME: f32 = 100.0;
    const LEVEL: f32 = 64.0;
    const OPERATION: f32 = 168.0;
    const DURATION: f32 = 72.0;
    const STATUS: f32 = 132.0;
    /// Below this width of the target, other columns make room for it.
    const NARROW: f32 = 160.0;

    fn of(width: f32) -> Self {
        let left = width - 2.0 * PADDING - Self::TIME - Self::LEVEL - Self::STATUS - 4.0 * GAP;
        let wide = left - Self::OPERATION - Self::DURATION - GAP;
        if wide >= Self::NARROW {
            return Self {
                operation: Self::OPERATION,
                rest: wide,
                duration: true,
            };
        }
        let operation = Self::OPERATION.min(left * 0.5).max(0.0);
        Self {
            operation,
            rest: (left - operation).max(0.0),
            duration: false,
        }
    }
}
