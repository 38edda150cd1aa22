//! One way out to the network: time-outs, retries, transcript, masking. Nothing else in the program touches reqwest.
//!
//! A room above builds a [`Call`], says what a retry may be made of its answers, and gets a [`Reply`] for any HTTP
//! status; only trouble on the way is an [`HttpError`]. What an answer means is the room's business, not this one's.

mod address;
mod attempt;
mod body;
mod breaker;
mod call;
mod certificate;
mod client;
mod clock;
mod curl;
mod error;
mod head;
mod mask;
mod persistence;
mod rate;
mod record;
mod retry;
mod secret;
mod sending;
mod shape;
mod stall;
mod streaming;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod throttle;
mod transcript;

pub use body::{Body, ByteStream, Source, SourceFile, StreamBody};
pub use breaker::Waiting;
pub use call::{Call, Reply};
pub use certificate::CertificateFacts;
pub use client::{Http, Options};
pub use clock::ClockOffset;
pub use error::{HttpError, NetworkClass, NetworkFailure};
pub use head::Head;
pub use mask::{Masker, Remembered};
pub use persistence::Persistence;
pub use rate::Rate;
pub use retry::{Retry, RetryPolicy, by_status, retry_after};
pub use secret::Secret;
pub use streaming::Streaming;
pub use transcript::{BodyShown, Exchange, ExchangeId, Limits, Outcome, Transcript};
