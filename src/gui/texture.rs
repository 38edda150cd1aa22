//! Pictures on their way to the screen: fetched and decoded by the service, turned into textures here, within a
//! budget.
//!
//! Decoding happens on the service's threads. In the window's thread only finished pixels become textures, a few a
//! frame, and the ones that were not shown for longest make room.

use std::collections::HashMap;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::media::Pixels;
use crate::service::{Pending, Picture, PictureAt, Problem, Service};

/// Bytes of textures kept.
const BUDGET: usize = 256 << 20;
/// Pictures fetched and decoded at the same time.
const LOADING: usize = 6;
/// Pictures that cannot be shown, of which it is remembered why. The ones out of sight are forgotten when there are more.
const BROKEN: usize = 500;
/// Passes without being asked for after which a picture is out of sight.
const OUT_OF_SIGHT: u64 = 2;
/// Textures made in one frame: uploading one takes about a millisecond without a GPU.
const NEW_PER_FRAME: usize = 8;

/// How large a picture is shown. Each size is a texture of its own, so that a grid of thumbnails costs what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureSize {
    /// Within 320 × 240 pixels.
    Thumb,
    /// Within 640 × 480 pixels.
    Card,
    /// Within 2048 × 2048 pixels.
    Full,
}

impl PictureSize {
    fn fit(self) -> (u32, u32) {
        match self {
            Self::Thumb => (320, 240),
            Self::Card => (640, 480),
            Self::Full => (2048, 2048),
        }
    }
}

/// What there is to show of a picture.
#[derive(Clone, Copy)]
pub enum Shown<'a> {
    /// On its way.
    Loading,
    /// Here.
    Ready {
        /// To be drawn.
        texture: &'a TextureHandle,
        /// Width and height of the stored picture, in pixels.
        original: Option<(u32, u32)>,
    },
    /// It cannot be shown, and why.
    Broken(&'a Problem),
}

type Key = (PictureAt, PictureSize);

enum Entry {
    /// Asked for, not begun: too many others are on their way.
    Waiting,
    Loading(Pending<Picture>),
    Ready(TextureHandle, (u32, u32)),
    Broken(Problem),
}

struct Slot {
    entry: Entry,
    /// The pass in which it was last asked for.
    used: u64,
}

/// The pictures of the window.
#[derive(Default)]
pub struct Pictures {
    slots: HashMap<Key, Slot>,
    bytes: usize,
    /// On their way, as of the last poll and what was begun since.
    loading: usize,
}

impl Pictures {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What there is to show. The first call starts fetching; every call counts as a use.
    pub fn get(&mut self, ctx: &Context, service: &Service, at: &PictureAt, size: PictureSize) -> Shown<'_> {
        let pass = ctx.cumulative_pass_nr();
        let slot = self.slots.entry((at.clone(), size)).or_insert(Slot {
            entry: Entry::Waiting,
            used: pass,
        });
        slot.used = pass;
        if matches!(slot.entry, Entry::Waiting) && self.loading < LOADING {
            self.loading += 1;
            let (at, fit) = (at.clone(), size.fit());
            slot.entry = Entry::Loading(service.load(|service| async move { service.picture(&at, fit).await }));
        }
        match &slot.entry {
            Entry::Waiting | Entry::Loading(_) => Shown::Loading,
            Entry::Ready(texture, original) => Shown::Ready {
                texture,
                original: Some(*original),
            },
            Entry::Broken(problem) => Shown::Broken(problem),
        }
    }

    /// Takes in what has arrived, and lets go of what was not shown for longest. Called once a pass.
    pub fn poll(&mut self, ctx: &Context) {
        let pass = ctx.cumulative_pass_nr();
        let mut made = 0;
        for ((at, size), slot) in &mut self.slots {
            if made == NEW_PER_FRAME {
                ctx.request_repaint();
                break;
            }
            let Entry::Loading(_) = slot.entry else { continue };
            let Entry::Loading(pending) = std::mem::replace(&mut slot.entry, Entry::Waiting) else {
                continue;
            };
            slot.entry = match pending.take() {
                Err(pending) => Entry::Loading(pending),
                Ok(Err(problem)) => Entry::Broken(problem),
                Ok(Ok(picture)) => {
                    made += 1;
                    let image = image(&picture.pixels);
                    let texture = ctx.load_texture(format!("{at:?} {size:?}"), image, TextureOptions::LINEAR);
                    self.bytes += texture.byte_size();
                    Entry::Ready(texture, picture.original)
                }
            };
        }
        let count = |slots: &HashMap<Key, Slot>, wanted: fn(&Entry) -> bool| {
            slots.values().filter(|slot| wanted(&slot.entry)).count()
        };
        let too_many_broken = count(&self.slots, |entry| matches!(entry, Entry::Broken(_))) > BROKEN;
        // What scrolled out of sight before it was here need not be fetched: dropping it stops it, and what is in sight has its
        // place.
        self.slots.retain(|_, slot| match slot.entry {
            Entry::Waiting | Entry::Loading(_) => slot.used + OUT_OF_SIGHT >= pass,
            Entry::Broken(_) => !too_many_broken || slot.used + OUT_OF_SIGHT >= pass,
            Entry::Ready(..) => true,
        });
        self.loading = count(&self.slots, |entry| matches!(entry, Entry::Loading(_)));
        self.make_room();
    }

    /// Tries again what could not be shown.
    pub fn retry(&mut self, at: &PictureAt) {
        self.drop_where(|(known, _), slot| known == at && matches!(slot.entry, Entry::Broken(_)));
    }

    fn make_room(&mut self) {
        while self.bytes > BUDGET {
            let ready = self
                .slots
                .iter()
                .filter(|(_, slot)| matches!(slot.entry, Entry::Ready(..)));
            let Some(oldest) = ready.min_by_key(|(_, slot)| slot.used).map(|(key, _)| key.clone()) else {
                return;
            };
            self.drop_where(|key, _| *key == oldest);
        }
    }

    fn drop_where(&mut self, doomed: impl Fn(&Key, &Slot) -> bool) {
        self.slots.retain(|key, slot| {
            let go = doomed(key, slot);
            if go && let Entry::Ready(texture, _) = &slot.entry {
                self.bytes = self.bytes.saturating_sub(texture.byte_size());
            }
            !go
        });
    }
}

/// The pixels as egui takes them.
pub(super) fn image(pixels: &Pixels) -> ColorImage {
    let size = [pixels.width() as usize, pixels.height() as usize];
    if pixels.is_opaque() {
        // Three times as fast where there is no alpha to multiply.
        let rgb: Vec<u8> = pixels
            .rgba()
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect();
        return ColorImage::from_rgb(size, &rgb);
    }
    ColorImage::from_rgba_unmultiplied(size, pixels.rgba())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use egui::RawInput;

    use super::*;
    use crate::http::Secret;
    use crate::supabase::{BucketName, ObjectKey};
    use crate::workspace::{ApiKey, Home, ProjectUrl, Provider, Workspace};

    /// A pass that looks at these objects of a project whose answers the listener decides.
    fn pass(ctx: &Context, pictures: &mut Pictures, service: &Service, keys: &[String]) {
        ctx.begin_pass(RawInput::default());
        pictures.poll(ctx);
        for key in keys {
            pictures.get(ctx, service, &at(key), PictureSize::Thumb);
        }
        // Nothing is drawn.
        ctx.end_pass().textures_delta.clear();
    }

    fn at(key: &str) -> PictureAt {
        PictureAt::Object(BucketName::parse("pictures").unwrap(), ObjectKey::parse(key).unwrap())
    }

    fn keys(of: std::ops::Range<usize>) -> Vec<String> {
        of.map(|number| format!("{number}.png")).collect()
    }

    /// A workspace at an address, and what must outlive it.
    fn service(port: u16) -> (Service, tempfile::TempDir, tokio::runtime::Runtime) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let url = ProjectUrl::parse(&format!("http://127.0.0.1:{port}")).unwrap();
        let key = ApiKey::parse("sb_secret_0123456789").unwrap();
        let provider = Provider::built_in(format!("http://127.0.0.1:{port}/v1"), Secret::new("none"));
        let workspace = Workspace::local(url, key, provider);
        let (service, _events) = Service::open(workspace, &Home::at(folder.path()), runtime.handle().clone()).unwrap();
        (service, folder, runtime)
    }

    #[test]
    fn what_scrolled_out_of_sight_makes_way_for_what_is_seen() {
        // Takes connections and never answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (service, _folder, _runtime) = service(silent.local_addr().unwrap().port());
        let (ctx, mut pictures) = (Context::default(), Pictures::new());
        let begun = |pictures: &Pictures, key: &str| {
            let slot = pictures.slots.get(&(at(key), PictureSize::Thumb));
            slot.map(|slot| matches!(slot.entry, Entry::Loading(_)))
        };
        pass(&ctx, &mut pictures, &service, &keys(0..20));
        assert_eq!(begun(&pictures, "5.png"), Some(true));
        assert_eq!(begun(&pictures, "6.png"), Some(false), "six at a time");
        for _ in 0..5 {
            pass(&ctx, &mut pictures, &service, &keys(4..30));
        }
        assert_eq!(begun(&pictures, "0.png"), None);
        assert_eq!(begun(&pictures, "4.png"), Some(true), "still in sight");
        assert_eq!(begun(&pictures, "8.png"), Some(true), "its turn came");
        assert_eq!(pictures.loading, LOADING);
    }

    #[test]
    fn what_cannot_be_shown_is_remembered_within_bounds() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = closed.local_addr().unwrap().port();
        drop(closed);
        let (service, _folder, _runtime) = service(port);
        let (ctx, mut pictures) = (Context::default(), Pictures::new());
        for number in 0..BROKEN + 50 {
            let entry = Entry::Broken(Problem::new("no", ""));
            pictures
                .slots
                .insert((at(&format!("x{number}")), PictureSize::Thumb), Slot { entry, used: 0 });
        }
        for _ in 0..4 {
            pass(&ctx, &mut pictures, &service, &keys(0..1));
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(pictures.slots.len() <= 2, "{}", pictures.slots.len());
    }
}
