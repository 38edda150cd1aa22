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
    TRANSFERS,
    EDITS,
    GENERATIONS,
    PUBLISHING,
    RETENTION,
];

/// When a picture was forgotten: its file goes some time after that. Of those that were forgotten before it was noted, the time
/// begins now. `forgotten` is 2 for those of which nothing is left but what they cost.
const RETENTION: &str = "
    ALTER TABLE generation ADD COLUMN forgotten_at INTEGER;
    UPDATE generation SET forgotten_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000 WHERE forgotten = 1;
    CREATE INDEX generation_forgotten ON generation (forgotten_at) WHERE forgotten = 1;
";

/// Pictures that models are asked for, and what became of them. Times are milliseconds since 1970, money is in millionths of a US
/// dollar. What is forgotten is not shown any more; it was paid for all the same.
const GENERATIONS: &str = "
    CREATE TABLE generation_batch (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        position INTEGER NOT NULL,
        wanted TEXT NOT NULL DEFAULT 'run' CHECK (wanted IN ('run', 'pause', 'cancel', 'abandon')),
        held TEXT,
        created_at INTEGER NOT NULL,
        ended_at INTEGER
    ) STRICT;
    CREATE TABLE generation (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        batch INTEGER,
        story_id TEXT NOT NULL,
        scene_id TEXT NOT NULL,
        ordinal INTEGER NOT NULL,
        engine TEXT,
        free INTEGER NOT NULL,
        request TEXT NOT NULL,
        sent TEXT,
        state TEXT NOT NULL CHECK (state IN
            ('queued', 'drawing', 'made', 'refused', 'failed', 'cancelled', 'uncertain')),
        detail TEXT,
        verdict TEXT NOT NULL DEFAULT 'open' CHECK (verdict IN ('open', 'kept', 'rejected')),
        attempts INTEGER NOT NULL DEFAULT 0,
        estimate INTEGER,
        cost INTEGER,
        sha256 TEXT,
        media_type TEXT,
        width INTEGER,
        height INTEGER,
        size INTEGER,
        seed INTEGER,
        model TEXT,
        note TEXT,
        place TEXT NOT NULL DEFAULT 'no' CHECK (place IN ('no', 'wanted', 'done', 'taken', 'failed')),
        place_detail TEXT,
        bucket TEXT,
        object_key TEXT,
        forgotten INTEGER NOT NULL DEFAULT 0,
        queued_at INTEGER NOT NULL,
        asked_at INTEGER,
        ended_at INTEGER,
        UNIQUE (story_id, scene_id, ordinal)
    ) STRICT;
    CREATE INDEX generation_scene ON generation (scene_id);
    CREATE INDEX generation_of_batch ON generation (batch, state, place, engine);
    CREATE INDEX generation_open ON generation (state) WHERE state IN ('queued', 'drawing');
    CREATE INDEX generation_to_place ON generation (place) WHERE place = 'wanted';
    CREATE INDEX generation_asked ON generation (engine, asked_at) WHERE engine IS NOT NULL;
";

/// What an edit of headers has changed, and by which hash of its target an item is found that wrote an object.
const EDITS: &str = "
    ALTER TABLE transfer_trash ADD COLUMN edit TEXT;
    ALTER TABLE transfer_item ADD COLUMN target INTEGER;
    CREATE INDEX transfer_item_target ON transfer_item (target) WHERE target IS NOT NULL;
";

/// Pictures that take the place of others, stories that are not published yet, and rows of stories that were deleted. Times are
/// milliseconds since 1970.
const PUBLISHING: &str = "
    CREATE TABLE replacement (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        story_id TEXT NOT NULL,
        scene_id TEXT NOT NULL,
        stage TEXT NOT NULL CHECK (stage IN ('meant', 'pointed', 'done', 'given_up')),
        url_before TEXT,
        url_now TEXT,
        made_at INTEGER NOT NULL,
        made_by TEXT,
        undoes TEXT,
        undone INTEGER NOT NULL DEFAULT 0,
        detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX replacement_scene ON replacement (scene_id, number);
    CREATE INDEX replacement_story ON replacement (story_id, number);
    CREATE INDEX replacement_open ON replacement (number) WHERE stage IN ('meant', 'pointed');
    CREATE TABLE manuscript (
        story_id TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        body TEXT NOT NULL,
        publishing TEXT,
        changed_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE deleted_story (
        number INTEGER PRIMARY KEY,
        story_id TEXT NOT NULL UNIQUE,
        stage TEXT NOT NULL CHECK (stage IN ('meant', 'gone', 'returning')),
        job TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
";

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

/// Jobs and their items. How many items stand where is counted as they change, so that a list of jobs costs the same for a
/// million items as for one. `turn` is 0 for an item that has its place in the plan, less for one that was put to the
/// front, more for one that was put back.
const TRANSFERS: &str = "
    CREATE TABLE transfer_job (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        project TEXT NOT NULL,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        rules TEXT NOT NULL,
        position INTEGER NOT NULL,
        wanted TEXT NOT NULL DEFAULT 'run' CHECK (wanted IN ('run', 'pause', 'cancel')),
        created_at TEXT NOT NULL,
        ended_at TEXT
    ) STRICT;
    CREATE TABLE transfer_item (
        job INTEGER NOT NULL,
        number INTEGER NOT NULL,
        plan TEXT NOT NULL,
        mark BLOB NOT NULL,
        size INTEGER,
        large INTEGER NOT NULL,
        turn INTEGER NOT NULL DEFAULT 0,
        wanted TEXT NOT NULL DEFAULT 'run' CHECK (wanted IN ('run', 'pause', 'cancel')),
        state TEXT NOT NULL CHECK (state IN
            ('waiting', 'in_flight', 'landed', 'done', 'skipped', 'undecided', 'failed', 'cancelled')),
        detail TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        resume TEXT,
        content TEXT,
        PRIMARY KEY (job, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX transfer_item_turn ON transfer_item (job, state, wanted, large, turn, number);
    CREATE TABLE transfer_count (
        job INTEGER NOT NULL,
        state TEXT NOT NULL,
        wanted TEXT NOT NULL,
        items INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        PRIMARY KEY (job, state, wanted)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER transfer_item_added AFTER INSERT ON transfer_item BEGIN
        INSERT INTO transfer_count VALUES (new.job, new.state, new.wanted, 1, ifnull(new.size, 0))
            ON CONFLICT DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes;
    END;
    CREATE TRIGGER transfer_item_changed AFTER UPDATE OF state, wanted, size ON transfer_item BEGIN
        UPDATE transfer_count SET items = items - 1, bytes = bytes - ifnull(old.size, 0)
            WHERE job = old.job AND state = old.state AND wanted = old.wanted;
        INSERT INTO transfer_count VALUES (new.job, new.state, new.wanted, 1, ifnull(new.size, 0))
            ON CONFLICT DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes;
    END;
";

/// What each connection is told.
pub(super) fn settings(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(std::time::Duration::from_secs(10))?;
    // What was paid for must survive a power cut, not only a crash.
    db.pragma_update(None, "synchronous", "FULL")
}

pub(super) fn prepare(db: &mut Connection) -> Result<(), JournalError> {
    settings(db)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_each_older_version_is_brought_up_to_date_and_keeps_what_it_holds() {
        for version in 0..=STEPS.len() {
            let mut db = Connection::open_in_memory().unwrap();
            for step in &STEPS[..version] {
                db.execute_batch(step).unwrap();
            }
            db.pragma_update(None, "user_version", version as i64).unwrap();
            if version > 0 {
                db.execute("INSERT INTO draft (story_id, draft) VALUES ('a', 'b')", [])
                    .unwrap();
            }
            prepare(&mut db).unwrap();
            let drafts: i64 = db
                .query_row("SELECT count(*) FROM draft", [], |row| row.get(0))
                .unwrap();
            assert_eq!(drafts, i64::from(version > 0));
            let items: i64 = db
                .query_row("SELECT count(*) FROM transfer_item", [], |row| row.get(0))
                .unwrap();
            assert_eq!(items, 0);
            let found: usize = db
                .query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))
                .map(|found| usize::try_from(found).unwrap())
                .unwrap();
            assert_eq!(found, STEPS.len());
        }
    }
}
