//! A file that is not what was planned, or changes while it is sent: nothing of it is stored, and it is planned again by what
//! it is now. A few times: what keeps changing is nothing that can be sent.

use std::time::Duration;

use jiff::Timestamp;

use super::executor::guarded;
use super::running::Hold;
use super::task::Task;
use crate::transfer::job::{Content, Failure, Item, ItemState};
use crate::transfer::plan::PlanItem;
use crate::transfer::queue::{Change, NewPlan};

/// How often a file is planned again in one run.
const TIMES: u32 = 3;

/// A file that was written to more lately may not be finished; each time it is given twice as long.
const QUIET: Duration = Duration::from_secs(1);

impl Task {
    /// What becomes of an item whose file is not what was planned; None if it was stopped before that was known.
    pub(super) async fn plan_again(&self, item: &mut Item, failure: &Failure, hold: &Hold) -> Option<Change> {
        let times = self.running.changed_again(item.number);
        if times > TIMES {
            self.running.forgive(item.number);
            let why = format!(
                "{} It keeps changing: it was looked at {TIMES} times since. {}",
                failure.what, failure.hint
            );
            return Some(ended(item, ItemState::Undecided { why }));
        }
        let looked = tokio::select! {
            biased;
            () = hold.stop.cancelled() => return None,
            looked = self.look_again(&item.plan, QUIET * (1 << (times - 1))) => looked,
        };
        Some(match looked {
            Ok(plan) => {
                item.plan = plan.clone();
                item.content = Content::default();
                Change {
                    plan: Some(NewPlan::new(plan, &self.running.kept.job)),
                    to_the_back: true,
                    ..ended(item, ItemState::Waiting)
                }
            }
            Err(failure) => {
                self.running.forgive(item.number);
                ended(item, ItemState::Failed(failure))
            }
        })
    }

    /// Looks, and once more after a while if it was written to within that time.
    async fn look_again(&self, planned: &PlanItem, quiet: Duration) -> Result<PlanItem, Failure> {
        let looked = guarded(self.shared.executor.look_again(planned)).await?;
        let age = looked.seen.modified.map(|at| Timestamp::now().duration_since(at));
        // A time that is still to come says as little as none.
        if !age.is_some_and(|age| Duration::try_from(age).is_ok_and(|age| age < quiet)) {
            return Ok(looked);
        }
        tokio::time::sleep(quiet).await;
        guarded(self.shared.executor.look_again(planned)).await
    }
}

fn ended(item: &mut Item, state: ItemState) -> Change {
    item.state = state.clone();
    Change::landed(state, None)
}
