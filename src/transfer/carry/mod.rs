//! One item on its way: the executors. Each looks before it repeats, keeps what a later attempt needs, and comes to a safe
//! end when it is asked to stop.

use std::pin::Pin;

use tokio_util::sync::CancellationToken;

use super::job::{Content, Failure, Item, Proof};
use super::plan::{Kind, Rules};
use crate::supabase::Supabase;

/// What an executor is given to carry out an item.
#[derive(Clone, Copy)]
pub struct Carry<'a> {
    /// The project.
    pub project: &'a Supabase,
    /// What the item's job does: places alone do not tell a move from a copy.
    pub kind: Kind,
    /// The item, as the journal has it.
    pub item: &'a Item,
    /// How the job is carried out.
    pub rules: &'a Rules,
    /// Cancelled when the item is to pause or to end. Which of the two, is the engine's affair: what can be gone on with is
    /// kept, and thrown away with [`discard`] if nobody wants it.
    pub stop: &'a CancellationToken,
    /// What the executor does on the way besides moving bytes.
    pub way: &'a dyn Way,
}

/// What an executor's surroundings do for it while an item is on its way.
pub trait Way: Send + Sync {
    /// Waits until so many bytes more may go, by the limit on bandwidth.
    fn admit(&self, bytes: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
    /// So many bytes of the item have arrived so far.
    fn arrived(&self, bytes: u64);
    /// Keeps on disk what a later attempt needs ([`Item::resume`]), before the executor goes on. None: nothing any more.
    fn keep(&self, resume: Option<String>) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + '_>>;
}

/// How an attempt at an item ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// It has arrived. What is known of its bytes; [`Proof`] if that could be told on the way, else it is proven later,
    /// many at once.
    Landed(Content, Option<Proof>),
    /// The target has the same bytes already.
    Identical,
    /// It was stopped, and can be gone on with.
    Stopped,
}
