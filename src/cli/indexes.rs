//! The indexes that `object find` and `usage` ask: of one bucket or all, listed anew or as they are kept.

use std::time::Duration;

use clap::Args;
use jiff::{SignedDuration, Span, Timestamp};

use super::output::Output;
use crate::catalog::{Coverage, Index};
use crate::media::group_thousands;
use crate::service::{Indexing, Problem, Service};
use crate::supabase::BucketName;

/// Which buckets, and how new what is known of them has to be.
#[derive(Debug, Args)]
pub(super) struct Indexes {
    /// The bucket, or "all"
    #[arg(long, default_value = "all", value_name = "BUCKET")]
    pub(super) bucket: String,
    /// Ask the server for nothing: use what was listed before, however old it is
    #[arg(long)]
    offline: bool,
    /// Take what was listed no longer ago than this instead of listing again: 10m, 2h, 1d
    #[arg(long, value_name = "AGE", default_value = "0s", value_parser = age, conflicts_with = "offline")]
    max_age: Duration,
}

impl Indexes {
    /// The indexes, by the names of their buckets. Offline, one may be incomplete, and one that was never listed is missing;
    /// the second value says so.
    pub(super) async fn get(
        &self,
        service: &Service,
        output: &Output,
    ) -> Result<(Vec<Index>, Option<Problem>), Problem> {
        let mut indexes = Vec::new();
        let mut lacking = Vec::new();
        for bucket in self.buckets(service).await? {
            if self.offline {
                match service.kept_index(&bucket).await? {
                    Some(index) => indexes.push(index),
                    None => lacking.push(bucket.to_string()),
                }
                continue;
            }
            let line = output.progress();
            let observe = |state: &Indexing| {
                if let Indexing::Listing { listed, .. } = state {
                    line.show(&format!("Listing {bucket} · {} objects", group_thousands(*listed)));
                }
            };
            let index = service.whole_index(&bucket, self.max_age, &observe).await;
            line.clear();
            indexes.push(index?);
        }
        let partly = indexes.iter().filter(|index| index.state().complete_at().is_none());
        lacking.extend(partly.map(|index| index.bucket().to_string()));
        let leaves_out = indexes.iter().any(Index::may_miss);
        let problem = if !lacking.is_empty() {
            Some(Problem::new(
                format!("Not everything of {} is known.", lacking.join(", ")),
                "Give the command without --offline.",
            ))
        } else if leaves_out {
            Some(Problem::new(
                "This server lists by its first API only, which may leave objects out.",
                "What is shown is there; what is not may be there all the same.",
            ))
        } else {
            None
        };
        Ok((indexes, problem))
    }

    async fn buckets(&self, service: &Service) -> Result<Vec<BucketName>, Problem> {
        if self.bucket != "all" {
            return Ok(vec![BucketName::parse(&self.bucket).map_err(Problem::from)?]);
        }
        if self.offline {
            return service.kept_buckets().await;
        }
        let buckets = service.buckets().await?;
        let mut names: Vec<_> = buckets
            .iter()
            .filter_map(|bucket| BucketName::parse(&bucket.name).ok())
            .collect();
        names.sort();
        Ok(names)
    }
}

/// What is said of an index in a document.
pub(super) fn coverage(index: &Index) -> serde_json::Value {
    serde_json::json!({
        "bucket": index.bucket().as_str(),
        "complete": matches!(index.state(), Coverage::Complete { .. }) && !index.may_miss(),
        "listed_at": index.state().complete_at(),
    })
}

/// "10m", "2h", "7d", "1w", and what else people write for a time.
pub(super) fn age(text: &str) -> Result<Duration, String> {
    let wrong = || format!("“{text}” is no time; write 30s, 10m, 12h, 7d or 2w");
    let span: Span = text.trim().parse().map_err(|_| wrong())?;
    // Months and years have no length of their own.
    let relative = jiff::SpanRelativeTo::days_are_24_hours();
    let time = span.to_duration(relative).map_err(|_| wrong())?;
    Duration::try_from(time).map_err(|_| wrong())
}

/// The time that was so long ago.
pub(super) fn ago(age: Duration) -> Result<Timestamp, Problem> {
    let age = SignedDuration::try_from(age).ok();
    age.and_then(|age| Timestamp::now().checked_sub(age).ok())
        .ok_or_else(|| Problem::new("That is too long ago.", "Name a time within this era."))
}

/// "90KB", "1.5MB": bytes with a unit of thousands.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let number = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.trim()[number.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 1.0,
        "K" | "KB" => 1e3,
        "M" | "MB" => 1e6,
        "G" | "GB" => 1e9,
        "T" | "TB" => 1e12,
        other => return Err(format!("{other} is no unit; write KB, MB, GB or TB")),
    };
    let number: f64 = number.trim().parse().map_err(|_| format!("“{text}” is no size"))?;
    let bytes = number * unit;
    if bytes.is_finite() && (0.0..9e15).contains(&bytes) {
        Ok(bytes.round() as u64)
    } else {
        Err(format!("“{text}” is no size that an object can have"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_are_read_with_their_units() {
        assert_eq!(
            (size("90KB"), size("1.5 mb"), size("7"), size("0")),
            (Ok(90_000), Ok(1_500_000), Ok(7), Ok(0))
        );
        for bad in ["", "KB", "-1", "1 parsec", "nan", "inf", "99999999TB"] {
            assert!(size(bad).is_err(), "{bad}");
        }
        assert_eq!(age("7d"), Ok(Duration::from_secs(7 * 86_400)));
        assert_eq!(age("90m"), Ok(Duration::from_secs(5_400)));
        assert_eq!(age("2w"), Ok(Duration::from_secs(14 * 86_400)));
        for bad in ["", "7", "-7d", "soon", "1mo"] {
            assert!(age(bad).is_err(), "{bad}");
        }
        assert!(ago(Duration::MAX).is_err() && ago(Duration::from_secs(1)).is_ok());
    }
}
