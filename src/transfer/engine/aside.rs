//! Records of what can be taken back of a job: what goes to the trash, what is replaced, what gets another key. They are on
//! disk before the request, and say that it was made when that is known; else whoever uses one looks first.

use jiff::{SignedDuration, Timestamp};

use crate::journal::{EditRecord, Journal, JournalError, Successor, TrashKind, TrashRecord, TrashState};
use crate::supabase::ObjectKey;
use crate::transfer::carry::{Aside, Edits};
use crate::transfer::job::{Content, Item};
use crate::transfer::plan::{Kind, Place};

/// The record of an object that is about to go to the trash, or a copy of it.
pub(super) fn of_trash(item: &Item, kind: Kind, aside: &Aside, days: u32) -> TrashRecord {
    let successor = match (aside.replaced, kind) {
        (false, _) => Successor::default(),
        (true, Kind::Upload) => Successor {
            mark: Some(item.mark.to_string()),
            etag: None,
        },
        (true, _) => Successor {
            mark: None,
            etag: item.plan.seen.etag.clone(),
        },
    };
    let (bucket, kept_key) = (aside.bucket.to_string(), aside.trash.to_string());
    TrashRecord {
        kind: if aside.replaced {
            TrashKind::Replaced
        } else {
            TrashKind::Deleted
        },
        size: aside.size,
        etag: aside.etag.clone(),
        successor,
        ..bare(item, days, (bucket.clone(), aside.key.to_string()), (bucket, kept_key))
    }
}

/// The record of a move that is about to be made, if the item is one.
pub(super) fn of_move(item: &Item, kind: Kind, days: u32) -> Option<TrashRecord> {
    let (Kind::Move, Some(to)) = (kind, &item.plan.to) else {
        return None;
    };
    let (from, to) = (object(&item.plan.from)?, object(to)?);
    Some(TrashRecord {
        size: item.plan.seen.size.or(item.plan.size),
        etag: item.plan.seen.etag.clone(),
        ..bare(item, days, from, to)
    })
}

/// The record of an edit that is about to be made.
pub(super) fn of_edit(item: &Item, edits: &Edits, days: u32) -> TrashRecord {
    let at = (edits.bucket.to_string(), edits.key.to_string());
    TrashRecord {
        kind: TrashKind::Edited,
        size: edits.size,
        etag: edits.etag.clone(),
        edit: Some(EditRecord {
            before: edits.before.clone(),
            after: edits.after.clone(),
        }),
        ..bare(item, days, at.clone(), at)
    }
}

/// Notes that an item's object is where its record says, if it is known by which ETag it is found there again.
pub(super) async fn done(
    journal: &Journal,
    item: &Item,
    kind: Kind,
    aside: Option<&Aside>,
    content: &Content,
) -> Result<(), JournalError> {
    let places = match (kind, aside, &item.plan.to) {
        (Kind::Delete, Some(aside), _) if !aside.replaced => Some(of_aside(aside)),
        // What lies in the trash is the source; what arrived is another workspace's.
        (Kind::Move, Some(aside), Some(Place::Elsewhere { .. })) => {
            let (from, kept) = of_aside(aside);
            let etag = aside.etag.clone().filter(|etag| is_md5(etag));
            return match etag {
                Some(etag) => journal.trash_end(item.job.to_string(), from, kept, etag).await,
                None => Ok(()),
            };
        }
        (Kind::Move, _, Some(to)) => object(&item.plan.from).zip(object(to)),
        (Kind::Edit, ..) => object(&item.plan.from).map(|at| (at.clone(), at)),
        _ => None,
    };
    // The ETag of what was stored in parts may be another one in another place.
    let etag = content.etag.as_ref().filter(|etag| kind == Kind::Edit || is_md5(etag));
    match places.zip(etag) {
        Some(((from, kept), etag)) => journal.trash_end(item.job.to_string(), from, kept, etag.clone()).await,
        None => Ok(()),
    }
}

fn bare(item: &Item, days: u32, from: (String, String), to: (String, String)) -> TrashRecord {
    let now = Timestamp::now();
    let for_days = SignedDuration::from_hours(i64::from(days) * 24);
    TrashRecord {
        id: 0,
        job: item.job.to_string(),
        kind: TrashKind::Moved,
        state: TrashState::Sending,
        bucket: from.0,
        key: from.1,
        kept_bucket: to.0,
        kept_key: to.1,
        size: None,
        etag: None,
        kept_etag: None,
        successor: Successor::default(),
        edit: None,
        made_at: now,
        due_at: now.checked_add(for_days).unwrap_or(Timestamp::MAX),
    }
}

type At = (String, String);

/// Where what went to the trash was, and where it is.
fn of_aside(aside: &Aside) -> (At, At) {
    let at = |key: &ObjectKey| (aside.bucket.to_string(), key.to_string());
    (at(&aside.key), at(&aside.trash))
}

fn object(place: &Place) -> Option<(String, String)> {
    match place {
        Place::Object { bucket, key } => Some((bucket.clone(), key.clone())),
        Place::File { .. } | Place::Elsewhere { .. } | Place::Bucket { .. } => None,
    }
}

fn is_md5(etag: &str) -> bool {
    let bare = etag.trim_matches('"');
    bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit())
}
