//! What has landed is proven, many items at once: by what a listing says of them, and where that is in doubt by the bytes.

use std::collections::HashMap;

use futures_util::{StreamExt as _, stream};

use super::content::etag_md5;
use super::delete::still_there;
use super::failure::{changed, corrupt, failure};
use super::kept::Kept;
use super::lookup::{Found, look_up};
use super::proof::{Verdict, is_same, judge, settle, taken_meanwhile};
use super::standing::content_of;
use super::target::{Spot, is_ours, malformed};
use crate::supabase::{Class, ObjectKey, Supabase};
use crate::transfer::job::{Content, Failure, Item, Proof};
use crate::transfer::plan::Place;

/// Objects in doubt that are asked after at once.
const DOUBTS: usize = 4;

/// Proves what has landed, as far as the server tells without giving the bytes. An item whose proof is to be better than
/// [`Proof::SizeOnly`] is read back with [`super::read_back`].
///
/// # Errors
/// Item by item. [`crate::transfer::FailureKind::Corrupt`] if it is not what was sent; it was removed if the item made it.
pub async fn verify(project: &Supabase, items: &[&Item]) -> Vec<(u32, Result<Proof, Failure>)> {
    let mut proofs = Vec::with_capacity(items.len());
    let mut buckets: HashMap<String, Vec<(&Item, Spot)>> = HashMap::new();
    let mut deleted: HashMap<String, Vec<(&Item, Spot)>> = HashMap::new();
    for item in items {
        match &item.plan.to {
            Some(place @ Place::Object { bucket, .. }) => match Spot::of(project, place) {
                Ok(spot) => buckets.entry(bucket.clone()).or_default().push((item, spot)),
                Err(failed) => proofs.push((item.number, Err(failed))),
            },
            // Emptying proves itself, and so does what goes to another workspace.
            Some(Place::Bucket { .. } | Place::Elsewhere { .. }) => {
                let failed = malformed("a bucket stands where an object or a file is to be");
                proofs.push((item.number, Err(failed)));
            }
            Some(Place::File { file }) => {
                let found = content_of(None, file).await;
                proofs.push((item.number, file_is_right(item, found)));
            }
            None => match Spot::of(project, &item.plan.from) {
                Ok(from) => match Kept::of_item(item).trash() {
                    // What went to the trash is to be there.
                    Some(key) => {
                        let bucket = from.objects.bucket().to_string();
                        let objects = from.objects;
                        buckets.entry(bucket).or_default().push((item, Spot { objects, key }));
                    }
                    None => deleted
                        .entry(from.objects.bucket().to_string())
                        .or_default()
                        .push((item, from)),
                },
                Err(failed) => proofs.push((item.number, Err(failed))),
            },
        }
    }
    for group in buckets.into_values() {
        proofs.extend(verify_bucket(&group).await);
    }
    for group in deleted.into_values() {
        proofs.extend(verify_gone(&group).await);
    }
    proofs
}

/// Whether what was deleted for good is gone.
async fn verify_gone(group: &[(&Item, Spot)]) -> Vec<(u32, Result<Proof, Failure>)> {
    let Some((_, first)) = group.first() else {
        return Vec::new();
    };
    let keys: Vec<&ObjectKey> = group.iter().map(|(_, spot)| &spot.key).collect();
    let found = look_up(&first.objects, &keys).await;
    let proof = |spot: &Spot| match found.get(&spot.key) {
        Some(Found::There { .. }) => Err(still_there(spot)),
        Some(Found::Unknown(failed)) => Err(failed.clone()),
        Some(Found::Nothing) | None => Ok(Proof::ReadBack),
    };
    group.iter().map(|(item, spot)| (item.number, proof(spot))).collect()
}

async fn verify_bucket(group: &[(&Item, Spot)]) -> Vec<(u32, Result<Proof, Failure>)> {
    let Some((_, first)) = group.first() else {
        return Vec::new();
    };
    let keys: Vec<&ObjectKey> = group.iter().map(|(_, spot)| &spot.key).collect();
    let found = look_up(&first.objects, &keys).await;
    let mut proofs = Vec::with_capacity(group.len());
    let mut doubts = Vec::new();
    for (item, spot) in group {
        match found.get(&spot.key) {
            Some(Found::There { stored, .. }) => match judge(stored, &content(item)) {
                Verdict::Right(proof) => proofs.push((item.number, Ok(proof))),
                Verdict::Doubtful | Verdict::Wrong => doubts.push((*item, spot)),
            },
            Some(Found::Unknown(failed)) => proofs.push((item.number, Err(failed.clone()))),
            // A listing may be behind; the object's own route is not.
            Some(Found::Nothing) | None => doubts.push((*item, spot)),
        }
    }
    // A bucket in which one ETag is an MD5 is none whose ETags say nothing: what disagrees there is read.
    let tells = proofs.iter().any(|(_, proof)| *proof == Ok(Proof::ServerHash));
    proofs.extend(ask(doubts, tells).await);
    proofs
}

/// Asks after each object in doubt. Once it shows that ETags of the right form are no MD5s here, the bytes of no further
/// object are read for that; `tells` says that they are known to be.
async fn ask(doubts: Vec<(&Item, &Spot)>, tells: bool) -> Vec<(u32, Result<Proof, Failure>)> {
    let mut proofs = Vec::with_capacity(doubts.len());
    let mut doubts = doubts.into_iter();
    let mut opaque = false;
    while !opaque && let Some((item, spot)) = doubts.next() {
        let proof = one(item, spot, false).await;
        opaque = !tells && proof == Ok(Proof::ReadBack);
        proofs.push((item.number, proof));
    }
    let rest = doubts.map(|(item, spot)| async move { (item.number, one(item, spot, true).await) });
    // Collected, so that the future may go to another thread: the compiler cannot see that of the closure.
    let rest: Vec<_> = rest.collect();
    proofs.extend(stream::iter(rest).buffer_unordered(DOUBTS).collect::<Vec<_>>().await);
    proofs
}

async fn one(item: &Item, spot: &Spot, opaque: bool) -> Result<Proof, Failure> {
    let content = content(item);
    let info = match spot.objects.info(&spot.key).await {
        Ok(info) => info,
        Err(error) if error.class == Class::NotFound => {
            return Err(changed(
                format!("{} is not there any more.", spot.words()),
                "Somebody removed it, or this key may not see it. Plan anew if it is to be there.",
            ));
        }
        Err(error) => return Err(failure(&error)),
    };
    // Moved and copied objects carry the mark of the upload that once made them.
    let made_here = matches!(item.plan.from, Place::File { .. });
    if made_here && !is_ours(&info, item) {
        return match judge(&(&info).into(), &content) {
            // A server that keeps no metadata, or the same bytes from somebody else.
            Verdict::Right(proof) => Ok(proof),
            Verdict::Doubtful | Verdict::Wrong => Err(taken_meanwhile(spot)),
        };
    }
    match judge(&(&info).into(), &content) {
        Verdict::Doubtful if opaque => Ok(Proof::SizeOnly),
        Verdict::Wrong | Verdict::Doubtful if !made_here => Err(taken_meanwhile(spot)),
        _ => settle(spot, item, &content, &info).await,
    }
}

/// What the item's bytes are known by; of one that was never hashed here, what the plan saw.
fn content(item: &Item) -> Content {
    let known = item.content.clone();
    let seen = &item.plan.seen;
    Content {
        size: known.size.or(item.plan.size).or(seen.size),
        etag: known.etag.or_else(|| seen.etag.clone()),
        ..known
    }
}

fn file_is_right(item: &Item, found: Result<Option<Content>, Failure>) -> Result<Proof, Failure> {
    let mut content = content(item);
    content.md5 = content.md5.or_else(|| content.etag.as_deref().and_then(etag_md5));
    match found? {
        Some(read) if is_same(&read, &content) => {
            let etag = content.etag.as_deref().and_then(etag_md5);
            Ok(if etag.is_some() && etag == read.md5 {
                Proof::ServerHash
            } else {
                Proof::SizeOnly
            })
        }
        Some(_) => Err(corrupt(
            "The file is not what was downloaded any more.",
            "Another program wrote to it. Download it again if it is to be as on the server.",
        )),
        None => Err(changed(
            "The file is not there any more.",
            "Download it again if it is to be there.",
        )),
    }
}
