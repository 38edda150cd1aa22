//! `story draft`: a manuscript is written, shown, listed, edited, given pictures and discarded. Nothing of it is in the project.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::create::fresh_seed;
use super::stop_on_interrupt;
use crate::cli::output::{Output, table};
use crate::service::{LocalFile, Problem, Service};
use crate::story::{Brief, Manuscript, ManuscriptState, StoryError, StoryId, VariantId};
use crate::workspace::EngineId;

/// Writes a draft, or does something with one that is there.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Draft {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    new: New,
}

/// What a draft is written from.
#[derive(Debug, Args)]
struct New {
    /// The title
    #[arg(long, default_value = "")]
    title: String,
    /// Who it is about and what happens
    #[arg(long, default_value = "")]
    prompt: String,
    /// How many scenes, 1 to 12
    #[arg(long, default_value_t = 6, allow_negative_numbers = true)]
    scenes: i64,
    /// The same words and seed give the same text from the built-in engine; a random one unless given
    #[arg(long)]
    seed: Option<u32>,
    /// Who writes it; the workspace's first engine unless given
    #[arg(long)]
    engine: Option<String>,
}

/// What is done with drafts that are there.
#[derive(Debug, Subcommand)]
enum Command {
    /// List the drafts, the one that was saved last first
    List,
    /// Show one; with --json, as `edit` takes it
    Show {
        /// The draft's id
        id: String,
    },
    /// Save a draft that was changed in a file, as `show --json` gives it
    Edit {
        /// The file
        file: PathBuf,
    },
    /// Choose the picture of a scene: a variant, or a file
    Picture {
        /// The draft's id
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
    },
    /// Forget a draft
    Discard {
        /// The draft's id
        id: String,
    },
}

pub(super) async fn command(words: &Draft, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match &words.command {
        None => write(&words.new, service, output).await,
        Some(Command::List) => {
            let manuscripts = service.manuscripts().await?;
            output.result(&manuscripts, |manuscripts| list(manuscripts))
        }
        Some(Command::Show { id }) => {
            let manuscript = find(id, service).await?;
            output.result(&manuscript, text)
        }
        Some(Command::Edit { file }) => {
            let changed = read(file)?;
            let saved = service.save_manuscript(&changed).await?;
            output.result(&saved, text)
        }
        Some(Command::Picture {
            id,
            scene,
            file,
            variant,
        }) => {
            let manuscript = find(id, service).await?;
            let chosen = choose(manuscript, *scene, file.as_ref(), variant.as_deref(), service).await?;
            output.result(&chosen, text)
        }
        Some(Command::Discard { id }) => {
            let manuscript = find(id, service).await?;
            service.discard_manuscript(&manuscript).await?;
            output.result(&manuscript, |manuscript| {
                format!("The draft of “{}” is forgotten.", manuscript.title)
            })
        }
    }
}

async fn write(new: &New, service: &Service, output: &mut Output) -> Result<(), Problem> {
    // A negative number is as impossible as 0 and gets the same sentence.
    let scenes = usize::try_from(new.scenes).unwrap_or(0);
    let seed = new.seed.unwrap_or_else(fresh_seed);
    let brief = Brief::new(&new.title, &new.prompt, scenes, seed).map_err(Problem::from)?;
    let engine = match &new.engine {
        Some(name) => EngineId::new(name),
        None => service.workspace().provider.id(),
    };
    let line = output.progress();
    line.show("Writing the scenes");
    let drafted = service.draft(&brief, &engine, &stop_on_interrupt()).await;
    line.clear();
    output.result(&drafted?, text)
}

/// The draft of an id that was typed.
pub(super) async fn find(id: &str, service: &Service) -> Result<Manuscript, Problem> {
    let id = StoryId::parse(id).map_err(Problem::from)?;
    service.manuscript(&id).await
}

fn read(file: &PathBuf) -> Result<Manuscript, Problem> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Problem::new(
            format!("{} cannot be read: {error}.", file.display()),
            "Check how it is spelt, and that you may read it.",
        )
    })?;
    serde_json::from_str(&text).map_err(|error| {
        Problem::new(
            format!("{} is no draft: {error}.", file.display()),
            "Take what `story draft show ID --json` prints, and change texts in it.",
        )
    })
}

async fn choose(
    mut manuscript: Manuscript,
    scene: usize,
    file: Option<&PathBuf>,
    variant: Option<&str>,
    service: &Service,
) -> Result<Manuscript, Problem> {
    let scenes = manuscript.scenes.len();
    let place = scene.checked_sub(1).filter(|place| *place < scenes);
    let place = place.ok_or_else(|| {
        Problem::new(
            format!("The draft has scenes 1 to {scenes}, and no scene {scene}."),
            "Show it to see its scenes.",
        )
    })?;
    let scene_id = manuscript.scenes[place].scene_id.clone();
    let id = match (file, variant) {
        (Some(path), _) => {
            let file = LocalFile::read(path).await?;
            service
                .bring_candidate(&manuscript.id, &scene_id, file.bytes.clone(), &file.name())
                .await?
        }
        (None, variant) => {
            let id = VariantId::parse(variant.unwrap_or_default())
                .map_err(|error| Problem::new(format!("{error}."), "Take one that story generate has printed."))?;
            let variants = service.variants(&manuscript.id, &scene_id).await?;
            let variant = variants.iter().find(|variant| variant.id == id);
            let variant = variant.ok_or(StoryError::NoSuchVariant(id))?;
            if variant.picture.is_none() {
                return Err(StoryError::NoPictureYet(id).into());
            }
            id
        }
    };
    manuscript.scenes[place].chosen = Some(id);
    service.save_manuscript(&manuscript).await
}

fn list(manuscripts: &[Manuscript]) -> String {
    if manuscripts.is_empty() {
        return "No drafts. Write one with: storymimi-studio story draft --title … --prompt …".to_owned();
    }
    let rows: Vec<Vec<String>> = manuscripts
        .iter()
        .map(|manuscript| {
            let chosen = manuscript.scenes.iter().filter(|scene| scene.chosen.is_some()).count();
            vec![
                manuscript.id.to_string(),
                standing(manuscript).to_owned(),
                format!("{chosen}/{}", manuscript.scenes.len()),
                manuscript.title.clone(),
            ]
        })
        .collect();
    table(&["ID", "STATE", "PICTURES", "TITLE"], &rows)
}

fn standing(manuscript: &Manuscript) -> &'static str {
    match manuscript.state {
        ManuscriptState::Draft if manuscript.is_approved() => "Approved",
        ManuscriptState::Draft => "Draft",
        ManuscriptState::Publishing => "Publishing",
        ManuscriptState::TakingBack => "Taking back",
        ManuscriptState::Published => "Published",
    }
}

/// A manuscript for people, with what it lacks.
pub(super) fn text(manuscript: &Manuscript) -> String {
    let mut text = format!("{}\n{} · {}\n", manuscript.title, manuscript.id, standing(manuscript));
    if let Some(approval) = manuscript.approved.as_ref().filter(|_| manuscript.is_approved()) {
        text.push_str(&format!("Approved by {} at {:.0}\n", approval.by, approval.at));
    }
    for (index, scene) in manuscript.scenes.iter().enumerate() {
        text.push_str(&format!("\n{}. {}\n{}\n", index + 1, scene.title, scene.text));
        match scene.chosen {
            Some(variant) => text.push_str(&format!("   Picture: {variant}\n")),
            None => text.push_str("   No picture yet\n"),
        }
    }
    for member in &manuscript.cast {
        text.push_str(&format!("\n{}: {}\n", member.name, member.look));
    }
    text.push_str(&format!("\n{}\n", next(manuscript)));
    text
}

/// What it lacks, or what is done with it next.
fn next(manuscript: &Manuscript) -> String {
    let id = &manuscript.id;
    match manuscript.state {
        ManuscriptState::Draft if manuscript.is_approved() => {
            format!("Publish it with: storymimi-studio story publish {id}")
        }
        ManuscriptState::Draft => {
            let lacks: Vec<String> = manuscript.lacks().iter().map(ToString::to_string).collect();
            if lacks.is_empty() {
                return format!("When you have looked at every text and picture: storymimi-studio story approve {id}");
            }
            format!("Before it can be approved: {}.", lacks.join("; "))
        }
        ManuscriptState::Publishing => {
            format!("Its publication was begun and is not at its end. Go on with: storymimi-studio story publish {id}")
        }
        ManuscriptState::TakingBack => format!(
            "What was stored of it is being removed. Go on with: storymimi-studio story publish {id} --take-back"
        ),
        ManuscriptState::Published => {
            let story = manuscript.published_as.as_ref().unwrap_or(id);
            format!("It is published. See it with: storymimi-studio story show {story}")
        }
    }
}
