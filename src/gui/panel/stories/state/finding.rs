//! The picture that a scene's broken link meant, while it is looked for.

use super::State;
use super::deed::Deed;
use crate::gui::action::Action;
use crate::service::{Find, Finds, Load, Service};
use crate::story::{SceneId, StoryId};
use crate::supabase::ObjectKey;

/// A search among the objects of the bucket, for one scene.
pub struct Finding {
    story: StoryId,
    scene: SceneId,
    /// The scene's place, counted from 0.
    pub index: usize,
    /// The link as it is, which must still be there when another one takes its place.
    pub seen: Option<String>,
    /// The words that are typed.
    pub words: String,
    /// What was found with them.
    pub found: Load<Finds>,
    /// Which of it is chosen.
    chosen: Option<ObjectKey>,
    /// Ask anew: the words are others, or more of the bucket is known.
    again: bool,
}

impl Finding {
    /// Looks up what fits, and takes it in. A list that is shown stays until the next one is here.
    pub fn poll(&mut self, service: &Service) {
        if std::mem::take(&mut self.again) || self.found.is_idle() {
            let (story, scene, words) = (self.story.clone(), self.scene.clone(), self.words.clone());
            self.found
                .start(service.load(move |service| async move { service.find_pictures(&story, &scene, &words).await }));
        }
        self.found.poll();
    }

    /// The words are others.
    pub fn typed(&mut self) {
        self.again = true;
        self.chosen = None;
    }

    /// More of the bucket is known: unless all of it was looked at, there may be more.
    pub fn indexed(&mut self) {
        self.again |= self.found.value().is_some_and(|found| !found.complete);
    }

    /// Tries again after a failure.
    pub fn retry(&mut self) {
        self.found.clear();
    }

    fn list(&self) -> &[Find] {
        self.found.value().map_or(&[], |found| &found.list)
    }

    /// The place of the chosen one: the likeliest, unless another one was chosen.
    pub fn chosen(&self) -> Option<usize> {
        let list = self.list();
        let at = self
            .chosen
            .as_ref()
            .and_then(|key| list.iter().position(|find| find.key == *key));
        at.or((!list.is_empty()).then_some(0))
    }

    /// Chooses the one at a place.
    pub fn choose(&mut self, at: usize) {
        self.chosen = self.list().get(at).map(|find| find.key.clone());
    }

    /// Chooses one before or behind the chosen one; it stops at both ends.
    pub fn step(&mut self, by: isize) {
        let last = self.list().len().saturating_sub(1);
        if let Some(at) = self.chosen() {
            self.choose(at.saturating_add_signed(by).min(last));
        }
    }

    /// What lets the scene show the chosen one.
    pub fn deed(&self) -> Option<Deed> {
        let find = self.list().get(self.chosen()?)?;
        Some(Deed::PointAt {
            story: self.story.clone(),
            scene: self.scene.clone(),
            seen: self.seen.clone(),
            key: find.key.clone(),
        })
    }
}

impl State {
    /// Looks for the picture of a scene of the selected story whose link leads nowhere.
    pub(in crate::gui::panel::stories) fn find_picture(&mut self, scene: &SceneId) -> Option<Action> {
        let story = self.story()?;
        let row = story.scenes.iter().find(|row| row.scene_id == *scene)?;
        if self.work.is_busy(story, row) {
            return None;
        }
        self.finding = Some(Finding {
            story: story.story_id.clone(),
            scene: scene.clone(),
            index: row.index,
            seen: row.image_url.clone(),
            words: String::new(),
            found: Load::default(),
            chosen: None,
            again: false,
        });
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Likeness;

    fn finding(keys: &[&str]) -> Finding {
        let find = |key: &&str| Find {
            key: ObjectKey::parse(key).unwrap(),
            size: None,
            etag: None,
            modified: None,
            likeness: Likeness::None,
            used: None,
        };
        let found = Load::ready(Finds {
            list: keys.iter().map(find).collect(),
            of: keys.len(),
            complete: false,
        });
        Finding {
            story: StoryId::fresh(),
            scene: SceneId::fresh(),
            index: 0,
            seen: Some("https://x/lost.png".to_owned()),
            words: String::new(),
            found,
            chosen: None,
            again: false,
        }
    }

    #[test]
    fn the_likeliest_is_chosen_until_another_one_is() {
        let mut finding = finding(&["a.png", "b.png", "c.png"]);
        assert_eq!(finding.chosen(), Some(0));
        finding.step(1);
        finding.step(5);
        assert_eq!(finding.chosen(), Some(2));
        finding.step(-1);
        let Some(Deed::PointAt { key, seen, .. }) = finding.deed() else {
            panic!("nothing is done");
        };
        assert_eq!((key.as_str(), seen.as_deref()), ("b.png", Some("https://x/lost.png")));
        finding.indexed();
        assert!(finding.again, "more of the bucket may be known");
        finding.typed();
        assert_eq!(finding.chosen(), Some(0));
    }

    #[test]
    fn of_nothing_nothing_is_chosen() {
        let mut finding = finding(&[]);
        finding.step(1);
        finding.choose(3);
        assert_eq!((finding.chosen(), finding.deed()), (None, None));
    }
}
