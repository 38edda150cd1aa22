//! The window. Knows egui; nothing below it does.

pub mod action;
