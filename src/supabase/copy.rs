//! Moving and copying objects on the server, and changing what is kept beside an object without sending its bytes again.

use ::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::object::Access;
use super::upload::encoded;
use super::{BucketName, Class, Error, Facts, ObjectInfo, ObjectKey, Objects, lenient};

/// Where an object goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Another bucket; None is the same one.
    pub bucket: Option<BucketName>,
    /// The key there.
    pub key: ObjectKey,
}

impl Destination {
    /// A key of the same bucket.
    #[must_use]
    pub fn here(key: ObjectKey) -> Self {
        Self { bucket: None, key }
    }
}

/// How an object is copied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CopyOptions {
    /// Whether an object at the destination is replaced.
    pub upsert: bool,
    /// What is kept beside the copy.
    pub metadata: CopiedMetadata,
    /// The media type of the copy, if not that of the source.
    pub content_type: Option<String>,
    /// The `Cache-Control` of the copy, if not that of the source.
    pub cache_control: Option<String>,
}

/// What is kept beside a copy.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CopiedMetadata {
    /// What is kept beside the source.
    #[default]
    AsSource,
    /// This instead; nothing, if it is empty.
    Instead(Map<String, Value>),
}

/// An object as the server's database has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ObjectRow {
    /// The key.
    pub name: String,
    /// Its bucket.
    #[serde(default, deserialize_with = "lenient::text")]
    pub bucket_id: Option<String>,
    /// The row's id.
    #[serde(default, deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// New with each change of the bytes.
    #[serde(default, deserialize_with = "lenient::text")]
    pub version: Option<String>,
    /// What was kept beside the bytes.
    #[serde(default, deserialize_with = "lenient::object")]
    pub user_metadata: Map<String, Value>,
}

/// What to change of an object. What is None stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectEdit {
    /// The media type that readers are told.
    pub content_type: Option<String>,
    /// The `Cache-Control` that readers are told.
    pub cache_control: Option<String>,
    /// What is kept beside the bytes, all of it; empty takes it away.
    pub metadata: Option<Map<String, Value>>,
}

/// An object whose facts were changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Edited {
    /// What readers are told now.
    pub served: Facts,
    /// Whether readers are told what was asked for. Servers on S3 from before 2026 change their database but not what
    /// they serve (github.com/supabase/storage/issues/1109); only a new upload helps there.
    pub took_effect: bool,
}

impl Objects {
    /// Moves an object, metadata and all. Nothing is replaced.
    ///
    /// # Errors
    /// [`Class::Exists`] if something is there already; [`Class::TooLarge`] or [`Class::WrongType`] if the other bucket does
    /// not take such objects (the server would not check); [`Class::Ambiguous`] if the answer was lost and looking does
    /// not tell.
    pub async fn move_to(&self, from: &ObjectKey, to: &Destination) -> Result<(), Error> {
        self.move_known(from, None, to).await
    }

    /// As [`Objects::move_to`], of an object that was looked at a moment ago: it is not asked for once more for the sake of
    /// another bucket's limits.
    ///
    /// # Errors
    /// As [`Objects::move_to`].
    pub async fn move_known(
        &self,
        from: &ObjectKey,
        known: Option<&ObjectInfo>,
        to: &Destination,
    ) -> Result<(), Error> {
        const OPERATION: &str = "Move object";
        let there = self.destination(OPERATION, to)?;
        self.check_destination(OPERATION, (from, known), &there, &to.key, None)
            .await?;
        let call = self
            .project
            .storage(OPERATION, self.target(from), Method::POST, "object/move")
            .json(self.journey(from, to));
        match self.project.send(call).await {
            Ok(_) => Ok(()),
            // Without an answer: it is done if it is there and no longer here.
            Err(error) if error.class == Class::Ambiguous => {
                let arrived = there.exists(&to.key).await.unwrap_or(false);
                let left = matches!(self.exists(from).await, Ok(false));
                if arrived && left { Ok(()) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    /// Copies an object.
    ///
    /// # Errors
    /// As [`Objects::move_to`]. A lost answer without `upsert` is [`Class::Ambiguous`]: look before doing it again.
    pub async fn copy_to(&self, from: &ObjectKey, to: &Destination, how: &CopyOptions) -> Result<ObjectRow, Error> {
        self.copy_known(from, None, to, how).await
    }

    /// As [`Objects::copy_to`], of an object that was looked at a moment ago.
    ///
    /// # Errors
    /// As [`Objects::copy_to`].
    pub async fn copy_known(
        &self,
        from: &ObjectKey,
        known: Option<&ObjectInfo>,
        to: &Destination,
        how: &CopyOptions,
    ) -> Result<ObjectRow, Error> {
        const OPERATION: &str = "Copy object";
        let there = self.destination(OPERATION, to)?;
        self.check_destination(OPERATION, (from, known), &there, &to.key, how.content_type.as_deref())
            .await?;
        let mut body = self.journey(from, to);
        let mut facts = Map::new();
        if let Some(content_type) = &how.content_type {
            facts.insert("mimetype".to_owned(), content_type.clone().into());
        }
        if let Some(cache_control) = &how.cache_control {
            facts.insert("cacheControl".to_owned(), cache_control.clone().into());
        }
        // A server that copies metadata copies type and caching, too, and ignores what it is told of them: whatever is to
        // change is sent with all that is to stay.
        let keeps_facts = facts.is_empty();
        if !keeps_facts {
            body["metadata"] = Value::Object(facts);
        }
        let mut call = self
            .project
            .storage(OPERATION, self.target(from), Method::POST, "object/copy")
            .idempotent(how.upsert);
        if how.upsert {
            call = call.header("x-upsert", "true");
        }
        let metadata = match &how.metadata {
            CopiedMetadata::Instead(metadata) => Some(metadata.clone()),
            CopiedMetadata::AsSource if keeps_facts => None,
            CopiedMetadata::AsSource => Some(self.info(from).await?.metadata),
        };
        if let Some(metadata) = metadata {
            body["copyMetadata"] = false.into();
            // Sent if empty, too: a copy onto itself would keep what is there.
            call = call.header("x-metadata", &encoded(&metadata));
        }
        self.project.send(call.json(body)).await?.json()
    }

    /// Changes what is kept beside an object and how it is served, without sending its bytes: the server copies it onto
    /// itself. What readers are told afterwards is read back.
    ///
    /// # Errors
    /// [`Class::Invalid`] if there is nothing to change; as [`Class`] says.
    pub async fn edit(&self, key: &ObjectKey, edit: &ObjectEdit) -> Result<Edited, Error> {
        const OPERATION: &str = "Change object";
        if *edit == ObjectEdit::default() {
            return Err(Error::refused(
                OPERATION,
                self.target(key),
                "there is nothing to change",
            ));
        }
        let how = CopyOptions {
            upsert: true,
            metadata: match &edit.metadata {
                Some(metadata) => CopiedMetadata::Instead(metadata.clone()),
                None => CopiedMetadata::AsSource,
            },
            content_type: edit.content_type.clone(),
            cache_control: edit.cache_control.clone(),
        };
        self.copy_to(key, &Destination::here(key.clone()), &how).await?;
        let served = self.head(key, Access::Keyed).await?;
        let same_type = edit
            .content_type
            .as_deref()
            .is_none_or(|asked| served.content_type.as_deref().is_some_and(|told| serves(told, asked)));
        let same_caching = edit.cache_control.is_none() || edit.cache_control == served.cache_control;
        Ok(Edited {
            served,
            took_effect: same_type && same_caching,
        })
    }

    fn journey(&self, from: &ObjectKey, to: &Destination) -> Value {
        let mut body = json!({
            "bucketId": self.bucket.as_str(),
            "sourceKey": from.as_str(),
            "destinationKey": to.key.as_str(),
        });
        if let Some(bucket) = &to.bucket {
            body["destinationBucket"] = bucket.as_str().into();
        }
        body
    }

    /// The bucket it goes to. A key that no address can carry is refused: nobody could read what is stored there.
    fn destination(&self, operation: &'static str, to: &Destination) -> Result<Self, Error> {
        let there = match &to.bucket {
            Some(bucket) => self.project.bucket(bucket),
            None => self.clone(),
        };
        there.at(operation, "object", &to.key)?;
        Ok(there)
    }

    /// What the server does not check of an object that goes to another bucket, or gets another type.
    async fn check_destination(
        &self,
        operation: &'static str,
        (from, known): (&ObjectKey, Option<&ObjectInfo>),
        there: &Self,
        key: &ObjectKey,
        content_type: Option<&str>,
    ) -> Result<(), Error> {
        if there.bucket == self.bucket && content_type.is_none() {
            return Ok(());
        }
        let bucket = self.project.known_buckets().get(&self.project, &there.bucket).await?;
        let asked;
        let info = match known {
            Some(info) => info,
            None => {
                asked = self.info(from).await?;
                &asked
            }
        };
        let content_type = content_type.or(info.content_type.as_deref());
        bucket
            .takes(content_type, info.size)
            .map_err(|(class, why)| Error::refused(operation, there.target(key), why).of_class(class))
    }
}

/// Whether a header names this type. Storage serves HTML as plain text.
fn serves(told: &str, asked: &str) -> bool {
    let bare = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    bare(told) == bare(asked) || (bare(asked) == "text/html" && bare(told) == "text/plain")
}

#[cfg(test)]
mod tests {
    use ::http::StatusCode;
    use axum::response::{IntoResponse as _, Response};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::super::testing::{Seen, bucket, json, key, lines, project, storage_error};
    use super::*;

    fn row() -> Response {
        json(
            200,
            json!({"Key": "b/x", "Id": "u", "name": "x", "id": "u", "version": "v", "metadata": {"size": 1}, "user_metadata": {"a": 1}, "new": []}),
        )
    }

    fn elsewhere(name: &str) -> Destination {
        Destination {
            bucket: Some(bucket(name)),
            key: key("x"),
        }
    }

    #[tokio::test]
    async fn another_buckets_limits_are_kept_although_the_server_ignores_them() {
        let (project, seen) = project(|request| match request.line().as_str() {
            "GET /storage/v1/bucket/small" => json(200, json!({"id": "small", "name": "small", "file_size_limit": 5})),
            "GET /storage/v1/bucket/pictures" => json(
                200,
                json!({"id": "p", "name": "pictures", "allowed_mime_types": ["image/*"]}),
            ),
            "GET /storage/v1/bucket/open" => json(200, json!({"id": "open", "name": "open", "file_size_limit": "1KB"})),
            line if line.starts_with("GET ") => {
                json(200, json!({"name": "a", "size": 6, "content_type": "text/plain"}))
            }
            _ => row(),
        })
        .await;
        let objects = project.bucket(&bucket("b"));
        let how = CopyOptions::default();
        let error = objects.copy_to(&key("a"), &elsewhere("small"), &how).await.unwrap_err();
        assert_eq!(error.class, Class::TooLarge);
        let error = objects.move_to(&key("a"), &elsewhere("pictures")).await.unwrap_err();
        assert_eq!(error.class, Class::WrongType);
        assert!(
            lines(&seen).iter().all(|line| line.starts_with("GET ")),
            "nothing was moved"
        );
        objects.move_to(&key("a"), &elsewhere("open")).await.unwrap();
        let request = seen.lock().unwrap().pop().unwrap();
        assert_eq!(request.line(), "POST /storage/v1/object/move");
        assert_eq!(
            request.json(),
            json!({"bucketId": "b", "sourceKey": "a", "destinationKey": "x", "destinationBucket": "open"})
        );
    }

    #[tokio::test]
    async fn limits_are_asked_for_once_and_what_is_known_not_at_all() {
        let (project, seen) = project(|request| match request.line().as_str() {
            "GET /storage/v1/bucket/small" => json(200, json!({"id": "small", "name": "small", "file_size_limit": 5})),
            line if line.starts_with("GET ") => {
                json(200, json!({"name": "a", "size": 4, "content_type": "text/plain"}))
            }
            _ => row(),
        })
        .await;
        let objects = project.bucket(&bucket("b"));
        let small = elsewhere("small");
        let info = objects.info(&key("a")).await.unwrap();
        seen.lock().unwrap().clear();
        for _ in 0..3 {
            objects.move_known(&key("a"), Some(&info), &small).await.unwrap();
        }
        let moved = "POST /storage/v1/object/move";
        assert_eq!(lines(&seen), ["GET /storage/v1/bucket/small", moved, moved, moved]);
        let larger = ObjectInfo { size: Some(6), ..info };
        let refused = objects.move_known(&key("a"), Some(&larger), &small).await;
        assert_eq!(refused.unwrap_err().class, Class::TooLarge);
        // What this program changes is asked for anew.
        let update = super::super::BucketUpdate {
            public: Some(true),
            ..Default::default()
        };
        project.buckets().update(&bucket("small"), &update).await.unwrap();
        seen.lock().unwrap().clear();
        let refused = objects.move_known(&key("a"), Some(&larger), &small).await;
        refused.unwrap_err();
        assert_eq!(lines(&seen), ["GET /storage/v1/bucket/small"]);
    }

    #[tokio::test]
    async fn a_lost_answer_to_a_move_is_looked_into() {
        for (arrived, left, moved) in [(true, true, true), (true, false, false), (false, true, false)] {
            let (project, _) = project(move |request| {
                let there = match request.path.rsplit('/').next().unwrap() {
                    "x" => arrived,
                    "a" => !left,
                    _ => return (StatusCode::BAD_GATEWAY, "<html>").into_response(),
                };
                if there {
                    json(200, json!({"name": "x"}))
                } else {
                    storage_error("404", "NoSuchKey", "Object not found")
                }
            })
            .await;
            let result = project
                .bucket(&bucket("b"))
                .move_to(&key("a"), &Destination::here(key("x")))
                .await;
            match result {
                Ok(()) => assert!(moved),
                Err(error) => assert!(!moved && error.class == Class::Ambiguous),
            }
        }
    }

    fn metadata(request: &Seen) -> Value {
        serde_json::from_slice(&STANDARD.decode(request.header("x-metadata").unwrap()).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn an_edit_says_everything_again_and_reads_it_back() {
        let (project, seen) = project(|request| match request.method {
            Method::HEAD => ([("cache-control", "no-cache"), ("content-type", "image/png")]).into_response(),
            Method::GET if request.path.contains("/bucket/") => json(200, json!({"id": "b", "name": "b"})),
            Method::GET => json(200, json!({"name": "a", "metadata": {"seed": 7}})),
            _ => row(),
        })
        .await;
        let objects = project.bucket(&bucket("b"));
        let edit = ObjectEdit {
            cache_control: Some("no-cache".into()),
            ..ObjectEdit::default()
        };
        assert!(objects.edit(&key("a"), &edit).await.unwrap().took_effect);
        let copy = seen
            .lock()
            .unwrap()
            .iter()
            .find(|r| r.method == Method::POST)
            .cloned()
            .unwrap();
        assert_eq!(copy.header("x-upsert"), Some("true"));
        assert_eq!(
            metadata(&copy),
            json!({"seed": 7}),
            "what is not to change is said again"
        );
        assert_eq!(
            copy.json(),
            json!({"bucketId": "b", "sourceKey": "a", "destinationKey": "a", "copyMetadata": false, "metadata": {"cacheControl": "no-cache"}})
        );

        // A server that changes its database but not what it serves.
        let edit = ObjectEdit {
            content_type: Some("image/webp".into()),
            metadata: Some(Map::new()),
            ..ObjectEdit::default()
        };
        let edited = objects.edit(&key("a"), &edit).await.unwrap();
        assert!(!edited.took_effect);
        let copy = seen
            .lock()
            .unwrap()
            .iter()
            .rfind(|r| r.method == Method::POST)
            .cloned()
            .unwrap();
        assert_eq!(metadata(&copy), json!({}));
        let error = objects.edit(&key("a"), &ObjectEdit::default()).await.unwrap_err();
        assert_eq!(error.class, Class::Invalid);
    }

    #[test]
    fn types_are_compared_as_they_are_served() {
        assert!(serves("image/png", "image/png") && serves("text/plain; charset=utf-8", "text/html"));
        assert!(!serves("image/png", "image/webp"));
    }
}
