//! The sprite set: Fluent Emoji (MIT, see `assets/licenses/fluent-emoji.txt`), unpacked once.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::OnceLock;

use resvg::usvg;
use serde::Deserialize;

use super::palette::Rgb;
use super::stage::Area;
use crate::local::lexicon::SkinTone;

/// How a sprite is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dye {
    /// As it is in the set.
    #[default]
    Plain,
    /// All its strong colours turned into shades of one.
    Color(Rgb),
    /// A person of this skin tone.
    Skin(SkinTone),
}

#[derive(Deserialize)]
struct Sprite {
    #[serde(rename = "b")]
    body: String,
    #[serde(rename = "t", default)]
    tones: Vec<String>,
}

/// Other names for sprites: what a story calls them.
const ALIASES: &[(&str, &str)] = &[
    ("bee", "honeybee"),
    ("caterpillar", "bug"),
    ("chick", "baby-chick"),
    ("clown", "clown-face"),
    ("crow", "blackbird"),
    ("dinosaur", "sauropod"),
    ("doctor", "health-worker"),
    ("elf", "man-elf"),
    ("fairy", "woman-fairy"),
    ("fallen-star", "glowing-star"),
    ("father", "man"),
    ("genie", "man-genie"),
    ("grandfather", "old-man"),
    ("grandmother", "old-woman"),
    ("hen", "rooster"),
    ("king", "person-with-crown"),
    ("knight", "man-beard"),
    ("ladybird", "lady-beetle"),
    ("ladybug", "lady-beetle"),
    ("lantern", "red-paper-lantern"),
    ("mermaid", "woman-merpeople"),
    ("merman", "man-merpeople"),
    ("monster", "ogre"),
    ("moon", "full-moon"),
    ("mother", "woman"),
    ("queen", "princess"),
    ("raven", "blackbird"),
    ("sheep", "ewe"),
    ("snowman", "snowman-without-snow"),
    ("squirrel", "chipmunk"),
    ("superhero", "woman-superhero"),
    ("tree", "deciduous-tree"),
    ("witch", "woman-mage"),
    ("wizard", "man-mage"),
];

fn set() -> &'static BTreeMap<String, Sprite> {
    static SET: OnceLock<BTreeMap<String, Sprite>> = OnceLock::new();
    SET.get_or_init(|| {
        let packed = include_bytes!("../../../assets/sprites.json.gz");
        let mut text = String::new();
        // The file is part of the program and a test reads it; should it ever be damaged, pictures
        // are drawn without sprites instead of not at all.
        match flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text) {
            Ok(_) => serde_json::from_str(&text).unwrap_or_default(),
            Err(_) => BTreeMap::new(),
        }
    })
}

/// The set's own name for a sprite, following other names for it.
pub fn resolve(name: &str) -> Option<&'static str> {
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, sprite)| *sprite);
    set().get_key_value(name).map(|(key, _)| key.as_str())
}

/// The sprite's SVG, coloured; its box is 32 × 32.
pub fn body(name: &str, dye: Dye) -> Option<String> {
    let sprite = set().get(resolve(name)?)?;
    Some(match dye {
        Dye::Plain => sprite.body.clone(),
        Dye::Color(color) => dyed(&sprite.body, color),
        Dye::Skin(tone) => match sprite.tones.get(tone as usize) {
            Some(replacements) => recolored(&sprite.body, |old| {
                replacements
                    .split(' ')
                    .filter_map(|pair| pair.split_once('>'))
                    .find(|(from, _)| *from == old)
                    .map(|(_, to)| to.to_owned())
            }),
            None => sprite.body.clone(),
        },
    })
}

/// What of its 32 × 32 box a sprite fills.
pub fn bounds(name: &str) -> Option<Area> {
    let body = &set().get(resolve(name)?)?.body;
    let document = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="32" height="32">{body}</svg>"#
    );
    let tree = usvg::Tree::from_str(&document, &usvg::Options::default()).ok()?;
    let filled = tree.root().abs_bounding_box();
    Some(Area {
        left: filled.left(),
        top: filled.top(),
        right: filled.right(),
        bottom: filled.bottom(),
    })
}

/// Strong colours become shades of `color`, each as light beside it as it was beside the sprite's
/// average; greys, whites and the near black of eyes stay.
fn dyed(body: &str, color: Rgb) -> String {
    let strong: Vec<f32> = colors(body)
        .filter_map(parse)
        .map(Rgb::hsl)
        .filter(|(_, saturation, lightness)| is_strong(*saturation, *lightness))
        .map(|(_, _, lightness)| lightness)
        .collect();
    let all_pale = strong.is_empty();
    let average = if all_pale {
        0.75
    } else {
        strong.iter().sum::<f32>() / strong.len() as f32
    };
    let (hue, saturation, lightness) = color.hsl();
    recolored(body, |old| {
        let (_, old_saturation, old_lightness) = parse(old)?.hsl();
        let takes = is_strong(old_saturation, old_lightness) || (all_pale && old_lightness > 0.3);
        takes.then(|| {
            let shade = (lightness + (old_lightness - average) * 0.8).clamp(0.08, 0.97);
            Rgb::from_hsl(hue, saturation, shade).to_string()
        })
    })
}

fn is_strong(saturation: f32, lightness: f32) -> bool {
    saturation > 0.14 && (0.16..0.93).contains(&lightness)
}

fn recolored(body: &str, new: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('#') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = 1 + from[1..].bytes().take_while(u8::is_ascii_hexdigit).count();
        let (old, after) = from.split_at(length);
        // `url(#…)` and `href="#…"` are not colours.
        let is_reference = before.ends_with("url(") || before.ends_with("href=\"");
        match if is_reference { None } else { new(old) } {
            Some(color) => out.push_str(&color),
            None => out.push_str(old),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn colors(body: &str) -> impl Iterator<Item = &str> {
    body.split("=\"#").skip(1).filter_map(|piece| {
        let end = piece.find('"')?;
        piece.get(..end)
    })
}

/// `#rgb` or `#rrggbb`, with or without its `#`.
fn parse(hex: &str) -> Option<Rgb> {
    let digits = hex.trim_start_matches('#');
    let value = u32::from_str_radix(digits, 16).ok()?;
    match digits.len() {
        3 => {
            let wide = |shift: u32| ((value >> shift & 0xf) * 0x11) as u8;
            Some(Rgb(wide(8), wide(4), wide(0)))
        }
        6 => Some(super::palette::rgb(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_is_whole_and_its_licence_is_beside_it() {
        assert!(set().len() > 500);
        assert!(set().values().all(|sprite| sprite.body.starts_with('<')));
        let licence = include_str!("../../../assets/licenses/fluent-emoji.txt");
        assert!(licence.contains("Microsoft") && licence.contains("MIT License"));
        assert!(include_bytes!("../../../assets/sprites.json.gz").len() < 410_000);
    }

    #[test]
    fn every_other_name_leads_to_a_sprite() {
        for (alias, sprite) in ALIASES {
            assert!(set().contains_key(*sprite), "{alias} leads to {sprite}");
        }
    }

    #[test]
    fn dye_changes_colours_and_leaves_shapes() {
        let plain = body("dragon", Dye::Plain).unwrap();
        let blue = body("dragon", Dye::Color(Rgb(40, 80, 220))).unwrap();
        assert_ne!(plain, blue);
        assert_eq!(plain.matches("<path").count(), blue.matches("<path").count());
        let light = body("girl", Dye::Skin(SkinTone::Light)).unwrap();
        let dark = body("girl", Dye::Skin(SkinTone::Dark)).unwrap();
        assert_ne!(light, dark);
    }

    #[test]
    fn things_of_the_night_sky_have_no_sky_of_their_own() {
        for name in ["fireworks", "sparkler", "shooting-star"] {
            let drawn = body(name, Dye::Plain).unwrap();
            assert!(!drawn.contains("#533566"), "{name}");
        }
    }

    #[test]
    fn bounds_are_within_the_box() {
        for name in ["owl", "turtle", "elephant", "whale"] {
            let area = bounds(name).unwrap();
            assert!(area.left >= 0.0 && area.right <= 32.0 && area.top >= 0.0 && area.bottom <= 32.0);
            assert!(
                area.right - area.left > 12.0 && area.bottom - area.top > 12.0,
                "{name} {area:?}"
            );
        }
        assert!(bounds("no-such-thing").is_none());
    }

    #[test]
    fn references_are_not_colours() {
        let body = r##"<g fill="#fff"><use href="#abc"/><path fill="url(#fed)"/></g>"##;
        let out = recolored(body, |_| Some("#000000".into()));
        assert_eq!(
            out,
            r##"<g fill="#000000"><use href="#abc"/><path fill="url(#fed)"/></g>"##
        );
    }
}
