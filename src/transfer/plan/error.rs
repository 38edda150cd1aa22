//! Why no plan could be made, read or saved.

use std::io;
use std::path::PathBuf;

use super::check::PlanFaults;
use crate::supabase::{Error as WireError, NameError};
use crate::transfer::names::ManifestError;

/// Why there is no plan. The messages are sentences.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The project refused or could not be reached.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// What was asked for cannot be the name of a bucket or a key.
    #[error("{0}.")]
    Name(#[from] NameError),
    /// A key or folder that no call can name.
    #[error("“{key}” cannot be a key: {why}")]
    Unreachable {
        /// As it was given.
        key: String,
        /// Why, as a sentence.
        why: String,
    },
    /// A pattern that means nothing.
    #[error("“{pattern}” is no pattern: {why}.")]
    Pattern {
        /// As it was given.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file or folder that was named is not there.
    #[error("There is no file or folder {}.", .0.display())]
    NoFile(PathBuf),
    /// No object of that key.
    #[error("There is no object “{0}” in the bucket; a folder is written with a slash at its end.")]
    NoObject(String),
    /// Nothing was found where something was named.
    #[error("Nothing matches “{0}”.")]
    NothingMatches(String),
    /// More than one source, and one target.
    #[error("{0} were named, and they cannot all become “{1}”; name a folder instead, with a slash at its end.")]
    OneTarget(usize, String),
    /// Objects would go into the folder that they come from.
    #[error("“{0}” cannot be moved into itself.")]
    IntoItself(String),
    /// A plan that would replace objects of another workspace.
    #[error("Nothing is replaced in another workspace: what is there could not be taken back from here.")]
    ReplacesElsewhere,
    /// A folder with nothing in it is not taken for a reason to delete everything.
    #[error("There is no file in {}; what is in the bucket is not deleted for that. Delete it by itself if that is meant.", .0.display())]
    EmptyFolder(PathBuf),
    /// A folder that nothing was downloaded into.
    #[error("There is no manifest in {}: it is written where objects are downloaded to.", .0.display())]
    NoManifest(PathBuf),
    /// A manifest that cannot be believed.
    #[error("The manifest in {} cannot be used: {source}.", .folder.display())]
    Manifest {
        /// The folder that it is in.
        folder: PathBuf,
        /// What is wrong with it.
        source: ManifestError,
    },
    /// More items than can be numbered.
    #[error("The plan would have more than {0} items; make several of it.")]
    TooMany(usize),
    /// An edit that cannot be made.
    #[error("{0}")]
    Edit(String),
    /// A file or folder of this machine cannot be read or written.
    #[error("{} cannot be {what}: {source}.", .path.display())]
    Io {
        /// "read" or "written".
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It was stopped.
    #[error("Planning was stopped. Nothing was changed.")]
    Stopped,
    /// Not a plan, or one of another version of this program.
    #[error("This is not a plan that can be read: {0}.")]
    NotAPlan(String),
    /// A plan that must not be carried out.
    #[error("{0}")]
    Faulty(#[from] PlanFaults),
}
