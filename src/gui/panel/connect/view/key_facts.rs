//! The box below the key: what the key says of itself.

use egui::{Align, Color32, Layout, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use jiff::Timestamp;

use crate::gui::icon;
use crate::gui::theme::{Tokens, Tone, Type, radius, size};
use crate::gui::widget::{Badge, paint, text, tooltip};
use crate::workspace::{Belongs, KeyFacts, Lifetime};

const HEIGHT: f32 = 52.0;
/// Where the columns begin, as shares of the width.
const COLUMNS: [f32; 4] = [13.0 / 662.0, 151.0 / 662.0, 373.0 / 662.0, 511.0 / 662.0];

/// Draws the box.
pub(super) fn show(ui: &mut Ui, facts: &KeyFacts, belongs: Belongs, now: Timestamp) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    ui.painter()
        .rect_stroke(rect, radius::CARD, Stroke::new(1.0, t.line), StrokeKind::Inside);
    let mut column = |at: usize, name: &str, value: &mut dyn FnMut(&mut Ui)| {
        let left = rect.left() + rect.width() * COLUMNS[at];
        let right = COLUMNS
            .get(at + 1)
            .map_or(rect.right(), |next| rect.left() + rect.width() * next);
        let cell = Rect::from_min_max(pos2(left, rect.top() + 9.0), pos2(right - 8.0, rect.bottom()));
        paint::inside(ui, cell, Layout::top_down(Align::Min), |ui| {
            ui.spacing_mut().item_spacing = vec2(4.0, 3.0);
            text::label(ui, Type::Caption, name, t.tx3);
            text::line(ui, 18.0, value);
        });
    };
    column(0, "Role", &mut |ui| role(ui, facts));
    column(1, "Project", &mut |ui| project(ui, facts, belongs));
    let (words, color) = lifetime(facts.lifetime, now, t);
    column(2, "Expires", &mut |ui| _ = text::elided(ui, Type::Small, &words, color));
    column(3, "Kind", &mut |ui| {
        _ = text::elided(ui, Type::Small, facts.kind, t.tx1);
    });
}

fn role(ui: &mut Ui, facts: &KeyFacts) {
    let badge = if facts.is_service {
        Badge::new(Tone::Warn, &facts.role).icon(icon::KEY.filled())
    } else {
        Badge::new(Tone::Neutral, &facts.role).icon(icon::USER)
    };
    ui.add(badge);
}

fn project(ui: &mut Ui, facts: &KeyFacts, belongs: Belongs) {
    let t = Tokens::of(ui);
    let Some(reference) = &facts.project else {
        text::elided(ui, Type::Small, "Not named in the key", t.tx2);
        return;
    };
    let shown = text::label(ui, Type::Mono, short(reference), t.tx1);
    tooltip(shown, reference);
    let (mark, color, words) = match belongs {
        Belongs::Yes => (icon::CHECK, t.ok, "matches URL"),
        Belongs::No => (icon::X, t.err, "another project"),
        Belongs::Unknown => return,
    };
    let (at, _) = ui.allocate_exact_size(vec2(size::ICON_SMALL, size::ICON_SMALL), Sense::hover());
    mark.paint(ui.painter(), at.center(), size::ICON_SMALL, color);
    text::elided(
        ui,
        Type::Small,
        words,
        if belongs == Belongs::No { t.err } else { t.tx2 },
    );
}

/// The two ends of a project's reference of twenty letters.
fn short(reference: &str) -> String {
    if reference.len() <= 12 || !reference.is_ascii() {
        return reference.chars().take(24).collect();
    }
    format!("{}…{}", &reference[..4], &reference[reference.len() - 5..])
}

fn lifetime(lifetime: Lifetime, now: Timestamp, t: &Tokens) -> (String, Color32) {
    match lifetime {
        Lifetime::Endless => ("Never".to_owned(), t.tx1),
        Lifetime::Until(end) => (day(end), t.tx1),
        Lifetime::EndsSoon(end) => {
            let days = end.duration_since(now).as_hours() / 24;
            let words = match days {
                0 => "Today".to_owned(),
                1 => "Tomorrow".to_owned(),
                days => format!("In {days} days"),
            };
            (words, t.warn)
        }
        Lifetime::Ended(end) => (format!("Ended {}", day(end)), t.err),
    }
}

/// "14 Jun 2035".
fn day(at: Timestamp) -> String {
    at.to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .strftime("%-d %b %Y")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_people_read_them() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let words = |lifetime: Lifetime| super::lifetime(lifetime, now, &Tokens::DARK).0;
        assert_eq!(
            words(Lifetime::Until("2035-06-14T00:00:00Z".parse().unwrap())),
            "14 Jun 2035"
        );
        assert_eq!(
            words(Lifetime::EndsSoon("2026-12-07T12:00:00Z".parse().unwrap())),
            "In 12 days"
        );
        assert_eq!(
            words(Lifetime::EndsSoon("2026-11-25T13:00:00Z".parse().unwrap())),
            "Today"
        );
        assert_eq!(
            words(Lifetime::Ended("2024-05-03T00:00:00Z".parse().unwrap())),
            "Ended 3 May 2024"
        );
    }

    #[test]
    fn references_are_cut_in_the_middle() {
        assert_eq!(short("vqkzmdlrwsnhtyfpjxbe"), "vqkz…pjxbe");
        assert_eq!(short("local"), "local");
        assert_eq!(short("éééééééééééééééééééééééééééé").chars().count(), 24);
    }
}
