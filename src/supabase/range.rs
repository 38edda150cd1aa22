//! Parts of objects, and what the headers of a read say: shared by reads into memory and streamed ones.

use ::http::HeaderMap;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// Which bytes are asked for. The server takes one range at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// From the first to the last, both included.
    Between(u64, u64),
    /// From this one to the end.
    From(u64),
    /// So many at the end.
    Last(u64),
}

/// Bytes of an object, counted from 0, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The first of them.
    pub first: u64,
    /// The last of them.
    pub last: u64,
    /// Bytes of the whole object; None if the server does not know.
    pub total: Option<u64>,
}

/// What the headers of a read say of the object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Bytes of the whole object.
    pub size: Option<u64>,
    /// The type it is served with.
    pub content_type: Option<String>,
    /// Changes with the bytes, quoted.
    pub etag: Option<String>,
    /// As served.
    pub cache_control: Option<String>,
    /// When the bytes last changed.
    pub last_modified: Option<Timestamp>,
}

impl ByteRange {
    /// The value of the `Range` header.
    #[must_use]
    pub fn header(self) -> String {
        match self {
            Self::Between(first, last) => format!("bytes={first}-{last}"),
            Self::From(first) => format!("bytes={first}-"),
            Self::Last(count) => format!("bytes=-{count}"),
        }
    }

    /// The same bytes of an object of this size, as positions; None if it has none of them.
    pub(super) fn within(self, size: u64) -> Option<(u64, u64)> {
        let end = size.checked_sub(1)?;
        match self {
            Self::Between(first, last) => (first <= end && first <= last).then_some((first, last.min(end))),
            Self::From(first) => (first <= end).then_some((first, end)),
            Self::Last(count) => (count > 0).then_some((size.saturating_sub(count), end)),
        }
    }
}

impl Part {
    /// Reads `Content-Range: bytes 0-7/70`.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let (range, total) = header.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let part = Self {
            first: first.trim().parse().ok()?,
            last: last.trim().parse().ok()?,
            total: total.trim().parse().ok(),
        };
        (part.first <= part.last && part.total.is_none_or(|total| part.last < total)).then_some(part)
    }

    /// How many bytes these are.
    pub(super) fn length(self) -> u64 {
        self.last - self.first + 1
    }

    /// Whether these are the bytes that were asked for, as far as can be told without the size of the whole.
    pub(super) fn answers(self, range: ByteRange) -> bool {
        match (range, self.total) {
            (range, Some(total)) => range.within(total) == Some((self.first, self.last)),
            (ByteRange::From(first), None) => self.first == first,
            (ByteRange::Between(first, last), None) => self.first == first && self.last <= last,
            (ByteRange::Last(count), None) => self.last - self.first < count,
        }
    }
}

/// What the headers say.
pub(super) fn facts(headers: &HeaderMap) -> Facts {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let owned = |name| text(name).map(str::to_owned);
    let part = text("content-range").and_then(Part::parse);
    Facts {
        size: match part {
            Some(part) => part.total,
            None => text("content-length").and_then(|length| length.trim().parse().ok()),
        },
        content_type: owned("content-type"),
        etag: owned("etag"),
        cache_control: owned("cache-control"),
        last_modified: text("last-modified").and_then(|date| DateTimeParser::new().parse_timestamp(date).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_content_ranges() {
        let part = |first, last, total| Some(Part { first, last, total });
        assert_eq!(Part::parse("bytes 0-7/70"), part(0, 7, Some(70)));
        assert_eq!(Part::parse("bytes 5-5/*"), part(5, 5, None));
        for bad in [
            "",
            "bytes */70",
            "bytes 7-0/70",
            "bytes 0-70/70",
            "0-7/70",
            "bytes a-b/c",
        ] {
            assert_eq!(Part::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_part_answers_the_range_that_was_asked_for() {
        let part = |first, last, total| Part { first, last, total };
        assert!(part(0, 7, Some(70)).answers(ByteRange::Between(0, 7)));
        assert!(part(60, 69, Some(70)).answers(ByteRange::Last(10)));
        assert!(part(60, 69, Some(70)).answers(ByteRange::Between(60, 500)));
        assert!(!part(0, 7, Some(70)).answers(ByteRange::From(0)));
        assert!(part(5, 9, None).answers(ByteRange::From(5)));
        assert!(!part(5, 9, None).answers(ByteRange::From(4)));
        assert!(!part(0, 9, None).answers(ByteRange::Last(9)));
    }
}
