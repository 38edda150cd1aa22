//! The folders of one folder, for choosing one.

use super::{Problem, Service};
use crate::supabase::{BucketName, ListSort, Supabase};

/// Folders told at most: more than anybody would choose from by eye. What is typed need not be among them.
const MOST: usize = 2_000;
/// Pages read at most: a folder may have a million objects and no folder in it.
const PAGES: usize = 20;

impl Service {
    /// The folders in a folder of a bucket, as prefixes that end in `/`, in the order of their names; the first 2,000.
    ///
    /// # Errors
    /// If the bucket is not there or cannot be read.
    pub async fn folders(&self, bucket: &BucketName, folder: &str) -> Result<Vec<String>, Problem> {
        folders_in(&self.inner.supabase, bucket, folder).await
    }
}

/// The folders in a folder of a project's bucket.
pub(super) async fn folders_in(project: &Supabase, bucket: &BucketName, folder: &str) -> Result<Vec<String>, Problem> {
    let mut browse = project.bucket(bucket).browse(folder, ListSort::Name, false);
    let mut folders = Vec::new();
    for _ in 0..PAGES {
        let Some(page) = browse.next().await? else { break };
        folders.extend(page.folders);
        if folders.len() >= MOST {
            break;
        }
    }
    folders.sort();
    folders.truncate(MOST);
    Ok(folders)
}
