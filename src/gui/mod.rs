//! The window. Knows egui; nothing below it does.
//!
//! Here live the look ([`theme`], [`icon`], [`widget`]), which knows no stories and no buckets, and on top of it the
//! shell and the panels. What is decided anywhere else than on the screen does not live here.

pub mod action;
pub mod app;
mod command;
pub mod icon;
pub mod mark;
pub mod panel;
pub mod picker;
pub mod review;
mod run;
pub mod shell;
pub mod texture;
pub mod theme;
pub mod widget;
mod words;

pub use run::{Opened, check_display, run};
