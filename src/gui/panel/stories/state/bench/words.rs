//! The words of scenes while they are edited: saved when their field is left, and never over what somebody else wrote meanwhile.

use std::collections::HashMap;

use crate::service::{Pending, Problem, Service};
use crate::story::{Scene, SceneEdit, SceneId, StoryId};

/// A field of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Its title.
    Title,
    /// Its text.
    Text,
    /// The prompt of its picture.
    Prompt,
    /// What readers are told who cannot see the picture.
    Alt,
}

impl Field {
    /// Every field, in the order shown.
    pub const ALL: [Self; 4] = [Self::Title, Self::Text, Self::Prompt, Self::Alt];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "Scene title",
            Self::Text => "Text",
            Self::Prompt => "Prompt of the picture",
            Self::Alt => "Alt text",
        }
    }

    /// What a row says.
    pub fn of(self, scene: &Scene) -> &str {
        match self {
            Self::Title => &scene.title,
            Self::Text => &scene.text,
            Self::Prompt => &scene.image_prompt,
            Self::Alt => scene.alt_text.as_deref().unwrap_or_default(),
        }
    }

    fn put(self, scene: &mut Scene, words: String) {
        match self {
            Self::Title => scene.title = words,
            Self::Text => scene.text = words,
            Self::Prompt => scene.image_prompt = words,
            Self::Alt => scene.alt_text = Some(words).filter(|words| !words.trim().is_empty()),
        }
    }

    fn edit(self, words: String) -> SceneEdit {
        let mut edit = SceneEdit::default();
        let field = match self {
            Self::Title => &mut edit.title,
            Self::Text => &mut edit.text,
            Self::Prompt => &mut edit.image_prompt,
            Self::Alt => &mut edit.alt_text,
        };
        *field = Some(words);
        edit
    }
}

/// One field while it is edited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Typed {
    /// As typed.
    words: String,
    /// The row's words that it began as.
    from: String,
    /// What somebody else wrote while it was edited here.
    theirs: Option<String>,
}

impl Typed {
    fn follow(&mut self, row: &str) {
        if self.from == row {
            self.theirs = None;
            return;
        }
        if self.words == self.from || self.words == row {
            row.clone_into(&mut self.words);
            row.clone_into(&mut self.from);
            self.theirs = None;
        } else {
            self.theirs = Some(row.to_owned());
        }
    }
}

/// The fields of one scene.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneWords {
    story: StoryId,
    /// The row as it was seen last.
    row: Scene,
    fields: [Typed; 4],
}

impl SceneWords {
    /// As the row says.
    pub fn new(story: &StoryId, scene: &Scene) -> Self {
        let fields = Field::ALL.map(|field| Typed {
            words: field.of(scene).to_owned(),
            from: field.of(scene).to_owned(),
            theirs: None,
        });
        Self {
            story: story.clone(),
            row: scene.clone(),
            fields,
        }
    }

    /// Follows the row. What was changed here stays, and if it was changed there too, both are kept.
    pub fn follow(&mut self, scene: &Scene) {
        self.row.clone_from(scene);
        for field in Field::ALL {
            self.fields[field as usize].follow(field.of(scene));
        }
    }

    /// What there is to save of a field: nothing while it is as it was, or while what somebody else wrote is not decided on.
    fn save(&self, field: Field) -> Option<Save> {
        let typed = &self.fields[field as usize];
        if typed.words == typed.from || typed.theirs.is_some() {
            return None;
        }
        let mut seen = self.row.clone();
        field.put(&mut seen, typed.from.clone());
        Some(Save {
            story: self.story.clone(),
            scene: self.row.scene_id.clone(),
            field,
            words: typed.words.clone(),
            seen,
        })
    }

    /// The words of a field, to be typed in.
    pub fn text(&mut self, field: Field) -> &mut String {
        &mut self.fields[field as usize].words
    }

    /// Whether a field is not what its row says.
    pub fn is_changed(&self, field: Field) -> bool {
        let typed = &self.fields[field as usize];
        typed.words != typed.from
    }

    /// What somebody else wrote into a field that was edited here, too.
    pub fn theirs(&self, field: Field) -> Option<&str> {
        self.fields[field as usize].theirs.as_deref()
    }

    /// Takes what somebody else wrote.
    pub fn take_theirs(&mut self, field: Field) {
        let typed = &mut self.fields[field as usize];
        if let Some(theirs) = typed.theirs.take() {
            typed.words.clone_from(&theirs);
            typed.from = theirs;
        }
    }

    /// Keeps what was written here: what somebody else wrote was seen, and may be replaced.
    pub fn keep_mine(&mut self, field: Field) {
        let typed = &mut self.fields[field as usize];
        if let Some(theirs) = typed.theirs.take() {
            typed.from = theirs;
        }
    }
}

/// A field that is to be saved.
#[derive(Clone, Debug, PartialEq)]
struct Save {
    story: StoryId,
    scene: SceneId,
    field: Field,
    words: String,
    /// The row as it was seen when this was written.
    seen: Scene,
}

/// The words of all scenes that are edited.
#[derive(Default)]
pub struct Words {
    scenes: HashMap<SceneId, SceneWords>,
    saving: Option<(Save, Pending<()>)>,
    problem: Option<(Save, Problem)>,
    /// The field that has the keyboard; the view says so in each pass.
    focused: Option<(SceneId, Field)>,
}

impl Words {
    /// The words of a scene, which follow its row.
    pub fn of(&mut self, story: &StoryId, scene: &Scene) -> &mut SceneWords {
        let words = self
            .scenes
            .entry(scene.scene_id.clone())
            .or_insert_with(|| SceneWords::new(story, scene));
        if words.row != *scene {
            words.follow(scene);
        }
        words
    }

    /// The words of a scene that is followed.
    pub fn known(&mut self, scene: &SceneId) -> Option<&mut SceneWords> {
        self.scenes.get_mut(scene)
    }

    /// Which field has the keyboard; what was changed in others is saved.
    pub fn focus(&mut self, field: Option<(SceneId, Field)>) {
        self.focused = field;
    }

    /// What is to be saved next: a field that was changed and left. One that could not be saved is tried again when its
    /// words are others, or when that is wanted.
    fn next(&self) -> Option<Save> {
        let scenes = self.scenes.iter();
        scenes
            .flat_map(|(id, words)| Field::ALL.map(|field| (id, field, words)))
            .filter(|(id, field, _)| self.focused.as_ref() != Some(&((*id).clone(), *field)))
            .filter_map(|(_, field, words)| words.save(field))
            .find(|save| self.problem.as_ref().is_none_or(|(failed, _)| failed != save))
    }

    /// Starts what is to be saved, one after the other, and takes in how it ended. The story whose row is to be read
    /// again, if one is.
    pub fn poll(&mut self, service: &Service) -> Option<StoryId> {
        let mut changed = None;
        if let Some((save, pending)) = self.saving.take() {
            match pending.take() {
                Err(pending) => self.saving = Some((save, pending)),
                Ok(result) => {
                    changed = Some(save.story.clone());
                    self.saved(save, result);
                }
            }
        }
        if self.saving.is_none()
            && let Some(save) = self.next()
        {
            let (story, scene, seen) = (save.story.clone(), save.scene.clone(), save.seen.clone());
            let edit = save.field.edit(save.words.clone());
            let pending = service.load(move |service| async move {
                service.edit_scene(&story, &scene, edit, &seen).await?;
                Ok(())
            });
            self.saving = Some((save, pending));
        }
        changed
    }

    fn saved(&mut self, save: Save, result: Result<(), Problem>) {
        match result {
            Ok(()) => {
                if let Some(words) = self.scenes.get_mut(&save.scene) {
                    let typed = &mut words.fields[save.field as usize];
                    typed.from = save.words;
                    typed.theirs = None;
                }
            }
            // The row is read again; if somebody else changed this field, both are shown then.
            Err(problem) => self.problem = Some((save, problem)),
        }
    }

    /// Whether a field of a scene is being saved.
    pub fn is_saving(&self, scene: &SceneId, field: Field) -> bool {
        let it = |save: &Save| save.scene == *scene && save.field == field;
        self.saving.as_ref().is_some_and(|(save, _)| it(save))
    }

    /// Why the last change of a scene's field was not saved.
    pub fn problem(&self, scene: &SceneId, field: Field) -> Option<&Problem> {
        self.problem
            .as_ref()
            .filter(|(save, _)| save.scene == *scene && save.field == field)
            .map(|(_, problem)| problem)
    }

    /// Tries again what could not be saved.
    pub fn retry(&mut self) {
        self.problem = None;
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::story;
    use super::*;

    fn edited() -> (Words, StoryId, Scene) {
        let story = story("Pip", 1);
        let row = story.scenes[0].clone();
        let mut words = Words::default();
        words.of(&story.story_id, &row).text(Field::Alt).push_str(", at night");
        (words, story.story_id, row)
    }

    #[test]
    fn a_field_is_saved_when_it_is_left_and_not_before() {
        let (mut words, story, row) = edited();
        words.focus(Some((row.scene_id.clone(), Field::Alt)));
        assert_eq!(words.next(), None);
        words.focus(Some((row.scene_id.clone(), Field::Text)));
        let save = words.next().unwrap();
        assert_eq!(
            (save.field, save.words.as_str()),
            (Field::Alt, "A fox in the snow, at night")
        );
        assert_eq!((&save.story, &save.seen), (&story, &row));
        words.saved(save, Ok(()));
        assert_eq!(words.next(), None, "saved once");
    }

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_kept_beside_what_was_typed() {
        let (mut words, story, mut row) = edited();
        row.alt_text = Some("Pip in the snow".to_owned());
        row.text = "Pip walks.".to_owned();
        let shown = words.of(&story, &row);
        assert_eq!(shown.theirs(Field::Alt), Some("Pip in the snow"));
        assert_eq!(shown.text(Field::Alt), "A fox in the snow, at night");
        assert_eq!(
            shown.text(Field::Text),
            "Pip walks.",
            "a field that was left alone follows"
        );
        words.focus(None);
        assert_eq!(words.next(), None, "nothing is saved over it");

        let mut mine = words.of(&story, &row).clone();
        mine.keep_mine(Field::Alt);
        let save = mine.save(Field::Alt).unwrap();
        assert_eq!(save.seen.alt_text.as_deref(), Some("Pip in the snow"));
        words.of(&story, &row).take_theirs(Field::Alt);
        assert_eq!(words.of(&story, &row).text(Field::Alt), "Pip in the snow");
        assert_eq!(words.next(), None);
    }

    #[test]
    fn a_refused_change_stays_and_is_not_sent_again_by_itself() {
        let (mut words, story, row) = edited();
        let save = words.next().unwrap();
        words.saved(save, Err(Problem::new("Somebody else changed it.", "")));
        assert!(words.problem(&row.scene_id, Field::Alt).is_some());
        assert_eq!(words.next(), None);
        words.of(&story, &row).text(Field::Alt).push('!');
        assert!(words.next().is_some(), "other words are tried");
        words.retry();
        assert!(words.next().is_some());
    }

    #[test]
    fn emptied_alt_text_is_none() {
        let (mut words, story, row) = edited();
        words.of(&story, &row).text(Field::Alt).clear();
        let save = words.next().unwrap();
        assert_eq!(save.words, "");
        let mut seen = row;
        Field::Alt.put(&mut seen, " ".to_owned());
        assert_eq!(seen.alt_text, None);
    }
}
