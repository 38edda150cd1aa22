//! The buckets of a workspace and the objects in them: browse, look at, upload, save, delete.
//!
//! [`listing`] makes folders, searches and sorts, [`selection`] knows what is chosen, [`dialog`] what is
//! asked over the place, [`state`] holds it all together;
//! none of them knows egui. What buckets are asked over the wire is in [`crate::supabase`].

mod dialog;
mod inspect;
pub(in crate::gui) mod kind;
mod listing;
mod model;
mod selection;
mod state;
pub mod view;

pub use dialog::{Act, Ask, Chosen, Dialog};
pub use state::State;
