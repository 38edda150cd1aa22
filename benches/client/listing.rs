//! Every object of a large bucket through the second listing API.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use storymimi_studio::supabase::Supabase;

use crate::{process, rows, say, transfers};

const BUCKET: &str = "bench-listing";

pub async fn run(project: &Supabase, workload: &Value, data: Option<&Path>) -> Value {
    let rows = workload["listing_rows"].as_u64().unwrap();
    let objects = transfers::bucket(project, BUCKET).await;
    let empty = objects
        .list("")
        .next()
        .await
        .unwrap()
        .is_none_or(|page| page.entries.is_empty());
    if empty {
        let Some(data) = data else {
            say("listing: the bucket bench-listing is empty, and this server's folder is not known");
            return Value::Null;
        };
        rows::seed(data, BUCKET, rows);
    }
    process::forget_peak();
    let (start, cpu) = (Instant::now(), process::cpu(std::process::id()));
    let mut listing = objects.list("");
    let (mut seen, mut pages) = (0_u64, Vec::new());
    let mut last = String::new();
    loop {
        let asked = Instant::now();
        let Some(page) = listing.next().await.unwrap() else {
            break;
        };
        if page.entries.is_empty() {
            continue;
        }
        pages.push(asked.elapsed());
        for entry in &page.entries {
            assert!(entry.key > last, "{} comes after {last}", entry.key);
            last.clone_from(&entry.key);
            seen += 1;
        }
    }
    let wall = start.elapsed();
    assert!(seen >= rows.min(1), "nothing was listed");
    let tenth = pages.len() / 10;
    let median = |pages: &[Duration]| {
        let mut sorted = pages.to_vec();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e3
    };
    let result = json!({
        "objects": seen,
        "seconds": wall.as_secs_f64(),
        "page_median_ms": median(&pages),
        // A page costs the same at the end of a bucket as at its beginning.
        "first_tenth_median_ms": median(&pages[..tenth]),
        "last_tenth_median_ms": median(&pages[pages.len() - tenth..]),
        "client_cpu_seconds": process::cpu(std::process::id()).saturating_sub(cpu).as_secs_f64(),
        "peak_memory_mb": process::peak_memory() / 1_000_000,
    });
    say(&format!(
        "listing {seen} objects: {:.1} s; a page of 1000: {:.2} ms (first tenth {:.2}, last tenth {:.2}); {:.1} s CPU; {} MB",
        wall.as_secs_f64(),
        result["page_median_ms"].as_f64().unwrap(),
        result["first_tenth_median_ms"].as_f64().unwrap(),
        result["last_tenth_median_ms"].as_f64().unwrap(),
        result["client_cpu_seconds"].as_f64().unwrap(),
        result["peak_memory_mb"],
    ));
    result
}
