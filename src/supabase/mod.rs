//! The wire to a Supabase project, one file an API. Knows HTTP, not stories and not the window.

mod names;
pub mod url;

pub use names::{BucketName, NameError, ObjectKey};
