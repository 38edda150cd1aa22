//! The sky: its colours, sun or moon, stars, clouds and rainbow.

use super::Backdrop;
use crate::local::illustrator::palette::{Rgb, WHITE, rgb};
use crate::local::illustrator::rng::Rng;
use crate::local::illustrator::stage::{Area, Stage};
use crate::local::illustrator::svg::{Drawing, art};
use crate::local::lexicon::{TimeOfDay, Weather};

/// The whole sky, down to a little below the horizon.
pub fn draw(g: &mut Drawing, stage: &Stage, weather: Weather, backdrop: &mut Backdrop) {
    let [top, middle, low] = stage.light.sky;
    let fill = g.vertical(&[(0.0, top, 1.0), (0.55, middle, 1.0), (1.0, low, 1.0)]);
    art!(
        g,
        r#"<rect x="-2" y="-2" width="{:.1}" height="{:.1}" fill="{fill}"/><rect x="-2" y="{:.1}" width="{:.1}" height="{:.1}" fill="{low}"/>"#,
        stage.width + 4.0,
        stage.horizon + 20.0,
        stage.horizon + 10.0,
        stage.width + 4.0,
        stage.height
    );
    let gloomy = matches!(weather, Weather::Rain | Weather::Storm | Weather::Fog | Weather::Cloudy);
    if stage.light.is_dark() && !gloomy {
        stars(g, stage, stage.horizon);
    }
    if !gloomy || weather == Weather::Cloudy {
        let area = luminary(g, stage);
        backdrop.taken.push(area);
    }
    if weather == Weather::Rainbow {
        rainbow(g, stage);
    }
    clouds(g, stage, weather, backdrop);
}

/// Small stars down to `low`, a few of them with rays.
pub fn stars(g: &mut Drawing, stage: &Stage, low: f32) {
    let mut rng = stage.rng("stars");
    let count = ((stage.width * low / 7000.0) as usize).min(400);
    art!(g, r##"<g fill="#fff7df">"##);
    for _ in 0..count {
        let (x, y) = (rng.range(0.0, stage.width), rng.range(0.0, low));
        let r = rng.range(0.6, 1.9);
        let opacity = rng.range(0.35, 0.95);
        if rng.chance(0.07) {
            let s = r * 3.2;
            art!(
                g,
                r#"<path d="M{x:.1} {:.1}Q{x:.1} {y:.1} {:.1} {y:.1}Q{x:.1} {y:.1} {x:.1} {:.1}Q{x:.1} {y:.1} {:.1} {y:.1}Q{x:.1} {y:.1} {x:.1} {:.1}z" fill-opacity="{opacity:.2}"/>"#,
                y - s,
                x + s,
                y + s,
                x - s,
                y - s
            );
        } else {
            art!(
                g,
                r#"<circle cx="{x:.1}" cy="{y:.1}" r="{r:.1}" fill-opacity="{opacity:.2}"/>"#
            );
        }
    }
    art!(g, "</g>");
}

/// The sun or the moon with its glow; low at dawn and sunset.
fn luminary(g: &mut Drawing, stage: &Stage) -> Area {
    let mut rng = stage.rng("sun");
    let left = rng.chance(0.5);
    let across = if left { rng.range(0.1, 0.3) } else { rng.range(0.7, 0.9) };
    let x = stage.width * across;
    let (y, r) = match stage.light.time {
        TimeOfDay::Dawn | TimeOfDay::Sunset => (stage.horizon - stage.horizon * rng.range(0.1, 0.22), 46.0),
        TimeOfDay::Day => (stage.horizon * rng.range(0.2, 0.32), 44.0),
        TimeOfDay::Night => (stage.horizon * rng.range(0.2, 0.34), 42.0),
    };
    let r = r * stage.unit.max(0.8);
    orb(g, stage.light.time, x, y, r);
    Area::around(x, y, r * 2.8, r * 2.8)
}

/// A sun or moon of radius `r`.
pub fn orb(g: &mut Drawing, time: TimeOfDay, x: f32, y: f32, r: f32) {
    let (disc, glow) = match time {
        TimeOfDay::Night => (rgb(0xfdf3d4), rgb(0xf6e7b0)),
        TimeOfDay::Day => (rgb(0xfff0a8), rgb(0xfff3b8)),
        TimeOfDay::Dawn => (rgb(0xffe9b0), rgb(0xffdf9a)),
        TimeOfDay::Sunset => (rgb(0xffd27a), rgb(0xffb060)),
    };
    let strength = if time == TimeOfDay::Night { 0.32 } else { 0.62 };
    let fill = g.radial(&[(0.0, glow, strength), (0.35, glow, strength * 0.5), (1.0, glow, 0.0)]);
    art!(
        g,
        r#"<circle cx="{x:.1}" cy="{y:.1}" r="{:.1}" fill="{fill}"/><circle cx="{x:.1}" cy="{y:.1}" r="{r:.1}" fill="{disc}"/>"#,
        r * 3.6
    );
    if time == TimeOfDay::Night {
        for (dx, dy, size) in [
            (-0.3, -0.2, 0.22),
            (0.32, 0.25, 0.15),
            (0.05, 0.5, 0.11),
            (0.25, -0.42, 0.1),
        ] {
            art!(
                g,
                r##"<circle cx="{:.1}" cy="{:.1}" r="{:.1}" fill="#e6d5a4" fill-opacity=".75"/>"##,
                x + dx * r,
                y + dy * r,
                size * r
            );
        }
    } else {
        art!(
            g,
            r##"<circle cx="{x:.1}" cy="{y:.1}" r="{:.1}" fill="#fffbe6" fill-opacity=".55"/>"##,
            r * 0.72
        );
    }
}

fn rainbow(g: &mut Drawing, stage: &Stage) {
    let mut rng = stage.rng("rainbow");
    let x = stage.width * rng.range(0.38, 0.62);
    let y = stage.horizon + 60.0;
    let outer = (stage.width * 0.4).min(stage.horizon * 0.98);
    let band = 13.0;
    for (i, hex) in [0xff6b6b, 0xffa94d, 0xffe066, 0x8ce99a, 0x74c0fc, 0xb197fc]
        .into_iter()
        .enumerate()
    {
        let r = outer - band * i as f32;
        art!(
            g,
            r#"<path d="M{:.1} {y:.1}A{r:.1} {r:.1} 0 0 1 {:.1} {y:.1}" fill="none" stroke="{}" stroke-width="{:.1}" stroke-opacity=".62"/>"#,
            x - r,
            x + r,
            rgb(hex),
            band + 0.6
        );
    }
}

fn clouds(g: &mut Drawing, stage: &Stage, weather: Weather, backdrop: &Backdrop) {
    let mut rng = stage.rng("clouds");
    let (color, opacity, share) = match (weather, stage.light.time) {
        (Weather::Storm, _) => (rgb(0x3d465e), 0.92, 2.6),
        (Weather::Rain, TimeOfDay::Night) => (rgb(0x2f3a63), 0.9, 2.2),
        (Weather::Rain, _) => (rgb(0x76859b), 0.9, 2.2),
        (Weather::Cloudy, TimeOfDay::Night) => (rgb(0x4a578c), 0.85, 2.2),
        (_, TimeOfDay::Night) => (rgb(0x5a6bb0), 0.4, 0.8),
        (_, TimeOfDay::Sunset) => (rgb(0xffd0c4), 0.7, 1.0),
        (_, TimeOfDay::Dawn) => (rgb(0xfff1ee), 0.75, 1.0),
        (Weather::Cloudy, _) => (rgb(0xf3f6fb), 0.95, 2.4),
        _ => (WHITE, 0.88, 1.0),
    };
    let count = ((stage.width / 240.0 * share) as usize).clamp(2, 40);
    for i in 0..count {
        let slot = (i as f32 + rng.range(0.1, 0.9)) / count as f32;
        let x = stage.width * slot;
        let y = stage.horizon * rng.range(0.06, 0.5);
        let size = rng.range(0.7, 1.35) * stage.unit.max(0.75);
        let area = Area::around(x, y - 12.0 * size, 150.0 * size, 60.0 * size);
        // In good weather the sun and the moon are not covered.
        if share < 2.0 && backdrop.taken.iter().any(|taken| area.overlaps(taken)) {
            continue;
        }
        cloud(g, &mut rng, x, y, size, color, opacity);
    }
}

/// A cloud of puffs on a flat base.
pub fn cloud(g: &mut Drawing, rng: &mut Rng, x: f32, y: f32, size: f32, color: Rgb, opacity: f32) {
    let w = 64.0 * size;
    let h = 15.0 * size;
    art!(
        g,
        r#"<g fill="{color}" opacity="{opacity:.2}"><path d="M{:.1} {:.1}h{:.1}a{h:.1} {h:.1} 0 0 1 0 {:.1}h{:.1}a{h:.1} {h:.1} 0 0 1 0 {:.1}z"#,
        x - w,
        y - h,
        w * 2.0,
        h * 2.0,
        -w * 2.0,
        -h * 2.0
    );
    let puffs = 3 + rng.index(2);
    for i in 0..puffs {
        let along = (i as f32 + 0.5) / puffs as f32;
        let r = size * rng.range(17.0, 30.0) * (1.0 - (along - 0.5).abs() * 0.7);
        let cx = x - w * 0.8 + w * 1.6 * along;
        // One path for the whole cloud, so that overlaps do not show through.
        art!(
            g,
            "M{:.1} {:.1}a{r:.1} {r:.1} 0 0 1 {:.1} 0a{r:.1} {r:.1} 0 0 1 {:.1} 0z",
            cx - r,
            y - h * 0.6,
            r * 2.0,
            -r * 2.0
        );
    }
    art!(g, r#""/></g>"#);
}
