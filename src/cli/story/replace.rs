//! `story replace`, `story undo` and `story history`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{show, stop_on_interrupt};
use crate::cli::output::{Output, table};
use crate::service::{LocalFile, Problem, Service};
use crate::story::{Pointer, Replaced, Replacement, ReplacementState, Scene, Source, Story, StoryId, VariantId};

/// Which picture is replaced, and by what.
#[derive(Debug, Args)]
pub struct Replace {
    /// The story's id
    id: String,
    /// The scene, counted from 1
    #[arg(long, value_name = "NUMBER")]
    scene: usize,
    /// A picture's file
    #[arg(long, conflicts_with = "variant", required_unless_present = "variant")]
    file: Option<PathBuf>,
    /// One of the scene's variants
    #[arg(long)]
    variant: Option<String>,
}

/// What is taken back.
#[derive(Debug, Args)]
pub struct Undo {
    /// The story's id
    id: String,
    /// The scene, counted from 1; the latest replacement in any scene unless given
    #[arg(long, value_name = "NUMBER")]
    scene: Option<usize>,
}

/// A replacement as it is printed.
#[derive(Serialize)]
struct Done<'a> {
    story: &'a StoryId,
    scene: usize,
    before: Option<&'a str>,
    now: Option<&'a str>,
    places: Vec<String>,
    left_behind: Option<&'a str>,
}

pub(super) async fn replace(words: &Replace, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let id = StoryId::parse(&words.id).map_err(Problem::from)?;
    let source = match &words.file {
        Some(path) => Some(LocalFile::read(path).await?),
        None => None,
    };
    // What was interrupted before comes first: this is about what the scene shows then.
    service.settle_story(&id).await?;
    let story = service.story(&id).await?;
    let scene = numbered(&story, words.scene)?;
    let replaced = match source {
        Some(file) => {
            let source = Source::File {
                bytes: file.bytes.clone(),
                name: file.name(),
            };
            service
                .replace_picture(&story, &scene.scene_id, source, &stop_on_interrupt())
                .await?
        }
        None => {
            let variant = VariantId::parse(words.variant.as_deref().unwrap_or_default())
                .map_err(|error| Problem::new(format!("{error}."), "Take one that story generate has printed."))?;
            service.place(&story.story_id, &scene.scene_id, variant).await?
        }
    };
    told(&replaced, scene.index, service, output).await
}

pub(super) async fn undo(words: &Undo, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let id = StoryId::parse(&words.id).map_err(Problem::from)?;
    service.settle_story(&id).await?;
    let deleted = service.deleted_stories().await?;
    if words.scene.is_none() && deleted.iter().any(|deleted| deleted.story == id) {
        let back = service.undelete_story(&id).await?;
        return output.result(&back, |back| {
            let mut text = show::text(&back.story);
            for key in &back.missing {
                text.push_str(&format!("The picture {key} is not to be had any more.\n"));
            }
            text
        });
    }
    let story = service.story(&id).await?;
    let history = match words.scene {
        Some(number) => service.history(&numbered(&story, number)?.scene_id).await?,
        None => service.history_of_story(&id).await?,
    };
    let last = history
        .into_iter()
        .find(|done| done.state == ReplacementState::Done && !done.undone && done.undoes.is_none());
    let last = last.ok_or_else(|| {
        Problem::new(
            "There is nothing to take back.",
            "Only replacements that were made on this computer can be: story history lists them.",
        )
    })?;
    let index = story.scenes.iter().find(|scene| scene.scene_id == last.scene);
    let index = index.map_or(0, |scene| scene.index);
    let back = service.put_back(&last.replaced()).await?;
    told(&back, index, service, output).await
}

pub(super) async fn history(words: &Undo, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let id = StoryId::parse(&words.id).map_err(Problem::from)?;
    let history = match words.scene {
        Some(number) => {
            let story = service.story(&id).await?;
            service.history(&numbered(&story, number)?.scene_id).await?
        }
        None => service.history_of_story(&id).await?,
    };
    output.result(&history, |history| list(history))
}

/// A scene by its number, counted from 1.
fn numbered(story: &Story, number: usize) -> Result<&Scene, Problem> {
    let place = number.checked_sub(1);
    let scene = place.and_then(|place| story.scenes.get(place));
    scene.ok_or_else(|| {
        Problem::new(
            format!(
                "The story has scenes 1 to {}, and no scene {number}.",
                story.scenes.len()
            ),
            "Show it to see its scenes.",
        )
        .beside("scene")
    })
}

async fn told(replaced: &Replaced, index: usize, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let history = service.history(&replaced.scene).await?;
    let places = history
        .into_iter()
        .find(|done| done.before == replaced.before && done.now == replaced.now)
        .map(|done| done.pointers.iter().map(Pointer::label).collect());
    let done = Done {
        story: &replaced.story,
        scene: index + 1,
        before: replaced.before.as_deref(),
        now: replaced.now.as_deref(),
        places: places.unwrap_or_default(),
        left_behind: replaced.left_behind.as_deref(),
    };
    output.result(&done, |done| {
        let mut text = match done.now {
            Some(now) => format!("Scene {} shows {now}", done.scene),
            None => format!("Scene {} shows no picture", done.scene),
        };
        if !done.places.is_empty() {
            text.push_str(&format!("\nChanged with it: {}", done.places.join(", ")));
        }
        text
    })?;
    match &replaced.left_behind {
        Some(why) => Err(Problem::new(
            format!("The scene is changed, and not everything followed: {why}."),
            "It is led on at the next start; story history says how far it is.",
        )),
        None => Ok(()),
    }
}

fn list(history: &[Replacement]) -> String {
    if history.is_empty() {
        return "No picture was replaced on this computer.".to_owned();
    }
    let rows: Vec<Vec<String>> = history
        .iter()
        .map(|done| {
            let state = match (done.state, done.undone) {
                (ReplacementState::UnderWay, _) => "Under way",
                (ReplacementState::GivenUp, _) => "Given up",
                (ReplacementState::Done, true) => "Taken back",
                (ReplacementState::Done, false) if done.undoes.is_some() => "Put back",
                (ReplacementState::Done, false) => "Done",
            };
            vec![
                format!("{:.0}", done.at),
                state.to_owned(),
                done.by.clone().unwrap_or_default(),
                done.now.clone().unwrap_or_else(|| "no picture".to_owned()),
            ]
        })
        .collect();
    table(&["WHEN", "STATE", "BY", "PICTURE"], &rows)
}
