//! What candidates will cost, before they are asked for.

use crate::service::Engine;
use crate::workspace::Money;

/// What is said before a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// "About $0.012 · 20 s".
    pub line: String,
    /// "$4.31 left of $5.00 this month"; empty where there is nothing to say.
    pub budget: String,
    /// Why the run cannot be begun: the month's budget does not reach.
    pub over: Option<String>,
}

/// What `count` candidates of an engine will cost, and how long they will take if one took `seconds`.
pub fn estimate(engine: &Engine, count: u32, seconds: Option<f64>) -> Estimate {
    let cost = engine.price.map(|price| price * u64::from(count));
    let money = match cost {
        _ if engine.built_in => "Costs nothing".to_owned(),
        Some(cost) => format!("About {cost}"),
        None => "Price not known".to_owned(),
    };
    let time = seconds.map(|seconds| time(seconds * f64::from(count)));
    let line = match time {
        Some(time) => format!("{money} · {time}"),
        None => money,
    };
    let spent = engine.spent_this_month;
    let left = engine
        .budget
        .map(|budget| Money::from_micros(budget.micros().saturating_sub(spent.micros())));
    let budget = match (left, engine.budget) {
        (Some(left), Some(budget)) => format!("{} left of {budget} this month", left.max(Money::ZERO)),
        _ if spent > Money::ZERO => format!("{spent} spent this month"),
        _ if engine.built_in => "Drawn on this machine, without AI".to_owned(),
        _ => String::new(),
    };
    let over = left
        .filter(|left| *left < cost.unwrap_or(Money::from_micros(1)))
        .map(|_| {
            format!(
                "This month's budget of {} for {} does not reach",
                engine.budget.unwrap_or_default(),
                engine.name
            )
        });
    Estimate { line, budget, over }
}

/// "2 s", "1 min 20 s"; never less than a second.
fn time(seconds: f64) -> String {
    let seconds = seconds.ceil().max(1.0) as u64;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
