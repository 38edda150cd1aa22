//! The bytes of a resumable upload on their way in.
//!
//! The work runs as a task of its own: if the client goes away and the request with it, what has arrived is saved all the
//! same.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use super::blob::BlobId;
use super::part::Held;
use super::{Store, StoreError};

/// Bytes of a body that are gathered before they are written. Twice as many may be in memory.
const BATCH: usize = 512 * 1024;
/// Bytes that a killed process may have to be sent again: after as many the offset is recorded.
const CHECKPOINT: u64 = 32 * 1024 * 1024;
/// How often a request looks whether another one waits for its upload.
const LOOK: Duration = Duration::from_millis(200);
/// A body that brings nothing for so long has broken off.
const STALL: Duration = Duration::from_secs(60);

/// How long what is left of a body that is not wanted any more is read, and thrown away.
const DRAIN: Duration = Duration::from_secs(5);

/// Why no more bytes come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ended {
    /// The body came to its end, or broke off: which of the two, the offset tells.
    Body,
    /// Another request asked for the upload.
    Released,
    /// The body was longer than it may be. What was too much is not kept.
    TooLong,
}

impl Store {
    /// Appends a body of at most `most` bytes, and saves how far it went, unless that completes the upload: then only
    /// [`Store::finish_upload`] does.
    ///
    /// # Errors
    /// [`StoreError::NoSuchUpload`] if it was ended, or that the disk or the database failed. The upload goes on from its
    /// last saved offset then.
    pub async fn append_to_upload<E>(
        &self,
        held: Held,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
        most: u64,
    ) -> Result<(Held, Ended), StoreError>
    where
        E: Into<Box<dyn Error + Send + Sync>> + Send,
    {
        let store = self.clone();
        tokio::spawn(async move { store.append(held, body, most).await }).await?
    }

    async fn append<E>(
        &self,
        held: Held,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
        most: u64,
    ) -> Result<(Held, Ended), StoreError>
    where
        E: Into<Box<dyn Error + Send + Sync>> + Send,
    {
        let mut body = Box::pin(body);
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let id = held.row.id.clone();
        // One batch is hashed and written while the next one arrives.
        let mut writing = tokio::task::spawn_blocking(move || Ok::<_, StoreError>(held));
        let mut left = most;
        let mut unsaved = 0;
        let mut ended = None;
        while ended.is_none() {
            let mut batch = Vec::new();
            let mut gathered = 0;
            let mut stall = Instant::now() + STALL;
            while gathered < BATCH && ended.is_none() {
                let next = tokio::select! {
                    next = timeout_at(stall, body.next()) => next.unwrap_or(None),
                    _ = look.tick() => {
                        if self.is_wanted(&id).await? {
                            ended = Some(Ended::Released);
                        }
                        continue;
                    }
                };
                stall = Instant::now() + STALL;
                // A body that breaks off ends like any other: what came of it counts.
                match next.and_then(Result::ok) {
                    None => ended = Some(Ended::Body),
                    Some(chunk) if chunk.len() as u64 > left => ended = Some(Ended::TooLong),
                    Some(chunk) => {
                        left -= chunk.len() as u64;
                        gathered += chunk.len();
                        batch.push(chunk);
                    }
                }
            }
            let mut held = writing.await??;
            unsaved += gathered as u64;
            if unsaved >= CHECKPOINT && ended.is_none() && !held.row.is_complete() {
                held = self.save_upload(held).await?;
                unsaved = 0;
            }
            writing = tokio::task::spawn_blocking(move || held.append(&batch).map(|()| held));
        }
        let held = writing.await??;
        // The last offset of a complete upload is recorded with its object.
        let held = if held.row.is_complete() {
            held
        } else {
            self.save_upload(held).await?
        };
        let ended = ended.unwrap_or(Ended::Body);
        if ended != Ended::Body {
            // A connection that is closed on unread bytes is reset, and its client may never see the answer.
            tokio::spawn(tokio::time::timeout(DRAIN, body.for_each(|_| std::future::ready(()))));
        }
        Ok((held, ended))
    }

    async fn is_wanted(&self, id: &BlobId) -> Result<bool, StoreError> {
        let (parts, id) = (Arc::clone(&self.parts), id.clone());
        Ok(tokio::task::spawn_blocking(move || parts.is_release_asked(&id)).await?)
    }
}
