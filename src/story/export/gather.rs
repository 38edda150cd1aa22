//! The pictures of a story, out of the project, within limits. What cannot be had is left out, and said.

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use super::book::{Art, Book};
use super::text::TEXT_MAX;
use super::{BYTES_MAX, ExportError, ExportSettings, ExportStep, SCENES_MAX};
use crate::journal::sha256;
use crate::media::{self, Limits};
use crate::story::{Provenance, Scene, Stories, Story, StoryError};
use crate::supabase::url::{Context, explain};
use crate::supabase::{BucketName, Class, ObjectKey};

/// Pictures that are fetched at the same time.
const AT_ONCE: usize = 3;

/// Why a page has no picture.
enum Lack {
    /// The scene has none.
    None,
    /// In words.
    Because(String),
    /// It stops all.
    Fatal(StoryError),
}

impl Stories {
    /// A story with all its pictures that can be had.
    pub(super) async fn gather(
        &self,
        story: &Story,
        settings: &ExportSettings,
        observe: &(dyn Fn(ExportStep) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Book, StoryError> {
        let mut book = words(story, settings)?;
        let of = story.scenes.len();
        observe(ExportStep::Pictures { done: 0, of });
        let scenes: Vec<Scene> = story.scenes.clone();
        let mut arts = stream::iter(scenes)
            .map(|scene| async move {
                tokio::select! {
                    art = self.fetch_art(scene.image_url.as_deref()) => (scene.index, art),
                    () = cancel.cancelled() => (scene.index, Err(Lack::Fatal(StoryError::Cancelled))),
                }
            })
            .buffered(AT_ONCE);
        let (mut done, mut total) = (0, 0_u64);
        while let Some((index, art)) = arts.next().await {
            match art {
                Ok(art) => {
                    total += art.bytes.len() as u64;
                    if total > BYTES_MAX {
                        return Err(ExportError::TooLarge.into());
                    }
                    book.pages[index].art = Some(art);
                }
                Err(Lack::Fatal(error)) => return Err(error),
                Err(Lack::None) => book.notes.push(format!("Scene {} has no picture.", index + 1)),
                Err(Lack::Because(why)) => book
                    .notes
                    .push(format!("The picture of scene {} is left out: {why}", index + 1)),
            }
            done += 1;
            observe(ExportStep::Pictures { done, of });
        }
        drop(arts);
        if let Some(link) = story.cover_image_url.as_deref().filter(|_| book.front_page.is_none()) {
            let cover = tokio::select! {
                art = self.fetch_art(Some(link)) => art,
                () = cancel.cancelled() => Err(Lack::Fatal(StoryError::Cancelled)),
            };
            match cover {
                Ok(art) => book.front = Some(art),
                Err(Lack::Fatal(error)) => return Err(error),
                Err(Lack::None) => {}
                Err(Lack::Because(why)) => book.notes.push(format!("The cover is left out: {why}")),
            }
        }
        let without = |page: &&super::Page| page.art.is_some() && page.alt_text.is_none();
        for page in book.pages.iter().filter(without) {
            book.notes.push(format!(
                "Scene {} has no description of its picture; its title stands for one.",
                page.number
            ));
        }
        Ok(book)
    }

    async fn fetch_art(&self, link: Option<&str>) -> Result<Art, Lack> {
        let link = link.ok_or(Lack::None)?;
        let (bucket, key) = self
            .located(link)
            .ok_or_else(|| Lack::Because("it is not in this project.".to_owned()))?;
        let objects = self.supabase.bucket(&bucket);
        // Its size is looked at before it is read.
        let info = objects.info(&key).await.map_err(lack)?;
        let most = Limits::default().max_bytes;
        if info.size.is_some_and(|size| size > most) {
            let most = media::format_bytes(most);
            return Err(Lack::Because(format!("it has more than {most}.")));
        }
        let mut reading = objects.open(&key, None, None).await.map_err(lack)?;
        let mut bytes = BytesMut::new();
        while let Some(chunk) = reading.chunk().await.map_err(lack)? {
            if (bytes.len() + chunk.len()) as u64 > most {
                let most = media::format_bytes(most);
                return Err(Lack::Because(format!("it has more than {most}.")));
            }
            bytes.extend_from_slice(&chunk);
        }
        let metadata = info.metadata;
        tokio::task::spawn_blocking(move || {
            let mut art = looked_at(bytes.freeze())?;
            art.provenance = Provenance::from_metadata(&metadata).or(art.provenance);
            Ok(art)
        })
        .await
        .unwrap_or(Err(Lack::Fatal(StoryError::Cancelled)))
    }

    /// The object of this project that a row's link means. The embedded server may have had another port when the row was
    /// written.
    fn located(&self, link: &str) -> Option<(BucketName, ObjectKey)> {
        let ours = self.supabase.url();
        let context = Context {
            project: Some(ours),
            default_bucket: Some(&self.settings.bucket),
            ..Context::default()
        };
        let found = explain(link, &context).parsed?;
        let here = match &found.origin {
            None => true,
            Some(origin) => origin == ours || (ours.is_loopback() && origin.is_loopback()),
        };
        here.then_some((found.bucket, found.key))
    }
}

/// The words of a story that is not too large for a book.
pub(super) fn words(story: &Story, settings: &ExportSettings) -> Result<Book, ExportError> {
    if story.scenes.is_empty() {
        return Err(ExportError::Empty);
    }
    if story.scenes.len() > SCENES_MAX {
        return Err(ExportError::TooManyScenes(story.scenes.len()));
    }
    let mut book = Book::of(story, settings);
    let long = story
        .scenes
        .iter()
        .filter(|scene| scene.text.chars().nth(TEXT_MAX).is_some());
    for scene in long {
        book.notes.push(format!(
            "The text of scene {} is cut after {} characters.",
            scene.index + 1,
            media::group_thousands(TEXT_MAX as u64)
        ));
    }
    Ok(book)
}

fn lack(error: crate::supabase::Error) -> Lack {
    match error.class {
        Class::NotFound | Class::BucketNotFound => Lack::Because("its object is not there any more.".to_owned()),
        _ => Lack::Fatal(error.into()),
    }
}

/// A picture that is one. What a broken client stored with the form around it is taken out of it.
fn looked_at(bytes: Bytes) -> Result<Art, Lack> {
    let bytes = match media::wrapped_picture(&bytes) {
        Some(inside) => bytes.slice(inside),
        None => bytes,
    };
    let info = media::inspect(&bytes).map_err(|error| Lack::Because(error.to_string()))?;
    let pixels = u64::from(info.width) * u64::from(info.height);
    let most = Limits::default().max_pixels;
    if pixels > most {
        return Err(Lack::Because(format!(
            "it has more than {} megapixels.",
            most / 1_000_000
        )));
    }
    Ok(Art {
        sha256: sha256(&bytes),
        provenance: Provenance::from_picture(&bytes),
        bytes,
        media_type: info.media_type,
        width: info.width,
        height: info.height,
    })
}
