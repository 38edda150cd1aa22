//! Objects of one bucket: upload, download, look at, remove. Listing has a file of its own.

use std::collections::HashSet;

use ::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::listing::{Entry, Listing};
use super::path::{bucket_path, object_path};
use super::{BucketName, Error, ObjectKey, Supabase, lenient};
use crate::http::Body;

/// The objects of one bucket.
#[derive(Clone, Debug)]
pub struct Objects {
    pub(super) project: Supabase,
    pub(super) bucket: BucketName,
}

/// How an object is stored. The server keeps the type as it is told: detect it from the bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// The media type, in lower case and without parameters, as buckets compare it.
    pub content_type: String,
    /// The `Cache-Control` that readers get. Sent always: a server that is told none stores `no-cache`.
    pub cache_control: String,
    /// Whether an object of the same key is replaced. Its metadata is replaced, too, or lost.
    pub upsert: bool,
    /// What is kept beside the bytes: hash, story, scene, prompt.
    pub metadata: Map<String, Value>,
}

impl Upload {
    /// A new object that readers may keep for an hour.
    #[must_use]
    pub fn new(content_type: impl Into<String>) -> Self {
        Self {
            content_type: content_type.into(),
            cache_control: "max-age=3600".to_owned(),
            upsert: false,
            metadata: Map::new(),
        }
    }
}

/// What the server says of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// The key, as asked for.
    pub key: ObjectKey,
    /// The row of the object in the project's database.
    pub id: Option<String>,
}

/// An object's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// All of them.
    pub bytes: Bytes,
    /// The type it was stored with; not what the bytes are.
    pub content_type: Option<String>,
    /// Changes with the bytes, quoted. An MD5 on some servers only.
    pub etag: Option<String>,
    /// As stored.
    pub cache_control: Option<String>,
}

/// What is known of an object without its bytes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ObjectInfo {
    /// The key.
    pub name: String,
    /// The row in the project's database.
    #[serde(default, deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// New with each upload, also of the same bytes.
    #[serde(default, deserialize_with = "lenient::text")]
    pub version: Option<String>,
    /// Bytes.
    #[serde(default, deserialize_with = "lenient::number")]
    pub size: Option<u64>,
    /// The type it was stored with.
    #[serde(default, deserialize_with = "lenient::text")]
    pub content_type: Option<String>,
    /// As stored.
    #[serde(default, deserialize_with = "lenient::text")]
    pub cache_control: Option<String>,
    /// Changes with the bytes, quoted.
    #[serde(default, deserialize_with = "lenient::text")]
    pub etag: Option<String>,
    /// What was kept beside the bytes.
    #[serde(default, deserialize_with = "lenient::object")]
    pub metadata: Map<String, Value>,
    /// When the bytes last changed.
    #[serde(default, deserialize_with = "lenient::time")]
    pub last_modified: Option<Timestamp>,
    /// When it was first stored.
    #[serde(default, deserialize_with = "lenient::time")]
    pub created_at: Option<Timestamp>,
}

/// What became of objects that were to be removed.
#[derive(Debug, Default)]
pub struct Removal {
    /// The server said that it deleted these.
    pub removed: Vec<ObjectKey>,
    /// The server said nothing of these. They were not there, or a policy hides them from this key, or an attempt
    /// whose answer was lost deleted them: look before calling them gone.
    pub missing: Vec<ObjectKey>,
    /// The batch at which it stopped, if it did, with all keys that were not tried any more.
    pub failed: Option<RemovalFailure>,
}

/// Where a removal stopped.
#[derive(Debug)]
pub struct RemovalFailure {
    /// The keys of the failed batch and of all after it.
    pub keys: Vec<ObjectKey>,
    /// Why.
    pub error: Error,
}

impl Objects {
    /// Keys removed at once. The server works in transactions of 500 and documents 1,000 as its limit.
    const BATCH: usize = 500;

    pub(super) fn new(project: Supabase, bucket: BucketName) -> Self {
        Self { project, bucket }
    }

    /// The bucket.
    #[must_use]
    pub fn bucket(&self) -> &BucketName {
        &self.bucket
    }

    /// Stores bytes under a key, as a raw body, so that what is stored is what was sent.
    ///
    /// # Errors
    /// Without `upsert`: [`Class::Exists`](super::Class::Exists) if the key is taken, and
    /// [`Class::Ambiguous`](super::Class::Ambiguous) if the answer was lost: ask [`Objects::info`] before trying again.
    pub async fn upload(&self, key: &ObjectKey, bytes: Bytes, how: &Upload) -> Result<Uploaded, Error> {
        const OPERATION: &str = "Upload object";
        let path = self.at(OPERATION, "object", key)?;
        // POST to a bucket of one of these names is a call of another route; PUT is not, but always replaces.
        let reserved = BucketName::parse_new(self.bucket.as_str()).is_err();
        if reserved && !how.upsert {
            let why = format!(
                "storage cannot add to a bucket called “{}” without replacing",
                self.bucket
            );
            return Err(Error::refused(OPERATION, self.target(key), why));
        }
        let method = if reserved { Method::PUT } else { Method::POST };
        let mut call = self
            .project
            .storage(OPERATION, self.target(key), method, &path)
            .idempotent(how.upsert)
            .header("cache-control", &how.cache_control)
            .body(Body::Bytes {
                bytes,
                content_type: how.content_type.clone(),
            });
        if how.upsert {
            call = call.header("x-upsert", "true");
        }
        if !how.metadata.is_empty() {
            let metadata = Value::Object(how.metadata.clone()).to_string();
            call = call.header("x-metadata", &STANDARD.encode(metadata));
        }
        #[derive(Deserialize)]
        struct Stored {
            #[serde(default, rename = "Id", deserialize_with = "lenient::text")]
            id: Option<String>,
        }
        let stored: Stored = self.project.send(call).await?.json()?;
        Ok(Uploaded {
            key: key.clone(),
            id: stored.id,
        })
    }

    /// Reads an object whole; up to [`crate::http::Call::MOST`] bytes.
    ///
    /// # Errors
    /// [`Class::NotFound`](super::Class::NotFound) also if a policy hides it.
    pub async fn download(&self, key: &ObjectKey) -> Result<Download, Error> {
        const OPERATION: &str = "Download object";
        // The short form /object/{bucket}/… is ambiguous for buckets that are called like a route.
        let path = self.at(OPERATION, "object/authenticated", key)?;
        let call = self.project.storage(OPERATION, self.target(key), Method::GET, &path);
        let reply = self.project.send(call).await?.reply;
        let header = |name| reply.header(name).map(str::to_owned);
        Ok(Download {
            content_type: header("content-type"),
            etag: header("etag"),
            cache_control: header("cache-control"),
            bytes: reply.body,
        })
    }

    /// Looks at an object without reading it; the only call that gives its metadata.
    ///
    /// # Errors
    /// [`Class::NotFound`](super::Class::NotFound) also if a policy hides it.
    pub async fn info(&self, key: &ObjectKey) -> Result<ObjectInfo, Error> {
        const OPERATION: &str = "Look at object";
        let path = self.at(OPERATION, "object/info/authenticated", key)?;
        self.project
            .send(self.project.storage(OPERATION, self.target(key), Method::GET, &path))
            .await?
            .json()
    }

    /// Removes objects, up to 500 a request, and compares what the server says with what was asked: it leaves out
    /// without a word what it did not delete.
    ///
    /// # Errors
    /// If the first batch fails, or the bucket is not there, which the server does not say itself. A later failure
    /// is part of the [`Removal`], so that what was removed before is not lost.
    pub async fn remove(&self, keys: &[ObjectKey]) -> Result<Removal, Error> {
        let mut seen = HashSet::new();
        let keys: Vec<&ObjectKey> = keys.iter().filter(|key| seen.insert(*key)).collect();
        let mut removal = Removal::default();
        for (batch_number, batch) in keys.chunks(Self::BATCH).enumerate() {
            match self.remove_batch(batch).await {
                Ok(deleted) => {
                    for key in batch {
                        let gone = deleted.contains(key.as_str());
                        let list = if gone {
                            &mut removal.removed
                        } else {
                            &mut removal.missing
                        };
                        list.push((*key).clone());
                    }
                }
                Err(error) if batch_number == 0 => return Err(error),
                Err(error) => {
                    let rest = keys[batch_number * Self::BATCH..]
                        .iter()
                        .map(|key| (*key).clone())
                        .collect();
                    removal.failed = Some(RemovalFailure { keys: rest, error });
                    break;
                }
            }
        }
        Ok(removal)
    }

    async fn remove_batch(&self, keys: &[&ObjectKey]) -> Result<HashSet<String>, Error> {
        const OPERATION: &str = "Remove objects";
        #[derive(Deserialize)]
        struct Row {
            name: String,
        }
        let path = format!("object/{}", self.path(OPERATION)?);
        let target = match keys {
            [key] => self.target(key),
            keys => format!("{}, {} objects", self.bucket, keys.len()),
        };
        let names: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
        let call = self
            .project
            .storage(OPERATION, target, Method::DELETE, &path)
            .json(json!({ "prefixes": names }));
        let rows: Vec<Row> = self.project.send(call).await?.json()?;
        if rows.is_empty() {
            // The same answer as for a bucket that does not exist.
            self.project.buckets().get(&self.bucket).await?;
        }
        Ok(rows.into_iter().map(|row| row.name).collect())
    }

    /// Every object whose key begins with the prefix, a page at a time.
    #[must_use]
    pub fn list(&self, prefix: &str) -> Listing {
        Listing::new(self.clone(), prefix)
    }

    /// Every object whose key begins with the prefix.
    ///
    /// # Errors
    /// As [`Listing::next`].
    pub async fn list_all(&self, prefix: &str) -> Result<Vec<Entry>, Error> {
        let mut listing = self.list(prefix);
        let mut entries = Vec::new();
        while let Some(page) = listing.next().await? {
            entries.extend(page.entries);
        }
        Ok(entries)
    }

    pub(super) fn path(&self, operation: &'static str) -> Result<String, Error> {
        bucket_path(&self.bucket).ok_or_else(|| {
            Error::refused(
                operation,
                self.bucket.as_str(),
                "a bucket called . or .. cannot be reached through a web address",
            )
        })
    }

    pub(super) fn at(&self, operation: &'static str, route: &str, key: &ObjectKey) -> Result<String, Error> {
        let path = object_path(&self.bucket, key).ok_or_else(|| {
            let why = "a key with . or .. between its slashes cannot be reached through a web address";
            Error::refused(operation, self.target(key), why)
        })?;
        Ok(format!("{route}/{path}"))
    }

    pub(super) fn target(&self, key: &ObjectKey) -> String {
        format!("{}/{key}", self.bucket)
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::super::Class;
    use super::super::testing::{json, no_bucket, project, storage_error};
    use super::*;

    fn key(text: &str) -> ObjectKey {
        ObjectKey::parse(text).unwrap()
    }

    fn bucket(name: &str) -> BucketName {
        BucketName::parse(name).unwrap()
    }

    #[tokio::test]
    async fn uploads_the_bytes_themselves_with_type_caching_and_metadata() {
        let (project, seen) = project(|_| json(200, json!({"Key": "story-images/a b.png", "Id": "u-1"}))).await;
        let picture = Bytes::from((0..=255).cycle().take(200_000).collect::<Vec<u8>>());
        let mut how = Upload::new("image/png");
        how.metadata.insert("prompt".into(), "ein Fuchs, „rot“".into());
        let stored = project
            .bucket(&bucket("story-images"))
            .upload(&key("a b+c.png"), picture.clone(), &how)
            .await
            .unwrap();
        assert_eq!(stored.id.as_deref(), Some("u-1"));
        let request = seen.lock().unwrap().remove(0);
        assert_eq!(request.line(), "POST /storage/v1/object/story-images/a%20b%2Bc.png");
        assert_eq!(request.body, picture);
        assert_eq!(request.header("content-type"), Some("image/png"));
        assert_eq!(request.header("cache-control"), Some("max-age=3600"));
        assert_eq!(request.header("content-length"), Some("200000"));
        assert_eq!(request.header("x-upsert"), None);
        let metadata = STANDARD.decode(request.header("x-metadata").unwrap()).unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&metadata).unwrap(),
            json!({"prompt": "ein Fuchs, „rot“"})
        );
    }

    #[tokio::test]
    async fn an_upload_whose_answer_was_lost_is_repeated_only_if_it_may_replace() {
        let (project, seen) = project(|_| (::http::StatusCode::GATEWAY_TIMEOUT, "<html>").into_response()).await;
        let objects = project.bucket(&bucket("b"));
        let add = Upload::new("image/png");
        let error = objects
            .upload(&key("a"), Bytes::from_static(b"x"), &add)
            .await
            .unwrap_err();
        assert_eq!(
            (error.class, error.retry_may_help, seen.lock().unwrap().len()),
            (Class::Ambiguous, false, 1)
        );
        let replace = Upload { upsert: true, ..add };
        let error = objects
            .upload(&key("a"), Bytes::from_static(b"x"), &replace)
            .await
            .unwrap_err();
        assert_eq!((error.class, seen.lock().unwrap().len()), (Class::Busy, 5));
        assert_eq!(seen.lock().unwrap()[4].header("x-upsert"), Some("true"));
    }

    #[tokio::test]
    async fn buckets_called_like_routes_are_reached_by_the_way_that_works() {
        let (project, seen) = project(|_| json(200, json!({"Id": "u"}))).await;
        let objects = project.bucket(&bucket("list"));
        let add = Upload::new("image/png");
        assert_eq!(
            objects.upload(&key("a"), Bytes::new(), &add).await.unwrap_err().class,
            Class::Invalid
        );
        objects
            .upload(&key("a"), Bytes::new(), &Upload { upsert: true, ..add })
            .await
            .unwrap();
        objects.download(&key("a")).await.unwrap();
        let lines: Vec<_> = seen
            .lock()
            .unwrap()
            .iter()
            .map(super::super::testing::Seen::line)
            .collect();
        assert_eq!(
            lines,
            [
                "PUT /storage/v1/object/list/a",
                "GET /storage/v1/object/authenticated/list/a"
            ]
        );
    }

    #[tokio::test]
    async fn keys_that_no_address_can_carry_are_not_sent_elsewhere() {
        let (project, seen) = project(|_| json(200, json!({}))).await;
        let error = project
            .bucket(&bucket("b"))
            .download(&key("a/../secret.png"))
            .await
            .unwrap_err();
        assert_eq!(error.class, Class::Invalid);
        let error = project.bucket(&bucket("..")).remove(&[key("a")]).await.unwrap_err();
        assert_eq!(error.class, Class::Invalid);
        assert!(seen.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn removal_believes_only_what_the_server_says_it_deleted() {
        let (project, seen) = project(|request| {
            let rows = request.json()["prefixes"].as_array().unwrap().clone();
            json(
                200,
                rows.iter()
                    .filter(|key| *key != "hidden")
                    .map(|key| json!({"name": key}))
                    .collect(),
            )
        })
        .await;
        let mut keys: Vec<_> = (0..1_200).map(|n| key(&format!("k{n}"))).collect();
        keys.extend([key("hidden"), key("k0")]);
        let removal = project.bucket(&bucket("b")).remove(&keys).await.unwrap();
        assert_eq!((removal.removed.len(), removal.missing), (1_200, vec![key("hidden")]));
        let sizes: Vec<_> = seen
            .lock()
            .unwrap()
            .iter()
            .map(|r| r.json()["prefixes"].as_array().unwrap().len())
            .collect();
        assert_eq!(sizes, [500, 500, 201]);
    }

    #[tokio::test]
    async fn an_empty_answer_to_a_removal_is_looked_into() {
        let (gone, _) = project(|request| {
            if request.method == Method::DELETE {
                json(200, json!([]))
            } else {
                no_bucket()
            }
        })
        .await;
        let error = gone.bucket(&bucket("b")).remove(&[key("a")]).await.unwrap_err();
        assert_eq!(error.class, Class::BucketNotFound);

        let (there, _) = project(|request| {
            if request.method == Method::DELETE {
                json(200, json!([]))
            } else {
                json(200, json!({"id": "b", "name": "b"}))
            }
        })
        .await;
        let removal = there.bucket(&bucket("b")).remove(&[key("a")]).await.unwrap();
        assert_eq!((removal.removed.len(), removal.missing.len()), (0, 1));
    }

    #[tokio::test]
    async fn a_removal_that_fails_later_keeps_what_it_did() {
        let (project, _) = project(|request| {
            let rows = request.json()["prefixes"].as_array().unwrap().clone();
            if rows.contains(&json!("k500")) {
                return storage_error("403", "AccessDenied", "no");
            }
            json(200, rows.iter().map(|key| json!({"name": key})).collect())
        })
        .await;
        let keys: Vec<_> = (0..1_001).map(|n| key(&format!("k{n}"))).collect();
        let removal = project.bucket(&bucket("b")).remove(&keys).await.unwrap();
        let failed = removal.failed.unwrap();
        assert_eq!(
            (removal.removed.len(), failed.keys.len(), failed.error.class),
            (500, 501, Class::Forbidden)
        );
    }
}
