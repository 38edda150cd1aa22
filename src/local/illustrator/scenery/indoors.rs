//! Rooms: walls, a window with the hour and the weather behind it, and each room's furniture.

use super::{Backdrop, furniture, sky};
use crate::local::illustrator::palette::{Light, Rgb, WHITE, rgb};
use crate::local::illustrator::stage::{Area, Stage};
use crate::local::illustrator::svg::{Drawing, art};
use crate::local::illustrator::weather;
use crate::local::lexicon::{Reading, Setting, Weather};

/// A room in the light of its lamps; only the window knows the hour.
pub struct Room<'a> {
    pub stage: &'a Stage,
    /// Where the wall meets the floor.
    pub floor: f32,
    /// How dark lamps leave the room.
    dim: f32,
}

impl Room<'_> {
    /// A colour of the room, as dark and as turned as the words make it.
    pub fn color(&self, hex: u32) -> Rgb {
        let turn = if self.stage.words == 0 {
            0.0
        } else {
            (self.stage.words % 31) as f32 - 15.0
        };
        let base = if turn == 0.0 { rgb(hex) } else { rgb(hex).turned(turn) };
        base.mix(rgb(0x2a2350), self.dim)
    }
}

/// Draws the room; the window's glass goes into the backdrop.
pub fn draw(g: &mut Drawing, stage: &Stage, reading: &Reading, backdrop: &mut Backdrop) {
    let room = Room {
        stage,
        floor: stage.ground,
        dim: if stage.light.is_dark() { 0.3 } else { 0.0 },
    };
    let mut rng = stage.rng("room");
    let window_left = rng.chance(0.5);
    let s = stage.unit.max(0.7);
    let at = |share: f32| {
        let share = if window_left { share } else { 1.0 - share };
        stage.width * share
    };
    match reading.setting {
        Setting::Bedroom => {
            wall(g, &room, 0xa9bfe0, 0x9ab3da, 0xb98a62);
            window(g, &room, reading, (at(0.3), 216.0 * s, 240.0 * s, 196.0 * s), backdrop);
            furniture::frame(g, &room, at(0.56), 150.0 * s, 84.0 * s, 0);
            furniture::rug(g, &room, 0xf2b8c6, 0xffffff);
            furniture::bed(g, &room, at(0.82), !window_left);
            furniture::lamp(g, &room, at(0.58), room.floor - 6.0, 0.8 * s, backdrop);
            furniture::shelf(g, &room, at(0.09), 300.0 * s, 110.0 * s);
        }
        Setting::Kitchen => {
            wall(g, &room, 0xf6e3b8, 0xf0d7a2, 0xc9b79a);
            tiles(g, &room);
            window(g, &room, reading, (at(0.34), 190.0 * s, 210.0 * s, 180.0 * s), backdrop);
            furniture::cupboards(g, &room, s);
            backdrop.counter = Some(room.floor - 129.0 * s);
            furniture::stove(g, &room, at(0.78), s);
            furniture::counter_things(g, &room, at(0.14), s);
        }
        Setting::Library => {
            wall(g, &room, 0x8a5f48, 0x7d543f, 0x6d4530);
            furniture::bookshelves(g, &room, s);
            window(g, &room, reading, (at(0.5), 210.0 * s, 200.0 * s, 260.0 * s), backdrop);
            furniture::rug(g, &room, 0x3f7a6a, 0xe8c46a);
            furniture::lamp(g, &room, at(0.9), room.floor + 16.0, 1.15 * s, backdrop);
        }
        Setting::Castle => {
            stone_wall(g, &room);
            for share in [0.16, 0.84] {
                window(
                    g,
                    &room,
                    reading,
                    (stage.width * share, 230.0 * s, 116.0 * s, 230.0 * s),
                    backdrop,
                );
            }
            furniture::banner(g, &room, stage.width * 0.33, 0xb8283e, s);
            furniture::banner(g, &room, stage.width * 0.67, 0x3f5aa8, s);
            furniture::throne(g, &room, stage.width * 0.5, s);
            furniture::carpet_runner(g, &room);
            for share in [0.25, 0.75] {
                furniture::torch(g, stage.width * share, room.floor - 190.0 * s, backdrop);
            }
        }
        _ => {
            wall(g, &room, 0xf0d4b4, 0xe9c8a4, 0xa87a54);
            window(g, &room, reading, (at(0.32), 212.0 * s, 250.0 * s, 200.0 * s), backdrop);
            furniture::frame(g, &room, at(0.62), 170.0 * s, 96.0 * s, 1);
            furniture::frame(g, &room, at(0.74), 136.0 * s, 62.0 * s, 2);
            furniture::sofa(g, &room, at(0.78), s);
            furniture::rug(g, &room, 0xc85a54, 0xf6dcae);
            furniture::plant(g, &room, at(0.07), s);
            furniture::lamp(g, &room, at(0.95), room.floor + 14.0, 1.1 * s, backdrop);
        }
    }
}

fn wall(g: &mut Drawing, room: &Room<'_>, paper: u32, stripe: u32, boards: u32) {
    let (w, h) = (room.stage.width, room.stage.height);
    let (paper, stripe) = (room.color(paper), room.color(stripe));
    art!(
        g,
        r#"<rect x="-2" y="-2" width="{:.1}" height="{:.1}" fill="{paper}"/>"#,
        w + 4.0,
        h + 4.0
    );
    let mut x = 10.0;
    while x < w {
        art!(
            g,
            r#"<rect x="{x:.1}" y="-2" width="22" height="{:.1}" fill="{stripe}"/>"#,
            room.floor
        );
        x += 56.0;
    }
    floor_boards(g, room, boards);
    let skirting = paper.lighter(0.55);
    art!(
        g,
        r#"<rect x="-2" y="{:.1}" width="{:.1}" height="18" fill="{skirting}"/><rect x="-2" y="{:.1}" width="{:.1}" height="3" fill="{}"/>"#,
        room.floor - 18.0,
        w + 4.0,
        room.floor - 18.0,
        w + 4.0,
        skirting.darker(0.15)
    );
}

fn floor_boards(g: &mut Drawing, room: &Room<'_>, boards: u32) {
    let (w, h) = (room.stage.width, room.stage.height);
    let color = room.color(boards);
    let paint = g.vertical(&[(0.0, color.darker(0.1), 1.0), (1.0, color.lighter(0.1), 1.0)]);
    art!(
        g,
        r#"<rect x="-2" y="{:.1}" width="{:.1}" height="{:.1}" fill="{paint}"/><g stroke="{}" stroke-width="2" opacity=".6">"#,
        room.floor,
        w + 4.0,
        h - room.floor + 4.0,
        color.darker(0.22)
    );
    let mut row = 0.0;
    let mut y = room.floor;
    while y < h {
        let tall = 20.0 + row * 7.0;
        art!(g, r#"<path d="M-2 {y:.1}H{:.1}"/>"#, w + 2.0);
        let mut x = (row * 137.0) % 210.0;
        while x < w {
            art!(g, r#"<path d="M{x:.1} {y:.1}v{tall:.1}"/>"#);
            x += 210.0;
        }
        y += tall;
        row += 1.0;
    }
    art!(g, "</g>");
}

/// A window: the sky of the hour, hills, the weather, and only then the bars and curtains.
fn window(
    g: &mut Drawing,
    room: &Room<'_>,
    reading: &Reading,
    (x, y, w, h): (f32, f32, f32, f32),
    backdrop: &mut Backdrop,
) {
    let light: &Light = &room.stage.light;
    let arched = reading.setting == Setting::Castle || reading.setting == Setting::Library;
    let area = Area::around(x, y, w, h);
    let shape = if arched {
        let r = w / 2.0;
        format!(
            r#"<path d="M{:.1} {:.1}V{:.1}A{r:.1} {r:.1} 0 0 1 {:.1} {:.1}V{:.1}z"/>"#,
            area.left,
            area.bottom,
            area.top + r,
            area.right,
            area.top + r,
            area.bottom
        )
    } else {
        format!(
            r#"<rect x="{:.1}" y="{:.1}" width="{w:.1}" height="{h:.1}" rx="6"/>"#,
            area.left, area.top
        )
    };
    let clip = g.clip(&shape);
    let [top, middle, low] = light.sky;
    let glass = g.vertical(&[(0.0, top, 1.0), (0.55, middle, 1.0), (1.0, low, 1.0)]);
    art!(
        g,
        r#"<g clip-path="{clip}"><rect x="{:.1}" y="{:.1}" width="{w:.1}" height="{h:.1}" fill="{glass}"/>"#,
        area.left,
        area.top
    );
    let mut rng = room.stage.rng("window");
    if light.is_dark() {
        for _ in 0..14 {
            art!(
                g,
                r##"<circle cx="{:.1}" cy="{:.1}" r="{:.1}" fill="#fff7df"/>"##,
                rng.range(area.left, area.right),
                rng.range(area.top, y + h * 0.1),
                rng.range(0.7, 1.7)
            );
        }
    }
    if !matches!(reading.weather, Weather::Rain | Weather::Storm | Weather::Fog) {
        sky::orb(g, light.time, x + w * 0.2, y - h * 0.18, w.min(h) * 0.11);
    }
    let (far, near) = (light.ground(rgb(0x7cc06a), 0.55), light.ground(rgb(0x6fb95c), 0.25));
    art!(
        g,
        r#"<path d="M{0:.1} {1:.1}Q{2:.1} {3:.1} {4:.1} {5:.1}V{6:.1}H{0:.1}z" fill="{far}"/><path d="M{0:.1} {7:.1}Q{8:.1} {9:.1} {4:.1} {10:.1}V{6:.1}H{0:.1}z" fill="{near}"/>"#,
        area.left,
        y + h * 0.2,
        x - w * 0.1,
        y - h * 0.06,
        area.right,
        y + h * 0.28,
        area.bottom + 2.0,
        y + h * 0.36,
        x + w * 0.2,
        y + h * 0.14,
        y + h * 0.34
    );
    weather::through_window(g, room.stage, reading.weather, area);
    art!(
        g,
        r#"<path d="M{:.1} {:.1}l{:.1} {:.1}h{:.1}l{:.1} {:.1}z" fill="{WHITE}" fill-opacity=".12"/></g>"#,
        area.left + w * 0.1,
        area.bottom,
        w * 0.42,
        -h,
        w * 0.16,
        -w * 0.42,
        h
    );
    let wood = if arched {
        room.color(0x8d8798)
    } else {
        room.color(0xfaf4e8)
    };
    let frame = shape.replace("/>", &format!(r#" fill="none" stroke="{wood}" stroke-width="12"/>"#));
    art!(
        g,
        r#"{frame}<path d="M{x:.1} {:.1}V{:.1}M{:.1} {y:.1}H{:.1}" stroke="{wood}" stroke-width="7"/>"#,
        area.top,
        area.bottom,
        area.left,
        area.right
    );
    if !arched {
        art!(
            g,
            r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="13" rx="4" fill="{wood}"/>"#,
            area.left - 18.0,
            area.bottom + 4.0,
            w + 36.0
        );
        let cloth = room.color(*rng.pick(&[0xd8737f, 0x6f9fc8, 0xe0b04f, 0x7fae7a]));
        for side in [-1.0, 1.0_f32] {
            let edge = x + side * (w / 2.0 + 22.0);
            art!(
                g,
                r#"<path d="M{edge:.1} {:.1}H{:.1}Q{:.1} {:.1} {:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}H{edge:.1}z" fill="{cloth}"/><path d="M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}" fill="none" stroke="{}" stroke-width="3"/>"#,
                area.top - 18.0,
                x + side * w * 0.2,
                x + side * w * 0.3,
                y - h * 0.06,
                edge - side * 16.0,
                y + h * 0.16,
                edge - side * 30.0,
                y + h * 0.4,
                edge - side * 26.0,
                area.bottom + 6.0,
                x + side * w * 0.36,
                area.top - 12.0,
                edge - side * 30.0,
                y - h * 0.1,
                edge - side * 9.0,
                y + h * 0.14,
                cloth.darker(0.18)
            );
        }
        art!(
            g,
            r#"<path d="M{:.1} {1:.1}H{2:.1}" stroke="{3}" stroke-width="8" stroke-linecap="round"/>"#,
            area.left - 36.0,
            area.top - 18.0,
            area.right + 36.0,
            room.color(0x8a5a3c)
        );
    }
    backdrop.taken.push(Area::around(x, y, w + 60.0, h + 60.0));
    backdrop.windows.push(area);
}

fn tiles(g: &mut Drawing, room: &Room<'_>) {
    let w = room.stage.width;
    let (light, line) = (room.color(0xfdf6ea), room.color(0xe4d2b4));
    let top = room.floor - 190.0;
    art!(
        g,
        r#"<rect x="-2" y="{top:.1}" width="{:.1}" height="180" fill="{light}"/><g stroke="{line}" stroke-width="2.5">"#,
        w + 4.0
    );
    for i in 0..5 {
        art!(g, r#"<path d="M-2 {0:.1}H{1:.1}"/>"#, top + 40.0 * i as f32, w + 2.0);
    }
    let mut x = 14.0;
    while x < w {
        art!(g, r#"<path d="M{x:.1} {top:.1}v180"/>"#);
        x += 40.0;
    }
    art!(g, "</g>");
}

fn stone_wall(g: &mut Drawing, room: &Room<'_>) {
    let (w, h) = (room.stage.width, room.stage.height);
    let stone = room.color(0xb4b0c2);
    art!(
        g,
        r#"<rect x="-2" y="-2" width="{:.1}" height="{:.1}" fill="{stone}"/><g fill="{}">"#,
        w + 4.0,
        h + 4.0,
        stone.darker(0.07)
    );
    let mut rng = room.stage.rng("stones");
    let mut row = 0;
    let mut y = 4.0;
    while y < room.floor {
        let mut x = if row % 2 == 0 { -30.0 } else { -70.0 };
        while x < w {
            let wide = 82.0;
            if rng.chance(0.42) {
                art!(
                    g,
                    r#"<rect x="{x:.1}" y="{y:.1}" width="{:.1}" height="38" rx="7"/>"#,
                    wide - 6.0
                );
            }
            x += wide;
        }
        y += 44.0;
        row += 1;
    }
    art!(g, "</g>");
    floor_boards(g, room, 0x8f8aa0);
    art!(
        g,
        r#"<rect x="-2" y="{:.1}" width="{:.1}" height="16" fill="{}"/>"#,
        room.floor - 14.0,
        w + 4.0,
        stone.darker(0.25)
    );
}
