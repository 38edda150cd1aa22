//! The floors hold: calls go down, egui stays in the window, reqwest stays in `http`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms and their floors, as `src/lib.rs` lists them.
const FLOORS: &[(&str, u8)] = &[
    ("gui", 6),
    ("cli", 6),
    ("service", 5),
    ("story", 4),
    ("transfer", 3),
    ("catalog", 3),
    ("supabase", 2),
    ("ai", 2),
    ("local", 2),
    ("workspace", 1),
    ("http", 0),
    ("media", 0),
    ("journal", 0),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The room of a file of the library; the program's own files (`main.rs`, `launch.rs`) and `lib.rs` have none.
fn room(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root()).unwrap();
    let mut parts = inside.components();
    let first = parts.next()?.as_os_str().to_str()?.to_owned();
    parts.next().map(|_| first)
}

fn floor(room: &str) -> u8 {
    FLOORS
        .iter()
        .find(|(name, _)| *name == room)
        .unwrap_or_else(|| panic!("{room} is on no floor"))
        .1
}

/// Code without line comments: a word in a comment is no arrow.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Rooms named after `crate::`, alone or in a `use crate::{…}` list.
fn arrows(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.push(std::mem::take(&mut word)),
                    c if depth == 0 => word.push(c),
                    _ => {}
                }
            }
            found.push(word);
        } else {
            found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    let first = |word: &String| word.trim().split("::").next().unwrap_or_default().to_owned();
    found
        .iter()
        .map(first)
        .filter(|word| FLOORS.iter().any(|(name, _)| name == word))
        .collect()
}

#[test]
fn calls_go_down() {
    let mut arrows_seen = 0;
    let mut wrong = Vec::new();
    for path in sources(&root()) {
        let Some(from) = room(&path) else { continue };
        for to in arrows(&code(&path)) {
            arrows_seen += 1;
            let down = floor(&to) < floor(&from) || to == from;
            if !down {
                wrong.push(format!("{}: {from} → {to}", path.display()));
            }
        }
    }
    assert!(arrows_seen > 50, "the reader of arrows sees nothing any more");
    assert!(wrong.is_empty(), "arrows that run up or across:\n{}", wrong.join("\n"));
}

#[test]
fn egui_stays_in_the_window_and_reqwest_in_http() {
    let mut wrong = Vec::new();
    for path in sources(&root()) {
        let code = code(&path);
        let room = room(&path).unwrap_or_default();
        let names = |word: &str| code.contains(&format!("{word}::"));
        if room != "gui" && (names("egui") || names("eframe") || names("egui_extras")) {
            wrong.push(format!("{} uses egui", path.display()));
        }
        if room != "http" && names("reqwest") {
            wrong.push(format!("{} uses reqwest", path.display()));
        }
        // Tests stand up servers of their own.
        let for_tests = code.contains("#[cfg(test)]")
            || path.ends_with("tests.rs")
            || path.ends_with("testing.rs")
            || path.parent().is_some_and(|folder| folder.ends_with("tests"));
        if room != "local" && names("axum") && !for_tests {
            wrong.push(format!("{} uses axum", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_program_starts_the_embedded_server() {
    for path in sources(&root()) {
        if room(&path).is_some_and(|room| room != "local") {
            assert!(
                !arrows(&code(&path)).contains(&"local".to_owned()),
                "{} uses local",
                path.display()
            );
        }
    }
}

#[test]
fn every_room_says_what_lives_there() {
    for (name, _) in FLOORS {
        let text = fs::read_to_string(root().join(name).join("mod.rs")).unwrap();
        assert!(
            text.starts_with("//! "),
            "{name}/mod.rs does not begin with what lives there"
        );
    }
}

#[test]
fn the_reader_of_arrows_reads_lists() {
    let code = "use crate::{ai::Ai, story::{Brief, Story}, media};\nuse crate::http::Call;\ncrate::gui::run();";
    assert_eq!(arrows(code), ["ai", "story", "media", "http", "gui"]);
}
