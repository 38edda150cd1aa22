//! The part of a long list of stories that was read: pages at their places, a bounded number of them.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::service::STORIES_PAGE;
use crate::story::{Story, StoryId};

/// Stories of a page.
pub const PAGE: usize = STORIES_PAGE as usize;
/// Pages kept; the ones farthest from what is in sight make room.
const KEPT: usize = 24;

/// A page of the list.
#[derive(Debug)]
struct Page {
    stories: Vec<Story>,
    /// The reading of the list that it belongs to.
    reading: u64,
}

/// Pages of stories, each at its place.
#[derive(Debug, Default)]
pub struct StoryPages {
    pages: BTreeMap<usize, Page>,
    total: Option<usize>,
    /// The reading of the list for which the total was counted.
    counted: Option<u64>,
    reading: u64,
}

/// The page that a place is on.
fn page_of(place: usize) -> usize {
    place / PAGE
}

impl StoryPages {
    /// How many stories the list has, as far as that is known: where the server does not count, a full last page lets
    /// there be one page more.
    pub fn len(&self) -> usize {
        self.total.unwrap_or_else(|| {
            let last = self.pages.iter().next_back();
            last.map_or(0, |(at, page)| {
                let more = if page.stories.len() == PAGE { PAGE } else { 0 };
                at * PAGE + page.stories.len() + more
            })
        })
    }

    /// Whether [`Self::len`] is the number of stories and not just what is known so far.
    pub fn is_counted(&self) -> bool {
        self.total.is_some()
            || self
                .pages
                .iter()
                .next_back()
                .is_none_or(|(_, page)| page.stories.len() < PAGE)
    }

    /// Whether every story of the list is here, as it was read last.
    pub fn is_whole(&self) -> bool {
        let pages = self.len().div_ceil(PAGE).max(1);
        self.is_counted() && self.pages.len() >= pages && self.pages.values().all(|page| page.reading == self.reading)
    }

    /// The story at a place from 0, if its page was read.
    pub fn at(&self, place: usize) -> Option<&Story> {
        self.pages.get(&page_of(place))?.stories.get(place % PAGE)
    }

    /// Every story that is here, in the list's order.
    pub fn all(&self) -> impl Iterator<Item = &Story> {
        self.pages.values().flat_map(|page| &page.stories)
    }

    /// A story by its id.
    pub fn get(&self, id: &StoryId) -> Option<&Story> {
        self.all().find(|story| story.story_id == *id)
    }

    /// The place of a story that is here.
    pub fn place_of(&self, id: &StoryId) -> Option<usize> {
        self.pages.iter().find_map(|(at, page)| {
            let within = page.stories.iter().position(|story| story.story_id == *id)?;
            Some(at * PAGE + within)
        })
    }

    /// Whether the stories are to be counted: there may be more than were read, and nobody has counted since everything was to be
    /// read again.
    pub fn wants_total(&self) -> bool {
        let first = self.pages.get(&0).filter(|page| page.reading == self.reading);
        self.counted != Some(self.reading) && first.is_some_and(|page| page.stories.len() == PAGE)
    }

    /// Says how many stories the list has.
    pub fn count(&mut self, total: Option<usize>) {
        self.counted = Some(self.reading);
        self.total = total;
        // What is beyond the end is no more.
        if let Some(total) = total {
            self.pages.retain(|at, _| *at == 0 || at * PAGE < total);
        }
    }

    /// Puts in a page as it was read. A story that has moved here from another page is not on both.
    pub fn put(&mut self, at: usize, stories: Vec<Story>, total: Option<usize>) {
        for (other, page) in &mut self.pages {
            if *other != at {
                page.stories
                    .retain(|known| !stories.iter().any(|story| story.story_id == known.story_id));
            }
        }
        let is_whole = at == 0 && stories.len() < PAGE;
        let known = stories.len();
        if stories.is_empty() && at > 0 {
            self.pages.remove(&at);
        } else {
            let reading = self.reading;
            self.pages.insert(at, Page { stories, reading });
        }
        match total {
            Some(total) => self.count(Some(total)),
            // One that was counted before has become shorter than a page.
            None if is_whole && self.total.is_some() => self.count(Some(known)),
            None => {}
        }
    }

    /// Puts a story in the place of what was known of it; false if it is not here.
    pub fn patch(&mut self, story: &Story) -> bool {
        let mut pages = self.pages.values_mut().flat_map(|page| &mut page.stories);
        match pages.find(|known| known.story_id == story.story_id) {
            Some(known) => {
                known.clone_from(story);
                true
            }
            None => false,
        }
    }

    /// Everything is to be read again; it stays until then.
    pub fn make_stale(&mut self) {
        self.reading += 1;
    }

    /// The pages of these places that were not read, or not since everything was to be read again.
    pub fn missing(&self, places: &Range<usize>) -> impl Iterator<Item = usize> {
        let last = places.end.max(places.start + 1).min(self.len().max(1));
        let pages = page_of(places.start)..page_of(last - 1) + 1;
        pages.filter(|at| self.pages.get(at).is_none_or(|page| page.reading != self.reading))
    }

    /// Lets go of the pages farthest from `places` that are more than are kept.
    pub fn let_go(&mut self, places: &Range<usize>) {
        let here = page_of(places.start);
        while self.pages.len() > KEPT {
            let farthest = self.pages.keys().copied().max_by_key(|at| at.abs_diff(here));
            let Some(farthest) = farthest else { return };
            self.pages.remove(&farthest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::story;
    use super::*;

    fn page(first: usize, many: usize) -> Vec<Story> {
        (first..first + many)
            .map(|at| story(&format!("Story {at}"), 0))
            .collect()
    }

    #[test]
    fn pages_are_at_their_places_and_what_lies_between_is_unknown() {
        let mut pages = StoryPages::default();
        pages.put(0, page(0, PAGE), Some(100_250));
        pages.put(500, page(50_000, PAGE), Some(100_250));
        assert_eq!(pages.len(), 100_250);
        assert_eq!(pages.at(50_007).map(|story| story.title.as_str()), Some("Story 50007"));
        assert!(pages.at(300).is_none() && !pages.is_whole());
        let id = pages.at(50_007).unwrap().story_id.clone();
        assert_eq!(pages.place_of(&id), Some(50_007));
        assert_eq!(pages.missing(&(49_990..50_110)).collect::<Vec<_>>(), [499, 501]);
        assert_eq!(pages.missing(&(100_249..100_300)).collect::<Vec<_>>(), [1002]);
    }

    #[test]
    fn what_is_read_again_stays_until_it_is_there() {
        let mut pages = StoryPages::default();
        pages.put(0, page(0, 3), Some(3));
        assert!(pages.is_whole());
        pages.make_stale();
        assert_eq!((pages.all().count(), pages.is_whole()), (3, false));
        assert_eq!(pages.missing(&(0..3)).collect::<Vec<_>>(), [0]);
        pages.put(0, page(0, 2), Some(2));
        assert!(pages.is_whole() && pages.missing(&(0..3)).next().is_none());
    }

    #[test]
    fn without_a_count_a_full_page_lets_there_be_more() {
        let mut pages = StoryPages::default();
        pages.put(0, page(0, PAGE), None);
        assert_eq!((pages.len(), pages.is_counted()), (2 * PAGE, false));
        pages.put(1, page(PAGE, 7), None);
        assert_eq!((pages.len(), pages.is_counted()), (PAGE + 7, true));
        pages.put(1, Vec::new(), None);
        assert_eq!(
            pages.len(),
            2 * PAGE,
            "the last story of the page was deleted meanwhile"
        );
    }

    #[test]
    fn a_story_that_moved_to_the_next_page_is_not_listed_twice() {
        let mut pages = StoryPages::default();
        let first = page(0, PAGE);
        let moved = first.last().unwrap().clone();
        pages.put(0, first, Some(150));
        let mut second = vec![moved.clone()];
        second.extend(page(PAGE, 49));
        pages.put(1, second, Some(151));
        assert_eq!(pages.place_of(&moved.story_id), Some(PAGE));
        assert_eq!(pages.all().filter(|story| story.story_id == moved.story_id).count(), 1);
    }

    #[test]
    fn pages_far_from_sight_make_room() {
        let mut pages = StoryPages::default();
        for at in 0..KEPT + 3 {
            pages.put(at, page(at * PAGE, PAGE), Some(10_000));
            pages.let_go(&(at * PAGE..at * PAGE + 10));
        }
        assert_eq!(pages.all().count(), KEPT * PAGE);
        assert!(pages.at(0).is_none() && pages.at((KEPT + 2) * PAGE).is_some());
    }
}
