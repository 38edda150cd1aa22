//! The tables, and how an older file becomes a present one.

use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::{StoreError, small, upload, user};

/// One entry a version; entry N takes a file from version N to N + 1. Never change one that was released.
///
/// Times of storage rows are microseconds since 1970. Times of `stories` and `scenes` are texts of one width,
/// `2026-01-31T12:00:00.000000+00:00`, so that they sort as text and are printed as PostgREST prints them.
const MIGRATIONS: &[&str] = &[
    FIRST,
    upload::TABLE,
    user::TABLES,
    BY_TIME,
    small::TABLE,
    STORIES,
    LOOKED_FOR,
];

const FIRST: &str = "
    CREATE TABLE buckets (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL DEFAULT '',
        public INTEGER NOT NULL DEFAULT 0,
        file_size_limit INTEGER,
        allowed_mime_types TEXT,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE objects (
        id TEXT PRIMARY KEY,
        bucket_id TEXT NOT NULL REFERENCES buckets (id),
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        owner TEXT NOT NULL DEFAULT '',
        blob TEXT NOT NULL,
        size INTEGER NOT NULL,
        etag TEXT NOT NULL,
        mimetype TEXT NOT NULL,
        cache_control TEXT NOT NULL,
        robots TEXT,
        user_metadata TEXT,
        last_modified INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        last_accessed_at INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX objects_by_name ON objects (bucket_id, name);
    CREATE INDEX objects_by_name_without_case ON objects (bucket_id, name COLLATE NOCASE, name);
    CREATE INDEX objects_by_blob ON objects (blob);

    CREATE TABLE stories (
        story_id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        prompt TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'pending'
            CONSTRAINT stories_status_check CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
        user_id TEXT,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        story_metadata TEXT,
        source TEXT,
        updated_by TEXT,
        cover_image_url TEXT
    ) STRICT;
    CREATE INDEX stories_by_time ON stories (created_at);

    CREATE TABLE scenes (
        scene_id TEXT PRIMARY KEY,
        story_id TEXT NOT NULL CONSTRAINT scenes_story_id_fkey REFERENCES stories (story_id) ON DELETE CASCADE,
        sequence INTEGER NOT NULL,
        title TEXT,
        text TEXT NOT NULL,
        image_prompt TEXT,
        image_url TEXT,
        audio_url TEXT,
        alt_text TEXT,
        image_error TEXT,
        user_id TEXT,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX scenes_by_story ON scenes (story_id, sequence);
";

/// For listings by time: without them, each page would be looked for in all rows.
const BY_TIME: &str = "
    CREATE INDEX objects_by_creation ON objects (bucket_id, created_at, name);
    CREATE INDEX objects_by_update ON objects (bucket_id, updated_at, name);
";

/// Public copies, approval, and what long lists of stories are sorted by: without an index, each page would sort all rows.
const STORIES: &str = "
    CREATE TABLE public_stories (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        description TEXT,
        cover_image_url TEXT,
        tags TEXT,
        duration TEXT,
        featured INTEGER,
        view_count INTEGER NOT NULL DEFAULT 0,
        age_rating TEXT,
        language TEXT,
        category TEXT,
        difficulty_level TEXT,
        published INTEGER NOT NULL DEFAULT 0,
        scenes TEXT,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    ) STRICT;
    ALTER TABLE stories ADD COLUMN approved_by TEXT;
    ALTER TABLE stories ADD COLUMN approved_at TEXT;
    CREATE INDEX stories_newest_first ON stories (created_at DESC, story_id);
    CREATE INDEX stories_changed_last_first ON stories (updated_at DESC, story_id);
    CREATE INDEX stories_by_title ON stories (title, story_id);
    CREATE INDEX stories_by_status ON stories (status, story_id);
    DROP INDEX stories_by_time;
";

/// What is asked of the scenes of every story at once: which have one without a picture, and which one whose picture nobody has
/// described. Each is the condition as the REST API makes it of the question; see `rest::sql`.
const LOOKED_FOR: &str = "
    CREATE INDEX scenes_without_picture ON scenes (story_id) WHERE image_url IS NULL OR image_url = '';
    CREATE INDEX scenes_without_alt_text ON scenes (story_id)
        WHERE NOT (image_url IS NULL) AND image_url <> '' AND (alt_text IS NULL OR alt_text = '');
";

/// Turns on the write-ahead log and applies the migrations that are missing. Safe for processes that start
/// together: the version is read inside the transaction that changes it.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    use_write_ahead_log(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let Some(missing) = usize::try_from(found).ok().and_then(|n| MIGRATIONS.get(n..)) else {
        return Err(StoreError::NewerSchema { found, known });
    };
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// The switch needs the file for itself, and SQLite does not wait for that: it answers "busy" at once.
fn use_write_ahead_log(connection: &Connection) -> Result<(), StoreError> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        match mode {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < until => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::super::content::Content;
    use super::*;

    #[test]
    fn a_file_from_a_newer_version_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = Connection::open(folder.path().join("db")).unwrap();
        prepare(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let refused = prepare(&mut connection).unwrap_err();
        assert!(matches!(refused, StoreError::NewerSchema { found: 99, .. }));
    }

    #[tokio::test]
    async fn objects_from_before_small_ones_were_in_the_database_stay_in_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("project.sqlite3")).unwrap();
        for migration in &MIGRATIONS[..4] {
            connection.execute_batch(migration).unwrap();
        }
        connection
            .execute_batch(
                "PRAGMA user_version = 4;
                 INSERT INTO buckets (id, name, created_at, updated_at) VALUES ('b', 'b', 0, 0);
                 INSERT INTO objects (id, bucket_id, name, version, blob, size, etag, mimetype, cache_control,
                                      last_modified, created_at, updated_at, last_accessed_at)
                 VALUES ('o', 'b', 'k', 'v', 'ab000000-0000-4000-8000-000000000000', 3, '\"e\"', 'a/b', 'no-cache',
                         0, 0, 0, 0);",
            )
            .unwrap();
        drop(connection);
        let file = folder.path().join("objects/ab/ab000000-0000-4000-8000-000000000000");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "old").unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (object, content) = store.open_object("b", "k").await.unwrap();
        assert_eq!(object.size, 3);
        assert!(matches!(content, Content::Inline(bytes) if bytes == "old"));
        store.remove_objects("b", vec!["k".into()]).await.unwrap();
        assert!(!file.exists());
    }

    #[test]
    fn preparing_twice_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = Connection::open(folder.path().join("db")).unwrap();
        prepare(&mut connection).unwrap();
        prepare(&mut connection).unwrap();
    }
}
