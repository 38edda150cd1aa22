//! A file picker that answers what a test has written down.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;

use futures_util::future::{BoxFuture, FutureExt as _, ready};
use storymimi_studio::gui::picker::{FilePicker, NoDialog, Purpose};

/// Answers the next of its answers each time, and nothing when there is none left.
#[derive(Default)]
pub struct ScriptedPicker {
    picked: Mutex<VecDeque<Vec<PathBuf>>>,
    saved: Mutex<VecDeque<PathBuf>>,
    asked: Mutex<Vec<Purpose>>,
}

impl ScriptedPicker {
    /// The next files that are picked.
    pub fn pick(&self, files: &[PathBuf]) {
        self.picked.lock().unwrap().push_back(files.to_vec());
    }

    /// The next place that a file is saved at.
    pub fn save(&self, file: PathBuf) {
        self.saved.lock().unwrap().push_back(file);
    }

    /// What files were asked for.
    pub fn asked(&self) -> Vec<Purpose> {
        self.asked.lock().unwrap().clone()
    }
}

impl FilePicker for ScriptedPicker {
    fn pick_files(&self, purpose: &Purpose) -> BoxFuture<'static, Result<Vec<PathBuf>, NoDialog>> {
        self.asked.lock().unwrap().push(purpose.clone());
        ready(Ok(self.picked.lock().unwrap().pop_front().unwrap_or_default())).boxed()
    }

    fn save_file(&self, _name: &str) -> BoxFuture<'static, Result<Option<PathBuf>, NoDialog>> {
        ready(Ok(self.saved.lock().unwrap().pop_front())).boxed()
    }
}
