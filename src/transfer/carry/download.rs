//! An object becomes a file: under a name of its own until it is whole and right, then under its real one.

use std::io;
use std::path::Path;

use serde_json::Value;

use super::content::{etag_md5, same_etag};
use super::disk::Room;
use super::failure::{blocking, changed, corrupt, failure, unwritable};
use super::folder::Folder;
use super::kept::{Kept, KeptPart};
use super::part::{self, Part, Writer};
use super::small::{Fetched, Small, Whole};
use super::standing::{Look, Standing};
use super::target::{HASH, Spot, file};
use super::{Carried, Carry};
use crate::supabase::{ByteRange, Class, Error, ObjectStream};
use crate::transfer::job::{Content, Failure, Proof};
use crate::transfer::plan::{Action, Seen};

/// Where the ETag does not tell what is in a partial file, what of it is on the disk is noted each time so much more has
/// come.
const NOTED: u64 = 64 << 20;

/// How reading came to its end.
pub(super) enum Read {
    Whole,
    Stopped,
}

/// Downloads an object.
///
/// # Errors
/// As [`Failure::kind`] says. What has arrived is kept unless it is wrong or little.
pub async fn download(carry: &Carry<'_>) -> Result<Carried, Failure> {
    let from = Spot::from(carry)?;
    let path = file(carry.item.plan.to.as_ref())?;
    if carry.stop.is_cancelled() {
        return Ok(Carried::Stopped);
    }
    let mut kept = Kept::of(carry);
    if let Some(small) = Small::of(carry, &kept) {
        match Box::pin(small.fetch(carry, &from, path)).await? {
            Fetched::Right(whole) => {
                let Whole { part, content, room } = *whole;
                return put(carry, path, part, content, Proof::ServerHash, Some(room)).await;
            }
            Fetched::Doubtful(part, etag) => {
                let read = (*part, Read::Whole, etag);
                return prove(carry, &mut kept, &from, path, read, false).await;
            }
            Fetched::Over(carried) => return Ok(carried),
            Fetched::Larger => {}
        }
    }
    let part = match begin(carry, &kept, path).await? {
        Begun::Part(part) => *part,
        Begun::There(found) => return Ok(found),
    };
    let resumed = part.size() > 0;
    let read = fetch(carry, &mut kept, &from, path, part).await?;
    prove(carry, &mut kept, &from, path, read, resumed).await
}

/// Sees that what was read is right, and gives it its name. `resumed`: a part of it was there before.
async fn prove(
    carry: &Carry<'_>,
    kept: &mut Kept,
    from: &Spot,
    path: &Path,
    mut came: (Part, Read, Option<String>),
    mut resumed: bool,
) -> Result<Carried, Failure> {
    // What an earlier reading of the whole object gave that its ETag did not confirm.
    let mut before: Option<Content> = None;
    loop {
        let (part, read, etag) = came;
        if matches!(read, Read::Stopped) {
            return Ok(Carried::Stopped);
        }
        let mut content = part.content();
        content.etag.clone_from(&etag);
        match check(carry, from, &content, before.as_ref()).await? {
            Some(proof) => {
                if etag.as_deref().and_then(etag_md5) != content.md5 {
                    // Found again by this, should the program end before the journal says that it is there.
                    kept.whole = Some(content.clone());
                    kept.keep(carry).await?;
                }
                return put(carry, path, part, content, proof, None).await;
            }
            // Once more from the beginning: what was gone on with may have been the trouble, or the line.
            None if resumed || before.is_none() => {
                before = (!resumed).then_some(content);
                resumed = false;
                let part = begin_anew(path, part).await?;
                came = fetch(carry, kept, from, path, part).await?;
            }
            None => {
                remove(part).await;
                return Err(corrupt(
                    format!(
                        "What came of {} is not what the server says it is; nothing was kept of it.",
                        from.words()
                    ),
                    "Try again. If it happens again, the object is damaged, or something on the way changes bytes.",
                ));
            }
        }
    }
}

/// Looks at the file's name, and opens the partial file with what of it can be gone on with.
async fn begin(carry: &Carry<'_>, kept: &Kept, path: &Path) -> Result<Begun, Failure> {
    let (look, keep) = (Look::of(carry, kept), to_keep(carry, kept));
    let (root, shown, job) = (carry.rules.root.clone(), path.to_owned(), carry.item.job);
    let begun = blocking(move || {
        let folder = Folder::open(root.as_deref(), &shown)?;
        match look.at(&folder)? {
            Standing::Free => {
                let name = part::name(job, &folder);
                Ok(Ok(Part::open(folder, name, keep)?))
            }
            standing => Ok::<_, io::Error>(Err(standing)),
        }
    });
    match begun.await?.map_err(|error| unwritable(path, &error))? {
        Ok(part) => Ok(Begun::Part(Box::new(part))),
        Err(standing) => match standing.carried(path)? {
            Some(found) => Ok(Begun::There(found)),
            None => Err(unwritable(path, &io::ErrorKind::AlreadyExists.into())),
        },
    }
}

/// How a download begins.
enum Begun {
    /// With a partial file, empty or not.
    Part(Box<Part>),
    /// It is over.
    There(Carried),
}

/// How much of the partial file can be gone on with.
fn to_keep(carry: &Carry<'_>, kept: &Kept) -> u64 {
    let plan = &carry.item.plan;
    let planned = plan.seen.etag.as_deref();
    match &kept.part {
        _ if planned.and_then(etag_md5).is_some() => plan.size.or(plan.seen.size).unwrap_or(u64::MAX),
        Some(part) if planned.is_none_or(|planned| same_etag(planned, &part.etag)) => part.synced,
        _ => 0,
    }
}

/// Reads what is missing of the object into the partial file. Gives the object's ETag, too.
async fn fetch(
    carry: &Carry<'_>,
    kept: &mut Kept,
    from: &Spot,
    path: &Path,
    mut part: Part,
) -> Result<(Part, Read, Option<String>), Failure> {
    let plan = &carry.item.plan;
    let planned = plan
        .seen
        .etag
        .clone()
        .or_else(|| Some(kept.part.as_ref()?.etag.clone()));
    let size = plan.size.or(plan.seen.size);
    carry.way.arrived(part.size());
    if part.size() > 0 && Some(part.size()) == size {
        return Ok((part, Read::Whole, planned));
    }
    let opened = tokio::select! {
        biased;
        () = carry.stop.cancelled() => return Ok((part, Read::Stopped, planned)),
        opened = open(from, &mut part) => opened,
    };
    let again = match &opened {
        // Nothing says that the rest is of the same object.
        Ok(stream) => part.size() > 0 && stream.facts.etag.is_none(),
        // There is no rest.
        Err(error) => part.size() > 0 && error.code.as_deref() == Some("InvalidRange"),
    };
    let opened = if again {
        part = begin_anew(path, part).await?;
        open(from, &mut part).await
    } else {
        opened
    };
    let mut stream = opened.map_err(|error| missing(from, &error))?;
    if let Some((ours, theirs)) = planned.as_deref().zip(stream.facts.etag.as_deref())
        && !same_etag(ours, theirs)
    {
        // What is there of the other object is of no use any more.
        remove(part).await;
        return Err(replaced(from));
    }
    let etag = stream.facts.etag.clone().or(planned);
    let noted = etag
        .as_deref()
        .filter(|etag| etag_md5(etag).is_none())
        .map(str::to_owned);
    let mut writer = Writer::new(part);
    let mut at = stream.position();
    let mut next_note = at + NOTED;
    let ended = loop {
        let piece = tokio::select! {
            biased;
            () = carry.stop.cancelled() => break Ok(Read::Stopped),
            piece = stream.chunk() => piece,
        };
        match piece {
            Ok(Some(bytes)) => {
                let count = bytes.len() as u64;
                tokio::select! {
                    biased;
                    () = carry.stop.cancelled() => break Ok(Read::Stopped),
                    () = carry.way.admit(count) => {}
                }
                let taken;
                (writer, taken) = writer.give(bytes).await;
                if !taken {
                    break Ok(Read::Whole);
                }
                at += count;
                carry.way.arrived(at);
                if let Some(etag) = &noted
                    && at >= next_note
                {
                    next_note = at + NOTED;
                    let written = settle(writer, path).await?;
                    writer = Writer::new(note(carry, kept, path, written, etag).await?);
                }
            }
            Ok(None) => break Ok(Read::Whole),
            Err(error) => break Err(error),
        }
    };
    let mut part = settle(writer, path).await?;
    if let Some(etag) = &noted
        && !matches!(ended, Ok(Read::Whole))
    {
        part = note(carry, kept, path, part, etag).await?;
    }
    match ended {
        Ok(read) => Ok((part, read, etag)),
        Err(error) => {
            if error.class == Class::NotFound {
                remove(part).await;
            }
            Err(broken(from, &error))
        }
    }
}

/// Reading came to no end.
pub(super) fn broken(from: &Spot, error: &Error) -> Failure {
    match error.class {
        // Within an object: it is not the one any more that it was when reading began.
        Class::NotFound => replaced(from),
        Class::Unexpected => corrupt(error.to_string(), error.hint()),
        _ => failure(error),
    }
}

/// Begins to read where the partial file ends.
async fn open(from: &Spot, part: &mut Part) -> Result<ObjectStream, Error> {
    let range = (part.size() > 0).then(|| ByteRange::From(part.size()));
    from.objects.open(&from.key, range, None).await
}

/// Waits until the disk has all that was given to it.
async fn settle(writer: Writer, path: &Path) -> Result<Part, Failure> {
    let (part, written) = writer
        .end()
        .await
        .map_err(|error| unwritable(path, &io::Error::other(error)))?;
    // What is in the partial file stays.
    written.map_err(|error| unwritable(path, &error))?;
    Ok(part)
}

/// Notes how much of the partial file is on the disk.
async fn note(carry: &Carry<'_>, kept: &mut Kept, path: &Path, part: Part, etag: &str) -> Result<Part, Failure> {
    let synced = blocking(move || part.sync().map(|()| part));
    let part = synced.await?.map_err(|error| unwritable(path, &error))?;
    kept.part = Some(KeptPart {
        etag: etag.to_owned(),
        synced: part.size(),
    });
    kept.keep(carry).await?;
    Ok(part)
}

/// Whether what came is right, as far as the server tells; None if it seems not to be. `before` is what the same reading
/// gave before.
async fn check(
    carry: &Carry<'_>,
    from: &Spot,
    content: &Content,
    before: Option<&Content>,
) -> Result<Option<Proof>, Failure> {
    let plan = &carry.item.plan;
    let size = plan.size.or(plan.seen.size);
    let right_size = size.is_none_or(|size| content.size == Some(size));
    let md5 = content.etag.as_deref().and_then(etag_md5);
    if md5.is_some() && md5 == content.md5 {
        // The bytes are those of this ETag. A plan that says another size is of another object.
        return if right_size {
            Ok(Some(Proof::ServerHash))
        } else {
            Err(replaced(from))
        };
    }
    if !right_size {
        return Ok(None);
    }
    // What whoever stored it has said of its bytes.
    let noted = match from.objects.info(&from.key).await {
        Ok(info) => info.metadata.get(HASH).and_then(Value::as_str).map(str::to_owned),
        Err(error) if error.class == Class::NotFound => None,
        Err(error) => return Err(failure(&error)),
    };
    if let Some(noted) = noted {
        let same = content
            .sha256
            .as_deref()
            .is_some_and(|ours| ours.eq_ignore_ascii_case(&noted));
        return Ok(same.then_some(Proof::ReadBack));
    }
    let by_size = if size.is_some() {
        Proof::SizeOnly
    } else {
        Proof::Unverified
    };
    match (md5, before) {
        (None, _) => Ok(Some(by_size)),
        // Twice the same bytes, and twice not the ETag's: it is no MD5, as with stores that encrypt.
        (Some(_), Some(before)) if before.sha256 == content.sha256 => Ok(Some(by_size)),
        (Some(_), _) => Ok(None),
    }
}

/// `room`, if there is one already, was asked for when the bytes were here.
async fn put(
    carry: &Carry<'_>,
    path: &Path,
    part: Part,
    content: Content,
    proof: Proof,
    room: Option<Room>,
) -> Result<Carried, Failure> {
    let plan = &carry.item.plan;
    let replaces: Option<Seen> = (plan.action == Action::Replace).then(|| plan.replaces.clone().unwrap_or_default());
    let room = match room {
        Some(room) => room,
        None => carry.disk.room().await?,
    };
    // The server is not needed for what is left.
    carry.way.received();
    let put = carry.disk.put(part, replaces, room).await?;
    put.map_err(|error| unwritable(path, &error))?;
    Ok(Carried::Landed(content, Some(proof)))
}

async fn begin_anew(path: &Path, mut part: Part) -> Result<Part, Failure> {
    let emptied = blocking(move || part.empty().map(|()| part));
    emptied.await?.map_err(|error| unwritable(path, &error))
}

async fn remove(part: Part) {
    if let Ok(Err(error)) = blocking(move || part.remove()).await {
        tracing::warn!(%error, "a partial file that is wrong was not removed");
    }
}

/// The object cannot be read.
pub(super) fn missing(from: &Spot, error: &Error) -> Failure {
    match error.class {
        Class::NotFound => changed(
            format!("{} is not there any more, or this key may not see it.", from.words()),
            "Refresh the list, then plan anew.",
        ),
        _ => failure(error),
    }
}

pub(super) fn replaced(from: &Spot) -> Failure {
    changed(
        format!(
            "{} is another object than the one that was planned; nothing was written.",
            from.words()
        ),
        "Look at it, then plan the download anew.",
    )
}
