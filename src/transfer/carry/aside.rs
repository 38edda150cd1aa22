//! Making room: an object that is to be replaced goes to the trash first.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::content::{etag_md5, same_etag};
use super::failure::{changed, failure};
use super::kept::Kept;
use super::target::{Spot, is_ours};
use super::{Aside, Carry};
use crate::supabase::{Class, CopyOptions, Destination, ObjectInfo, ObjectKey};
use crate::transfer::job::Failure;
use crate::transfer::plan::Seen;
use crate::transfer::trash::Trash;

/// What is at the key that an item writes to.
pub(super) enum Room {
    /// Nothing.
    Free,
    /// What the item itself has put there before.
    Ours(ObjectInfo),
    /// What the item replaces; a copy of it is in the trash, if there is one.
    Taken(ObjectInfo),
}

/// The trash key of an item, chosen once and kept.
pub(super) async fn chosen_trash(carry: &Carry<'_>, kept: &mut Kept, key: &ObjectKey) -> Result<ObjectKey, Failure> {
    if let Some(trash) = kept.trash() {
        return Ok(trash);
    }
    // The same day for everybody, wherever their clocks are.
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    let trash = Trash::key(key, carry.item.job, today);
    kept.trash = Some(trash.to_string());
    kept.keep(carry).await?;
    Ok(trash)
}

/// What is at the target is another object than the one that was planned to be replaced.
pub(super) fn replaced_meanwhile(to: &Spot) -> Failure {
    changed(
        format!(
            "{} is not the object any more that was to be replaced; it was left alone.",
            to.words()
        ),
        "Look at it, then plan anew.",
    )
}

/// Looks at what is at the target, compares it with what was planned, and puts a copy of it into the trash.
pub(super) async fn make_room(carry: &Carry<'_>, kept: &mut Kept, to: &Spot) -> Result<Room, Failure> {
    let there = match to.objects.info(&to.key).await {
        Ok(info) if is_ours(&info, carry.item) => return Ok(Room::Ours(info)),
        Ok(info) => info,
        Err(error) if error.class == Class::NotFound => return Ok(Room::Free),
        Err(error) => return Err(failure(&error)),
    };
    if !is_as_planned(&there, carry.item.plan.replaces.as_ref()) {
        return Err(replaced_meanwhile(to));
    }
    if carry.rules.keep_trash {
        keep_copy(carry, kept, to, &there).await?;
    }
    Ok(Room::Taken(there))
}

/// Puts a copy of an object into the trash.
async fn keep_copy(carry: &Carry<'_>, kept: &mut Kept, spot: &Spot, there: &ObjectInfo) -> Result<(), Failure> {
    let trash = chosen_trash(carry, kept, &spot.key).await?;
    let aside = Aside {
        bucket: spot.objects.bucket().clone(),
        key: spot.key.clone(),
        trash: trash.clone(),
        size: there.size,
        etag: there.etag.clone(),
        replaced: true,
    };
    carry.way.aside(&aside).await?;
    let to = Destination::here(trash.clone());
    match spot.objects.copy_to(&spot.key, &to, &CopyOptions::default()).await {
        Ok(_) => {}
        // An earlier attempt put it there, or this one did and the answer was lost: looked at next.
        Err(error) if matches!(error.class, Class::Exists | Class::Ambiguous) => {}
        Err(error) => return Err(failure(&error)),
    }
    let copy = spot.objects.info(&trash).await.map_err(|error| failure(&error))?;
    if same_object(there, &copy) {
        return Ok(());
    }
    Err(changed(
        format!(
            "{} was changed while it was put into the trash; it was left alone.",
            spot.words()
        ),
        "Look at it, then plan anew.",
    ))
}

/// Whether an object is what was seen when the plan was made, as far as that was seen.
pub(super) fn is_as_planned(info: &ObjectInfo, seen: Option<&Seen>) -> bool {
    let Some(seen) = seen else { return true };
    let same_etag = seen
        .etag
        .as_deref()
        .zip(info.etag.as_deref())
        .is_none_or(|(a, b)| same_etag(a, b));
    let same_size = seen.size.zip(info.size).is_none_or(|(a, b)| a == b);
    same_etag && same_size
}

/// Whether a server-side copy is of these bytes. The ETag of an object that was stored in parts changes when it is copied in
/// one; two MD5s of the same bytes do not.
pub(super) fn same_object(one: &ObjectInfo, other: &ObjectInfo) -> bool {
    let etags = one.etag.as_deref().zip(other.etag.as_deref());
    let hashes = etags.and_then(|(a, b)| Some((etag_md5(a)?, etag_md5(b)?)));
    let other_bytes = hashes.is_some_and(|(a, b)| a != b);
    one.size == other.size && !other_bytes
}
