//! `story export`.

use std::path::PathBuf;

use clap::Args;

use super::stop_on_interrupt;
use crate::cli::output::Output;
use crate::media;
use crate::service::{Problem, Service};
use crate::story::StoryId;
use crate::story::export::{
    ExportError, ExportSettings, ExportStep, Exported, Format, Language, PageSize, suggested_name,
};

/// What is made of a story, and where it goes.
#[derive(Debug, Args)]
pub struct Export {
    /// The story's id
    id: String,
    /// pdf, epub, sheet (all pictures on one), folder (files with a manifest) or colouring (outlines as PDF)
    #[arg(long, default_value_t = Format::Pdf)]
    format: Format,
    /// The pages of a PDF: square, a4-landscape, a5 or letter
    #[arg(long, default_value_t = PageSize::Square)]
    size: PageSize,
    /// Let the pictures of a PDF go beyond the cut, and draw marks where it is cut
    #[arg(long)]
    bleed: bool,
    /// The language of the words, such as en or pt-BR; told from them unless given
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// The file or folder to write; one named after the story in this folder unless given
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Replace what is there
    #[arg(long)]
    overwrite: bool,
}

pub(super) async fn command(export: &Export, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let id = StoryId::parse(&export.id).map_err(Problem::from)?;
    let language = export.language.as_deref().map(Language::parse).transpose();
    let settings = ExportSettings {
        format: export.format,
        size: export.size,
        bleed: export.bleed,
        language: language.map_err(ExportError::from)?,
        overwrite: export.overwrite,
    };
    let story = service.story(&id).await?;
    let to = export
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(suggested_name(&story.title, settings.format)));
    let cancel = stop_on_interrupt();
    let line = output.progress();
    let observe = |step: ExportStep| match step {
        ExportStep::Pictures { done, of } => line.show(&format!("{done} of {of} pictures")),
        ExportStep::Writing => line.show("Making the pages"),
    };
    let exported = service.export_story(&story, &settings, &to, &observe, &cancel).await;
    line.clear();
    output.result(&exported?, text)
}

fn text(exported: &Exported) -> String {
    let mut text = format!(
        "{} ({})\n",
        exported.path.display(),
        media::format_bytes(exported.bytes)
    );
    for note in &exported.notes {
        text.push_str(&format!("{note}\n"));
    }
    text
}
