//! Buckets and objects for both faces.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::files::{Existing, LocalFile, write_whole};
use super::{AdminAction, Ending, JobId, Problem, Service, Subject};
use crate::media;
use crate::supabase::{Bucket, BucketName, Download, Entry, NewBucket, ObjectInfo, ObjectKey, Upload, url};

/// What an upload left behind.
#[derive(Clone, Debug, Serialize)]
pub struct Put {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// By its content.
    pub content_type: String,
    /// Bytes stored.
    pub size: u64,
    /// As the server gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Its public URL, if the bucket is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
}

impl Service {
    /// All buckets that this key may see.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn buckets(&self) -> Result<Vec<Bucket>, Problem> {
        Ok(self.inner.supabase.buckets().list().await?)
    }

    /// Makes a bucket.
    ///
    /// # Errors
    /// If its name is taken or refused.
    pub async fn create_bucket(&self, bucket: &NewBucket) -> Result<(), Problem> {
        self.admin().permit(AdminAction::CreateBucket)?;
        self.inner.supabase.buckets().create(bucket).await?;
        self.changed(Subject::Bucket(bucket.name.clone()));
        Ok(())
    }

    /// All objects of a bucket whose key begins with `prefix`.
    ///
    /// # Errors
    /// If the bucket is not there or cannot be read.
    pub async fn objects(&self, bucket: &BucketName, prefix: &str) -> Result<Vec<Entry>, Problem> {
        // A bucket that does not exist lists as empty: the server says 200 and nothing.
        self.inner.supabase.buckets().get(bucket).await?;
        Ok(self.inner.supabase.bucket(bucket).list_all(prefix).await?)
    }

    /// What the server knows about an object.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    pub async fn object_info(&self, bucket: &BucketName, key: &ObjectKey) -> Result<ObjectInfo, Problem> {
        Ok(self.inner.supabase.bucket(bucket).info(key).await?)
    }

    /// An object's bytes.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    pub async fn download(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Download, Problem> {
        Ok(self.inner.supabase.bucket(bucket).download(key).await?)
    }

    /// Writes an object to a file that the user named, in the place of whatever is there. Answers its size in bytes.
    ///
    /// # Errors
    /// If it cannot be read, or the file cannot be written.
    pub async fn save_object(&self, bucket: &BucketName, key: &ObjectKey, path: &Path) -> Result<u64, Problem> {
        let object = self.download(bucket, key).await?;
        let (path, size) = (path.to_owned(), object.bytes.len() as u64);
        tokio::task::spawn_blocking(move || write_whole(&path, &object.bytes, Existing::Replaced))
            .await
            .map_err(|_| Problem::stopped())??;
        Ok(size)
    }

    /// Uploads a file, with its type by content, and reads back that it is stored.
    ///
    /// # Errors
    /// If the bucket refuses its type or size (nothing is sent then), or the upload fails.
    pub async fn put_object(
        &self,
        file: &LocalFile,
        bucket: &BucketName,
        key: &ObjectKey,
        upsert: bool,
    ) -> Result<Put, Problem> {
        if upsert {
            self.admin().permit(AdminAction::Overwrite)?;
        }
        let facts = self.inner.supabase.buckets().get(bucket).await?;
        let (name, bytes) = (file.name(), file.bytes.clone());
        let (limit, allowed) = (facts.file_size_limit, facts.allowed_mime_types.clone());
        let content_type =
            tokio::task::spawn_blocking(move || media::check_object(&name, &bytes, limit, allowed.as_deref()))
                .await
                .map_err(|_| Problem::stopped())??;
        let objects = self.inner.supabase.bucket(bucket);
        let upload = Upload {
            upsert,
            ..Upload::new(content_type.clone())
        };
        objects.upload(key, file.bytes.clone(), &upload).await?;
        let info = objects.info(key).await?;
        self.changed(Subject::Bucket(bucket.clone()));
        Ok(Put {
            bucket: bucket.to_string(),
            key: key.to_string(),
            content_type,
            size: info.size.unwrap_or(file.bytes.len() as u64),
            etag: info.etag,
            public_url: facts
                .public
                .then(|| url::public_url(self.inner.supabase.url(), bucket, key)),
        })
    }

    /// Deletes objects and compares the answer with what was asked: the server leaves out what it did not delete.
    ///
    /// # Errors
    /// If the project cannot be reached, or if some were not deleted.
    pub async fn remove(&self, bucket: &BucketName, keys: &[ObjectKey]) -> Result<usize, Problem> {
        self.admin().permit(AdminAction::DeleteObjects)?;
        let removal = self.inner.supabase.bucket(bucket).remove(keys).await?;
        self.changed(Subject::Bucket(bucket.clone()));
        if let Some(failure) = removal.failed {
            let mut problem = Problem::from(failure.error);
            problem.what = format!(
                "{} of {} objects were deleted, then: {}",
                removal.removed.len(),
                keys.len(),
                problem.what
            );
            return Err(problem);
        }
        match removal.missing.len() {
            0 => Ok(removal.removed.len()),
            left => Err(Problem::new(
                format!("{left} of {} objects were not deleted.", keys.len()),
                "They were gone already, or this key may not delete them. List the bucket to see what is there now.",
            )),
        }
    }

    /// Starts uploading a file of this machine.
    pub fn start_put(&self, path: PathBuf, bucket: BucketName, key: ObjectKey) -> JobId {
        let service = self.clone();
        let target = format!("{bucket}/{key}");
        self.jobs().start(
            "Upload",
            target.clone(),
            Subject::Bucket(bucket.clone()),
            move |context| {
                let (service, path, bucket, key, target) = (
                    service.clone(),
                    path.clone(),
                    bucket.clone(),
                    key.clone(),
                    target.clone(),
                );
                async move {
                    context.report(0, Some(1), "Reading the file");
                    let file = LocalFile::read(&path).await?;
                    context.report(
                        0,
                        Some(1),
                        format!("Uploading {}", media::format_bytes(file.bytes.len() as u64)),
                    );
                    let put = tokio::select! {
                        put = service.put_object(&file, &bucket, &key, false) => put?,
                        () = context.cancel().cancelled() => return Ok(Ending::Cancelled),
                    };
                    context.report(1, Some(1), "");
                    Ok(Ending::Done(format!(
                        "{target} is stored, {}",
                        media::format_bytes(put.size)
                    )))
                }
            },
        )
    }

    /// Starts deleting objects.
    pub fn start_remove(&self, bucket: BucketName, keys: Vec<ObjectKey>) -> JobId {
        let service = self.clone();
        let target = match keys.as_slice() {
            [key] => format!("{bucket}/{key}"),
            keys => format!("{} objects of {bucket}", keys.len()),
        };
        self.jobs()
            .start("Delete", target, Subject::Bucket(bucket.clone()), move |context| {
                let (service, bucket, keys) = (service.clone(), bucket.clone(), keys.clone());
                async move {
                    context.report(0, Some(keys.len()), "Deleting");
                    let gone = service.remove(&bucket, &keys).await?;
                    context.report(gone, Some(keys.len()), "");
                    Ok(Ending::Done(format!("{gone} deleted from {bucket}")))
                }
            })
    }
}
