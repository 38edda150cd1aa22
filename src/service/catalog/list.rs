//! A bucket listed whole, from its beginning or from where an earlier listing broke off.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::super::Problem;
use super::Indexing;
use super::tend::Tending;
use crate::catalog::{Builder, CatalogError, Generation, Turn, Unfinished};
use crate::supabase::{BucketName, Class, Error, ListApi, Listing};

/// How often whoever shows a bucket is told of a newer index, at most.
const TELL: Duration = Duration::from_millis(100);
/// The larger the bucket, the more rarely: everything that is shown of it is found out anew each time.
const TELL_PER_OBJECT: Duration = Duration::from_micros(2);
/// A listing that broke off is gone on with if it began no longer ago: its first rows are as old.
const GO_ON: SignedDuration = SignedDuration::from_hours(1);

/// How it ended.
pub(super) enum Outcome {
    /// Everything was listed.
    Done,
    /// Something was in the way, and that was told.
    Failed,
    /// The workspace is not open any more.
    Closed,
}

/// What is kept of a listing while it is under way.
struct Keeping {
    generation: Generation,
    /// Whoever has it keeps what is listed.
    turn: Option<Turn>,
}

/// Lists a bucket.
pub(super) async fn list(tending: &Tending, unfinished: Option<Unfinished>) -> Outcome {
    let Some(project) = tending.inner.upgrade().map(|inner| inner.supabase.clone()) else {
        return Outcome::Closed;
    };
    let objects = project.bucket(&tending.bucket);
    let base = tending.index();
    let now = Timestamp::now();
    let mut keeping = Keeping {
        generation: Generation::new(now),
        turn: turn(tending).await,
    };
    let is_young = |unfinished: &Unfinished| now.duration_since(unfinished.generation.begun_at()) < GO_ON;
    let unfinished = unfinished.filter(is_young).filter(|_| keeping.turn.is_some());
    let mut builder = Builder::new(tending.bucket.clone(), base.clone());
    let mut listing = objects.list("");
    let mut goes_on = None;
    if let Some(unfinished) = unfinished {
        builder = Builder::go_on(tending.bucket.clone(), base.clone(), &unfinished.listed);
        listing = objects.list_after("", unfinished.cursor);
        keeping.generation = unfinished.generation;
        goes_on = Some(unfinished.generation);
    }
    tending.tell(state(&builder));
    let mut told: Option<Instant> = None;
    loop {
        match listing.next().await {
            Ok(Some(page)) => {
                goes_on = None;
                builder.page(page.entries, page.api == ListApi::V1);
            }
            Ok(None) => break,
            Err(error) if goes_on.is_some() && is_refused(&error) => {
                tracing::info!("{} is listed from the beginning: {error}", tending.bucket);
                forget(tending, goes_on.take()).await;
                keeping.generation = Generation::new(Timestamp::now());
                builder = Builder::new(tending.bucket.clone(), base.clone());
                listing = objects.list("");
                continue;
            }
            Err(error) => {
                if error.class == Class::BucketNotFound {
                    gone(tending).await;
                } else if builder.listed() > 0 {
                    show(tending, &builder);
                }
                tending.fail(Problem::from(error));
                return Outcome::Failed;
            }
        }
        if tending.inner.strong_count() == 0 {
            return Outcome::Closed;
        }
        keep(tending, &mut builder, &listing, &mut keeping).await;
        let pause =
            TELL + TELL_PER_OBJECT * u32::try_from(builder.expected().unwrap_or(builder.listed())).unwrap_or(u32::MAX);
        if told.is_none_or(|told| told.elapsed() >= pause) {
            show(tending, &builder);
            tending.tell(state(&builder));
            told = Some(Instant::now());
        }
    }
    finish(tending, builder, keeping).await
}

async fn finish(tending: &Tending, builder: Builder, keeping: Keeping) -> Outcome {
    let at = Timestamp::now();
    let version = tending.next_version();
    let store = tending.store.clone();
    let generation = keeping.generation;
    let finished = builder.finish(version, at);
    tending.put(finished.index.clone(), None);
    tending.announce();
    tending.warm();
    if let Some(store) = store {
        let kept = store.run(move |store| {
            let scan = finished.index.scan(at);
            store
                .finish(generation, &finished, &scan)
                .map(|kept| (kept, finished.index))
        });
        match kept.await {
            Ok((true, index)) => tending.put(index, Some(generation)),
            Ok((false, _)) => {}
            Err(error) => tracing::warn!("the list of objects of {} is not kept: {error}", tending.bucket),
        }
    }
    // The turn ends when all is kept.
    drop(keeping.turn);
    tending.tell(Indexing::Idle { at: Some(at) });
    Outcome::Done
}

fn state(builder: &Builder) -> Indexing {
    Indexing::Listing {
        listed: builder.listed(),
        expected: builder.expected(),
    }
}

fn show(tending: &Tending, builder: &Builder) {
    let version = tending.next_version();
    // What is shown is of two listings: none on disk.
    tending.put(builder.snapshot(version), None);
}

/// Keeps what was listed since, if it can be gone on with from there.
async fn keep(tending: &Tending, builder: &mut Builder, listing: &Listing, keeping: &mut Keeping) {
    if keeping.turn.is_none() {
        return;
    }
    let Some(cursor) = listing.cursor().map(str::to_owned) else {
        return;
    };
    let (Some(store), Some(closed)) = (tending.store.clone(), builder.closed()) else {
        return;
    };
    let (bucket, generation, listed) = (tending.bucket.clone(), keeping.generation, builder.rows());
    let kept = store
        .run(move |store| store.keep(&bucket, generation, &closed, listed, &cursor))
        .await;
    if let Err(error) = kept {
        // It is tried once more when everything is listed.
        tracing::warn!("the listing of {} is not kept: {error}", tending.bucket);
        builder.nothing_kept();
        keeping.turn = None;
    }
}

async fn turn(tending: &Tending) -> Option<Turn> {
    let (store, bucket) = (tending.store.clone()?, tending.bucket.clone());
    store.run(move |store| store.turn(&bucket)).await.ok()?
}

async fn forget(tending: &Tending, generation: Option<Generation>) {
    let (Some(store), Some(generation)) = (tending.store.clone(), generation) else {
        return;
    };
    let bucket = tending.bucket.clone();
    ignore(
        &tending.bucket,
        store.run(move |store| store.drop_unfinished(&bucket, generation)).await,
    );
}

/// There is no such bucket any more, and so no objects.
async fn gone(tending: &Tending) {
    if let Some(inner) = tending.inner.upgrade()
        && let Some(known) = inner.catalogs.lock().get_mut(&tending.bucket)
    {
        known.index = None;
        known.generation = None;
    }
    if let Some(store) = tending.store.clone() {
        let bucket = tending.bucket.clone();
        ignore(&tending.bucket, store.run(move |store| store.forget(&bucket)).await);
    }
}

fn ignore(bucket: &BucketName, result: Result<(), CatalogError>) {
    if let Err(error) = result {
        tracing::warn!("what is kept of {bucket} could not be forgotten: {error}");
    }
}

/// Whether the server does not want to go on from where another listing broke off.
fn is_refused(error: &Error) -> bool {
    let status = error.http_status.unwrap_or(0);
    (400..500).contains(&status) && ![401, 403, 408, 429].contains(&status)
}
