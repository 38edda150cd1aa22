//! The columns of the table: which there are, and how wide.

use serde::{Deserialize, Serialize};

use crate::catalog::SortBy;

/// A column beside the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// Bytes.
    Size,
    /// The declared type.
    Type,
    /// When it was last written.
    Modified,
    /// The rule for caches.
    CacheControl,
    /// How many scenes show it.
    UsedBy,
}

/// Least width of a column, in points.
const LEAST: f32 = 48.0;
/// Greatest width.
const MOST: f32 = 320.0;

impl Column {
    /// Every column, from the left to the right.
    pub const ALL: [Self; 5] = [Self::Size, Self::Type, Self::Modified, Self::CacheControl, Self::UsedBy];

    /// What it is called.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Size => "Size",
            Self::Type => "Type",
            Self::Modified => "Modified",
            Self::CacheControl => "Cache control",
            Self::UsedBy => "Used by",
        }
    }

    /// The order it stands for.
    pub const fn sort(self) -> SortBy {
        match self {
            Self::Size => SortBy::Size,
            Self::Type => SortBy::Type,
            Self::Modified => SortBy::Modified,
            Self::CacheControl => SortBy::CacheControl,
            Self::UsedBy => SortBy::UsedBy,
        }
    }

    /// Whether numbers stand at its right edge.
    pub const fn is_right(self) -> bool {
        matches!(self, Self::Size)
    }

    const fn usual(self) -> f32 {
        match self {
            Self::Size => 64.0,
            Self::Type => 104.0,
            Self::Modified => 84.0,
            Self::CacheControl => 116.0,
            Self::UsedBy => 84.0,
        }
    }

    fn place(self) -> usize {
        match self {
            Self::Size => 0,
            Self::Type => 1,
            Self::Modified => 2,
            Self::CacheControl => 3,
            Self::UsedBy => 4,
        }
    }
}

/// Which columns there are, and how wide. Remembered between starts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Columns {
    shown: [bool; 5],
    widths: [f32; 5],
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            shown: [true, true, true, false, true],
            widths: Column::ALL.map(Column::usual),
        }
    }
}

impl Columns {
    /// As they are remembered, with widths that can be.
    #[must_use]
    pub fn mended(mut self) -> Self {
        for column in Column::ALL {
            let width = &mut self.widths[column.place()];
            if width.is_finite() {
                *width = width.clamp(LEAST, MOST);
            } else {
                *width = column.usual();
            }
        }
        self
    }

    /// Whether a column is wanted.
    pub fn has(&self, column: Column) -> bool {
        self.shown[column.place()]
    }

    /// Wants a column, or no longer.
    pub fn flip(&mut self, column: Column) {
        let shown = &mut self.shown[column.place()];
        *shown = !*shown;
    }

    /// Points.
    pub fn width(&self, column: Column) -> f32 {
        self.widths[column.place()]
    }

    /// Makes a column wider or narrower.
    pub fn widen(&mut self, column: Column, by: f32) {
        let width = &mut self.widths[column.place()];
        *width = (*width + by).clamp(LEAST, MOST);
    }

    /// Makes a column as wide as it was.
    pub fn reset(&mut self, column: Column) {
        self.widths[column.place()] = column.usual();
    }

    /// The columns that there is room for within `width` points, with `gap` points before each: those at the right are
    /// left out first.
    pub fn fitting(&self, width: f32, gap: f32) -> Vec<Column> {
        let mut left = width;
        let wanted = Column::ALL.into_iter().filter(|column| self.has(*column));
        wanted
            .take_while(|column| {
                left -= self.width(*column) + gap;
                left >= 0.0
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_and_go_and_what_has_no_room_is_left_out() {
        let mut columns = Columns::default();
        assert!(!columns.has(Column::CacheControl));
        columns.flip(Column::CacheControl);
        columns.flip(Column::Type);
        assert_eq!(
            columns.fitting(900.0, 12.0),
            [Column::Size, Column::Modified, Column::CacheControl, Column::UsedBy]
        );
        assert_eq!(columns.fitting(180.0, 12.0), [Column::Size, Column::Modified]);
        assert_eq!(columns.fitting(10.0, 12.0), []);
    }

    #[test]
    fn what_was_remembered_is_mended() {
        let kept: Columns =
            serde_json::from_str(r#"{"shown":[true,false,true,true,true],"widths":[1e9,-4,84,116,84]}"#).unwrap();
        let kept = kept.mended();
        assert!(!kept.has(Column::Type) && kept.has(Column::CacheControl));
        assert_eq!((kept.width(Column::Size), kept.width(Column::Type)), (MOST, LEAST));
        let broken = Columns {
            widths: [f32::NAN; 5],
            ..Columns::default()
        };
        assert_eq!(broken.mended(), Columns::default());
        assert_eq!(serde_json::from_str::<Columns>("{}").unwrap(), Columns::default());
    }

    #[test]
    fn widths_have_bounds() {
        let mut columns = Columns::default();
        columns.widen(Column::Size, -1_000.0);
        assert!(columns.width(Column::Size) >= LEAST);
        columns.widen(Column::Size, 10_000.0);
        assert!(columns.width(Column::Size) <= MOST);
        columns.reset(Column::Size);
        assert_eq!(columns, Columns::default());
    }
}
