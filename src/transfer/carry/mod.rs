//! One item on its way: the executors. Each looks before it repeats, keeps what a later attempt needs, and comes to a safe
//! end when it is asked to stop.
//!
//! Whatever is done here may be cut off at any await and begun again by another run of the program: uploads carry the
//! item's mark, downloads have a partial file of their own, and moves are looked for at both ends.

mod across;
mod across_pieces;
mod aside;
mod beside;
mod content;
mod delete;
mod discard;
mod disk;
mod download;
mod edit;
mod empty;
mod failure;
mod folder;
mod kept;
mod lookup;
mod part;
mod pieces;
mod proof;
mod reconcile;
mod relocate;
mod small;
mod source;
mod standing;
mod target;
mod upload;
mod verify;

use std::pin::Pin;

use tokio_util::sync::CancellationToken;

use super::job::{Content, Failure, Item, Proof};
use super::plan::{Kind, Rules};
use crate::journal::ObjectFacts;
use crate::supabase::{BucketName, ObjectKey, Supabase};

pub use across::across;
pub(in crate::transfer) use across::is_across;
pub use delete::delete_forever;
pub use discard::discard;
pub use disk::Disk;
pub use download::download;
pub use edit::edit;
pub use empty::empty;
pub use failure::failure;
pub(in crate::transfer) use lookup::{Found, look_up};
pub use proof::read_back;
pub use reconcile::reconcile;
pub use relocate::relocate;
pub(in crate::transfer) use source::look_again;
pub use upload::upload;
pub use verify::verify;

/// What an executor is given to carry out an item.
#[derive(Clone, Copy)]
pub struct Carry<'a> {
    /// The project.
    pub project: &'a Supabase,
    /// The project that objects go to which go into another workspace; none while that cannot be had.
    pub there: Option<&'a Supabase>,
    /// What the item's job does: places alone do not tell a move from a copy.
    pub kind: Kind,
    /// The item, as the journal has it.
    pub item: &'a Item,
    /// How the job is carried out.
    pub rules: &'a Rules,
    /// Cancelled when the item is to pause or to end. Which of the two, is the engine's affair: what can be gone on with is
    /// kept, and thrown away with [`discard()`] if nobody wants it.
    pub stop: &'a CancellationToken,
    /// What the executor does on the way besides moving bytes.
    pub way: &'a dyn Way,
    /// Where downloads come to rest.
    pub disk: &'a Disk,
}

/// What an executor's surroundings do for it while an item is on its way.
pub trait Way: Send + Sync {
    /// Waits until so many bytes more may go, by the limit on bandwidth.
    fn admit(&self, bytes: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
    /// So many bytes of the item have arrived so far.
    fn arrived(&self, bytes: u64);
    /// All bytes have come and are right; the server is not needed for what is left.
    fn received(&self) {}
    /// Keeps on disk what a later attempt needs ([`Item::resume`]), before the executor goes on. None: nothing any more.
    fn keep(&self, resume: Option<String>) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + '_>>;
    /// An object is about to go to the trash, or a copy of it is, and can be taken back from there for as long as the trash
    /// keeps it: the record of that is on disk before the executor goes on. The same may be told more than once.
    fn aside<'a>(&'a self, aside: &'a Aside) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>> {
        let _ = aside;
        Box::pin(std::future::ready(Ok(())))
    }
    /// What is beside an object's bytes is about to be edited, and can be put back: the record of that is on disk before the
    /// executor goes on. The same may be told more than once.
    fn edits<'a>(&'a self, edits: &'a Edits) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>> {
        let _ = edits;
        Box::pin(std::future::ready(Ok(())))
    }
}

/// What is edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edits {
    /// The bucket.
    pub bucket: BucketName,
    /// The object.
    pub key: ObjectKey,
    /// Bytes, as far as known.
    pub size: Option<u64>,
    /// Its ETag before.
    pub etag: Option<String>,
    /// What is beside its bytes.
    pub before: ObjectFacts,
    /// What is to be.
    pub after: ObjectFacts,
}

/// What goes to the trash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// The bucket of both keys.
    pub bucket: BucketName,
    /// Where the object is, or was.
    pub key: ObjectKey,
    /// Where it can be taken back from.
    pub trash: ObjectKey,
    /// Bytes, as far as known.
    pub size: Option<u64>,
    /// Its ETag before.
    pub etag: Option<String>,
    /// Another object takes its key, rather than none.
    pub replaced: bool,
}

/// How an attempt at an item ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// It has arrived. What is known of its bytes; [`Proof`] if that could be told on the way, else it is proven later,
    /// many at once.
    Landed(Content, Option<Proof>),
    /// The target has the same bytes already, or what was to go is gone.
    Identical,
    /// It was stopped, and can be gone on with.
    Stopped,
}
