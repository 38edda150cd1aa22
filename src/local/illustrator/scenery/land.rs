//! Far mountains and ridges, farther ones paler.

use std::f32::consts::TAU;

use crate::local::illustrator::palette::{Rgb, rgb};
use crate::local::illustrator::stage::Stage;
use crate::local::illustrator::svg::{Drawing, art};

/// A ridge: a line of hills from edge to edge.
#[derive(Clone, Debug)]
pub struct Ridge {
    waves: Vec<(f32, f32, f32)>,
    pub base: f32,
}

impl Ridge {
    /// A ridge around the height `base`, whose hills are up to about `relief` high and `pace` a picture.
    pub fn new(stage: &Stage, layer: &str, base: f32, relief: f32, pace: f32) -> Self {
        let mut rng = stage.rng(layer);
        let waves = [1.0, 1.9, 3.7]
            .map(|octave| {
                let frequency = pace * octave * rng.range(0.85, 1.2);
                (frequency, rng.range(0.0, TAU), relief / (octave * 1.4))
            })
            .to_vec();
        Self { waves, base }
    }

    /// The ridge's height at `x`.
    pub fn at(&self, x: f32) -> f32 {
        let along = x / 1024.0 * TAU;
        let wave: f32 = self
            .waves
            .iter()
            .map(|(frequency, phase, height)| (along * frequency + phase).sin() * height)
            .sum();
        self.base + wave
    }

    /// Fills everything below the ridge, lighter at its edge.
    pub fn fill(&self, g: &mut Drawing, stage: &Stage, color: Rgb) {
        let paint = g.vertical(&[(0.0, color.lighter(0.08), 1.0), (1.0, color.darker(0.1), 1.0)]);
        art!(g, r#"<path d="{}" fill="{paint}"/>"#, stage.land_path(|x| self.at(x)));
    }
}

/// A row of peaks with snow on top, standing on the horizon.
pub fn peaks(g: &mut Drawing, stage: &Stage, layer: &str, height: f32, depth: f32, base: Rgb) {
    let mut rng = stage.rng(layer);
    let color = stage.light.plain(base, depth);
    let shade = color.darker(0.12);
    let snow = stage.light.plain(rgb(0xf7f9ff), depth * 0.7);
    let count = ((stage.width / (height * 1.15 + 60.0)) as usize + 2).min(60);
    let foot = stage.horizon + 40.0;
    for i in 0..count {
        let x = stage.width * (i as f32 + rng.range(-0.25, 0.25)) / (count - 1) as f32;
        let tall = height * rng.range(0.55, 1.0);
        let half = tall * rng.range(0.75, 0.95) + 30.0;
        let top = stage.horizon - tall;
        let lean = rng.range(-0.08, 0.08) * half;
        let slope = |t: f32| top + (foot - top) * t;
        art!(
            g,
            r#"<path d="M{:.1} {foot:.1}L{:.1} {top:.1}L{:.1} {foot:.1}z" fill="{color}"/><path d="M{:.1} {top:.1}L{:.1} {foot:.1}H{:.1}L{:.1} {:.1}z" fill="{shade}" fill-opacity=".55"/>"#,
            x - half,
            x + lean,
            x + half,
            x + lean,
            x + half,
            x + half * 0.12,
            x + lean - half * 0.1,
            slope(0.45)
        );
        // The cap's lower edge is a zigzag between the two slopes.
        let t = 0.26;
        let (l, r, y) = (
            x + lean + (x - half - x - lean) * t,
            x + lean + (x + half - x - lean) * t,
            slope(t),
        );
        let w = r - l;
        art!(
            g,
            r#"<path d="M{:.1} {top:.1}L{r:.1} {y:.1}L{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}L{l:.1} {y:.1}z" fill="{snow}"/>"#,
            x + lean,
            r - w * 0.18,
            y - w * 0.06,
            r - w * 0.34,
            y + w * 0.12,
            r - w * 0.55,
            y - w * 0.04,
            r - w * 0.76,
            y + w * 0.1
        );
    }
}

/// The two far ridges of a green land, far one first, for what grows on them.
pub fn far_hills(g: &mut Drawing, stage: &Stage, green: Rgb) -> [Ridge; 2] {
    let gap = stage.ground - stage.horizon;
    let far = Ridge::new(stage, "far ridge", stage.horizon + gap * 0.08, 22.0, 0.9);
    let near = Ridge::new(stage, "near ridge", stage.horizon + gap * 0.48, 20.0, 1.2);
    far.fill(g, stage, stage.light.ground(green, 0.62));
    near.fill(g, stage, stage.light.ground(green, 0.32));
    [far, near]
}

/// The ground that the cast stands on.
pub fn front(g: &mut Drawing, stage: &Stage, color: Rgb) {
    let color = stage.light.ground(color, 0.0);
    let paint = g.vertical(&[
        (0.0, color.lighter(0.08), 1.0),
        (0.5, color, 1.0),
        (1.0, color.darker(0.16), 1.0),
    ]);
    art!(g, r#"<path d="{}" fill="{paint}"/>"#, stage.ground_path());
}

/// Snow-capped far mountains for a usual landscape.
pub fn far_peaks(g: &mut Drawing, stage: &Stage) {
    let mut rng = stage.rng("far peaks");
    let height = stage.unit * rng.range(80.0, 150.0);
    peaks(g, stage, "peaks", height, 0.55, rgb(0x6f7fb0));
}
