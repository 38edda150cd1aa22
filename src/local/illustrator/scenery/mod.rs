//! What is behind the cast: the sky, the land, and the kit of each setting.

mod building;
mod furniture;
mod indoors;
mod kit;
mod land;
mod plant;
pub mod sky;
mod space;
mod water;

use super::layout::{self, Company};
use super::stage::{Area, Stage};
use super::svg::Drawing;
use crate::local::lexicon::{Reading, Setting, Shot, Weather};

/// What a setting leaves for the layers that come after it.
#[derive(Debug, Default)]
pub struct Backdrop {
    /// Taken by the sun, the moon, a window: nothing in the sky may cover it.
    pub taken: Vec<Area>,
    /// Where open water is, for what floats on it.
    pub water: Option<Area>,
    /// The windows through which the weather is seen, indoors.
    pub windows: Vec<Area>,
    /// The top of a counter, where small things of a kitchen are put.
    pub counter: Option<f32>,
    /// The lamps of the scene: where their glow is, and how large.
    pub glows: Vec<(f32, f32, f32)>,
}

/// Sets the measures that depend on where the scene plays and how near the viewer is.
pub fn prepare(stage: &mut Stage, setting: Setting, shot: Shot) {
    let h = stage.height;
    let (horizon, ground, relief) = match setting {
        Setting::Beach => (0.52, 0.76, 12.0),
        Setting::Sea => (0.45, 0.86, 9.0),
        Setting::Underwater => (0.0, 0.78, 16.0),
        Setting::Space => (0.6, 0.75, 22.0),
        Setting::Desert => (0.58, 0.74, 26.0),
        Setting::City => (0.62, 0.75, 0.0),
        Setting::Village | Setting::Farm | Setting::Garden => (0.56, 0.72, 14.0),
        Setting::River => (0.52, 0.78, 12.0),
        Setting::Mountains => (0.6, 0.75, 20.0),
        Setting::Cave => (0.5, 0.74, 14.0),
        setting if setting.is_indoors() => (0.7, 0.7, 0.0),
        _ => (0.56, 0.73, 20.0),
    };
    // From nearer, one looks down a little: there is more ground and less sky. A boat's place is fixed.
    let tilt = match shot {
        _ if setting == Setting::Sea => 0.0,
        Shot::Wide => 0.025,
        Shot::Medium => 0.0,
        Shot::Close => -0.05,
    };
    stage.horizon = h * (horizon + if setting == Setting::Underwater { 0.0 } else { tilt });
    stage.ground = h * (ground + tilt);
    stage.relief = relief;
}

/// Draws everything behind props and cast.
pub fn draw(g: &mut Drawing, stage: &Stage, reading: &Reading) -> Backdrop {
    let mut backdrop = Backdrop::default();
    match reading.setting {
        Setting::Underwater => water::underwater(g, stage),
        Setting::Space => space::draw(g, stage, &mut backdrop),
        Setting::Cave => kit::cave(g, stage, &mut backdrop),
        setting if setting.is_indoors() => indoors::draw(g, stage, reading, &mut backdrop),
        setting => {
            sky::draw(g, stage, reading.weather, &mut backdrop);
            match setting {
                Setting::Beach => water::beach(g, stage, &mut backdrop),
                Setting::Sea => water::sea(g, stage, &mut backdrop),
                Setting::River => water::river(g, stage, &mut backdrop),
                Setting::Desert => kit::desert(g, stage),
                Setting::City => building::city(g, stage, &mut backdrop),
                Setting::Village => building::village(g, stage, &mut backdrop),
                Setting::Farm => building::farm(g, stage),
                Setting::Garden => kit::garden(g, stage),
                Setting::Forest => kit::forest(g, stage),
                Setting::PineForest => kit::pine_forest(g, stage),
                Setting::Mountains => kit::mountains(g, stage),
                _ => kit::meadow(g, stage),
            }
        }
    }
    backdrop
}

/// What stands before the cast at the picture's edges and lower rim, so that the scene has depth.
pub fn draw_in_front(g: &mut Drawing, stage: &Stage, reading: &Reading) {
    match reading.setting {
        Setting::Meadow
        | Setting::Forest
        | Setting::Village
        | Setting::River
        | Setting::Garden
        | Setting::Farm
        | Setting::PineForest
        | Setting::Mountains => plant::front_growth(g, stage),
        Setting::Underwater => water::front_weed(g, stage),
        _ => {}
    }
}

/// The boat that those of the cast who cannot swim sit in, at sea.
#[derive(Clone, Copy, Debug)]
pub struct Vessel {
    x: f32,
    y: f32,
    half: f32,
}

impl Vessel {
    /// A boat wide enough for all who stand; none if nobody does.
    pub fn under(company: &Company<'_>) -> Option<Self> {
        let standing: Vec<_> = company.figures.iter().filter(|(_, spot)| !spot.floats).collect();
        let (left, right, y) =
            standing
                .iter()
                .fold((f32::MAX, f32::MIN, f32::MIN), |(left, right, y), (figure, spot)| {
                    let area = layout::area(figure, *spot);
                    (left.min(area.left), right.max(area.right), y.max(spot.y))
                });
        (!standing.is_empty()).then_some(Self {
            x: f32::midpoint(left, right),
            y,
            half: ((right - left) / 2.0).max(70.0),
        })
    }

    /// Draws the hull in front of those in it.
    pub fn draw(self, g: &mut Drawing, stage: &Stage) {
        water::boat(g, stage, self.x, self.y - 16.0, self.half);
    }
}

/// The sea before a boat.
pub fn front_waves(g: &mut Drawing, stage: &Stage) {
    water::wave(g, stage, stage.height * 0.9, 0.3);
    water::wave(g, stage, stage.height * 0.95, 2.1);
}

/// Whether weather can be seen where this scene plays.
pub fn has_weather(setting: Setting, weather: Weather) -> bool {
    weather == Weather::Clear || !matches!(setting, Setting::Underwater | Setting::Space)
}
