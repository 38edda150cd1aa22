//! What the last page says: who wrote and drew, and whether AI was at work, which readers and shops want to know.

use std::collections::BTreeSet;

use super::book::Book;
use super::text;
use crate::story::DigitalSource;

/// The lines of the colophon.
pub(super) fn lines(book: &Book) -> Vec<String> {
    let mut lines = vec![book.title.clone()];
    if let Some(writer) = &book.writer {
        lines.push(format!("Written by {writer}."));
    }
    let engines: BTreeSet<String> = arts(book)
        .filter_map(|record| {
            let engine = record.engine.as_deref().filter(|engine| *engine != "upload")?;
            let model = record
                .model
                .as_deref()
                .filter(|model| !engine.contains(*model) && !model.starts_with("builtin-"));
            Some(match model {
                Some(model) => text::line(&format!("{engine} ({model})")),
                None => text::line(engine),
            })
        })
        .collect();
    if !engines.is_empty() {
        let engines: Vec<String> = engines.into_iter().collect();
        lines.push(format!("Pictures by {}.", engines.join(", ")));
    }
    lines.push(disclosure(book));
    if let Some(made) = book.created_at.as_deref().and_then(|date| date.get(..10)) {
        lines.push(format!("Made {}.", text::line(made)));
    }
    lines.push(format!("Story {}.", book.story_id));
    lines.push(
        "Set in Inter, by The Inter Project Authors, SIL Open Font License 1.1. Made with StoryMimi Studio.".to_owned(),
    );
    lines
}

fn arts(book: &Book) -> impl Iterator<Item = &crate::story::Provenance> {
    book.pages
        .iter()
        .filter_map(|page| Some(&page.art.as_ref()?.provenance))
}

/// Whether AI was at work, in words that claim no more than is known.
fn disclosure(book: &Book) -> String {
    let (mut ai, mut unknown, mut none) = (0, 0, 0);
    for record in arts(book) {
        match record.source() {
            Some(kind) if kind.is_ai() => ai += 1,
            Some(DigitalSource::Algorithmic | DigitalSource::HumanEdits | DigitalSource::Capture) => none += 1,
            _ => unknown += 1,
        }
    }
    let all = ai + unknown + none;
    let pictures = match (ai, unknown, none) {
        (0, 0, 0) => "This book has no pictures.".to_owned(),
        (0, 0, _) => "The pictures were made without AI.".to_owned(),
        (0, unknown, _) if unknown == all => "How the pictures were made is not recorded.".to_owned(),
        (0, unknown, _) => {
            format!("How {unknown} of the {all} pictures were made is not recorded; the others were made without AI.")
        }
        (ai, 0, 0) if ai == all => "The pictures are AI-generated.".to_owned(),
        (ai, 0, _) => format!("{ai} of the {all} pictures are AI-generated."),
        (ai, unknown, _) => {
            format!("{ai} of the {all} pictures are AI-generated; how {unknown} were made is not recorded.")
        }
    };
    let words = match &book.writer {
        None => "Who wrote the words is not recorded.",
        Some(writer) if writer.contains("(no AI)") => "The words were composed by a program without AI.",
        Some(_) => "The words were written with AI.",
    };
    format!("{words} {pictures}")
}
