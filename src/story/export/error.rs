//! What can go wrong while a story is made into a book.

use std::io;
use std::path::PathBuf;

use crate::media::MediaError;

use super::NoSuchChoice;

/// Why there is no book.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A story without scenes.
    #[error("the story has no scenes yet")]
    Empty,
    /// More scenes than a book may have.
    #[error("the story has {0} scenes; a book has at most {most}", most = super::SCENES_MAX)]
    TooManyScenes(usize),
    /// All pictures together are too large to be held at once.
    #[error(
        "the pictures have more than {} together",
        crate::media::format_bytes(super::BYTES_MAX)
    )]
    TooLarge,
    /// Nothing to show.
    #[error("none of the {0} pictures can be had")]
    NoPictures(usize),
    /// The built-in illustrator is not there to draw.
    #[error("the built-in illustrator is not to be had in this workspace")]
    NoIllustrator,
    /// A word that means nothing.
    #[error(transparent)]
    Choice(#[from] NoSuchChoice),
    /// Something is there and was not to be replaced.
    #[error("{} is there already", .0.display())]
    IsThere(PathBuf),
    /// A folder that is not an export is not replaced.
    #[error("{} is there already and is no exported story", .0.display())]
    NotOurs(PathBuf),
    /// The path names no file.
    #[error("{} is no name of a file", .0.display())]
    NoName(PathBuf),
    /// The disk or the folder refused.
    #[error("{} cannot be written: {source}", .path.display())]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A picture could not be made ready.
    #[error(transparent)]
    Picture(#[from] MediaError),
    /// The writer of the format refused, which would be a fault of this program.
    #[error("the {format} could not be written: {why}")]
    Format {
        /// The format.
        format: &'static str,
        /// In the writer's words.
        why: String,
    },
    /// Stopped because it was asked to.
    #[error("stopped")]
    Cancelled,
}
