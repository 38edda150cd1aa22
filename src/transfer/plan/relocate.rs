//! Objects that move, are copied or go, planned: keys, folders and patterns to one key or below a folder.

use std::collections::{HashMap, HashSet};

use super::compare::md5_of;
use super::keys::{Hit, reachable};
use super::request::counted;
use super::there::{Stored, There};
use super::upload::numbered_key;
use super::{
    Action, BadNames, KeySource, KeyTarget, Kind, Other, Place, Plan, PlanError, PlanItem, Planner, Rules, Taken,
};
use crate::supabase::{Bucket, BucketName, ObjectKey, Objects};
use crate::transfer::names::{Severity, lint, suggest};
use crate::transfer::trash::TRASH_PREFIX;

/// Numbers tried for a free key before it is given up.
const NUMBERS: usize = 64;

/// What is to be moved or copied.
#[derive(Clone, Debug)]
pub struct RelocateOrder {
    /// Whether the objects stay where they are too.
    pub copy: bool,
    /// Which objects.
    pub sources: Vec<KeySource>,
    /// Of which bucket.
    pub bucket: BucketName,
    /// Into which bucket; it may be the same.
    pub to_bucket: BucketName,
    /// To which keys.
    pub target: KeyTarget,
    /// What becomes of keys that could not be made anew.
    pub bad_names: BadNames,
    /// What becomes of what is there already.
    pub taken: Taken,
    /// How it is carried out.
    pub rules: Rules,
}

/// What is to be deleted.
#[derive(Clone, Debug)]
pub struct DeleteOrder {
    /// Which objects.
    pub sources: Vec<KeySource>,
    /// Of which bucket.
    pub bucket: BucketName,
    /// How it is carried out; [`Rules::keep_trash`] says whether it can be taken back.
    pub rules: Rules,
}

impl Planner<'_> {
    /// Plans a move, a renaming or a copy.
    ///
    /// # Errors
    /// If nothing was found of something that was named, a bucket is not there, a folder would be moved into itself, or it
    /// was stopped.
    pub async fn relocate(&self, order: &RelocateOrder) -> Result<Plan, PlanError> {
        self.relocate_between(order, None).await
    }

    /// As [`Planner::relocate`], into a bucket of another workspace. Nothing is replaced there.
    ///
    /// # Errors
    /// As [`Planner::relocate`], of either of the two; if the order is to replace.
    pub async fn relocate_into(&self, other: Other<'_>, order: &RelocateOrder) -> Result<Plan, PlanError> {
        if order.taken == Taken::Replace {
            return Err(PlanError::ReplacesElsewhere);
        }
        self.relocate_between(order, Some(other)).await
    }

    async fn relocate_between(&self, order: &RelocateOrder, other: Option<Other<'_>>) -> Result<Plan, PlanError> {
        order.target.check(order.sources.len())?;
        let same_bucket = other.is_none() && order.bucket == order.to_bucket;
        let prefix = order.target.prefix();
        if !order.copy && same_bucket {
            into_itself(&order.sources, &prefix, &order.target)?;
        }
        let (_, objects) = self.bucket(&order.bucket).await?;
        let there = Planner {
            project: other.map_or(self.project, |other| other.project),
            ..*self
        };
        let (there_facts, there_objects) = there.bucket(&order.to_bucket).await?;
        let hits = self.hits(&objects, &order.sources).await?;
        order.target.check(hits.len())?;
        let mut moves: Vec<Move> = hits.into_iter().map(|hit| aim(hit, order, &prefix)).collect();
        settle(&mut moves, order, same_bucket, &there_facts);
        let wanted: Vec<&ObjectKey> = moves.iter().filter_map(|one| one.to.as_ref().ok()).collect();
        let mut there = self.look_for(&there_objects, &wanted).await?;
        if order.taken == Taken::Rename {
            self.make_room(&there_objects, &mut moves, &mut there).await?;
        }
        if same_bucket {
            untangle(&mut moves);
        }
        self.go_on()?;
        let to_bucket = order.to_bucket.as_str();
        let place = |key: &ObjectKey| match other {
            None => Place::object(to_bucket, key.as_str()),
            Some(other) => Place::Elsewhere {
                workspace: other.workspace.clone(),
                bucket: to_bucket.to_owned(),
                key: key.to_string(),
            },
        };
        let items: Vec<PlanItem> = moves.into_iter().map(|one| row(one, order, &there, &place)).collect();
        let (verb, kind) = if order.copy {
            ("Copy", Kind::Copy)
        } else {
            ("Move", Kind::Move)
        };
        let title = format!(
            "{verb} {} of {} to {}",
            counted(items.len(), "object"),
            order.bucket,
            match other {
                None => order.target.words(order.to_bucket.as_str()),
                Some(other) => format!("{} of “{}”", order.target.words(order.to_bucket.as_str()), other.name),
            }
        );
        let rules = Rules {
            elsewhere: other.map(|other| other.of_plan()),
            ..order.rules.clone()
        };
        Ok(self.plan(kind, title, &rules, items, Vec::new()))
    }

    /// Plans a deletion.
    ///
    /// # Errors
    /// If nothing was found of something that was named, the bucket is not there, or it was stopped.
    pub async fn delete(&self, order: &DeleteOrder) -> Result<Plan, PlanError> {
        let (_, objects) = self.bucket(&order.bucket).await?;
        let hits = self.hits(&objects, &order.sources).await?;
        let bucket = order.bucket.as_str();
        let items: Vec<PlanItem> = hits
            .into_iter()
            .map(|hit| deletion(bucket, &hit.key, &hit.stored, order.rules.keep_trash, ""))
            .collect();
        let how = if order.rules.keep_trash { "" } else { " for good" };
        let title = format!("Delete {} of {bucket}{how}", counted(items.len(), "object"));
        Ok(self.plan(Kind::Delete, title, &order.rules, items, Vec::new()))
    }

    /// Gives those whose key is taken the first free one with a number.
    async fn make_room(&self, objects: &Objects, moves: &mut [Move], there: &mut There) -> Result<(), PlanError> {
        let mut own: HashSet<String> = moves
            .iter()
            .filter_map(|one| Some(one.to.as_ref().ok()?.to_string()))
            .collect();
        let is_taken = |one: &Move, there: &There| {
            one.to
                .as_ref()
                .is_ok_and(|to| there.objects.contains_key(to.as_str()) && !one.is_at_home)
        };
        let mut left: Vec<usize> = (0..moves.len())
            .filter(|index| is_taken(&moves[*index], there))
            .collect();
        for round in (2..NUMBERS).step_by(8) {
            if left.is_empty() {
                break;
            }
            let tries: Vec<(usize, Vec<ObjectKey>)> = left
                .drain(..)
                .filter_map(|index| {
                    let to = moves[index].to.as_ref().ok()?;
                    Some((
                        index,
                        (round..round + 8)
                            .filter_map(|number| numbered_key(to, number))
                            .collect(),
                    ))
                })
                .collect();
            let all: Vec<&ObjectKey> = tries.iter().flat_map(|(_, keys)| keys).collect();
            let found = self.look_for(objects, &all).await?;
            for (index, keys) in tries {
                let free = keys
                    .into_iter()
                    .find(|key| !found.objects.contains_key(key.as_str()) && !own.contains(key.as_str()));
                match free {
                    Some(free) => {
                        own.insert(free.to_string());
                        moves[index].rename(free, "Something else is there under that key.");
                    }
                    None => left.push(index),
                }
            }
        }
        Ok(())
    }
}

/// An object and where it is to go.
struct Move {
    hit: Hit,
    /// The key, or why there is none.
    to: Result<ObjectKey, String>,
    /// It is there already.
    is_at_home: bool,
    renamed_from: Option<String>,
    note: String,
}

impl Move {
    fn rename(&mut self, key: ObjectKey, why: &str) {
        if let Ok(before) = &self.to {
            self.renamed_from.get_or_insert_with(|| before.to_string());
        }
        self.to = Ok(key);
        why.clone_into(&mut self.note);
    }
}

/// A folder of which a part would be moved again by the same plan.
fn into_itself(sources: &[KeySource], prefix: &str, target: &KeyTarget) -> Result<(), PlanError> {
    if !matches!(target, KeyTarget::Under(_)) {
        return Ok(());
    }
    for source in sources {
        let (KeySource::Folder(text) | KeySource::Inside(text)) = source else {
            continue;
        };
        let folder = format!("{}/", text.trim_end_matches('/'));
        let whole_bucket = text.is_empty();
        let inside = whole_bucket || prefix.starts_with(&folder);
        // The contents of a folder into the same folder: nothing would happen, and each row says so.
        let same = matches!(source, KeySource::Inside(_)) && (prefix == folder || (whole_bucket && prefix.is_empty()));
        if inside && !same {
            return Err(PlanError::IntoItself(if whole_bucket {
                "the bucket".to_owned()
            } else {
                folder
            }));
        }
    }
    Ok(())
}

fn aim(hit: Hit, order: &RelocateOrder, prefix: &str) -> Move {
    let mut one = Move {
        to: Err(String::new()),
        is_at_home: false,
        renamed_from: None,
        note: String::new(),
        hit,
    };
    if let Err(why) = one.hit.reachable() {
        one.to = Err(why);
        return one;
    }
    let whole = match &order.target {
        KeyTarget::Exact(key) => key.to_string(),
        KeyTarget::Under(_) => format!("{prefix}{}", one.hit.relative),
    };
    let findings = lint(&whole);
    let worst = findings.first();
    let impossible = worst.is_some_and(|finding| finding.severity() == Severity::Impossible);
    one.to = match (worst, impossible, &order.target) {
        (Some(worst), true, KeyTarget::Under(_)) => match suggest(prefix, &one.hit.relative) {
            Some(suggestion) if order.bad_names == BadNames::Escape => {
                one.renamed_from = Some(whole);
                one.note = worst.to_string();
                Ok(suggestion.key)
            }
            Some(suggestion) => Err(format!("{worst} “{}” would do.", suggestion.key)),
            None => Err(worst.to_string()),
        },
        (Some(worst), true, KeyTarget::Exact(_)) => Err(worst.to_string()),
        (worst, ..) => {
            one.note = worst.map(ToString::to_string).unwrap_or_default();
            reachable(&whole)
        }
    };
    one
}

/// What can be told without asking: two of them to one key, one that is where it is to go, one that the bucket refuses.
fn settle(moves: &mut [Move], order: &RelocateOrder, same_bucket: bool, bucket: &Bucket) {
    let mut own: HashMap<String, String> = HashMap::new();
    // What is where it is to go stays there, whatever else would go there.
    for one in moves.iter_mut() {
        if let Ok(to) = &one.to {
            one.is_at_home = same_bucket && to.as_str() == one.hit.key;
            if one.is_at_home {
                own.insert(to.to_string(), one.hit.key.clone());
            }
        }
    }
    for one in moves.iter_mut().filter(|one| !one.is_at_home) {
        let Ok(to) = one.to.clone() else {
            continue;
        };
        if let Some(other) = own.get(to.as_str()).cloned() {
            let free = (2..NUMBERS)
                .filter_map(|number| numbered_key(&to, number))
                .find(|key| !own.contains_key(key.as_str()))
                .filter(|_| order.taken == Taken::Rename);
            match free {
                Some(free) => {
                    own.insert(free.to_string(), one.hit.key.clone());
                    one.rename(free, &format!("“{other}” is to be at that key."));
                }
                None => {
                    one.to = Err(format!("“{other}” of this plan is to be at {to} too."));
                    continue;
                }
            }
        } else {
            own.insert(to.to_string(), one.hit.key.clone());
        }
        if !same_bucket && let Err((_, why)) = bucket.takes(one.hit.stored.content_type.as_deref(), one.hit.stored.size)
        {
            one.to = Err(format!("{why}."));
        }
    }
}

/// Items are carried out in no order. One whose target is another one's source would find there what depends on who came
/// first: it is refused, and can be done by a plan of its own afterwards.
fn untangle(moves: &mut [Move]) {
    let sources: HashSet<String> = moves
        .iter()
        .filter(|one| one.to.is_ok() && !one.is_at_home)
        .map(|one| one.hit.key.clone())
        .collect();
    for one in moves {
        if let Ok(to) = &one.to
            && !one.is_at_home
            && sources.contains(to.as_str())
        {
            one.to = Err(format!(
                "{to} is moved or copied by this plan too, and which of them would come first is not certain; do this \
                 one afterwards."
            ));
        }
    }
}

fn row(one: Move, order: &RelocateOrder, there: &There, place: &dyn Fn(&ObjectKey) -> Place) -> PlanItem {
    let mut item = PlanItem {
        from: Place::object(order.bucket.as_str(), one.hit.key),
        to: None,
        action: Action::Refuse,
        why: String::new(),
        media_type: one.hit.stored.content_type.clone(),
        size: one.hit.stored.size,
        dimensions: None,
        seen: one.hit.stored.seen(),
        replaces: None,
        renamed_from: one.renamed_from,
    };
    let to = match one.to {
        Ok(to) => to,
        Err(why) => {
            item.why = why;
            return item;
        }
    };
    item.to = Some(place(&to));
    if one.is_at_home {
        item.action = Action::Identical;
        item.why = "It is there already.".to_owned();
        return item;
    }
    let stored = there.objects.get(to.as_str());
    item.replaces = stored.map(Stored::seen);
    let twin = there.twin(to.as_str()).map(|twin| twin.to_string());
    let mut notes = vec![one.note];
    item.action = match stored {
        None if item.renamed_from.is_some() => Action::Rename,
        None => Action::New,
        // A move has to end with nothing at the source, so the same bytes at the target do not make it done.
        Some(stored) if order.copy && same_bytes(stored, &one.hit.stored) => Action::Identical,
        Some(_) => {
            notes.insert(0, "Something is there already.".to_owned());
            if order.taken == Taken::Replace {
                Action::Replace
            } else {
                Action::Refuse
            }
        }
    };
    notes.extend(twin.filter(|_| stored.is_none()));
    notes.retain(|note| !note.is_empty());
    item.why = notes.join(" ");
    item
}

/// Whether two objects have the same bytes for certain: equal hashes, not only equal words of the server.
fn same_bytes(one: &Stored, other: &Stored) -> bool {
    let hash = |stored: &Stored| stored.etag.as_deref().and_then(md5_of);
    one.size.is_some() && one.size == other.size && hash(one).is_some() && hash(one) == hash(other)
}

/// The row of an object that goes.
pub(super) fn deletion(bucket: &str, key: &str, stored: &Stored, keep_trash: bool, why: &str) -> PlanItem {
    let refused = match reachable(key) {
        Err(why) => Some(why),
        Ok(_) if keep_trash && key.starts_with(TRASH_PREFIX) => {
            Some("It is in the trash already; it can only be deleted for good.".to_owned())
        }
        Ok(_) => None,
    };
    PlanItem {
        from: Place::object(bucket, key),
        to: None,
        action: if refused.is_some() { Action::Refuse } else { Action::New },
        why: refused.unwrap_or_else(|| why.to_owned()),
        media_type: stored.content_type.clone(),
        size: stored.size,
        dimensions: None,
        seen: stored.seen(),
        replaces: None,
        renamed_from: None,
    }
}
