//! The bench of a scene's pictures in the window: what is compared, drawn, judged, put in the place of the live picture, and said
//! in words beside it. Through accessible labels, on the real embedded server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod compare;
#[path = "../support/mod.rs"]
mod support;
