//! Drawing on a sheet: words, pictures and the marks around it, each with what it is.

use std::num::NonZeroU16;

use krilla::color::luma;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, Tag, TagGroup};

use super::face::Face;
use super::paper::{BLEED, Block, SLUG};

pub(super) fn grey(lightness: u8) -> Fill {
    Fill {
        paint: luma::Color::new(lightness).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}

pub(super) fn words(surface: &mut Surface<'_>, face: &Face, block: &Block, y: f32, x: f32) -> TagGroup {
    let level = block
        .heading
        .as_ref()
        .and_then(|(text, level)| Some((text.clone(), NonZeroU16::new(*level)?)));
    let mut group = match level {
        Some((text, level)) => TagGroup::new(Tag::Hn(level, Some(text))),
        None => TagGroup::new(Tag::P),
    };
    let size = block.style.size;
    for (at, line) in block.lines.iter().enumerate() {
        let left = if block.is_centred() {
            x - line.width * size / 2.0
        } else {
            x
        };
        let start = Point::from_xy(left, y + at as f32 * block.style.leading());
        let tag = SpanTag::empty().with_actual_text(line.meant.as_deref());
        let id = surface.start_tagged(ContentTag::Span(tag));
        surface.set_fill(Some(grey(25)));
        surface.draw_glyphs(start, &line.glyphs, face.font.clone(), &line.text, size, false);
        surface.end_tagged();
        group.push(id);
    }
    group
}

fn rectangle((left, top, width, height): (f32, f32, f32, f32)) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(left, top, width, height)?);
    path.finish()
}

pub(super) fn picture(
    surface: &mut Surface<'_>,
    image: Image,
    alt: String,
    place: (f32, f32, f32, f32),
    whole: (f32, f32, f32, f32),
) -> TagGroup {
    let id: Identifier = surface.start_tagged(ContentTag::Other);
    let clip = rectangle(place).filter(|_| place != whole);
    if let Some(clip) = &clip {
        surface.push_clip_path(clip, &FillRule::default());
    }
    if let Some(size) = Size::from_wh(whole.2, whole.3) {
        surface.push_transform(&Transform::from_translate(whole.0, whole.1));
        surface.draw_image(image, size);
        surface.pop();
    }
    if clip.is_some() {
        surface.pop();
    }
    surface.end_tagged();
    let mut figure = TagGroup::new(Tag::Figure(Some(alt)));
    figure.push(id);
    figure
}

/// Lines at the corners, outside the bleed, that say where the page is cut.
pub(super) fn marks(surface: &mut Surface<'_>, (width, height): (f32, f32)) {
    const FROM: f32 = BLEED + 3.0;
    const TO: f32 = BLEED + SLUG - 2.0;
    let mut path = PathBuilder::new();
    for (x, away) in [(0.0, -1.0), (width, 1.0)] {
        for (y, off) in [(0.0, -1.0), (height, 1.0)] {
            path.move_to(x + away * FROM, y);
            path.line_to(x + away * TO, y);
            path.move_to(x, y + off * FROM);
            path.line_to(x, y + off * TO);
        }
    }
    let Some(path) = path.finish() else { return };
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Page)));
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: luma::Color::black().into(),
        width: 0.25,
        ..Stroke::default()
    }));
    surface.draw_path(&path);
    surface.set_stroke(None);
    surface.end_tagged();
}
