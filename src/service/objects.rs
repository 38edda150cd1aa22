//! Buckets and objects for both faces.

use serde::Serialize;

use super::{AdminAction, Ending, JobId, Problem, Service, Subject};
use crate::supabase::{Bucket, BucketName, Download, Entry, NewBucket, ObjectInfo, ObjectKey};

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

    /// The bytes of an object that is small enough to be held in memory, as a picture is.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    pub async fn download(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Download, Problem> {
        Ok(self.inner.supabase.bucket(bucket).download(key).await?)
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
