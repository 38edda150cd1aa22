//! Taking stored copies out of the project's CDN, for readers who would see an old picture. Only the service key may; a
//! browser's own cache is out of reach, which is why a replaced picture gets a new URL besides.
//!
//! `DELETE /cdn[/:bucket[/*key]][?transformations=true]` (supabase/storage, `src/http/routes/cdn/purgeCache.ts`).

use ::http::Method;

use super::path::{bucket_path, object_path};
use super::{BucketName, Error, ObjectKey, Supabase};

/// The project's CDN.
#[derive(Clone, Debug)]
pub struct Cdn {
    project: Supabase,
}

/// Which copies are taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purge {
    /// Those of the objects as they are stored, and what was rendered of them.
    #[default]
    Everything,
    /// Only what was rendered of them.
    Rendered,
}

impl Supabase {
    /// The project's CDN.
    #[must_use]
    pub fn cdn(&self) -> Cdn {
        Cdn { project: self.clone() }
    }
}

impl Cdn {
    const OPERATION: &str = "Purge cache";

    /// Takes out the copies of every object of the project. It takes up to a minute.
    ///
    /// # Errors
    /// [`Class::Forbidden`](super::Class::Forbidden) without the service key, [`Class::Unsupported`](super::Class::Unsupported)
    /// where the plan has no CDN, code `MissingParameter` where the server has none.
    pub async fn purge_all(&self, what: Purge) -> Result<(), Error> {
        self.purge("all buckets", "cdn".to_owned(), what).await
    }

    /// Takes out the copies of every object of a bucket.
    ///
    /// # Errors
    /// As [`Cdn::purge_all`].
    pub async fn purge_bucket(&self, bucket: &BucketName, what: Purge) -> Result<(), Error> {
        let path = bucket_path(bucket).ok_or_else(|| unreachable_name(bucket.as_str()))?;
        self.purge(bucket.as_str(), format!("cdn/{path}"), what).await
    }

    /// Takes out the copies of one object.
    ///
    /// # Errors
    /// As [`Cdn::purge_all`].
    pub async fn purge_object(&self, bucket: &BucketName, key: &ObjectKey, what: Purge) -> Result<(), Error> {
        let target = format!("{bucket}/{key}");
        let path = object_path(bucket, key).ok_or_else(|| unreachable_name(&target))?;
        self.purge(&target, format!("cdn/{path}"), what).await
    }

    async fn purge(&self, target: &str, mut path: String, what: Purge) -> Result<(), Error> {
        if what == Purge::Rendered {
            path.push_str("?transformations=true");
        }
        let call = self.project.storage(Self::OPERATION, target, Method::DELETE, &path);
        self.project.send(call).await.map(drop)
    }
}

fn unreachable_name(target: &str) -> Error {
    let why = "a name with . or .. between its slashes cannot be reached through a web address";
    Error::refused(Cdn::OPERATION, target, why)
}

#[cfg(test)]
mod tests {
    use serde_json::json as value;

    use super::super::Class;
    use super::super::testing::{bucket, json, key, lines, project, storage_error};
    use super::*;

    #[tokio::test]
    async fn purges_all_a_bucket_an_object_or_what_was_rendered_of_it() {
        let (project, seen) = project(|_| json(200, value!({"message": "success"}))).await;
        let cdn = project.cdn();
        cdn.purge_all(Purge::Everything).await.unwrap();
        cdn.purge_bucket(&bucket("my bucket"), Purge::Everything).await.unwrap();
        cdn.purge_object(&bucket("b"), &key("d/a+b"), Purge::Rendered)
            .await
            .unwrap();
        assert_eq!(
            lines(&seen),
            [
                "DELETE /storage/v1/cdn",
                "DELETE /storage/v1/cdn/my%20bucket",
                "DELETE /storage/v1/cdn/b/d/a%2Bb?transformations=true"
            ]
        );
        let error = cdn
            .purge_object(&bucket("b"), &key(".."), Purge::Everything)
            .await
            .unwrap_err();
        assert_eq!(error.class, Class::Invalid);
    }

    #[tokio::test]
    async fn a_server_without_a_cdn_is_told_apart_from_a_key_that_may_not() {
        let (none, _) = project(|_| {
            storage_error(
                "400",
                "MissingParameter",
                "Missing Required Parameter CDN_PURGE_ENDPOINT_URL is not set",
            )
        })
        .await;
        let error = none.cdn().purge_all(Purge::Everything).await.unwrap_err();
        assert_eq!(error.hint(), "This server has no CDN to purge.");
        let (forbidden, _) = project(|_| {
            json(
                403,
                value!({"statusCode": "403", "error": "Unauthorized", "message": "Access denied: Invalid role", "code": "AccessDenied"}),
            )
        })
        .await;
        let error = forbidden.cdn().purge_all(Purge::Everything).await.unwrap_err();
        assert_eq!(error.class, Class::Forbidden);
        assert!(error.hint().contains("service key"), "{}", error.hint());
    }
}
