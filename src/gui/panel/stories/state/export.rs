//! What a story is to be made into, as it was chosen last.

use crate::gui::action::Action;
use crate::story::StoryId;
use crate::story::export::{ExportSettings, Format, PageSize};

/// The question what a story is made into.
#[derive(Clone, Debug, Default)]
pub struct ExportForm {
    /// The story that is asked about.
    pub(in crate::gui::panel::stories) story: Option<StoryId>,
    /// The answers so far; they stay for the next story.
    pub(in crate::gui::panel::stories) format: Format,
    pub(in crate::gui::panel::stories) size: PageSize,
    pub(in crate::gui::panel::stories) bleed: bool,
}

impl ExportForm {
    /// Asks about a story.
    pub fn ask(&mut self, story: StoryId) {
        self.story = Some(story);
    }

    /// Closes the question without an answer.
    pub fn close(&mut self) {
        self.story = None;
    }

    /// Closes the question with what it says.
    pub fn answer(&mut self) -> Option<Action> {
        let story = self.story.take()?;
        let has_pages = self.format.has_pages();
        let settings = ExportSettings {
            format: self.format,
            size: if has_pages { self.size } else { PageSize::default() },
            bleed: self.bleed && has_pages,
            language: None,
            // The dialog that asks where it goes has asked.
            overwrite: true,
        };
        Some(Action::Export(story, settings))
    }
}

/// What a format is for, in a line.
pub(in crate::gui::panel::stories) fn about(format: Format) -> &'static str {
    match format {
        Format::Pdf => "A page a scene, for print; can be read aloud",
        Format::Epub => "For readers of electronic books, with descriptions of the pictures",
        Format::Sheet => "All pictures on one PNG",
        Format::Folder => "Pictures and words as files, with a manifest",
        Format::Colouring => "Outlines to colour in, drawn by the built-in illustrator",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stay_but_only_where_they_mean_something() {
        let mut form = ExportForm::default();
        assert_eq!(form.answer(), None);
        form.size = PageSize::A5;
        form.bleed = true;
        form.format = Format::Epub;
        form.ask(StoryId::fresh());
        let Some(Action::Export(_, settings)) = form.answer() else {
            panic!("it was asked")
        };
        assert_eq!((settings.size, settings.bleed), (PageSize::Square, false));
        form.format = Format::Pdf;
        form.ask(StoryId::fresh());
        let Some(Action::Export(_, settings)) = form.answer() else {
            panic!("it was asked")
        };
        assert_eq!(
            (settings.size, settings.bleed, settings.overwrite),
            (PageSize::A5, true, true)
        );
        assert_eq!(form.answer(), None, "it is closed");
    }
}
