//! Files that are dropped on a window.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui_kittest::Harness;

/// A file as the windowing system tells of it: a path and nothing more, since the window reads no files itself.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window does not read files".to_owned())
    }
}

/// Drops files where the pointer is, and draws the frame that takes them.
pub fn drop_files<State>(harness: &mut Harness<'_, State>, paths: &[PathBuf]) {
    let input = harness.input_mut();
    input.hovered_files.clear();
    for path in paths {
        input.dropped_files.push(Arc::new(Dropped(path.clone())));
    }
    harness.run_steps(1);
    harness.input_mut().dropped_files.clear();
}
