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
        // What scrolled out of sight before it was begun need not be fetched.
        self.slots
            .retain(|_, slot| !matches!(slot.entry, Entry::Waiting) || slot.used + 2 >= pass);
        self.loading = self
            .slots
            .values()
            .filter(|slot| matches!(slot.entry, Entry::Loading(_)))
            .count();
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
