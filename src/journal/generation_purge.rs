//! What of forgotten pictures goes for good, once nobody has wanted them for long enough: their bytes, and the words that they were
//! asked for with. What they cost stays.
//!
//! First the rows, then the files: whatever the journal does not mention any more and has not been written lately is nobody's. So a
//! crash in between leaves nothing that the next purge does not find.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Transaction};

use super::{Journal, JournalError};

/// What a purge removed, or would remove.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Pictures of which only the cost is left.
    pub pictures: u64,
    /// Files.
    pub files: u64,
    /// How large they were.
    pub bytes: u64,
}

/// A file on its way out, until it is seen that nobody has written it again meanwhile.
const GOING: &str = ".going-";

/// What files that were never finished begin with.
const UNFINISHED: &str = ".tmp";

impl Journal {
    /// Removes what was forgotten before a time, in milliseconds since 1970, and files that nothing in the journal mentions and that
    /// were written before that time. What was stored in a bucket, kept, or is meant by a draft, a replacement or a request for
    /// another picture stays. `only_look` says what would go.
    ///
    /// # Errors
    /// If the database cannot be written, or the folder cannot be read.
    pub async fn purge_generations(&self, before: i64, only_look: bool) -> Result<Purged, JournalError> {
        let rows = self.writer.write(move |db| {
            let mut meant = mentioned(db)?;
            let due = due(db, before, &meant)?;
            let gone: HashSet<i64> = due.iter().map(|due| due.number).collect();
            for sha256 in held(db, &gone)? {
                meant.insert(sha256);
            }
            if !only_look {
                remove(db, &due, &meant)?;
            }
            let pictures = due.iter().filter(|due| due.sha256.is_some()).count();
            Ok((meant, pictures as u64))
        });
        let (meant, pictures) = rows.await?;
        let swept = self
            .run(move |journal| {
                let folder = journal.folder.join("pictures");
                sweep(&folder, &meant, before, only_look).map_err(|source| JournalError::File {
                    path: journal.picture_path(""),
                    source,
                })
            })
            .await?;
        Ok(Purged { pictures, ..swept })
    }
}

/// A forgotten picture whose time is over.
struct Due {
    number: i64,
    sha256: Option<String>,
}

/// The forgotten ones whose time is over and which nobody means.
fn due(db: &Connection, before: i64, meant: &HashSet<String>) -> rusqlite::Result<Vec<Due>> {
    let mut select = db.prepare_cached(
        "SELECT number, sha256, id FROM generation
         WHERE forgotten = 1 AND forgotten_at < ?1 AND verdict <> 'kept' AND bucket IS NULL
         AND state NOT IN ('queued', 'drawing')",
    )?;
    let rows = select.query_map([before], |row| {
        let (number, sha256, id) = (row.get(0)?, row.get(1)?, row.get::<_, String>(2)?);
        Ok((Due { number, sha256 }, id))
    })?;
    let mut due = Vec::new();
    for row in rows {
        let (row, id) = row?;
        let is_meant = |name: &String| meant.contains(name);
        if !is_meant(&id) && !row.sha256.as_ref().is_some_and(is_meant) {
            due.push(row);
        }
    }
    Ok(due)
}

/// Ids and hashes that are named wherever somebody may still come back to what they name.
fn mentioned(db: &Connection) -> rusqlite::Result<HashSet<String>> {
    let mut meant = HashSet::new();
    for select in [
        "SELECT request FROM generation WHERE forgotten = 0",
        "SELECT detail FROM generation WHERE forgotten = 0 AND detail IS NOT NULL",
        "SELECT body FROM manuscript",
        "SELECT publishing FROM manuscript WHERE publishing IS NOT NULL",
        "SELECT draft FROM draft",
        "SELECT detail FROM replacement",
        "SELECT detail FROM deleted_story",
    ] {
        let mut select = db.prepare_cached(select)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            names_in(row.get_ref(0)?.as_str().unwrap_or_default(), &mut meant);
        }
    }
    Ok(meant)
}

/// The ids (UUIDs) and hashes in a text.
fn names_in(text: &str, into: &mut HashSet<String>) {
    let is_part = |c: char| c.is_ascii_hexdigit() || c == '-';
    for word in text.split(|c| !is_part(c)) {
        let is_hash = word.len() == 64 && !word.contains('-');
        if is_hash || uuid::Uuid::try_parse(word).is_ok() {
            into.insert(word.to_ascii_lowercase());
        }
    }
}

/// The hashes of the pictures that stay: all but those of the rows that go, and of recipes that only these have made.
fn held(db: &Connection, gone: &HashSet<i64>) -> rusqlite::Result<HashSet<String>> {
    let mut select = db.prepare_cached("SELECT number, sha256 FROM generation WHERE sha256 IS NOT NULL")?;
    let rows = select.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    let (mut held, mut going) = (HashSet::new(), HashSet::new());
    for row in rows {
        let (number, sha256) = row?;
        let into = if gone.contains(&number) { &mut going } else { &mut held };
        into.insert(sha256);
    }
    let mut select = db.prepare_cached("SELECT sha256, bucket IS NOT NULL FROM picture")?;
    let rows = select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)))?;
    for row in rows {
        let (sha256, is_stored) = row?;
        if is_stored || !going.contains(&sha256) {
            held.insert(sha256);
        }
    }
    Ok(held)
}

/// Leaves nothing of rows but what they cost, and takes away recipes whose pictures go with them.
fn remove(db: &Transaction<'_>, due: &[Due], meant: &HashSet<String>) -> rusqlite::Result<()> {
    let mut empty = db.prepare_cached(
        "UPDATE generation SET forgotten = 2, request = '', sent = NULL, detail = NULL, place_detail = NULL, note = NULL,
             sha256 = NULL, media_type = NULL, width = NULL, height = NULL, size = NULL WHERE number = ?1",
    )?;
    let mut recipe = db.prepare_cached("DELETE FROM picture WHERE sha256 = ?1")?;
    for due in due {
        empty.execute([due.number])?;
        if let Some(sha256) = due.sha256.as_ref().filter(|sha256| !meant.contains(*sha256)) {
            recipe.execute([sha256])?;
        }
    }
    Ok(())
}

/// Removes files that nobody means and that were written before a time.
fn sweep(folder: &Path, meant: &HashSet<String>, before: i64, only_look: bool) -> std::io::Result<Purged> {
    let before = u64::try_from(before).map_or(UNIX_EPOCH, |at| UNIX_EPOCH + Duration::from_millis(at));
    let mut purged = Purged::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let (sha256, was_going) = match name.strip_prefix(GOING) {
            Some(rest) => (rest, true),
            None => (name, false),
        };
        let is_picture = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_picture && !name.starts_with(UNFINISHED) {
            continue;
        }
        if is_picture && meant.contains(sha256) {
            // One that was on its way out when the program ended.
            if was_going && !only_look {
                put_back(&entry.path(), &folder.join(sha256))?;
            }
            continue;
        }
        let Some(size) = older(&entry.path(), before)? else {
            continue;
        };
        if !only_look {
            let going = match is_picture && !was_going {
                true => take_out(folder, sha256, before)?,
                false => Some(entry.path()),
            };
            let Some(going) = going else { continue };
            unless_gone(fs::remove_file(going))?;
        }
        if is_picture {
            purged.files += 1;
            purged.bytes += size;
        }
    }
    Ok(purged)
}

/// How large a file is that was written before a time; none if it is younger, or gone.
fn older(path: &Path, before: SystemTime) -> std::io::Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok((metadata.is_file() && metadata.modified()? < before).then_some(metadata.len())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts a file aside. Somebody may have written the same bytes anew just before that, for a row that comes after them: then it is
/// put back, and none is given.
fn take_out(folder: &Path, sha256: &str, before: SystemTime) -> std::io::Result<Option<std::path::PathBuf>> {
    let (path, going) = (folder.join(sha256), folder.join(format!("{GOING}{sha256}")));
    match fs::rename(&path, &going) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    if older(&going, before)?.is_none() {
        put_back(&going, &path)?;
        return Ok(None);
    }
    Ok(Some(going))
}

/// Gives a file its name back. What has that name by now holds the same bytes.
fn put_back(going: &Path, path: &Path) -> std::io::Result<()> {
    unless_gone(fs::rename(going, path))
}

/// Somebody else may have done the same.
fn unless_gone(done: std::io::Result<()>) -> std::io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests;
