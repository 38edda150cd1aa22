//! One way out to the network: time-outs, retries, transcript, masking. Nothing else in the program touches reqwest.

mod secret;

pub use secret::Secret;
