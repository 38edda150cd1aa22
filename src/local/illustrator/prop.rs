//! Things besides the cast: each where it belongs (stars in the sky, boats on water), none over a face.

use super::layout::Company;
use super::palette::{Rgb, rgb};
use super::scenery::Backdrop;
use super::sprites::{self, Dye};
use super::stage::{Area, Stage};
use super::svg::{Drawing, art};
use crate::local::lexicon::{Prop, Reading, Setting, Shot, TimeOfDay, Weather};

/// At most so many of one thing are drawn.
const MOST: u8 = 6;

/// Where a thing belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Sky,
    /// Not far above the ground.
    Air,
    Water,
    Swimming,
    Far,
    Ground,
}

/// A thing with its place found: what the layers draw.
#[derive(Clone, Debug)]
pub struct Placed {
    sprite: String,
    dye: Dye,
    pub x: f32,
    pub y: f32,
    pub size: f32,
    place: Place,
    on_island: bool,
    on_counter: bool,
    glows: bool,
}

impl Placed {
    /// Far things are drawn before the cast, the others by where their foot is.
    pub fn is_behind(&self) -> bool {
        self.place != Place::Ground || self.on_counter
    }

    /// The height of what stands on the ground.
    pub fn foot(&self) -> f32 {
        self.y + self.size * 0.45
    }
}

/// Finds a place for each thing. What the cast covers is kept free.
/// Sprites that there are none of come back by name.
pub fn place(
    stage: &Stage,
    reading: &Reading,
    backdrop: &Backdrop,
    company: &Company<'_>,
) -> (Vec<Placed>, Vec<String>) {
    let mut taken: Vec<Area> = backdrop.taken.iter().chain(&company.areas).copied().collect();
    let mut placed = Vec::new();
    let mut unknown = Vec::new();
    for prop in &reading.props {
        if sprites::resolve(&prop.sprite).is_none() {
            unknown.push(prop.sprite.clone());
            continue;
        }
        if is_in_the_sky_already(reading, &prop.sprite) {
            continue;
        }
        for copy in 0..prop.count.clamp(1, MOST) {
            let thing = find_place(stage, reading, backdrop, prop, copy, (&taken, &company.faces));
            taken.push(Area::around(thing.x, thing.y, thing.size * 0.9, thing.size * 0.9));
            placed.push(thing);
        }
    }
    placed.sort_by(|a, b| a.foot().total_cmp(&b.foot()));
    (placed, unknown)
}

fn find_place(
    stage: &Stage,
    reading: &Reading,
    backdrop: &Backdrop,
    prop: &Prop,
    copy: u8,
    (taken, faces): (&[Area], &[Area]),
) -> Placed {
    let name = sprites::resolve(&prop.sprite).unwrap_or_default();
    let setting = reading.setting;
    // A fallen star is the one that is not in the sky.
    let mut place = if prop.sprite == "fallen-star" {
        Place::Ground
    } else {
        place_of(name)
    };
    let (w, h) = (stage.width, stage.height);
    let in_water = setting == Setting::Underwater;
    if matches!(place, Place::Water | Place::Swimming) && backdrop.water.is_none() && !in_water {
        place = Place::Ground;
    }
    if place == Place::Far && (setting.is_indoors() || matches!(setting, Setting::Cave | Setting::Underwater)) {
        place = Place::Ground;
    }
    if place == Place::Ground && setting == Setting::Sea {
        place = Place::Water;
    }
    let mut size = size_of(name, place) * stage.unit;
    if setting.is_indoors() && place == Place::Ground {
        size = size.min(110.0 * stage.unit);
    }
    if place == Place::Ground {
        size *= match reading.shot {
            Shot::Wide => 0.85,
            Shot::Medium => 1.0,
            Shot::Close => 1.3,
        };
    }
    let on_counter = backdrop.counter.is_some() && place == Place::Ground && size < 90.0 * stage.unit;
    let on_island = place == Place::Far && matches!(setting, Setting::Beach | Setting::Sea);
    if on_island {
        size *= 0.7;
    }
    let (rows, columns) = match (place, backdrop.water) {
        (Place::Sky, _) if setting.is_indoors() => ((0.1 * h, stage.ground * 0.55), (0.06, 0.94)),
        (Place::Air, _) => ((stage.height * 0.3, stage.ground), (0.06, 0.94)),
        (Place::Sky, _) if in_water => ((0.08 * h, 0.5 * h), (0.06, 0.94)),
        (Place::Sky, _) => ((size * 0.55, (stage.horizon * 0.62).max(size)), (0.07, 0.93)),
        (Place::Swimming, _) if in_water => ((0.12 * h, stage.ground - size * 0.6), (0.06, 0.94)),
        (Place::Water | Place::Swimming, Some(water)) => {
            let top = water.top - size * 0.1;
            ((top, (water.bottom - size * 0.5).max(top + 1.0)), (0.08, 0.92))
        }
        (Place::Far, _) => ((0.0, 1.0), (0.1, 0.9)),
        (Place::Ground, _) if on_counter => ((0.0, 0.0), (0.08, 0.92)),
        _ => ((0.0, 1.0), (0.05, 0.95)),
    };
    // The best of some chances: free of what is taken, and far from it.
    let mut rng = stage.rng(&format!("prop {} {copy}", prop.sprite));
    let mut best: Option<(f32, f32, f32, f32)> = None;
    for attempt in 0..60 {
        let size = size * [1.0, 1.0, 0.82, 0.64][attempt / 15];
        let x = w * rng.range(columns.0, columns.1);
        let y = match place {
            Place::Ground if on_counter => backdrop.counter.unwrap_or_default() - size * 0.44,
            Place::Far if on_island => stage.horizon - size * 0.4,
            Place::Far => far_line(stage) - size * 0.44,
            Place::Ground | Place::Water | Place::Swimming if rows == (0.0, 1.0) => {
                let low = (h - stage.ground_at(x) - size * 0.1).max(8.0);
                let down = if size > 130.0 * stage.unit {
                    rng.range(0.06, 0.3)
                } else {
                    rng.range(0.12, 0.86)
                };
                stage.ground_at(x) + 4.0 + low * down - size * 0.45
            }
            _ => rng.range(rows.0, rows.1),
        };
        let area = Area::around(x, y, size * 0.94, size * 0.94);
        let outside = area.left < 4.0 || area.right > w - 4.0 || area.bottom > h - 2.0;
        let overlap = taken.iter().filter(|other| area.overlaps(other)).count() as f32;
        let near = taken
            .iter()
            .map(|other| {
                let (cx, cy) = (
                    f32::midpoint(other.left, other.right),
                    f32::midpoint(other.top, other.bottom),
                );
                ((cx - x).powi(2) + (cy - y).powi(2)).sqrt()
            })
            .fold(400.0_f32, f32::min);
        let covered = faces.iter().filter(|face| area.overlaps(face)).count() as f32;
        let score = near - overlap * 1000.0 - covered * 9000.0 - if outside { 600.0 } else { 0.0 };
        if best.is_none_or(|(top, ..)| score > top) {
            best = Some((score, x, y, size));
        }
    }
    let (_, x, y, size) = best.unwrap_or((0.0, w * 0.1, h * 0.9, size));
    Placed {
        sprite: prop.sprite.clone(),
        dye: prop.color.map_or(Dye::Plain, |color| Dye::Color(Rgb::from(color))),
        x,
        y,
        size,
        place,
        on_island,
        on_counter,
        glows: matches!(
            name,
            "star"
                | "glowing-star"
                | "candle"
                | "red-paper-lantern"
                | "fire"
                | "light-bulb"
                | "crystal-ball"
                | "sparkles"
                | "comet"
                | "firefly"
        ),
    }
}

/// The sky has its own sun by day and its own moon by night; one is enough.
fn is_in_the_sky_already(reading: &Reading, sprite: &str) -> bool {
    let gloomy = matches!(reading.weather, Weather::Rain | Weather::Storm | Weather::Fog);
    let open_sky = !matches!(reading.setting, Setting::Underwater | Setting::Space | Setting::Cave);
    let is_night = reading.time == TimeOfDay::Night;
    open_sky
        && !gloomy
        && match sprites::resolve(sprite) {
            Some("full-moon") => is_night,
            Some("sun") => !is_night,
            Some("rainbow") => reading.weather == Weather::Rainbow,
            _ => false,
        }
}

/// Where far things stand: between the far ridge and the front.
fn far_line(stage: &Stage) -> f32 {
    stage.horizon + (stage.ground - stage.horizon) * 0.62
}

fn place_of(sprite: &str) -> Place {
    match sprite {
        "star"
        | "glowing-star"
        | "shooting-star"
        | "comet"
        | "kite"
        | "balloon"
        | "airplane"
        | "small-airplane"
        | "helicopter"
        | "rocket"
        | "flying-saucer"
        | "satellite"
        | "ringed-planet"
        | "full-moon"
        | "full-moon-face"
        | "crescent-moon"
        | "sun"
        | "sun-with-face"
        | "rainbow"
        | "cloud"
        | "cloud-with-rain"
        | "cloud-with-snow"
        | "cloud-with-lightning"
        | "cloud-with-lightning-and-rain"
        | "bird"
        | "dove"
        | "eagle"
        | "bat"
        | "fireworks"
        | "parachute"
        | "globe-showing-europe-africa"
        | "high-voltage"
        | "snowflake"
        | "tornado"
        | "wind-face"
        | "phoenix-bird"
        | "droplet"
        | "aerial-tramway"
        | "mountain-cableway"
        | "wing" => Place::Sky,
        "butterfly"
        | "honeybee"
        | "sparkles"
        | "bubbles"
        | "dizzy"
        | "musical-note"
        | "musical-notes"
        | "leaf-fluttering-in-wind"
        | "red-heart"
        | "pink-heart"
        | "sparkling-heart"
        | "two-hearts"
        | "thought-balloon"
        | "speech-balloon"
        | "zzz" => Place::Air,
        "sailboat" | "ship" | "motor-boat" | "speedboat" | "canoe" | "ferry" | "passenger-ship" | "duck" | "swan"
        | "ring-buoy" | "desert-island" => Place::Water,
        "fish" | "tropical-fish" | "blowfish" | "whale" | "spouting-whale" | "dolphin" | "shark" | "octopus"
        | "squid" | "jellyfish" | "seal" => Place::Swimming,
        "castle"
        | "house"
        | "houses"
        | "house-with-garden"
        | "school"
        | "factory"
        | "volcano"
        | "mountain"
        | "snow-capped-mountain"
        | "office-building"
        | "ferris-wheel"
        | "roller-coaster"
        | "circus-tent"
        | "hut"
        | "post-office"
        | "classical-building"
        | "mountain-railway" => Place::Far,
        _ => Place::Ground,
    }
}

/// A thing's usual size in units; picture-book sizes, where a house is not ten times a child.
fn size_of(sprite: &str, place: Place) -> f32 {
    match sprite {
        "castle"
        | "volcano"
        | "mountain"
        | "snow-capped-mountain"
        | "ferris-wheel"
        | "roller-coaster"
        | "desert-island" => 210.0,
        "deciduous-tree" | "evergreen-tree" | "palm-tree" | "christmas-tree" => 200.0,
        "tent" | "bus" | "train" | "locomotive" | "tractor" | "fire-engine" | "carousel-horse" | "playground-slide"
        | "high-speed-train" | "fountain" | "elephant" | "giraffe" | "mammoth" => 160.0,
        "automobile" | "taxi" | "police-car" | "ambulance" | "pickup-truck" | "racing-car" | "bed"
        | "couch-and-lamp" | "horse" | "bathtub" | "motorcycle" | "bicycle" | "dragon" | "whale" | "spouting-whale"
        | "sailboat" | "ship" | "ferry" | "passenger-ship" | "door" => 136.0,
        "rocket"
        | "flying-saucer"
        | "airplane"
        | "helicopter"
        | "motor-boat"
        | "speedboat"
        | "canoe"
        | "ladder"
        | "cactus"
        | "snowman"
        | "snowman-without-snow"
        | "deer"
        | "cow"
        | "donkey"
        | "dolphin"
        | "shark"
        | "small-airplane"
        | "parachute"
        | "ringed-planet"
        | "sled"
        | "chair"
        | "television"
        | "rock" => 104.0,
        "kite" | "birthday-cake" => 112.0,
        "key" | "old-key" | "feather" | "chestnut" | "gem-stone" | "compass" | "bell" | "egg" => 62.0,
        "butterfly" | "honeybee" | "lady-beetle" | "ant" | "bug" | "snail" | "coin" | "ring" | "fallen-leaf"
        | "maple-leaf" | "four-leaf-clover" | "shamrock" | "snowflake" => 44.0,
        _ => match place {
            Place::Far => 170.0,
            Place::Sky => 76.0,
            Place::Air => 60.0,
            Place::Water => 100.0,
            Place::Swimming => 84.0,
            Place::Ground => 80.0,
        },
    }
}

/// Draws a thing, its shadow, and its glow in the dark.
pub fn draw(g: &mut Drawing, stage: &Stage, thing: &Placed) {
    let Placed { x, y, size, .. } = *thing;
    if thing.glows {
        let color = rgb(0xffe27a);
        let strength = if stage.light.is_dark() { 0.6 } else { 0.4 };
        let glow = g.radial(&[(0.0, color, strength), (1.0, color, 0.0)]);
        art!(
            g,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{:.1}" fill="{glow}"/>"#,
            size * 1.05
        );
    }
    if thing.place == Place::Ground && !thing.on_counter {
        art!(
            g,
            r##"<ellipse cx="{x:.1}" cy="{:.1}" rx="{:.1}" ry="{:.1}" fill="#140f2e" fill-opacity=".18"/>"##,
            thing.foot() - size * 0.02,
            size * 0.38,
            size * 0.075
        );
    }
    if thing.on_island {
        art!(
            g,
            r#"<ellipse cx="{x:.1}" cy="{:.1}" rx="{:.1}" ry="{:.1}" fill="{}"/>"#,
            thing.foot(),
            size * 0.8,
            size * 0.1,
            stage.light.land(rgb(0x79b86a), 0.3)
        );
    }
    g.sprite_at(&thing.sprite, thing.dye, x, y, size);
    if thing.place == Place::Water {
        art!(
            g,
            r##"<path d="M{:.1} {:.1}q{:.1} -5 {:.1} 0t{:.1} 0t{:.1} 0" fill="none" stroke="#ffffff" stroke-width="2.5" stroke-linecap="round" stroke-opacity=".55"/>"##,
            x - size * 0.55,
            thing.foot(),
            size * 0.18,
            size * 0.37,
            size * 0.37,
            size * 0.37
        );
    }
}
