//! What is known of a plan that is being carried out.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::plan::{Kind, PlanItem, Rules};

/// The identity of a job, the same in every run of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub Uuid);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JobId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What somebody wants of a job or an item. Whoever runs it comes to it at the next safe place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// That it goes on.
    #[default]
    Run,
    /// That it waits. What has arrived is kept.
    Pause,
    /// That it ends. What has arrived is thrown away.
    Cancel,
}

/// A job as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// Its identity.
    pub id: JobId,
    /// What it does.
    pub kind: Kind,
    /// In words: "Upload 300 files to story-images/winter".
    pub title: String,
    /// How it does it.
    pub rules: Rules,
    /// When it was planned to run.
    pub created_at: Timestamp,
    /// When the last of its items ended.
    pub ended_at: Option<Timestamp>,
    /// What is wanted of it.
    pub wanted: Wanted,
    /// Where it stands.
    pub state: JobState,
    /// Items by where they stand.
    pub counts: Counts,
}

/// Where a job stands; follows from its items and from who runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// There is work left, and nobody is at it: it was interrupted, or has its turn later.
    Waiting,
    /// Somebody is at it.
    Running,
    /// There is work left, and it is to wait.
    Paused,
    /// Every item is done, identical, or was left out by the plan.
    Done,
    /// Nothing is left to do by itself, and some items failed or ask for a decision.
    Failed,
    /// It was cancelled.
    Cancelled,
}

/// How many items of a job stand where, and how many bytes that are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All of them.
    pub items: u64,
    /// Not begun, or begun and put back.
    pub waiting: u64,
    /// Under way, or arrived and not yet proven.
    pub running: u64,
    /// Done, whatever the proof.
    pub done: u64,
    /// Nothing had to be done, or the plan left them out.
    pub skipped: u64,
    /// Failed.
    pub failed: u64,
    /// Not done because only a person can say what is right.
    pub undecided: u64,
    /// Cancelled.
    pub cancelled: u64,
    /// Bytes of all items whose size is known.
    pub bytes: u64,
    /// Bytes of those that are done.
    pub bytes_done: u64,
}

/// One item of a job.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// The job.
    pub job: JobId,
    /// Its place in the plan, from 0.
    pub number: u32,
    /// What is to be done.
    pub plan: PlanItem,
    /// The mark that its object carries on the server: tells ours from another one after a lost reply. It is on disk from
    /// the beginning, so that a repetition after any crash is recognised.
    pub mark: Uuid,
    /// What is wanted of this item alone.
    pub wanted: Wanted,
    /// Where it stands.
    pub state: ItemState,
    /// How often it was begun.
    pub attempts: u32,
    /// What a later attempt needs to go on where this one broke off, as its executor wrote it. No secrets.
    pub resume: Option<String>,
    /// What is known of the bytes.
    pub content: Content,
}

/// What is known of an item's bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// How many there are.
    pub size: Option<u64>,
    /// SHA-256, as hexadecimal digits.
    pub sha256: Option<String>,
    /// MD5, as hexadecimal digits: the ETag of what was stored in one piece.
    pub md5: Option<String>,
    /// The ETag that the server gave.
    pub etag: Option<String>,
}

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ItemState {
    /// Nothing was sent yet, or what was sent is known to have had no effect.
    Waiting,
    /// A request is about to be made or was made; what became of it is unknown if nobody is at it.
    InFlight,
    /// The server has it, or the file is there; not yet proven.
    Landed,
    /// Done, and how far that is proven.
    Done {
        /// How far.
        proof: Proof,
    },
    /// Nothing had to be done: identical, or left out by the plan or a person.
    Skipped {
        /// Why.
        why: String,
    },
    /// Not done, because only a person can say what is right.
    Undecided {
        /// What is to be decided.
        why: String,
    },
    /// Not done.
    Failed(Failure),
    /// Stopped by the user.
    Cancelled,
}

impl ItemState {
    /// Whether nothing more happens to it by itself.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Waiting | Self::InFlight | Self::Landed)
    }
}

/// How far it is proven that what arrived is what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Nothing could be compared.
    Unverified,
    /// The size is right; the server told no hash that could be compared.
    SizeOnly,
    /// All bytes were read back and have the same hash.
    ReadBack,
    /// The server's own hash is that of the bytes.
    ServerHash,
}

impl Proof {
    /// In words, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ServerHash => "verified by the server's hash",
            Self::ReadBack => "verified by reading back",
            Self::SizeOnly => "size only",
            Self::Unverified => "unverified",
        }
    }
}

/// Why an item is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What can be done about it.
    pub kind: FailureKind,
    /// What happened, as a sentence. Secrets are masked.
    pub what: String,
    /// What helps, as a sentence.
    pub hint: String,
}

/// Failures by what the engine does about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The line or the server has trouble; the item goes back and waits until that is over.
    Passing,
    /// Too many requests: as [`FailureKind::Passing`], and fewer at once from now on.
    Throttled,
    /// It may have been carried out. It is looked for before anything else is done.
    Ambiguous,
    /// The target, or an object that is the source, is not what it was when it was planned.
    Changed,
    /// The file that is sent is not what it was when it was planned, or changes while it is read. It is looked at again.
    SourceChanged,
    /// What arrived is not what was sent.
    Corrupt,
    /// The server, the disk or a rule refuses; the same again would fail in the same way.
    Refused,
}
