//! One object, streamed: neither an upload nor a download is ever in memory as a whole.

use std::fmt;

use ::http::{Method, StatusCode};
use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio_util::sync::CancellationToken;

use super::client::Opened;
use super::error::Context;
use super::range::facts;
use super::{ByteRange, Class, Error, Facts, ObjectKey, Objects, Part, Upload, Uploaded};
use crate::http::{Body, Call, Persistence, Source, StreamBody, Streaming};

const DOWNLOAD: &str = "Download object";

/// An object that is being read. If the connection breaks, it goes on where it broke off, as long as the object is still
/// the same and the line brings something between the breaks; what comes out is the bytes of one version, once, in order,
/// and all of them or an error.
pub struct ObjectStream {
    /// What the server said of the object.
    pub facts: Facts,
    objects: Objects,
    key: ObjectKey,
    context: Context,
    answer: Streaming,
    /// The next byte that is to come out.
    position: u64,
    /// One past the last byte that is to come out, if the server said how many there are.
    end: Option<u64>,
    /// Bytes of the answer that lie before `position`: a server that does not know ranges sends everything.
    skip: u64,
    /// The answer broke off, and no other has been asked for yet.
    broken: bool,
    persistence: Persistence,
}

impl Objects {
    /// Stores what a source gives under a key, in one request and as a raw body. The source is opened again for each
    /// attempt; nothing is stored of a source that gives more or fewer bytes than it said.
    ///
    /// # Errors
    /// As [`Objects::upload`], and [`Class::Source`] if the source cannot be read.
    pub async fn upload_from(&self, key: &ObjectKey, source: &Source, how: &Upload) -> Result<Uploaded, Error> {
        let body = Body::Stream(StreamBody::new(source.clone(), &how.content_type));
        self.store(key, &body, source.length(), how).await
    }

    /// Begins to read an object, or a range of it. With `if_match`, an ETag as the server gave it before, only if the
    /// object is still that one; the server has no such condition, so its answer is looked at.
    ///
    /// # Errors
    /// [`Class::NotFound`] also if a policy hides it, and if the object is not the one of `if_match` any more. Code
    /// `InvalidRange` if it has no such bytes. [`Class::Unexpected`] if the server sends other bytes than were asked for.
    pub async fn open(
        &self,
        key: &ObjectKey,
        range: Option<ByteRange>,
        if_match: Option<&str>,
    ) -> Result<ObjectStream, Error> {
        let call = self.download_call(key, range)?;
        self.begin(key, call, range, if_match).await
    }

    /// Begins to read an object if it is another than the one of the ETag `known`; None if it is still that one.
    ///
    /// # Errors
    /// As [`Objects::open`].
    pub async fn open_if_changed(&self, key: &ObjectKey, known: &str) -> Result<Option<ObjectStream>, Error> {
        let call = self.download_call(key, None)?.header("if-none-match", known);
        let begun = self.begin(key, call, None, None).await?;
        Ok(Some(begun).filter(|begun| begun.answer.status != StatusCode::NOT_MODIFIED))
    }

    fn download_call(&self, key: &ObjectKey, range: Option<ByteRange>) -> Result<Call, Error> {
        // The short form /object/{bucket}/… is ambiguous for buckets that are called like a route.
        let path = self.at(DOWNLOAD, "object/authenticated", key)?;
        let call = self.project.storage(DOWNLOAD, self.target(key), Method::GET, &path);
        Ok(match range {
            Some(range) => call.header("range", &range.header()),
            None => call,
        })
    }

    async fn begin(
        &self,
        key: &ObjectKey,
        call: Call,
        range: Option<ByteRange>,
        if_match: Option<&str>,
    ) -> Result<ObjectStream, Error> {
        let Opened { answer, context } = self.project.open(call).await?;
        let facts = facts(&answer.headers);
        if if_match.is_some() && facts.etag.as_deref() != if_match {
            return Err(replaced(&context));
        }
        let asked = match answer.status {
            StatusCode::NOT_MODIFIED => None,
            _ => range,
        };
        let (first, end, skip) = delivered(&answer, facts.size, asked)
            .map_err(|why| Error::bare(context.operation, context.target.clone(), Class::Unexpected, why))?;
        Ok(ObjectStream {
            facts,
            objects: self.clone(),
            key: key.clone(),
            context,
            answer,
            position: first,
            end,
            skip,
            broken: false,
            persistence: self.project.http().persistence(self.project.url().as_str()),
        })
    }
}

/// Which bytes an answer is to give: the first one, one past the last if that is known, and how many bytes come before
/// the first.
fn delivered(
    answer: &Streaming,
    size: Option<u64>,
    range: Option<ByteRange>,
) -> Result<(u64, Option<u64>, u64), &'static str> {
    let Some(range) = range else {
        return match answer.status {
            StatusCode::PARTIAL_CONTENT => Err("it is a part of the object, but the whole was asked for"),
            _ => Ok((0, size, 0)),
        };
    };
    if answer.status == StatusCode::PARTIAL_CONTENT {
        let part = answer
            .header("content-range")
            .and_then(Part::parse)
            .ok_or("it does not say which part of the object it is")?;
        let length = part.length();
        if !part.answers(range) || answer.content_length().is_some_and(|announced| announced != length) {
            return Err("it is another part of the object than was asked for");
        }
        return Ok((part.first, Some(part.last + 1), 0));
    }
    // A server or a proxy that does not know ranges.
    match (range, size) {
        (range, Some(size)) => {
            let (first, last) = range
                .within(size)
                .ok_or("the object has none of the bytes that were asked for")?;
            Ok((first, Some(last + 1), first))
        }
        (ByteRange::From(first), None) => Ok((first, None, first)),
        (ByteRange::Between(..) | ByteRange::Last(_), None) => {
            Err("it is the whole object, of unknown size, but a part was asked for")
        }
    }
}

/// The object of an ETag is not there any more.
fn replaced(context: &Context) -> Error {
    Error::bare(
        context.operation,
        context.target.clone(),
        Class::NotFound,
        "the object was replaced by another one; read it again from its start",
    )
}

impl ObjectStream {
    /// Where the next byte is in the object, counted from 0.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// How many bytes are still to come, if the server said so.
    #[must_use]
    pub fn remaining(&self) -> Option<u64> {
        Some(self.end?.saturating_sub(self.position))
    }

    /// The next bytes; None after the last one. The future may be dropped: no byte is lost.
    ///
    /// # Errors
    /// If the connection breaks too often in a row without a byte in between, or breaks and the object cannot be gone
    /// on with: it was replaced, or the server gives no ETag that would tell.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if self.broken {
                self.answer = self.go_on().await?;
                self.broken = false;
            }
            if self.end.is_some_and(|end| self.position >= end) {
                return Ok(None);
            }
            match self.answer.chunk().await {
                Ok(Some(bytes)) => {
                    let bytes = self.take(bytes);
                    if !bytes.is_empty() {
                        self.persistence.progressed();
                        return Ok(Some(bytes));
                    }
                }
                Ok(None) if self.end.is_none() => return Ok(None),
                Ok(None) => {
                    let why = "it ended before its last byte";
                    return Err(self.unexpected(why));
                }
                Err(error) => {
                    let tells = self.facts.etag.as_deref().is_some_and(|etag| !etag.starts_with("W/"));
                    // Who reads stops by dropping this.
                    let never = CancellationToken::new();
                    if !tells || !self.persistence.goes_on(&error, &never).await {
                        return Err(Error::from_network(&self.context, error));
                    }
                    self.broken = true;
                }
            }
        }
    }

    /// The bytes as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Error>> + Send {
        stream::unfold(Some(self), |object| async move {
            let mut object = object?;
            match object.chunk().await.transpose()? {
                Ok(bytes) => Some((Ok(bytes), Some(object))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    /// What of a piece is to come out.
    fn take(&mut self, mut bytes: Bytes) -> Bytes {
        let cut = |length: u64, bytes: &Bytes| usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
        let before = bytes.split_to(cut(self.skip, &bytes));
        self.skip -= before.len() as u64;
        if let Some(end) = self.end {
            bytes.truncate(cut(end - self.position, &bytes));
        }
        self.position += bytes.len() as u64;
        bytes
    }

    /// Asks for the rest.
    async fn go_on(&mut self) -> Result<Streaming, Error> {
        let range = match self.end {
            Some(end) => ByteRange::Between(self.position, end - 1),
            None => ByteRange::From(self.position),
        };
        let call = self.objects.download_call(&self.key, Some(range))?;
        let Opened { answer, .. } = self.objects.project.open(call).await?;
        let facts = facts(&answer.headers);
        if facts.etag != self.facts.etag {
            return Err(replaced(&self.context));
        }
        let (first, _, skip) = delivered(&answer, facts.size, Some(range)).map_err(|why| self.unexpected(why))?;
        debug_assert_eq!(first, self.position, "`delivered` compares them");
        self.skip = skip;
        Ok(answer)
    }

    fn unexpected(&self, why: &'static str) -> Error {
        Error::bare(
            self.context.operation,
            self.context.target.clone(),
            Class::Unexpected,
            why,
        )
    }
}

impl fmt::Debug for ObjectStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStream")
            .field("key", &self.key)
            .field("position", &self.position)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
