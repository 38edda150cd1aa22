//! Files of this machine as pictures of a story's scenes.

use std::path::PathBuf;

use super::{AdminAction, LocalFile, Problem, Service};
use crate::story::{SceneId, StoryId};

impl Service {
    /// Takes files as candidates of scenes; with `replace`, each is put in the place of its scene's picture too, as a job of its
    /// own that can be undone. One that cannot be taken does not keep the others from it.
    ///
    /// # Errors
    /// If some were not taken, with their names; or if something is to be replaced while admin mode is locked: then nothing is
    /// taken.
    pub async fn bring_files(
        &self,
        story: &StoryId,
        files: Vec<(SceneId, PathBuf)>,
        replace: bool,
    ) -> Result<(), Problem> {
        if replace {
            self.admin().permit(AdminAction::Overwrite)?;
        }
        let many = files.len();
        let mut refused = Vec::new();
        for (scene, path) in files {
            let taken = async {
                let file = LocalFile::read(&path).await?;
                let name = file.name();
                self.bring_candidate(story, &scene, file.bytes, &name).await
            };
            match taken.await {
                Ok(variant) if replace => _ = self.start_place(story.clone(), scene, variant),
                Ok(_) => {}
                Err(problem) => {
                    let name = path.file_name().unwrap_or(path.as_os_str());
                    refused.push((name.to_string_lossy().into_owned(), problem));
                }
            }
        }
        let Some((name, problem)) = refused.first() else {
            return Ok(());
        };
        let mut told = problem.clone();
        told.what = format!(
            "{} of {many} files were not taken. The first is {name}: {}",
            refused.len(),
            problem.what
        );
        Err(told)
    }
}
