//! What falls or drifts before the scene. Indoors it is drawn in the window's glass, and nowhere else.

use super::palette::{Rgb, WHITE, rgb};
use super::rng::Rng;
use super::stage::{Area, Stage};
use super::svg::{Drawing, art};
use crate::local::lexicon::Weather;

/// The weather over an open scene.
pub fn draw(g: &mut Drawing, stage: &Stage, weather: Weather) {
    let whole = Area {
        left: -10.0,
        top: -10.0,
        right: stage.width + 10.0,
        bottom: stage.height + 10.0,
    };
    let mut rng = stage.rng("weather");
    match weather {
        Weather::Rain => rain(g, &mut rng, whole, 1.0),
        Weather::Storm => {
            lightning(g, stage, &mut rng);
            rain(g, &mut rng, whole, 1.6);
        }
        Weather::Snow => snow(g, &mut rng, whole, 1.0),
        Weather::Fog => fog(g, stage, &mut rng),
        Weather::Wind => wind(g, stage, &mut rng),
        Weather::Clear | Weather::Cloudy | Weather::Rainbow => {}
    }
}

/// The weather as far as a window shows it; the caller clips to the glass.
pub fn through_window(g: &mut Drawing, stage: &Stage, weather: Weather, glass: Area) {
    let mut rng = stage.rng("weather");
    match weather {
        Weather::Rain | Weather::Storm => rain(g, &mut rng, glass, 6.0),
        Weather::Snow => snow(g, &mut rng, glass, 5.0),
        Weather::Fog | Weather::Cloudy => art!(
            g,
            r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" fill="{}" fill-opacity=".45"/>"#,
            glass.left,
            glass.top,
            glass.right - glass.left,
            glass.bottom - glass.top,
            rgb(0xdfe6ee)
        ),
        Weather::Rainbow => {
            let r = (glass.right - glass.left) * 0.42;
            for (i, hex) in [0xff6b6b, 0xffe066, 0x74c0fc].into_iter().enumerate() {
                let r = r - 7.0 * i as f32;
                let x = f32::midpoint(glass.left, glass.right);
                let y = glass.bottom - 20.0;
                art!(
                    g,
                    r#"<path d="M{:.1} {y:.1}A{r:.1} {r:.1} 0 0 1 {:.1} {y:.1}" fill="none" stroke="{}" stroke-width="7" stroke-opacity=".7"/>"#,
                    x - r,
                    x + r,
                    rgb(hex)
                );
            }
        }
        Weather::Wind | Weather::Clear => {}
    }
}

fn count(area: Area, per: f32) -> usize {
    (((area.right - area.left) * (area.bottom - area.top) / per) as usize).min(900)
}

fn rain(g: &mut Drawing, rng: &mut Rng, area: Area, share: f32) {
    art!(g, r#"<path d=""#);
    for _ in 0..(count(area, 4200.0) as f32 * share) as usize {
        let (x, y) = (rng.range(area.left, area.right), rng.range(area.top, area.bottom));
        let length = rng.range(12.0, 26.0);
        art!(g, "M{x:.1} {y:.1}l{:.1} {length:.1}", -length * 0.28);
    }
    art!(
        g,
        r#"" fill="none" stroke="{}" stroke-width="2" stroke-linecap="round" stroke-opacity=".55"/>"#,
        rgb(0xd9e8fa)
    );
}

fn snow(g: &mut Drawing, rng: &mut Rng, area: Area, share: f32) {
    art!(g, r#"<g fill="{WHITE}">"#);
    for _ in 0..(count(area, 4600.0) as f32 * share) as usize {
        let (x, y) = (rng.range(area.left, area.right), rng.range(area.top, area.bottom));
        let near = rng.unit();
        art!(
            g,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{:.1}" fill-opacity="{:.2}"/>"#,
            1.2 + near * near * 4.4,
            0.9 - near * 0.25
        );
    }
    art!(g, "</g>");
}

fn lightning(g: &mut Drawing, stage: &Stage, rng: &mut Rng) {
    let x = stage.width
        * if rng.chance(0.5) {
            rng.range(0.1, 0.35)
        } else {
            rng.range(0.65, 0.9)
        };
    let (top, low) = (stage.horizon * 0.16, stage.horizon * 0.86);
    let h = low - top;
    let glow = g.radial(&[(0.0, rgb(0xeaf0ff), 0.5), (1.0, rgb(0xeaf0ff), 0.0)]);
    art!(
        g,
        r##"<ellipse cx="{x:.1}" cy="{:.1}" rx="{:.1}" ry="{h:.1}" fill="{glow}"/><path d="M{x:.1} {top:.1}l{:.1} {:.1}h{:.1}l{:.1} {:.1}l{:.1} {:.1}h{:.1}z" fill="#fff3b0"/>"##,
        top + h * 0.5,
        h * 0.7,
        -h * 0.12,
        h * 0.46,
        h * 0.1,
        -h * 0.08,
        h * 0.54,
        h * 0.26,
        -h * 0.64,
        -h * 0.11
    );
}

fn fog(g: &mut Drawing, stage: &Stage, rng: &mut Rng) {
    let color: Rgb = stage.light.haze.lighter(0.35);
    for i in 0..5 {
        let y = stage.horizon + (stage.height - stage.horizon) * (i as f32 / 5.0) - 40.0;
        let band = g.vertical(&[(0.0, color, 0.0), (0.5, color, 0.42), (1.0, color, 0.0)]);
        let x = rng.range(-0.45, -0.05) * stage.width;
        art!(
            g,
            r#"<rect x="{x:.1}" y="{y:.1}" width="{:.1}" height="{:.1}" fill="{band}"/>"#,
            stage.width * 1.5,
            rng.range(80.0, 150.0)
        );
    }
}

fn wind(g: &mut Drawing, stage: &Stage, rng: &mut Rng) {
    for _ in 0..(stage.width / 130.0) as usize + 2 {
        let (x, y) = (rng.range(-0.1, 0.85) * stage.width, rng.range(0.12, 0.8) * stage.height);
        let length = rng.range(80.0, 160.0);
        art!(
            g,
            r#"<path d="M{x:.1} {y:.1}q{:.1} -14 {length:.1} 0c20 10 34 -6 26 -18c-7 -10 -22 -5 -19 6" fill="none" stroke="{WHITE}" stroke-width="3" stroke-linecap="round" stroke-opacity=".55"/>"#,
            length / 2.0
        );
    }
    let leaf = [rgb(0xe8a04a), rgb(0xd9694a), rgb(0xb8c25a)];
    for _ in 0..(stage.width / 80.0) as usize {
        let (x, y) = (rng.unit() * stage.width, rng.range(0.15, 0.9) * stage.height);
        let turn = rng.range(0.0, 360.0);
        art!(
            g,
            r#"<path d="M-8 0Q0 -7 8 0Q0 7 -8 0z" fill="{}" transform="translate({x:.1} {y:.1}) rotate({turn:.1})"/>"#,
            rng.pick(&leaf)
        );
    }
}
