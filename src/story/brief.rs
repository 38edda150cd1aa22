//! What a story is asked for with, checked before anything is written or paid for.

use serde::{Deserialize, Serialize};

/// A valid request for a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    title: String,
    prompt: String,
    scenes: usize,
    seed: u32,
}

/// The field of a brief that is wrong, with a sentence that says what to do.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{sentence}")]
pub struct BriefError {
    /// Which field.
    pub field: BriefField,
    /// Shown beside it.
    pub sentence: String,
}

/// The fields of a brief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BriefField {
    /// [`Brief::title`]
    Title,
    /// [`Brief::prompt`]
    Prompt,
    /// [`Brief::scenes`]
    Scenes,
}

impl Brief {
    /// Scenes that a story may have.
    pub const SCENES: std::ops::RangeInclusive<usize> = 1..=12;
    /// Characters of a title at most.
    pub const TITLE_MAX: usize = 120;
    /// Characters of a prompt at most.
    pub const PROMPT_MAX: usize = 2_000;

    /// Checks a request. The seed decides, together with the words, how the built-in engines turn out.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn new(title: &str, prompt: &str, scenes: usize, seed: u32) -> Result<Self, BriefError> {
        let title = one_line(title);
        let prompt = prompt.trim().replace("\r\n", "\n");
        let wrong = |field, sentence: String| Err(BriefError { field, sentence });
        let long = |what: &str, length: usize, most: usize| {
            format!("The {what} has {length} characters. Shorten it to {most} or fewer.")
        };
        if title.is_empty() {
            return wrong(BriefField::Title, "Give the story a title.".to_owned());
        }
        let length = title.chars().count();
        if length > Self::TITLE_MAX {
            return wrong(BriefField::Title, long("title", length, Self::TITLE_MAX));
        }
        if prompt.is_empty() {
            return wrong(
                BriefField::Prompt,
                "Say in a sentence or two who the story is about and what happens.".to_owned(),
            );
        }
        let length = prompt.chars().count();
        if length > Self::PROMPT_MAX {
            return wrong(BriefField::Prompt, long("prompt", length, Self::PROMPT_MAX));
        }
        if !Self::SCENES.contains(&scenes) {
            let (least, most) = (Self::SCENES.start(), Self::SCENES.end());
            return wrong(
                BriefField::Scenes,
                format!("A story has {least} to {most} scenes. {scenes} is not possible; choose a number in between."),
            );
        }
        Ok(Self {
            title,
            prompt,
            scenes,
            seed,
        })
    }

    /// One line, not empty.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Who and what the story is about.
    #[must_use]
    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    /// How many scenes, within [`Brief::SCENES`].
    #[must_use]
    pub fn scenes(&self) -> usize {
        self.scenes
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u32 {
        self.seed
    }
}

/// Control characters and line ends become spaces: titles are shown and stored on one line.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_field_that_is_wrong() {
        let field = |title: &str, prompt: &str, scenes| Brief::new(title, prompt, scenes, 0).unwrap_err().field;
        assert_eq!(field(" \n", "p", 5), BriefField::Title);
        assert_eq!(field("t", " ", 5), BriefField::Prompt);
        assert_eq!(field("t", "p", 0), BriefField::Scenes);
        assert_eq!(field("t", "p", 500), BriefField::Scenes);
        assert_eq!(field(&"t".repeat(121), "p", 5), BriefField::Title);
        assert_eq!(field("t", &"p".repeat(2001), 5), BriefField::Prompt);
    }

    #[test]
    fn keeps_titles_on_one_line() {
        assert_eq!(
            Brief::new("  Pip\n and\u{7} the  star ", "p", 1, 0).unwrap().title(),
            "Pip and the star"
        );
    }
}
