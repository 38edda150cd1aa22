//! The measures of a picture: how large its view is, where the horizon and the ground are, and which
//! places are taken.

use std::f32::consts::TAU;

use super::palette::Light;
use super::rng::Rng;

/// A rectangle, by its edges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

impl Area {
    /// The rectangle around a middle.
    pub fn around(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self {
            left: x - width / 2.0,
            top: y - height / 2.0,
            right: x + width / 2.0,
            bottom: y + height / 2.0,
        }
    }

    /// Whether the two share some of their area.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }
}

/// What all layers of one picture share.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The view, in units; the smaller side of a usual picture is 768.
    pub width: f32,
    pub height: f32,
    /// Where the land meets the sky.
    pub horizon: f32,
    /// What sizes are measured by: 1.0 in a usual picture, less in a narrow one.
    pub unit: f32,
    pub light: Light,
    /// The seed, the words and the size, as one number.
    pub base: u64,
    /// The hash of the words that nothing is known about; 0 if there are none.
    pub words: u64,
    /// The front ground's waves.
    waves: [(f32, f32, f32); 3],
    /// How high the front ground's waves are; 0 indoors.
    pub relief: f32,
    /// Where the front ground begins, on average.
    pub ground: f32,
}

impl Stage {
    /// A stage of `width` × `height` pixels.
    pub fn new(width: u32, height: u32, light: Light, base: u64, words: u64) -> Self {
        let aspect = width as f32 / height as f32;
        // Tall pictures get a view at least 640 wide, so that a figure has room.
        let view_width = (768.0 * aspect).max(640.0);
        let view_height = view_width / aspect;
        let mut rng = Rng::new(base, "ground");
        let waves = [1.1, 2.3, 4.1].map(|frequency: f32| {
            (
                frequency * rng.range(0.8, 1.25),
                rng.range(0.0, TAU),
                1.0 / (frequency * 1.6),
            )
        });
        Self {
            width: view_width,
            height: view_height,
            horizon: view_height * 0.56,
            unit: (view_width / 900.0).min(1.0),
            light,
            base,
            words,
            waves,
            relief: 20.0,
            ground: view_height * 0.73,
        }
    }

    /// The height that shares of the picture are measured by: in a narrow picture, what its width makes of it.
    pub fn measure(&self) -> f32 {
        self.height.min(self.width * 0.75)
    }

    /// The top edge of the front ground at `x`. Everything that stands in front stands below it.
    pub fn ground_at(&self, x: f32) -> f32 {
        let along = x / 1024.0;
        let wave: f32 = self
            .waves
            .iter()
            .map(|(frequency, phase, height)| (along * frequency * TAU + phase).sin() * height)
            .sum();
        self.ground + wave * self.relief
    }

    /// A generator for one layer.
    pub fn rng(&self, layer: &str) -> Rng {
        Rng::new(self.base, layer)
    }

    /// The front ground's outline, closed at the picture's lower edge.
    pub fn ground_path(&self) -> String {
        self.land_path(|x| self.ground_at(x))
    }

    /// The area below a line that goes from edge to edge.
    pub fn land_path(&self, line: impl Fn(f32) -> f32) -> String {
        use std::fmt::Write as _;
        let steps = ((self.width / 16.0) as usize).clamp(24, 260);
        let mut path = format!("M-4 {:.1}", self.height + 4.0);
        for step in 0..=steps {
            let x = -4.0 + (self.width + 8.0) * step as f32 / steps as f32;
            let _ = write!(path, "L{x:.1} {:.1}", line(x));
        }
        let _ = write!(path, "L{:.1} {:.1}Z", self.width + 4.0, self.height + 4.0);
        path
    }
}
