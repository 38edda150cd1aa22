//! Which files of a download are which objects.

use super::{Action, Kind, Place, Plan, PlanItem};
use crate::transfer::names::{LocalPath, Manifest, ManifestEntry};
use crate::workspace::ProjectUrl;

impl Plan {
    /// What the folder's manifest says when the plan has been carried out; None for what is no download. Whoever carries it
    /// out takes away what did not arrive, and puts hashes in.
    #[must_use]
    pub fn manifest(&self) -> Option<Manifest> {
        if self.kind != Kind::Download {
            return None;
        }
        Some(Manifest {
            project: ProjectUrl::parse(&self.project).ok()?,
            made_at: self.made_at,
            entries: self.items.iter().filter_map(|item| self.manifest_entry(item)).collect(),
        })
    }

    /// The line of one item; None if it leaves no file.
    #[must_use]
    pub fn manifest_entry(&self, item: &PlanItem) -> Option<ManifestEntry> {
        let (Place::Object { bucket, key }, Some(Place::File { file })) = (&item.from, &item.to) else {
            return None;
        };
        if !item.action.acts() && item.action != Action::Identical {
            return None;
        }
        let below = file.strip_prefix(self.rules.root.as_ref()?).ok()?;
        let names: Option<Vec<&str>> = below.components().map(|part| part.as_os_str().to_str()).collect();
        Some(ManifestEntry {
            local: LocalPath::parse(&names?.join("/")).ok()?,
            bucket: bucket.clone(),
            key: key.clone(),
            size: item.size,
            etag: item.seen.etag.clone(),
            sha256: None,
        })
    }
}
