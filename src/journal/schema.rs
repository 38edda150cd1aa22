//! The journal's tables and how older files are brought up to date.

use rusqlite::Connection;

use super::JournalError;

/// One step a version; a step is never changed once released.
const STEPS: &[&str] = &["
    CREATE TABLE draft (
        story_id TEXT PRIMARY KEY,
        draft TEXT NOT NULL,
        made_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    ) STRICT;
    CREATE TABLE picture (
        recipe TEXT PRIMARY KEY,
        scene_id TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        media_type TEXT NOT NULL,
        note TEXT,
        bucket TEXT,
        object_key TEXT,
        made_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    ) STRICT;
    CREATE INDEX picture_scene ON picture (scene_id);
"];

pub(super) fn prepare(db: &mut Connection) -> Result<(), JournalError> {
    db.busy_timeout(std::time::Duration::from_secs(10))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    // What was paid for must survive a power cut, not only a crash.
    db.pragma_update(None, "synchronous", "FULL")?;
    let known = STEPS.len() as i64;
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(JournalError::Newer { found, known });
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}
