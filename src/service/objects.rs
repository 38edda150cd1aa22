//! Objects for both faces: looked at, read, and the folders that they seem to be in.

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::{Ending, Problem, Service, Subject};
use crate::supabase::{BucketName, Class, Download, Entry, ObjectInfo, ObjectKey, ObjectStream, Upload, url};
use crate::transfer::plan::{KeySource, Planning};

/// What makes a folder be there although nothing is in it, as Supabase's own dashboard names it. A bucket takes it whatever
/// types it takes, as long as it has no bytes.
pub const FOLDER_PLACEHOLDER: &str = ".emptyFolderPlaceholder";

impl Service {
    /// All objects of a bucket whose key begins with `prefix`.
    ///
    /// # Errors
    /// If the bucket is not there or cannot be read.
    pub async fn objects(&self, bucket: &BucketName, prefix: &str) -> Result<Vec<Entry>, Problem> {
        // A bucket that does not exist lists as empty: the server says 200 and nothing.
        self.inner.supabase.buckets().get(bucket).await?;
        Ok(self.inner.supabase.bucket(bucket).list_all(prefix).await?)
    }

    /// The keys of the objects that keys, folders and patterns name, each once.
    ///
    /// # Errors
    /// If nothing was found of something that was named, the bucket is not there, or it was stopped.
    pub async fn find_objects(
        &self,
        bucket: &BucketName,
        sources: &[KeySource],
        observe: &(dyn Fn(Planning) + Send + Sync),
        stop: &CancellationToken,
    ) -> Result<Vec<ObjectKey>, Problem> {
        let found = self.planner(observe, stop).find_objects(bucket, sources).await?;
        Ok(found.into_iter().map(|object| object.key).collect())
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

    /// Makes a folder, so that it is there before anything is in it. There are none on the server: it is an object without
    /// bytes whose name says what it is for. The key of that object.
    ///
    /// # Errors
    /// If something is in that folder already, its name is no beginning of a key, or the bucket may not be written.
    pub async fn new_folder(&self, bucket: &BucketName, folder: &str) -> Result<ObjectKey, Problem> {
        let folder = folder.trim_matches('/');
        if folder.is_empty() || folder.split('/').any(|part| matches!(part, "" | "." | "..")) {
            let advice = "Give it a name of letters, digits and - _ . and put / between a folder and one in it.";
            return Err(Problem::new("This is no name that a folder can have.", advice).beside("name"));
        }
        let key = ObjectKey::parse(&format!("{folder}/{FOLDER_PLACEHOLDER}")).map_err(Problem::from)?;
        let objects = self.inner.supabase.bucket(bucket);
        let taken = || {
            let what = format!("There is a folder “{folder}” in {bucket} already. Nothing was changed.");
            Problem::new(what, "Choose another name, or open that folder.").beside("name")
        };
        // A bucket that does not exist lists as empty; the upload says so.
        let within = objects.list(&format!("{folder}/")).next().await?;
        if within.is_some_and(|page| !page.entries.is_empty()) {
            return Err(taken());
        }
        let how = Upload::new("application/octet-stream");
        match objects.upload(&key, Bytes::new(), &how).await {
            Ok(_) => {}
            Err(error) if error.class == Class::Exists => return Err(taken()),
            Err(error) => return Err(error.into()),
        }
        self.changed(Subject::Bucket(bucket.clone()));
        Ok(key)
    }

    /// Starts making a folder.
    pub fn start_new_folder(&self, bucket: BucketName, folder: String) -> super::JobId {
        let (service, subject) = (self.clone(), Subject::Bucket(bucket.clone()));
        let target = format!("{bucket}/{folder}");
        self.jobs().start("New folder", target, subject, move |_| {
            let (service, bucket, folder) = (service.clone(), bucket.clone(), folder.clone());
            async move {
                service.new_folder(&bucket, &folder).await?;
                Ok(Ending::Done(format!("{bucket}/{} is there", folder.trim_matches('/'))))
            }
        })
    }
}
