//! One of the cast as it is drawn. A figure is a function of its [`Character`] alone, so that the same
//! hero looks the same on every page; where it stands and which way it looks is the layout's business.

use super::creature::Creature;
use super::face::{self, Face};
use super::palette::Rgb;
use super::puppet;
use super::sprites::{self, Dye};
use super::stature;
use super::svg::{Drawing, art};
use crate::local::lexicon::{Character, Mood, Pose};

/// How much room a figure takes, in its own units: its feet are at (0, 0), a usual child is 100 high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// To the left and right of the feet; both positive.
    pub left: f32,
    pub right: f32,
    /// Above the ground.
    pub top: f32,
    /// How far down from the top the face reaches; props must not cover that.
    pub face: f32,
    /// The face's middle beside the feet, and half its width.
    pub face_x: f32,
    pub face_half: f32,
}

/// How a character is put into a picture.
#[derive(Clone, Debug)]
pub enum Form {
    /// A head sprite on a drawn body, which can take every pose.
    Puppet(Box<Face>),
    /// A sprite of the whole body.
    Creature(Creature),
}

impl Form {
    fn size(&self) -> f32 {
        match self {
            Self::Puppet(_) => 100.0,
            Self::Creature(creature) => creature.size(),
        }
    }
}

/// A character ready to be drawn.
#[derive(Clone, Debug)]
pub struct Figure<'a> {
    pub who: &'a Character,
    pub form: Form,
    /// Scale from the form's own units, in which a puppet is 100 high, to where a usual child is 100 high.
    pub stature: f32,
}

/// Where a figure is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    pub x: f32,
    /// The ground under the feet.
    pub y: f32,
    /// Scene units a figure unit.
    pub unit: f32,
    /// Whether it looks to the left.
    pub faces_left: bool,
    /// Whether it floats (in water or space) instead of standing; then it has no shadow.
    pub floats: bool,
}

impl<'a> Figure<'a> {
    /// The figure for a character; none if no sprite shows its kind.
    pub fn of(who: &'a Character) -> Option<Self> {
        let sprite = sprites::resolve(&who.kind)?;
        let form = match face::find(&who.kind, sprite) {
            Some(face) => Form::Puppet(Box::new(face)),
            None => Form::Creature(Creature::of(body_sprite(sprite))?),
        };
        let is_whole = matches!(form, Form::Creature(_));
        let stature = stature::of(&who.kind, sprite, is_whole, who.scale) * 100.0 / form.size();
        Some(Self { who, form, stature })
    }

    /// The room it takes when it does not look to the left.
    pub fn extent(&self) -> Extent {
        let mut extent = match &self.form {
            Form::Puppet(face) => puppet::extent(face, self.who),
            Form::Creature(creature) => creature.extent(self.who),
        };
        for measure in [
            &mut extent.left,
            &mut extent.right,
            &mut extent.top,
            &mut extent.face,
            &mut extent.face_x,
            &mut extent.face_half,
        ] {
            *measure *= self.stature;
        }
        extent
    }

    /// How large it looks: the height of its body, without a raised hand or a kite; a long animal counts for more.
    pub fn size(&self) -> f32 {
        self.stature * self.form.size()
    }

    /// Draws the figure and, if it stands, its shadow.
    pub fn draw(&self, g: &mut Drawing, spot: Spot) {
        let unit = spot.unit * self.stature;
        if !spot.floats {
            self.shadow(g, spot, unit);
        }
        let flip = if spot.faces_left { -1.0 } else { 1.0 };
        art!(
            g,
            r#"<g transform="translate({:.1} {:.1}) scale({:.4} {:.4})">"#,
            spot.x,
            spot.y,
            unit * flip,
            unit
        );
        match &self.form {
            Form::Puppet(face) => puppet::draw(g, face, self.who),
            Form::Creature(creature) => creature.draw(g, self.who, spot.floats),
        }
        self.signs(g, spot.faces_left);
        art!(g, "</g>");
    }

    fn shadow(&self, g: &mut Drawing, spot: Spot, unit: f32) {
        let lying = self.who.pose == Pose::Sleep && matches!(self.form, Form::Puppet(_));
        let in_air = self.who.pose == Pose::Jump;
        let (rx, opacity) = match (lying, in_air) {
            (true, _) => (50.0, 0.2),
            (_, true) => (18.0, 0.13),
            _ => (27.0, 0.2),
        };
        art!(
            g,
            r##"<ellipse cx="{:.1}" cy="{:.1}" rx="{:.1}" ry="{:.1}" fill="#140f2e" fill-opacity="{opacity}"/>"##,
            spot.x,
            spot.y - 0.8 * unit,
            rx * unit,
            5.0 * unit
        );
    }

    /// What hangs in the air around a head: sleep, a fright, delight.
    fn signs(&self, g: &mut Drawing, faces_left: bool) {
        let (x, top) = match &self.form {
            Form::Puppet(_) if self.who.pose == Pose::Sleep => (-30.0, -52.0),
            Form::Puppet(face) => (0.0, -puppet::extent(face, self.who).top),
            Form::Creature(creature) => {
                let (x, top) = creature.crown();
                (x, top - if self.who.pose == Pose::Jump { 24.0 } else { 0.0 })
            }
        };
        if self.who.pose == Pose::Sleep {
            art!(
                g,
                r#"<g transform="translate({x:.1} {top:.1}) scale({} 1)">"#,
                if faces_left { -1 } else { 1 }
            );
            art!(
                g,
                r##"<path d="M0 3h5l-5 6h5M7.500 -6h6.500l-6.500 7.500h6.500M17 -17h8l-8 9h8" fill="none" stroke="#eef3ff" stroke-width="2.200" stroke-linecap="round" stroke-linejoin="round"/></g>"##
            );
        } else if self.who.mood == Mood::Surprised {
            art!(
                g,
                r##"<path d="M{x:.1} {:.1}v-9M{:.1} {:.1}l-4 -7M{:.1} {:.1}l4 -7" stroke="#ffd23f" stroke-width="3" stroke-linecap="round"/>"##,
                top - 3.0,
                x - 13.0,
                top,
                x + 13.0,
                top
            );
        } else if self.who.pose == Pose::Hug && !faces_left {
            art!(
                g,
                r##"<path d="M0 {0:.1}c-5 -4.500 -9 -7.500 -9 -11.500c0 -5 6.500 -6.500 9 -1.800c2.500 -4.700 9 -3.200 9 1.800c0 4 -4 7 -9 11.500z" fill="#f4506e" transform="translate({1:.1} 2)"/>"##,
                top + 12.0,
                x + 24.0
            );
        }
    }
}

/// Some heads in profile are better shown whole.
fn body_sprite(sprite: &'static str) -> &'static str {
    match sprite {
        "dragon-face" => "dragon",
        "chicken" => "rooster",
        other => other,
    }
}

/// How a character's sprite is coloured.
pub fn dye(who: &Character) -> Dye {
    match (who.color, who.skin) {
        (Some(color), _) => Dye::Color(Rgb::from(color)),
        (None, Some(tone)) => Dye::Skin(tone),
        (None, None) => Dye::Plain,
    }
}
