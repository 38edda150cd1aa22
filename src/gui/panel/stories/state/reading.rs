//! The questions that the list asks of the project.

use super::pages::PAGE;
use crate::service::{Problem, Service};
use crate::story::{Counts, Show, Story, StoryQuery};

/// A page as it was read.
#[derive(Debug)]
pub struct Read {
    /// Its stories.
    pub stories: Vec<Story>,
    /// How many stories the whole list has, where that is known anyhow.
    pub total: Option<usize>,
}

/// Reads a page. Nobody counts for that: it would take longer than the page.
pub async fn read_page(service: &Service, asked: &StoryQuery, at: usize) -> Result<Read, Problem> {
    let page = service.story_rows(asked, (at * PAGE) as u64).await?;
    Ok(Read {
        stories: page.stories,
        total: page.total.map(size),
    })
}

/// Counts the stories of the whole list; None if the project gave that up.
pub async fn read_total(service: &Service, asked: &StoryQuery) -> Result<Option<usize>, Problem> {
    Ok(service.story_total(asked).await?.map(size))
}

fn size(total: u64) -> usize {
    usize::try_from(total).unwrap_or(usize::MAX)
}

/// Counts what each filter lists of what is searched for.
pub async fn read_counts(service: &Service, text: &str) -> Result<Counts, Problem> {
    let asked = StoryQuery {
        text: text.trim().to_owned(),
        status: None,
        show: Show::All,
        ..StoryQuery::default()
    };
    service.story_counts(&asked).await
}
