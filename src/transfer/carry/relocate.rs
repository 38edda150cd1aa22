//! Objects that the server itself moves or copies: moves and renames, copies, what goes to the trash and what comes back from
//! it. A lost answer is found out by looking at both ends.

use super::aside::{chosen_trash, is_as_planned, replaced_meanwhile, same_object};
use super::failure::{changed, failure};
use super::kept::Kept;
use super::target::Spot;
use super::{Aside, Carried, Carry};
use crate::supabase::{Class, CopyOptions, Destination, Error, ObjectInfo};
use crate::transfer::job::{Content, Failure};
use crate::transfer::plan::{Action, Kind, Seen};

/// Moves, copies, restores, or deletes to the trash: what the job's kind and the item's places say.
///
/// # Errors
/// As [`Failure::kind`] says.
pub async fn relocate(carry: &Carry<'_>) -> Result<Carried, Failure> {
    tokio::select! {
        biased;
        // The server may do it all the same: whoever begins it again finds that.
        () = carry.stop.cancelled() => Ok(Carried::Stopped),
        end = carry_out(carry) => end,
    }
}

async fn carry_out(carry: &Carry<'_>) -> Result<Carried, Failure> {
    let mut kept = Kept::of(carry);
    let from = Spot::from(carry)?;
    let to = target(carry, &mut kept, &from).await?;
    if from.objects.bucket() == to.objects.bucket() && from.key == to.key {
        return Ok(Carried::Identical);
    }
    let before = match from.objects.info(&from.key).await {
        Ok(info) => info,
        Err(error) if error.class == Class::NotFound => {
            // An earlier attempt may have moved it.
            return match look(carry, &kept, &from, &to).await? {
                Some(done) => Ok(done),
                None => Err(changed(
                    format!("{} is not there any more, or this key may not see it.", from.words()),
                    "Refresh the list, then plan anew.",
                )),
            };
        }
        Err(error) => return Err(failure(&error)),
    };
    if !is_as_planned(&before, Some(&carry.item.plan.seen)) {
        return Err(changed(
            format!(
                "{} is not the object any more that was planned; it was left alone.",
                from.words()
            ),
            "Look at it, then plan anew.",
        ));
    }
    if carry.item.plan.seen.etag.is_none() && kept.before.is_none() {
        // By this an object at the other end is known again.
        kept.before = Some(Seen {
            size: before.size,
            etag: before.etag.clone(),
            modified: None,
        });
        kept.keep(carry).await?;
    }
    if carry.item.plan.action == Action::Replace {
        set_aside(carry, &mut kept, &from, &to, &before).await?;
    }
    if carry.kind == Kind::Delete {
        let aside = Aside {
            bucket: from.objects.bucket().clone(),
            key: from.key.clone(),
            trash: to.key.clone(),
            size: before.size,
            etag: before.etag.clone(),
            replaced: false,
        };
        carry.way.aside(&aside).await?;
    }
    match send(carry, &from, &before, &to).await {
        Ok(()) => {
            carry.way.arrived(before.size.unwrap_or_default());
            Ok(Carried::Landed(content(before.size, before.etag), None))
        }
        Err(error) if matches!(error.class, Class::Ambiguous | Class::Exists) => {
            match look(carry, &kept, &from, &to).await? {
                Some(done) => Ok(done),
                None if error.class == Class::Exists => Err(changed(
                    format!("{} is there already; nothing was replaced.", to.words()),
                    "Choose another name, or plan to replace what is there.",
                )),
                None => Err(failure(&error)),
            }
        }
        Err(error) => {
            put_back(carry, &kept, &to).await;
            Err(failure(&error))
        }
    }
}

/// Where the object goes. What is deleted goes to the trash, by a key that is chosen once.
async fn target(carry: &Carry<'_>, kept: &mut Kept, from: &Spot) -> Result<Spot, Failure> {
    if carry.item.plan.to.is_some() || carry.kind != Kind::Delete {
        return Spot::to(carry);
    }
    Ok(Spot {
        objects: from.objects.clone(),
        key: chosen_trash(carry, kept, &from.key).await?,
    })
}

async fn send(carry: &Carry<'_>, from: &Spot, before: &ObjectInfo, to: &Spot) -> Result<(), Error> {
    let destination = to.destination(from);
    if carry.kind == Kind::Copy {
        let how = CopyOptions::default();
        let copied = from.objects.copy_known(&from.key, Some(before), &destination, &how);
        return copied.await.map(drop);
    }
    from.objects.move_known(&from.key, Some(before), &destination).await
}

/// What became of a move or a copy whose end is not known: None if it had no effect.
pub(super) async fn look(carry: &Carry<'_>, kept: &Kept, from: &Spot, to: &Spot) -> Result<Option<Carried>, Failure> {
    let there = match to.objects.info(&to.key).await {
        Ok(info) => info,
        Err(error) if error.class == Class::NotFound => return Ok(None),
        Err(error) => return Err(failure(&error)),
    };
    let here = match from.objects.info(&from.key).await {
        Ok(info) => Some(info),
        Err(error) if error.class == Class::NotFound => None,
        Err(error) => return Err(failure(&error)),
    };
    let planned = kept.before.as_ref().unwrap_or(&carry.item.plan.seen);
    let known = content(planned.size.or(carry.item.plan.size), planned.etag.clone());
    let is_it = match &here {
        Some(here) => carry.kind == Kind::Copy && same_object(here, &there),
        None => carry.kind != Kind::Copy && may_be(&there, &known),
    };
    Ok(is_it.then(|| Carried::Landed(content(there.size, known.etag.or(there.etag)), None)))
}

/// Where a reconciliation looks: nowhere, if the item has not come so far as to have chosen a key.
pub(super) fn far_end(carry: &Carry<'_>, kept: &Kept, from: &Spot) -> Result<Option<Spot>, Failure> {
    if carry.item.plan.to.is_some() || carry.kind != Kind::Delete {
        return Spot::to(carry).map(Some);
    }
    Ok(kept.trash().map(|key| Spot {
        objects: from.objects.clone(),
        key,
    }))
}

/// Whether what is at the far end can be what was at this one. An object that was stored in parts has another ETag after it
/// was moved.
fn may_be(there: &ObjectInfo, known: &Content) -> bool {
    let seen = ObjectInfo {
        size: known.size.or(there.size),
        etag: known.etag.clone(),
        ..there.clone()
    };
    same_object(&seen, there)
}

/// What is at the target goes to the trash, if it is what was planned.
async fn set_aside(
    carry: &Carry<'_>,
    kept: &mut Kept,
    from: &Spot,
    to: &Spot,
    moving: &ObjectInfo,
) -> Result<(), Failure> {
    let there = match to.objects.info(&to.key).await {
        Ok(info) => info,
        Err(error) if error.class == Class::NotFound => return Ok(()),
        Err(error) => return Err(failure(&error)),
    };
    if carry.kind == Kind::Copy && same_object(moving, &there) && look(carry, kept, from, to).await?.is_some() {
        // What an earlier attempt brought there; it is found to be there already.
        return Ok(());
    }
    if !is_as_planned(&there, carry.item.plan.replaces.as_ref()) {
        return Err(replaced_meanwhile(to));
    }
    let trash = chosen_trash(carry, kept, &to.key).await?;
    let aside = Aside {
        bucket: to.objects.bucket().clone(),
        key: to.key.clone(),
        trash: trash.clone(),
        size: there.size,
        etag: there.etag.clone(),
        replaced: true,
    };
    carry.way.aside(&aside).await?;
    let moved = to.objects.move_to(&to.key, &Destination::here(trash)).await;
    moved.map_err(|error| failure(&error))
}

/// What made room comes back, if nothing came in its place. What cannot be brought back stays in the trash, where its record
/// says that it is.
pub(super) async fn put_back(carry: &Carry<'_>, kept: &Kept, to: &Spot) {
    let Some(trash) = kept.trash().filter(|_| carry.item.plan.action == Action::Replace) else {
        return;
    };
    let back = Destination::here(to.key.clone());
    if let Err(error) = to.objects.move_to(&trash, &back).await {
        tracing::warn!(%error, "what had made room was not brought back; it is in the trash");
    }
}

fn content(size: Option<u64>, etag: Option<String>) -> Content {
    Content {
        size,
        etag,
        ..Content::default()
    }
}
