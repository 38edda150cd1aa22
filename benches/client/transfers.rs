//! Uploads and downloads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use storymimi_studio::supabase::{BucketName, NewBucket, ObjectKey, Objects, Supabase, Upload};

use crate::process;
use crate::say;

const CONCURRENCY: [usize; 3] = [1, 8, 64];

/// One round of one measurement.
struct Round {
    wall: Duration,
    client: Duration,
    server: Duration,
    /// The median time of one operation.
    median: Duration,
}

pub async fn run(project: &Supabase, workload: &Value, server: &[u32]) -> Value {
    let objects = bucket(project, "bench").await;
    say("                  operations/s    MB/s   median ms   client CPU ms/op   server CPU ms/op");
    let mut rows = Vec::new();
    let rounds = workload["rounds"].as_u64().unwrap();
    for size in workload["transfers"].as_array().unwrap() {
        let name = size["name"].as_str().unwrap();
        let bytes = usize::try_from(size["bytes"].as_u64().unwrap()).unwrap();
        let body = Bytes::from(
            (0..bytes)
                .map(|i| u8::try_from(i * 31 % 251).unwrap())
                .collect::<Vec<_>>(),
        );
        for connections in CONCURRENCY {
            let operations = &size["operations"][connections.to_string()];
            let operations = usize::try_from(operations.as_u64().unwrap()).unwrap();
            for direction in ["up", "down"] {
                let mut measured = Vec::new();
                for _ in 0..rounds {
                    measured.push(round(&objects, &body, connections, operations, direction, server).await);
                }
                measured.sort_by_key(|round| round.wall);
                let middle = &measured[measured.len() / 2];
                let row = row(name, bytes, connections, operations, direction, middle);
                say(&line(&row));
                rows.push(row);
            }
        }
    }
    Value::Array(rows)
}

pub async fn bucket(project: &Supabase, name: &str) -> Objects {
    let name = BucketName::parse(name).unwrap();
    let new = NewBucket {
        name: name.clone(),
        public: false,
        file_size_limit: None,
        allowed_mime_types: None,
    };
    project.buckets().ensure(&new).await.unwrap();
    project.bucket(&name)
}

async fn round(
    objects: &Objects,
    body: &Bytes,
    connections: usize,
    operations: usize,
    direction: &'static str,
    server: &[u32],
) -> Round {
    let next = Arc::new(AtomicUsize::new(0));
    let own = std::process::id();
    // In this order: what it takes to look at other processes is not the client's.
    let (server_before, own_before, start) = (process::cpu_of_all(server), process::cpu(own), Instant::now());
    let workers: Vec<_> = (0..connections)
        .map(|_| {
            let (objects, body, next) = (objects.clone(), body.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                let how = Upload {
                    upsert: true,
                    ..Upload::new("application/octet-stream")
                };
                let mut times = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= operations {
                        return times;
                    }
                    let key = ObjectKey::parse(&format!("{}/{number}.bin", body.len())).unwrap();
                    let start = Instant::now();
                    if direction == "up" {
                        objects.upload(&key, body.clone(), &how).await.unwrap();
                    } else {
                        let got = objects.download(&key).await.unwrap();
                        assert_eq!(got.bytes.len(), body.len());
                    }
                    times.push(start.elapsed());
                }
            })
        })
        .collect();
    let mut times = Vec::with_capacity(operations);
    for worker in workers {
        times.extend(worker.await.unwrap());
    }
    let wall = start.elapsed();
    times.sort_unstable();
    Round {
        wall,
        client: process::cpu(own).saturating_sub(own_before),
        server: process::cpu_of_all(server).saturating_sub(server_before),
        median: times[times.len() / 2],
    }
}

fn row(size: &str, bytes: usize, connections: usize, operations: usize, direction: &str, round: &Round) -> Value {
    let (count, wall) = (f64::from(u32::try_from(operations).unwrap()), round.wall.as_secs_f64());
    let megabytes = f64::from(u32::try_from(bytes).unwrap()) * count / 1e6;
    json!({
        "size": size,
        "concurrency": connections,
        "direction": direction,
        "operations_a_second": count / wall,
        "megabytes_a_second": megabytes / wall,
        "median_ms": round.median.as_secs_f64() * 1e3,
        "client_cpu_ms": round.client.as_secs_f64() * 1e3 / count,
        "server_cpu_ms": round.server.as_secs_f64() * 1e3 / count,
    })
}

fn line(row: &Value) -> String {
    let number = |name: &str| row[name].as_f64().unwrap();
    format!(
        "{:>6} {:>4} x{:<3} {:>12.0} {:>8.0} {:>11.2} {:>18.3} {:>18.3}",
        row["size"].as_str().unwrap(),
        row["direction"].as_str().unwrap(),
        row["concurrency"].as_u64().unwrap(),
        number("operations_a_second"),
        number("megabytes_a_second"),
        number("median_ms"),
        number("client_cpu_ms"),
        number("server_cpu_ms"),
    )
}
