//! Removing objects, and checking that they are gone: the server leaves out without a word what it did not delete.

use std::collections::HashSet;

use ::http::Method;
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::json;

use super::{Class, Error, ObjectKey, Objects};

/// What became of objects that were to be removed.
#[derive(Debug, Default)]
pub struct Removal {
    /// The server said that it deleted these, or it had to be asked again, because an answer was lost, and they are gone.
    pub removed: Vec<ObjectKey>,
    /// The server said nothing of these. They were not there, or a policy hides them from this key.
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
    /// Objects looked at at once.
    const LOOKS: usize = 8;

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
            // An attempt whose answer was lost has removed it.
            Err(error) if error.class == Class::NotFound => Ok(error.attempts > 1),
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
        let answer = self.project.send(call).await?;
        let rows: Vec<Row> = answer.json()?;
        if rows.is_empty() {
            // The same answer as for a bucket that does not exist.
            self.project.buckets().get(&self.bucket).await?;
        }
        let mut deleted: HashSet<String> = rows.into_iter().map(|row| row.name).collect();
        // The last attempt says nothing of what one before it deleted.
        if answer.reply.attempts > 1 {
            let mut unsaid: Vec<ObjectKey> = keys.iter().map(|key| (*key).clone()).collect();
            unsaid.retain(|key| !deleted.contains(key.as_str()));
            deleted.extend(self.gone(unsaid).await);
        }
        Ok(deleted)
    }

    /// Those of the keys at which there is nothing any more, as far as could be found out.
    async fn gone(&self, keys: Vec<ObjectKey>) -> Vec<String> {
        let looks = keys.into_iter().map(|key| {
            let objects = self.clone();
            async move {
                let found = objects.info(&key).await;
                (key, found)
            }
        });
        let mut looks = stream::iter(looks).buffer_unordered(Self::LOOKS);
        let mut gone = Vec::new();
        while let Some((key, found)) = looks.next().await {
            match found {
                Ok(_) => {}
                Err(error) if error.class == Class::NotFound => gone.push(key.to_string()),
                // The others would fail in the same way.
                Err(_) => break,
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::super::testing::{bucket, cut_off, json, key, lines, no_bucket, project, storage_error};
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
    async fn what_an_unanswered_attempt_deleted_is_deleted() {
        let done = AtomicBool::new(false);
        let (project, _) = project(move |request| {
            let there = |key: &str| key.ends_with("kept") || !done.load(Ordering::SeqCst);
            match request.method {
                // Deletes all but one, and the first answer is lost.
                Method::DELETE if !done.swap(true, Ordering::SeqCst) => cut_off(),
                Method::DELETE if request.path.contains("/object/b/") => {
                    storage_error("404", "NoSuchKey", "Object not found")
                }
                Method::DELETE => json(200, json!([])),
                _ if request.path.contains("/bucket/") => json(200, json!({"id": "b", "name": "b"})),
                _ if there(&request.path) => json(200, json!({"name": "kept"})),
                _ => storage_error("404", "NoSuchKey", "Object not found"),
            }
        })
        .await;
        let objects = project.bucket(&bucket("b"));
        let removal = objects.remove(&[key("a"), key("kept"), key("c")]).await.unwrap();
        assert_eq!(
            (removal.removed, removal.missing),
            (vec![key("a"), key("c")], vec![key("kept")])
        );
    }

    #[tokio::test]
    async fn one_object_or_bucket_that_an_unanswered_attempt_deleted_is_deleted() {
        let done = AtomicBool::new(false);
        let (project, _) = project(move |request| {
            if !done.swap(true, Ordering::SeqCst) {
                return cut_off();
            }
            done.store(false, Ordering::SeqCst);
            if request.path.contains("/bucket/") {
                return no_bucket();
            }
            storage_error("404", "NoSuchKey", "Object not found")
        })
        .await;
        assert!(project.bucket(&bucket("b")).remove_one(&key("a")).await.unwrap());
        project.buckets().delete(&bucket("b")).await.unwrap();
    }

    #[tokio::test]
    async fn a_removal_that_is_never_answered_is_not_said_to_have_changed_nothing() {
        let (project, _) = project(|_| cut_off()).await;
        let objects = project.bucket(&bucket("b"));
        for error in [
            objects.remove(&[key("a")]).await.unwrap_err(),
            objects.remove_one(&key("a")).await.unwrap_err(),
        ] {
            assert_eq!(
                (error.class, error.attempts, error.retry_may_help),
                (Class::Ambiguous, 4, true)
            );
        }
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
