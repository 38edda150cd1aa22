//! A path that is typed: the bucket, its folders and, if wanted, an object. Folders are proposed while it is typed.

use super::State;
use crate::catalog::{Coverage, Index, Query};
use crate::service::{Load, Service};
use crate::supabase::{BucketName, ObjectKey};

/// Folders that are proposed at most.
const PROPOSED: usize = 8;

/// What is typed in the place of the breadcrumb.
#[derive(Debug, Default)]
pub struct PathEdit {
    /// The text.
    pub text: String,
    /// Why it leads nowhere.
    pub error: Option<String>,
    /// Which of the proposals the keys have come to.
    pub marked: Option<usize>,
    /// Whether its field has not been shown yet.
    pub fresh: bool,
    /// The bucket and the folder whose folders are known or on their way.
    of: Option<(BucketName, String)>,
    folders: Load<Vec<String>>,
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    Folder(BucketName, String),
    Object(BucketName, ObjectKey),
}

impl PathEdit {
    /// The paths that what is typed may become, none while nothing is known.
    pub fn proposals(&self, buckets: &[&BucketName]) -> Vec<String> {
        let Some((bucket, inside)) = self.text.split_once('/') else {
            let typed = self.text.as_str();
            let fitting = buckets.iter().filter(|bucket| bucket.as_str().starts_with(typed));
            return fitting.take(PROPOSED).map(|bucket| format!("{bucket}/")).collect();
        };
        let folder = inside.rfind('/').map_or("", |slash| &inside[..=slash]);
        let known = self.of.as_ref();
        if !known.is_some_and(|(of, prefix)| of.as_str() == bucket && prefix == folder) {
            return Vec::new();
        }
        let fitting = self.folders.value().into_iter().flatten();
        fitting
            .filter(|prefix| prefix.starts_with(inside) && prefix.len() > inside.len())
            .take(PROPOSED)
            .map(|prefix| format!("{bucket}/{prefix}"))
            .collect()
    }

    /// Takes over a proposal, so that typing goes on in it.
    pub fn take(&mut self, proposal: String) {
        self.text = proposal;
        self.error = None;
        self.marked = None;
    }
}

impl State {
    /// Puts a field with the path shown in the place of the breadcrumb.
    pub fn edit_path(&mut self) {
        let Some(bucket) = &self.open else { return };
        self.path_edit = Some(PathEdit {
            text: format!("{bucket}/{}", self.folder),
            fresh: true,
            ..PathEdit::default()
        });
    }

    pub(super) fn poll_path(&mut self, service: &Service) {
        let Some(edit) = &mut self.path_edit else { return };
        edit.folders.poll();
        let Some((bucket, inside)) = edit.text.split_once('/') else {
            return;
        };
        let folder = inside.rfind('/').map_or("", |slash| &inside[..=slash]);
        if edit
            .of
            .as_ref()
            .is_some_and(|(of, prefix)| of.as_str() == bucket && prefix == folder)
        {
            return;
        }
        let index = BucketName::parse(bucket).ok().and_then(|bucket| service.index(&bucket));
        let Some(index) = index else { return };
        edit.of = Some((index.bucket().clone(), folder.to_owned()));
        let query = Query {
            folder: folder.to_owned(),
            ..Query::default()
        };
        edit.folders.clear();
        edit.folders.start(service.load(|service| async move {
            let contents = service.answer(index, query).await?;
            Ok(contents.folders.into_iter().map(|folder| folder.prefix).collect())
        }));
    }

    /// Goes where the typed path leads, or says why it leads nowhere.
    pub fn follow_path(&mut self, service: &Service) {
        let Some(edit) = &mut self.path_edit else { return };
        let names: Vec<BucketName> = self
            .buckets
            .value()
            .into_iter()
            .flatten()
            .filter_map(|row| row.parsed.clone())
            .collect();
        match target(&edit.text, &names, self.open.as_ref(), |bucket| service.index(bucket)) {
            Ok(Target::Folder(bucket, folder)) => {
                self.open_bucket(bucket);
                self.open_folder(&folder);
            }
            Ok(Target::Object(bucket, key)) => self.open_object(bucket, &key),
            Err(why) => edit.error = Some(why),
        }
    }
}

/// Where a typed path leads: it begins with a bucket, or else it is one in the open bucket.
fn target(
    text: &str,
    buckets: &[BucketName],
    open: Option<&BucketName>,
    index: impl Fn(&BucketName) -> Option<Index>,
) -> Result<Target, String> {
    let text = text.trim();
    let (first, rest) = text.split_once('/').unwrap_or((text, ""));
    let named = buckets.iter().find(|bucket| bucket.as_str() == first);
    let (bucket, inside) = match (named, open) {
        (Some(bucket), _) => (bucket, rest),
        (None, Some(open)) => (open, text),
        (None, None) => return Err(format!("There is no bucket {first}")),
    };
    let folder = if inside.is_empty() || inside.ends_with('/') {
        inside.to_owned()
    } else {
        format!("{inside}/")
    };
    let Some(index) = index(bucket) else {
        return Ok(Target::Folder(bucket.clone(), folder));
    };
    // Where a folder has the same name, it is the folder that is meant: it holds more.
    if folder != inside
        && index.folder_total(&folder).objects == 0
        && index.position(inside).is_some()
        && let Ok(key) = ObjectKey::parse(inside)
    {
        return Ok(Target::Object(bucket.clone(), key));
    }
    // What is not listed yet may be there.
    let is_there = folder.is_empty()
        || index.folder_total(&folder).objects > 0
        || matches!(index.state(), Coverage::Partial { .. });
    if is_there {
        Ok(Target::Folder(bucket.clone(), folder))
    } else if named.is_none() {
        Err(format!(
            "There is no bucket {first}, and no folder or object of this name in {bucket}"
        ))
    } else {
        Err(format!("There is no folder or object of this name in {bucket}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supabase::Entry;

    fn bucket(name: &str) -> BucketName {
        BucketName::parse(name).unwrap()
    }

    fn led(text: &str) -> Result<Target, String> {
        let rows = ["covers/fox.png", "pip/scene_1.png", "pip/x/", "pip/x/y.png"];
        let row = |key: &&str| Entry {
            key: (*key).to_owned(),
            id: None,
            size: Some(1),
            content_type: None,
            etag: None,
            cache_control: None,
            created_at: None,
            updated_at: None,
        };
        let at = jiff::Timestamp::UNIX_EPOCH;
        let index = Index::new(
            bucket("images"),
            1,
            Coverage::Complete { at },
            rows.iter().map(row).collect(),
        );
        let buckets = [bucket("covers"), bucket("images")];
        target(text, &buckets, Some(&buckets[1]), |name| {
            (name.as_str() == "images").then(|| index.clone())
        })
    }

    #[test]
    fn a_path_leads_to_a_bucket_a_folder_or_an_object() {
        let folder = |path: &str| Ok(Target::Folder(bucket("images"), path.to_owned()));
        assert_eq!(led("images"), folder(""));
        assert_eq!(led("images/"), folder(""));
        assert_eq!(led(" images/pip "), folder("pip/"));
        assert_eq!(led("images/pip/x/"), folder("pip/x/"));
        let object = Target::Object(bucket("images"), ObjectKey::parse("pip/scene_1.png").unwrap());
        assert_eq!(led("images/pip/scene_1.png"), Ok(object));
    }

    #[test]
    fn without_a_bucket_it_is_a_path_of_the_open_one() {
        assert_eq!(led("pip"), Ok(Target::Folder(bucket("images"), "pip/".to_owned())));
        let other = Target::Folder(bucket("covers"), "fox.png/".to_owned());
        assert_eq!(led("covers/fox.png"), Ok(other), "a bucket of that name comes first");
    }

    #[test]
    fn what_is_not_there_is_said() {
        assert!(led("images/nowhere").unwrap_err().contains("in images"));
        assert!(led("imagez/pip").unwrap_err().contains("no bucket imagez"));
    }
}
