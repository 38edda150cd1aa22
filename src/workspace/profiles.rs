//! The profiles on disk: `workspaces.toml` in the program's folder, and files to share them. No secrets in either.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use toml::{Table, Value};

use super::{Home, Profile, ProfileId, ProjectUrl, WorkspaceId};
use crate::http::Masker;

/// The profiles that this user has. Every call reads the file: other processes may have changed it.
///
/// The calls block on the disk; they belong on the blocking pool.
#[derive(Clone, Debug)]
pub struct Profiles {
    file: PathBuf,
}

/// What the file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registry {
    /// The profiles, by name.
    pub profiles: Vec<Profile>,
    /// The workspace that was opened last.
    pub last_used: WorkspaceId,
    /// The workspace that commands work on unless they name another.
    pub for_commands: WorkspaceId,
    /// Entries that this version cannot read. They stay in the file.
    pub unreadable: Vec<Unreadable>,
}

/// An entry of a file that is no profile to this version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The name it has in the file.
    pub id: String,
    /// What is wrong with it.
    pub why: String,
}

/// What came of a shared file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// The profiles, as they were saved. Their ids differ from the file's where those were taken.
    pub profiles: Vec<Profile>,
    /// Places in the file that held a secret; none was taken.
    pub secrets_left_out: Vec<String>,
    /// Entries that cannot be read.
    pub unreadable: Vec<Unreadable>,
}

/// Why the profiles cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ProfilesError {
    /// The disk refuses.
    #[error("{path} cannot be {doing}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// "read" or "written".
        doing: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Not TOML. The parser's own message would show the line, and with it perhaps a secret.
    #[error("{path} is not a list of workspaces: line {line} cannot be read")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// Written by a newer version, in another form.
    #[error("{path} was written by a newer version of this program")]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// No profile is called so.
    #[error("there is no workspace “{0}”")]
    Unknown(ProfileId),
    /// A shared file without a profile in it.
    #[error("there is no workspace in this file")]
    Nothing,
}

/// The form of the file. Fields may be added without a new one.
const VERSION: i64 = 1;
/// No list of workspaces is larger; a file that is would only be read to be refused.
const LARGEST: u64 = 4 << 20;

impl Profiles {
    /// The profiles of a home. Nothing is read yet.
    #[must_use]
    pub fn new(home: &Home) -> Self {
        Self {
            file: home.path().join("workspaces.toml"),
        }
    }

    /// All profiles, and which workspace was used last.
    ///
    /// # Errors
    /// If there is a file that cannot be read.
    pub fn read(&self) -> Result<Registry, ProfilesError> {
        Ok(registry(&self.table()?))
    }

    /// One profile.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    pub fn get(&self, id: &ProfileId) -> Result<Profile, ProfilesError> {
        let registry = self.read()?;
        let found = registry.profiles.into_iter().find(|profile| profile.id == *id);
        found.ok_or_else(|| ProfilesError::Unknown(id.clone()))
    }

    /// Adds a profile, or replaces the one with its id.
    ///
    /// # Errors
    /// If the file cannot be read or written; it is then as it was.
    pub fn save(&self, profile: &Profile) -> Result<(), ProfilesError> {
        self.change(|table| {
            put(table, profile);
            Ok(())
        })
    }

    /// Adds a profile under an id made from its name, and gives it back with that id.
    ///
    /// # Errors
    /// As [`Profiles::save`].
    pub fn add(&self, mut profile: Profile) -> Result<Profile, ProfilesError> {
        self.change(|table| {
            profile.id = ProfileId::fresh(&profile.name, &ids(table));
            put(table, &profile);
            Ok(profile)
        })
    }

    /// Removes a profile; whether it was there.
    ///
    /// # Errors
    /// As [`Profiles::save`].
    pub fn remove(&self, id: &ProfileId) -> Result<bool, ProfilesError> {
        self.change(|table| {
            for remembered in [LAST_USED, FOR_COMMANDS] {
                if table.get(remembered).and_then(Value::as_str) == Some(id.as_str()) {
                    table.remove(remembered);
                }
            }
            let there = workspaces(table).remove(id.as_str()).is_some();
            Ok(there)
        })
    }

    /// Remembers the workspace that is to be opened at the next start.
    ///
    /// # Errors
    /// As [`Profiles::save`].
    pub fn set_last_used(&self, id: &WorkspaceId) -> Result<(), ProfilesError> {
        self.change(|table| {
            table.insert(LAST_USED.to_owned(), id.as_str().into());
            Ok(())
        })
    }

    /// Remembers the workspace that commands work on unless they name another.
    ///
    /// # Errors
    /// As [`Profiles::save`].
    pub fn set_for_commands(&self, id: &WorkspaceId) -> Result<(), ProfilesError> {
        self.change(|table| {
            table.insert(FOR_COMMANDS.to_owned(), id.as_str().into());
            Ok(())
        })
    }

    /// Those profiles as the text of a file to share; all of them if `ids` is empty.
    ///
    /// # Errors
    /// If one of them is not there, or the profiles cannot be read.
    pub fn export(&self, ids: &[ProfileId]) -> Result<String, ProfilesError> {
        let registry = self.read()?;
        if let Some(unknown) = ids.iter().find(|id| registry.profiles.iter().all(|p| p.id != **id)) {
            return Err(ProfilesError::Unknown(unknown.clone()));
        }
        let mut table = Table::new();
        for profile in registry.profiles {
            if ids.is_empty() || ids.contains(&profile.id) {
                put(&mut table, &profile);
            }
        }
        // Somebody may have typed a key into a field that is not for keys.
        let mut left_out = Vec::new();
        leave_secrets_out(&Masker::default(), &mut table, "", &mut left_out);
        Ok(format!(
            "# Workspaces of StoryMimi Studio. Keys and passwords are not in this file.\n\n{}",
            text(&table)
        ))
    }

    /// Saves the profiles of a shared file. Secrets in it are left out, and named.
    ///
    /// # Errors
    /// If the text is no such file, or the profiles cannot be written.
    pub fn import(&self, text: &str) -> Result<Imported, ProfilesError> {
        let mut shared = parse(Path::new("the file"), text)?;
        let mut imported = Imported::default();
        leave_secrets_out(&Masker::default(), &mut shared, "", &mut imported.secrets_left_out);
        let read = registry(&shared);
        imported.unreadable = read.unreadable;
        if read.profiles.is_empty() && imported.unreadable.is_empty() {
            return Err(ProfilesError::Nothing);
        }
        self.change(|table| {
            for mut profile in read.profiles {
                let known = registry(table).profiles;
                if known.contains(&profile) {
                    imported.profiles.push(profile);
                    continue;
                }
                if ids(table).contains(&profile.id) {
                    profile.id = ProfileId::fresh(&profile.name, &ids(table));
                }
                put(table, &profile);
                imported.profiles.push(profile);
            }
            Ok(imported)
        })
    }

    fn table(&self) -> Result<Table, ProfilesError> {
        let failed = |source| ProfilesError::File {
            path: self.file.clone(),
            doing: "read",
            source,
        };
        match fs::metadata(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Table::new()),
            Err(error) => return Err(failed(error)),
            Ok(facts) if facts.len() > LARGEST => return Err(failed(io::ErrorKind::FileTooLarge.into())),
            Ok(_) => {}
        }
        parse(&self.file, &fs::read_to_string(&self.file).map_err(failed)?)
    }

    /// Reads, changes and writes while no other process does, so that no one's profile is lost.
    fn change<T>(&self, change: impl FnOnce(&mut Table) -> Result<T, ProfilesError>) -> Result<T, ProfilesError> {
        let failed = |source| ProfilesError::File {
            path: self.file.clone(),
            doing: "written",
            source,
        };
        let folder = self.file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let lock = File::create(self.file.with_extension("lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let mut table = self.table()?;
        table.insert("version".to_owned(), VERSION.into());
        let result = change(&mut table)?;
        replace(&self.file, text(&table).as_bytes()).map_err(failed)?;
        Ok(result)
    }
}

/// Writes beside, syncs, and renames: the file is the old one or the new one, whatever happens. Only its owner may
/// read it.
pub(super) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new().prefix(".workspace").tempfile_in(folder)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(file).map_err(|error| error.error)?;
    // Where folders can be synced, the new name survives a power cut; elsewhere the rename is all there is.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

const LAST_USED: &str = "last_used";
const FOR_COMMANDS: &str = "for_commands";
const WORKSPACES: &str = "workspaces";

fn parse(path: &Path, text: &str) -> Result<Table, ProfilesError> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let path = path.to_owned();
        ProfilesError::Damaged { path, line }
    })?;
    match table.get("version").and_then(Value::as_integer) {
        Some(version) if version > VERSION => Err(ProfilesError::Newer { path: path.to_owned() }),
        _ => Ok(table),
    }
}

fn text(table: &Table) -> String {
    // A table of texts, numbers and tables always has a form.
    toml::to_string_pretty(table).unwrap_or_default()
}

fn workspaces(table: &mut Table) -> &mut Table {
    let entry = table.entry(WORKSPACES).or_insert_with(|| Value::Table(Table::new()));
    if !entry.is_table() {
        *entry = Value::Table(Table::new());
    }
    match entry {
        Value::Table(table) => table,
        _ => unreachable!("it was made one above"),
    }
}

/// Every name in use, also of entries that cannot be read.
fn ids(table: &Table) -> Vec<ProfileId> {
    let entries = table.get(WORKSPACES).and_then(Value::as_table);
    entries
        .into_iter()
        .flat_map(|entries| entries.keys())
        .filter_map(|id| ProfileId::parse(id).ok())
        .collect()
}

fn registry(table: &Table) -> Registry {
    let remembered = |name: &str| {
        let id = table.get(name).and_then(Value::as_str)?;
        WorkspaceId::parse(id).ok()
    };
    let mut registry = Registry {
        last_used: remembered(LAST_USED).unwrap_or_default(),
        for_commands: remembered(FOR_COMMANDS).unwrap_or_default(),
        ..Registry::default()
    };
    let entries = table.get(WORKSPACES).and_then(Value::as_table);
    for (id, entry) in entries.into_iter().flatten() {
        match profile(id, entry) {
            Ok(profile) => registry.profiles.push(profile),
            Err(why) => registry.unreadable.push(Unreadable { id: id.clone(), why }),
        }
    }
    registry
        .profiles
        .sort_by_cached_key(|profile| profile.name.to_lowercase());
    registry
}

fn profile(id: &str, entry: &Value) -> Result<Profile, String> {
    let mut entry = entry.as_table().cloned().ok_or("it is not a table")?;
    entry.insert("id".to_owned(), id.into());
    if entry.contains_key("providers") {
        // As an earlier version knows it, which leaves alone what it does not know.
        entry.remove("provider");
    }
    // toml's message is one sentence about the field; the value is not in it once the file itself could be read.
    Profile::deserialize(Value::Table(entry)).map_err(|error| error.message().to_owned())
}

/// Puts a profile in. Fields that this version does not know stay.
fn put(table: &mut Table, profile: &Profile) {
    let Ok(mut fields) = Table::try_from(profile) else {
        return;
    };
    fields.remove("id");
    let entry = workspaces(table)
        .entry(profile.id.as_str())
        .or_insert_with(|| Value::Table(Table::new()));
    match entry {
        Value::Table(there) => {
            // What is absent now must not stay from before.
            there.remove("provider");
            there.remove("providers");
            there.extend(fields);
        }
        entry => *entry = Value::Table(fields),
    }
}

/// Takes out what is a secret by its name or by its form, and says where it was.
fn leave_secrets_out(masker: &Masker, table: &mut Table, path: &str, left_out: &mut Vec<String>) {
    table.retain(|name, value| {
        let path = if path.is_empty() {
            name.to_string()
        } else {
            format!("{path}.{name}")
        };
        match value {
            Value::Table(table) => {
                leave_secrets_out(masker, table, &path, left_out);
                true
            }
            Value::String(text) => {
                let line = format!("{name}={text}");
                let secret = masker.text(&line) != line;
                if secret
                    && name == "url"
                    && let Ok(url) = ProjectUrl::parse(text)
                {
                    // The address is of use without the password in it.
                    *text = url.to_string();
                    left_out.push(path);
                    return true;
                }
                if secret {
                    left_out.push(masker.text(&path));
                }
                !secret
            }
            Value::Array(values) if values.iter().all(Value::is_table) => {
                for (at, value) in values.iter_mut().enumerate() {
                    if let Value::Table(table) = value {
                        leave_secrets_out(masker, table, &format!("{path}.{at}"), left_out);
                    }
                }
                true
            }
            Value::Array(values) => {
                let line = format!("{name}={values:?}");
                let secret = masker.text(&line) != line;
                if secret {
                    left_out.push(masker.text(&path));
                }
                !secret
            }
            _ => true,
        }
    });
}

#[cfg(test)]
mod tests;
