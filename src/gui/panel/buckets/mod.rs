//! The buckets of a workspace and the objects in them: browse, look at, upload, save, delete.
//!
//! [`state`] holds together what is shown, asked and chosen, [`selection`] knows what is chosen,
//! [`dialog`] what is asked over the place, [`inspect`] what is known of one object; none of them knows egui. What
//! a bucket holds is asked of its index in [`crate::catalog`], off the window's thread; what buckets are asked over the
//! wire is in [`crate::supabase`].

mod dialog;
mod inspect;
pub(in crate::gui) mod kind;
mod model;
mod selection;
mod state;
mod usage;
pub mod view;

pub use dialog::{Act, Ask, Chosen, Dialog};
pub use state::{Columns, State};
