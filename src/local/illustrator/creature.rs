//! Animals that the set shows whole: drawn as they are, with clothes fitted to where their head and neck
//! are, and poses told by posture.

use super::figure::{self, Extent};
use super::fit::{self, Fit};
use super::garment::{self, Build, Outfit};
use super::palette::{INK, Rgb, WHITE, rgb};
use super::sprites::{self, Dye};
use super::stage::Area;
use super::svg::{Drawing, art};
use crate::local::lexicon::{Character, Mood, Pose};

/// Sprite units to figure units: the 32 × 32 box becomes 100 × 100.
const SCALE: f32 = 100.0 / 32.0;

/// Whether the sprite looks to the right; the others of the set look to the left or straight ahead.
fn looks_right(sprite: &str) -> bool {
    sprite == "blackbird"
}

/// An animal's sprite, with its measures.
#[derive(Clone, Copy, Debug)]
pub struct Creature {
    sprite: &'static str,
    fit: Fit,
    /// What of the sprite's box the animal fills, in sprite units.
    bounds: Area,
}

impl Creature {
    /// The creature of a sprite; none if it has no shape.
    pub fn of(sprite: &'static str) -> Option<Self> {
        Some(Self {
            sprite,
            fit: fit::find(sprite),
            bounds: sprites::bounds(sprite)?,
        })
    }

    fn flip(&self) -> f32 {
        if looks_right(self.sprite) { 1.0 } else { -1.0 }
    }

    /// Its height above the feet.
    pub fn height(&self) -> f32 {
        (self.fit.foot - self.bounds.top) * SCALE
    }

    /// What makes it look large: a long animal counts for more than its height.
    pub fn size(&self) -> f32 {
        let width = (self.bounds.right - self.bounds.left) * SCALE;
        self.height().max(width * 0.8)
    }

    /// The room the sprite takes in its pose.
    pub fn extent(&self, who: &Character) -> Extent {
        let outfit = Outfit::of(who);
        let (crown_x, crown) = self.crown();
        let hat = if outfit.hat.is_some() || outfit.crown.is_some() {
            20.0
        } else {
            0.0
        };
        let ends = [self.bounds.left, self.bounds.right].map(|x| (x - 16.0) * SCALE * self.flip());
        let [back, front] = [ends[0].min(ends[1]), ends[0].max(ends[1])];
        let mut top = self.height().max(hat - crown);
        if who.pose == Pose::Jump {
            top += 20.0;
        }
        // The face reaches from the crown down to the neck.
        let neck = (self.fit.neck.1 - self.fit.foot) * SCALE;
        Extent {
            left: -back + 2.0,
            right: front.max(if who.holds.is_some() { 61.0 } else { 0.0 }) + 2.0,
            top,
            face: top + neck,
            face_x: crown_x,
            face_half: self.fit.crown.2 * SCALE + 4.0,
        }
    }

    /// The top of the head, from the feet.
    pub fn crown(&self) -> (f32, f32) {
        let (x, y, _) = self.fit.crown;
        ((x - 16.0) * SCALE * self.flip(), (y - self.fit.foot) * SCALE)
    }

    /// Draws the creature with its lowest point at the origin, or floating around it.
    pub fn draw(&self, g: &mut Drawing, who: &Character, floats: bool) {
        draw(g, self.sprite, &self.fit, who, floats);
    }
}

fn draw(g: &mut Drawing, sprite: &str, fit: &Fit, who: &Character, floats: bool) {
    let lift = if who.pose == Pose::Jump { 20.0 } else { 0.0 };
    let lean = match who.pose {
        Pose::Run => -7.0,
        Pose::Walk => -3.0,
        Pose::Sleep => 6.0,
        Pose::Jump => -9.0,
        _ if floats => 4.0,
        _ => 0.0,
    };
    let squash = if who.pose == Pose::Sleep || who.pose == Pose::Sit {
        0.9
    } else {
        1.0
    };
    // Figures look to the right; most of these sprites look to the left.
    let flip = if looks_right(sprite) { 1.0 } else { -1.0 };
    art!(
        g,
        r#"<g transform="translate(0 {:.1}) rotate({:.1}) scale({flip} {squash})"><g transform="translate(-50 {:.1})">"#,
        -lift,
        lean * -flip,
        -fit.foot * SCALE
    );
    let outfit = Outfit::of(who);
    pack(g, &outfit, fit);
    g.sprite(sprite, figure::dye(who), &format!("scale({SCALE:.4})"));
    clothes(g, &outfit, fit);
    mood(g, who, fit);
    art!(g, "</g></g>");
    if let Some(thing) = &who.holds {
        g.sprite_at(thing, Dye::Plain, 42.0, -30.0 - lift, 34.0);
    }
}

fn pack(g: &mut Drawing, outfit: &Outfit, fit: &Fit) {
    let (x, y, half) = (fit.back.0 * SCALE, fit.back.1 * SCALE, fit.back.2 * SCALE);
    if let Some(color) = outfit.backpack {
        art!(
            g,
            r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" rx="8" fill="{color}"/><rect x="{:.1}" y="{:.1}" width="{:.1}" height="6" rx="3" fill="{}"/>"#,
            x - half * 0.6,
            y - half * 1.25,
            half * 1.5,
            half * 1.4,
            x - half * 0.45,
            y - half * 0.9,
            half * 1.2,
            color.darker(0.2)
        );
    }
}

fn clothes(g: &mut Drawing, outfit: &Outfit, fit: &Fit) {
    let at = |value: f32| value * SCALE;
    let (bx, by, half) = (at(fit.back.0), at(fit.back.1), at(fit.back.2));
    // On a body of four legs, coat, dress and shirt are a blanket with a hem.
    let covers = outfit.torso.map(|(_, color)| color).or(outfit.cape);
    if let Some(color) = covers {
        art!(
            g,
            r#"<path d="M{:.1} {:.1}Q{bx:.1} {:.1} {:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}Q{bx:.1} {:.1} {:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}z" fill="{color}"/><path d="M{:.1} {:.1}Q{bx:.1} {:.1} {:.1} {:.1}" fill="none" stroke="{}" stroke-width="3"/>"#,
            bx - half,
            by - half * 0.45,
            by - half * 0.75,
            bx + half,
            by - half * 0.45,
            bx + half * 1.2,
            by,
            bx + half * 0.95,
            by + half * 0.8,
            by + half * 1.1,
            bx - half * 0.95,
            by + half * 0.8,
            bx - half * 1.2,
            by,
            bx - half,
            by - half * 0.45,
            bx - half * 0.97,
            by + half * 0.68,
            by + half * 0.98,
            bx + half * 0.97,
            by + half * 0.68,
            color.lighter(0.4)
        );
    }
    if let Some(color) = outfit.boots.or(outfit.trousers) {
        let y = at(fit.foot);
        for x in [bx - half * 0.75, bx + half * 0.6] {
            art!(
                g,
                r#"<path d="M{:.1} {y:.1}h13q1 -5 -3 -7v-5h-8v8z" fill="{color}"/>"#,
                x - 7.0
            );
        }
    }
    let (nx, ny, nw, angle) = fit.neck;
    if let Some(color) = outfit.scarf {
        garment::scarf(g, color, at(nx), at(ny), at(nw), angle);
    }
    let (hx, hy, hw) = fit.crown;
    let build = Build {
        neck: at(ny),
        shoulder: at(nw),
        hip: at(nw),
        waist: at(ny),
        skull: (at(hx), at(hy), at(hw)),
        eyes: (at(fit.eyes.0), at(fit.eyes.1), at(fit.eyes.2)),
    };
    garment::draw_on_head(g, outfit, &build);
}

fn mood(g: &mut Drawing, who: &Character, fit: &Fit) {
    let (left, right, y) = (fit.eyes.0 * SCALE, fit.eyes.1 * SCALE, fit.eyes.2 * SCALE);
    let line = |g: &mut Drawing, path: String| {
        art!(
            g,
            r#"<path d="{path}" fill="none" stroke="{INK}" stroke-width="2.4" stroke-linecap="round"/>"#
        );
    };
    let tilt = match who.mood {
        Mood::Sad | Mood::Afraid => 3.0,
        Mood::Angry => -3.0,
        _ => 0.0,
    };
    if tilt != 0.0 {
        // In profile the face looks to the left, so the brow's inner end is its left one.
        if left != right {
            line(
                g,
                format!(
                    "M{:.1} {:.1}L{:.1} {:.1}",
                    left - 4.0,
                    y - 7.0 + tilt,
                    left + 4.0,
                    y - 7.0 - tilt
                ),
            );
            line(
                g,
                format!(
                    "M{:.1} {:.1}L{:.1} {:.1}",
                    right - 4.0,
                    y - 7.0 - tilt,
                    right + 4.0,
                    y - 7.0 + tilt
                ),
            );
        } else {
            line(
                g,
                format!(
                    "M{:.1} {:.1}L{:.1} {:.1}",
                    left - 4.0,
                    y - 7.0 - tilt,
                    left + 4.0,
                    y - 7.0 + tilt
                ),
            );
        }
    }
    let drop = |g: &mut Drawing, x: f32, y: f32, color: Rgb| {
        art!(
            g,
            r#"<path d="M{x:.1} {y:.1}q5 7.500 0 10.500q-5 -3 0 -10.500z" fill="{color}" stroke="{WHITE}" stroke-width=".6"/>"#
        );
    };
    match who.mood {
        Mood::Sad => drop(g, right + 1.0, y + 4.0, rgb(0x5ac8fa)),
        Mood::Afraid => {
            let (x, top, half) = fit.crown;
            drop(g, (x + half) * SCALE, top * SCALE, rgb(0x6fd0fa));
        }
        Mood::Happy => {
            let xs = if left == right {
                vec![left + 5.0]
            } else {
                vec![left - 3.0, right + 3.0]
            };
            for x in xs {
                art!(
                    g,
                    r##"<ellipse cx="{x:.1}" cy="{:.1}" rx="4.2" ry="2.8" fill="#ff5a6e" fill-opacity=".4"/>"##,
                    y + 6.5
                );
            }
        }
        _ => {}
    }
}
