//! Which objects are chosen, and where the keyboard is. No egui.

use std::collections::BTreeSet;

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

/// Chosen objects, as indexes into a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    chosen: BTreeSet<u32>,
    /// Where a range begins.
    anchor: Option<u32>,
    /// The object that keys move from and the inspector shows.
    cursor: Option<u32>,
}

impl Selection {
    /// Whether an object is chosen.
    pub fn contains(&self, object: u32) -> bool {
        self.chosen.contains(&object)
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
        self.chosen.iter().copied()
    }

    /// The object that keys move from.
    pub fn cursor(&self) -> Option<u32> {
        self.cursor
    }

    /// The only chosen object.
    pub fn single(&self) -> Option<u32> {
        if self.chosen.len() == 1 {
            self.chosen.first().copied()
        } else {
            None
        }
    }

    /// Chooses `object` in the way of `choice`; `shown` are all objects in the order they are shown.
    pub fn choose(&mut self, object: u32, choice: Choice, shown: &[u32]) {
        self.cursor = Some(object);
        match choice {
            Choice::Only => {
                self.chosen = BTreeSet::from([object]);
                self.anchor = Some(object);
            }
            Choice::Toggle => {
                if !self.chosen.remove(&object) {
                    self.chosen.insert(object);
                }
                self.anchor = Some(object);
            }
            Choice::Range => {
                let place = |wanted: u32| shown.iter().position(|object| *object == wanted);
                let to = place(object);
                // An anchor that a filter hides cannot begin a range that people could see.
                let from = self.anchor.and_then(place).or(to);
                let (Some(from), Some(to)) = (from, to) else { return };
                self.anchor = Some(shown[from]);
                self.chosen = shown[from.min(to)..=from.max(to)].iter().copied().collect();
            }
        }
    }

    /// Moves the cursor by `steps` objects and chooses the one it comes to; the first if there is none yet.
    pub fn step(&mut self, steps: isize, choice: Choice, shown: &[u32]) -> Option<u32> {
        let last = shown.len().checked_sub(1)?;
        let at = self
            .cursor
            .and_then(|cursor| shown.iter().position(|object| *object == cursor));
        let to = at.map_or(if steps < 0 { last } else { 0 }, |at| {
            at.saturating_add_signed(steps).min(last)
        });
        let object = *shown.get(to)?;
        self.choose(object, choice, shown);
        Some(object)
    }

    /// Chooses everything that is shown.
    pub fn all(&mut self, shown: &[u32]) {
        self.chosen = shown.iter().copied().collect();
        self.cursor = self.cursor.or(shown.first().copied());
    }

    /// Chooses nothing; the cursor stays.
    pub fn clear(&mut self) {
        self.chosen.clear();
        self.anchor = None;
    }

    /// Keeps only what is shown: nothing is deleted that is not seen.
    pub fn keep(&mut self, shown: &[u32]) {
        if self.chosen.is_empty() {
            return;
        }
        let shown: BTreeSet<u32> = shown.iter().copied().collect();
        self.chosen.retain(|object| shown.contains(object));
    }

    /// Says every object by its index in another listing; those that are not in it are no longer chosen.
    pub fn moved(&self, to: impl Fn(u32) -> Option<u32>) -> Self {
        Self {
            chosen: self.chosen.iter().filter_map(|object| to(*object)).collect(),
            anchor: self.anchor.and_then(&to),
            cursor: self.cursor.and_then(&to),
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

    #[test]
    fn a_click_chooses_one_and_control_adds_or_takes_away() {
        let mut selection = Selection::default();
        selection.choose(4, Choice::Only, &SHOWN);
        selection.choose(7, Choice::Toggle, &SHOWN);
        assert_eq!(chosen(&selection), [4, 7]);
        assert_eq!(selection.single(), None);
        selection.choose(4, Choice::Toggle, &SHOWN);
        assert_eq!((chosen(&selection), selection.single()), (vec![7], Some(7)));
    }

    #[test]
    fn a_range_goes_by_what_is_shown_and_turns_around_its_anchor() {
        let mut selection = Selection::default();
        selection.choose(7, Choice::Only, &SHOWN);
        selection.choose(3, Choice::Range, &SHOWN);
        assert_eq!(chosen(&selection), [1, 3, 7]);
        selection.choose(9, Choice::Range, &SHOWN);
        assert_eq!(chosen(&selection), [4, 7, 9]);
    }

    #[test]
    fn a_range_from_a_hidden_anchor_is_the_object_alone() {
        let mut selection = Selection::default();
        selection.choose(9, Choice::Only, &SHOWN);
        selection.choose(3, Choice::Range, &SHOWN[2..]);
        assert_eq!(chosen(&selection), [3]);
    }

    #[test]
    fn keys_move_within_what_is_shown() {
        let mut selection = Selection::default();
        assert_eq!(selection.step(1, Choice::Only, &[]), None);
        assert_eq!(selection.step(1, Choice::Only, &SHOWN), Some(9));
        assert_eq!(selection.step(100, Choice::Range, &SHOWN), Some(8));
        assert_eq!(selection.len(), SHOWN.len());
        assert_eq!(selection.step(-1, Choice::Only, &SHOWN), Some(3));
        assert_eq!(selection.step(isize::MIN, Choice::Only, &SHOWN), Some(9));
    }

    #[test]
    fn what_a_filter_hides_is_no_longer_chosen() {
        let mut selection = Selection::default();
        selection.all(&SHOWN);
        selection.keep(&[7, 3]);
        assert_eq!(chosen(&selection), [3, 7]);
    }

    #[test]
    fn a_refresh_keeps_what_is_still_there() {
        let mut selection = Selection::default();
        selection.all(&SHOWN);
        selection.choose(4, Choice::Toggle, &SHOWN);
        let moved = selection.moved(|object| if object == 9 { None } else { Some(object + 1) });
        assert_eq!(chosen(&moved), [2, 4, 8, 9]);
        assert_eq!(moved.cursor(), Some(5));
    }
}
