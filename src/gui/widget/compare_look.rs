//! How two pictures are compared: in which way, where the divider stands, and which part of both is seen. No egui.

/// The way in which two pictures are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CompareMode {
    /// Over each other, with a divider that can be moved.
    #[default]
    Slider,
    /// Beside each other.
    SideBySide,
    /// One at a time, in the same place.
    Flip,
}

/// A way to compare, a divider, and a zoom and a place that both pictures share.
///
/// Places are shares of the place that a picture is shown in, so that the same part of both is seen whatever their sizes are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompareLook {
    mode: CompareMode,
    /// Where the divider is, from 0 (the second picture alone) to 1 (the first alone).
    divider: f32,
    /// Whether the second picture is the one that is seen while they are flipped.
    second: bool,
    zoom: f32,
    /// How far the middle of the pictures is from the middle of their place, in shares of its sides.
    offset: [f32; 2],
}

impl Default for CompareLook {
    fn default() -> Self {
        Self {
            mode: CompareMode::Slider,
            divider: Self::MIDDLE,
            second: true,
            zoom: 1.0,
            offset: [0.0, 0.0],
        }
    }
}

impl CompareLook {
    /// Where the divider stands at first: a little left of the middle, where the hero of a picture often is.
    const MIDDLE: f32 = 0.46;
    /// How far one press of a key moves the divider, and a large one.
    const STEP: f32 = 0.02;
    const LEAP: f32 = 0.1;
    /// How much larger one step is, and the most.
    const LARGER: f32 = 1.25;
    const MOST: f32 = 16.0;

    /// The way to compare.
    #[must_use]
    pub fn mode(&self) -> CompareMode {
        self.mode
    }

    /// Compares in another way.
    pub fn set_mode(&mut self, mode: CompareMode) {
        self.mode = mode;
        self.second = true;
    }

    /// Shows the other picture in the same place; the first time it is the second picture.
    pub fn flip(&mut self) {
        if self.mode == CompareMode::Flip {
            self.second = !self.second;
        } else {
            self.set_mode(CompareMode::Flip);
        }
    }

    /// While they are flipped: whether the second one is seen.
    #[must_use]
    pub fn shows_second(&self) -> bool {
        self.second
    }

    /// Where the divider is, from 0 to 1.
    #[must_use]
    pub fn divider(&self) -> f32 {
        self.divider
    }

    /// Moves the divider to a share of the width.
    pub fn divide_at(&mut self, share: f32) {
        if share.is_finite() {
            self.divider = share.clamp(0.0, 1.0);
        }
    }

    /// Moves the divider by presses of a key: negative to the left, ten times as far with `leap`.
    pub fn nudge(&mut self, presses: i32, leap: bool) {
        let step = if leap { Self::LEAP } else { Self::STEP };
        self.divide_at(self.divider + presses as f32 * step);
    }

    /// How much larger than fitted; 1 shows all of both.
    #[must_use]
    pub fn zoom(&self) -> f32 {
        self.zoom
    }

    /// Whether all of both pictures is seen.
    #[must_use]
    pub fn is_fitted(&self) -> bool {
        self.zoom <= 1.0
    }

    /// How far the middle of the pictures is from the middle of their place, in shares of its sides.
    #[must_use]
    pub fn offset(&self) -> [f32; 2] {
        self.offset
    }

    /// Shows all of both.
    pub fn fit(&mut self) {
        (self.zoom, self.offset) = (1.0, [0.0, 0.0]);
    }

    /// Larger or smaller by a factor; what is at `at`, in shares from the middle of the place, stays there.
    pub fn scale(&mut self, by: f32, at: [f32; 2]) {
        let after = (self.zoom * by).clamp(1.0, Self::MOST);
        if !after.is_finite() {
            return;
        }
        let grown = after / self.zoom;
        for (offset, at) in self.offset.iter_mut().zip(at) {
            *offset = at - (at - *offset) * grown;
        }
        self.zoom = after;
        self.keep_in_sight();
    }

    /// One step larger, or smaller, around the middle.
    pub fn step(&mut self, larger: bool) {
        let by = if larger { Self::LARGER } else { 1.0 / Self::LARGER };
        self.scale(by, [0.0, 0.0]);
    }

    /// Moves both pictures by shares of their place.
    pub fn pan(&mut self, by: [f32; 2]) {
        for (offset, by) in self.offset.iter_mut().zip(by) {
            *offset += by;
        }
        self.keep_in_sight();
    }

    /// The pictures reach to all edges of their place.
    fn keep_in_sight(&mut self) {
        let over = (self.zoom - 1.0) * 0.5;
        for offset in &mut self.offset {
            *offset = if offset.is_finite() {
                offset.clamp(-over, over)
            } else {
                0.0
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_divider_stays_between_the_edges() {
        let mut look = CompareLook::default();
        look.divide_at(7.0);
        assert_eq!(look.divider(), 1.0);
        look.divide_at(f32::NAN);
        assert_eq!(look.divider(), 1.0, "a place that is none changes nothing");
        for _ in 0..60 {
            look.nudge(-1, false);
        }
        assert_eq!(look.divider(), 0.0);
        look.nudge(1, true);
        assert!((look.divider() - 0.1).abs() < 1e-6);
    }

    #[test]
    fn a_flip_shows_the_second_first_and_then_one_after_the_other() {
        let mut look = CompareLook::default();
        look.flip();
        assert!(look.mode() == CompareMode::Flip && look.shows_second());
        look.flip();
        assert!(!look.shows_second());
        look.flip();
        assert!(look.shows_second());
        look.flip();
        look.set_mode(CompareMode::Slider);
        look.flip();
        assert!(look.shows_second(), "a new comparison begins with the second one");
    }

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let mut look = CompareLook::default();
        look.scale(4.0, [0.25, -0.25]);
        // The point that was a quarter right of the middle is there still.
        let seen = |at: f32, side: usize| (at - look.offset()[side]) / look.zoom();
        assert!((seen(0.25, 0) - 0.25).abs() < 1e-5 && (seen(-0.25, 1) + 0.25).abs() < 1e-5);
    }

    #[test]
    fn it_cannot_be_pushed_out_of_sight_or_zoomed_away() {
        let mut look = CompareLook::default();
        look.pan([3.0, -3.0]);
        assert_eq!(look.offset(), [0.0, 0.0], "what fits stays in the middle");
        look.scale(3.0, [0.0, 0.0]);
        look.pan([f32::INFINITY, 9.0]);
        assert_eq!(look.offset(), [0.0, 1.0]);
        for _ in 0..100 {
            look.step(true);
        }
        assert_eq!(look.zoom(), CompareLook::MOST);
        look.scale(0.0, [0.0, 0.0]);
        assert!(look.is_fitted() && look.offset() == [0.0, 0.0]);
        look.scale(f32::NAN, [0.0, 0.0]);
        assert!(look.is_fitted());
    }
}
