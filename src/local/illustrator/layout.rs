//! Where the cast stands: how near the viewer is, who is left and right, and that nobody covers a face.

use super::figure::{Figure, Spot};
use super::scenery::Backdrop;
use super::stage::{Area, Stage};
use crate::local::lexicon::{Character, Pose, Reading, Setting, Shot};

/// At most so many of the cast are drawn; more would be too small to know.
pub const MOST: usize = 6;

/// The cast in place.
#[derive(Debug, Default)]
pub struct Company<'a> {
    pub figures: Vec<(Figure<'a>, Spot)>,
    /// What the figures cover, for props to keep away from.
    pub areas: Vec<Area>,
    /// What their faces cover: nothing may stand before that.
    pub faces: Vec<Area>,
    /// Those who are not drawn.
    pub left_out: Vec<&'a Character>,
}

/// Puts the cast on the stage.
pub fn arrange<'a>(stage: &Stage, reading: &'a Reading, backdrop: &Backdrop) -> Company<'a> {
    let mut company = Company::default();
    let mut cast = Vec::new();
    for who in &reading.cast {
        match Figure::of(who) {
            Some(figure) if cast.len() < MOST => cast.push(figure),
            _ => company.left_out.push(who),
        }
    }
    if cast.is_empty() {
        return company;
    }
    let mut rng = stage.rng("cast");
    let order = row(cast.len(), rng.index(3));
    let mut unit = unit(stage, reading.shot, cast.len());

    let extents: Vec<_> = cast.iter().map(Figure::extent).collect();
    let gap = if reading.cast.iter().any(|who| who.pose == Pose::Hug) {
        -8.0
    } else {
        14.0
    };
    let wide: f32 = extents.iter().map(|e| e.left + e.right).sum::<f32>() + gap * (cast.len() - 1) as f32;
    let room = stage.width * 0.92;
    unit = unit.min(room / wide);
    let tallest = extents.iter().map(|e| e.top).fold(1.0, f32::max);
    let base = foot_line(stage, reading.setting, reading.shot);
    unit = unit.min((base - stage.height * 0.04) / tallest);

    // The row hangs left, in the middle or right, by the seed and the words.
    let slack = (room - wide * unit).max(0.0);
    let lean = match rng.index(3) {
        0 => rng.range(0.12, 0.3),
        1 => rng.range(0.42, 0.58),
        _ => rng.range(0.7, 0.88),
    };
    let mut x = stage.width * 0.04 + slack * lean;
    // With room to spare, the figures stand apart.
    let spare = if cast.len() > 1 {
        (slack * 0.3 / (cast.len() - 1) as f32).min(60.0)
    } else {
        0.0
    };
    x = (x - spare * (cast.len() - 1) as f32 / 2.0).max(stage.width * 0.04);
    let middle = x + (wide * unit + spare * (cast.len() - 1) as f32) / 2.0;

    let mut spots: Vec<Option<Spot>> = vec![None; cast.len()];
    for &index in &order {
        let extent = extents[index];
        let width = (extent.left + extent.right) * unit;
        let center = x + width / 2.0;
        let alone = cast.len() == 1;
        let faces_left = if alone {
            center > stage.width / 2.0
        } else {
            center > middle
        };
        let foot_x = x + unit * if faces_left { extent.right } else { extent.left };
        let floats = floats(&cast[index], reading.setting);
        let jitter = rng.range(-0.012, 0.012) * stage.height;
        let y = if floats {
            afloat(stage, reading.setting, backdrop, extent.top * unit, rng.unit())
        } else {
            // Never above the ground's edge at that place, whatever the hills do.
            (base + jitter)
                .max(stage.ground_at(foot_x) + 12.0)
                .min(stage.height - 8.0)
        };
        spots[index] = Some(Spot {
            x: foot_x,
            y,
            unit,
            faces_left,
            floats,
        });
        x += width + gap * unit + spare;
    }
    for (figure, spot) in cast.into_iter().zip(spots) {
        let Some(spot) = spot else { continue };
        company.areas.push(area(&figure, spot));
        company.faces.push(face(&figure, spot));
        company.figures.push((figure, spot));
    }
    company.figures.sort_by(|(_, a), (_, b)| a.y.total_cmp(&b.y));
    company
}

/// What a figure covers.
pub fn area(figure: &Figure<'_>, spot: Spot) -> Area {
    let extent = figure.extent();
    let (left, right) = if spot.faces_left {
        (extent.right, extent.left)
    } else {
        (extent.left, extent.right)
    };
    Area {
        left: spot.x - left * spot.unit,
        top: spot.y - extent.top * spot.unit,
        right: spot.x + right * spot.unit,
        bottom: spot.y,
    }
}

/// What a figure's face covers.
pub fn face(figure: &Figure<'_>, spot: Spot) -> Area {
    let whole = area(figure, spot);
    let tall = figure.extent().face * spot.unit;
    let half = (24.0 * figure.stature * spot.unit).min((whole.right - whole.left) / 2.0);
    Area {
        left: (spot.x - half).max(whole.left),
        right: (spot.x + half).min(whole.right),
        bottom: whole.top + tall,
        ..whole
    }
}

/// The order from left to right, the hero (0) at the left, in the middle or at the right.
fn row(count: usize, hero: usize) -> Vec<usize> {
    let place = match hero {
        0 => 0,
        1 => count / 2,
        _ => count - 1,
    };
    let mut order: Vec<usize> = (1..count).collect();
    order.insert(place, 0);
    order
}

/// Scene units a figure unit: how large a child is drawn.
fn unit(stage: &Stage, shot: Shot, count: usize) -> f32 {
    let share = match shot {
        Shot::Wide => 2.3,
        Shot::Medium => 3.5,
        Shot::Close => 5.2,
    };
    let crowd = 1.0 - 0.05 * (count.saturating_sub(1)) as f32;
    share * crowd * stage.unit
}

/// The height that most feet stand at.
fn foot_line(stage: &Stage, setting: Setting, shot: Shot) -> f32 {
    let down = match shot {
        Shot::Wide => 0.42,
        Shot::Medium => 0.6,
        Shot::Close => 0.8,
    };
    if setting == Setting::Sea {
        // In the boat.
        return stage.height * 0.83;
    }
    stage.ground + stage.relief * 0.4 + (stage.height - stage.ground) * down
}

fn floats(figure: &Figure<'_>, setting: Setting) -> bool {
    let sprite = figure.who.kind.as_str();
    let swims = matches!(
        sprite,
        "fish"
            | "tropical-fish"
            | "blowfish"
            | "whale"
            | "spouting-whale"
            | "dolphin"
            | "shark"
            | "octopus"
            | "squid"
            | "jellyfish"
            | "mermaid"
            | "merman"
            | "woman-merpeople"
            | "man-merpeople"
            | "seal"
    );
    let flies = matches!(
        sprite,
        "butterfly"
            | "bee"
            | "honeybee"
            | "bat"
            | "fairy"
            | "woman-fairy"
            | "man-fairy"
            | "ghost"
            | "phoenix-bird"
            | "dove"
            | "eagle"
    );
    match setting {
        Setting::Underwater => swims || sprite == "turtle",
        Setting::Sea => swims || flies,
        _ => flies,
    }
}

/// The height of who swims or flies.
fn afloat(stage: &Stage, setting: Setting, backdrop: &Backdrop, tall: f32, chance: f32) -> f32 {
    if setting == Setting::Sea {
        return backdrop
            .water
            .map_or(stage.height * 0.8, |water| water.bottom - 30.0 + 20.0 * chance);
    }
    let low = stage.ground + 10.0;
    let high = (tall + stage.height * 0.08).min(low);
    let share = if setting == Setting::Underwater {
        0.3 + 0.4 * chance
    } else {
        0.62 + 0.3 * chance
    };
    high + (low - high) * share
}
