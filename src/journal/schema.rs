//! The journal's tables and how older files are brought up to date.

use rusqlite::Connection;

use super::JournalError;

/// One step a version; a step is never changed once released.
const STEPS: &[&str] = &[
    "
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
",
    TRASH,
];

/// What can be taken back, and pictures whose time is running out. Times are milliseconds since 1970.
const TRASH: &str = "
    CREATE TABLE transfer_trash (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        job TEXT NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        bucket TEXT NOT NULL,
        object_key TEXT NOT NULL,
        kept_bucket TEXT NOT NULL,
        kept_key TEXT NOT NULL,
        size INTEGER,
        etag TEXT,
        kept_etag TEXT,
        successor_mark TEXT,
        successor_etag TEXT,
        made_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX transfer_trash_job ON transfer_trash (job);
    CREATE INDEX transfer_trash_due ON transfer_trash (due_at);
    CREATE INDEX transfer_trash_key ON transfer_trash (bucket, object_key);
    CREATE TABLE retired_picture (
        bucket TEXT NOT NULL,
        object_key TEXT NOT NULL,
        note TEXT NOT NULL,
        story_id TEXT NOT NULL,
        scene_id TEXT NOT NULL,
        url TEXT NOT NULL,
        replaced_by TEXT,
        going INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL,
        PRIMARY KEY (bucket, object_key)
    ) STRICT;
    CREATE INDEX retired_picture_due ON retired_picture (due_at);
";

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
