//! What is around the panels. What the panels show does not live here.

pub mod palette;
pub mod palette_match;
pub mod shortcuts;
