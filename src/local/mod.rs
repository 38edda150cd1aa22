//! The embedded server: routes over a store of SQLite and plain files, with the built-in storyteller and
//! illustrator behind an OpenAI-compatible API. Only the program itself starts it; everything else reaches it
//! over HTTP, as it would reach a real project.
//!
//! - [`Server`]: listens, and ends cleanly; [`Config`] and [`Secrets`] are what it is started with
//! - [`store`]: rows and bytes; knows nothing of HTTP
//! - [`storage_routes`]: `/storage/v1`, answering as a recorded Supabase Storage server does
//! - [`rest`]: `/rest/v1`, the part of PostgREST that stories need
//! - [`auth_routes`]: `/auth/v1`, the part of GoTrue that signing in with a password needs
//! - [`gateway`]: what stands before them all: keys of the newer kind, and calls from pages in a browser
//! - [`studio_routes`]: `/studio/v1`, by which a server proves to this program whose it is
//! - [`ai_routes`]: `/ai/v1`, OpenAI-compatible, over the built-in engines
//! - [`access`], [`jwt`], [`names`], [`jsonb`]: who may do what, tokens, which names are legal, JSON as Postgres keeps it
//! - [`storyteller`], [`illustrator`], [`lexicon`]: the engines; they know nothing of the server

mod access;
mod ai_routes;
mod auth_routes;
mod config;
mod connections;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod gateway;
pub mod illustrator;
mod jsonb;
pub mod jwt;
pub mod lexicon;
mod names;
mod reply;
mod rest;
mod secrets;
mod server;
mod storage_routes;
mod store;
pub mod storyteller;
mod studio_routes;

pub use access::{EditorBuckets, Policy};
pub use auth_routes::NewUserError;
pub use config::{
    Config, DEFAULT_ACCESS_TOKEN_LIFETIME, DEFAULT_RESUMABLE_LIMIT, DEFAULT_UPLOAD_LIFETIME, DEFAULT_UPLOAD_LIMIT,
};
pub use connections::ConnectionLimits;
pub use error::{SecretsError, ServerError};
#[doc(hidden)]
pub use rest::TableLayout;
pub use secrets::Secrets;
pub use server::Server;
pub use studio_routes::CHALLENGE;
