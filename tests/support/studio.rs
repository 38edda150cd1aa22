//! The whole window on a project of its own, with nothing between it and the real embedded server.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use egui::Theme;
use egui_kittest::Harness;
use futures_util::future::BoxFuture;
use storymimi_studio::gui::app::{App, Options, Remembered};
use storymimi_studio::gui::picker::{FilePicker, NoDialog, Purpose};
use storymimi_studio::service::{Service, Workspaces};
use storymimi_studio::workspace::{Home, Workspace};

use super::Click as _;
use super::project::Project;

/// What is kept alive beside the window.
pub struct Studio {
    /// The window.
    pub harness: Harness<'static, App>,
    /// Its work.
    pub service: Service,
    /// Files that the next file dialogs give back.
    pub chosen: Arc<Mutex<Vec<PathBuf>>>,
    /// All workspaces of the window's home.
    pub workspaces: Workspaces,
    /// The folder of the project, for files of the test.
    pub folder: PathBuf,
    size: [f32; 2],
    look: Theme,
    remembered: Remembered,
    keep: (storymimi_studio::local::Server, tempfile::TempDir),
    /// Last: tasks of the window end before their runtime.
    pub runtime: tokio::runtime::Runtime,
}

/// A user who chooses what the test says.
struct Chooser(Arc<Mutex<Vec<PathBuf>>>);

impl FilePicker for Chooser {
    fn pick_files(&self, _purpose: &Purpose) -> BoxFuture<'static, Result<Vec<PathBuf>, NoDialog>> {
        let chosen = std::mem::take(&mut *self.0.lock().unwrap());
        Box::pin(async move { Ok(chosen) })
    }

    fn save_file(&self, _name: &str) -> BoxFuture<'static, Result<Option<PathBuf>, NoDialog>> {
        let chosen = self.0.lock().unwrap().pop();
        Box::pin(async move { Ok(chosen) })
    }
}

fn options(
    home: &Path,
    chosen: &Arc<Mutex<Vec<PathBuf>>>,
    workspaces: &Workspaces,
    remembered: &Remembered,
) -> Options {
    Options {
        picker: Arc::new(Chooser(chosen.clone())),
        home: Home::at(home),
        remembered: remembered.clone(),
        workspaces: workspaces.clone(),
        not_opened: None,
        left_open: Arc::default(),
    }
}

impl Studio {
    /// A window of the usual size on an empty project.
    pub fn start() -> Self {
        Self::with([1440.0, 900.0], Theme::Dark, |_| {})
    }

    /// A window on a workspace that the test changes before it is opened. Uploads with nothing to decide begin at once.
    pub fn with(size: [f32; 2], look: Theme, change: impl FnOnce(&mut Workspace)) -> Self {
        let remembered = Remembered::default().sending_what_is_ready();
        Self::remembering(size, look, remembered, change)
    }

    /// The same with what was remembered of an earlier start.
    pub fn remembering(
        size: [f32; 2],
        look: Theme,
        remembered: Remembered,
        change: impl FnOnce(&mut Workspace),
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let project = runtime.block_on(Project::with(change));
        let Project {
            server,
            folder,
            service,
            events,
        } = project;
        let workspaces = super::project::workspaces(&server, &Home::at(folder.path()), runtime.handle().clone());
        let chosen = Arc::<Mutex<Vec<PathBuf>>>::default();
        let options = options(folder.path(), &chosen, &workspaces, &remembered);
        let made = service.clone();
        let harness =
            super::builder(size, look).build_eframe(move |context| App::new(&context.egui_ctx, made, events, options));
        let path = folder.path().to_owned();
        Self {
            harness,
            service,
            chosen,
            folder: path,
            workspaces,
            size,
            look,
            remembered,
            keep: (server, folder),
            runtime,
        }
    }

    /// Closes the window and opens another one on the same workspace, as the next start of the program does. The server
    /// stays.
    pub fn start_again(&mut self) {
        self.runtime.block_on(self.service.close());
        let workspace = self.service.workspace().clone();
        let home = Home::at(self.keep.1.path());
        let opened = {
            let _runtime = self.runtime.enter();
            Service::open(workspace, &home, self.runtime.handle().clone())
        };
        let (service, events) = opened.unwrap();
        let options = options(self.keep.1.path(), &self.chosen, &self.workspaces, &self.remembered);
        let made = service.clone();
        self.harness = super::builder(self.size, self.look)
            .build_eframe(move |context| App::new(&context.egui_ctx, made, events, options));
        self.service = service;
    }

    /// Frames until `done`, or a failure that says what is on the screen. At least one: what was pressed has been heard by then.
    pub fn until(&mut self, what: &str, done: impl Fn(&Harness<'static, App>) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        self.harness.step();
        while !done(&self.harness) {
            if Instant::now() >= deadline {
                self.picture("not-reached");
                panic!("{what}: not reached; set STUDIO_PICTURES to a folder to see the window");
            }
            self.harness.step();
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Frames until what is behind the window is so: its project, its journal. What the window says may come before it, and after it.
    pub fn comes_true(&mut self, what: &str, is: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !is(self) {
            assert!(Instant::now() < deadline, "{what}: it did not come to that");
            self.harness.step();
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Frames until nothing has changed for a while: pictures are there, animations are over. A busy machine may take a
    /// good part of a second for a picture without a frame in between.
    pub fn settle(&mut self) {
        let mut quiet = 0;
        let deadline = Instant::now() + Duration::from_secs(30);
        while quiet < 150 && Instant::now() < deadline {
            self.harness.step();
            let busy = self.harness.ctx.has_requested_repaint();
            quiet = if busy { 0 } else { quiet + 1 };
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Types into the field of that name.
    pub fn type_into(&mut self, label: &str, text: &str) {
        use egui_kittest::kittest::Queryable as _;
        self.harness.get_by_label(label).focus();
        self.harness.step();
        self.harness.get_by_label(label).type_text(text);
        self.harness.step();
    }

    /// Scrolls to the first thing of that name, and clicks it.
    pub fn reach(&mut self, label: &str) {
        use egui_kittest::kittest::Queryable as _;
        self.harness.get_all_by_label(label).next().unwrap().scroll_to_me();
        // The first frame says where to, the next ones go there.
        self.harness.run_steps(6);
        self.harness
            .click(|harness| harness.get_all_by_label(label).next().unwrap().rect());
        self.harness.run_steps(2);
    }

    /// For eyes: a picture of the window into the folder that `STUDIO_PICTURES` names.
    pub fn picture(&mut self, name: &str) {
        let Ok(folder) = std::env::var("STUDIO_PICTURES") else {
            return;
        };
        self.settle();
        self.harness
            .render()
            .unwrap()
            .save(PathBuf::from(folder).join(format!("{name}.png")))
            .unwrap();
    }
}
