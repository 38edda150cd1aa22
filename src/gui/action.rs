//! What people can ask for. Panels put actions out; [`crate::gui::app`] carries them out and nobody else does.

use std::path::PathBuf;
use std::sync::Arc;

pub use super::command::{Command, Group, pressed, shown};
use super::panel::buckets::Chosen;
use super::panel::stories::{BenchAct, Deed};
use crate::http::{ExchangeId, Secret};
use crate::media::MediaType;
use crate::service::{JobId, Wish};
use crate::story::export::ExportSettings;
use crate::story::{Replaced, SceneId, StoryId};
use crate::supabase::{BucketName, BucketUpdate, NewBucket, ObjectKey};
use crate::transfer::plan::HeaderEdit;
use crate::transfer::{JobId as TransferId, Limits, Plan, Target};
use crate::workspace::{ProfileId, WorkspaceId};

/// One thing to do, with all it needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A command of the menu, the palette or the keyboard.
    Command(Command),
    /// Show a place.
    Go(Place),
    /// Show a story, and one of its scenes if given.
    OpenStory(StoryId, Option<SceneId>),
    /// Show a bucket's objects.
    OpenBucket(BucketName),
    /// Show an object in its bucket.
    OpenObject(BucketName, ObjectKey),
    /// Show a URL part by part.
    ExplainUrl(String),
    /// Do what is missing of a story.
    ResumeStory(StoryId),
    /// Draw a scene's picture anew and put it in the place of the present one.
    Regenerate {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
        /// The words.
        prompt: String,
        /// The seed.
        seed: u32,
    },
    /// Let the editor choose a file for a scene's picture.
    ChoosePicture {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
    },
    /// Put a file of this machine in the place of a scene's picture.
    ReplacePicture {
        /// The story.
        story: StoryId,
        /// The scene.
        scene: SceneId,
        /// The file.
        path: PathBuf,
    },
    /// Do something to the candidates of a scene.
    Bench(Box<BenchAct>),
    /// Change a story, a manuscript or a batch.
    Do(Box<Deed>),
    /// Undo a replacement.
    PutBack(Replaced),
    /// Ask what a story is to be made into.
    ExportStory(StoryId),
    /// Make a story into a book; the user chooses where it goes.
    Export(StoryId, ExportSettings),
    /// Let the user choose files to upload into a folder of a bucket.
    ChooseUploads {
        /// The bucket.
        bucket: BucketName,
        /// The folder, empty or ending with `/`.
        folder: String,
    },
    /// Let the user choose folders to upload, with all that is in them, into a folder of a bucket.
    ChooseUploadFolders {
        /// The bucket.
        bucket: BucketName,
        /// The folder, empty or ending with `/`.
        folder: String,
    },
    /// Upload files and folders of this machine into a folder of a bucket.
    Upload {
        /// The files.
        paths: Vec<PathBuf>,
        /// The bucket.
        bucket: BucketName,
        /// The folder, empty or ending with `/`.
        folder: String,
    },
    /// Upload a picture of the clipboard into a folder of a bucket.
    UploadPicture {
        /// The picture.
        picture: Arc<egui::ColorImage>,
        /// The bucket.
        bucket: BucketName,
        /// The folder, empty or ending with `/`.
        folder: String,
    },
    /// Save an object as a file; the user chooses where.
    Save(BucketName, ObjectKey),
    /// Move objects to the trash, or delete them for good. The user has confirmed it.
    Delete {
        /// Which.
        chosen: Chosen,
        /// Without the trash.
        for_good: bool,
    },
    /// Carry out a plan that was shown and agreed to.
    Transfer(Box<Plan>),
    /// Make a folder, which ends with `/`.
    NewFolder(BucketName, String),
    /// Let the user choose the folder that a download goes into.
    ChooseDownloadFolder,
    /// Make a bucket.
    CreateBucket(NewBucket),
    /// Change a bucket.
    UpdateBucket(BucketName, BucketUpdate),
    /// Delete all that is in a bucket, and the bucket too if it is wanted. The user has confirmed it.
    ClearBucket {
        /// The bucket.
        bucket: BucketName,
        /// Whether it goes, too.
        then_delete: bool,
    },
    /// Ask a job to stop.
    CancelJob(JobId),
    /// Start an ended job again.
    RetryJob(JobId),
    /// Start an ended job again, with its picture saved as another kind.
    RetryAs(JobId, MediaType),
    /// What is wanted of transfers.
    Wish(Target, Wish),
    /// Take back what a transfer did.
    UndoTransfer(TransferId),
    /// Copy how a transfer ended, and what of it is not done and why.
    CopyReport(TransferId),
    /// How fast transfers may be, and how many items at once.
    LimitTransfers(Limits),
    /// Show or hide the transfers.
    ToggleTransfers,
    /// Show the transfers.
    ShowTransfers,
    /// Put a text on the clipboard that is not shown anywhere, such as signed URLs, and say so.
    CopySecret(Secret, &'static str),
    /// Save a text as a file; the user chooses where.
    SaveText {
        /// What the file is to be called.
        name: String,
        /// The text.
        text: Secret,
        /// What it is, for the toast: "URLs".
        what: &'static str,
    },
    /// Change headers or metadata of objects.
    Edit {
        /// Which.
        chosen: Chosen,
        /// What is changed.
        edit: HeaderEdit,
    },
    /// Put a text on the clipboard and say so.
    Copy {
        /// The text.
        text: String,
        /// What it is, for the toast: "URL", "curl command".
        what: &'static str,
    },
    /// Copy the curl command of a request, without its secrets.
    CopyCurl(ExchangeId),
    /// Show the connect screen with an empty form.
    AddWorkspace,
    /// Show the connect screen with the form of a workspace.
    EditWorkspace(WorkspaceId),
    /// Leave the connect screen as it was entered.
    CloseConnect,
    /// Save what the connect screen's form says and open that workspace.
    Connect,
    /// Open a workspace in the place of the present one.
    OpenWorkspace(WorkspaceId),
    /// Ask whether a workspace is to be forgotten on this computer.
    AskToRemove(ProfileId),
    /// Forget a workspace and its secrets on this computer. The user has confirmed it.
    RemoveWorkspace(ProfileId),
    /// Show the connect screen to sign in again, after the session has ended.
    SignInAgain,
    /// End a user's session at the server and on this computer.
    SignOut(ProfileId),
    /// Let the user choose a file of workspaces, and save those in it.
    ImportWorkspaces,
    /// Write workspaces into a file, without their secrets; all of them without an id.
    ExportWorkspaces(Option<ProfileId>),
    /// Ask whether admin mode is to be unlocked.
    AskToUnlock,
    /// Unlock admin mode. The user has confirmed it.
    UnlockAdmin,
    /// Lock admin mode.
    LockAdmin,
    /// Show the log in the dock.
    ShowLog,
    /// Show the jobs in the dock.
    ShowJobs,
    /// Show a request in the dock.
    ShowRequest(ExchangeId),
}

/// The places of the window, in the order of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Place {
    /// Stories and their scenes.
    Stories,
    /// Buckets and their objects.
    Buckets,
    /// A URL part by part.
    UrlLab,
    /// The program itself.
    Settings,
}
