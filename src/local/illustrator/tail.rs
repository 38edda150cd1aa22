//! Tails of the animals that get a drawn body.

use super::face::{Face, Tail};
use super::palette::{Rgb, rgb};
use super::sprites::Dye;
use super::svg::{Drawing, art};

/// Draws the tail of an animal whose body and belly have these colours, behind the body.
pub fn draw(g: &mut Drawing, face: &Face, dye: Dye, body: Rgb, belly: Option<Rgb>) {
    let color = body.darker(0.06);
    let tip = belly.unwrap_or(color);
    let stroke = |g: &mut Drawing, path: &str, color: Rgb, width: f32| {
        art!(
            g,
            r#"<path d="{path}" fill="none" stroke="{color}" stroke-width="{width}" stroke-linecap="round"/>"#
        );
    };
    match face.tail {
        Tail::None => {}
        Tail::Bushy => {
            art!(
                g,
                r#"<path d="M-9 -9C-22 -4 -35 -12 -35 -26C-35 -35 -31 -42 -27 -46C-24 -40 -22 -37 -21 -32C-19 -25 -15 -22 -9 -20z" fill="{color}"/><path d="M-34.600 -30C-33.800 -37 -30.500 -42.500 -27 -46C-24.500 -41 -22.600 -38 -21.600 -34C-26 -30 -30 -32 -34.600 -30z" fill="{tip}"/>"#
            );
        }
        Tail::Ringed => {
            stroke(g, "M-10 -13C-24 -10 -30 -22 -28 -38", color, 12.0);
            for path in ["M-27.500 -17L-19 -12", "M-33 -25L-24 -24", "M-34 -34L-23 -34"] {
                art!(g, r##"<path d="{path}" stroke="#4a4a55" stroke-width="4"/>"##);
            }
        }
        Tail::Thin => stroke(g, "M-10 -12C-26 -6 -34 -18 -27 -28C-23 -34 -27 -40 -31 -42", color, 5.5),
        Tail::Tuft => {
            stroke(g, "M-10 -12C-26 -6 -32 -18 -29 -30", color, 4.2);
            art!(
                g,
                r#"<ellipse cx="-29" cy="-34" rx="5" ry="7.500" fill="{}"/>"#,
                color.darker(0.45)
            );
        }
        Tail::Short => stroke(g, "M-12 -14C-20 -15 -25 -21 -26 -30", color, 7.5),
        Tail::Puff => {
            art!(g, r#"<circle cx="-18" cy="-14" r="7.500" fill="{}"/>"#, tip);
        }
        Tail::Curly => stroke(
            g,
            "M-14 -15C-22 -12 -27 -17 -24 -21C-21 -24 -18 -20 -22 -17C-26 -15 -30 -18 -30 -22",
            color,
            3.4,
        ),
        Tail::Mane => {
            let hair = if face.kind == "unicorn" && dye == Dye::Plain {
                rgb(0xb589f0)
            } else {
                color.darker(0.35)
            };
            art!(
                g,
                r#"<path d="M-10 -20C-22 -22 -33 -12 -33 -2C-28 -6 -27 -5 -24 -1C-20 -8 -15 -8 -9 -11z" fill="{hair}"/>"#
            );
        }
    }
}
