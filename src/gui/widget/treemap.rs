//! Amounts as areas: rectangles as near to squares as they can be, largest first (Bruls, Huizing and van Wijk, "Squarified
//! treemaps"). What would be too small to see or to hit is not drawn one by one.

use egui::epaint::StrokeKind;
use egui::{Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::{paint, tooltip};
use crate::gui::theme::{Tokens, Type, radius};

/// A cell with a shorter side is not drawn.
const SMALLEST: f32 = 8.0;
/// Between cells.
const GAP: f32 = 2.0;
/// The line above the cells of a cell.
const HEAD: f32 = 20.0;
/// A cell that is lower or narrower has no words on it.
const ROOM_FOR_WORDS: Vec2 = vec2(44.0, 20.0);

/// What is said of an area by its border or its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CellMark {
    /// Nothing.
    #[default]
    None,
    /// It is chosen.
    Selected,
    /// More may be in it than is known.
    Partial,
}

/// An area.
#[derive(Clone, Debug, Default)]
pub struct TreemapCell {
    /// What is written on it.
    pub name: String,
    /// How much it is; no area for nothing.
    pub amount: u64,
    /// The amount in words, written at its right where there is room.
    pub words: String,
    /// Everything in words: the accessible name and the tooltip.
    pub described: String,
    /// What is said of it.
    pub mark: CellMark,
    /// What it is made of; what they do not come to is left free.
    pub cells: Vec<TreemapCell>,
}

/// Draws areas into a place of this size. Each can be reached with Tab and the arrows. Answers which one was clicked: its place
/// in `cells`, and in the cells of that one.
pub fn treemap(ui: &mut Ui, size: Vec2, cells: &[TreemapCell]) -> Option<(usize, Option<usize>)> {
    let (whole, response) = ui.allocate_exact_size(size, Sense::hover());
    let mut clicked = None;
    for (index, rect) in squares(whole, &amounts(cells)) {
        let cell = &cells[index];
        let id = response.id.with(index);
        if draw(ui, rect, id, cell, 0) {
            clicked = Some((index, None));
        }
        let inner = Rect::from_min_max(pos2(rect.left(), rect.top() + HEAD), rect.max).shrink(GAP);
        if cell.cells.is_empty() || inner.width() < SMALLEST || inner.height() < SMALLEST {
            continue;
        }
        // What is in none of them keeps its share of the area.
        let parts = cell.cells.iter().map(|cell| cell.amount);
        let known = parts.fold(0, u64::saturating_add);
        let mut parts = amounts(&cell.cells);
        parts.push(cell.amount.saturating_sub(known));
        for (part, rect) in squares(inner, &parts) {
            let Some(inside) = cell.cells.get(part) else { continue };
            if draw(ui, rect, id.with(part), inside, 1) {
                clicked = Some((index, Some(part)));
            }
        }
    }
    clicked
}

fn amounts(cells: &[TreemapCell]) -> Vec<u64> {
    cells.iter().map(|cell| cell.amount).collect()
}

/// Draws one; answers whether it was clicked.
fn draw(ui: &mut Ui, rect: Rect, id: egui::Id, cell: &TreemapCell, depth: usize) -> bool {
    let t = Tokens::of(ui);
    let rect = rect.shrink(GAP / 2.0);
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &cell.described));
    let selected = cell.mark == CellMark::Selected;
    let ground = match (selected, depth) {
        (true, _) => t.acc,
        // Only a ground for what it is made of.
        (false, 0) if !cell.cells.is_empty() => t.treemap[0],
        (false, _) => t.treemap[2],
    };
    let ground = if response.hovered() && !selected {
        t.treemap[3]
    } else {
        ground
    };
    let color = match (cell.mark, depth) {
        (CellMark::Selected, _) => t.on_fill,
        (CellMark::Partial, 0) => t.warn,
        (CellMark::None | CellMark::Partial, _) => t.tx1,
    };
    ui.painter().rect_filled(rect, radius::BADGE, ground);
    // Around the whole; it goes for everything inside.
    if cell.mark == CellMark::Partial && depth == 0 {
        let stroke = Stroke::new(1.0, t.warn_fill);
        ui.painter()
            .rect_stroke(rect, radius::BADGE, stroke, StrokeKind::Inside);
    }
    let room = rect.shrink2(vec2(6.0, 3.0));
    if rect.width() >= ROOM_FOR_WORDS.x && rect.height() >= ROOM_FOR_WORDS.y {
        let kind = if depth == 0 { Type::CaptionStrong } else { Type::Caption };
        let quiet = if ground == t.treemap[0] { t.tx2 } else { color };
        let amount = paint::whole_line(ui, Type::Caption, &cell.words, quiet);
        let with_amount = depth == 0 && amount.size().x + 48.0 < room.width();
        let width = room.width() - if with_amount { amount.size().x + 6.0 } else { 0.0 };
        let name = paint::line(ui, kind, &cell.name, color, width);
        ui.painter().galley(room.min, name, color);
        if with_amount {
            let at = pos2(room.right() - amount.size().x, room.top());
            ui.painter().galley(at, amount, color);
        }
    }
    paint::focus_ring(ui, &response, radius::BADGE);
    let clicked = response.clicked();
    tooltip(response, &cell.described);
    clicked
}

/// Where each amount goes, by its place in `amounts`, the largest first. The areas have the proportions of the amounts; those
/// that would be too small to see are not among them.
fn squares(place: Rect, amounts: &[u64]) -> Vec<(usize, Rect)> {
    let total: f64 = amounts.iter().map(|amount| *amount as f64).sum();
    if total <= 0.0 || place.width() <= 0.0 || place.height() <= 0.0 {
        return Vec::new();
    }
    let scale = f64::from(place.width()) * f64::from(place.height()) / total;
    let mut order: Vec<(usize, f64)> = amounts
        .iter()
        .enumerate()
        .map(|(index, amount)| (index, *amount as f64 * scale))
        // Below this none of its sides can be long enough unless it is very thin.
        .filter(|(_, area)| *area >= f64::from(SMALLEST))
        .collect();
    order.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    let mut placed = Vec::with_capacity(order.len());
    let mut left = place;
    let mut row = Vec::new();
    for next in order {
        let side = f64::from(left.width().min(left.height()));
        if !row.is_empty() && worst(&row, Some(next.1), side) > worst(&row, None, side) {
            left = lay(&row, left, &mut placed);
            row.clear();
        }
        row.push(next);
    }
    if !row.is_empty() {
        lay(&row, left, &mut placed);
    }
    placed.retain(|(_, rect)| rect.width() >= SMALLEST && rect.height() >= SMALLEST);
    placed
}

/// How far from a square the worst of a row is: 1 is a square.
fn worst(row: &[(usize, f64)], with: Option<f64>, side: f64) -> f64 {
    let areas = || row.iter().map(|(_, area)| *area).chain(with);
    let sum: f64 = areas().sum();
    let thick = sum / side.max(f64::EPSILON);
    areas()
        .map(|area| {
            let long = area / thick.max(f64::EPSILON);
            (long / thick).max(thick / long.max(f64::EPSILON))
        })
        .fold(0.0, f64::max)
}

/// Lays a row along the shorter side; answers what is left of the place.
#[expect(clippy::cast_possible_truncation, reason = "lengths on a screen")]
fn lay(row: &[(usize, f64)], place: Rect, placed: &mut Vec<(usize, Rect)>) -> Rect {
    let sum: f64 = row.iter().map(|(_, area)| *area).sum();
    let upright = place.width() > place.height();
    let side = if upright { place.height() } else { place.width() };
    let thick =
        ((sum / f64::from(side.max(f32::EPSILON))) as f32).min(if upright { place.width() } else { place.height() });
    let mut at = 0.0;
    for (index, area) in row {
        let long = (area / sum) as f32 * side;
        let rect = if upright {
            Rect::from_min_size(pos2(place.left(), place.top() + at), vec2(thick, long))
        } else {
            Rect::from_min_size(pos2(place.left() + at, place.top()), vec2(long, thick))
        };
        placed.push((*index, rect));
        at += long;
    }
    let min = if upright {
        pos2(place.left() + thick, place.top())
    } else {
        pos2(place.left(), place.top() + thick)
    };
    Rect::from_min_max(min, place.max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLACE: Rect = Rect {
        min: pos2(0.0, 0.0),
        max: pos2(600.0, 400.0),
    };

    #[test]
    fn areas_are_those_of_the_paper() {
        let placed = squares(PLACE, &[6, 6, 4, 3, 2, 2, 1]);
        let find = |index: usize| placed.iter().find(|(at, _)| *at == index).unwrap().1;
        assert_eq!(find(0), Rect::from_min_max(pos2(0.0, 0.0), pos2(300.0, 200.0)));
        assert_eq!(find(1), Rect::from_min_max(pos2(0.0, 200.0), pos2(300.0, 400.0)));
        assert_eq!(placed.len(), 7);
    }

    #[test]
    fn what_is_too_small_is_left_out_and_nothing_is_nothing() {
        assert_eq!(squares(PLACE, &[]), []);
        assert_eq!(squares(PLACE, &[0, 0]), []);
        assert_eq!(squares(Rect::NOTHING, &[1]), []);
        let many: Vec<u64> = std::iter::once(1_000_000)
            .chain(std::iter::repeat_n(1, 100_000))
            .collect();
        assert_eq!(squares(PLACE, &many), [(0, squares(PLACE, &many)[0].1)]);
        assert_eq!(squares(PLACE, &[u64::MAX, u64::MAX]).len(), 2);
    }

    proptest! {
        #[test]
        fn areas_are_in_proportion_and_do_not_overlap(amounts in proptest::collection::vec(0_u64..1_000_000_000, 0..60)) {
            let placed = squares(PLACE, &amounts);
            let total: u64 = amounts.iter().sum();
            for (at, (index, rect)) in placed.iter().enumerate() {
                prop_assert!(PLACE.expand(0.5).contains_rect(*rect), "{rect:?}");
                let share = amounts[*index] as f64 / total as f64;
                let area = f64::from(rect.area()) / f64::from(PLACE.area());
                prop_assert!((share - area).abs() < 0.002, "{share} as {area}");
                for (_, other) in &placed[at + 1..] {
                    prop_assert!(rect.intersect(*other).shrink(0.05).is_negative() || rect.intersect(*other).area() < 1.0);
                }
            }
        }
    }
}
