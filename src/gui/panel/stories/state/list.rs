//! The list of stories: read page by page, kept while it is read again, patched story by story.

use std::collections::HashMap;

use super::filter::{Counts, Filter, mentions};
use crate::service::{Pending, Problem, STORIES_PAGE, Service};
use crate::story::{Story, StoryId};

/// Pages of stories that were read in one go.
#[derive(Debug, PartialEq)]
pub struct Pages {
    /// Newest first.
    pub stories: Vec<Story>,
    /// Whether the last page was full, so that there may be more.
    pub more: bool,
}

/// The stories known, and what is on its way.
#[derive(Default)]
pub struct StoryList {
    rows: Vec<Story>,
    more: bool,
    loaded: bool,
    problem: Option<Problem>,
    /// Pages that the list should have; none before it was first asked for.
    pages: u64,
    stale: bool,
    reading: Option<Pending<Pages>>,
    /// Stories to read again, with the reads that have begun.
    changed: HashMap<StoryId, Reread>,
    query: String,
    filter: Filter,
    counts: Counts,
    visible: Vec<usize>,
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
        let mut changed = false;
        if let Some(reading) = self.reading.take() {
            match reading.take() {
                Ok(result) => {
                    self.take_pages(result);
                    changed = true;
                }
                Err(reading) => self.reading = Some(reading),
            }
        }
        if self.reading.is_none() && (self.stale || self.pages == 0) {
            self.stale = false;
            self.pages = self.pages.max(1);
            let pages = self.pages;
            self.reading = Some(service.load(move |service| read_pages(service, pages)));
        }
        // While the whole list is read, single stories wait: its answer may be older than theirs.
        if self.reading.is_none() {
            changed |= self.poll_changed(service);
        }
        changed
    }

    fn poll_changed(&mut self, service: &Service) -> bool {
        let mut arrived = Vec::new();
        self.changed.retain(|id, reread| {
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
                    arrived.push(result);
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
        for result in arrived {
            match result {
                Ok(story) => self.take_story(story),
                // Gone, hidden or unreachable: the list itself says which.
                Err(_) => self.refresh(),
            }
        }
        changed
    }

    /// Takes in the answer to a read of the whole list.
    pub fn take_pages(&mut self, result: Result<Pages, Problem>) {
        match result {
            Ok(pages) => {
                self.rows = pages.stories;
                self.more = pages.more;
                self.loaded = true;
                self.problem = None;
                self.sort_out();
            }
            Err(problem) => self.problem = Some(problem),
        }
    }

    /// Takes in one story: in its place if it is listed, else where its age puts it.
    pub fn take_story(&mut self, story: Story) {
        match self.rows.iter_mut().find(|row| row.story_id == story.story_id) {
            Some(row) => *row = story,
            None => {
                let place = match &story.created_at {
                    Some(created) => self.rows.iter().position(|row| row.created_at.as_ref() < Some(created)),
                    None => Some(0),
                };
                self.rows.insert(place.unwrap_or(self.rows.len()), story);
            }
        }
        self.sort_out();
    }

    /// Asks for the whole list again; what is known stays.
    pub fn refresh(&mut self) {
        self.stale = true;
    }

    /// Asks for one story again.
    pub fn reread(&mut self, id: &StoryId) {
        match self.changed.get_mut(id) {
            Some(reread) => reread.again = true,
            None => _ = self.changed.insert(id.clone(), Reread::default()),
        }
    }

    /// Asks for one page more.
    pub fn show_more(&mut self) {
        self.pages += 1;
        self.stale = true;
    }

    /// Whether a story is being read or about to be.
    pub fn expects(&self, id: &StoryId) -> bool {
        self.changed.contains_key(id)
    }

    /// Every story that is loaded, newest first.
    pub fn all(&self) -> impl Iterator<Item = &Story> {
        self.rows.iter()
    }

    /// A story by its id.
    pub fn get(&self, id: &StoryId) -> Option<&Story> {
        self.rows.iter().find(|story| story.story_id == *id)
    }

    /// Where the pictures of all stories known are.
    pub fn pictures(&self) -> impl Iterator<Item = &String> {
        self.rows.iter().flat_map(|story| {
            let scenes = story.scenes.iter().filter_map(|scene| scene.image_url.as_ref());
            scenes.chain(&story.cover_image_url)
        })
    }

    /// How many stories are known; "100+" if the project may have more.
    pub fn total(&self) -> String {
        format!("{}{}", self.rows.len(), if self.more { "+" } else { "" })
    }

    /// The stories that search and filter list, newest first.
    pub fn visible(&self) -> impl ExactSizeIterator<Item = &Story> {
        self.visible.iter().map(|&at| &self.rows[at])
    }

    /// The listed story at a place from 0.
    pub fn at(&self, place: usize) -> Option<&Story> {
        self.visible.get(place).map(|&at| &self.rows[at])
    }

    /// The place of a story among the listed ones.
    pub fn place_of(&self, id: &StoryId) -> Option<usize> {
        self.visible().position(|story| story.story_id == *id)
    }

    /// Whether there may be more stories than were read.
    pub fn has_more(&self) -> bool {
        self.more
    }

    /// Whether there is an answer, be it an old one.
    pub fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Whether the list is being read.
    pub fn is_reading(&self) -> bool {
        self.reading.is_some() || self.stale
    }

    /// Why the list could not be read the last time.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Whether no story exists at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What is searched for.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Searches for something else.
    pub fn search(&mut self, query: String) {
        if self.query != query {
            self.query = query;
            self.sort_out();
        }
    }

    /// The filter.
    pub fn filter(&self) -> Filter {
        self.filter
    }

    /// Filters otherwise.
    pub fn set_filter(&mut self, filter: Filter) {
        if self.filter != filter {
            self.filter = filter;
            self.sort_out();
        }
    }

    /// Lists everything again.
    pub fn clear_filters(&mut self) {
        self.query.clear();
        self.filter = Filter::All;
        self.sort_out();
    }

    /// How many stories a filter lists, whatever is searched for.
    pub fn count(&self, filter: Filter) -> usize {
        self.counts.get(filter)
    }

    /// Works out counts and visible rows; only when something changed, never for a frame.
    fn sort_out(&mut self) {
        self.counts = Counts::of(&self.rows);
        let needle = self.query.trim().to_lowercase();
        let listed = |story: &Story| self.filter.lists(story) && mentions(story, &needle);
        self.visible = self
            .rows
            .iter()
            .enumerate()
            .filter(|(_, story)| listed(story))
            .map(|(at, _)| at)
            .collect();
    }
}

/// Reads `pages` pages, or as many as there are. A story written meanwhile moves the others down by one: doubles are
/// dropped.
async fn read_pages(service: Service, pages: u64) -> Result<Pages, Problem> {
    let mut stories: Vec<Story> = Vec::new();
    for page in 0..pages {
        let read = service.stories(page * STORIES_PAGE).await?;
        let full = read.len() as u64 == STORIES_PAGE;
        let fresh = read
            .into_iter()
            .filter(|story| !stories.iter().any(|known| known.story_id == story.story_id));
        let fresh: Vec<Story> = fresh.collect();
        stories.extend(fresh);
        if !full {
            return Ok(Pages { stories, more: false });
        }
    }
    Ok(Pages { stories, more: true })
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
        list.visible().map(|story| story.title.as_str()).collect()
    }

    #[test]
    fn a_failed_refresh_keeps_the_rows() {
        let mut list = list(&["A", "B"]);
        list.take_pages(Err(Problem::new("The project cannot be reached.", "")));
        assert_eq!(titles(&list), ["A", "B"]);
        assert!(list.problem().is_some());
        list.take_pages(Ok(Pages {
            stories: vec![story("A", 1)],
            more: true,
        }));
        assert!(list.problem().is_none());
        assert_eq!(list.total(), "1+");
    }

    #[test]
    fn search_and_filter_work_together_and_are_kept_through_a_refresh() {
        let mut list = list(&["Owl", "Owlet", "Fox"]);
        list.search(" oWl ".to_owned());
        assert_eq!(titles(&list), ["Owl", "Owlet"]);
        list.set_filter(Filter::Failed);
        assert!(titles(&list).is_empty());
        let mut failed = list.at_row(1).clone();
        failed.status = Status::Failed;
        list.take_story(failed);
        assert_eq!(titles(&list), ["Owlet"]);
        assert_eq!(list.count(Filter::Failed), 1);
        list.clear_filters();
        assert_eq!(titles(&list).len(), 3);
    }

    #[test]
    fn a_new_story_comes_where_its_age_puts_it() {
        let mut newest = story("Newest", 1);
        newest.created_at = Some("2026-11-24T10:00:00Z".to_owned());
        let mut oldest = story("Oldest", 1);
        oldest.created_at = Some("2026-11-01T10:00:00Z".to_owned());
        let mut list = StoryList::default();
        list.take_pages(Ok(Pages {
            stories: vec![newest, oldest],
            more: false,
        }));
        let mut between = story("Between", 1);
        between.created_at = Some("2026-11-12T10:00:00Z".to_owned());
        list.take_story(between);
        list.take_story(story("Just begun", 0));
        assert_eq!(titles(&list), ["Just begun", "Newest", "Between", "Oldest"]);
    }

    #[test]
    fn a_story_that_changes_while_it_is_read_is_read_once_more() {
        let mut list = list(&["A"]);
        let id = list.at_row(0).story_id.clone();
        list.reread(&id);
        assert!(list.expects(&id) && !list.changed[&id].again);
        list.reread(&id);
        assert!(list.changed[&id].again);
    }

    impl StoryList {
        fn at_row(&self, at: usize) -> &Story {
            &self.rows[at]
        }
    }
}
