//! Draws egui's meshes on the CPU, the way a GPU would: the same bytes on every machine.
//!
//! The loops are plain on purpose: tests are built without optimisation, where an index is cheaper than an iterator.

use std::collections::HashMap;

use egui::epaint::{ClippedPrimitive, ImageData, ImageDelta, Mesh, Primitive, Vertex};
use egui::{Context, FullOutput, Pos2, Rect, TextureFilter, TextureId, TexturesDelta};
use egui_kittest::TestRenderer;
use image::RgbaImage;

/// A [`TestRenderer`] without a GPU.
///
/// Blends premultiplied colours in gamma space, samples bilinearly, and fills half-open spans, so that triangles
/// that share an edge neither overlap nor leave a gap.
#[derive(Default)]
pub struct SoftRenderer {
    textures: HashMap<TextureId, Texture>,
}

#[derive(Default)]
struct Texture {
    width: usize,
    height: usize,
    /// Premultiplied RGBA, 0 to 255.
    pixels: Vec<[u8; 4]>,
    nearest: bool,
}

impl TestRenderer for SoftRenderer {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (id, deltas) in delta.set.drain() {
            for delta in deltas {
                self.textures.entry(id).or_default().apply(&delta);
            }
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    fn render(&mut self, ctx: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = output.pixels_per_point;
        let size = ctx.viewport_rect().size() * scale;
        let mut canvas = Canvas::new(size.x.round() as usize, size.y.round() as usize, scale);
        for ClippedPrimitive { clip_rect, primitive } in ctx.tessellate(output.shapes.clone(), scale) {
            let Primitive::Mesh(mesh) = primitive else {
                return Err("paint callbacks need a GPU".to_owned());
            };
            let Some(texture) = self.textures.get(&mesh.texture_id) else {
                return Err(format!("texture {:?} was never uploaded", mesh.texture_id));
            };
            canvas.mesh(&mesh, texture, clip_rect);
        }
        canvas.into_image()
    }
}

impl Texture {
    fn apply(&mut self, delta: &ImageDelta) {
        let ImageData::Color(image) = &delta.image;
        let [width, height] = image.size;
        self.nearest = delta.options.magnification == TextureFilter::Nearest;
        let [left, top] = delta.pos.unwrap_or_else(|| {
            (self.width, self.height) = (width, height);
            self.pixels = vec![[0; 4]; width * height];
            [0, 0]
        });
        for y in 0..height {
            for x in 0..width {
                self.pixels[(top + y) * self.width + left + x] = image.pixels[y * width + x].to_array();
            }
        }
    }

    /// The texel at `u`, `v`, which count texels from the top left corner; edges are repeated.
    fn sample(&self, u: f32, v: f32) -> [f32; 4] {
        let (u, v) = (u - 0.5, v - 0.5);
        let (left, top) = (u.floor(), v.floor());
        let (fx, fy) = (u - left, v - top);
        let (x, y) = (left as isize, top as isize);
        if self.nearest || (fx < 0.004 && fy < 0.004) {
            let (dx, dy) = (
                isize::from(self.nearest && fx >= 0.5),
                isize::from(self.nearest && fy >= 0.5),
            );
            return self.texel(x + dx, y + dy).map(f32::from);
        }
        let (a, b) = (self.texel(x, y), self.texel(x + 1, y));
        let (c, d) = (self.texel(x, y + 1), self.texel(x + 1, y + 1));
        let mix = |i: usize| {
            let above = f32::from(a[i]) + (f32::from(b[i]) - f32::from(a[i])) * fx;
            let below = f32::from(c[i]) + (f32::from(d[i]) - f32::from(c[i])) * fx;
            above + (below - above) * fy
        };
        [mix(0), mix(1), mix(2), mix(3)]
    }

    fn texel(&self, x: isize, y: isize) -> [u8; 4] {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.pixels[y * self.width + x]
    }
}

struct Canvas {
    width: usize,
    height: usize,
    scale: f32,
    bytes: Vec<u8>,
    /// One row of the last opaque colour, to copy spans from.
    brush: Vec<u8>,
    brush_color: [u8; 4],
}

/// Pixels that may be drawn on.
#[derive(Clone, Copy)]
struct Clip {
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
}

/// A value that changes linearly over the canvas.
#[derive(Clone, Copy)]
struct Plane {
    at_origin: f32,
    per_x: f32,
    per_y: f32,
}

impl Canvas {
    fn new(width: usize, height: usize, scale: f32) -> Self {
        let brush_color = [0, 0, 0, 255];
        let brush = brush_color.repeat(width);
        Self {
            width,
            height,
            scale,
            bytes: brush_color.repeat(width * height),
            brush,
            brush_color,
        }
    }

    fn into_image(self) -> Result<RgbaImage, String> {
        RgbaImage::from_raw(self.width as u32, self.height as u32, self.bytes).ok_or_else(|| "size".to_owned())
    }

    fn mesh(&mut self, mesh: &Mesh, texture: &Texture, clip: Rect) {
        let clip = Clip {
            left: (clip.min.x * self.scale).round().max(0.0) as i32,
            top: (clip.min.y * self.scale).round().max(0.0) as i32,
            right: (clip.max.x * self.scale).round().min(self.width as f32) as i32,
            bottom: (clip.max.y * self.scale).round().min(self.height as f32) as i32,
        };
        let mut i = 0;
        while i + 2 < mesh.indices.len() {
            let corner = |k: usize| mesh.vertices[mesh.indices[i + k] as usize];
            self.triangle([corner(0), corner(1), corner(2)], texture, clip);
            i += 3;
        }
    }

    fn triangle(&mut self, corners: [Vertex; 3], texture: &Texture, clip: Clip) {
        let points = corners.map(|corner| Pos2::new(corner.pos.x * self.scale, corner.pos.y * self.scale));
        let top = points[0].y.min(points[1].y).min(points[2].y);
        let bottom = points[0].y.max(points[1].y).max(points[2].y);
        let first = ((top - 0.5).ceil() as i32).max(clip.top);
        let last = ((bottom - 0.5).ceil() as i32).min(clip.bottom);
        if first >= last {
            return;
        }
        let [a, b, c] = points;
        let area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
        if area == 0.0 {
            return;
        }

        let plane = |value: [f32; 3]| {
            let per_x = ((value[1] - value[0]) * (c.y - a.y) - (value[2] - value[0]) * (b.y - a.y)) / area;
            let per_y = ((value[2] - value[0]) * (b.x - a.x) - (value[1] - value[0]) * (c.x - a.x)) / area;
            Plane {
                at_origin: value[0] - per_x * a.x - per_y * a.y,
                per_x,
                per_y,
            }
        };
        let flat_color = corners[0].color == corners[1].color && corners[0].color == corners[2].color;
        let flat_uv = corners[0].uv == corners[1].uv && corners[0].uv == corners[2].uv;
        let channel = |i: usize| plane(corners.map(|corner| f32::from(corner.color.to_array()[i])));
        let paint = if flat_color && flat_uv {
            let tint = corners[0].color.to_array();
            let texel = texture.sample_at(corners[0].uv);
            Paint::Flat([0, 1, 2, 3].map(|i| (f32::from(tint[i]) * texel[i] / 255.0 + 0.5) as u8))
        } else {
            let tint = if flat_color {
                Tint::Flat(corners[0].color.to_array().map(|channel| f32::from(channel) / 255.0))
            } else {
                Tint::Gradient([channel(0), channel(1), channel(2), channel(3)])
            };
            let texels = if flat_uv {
                Texels::Flat(texture.sample_at(corners[0].uv))
            } else {
                let u = plane(corners.map(|corner| corner.uv.x * texture.width as f32));
                let v = plane(corners.map(|corner| corner.uv.y * texture.height as f32));
                Texels::Picture(texture, u, v)
            };
            Paint::Varied(tint, texels)
        };

        let mut y = first;
        while y < last {
            let center = y as f32 + 0.5;
            let (left, right) = span(points, center);
            let from = ((left - 0.5).ceil() as i32).max(clip.left);
            let to = ((right - 0.5).ceil() as i32).min(clip.right);
            if from < to {
                match &paint {
                    Paint::Flat(color) => self.fill(y as usize, from as usize, to as usize, *color),
                    Paint::Varied(tint, texels) => self.shade(y as usize, from as usize, to as usize, tint, texels),
                }
            }
            y += 1;
        }
    }

    fn fill(&mut self, y: usize, from: usize, to: usize, color: [u8; 4]) {
        let start = (y * self.width + from) * 4;
        if color[3] == 255 {
            if self.brush_color != color {
                self.brush_color = color;
                self.brush = color.repeat(self.width);
            }
            let length = (to - from) * 4;
            self.bytes[start..start + length].copy_from_slice(&self.brush[..length]);
        } else if color != [0; 4] {
            let mut at = start;
            for _ in from..to {
                self.blend(at, color.map(f32::from));
                at += 4;
            }
        }
    }

    fn shade(&mut self, y: usize, from: usize, to: usize, tint: &Tint, texels: &Texels<'_>) {
        let center = y as f32 + 0.5;
        let mut x = from;
        while x < to {
            let across = x as f32 + 0.5;
            let texel = match texels {
                Texels::Flat(texel) => *texel,
                Texels::Picture(texture, u, v) => texture.sample(u.at(across, center), v.at(across, center)),
            };
            if texel[3] > 0.0 {
                let tint = match tint {
                    Tint::Flat(tint) => *tint,
                    Tint::Gradient(planes) => planes.map(|plane| plane.at(across, center).clamp(0.0, 255.0) / 255.0),
                };
                let color = [
                    texel[0] * tint[0],
                    texel[1] * tint[1],
                    texel[2] * tint[2],
                    texel[3] * tint[3],
                ];
                self.blend((y * self.width + x) * 4, color);
            }
            x += 1;
        }
    }

    /// Puts a premultiplied colour over the pixel whose first byte is `at`.
    fn blend(&mut self, at: usize, color: [f32; 4]) {
        let keep = (255.0 - color[3]) / 255.0;
        self.bytes[at] = (color[0] + f32::from(self.bytes[at]) * keep + 0.5) as u8;
        self.bytes[at + 1] = (color[1] + f32::from(self.bytes[at + 1]) * keep + 0.5) as u8;
        self.bytes[at + 2] = (color[2] + f32::from(self.bytes[at + 2]) * keep + 0.5) as u8;
    }
}

enum Paint<'a> {
    Flat([u8; 4]),
    Varied(Tint, Texels<'a>),
}

enum Tint {
    Flat([f32; 4]),
    Gradient([Plane; 4]),
}

enum Texels<'a> {
    Flat([f32; 4]),
    Picture(&'a Texture, Plane, Plane),
}

impl Plane {
    fn at(self, x: f32, y: f32) -> f32 {
        self.at_origin + self.per_x * x + self.per_y * y
    }
}

impl Texture {
    fn sample_at(&self, uv: Pos2) -> [f32; 4] {
        self.sample(uv.x * self.width as f32, uv.y * self.height as f32)
    }
}

/// Where the row at `y` enters and leaves the triangle.
///
/// Each edge is walked from its upper to its lower end, so that both triangles that share it get the same number.
fn span(points: [Pos2; 3], y: f32) -> (f32, f32) {
    let (mut left, mut right) = (f32::INFINITY, f32::NEG_INFINITY);
    for (from, to) in [(0, 1), (1, 2), (2, 0)] {
        let (mut upper, mut lower) = (points[from], points[to]);
        if (upper.y, upper.x) > (lower.y, lower.x) {
            std::mem::swap(&mut upper, &mut lower);
        }
        if upper.y <= y && y < lower.y {
            let x = upper.x + (lower.x - upper.x) * ((y - upper.y) / (lower.y - upper.y));
            left = left.min(x);
            right = right.max(x);
        }
    }
    (left, right)
}
