//! Pages to colour in: the scenes as outlines, drawn anew by the built-in illustrator from the words of their pictures.

use tokio_util::sync::CancellationToken;

use super::book::{Art, Book};
use super::{ExportError, ExportSettings, ExportStep, Finished, gather, pdf};
use crate::ai::{Ai, PaintRequest};
use crate::journal::sha256;
use crate::media;
use crate::story::{Provenance, Stories, Story, StoryError};

/// The built-in model that draws outlines.
pub const OUTLINES: &str = "builtin-outlines";
/// Pixels of the longer side: 200 to the inch on the largest page.
const SIDE: u32 = 2_048;

pub(super) fn make(
    book: &Book,
    settings: &ExportSettings,
    cancel: &CancellationToken,
) -> Result<Finished, ExportError> {
    if book.pictures() == 0 {
        return Err(ExportError::NoPictures(book.pages.len()));
    }
    pdf::outlines(book, settings, cancel)
}

impl Stories {
    /// The words of a story with an outline for each scene whose picture has words. Outlines are drawn one after the other: the
    /// illustrator is on this machine, and costs nothing.
    pub(super) async fn draw_outlines(
        &self,
        story: &Story,
        settings: &ExportSettings,
        illustrator: Option<&Ai>,
        observe: &(dyn Fn(ExportStep) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Book, StoryError> {
        let illustrator = illustrator.ok_or(ExportError::NoIllustrator)?;
        let mut book = gather::words(story, settings)?;
        let of = story.scenes.len();
        let seed = u64::from(story.made_with.seed.unwrap_or_default());
        let (width, height) = size(settings);
        for (index, scene) in story.scenes.iter().enumerate() {
            observe(ExportStep::Pictures { done: index, of });
            // A scene of another service may have no words for its picture; then those of its text say what is in it.
            let words = [&scene.image_prompt, &scene.text, &scene.title];
            let Some(prompt) = words.into_iter().find(|words| !words.trim().is_empty()) else {
                book.notes
                    .push(format!("Scene {} has no words to draw from.", index + 1));
                continue;
            };
            let request = PaintRequest {
                seed: Some(seed),
                model: Some(OUTLINES.to_owned()),
                ..PaintRequest::new(prompt.chars().take(8_000).collect::<String>(), width, height)
            };
            let painted = tokio::select! {
                painted = illustrator.paint(&request, &|_| {}) => painted?,
                () = cancel.cancelled() => return Err(StoryError::Cancelled),
            };
            let info = media::inspect(&painted.bytes)?;
            book.pages[index].art = Some(Art {
                sha256: sha256(&painted.bytes),
                provenance: Provenance::from_picture(&painted.bytes),
                media_type: info.media_type,
                width: info.width,
                height: info.height,
                bytes: painted.bytes,
            });
        }
        observe(ExportStep::Pictures { done: of, of });
        Ok(book)
    }
}

/// In the proportions of the page, so that an outline fills it.
fn size(settings: &ExportSettings) -> (u32, u32) {
    let (width, height) = settings.size.points();
    // Without the margins and the heading.
    let ratio = (width - 86.0) / (height - 86.0 - 40.0);
    let scaled = |part: f32| ((SIDE as f32 * part) as u32).clamp(256, SIDE);
    if ratio >= 1.0 {
        (SIDE, scaled(1.0 / ratio))
    } else {
        (scaled(ratio), SIDE)
    }
}
