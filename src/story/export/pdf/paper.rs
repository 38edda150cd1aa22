//! Sheets of paper: pages with their boxes and marks, words and pictures at their places, and the tree that says what is what.

use std::collections::{BTreeSet, HashMap};

use krilla::Document;
use krilla::SerializeSettings;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Point, Rect, Transform};
use krilla::image::Image;
use krilla::metadata::{Metadata, TextDirection};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Tag, TagGroup, TagTree};

use super::face::{Face, Line};
use super::{art, draw};
use crate::story::export::{Art, Book, ExportError, ExportSettings};

/// How far a picture goes beyond the cut: 1/8 inch.
pub(super) const BLEED: f32 = 9.0;
/// Room for the marks beyond that.
pub(super) const SLUG: f32 = 18.0;
/// How much of a picture may be cut off so that it fills its place.
const CUT: f32 = 0.12;

/// How words look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// In points.
    pub(super) size: f32,
    is_heading: bool,
}

impl Style {
    pub(super) fn heading(size: f32) -> Self {
        Self { size, is_heading: true }
    }

    pub(super) fn text(size: f32) -> Self {
        Self {
            size,
            is_heading: false,
        }
    }

    /// From one line to the next.
    pub(super) fn leading(self) -> f32 {
        self.size * if self.is_heading { 1.2 } else { 1.45 }
    }

    /// Below the last line of a block.
    pub(super) fn gap(self) -> f32 {
        self.size * 0.4
    }
}

/// A heading or a paragraph in lines.
#[derive(Clone)]
pub(super) struct Block {
    pub(super) lines: Vec<Line>,
    pub(super) style: Style,
    /// The heading's text and level.
    pub(super) heading: Option<(String, u16)>,
}

impl Block {
    pub(super) fn heading(text: &str, lines: Vec<Line>, style: Style, level: u16) -> Self {
        Self {
            lines,
            style,
            heading: Some((text.to_owned(), level)),
        }
    }

    pub(super) fn text(lines: Vec<Line>, style: Style) -> Self {
        Self {
            lines,
            style,
            heading: None,
        }
    }

    pub(super) fn height(&self) -> f32 {
        self.lines.len() as f32 * self.style.leading() + self.style.gap()
    }

    pub(super) fn is_centred(&self) -> bool {
        self.heading.is_some()
    }

    /// The first lines, and the rest of them if there is one. A page takes one line at least, or none and begins anew.
    pub(super) fn split(mut self, room: usize) -> (Self, Option<Self>) {
        if self.lines.len() <= room {
            return (self, None);
        }
        let rest = self.lines.split_off(room);
        let rest = Self {
            lines: rest,
            style: self.style,
            heading: self.heading.clone(),
        };
        (self, Some(rest))
    }
}

/// Something drawn on the page that is not finished yet.
enum Mark {
    Words {
        block: Block,
        y: f32,
        x: f32,
    },
    Picture {
        image: Image,
        alt: String,
        /// Left, top, width and height of the place, and of the picture that shows through it.
        place: (f32, f32, f32, f32),
        whole: (f32, f32, f32, f32),
    },
}

/// A document that is being made.
pub(super) struct Paper {
    document: Document,
    text: Face,
    bold: Face,
    trim: (f32, f32),
    /// From the edge of the sheet to where it is cut.
    edge: f32,
    has_bleed: bool,
    marks: Vec<Mark>,
    pages: usize,
    tree: Vec<TagGroup>,
    outline: Vec<(String, usize)>,
    images: HashMap<String, Image>,
    /// Letters that the font has not.
    pub(super) missing: BTreeSet<char>,
    /// What is to be said.
    pub(super) notes: Vec<String>,
}

impl Paper {
    pub(super) fn new(settings: &ExportSettings) -> Result<Self, ExportError> {
        let configuration = ConfigurationBuilder::new()
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|error| failed(&error))?;
        let document = Document::new_with(SerializeSettings {
            configuration,
            enable_tagging: true,
            ..SerializeSettings::default()
        });
        Ok(Self {
            document,
            text: Face::new(400.0)?,
            bold: Face::new(600.0)?,
            trim: settings.size.points(),
            edge: if settings.bleed { BLEED + SLUG } else { 0.0 },
            has_bleed: settings.bleed,
            marks: Vec::new(),
            pages: 0,
            tree: Vec::new(),
            outline: Vec::new(),
            images: HashMap::new(),
            missing: BTreeSet::new(),
            notes: Vec::new(),
        })
    }

    /// Width and height of a page, once it is cut.
    pub(super) fn trim(&self) -> (f32, f32) {
        self.trim
    }

    /// What stays free around words.
    pub(super) fn margin(&self) -> f32 {
        (self.trim.0.min(self.trim.1) * 0.07).max(30.0)
    }

    fn face(&self, style: Style) -> &Face {
        if style.is_heading { &self.bold } else { &self.text }
    }

    /// The lines of a text of some width in points.
    pub(super) fn lines(&mut self, text: &str, style: Style, width: f32) -> Vec<Line> {
        let mut missing = std::mem::take(&mut self.missing);
        let lines = self.face(style).lines(text, width / style.size, &mut missing);
        self.missing = missing;
        lines
    }

    /// Begins a part of the book on a page of its own; the title is in the list of contents.
    pub(super) fn begin_part(&mut self, title: &str) {
        self.outline.push((title.to_owned(), self.pages));
        self.tree.push(TagGroup::new(Tag::Section));
        self.begin_page();
    }

    /// Begins another page of the same part.
    pub(super) fn begin_page(&mut self) {
        self.marks.clear();
    }

    /// Puts words on the page, the first line's foot at `y`; `x` is the left edge, or the middle of a heading. Gives the foot of the
    /// line after the last one.
    pub(super) fn block(&mut self, block: &Block, y: f32, x: f32) -> f32 {
        let end = y + block.lines.len() as f32 * block.style.leading();
        self.marks.push(Mark::Words {
            block: block.clone(),
            y,
            x,
        });
        end
    }

    /// Puts a picture into a place (left, top, width, height); gives where it ends. `to_edge` lets it go to the edges of the page and
    /// beyond the cut, if little of it is cut off by that.
    pub(super) fn picture(
        &mut self,
        art: &Art,
        alt: &str,
        (left, top, width, height): (f32, f32, f32, f32),
        to_edge: bool,
    ) -> Result<f32, ExportError> {
        let image = match self.images.get(&art.sha256) {
            Some(image) => image.clone(),
            None => {
                let image = art::image(art)?;
                self.images.insert(art.sha256.clone(), image.clone());
                image
            }
        };
        let place = self.placed(art, (left, top, width, height), to_edge);
        let scale = (place.2 / art.width as f32).max(place.3 / art.height as f32);
        let size = (art.width as f32 * scale, art.height as f32 * scale);
        let whole = (
            place.0 + (place.2 - size.0) / 2.0,
            place.1 + (place.3 - size.1) / 2.0,
            size.0,
            size.1,
        );
        self.marks.push(Mark::Picture {
            image,
            alt: alt.to_owned(),
            place,
            whole,
        });
        Ok(place.1 + place.3)
    }

    /// Where a picture that goes to the edges of the page ends, without putting it there.
    pub(super) fn end_of(&self, art: &Art, place: (f32, f32, f32, f32)) -> f32 {
        let placed = self.placed(art, place, true);
        placed.1 + placed.3
    }

    /// Left, top, width and height of what a picture takes of a place.
    fn placed(
        &self,
        art: &Art,
        (left, top, width, height): (f32, f32, f32, f32),
        to_edge: bool,
    ) -> (f32, f32, f32, f32) {
        let ratio = art.height as f32 / art.width as f32;
        // Over the whole width: a wide picture is lower than its place, a high one loses a little above and below.
        let full = width * ratio;
        let fills = full <= height / (1.0 - CUT);
        if to_edge && fills {
            let beyond = if self.has_bleed { BLEED } else { 0.0 };
            (
                left - beyond,
                top - beyond,
                width + 2.0 * beyond,
                full.min(height) + beyond,
            )
        } else {
            let inside = if to_edge { self.margin() * 0.6 } else { 0.0 };
            let (width, height) = (width - 2.0 * inside, height - inside);
            let scale = (width / art.width as f32).min(height / art.height as f32);
            let size = (art.width as f32 * scale, art.height as f32 * scale);
            (left + inside + (width - size.0) / 2.0, top + inside, size.0, size.1)
        }
    }

    /// Draws what was put on the page.
    pub(super) fn end_page(&mut self) {
        let (width, height) = (self.trim.0 + 2.0 * self.edge, self.trim.1 + 2.0 * self.edge);
        let rect = |inset: f32| Rect::from_ltrb(inset, inset, width - inset, height - inset);
        let Some(mut settings) = PageSettings::from_wh(width, height) else {
            return;
        };
        settings = settings.with_trim_box(rect(self.edge));
        if self.has_bleed {
            settings = settings.with_bleed_box(rect(SLUG));
        }
        let number = self.pages;
        let foot = {
            let mut missing = BTreeSet::new();
            self.text.lines(&number.to_string(), 10.0, &mut missing)
        };
        let marks = std::mem::take(&mut self.marks);
        let mut page = self.document.start_page_with(settings);
        let mut surface = page.surface();
        surface.push_transform(&Transform::from_translate(self.edge, self.edge));
        let mut groups = Vec::new();
        for mark in marks {
            match mark {
                Mark::Words { block, y, x } => {
                    let face = if block.style.is_heading { &self.bold } else { &self.text };
                    groups.push(draw::words(&mut surface, face, &block, y, x));
                }
                Mark::Picture {
                    image,
                    alt,
                    place,
                    whole,
                } => groups.push(draw::picture(&mut surface, image, alt, place, whole)),
            }
        }
        if let Some(foot) = foot.first().filter(|_| number > 0) {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::PageNumber)));
            surface.set_fill(Some(draw::grey(110)));
            let x = (self.trim.0 - foot.width * 9.0) / 2.0;
            let start = Point::from_xy(x, self.trim.1 - 16.0);
            surface.draw_glyphs(start, &foot.glyphs, self.text.font.clone(), &foot.text, 9.0, false);
            surface.end_tagged();
        }
        if self.has_bleed {
            draw::marks(&mut surface, self.trim);
        }
        surface.pop();
        surface.finish();
        page.finish();
        if let Some(section) = self.tree.last_mut() {
            for group in groups {
                section.push(group);
            }
        }
        self.pages += 1;
    }

    pub(super) fn finish(self, book: &Book) -> Result<(Vec<u8>, usize), ExportError> {
        let Self {
            mut document,
            tree,
            outline,
            edge,
            pages,
            ..
        } = self;
        let mut tags = TagTree::new().with_lang(Some(book.language.as_str().to_owned()));
        for section in tree {
            tags.push(section);
        }
        document.set_tag_tree(tags);
        let mut contents = Outline::new();
        for (title, page) in outline {
            let place = XyzDestination::new(page, Point::from_xy(edge, edge));
            contents.push_child(OutlineNode::new(title, place));
        }
        document.set_outline(contents);
        let direction = if book.is_rtl {
            TextDirection::RightToLeft
        } else {
            TextDirection::LeftToRight
        };
        let mut metadata = Metadata::new()
            .title(book.title.clone())
            .language(book.language.as_str().to_owned())
            .creator("StoryMimi Studio".to_owned())
            .document_id(book.story_id.to_string())
            .text_direction(direction);
        if let Some(writer) = &book.writer {
            metadata = metadata.authors(vec![writer.clone()]);
        }
        document.set_metadata(metadata);
        let bytes = document.finish().map_err(|error| failed(&error))?;
        Ok((bytes, pages))
    }
}

fn failed(error: &impl std::fmt::Debug) -> ExportError {
    let why: String = format!("{error:?}").chars().take(400).collect();
    ExportError::Format { format: "PDF", why }
}
