//! Looking at many objects of a bucket with few requests: a listing gives a thousand of them at once, an object's own route
//! one. Which of the two takes fewer, shows on the way.

use std::collections::HashMap;

use futures_util::{StreamExt as _, stream};

use super::failure::failure;
use super::proof::Stored;
use crate::supabase::{Class, ListApi, ObjectKey, Objects};
use crate::transfer::job::Failure;

/// Objects looked at at once.
const LOOKS: usize = 8;
/// Pages that name nothing that is looked for, until it is looked elsewhere.
const WASTED: usize = 3;

/// What is at a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An object.
    There {
        stored: Stored,
        /// Its row; another one with each object that is stored there after a removal.
        id: Option<String>,
    },
    /// Nothing that this key may see.
    Nothing,
    /// It could not be found out.
    Unknown(Failure),
}

/// Looks at all of the keys. Each has an answer.
pub(super) async fn look_up(objects: &Objects, keys: &[&ObjectKey]) -> HashMap<ObjectKey, Found> {
    let mut look = Lookup {
        objects,
        found: HashMap::with_capacity(keys.len()),
    };
    let mut keys: Vec<&ObjectKey> = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    let mut groups = vec![keys];
    while let Some(group) = groups.pop() {
        groups.extend(look.group(group).await);
    }
    look.found
}

struct Lookup<'a> {
    objects: &'a Objects,
    found: HashMap<ObjectKey, Found>,
}

impl Lookup<'_> {
    /// Looks at keys, sorted, by listing what begins as all of them do, as long as that finds them. Gives back smaller groups
    /// of those that are left.
    async fn group<'k>(&mut self, mut keys: Vec<&'k ObjectKey>) -> Vec<Vec<&'k ObjectKey>> {
        let prefix = match keys.as_slice() {
            [] => return Vec::new(),
            [_] => {
                self.one_by_one(&keys).await;
                return Vec::new();
            }
            [first, .., last] => common_prefix(first.as_str(), last.as_str()).to_owned(),
        };
        let mut listing = self.objects.list(&prefix);
        let mut sorted = Sorted::default();
        let mut wasted = 0;
        while !keys.is_empty() {
            let page = match listing.next().await {
                Ok(Some(page)) => page,
                Ok(None) => {
                    if sorted.complete {
                        self.nothing_at(&keys);
                        return Vec::new();
                    }
                    break;
                }
                Err(error) if error.class == Class::BucketNotFound => {
                    self.nothing_at(&keys);
                    return Vec::new();
                }
                Err(error) => {
                    let failed = failure(&error);
                    for key in keys {
                        self.found.insert(key.clone(), Found::Unknown(failed.clone()));
                    }
                    return Vec::new();
                }
            };
            let before = keys.len();
            sorted.page(page.api, page.entries.iter().map(|entry| entry.key.as_str()));
            let mut listed: HashMap<&str, Found> = HashMap::with_capacity(page.entries.len());
            for entry in &page.entries {
                let stored = Stored {
                    size: entry.size,
                    etag: entry.etag.clone(),
                };
                let id = entry.id.clone();
                listed.insert(&entry.key, Found::There { stored, id });
            }
            keys.retain(|key| {
                let found = match listed.remove(key.as_str()) {
                    Some(found) => found,
                    None if sorted.is_past(key.as_str()) => Found::Nothing,
                    None => return true,
                };
                self.found.insert((*key).clone(), found);
                false
            });
            if keys.len() == before {
                wasted += 1;
                // What is looked for may be far from here in a folder of millions.
                if wasted * 2 > keys.len() || wasted == WASTED {
                    return self.split(keys, prefix.len()).await;
                }
            }
        }
        // It did not name them, or not in order: it is believed of none of them.
        self.one_by_one(&keys).await;
        Vec::new()
    }

    /// Groups by the next character, so that each has a longer beginning in common. A group of one is looked at by itself.
    async fn split<'k>(&mut self, keys: Vec<&'k ObjectKey>, common: usize) -> Vec<Vec<&'k ObjectKey>> {
        let next = |key: &ObjectKey| key.as_str().as_bytes().get(common).copied();
        let groups = keys.chunk_by(|one, other| next(one) == next(other));
        let (groups, alone): (Vec<_>, Vec<_>) = groups.partition(|group| group.len() > 1);
        self.one_by_one(&alone.concat()).await;
        groups.into_iter().map(<[_]>::to_vec).collect()
    }

    fn nothing_at(&mut self, keys: &[&ObjectKey]) {
        for key in keys {
            self.found.insert((*key).clone(), Found::Nothing);
        }
    }

    async fn one_by_one(&mut self, keys: &[&ObjectKey]) {
        let objects = self.objects;
        let looks = keys.iter().map(|key| async move {
            let found = match objects.info(key).await {
                Ok(info) => Found::There {
                    stored: Stored::from(&info),
                    id: info.id,
                },
                Err(error) if matches!(error.class, Class::NotFound | Class::BucketNotFound) => Found::Nothing,
                Err(error) => Found::Unknown(failure(&error)),
            };
            ((*key).clone(), found)
        });
        // Collected, so that the future may go to another thread: the compiler cannot see that of the closure.
        let looks: Vec<_> = looks.collect();
        let looks: Vec<_> = stream::iter(looks).buffer_unordered(LOOKS).collect().await;
        self.found.extend(looks);
    }
}

/// Whether a listing is in the order of its keys so far, and complete: then what it has passed by is not there.
struct Sorted {
    complete: bool,
    last: Option<String>,
}

impl Default for Sorted {
    fn default() -> Self {
        Self {
            complete: true,
            last: None,
        }
    }
}

impl Sorted {
    fn page<'k>(&mut self, api: ListApi, keys: impl Iterator<Item = &'k str>) {
        // The first API leaves objects out.
        self.complete &= api == ListApi::V2;
        for key in keys {
            self.complete &= self.last.as_deref().is_none_or(|last| last < key);
            self.last = Some(key.to_owned());
        }
    }

    fn is_past(&self, key: &str) -> bool {
        self.complete && self.last.as_deref().is_some_and(|last| key < last)
    }
}

/// What two keys have in common at their beginning. Of sorted keys, the first and the last have what all have.
fn common_prefix<'k>(one: &'k str, other: &str) -> &'k str {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    // Keys are ASCII: every place is between two characters.
    &one[..same]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::supabase::testing::{bucket, json, key, lines, project, storage_error};

    /// A bucket of these keys whose listing has pages of `page` rows.
    async fn bucket_of(keys: Vec<String>, page: usize) -> (Objects, crate::supabase::testing::Log) {
        let mut keys = keys;
        keys.sort_unstable();
        let keys = Arc::new(keys);
        let (project, seen) = project(move |request| {
            if let Some(key) = request.path.strip_prefix("/storage/v1/object/info/authenticated/b/") {
                return match keys.iter().any(|known| known == key) {
                    true => json(200, json!({"name": key, "id": "i", "size": 1})),
                    false => storage_error("404", "NoSuchKey", "Object not found"),
                };
            }
            if request.path.contains("/bucket/") {
                return json(200, json!({"id": "b", "name": "b"}));
            }
            let body = request.json();
            let prefix = body["prefix"].as_str().unwrap();
            let after = body["cursor"].as_str().unwrap_or_default();
            let rows: Vec<&String> = keys
                .iter()
                .filter(|key| key.starts_with(prefix) && key.as_str() > after)
                .take(page + 1)
                .collect();
            let more = rows.len() > page;
            let rows = &rows[..rows.len().min(page)];
            let objects: Vec<Value> = rows
                .iter()
                .map(|key| json!({"name": key, "id": key, "metadata": {"size": 1, "eTag": "\"e\""}}))
                .collect();
            json(
                200,
                json!({"hasNext": more, "nextCursor": rows.last(), "folders": [], "objects": objects}),
            )
        })
        .await;
        (project.bucket(&bucket("b")), seen)
    }

    async fn looked_at(objects: &Objects, keys: &[String]) -> (usize, usize) {
        let keys: Vec<ObjectKey> = keys.iter().map(|text| key(text)).collect();
        let keys: Vec<&ObjectKey> = keys.iter().collect();
        let found = look_up(objects, &keys).await;
        assert_eq!(found.len(), keys.len(), "each has an answer");
        let there = found.values().filter(|found| matches!(found, Found::There { .. }));
        let nothing = found.values().filter(|found| **found == Found::Nothing);
        (there.count(), nothing.count())
    }

    #[tokio::test]
    async fn many_are_listed_and_one_is_asked_for() {
        let all: Vec<String> = (0..500).map(|n| format!("stories/{n:03}/a.png")).collect();
        let (objects, seen) = bucket_of(all.clone(), 100).await;
        assert_eq!(looked_at(&objects, &all).await, (500, 0));
        assert_eq!(lines(&seen).len(), 5, "folders of one object each are one listing");
        seen.lock().unwrap().clear();
        assert_eq!(looked_at(&objects, &all[7..8]).await, (1, 0));
        assert_eq!(
            lines(&seen),
            ["GET /storage/v1/object/info/authenticated/b/stories/007/a.png"]
        );
    }

    #[tokio::test]
    async fn what_is_missing_shows_in_the_order_of_the_listing() {
        let all: Vec<String> = (0..300).map(|n| format!("a/{n:03}")).collect();
        let there: Vec<String> = all.iter().step_by(2).cloned().collect();
        let (objects, seen) = bucket_of(there, 1_000).await;
        assert_eq!(looked_at(&objects, &all).await, (150, 150));
        assert_eq!(lines(&seen).len(), 1);
        let (objects, seen) = bucket_of(Vec::new(), 1_000).await;
        assert_eq!(looked_at(&objects, &all).await, (0, 300));
        assert_eq!(
            lines(&seen).len(),
            2,
            "an empty listing is believed of a bucket that exists"
        );
    }

    #[tokio::test]
    async fn a_few_in_a_folder_of_very_many_do_not_cost_its_listing() {
        let mut all: Vec<String> = (0..5_000).map(|n| format!("a/{n:05}")).collect();
        let wanted = ["a/x1".to_owned(), "a/x2".to_owned(), "a/0000".to_owned()];
        all.extend(wanted[..2].iter().cloned());
        let (objects, seen) = bucket_of(all.clone(), 100).await;
        assert_eq!(looked_at(&objects, &wanted).await, (2, 1));
        assert!(lines(&seen).len() <= 6, "{:?}", lines(&seen));

        // Two far apart in different folders: their folders are listed, not all between them.
        let far: Vec<String> = ["a/zz/1", "a/zz/2", "a/zz/3", "zz/1", "zz/2"].map(str::to_owned).into();
        all.extend(far.iter().cloned());
        let (objects, seen) = bucket_of(all, 100).await;
        assert_eq!(looked_at(&objects, &far).await, (5, 0));
        assert!(lines(&seen).len() <= 9, "{:?}", lines(&seen));
    }

    #[tokio::test]
    async fn a_listing_that_fails_says_so_of_each() {
        let (project, _) = project(|_| storage_error("403", "AccessDenied", "no")).await;
        let keys = [key("a/1"), key("a/2")];
        let keys: Vec<&ObjectKey> = keys.iter().collect();
        let found = look_up(&project.bucket(&bucket("b")), &keys).await;
        assert!(found.values().all(|found| matches!(found, Found::Unknown(_))) && found.len() == 2);
    }
}
