//! Small pictures of files of this machine, made off the window's thread; those not seen for longest make room.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use egui::{Context, Sense, TextureHandle, TextureOptions, Ui, Vec2, vec2};

use crate::gui::icon::Icon;
use crate::gui::texture::image;
use crate::gui::theme::{Tokens, radius, size};
use crate::gui::widget::{Fit, Picture, PictureState};
use crate::media::Pixels;
use crate::service::{Pending, Service};

/// Points of a small picture.
pub(super) const SIZE: Vec2 = vec2(40.0, 30.0);
/// Pixels of a small picture: twice what is shown, for dense screens.
const FIT: (u32, u32) = (80, 60);
/// Made at the same time.
const LOADING: usize = 3;
/// Kept; each has some 19 KB.
const KEPT: usize = 512;
/// Textures made in one pass.
const NEW_PER_PASS: usize = 8;

enum Entry {
    Waiting,
    Loading(Pending<Pixels>),
    Ready(TextureHandle),
    /// It cannot be shown: an icon stands in its place.
    None,
}

/// The small pictures.
#[derive(Default)]
pub struct Thumbs {
    slots: HashMap<PathBuf, (Entry, u64)>,
    loading: usize,
}

impl Thumbs {
    /// The picture of a file, once it is there.
    pub fn get(&mut self, ctx: &Context, service: &Service, path: &Path) -> Option<&TextureHandle> {
        let pass = ctx.cumulative_pass_nr();
        if !self.slots.contains_key(path) {
            self.slots.insert(path.to_owned(), (Entry::Waiting, pass));
        }
        let (entry, used) = self.slots.get_mut(path)?;
        *used = pass;
        if matches!(entry, Entry::Waiting) && self.loading < LOADING {
            self.loading += 1;
            let path = path.to_owned();
            *entry = Entry::Loading(service.load(|service| async move { service.file_picture(path, FIT).await }));
        }
        match entry {
            Entry::Ready(texture) => Some(texture),
            Entry::Waiting | Entry::Loading(_) | Entry::None => None,
        }
    }

    /// Draws the picture of a file called `name`, or `otherwise` until it is there and where there is none (`path`).
    pub fn show(&mut self, ui: &mut Ui, service: &Service, name: &str, path: Option<&Path>, otherwise: Icon) {
        if let Some(texture) = path.and_then(|path| self.get(ui, service, path)) {
            let spoken = format!("Picture of {name}");
            let _ = Picture::new(&spoken, PictureState::Ready(texture.into()))
                .size(SIZE)
                .fit(Fit::Cover)
                .corners(radius::MINI)
                .sense(Sense::hover())
                .show(ui);
            return;
        }
        let t = Tokens::of(ui);
        let (rect, _) = ui.allocate_exact_size(SIZE, Sense::hover());
        ui.painter().rect_filled(rect, radius::MINI, t.bg3);
        otherwise.paint(ui.painter(), rect.center(), size::ICON_SMALL, t.tx3);
    }

    /// Takes in what has arrived.
    pub fn poll(&mut self, ctx: &Context) {
        if self.slots.is_empty() {
            return;
        }
        let pass = ctx.cumulative_pass_nr();
        let (mut made, mut loading) = (0, 0);
        let mut freed = false;
        for (path, (entry, _)) in &mut self.slots {
            if !matches!(entry, Entry::Loading(_)) {
                continue;
            }
            if made == NEW_PER_PASS {
                loading += 1;
                ctx.request_repaint();
                continue;
            }
            let Entry::Loading(pending) = std::mem::replace(entry, Entry::None) else {
                continue;
            };
            *entry = match pending.take() {
                Err(pending) => {
                    loading += 1;
                    Entry::Loading(pending)
                }
                Ok(Err(_)) => Entry::None,
                Ok(Ok(pixels)) => {
                    made += 1;
                    let name = format!("file {}", path.display());
                    Entry::Ready(ctx.load_texture(name, image(&pixels), TextureOptions::LINEAR))
                }
            };
            freed = true;
        }
        self.loading = loading;
        // What scrolled out of sight before it was begun need not be made.
        self.slots
            .retain(|_, (entry, used)| !matches!(entry, Entry::Waiting) || *used + 2 >= pass);
        let waits = self.slots.values().any(|(entry, _)| matches!(entry, Entry::Waiting));
        if freed && waits {
            ctx.request_repaint();
        }
        if self.slots.len() > KEPT {
            let mut uses: Vec<u64> = self.slots.values().map(|(_, used)| *used).collect();
            uses.sort_unstable();
            let oldest = uses[self.slots.len() - KEPT];
            self.slots.retain(|_, (_, used)| *used >= oldest || *used + 2 >= pass);
        }
    }
}
