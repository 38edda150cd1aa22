//! Buckets that are emptied for good, or deleted with everything in them. Whatever is listed goes, and is listed again until
//! there is nothing: what the server says that it did is not believed, and what arrives meanwhile goes too. There is nothing
//! to be kept of it: begun again, it goes on with what is left.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::failure::{failure, refused};
use super::target::malformed;
use super::{Carried, Carry};
use crate::media::group_thousands;
use crate::supabase::{BucketName, Class, Entry, Error, ObjectKey, Objects};
use crate::transfer::job::{Content, Failure, Proof};
use crate::transfer::plan::{Kind, Place};

/// Objects that are deleted by one request.
const TOGETHER: usize = 500;
/// Requests on their way at once.
const AT_ONCE: usize = 4;
/// How often the whole bucket is listed. What still comes then is put there by somebody who does not stop.
const PASSES: usize = 50;
/// So many of what cannot be deleted are named.
const NAMED: usize = 3;

/// Empties a bucket, and deletes it where the job is to.
///
/// # Errors
/// As [`Failure::kind`](crate::transfer::FailureKind) says; what is gone by then is gone.
pub async fn empty(carry: &Carry<'_>) -> Result<Carried, Failure> {
    tokio::select! {
        biased;
        () = carry.stop.cancelled() => Ok(Carried::Stopped),
        end = carry_out(carry) => end,
    }
}

async fn carry_out(carry: &Carry<'_>) -> Result<Carried, Failure> {
    let Place::Bucket { bucket } = &carry.item.plan.from else {
        return Err(malformed("something else stands where a bucket is to be"));
    };
    let bucket = BucketName::parse(bucket).map_err(|error| malformed(&error.to_string()))?;
    let mut emptying = Emptying {
        carry,
        objects: carry.project.bucket(&bucket),
        gone: 0,
    };
    for _ in 0..PASSES {
        match emptying.until_nothing_is_listed().await {
            Ok(()) => {}
            // Another window or an earlier attempt has deleted the bucket.
            Err(Stop::NoBucket(_)) if carry.kind == Kind::DeleteBucket => return Ok(done(carry)),
            Err(Stop::NoBucket(failed) | Stop::Failed(failed)) => return Err(failed),
        }
        if carry.kind == Kind::Empty {
            return Ok(done(carry));
        }
        let buckets = carry.project.buckets();
        match buckets.delete(&bucket).await {
            Ok(()) => {}
            Err(error) if error.class == Class::BucketNotFound => {}
            Err(error) if error.class == Class::NotEmpty && emptying.sees_something().await? => continue,
            Err(error) if error.class == Class::NotEmpty => {
                return Err(refused(
                    format!(
                        "{bucket} was not deleted: the server says that it is not empty, and this key sees nothing in it."
                    ),
                    "A policy hides what is left. Sign in with other rights or use the service key.",
                ));
            }
            Err(error) => return Err(failure(&error)),
        }
        return match buckets.get(&bucket).await {
            Err(error) if error.class == Class::BucketNotFound => Ok(done(carry)),
            Err(error) => Err(failure(&error)),
            Ok(_) => Err(refused(
                format!("The server says that {bucket} was deleted, and it is there."),
                "Somebody may have made it anew. List the buckets to see.",
            )),
        };
    }
    Err(endless(&bucket))
}

/// Why it does not go on.
enum Stop {
    NoBucket(Failure),
    Failed(Failure),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error.class {
            Class::BucketNotFound => Self::NoBucket(failure(&error)),
            _ => Self::Failed(failure(&error)),
        }
    }
}

/// What one listing of the whole bucket came to.
#[derive(Default)]
struct Pass {
    listed: u64,
    removed: u64,
    /// What is there and does not go, as far as this pass knows.
    left: Vec<String>,
    /// The first trouble.
    trouble: Option<Stop>,
}

struct Emptying<'a, 'c> {
    carry: &'a Carry<'c>,
    objects: Objects,
    /// Bytes.
    gone: u64,
}

impl Emptying<'_, '_> {
    async fn until_nothing_is_listed(&mut self) -> Result<(), Stop> {
        for _ in 0..PASSES {
            let pass = self.pass().await;
            match pass.trouble {
                // While it moves on, trouble with one request is none of the whole.
                Some(trouble @ Stop::Failed(_)) if pass.removed == 0 => return Err(trouble),
                Some(trouble @ Stop::NoBucket(_)) => return Err(trouble),
                Some(Stop::Failed(_)) => {}
                None if pass.listed == 0 => return Ok(()),
                None if pass.removed == 0 => return Err(Stop::Failed(hidden(self.objects.bucket(), &pass))),
                None => {}
            }
        }
        Err(Stop::Failed(endless(self.objects.bucket())))
    }

    /// Lists the bucket to its end, and deletes what is listed on the way.
    async fn pass(&mut self) -> Pass {
        let mut pass = Pass::default();
        let mut listing = self.objects.list("");
        let mut under_way = FuturesUnordered::new();
        loop {
            let page = match listing.next().await {
                Ok(Some(page)) => page,
                Ok(None) => break,
                Err(error) => {
                    pass.trouble = Some(error.into());
                    break;
                }
            };
            pass.listed += page.entries.len() as u64;
            for entries in page.entries.chunks(TOGETHER) {
                while under_way.len() >= AT_ONCE
                    && let Some(removed) = under_way.next().await
                {
                    self.take(&mut pass, removed);
                }
                under_way.push(remove(self.objects.clone(), entries.to_vec()));
            }
            if pass.trouble.is_some() {
                break;
            }
        }
        while let Some(removed) = under_way.next().await {
            self.take(&mut pass, removed);
        }
        pass
    }

    fn take(&mut self, pass: &mut Pass, removed: Removed) {
        pass.removed += removed.objects;
        self.gone += removed.bytes;
        self.carry.way.arrived(self.gone);
        pass.left.extend(removed.left);
        if pass.trouble.is_none() {
            pass.trouble = removed.error.map(Stop::from);
        }
    }

    async fn sees_something(&self) -> Result<bool, Failure> {
        let page = self.objects.list("").next().await.map_err(|error| failure(&error))?;
        Ok(page.is_some_and(|page| !page.entries.is_empty()))
    }
}

/// What became of some objects.
struct Removed {
    objects: u64,
    bytes: u64,
    left: Vec<String>,
    error: Option<Error>,
}

async fn remove(objects: Objects, entries: Vec<Entry>) -> Removed {
    let mut removed = Removed {
        objects: 0,
        bytes: 0,
        left: Vec::new(),
        error: None,
    };
    let mut keys = Vec::with_capacity(entries.len());
    let mut sizes = HashMap::with_capacity(entries.len());
    for entry in entries {
        match ObjectKey::parse(&entry.key) {
            Ok(key) => {
                sizes.insert(key.clone(), entry.size.unwrap_or(0));
                keys.push(key);
            }
            Err(_) => removed.left.push(entry.key),
        }
    }
    match objects.remove(&keys).await {
        Ok(removal) => {
            removed.objects = removal.removed.len() as u64;
            removed.bytes = removal.removed.iter().filter_map(|key| sizes.get(key)).sum();
            removed.left.extend(removal.missing.iter().map(ToString::to_string));
            removed.error = removal.failed.map(|failed| failed.error);
        }
        Err(error) => removed.error = Some(error),
    }
    removed
}

fn done(carry: &Carry<'_>) -> Carried {
    let content = Content {
        size: carry.item.plan.size,
        ..Content::default()
    };
    Carried::Landed(content, Some(Proof::ReadBack))
}

/// The server lists them and does not delete them.
fn hidden(bucket: &BucketName, pass: &Pass) -> Failure {
    let mut left: Vec<&str> = pass.left.iter().map(String::as_str).collect();
    left.sort_unstable();
    let named = left.iter().take(NAMED).map(|key| format!("“{}”", key.escape_debug()));
    let named: Vec<String> = named.collect();
    let more = left.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(" and {} more", group_thousands(more as u64))
    } else {
        String::new()
    };
    let (what, verb) = match pass.listed {
        1 => ("object".to_owned(), "was"),
        many => (format!("{} objects", group_thousands(many)), "were"),
    };
    let count = if pass.listed == 1 { "1 " } else { "" };
    refused(
        format!(
            "{count}{what} of {bucket} {verb} not deleted: a policy hides them from this key when it deletes, or their names \
             cannot be asked for: {}{more}. Everything else in it is gone.",
            named.join(", ")
        ),
        "Sign in with other rights or use the service key, or ask an admin for a policy that lets you delete.",
    )
}

fn endless(bucket: &BucketName) -> Failure {
    refused(
        format!("Somebody keeps storing objects in {bucket} while it is emptied."),
        "Stop whoever does that, then try again.",
    )
}
