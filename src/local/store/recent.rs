//! What was read lately, kept in memory for as long as nobody changes the database: a small object is read in less time than
//! it takes to hand the reading to another thread.
//!
//! Other processes may write to the same folder. So nothing is given from here before the database is asked whether there was
//! a commit since, by whomever (`PRAGMA data_version`, which looks into shared memory and not at the disk). If there was, all
//! is forgotten.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rusqlite::Connection;

use super::StoreError;
use super::bucket::Bucket;
use super::object::Object;
use super::pool::connect;

/// Bytes of objects that are kept at most, with what their rows take.
const MOST: usize = 16 * 1024 * 1024;
/// What a row is taken to need.
const ROW: usize = 1024;
/// Buckets that are kept at most.
const BUCKETS: usize = 256;

/// A state of the database. Numbers of two [`Recent`]s have nothing to do with each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Version(i64);

pub(super) struct Recent(Mutex<Kept>);

struct Kept {
    /// Never writes, so that every commit is another's to it.
    watch: Connection,
    /// What the rest is of.
    version: Option<Version>,
    /// By bucket and key.
    objects: HashMap<String, HashMap<String, (Object, Bytes)>>,
    buckets: HashMap<String, Bucket>,
    size: usize,
}

impl Recent {
    pub(super) fn open(file: &Path) -> Result<Self, StoreError> {
        let watch = connect(file)?;
        // It is asked on threads that must not wait.
        watch.busy_timeout(Duration::ZERO)?;
        Ok(Self(Mutex::new(Kept {
            watch,
            version: None,
            objects: HashMap::new(),
            buckets: HashMap::new(),
            size: 0,
        })))
    }

    /// An object and its bytes, if they are here and still right; and the state of the database before what is read next, if
    /// that can be told.
    pub(super) fn object(&self, bucket: &str, name: &str) -> (Option<(Object, Bytes)>, Option<Version>) {
        let mut kept = self.lock();
        let version = kept.refresh();
        let found = kept.objects.get(bucket).and_then(|objects| objects.get(name)).cloned();
        (found, version)
    }

    /// As [`Recent::object`], a bucket.
    pub(super) fn bucket(&self, id: &str) -> (Option<Bucket>, Option<Version>) {
        let mut kept = self.lock();
        let version = kept.refresh();
        (kept.buckets.get(id).cloned(), version)
    }

    /// Keeps what was read after the database was in this state.
    pub(super) fn keep_object(&self, version: Option<Version>, object: &Object, bytes: &Bytes) {
        let mut kept = self.lock();
        let size = bytes.len() + ROW;
        if !kept.is_of(version) || size > MOST {
            return;
        }
        if kept.size + size > MOST {
            kept.objects.clear();
            kept.size = 0;
        }
        let objects = kept.objects.entry(object.bucket_id.clone()).or_default();
        if objects
            .insert(object.name.clone(), (object.clone(), bytes.clone()))
            .is_none()
        {
            kept.size += size;
        }
    }

    /// As [`Recent::keep_object`], a bucket.
    pub(super) fn keep_bucket(&self, version: Option<Version>, bucket: &Bucket) {
        let mut kept = self.lock();
        if kept.is_of(version) && kept.buckets.len() < BUCKETS {
            kept.buckets.insert(bucket.id.clone(), bucket.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Forgets all if it is of another state than the present one, or if that cannot be told at once.
    fn refresh(&mut self) -> Option<Version> {
        let asked = self
            .watch
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut pragma| pragma.query_row([], |row| row.get(0)));
        let version = asked.ok().map(Version);
        if version.is_none() || version != self.version {
            self.objects.clear();
            self.buckets.clear();
            self.size = 0;
            self.version = version;
        }
        version
    }

    fn is_of(&self, version: Option<Version>) -> bool {
        version.is_some() && version == self.version
    }
}

#[cfg(test)]
mod tests {
    use super::super::object::NewObject;
    use super::super::{Store, now};
    use super::*;
    use crate::local::store::content::Content;
    use futures_util::stream;

    fn bucket(public: bool) -> Bucket {
        Bucket {
            id: "b".into(),
            name: "b".into(),
            owner: String::new(),
            public,
            file_size_limit: None,
            allowed_mime_types: None,
            created_at: now(),
            updated_at: now(),
        }
    }

    async fn put(store: &Store, bytes: &'static [u8]) {
        let body = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(bytes))]);
        let blob = store.receive(body, 1000).await.unwrap();
        let new = NewObject {
            bucket_id: "b".into(),
            name: "k".into(),
            owner: String::new(),
            mimetype: "a/b".into(),
            cache_control: "no-cache".into(),
            robots: None,
            user_metadata: None,
        };
        store.put_object(new, blob, true).await.unwrap();
    }

    async fn get(store: &Store) -> Bytes {
        match store.open_object("b", "k").await.unwrap().1 {
            Content::Inline(bytes) => bytes,
            Content::File(_) => panic!("it is small"),
        }
    }

    fn is_here(store: &Store) -> bool {
        store.recent.object("b", "k").0.is_some()
    }

    #[tokio::test]
    async fn nothing_is_given_that_another_process_may_have_changed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        // As another process would be: nothing is shared but the folder.
        let other = Store::open(folder.path()).unwrap();
        store.create_bucket(bucket(true)).await.unwrap();
        for writer in [&store, &other] {
            for bytes in [&b"one"[..], b"two"] {
                put(writer, bytes).await;
                assert!(!is_here(&store) && !is_here(&other));
                assert_eq!((get(&store).await, get(&other).await), (bytes.into(), bytes.into()));
                assert!(is_here(&store) && is_here(&other));
                assert_eq!(get(&store).await, bytes);
            }
        }
        assert!(store.bucket("b").await.unwrap().public && store.bucket("b").await.unwrap().public);
        let change = super::super::bucket::BucketChange {
            public: Some(false),
            ..Default::default()
        };
        other.update_bucket("b", change).await.unwrap();
        assert!(!store.bucket("b").await.unwrap().public);
        other.remove_objects("b", vec!["k".into()]).await.unwrap();
        assert!(matches!(store.open_object("b", "k").await, Err(StoreError::NoSuchKey)));
    }

    #[tokio::test]
    async fn what_was_read_before_a_change_is_not_kept_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.create_bucket(bucket(false)).await.unwrap();
        put(&store, b"one").await;
        let (_, version) = store.recent.object("b", "k");
        let object = store.object("b", "k").await.unwrap();
        put(&store, b"two").await;
        store.recent.keep_object(version, &object, &Bytes::from_static(b"one"));
        assert!(!is_here(&store));
        assert_eq!(get(&store).await, b"two"[..]);
        // Nor is it if the state is found to have changed in the meantime.
        store.recent.keep_object(version, &object, &Bytes::from_static(b"one"));
        assert_eq!(get(&store).await, b"two"[..]);
    }

    #[tokio::test]
    async fn no_more_is_kept_than_was_said() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.create_bucket(bucket(false)).await.unwrap();
        put(&store, b"one").await;
        let (_, version) = store.recent.object("b", "k");
        let mut object = store.object("b", "k").await.unwrap();
        let bytes = Bytes::from(vec![0; MOST / 3]);
        for number in 0..10 {
            object.name = number.to_string();
            store.recent.keep_object(version, &object, &bytes);
            let kept = store.recent.lock();
            let held: usize = kept
                .objects
                .values()
                .flat_map(HashMap::values)
                .map(|(_, bytes)| bytes.len() + ROW)
                .sum();
            assert_eq!(held, kept.size);
            assert!(held > 0 && held <= MOST);
        }
    }
}
