//! Whether an object has the bytes that it is to have. What an ETag says is believed when it agrees; when it does not, the
//! bytes themselves are asked: stores that encrypt give ETags that look like an MD5 and are none.

use super::Carry;
use super::content::{Hashes, bare, etag_md5, same_etag};
use super::failure::{changed, corrupt, failure};
use super::target::{Spot, is_ours};
use crate::supabase::{Class, Error, ObjectInfo};
use crate::transfer::job::{Content, Failure, FailureKind, Item, Proof};

/// What is known of an object without its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::transfer) struct Stored {
    pub(in crate::transfer) size: Option<u64>,
    pub(in crate::transfer) etag: Option<String>,
}

impl From<&ObjectInfo> for Stored {
    fn from(info: &ObjectInfo) -> Self {
        Self {
            size: info.size,
            etag: info.etag.clone(),
        }
    }
}

/// What a look without reading tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is right, as far as this.
    Right(Proof),
    /// The ETag has the form of an MD5 and is another one. Only the bytes tell.
    Doubtful,
    /// It has another size.
    Wrong,
}

/// Compares what is stored with what is to be.
pub(super) fn judge(stored: &Stored, content: &Content) -> Verdict {
    if stored.size.zip(content.size).is_some_and(|(a, b)| a != b) {
        return Verdict::Wrong;
    }
    let by_size = if stored.size.is_some() && content.size.is_some() {
        Proof::SizeOnly
    } else {
        Proof::Unverified
    };
    let Some(etag) = stored.etag.as_deref().filter(|etag| !bare(etag).is_empty()) else {
        return Verdict::Right(by_size);
    };
    match (etag_md5(etag), &content.md5, &content.etag) {
        (Some(theirs), Some(ours), _) if theirs == *ours => Verdict::Right(Proof::ServerHash),
        // What the server itself moved or copied: the ETag of before is that of after.
        (Some(_), None, Some(before)) if same_etag(etag, before) => Verdict::Right(Proof::ServerHash),
        (Some(_), Some(_), _) => Verdict::Doubtful,
        (Some(_), None, Some(before)) if etag_md5(before).is_some() => Verdict::Doubtful,
        _ => Verdict::Right(by_size),
    }
}

/// Whether an object that this item made is right. One that is not is removed, and that is an error.
pub(super) async fn settle(spot: &Spot, item: &Item, content: &Content, info: &ObjectInfo) -> Result<Proof, Failure> {
    match judge(&info.into(), content) {
        Verdict::Right(proof) => Ok(proof),
        Verdict::Wrong => Err(remove_wrong(spot, item, "it has another size").await),
        Verdict::Doubtful => match compare(spot, content).await? {
            Some(true) => Ok(Proof::ReadBack),
            None => Ok(Proof::SizeOnly),
            Some(false) => Err(remove_wrong(spot, item, "it has other bytes").await),
        },
    }
}

/// Reads the object and compares; None if there is nothing to compare it with.
async fn compare(spot: &Spot, content: &Content) -> Result<Option<bool>, Failure> {
    if content.sha256.is_none() && content.md5.is_none() {
        return Ok(None);
    }
    let mut stream = spot
        .objects
        .open(&spot.key, None, None)
        .await
        .map_err(|error| failure(&error))?;
    let mut hashes = Hashes::default();
    while let Some(bytes) = stream.chunk().await.map_err(|error| failure(&error))? {
        hashes.update(&bytes);
    }
    Ok(Some(is_same(&hashes.finish(), content)))
}

/// Whether bytes that were read are those that are to be.
pub(super) fn is_same(read: &Content, expected: &Content) -> bool {
    let agree = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (Some(a), Some(b)) => Some(a.eq_ignore_ascii_case(b)),
        _ => None,
    };
    if expected.size.is_some() && read.size != expected.size {
        return false;
    }
    agree(&read.sha256, &expected.sha256)
        .or_else(|| agree(&read.md5, &expected.md5))
        .unwrap_or(false)
}

/// Removes an object that is wrong, if this item made it: looked at once more, because somebody may have replaced it since.
async fn remove_wrong(spot: &Spot, item: &Item, why: &str) -> Failure {
    let words = spot.words();
    match spot.objects.info(&spot.key).await {
        Ok(info) if is_ours(&info, item) => {}
        Ok(_) => return taken_meanwhile(spot),
        Err(error) if error.class == Class::NotFound => {
            return changed(
                format!("{words} is not what was sent ({why}), and is gone already."),
                "Upload it again.",
            );
        }
        Err(error) => return not_removed(&words, why, &error),
    }
    match spot.objects.remove_one(&spot.key).await {
        Ok(_) => corrupt(
            format!("What arrived at {words} is not what was sent ({why}); it was removed again."),
            "Try again. If it happens again, something on the way to the server or its store changes bytes.",
        ),
        Err(error) => not_removed(&words, why, &error),
    }
}

fn not_removed(words: &str, why: &str, error: &Error) -> Failure {
    corrupt(
        format!("What arrived at {words} is not what was sent ({why}), and could not be removed: {error}"),
        "Delete it by hand, then upload it again.",
    )
}

/// Somebody else's object is where ours was.
pub(super) fn taken_meanwhile(spot: &Spot) -> Failure {
    changed(
        format!(
            "Another object is stored at {} by now; it was left alone.",
            spot.words()
        ),
        "Somebody else works there. Look at it, then plan anew.",
    )
}

/// Reads back what was stored and compares it with what was sent: the proof for a server that tells no hash. Limited and
/// stopped as any transfer; None if it was stopped.
///
/// # Errors
/// [`FailureKind::Corrupt`] if it has other bytes; the object was removed if this item made it.
pub async fn read_back(carry: &Carry<'_>) -> Result<Option<Proof>, Failure> {
    read_back_as(carry, &carry.item.content).await
}

pub(super) async fn read_back_as(carry: &Carry<'_>, content: &Content) -> Result<Option<Proof>, Failure> {
    let spot = Spot::to(carry)?;
    if content.sha256.is_none() && content.md5.is_none() {
        return Ok(Some(Proof::Unverified));
    }
    let reading = async {
        let mut stream = spot.objects.open(&spot.key, None, None).await?;
        let mut hashes = Hashes::default();
        while let Some(bytes) = stream.chunk().await? {
            carry.way.admit(bytes.len() as u64).await;
            hashes.update(&bytes);
        }
        Ok::<_, Error>(hashes.finish())
    };
    let read = tokio::select! {
        biased;
        () = carry.stop.cancelled() => return Ok(None),
        read = reading => read.map_err(|error| failure(&error))?,
    };
    if is_same(&read, content) {
        return Ok(Some(Proof::ReadBack));
    }
    Err(remove_wrong(&spot, carry.item, "it has other bytes").await)
}

/// Whether a failure is of the line rather than of the object.
pub(super) fn is_of_the_line(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Passing | FailureKind::Throttled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";
    const OTHER: &str = "00000000000000000000000000000000";

    #[test]
    fn an_etag_is_believed_when_it_agrees_and_asked_after_when_not() {
        let stored = |size, etag: Option<&str>| Stored {
            size,
            etag: etag.map(|etag| format!("\"{etag}\"")),
        };
        let sent = Content {
            size: Some(3),
            md5: Some(MD5.into()),
            ..Content::default()
        };
        let moved = |etag: &str| Content {
            size: Some(3),
            etag: Some(format!("\"{etag}\"")),
            ..Content::default()
        };
        let in_parts = format!("{MD5}-2");
        for (stored, content, verdict) in [
            (stored(Some(3), Some(MD5)), &sent, Verdict::Right(Proof::ServerHash)),
            (stored(None, Some(MD5)), &sent, Verdict::Right(Proof::ServerHash)),
            (stored(Some(3), Some(OTHER)), &sent, Verdict::Doubtful),
            (stored(Some(4), Some(MD5)), &sent, Verdict::Wrong),
            (stored(Some(3), Some(&in_parts)), &sent, Verdict::Right(Proof::SizeOnly)),
            (stored(Some(3), None), &sent, Verdict::Right(Proof::SizeOnly)),
            (stored(Some(3), Some("")), &sent, Verdict::Right(Proof::SizeOnly)),
            (stored(None, None), &sent, Verdict::Right(Proof::Unverified)),
            (
                stored(Some(3), Some(MD5)),
                &moved(MD5),
                Verdict::Right(Proof::ServerHash),
            ),
            (stored(Some(3), Some(OTHER)), &moved(MD5), Verdict::Doubtful),
            // Stored in parts and copied in one.
            (
                stored(Some(3), Some(MD5)),
                &moved(&in_parts),
                Verdict::Right(Proof::SizeOnly),
            ),
            (
                stored(Some(3), Some(MD5)),
                &Content::default(),
                Verdict::Right(Proof::Unverified),
            ),
        ] {
            assert_eq!(judge(&stored, content), verdict, "{stored:?} {content:?}");
        }
    }
}
