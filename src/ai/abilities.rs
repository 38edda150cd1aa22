//! What an engine can be asked for, so that nobody is offered what it does not know.

use serde::Serialize;

use super::dialect;
use crate::workspace::{Dialect, Provider};

/// What an engine that draws takes besides words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Abilities {
    /// A seed, so that the same comes out again.
    pub seed: bool,
    /// Words for what is not to be seen.
    pub negative: bool,
    /// How many steps it works.
    pub steps: bool,
    /// A picture to start from.
    pub base: bool,
    /// How far it may go from the picture that it starts from.
    pub strength: bool,
    /// Pictures that show who or what is meant, at most so many.
    pub references: usize,
    /// Whether the picture to start from is one of them: the API knows only one kind.
    pub base_is_reference: bool,
    /// The sizes that it draws.
    pub sizes: Sizes,
    /// Whether it tells how far it is.
    pub progress: bool,
}

/// The sizes that an engine draws, in pixels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sizes {
    /// These and no others.
    Fixed(Vec<(u32, u32)>),
    /// All whose sides are in a range and multiples of a step.
    Range {
        /// The shortest side.
        least: u32,
        /// The longest side.
        most: u32,
        /// What sides are multiples of.
        step: u32,
    },
    /// These shapes; how large is the engine's choice.
    Shapes(Vec<(u32, u32)>),
}

impl Sizes {
    /// The size that comes nearest to the one wished for: first in shape, then in pixels. Of [`Sizes::Shapes`] it is the
    /// shape.
    #[must_use]
    pub fn nearest(&self, width: u32, height: u32) -> (u32, u32) {
        match self {
            Self::Fixed(sizes) | Self::Shapes(sizes) => {
                let far = |&&(w, h): &&(u32, u32)| {
                    // How much longer one shape is than the other, in thousandths, is the same for both directions.
                    let (ours, theirs) = (u64::from(w) * u64::from(height), u64::from(width) * u64::from(h));
                    let shape = ours.max(theirs).saturating_mul(1_000) / ours.min(theirs).max(1);
                    let area = u64::from(w).saturating_mul(u64::from(h));
                    (shape, area.abs_diff(u64::from(width) * u64::from(height)))
                };
                sizes.iter().min_by_key(far).copied().unwrap_or((width, height))
            }
            &Self::Range { least, most, step } => {
                let step = step.max(1);
                let side = |side: u32| (side.clamp(least, most) + step / 2) / step * step;
                (side(width).clamp(least, most), side(height).clamp(least, most))
            }
        }
    }
}

impl Abilities {
    /// How many references go beside what a picture starts from, or starts without.
    #[must_use]
    pub fn references_beside(&self, base: bool) -> usize {
        self.references
            .saturating_sub(usize::from(base && self.base_is_reference))
    }

    /// Those of a provider's engine that draws.
    #[must_use]
    pub fn of(provider: &Provider) -> Self {
        let nothing = Self {
            seed: false,
            negative: false,
            steps: false,
            base: false,
            strength: false,
            references: 0,
            base_is_reference: false,
            sizes: Sizes::Range {
                least: 64,
                most: 2048,
                step: 8,
            },
            progress: false,
        };
        match provider.dialect {
            Dialect::BuiltIn => Self {
                seed: true,
                sizes: Sizes::Range {
                    least: 256,
                    most: 2048,
                    step: 1,
                },
                ..nothing
            },
            Dialect::OpenAi => Self {
                base: true,
                references: 16,
                base_is_reference: true,
                sizes: Sizes::Fixed(dialect::openai::SIZES.to_vec()),
                ..nothing
            },
            Dialect::OpenRouter => Self {
                seed: true,
                base: true,
                references: 8,
                base_is_reference: true,
                sizes: Sizes::Shapes(SHAPES.to_vec()),
                ..nothing
            },
            Dialect::Together => Self {
                seed: true,
                negative: true,
                steps: true,
                base: true,
                references: 4,
                sizes: Sizes::Range {
                    least: 256,
                    most: 1792,
                    step: 16,
                },
                ..nothing
            },
            Dialect::OpenaiLoose => Self {
                seed: true,
                negative: true,
                steps: true,
                ..nothing
            },
            Dialect::Sdapi => Self {
                seed: true,
                negative: true,
                steps: true,
                base: true,
                strength: true,
                progress: true,
                ..nothing
            },
            Dialect::Gemini => Self {
                seed: true,
                base: true,
                references: 14,
                base_is_reference: true,
                sizes: Sizes::Shapes(SHAPES.to_vec()),
                ..nothing
            },
            Dialect::Comfy => dialect::comfy::abilities(provider, nothing),
        }
    }
}

/// The shapes that models know which are asked for a ratio instead of a size.
pub(super) const SHAPES: [(u32, u32); 10] = [
    (1, 1),
    (2, 3),
    (3, 2),
    (3, 4),
    (4, 3),
    (4, 5),
    (5, 4),
    (9, 16),
    (16, 9),
    (21, 9),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_size_has_the_nearest_shape() {
        let three = Sizes::Fixed(vec![(1024, 1024), (1536, 1024), (1024, 1536)]);
        assert_eq!(three.nearest(1024, 768), (1536, 1024));
        assert_eq!(three.nearest(600, 600), (1024, 1024));
        assert_eq!(three.nearest(10, 1000), (1024, 1536));
        let shapes = Sizes::Shapes(SHAPES.to_vec());
        assert_eq!(shapes.nearest(1024, 768), (4, 3));
        assert_eq!(shapes.nearest(768, 1024), (3, 4));
        assert_eq!(shapes.nearest(1920, 1080), (16, 9));
        let range = Sizes::Range {
            least: 64,
            most: 2048,
            step: 16,
        };
        assert_eq!(range.nearest(1023, 9), (1024, 64));
        assert_eq!(range.nearest(9_999, 769), (2048, 768));
        assert_eq!(
            Sizes::Fixed(Vec::new()).nearest(0, 0),
            (0, 0),
            "no size is no reason to panic"
        );
    }
}
