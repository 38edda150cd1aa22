//! Objects of one bucket: the handle, and looking at an object without reading it. Each other API has a file of its own.

use ::http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::client::Answer;
use super::path::{bucket_path, object_path};
use super::range::facts;
use super::{BucketName, Class, Entry, Error, Facts, Listing, ObjectKey, Supabase, lenient};
use crate::http::Call;

/// The objects of one bucket.
#[derive(Clone, Debug)]
pub struct Objects {
    pub(super) project: Supabase,
    pub(super) bucket: BucketName,
}

/// What is known of an object without its bytes (`GET /object/info/…`).
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

/// With what an object is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Access {
    /// The project's key or the user's token. Works for every bucket.
    #[default]
    Keyed,
    /// Nothing, as any reader of a public URL. The objects of private buckets are not found this way.
    Public,
}

impl Access {
    /// The word in the routes. The short forms without one are ambiguous for buckets that are called like a route.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Keyed => "authenticated",
            Self::Public => "public",
        }
    }
}

impl Objects {
    pub(super) fn new(project: Supabase, bucket: BucketName) -> Self {
        Self { project, bucket }
    }

    /// The bucket.
    #[must_use]
    pub fn bucket(&self) -> &BucketName {
        &self.bucket
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> &Supabase {
        &self.project
    }

    /// Looks at an object without reading it; the only call that gives its metadata.
    ///
    /// # Errors
    /// [`Class::NotFound`] also if a policy hides it.
    pub async fn info(&self, key: &ObjectKey) -> Result<ObjectInfo, Error> {
        self.info_as(key, Access::Keyed).await
    }

    /// As [`Objects::info`], with a key or without.
    ///
    /// # Errors
    /// Without a key: [`Class::BucketNotFound`] also for private buckets.
    pub async fn info_as(&self, key: &ObjectKey, access: Access) -> Result<ObjectInfo, Error> {
        const OPERATION: &str = "Look at object";
        let path = self.at(OPERATION, &format!("object/info/{}", access.word()), key)?;
        let call = self.project.storage(OPERATION, self.target(key), Method::GET, &path);
        self.ask(call, access).await?.json()
    }

    /// What a reader would get with the bytes (`HEAD`). The server says no reason with a refusal of this kind; the
    /// reason is then asked for by [`Objects::info`].
    ///
    /// # Errors
    /// [`Class::NotFound`] also if a policy hides it.
    pub async fn head(&self, key: &ObjectKey, access: Access) -> Result<Facts, Error> {
        const OPERATION: &str = "Look at object";
        let path = self.at(OPERATION, &format!("object/{}", access.word()), key)?;
        let call = self.project.storage(OPERATION, self.target(key), Method::HEAD, &path);
        match self.ask(call, access).await {
            Ok(answer) => Ok(facts(&answer.reply.headers)),
            Err(error) if error.http_status.is_some() => match self.info_as(key, access).await {
                Err(reason) => Err(reason),
                Ok(_) => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Whether there is an object that this key may see.
    ///
    /// # Errors
    /// If that cannot be told: [`Class::BucketNotFound`] included.
    pub async fn exists(&self, key: &ObjectKey) -> Result<bool, Error> {
        match self.info(key).await {
            Ok(_) => Ok(true),
            Err(error) if error.class == Class::NotFound && error.code.as_deref() == Some("NoSuchKey") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Every object whose key begins with the prefix, a page at a time.
    #[must_use]
    pub fn list(&self, prefix: &str) -> Listing {
        Listing::new(self.clone(), prefix)
    }

    /// Goes on with a listing at its [`Listing::cursor`]. A server that does not know it refuses the first page.
    #[must_use]
    pub fn list_after(&self, prefix: &str, cursor: String) -> Listing {
        Listing::after(self.clone(), prefix, cursor)
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

    pub(super) async fn ask(&self, call: Call, access: Access) -> Result<Answer, Error> {
        match access {
            Access::Keyed => self.project.send(call).await,
            Access::Public => self.project.send_open(call).await,
        }
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
    use serde_json::json;

    use super::super::testing::{bucket, json, key, lines, project, storage_error};
    use super::*;

    #[tokio::test]
    async fn keys_that_no_address_can_carry_are_not_sent_elsewhere() {
        let (project, seen) = project(|_| json(200, json!({}))).await;
        let error = project
            .bucket(&bucket("b"))
            .info(&key("a/../secret.png"))
            .await
            .unwrap_err();
        assert_eq!(error.class, Class::Invalid);
        let error = project.bucket(&bucket("..")).info(&key("a")).await.unwrap_err();
        assert_eq!(error.class, Class::Invalid);
        assert!(seen.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_head_that_fails_is_explained_by_asking_again() {
        let (project, seen) = project(|request| {
            if request.method == Method::HEAD {
                return ::http::StatusCode::BAD_REQUEST.into_response();
            }
            storage_error("404", "NoSuchKey", "Object not found")
        })
        .await;
        let objects = project.bucket(&bucket("b"));
        let error = objects.head(&key("a"), Access::Public).await.unwrap_err();
        assert_eq!(
            (error.class, error.code.as_deref()),
            (Class::NotFound, Some("NoSuchKey"))
        );
        assert!(!objects.exists(&key("a")).await.unwrap());
        assert_eq!(
            lines(&seen),
            [
                "HEAD /storage/v1/object/public/b/a",
                "GET /storage/v1/object/info/public/b/a",
                "GET /storage/v1/object/info/authenticated/b/a"
            ]
        );
        // A reader of a public URL has no key, and none is sent for them.
        assert_eq!(seen.lock().unwrap()[0].header("apikey"), None);
        assert_eq!(seen.lock().unwrap()[1].header("authorization"), None);
    }

    #[tokio::test]
    async fn a_bucket_that_is_not_there_is_not_an_object_that_is_not_there() {
        let (project, _) = project(|_| super::super::testing::no_bucket()).await;
        let error = project.bucket(&bucket("b")).exists(&key("a")).await.unwrap_err();
        assert_eq!(error.class, Class::BucketNotFound);
    }
}
