//! Finding objects: keys, folders, patterns. What lies in the trash is not found unless it is named.

use std::collections::HashSet;

use super::PlanError;
use super::pattern::{self, Pattern};
use super::request::{ITEMS_MAX, Planner};
use super::there::Stored;
use crate::supabase::{BucketName, NameError, ObjectKey, Objects};
use crate::transfer::trash::TRASH_PREFIX;

/// Objects to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// One object.
    Key(ObjectKey),
    /// A folder with all that is in it. The folder's own name is the first of the names below it.
    Folder(String),
    /// What is in a folder, without the folder's own name; an empty text is the whole bucket.
    Inside(String),
    /// What matches a pattern, below the folder that has nothing special in its name.
    Pattern(String),
}

impl KeySource {
    /// Reads what somebody typed: empty or with a slash at its end it is what is in a folder, with `*`, `?`, `[` or `{` a
    /// pattern, else a key.
    ///
    /// # Errors
    /// If it is no key.
    pub fn typed(text: &str) -> Result<Self, NameError> {
        if pattern::is_pattern(text) {
            Ok(Self::Pattern(text.to_owned()))
        } else if text.is_empty() || text.ends_with('/') {
            Ok(Self::Inside(text.to_owned()))
        } else {
            ObjectKey::parse(text).map(Self::Key)
        }
    }

    /// As it was named.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Key(key) => key.as_str(),
            Self::Folder(text) | Self::Inside(text) | Self::Pattern(text) => text,
        }
    }
}

/// An object that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// As the server has it.
    pub(super) key: String,
    /// The part of the key below what was named.
    pub(super) relative: String,
    pub(super) stored: Stored,
}

impl Hit {
    /// The key as one that calls can be made with, or why it is none.
    pub(super) fn reachable(&self) -> Result<ObjectKey, String> {
        reachable(&self.key)
    }
}

/// A key that calls can be made with.
pub(super) fn reachable(key: &str) -> Result<ObjectKey, String> {
    let parsed = ObjectKey::parse(key).map_err(|error| format!("It cannot be asked for: {error}."))?;
    if key.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(
            "It cannot be asked for: web addresses take . and .. between slashes for other folders.".to_owned(),
        );
    }
    Ok(parsed)
}

/// An object that was found by what was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundObject {
    /// Its key.
    pub key: ObjectKey,
    /// Bytes, where the server told.
    pub size: Option<u64>,
}

impl Planner<'_> {
    /// Finds the objects that keys, folders and patterns name, each once.
    ///
    /// # Errors
    /// If nothing was found of something that was named, the bucket is not there, one that was found cannot be asked for, or it
    /// was stopped.
    pub async fn find_objects(
        &self,
        bucket: &BucketName,
        sources: &[KeySource],
    ) -> Result<Vec<FoundObject>, PlanError> {
        let (_, objects) = self.bucket(bucket).await?;
        let hits = self.hits(&objects, sources).await?;
        let found = hits.into_iter().map(|hit| match hit.reachable() {
            Ok(key) => Ok(FoundObject {
                key,
                size: hit.stored.size,
            }),
            Err(why) => Err(PlanError::Unreachable { key: hit.key, why }),
        });
        found.collect()
    }

    /// Finds everything that was named in a bucket that exists, each object once, in the order of the sources and then of
    /// keys.
    pub(super) async fn hits(&self, objects: &Objects, sources: &[KeySource]) -> Result<Vec<Hit>, PlanError> {
        let named: Vec<&ObjectKey> = sources
            .iter()
            .filter_map(|source| match source {
                KeySource::Key(key) => Some(key),
                _ => None,
            })
            .collect();
        let there = self.look_for(objects, &named).await?;
        let mut hits = Vec::new();
        let mut seen = HashSet::new();
        for source in sources {
            let found = match source {
                KeySource::Key(key) => {
                    let stored = there.objects.get(key.as_str()).cloned();
                    vec![Hit {
                        key: key.to_string(),
                        relative: key.file_name().to_owned(),
                        stored: stored.ok_or_else(|| PlanError::NoObject(key.to_string()))?,
                    }]
                }
                KeySource::Folder(text) => {
                    let folder = as_folder(text);
                    let above = folder.trim_end_matches('/').rfind('/').map_or(0, |slash| slash + 1);
                    self.below(objects, &folder, above, |_| true).await?
                }
                KeySource::Inside(text) => {
                    let folder = as_folder(text);
                    self.below(objects, &folder, folder.len(), |_| true).await?
                }
                KeySource::Pattern(text) => {
                    let pattern = Pattern::parse(text)?;
                    let (folder, rest) = pattern::split(text);
                    // What the first name to be matched begins with narrows the listing.
                    let literal = rest.find(['*', '?', '[', '{', '\\']).unwrap_or(rest.len());
                    let prefix = &text[..folder.len() + literal];
                    self.below(objects, prefix, folder.len(), |key| pattern.matches(key))
                        .await?
                }
            };
            let trash_named = source.text().starts_with(TRASH_PREFIX);
            let before = hits.len();
            let mut any = false;
            for hit in found {
                if hit.key.starts_with(TRASH_PREFIX) && !trash_named {
                    continue;
                }
                any = true;
                if seen.insert(hit.key.clone()) {
                    hits.push(hit);
                }
            }
            if !any {
                let text = source.text();
                return Err(PlanError::NothingMatches(
                    if text.is_empty() { "*" } else { text }.to_owned(),
                ));
            }
            hits[before..].sort_by(|one, other| one.key.cmp(&other.key));
            if hits.len() > ITEMS_MAX {
                return Err(PlanError::TooMany(ITEMS_MAX));
            }
        }
        Ok(hits)
    }

    /// What begins with a prefix and is wanted; its names begin behind `cut` bytes of the key.
    async fn below(
        &self,
        objects: &Objects,
        prefix: &str,
        cut: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<Hit>, PlanError> {
        let mut hits = Vec::new();
        self.list(objects, prefix, |entry| {
            if let Some(relative) = entry.key.get(cut..).filter(|_| wanted(&entry.key)) {
                hits.push(Hit {
                    relative: relative.to_owned(),
                    key: entry.key.clone(),
                    stored: entry.into(),
                });
            }
        })
        .await?;
        Ok(hits)
    }

    /// The objects of a bucket that exists.
    pub(super) async fn bucket(&self, name: &BucketName) -> Result<(crate::supabase::Bucket, Objects), PlanError> {
        let facts = self.wait(self.project.buckets().get(name)).await??;
        Ok((facts, self.project.bucket(name)))
    }
}

fn as_folder(text: &str) -> String {
    if text.is_empty() || text.ends_with('/') {
        text.to_owned()
    } else {
        format!("{text}/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_as_typed() {
        assert_eq!(KeySource::typed("").unwrap(), KeySource::Inside(String::new()));
        assert_eq!(KeySource::typed("a/").unwrap(), KeySource::Inside("a/".to_owned()));
        assert_eq!(
            KeySource::typed("a/*.png").unwrap(),
            KeySource::Pattern("a/*.png".to_owned())
        );
        assert!(matches!(KeySource::typed("a/b.png").unwrap(), KeySource::Key(_)));
        assert!(KeySource::typed("ö").is_err());
    }

    #[test]
    fn some_keys_cannot_be_asked_for() {
        assert!(reachable("a/b").is_ok());
        for bad in ["a/../b", "..", "ö", "", "a\u{0}"] {
            assert!(reachable(bad).is_err(), "{bad}");
        }
    }
}
