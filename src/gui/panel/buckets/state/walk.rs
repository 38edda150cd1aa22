//! Where the arrow keys lead: through the folders first, then through the objects, in rows of each one's own length.

/// A key that moves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// One back.
    Left,
    /// One on.
    Right,
    /// A row back.
    Up,
    /// A row on.
    Down,
    /// As many rows back as are in view.
    PageUp,
    /// As many rows on as are in view.
    PageDown,
    /// To the first.
    Home,
    /// To the last.
    End,
}

/// How folders and objects are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raster {
    /// Folders in a row.
    pub folder_columns: usize,
    /// Objects in a row.
    pub columns: usize,
    /// Rows in view.
    pub page: usize,
}

impl Raster {
    /// Rows of one below the other.
    pub const fn rows(page: usize) -> Self {
        Self {
            folder_columns: 1,
            columns: 1,
            page,
        }
    }

    /// The place that a key leads to from `at`, of `folders` folders and `objects` objects after them; the first or the
    /// last while nothing has the keyboard.
    pub fn walk(self, walk: Walk, at: Option<usize>, folders: usize, objects: usize) -> Option<usize> {
        let last = (folders + objects).checked_sub(1)?;
        let Some(at) = at else {
            return Some(if matches!(walk, Walk::Left | Walk::Up | Walk::PageUp | Walk::End) {
                last
            } else {
                0
            });
        };
        let at = at.min(last);
        let page = self.page.max(1);
        Some(match walk {
            Walk::Left => at.saturating_sub(1),
            Walk::Right => (at + 1).min(last),
            Walk::Home => 0,
            Walk::End => last,
            Walk::Up => self.by_rows(at, -1, folders, objects),
            Walk::Down => self.by_rows(at, 1, folders, objects),
            Walk::PageUp => self.by_rows(at, -(page as isize), folders, objects),
            Walk::PageDown => self.by_rows(at, page as isize, folders, objects),
        })
    }

    fn by_rows(self, at: usize, rows: isize, folders: usize, objects: usize) -> usize {
        let folder_rows = folders.div_ceil(self.folder_columns);
        let all_rows = folder_rows + objects.div_ceil(self.columns);
        let (row, column, columns) = if at < folders {
            (at / self.folder_columns, at % self.folder_columns, self.folder_columns)
        } else {
            let at = at - folders;
            (folder_rows + at / self.columns, at % self.columns, self.columns)
        };
        let to = row.saturating_add_signed(rows).min(all_rows - 1);
        if to == row {
            return at;
        }
        // What is above or below, where the rows are of another length.
        let in_row = |length: usize| column * length / columns;
        if to < folder_rows {
            (to * self.folder_columns + in_row(self.folder_columns)).min(folders - 1)
        } else {
            folders + ((to - folder_rows) * self.columns + in_row(self.columns)).min(objects - 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RASTER: Raster = Raster {
        folder_columns: 3,
        columns: 5,
        page: 2,
    };

    fn from(at: usize) -> impl Fn(Walk) -> Option<usize> {
        // Two rows of folders (3 and 1), four rows of objects (5, 5, 5, 2).
        move |walk| RASTER.walk(walk, Some(at), 4, 17)
    }

    #[test]
    fn rows_of_folders_and_of_objects_follow_one_another() {
        assert_eq!(from(0)(Walk::Down), Some(3));
        assert_eq!(
            from(2)(Walk::Down),
            Some(3),
            "the last folder where there is none below"
        );
        assert_eq!(from(3)(Walk::Down), Some(4));
        assert_eq!(from(8)(Walk::Up), Some(3));
        assert_eq!(from(8)(Walk::Down), Some(13));
        assert_eq!(from(18)(Walk::Down), Some(20));
        assert_eq!(from(20)(Walk::Down), Some(20));
        assert_eq!(from(1)(Walk::Up), Some(1));
    }

    #[test]
    fn pages_ends_and_single_steps() {
        assert_eq!(from(0)(Walk::PageDown), Some(4));
        assert_eq!(from(14)(Walk::PageUp), Some(4));
        assert_eq!(from(5)(Walk::Home), Some(0));
        assert_eq!(from(5)(Walk::End), Some(20));
        assert_eq!(from(20)(Walk::Right), Some(20));
        assert_eq!(from(4)(Walk::Left), Some(3));
    }

    #[test]
    fn without_a_place_the_first_or_the_last_is_taken() {
        assert_eq!(RASTER.walk(Walk::Down, None, 4, 17), Some(0));
        assert_eq!(RASTER.walk(Walk::Up, None, 4, 17), Some(20));
        assert_eq!(RASTER.walk(Walk::Down, None, 0, 0), None);
        assert_eq!(RASTER.walk(Walk::Down, Some(99), 1, 0), Some(0));
        assert_eq!(Raster::rows(9).walk(Walk::PageDown, Some(1), 0, 1_000_000), Some(10));
    }
}
