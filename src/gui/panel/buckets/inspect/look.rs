//! How a picture is looked at: how large, and which part. All in points and pixels; no egui.

/// A zoom and a place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// Points a pixel; none fits the picture into its place.
    zoom: Option<f32>,
    /// How far the middle of the picture is from the middle of its place, in points.
    offset: [f32; 2],
}

impl Look {
    /// Points a pixel at most.
    const MOST: f32 = 16.0;
    /// How much larger one step is.
    const STEP: f32 = 1.25;

    /// Points a pixel that show all of a picture in a place, without enlarging it.
    #[must_use]
    pub fn fitting(picture: [f32; 2], place: [f32; 2]) -> f32 {
        let side = |at: usize| place[at] / picture[at].max(1.0);
        side(0).min(side(1)).min(1.0)
    }

    /// Whether it follows the size of its place.
    #[must_use]
    pub fn is_fitted(&self) -> bool {
        self.zoom.is_none()
    }

    /// Points a pixel.
    #[must_use]
    pub fn zoom(&self, picture: [f32; 2], place: [f32; 2]) -> f32 {
        self.zoom.unwrap_or_else(|| Self::fitting(picture, place))
    }

    /// Where the middle of the picture is, from the middle of the place.
    #[must_use]
    pub fn offset(&self) -> [f32; 2] {
        self.offset
    }

    /// Shows all of it.
    pub fn fit(&mut self) {
        *self = Self::default();
    }

    /// One pixel of the picture a point.
    pub fn whole_size(&mut self) {
        *self = Self {
            zoom: Some(1.0),
            offset: [0.0, 0.0],
        };
    }

    /// Larger or smaller by a factor; what is at `at`, from the middle of the place, stays there.
    pub fn scale(&mut self, by: f32, at: [f32; 2], picture: [f32; 2], place: [f32; 2]) {
        let fitting = Self::fitting(picture, place);
        let before = self.zoom(picture, place);
        // A tenth of what fits is a picture that nobody can see any more.
        let after = (before * by).clamp((fitting * 0.1).min(0.1), Self::MOST);
        let grown = after / before;
        for (offset, at) in self.offset.iter_mut().zip(at) {
            *offset = at - (at - *offset) * grown;
        }
        self.zoom = Some(after);
        self.keep_in_sight(picture, place);
    }

    /// One step larger, or smaller, around the middle.
    pub fn step(&mut self, larger: bool, picture: [f32; 2], place: [f32; 2]) {
        let by = if larger { Self::STEP } else { 1.0 / Self::STEP };
        self.scale(by, [0.0, 0.0], picture, place);
    }

    /// Moves the picture.
    pub fn pan(&mut self, by: [f32; 2], picture: [f32; 2], place: [f32; 2]) {
        self.offset = [self.offset[0] + by[0], self.offset[1] + by[1]];
        self.keep_in_sight(picture, place);
    }

    /// A picture that is larger than its place reaches to all its edges; a smaller one stays in the middle.
    fn keep_in_sight(&mut self, picture: [f32; 2], place: [f32; 2]) {
        let zoom = self.zoom(picture, place);
        for side in 0..2 {
            let over = ((picture[side] * zoom - place[side]) * 0.5).max(0.0);
            self.offset[side] = self.offset[side].clamp(-over, over);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: [f32; 2] = [1_000.0, 500.0];
    const PLACE: [f32; 2] = [500.0, 500.0];

    #[test]
    fn all_of_a_large_picture_fits_and_a_small_one_is_not_enlarged() {
        assert_eq!(Look::default().zoom(PICTURE, PLACE), 0.5);
        assert_eq!(Look::default().zoom([100.0, 100.0], PLACE), 1.0);
        assert!(Look::default().zoom([0.0, 0.0], PLACE).is_finite());
    }

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let mut look = Look::default();
        look.whole_size();
        // A point of the picture 100 to the right of the middle.
        look.scale(2.0, [100.0, 0.0], PICTURE, PLACE);
        let seen = (100.0 - look.offset()[0]) / look.zoom(PICTURE, PLACE);
        assert!((seen - 100.0).abs() < 0.01, "{seen}");
        assert_eq!(look.zoom(PICTURE, PLACE), 2.0);
    }

    #[test]
    fn it_cannot_be_pushed_out_of_sight_or_zoomed_away() {
        let mut look = Look::default();
        look.pan([1e9, -1e9], PICTURE, PLACE);
        assert_eq!(look.offset(), [0.0, 0.0], "what fits stays in the middle");
        look.whole_size();
        look.pan([1e9, 1e9], PICTURE, PLACE);
        assert_eq!(look.offset(), [250.0, 0.0]);
        for _ in 0..100 {
            look.step(true, PICTURE, PLACE);
        }
        assert_eq!(look.zoom(PICTURE, PLACE), Look::MOST);
        for _ in 0..100 {
            look.step(false, PICTURE, PLACE);
        }
        assert!(look.zoom(PICTURE, PLACE) >= 0.04);
        look.fit();
        assert!(look.is_fitted());
    }
}
