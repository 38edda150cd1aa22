//! Rows of objects in the database of a local server, for what only lists them.

#![allow(dead_code, reason = "each test program uses its own part of this")]
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

/// Puts `count` stories of `scenes` scenes each into a server's database, as [`seed`] does with objects. Of each hundred stories one
/// has failed, of each two hundred one waits since long ago, of each fifty one lacks a picture, and of each ten one has a picture that
/// nobody has described.
pub fn seed_stories(data: &Path, count: u64, scenes: u64) {
    let mut database = rusqlite::Connection::open(data.join("project.sqlite3")).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
    let transaction = database.transaction().unwrap();
    let (count, scenes) = (i64::try_from(count).unwrap(), i64::try_from(scenes).unwrap());
    transaction
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)
             INSERT INTO stories (story_id, title, prompt, status, created_at, updated_at)
             SELECT printf('%08x-0000-4000-8000-%012x', i, i), printf('The tale %d', i), printf('About tale %d.', i),
                    CASE WHEN i % 100 = 7 THEN 'failed' WHEN i % 200 = 9 THEN 'pending' ELSE 'completed' END,
                    strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', 1700000000 + i, 'unixepoch'),
                    strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', 1700000000 + i, 'unixepoch')
             FROM n",
            rusqlite::params![count],
        )
        .unwrap();
    transaction
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1 * ?2)
             INSERT INTO scenes (scene_id, story_id, sequence, title, text, image_prompt, image_url, alt_text, created_at,
                                 updated_at)
             SELECT printf('%08x-0000-4000-9000-%012x', i, i), printf('%08x-0000-4000-8000-%012x', i / ?2, i / ?2), i % ?2,
                    'A scene', 'Once upon a time.', 'a fox in the snow',
                    CASE WHEN (i / ?2) % 50 = 3 AND i % ?2 = 1 THEN NULL
                         ELSE printf('http://127.0.0.1/storage/v1/object/public/story-images/%d.png', i) END,
                    CASE WHEN (i / ?2) % 10 = 5 AND i % ?2 = 2 THEN NULL ELSE 'A fox' END,
                    '2026-01-31T12:00:00.000000+00:00', '2026-01-31T12:00:00.000000+00:00'
             FROM n",
            rusqlite::params![count, scenes],
        )
        .unwrap();
    transaction.commit().unwrap();
}
