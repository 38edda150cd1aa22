//! What a server is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::access::Policy;
use super::secrets::Secrets;

/// The size limit of one upload that a fresh Supabase project has: 50 MiB.
pub const DEFAULT_UPLOAD_LIMIT: u64 = 52_428_800;

/// How a [`Server`](super::Server) is to run.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder that holds the database and the objects. Made if it is not there. Several servers, of several
    /// processes, may share one.
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The key that tokens are signed with, and the two tokens that clients use.
    pub secrets: Secrets,
    /// The largest object that is accepted, in bytes. A bucket may set a lower limit, never a higher one.
    pub upload_limit: u64,
    /// What users who are signed in may do.
    pub policy: Policy,
    /// Whether anybody may sign up.
    pub signup: bool,
    /// Whether pages of any site may call this server from a browser, as they may call the gateway of `supabase start`.
    /// Their calls still need a key.
    pub browsers: bool,
}

impl Config {
    /// A server on a free loopback port, with the default upload limit: only the service key writes.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>, secrets: Secrets) -> Self {
        Self {
            data: data.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            secrets,
            upload_limit: DEFAULT_UPLOAD_LIMIT,
            policy: Policy::default(),
            signup: false,
            browsers: false,
        }
    }
}
