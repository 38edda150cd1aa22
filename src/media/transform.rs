//! Pictures in another size, as a picture server makes them: fitted in, filled out with what sticks out cut off, or
//! stretched. Nothing is ever enlarged.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::decode::Pixels;
use super::error::MediaError;

/// How a picture takes a wanted size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fit {
    /// Covers the size; what sticks out is cut off.
    #[default]
    Cover,
    /// Lies inside the size, with its proportions.
    Contain,
    /// Is stretched to the size's proportions.
    Fill,
}

/// Which part stays when something is cut off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gravity {
    /// Towards a side, a corner or the middle: −1 is left or top, 0 the middle, 1 right or bottom. The offsets lead away from
    /// there, in pixels, or below 1 as a part of the picture.
    Towards {
        /// Left to right.
        side: (i8, i8),
        /// Across and down.
        offset: (f64, f64),
    },
    /// Around a point, as parts of the picture: (0, 0) is the top left.
    Around(f64, f64),
}

impl Default for Gravity {
    fn default() -> Self {
        Self::Towards {
            side: (0, 0),
            offset: (0.0, 0.0),
        }
    }
}

/// A wanted size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Resize {
    /// Pixels across; `None` follows from the height.
    pub width: Option<u32>,
    /// Pixels down; `None` follows from the width.
    pub height: Option<u32>,
    /// How it is taken.
    pub fit: Fit,
    /// What stays if something is cut off.
    pub gravity: Gravity,
}

/// What of the source is used, and the size that it gets.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Plan {
    /// Left, top, width and height, in pixels of the source.
    area: (f64, f64, f64, f64),
    size: (u32, u32),
}

/// Scales a picture, and cuts off what sticks out.
///
/// # Errors
/// If the scaler refuses, which it does for no picture that [`Pixels`] can hold.
pub fn resize(picture: &Pixels, wanted: &Resize) -> Result<Pixels, MediaError> {
    let source = (picture.width(), picture.height());
    let plan = plan(source, wanted);
    let whole = (0.0, 0.0, f64::from(source.0), f64::from(source.1));
    if plan.size == source && plan.area == whole {
        return Ok(picture.clone());
    }
    let from = ImageRef::new(source.0, source.1, picture.rgba(), PixelType::U8x4).map_err(|_| MediaError::CutOff)?;
    let mut target = Image::new(plan.size.0, plan.size.1, PixelType::U8x4);
    let (left, top, width, height) = plan.area;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(left, top, width, height)
        .use_alpha(!picture.is_opaque());
    Resizer::new().resize(&from, &mut target, &options)?;
    Pixels::new(plan.size.0, plan.size.1, target.into_vec()).ok_or(MediaError::CutOff)
}

fn plan(source: (u32, u32), wanted: &Resize) -> Plan {
    let (width, height) = (f64::from(source.0), f64::from(source.1));
    let across = wanted.width.map(|wanted| f64::from(wanted.max(1)) / width);
    let down = wanted.height.map(|wanted| f64::from(wanted.max(1)) / height);
    let whole = (0.0, 0.0, width, height);
    let (across, down) = match (wanted.fit, across, down) {
        (_, None, None) => (1.0, 1.0),
        (Fit::Fill, across, down) => {
            let (across, down) = (across.unwrap_or(1.0), down.unwrap_or(1.0));
            // The proportions stay as wanted where one side would have to grow.
            let most = across.max(down).max(1.0);
            (across / most, down / most)
        }
        (Fit::Contain, across, down) => same(across.unwrap_or(f64::MAX).min(down.unwrap_or(f64::MAX))),
        (Fit::Cover, across, down) => same(across.unwrap_or(0.0).max(down.unwrap_or(0.0))),
    };
    let scaled = (pixels(width * across), pixels(height * down));
    if wanted.fit != Fit::Cover {
        return Plan {
            area: whole,
            size: scaled,
        };
    }
    let size = (
        wanted.width.map_or(scaled.0, |most| most.clamp(1, scaled.0)),
        wanted.height.map_or(scaled.1, |most| most.clamp(1, scaled.1)),
    );
    let (left, top) = position(scaled, size, wanted.gravity);
    // Back to the source's pixels, and never beyond its edges by rounding.
    let back = |start: f64, length: u32, scaled: u32, source: f64| {
        let factor = source / f64::from(scaled);
        let length = (f64::from(length) * factor).min(source);
        ((start * factor).clamp(0.0, source - length), length)
    };
    let (left, area_width) = back(left, size.0, scaled.0, width);
    let (top, area_height) = back(top, size.1, scaled.1, height);
    Plan {
        area: (left, top, area_width, area_height),
        size,
    }
}

/// One scale for both ways, never above 1.
fn same(scale: f64) -> (f64, f64) {
    let scale = scale.min(1.0);
    (scale, scale)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positive, and not above the source's size, which is a u32"
)]
fn pixels(length: f64) -> u32 {
    (length.round() as u32).max(1)
}

/// Where the part that stays begins, in pixels of the scaled picture.
fn position(scaled: (u32, u32), size: (u32, u32), gravity: Gravity) -> (f64, f64) {
    let room = |scaled: u32, size: u32| f64::from(scaled - size);
    let one = |scaled: u32, size: u32, side: i8, offset: f64, point: Option<f64>| {
        let room = room(scaled, size);
        let start = match point {
            Some(point) => f64::from(scaled) * point - f64::from(size) / 2.0,
            None => {
                let offset = if offset.abs() < 1.0 {
                    offset * f64::from(scaled)
                } else {
                    offset
                };
                match side {
                    -1 => offset,
                    1 => room - offset,
                    _ => room / 2.0 + offset,
                }
            }
        };
        start.clamp(0.0, room)
    };
    match gravity {
        Gravity::Towards { side, offset } => (
            one(scaled.0, size.0, side.0, offset.0, None),
            one(scaled.1, size.1, side.1, offset.1, None),
        ),
        Gravity::Around(x, y) => (
            one(scaled.0, size.0, 0, 0.0, Some(x)),
            one(scaled.1, size.1, 0, 0.0, Some(y)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wanted(width: u32, height: u32, fit: Fit) -> Resize {
        Resize {
            width: (width > 0).then_some(width),
            height: (height > 0).then_some(height),
            fit,
            gravity: Gravity::default(),
        }
    }

    #[test]
    fn sizes_are_those_of_a_picture_server() {
        for (source, width, height, fit, size) in [
            ((400, 200), 100, 100, Fit::Cover, (100, 100)),
            ((400, 200), 100, 100, Fit::Contain, (100, 50)),
            ((400, 200), 100, 100, Fit::Fill, (100, 100)),
            ((400, 200), 100, 0, Fit::Cover, (100, 50)),
            ((400, 200), 0, 100, Fit::Contain, (200, 100)),
            ((400, 200), 100, 0, Fit::Fill, (100, 200)),
            // Nothing grows.
            ((50, 50), 100, 100, Fit::Cover, (50, 50)),
            ((300, 50), 100, 100, Fit::Cover, (100, 50)),
            ((50, 20), 100, 100, Fit::Contain, (50, 20)),
            ((50, 50), 100, 200, Fit::Fill, (25, 50)),
            ((400, 200), 0, 0, Fit::Cover, (400, 200)),
            ((1, 100_000), 100, 100, Fit::Contain, (1, 100)),
        ] {
            let plan = plan(source, &wanted(width, height, fit));
            assert_eq!(plan.size, size, "{source:?} to {width}×{height}, {fit:?}");
        }
    }

    #[test]
    fn what_sticks_out_is_cut_off_where_it_was_asked() {
        let towards = |side, offset| Gravity::Towards { side, offset };
        for (gravity, left) in [
            (towards((0, 0), (0.0, 0.0)), 100.0),
            (towards((-1, 0), (0.0, 0.0)), 0.0),
            (towards((1, -1), (0.0, 0.0)), 200.0),
            (towards((-1, 0), (10.0, 0.0)), 20.0),
            (towards((1, 0), (10.0, 0.0)), 180.0),
            (towards((-1, 0), (0.1, 0.0)), 40.0),
            (Gravity::Around(0.5, 0.5), 100.0),
            (Gravity::Around(0.0, 0.5), 0.0),
            (Gravity::Around(1.0, 0.5), 200.0),
        ] {
            let wanted = Resize {
                gravity,
                ..wanted(100, 100, Fit::Cover)
            };
            assert_eq!(plan((400, 200), &wanted).area, (left, 0.0, 200.0, 200.0), "{gravity:?}");
        }
    }

    #[test]
    fn the_middle_of_a_picture_stays() {
        // Red, green, blue, each 40 wide.
        let row: Vec<u8> = (0..120)
            .flat_map(|x| match x / 40 {
                0 => [255, 0, 0, 255],
                1 => [0, 255, 0, 255],
                _ => [0, 0, 255, 255],
            })
            .collect();
        let picture = Pixels::new(120, 40, row.repeat(40)).unwrap();
        let cut = resize(&picture, &wanted(20, 20, Fit::Cover)).unwrap();
        assert_eq!((cut.width(), cut.height()), (20, 20));
        let middle = &cut.rgba()[(10 * 20 + 10) * 4..][..4];
        assert_eq!(middle, [0, 255, 0, 255]);
    }

    proptest! {
        #[test]
        fn every_plan_lies_inside_the_source(
            source in (1_u32..60_000, 1_u32..60_000), width in 0_u32..2001, height in 0_u32..2001,
            fit in prop::sample::select(vec![Fit::Cover, Fit::Contain, Fit::Fill]),
            side in (-1_i8..=1, -1_i8..=1), offset in (-3000.0..3000.0, -1.5..1.5), point in prop::option::of((0.0..=1.0, 0.0..=1.0)),
        ) {
            let gravity = point.map_or(Gravity::Towards { side, offset }, |(x, y)| Gravity::Around(x, y));
            let plan = plan(source, &Resize { gravity, ..wanted(width, height, fit) });
            let (left, top, w, h) = plan.area;
            prop_assert!(left >= 0.0 && top >= 0.0 && w > 0.0 && h > 0.0);
            prop_assert!(left + w <= f64::from(source.0) && top + h <= f64::from(source.1), "{plan:?}");
            prop_assert!(plan.size.0 >= 1 && plan.size.1 >= 1);
            prop_assert!(plan.size.0 <= source.0 && plan.size.1 <= source.1);
        }
    }
}
