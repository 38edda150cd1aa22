//! Stories as projects of every generation hold them: recognised, listed, changed without losing what others wrote, put right.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod changes;
mod connection;
mod copies;
mod fixtures;
mod links;
mod lists;
mod reading;
#[path = "../support"]
#[allow(dead_code, reason = "some of it is for others")]
mod support {
    pub mod project;
    pub mod rows;
}
