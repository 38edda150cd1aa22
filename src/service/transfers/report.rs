//! How a job ended, for people and for scripts.

use serde::Serialize;

use crate::service::{Problem, Service};
use crate::transfer::{Action, Item, ItemState, Job, JobId, JobState, Proof};

/// How a job ended, or where it stands.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The job.
    pub job: Job,
    /// How far what is done is proven.
    pub proofs: Vec<Proven>,
    /// Its items, in the order of the plan: all of a small job, of a large one those that are not done.
    pub items: Vec<Item>,
    /// Items that are not among them.
    pub items_left_out: u64,
    refused: u64,
}

/// How many items are proven how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// How far.
    pub proof: Proof,
    /// How many.
    pub items: u64,
}

/// A job of so many items is told whole.
const WHOLE: u64 = 1_000;
/// Items read at once.
const PAGE: u32 = 1_000;
/// Items that are not done are told up to this many.
const NOT_DONE: usize = 1_000;

impl Report {
    /// Whether everything that the plan said is done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.job.state == JobState::Done
    }

    /// Items that the plan refused: what was asked for was not done for them.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// The items that are not done and will not be by themselves.
    pub fn not_done(&self) -> impl Iterator<Item = &Item> {
        let open = |item: &&Item| matches!(item.state, ItemState::Failed(_) | ItemState::Undecided { .. });
        self.items.iter().filter(open)
    }
}

impl Service {
    /// Where a job stands, item by item.
    ///
    /// # Errors
    /// If there is no such job, or the journal cannot be read.
    pub async fn report(&self, id: JobId) -> Result<Report, Problem> {
        let job = self.engine().job(id).await?;
        let whole = job.counts.items <= WHOLE;
        let mut report = Report {
            proofs: Vec::new(),
            items: Vec::new(),
            items_left_out: 0,
            refused: 0,
            job,
        };
        let mut from = 0;
        loop {
            let page = self.engine().items(id, from..from + PAGE).await?;
            let Some(last) = page.last() else { break };
            from = last.number + 1;
            for item in page {
                if let ItemState::Done { proof } = item.state {
                    count(&mut report.proofs, proof);
                }
                report.refused += u64::from(item.plan.action == Action::Refuse);
                let open = item.plan.action == Action::Refuse
                    || matches!(item.state, ItemState::Failed(_) | ItemState::Undecided { .. });
                if whole || (open && report.items.len() < NOT_DONE) {
                    report.items.push(item);
                } else {
                    report.items_left_out += 1;
                }
            }
        }
        report.proofs.sort_by_key(|proven| std::cmp::Reverse(proven.proof));
        Ok(report)
    }
}

fn count(proofs: &mut Vec<Proven>, proof: Proof) {
    match proofs.iter_mut().find(|proven| proven.proof == proof) {
        Some(proven) => proven.items += 1,
        None => proofs.push(Proven { proof, items: 1 }),
    }
}
