//! A folder that was downloaded goes up again, each file to the key that the folder's manifest says, whatever the file had
//! to be called here.

use std::collections::HashSet;
use std::path::PathBuf;

use super::request::{blocking, counted};
use super::upload::Candidate;
use super::walk::What;
use super::{
    BadNames, FileSource, KeyTarget, Kind, Links, Plan, PlanError, Planner, Rules, Taken, Unseen, UploadOrder,
};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::names::{Manifest, ManifestEntry, Severity, lint};

/// What is to go up by a manifest.
#[derive(Clone, Debug)]
pub struct ManifestOrder {
    /// The folder; the manifest lies in it.
    pub folder: PathBuf,
    /// Into which bucket; the one that the manifest names is not asked.
    pub bucket: BucketName,
    /// What comes before each key: empty, or a folder.
    pub prefix: String,
    /// What becomes of what is there already with other bytes.
    pub taken: Taken,
    /// What becomes of symbolic links.
    pub links: Links,
    /// How it is carried out.
    pub rules: Rules,
}

impl Planner<'_> {
    /// Plans an upload by a manifest. A file that it does not know is refused; one that it knows and that is not there is
    /// told in [`Plan::unseen`].
    ///
    /// # Errors
    /// If the folder has no manifest or one that cannot be believed; as [`Planner::upload`].
    pub async fn upload_by_manifest(&self, order: &ManifestOrder) -> Result<Plan, PlanError> {
        let folder = order.folder.clone();
        let manifest = blocking(move || Manifest::open(&folder))
            .await
            .map_err(|source| PlanError::Manifest {
                folder: order.folder.clone(),
                source,
            })?
            .ok_or_else(|| PlanError::NoManifest(order.folder.clone()))?;
        let upload = UploadOrder {
            sources: vec![FileSource::Inside(order.folder.clone())],
            bucket: order.bucket.clone(),
            target: KeyTarget::Under(order.prefix.clone()),
            bad_names: BadNames::Refuse,
            taken: order.taken,
            links: order.links,
            rules: order.rules.clone(),
        };
        let (entries, prefix) = (manifest.by_file(), upload.target.prefix());
        let named = |candidate: &mut Candidate| {
            let entry = entries.get(candidate.found.relative.as_str());
            name(candidate, entry.copied(), &prefix);
        };
        let mut prepared = self.prepare_as(&upload, named).await?;
        let here: HashSet<&str> = prepared
            .candidates
            .iter()
            .map(|candidate| candidate.found.relative.as_str())
            .collect();
        let missing = manifest.entries.iter().map(|entry| entry.local.as_str());
        let missing: Vec<Unseen> = missing
            .filter(|local| !here.contains(local))
            .map(|local| Unseen {
                place: local.to_owned(),
                why: "The manifest names it, and it is not in the folder.".to_owned(),
            })
            .collect();
        prepared.unseen.extend(missing);
        let there = self.there(&prepared).await?;
        let items = self.rows(&upload, &mut prepared, there).await?;
        let title = format!(
            "Upload {} to {} by the manifest",
            counted(items.len(), "file"),
            upload.target.words(order.bucket.as_str())
        );
        Ok(self.plan(Kind::Upload, title, &order.rules, items, prepared.unseen))
    }
}

/// The key that the manifest has for a file, or why there is none.
fn name(candidate: &mut Candidate, entry: Option<&ManifestEntry>, prefix: &str) {
    let Some(entry) = entry else {
        candidate.key = Err("The manifest does not name this file.".to_owned());
        return;
    };
    let whole = format!("{prefix}{}", entry.key);
    let findings = lint(&whole);
    let worst = findings.first();
    if let Some(worst) = worst.filter(|worst| worst.severity() == Severity::Impossible) {
        candidate.key = Err(worst.to_string());
        return;
    }
    candidate.key = ObjectKey::parse(&whole).map_err(|error| format!("{error}."));
    candidate.notes.extend(worst.map(ToString::to_string));
    if let What::File { size, .. } = candidate.found.what
        && entry.size.is_some_and(|before| before != size)
    {
        let changed = "It was changed after it was downloaded.";
        candidate.notes.push(changed.to_owned());
    }
}
