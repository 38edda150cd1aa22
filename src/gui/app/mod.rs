//! The application: takes in events, draws the shell and the place shown, and hands actions to [`execute`].
//!
//! A frame has two halves. `logic` drains events into states and polls loads; `ui` draws states and collects actions,
//! which are carried out before the frame ends. Nothing in either half waits.

mod authoring;
mod benching;
mod closing;
mod execute;
mod objects;
mod reasons;
mod remembered;
mod reviewing;
mod switch;
mod transferring;

pub use remembered::Remembered;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use egui::{CentralPanel, Context, Frame, Id, Panel, Ui};

use closing::Closing;
use reasons::{why_not, why_not_here};

use super::action::{Action, Place, pressed};
use super::panel::settings;
use super::panel::{PanelContext, buckets, stories, url_lab};
use super::picker::FilePicker;
use super::review::{Review, Thumbs};
use super::shell::dock::{self, Dock};
use super::shell::palette::Palette;
use super::shell::{rail, shortcuts, status_bar, switcher, top_bar, transfers};
use super::texture::{PictureSize, Pictures, Shown};
use super::theme::{self, Tokens, Tone};
use super::widget::{Toast, ToastChoice, ToastId, Toasts, frame, paint};
use crate::service::{Event, EventReceiver, Job, JobState, Problem, Service, Subject, Workspaces};
use crate::story::Replaced;
use crate::transfer::JobId;
use crate::workspace::{Home, WorkspaceId};

/// Events taken in at most in one pass, and the time for them: what is left comes in the next pass.
const EVENTS_PER_PASS: usize = 256;
const TIME_PER_PASS: Duration = Duration::from_millis(4);
/// Jobs shown; the oldest that have ended make room.
const JOBS: usize = 200;

/// What the window is given besides the service.
pub struct Options {
    /// How files are chosen.
    pub picker: Arc<dyn FilePicker>,
    /// Where the program keeps its data.
    pub home: Home,
    /// What was remembered.
    pub remembered: Remembered,
    /// All workspaces.
    pub workspaces: Workspaces,
    /// A workspace that should have been opened at the start and could not be; another one is open in its place.
    pub not_opened: Option<(WorkspaceId, Problem)>,
    /// Where the work of the workspace that is open goes when the window is closed.
    pub left_open: Arc<OnceLock<Service>>,
}

/// What Ctrl Z takes back.
#[derive(Clone, Debug, PartialEq)]
enum Undo {
    /// A scene shows its former picture again.
    Replacement(Replaced),
    /// What a transfer deleted, replaced or moved is where it was.
    Transfer(JobId),
}

/// The window.
pub struct App {
    service: Service,
    events: EventReceiver,
    picker: Arc<dyn FilePicker>,
    home: Home,
    switch: switch::Switch,
    /// Told as soon as its form can be shown.
    not_opened_at_start: Option<(WorkspaceId, Problem)>,
    left_open: Arc<OnceLock<Service>>,
    place: Place,
    stories: stories::State,
    buckets: buckets::State,
    url_lab: url_lab::State,
    settings: settings::State,
    pictures: Pictures,
    jobs: Vec<Job>,
    transfers: transfers::Transfers,
    /// An upload that is looked through before it begins.
    review: Option<Review>,
    /// Small pictures of files of this machine.
    thumbs: Thumbs,
    dock: Dock,
    palette: Palette,
    shortcuts: bool,
    toasts: Toasts,
    /// What the button of a toast does.
    offers: Vec<(ToastId, Action)>,
    /// The last write that can be taken back.
    undo: Option<Undo>,
    waiting: execute::Waiting,
    closing: Closing,
    actions: Vec<Action>,
}

impl App {
    /// The name under which [`Remembered`] is kept.
    pub const KEPT_AS: &'static str = "studio";

    /// The window on a workspace. Reads begin with the first pass.
    #[must_use]
    pub fn new(ctx: &Context, service: Service, events: EventReceiver, options: Options) -> Self {
        theme::install(ctx);
        options.remembered.settings.apply(ctx);
        let wake = ctx.clone();
        let mut dock = Dock::default();
        dock.open = options.remembered.dock_open;
        events.wake_with(Arc::new(move || wake.request_repaint()));
        let engine = service.engine();
        engine.set_limits(options.remembered.settings.limits.with(engine.limits()));
        service.keep_transferring();
        service.keep_drawing();
        let mut app = Self {
            settings: settings::State::new(options.remembered.settings, service.workspace(), &options.home),
            service,
            events,
            picker: options.picker,
            home: options.home,
            switch: switch::Switch::new(ctx, options.workspaces),
            not_opened_at_start: options.not_opened,
            left_open: options.left_open,
            place: options.remembered.place,
            stories: stories::State::default(),
            buckets: buckets::State::default(),
            url_lab: url_lab::State::default(),
            pictures: Pictures::new(),
            jobs: Vec::new(),
            transfers: transfers::Transfers::default(),
            review: None,
            thumbs: Thumbs::default(),
            dock,
            palette: Palette::default(),
            shortcuts: false,
            toasts: Toasts::default(),
            offers: Vec::new(),
            undo: None,
            waiting: execute::Waiting::default(),
            closing: Closing::No,
            actions: Vec::new(),
        };
        app.buckets.set_columns(options.remembered.columns);
        app.select_again(options.remembered.selected);
        app
    }

    /// The work of the workspace that is open.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Takes in what happened since the last pass. Never waits.
    pub fn take_in(&mut self, ctx: &Context) {
        let begun = Instant::now();
        let mut taken = 0;
        while taken < EVENTS_PER_PASS && begun.elapsed() < TIME_PER_PASS {
            let Some(event) = self.events.next() else { break };
            self.event(&event);
            taken += 1;
        }
        if taken == EVENTS_PER_PASS || begun.elapsed() >= TIME_PER_PASS {
            ctx.request_repaint();
        }
        self.stories.poll(&self.service);
        if self.place == Place::Buckets {
            self.buckets.poll(&self.service);
        }
        if self.place == Place::UrlLab {
            self.url_lab.poll(&self.service);
        }
        self.pictures.poll(ctx);
        // Ctrl and plus or minus zoom without asking the settings.
        self.settings.settings.follow(ctx);
        self.poll_waiting(ctx);
        self.poll_review(ctx);
        self.poll_switch(ctx);
        self.watch_admin(ctx);
        self.watch_closing(ctx);
    }

    /// Whether an address is of a provider of models or of another server that holds a picture, and so says nothing of the project
    /// itself.
    fn is_of_others(&self, url: &str) -> bool {
        let workspace = self.service.workspace();
        let mut providers = workspace.providers.iter();
        let project = url.strip_prefix(workspace.url.as_str());
        let is_of_the_project = project.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        !is_of_the_project || providers.any(|provider| url.starts_with(&provider.base_url))
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Exchange(exchange) if self.is_of_others(&exchange.url) => self.dock.engine(exchange),
            _ => self.dock.event(event),
        }
        self.stories.take_event(event);
        self.buckets.event(event, &self.service);
        self.url_lab.event(event, &self.service);
        match event {
            Event::Job(job) => self.job(job),
            Event::Replaced(replaced) => {
                self.undo = Some(Undo::Replacement(replaced.clone()));
                if self.place != Place::Stories || !self.stories.tells_of(&replaced.scene) {
                    let toast = Toast::new(Tone::Ok, "The scene shows its new picture").action("Undo");
                    self.offer(toast, Action::PutBack(replaced.clone()));
                }
            }
            Event::Moving(moving) => self.moving(moving),
            Event::TransferPlanned => self.transfers.planned(),
            Event::TransferRefused(problem) => self.failed(problem, "It was not done"),
            Event::TransferLeftOut(problem) => self.failed(problem, "Not all of it is done"),
            Event::TransferNeedless(words) => self.say(Tone::Neutral, words),
            Event::TransferUndone(undoing) => self.undone(undoing),
            Event::TransfersStopped(problem) => self.failed(problem, "Transfers stand still"),
            Event::DrawingStopped(problem) => self.failed(problem, "No pictures are drawn any more"),
            Event::Exchange(_)
            | Event::Connecting(_)
            | Event::Changed(_)
            | Event::Indexed(_)
            | Event::Scene(..)
            | Event::Variants(..)
            | Event::Manuscript(_)
            | Event::Batch(_) => {}
        }
    }

    fn job(&mut self, job: &Job) {
        match self.jobs.iter_mut().find(|known| known.id == job.id) {
            Some(known) => *known = job.clone(),
            None => self.jobs.push(job.clone()),
        }
        if self.jobs.len() > JOBS
            && let Some(oldest) = self.jobs.iter().position(|job| job.state.is_over())
        {
            self.jobs.remove(oldest);
        }
        match &job.state {
            // A scene's failure is told at the scene; a toast would only lie over it.
            JobState::Failed(_) if self.place == Place::Stories && matches!(job.subject, Subject::Scene(..)) => {}
            JobState::Failed(problem) => {
                let toast = Toast::new(Tone::Err, format!("{} failed: {}", job.title, problem.what)).action("Show");
                self.offer(toast, Action::ShowJobs);
            }
            JobState::Done(summary) if job.title == "Publish story" => {
                self.toasts
                    .push(Toast::new(Tone::Ok, format!("{}: {summary}", job.target)));
            }
            _ => {}
        }
    }

    pub(super) fn offer(&mut self, toast: Toast, action: Action) {
        let id = self.toasts.push(toast);
        self.offers.push((id, action));
        // More than are ever shown at once need not be remembered.
        if self.offers.len() > 16 {
            self.offers.remove(0);
        }
    }

    /// Draws everything into `ui` and carries out what was asked for.
    pub fn draw(&mut self, ui: &mut Ui) {
        let reviewing = self.review.as_ref().is_some_and(Review::is_shown);
        let covered = self.palette.is_open() || self.shortcuts || self.switch.is_asking() || reviewing;
        if !matches!(self.closing, Closing::Asked { .. }) && !covered {
            let connecting = self.switch.connect.is_some();
            let scenes = self.place == Place::Stories && !connecting;
            let commands = pressed(ui, |command| scenes || !command.is_of_scenes()).into_iter();
            let allowed = commands.filter(|command| !connecting || command.is_of_the_program());
            self.actions.extend(allowed.map(Action::Command));
        }
        if self.switch.connect.is_some() {
            self.draw_connect(ui);
        } else {
            self.bars(ui);
            self.place(ui);
        }
        self.take_pasted(ui);
        self.draw_review(ui);
        self.overlays(ui);
        self.ask(ui);
        let actions = std::mem::take(&mut self.actions);
        let any = !actions.is_empty();
        for action in actions {
            self.execute(ui, action);
        }
        if any {
            ui.request_repaint();
        }
    }

    fn bars(&mut self, ui: &mut Ui) {
        let t = Tokens::of(ui);
        let bar = || Frame::NONE.fill(t.bg0);
        let moving = self.transfers.moving();
        let opens_menu = self.switch.opens_menu();
        let facts = top_bar::Facts {
            switcher: switcher::Facts {
                service: &self.service,
                workspaces: &self.switch.list.workspaces,
                opening: self.switch.opening.as_ref().map(|(id, _)| id),
                reached: self.dock.last_answer().map(|(reached, _)| reached),
                open: opens_menu,
            },
            jobs: &self.jobs,
            moving: &moving,
            inspector: self.inspector_open(),
        };
        Panel::top("top bar")
            .exact_size(top_bar::HEIGHT)
            .resizable(false)
            .frame(bar())
            .show(ui, |ui| {
                top_bar::show(ui, &facts, &mut self.actions);
            });
        let facts = status_bar::Facts {
            service: &self.service,
            last_answer: self.dock.last_answer(),
            jobs: &self.jobs,
            moving: &moving,
            errors: self.dock.errors(),
            index: self.buckets.index_words(),
            drawing: self.stories.pictures_at_work(),
            spent: self.stories.spent_today(),
        };
        Panel::bottom("status bar")
            .exact_size(status_bar::HEIGHT)
            .resizable(false)
            .frame(bar())
            .show(ui, |ui| {
                status_bar::show(ui, &facts);
            });
        self.session_banner(ui);
        Panel::left("rail")
            .exact_size(rail::WIDTH)
            .resizable(false)
            .frame(bar())
            .show(ui, |ui| {
                paint::part(ui, Id::unique("rail contents"), |ui| {
                    rail::show(ui, self.place, &mut self.actions);
                });
            });
    }

    fn place(&mut self, ui: &mut Ui) {
        // Below the shell's own bars, a place gets its inspector first: the dock ends there.
        let Self {
            service,
            pictures,
            thumbs,
            jobs,
            actions,
            dock,
            ..
        } = self;
        let mut context = PanelContext {
            service,
            pictures,
            thumbs,
            jobs,
            actions,
        };
        match self.place {
            Place::Stories => stories::view::inspector(ui, &mut self.stories, &mut context),
            Place::Buckets => buckets::view::inspector(ui, &mut self.buckets, &mut context),
            Place::UrlLab => url_lab::view::inspector(ui, &mut self.url_lab, &mut context),
            Place::Settings => {}
        }
        docked(ui, dock, &mut context);
        self.transfers.close_with_escape(ui);
        let content = ui.available_rect_before_wrap();
        match self.place {
            Place::Stories => stories::view::content(ui, &mut self.stories, &mut context),
            Place::Buckets => buckets::view::content(ui, &mut self.buckets, &mut context),
            Place::UrlLab => url_lab::view::content(ui, &mut self.url_lab, &mut context),
            Place::Settings => {
                CentralPanel::default().frame(frame::panel(ui)).show(ui, |ui| {
                    settings::show(ui, &mut self.settings, context.actions);
                });
            }
        }
        let above = match self.place {
            Place::Buckets => self.buckets.docked_height(),
            Place::Stories | Place::UrlLab | Place::Settings => 0.0,
        };
        let content = content.with_max_y(content.bottom() - above);
        let (service, thumbs, pictures) = (&self.service, &mut self.thumbs, &mut self.pictures);
        let mut around = transfers::Around {
            limits: service.engine().limits(),
            thumb: &mut |ui, path| thumbs.get(ui, service, path).map(Into::into),
            picture: &mut |ui, at| match pictures.get(ui.ctx(), service, at, PictureSize::Thumb) {
                Shown::Ready { texture, .. } => Some(texture.into()),
                Shown::Loading | Shown::Broken(_) => None,
            },
        };
        transfers::show(ui, content, &mut self.transfers, &mut around, &mut self.actions);
    }

    fn overlays(&mut self, ui: &mut Ui) {
        let Self {
            stories,
            buckets,
            palette,
            place,
            undo,
            service,
            switch,
            ..
        } = self;
        let workspaces = &switch.list.workspaces;
        let why_not = |command| {
            why_not(command, *place, stories, undo.is_some() || stories.can_undo_judgement())
                .or_else(|| why_not_here(command, service, workspaces))
        };
        if buckets.search_for_palette(palette.query(), service) {
            palette.refresh();
        }
        if let Some(action) = palette.show(ui, &|_| execute::entries(stories, buckets, workspaces, why_not)) {
            // What leads to a place leaves the connect screen.
            if !matches!(&action, Action::Command(command) if command.is_of_the_program()) {
                self.switch.connect = None;
            }
            self.actions.push(action);
        }
        if self.shortcuts && shortcuts::show(ui) {
            self.shortcuts = false;
        }
        self.ask_before_closing(ui);
        self.tell(ui);
    }

    fn tell(&mut self, ui: &Ui) {
        // They would lie over its buttons, which are at the lower right too.
        if self.review.as_ref().is_some_and(Review::is_shown) {
            self.toasts.wait();
            return;
        }
        let corner = egui::vec2(16.0, 16.0 + status_bar::HEIGHT);
        let corner = self.transfers.room_for_toasts(ui.content_rect(), corner);
        if let Some((id, choice)) = self.toasts.show(ui, corner) {
            let offered = self
                .offers
                .iter()
                .position(|(offer, _)| *offer == id)
                .map(|at| self.offers.remove(at));
            if let (ToastChoice::Action, Some((_, action))) = (choice, offered) {
                self.actions.push(action);
            }
        }
    }

    fn inspector_open(&self) -> Option<bool> {
        match self.place {
            Place::Stories => Some(self.stories.is_inspector_open()),
            Place::Buckets => Some(self.buckets.is_inspector_open()),
            Place::UrlLab | Place::Settings => None,
        }
    }
}

fn docked(ui: &mut Ui, dock: &mut Dock, context: &mut PanelContext<'_>) {
    let panel = if dock.open {
        Panel::bottom("dock")
            .default_size(184.0)
            .size_range(120.0..=420.0)
            .resizable(true)
    } else {
        // Another name: the height it was dragged to is kept for when it is opened again.
        Panel::bottom("dock head").exact_size(32.0).resizable(false)
    };
    panel.frame(frame::panel(ui)).show(ui, |ui| {
        ui.take_available_width();
        // Whatever opens beside it meanwhile, as the inspector does with the first story, a click on it that has begun counts.
        paint::part(ui, Id::unique("dock contents"), |ui| {
            dock::show(ui, dock, context.service, context.jobs, context.actions);
        });
    });
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_in(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, Self::KEPT_AS, &self.remembered());
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        // The window closes once; a second close would be of the same workspace.
        let _first = self.left_open.set(self.service.clone());
    }

    fn persist_egui_memory(&self) -> bool {
        // Panel sizes and scroll places are worth keeping; what is typed is in the states and is not.
        true
    }
}
