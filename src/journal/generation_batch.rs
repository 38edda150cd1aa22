//! Batches of pictures that are asked for together: their order, what is wanted of them, and what it all costs.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::generation::{NewGeneration, insert};
use super::{Journal, JournalError};

/// A batch as it is kept.
#[derive(Clone, Debug)]
pub struct BatchRow {
    /// Its number in this file; later ones are greater.
    pub number: i64,
    /// Its identity.
    pub id: String,
    /// In words.
    pub title: String,
    /// What is wanted of it.
    pub wanted: String,
    /// Why it waits, if it does so by itself: a sentence.
    pub held: Option<String>,
    /// When it was begun, in milliseconds since 1970.
    pub created_at: i64,
    /// When the last of its pictures came to an end.
    pub ended_at: Option<i64>,
    /// Its pictures by where they stand.
    pub counts: Vec<GenerationCount>,
}

/// How many pictures of a batch stand where.
#[derive(Clone, Debug)]
pub struct GenerationCount {
    /// Where they stand.
    pub state: String,
    /// Whether they are to be put into their scenes, and what became of that.
    pub place: String,
    /// Who draws them.
    pub engine: String,
    /// How many.
    pub pictures: u64,
    /// What they cost, in millionths of a US dollar.
    pub cost: i64,
    /// What they are expected to cost.
    pub estimate: i64,
    /// Whether that is known of all of them.
    pub priced: bool,
}

/// What an engine has cost since a time, in millionths of a US dollar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Which.
    pub engine: String,
    /// What its pictures cost.
    pub cost: i64,
    /// What is being asked for, or was and nobody knows what became of it, is expected to cost.
    pub perhaps: i64,
    /// Its pictures.
    pub pictures: u64,
}

const BATCH: &str = "SELECT number, id, title, wanted, held, created_at, ended_at FROM generation_batch";

fn batch(row: &Row<'_>) -> rusqlite::Result<BatchRow> {
    Ok(BatchRow {
        number: row.get(0)?,
        id: row.get(1)?,
        title: row.get(2)?,
        wanted: row.get(3)?,
        held: row.get(4)?,
        created_at: row.get(5)?,
        ended_at: row.get(6)?,
        counts: Vec::new(),
    })
}

/// A number of the database that is never negative.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn with_counts(db: &Connection, mut batch: BatchRow) -> rusqlite::Result<BatchRow> {
    let mut select = db.prepare_cached(
        "SELECT state, place, engine, count(*), sum(ifnull(cost, 0)), sum(ifnull(estimate, 0)), count(estimate) = count(*)
         FROM generation
         WHERE batch = ?1 GROUP BY state, place, engine",
    )?;
    let counts = select.query_map([batch.number], |row| {
        Ok(GenerationCount {
            state: row.get(0)?,
            place: row.get(1)?,
            engine: row.get(2)?,
            pictures: count(row.get(3)?),
            cost: row.get(4)?,
            estimate: row.get(5)?,
            priced: row.get(6)?,
        })
    })?;
    batch.counts = counts.collect::<Result<_, _>>()?;
    Ok(batch)
}

impl Journal {
    /// Keeps a batch and what is to be asked for, all or nothing. Gives back its number.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn add_batch(
        &self,
        id: Uuid,
        title: String,
        generations: Vec<NewGeneration>,
        at: i64,
    ) -> Result<i64, JournalError> {
        let change = self.writer.write(move |db| {
            db.execute(
                "INSERT INTO generation_batch (id, title, created_at, position)
                 VALUES (?1, ?2, ?3, (SELECT ifnull(max(position), 0) + 1 FROM generation_batch))",
                params![id.to_string(), title, at],
            )?;
            let number = db.last_insert_rowid();
            for new in &generations {
                insert(db, Some(number), new, at)?;
            }
            Ok(number)
        });
        change.await
    }

    /// All batches, in their order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn batches(&self) -> Result<Vec<BatchRow>, JournalError> {
        let read = self.run(|journal| {
            journal.with(|db| {
                let batches = db
                    .prepare_cached(&format!("{BATCH} ORDER BY position, number"))?
                    .query_map([], batch)?
                    .collect::<Result<Vec<_>, _>>()?;
                batches.into_iter().map(|batch| with_counts(db, batch)).collect()
            })
        });
        read.await
    }

    /// The batches that have not ended, in their order, without their counts.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn open_batches(&self) -> Result<Vec<BatchRow>, JournalError> {
        let read = self.run(|journal| {
            journal.with(|db| {
                db.prepare_cached(&format!("{BATCH} WHERE ended_at IS NULL ORDER BY position, number"))?
                    .query_map([], batch)?
                    .collect()
            })
        });
        read.await
    }

    /// One batch.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn batch(&self, id: Uuid) -> Result<Option<BatchRow>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                let found = db
                    .prepare_cached(&format!("{BATCH} WHERE id = ?1"))?
                    .query_row([id.to_string()], batch)
                    .optional()?;
                found.map(|batch| with_counts(db, batch)).transpose()
            })
        });
        read.await
    }

    /// Says what is wanted of a batch that has not ended. Whoever wants it to go on lifts what held it up; whoever cancels it
    /// ends at once what was not asked for yet. False if there is none that has not ended.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn want_batch(&self, id: Uuid, wanted: &'static str, at: i64) -> Result<bool, JournalError> {
        let change = self.writer.write(move |db| {
            let changed = db.execute(
                "UPDATE generation_batch SET wanted = ?2, held = CASE ?2 WHEN 'run' THEN NULL ELSE held END
                 WHERE id = ?1 AND ended_at IS NULL",
                params![id.to_string(), wanted],
            )?;
            if matches!(wanted, "cancel" | "abandon") {
                db.execute(
                    "UPDATE generation SET state = 'cancelled', ended_at = ?2 WHERE state = 'queued'
                     AND batch = (SELECT number FROM generation_batch WHERE id = ?1)",
                    params![id.to_string(), at],
                )?;
            }
            Ok(changed == 1)
        });
        change.await
    }

    /// Notes why a batch waits by itself.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn hold_batch(&self, id: Uuid, why: String) -> Result<(), JournalError> {
        let change = self.writer.write(move |db| {
            db.execute(
                "UPDATE generation_batch SET held = ?2 WHERE id = ?1 AND ended_at IS NULL",
                params![id.to_string(), why],
            )?;
            Ok(())
        });
        change.await
    }

    /// Puts a batch before or behind all others.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn place_batch(&self, id: Uuid, first: bool) -> Result<bool, JournalError> {
        let place = if first {
            "(SELECT min(position) - 1 FROM generation_batch)"
        } else {
            "(SELECT max(position) + 1 FROM generation_batch)"
        };
        let change = self.writer.write(move |db| {
            let update = format!("UPDATE generation_batch SET position = {place} WHERE id = ?1");
            Ok(db.execute(&update, [id.to_string()])? == 1)
        });
        change.await
    }

    /// Asks again for what failed or was cancelled of a batch and has cost nothing; what was refused, or may have been paid for,
    /// is left. Gives back how many.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn retry_batch(&self, id: Uuid) -> Result<usize, JournalError> {
        let change = self.writer.write(move |db| {
            let again = db.execute(
                "UPDATE generation SET state = 'queued', detail = NULL, ended_at = NULL, attempts = 0
                 WHERE state IN ('failed', 'cancelled') AND ifnull(cost, 0) = 0 AND forgotten = 0
                 AND batch = (SELECT number FROM generation_batch WHERE id = ?1)",
                [id.to_string()],
            )?;
            let placed = db.execute(
                "UPDATE generation SET place = 'wanted', place_detail = NULL WHERE place = 'failed' AND state = 'made'
                 AND forgotten = 0 AND batch = (SELECT number FROM generation_batch WHERE id = ?1)",
                [id.to_string()],
            )?;
            if again + placed > 0 {
                db.execute(
                    "UPDATE generation_batch SET wanted = 'run', held = NULL, ended_at = NULL WHERE id = ?1",
                    [id.to_string()],
                )?;
            }
            Ok(again + placed)
        });
        change.await
    }

    /// Notes the end of batches of which nothing is left to do. Gives back which.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn end_batches(&self, at: i64) -> Result<Vec<String>, JournalError> {
        let change = self.writer.write(move |db| {
            let ended = db
                .prepare_cached(
                    "UPDATE generation_batch SET ended_at = ?1, held = NULL WHERE ended_at IS NULL AND NOT EXISTS (
                         SELECT 1 FROM generation WHERE batch = generation_batch.number AND (
                             state IN ('queued', 'drawing')
                             OR (state = 'made' AND place = 'wanted' AND generation_batch.wanted NOT IN ('cancel', 'abandon'))))
                     RETURNING id",
                )?
                .query_map([at], |row| row.get(0))?
                .collect::<Result<Vec<String>, _>>()?;
            Ok(ended)
        });
        change.await
    }

    /// What each engine has cost since a time, in milliseconds since 1970.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn generations_spent(&self, since: i64) -> Result<Vec<Spent>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                db.prepare_cached(
                    "SELECT engine, sum(ifnull(cost, 0)),
                         sum(CASE WHEN state IN ('drawing', 'uncertain') AND cost IS NULL THEN ifnull(estimate, 0) ELSE 0 END),
                         sum(state = 'made')
                     FROM generation WHERE engine IS NOT NULL AND asked_at >= ?1 GROUP BY engine ORDER BY engine",
                )?
                .query_map([since], |row| {
                    Ok(Spent {
                        engine: row.get(0)?,
                        cost: row.get(1)?,
                        perhaps: row.get(2)?,
                        pictures: count(row.get(3)?),
                    })
                })?
                .collect()
            })
        });
        read.await
    }

    /// What each engine has cost since a time, or may have, without what is being asked for just now in batches.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn generations_charged(&self, since: i64) -> Result<Vec<(String, i64)>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                db.prepare_cached(
                    "SELECT engine, sum(CASE
                         WHEN state = 'uncertain' THEN ifnull(cost, ifnull(estimate, 0))
                         WHEN state = 'drawing' AND batch IS NULL THEN ifnull(estimate, 0)
                         ELSE ifnull(cost, 0) END)
                     FROM generation WHERE engine IS NOT NULL AND asked_at >= ?1 GROUP BY engine",
                )?
                .query_map([since], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
            })
        });
        read.await
    }

    /// How long an engine's latest pictures took, in milliseconds; at most so many.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn generation_times(&self, engine: String, most: u32) -> Result<Vec<u64>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                db.prepare_cached(
                    "SELECT ended_at - asked_at FROM generation
                     WHERE engine = ?1 AND state = 'made' AND asked_at IS NOT NULL ORDER BY asked_at DESC LIMIT ?2",
                )?
                .query_map(params![engine, most], |row| row.get(0).map(count))?
                .collect()
            })
        });
        read.await
    }

    /// Grows with each change that another connection or process commits to the journal.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn data_version(&self) -> Result<i64, JournalError> {
        self.run(|journal| journal.with(|db| db.query_row("PRAGMA data_version", [], |row| row.get(0))))
            .await
    }
}
