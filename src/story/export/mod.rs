//! Books out of stories: for print, for readers, as a sheet, as files, and as pages to colour in.
//!
//! First everything is gathered: the words, and the pictures out of the bucket, within limits. What cannot be had is left out and
//! said. Then one file a format makes the bytes, and the target gets them whole, under its name, or not at all. The same story gives
//! the same bytes.
//!
//! Words and pictures come from anybody. Words are escaped for what they go into, and what a format or a font cannot show is
//! told; pictures are checked before they are put in.

mod book;
mod colophon;
mod colouring;
mod epub;
mod error;
mod folder;
mod gather;
mod pdf;
mod settings;
mod sheet;
mod target;
mod text;

pub use book::{Art, Book, Page};
pub use colouring::OUTLINES;
pub use error::ExportError;
pub use settings::{ExportSettings, Format, Language, NoSuchChoice, PageSize};
pub use target::suggested_name;

use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{Stories, Story, StoryError};
use crate::ai::Ai;

/// Scenes of a book at most.
pub const SCENES_MAX: usize = 500;
/// Bytes of all pictures of a book at most.
pub const BYTES_MAX: u64 = 400_000_000;

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportStep {
    /// Pictures that are there, of all.
    Pictures {
        /// There.
        done: usize,
        /// Of so many.
        of: usize,
    },
    /// The file is being made.
    Writing,
}

/// A book that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub format: Format,
    /// Its pages, or pictures.
    pub pages: usize,
    /// Its size, of a folder that of all files.
    pub bytes: u64,
    /// What is not as one would expect, as sentences.
    pub notes: Vec<String>,
}

/// What a format makes.
enum Made {
    File(Vec<u8>),
    Folder(Vec<folder::File>),
}

/// What came of it, before it is anywhere: the bytes, how many pages, what is to be said.
struct Finished {
    made: Made,
    pages: usize,
    notes: Vec<String>,
}

impl Stories {
    /// Makes a book out of a story and puts it at `to`.
    ///
    /// # Errors
    /// If nothing can be made of it, or `to` cannot be written; then nothing is there that was not there before.
    pub async fn export(
        &self,
        story: &Story,
        settings: &ExportSettings,
        to: &Path,
        illustrator: Option<&Ai>,
        observe: &(dyn Fn(ExportStep) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Exported, StoryError> {
        target::check(to, settings)?;
        let book = match settings.format {
            Format::Colouring => {
                self.draw_outlines(story, settings, illustrator, observe, cancel)
                    .await?
            }
            _ => self.gather(story, settings, observe, cancel).await?,
        };
        observe(ExportStep::Writing);
        let (settings, path, stop) = (settings.clone(), to.to_owned(), cancel.clone());
        let work = move || {
            let Finished { made, pages, mut notes } = make(&book, &settings, &stop)?;
            if stop.is_cancelled() {
                return Err(ExportError::Cancelled);
            }
            notes.splice(0..0, book.notes);
            let bytes = target::put(&made, &path, settings.overwrite)?;
            Ok(Exported {
                path,
                format: settings.format,
                pages,
                bytes,
                notes,
            })
        };
        let made = tokio::task::spawn_blocking(work).await;
        Ok(made.map_err(|_| StoryError::Cancelled)??)
    }
}

fn make(book: &Book, settings: &ExportSettings, cancel: &CancellationToken) -> Result<Finished, ExportError> {
    match settings.format {
        Format::Pdf => pdf::make(book, settings, cancel),
        Format::Colouring => colouring::make(book, settings, cancel),
        Format::Epub => epub::make(book, cancel),
        Format::Sheet => sheet::make(book, cancel),
        Format::Folder => folder::make(book),
    }
}
