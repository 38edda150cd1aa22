//! Resumable uploads: the steps of TUS 1.0 as storage takes them, one request each. [`ResumableUpload`] makes them in the
//! right order and goes on after any break.
//!
//! supabase/storage, `src/http/routes/tus/`, @tus/server 2.4; tus.io/protocols/resumable-upload. Unlike the rest of storage
//! this API has true statuses and errors in plain text. The address that it gives for an upload may be one that this
//! machine cannot reach (a proxy's inner name, https where there is none), so only its last part is kept.

mod driver;
mod metadata;
mod source;
mod state;

use std::fmt;

use ::http::Method;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::client::Answer;
use super::{Class, Error, ObjectKey, Objects, Upload, UploadPass, fault};
use crate::http::{Body, Call, Reply, Retry, Secret};

pub use driver::{Ended, ResumableUpload, Step};
pub use metadata::UploadMetadata;
pub use source::{FileSource, PieceSource, Seekable, sha256};
pub use state::{NotTheSame, UploadState};

/// The steps of resumable uploads into one bucket.
#[derive(Clone, Debug)]
pub struct Resumable {
    objects: Objects,
    pass: Option<Secret>,
}

/// An upload that the server keeps: the last part of its address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UploadId(String);

/// A text that is no upload's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an upload's id is 1 to 4,096 letters, digits and - _ = . ~")]
pub struct NotAnUpload;

impl UploadId {
    /// Reads an id.
    ///
    /// # Errors
    /// If it has characters that would make another address of it.
    pub fn parse(text: &str) -> Result<Self, NotAnUpload> {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=' | '.' | '~');
        let dots = text.chars().all(|c| c == '.');
        if text.is_empty() || text.len() > 4_096 || dots || !text.chars().all(good) {
            return Err(NotAnUpload);
        }
        Ok(Self(text.to_owned()))
    }

    /// The last part of an upload's address, however its beginning looks.
    fn from_location(location: &str) -> Option<Self> {
        let path = location.split(['?', '#']).next()?.trim_end_matches('/');
        Self::parse(path.rsplit('/').next()?).ok()
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for UploadId {
    type Error = NotAnUpload;

    fn try_from(text: String) -> Result<Self, NotAnUpload> {
        Self::parse(&text)
    }
}

impl From<UploadId> for String {
    fn from(id: UploadId) -> Self {
        id.0
    }
}

/// What the server can do (`OPTIONS`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumableServer {
    /// Versions of the protocol, the preferred one first.
    pub versions: Vec<String>,
    /// `creation`, `termination` and so on.
    pub extensions: Vec<String>,
    /// Bytes of an object at most, whatever its bucket allows.
    pub most: Option<u64>,
}

/// An upload that was just created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// What names it from now on.
    pub id: UploadId,
    /// Bytes that the server has of it.
    pub offset: u64,
    /// Whether the object is stored already.
    pub complete: bool,
    /// When the server forgets it, if it says so.
    pub ends: Option<Timestamp>,
}

/// How far an upload is after more bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Bytes that the server has of it.
    pub offset: u64,
    /// Whether the object is stored now.
    pub complete: bool,
    /// When the server forgets it, if it says so.
    pub ends: Option<Timestamp>,
}

/// How far an upload is (`HEAD`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Bytes that the server has of it.
    pub offset: u64,
    /// Bytes that it will have; None if that was not said yet.
    pub length: Option<u64>,
    /// What it was created with.
    pub metadata: UploadMetadata,
    /// When the server forgets it, if it says so.
    pub ends: Option<Timestamp>,
}

impl Objects {
    /// The steps of resumable uploads into this bucket, with the project's key.
    #[must_use]
    pub fn resumable(&self) -> Resumable {
        Resumable {
            objects: self.clone(),
            pass: None,
        }
    }

    /// The same without a key, by a permission for one object.
    #[must_use]
    pub fn resumable_by(&self, pass: &UploadPass) -> Resumable {
        Resumable {
            objects: self.clone(),
            pass: Some(pass.token().clone()),
        }
    }
}

impl Resumable {
    const OPERATION: &str = "Upload object";
    const CHUNK_TYPE: &str = "application/offset+octet-stream";

    /// What the server can do.
    ///
    /// # Errors
    /// [`Class::NotFound`] where there are no resumable uploads.
    pub async fn server(&self) -> Result<ResumableServer, Error> {
        let answer = self
            .send(self.step("Ask about uploads", None, Method::OPTIONS, None))
            .await?;
        let list = |name| {
            let text = answer.reply.header(name).unwrap_or_default();
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Ok(ResumableServer {
            versions: list("tus-version"),
            extensions: list("tus-extension"),
            most: number(&answer.reply, "tus-max-size"),
        })
    }

    /// Begins an upload of `length` bytes, or of a length that is said with the last of them. `data` is sent along; an
    /// upload that has all its bytes is stored at once.
    ///
    /// # Errors
    /// What storing would be refused for is refused here: key, type, size, policy, and a key that is taken.
    pub async fn create(
        &self,
        key: &ObjectKey,
        length: Option<u64>,
        how: &Upload,
        data: Option<Bytes>,
    ) -> Result<Created, Error> {
        // Refuses keys that nobody could read by an address.
        self.objects.at(Self::OPERATION, "object", key)?;
        let metadata = UploadMetadata::new(self.objects.bucket(), key, how)
            .map_err(|error| Error::refused(Self::OPERATION, self.objects.target(key), error.to_string()))?;
        let mut call = self
            .step(Self::OPERATION, Some(key), Method::POST, None)
            .header("upload-metadata", &metadata.encode())
            // Without bytes nothing is stored: an upload that is begun twice is forgotten once. With some of them each
            // repetition would send them anew, and nobody would know how far the last one came.
            .idempotent(data.is_none())
            .changes(data.is_some() || length == Some(0));
        call = match length {
            Some(length) => call.header("upload-length", &length.to_string()),
            None => call.header("upload-defer-length", "1"),
        };
        call = self.upsert(call, how.upsert);
        if let Some(data) = data {
            call = call.body(chunk(data));
        }
        let answer = self.send(call).await?;
        let id = answer
            .reply
            .header("location")
            .and_then(UploadId::from_location)
            .ok_or_else(|| answer.unreadable("it does not say where the upload is"))?;
        Ok(Created {
            id,
            offset: number(&answer.reply, "upload-offset").unwrap_or_default(),
            complete: complete(&answer.reply),
            ends: ends(&answer.reply),
        })
    }

    /// Sends bytes that belong at `offset`. `length` says how long the whole is, for an upload that began without.
    ///
    /// # Errors
    /// [`Class::Busy`] if the server has another number of bytes than `offset` (ask [`Resumable::place`]), or if another
    /// request is at the same upload; [`Class::NotFound`] if it has forgotten the upload; [`Class::Exists`] if the key was
    /// taken meanwhile; [`Class::Ambiguous`] if the answer was lost.
    pub async fn append(
        &self,
        id: &UploadId,
        key: &ObjectKey,
        offset: u64,
        bytes: Bytes,
        upsert: bool,
        length: Option<u64>,
    ) -> Result<Appended, Error> {
        let mut call = self
            .step(Self::OPERATION, Some(key), Method::PATCH, Some(id))
            .header("upload-offset", &offset.to_string())
            .body(chunk(bytes));
        if let Some(length) = length {
            call = call.header("upload-length", &length.to_string());
        }
        let answer = self.send(self.upsert(call, upsert)).await?;
        let offset = number(&answer.reply, "upload-offset")
            .ok_or_else(|| answer.unreadable("it does not say how many bytes have arrived"))?;
        Ok(Appended {
            offset,
            complete: complete(&answer.reply),
            ends: ends(&answer.reply),
        })
    }

    /// How many bytes the server has.
    ///
    /// # Errors
    /// [`Class::NotFound`] if it has forgotten the upload. It says no reason with any refusal.
    pub async fn place(&self, id: &UploadId, key: &ObjectKey) -> Result<Place, Error> {
        let answer = self
            .send(self.step("Look at upload", Some(key), Method::HEAD, Some(id)))
            .await?;
        let offset = number(&answer.reply, "upload-offset")
            .ok_or_else(|| answer.unreadable("it does not say how many bytes have arrived"))?;
        let metadata = answer.reply.header("upload-metadata").unwrap_or_default();
        Ok(Place {
            offset,
            length: number(&answer.reply, "upload-length"),
            metadata: UploadMetadata::parse(metadata),
            ends: ends(&answer.reply),
        })
    }

    /// Ends an upload: what has arrived of it is thrown away. One that is gone already is no error.
    ///
    /// # Errors
    /// As [`Class`] says.
    pub async fn terminate(&self, id: &UploadId, key: &ObjectKey, upsert: bool) -> Result<(), Error> {
        let call = self.step("Discard upload", Some(key), Method::DELETE, Some(id));
        match self.send(self.upsert(call, upsert)).await {
            Ok(_) => Ok(()),
            Err(error) if error.class == Class::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The bucket's objects.
    fn objects(&self) -> &Objects {
        &self.objects
    }

    fn step(&self, operation: &'static str, key: Option<&ObjectKey>, method: Method, id: Option<&UploadId>) -> Call {
        let root = if self.pass.is_some() {
            "upload/resumable/sign"
        } else {
            "upload/resumable"
        };
        let path = match id {
            Some(id) => format!("{root}/{id}"),
            None => root.to_owned(),
        };
        let target = match key {
            Some(key) => self.objects.target(key),
            None => self.objects.bucket().to_string(),
        };
        let call = self
            .objects
            .project()
            .storage(operation, target, method, &path)
            .header("tus-resumable", "1.0.0")
            .classify(retry);
        match &self.pass {
            Some(token) => call.secret_header("x-signature", "", token),
            None => call,
        }
    }

    /// The server asks anew at each step; by a permission, that decides.
    fn upsert(&self, call: Call, upsert: bool) -> Call {
        if self.pass.is_some() {
            return call;
        }
        call.header("x-upsert", if upsert { "true" } else { "false" })
    }

    async fn send(&self, call: Call) -> Result<Answer, Error> {
        match self.pass {
            Some(_) => self.objects.project().send_open(call).await,
            None => self.objects.project().send(call).await,
        }
    }
}

/// Bytes of a step.
fn chunk(bytes: Bytes) -> Body {
    Body::Bytes {
        bytes,
        content_type: Resumable::CHUNK_TYPE.to_owned(),
    }
}

/// A locked upload is not asked for again blindly: the lock may be that of our own step, whose bytes then count. The
/// driver waits and looks.
fn retry(reply: &Reply) -> Retry {
    match reply.status.as_u16() {
        423 | 503 => Retry::Never,
        _ => fault::retry(reply),
    }
}

fn number(reply: &Reply, header: &str) -> Option<u64> {
    reply.header(header)?.trim().parse().ok()
}

fn complete(reply: &Reply) -> bool {
    reply.header("tus-complete").is_some_and(|value| value.trim() == "1")
}

fn ends(reply: &Reply) -> Option<Timestamp> {
    let date = reply.header("upload-expires")?;
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()
}

#[cfg(test)]
mod tests;
