//! The workspace at the top left, and the menu that switches to another.

use egui::{Align, Id, Layout, Popup, Role, Sense, SetOpenCommand, Ui, UiBuilder, WidgetInfo, vec2};

use crate::gui::action::{Action, Command};
use crate::gui::icon::{self, Icon};
use crate::gui::mark;
use crate::gui::theme::{Tokens, Tone, Type, radius, size, space};
use crate::gui::widget::{
    Badge, IconButton, MenuItem, Row, menu_heading, menu_separator, paint, text, tooltip, tooltip_with_key,
};
use crate::service::{AdminState, Listed, Service};
use crate::workspace::{Access, Colour, KeyKind, ProfileId, Workspace, WorkspaceId};

const WIDTH: f32 = 400.0;
const ROW: f32 = 44.0;
/// What follows the workspace's name: dot, caret and the gaps.
const MARKS: f32 = 48.0;
/// The badge with the role, with its gap: a long name makes room for it.
const BADGE: f32 = 150.0;

/// What the switcher tells.
pub struct Facts<'a> {
    /// The open workspace.
    pub service: &'a Service,
    /// All workspaces.
    pub workspaces: &'a [Listed],
    /// The one that is being opened.
    pub opening: Option<&'a WorkspaceId>,
    /// Whether the newest request got an answer.
    pub reached: Option<bool>,
    /// Whether the menu is to be opened now: it was asked for, and the list is as new as it can be.
    pub open: bool,
}

/// What opens the workspace; none for one that the environment named for this run.
#[must_use]
pub fn id_of(workspace: &Workspace, all: &[Listed]) -> Option<WorkspaceId> {
    all.iter()
        .find(|listed| listed.id.as_str() == workspace.id)
        .map(|listed| listed.id.clone())
}

/// Draws the workspace; a click opens the menu.
pub fn show(ui: &mut Ui, facts: &Facts<'_>, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let workspace = facts.service.workspace();
    let admin = facts.service.admin().state();
    let badge = badge_of(workspace, admin);
    let button = ui
        .scope_builder(UiBuilder::new().sense(Sense::click()), |ui| {
            ui.spacing_mut().item_spacing.x = space::CONTROL;
            mark::tile(ui, 26.0, colour_of(workspace));
            let room = if badge.is_some() { BADGE } else { 0.0 };
            ui.scope(|ui| {
                ui.set_max_width((ui.available_width() - MARKS - room).max(40.0));
                text::elided(ui, Type::Strong, workspace.name.clone(), t.tx1);
            });
            let (dot, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
            let color = match facts.reached {
                None => t.tx3,
                Some(true) => t.ok,
                Some(false) => t.err,
            };
            ui.painter().circle_filled(dot.center(), 4.0, color);
            let (caret, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), Sense::hover());
            icon::CARET_UP_DOWN.paint(ui.painter(), caret.center(), size::ICON_SMALL, t.tx3);
        })
        .response;
    let name = format!("Workspace {}", workspace.name);
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    paint::focus_ring(ui, &button, radius::CONTROL);
    let popup = Popup::default_response_id(&button);
    let is_open = Popup::is_id_open(ui, popup);
    if button.clicked() && !is_open {
        actions.push(Action::Command(Command::SwitchWorkspace));
    }
    let set_open = if facts.open {
        Some(SetOpenCommand::Bool(true))
    } else {
        (button.clicked() && is_open).then_some(SetOpenCommand::Bool(false))
    };
    let menu_of_button = Popup::menu(&button).open_memory(set_open);
    menu_of_button.gap(4.0).width(WIDTH).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.set_width(WIDTH - 10.0);
        menu(ui, facts, popup, actions);
    });
    if let Some((tone, icon, words)) = badge {
        ui.add_space(space::CONTROL);
        role_badge(ui, tone, icon, &words, admin, actions);
    }
}

/// The local workspace has no colour.
fn colour_of(workspace: &Workspace) -> Option<Colour> {
    (!workspace.is_local).then_some(workspace.colour)
}

/// The role that one acts as, where it is another than the owner of the local workspace.
fn badge_of(workspace: &Workspace, admin: AdminState) -> Option<(Tone, Icon, String)> {
    if workspace.is_local {
        return None;
    }
    let role = role(workspace);
    Some(match admin {
        AdminState::Unlocked { locks_in } => {
            let words = format!("{role} · {}", countdown(locks_in));
            (Tone::Warn, icon::LOCK_SIMPLE_OPEN, words)
        }
        AdminState::Locked => (Tone::Warn, icon::LOCK_SIMPLE, format!("{role} · locked")),
        AdminState::Off => (Tone::Neutral, icon::USER, role),
    })
}

/// Whole minutes, and seconds in the last one.
fn countdown(left: std::time::Duration) -> String {
    let seconds = left.as_secs();
    if seconds >= 60 {
        format!("{} min", seconds.div_ceil(60))
    } else {
        format!("0:{seconds:02}")
    }
}

/// The role that the key or the user acts as, never the key.
#[must_use]
pub fn role(workspace: &Workspace) -> String {
    if let Access::SignIn { .. } = workspace.access {
        return "authenticated".to_owned();
    }
    match workspace.key.kind() {
        KeyKind::Jwt { role, .. } => role.clone(),
        KeyKind::Publishable => "anon".to_owned(),
        KeyKind::Secret => "service_role".to_owned(),
    }
}

/// The badge; in admin mode it locks and unlocks.
fn role_badge(ui: &mut Ui, tone: Tone, icon: Icon, words: &str, admin: AdminState, actions: &mut Vec<Action>) {
    let badge = Badge::new(tone, words).icon(icon);
    let (name, action) = match admin {
        AdminState::Off => {
            ui.add(badge);
            return;
        }
        AdminState::Locked => ("Unlock admin mode", Action::AskToUnlock),
        AdminState::Unlocked { .. } => ("Lock admin mode now", Action::LockAdmin),
    };
    let shown = ui
        .scope_builder(UiBuilder::new().sense(Sense::click()), |ui| ui.add(badge))
        .response;
    shown.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    paint::focus_ring(ui, &shown, radius::BADGE);
    let shown = if admin == AdminState::Locked {
        tooltip(shown, "Deleting and replacing is locked. Click to unlock it.")
    } else {
        tooltip_with_key(shown, name, &Command::LockAdmin.keys())
    };
    if shown.clicked() {
        actions.push(action);
    }
}

fn menu(ui: &mut Ui, facts: &Facts<'_>, popup: Id, actions: &mut Vec<Action>) {
    let open = id_of(facts.service.workspace(), facts.workspaces);
    menu_heading(ui, "Workspaces");
    egui::ScrollArea::vertical().max_height(ROW * 7.5).show(ui, |ui| {
        if open.is_none() {
            // Named by the environment, for this run alone.
            let workspace = facts.service.workspace();
            row(
                ui,
                facts,
                &Listed {
                    id: WorkspaceId::Local,
                    name: workspace.name.clone(),
                    colour: workspace.colour,
                    place: "For this run, from SUPABASE_URL".to_owned(),
                    access: workspace.access.clone(),
                    last_used: false,
                    profile: None,
                },
                true,
                popup,
                actions,
            );
        }
        for listed in facts.workspaces {
            row(ui, facts, listed, open.as_ref() == Some(&listed.id), popup, actions);
        }
    });
    menu_separator(ui);
    item(
        ui,
        "Add workspace…",
        icon::PLUS,
        "",
        Action::Command(Command::AddWorkspace),
        actions,
    );
    if let Some(WorkspaceId::Profile(id)) = &open {
        item(
            ui,
            "Edit this workspace…",
            icon::PENCIL_SIMPLE,
            "",
            Action::Command(Command::EditWorkspace),
            actions,
        );
        item(
            ui,
            "Test the connection",
            icon::PLUGS_CONNECTED,
            "",
            Action::Command(Command::TestConnection),
            actions,
        );
        if let Access::SignIn { email } = &facts.service.workspace().access {
            let words = format!("Sign out {email}");
            item(ui, &words, icon::SIGN_OUT, "", Action::SignOut(id.clone()), actions);
        }
    }
    match facts.service.admin().state() {
        AdminState::Off => {}
        AdminState::Locked => item(
            ui,
            "Unlock admin mode…",
            icon::LOCK_SIMPLE_OPEN,
            "",
            Action::AskToUnlock,
            actions,
        ),
        AdminState::Unlocked { .. } => {
            let keys = Command::LockAdmin.keys();
            item(
                ui,
                "Lock admin mode now",
                icon::LOCK_SIMPLE,
                &keys,
                Action::LockAdmin,
                actions,
            );
        }
    }
    menu_separator(ui);
    item(
        ui,
        "Import workspaces…",
        icon::FILE_ARROW_DOWN,
        "",
        Action::ImportWorkspaces,
        actions,
    );
    let any = facts.workspaces.iter().any(|listed| listed.profile.is_some());
    let export = MenuItem::new("Export workspaces…")
        .icon(icon::FILE_ARROW_UP)
        .key("without keys")
        .disabled_because((!any).then_some("There is none but the local one, which stays on this computer"));
    if ui.add(export).clicked() {
        actions.push(Action::ExportWorkspaces(None));
    }
    if let Some(WorkspaceId::Profile(id)) = open {
        menu_separator(ui);
        let remove = MenuItem::new("Remove this workspace…").icon(icon::TRASH).danger();
        if ui.add(remove).clicked() {
            actions.push(Action::AskToRemove(id));
        }
    }
}

fn item(ui: &mut Ui, words: &str, icon: Icon, key: &str, action: Action, actions: &mut Vec<Action>) {
    if ui.add(MenuItem::new(words).icon(icon).key(key)).clicked() {
        actions.push(action);
    }
}

/// A workspace; a click opens it.
fn row(ui: &mut Ui, facts: &Facts<'_>, listed: &Listed, is_open: bool, popup: Id, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let colour = listed.profile.as_ref().map(|profile| profile.colour);
    let is_opening = facts.opening == Some(&listed.id);
    let mut asked = None;
    let shown = Row::new(&listed.name, ROW).selected(is_open).show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        mark::tile(ui, 26.0, colour);
        ui.add_space(4.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(profile) = &listed.profile {
                asked = row_buttons(ui, &listed.name, &profile.id);
            }
            let (at, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), Sense::hover());
            if is_opening {
                paint::spinner(ui, at.center(), size::ICON_SMALL, t.acc_tx);
            } else if is_open {
                icon::CHECK.paint(ui.painter(), at.center(), size::ICON, t.acc_tx);
            }
            if let Some((tone, icon, words)) = row_badge(facts, listed, is_open) {
                ui.add(Badge::new(tone, &words).icon(icon));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    ui.add_space(6.0);
                    text::elided(ui, Type::Strong, listed.name.as_str(), t.tx1);
                    text::elided(ui, Type::Caption, listed.place.as_str(), t.tx3);
                });
            });
        });
    });
    if let Some(action) = asked {
        actions.push(action);
        Popup::close_id(ui, popup);
    } else if shown.clicked() {
        if !is_open {
            actions.push(Action::OpenWorkspace(listed.id.clone()));
        }
        Popup::close_id(ui, popup);
    }
}

fn row_buttons(ui: &mut Ui, name: &str, id: &ProfileId) -> Option<Action> {
    let remove = format!("Remove {name}…");
    if ui.add(IconButton::new(icon::TRASH, &remove).small()).clicked() {
        return Some(Action::AskToRemove(id.clone()));
    }
    let edit = format!("Edit {name}…");
    let edit = ui.add(IconButton::new(icon::PENCIL_SIMPLE, &edit).small());
    edit.clicked()
        .then(|| Action::EditWorkspace(WorkspaceId::Profile(id.clone())))
}

/// What is known of a workspace that is not open is how one gets in.
fn row_badge(facts: &Facts<'_>, listed: &Listed, is_open: bool) -> Option<(Tone, Icon, String)> {
    if is_open {
        let workspace = facts.service.workspace();
        return (!workspace.is_local).then(|| {
            if workspace.is_admin() {
                (Tone::Warn, icon::KEY, role(workspace))
            } else {
                (Tone::Neutral, icon::USER, role(workspace))
            }
        });
    }
    listed.profile.as_ref()?;
    Some(match &listed.access {
        Access::Key => (Tone::Neutral, icon::KEY, "Key".to_owned()),
        Access::SignIn { email } => (Tone::Neutral, icon::USER, short_email(email)),
    })
}

/// The part before the @, which tells accounts of one house apart.
fn short_email(email: &str) -> String {
    let name = email.split('@').next().unwrap_or(email);
    name.chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_countdown_is_as_exact_as_it_has_to_be() {
        let words = |seconds| countdown(Duration::from_secs(seconds));
        assert_eq!(words(900), "15 min");
        assert_eq!(words(61), "2 min");
        assert_eq!(words(60), "1 min");
        assert_eq!(words(7), "0:07");
    }
}
