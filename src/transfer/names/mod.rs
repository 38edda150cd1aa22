//! Names that pass between file systems and buckets: neither side takes all that the other one has.
//!
//! A bucket takes a part of ASCII; file systems take most of Unicode, but each has its own forbidden words. What a name
//! cannot say is written as an [`escape`], from which the original can be computed again. Keys that come from a server
//! are hostile data here: no key becomes a path but through [`local`].

pub mod escape;
mod hostile;
pub mod lint;
pub mod local;
pub mod manifest;

pub use escape::{Decoded, decode, encode};
pub use hostile::fold;
pub(crate) use hostile::is_invisible;
pub use lint::{Finding, Severity, Suggestion, Twins, lint, suggest};
pub use local::{Changed, Laid, LocalPath, NotLocal, lay_out, numbered};
pub use manifest::{Manifest, ManifestEntry, ManifestError};

/// How long properties are tried: so many cases, or as many as `PROPTEST_CASES` says.
#[cfg(test)]
pub(crate) fn cases(usual: u32) -> proptest::test_runner::Config {
    let wanted = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    proptest::test_runner::Config {
        cases: wanted.unwrap_or(usual),
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    }
}
