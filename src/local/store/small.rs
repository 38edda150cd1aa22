//! The bytes of small objects, in the database beside their rows: they are on disk with the commit of the row. In a file
//! they would take two syncs of their own, which cost many times what writing them does.
//!
//! They are blobs like those in files: never changed, shared by copies, gone with the last row that uses them. A blob's id
//! is in this table or names a file, never both; objects of any size that were in files before there was this table stay there.

use bytes::Bytes;
use rusqlite::{Transaction, params};

use super::StoreError;
use super::blob::BlobId;

/// Most bytes that are kept here. What is here is written twice, to the log and from there, by one thread: at 100 KB that
/// costs as much as a file.
pub const MOST: usize = 32 * 1024;

/// The table, a migration of [`schema`](super::schema). The bytes are in a tree that is ordered by number, so that new ones
/// are written behind each other.
pub(super) const TABLE: &str = "
    CREATE TABLE small_blobs (
        number INTEGER PRIMARY KEY,
        blob_id TEXT NOT NULL UNIQUE,
        bytes BLOB NOT NULL
    ) STRICT;
";

/// Keeps the bytes of a new blob.
pub(super) fn insert(transaction: &Transaction<'_>, id: &BlobId, bytes: &Bytes) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT INTO small_blobs (blob_id, bytes) VALUES (?1, ?2)")?
        .execute(params![id.as_str(), &bytes[..]])?;
    Ok(())
}

/// Removes a blob that no row uses any more. Whether it was here.
pub(super) fn remove(transaction: &Transaction<'_>, id: &BlobId) -> Result<bool, StoreError> {
    let removed = transaction
        .prepare_cached("DELETE FROM small_blobs WHERE blob_id = ?1")?
        .execute([id.as_str()])?;
    Ok(removed > 0)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use futures_util::stream;

    use super::super::Store;
    use super::super::blob::PendingBlob;
    use super::super::bucket::Bucket;
    use super::super::content::Content;
    use super::super::object::{Copy, CopyMetadata, NewObject};
    use super::*;

    async fn store(folder: &Path) -> Store {
        let store = Store::open(folder).unwrap();
        let bucket = Bucket {
            id: "b".into(),
            name: "b".into(),
            owner: String::new(),
            public: false,
            file_size_limit: None,
            allowed_mime_types: None,
            created_at: 0,
            updated_at: 0,
        };
        store.create_bucket(bucket).await.unwrap();
        store
    }

    /// In pieces, as a body arrives.
    async fn put(store: &Store, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let parts: Vec<_> = bytes
            .chunks(10_000)
            .map(|part| Ok::<_, std::io::Error>(Bytes::copy_from_slice(part)))
            .collect();
        let blob = store.receive(stream::iter(parts), 1_000_000).await?;
        let new = NewObject {
            bucket_id: "b".into(),
            name: key.into(),
            owner: String::new(),
            mimetype: "a/b".into(),
            cache_control: "no-cache".into(),
            robots: None,
            user_metadata: None,
        };
        store.put_object(new, blob, true).await.map(drop)
    }

    async fn get(store: &Store, key: &str) -> Vec<u8> {
        let (object, content) = store.open_object("b", key).await.unwrap();
        let bytes = match content {
            Content::Inline(bytes) => bytes,
            Content::File(_) => panic!("it is read at once"),
        };
        assert_eq!(object.size, bytes.len() as u64);
        bytes.into()
    }

    async fn rows(store: &Store) -> i64 {
        let count = store.read(|connection| {
            let count = connection.query_row("SELECT count(*) FROM small_blobs", [], |row| row.get(0))?;
            Ok::<_, StoreError>(count)
        });
        count.await.unwrap()
    }

    fn files(folder: &Path) -> usize {
        let shards = fs::read_dir(folder.join("objects")).unwrap();
        shards
            .map(|shard| fs::read_dir(shard.unwrap().path()).unwrap().count())
            .sum()
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n % 251) as u8).collect()
    }

    #[tokio::test]
    async fn small_objects_take_no_file_and_larger_ones_no_room_in_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        for (length, in_database, in_files) in [(0, 1, 0), (1, 1, 0), (MOST, 1, 0), (MOST + 1, 0, 1), (25_000, 1, 0)] {
            put(&store, "k", &bytes(length)).await.unwrap();
            assert!(get(&store, "k").await == bytes(length), "{length}");
            assert_eq!(
                (rows(&store).await, files(folder.path())),
                (in_database, in_files),
                "{length}"
            );
        }
    }

    #[tokio::test]
    async fn they_go_with_the_last_row_that_uses_them() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        put(&store, "a", b"one").await.unwrap();
        let copy = Copy {
            source_bucket: "b".into(),
            source: "a".into(),
            target_bucket: "b".into(),
            target: "c".into(),
            upsert: false,
            owner: String::new(),
            metadata: CopyMetadata::Source,
        };
        store.copy_object(copy).await.unwrap();
        assert_eq!(rows(&store).await, 1);
        put(&store, "a", b"two").await.unwrap();
        assert_eq!(
            (get(&store, "a").await, get(&store, "c").await),
            (b"two".to_vec(), b"one".to_vec())
        );
        assert_eq!(rows(&store).await, 2);
        let there = ("b".to_owned(), "d".to_owned());
        store.move_object(("b".into(), "c".into()), there, None).await.unwrap();
        assert_eq!(get(&store, "d").await, b"one");
        store.remove_objects("b", vec!["d".into()]).await.unwrap();
        assert_eq!(rows(&store).await, 1);
        store.empty_bucket("b").await.unwrap();
        assert_eq!(rows(&store).await, 0);
    }

    #[tokio::test]
    async fn a_change_that_is_taken_back_leaves_no_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let blob = PendingBlob::small(Bytes::from_static(b"one"));
        let new = NewObject {
            bucket_id: "elsewhere".into(),
            name: "k".into(),
            owner: String::new(),
            mimetype: "a/b".into(),
            cache_control: "no-cache".into(),
            robots: None,
            user_metadata: None,
        };
        let refused = store.put_object(new, blob, true).await;
        assert!(matches!(refused, Err(StoreError::NoSuchBucket)));
        assert_eq!(rows(&store).await, 0);
    }
}
