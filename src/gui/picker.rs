//! File dialogs behind a trait, so that whole flows can be tested without one.

use std::path::PathBuf;

use futures_util::future::BoxFuture;
use rfd::AsyncFileDialog;

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

/// Asks the user for files. Answers nothing when the user changes their mind.
pub trait FilePicker: Send + Sync {
    /// Files, or folders, to read: at most one for [`Purpose::Picture`], [`Purpose::DownloadFolder`] and
    /// [`Purpose::Workspaces`].
    fn pick_files(&self, purpose: &Purpose) -> BoxFuture<'static, Vec<PathBuf>>;

    /// Where to write a file that is to be called `name`. The user has confirmed that an existing one is replaced.
    fn save_file(&self, name: &str) -> BoxFuture<'static, Option<PathBuf>>;
}

/// The dialogs of the system; on Linux those of the desktop portal.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemPicker;

impl FilePicker for SystemPicker {
    fn pick_files(&self, purpose: &Purpose) -> BoxFuture<'static, Vec<PathBuf>> {
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

    fn save_file(&self, name: &str) -> BoxFuture<'static, Option<PathBuf>> {
        let dialog = AsyncFileDialog::new().set_title("Save as").set_file_name(name);
        Box::pin(async move { dialog.save_file().await.map(|file| file.path().to_owned()) })
    }
}
