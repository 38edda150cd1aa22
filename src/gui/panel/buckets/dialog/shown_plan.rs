//! The plan of a question, made again whenever the question changes, and its numbers.

use std::time::Duration;

use crate::gui::words;
use crate::media::format_bytes;
use crate::service::{Load, Problem, Service};
use crate::transfer::Plan;
use crate::transfer::plan::{Action, Summary};

/// Refused items that are named.
const NAMED: usize = 4;
/// While somebody types, nothing is looked up.
const PAUSE: Duration = Duration::from_millis(250);

/// A plan with what is shown of it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What is carried out if it is agreed to.
    pub plan: Plan,
    /// It in numbers.
    pub summary: Summary,
    /// The first of the items that are refused, and why.
    pub refused: Vec<(String, String)>,
}

impl Planned {
    fn of(plan: Plan) -> Self {
        let refused = plan.items.iter().filter(|item| item.action == Action::Refuse);
        let refused = refused
            .take(NAMED)
            .map(|item| (item.from.to_string(), item.why.clone()));
        Self {
            summary: plan.summary(),
            refused: refused.collect(),
            plan,
        }
    }

    /// Items that something is done for.
    #[must_use]
    pub fn acting(&self) -> u64 {
        self.summary.acting().0
    }

    /// "12 new, 2 replaced, 1 refused · 6.7 MB".
    #[must_use]
    pub fn words(&self) -> String {
        let rows = self.summary.rows.iter().map(|row| {
            let word = match row.action {
                Action::New => "new",
                Action::Identical => "already there",
                Action::Replace => "replaced",
                Action::Rename => "under another name",
                Action::Refuse => "refused",
                Action::Skip => "left out",
            };
            format!(
                "{} {word}",
                words::grouped(usize::try_from(row.items).unwrap_or(usize::MAX))
            )
        });
        let rows: Vec<String> = rows.collect();
        match self.summary.acting() {
            (0, _) => rows.join(", "),
            (_, bytes) => format!("{} · {}", rows.join(", "), format_bytes(bytes)),
        }
    }
}

/// A plan that follows a question `Q`.
#[derive(Debug)]
pub struct ShownPlan<Q> {
    load: Load<Planned>,
    asked: Option<Q>,
}

impl<Q> Default for ShownPlan<Q> {
    fn default() -> Self {
        Self {
            load: Load::default(),
            asked: None,
        }
    }
}

impl<Q: Clone + PartialEq> ShownPlan<Q> {
    /// Takes in what has arrived. Another question than before is planned anew; the late plan of an older question is never
    /// seen. Without a question there is no plan.
    pub fn follow<F>(&mut self, service: &Service, question: Option<Q>, plan: impl FnOnce(Service, Q) -> F)
    where
        F: Future<Output = Result<Plan, Problem>> + Send + 'static,
    {
        if question != self.asked {
            self.asked.clone_from(&question);
            self.load.clear();
            if let Some(question) = question {
                self.load.start(service.load(|service| {
                    let plan = plan(service, question);
                    async move {
                        tokio::time::sleep(PAUSE).await;
                        plan.await.map(Planned::of)
                    }
                }));
            }
        }
        self.load.poll();
    }

    /// The plan of the present question.
    #[must_use]
    pub fn value(&self) -> Option<&Planned> {
        self.load.value()
    }

    /// Why there is none.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.load.problem()
    }

    /// Whether it is being made.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.load.is_loading()
    }

    /// Plans once more.
    pub fn again(&mut self) {
        self.asked = None;
    }

    /// Why nothing can be started; `None` if there is a plan that does something.
    #[must_use]
    pub fn why_not(&self) -> Option<&'static str> {
        match self.value() {
            None if self.problem().is_some() => Some("It cannot be done like this"),
            None => Some("It is not looked up yet"),
            Some(planned) if planned.acting() == 0 => Some("Nothing of it can be done"),
            Some(_) => None,
        }
    }
}
