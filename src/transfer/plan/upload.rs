//! From files to a plan: what each is, which key it gets, and what is there already.

use std::collections::HashMap;
use std::fs::File;
use std::io;

use futures_util::{StreamExt as _, stream};

use super::compare::{READS, Same, compare};
use super::head::Head;
use super::request::{ITEMS_MAX, blocking, counted};
use super::there::{Stored, There};
use super::walk::{Found, Walked, What, walk};
use super::{
    Action, BadNames, FileSource, KeyTarget, Kind, Links, Place, Plan, PlanError, PlanItem, Planner, Rules, Seen, Step,
    Taken,
};
use crate::supabase::{BucketName, ObjectKey, Objects};
use crate::transfer::names::{Decoded, Severity, Twins, decode, lint, numbered, suggest};

/// Numbers tried for a free key before it is given up.
const NUMBERS: usize = 64;

/// What is to be uploaded.
#[derive(Clone, Debug)]
pub struct UploadOrder {
    /// Which files.
    pub sources: Vec<FileSource>,
    /// Into which bucket.
    pub bucket: BucketName,
    /// To which keys.
    pub target: KeyTarget,
    /// What becomes of names that are no keys.
    pub bad_names: BadNames,
    /// What becomes of what is there already with other bytes.
    pub taken: Taken,
    /// What becomes of symbolic links.
    pub links: Links,
    /// How it is carried out.
    pub rules: Rules,
}

/// A file on its way to becoming a row.
pub(super) struct Candidate {
    pub(super) found: Found,
    head: Head,
    /// The key, or why there is none.
    pub(super) key: Result<ObjectKey, String>,
    /// What its own name would have given, if it is called otherwise.
    renamed_from: Option<String>,
    pub(super) notes: Vec<String>,
}

/// All that planning an upload needs, before what is there is known.
pub(super) struct Prepared {
    pub(super) objects: Objects,
    pub(super) candidates: Vec<Candidate>,
    pub(super) unseen: Vec<super::Unseen>,
}

impl Planner<'_> {
    /// Plans an upload.
    ///
    /// # Errors
    /// If something that was named is not there, the bucket is not, or it was stopped.
    pub async fn upload(&self, order: &UploadOrder) -> Result<Plan, PlanError> {
        let mut prepared = self.prepare(order).await?;
        let there = self.there(&prepared).await?;
        let items = self.rows(order, &mut prepared, there).await?;
        let title = format!(
            "Upload {} to {}",
            counted(items.len(), "file"),
            order.target.words(order.bucket.as_str())
        );
        Ok(self.plan(Kind::Upload, title, &order.rules, items, prepared.unseen))
    }

    /// Finds files, reads their beginnings, gives them keys by their names.
    pub(super) async fn prepare(&self, order: &UploadOrder) -> Result<Prepared, PlanError> {
        let prefix = order.target.prefix();
        self.prepare_as(order, |candidate| name(candidate, order, &prefix))
            .await
    }

    /// As [`Planner::prepare`], with keys that `name` gives.
    pub(super) async fn prepare_as(
        &self,
        order: &UploadOrder,
        name: impl Fn(&mut Candidate),
    ) -> Result<Prepared, PlanError> {
        order.target.check(order.sources.len())?;
        let bucket = self.wait(self.project.buckets().get(&order.bucket)).await??;
        let walked = self.find(&order.sources, order.links).await?;
        order.target.check(walked.found.len())?;
        if walked.found.len() > ITEMS_MAX {
            return Err(PlanError::TooMany(ITEMS_MAX));
        }
        let heads = self.heads(&walked.found, &bucket).await?;
        let named = |(found, head)| {
            let mut candidate = Candidate {
                found,
                head,
                key: Err(String::new()),
                renamed_from: None,
                notes: Vec::new(),
            };
            name(&mut candidate);
            candidate
        };
        let mut candidates: Vec<Candidate> = walked.found.into_iter().zip(heads).map(named).collect();
        settle(&mut candidates, order.taken);
        Ok(Prepared {
            objects: self.project.bucket(&order.bucket),
            candidates,
            unseen: walked.unseen,
        })
    }

    pub(super) async fn find(&self, sources: &[FileSource], links: Links) -> Result<Walked, PlanError> {
        // The observer is borrowed, so it hears of what the walk does from here.
        let (tell, mut told) = tokio::sync::watch::channel(0);
        let (sources, stop) = (sources.to_vec(), self.stop.clone());
        let work = blocking(move || {
            walk(&sources, links, &stop, &|found| {
                let _ = tell.send(found);
            })
        });
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                walked = &mut work => return walked,
                // A disk that does not answer does not hold up who stops it.
                () = self.stop.cancelled() => return Err(PlanError::Stopped),
                Ok(()) = told.changed() => {
                    let found = *told.borrow_and_update();
                    self.tell(Step::Finding, found, None);
                }
            }
        }
    }

    pub(super) async fn there(&self, prepared: &Prepared) -> Result<There, PlanError> {
        let keys: Vec<&ObjectKey> = prepared.candidates.iter().filter_map(Candidate::sendable).collect();
        self.look_for(&prepared.objects, &keys).await
    }

    /// Rows from candidates and what is there.
    pub(super) async fn rows(
        &self,
        order: &UploadOrder,
        prepared: &mut Prepared,
        mut there: There,
    ) -> Result<Vec<PlanItem>, PlanError> {
        let same = self.same(prepared, &there).await?;
        if order.taken == Taken::Rename {
            self.renumber(prepared, &same, &mut there).await?;
        }
        self.go_on()?;
        let bucket = order.bucket.as_str();
        Ok(prepared
            .candidates
            .drain(..)
            .enumerate()
            .map(|(index, candidate)| row(candidate, same.get(&index).copied(), &there, bucket, order.taken))
            .collect())
    }

    /// By number of the candidate: how it compares with what is at its key. Who has nothing there is left out.
    async fn same(&self, prepared: &Prepared, there: &There) -> Result<HashMap<usize, Same>, PlanError> {
        let pairs: Vec<(usize, &Candidate, &ObjectKey, &Stored)> = prepared
            .candidates
            .iter()
            .enumerate()
            .filter_map(|(index, candidate)| {
                let key = candidate.sendable()?;
                Some((index, candidate, key, there.objects.get(key.as_str())?))
            })
            .collect();
        let count = pairs.len();
        let work = stream::iter(pairs)
            .map(|(index, candidate, key, stored)| async move {
                let What::File { size, .. } = candidate.found.what else {
                    return Ok((index, Same::No));
                };
                let path = candidate.found.path.clone();
                let opened = path.clone();
                let open = Box::new(move || Ok(Box::new(File::open(opened)?) as Box<dyn io::Read + Send>));
                let same = match compare((size, path, open), (&prepared.objects, key, stored), self.stop).await {
                    // Its own row tells of a file that cannot be read any more, when it is its turn.
                    Err(PlanError::Io { .. }) => Same::Unknown,
                    other => other?,
                };
                Ok((index, same))
            })
            .buffer_unordered(READS)
            .boxed();
        Ok(self.gather(Step::Comparing, count, work).await?.into_iter().collect())
    }

    /// Gives those whose key is taken by other bytes the first free one with a number.
    async fn renumber(
        &self,
        prepared: &mut Prepared,
        same: &HashMap<usize, Same>,
        there: &mut There,
    ) -> Result<(), PlanError> {
        let mut left: Vec<usize> = same
            .iter()
            .filter(|(_, same)| **same != Same::Yes)
            .map(|(index, _)| *index)
            .collect();
        left.sort_unstable();
        let mut own: HashMap<String, ()> = prepared
            .candidates
            .iter()
            .filter_map(|candidate| Some((candidate.key.as_ref().ok()?.to_string(), ())))
            .collect();
        // Several numbers a round, since each round is a listing.
        for round in (2..NUMBERS).step_by(8) {
            if left.is_empty() {
                break;
            }
            let tries: Vec<(usize, Vec<ObjectKey>)> = left
                .iter()
                .filter_map(|index| {
                    let key = prepared.candidates[*index].key.as_ref().ok()?;
                    let numbers = (round..round + 8).filter_map(|number| numbered_key(key, number));
                    Some((*index, numbers.collect()))
                })
                .collect();
            let all: Vec<&ObjectKey> = tries.iter().flat_map(|(_, keys)| keys).collect();
            let taken = self.look_for(&prepared.objects, &all).await?;
            left.clear();
            for (index, keys) in tries {
                let free = keys
                    .into_iter()
                    .find(|key| !taken.objects.contains_key(key.as_str()) && !own.contains_key(key.as_str()));
                let Some(free) = free else {
                    left.push(index);
                    continue;
                };
                own.insert(free.to_string(), ());
                prepared.candidates[index].rename(free, "Something else is there under that key.");
            }
        }
        // Those that moved away have nothing at their key any more.
        let keys = prepared.candidates.iter().filter_map(Candidate::sendable);
        let still: std::collections::HashSet<String> = keys.map(ToString::to_string).collect();
        there.objects.retain(|key, _| still.contains(key));
        Ok(())
    }
}

impl Candidate {
    /// The key of what can be sent.
    fn sendable(&self) -> Option<&ObjectKey> {
        let good = self.head.refused.is_none() && matches!(self.found.what, What::File { .. });
        self.key.as_ref().ok().filter(|_| good)
    }

    fn rename(&mut self, key: ObjectKey, why: &str) {
        if let Ok(before) = &self.key {
            self.renamed_from.get_or_insert_with(|| before.to_string());
        }
        self.key = Ok(key);
        self.notes.push(why.to_owned());
    }
}

pub(super) fn numbered_key(key: &ObjectKey, number: usize) -> Option<ObjectKey> {
    ObjectKey::parse(&numbered(key.as_str(), number)).ok()
}

/// A key for a file by its name, or why there is none.
fn name(candidate: &mut Candidate, order: &UploadOrder, prefix: &str) {
    let relative = candidate.found.relative.as_str();
    let whole = match &order.target {
        KeyTarget::Exact(key) => key.to_string(),
        KeyTarget::Under(_) => format!("{prefix}{relative}"),
    };
    let findings = lint(&whole);
    let worst = findings.first();
    let escapes = order.bad_names == BadNames::Escape && matches!(order.target, KeyTarget::Under(_));
    let wrong = match worst {
        Some(worst) if worst.severity() == Severity::Impossible => Some(worst.to_string()),
        // Where names are escaped, none may look like that by itself: it would be read back as another.
        _ if escapes && decode(relative) != Decoded::Exact(relative.to_owned()) => {
            Some("Its name looks like one that was escaped.".to_owned())
        }
        _ => None,
    };
    let Some(wrong) = wrong else {
        candidate.key = ObjectKey::parse(&whole).map_err(|error| format!("{error}."));
        candidate.notes.extend(worst.map(ToString::to_string));
        return;
    };
    let suggestion = match order.target {
        KeyTarget::Under(_) => suggest(prefix, relative),
        KeyTarget::Exact(_) => None,
    };
    candidate.key = match suggestion {
        Some(suggestion) if escapes => {
            candidate.renamed_from = Some(whole);
            candidate.notes.push(wrong);
            Ok(suggestion.key)
        }
        Some(suggestion) => Err(format!("{wrong} “{}” would do.", suggestion.key)),
        None => Err(wrong),
    };
}

/// Makes keys differ: of two files with one key, one goes. Twins are told to both who look.
fn settle(candidates: &mut [Candidate], taken: Taken) {
    let mut own: HashMap<String, usize> = HashMap::new();
    for (index, candidate) in candidates.iter().enumerate() {
        if let Some(key) = candidate.sendable() {
            own.entry(key.to_string()).or_insert(index);
        }
    }
    let mut twins = Twins::default();
    for index in 0..candidates.len() {
        let Some(key) = candidates[index].sendable().cloned() else {
            continue;
        };
        let first = own.get(key.as_str()).copied().unwrap_or(index);
        if first != index {
            let free = (2..NUMBERS)
                .filter_map(|number| numbered_key(&key, number))
                .find(|key| !own.contains_key(key.as_str()))
                .filter(|_| taken == Taken::Rename);
            let other = candidates[first].found.path.display().to_string();
            match free {
                Some(free) => {
                    own.insert(free.to_string(), index);
                    candidates[index].rename(free, &format!("{other} has that key already."));
                }
                None => candidates[index].key = Err(format!("{other} of this plan has the key {key} already.")),
            }
        }
        if let Some(key) = candidates[index].sendable().cloned()
            && let Some(twin) = twins.add(key.as_str(), false)
        {
            candidates[index].notes.push(twin.to_string());
        }
    }
}

fn row(candidate: Candidate, same: Option<Same>, there: &There, bucket: &str, taken: Taken) -> PlanItem {
    let Candidate {
        found,
        head,
        key,
        renamed_from,
        mut notes,
    } = candidate;
    let (size, modified) = match found.what {
        What::File { size, modified } => (Some(size), modified),
        What::Refused(_) | What::Manifest => (None, None),
    };
    let mut item = PlanItem {
        from: Place::file(found.path),
        to: key.as_ref().ok().map(|key| Place::object(bucket, key.as_str())),
        action: Action::Refuse,
        why: String::new(),
        media_type: head.media_type,
        size,
        dimensions: head.dimensions,
        seen: Seen {
            size,
            modified,
            etag: None,
        },
        replaces: None,
        renamed_from,
    };
    let refused = match found.what {
        What::Refused(why) => Some(why),
        What::Manifest => {
            item.action = Action::Skip;
            item.why = "It tells which files are which objects, and is none itself.".to_owned();
            return item;
        }
        What::File { .. } => head.refused.or_else(|| key.as_ref().err().cloned()),
    };
    if let Some(why) = refused {
        item.why = why;
        return item;
    }
    let key = key.map(|key| key.to_string()).unwrap_or_default();
    let stored = there.objects.get(&key);
    item.replaces = stored.map(Stored::seen);
    item.action = match (stored, same.unwrap_or(Same::Unknown), taken) {
        (None, ..) if item.renamed_from.is_some() => Action::Rename,
        (None, ..) => Action::New,
        (Some(_), Same::Yes, _) => Action::Identical,
        (Some(_), how, taken) => {
            notes.insert(0, different(how).to_owned());
            if taken == Taken::Replace {
                Action::Replace
            } else {
                Action::Refuse
            }
        }
    };
    if stored.is_none() {
        notes.extend(there.twin(&key).map(|twin| twin.to_string()));
    }
    item.why = notes.join(" ");
    item
}

/// What there is to say of an object that is in the way.
fn different(how: Same) -> &'static str {
    match how {
        Same::Unknown => "Something of the same size is there, and the server tells no hash of it.",
        _ => "Something else is there.",
    }
}
