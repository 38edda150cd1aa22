//! The picture that a broken link meant: looked for among the objects of the bucket, and put back into its scene.

use std::cmp::Reverse;
use std::time::Duration;

use jiff::Timestamp;

use super::{AdminAction, Event, Indexing, JobId, Problem, Service, Subject};
use crate::catalog::{Coverage, Index, Row, TRASH};
use crate::story::{Likeness, Replaced, SceneId, Sought, StoryId};
use crate::supabase::ObjectKey;

/// Objects that are shown at most: whoever needs more of them types a word of the name.
const MOST: usize = 60;

/// What is known of a bucket is looked at again after so long.
const FRESH: Duration = Duration::from_secs(60);

/// How often it is looked whether anything is known of the bucket yet.
const WAIT: Duration = Duration::from_millis(50);

/// An object that may be the picture that is looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Find {
    /// Its key in the bucket of pictures.
    pub key: ObjectKey,
    /// Bytes, if the server says so.
    pub size: Option<u64>,
    /// Changes with the bytes.
    pub etag: Option<String>,
    /// When it was last written.
    pub modified: Option<Timestamp>,
    /// Why it may be it.
    pub likeness: Likeness,
    /// Scenes and covers that show it, if that is known.
    pub used: Option<usize>,
}

/// The objects that may be it, the likeliest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finds {
    /// They, some sixty at most.
    pub list: Vec<Find>,
    /// Pictures in the bucket that have the words which are looked for.
    pub of: usize,
    /// Whether the whole bucket was looked at. Otherwise it is still being listed, and [`Event::Indexed`] tells of more.
    pub complete: bool,
}

impl Service {
    /// The pictures of the bucket that a scene's broken link may have meant, the likeliest first: those with the very bytes that were
    /// there, with the same name, with names for the same scene or story. With `words`, only those whose keys have all of them.
    ///
    /// # Errors
    /// If the project, the journal or the bucket cannot be read.
    pub async fn find_pictures(&self, story: &StoryId, scene: &SceneId, words: &str) -> Result<Finds, Problem> {
        let sought = self.inner.stories.sought(story, scene).await?;
        let index = self.some_index().await?;
        let uses = self.known_uses().map(|uses| uses.counts(self.bucket()));
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let looked = tokio::task::spawn_blocking(move || {
            let mut finds = look(&index, &sought, &words);
            for find in &mut finds.list {
                let count = |uses: &std::collections::HashMap<String, usize>| uses.get(find.key.as_str()).copied();
                find.used = uses.as_ref().map(|uses| count(uses).unwrap_or_default());
            }
            finds
        });
        looked.await.map_err(|_| Problem::stopped())
    }

    /// What is known of the bucket of pictures by now, as soon as that is anything.
    async fn some_index(&self) -> Result<Index, Problem> {
        let bucket = self.bucket();
        self.watch_bucket(bucket);
        if let Indexing::Idle { at: Some(at) } = self.indexing(bucket)
            && Timestamp::now().duration_since(at).unsigned_abs() > FRESH
        {
            self.refresh_bucket(bucket);
        }
        loop {
            if let Some(index) = self.index(bucket) {
                return Ok(index);
            }
            if let Indexing::Failed(problem) = self.indexing(bucket) {
                return Err(problem);
            }
            tokio::time::sleep(WAIT).await;
        }
    }

    /// Lets a scene, and whatever else of its story shows the same, show an object of the bucket, if its link is still the one that was
    /// `seen`. It is taken back as any replacement is.
    ///
    /// # Errors
    /// If admin mode is locked, the scene has another link by now, or the object is not there.
    pub async fn point_at(
        &self,
        story: &StoryId,
        scene: &SceneId,
        seen: Option<&str>,
        key: &ObjectKey,
    ) -> Result<Replaced, Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        let pointed = self.inner.stories.point_at(story, scene, seen, key).await;
        self.changed(Subject::Story(story.clone()));
        Ok(pointed?)
    }

    /// Starts the same as a job.
    pub fn start_point_at(&self, story: StoryId, scene: SceneId, seen: Option<String>, key: ObjectKey) -> JobId {
        let service = self.clone();
        let subject = Subject::Scene(story.clone(), scene.clone());
        self.jobs()
            .start("Use found picture", key.to_string(), subject, move |context| {
                let (service, story, scene) = (service.clone(), story.clone(), scene.clone());
                let (seen, key) = (seen.clone(), key.clone());
                async move {
                    context.report(0, Some(1), "Writing the link");
                    let replaced = service.point_at(&story, &scene, seen.as_deref(), &key).await?;
                    context.report(1, Some(1), "");
                    let ending = super::stories::with_rest("The scene shows the picture".to_owned(), &replaced);
                    service.inner.events.send(Event::Replaced(replaced));
                    Ok(ending)
                }
            })
    }
}

/// The likeliest of the pictures of a bucket.
fn look(index: &Index, sought: &Sought, words: &[String]) -> Finds {
    let has_words = |key: &str| {
        let lower = key.to_lowercase();
        words.iter().all(|word| lower.contains(word.as_str()))
    };
    let mut of = 0;
    let mut best: Vec<(Likeness, Option<Timestamp>, u32)> = Vec::new();
    for (id, row) in (0_u32..).zip(index.rows()) {
        if !is_picture(&row) || !words.is_empty() && !has_words(row.key) {
            continue;
        }
        of += 1;
        let likeness = sought.likeness(row.key, row.etag.as_deref());
        best.push((likeness, row.modified, id));
        // Never more than a few are kept, however large the bucket is.
        if best.len() >= 4 * MOST {
            keep_best(&mut best);
        }
    }
    keep_best(&mut best);
    let found = best.into_iter().filter_map(|(likeness, modified, id)| {
        let row = index.row(id)?;
        Some(Find {
            key: ObjectKey::parse(row.key).ok()?,
            size: row.size,
            etag: row.etag.as_deref().map(str::to_owned),
            modified,
            likeness,
            used: None,
        })
    });
    Finds {
        list: found.collect(),
        of,
        complete: matches!(index.state(), Coverage::Complete { .. }),
    }
}

/// The likeliest first, and of those that are as likely the newest.
fn keep_best(best: &mut Vec<(Likeness, Option<Timestamp>, u32)>) {
    best.sort_by_key(|(likeness, modified, id)| (Reverse(*likeness), Reverse(*modified), *id));
    best.truncate(MOST);
}

/// Whether an object can be the picture of a scene: what is in the trash goes for good some day.
fn is_picture(row: &Row<'_>) -> bool {
    let declared = row.content_type.filter(|kind| *kind != "application/octet-stream");
    let kind = match declared {
        Some(kind) => kind.starts_with("image/"),
        None => mime_guess::from_path(row.key)
            .first_raw()
            .is_some_and(|kind| kind.starts_with("image/")),
    };
    kind && row.size != Some(0) && !row.key.starts_with(TRASH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supabase::{BucketName, Entry};

    fn entry(key: &str, kind: &str, at: i64) -> Entry {
        Entry {
            key: key.to_owned(),
            size: Some(10),
            content_type: Some(kind.to_owned()),
            id: None,
            etag: None,
            cache_control: None,
            created_at: None,
            updated_at: Some(Timestamp::from_second(at).unwrap()),
        }
    }

    fn sought() -> Sought {
        Sought {
            story: StoryId::parse("pip-1").unwrap(),
            title: "Pip".to_owned(),
            index: 0,
            key: Some("a/fox_winter.png".to_owned()),
            md5: None,
        }
    }

    fn index(mut entries: Vec<Entry>) -> Index {
        entries.sort_by(|one, other| one.key.cmp(&other.key));
        let at = Timestamp::UNIX_EPOCH;
        Index::new(BucketName::parse("b").unwrap(), 1, Coverage::Complete { at }, entries)
    }

    #[test]
    fn the_likeliest_come_first_and_then_the_newest() {
        let index = index(vec![
            entry("moved/fox_winter.png", "image/png", 1),
            entry("pip-1/scene_0.png", "image/png", 2),
            entry("other/one.png", "image/png", 3),
            entry("other/two.webp", "application/octet-stream", 9),
            entry("_trash/2025-01-01/j/a/fox_winter.png", "image/png", 5),
            entry("notes.txt", "text/plain", 6),
        ]);
        let finds = look(&index, &sought(), &[]);
        let keys: Vec<&str> = finds.list.iter().map(|find| find.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "moved/fox_winter.png",
                "pip-1/scene_0.png",
                "other/two.webp",
                "other/one.png"
            ]
        );
        assert!(finds.complete && finds.of == 4);
        assert_eq!(finds.list[0].likeness, Likeness::Name);
        let words = ["other".to_owned(), "two".to_owned()];
        assert_eq!(look(&index, &sought(), &words).of, 1);
    }

    #[test]
    fn of_very_many_the_best_are_kept() {
        let mut entries: Vec<Entry> = (0..5_000)
            .map(|at| entry(&format!("x/{at}.png"), "image/png", at))
            .collect();
        entries.push(entry("z/fox_winter.png", "image/png", 0));
        let finds = look(&index(entries), &sought(), &[]);
        assert_eq!((finds.list.len(), finds.of), (MOST, 5_001));
        assert_eq!(finds.list[0].key.as_str(), "z/fox_winter.png");
        assert_eq!(finds.list[1].key.as_str(), "x/4999.png");
    }
}
