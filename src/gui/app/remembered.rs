//! What the window remembers between starts.

use serde::{Deserialize, Serialize};

use super::App;
use crate::gui::action::Place;
use crate::gui::panel::buckets::Columns;
use crate::gui::panel::settings::Settings;
use crate::story::StoryId;
use crate::supabase::BucketName;

/// What the window remembers between starts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    pub(super) place: Place,
    pub(super) dock_open: bool,
    pub(super) settings: Settings,
    pub(super) selected: Selected,
    /// The columns of the buckets' table.
    pub(super) columns: Columns,
}

/// What was selected, and in which workspace: another one has other stories.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Selected {
    workspace: String,
    story: Option<StoryId>,
    bucket: Option<String>,
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            place: Place::Stories,
            dock_open: true,
            settings: Settings::default(),
            selected: Selected::default(),
            columns: Columns::default(),
        }
    }
}

impl Remembered {
    /// As for somebody who lets uploads begin at once when there is nothing to decide.
    #[must_use]
    pub fn sending_what_is_ready(mut self) -> Self {
        self.settings.uploads.always_ask = false;
        self
    }
}

impl App {
    /// What to remember.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        Remembered {
            place: self.place,
            dock_open: self.dock.open,
            settings: self.settings.settings,
            columns: self.buckets.columns(),
            selected: Selected {
                workspace: self.service.workspace().id.clone(),
                story: self.stories.story().map(|story| story.story_id.clone()),
                bucket: self.buckets.bucket().map(ToString::to_string),
            },
        }
    }

    /// Shows again what was shown last in this workspace. What is gone meanwhile is replaced by what is first.
    pub(super) fn select_again(&mut self, selected: Selected) {
        if selected.workspace != self.service.workspace().id {
            return;
        }
        if let Some(story) = selected.story {
            self.stories.open(story, None);
        }
        if let Some(bucket) = selected.bucket.and_then(|name| BucketName::parse(&name).ok()) {
            self.buckets.open_bucket(bucket);
        }
    }
}
