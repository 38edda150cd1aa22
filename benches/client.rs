//! What the client does in a second and at what cost, over the loopback and the real API: uploads and downloads of three
//! sizes at three concurrencies, a listing of a million objects, and two gigabytes through a constant memory.
//!
//! ```sh
//! cargo bench --bench client                  # everything, against a server of its own
//! BENCH_PARTS=transfers,listing,large …       # some of it
//! BENCH_URL=… BENCH_KEY=… …                   # against a server that runs already
//! BENCH_JSON=1 …                              # one JSON document, for benches/peers/run
//! ```
//!
//! The work is that of `peers/workload.json`, which the JavaScript client does as well. A measurement is the median of the
//! rounds. CPU time is this process's own (the server runs in another), memory the most that was resident.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on ends"
)]
#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "client/large.rs"]
mod large;
#[path = "client/listing.rs"]
mod listing;
#[path = "client/process.rs"]
mod process;
#[path = "../tests/support/rows.rs"]
mod rows;
#[path = "client/server.rs"]
mod server;
#[path = "client/transfers.rs"]
mod transfers;

use std::sync::Arc;

use serde_json::{Map, Value};
use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::supabase::Supabase;
use storymimi_studio::workspace::{ApiKey, ProjectUrl};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let result = runtime.block_on(run());
    if std::env::var_os("BENCH_JSON").is_some() {
        println!("{}", serde_json::to_string_pretty(&result).unwrap());
    }
}

async fn run() -> Value {
    let server = server::Server::find_or_start();
    let project = Supabase::new(
        Http::new(Arc::new(Transcript::default())).unwrap(),
        ProjectUrl::parse(&server.url).unwrap(),
        ApiKey::parse(&server.key).unwrap(),
    );
    let parts = std::env::var("BENCH_PARTS").unwrap_or_else(|_| "transfers,listing,large".to_owned());
    let workload: Value = serde_json::from_str(include_str!("peers/workload.json")).unwrap();
    let mut result = Map::new();
    for part in parts.split(',') {
        let measured = match part {
            "transfers" => transfers::run(&project, &workload, &server.processes).await,
            "listing" => listing::run(&project, &workload, server.data.as_deref()).await,
            "large" => large::run(&project).await,
            other => panic!("no such part: {other}"),
        };
        result.insert(part.to_owned(), measured);
    }
    Value::Object(result)
}

/// Tells people, unless a program reads along.
fn say(line: &str) {
    if std::env::var_os("BENCH_JSON").is_none() {
        println!("{line}");
    }
}
