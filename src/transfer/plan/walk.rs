//! Finding files: what was named, what is in folders, what matches patterns. Links are not followed unless asked, and never
//! out of the folder that was named; what is no plain file is told and not opened. Blocks.

use std::collections::HashSet;
use std::fs::{FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use walkdir::{DirEntry, WalkDir};

use super::pattern::{self, Pattern};
use super::{PlanError, Unseen};
use crate::transfer::names::Manifest;

/// Files to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileSource {
    /// A file, or a folder with all that is in it. A folder's own name is the first of the names below it.
    Named(PathBuf),
    /// What is in a folder, without the folder's own name.
    Inside(PathBuf),
    /// What matches a pattern; below the folder that has nothing special in its name. Names that begin with a dot match only
    /// what begins with a dot too.
    Pattern(String),
}

impl FileSource {
    /// Reads what somebody typed or dropped. What is there is taken as it is, also if it looks like a pattern; a slash at
    /// the end of a folder means what is in it. Blocks.
    #[must_use]
    pub fn typed(path: &Path) -> Self {
        let text = path.to_string_lossy();
        match path.symlink_metadata() {
            Ok(_) if text.ends_with(std::path::is_separator) => Self::Inside(path.to_owned()),
            Err(_) if pattern::is_pattern(&text) => Self::Pattern(text.into_owned()),
            _ => Self::Named(path.to_owned()),
        }
    }
}

/// What is done with symbolic links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Links {
    /// They are told, and refused.
    #[default]
    Refuse,
    /// Those that lead to something inside the folder that was named are followed.
    Follow,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where. Of names that are no Unicode, what can be shown.
    pub(super) path: PathBuf,
    /// Its path below what was named, with `/` between the names.
    pub(super) relative: String,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    File {
        size: u64,
        modified: Option<Timestamp>,
    },
    /// Not taken, and why, as a sentence.
    Refused(String),
    /// The manifest of the folder that was named: it tells which files are which objects, and is none itself.
    Manifest,
}

impl What {
    /// What something with a name is, by its facts.
    pub(super) fn of(facts: &Metadata) -> Self {
        if !facts.is_file() {
            return Self::Refused(special(facts.file_type()).to_owned());
        }
        Self::File {
            size: facts.len(),
            modified: facts.modified().ok().and_then(|time| Timestamp::try_from(time).ok()),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) found: Vec<Found>,
    pub(super) unseen: Vec<Unseen>,
}

const FOLLOW_LINKS: &str = "This is a symbolic link; links are not followed unless that is asked for.";
const OUTSIDE: &str = "This is a symbolic link to something outside the folder.";
const NOWHERE: &str = "This is a symbolic link that leads nowhere.";
const LOOP: &str = "This is a symbolic link to a folder that it is in.";
const NO_UNICODE: &str = "Its name is no valid Unicode, which keys are made from; rename it.";

/// Finds everything, in the order of the sources and then of names; each path once.
///
/// # Errors
/// If something that was named is not there, or a pattern matches nothing.
pub(super) fn walk(
    sources: &[FileSource],
    links: Links,
    stop: &CancellationToken,
    observe: &dyn Fn(usize),
) -> Result<Walked, PlanError> {
    let mut walk = Walk {
        links,
        stop,
        observe,
        walked: Walked::default(),
        seen: HashSet::new(),
    };
    for source in sources {
        match source {
            FileSource::Named(path) => walk.named(path, true)?,
            FileSource::Inside(path) => walk.named(path, false)?,
            FileSource::Pattern(text) => walk.pattern(text)?,
        }
    }
    Ok(walk.walked)
}

struct Walk<'a> {
    links: Links,
    stop: &'a CancellationToken,
    observe: &'a dyn Fn(usize),
    walked: Walked,
    seen: HashSet<PathBuf>,
}

impl Walk<'_> {
    fn named(&mut self, path: &Path, with_name: bool) -> Result<(), PlanError> {
        // `winter/` and `winter` are one thing here; a link with a slash at its end would be followed.
        let named: PathBuf = path.components().collect();
        let facts = look(&named)?;
        // A plan means the same file wherever it is run from.
        let path = std::path::absolute(&named).map_err(|source| unreadable(&named, source))?;
        if facts.file_type().is_symlink() && self.links == Links::Refuse {
            let relative = own_name(&named).unwrap_or_default();
            self.refuse(&path, relative, FOLLOW_LINKS);
            return Ok(());
        }
        let target = path.metadata().map_err(|source| unreadable(&path, source))?;
        if target.is_dir() {
            let prefix = match own_name(&named) {
                Some(name) if with_name => format!("{name}/"),
                None if with_name && named.file_name().is_some() => {
                    self.refuse(&path, path.to_string_lossy().into_owned(), NO_UNICODE);
                    self.unseen(&path, NO_UNICODE);
                    return Ok(());
                }
                // `.`, `..` and `/` have no name of their own.
                _ => String::new(),
            };
            return self.folder(&path, &prefix, None);
        }
        match own_name(&path) {
            Some(name) => self.file(path, name, &target),
            None => self.refuse(&path, path.to_string_lossy().into_owned(), NO_UNICODE),
        }
        Ok(())
    }

    fn pattern(&mut self, text: &str) -> Result<(), PlanError> {
        let text = if cfg!(windows) {
            text.replace('\\', "/")
        } else {
            text.to_owned()
        };
        let (folder, rest) = pattern::split(&text);
        let pattern = Pattern::parse(rest)?;
        let folder = if folder.is_empty() {
            Path::new(".")
        } else {
            Path::new(folder)
        };
        look(folder)?;
        let folder = std::path::absolute(folder).map_err(|source| unreadable(folder, source))?;
        let before = self.walked.found.len();
        self.folder(&folder, "", Some(&pattern))?;
        // Nothing is said of what could not be looked at.
        if self.walked.found.len() == before && self.walked.unseen.is_empty() {
            return Err(PlanError::NothingMatches(text));
        }
        Ok(())
    }

    fn folder(&mut self, root: &Path, prefix: &str, pattern: Option<&Pattern>) -> Result<(), PlanError> {
        let follow = self.links == Links::Follow;
        let inside = root.canonicalize().map_err(|source| unreadable(root, source))?;
        let mut walker = WalkDir::new(root).min_depth(1).follow_links(follow).sort_by_file_name();
        if let Some(depth) = pattern.and_then(Pattern::depth) {
            walker = walker.max_depth(depth);
        }
        let hidden_too = pattern.is_none_or(Pattern::wants_hidden);
        let mut entries = walker.into_iter();
        while let Some(entry) = entries.next() {
            if self.stop.is_cancelled() {
                return Err(PlanError::Stopped);
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.failed(root, prefix, &error, pattern);
                    continue;
                }
            };
            if !hidden_too && entry.file_name().as_encoded_bytes().starts_with(b".") {
                leave(&mut entries, &entry);
                continue;
            }
            let Some(below) = relative(root, entry.path()) else {
                let shown = format!("{prefix}{}", shown_below(root, entry.path()));
                self.refuse(entry.path(), shown, NO_UNICODE);
                if entry.file_type().is_dir() {
                    self.unseen(entry.path(), NO_UNICODE);
                }
                leave(&mut entries, &entry);
                continue;
            };
            let wanted = pattern.is_none_or(|pattern| pattern.matches(&below));
            if entry.path_is_symlink() {
                let why = match entry.path().canonicalize() {
                    _ if !follow => Some(FOLLOW_LINKS),
                    Ok(target) if target.starts_with(&inside) => None,
                    Ok(_) => Some(OUTSIDE),
                    Err(_) => Some(NOWHERE),
                };
                if let Some(why) = why {
                    // A pattern might have found something behind it.
                    if wanted || pattern.is_some_and(|pattern| pattern.depth().is_none()) {
                        self.refuse(entry.path(), format!("{prefix}{below}"), why);
                    }
                    leave(&mut entries, &entry);
                    continue;
                }
            }
            if entry.file_type().is_dir() || !wanted {
                continue;
            }
            match entry.metadata() {
                Ok(_) if below == Manifest::FILE_NAME => self.add(Found {
                    path: entry.path().to_owned(),
                    relative: format!("{prefix}{below}"),
                    what: What::Manifest,
                }),
                Ok(facts) => self.file(entry.path().to_owned(), format!("{prefix}{below}"), &facts),
                Err(error) => self.failed(root, prefix, &error, pattern),
            }
        }
        Ok(())
    }

    fn failed(&mut self, root: &Path, prefix: &str, error: &walkdir::Error, pattern: Option<&Pattern>) {
        let path = error.path().unwrap_or(root);
        let below = shown_below(root, path);
        let is_link = path
            .symlink_metadata()
            .is_ok_and(|facts| facts.file_type().is_symlink());
        if is_link {
            if pattern.is_none_or(|pattern| pattern.depth().is_none() || pattern.matches(&below)) {
                let why = if error.loop_ancestor().is_some() { LOOP } else { NOWHERE };
                self.refuse(path, format!("{prefix}{below}"), why);
            }
            return;
        }
        let why = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
        self.unseen(path, &format!("It cannot be read: {why}."));
    }

    fn file(&mut self, path: PathBuf, relative: String, facts: &Metadata) {
        match What::of(facts) {
            What::Refused(why) => self.refuse(&path, relative, &why),
            what => self.add(Found { path, relative, what }),
        }
    }

    fn refuse(&mut self, path: &Path, relative: String, why: &str) {
        self.add(Found {
            path: PathBuf::from(path.to_string_lossy().into_owned()),
            relative,
            what: What::Refused(why.to_owned()),
        });
    }

    fn add(&mut self, found: Found) {
        if self.seen.insert(found.path.clone()) {
            self.walked.found.push(found);
            if self.walked.found.len().is_multiple_of(64) {
                (self.observe)(self.walked.found.len());
            }
        }
    }

    fn unseen(&mut self, path: &Path, why: &str) {
        self.walked.unseen.push(Unseen {
            place: path.display().to_string(),
            why: why.to_owned(),
        });
    }
}

/// Goes on behind a folder, not into it.
fn leave(entries: &mut walkdir::IntoIter, entry: &DirEntry) {
    if entry.file_type().is_dir() {
        entries.skip_current_dir();
    }
}

fn look(path: &Path) -> Result<Metadata, PlanError> {
    path.symlink_metadata().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => PlanError::NoFile(path.to_owned()),
        _ => unreadable(path, source),
    })
}

fn unreadable(path: &Path, source: io::Error) -> PlanError {
    PlanError::Io {
        what: "read",
        path: path.to_owned(),
        source,
    }
}

fn own_name(path: &Path) -> Option<String> {
    path.file_name()?.to_str().map(ToOwned::to_owned)
}

/// The names below a folder, with `/` between them; None if one of them is no Unicode.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let names: Option<Vec<&str>> = path
        .strip_prefix(root)
        .ok()?
        .components()
        .map(|part| part.as_os_str().to_str())
        .collect();
    names.map(|names| names.join("/"))
}

fn shown_below(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

fn special(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "This is a pipe, not a file: reading it might never end.";
        }
        if kind.is_socket() {
            return "This is a socket, not a file.";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "This is a device, not a file: reading it might never end.";
        }
    }
    let _ = kind;
    "This is no plain file."
}

#[cfg(test)]
mod tests;
