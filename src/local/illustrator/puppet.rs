//! The drawn body under a head sprite: torso, arms, legs, tail, the clothes on them, and what a hand holds.
//!
//! Units are the figure's: feet at (0, 0), up is negative, about 100 high. It looks to the right.

use super::face::{self, Face, Part, Tail};
use super::figure::{self, Extent};
use super::garment::{self, Build, Outfit};
use super::hold::{self, Carry};
use super::palette::{INK, Rgb, rgb};
use super::rng::hash;
use super::sprites::Dye;
use super::svg::{Drawing, art};
use super::tail;
use crate::local::lexicon::{Character, GarmentKind, Pose};

/// Where hands and feet go, and how the body leans.
#[derive(Clone, Copy)]
struct Stance {
    lean: f32,
    lift: f32,
    drop: f32,
    left_hand: (f32, f32),
    right_hand: (f32, f32),
    left_foot: (f32, f32),
    right_foot: (f32, f32),
}

const STANDING: Stance = Stance {
    lean: 0.0,
    lift: 0.0,
    drop: 0.0,
    left_hand: (-24.0, -22.0),
    right_hand: (24.0, -22.0),
    left_foot: (-8.0, 0.0),
    right_foot: (8.0, 0.0),
};

/// Where a held thing's hand is.
const GRIP: (f32, f32) = (29.0, -33.0);

impl Stance {
    fn of(who: &Character) -> Self {
        let s = STANDING;
        let mut stance = match who.pose {
            Pose::Stand => s,
            Pose::Sleep => Self {
                left_hand: (-15.0, -24.0),
                right_hand: (14.0, -30.0),
                ..s
            },
            Pose::Walk => Self {
                lean: 3.0,
                left_hand: (-26.0, -25.0),
                right_hand: (25.0, -29.0),
                left_foot: (-13.0, -1.5),
                right_foot: (12.0, 0.0),
                ..s
            },
            Pose::Run => Self {
                lean: 9.0,
                lift: 4.0,
                left_hand: (-29.0, -31.0),
                right_hand: (29.0, -40.0),
                left_foot: (-20.0, -8.0),
                right_foot: (16.0, 0.0),
                ..s
            },
            Pose::Wave => Self {
                left_hand: (-33.0, -72.0),
                ..s
            },
            Pose::Sit => Self {
                drop: 11.0,
                left_hand: (-21.0, -12.0),
                right_hand: (21.0, -12.0),
                left_foot: (-13.0, 0.0),
                right_foot: (13.0, 0.0),
                ..s
            },
            Pose::Point => Self {
                right_hand: (41.0, -50.0),
                ..s
            },
            Pose::Jump => Self {
                lift: 20.0,
                left_hand: (-33.0, -68.0),
                right_hand: (33.0, -68.0),
                left_foot: (-15.0, -4.0),
                right_foot: (15.0, -4.0),
                ..s
            },
            Pose::Hug => Self {
                lean: 4.0,
                left_hand: (17.0, -28.0),
                right_hand: (32.0, -40.0),
                ..s
            },
            Pose::Hold => Self {
                left_hand: (6.0, -31.0),
                right_hand: (11.0, -27.0),
                ..s
            },
        };
        if who.holds.is_some() && who.pose != Pose::Jump {
            stance.right_hand = if who.pose == Pose::Sit { (26.0, -24.0) } else { GRIP };
            if who.pose == Pose::Point {
                stance.left_hand = (-40.0, -50.0);
            }
            if who.pose == Pose::Hold {
                stance.left_hand = (16.0, -26.0);
            }
        }
        stance
    }
}

/// The room the body takes in its pose.
pub fn extent(face: &Face, who: &Character) -> Extent {
    if who.pose == Pose::Sleep {
        return Extent {
            left: 62.0,
            right: if who.holds.is_some() { 76.0 } else { 50.0 },
            top: 52.0,
            face: 44.0,
            face_x: -30.0,
            face_half: 24.0,
        };
    }
    let stance = Stance::of(who);
    let head = if face.part == Part::Bust { 22.0 } else { 26.0 };
    let mut extent = Extent {
        left: (-stance.left_hand.0 + 5.0).max(head),
        right: (stance.right_hand.0 + 5.0).max(head),
        top: 100.0 + stance.lift - stance.drop,
        face: 52.0,
        face_x: 0.0,
        face_half: 24.0,
    };
    let outfit = Outfit::of(who);
    if outfit.hat.is_some() || outfit.crown.is_some() {
        extent.top += 6.0;
        extent.face += 6.0;
    }
    if face.tail != Tail::None {
        extent.left = extent.left.max(36.0);
    }
    if outfit.cape.is_some() {
        extent.left = extent.left.max(33.0);
    }
    match who.holds.as_deref().map(hold::carry) {
        Some(Carry::Grip | Carry::Hang) => extent.right += 16.0,
        Some(Carry::Over) => {
            extent.right += 22.0;
            extent.top += 26.0;
        }
        Some(Carry::String) => {
            extent.right += 44.0;
            extent.top += 52.0;
        }
        None => {}
    }
    extent
}

/// Draws the puppet with its feet at the origin.
pub fn draw(g: &mut Drawing, face: &Face, who: &Character) {
    let stance = Stance::of(who);
    let look = Look::of(face, who);
    if who.pose == Pose::Sleep {
        pillow(g);
        // On its side, the head to the left; 22 is half the width of what touches the ground.
        // It is mirrored so that the tail lies on top.
        art!(g, r#"<g transform="translate(44 -21) rotate(-86) scale(-1 1)">"#);
    } else {
        art!(
            g,
            r#"<g transform="translate(0 {:.1}) rotate({:.1})">"#,
            -stance.lift,
            stance.lean
        );
    }
    draw_body(g, &look, who, &stance);
    art!(g, "</g>");
    if let Some(thing) = who.holds.as_ref().filter(|_| who.pose == Pose::Sleep) {
        // What a sleeper holds lies within reach.
        g.sprite_at(thing, Dye::Plain, 62.0, -14.0, 28.0);
    }
}

/// A face with all the colours the words give its body.
struct Look<'a> {
    face: &'a Face,
    build: Build,
    outfit: Outfit,
    dye: Dye,
    skin: Rgb,
    body: Rgb,
    belly: Option<Rgb>,
    /// Whether the words gave it boots; plain shoes end at the ankle.
    tall_boots: bool,
    /// Sprite units to figure units, and the head box's upper left corner.
    head: (f32, f32, f32),
}

impl<'a> Look<'a> {
    fn of(face: &'a Face, who: &Character) -> Self {
        let is_person = face.belly.is_none();
        let dye = figure::dye(who);
        let dye = match dye {
            // A "green girl" is a girl in green: her skin stays her own.
            Dye::Color(_) if is_person => who.skin.map_or(Dye::Plain, Dye::Skin),
            other => other,
        };
        let said = who.color.map(Rgb::from);
        let (skin, body, belly) = match (is_person, said) {
            (true, color) => (who.skin.map_or(face.skin, face::skin), color.unwrap_or(face.body), None),
            (false, Some(color)) => (color, color, Some(color.lighter(0.6))),
            (false, None) => (face.skin, face.body, face.belly),
        };
        let head = match face.part {
            Part::Head => (1.5, -24.0, -97.0),
            Part::Bust => (2.0, -32.0, -98.0),
        };
        let (scale, left, top) = head;
        let at = |x: f32, y: f32| (left + x * scale, top + y * scale);
        let (skull_x, skull_y) = at(face.skull.0, face.skull.1);
        let (eye_left, eye_y) = at(face.eyes.0, face.eyes.2);
        let (eye_right, _) = at(face.eyes.1, face.eyes.2);
        let is_bust = face.part == Part::Bust;
        let build = Build {
            neck: if is_bust { -56.0 } else { -51.0 },
            shoulder: if is_bust { 16.0 } else { 11.5 },
            hip: if is_bust { 18.0 } else { 16.5 },
            waist: -18.0,
            skull: (skull_x, skull_y, face.skull.2 * scale),
            eyes: (eye_left, eye_right, eye_y),
        };
        let mut outfit = Outfit::of(who);
        let tall_boots = outfit.boots.is_some();
        if is_person && !is_bust {
            dress_plainly(&mut outfit, face, who, said);
        }
        Self {
            face,
            build,
            outfit,
            dye,
            skin,
            body,
            belly,
            tall_boots,
            head,
        }
    }

    fn sleeve(&self) -> Option<Rgb> {
        match self.outfit.torso {
            Some((_, color)) => Some(color.darker(0.1)),
            None if self.face.part == Part::Bust => Some(self.body.darker(0.12)),
            None => None,
        }
    }

    /// What hands and feet are made of: robots have steel hands though their visor is black.
    fn hand(&self) -> Rgb {
        match self.face.kind {
            "robot" | "clown-face" | "ogre" | "cow" => self.body.darker(0.1),
            _ => self.skin,
        }
    }
}

/// People whose clothes are not told wear something plain; a name always wears the same.
fn dress_plainly(outfit: &mut Outfit, face: &Face, who: &Character, said: Option<Rgb>) {
    const SHADES: [u32; 8] = [
        0xd8443c, 0x2f74d0, 0x2fa58a, 0xe39a2d, 0x8a4fa8, 0xd9588f, 0x4a8f3f, 0x3a9fc0,
    ];
    let own = match &who.name {
        Some(name) => rgb(SHADES[(hash(name) % SHADES.len() as u64) as usize]),
        None => face.body,
    };
    let color = said.unwrap_or(own);
    let wears_dress =
        matches!(face.sprite, "girl" | "woman" | "old-woman" | "mrs-claus") || face.sprite.starts_with("woman-");
    if outfit.torso.is_none() {
        let kind = if wears_dress && outfit.trousers.is_none() {
            GarmentKind::Dress
        } else {
            GarmentKind::Shirt
        };
        outfit.torso = Some((kind, color));
    }
    if outfit.trousers.is_none() && !matches!(outfit.torso, Some((GarmentKind::Dress, _))) {
        outfit.trousers = Some(rgb(0x40507f));
    }
    if outfit.boots.is_none() {
        outfit.boots = Some(rgb(0x4d3a3f));
    }
}

fn draw_body(g: &mut Drawing, look: &Look<'_>, who: &Character, stance: &Stance) {
    let sits = who.pose == Pose::Sit;
    art!(g, r#"<g transform="translate(0 {:.1})">"#, stance.drop);
    tail::draw(g, look.face, look.dye, look.body, look.belly);
    garment::draw_behind(g, &look.outfit, &look.build);
    art!(g, "</g>");
    if !sits {
        legs(g, look, stance);
    }
    art!(g, r#"<g transform="translate(0 {:.1})">"#, stance.drop);
    let over_body = matches!(who.pose, Pose::Hold | Pose::Hug);
    let lowered = |hand: (f32, f32)| (hand.0, hand.1 - stance.drop);
    if !over_body {
        arm(g, look, -1.0, lowered(stance.left_hand));
    }
    neck(g, look);
    torso(g, look);
    garment::draw_on_torso(g, &look.outfit, &look.build);
    if sits {
        sitting_legs(g, look, stance);
    }
    if look.face.part == Part::Bust {
        head(g, look, who);
        garment::draw_on_neck(g, &look.outfit, &look.build);
    } else {
        // A shade under the chin parts the head from the body.
        art!(
            g,
            r#"<ellipse cx="0" cy="{:.1}" rx="{:.1}" ry="3.6" fill="{INK}" fill-opacity=".16"/>"#,
            look.build.neck + 1.2,
            look.build.shoulder
        );
        garment::draw_on_neck(g, &look.outfit, &look.build);
        head(g, look, who);
    }
    garment::draw_on_head(g, &look.outfit, &look.build);
    if who.kind == "knight" {
        garment::helmet(g, &look.build);
    }
    if over_body {
        arm(g, look, -1.0, lowered(stance.left_hand));
    }
    let right = lowered(stance.right_hand);
    if let Some(thing) = who.holds.as_ref().filter(|_| who.pose != Pose::Sleep) {
        hold::draw(g, thing, right, |g| arm(g, look, 1.0, right));
    } else {
        arm(g, look, 1.0, right);
    }
    art!(g, "</g>");
}

fn head(g: &mut Drawing, look: &Look<'_>, who: &Character) {
    let (scale, left, top) = look.head;
    art!(g, r#"<g transform="translate({left:.1} {top:.1}) scale({scale})">"#);
    if look.face.part == Part::Bust && look.outfit.torso.is_some() {
        // Other clothes than the sprite's own: only its head is used.
        let clip = g.clip(r#"<rect x="0" y="0" width="32" height="20.5"/>"#);
        art!(g, r#"<g clip-path="{clip}">"#);
        g.sprite(look.face.sprite, look.dye, "scale(1)");
        art!(g, "</g>");
    } else {
        g.sprite(look.face.sprite, look.dye, "scale(1)");
    }
    let lid = match look.face.kind {
        "robot" | "panda" | "raccoon" if who.color.is_none() => look.face.skin,
        _ => look.skin,
    };
    face::draw_mood(g, look.face, lid, who.mood, who.pose);
    art!(g, "</g>");
}

/// Joins the head to the body, whose sprites end at different heights.
fn neck(g: &mut Drawing, look: &Look<'_>) {
    if look.face.part == Part::Bust {
        return;
    }
    let color = if look.belly.is_some() { look.body } else { look.skin };
    let half = look.build.shoulder * 0.62;
    art!(
        g,
        r#"<rect x="{:.1}" y="-64" width="{:.1}" height="{:.1}" fill="{}"/>"#,
        -half,
        half * 2.0,
        68.0 + look.build.neck,
        color.darker(0.06)
    );
}

fn torso(g: &mut Drawing, look: &Look<'_>) {
    let b = &look.build;
    let (n, s, h, w) = (b.neck, b.shoulder, b.hip, b.waist + 2.0);
    let upper = look.body;
    art!(
        g,
        r#"<path d="M{:.1} {n:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}Q{:.1} {:.1} 0 {:.1}Q{:.1} {:.1} {h:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {n:.1}z" fill="{upper}"/>"#,
        -s * 0.8,
        -s - 4.0,
        n + 10.0,
        -h - 1.0,
        w - 14.0,
        -h,
        w,
        -h + 2.0,
        w + 6.5,
        w + 6.5,
        h - 2.0,
        w + 6.5,
        w,
        h + 1.0,
        w - 14.0,
        s + 4.0,
        n + 10.0,
        s * 0.8
    );
    if let Some(belly) = look.belly {
        art!(
            g,
            r#"<ellipse cx="0" cy="{:.1}" rx="{:.1}" ry="{:.1}" fill="{belly}"/>"#,
            w - 13.0,
            h * 0.6,
            14.0
        );
    }
    if let Some(color) = look.outfit.trousers {
        art!(
            g,
            r#"<path d="M{:.1} {:.1}Q0 {:.1} {:.1} {:.1}L{h:.1} {w:.1}Q{:.1} {:.1} 0 {:.1}Q{:.1} {:.1} {:.1} {w:.1}z" fill="{color}"/>"#,
            -h - 0.6,
            w - 9.0,
            w - 5.0,
            h + 0.6,
            w - 9.0,
            h - 2.0,
            w + 6.5,
            w + 6.5,
            -h + 2.0,
            w + 6.5,
            -h
        );
    }
}

fn leg_color(look: &Look<'_>) -> Rgb {
    look.outfit.trousers.unwrap_or(if look.belly.is_some() {
        look.body.darker(0.1)
    } else if look.face.part == Part::Bust {
        look.body.darker(0.4)
    } else {
        look.skin
    })
}

fn legs(g: &mut Drawing, look: &Look<'_>, stance: &Stance) {
    let hip = look.build.waist;
    let color = leg_color(look);
    let shoe = look.outfit.boots.unwrap_or(if look.face.part == Part::Bust {
        rgb(0x3a2f3a)
    } else {
        color.darker(0.08)
    });
    for (foot, side) in [(stance.left_foot, -1.0), (stance.right_foot, 1.0_f32)] {
        let (x, y) = foot;
        art!(
            g,
            r#"<path d="M{:.1} {hip:.1}Q{:.1} {:.1} {x:.1} {:.1}" fill="none" stroke="{color}" stroke-width="10.5" stroke-linecap="round"/>"#,
            side * 8.0,
            side * 8.0,
            hip + 6.0,
            y - 5.0
        );
        if look.tall_boots {
            art!(
                g,
                r#"<path d="M{x:.1} {:.1}V{:.1}" stroke="{shoe}" stroke-width="12" stroke-linecap="round"/><path d="M{:.1} {:.1}h11" stroke="{}" stroke-width="2.6" stroke-linecap="round"/>"#,
                y - 9.0,
                y - 5.0,
                x - 5.5,
                y - 12.5,
                shoe.lighter(0.3)
            );
        }
        art!(
            g,
            r#"<path d="M{:.1} {y:.1}h15.500c1.800 0 2 -1.500 1.500 -3c-1 -3.500 -4.500 -5.500 -9 -5.500c-5 0 -8.500 2.500 -9 6c-.2 1.500 .2 2.500 1 2.500z" fill="{shoe}"/>"#,
            x - 7.0
        );
    }
}

/// Seen from the front, a sitting body shows its soles.
fn sitting_legs(g: &mut Drawing, look: &Look<'_>, stance: &Stance) {
    let color = leg_color(look);
    let shoe = look.outfit.boots.unwrap_or(color.lighter(0.12));
    for (x, _) in [stance.left_foot, stance.right_foot] {
        let y = -stance.drop;
        art!(
            g,
            r#"<path d="M{:.1} {:.1}L{x:.1} {:.1}" stroke="{color}" stroke-width="12" stroke-linecap="round"/><ellipse cx="{x:.1}" cy="{:.1}" rx="7.2" ry="8" fill="{shoe}"/><ellipse cx="{x:.1}" cy="{:.1}" rx="4" ry="4.6" fill="{}"/>"#,
            x * 0.62,
            y - 6.0,
            y - 7.0,
            y - 8.0,
            y - 7.4,
            shoe.lighter(0.25)
        );
    }
}

fn arm(g: &mut Drawing, look: &Look<'_>, side: f32, hand: (f32, f32)) {
    let (hx, hy) = hand;
    let (sx, sy) = (side * (look.build.shoulder + 1.0), look.build.neck + 9.0);
    let (mx, my) = (f32::midpoint(sx, hx), f32::midpoint(sy, hy));
    // The elbow bends outwards and down.
    let (ex, ey) = (mx + side * 4.0, my + 3.0);
    let color = look.sleeve().unwrap_or(look.body.darker(0.1));
    let width = if look.face.part == Part::Bust { 10.5 } else { 9.0 };
    art!(
        g,
        r#"<path d="M{sx:.1} {sy:.1}Q{ex:.1} {ey:.1} {hx:.1} {hy:.1}" fill="none" stroke="{color}" stroke-width="{width}" stroke-linecap="round"/><circle cx="{hx:.1}" cy="{hy:.1}" r="{:.1}" fill="{}"/>"#,
        width * 0.53,
        look.hand()
    );
}

fn pillow(g: &mut Drawing) {
    art!(
        g,
        r##"<path d="M-60 -3C-64 -12 -62 -17 -54 -16Q-36 -13 -20 -16C-12 -17 -10 -11 -13 -3Q-36 1 -60 -3z" fill="#f3f0fa"/><path d="M-58 -4Q-36 -1 -15 -4" fill="none" stroke="#cfc7e2" stroke-width="1.6"/>"##
    );
}
