//! All files of an upload that is reviewed, and the rules for all of them.

use std::collections::HashMap;

use super::name::Template;
use super::row::{Made, Recipe, Row, State};
use super::source::Source;
use super::there::{Aim, Met};
use super::trouble::{Fix, Kind};
use crate::media::{MediaType, accepts};
use crate::supabase::BucketName;
use crate::transfer::plan::PlanItem;

/// What becomes of a file whose key is taken by something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IfTaken {
    /// Somebody is asked.
    #[default]
    Ask,
    /// What is there goes to the trash.
    Replace,
    /// The file gets a number.
    KeepBoth,
    /// The file is left out.
    Skip,
}

/// Where the files go, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The bucket.
    pub bucket: BucketName,
    /// Bytes of an object that it takes.
    pub limit: Option<u64>,
    /// Types that it takes; None or none: all.
    pub types: Option<Vec<String>>,
    /// The folder, as it was typed.
    pub folder: String,
    /// What the files are called.
    pub template: Template,
    /// What becomes of those whose key is taken.
    pub taken: IfTaken,
    /// Whether pictures are not to say where they were taken.
    pub remove_location: bool,
}

impl Terms {
    /// The folder as the beginning of a key.
    #[must_use]
    pub fn prefix(&self) -> String {
        let folder = self.folder.trim();
        if folder.is_empty() || folder.ends_with('/') {
            folder.to_owned()
        } else {
            format!("{folder}/")
        }
    }

    pub(super) fn takes(&self, media_type: &str) -> bool {
        match self.types.as_deref() {
            None | Some([]) => true,
            Some(types) => types.iter().any(|entry| accepts(entry, media_type)),
        }
    }

    /// The kinds of pictures that can be written here and the bucket takes.
    pub(super) fn pictures(&self) -> Vec<MediaType> {
        let kinds = [MediaType::Png, MediaType::Jpeg, MediaType::Webp];
        kinds.into_iter().filter(|kind| self.takes(kind.mime())).collect()
    }
}

/// How many files stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub all: usize,
    /// See [`State::Checking`].
    pub checking: usize,
    /// See [`State::Ready`].
    pub ready: usize,
    /// See [`State::Fixed`].
    pub fixed: usize,
    /// See [`State::NeedsChoice`].
    pub needs_choice: usize,
    /// See [`State::Skipped`].
    pub skipped: usize,
    /// Bytes of what is uploaded, as far as that is known.
    pub bytes: u64,
}

impl Counts {
    /// Files that are uploaded.
    #[must_use]
    pub fn uploads(&self) -> usize {
        self.ready + self.fixed + self.checking
    }
}

/// All files. What follows from what is brought up to date by [`Sheet::settle`].
#[derive(Clone, Debug)]
pub struct Sheet {
    terms: Terms,
    rows: Vec<Row>,
    counts: Counts,
    unsettled: bool,
}

impl Sheet {
    /// A sheet without files.
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        Self {
            terms,
            rows: Vec::new(),
            counts: Counts::default(),
            unsettled: false,
        }
    }

    /// The rules.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The files.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many stand how.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Changes the rules. Where another bucket is meant, everything there is asked for anew.
    pub fn set_terms(&mut self, terms: Terms) {
        if terms == self.terms {
            return;
        }
        // What has a number has it by another rule, perhaps.
        let anew = terms.bucket != self.terms.bucket || terms.taken != self.terms.taken;
        let elsewhere = terms.bucket != self.terms.bucket;
        self.terms = terms;
        for row in &mut self.rows {
            if elsewhere {
                row.forget_there();
            } else if anew {
                row.without_number();
            }
            row.derive(&self.terms);
        }
        self.unsettled = true;
    }

    /// Files that were found.
    pub fn add(&mut self, sources: Vec<Source>) {
        for source in sources {
            let mut row = Row::new(source, self.rows.len());
            row.derive(&self.terms);
            self.rows.push(row);
        }
        self.unsettled = true;
    }

    /// What is done about a trouble of a file.
    pub fn choose(&mut self, row: u32, kind: Kind, fix: Fix) {
        self.change(row, |row| row.choose(kind, fix));
    }

    /// The same for all files whose first trouble is of that kind and can be helped by it. Says how many that are.
    pub fn choose_for_alike(&mut self, kind: Kind, fix: Fix) -> usize {
        let alike = self.alike(kind, fix);
        for row in &alike {
            self.choose(*row, kind, fix);
        }
        alike.len()
    }

    /// Those for which something else was chosen, and that could be helped in the same way.
    #[must_use]
    pub fn alike(&self, kind: Kind, fix: Fix) -> Vec<u32> {
        let alike = |row: &Row| {
            row.standings().first().is_some_and(|standing| {
                standing.trouble.kind() == kind && standing.fix != Some(fix) && standing.trouble.fixes().contains(&fix)
            })
        };
        let rows = self.rows.iter().zip(0_u32..);
        rows.filter(|(row, _)| alike(row)).map(|(_, at)| at).collect()
    }

    /// Leaves a file out, or takes it in again.
    pub fn skip(&mut self, row: u32, skip: bool) {
        self.change(row, |row| row.skip(skip));
    }

    /// Gives a file another name, below the folder; None: its own.
    pub fn call(&mut self, row: u32, name: Option<String>) {
        self.change(row, |row| row.call(name));
    }

    /// A file is not what it was: this is what it is.
    pub fn look(&mut self, row: u32, source: Source) {
        self.change(row, |row| row.look(source));
    }

    /// What is to be made, with the rows that it is for.
    #[must_use]
    pub fn to_make(&self) -> Vec<(u32, Recipe)> {
        let rows = self.rows.iter().zip(0_u32..);
        rows.filter_map(|(row, at)| Some((at, row.to_make()?))).collect()
    }

    /// Something was made, or could not be.
    pub fn take_made(&mut self, row: u32, recipe: Recipe, made: Result<Made, String>) {
        self.change(row, |row| row.take_made(recipe, made));
    }

    /// What nobody has asked the bucket for.
    #[must_use]
    pub fn aims(&self) -> Vec<Aim> {
        let rows = self.rows.iter().zip(0_u32..);
        rows.filter_map(|(row, at)| {
            let (path, size, key) = row.aim()?;
            Some(Aim {
                row: at,
                path: std::sync::Arc::clone(path),
                size,
                key: key.clone(),
            })
        })
        .collect()
    }

    /// What the bucket has at the keys that were asked for.
    pub fn take_met(&mut self, met: Vec<Met>) {
        for met in met {
            if let Some(row) = self.rows.get_mut(met.aim.row as usize) {
                self.unsettled |= row.take_met(met);
            }
        }
    }

    /// Brings up to date what follows from what has changed: keys that two files want, and where each file stands. Says
    /// whether there was anything to do.
    pub fn settle(&mut self) -> bool {
        if !std::mem::take(&mut self.unsettled) {
            return false;
        }
        let mut own: HashMap<String, u32> = HashMap::with_capacity(self.rows.len());
        for (row, at) in self.rows.iter_mut().zip(0_u32..) {
            if row.is_in() {
                row.settle(&self.terms, at, &|key| own.get(key).copied());
                if let Some(key) = row.key() {
                    own.entry(key.as_str().to_owned()).or_insert(at);
                }
            }
            row.judge(&self.terms);
        }
        self.count();
        true
    }

    /// The rows of the plan, in their order.
    #[must_use]
    pub fn items(&self) -> Vec<PlanItem> {
        let bucket = self.terms.bucket.as_str();
        self.rows.iter().map(|row| row.item(bucket)).collect()
    }

    fn change(&mut self, row: u32, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.rows.get_mut(row as usize) {
            change(row);
            row.derive(&self.terms);
            self.unsettled = true;
        }
    }

    fn count(&mut self) {
        let mut counts = Counts {
            all: self.rows.len(),
            ..Counts::default()
        };
        for row in &self.rows {
            *match row.state() {
                State::Checking => &mut counts.checking,
                State::Ready => &mut counts.ready,
                State::Fixed => &mut counts.fixed,
                State::NeedsChoice => &mut counts.needs_choice,
                State::Skipped => &mut counts.skipped,
            } += 1;
            if row.will_upload() {
                counts.bytes = counts.bytes.saturating_add(row.size());
            }
        }
        self.counts = counts;
    }
}

#[cfg(test)]
mod tests;
