//! A story as it is drawn: its scenes with their prompts, and all that is known of who is in it, whether it is published or
//! still a manuscript.

use super::cast::CastMember;
use super::manuscript::{Manuscript, ManuscriptState};
use super::model::{SceneId, Story, StoryId};
use super::{Disguise, Person, Stories, StoryError};

/// A story as it is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DrawnStory {
    /// Its title.
    pub title: String,
    /// The seed of its pictures, if it has one.
    pub seed: Option<u32>,
    /// The name of the style that its pictures are drawn in, if it says one.
    pub style: Option<String>,
    /// Whether it has rows that can show a picture; a manuscript has none yet.
    pub is_published: bool,
    /// Its scenes, in order.
    pub scenes: Vec<DrawnScene>,
    /// Who is in it, as far as its manuscript says.
    pub cast: Vec<CastMember>,
    /// Its texts: whoever is called a child in one of them is hidden in all.
    texts: Vec<String>,
    /// Names of children beyond the cast.
    children: Vec<String>,
}

/// A scene as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnScene {
    /// Its identity.
    pub scene_id: SceneId,
    /// Its place, from 0.
    pub index: usize,
    /// What is to be seen: its prompt, else its text; empty if it has neither.
    pub prompt: String,
    /// Whether a picture is shown, or chosen to be shown.
    pub has_picture: bool,
}

impl DrawnStory {
    /// A story of the project.
    #[must_use]
    pub fn of_story(story: &Story) -> Self {
        let scenes = story.scenes.iter().map(|scene| DrawnScene {
            scene_id: scene.scene_id.clone(),
            index: scene.index,
            prompt: words(&scene.image_prompt, &scene.text),
            has_picture: scene.image_url.is_some(),
        });
        let texts = story
            .scenes
            .iter()
            .flat_map(|scene| [&scene.title, &scene.text, &scene.image_prompt]);
        Self {
            title: story.title.clone(),
            seed: story.made_with.seed,
            style: None,
            is_published: true,
            scenes: scenes.collect(),
            cast: Vec::new(),
            texts: [&story.title, &story.prompt]
                .into_iter()
                .chain(texts)
                .cloned()
                .collect(),
            children: Vec::new(),
        }
    }

    /// A manuscript.
    #[must_use]
    pub fn of_manuscript(manuscript: &Manuscript) -> Self {
        let scenes = manuscript.scenes.iter().enumerate().map(|(index, scene)| DrawnScene {
            scene_id: scene.scene_id.clone(),
            index,
            prompt: words(&scene.image_prompt, &scene.text),
            has_picture: scene.chosen.is_some(),
        });
        let texts = manuscript
            .scenes
            .iter()
            .flat_map(|scene| [&scene.title, &scene.text, &scene.image_prompt]);
        let (title, prompt) = (
            manuscript.brief.title().to_owned(),
            manuscript.brief.prompt().to_owned(),
        );
        Self {
            title: manuscript.title.clone(),
            seed: Some(manuscript.brief.seed()),
            style: manuscript.style.clone(),
            is_published: false,
            scenes: scenes.collect(),
            cast: manuscript.cast.clone(),
            texts: [title, prompt, manuscript.title.clone()]
                .into_iter()
                .chain(texts.cloned())
                .collect(),
            children: Vec::new(),
        }
    }

    /// What hides the children of the story.
    #[must_use]
    pub fn disguise(&self) -> Disguise {
        let texts: Vec<&str> = self.texts.iter().map(String::as_str).collect();
        let people: Vec<Person> = self
            .cast
            .iter()
            .map(|member| Person {
                name: member.name.clone(),
                is_child: member.is_child,
            })
            .chain(self.children.iter().map(Person::child))
            .collect();
        Disguise::of(&texts, &people)
    }

    /// Who of the cast is named in a prompt.
    pub fn named_in<'a>(&'a self, prompt: &'a str) -> impl Iterator<Item = &'a CastMember> {
        let prompt = prompt.to_lowercase();
        self.cast
            .iter()
            .filter(move |member| has_word(&prompt, member.name.trim().to_lowercase().as_str()))
    }

    /// A prompt with what those who are named in it look like, unless it says so already.
    #[must_use]
    pub fn with_looks(&self, prompt: &str) -> String {
        let mut words = prompt.trim().to_owned();
        for member in self.named_in(prompt) {
            let look = member.look.trim();
            if look.is_empty() || prompt.to_lowercase().contains(&look.to_lowercase()) {
                continue;
            }
            if !words.ends_with(['.', '!', '?', '…']) {
                words.push('.');
            }
            words.push_str(&format!(" {}: {}", member.name.trim(), look));
        }
        words
    }
}

/// The first that says anything.
fn words(prompt: &str, text: &str) -> String {
    let prompt = prompt.trim();
    if prompt.is_empty() { text.trim() } else { prompt }.to_owned()
}

/// Whether a name stands in a text as a word of its own; both in small letters.
fn has_word(text: &str, name: &str) -> bool {
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            [before, after]
                .into_iter()
                .flatten()
                .all(|letter| !letter.is_alphanumeric())
        })
}

impl Stories {
    /// A story as it is drawn: the manuscript if it is not published yet, else the project's rows, with the cast that its
    /// manuscript here tells of.
    ///
    /// # Errors
    /// If neither is there, or one cannot be read.
    pub async fn drawn_story(&self, id: &StoryId) -> Result<DrawnStory, StoryError> {
        let manuscript = match self.manuscript(id).await {
            Ok(manuscript) => Some(manuscript),
            Err(StoryError::NoSuchManuscript(_)) => self.published_manuscript(id).await?,
            Err(StoryError::NewerManuscript(_)) => None,
            Err(error) => return Err(error),
        };
        match manuscript {
            Some(manuscript) if manuscript.state != ManuscriptState::Published => {
                Ok(DrawnStory::of_manuscript(&manuscript))
            }
            manuscript => {
                let mut drawn = DrawnStory::of_story(&self.get(id).await?);
                drawn.children = self.drafted_children(id).await?;
                if let Some(manuscript) = manuscript {
                    let written = DrawnStory::of_manuscript(&manuscript);
                    (drawn.style, drawn.cast) = (written.style, written.cast);
                    drawn.texts.extend(written.texts);
                }
                Ok(drawn)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story() -> DrawnStory {
        let member = |name: &str, look: &str, is_child| CastMember::new(name, look, is_child);
        DrawnStory {
            cast: vec![
                member("Pip", "a small fox in a green scarf", false),
                member("Maya", "black braids, yellow boots", true),
                member("", "nobody", false),
            ],
            texts: vec!["Maya and Pip".to_owned()],
            ..DrawnStory::default()
        }
    }

    #[test]
    fn looks_go_along_with_those_who_are_named_and_are_said_once() {
        let story = story();
        assert_eq!(
            story.with_looks("Maya pats pip!"),
            "Maya pats pip! Pip: a small fox in a green scarf. Maya: black braids, yellow boots"
        );
        assert_eq!(
            story.with_looks("A pipe and an owl"),
            "A pipe and an owl",
            "parts of words are no names"
        );
        let said = "Pip, A small fox in a green scarf, sleeps";
        assert_eq!(story.with_looks(said), said);
    }

    #[test]
    fn children_are_hidden_in_what_goes_out() {
        let out = story().disguise().apply("Maya pats Pip");
        assert!(!out.contains("Maya") && out.contains("Pip"), "{out}");
    }
}
