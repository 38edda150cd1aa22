//! The editors' place: stories, their scenes, and everything that is done to a scene's picture.
//!
//! [`State`] is plain data, fed by [`State::poll`] and [`State::event`]; [`view::show`] draws it and puts actions out.
//! How pictures get to the screen is not here (see [`crate::gui::texture`]), nor how work is done (see
//! [`crate::service`]).

mod state;
pub mod view;

pub use state::{BenchAct, Deed, Pages, Selection, State};
