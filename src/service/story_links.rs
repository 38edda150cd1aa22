//! Links of stories that lead nowhere, and links that lead somewhere in a wrong form: found, shown, put right.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use tokio::time::Instant;

use super::{AdminAction, Ending, JobId, Problem, STORIES_PAGE, Service, Subject};
use crate::catalog::{Coverage, Index};
use crate::story::{Place, Story, StoryId, StoryQuery};
use crate::supabase::url::{self, Context, MediaRef};
use crate::supabase::{BucketName, Class, ObjectKey};

/// What other programs write is seen after so long at the latest.
const AGE: Duration = Duration::from_secs(60);

/// Objects that are asked for at the same time.
const AT_ONCE: usize = 8;

/// A link of a story to an object that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrokenLink {
    /// The place that holds it.
    pub place: Place,
    /// The story's title.
    pub title: String,
    /// The link as it is stored.
    pub url: String,
}

/// The broken links of a project, as they were when they were looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrokenLinks {
    links: Vec<BrokenLink>,
    stories: Vec<StoryId>,
    looked_at: u64,
}

impl BrokenLinks {
    /// They, in the order of their stories, newest first.
    #[must_use]
    pub fn links(&self) -> &[BrokenLink] {
        &self.links
    }

    /// The stories that have any, newest first.
    #[must_use]
    pub fn stories(&self) -> &[StoryId] {
        &self.stories
    }

    /// Links that were looked at.
    #[must_use]
    pub fn looked_at(&self) -> u64 {
        self.looked_at
    }
}

/// A link that is to be put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkRepair {
    /// The place that holds it.
    pub place: Place,
    /// The story's title.
    pub title: String,
    /// The link as it is stored.
    pub before: String,
    /// The link as it is to be.
    pub after: String,
    /// What is wrong with it, a sentence each.
    pub problems: Vec<String>,
}

/// What was found last.
#[derive(Debug, Default)]
pub(super) struct BrokenCache {
    last: Mutex<Option<(Instant, Arc<BrokenLinks>)>>,
    /// Held by whoever looks, so that all others wait for the same.
    looking: tokio::sync::Mutex<()>,
}

impl BrokenCache {
    /// A story or an object is not what it was.
    pub(super) fn changed(&self) {
        if let Some((at, _)) = self.lock().as_mut() {
            // It is still the last that is known, and not to be relied on.
            *at = at.checked_sub(AGE).unwrap_or(*at);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Arc<BrokenLinks>)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self) -> Option<Arc<BrokenLinks>> {
        let last = self.lock();
        let (at, broken) = last.as_ref()?;
        (at.elapsed() < AGE).then(|| Arc::clone(broken))
    }
}

impl Service {
    /// The links of all stories that lead to an object which is not there. Objects are looked for in the index of their bucket where it
    /// is whole, and what it does not have is asked for; stories are read page by page. `observe` is told how many stories were looked
    /// at.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn broken_links(&self, observe: &(dyn Fn(u64) + Send + Sync)) -> Result<Arc<BrokenLinks>, Problem> {
        let cache = &self.inner.broken;
        if let Some(broken) = cache.fresh() {
            return Ok(broken);
        }
        let _turn = cache.looking.lock().await;
        if let Some(broken) = cache.fresh() {
            return Ok(broken);
        }
        let at = Instant::now();
        let (mut broken, mut offset) = (BrokenLinks::default(), 0);
        loop {
            let stories = self.inner.stories.list(offset, STORIES_PAGE).await?;
            if stories.is_empty() {
                break;
            }
            offset += stories.len() as u64;
            self.look_at_links(&stories, &mut broken).await?;
            observe(offset);
        }
        let broken = Arc::new(broken);
        *cache.lock() = Some((at, Arc::clone(&broken)));
        Ok(broken)
    }

    /// How many stories with broken links a question lists, if they were looked for and it asks for nothing else.
    pub(super) fn known_broken(&self, query: &StoryQuery) -> Option<u64> {
        let any = query.text.trim().is_empty() && query.status.is_none();
        let last = self.inner.broken.lock();
        let (_, broken) = last.as_ref().filter(|_| any)?;
        Some(broken.stories.len() as u64)
    }

    async fn look_at_links(&self, stories: &[Story], broken: &mut BrokenLinks) -> Result<(), Problem> {
        let mut wanted: HashSet<(BucketName, ObjectKey)> = HashSet::new();
        let mut held = Vec::new();
        for story in stories {
            for (place, url) in places(story) {
                broken.looked_at += 1;
                if let Some(object) = self.own_object(url) {
                    wanted.insert(object.clone());
                    held.push((story, place, url.to_owned(), object));
                }
            }
        }
        let gone = self.missing_objects(wanted).await?;
        for (story, place, url, object) in held {
            if gone.contains(&object) {
                if broken.stories.last() != Some(&story.story_id) {
                    broken.stories.push(story.story_id.clone());
                }
                let title = story.title.clone();
                broken.links.push(BrokenLink { place, title, url });
            }
        }
        Ok(())
    }

    /// Those of the objects that are not there.
    async fn missing_objects(
        &self,
        objects: HashSet<(BucketName, ObjectKey)>,
    ) -> Result<HashSet<(BucketName, ObjectKey)>, Problem> {
        // An index that has an object is believed; one that has it not may be a moment old.
        let unsure = objects.into_iter().filter(|(bucket, key)| {
            let index = self.index(bucket).filter(is_whole);
            index.is_none_or(|index| index.position(key.as_str()).is_none())
        });
        let unsure: Vec<_> = unsure.collect();
        let mut looks = stream::iter(unsure)
            .map(|(bucket, key)| async move {
                let there = self.is_there(&bucket, &key).await?;
                Ok::<_, Problem>((!there).then_some((bucket, key)))
            })
            .buffer_unordered(AT_ONCE);
        let mut gone = HashSet::new();
        while let Some(look) = looks.next().await {
            gone.extend(look?);
        }
        Ok(gone)
    }

    async fn is_there(&self, bucket: &BucketName, key: &ObjectKey) -> Result<bool, Problem> {
        match self.inner.supabase.bucket(bucket).info(key).await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.class, Class::NotFound | Class::BucketNotFound) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The links of a story, of its cover and of its public copies that name an object which can be found, and not by the URL that it
    /// has: what is wrong with each, and what it is to be. Nothing is changed.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub async fn links_to_repair(&self, story: &StoryId) -> Result<Vec<LinkRepair>, Problem> {
        let story = self.inner.stories.get(story).await?;
        let mut held: Vec<(Place, String, String)> = places(&story)
            .map(|(place, url)| (place, story.title.clone(), url.to_owned()))
            .collect();
        let mut known: HashSet<Place> = held.iter().map(|(place, ..)| place.clone()).collect();
        let links: HashSet<&str> = story.links().collect();
        for link in links {
            let Some((_, key)) = self.named(link) else { continue };
            for pointing in self.inner.stories.places_naming(&key).await? {
                if known.insert(pointing.place.clone()) {
                    held.push((pointing.place, pointing.title, pointing.url));
                }
            }
        }
        let mut repairs = Vec::new();
        for (place, title, before) in held {
            if let Some((after, problems)) = self.right_form(&before).await? {
                repairs.push(LinkRepair {
                    place,
                    title,
                    before,
                    after,
                    problems,
                });
            }
        }
        Ok(repairs)
    }

    /// Puts links right, each unless it is another one by now; how many.
    ///
    /// # Errors
    /// If admin mode is locked, or the project cannot be changed. What was put right until then stays.
    pub async fn repair_links(&self, repairs: &[LinkRepair]) -> Result<usize, Problem> {
        self.admin().permit(AdminAction::Overwrite)?;
        let mut done = 0;
        for repair in repairs {
            let (before, after) = (Some(repair.before.as_str()), Some(repair.after.as_str()));
            done += usize::from(self.inner.stories.swap_place(&repair.place, before, after).await?);
        }
        Ok(done)
    }

    /// Starts putting links of a story right that were shown before.
    pub fn start_repair_links(&self, story: StoryId, repairs: Vec<LinkRepair>) -> JobId {
        let service = self.clone();
        let target = repairs.first().map_or(String::new(), |repair| repair.title.clone());
        self.jobs()
            .start("Repair links", target, Subject::Story(story.clone()), move |context| {
                let (service, story, repairs) = (service.clone(), story.clone(), repairs.clone());
                async move {
                    context.report(0, Some(repairs.len()), "Writing links");
                    let done = service.repair_links(&repairs).await;
                    service.changed(Subject::Story(story));
                    let (done, all) = (done?, repairs.len());
                    Ok(Ending::Done(match all - done {
                        0 => format!("{done} of {all} links lead to their objects"),
                        left => format!("{done} of {all} links were put right; {left} were others by then"),
                    }))
                }
            })
    }

    /// The object that a link names, whichever project it says that it is of.
    fn named(&self, link: &str) -> Option<(BucketName, ObjectKey)> {
        let object = MediaRef::parse(link, &self.link_context()).ok()?.object;
        Some((object.bucket, object.key))
    }

    fn link_context(&self) -> Context<'_> {
        Context {
            project: Some(&self.workspace().url),
            default_bucket: Some(self.bucket()),
            ..Context::default()
        }
    }

    /// What a link is to be, and what is wrong with it; None if it is right, or if nothing better is known.
    async fn right_form(&self, link: &str) -> Result<Option<(String, Vec<String>)>, Problem> {
        let Ok(media) = MediaRef::parse(link, &self.link_context()) else {
            return Ok(None);
        };
        let (named, key) = (&media.object.bucket, &media.object.key);
        let project = &self.workspace().url;
        // Where it says, or else where this workspace keeps pictures.
        for bucket in [named, self.bucket()] {
            let facts = match self.inner.supabase.buckets().get(bucket).await {
                Ok(facts) => facts,
                Err(error) if matches!(error.class, Class::NotFound | Class::BucketNotFound) => continue,
                Err(error) => return Err(error.into()),
            };
            // Of a private bucket, the signed link is the one that shows something, if only for a while.
            if facts.public && self.is_there(bucket, key).await? {
                let after = url::public_url(project, bucket, key);
                let mut problems: Vec<String> = media.problems.iter().map(|problem| problem.headline.clone()).collect();
                if bucket != named {
                    problems.push(format!("It is not in {named}, but in {bucket}"));
                }
                if problems.is_empty() {
                    problems.push("It is not the object's own public URL".to_owned());
                }
                return Ok((after != link).then_some((after, problems)));
            }
        }
        Ok(None)
    }
}

/// The places of a story that hold a link.
fn places(story: &Story) -> impl Iterator<Item = (Place, &str)> {
    let id = &story.story_id;
    let cover = story.cover_image_url.as_deref();
    let cover = cover.map(|url| (Place::Cover { story: id.clone() }, url));
    let scenes = story.scenes.iter().filter_map(|scene| {
        let place = Place::Scene {
            story: id.clone(),
            scene: scene.scene_id.clone(),
            index: scene.index,
        };
        Some((place, scene.image_url.as_deref()?))
    });
    scenes.chain(cover)
}

/// Whether an index has every object of its bucket.
fn is_whole(index: &Index) -> bool {
    matches!(index.state(), Coverage::Complete { .. }) && !index.may_miss()
}
