//! The one SVG document a picture is written into. Text of the prompt never gets here: only numbers,
//! colours and sprites of the set do.

use std::collections::BTreeMap;
use std::fmt::{Arguments, Write as _};

use super::palette::Rgb;
use super::sprites::{self, Dye};

/// Writes one piece of SVG into a [`Drawing`].
macro_rules! art {
    ($drawing:expr, $($format:tt)*) => {
        $drawing.put(format_args!($($format)*))
    };
}
pub(super) use art;

/// A picture under way: what is drawn, back to front, and the gradients and sprites it refers to.
#[derive(Debug, Default)]
pub struct Drawing {
    body: String,
    defs: String,
    defined: BTreeMap<String, usize>,
    ids: usize,
}

impl Drawing {
    /// Adds a piece of SVG in front of all there is. Use [`art!`].
    pub fn put(&mut self, piece: Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.body.write_fmt(piece);
    }

    /// A gradient from top to bottom of what it fills; the answer goes into a `fill`.
    pub fn vertical(&mut self, stops: &[(f32, Rgb, f32)]) -> String {
        self.gradient(r#"linearGradient x1="0" y1="0" x2="0" y2="1""#, "linearGradient", stops)
    }

    /// A gradient from the middle of what it fills to its rim.
    pub fn radial(&mut self, stops: &[(f32, Rgb, f32)]) -> String {
        self.gradient("radialGradient", "radialGradient", stops)
    }

    fn gradient(&mut self, open: &str, close: &str, stops: &[(f32, Rgb, f32)]) -> String {
        let id = self.next_id();
        let _ = write!(self.defs, r#"<{open} id="g{id}">"#);
        for (offset, color, opacity) in stops {
            let _ = write!(
                self.defs,
                r#"<stop offset="{offset:.3}" stop-color="{color}" stop-opacity="{opacity:.3}"/>"#
            );
        }
        let _ = write!(self.defs, "</{close}>");
        format!("url(#g{id})")
    }

    /// A clip of the given shapes; the answer goes into a `clip-path`.
    pub fn clip(&mut self, shapes: &str) -> String {
        let id = self.next_id();
        let _ = write!(self.defs, r#"<clipPath id="g{id}">{shapes}</clipPath>"#);
        format!("url(#g{id})")
    }

    fn next_id(&mut self) -> usize {
        self.ids += 1;
        self.ids
    }

    /// Puts a sprite's 32 × 32 box at the transform's origin; nothing if there is no such sprite.
    pub fn sprite(&mut self, name: &str, dye: Dye, transform: &str) {
        let key = format!("{name} {dye:?}");
        let id = if let Some(id) = self.defined.get(&key) {
            *id
        } else {
            let Some(body) = sprites::body(name, dye) else {
                return;
            };
            let id = self.next_id();
            let _ = write!(self.defs, r#"<g id="g{id}">{body}</g>"#);
            self.defined.insert(key, id);
            id
        };
        art!(self, r##"<use xlink:href="#g{id}" transform="{transform}"/>"##);
    }

    /// A sprite with its box's middle at (`x`, `y`), `size` high and wide.
    pub fn sprite_at(&mut self, name: &str, dye: Dye, x: f32, y: f32, size: f32) {
        let scale = size / 32.0;
        let (left, top) = (x - size / 2.0, y - size / 2.0);
        self.sprite(name, dye, &format!("translate({left:.1} {top:.1}) scale({scale:.4})"));
    }

    /// The whole document, shown at `width` × `height` pixels over a view of `view` units.
    pub fn finish(self, width: u32, height: u32, view: (f32, f32)) -> String {
        let Self { body, defs, .. } = self;
        let (view_width, view_height) = view;
        format!(
            concat!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" "#,
                r#"width="{}" height="{}" viewBox="0 0 {:.2} {:.2}" preserveAspectRatio="none">"#,
                r#"<defs>{}</defs>{}</svg>"#
            ),
            width, height, view_width, view_height, defs, body
        )
    }
}

/// A smooth closed shape through the points (Catmull-Rom, as cubic Béziers).
pub fn blob(points: &[(f32, f32)]) -> String {
    let count = points.len();
    let mut path = String::new();
    if count < 3 {
        return path;
    }
    let _ = write!(path, "M{:.1} {:.1}", points[0].0, points[0].1);
    for i in 0..count {
        let before = points[(i + count - 1) % count];
        let from = points[i];
        let to = points[(i + 1) % count];
        let after = points[(i + 2) % count];
        let _ = write!(
            path,
            "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
            from.0 + (to.0 - before.0) / 6.0,
            from.1 + (to.1 - before.1) / 6.0,
            to.0 - (after.0 - from.0) / 6.0,
            to.1 - (after.1 - from.1) / 6.0,
            to.0,
            to.1
        );
    }
    path.push('Z');
    path
}
