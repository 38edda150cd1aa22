//! One way out to the network: time-outs, retries, transcript, masking. Nothing else in the program touches reqwest.
//!
//! A room above builds a [`Call`], says what a retry may be made of its answers, and gets a [`Reply`] for any HTTP
//! status; only trouble on the way is an [`HttpError`]. What an answer means is the room's business, not this one's.

mod call;
mod client;
mod curl;
mod error;
mod mask;
mod retry;
mod secret;
mod stall;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod transcript;

pub use call::{Body, Call, Reply};
pub use client::{Http, Options};
pub use error::{HttpError, NetworkClass, NetworkFailure};
pub use mask::Masker;
pub use retry::{Retry, RetryPolicy, by_status, retry_after};
pub use secret::Secret;
pub use transcript::{BodyShown, Exchange, ExchangeId, Limits, Outcome, Transcript};
