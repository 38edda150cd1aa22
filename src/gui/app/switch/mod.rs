//! Changing workspaces while the window is open: opening, connecting, removing, sharing, and admin mode.

mod admin;
mod looking_after;
mod question;
mod session;
mod unlock;

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;
use jiff::Timestamp;

use super::App;
use super::execute::Waiting;
use crate::gui::panel::{buckets, connect, stories, url_lab};
use crate::gui::shell::dock::Dock;
use crate::gui::shell::transfers::Transfers;
use crate::gui::texture::Pictures;
use crate::gui::theme::Tone;
use crate::gui::widget::{Toast, Toasts};
use crate::service::{EventReceiver, List, Pending, Problem, Service, Wake, Workspaces};
use crate::workspace::{Colour, Profile, ProfileId, WorkspaceId};
use looking_after::Asked;
use question::{Question, Then};

/// How long the jobs of a workspace that is left may take to come to their safe end.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the menu waits for a fresh list: a home on a slow disk must not keep it shut.
const LONGEST_WAIT_FOR_LIST: Duration = Duration::from_millis(500);

/// The menu of workspaces, from the wish to its opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Menu {
    #[default]
    Idle,
    Asked(Instant),
    Due,
}

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
    menu: Menu,
    wake: Wake,
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
            menu: Menu::default(),
            wake,
        }
    }

    /// Opens the menu as soon as the list was read again: another process may have changed it, and entries that come while
    /// the menu is open would push what one is about to click from under the pointer.
    pub(super) fn ask_for_menu(&mut self, ctx: &Context) {
        self.refresh();
        self.menu = Menu::Asked(Instant::now());
        ctx.request_repaint_after(LONGEST_WAIT_FOR_LIST);
    }

    /// Whether the menu is to be opened in this pass; says so once.
    pub(super) fn opens_menu(&mut self) -> bool {
        let opens = self.menu == Menu::Due;
        if opens {
            self.menu = Menu::Idle;
        }
        opens
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

    /// Shows the connect screen with an empty form, in a colour that no workspace has yet, if there is one.
    pub(super) fn add_workspace(&mut self) {
        let mut connect = Box::<connect::State>::default();
        let profiles = || {
            self.switch
                .list
                .workspaces
                .iter()
                .filter(|listed| listed.profile.is_some())
        };
        let is_free = |colour: &Colour| profiles().all(|listed| listed.colour != *colour);
        connect.form.colour = Colour::ALL.into_iter().find(is_free).unwrap_or_default();
        self.switch.connect = Some(connect);
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
        if self.switch.connect.is_some() {
            self.switch.menu = Menu::Idle;
        } else if let Menu::Asked(since) = self.switch.menu
            && (self.switch.listing.is_none() || since.elapsed() >= LONGEST_WAIT_FOR_LIST)
        {
            self.switch.menu = Menu::Due;
            ctx.request_repaint();
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
        let engine = service.engine();
        engine.set_limits(self.settings.settings.limits.with(engine.limits()));
        service.keep_transferring();
        service.keep_drawing();
        let left = std::mem::replace(&mut self.service, service);
        self.events = events;
        self.transfers = Transfers::default();
        // It was of the other workspace; nothing of it is sent.
        self.review = None;
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
