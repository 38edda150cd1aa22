//! What is looked for besides the folder: a text, where, and what objects must be like.

use jiff::{Span, Timestamp};

use crate::catalog::{Filters, Mode};
use crate::gui::icon::{self, Icon};
use crate::media::format_bytes;

/// Where a text is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In the folder shown and below it.
    Folder,
    /// In all folders of the open bucket.
    #[default]
    Bucket,
    /// In all buckets.
    Everywhere,
}

impl Scope {
    /// Every scope with its words, as the menu shows them.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Folder, "This folder"),
        (Self::Bucket, "All folders"),
        (Self::Everywhere, "All buckets"),
    ];

    /// What it is called.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Folder => "This folder",
            Self::Bucket => "All folders",
            Self::Everywhere => "All buckets",
        }
    }
}

/// A kind of files, by their declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// Pictures.
    Images,
    /// Sounds.
    Audio,
    /// Films.
    Video,
    /// Texts.
    Text,
    /// Documents to print.
    Pdf,
    /// Data.
    Json,
    /// Many files in one.
    Archives,
    /// The form of a browser around a file, by mistake of who uploaded it.
    Forms,
}

impl FileKind {
    /// Every kind, as the menu shows them.
    pub const ALL: [Self; 8] = [
        Self::Images,
        Self::Audio,
        Self::Video,
        Self::Text,
        Self::Pdf,
        Self::Json,
        Self::Archives,
        Self::Forms,
    ];

    /// What it is called.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Images => "Images",
            Self::Audio => "Audio",
            Self::Video => "Video",
            Self::Text => "Text",
            Self::Pdf => "PDF",
            Self::Json => "JSON",
            Self::Archives => "Archives",
            Self::Forms => "Multipart",
        }
    }

    /// Its sign.
    pub const fn icon(self) -> Icon {
        match self {
            Self::Images => icon::IMAGE,
            Self::Audio => icon::SPEAKER_HIGH,
            Self::Video => icon::FILM_STRIP,
            Self::Text => icon::FILE_TEXT,
            Self::Pdf => icon::FILE_PDF,
            Self::Json => icon::CODE,
            Self::Archives => icon::FILE_ZIP,
            Self::Forms => icon::FILE_X,
        }
    }

    /// The types it stands for.
    const fn types(self) -> &'static [&'static str] {
        match self {
            Self::Images => &["image/*"],
            Self::Audio => &["audio/*"],
            Self::Video => &["video/*"],
            Self::Text => &["text/*"],
            Self::Pdf => &["application/pdf"],
            Self::Json => &["application/json"],
            Self::Archives => &[
                "application/zip",
                "application/x-zip-compressed",
                "application/gzip",
                "application/x-gzip",
                "application/x-tar",
                "application/x-7z-compressed",
                "application/zstd",
                "application/x-zstd",
                "application/vnd.rar",
            ],
            Self::Forms => &["multipart/*"],
        }
    }
}

/// A span of time back from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Age {
    /// 24 hours.
    Day,
    /// Seven days.
    Week,
    /// Thirty days.
    Month,
    /// 365 days.
    Year,
}

impl Age {
    /// Every span, as the menu shows them.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// What it is called.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Year => "a year",
        }
    }

    /// The time so long before `now`.
    fn before(self, now: Timestamp) -> Timestamp {
        let hours: i64 = match self {
            Self::Day => 24,
            Self::Week => 7 * 24,
            Self::Month => 30 * 24,
            Self::Year => 365 * 24,
        };
        now.checked_sub(Span::new().hours(hours)).unwrap_or(Timestamp::MIN)
    }
}

/// What objects must be like. The times are those of when it was chosen, so that the question stays the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filtering {
    kinds: Vec<FileKind>,
    larger: Option<u64>,
    smaller: Option<u64>,
    newer: Option<(Age, Timestamp)>,
    older: Option<(Age, Timestamp)>,
}

/// One of the filters that are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Of a kind.
    Kind(FileKind),
    /// So many bytes or more.
    Larger(u64),
    /// So many bytes or less.
    Smaller(u64),
    /// Written within a span of time.
    Newer(Age),
    /// Not written within a span of time.
    Older(Age),
}

impl Filter {
    /// What its chip says.
    pub fn words(self) -> String {
        match self {
            Self::Kind(kind) => kind.words().to_owned(),
            Self::Larger(bytes) => format!("Size over {}", format_bytes(bytes)),
            Self::Smaller(bytes) => format!("Size under {}", format_bytes(bytes)),
            Self::Newer(age) => format!("Within {}", age.words()),
            Self::Older(age) => format!("Older than {}", age.words()),
        }
    }

    /// The sign of its chip.
    pub fn icon(self) -> Option<Icon> {
        match self {
            Self::Kind(kind) => Some(kind.icon()),
            Self::Larger(_) | Self::Smaller(_) => None,
            Self::Newer(_) | Self::Older(_) => Some(icon::CLOCK),
        }
    }
}

impl Filtering {
    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Every filter that is on, as their chips stand.
    pub fn all(&self) -> Vec<Filter> {
        let kinds = self.kinds.iter().map(|kind| Filter::Kind(*kind));
        let sizes = [self.larger.map(Filter::Larger), self.smaller.map(Filter::Smaller)];
        let times = [
            self.newer.map(|(age, _)| Filter::Newer(age)),
            self.older.map(|(age, _)| Filter::Older(age)),
        ];
        kinds
            .chain(sizes.into_iter().flatten())
            .chain(times.into_iter().flatten())
            .collect()
    }

    /// Whether a filter is on.
    pub fn has(&self, filter: Filter) -> bool {
        self.all().contains(&filter)
    }

    /// Turns a filter on, in the place of another one of its kind; of several kinds of files each is enough.
    pub fn put(&mut self, filter: Filter, now: Timestamp) {
        match filter {
            Filter::Kind(kind) => {
                if !self.kinds.contains(&kind) {
                    self.kinds.push(kind);
                }
            }
            Filter::Larger(bytes) => self.larger = Some(bytes),
            Filter::Smaller(bytes) => self.smaller = Some(bytes),
            Filter::Newer(age) => self.newer = Some((age, age.before(now))),
            Filter::Older(age) => self.older = Some((age, age.before(now))),
        }
    }

    /// Turns a filter off.
    pub fn take(&mut self, filter: Filter) {
        match filter {
            Filter::Kind(kind) => self.kinds.retain(|known| *known != kind),
            Filter::Larger(_) => self.larger = None,
            Filter::Smaller(_) => self.smaller = None,
            Filter::Newer(_) => self.newer = None,
            Filter::Older(_) => self.older = None,
        }
    }

    /// Turns a filter on, or off if it is on.
    pub fn flip(&mut self, filter: Filter, now: Timestamp) {
        if self.has(filter) {
            self.take(filter);
        } else {
            self.put(filter, now);
        }
    }

    /// The same for an index.
    pub fn filters(&self) -> Filters {
        let types = self.kinds.iter().flat_map(|kind| kind.types());
        Filters {
            min_size: self.larger,
            max_size: self.smaller,
            after: self.newer.map(|(_, time)| time),
            before: self.older.map(|(_, time)| time),
            kinds: types.map(|kind| (*kind).to_owned()).collect(),
        }
    }
}

/// What is typed to search for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The text.
    pub text: String,
    /// How it is meant.
    pub mode: Mode,
    /// Where it is looked for.
    pub scope: Scope,
    /// What objects must be like.
    pub filtering: Filtering,
}

impl Search {
    /// Whether there is a text to look for.
    pub fn has_text(&self) -> bool {
        !self.text.trim().is_empty()
    }

    /// Whether everything is shown.
    pub fn is_empty(&self) -> bool {
        !self.has_text() && self.filtering.is_empty()
    }

    /// Looks for nothing any more; how and where is kept.
    pub fn clear(&mut self) {
        self.text.clear();
        self.filtering = Filtering::default();
    }
}

/// A size as people write it: "90 KB", "1.5MB", "200" bytes; units of a thousand, or of 1,024 as in "MiB".
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let unit: f64 = match unit.trim() {
        "" | "b" | "byte" | "bytes" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let bytes = (number * unit).round();
    (0.0..1e18).contains(&bytes).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(
            ["90 KB", "1.5MB", " 200 ", "2 GiB", "7b", "0"].map(parse_size),
            [
                Some(90_000),
                Some(1_500_000),
                Some(200),
                Some(2_147_483_648),
                Some(7),
                Some(0)
            ]
        );
        assert_eq!(
            ["", "KB", "-1 KB", "1.2.3", "9e99 gb", "5 parsecs", "99999999 tb"].map(parse_size),
            [None; 7]
        );
    }

    #[test]
    fn filters_are_put_and_taken_one_by_one() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let mut filtering = Filtering::default();
        filtering.flip(Filter::Kind(FileKind::Images), now);
        filtering.flip(Filter::Kind(FileKind::Pdf), now);
        filtering.put(Filter::Larger(90_000), now);
        filtering.put(Filter::Larger(80_000), now);
        filtering.put(Filter::Older(Age::Week), now);
        let words: Vec<String> = filtering.all().into_iter().map(Filter::words).collect();
        assert_eq!(words, ["Images", "PDF", "Size over 80 KB", "Older than 7 days"]);
        let filters = filtering.filters();
        assert_eq!(filters.kinds, ["image/*", "application/pdf"]);
        assert_eq!(filters.before, Some("2026-11-18T12:00:00Z".parse().unwrap()));
        for filter in filtering.all() {
            filtering.take(filter);
        }
        assert!(filtering.is_empty() && filtering.filters().is_empty());
    }
}
