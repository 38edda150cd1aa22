//! File dialogs behind a trait, so that whole flows can be tested without one.

use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rfd::AsyncFileDialog;
use tokio::time::Instant;

use crate::service::Problem;

/// The extensions of the pictures that can be put into a scene.
pub const PICTURE_EXTENSIONS: [&str; 5] = ["png", "jpg", "jpeg", "webp", "gif"];

/// What files are chosen for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// One picture for a scene.
    Picture,
    /// Files to upload into a bucket, whose name the dialog's title says.
    Uploads(String),
    /// Folders to upload into a bucket, whose name the dialog's title says.
    UploadFolders(String),
    /// The folder that a download goes into.
    DownloadFolder,
    /// One file of workspaces.
    Workspaces,
}

/// The system has shown no dialog: nobody could choose or refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system shows no file dialog")]
pub struct NoDialog;

impl From<NoDialog> for Problem {
    fn from(_: NoDialog) -> Self {
        Self::new(
            "This desktop shows no file dialog.",
            "Install xdg-desktop-portal or zenity to have one. Files can be dropped on the window, too, and uploads be named \
             by their path in the menu beside Upload.",
        )
    }
}

/// Asks the user for files. Answers nothing when the user changes their mind.
pub trait FilePicker: Send + Sync {
    /// Files, or folders, to read: at most one for [`Purpose::Picture`], [`Purpose::DownloadFolder`] and
    /// [`Purpose::Workspaces`].
    ///
    /// # Errors
    /// If there is no dialog to ask with.
    fn pick_files(&self, purpose: &Purpose) -> BoxFuture<'static, Result<Vec<PathBuf>, NoDialog>>;

    /// Where to write a file that is to be called `name`. The user has confirmed that an existing one is replaced.
    ///
    /// # Errors
    /// If there is no dialog to ask with.
    fn save_file(&self, name: &str) -> BoxFuture<'static, Result<Option<PathBuf>, NoDialog>>;
}

/// The dialogs of the system; on Linux those of the desktop portal.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemPicker;

/// No dialog can be seen and closed in less: `rfd` says nothing of its own failures, which come at once, but that nothing was
/// chosen.
const FASTEST: Duration = Duration::from_millis(150);

/// What was chosen; nothing chosen sooner than a person could is a dialog that was never there.
async fn asked<T: Default + PartialEq>(dialog: impl Future<Output = T>) -> Result<T, NoDialog> {
    let began = Instant::now();
    let chosen = dialog.await;
    if chosen == T::default() && began.elapsed() < FASTEST {
        return Err(NoDialog);
    }
    Ok(chosen)
}

impl FilePicker for SystemPicker {
    fn pick_files(&self, purpose: &Purpose) -> BoxFuture<'static, Result<Vec<PathBuf>, NoDialog>> {
        Box::pin(asked(choose(purpose)))
    }

    fn save_file(&self, name: &str) -> BoxFuture<'static, Result<Option<PathBuf>, NoDialog>> {
        let dialog = AsyncFileDialog::new().set_title("Save as").set_file_name(name);
        Box::pin(asked(async move {
            dialog.save_file().await.map(|file| file.path().to_owned())
        }))
    }
}

fn choose(purpose: &Purpose) -> BoxFuture<'static, Vec<PathBuf>> {
    match purpose {
        Purpose::Picture => {
            let dialog = AsyncFileDialog::new()
                .set_title("Choose a picture")
                .add_filter("Pictures", &PICTURE_EXTENSIONS);
            Box::pin(async move {
                let file = dialog.pick_file().await;
                file.map(|file| file.path().to_owned()).into_iter().collect()
            })
        }
        Purpose::Workspaces => {
            let dialog = AsyncFileDialog::new()
                .set_title("Open a file of workspaces")
                .add_filter("Workspaces", &["toml"]);
            Box::pin(async move {
                let file = dialog.pick_file().await;
                file.map(|file| file.path().to_owned()).into_iter().collect()
            })
        }
        Purpose::DownloadFolder => {
            let dialog = AsyncFileDialog::new().set_title("Choose the folder for the download");
            Box::pin(async move {
                let folder = dialog.pick_folder().await;
                folder.map(|folder| folder.path().to_owned()).into_iter().collect()
            })
        }
        Purpose::Uploads(bucket) => {
            let dialog = AsyncFileDialog::new().set_title(format!("Choose files to upload to {bucket}"));
            Box::pin(async move {
                let files = dialog.pick_files().await.unwrap_or_default();
                files.iter().map(|file| file.path().to_owned()).collect()
            })
        }
        Purpose::UploadFolders(bucket) => {
            let dialog = AsyncFileDialog::new().set_title(format!("Choose folders to upload to {bucket}"));
            Box::pin(async move {
                let folders = dialog.pick_folders().await.unwrap_or_default();
                folders.iter().map(|folder| folder.path().to_owned()).collect()
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_dialog_that_was_never_there_is_told_from_one_that_was_closed() {
        let at_once = asked(std::future::ready(Vec::<PathBuf>::new())).await;
        assert_eq!(at_once, Err(NoDialog));
        let closed = asked(async {
            tokio::time::sleep(FASTEST).await;
            None::<PathBuf>
        });
        assert_eq!(closed.await, Ok(None));
        let chosen = vec![PathBuf::from("a.png")];
        assert_eq!(asked(std::future::ready(chosen.clone())).await, Ok(chosen));
    }
}
