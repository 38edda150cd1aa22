//! Opens the window, or says why it cannot be opened.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use egui::{IconData, ViewportBuilder};

use super::app::{App, Options};
use super::picker::SystemPicker;
use crate::service::{EventReceiver, Problem, Service};
use crate::workspace::Home;

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
        "There is no display to open the window on; these commands work without one: story, bucket, object, url and serve.",
        "See them with: storymimi-studio --help",
    ))
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// If no window can be opened.
pub fn run(service: Service, events: EventReceiver, home: &Home) -> Result<(), Problem> {
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
    // A missing libxkbcommon-x11 is a panic in the library that loads it, not an error.
    let opened = catch_unwind(AssertUnwindSafe(move || {
        eframe::run_native(
            APP_ID,
            options,
            Box::new(move |context| {
                let remembered = context
                    .storage
                    .and_then(|storage| eframe::get_value(storage, App::KEPT_AS))
                    .unwrap_or_default();
                let options = Options {
                    picker: Arc::new(SystemPicker),
                    home,
                    remembered,
                };
                Ok(Box::new(App::new(&context.egui_ctx, service, events, options)))
            }),
        )
    }));
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(no_window(&error.to_string())),
        Err(_) => Err(no_window("a library that the window needs is missing or broken")),
    }
}

fn no_window(reason: &str) -> Problem {
    let mut problem = Problem::new(
        "The window could not be opened; these commands work without one: story, bucket, object, url and serve.",
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
    #[test]
    fn the_icon_is_drawn() {
        let icon = super::icon().unwrap();
        assert_eq!(icon.rgba.len(), 128 * 128 * 4);
        assert!(icon.rgba.chunks(4).any(|pixel| pixel == [255, 255, 255, 255]));
    }
}
