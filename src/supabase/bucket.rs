//! Buckets: list, look at, make, change, empty, delete.

use ::http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::path::bucket_path;
use super::{BucketName, Class, Error, Supabase, lenient};

/// The buckets of a project.
#[derive(Clone, Debug)]
pub struct Buckets {
    project: Supabase,
}

/// A bucket as the server describes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Bucket {
    /// What addresses it; the same as the name unless somebody took pains.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whether its objects can be read without a key. New buckets are private unless told otherwise.
    #[serde(default)]
    pub public: bool,
    /// Bytes an object may have; the project's own limit holds besides.
    #[serde(default, deserialize_with = "lenient::number")]
    pub file_size_limit: Option<u64>,
    /// Media types it takes, as `image/png` or `image/*`. None or empty is any.
    #[serde(default)]
    pub allowed_mime_types: Option<Vec<String>>,
    /// When it was made.
    #[serde(default, deserialize_with = "lenient::time")]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "lenient::time")]
    pub updated_at: Option<Timestamp>,
}

/// A bucket to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBucket {
    /// Its name.
    pub name: BucketName,
    /// Whether its objects can be read without a key.
    pub public: bool,
    /// Bytes an object may have; None leaves it to the project's limit.
    pub file_size_limit: Option<u64>,
    /// Media types it takes; None is any.
    pub allowed_mime_types: Option<Vec<String>>,
}

/// What to change of a bucket. What is None stays; an inner None takes the limit away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BucketUpdate {
    /// Whether its objects can be read without a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
    /// Bytes an object may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size_limit: Option<Option<u64>>,
    /// Media types it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_mime_types: Option<Option<Vec<String>>>,
}

/// A bucket that is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ensured {
    /// It was there before, perhaps with other settings than asked for.
    Existed(Bucket),
    /// It was made.
    Created(Bucket),
}

impl Ensured {
    /// The bucket, however it came to be.
    #[must_use]
    pub fn into_bucket(self) -> Bucket {
        match self {
            Self::Existed(bucket) | Self::Created(bucket) => bucket,
        }
    }
}

impl Buckets {
    /// Buckets asked for at once.
    const PAGE: usize = 1_000;

    pub(super) fn new(project: Supabase) -> Self {
        Self { project }
    }

    /// All buckets that the key may see, by id. An anonymous key sees none, and is told so by no error.
    ///
    /// # Errors
    /// As [`Class`] says.
    pub async fn list(&self) -> Result<Vec<Bucket>, Error> {
        let mut buckets: Vec<Bucket> = Vec::new();
        loop {
            let path = format!(
                "bucket?limit={}&offset={}&sortColumn=id&sortOrder=asc",
                Self::PAGE,
                buckets.len()
            );
            let page: Vec<Bucket> = self
                .project
                .send(self.project.storage("List buckets", "", Method::GET, &path))
                .await?
                .json()?;
            let last = page.len() < Self::PAGE;
            // Older servers know no offset and send everything each time.
            let repeated = page
                .first()
                .is_some_and(|first| buckets.iter().any(|bucket| bucket.id == first.id));
            if !repeated {
                buckets.extend(page);
            }
            if last || repeated {
                return Ok(buckets);
            }
        }
    }

    /// One bucket.
    ///
    /// # Errors
    /// [`Class::BucketNotFound`] also if the key may not see it.
    pub async fn get(&self, name: &BucketName) -> Result<Bucket, Error> {
        let path = at("Look at bucket", name, "")?;
        self.project
            .send(
                self.project
                    .storage("Look at bucket", name.as_str(), Method::GET, &path),
            )
            .await?
            .json()
    }

    /// Makes a bucket.
    ///
    /// # Errors
    /// [`Class::Exists`] if there is one of that name; [`Class::Invalid`] for names that are words of the API, and
    /// for the types `*` and `*/*`: the server takes those and then refuses every upload.
    pub async fn create(&self, bucket: &NewBucket) -> Result<(), Error> {
        const OPERATION: &str = "Create bucket";
        let name = bucket.name.as_str();
        let refuse = |message: String| Error::refused(OPERATION, name, message);
        BucketName::parse_new(name).map_err(|error| refuse(error.to_string()))?;
        if let Some(all) = bucket
            .allowed_mime_types
            .iter()
            .flatten()
            .find(|kind| matches!(kind.as_str(), "*" | "*/*"))
        {
            return Err(refuse(format!(
                "“{all}” allows no type at all; leave the list empty to allow any"
            )));
        }
        let call = self
            .project
            .storage(OPERATION, name, Method::POST, "bucket")
            .json(json!({
                "id": name,
                "name": name,
                "public": bucket.public,
                "file_size_limit": bucket.file_size_limit,
                "allowed_mime_types": bucket.allowed_mime_types,
            }));
        self.project.send(call).await.map(drop)
    }

    /// Sees to it that the bucket is there: looks first, makes it if it is missing, and takes "already exists" (somebody
    /// else was faster) for success.
    ///
    /// # Errors
    /// Any other failure, [`Class::BucketNotFound`] included: a bucket that exists but may not be seen.
    pub async fn ensure(&self, bucket: &NewBucket) -> Result<Ensured, Error> {
        match self.get(&bucket.name).await {
            Ok(found) => return Ok(Ensured::Existed(found)),
            Err(error) if error.class == Class::BucketNotFound => {}
            Err(error) => return Err(error),
        }
        match self.create(bucket).await {
            Ok(()) => self.get(&bucket.name).await.map(Ensured::Created),
            Err(error) if error.class == Class::Exists => self.get(&bucket.name).await.map(Ensured::Existed),
            // No answer: whether there is a bucket now says whether it worked.
            Err(error) if error.class == Class::Ambiguous => {
                self.get(&bucket.name).await.map(Ensured::Created).map_err(|_| error)
            }
            Err(error) => Err(error),
        }
    }

    /// Changes a bucket's settings.
    ///
    /// # Errors
    /// As [`Class`] says.
    pub async fn update(&self, name: &BucketName, update: &BucketUpdate) -> Result<(), Error> {
        const OPERATION: &str = "Change bucket";
        let body = serde_json::to_value(update).unwrap_or_default();
        if body.as_object().is_none_or(serde_json::Map::is_empty) {
            return Err(Error::refused(OPERATION, name.as_str(), "there is nothing to change"));
        }
        let path = at(OPERATION, name, "")?;
        let call = self
            .project
            .storage(OPERATION, name.as_str(), Method::PUT, &path)
            .json(body);
        self.project.send(call).await.map(drop)
    }

    /// Deletes an empty bucket.
    ///
    /// # Errors
    /// [`Class::NotEmpty`] if there is anything in it.
    pub async fn delete(&self, name: &BucketName) -> Result<(), Error> {
        const OPERATION: &str = "Delete bucket";
        let path = at(OPERATION, name, "")?;
        self.project
            .send(self.project.storage(OPERATION, name.as_str(), Method::DELETE, &path))
            .await
            .map(drop)
    }

    /// Asks the server to delete everything in the bucket. It only takes the order: objects are gone some time later,
    /// up to an hour. Only the service key may do this.
    ///
    /// # Errors
    /// [`Class::Forbidden`] for other keys; [`Class::Exists`] above 200,000 objects, unless the server allows more.
    pub async fn empty(&self, name: &BucketName) -> Result<(), Error> {
        const OPERATION: &str = "Empty bucket";
        let path = at(OPERATION, name, "/empty")?;
        let call = self
            .project
            .storage(OPERATION, name.as_str(), Method::POST, &path)
            .idempotent(true);
        self.project.send(call).await.map(drop)
    }
}

fn at(operation: &'static str, name: &BucketName, rest: &str) -> Result<String, Error> {
    let path = bucket_path(name).ok_or_else(|| {
        Error::refused(
            operation,
            name.as_str(),
            "a bucket called . or .. cannot be reached through a web address",
        )
    })?;
    Ok(format!("bucket/{path}{rest}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use axum::response::IntoResponse as _;

    use super::super::testing::{json, no_bucket, project, storage_error};
    use super::*;

    fn new(name: &str) -> NewBucket {
        NewBucket {
            name: BucketName::parse(name).unwrap(),
            public: true,
            file_size_limit: Some(5_242_880),
            allowed_mime_types: Some(vec!["image/png".into()]),
        }
    }

    #[tokio::test]
    async fn ensuring_looks_first_and_makes_only_what_is_missing() {
        let (there, seen) = project(|_| json(200, serde_json::json!({"id": "b", "name": "b", "public": false}))).await;
        assert!(matches!(
            there.buckets().ensure(&new("b")).await.unwrap(),
            Ensured::Existed(_)
        ));
        assert_eq!(seen.lock().unwrap().len(), 1);

        let made = AtomicBool::new(false);
        let (missing, seen) = project(move |request| {
            if request.method == Method::POST {
                made.store(true, Ordering::SeqCst);
                return json(200, serde_json::json!({"name": "b"}));
            }
            if made.load(Ordering::SeqCst) {
                json(200, serde_json::json!({"id": "b", "name": "b"}))
            } else {
                no_bucket()
            }
        })
        .await;
        assert!(matches!(
            missing.buckets().ensure(&new("b")).await.unwrap(),
            Ensured::Created(_)
        ));
        let seen = seen.lock().unwrap();
        let lines: Vec<_> = seen.iter().map(super::super::testing::Seen::line).collect();
        assert_eq!(
            lines,
            [
                "GET /storage/v1/bucket/b",
                "POST /storage/v1/bucket",
                "GET /storage/v1/bucket/b"
            ]
        );
        assert_eq!(seen[1].json()["public"], true);
    }

    #[tokio::test]
    async fn ensuring_takes_a_race_for_success_and_reports_the_rest() {
        let raced = AtomicBool::new(false);
        let (project_raced, _) = project(move |request| {
            if request.method == Method::POST {
                raced.store(true, Ordering::SeqCst);
                return storage_error("409", "BucketAlreadyExists", "The resource already exists");
            }
            if raced.load(Ordering::SeqCst) {
                json(200, serde_json::json!({"id": "b", "name": "b"}))
            } else {
                no_bucket()
            }
        })
        .await;
        assert!(matches!(
            project_raced.buckets().ensure(&new("b")).await.unwrap(),
            Ensured::Existed(_)
        ));

        let (forbidden, _) = project(|request| {
            if request.method == Method::POST {
                storage_error("403", "AccessDenied", "new row violates row-level security policy")
            } else {
                no_bucket()
            }
        })
        .await;
        assert_eq!(
            forbidden.buckets().ensure(&new("b")).await.unwrap_err().class,
            Class::Forbidden
        );

        let (down, _) = project(|_| (::http::StatusCode::BAD_GATEWAY, "<html>").into_response()).await;
        assert_eq!(down.buckets().ensure(&new("b")).await.unwrap_err().class, Class::Busy);
    }

    #[tokio::test]
    async fn does_not_make_buckets_that_cannot_be_used() {
        let (project, seen) = project(|_| json(200, serde_json::json!({}))).await;
        for name in ["list", "list-v2", "sign", ".."] {
            assert_eq!(
                project.buckets().create(&new(name)).await.unwrap_err().class,
                Class::Invalid,
                "{name}"
            );
        }
        let all = NewBucket {
            allowed_mime_types: Some(vec!["*/*".into()]),
            ..new("b")
        };
        assert_eq!(project.buckets().create(&all).await.unwrap_err().class, Class::Invalid);
        assert_eq!(
            project
                .buckets()
                .update(&new("b").name, &BucketUpdate::default())
                .await
                .unwrap_err()
                .class,
            Class::Invalid
        );
        assert!(seen.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_change_leaves_alone_what_it_does_not_name() {
        let (project, seen) = project(|_| json(200, serde_json::json!({"message": "Successfully updated"}))).await;
        let update = BucketUpdate {
            file_size_limit: Some(None),
            ..BucketUpdate::default()
        };
        project
            .buckets()
            .update(&BucketName::parse("my bucket").unwrap(), &update)
            .await
            .unwrap();
        let request = seen.lock().unwrap().remove(0);
        assert_eq!(request.line(), "PUT /storage/v1/bucket/my%20bucket");
        assert_eq!(request.json(), serde_json::json!({"file_size_limit": null}));
    }

    #[tokio::test]
    async fn lists_all_pages_and_is_not_fooled_by_servers_without_pages() {
        let bucket = |n: usize| serde_json::json!({"id": format!("b{n:05}"), "name": format!("b{n:05}")});
        let (paged, seen) = project(move |request| {
            let offset: usize = request
                .path
                .split("offset=")
                .nth(1)
                .unwrap()
                .split('&')
                .next()
                .unwrap()
                .parse()
                .unwrap();
            json(200, (offset..(offset + 1_000).min(1_500)).map(bucket).collect())
        })
        .await;
        assert_eq!(paged.buckets().list().await.unwrap().len(), 1_500);
        assert_eq!(seen.lock().unwrap().len(), 2);
        let (old, seen) = project(move |_| json(200, (0..1_500).map(bucket).collect())).await;
        assert_eq!(old.buckets().list().await.unwrap().len(), 1_500);
        assert_eq!(seen.lock().unwrap().len(), 2);
    }
}
