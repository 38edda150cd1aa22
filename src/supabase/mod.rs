//! The wire to a Supabase project, one file an API. Knows HTTP, not stories and not the window.

mod allowed_type;
mod auth;
mod browse;
mod bucket;
mod cdn;
mod client;
mod codes;
mod copy;
mod credentials;
mod download;
mod error;
mod fault;
#[doc(hidden)]
pub mod fuzzing;
mod known_buckets;
mod lenient;
mod list_page;
mod listing;
mod names;
mod object;
mod open;
mod path;
mod range;
mod remove;
mod render;
mod rest;
mod resumable;
mod session;
mod sign;
mod stream;
#[cfg(test)]
pub(crate) mod testing;
mod upload;
pub mod url;

pub use allowed_type::{AllowedType, NotAType};
pub use auth::{Auth, Health, Identity, NotTokens, Settings, SignIn, SignOut, Tokens, User};
pub use browse::{Browse, FolderPage};
pub use bucket::{Bucket, BucketKind, BucketQuery, BucketSort, BucketUpdate, Buckets, Ensured, NewBucket, SizeLimit};
pub use cdn::{Cdn, Purge};
pub use client::Supabase;
pub use copy::{CopiedMetadata, CopyOptions, Destination, Edited, ObjectEdit, ObjectRow};
pub use download::{Download, Read, Reading};
pub use error::{Class, Error, ErrorDetails};
pub use list_page::{Entry, FlatPage, FlatQuery, LevelPage, LevelQuery, ListSort};
pub use listing::{ListApi, ListPage, Listing};
pub use names::{BucketName, NameError, ObjectKey};
pub use object::{Access, ObjectInfo, Objects};
pub use range::{ByteRange, Facts, Part};
pub use remove::{Removal, RemovalFailure};
pub use render::{Transform, TransformError};
pub use rest::{Condition, Count, Counted, Order, Query, Rest};
pub use resumable::{
    Appended, Created, Ended, FileSource, NotAnUpload, NotTheSame, PieceSource, Place, Resumable, ResumableServer,
    ResumableUpload, Seekable, Step, UploadId, UploadMetadata, UploadState, sha256,
};
pub use session::{Session, SessionKeeper, ThisRunOnly, Turn};
pub use sign::{SignedUrl, Signing, UploadPass};
pub use stream::ObjectStream;
pub use upload::{UPLOAD_MARK, Upload, Uploaded};
