//! Deleting for good, in bulk: asked, answered, and looked at again, because the server leaves out without a word what it did
//! not delete.

use std::collections::{HashMap, HashSet};

use super::Carried;
use super::content::same_etag;
use super::failure::{changed, failure, refused};
use super::lookup::{Found, look_up};
use super::target::Spot;
use crate::supabase::{BucketName, Class, Error, ObjectKey, Objects, Supabase};
use crate::transfer::job::{Content, Failure, Item, Proof};
use crate::transfer::plan::Place;

/// Deletes objects of one bucket, and proves that they are gone. An object that is not the planned one any more stays.
pub async fn delete_forever(
    project: &Supabase,
    bucket: &BucketName,
    items: &[&Item],
) -> Vec<(u32, Result<Carried, Failure>)> {
    let mut ends = Vec::with_capacity(items.len());
    let mut left: Vec<(&Item, Spot)> = Vec::with_capacity(items.len());
    for item in items {
        match Spot::of(project, &item.plan.from) {
            Ok(spot) if spot.objects.bucket() == bucket => left.push((item, spot)),
            Ok(spot) => {
                let why = format!("{} is in another bucket than its batch", spot.words());
                ends.push((item.number, Err(super::target::malformed(&why))));
            }
            Err(failed) => ends.push((item.number, Err(failed))),
        }
    }
    let objects = project.bucket(bucket);
    let before = if left.iter().any(|(item, _)| is_known(item)) {
        look_up(&objects, &keys(&left)).await
    } else {
        HashMap::new()
    };
    left.retain(|(item, spot)| {
        let end = match before.get(&spot.key) {
            Some(Found::Nothing) => Ok(Carried::Identical),
            Some(Found::Unknown(failed)) => Err(failed.clone()),
            Some(Found::There { stored, .. }) if !is_as_planned(item, stored) => Err(changed(
                format!(
                    "{} is not the object any more that was to be deleted; it was left alone.",
                    spot.words()
                ),
                "Look at it, then plan the deletion anew.",
            )),
            Some(Found::There { .. }) | None => return true,
        };
        ends.push((item.number, end));
        false
    });
    ends.extend(remove(&objects, &left, &before).await);
    ends
}

async fn remove(
    objects: &Objects,
    left: &[(&Item, Spot)],
    before: &HashMap<ObjectKey, Found>,
) -> Vec<(u32, Result<Carried, Failure>)> {
    if left.is_empty() {
        return Vec::new();
    }
    let keys = keys(left);
    let named: Vec<ObjectKey> = keys.iter().map(|key| (*key).clone()).collect();
    let (removed, mut failed) = match objects.remove(&named).await {
        Ok(removal) => {
            let failed = removal.failed.map(|failed| (failed.keys, failed.error));
            (removal.removed, failed)
        }
        Err(error) => (Vec::new(), Some((named, error))),
    };
    // What was refused before anything was done needs no look.
    if let Some((keys, error)) = &failed
        && removed.is_empty()
        && keys.len() == left.len()
        && error.class != Class::Ambiguous
    {
        let failed = failure(error);
        return left
            .iter()
            .map(|(item, _)| (item.number, Err(failed.clone())))
            .collect();
    }
    let removed: HashSet<ObjectKey> = removed.into_iter().collect();
    let untried: HashSet<ObjectKey> = failed
        .as_mut()
        .map(|(keys, _)| keys.drain(..).collect())
        .unwrap_or_default();
    let error = failed.map(|(_, error)| error);
    let after = look_up(objects, &keys).await;
    left.iter()
        .map(|(item, spot)| {
            let said = removed.contains(&spot.key);
            let trouble = error.as_ref().filter(|_| untried.contains(&spot.key));
            let end = end_of(spot, item, before.get(&spot.key), after.get(&spot.key), said, trouble);
            (item.number, end)
        })
        .collect()
}

/// What became of one object, by what there was before, what there is now, and what the server said.
fn end_of(
    spot: &Spot,
    item: &Item,
    before: Option<&Found>,
    after: Option<&Found>,
    said: bool,
    trouble: Option<&Error>,
) -> Result<Carried, Failure> {
    let gone = || {
        let content = Content {
            size: item.plan.size.or(item.plan.seen.size),
            ..Content::default()
        };
        Ok(Carried::Landed(content, Some(Proof::ReadBack)))
    };
    match after {
        Some(Found::Nothing) | None => gone(),
        Some(Found::Unknown(failed)) => Err(failed.clone()),
        Some(Found::There { id, .. }) => {
            let earlier = match before {
                Some(Found::There { id, .. }) => id.as_ref(),
                _ => None,
            };
            if said && earlier.is_some() && id.is_some() && earlier != id.as_ref() {
                // Somebody has stored another object there since: the one of the plan is gone.
                return gone();
            }
            match trouble {
                Some(error) => Err(failure(error)),
                None => Err(still_there(spot)),
            }
        }
    }
}

/// The server was asked to delete it, and it is there.
pub(super) fn still_there(spot: &Spot) -> Failure {
    refused(
        format!(
            "{} was not deleted: a policy hides it from this key when it deletes.",
            spot.words()
        ),
        "Sign in with other rights or use the service key, or ask an admin for a policy that lets you delete.",
    )
}

fn keys<'a>(items: &'a [(&Item, Spot)]) -> Vec<&'a ObjectKey> {
    items.iter().map(|(_, spot)| &spot.key).collect()
}

fn is_known(item: &Item) -> bool {
    let seen = &item.plan.seen;
    matches!(item.plan.from, Place::Object { .. }) && (seen.etag.is_some() || seen.size.is_some())
}

fn is_as_planned(item: &Item, stored: &super::proof::Stored) -> bool {
    let seen = &item.plan.seen;
    let etags = seen.etag.as_deref().zip(stored.etag.as_deref());
    let sizes = seen.size.zip(stored.size);
    etags.is_none_or(|(a, b)| same_etag(a, b)) && sizes.is_none_or(|(a, b)| a == b)
}
