//! The settings: how the program looks, what it works on, and what it is made of.

mod apply;
mod licences;
mod state;
mod view;

pub use state::{Facts, Settings, State, Theme, TransferLimits, ZOOM};
pub use view::show;
