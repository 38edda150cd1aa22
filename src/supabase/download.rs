//! Reading an object whole or in part into memory. What is too large for that is streamed: [`super::stream`].

use ::http::Method;
use bytes::Bytes;
use jiff::Timestamp;

use super::object::Access;
use super::range::facts;
use super::url::encode_segment;
use super::{ByteRange, Error, ObjectKey, Objects, Part};
use crate::http::Reply;

/// An object's bytes, all of them or the part that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// The bytes.
    pub bytes: Bytes,
    /// The type it was stored with; not what the bytes are. The server calls `text/html` `text/plain`.
    pub content_type: Option<String>,
    /// Changes with the bytes, quoted. An MD5 on some servers only.
    pub etag: Option<String>,
    /// As stored. Absent for signed URLs.
    pub cache_control: Option<String>,
    /// When the bytes last changed.
    pub last_modified: Option<Timestamp>,
    /// Which bytes these are, if a part was asked for.
    pub part: Option<Part>,
}

/// How an object is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// With a key or without.
    pub access: Access,
    /// Only these bytes.
    pub range: Option<ByteRange>,
    /// Only if the object is another than the one with this ETag (quoted, as the server gave it).
    pub unless: Option<String>,
    /// As a file to be saved: the answer names it so, under this name or, if that is empty, its own.
    pub save_as: Option<String>,
}

/// What came of a read with a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// The object is still the one whose ETag was given.
    Unchanged,
    /// Its bytes.
    Bytes(Download),
}

impl Objects {
    /// Reads an object whole; up to [`crate::http::Call::MOST`] bytes.
    ///
    /// # Errors
    /// [`Class::NotFound`](super::Class::NotFound) also if a policy hides it.
    pub async fn download(&self, key: &ObjectKey) -> Result<Download, Error> {
        match self.read(key, &Reading::default()).await? {
            Read::Bytes(download) => Ok(download),
            Read::Unchanged => Err(Error::refused(
                "Download object",
                self.target(key),
                "the server says that nothing changed, but was not asked",
            )),
        }
    }

    /// Reads a part of an object. A server or proxy that sends the whole instead is understood.
    ///
    /// # Errors
    /// Code `InvalidRange` if the object has no such bytes.
    pub async fn download_part(&self, key: &ObjectKey, range: ByteRange) -> Result<Download, Error> {
        let how = Reading {
            range: Some(range),
            ..Reading::default()
        };
        match self.read(key, &how).await? {
            Read::Bytes(download) => Ok(download),
            Read::Unchanged => Err(Error::refused(
                "Download object",
                self.target(key),
                "the server says that nothing changed, but was not asked",
            )),
        }
    }

    /// Reads an object under conditions.
    ///
    /// # Errors
    /// [`Class::NotFound`](super::Class::NotFound) also if a policy hides it;
    /// [`Class::Unexpected`](super::Class::Unexpected) if the server sends other bytes than were asked for.
    pub async fn read(&self, key: &ObjectKey, how: &Reading) -> Result<Read, Error> {
        const OPERATION: &str = "Download object";
        let mut path = self.at(OPERATION, &format!("object/{}", how.access.word()), key)?;
        if let Some(name) = &how.save_as {
            path.push_str("?download=");
            path.push_str(&encode_segment(name));
        }
        let mut call = self.project.storage(OPERATION, self.target(key), Method::GET, &path);
        if let Some(range) = how.range {
            call = call.header("range", &range.header());
        }
        if let Some(etag) = &how.unless {
            call = call.header("if-none-match", etag);
        }
        let answer = self.ask(call, how.access).await?;
        if answer.reply.status == ::http::StatusCode::NOT_MODIFIED {
            return Ok(Read::Unchanged);
        }
        download(&answer.reply, how.range)
            .map(Read::Bytes)
            .map_err(|why| answer.unreadable(why))
    }
}

/// The bytes of an answer. `range` is what was asked for.
pub(super) fn download(reply: &Reply, range: Option<ByteRange>) -> Result<Download, &'static str> {
    let facts = facts(&reply.headers);
    let partial = reply.status == ::http::StatusCode::PARTIAL_CONTENT;
    let length = reply.body.len() as u64;
    let (bytes, part) = match (range, partial) {
        (None, false) => (reply.body.clone(), None),
        (None, true) => return Err("it is a part of the object, but the whole was asked for"),
        (Some(range), true) => {
            let part = reply
                .header("content-range")
                .and_then(Part::parse)
                .ok_or("it does not say which part of the object it is")?;
            if !part.answers(range) || part.length() != length {
                return Err("it is another part of the object than was asked for");
            }
            (reply.body.clone(), Some(part))
        }
        (Some(range), false) => {
            let (first, last) = range
                .within(length)
                .ok_or("the object has none of the bytes that were asked for")?;
            let cut = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            let part = Part {
                first,
                last,
                total: Some(length),
            };
            (reply.body.slice(cut(first)..=cut(last)), Some(part))
        }
    };
    Ok(Download {
        bytes,
        content_type: facts.content_type,
        etag: facts.etag,
        cache_control: facts.cache_control,
        last_modified: facts.last_modified,
        part,
    })
}

#[cfg(test)]
mod tests {
    use ::http::StatusCode;
    use axum::response::IntoResponse as _;

    use super::super::Class;
    use super::super::testing::{bucket, key, lines, project};
    use super::*;

    #[tokio::test]
    async fn a_part_is_the_part_that_was_asked_for() {
        let (project, seen) = project(|request| match request.header("range") {
            Some("bytes=2-4") => {
                (StatusCode::PARTIAL_CONTENT, [("content-range", "bytes 2-4/9")], "cde").into_response()
            }
            // Other bytes than were asked for, fewer than it says, and no word of which.
            Some("bytes=3-5") => {
                (StatusCode::PARTIAL_CONTENT, [("content-range", "bytes 2-4/9")], "cde").into_response()
            }
            Some("bytes=0-5") => {
                (StatusCode::PARTIAL_CONTENT, [("content-range", "bytes 0-5/9")], "abc").into_response()
            }
            Some("bytes=1-1") => (StatusCode::PARTIAL_CONTENT, "b").into_response(),
            // A proxy that knows no ranges.
            _ => "abcdefghi".into_response(),
        })
        .await;
        let objects = project.bucket(&bucket("b"));
        let part = objects
            .download_part(&key("a"), ByteRange::Between(2, 4))
            .await
            .unwrap();
        assert_eq!((&part.bytes[..], part.part.unwrap().total), (&b"cde"[..], Some(9)));
        for range in [(3, 5), (0, 5), (1, 1)] {
            let error = objects
                .download_part(&key("a"), ByteRange::Between(range.0, range.1))
                .await
                .unwrap_err();
            assert_eq!(error.class, Class::Unexpected, "{range:?}");
        }
        let last = objects.download_part(&key("a"), ByteRange::Last(2)).await.unwrap();
        assert_eq!((&last.bytes[..], last.part.unwrap().first), (&b"hi"[..], 7));
        let rest = objects.download_part(&key("a"), ByteRange::From(20)).await;
        assert_eq!(rest.unwrap_err().class, Class::Unexpected);
        assert_eq!(lines(&seen)[0], "GET /storage/v1/object/authenticated/b/a");
    }

    #[tokio::test]
    async fn what_did_not_change_is_not_read_again() {
        let (project, seen) = project(|request| match request.header("if-none-match") {
            Some("\"e\"") => StatusCode::NOT_MODIFIED.into_response(),
            _ => ([("etag", "\"e\"")], "abc").into_response(),
        })
        .await;
        let objects = project.bucket(&bucket("b"));
        let first = objects.download(&key("a")).await.unwrap();
        let again = Reading {
            access: Access::Public,
            unless: first.etag,
            save_as: Some("Pip & Co.png".into()),
            range: None,
        };
        assert_eq!(objects.read(&key("a"), &again).await.unwrap(), Read::Unchanged);
        assert_eq!(
            lines(&seen)[1],
            "GET /storage/v1/object/public/b/a?download=Pip%20%26%20Co.png"
        );
    }
}
