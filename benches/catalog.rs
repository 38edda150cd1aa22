//! What the index of a bucket takes and how fast it answers, with a million objects.
//!
//! ```sh
//! cargo bench --bench catalog            # BENCH_OBJECTS=1000000, BENCH_ROUNDS=5
//! BENCH_SERVER=0 cargo bench …           # without a listing of the real local server
//! ```
//!
//! Memory is what more is resident after than before. A time is the median of the rounds, and the worst in parentheses.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on ends"
)]
#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "client/process.rs"]
#[allow(dead_code, reason = "shared with other benches")]
mod process;
#[path = "../tests/support/rows.rs"]
mod rows;

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use storymimi_studio::catalog::{Builder, Filters, Generation, Index, Mode, Order, Query, SortBy, Store, UsageQuery};
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::service::Service;
use storymimi_studio::supabase::{BucketName, Entry, NewBucket};
use storymimi_studio::workspace::{ApiKey, Home, ProjectUrl, Provider, Workspace};

fn main() {
    let objects = number("BENCH_OBJECTS", 1_000_000);
    let rounds = number("BENCH_ROUNDS", 5);
    let folder = tempfile::tempdir().unwrap();
    // First on disk, and then opened again, so that nothing of what built it is in the measured memory.
    build(folder.path(), objects);
    let before = resident();
    let began = Instant::now();
    let kept = Store::open(folder.path()).unwrap().load(&bucket(), 1).unwrap();
    let index = kept.complete.unwrap().index;
    println!("opened from disk: {} objects in {}", index.len(), ms(began.elapsed()));
    println!(
        "memory of the rows: {} MB",
        resident().saturating_sub(before) / 1_000_000
    );
    assert_eq!(index.len(), objects);
    search(&index, rounds);
    sort(&index);
    folders(&index, rounds);
    let began = Instant::now();
    let usage = index.usage(&UsageQuery::default());
    println!("usage: {} ({} folders)", ms(began.elapsed()), usage.tree.folders.len());
    println!(
        "memory with every order and search made: {} MB",
        resident().saturating_sub(before) / 1_000_000
    );
    drop((index, usage));
    if number("BENCH_SERVER", 1) == 1 {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(listing(objects));
    }
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

fn bucket() -> BucketName {
    BucketName::parse("bench").unwrap()
}

/// Sixty bytes of a key, like those that the studio makes.
fn entry(n: usize) -> Entry {
    let story = n / 12;
    let mixed = (story as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let what = ["scene", "cover", "sketch", "portrait"][n % 4];
    Entry {
        key: format!(
            "stories/{story:06}-{mixed:016x}/drafts/{what}_{:04}_v{}.png",
            n % 12,
            n % 3
        ),
        id: None,
        size: Some(50_000 + (n as u64 * 7_919) % 900_000),
        content_type: Some(["image/png", "image/webp", "image/jpeg"][n % 3].to_owned()),
        etag: Some(format!("\"{:032x}\"", u128::from(mixed) * (n as u128 + 1))),
        cache_control: Some("max-age=3600".to_owned()),
        created_at: Timestamp::from_second(1_700_000_000 + n as i64).ok(),
        updated_at: Timestamp::from_second(1_700_000_000 + (n as i64 * 31) % 20_000_000).ok(),
    }
}

fn build(folder: &Path, objects: usize) {
    let store = Store::open(folder).unwrap();
    let generation = Generation::new(Timestamp::now());
    let mut builder = Builder::new(bucket(), None);
    let mut spent = Duration::ZERO;
    for page in 0..objects.div_ceil(1_000) {
        let mut entries: Vec<Entry> = (page * 1_000..((page + 1) * 1_000).min(objects)).map(entry).collect();
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        let began = Instant::now();
        builder.page(entries, false);
        spent += began.elapsed();
    }
    println!("built of pages: {}", ms(spent));
    let at = Timestamp::now();
    let finished = builder.finish(1, at);
    let began = Instant::now();
    let scan = finished.index.scan(at);
    assert!(store.finish(generation, &finished, &scan).unwrap());
    println!("summed up and kept on disk: {}", ms(began.elapsed()));
}

fn search(index: &Index, rounds: usize) {
    let kinds: [(&str, Mode, &[&str]); 4] = [
        (
            "substring",
            Mode::Substring,
            &[
                "cover_0003",
                "e",
                "stories/0412",
                "9f3a",
                "nowhere",
                "PNG",
                "v2.png",
                "scene_0004_v1",
            ],
        ),
        (
            "words",
            Mode::Substring,
            &["cover v2", "041 sketch png", "s p", "scene drafts 0004"],
        ),
        ("fuzzy", Mode::Fuzzy, &["cov3", "st04sk", "e", "scenev1", "zzz", "drpo"]),
        (
            "regex",
            Mode::Regex,
            &[
                "cover_000[1-3]",
                r"_v2\.png$",
                "^stories/04.*sketch",
                r"[0-9a-f]{16}/drafts/p",
                "x|y|z",
            ],
        ),
    ];
    for (name, mode, texts) in kinds {
        let mut times = Vec::new();
        let mut slowest = (Duration::ZERO, "");
        for text in texts {
            let query = Query {
                text: (*text).to_owned(),
                deep: true,
                mode,
                ..Query::default()
            };
            // Orders, folded keys and the like are made once an index.
            index.answer(&query).unwrap();
            for _ in 0..rounds {
                let took = index.answer(&query).unwrap().took;
                times.push(took);
                slowest = slowest.max((took, text));
            }
        }
        println!("search, {name}: {} (worst: “{}”)", spread(times), slowest.1);
    }
    let query = Query {
        deep: true,
        filters: Filters {
            min_size: Some(900_000),
            kinds: vec!["image/*".to_owned()],
            ..Filters::default()
        },
        ..Query::default()
    };
    let times = (0..rounds).map(|_| index.answer(&query).unwrap().took).collect();
    println!("filter by size and type: {}", spread(times));
}

fn sort(index: &Index) {
    for by in SortBy::ALL {
        // Nothing of it is made yet: as after a listing.
        let fresh = index.at_version(2);
        let query = Query {
            deep: true,
            order: Order { by, descending: true },
            ..Query::default()
        };
        let (first, again) = (fresh.answer(&query).unwrap().took, fresh.answer(&query).unwrap().took);
        println!("all by {}: {} at first, {} again", by.words(), ms(first), ms(again));
    }
}

fn folders(index: &Index, rounds: usize) {
    for folder in ["", "stories/"] {
        let query = Query {
            folder: folder.to_owned(),
            ..Query::default()
        };
        let answer = index.answer(&query).unwrap();
        let times = (0..rounds).map(|_| index.answer(&query).unwrap().took).collect();
        println!(
            "folder “{folder}” of {} folders: {}",
            answer.folders.len(),
            spread(times)
        );
    }
}

/// From the opening of a bucket to its first rows, and to its last, with a real server.
async fn listing(objects: usize) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(Config::new(data.clone(), Secrets::supabase_defaults()))
        .await
        .unwrap();
    let open = || {
        let key = ApiKey::parse(server.service_key()).unwrap();
        let provider = Provider::built_in(server.ai_base_url(), key.secret().clone());
        let workspace = Workspace::local(ProjectUrl::parse(server.url()).unwrap(), key, provider);
        Service::open(workspace, &Home::at(folder.path()), tokio::runtime::Handle::current()).unwrap()
    };
    let (service, _events) = open();
    let made = NewBucket {
        name: bucket(),
        public: false,
        file_size_limit: None,
        allowed_mime_types: None,
    };
    service.create_bucket(&made).await.unwrap();
    rows::seed(&data, bucket().as_str(), objects as u64);
    let began = Instant::now();
    service.watch_bucket(&bucket());
    println!("first rows of a listing: {}", ms(first_rows(&service, began).await));
    let index = service.whole_index(&bucket(), Duration::ZERO, &|_| {}).await.unwrap();
    println!(
        "listed whole and kept: {} objects in {:.1} s",
        index.len(),
        began.elapsed().as_secs_f64()
    );
    drop(index);
    service.close().await;
    drop(service);
    // The next start is that of another process: nothing of this one goes on beside it, such as the order of the names, which
    // was begun for the first search.
    quiet().await;
    let began = Instant::now();
    let (service, _events) = open();
    let opened = began.elapsed();
    service.watch_bucket(&bucket());
    println!(
        "first rows at the next start: {}, of which the service's opening {}",
        ms(first_rows(&service, began).await),
        ms(opened)
    );
}

/// Waits until this process has nothing to do.
async fn quiet() {
    let me = [std::process::id()];
    loop {
        let before = process::cpu_of_all(&me);
        tokio::time::sleep(Duration::from_millis(500)).await;
        if process::cpu_of_all(&me).saturating_sub(before) <= Duration::from_millis(20) {
            return;
        }
    }
}

async fn first_rows(service: &Service, began: Instant) -> Duration {
    loop {
        if service.index(&bucket()).is_some_and(|index| !index.is_empty()) {
            return began.elapsed();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    format!("{} ({})", ms(median), ms(times.last().copied().unwrap_or_default()))
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// Bytes of memory in use, as Linux tells it; elsewhere zero.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1_024
}
