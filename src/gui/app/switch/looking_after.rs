//! What is asked of the disk or a server about workspaces, and what came of it.

use egui::Context;

use crate::gui::app::App;
use crate::gui::picker::Purpose;
use crate::gui::theme::Tone;
use crate::gui::widget::Toast;
use crate::service::{LocalFile, Pending, Problem, write_whole};
use crate::workspace::{Access, Imported, ProfileId, WorkspaceId};

/// What was asked of the disk or a server.
pub(super) enum Asked {
    Removed(ProfileId, String, Pending<()>),
    SignedOut(String, Pending<()>),
    Imported(Pending<Option<Imported>>),
    Exported(Pending<Option<String>>),
}

impl App {
    pub(in crate::gui::app) fn remove_workspace(&mut self, id: ProfileId) {
        let name = self
            .switch
            .profile(&id)
            .map_or_else(|| id.to_string(), |profile| profile.name.clone());
        let removed = id.clone();
        let done = self
            .switch
            .workspaces
            .load(move |workspaces| async move { workspaces.remove(&removed).await });
        self.switch.asked.push(Asked::Removed(id, name, done));
    }

    /// Ends the session of a workspace's user.
    pub(in crate::gui::app) fn sign_out(&mut self, id: ProfileId) {
        let Some(profile) = self.switch.profile(&id) else {
            return;
        };
        let Access::SignIn { email } = profile.access.clone() else {
            return;
        };
        // The session that is in use ends as a whole; one that is only kept is looked up first.
        let done = if self.service.workspace().id == id.as_str() {
            self.service.load(|service| async move { service.sign_out().await })
        } else {
            self.switch
                .workspaces
                .load(move |workspaces| async move { workspaces.sign_out(&id).await })
        };
        self.switch.asked.push(Asked::SignedOut(email, done));
    }

    pub(in crate::gui::app) fn import_workspaces(&mut self) {
        let picker = self.picker.clone();
        let imported = self.switch.workspaces.load(move |workspaces| async move {
            let Some(path) = picker.pick_files(&Purpose::Workspaces).await?.into_iter().next() else {
                return Ok(None);
            };
            let file = LocalFile::read(&path).await?;
            let Ok(text) = String::from_utf8(file.bytes.to_vec()) else {
                return Err(Problem::new(
                    format!("{} is not a file of workspaces.", path.display()),
                    "Choose a file that was made with Export workspaces.",
                ));
            };
            workspaces.import(text).await.map(Some)
        });
        self.switch.asked.push(Asked::Imported(imported));
    }

    pub(in crate::gui::app) fn export_workspaces(&mut self, id: Option<ProfileId>) {
        let picker = self.picker.clone();
        let exported = self.switch.workspaces.load(move |workspaces| async move {
            let name = id.as_ref().map_or("storymimi-workspaces", ProfileId::as_str).to_owned();
            let Some(path) = picker.save_file(&format!("{name}.toml")).await? else {
                return Ok(None);
            };
            let text = workspaces.export(id.into_iter().collect()).await?;
            let shown = path.display().to_string();
            // The dialog has asked whether a file that is there is to be replaced.
            tokio::task::spawn_blocking(move || write_whole(&path, text.as_bytes()))
                .await
                .map_err(|_| Problem::stopped())??;
            Ok(Some(shown))
        });
        self.switch.asked.push(Asked::Exported(exported));
    }

    pub(super) fn poll_asked(&mut self, ctx: &Context) {
        for asked in std::mem::take(&mut self.switch.asked) {
            match asked {
                Asked::Removed(id, name, done) => match done.take() {
                    Err(done) => self.switch.asked.push(Asked::Removed(id, name, done)),
                    Ok(Ok(())) => {
                        let was_open = self.service.workspace().id == id.as_str();
                        self.switch.refresh();
                        self.say(
                            Tone::Ok,
                            &format!("{name} was removed from this computer; its project is untouched"),
                        );
                        if was_open {
                            self.begin_opening(WorkspaceId::Local);
                        }
                    }
                    Ok(Err(problem)) => self.failed(&problem, &format!("{name} was not removed")),
                },
                Asked::SignedOut(email, done) => match done.take() {
                    Err(done) => self.switch.asked.push(Asked::SignedOut(email, done)),
                    Ok(Ok(())) => {
                        self.say(Tone::Ok, &format!("{email} is signed out"));
                        self.begin_opening(WorkspaceId::Local);
                    }
                    Ok(Err(problem)) => self.failed(&problem, &format!("{email} was not signed out")),
                },
                Asked::Imported(imported) => match imported.take() {
                    Err(imported) => self.switch.asked.push(Asked::Imported(imported)),
                    Ok(Ok(Some(imported))) => {
                        self.switch.refresh();
                        self.tell_imported(&imported);
                    }
                    Ok(Ok(None)) => {}
                    Ok(Err(problem)) => self.failed(&problem, "No workspace was imported"),
                },
                Asked::Exported(exported) => match exported.take() {
                    Err(exported) => self.switch.asked.push(Asked::Exported(exported)),
                    Ok(Ok(Some(path))) => self.say(Tone::Ok, &format!("{path} has the workspaces, without their keys")),
                    Ok(Ok(None)) => {}
                    Ok(Err(problem)) => self.failed(&problem, "Nothing was exported"),
                },
            }
            ctx.request_repaint();
        }
    }

    fn tell_imported(&mut self, imported: &Imported) {
        let names: Vec<&str> = imported.profiles.iter().map(|profile| profile.name.as_str()).collect();
        let mut words = match names.as_slice() {
            [] => "No workspace was in the file".to_owned(),
            [one] => format!("{one} was imported; its key is asked for when it is opened"),
            many => format!(
                "{} workspaces were imported; their keys are asked for when they are opened",
                many.len()
            ),
        };
        let mut tone = Tone::Ok;
        if !imported.secrets_left_out.is_empty() {
            tone = Tone::Warn;
            words.push_str(&format!(
                ". Secrets in the file were left out: {}",
                imported.secrets_left_out.join(", ")
            ));
        }
        if !imported.unreadable.is_empty() {
            tone = Tone::Warn;
            let ids: Vec<&str> = imported.unreadable.iter().map(|entry| entry.id.as_str()).collect();
            words.push_str(&format!(". Could not be read: {}", ids.join(", ")));
        }
        self.toasts.push(Toast::new(tone, words));
    }
}
