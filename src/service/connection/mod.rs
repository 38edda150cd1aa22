//! The connection test: one row after the other, each with what was found and what to do about it. Reads only.

mod entry;
mod provider;
mod reach;
mod rendering;
mod tables;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Problem;
use crate::http::{Http, Options, RetryPolicy, Secret, Transcript};
use crate::supabase::Session;
use crate::workspace::{Access, ApiKey, ProjectUrl, ProviderProfile, ProviderSecrets, Tables};

/// What is to be tested, as it stands in the form.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The project.
    pub url: ProjectUrl,
    /// The key that everything is asked with, or that opens the gateway for a user.
    pub key: ApiKey,
    /// With the key alone, or as a user.
    pub access: Access,
    /// The user's password, for `Access::SignIn`.
    pub password: Option<Secret>,
    /// The session that is kept, for `Access::SignIn` without a password. Without either what needs a user is skipped.
    pub session: Option<Session>,
    /// The bucket that pictures go to.
    pub bucket: String,
    /// The tables of stories and scenes.
    pub tables: Tables,
    /// The providers to be asked for their models, with their secrets.
    pub providers: Vec<(ProviderProfile, ProviderSecrets)>,
}

/// The rows of the test, in the order they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CheckId {
    /// The host answers, over TLS.
    Reachable,
    /// There is a storage server, and what it can do.
    StorageApi,
    /// The key, or the user, is let in.
    Key,
    /// Which buckets can be seen.
    Buckets,
    /// The tables and their rows.
    Stories,
    /// The column for alternative texts.
    AltText,
    /// This computer's clock beside the server's.
    Clock,
    /// Whether pictures can be had in other sizes.
    Rendering,
    /// The AI provider.
    Provider,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheckState {
    /// Not begun.
    Waiting,
    /// Under way.
    Running,
    /// As it should be.
    Ok,
    /// It works, but something should be known.
    Warning,
    /// It does not work.
    Failed,
    /// Not asked, since something before it failed or it is not set up.
    Skipped,
}

/// Something that a button beside the row does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// Copies statements for the SQL editor.
    CopySql(String),
    /// Puts the cursor into the key's field: another key is needed.
    ChangeKey,
    /// The same, where it must be one of the project's legacy keys.
    UseLegacyKey,
    /// Changes to signing in as a user.
    SignIn,
    /// Puts the cursor into the URL's field.
    ChangeUrl,
    /// Opens a page of the project's dashboard.
    Open(String),
}

/// One row, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Which.
    pub id: CheckId,
    /// Where it stands.
    pub state: CheckState,
    /// What was found, in a few words: "84 ms, encrypted". Empty while it waits.
    pub words: String,
    /// What to do about it; empty if there is nothing to do.
    pub advice: String,
    /// What a button can do about it.
    pub fix: Option<Fix>,
    /// How long it took, once it ended.
    pub took: Option<Duration>,
}

impl CheckId {
    /// All rows, in the order they run.
    pub const ALL: [Self; 9] = [
        Self::Reachable,
        Self::StorageApi,
        Self::Key,
        Self::Buckets,
        Self::Stories,
        Self::AltText,
        Self::Clock,
        Self::Rendering,
        Self::Provider,
    ];

    /// The row's name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Reachable => "Reachable",
            Self::StorageApi => "Storage API",
            Self::Key => "Key accepted",
            Self::Buckets => "Buckets visible",
            Self::Stories => "Stories found",
            Self::AltText => "Alt text column",
            Self::Clock => "Clock",
            Self::Rendering => "Picture rendering",
            Self::Provider => "AI provider",
        }
    }
}

impl CheckState {
    /// The state in a word, for scripts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

impl Check {
    /// A row that has not begun.
    #[must_use]
    pub fn waiting(id: CheckId) -> Self {
        Self {
            id,
            state: CheckState::Waiting,
            words: String::new(),
            advice: String::new(),
            fix: None,
            took: None,
        }
    }
}

/// Runs the rows one by one and reports each as it begins and as it ends; gives back how all of them ended.
///
/// Nothing is created or changed, and the key is sent nowhere if its own words say that it is another project's or has
/// ended. Dropping the future stops the test. What is asked and answered is kept in `transcript`.
pub(super) async fn test(
    draft: &Draft,
    transcript: &Arc<Transcript>,
    report: &(dyn Fn(Check) + Send + Sync),
) -> Vec<Check> {
    let mut rows = Rows::new(report);
    // A server may repeat in its answer what it was sent.
    let secrets = [Some(draft.key.secret()), draft.password.as_ref()];
    let _hidden = secrets.map(|secret| secret.map(|secret| transcript.masker().remember_while(secret)));
    match Http::with_options(Arc::clone(transcript), options()) {
        Ok(http) => run(draft, &http, &mut rows).await,
        Err(error) => {
            rows.end(CheckId::Reachable, Found::problem(&error.into()));
            rows.skip_waiting("Not asked");
        }
    }
    rows.checks
}

/// A test says what it finds at once: one repetition for a connection that was just being closed, no more.
fn options() -> Options {
    Options {
        retry: RetryPolicy {
            attempts: 2,
            base: Duration::from_millis(200),
            patience: Duration::from_secs(2),
            ..RetryPolicy::default()
        },
        connect_timeout: Duration::from_secs(5),
    }
}

async fn run(draft: &Draft, http: &Http, rows: &mut Rows<'_>) {
    let reached = rows.run(CheckId::Reachable, reach::reach(draft, http)).await;
    if let Some(reached) = reached {
        let mut entered = None;
        if let Some(wrong) = entry::wrong_key(draft, Timestamp::now()) {
            rows.end(CheckId::StorageApi, Found::skipped("Not asked with this key"));
            rows.end(CheckId::Key, wrong);
        } else if let Some(project) = rows
            .run(CheckId::StorageApi, entry::storage_api(draft, http, &reached))
            .await
        {
            entered = rows.run(CheckId::Key, entry::enter(draft, project)).await;
        }
        if let Some(entered) = &entered {
            rows.end(CheckId::Buckets, entry::buckets(draft, &entered.buckets));
            if let Some(alt_text) = rows
                .run(CheckId::Stories, tables::stories(draft, &entered.supabase))
                .await
            {
                rows.end(CheckId::AltText, tables::alt_text(draft, &alt_text));
            }
        }
        rows.end(CheckId::Clock, reach::clock(draft, http));
        if let Some(entered) = &entered {
            rows.run(CheckId::Rendering, rendering::preview(draft, entered)).await;
            entered.leave().await;
        }
    }
    if draft.providers.is_empty() {
        rows.end(CheckId::Provider, Found::skipped("Built-in engines, no AI"));
    } else {
        rows.run(CheckId::Provider, provider::all(&draft.providers, http)).await;
    }
    rows.skip_waiting("Not asked, see above");
}

/// How a row ended.
#[derive(Debug)]
struct Found {
    state: CheckState,
    words: String,
    advice: String,
    fix: Option<Fix>,
}

impl Found {
    fn new(state: CheckState, words: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            state,
            words: words.into(),
            advice: advice.into(),
            fix: None,
        }
    }

    fn ok(words: impl Into<String>) -> Self {
        Self::new(CheckState::Ok, words, "")
    }

    fn skipped(words: impl Into<String>) -> Self {
        Self::new(CheckState::Skipped, words, "")
    }

    fn warning(words: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(CheckState::Warning, words, advice)
    }

    fn failed(words: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(CheckState::Failed, words, advice)
    }

    fn problem(problem: &Problem) -> Self {
        Self::failed(problem.what.clone(), problem.advice.clone())
    }

    fn with(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}

/// The rows, and who is told of them.
struct Rows<'a> {
    checks: Vec<Check>,
    report: &'a (dyn Fn(Check) + Send + Sync),
}

impl<'a> Rows<'a> {
    /// No row takes longer.
    const PATIENCE: Duration = Duration::from_secs(20);

    fn new(report: &'a (dyn Fn(Check) + Send + Sync)) -> Self {
        let checks: Vec<Check> = CheckId::ALL.into_iter().map(Check::waiting).collect();
        for check in &checks {
            report(check.clone());
        }
        Self { checks, report }
    }

    /// Runs a row; what it found for the rows after it.
    async fn run<T>(&mut self, id: CheckId, work: impl Future<Output = (Found, Option<T>)>) -> Option<T> {
        self.change(id, |check| check.state = CheckState::Running);
        let started = Instant::now();
        let (found, result) = tokio::time::timeout(Self::PATIENCE, work).await.unwrap_or_else(|_| {
            let words = format!("No answer within {} s", Self::PATIENCE.as_secs());
            (Found::failed(words, "Try again in a moment."), None)
        });
        self.finish(id, found, Some(started.elapsed()));
        result
    }

    fn end(&mut self, id: CheckId, found: Found) {
        self.finish(id, found, None);
    }

    fn finish(&mut self, id: CheckId, found: Found, took: Option<Duration>) {
        self.change(id, |check| {
            *check = Check {
                id,
                state: found.state,
                words: found.words,
                advice: found.advice,
                fix: found.fix,
                took,
            };
        });
    }

    fn skip_waiting(&mut self, words: &str) {
        for id in CheckId::ALL {
            if self
                .checks
                .iter()
                .any(|check| check.id == id && check.state == CheckState::Waiting)
            {
                self.end(id, Found::skipped(words));
            }
        }
    }

    fn change(&mut self, id: CheckId, change: impl FnOnce(&mut Check)) {
        if let Some(check) = self.checks.iter_mut().find(|check| check.id == id) {
            change(check);
            (self.report)(check.clone());
        }
    }
}

/// How long something took: "84 ms", "2.2 s".
fn lasted(time: Duration) -> String {
    match time.as_millis().max(1) {
        ms @ ..1000 => format!("{ms} ms"),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// One of several: "1 bucket", "6 buckets".
fn counted(count: u64, one: &str) -> String {
    let number = crate::media::group_thousands(count);
    if count == 1 {
        format!("{number} {one}")
    } else {
        format!("{number} {one}s")
    }
}

#[cfg(test)]
mod tests;
