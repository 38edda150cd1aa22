//! Stories that are not published yet: written, edited and drawn here, and in none of the project's tables.

use std::collections::HashSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::cast::{CastMember, settle_portraits};
use super::model::{SceneId, StoryId};
use super::publication::{Publication, PublicationStage};
use super::variant::VariantId;
use super::{Brief, Stories, StoryError};
use crate::journal::{Journal, ManuscriptRow, sha256};
use crate::workspace::EngineId;

/// A story that is not published yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manuscript {
    /// The id that the story will have.
    pub id: StoryId,
    /// Which save it is; 0 before the first. What was saved by somebody else since is not overwritten.
    #[serde(default)]
    pub version: u64,
    /// What it was asked for with.
    pub brief: Brief,
    /// Who wrote it; None if it was written by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<EngineId>,
    /// The title.
    pub title: String,
    /// The name of the style that its pictures are drawn in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// The scenes, in order.
    pub scenes: Vec<ManuscriptScene>,
    /// Who is in it.
    #[serde(default)]
    pub cast: Vec<CastMember>,
    /// The scene whose picture is the cover; the first one's unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<SceneId>,
    /// Who has looked at every text and picture of it, and when; None once something was changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approval>,
    /// Where it stands.
    #[serde(default)]
    pub state: ManuscriptState,
    /// The id of the story, once it is published; projects may give ids of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_as: Option<StoryId>,
    /// When it was saved last.
    #[serde(default = "Timestamp::now")]
    pub changed_at: Timestamp,
}

/// A scene of a manuscript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManuscriptScene {
    /// The id that the scene's row will have.
    pub scene_id: SceneId,
    /// A few words.
    #[serde(default)]
    pub title: String,
    /// What is read aloud.
    #[serde(default)]
    pub text: String,
    /// What the picture is asked for with.
    #[serde(default)]
    pub image_prompt: String,
    /// What the picture shows, for those who cannot see it.
    #[serde(default)]
    pub alt_text: String,
    /// The picture that it will have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<VariantId>,
}

/// That a person has looked at a manuscript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What they looked at: a hash of all that will be published.
    pub of: String,
}

/// Where a manuscript stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManuscriptState {
    /// It can be edited.
    #[default]
    Draft,
    /// It is being published, or was when the program ended: [`Stories::publish`] goes on with it.
    Publishing,
    /// What was stored of a publication that failed is being removed; the next start goes on with it.
    TakingBack,
    /// The project has it.
    Published,
}

/// Something that a manuscript lacks before it can be approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "lack", rename_all = "snake_case")]
pub enum Lack {
    /// The title.
    Title,
    /// A scene.
    Scenes,
    /// It has more scenes than a story may have.
    TooManyScenes,
    /// Two scenes have the same id.
    SceneTwice,
    /// A scene's text.
    Text {
        /// The scene's place, counted from 0.
        scene: usize,
    },
    /// A scene's picture.
    Picture {
        /// The scene's place, counted from 0.
        scene: usize,
    },
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Title => f.write_str("it has no title"),
            Self::Scenes => f.write_str("it has no scene"),
            Self::TooManyScenes => write!(f, "it has more than {} scenes", Brief::SCENES.end()),
            Self::SceneTwice => f.write_str("the same scene is in it twice"),
            Self::Text { scene } => write!(f, "scene {} has no text", scene + 1),
            Self::Picture { scene } => write!(f, "scene {} has no picture", scene + 1),
        }
    }
}

impl Manuscript {
    /// One without a scene yet.
    #[must_use]
    pub fn new(brief: Brief) -> Self {
        Self {
            id: StoryId::fresh(),
            version: 0,
            title: brief.title().to_owned(),
            brief,
            engine: None,
            style: None,
            scenes: Vec::new(),
            cast: Vec::new(),
            cover: None,
            approved: None,
            state: ManuscriptState::Draft,
            published_as: None,
            changed_at: Timestamp::now(),
        }
    }

    /// What it lacks before it can be approved; nothing if it can be.
    #[must_use]
    pub fn lacks(&self) -> Vec<Lack> {
        let mut lacks = Vec::new();
        if self.title.trim().is_empty() {
            lacks.push(Lack::Title);
        }
        if self.scenes.is_empty() {
            lacks.push(Lack::Scenes);
        }
        if self.scenes.len() > *Brief::SCENES.end() {
            lacks.push(Lack::TooManyScenes);
        }
        let ids: HashSet<&SceneId> = self.scenes.iter().map(|scene| &scene.scene_id).collect();
        if ids.len() < self.scenes.len() {
            lacks.push(Lack::SceneTwice);
        }
        for (scene, written) in self.scenes.iter().enumerate() {
            if written.text.trim().is_empty() {
                lacks.push(Lack::Text { scene });
            }
            if written.chosen.is_none() {
                lacks.push(Lack::Picture { scene });
            }
        }
        lacks
    }

    /// Whether it may be published: somebody has approved of it as it is.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        let content = self.content();
        self.approved.as_ref().is_some_and(|approval| approval.of == content)
    }

    /// The scene whose picture becomes the cover.
    #[must_use]
    pub fn cover_scene(&self) -> Option<&ManuscriptScene> {
        let chosen = |scene: &&ManuscriptScene| Some(&scene.scene_id) == self.cover.as_ref();
        self.scenes.iter().find(chosen).or_else(|| self.scenes.first())
    }

    /// A hash of all that will be published.
    fn content(&self) -> String {
        let cover = self.cover_scene().map(|scene| &scene.scene_id);
        sha256(json!([self.title, self.scenes, cover]).to_string().as_bytes())
    }

    pub(super) fn of(row: &ManuscriptRow) -> Result<Self, StoryError> {
        let mut manuscript: Self = serde_json::from_str(&row.body)
            .map_err(|_| StoryError::NewerManuscript(StoryId::kept(row.story.clone())))?;
        manuscript.id = StoryId::kept(row.story.clone());
        settle_portraits(&mut manuscript.cast, &manuscript.id);
        manuscript.version = row.version;
        manuscript.changed_at = row.changed_at;
        manuscript.state = match (row.publishing.as_deref().map(Publication::read), manuscript.state) {
            (Some(Some(publication)), _) if publication.stage == PublicationStage::TakingBack => {
                ManuscriptState::TakingBack
            }
            (Some(_), _) => ManuscriptState::Publishing,
            (None, ManuscriptState::Published) => ManuscriptState::Published,
            (None, _) => ManuscriptState::Draft,
        };
        Ok(manuscript)
    }

    pub(super) fn body(&self) -> String {
        // Texts, numbers and lists have a form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Stories {
    /// All manuscripts, the one that was saved last first; those that are published are not among them. One that a newer program wrote
    /// in a way that this one cannot read is left out, and kept.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn manuscripts(&self) -> Result<Vec<Manuscript>, StoryError> {
        let rows = self.journal.run(Journal::manuscripts).await?;
        let manuscripts = rows.iter().filter_map(|row| Manuscript::of(row).ok());
        Ok(manuscripts
            .filter(|manuscript| manuscript.state != ManuscriptState::Published)
            .collect())
    }

    /// One manuscript, published or not.
    ///
    /// # Errors
    /// If the journal cannot be read or has no such manuscript.
    pub async fn manuscript(&self, id: &StoryId) -> Result<Manuscript, StoryError> {
        Manuscript::of(&self.manuscript_row(id).await?)
    }

    /// The manuscript that a story was published from whose id the project gave itself.
    pub(super) async fn published_manuscript(&self, story: &StoryId) -> Result<Option<Manuscript>, StoryError> {
        let rows = self.journal.run(Journal::manuscripts).await?;
        let mut manuscripts = rows.iter().filter_map(|row| Manuscript::of(row).ok());
        Ok(manuscripts.find(|manuscript| manuscript.published_as.as_ref() == Some(story)))
    }

    pub(super) async fn manuscript_row(&self, id: &StoryId) -> Result<ManuscriptRow, StoryError> {
        let key = id.to_string();
        let row = self.journal.run(move |journal| journal.manuscript(&key)).await?;
        row.ok_or_else(|| StoryError::NoSuchManuscript(id.clone()))
    }

    /// Saves a manuscript over the version that it is of, and gives it back as it is kept. An approval holds as long as nothing that
    /// will be published is changed; none can be saved that nobody gave.
    ///
    /// # Errors
    /// [`StoryError::ManuscriptChanged`] if somebody else saved it since, or discarded it; [`StoryError::NotADraft`] if it is being
    /// published or was. What is kept is not touched then.
    pub async fn save_manuscript(&self, manuscript: &Manuscript) -> Result<Manuscript, StoryError> {
        let mut saved = manuscript.clone();
        saved.state = ManuscriptState::Draft;
        saved.approved = None;
        if manuscript.version > 0 {
            let kept = match self.manuscript(&manuscript.id).await {
                Err(StoryError::NoSuchManuscript(id)) => return Err(StoryError::ManuscriptChanged(id)),
                kept => kept?,
            };
            if kept.version != manuscript.version {
                return Err(StoryError::ManuscriptChanged(manuscript.id.clone()));
            }
            must_be_draft(&kept)?;
            saved.approved = kept.approved.filter(|approval| approval.of == saved.content());
        }
        self.write_manuscript(saved).await
    }

    pub(super) async fn write_manuscript(&self, mut saved: Manuscript) -> Result<Manuscript, StoryError> {
        let (id, seen, body) = (saved.id.to_string(), saved.version, saved.body());
        let version = self
            .journal
            .run(move |journal| journal.save_manuscript(&id, seen, &body))
            .await?
            .ok_or_else(|| StoryError::ManuscriptChanged(saved.id.clone()))?;
        saved.version = version;
        saved.changed_at = Timestamp::now();
        Ok(saved)
    }

    /// Notes that a person has looked at every text and picture of a manuscript, as they saw it.
    ///
    /// # Errors
    /// If it lacks something, was changed since it was seen, or is no draft.
    pub async fn approve(&self, seen: &Manuscript) -> Result<Manuscript, StoryError> {
        let mut kept = self.manuscript(&seen.id).await?;
        if kept.version != seen.version || kept.content() != seen.content() {
            return Err(StoryError::ManuscriptChanged(seen.id.clone()));
        }
        must_be_draft(&kept)?;
        let lacks = kept.lacks();
        if !lacks.is_empty() {
            return Err(StoryError::Lacks(lacks));
        }
        let by = self.settings.operator.clone();
        kept.approved = Some(Approval {
            by: by.unwrap_or_else(|| "somebody at this computer".to_owned()),
            at: Timestamp::now(),
            of: kept.content(),
        });
        self.write_manuscript(kept).await
    }

    /// Forgets a manuscript. Pictures that were made for it stay in the journal.
    ///
    /// # Errors
    /// If it was changed since it was seen, or is being published.
    pub async fn discard_manuscript(&self, seen: &Manuscript) -> Result<(), StoryError> {
        let kept = self.manuscript(&seen.id).await?;
        if matches!(kept.state, ManuscriptState::Publishing | ManuscriptState::TakingBack) {
            return Err(StoryError::NotADraft(kept.id, kept.state));
        }
        let (id, version) = (seen.id.to_string(), seen.version);
        let dropped = self.journal.run(move |journal| journal.drop_manuscript(&id, version));
        match dropped.await? {
            true => Ok(()),
            false => Err(StoryError::ManuscriptChanged(seen.id.clone())),
        }
    }
}

pub(super) fn must_be_draft(kept: &Manuscript) -> Result<(), StoryError> {
    match kept.state {
        ManuscriptState::Draft => Ok(()),
        state => Err(StoryError::NotADraft(kept.id.clone(), state)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manuscript() -> Manuscript {
        let mut manuscript = Manuscript::new(Brief::new("Pip", "A fox", 2, 1).unwrap());
        for text in ["Once.", "The end."] {
            manuscript.scenes.push(ManuscriptScene {
                scene_id: SceneId::fresh(),
                title: String::new(),
                text: text.to_owned(),
                image_prompt: "a fox".to_owned(),
                alt_text: String::new(),
                chosen: Some(VariantId::fresh()),
            });
        }
        manuscript
    }

    #[test]
    fn names_everything_that_is_missing() {
        let mut manuscript = manuscript();
        assert_eq!(manuscript.lacks(), []);
        manuscript.title = " ".to_owned();
        manuscript.scenes[1].text = "\n".to_owned();
        manuscript.scenes[0].chosen = None;
        manuscript.scenes[1].scene_id = manuscript.scenes[0].scene_id.clone();
        let lacks = [
            Lack::Title,
            Lack::SceneTwice,
            Lack::Picture { scene: 0 },
            Lack::Text { scene: 1 },
        ];
        assert_eq!(manuscript.lacks(), lacks);
        manuscript.scenes.clear();
        assert_eq!(manuscript.lacks(), [Lack::Title, Lack::Scenes]);
        assert_eq!(Lack::Text { scene: 1 }.to_string(), "scene 2 has no text");
    }

    #[test]
    fn an_approval_is_of_what_will_be_published() {
        let mut manuscript = manuscript();
        manuscript.approved = Some(Approval {
            by: "Ada".to_owned(),
            at: Timestamp::now(),
            of: manuscript.content(),
        });
        assert!(manuscript.is_approved());
        manuscript.style = Some("Watercolour".to_owned());
        manuscript.cover = Some(manuscript.scenes[0].scene_id.clone());
        assert!(manuscript.is_approved(), "nothing of that is published anew");
        for change in [
            |manuscript: &mut Manuscript| manuscript.title.push('!'),
            |manuscript: &mut Manuscript| manuscript.scenes[1].text.push('!'),
            |manuscript: &mut Manuscript| manuscript.scenes[1].alt_text.push('!'),
            |manuscript: &mut Manuscript| manuscript.scenes[0].chosen = Some(VariantId::fresh()),
            |manuscript: &mut Manuscript| manuscript.scenes.swap(0, 1),
            |manuscript: &mut Manuscript| manuscript.cover = Some(manuscript.scenes[1].scene_id.clone()),
        ] {
            let mut changed = manuscript.clone();
            change(&mut changed);
            assert!(!changed.is_approved());
        }
    }
}
