//! Carries out what is asked for of stories, manuscripts and batches.

use super::App;
use crate::gui::panel::stories::Deed;
use crate::service::Problem;

impl App {
    /// Carries out one deed. What fails is said in a toast and in the log.
    pub(super) fn carry_out(&mut self, deed: Deed) {
        let what = deed.failed_words();
        let _ = deed;
        self.failed(&Problem::new("Not yet.", ""), what);
    }
}
