//! `story create`, `story list`, `story show`, `story resume`.

use clap::{Args, Subcommand};
use tokio_util::sync::CancellationToken;

use super::output::{Output, table};
use crate::service::{Problem, Service};
use crate::story::{Brief, Outcome, Step, Story, StoryId};

/// The commands about stories.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a story, draw its pictures, upload them and store the rows
    Create(Create),
    /// List stories, newest first
    List,
    /// Show one story with its scenes
    Show {
        /// The story's id
        id: String,
    },
    /// Do what is missing of a story that was interrupted or failed
    Resume {
        /// The story's id
        id: String,
    },
}

/// What a story is made from.
#[derive(Debug, Args)]
pub struct Create {
    /// The title
    #[arg(long)]
    title: String,
    /// Who it is about and what happens
    #[arg(long)]
    prompt: String,
    /// How many scenes, 1 to 12
    #[arg(long, default_value_t = 6, allow_negative_numbers = true)]
    scenes: i64,
    /// The same words and seed give the same story; a random one unless given
    #[arg(long)]
    seed: Option<u32>,
}

pub(super) async fn run(command: &Command, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::Create(create) => {
            // A negative number is as impossible as 0 and gets the same sentence.
            let scenes = usize::try_from(create.scenes).unwrap_or(0);
            let seed = create.seed.unwrap_or_else(fresh_seed);
            let brief = Brief::new(&create.title, &create.prompt, scenes, seed).map_err(Problem::from)?;
            let cancel = stop_on_interrupt();
            let line = output.progress();
            let outcome = service
                .create_story(&brief, &|step| line.show(&said(&step)), &cancel)
                .await;
            line.clear();
            finished(outcome?, output)
        }
        Command::Resume { id } => {
            let id = StoryId::parse(id).map_err(Problem::from)?;
            let cancel = stop_on_interrupt();
            let line = output.progress();
            let outcome = service
                .resume_story(&id, &|step| line.show(&said(&step)), &cancel)
                .await;
            line.clear();
            finished(outcome?, output)
        }
        Command::List => {
            let stories = service.all_stories().await?;
            output.result(&stories, |stories| list(stories))
        }
        Command::Show { id } => {
            let id = StoryId::parse(id).map_err(Problem::from)?;
            let story = service.story(&id).await?;
            output.result(&story, show)
        }
    }
}

/// A seed of its own for each story, shown afterwards so that it can be used again.
fn fresh_seed() -> u32 {
    uuid::Uuid::new_v4().as_fields().0
}

/// Ctrl+C stops after what is under way is safe; the story can be resumed.
pub(super) fn stop_on_interrupt() -> CancellationToken {
    let cancel = CancellationToken::new();
    let signal = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            signal.cancel();
        }
    });
    cancel
}

fn said(step: &Step) -> String {
    match step {
        Step::Bucket => "Looking for the bucket".to_owned(),
        Step::Started(id) => format!("Story {id}"),
        Step::Writing => "Writing the scenes".to_owned(),
        Step::Written { scenes, missing } => format!("{scenes} scenes, {missing} without a picture"),
        Step::Drawing { index, .. } => format!("Drawing scene {}", index + 1),
        Step::Stored { index, .. } => format!("Scene {} is stored", index + 1),
        Step::Failed { index, .. } => format!("Scene {} failed", index + 1),
    }
}

/// Prints the story as it now is, also if it is not whole: what is there was paid for.
fn finished(outcome: Outcome, output: &mut Output) -> Result<(), Problem> {
    output.result(&outcome.story, show)?;
    if outcome.cancelled {
        let advice = format!("Go on with: storymimi-studio story resume {}", outcome.story.story_id);
        return Err(Problem::new("Stopped before every picture was made.", advice));
    }
    outcome.into_problem().map_or(Ok(()), Err)
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

fn show(story: &Story) -> String {
    let mut text = format!("{}\n{} · {}\n", story.title, story.story_id, story.status.word());
    if let (Some(writer), Some(illustrator)) = (&story.made_with.text_engine, &story.made_with.image_engine) {
        text.push_str(&format!("Written by {writer}, drawn by {illustrator}"));
        if let Some(seed) = story.made_with.seed {
            text.push_str(&format!(", seed {seed}"));
        }
        text.push('\n');
    }
    if let Some(error) = &story.made_with.error {
        text.push_str(&format!("Stopped: {error}\n"));
    }
    for scene in &story.scenes {
        text.push_str(&format!("\n{}. {}\n{}\n", scene.index + 1, scene.title, scene.text));
        match (&scene.image_url, &scene.image_error) {
            (Some(url), _) => text.push_str(&format!("   {url}\n")),
            (None, Some(error)) => text.push_str(&format!("   No picture: {error}\n")),
            (None, None) => text.push_str("   No picture yet\n"),
        }
    }
    text
}
