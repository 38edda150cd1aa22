//! Connections to the database, used on the blocking pool only.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{StoreError, schema};

/// How long a call waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Reads at the same time; more only make the disk seek.
const READERS: usize = 8;

pub(super) struct Pool {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
    readers: Arc<Semaphore>,
    /// SQLite has one writer. Waiting for it here, in order, is fairer and faster than its busy polling, which is
    /// left for other processes.
    writer: Arc<Semaphore>,
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
        let mut connection = connect(&file)?;
        schema::prepare(&mut connection)?;
        Ok(Self {
            file,
            idle: Mutex::new(vec![connection]),
            readers: Arc::new(Semaphore::new(READERS)),
            writer: Arc::new(Semaphore::new(1)),
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
        run(move || {
            let _permit = permit;
            pool.with_connection(|connection| work(connection))
        })
        .await
    }

    /// Runs `work` in a transaction, and `after` as soon as it is committed: both or, if `work` fails, neither, even
    /// if the caller stops waiting.
    pub(super) async fn write<T, U, E>(
        self: &Arc<Self>,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        after: impl FnOnce(T) -> U + Send + 'static,
    ) -> Result<U, E>
    where
        T: 'static,
        U: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = acquire(&self.writer).await;
        let pool = Arc::clone(self);
        run(move || {
            let value = pool.with_connection(|connection| {
                let database = |error| E::from(StoreError::from(error));
                let transaction = connection
                    .transaction_with_behavior(TransactionBehavior::Immediate)
                    .map_err(database)?;
                let value = work(&transaction)?;
                transaction.commit().map_err(database)?;
                Ok::<T, E>(value)
            })?;
            drop(permit);
            Ok(after(value))
        })
        .await
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

/// A permit, or `None` if the semaphore were closed, which nobody does.
async fn acquire(semaphore: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    Arc::clone(semaphore).acquire_owned().await.ok()
}

async fn run<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|stopped| Err(StoreError::Worker(stopped).into()))
}

fn connect(file: &std::path::Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(64);
    // FULL: a commit that was acknowledged survives a power cut, not only a kill.
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;")?;
    Ok(connection)
}
