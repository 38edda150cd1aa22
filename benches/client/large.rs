//! Two gigabytes up and down: memory must not grow with an object. Up in pieces, as an object of this size has to be.

use std::io;
use std::time::Instant;

use bytes::Bytes;
use serde_json::{Value, json};
use storymimi_studio::supabase::{Ended, ObjectKey, PieceSource, ResumableUpload, Supabase, Upload};

use crate::{process, say, transfers};

const LENGTH: u64 = 2_000_000_000;

/// Bytes that are made when they are read: a file would measure the disk.
struct Made(Bytes);

impl Made {
    fn new() -> Self {
        Self(
            (0..8 << 20)
                .map(|i| u8::try_from(i * 7 % 253).unwrap())
                .collect::<Vec<_>>()
                .into(),
        )
    }
}

impl PieceSource for Made {
    fn length(&self) -> Option<u64> {
        Some(LENGTH)
    }

    async fn read_at(&mut self, offset: u64, most: usize) -> io::Result<Bytes> {
        let left = usize::try_from(LENGTH.saturating_sub(offset)).unwrap_or(usize::MAX);
        Ok(self.0.slice(..most.min(left).min(self.0.len())))
    }
}

pub async fn run(project: &Supabase) -> Value {
    let objects = transfers::bucket(project, "bench-large").await;
    let key = ObjectKey::parse("two-gigabytes.bin").unwrap();
    let how = Upload {
        upsert: true,
        ..Upload::new("video/mp4")
    };

    process::forget_peak();
    let (before, start) = (process::peak_memory(), Instant::now());
    let mut source = Made::new();
    let ended = ResumableUpload::new(&objects, &key, &how)
        .run(&mut source, &|_| {})
        .await
        .unwrap();
    assert!(matches!(ended, Ended::Stored(_)));
    let (up, up_peak) = (start.elapsed(), process::peak_memory());

    process::forget_peak();
    let start = Instant::now();
    let mut stream = objects.open(&key, None, None).await.unwrap();
    let mut read = 0;
    while let Some(chunk) = stream.chunk().await.unwrap() {
        read += chunk.len() as u64;
    }
    assert_eq!(read, LENGTH);
    let (down, down_peak) = (start.elapsed(), process::peak_memory());

    let speed = |seconds: f64| 2_000.0 / seconds;
    let megabytes = |bytes: u64| bytes / 1_000_000;
    say(&format!(
        "2 GB up:   {:.0} MB/s, {} MB of memory at most ({} MB before)\n2 GB down: {:.0} MB/s, {} MB of memory at most",
        speed(up.as_secs_f64()),
        megabytes(up_peak),
        megabytes(before),
        speed(down.as_secs_f64()),
        megabytes(down_peak),
    ));
    json!({
        "up_megabytes_a_second": speed(up.as_secs_f64()),
        "down_megabytes_a_second": speed(down.as_secs_f64()),
        "memory_before_mb": megabytes(before),
        "memory_up_mb": megabytes(up_peak),
        "memory_down_mb": megabytes(down_peak),
    })
}
