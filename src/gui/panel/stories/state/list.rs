//! The list of stories: pages that are read as their rows come into sight, kept while they are read again, patched
//! story by story. What is searched for and which filter is on is asked of the project.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::pages::{PAGE, StoryPages};
use super::reading::{Read, read_counts, read_page, read_total};
use crate::service::{Load, Pending, Problem, Service};
use crate::story::{Counts, Show, Sort, Story, StoryId, StoryQuery};

/// Pages that are read at the same time.
const AT_ONCE: usize = 2;
/// Typing that rests for so long is searched for.
const PAUSE: Duration = Duration::from_millis(250);
/// Counts are read again at most as often as this.
const BETWEEN_COUNTS: Duration = Duration::from_secs(2);
/// Stories that were read on their own and are kept though no page has them.
const APART: usize = 16;

/// Pages of stories that were read in one go.
#[derive(Debug, PartialEq)]
pub struct Pages {
    /// In the list's order.
    pub stories: Vec<Story>,
    /// Whether there may be more.
    pub more: bool,
}

/// The stories known, and what is on its way.
#[derive(Default)]
pub struct StoryList {
    pages: StoryPages,
    /// What the pages are the answer to.
    asked: StoryQuery,
    /// What the controls say.
    wanted: StoryQuery,
    typed: Option<Instant>,
    /// The first page of what is wanted, while the pages are still of what was asked before.
    next: Option<(StoryQuery, Pending<Read>)>,
    reading: HashMap<usize, Pending<Read>>,
    /// How many there are in all is counted beside that, and nothing waits for it.
    total: Option<Pending<Option<usize>>>,
    in_sight: Range<usize>,
    loaded: bool,
    problem: Option<Problem>,
    counts: Load<Counts>,
    counted_for: Option<String>,
    counted_at: Option<Instant>,
    counts_stale: bool,
    /// Stories to read again, with the reads that have begun.
    rereads: HashMap<StoryId, Reread>,
    /// Stories that no page has: opened by their id, or on a page that was let go. The newest last.
    apart: VecDeque<Story>,
    /// What is shown in the middle: it is not let go.
    held: Option<StoryId>,
    /// A place whose story is to be selected as soon as it was read.
    awaited: Option<usize>,
    stale: bool,
}

#[derive(Default)]
struct Reread {
    pending: Option<Pending<Story>>,
    /// It changed once more while it was being read.
    again: bool,
}

impl StoryList {
    /// Starts what is due and takes in what has arrived; true if something changed.
    pub fn poll(&mut self, service: &Service) -> bool {
        let mut changed = self.poll_next(service);
        changed |= self.poll_pages(service);
        changed |= self.poll_total(service);
        changed |= self.poll_counts(service);
        // While pages are read, single stories wait: a page's answer may be older than theirs.
        if self.reading.is_empty() {
            changed |= self.poll_changed(service);
        }
        changed
    }

    /// Another question: the pages of the one before stay until its first page is there.
    fn poll_next(&mut self, service: &Service) -> bool {
        let rested = self.typed.is_none_or(|typed| typed.elapsed() >= PAUSE);
        if rested {
            self.typed = None;
        }
        if self.wanted == self.asked {
            self.next = None;
            return false;
        }
        if let Some((asked, reading)) = self.next.take() {
            if asked != self.wanted {
                // Dropped, and so stopped: nobody wants its answer any more.
                drop(reading);
            } else {
                match reading.take() {
                    Err(reading) => {
                        self.next = Some((asked, reading));
                        return false;
                    }
                    Ok(result) => {
                        self.asked = asked;
                        self.reading.clear();
                        self.total = None;
                        self.keep_held();
                        self.pages = StoryPages::default();
                        self.in_sight = 0..0;
                        self.take_page(0, result);
                        return true;
                    }
                }
            }
        }
        if rested {
            let asked = self.wanted.clone();
            let question = asked.clone();
            let reading = service.load(move |service| async move { read_page(&service, &question, 0).await });
            self.next = Some((asked, reading));
        }
        false
    }

    fn poll_pages(&mut self, service: &Service) -> bool {
        if std::mem::take(&mut self.stale) {
            self.problem = None;
            self.pages.make_stale();
            self.total = None;
        }
        let mut arrived = Vec::new();
        for (at, reading) in std::mem::take(&mut self.reading) {
            match reading.take() {
                Ok(result) => arrived.push((at, result)),
                Err(reading) => _ = self.reading.insert(at, reading),
            }
        }
        let changed = !arrived.is_empty();
        for (at, result) in arrived {
            self.take_page(at, result);
        }
        if self.problem.is_none() && self.next.is_none() {
            let mut missing: Vec<usize> = self.pages.missing(&self.in_sight).collect();
            if let Some(at) = self.awaited {
                missing.extend(self.pages.missing(&(at..at + 1)));
            }
            // Rows that were scrolled past are not waited for.
            self.reading.retain(|at, _| missing.contains(at));
            for at in missing {
                if self.reading.len() >= AT_ONCE {
                    break;
                }
                if !self.reading.contains_key(&at) {
                    let asked = self.asked.clone();
                    let read = service.load(move |service| async move { read_page(&service, &asked, at).await });
                    self.reading.insert(at, read);
                }
            }
        }
        changed
    }

    fn poll_total(&mut self, service: &Service) -> bool {
        match self.total.take().map(Pending::take) {
            Some(Ok(counted)) => {
                // That they could not be counted is not in the way of reading them.
                self.pages.count(counted.unwrap_or_default());
                return true;
            }
            Some(Err(counting)) => self.total = Some(counting),
            None if self.pages.wants_total() => {
                let asked = self.asked.clone();
                let counting = service.load(move |service| async move { read_total(&service, &asked).await });
                self.total = Some(counting);
            }
            None => {}
        }
        false
    }

    fn poll_counts(&mut self, service: &Service) -> bool {
        let changed = self.counts.poll();
        let other = self.counted_for.as_deref() != Some(self.wanted.text.trim());
        let rested = self.counted_at.is_none_or(|at| at.elapsed() >= BETWEEN_COUNTS);
        let due = other && self.typed.is_none() || self.counts_stale && rested && !self.counts.is_loading();
        if due {
            self.counts_stale = false;
            self.counted_at = Some(Instant::now());
            self.counted_for = Some(self.wanted.text.trim().to_owned());
            let text = self.wanted.text.clone();
            self.counts
                .start(service.load(move |service| async move { read_counts(&service, &text).await }));
        }
        changed
    }

    fn poll_changed(&mut self, service: &Service) -> bool {
        let mut arrived = Vec::new();
        self.rereads.retain(|id, reread| {
            let pending = reread.pending.take().unwrap_or_else(|| {
                reread.again = false;
                read_story(service, id)
            });
            match pending.take() {
                Err(pending) => {
                    reread.pending = Some(pending);
                    true
                }
                Ok(result) => {
                    arrived.push((id.clone(), result));
                    let again = reread.again;
                    if again {
                        reread.again = false;
                        reread.pending = Some(read_story(service, id));
                    }
                    again
                }
            }
        });
        let changed = !arrived.is_empty();
        for (id, result) in arrived {
            match result {
                Ok(story) => self.take_story(story),
                // Gone, hidden or unreachable: the list itself says which.
                Err(problem) => {
                    if !problem.retry {
                        self.apart.retain(|story| story.story_id != id);
                    }
                    self.refresh();
                }
            }
        }
        changed
    }

    fn take_page(&mut self, at: usize, result: Result<Read, Problem>) {
        match result {
            Ok(read) => {
                self.keep_held();
                self.pages.put(at, read.stories, read.total);
                let kept = self.awaited.map_or(self.in_sight.clone(), |at| at..at + 1);
                self.pages.let_go(&kept);
                self.loaded = true;
                self.problem = None;
                self.look_for_held();
            }
            Err(problem) => self.problem = Some(problem),
        }
    }

    /// Takes in the answer to a read of the whole list.
    pub fn take_pages(&mut self, result: Result<Pages, Problem>) {
        match result {
            Ok(Pages { stories, more }) => {
                let total = (!more).then_some(stories.len());
                self.keep_held();
                self.pages = StoryPages::default();
                let mut at = 0;
                let mut rest = stories.into_iter();
                loop {
                    let page: Vec<Story> = rest.by_ref().take(PAGE).collect();
                    if page.is_empty() && at > 0 {
                        break;
                    }
                    self.pages.put(at, page, total);
                    at += 1;
                }
                self.loaded = true;
                self.problem = None;
                self.look_for_held();
            }
            Err(problem) => self.problem = Some(problem),
        }
    }

    /// Takes in one story: in its place if it is listed, else beside the pages.
    pub fn take_story(&mut self, story: Story) {
        if self.pages.patch(&story) {
            self.apart.retain(|known| known.story_id != story.story_id);
            if !self.lists(&story) {
                self.stale = true;
            }
        } else {
            self.stale |= self.lists(&story);
            self.put_apart(story);
        }
        self.counts_stale = true;
    }

    /// Whether the question that is asked would list the story, as far as can be told here.
    fn lists(&self, story: &Story) -> bool {
        self.asked.lists(story, Timestamp::now())
    }

    fn put_apart(&mut self, story: Story) {
        self.apart.retain(|known| known.story_id != story.story_id);
        self.apart.push_back(story);
        while self.apart.len() > APART {
            let other = self
                .apart
                .iter()
                .position(|story| Some(&story.story_id) != self.held.as_ref());
            let Some(other) = other else { return };
            self.apart.remove(other);
        }
    }

    /// Before pages go: what is shown in the middle stays known.
    fn keep_held(&mut self) {
        let story = self.held.as_ref().and_then(|id| self.pages.get(id)).cloned();
        if let Some(story) = story {
            self.put_apart(story);
        }
    }

    /// After pages came: is what is shown in the middle still there? A whole list that lacks it answers that; else it is
    /// asked for.
    fn look_for_held(&mut self) {
        let Some(id) = self.held.clone() else { return };
        if self.pages.get(&id).is_some() {
            self.apart.retain(|story| story.story_id != id);
        } else if !self.is_narrowed() && self.pages.is_whole() {
            if !self.expects(&id) {
                self.apart.retain(|story| story.story_id != id);
            }
        } else {
            self.reread(&id);
        }
    }

    /// Says what is shown in the middle.
    pub fn hold(&mut self, id: Option<StoryId>) {
        self.held = id;
    }

    /// Asks for the whole list again; what is known stays.
    pub fn refresh(&mut self) {
        self.stale = true;
        self.counts_stale = true;
        self.counted_at = None;
    }

    /// Asks for one story again.
    pub fn reread(&mut self, id: &StoryId) {
        match self.rereads.get_mut(id) {
            Some(reread) => reread.again = true,
            None => _ = self.rereads.insert(id.clone(), Reread::default()),
        }
    }

    /// A story is not what it was, or is new: it is read again, and there may be other numbers.
    pub fn changed(&mut self, id: &StoryId) {
        self.counts_stale = true;
        self.reread(id);
    }

    /// These places are in sight: what is not known of them is read.
    pub fn see(&mut self, places: Range<usize>) {
        self.in_sight = places;
    }

    /// Whether a story is being read or about to be.
    pub fn expects(&self, id: &StoryId) -> bool {
        self.rereads.contains_key(id)
    }

    /// Every story that is known.
    pub fn all(&self) -> impl Iterator<Item = &Story> {
        self.pages.all().chain(&self.apart)
    }

    /// A story by its id.
    pub fn get(&self, id: &StoryId) -> Option<&Story> {
        self.pages
            .get(id)
            .or_else(|| self.apart.iter().find(|story| story.story_id == *id))
    }

    /// Where the pictures of all stories known are.
    pub fn pictures(&self) -> impl Iterator<Item = &String> {
        self.all().flat_map(|story| {
            let scenes = story.scenes.iter().filter_map(|scene| scene.image_url.as_ref());
            scenes.chain(&story.cover_image_url)
        })
    }

    /// How many stories are listed.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// Whether [`Self::len`] is the number of stories; else it is what is known so far.
    pub fn is_counted(&self) -> bool {
        self.pages.is_counted()
    }

    /// The listed story at a place from 0, if it was read.
    pub fn at(&self, place: usize) -> Option<&Story> {
        self.pages.at(place)
    }

    /// The place of a story among the listed ones that were read.
    pub fn place_of(&self, id: &StoryId) -> Option<usize> {
        self.pages.place_of(id)
    }

    /// The story at a place is to be selected; at once if it was read, else as soon as it was.
    pub fn choose(&mut self, place: usize) -> Option<StoryId> {
        let chosen = self.at(place).map(|story| story.story_id.clone());
        self.awaited = chosen.is_none().then_some(place);
        chosen
    }

    /// What was waited for by [`Self::choose`], once it was read.
    pub fn take_chosen(&mut self) -> Option<StoryId> {
        let id = self.at(self.awaited?)?.story_id.clone();
        self.awaited = None;
        Some(id)
    }

    /// Whether there is an answer, be it an old one.
    pub fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Whether the list is being read.
    pub fn is_reading(&self) -> bool {
        !self.reading.is_empty() || self.stale || self.next.is_some()
    }

    /// Why the list could not be read the last time.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Whether no story exists at all.
    pub fn is_empty(&self) -> bool {
        self.pages.len() == 0 && !self.is_narrowed()
    }

    /// Whether a search or a filter leaves stories out.
    pub fn is_narrowed(&self) -> bool {
        self.asked.show != Show::All || !self.asked.text.trim().is_empty()
    }

    /// What is searched for.
    pub fn query(&self) -> &str {
        &self.wanted.text
    }

    /// Searches for something else, once the typing rests.
    pub fn search(&mut self, query: String) {
        if self.wanted.text != query {
            self.wanted.text = query;
            self.typed = Some(Instant::now());
        }
    }

    /// The filter.
    pub fn filter(&self) -> Show {
        self.wanted.show
    }

    /// Filters otherwise.
    pub fn set_filter(&mut self, show: Show) {
        self.wanted.show = show;
    }

    /// The order.
    pub fn sort(&self) -> Sort {
        self.wanted.sort
    }

    /// Lists in another order.
    pub fn set_sort(&mut self, sort: Sort) {
        self.wanted.sort = sort;
    }

    /// Lists everything again.
    pub fn clear_filters(&mut self) {
        self.wanted.text.clear();
        self.wanted.show = Show::All;
        self.typed = None;
    }

    /// How many stories a filter lists of what is searched for, once that was counted.
    pub fn count(&self, show: Show) -> Option<u64> {
        self.counts.value()?.of(show)
    }

    /// In how long something is due without anybody doing anything, if so.
    pub fn wakes_in(&self) -> Option<Duration> {
        let typed = self.typed.map(|typed| PAUSE.saturating_sub(typed.elapsed()));
        let counts = self.counts_stale.then(|| {
            let at = self.counted_at.map_or(BETWEEN_COUNTS, |at| at.elapsed());
            BETWEEN_COUNTS.saturating_sub(at)
        });
        typed.into_iter().chain(counts).min()
    }
}

fn read_story(service: &Service, id: &StoryId) -> Pending<Story> {
    let id = id.clone();
    service.load(move |service| async move { service.story(&id).await })
}

#[cfg(test)]
mod tests {
    use super::super::samples::story;
    use super::*;
    use crate::story::Status;

    fn list(titles: &[&str]) -> StoryList {
        let mut list = StoryList::default();
        list.take_pages(Ok(Pages {
            stories: titles.iter().map(|title| story(title, 2)).collect(),
            more: false,
        }));
        list
    }

    fn titles(list: &StoryList) -> Vec<&str> {
        (0..list.len())
            .filter_map(|at| list.at(at))
            .map(|story| story.title.as_str())
            .collect()
    }

    #[test]
    fn a_failed_refresh_keeps_the_rows() {
        let mut list = list(&["A", "B"]);
        list.take_pages(Err(Problem::new("The project cannot be reached.", "")));
        assert_eq!(titles(&list), ["A", "B"]);
        assert!(list.problem().is_some());
        list.take_pages(Ok(Pages {
            stories: vec![story("A", 1)],
            more: false,
        }));
        assert!(list.problem().is_none());
        assert_eq!(titles(&list), ["A"]);
    }

    #[test]
    fn what_is_shown_in_the_middle_stays_when_its_page_goes() {
        let mut list = list(&["A", "B"]);
        let held = list.at(1).unwrap().story_id.clone();
        list.hold(Some(held.clone()));
        list.take_page(
            0,
            Ok(Read {
                stories: (0..PAGE).map(|at| story(&format!("New {at}"), 0)).collect(),
                total: Some(PAGE + 40),
            }),
        );
        assert_eq!(list.get(&held).map(|story| story.title.as_str()), Some("B"));
        assert!(list.expects(&held), "whether it is still there is asked");
        assert_eq!(list.place_of(&held), None);
    }

    #[test]
    fn a_whole_list_without_the_story_says_that_it_is_gone() {
        let mut list = list(&["A", "B"]);
        let held = list.at(1).unwrap().story_id.clone();
        list.hold(Some(held.clone()));
        list.take_pages(Ok(Pages {
            stories: vec![story("A", 1)],
            more: false,
        }));
        assert!(list.get(&held).is_none() && !list.expects(&held));
    }

    #[test]
    fn a_story_that_no_longer_fits_the_filter_lets_the_list_be_read_again() {
        let mut failed = story("Failed", 1);
        failed.status = Status::Failed;
        let mut list = StoryList::default();
        list.asked.show = Show::Failed;
        list.take_pages(Ok(Pages {
            stories: vec![failed.clone()],
            more: false,
        }));
        list.take_story(failed.clone());
        assert!(!list.is_reading());
        failed.status = Status::Completed;
        list.take_story(failed);
        assert!(list.is_reading());
    }

    #[test]
    fn a_new_story_is_known_at_once_and_listed_when_the_list_is_read_again() {
        let mut list = list(&["A"]);
        let new = story("New", 0);
        list.take_story(new.clone());
        assert!(list.get(&new.story_id).is_some() && list.is_reading());
        assert_eq!(titles(&list), ["A"]);
    }

    #[test]
    fn a_row_that_was_not_read_yet_is_chosen_when_it_comes() {
        let mut list = StoryList::default();
        let page = |first: usize| {
            (first..first + PAGE)
                .map(|at| story(&format!("{at}"), 0))
                .collect::<Vec<_>>()
        };
        list.take_page(
            0,
            Ok(Read {
                stories: page(0),
                total: Some(1_000),
            }),
        );
        assert_eq!(list.choose(250), None);
        assert_eq!(list.take_chosen(), None);
        list.take_page(
            2,
            Ok(Read {
                stories: page(200),
                total: Some(1_000),
            }),
        );
        let id = list.take_chosen().unwrap();
        assert_eq!(list.get(&id).unwrap().title, "250");
        assert_eq!(list.take_chosen(), None);
    }

    #[test]
    fn a_story_that_changes_while_it_is_read_is_read_once_more() {
        let mut list = list(&["A"]);
        let id = list.at(0).unwrap().story_id.clone();
        list.reread(&id);
        assert!(list.expects(&id) && !list.rereads[&id].again);
        list.reread(&id);
        assert!(list.rereads[&id].again);
    }

    #[test]
    fn typing_is_searched_for_when_it_rests() {
        let mut list = list(&["A"]);
        assert_eq!(list.wakes_in(), None);
        list.search("owl".to_owned());
        assert!(list.wakes_in().is_some_and(|wait| wait <= PAUSE));
        list.clear_filters();
        assert_eq!(list.wakes_in(), None);
    }
}
