//! The questions that the list asks of the project.

use super::filter::{Asked, Filter, mentions};
use super::pages::PAGE;
use crate::service::{Problem, Service};
use crate::story::Story;

/// A page as it was read.
#[derive(Debug)]
pub struct Read {
    /// Its stories.
    pub stories: Vec<Story>,
    /// How many stories the whole list has, where the project counts.
    pub total: Option<usize>,
}

/// How many stories each filter lists.
#[derive(Clone, Debug, Default)]
pub struct Counts(Vec<(Filter, u64)>);

impl Counts {
    /// How many stories `filter` lists, if that was counted.
    pub fn of(&self, filter: Filter) -> Option<u64> {
        self.0
            .iter()
            .find(|(counted, _)| *counted == filter)
            .map(|(_, count)| *count)
    }
}

/// Reads a page.
pub async fn read_page(service: &Service, asked: &Asked, at: usize) -> Result<Read, Problem> {
    let stories = service.stories((at * PAGE) as u64).await?;
    let needle = asked.text.trim().to_lowercase();
    let stories: Vec<Story> = stories
        .into_iter()
        .filter(|story| asked.filter.may_list(story) && mentions(story, &needle))
        .collect();
    Ok(Read { stories, total: None })
}

/// Counts what each filter lists of what is searched for.
pub async fn read_counts(_service: &Service, _text: &str) -> Result<Counts, Problem> {
    Ok(Counts::default())
}
