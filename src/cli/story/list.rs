//! `story list`.

use clap::{Args, ValueEnum};

use crate::cli::output::{Output, table};
use crate::service::{Problem, STORIES_PAGE, Service};
use crate::story::{Show, Sort, Status, Story, StoryQuery};

/// Which stories are listed. Without any of it, all of them.
#[derive(Debug, Args)]
pub struct List {
    /// Only stories whose title or prompt contains this, in any case
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only stories of this status
    #[arg(long, value_enum)]
    status: Option<StatusChoice>,
    /// Only stories with something to be seen to
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// In which order
    #[arg(long, value_enum, default_value_t = Order::Created)]
    sort: Order,
    /// After so many
    #[arg(long, default_value_t = 0)]
    offset: u64,
    /// So many at most; all of them unless given
    #[arg(long)]
    limit: Option<u64>,
    /// Only how many there are
    #[arg(long)]
    count: bool,
}

/// The states of stories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StatusChoice {
    Pending,
    Processing,
    Completed,
    Failed,
}

/// What stories may need to be seen to for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    /// Something went wrong
    Failed,
    /// A scene lacks its picture, or there are no scenes
    Missing,
    /// A picture has no alternative text
    NoAlt,
    /// Said to be at work, and not changed for an hour
    Stale,
    /// A link leads to an object that is not there
    Broken,
}

/// Orders of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Order {
    /// Newest first
    Created,
    /// Changed last first
    Updated,
    /// By title
    Title,
    /// By status
    Status,
}

impl List {
    fn query(&self) -> StoryQuery {
        StoryQuery {
            text: self.search.clone().unwrap_or_default(),
            status: self.status.map(|status| match status {
                StatusChoice::Pending => Status::Pending,
                StatusChoice::Processing => Status::Processing,
                StatusChoice::Completed => Status::Completed,
                StatusChoice::Failed => Status::Failed,
            }),
            show: self.only.map_or(Show::All, |only| match only {
                Only::Failed => Show::Failed,
                Only::Missing => Show::Missing,
                Only::NoAlt => Show::NoAlt,
                Only::Stale => Show::Stale,
                Only::Broken => Show::Broken,
            }),
            sort: match self.sort {
                Order::Created => Sort::Created,
                Order::Updated => Sort::Updated,
                Order::Title => Sort::Title,
                Order::Status => Sort::Status,
            },
        }
    }
}

pub(super) async fn command(words: &List, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let query = words.query();
    if words.count {
        let page = service.story_page(&query, 0).await?;
        let total = page.total.unwrap_or_default();
        return output.result(&total, u64::to_string);
    }
    let (stories, total) = pages(words, &query, service).await?;
    let asks = query != StoryQuery::default();
    output.result(&stories, |stories| list(stories, total, words.offset, asks))
}

/// The stories asked for, and how many are listed in all, if the project says so.
async fn pages(words: &List, query: &StoryQuery, service: &Service) -> Result<(Vec<Story>, Option<u64>), Problem> {
    let limit = words.limit.unwrap_or(u64::MAX);
    let (mut stories, mut total) = (Vec::new(), None);
    while (stories.len() as u64) < limit {
        let offset = words.offset.saturating_add(stories.len() as u64);
        let page = service.story_page(query, offset).await?;
        total = page.total;
        // A project may give fewer than are asked for; only the total, or nothing, says that it was the last.
        let got = page.stories.len() as u64;
        let last = match total {
            Some(total) => got == 0 || offset + got >= total,
            None => got < STORIES_PAGE,
        };
        stories.extend(page.stories);
        if last {
            break;
        }
    }
    stories.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok((stories, total))
}

fn list(stories: &[Story], total: Option<u64>, offset: u64, asks: bool) -> String {
    if stories.is_empty() {
        return match total {
            Some(total) if offset >= total && total > 0 => format!("There are {total} stories; none after them."),
            _ if asks => "No story is like that.".to_owned(),
            _ => "No stories yet. Make one with: storymimi-studio story create --title … --prompt …".to_owned(),
        };
    }
    let rows: Vec<Vec<String>> = stories
        .iter()
        .map(|story| {
            vec![
                story.story_id.to_string(),
                story.status.word().to_owned(),
                format!("{}/{}", story.pictures(), story.scenes.len()),
                story.title.clone(),
            ]
        })
        .collect();
    let mut text = table(&["ID", "STATUS", "PICTURES", "TITLE"], &rows);
    if let Some(total) = total.filter(|total| *total > stories.len() as u64) {
        let (first, last) = (offset + 1, offset + stories.len() as u64);
        text.push_str(&format!("\n{first} to {last} of {total}"));
    }
    text
}
