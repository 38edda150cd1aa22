//! Carrying a plan out from the command line: progress meanwhile, events if asked, and a truthful end.

use std::convert::Infallible;
use std::io::Write as _;
use std::num::NonZeroU64;

use tokio_util::sync::CancellationToken;

use super::{PlanArguments, plan_text};
use crate::cli::output::Output;
use crate::cli::story::stop_on_interrupt;
use crate::media::format_bytes;
use crate::service::{Problem, Report, Service};
use crate::transfer::plan::{Planning, Step};
use crate::transfer::{JobId, Plan};

/// Makes or reads the plan, and shows it or carries it out. `plan` is given a way to say how far it is, and a sign to stop.
pub(super) async fn planned<F>(
    words: &PlanArguments,
    service: &Service,
    output: &mut Output,
    plan: impl FnOnce(CancellationToken) -> F,
) -> Result<(), Problem>
where
    F: Future<Output = Result<Vec<Plan>, Problem>>,
{
    let stop = stop_on_interrupt();
    let plans = match &words.run {
        Some(path) => vec![service.read_plan(path).await?],
        None => plan(stop.clone()).await?,
    };
    output.progress().clear();
    if words.plan {
        return match plans.as_slice() {
            [one] => output.result(one, plan_text::plan),
            several => output.result(&several, |several| {
                several.iter().map(plan_text::plan).collect::<Vec<_>>().join("\n\n")
            }),
        };
    }
    set_limits(words, service);
    let mut reports = Vec::new();
    for plan in plans.into_iter().filter(|plan| !plan.items.is_empty()) {
        let unseen = plan.unseen.len();
        let job = service.submit(plan).await?;
        let report = run(job, words.events, service, output, &stop).await?;
        let all = report.is_done() && unseen == 0 && report.refused() == 0;
        reports.push(report);
        if !all {
            break;
        }
    }
    told(&reports, output)
}

/// Prints how jobs ended. An error if not everything is done.
pub(in crate::cli) fn told(reports: &[Report], output: &mut Output) -> Result<(), Problem> {
    match reports {
        [one] => output.result(one, text)?,
        several => output.result(&several, |several| {
            if several.is_empty() {
                return "Nothing to do.".to_owned();
            }
            several.iter().map(text).collect::<Vec<_>>().join("\n")
        })?,
    }
    match reports.iter().find(|report| !report.is_done() || report.refused() > 0) {
        Some(report) => Err(not_done(report)),
        None => Ok(()),
    }
}

fn text(report: &Report) -> String {
    let proofs: Vec<_> = report
        .proofs
        .iter()
        .map(|proven| (proven.proof, proven.items))
        .collect();
    let not_done: Vec<_> = report.not_done().cloned().collect();
    plan_text::ended(&report.job, &not_done, &proofs)
}

fn not_done(report: &Report) -> Problem {
    let counts = &report.job.counts;
    let id = report.job.id;
    let left = counts.waiting + counts.running;
    if left > 0 {
        return Problem::new(
            format!("{left} of {} items are left.", counts.items),
            format!("Nothing is lost; go on with: transfer resume {id}"),
        );
    }
    let failed = counts.failed + counts.undecided;
    if failed > 0 {
        return Problem::new(
            format!("{failed} of {} items are not done.", counts.items),
            format!("Mend what is said of them, then: transfer retry {id}"),
        );
    }
    if counts.cancelled > 0 {
        return Problem::new(
            format!("{} of {} items were cancelled.", counts.cancelled, counts.items),
            "What was done before stays done.",
        );
    }
    Problem::new(
        format!(
            "{} of {} items were refused by the plan.",
            report.refused(),
            counts.items
        ),
        "--plan says why, item by item.",
    )
}

/// Runs a job, and says meanwhile how far it is.
pub(in crate::cli) async fn run(
    job: JobId,
    events: bool,
    service: &Service,
    output: &Output,
    stop: &CancellationToken,
) -> Result<Report, Problem> {
    let engine = service.engine();
    let mut news = engine.news();
    let told = async {
        while let Ok(item) = news.recv().await {
            if events && let Ok(line) = serde_json::to_string(&item) {
                // Events that nobody reads are not worth a failure.
                let _ = writeln!(std::io::stderr(), "{line}");
            }
        }
        std::future::pending::<Infallible>().await
    };
    let line = output.progress();
    let mut watch = engine.watch();
    let shown = async {
        while watch.changed().await.is_ok() {
            let snapshot = watch.borrow_and_update().clone();
            if let Some(live) = snapshot.running.iter().find(|live| live.job == job) {
                let counts = &live.counts;
                let ended = counts.items - counts.waiting - counts.running;
                let mut words = format!("{ended} of {}", counts.items);
                if counts.bytes > 0 {
                    let bytes = counts.bytes_done + live.moving;
                    words.push_str(&format!(", {} of {}", format_bytes(bytes), format_bytes(counts.bytes)));
                }
                if live.rate > 0 {
                    words.push_str(&format!(", {}/s", format_bytes(live.rate)));
                }
                if snapshot.waiting.is_some() {
                    words.push_str(", waiting for the server");
                }
                line.show(&words);
            }
        }
        std::future::pending::<Infallible>().await
    };
    let stopped = async {
        stop.cancelled().await;
        engine.stop();
        std::future::pending::<Infallible>().await
    };
    // None of the three ends: the run does.
    let report = tokio::select! {
        report = service.run_transfer(job) => report,
        never = told => match never {},
        never = shown => match never {},
        never = stopped => match never {},
    };
    line.clear();
    report
}

fn set_limits(words: &PlanArguments, service: &Service) {
    let mut limits = service.engine().limits();
    if let Some(at_once) = words.at_once {
        limits.at_once = at_once;
        limits.large_at_once = limits.large_at_once.min(at_once);
    }
    limits.bytes_per_second = words.limit_rate;
    service.engine().set_limits(limits);
}

/// Says how far planning is.
pub(super) fn planning(output: &Output) -> impl Fn(Planning) + Send + Sync + use<> {
    let line = output.progress();
    move |planning| {
        let doing = match planning.step {
            Step::Finding => "Looking for files",
            Step::Looking => "Reading types",
            Step::Listing => "Listing objects",
            Step::Comparing => "Comparing",
        };
        match planning.of {
            Some(of) => line.show(&format!("{doing}: {} of {of}", planning.done)),
            None => line.show(&format!("{doing}: {}", planning.done)),
        }
    }
}

/// "500", "500KB", "2MB", "1GB".
pub(super) fn bytes(text: &str) -> Result<NonZeroU64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: u64 = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" => 1_000,
        "M" | "MB" => 1_000_000,
        "G" | "GB" => 1_000_000_000,
        other => return Err(format!("{other} is no unit; write KB, MB or GB")),
    };
    let number: u64 = digits
        .trim()
        .parse()
        .map_err(|_| format!("{digits} is no whole number"))?;
    number
        .checked_mul(unit)
        .and_then(NonZeroU64::new)
        .ok_or_else(|| "at least one byte a second, and fewer than 18 exabytes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_with_their_units() {
        let read = |text| bytes(text).map(NonZeroU64::get);
        assert_eq!(read("500"), Ok(500));
        assert_eq!(read("500kb"), Ok(500_000));
        assert_eq!(read("2MB"), Ok(2_000_000));
        for bad in ["", "0", "2 parsecs", "-1", "99999999999G", "MB"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
