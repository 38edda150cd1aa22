//! Buckets and objects for both faces.

use super::{AdminAction, Problem, Service, Subject};
use crate::supabase::{Bucket, BucketName, Download, Entry, NewBucket, ObjectInfo, ObjectKey, ObjectStream, url};

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

    /// Begins to read an object of any size.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    pub async fn open_object(&self, bucket: &BucketName, key: &ObjectKey) -> Result<ObjectStream, Problem> {
        Ok(self.inner.supabase.bucket(bucket).open(key, None, None).await?)
    }

    /// The URL under which anybody can read an object; None if its bucket is not public.
    ///
    /// # Errors
    /// If the bucket is not there or cannot be read.
    pub async fn public_url(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Option<String>, Problem> {
        let facts = self.inner.supabase.buckets().get(bucket).await?;
        let url = || url::public_url(self.inner.supabase.url(), bucket, key);
        Ok(facts.public.then(url))
    }
}
