//! The one SQLite file of a workspace: drafts and pictures that were made and perhaps paid for, kept until they are
//! where they belong, what models are asked for, and the transfers that are to be carried out or were. No secret is ever written here.
//!
//! What a model made is on disk before anything else is done with it. A crash between "made" and "uploaded" then
//! costs nothing: the same recipe is found here again.

mod deleted_story;
mod generation;
mod generation_batch;
mod generation_changes;
mod generation_purge;
mod held;
mod manuscript;
mod picture;
mod replacement;
mod retired;
#[cfg(test)]
mod samples;
mod schema;
mod transfer;
mod transfer_item;
mod trash;
mod words;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, params};

pub use deleted_story::{DeletedStage, DeletedStoryRow};
pub use generation::{GenerationRow, NewGeneration, NewPicture, PictureRow};
pub use generation_batch::{BatchRow, GenerationCount, Spent};
pub use generation_purge::Purged;
pub use held::Held;
pub use manuscript::ManuscriptRow;
pub use picture::{Made, Recipe, sha256};
pub use replacement::{ReplacementRow, ReplacementStage};
pub use retired::Retired;
pub use transfer::{JobRow, NewJob, StateCount, Wishes};
pub use transfer_item::{ItemChange, ItemPlan, ItemRow, NewItem};
pub use trash::{EditRecord, ObjectFacts, Successor, TrashKind, TrashRecord, TrashState};

use writer::Writer;

/// A workspace's journal. Clones share the same file; calls block and belong on the blocking pool, which
/// [`Journal::run`] sees to.
#[derive(Clone)]
pub struct Journal {
    folder: PathBuf,
    connection: Arc<Mutex<Connection>>,
    writer: Arc<Writer>,
}

/// The journal could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The folder or a file in it.
    #[error("{}", cannot_write(path, source))]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database.
    #[error("the journal cannot be used: {0}")]
    Database(#[from] rusqlite::Error),
    /// Written by a newer version of this program.
    #[error("the journal was written by a newer version of StoryMimi Studio (format {found}, this one knows {known})")]
    Newer {
        /// The format found.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// The change was made together with others, and they could not be written.
    #[error("the journal could not be written: {0}")]
    NotWritten(String),
    /// The task that used it was stopped.
    #[error("the work on the journal was stopped")]
    Stopped,
}

/// A full disk is said in words that lead to what helps; anything else as the system says it.
fn cannot_write(path: &Path, source: &std::io::Error) -> String {
    let folder = path.parent().unwrap_or(path).display();
    match source.kind() {
        std::io::ErrorKind::StorageFull => format!("the disk that holds {folder} is full"),
        _ => format!("cannot write to {folder}: {source}"),
    }
}

impl Journal {
    /// Opens the journal in `folder`, making it if needed.
    ///
    /// # Errors
    /// If the folder cannot be written, the file is no database, or a newer program wrote it.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        let file = |source| JournalError::File {
            path: folder.to_owned(),
            source,
        };
        std::fs::create_dir_all(folder.join("pictures")).map_err(file)?;
        let path = folder.join("journal.sqlite3");
        let mut connection = Connection::open(&path)?;
        schema::prepare(&mut connection)?;
        Ok(Self {
            folder: folder.to_owned(),
            connection: Arc::new(Mutex::new(connection)),
            writer: Arc::new(Writer::new(path)),
        })
    }

    /// The folder that it is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs blocking work with the journal on the blocking pool.
    ///
    /// # Errors
    /// What `work` returns, or [`JournalError::Stopped`] if the program ends meanwhile.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let journal = self.clone();
        tokio::task::spawn_blocking(move || work(&journal))
            .await
            .unwrap_or(Err(JournalError::Stopped))
    }

    /// Keeps the draft of a story, as JSON, before its rows are written.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn keep_draft(&self, story: &str, draft: &str) -> Result<(), JournalError> {
        self.with(|db| {
            db.execute(
                "INSERT INTO draft (story_id, draft) VALUES (?1, ?2)
                 ON CONFLICT (story_id) DO UPDATE SET draft = excluded.draft",
                params![story, draft],
            )
        })?;
        Ok(())
    }

    /// The draft that was kept for a story.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn draft(&self, story: &str) -> Result<Option<String>, JournalError> {
        self.with(|db| {
            db.query_row("SELECT draft FROM draft WHERE story_id = ?1", [story], |row| row.get(0))
                .optional()
        })
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, JournalError> {
        // A panic while the lock was held left no half-done statement behind: SQLite rolled it back.
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(work(&connection)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_newest_draft() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        assert_eq!(journal.draft("a").unwrap(), None);
        journal.keep_draft("a", "1").unwrap();
        journal.keep_draft("a", "2").unwrap();
        drop(journal);
        assert_eq!(
            Journal::open(folder.path()).unwrap().draft("a").unwrap().as_deref(),
            Some("2")
        );
    }

    #[test]
    fn refuses_a_newer_format_and_what_is_no_database() {
        let folder = tempfile::tempdir().unwrap();
        Journal::open(folder.path())
            .unwrap()
            .with(|db| db.pragma_update(None, "user_version", 99))
            .unwrap();
        assert!(matches!(
            Journal::open(folder.path()),
            Err(JournalError::Newer { found: 99, .. })
        ));

        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("journal.sqlite3"), vec![7; 4096]).unwrap();
        assert!(matches!(Journal::open(folder.path()), Err(JournalError::Database(_))));
    }
}
