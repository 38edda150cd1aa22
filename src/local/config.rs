//! What a server is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::access::Policy;
use super::connections::ConnectionLimits;
use super::rest::TableLayout;
use super::secrets::Secrets;

/// The size limit of one upload that a fresh Supabase project has: 50 MiB.
pub const DEFAULT_UPLOAD_LIMIT: u64 = 52_428_800;

/// The size limit of one resumable upload: 50 GiB. A fresh project has the same limit for both kinds, and a paid one up to
/// 500 GB; here the disk is the user's own, and the limit only keeps a mistake from filling it.
pub const DEFAULT_RESUMABLE_LIMIT: u64 = 50 * 1024 * 1024 * 1024;

/// How long a resumable upload may take from its start: a day, as in a hosted project.
pub const DEFAULT_UPLOAD_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an access token is good: an hour, GoTrue's usual setting.
pub const DEFAULT_ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(60 * 60);

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
    /// The largest object that is accepted in one request, in bytes. A bucket may set a lower limit.
    pub upload_limit: u64,
    /// What users who are signed in may do.
    pub policy: Policy,
    /// Whether anybody may sign up.
    pub signup: bool,
    /// How long the token of a user who has signed in is good, in whole seconds.
    pub access_token_lifetime: Duration,
    /// Whether pages of any site may call this server from a browser, as they may call the gateway of `supabase start`.
    /// Their calls still need a key.
    pub browsers: bool,
    /// The largest object that is accepted as a resumable upload, in bytes, and the highest limit that a bucket may set.
    pub resumable_limit: u64,
    /// How long a resumable upload may take. What is not finished then is removed.
    pub upload_lifetime: Duration,
    /// What connections may take of the server.
    pub connections: ConnectionLimits,
    /// How the tables of stories are laid out; others than the usual one are for tests.
    #[doc(hidden)]
    pub tables: TableLayout,
}

impl Config {
    /// A server on a free loopback port, with the default limits: only the service key writes.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>, secrets: Secrets) -> Self {
        Self {
            data: data.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            secrets,
            upload_limit: DEFAULT_UPLOAD_LIMIT,
            policy: Policy::default(),
            signup: false,
            access_token_lifetime: DEFAULT_ACCESS_TOKEN_LIFETIME,
            browsers: false,
            resumable_limit: DEFAULT_RESUMABLE_LIMIT,
            upload_lifetime: DEFAULT_UPLOAD_LIFETIME,
            connections: ConnectionLimits::default(),
            tables: TableLayout::default(),
        }
    }
}
