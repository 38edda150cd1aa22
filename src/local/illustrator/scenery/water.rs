//! Settings of water: beach, sea, river, and under the sea.

use super::land;
use super::plant;
use super::{Backdrop, kit};
use crate::local::illustrator::palette::{Rgb, WHITE, rgb};
use crate::local::illustrator::stage::{Area, Stage};
use crate::local::illustrator::svg::{Drawing, art};

fn sea_color(stage: &Stage, depth: f32) -> Rgb {
    stage.light.land(rgb(0x2e8fc8), depth)
}

/// Water from the horizon to `low`, with the light of the sky in its distance.
fn surface(g: &mut Drawing, stage: &Stage, low: f32) {
    let far = sea_color(stage, 0.5).mix(stage.light.sky[2], 0.35);
    let near = sea_color(stage, 0.0);
    let paint = g.vertical(&[(0.0, far, 1.0), (1.0, near.darker(0.06), 1.0)]);
    art!(
        g,
        r#"<rect x="-4" y="{:.1}" width="{:.1}" height="{:.1}" fill="{paint}"/>"#,
        stage.horizon,
        stage.width + 8.0,
        low - stage.horizon
    );
    let mut rng = stage.rng("ripples");
    let count = ((stage.width * (low - stage.horizon) / 5200.0) as usize).min(220);
    for _ in 0..count {
        let down = rng.unit();
        let y = stage.horizon + 4.0 + down * (low - stage.horizon - 8.0);
        let x = rng.range(-20.0, stage.width);
        let w = 10.0 + down * 26.0;
        art!(
            g,
            r#"<path d="M{x:.1} {y:.1}q{:.1} {:.1} {w:.1} 0t{w:.1} 0" fill="none" stroke="{WHITE}" stroke-width="{:.1}" stroke-linecap="round" stroke-opacity="{:.2}"/>"#,
            w / 2.0,
            -2.0 - down * 3.0,
            1.0 + down * 1.2,
            0.16 + 0.2 * down
        );
    }
}

/// Sea, surf and sand.
pub fn beach(g: &mut Drawing, stage: &Stage, backdrop: &mut Backdrop) {
    let light = &stage.light;
    let mut rng = stage.rng("beach");
    if rng.chance(0.6) {
        island(g, stage, stage.width * rng.range(0.15, 0.85), rng.range(60.0, 130.0));
    }
    surface(g, stage, stage.height);
    let sand = light.ground(rgb(0xf3d9a4), 0.0);
    let line =
        |offset: f32, shift: f32| stage.land_path(|x| stage.ground_at(x) - offset + 5.0 * (x / 60.0 + shift).sin());
    art!(
        g,
        r#"<path d="{}" fill="{}" fill-opacity=".55"/>"#,
        line(24.0, 0.4),
        light.plain(rgb(0xc8ecf4), 0.0)
    );
    art!(
        g,
        r#"<path d="{}" fill="{}"/>"#,
        line(13.0, 1.3),
        light.plain(rgb(0xfdfdfb), 0.0)
    );
    art!(g, r#"<path d="{}" fill="{}"/>"#, line(5.0, 1.3), sand.darker(0.12));
    let paint = g.vertical(&[(0.0, sand, 1.0), (1.0, sand.darker(0.14), 1.0)]);
    art!(g, r#"<path d="{}" fill="{paint}"/>"#, stage.ground_path());
    for _ in 0..(stage.width / 12.0) as usize {
        let x = rng.range(0.0, stage.width);
        let y = stage.ground_at(x) + 10.0 + rng.unit() * (stage.height - stage.ground);
        art!(
            g,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{:.1}" fill="{}" fill-opacity=".5"/>"#,
            rng.range(0.8, 2.0),
            sand.darker(0.3)
        );
    }
    let left = rng.chance(0.5);
    let x = stage.width
        * if left {
            rng.range(0.03, 0.09)
        } else {
            rng.range(0.91, 0.97)
        };
    palm(
        g,
        stage,
        x,
        stage.ground_at(x) + 26.0,
        330.0 * stage.unit,
        if left { 1.0 } else { -1.0 },
    );
    for name in ["spiral-shell", "spiral-shell", "coral"] {
        if name == "coral" {
            let (x, y) = (stage.width * rng.unit(), stage.height - rng.range(20.0, 60.0));
            starfish(g, stage, x, y, rng.range(12.0, 18.0));
        } else {
            let (x, y) = (stage.width * rng.unit(), stage.height - rng.range(22.0, 80.0));
            g.sprite_at(name, Default::default(), x, y, rng.range(22.0, 32.0));
        }
    }
    backdrop.water = Some(Area {
        left: 0.0,
        top: stage.horizon,
        right: stage.width,
        bottom: stage.ground - 46.0,
    });
}

fn starfish(g: &mut Drawing, stage: &Stage, x: f32, y: f32, r: f32) {
    let color = stage.light.plain(rgb(0xf2845c), 0.0);
    art!(g, r#"<path d=""#);
    for i in 0..10 {
        let angle = i as f32 * 0.6283 + 0.3;
        let radius = if i % 2 == 0 { r } else { r * 0.45 };
        art!(
            g,
            "{}{:.1} {:.1}",
            if i == 0 { 'M' } else { 'L' },
            x + angle.cos() * radius,
            y + angle.sin() * radius * 0.8
        );
    }
    art!(
        g,
        r#"z" fill="{color}" stroke="{color}" stroke-width="4" stroke-linejoin="round"/>"#
    );
}

fn island(g: &mut Drawing, stage: &Stage, x: f32, w: f32) {
    let color = stage.light.land(rgb(0x6fa38a), 0.62);
    let y = stage.horizon + 2.0;
    art!(
        g,
        r#"<path d="M{:.1} {y:.1}Q{:.1} {:.1} {:.1} {:.1}Q{x:.1} {:.1} {:.1} {:.1}Q{:.1} {:.1} {:.1} {y:.1}z" fill="{color}"/>"#,
        x - w,
        x - w * 0.7,
        y - w * 0.25,
        x - w * 0.4,
        y - w * 0.3,
        y - w * 0.62,
        x + w * 0.3,
        y - w * 0.34,
        x + w * 0.6,
        y - w * 0.2,
        x + w
    );
}

fn palm(g: &mut Drawing, stage: &Stage, x: f32, y: f32, height: f32, lean: f32) {
    let light = &stage.light;
    let trunk = light.plain(rgb(0x96683f), 0.0);
    let green = light.land(rgb(0x3f9a58), 0.0);
    let (tx, ty) = (x + lean * height * 0.2, y - height);
    art!(
        g,
        r#"<path d="M{:.1} {y:.1}Q{:.1} {:.1} {:.1} {ty:.1}L{:.1} {ty:.1}Q{:.1} {:.1} {:.1} {y:.1}z" fill="{trunk}"/>"#,
        x - 13.0,
        x - 8.0,
        y - height * 0.5,
        tx - 5.0,
        tx + 5.0,
        x + 10.0,
        y - height * 0.5,
        x + 13.0
    );
    for (i, angle) in [-2.9, -2.3, -1.7, -1.0, -0.35, 0.2].into_iter().enumerate() {
        let angle: f32 = angle;
        let length = height * 0.48;
        let (ex, ey) = (
            tx + angle.cos() * length,
            ty + angle.sin() * length * 0.62 + length * 0.28,
        );
        let (cx, cy) = (
            tx + angle.cos() * length * 0.5,
            ty + angle.sin() * length * 0.75 - length * 0.12,
        );
        let color = if i % 2 == 0 { green } else { green.lighter(0.14) };
        art!(
            g,
            r#"<path d="M{tx:.1} {ty:.1}Q{cx:.1} {:.1} {ex:.1} {ey:.1}Q{cx:.1} {:.1} {tx:.1} {:.1}z" fill="{color}"/>"#,
            cy - 16.0,
            cy + 22.0,
            ty + 8.0
        );
    }
    for dx in [-7.0, 6.0] {
        art!(
            g,
            r#"<circle cx="{:.1}" cy="{:.1}" r="7" fill="{}"/>"#,
            tx + dx,
            ty + 9.0,
            trunk.darker(0.3)
        );
    }
}

/// Open water; the cast is in a boat.
pub fn sea(g: &mut Drawing, stage: &Stage, backdrop: &mut Backdrop) {
    let mut rng = stage.rng("sea");
    for _ in 0..2 {
        if rng.chance(0.6) {
            island(g, stage, stage.width * rng.unit(), rng.range(50.0, 120.0));
        }
    }
    surface(g, stage, stage.height);
    backdrop.water = Some(Area {
        left: 0.0,
        top: stage.horizon,
        right: stage.width,
        bottom: stage.height - 70.0,
    });
}

/// A wave across the picture in front of a boat or a swimmer, its crest at `y`.
pub fn wave(g: &mut Drawing, stage: &Stage, y: f32, shift: f32) {
    let color = sea_color(stage, 0.0);
    let paint = g.vertical(&[
        (0.0, color.lighter(0.16), 0.94),
        (0.5, color, 0.96),
        (1.0, color.darker(0.14), 1.0),
    ]);
    art!(
        g,
        r#"<path d="{}" fill="{paint}"/>"#,
        stage.land_path(|x| y + 7.0 * (x / 58.0 + shift).sin() + 3.0 * (x / 23.0 + shift).sin())
    );
}

/// A wooden boat around `x` whose rim is at `y`, `half` wide to each side.
pub fn boat(g: &mut Drawing, stage: &Stage, x: f32, y: f32, half: f32) {
    let wood = stage.light.plain(rgb(0xb06a3f), 0.0);
    let deep = 78.0 * stage.unit.max(0.7);
    art!(
        g,
        r#"<path d="M{:.1} {:.1}Q{x:.1} {:.1} {:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}H{:.1}Q{:.1} {:.1} {:.1} {:.1}z" fill="{wood}"/><path d="M{:.1} {:.1}Q{x:.1} {:.1} {:.1} {:.1}" fill="none" stroke="{}" stroke-width="9" stroke-linecap="round"/><path d="M{:.1} {:.1}Q{x:.1} {:.1} {:.1} {:.1}" fill="none" stroke="{}" stroke-width="2.5"/>"#,
        x - half - 34.0,
        y - 16.0,
        y + 16.0,
        x + half + 34.0,
        y - 16.0,
        x + half + 10.0,
        y + deep * 0.6,
        x + half - 10.0,
        y + deep,
        x - half + 10.0,
        x - half - 10.0,
        y + deep * 0.6,
        x - half - 34.0,
        y - 16.0,
        x - half - 34.0,
        y - 16.0,
        y + 16.0,
        x + half + 34.0,
        y - 16.0,
        wood.lighter(0.22),
        x - half - 16.0,
        y + 16.0,
        y + 44.0,
        x + half + 16.0,
        y + 16.0,
        wood.darker(0.3)
    );
}

/// A meadow with a winding river and a bridge of stones.
pub fn river(g: &mut Drawing, stage: &Stage, backdrop: &mut Backdrop) {
    land::far_peaks(g, stage);
    let [far, near] = land::far_hills(g, stage, rgb(kit::GRASS));
    let mut rng = stage.rng("river");
    for _ in 0..(stage.width / 170.0) as usize + 1 {
        let x = rng.range(0.0, stage.width);
        plant::leafy(g, stage, &mut rng, x, far.at(x) + 6.0, 70.0, 0.6);
    }
    near.fill(g, stage, stage.light.ground(rgb(kit::GRASS), 0.32));
    for side in [rng.range(0.02, 0.14), rng.range(0.86, 0.98)] {
        let x = stage.width * side;
        let tall = rng.range(130.0, 180.0);
        plant::leafy(g, stage, &mut rng, x, near.at(x) + 10.0, tall, 0.25);
    }
    let top = near.base + 34.0;
    let water = sea_color(stage, 0.08).mix(stage.light.sky[1], 0.25);
    let bank = stage.light.ground(rgb(0xc9b27c), 0.15);
    let edge = |y: f32, s: f32| stage.land_path(|x| y + 9.0 * (x / 130.0 + s).sin() + 4.0 * (x / 47.0 + s).sin());
    let bend = rng.range(0.0, 6.0);
    art!(g, r#"<path d="{}" fill="{bank}"/>"#, edge(top - 7.0, bend));
    let paint = g.vertical(&[(0.0, water.lighter(0.25), 1.0), (0.4, water, 1.0)]);
    art!(g, r#"<path d="{}" fill="{paint}"/>"#, edge(top, bend));
    for _ in 0..(stage.width / 30.0) as usize {
        let (x, y) = (rng.range(0.0, stage.width), rng.range(top + 14.0, stage.ground + 6.0));
        art!(
            g,
            r#"<path d="M{x:.1} {y:.1}q9 -4 18 0t18 0" fill="none" stroke="{WHITE}" stroke-width="2" stroke-linecap="round" stroke-opacity=".4"/>"#
        );
    }
    land::front(g, stage, rgb(0x6fb95c));
    for _ in 0..(stage.width / 80.0) as usize {
        let x = stage.width * rng.unit();
        reed(g, stage, x, stage.ground_at(x) + 8.0, rng.range(40.0, 74.0));
    }
    plant::carpet(g, stage, 1.2);
    backdrop.water = Some(Area {
        left: 0.0,
        top: top + 4.0,
        right: stage.width,
        bottom: stage.ground - 18.0,
    });
}

fn reed(g: &mut Drawing, stage: &Stage, x: f32, y: f32, height: f32) {
    let green = stage.light.land(rgb(0x5a8f48), 0.08);
    art!(
        g,
        r#"<path d="M{x:.1} {y:.1}q2 {:.1} 4 {:.1}M{:.1} {y:.1}q-3 {:.1} -9 {:.1}" fill="none" stroke="{green}" stroke-width="3" stroke-linecap="round"/><path d="M{:.1} {:.1}v-13" stroke="{}" stroke-width="6.5" stroke-linecap="round"/>"#,
        -height * 0.5,
        -height,
        x - 3.0,
        -height * 0.4,
        -height * 0.7,
        x + 4.0,
        y - height,
        stage.light.plain(rgb(0x7a4e30), 0.05)
    );
}

/// Under the sea: light from above, rocks, weed, coral, sand.
pub fn underwater(g: &mut Drawing, stage: &Stage) {
    let (w, h) = (stage.width, stage.height);
    let mut rng = stage.rng("underwater");
    let light = &stage.light;
    let top = light.land(rgb(0x6fd0ee), 0.0);
    let low = light.land(rgb(0x135a9e), 0.0);
    let paint = g.vertical(&[(0.0, top, 1.0), (0.5, top.mix(low, 0.6), 1.0), (1.0, low, 1.0)]);
    art!(
        g,
        r#"<rect x="-2" y="-2" width="{:.1}" height="{:.1}" fill="{paint}"/>"#,
        w + 4.0,
        h + 4.0
    );
    let ray = g.vertical(&[(0.0, WHITE, 0.26), (1.0, WHITE, 0.0)]);
    for _ in 0..(w / 130.0) as usize + 2 {
        let (x, wide, lean) = (w * rng.range(-0.1, 1.0), rng.range(24.0, 80.0), rng.range(60.0, 150.0));
        art!(
            g,
            r#"<path d="M{x:.1} -4h{wide:.1}L{:.1} {:.1}h{:.1}z" fill="{ray}"/>"#,
            x + wide * 2.0 + lean,
            h * 0.8,
            -wide * 2.2
        );
    }
    let far = land::Ridge::new(stage, "far reef", stage.ground - h * 0.12, 46.0, 1.4);
    let near = land::Ridge::new(stage, "near reef", stage.ground - h * 0.03, 30.0, 1.9);
    art!(
        g,
        r#"<path d="{}" fill="{}" fill-opacity=".55"/>"#,
        stage.land_path(|x| far.at(x)),
        low.lighter(0.14)
    );
    art!(
        g,
        r#"<path d="{}" fill="{}" fill-opacity=".8"/>"#,
        stage.land_path(|x| near.at(x)),
        low.mix(rgb(0x2f7a9a), 0.5)
    );
    for _ in 0..(w / 75.0) as usize {
        let x = w * rng.unit();
        weed(g, stage, x, near.at(x) + 20.0, rng.range(60.0, 150.0), 0.5);
    }
    let sand = light.plain(rgb(0xe9d6a0), 0.0).mix(low, 0.16);
    let paint = g.vertical(&[(0.0, sand.lighter(0.12), 1.0), (1.0, sand.darker(0.2), 1.0)]);
    art!(g, r#"<path d="{}" fill="{paint}"/>"#, stage.ground_path());
    for _ in 0..5 {
        let x = w * rng.unit();
        plant::stone(
            g,
            stage,
            x,
            stage.ground_at(x) + 14.0 + 30.0 * rng.unit(),
            rng.range(12.0, 34.0),
        );
    }
    for side in [rng.range(0.02, 0.14), rng.range(0.86, 0.98), rng.range(0.3, 0.7)] {
        let (x, size) = (w * side, rng.range(60.0, 100.0));
        g.sprite_at("coral", Default::default(), x, stage.ground_at(x) - size * 0.3, size);
    }
    for _ in 0..(w / 32.0) as usize {
        let (x, y, r) = (w * rng.unit(), h * rng.range(0.05, 0.75), rng.range(2.5, 9.0));
        art!(
            g,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{r:.1}" fill="{WHITE}" fill-opacity=".12" stroke="{WHITE}" stroke-width="1.5" opacity=".7"/><circle cx="{:.1}" cy="{:.1}" r="{:.1}" fill="{WHITE}" fill-opacity=".6"/>"#,
            x - r * 0.35,
            y - r * 0.35,
            r * 0.2
        );
    }
}

fn weed(g: &mut Drawing, stage: &Stage, x: f32, y: f32, height: f32, opacity: f32) {
    let green = stage.light.land(rgb(0x2f9a6a), 0.0);
    let s = height / 4.0;
    art!(
        g,
        r#"<path d="M{x:.1} {y:.1}q{:.1} {:.1} 0 {:.1}t0 {:.1}t0 {:.1}t0 {:.1}" fill="none" stroke="{green}" stroke-width="{:.1}" stroke-linecap="round" stroke-opacity="{opacity:.2}"/>"#,
        s * 0.6,
        -s * 0.5,
        -s,
        -s,
        -s,
        -s,
        5.0 + height * 0.03
    );
}

/// Dark weed at the lower corners, in front of all.
pub fn front_weed(g: &mut Drawing, stage: &Stage) {
    let mut rng = stage.rng("front weed");
    for (from, to) in [(0.0, 0.1), (0.9, 1.0)] {
        for _ in 0..4 {
            let x = stage.width * rng.range(from, to);
            weed(g, stage, x, stage.height + 6.0, rng.range(90.0, 190.0), 0.9);
        }
    }
}
