//! Clothes: each kind has a shape of its own, fitted to the body that wears it.

use super::palette::{INK, Rgb, WHITE, rgb};
use super::svg::{Drawing, art};
use crate::local::lexicon::{Character, GarmentKind};

/// The measures of the body a garment goes on, in the figure's units (feet at 0, up is negative).
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// Height of the neck, and half the width of shoulders and hips.
    pub neck: f32,
    pub shoulder: f32,
    pub hip: f32,
    /// Height of the hips.
    pub waist: f32,
    /// Middle and height of the top of the head, half its width there, and the eyes.
    pub skull: (f32, f32, f32),
    pub eyes: (f32, f32, f32),
}

/// What a character wears, sorted by where it goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outfit {
    pub torso: Option<(GarmentKind, Rgb)>,
    pub trousers: Option<Rgb>,
    pub boots: Option<Rgb>,
    pub scarf: Option<Rgb>,
    pub cape: Option<Rgb>,
    pub backpack: Option<Rgb>,
    pub hat: Option<Rgb>,
    pub crown: Option<Rgb>,
    pub bow: Option<Rgb>,
    pub glasses: Option<Rgb>,
}

impl Outfit {
    /// The clothes that the words give the character.
    pub fn of(character: &Character) -> Self {
        let mut outfit = Self::default();
        for garment in &character.garments {
            let color = garment.color.map_or(usual(garment.kind), Rgb::from);
            match garment.kind {
                GarmentKind::Coat | GarmentKind::Dress | GarmentKind::Shirt => {
                    outfit.torso = Some((garment.kind, color));
                }
                GarmentKind::Trousers => outfit.trousers = Some(color),
                GarmentKind::Boots => outfit.boots = Some(color),
                GarmentKind::Scarf => outfit.scarf = Some(color),
                GarmentKind::Cape => outfit.cape = Some(color),
                GarmentKind::Backpack => outfit.backpack = Some(color),
                GarmentKind::Hat => outfit.hat = Some(color),
                GarmentKind::Crown => outfit.crown = Some(color),
                GarmentKind::Bow => outfit.bow = Some(color),
                GarmentKind::Glasses => outfit.glasses = Some(color),
            }
        }
        outfit
    }
}

/// The colour of a garment whose colour was not said.
fn usual(kind: GarmentKind) -> Rgb {
    rgb(match kind {
        GarmentKind::Scarf => 0xd8383c,
        GarmentKind::Hat => 0x8a5a3c,
        GarmentKind::Cape => 0xb8283e,
        GarmentKind::Coat => 0x3f6a9e,
        GarmentKind::Dress => 0xc9518f,
        GarmentKind::Shirt => 0x3f8fd0,
        GarmentKind::Trousers => 0x3d4f7c,
        GarmentKind::Boots => 0x6d4534,
        GarmentKind::Glasses => 0x2f2a3c,
        GarmentKind::Bow => 0xe8467c,
        GarmentKind::Crown => 0xf0b429,
        GarmentKind::Backpack => 0xd9622e,
    })
}

/// Behind the body: the cape's fall and the backpack's bag.
pub fn draw_behind(g: &mut Drawing, outfit: &Outfit, b: &Build) {
    if let Some(color) = outfit.cape {
        let (top, s) = (b.neck + 2.0, b.shoulder);
        art!(
            g,
            r#"<path d="M{:.1} {top:.1}C{:.1} {:.1} {:.1} -18 {:.1} -5Q{:.1} -1 -10 -5Q0 -1 10 -5Q{:.1} -1 {:.1} -5C{:.1} -18 {:.1} {:.1} {:.1} {top:.1}z" fill="{}"/>"#,
            -s,
            -s - 12.0,
            top + 12.0,
            -s - 17.0,
            -s - 21.0,
            -s - 4.0,
            s + 4.0,
            s + 21.0,
            s + 17.0,
            s + 12.0,
            top + 12.0,
            s,
            color.darker(0.1)
        );
    }
    if let Some(color) = outfit.backpack {
        let (x, y, w) = (b.hip + 11.0, b.neck - 4.0, b.hip * 2.0 + 22.0);
        art!(
            g,
            r#"<rect x="{:.1}" y="{y:.1}" width="{w:.1}" height="38" rx="11" fill="{color}"/><rect x="{:.1}" y="{:.1}" width="{:.1}" height="13" rx="5" fill="{}"/>"#,
            -x,
            -x - 1.5,
            y + 16.0,
            w + 3.0,
            color.darker(0.18)
        );
    }
}

/// On the torso: shirt, coat or dress, then the straps of what is behind.
pub fn draw_on_torso(g: &mut Drawing, outfit: &Outfit, b: &Build) {
    if let Some((kind, color)) = outfit.torso {
        match kind {
            GarmentKind::Dress => dress(g, color, b),
            GarmentKind::Coat => coat(g, color, b),
            _ => shirt(g, color, b),
        }
    }
    if let Some(color) = outfit.backpack {
        let dark = color.darker(0.3);
        let (x, top) = (b.shoulder * 0.72, b.neck + 3.0);
        for side in [-1.0, 1.0_f32] {
            art!(
                g,
                r#"<path d="M{:.1} {top:.1}Q{:.1} {:.1} {:.1} {:.1}" fill="none" stroke="{dark}" stroke-width="3.4" stroke-linecap="round"/>"#,
                side * x,
                side * (x - 1.0),
                top + 12.0,
                side * (x + 4.0),
                top + 25.0
            );
        }
    }
}

/// The outline of a torso from the neck down to `low`, whose hem is `flare` wider than the hips.
fn trunk(b: &Build, low: f32, flare: f32) -> String {
    let (n, s, h) = (b.neck, b.shoulder, b.hip + flare);
    format!(
        "M{:.1} {n:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {low:.1}Q0 {:.1} {h:.1} {low:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {n:.1}z",
        -s * 0.8,
        -s - 3.5,
        n + 10.0,
        -h - 0.5,
        low - 14.0,
        -h,
        low + 5.0,
        h + 0.5,
        low - 14.0,
        s + 3.5,
        n + 10.0,
        s * 0.8
    )
}

fn shirt(g: &mut Drawing, color: Rgb, b: &Build) {
    let low = b.waist - 1.0;
    art!(g, r#"<path d="{}" fill="{color}"/>"#, trunk(b, low, 0.8));
    art!(
        g,
        r#"<path d="M{:.1} {low:.1}Q0 {:.1} {:.1} {low:.1}" fill="none" stroke="{}" stroke-width="2.2"/>"#,
        -b.hip - 0.3,
        low + 5.0,
        b.hip + 0.3,
        color.darker(0.2)
    );
    collar(g, color.darker(0.2), b);
}

fn coat(g: &mut Drawing, color: Rgb, b: &Build) {
    let low = b.waist + 5.0;
    let dark = color.darker(0.25);
    art!(g, r#"<path d="{}" fill="{color}"/>"#, trunk(b, low, 2.5));
    art!(
        g,
        r#"<path d="M0 {:.1}V{:.1}" stroke="{dark}" stroke-width="1.6"/>"#,
        b.neck + 3.0,
        low + 2.0
    );
    for i in 0..3 {
        let y = b.neck + 13.0 + 8.0 * i as f32;
        art!(
            g,
            r#"<circle cx="3.6" cy="{y:.1}" r="1.5" fill="{}"/>"#,
            color.lighter(0.7)
        );
    }
    for side in [-1.0, 1.0_f32] {
        art!(
            g,
            r#"<path d="M0 {:.1}L{:.1} {:.1}L{:.1} {:.1}z" fill="{dark}"/><path d="M{:.1} {:.1}h{:.1}" stroke="{dark}" stroke-width="1.8" stroke-linecap="round"/>"#,
            b.neck + 12.0,
            side * b.shoulder * 0.8,
            b.neck + 1.0,
            side * 1.5,
            b.neck,
            side * 6.0,
            b.waist - 3.0,
            side * 6.5
        );
    }
}

fn dress(g: &mut Drawing, color: Rgb, b: &Build) {
    let low = b.waist + 6.0;
    art!(g, r#"<path d="{}" fill="{color}"/>"#, trunk(b, low, 6.0));
    let light = color.lighter(0.35);
    art!(
        g,
        r#"<path d="M{:.1} {:.1}Q0 {:.1} {:.1} {:.1}" fill="none" stroke="{light}" stroke-width="2.4"/>"#,
        -b.hip - 5.6,
        low - 1.5,
        low + 3.8,
        b.hip + 5.6,
        low - 1.5
    );
    art!(
        g,
        r#"<path d="M{:.1} {:.1}Q0 {:.1} {:.1} {:.1}" fill="none" stroke="{}" stroke-width="2.6"/>"#,
        -b.shoulder - 3.2,
        b.neck + 19.0,
        b.neck + 23.0,
        b.shoulder + 3.2,
        b.neck + 19.0,
        color.darker(0.22)
    );
    collar(g, light, b);
}

fn collar(g: &mut Drawing, color: Rgb, b: &Build) {
    art!(
        g,
        r#"<path d="M{:.1} {:.1}Q0 {:.1} {:.1} {:.1}" fill="none" stroke="{color}" stroke-width="3" stroke-linecap="round"/>"#,
        -b.shoulder * 0.7,
        b.neck + 2.5,
        b.neck + 8.5,
        b.shoulder * 0.7,
        b.neck + 2.5
    );
}

/// Around the neck, under the chin: the scarf with its hanging end, or the cape's clasp.
pub fn draw_on_neck(g: &mut Drawing, outfit: &Outfit, b: &Build) {
    if let Some(color) = outfit.cape {
        let y = b.neck + 3.0;
        art!(
            g,
            r#"<path d="M{:.1} {y:.1}Q0 {:.1} {:.1} {y:.1}" fill="none" stroke="{color}" stroke-width="5" stroke-linecap="round"/><circle cx="0" cy="{:.1}" r="2.6" fill="{}"/>"#,
            -b.shoulder,
            y + 10.0,
            b.shoulder,
            y + 5.5,
            rgb(0xf6c343)
        );
    }
    if let Some(color) = outfit.scarf {
        scarf(g, color, 0.0, b.neck + 2.0, b.shoulder + 2.5, 0.0);
    }
}

/// A scarf whose wrap is centred at (`x`, `y`), `half` wide to each side and turned by `angle` degrees.
pub fn scarf(g: &mut Drawing, color: Rgb, x: f32, y: f32, half: f32, angle: f32) {
    let dark = color.darker(0.16);
    let light = color.lighter(0.45);
    let w = half;
    art!(
        g,
        r#"<g transform="translate({x:.1} {y:.1}) rotate({angle:.1}) scale({:.3})">"#,
        w / 14.0
    );
    // The end that hangs down, with a stripe and a fringe.
    art!(
        g,
        r#"<path d="M3 2C6 8 5.500 16 7 22L14.500 20.500C13.500 13 12.500 7 9.500 1z" fill="{dark}"/><path d="M6.300 17.600L13.900 16.200L14.200 18L6.700 19.500z" fill="{light}"/><path d="M7.500 21.800L7.900 24.500M9.800 21.500L10.200 24.200M12.200 21L12.600 23.700M14.200 20.600L14.600 23.200" stroke="{dark}" stroke-width="1.300" stroke-linecap="round"/>"#
    );
    // The wrap.
    art!(
        g,
        r#"<path d="M-13.500 -4Q-15.500 1 -13 4Q-6 8.500 0 8.500Q6 8.500 13 4Q15.500 1 13.500 -4Q6 1 0 1Q-6 1 -13.500 -4z" fill="{color}"/><path d="M-12.500 1Q-5 5.600 0 5.600Q6 5.600 12.500 1" fill="none" stroke="{dark}" stroke-width="1.300" stroke-opacity=".7"/><path d="M2 1.500Q7 0 10 2.500L9 8Q5 9.500 2.500 8z" fill="{color}"/><path d="M2.200 2Q2.500 6 2.600 8M9.800 2.800Q9.200 6 9 7.800" fill="none" stroke="{dark}" stroke-width="1.100"/></g>"#
    );
}

/// On the head: glasses, then hat, crown or bow.
pub fn draw_on_head(g: &mut Drawing, outfit: &Outfit, b: &Build) {
    let (x, y, half) = b.skull;
    if let Some(color) = outfit.glasses {
        glasses(g, color, b.eyes, half);
    }
    if let Some(color) = outfit.hat {
        hat(g, color, x, y, half);
    } else if let Some(color) = outfit.crown {
        crown(g, color, x, y, half);
    }
    if let Some(color) = outfit.bow {
        bow(g, color, x + half * 0.72, y + half * 0.02, half * 0.6);
    }
}

/// Round spectacles over the eyes (left, right, height) of a head that is `half` wide to each side.
pub fn glasses(g: &mut Drawing, color: Rgb, (left, right, y): (f32, f32, f32), half: f32) {
    let r = if left == right {
        half * 0.36
    } else {
        ((right - left) * 0.42).max(half * 0.28)
    };
    for x in [left, right] {
        art!(
            g,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{r:.1}" fill="{WHITE}" fill-opacity=".28" stroke="{color}" stroke-width="{:.2}"/>"#,
            r * 0.26
        );
        if left == right {
            break;
        }
    }
    if left != right {
        art!(
            g,
            r#"<path d="M{:.1} {y:.1}Q{:.1} {:.1} {:.1} {y:.1}" fill="none" stroke="{color}" stroke-width="{:.2}"/>"#,
            left + r,
            f32::midpoint(left, right),
            y - r * 0.45,
            right - r,
            r * 0.26
        );
    }
}

/// A hat with a brim and a band, sitting on a skull's top at (`x`, `y`).
pub fn hat(g: &mut Drawing, color: Rgb, x: f32, y: f32, half: f32) {
    let s = half / 12.0;
    let (dark, band) = (color.darker(0.2), color.lighter(0.5));
    art!(
        g,
        r#"<g transform="translate({x:.1} {:.1}) scale({s:.3})"><ellipse cx="0" cy="1" rx="17" ry="4.200" fill="{dark}"/><path d="M-10.500 0C-10.500 -9 -8.500 -17 -4 -17C-1.500 -17 -1 -15.500 0 -15.500C1 -15.500 1.500 -17 4 -17C8.500 -17 10.500 -9 10.500 0Q0 4.500 -10.500 0z" fill="{color}"/><path d="M-10.600 -4.500Q0 0 10.600 -4.500L10.500 0Q0 4.500 -10.500 0z" fill="{band}"/><path d="M-17 1Q0 8 17 1Q0 4.600 -17 1z" fill="{color}"/></g>"#,
        y - 0.5
    );
}

/// A crown with five points and stones.
pub fn crown(g: &mut Drawing, color: Rgb, x: f32, y: f32, half: f32) {
    let s = half / 12.0;
    art!(
        g,
        r##"<g transform="translate({x:.1} {y:.1}) scale({s:.3})"><path d="M-10.500 2L-12.500 -11L-6.500 -5L0 -14L6.500 -5L12.500 -11L10.500 2Q0 5.500 -10.500 2z" fill="{color}"/><path d="M-10.900 -0.800Q0 2.800 10.900 -0.800L10.500 2Q0 5.500 -10.500 2z" fill="{}"/><circle cx="-12.500" cy="-11.500" r="1.700" fill="{color}"/><circle cx="0" cy="-14.500" r="1.900" fill="{color}"/><circle cx="12.500" cy="-11.500" r="1.700" fill="{color}"/><circle cx="0" cy="-2.500" r="2.100" fill="#e0304e"/><circle cx="-6" cy="-3" r="1.400" fill="#2fa8e0"/><circle cx="6" cy="-3" r="1.400" fill="#2fa8e0"/></g>"##,
        color.darker(0.18)
    );
}

/// A bow of ribbon, `half` wide to each side.
pub fn bow(g: &mut Drawing, color: Rgb, x: f32, y: f32, half: f32) {
    let s = half / 8.0;
    let dark = color.darker(0.2);
    art!(
        g,
        r#"<g transform="translate({x:.1} {y:.1}) rotate(14) scale({s:.3})"><path d="M0 0C-4 -6 -9.500 -7 -10 -4.500C-10.500 -1.500 -10.500 1.500 -10 4.500C-9.500 7 -4 6 0 0z" fill="{color}"/><path d="M0 0C4 -6 9.500 -7 10 -4.500C10.500 -1.500 10.500 1.500 10 4.500C9.500 7 4 6 0 0z" fill="{color}"/><path d="M-8 -2.500Q-4.500 -1.500 -2 0Q-4.500 1.500 -8 2.500M8 -2.500Q4.500 -1.500 2 0Q4.500 1.500 8 2.500" fill="none" stroke="{dark}" stroke-width="1"/><rect x="-2.600" y="-3" width="5.200" height="6" rx="2" fill="{dark}"/></g>"#
    );
}

/// A knight's helmet, open at the face, with a plume.
pub fn helmet(g: &mut Drawing, b: &Build) {
    let (x, y, half) = b.skull;
    let s = half / 12.0;
    art!(
        g,
        r##"<g transform="translate({x:.1} {:.1}) scale({s:.3})"><path d="M1 -9C4 -20 15 -22 18 -14C13 -15 8 -12 5 -7z" fill="#d8343c"/><path d="M-15 22C-17 2 -12 -9 0 -9C12 -9 17 2 15 22L9.500 22C11 11 10.500 6.500 7 5.500L-7 5.500C-10.500 6.500 -11 11 -9.500 22z" fill="#b4bccb"/><path d="M-13.500 4.500C-11 2.600 11 2.600 13.500 4.500L13 7.600C9 6 -9 6 -13 7.600z" fill="#8d97aa"/><path d="M-1.300 -9H1.300V4H-1.300z" fill="#8d97aa"/><circle cx="-10.500" cy="5.800" r="1" fill="{INK}"/><circle cx="10.500" cy="5.800" r="1" fill="{INK}"/></g>"##,
        y + 1.0
    );
}
