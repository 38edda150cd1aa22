//! Trees, bushes, flowers, grass and stones.

use std::f32::consts::TAU;

use crate::local::illustrator::palette::{Rgb, rgb};
use crate::local::illustrator::rng::Rng;
use crate::local::illustrator::stage::Stage;
use crate::local::illustrator::svg::{Drawing, art, blob};

/// A pine whose foot is at (`x`, `y`); `depth` is 0 in front and 1 at the horizon.
pub fn pine(g: &mut Drawing, stage: &Stage, x: f32, y: f32, height: f32, depth: f32) {
    let light = &stage.light;
    let trunk = light.plain(rgb(0x6a4632), depth);
    let green = light.land(rgb(0x2f7a56), depth);
    let w = height * 0.3;
    art!(
        g,
        r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" rx="2" fill="{trunk}"/>"#,
        x - height * 0.035,
        y - height * 0.16,
        height * 0.07,
        height * 0.16
    );
    for tier in 0..3 {
        let t = tier as f32;
        let half = w * (1.0 - t * 0.24);
        let low = y - height * (0.1 + 0.26 * t);
        let top = low - height * 0.42;
        let color = green.mix(light.land(rgb(0x4aa06c), depth), t * 0.28);
        art!(
            g,
            r#"<path d="M{x:.1} {top:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {low:.1}Q{:.1} {:.1} {x:.1} {:.1}Q{:.1} {:.1} {:.1} {low:.1}C{:.1} {:.1} {:.1} {:.1} {x:.1} {top:.1}z" fill="{color}"/>"#,
            x + half * 0.25,
            top + height * 0.2,
            x + half * 0.6,
            low - height * 0.08,
            x + half,
            x + half * 0.5,
            low + height * 0.03,
            low - height * 0.012,
            x - half * 0.5,
            low + height * 0.03,
            x - half,
            x - half * 0.6,
            low - height * 0.08,
            x - half * 0.25,
            top + height * 0.2
        );
        if light.snowy {
            let snow = light.plain(rgb(0xf6f9ff), depth * 0.6);
            let (s, edge) = (half * 0.52, top + (low - top) * 0.62);
            art!(
                g,
                r#"<path d="M{x:.1} {top:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {edge:.1}Q{:.1} {:.1} {:.1} {:.1}Q{x:.1} {:.1} {:.1} {:.1}Q{:.1} {:.1} {:.1} {edge:.1}C{:.1} {:.1} {:.1} {:.1} {x:.1} {top:.1}z" fill="{snow}"/>"#,
                x + half * 0.2,
                top + height * 0.14,
                x + s * 0.8,
                edge - height * 0.05,
                x + s,
                x + s * 0.6,
                edge + height * 0.03,
                x + s * 0.3,
                edge - height * 0.01,
                edge + height * 0.045,
                x - s * 0.35,
                edge - height * 0.005,
                x - s * 0.7,
                edge + height * 0.035,
                x - s,
                x - s * 0.8,
                edge - height * 0.05,
                x - half * 0.2,
                top + height * 0.14
            );
        }
    }
}

/// A leafy tree with a round crown of its own shape.
pub fn leafy(g: &mut Drawing, stage: &Stage, rng: &mut Rng, x: f32, y: f32, height: f32, depth: f32) {
    let light = &stage.light;
    let trunk = light.plain(rgb(0x7a5236), depth);
    let shades = [0x4f9a4a, 0x5fa84e, 0x3f8a52, 0x74ad4a];
    let base = rgb(shades[rng.index(shades.len())]);
    let green = light.land(base, depth);
    let (w, crown_y) = (height * rng.range(0.3, 0.38), y - height * 0.62);
    art!(
        g,
        r#"<path d="M{:.1} {y:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}L{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {y:.1}z" fill="{trunk}"/><path d="M{x:.1} {:.1}L{:.1} {:.1}" stroke="{trunk}" stroke-width="{:.1}" stroke-linecap="round"/>"#,
        x - height * 0.055,
        x - height * 0.03,
        y - height * 0.1,
        x - height * 0.03,
        y - height * 0.3,
        x - height * 0.022,
        crown_y,
        x + height * 0.022,
        crown_y,
        x + height * 0.03,
        y - height * 0.3,
        x + height * 0.03,
        y - height * 0.1,
        x + height * 0.055,
        y - height * 0.32,
        x + height * 0.11,
        y - height * 0.45,
        height * 0.025
    );
    let mut crown = |cx: f32, cy: f32, rx: f32, ry: f32, color: Rgb, g: &mut Drawing| {
        let points: Vec<(f32, f32)> = (0..9)
            .map(|i| {
                let angle = i as f32 / 9.0 * TAU;
                let wobble = rng.range(0.86, 1.1);
                (cx + angle.cos() * rx * wobble, cy + angle.sin() * ry * wobble)
            })
            .collect();
        art!(g, r#"<path d="{}" fill="{color}"/>"#, blob(&points));
    };
    crown(x, crown_y, w, height * 0.34, green, g);
    crown(
        x - w * 0.22,
        crown_y - height * 0.08,
        w * 0.62,
        height * 0.2,
        green.lighter(0.12),
        g,
    );
    if light.snowy {
        crown(
            x,
            crown_y - height * 0.2,
            w * 0.72,
            height * 0.13,
            light.plain(rgb(0xf6f9ff), depth * 0.6),
            g,
        );
    }
}

/// A low round bush.
pub fn bush(g: &mut Drawing, stage: &Stage, x: f32, y: f32, size: f32, depth: f32) {
    let green = if stage.light.snowy {
        stage.light.plain(rgb(0xe4ecf6), depth)
    } else {
        stage.light.land(rgb(0x4c9450), depth)
    };
    art!(
        g,
        r#"<path d="M{:.1} {y:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {y:.1}Q{x:.1} {:.1} {:.1} {y:.1}z" fill="{green}"/>"#,
        x - size,
        x - size * 1.2,
        y - size * 0.7,
        x - size * 0.6,
        y - size * 0.8,
        x - size * 0.45,
        y - size * 0.62,
        x - size * 0.3,
        y - size * 1.1,
        x + size * 0.35,
        y - size * 1.1,
        x + size * 0.45,
        y - size * 0.62,
        x + size * 0.7,
        y - size * 0.8,
        x + size * 1.2,
        y - size * 0.6,
        x + size,
        y + size * 0.1,
        x - size
    );
}

/// Grass, flowers and stones over the front ground. Unknown words change their kind and number.
pub fn carpet(g: &mut Drawing, stage: &Stage, flowers: f32) {
    let mut rng = stage.rng("carpet");
    let grass = stage.light.land(rgb(0x3f8a3f), 0.0);
    let span = stage.height - stage.ground;
    if !stage.light.snowy {
        let tufts = ((stage.width / 26.0) as usize).min(160);
        for _ in 0..tufts {
            let x = rng.range(0.0, stage.width);
            let down = rng.unit();
            let y = stage.ground_at(x) + 8.0 + down * span;
            let s = 0.6 + down * 0.9;
            art!(
                g,
                r#"<path d="M{x:.1} {y:.1}q{:.1} {:.1} {:.1} {:.1}M{x:.1} {y:.1}q0 {:.1} {:.1} {:.1}M{x:.1} {y:.1}q{:.1} {:.1} {:.1} {:.1}" fill="none" stroke="{grass}" stroke-width="{:.1}" stroke-linecap="round" stroke-opacity=".75"/>"#,
                -2.0 * s,
                -6.0 * s,
                -6.0 * s,
                -9.0 * s,
                -8.0 * s,
                1.0 * s,
                -13.0 * s,
                3.0 * s,
                -6.0 * s,
                7.0 * s,
                -8.0 * s,
                1.8 * s
            );
        }
    }
    let mut words = Rng::new(stage.words, "unknown words");
    let extra = if stage.words == 0 { 0.0 } else { words.range(0.4, 1.6) };
    let hues = [0xf06a8a, 0xf7c948, 0xffffff, 0x9a7bea, 0xf58a4b, 0x5aa8f0];
    let first = words.index(hues.len());
    let count = ((flowers + extra) * stage.width / 70.0) as usize;
    for i in 0..count.min(160) {
        let x = rng.range(0.0, stage.width);
        let down = rng.unit();
        let y = stage.ground_at(x) + 12.0 + down * span;
        let s = (0.55 + down * 0.75) * rng.range(0.85, 1.2);
        if stage.light.snowy {
            stone(g, stage, x, y, s * 8.0);
        } else {
            let color = stage.light.plain(rgb(hues[(first + i % 3) % hues.len()]), 0.0);
            flower(g, stage, x, y, s, color);
        }
    }
    let stones = if stage.words == 0 { 3 } else { 3 + words.index(6) };
    for _ in 0..stones {
        let x = rng.range(0.0, stage.width);
        let y = stage.ground_at(x) + 16.0 + rng.unit() * span;
        stone(g, stage, x, y, rng.range(7.0, 15.0));
    }
}

/// A small flower with five petals, its stem's foot at (`x`, `y`).
pub fn flower(g: &mut Drawing, stage: &Stage, x: f32, y: f32, s: f32, color: Rgb) {
    let stem = stage.light.land(rgb(0x3f8f45), 0.0);
    let top = y - 17.0 * s;
    art!(
        g,
        r#"<path d="M{x:.1} {y:.1}V{top:.1}M{x:.1} {:.1}q{:.1} {:.1} {:.1} {:.1}" fill="none" stroke="{stem}" stroke-width="{:.1}" stroke-linecap="round"/><g fill="{color}">"#,
        y - 5.0 * s,
        4.0 * s,
        -s,
        6.0 * s,
        -5.0 * s,
        2.0 * s
    );
    for petal in 0..5 {
        let angle = petal as f32 * 1.2566 - 1.57;
        art!(
            g,
            r#"<circle cx="{:.1}" cy="{:.1}" r="{:.1}"/>"#,
            x + angle.cos() * 4.2 * s,
            top + angle.sin() * 4.2 * s,
            3.4 * s
        );
    }
    art!(
        g,
        r##"</g><circle cx="{x:.1}" cy="{top:.1}" r="{:.1}" fill="#ffd75e"/>"##,
        2.7 * s
    );
}

/// A stone, half in the ground.
pub fn stone(g: &mut Drawing, stage: &Stage, x: f32, y: f32, size: f32) {
    let color = stage.light.plain(rgb(0xa9a9b4), 0.05);
    art!(
        g,
        r#"<path d="M{:.1} {y:.1}C{:.1} {:.1} {:.1} {:.1} {x:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {y:.1}z" fill="{color}"/><path d="M{:.1} {:.1}q{:.1} {:.1} {:.1} {:.1}" stroke="{}" stroke-width="{:.1}" fill="none" stroke-linecap="round"/>"#,
        x - size,
        x - size * 1.1,
        y - size * 0.6,
        x - size * 0.5,
        y - size * 0.95,
        y - size * 0.9,
        x + size * 0.6,
        y - size * 0.85,
        x + size * 1.15,
        y - size * 0.5,
        x + size,
        x - size * 0.55,
        y - size * 0.5,
        size * 0.2,
        -size * 0.25,
        size * 0.5,
        -size * 0.25,
        color.lighter(0.3),
        size * 0.14
    );
}

/// Blades and leaves in front of everything along the lower edge, dark and out of focus.
pub fn front_growth(g: &mut Drawing, stage: &Stage) {
    let mut rng = stage.rng("front growth");
    let color = if stage.light.snowy {
        stage.light.plain(rgb(0xd4deee), 0.0)
    } else {
        stage.light.land(rgb(0x2c6a3a), 0.0)
    };
    for (from, to) in [(-0.02, 0.13), (0.87, 1.02)] {
        let count = 9;
        for _ in 0..count {
            let x = stage.width * rng.range(from, to);
            let edge = ((x / stage.width) - 0.5).abs() * 2.0;
            let tall = 26.0 + 62.0 * (edge - 0.7).max(0.0) / 0.3 * rng.range(0.6, 1.0);
            let bend = rng.range(-18.0, 18.0);
            let y = stage.height + 3.0;
            art!(
                g,
                r#"<path d="M{:.1} {y:.1}Q{:.1} {:.1} {:.1} {:.1}Q{:.1} {:.1} {:.1} {y:.1}z" fill="{color}" fill-opacity=".9"/>"#,
                x - 6.0,
                x - 4.0 + bend * 0.2,
                y - tall * 0.6,
                x + bend,
                y - tall,
                x + 6.0 + bend * 0.2,
                y - tall * 0.5,
                x + 6.0
            );
        }
    }
}
