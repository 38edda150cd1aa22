//! What becomes of a picture that is asked for: asked, made, refused, forgotten. See `generation.rs` for how it is kept.

use bytes::Bytes;
use rusqlite::params;
use uuid::Uuid;

use super::generation::{GenerationRow, NewGeneration, NewPicture, ORDINAL, PictureRow, insert, rows};
use super::{Journal, JournalError};

impl Journal {
    /// Says that a model is asked now, with what. False if it is not to be asked for any more.
    ///
    /// # Errors
    /// If the database cannot be written; then nothing may be asked.
    pub async fn begin_generation(&self, id: Uuid, sent: String, at: i64) -> Result<bool, JournalError> {
        let change = self.writer.write(move |db| {
            let changed = db
                .prepare_cached(
                    "UPDATE generation SET state = 'drawing', sent = ?2, asked_at = ?3, attempts = attempts + 1
                     WHERE id = ?1 AND state = 'queued' AND EXISTS (
                         SELECT 1 FROM generation_batch WHERE number = batch AND wanted = 'run' AND held IS NULL)",
                )?
                .execute(params![id.to_string(), sent, at])?;
            Ok(changed == 1)
        });
        change.await
    }

    /// Adds a picture that a model is asked for now, outside of any batch, unless it would pass what its engine may cost: then nothing
    /// is added, and what was spent, or may have been, is given back. `budget` is since when it is counted, and the most that it may be,
    /// in millionths of a US dollar. Whoever else asks, in whichever process, is counted: looking and adding are one change.
    ///
    /// # Errors
    /// If the database cannot be written; then nothing may be asked.
    pub async fn begin_generation_alone(
        &self,
        new: NewGeneration,
        at: i64,
        budget: Option<(i64, i64)>,
    ) -> Result<Option<i64>, JournalError> {
        let change = self.writer.write(move |db| {
            if let Some((since, most)) = budget {
                let spent: i64 = db.query_row(
                    "SELECT ifnull(sum(CASE WHEN state = 'uncertain' THEN ifnull(cost, ifnull(estimate, 0))
                                            WHEN state = 'drawing' THEN ifnull(estimate, 0)
                                            ELSE ifnull(cost, 0) END), 0)
                     FROM generation WHERE engine = ?1 COLLATE NOCASE AND asked_at >= ?2",
                    params![new.engine, since],
                    |row| row.get(0),
                )?;
                // What a picture costs that has no price is seen only when it is there.
                let passes = new.estimate.map_or(spent >= most, |price| spent + price > most);
                if passes {
                    return Ok(Some(spent));
                }
            }
            insert(db, None, &new, at)?;
            db.execute(
                "UPDATE generation SET state = 'drawing', asked_at = ?2, attempts = 1 WHERE id = ?1",
                params![new.id.to_string(), at],
            )?;
            Ok(None)
        });
        change.await
    }

    /// Keeps what the model sent: the bytes first, whole or not at all, then what is known of them.
    ///
    /// # Errors
    /// If the folder or the database cannot be written, e.g. because the disk is full.
    pub async fn generation_made(&self, id: Uuid, picture: NewPicture, at: i64) -> Result<PictureRow, JournalError> {
        let (kept, picture) = self.keep_bytes(picture).await?;
        let row = kept.clone();
        let change = self.writer.write(move |db| {
            db.prepare_cached(
                "UPDATE generation SET state = 'made', detail = NULL, sha256 = ?2, media_type = ?3, width = ?4, height = ?5,
                     size = ?6, seed = ?7, cost = ?8, model = ?9, note = ?10, ended_at = ?11 WHERE id = ?1",
            )?
            .execute(params![
                id.to_string(),
                kept.sha256,
                kept.media_type,
                kept.width,
                kept.height,
                i64::try_from(kept.size).unwrap_or(i64::MAX),
                picture.seed.map(u64::cast_signed),
                picture.cost,
                picture.model,
                picture.note,
                at
            ])?;
            match &picture.recipe {
                Some(recipe) => super::picture::insert(
                    db,
                    recipe,
                    (&kept.sha256, &kept.media_type),
                    picture.note.as_deref(),
                ),
                None => Ok(()),
            }
        });
        change.await?;
        Ok(row)
    }

    /// Keeps a picture that an editor brought for a scene.
    ///
    /// # Errors
    /// As [`Journal::generation_made`].
    pub async fn bring_generation(
        &self,
        id: Uuid,
        (story, scene): (String, String),
        file_name: String,
        picture: NewPicture,
        at: i64,
    ) -> Result<(), JournalError> {
        let (kept, picture) = self.keep_bytes(picture).await?;
        let change = self.writer.write(move |db| {
            db.prepare_cached(&format!(
                "INSERT INTO generation (id, story_id, scene_id, ordinal, free, request, state, sha256, media_type, width,
                     height, size, note, queued_at, ended_at)
                 VALUES (?1, ?2, ?3, {ORDINAL}, 1, ?4, 'made', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)"
            ))?
            .execute(params![
                id.to_string(),
                story,
                scene,
                file_name,
                kept.sha256,
                kept.media_type,
                kept.width,
                kept.height,
                i64::try_from(kept.size).unwrap_or(i64::MAX),
                picture.note,
                at
            ])?;
            Ok(())
        });
        change.await
    }

    /// Says how a picture came to an end without one and what it cost all the same, or that it waits again.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn end_generation(
        &self,
        id: Uuid,
        state: &'static str,
        (detail, cost): (Option<String>, Option<i64>),
        at: i64,
    ) -> Result<(), JournalError> {
        let change = self.writer.write(move |db| {
            db.prepare_cached(
                "UPDATE generation SET state = ?2, detail = ?3, cost = ?5,
                     ended_at = CASE ?2 WHEN 'queued' THEN NULL ELSE ?4 END
                 WHERE id = ?1 AND state IN ('queued', 'drawing')",
            )?
            .execute(params![id.to_string(), state, detail, at, cost])?;
            Ok(())
        });
        change.await
    }

    /// Ends a picture that was not asked for yet. False if it was.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn cancel_generation(&self, id: Uuid, at: i64) -> Result<bool, JournalError> {
        let change = self.writer.write(move |db| {
            let changed = db.execute(
                "UPDATE generation SET state = 'cancelled', ended_at = ?2 WHERE id = ?1 AND state = 'queued'",
                params![id.to_string(), at],
            )?;
            Ok(changed == 1)
        });
        change.await
    }

    /// Asks again for a picture that ended without one. False if it did not end so, or has cost something: what comes next
    /// would hide that.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn requeue_generation(&self, id: Uuid) -> Result<bool, JournalError> {
        let change = self.writer.write(move |db| {
            let changed = db.execute(
                "UPDATE generation SET state = 'queued', detail = NULL, ended_at = NULL, attempts = 0
                 WHERE id = ?1 AND state IN ('failed', 'refused', 'cancelled') AND ifnull(cost, 0) = 0 AND batch IS NOT NULL",
                [id.to_string()],
            )?;
            if changed == 1 {
                db.execute(
                    "UPDATE generation_batch SET wanted = 'run', held = NULL, ended_at = NULL
                     WHERE number = (SELECT batch FROM generation WHERE id = ?1)",
                    [id.to_string()],
                )?;
            }
            Ok(changed == 1)
        });
        change.await
    }

    /// What was being asked for when the program that asked it ended: what costs nothing is asked for again, of the rest
    /// nobody knows. To be called by whoever runs the queue, before it asks for anything. Gives back what was found so.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn reconcile_generations(&self, at: i64) -> Result<Vec<GenerationRow>, JournalError> {
        let change = self.writer.write(move |db| {
            let found = rows(db, "WHERE state = 'drawing'", [])?;
            db.execute(
                "UPDATE generation SET state = 'cancelled', ended_at = ?1
                 WHERE state = 'drawing' AND free = 1 AND batch IS NULL",
                [at],
            )?;
            db.execute(
                "UPDATE generation SET state = 'queued' WHERE state = 'drawing' AND free = 1",
                [],
            )?;
            db.execute(
                "UPDATE generation SET state = 'uncertain', ended_at = ?1 WHERE state = 'drawing'",
                [at],
            )?;
            Ok(found)
        });
        change.await
    }

    /// Says what the editor thinks of a picture. False if there is none.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn judge_generation(&self, id: Uuid, verdict: &'static str) -> Result<bool, JournalError> {
        let change = self.writer.write(move |db| {
            let changed = db.execute(
                "UPDATE generation SET verdict = ?2 WHERE id = ?1",
                params![id.to_string(), verdict],
            )?;
            Ok(changed == 1)
        });
        change.await
    }

    /// Says where a picture was uploaded to, before any row points at it.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn generation_stored(&self, id: Uuid, bucket: String, key: String) -> Result<(), JournalError> {
        let change = self.writer.write(move |db| {
            db.execute(
                "UPDATE generation SET bucket = ?2, object_key = ?3 WHERE id = ?1",
                params![id.to_string(), bucket, key],
            )?;
            Ok(())
        });
        change.await
    }

    /// Says what became of putting a picture into its scene.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn generation_placed(
        &self,
        id: Uuid,
        place: &'static str,
        detail: Option<String>,
    ) -> Result<(), JournalError> {
        let change = self.writer.write(move |db| {
            db.execute(
                "UPDATE generation SET place = ?2, place_detail = ?3 WHERE id = ?1",
                params![id.to_string(), place, detail],
            )?;
            Ok(())
        });
        change.await
    }

    /// Forgets a picture that is not being asked for; its bytes go some time after that, see
    /// [`Journal::purge_generations`]. What it cost stays in the sums. False if there is none, or it is being asked for.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn forget_generation(&self, id: Uuid, at: i64) -> Result<bool, JournalError> {
        let change = self.writer.write(move |db| {
            let changed = db.execute(
                "UPDATE generation SET forgotten = 1, forgotten_at = ?2, place = 'no', state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END
                 WHERE id = ?1 AND state <> 'drawing' AND forgotten = 0",
                params![id.to_string(), at],
            )?;
            Ok(changed == 1)
        });
        change.await
    }

    /// Keeps bytes that a picture is to be made from. Gives back their hash.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub async fn keep_reference(&self, bytes: Bytes) -> Result<String, JournalError> {
        let keep = self.run(move |journal| {
            let sha256 = super::sha256(&bytes);
            journal.write_bytes(&sha256, &bytes)?;
            Ok(sha256)
        });
        keep.await
    }

    async fn keep_bytes(&self, picture: NewPicture) -> Result<(PictureRow, NewPicture), JournalError> {
        let keep = self.run(move |journal| {
            let kept = PictureRow {
                sha256: super::sha256(&picture.bytes),
                media_type: picture.media_type.clone(),
                width: picture.width,
                height: picture.height,
                size: picture.bytes.len() as u64,
            };
            journal.write_bytes(&kept.sha256, &picture.bytes)?;
            Ok((kept, picture))
        });
        keep.await
    }
}
