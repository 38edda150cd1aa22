//! Objects whose headers and metadata are edited without sending their bytes: the server copies each onto itself. Looked at
//! before, so that what was there is on disk and can be put back; looked at after, because some servers note a change and go
//! on serving what was before. An edit that is done is known by that, so that it may be begun again after any end.

use super::failure::{changed, failure, refused};
use super::kept::Kept;
use super::proof::{Stored, Verdict, judge};
use super::target::{Spot, malformed};
use super::{Carried, Carry, Edits};
use crate::journal::ObjectFacts;
use crate::supabase::{Access, Class, Facts, ObjectInfo};
use crate::transfer::job::{Content, Failure};
use crate::transfer::plan::{HeaderEdit, Seen};
use crate::transfer::trash::{agree, facts_of, to_reach};

/// Edits an object.
///
/// # Errors
/// As [`Failure::kind`](crate::transfer::FailureKind) says.
pub async fn edit(carry: &Carry<'_>) -> Result<Carried, Failure> {
    tokio::select! {
        biased;
        // The server may do it all the same: whoever begins it again finds that.
        () = carry.stop.cancelled() => Ok(Carried::Stopped),
        end = carry_out(carry) => end,
    }
}

/// What became of an edit whose end is not known: None if it had no effect.
pub(super) async fn edited(carry: &Carry<'_>) -> Result<Option<Carried>, Failure> {
    let Some(before) = Kept::of(carry).facts else {
        return Ok(None);
    };
    let spot = Spot::from(carry)?;
    let after = applied(wanted(carry)?, &before);
    let info = look(&spot).await?;
    if !agree(&facts_of(&info), &after) {
        return Ok(None);
    }
    finish(&spot, &info, &after, &known(carry, &info)).await.map(Some)
}

async fn carry_out(carry: &Carry<'_>) -> Result<Carried, Failure> {
    let edit = wanted(carry)?;
    let spot = Spot::from(carry)?;
    let mut kept = Kept::of(carry);
    let info = look(&spot).await?;
    let now = facts_of(&info);
    let before = kept.facts.clone().unwrap_or_else(|| now.clone());
    let after = applied(edit, &before);
    if agree(&now, &after) {
        return match kept.facts {
            Some(_) => finish(&spot, &info, &after, &known(carry, &info)).await,
            None => Ok(Carried::Identical),
        };
    }
    if !is_planned(carry, &info) {
        return Err(changed(
            format!(
                "{} is not the object any more that was planned; it was left alone.",
                spot.words()
            ),
            "Look at it, then plan anew.",
        ));
    }
    if !agree(&now, &before) {
        return Err(changed(
            format!(
                "{} was edited by somebody else meanwhile; it was left alone.",
                spot.words()
            ),
            "Look at it, then plan anew.",
        ));
    }
    if kept.facts.is_none() {
        kept.facts = Some(before.clone());
        kept.before = Some(Seen {
            size: info.size,
            etag: info.etag.clone(),
            modified: None,
        });
        kept.keep(carry).await?;
    }
    let edits = Edits {
        bucket: spot.objects.bucket().clone(),
        key: spot.key.clone(),
        size: info.size,
        etag: info.etag.clone(),
        before,
        after: after.clone(),
    };
    carry.way.edits(&edits).await?;
    match spot.objects.edit(&spot.key, &to_reach(&after, &now)).await {
        Ok(_) => {}
        Err(error) if error.class == Class::NotFound => return Err(gone(&spot)),
        Err(error) => return Err(failure(&error)),
    }
    let there = look(&spot).await?;
    if !agree(&facts_of(&there), &after) {
        return Err(changed(
            format!("{} was edited by somebody else at the same moment.", spot.words()),
            "Look at it, then plan anew.",
        ));
    }
    finish(&spot, &there, &after, &content(info.size, info.etag.clone())).await
}

/// The server has noted it. Whether it serves it so, and the bytes are those of before.
async fn finish(spot: &Spot, there: &ObjectInfo, after: &ObjectFacts, before: &Content) -> Result<Carried, Failure> {
    let served = spot
        .objects
        .head(&spot.key, Access::Keyed)
        .await
        .map_err(|error| failure(&error))?;
    if !is_served(&served, after) {
        return Err(refused(
            format!(
                "The server has noted the new headers of {} and goes on serving the old ones.",
                spot.words()
            ),
            "Servers from before 2026 do that. Upload the object again with the headers that it is to have.",
        ));
    }
    match judge(&Stored::from(there), before) {
        Verdict::Right(proof) => Ok(Carried::Landed(content(there.size, there.etag.clone()), Some(proof))),
        Verdict::Doubtful | Verdict::Wrong => Err(changed(
            format!(
                "{} was replaced by somebody else at the same moment, and has the new headers now.",
                spot.words()
            ),
            "Look at it, and edit it again if they are not right for it.",
        )),
    }
}

/// Whether readers are told what is to be. Storage serves HTML as plain text, and some add the letters' code to a type.
fn is_served(served: &Facts, after: &ObjectFacts) -> bool {
    let bare = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let same_type = after.content_type.as_deref().is_none_or(|wanted| {
        let told = served.content_type.as_deref().map(bare).unwrap_or_default();
        told == bare(wanted) || (bare(wanted) == "text/html" && told == "text/plain")
    });
    same_type && (after.cache_control.is_none() || served.cache_control == after.cache_control)
}

async fn look(spot: &Spot) -> Result<ObjectInfo, Failure> {
    spot.objects.info(&spot.key).await.map_err(|error| match error.class {
        Class::NotFound => gone(spot),
        _ => failure(&error),
    })
}

fn gone(spot: &Spot) -> Failure {
    changed(
        format!("{} is not there any more, or this key may not see it.", spot.words()),
        "Refresh the list, then plan anew.",
    )
}

fn wanted<'a>(carry: &Carry<'a>) -> Result<&'a HeaderEdit, Failure> {
    let edit = carry.rules.edit.as_ref();
    edit.ok_or_else(|| malformed("it is said nowhere what is to be changed"))
}

/// What is to be beside the bytes.
fn applied(edit: &HeaderEdit, before: &ObjectFacts) -> ObjectFacts {
    ObjectFacts {
        content_type: edit.content_type.clone().or_else(|| before.content_type.clone()),
        cache_control: edit.cache_control.clone().or_else(|| before.cache_control.clone()),
        metadata: match &edit.metadata {
            Some(metadata) => metadata.applied_to(&before.metadata),
            None => before.metadata.clone(),
        },
    }
}

/// What the bytes are known by: as an earlier attempt found them, else as they are.
fn known(carry: &Carry<'_>, info: &ObjectInfo) -> Content {
    match Kept::of(carry).before {
        Some(before) => content(before.size, before.etag),
        None => content(info.size, info.etag.clone()),
    }
}

/// Whether it is the object of the plan. The ETag of one that was stored in parts may be another one since an attempt of ours.
fn is_planned(carry: &Carry<'_>, info: &ObjectInfo) -> bool {
    super::aside::is_as_planned(info, Some(&carry.item.plan.seen))
}

fn content(size: Option<u64>, etag: Option<String>) -> Content {
    Content {
        size,
        etag,
        ..Content::default()
    }
}
