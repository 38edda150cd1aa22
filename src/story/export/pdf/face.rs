//! The font of a book: which letters it has, how wide they are, and where a line may end.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use harfrust::{FontRef, ShapeOptions, ShaperData, ShaperInstance, UnicodeBuffer};
use krilla::text::{Font, GlyphId, KrillaGlyph, Tag};
use unicode_linebreak::linebreaks;

use crate::story::export::ExportError;

/// Inter, as the window has it: Latin, Greek and Cyrillic, weights from 400 to 600.
static INTER: &[u8] = include_bytes!("../../../../assets/fonts/Inter.ttf");
/// Stands for letters that the font has not.
const MISSING: char = '□';

/// The font in one weight.
pub(super) struct Face {
    pub(super) font: Font,
    reference: FontRef<'static>,
    shaper: ShaperData,
    instance: ShaperInstance,
    units: f32,
    /// Which letters it has, as far as that was asked.
    known: RefCell<HashMap<char, bool>>,
    /// How wide letters are that were measured alone, in ems.
    widths: RefCell<HashMap<char, f32>>,
}

/// A line that fits.
#[derive(Clone)]
pub(super) struct Line {
    /// What is drawn.
    pub(super) text: String,
    /// What is meant, where that is something else.
    pub(super) meant: Option<String>,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// In ems.
    pub(super) width: f32,
}

impl Face {
    pub(super) fn new(weight: f32) -> Result<Self, ExportError> {
        let bad = |why: &str| ExportError::Format {
            format: "PDF",
            why: why.to_owned(),
        };
        let reference = FontRef::new(INTER).map_err(|error| bad(&error.to_string()))?;
        let font = Font::new_variable(INTER.into(), 0, &[(Tag::new(b"wght"), weight)])
            .ok_or_else(|| bad("the font cannot be read"))?;
        Ok(Self {
            shaper: ShaperData::new(&reference),
            instance: ShaperInstance::from_variations(&reference, [("wght", weight)]),
            units: font.units_per_em(),
            reference,
            font,
            known: RefCell::default(),
            widths: RefCell::default(),
        })
    }

    fn shape(&self, text: &str) -> (Vec<KrillaGlyph>, f32) {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_direction(harfrust::Direction::LeftToRight);
        buffer.guess_segment_properties();
        buffer.set_direction(harfrust::Direction::LeftToRight);
        let shaper = self
            .shaper
            .shaper(&self.reference)
            .instance(Some(&self.instance))
            .build();
        let shaped = shaper.shape(buffer, ShapeOptions::new());
        let (infos, places) = (shaped.glyph_infos(), shaped.glyph_positions());
        let mut glyphs = Vec::with_capacity(infos.len());
        let mut width = 0.0;
        for (at, (info, place)) in infos.iter().zip(places).enumerate() {
            let start = info.cluster as usize;
            let later = infos[at..]
                .iter()
                .map(|info| info.cluster as usize)
                .find(|cluster| *cluster > start);
            let em = |units: i32| units as f32 / self.units;
            let advance = em(place.x_advance);
            width += advance;
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                advance,
                em(place.x_offset),
                em(place.y_offset),
                0.0,
                start..later.unwrap_or(text.len()),
                None,
            ));
        }
        (glyphs, width)
    }

    fn has(&self, c: char) -> bool {
        *self.known.borrow_mut().entry(c).or_insert_with(|| {
            let (glyphs, _) = self.shape(c.encode_utf8(&mut [0; 4]));
            glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0)
        })
    }

    /// The text as the font can show it. Letters that it has not become boxes and are remembered in `missing`.
    fn shown(&self, text: &str, missing: &mut BTreeSet<char>) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut last_is_missing = false;
        for c in text.chars() {
            // What joins letters and chooses among their forms belongs to the letter before it.
            let joins = matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{ad}');
            if joins || (last_is_missing && unicode_normalization::char::is_combining_mark(c)) {
                continue;
            }
            last_is_missing = !c.is_ascii() && !self.has(c);
            if last_is_missing {
                missing.insert(c);
                shown.push(MISSING);
            } else {
                shown.push(c);
            }
        }
        shown
    }

    fn line(&self, text: &str, missing: &mut BTreeSet<char>) -> Line {
        let shown = self.shown(text.trim_end(), missing);
        let (glyphs, width) = self.shape(&shown);
        Line {
            meant: (shown != text.trim_end()).then(|| text.trim_end().to_owned()),
            text: shown,
            glyphs,
            width,
        }
    }

    /// The lines of a paragraph, each at most `width` ems wide.
    pub(super) fn lines(&self, paragraph: &str, width: f32, missing: &mut BTreeSet<char>) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut start = 0;
        let mut end = 0;
        let mut used = 0.0;
        let measure = |text: &str| {
            let shown = self.shown(text, &mut BTreeSet::new());
            (self.shape(&shown).1, self.shape(shown.trim_end()).1)
        };
        for (at, _) in linebreaks(paragraph) {
            let (whole, bare) = measure(&paragraph[end..at]);
            if used + bare > width && end > start {
                lines.push(self.line(&paragraph[start..end], missing));
                (start, used) = (end, 0.0);
            }
            if bare > width {
                // A word that is wider than a line is cut where the line ends.
                for (place, c) in paragraph[end..at].char_indices() {
                    let measured = self.widths.borrow().get(&c).copied();
                    let advance = measured.unwrap_or_else(|| measure(c.encode_utf8(&mut [0; 4])).0);
                    self.widths.borrow_mut().insert(c, advance);
                    if used + advance > width && end + place > start {
                        lines.push(self.line(&paragraph[start..end + place], missing));
                        (start, used) = (end + place, 0.0);
                    }
                    used += advance;
                }
            } else {
                used += whole;
            }
            end = at;
        }
        if start < paragraph.len() {
            lines.push(self.line(&paragraph[start..], missing));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_lose_nothing() {
        let face = Face::new(400.0).unwrap();
        let text = "Pip the fox finds a star in the snowy forest, and nobody-knows-how-it-came-there. ".repeat(20)
            + &"x".repeat(400);
        let mut missing = BTreeSet::new();
        let lines = face.lines(&text, 20.0, &mut missing);
        assert!(lines.len() > 40);
        // Kerning between the parts of a line may differ a little from that of the parts.
        assert!(
            lines.iter().all(|line| line.width < 20.3),
            "{:?}",
            lines.iter().map(|line| line.width).fold(0.0, f32::max)
        );
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let joined: String = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(letters(&joined), letters(&text));
        assert!(missing.is_empty());
        assert!(face.lines("", 20.0, &mut missing).is_empty());
    }

    #[test]
    fn letters_that_the_font_has_not_are_boxes_and_told() {
        let face = Face::new(600.0).unwrap();
        let mut missing = BTreeSet::new();
        let lines = face.lines("Ω Ж 星 👩‍🚀 é", 100.0, &mut missing);
        assert_eq!(lines[0].text, "Ω Ж □ □□ é");
        assert_eq!(lines[0].meant.as_deref(), Some("Ω Ж 星 👩‍🚀 é"));
        assert!(lines[0].glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0));
        assert_eq!(missing.len(), 3);
        let tiny = face.lines("星星星", 0.1, &mut missing);
        assert_eq!(tiny.len(), 3, "a line has at least one letter");
    }
}
