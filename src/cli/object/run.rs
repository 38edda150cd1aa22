//! Carrying a plan out from the command line: progress meanwhile, events if asked, and a truthful end.

use std::convert::Infallible;
use std::io::Write as _;
use std::num::NonZeroU64;

use tokio_util::sync::CancellationToken;

use super::{PlanArguments, plan_text};
use crate::cli::output::Output;
use crate::cli::story::stop_on_interrupt;
use crate::media::{format_bytes, group_thousands};
use crate::service::{Problem, Report, Service};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::plan::{Planning, Step};
use crate::transfer::{Action, ItemState, JobId, JobState, Kind, Place, Plan};

/// Makes or reads the plans, and shows them or carries them out, one after the other. `plan` is given a sign to stop. Plans
/// that were saved are taken only if they do what the command does: `kinds`.
pub(in crate::cli) async fn planned<F>(
    (words, kinds): (&PlanArguments, &[Kind]),
    service: &Service,
    output: &mut Output,
    plan: impl FnOnce(CancellationToken) -> F,
) -> Result<(), Problem>
where
    F: Future<Output = Result<Vec<Plan>, Problem>>,
{
    let stop = stop_on_interrupt();
    let plans = match &words.run {
        Some(path) => {
            let plans = service.read_plans(path).await?;
            fit(&plans, kinds)?;
            Ok(plans)
        }
        None => plan(stop.clone()).await,
    };
    output.progress().clear();
    let plans = plans?;
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
    let many = plans.len() != 1;
    let mut plans = plans
        .into_iter()
        .filter(|plan| !plan.items.is_empty() || !plan.unseen.is_empty());
    for mut plan in plans.by_ref() {
        let unseen = std::mem::take(&mut plan.unseen);
        let does_nothing = !plan.items.iter().any(|item| item.action.acts());
        let job = service.submit(plan).await?;
        let mut report = run(job, words.events, service, output, &stop).await?;
        if does_nothing {
            // What it came to is told here; nobody has a use for it in a list of transfers.
            service.forget_transfer(job).await?;
        }
        report.unseen = unseen;
        report.public_url = public_url(&report, service).await;
        let done = report.is_done();
        reports.push(report);
        if !done {
            break;
        }
    }
    let left: Vec<String> = plans.map(|plan| plan.title).collect();
    told(&reports, many, output).map_err(|mut problem| {
        for title in left {
            problem
                .advice
                .push_str(&format!(" Not begun for that reason: {title}."));
        }
        problem
    })
}

/// A plan that does something else than the command says is not carried out by it. The first does what the command is for.
fn fit(plans: &[Plan], kinds: &[Kind]) -> Result<(), Problem> {
    let fits = |index: usize, kind: Kind| {
        kinds
            .iter()
            .take(if index == 0 { 1 } else { kinds.len() })
            .any(|it| *it == kind)
    };
    let other = plans.iter().enumerate().find(|(index, plan)| !fits(*index, plan.kind));
    let Some((_, other)) = other else {
        return Ok(());
    };
    let (does, command) = match other.kind {
        Kind::Upload => ("uploads", "object put"),
        Kind::Download => ("downloads", "object get"),
        Kind::Move => ("moves", "object mv"),
        Kind::Copy => ("copies", "object cp"),
        Kind::Delete => ("deletes", "object rm"),
        Kind::Restore => ("takes back from the trash", "transfer undo"),
        Kind::Edit => ("edits headers", "object meta"),
        Kind::Empty => ("empties a bucket", "bucket empty"),
        Kind::DeleteBucket => ("deletes a bucket", "bucket delete"),
    };
    Err(Problem::new(
        format!("This plan {does}, and that is not what this command does. Nothing was done."),
        format!("Run it with: {command} --run PLAN"),
    ))
}

/// The public URL of the one object that an upload was about. It is a courtesy: that it cannot be told is no failure.
async fn public_url(report: &Report, service: &Service) -> Option<String> {
    let [item] = report.items.as_slice() else { return None };
    let there = matches!(item.state, ItemState::Done { .. }) || item.plan.action == Action::Identical;
    let Some(Place::Object { bucket, key }) = item.plan.to.as_ref().filter(|_| there) else {
        return None;
    };
    if report.job.kind != Kind::Upload {
        return None;
    }
    let (bucket, key) = (BucketName::parse(bucket).ok()?, ObjectKey::parse(key).ok()?);
    service.public_url(&bucket, &key).await.ok().flatten()
}

/// Prints how jobs ended: one, or a list where it might have been `many`. An error if not everything is done.
pub(in crate::cli) fn told(reports: &[Report], many: bool, output: &mut Output) -> Result<(), Problem> {
    match reports {
        [one] if !many => output.result(one, plan_text::ended)?,
        several => output.result(&several, |several| {
            if several.is_empty() {
                return "Nothing to do.".to_owned();
            }
            several.iter().map(plan_text::ended).collect::<Vec<_>>().join("\n")
        })?,
    }
    match reports.iter().find(|report| !report.is_done()) {
        Some(report) => Err(not_done(report)),
        None => Ok(()),
    }
}

/// What is not done of a job, and what helps.
fn not_done(report: &Report) -> Problem {
    let counts = &report.job.counts;
    let id = report.job.id;
    let of = |count: u64| format!("{} of {}", group_thousands(count), items(counts.items, "item"));
    let left = counts.waiting + counts.running;
    if left > 0 {
        let (state, advice) = match report.job.state {
            JobState::Running => (
                "left; another window or command goes on with it",
                format!("See how far it is with: transfer show {id}"),
            ),
            JobState::Paused => (
                "left; the transfer is paused",
                format!("Nothing is lost; go on with: transfer resume {id}"),
            ),
            _ => ("left", format!("Nothing is lost; go on with: transfer resume {id}")),
        };
        return Problem::new(format!("{} {state}.", are(left, &of(left))), advice);
    }
    let failed = counts.failed + counts.undecided;
    if failed > 0 {
        let advice = if counts.failed > 0 {
            format!("Mend what is said of each, then: transfer retry {id}")
        } else {
            format!("Do what is said of each. What is right by then goes on with: transfer retry {id}")
        };
        return Problem::new(format!("{} not done.", are(failed, &of(failed))), advice);
    }
    if counts.cancelled > 0 {
        return Problem::new(
            format!("{} cancelled.", were(counts.cancelled, &of(counts.cancelled))),
            "What was done before stays done.",
        );
    }
    if report.refused > 0 {
        let rest = if counts.done > 0 {
            "What else there was is done."
        } else {
            "Nothing was changed."
        };
        let taken = report.not_done().any(|item| item.plan.replaces.is_some());
        let advice = if taken {
            format!("{rest} --replace puts them in the place of what is there, --beside under another name.")
        } else {
            rest.to_owned()
        };
        return Problem::new(
            format!("{} refused.", were(report.refused, &of(report.refused))),
            advice,
        );
    }
    if let Some(problem) = &report.manifest_problem {
        return problem.clone();
    }
    let unseen = report.unseen.len() as u64;
    Problem::new(
        format!("{} could not be looked at.", items(unseen, "place")),
        "What else there was is done.",
    )
}

fn are(count: u64, what: &str) -> String {
    format!("{what} {}", if count == 1 { "is" } else { "are" })
}

fn were(count: u64, what: &str) -> String {
    format!("{what} {}", if count == 1 { "was" } else { "were" })
}

/// "1 item", "3 items".
pub(in crate::cli) fn items(count: u64, what: &str) -> String {
    format!("{} {what}{}", group_thousands(count), if count == 1 { "" } else { "s" })
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
pub(in crate::cli) fn planning(output: &Output) -> impl Fn(Planning) + Send + Sync + use<> {
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
