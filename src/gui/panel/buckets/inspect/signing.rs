//! Links that are signed: for how long, and how long they still last.

use std::time::Duration;

use jiff::Timestamp;

use crate::service::{Load, Problem, Service, Signed};
use crate::supabase::{BucketName, ObjectKey, SignedUrl};

/// For how long a link lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Expiry {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// Seven days.
    #[default]
    Week,
    /// Thirty days.
    Month,
    /// 365 days.
    Year,
}

impl Expiry {
    /// All of them with their words.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Hour, "1 hour"),
        (Self::Day, "1 day"),
        (Self::Week, "7 days"),
        (Self::Month, "30 days"),
        (Self::Year, "1 year"),
    ];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(expiry, _)| *expiry == self)
            .map_or("", |(_, words)| words)
    }

    /// As a time.
    #[must_use]
    pub fn duration(self) -> Duration {
        const HOUR: u64 = 60 * 60;
        Duration::from_secs(match self {
            Self::Hour => HOUR,
            Self::Day => 24 * HOUR,
            Self::Week => 7 * 24 * HOUR,
            Self::Month => 30 * 24 * HOUR,
            Self::Year => 365 * 24 * HOUR,
        })
    }
}

/// A link to one object.
#[derive(Debug, Default)]
pub struct LinkForm {
    /// For how long.
    pub expiry: Expiry,
    wanted: bool,
    load: Load<Signed>,
}

impl LinkForm {
    /// Asks for a link. What was there is worth nothing less: links cannot be taken back.
    pub fn sign(&mut self) {
        self.wanted = true;
    }

    pub(super) fn poll(&mut self, service: &Service, bucket: &BucketName, key: &ObjectKey) {
        if std::mem::take(&mut self.wanted) {
            let (bucket, key, expires) = (bucket.clone(), key.clone(), self.expiry.duration());
            self.load.start(service.load(move |service| async move {
                let signed = service.sign(&bucket, &[key], expires, false).await?;
                signed.into_iter().next().ok_or_else(Problem::stopped)
            }));
        }
        self.load.poll();
    }

    /// The link.
    #[must_use]
    pub fn link(&self) -> Option<&SignedUrl> {
        self.load.value()?.link.as_ref().ok()
    }

    /// Why there is none.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        let refused = self.load.value().and_then(|signed| signed.link.as_ref().err());
        self.load.problem().or(refused)
    }

    /// Whether it is being made.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.load.is_loading()
    }
}

/// How long a link still lasts, as it is written, and after how long that will be another text: "6 d 23 h", "12 min",
/// "0:42". None once it has ended.
#[must_use]
pub fn left(ends: Timestamp, now: Timestamp) -> Option<(String, Duration)> {
    let left = Duration::try_from(ends.duration_since(now))
        .ok()
        .filter(|left| !left.is_zero())?;
    let seconds = left.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let (text, unit) = if days > 0 {
        (format!("{days} d {hours} h"), 3_600)
    } else if hours > 0 {
        (format!("{hours} h {minutes} min"), 60)
    } else if minutes > 0 {
        (format!("{minutes} min"), 60)
    } else {
        (format!("0:{seconds:02}"), 1)
    };
    let next = Duration::from_secs(seconds % unit) + Duration::from_nanos(left.subsec_nanos().into());
    Some((text, next + Duration::from_millis(10)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_and_when_that_changes() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        for (ends, text, next) in [
            ("2026-12-01T09:30:00Z", Some("6 d 23 h"), 1_800),
            ("2026-11-24T12:05:07Z", Some("2 h 5 min"), 7),
            ("2026-11-24T10:12:30Z", Some("12 min"), 30),
            ("2026-11-24T10:00:42Z", Some("0:42"), 0),
            ("2026-11-24T10:00:00Z", None, 0),
            ("2020-01-01T00:00:00Z", None, 0),
        ] {
            let left = left(ends.parse().unwrap(), now);
            assert_eq!(left.as_ref().map(|(text, _)| text.as_str()), text);
            if let Some((_, changes)) = left {
                assert_eq!(changes.as_secs(), next, "{ends}");
            }
        }
    }
}
