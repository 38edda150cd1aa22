//! What the engine has items carried out by: the executors of [`carry`], or a script in tests.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::supabase::{BucketName, Supabase};
use crate::transfer::carry::{self, Carried, Carry};
use crate::transfer::job::{Failure, FailureKind, Item, Proof};
use crate::transfer::plan::{Kind, PlanItem, Rules};
use crate::transfer::queue::source_bucket;

/// The kinds of work that are done item by item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Upload,
    Download,
    /// By the server alone, from one key to another.
    Relocate,
    /// Through this machine, into another workspace.
    Across,
    /// Many at once.
    DeleteForever,
    /// What is beside the bytes.
    Edit,
    /// A whole bucket.
    Empty,
}

impl Work {
    pub(super) fn of(kind: Kind, rules: &Rules, item: &Item) -> Self {
        match kind {
            Kind::Upload => Self::Upload,
            Kind::Download => Self::Download,
            Kind::Delete if item.plan.to.is_none() && !rules.keep_trash => Self::DeleteForever,
            Kind::Move | Kind::Copy if carry::is_across(item) => Self::Across,
            Kind::Move | Kind::Copy | Kind::Restore | Kind::Delete => Self::Relocate,
            Kind::Edit => Self::Edit,
            Kind::Empty | Kind::DeleteBucket => Self::Empty,
        }
    }

    /// Why nothing had to be done, as a phrase.
    pub(super) fn needless(self) -> &'static str {
        match self {
            Self::DeleteForever => "it is gone already",
            Self::Edit => "it is served so already",
            Self::Upload | Self::Download | Self::Relocate | Self::Across | Self::Empty => {
                "the same bytes are there already"
            }
        }
    }

    /// Whether it looks what there is before it does anything, so that it may be begun again without being looked for.
    pub(super) fn looks_itself(self) -> bool {
        matches!(self, Self::DeleteForever | Self::Across | Self::Empty)
    }
}

/// Carries items out. Dropping a future that it gave is like the end of the program: what it was about is looked for later.
pub(super) trait Executor: Send + Sync {
    /// Carries an item out that waits.
    fn carry<'a>(&'a self, work: Work, carry: Carry<'a>) -> BoxFuture<'a, Result<Carried, Failure>>;
    /// Deletes objects of one bucket, and says of each what became of it. It looks before it deletes, so that it may be done
    /// again.
    fn delete_forever<'a>(
        &'a self,
        project: &'a Supabase,
        items: &'a [&'a Item],
    ) -> BoxFuture<'a, Vec<(u32, Result<Carried, Failure>)>>;
    /// Finds out what became of an item that was in flight; None if it had no effect.
    fn reconcile<'a>(&'a self, work: Work, carry: Carry<'a>) -> BoxFuture<'a, Result<Option<Carried>, Failure>>;
    /// Proves items that have landed, many at once.
    fn verify<'a>(
        &'a self,
        project: &'a Supabase,
        items: &'a [&'a Item],
    ) -> BoxFuture<'a, Vec<(u32, Result<Proof, Failure>)>>;
    /// Reads an item back that was uploaded, and compares; None if that was stopped.
    fn read_back<'a>(&'a self, carry: Carry<'a>) -> BoxFuture<'a, Result<Option<Proof>, Failure>>;
    /// Throws away what was kept of an item for a later attempt, as well as that can be done.
    fn discard<'a>(&'a self, carry: Carry<'a>) -> BoxFuture<'a, Result<(), Failure>>;
    /// Asks the server something small, of a bucket if there is one, to see whether it works.
    fn ask<'a>(&'a self, project: &'a Supabase, bucket: Option<&'a str>) -> BoxFuture<'a, Result<(), Failure>>;
    /// Looks at the file of an upload again, which is not what was planned: the row with what it is now.
    fn look_again<'a>(&'a self, planned: &'a PlanItem) -> BoxFuture<'a, Result<PlanItem, Failure>>;
}

/// The executors of [`carry`].
pub(super) struct Executors;

impl Executor for Executors {
    fn carry<'a>(&'a self, work: Work, order: Carry<'a>) -> BoxFuture<'a, Result<Carried, Failure>> {
        Box::pin(async move {
            match work {
                Work::Upload => carry::upload(&order).await,
                Work::Download => carry::download(&order).await,
                Work::Relocate => carry::relocate(&order).await,
                Work::Across => carry::across(&order).await,
                Work::Edit => carry::edit(&order).await,
                Work::Empty => carry::empty(&order).await,
                Work::DeleteForever => one(self.delete_forever(order.project, &[order.item]).await),
            }
        })
    }

    fn delete_forever<'a>(
        &'a self,
        project: &'a Supabase,
        items: &'a [&'a Item],
    ) -> BoxFuture<'a, Vec<(u32, Result<Carried, Failure>)>> {
        Box::pin(async move {
            let bucket = match items
                .first()
                .and_then(|item| source_bucket(item))
                .map(BucketName::parse)
            {
                Some(Ok(bucket)) => bucket,
                Some(Err(error)) => return all(items, &refused(error.to_string())),
                None => return all(items, &refused("A file is no object of a bucket.".to_owned())),
            };
            carry::delete_forever(project, &bucket, items).await
        })
    }

    fn reconcile<'a>(&'a self, _: Work, order: Carry<'a>) -> BoxFuture<'a, Result<Option<Carried>, Failure>> {
        Box::pin(async move { carry::reconcile(&order).await })
    }

    fn verify<'a>(
        &'a self,
        project: &'a Supabase,
        items: &'a [&'a Item],
    ) -> BoxFuture<'a, Vec<(u32, Result<Proof, Failure>)>> {
        Box::pin(carry::verify(project, items))
    }

    fn read_back<'a>(&'a self, order: Carry<'a>) -> BoxFuture<'a, Result<Option<Proof>, Failure>> {
        Box::pin(async move { carry::read_back(&order).await })
    }

    fn discard<'a>(&'a self, order: Carry<'a>) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move { carry::discard(&order).await })
    }

    fn ask<'a>(&'a self, project: &'a Supabase, bucket: Option<&'a str>) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let Some(bucket) = bucket.and_then(|bucket| BucketName::parse(bucket).ok()) else {
                return Ok(());
            };
            let asked = project.buckets().get(&bucket).await;
            asked.map(drop).map_err(|error| carry::failure(&error))
        })
    }

    fn look_again<'a>(&'a self, planned: &'a PlanItem) -> BoxFuture<'a, Result<PlanItem, Failure>> {
        Box::pin(carry::look_again(planned))
    }
}

fn all<T>(items: &[&Item], failure: &Failure) -> Vec<(u32, Result<T, Failure>)> {
    items.iter().map(|item| (item.number, Err(failure.clone()))).collect()
}

fn one<T>(results: Vec<(u32, Result<T, Failure>)>) -> Result<T, Failure> {
    results
        .into_iter()
        .next()
        .map_or_else(|| Err(mistake()), |(_, result)| result)
}

fn refused(what: String) -> Failure {
    Failure {
        kind: FailureKind::Refused,
        what,
        hint: "Plan anew.".to_owned(),
    }
}

/// Awaits an executor. One that panics may have done its work or not.
pub(super) async fn guarded<T>(work: BoxFuture<'_, Result<T, Failure>>) -> Result<T, Failure> {
    let result = AssertUnwindSafe(work).catch_unwind().await;
    result.unwrap_or_else(|_| Err(mistake()))
}

/// As [`guarded`], for many at once: those without a result are doubtful.
pub(super) async fn guarded_many<T>(
    items: &[&Item],
    work: BoxFuture<'_, Vec<(u32, Result<T, Failure>)>>,
) -> Vec<Result<T, Failure>> {
    let results = AssertUnwindSafe(work).catch_unwind().await.unwrap_or_default();
    let mut results: std::collections::HashMap<_, _> = results.into_iter().collect();
    let of = |item: &&Item| results.remove(&item.number).unwrap_or_else(|| Err(mistake()));
    items.iter().map(of).collect()
}

fn mistake() -> Failure {
    Failure {
        kind: FailureKind::Ambiguous,
        what: "The program made a mistake while it worked on this item.".to_owned(),
        hint: "Try again; if it happens again, report it.".to_owned(),
    }
}
