//! Text and image models behind one seam; one file a dialect. Knows HTTP, not stories and not the window.
//!
//! Making text and pictures costs money: a request that may have been carried out is never repeated by itself.

mod client;
mod dialect;
mod draft;
mod error;
mod paint;
mod parse;
mod provider;
#[cfg(test)]
mod testing;

pub use client::Ai;
pub use draft::{DraftRequest, DraftScene, Drafted, Usage};
pub use error::{AiError, Said};
pub use paint::{PaintRequest, Painted};
pub use provider::{Dialect, Provider};
