//! The bar at the bottom: how the connection is, and what is going on.

use std::time::Duration;

use egui::{Align, Layout, Sense, Ui, vec2};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use super::transfers::speed;
use crate::gui::icon::{self, Icon};
use crate::gui::mark;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::text;
use crate::http::Waiting;
use crate::media::group_thousands;
use crate::service::{AdminState, Job, Moving, Service};
use crate::workspace::{Access, Money};

/// The bar's height.
pub const HEIGHT: f32 = 24.0;

/// What the bar tells.
pub struct Facts<'a> {
    /// The workspace.
    pub service: &'a Service,
    /// Whether the newest request got an answer, and how long it took.
    pub last_answer: Option<(bool, Duration)>,
    /// All jobs.
    pub jobs: &'a [Job],
    /// All transfers.
    pub moving: &'a Moving,
    /// Errors in the log.
    pub errors: usize,
    /// How much is known of what is in buckets, once anything is.
    pub index: Option<String>,
    /// Pictures that engines are at, and those that wait for their turn.
    pub drawing: (u64, u64),
    /// What pictures have cost since midnight, if anything.
    pub spent: Option<Money>,
}

/// Draws the bar.
pub fn show(ui: &mut Ui, facts: &Facts<'_>) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.x = space::CONTROL;
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(12.0);
        let waiting = waiting(
            &facts.service.waiting(),
            facts.service.workspace().url.as_str(),
            Timestamp::now(),
            &TimeZone::system(),
        );
        let (color, words) = match facts.last_answer {
            _ if let Some(words) = waiting => (t.warn, words),
            None => (t.tx3, "Not asked yet".to_owned()),
            Some((true, took)) => (t.ok, format!("Connected · {} ms", took.as_millis())),
            Some((false, _)) => (t.err, "No answer".to_owned()),
        };
        let (dot, _) = ui.allocate_exact_size(vec2(6.0, 6.0), Sense::hover());
        ui.painter().circle_filled(dot.center(), 3.0, color);
        text::label(ui, Type::Caption, words, t.tx2);
        ui.add_space(space::CONTROL);
        let workspace = facts.service.workspace();
        if !workspace.is_local {
            let (mark, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
            let color = mark::color(t, workspace.colour);
            ui.painter().rect_filled(mark, 2, color);
        }
        text::label(ui, Type::Caption, workspace.url.as_str(), t.tx3);
        if let Some(words) = &facts.index {
            ui.add_space(space::CONTROL);
            let (mark, _) = ui.allocate_exact_size(vec2(size::ICON_BADGE, size::ICON_BADGE), Sense::hover());
            icon::LIST_MAGNIFYING_GLASS.paint(ui.painter(), mark.center(), size::ICON_BADGE, t.tx3);
            text::label(ui, Type::Caption, words, t.tx2);
        }
        if let Access::SignIn { email } = &workspace.access {
            ui.add_space(space::CONTROL);
            text::label(ui, Type::Caption, format!("Signed in as {email}"), t.tx2);
        }
        let admin = match facts.service.admin().state() {
            AdminState::Off => None,
            AdminState::Locked => Some("Admin mode, locked"),
            AdminState::Unlocked { .. } => Some("Admin mode"),
        };
        if let Some(words) = admin {
            ui.add_space(space::CONTROL);
            text::label(ui, Type::CaptionStrong, words, t.warn);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(12.0);
            let running = facts.jobs.iter().filter(|job| !job.state.is_over()).count();
            let work = match running {
                0 if facts.moving.is_running() => None,
                0 => Some("Nothing is running".to_owned()),
                1 => Some("1 job is running".to_owned()),
                many => Some(format!("{many} jobs are running")),
            };
            if let Some(work) = work {
                text::label(ui, Type::Caption, work, t.tx2);
            }
            if facts.errors > 0 {
                ui.add_space(space::CONTROL);
                let words = if facts.errors == 1 {
                    "1 error".to_owned()
                } else {
                    format!("{} errors", facts.errors)
                };
                text::label(ui, Type::Caption, words, t.err);
            }
            pictures(ui, facts);
            transfers(ui, facts.moving);
        });
    });
}

/// What pictures have cost today, and how many are being made, from the right to the left.
fn pictures(ui: &mut Ui, facts: &Facts<'_>) {
    let t = Tokens::of(ui);
    let part = |ui: &mut Ui, icon: Icon, words: String| {
        ui.add_space(space::CONTROL);
        text::label(ui, Type::Caption, words, t.tx2);
        let (mark, _) = ui.allocate_exact_size(vec2(size::ICON_BADGE, size::ICON_BADGE), Sense::hover());
        icon.paint(ui.painter(), mark.center(), size::ICON_BADGE, t.tx3);
    };
    if let Some(spent) = facts.spent {
        part(ui, icon::COINS, format!("{spent} today"));
    }
    if let Some(words) = drawing_words(facts.drawing) {
        part(ui, icon::CIRCLE_NOTCH, words);
    }
}

/// "1 generating · 1 queued".
fn drawing_words((drawing, queued): (u64, u64)) -> Option<String> {
    match (drawing, queued) {
        (0, 0) => None,
        (drawing, 0) => Some(format!("{} generating", group_thousands(drawing))),
        (0, queued) => Some(format!("{} queued", group_thousands(queued))),
        (drawing, queued) => Some(format!(
            "{} generating · {} queued",
            group_thousands(drawing),
            group_thousands(queued)
        )),
    }
}

/// How fast transfers go and what of them waits for the server, from the right to the left, while there is any.
fn transfers(ui: &mut Ui, moving: &Moving) {
    let t = Tokens::of(ui);
    let part = |ui: &mut Ui, icon: Icon, words: String, color| {
        ui.add_space(space::CONTROL);
        text::label(ui, Type::Caption, words, color);
        let (mark, _) = ui.allocate_exact_size(vec2(size::ICON_BADGE, size::ICON_BADGE), Sense::hover());
        icon.paint(ui.painter(), mark.center(), size::ICON_BADGE, color);
    };
    let retry = moving.waiting_to_retry();
    if retry > 0 {
        let words = format!("{} waiting to retry", group_thousands(retry));
        part(ui, icon::HOURGLASS_MEDIUM, words, t.warn);
    }
    if moving.bytes_per_second > 0 {
        part(ui, icon::ARROWS_DOWN_UP, speed(moving.bytes_per_second), t.tx2);
    }
}

/// What is said while a server is left alone because it keeps failing: the project's before others. When its time is over,
/// the next request shows how things are. The service wakes the window then.
fn waiting(all: &[Waiting], own: &str, now: Timestamp, zone: &TimeZone) -> Option<String> {
    let latest = all
        .iter()
        .filter(|waiting| waiting.until > now)
        .max_by_key(|waiting| (waiting.origin == own, waiting.until))?;
    let host = Url::parse(&latest.origin)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    let who = match host {
        Some(host) if latest.origin != own => host,
        _ => "the server".to_owned(),
    };
    let until = latest.until.to_zoned_datetime(zone.clone()).strftime("%H:%M:%S");
    Some(format!("Waiting for {who} until {until}, nothing is lost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_that_are_made_or_wait_are_counted() {
        assert_eq!(drawing_words((0, 0)), None);
        assert_eq!(drawing_words((1, 1)).as_deref(), Some("1 generating · 1 queued"));
        assert_eq!(drawing_words((0, 1_200)).as_deref(), Some("1,200 queued"));
        assert_eq!(drawing_words((2, 0)).as_deref(), Some("2 generating"));
    }

    #[test]
    fn says_who_is_waited_for_and_until_when() {
        let own = "https://abc.supabase.co";
        let at = |time: &str| format!("2026-11-25T{time}Z").parse::<Timestamp>().unwrap();
        let left_alone = |origin: &str, time: &str| Waiting {
            origin: origin.to_owned(),
            endpoint: "storage".to_owned(),
            until: at(time),
        };
        let said = |all: &[Waiting]| waiting(all, own, at("12:04:00"), &TimeZone::UTC);
        assert_eq!(said(&[]), None);
        assert_eq!(said(&[left_alone(own, "12:04:00")]), None, "over");
        let provider = left_alone("https://api.example.com:8443", "12:05:00");
        assert_eq!(
            said(std::slice::from_ref(&provider)).as_deref(),
            Some("Waiting for api.example.com until 12:05:00, nothing is lost")
        );
        let all = [left_alone(own, "12:04:01"), provider, left_alone(own, "12:04:05")];
        assert_eq!(
            said(&all).as_deref(),
            Some("Waiting for the server until 12:04:05, nothing is lost")
        );
    }
}
