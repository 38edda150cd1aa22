//! A URL part by part: what each part is for, what is wrong and how it is mended, every form the URL can take, and what
//! the server really answers.
//!
//! The explanation itself is [`crate::supabase::url`], which knows no window; the requests of a check are
//! [`crate::service::Service::probe`]. Nothing is sent before "Check" is pressed.

mod snippet;
mod state;
pub mod view;

pub use state::State;
