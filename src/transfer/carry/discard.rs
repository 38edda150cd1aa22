//! The end of an item that nobody wants any more: what has arrived of it is thrown away.

use super::failure::{blocking, failure, unwritable};
use super::folder::Folder;
use super::kept::Kept;
use super::relocate::put_back;
use super::target::{Spot, file, is_ours};
use super::{Carry, across, part, pieces};
use crate::supabase::{Class, CopyOptions, Destination};
use crate::transfer::job::{Failure, ItemState};
use crate::transfer::plan::{Action, Kind};

/// Throws away what an item has left on the server or on the disk. What it has replaced, or has made room for it, comes back
/// where the trash has it. Moves and copies are done or not, and leave nothing else.
///
/// # Errors
/// If that cannot be done now; it can be tried again.
pub async fn discard(carry: &Carry<'_>) -> Result<(), Failure> {
    match carry.kind {
        Kind::Upload => upload(carry).await,
        Kind::Download => download(carry).await,
        Kind::Move | Kind::Copy if across::is_across(carry.item) => across::discard(carry).await,
        Kind::Move | Kind::Copy | Kind::Restore => relocation(carry).await,
        // They are done or not.
        Kind::Delete | Kind::Edit | Kind::Empty | Kind::DeleteBucket => Ok(()),
    }
}

async fn relocation(carry: &Carry<'_>) -> Result<(), Failure> {
    let kept = Kept::of(carry);
    if carry.item.plan.action != Action::Replace || kept.trash().is_none() {
        return Ok(());
    }
    let to = Spot::to(carry)?;
    match to.objects.exists(&to.key).await {
        Ok(true) => Ok(()),
        Ok(false) => {
            put_back(carry, &kept, &to).await;
            Ok(())
        }
        Err(error) => Err(failure(&error)),
    }
}

async fn upload(carry: &Carry<'_>) -> Result<(), Failure> {
    let kept = Kept::of(carry);
    let to = Spot::to(carry)?;
    if let Some(state) = &kept.upload {
        pieces::throw_away(&to, state).await;
    }
    // One that was never begun has left nothing.
    if carry.item.attempts == 0 && carry.item.state == ItemState::Waiting {
        return Ok(());
    }
    match to.objects.info(&to.key).await {
        Ok(info) if is_ours(&info, carry.item) => {}
        Ok(_) => return Ok(()),
        Err(error) if error.class == Class::NotFound => return Ok(()),
        Err(error) => return Err(failure(&error)),
    }
    // A request whose answer nobody waited for has stored it after all.
    if carry.item.plan.action != Action::Replace {
        return to
            .objects
            .remove_one(&to.key)
            .await
            .map(drop)
            .map_err(|error| failure(&error));
    }
    let Some(trash) = kept.trash() else {
        // What it replaced is nowhere any more: better the new one than none.
        return Ok(());
    };
    let back = Destination::here(to.key.clone());
    let how = CopyOptions {
        upsert: true,
        ..CopyOptions::default()
    };
    let copied = to.objects.copy_to(&trash, &back, &how).await;
    copied.map(drop).map_err(|error| failure(&error))
}

async fn download(carry: &Carry<'_>) -> Result<(), Failure> {
    let path = file(carry.item.plan.to.as_ref())?;
    let (root, shown, job) = (carry.rules.root.clone(), path.to_owned(), carry.item.job);
    let removed = blocking(move || {
        let folder = Folder::open(root.as_deref(), &shown)?;
        folder.remove_part(&part::name(job, &folder))
    });
    removed.await?.map_err(|error| unwritable(path, &error))
}
