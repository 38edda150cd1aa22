//! Which scenes show which object. Read from the rows of stories, all of them, and kept until a story changes.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::{Problem, Service};
use crate::story::{SceneId, Story, StoryId};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::plan::KeySource;

/// What other programs write to the rows is seen after so long at the latest.
const AGE: Duration = Duration::from_secs(5 * 60);

/// A use of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SceneUse {
    /// The story.
    pub story: StoryId,
    /// Its title.
    pub title: String,
    /// The scene that shows it; None if it is the story's cover.
    pub scene: Option<UsedScene>,
}

/// A scene that shows an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UsedScene {
    /// Its identity.
    pub id: SceneId,
    /// Its place in the story, counted from 0.
    pub index: usize,
}

/// Which object is shown where, as the rows said when they were read.
#[derive(Debug, Default)]
pub struct Uses {
    buckets: HashMap<BucketName, HashMap<ObjectKey, Vec<SceneUse>>>,
    stories: usize,
}

impl SceneUse {
    /// "Pip and the Lost Star, scene 3"; scenes are counted from 1 for people.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.scene {
            Some(scene) => format!("{}, scene {}", self.title, scene.index + 1),
            None => format!("{}, cover", self.title),
        }
    }
}

impl Uses {
    /// Where an object is shown: scenes in the order of their stories, newest story first, each story's cover first.
    #[must_use]
    pub fn of(&self, bucket: &BucketName, key: &ObjectKey) -> &[SceneUse] {
        let used = self.buckets.get(bucket).and_then(|keys| keys.get(key));
        used.map_or(&[], Vec::as_slice)
    }

    /// How often each object of a bucket is shown, by its key; those that are not shown are left out.
    #[must_use]
    pub fn counts(&self, bucket: &BucketName) -> HashMap<String, usize> {
        let keys = self.buckets.get(bucket).into_iter().flatten();
        keys.map(|(key, used)| (key.to_string(), used.len())).collect()
    }

    /// What shows any of the objects that keys and folders name, in the order of their titles; what patterns name is not looked
    /// for.
    #[must_use]
    pub fn of_all(&self, bucket: &BucketName, sources: &[KeySource]) -> Vec<SceneUse> {
        let mut keys: HashSet<&str> = HashSet::new();
        let mut folders: Vec<String> = Vec::new();
        for source in sources {
            match source {
                KeySource::Key(key) => _ = keys.insert(key.as_str()),
                KeySource::Folder(folder) | KeySource::Inside(folder) => {
                    let inside = folder.trim_end_matches('/');
                    folders.push(if inside.is_empty() {
                        String::new()
                    } else {
                        format!("{inside}/")
                    });
                }
                KeySource::Pattern(_) => {}
            }
        }
        let is_among = |key: &str| keys.contains(key) || folders.iter().any(|folder| key.starts_with(folder));
        let known = self.buckets.get(bucket).into_iter().flatten();
        let mut found: Vec<SceneUse> = known
            .filter(|(key, _)| is_among(key.as_str()))
            .flat_map(|(_, used)| used.iter().cloned())
            .collect();
        let place = |used: &SceneUse| used.scene.as_ref().map(|scene| scene.index);
        found.sort_by(|a, b| (&a.title, &a.story, place(a)).cmp(&(&b.title, &b.story, place(b))));
        found
    }

    /// Stories that were looked at.
    #[must_use]
    pub fn stories(&self) -> usize {
        self.stories
    }

    /// Adds what stories show of the objects that `own` finds behind a URL.
    fn add(&mut self, stories: &[Story], own: impl Fn(&str) -> Option<(BucketName, ObjectKey)>) {
        self.stories += stories.len();
        for story in stories {
            let cover = story.cover_image_url.as_deref().map(|url| (url, None));
            let scenes = story.scenes.iter().filter_map(|scene| {
                let used = UsedScene {
                    id: scene.scene_id.clone(),
                    index: scene.index,
                };
                Some((scene.image_url.as_deref()?, Some(used)))
            });
            for (url, scene) in cover.into_iter().chain(scenes) {
                let Some((bucket, key)) = own(url) else { continue };
                let used = SceneUse {
                    story: story.story_id.clone(),
                    title: story.title.clone(),
                    scene,
                };
                self.buckets
                    .entry(bucket)
                    .or_default()
                    .entry(key)
                    .or_default()
                    .push(used);
            }
        }
    }
}

/// What was read last, and whether it still holds.
#[derive(Debug, Default)]
pub(super) struct UsesCache {
    /// Grows with each change of a story.
    changes: AtomicU64,
    read: Mutex<Option<ReadOnce>>,
    /// Held by whoever reads, so that all others wait for the same.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug)]
struct ReadOnce {
    uses: Arc<Uses>,
    /// The count of changes before it was read.
    changes: u64,
    at: Instant,
}

impl UsesCache {
    /// A story is not what it was.
    pub(super) fn story_changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    fn last(&self) -> Option<ReadOnce> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fresh(&self) -> Option<Arc<Uses>> {
        let last = self.last()?;
        let holds = last.changes == self.changes.load(Ordering::Acquire) && last.at.elapsed() < AGE;
        holds.then_some(last.uses)
    }
}

impl Service {
    /// Which scenes show which object. Read once, and again after a story has changed, or after five minutes.
    ///
    /// # Errors
    /// If the stories cannot be read, as in a project without their tables.
    pub async fn uses(&self) -> Result<Arc<Uses>, Problem> {
        let cache = &self.inner.uses;
        if let Some(uses) = cache.fresh() {
            return Ok(uses);
        }
        let _turn = cache.reading.lock().await;
        if let Some(uses) = cache.fresh() {
            return Ok(uses);
        }
        let changes = cache.changes.load(Ordering::Acquire);
        let mut uses = Uses::default();
        self.each_page(|stories| uses.add(&stories, |url| self.own_object(url)))
            .await?;
        let uses = Arc::new(uses);
        *cache.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(ReadOnce {
            uses: Arc::clone(&uses),
            changes,
            at: Instant::now(),
        });
        Ok(uses)
    }

    /// What was read last of which scenes show which object, however old it is. Never waits.
    #[must_use]
    pub fn known_uses(&self) -> Option<Arc<Uses>> {
        self.inner.uses.last().map(|last| last.uses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> ObjectKey {
        ObjectKey::parse(text).unwrap()
    }

    #[test]
    fn keys_and_folders_find_the_scenes_that_show_what_is_in_them() {
        let bucket = BucketName::parse("b").unwrap();
        let story = StoryId::fresh();
        let used = |title: &str, index| SceneUse {
            story: story.clone(),
            title: title.to_owned(),
            scene: Some(UsedScene {
                id: SceneId::fresh(),
                index,
            }),
        };
        let keys = HashMap::from([
            (key("a/1.png"), vec![used("Pip", 9), used("Pip", 1)]),
            (key("a/b/2.png"), vec![used("Ada", 0)]),
            (key("ab.png"), vec![used("Zoe", 0)]),
        ]);
        let uses = Uses {
            buckets: HashMap::from([(bucket.clone(), keys)]),
            stories: 3,
        };
        let words = |sources: &[KeySource]| -> Vec<String> {
            let found = uses.of_all(&bucket, sources);
            found.iter().map(SceneUse::words).collect()
        };
        let pip = ["Pip, scene 2", "Pip, scene 10"];
        assert_eq!(words(&[KeySource::Key(key("a/1.png"))]), pip);
        assert_eq!(
            words(&[KeySource::Folder("a/".to_owned())]),
            ["Ada, scene 1", pip[0], pip[1]]
        );
        // A beginning of a name is no folder.
        assert_eq!(words(&[KeySource::Inside("a".to_owned())]).len(), 3);
        assert_eq!(words(&[KeySource::Inside(String::new())]).len(), 4);
        assert!(words(&[KeySource::Key(key("a/3.png"))]).is_empty());
        let other = BucketName::parse("other").unwrap();
        assert!(uses.of_all(&other, &[KeySource::Inside(String::new())]).is_empty());
        assert_eq!(uses.counts(&bucket)["a/1.png"], 2);
    }
}
