//! What became of an item that was in flight when the program ended, or whose request was not answered.

use super::across::is_across;
use super::edit::edited;
use super::failure::failure;
use super::kept::Kept;
use super::lookup::{Found, look_up};
use super::relocate::{far_end, look};
use super::source::SourceFile;
use super::standing::{content_of, standing};
use super::target::{HASH, Spot, file, is_ours};
use super::upload::landed;
use super::{Carried, Carry};
use crate::supabase::{Class, ObjectInfo};
use crate::transfer::job::{Content, Failure, FailureKind, Proof};
use crate::transfer::plan::Kind;

/// Finds out what became of an item. None: it had no effect, or none that is not gone on with by beginning it again.
///
/// # Errors
/// If that cannot be found out; nothing is done before it is. If what arrived is not what was sent.
pub async fn reconcile(carry: &Carry<'_>) -> Result<Option<Carried>, Failure> {
    match carry.kind {
        Kind::Upload => uploaded(carry).await,
        Kind::Download => downloaded(carry).await,
        Kind::Delete if carry.item.plan.to.is_none() && !carry.rules.keep_trash => deleted(carry).await,
        Kind::Edit => edited(carry).await,
        // They look what is there whenever they are begun.
        Kind::Move | Kind::Copy if is_across(carry.item) => Ok(None),
        Kind::Empty | Kind::DeleteBucket => Ok(None),
        Kind::Move | Kind::Copy | Kind::Delete | Kind::Restore => relocated(carry).await,
    }
}

async fn uploaded(carry: &Carry<'_>) -> Result<Option<Carried>, Failure> {
    let to = Spot::to(carry)?;
    let info = match to.objects.info(&to.key).await {
        Ok(info) if is_ours(&info, carry.item) => info,
        Ok(_) => return Ok(None),
        Err(error) if error.class == Class::NotFound => return Ok(None),
        Err(error) => return Err(failure(&error)),
    };
    let content = sent(carry, &info).await?;
    landed(carry, &to, content, &info).await.map(Some)
}

/// What was sent: what the file has, if it still is the one of the plan, else what was noted beside the object.
async fn sent(carry: &Carry<'_>, info: &ObjectInfo) -> Result<Content, Failure> {
    let known = &carry.item.content;
    if known.md5.is_some() {
        return Ok(known.clone());
    }
    let path = file(Some(&carry.item.plan.from))?;
    let read = match SourceFile::open(path, &carry.item.plan.seen).await {
        Ok(source) => source.hash_both(carry.stop).await,
        Err(failed) => Err(failed),
    };
    Ok(match read {
        Ok(Some(content)) => content,
        Ok(None) | Err(_) => Content {
            size: carry.item.plan.size.or(carry.item.plan.seen.size),
            sha256: info
                .metadata
                .get(HASH)
                .and_then(|hash| hash.as_str())
                .map(str::to_owned),
            ..Content::default()
        },
    })
}

async fn downloaded(carry: &Carry<'_>) -> Result<Option<Carried>, Failure> {
    let path = file(carry.item.plan.to.as_ref())?;
    let kept = Kept::of(carry);
    match standing(carry, &kept, path).await {
        // It has its name already, and was this item's last deed.
        Ok(Some(_)) => {
            let mut content = content_of(carry.rules.root.as_deref(), path).await?.unwrap_or_default();
            let proof = match &kept.whole {
                Some(whole) => {
                    content.etag.clone_from(&whole.etag);
                    Proof::SizeOnly
                }
                None => {
                    content.etag.clone_from(&carry.item.plan.seen.etag);
                    Proof::ServerHash
                }
            };
            Ok(Some(Carried::Landed(content, Some(proof))))
        }
        // Another file is there, which is told when it is begun again.
        Err(failed) if failed.kind == FailureKind::Changed => Ok(None),
        Ok(None) => Ok(None),
        Err(failed) => Err(failed),
    }
}

async fn deleted(carry: &Carry<'_>) -> Result<Option<Carried>, Failure> {
    let from = Spot::from(carry)?;
    match look_up(&from.objects, &[&from.key]).await.remove(&from.key) {
        Some(Found::Nothing) => Ok(Some(Carried::Landed(Content::default(), Some(Proof::ReadBack)))),
        Some(Found::Unknown(failed)) => Err(failed),
        Some(Found::There { .. }) | None => Ok(None),
    }
}

async fn relocated(carry: &Carry<'_>) -> Result<Option<Carried>, Failure> {
    let kept = Kept::of(carry);
    let from = Spot::from(carry)?;
    match far_end(carry, &kept, &from)? {
        Some(to) => look(carry, &kept, &from, &to).await,
        None => Ok(None),
    }
}
