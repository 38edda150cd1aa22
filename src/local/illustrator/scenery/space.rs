//! Space: stars without number, planets, a moon to stand on.

use super::{Backdrop, sky};
use crate::local::illustrator::palette::{Rgb, WHITE, rgb};
use crate::local::illustrator::stage::{Area, Stage};
use crate::local::illustrator::svg::{Drawing, art};

/// The whole backdrop. It is always night there; the words still turn the colours.
pub fn draw(g: &mut Drawing, stage: &Stage, backdrop: &mut Backdrop) {
    let (w, h) = (stage.width, stage.height);
    let mut rng = stage.rng("space");
    let turn = if stage.words == 0 {
        0.0
    } else {
        (stage.words % 60) as f32 - 30.0
    };
    let color = |hex: u32| rgb(hex).turned(turn);
    let paint = g.vertical(&[
        (0.0, color(0x0b0a2e), 1.0),
        (0.6, color(0x1d1654), 1.0),
        (1.0, color(0x3a2376), 1.0),
    ]);
    art!(
        g,
        r#"<rect x="-2" y="-2" width="{:.1}" height="{:.1}" fill="{paint}"/>"#,
        w + 4.0,
        h + 4.0
    );
    for hex in [0x7a4fd0, 0x3f7ae0, 0xd0509a] {
        let (x, y, r) = (w * rng.unit(), h * rng.range(0.05, 0.6), rng.range(150.0, 320.0));
        let glow = g.radial(&[(0.0, color(hex), 0.34), (1.0, color(hex), 0.0)]);
        art!(
            g,
            r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{r:.1}" ry="{:.1}" fill="{glow}"/>"#,
            r * 0.6
        );
    }
    sky::stars(g, stage, h * 0.85);
    let big_left = rng.chance(0.5);
    let slots = if big_left {
        [(0.16, 0.24), (0.86, 0.14)]
    } else {
        [(0.84, 0.24), (0.14, 0.14)]
    };
    for (i, (along, down)) in slots.into_iter().enumerate() {
        let r = if i == 0 {
            rng.range(62.0, 92.0)
        } else {
            rng.range(22.0, 38.0)
        } * stage.unit.max(0.7);
        let (x, y) = (w * (along + rng.range(-0.04, 0.04)), h * (down + rng.range(0.0, 0.08)));
        let base = color(*rng.pick(&[0xe58a5c, 0x5fb8d8, 0xd87fb0, 0x8fc46a]));
        planet(g, x, y, r, base, i == 0);
        backdrop.taken.push(Area::around(x, y, r * 3.0, r * 2.4));
    }
    let soil = color(0xb9b4d0);
    let paint = g.vertical(&[(0.0, soil.lighter(0.15), 1.0), (1.0, soil.darker(0.5), 1.0)]);
    let far = soil.darker(0.45);
    art!(
        g,
        r#"<path d="{}" fill="{far}"/>"#,
        stage.land_path(|x| stage.ground_at(stage.width - x * 0.8) - 34.0)
    );
    art!(g, r#"<path d="{}" fill="{paint}"/>"#, stage.ground_path());
    for _ in 0..(w / 90.0) as usize + 3 {
        let x = w * rng.unit();
        let down = rng.unit();
        let y = stage.ground_at(x) + 16.0 + down * (h - stage.ground - 10.0);
        let r = rng.range(12.0, 36.0) * (0.6 + down);
        art!(
            g,
            r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{r:.1}" ry="{:.1}" fill="{}" fill-opacity=".75"/><ellipse cx="{x:.1}" cy="{:.1}" rx="{:.1}" ry="{:.1}" fill="{}" fill-opacity=".7"/>"#,
            r * 0.32,
            soil.darker(0.34),
            y + r * 0.06,
            r * 0.86,
            r * 0.24,
            soil.darker(0.2)
        );
    }
}

fn planet(g: &mut Drawing, x: f32, y: f32, r: f32, base: Rgb, ringed: bool) {
    let clip = g.clip(&format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="{r:.1}"/>"#));
    art!(
        g,
        r#"<g clip-path="{clip}"><circle cx="{x:.1}" cy="{y:.1}" r="{r:.1}" fill="{base}"/><path d="M{:.1} {:.1}q{r:.1} {:.1} {:.1} 0v{:.1}q{:.1} {:.1} {:.1} 0zM{:.1} {:.1}q{r:.1} {:.1} {:.1} 0v{:.1}q{:.1} {:.1} {:.1} 0z" fill="{WHITE}" fill-opacity=".22"/><path d="M{:.1} {:.1}A{r:.1} {r:.1} 0 0 1 {:.1} {:.1}A{:.1} {:.1} 0 0 0 {:.1} {:.1}z" fill="{}" fill-opacity=".4"/></g>"#,
        x - r,
        y - r * 0.35,
        r * 0.2,
        r * 2.0,
        r * 0.16,
        -r,
        r * 0.2,
        -r * 2.0,
        x - r,
        y + r * 0.3,
        r * 0.2,
        r * 2.0,
        r * 0.24,
        -r,
        r * 0.2,
        -r * 2.0,
        x + r * 0.7,
        y - r * 0.72,
        x - r * 0.5,
        y + r * 0.87,
        r * 1.25,
        r * 1.25,
        x + r * 0.7,
        y - r * 0.72,
        base.darker(0.7)
    );
    if ringed {
        art!(
            g,
            r#"<g transform="rotate(-18 {x:.1} {y:.1})"><path d="M{:.1} {:.1}A{:.1} {:.1} 0 1 0 {:.1} {:.1}" fill="none" stroke="{}" stroke-width="{:.1}" stroke-linecap="round" stroke-opacity=".9"/></g>"#,
            x - r * 0.98,
            y - r * 0.12,
            r * 1.6,
            r * 0.36,
            x + r * 0.98,
            y - r * 0.12,
            base.lighter(0.55),
            r * 0.12
        );
    }
}
