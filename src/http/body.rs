//! Bodies of requests: none, values, bytes, and sources that are opened anew for each attempt.

use std::fmt;
use std::io::{self, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

/// Bytes as they come. An error ends them.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// Bytes that are read from a file at a time.
const READ: usize = 256 << 10;

/// The body of a request.
#[derive(Clone)]
pub enum Body {
    /// None, and no content type either: storage refuses an empty body that says it is JSON.
    Empty,
    /// A JSON value.
    Json(Value),
    /// Bytes as they are.
    Bytes {
        /// The bytes.
        bytes: Bytes,
        /// Their media type.
        content_type: String,
    },
    /// Bytes that are never in memory all at once.
    Stream(StreamBody),
}

/// A source and the media type of what it gives.
#[derive(Clone)]
pub struct StreamBody {
    /// Where the bytes come from.
    pub source: Source,
    /// Their media type.
    pub content_type: String,
}

impl StreamBody {
    /// The bytes of the source, as `content_type`.
    #[must_use]
    pub fn new(source: Source, content_type: impl Into<String>) -> Self {
        Self {
            source,
            content_type: content_type.into(),
        }
    }
}

/// Bytes that can be read from their beginning again and again, a piece at a time: a request may have to be made more
/// than once. Its length is known and kept to: a request is broken off if there turn out to be more bytes or fewer.
#[derive(Clone)]
pub struct Source {
    length: u64,
    open: Arc<dyn Fn() -> ByteStream + Send + Sync>,
    progress: Option<Arc<dyn Fn(u64) + Send + Sync>>,
}

impl Source {
    /// What `open` gives, which must be the same `length` bytes each time.
    #[must_use]
    pub fn new(length: u64, open: impl Fn() -> ByteStream + Send + Sync + 'static) -> Self {
        Self {
            length,
            open: Arc::new(open),
            progress: None,
        }
    }

    /// Bytes that are in memory.
    #[must_use]
    pub fn bytes(bytes: Bytes) -> Self {
        Self::new(bytes.len() as u64, move || {
            let bytes = bytes.clone();
            Box::pin(stream::once(async move { Ok(bytes) }))
        })
    }

    /// Tells `progress` how many bytes were handed to the connection so far, after each piece, from any thread. It
    /// starts at the first piece again when the request is made again.
    #[must_use]
    pub fn on_progress(mut self, progress: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// How many bytes there are.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes, from the first one.
    #[must_use]
    pub fn open(&self) -> ByteStream {
        (self.open)()
    }

    pub(super) fn report(&self, sent: u64) {
        if let Some(progress) = &self.progress {
            progress(sent);
        }
    }
}

/// A file to be sent, as it was when it was looked at. A file that is changed afterwards is not sent as if it were
/// whole: its source ends in an error.
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: PathBuf,
    size: u64,
    modified: Option<SystemTime>,
}

impl SourceFile {
    /// Looks at the file: its size and when it was changed last.
    ///
    /// # Errors
    /// If it is not there, cannot be read, or is no plain file (reading from a pipe or a device might never end).
    pub async fn look(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let facts = tokio::fs::metadata(&path).await?;
        if !facts.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no plain file"));
        }
        // A file that may not be read is told of now, not when it is its turn.
        File::open(&path).await?;
        Ok(Self {
            path,
            size: facts.len(),
            modified: facts.modified().ok(),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All of it.
    #[must_use]
    pub fn whole(&self) -> Source {
        self.part(0..self.size)
    }

    /// The bytes of a range of it; what lies beyond its end is left out.
    #[must_use]
    pub fn part(&self, range: Range<u64>) -> Source {
        let start = range.start.min(self.size);
        let length = range.end.min(self.size).saturating_sub(start);
        let file = self.clone();
        Source::new(length, move || {
            let (file, at_end) = (file.clone(), file.clone());
            let bytes = stream::once(async move { file.read(start, length).await }).try_flatten();
            // Asked for after the last byte and before the last piece is handed out: see `super::sending`.
            let check = stream::once(async move { at_end.still_the_same().await.map(|()| Bytes::new()) });
            Box::pin(bytes.chain(check))
        })
    }

    async fn read(&self, start: u64, length: u64) -> io::Result<ReaderStream<tokio::io::Take<File>>> {
        self.still_the_same().await?;
        let mut file = File::open(&self.path).await?;
        file.set_max_buf_size(READ);
        if start > 0 {
            file.seek(SeekFrom::Start(start)).await?;
        }
        Ok(ReaderStream::with_capacity(file.take(length), READ))
    }

    async fn still_the_same(&self) -> io::Result<()> {
        let facts = tokio::fs::metadata(&self.path).await?;
        if facts.len() == self.size && facts.modified().ok() == self.modified {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the file was changed in the meantime",
        ))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// A body as it is sent.
pub(super) struct Outgoing {
    pub(super) source: Source,
    pub(super) content_type: String,
    /// All bytes, if they are in memory: what the transcript may show.
    pub(super) shown: Option<Bytes>,
}

impl Body {
    /// What to send; None for no body.
    pub(super) fn outgoing(&self) -> Option<Outgoing> {
        let whole = |bytes: Bytes, content_type: String| Outgoing {
            source: Source::bytes(bytes.clone()),
            content_type,
            shown: Some(bytes),
        };
        match self {
            Self::Empty => None,
            Self::Json(value) => Some(whole(value.to_string().into(), "application/json".to_owned())),
            Self::Bytes { bytes, content_type } => Some(whole(bytes.clone(), content_type.clone())),
            Self::Stream(StreamBody { source, content_type }) => Some(Outgoing {
                source: source.clone(),
                content_type: content_type.clone(),
                shown: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(source: &Source) -> io::Result<Vec<u8>> {
        source
            .open()
            .try_fold(Vec::new(), |mut all, piece| async move {
                all.extend_from_slice(&piece);
                Ok(all)
            })
            .await
    }

    #[tokio::test]
    async fn a_file_is_read_anew_each_time_whole_or_in_parts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("picture.png");
        let bytes: Vec<u8> = (0..=255).cycle().take(600_000).collect();
        std::fs::write(&path, &bytes).unwrap();
        let file = SourceFile::look(&path).await.unwrap();
        let whole = file.whole();
        for _ in 0..2 {
            assert_eq!(read(&whole).await.unwrap(), bytes);
        }
        for (range, expected) in [
            (0..10, 10),
            (599_990..700_000, 10),
            (600_000..700_000, 0),
            (900_000..900_001, 0),
        ] {
            let part = file.part(range.clone());
            assert_eq!(part.length(), expected, "{range:?}");
            let start = usize::try_from(range.start.min(600_000)).unwrap();
            let end = start + usize::try_from(expected).unwrap();
            assert_eq!(read(&part).await.unwrap(), bytes[start..end]);
        }
    }

    #[tokio::test]
    async fn a_file_that_was_changed_or_lost_is_not_sent_as_it_is_now() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"before").unwrap();
        let source = SourceFile::look(&path).await.unwrap().whole();
        std::fs::write(&path, b"before and after").unwrap();
        assert_eq!(read(&source).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read(&source).await.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(
            SourceFile::look(folder.path()).await.unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
    }
}
