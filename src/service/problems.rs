//! From each room's errors to what is shown.

use super::{Problem, SaveAs};
use crate::ai::{AiError, Stage};
use crate::http::HttpError;
use crate::journal::JournalError;
use crate::media::{MediaError, MediaType};
use crate::story::export::ExportError;
use crate::story::{BriefError, BriefField, ManuscriptState, NotAnId, Outcome, StoryError};
use crate::supabase::{Class, Error as WireError, NameError};
use crate::transfer::TransferError;
use crate::transfer::names::NotLocal;
use crate::transfer::plan::PlanError;
use crate::transfer::trash::TrashError;
use crate::workspace::{
    ApiKeyError, BaseUrlError, EnvironmentError, NoHome, ProfileError, ProfilesError, ProjectUrlError, VaultError,
};

/// What the wire calls the making of a bucket.
const MAKE_BUCKET: &str = "Create bucket";

/// The first letter in capitals and a full stop at the end: rooms write messages that can be joined to others.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    // An address is written as it is.
    let is_address = text.split(' ').next().is_some_and(|word| word.contains("://"));
    let mut sentence: String = if is_address {
        text.to_owned()
    } else {
        first.to_uppercase().chain(letters).collect()
    };
    if !sentence.ends_with(['.', '!', '?', '…']) {
        sentence.push('.');
    }
    sentence
}

impl From<WireError> for Problem {
    fn from(error: WireError) -> Self {
        let server = sentence(&error.message);
        let what = match error.class {
            Class::Network | Class::Cancelled => server,
            _ if error.target.is_empty() => format!("{} did not work. {server}", error.operation),
            _ => format!("{} did not work for {}. {server}", error.operation, error.target),
        };
        let advice = match error.class {
            Class::Forbidden if error.operation == MAKE_BUCKET => format!(
                "This key may neither see nor make a bucket of that name. Sign in with other rights, or ask an admin to make “{}”.",
                error.target
            ),
            _ => error.hint().to_owned(),
        };
        let mut problem = Self::new(what, advice);
        problem.technical = technical(&error);
        problem.code.clone_from(&error.code);
        problem.http_status = error.http_status;
        problem.exchange = error.exchange;
        problem.retry = error.retry_may_help;
        if error.code.as_deref() == Some("EntityTooLarge") {
            // The project's own limit, which no bucket tells.
            problem.save_as = Some(SaveAs {
                kind: MediaType::Webp,
                why: "Too large for this project",
            });
        }
        problem
    }
}

/// "HTTP 400 · EntityTooLarge (413) · request 0197…": the transport's status, the server's own code, its request id.
fn technical(error: &WireError) -> String {
    let mut parts = Vec::new();
    if let Some(status) = error.http_status {
        parts.push(format!("HTTP {status}"));
    }
    match (&error.code, error.status_in_body) {
        (Some(code), Some(status)) => parts.push(format!("{code} ({status})")),
        (Some(code), None) => parts.push(code.clone()),
        (None, Some(status)) => parts.push(format!("{status} in body")),
        (None, None) => {}
    }
    if let Some(id) = &error.request_id {
        parts.push(format!("request {id}"));
    }
    parts.join(" · ")
}

impl From<AiError> for Problem {
    fn from(error: AiError) -> Self {
        let mut problem = Self::new(sentence(&error.to_string()), error.hint());
        problem.exchange = error.exchange();
        problem.retry = error.retry_may_help();
        if let AiError::Refused { stage, categories, .. } = &error {
            let stage = stage.map(|stage| match stage {
                Stage::Input => "the words",
                Stage::Output => "the result",
            });
            let parts = stage.into_iter().chain(categories.iter().map(String::as_str));
            problem.technical = parts.collect::<Vec<_>>().join(" · ");
        }
        problem
    }
}

impl From<HttpError> for Problem {
    fn from(error: HttpError) -> Self {
        let mut problem = Self::new(error.sentence.clone(), "");
        problem.exchange = error.exchange;
        problem.retry = error.class.is_transient();
        problem
    }
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        let advice = match &error {
            JournalError::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                "Free some space on it, then try again. Nothing that was stored is lost."
            }
            JournalError::Newer { .. } => "Install the newest version, or set STORYMIMI_HOME to another folder.",
            _ => "Check that the disk is not full and that this program may write to its folder.",
        };
        Self::new(sentence(&error.to_string()), advice).worth_a_retry()
    }
}

impl From<MediaError> for Problem {
    fn from(error: MediaError) -> Self {
        let advice = match &error {
            MediaError::LargerThanBucket { .. } => "Save it smaller or as WebP, or raise the bucket's limit.",
            MediaError::NotAllowed { .. } | MediaError::TypeNotAllowed { .. } => {
                "Save it as one of those, or change what the bucket accepts."
            }
            MediaError::CutOff | MediaError::Damaged { .. } => "Copy the file again, or save the picture anew.",
            MediaError::Empty => "Choose another file.",
            MediaError::NotAPicture(_) | MediaError::Unknown => "Choose a PNG, JPEG, WebP or GIF picture.",
            _ => "",
        };
        Self::new(error.to_string(), advice)
    }
}

impl From<NameError> for Problem {
    fn from(error: NameError) -> Self {
        Self::new(sentence(&error.to_string()), "").beside("name")
    }
}

impl From<BriefError> for Problem {
    fn from(error: BriefError) -> Self {
        let field = match error.field {
            BriefField::Title => "title",
            BriefField::Prompt => "prompt",
            BriefField::Scenes => "scenes",
        };
        Self::new(error.sentence, "").beside(field)
    }
}

impl From<NotAnId> for Problem {
    fn from(error: NotAnId) -> Self {
        Self::new(sentence(&error.to_string()), "Copy the id from the story list.")
    }
}

impl From<StoryError> for Problem {
    fn from(error: StoryError) -> Self {
        match error {
            StoryError::Brief(error) => error.into(),
            StoryError::Wire(error) => error.into(),
            StoryError::Model(error) => error.into(),
            StoryError::Journal(error) => error.into(),
            StoryError::Picture(error) => error.into(),
            StoryError::NotTaken { source, save_as } => {
                let why = match &source {
                    MediaError::LargerThanBucket { .. } => "Too large for this bucket",
                    _ => "Not a kind this bucket takes",
                };
                let mut problem = Self::from(source);
                problem.save_as = save_as.map(|kind| SaveAs { kind, why });
                problem
            }
            StoryError::Name(error) => error.into(),
            error @ StoryError::NoSuchStory(_) => Self::new(
                sentence(&error.to_string()),
                "It may have been deleted, or this key may not see it. List the stories to see which there are.",
            ),
            error @ StoryError::NoSuchScene { .. } => Self::new(
                sentence(&error.to_string()),
                "Read the story again; its scenes may have changed.",
            ),
            StoryError::NothingChanged { table } => Self::new(
                format!("The server accepted the change and changed no row of {table}."),
                "A policy hides the row from this key. Sign in as somebody who may change it, or use the service key.",
            ),
            StoryError::Conflict => Self::new(
                "Somebody else replaced this picture meanwhile. Theirs is shown; yours was not put in its place.",
                "Look at theirs, then replace it again if yours is better.",
            )
            .worth_a_retry(),
            StoryError::Edited => Self::new(
                "Somebody else changed this meanwhile. Nothing of yours was written.",
                "Look at what is there now, then make your change again.",
            ),
            error @ StoryError::NoColumn(_) => Self::new(
                format!("{} Nothing was changed.", sentence(&error.to_string())),
                "Test the connection of this workspace: it gives the SQL that adds the column.",
            ),
            error @ StoryError::Unreadable(_) => Self::new(
                format!("{} Nothing was changed.", sentence(&error.to_string())),
                "Mend the column of scenes in the story's row: it holds a list of objects, one a scene.",
            ),
            error @ StoryError::NotStored { .. } => Self::new(
                format!(
                    "{} It was taken away again; the scene is as it was.",
                    sentence(&error.to_string())
                ),
                "Try again. If it happens twice, ask whoever runs the storage.",
            )
            .worth_a_retry(),
            error @ StoryError::PictureGone(_) => Self::new(
                format!("{} The scene shows what it showed.", sentence(&error.to_string())),
                "Somebody deleted it for good, or its time in the trash is over. Make or upload it again.",
            ),
            error @ (StoryError::NoSuchVariant(_) | StoryError::NoSuchBatch(_)) => Self::new(
                sentence(&error.to_string()),
                "It may have been forgotten, or belong to another workspace. Look at the scene's variants again.",
            ),
            error @ StoryError::OverBudget { .. } => Self::new(
                sentence(&error.to_string()),
                "Raise the budget, or go on next month. What is made already stays.",
            ),
            error @ StoryError::NoPictureYet(_) => Self::new(
                sentence(&error.to_string()),
                "Wait until it is made, or choose another one.",
            ),
            error @ StoryError::NothingShown => Self::new(
                sentence(&error.to_string()),
                "Choose one of its variants instead, or none.",
            ),
            error @ StoryError::BytesGone(_) => Self::new(
                sentence(&error.to_string()),
                "Make it again, or bring the picture as a file.",
            ),
            StoryError::Trash(error) => error.into(),
            StoryError::Export(error) => error.into(),
            error @ StoryError::NoSuchManuscript(_) => Self::new(
                sentence(&error.to_string()),
                "It may have been discarded. List the drafts to see which there are.",
            ),
            error @ StoryError::ManuscriptChanged(_) => Self::new(
                format!("{} Nothing of yours was written.", sentence(&error.to_string())),
                "Read it again, and put in what you changed.",
            ),
            StoryError::NotADraft(_, state) => Self::new(
                sentence(&error.to_string()),
                match state {
                    ManuscriptState::Published => "Change the story itself.",
                    ManuscriptState::TakingBack => "Let that come to its end; it can be edited then.",
                    ManuscriptState::Publishing | ManuscriptState::Draft => {
                        "Go on with its publication, or take that back to edit it."
                    }
                },
            ),
            error @ StoryError::Lacks(_) => Self::new(
                sentence(&error.to_string()),
                "Put in what is missing, then approve of it.",
            ),
            error @ StoryError::NotApproved(_) => Self::new(
                format!("{} Nothing was published.", sentence(&error.to_string())),
                "Look at every text and picture, then approve of it. Each later change takes the approval back.",
            ),
            error @ StoryError::NewerManuscript(_) => Self::new(
                sentence(&error.to_string()),
                "Install the newest version to go on with it.",
            ),
            error @ StoryError::AtWork(_) => Self::new(
                sentence(&error.to_string()),
                "Let it come to its end there, then look again.",
            )
            .worth_a_retry(),
            error @ StoryError::NotDeleted(_) => Self::new(
                sentence(&error.to_string()),
                "List what was deleted to see what can be had back.",
            ),
            StoryError::Cancelled => Self::stopped(),
        }
    }
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        let what = sentence(&error.to_string());
        match error {
            ExportError::Cancelled => Self::stopped(),
            ExportError::Picture(error) => error.into(),
            ExportError::Empty => Self::new(what, "Finish the story first, then export it."),
            ExportError::TooManyScenes(_) | ExportError::TooLarge => {
                Self::new(what, "Export its pictures from the bucket instead, or split the story.")
            }
            ExportError::NoPictures(_) => Self::new(what, "Make or upload pictures first."),
            ExportError::NoIllustrator => Self::new(what, "Open the local workspace to draw colouring pages."),
            ExportError::Choice(_) => Self::new(what, "Choose one of those."),
            ExportError::IsThere(_) => Self::new(
                format!("{what} Nothing was written."),
                "Choose another name, or say that it is to be replaced.",
            ),
            ExportError::NotOurs(_) => Self::new(
                format!("{what} Nothing was written."),
                "Choose another name; only what was exported before is replaced.",
            ),
            ExportError::NoName(_) => Self::new(what, "Name the file to write."),
            ExportError::Write { path, source } => {
                let mut problem = Self::new(
                    format!("{} could not be written.", path.display()),
                    "Check that the folder is there, that you may write to it and that the disk is not full.",
                );
                problem.technical = source.to_string();
                problem.worth_a_retry()
            }
            ExportError::Format { format, why } => {
                let mut problem = Self::new(
                    format!("The {format} could not be made."),
                    "Try another format, and report this; nothing was written.",
                );
                problem.technical = why;
                problem
            }
        }
    }
}

impl From<NotLocal> for Problem {
    fn from(error: NotLocal) -> Self {
        Self::new(
            format!("“{}” is no name that a file can have on every system.", error.0),
            "Choose another one: letters, digits and - _ . are always right.",
        )
    }
}

impl From<PlanError> for Problem {
    fn from(error: PlanError) -> Self {
        let what = error.to_string();
        match error {
            PlanError::Wire(error) => error.into(),
            PlanError::Stopped => Self::stopped(),
            PlanError::Name(_) => Self::new(what, "Keys have letters, digits and - _ . / and a few more signs."),
            PlanError::Unreachable { .. } => Self::new(what, "Name it without . and .. between the slashes."),
            PlanError::Pattern { .. } => Self::new(
                what,
                "* is part of a name, ** is any folders, ? is one letter: pictures/**.png",
            ),
            PlanError::NoFile(_) => Self::new(what, "Check how it is spelt, and that it is still there."),
            PlanError::NoObject(_) | PlanError::NothingMatches(_) => {
                Self::new(what, "List the bucket to see what is there.")
            }
            PlanError::OneTarget(..) => Self::new(what, "A folder in a bucket is written with a slash at its end."),
            PlanError::IntoItself(_) => Self::new(what, "Name a folder that is not inside of it."),
            PlanError::EmptyFolder(_) => Self::new(what, "Nothing was changed."),
            PlanError::NoManifest(_) => Self::new(what, "Name the folder that the download was written to."),
            PlanError::Manifest { .. } => Self::new(
                what,
                "Nothing was sent. Mend the line that is named, or upload the files by their own names.",
            ),
            PlanError::Edit(_) => Self::new(what, "Nothing was changed."),
            PlanError::ReplacesElsewhere => Self::new(
                what,
                "Let it go beside what is there, or delete that in its own workspace first.",
            ),
            PlanError::TooMany(_) => Self::new(what, "Plan one folder after the other."),
            PlanError::Io { ref source, .. } => {
                let advice = if source.kind() == std::io::ErrorKind::StorageFull {
                    "The disk is full: make room, then try again."
                } else {
                    "Check that it is there and that you may use it."
                };
                Self::new(what, advice)
            }
            PlanError::NotAPlan(_) | PlanError::Faulty(_) => Self::new(
                what,
                "Make the plan anew with --plan --json, and change only actions and targets in it.",
            ),
        }
    }
}

impl From<TransferError> for Problem {
    fn from(error: TransferError) -> Self {
        let what = sentence(&error.to_string());
        match error {
            TransferError::Journal(error) => error.into(),
            TransferError::Unreadable { .. } => {
                Self::new(what, "The other transfers are not concerned; forget this one.")
            }
            TransferError::NoSuchJob(_) | TransferError::NoSuchItem { .. } => {
                Self::new(what, "It may have ended meanwhile; list the transfers to see.")
            }
            TransferError::Busy(_) => Self::new(what, "It goes on there. Pause it first to go on with it here."),
            TransferError::NotOver(_) => Self::new(what, "Cancel it first, or let it end."),
            TransferError::OtherProject { .. } => Self::new(what, "Open the workspace that the plan was made for."),
            TransferError::BadPlan(_) => Self::new(what, "Make the plan anew."),
            TransferError::Lock { .. } => {
                Self::new(what, "Check that the disk is not full and that you may write there.")
            }
            TransferError::OtherClosed { hint, .. } => Self::new(what, hint).worth_a_retry(),
            TransferError::GaveUp { .. } => Self::new(
                what,
                "Nothing is lost. Look whether the server works, then go on with the transfer.",
            )
            .worth_a_retry(),
        }
    }
}

impl From<TrashError> for Problem {
    fn from(error: TrashError) -> Self {
        let sentence = sentence(&error.to_string());
        match error {
            TrashError::Wire(error) => error.into(),
            TrashError::Journal(error) => error.into(),
            TrashError::NotThere(_) => Self::new(
                sentence,
                "It may have been deleted, or this key may not see it. List the bucket to see what is there.",
            ),
            TrashError::Changed(_) => Self::new(sentence, "Look at it again, and decide anew."),
            TrashError::ChangedAndKept { .. } => Self::new(
                sentence,
                "Nothing is lost: take it back from the trash once its place is free.",
            ),
            TrashError::Occupied(_) => Self::new(sentence, "Move or rename what is there, then take it back again."),
            TrashError::Gone(_) => Self::new(
                sentence,
                "Its time in the trash was over, or somebody deleted it there.",
            ),
            TrashError::InTrash(_) => Self::new(sentence, "Take it back, or delete it for good."),
            TrashError::Unclear { .. } => Self::new(
                sentence,
                "Nothing is lost. Try again in a few minutes; it is looked for then.",
            )
            .worth_a_retry(),
            TrashError::NoRecord(_) => Self::new(sentence, "List the trash to see what can be taken back."),
        }
    }
}

impl From<ProjectUrlError> for Problem {
    fn from(error: ProjectUrlError) -> Self {
        Self::new(
            sentence(&error.to_string()),
            "Copy it from the project's settings: https://….supabase.co",
        )
        .beside("url")
    }
}

impl From<BaseUrlError> for Problem {
    fn from(error: BaseUrlError) -> Self {
        Self::new(sentence(&error.to_string()), "Copy it from the provider's documents.").beside("provider_url")
    }
}

impl From<ApiKeyError> for Problem {
    fn from(error: ApiKeyError) -> Self {
        Self::new(
            sentence(&error.to_string()),
            "Copy it from the project's settings, API keys.",
        )
        .beside("key")
    }
}

impl From<EnvironmentError> for Problem {
    fn from(error: EnvironmentError) -> Self {
        let advice = match &error {
            EnvironmentError::Url(_) => "Set it to the project's address: https://….supabase.co",
            EnvironmentError::Key(_) => "Set it to a key of the project's settings, API keys.",
            EnvironmentError::Missing(_) => "Set both to work on a project, or neither for the local workspace.",
        };
        Self::new(sentence(&error.to_string()), advice)
    }
}

impl From<ProfileError> for Problem {
    fn from(error: ProfileError) -> Self {
        let field = match &error {
            ProfileError::Id | ProfileError::Reserved => "name",
            ProfileError::Table(_) => "tables",
            ProfileError::Limit { .. } => "limits",
            ProfileError::ProviderName
            | ProfileError::ProviderTaken(_)
            | ProfileError::NoModel
            | ProfileError::Header(_)
            | ProfileError::HeaderTwice(_) => "provider",
        };
        Self::new(sentence(&error.to_string()), "").beside(field)
    }
}

impl From<ProfilesError> for Problem {
    fn from(error: ProfilesError) -> Self {
        let advice = match &error {
            ProfilesError::File { .. } => {
                "Check that the disk is not full and that this program may write to its folder. Nothing was changed."
            }
            ProfilesError::Damaged { .. } => "Mend that line, or move the file away. It is left as it is.",
            ProfilesError::Newer { .. } => "Install the newest version. The file is left as it is.",
            ProfilesError::Unknown(_) => "List the workspaces to see which there are.",
            ProfilesError::Nothing => "Choose a file that was exported from this program.",
        };
        Self::new(sentence(&error.to_string()), advice)
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        let sentence = sentence(&error.to_string());
        match &error {
            VaultError::NoPassphrase => {
                Self::new(sentence, "Type one: a few words that nobody would guess together.").beside("passphrase")
            }
            VaultError::Locked | VaultError::WrongPassphrase => {
                Self::new(sentence, "Type the passphrase that it was made with.").beside("passphrase")
            }
            VaultError::WeakPassphrase(_) => {
                Self::new(sentence, "Take a few words that nobody would guess together.").beside("passphrase")
            }
            VaultError::KeychainSilent => {
                Self::new(sentence, "Look for its window and unlock it, then try again.").worth_a_retry()
            }
            VaultError::Keychain(_) => Self::new(
                sentence,
                "Keep the secrets in a file with a passphrase, or for this session only.",
            ),
            VaultError::File(_) => Self::new(
                sentence,
                "Check that the disk is not full and that this program may write to its folder.",
            )
            .worth_a_retry(),
            VaultError::Damaged => Self::new(
                sentence,
                "Put it back from a backup, or delete it and paste the keys again.",
            ),
        }
    }
}

impl From<NoHome> for Problem {
    fn from(error: NoHome) -> Self {
        Self::new(sentence(&error.to_string()), "")
    }
}

impl Outcome {
    /// What to tell about a story that is not whole: the first failure, and how many there are.
    #[must_use]
    pub fn into_problem(self) -> Option<Problem> {
        let count = self.failures.len();
        let first = self.failures.into_iter().next()?;
        let scene = first.index + 1;
        let mut problem = Problem::from(first.error);
        problem.what = match count {
            1 => format!("Scene {scene} has no picture. {}", problem.what),
            _ => format!("{count} scenes have no picture. Scene {scene}: {}", problem.what),
        };
        problem.advice = format!(
            "{} What is done is kept; finish the story to make the rest.",
            problem.advice
        )
        .trim()
        .to_owned();
        problem.retry = true;
        Some(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("the key is empty"), "The key is empty.");
        assert_eq!(sentence("Ärger?"), "Ärger?");
        assert_eq!(sentence(" "), "");
        assert_eq!(sentence("http://a.b is not encrypted"), "http://a.b is not encrypted.");
    }

    #[test]
    fn a_wrong_field_is_named() {
        let error = crate::story::Brief::new("", "p", 3, 0).unwrap_err();
        assert_eq!(Problem::from(error).field, Some("title"));
    }
}
