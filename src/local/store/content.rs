//! The bytes of objects on their way in and out: gathered into a file as they arrive, opened to be sent.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read as _};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use super::blob::{BlobWriter, Blobs, PendingBlob};
use super::object::{Object, find};
use super::{Store, StoreError};

/// Bytes of a body that are gathered before they are written.
const BATCH: usize = 1024 * 1024;
/// Objects up to this size are read at once, larger ones are streamed.
const INLINE: u64 = 256 * 1024;
/// The bytes of an object, opened.
pub enum Content {
    /// All of them.
    Inline(Bytes),
    /// To be streamed.
    File(File),
}

impl Store {
    /// Receives a body of at most `limit` bytes into a file that no row uses yet.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::Interrupted`] if the body breaks off, or that the disk failed. Nothing
    /// is left behind.
    pub async fn receive<E>(
        &self,
        body: impl Stream<Item = Result<Bytes, E>>,
        limit: u64,
    ) -> Result<PendingBlob, StoreError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let mut body = std::pin::pin!(body);
        let mut writer = None;
        let mut batch = Vec::new();
        let mut gathered = 0;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| StoreError::Interrupted(error.into()))?;
            gathered += chunk.len();
            batch.push(chunk);
            if gathered >= BATCH {
                let (blobs, full) = (Arc::clone(&self.blobs), std::mem::take(&mut batch));
                let begun = writer.take();
                let appended = move || append(&blobs, begun, &full, limit);
                writer = Some(tokio::task::spawn_blocking(appended).await??);
                gathered = 0;
            }
        }
        let blobs = Arc::clone(&self.blobs);
        tokio::task::spawn_blocking(move || {
            let writer = append(&blobs, writer, &batch, limit)?;
            blobs.finish(writer)
        })
        .await?
    }

    /// Reads one row and opens its bytes.
    ///
    /// # Errors
    /// [`StoreError::NoSuchKey`], also if the file is gone.
    pub async fn open_object(&self, bucket: &str, name: &str) -> Result<(Object, Content), StoreError> {
        let (bucket, name) = (bucket.to_owned(), name.to_owned());
        let blobs = Arc::clone(&self.blobs);
        self.read(move |connection| {
            // A replacement may take the file away between the row and the file: then the row has changed.
            for _ in 0..3 {
                let object = find(connection, &bucket, &name)?;
                match open(&blobs, &object) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    content => return Ok((object, content?)),
                }
            }
            Err(StoreError::NoSuchKey)
        })
        .await
    }
}

fn append(blobs: &Blobs, begun: Option<BlobWriter>, chunks: &[Bytes], limit: u64) -> Result<BlobWriter, StoreError> {
    let mut writer = match begun {
        Some(writer) => writer,
        None => blobs.begin(limit)?,
    };
    writer.append(chunks)?;
    Ok(writer)
}

fn open(blobs: &Blobs, object: &Object) -> io::Result<Content> {
    let mut file = blobs.open_blob(&object.blob)?;
    if object.size > INLINE {
        return Ok(Content::File(file));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(object.size).unwrap_or_default());
    file.read_to_end(&mut bytes)?;
    Ok(Content::Inline(bytes.into()))
}
