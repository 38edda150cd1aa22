//! The places of an item as what calls are made with.

use std::path::Path;

use serde_json::Value;

use super::Carry;
use super::failure::refused;
use crate::supabase::{BucketName, Destination, ObjectInfo, ObjectKey, Objects, Supabase, UPLOAD_MARK};
use crate::transfer::job::{Failure, FailureKind, Item};
use crate::transfer::plan::Place;

/// Where SHA-256 of an object's bytes is in its metadata, put there by who uploaded it.
pub(super) const HASH: &str = "sha256";

/// An object of a project.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) objects: Objects,
    pub(super) key: ObjectKey,
}

impl Spot {
    pub(super) fn of(project: &Supabase, place: &Place) -> Result<Self, Failure> {
        let Place::Object { bucket, key } = place else {
            return Err(malformed("a file stands where an object of the project is to be"));
        };
        Self::named(project, bucket, key)
    }

    fn named(project: &Supabase, bucket: &str, key: &str) -> Result<Self, Failure> {
        let bucket = BucketName::parse(bucket).map_err(|error| malformed(&error.to_string()))?;
        let key = ObjectKey::parse(key).map_err(|error| malformed(&error.to_string()))?;
        Ok(Self {
            objects: project.bucket(&bucket),
            key,
        })
    }

    pub(super) fn from(carry: &Carry<'_>) -> Result<Self, Failure> {
        Self::of(carry.project, &carry.item.plan.from)
    }

    pub(super) fn to(carry: &Carry<'_>) -> Result<Self, Failure> {
        let to = carry.item.plan.to.as_ref();
        if let Some(Place::Elsewhere { bucket, key, .. }) = to {
            let there = carry.there.ok_or_else(closed)?;
            return Self::named(there, bucket, key);
        }
        Self::of(
            carry.project,
            to.ok_or_else(|| malformed("it is said nowhere where it goes"))?,
        )
    }

    /// The same in words.
    pub(super) fn words(&self) -> String {
        format!("{}/{}", self.objects.bucket(), self.key)
    }

    /// This place, as where objects of another one go.
    pub(super) fn destination(&self, from: &Self) -> Destination {
        let elsewhere = self.objects.bucket() != from.objects.bucket();
        Destination {
            bucket: elsewhere.then(|| self.objects.bucket().clone()),
            key: self.key.clone(),
        }
    }
}

/// The file that an item reads or writes.
pub(super) fn file(place: Option<&Place>) -> Result<&Path, Failure> {
    match place {
        Some(Place::File { file }) => Ok(file),
        _ => Err(malformed("an object stands where a file is to be")),
    }
}

/// Whether an object carries the item's mark: this item made it, or an object that this item made was moved there.
pub(super) fn is_ours(info: &ObjectInfo, item: &Item) -> bool {
    let mark = info.metadata.get(UPLOAD_MARK).and_then(Value::as_str);
    mark.is_some_and(|mark| mark.eq_ignore_ascii_case(&item.mark.to_string()))
}

/// The other workspace is not to be had. That passes: nothing of the item is lost.
fn closed() -> Failure {
    Failure {
        kind: FailureKind::Passing,
        what: "The workspace that this goes to cannot be opened now.".to_owned(),
        hint: "It goes on when that workspace can be opened.".to_owned(),
    }
}

/// A plan that was made or changed by hand.
pub(super) fn malformed(why: &str) -> Failure {
    refused(format!("The plan cannot be carried out: {why}."), "Make the plan anew.")
}
