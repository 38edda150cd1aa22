//! What is asked of an index.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use jiff::Timestamp;

/// A question about a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Query {
    /// Where to look: empty for the whole bucket, or the beginning of keys up to a `/` with it.
    pub folder: String,
    /// Whether to look in the folders of the folder, too, at any depth.
    pub deep: bool,
    /// What to look for in what follows the folder in keys; empty for everything.
    pub text: String,
    /// How `text` is meant.
    pub mode: Mode,
    /// What else objects must be like. Folders are not judged by it.
    pub filters: Filters,
    /// In which order.
    pub order: Order,
    /// How often objects are used, where they are sorted by that.
    pub uses: UseCounts,
    /// Whether objects in the trash are shown, too. They always are in folders of the trash.
    pub trash: bool,
    /// Whether the empty objects that keep folders alive are shown, too.
    pub placeholders: bool,
}

/// How a text is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Each of its words must be in the key, whatever the case.
    #[default]
    Substring,
    /// The letters of each word must be in the key in their order, whatever the case.
    Fuzzy,
    /// A regular expression, whatever the case unless it has a capital letter.
    Regex,
}

/// What objects must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filters {
    /// At least so many bytes.
    pub min_size: Option<u64>,
    /// At most so many bytes.
    pub max_size: Option<u64>,
    /// Written then or later.
    pub after: Option<Timestamp>,
    /// Written before.
    pub before: Option<Timestamp>,
    /// Declared as one of these: `image/png`, `image/*`, whatever the case. Empty for any, or for none declared.
    pub kinds: Vec<String>,
}

impl Filters {
    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What objects are sorted by. What is alike goes by name, then by key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortBy {
    /// The name, numbers in it by their value.
    #[default]
    Name,
    /// Bytes.
    Size,
    /// The declared type.
    Type,
    /// When it was last written.
    Modified,
    /// The rule for caches.
    CacheControl,
    /// How often it is used: [`Query::uses`].
    UsedBy,
    /// How well it matches a fuzzy text, the best first; by name where nothing of the kind was asked.
    Match,
}

impl SortBy {
    /// Every order that the objects themselves have.
    pub const ALL: [Self; 5] = [Self::Name, Self::Size, Self::Type, Self::Modified, Self::CacheControl];

    /// What it is called.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Size => "Size",
            Self::Type => "Type",
            Self::Modified => "Modified",
            Self::CacheControl => "Cache control",
            Self::UsedBy => "Used by",
            Self::Match => "Best match",
        }
    }
}

/// How often objects are used, by their keys; those that are not named are not used. Two are the same if they are of one
/// counting.
#[derive(Clone, Debug, Default)]
pub struct UseCounts(Arc<HashMap<String, usize>>);

impl UseCounts {
    /// Each key with how often it is used.
    #[must_use]
    pub fn new(counts: HashMap<String, usize>) -> Self {
        Self(Arc::new(counts))
    }

    /// The keys that are used, and how often.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0.iter().map(|(key, count)| (key.as_str(), *count))
    }
}

impl PartialEq for UseCounts {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.0.is_empty() && other.0.is_empty())
    }
}

impl Eq for UseCounts {}

impl Hash for UseCounts {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.len().hash(state);
    }
}

/// An order and its direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Order {
    /// What it goes by.
    pub by: SortBy,
    /// The last first.
    pub descending: bool,
}

/// A query that has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The regular expression is none.
    #[error("“{pattern}” is no regular expression: {why}")]
    NotARegex {
        /// What was given.
        pattern: String,
        /// What is wrong with it, in a line.
        why: String,
    },
    /// The regular expression would take too much memory.
    #[error("the regular expression is too large")]
    RegexTooLarge,
    /// The text is longer than any key.
    #[error("the text to look for is longer than {0} bytes")]
    TooLong(usize),
    /// Nobody waits for the answer any more.
    #[error("the question was taken back")]
    Stopped,
}
