//! What a hand holds, and how: a lantern hangs, a kite flies, an umbrella is over the head.

use super::palette::rgb;
use super::sprites::Dye;
use super::svg::{Drawing, art};

/// How a thing is carried.
#[derive(Clone, Copy, PartialEq)]
pub enum Carry {
    /// Hanging down from the hand.
    Hang,
    /// High up on a string.
    String,
    /// Over the head.
    Over,
    /// In the hand.
    Grip,
}

/// How this thing is carried.
pub fn carry(sprite: &str) -> Carry {
    match sprite {
        "lantern" | "red-paper-lantern" | "bucket" | "basket" | "luggage" | "briefcase" | "purse" | "shopping-bags"
        | "bell" | "yo-yo" | "ice-skate" => Carry::Hang,
        "kite" | "balloon" => Carry::String,
        "umbrella" | "umbrella-with-rain-drops" => Carry::Over,
        _ => Carry::Grip,
    }
}

/// The thing in the `hand`; `arm` draws the arm before or after it, as the thing is carried.
pub fn draw(g: &mut Drawing, thing: &str, hand: (f32, f32), arm: impl Fn(&mut Drawing)) {
    let (x, y) = hand;
    match carry(thing) {
        Carry::Hang => {
            arm(g);
            art!(
                g,
                r##"<path d="M{x:.1} {y:.1}v5" stroke="#5a3a2e" stroke-width="1.6"/>"##
            );
            if thing.ends_with("lantern") {
                let warm = rgb(0xffd76a);
                let glow = g.radial(&[(0.0, warm, 0.55), (1.0, warm, 0.0)]);
                art!(g, r#"<circle cx="{x:.1}" cy="{:.1}" r="34" fill="{glow}"/>"#, y + 16.0);
            }
            g.sprite_at(thing, Dye::Plain, x, y + 16.0, 28.0);
        }
        Carry::String => {
            let (top_x, top_y) = (x + 26.0, y - 92.0);
            art!(
                g,
                r##"<path d="M{x:.1} {y:.1}Q{:.1} {:.1} {top_x:.1} {:.1}" fill="none" stroke="#f4f0e6" stroke-width="1.1"/>"##,
                x + 20.0,
                y - 36.0,
                top_y + 12.0
            );
            g.sprite_at(thing, Dye::Plain, top_x, top_y, 40.0);
            arm(g);
        }
        Carry::Over => {
            g.sprite_at(thing, Dye::Plain, x - 1.0, y - 52.0, 66.0);
            art!(
                g,
                r##"<path d="M{:.1} {y:.1}v-30" stroke="#7a6a8a" stroke-width="2.2"/>"##,
                x - 1.0
            );
            arm(g);
        }
        Carry::Grip => {
            g.sprite_at(thing, Dye::Plain, x + 4.0, y - 8.0, 28.0);
            arm(g);
        }
    }
}
