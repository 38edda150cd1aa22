//! Transfers: jobs as rows. What they mean is `crate::transfer`'s affair; here are the columns that are
//! counted, ordered and compared, and texts for the rest.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::transfer_item::{ITEM, ItemRow, NewItem, item, stored};
use super::{Journal, JournalError};

/// A job that is to be kept.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Its identity.
    pub id: Uuid,
    /// The project's address.
    pub project: String,
    /// What it does.
    pub kind: String,
    /// In words.
    pub title: String,
    /// How it does it, as JSON.
    pub rules: String,
    /// When it was planned to run, as in RFC 3339.
    pub created_at: String,
}

/// A job as it is kept.
#[derive(Clone, Debug)]
pub struct JobRow {
    /// Its number in this file.
    pub number: i64,
    /// Its identity.
    pub id: String,
    /// What it does.
    pub kind: String,
    /// In words.
    pub title: String,
    /// How it does it, as JSON.
    pub rules: String,
    /// What is wanted of it.
    pub wanted: String,
    /// When it was planned to run, as in RFC 3339.
    pub created_at: String,
    /// When the last of its items ended.
    pub ended_at: Option<String>,
    /// How many items stand where.
    pub counts: Vec<StateCount>,
}

/// How many items of a job are in a state.
#[derive(Clone, Debug)]
pub struct StateCount {
    /// The state's name.
    pub state: String,
    /// What is wanted of these items.
    pub wanted: String,
    /// How many.
    pub items: u64,
    /// Their bytes, as far as known.
    pub bytes: u64,
}

/// What is wanted of a job and its items.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Of the job.
    pub job: String,
    /// Of items that are in flight, where it is not that they go on.
    pub items: Vec<(u32, String)>,
    /// How many items wait to be cancelled.
    pub to_cancel: u64,
    /// How many items wait to go on.
    pub waiting: u64,
}

/// A number of the database that is never negative.
fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

fn job(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    Ok(JobRow {
        number: row.get(0)?,
        id: row.get(1)?,
        kind: row.get(2)?,
        title: row.get(3)?,
        rules: row.get(4)?,
        wanted: row.get(5)?,
        created_at: row.get(6)?,
        ended_at: row.get(7)?,
        counts: Vec::new(),
    })
}

const JOB: &str = "SELECT number, id, kind, title, rules, wanted, created_at, ended_at FROM transfer_job";

fn with_counts(db: &Connection, mut job: JobRow) -> rusqlite::Result<JobRow> {
    let mut select =
        db.prepare_cached("SELECT state, wanted, items, bytes FROM transfer_count WHERE job = ?1 AND items > 0")?;
    let counts = select.query_map([job.number], |row| {
        Ok(StateCount {
            state: row.get(0)?,
            wanted: row.get(1)?,
            items: count(row, 2)?,
            bytes: count(row, 3)?,
        })
    })?;
    job.counts = counts.collect::<Result<_, _>>()?;
    Ok(job)
}

/// Jobs: one, all, their order, what is wanted of them.
impl Journal {
    /// Keeps a job and its items, all or none.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn add_transfer<I>(&self, job: NewJob, items: I) -> Result<(), JournalError>
    where
        I: Iterator<Item = NewItem> + Send + 'static,
    {
        let change = self.writer.write(move |db| {
            db.execute(
                "INSERT INTO transfer_job (id, project, kind, title, rules, created_at, position)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT ifnull(max(position), 0) + 1 FROM transfer_job))",
                params![
                    job.id.to_string(),
                    job.project,
                    job.kind,
                    job.title,
                    job.rules,
                    job.created_at
                ],
            )?;
            let number = db.last_insert_rowid();
            let mut insert = db.prepare_cached(
                "INSERT INTO transfer_item (job, number, plan, mark, size, large, state, detail, target)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?;
            for (at, item) in (0u32..).zip(items) {
                insert.execute(params![
                    number,
                    at,
                    item.plan,
                    item.mark.as_bytes(),
                    stored(item.size),
                    item.large,
                    item.state,
                    item.detail,
                    item.target
                ])?;
            }
            Ok(())
        });
        change.await
    }

    /// All jobs, in their order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn transfers(&self) -> Result<Vec<JobRow>, JournalError> {
        let read = self.run(|journal| {
            journal.with(|db| {
                let mut select = db.prepare_cached(&format!("{JOB} ORDER BY position, number"))?;
                let jobs = select.query_map([], job)?.collect::<Result<Vec<_>, _>>()?;
                jobs.into_iter().map(|job| with_counts(db, job)).collect()
            })
        });
        read.await
    }

    /// One job.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn transfer(&self, id: Uuid) -> Result<Option<JobRow>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                let found = db
                    .prepare_cached(&format!("{JOB} WHERE id = ?1"))?
                    .query_row([id.to_string()], job)
                    .optional()?;
                found.map(|job| with_counts(db, job)).transpose()
            })
        });
        read.await
    }

    /// Items that are done and whose target has this hash, each with its job, latest jobs first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn transfer_items_of_target(
        &self,
        target: i64,
        most: u32,
    ) -> Result<Vec<(JobRow, ItemRow)>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                let tail = "INDEXED BY transfer_item_target
                    WHERE target = ?1 AND state = 'done' ORDER BY job DESC, number DESC LIMIT ?2";
                let mut select = db.prepare_cached(&format!("SELECT {ITEM}, job FROM transfer_item {tail}"))?;
                let items = select.query_map(params![target, most], |row| Ok((row.get(9)?, item(row)?)))?;
                let items = items.collect::<Result<Vec<(i64, ItemRow)>, _>>()?;
                let mut select = db.prepare_cached(&format!("{JOB} WHERE number = ?1"))?;
                let mut found = Vec::with_capacity(items.len());
                for (number, item) in items {
                    if let Some(job) = select.query_row([number], job).optional()? {
                        found.push((with_counts(db, job)?, item));
                    }
                }
                Ok(found)
            })
        });
        read.await
    }

    /// Puts a job to a place in the order, counted from 0.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn place_transfer(&self, id: Uuid, place: usize) -> Result<bool, JournalError> {
        let change = self.writer.write(move |db| {
            let id = id.to_string();
            let mut order = db
                .prepare_cached("SELECT id FROM transfer_job ORDER BY position, number")?
                .query_map([], |row| row.get::<_, String>(0))?
                .collect::<Result<Vec<_>, _>>()?;
            let Some(at) = order.iter().position(|other| *other == id) else {
                return Ok(false);
            };
            let moved = order.remove(at);
            order.insert(place.min(order.len()), moved);
            let mut update = db.prepare_cached("UPDATE transfer_job SET position = ?2 WHERE id = ?1")?;
            for (position, id) in (0i64..).zip(&order) {
                update.execute(params![id, position])?;
            }
            Ok(true)
        });
        change.await
    }

    /// Says what is wanted of a job, or of all that have not ended.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn want_transfer(&self, id: Option<Uuid>, wanted: &'static str) -> Result<usize, JournalError> {
        let change = self.writer.write(move |db| {
            db.execute(
                "UPDATE transfer_job SET wanted = ?2 WHERE ended_at IS NULL AND (?1 IS NULL OR id = ?1)",
                params![id.map(|id| id.to_string()), wanted],
            )
        });
        change.await
    }

    /// Notes that a job has ended, or goes on after all.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn end_transfer(&self, job: i64, ended_at: Option<String>) -> Result<(), JournalError> {
        let change = self.writer.write(move |db| {
            db.execute(
                "UPDATE transfer_job SET ended_at = ?2 WHERE number = ?1",
                params![job, ended_at],
            )
        });
        change.await.map(drop)
    }

    /// Forgets jobs and their items.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn forget_transfer(&self, job: i64) -> Result<(), JournalError> {
        let change = self.writer.write(move |db| {
            db.execute("DELETE FROM transfer_item WHERE job = ?1", [job])?;
            db.execute("DELETE FROM transfer_count WHERE job = ?1", [job])?;
            db.execute("DELETE FROM transfer_job WHERE number = ?1", [job])
        });
        change.await.map(drop)
    }

    /// What is wanted of a job and its items.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn transfer_wishes(&self, job: i64) -> Result<Wishes, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                let job_wanted = db
                    .prepare_cached("SELECT wanted FROM transfer_job WHERE number = ?1")?
                    .query_row([job], |row| row.get(0))?;
                let mut wishes = Wishes {
                    job: job_wanted,
                    ..Wishes::default()
                };
                for wanted in ["pause", "cancel"] {
                    let mut select = db.prepare_cached(
                        "SELECT number FROM transfer_item WHERE job = ?1 AND state = 'in_flight' AND wanted = ?2",
                    )?;
                    let numbers = select.query_map(params![job, wanted], |row| row.get(0))?;
                    for number in numbers {
                        wishes.items.push((number?, wanted.to_owned()));
                    }
                }
                let waiting = |wanted: &str| {
                    db.prepare_cached(
                        "SELECT items FROM transfer_count WHERE job = ?1 AND state = 'waiting' AND wanted = ?2",
                    )?
                    .query_row(params![job, wanted], |row| count(row, 0))
                    .optional()
                };
                wishes.to_cancel = waiting("cancel")?.unwrap_or(0);
                wishes.waiting = waiting("run")?.unwrap_or(0);
                Ok(wishes)
            })
        });
        read.await
    }
}
