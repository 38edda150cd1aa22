//! A picture as outlines to colour in: every shape white with a black rim, from back to front, so that what is in front hides what is
//! behind it. Light, shade and mist are left out, as crayons make them; eyes and noses stay black.

use resvg::tiny_skia::{
    self, Color, FillRule, LineCap, LineJoin, Mask, Paint, Path, PathSegment, PathStroker, Pixmap, PixmapMut, Rect,
    Stroke, Transform,
};
use resvg::usvg::{self, Group, Node};

use super::IllustratorError;

/// A line, as a part of the longer side.
const LINE: f32 = 0.0021;
/// What lets more than this through is light or mist.
const SOLID: f32 = 0.6;
/// What is darker than this, and small, is an eye.
const DARK: f32 = 0.21;
/// Shapes are small up to this part of the picture.
const SMALL: f32 = 0.002;

/// Draws the document at `width` × `height` pixels and encodes it as a grey PNG.
pub fn to_png(svg: &str, width: u32, height: u32) -> Result<Vec<u8>, IllustratorError> {
    let tree = usvg::Tree::from_str(svg, &usvg::Options::default())?;
    let mut pixmap = Pixmap::new(width, height).ok_or(IllustratorError::Size { width, height })?;
    pixmap.fill(Color::WHITE);
    let pen = Pen {
        line: (width.max(height) as f32 * LINE).max(1.0),
        size: (width as f32, height as f32),
    };
    pen.group(&mut pixmap, tree.root(), Transform::identity(), 1.0);
    pen.frame(&mut pixmap.as_mut());
    encode(&pixmap)
}

struct Pen {
    line: f32,
    size: (f32, f32),
}

impl Pen {
    /// `place` is that of the group's parent. Nodes know one of their own, but for what is used more than once it is wrong: it has
    /// the transform of the use twice.
    fn group(&self, pixmap: &mut Pixmap, group: &Group, place: Transform, opacity: f32) {
        let place = place.pre_concat(group.transform());
        let opacity = opacity * group.opacity().get();
        // What is blurred is a shadow or a shine.
        if opacity < SOLID || !group.filters().is_empty() {
            return;
        }
        let Some(clip) = group.clip_path() else {
            self.children(pixmap, group, place, opacity);
            return;
        };
        let layer = Pixmap::new(pixmap.width(), pixmap.height());
        let mask = Mask::new(pixmap.width(), pixmap.height());
        let (Some(mut layer), Some(mut mask)) = (layer, mask) else {
            return;
        };
        self.children(&mut layer, group, place, opacity);
        fill_mask(&mut mask, clip.root(), place.pre_concat(clip.transform()));
        layer.apply_mask(&mask);
        pixmap.draw_pixmap(
            0,
            0,
            layer.as_ref(),
            &tiny_skia::PixmapPaint::default(),
            Transform::identity(),
            None,
        );
    }

    fn children(&self, pixmap: &mut Pixmap, group: &Group, place: Transform, opacity: f32) {
        for node in group.children() {
            match node {
                Node::Group(inner) => self.group(pixmap, inner, place, opacity),
                Node::Path(path) if path.is_visible() => self.path(&mut pixmap.as_mut(), path, place, opacity),
                _ => {}
            }
        }
    }

    fn path(&self, pixmap: &mut PixmapMut<'_>, path: &usvg::Path, place: Transform, opacity: f32) {
        if let Some(fill) = path.fill()
            && opacity * fill.opacity().get() * solid(fill.paint()) >= SOLID
            && let Some(shape) = path.data().clone().transform(place)
        {
            let rule = match fill.rule() {
                usvg::FillRule::NonZero => FillRule::Winding,
                usvg::FillRule::EvenOdd => FillRule::EvenOdd,
            };
            self.shape(pixmap, &shape, rule, lightness(fill.paint()));
        }
        if let Some(stroke) = path.stroke()
            && opacity * stroke.opacity().get() * solid(stroke.paint()) >= SOLID
        {
            let scale = scale_of(place);
            let width = stroke.width().get() * scale;
            let cap = match stroke.linecap() {
                usvg::LineCap::Butt => LineCap::Butt,
                usvg::LineCap::Round => LineCap::Round,
                usvg::LineCap::Square => LineCap::Square,
            };
            if width > self.line * 3.0 {
                // A thick line is a shape, such as an arm.
                let wide = Stroke {
                    width: stroke.width().get(),
                    line_cap: cap,
                    line_join: LineJoin::Round,
                    ..Stroke::default()
                };
                let shape = PathStroker::new().stroke(path.data(), &wide, scale);
                if let Some(shape) = shape.and_then(|shape| shape.transform(place)) {
                    self.shape(pixmap, &shape, FillRule::Winding, lightness(stroke.paint()));
                }
            } else if let Some(line) = path.data().clone().transform(place) {
                self.rim(pixmap, &line, cap);
            }
        }
    }

    /// White inside and black around, or black all over for an eye.
    fn shape(&self, pixmap: &mut PixmapMut<'_>, shape: &Path, rule: FillRule, lightness: f32) {
        let bounds = shape.bounds();
        // Flakes and far stars are specks that nobody colours in; eyes are as small, but dark.
        let speck = self.line * if lightness > 0.8 { 5.0 } else { 1.0 };
        if bounds.width() < speck && bounds.height() < speck {
            return;
        }
        let area = bounds.width() * bounds.height() / (self.size.0 * self.size.1);
        let is_eye = lightness < DARK && area < SMALL && is_round(shape);
        let mut paint = Paint::default();
        paint.set_color(if is_eye { Color::BLACK } else { Color::WHITE });
        paint.anti_alias = true;
        pixmap.fill_path(shape, &paint, rule, Transform::identity(), None);
        // The sky and the wall have no rim.
        let is_ground = bounds.width() >= self.size.0 * 0.98 && bounds.height() >= self.size.1 * 0.98;
        if !is_eye && !is_ground {
            self.rim(pixmap, shape, LineCap::Round);
        }
    }

    fn rim(&self, pixmap: &mut PixmapMut<'_>, shape: &Path, cap: LineCap) {
        let mut paint = Paint::default();
        paint.set_color(Color::BLACK);
        paint.anti_alias = true;
        let stroke = Stroke {
            width: self.line,
            line_cap: cap,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        pixmap.stroke_path(shape, &paint, &stroke, Transform::identity(), None);
    }

    /// A line around all.
    fn frame(&self, pixmap: &mut PixmapMut<'_>) {
        let half = self.line / 2.0;
        let rect = Rect::from_ltrb(half, half, self.size.0 - half, self.size.1 - half);
        if let Some(rect) = rect {
            self.rim(pixmap, &tiny_skia::PathBuilder::from_rect(rect), LineCap::Butt);
        }
    }
}

fn fill_mask(mask: &mut Mask, group: &Group, place: Transform) {
    for node in group.children() {
        match node {
            Node::Group(inner) => fill_mask(mask, inner, place.pre_concat(inner.transform())),
            Node::Path(path) => mask.fill_path(path.data(), FillRule::Winding, true, place),
            _ => {}
        }
    }
}

/// Whether a shape is of curves more than of straight lines. A far trunk at night is dark and small, too, but it is no eye.
fn is_round(shape: &Path) -> bool {
    let (mut curves, mut lines) = (0, 0);
    for segment in shape.segments() {
        match segment {
            PathSegment::QuadTo(..) | PathSegment::CubicTo(..) => curves += 1,
            PathSegment::LineTo(_) => lines += 1,
            PathSegment::MoveTo(_) | PathSegment::Close => {}
        }
    }
    curves > lines
}

/// How much larger a length becomes.
fn scale_of(place: Transform) -> f32 {
    let (x, y) = place.get_scale();
    (x.abs() * y.abs()).sqrt()
}

/// How solid a paint is where it is thinnest; light and mist fade.
fn solid(paint: &usvg::Paint) -> f32 {
    let thinnest = |stops: &[usvg::Stop]| stops.iter().map(|stop| stop.opacity().get()).fold(1.0, f32::min);
    match paint {
        usvg::Paint::Color(_) => 1.0,
        usvg::Paint::LinearGradient(gradient) => thinnest(gradient.stops()),
        usvg::Paint::RadialGradient(gradient) => thinnest(gradient.stops()),
        usvg::Paint::Pattern(_) => 0.0,
    }
}

/// From 0, black, to 1; of a gradient the mean.
fn lightness(paint: &usvg::Paint) -> f32 {
    let of = |color: usvg::Color| {
        (0.299 * f32::from(color.red) + 0.587 * f32::from(color.green) + 0.114 * f32::from(color.blue)) / 255.0
    };
    let mean = |stops: &[usvg::Stop]| {
        let sum: f32 = stops.iter().map(|stop| of(stop.color())).sum();
        sum / stops.len().max(1) as f32
    };
    match paint {
        usvg::Paint::Color(color) => of(*color),
        usvg::Paint::LinearGradient(gradient) => mean(gradient.stops()),
        usvg::Paint::RadialGradient(gradient) => mean(gradient.stops()),
        usvg::Paint::Pattern(_) => 1.0,
    }
}

fn encode(pixmap: &Pixmap) -> Result<Vec<u8>, IllustratorError> {
    let grey: Vec<u8> = pixmap.data().chunks_exact(4).map(|pixel| pixel[0]).collect();
    let mut bytes = Vec::with_capacity(grey.len() / 8);
    let mut encoder = png::Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&grey)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::{Options, Style, draw};
    use super::*;

    fn outlines(prompt: &str, seed: u64) -> Vec<u8> {
        let options = Options {
            seed,
            width: 512,
            height: 384,
            style: Style::Outlines,
        };
        draw(prompt, &options).unwrap().png
    }

    #[test]
    fn outlines_are_lines_on_white_and_the_same_again() {
        for prompt in [
            "a fox in a green scarf in a snowy forest at night",
            "a whale under the sea",
            "a girl reads in her room while it rains",
        ] {
            let png = outlines(prompt, 3);
            assert_eq!(png, outlines(prompt, 3), "{prompt}");
            let picture = image::load_from_memory(&png).unwrap().to_luma8();
            let all = picture.pixels().len() as f32;
            let white = picture.pixels().filter(|pixel| pixel[0] > 240).count() as f32 / all;
            let black = picture.pixels().filter(|pixel| pixel[0] < 60).count() as f32 / all;
            assert!(white > 0.6, "{prompt}: room to colour in, {white}");
            assert!((0.01..0.25).contains(&black), "{prompt}: lines, {black}");
        }
        assert_ne!(outlines("a fox", 1), outlines("a fox", 2));
    }

    /// The corners of the box around all that is black, without the frame.
    fn black(svg: &str) -> [u32; 4] {
        let picture = image::load_from_memory(&to_png(svg, 512, 384).unwrap()).unwrap();
        let picture = picture.to_luma8();
        let inside = |x: u32, y: u32| (4..508).contains(&x) && (4..380).contains(&y);
        let black = picture
            .enumerate_pixels()
            .filter(|(x, y, pixel)| inside(*x, *y) && pixel[0] < 128);
        black.fold([u32::MAX, u32::MAX, 0, 0], |[left, top, right, bottom], (x, y, _)| {
            [left.min(x), top.min(y), right.max(x), bottom.max(y)]
        })
    }

    #[test]
    fn what_is_used_more_than_once_is_where_it_is_used() {
        let svg = |inner: &str| {
            format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="512" height="384" viewBox="0 0 256 192">{inner}</svg>"#
            )
        };
        let plain = svg(r#"<rect x="50" y="30" width="60" height="90" fill="red"/>"#);
        let used = svg(concat!(
            r##"<defs><g id="a"><rect width="20" height="30" fill="red"/></g></defs>"##,
            r##"<use xlink:href="#a" transform="translate(50 30) scale(3)"/>"##
        ));
        let [left, top, right, bottom] = black(&plain);
        assert!(left.abs_diff(100) < 3 && top.abs_diff(60) < 3, "{left} {top}");
        assert!(right.abs_diff(220) < 3 && bottom.abs_diff(240) < 3, "{right} {bottom}");
        assert_eq!(black(&used), black(&plain));
    }

    #[test]
    fn trunks_are_no_eyes() {
        let round = |path: Option<Path>| is_round(&path.unwrap());
        assert!(round(tiny_skia::PathBuilder::from_circle(5.0, 5.0, 2.0)));
        let rect = Rect::from_xywh(0.0, 0.0, 4.0, 9.0).unwrap();
        assert!(!is_round(&tiny_skia::PathBuilder::from_rect(rect)));
    }

    /// For eyes: into the folder that `ILLUSTRATOR_SHEETS` names.
    #[test]
    fn outlines_to_look_at() {
        let Ok(folder) = std::env::var("ILLUSTRATOR_SHEETS") else {
            return;
        };
        for (name, prompt) in [
            (
                "fox",
                "a fox named Pip in a green scarf with a lantern in a snowy forest at night",
            ),
            ("sea", "a girl and a whale at the beach by a lighthouse on a sunny day"),
            ("room", "a bear reads a book in the bedroom while it rains"),
            ("castle", "a princess and a dragon before a castle under a rainbow"),
        ] {
            let path = std::path::Path::new(&folder).join(format!("outlines-{name}.png"));
            let options = Options {
                style: Style::Outlines,
                ..Options::default()
            };
            std::fs::write(path, draw(prompt, &options).unwrap().png).unwrap();
        }
    }
}
