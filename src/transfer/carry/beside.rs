//! Hashes of what is sent in pieces, computed beside their way: a server that is as fast as it waits for no hash.

use bytes::Bytes;
use md5::Digest;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::content::hex;

/// Pieces that may wait to be hashed; more wait to be sent.
const BEHIND: usize = 2;

/// A hash of pieces that pass by. Those that pass once more, because a line broke, count once.
pub(super) struct Beside {
    /// Bytes from the beginning that were given to the hash.
    position: u64,
    pieces: mpsc::Sender<Bytes>,
    hash: JoinHandle<String>,
}

impl Beside {
    pub(super) fn begin<D: Digest + Send + 'static>() -> Self {
        let (pieces, mut passing) = mpsc::channel::<Bytes>(BEHIND);
        let hash = tokio::task::spawn_blocking(move || {
            let mut digest = D::new();
            while let Some(bytes) = passing.blocking_recv() {
                digest.update(&bytes);
            }
            hex(&digest.finalize())
        });
        Self {
            position: 0,
            pieces,
            hash,
        }
    }

    /// Takes in the bytes at `offset`. What comes behind a gap is not taken: then there is no hash of the whole.
    pub(super) async fn pass(&mut self, offset: u64, bytes: &Bytes) {
        let known = self
            .position
            .checked_sub(offset)
            .and_then(|known| usize::try_from(known).ok());
        let Some(new) = known
            .filter(|known| *known < bytes.len())
            .map(|known| bytes.slice(known..))
        else {
            return;
        };
        self.position += new.len() as u64;
        // It listens until the sender is dropped.
        let _ = self.pieces.send(new).await;
    }

    /// The hash, if all `size` bytes have passed.
    pub(super) async fn of_all(self, size: u64) -> Option<String> {
        drop(self.pieces);
        let hash = self.hash.await.ok()?;
        (self.position == size).then_some(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Md5;

    async fn passed(pieces: &[(u64, &'static str)]) -> Option<String> {
        let mut beside = Beside::begin::<Md5>();
        for (offset, text) in pieces {
            beside.pass(*offset, &Bytes::from_static(text.as_bytes())).await;
        }
        beside.of_all(3).await
    }

    #[tokio::test]
    async fn pieces_count_once_and_a_gap_is_no_whole() {
        let abc = Some("900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(passed(&[(0, "a"), (1, "bc")]).await.as_deref(), abc);
        assert_eq!(passed(&[(0, "ab"), (0, "ab"), (1, "bc")]).await.as_deref(), abc);
        assert_eq!(passed(&[(0, "a"), (2, "c")]).await, None);
        assert_eq!(passed(&[(0, "ab")]).await, None);
        assert_eq!(passed(&[]).await, None);
    }
}
