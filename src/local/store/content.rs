//! The bytes of objects on their way in and out: gathered into a file as they arrive, opened to be sent.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::task::JoinHandle;

use super::blob::{BlobWriter, Blobs, PendingBlob};
use super::object::{Object, find_with_bytes};
use super::{Store, StoreError, small};

/// Bytes of a body that are gathered before they are written. Twice as many may be in memory.
const BATCH: usize = 512 * 1024;
/// Objects up to this size are read at once, larger ones are streamed.
const INLINE: u64 = 256 * 1024;
/// Bytes that are read from a file at a time.
const CHUNK: u64 = 512 * 1024;

/// The bytes of an object, opened.
pub enum Content {
    /// All of them.
    Inline(Bytes),
    /// To be streamed with [`stream`].
    File(File),
}

/// Streams `length` bytes of a file from `first` on. One chunk is read while the one before is sent.
pub fn stream(file: File, first: u64, length: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let next = read_ahead(file, Some(first), length);
    futures_util::stream::try_unfold((next, length), |(next, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let (file, chunk) = next.await.map_err(io::Error::other)??;
        let left = left - chunk.len() as u64;
        Ok(Some((chunk, (read_ahead(file, None, left), left))))
    })
}

fn read_ahead(mut file: File, from: Option<u64>, left: u64) -> JoinHandle<io::Result<(File, Bytes)>> {
    tokio::task::spawn_blocking(move || {
        if let Some(from) = from.filter(|from| *from > 0) {
            file.seek(SeekFrom::Start(from))?;
        }
        let wanted = left.min(CHUNK);
        let mut chunk = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
        (&mut file).take(wanted).read_to_end(&mut chunk)?;
        if (chunk.len() as u64) < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok((file, chunk.into()))
    })
}

impl Store {
    /// Receives a body of at most `limit` bytes into a file that no row uses yet, or a small one into memory.
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
        // One batch is hashed and written while the next one arrives.
        let mut writing: Option<JoinHandle<Result<BlobWriter, StoreError>>> = None;
        let mut batch = Vec::new();
        let mut gathered = 0;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| StoreError::Interrupted(error.into()))?;
            gathered += chunk.len();
            batch.push(chunk);
            if gathered >= BATCH {
                let (blobs, full) = (Arc::clone(&self.blobs), std::mem::take(&mut batch));
                let begun = written(writing.take()).await?;
                let appended = move || append(&blobs, begun, &full, limit);
                writing = Some(tokio::task::spawn_blocking(appended));
                gathered = 0;
            }
        }
        if writing.is_none() && gathered <= small::MOST {
            return small(&batch, limit);
        }
        let blobs = Arc::clone(&self.blobs);
        let begun = written(writing).await?;
        tokio::task::spawn_blocking(move || {
            let writer = append(&blobs, begun, &batch, limit)?;
            blobs.finish(writer)
        })
        .await?
    }

    /// Reads one row and opens its bytes.
    ///
    /// # Errors
    /// [`StoreError::NoSuchKey`], also if the file is gone.
    pub async fn open_object(&self, bucket: &str, name: &str) -> Result<(Object, Content), StoreError> {
        let (known, version) = self.recent.object(bucket, name);
        if let Some((object, bytes)) = known {
            return Ok((object, Content::Inline(bytes)));
        }
        let (bucket, name) = (bucket.to_owned(), name.to_owned());
        let blobs = Arc::clone(&self.blobs);
        let read = self.read(move |connection| {
            // A replacement may take the file away between the row and the file: then the row has changed.
            for _ in 0..3 {
                let (object, bytes) = find_with_bytes(connection, &bucket, &name)?;
                if let Some(bytes) = bytes {
                    return Ok((object, Content::Inline(bytes)));
                }
                match open(&blobs, &object) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    content => return Ok((object, content?)),
                }
            }
            Err(StoreError::NoSuchKey)
        });
        let (object, content) = read.await?;
        if let Content::Inline(bytes) = &content {
            self.recent.keep_object(version, &object, bytes);
        }
        Ok((object, content))
    }
}

/// What the batch before has come to, if there was one.
async fn written(
    writing: Option<JoinHandle<Result<BlobWriter, StoreError>>>,
) -> Result<Option<BlobWriter>, StoreError> {
    match writing {
        Some(writing) => Ok(Some(writing.await??)),
        None => Ok(None),
    }
}

/// Hashing so little takes less time than handing it to another thread and waiting for it.
fn small(chunks: &[Bytes], limit: u64) -> Result<PendingBlob, StoreError> {
    let bytes = match chunks {
        [whole] => whole.clone(),
        parts => parts.concat().into(),
    };
    if bytes.len() as u64 > limit {
        return Err(StoreError::TooLarge { limit });
    }
    Ok(PendingBlob::small(bytes))
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt as _;
    use std::io::Write as _;

    #[tokio::test]
    async fn a_file_is_streamed_from_anywhere_and_a_short_one_is_an_error() {
        let bytes: Vec<u8> = (0..1_300_000_u32).map(|n| (n % 251) as u8).collect();
        let open = || {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            file.seek(SeekFrom::Start(0)).unwrap();
            file
        };
        for (first, length) in [(0, 0), (0, 1), (0, 1_300_000), (524_287, 524_290), (1_299_999, 1)] {
            let chunks: Vec<Bytes> = stream(open(), first, length).try_collect().await.unwrap();
            let end = usize::try_from(first + length).unwrap();
            assert!(
                chunks.concat() == bytes[usize::try_from(first).unwrap()..end],
                "{first} + {length}"
            );
        }
        let short: Result<Vec<Bytes>, _> = stream(open(), 1_000_000, 1_000_000).try_collect().await;
        assert_eq!(short.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
