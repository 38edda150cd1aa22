//! The mark of a workspace: a tile in its colour that is the same wherever the workspace is named.

use egui::{Color32, Rect, Sense, Ui, vec2};

use super::icon;
use super::theme::{Tokens, radius};
use crate::workspace::Colour;

/// The colour as it is drawn: one of the data hues, which are readable in both themes.
#[must_use]
pub fn color(t: &Tokens, colour: Colour) -> Color32 {
    match colour {
        Colour::Blue => t.host.text,
        Colour::Violet => t.scheme.text,
        Colour::Pink => t.file.text,
        Colour::Red => t.err,
        Colour::Orange => t.access.text,
        Colour::Amber => t.warn_fill,
        Colour::Green => t.folder.text,
        Colour::Teal => t.bucket.text,
    }
}

/// Draws the tile of a workspace, `side` points square. The local one has a house and no colour.
pub fn tile(ui: &mut Ui, side: f32, colour: Option<Colour>) {
    let (rect, _) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    paint(ui, rect, colour);
}

/// Paints the tile into `rect`.
pub fn paint(ui: &Ui, rect: Rect, colour: Option<Colour>) {
    let t = Tokens::of(ui);
    let side = rect.width();
    ui.painter().rect_filled(rect, radius::CONTROL, t.bg3);
    let (icon, tint) = match colour {
        None => (icon::HOUSE, t.tx1),
        Some(colour) => (icon::DATABASE.filled(), color(t, colour)),
    };
    icon.paint(ui.painter(), rect.center(), (side * 0.62).round(), tint);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_marks_look_alike() {
        for t in [&Tokens::DARK, &Tokens::LIGHT] {
            let colors: HashSet<Color32> = Colour::ALL.iter().map(|colour| color(t, *colour)).collect();
            assert_eq!(colors.len(), Colour::ALL.len());
        }
    }
}
