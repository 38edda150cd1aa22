//! A folder of a bucket made like a folder of this machine: an upload that replaces what differs, and, only if that is
//! asked, a second plan that deletes what is here no more.

use std::collections::HashSet;

use super::relocate::deletion;
use super::request::counted;
use super::there::There;
use super::upload::UploadOrder;
use super::walk::What;
use super::{BadNames, FileSource, KeyTarget, Kind, Links, Plan, PlanError, PlanItem, Planner, Rules, Taken};
use crate::supabase::{BucketName, Entry};
use crate::transfer::names::encode;
use crate::transfer::trash::TRASH_PREFIX;

/// A file that keeps an otherwise empty folder in the bucket; the project's own dashboard makes it.
const PLACEHOLDER: &str = ".emptyFolderPlaceholder";

/// What is to be made alike.
#[derive(Clone, Debug)]
pub struct SyncOrder {
    /// The folder of this machine.
    pub folder: std::path::PathBuf,
    /// The bucket.
    pub bucket: BucketName,
    /// The folder in the bucket; empty is the bucket itself.
    pub prefix: String,
    /// Whether what is not in the folder is deleted from the bucket.
    pub delete: bool,
    /// What becomes of names that are no keys.
    pub bad_names: BadNames,
    /// What becomes of symbolic links.
    pub links: Links,
    /// How it is carried out.
    pub rules: Rules,
}

/// Two plans, since each does one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncPlan {
    /// What goes up.
    pub upload: Plan,
    /// What goes; None if that was not asked, or must not be done because not everything could be looked at (see
    /// [`Plan::unseen`] of the upload).
    pub delete: Option<Plan>,
}

impl Planner<'_> {
    /// Plans what makes a folder of the bucket like one of this machine.
    ///
    /// # Errors
    /// As [`Planner::upload`]; and if there is no file at all in the folder and what is in the bucket was to be deleted.
    pub async fn sync(&self, order: &SyncOrder) -> Result<SyncPlan, PlanError> {
        let upload = UploadOrder {
            sources: vec![FileSource::Inside(order.folder.clone())],
            bucket: order.bucket.clone(),
            target: KeyTarget::Under(order.prefix.clone()),
            bad_names: order.bad_names,
            taken: Taken::Replace,
            links: order.links,
            rules: order.rules.clone(),
        };
        if !order.delete {
            return Ok(SyncPlan {
                upload: self.upload(&upload).await?,
                delete: None,
            });
        }
        let mut prepared = self.prepare(&upload).await?;
        let any = |what: &What| matches!(what, What::File { .. });
        if !prepared.candidates.iter().any(|candidate| any(&candidate.found.what)) {
            return Err(PlanError::EmptyFolder(order.folder.clone()));
        }
        let prefix = upload.target.prefix();
        let mut keep: HashSet<String> = HashSet::new();
        let mut keep_below: HashSet<String> = HashSet::new();
        for candidate in &prepared.candidates {
            keep.extend(candidate.key.as_ref().ok().map(ToString::to_string));
            // Whatever is here is no reason to delete, under which of its names ever, whether it can be sent or not.
            let relative = &candidate.found.relative;
            keep.insert(format!("{prefix}{relative}"));
            keep.insert(format!("{prefix}{}", encode(relative)));
            if matches!(candidate.found.what, What::Refused(_)) {
                keep_below.insert(format!("{prefix}{relative}"));
            }
        }
        let wanted: HashSet<String> = prepared
            .candidates
            .iter()
            .filter_map(|candidate| candidate.key.as_ref().ok().map(ToString::to_string))
            .collect();
        let mut there = There::default();
        let mut gone: Vec<PlanItem> = Vec::new();
        let take = |entry: Entry| {
            if wanted.contains(&entry.key) {
                there.objects.insert(entry.key.clone(), entry.into());
                return;
            }
            let key = entry.key.as_str();
            let in_trash = key.starts_with(TRASH_PREFIX) && !prefix.starts_with(TRASH_PREFIX);
            let kept = keep.contains(key)
                || key.match_indices('/').any(|(at, _)| keep_below.contains(&key[..at]))
                || key.rsplit('/').next() == Some(PLACEHOLDER);
            if !in_trash && !kept {
                let why = "It is in the bucket and not in the folder.";
                let key = entry.key.clone();
                gone.push(deletion(
                    order.bucket.as_str(),
                    &key,
                    &entry.into(),
                    order.rules.keep_trash,
                    why,
                ));
            }
        };
        self.list(&prepared.objects, &prefix, take).await?;
        let items = self.rows(&upload, &mut prepared, there).await?;
        let plan = |kind, title, items, unseen| self.plan(kind, title, &order.rules, items, unseen);
        let target = upload.target.words(order.bucket.as_str());
        // What could not be looked at may be what is in the bucket.
        let delete = prepared.unseen.is_empty().then(|| {
            let title = format!(
                "Delete {} from {target} that {} not in {}",
                counted(gone.len(), "object"),
                if gone.len() == 1 { "is" } else { "are" },
                order.folder.display()
            );
            plan(Kind::Delete, title, gone, Vec::new())
        });
        let title = format!("Upload {} to {target}", counted(items.len(), "file"));
        Ok(SyncPlan {
            upload: plan(Kind::Upload, title, items, prepared.unseen),
            delete,
        })
    }
}
