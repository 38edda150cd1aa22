//! The parts of the URL as blocks, each with its name above and its meaning in the tooltip.

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::gui::icon;
use crate::gui::panel::url_lab::state::State;
use crate::gui::theme::{Hue, Tokens, Tone, Type, radius, size};
use crate::gui::widget::tooltip;
use crate::supabase::url::{Segment, SegmentKind, Severity};

const GAP: f32 = 3.0;
const LABEL: f32 = 18.0;
const BLOCK: f32 = 28.0;
/// Space at both sides of the words of a block.
const PADDING: f32 = 16.0;

/// The colour of a part.
pub fn hue(t: &Tokens, kind: SegmentKind) -> Hue {
    match kind {
        SegmentKind::Scheme => t.scheme,
        SegmentKind::Host => t.host,
        SegmentKind::ApiRoot => t.api_root,
        SegmentKind::Access => t.access,
        SegmentKind::Bucket => t.bucket,
        SegmentKind::Folder => t.folder,
        SegmentKind::File => t.file,
        SegmentKind::Query => t.query,
    }
}

/// How a severity is shown.
pub fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Error => Tone::Err,
        Severity::Warning => Tone::Warn,
        Severity::Note => Tone::Neutral,
    }
}

/// The sign of a severity.
pub fn sign(severity: Severity) -> icon::Icon {
    match severity {
        Severity::Error => icon::WARNING_CIRCLE.filled(),
        Severity::Warning => icon::WARNING.filled(),
        Severity::Note => icon::INFO.filled(),
    }
}

pub fn show(ui: &mut Ui, state: &State) {
    let Some(explained) = state.explained() else { return };
    let parts: Vec<&Segment> = explained.segments.iter().filter(|part| !part.text.is_empty()).collect();
    if parts.is_empty() {
        return;
    }
    let t = Tokens::of(ui);
    let wanted: Vec<f32> = parts
        .iter()
        .map(|part| {
            let words = Type::MonoSmall.line(part.text.as_str(), t.tx1, f32::INFINITY);
            let label = Type::Caption.line(part.kind.label(), t.tx1, f32::INFINITY);
            let mark = if part.severity.is_some() { 18.0 } else { 0.0 };
            let (words, label) = (
                ui.painter().layout_job(words).size().x,
                ui.painter().layout_job(label).size().x,
            );
            (words + PADDING).max(label + mark + 2.0).ceil()
        })
        .collect();
    let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), LABEL + BLOCK), Sense::hover());
    let widths = fit(&wanted, whole.width() - GAP * (parts.len() - 1) as f32);
    let mut left = whole.left();
    for (part, width) in parts.into_iter().zip(widths) {
        block(
            ui,
            Rect::from_min_size(pos2(left, whole.top()), vec2(width, whole.height())),
            part,
        );
        left += width + GAP;
    }
}

fn block(ui: &mut Ui, rect: Rect, part: &Segment) {
    let t = Tokens::of(ui);
    let colors = hue(t, part.kind);
    let response = ui.interact(rect, ui.scope_id().with(("part", part.range.start)), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Label,
            true,
            format!("{}: {}. {}", part.kind.label(), part.text, part.meaning),
        )
    });
    let label = ui
        .painter()
        .layout_job(Type::Caption.line(part.kind.label(), colors.text, rect.width()));
    let end = rect.left() + label.size().x;
    ui.painter().galley(rect.min, label, colors.text);
    let body = Rect::from_min_max(rect.min + vec2(0.0, LABEL), rect.max);
    if let Some(severity) = part.severity {
        let edge = t.tone(tone(severity)).fill;
        if severity != Severity::Note {
            ui.painter().rect_filled(body, radius::BADGE, edge);
        }
        sign(severity).paint(ui.painter(), pos2(end + 10.0, rect.top() + 7.0), size::ICON_BADGE, edge);
    }
    let edge = if part.severity.is_some_and(|severity| severity != Severity::Note) {
        2.0
    } else {
        0.0
    };
    let face = Rect::from_min_max(body.min, body.max - vec2(0.0, edge));
    ui.painter().rect_filled(face, radius::BADGE, colors.tint);
    let words =
        ui.painter()
            .layout_job(Type::MonoSmall.line(part.text.as_str(), colors.text, face.width() - PADDING + 4.0));
    let at = Align2::LEFT_CENTER
        .anchor_size(pos2(face.left() + PADDING * 0.5 - 1.0, body.center().y), words.size())
        .min;
    ui.painter().galley(at, words, colors.text);
    tooltip(response, &format!("{}\n{}", part.text, part.meaning));
}

/// Widths that together are no wider than `room`: the widest are cut first, all to the same.
fn fit(wanted: &[f32], room: f32) -> Vec<f32> {
    let mut sorted = wanted.to_vec();
    sorted.sort_by(f32::total_cmp);
    let mut left = room.max(0.0);
    let mut most = f32::INFINITY;
    for (place, width) in sorted.iter().enumerate() {
        let share = left / (sorted.len() - place) as f32;
        if *width > share {
            most = share;
            break;
        }
        left -= width;
    }
    wanted.iter().map(|width| width.min(most)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_fit_and_short_ones_stay_whole() {
        assert_eq!(fit(&[50.0, 60.0], 200.0), [50.0, 60.0]);
        let cut = fit(&[50.0, 400.0, 60.0, 300.0], 310.0);
        assert_eq!(cut, [50.0, 100.0, 60.0, 100.0]);
        assert!(fit(&[50.0, 60.0], -4.0).iter().all(|width| *width == 0.0));
    }
}
