//! Where the bytes of an upload come from: anything that can be read again from any place.

use std::future::Future;
use std::io::{self, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncSeek, AsyncSeekExt as _};

/// Bytes that can be read from any place, as often as a line breaks.
pub trait PieceSource: Send {
    /// Bytes in all; None if only reading to the end tells.
    fn length(&self) -> Option<u64>;

    /// Up to `most` bytes from `offset` on; fewer only at the end.
    fn read_at(&mut self, offset: u64, most: usize) -> impl Future<Output = io::Result<Bytes>> + Send;

    /// Fails if the bytes are no longer those that they were at the beginning, as far as that can be seen.
    fn unchanged(&mut self) -> impl Future<Output = io::Result<()>> + Send {
        std::future::ready(Ok(()))
    }
}

impl PieceSource for Bytes {
    fn length(&self) -> Option<u64> {
        Some(self.len() as u64)
    }

    async fn read_at(&mut self, offset: u64, most: usize) -> io::Result<Bytes> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let to = from.saturating_add(most).min(self.len());
        Ok(self.slice(from..to))
    }
}

/// Anything of tokio's that can seek.
#[derive(Debug)]
pub struct Seekable<R> {
    reader: R,
    length: Option<u64>,
}

impl<R: AsyncRead + AsyncSeek + Unpin + Send> Seekable<R> {
    /// A reader whose length is found by seeking to its end.
    ///
    /// # Errors
    /// If it cannot seek.
    pub async fn new(mut reader: R) -> io::Result<Self> {
        let length = reader.seek(SeekFrom::End(0)).await?;
        Ok(Self {
            reader,
            length: Some(length),
        })
    }

    /// A reader that may still grow: its length is what there is when its end is reached.
    #[must_use]
    pub fn growing(reader: R) -> Self {
        Self { reader, length: None }
    }
}

impl<R: AsyncRead + AsyncSeek + Unpin + Send> PieceSource for Seekable<R> {
    fn length(&self) -> Option<u64> {
        self.length
    }

    async fn read_at(&mut self, offset: u64, most: usize) -> io::Result<Bytes> {
        read_at(&mut self.reader, offset, most).await
    }
}

/// A file, watched for changes by its size and the time of its last change.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    length: u64,
    modified: Option<SystemTime>,
}

impl FileSource {
    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be read, or is a folder.
    pub async fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path).await?;
        let facts = file.metadata().await?;
        if !facts.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
        }
        Ok(Self {
            length: facts.len(),
            modified: facts.modified().ok(),
            file,
        })
    }
}

impl PieceSource for FileSource {
    fn length(&self) -> Option<u64> {
        Some(self.length)
    }

    async fn read_at(&mut self, offset: u64, most: usize) -> io::Result<Bytes> {
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        read_at(&mut self.file, offset, most.min(left)).await
    }

    async fn unchanged(&mut self) -> io::Result<()> {
        let facts = self.file.metadata().await?;
        if facts.len() != self.length || facts.modified().ok() != self.modified {
            return Err(io::Error::other("the file was changed while it was sent"));
        }
        Ok(())
    }
}

async fn read_at<R: AsyncRead + AsyncSeek + Unpin>(reader: &mut R, offset: u64, most: usize) -> io::Result<Bytes> {
    reader.seek(SeekFrom::Start(offset)).await?;
    let mut bytes = BytesMut::with_capacity(most);
    let mut limited = reader.take(most as u64);
    while limited.read_buf(&mut bytes).await? > 0 {}
    Ok(bytes.freeze())
}

/// The SHA-256 of all bytes, as hexadecimal digits: what tells a source from another one of the same size.
///
/// # Errors
/// If it cannot be read.
pub async fn sha256<S: PieceSource>(source: &mut S) -> io::Result<String> {
    const PIECE: usize = 1 << 20;
    let mut hash = Sha256::new();
    let mut offset = 0;
    loop {
        let piece = source.read_at(offset, PIECE).await?;
        if piece.is_empty() {
            let digest = hash.finalize();
            return Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        offset += piece.len() as u64;
        hash.update(&piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_kind_reads_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        std::fs::write(&path, &content).unwrap();
        let mut file = FileSource::open(&path).await.unwrap();
        let mut bytes = Bytes::from(content.clone());
        let mut cursor = Seekable::new(std::io::Cursor::new(content.clone())).await.unwrap();
        assert_eq!((file.length(), cursor.length()), (Some(100_000), Some(100_000)));
        for (offset, most) in [(0, 10), (99_990, 50), (100_000, 5), (500_000, 5), (7, 90_000)] {
            let expected = bytes.read_at(offset, most).await.unwrap();
            assert_eq!(file.read_at(offset, most).await.unwrap(), expected, "{offset}");
            assert_eq!(cursor.read_at(offset, most).await.unwrap(), expected, "{offset}");
        }
        let hash = sha256(&mut bytes).await.unwrap();
        assert_eq!(hash.len(), 64);
        assert_eq!(sha256(&mut file).await.unwrap(), hash);
        assert!(file.unchanged().await.is_ok());
        std::fs::write(&path, b"shorter").unwrap();
        assert!(file.unchanged().await.is_err());
        assert!(FileSource::open(folder.path()).await.is_err());
    }
}
