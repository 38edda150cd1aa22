//! How fast the local server is: uploads and downloads of 1 KB, 100 KB and 10 MB at 1, 8 and 64 connections, and resumable
//! uploads; then an object of 2 GB up and down, for the memory that it takes; then a listing of many rows, page by page.
//!
//! The server is a process of its own, so that its time on the processor and its memory are told apart from the client's,
//! which is a plain socket and does as little as it can.
//!
//! ```text
//! cargo bench --bench local_server              # all of it
//! cargo bench --bench local_server -- put 1KB   # what has these words in its name
//! ```
//! `BENCH_SECONDS` sets how long a line is measured (2 if it is not set), `BENCH_LARGE` the bytes of the large object
//! (2,000,000,000), `BENCH_ROWS` how many rows are listed (1,000,000), `BENCH_FOLDER` where the server keeps its data (here).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench fails by panicking"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use storymimi_studio::local::{Config, Secrets, Server};

const SERVE: &str = "STORYMIMI_BENCH_SERVE";
const SIZES: [(&str, usize); 3] = [("1KB", 1000), ("100KB", 100_000), ("10MB", 10_000_000)];
const CONNECTIONS: [usize; 3] = [1, 8, 64];
/// Different keys that each connection writes: the disk does not fill up.
const KEYS: usize = 50;

/// A number that the environment may set.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Bytes of the large object, in whole megabytes.
fn large_size() -> u64 {
    setting("BENCH_LARGE", 2_000_000_000) / 1_000_000 * 1_000_000
}

fn main() {
    if let Ok(folder) = std::env::var(SERVE) {
        serve(&folder);
        return;
    }
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &str| words.iter().all(|word| name.contains(word.as_str()));
    let place = std::env::var("BENCH_FOLDER").unwrap_or_else(|_| ".".into());
    let folder = tempfile::tempdir_in(place).unwrap();
    let victim = Process::start(folder.path());
    let mut client = Client::connect(&victim.address);
    let made = client.send(
        "POST",
        "/storage/v1/bucket",
        "content-type: application/json\r\n",
        br#"{"name":"b"}"#,
    );
    assert_eq!(made.0, 200);
    println!(
        "{:24} {:>10} {:>10} {:>10} {:>10} {:>12}",
        "", "median µs", "p99 µs", "req/s", "MB/s", "server µs/req"
    );
    for (size_name, size) in SIZES {
        for connections in CONNECTIONS {
            for way in [Way::Put, Way::Get] {
                let name = format!("{} {size_name} {connections}", way.name());
                if wanted(&name) {
                    measure(&name, &victim, way, size, connections);
                }
            }
        }
    }
    for connections in CONNECTIONS {
        let name = format!("tus 100KB {connections}");
        if wanted(&name) {
            measure(&name, &victim, Way::Resumable, 100_000, connections);
        }
    }
    // A fresh process: what it takes at most is what the large object takes.
    victim.stop();
    let victim = Process::start(folder.path());
    for name in ["large put", "large tus", "large get"] {
        if wanted(name) {
            large(name, &victim);
        }
    }
    if wanted("list") {
        list(folder.path(), &victim);
    }
    victim.stop();
}

fn serve(folder: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut config = Config::new(folder, Secrets::supabase_defaults());
        config.upload_limit = large_size().max(100_000_000);
        let server = Server::start(config).await.unwrap();
        println!("URL {}", server.url());
        std::future::pending::<()>().await;
    });
}

struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(SERVE, folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.next().unwrap().unwrap();
        let address = url.strip_prefix("URL http://").unwrap().to_owned();
        Self { child, address }
    }

    fn stop(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Time on the processor so far, where the system tells it in `/proc`.
    fn busy(&self) -> Duration {
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())) else {
            return Duration::ZERO;
        };
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        // Linux counts in hundredths of a second.
        Duration::from_millis(ticks * 10)
    }

    /// The most memory so far, in MB.
    fn peak(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes / 1000)
    }
}

#[derive(Clone, Copy)]
enum Way {
    Put,
    Get,
    Resumable,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Get => "get",
            Self::Resumable => "tus",
        }
    }
}

struct Client {
    reader: BufReader<TcpStream>,
    key: String,
    discard: Vec<u8>,
}

impl Client {
    fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            reader: BufReader::with_capacity(256 * 1024, stream),
            key: Secrets::supabase_defaults().service_key().to_owned(),
            discard: vec![0; 256 * 1024],
        }
    }

    /// Sends one request and reads the answer to its end. Status, headers and the length of the body.
    fn send(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> (u16, String, u64) {
        self.head(method, path, headers, body.len() as u64, body);
        self.receive(method)
    }

    fn head(&mut self, method: &str, path: &str, headers: &str, length: u64, first: &[u8]) {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n{headers}content-length: {length}\r\n\r\n",
            self.key
        )
        .into_bytes();
        if first.len() < 100_000 {
            request.extend_from_slice(first);
            self.reader.get_mut().write_all(&request).unwrap();
        } else {
            self.reader.get_mut().write_all(&request).unwrap();
            self.reader.get_mut().write_all(first).unwrap();
        }
    }

    fn receive(&mut self, method: &str) -> (u16, String, u64) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.reader.read_line(&mut head).unwrap() > 0, "the server closed");
        }
        let status = head[9..12].parse().unwrap();
        let lower = head.to_ascii_lowercase();
        let length: u64 = header(&lower, "content-length").map_or(0, |length| length.parse().unwrap());
        let mut left = if method == "HEAD" { 0 } else { length };
        while left > 0 {
            let part = usize::try_from(left).unwrap().min(self.discard.len());
            let read = self.reader.read(&mut self.discard[..part]).unwrap();
            assert!(read > 0, "the body broke off");
            left -= read as u64;
        }
        (status, head, length)
    }

    fn resumable(&mut self, key: &str, body: &[u8]) {
        let (status, head, _) = self.send(
            "POST",
            "/storage/v1/upload/resumable",
            &creation(key, body.len() as u64),
            b"",
        );
        assert_eq!(status, 201, "{head}");
        let path = location(&head);
        let patch = "tus-resumable: 1.0.0\r\nx-upsert: true\r\nupload-offset: 0\r\ncontent-type: application/offset+octet-stream\r\n";
        assert_eq!(self.send("PATCH", &path, patch, body).0, 204);
    }
}

fn creation(key: &str, length: u64) -> String {
    let (bucket, key) = (STANDARD.encode("b"), STANDARD.encode(key));
    format!(
        "tus-resumable: 1.0.0\r\nx-upsert: true\r\nupload-length: {length}\r\n\
         upload-metadata: bucketName {bucket},objectName {key}\r\n"
    )
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn location(head: &str) -> String {
    let line = head
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("location: "))
        .unwrap();
    line[line.find("/storage/").unwrap()..].to_owned()
}

fn measure(name: &str, victim: &Process, way: Way, size: usize, connections: usize) {
    let seconds = std::env::var("BENCH_SECONDS").map_or(2.0, |text| text.parse().unwrap());
    let body: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
    if matches!(way, Way::Get) {
        let mut client = Client::connect(&victim.address);
        for key in 0..8 {
            let path = format!("/storage/v1/object/b/get-{size}-{key}");
            assert_eq!(client.send("PUT", &path, "", &body).0, 200);
        }
    }
    let start = Barrier::new(connections + 1);
    let (mut times, mut busy, mut began) = (Vec::new(), Duration::ZERO, Instant::now());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..connections)
            .map(|connection| {
                let (start, body) = (&start, &body);
                scope.spawn(move || {
                    let mut client = Client::connect(&victim.address);
                    start.wait();
                    let until = Instant::now() + Duration::from_secs_f64(seconds);
                    let mut times = Vec::new();
                    while times.len() < 3 || Instant::now() < until {
                        let begun = Instant::now();
                        once(&mut client, way, size, connection, times.len(), body);
                        times.push(begun.elapsed());
                    }
                    times
                })
            })
            .collect();
        busy = victim.busy();
        start.wait();
        began = Instant::now();
        for worker in workers {
            times.extend(worker.join().unwrap());
        }
    });
    let (took, busy) = (began.elapsed().as_secs_f64(), victim.busy().saturating_sub(busy));
    times.sort();
    let count = times.len();
    println!(
        "{name:24} {:>10} {:>10} {:>10.0} {:>10.1} {:>12.0}",
        times[count / 2].as_micros(),
        times[count * 99 / 100].as_micros(),
        count as f64 / took,
        (count * size) as f64 / took / 1e6,
        busy.as_secs_f64() * 1e6 / count as f64,
    );
}

fn once(client: &mut Client, way: Way, size: usize, connection: usize, number: usize, body: &[u8]) {
    match way {
        Way::Put => {
            let path = format!("/storage/v1/object/b/put-{size}-{connection}-{}", number % KEYS);
            assert_eq!(client.send("PUT", &path, "", body).0, 200);
        }
        Way::Get => {
            let path = format!(
                "/storage/v1/object/authenticated/b/get-{size}-{}",
                (number + connection) % 8
            );
            let (status, _, length) = client.send("GET", &path, "", b"");
            assert_eq!((status, length), (200, size as u64));
        }
        Way::Resumable => client.resumable(&format!("tus-{connection}-{}", number % KEYS), body),
    }
}

/// One large object: the time that it takes, and the server's memory.
fn large(name: &str, victim: &Process) {
    let size = large_size();
    let mut client = Client::connect(&victim.address);
    let (began, busy) = (Instant::now(), victim.busy());
    match name {
        "large get" => {
            let (status, _, length) = client.send("GET", "/storage/v1/object/authenticated/b/large", "", b"");
            assert_eq!((status, length), (200, size), "run it together with large put");
        }
        "large put" => {
            client.head("PUT", "/storage/v1/object/b/large", "", size, b"");
            pour(&mut client);
            assert_eq!(client.receive("PUT").0, 200);
        }
        _ => {
            let (status, head, _) = client.send("POST", "/storage/v1/upload/resumable", &creation("large", size), b"");
            assert_eq!(status, 201, "{head}");
            let patch = "tus-resumable: 1.0.0\r\nx-upsert: true\r\nupload-offset: 0\r\ncontent-type: application/offset+octet-stream\r\n";
            client.head("PATCH", &location(&head), patch, size, b"");
            pour(&mut client);
            assert_eq!(client.receive("PATCH").0, 204);
        }
    }
    let (took, busy) = (began.elapsed().as_secs_f64(), victim.busy().saturating_sub(busy));
    println!(
        "{name:24} {took:.1} s, {:.0} MB/s, {:.1} s of processor, the server's peak {} MB",
        size as f64 / took / 1e6,
        busy.as_secs_f64(),
        victim.peak().map_or("?".to_owned(), |peak| peak.to_string()),
    );
}

fn pour(client: &mut Client) {
    let part = vec![7; 1_000_000];
    for _ in 0..large_size() / 1_000_000 {
        client.reader.get_mut().write_all(&part).unwrap();
    }
}

/// Rows go into the database at once; their bytes are nobody's concern here.
fn list(folder: &Path, victim: &Process) {
    let rows = usize::try_from(setting("BENCH_ROWS", 1_000_000)).unwrap();
    let began = Instant::now();
    let mut database = rusqlite::Connection::open(folder.join("project.sqlite3")).unwrap();
    database.busy_timeout(Duration::from_secs(30)).unwrap();
    let transaction = database.transaction().unwrap();
    transaction
        .execute(
            "INSERT OR IGNORE INTO buckets (id, name, created_at, updated_at) VALUES ('l', 'l', 0, 0)",
            [],
        )
        .unwrap();
    let insert = "INSERT INTO objects (id, bucket_id, name, version, blob, size, etag, mimetype, cache_control,
         last_modified, created_at, updated_at, last_accessed_at)
         VALUES (?1, 'l', ?2, ?1, '00000000-0000-0000-0000-000000000000', 1, '\"\"', 'a/b', 'no-cache', ?3, ?3, ?3, ?3)";
    let mut insert = transaction.prepare(insert).unwrap();
    for row in 0..rows {
        let name = format!("story-{:04}/scene_{row:07}.png", row % 5000);
        insert
            .execute(rusqlite::params![format!("row-{row}"), name, row as i64])
            .unwrap();
    }
    drop(insert);
    transaction.commit().unwrap();
    println!(
        "{:24} {rows} rows in {:.1} s",
        "list, filling",
        began.elapsed().as_secs_f64()
    );
    for (name, more) in [
        ("list flat", ""),
        (
            "list by updated_at",
            r#","sortBy":{"column":"updated_at","order":"desc"}"#,
        ),
        ("list with delimiter", r#","with_delimiter":true"#),
    ] {
        let mut client = Client::connect(&victim.address);
        let (mut cursor, mut times, began) = (String::new(), Vec::new(), Instant::now());
        loop {
            let body = format!(r#"{{"limit":1000,"prefix":""{more}{cursor}}}"#);
            let begun = Instant::now();
            let answer = client.json("/storage/v1/object/list-v2/l", body.as_bytes());
            times.push(begun.elapsed());
            if answer["hasNext"] == false {
                break;
            }
            cursor = format!(r#","cursor":{}"#, answer["nextCursor"]);
        }
        let (first, last) = (times[times.len() / 10], times[times.len() * 9 / 10]);
        times.sort();
        println!(
            "{name:24} {} pages in {:.1} s, median {} µs, one early {} µs, one late {} µs, slowest {} µs",
            times.len(),
            began.elapsed().as_secs_f64(),
            times[times.len() / 2].as_micros(),
            first.as_micros(),
            last.as_micros(),
            times[times.len() - 1].as_micros(),
        );
    }
}

impl Client {
    fn json(&mut self, path: &str, body: &[u8]) -> serde_json::Value {
        self.head(
            "POST",
            path,
            "content-type: application/json\r\n",
            body.len() as u64,
            body,
        );
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.reader.read_line(&mut head).unwrap() > 0, "the server closed");
        }
        let length: usize = header(&head.to_ascii_lowercase(), "content-length")
            .unwrap()
            .parse()
            .unwrap();
        let mut answer = vec![0; length];
        self.reader.read_exact(&mut answer).unwrap();
        serde_json::from_slice(&answer).unwrap()
    }
}
