//! What an editor is about to ask for a scene's picture.

use super::seed;
use crate::story::{Brief, Scene};

/// Prompt, seed and file of one scene, as typed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The words for the next picture.
    pub prompt: String,
    /// The seed for the next picture, as typed.
    pub seed: String,
    /// Whether the seed stays the same from picture to picture.
    pub keep_seed: bool,
    /// The path of a file to use instead.
    pub path: String,
    /// The words of the row that `prompt` began as.
    from: String,
}

impl Draft {
    /// Begins with the words of the row and a seed of its own: the same seed would give the same picture again.
    pub fn new(scene: &Scene) -> Self {
        Self {
            prompt: scene.image_prompt.clone(),
            seed: seed::fresh().to_string(),
            keep_seed: false,
            path: String::new(),
            from: scene.image_prompt.clone(),
        }
    }

    /// Follows the row's words as long as the editor has not changed them.
    pub fn follow(&mut self, scene: &Scene) {
        if self.from != scene.image_prompt {
            if self.prompt == self.from {
                self.prompt.clone_from(&scene.image_prompt);
            }
            self.from.clone_from(&scene.image_prompt);
        }
    }

    /// Whether the words differ from the row's.
    pub fn is_changed(&self) -> bool {
        self.prompt != self.from
    }

    /// Back to the row's words.
    pub fn reset(&mut self) {
        self.prompt.clone_from(&self.from);
    }

    /// Another seed.
    pub fn roll(&mut self) {
        self.seed = seed::fresh().to_string();
    }

    /// What to say below the seed.
    pub fn seed_error(&self) -> Option<&'static str> {
        seed::parse(&self.seed).err()
    }

    /// Words and seed for a picture.
    ///
    /// # Errors
    /// What is wrong with them, as a tooltip says it.
    pub fn checked(&self) -> Result<(String, u32), &'static str> {
        let prompt = self.prompt.trim();
        if prompt.is_empty() {
            return Err("Write a prompt first");
        }
        if prompt.chars().count() > Brief::PROMPT_MAX {
            return Err("Shorten the prompt to 2,000 characters first");
        }
        Ok((prompt.to_owned(), seed::parse(&self.seed)?))
    }

    /// The picture was asked for: the next one gets another seed, unless this one is to stay.
    pub fn used(&mut self) {
        if !self.keep_seed {
            self.roll();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::scene;
    use super::*;

    #[test]
    fn follows_the_row_until_the_editor_types() {
        let mut row = scene(0, None);
        let mut draft = Draft::new(&row);
        row.image_prompt = "A fox at night".to_owned();
        draft.follow(&row);
        assert_eq!(draft.prompt, "A fox at night");

        draft.prompt.push_str(", in the rain");
        row.image_prompt = "A fox at noon".to_owned();
        draft.follow(&row);
        assert_eq!(draft.prompt, "A fox at night, in the rain");
        assert!(draft.is_changed());
        draft.reset();
        assert_eq!(draft.prompt, "A fox at noon");
    }

    #[test]
    fn a_kept_seed_stays_and_another_does_not() {
        let mut draft = Draft::new(&scene(0, None));
        draft.seed = "4294967295".to_owned();
        draft.keep_seed = true;
        draft.used();
        assert_eq!(draft.checked().unwrap().1, u32::MAX);
        draft.keep_seed = false;
        draft.used();
        assert_ne!(draft.checked().unwrap().1, u32::MAX);
    }

    #[test]
    fn says_what_is_wrong_before_anything_is_asked_for() {
        let mut draft = Draft::new(&scene(0, None));
        draft.prompt = "ä".repeat(2000);
        assert!(draft.checked().is_ok());
        draft.prompt.push('x');
        assert!(draft.checked().unwrap_err().contains("2,000"));
        draft.prompt = "  ".to_owned();
        assert_eq!(draft.checked(), Err("Write a prompt first"));
    }
}
