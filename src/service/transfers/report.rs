//! How a job ended, for people and for scripts.

use std::path::PathBuf;

use serde::Serialize;

use crate::service::{Problem, Service};
use crate::transfer::{Action, Item, ItemState, Job, JobId, JobState, Kind, Proof, Unseen};

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
    /// Items whose target has the same bytes already.
    pub identical: u64,
    /// Items that the plan refused: what was asked for was not done for them.
    pub refused: u64,
    /// What could not be looked at when the plan was made, and so was not done. Only who has just planned it knows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<Unseen>,
    /// The manifest of the folder that was downloaded into, which says which file is which object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<PathBuf>,
    /// Why that does not know of this job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest_problem: Option<Problem>,
    /// The public URL of the one object that was uploaded, where its bucket is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
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
    /// Whether everything that was asked for is done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let left_out = self.refused + self.job.counts.cancelled + self.unseen.len() as u64;
        self.job.state == JobState::Done && left_out == 0 && self.manifest_problem.is_none()
    }

    /// The items that are not done and will not be by themselves.
    pub fn not_done(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| is_stuck(item))
    }
}

impl Report {
    /// The report as a text that can be sent to somebody: how it ended, and what is not done and why.
    #[must_use]
    pub fn text(&self) -> String {
        let counts = &self.job.counts;
        let mut lines = vec![
            self.job.title.clone(),
            format!(
                "{} of {} done, {} left as they were, {} failed, {} to be decided, {} cancelled",
                counts.done, counts.items, counts.skipped, counts.failed, counts.undecided, counts.cancelled
            ),
        ];
        for proven in &self.proofs {
            lines.push(format!("{} {}", proven.items, proven.proof.words()));
        }
        let not_done: Vec<&Item> = self.not_done().collect();
        if !not_done.is_empty() {
            lines.push(String::new());
        }
        for item in &not_done {
            let place = match &item.plan.to {
                Some(to) => format!("{} → {to}", item.plan.from),
                None => item.plan.from.to_string(),
            };
            let why = match &item.state {
                ItemState::Failed(failure) => format!("{} {}", failure.what, failure.hint),
                ItemState::Undecided { why } | ItemState::Skipped { why } => why.clone(),
                _ => item.plan.why.clone(),
            };
            lines.push(format!("{place}: {}", why.trim()));
        }
        let told = not_done.len() as u64;
        let all = counts.failed + counts.undecided + self.refused;
        if all > told {
            lines.push(format!("and {} more", all - told));
        }
        lines.join("\n")
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
            identical: 0,
            refused: 0,
            unseen: Vec::new(),
            manifest: None,
            manifest_problem: None,
            public_url: None,
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
                report.identical += u64::from(is_identical(report.job.kind, &item));
                report.refused += u64::from(item.plan.action == Action::Refuse);
                if whole || (is_stuck(&item) && report.items.len() < NOT_DONE) {
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

/// Whether its target had the same bytes already: when it was planned, or when it was to be done.
fn is_identical(kind: Kind, item: &Item) -> bool {
    let skipped = matches!(item.state, ItemState::Skipped { .. });
    // A deletion is left out when there is nothing any more.
    let found = item.plan.action.acts() && kind != Kind::Delete;
    skipped && (item.plan.action == Action::Identical || found)
}

fn is_stuck(item: &Item) -> bool {
    item.plan.action == Action::Refuse || matches!(item.state, ItemState::Failed(_) | ItemState::Undecided { .. })
}

fn count(proofs: &mut Vec<Proven>, proof: Proof) {
    match proofs.iter_mut().find(|proven| proven.proof == proof) {
        Some(proven) => proven.items += 1,
        None => proofs.push(Proven { proof, items: 1 }),
    }
}
