//! Changing workspaces while the window is open: opening, connecting, removing, sharing, and admin mode.

use std::sync::Arc;
use std::time::Duration;

use egui::Context;
use jiff::Timestamp;

use super::App;
use super::execute::Waiting;
use crate::gui::action::Action;
use crate::gui::panel::{buckets, connect, stories, url_lab};
use crate::gui::picker::Purpose;
use crate::gui::shell::dock::Dock;
use crate::gui::texture::Pictures;
use crate::gui::theme::{Tokens, Tone, Type};
use crate::gui::widget::{Button, ModalFrame, Note, Toast, Toasts, text};
use crate::service::{
    AdminState, EventReceiver, Existing, List, LocalFile, Pending, Problem, Service, Wake, Workspaces, write_whole,
};
use crate::workspace::{Access, Imported, Profile, ProfileId, WorkspaceId};

/// How long the jobs of a workspace that is left may take to come to their safe end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything about workspaces that is not of one workspace.
pub(super) struct Switch {
    pub(super) workspaces: Workspaces,
    pub(super) list: List,
    listing: Option<Pending<List>>,
    pub(super) opening: Option<(WorkspaceId, Pending<(Service, EventReceiver)>)>,
    pub(super) connect: Option<Box<connect::State>>,
    question: Option<Question>,
    asked: Vec<Asked>,
    /// Jobs of workspaces that were left, on their way to their ends.
    farewells: Vec<Pending<()>>,
    /// Whether the menu is to be opened in this pass.
    pub(super) open_menu: bool,
    wake: Wake,
}

/// What the user is asked before it is done.
enum Question {
    /// Jobs run, and would be stopped.
    Stop { then: Then, focused: bool },
    /// A workspace would be forgotten.
    Remove { profile: Box<Profile>, focused: bool },
    /// Deleting would be allowed.
    Unlock { focused: bool },
}

/// What is done once jobs may be stopped.
#[derive(Clone)]
enum Then {
    Open(WorkspaceId),
    Connect,
}

/// What was asked of the disk or a server.
enum Asked {
    Removed(ProfileId, String, Pending<()>),
    SignedOut(String, Pending<()>),
    Imported(Pending<Option<Imported>>),
    Exported(Pending<Option<String>>),
}

impl Switch {
    pub(super) fn new(ctx: &Context, workspaces: Workspaces) -> Self {
        let ctx = ctx.clone();
        let wake: Wake = Arc::new(move || ctx.request_repaint());
        workspaces.wake_with(wake.clone());
        let listing = workspaces.load(|workspaces| async move { workspaces.list().await });
        Self {
            workspaces,
            list: List::default(),
            listing: Some(listing),
            opening: None,
            connect: None,
            question: None,
            asked: Vec::new(),
            farewells: Vec::new(),
            open_menu: false,
            wake,
        }
    }

    /// Reads the list of workspaces again.
    pub(super) fn refresh(&mut self) {
        self.listing = Some(
            self.workspaces
                .load(|workspaces| async move { workspaces.list().await }),
        );
    }

    fn profile(&self, id: &ProfileId) -> Option<&Profile> {
        let mut profiles = self.list.workspaces.iter().filter_map(|listed| listed.profile.as_ref());
        profiles.find(|profile| profile.id == *id)
    }

    /// Whether a question covers the window.
    pub(super) fn is_asking(&self) -> bool {
        self.question.is_some()
    }
}

impl App {
    /// What opens the present workspace; none for one that the environment named.
    pub(super) fn present(&self) -> Option<WorkspaceId> {
        crate::gui::shell::switcher::id_of(self.service.workspace(), &self.switch.list.workspaces)
    }

    /// The profile of the present workspace; the local one has none.
    pub(super) fn present_profile(&self) -> Option<&Profile> {
        match self.present()? {
            WorkspaceId::Local => None,
            WorkspaceId::Profile(id) => self.switch.profile(&id),
        }
    }

    /// Shows the connect screen with an empty form.
    pub(super) fn add_workspace(&mut self) {
        self.switch.connect = Some(Box::default());
    }

    /// Shows the connect screen with the form of a workspace; the local one has none to change.
    pub(super) fn edit_workspace(&mut self, id: &WorkspaceId) {
        if let WorkspaceId::Profile(id) = id
            && let Some(profile) = self.switch.profile(id)
        {
            self.switch.connect = Some(Box::new(connect::State::edit(profile.clone())));
        }
    }

    /// The connect screen at the present workspace, with its test begun.
    pub(super) fn test_connection(&mut self) {
        if let Some(profile) = self.present_profile() {
            let mut state = connect::State::edit(profile.clone());
            state.wants_test = true;
            self.switch.connect = Some(Box::new(state));
        }
    }

    /// Says why a workspace could not be opened, on the connect screen with its form.
    pub(super) fn not_opened(&mut self, id: &WorkspaceId, problem: Problem) {
        let profile = match id {
            WorkspaceId::Local => None,
            WorkspaceId::Profile(id) => self.switch.profile(id).cloned(),
        };
        self.dock.problem("The workspace was not opened", &problem);
        self.switch.connect = Some(Box::new(connect::State::not_opened(profile, problem)));
    }

    /// Opens another workspace; asks first if jobs would be stopped.
    pub(super) fn open_workspace(&mut self, id: WorkspaceId) {
        if self.present().as_ref() == Some(&id) {
            self.switch.connect = None;
        } else if self.running().next().is_some() {
            self.switch.question = Some(Question::Stop {
                then: Then::Open(id),
                focused: false,
            });
        } else {
            self.begin_opening(id);
        }
    }

    fn begin_opening(&mut self, id: WorkspaceId) {
        let wanted = id.clone();
        let opened = self
            .switch
            .workspaces
            .load(move |workspaces| async move { workspaces.open(&wanted).await });
        self.switch.opening = Some((id, opened));
    }

    /// Connects what the form says; asks first if jobs would be stopped.
    pub(super) fn connect(&mut self) {
        if self.running().next().is_some() {
            self.switch.question = Some(Question::Stop {
                then: Then::Connect,
                focused: false,
            });
        } else if let Some(connect) = &mut self.switch.connect {
            connect.connect(&self.switch.workspaces);
        }
    }

    pub(super) fn ask_to_remove(&mut self, id: &ProfileId) {
        if let Some(profile) = self.switch.profile(id) {
            self.switch.question = Some(Question::Remove {
                profile: Box::new(profile.clone()),
                focused: false,
            });
        }
    }

    pub(super) fn remove_workspace(&mut self, id: ProfileId) {
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
    pub(super) fn sign_out(&mut self, id: ProfileId) {
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

    pub(super) fn import_workspaces(&mut self) {
        let picker = self.picker.clone();
        let imported = self.switch.workspaces.load(move |workspaces| async move {
            let Some(path) = picker.pick_files(&Purpose::Workspaces).await.into_iter().next() else {
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

    pub(super) fn export_workspaces(&mut self, id: Option<ProfileId>) {
        let picker = self.picker.clone();
        let exported = self.switch.workspaces.load(move |workspaces| async move {
            let name = id.as_ref().map_or("storymimi-workspaces", ProfileId::as_str).to_owned();
            let Some(path) = picker.save_file(&format!("{name}.toml")).await else {
                return Ok(None);
            };
            let text = workspaces.export(id.into_iter().collect()).await?;
            let shown = path.display().to_string();
            // The dialog has asked whether a file that is there is to be replaced.
            tokio::task::spawn_blocking(move || write_whole(&path, text.as_bytes(), Existing::Replaced))
                .await
                .map_err(|_| Problem::stopped())??;
            Ok(Some(shown))
        });
        self.switch.asked.push(Asked::Exported(exported));
    }

    pub(super) fn ask_to_unlock(&mut self) {
        if self.service.admin().state() == AdminState::Locked {
            self.switch.question = Some(Question::Unlock { focused: false });
        }
    }

    /// Takes in what has arrived about workspaces.
    pub(super) fn poll_switch(&mut self, ctx: &Context) {
        if let Some(listing) = self.switch.listing.take() {
            match listing.take() {
                Err(listing) => self.switch.listing = Some(listing),
                Ok(Ok(list)) => self.switch.list = list,
                Ok(Err(problem)) => self.failed(&problem, "The list of workspaces was not read"),
            }
            self.tell_why_not_opened();
        }
        if let Some((id, opening)) = self.switch.opening.take() {
            match opening.take() {
                Err(opening) => self.switch.opening = Some((id, opening)),
                Ok(Ok((service, events))) => self.swap(ctx, service, events),
                Ok(Err(problem)) => self.not_opened(&id, problem),
            }
        }
        let connected = match &mut self.switch.connect {
            Some(connect) => connect.poll(&self.switch.workspaces),
            None => None,
        };
        if let Some(connected) = connected {
            self.connected(ctx, connected);
        }
        self.poll_asked(ctx);
        let farewells = std::mem::take(&mut self.switch.farewells);
        self.switch.farewells = farewells
            .into_iter()
            .filter_map(|farewell| farewell.take().err())
            .collect();
    }

    /// The workspace that was remembered and could not be opened, once its form can be shown.
    fn tell_why_not_opened(&mut self) {
        if self.switch.listing.is_none()
            && let Some((id, problem)) = self.not_opened_at_start.take()
        {
            self.not_opened(&id, problem);
        }
    }

    fn connected(&mut self, ctx: &Context, connected: connect::Connected) {
        self.switch.refresh();
        let profile = connected.saved.profile;
        match connected.opened {
            Ok((service, events)) => {
                self.swap(ctx, service, events);
                if let Some(why) = connected.saved.kept.and_then(|kept| kept.why) {
                    self.toasts.push(Toast::new(
                        Tone::Warn,
                        format!("The key is kept until the program ends: {why}"),
                    ));
                }
            }
            Err(problem) => {
                if let Some(connect) = &mut self.switch.connect {
                    // It is saved: another try changes it and adds no second one.
                    connect.editing = Some(profile);
                    connect.failed(problem);
                }
            }
        }
    }

    /// Puts another workspace in the place of the present one. Everything that belongs to one workspace begins anew, and
    /// late events of the one that is left find nobody.
    fn swap(&mut self, ctx: &Context, service: Service, events: EventReceiver) {
        let wake = self.switch.wake.clone();
        events.wake_with(wake);
        let left = std::mem::replace(&mut self.service, service);
        self.events = events;
        self.stories = stories::State::default();
        self.buckets = buckets::State::default();
        self.url_lab = url_lab::State::default();
        self.pictures = Pictures::new();
        self.jobs.clear();
        let open = self.dock.open;
        self.dock = Dock::default();
        self.dock.open = open;
        self.undo = None;
        self.waiting = Waiting::default();
        self.toasts = Toasts::default();
        self.offers.clear();
        self.settings.facts = crate::gui::panel::settings::Facts::of(self.service.workspace(), &self.home);
        self.switch.connect = None;
        self.switch.refresh();
        let farewell = self.switch.workspaces.load(move |_| async move {
            // What has not ended by then is in the journal and in the rows, and is resumed.
            let _ = tokio::time::timeout(PATIENCE, left.close()).await;
            Ok(())
        });
        self.switch.farewells.push(farewell);
        let words = format!("You are in {} now", self.service.workspace().name);
        self.toasts.push(Toast::new(Tone::Ok, words));
        ctx.request_repaint();
    }

    fn poll_asked(&mut self, ctx: &Context) {
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

    /// The time between the shown countdown and its next change; asks for that frame alone.
    pub(super) fn watch_admin(&mut self, ctx: &Context) {
        let admin = self.service.admin();
        let works = ctx.input(|input| {
            input.events.iter().any(|event| {
                matches!(
                    event,
                    egui::Event::Key { pressed: true, .. }
                        | egui::Event::PointerButton { .. }
                        | egui::Event::MouseWheel { .. }
                        | egui::Event::Text(_)
                )
            })
        });
        if works {
            admin.touch();
        }
        if let AdminState::Unlocked { locks_in } = admin.state() {
            ctx.request_repaint_after(next_change(locks_in));
        }
    }

    /// The question that is open, over everything.
    pub(super) fn ask(&mut self, ctx: &Context) {
        let Some(question) = self.switch.question.take() else {
            return;
        };
        match question {
            Question::Stop { then, focused } => self.ask_to_stop(ctx, then, focused),
            Question::Remove { profile, focused } => self.ask_about_removing(ctx, profile, focused),
            Question::Unlock { focused } => self.ask_about_unlocking(ctx, focused),
        }
    }

    fn ask_to_stop(&mut self, ctx: &Context, then: Then, focused: bool) {
        let count = self.running().count();
        let title = if count == 1 {
            "1 job is running".to_owned()
        } else {
            format!("{count} jobs are running")
        };
        let (stop, them) = if count == 1 {
            ("Stop it and switch", "it")
        } else {
            ("Stop them and switch", "them")
        };
        let words = format!(
            "Switching stops {them} at a safe place. Stories can be finished later; nothing that was made is lost."
        );
        // What the question was about may have come to its end.
        let answer = if count == 0 {
            Answer::Yes
        } else {
            question(
                ctx,
                "switching",
                &title,
                &words,
                Button::danger_filled(stop),
                "Keep working",
                focused,
            )
        };
        match (answer, then) {
            (Answer::Yes, Then::Open(id)) => self.begin_opening(id),
            (Answer::Yes, Then::Connect) => {
                if let Some(connect) = &mut self.switch.connect {
                    connect.connect(&self.switch.workspaces);
                }
            }
            (Answer::No, _) => {}
            (Answer::None { focused }, then) => self.switch.question = Some(Question::Stop { then, focused }),
        }
    }

    fn ask_about_removing(&mut self, ctx: &Context, profile: Box<Profile>, focused: bool) {
        let title = format!("Remove {}?", profile.name);
        let words = format!(
            "This computer forgets the workspace and its key. The project at {} and its stories stay as they are.",
            profile.url.host()
        );
        let remove = Button::danger_filled("Remove workspace");
        match question(ctx, "removing", &title, &words, remove, "Keep it", focused) {
            Answer::Yes => self.actions.push(Action::RemoveWorkspace(profile.id)),
            Answer::No => {}
            Answer::None { focused } => self.switch.question = Some(Question::Remove { profile, focused }),
        }
    }

    fn ask_about_unlocking(&mut self, ctx: &Context, focused: bool) {
        let workspace = self.service.workspace();
        let words = format!(
            "The key of {} skips every access rule. Until nobody has worked for 15 minutes, files can be deleted and \
             replaced, and buckets changed, for everybody who uses the project at {}.",
            workspace.name,
            workspace.url.host()
        );
        let unlock = Button::primary("Unlock");
        match question(
            ctx,
            "unlocking",
            "Unlock admin mode?",
            &words,
            unlock,
            "Keep it locked",
            focused,
        ) {
            Answer::Yes => self.actions.push(Action::UnlockAdmin),
            Answer::No => {}
            Answer::None { focused } => self.switch.question = Some(Question::Unlock { focused }),
        }
    }

    /// Below the top bar: the session has ended, and what to do about it.
    pub(super) fn session_banner(&mut self, ui: &mut egui::Ui) {
        if !self.service.session_ended() {
            return;
        }
        let Access::SignIn { email } = &self.service.workspace().access else {
            return;
        };
        let line = format!("The session of {email} has ended");
        let surface = egui::Frame::NONE.fill(Tokens::of(ui).bg0).inner_margin(egui::Margin {
            left: 8,
            right: 8,
            top: 0,
            bottom: 8,
        });
        let again = egui::Panel::top("session")
            .resizable(false)
            .show_separator_line(false)
            .frame(surface)
            .show(ui, |ui| {
                Note::warn(
                    &line,
                    "What is shown stays; nothing can be read or changed until you sign in again.",
                )
                .button("Sign in again")
                .show(ui)
            });
        if again.inner {
            self.actions.push(Action::SignInAgain);
        }
    }

    /// The connect screen at the present workspace, with the cursor in the password's field.
    pub(super) fn sign_in_again(&mut self) {
        if let Some(profile) = self.present_profile() {
            let mut state = connect::State::edit(profile.clone());
            state.focus = Some(connect::Focus::on(connect::Field::Password));
            self.switch.connect = Some(Box::new(state));
        }
    }

    /// What the connect screen tells besides what is typed.
    pub(super) fn draw_connect(&mut self, ui: &mut egui::Ui) {
        let Some(mut connect) = self.switch.connect.take() else {
            return;
        };
        let workspace = self.service.workspace();
        let local = workspace.is_local.then(|| {
            let url = workspace.url.as_str();
            url.split_once("://").map_or(url, |(_, rest)| rest).to_owned()
        });
        let folder = self.home.path().display().to_string();
        let facts = connect::Facts {
            local_address: local.as_deref(),
            folder: &folder,
            is_local_open: workspace.is_local,
            now: Timestamp::now(),
        };
        connect::show(ui, &mut connect, &facts, &mut self.actions);
        self.switch.connect = Some(connect);
    }
}

/// The answer to a question.
enum Answer {
    Yes,
    No,
    None {
        /// Whether the safe answer has got the keyboard.
        focused: bool,
    },
}

/// A question with two answers, of which the safe one gets the keyboard.
fn question(
    ctx: &Context,
    id: &'static str,
    title: &str,
    words: &str,
    yes: Button<'_>,
    no: &str,
    mut focused: bool,
) -> Answer {
    let answer = ModalFrame::new(id, title).width(440.0).show(
        ctx,
        |ui| text::wrapped(ui, Type::Body, words, Tokens::of(ui).tx2),
        |ui| {
            let yes = ui.add(yes.large()).clicked();
            let no = ui.add(Button::new(no).large());
            if !focused {
                focused = no.has_focus();
                no.request_focus();
            }
            (yes, no.clicked())
        },
    );
    match answer.footer {
        (true, _) => Answer::Yes,
        (_, true) => Answer::No,
        _ if answer.closed => Answer::No,
        _ => Answer::None { focused },
    }
}

/// How long the countdown stays as it is shown: to the next minute, in the last one to the next second.
fn next_change(left: Duration) -> Duration {
    let step = if left > Duration::from_secs(60) { 60 } else { 1 };
    let past = Duration::from_nanos(1_000_000_000 * (left.as_secs() % step) + u64::from(left.subsec_nanos()));
    past + Duration::from_millis(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countdown_asks_for_a_frame_when_it_changes_and_for_none_between() {
        let next = |millis| next_change(Duration::from_millis(millis)).as_millis();
        assert_eq!(next(14 * 60_000 + 30_000), 30_005);
        assert_eq!(next(15 * 60_000), 5);
        assert_eq!(next(42_500), 505);
    }
}
