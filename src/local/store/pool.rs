//! Connections to the database: readers on the blocking pool, one writer on a thread of its own.
//!
//! SQLite has one writer, and what costs there is the sync of its log at each commit. So the changes that wait for the writer
//! while it syncs are committed together, each in a savepoint of its own: one that fails takes only itself back. None is
//! acknowledged before the commit that holds it.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{StoreError, schema};

/// How long a call waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Reads at the same time; more only make the disk seek.
const READERS: usize = 8;
/// Most changes that are committed together.
const GROUP: usize = 128;
/// Pages of the log after which they are brought over to the database, by whoever committed the last of them: 16 MB. What is
/// written to again and again until then is brought over once. SQLite's own 1,000 cost a sixth of the small uploads a second.
const CHECKPOINT: u32 = 4000;

/// What follows a commit, before the answer: removing files for the most part. Without a commit it is dropped.
pub(super) type After = Box<dyn FnOnce() + Send>;

pub(super) struct Pool {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
    readers: Arc<Semaphore>,
    /// Ends the writer's thread when it is dropped.
    changes: Sender<Box<dyn Change>>,
}

/// A connection that goes back to the pool when its user is done.
struct Lease<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < READERS {
                idle.push(connection);
            }
        }
    }
}

impl Pool {
    pub(super) fn open(file: PathBuf) -> Result<Self, StoreError> {
        make_private_file(&file)?;
        let mut connection = connect(&file)?;
        schema::prepare(&mut connection)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
        let (changes, waiting) = channel();
        let (ends, ended) = channel();
        // What follows a commit does not hold up the next one.
        thread::Builder::new()
            .name("store-after".into())
            .spawn(move || run_ends(&ended))?;
        thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || run_changes(&mut connection, &waiting, &ends))?;
        Ok(Self {
            file,
            idle: Mutex::new(Vec::new()),
            readers: Arc::new(Semaphore::new(READERS)),
            changes,
        })
    }

    pub(super) async fn read<T, E>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = acquire(&self.readers).await;
        let pool = Arc::clone(self);
        let worker = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            pool.with_connection(|connection| work(connection))
        });
        worker
            .await
            .unwrap_or_else(|stopped| Err(StoreError::Worker(stopped).into()))
    }

    /// Runs `work` in a transaction, and what it says is to follow as soon as it is committed: both or, if `work` fails,
    /// neither, even if the caller stops waiting.
    pub(super) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<(T, Option<After>), E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let change = Work {
            work: Some(work),
            outcome: None,
            reply,
        };
        // If the writer's thread is gone, the change is dropped with its reply, and that is the answer.
        let _ = self.changes.send(Box::new(change));
        answer.await.unwrap_or_else(|_| Err(StoreError::WriterStopped.into()))
    }

    /// Blocks.
    pub(super) fn with_connection<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.file)?,
        };
        let mut lease = Lease {
            pool: self,
            connection: Some(connection),
        };
        match lease.connection.as_mut() {
            Some(connection) => work(connection),
            None => Err(StoreError::Database(rusqlite::Error::InvalidQuery).into()),
        }
    }
}

/// Something that wants to be written.
trait Change: Send {
    /// Does it. `false` if it is to be taken back.
    fn run(&mut self, transaction: &Transaction<'_>) -> bool;
    /// Whether something follows that the next commit should not wait for.
    fn is_followed(&self) -> bool;
    /// Answers, once it is known whether it was committed.
    fn end(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Work<W, T, E> {
    work: Option<W>,
    outcome: Option<Result<(T, Option<After>), E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<W, T, E> Change for Work<W, T, E>
where
    W: FnOnce(&Transaction<'_>) -> Result<(T, Option<After>), E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, transaction: &Transaction<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        // A change that panics is taken back and has no outcome; the writer goes on.
        self.outcome = catch_unwind(AssertUnwindSafe(|| work(transaction))).ok();
        matches!(self.outcome, Some(Ok(_)))
    }

    fn is_followed(&self) -> bool {
        matches!(self.outcome, Some(Ok((_, Some(_)))))
    }

    fn end(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (self.outcome, committed) {
            (Some(Ok((value, after))), Ok(())) => {
                if let Some(after) = after {
                    after();
                }
                Ok(value)
            }
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(_)), Err(error)) => Err(error.into()),
            (None, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(StoreError::WriterStopped.into()),
        };
        // Nobody may be waiting any more.
        let _ = self.reply.send(answer);
    }
}

/// Ends changes that were committed.
fn run_ends(ends: &Receiver<Box<dyn Change>>) {
    while let Ok(change) = ends.recv() {
        // Whatever follows one commit must not stop what follows the others.
        let _ = catch_unwind(AssertUnwindSafe(|| change.end(Ok(()))));
    }
}

fn run_changes(connection: &mut Connection, waiting: &Receiver<Box<dyn Change>>, ends: &Sender<Box<dyn Change>>) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = waiting.try_recv()
        {
            group.push(next);
        }
        let committed = commit(connection, &mut group);
        for change in group {
            match &committed {
                // The other thread ends after this one.
                Ok(()) if change.is_followed() => drop(ends.send(change)),
                Ok(()) => change.end(Ok(())),
                Err(error) => change.end(Err(error.for_another())),
            }
        }
    }
}

/// Runs a group of changes in one transaction. An error is all's.
fn commit(connection: &mut Connection, group: &mut [Box<dyn Change>]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut wanted = false;
    for change in group.iter_mut() {
        transaction.execute_batch("SAVEPOINT change")?;
        let keep = change.run(&transaction);
        if transaction.is_autocommit() {
            // A failure such as a full disk may have taken back the whole transaction.
            return Err(StoreError::NotCommitted("the transaction was rolled back".into()));
        }
        wanted |= keep;
        let end = if keep {
            "RELEASE change"
        } else {
            "ROLLBACK TO change; RELEASE change"
        };
        transaction.execute_batch(end)?;
    }
    // Without a change that is kept there is nothing to sync.
    if wanted {
        transaction.commit()?;
    } else {
        transaction.rollback()?;
    }
    Ok(())
}

/// A permit, or `None` if the semaphore were closed, which nobody does.
async fn acquire(semaphore: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    Arc::clone(semaphore).acquire_owned().await.ok()
}

/// The database holds hashes of passwords. SQLite would make it readable for all, and gives its log the same permissions.
fn make_private_file(file: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

pub(super) fn connect(file: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(64);
    // FULL: a commit that was acknowledged survives a power cut, not only a kill.
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;")?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(folder: &tempfile::TempDir) -> Arc<Pool> {
        Arc::new(Pool::open(folder.path().join("db")).unwrap())
    }

    fn bucket(name: &str) -> impl FnOnce(&Transaction<'_>) -> Result<((), Option<After>), StoreError> + Send + 'static {
        let name = name.to_owned();
        move |transaction| {
            let sql = "INSERT INTO buckets (id, name, created_at, updated_at) VALUES (?1, ?1, 0, 0)";
            transaction.execute(sql, [name])?;
            Ok(((), None))
        }
    }

    async fn names(pool: &Arc<Pool>) -> Vec<String> {
        let read = pool.read(|connection| {
            let mut select = connection.prepare("SELECT id FROM buckets ORDER BY id")?;
            let names = select.query_map([], |row| row.get(0))?;
            Ok::<_, StoreError>(names.collect::<Result<_, _>>()?)
        });
        read.await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_changes_that_are_committed_together_one_that_fails_takes_only_itself_back() {
        let folder = tempfile::tempdir().unwrap();
        let pool = pool(&folder);
        // The writer is busy while the others gather.
        let (go, wait) = channel::<()>();
        let block = pool.write(move |_| {
            wait.recv().unwrap();
            Ok::<_, StoreError>(((), None))
        });
        let fails = |name: &'static str| {
            let insert = bucket(name);
            pool.write(move |transaction| {
                insert(transaction)?;
                Err::<((), _), _>(StoreError::NoSuchKey)
            })
        };
        let panics = pool.write(|_| -> Result<((), Option<After>), StoreError> { panic!("a mistake") });
        let others = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            go.send(()).unwrap();
        };
        let (_, a, failed, panicked, b, taken, ()) = tokio::join!(
            block,
            pool.write(bucket("a")),
            fails("never"),
            panics,
            pool.write(bucket("b")),
            pool.write(bucket("a")),
            others,
        );
        assert!(a.is_ok() && b.is_ok());
        assert!(matches!(failed, Err(StoreError::NoSuchKey)));
        assert!(matches!(panicked, Err(StoreError::WriterStopped)));
        assert!(matches!(taken, Err(StoreError::Database(_))));
        assert_eq!(names(&pool).await, ["a", "b"]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_change_is_made_and_followed_though_nobody_waits() {
        let folder = tempfile::tempdir().unwrap();
        let pool = pool(&folder);
        let (done, seen) = channel();
        let insert = bucket("a");
        let change = pool.write(move |transaction| {
            insert(transaction)?;
            let after: After = Box::new(move || done.send(()).unwrap());
            Ok::<_, StoreError>(((), Some(after)))
        });
        // Polled once, so that it is on its way, and dropped.
        let _ = futures_util::poll!(Box::pin(change));
        tokio::task::spawn_blocking(move || seen.recv_timeout(Duration::from_secs(20)))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(names(&pool).await, ["a"]);
    }
}
