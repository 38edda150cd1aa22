//! What stands around the panels: the bars, the dock, and what lies over everything.
//!
//! The shell shows what is true of the program as a whole and leads from place to place. What belongs to one place is
//! in its panel.

pub mod dock;
pub mod palette;
pub mod palette_match;
pub mod rail;
pub mod shortcuts;
pub mod status_bar;
pub mod switcher;
pub mod top_bar;
pub mod transfers;
