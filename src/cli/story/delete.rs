//! `story delete`.

use clap::Args;

use crate::cli::output::{Output, table};
use crate::service::{Problem, Service};
use crate::story::{DeletedStory, Deletion, Fate, StoryId};

/// Which story goes.
#[derive(Debug, Args)]
pub struct Delete {
    /// The story's id
    id: String,
    /// Delete it; otherwise it is only shown what would go
    #[arg(long)]
    yes: bool,
    /// Leave its public copies, and what they show; otherwise they go with it
    #[arg(long)]
    keep_copies: bool,
}

pub(super) async fn command(words: &Delete, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let id = StoryId::parse(&words.id).map_err(Problem::from)?;
    if let Some(deleted) = service.settle_story_deletion(&id).await? {
        // It was asked for before, and a program that ended in the middle of it had left the rest.
        return output.result(&deleted, |deleted| gone(deleted, 0));
    }
    let deletion = service.plan_story_deletion(&id).await?;
    let deletion = deletion.with_copies(!words.keep_copies);
    if !words.yes {
        output.result(&deletion, shown)?;
        return Err(Problem::new("Nothing was deleted.", "Say --yes to delete it."));
    }
    let deleted = service.delete_story(&deletion).await?;
    let stay = deletion.copies.len().saturating_sub(deleted.copies);
    output.result(&deleted, |deleted| gone(deleted, stay))
}

/// What is said of a story that is gone, and of its public copies that stay.
fn gone(deleted: &DeletedStory, stay: usize) -> String {
    let copies = match deleted.copies {
        0 => String::new(),
        1 => " and 1 public copy".to_owned(),
        copies => format!(" and {copies} public copies"),
    };
    let stay = match stay {
        0 => String::new(),
        1 => " Its public copy stays, with what it shows.".to_owned(),
        copies => format!(" Its {copies} public copies stay, with what they show."),
    };
    let pictures = counted(deleted.objects, "picture");
    format!(
        "“{}” is gone, and {pictures}{copies} with it.{stay} Have it back with: storymimi-studio story undo {}",
        deleted.title, deleted.story
    )
}

fn shown(deletion: &Deletion) -> String {
    let scenes = counted(deletion.scenes, "scene");
    let mut text = format!("“{}” with its {scenes}.", deletion.title);
    if !deletion.copies.is_empty() {
        let rows: Vec<Vec<String>> = deletion
            .copies
            .iter()
            .map(|copy| {
                let fate = if deletion.with_copies { "goes with it" } else { "stays" };
                vec![
                    copy.id.to_string(),
                    format!("“{}”, {}", copy.title, counted(copy.scenes, "scene")),
                    fate.to_owned(),
                ]
            })
            .collect();
        text.push('\n');
        text.push_str(&table(&["PUBLIC COPY", "WHAT IT IS", "WHAT BECOMES OF IT"], &rows));
    }
    if !deletion.objects.is_empty() {
        let rows: Vec<Vec<String>> = deletion
            .objects
            .iter()
            .map(|object| vec![object.key.clone(), fate(object.fate).to_owned()])
            .collect();
        text.push('\n');
        text.push_str(&table(&["PICTURE", "WHAT BECOMES OF IT"], &rows));
    }
    text
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Trash => "goes to the trash",
        Fate::UsedElsewhere => "stays: another story or a public copy shows it",
        Fate::NotAPicture => "stays: it was not stored for a story",
        Fate::PerhapsUsed => "stays: this key does not see who else shows it",
        Fate::Missing => "is not there",
    }
}
