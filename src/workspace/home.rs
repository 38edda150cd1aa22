//! Where the program keeps its data.

use std::path::{Path, PathBuf};

/// The folder of everything the program writes: `STORYMIMI_HOME`, else the user's data folder.
///
/// What can be made anew is apart from it, in the user's cache folder, which backups leave out; a home at a given place has it
/// inside, in `cache`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    data: PathBuf,
    cache: PathBuf,
}

/// No data folder could be found.
#[derive(Debug, thiserror::Error)]
#[error("no data folder: set STORYMIMI_HOME to a folder that this program may write to")]
pub struct NoHome;

impl Home {
    /// Finds the folder. Nothing is made yet.
    ///
    /// # Errors
    /// If `STORYMIMI_HOME` is not set and the user has no home folder.
    pub fn find() -> Result<Self, NoHome> {
        match std::env::var_os("STORYMIMI_HOME").filter(|value| !value.is_empty()) {
            Some(path) => Ok(Self::at(&std::path::absolute(&path).unwrap_or_else(|_| path.into()))),
            None => directories::ProjectDirs::from("", "", "storymimi-studio")
                .map(|dirs| Self {
                    data: dirs.data_dir().to_owned(),
                    cache: dirs.cache_dir().to_owned(),
                })
                .ok_or(NoHome),
        }
    }

    /// A home at a given place, for tests and for programs that hold several.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self {
            data: path.to_owned(),
            cache: path.join("cache"),
        }
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.data
    }

    /// The embedded server's data.
    #[must_use]
    pub fn local_data(&self) -> PathBuf {
        self.data.join("local")
    }

    /// The journal of a workspace: `journal/<id>/`.
    #[must_use]
    pub fn journal(&self, workspace: &str) -> PathBuf {
        self.data.join("journal").join(workspace)
    }

    /// The empty file that is locked while a process exchanges the tokens of a profile's session.
    #[must_use]
    pub fn session_lock(&self, profile: &str) -> PathBuf {
        self.data.join(format!("session-{profile}.lock"))
    }

    /// Small pictures that were made from stored ones.
    #[must_use]
    pub fn thumbnails(&self) -> PathBuf {
        self.cache.join("thumbnails")
    }

    /// What the window remembers between starts.
    #[must_use]
    pub fn window_state(&self) -> PathBuf {
        self.data.join("window.ron")
    }
}
