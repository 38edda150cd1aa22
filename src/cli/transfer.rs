//! `transfer`: the jobs of this workspace, whoever began them.

use clap::{Args, Subcommand};

use super::object::plan_text;
use super::object::run as carry;
use super::output::{Output, table};
use super::story::stop_on_interrupt;
use crate::media::format_bytes;
use crate::service::{Problem, Service, Wish};
use crate::transfer::{Job, JobId, JobState, Target};

/// The commands about transfers.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List transfers, those that are not over first
    List,
    /// Show one, item by item
    Show {
        /// Its id, or as much of it as tells it from the others
        id: String,
    },
    /// Let it wait, whoever runs it; what has arrived is kept
    Pause(Which),
    /// Go on with it here, until it is over
    Resume(Which),
    /// End it; what is done stays done
    Cancel(Which),
    /// Try once more what failed
    Retry(Which),
    /// Put it before the others, or an item before the others of its transfer
    First {
        /// Its id, or as much of it as tells it from the others
        id: String,
        /// One item of it, by its number
        #[arg(long, value_name = "NUMBER")]
        item: Option<u32>,
    },
    /// Take back what it deleted, replaced or moved
    Undo {
        /// Its id, or as much of it as tells it from the others
        id: String,
    },
    /// Forget one that is over
    Forget {
        /// Its id, or as much of it as tells it from the others
        id: String,
    },
}

/// Which transfers.
#[derive(Debug, Args)]
pub struct Which {
    /// The id, or as much of it as tells it from the others
    #[arg(required_unless_present = "all")]
    id: Option<String>,
    /// All of them
    #[arg(long, conflicts_with_all = ["id", "item"])]
    all: bool,
    /// One item of it, by its number
    #[arg(long, value_name = "NUMBER", requires = "id")]
    item: Option<u32>,
}

pub(super) async fn run(command: &Command, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::List => {
            let mut jobs = service.engine().jobs().await.map_err(Problem::from)?;
            jobs.sort_by_key(|job| (job.ended_at.is_some(), job.ended_at.map(std::cmp::Reverse)));
            output.result(&jobs, |jobs| list(jobs))
        }
        Command::Show { id } => {
            let report = service.report(find(service, id).await?).await?;
            output.result(&report, |report| {
                let mut text = list(std::slice::from_ref(&report.job));
                for item in &report.items {
                    text.push_str(&format!("\n{}", plan_text::item(item)));
                }
                if report.items_left_out > 0 {
                    text.push_str(&format!("\n… and {} that are done", report.items_left_out));
                }
                text
            })
        }
        Command::Pause(which) => wish(which, Wish::Pause, "waits", service, output).await,
        Command::Cancel(which) => wish(which, Wish::Cancel, "is cancelled", service, output).await,
        Command::First { id, item } => {
            let which = Which {
                id: Some(id.clone()),
                all: false,
                item: *item,
            };
            wish(&which, Wish::First, "is first", service, output).await
        }
        Command::Resume(which) => go_on(which, Wish::Resume, service, output).await,
        Command::Retry(which) => go_on(which, Wish::Retry, service, output).await,
        Command::Undo { id } => {
            let id = find(service, id).await?;
            let line = output.progress();
            let undoing = service.undo_transfer(id, &|object| line.show(object)).await;
            line.clear();
            let undoing = undoing?;
            output.result(&undoing, |undoing| {
                let mut text = format!("{} objects are where they were before", undoing.back.len());
                for left in &undoing.left {
                    text.push_str(&format!("\n{}: {}", plan_text::escaped(&left.object), left.why));
                }
                text
            })?;
            match undoing.left.len() {
                0 => Ok(()),
                left => Err(Problem::new(
                    format!("{left} of {} objects are not back.", left + undoing.back.len()),
                    "What is said of each tells what helps; then give the command again.",
                )),
            }
        }
        Command::Forget { id } => {
            let id = find(service, id).await?;
            service.engine().forget(id).await.map_err(Problem::from)?;
            output.result(&serde_json::json!({ "forgotten": id }), |_| {
                format!("{id} is forgotten")
            })
        }
    }
}

async fn target(which: &Which, service: &Service) -> Result<Target, Problem> {
    Ok(match (&which.id, which.item) {
        (None, _) => Target::Everything,
        (Some(id), None) => Target::Job(find(service, id).await?),
        (Some(id), Some(item)) => Target::Item(find(service, id).await?, item),
    })
}

/// Wants something of transfers that are not over, and tells of which.
async fn wish(which: &Which, wish: Wish, words: &str, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let target = target(which, service).await?;
    let open = |job: &Job| job.counts.waiting + job.counts.running > 0;
    let (open, over): (Vec<Job>, Vec<Job>) = wanted(target, service).await?.into_iter().partition(open);
    service.carry_out(target, wish).await?;
    let mut jobs = Vec::new();
    for job in open {
        jobs.push(service.engine().job(job.id).await.map_err(Problem::from)?);
    }
    let item = which.item.map(|item| format!(", item {item},")).unwrap_or_default();
    let over = if which.all { Vec::new() } else { over };
    output.result(&jobs, |jobs| {
        let concerned = jobs.iter().map(|job| format!("{}{item} {words}", job.id));
        let over = over.iter().map(|job| format!("{} is over", job.id));
        let lines: Vec<String> = concerned.chain(over).collect();
        if lines.is_empty() {
            "No transfer is under way or waits.".to_owned()
        } else {
            lines.join("\n")
        }
    })
}

/// Goes on with what is not over, one after the other.
async fn go_on(which: &Which, wish: Wish, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let target = target(which, service).await?;
    service.carry_out(target, wish).await?;
    let stop = stop_on_interrupt();
    let mut reports = Vec::new();
    for job in wanted(target, service).await? {
        let elsewhere = job.state == JobState::Running;
        let over = job.counts.waiting + job.counts.running == 0;
        if over && matches!(target, Target::Everything) {
            continue;
        }
        reports.push(if elsewhere || over {
            service.report(job.id).await?
        } else {
            carry::run(job.id, false, service, output, &stop).await?
        });
        if stop.is_cancelled() {
            break;
        }
    }
    carry::told(&reports, which.all, output)
}

/// The jobs that something was wanted of.
async fn wanted(target: Target, service: &Service) -> Result<Vec<Job>, Problem> {
    Ok(match target {
        Target::Everything => service.engine().jobs().await.map_err(Problem::from)?,
        Target::Job(id) | Target::Item(id, _) => vec![service.engine().job(id).await.map_err(Problem::from)?],
    })
}

/// The one job whose id begins so.
async fn find(service: &Service, text: &str) -> Result<JobId, Problem> {
    let jobs = service.engine().jobs().await.map_err(Problem::from)?;
    let wanted = text.to_ascii_lowercase();
    let mut found = jobs.iter().filter(|job| job.id.to_string().starts_with(&wanted));
    match (found.next(), found.next()) {
        (Some(job), None) if !wanted.is_empty() => Ok(job.id),
        (None, _) => Err(Problem::new(
            format!("There is no transfer “{text}”."),
            "transfer list shows those that there are.",
        )),
        _ => Err(Problem::new(
            format!("“{text}” is the beginning of more than one transfer."),
            "Write more of the id; transfer list shows it.",
        )),
    }
}

fn list(jobs: &[Job]) -> String {
    if jobs.is_empty() {
        return "No transfers.".to_owned();
    }
    let rows: Vec<Vec<String>> = jobs
        .iter()
        .map(|job| {
            let state = match job.state {
                JobState::Waiting => "waiting",
                JobState::Running => "running",
                JobState::Paused => "paused",
                JobState::Done => "done",
                JobState::Failed => "not done",
                JobState::Cancelled => "cancelled",
            };
            let counts = &job.counts;
            vec![
                job.id.to_string(),
                state.to_owned(),
                format!("{} of {}", counts.items - counts.waiting - counts.running, counts.items),
                format_bytes(counts.bytes),
                job.created_at.strftime("%Y-%m-%d %H:%M").to_string(),
                plan_text::escaped(&job.title),
            ]
        })
        .collect();
    table(&["ID", "STATE", "ITEMS", "SIZE", "SINCE (UTC)", "WHAT"], &rows)
}
