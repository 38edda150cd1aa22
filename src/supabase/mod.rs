//! The wire to a Supabase project, one file an API. Knows HTTP, not stories and not the window.

mod names;

pub use names::{BucketName, NameError, ObjectKey};
