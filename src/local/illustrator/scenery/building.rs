//! Settings of houses: city, village, farm.

use super::land;
use super::{Backdrop, kit, plant};
use crate::local::illustrator::palette::{Rgb, rgb};
use crate::local::illustrator::rng::Rng;
use crate::local::illustrator::stage::Stage;
use crate::local::illustrator::svg::{Drawing, art};

fn lit(stage: &Stage, day: u32) -> Rgb {
    if stage.light.is_dark() {
        rgb(0xffd97a)
    } else {
        stage.light.plain(rgb(day), 0.0)
    }
}

/// A skyline, a row of coloured houses, a pavement and the street.
pub fn city(g: &mut Drawing, stage: &Stage, backdrop: &mut Backdrop) {
    let mut rng = stage.rng("city");
    let foot = stage.ground + 4.0;
    let far = stage.light.plain(rgb(0x8fa0c4), 0.55);
    let mut x = -20.0;
    while x < stage.width {
        let (w, h) = (rng.range(46.0, 92.0), rng.range(130.0, 330.0));
        art!(
            g,
            r#"<rect x="{x:.1}" y="{:.1}" width="{w:.1}" height="{h:.1}" fill="{far}"/>"#,
            foot - h
        );
        if rng.chance(0.3) {
            art!(
                g,
                r#"<path d="M{:.1} {:.1}v-34" stroke="{far}" stroke-width="4"/>"#,
                x + w / 2.0,
                foot - h
            );
        }
        windows(g, stage, &mut rng, (x, foot - h, w, h), 0.5, 14.0);
        x += w + rng.range(-6.0, 14.0);
    }
    let mut x = -rng.range(10.0, 60.0);
    let shades = [0xe58f6a, 0x6fae9e, 0xe8bd5f, 0x8a9fd0, 0xd87f8f, 0xb8a0d0, 0x9fbf78];
    let first = rng.index(shades.len());
    let mut i = 0;
    while x < stage.width {
        let (w, h) = (rng.range(96.0, 150.0), rng.range(130.0, 230.0));
        let color = stage.light.land(rgb(shades[(first + i) % shades.len()]), 0.14);
        town_house(g, stage, &mut rng, (x, foot, w, h), color);
        x += w + 3.0;
        i += 1;
    }
    let pavement = stage.light.ground(rgb(0xd2cfd6), 0.0);
    let road = stage.light.ground(rgb(0x6f7080), 0.0);
    let curb = stage.height - (stage.height - stage.ground) * 0.26;
    let paint = g.vertical(&[(0.0, pavement, 1.0), (1.0, pavement.darker(0.1), 1.0)]);
    art!(
        g,
        r#"<rect x="-4" y="{foot:.1}" width="{0:.1}" height="{1:.1}" fill="{paint}"/><rect x="-4" y="{curb:.1}" width="{0:.1}" height="{1:.1}" fill="{road}"/><rect x="-4" y="{curb:.1}" width="{0:.1}" height="7" fill="{2}"/>"#,
        stage.width + 8.0,
        stage.height - foot + 4.0,
        pavement.darker(0.25)
    );
    let seams = pavement.darker(0.12);
    let mut x = 0.0;
    while x < stage.width + 60.0 {
        art!(
            g,
            r#"<path d="M{x:.1} {foot:.1}L{:.1} {curb:.1}" stroke="{seams}" stroke-width="2"/>"#,
            x + (x - stage.width / 2.0) * 0.16
        );
        art!(
            g,
            r##"<path d="M{x:.1} {:.1}h44" stroke="#f0e9c8" stroke-width="5" stroke-opacity=".8"/>"##,
            f32::midpoint(curb, stage.height) + 8.0
        );
        x += 92.0;
    }
    for side in [rng.range(0.04, 0.1), rng.range(0.9, 0.96)] {
        lamp_post(g, stage, stage.width * side, foot + 26.0, backdrop);
    }
    let x = stage.width * rng.range(0.2, 0.8);
    plant::leafy(g, stage, &mut rng, x, foot + 12.0, 150.0, 0.05);
}

fn windows(g: &mut Drawing, stage: &Stage, rng: &mut Rng, (x, y, w, h): (f32, f32, f32, f32), opacity: f32, step: f32) {
    let color = lit(stage, 0xd8ecf6);
    art!(g, r#"<path fill="{color}" fill-opacity="{opacity:.2}" d=""#);
    let (columns, rows) = ((w / (step + 6.0)) as usize, (h / (step + 8.0)) as usize);
    for row in 0..rows {
        for column in 0..columns {
            if rng.chance(if stage.light.is_dark() { 0.5 } else { 0.75 }) {
                let cell = w / columns as f32;
                art!(
                    g,
                    "M{:.1} {:.1}h{:.1}v{step:.1}h{:.1}z",
                    x + cell * (column as f32 + 0.25),
                    y + 12.0 + row as f32 * (step + 8.0),
                    cell * 0.5,
                    -cell * 0.5
                );
            }
        }
    }
    art!(g, r#"M0 0"/>"#);
}

fn town_house(g: &mut Drawing, stage: &Stage, rng: &mut Rng, (x, foot, w, h): (f32, f32, f32, f32), color: Rgb) {
    let top = foot - h;
    let roof = stage
        .light
        .ground(*rng.pick(&[rgb(0x8a4a3f), rgb(0x5a5a72), rgb(0x7a5a3f)]), 0.1);
    art!(
        g,
        r#"<rect x="{x:.1}" y="{top:.1}" width="{w:.1}" height="{h:.1}" fill="{color}"/>"#
    );
    match rng.index(3) {
        0 => art!(
            g,
            r#"<path d="M{:.1} {top:.1}L{:.1} {:.1}L{:.1} {top:.1}z" fill="{roof}"/>"#,
            x - 6.0,
            x + w / 2.0,
            top - w * 0.4,
            x + w + 6.0
        ),
        1 => art!(
            g,
            r#"<path d="M{:.1} {top:.1}L{:.1} {:.1}H{:.1}L{:.1} {top:.1}z" fill="{roof}"/>"#,
            x - 5.0,
            x + w * 0.16,
            top - 34.0,
            x + w * 0.84,
            x + w + 5.0
        ),
        _ => art!(
            g,
            r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="12" rx="3" fill="{roof}"/>"#,
            x - 4.0,
            top - 8.0,
            w + 8.0
        ),
    }
    let glass = lit(stage, 0xdaf0fa);
    let frame = color.lighter(0.5);
    let floors = ((h - 60.0) / 52.0) as usize;
    for floor in 0..floors.max(1) {
        for i in 0..2 {
            let (cx, cy) = (x + w * (0.28 + 0.44 * i as f32), top + 30.0 + floor as f32 * 50.0);
            art!(
                g,
                r#"<rect x="{:.1}" y="{:.1}" width="26" height="32" rx="3" fill="{glass}" stroke="{frame}" stroke-width="4"/><path d="M{cx:.1} {:.1}v32" stroke="{frame}" stroke-width="2.5"/>"#,
                cx - 13.0,
                cy - 16.0,
                cy - 16.0
            );
        }
    }
    let (door, cx) = (color.darker(0.45), x + w * rng.range(0.35, 0.65));
    art!(
        g,
        r##"<path d="M{:.1} {foot:.1}v-36a16 16 0 0 1 32 0v36z" fill="{door}"/><circle cx="{:.1}" cy="{:.1}" r="2.4" fill="#f2cf6a"/>"##,
        cx - 16.0,
        cx + 9.0,
        foot - 22.0
    );
}

fn lamp_post(g: &mut Drawing, stage: &Stage, x: f32, y: f32, backdrop: &mut Backdrop) {
    let iron = stage.light.plain(rgb(0x3f4458), 0.0);
    let top = y - 220.0 * stage.unit.max(0.8);
    let glass = if stage.light.is_dark() {
        rgb(0xfff0b8)
    } else {
        rgb(0xe8f0f4)
    };
    art!(
        g,
        r#"<path d="M{x:.1} {y:.1}V{:.1}" stroke="{iron}" stroke-width="7"/><path d="M{:.1} {y:.1}h22l-5 -12h-12z" fill="{iron}"/><path d="M{:.1} {:.1}L{:.1} {top:.1}H{:.1}L{:.1} {:.1}z" fill="{glass}"/><path d="M{:.1} {top:.1}h36l-9 -13h-18z" fill="{iron}"/>"#,
        top + 32.0,
        x - 11.0,
        x - 9.0,
        top + 34.0,
        x - 14.0,
        x + 14.0,
        x + 9.0,
        top + 34.0,
        x - 18.0
    );
    if stage.light.is_dark() {
        backdrop.glows.push((x, top + 16.0, 130.0));
    }
}

/// A cottage whose front's lower left corner is at (`x`, `y`).
fn cottage(g: &mut Drawing, stage: &Stage, rng: &mut Rng, x: f32, y: f32, w: f32, depth: f32) {
    let light = &stage.light;
    let wall = light.plain(
        *rng.pick(&[rgb(0xf7ead2), rgb(0xf2d9c0), rgb(0xe6e4ea), rgb(0xf5e0a8)]),
        depth,
    );
    let roof = if light.snowy {
        light.plain(rgb(0xf1f5fc), depth)
    } else {
        light.land(
            *rng.pick(&[rgb(0xc8553d), rgb(0xa8483f), rgb(0x8a5a78), rgb(0xb8763f)]),
            depth,
        )
    };
    let h = w * 0.52;
    let (top, peak) = (y - h, y - h - w * 0.46);
    art!(
        g,
        r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" fill="{}"/><rect x="{x:.1}" y="{top:.1}" width="{w:.1}" height="{h:.1}" fill="{wall}"/><path d="M{:.1} {:.1}L{:.1} {peak:.1}L{:.1} {:.1}z" fill="{roof}" stroke="{roof}" stroke-width="6" stroke-linejoin="round"/>"#,
        x + w * 0.7,
        peak + w * 0.02,
        w * 0.12,
        w * 0.3,
        wall.darker(0.3),
        x - w * 0.07,
        top + 3.0,
        x + w / 2.0,
        x + w * 1.07,
        top + 3.0
    );
    let glass = if light.is_dark() {
        rgb(0xffd97a)
    } else {
        light.plain(rgb(0xbfe3f2), depth)
    };
    let wood = light.plain(rgb(0x8a5a3c), depth);
    art!(
        g,
        r#"<path d="M{:.1} {y:.1}v{:.1}a{:.1} {:.1} 0 0 1 {:.1} 0v{:.1}z" fill="{wood}"/><circle cx="{:.1}" cy="{:.1}" r="{:.1}" fill="{glass}" stroke="{wood}" stroke-width="{:.1}"/>"#,
        x + w * 0.16,
        -h * 0.44,
        w * 0.11,
        w * 0.11,
        w * 0.22,
        h * 0.44,
        x + w / 2.0,
        top - w * 0.13,
        w * 0.075,
        w * 0.025
    );
    art!(
        g,
        r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" rx="2" fill="{glass}" stroke="{wood}" stroke-width="{:.1}"/><path d="M{:.1} {:.1}v{:.1}M{:.1} {:.1}h{:.1}" stroke="{wood}" stroke-width="{:.1}"/>"#,
        x + w * 0.54,
        y - h * 0.68,
        w * 0.28,
        h * 0.36,
        w * 0.028,
        x + w * 0.68,
        y - h * 0.68,
        h * 0.36,
        x + w * 0.54,
        y - h * 0.5,
        w * 0.28,
        w * 0.02
    );
}

/// Cottages on the hills around a path.
pub fn village(g: &mut Drawing, stage: &Stage, backdrop: &mut Backdrop) {
    land::far_peaks(g, stage);
    let [far, near] = land::far_hills(g, stage, rgb(kit::GRASS));
    let mut rng = stage.rng("village");
    let mut x = stage.width * rng.range(0.02, 0.1);
    while x < stage.width - 60.0 {
        if rng.chance(0.7) {
            let w = rng.range(44.0, 60.0);
            cottage(g, stage, &mut rng, x, far.at(x + 25.0) + 10.0, w, 0.5);
        } else {
            plant::leafy(g, stage, &mut rng, x + 20.0, far.at(x) + 8.0, 70.0, 0.55);
        }
        x += rng.range(80.0, 140.0);
    }
    near.fill(g, stage, stage.light.ground(rgb(kit::GRASS), 0.3));
    let count = ((stage.width / 250.0) as usize).max(2);
    for i in 0..count {
        let slot = stage.width / count as f32;
        let w = rng.range(130.0, 172.0);
        let x = slot * i as f32 + rng.range(0.05, 0.9) * (slot - w).max(1.0);
        let y = near.at(x + w / 2.0) + 26.0;
        cottage(g, stage, &mut rng, x, y, w, 0.16);
        plant::bush(g, stage, x + w + 10.0, y + 4.0, 18.0, 0.18);
        if stage.light.is_dark() {
            backdrop.glows.push((x + w * 0.68, y - w * 0.25, 60.0));
        }
    }
    land::front(g, stage, rgb(0x73bb5e));
    let path = stage
        .light
        .ground(rgb(0xdcc79a), 0.0)
        .darker(if stage.light.snowy { 0.1 } else { 0.0 });
    let (x, w) = (stage.width * rng.range(0.3, 0.7), stage.width * 0.13);
    let y = stage.ground_at(x) + 2.0;
    art!(
        g,
        r#"<path d="M{:.1} {y:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}H{:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {y:.1}z" fill="{path}"/>"#,
        x - w * 0.25,
        x - w * 1.5,
        y + 50.0,
        x + w * 0.3,
        y + 90.0,
        x - w,
        stage.height + 4.0,
        x + w * 1.6,
        x + w * 1.7,
        y + 100.0,
        x - w * 0.4,
        y + 60.0,
        x + w * 0.35
    );
    plant::carpet(g, stage, 1.3);
}

/// Striped fields, a red barn with a silo, a fence, bales of hay.
pub fn farm(g: &mut Drawing, stage: &Stage) {
    let light = &stage.light;
    let [far, near] = land::far_hills(g, stage, rgb(0x8fc46a));
    let mut rng = stage.rng("farm");
    for _ in 0..(stage.width / 150.0) as usize {
        let x = rng.range(0.0, stage.width);
        plant::leafy(g, stage, &mut rng, x, far.at(x) + 6.0, 60.0, 0.6);
    }
    let field = light.ground(rgb(0xe3c564), 0.34);
    art!(g, r#"<path d="{}" fill="{field}"/>"#, stage.land_path(|x| near.at(x)));
    let rows = light.ground(rgb(0xc9a648), 0.34);
    let (vanish_x, vanish_y) = (stage.width * 0.5, near.base - 60.0);
    let clip = g.clip(&format!(r#"<path d="{}"/>"#, stage.land_path(|x| near.at(x))));
    art!(
        g,
        r#"<g clip-path="{clip}" stroke="{rows}" stroke-width="5" opacity=".7">"#
    );
    for i in -16..=16 {
        let x = vanish_x + i as f32 * stage.width / 12.0;
        art!(
            g,
            r#"<path d="M{:.1} {vanish_y:.1}L{x:.1} {:.1}"/>"#,
            vanish_x + i as f32 * 22.0,
            stage.ground + 60.0
        );
    }
    art!(g, "</g>");
    let left = rng.chance(0.5);
    let x = stage.width
        * if left {
            rng.range(0.14, 0.2)
        } else {
            rng.range(0.78, 0.84)
        };
    barn(g, stage, x, near.at(x) + 34.0, 190.0 * stage.unit.max(0.7));
    land::front(g, stage, rgb(0x86c25e));
    kit::fence(g, stage, stage.ground + 16.0, 44.0, 0.0);
    plant::carpet(g, stage, 0.9);
    for _ in 0..2 {
        let x = stage.width
            * if left {
                rng.range(0.82, 0.96)
            } else {
                rng.range(0.04, 0.18)
            };
        bale(g, stage, x, stage.ground + rng.range(46.0, 70.0), 30.0);
    }
}

fn barn(g: &mut Drawing, stage: &Stage, x: f32, y: f32, w: f32) {
    let light = &stage.light;
    let red = light.land(rgb(0xc23b34), 0.14);
    let white = light.plain(rgb(0xf8f4ec), 0.14);
    let roof = light.ground(rgb(0x6a4a48), 0.14);
    let steel = light.plain(rgb(0xb9c2cc), 0.14);
    let h = w * 0.56;
    let (sx, sw) = (x + w * 0.58, w * 0.26);
    art!(
        g,
        r#"<path d="M{sx:.1} {y:.1}v{:.1}a{:.1} {:.1} 0 0 1 {sw:.1} 0v{:.1}z" fill="{steel}"/><path d="M{sx:.1} {:.1}h{sw:.1}M{sx:.1} {:.1}h{sw:.1}" stroke="{}" stroke-width="3"/>"#,
        -h * 1.25,
        sw / 2.0,
        sw / 2.0,
        h * 1.25,
        y - h * 0.5,
        y - h * 0.9,
        steel.darker(0.2)
    );
    let half = w / 2.0;
    art!(
        g,
        r#"<path d="M{:.1} {y:.1}v{:.1}L{:.1} {:.1}L{x:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}V{y:.1}z" fill="{red}"/><path d="M{:.1} {:.1}L{:.1} {:.1}L{x:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}" fill="none" stroke="{roof}" stroke-width="{:.1}" stroke-linejoin="round" stroke-linecap="round"/>"#,
        x - half,
        -h * 0.66,
        x - half * 0.62,
        y - h * 1.02,
        y - h * 1.22,
        x + half * 0.62,
        y - h * 1.02,
        x + half,
        y - h * 0.66,
        x - half * 1.06,
        y - h * 0.64,
        x - half * 0.62,
        y - h * 1.04,
        y - h * 1.24,
        x + half * 0.62,
        y - h * 1.04,
        x + half * 1.06,
        y - h * 0.64,
        w * 0.05
    );
    let (dw, dh) = (w * 0.2, h * 0.58);
    art!(
        g,
        r#"<path d="M{0:.1} {y:.1}v{1:.1}h{2:.1}v{dh:.1}zM{0:.1} {y:.1}L{3:.1} {4:.1}M{3:.1} {y:.1}L{0:.1} {4:.1}" fill="{5}" stroke="{white}" stroke-width="4"/><rect x="{6:.1}" y="{7:.1}" width="{8:.1}" height="{8:.1}" fill="{9}" stroke="{white}" stroke-width="3.5"/>"#,
        x - dw,
        -dh,
        dw * 2.0,
        x + dw,
        y - dh,
        red.darker(0.2),
        x - w * 0.06,
        y - h * 0.96,
        w * 0.12,
        rgb(0x4a2a30)
    );
}

fn bale(g: &mut Drawing, stage: &Stage, x: f32, y: f32, r: f32) {
    let straw = stage.light.plain(rgb(0xe6c25a), 0.0);
    let dark = straw.darker(0.22);
    art!(
        g,
        r#"<circle cx="{x:.1}" cy="{:.1}" r="{r:.1}" fill="{straw}"/><g fill="none" stroke="{dark}" stroke-width="2.5"><circle cx="{x:.1}" cy="{:.1}" r="{:.1}"/><circle cx="{x:.1}" cy="{:.1}" r="{:.1}"/><circle cx="{x:.1}" cy="{:.1}" r="{:.1}"/></g>"#,
        y - r,
        y - r,
        r * 0.74,
        y - r,
        r * 0.46,
        y - r,
        r * 0.2
    );
}
