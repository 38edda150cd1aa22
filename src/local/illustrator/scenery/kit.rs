//! Land settings: meadow, woods, mountains, desert, garden, cave.

use super::Backdrop;
use super::land::{self, Ridge};
use super::plant;
use crate::local::illustrator::palette::{WHITE, rgb};
use crate::local::illustrator::stage::{Area, Stage};
use crate::local::illustrator::svg::{Drawing, art};

/// The green of most land.
pub const GRASS: u32 = 0x7cc06a;

/// Rolling hills, a few trees, many flowers.
pub fn meadow(g: &mut Drawing, stage: &Stage) {
    land::far_peaks(g, stage);
    let [far, near] = land::far_hills(g, stage, rgb(GRASS));
    let mut rng = stage.rng("meadow trees");
    for _ in 0..(stage.width / 240.0) as usize + 1 {
        let x = rng.range(0.0, stage.width);
        plant::leafy(g, stage, &mut rng, x, far.at(x) + 6.0, 62.0, 0.6);
    }
    near.fill(g, stage, stage.light.ground(rgb(GRASS), 0.32));
    for side in [rng.range(0.02, 0.16), rng.range(0.84, 0.98)] {
        let x = stage.width * side;
        let tall = rng.range(150.0, 210.0);
        plant::leafy(g, stage, &mut rng, x, near.at(x) + 16.0, tall, 0.22);
    }
    bushes(g, stage, &near, 0.3);
    land::front(g, stage, rgb(0x6fb95c));
    plant::carpet(g, stage, 1.6);
}

fn bushes(g: &mut Drawing, stage: &Stage, ridge: &Ridge, depth: f32) {
    let mut rng = stage.rng("bushes");
    for _ in 0..(stage.width / 170.0) as usize {
        let x = rng.range(0.0, stage.width);
        plant::bush(g, stage, x, ridge.at(x) + 12.0, rng.range(16.0, 30.0), depth);
    }
}

/// Rows of leafy trees, thinning out in the middle where the cast stands.
pub fn forest(g: &mut Drawing, stage: &Stage) {
    let [far, near] = land::far_hills(g, stage, rgb(0x6aa85e));
    let mut rng = stage.rng("forest");
    wood(g, stage, &far, 26.0, 0.72, |g, rng, x, y| {
        let tall = rng.range(120.0, 170.0);
        plant::leafy(g, stage, rng, x, y, tall, 0.68);
    });
    near.fill(g, stage, stage.light.ground(rgb(0x6aa85e), 0.4));
    wood(g, stage, &near, 62.0, 0.4, |g, rng, x, y| {
        let tall = rng.range(210.0, 300.0);
        plant::leafy(g, stage, rng, x, y, tall, 0.36);
    });
    land::front(g, stage, rgb(0x5c9a4e));
    for (from, to) in [(-0.04, 0.1), (0.9, 1.04)] {
        for _ in 0..2 {
            let x = stage.width * rng.range(from, to);
            let tall = rng.range(420.0, 540.0) * stage.unit;
            plant::leafy(g, stage, &mut rng, x, stage.ground_at(x) + 22.0, tall, 0.06);
        }
    }
    plant::carpet(g, stage, 0.7);
    mushrooms(g, stage);
}

fn mushrooms(g: &mut Drawing, stage: &Stage) {
    if stage.light.snowy {
        return;
    }
    let mut rng = stage.rng("mushrooms");
    let (cap, stem) = (
        stage.light.plain(rgb(0xd8453c), 0.0),
        stage.light.plain(rgb(0xf4e8d4), 0.0),
    );
    for _ in 0..4 {
        let x = stage.width * rng.unit();
        let y = stage.ground_at(x) + 24.0 + rng.unit() * (stage.height - stage.ground) * 0.8;
        let s = rng.range(0.7, 1.2);
        art!(
            g,
            r#"<path d="M{:.1} {y:.1}l{:.1} {:.1}h{:.1}l{:.1} {:.1}z" fill="{stem}"/><path d="M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}z" fill="{cap}"/><circle cx="{:.1}" cy="{:.1}" r="{:.1}" fill="{stem}"/><circle cx="{:.1}" cy="{:.1}" r="{:.1}" fill="{stem}"/>"#,
            x - 4.0 * s,
            1.0 * s,
            -11.0 * s,
            6.0 * s,
            1.0 * s,
            11.0 * s,
            x - 11.0 * s,
            y - 9.0 * s,
            x - 10.0 * s,
            y - 25.0 * s,
            x + 10.0 * s,
            y - 25.0 * s,
            x + 11.0 * s,
            y - 9.0 * s,
            x - 3.0 * s,
            y - 15.0 * s,
            2.0 * s,
            x + 4.0 * s,
            y - 12.5 * s,
            1.6 * s
        );
    }
}

/// Trees along a ridge about every `step` units, from back to front.
fn wood(
    g: &mut Drawing,
    stage: &Stage,
    ridge: &Ridge,
    step: f32,
    depth: f32,
    mut tree: impl FnMut(&mut Drawing, &mut crate::local::illustrator::rng::Rng, f32, f32),
) {
    let mut rng = stage.rng(if depth > 0.5 { "far wood" } else { "near wood" });
    let count = ((stage.width / step) as usize).min(120);
    for i in 0..count {
        let x = (i as f32 + rng.range(-0.3, 0.9)) * step;
        let middle = (x / stage.width - 0.5).abs() < 0.2;
        if middle && depth < 0.5 && rng.chance(0.7) {
            continue;
        }
        tree(g, &mut rng, x, ridge.at(x) + 8.0);
    }
}

/// Pines in rows, tall ones at the edges.
pub fn pine_forest(g: &mut Drawing, stage: &Stage) {
    land::far_peaks(g, stage);
    let [far, near] = land::far_hills(g, stage, rgb(0x78b074));
    wood(g, stage, &far, 34.0, 0.66, |g, rng, x, y| {
        plant::pine(g, stage, x, y, rng.range(66.0, 104.0), 0.62);
    });
    near.fill(g, stage, stage.light.ground(rgb(0x78b074), 0.34));
    wood(g, stage, &near, 56.0, 0.34, |g, rng, x, y| {
        plant::pine(g, stage, x, y, rng.range(130.0, 190.0), 0.3);
    });
    land::front(g, stage, rgb(0x6aa862));
    let mut rng = stage.rng("near pines");
    for (from, to) in [(-0.02, 0.13), (0.87, 1.02)] {
        for _ in 0..2 {
            let x = stage.width * rng.range(from, to);
            plant::pine(
                g,
                stage,
                x,
                stage.ground_at(x) + 26.0,
                rng.range(280.0, 380.0) * stage.unit,
                0.03,
            );
        }
    }
    plant::carpet(g, stage, 0.4);
}

/// Two ranges of peaks over a rocky meadow.
pub fn mountains(g: &mut Drawing, stage: &Stage) {
    let tall = (stage.horizon * 0.72).min(420.0);
    land::peaks(g, stage, "far range", tall, 0.72, rgb(0x7483b4));
    land::peaks(g, stage, "near range", tall * 0.62, 0.42, rgb(0x66749f));
    let [far, near] = land::far_hills(g, stage, rgb(0x83b378));
    wood(g, stage, &far, 60.0, 0.6, |g, rng, x, y| {
        plant::pine(g, stage, x, y, rng.range(50.0, 80.0), 0.55);
    });
    near.fill(g, stage, stage.light.ground(rgb(0x83b378), 0.34));
    land::front(g, stage, rgb(0x74ab66));
    let mut rng = stage.rng("rocks");
    for side in [rng.range(0.0, 0.12), rng.range(0.88, 1.0), rng.unit()] {
        let x = stage.width * side;
        plant::stone(g, stage, x, stage.ground_at(x) + 30.0, rng.range(26.0, 54.0));
    }
    plant::carpet(g, stage, 0.8);
}

/// Dunes, table mountains, cacti.
pub fn desert(g: &mut Drawing, stage: &Stage) {
    let light = &stage.light;
    let mut rng = stage.rng("desert");
    for _ in 0..3 {
        let (x, w, h) = (stage.width * rng.unit(), rng.range(90.0, 200.0), rng.range(60.0, 130.0));
        let y = stage.horizon + 30.0;
        let color = light.land(rgb(0xc9774e), 0.6);
        art!(
            g,
            r#"<path d="M{:.1} {y:.1}L{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}H{:.1}Q{:.1} {:.1} {:.1} {:.1}L{:.1} {y:.1}z" fill="{color}"/><path d="M{:.1} {:.1}h{:.1}M{:.1} {:.1}h{:.1}" stroke="{}" stroke-width="5" stroke-opacity=".6"/>"#,
            x - w * 0.62,
            x - w * 0.5,
            y - h * 0.5,
            x - w * 0.42,
            y - h * 0.92,
            x - w * 0.34,
            y - h,
            x + w * 0.34,
            x + w * 0.44,
            y - h * 0.94,
            x + w * 0.5,
            y - h * 0.5,
            x + w * 0.64,
            x - w * 0.4,
            y - h * 0.72,
            w * 0.7,
            x - w * 0.3,
            y - h * 0.5,
            w * 0.72,
            color.lighter(0.16)
        );
    }
    let gap = stage.ground - stage.horizon;
    let far = Ridge::new(stage, "far dune", stage.horizon + gap * 0.1, 26.0, 0.6);
    let near = Ridge::new(stage, "near dune", stage.horizon + gap * 0.55, 30.0, 0.8);
    far.fill(g, stage, light.ground(rgb(0xf0c27a), 0.5));
    near.fill(g, stage, light.ground(rgb(0xecb868), 0.25));
    for _ in 0..4 {
        let x = stage.width * rng.unit();
        cactus(g, stage, x, near.at(x) + 10.0, rng.range(60.0, 100.0), 0.2);
    }
    land::front(g, stage, rgb(0xe8ae5c));
    let ripple = light.ground(rgb(0xd0944a), 0.0);
    for _ in 0..(stage.width / 60.0) as usize {
        let x = rng.range(0.0, stage.width);
        let y = stage.ground_at(x) + 14.0 + rng.unit() * (stage.height - stage.ground);
        art!(
            g,
            r#"<path d="M{x:.1} {y:.1}q16 -6 32 0t32 0" fill="none" stroke="{ripple}" stroke-width="2.4" stroke-linecap="round" stroke-opacity=".6"/>"#
        );
    }
    for side in [rng.range(0.02, 0.12), rng.range(0.88, 0.98)] {
        let x = stage.width * side;
        cactus(
            g,
            stage,
            x,
            stage.ground_at(x) + 24.0,
            rng.range(150.0, 220.0) * stage.unit,
            0.0,
        );
    }
    for _ in 0..3 {
        let x = stage.width * rng.unit();
        plant::stone(
            g,
            stage,
            x,
            stage.ground_at(x) + 20.0 + 60.0 * rng.unit(),
            rng.range(9.0, 18.0),
        );
    }
}

fn cactus(g: &mut Drawing, stage: &Stage, x: f32, y: f32, height: f32, depth: f32) {
    let green = stage.light.land(rgb(0x4f9a5a), depth);
    let w = height * 0.15;
    art!(
        g,
        r#"<g fill="none" stroke="{green}" stroke-linecap="round"><path d="M{x:.1} {y:.1}V{:.1}" stroke-width="{:.1}"/><path d="M{x:.1} {:.1}H{:.1}Q{:.1} {:.1} {:.1} {:.1}V{:.1}M{x:.1} {:.1}H{:.1}Q{:.1} {:.1} {:.1} {:.1}V{:.1}" stroke-width="{:.1}"/></g><path d="M{x:.1} {:.1}V{:.1}" stroke="{}" stroke-width="{:.1}" stroke-linecap="round" stroke-opacity=".6"/>"#,
        y - height + w * 0.6,
        w * 1.25,
        y - height * 0.36,
        x - w * 1.2,
        x - w * 2.0,
        y - height * 0.36,
        x - w * 2.0,
        y - height * 0.46,
        y - height * 0.62,
        y - height * 0.28,
        x + w * 1.2,
        x + w * 2.0,
        y - height * 0.28,
        x + w * 2.0,
        y - height * 0.38,
        y - height * 0.5,
        w * 0.9,
        y - height * 0.12,
        y - height * 0.86,
        green.lighter(0.25),
        w * 0.16
    );
}

/// A lawn with a hedge, a picket fence, beds of flowers and a path.
pub fn garden(g: &mut Drawing, stage: &Stage) {
    let light = &stage.light;
    let [_, near] = land::far_hills(g, stage, rgb(GRASS));
    let mut rng = stage.rng("garden");
    for side in [0.06, 0.3, 0.66, 0.93] {
        let x = stage.width * (side + rng.range(-0.04, 0.04));
        let tall = rng.range(140.0, 220.0);
        plant::leafy(g, stage, &mut rng, x, near.at(x) + 20.0, tall, 0.3);
    }
    let hedge = light.ground(rgb(0x4d9350), 0.18);
    let top = stage.ground - 62.0;
    let mut path = format!("M-10 {:.1}V{top:.1}", stage.ground + 40.0);
    let bumps = (stage.width / 46.0) as usize + 2;
    for i in 0..bumps {
        use std::fmt::Write as _;
        let x = -10.0 + i as f32 * 46.0;
        let _ = write!(path, "Q{:.1} {:.1} {:.1} {top:.1}", x + 23.0, top - 24.0, x + 46.0);
    }
    art!(g, r#"<path d="{path}V{:.1}z" fill="{hedge}"/>"#, stage.ground + 40.0);
    fence(g, stage, stage.ground + 8.0, 58.0, 0.06);
    land::front(g, stage, rgb(0x79c062));
    let path_color = light.ground(rgb(0xe8d3a6), 0.0);
    let (x, w) = (stage.width * rng.range(0.35, 0.65), stage.width * 0.1);
    let y = stage.ground_at(x) + 2.0;
    art!(
        g,
        r#"<path d="M{:.1} {y:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}H{:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {y:.1}z" fill="{path_color}"/>"#,
        x - w * 0.3,
        x - w * 1.4,
        y + 60.0,
        x + w * 0.2,
        y + 100.0,
        x - w,
        stage.height + 4.0,
        x + w * 1.4,
        x + w * 1.6,
        y + 110.0,
        x - w * 0.3,
        y + 60.0,
        x + w * 0.4
    );
    plant::carpet(g, stage, 3.2);
}

/// A white picket fence from edge to edge, its foot at `y`.
pub fn fence(g: &mut Drawing, stage: &Stage, y: f32, height: f32, depth: f32) {
    let color = stage.light.plain(rgb(0xfaf6ee), depth);
    let shade = color.darker(0.12);
    art!(
        g,
        r#"<path d="M-4 {:.1}H{:.1}M-4 {:.1}H{:.1}" stroke="{shade}" stroke-width="6"/><path d=""#,
        y - height * 0.3,
        stage.width + 4.0,
        y - height * 0.68,
        stage.width + 4.0
    );
    let count = (stage.width / 26.0) as usize + 1;
    for i in 0..count {
        let x = i as f32 * 26.0 + 4.0;
        art!(g, "M{x:.1} {y:.1}V{:.1}l7 -9l7 9V{y:.1}z", y - height + 9.0);
    }
    art!(g, r#"" fill="{color}"/>"#);
}

/// The inside of a cave: rock all around, the way out far off, crystals that give light.
pub fn cave(g: &mut Drawing, stage: &Stage, backdrop: &mut Backdrop) {
    let (w, h) = (stage.width, stage.height);
    let mut rng = stage.rng("cave");
    let rock = rgb(0x4a4468);
    let back = g.vertical(&[(0.0, rock.darker(0.2), 1.0), (1.0, rock.lighter(0.22), 1.0)]);
    art!(
        g,
        r#"<rect x="-2" y="-2" width="{:.1}" height="{:.1}" fill="{back}"/>"#,
        w + 4.0,
        h + 4.0
    );
    // The mouth of the cave, with the sky of the hour in it.
    let x = w * if rng.chance(0.5) {
        rng.range(0.2, 0.32)
    } else {
        rng.range(0.68, 0.8)
    };
    let y = h * 0.46;
    let (rx, ry) = (118.0 * stage.unit.max(0.7), 140.0 * stage.unit.max(0.7));
    let shape = format!(
        "M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {x:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}Q{x:.1} {:.1} {:.1} {:.1}z",
        x - rx,
        y + ry,
        x - rx * 1.15,
        y - ry * 0.1,
        x - rx * 0.75,
        y - ry,
        y - ry,
        x + rx * 0.6,
        y - ry * 1.05,
        x + rx * 1.15,
        y - ry * 0.2,
        x + rx,
        y + ry,
        y + ry * 1.15,
        x - rx,
        y + ry
    );
    let [top, middle, low] = stage.light.sky;
    let sky = g.vertical(&[(0.0, top, 1.0), (0.5, middle, 1.0), (1.0, low, 1.0)]);
    let glow = g.radial(&[(0.0, low, 0.5), (1.0, low, 0.0)]);
    art!(
        g,
        r#"<circle cx="{x:.1}" cy="{y:.1}" r="{:.1}" fill="{glow}"/>"#,
        rx * 2.6
    );
    art!(g, r#"<path d="{shape}" fill="{sky}"/>"#);
    let clip = g.clip(&format!(r#"<path d="{shape}"/>"#));
    let hill = stage.light.ground(rgb(GRASS), 0.5);
    art!(
        g,
        r#"<g clip-path="{clip}"><path d="M{:.1} {:.1}Q{x:.1} {:.1} {:.1} {:.1}V{:.1}H{:.1}z" fill="{hill}"/></g>"#,
        x - rx * 1.2,
        y + ry * 0.5,
        y + ry * 0.2,
        x + rx * 1.2,
        y + ry * 0.55,
        y + ry * 1.3,
        x - rx * 1.2
    );
    backdrop.windows.push(Area::around(x, y, rx * 1.7, ry * 1.7));
    backdrop.taken.push(Area::around(x, y, rx * 2.0, ry * 2.0));
    for layer in 0..2 {
        let color = rock.darker(0.3 + 0.3 * layer as f32);
        let count = (w / 90.0) as usize + 2;
        art!(g, r#"<path d="M-4 -4"#);
        for i in 0..=count {
            let cx = w * i as f32 / count as f32;
            let edge = ((cx / w) - 0.5).abs() * 2.0;
            let drop = 50.0 + 130.0 * edge * edge + rng.range(20.0, 130.0) - layer as f32 * 26.0;
            art!(
                g,
                "L{:.1} {:.1}Q{:.1} {:.1} {cx:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}",
                cx - 44.0,
                26.0 + 70.0 * edge,
                cx - 10.0,
                drop * 0.5,
                drop,
                cx + 10.0,
                drop * 0.5,
                cx + 40.0,
                26.0 + 70.0 * edge
            );
        }
        art!(g, r#"L{:.1} -4z" fill="{color}"/>"#, w + 4.0);
    }
    let wall = rock.darker(0.45);
    for (x0, side) in [(0.0, 1.0), (w, -1.0_f32)] {
        art!(
            g,
            r#"<path d="M{:.1} -4C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}L{:.1} {:.1}z" fill="{wall}"/>"#,
            x0 - side * 4.0,
            x0 + side * 90.0,
            h * 0.2,
            x0 + side * 30.0,
            h * 0.5,
            x0 + side * 80.0,
            h * 0.85,
            x0 - side * 4.0,
            h * 0.9
        );
    }
    let floor = rgb(0x6a6288);
    let paint = g.vertical(&[(0.0, floor.lighter(0.1), 1.0), (1.0, floor.darker(0.45), 1.0)]);
    art!(g, r#"<path d="{}" fill="{paint}"/>"#, stage.ground_path());
    for _ in 0..5 {
        let x = w * rng.unit();
        let y = stage.ground_at(x) + 18.0 + 40.0 * rng.unit();
        art!(
            g,
            r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{:.1}" ry="8" fill="{}"/>"#,
            rng.range(20.0, 60.0),
            floor.darker(0.18)
        );
    }
    for side in [0.05, 0.13, 0.88, 0.95] {
        let x = w * (side + rng.range(-0.03, 0.03));
        let y = stage.ground_at(x) + 12.0;
        let hue = *rng.pick(&[0x7fe3f0, 0xb98cf5, 0xf59ad0]);
        crystal(g, x, y, rng.range(70.0, 130.0), hue);
        backdrop.glows.push((x, y - 40.0, 150.0));
    }
}

fn crystal(g: &mut Drawing, x: f32, y: f32, height: f32, hue: u32) {
    let color = rgb(hue);
    for (dx, share, lean) in [(-0.22, 0.62, -0.2), (0.26, 0.5, 0.24), (0.0, 1.0, 0.04)] {
        let (tall, w) = (height * share, height * 0.13);
        let (cx, top) = (x + dx * height, y - height * share);
        let tip = cx + lean * tall;
        art!(
            g,
            r#"<path d="M{:.1} {y:.1}L{:.1} {:.1}L{tip:.1} {top:.1}L{:.1} {:.1}L{:.1} {y:.1}z" fill="{color}"/><path d="M{cx:.1} {y:.1}L{tip:.1} {top:.1}L{:.1} {:.1}L{:.1} {y:.1}z" fill="{WHITE}" fill-opacity=".35"/>"#,
            cx - w,
            tip - w,
            top + tall * 0.25,
            tip + w,
            top + tall * 0.25,
            cx + w,
            tip - w,
            top + tall * 0.25,
            cx - w
        );
    }
}
