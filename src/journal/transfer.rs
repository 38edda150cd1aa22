//! Transfers: jobs and their items, as rows. What they mean is `crate::transfer`'s affair; here are the columns that are
//! counted, ordered and compared, and texts for the rest.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};
use uuid::Uuid;

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

/// An item that is to be kept.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// What is to be done, as JSON.
    pub plan: String,
    /// Its mark.
    pub mark: Uuid,
    /// Bytes, where known.
    pub size: Option<u64>,
    /// Whether it takes one of the places for large ones.
    pub large: bool,
    /// Where it stands from the beginning.
    pub state: String,
    /// The whole state, as JSON, where its name does not say all.
    pub detail: Option<String>,
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

/// An item as it is kept.
#[derive(Clone, Debug)]
pub struct ItemRow {
    /// Its place in the plan.
    pub number: u32,
    /// What is to be done, as JSON.
    pub plan: String,
    /// Its mark.
    pub mark: Uuid,
    /// What is wanted of it.
    pub wanted: String,
    /// The state's name.
    pub state: String,
    /// The whole state, as JSON, where its name does not say all.
    pub detail: Option<String>,
    /// How often it was begun.
    pub attempts: u32,
    /// What a later attempt needs.
    pub resume: Option<String>,
    /// What is known of its bytes, as JSON.
    pub content: Option<String>,
}

/// How an item goes from one state to another.
#[derive(Clone, Debug)]
pub struct ItemChange {
    /// The state that it must be in.
    pub from: &'static str,
    /// The state that it gets.
    pub to: &'static str,
    /// The whole state, as JSON, where its name does not say all.
    pub detail: Option<String>,
    /// What is known of its bytes, as JSON; None leaves what is known.
    pub content: Option<String>,
    /// Bytes, if they are known by now.
    pub size: Option<u64>,
    /// Its turn among those that wait; None leaves it.
    pub turn: Option<i64>,
    /// Whether what was kept for a later attempt is forgotten.
    pub forget_resume: bool,
    /// What is to be done from now on, if that is another thing. What was known of the bytes is forgotten.
    pub plan: Option<ItemPlan>,
}

/// What is to be done with an item that was planned again.
#[derive(Clone, Debug)]
pub struct ItemPlan {
    /// As JSON.
    pub plan: String,
    /// Whether it takes one of the places for large ones.
    pub large: bool,
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

const ITEM: &str = "number, plan, mark, wanted, state, detail, attempts, resume, content";

/// Sizes as they are stored. Those that no store takes are kept as the largest that can be added up a million times.
fn stored(size: Option<u64>) -> Option<i64> {
    const LARGEST: i64 = 1 << 43;
    size.map(|size| i64::try_from(size).unwrap_or(LARGEST).min(LARGEST))
}

/// A number of the database that is never negative.
fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

fn item(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
    Ok(ItemRow {
        number: row.get(0)?,
        plan: row.get(1)?,
        mark: Uuid::from_bytes(row.get(2)?),
        wanted: row.get(3)?,
        state: row.get(4)?,
        detail: row.get(5)?,
        attempts: row.get(6)?,
        resume: row.get(7)?,
        content: row.get(8)?,
    })
}

/// By `tail`: what follows on the table, such as `WHERE …`.
fn items(db: &Connection, tail: &str, values: &[(&str, &dyn rusqlite::ToSql)]) -> rusqlite::Result<Vec<ItemRow>> {
    let mut select = db.prepare_cached(&format!("SELECT {ITEM} FROM transfer_item {tail}"))?;
    let rows = select.query_map(values, item)?;
    rows.collect()
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
                "INSERT INTO transfer_item (job, number, plan, mark, size, large, state, detail)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
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
                    item.detail
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

/// Items: windows of them, and how they change.
impl Journal {
    /// Items in the order of the plan.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn transfer_items(&self, job: i64, from: u32, most: u32) -> Result<Vec<ItemRow>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                let tail = "WHERE job = :job AND number >= :from ORDER BY number LIMIT :most";
                items(db, tail, named_params! {":job": job, ":from": from, ":most": most})
            })
        });
        read.await
    }

    /// Items in a state, in the order of the plan, after one of them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn transfer_items_in(
        &self,
        job: i64,
        state: &'static str,
        after: Option<u32>,
        most: u32,
    ) -> Result<Vec<ItemRow>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                // Among a million items there are few in flight: the table must not be walked through for them.
                let tail = "INDEXED BY transfer_item_turn
                    WHERE job = :job AND state = :state AND number > :after ORDER BY number LIMIT :most";
                let after = after.map_or(-1, i64::from);
                let values = named_params! {":job": job, ":state": state, ":after": after, ":most": most};
                items(db, tail, values)
            })
        });
        read.await
    }

    /// What is said of the items that are done, each with how many of them it is said of.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn transfer_done_details(&self, job: i64) -> Result<Vec<(String, u64)>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                let mut select = db.prepare_cached(
                    "SELECT detail, count(*) FROM transfer_item
                     WHERE job = ?1 AND state = 'done' AND detail IS NOT NULL GROUP BY detail",
                )?;
                let rows = select.query_map([job], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
                rows.collect()
            })
        });
        read.await
    }

    /// Those that wait and are wanted, large or small ones, next first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn transfer_items_next(&self, job: i64, large: bool, most: u32) -> Result<Vec<ItemRow>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                let tail = "INDEXED BY transfer_item_turn
                    WHERE job = :job AND state = 'waiting' AND wanted = 'run' AND large = :large
                    ORDER BY turn, number LIMIT :most";
                items(db, tail, named_params! {":job": job, ":large": large, ":most": most})
            })
        });
        read.await
    }

    /// Those that wait and are to be cancelled: all that wait, or only those that are not wanted themselves.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn transfer_items_to_cancel(&self, job: i64, all: bool, most: u32) -> Result<Vec<ItemRow>, JournalError> {
        let read = self.run(move |journal| {
            journal.with(|db| {
                let tail = if all {
                    "WHERE job = :job AND state = 'waiting' LIMIT :most"
                } else {
                    "WHERE job = :job AND state = 'waiting' AND wanted = 'cancel' LIMIT :most"
                };
                items(db, tail, named_params! {":job": job, ":most": most})
            })
        });
        read.await
    }

    /// Puts items in flight that wait and are wanted, before anything is sent; says which are.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn begin_transfer_items(&self, job: i64, numbers: Vec<u32>) -> Result<Vec<u32>, JournalError> {
        let change = self.writer.write(move |db| {
            let mut update = db.prepare_cached(
                "UPDATE transfer_item SET state = 'in_flight', attempts = attempts + 1
                 WHERE job = ?1 AND number = ?2 AND state = 'waiting' AND wanted = 'run'
                     AND (SELECT wanted FROM transfer_job WHERE number = ?1) = 'run'",
            )?;
            let mut begun = Vec::with_capacity(numbers.len());
            for number in numbers {
                if update.execute(params![job, number])? == 1 {
                    begun.push(number);
                }
            }
            Ok(begun)
        });
        change.await
    }

    /// Changes items, each only if it is in the state that the change is from; says how many were.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn change_transfer_items(
        &self,
        job: i64,
        changes: Vec<(u32, ItemChange)>,
    ) -> Result<usize, JournalError> {
        let change = self.writer.write(move |db| {
            let mut update = db.prepare_cached(
                "UPDATE transfer_item SET state = ?4, detail = ?5, size = ifnull(?7, size),
                     content = ifnull(?6, iif(?10 IS NULL, content, NULL)), turn = ifnull(?8, turn),
                     resume = iif(?9, NULL, resume), plan = ifnull(?10, plan), large = ifnull(?11, large)
                 WHERE job = ?1 AND number = ?2 AND state = ?3",
            )?;
            let mut changed = 0;
            for (number, change) in changes {
                changed += update.execute(params![
                    job,
                    number,
                    change.from,
                    change.to,
                    change.detail,
                    change.content,
                    stored(change.size),
                    change.turn,
                    change.forget_resume,
                    change.plan.as_ref().map(|plan| &plan.plan),
                    change.plan.as_ref().map(|plan| plan.large),
                ])?;
            }
            Ok(changed)
        });
        change.await
    }

    /// Keeps what a later attempt at an item needs.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn keep_transfer_resume(
        &self,
        job: i64,
        number: u32,
        resume: Option<String>,
    ) -> Result<(), JournalError> {
        let change = self.writer.write(move |db| {
            db.prepare_cached("UPDATE transfer_item SET resume = ?3 WHERE job = ?1 AND number = ?2")?
                .execute(params![job, number, resume])
        });
        change.await.map(drop)
    }

    /// Says what is wanted of an item that is not over; false if it is.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn want_transfer_item(&self, job: i64, number: u32, wanted: &'static str) -> Result<bool, JournalError> {
        let change = self.writer.write(move |db| {
            let changed = db.execute(
                "UPDATE transfer_item SET wanted = ?3
                 WHERE job = ?1 AND number = ?2 AND state IN ('waiting', 'in_flight', 'landed')",
                params![job, number, wanted],
            )?;
            Ok(changed == 1)
        });
        change.await
    }

    /// Cancels items that were never begun: all, or those that are not wanted themselves.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn cancel_untouched_transfer_items(&self, job: i64, all: bool) -> Result<usize, JournalError> {
        let change = self.writer.write(move |db| {
            let which = if all { "" } else { "AND wanted = 'cancel'" };
            let update = "UPDATE transfer_item SET state = 'cancelled'";
            let sql = format!("{update} WHERE job = ?1 AND state = 'waiting' AND attempts = 0 {which}");
            db.execute(&sql, [job])
        });
        change.await
    }

    /// Lets items wait again that failed, are undecided or were cancelled: one, or all that failed or are undecided. The job
    /// is wanted again.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn retry_transfer_items(&self, job: i64, number: Option<u32>) -> Result<usize, JournalError> {
        let change = self.writer.write(move |db| {
            let update = "UPDATE transfer_item SET state = 'waiting', wanted = 'run', detail = NULL WHERE job = ?1";
            let changed = match number {
                None => db.execute(&format!("{update} AND state IN ('failed', 'undecided')"), [job])?,
                Some(number) => db.execute(
                    &format!("{update} AND number = ?2 AND state IN ('failed', 'undecided', 'cancelled')"),
                    params![job, number],
                )?,
            };
            if changed > 0 {
                db.execute(
                    "UPDATE transfer_job SET wanted = 'run', ended_at = NULL WHERE number = ?1",
                    [job],
                )?;
            }
            Ok(changed)
        });
        change.await
    }

    /// Puts an item that waits before all others of its job.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn front_transfer_item(&self, job: i64, number: u32) -> Result<bool, JournalError> {
        let change = self.writer.write(move |db| {
            let changed = db.execute(
                "UPDATE transfer_item SET turn = (SELECT min(min(turn), 0) - 1 FROM transfer_item
                     WHERE job = ?1 AND state = 'waiting')
                 WHERE job = ?1 AND number = ?2 AND state = 'waiting'",
                params![job, number],
            )?;
            Ok(changed == 1)
        });
        change.await
    }
}
