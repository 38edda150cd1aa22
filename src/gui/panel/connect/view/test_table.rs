//! The connection test: a row a check, with what was found and what to do about it.

use egui::{Align, Id, Layout, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::connect::state::{Field, Focus, State};
use crate::gui::theme::{Tokens, Type, radius, size};
use crate::gui::widget::{Button, paint, spinner, text};
use crate::service::connection::{Check, CheckId, CheckState, Fix};

const HEAD: f32 = 36.0;
const ROW: f32 = 32.0;
/// Where the words begin.
const WORDS_AT: f32 = 193.0;

/// Draws the table.
pub(super) fn show(ui: &mut Ui, state: &mut State, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let revision = state.revision();
    // Rows that will not be asked are no news; before the first run all are shown, so that the table keeps its size.
    let rows: Vec<Check> = state
        .test
        .rows
        .iter()
        .filter(|row| row.state != CheckState::Skipped || !row.words.is_empty())
        .filter(|row| row.id != CheckId::Provider || state.has_provider())
        .cloned()
        .collect();
    let old = state.test.has_begun() && !state.test.is_of(revision) && !state.test.is_running();
    let room = ui.available_width() - WORDS_AT - 13.0;
    let heights: Vec<f32> = rows.iter().map(|row| ROW + advice_height(ui, row, room)).collect();
    let height = HEAD + heights.iter().sum::<f32>();
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    ui.painter()
        .rect_stroke(rect, radius::CARD, Stroke::new(1.0, t.line), StrokeKind::Inside);
    let at = Rect::from_min_size(rect.min, vec2(rect.width(), HEAD));
    head(ui, at, state);
    let mut top = at.bottom();
    let mut fix = None;
    for (row, &tall) in rows.iter().zip(&heights) {
        ui.painter().hline(rect.x_range(), top, Stroke::new(1.0, t.line));
        let at = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), tall));
        let id = Id::unique("connect test").with(row.id.title());
        if let Some(asked) = paint::part(ui, id, |ui| check(ui, at, row, old)) {
            fix = Some(asked);
        }
        top += tall;
    }
    match fix {
        Some(Fix::CopySql(text)) => actions.push(Action::Copy { text, what: "SQL" }),
        Some(Fix::ChangeKey | Fix::UseLegacyKey) => state.focus = Some(Focus::on(Field::Key)),
        Some(Fix::ChangeUrl) => state.focus = Some(Focus::on(Field::Url)),
        Some(Fix::SignIn) => state.sign_in_instead(),
        Some(Fix::Open(url)) => ui.ctx().open_url(egui::OpenUrl::new_tab(url)),
        None => {}
    }
}

fn has_advice(row: &Check) -> bool {
    !row.advice.is_empty() && matches!(row.state, CheckState::Failed | CheckState::Warning)
}

/// What the advice adds to a row: it is never cut.
fn advice_height(ui: &Ui, row: &Check, width: f32) -> f32 {
    if !has_advice(row) {
        return 0.0;
    }
    let job = Type::Caption.job(row.advice.as_str(), egui::Color32::PLACEHOLDER, width);
    ui.painter().layout_job(job).size().y + 5.0
}

fn head(ui: &mut Ui, rect: Rect, state: &mut State) {
    let t = Tokens::of(ui);
    let inner = rect.shrink2(vec2(13.0, 0.0));
    paint::inside(ui, inner, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let words = if state.test.has_begun() { "Test again" } else { "Test" };
        let why_not = state.why_not_test();
        let again = Button::ghost(words)
            .small()
            .icon(icon::ARROW_CLOCKWISE)
            .busy(state.test.is_running())
            .disabled_because(why_not.as_deref());
        if ui.add(again).clicked() {
            state.wants_test = true;
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            text::label(ui, Type::SmallStrong, "Connection test", t.tx1);
            text::elided(ui, Type::Caption, state.test.words(state.revision()), t.tx3);
        });
    });
}

/// One row; answers the fix that was asked for.
fn check(ui: &mut Ui, rect: Rect, row: &Check, old: bool) -> Option<Fix> {
    let t = Tokens::of(ui);
    let line = Rect::from_min_size(rect.min, vec2(rect.width(), ROW));
    let mark = pos2(line.left() + 21.0, line.center().y);
    let (icon, color, state) = match row.state {
        CheckState::Waiting => (Some(icon::CIRCLE_DASHED), t.tx3, "waiting"),
        CheckState::Running => (None, t.acc_tx, "running"),
        CheckState::Ok => (Some(icon::CHECK_CIRCLE.filled()), t.ok, "passed"),
        CheckState::Warning => (Some(icon::WARNING.filled()), t.warn_fill, "warning"),
        CheckState::Failed => (Some(icon::X_CIRCLE.filled()), t.err, "failed"),
        CheckState::Skipped => (Some(icon::MINUS_CIRCLE), t.tx3, "skipped"),
    };
    let fade = if old { 0.45 } else { 1.0 };
    match icon {
        Some(icon) => _ = icon.paint(ui.painter(), mark, size::ICON, color.gamma_multiply(fade)),
        None => {
            let at = Rect::from_center_size(mark, vec2(size::ICON, size::ICON));
            paint::inside(ui, at, Layout::left_to_right(Align::Center), |ui| {
                spinner(ui, "Running")
            });
        }
    }
    let title = Rect::from_min_max(
        pos2(line.left() + 37.0, line.top()),
        pos2(line.left() + WORDS_AT, line.bottom()),
    );
    paint::inside(ui, title, Layout::left_to_right(Align::Center), |ui| {
        let color = if row.state == CheckState::Waiting { t.tx2 } else { t.tx1 };
        let shown = text::elided(ui, Type::SmallStrong, row.id.title(), color);
        let name = format!("{}: {state}", row.id.title());
        shown.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    });
    let mut asked = None;
    let words = Rect::from_min_max(
        pos2(line.left() + WORDS_AT, line.top()),
        pos2(line.right() - 9.0, line.bottom()),
    );
    paint::inside(ui, words, Layout::right_to_left(Align::Center), |ui| {
        if let Some(fix) = row.fix.as_ref().filter(|_| !old) {
            let button = ui.add(Button::new(fix_words(fix)).small());
            if button.clicked() {
                asked = Some(fix.clone());
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let color = if row.state == CheckState::Failed { t.err } else { t.tx2 };
            text::elided(ui, Type::Small, row.words.as_str(), color.gamma_multiply(fade));
        });
    });
    if has_advice(row) {
        let below = Rect::from_min_max(
            pos2(line.left() + WORDS_AT, line.bottom() - 3.0),
            pos2(rect.right() - 13.0, rect.bottom()),
        );
        paint::inside(ui, below, Layout::top_down(Align::Min), |ui| {
            text::wrapped(ui, Type::Caption, row.advice.as_str(), t.tx2);
        });
    }
    asked
}

fn fix_words(fix: &Fix) -> &'static str {
    match fix {
        Fix::CopySql(_) => "Copy SQL",
        Fix::ChangeKey => "Change key",
        Fix::UseLegacyKey => "Use a legacy key",
        Fix::ChangeUrl => "Change URL",
        Fix::SignIn => "Sign in instead",
        Fix::Open(_) => "Open dashboard",
    }
}
