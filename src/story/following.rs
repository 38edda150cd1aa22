//! What follows a scene whose picture became another one: every other place that showed the same, and the story's own row.

use serde::{Deserialize, Serialize};

use super::model::{Status, Story, StoryId};
use super::replacement::{Detail, Work};
use super::repository::{Place, Pointing};
use super::{Stories, StoryError};
use crate::journal::ReplacementStage;

/// What a story's row got when its last missing picture came, and how far the story was said to be before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Completed {
    /// How far it was said to be.
    status: Status,
    /// The cover, where there was none.
    cover: Option<String>,
}

impl Stories {
    /// Leads every place of the story that shows the old picture to the new one. If the scene went on meanwhile, whoever took it on
    /// found the places still at the old one; so they are led on until they show what the scene shows.
    pub(super) async fn lead_places(&self, work: &mut Work, before: &str, now: &str) -> Result<(), StoryError> {
        let undone = self.undone(work).await?.moved;
        let (mut old, mut new) = (before.to_owned(), now.to_owned());
        let mut failed = None;
        for _ in 0..Self::TRIES {
            let mut moved = false;
            for pointing in self.pointing_at(&work.story, &old).await? {
                // The scene itself is whoever's was last.
                let is_scene = matches!(&pointing.place, Place::Scene { scene, .. } if *scene == work.scene);
                // What is taken back gets the very link that it had.
                let had = undone.iter().find(|had| had.place == pointing.place && new == now);
                let link = had.map_or(new.as_str(), |had| had.url.as_str());
                if is_scene || pointing.url == link {
                    continue;
                }
                // Before it is changed: what stood there is known whenever the program ends.
                remember(&mut work.detail.moved, &pointing);
                self.note(work, ReplacementStage::Pointed).await?;
                match self.lead(&pointing, link).await {
                    Ok(true) => moved = true,
                    Ok(false) => forget(&mut work.detail.moved, &pointing),
                    // One place that cannot be changed keeps no other from it.
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            if !moved {
                break;
            }
            match self.rows.scene_picture(&work.story, &work.scene).await?.flatten() {
                Some(shown) if shown != new => (old, new) = (new, shown),
                _ => break,
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Somebody else took the scene on. If it had shown the new picture before, they found the other places still at the old one.
    pub(super) async fn lead_on(&self, work: &mut Work, never_shown: bool) -> Result<(), StoryError> {
        let (false, Some(before)) = (never_shown, work.row.before.clone()) else {
            return Ok(());
        };
        match self.rows.scene_picture(&work.story, &work.scene).await?.flatten() {
            Some(shown) => self.lead_places(work, &before, &shown).await,
            None => Ok(()),
        }
    }

    /// A scene that had no picture has one: the story may be whole now. What lost the same picture when it was taken back has it again.
    pub(super) async fn first_came(&self, work: &mut Work) -> Result<(), StoryError> {
        for had in self.undone(work).await?.moved {
            // Only where nothing was put in its place meanwhile.
            self.rows.swap_place(&had.place, None, Some(&had.url)).await?;
        }
        let story = self.rows.get(&work.story).await?;
        let Some(completed) = completion(&story) else {
            return Ok(());
        };
        // Before it is written: taking it back takes back all of it, whenever the program ends.
        work.detail.completed = Some(completed.clone());
        self.note(work, ReplacementStage::Pointed).await?;
        self.write_completion(&story, &completed).await
    }

    /// The only picture that a scene ever had was taken back. No place of the story is left showing it: a cover gets what stood there, or
    /// else the first picture that the story has; and the story is as far as it was.
    pub(super) async fn first_went(&self, work: &mut Work, before: &str) -> Result<(), StoryError> {
        let completed = self.undone(work).await?.completed;
        let story = self.rows.get(&work.story).await?;
        let given = completed.as_ref().and_then(|completed| completed.cover.as_deref());
        let mut places = self.pointing_at(&work.story, before).await?;
        // A cover that came with this picture need not be this picture.
        if let Some(given) = given.filter(|given| story.cover_image_url.as_deref() == Some(*given)) {
            let place = Place::Cover {
                story: work.story.clone(),
            };
            if !places.iter().any(|pointing| pointing.place == place) {
                places.push(Pointing {
                    place,
                    title: story.title.clone(),
                    url: given.to_owned(),
                });
            }
        }
        let mut failed = None;
        for pointing in places {
            let link = match &pointing.place {
                // It is done; and another scene that shows the same was not what was taken back.
                Place::Scene { .. } => continue,
                Place::PublicScene { .. } => None,
                Place::Cover { .. } if given == Some(pointing.url.as_str()) => None,
                Place::Cover { .. } | Place::PublicCover { .. } => {
                    let mut links = story.scenes.iter().filter(|scene| scene.scene_id != work.scene);
                    links.find_map(|scene| scene.image_url.as_deref())
                }
            };
            if link == Some(pointing.url.as_str()) {
                continue;
            }
            remember(&mut work.detail.moved, &pointing);
            self.note(work, ReplacementStage::Pointed).await?;
            let swapped = self.rows.swap_place(&pointing.place, Some(&pointing.url), link);
            match swapped.await {
                Ok(true) => {}
                Ok(false) => forget(&mut work.detail.moved, &pointing),
                // One place that cannot be changed keeps no other from it.
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if let Some(completed) = completed
            && story.status == Status::Completed
            && story.can_resume()
        {
            self.rows
                .set_status(&work.story, completed.status, None, &story.made_with)
                .await?;
        }
        failed.map_or(Ok(()), Err)
    }

    /// What is kept of the replacement that is taken back.
    async fn undone(&self, work: &Work) -> Result<Detail, StoryError> {
        let Some(id) = work.row.undoes.clone() else {
            return Ok(Detail::default());
        };
        let row = self.journal.run(move |journal| journal.replacement(&id)).await?;
        Ok(row.map(|row| Detail::read(&row.detail)).unwrap_or_default())
    }

    /// Says so in the story's row if its last missing picture was just put in.
    pub(super) async fn complete(&self, story: &StoryId) -> Result<(), StoryError> {
        let story = self.rows.get(story).await?;
        match completion(&story) {
            Some(completed) => self.write_completion(&story, &completed).await,
            None => Ok(()),
        }
    }

    async fn write_completion(&self, story: &Story, completed: &Completed) -> Result<(), StoryError> {
        let (id, cover) = (&story.story_id, completed.cover.as_deref());
        self.rows
            .set_status(id, Status::Completed, cover, &story.made_with)
            .await
    }
}

/// What is to be said in the row of a story that has all its pictures; None if it lacks some, or if that was said.
fn completion(story: &Story) -> Option<Completed> {
    if story.status == Status::Completed || story.can_resume() {
        return None;
    }
    let first = story.scenes.iter().find_map(|scene| scene.image_url.clone());
    Some(Completed {
        status: story.status,
        cover: first.filter(|_| story.cover_image_url.is_none()),
    })
}

/// Keeps what stood in a place first: that is what it gets back.
fn remember(moved: &mut Vec<Pointing>, pointing: &Pointing) {
    if !moved.iter().any(|had| had.place == pointing.place) {
        moved.push(pointing.clone());
    }
}

/// It was somebody else who changed the place.
fn forget(moved: &mut Vec<Pointing>, pointing: &Pointing) {
    moved.retain(|had| had != pointing);
}
