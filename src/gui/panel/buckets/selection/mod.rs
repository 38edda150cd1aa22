//! Which objects are chosen, and where the keyboard is. No egui.

mod set;

pub use set::ObjectSet;

/// How a click or a key chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This one alone.
    Only,
    /// This one more, or no longer.
    Toggle,
    /// Everything from the last one chosen alone up to this one.
    Range,
}

/// An object and where it was shown when it was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spot {
    object: u32,
    place: usize,
}

impl Spot {
    /// Where the object is shown now. Looked for only if it is not where it was.
    fn find(self, shown: &[u32]) -> Option<usize> {
        if shown.get(self.place) == Some(&self.object) {
            return Some(self.place);
        }
        shown.iter().position(|object| *object == self.object)
    }
}

/// Chosen objects of one index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    chosen: ObjectSet,
    /// Where a range begins.
    anchor: Option<Spot>,
    /// The object that keys move from and the inspector shows.
    cursor: Option<Spot>,
}

impl Selection {
    /// Whether an object is chosen.
    pub fn contains(&self, object: u32) -> bool {
        self.chosen.contains(object)
    }

    /// How many are chosen.
    pub fn len(&self) -> usize {
        self.chosen.len()
    }

    /// Whether none is chosen.
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// The chosen objects, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.chosen.iter()
    }

    /// The object that keys move from.
    pub fn cursor(&self) -> Option<u32> {
        self.cursor.map(|spot| spot.object)
    }

    /// Where the object that keys move from is shown; `shown` are all objects in the order they are shown.
    pub fn place(&self, shown: &[u32]) -> Option<usize> {
        self.cursor?.find(shown)
    }

    /// The only chosen object.
    pub fn single(&self) -> Option<u32> {
        if self.chosen.len() == 1 {
            self.chosen.first()
        } else {
            None
        }
    }

    /// Chooses the object at a place of `shown`, which are all objects in the order they are shown.
    pub fn choose(&mut self, place: usize, choice: Choice, shown: &[u32]) {
        let Some(object) = shown.get(place).copied() else {
            return;
        };
        let spot = Spot { object, place };
        self.cursor = Some(spot);
        match choice {
            Choice::Only => {
                self.chosen.clear();
                self.chosen.insert(object);
                self.anchor = Some(spot);
            }
            Choice::Toggle => {
                if !self.chosen.remove(object) {
                    self.chosen.insert(object);
                }
                self.anchor = Some(spot);
            }
            Choice::Range => {
                // An anchor that a filter hides cannot begin a range that people could see.
                let from = self.anchor.and_then(|anchor| anchor.find(shown)).unwrap_or(place);
                self.anchor = Some(Spot {
                    object: shown[from],
                    place: from,
                });
                self.chosen.clear();
                self.chosen
                    .extend(shown[from.min(place)..=from.max(place)].iter().copied());
            }
        }
    }

    /// Moves the cursor by `steps` objects and chooses the one it comes to; the first if there is none yet. Answers its
    /// place.
    pub fn step(&mut self, steps: isize, choice: Choice, shown: &[u32]) -> Option<usize> {
        let last = shown.len().checked_sub(1)?;
        let to = self.place(shown).map_or(if steps < 0 { last } else { 0 }, |at| {
            at.saturating_add_signed(steps).min(last)
        });
        self.choose(to, choice, shown);
        Some(to)
    }

    /// Chooses everything that is shown; `all` is the same as a set.
    pub fn all(&mut self, all: &ObjectSet, shown: &[u32]) {
        self.chosen = all.clone();
        self.cursor = self.cursor.or_else(|| {
            shown.first().map(|object| Spot {
                object: *object,
                place: 0,
            })
        });
    }

    /// Chooses nothing; the cursor stays.
    pub fn clear(&mut self) {
        self.chosen.clear();
        self.anchor = None;
    }

    /// Keeps only what is shown: nothing is deleted that is not seen. Answers whether anything was let go.
    pub fn keep(&mut self, all: &ObjectSet) -> bool {
        let before = self.chosen.len();
        self.chosen.keep(all);
        self.chosen.len() != before
    }

    /// Says every object by its place in another index; those that are not in it are no longer chosen.
    pub fn moved(&self, mut to: impl FnMut(u32) -> Option<u32>) -> Self {
        let mut spot = |spot: Spot| {
            Some(Spot {
                object: to(spot.object)?,
                place: spot.place,
            })
        };
        let (anchor, cursor) = (self.anchor.and_then(&mut spot), self.cursor.and_then(&mut spot));
        Self {
            chosen: self.chosen.iter().filter_map(to).collect(),
            anchor,
            cursor,
        }
    }

    /// Looks up once where the cursor and the anchor are shown, so that no frame has to.
    pub fn settle(&mut self, shown: &[u32]) {
        for spot in [&mut self.anchor, &mut self.cursor].into_iter().flatten() {
            if let Some(place) = spot.find(shown) {
                spot.place = place;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: [u32; 6] = [9, 4, 7, 1, 3, 8];

    fn chosen(selection: &Selection) -> Vec<u32> {
        selection.iter().collect()
    }

    fn all() -> Selection {
        let mut selection = Selection::default();
        selection.all(&SHOWN.into_iter().collect(), &SHOWN);
        selection
    }

    #[test]
    fn a_click_chooses_one_and_control_adds_or_takes_away() {
        let mut selection = Selection::default();
        selection.choose(1, Choice::Only, &SHOWN);
        selection.choose(2, Choice::Toggle, &SHOWN);
        assert_eq!(chosen(&selection), [4, 7]);
        assert_eq!(selection.single(), None);
        selection.choose(1, Choice::Toggle, &SHOWN);
        assert_eq!((chosen(&selection), selection.single()), (vec![7], Some(7)));
    }

    #[test]
    fn a_range_goes_by_what_is_shown_and_turns_around_its_anchor() {
        let mut selection = Selection::default();
        selection.choose(2, Choice::Only, &SHOWN);
        selection.choose(4, Choice::Range, &SHOWN);
        assert_eq!(chosen(&selection), [1, 3, 7]);
        selection.choose(0, Choice::Range, &SHOWN);
        assert_eq!(chosen(&selection), [4, 7, 9]);
    }

    #[test]
    fn a_range_from_a_hidden_anchor_is_the_object_alone() {
        let mut selection = Selection::default();
        selection.choose(0, Choice::Only, &SHOWN);
        selection.choose(2, Choice::Range, &SHOWN[2..]);
        assert_eq!(chosen(&selection), [3]);
    }

    #[test]
    fn a_range_begins_where_its_anchor_is_shown_now() {
        let mut selection = Selection::default();
        selection.choose(5, Choice::Only, &SHOWN);
        let sorted = [1, 3, 4, 7, 8, 9];
        selection.choose(2, Choice::Range, &sorted);
        assert_eq!(chosen(&selection), [4, 7, 8]);
    }

    #[test]
    fn keys_move_within_what_is_shown() {
        let mut selection = Selection::default();
        assert_eq!(selection.step(1, Choice::Only, &[]), None);
        assert_eq!(selection.step(1, Choice::Only, &SHOWN), Some(0));
        assert_eq!(selection.step(100, Choice::Range, &SHOWN), Some(5));
        assert_eq!(selection.len(), SHOWN.len());
        assert_eq!(selection.step(-1, Choice::Only, &SHOWN), Some(4));
        assert_eq!(selection.cursor(), Some(3));
        assert_eq!(selection.step(isize::MIN, Choice::Only, &SHOWN), Some(0));
    }

    #[test]
    fn what_a_filter_hides_is_no_longer_chosen() {
        let mut selection = all();
        assert!(selection.keep(&[7, 3, 200].into_iter().collect()));
        assert_eq!(chosen(&selection), [3, 7]);
        assert!(!selection.keep(&[7, 3, 1].into_iter().collect()));
    }

    #[test]
    fn a_refresh_keeps_what_is_still_there() {
        let mut selection = all();
        selection.choose(1, Choice::Toggle, &SHOWN);
        let mut moved = selection.moved(|object| if object == 9 { None } else { Some(object + 1) });
        assert_eq!(chosen(&moved), [2, 4, 8, 9]);
        assert_eq!(moved.cursor(), Some(5));
        moved.settle(&[2, 9, 5]);
        assert_eq!(moved.place(&[2, 9, 5]), Some(2));
    }
}
