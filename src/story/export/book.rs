//! A story as it goes into a book: words that every format can hold, pictures that are pictures, and what is to be said of it.

use bytes::Bytes;

use super::text;
use super::{ExportSettings, Language};
use crate::media::MediaType;
use crate::story::{Provenance, Story, StoryId};

/// A story, ready to be made into something.
#[derive(Clone, Debug)]
pub struct Book {
    /// Whose book it is.
    pub story_id: StoryId,
    /// Its title.
    pub title: String,
    /// The language of its words.
    pub language: Language,
    /// Whether its words run from right to left.
    pub is_rtl: bool,
    /// Who wrote the words, as it is shown.
    pub writer: Option<String>,
    /// When it was made, as the project writes it.
    pub created_at: Option<String>,
    /// When it was changed last, as the project writes it.
    pub updated_at: Option<String>,
    /// A cover of its own, if it is no scene's picture.
    pub front: Option<Art>,
    /// The page whose picture is the cover, by its place; None for the first one that has a picture.
    pub front_page: Option<usize>,
    /// In order.
    pub pages: Vec<Page>,
    /// What is left out or not as one would expect, as sentences.
    pub notes: Vec<String>,
}

/// One scene.
#[derive(Clone, Debug)]
pub struct Page {
    /// Counted from 1.
    pub number: usize,
    /// A few words; may be empty.
    pub title: String,
    /// The words; may be empty.
    pub text: String,
    /// What the picture shows, as the story says it.
    pub alt_text: Option<String>,
    /// The picture; None if there is none to be had.
    pub art: Option<Art>,
}

/// A picture that was looked at.
#[derive(Clone, Debug)]
pub struct Art {
    /// As they are stored.
    pub bytes: Bytes,
    /// By their content.
    pub media_type: MediaType,
    /// Pixels across, as shown.
    pub width: u32,
    /// Pixels down, as shown.
    pub height: u32,
    /// Of the bytes.
    pub sha256: String,
    /// Where it comes from.
    pub provenance: Provenance,
}

impl Book {
    /// The words of a story; its pictures are put in by whoever has them.
    pub(super) fn of(story: &Story, settings: &ExportSettings) -> Self {
        let pages: Vec<Page> = story
            .scenes
            .iter()
            .map(|scene| Page {
                number: scene.index + 1,
                title: text::line(&scene.title),
                text: text::paragraphs(&scene.text).join("\n"),
                alt_text: scene.alt_text.as_deref().map(text::line).filter(|alt| !alt.is_empty()),
                art: None,
            })
            .collect();
        let title = text::line(&story.title);
        let title = if title.is_empty() { "Untitled".to_owned() } else { title };
        let words = || std::iter::once(title.as_str()).chain(pages.iter().map(|page| page.text.as_str()));
        let is_rtl = text::is_rtl(words());
        let language = settings
            .language
            .clone()
            .unwrap_or_else(|| text::language(words(), story.made_with.text_engine.as_deref()));
        Self {
            story_id: story.story_id.clone(),
            language,
            is_rtl,
            writer: story.made_with.text_engine.as_deref().map(text::line),
            created_at: story.created_at.clone(),
            updated_at: story.updated_at.clone(),
            front: None,
            front_page: cover_page(story),
            title,
            pages,
            notes: Vec::new(),
        }
    }

    /// How many pages have their picture.
    #[must_use]
    pub fn pictures(&self) -> usize {
        self.pages.iter().filter(|page| page.art.is_some()).count()
    }

    /// The picture of the cover and what it shows: the story's own, else the first there is.
    #[must_use]
    pub fn cover(&self) -> Option<(String, &Art)> {
        if let Some(front) = &self.front {
            return Some((format!("Cover of {}", self.title), front));
        }
        let chosen = self.front_page.and_then(|place| self.pages.get(place));
        let of = |page: &'_ Page| page.art.is_some();
        let page = chosen
            .filter(|page| of(page))
            .or_else(|| self.pages.iter().find(|page| of(page)))?;
        Some((page.alt(), page.art.as_ref()?))
    }
}

/// The place of the scene that shows the story's cover.
fn cover_page(story: &Story) -> Option<usize> {
    let cover = story.cover_image_url.as_deref()?;
    let shows = |link: &Option<String>| link.as_deref() == Some(cover);
    story.scenes.iter().position(|scene| shows(&scene.image_url))
}

impl Page {
    /// What the picture shows; where the story does not say it, which scene it belongs to.
    #[must_use]
    pub fn alt(&self) -> String {
        match (&self.alt_text, self.title.as_str()) {
            (Some(alt), _) => alt.clone(),
            (None, "") => format!("Picture of scene {}", self.number),
            (None, title) => format!("Picture of scene {}: {title}", self.number),
        }
    }

    /// Its heading.
    #[must_use]
    pub fn heading(&self) -> String {
        if self.title.is_empty() {
            format!("Scene {}", self.number)
        } else {
            self.title.clone()
        }
    }
}
