//! What is in a bucket already, with as few requests as it takes: a listing gives a thousand objects a request, asking for
//! one object gives one.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt as _, stream};

use super::check::{SIZE_MAX, is_header};
use super::request::{Planner, Step};
use super::{PlanError, Seen};
use crate::supabase::{Class, Entry, ObjectKey, Objects};
use crate::transfer::names::{Finding, Twins, fold};

/// So few keys are asked for one by one from the start.
const FEW: usize = 3;
/// Objects asked for at once.
const LOOKS: usize = 8;

/// An object that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) size: Option<u64>,
    pub(super) etag: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) cache_control: Option<String>,
}

impl Stored {
    /// What a server says of an object. What no server can mean is not kept: a plan must be readable again.
    pub(super) fn new(
        size: Option<u64>,
        etag: Option<String>,
        content_type: Option<String>,
        cache_control: Option<String>,
    ) -> Self {
        let clean = |text: &String| is_header(text) && !text.is_empty();
        Self {
            size: size.filter(|size| *size <= SIZE_MAX),
            etag: etag.filter(clean),
            content_type: content_type.filter(clean),
            cache_control: cache_control.filter(clean),
        }
    }

    pub(super) fn seen(&self) -> Seen {
        Seen {
            size: self.size,
            modified: None,
            etag: self.etag.clone(),
        }
    }
}

impl From<Entry> for Stored {
    fn from(entry: Entry) -> Self {
        Self::new(entry.size, entry.etag, entry.content_type, entry.cache_control)
    }
}

/// What was found of the keys that were looked for.
#[derive(Debug, Default)]
pub(super) struct There {
    /// By key.
    pub(super) objects: HashMap<String, Stored>,
    /// Keys that are not there but have a twin that is, as far as that was seen on the way.
    twins: Twins,
}

impl There {
    pub(super) fn twin(&self, key: &str) -> Option<Finding> {
        self.twins.of(key)
    }
}

impl Planner<'_> {
    /// Looks which of the keys are in a bucket that exists. Memory grows with the keys, not with the bucket.
    ///
    /// Listing and asking never take more than twice the requests of the better of the two.
    pub(super) async fn look_for(&self, objects: &Objects, keys: &[&ObjectKey]) -> Result<There, PlanError> {
        let mut there = There::default();
        let wanted: HashSet<&str> = keys.iter().map(|key| key.as_str()).collect();
        if wanted.len() > FEW {
            let folded: HashSet<String> = wanted.iter().map(|key| fold(key)).collect();
            let mut listing = objects.list(common(&wanted));
            for page in 0..wanted.len() {
                let Some(listed) = self.wait(listing.next()).await?? else {
                    return Ok(there);
                };
                self.tell(Step::Listing, page + 1, None);
                for entry in listed.entries {
                    if wanted.contains(entry.key.as_str()) {
                        there.objects.insert(entry.key.clone(), entry.into());
                    } else if folded.contains(&fold(&entry.key)) {
                        let _ = there.twins.add(&entry.key, true);
                    }
                }
            }
        }
        let left: Vec<&str> = wanted
            .into_iter()
            .filter(|key| !there.objects.contains_key(*key))
            .collect();
        let count = left.len();
        let left: Vec<ObjectKey> = left.into_iter().filter_map(|key| ObjectKey::parse(key).ok()).collect();
        let asked = stream::iter(left)
            .map(|key| async move { Ok((ask(objects, &key).await?, key)) })
            .buffer_unordered(LOOKS)
            .boxed();
        for (stored, key) in self.gather(Step::Listing, count, asked).await? {
            if let Some(stored) = stored {
                there.objects.insert(key.as_str().to_owned(), stored);
            }
        }
        Ok(there)
    }

    /// Hands on everything whose key begins with a prefix. What a server answers besides that is left out.
    pub(super) async fn list(
        &self,
        objects: &Objects,
        prefix: &str,
        mut take: impl FnMut(Entry),
    ) -> Result<(), PlanError> {
        let mut listing = objects.list(prefix);
        let mut count = 0;
        while let Some(page) = self.wait(listing.next()).await?? {
            count += page.entries.len();
            page.entries
                .into_iter()
                .filter(|entry| entry.key.starts_with(prefix))
                .for_each(&mut take);
            self.tell(Step::Listing, count, None);
        }
        Ok(())
    }
}

async fn ask(objects: &Objects, key: &ObjectKey) -> Result<Option<Stored>, PlanError> {
    match objects.info(key).await {
        Ok(info) => Ok(Some(Stored::new(
            info.size,
            info.etag,
            info.content_type,
            info.cache_control,
        ))),
        // As `Objects::exists`: what is not found for another reason is not known not to be there.
        Err(error) if error.class == Class::NotFound && error.code.as_deref() == Some("NoSuchKey") => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What all keys begin with. They are ASCII.
fn common<'k>(keys: &HashSet<&'k str>) -> &'k str {
    let mut keys = keys.iter();
    let first = keys.next().copied().unwrap_or_default();
    keys.fold(first, |common, key| {
        let same = common.bytes().zip(key.bytes()).take_while(|(one, other)| one == other);
        common.get(..same.count()).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_a_beginning_in_common() {
        assert_eq!(common(&HashSet::from(["a/b1", "a/b2", "a/c"])), "a/");
        assert_eq!(common(&HashSet::from(["a", "b"])), "");
        assert_eq!(common(&HashSet::from(["ab", "ab/c"])), "ab");
        assert_eq!(common(&HashSet::new()), "");
    }
}
