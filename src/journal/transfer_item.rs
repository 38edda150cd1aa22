//! Items of transfers, as rows: windows of them, and how they change.

use rusqlite::{Connection, Row, named_params, params};
use uuid::Uuid;

use super::{Journal, JournalError};
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
    /// A hash of the object that it writes, by which that is found again.
    pub target: Option<i64>,
    /// Where it stands from the beginning.
    pub state: String,
    /// The whole state, as JSON, where its name does not say all.
    pub detail: Option<String>,
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

pub(super) const ITEM: &str = "number, plan, mark, wanted, state, detail, attempts, resume, content";

/// Sizes as they are stored. Those that no store takes are kept as the largest that can be added up a million times.
pub(super) fn stored(size: Option<u64>) -> Option<i64> {
    const LARGEST: i64 = 1 << 43;
    size.map(|size| i64::try_from(size).unwrap_or(LARGEST).min(LARGEST))
}

pub(super) fn item(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
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
