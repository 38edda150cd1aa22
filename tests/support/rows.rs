//! Rows of objects in the database of a local server, for what only lists them.

#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

use std::path::Path;

/// Puts `count` rows of objects into a bucket of a server's database, without bytes: for listing, which reads no bytes. A
/// million uploads would take an hour and show nothing else. SQLite lets a second process write while the server runs.
pub fn seed(data: &Path, bucket: &str, count: u64) {
    let mut database = rusqlite::Connection::open(data.join("project.sqlite3")).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
    let transaction = database.transaction().unwrap();
    transaction
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
             INSERT INTO objects (id, bucket_id, name, version, blob, size, etag, mimetype, cache_control, last_modified,
                                  created_at, updated_at, last_accessed_at)
             SELECT printf('%08x-0000-4000-8000-%012x', i, i), ?1, printf('stories/%06d/scene_%d.png', i / 10, i % 10),
                    printf('%08x-0000-4000-9000-%012x', i, i), 'none', 100000 + i % 1000, '\"etag\"', 'image/png',
                    'max-age=3600', 1700000000000000 + i, 1700000000000000 + i, 1700000000000000 + i,
                    1700000000000000 + i
             FROM n",
            rusqlite::params![bucket, i64::try_from(count).unwrap()],
        )
        .unwrap();
    transaction.commit().unwrap();
}
