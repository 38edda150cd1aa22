//! Changes that come close together are committed together.
//!
//! What costs is the sync of SQLite's log at each commit. One change at a time is written; those that come while it is
//! synced are committed with the next, each in a savepoint of its own, so that one that fails takes only itself back. None
//! is acknowledged before the commit that holds it. Whoever finds nobody writing does it, on the blocking pool, until
//! nothing waits any more; so there is no thread to end, and a clock that a test has stopped stands still meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::{JournalError, schema};

/// Most changes that are committed together.
const GROUP: usize = 256;

/// Writes changes to one file.
pub(super) struct Writer {
    file: PathBuf,
    queue: Mutex<Queue>,
    /// Opened with the first change.
    connection: Mutex<Option<Connection>>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Box<dyn Change>>,
    /// Whether somebody is writing, who will see what waits.
    busy: bool,
}

impl Writer {
    pub(super) fn new(file: PathBuf) -> Self {
        Self {
            file,
            queue: Mutex::default(),
            connection: Mutex::new(None),
        }
    }

    /// Makes a change, whole or not at all, even if the caller stops waiting; it is on disk when this answers.
    pub(super) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, JournalError> {
        let (reply, answer) = oneshot::channel();
        let change = Work {
            work: Some(work),
            outcome: None,
            reply,
        };
        let leads = {
            let mut queue = self.queue();
            queue.waiting.push(Box::new(change));
            !std::mem::replace(&mut queue.busy, true)
        };
        if leads {
            let lead = Lead {
                writer: Arc::clone(self),
                ended: false,
            };
            tokio::task::spawn_blocking(move || lead.write_all());
        }
        answer.await.unwrap_or(Err(JournalError::Stopped))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // What is done under the lock cannot panic half-way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a group of changes in one transaction. An error is all's.
    fn commit(&self, group: &mut [Box<dyn Change>]) -> Result<(), JournalError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match connection.as_mut() {
            Some(connection) => connection,
            None => {
                let opened = Connection::open(&self.file)?;
                schema::settings(&opened)?;
                opened.set_prepared_statement_cache_capacity(64);
                connection.insert(opened)
            }
        };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut wanted = false;
        for change in group.iter_mut() {
            transaction.execute_batch("SAVEPOINT change")?;
            let keep = change.run(&transaction);
            if transaction.is_autocommit() {
                // A failure such as a full disk may have taken back the whole transaction.
                return Err(JournalError::NotWritten("the transaction was rolled back".to_owned()));
            }
            wanted |= keep;
            transaction.execute_batch(if keep {
                "RELEASE change"
            } else {
                "ROLLBACK TO change; RELEASE change"
            })?;
        }
        // Without a change that is kept there is nothing to sync.
        if wanted {
            transaction.commit()?;
        } else {
            transaction.rollback()?;
        }
        Ok(())
    }
}

/// The duty to write until nothing waits any more.
struct Lead {
    writer: Arc<Writer>,
    ended: bool,
}

impl Lead {
    fn write_all(mut self) {
        loop {
            let mut group: Vec<_> = {
                let mut queue = self.writer.queue();
                if queue.waiting.is_empty() {
                    queue.busy = false;
                    self.ended = true;
                    return;
                }
                let end = queue.waiting.len().min(GROUP);
                queue.waiting.drain(..end).collect()
            };
            let committed = self.writer.commit(&mut group);
            for change in group {
                change.end(match &committed {
                    Ok(()) => Ok(()),
                    Err(error) => Err(JournalError::NotWritten(error.to_string())),
                });
            }
        }
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if !self.ended {
            // The runtime ended before its turn came. Those who wait are told by the end of their channel.
            let mut queue = self.writer.queue();
            queue.busy = false;
            queue.waiting.clear();
        }
    }
}

/// Something that wants to be written.
trait Change: Send {
    /// Does it. `false` if it is to be taken back.
    fn run(&mut self, transaction: &Transaction<'_>) -> bool;
    /// Answers, once it is known whether it was committed.
    fn end(self: Box<Self>, committed: Result<(), JournalError>);
}

struct Work<W, T> {
    work: Option<W>,
    outcome: Option<rusqlite::Result<T>>,
    reply: oneshot::Sender<Result<T, JournalError>>,
}

impl<W, T> Change for Work<W, T>
where
    W: FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, transaction: &Transaction<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        // A change that panics is taken back and has no outcome; the writer goes on.
        self.outcome = catch_unwind(AssertUnwindSafe(|| work(transaction))).ok();
        matches!(self.outcome, Some(Ok(_)))
    }

    fn end(self: Box<Self>, committed: Result<(), JournalError>) {
        let answer = match (self.outcome, committed) {
            (Some(Ok(value)), Ok(())) => Ok(value),
            (Some(Err(error)), _) => Err(error.into()),
            (_, Err(error)) => Err(error),
            (None, Ok(())) => Err(JournalError::Stopped),
        };
        // Nobody may be waiting any more.
        let _ = self.reply.send(answer);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;
    use crate::journal::Journal;

    fn draft(name: &str) -> impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()> + Send + 'static {
        let name = name.to_owned();
        move |db| {
            db.execute("INSERT INTO draft (story_id, draft) VALUES (?1, '')", [name])?;
            Ok(())
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_changes_that_are_committed_together_one_that_fails_takes_only_itself_back() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let writer = &journal.writer;
        let (go, wait) = channel::<()>();
        let block = writer.write(move |_| {
            wait.recv().unwrap();
            Ok(())
        });
        let panics = writer.write(|_| -> rusqlite::Result<()> { panic!("a mistake") });
        let others = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            go.send(()).unwrap();
        };
        let (_, a, twice, panicked, b, ()) = tokio::join!(
            block,
            writer.write(draft("a")),
            writer.write(draft("a")),
            panics,
            writer.write(draft("b")),
            others
        );
        assert!(a.is_ok() && b.is_ok());
        assert!(matches!(twice, Err(JournalError::Database(_))));
        assert!(matches!(panicked, Err(JournalError::Stopped)));
        assert!(journal.draft("a").unwrap().is_some() && journal.draft("b").unwrap().is_some());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_change_is_made_though_nobody_waits_and_a_runtime_that_ends_leaves_the_writer_usable() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        // Polled once, so that it is on its way, and dropped.
        let _ = futures_util::poll!(Box::pin(journal.writer.write(draft("a"))));
        journal.writer.write(draft("b")).await.unwrap();
        assert!(journal.draft("a").unwrap().is_some());

        let other = journal.clone();
        std::thread::Builder::new()
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .max_blocking_threads(1)
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(50)));
                    let _ = futures_util::poll!(Box::pin(other.writer.write(draft("c"))));
                });
            })
            .unwrap()
            .join()
            .unwrap();
        journal.writer.write(draft("d")).await.unwrap();
        assert!(journal.draft("d").unwrap().is_some());
    }
}
