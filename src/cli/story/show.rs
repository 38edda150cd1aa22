//! `story show`.

use crate::cli::output::Output;
use crate::service::{Problem, Service};
use crate::story::{Story, StoryId};

pub(super) async fn command(id: &str, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let id = StoryId::parse(id).map_err(Problem::from)?;
    let story = service.story(&id).await?;
    output.result(&story, text)
}

/// A story with its scenes, for people.
pub(super) fn text(story: &Story) -> String {
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
    for flaw in &story.flaws {
        text.push_str(&format!("Cannot be read: {flaw}\n"));
    }
    for scene in &story.scenes {
        text.push_str(&format!("\n{}. {}\n{}\n", scene.index + 1, scene.title, scene.text));
        match (&scene.image_url, &scene.image_error) {
            (Some(url), _) => text.push_str(&format!("   {url}\n")),
            (None, Some(error)) => text.push_str(&format!("   No picture: {error}\n")),
            (None, None) => text.push_str("   No picture yet\n"),
        }
        if let Some(alt) = &scene.alt_text {
            text.push_str(&format!("   Alternative text: {alt}\n"));
        }
    }
    text
}
