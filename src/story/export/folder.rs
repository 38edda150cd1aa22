//! A story as files: its pictures as they are stored, its words, and a manifest that says which is which.

use serde_json::{Value, json};

use super::book::Book;
use super::colophon;
use super::{ExportError, Finished, Made};
use crate::transfer::names::{LocalPath, lay_out};

/// The name of the manifest.
pub(super) const MANIFEST: &str = "story.json";
/// What tells it from other manifests.
pub(super) const FORMAT: &str = "storymimi-story";

/// A file of the folder.
pub(super) struct File {
    pub(super) name: LocalPath,
    pub(super) bytes: Vec<u8>,
}

pub(super) fn make(book: &Book) -> Result<Finished, ExportError> {
    let mut wanted = vec![MANIFEST.to_owned(), "story.txt".to_owned()];
    for page in &book.pages {
        if let Some(art) = &page.art {
            wanted.push(format!("scene-{:02}.{}", page.number, art.media_type.extension()));
        }
    }
    let laid = lay_out(&wanted.iter().map(String::as_str).collect::<Vec<_>>());
    let mut names = laid.into_iter().map(|laid| laid.path);
    let mut next = || {
        names.next().ok_or_else(|| ExportError::Format {
            format: "folder",
            why: "a file has no name".to_owned(),
        })
    };
    let (manifest_name, words_name) = (next()?, next()?);
    let mut files = Vec::new();
    let mut scenes: Vec<Value> = Vec::new();
    for page in &book.pages {
        let mut scene = json!({
            "number": page.number, "title": page.title, "text": page.text, "alt_text": page.alt_text, "picture": null,
        });
        if let Some(art) = &page.art {
            let name = next()?;
            scene["picture"] = json!({
                "file": name.as_str(), "sha256": art.sha256, "bytes": art.bytes.len(), "media_type": art.media_type.mime(),
                "width": art.width, "height": art.height, "provenance": art.provenance,
            });
            files.push(File {
                name,
                bytes: art.bytes.to_vec(),
            });
        }
        scenes.push(scene);
    }
    let manifest = json!({
        "format": FORMAT, "version": 1, "story_id": book.story_id, "title": book.title, "language": book.language.as_str(),
        "created_at": book.created_at, "updated_at": book.updated_at, "written_by": book.writer, "scenes": scenes,
        "colophon": colophon::lines(book),
    });
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(|error| ExportError::Format {
        format: "manifest",
        why: error.to_string(),
    })?;
    text.push(b'\n');
    files.push(File {
        name: manifest_name,
        bytes: text,
    });
    files.push(File {
        name: words_name,
        bytes: words(book).into_bytes(),
    });
    Ok(Finished {
        made: Made::Folder(files),
        pages: book.pictures(),
        notes: Vec::new(),
    })
}

/// The words alone, for whoever wants to read or print them.
fn words(book: &Book) -> String {
    let mut text = format!("{}\n", book.title);
    for page in &book.pages {
        text.push_str(&format!("\n{}. {}\n", page.number, page.heading()));
        if !page.text.is_empty() {
            text.push_str(&format!("{}\n", page.text));
        }
    }
    text.push('\n');
    for line in colophon::lines(book) {
        text.push_str(&format!("{line}\n"));
    }
    text
}
