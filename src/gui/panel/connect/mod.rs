//! Connecting: choosing the local workspace, adding a project, changing how one is reached.

mod state;
mod view;

pub use state::{Connected, Field, Focus, SecretText, State, Way};
pub use view::{Facts, show};
