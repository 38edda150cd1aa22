//! `story list`.

use crate::cli::output::{Output, table};
use crate::service::{Problem, Service};
use crate::story::Story;

pub(super) async fn command(service: &Service, output: &mut Output) -> Result<(), Problem> {
    let stories = service.all_stories().await?;
    output.result(&stories, |stories| list(stories))
}

fn list(stories: &[Story]) -> String {
    if stories.is_empty() {
        return "No stories yet. Make one with: storymimi-studio story create --title … --prompt …".to_owned();
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
    table(&["ID", "STATUS", "PICTURES", "TITLE"], &rows)
}
