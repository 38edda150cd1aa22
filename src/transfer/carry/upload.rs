//! A file becomes an object: in one request if it is small, else in pieces. Whatever of this is repeated after whatever
//! break, the item's mark in the object's metadata tells that the object is there already.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::aside::{Room, make_room};
use super::content::etag_md5;
use super::failure::{changed, failure, source_changed, unreadable};
use super::kept::Kept;
use super::pieces;
use super::proof::{is_of_the_line, read_back_as, settle, taken_meanwhile};
use super::source::SourceFile;
use super::target::{HASH, Spot, file, is_ours};
use super::{Carried, Carry};
use crate::http;
use crate::supabase::{Class, Error, ObjectInfo, UPLOAD_MARK, Upload, UploadMetadata, Uploaded};
use crate::transfer::job::{Content, Failure, Proof};
use crate::transfer::plan::{Action, Rules};

/// The type of bytes of which nothing is known.
pub(super) const BYTES: &str = "application/octet-stream";

/// So few bytes are on the line as soon as their request is begun. The server is storing them when the request is dropped, and whoever
/// looks at once does not find them yet: the answer is waited for instead.
const LEAVES_AT_ONCE: u64 = 256 * 1024;

/// How long an item that is to stop waits for that answer.
const ANSWER: Duration = Duration::from_secs(2);

/// Uploads a file.
///
/// # Errors
/// As [`Failure::kind`] says. [`crate::transfer::FailureKind::Ambiguous`]: ask [`super::reconcile()`].
pub async fn upload(carry: &Carry<'_>) -> Result<Carried, Failure> {
    let to = Spot::to(carry)?;
    let path = file(Some(&carry.item.plan.from))?;
    if carry.stop.is_cancelled() {
        return Ok(Carried::Stopped);
    }
    // Read before anything is put aside: a file that cannot be read replaces nothing.
    let opened = SourceFile::open_to_send(path, &carry.item.plan.seen, carry.rules.resumable_above);
    let (source, whole) = opened.await?;
    let mut kept = Kept::of(carry);
    let mut how = how(carry);
    let (bytes, content) = match whole {
        Some((bytes, content)) => (Some(bytes), content),
        None => match source.hash(carry.stop).await? {
            Some(content) => (None, content),
            None => return Ok(Carried::Stopped),
        },
    };
    if carry.item.plan.action == Action::Replace {
        let room = tokio::select! {
            biased;
            () = carry.stop.cancelled() => return Ok(Carried::Stopped),
            room = make_room(carry, &mut kept, &to) => room?,
        };
        match room {
            Room::Free => {}
            Room::Ours(info) => return landed(carry, &to, content, &info).await,
            Room::Taken(before) => take_over(carry, &mut how, before),
        }
    }
    how.metadata
        .insert(UPLOAD_MARK.to_owned(), carry.item.mark.to_string().into());
    if let Some(sha256) = &content.sha256 {
        how.metadata.insert(HASH.to_owned(), sha256.as_str().into());
    }
    match bytes {
        Some(bytes) => {
            let sending = Box::pin(to.objects.upload(&to.key, bytes, &how));
            in_one_request(carry, &to, content, &how, sending).await
        }
        None if UploadMetadata::new(to.objects.bucket(), &to.key, &how).is_ok() => {
            pieces::send(carry, &mut kept, &to, &source, content, &how).await
        }
        // An upload in pieces cannot carry every `Cache-Control`.
        None => {
            let streamed = http::SourceFile::look(source.path()).await;
            let streamed = streamed.map_err(|error| unreadable(source.path(), &error))?.whole();
            let Some(md5) = source.md5(carry.stop).await? else {
                return Ok(Carried::Stopped);
            };
            let content = Content {
                md5: Some(md5),
                ..content
            };
            source.unchanged().await?;
            let sending = Box::pin(to.objects.upload_from(&to.key, &streamed, &how));
            in_one_request(carry, &to, content, &how, sending).await
        }
    }
}

async fn in_one_request(
    carry: &Carry<'_>,
    to: &Spot,
    content: Content,
    how: &Upload,
    request: impl Future<Output = Result<Uploaded, Error>>,
) -> Result<Carried, Failure> {
    let size = content.size.unwrap_or_default();
    let begun = AtomicBool::new(false);
    let sending = async {
        carry.way.admit(size).await;
        begun.store(true, Ordering::Relaxed);
        request.await
    };
    let mut sending = pin!(sending);
    let stored = tokio::select! {
        biased;
        () = carry.stop.cancelled() => {
            if size > LEAVES_AT_ONCE || !begun.load(Ordering::Relaxed) {
                return Ok(Carried::Stopped);
            }
            match tokio::time::timeout(ANSWER, sending).await {
                Ok(Ok(stored)) => Ok(stored),
                // The server may have it all the same: the mark tells, whoever asks.
                Ok(Err(_)) | Err(_) => return Ok(Carried::Stopped),
            }
        }
        stored = &mut sending => stored,
    };
    match stored {
        Ok(_) if how.upsert => gone_well(carry, to, content, how).await,
        Ok(_) => {
            carry.way.arrived(size);
            Ok(Carried::Landed(content, None))
        }
        Err(error) => ended(carry, to, &content, how, &error).await,
    }
}

/// What an upload came to that has not gone well.
pub(super) async fn ended(
    carry: &Carry<'_>,
    to: &Spot,
    content: &Content,
    how: &Upload,
    error: &Error,
) -> Result<Carried, Failure> {
    match error.class {
        Class::Cancelled => Ok(Carried::Stopped),
        Class::Exists if !how.upsert => taken(carry, to, content).await,
        Class::Source => Err(source_failed(carry, error)),
        _ => Err(failure(error)),
    }
}

fn how(carry: &Carry<'_>) -> Upload {
    let media_type = carry.item.plan.media_type.as_deref();
    Upload {
        cache_control: carry.rules.cache_control.clone(),
        ..Upload::new(media_type.unwrap_or(BYTES))
    }
}

/// What an object that is to be replaced has beside its bytes: the server wipes what an overwrite does not bring along.
fn take_over(carry: &Carry<'_>, how: &mut Upload, before: ObjectInfo) {
    how.upsert = true;
    how.metadata = before.metadata;
    // A job that says nothing of its own of how long readers may keep it changes nothing of that.
    if carry.rules.cache_control == Rules::default().cache_control
        && let Some(caching) = before.cache_control.filter(|caching| !caching.is_empty())
    {
        how.cache_control = caching;
    }
}

/// The key is taken: by this item's own object, of which nobody heard, or by another one.
async fn taken(carry: &Carry<'_>, to: &Spot, content: &Content) -> Result<Carried, Failure> {
    let info = match to.objects.info(&to.key).await {
        Ok(info) => info,
        Err(error) if error.class == Class::NotFound => {
            return Err(changed(
                format!(
                    "{} was taken a moment ago, and is free again or hidden from this key.",
                    to.words()
                ),
                "Try again.",
            ));
        }
        Err(error) => return Err(failure(&error)),
    };
    if is_ours(&info, carry.item) {
        return landed(carry, to, content.clone(), &info).await;
    }
    let same_size = info.size.is_some() && info.size == content.size;
    if same_size && content.md5.is_some() && info.etag.as_deref().and_then(etag_md5) == content.md5 {
        return Ok(Carried::Identical);
    }
    let more = if same_size {
        ", of as many bytes as this one"
    } else {
        ""
    };
    Err(changed(
        format!(
            "Another object is stored at {}{more}; nothing was replaced.",
            to.words()
        ),
        "Choose another name, or plan to replace what is there.",
    ))
}

/// The server said that it stored the object: looks that it did, and that nobody else's has taken its place.
pub(super) async fn gone_well(
    carry: &Carry<'_>,
    to: &Spot,
    content: Content,
    how: &Upload,
) -> Result<Carried, Failure> {
    match to.objects.info(&to.key).await {
        Ok(info) if is_ours(&info, carry.item) => landed(carry, to, content, &info).await,
        Ok(info) if how.upsert || !info.metadata.is_empty() => Err(taken_meanwhile(to)),
        // A server that keeps no metadata of uploads in pieces.
        Ok(info) => landed(carry, to, content, &info).await,
        // It is stored; whether it is right is found out later.
        Err(error) if is_of_the_line(&failure(&error)) => Ok(Carried::Landed(content, None)),
        Err(error) => Err(failure(&error)),
    }
}

/// The item's object is there: whether it is right.
pub(super) async fn landed(
    carry: &Carry<'_>,
    to: &Spot,
    mut content: Content,
    info: &ObjectInfo,
) -> Result<Carried, Failure> {
    content.etag.clone_from(&info.etag);
    let mut proof = match settle(to, carry.item, &content, info).await {
        Ok(proof) => proof,
        Err(failed) if is_of_the_line(&failed) => return Ok(Carried::Landed(content, None)),
        Err(failed) => return Err(failed),
    };
    if proof < Proof::ReadBack && carry.rules.read_back {
        match read_back_as(carry, &content).await {
            Ok(Some(better)) => proof = proof.max(better),
            // Proven later.
            Ok(None) => return Ok(Carried::Landed(content, None)),
            Err(failed) if is_of_the_line(&failed) => return Ok(Carried::Landed(content, None)),
            Err(failed) => return Err(failed),
        }
    }
    carry.way.arrived(content.size.unwrap_or_default());
    Ok(Carried::Landed(content, Some(proof)))
}

/// The file could not be read to its end, or was changed meanwhile.
fn source_failed(carry: &Carry<'_>, error: &Error) -> Failure {
    let shown = match file(Some(&carry.item.plan.from)) {
        Ok(path) => path.display().to_string(),
        Err(failure) => return failure,
    };
    source_changed(
        format!(
            "{shown} was changed or cannot be read any more; nothing of it is stored. ({})",
            error.message
        ),
        "Wait until no other program writes to it, then plan the upload anew.",
    )
}
