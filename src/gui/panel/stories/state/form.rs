//! The form of a new story: what is typed, and what is wrong with it.

use super::seed;
use crate::service::{Engine, Problem, Service};
use crate::story::{Brief, BriefField};
use crate::workspace::EngineId;

/// Scenes that the form proposes.
const USUAL_SCENES: u32 = 6;

/// What was typed, kept until it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The title.
    pub title: String,
    /// The prompt.
    pub prompt: String,
    /// How many scenes.
    pub scenes: u32,
    /// The seed as typed.
    pub seed: String,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            title: String::new(),
            prompt: String::new(),
            scenes: USUAL_SCENES,
            seed: seed::fresh().to_string(),
        }
    }
}

impl From<&Brief> for Typed {
    fn from(brief: &Brief) -> Self {
        Self {
            title: brief.title().to_owned(),
            prompt: brief.prompt().to_owned(),
            scenes: u32::try_from(brief.scenes()).unwrap_or(USUAL_SCENES),
            seed: brief.seed().to_string(),
        }
    }
}

/// A field that is typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FormField {
    /// The title.
    Title,
    /// The prompt.
    Prompt,
    /// The seed.
    Seed,
}

/// The form.
#[derive(Debug, Default)]
pub struct NewStory {
    /// Whether it is shown.
    pub open: bool,
    /// What was typed.
    pub typed: Typed,
    /// The title was typed in and left.
    pub left_title: bool,
    /// The prompt was typed in and left.
    pub left_prompt: bool,
    /// Why the last try failed.
    pub problem: Option<Problem>,
    /// Who is to write; none for the workspace's first that writes.
    pub writer: Option<EngineId>,
    tried: bool,
}

impl NewStory {
    /// Shows the form with whatever was typed before.
    pub fn show(&mut self) {
        self.open = true;
    }

    /// Hides the form; what was typed stays.
    pub fn hide(&mut self) {
        self.open = false;
    }

    /// Who is to write.
    pub fn writer(&self, service: &Service) -> Option<Engine> {
        let writers: Vec<Engine> = service.engines().into_iter().filter(|engine| engine.writes).collect();
        let chosen = writers
            .iter()
            .position(|engine| Some(&engine.id) == self.writer.as_ref());
        writers.into_iter().nth(chosen.unwrap_or(0))
    }

    /// Another seed.
    pub fn roll(&mut self) {
        self.typed.seed = seed::fresh().to_string();
    }

    /// Whether nothing was typed that could get lost.
    pub fn is_unused(&self) -> bool {
        self.typed.title.trim().is_empty() && self.typed.prompt.trim().is_empty()
    }

    /// Shows the form with a brief that could not be carried out, and why.
    pub fn bring_back(&mut self, brief: &Brief, problem: Problem) {
        *self = Self {
            open: true,
            typed: Typed::from(brief),
            problem: Some(problem),
            writer: self.writer.take(),
            ..Self::default()
        };
    }

    /// Checks everything. A valid brief is taken out and the form closes, empty; else each field says what is wrong.
    pub fn create(&mut self) -> Option<Brief> {
        self.tried = true;
        let seed = seed::parse(&self.typed.seed).ok()?;
        let scenes = usize::try_from(self.typed.scenes).ok()?;
        let brief = Brief::new(&self.typed.title, &self.typed.prompt, scenes, seed).ok()?;
        let writer = self.writer.take();
        *self = Self {
            writer,
            ..Self::default()
        };
        Some(brief)
    }

    /// The first field that is wrong, after a try.
    pub fn in_the_way(&self) -> Option<FormField> {
        match () {
            () if self.title_error().is_some() => Some(FormField::Title),
            () if self.prompt_error().is_some() => Some(FormField::Prompt),
            () if self.seed_error().is_some() => Some(FormField::Seed),
            () => None,
        }
    }

    /// What to say below the title.
    pub fn title_error(&self) -> Option<String> {
        let check = || Brief::new(&self.typed.title, "A prompt", 1, 0).err();
        (self.tried || self.left_title)
            .then(check)?
            .filter(|error| error.field == BriefField::Title)
            .map(sentence)
    }

    /// What to say below the prompt.
    pub fn prompt_error(&self) -> Option<String> {
        let check = || Brief::new("A title", &self.typed.prompt, 1, 0).err();
        (self.tried || self.left_prompt)
            .then(check)?
            .filter(|error| error.field == BriefField::Prompt)
            .map(sentence)
    }

    /// What to say below the seed. A seed that is no number is wrong at once.
    pub fn seed_error(&self) -> Option<&'static str> {
        seed::parse(&self.typed.seed).err()
    }
}

fn sentence(error: crate::story::BriefError) -> String {
    error.sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> NewStory {
        let mut form = NewStory {
            open: true,
            ..NewStory::default()
        };
        form.typed.title = "Pip and the Lost Star".to_owned();
        form.typed.prompt = "A fox finds a star.".to_owned();
        form.typed.seed = "4127".to_owned();
        form
    }

    #[test]
    fn says_nothing_before_the_first_try() {
        let mut form = NewStory {
            open: true,
            ..NewStory::default()
        };
        assert_eq!((form.title_error(), form.prompt_error()), (None, None));
        assert!(form.create().is_none());
        assert!(form.open && form.title_error().is_some() && form.prompt_error().is_some());
        assert_eq!(form.in_the_way(), Some(FormField::Title));
        form.typed.title = "Pip".to_owned();
        assert_eq!(form.in_the_way(), Some(FormField::Prompt));
        form.typed.prompt = "A fox finds a star.".to_owned();
        form.typed.seed = "a lot".to_owned();
        assert_eq!(form.in_the_way(), Some(FormField::Seed));
    }

    #[test]
    fn a_field_that_was_left_speaks_for_itself_only() {
        let form = NewStory {
            left_title: true,
            ..NewStory::default()
        };
        assert!(form.title_error().is_some());
        assert_eq!(form.prompt_error(), None);
    }

    #[test]
    fn a_valid_brief_empties_the_form_and_closes_it() {
        let mut form = filled();
        let brief = form.create().unwrap();
        assert_eq!(
            (brief.title(), brief.scenes(), brief.seed()),
            ("Pip and the Lost Star", 6, 4127)
        );
        assert!(!form.open && form.is_unused());
    }

    #[test]
    fn closing_keeps_what_was_typed_and_a_wrong_seed_keeps_the_form() {
        let mut form = filled();
        form.typed.seed = "a lot".to_owned();
        assert!(form.create().is_none());
        assert!(form.seed_error().is_some());
        form.hide();
        form.show();
        assert_eq!(form.typed.title, "Pip and the Lost Star");
    }

    #[test]
    fn a_brief_that_failed_comes_back_whole() {
        let brief = filled().create().unwrap();
        let mut form = NewStory::default();
        form.bring_back(&brief, Problem::new("The bucket is not there.", "Create it."));
        assert!(form.open && form.problem.is_some());
        assert_eq!(form.create().unwrap(), brief);
    }
}
