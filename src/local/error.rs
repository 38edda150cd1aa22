//! Why a server could not be started.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::store::StoreError;

/// A server that did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Another program listens there.
    #[error("port {} is already in use by another program", .0.port())]
    PortInUse(SocketAddr),
    /// Any other reason why the address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The folder for the database and the objects cannot be used.
    #[error("cannot use the data folder {}: {source}", path.display())]
    DataFolder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database cannot be opened or brought up to date.
    #[error("cannot open the local database: {0}")]
    Store(#[source] StoreError),
}

/// Secrets that cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file cannot be read or written.
    #[error("cannot read or write the keys in {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is there, but is not a file of secrets.
    #[error("the keys in {} are damaged: {source}; move the file away to have new keys made", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where reading it failed.
        source: serde_json::Error,
    },
    /// The claims of a key cannot be written.
    #[error("cannot write a key: {0}")]
    Encode(#[source] serde_json::Error),
    /// The system has no random numbers to give.
    #[error("the system gave no random numbers: {0}")]
    Random(#[source] getrandom::Error),
}
