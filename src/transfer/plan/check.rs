//! What must hold of a plan before it is carried out. A plan is a file that somebody may have written by hand, or sent.

use std::collections::HashSet;
use std::fmt;
use std::path::{Component, Path};

use super::keys::reachable;
use super::request::ITEMS_MAX;
use super::{Action, Kind, Place, Plan, PlanItem, Seen};
use crate::supabase::BucketName;
use crate::transfer::names::LocalPath;
use crate::workspace::ProjectUrl;

/// Characters of a text that is shown.
pub(super) const TEXT_MAX: usize = 4_096;
/// Characters of what becomes a header.
const HEADER_MAX: usize = 1_024;
/// Bytes of an object at most; storage takes 50 GB, later versions may take more.
pub(super) const SIZE_MAX: u64 = 1 << 50;
/// Pixels on a side: more than any format can say.
const SIDE_MAX: u32 = 1 << 24;
/// Faults told; a plan that is wrong everywhere is not told line by line.
const TOLD: usize = 20;

/// Something that is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFault {
    /// The number of the item, from 0; None if it is the plan itself.
    pub item: Option<usize>,
    /// What, as a phrase.
    pub what: String,
}

/// What is wrong with a plan: the first faults, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFaults {
    /// The first ones.
    pub faults: Vec<PlanFault>,
    /// All of them.
    pub count: usize,
}

impl std::error::Error for PlanFaults {}

impl fmt::Display for PlanFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.item {
            // As people count.
            Some(item) => write!(f, "item {}: {}", item + 1, self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl fmt::Display for PlanFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("This plan must not be carried out: ")?;
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            fault.fmt(f)?;
        }
        match self.count - self.faults.len() {
            0 => f.write_str("."),
            more => write!(f, "; and {more} more."),
        }
    }
}

impl Plan {
    /// Checks everything that can be checked without looking at files or the project: that it is for this project, that
    /// names are names and keys are keys, that what acts says where, that no two items write to one place, and that downloads
    /// stay in their folder.
    ///
    /// # Errors
    /// With what is wrong, and where.
    pub fn check(&self, project: &ProjectUrl) -> Result<(), PlanFaults> {
        let mut found = Found::default();
        self.check_head(project, &mut found);
        let mut targets: HashSet<&Place> = HashSet::new();
        let mut bytes: u64 = 0;
        for (number, item) in self.items.iter().enumerate() {
            let mut fault = |what: String| found.add(Some(number), what);
            if let Err(what) = self.check_item(item) {
                fault(what);
            }
            if item.action.acts() {
                if let Some(to) = &item.to
                    && !targets.insert(to)
                {
                    fault(format!("another item goes to {} too", shown(&to.to_string())));
                }
                let in_place = matches!(self.kind, Kind::Delete | Kind::Edit | Kind::Empty | Kind::DeleteBucket);
                if in_place && !targets.insert(&item.from) {
                    fault("it is there twice".to_owned());
                }
            }
            bytes = bytes.saturating_add(item.size.unwrap_or(0));
        }
        if i64::try_from(bytes).is_err() {
            found.add(None, "all its items together have more bytes than can be".to_owned());
        }
        found.done()
    }

    fn check_head(&self, project: &ProjectUrl, found: &mut Found) {
        let mut fault = |what: String| found.add(None, what);
        if self.format != Self::FORMAT {
            fault(format!(
                "it is of version {}, and this program reads {}",
                self.format,
                Self::FORMAT
            ));
        }
        match ProjectUrl::parse(&self.project) {
            Ok(url) if url == *project => {}
            Ok(url) => fault(format!("it is for the project {url}, and this one is {project}")),
            Err(_) => fault("it names no project".to_owned()),
        }
        if self.items.len() > ITEMS_MAX {
            fault(format!("it has more than {ITEMS_MAX} items"));
        }
        if !is_text(&self.title) {
            fault("its title is too long or has control characters".to_owned());
        }
        if !is_header(&self.rules.cache_control) {
            fault("its cache_control cannot be sent".to_owned());
        }
        if self.kind == Kind::Delete && !self.unseen.is_empty() && self.items.iter().any(|item| item.action.acts()) {
            fault("not everything could be looked at when it was made, so nothing is deleted by it".to_owned());
        }
        if let Some(root) = &self.rules.root
            && !is_plain(root)
        {
            fault("its folder is no absolute path without . and ..".to_owned());
        }
        match (self.kind, &self.rules.edit) {
            (Kind::Edit, None) => fault("it does not say what is changed".to_owned()),
            (Kind::Edit, Some(edit)) => {
                if let Err(why) = edit.check() {
                    fault(why.trim_end_matches('.').to_owned());
                }
            }
            (_, Some(_)) => fault("it says what is changed of objects, and does something else".to_owned()),
            (_, None) => {}
        }
        if let Some(other) = &self.rules.elsewhere {
            if !matches!(self.kind, Kind::Move | Kind::Copy) {
                fault("it names another workspace, and moves or copies nothing".to_owned());
            }
            if ProjectUrl::parse(&other.project).is_err() {
                fault("it does not say which project the other workspace leads to".to_owned());
            }
        }
        if self
            .unseen
            .iter()
            .any(|unseen| unseen.place.len() > 16 * TEXT_MAX || !is_text(&unseen.why))
        {
            fault("what it says that could not be looked at is too long or has control characters".to_owned());
        }
    }

    fn check_item(&self, item: &PlanItem) -> Result<(), String> {
        let acts = item.action.acts();
        self.check_kind(item)?;
        check_place(&item.from, acts)?;
        if let Some(to) = &item.to {
            check_place(to, acts)?;
        }
        if acts && item.to.as_ref() == Some(&item.from) {
            return Err("it would go to where it is".to_owned());
        }
        match (self.kind, &item.from, &item.to) {
            (Kind::Download, _, Some(Place::File { file })) if acts => self.check_file(file)?,
            // Relative to where it is run, it might be another file.
            (Kind::Upload, Place::File { file }, _) if acts && !file.is_absolute() => {
                return Err(format!("{} is no absolute path", shown(&file.to_string_lossy())));
            }
            _ => {}
        }
        self.check_elsewhere(item)?;
        let replaces = item.replaces.is_some();
        match item.action {
            Action::Replace if !replaces => Err("it replaces something and does not say what".to_owned()),
            Action::New | Action::Rename if replaces => {
                Err("something is where it is to go, and it does not replace it".to_owned())
            }
            _ => Ok(()),
        }?;
        check_seen(&item.seen)?;
        item.replaces.as_ref().map_or(Ok(()), check_seen)?;
        if item.size.is_some_and(|size| size > SIZE_MAX) {
            return Err("it has more bytes than can be".to_owned());
        }
        if self.kind == Kind::Upload && acts && item.size != item.seen.size {
            return Err("its size is not the size that was seen".to_owned());
        }
        if item
            .dimensions
            .is_some_and(|(width, height)| width > SIDE_MAX || height > SIDE_MAX)
        {
            return Err("it has more pixels than can be".to_owned());
        }
        let media_type = item.media_type.as_deref();
        if media_type.is_some_and(|media_type| !is_header(media_type) || (acts && media_type.is_empty())) {
            return Err("its media_type cannot be sent".to_owned());
        }
        if self.kind == Kind::Upload && acts && media_type.is_none() {
            return Err("it says no media_type".to_owned());
        }
        if !is_text(&item.why)
            || item
                .renamed_from
                .as_ref()
                .is_some_and(|name| name.len() > 16 * TEXT_MAX)
        {
            return Err("a text in it is too long or has control characters".to_owned());
        }
        Ok(())
    }

    /// Whether its places are what this kind of plan has.
    fn check_kind(&self, item: &PlanItem) -> Result<(), String> {
        let whole = matches!(self.kind, Kind::Empty | Kind::DeleteBucket);
        let bucket = |place: &Place| matches!(place, Place::Bucket { .. });
        if bucket(&item.from) != whole || item.to.as_ref().is_some_and(bucket) {
            return Err(if whole {
                "it is about a bucket and names something else".to_owned()
            } else {
                "it names a bucket where an object or a file is to be".to_owned()
            });
        }
        let file = |place: &Place| matches!(place, Place::File { .. });
        let (from_file, to_file) = match self.kind {
            Kind::Upload => (true, Some(false)),
            Kind::Download => (false, Some(true)),
            Kind::Move | Kind::Copy | Kind::Restore => (false, Some(false)),
            Kind::Delete | Kind::Edit | Kind::Empty | Kind::DeleteBucket => (false, None),
        };
        if file(&item.from) != from_file {
            return Err(if from_file {
                "it is to come from a file and names an object".to_owned()
            } else {
                "it is about an object and names a file".to_owned()
            });
        }
        match (&item.to, to_file) {
            (Some(_), None) => Err("it is to be deleted or changed where it is, and yet to go somewhere".to_owned()),
            (None, Some(_)) if item.action.acts() => Err("it does not say where it goes".to_owned()),
            (Some(to), Some(to_file)) if file(to) != to_file => Err(if to_file {
                "it is to become a file and names an object".to_owned()
            } else {
                "it is to become an object and names a file".to_owned()
            }),
            _ => Ok(()),
        }
    }

    /// Whether it goes to the workspace that the plan says, and replaces nothing there.
    fn check_elsewhere(&self, item: &PlanItem) -> Result<(), String> {
        if matches!(item.from, Place::Elsewhere { .. }) {
            return Err("it is of another workspace: what is there is moved and copied from there".to_owned());
        }
        let named = self.rules.elsewhere.as_ref().map(|other| &other.workspace);
        match &item.to {
            Some(Place::Elsewhere { workspace, .. }) if Some(workspace) != named => {
                Err("it goes to another workspace than the plan".to_owned())
            }
            Some(Place::Elsewhere { .. }) if item.action == Action::Replace => {
                Err("it would replace an object of another workspace".to_owned())
            }
            Some(Place::Object { .. }) if named.is_some() => {
                Err("it stays in this workspace, and the plan goes to another one".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// A file that a download writes: inside the plan's folder, called as files may be called everywhere.
    fn check_file(&self, file: &Path) -> Result<(), String> {
        let Some(root) = &self.rules.root else {
            return Err("the plan names no folder that its files stay in".to_owned());
        };
        let inside = file.strip_prefix(root).ok().and_then(|below| {
            let names: Option<Vec<&str>> = below.components().map(|part| part.as_os_str().to_str()).collect();
            LocalPath::parse(&names?.join("/")).ok()
        });
        // Paths that mean the same and are written otherwise are nobody's honest work.
        match inside {
            Some(path) if root.join(path.to_path()).as_os_str() == file.as_os_str() => Ok(()),
            _ => Err(format!(
                "{} is not the name of a file in the plan's folder",
                shown(&file.to_string_lossy())
            )),
        }
    }
}

fn check_place(place: &Place, acts: bool) -> Result<(), String> {
    match place {
        Place::File { file } => {
            let text = file.as_os_str().as_encoded_bytes();
            if text.is_empty() || text.contains(&0) || text.len() > 8 * TEXT_MAX {
                return Err("the path of a file is empty, too long, or has a character that no path has".to_owned());
            }
            Ok(())
        }
        Place::Bucket { bucket } => check_bucket(bucket),
        Place::Object { bucket, key } | Place::Elsewhere { bucket, key, .. } => {
            check_bucket(bucket)?;
            // What is refused anyway may be refused for its key.
            if acts && let Err(why) = reachable(key) {
                return Err(format!("{} is no key: {}", shown(key), why.trim_end_matches('.')));
            }
            if key.len() > 16 * TEXT_MAX {
                return Err("a key in it is too long".to_owned());
            }
            Ok(())
        }
    }
}

fn check_bucket(bucket: &str) -> Result<(), String> {
    if BucketName::parse(bucket).is_ok_and(|name| name.as_str() == bucket) {
        return Ok(());
    }
    Err(format!("{} is no name of a bucket", shown(bucket)))
}

fn check_seen(seen: &Seen) -> Result<(), String> {
    if seen.size.is_some_and(|size| size > SIZE_MAX) {
        return Err("something in it has more bytes than can be".to_owned());
    }
    if seen.etag.as_ref().is_some_and(|etag| !is_header(etag)) {
        return Err("an etag in it is none".to_owned());
    }
    Ok(())
}

/// Whether a text can be a header's value.
pub(super) fn is_header(text: &str) -> bool {
    text.len() <= HEADER_MAX && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn is_text(text: &str) -> bool {
    text.len() <= TEXT_MAX && !text.chars().any(char::is_control)
}

fn is_plain(path: &Path) -> bool {
    let plain = |part: Component<'_>| !matches!(part, Component::CurDir | Component::ParentDir);
    path.is_absolute() && path.components().all(plain) && !path.as_os_str().as_encoded_bytes().contains(&0)
}

/// A hostile text, short and without characters that do something.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("“{}{more}”", short.escape_debug())
}

#[derive(Default)]
struct Found {
    faults: Vec<PlanFault>,
    count: usize,
}

impl Found {
    fn add(&mut self, item: Option<usize>, what: String) {
        self.count += 1;
        if self.faults.len() < TOLD {
            self.faults.push(PlanFault { item, what });
        }
    }

    fn done(self) -> Result<(), PlanFaults> {
        if self.count == 0 {
            return Ok(());
        }
        Err(PlanFaults {
            faults: self.faults,
            count: self.count,
        })
    }
}

#[cfg(test)]
mod tests;
