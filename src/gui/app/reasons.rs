//! Why a command cannot be chosen just now.

use crate::gui::action::{Command, Place};
use crate::gui::panel::stories;
use crate::gui::shell::switcher;
use crate::service::{AdminState, Listed, Service};
use crate::workspace::{Access, WorkspaceId};

/// Why a command cannot be chosen now; `None` if it can.
pub(super) fn why_not(command: Command, place: Place, stories: &stories::State, can_undo: bool) -> Option<String> {
    let reason = match command {
        command if command.is_of_scenes() && (place != Place::Stories || stories.scene().is_none()) => {
            "Select a scene first"
        }
        Command::GenerateMissing if place != Place::Stories || stories.story().is_none() => "Select a story first",
        Command::Undo if !can_undo => "There is nothing to undo",
        Command::Filter | Command::Refresh | Command::Previous | Command::Next | Command::Upload
            if place == Place::Settings =>
        {
            "Not in the settings"
        }
        Command::ToggleInspector if !matches!(place, Place::Stories | Place::Buckets) => "This place has none",
        _ => return None,
    };
    Some(reason.to_owned())
}

/// Why a command about workspaces cannot be chosen in the one that is open.
pub(super) fn why_not_here(command: Command, service: &Service, workspaces: &[Listed]) -> Option<String> {
    let workspace = service.workspace();
    let has_profile = matches!(switcher::id_of(workspace, workspaces), Some(WorkspaceId::Profile(_)));
    let reason = match command {
        Command::EditWorkspace | Command::TestConnection if workspace.is_local => {
            "The local workspace has nothing to set or test"
        }
        Command::EditWorkspace | Command::TestConnection if !has_profile => {
            "This workspace is of this run alone, from SUPABASE_URL"
        }
        Command::SignOut if workspace.access == Access::Key => "Nobody is signed in here",
        Command::UnlockAdmin | Command::LockAdmin if service.admin().state() == AdminState::Off => {
            "This workspace has no admin mode"
        }
        Command::UnlockAdmin if service.admin().state() != AdminState::Locked => "Admin mode is unlocked",
        Command::LockAdmin if service.admin().state() == AdminState::Locked => "Admin mode is locked",
        _ => return None,
    };
    Some(reason.to_owned())
}
