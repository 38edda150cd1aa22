//! Pictures that a model made: bytes first, then their row, then where they went.

use std::io::Write as _;
use std::path::PathBuf;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::{Journal, JournalError};

/// All that decides how a picture turns out. The same recipe is never paid for twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The scene it is for.
    pub scene_id: String,
    /// Where the model is, without its key.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// The words.
    pub prompt: String,
    /// The seed, where the model takes one; otherwise it only tells one attempt from the next.
    pub seed: u64,
    /// Width and height in pixels.
    pub size: (u32, u32),
}

/// A picture that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// As the model sent them.
    pub bytes: Bytes,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// By its content.
    pub media_type: String,
    /// What the model said about it (a revised prompt, the words it understood).
    pub note: Option<String>,
    /// Bucket and key, once it was uploaded.
    pub stored_at: Option<(String, String)>,
}

impl Recipe {
    /// A name for the recipe: a hash of all its parts, so that the journal holds no prompt.
    #[must_use]
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        let (width, height) = self.size;
        for part in [
            &self.scene_id,
            &self.provider,
            &self.model,
            &self.prompt,
            &format!("{} {width} {height}", self.seed),
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hex(&hash.finalize())
    }
}

/// Says which recipe a picture came from whose bytes are on disk.
pub(super) fn insert(
    db: &Connection,
    recipe: &Recipe,
    (sha256, media_type): (&str, &str),
    note: Option<&str>,
) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO picture (recipe, scene_id, sha256, media_type, note) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (recipe) DO UPDATE SET sha256 = excluded.sha256, media_type = excluded.media_type,
             note = excluded.note, bucket = NULL, object_key = NULL",
        params![recipe.id(), recipe.scene_id, sha256, media_type, note],
    )?;
    Ok(())
}

/// SHA-256 of bytes, in lower-case hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
            text
        })
}

impl Journal {
    /// Keeps a picture's bytes on disk, whole or not at all, and remembers which recipe they came from.
    ///
    /// # Errors
    /// If the folder or the database cannot be written, e.g. because the disk is full.
    pub fn keep_picture(
        &self,
        recipe: &Recipe,
        bytes: Bytes,
        media_type: &str,
        note: Option<&str>,
    ) -> Result<Made, JournalError> {
        let sha256 = sha256(&bytes);
        self.write_bytes(&sha256, &bytes)?;
        self.with(|db| insert(db, recipe, (&sha256, media_type), note))?;
        Ok(Made {
            bytes,
            sha256,
            media_type: media_type.to_owned(),
            note: note.map(str::to_owned),
            stored_at: None,
        })
    }

    /// The picture that a recipe made before. A picture whose bytes are gone or damaged does not count.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn picture(&self, recipe: &Recipe) -> Result<Option<Made>, JournalError> {
        let row = self.with(|db| {
            db.query_row(
                "SELECT sha256, media_type, note, bucket, object_key FROM picture WHERE recipe = ?1",
                [recipe.id()],
                |row| {
                    let (bucket, key): (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
                    Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, bucket.zip(key)))
                },
            )
            .optional()
        })?;
        let Some((expected, media_type, note, stored_at)) = row else {
            return Ok(None);
        };
        Ok(self.read_bytes(&expected).map(|bytes| Made {
            bytes,
            sha256: expected,
            media_type,
            note,
            stored_at,
        }))
    }

    /// Whether a recipe made a picture before.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn has_picture(&self, recipe: &Recipe) -> Result<bool, JournalError> {
        self.with(|db| {
            db.prepare_cached("SELECT EXISTS (SELECT 1 FROM picture WHERE recipe = ?1)")?
                .query_row([recipe.id()], |row| row.get(0))
        })
    }

    /// The bytes of that hash, unless they are gone or damaged.
    pub(super) fn read_bytes(&self, expected: &str) -> Option<Bytes> {
        let bytes = std::fs::read(self.picture_path(expected)).ok()?;
        (sha256(&bytes) == expected).then(|| bytes.into())
    }

    /// Remembers where a recipe's picture was uploaded to.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn picture_stored(&self, recipe: &Recipe, bucket: &str, key: &str) -> Result<(), JournalError> {
        self.with(|db| {
            db.execute(
                "UPDATE picture SET bucket = ?2, object_key = ?3 WHERE recipe = ?1",
                params![recipe.id(), bucket, key],
            )?;
            // The variant with these bytes is that picture.
            db.execute(
                "UPDATE generation SET bucket = ?2, object_key = ?3
                 WHERE scene_id = ?4 AND sha256 = (SELECT sha256 FROM picture WHERE recipe = ?1)",
                params![recipe.id(), bucket, key, recipe.scene_id],
            )
        })?;
        Ok(())
    }

    pub(super) fn picture_path(&self, sha256: &str) -> PathBuf {
        self.folder.join("pictures").join(sha256)
    }

    pub(super) fn write_bytes(&self, sha256: &str, bytes: &[u8]) -> Result<(), JournalError> {
        let path = self.picture_path(sha256);
        let write = || {
            let folder = self.folder.join("pictures");
            let mut file = tempfile::NamedTempFile::new_in(&folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            // The name is on disk only when its folder is.
            #[cfg(unix)]
            std::fs::File::open(&folder)?.sync_all()?;
            Ok(())
        };
        write().map_err(|source| JournalError::File {
            path: path.clone(),
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::samples::recipe;

    #[test]
    fn finds_what_the_same_recipe_made() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let bytes = Bytes::from_static(b"picture");
        journal
            .keep_picture(&recipe("fox"), bytes.clone(), "image/png", Some("fox"))
            .unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let made = journal.picture(&recipe("fox")).unwrap().unwrap();
        assert_eq!(
            (made.bytes, made.note.as_deref(), made.stored_at),
            (bytes, Some("fox"), None)
        );
        assert!(journal.picture(&recipe("owl")).unwrap().is_none());
    }

    #[test]
    fn damaged_bytes_do_not_count_as_made() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let made = journal
            .keep_picture(&recipe("fox"), Bytes::from_static(b"picture"), "image/png", None)
            .unwrap();
        std::fs::write(folder.path().join("pictures").join(&made.sha256), b"pict").unwrap();
        assert!(journal.picture(&recipe("fox")).unwrap().is_none());
        std::fs::remove_file(folder.path().join("pictures").join(&made.sha256)).unwrap();
        assert!(journal.picture(&recipe("fox")).unwrap().is_none());
    }

    #[test]
    fn remembers_where_a_picture_went() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        journal
            .keep_picture(&recipe("fox"), Bytes::from_static(b"x"), "image/png", None)
            .unwrap();
        journal.picture_stored(&recipe("fox"), "b", "k").unwrap();
        assert_eq!(
            journal.picture(&recipe("fox")).unwrap().unwrap().stored_at,
            Some(("b".into(), "k".into()))
        );
    }

    #[test]
    fn parts_of_a_recipe_do_not_run_together() {
        let mut a = recipe("fox");
        let mut b = recipe("fox");
        (a.provider, a.model) = ("ab".into(), "c".into());
        (b.provider, b.model) = ("a".into(), "bc".into());
        assert_ne!(a.id(), b.id());
    }
}
