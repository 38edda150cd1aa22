//! The review of an upload: every file with what is wrong, what is done about it and where it goes, before anything is
//! sent. What is decided follows from [`crate::transfer::plan::fix`]; here is what is asked for, and how it looks.

mod options;
mod state;
mod thumbs;
pub mod view;
mod words;

pub use options::{Habits, Options};
pub(in crate::gui) use state::not_seen;
pub use state::{Outcome, Review};
pub use thumbs::Thumbs;
