//! Books out of stories for both faces, and where a scene's picture comes from.

use std::path::{Path, PathBuf};

use bytes::BytesMut;
use tokio_util::sync::CancellationToken;

use super::{Ending, JobId, Problem, Service, Subject};
use crate::media::{self, Limits};
use crate::story::export::{ExportSettings, ExportStep, Exported};
use crate::story::{Provenance, SceneId, Story, StoryError};
use crate::workspace::EngineId;

impl Service {
    /// Makes a book out of a story, puts it at `to` and waits for it.
    ///
    /// # Errors
    /// If nothing can be made of it, or `to` cannot be written or is not to be replaced; then nothing is there that was not
    /// there before.
    pub async fn export_story(
        &self,
        story: &Story,
        settings: &ExportSettings,
        to: &Path,
        observe: &(dyn Fn(ExportStep) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Exported, Problem> {
        Ok(self.export(story, settings, to, observe, cancel).await?)
    }

    async fn export(
        &self,
        story: &Story,
        settings: &ExportSettings,
        to: &Path,
        observe: &(dyn Fn(ExportStep) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<Exported, StoryError> {
        let illustrator = self.engine_ai(&EngineId::built_in());
        let stories = &self.inner.stories;
        stories
            .export(story, settings, to, illustrator.as_ref(), observe, cancel)
            .await
    }

    /// Starts making a book out of a story. The story is read anew, so that a retry sees what it is then.
    pub fn start_export(&self, story: &Story, settings: ExportSettings, to: PathBuf) -> JobId {
        let (service, id) = (self.clone(), story.story_id.clone());
        let title = format!("Export {}", settings.format.name());
        let subject = Subject::Story(id.clone());
        self.jobs().start(title, story.title.clone(), subject, move |context| {
            let (service, id, settings, to) = (service.clone(), id.clone(), settings.clone(), to.clone());
            async move {
                let story = service.inner.stories.get(&id).await?;
                let observe = |step: ExportStep| match step {
                    ExportStep::Pictures { done, of } => {
                        context.report(done, Some(of + 1), format!("{done} of {of} pictures"));
                    }
                    ExportStep::Writing => {
                        let of = story.scenes.len();
                        context.report(of, Some(of + 1), "Making the pages");
                    }
                };
                match service.export(&story, &settings, &to, &observe, context.cancel()).await {
                    Err(StoryError::Cancelled) => Ok(Ending::Cancelled),
                    Err(StoryError::Export(crate::story::export::ExportError::Cancelled)) => Ok(Ending::Cancelled),
                    Err(error) => Err(error.into()),
                    Ok(exported) => Ok(Ending::Done(said(&exported))),
                }
            }
        })
    }

    /// Where a scene's picture comes from: as its object's metadata says it, and where that says nothing, as its own bytes do. What other
    /// programs wrote into it, and whether it is signed, is read from the bytes. Each field may be missing.
    ///
    /// # Errors
    /// If the scene has no picture of this project, or it cannot be read.
    pub async fn picture_provenance(&self, story: &Story, scene: &SceneId) -> Result<Provenance, Problem> {
        let row = story.scenes.iter().find(|row| row.scene_id == *scene);
        let link = row.and_then(|row| row.image_url.as_deref());
        let Some((bucket, key)) = link.and_then(|link| self.own_object(link)) else {
            return Err(Problem::new(
                "Nothing is known of this picture: it is not in this project.",
                "Upload or make a picture, and this program remembers where it comes from.",
            ));
        };
        let info = self.object_info(&bucket, &key).await?;
        let told = Provenance::from_metadata(&info.metadata);
        let most = Limits::default().max_bytes;
        if info.size.is_some_and(|size| size > most) {
            return Ok(told);
        }
        let mut reading = self.inner.supabase.bucket(&bucket).open(&key, None, None).await?;
        let mut bytes = BytesMut::new();
        while let Some(chunk) = reading.chunk().await? {
            if (bytes.len() + chunk.len()) as u64 > most {
                return Ok(told);
            }
            bytes.extend_from_slice(&chunk);
        }
        let read = move || {
            let mut inside = Provenance::from_picture(&bytes);
            if let Ok(info) = media::inspect(&bytes) {
                inside.width.get_or_insert(info.width);
                inside.height.get_or_insert(info.height);
            }
            // The bytes themselves tell best what they are.
            inside.sha256 = Some(crate::journal::sha256(&bytes));
            inside
        };
        let inside = tokio::task::spawn_blocking(read)
            .await
            .map_err(|_| Problem::stopped())?;
        let of_bytes = Provenance {
            sha256: inside.sha256.clone(),
            width: inside.width,
            height: inside.height,
            ..Provenance::default()
        };
        Ok(of_bytes.or(told).or(inside))
    }
}

/// How an export ended, with what is not as one would expect.
fn said(exported: &Exported) -> String {
    let size = media::format_bytes(exported.bytes);
    let mut text = format!("{} ({size})", exported.path.display());
    for note in exported.notes.iter().take(3) {
        text.push_str(". ");
        text.push_str(note.trim_end_matches('.'));
    }
    if exported.notes.len() > 3 {
        text.push_str(&format!(". {} more notes", exported.notes.len() - 3));
    }
    text
}
