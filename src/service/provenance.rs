//! Where an object comes from: which transfer stored it, which edited it since, and what proves that it is the one.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Problem, Service};
use crate::supabase::{BucketName, ObjectInfo, ObjectKey, UPLOAD_MARK};
use crate::transfer::{Item, ItemState, Job, JobId, Kind, Proof};

/// Where an object comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provenance {
    /// The transfer that brought the object that is there now; None if none of this workspace's journal did.
    pub stored: Option<Written>,
    /// The latest transfer that edited its headers or metadata since.
    pub edited: Option<Written>,
    /// The mark that this program, here or elsewhere, gave it when it was uploaded.
    pub mark: Option<Uuid>,
    /// SHA-256 of its bytes as hexadecimal digits: as the transfer found it, else as whoever stored it has noted it.
    pub sha256: Option<String>,
}

/// What a transfer did to an object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Written {
    /// The transfer.
    pub job: JobId,
    /// The item of it, from 0.
    pub item: u32,
    /// What it did.
    pub kind: Kind,
    /// In words.
    pub title: String,
    /// From where: a file, or another key.
    pub from: String,
    /// When it was done: when the transfer ended, or was begun if it goes on.
    pub at: Timestamp,
    /// How far it is proven that what arrived is what was sent.
    pub proof: Proof,
}

impl Service {
    /// Where an object comes from, as far as the journal of this workspace and what is kept beside the object tell. None if
    /// neither says anything.
    ///
    /// # Errors
    /// If there is no such object, or the project or the journal cannot be read.
    pub async fn provenance(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Option<Provenance>, Problem> {
        let info = self.object_info(bucket, key).await?;
        self.provenance_of(bucket, key, &info).await
    }

    /// As [`Service::provenance`], of an object that was looked at already.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn provenance_of(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        info: &ObjectInfo,
    ) -> Result<Option<Provenance>, Problem> {
        let written = self.engine().written_to(bucket, key).await?;
        Ok(read(&written, info))
    }
}

/// What is known of an object, by what was done to its name, latest first.
fn read(done: &[(Job, Item)], info: &ObjectInfo) -> Option<Provenance> {
    let text = |name: &str| info.metadata.get(name).and_then(Value::as_str);
    let mark = text(UPLOAD_MARK).and_then(|mark| mark.parse::<Uuid>().ok());
    let at = done
        .iter()
        .position(|(job, item)| job.kind != Kind::Edit && is_it(item, mark, info));
    // Edits of an object that was there before are of another one.
    let since = &done[..at.unwrap_or(done.len())];
    let edited = since
        .iter()
        .find(|(job, item)| job.kind == Kind::Edit && same_bytes(item, info));
    let stored = at.map(|at| &done[at]);
    let known = stored.and_then(|(_, item)| item.content.sha256.clone());
    let provenance = Provenance {
        stored: stored.and_then(written),
        edited: edited.and_then(written),
        mark,
        sha256: known.or_else(|| text("sha256").map(str::to_owned)),
    };
    let says_nothing = provenance.stored.is_none()
        && provenance.edited.is_none()
        && provenance.mark.is_none()
        && provenance.sha256.is_none();
    (!says_nothing).then_some(provenance)
}

/// Whether what an item stored is what is there: it carries the item's mark, or, moved or copied there, has its ETag.
fn is_it(item: &Item, mark: Option<Uuid>, info: &ObjectInfo) -> bool {
    mark == Some(item.mark) || same_bytes(item, info)
}

/// Whether an item's object has the same ETag as what is there. Without one, nothing is the same.
fn same_bytes(item: &Item, info: &ObjectInfo) -> bool {
    let bare = |etag: &str| {
        etag.trim()
            .trim_start_matches("W/")
            .trim_matches('"')
            .to_ascii_lowercase()
    };
    let theirs = info.etag.as_deref().map(bare).filter(|etag| !etag.is_empty());
    let ours = item.content.etag.as_deref().or(item.content.md5.as_deref());
    let ours = ours.or(item.plan.seen.etag.as_deref()).map(bare);
    theirs.is_some() && theirs == ours
}

fn written((job, item): &(Job, Item)) -> Option<Written> {
    let ItemState::Done { proof } = item.state else {
        return None;
    };
    Some(Written {
        job: job.id,
        item: item.number,
        kind: job.kind,
        title: job.title.clone(),
        from: item.plan.from.to_string(),
        at: job.ended_at.unwrap_or(job.created_at),
        proof,
    })
}
