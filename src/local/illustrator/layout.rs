//! Where the cast stands: how near the viewer is, who is left and right, and that nobody covers a face.

use super::figure::{Figure, Spot};
use super::scenery::Backdrop;
use super::stage::{Area, Stage};
use crate::local::lexicon::{Character, Pose, Reading, Setting, Shot, Side};

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
    let chance = rng.index(3);
    let side = reading.side.unwrap_or([Side::Left, Side::Middle, Side::Right][chance]);
    let order = order(cast.len(), side);
    let gap = if reading.cast.iter().any(|who| who.pose == Pose::Hug) {
        -8.0
    } else {
        14.0
    };
    let base = foot_line(stage, reading.setting, reading.shot);
    let row = Row { order, gap };
    let Fitted { unit, squeeze } = fit(stage, reading.shot, &mut cast, &row, base);
    let extents: Vec<_> = cast.iter().map(Figure::extent).collect();
    let room = stage.width * SHARE;
    let wide = row.width(&cast, squeeze);

    // The row hangs left, in the middle or right.
    let slack = (room - wide * unit).max(0.0);
    let lean = match side {
        Side::Left => rng.range(0.1, 0.26),
        Side::Middle => rng.range(0.44, 0.56),
        Side::Right => rng.range(0.74, 0.9),
    };
    let mut x = stage.width * (1.0 - SHARE) / 2.0 + slack * lean;
    // With room to spare, the figures stand apart.
    let spare = if cast.len() > 1 {
        (slack * 0.3 / (cast.len() - 1) as f32).min(60.0)
    } else {
        0.0
    };
    x = (x - spare * (cast.len() - 1) as f32 / 2.0).max(stage.width * (1.0 - SHARE) / 2.0);
    let middle = x + (wide * unit + spare * (cast.len() - 1) as f32) / 2.0;

    let mut spots: Vec<Option<Spot>> = vec![None; cast.len()];
    for (at, &index) in row.order.iter().enumerate() {
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
        // The hero stands before the others.
        let jitter = if index == 0 { 0.014 } else { rng.range(-0.014, 0.008) } * stage.height;
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
        x += width + row.gap_after(&cast, at, squeeze) * unit + spare;
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
    let extent = figure.extent();
    let x = spot.x + extent.face_x * spot.unit * if spot.faces_left { -1.0 } else { 1.0 };
    let half = extent.face_half * spot.unit;
    Area {
        left: (x - half).max(whole.left),
        right: (x + half).min(whole.right),
        bottom: whole.top + extent.face * spot.unit,
        ..whole
    }
}

/// The order from left to right, the hero (0) at the left, in the middle or at the right.
fn order(count: usize, hero: Side) -> Vec<usize> {
    let place = match hero {
        Side::Left => 0,
        Side::Middle => count / 2,
        Side::Right => count - 1,
    };
    let mut order: Vec<usize> = (1..count).collect();
    order.insert(place, 0);
    order
}

/// How much of the picture's width the cast may take.
const SHARE: f32 = 0.92;

/// The cast from left to right.
struct Row {
    order: Vec<usize>,
    /// Between two who stand by themselves, in figure units.
    gap: f32,
}

impl Row {
    /// The gap to the right of the figure at a place of the row. `squeeze` goes from 0, apart, to 1, as close as all
    /// faces allow whichever way they look; then it is less than nothing.
    fn gap_after(&self, cast: &[Figure<'_>], at: usize, squeeze: f32) -> f32 {
        let free = |at: usize| {
            let extent = self.order.get(at).map(|index| cast[*index].extent());
            extent.map_or(0.0, |it| {
                let behind = it.left + it.face_x - it.face_half;
                let before = it.right - it.face_x - it.face_half;
                behind.min(before).max(0.0)
            })
        };
        let least = (2.0 - free(at) - free(at + 1)).min(self.gap);
        self.gap + (least - self.gap) * squeeze
    }

    /// The width of all, in figure units.
    fn width(&self, cast: &[Figure<'_>], squeeze: f32) -> f32 {
        let widths = cast.iter().map(Figure::extent).map(|it| it.left + it.right);
        let gaps = (0..cast.len() - 1).map(|at| self.gap_after(cast, at, squeeze));
        widths.sum::<f32>() + gaps.sum::<f32>()
    }
}

/// How large the cast is drawn.
struct Fitted {
    /// Scene units a figure unit: a child is 100 of these high.
    unit: f32,
    /// How much closer than by themselves they stand, see [`Row::gap_after`].
    squeeze: f32,
}

/// Finds the size at which all have room. The hero is not made tiny for it: sooner the others come close, and those who
/// are larger than the hero are drawn less so, in the same order. Only a large crowd, or a very narrow picture, takes
/// from the hero, too.
fn fit(stage: &Stage, shot: Shot, cast: &mut [Figure<'_>], row: &Row, base: f32) -> Fitted {
    let room = stage.width * SHARE;
    let high = base - stage.height * 0.04;
    let crowd = 1.0 - 0.05 * cast.len().saturating_sub(1) as f32;
    let usual = match shot {
        Shot::Wide => 2.4,
        Shot::Medium => 3.5,
        Shot::Close => 5.2,
    } * crowd
        * stage.unit;
    let hero = cast[0].extent();
    let hero_size = cast[0].size();
    let least = (least_share(shot) * stage.measure() / hero_size)
        .min(high / hero.top)
        .min(room / (hero.left + hero.right));
    // Nobody towers over the picture, however small the hero beside them is.
    let towering = match shot {
        Shot::Wide => 0.6,
        Shot::Medium => 0.72,
        Shot::Close => 0.9,
    } * stage.measure();
    let high_others = high.min(towering.max(least * hero.top));
    let tallest = |cast: &[Figure<'_>]| cast.iter().map(|it| it.extent().top).fold(1.0, f32::max);
    let unit = usual
        .min(high / tallest(cast))
        .min(room / row.width(cast, 0.0))
        .max(least);
    let statures: Vec<(f32, f32)> = cast.iter().map(|it| (it.stature, it.size())).collect();
    for step in 1..=16 {
        let fits = tallest(&cast[1..]) * unit <= high_others && row.width(cast, 1.0) * unit <= room;
        if fits {
            break;
        }
        let power = 1.0 - 0.05 * step as f32;
        for (other, (stature, size)) in cast.iter_mut().zip(&statures) {
            if *size > hero_size {
                other.stature = stature * (size / hero_size).powf(power - 1.0);
            }
        }
    }
    let unit = unit.min(high / tallest(cast)).min(room / row.width(cast, 1.0));
    let (apart, close) = (row.width(cast, 0.0) * unit, row.width(cast, 1.0) * unit);
    let squeeze = if apart > room {
        ((apart - room) / (apart - close).max(1.0)).min(1.0)
    } else {
        0.0
    };
    Fitted { unit, squeeze }
}

/// The least height of the hero, as a share of a usual picture's.
pub fn least_share(shot: Shot) -> f32 {
    match shot {
        Shot::Wide => 0.24,
        Shot::Medium => 0.35,
        Shot::Close => 0.51,
    }
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
