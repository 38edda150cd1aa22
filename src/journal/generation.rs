//! Pictures that are to be asked of a model, were asked for, or were brought by an editor: one row each, with what it was
//! asked with and what became of it. What the columns mean is `crate::story`'s affair; here is what is ordered, counted
//! and summed up.
//!
//! A row is the intent: it is on disk before a model is asked, and says so. The bytes of a picture are on disk before the
//! row says that it was made.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::{Journal, JournalError, Recipe};

/// A picture that is to be asked for.
#[derive(Clone, Debug)]
pub struct NewGeneration {
    /// Its identity.
    pub id: Uuid,
    /// The story.
    pub story: String,
    /// The scene.
    pub scene: String,
    /// Who is to draw it.
    pub engine: String,
    /// Whether asking costs nothing, so that it may be asked for again after a crash.
    pub free: bool,
    /// What it is wanted to be, as JSON.
    pub request: String,
    /// What it will cost, in millionths of a US dollar, as far as known.
    pub estimate: Option<i64>,
    /// Whether it is to be put into its scene, if that has none.
    pub place: bool,
}

/// A picture's facts, beside its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureRow {
    /// Of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// By its content.
    pub media_type: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// How many bytes.
    pub size: u64,
}

/// What a model answered with.
#[derive(Clone, Debug)]
pub struct NewPicture {
    /// The bytes as they came.
    pub bytes: Bytes,
    /// By their content.
    pub media_type: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The seed that was really used.
    pub seed: Option<u64>,
    /// What it cost, in millionths of a US dollar.
    pub cost: Option<i64>,
    /// The model that drew it, as it calls itself.
    pub model: String,
    /// What the model said about it.
    pub note: Option<String>,
    /// The recipe that it also answers, so that nobody else pays for that.
    pub recipe: Option<Recipe>,
}

/// A picture that was asked for, as it is kept.
#[derive(Clone, Debug)]
pub struct GenerationRow {
    /// Its number in this file; later ones are greater.
    pub number: i64,
    /// Its identity.
    pub id: String,
    /// The batch that it is of; an editor's own picture is of none.
    pub batch: Option<String>,
    /// The story.
    pub story: String,
    /// The scene.
    pub scene: String,
    /// Its place among the scene's, from 0; never given twice.
    pub ordinal: u32,
    /// Who draws it; none where an editor brought it.
    pub engine: Option<String>,
    /// Whether asking costs nothing.
    pub free: bool,
    /// What it is wanted to be, as JSON; of one that was brought, the file's name.
    pub request: String,
    /// What was really sent, as JSON without bytes.
    pub sent: Option<String>,
    /// Where it stands.
    pub state: String,
    /// More about that, as JSON.
    pub detail: Option<String>,
    /// What the editor thinks of it.
    pub verdict: String,
    /// How often it was asked for.
    pub attempts: u32,
    /// What it was expected to cost, in millionths of a US dollar.
    pub estimate: Option<i64>,
    /// What it cost.
    pub cost: Option<i64>,
    /// The picture.
    pub picture: Option<PictureRow>,
    /// The seed that was really used.
    pub seed: Option<u64>,
    /// The model that drew it.
    pub model: Option<String>,
    /// What the model said about it.
    pub note: Option<String>,
    /// Whether it is to be put into its scene, and what became of that.
    pub place: String,
    /// Why it was not put there, as JSON.
    pub place_detail: Option<String>,
    /// Bucket and key, once it was uploaded.
    pub stored_at: Option<(String, String)>,
    /// When it was asked for by the editor, in milliseconds since 1970.
    pub queued_at: i64,
    /// When the model was asked last.
    pub asked_at: Option<i64>,
    /// When it came to an end.
    pub ended_at: Option<i64>,
}

const COLUMNS: &str = "generation.number, generation.id, generation_batch.id, story_id, scene_id, ordinal, engine, free,
    request, sent, state, detail, verdict, attempts, estimate, cost, sha256, media_type, width, height, size, seed, model,
    note, place, place_detail, bucket, object_key, queued_at, asked_at, generation.ended_at
    FROM generation LEFT JOIN generation_batch ON generation_batch.number = generation.batch";

fn row(row: &Row<'_>) -> rusqlite::Result<GenerationRow> {
    let sha256: Option<String> = row.get(16)?;
    let picture = match sha256 {
        None => None,
        Some(sha256) => Some(PictureRow {
            sha256,
            media_type: row.get(17)?,
            width: row.get(18)?,
            height: row.get(19)?,
            size: u64::try_from(row.get::<_, i64>(20)?).unwrap_or(0),
        }),
    };
    let (bucket, key): (Option<String>, Option<String>) = (row.get(26)?, row.get(27)?);
    Ok(GenerationRow {
        number: row.get(0)?,
        id: row.get(1)?,
        batch: row.get(2)?,
        story: row.get(3)?,
        scene: row.get(4)?,
        ordinal: row.get(5)?,
        engine: row.get(6)?,
        free: row.get(7)?,
        request: row.get(8)?,
        sent: row.get(9)?,
        state: row.get(10)?,
        detail: row.get(11)?,
        verdict: row.get(12)?,
        attempts: row.get(13)?,
        estimate: row.get(14)?,
        cost: row.get(15)?,
        picture,
        // Seeds fill all 64 bits; the database's numbers have a sign.
        seed: row.get::<_, Option<i64>>(21)?.map(i64::cast_unsigned),
        model: row.get(22)?,
        note: row.get(23)?,
        place: row.get(24)?,
        place_detail: row.get(25)?,
        stored_at: bucket.zip(key),
        queued_at: row.get(28)?,
        asked_at: row.get(29)?,
        ended_at: row.get(30)?,
    })
}

pub(super) fn rows(db: &Connection, tail: &str, values: impl rusqlite::Params) -> rusqlite::Result<Vec<GenerationRow>> {
    db.prepare_cached(&format!("SELECT {COLUMNS} {tail}"))?
        .query_map(values, row)?
        .collect()
}

/// The next place among a scene's pictures.
pub(super) const ORDINAL: &str =
    "(SELECT ifnull(max(ordinal) + 1, 0) FROM generation WHERE story_id = ?2 AND scene_id = ?3)";

/// Adds a picture that waits to be asked for.
pub(super) fn insert(db: &Connection, batch: Option<i64>, new: &NewGeneration, at: i64) -> rusqlite::Result<()> {
    let place = if new.place { "wanted" } else { "no" };
    db.prepare_cached(&format!(
        "INSERT INTO generation (id, story_id, scene_id, ordinal, batch, engine, free, request, estimate, place, state, queued_at)
         VALUES (?1, ?2, ?3, {ORDINAL}, ?4, ?5, ?6, ?7, ?8, ?9, 'queued', ?10)"
    ))?
    .execute(params![
        new.id.to_string(),
        new.story,
        new.scene,
        batch,
        new.engine,
        new.free,
        new.request,
        new.estimate,
        place,
        at
    ])?;
    Ok(())
}

/// What is read.
impl Journal {
    /// The pictures of a scene, first asked for first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn generations_of(&self, story: String, scene: String) -> Result<Vec<GenerationRow>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                rows(
                    db,
                    "WHERE story_id = ?1 AND scene_id = ?2 AND forgotten = 0 ORDER BY ordinal",
                    [story, scene],
                )
            })
        });
        read.await
    }

    /// One picture.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn generation(&self, id: Uuid) -> Result<Option<GenerationRow>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                db.prepare_cached(&format!("SELECT {COLUMNS} WHERE generation.id = ?1 AND forgotten = 0"))?
                    .query_row([id.to_string()], row)
                    .optional()
            })
        });
        read.await
    }

    /// The pictures of a batch, in its order, from the one after `after` on.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn generations_of_batch(
        &self,
        batch: Uuid,
        after: i64,
        most: u32,
    ) -> Result<Vec<GenerationRow>, JournalError> {
        let read = self.run(move |journal| {
            let tail = "WHERE generation_batch.id = ?1 AND generation.number > ?2 AND forgotten = 0 ORDER BY generation.number LIMIT ?3";
            journal.with(|db| rows(db, tail, params![batch.to_string(), after, most]))
        });
        read.await
    }

    /// The pictures that may be asked for now, first the ones whose turn it is, of batches whose number is `from` or more.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn generations_due(&self, from: i64, most: u32) -> Result<Vec<GenerationRow>, JournalError> {
        // A few of each engine, so that one that has to wait is in nobody's way.
        let tail = "WHERE generation.number IN (
                SELECT number FROM (
                    SELECT g.number AS number, row_number() OVER (PARTITION BY g.engine ORDER BY b.position, g.number) AS turn
                    FROM generation g JOIN generation_batch b ON b.number = g.batch
                    WHERE g.state = 'queued' AND b.wanted = 'run' AND b.held IS NULL AND b.number >= ?1
                ) WHERE turn <= ?2
            ) ORDER BY generation_batch.position, generation.number";
        let read = self.run(move |journal| journal.with(|db| rows(db, tail, params![from, most])));
        read.await
    }

    /// The pictures that were made and are to be put into their scenes, of batches whose number is `from` or more.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn generations_to_place(&self, from: i64, most: u32) -> Result<Vec<GenerationRow>, JournalError> {
        let tail = "WHERE state = 'made' AND place = 'wanted' AND generation_batch.number >= ?1
            AND generation_batch.wanted = 'run' ORDER BY generation_batch.position, generation.number LIMIT ?2";
        let read = self.run(move |journal| journal.with(|db| rows(db, tail, params![from, most])));
        read.await
    }

    /// The bytes of a picture, by their hash; none if they are gone or damaged.
    ///
    /// # Errors
    /// If the work was stopped.
    pub async fn generation_bytes(&self, sha256: String) -> Result<Option<Bytes>, JournalError> {
        self.run(move |journal| Ok(journal.read_bytes(&sha256))).await
    }
}

#[cfg(test)]
mod tests;
