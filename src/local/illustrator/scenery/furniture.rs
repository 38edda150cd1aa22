//! What stands in rooms and hangs on their walls.

use super::Backdrop;
use super::indoors::Room;
use crate::local::illustrator::palette::{WHITE, rgb};
use crate::local::illustrator::svg::{Drawing, art};

pub fn frame(g: &mut Drawing, room: &Room<'_>, x: f32, y: f32, size: f32, motif: usize) {
    let wood = room.color(0x9a6a42);
    let paper = room.color(0xfdf6e3);
    art!(
        g,
        r#"<rect x="{:.1}" y="{:.1}" width="{size:.1}" height="{:.1}" rx="4" fill="{paper}" stroke="{wood}" stroke-width="8"/>"#,
        x - size / 2.0,
        y - size * 0.42,
        size * 0.84
    );
    let sprite = ["sailboat", "sunflower", "red-heart"][motif % 3];
    g.sprite_at(sprite, Default::default(), x, y, size * 0.56);
}

pub fn rug(g: &mut Drawing, room: &Room<'_>, color: u32, line: u32) {
    let (w, h) = (room.stage.width, room.stage.height);
    let (x, y) = (w * 0.5, room.floor + (h - room.floor) * 0.56);
    let (rx, ry) = (w * 0.34, (h - room.floor) * 0.34);
    let (color, line) = (room.color(color), room.color(line));
    art!(
        g,
        r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{rx:.1}" ry="{ry:.1}" fill="{color}"/><ellipse cx="{x:.1}" cy="{y:.1}" rx="{:.1}" ry="{:.1}" fill="none" stroke="{line}" stroke-width="5"/><ellipse cx="{x:.1}" cy="{y:.1}" rx="{:.1}" ry="{:.1}" fill="{}"/>"#,
        rx * 0.9,
        ry * 0.86,
        rx * 0.66,
        ry * 0.6,
        color.lighter(0.14)
    );
}

pub fn bed(g: &mut Drawing, room: &Room<'_>, x: f32, head_left: bool) {
    let s = room.stage.unit.max(0.7);
    let wood = room.color(0x9a6440);
    let (sheet, cover) = (room.color(0xf7f3ec), room.color(0x5f7fd0));
    let flip = if head_left { -1.0 } else { 1.0 };
    art!(
        g,
        r#"<g transform="translate({x:.1} {:.1}) scale({:.3} {:.3})"><path d="M118 24V-150q0 -16 14 -16h6q14 0 14 16V24z" fill="{wood}"/><rect x="-160" y="-46" width="300" height="56" rx="8" fill="{}"/><path d="M-160 24V-82q0 -12 10 -12h6q10 0 10 12V24z" fill="{wood}"/><rect x="-136" y="-84" width="256" height="52" rx="18" fill="{sheet}"/><path d="M-138 -66Q-138 -92 -110 -92H20Q34 -60 22 -18Q-60 -8 -138 -18z" fill="{cover}"/><path d="M8 -92H24Q38 -60 26 -18H10Q22 -58 8 -92z" fill="{}"/><rect x="44" y="-116" width="80" height="44" rx="20" fill="{WHITE}"/><circle cx="-90" cy="-58" r="7" fill="{}"/><circle cx="-44" cy="-40" r="7" fill="{}"/><circle cx="-30" cy="-72" r="7" fill="{}"/></g>"#,
        room.floor + 26.0,
        s * flip * 1.25,
        s * 1.25,
        wood.darker(0.14),
        sheet,
        cover.lighter(0.4),
        cover.lighter(0.4),
        cover.lighter(0.4)
    );
}

pub fn lamp(g: &mut Drawing, room: &Room<'_>, x: f32, y: f32, s: f32, backdrop: &mut Backdrop) {
    let (pole, shade) = (room.color(0x6a4a3a), rgb(0xf7dc9a));
    let top = y - 250.0 * s;
    art!(
        g,
        r#"<path d="M{x:.1} {y:.1}V{top:.1}" stroke="{pole}" stroke-width="{:.1}"/><ellipse cx="{x:.1}" cy="{y:.1}" rx="{:.1}" ry="{:.1}" fill="{pole}"/><path d="M{:.1} {:.1}L{:.1} {top:.1}H{:.1}L{:.1} {:.1}z" fill="{shade}"/>"#,
        6.0 * s,
        30.0 * s,
        7.0 * s,
        x - 42.0 * s,
        top + 62.0 * s,
        x - 24.0 * s,
        x + 24.0 * s,
        x + 42.0 * s,
        top + 62.0 * s
    );
    if room.stage.light.is_dark() {
        backdrop.glows.push((x, top + 40.0 * s, 190.0 * s));
    }
}

pub fn shelf(g: &mut Drawing, room: &Room<'_>, x: f32, y: f32, w: f32) {
    let wood = room.color(0x9a6440);
    art!(
        g,
        r#"<rect x="{:.1}" y="{y:.1}" width="{w:.1}" height="10" rx="3" fill="{wood}"/>"#,
        x - w / 2.0
    );
    g.sprite_at("teddy-bear", Default::default(), x - w * 0.22, y - 22.0, 48.0);
    g.sprite_at("books", Default::default(), x + w * 0.24, y - 19.0, 42.0);
}

pub fn sofa(g: &mut Drawing, room: &Room<'_>, x: f32, s: f32) {
    let cloth = room.color(0x5f9a94);
    let (dark, pillow) = (cloth.darker(0.16), room.color(0xf2c14e));
    art!(
        g,
        r#"<g transform="translate({x:.1} {:.1}) scale({s:.3})"><path d="M-120 -28v32M120 -28v32" stroke="{}" stroke-width="12"/><path d="M-128 -20V-118q0 -30 30 -30H98q30 0 30 30V-20z" fill="{cloth}"/><path d="M0 -146V-70" stroke="{dark}" stroke-width="3"/><rect x="-134" y="-72" width="268" height="50" rx="18" fill="{}"/><rect x="-152" y="-100" width="44" height="92" rx="20" fill="{dark}"/><rect x="108" y="-100" width="44" height="92" rx="20" fill="{dark}"/><rect x="-92" y="-116" width="52" height="48" rx="10" fill="{pillow}" transform="rotate(-9 -66 -92)"/></g>"#,
        room.floor + 14.0,
        room.color(0x5a3a2e),
        cloth.lighter(0.1)
    );
}

pub fn plant(g: &mut Drawing, room: &Room<'_>, x: f32, s: f32) {
    g.sprite_at("potted-plant", Default::default(), x, room.floor - 48.0 * s, 150.0 * s);
}

pub fn cupboards(g: &mut Drawing, room: &Room<'_>, s: f32) {
    let (w, top) = (room.stage.width, room.floor - 118.0 * s);
    let wood = room.color(0x6fa6a0);
    let (dark, board) = (wood.darker(0.18), room.color(0xb98a5a));
    art!(
        g,
        r#"<rect x="-2" y="{top:.1}" width="{:.1}" height="{:.1}" fill="{wood}"/><rect x="-2" y="{:.1}" width="{:.1}" height="15" fill="{board}"/><rect x="-2" y="{:.1}" width="{:.1}" height="14" fill="{dark}"/>"#,
        w + 4.0,
        120.0 * s,
        top - 12.0,
        w + 4.0,
        room.floor - 12.0,
        w + 4.0
    );
    let mut x = 16.0;
    let knob = room.color(0xf6dca0);
    while x < w - 60.0 {
        art!(
            g,
            r#"<rect x="{x:.1}" y="{:.1}" width="96" height="{:.1}" rx="6" fill="none" stroke="{dark}" stroke-width="4"/><circle cx="{:.1}" cy="{:.1}" r="5" fill="{knob}"/>"#,
            top + 16.0,
            82.0 * s,
            x + 82.0,
            top + 50.0
        );
        x += 110.0;
    }
}

pub fn stove(g: &mut Drawing, room: &Room<'_>, x: f32, s: f32) {
    let (steel, dark) = (room.color(0xe6e8ee), room.color(0x4a4e5c));
    art!(
        g,
        r##"<g transform="translate({x:.1} {:.1}) scale({s:.3})"><rect x="-74" y="-130" width="148" height="130" rx="6" fill="{steel}"/><rect x="-74" y="-136" width="148" height="12" fill="{dark}"/><rect x="-56" y="-86" width="112" height="64" rx="6" fill="{dark}"/><rect x="-46" y="-76" width="92" height="44" rx="4" fill="#f2a65a" fill-opacity=".75"/><path d="M-52 -96h104" stroke="{dark}" stroke-width="6" stroke-linecap="round"/><g fill="{dark}"><circle cx="-48" cy="-112" r="7"/><circle cx="-16" cy="-112" r="7"/><circle cx="16" cy="-112" r="7"/><circle cx="48" cy="-112" r="7"/></g></g>"##,
        room.floor
    );
    g.sprite_at(
        "pot-of-food",
        Default::default(),
        x - 28.0 * s,
        room.floor - 160.0 * s,
        62.0 * s,
    );
}

pub fn counter_things(g: &mut Drawing, room: &Room<'_>, x: f32, s: f32) {
    let y = room.floor - 128.0 * s;
    let step = if x < room.stage.width / 2.0 { 1.0 } else { -1.0 };
    g.sprite_at("teapot", Default::default(), x, y - 22.0 * s, 54.0 * s);
    g.sprite_at("bread", Default::default(), x - step * 62.0 * s, y - 19.0 * s, 46.0 * s);
    g.sprite_at(
        "potted-plant",
        Default::default(),
        x + step * 330.0 * s,
        y - 26.0 * s,
        62.0 * s,
    );
}

pub fn bookshelves(g: &mut Drawing, room: &Room<'_>, s: f32) {
    let (w, floor) = (room.stage.width, room.floor);
    let (wood, back) = (room.color(0x6a4230), room.color(0x4a2c22));
    let mut rng = room.stage.rng("books");
    let shades = [
        0xb8433f, 0x3f6fa8, 0x4f8f5a, 0xd9a441, 0x7a4f9a, 0x2f8f8a, 0xc9724a, 0xe8d9b4,
    ];
    let bay = 190.0 * s;
    let count = (w / bay) as usize + 2;
    for i in 0..count {
        let x = i as f32 * bay - 30.0;
        art!(
            g,
            r#"<rect x="{x:.1}" y="-4" width="{bay:.1}" height="{:.1}" fill="{back}"/>"#,
            floor - 14.0
        );
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
                        y - tall,
                        book + 2.0,
                        y - tall * 0.78,
                        wide - 4.0,
                        color.lighter(0.45)
                    );
                }
                book += wide + 1.5;
            }
            art!(
                g,
                r#"<rect x="{x:.1}" y="{y:.1}" width="{bay:.1}" height="10" fill="{wood}"/>"#
            );
            y += 84.0 * s;
        }
        art!(
            g,
            r#"<rect x="{:.1}" y="-4" width="14" height="{:.1}" fill="{wood}"/>"#,
            x - 7.0,
            floor - 6.0
        );
    }
    art!(
        g,
        r#"<rect x="-2" y="{:.1}" width="{:.1}" height="22" fill="{}"/>"#,
        floor - 20.0,
        w + 4.0,
        wood.darker(0.15)
    );
}

pub fn banner(g: &mut Drawing, room: &Room<'_>, x: f32, color: u32, s: f32) {
    let color = room.color(color);
    let gold = room.color(0xf0c24e);
    art!(
        g,
        r#"<g transform="translate({x:.1} {:.1}) scale({s:.3})"><path d="M-44 0H44V200L0 168L-44 200z" fill="{color}"/><path d="M-36 4V184L0 157L36 184V4" fill="none" stroke="{gold}" stroke-width="4"/><path d="M-52 0H52" stroke="{gold}" stroke-width="9" stroke-linecap="round"/><path d="M0 50l9 18l20 3l-14.500 14l3.500 20l-18 -9.500l-18 9.500l3.500 -20l-14.500 -14l20 -3z" fill="{gold}"/></g>"#,
        60.0 * s
    );
}

pub fn throne(g: &mut Drawing, room: &Room<'_>, x: f32, s: f32) {
    let gold = room.color(0xe0ac3f);
    let red = room.color(0xb8283e);
    art!(
        g,
        r#"<g transform="translate({x:.1} {:.1}) scale({s:.3})"><path d="M-62 6V-190L-40 -214L-22 -196L0 -232L22 -196L40 -214L62 -190V6z" fill="{gold}"/><rect x="-46" y="-176" width="92" height="110" rx="12" fill="{red}"/><rect x="-70" y="-72" width="140" height="30" rx="10" fill="{red}"/><path d="M-78 -96h22v102h-22zM56 -96h22v102h-22z" fill="{}"/><circle cx="0" cy="-232" r="8" fill="{red}"/><circle cx="-67" cy="-100" r="13" fill="{gold}"/><circle cx="67" cy="-100" r="13" fill="{gold}"/></g>"#,
        room.floor + 6.0,
        gold.darker(0.12)
    );
}

pub fn carpet_runner(g: &mut Drawing, room: &Room<'_>) {
    let (w, h) = (room.stage.width, room.stage.height);
    let red = room.color(0xb03040);
    let gold = room.color(0xf0c24e);
    let (near, far) = (w * 0.36, w * 0.09);
    let x = w * 0.5;
    art!(
        g,
        r#"<path d="M{:.1} {:.1}H{:.1}L{:.1} {:.1}H{:.1}z" fill="{red}"/><path d="M{:.1} {:.1}L{:.1} {:.1}M{:.1} {:.1}L{:.1} {:.1}" stroke="{gold}" stroke-width="6"/>"#,
        x - far,
        room.floor + 4.0,
        x + far,
        x + near,
        h + 4.0,
        x - near,
        x - far + 7.0,
        room.floor + 4.0,
        x - near + 18.0,
        h + 4.0,
        x + far - 7.0,
        room.floor + 4.0,
        x + near - 18.0,
        h + 4.0
    );
}

pub fn torch(g: &mut Drawing, x: f32, y: f32, backdrop: &mut Backdrop) {
    art!(
        g,
        r##"<path d="M{0:.1} {1:.1}l6 46h10l6 -46z" fill="#5a4038"/><path d="M{2:.1} {3:.1}C{4:.1} {5:.1} {6:.1} {7:.1} {8:.1} {9:.1}C{10:.1} {7:.1} {11:.1} {12:.1} {13:.1} {3:.1}z" fill="#ff9a3c"/><circle cx="{8:.1}" cy="{14:.1}" r="7" fill="#ffe07a"/>"##,
        x - 11.0,
        y,
        x - 13.0,
        y + 2.0,
        x - 16.0,
        y - 16.0,
        x - 2.0,
        y - 24.0,
        x,
        y - 44.0,
        x + 6.0,
        x + 18.0,
        y - 14.0,
        x + 13.0,
        y - 6.0
    );
    backdrop.glows.push((x, y - 14.0, 120.0));
}
