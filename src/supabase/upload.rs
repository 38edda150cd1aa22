//! Storing an object in one request, and finding out what became of a request whose answer was lost.
//!
//! Storage has no conditions on writes and no idempotency keys. Each upload that must not replace therefore carries a
//! mark of its own in the object's metadata: after a lost answer, the mark tells our object from somebody else's.

use ::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{BucketName, Class, Error, ObjectKey, Objects, lenient};
use crate::http::{Body, Call};

/// Where the mark of an upload is in the object's metadata.
pub const UPLOAD_MARK: &str = "upload_id";

/// How an object is stored. The server keeps the type as it is told: detect it from the bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// The media type, in lower case and without parameters, as buckets compare it.
    pub content_type: String,
    /// The `Cache-Control` that readers get. Sent always: a server that is told none stores `no-cache`.
    pub cache_control: String,
    /// Whether an object of the same key is replaced. Its metadata is replaced, too, or lost.
    pub upsert: bool,
    /// What is kept beside the bytes: hash, story, scene, prompt. Sent always: an overwrite without it wipes what is there.
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

    /// The same with the SHA-256 of the bytes beside them, as `sha256` in hexadecimal digits. An ETag is no hash of an object's
    /// content: servers on S3 make it of the parts in which an object was stored.
    #[must_use]
    pub fn with_hash_of(mut self, bytes: &[u8]) -> Self {
        let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        self.metadata.insert("sha256".to_owned(), hash.into());
        self
    }

    /// The same with a mark, which is the one that the caller put in: who writes a mark down before the upload knows it again
    /// in a later run of the program. Who takes over the metadata of another object must leave its mark out.
    pub(super) fn marked(&self) -> (Self, String) {
        let given = self.metadata.get(UPLOAD_MARK).and_then(Value::as_str);
        let mark = given.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        (self.marked_with(&mark), mark)
    }

    /// The same with this mark.
    pub(super) fn marked_with(&self, mark: &str) -> Self {
        let mut marked = self.clone();
        marked.metadata.insert(UPLOAD_MARK.to_owned(), mark.into());
        marked
    }

    /// The headers that go with the bytes.
    pub(super) fn headers(&self, call: Call) -> Call {
        let call = call
            .header("cache-control", &self.cache_control)
            .header("x-metadata", &encoded(&self.metadata));
        if self.upsert {
            call.header("x-upsert", "true")
        } else {
            call
        }
    }
}

/// User metadata as the header `x-metadata` carries it.
pub(super) fn encoded(metadata: &Map<String, Value>) -> String {
    STANDARD.encode(Value::Object(metadata.clone()).to_string())
}

/// What the server says of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// The key, as asked for.
    pub key: ObjectKey,
    /// The row of the object in the project's database.
    pub id: Option<String>,
    /// The answer was lost; that the object is stored was found out by looking at it.
    pub found: bool,
}

/// `{"Key":"bucket/key","Id":"uuid"}`
#[derive(Deserialize)]
pub(super) struct Stored {
    #[serde(default, rename = "Key", deserialize_with = "lenient::text")]
    pub(super) key: Option<String>,
    #[serde(default, rename = "Id", deserialize_with = "lenient::text")]
    pub(super) id: Option<String>,
}

/// What is at a key after an upload without an answer.
pub(super) enum Standing {
    /// The object of this upload.
    Ours {
        /// Its row.
        id: Option<String>,
    },
    /// Somebody else's.
    Theirs {
        /// Of as many bytes as ours.
        same_size: bool,
    },
    /// Nothing yet.
    Nothing,
}

impl Objects {
    /// Attempts to store an object whose answers are lost one after the other.
    const ATTEMPTS: u32 = 3;

    /// Stores bytes under a key, as a raw body, so that what is stored is what was sent.
    ///
    /// Without `upsert` the object gets a mark ([`UPLOAD_MARK`]) unless its metadata has one already, and a lost answer is followed by a look: if the object
    /// is ours it is reported as stored, if there is none the upload is made again.
    ///
    /// # Errors
    /// Without `upsert`: [`Class::Exists`] if the key is taken by another object, and [`Class::Ambiguous`] if the answer
    /// was lost and looking failed, too: ask [`Objects::info`] before trying again.
    pub async fn upload(&self, key: &ObjectKey, bytes: Bytes, how: &Upload) -> Result<Uploaded, Error> {
        let size = bytes.len() as u64;
        let content_type = how.content_type.clone();
        self.store(key, &Body::Bytes { bytes, content_type }, size, how).await
    }

    /// Stores a body of `size` bytes under a key, and finds out what became of it.
    pub(super) async fn store(&self, key: &ObjectKey, body: &Body, size: u64, how: &Upload) -> Result<Uploaded, Error> {
        if how.upsert {
            return self.put(key, body, how).await;
        }
        let (how, mark) = how.marked();
        // Whether an earlier attempt may have stored the object.
        let mut lost = false;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let error = match self.put(key, body, &how).await {
                Ok(stored) => return Ok(stored),
                Err(error) if error.class == Class::Ambiguous || (error.class == Class::Exists && lost) => error,
                Err(error) => return Err(error),
            };
            match self.standing(key, &mark, Some(size)).await {
                Ok(Standing::Ours { id }) => {
                    return Ok(Uploaded {
                        key: key.clone(),
                        id,
                        found: true,
                    });
                }
                Ok(Standing::Theirs { same_size }) => return Err(theirs(error, same_size)),
                Ok(Standing::Nothing) if error.class == Class::Ambiguous && attempt < Self::ATTEMPTS => lost = true,
                // Looking failed, or said what an answer just before contradicts: what was known stays what is known.
                Ok(Standing::Nothing) | Err(_) => return Err(error),
            }
        }
    }

    /// What is at the key, and whose. Ours has the mark, and `size` bytes as far as both sizes are known.
    pub(super) async fn standing(&self, key: &ObjectKey, mark: &str, size: Option<u64>) -> Result<Standing, Error> {
        match self.info(key).await {
            Ok(info) => {
                let marked = info.metadata.get(UPLOAD_MARK).and_then(Value::as_str) == Some(mark);
                let other_size = info.size.zip(size).is_some_and(|(theirs, ours)| theirs != ours);
                Ok(if marked && !other_size {
                    Standing::Ours { id: info.id }
                } else {
                    Standing::Theirs {
                        same_size: size.is_some() && info.size == size,
                    }
                })
            }
            Err(error) if error.class == Class::NotFound => Ok(Standing::Nothing),
            Err(error) => Err(error),
        }
    }

    async fn put(&self, key: &ObjectKey, body: &Body, how: &Upload) -> Result<Uploaded, Error> {
        const OPERATION: &str = "Upload object";
        let path = self.at(OPERATION, "object", key)?;
        // POST to a bucket of one of these names is a call of another route; PUT is not, but always replaces.
        let reserved = BucketName::parse_new(self.bucket.as_str()).is_err();
        if reserved && !how.upsert {
            let why = format!(
                "storage cannot add to a bucket called “{}” without replacing; use a resumable upload",
                self.bucket
            );
            return Err(Error::refused(OPERATION, self.target(key), why));
        }
        let method = if reserved { Method::PUT } else { Method::POST };
        let call = self
            .project
            .storage(OPERATION, self.target(key), method, &path)
            .idempotent(how.upsert)
            .body(body.clone());
        let answer = self.project.send(how.headers(call)).await?;
        let stored: Stored = answer.json()?;
        // Another key than ours would mean that an address was read differently on its way.
        let named = stored.key.as_deref().is_none_or(|named| named == self.target(key));
        if !named {
            let why = "it names another object than the one that was sent";
            return Err(answer.unreadable(why).of_class(Class::Unexpected));
        }
        Ok(Uploaded {
            key: key.clone(),
            id: stored.id,
            found: false,
        })
    }
}

/// The key was taken by somebody else while the answer to our upload was lost.
pub(super) fn theirs(error: Error, same_size: bool) -> Error {
    let more = if same_size {
        ", of as many bytes as this one"
    } else {
        ""
    };
    let message = format!("another object is stored there{more}; nothing was replaced");
    error.found_to_be(Class::Exists, message)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Arc, Mutex};

    use ::http::StatusCode;
    use axum::response::IntoResponse as _;
    use serde_json::json;

    use super::super::testing::{Seen, bucket, cut_off, json, key, lines, project, storage_error};
    use super::*;

    fn sent_metadata(request: &Seen) -> Value {
        let metadata = STANDARD.decode(request.header("x-metadata").unwrap()).unwrap();
        serde_json::from_slice(&metadata).unwrap()
    }

    #[tokio::test]
    async fn uploads_the_bytes_themselves_with_type_caching_and_metadata() {
        let (project, seen) = project(|_| json(200, json!({"Key": "story-images/a b+c.png", "Id": "u-1"}))).await;
        let picture = Bytes::from((0..=255).cycle().take(200_000).collect::<Vec<u8>>());
        let mut how = Upload::new("image/png");
        how.metadata.insert("prompt".into(), "ein Fuchs, „rot“".into());
        let stored = project
            .bucket(&bucket("story-images"))
            .upload(&key("a b+c.png"), picture.clone(), &how)
            .await
            .unwrap();
        assert_eq!((stored.id.as_deref(), stored.found), (Some("u-1"), false));
        let request = seen.lock().unwrap().remove(0);
        assert_eq!(request.line(), "POST /storage/v1/object/story-images/a%20b%2Bc.png");
        assert_eq!(request.body, picture);
        assert_eq!(request.header("content-type"), Some("image/png"));
        assert_eq!(request.header("cache-control"), Some("max-age=3600"));
        assert_eq!(request.header("content-length"), Some("200000"));
        assert_eq!(request.header("x-upsert"), None);
        let metadata = sent_metadata(&request);
        assert_eq!(metadata["prompt"], "ein Fuchs, „rot“");
        assert!(metadata[UPLOAD_MARK].as_str().unwrap().parse::<Uuid>().is_ok());
    }

    #[tokio::test]
    async fn an_overwrite_brings_its_metadata_and_caching_along() {
        let (project, seen) = project(|_| json(200, json!({"Id": "u"}))).await;
        let how = Upload {
            upsert: true,
            ..Upload::new("image/png")
        };
        let objects = project.bucket(&bucket("b"));
        objects.upload(&key("a"), Bytes::new(), &how).await.unwrap();
        let request = seen.lock().unwrap().remove(0);
        assert_eq!(request.header("x-upsert"), Some("true"));
        assert_eq!(request.header("cache-control"), Some("max-age=3600"));
        assert_eq!(sent_metadata(&request), json!({}));
    }

    #[tokio::test]
    async fn another_object_in_the_answer_is_not_believed() {
        let (project, _) = project(|_| json(200, json!({"Key": "b/other", "Id": "u"}))).await;
        let error = project
            .bucket(&bucket("b"))
            .upload(&key("a"), Bytes::new(), &Upload::new("image/png"))
            .await
            .unwrap_err();
        assert_eq!(error.class, Class::Unexpected);
    }

    #[tokio::test]
    async fn an_upload_whose_answer_was_lost_is_repeated_only_if_it_may_replace() {
        let (project, seen) = project(|_| (StatusCode::GATEWAY_TIMEOUT, "<html>").into_response()).await;
        let objects = project.bucket(&bucket("b"));
        let add = Upload::new("image/png");
        let bytes = Bytes::from_static(b"x");
        let error = objects.upload(&key("a"), bytes.clone(), &add).await.unwrap_err();
        let uploads = |seen: &[Seen]| seen.iter().filter(|request| request.method == Method::POST).count();
        assert_eq!((error.class, error.retry_may_help), (Class::Ambiguous, false));
        assert_eq!(
            uploads(&seen.lock().unwrap()),
            1,
            "looking failed, too: nothing is repeated"
        );
        seen.lock().unwrap().clear();
        let replace = Upload { upsert: true, ..add };
        let error = objects.upload(&key("a"), bytes, &replace).await.unwrap_err();
        assert_eq!((error.class, uploads(&seen.lock().unwrap())), (Class::Busy, 4));
    }

    #[tokio::test]
    async fn only_calls_that_change_nothing_are_said_to_have_changed_nothing() {
        let (project, seen) = project(|_| cut_off()).await;
        let objects = project.bucket(&bucket("b"));
        let replace = Upload {
            upsert: true,
            ..Upload::new("image/png")
        };
        let error = objects
            .upload(&key("a"), Bytes::from_static(b"x"), &replace)
            .await
            .unwrap_err();
        assert_eq!(
            (error.class, error.attempts, error.retry_may_help),
            (Class::Ambiguous, 4, true)
        );
        assert_eq!(seen.lock().unwrap().len(), 4, "it is repeated as before");
        let row = project.rest().from("scenes").eq("id", 1);
        let error = row.update::<Value>(&json!({"image_url": "new"})).await.unwrap_err();
        assert_eq!(error.class, Class::Ambiguous);
        let signing = objects.sign_upload(&key("a"), false, &Map::new()).await.unwrap_err();
        let listing = objects.list_all("").await.unwrap_err();
        let looking = objects.info(&key("a")).await.unwrap_err();
        let secret = crate::http::Secret::exact("password");
        let signing_in = project.auth().sign_in("a@b.c", &secret).await.unwrap_err();
        for error in [signing, listing, looking, signing_in] {
            assert_eq!((error.class, error.retry_may_help), (Class::Network, true), "{error}");
        }
    }

    #[tokio::test]
    async fn an_upload_that_is_answered_with_a_page_is_looked_for() {
        let metadata = Mutex::new(Value::Null);
        let (project, _) = project(move |request| {
            if request.method == Method::POST {
                *metadata.lock().unwrap() = sent_metadata(request);
                return (StatusCode::OK, "<html>eyJhbGciOiJIUzI1NiJ9.e.c").into_response();
            }
            json(
                200,
                json!({"name": "a", "id": "i", "size": 1, "metadata": *metadata.lock().unwrap()}),
            )
        })
        .await;
        let how = Upload::new("image/png");
        let stored = project
            .bucket(&bucket("b"))
            .upload(&key("a"), Bytes::from_static(b"x"), &how)
            .await;
        assert!(stored.unwrap().found);
    }

    /// A server that loses the answer to the first uploads, and stores them or not.
    async fn forgetful(
        stores: bool,
        losses: u32,
        theirs: bool,
    ) -> (super::super::Supabase, super::super::testing::Log) {
        let stored: Arc<Mutex<Option<Value>>> = Arc::default();
        if theirs {
            *stored.lock().unwrap() = Some(json!({UPLOAD_MARK: "theirs"}));
        }
        let left = AtomicU32::new(losses);
        project(move |request| {
            let mut stored = stored.lock().unwrap();
            if request.method == Method::GET {
                return match &*stored {
                    Some(metadata) => json(200, json!({"name": "a", "id": "i", "size": 1, "metadata": metadata})),
                    None => storage_error("404", "NoSuchKey", "Object not found"),
                };
            }
            let lose = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if lose.is_ok() {
                if stores && stored.is_none() {
                    *stored = Some(sent_metadata(request));
                }
                return (StatusCode::BAD_GATEWAY, "<html>").into_response();
            }
            if stored.is_some() {
                return storage_error("409", "KeyAlreadyExists", "The resource already exists");
            }
            *stored = Some(sent_metadata(request));
            json(200, json!({"Key": "b/a", "Id": "i"}))
        })
        .await
    }

    #[tokio::test]
    async fn after_a_lost_answer_the_mark_tells_whose_object_it_is() {
        let how = Upload::new("image/png");
        let bytes = Bytes::from_static(b"x");

        let (project, seen) = forgetful(true, 1, false).await;
        let stored = project
            .bucket(&bucket("b"))
            .upload(&key("a"), bytes.clone(), &how)
            .await;
        assert!(stored.unwrap().found);
        assert_eq!(lines(&seen).len(), 2);

        // Not stored: made again, with the same mark.
        let (project, seen) = forgetful(false, 2, false).await;
        let stored = project
            .bucket(&bucket("b"))
            .upload(&key("a"), bytes.clone(), &how)
            .await;
        assert!(!stored.unwrap().found);
        let marks: Vec<_> = seen
            .lock()
            .unwrap()
            .iter()
            .filter(|r| r.method == Method::POST)
            .map(sent_metadata)
            .collect();
        assert!(marks.len() == 3 && marks.iter().all(|mark| *mark == marks[0]));

        let (project, _) = forgetful(false, 1, true).await;
        let error = project
            .bucket(&bucket("b"))
            .upload(&key("a"), bytes.clone(), &how)
            .await;
        let error = error.unwrap_err();
        assert_eq!(error.class, Class::Exists);
        assert!(error.message.contains("as many bytes"), "{error}");

        // A key that is taken from the beginning needs no second look.
        let (project, seen) = forgetful(false, 0, true).await;
        let error = project
            .bucket(&bucket("b"))
            .upload(&key("a"), bytes.clone(), &how)
            .await;
        assert_eq!((error.unwrap_err().class, lines(&seen).len()), (Class::Exists, 1));

        let (project, _) = forgetful(false, 9, false).await;
        let error = project.bucket(&bucket("b")).upload(&key("a"), bytes, &how).await;
        assert_eq!(error.unwrap_err().class, Class::Ambiguous);
    }

    #[tokio::test]
    async fn a_mark_that_was_given_is_known_again_unless_the_size_is_another() {
        // An earlier run of the program stored it, and ended before it heard so.
        let (project, seen) = forgetful(false, 1, true).await;
        let mut how = Upload::new("image/png");
        how.metadata.insert(UPLOAD_MARK.into(), "theirs".into());
        let objects = project.bucket(&bucket("b"));
        let stored = objects.upload(&key("a"), Bytes::from_static(b"x"), &how).await;
        assert!(stored.unwrap().found);
        assert_eq!(sent_metadata(&seen.lock().unwrap()[0])[UPLOAD_MARK], "theirs");
        for (size, ours) in [(Some(1), true), (None, true), (Some(2), false)] {
            let standing = objects.standing(&key("a"), "theirs", size).await.unwrap();
            assert_eq!(matches!(standing, Standing::Ours { .. }), ours, "{size:?}");
        }
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
        assert_eq!(
            lines(&seen),
            [
                "PUT /storage/v1/object/list/a",
                "GET /storage/v1/object/authenticated/list/a"
            ]
        );
    }
}
