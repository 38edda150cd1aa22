//! Whether objects are to go: to the trash, or for good.

use super::Chosen;

/// Objects that are to go.
#[derive(Clone, Debug)]
pub struct Deletion {
    /// Which.
    pub chosen: Chosen,
    /// Without the trash: they cannot be taken back.
    pub for_good: bool,
    /// What was typed to confirm it.
    pub typed: String,
    /// Whether the safe answer has got the keyboard.
    pub focused: bool,
}

impl Deletion {
    /// What has to be typed before anything is deleted for good.
    pub const WORD: &'static str = "delete";

    /// Nothing is confirmed yet.
    #[must_use]
    pub fn new(chosen: Chosen, for_good: bool) -> Self {
        Self {
            chosen,
            for_good,
            typed: String::new(),
            focused: false,
        }
    }

    /// Why it cannot be answered with yes.
    #[must_use]
    pub fn why_not(&self) -> Option<&'static str> {
        let confirmed = !self.for_good || self.typed.trim().eq_ignore_ascii_case(Self::WORD);
        (!confirmed).then_some("Type “delete” first")
    }
}
