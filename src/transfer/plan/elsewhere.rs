//! Another workspace as the target of a plan.

use serde::{Deserialize, Serialize};

use crate::supabase::Supabase;
use crate::workspace::{ProjectUrl, WorkspaceId};

/// A workspace that a plan's objects go into. It names no key: whoever carries the plan out has one, or waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherWorkspace {
    /// Which.
    pub workspace: WorkspaceId,
    /// The address of its project when the plan was made. A workspace that leads to another one by now gets nothing of it;
    /// only the embedded server may have moved to another port.
    pub project: String,
}

impl OtherWorkspace {
    /// Whether this is the project that the plan was made for.
    #[must_use]
    pub fn is_at(&self, url: &ProjectUrl) -> bool {
        self.workspace == WorkspaceId::Local || self.project.trim_end_matches('/') == url.as_str()
    }
}

/// Another workspace that can be asked what is in it.
#[derive(Clone, Copy, Debug)]
pub struct Other<'a> {
    /// Which.
    pub workspace: &'a WorkspaceId,
    /// The name shown.
    pub name: &'a str,
    /// Its project.
    pub project: &'a Supabase,
}

impl Other<'_> {
    pub(super) fn of_plan(&self) -> OtherWorkspace {
        OtherWorkspace {
            workspace: self.workspace.clone(),
            project: self.project.url().to_string(),
        }
    }
}
