//! Removing objects, and checking that they are gone: the server leaves out without a word what it did not delete.

use std::collections::HashSet;

use ::http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Class, Error, ObjectKey, Objects};

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

    /// Removes one object. False if there was none, or if a policy hides it.
    ///
    /// # Errors
    /// As [`Class`] says; unlike [`Objects::remove`] it is told when a policy forbids it.
    pub async fn remove_one(&self, key: &ObjectKey) -> Result<bool, Error> {
        const OPERATION: &str = "Remove object";
        let path = self.at(OPERATION, "object", key)?;
        // Neither a body nor a type of one: storage refuses an empty body that says it is JSON.
        let call = self.project.storage(OPERATION, self.target(key), Method::DELETE, &path);
        match self.project.send(call).await {
            Ok(_) => Ok(true),
            Err(error) if error.class == Class::NotFound => Ok(false),
            Err(error) => Err(error),
        }
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
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bucket, json, key, lines, no_bucket, project, storage_error};
    use super::*;

    #[tokio::test]
    async fn one_object_is_removed_or_was_not_there() {
        let (project, seen) = project(|request| match request.path.as_str() {
            path if path.ends_with("gone") => storage_error("404", "NoSuchKey", "Object not found"),
            path if path.ends_with("kept") => storage_error("403", "AccessDenied", "no"),
            _ => json(200, json!({"message": "Successfully deleted"})),
        })
        .await;
        let objects = project.bucket(&bucket("b"));
        assert!(objects.remove_one(&key("d/a b")).await.unwrap());
        assert!(!objects.remove_one(&key("gone")).await.unwrap());
        assert_eq!(
            objects.remove_one(&key("kept")).await.unwrap_err().class,
            Class::Forbidden
        );
        assert_eq!(lines(&seen)[0], "DELETE /storage/v1/object/b/d/a%20b");
        let request = seen.lock().unwrap().remove(0);
        assert_eq!((request.header("content-type"), request.body.len()), (None, 0));
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
