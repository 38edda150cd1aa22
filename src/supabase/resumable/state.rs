//! What is kept of an upload so that another run of the program can go on with it. No secrets: whoever goes on needs a key
//! of their own.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::{ObjectKey, Objects};
use super::UploadId;

/// An upload under way, as it is written to disk.
///
/// The fingerprint of what is uploaded is all of project, bucket, key, upsert, length and content hash: with less, bytes
/// of one file have ended up in another (github.com/transloadit/uppy/issues/5019).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadState {
    /// What names it to the server.
    pub upload: UploadId,
    /// The project's address.
    pub project: String,
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// Whether it replaces.
    pub upsert: bool,
    /// Bytes in all; None if that was not known at the beginning.
    pub length: Option<u64>,
    /// SHA-256 of the bytes, or a text that says which object they are of; None if there is neither, and then it cannot be continued by another run.
    pub sha256: Option<String>,
    /// The mark in the object's metadata.
    pub mark: String,
    /// When it began, by this machine's clock.
    pub began: Timestamp,
    /// When the server forgets it, if it said so.
    pub ends: Option<Timestamp>,
}

/// Why an upload cannot be continued: it is of something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTheSame {
    /// Another project, bucket or key, or it replaces where the other does not.
    #[error("the upload that was begun goes elsewhere")]
    Place,
    /// Other bytes, or bytes of which nobody knows whether they are the same.
    #[error("the file is not the one whose upload was begun")]
    Content,
}

impl UploadState {
    /// Whether this is the upload of these bytes to this place.
    pub(super) fn is_of(
        &self,
        objects: &Objects,
        key: &ObjectKey,
        upsert: bool,
        length: Option<u64>,
        sha256: Option<&str>,
    ) -> Result<(), NotTheSame> {
        let place = self.project == objects.project().url().as_str()
            && self.bucket == objects.bucket().as_str()
            && self.key == key.as_str()
            && self.upsert == upsert;
        if !place {
            return Err(NotTheSame::Place);
        }
        let content = sha256.is_some() && self.sha256.as_deref() == sha256 && self.length == length;
        if content { Ok(()) } else { Err(NotTheSame::Content) }
    }
}
