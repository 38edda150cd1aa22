//! Opens the window, or says why it cannot be opened.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use egui::{IconData, ViewportBuilder};

use super::app::{App, Options};
use super::picker::SystemPicker;
use crate::service::{EventReceiver, Problem, Service, Workspaces};
use crate::workspace::{Home, WorkspaceId};

/// The name under which desktops know the program.
const APP_ID: &str = "storymimi-studio";
const TITLE: &str = "StoryMimi Studio";

/// Whether there is a display to open a window on.
///
/// # Errors
/// With a sentence that names the commands which work without one.
pub fn check_display() -> Result<(), Problem> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(any(target_os = "macos", target_os = "windows")) || set("DISPLAY") || set("WAYLAND_DISPLAY") {
        return Ok(());
    }
    Err(Problem::new(
        "There is no display to open the window on; these commands work without one: story, bucket, object, transfer, workspace, url and serve.",
        "See them with: storymimi-studio --help",
    ))
}

/// What the window opens on.
pub struct Opened {
    /// All workspaces.
    pub workspaces: Workspaces,
    /// The one that is open.
    pub service: Service,
    /// What happens in it.
    pub events: EventReceiver,
    /// The one that should have been opened, if it could not be: the window says why, with its form.
    pub not_opened: Option<(WorkspaceId, Problem)>,
}

/// Opens the window and returns when it is closed, with the work of the workspace that was open then.
///
/// # Errors
/// If no window can be opened.
pub fn run(opened: Opened, home: &Home) -> Result<Service, Problem> {
    let Opened {
        workspaces,
        service,
        events,
        not_opened,
    } = opened;
    let viewport = ViewportBuilder::default()
        .with_title(TITLE)
        .with_app_id(APP_ID)
        .with_inner_size([1440.0, 900.0])
        .with_min_inner_size([1120.0, 700.0])
        .with_icon(icon().unwrap_or_default());
    let options = eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Glow,
        persistence_path: Some(home.window_state()),
        ..eframe::NativeOptions::default()
    };
    let home = home.clone();
    let open_last = Arc::new(OnceLock::new());
    let (left_open, begun_with) = (open_last.clone(), service.clone());
    let hushed = Hushed::start();
    let opened = hushed.clone();
    let result = panic::catch_unwind(AssertUnwindSafe(move || {
        eframe::run_native(
            APP_ID,
            options,
            Box::new(move |context| {
                opened.end();
                let remembered = context
                    .storage
                    .and_then(|storage| eframe::get_value(storage, App::KEPT_AS))
                    .unwrap_or_default();
                let options = Options {
                    picker: Arc::new(SystemPicker),
                    home,
                    remembered,
                    workspaces,
                    not_opened,
                    left_open,
                };
                Ok(Box::new(App::new(&context.egui_ctx, service, events, options)))
            }),
        )
    }));
    let never_opened = hushed.end();
    match result {
        Ok(Ok(())) => Ok(open_last.get().cloned().unwrap_or(begun_with)),
        Ok(Err(error)) => Err(no_window(&error.to_string())),
        // A missing libxkbcommon-x11 is a panic in the library that loads it, not an error. A panic after the window
        // opened is a fault of ours and is not hidden.
        Err(panic) if never_opened => Err(no_window(message(&*panic))),
        Err(panic) => panic::resume_unwind(panic),
    }
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync + 'static>;

/// While the window is being opened, a panic is told as a [`Problem`] and by nobody else.
#[derive(Clone)]
struct Hushed(Arc<Mutex<Option<Hook>>>);

impl Hushed {
    fn start() -> Self {
        let before = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        Self(Arc::new(Mutex::new(Some(before))))
    }

    /// Panics are told by everybody again; answers whether they were not already.
    fn end(&self) -> bool {
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let was_hushed = before.is_some();
        if let Some(before) = before {
            panic::set_hook(before);
        }
        was_hushed
    }
}

/// What a panic said.
fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or_default()
}

fn no_window(reason: &str) -> Problem {
    let mut problem = Problem::new(
        "The window could not be opened; these commands work without one: story, bucket, object, transfer, workspace, url and serve.",
        "The README names the system's libraries that the window needs; see the commands with: storymimi-studio --help",
    );
    problem.technical = reason.to_owned();
    problem
}

/// The program's picture for the task bar.
fn icon() -> Option<IconData> {
    use resvg::tiny_skia::{Pixmap, Transform};
    use resvg::usvg::{Options, Tree};
    let tree = Tree::from_str(include_str!("../../assets/icon.svg"), &Options::default()).ok()?;
    let mut pixmap = Pixmap::new(128, 128)?;
    resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
    let rgba = pixmap.pixels().iter().flat_map(|pixel| {
        let color = pixel.demultiply();
        [color.red(), color.green(), color.blue(), color.alpha()]
    });
    Some(IconData {
        rgba: rgba.collect(),
        width: 128,
        height: 128,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_panic_said_is_kept_for_those_who_look_closer() {
        let text = panic::catch_unwind(|| panic::resume_unwind(Box::new("no library"))).unwrap_err();
        let string = panic::catch_unwind(|| panic::resume_unwind(Box::new("no library".to_owned()))).unwrap_err();
        assert_eq!([message(&*text), message(&*string)], ["no library"; 2]);
    }

    #[test]
    fn the_icon_is_drawn() {
        let icon = icon().unwrap();
        assert_eq!(icon.rgba.len(), 128 * 128 * 4);
        assert!(icon.rgba.chunks(4).any(|pixel| pixel == [255, 255, 255, 255]));
    }
}
