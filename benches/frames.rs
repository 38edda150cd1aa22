//! What a frame of the buckets' place costs with a million objects in one folder: the CPU time of the window's thread for
//! laying out and tessellating it, while the table and the grid are scrolled, a row, a page and a large jump at a time, and
//! while nothing happens.
//!
//! ```sh
//! cargo bench --bench frames        # BENCH_OBJECTS=10000 for another number
//! ```
//!
//! It is the real place over a real index, with a real service; only the renderer is missing, whose work is the graphics
//! card's. The goal is below 4 ms at the 99th percentile.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on ends"
)]
#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use std::time::{Duration, Instant};

use egui::{
    Context, Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, RawInput, Rect, Shape, TouchPhase, pos2,
    vec2,
};
use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};
use storymimi_studio::catalog::{Coverage, Index};
use storymimi_studio::gui::panel::{PanelContext, buckets};
use storymimi_studio::gui::review::Thumbs;
use storymimi_studio::gui::texture::Pictures;
use storymimi_studio::gui::theme;
use storymimi_studio::local::{Config, Secrets, Server};
use storymimi_studio::service::{EventReceiver, Service};
use storymimi_studio::supabase::{BucketName, Entry, NewBucket};
use storymimi_studio::workspace::{ApiKey, Home, ProjectUrl, Provider, Workspace};

/// Frames of a measurement.
const FRAMES: usize = 1_000;
/// The size of the place in a window of 1440 × 900.
const SIZE: egui::Vec2 = vec2(1_376.0, 832.0);

struct Place {
    context: Context,
    state: buckets::State,
    pictures: Pictures,
    service: Service,
    _events: EventReceiver,
    time: f64,
}

/// What a frame cost, how many objects were drawn, and whether another frame was asked for at once.
struct Frame {
    cpu: Duration,
    drawn: usize,
    again: bool,
}

fn main() {
    let many = std::env::var("BENCH_OBJECTS").ok().and_then(|many| many.parse().ok());
    let many: u64 = many.unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (server, service, events) = runtime.block_on(open(folder.path()));
    let bucket = BucketName::parse("images").unwrap();
    let began = Instant::now();
    let at = Timestamp::now();
    let index = Index::new(bucket.clone(), 1, Coverage::Complete { at }, entries(many));
    println!("index of {many} objects in {:.1} s", began.elapsed().as_secs_f64());

    let context = Context::default();
    theme::install(&context);
    let mut place = Place {
        context,
        state: buckets::State::default(),
        pictures: Pictures::new(),
        service,
        _events: events,
        time: 0.0,
    };
    let until = Instant::now() + Duration::from_secs(10);
    while place.state.names().next().is_none() && Instant::now() < until {
        place.state.poll(&place.service);
        std::thread::sleep(Duration::from_millis(5));
    }
    place.state.open_bucket(bucket);
    place.state.open_folder("stories/");
    // What the server has, which is nothing, is asked for once and then no more: the index made here stays.
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        place.state.poll(&place.service);
        place.frame(Vec::new());
        std::thread::sleep(Duration::from_millis(5));
    }
    let began = Instant::now();
    place.state.show_index(index);
    println!("opened the folder in {:.0} ms", began.elapsed().as_secs_f64() * 1e3);

    for name in ["grid", "table"] {
        for _ in 0..30 {
            place.frame(Vec::new());
        }
        for (how, step) in [("slowly", 40.0), ("by pages", 700.0), ("far", 250_000.0)] {
            place.key(Key::Home);
            let frames: Vec<Frame> = (0..FRAMES).map(|_| place.scroll(step)).collect();
            report(&format!("{name}, scrolled {how}"), frames);
        }
        let frames: Vec<Frame> = (0..FRAMES).map(|_| place.key(Key::ArrowDown)).collect();
        report(&format!("{name}, walked down with a key"), frames);
        place.key(Key::Escape);
        place.key(Key::V);
    }
    drop(place);
    drop(server);
}

/// The embedded server and a workspace on it.
async fn open(folder: &std::path::Path) -> (Server, Service, EventReceiver) {
    let secrets = Secrets::load_or_create(&folder.join("secrets.json")).unwrap();
    let server = Server::start(Config::new(folder.join("local"), secrets)).await.unwrap();
    let key = ApiKey::parse(server.service_key()).unwrap();
    let provider = Provider::built_in(server.ai_base_url(), key.secret().clone());
    let workspace = Workspace::local(ProjectUrl::parse(server.url()).unwrap(), key, provider);
    let runtime = tokio::runtime::Handle::current();
    let (service, events) = Service::open(workspace, &Home::at(folder), runtime).unwrap();
    let bucket = NewBucket {
        name: BucketName::parse("images").unwrap(),
        public: true,
        file_size_limit: None,
        allowed_mime_types: None,
    };
    service.create_bucket(&bucket).await.unwrap();
    (server, service, events)
}

/// Objects of one folder with names as the product makes them.
fn entries(many: u64) -> Vec<Entry> {
    let begun = Timestamp::from_second(1_750_000_000).unwrap();
    let types = ["image/png", "image/png", "image/png", "image/jpeg", "image/webp"];
    (0..many)
        .map(|number| {
            let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let at = begun + jiff::SignedDuration::from_secs((mixed % 30_000_000) as i64);
            Entry {
                key: format!("stories/scene_{}_{mixed:016x}.png", number % 40),
                id: None,
                size: Some(90_000 + mixed % 400_000),
                content_type: Some(types[(mixed % 5) as usize].to_owned()),
                etag: Some(format!("\"{mixed:016x}{number:016x}\"")),
                cache_control: Some("max-age=3600".to_owned()),
                created_at: Some(at),
                updated_at: Some(at),
            }
        })
        .collect()
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

impl Place {
    fn frame(&mut self, events: Vec<Event>) -> Frame {
        self.time += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(self.time),
            events,
            ..RawInput::default()
        };
        let Self {
            context,
            state,
            pictures,
            service,
            ..
        } = self;
        let mut actions = Vec::new();
        let began = cpu();
        pictures.poll(context);
        let mut output = context.run_ui(input, |ui| {
            let mut context = PanelContext {
                service,
                pictures,
                thumbs: &mut Thumbs::default(),
                jobs: &[],
                actions: &mut actions,
            };
            buckets::view::show(ui, state, &mut context);
        });
        let shapes = std::mem::take(&mut output.shapes);
        let pixels_per_point = output.pixels_per_point;
        let laid_out = cpu().saturating_sub(began);
        let drawn = shapes.iter().filter(|shape| names_object(&shape.shape)).count();
        let began = cpu();
        let meshes = context.tessellate(shapes, pixels_per_point);
        let cpu = laid_out + cpu().saturating_sub(began);
        drop(meshes);
        output.textures_delta.clear();
        let delay = output.viewport_output[&egui::ViewportId::ROOT].repaint_delay;
        Frame {
            cpu,
            drawn,
            again: delay.is_zero(),
        }
    }

    fn scroll(&mut self, points: f32) -> Frame {
        self.frame(vec![
            Event::PointerMoved(pos2(600.0, 500.0)),
            Event::MouseWheel {
                source: MouseWheelSource::Wheel,
                unit: MouseWheelUnit::Point,
                delta: vec2(0.0, -points),
                phase: TouchPhase::Move,
                modifiers: Modifiers::NONE,
            },
        ])
    }

    fn key(&mut self, key: Key) -> Frame {
        let event = |pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        let frame = self.frame(vec![event(true)]);
        self.frame(vec![event(false)]);
        frame
    }
}

/// Whether it is the name of an object, whole or cut.
fn names_object(shape: &Shape) -> bool {
    match shape {
        Shape::Text(text) => text.galley.text().starts_with("scene_"),
        Shape::Vec(shapes) => shapes.iter().any(names_object),
        _ => false,
    }
}

fn report(what: &str, frames: Vec<Frame>) {
    let fewest = frames.iter().map(|frame| frame.drawn).min().unwrap();
    assert!(fewest >= 10, "{what}: a frame shows {fewest} objects");
    let again = frames.iter().filter(|frame| frame.again).count();
    let mut cpu: Vec<Duration> = frames.into_iter().map(|frame| frame.cpu).collect();
    cpu.sort_unstable();
    let at = |percent: usize| cpu[(cpu.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    println!(
        "{what:<32} median {:.2} ms, 99th percentile {:.2} ms, most {:.2} ms of CPU a frame; {again} of {} asked for the next",
        at(50),
        at(99),
        at(100),
        cpu.len()
    );
}
