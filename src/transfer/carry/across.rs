//! An object goes into another workspace, through this machine: read here, hashed on the way, stored and proven there. One
//! that moves is put into the trash here only after that.
//!
//! What is stored there carries the item's mark, so that whatever is begun again finds what an earlier attempt has done. Its
//! type, its caching and what is kept beside its bytes go along.

use bytes::{Bytes, BytesMut};
use serde_json::Value;

use super::across_pieces;
use super::aside::{chosen_trash, is_as_planned, same_object};
use super::content::{Hashes, etag_md5, same_etag};
use super::failure::{changed, corrupt, failure, refused};
use super::kept::Kept;
use super::pieces::throw_away;
use super::proof::{Verdict, judge, read_back_as, settle, taken_meanwhile};
use super::target::{HASH, Spot, is_ours};
use super::upload::BYTES;
use super::{Aside, Carried, Carry};
use crate::supabase::{Class, Destination, ObjectInfo, UPLOAD_MARK, Upload};
use crate::transfer::job::{Content, Failure, Item, Proof};
use crate::transfer::plan::{Kind, Place, Seen};

/// Whether an item goes into another workspace.
pub(in crate::transfer) fn is_across(item: &Item) -> bool {
    matches!(item.plan.to, Some(Place::Elsewhere { .. }))
}

/// Copies or moves an object into another workspace. It looks what there is before it does anything, so that it may be begun
/// again whenever it was cut off.
///
/// # Errors
/// As [`Failure::kind`] says.
pub async fn across(carry: &Carry<'_>) -> Result<Carried, Failure> {
    tokio::select! {
        biased;
        // What the servers do all the same is found by whoever begins it again.
        () = carry.stop.cancelled() => Ok(Carried::Stopped),
        end = carry_out(carry) => end,
    }
}

async fn carry_out(carry: &Carry<'_>) -> Result<Carried, Failure> {
    let mut kept = Kept::of(carry);
    let (from, to) = (Spot::from(carry)?, Spot::to(carry)?);
    let same_project = from.objects.project().url() == to.objects.project().url();
    if same_project {
        return Err(refused(
            "The other workspace leads to this project by now.",
            "Move or copy within the project instead.",
        ));
    }
    let before = match from.objects.info(&from.key).await {
        Ok(info) => info,
        Err(error) if error.class == Class::NotFound => return source_gone(carry, &from, &to).await,
        Err(error) => return Err(failure(&error)),
    };
    let planned = &carry.item.plan.seen;
    if !is_as_planned(&before, Some(planned)) || !is_as_planned(&before, kept.before.as_ref()) {
        return Err(other_source(&from));
    }
    if planned.etag.is_none() && kept.before.is_none() {
        // By this it is known whether it is still the same at the end.
        kept.before = Some(seen(&before));
        kept.keep(carry).await?;
    }
    let begun_before = carry.item.attempts > 1 || carry.item.resume.is_some();
    let there = if begun_before { earlier(carry, &to).await? } else { None };
    let (content, proof) = match there {
        Some(info) => prove(carry, &from, &before, &to, None, &info).await?,
        None => {
            let content = send(carry, &mut kept, &from, &before, &to).await?;
            let info = to.objects.info(&to.key).await.map_err(|error| failure(&error))?;
            if !is_ours(&info, carry.item) {
                return Err(taken_meanwhile(&to));
            }
            prove(carry, &from, &before, &to, content, &info).await?
        }
    };
    if carry.kind == Kind::Move {
        put_away(carry, &mut kept, &from, &before, &to).await?;
    }
    carry.way.arrived(content.size.unwrap_or_default());
    Ok(Carried::Landed(content, Some(proof)))
}

/// What an earlier attempt has stored there, if it has.
async fn earlier(carry: &Carry<'_>, to: &Spot) -> Result<Option<ObjectInfo>, Failure> {
    match to.objects.info(&to.key).await {
        Ok(info) if is_ours(&info, carry.item) => Ok(Some(info)),
        Ok(_) => Err(occupied(to)),
        Err(error) if error.class == Class::NotFound => Ok(None),
        Err(error) => Err(failure(&error)),
    }
}

/// Brings the bytes there. What they are known by, if all of them passed by; None if an earlier attempt sent some of them.
async fn send(
    carry: &Carry<'_>,
    kept: &mut Kept,
    from: &Spot,
    before: &ObjectInfo,
    to: &Spot,
) -> Result<Option<Content>, Failure> {
    let Some(size) = before.size else {
        return Err(refused(
            format!("The server does not say how large {} is.", from.words()),
            "Download it, then upload it into the other workspace.",
        ));
    };
    let mut how = how(carry, before);
    if size > carry.rules.resumable_above {
        return across_pieces::send(carry, kept, (from, before, size), to, &how).await;
    }
    let (bytes, content) = read(carry, from, before, size).await?;
    if let Some(sha256) = &content.sha256 {
        how.metadata.insert(HASH.to_owned(), sha256.as_str().into());
    }
    carry.way.admit(size).await;
    match to.objects.upload(&to.key, bytes, &how).await {
        Ok(_) => Ok(Some(content)),
        // It is looked at next whether that is ours.
        Err(error) if error.class == Class::Exists => match earlier(carry, to).await? {
            Some(_) => Ok(Some(content)),
            None => Err(failure(&error)),
        },
        Err(error) => Err(failure(&error)),
    }
}

/// How it is stored there: as it is here.
fn how(carry: &Carry<'_>, before: &ObjectInfo) -> Upload {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let media_type = given(&before.content_type).or_else(|| carry.item.plan.media_type.clone());
    let mut metadata = before.metadata.clone();
    metadata.insert(UPLOAD_MARK.to_owned(), carry.item.mark.to_string().into());
    Upload {
        cache_control: given(&before.cache_control).unwrap_or_else(|| carry.rules.cache_control.clone()),
        metadata,
        ..Upload::new(media_type.unwrap_or_else(|| BYTES.to_owned()))
    }
}

/// All bytes of a small object, which are those that the server says they are as far as it says that.
async fn read(carry: &Carry<'_>, from: &Spot, before: &ObjectInfo, size: u64) -> Result<(Bytes, Content), Failure> {
    let mut first: Option<Content> = None;
    loop {
        let mut stream = open(from, before, 0).await?;
        let mut bytes = BytesMut::with_capacity(usize::try_from(size).unwrap_or_default());
        while let Some(piece) = stream.chunk().await.map_err(|error| failure(&error))? {
            carry.way.admit(piece.len() as u64).await;
            bytes.extend_from_slice(&piece);
            if bytes.len() as u64 > size {
                return Err(other_source(from));
            }
        }
        let content = Hashes::of(&bytes);
        if is_source(before, &content) || first.as_ref().is_some_and(|first| first.sha256 == content.sha256) {
            return Ok((bytes.freeze(), content));
        }
        if first.replace(content).is_some() {
            return Err(wrong_source(from));
        }
    }
}

/// Begins to read the object that was looked at.
pub(super) async fn open(from: &Spot, before: &ObjectInfo, at: u64) -> Result<crate::supabase::ObjectStream, Failure> {
    let range = (at > 0).then_some(crate::supabase::ByteRange::From(at));
    let stream = match from.objects.open(&from.key, range, None).await {
        Ok(stream) => stream,
        Err(error) if error.class == Class::NotFound => return Err(other_source(from)),
        Err(error) => return Err(failure(&error)),
    };
    let etags = before.etag.as_deref().zip(stream.facts.etag.as_deref());
    if etags.is_some_and(|(ours, theirs)| !same_etag(ours, theirs)) {
        return Err(other_source(from));
    }
    Ok(stream)
}

/// Whether bytes that were read are the object's, as far as the server tells: by the ETag, or by what whoever stored them has
/// noted. One that tells nothing is believed.
pub(super) fn is_source(before: &ObjectInfo, read: &Content) -> bool {
    if before.size.is_some_and(|size| read.size != Some(size)) {
        return false;
    }
    let noted = before.metadata.get(HASH).and_then(Value::as_str);
    let by_note = noted.zip(read.sha256.as_deref());
    match before.etag.as_deref().and_then(etag_md5) {
        None => true,
        Some(etag) if Some(&etag) == read.md5.as_ref() => true,
        Some(_) => by_note.is_some_and(|(noted, ours)| noted.eq_ignore_ascii_case(ours)),
    }
}

/// Reads the object once more, for what it is known by.
pub(super) async fn hash_source(carry: &Carry<'_>, from: &Spot, before: &ObjectInfo) -> Result<Content, Failure> {
    let mut first: Option<Content> = None;
    loop {
        let mut stream = open(from, before, 0).await?;
        let mut hashes = Hashes::default();
        while let Some(piece) = stream.chunk().await.map_err(|error| failure(&error))? {
            carry.way.admit(piece.len() as u64).await;
            hashes.update(&piece);
        }
        let content = hashes.finish();
        if is_source(before, &content) || first.as_ref().is_some_and(|first| first.sha256 == content.sha256) {
            return Ok(content);
        }
        if first.replace(content).is_some() {
            return Err(wrong_source(from));
        }
    }
}

/// How far it is proven that what is there is what is here. What is to leave here has to be proven by a hash.
async fn prove(
    carry: &Carry<'_>,
    from: &Spot,
    before: &ObjectInfo,
    to: &Spot,
    sent: Option<Content>,
    info: &ObjectInfo,
) -> Result<(Content, Proof), Failure> {
    let passed_whole = sent.is_some();
    let mut content = match sent {
        Some(content) => content,
        None => {
            // The hashes of both servers, where both tell one.
            let told = Content {
                size: before.size,
                md5: before.etag.as_deref().and_then(etag_md5),
                ..Content::default()
            };
            if judge(&info.into(), &told) == Verdict::Right(Proof::ServerHash) {
                let etag = info.etag.clone();
                return Ok((Content { etag, ..told }, Proof::ServerHash));
            }
            hash_source(carry, from, before).await?
        }
    };
    let mut proof = settle(to, carry.item, &content, info).await?;
    let wanted = carry.kind == Kind::Move || carry.rules.read_back || !passed_whole;
    if proof < Proof::ReadBack && wanted {
        match read_back_as(carry, &content).await? {
            Some(better) => proof = proof.max(better),
            // Only what was stopped is not read to its end, and that ends all of this.
            None => return Err(super::failure::ending()),
        }
    }
    if carry.kind == Kind::Move && proof < Proof::ReadBack {
        return Err(refused(
            format!(
                "It could not be proven that {} arrived whole; it was left where it is, too.",
                from.words()
            ),
            "Compare the two, then delete the one that is not wanted.",
        ));
    }
    content.etag.clone_from(&info.etag);
    Ok((content, proof))
}

/// What has moved goes to the trash here, if it still is what was copied.
async fn put_away(
    carry: &Carry<'_>,
    kept: &mut Kept,
    from: &Spot,
    before: &ObjectInfo,
    to: &Spot,
) -> Result<(), Failure> {
    match from.objects.info(&from.key).await {
        Ok(now) if is_as_planned(&now, Some(&seen(before))) => {}
        Ok(_) => {
            return Err(changed(
                format!(
                    "{} was replaced while it was copied to {}; the copy is of what it was before, and it was left alone.",
                    from.words(),
                    to.words()
                ),
                "Look at both, then plan anew.",
            ));
        }
        Err(error) if error.class == Class::NotFound => return Ok(()),
        Err(error) => return Err(failure(&error)),
    }
    if !carry.rules.keep_trash {
        return match from.objects.remove_one(&from.key).await {
            Ok(_) => Ok(()),
            Err(error) if error.class == Class::NotFound => Ok(()),
            Err(error) => Err(failure(&error)),
        };
    }
    let trash = chosen_trash(carry, kept, &from.key).await?;
    let aside = Aside {
        bucket: from.objects.bucket().clone(),
        key: from.key.clone(),
        trash: trash.clone(),
        size: before.size,
        etag: before.etag.clone(),
        replaced: false,
    };
    carry.way.aside(&aside).await?;
    let moved = from.objects.move_to(&from.key, &Destination::here(trash.clone())).await;
    match moved {
        Ok(()) => Ok(()),
        Err(error) if matches!(error.class, Class::Ambiguous | Class::Exists | Class::NotFound) => {
            let left = from.objects.info(&from.key).await;
            match (left, from.objects.info(&trash).await) {
                (Err(gone), Ok(there)) if gone.class == Class::NotFound && same_object(before, &there) => Ok(()),
                _ => Err(failure(&error)),
            }
        }
        Err(error) => Err(failure(&error)),
    }
}

/// The source is not there: an earlier attempt put it away when all was done, or somebody else did.
async fn source_gone(carry: &Carry<'_>, from: &Spot, to: &Spot) -> Result<Carried, Failure> {
    let gone = || {
        changed(
            format!("{} is not there any more, or this key may not see it.", from.words()),
            "Refresh the list, then plan anew.",
        )
    };
    let info = match to.objects.info(&to.key).await {
        Ok(info) if is_ours(&info, carry.item) => info,
        Ok(_) => return Err(gone()),
        Err(error) if error.class == Class::NotFound => return Err(gone()),
        Err(error) => return Err(failure(&error)),
    };
    let plan = &carry.item.plan;
    let known = Content {
        size: plan.size.or(plan.seen.size),
        md5: plan.seen.etag.as_deref().and_then(etag_md5),
        etag: info.etag.clone(),
        ..Content::default()
    };
    // There is nothing any more that it could be compared with; it is not removed for that.
    match judge(&(&info).into(), &known) {
        Verdict::Right(proof) => Ok(Carried::Landed(known, Some(proof))),
        Verdict::Doubtful => Ok(Carried::Landed(known, Some(Proof::SizeOnly))),
        Verdict::Wrong => Err(corrupt(
            format!(
                "{} has another size than {} had, which is not there any more.",
                to.words(),
                from.words()
            ),
            "Look in the trash for what was there.",
        )),
    }
}

/// Throws away what an item has left in the other workspace, unless it is the only one by now.
pub(super) async fn discard(carry: &Carry<'_>) -> Result<(), Failure> {
    let kept = Kept::of(carry);
    // One that was never begun has left nothing, and needs no other workspace for that.
    if carry.item.attempts == 0 && kept.upload.is_none() {
        return Ok(());
    }
    let (from, to) = (Spot::from(carry)?, Spot::to(carry)?);
    if let Some(state) = &kept.upload {
        throw_away(&to, state).await;
    }
    match to.objects.info(&to.key).await {
        Ok(info) if is_ours(&info, carry.item) => {}
        Ok(_) => return Ok(()),
        Err(error) if error.class == Class::NotFound => return Ok(()),
        Err(error) => return Err(failure(&error)),
    }
    match from.objects.info(&from.key).await {
        Ok(_) => {}
        Err(error) if error.class == Class::NotFound => return Ok(()),
        Err(error) => return Err(failure(&error)),
    }
    let removed = to.objects.remove_one(&to.key).await;
    removed.map(drop).map_err(|error| failure(&error))
}

fn seen(info: &ObjectInfo) -> Seen {
    Seen {
        size: info.size,
        etag: info.etag.clone(),
        modified: None,
    }
}

pub(super) fn occupied(to: &Spot) -> Failure {
    changed(
        format!(
            "Another object is stored at {} of the other workspace; nothing was replaced.",
            to.words()
        ),
        "Choose another name or folder.",
    )
}

pub(super) fn other_source(from: &Spot) -> Failure {
    changed(
        format!(
            "{} is not the object any more that was planned; it was left alone.",
            from.words()
        ),
        "Look at it, then plan anew.",
    )
}

pub(super) fn wrong_source(from: &Spot) -> Failure {
    corrupt(
        format!(
            "What came of {} is other bytes each time it is read; nothing of it was stored.",
            from.words()
        ),
        "Try again. If it happens again, the object is damaged, or something on the way changes bytes.",
    )
}
