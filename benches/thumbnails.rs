//! A thousand pictures of four megapixels made small, beside `vipsthumbnail` (Debian's libvips-tools) on the same cores in
//! turns.
//!
//! ```sh
//! benches/peers/thumbnails                    # installs vipsthumbnail where it can, then the same as
//! cargo bench --bench thumbnails
//! BENCH_PICTURES=100 BENCH_ROUNDS=3 …         # fewer
//! ```
//!
//! The mix is the product's: six of ten are the illustrator's PNGs, three are JPEGs and one is a lossy WebP, both of a picture
//! with the grain of a photograph. 24 of each kind are drawn; the others are links to them under names of their own. Both read
//! files, scale within 320 × 240 and write JPEGs. Ours has a thread a core, as `service/pictures/decoders.rs` has where there
//! are two; `vipsthumbnail` gets all files at once, and once more as one process a core with a part of the files each. A figure
//! is the median of the rounds; CPU time is what the work took on all cores, which a busy machine changes less.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on ends"
)]
#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "client/process.rs"]
#[allow(dead_code, reason = "shared with other benches")]
mod process;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use storymimi_studio::local::illustrator;
use storymimi_studio::media::{Limits, MediaType, Pixels, encode, preview};

const FIT: (u32, u32) = (320, 240);
const SIDE: u32 = 2048;
const DRAWN: usize = 24;
const QUALITY: u8 = 92;

/// What one way of doing it took.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    cpu: Duration,
}

fn main() {
    let number = |name: &str, otherwise| {
        let value = std::env::var(name).ok().and_then(|value| value.parse().ok());
        value.unwrap_or(otherwise)
    };
    let (pictures, rounds) = (number("BENCH_PICTURES", 1000), number("BENCH_ROUNDS", 3));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let version = Command::new("vipsthumbnail").arg("--vips-version").output();
    let version = version
        .ok()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    println!(
        "{cores} cores; {}",
        version
            .as_deref()
            .unwrap_or("no vipsthumbnail: apt-get install libvips-tools")
    );
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let all = originals(folder.path(), pictures);
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let mut total = Vec::new();
    for (name, files) in &all {
        let bytes: u64 = files.iter().map(|file| fs::metadata(file).unwrap().len()).sum();
        println!(
            "\n{name}: {} pictures, {} KB each",
            files.len(),
            bytes / 1000 / files.len() as u64
        );
        let (mut ours, mut one, mut several) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            ours.push(measured(|| make(files, &out, cores)));
            if version.is_some() {
                one.push(measured(|| vips(files, &out, 1)));
                several.push(measured(|| vips(files, &out, cores)));
            }
        }
        let figures = [median(&ours), median(&one), median(&several)];
        show(files.len(), &figures);
        total.push((files.len(), figures));
    }
    println!("\nall of them");
    let sum = |at: usize| Took {
        wall: total.iter().map(|(_, figures)| figures[at].wall).sum(),
        cpu: total.iter().map(|(_, figures)| figures[at].cpu).sum(),
    };
    show(total.iter().map(|(count, _)| count).sum(), &[sum(0), sum(1), sum(2)]);
}

fn show(count: usize, [ours, one, several]: &[Took; 3]) {
    let each = |took: Duration| took.as_secs_f64() * 1000.0 / count as f64;
    for (name, took) in [
        ("ours", ours),
        ("vipsthumbnail", one),
        ("vipsthumbnail, one a core", several),
    ] {
        if took.wall.is_zero() {
            continue;
        }
        println!(
            "  {name:26} {:7.2} s  {:6.1} ms each, {:6.1} ms of CPU   ours is {:.2} × as fast, with {:.2} of its CPU",
            took.wall.as_secs_f64(),
            each(took.wall),
            each(took.cpu),
            took.wall.as_secs_f64() / ours.wall.as_secs_f64(),
            ours.cpu.as_secs_f64() / took.cpu.as_secs_f64(),
        );
    }
}

fn measured(work: impl FnOnce()) -> Took {
    let me = [std::process::id()];
    let (cpu, began) = (process::cpu_of_all(&me), Instant::now());
    work();
    Took {
        wall: began.elapsed(),
        cpu: process::cpu_of_all(&me).saturating_sub(cpu),
    }
}

fn median(all: &[Took]) -> Took {
    let middle = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    Took {
        wall: middle(all.iter().map(|took| took.wall).collect()),
        cpu: middle(all.iter().map(|took| took.cpu).collect()),
    }
}

/// As the program does it.
fn make(files: &[PathBuf], out: &Path, threads: usize) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let bytes = fs::read(file).unwrap();
                    let made = preview(&bytes, FIT, &Limits::default()).unwrap();
                    let small = encode(&made.pixels, MediaType::Jpeg, QUALITY).unwrap();
                    fs::write(out.join(file.file_stem().unwrap()).with_extension("jpg"), small).unwrap();
                }
            });
        }
    });
}

fn vips(files: &[PathBuf], out: &Path, processes: usize) {
    let running: Vec<_> = files
        .chunks(files.len().div_ceil(processes))
        .map(|part| {
            Command::new("vipsthumbnail")
                .args(part)
                .args(["--size", &format!("{}x{}>", FIT.0, FIT.1), "-o"])
                .arg(format!("{}/%s.jpg[Q={QUALITY}]", out.display()))
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut process in running {
        assert!(process.wait().unwrap().success());
    }
}

/// The files of each kind.
fn originals(folder: &Path, pictures: usize) -> Vec<(&'static str, Vec<PathBuf>)> {
    let drawn = DRAWN.min(pictures.div_ceil(10));
    let prompts = [
        "A fox reads in the forest at night",
        "An owl flies over the snow",
        "A cat sails a boat on the sea",
    ];
    let mut all = vec![("PNG illustrations", Vec::new()), ("JPEG photographs", Vec::new())];
    for number in 0..drawn {
        let options = illustrator::Options {
            seed: number as u64,
            width: SIDE,
            height: SIDE,
            style: illustrator::Style::Flat,
        };
        let drawing = illustrator::draw(prompts[number % prompts.len()], &options).unwrap();
        let file = folder.join(format!("illustration-{number}.png"));
        fs::write(&file, &drawing.png).unwrap();
        all[0].1.push(file);
        let file = folder.join(format!("photograph-{number}.jpg"));
        fs::write(&file, encode(&photograph(number as u32), MediaType::Jpeg, 85).unwrap()).unwrap();
        all[1].1.push(file);
    }
    // Nobody writes lossy WebP in Rust.
    let webp: Vec<PathBuf> = all[1].1.iter().map(|file| file.with_extension("webp")).collect();
    let converted = all[1].1.iter().zip(&webp).all(|(from, to)| {
        let to = format!("{}[Q=80]", to.display());
        let done = Command::new("vips").arg("copy").arg(from).arg(to).status();
        done.is_ok_and(|status| status.success())
    });
    if converted {
        all.push(("WebP photographs, lossy", webp));
    }
    for ((_, files), part) in all.iter_mut().zip([6, 3, 1]) {
        for number in files.len()..(pictures * part / 10).max(files.len()) {
            let of = files[number % drawn].clone();
            let name = format!("{number}-{}", of.file_name().unwrap().display());
            fs::hard_link(&of, folder.join(&name)).unwrap();
            files.push(folder.join(name));
        }
        files.truncate((pictures * part / 10).max(1));
    }
    all
}

/// Soft shapes of many sizes under a grain.
fn photograph(seed: u32) -> Pixels {
    let mut rgba = Vec::with_capacity((SIDE * SIDE * 4) as usize);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let octave = |size: f32, strength: f32, which: u32| {
                noise(x as f32 / size, y as f32 / size, seed * 31 + which) * strength
            };
            let light = octave(400.0, 90.0, 1) + octave(90.0, 50.0, 2) + octave(20.0, 30.0, 3) + octave(5.0, 14.0, 4);
            let grain = octave(1.2, 14.0, 5);
            let tint = octave(500.0, 60.0, 6);
            for colour in [light + tint, light + 30.0, light + 60.0 - tint] {
                rgba.push((colour + grain).clamp(0.0, 255.0) as u8);
            }
            rgba.push(u8::MAX);
        }
    }
    Pixels::new(SIDE, SIDE, rgba).unwrap()
}

/// Smooth noise from 0 to 1.
fn noise(x: f32, y: f32, seed: u32) -> f32 {
    let corner = |x: f32, y: f32| {
        let mut mixed = (x as u32).wrapping_mul(374_761_393)
            ^ (y as u32).wrapping_mul(668_265_263)
            ^ seed.wrapping_mul(2_246_822_519);
        mixed = (mixed ^ (mixed >> 13)).wrapping_mul(1_274_126_177);
        f32::from((mixed >> 16) as u16) / 65_535.0
    };
    let (left, top) = (x.floor(), y.floor());
    let smooth = |t: f32| t * t * (3.0 - 2.0 * t);
    let (across, down) = (smooth(x - left), smooth(y - top));
    let row = |y: f32| corner(left, y) * (1.0 - across) + corner(left + 1.0, y) * across;
    row(top) * (1.0 - down) + row(top + 1.0) * down
}
