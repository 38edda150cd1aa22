//! Two gigabytes up and down: memory must not grow with an object.

use std::time::Instant;

use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use storymimi_studio::http::Source;
use storymimi_studio::supabase::{ObjectKey, Supabase, Upload};

use crate::{process, say, transfers};

const LENGTH: u64 = 2_000_000_000;
const PIECE: usize = 256 * 1024;

pub async fn run(project: &Supabase) -> Value {
    let objects = transfers::bucket(project, "bench-large").await;
    let key = ObjectKey::parse("two-gigabytes.bin").unwrap();
    let piece = Bytes::from((0..PIECE).map(|i| u8::try_from(i * 7 % 253).unwrap()).collect::<Vec<_>>());
    let source = Source::new(LENGTH, move || {
        let piece = piece.clone();
        let pieces = LENGTH.div_ceil(PIECE as u64);
        futures_util::stream::iter(0..pieces)
            .map(move |number| {
                let left = LENGTH - number * PIECE as u64;
                Ok(piece.slice(..usize::try_from(left).map_or(PIECE, |left| left.min(PIECE))))
            })
            .boxed()
    });
    let how = Upload {
        upsert: true,
        ..Upload::new("video/mp4")
    };

    process::forget_peak();
    let (before, start) = (process::peak_memory(), Instant::now());
    objects.upload_from(&key, &source, &how).await.unwrap();
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
