//! One folder a place: `state.rs` is plain data that is tested without egui, `view.rs` draws it.
//!
//! A state polls its loads and takes events in [`crate::gui::app`]'s logic pass; a view only reads state, changes what
//! belongs to the screen (selection, texts being typed) and puts [`Action`]s out. No view waits, calls the network or
//! touches a file.

pub mod buckets;
pub mod connect;
pub mod settings;
pub mod stories;
pub mod url_lab;

use super::action::Action;
use super::review::Thumbs;
use super::texture::Pictures;
use crate::service::{AdminState, Job, Service};

/// What a view is given besides its state.
pub struct PanelContext<'a> {
    /// The workspace's work, for loads and for what is known of the workspace.
    pub service: &'a Service,
    /// Pictures on their way to the screen.
    pub pictures: &'a mut Pictures,
    /// Small pictures of files of this machine.
    pub thumbs: &'a mut Thumbs,
    /// All jobs, oldest first.
    pub jobs: &'a [Job],
    /// What is asked for; carried out after the frame.
    pub actions: &'a mut Vec<Action>,
}

impl PanelContext<'_> {
    /// Why nothing can be deleted and no bucket changed now; `None` while it can.
    #[must_use]
    pub fn why_locked(&self) -> Option<&'static str> {
        (self.service.admin().state() == AdminState::Locked)
            .then_some("Admin mode is locked: unlock it beside the workspace's name at the top left")
    }
}
