//! The wire to a Supabase project, one file an API. Knows HTTP, not stories and not the window.

mod auth;
mod auth_fault;
mod bucket;
mod client;
mod credentials;
mod error;
mod fault;
mod lenient;
mod listing;
mod names;
mod object;
mod path;
mod rest;
mod session;
#[cfg(test)]
mod testing;
pub mod url;

pub use auth::{Auth, Health, Identity, NotTokens, Settings, SignIn, SignOut, Tokens, User};
pub use bucket::{Bucket, BucketUpdate, Buckets, Ensured, NewBucket};
pub use client::Supabase;
pub use error::{Class, Error, ErrorDetails};
pub use listing::{Entry, ListApi, ListPage, Listing};
pub use names::{BucketName, NameError, ObjectKey};
pub use object::{Download, ObjectInfo, Objects, Removal, RemovalFailure, Upload, Uploaded};
pub use rest::{Counted, Order, Query, Rest};
pub use session::{Session, SessionKeeper, ThisRunOnly};
