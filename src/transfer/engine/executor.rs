//! What the engine has items carried out by: the executors of [`carry`](crate::transfer::carry), or a script in tests.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::supabase::Supabase;
use crate::transfer::carry::{Carried, Carry};
use crate::transfer::job::{Failure, FailureKind, Item, Proof};
use crate::transfer::plan::{Kind, Rules};

/// The kinds of work that are done item by item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Upload,
    Download,
    /// By the server alone, from one key to another.
    Relocate,
    /// Many at once.
    DeleteForever,
}

impl Work {
    pub(super) fn of(kind: Kind, rules: &Rules, item: &Item) -> Self {
        match kind {
            Kind::Upload => Self::Upload,
            Kind::Download => Self::Download,
            Kind::Delete if item.plan.to.is_none() && !rules.keep_trash => Self::DeleteForever,
            Kind::Move | Kind::Copy | Kind::Restore | Kind::Delete => Self::Relocate,
        }
    }
}

/// Carries items out. Dropping a future that it gave is like the end of the program: what it was about is looked for later.
pub(super) trait Executor: Send + Sync {
    /// Carries an item out that waits.
    fn carry<'a>(&'a self, work: Work, carry: Carry<'a>) -> BoxFuture<'a, Result<Carried, Failure>>;
    /// Deletes objects of a bucket, and says of each what became of it. It looks before it deletes, so that it may be done
    /// again.
    fn delete_forever<'a>(
        &'a self,
        project: &'a Supabase,
        bucket: &'a str,
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
    /// Throws away what was kept of an item for a later attempt, as well as that can be done.
    fn discard<'a>(&'a self, carry: Carry<'a>) -> BoxFuture<'a, Result<(), Failure>>;
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
