//! Rooms: walls, a window with the hour and the weather behind it, and each room's furniture.

use super::{Backdrop, sky};
use crate::local::illustrator::palette::{Light, Rgb, WHITE, rgb};
use crate::local::illustrator::stage::{Area, Stage};
use crate::local::illustrator::svg::{Drawing, art};
use crate::local::illustrator::weather;
use crate::local::lexicon::{Reading, Setting, Weather};

/// A room in the light of its lamps; only the window knows the hour.
struct Room<'a> {
    stage: &'a Stage,
    /// Where the wall meets the floor.
    floor: f32,
    /// How dark lamps leave the room.
    dim: f32,
}

impl Room<'_> {
    fn color(&self, hex: u32) -> Rgb {
        let turn = if self.stage.words == 0 { 0.0 } else { (self.stage.words % 31) as f32 - 15.0 };
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
            frame(g, &room, at(0.56), 150.0 * s, 84.0 * s, 0);
            rug(g, &room, 0xf2b8c6, 0xffffff);
            bed(g, &room, at(0.82), !window_left);
            lamp(g, &room, at(0.58), room.floor - 6.0, 0.8 * s, backdrop);
            shelf(g, &room, at(0.09), 300.0 * s, 110.0 * s);
        }
        Setting::Kitchen => {
            wall(g, &room, 0xf6e3b8, 0xf0d7a2, 0xc9b79a);
            tiles(g, &room);
            window(g, &room, reading, (at(0.34), 190.0 * s, 210.0 * s, 180.0 * s), backdrop);
            cupboards(g, &room, s);
            stove(g, &room, at(0.78), s);
            counter_things(g, &room, at(0.14), s);
        }
        Setting::Library => {
            wall(g, &room, 0x8a5f48, 0x7d543f, 0x6d4530);
            bookshelves(g, &room, s);
            window(g, &room, reading, (at(0.5), 210.0 * s, 200.0 * s, 260.0 * s), backdrop);
            rug(g, &room, 0x3f7a6a, 0xe8c46a);
            lamp(g, &room, at(0.9), room.floor + 16.0, 1.15 * s, backdrop);
        }
        Setting::Castle => {
            stone_wall(g, &room);
            for share in [0.16, 0.84] {
                window(g, &room, reading, (stage.width * share, 230.0 * s, 116.0 * s, 230.0 * s), backdrop);
            }
            banner(g, &room, stage.width * 0.33, 0xb8283e, s);
            banner(g, &room, stage.width * 0.67, 0x3f5aa8, s);
            throne(g, &room, stage.width * 0.5, s);
            carpet_runner(g, &room);
            for share in [0.25, 0.75] {
                torch(g, stage.width * share, room.floor - 190.0 * s, backdrop);
            }
        }
        _ => {
            wall(g, &room, 0xf0d4b4, 0xe9c8a4, 0xa87a54);
            window(g, &room, reading, (at(0.32), 212.0 * s, 250.0 * s, 200.0 * s), backdrop);
            frame(g, &room, at(0.62), 170.0 * s, 96.0 * s, 1);
            frame(g, &room, at(0.74), 136.0 * s, 62.0 * s, 2);
            sofa(g, &room, at(0.78), s);
            rug(g, &room, 0xc85a54, 0xf6dcae);
            plant(g, &room, at(0.07), s);
            lamp(g, &room, at(0.95), room.floor + 14.0, 1.1 * s, backdrop);
        }
    }
}

fn wall(g: &mut Drawing, room: &Room<'_>, paper: u32, stripe: u32, boards: u32) {
    let (w, h) = (room.stage.width, room.stage.height);
    let (paper, stripe) = (room.color(paper), room.color(stripe));
    art!(g, r#"<rect x="-2" y="-2" width="{:.1}" height="{:.1}" fill="{paper}"/>"#, w + 4.0, h + 4.0);
    let mut x = 10.0;
    while x < w {
        art!(g, r#"<rect x="{x:.1}" y="-2" width="22" height="{:.1}" fill="{stripe}"/>"#, room.floor);
        x += 56.0;
    }
    floor_boards(g, room, boards);
    let skirting = paper.lighter(0.55);
    art!(
        g,
        r#"<rect x="-2" y="{:.1}" width="{:.1}" height="18" fill="{skirting}"/><rect x="-2" y="{:.1}" width="{:.1}" height="3" fill="{}"/>"#,
        room.floor - 18.0, w + 4.0, room.floor - 18.0, w + 4.0, skirting.darker(0.15)
    );
}

fn floor_boards(g: &mut Drawing, room: &Room<'_>, boards: u32) {
    let (w, h) = (room.stage.width, room.stage.height);
    let color = room.color(boards);
    let paint = g.vertical(&[(0.0, color.darker(0.1), 1.0), (1.0, color.lighter(0.1), 1.0)]);
    art!(
        g,
        r#"<rect x="-2" y="{:.1}" width="{:.1}" height="{:.1}" fill="{paint}"/><g stroke="{}" stroke-width="2" opacity=".6">"#,
        room.floor, w + 4.0, h - room.floor + 4.0, color.darker(0.22)
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
fn window(g: &mut Drawing, room: &Room<'_>, reading: &Reading, (x, y, w, h): (f32, f32, f32, f32), backdrop: &mut Backdrop) {
    let light: &Light = &room.stage.light;
    let arched = reading.setting == Setting::Castle || reading.setting == Setting::Library;
    let area = Area::around(x, y, w, h);
    let shape = if arched {
        let r = w / 2.0;
        format!(
            r#"<path d="M{:.1} {:.1}V{:.1}A{r:.1} {r:.1} 0 0 1 {:.1} {:.1}V{:.1}z"/>"#,
            area.left, area.bottom, area.top + r, area.right, area.top + r, area.bottom
        )
    } else {
        format!(r#"<rect x="{:.1}" y="{:.1}" width="{w:.1}" height="{h:.1}" rx="6"/>"#, area.left, area.top)
    };
    let clip = g.clip(&shape);
    let [top, middle, low] = light.sky;
    let glass = g.vertical(&[(0.0, top, 1.0), (0.55, middle, 1.0), (1.0, low, 1.0)]);
    art!(g, r#"<g clip-path="{clip}"><rect x="{:.1}" y="{:.1}" width="{w:.1}" height="{h:.1}" fill="{glass}"/>"#, area.left, area.top);
    let mut rng = room.stage.rng("window");
    if light.is_dark() {
        for _ in 0..14 {
            art!(
                g,
                r##"<circle cx="{:.1}" cy="{:.1}" r="{:.1}" fill="#fff7df"/>"##,
                rng.range(area.left, area.right), rng.range(area.top, y + h * 0.1), rng.range(0.7, 1.7)
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
        area.left, y + h * 0.2, x - w * 0.1, y - h * 0.06, area.right, y + h * 0.28, area.bottom + 2.0,
        y + h * 0.36, x + w * 0.2, y + h * 0.14, y + h * 0.34
    );
    weather::through_window(g, room.stage, reading.weather, area);
    art!(
        g,
        r#"<path d="M{:.1} {:.1}l{:.1} {:.1}h{:.1}l{:.1} {:.1}z" fill="{WHITE}" opacity=".12"/></g>"#,
        area.left + w * 0.1, area.bottom, w * 0.42, -h, w * 0.16, -w * 0.42, h
    );
    let wood = if arched { room.color(0x8d8798) } else { room.color(0xfaf4e8) };
    let frame = shape.replace("/>", &format!(r#" fill="none" stroke="{wood}" stroke-width="12"/>"#));
    art!(
        g,
        r#"{frame}<path d="M{x:.1} {:.1}V{:.1}M{:.1} {y:.1}H{:.1}" stroke="{wood}" stroke-width="7"/>"#,
        area.top, area.bottom, area.left, area.right
    );
    if !arched {
        art!(g, r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="13" rx="4" fill="{wood}"/>"#, area.left - 18.0, area.bottom + 4.0, w + 36.0);
        let cloth = room.color(*rng.pick(&[0xd8737f, 0x6f9fc8, 0xe0b04f, 0x7fae7a]));
        for side in [-1.0, 1.0_f32] {
            let edge = x + side * (w / 2.0 + 22.0);
            art!(
                g,
                r#"<path d="M{edge:.1} {:.1}H{:.1}Q{:.1} {:.1} {:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}H{edge:.1}z" fill="{cloth}"/><path d="M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}" fill="none" stroke="{}" stroke-width="3"/>"#,
                area.top - 18.0, x + side * w * 0.2,
                x + side * w * 0.3, y - h * 0.06, edge - side * 16.0, y + h * 0.16,
                edge - side * 30.0, y + h * 0.4, edge - side * 26.0, area.bottom + 6.0,
                x + side * w * 0.36, area.top - 12.0, edge - side * 30.0, y - h * 0.1, edge - side * 9.0, y + h * 0.14, cloth.darker(0.18)
            );
        }
        art!(
            g,
            r#"<path d="M{:.1} {1:.1}H{2:.1}" stroke="{3}" stroke-width="8" stroke-linecap="round"/>"#,
            area.left - 36.0, area.top - 18.0, area.right + 36.0, room.color(0x8a5a3c)
        );
    }
    backdrop.taken.push(Area::around(x, y, w + 60.0, h + 60.0));
    backdrop.windows.push(area);
}

fn frame(g: &mut Drawing, room: &Room<'_>, x: f32, y: f32, size: f32, motif: usize) {
    let wood = room.color(0x9a6a42);
    let paper = room.color(0xfdf6e3);
    art!(
        g,
        r#"<rect x="{:.1}" y="{:.1}" width="{size:.1}" height="{:.1}" rx="4" fill="{paper}" stroke="{wood}" stroke-width="8"/>"#,
        x - size / 2.0, y - size * 0.42, size * 0.84
    );
    let sprite = ["sailboat", "sunflower", "red-heart"][motif % 3];
    g.sprite_at(sprite, Default::default(), x, y, size * 0.56);
}

fn rug(g: &mut Drawing, room: &Room<'_>, color: u32, line: u32) {
    let (w, h) = (room.stage.width, room.stage.height);
    let (x, y) = (w * 0.5, room.floor + (h - room.floor) * 0.56);
    let (rx, ry) = (w * 0.34, (h - room.floor) * 0.34);
    let (color, line) = (room.color(color), room.color(line));
    art!(
        g,
        r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{rx:.1}" ry="{ry:.1}" fill="{color}"/><ellipse cx="{x:.1}" cy="{y:.1}" rx="{:.1}" ry="{:.1}" fill="none" stroke="{line}" stroke-width="5"/><ellipse cx="{x:.1}" cy="{y:.1}" rx="{:.1}" ry="{:.1}" fill="{}"/>"#,
        rx * 0.9, ry * 0.86, rx * 0.66, ry * 0.6, color.lighter(0.14)
    );
}

fn bed(g: &mut Drawing, room: &Room<'_>, x: f32, head_left: bool) {
    let s = room.stage.unit.max(0.7);
    let wood = room.color(0x9a6440);
    let (sheet, cover) = (room.color(0xf7f3ec), room.color(0x5f7fd0));
    let flip = if head_left { -1.0 } else { 1.0 };
    art!(
        g,
        r#"<g transform="translate({x:.1} {:.1}) scale({:.3} {:.3})"><path d="M118 24V-150q0 -16 14 -16h6q14 0 14 16V24z" fill="{wood}"/><rect x="-160" y="-46" width="300" height="56" rx="8" fill="{}"/><path d="M-160 24V-82q0 -12 10 -12h6q10 0 10 12V24z" fill="{wood}"/><rect x="-136" y="-84" width="256" height="52" rx="18" fill="{sheet}"/><path d="M-138 -66Q-138 -92 -110 -92H20Q34 -60 22 -18Q-60 -8 -138 -18z" fill="{cover}"/><path d="M8 -92H24Q38 -60 26 -18H10Q22 -58 8 -92z" fill="{}"/><rect x="44" y="-116" width="80" height="44" rx="20" fill="{WHITE}"/><circle cx="-90" cy="-58" r="7" fill="{}"/><circle cx="-44" cy="-40" r="7" fill="{}"/><circle cx="-30" cy="-72" r="7" fill="{}"/></g>"#,
        room.floor + 26.0, s * flip * 1.25, s * 1.25, wood.darker(0.14), sheet, cover.lighter(0.4), cover.lighter(0.4), cover.lighter(0.4)
    );
}

fn lamp(g: &mut Drawing, room: &Room<'_>, x: f32, y: f32, s: f32, backdrop: &mut Backdrop) {
    let (pole, shade) = (room.color(0x6a4a3a), rgb(0xf7dc9a));
    let top = y - 250.0 * s;
    art!(
        g,
        r#"<path d="M{x:.1} {y:.1}V{top:.1}" stroke="{pole}" stroke-width="{:.1}"/><ellipse cx="{x:.1}" cy="{y:.1}" rx="{:.1}" ry="{:.1}" fill="{pole}"/><path d="M{:.1} {:.1}L{:.1} {top:.1}H{:.1}L{:.1} {:.1}z" fill="{shade}"/>"#,
        6.0 * s, 30.0 * s, 7.0 * s,
        x - 42.0 * s, top + 62.0 * s, x - 24.0 * s, x + 24.0 * s, x + 42.0 * s, top + 62.0 * s
    );
    if room.stage.light.is_dark() {
        backdrop.glows.push((x, top + 40.0 * s, 190.0 * s));
    }
}

fn shelf(g: &mut Drawing, room: &Room<'_>, x: f32, y: f32, w: f32) {
    let wood = room.color(0x9a6440);
    art!(g, r#"<rect x="{:.1}" y="{y:.1}" width="{w:.1}" height="10" rx="3" fill="{wood}"/>"#, x - w / 2.0);
    g.sprite_at("teddy-bear", Default::default(), x - w * 0.22, y - 22.0, 48.0);
    g.sprite_at("books", Default::default(), x + w * 0.24, y - 19.0, 42.0);
}

fn sofa(g: &mut Drawing, room: &Room<'_>, x: f32, s: f32) {
    let cloth = room.color(0x5f9a94);
    let (dark, pillow) = (cloth.darker(0.16), room.color(0xf2c14e));
    art!(
        g,
        r#"<g transform="translate({x:.1} {:.1}) scale({s:.3})"><path d="M-120 -28v32M120 -28v32" stroke="{}" stroke-width="12"/><path d="M-128 -20V-118q0 -30 30 -30H98q30 0 30 30V-20z" fill="{cloth}"/><path d="M0 -146V-70" stroke="{dark}" stroke-width="3"/><rect x="-134" y="-72" width="268" height="50" rx="18" fill="{}"/><rect x="-152" y="-100" width="44" height="92" rx="20" fill="{dark}"/><rect x="108" y="-100" width="44" height="92" rx="20" fill="{dark}"/><rect x="-92" y="-116" width="52" height="48" rx="10" fill="{pillow}" transform="rotate(-9 -66 -92)"/></g>"#,
        room.floor + 14.0, room.color(0x5a3a2e), cloth.lighter(0.1)
    );
}

fn plant(g: &mut Drawing, room: &Room<'_>, x: f32, s: f32) {
    g.sprite_at("potted-plant", Default::default(), x, room.floor - 48.0 * s, 150.0 * s);
}

fn tiles(g: &mut Drawing, room: &Room<'_>) {
    let w = room.stage.width;
    let (light, line) = (room.color(0xfdf6ea), room.color(0xe4d2b4));
    let top = room.floor - 190.0;
    art!(g, r#"<rect x="-2" y="{top:.1}" width="{:.1}" height="180" fill="{light}"/><g stroke="{line}" stroke-width="2.5">"#, w + 4.0);
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

fn cupboards(g: &mut Drawing, room: &Room<'_>, s: f32) {
    let (w, top) = (room.stage.width, room.floor - 118.0 * s);
    let wood = room.color(0x6fa6a0);
    let (dark, board) = (wood.darker(0.18), room.color(0xb98a5a));
    art!(
        g,
        r#"<rect x="-2" y="{top:.1}" width="{:.1}" height="{:.1}" fill="{wood}"/><rect x="-2" y="{:.1}" width="{:.1}" height="15" fill="{board}"/><rect x="-2" y="{:.1}" width="{:.1}" height="14" fill="{dark}"/>"#,
        w + 4.0, 120.0 * s, top - 12.0, w + 4.0, room.floor - 12.0, w + 4.0
    );
    let mut x = 16.0;
    let knob = room.color(0xf6dca0);
    while x < w - 60.0 {
        art!(
            g,
            r#"<rect x="{x:.1}" y="{:.1}" width="96" height="{:.1}" rx="6" fill="none" stroke="{dark}" stroke-width="4"/><circle cx="{:.1}" cy="{:.1}" r="5" fill="{knob}"/>"#,
            top + 16.0, 82.0 * s, x + 82.0, top + 50.0
        );
        x += 110.0;
    }
}

fn stove(g: &mut Drawing, room: &Room<'_>, x: f32, s: f32) {
    let (steel, dark) = (room.color(0xe6e8ee), room.color(0x4a4e5c));
    art!(
        g,
        r##"<g transform="translate({x:.1} {:.1}) scale({s:.3})"><rect x="-74" y="-130" width="148" height="130" rx="6" fill="{steel}"/><rect x="-74" y="-136" width="148" height="12" fill="{dark}"/><rect x="-56" y="-86" width="112" height="64" rx="6" fill="{dark}"/><rect x="-46" y="-76" width="92" height="44" rx="4" fill="#f2a65a" opacity=".75"/><path d="M-52 -96h104" stroke="{dark}" stroke-width="6" stroke-linecap="round"/><g fill="{dark}"><circle cx="-48" cy="-112" r="7"/><circle cx="-16" cy="-112" r="7"/><circle cx="16" cy="-112" r="7"/><circle cx="48" cy="-112" r="7"/></g></g>"##,
        room.floor
    );
    g.sprite_at("pot-of-food", Default::default(), x - 28.0 * s, room.floor - 160.0 * s, 62.0 * s);
}

fn counter_things(g: &mut Drawing, room: &Room<'_>, x: f32, s: f32) {
    let y = room.floor - 128.0 * s;
    let step = if x < room.stage.width / 2.0 { 1.0 } else { -1.0 };
    g.sprite_at("teapot", Default::default(), x, y - 22.0 * s, 54.0 * s);
    g.sprite_at("bread", Default::default(), x - step * 62.0 * s, y - 19.0 * s, 46.0 * s);
    g.sprite_at("potted-plant", Default::default(), x + step * 330.0 * s, y - 26.0 * s, 62.0 * s);
}

fn bookshelves(g: &mut Drawing, room: &Room<'_>, s: f32) {
    let (w, floor) = (room.stage.width, room.floor);
    let (wood, back) = (room.color(0x6a4230), room.color(0x4a2c22));
    let mut rng = room.stage.rng("books");
    let shades = [0xb8433f, 0x3f6fa8, 0x4f8f5a, 0xd9a441, 0x7a4f9a, 0x2f8f8a, 0xc9724a, 0xe8d9b4];
    let bay = 190.0 * s;
    let count = (w / bay) as usize + 2;
    for i in 0..count {
        let x = i as f32 * bay - 30.0;
        art!(g, r#"<rect x="{x:.1}" y="-4" width="{bay:.1}" height="{:.1}" fill="{back}"/>"#, floor - 14.0);
        let mut y = 74.0 * s;
        while y < floor - 20.0 {
            let mut book = x + 12.0;
            while book < x + bay - 24.0 {
                let (wide, tall) = (rng.range(11.0, 22.0), rng.range(44.0, 66.0) * s);
                let color = room.color(*rng.pick(&shades));
                if rng.chance(0.9) {
                    art!(
                        g,
                        r#"<rect x="{book:.1}" y="{:.1}" width="{wide:.1}" height="{tall:.1}" rx="2" fill="{color}"/><path d="M{:.1} {:.1}h{:.1}" stroke="{}" stroke-width="3"/>"#,
                        y - tall, book + 2.0, y - tall * 0.78, wide - 4.0, color.lighter(0.45)
                    );
                }
                book += wide + 1.5;
            }
            art!(g, r#"<rect x="{x:.1}" y="{y:.1}" width="{bay:.1}" height="10" fill="{wood}"/>"#);
            y += 84.0 * s;
        }
        art!(g, r#"<rect x="{:.1}" y="-4" width="14" height="{:.1}" fill="{wood}"/>"#, x - 7.0, floor - 6.0);
    }
    art!(g, r#"<rect x="-2" y="{:.1}" width="{:.1}" height="22" fill="{}"/>"#, floor - 20.0, w + 4.0, wood.darker(0.15));
}

fn stone_wall(g: &mut Drawing, room: &Room<'_>) {
    let (w, h) = (room.stage.width, room.stage.height);
    let stone = room.color(0xb4b0c2);
    art!(
        g,
        r#"<rect x="-2" y="-2" width="{:.1}" height="{:.1}" fill="{stone}"/><g fill="{}">"#,
        w + 4.0, h + 4.0, stone.darker(0.07)
    );
    let mut rng = room.stage.rng("stones");
    let mut row = 0;
    let mut y = 4.0;
    while y < room.floor {
        let mut x = if row % 2 == 0 { -30.0 } else { -70.0 };
        while x < w {
            let wide = 82.0;
            if rng.chance(0.42) {
                art!(g, r#"<rect x="{x:.1}" y="{y:.1}" width="{:.1}" height="38" rx="7"/>"#, wide - 6.0);
            }
            x += wide;
        }
        y += 44.0;
        row += 1;
    }
    art!(g, "</g>");
    floor_boards(g, room, 0x8f8aa0);
    art!(g, r#"<rect x="-2" y="{:.1}" width="{:.1}" height="16" fill="{}"/>"#, room.floor - 14.0, w + 4.0, stone.darker(0.25));
}

fn banner(g: &mut Drawing, room: &Room<'_>, x: f32, color: u32, s: f32) {
    let color = room.color(color);
    let gold = room.color(0xf0c24e);
    art!(
        g,
        r#"<g transform="translate({x:.1} {:.1}) scale({s:.3})"><path d="M-44 0H44V200L0 168L-44 200z" fill="{color}"/><path d="M-36 4V184L0 157L36 184V4" fill="none" stroke="{gold}" stroke-width="4"/><path d="M-52 0H52" stroke="{gold}" stroke-width="9" stroke-linecap="round"/><path d="M0 50l9 18l20 3l-14.500 14l3.500 20l-18 -9.500l-18 9.500l3.500 -20l-14.500 -14l20 -3z" fill="{gold}"/></g>"#,
        60.0 * s
    );
}

fn throne(g: &mut Drawing, room: &Room<'_>, x: f32, s: f32) {
    let gold = room.color(0xe0ac3f);
    let red = room.color(0xb8283e);
    art!(
        g,
        r#"<g transform="translate({x:.1} {:.1}) scale({s:.3})"><path d="M-62 6V-190L-40 -214L-22 -196L0 -232L22 -196L40 -214L62 -190V6z" fill="{gold}"/><rect x="-46" y="-176" width="92" height="110" rx="12" fill="{red}"/><rect x="-70" y="-72" width="140" height="30" rx="10" fill="{red}"/><path d="M-78 -96h22v102h-22zM56 -96h22v102h-22z" fill="{}"/><circle cx="0" cy="-232" r="8" fill="{red}"/><circle cx="-67" cy="-100" r="13" fill="{gold}"/><circle cx="67" cy="-100" r="13" fill="{gold}"/></g>"#,
        room.floor + 6.0, gold.darker(0.12)
    );
}

fn carpet_runner(g: &mut Drawing, room: &Room<'_>) {
    let (w, h) = (room.stage.width, room.stage.height);
    let red = room.color(0xb03040);
    let gold = room.color(0xf0c24e);
    let (near, far) = (w * 0.36, w * 0.09);
    let x = w * 0.5;
    art!(
        g,
        r#"<path d="M{:.1} {:.1}H{:.1}L{:.1} {:.1}H{:.1}z" fill="{red}"/><path d="M{:.1} {:.1}L{:.1} {:.1}M{:.1} {:.1}L{:.1} {:.1}" stroke="{gold}" stroke-width="6"/>"#,
        x - far, room.floor + 4.0, x + far, x + near, h + 4.0, x - near,
        x - far + 7.0, room.floor + 4.0, x - near + 18.0, h + 4.0, x + far - 7.0, room.floor + 4.0, x + near - 18.0, h + 4.0
    );
}

fn torch(g: &mut Drawing, x: f32, y: f32, backdrop: &mut Backdrop) {
    art!(
        g,
        r##"<path d="M{0:.1} {1:.1}l6 46h10l6 -46z" fill="#5a4038"/><path d="M{2:.1} {3:.1}C{4:.1} {5:.1} {6:.1} {7:.1} {8:.1} {9:.1}C{10:.1} {7:.1} {11:.1} {12:.1} {13:.1} {3:.1}z" fill="#ff9a3c"/><circle cx="{8:.1}" cy="{14:.1}" r="7" fill="#ffe07a"/>"##,
        x - 11.0, y, x - 13.0, y + 2.0, x - 16.0, y - 16.0, x - 2.0, y - 24.0, x, y - 44.0, x + 6.0, x + 18.0, y - 14.0, x + 13.0, y - 6.0
    );
    backdrop.glows.push((x, y - 14.0, 120.0));
}
