//! What is asked of the list of stories: which ones, in which order, and how many of each kind.

use jiff::{SignedDuration, Timestamp};

use super::model::{Scene, Status, Story};

/// Which stories are listed, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoryQuery {
    /// What the title or the prompt contains, in any case; empty for any.
    pub text: String,
    /// Only stories of this status.
    pub status: Option<Status>,
    /// Only stories with something to be seen to.
    pub show: Show,
    /// In which order.
    pub sort: Sort,
}

/// Stories with something to be seen to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Show {
    /// Every story.
    #[default]
    All,
    /// Those whose row says that something went wrong.
    Failed,
    /// Those with scenes that lack a picture, or without scenes.
    Missing,
    /// Those with pictures that nobody has described.
    NoAlt,
    /// Those that are said to be at work and did not change for [`Show::STALE`].
    Stale,
    /// Those with a link to an object that is not there.
    Broken,
}

/// The order of a list. Stories that are equal in it are told apart by their ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Newest first.
    #[default]
    Created,
    /// Changed last first.
    Updated,
    /// By title.
    Title,
    /// By the word of their status.
    Status,
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoryPage {
    /// With their scenes, in order.
    pub stories: Vec<Story>,
    /// Stories that are listed in all, if that was asked for and the project says so.
    pub total: Option<u64>,
}

/// How many stories there are of each kind, of those that a text and a status leave. None where it is not known: nobody has looked,
/// or the project gave up counting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub all: Option<u64>,
    /// [`Show::Failed`]
    pub failed: Option<u64>,
    /// [`Show::Missing`]
    pub missing: Option<u64>,
    /// [`Show::NoAlt`]
    pub no_alt: Option<u64>,
    /// [`Show::Stale`]
    pub stale: Option<u64>,
    /// [`Show::Broken`]
    pub broken: Option<u64>,
}

impl Show {
    /// In the order shown.
    pub const ALL: [Self; 6] = [
        Self::All,
        Self::Failed,
        Self::Missing,
        Self::NoAlt,
        Self::Stale,
        Self::Broken,
    ];

    /// How long a story at work may go without a change before it is taken for one that nobody works on.
    pub const STALE: SignedDuration = SignedDuration::from_hours(1);

    /// The word shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Failed => "Failed",
            Self::Missing => "Missing",
            Self::NoAlt => "No alt",
            Self::Stale => "Stale",
            Self::Broken => "Broken",
        }
    }

    /// Whether it lists a story, as far as the story itself tells: of [`Show::Broken`], that it has links at all.
    #[must_use]
    pub fn lists(self, story: &Story, now: Timestamp) -> bool {
        match self {
            Self::All => true,
            Self::Failed => story.status == Status::Failed,
            Self::Missing => story.can_resume(),
            Self::NoAlt => story.scenes.iter().any(lacks_alt),
            Self::Stale => is_stale(story, now),
            Self::Broken => story.links().next().is_some(),
        }
    }
}

impl StoryQuery {
    /// Whether it lists a story, as far as the story itself tells; see [`Show::lists`].
    #[must_use]
    pub fn lists(&self, story: &Story, now: Timestamp) -> bool {
        let needle = self.text.trim().to_lowercase();
        let mentions = |text: &str| text.to_lowercase().contains(&needle);
        self.status.is_none_or(|status| story.status == status)
            && (needle.is_empty() || mentions(&story.title) || mentions(&story.prompt))
            && self.show.lists(story, now)
    }

    /// The same question about stories of every kind.
    #[must_use]
    pub fn showing(&self, show: Show) -> Self {
        Self { show, ..self.clone() }
    }
}

impl Counts {
    /// Counts one story more.
    pub(super) fn add(&mut self, story: &Story, now: Timestamp) {
        for show in [Show::All, Show::Failed, Show::Missing, Show::NoAlt, Show::Stale] {
            let more = u64::from(show.lists(story, now));
            let count = self.count_mut(show);
            *count = Some(count.unwrap_or_default() + more);
        }
    }

    /// The place of a kind's count.
    pub(super) fn count_mut(&mut self, show: Show) -> &mut Option<u64> {
        match show {
            Show::All => &mut self.all,
            Show::Failed => &mut self.failed,
            Show::Missing => &mut self.missing,
            Show::NoAlt => &mut self.no_alt,
            Show::Stale => &mut self.stale,
            Show::Broken => &mut self.broken,
        }
    }

    /// How many stories of a kind there are, if that is known.
    #[must_use]
    pub fn of(&self, show: Show) -> Option<u64> {
        match show {
            Show::All => self.all,
            Show::Failed => self.failed,
            Show::Missing => self.missing,
            Show::NoAlt => self.no_alt,
            Show::Stale => self.stale,
            Show::Broken => self.broken,
        }
    }
}

/// Whether a scene has a picture that nobody has described.
fn lacks_alt(scene: &Scene) -> bool {
    scene.image_url.is_some() && scene.alt_text.is_none()
}

fn is_stale(story: &Story, now: Timestamp) -> bool {
    let changed = story.updated_at.as_deref().or(story.created_at.as_deref());
    let changed = changed.and_then(time);
    matches!(story.status, Status::Processing | Status::Pending)
        && changed.is_some_and(|changed| now.duration_since(changed) > Show::STALE)
}

/// A time as projects write it; one without an offset is in UTC, as in their databases.
fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
    })
}
