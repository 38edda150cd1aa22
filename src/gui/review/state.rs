//! A review that is open: the sheet of files, and what is on its way. No egui.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::options::Options;
use crate::media::Pixels;
use crate::service::{Begun, Feed, Load, Pending, Prepared, Problem, Service};
use crate::supabase::Bucket;
use crate::transfer::plan::fix::{Fix, Made, Met, Recipe, Sheet, Source, State, TroubleKind};
use crate::transfer::{JobId, Unseen};

/// Files made at the same time: each takes a core and the memory of a picture.
const MAKING: usize = 2;
/// After the last letter of a folder or template, keys are asked for so much later.
const TYPING: Duration = Duration::from_millis(350);

/// Which files are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tab {
    #[default]
    All,
    Ready,
    Fixed,
    NeedsChoice,
    Skipped,
}

impl Tab {
    fn shows(self, state: State) -> bool {
        match self {
            Self::All => true,
            Self::Ready => state == State::Ready,
            Self::Fixed => state == State::Fixed,
            Self::NeedsChoice => state == State::NeedsChoice,
            Self::Skipped => state == State::Skipped,
        }
    }
}

/// What came of a pass.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing that concerns anybody else.
    Open,
    /// The upload has begun: the review is over.
    Begun(JobId),
    /// Nothing has to be decided and nothing is left to do, and nobody wanted to look: a sentence says so.
    Needless(String),
}

/// A name that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Renaming {
    pub(super) row: u32,
    pub(super) text: String,
}

/// A review.
pub struct Review {
    /// What is the same for all files.
    pub options: Options,
    pub(super) sheet: Sheet,
    pub(super) buckets: Load<Vec<Bucket>>,
    looking: Vec<Feed<Source, Vec<Unseen>>>,
    meeting: Option<Feed<Met, ()>>,
    making: Vec<(u32, Recipe, Pending<Made>)>,
    pasting: Vec<Pending<PathBuf>>,
    prepared: Option<Prepared>,
    starting: Option<Pending<Begun>>,
    /// What went wrong with all of it.
    pub(super) problem: Option<Problem>,
    /// Files that were changed since, told once.
    pub(super) changed: usize,
    pub(super) tab: Tab,
    pub(super) shown: Vec<u32>,
    pub(super) selected: Option<u32>,
    pub(super) renaming: Option<Renaming>,
    /// What was done last, for all that are alike.
    pub(super) last: Option<(TroubleKind, Fix)>,
    /// Whether it begins by itself if nothing has to be decided.
    silent: bool,
    typed_at: Option<Instant>,
    /// Whether there may be keys that nobody has asked for.
    may_aim: bool,
}

impl Review {
    /// A review of files and folders.
    #[must_use]
    pub fn open(service: &Service, paths: Vec<PathBuf>, options: Options) -> Self {
        let mut review = Self {
            silent: !options.habits.always_ask,
            sheet: Sheet::new(options.terms(None)),
            options,
            buckets: Load::default(),
            looking: Vec::new(),
            meeting: None,
            making: Vec::new(),
            pasting: Vec::new(),
            prepared: None,
            starting: None,
            problem: None,
            changed: 0,
            tab: Tab::default(),
            shown: Vec::new(),
            selected: None,
            renaming: None,
            last: None,
            typed_at: None,
            may_aim: true,
        };
        review.load_buckets(service);
        review.add(service, paths);
        review
    }

    /// More files and folders.
    pub fn add(&mut self, service: &Service, paths: Vec<PathBuf>) {
        if !paths.is_empty() {
            self.looking.push(service.look_at_files(paths));
        }
    }

    /// A picture of the clipboard.
    pub fn paste(&mut self, service: &Service, pixels: Pixels) {
        match self.prepared(service) {
            Ok(prepared) => self.pasting.push(service.keep_pasted(&prepared, pixels)),
            Err(problem) => self.problem = Some(problem),
        }
    }

    /// Whether there is something to be seen: what needs no look is not shown where that is not wanted.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        !self.silent
    }

    /// The bucket that files go to.
    pub(super) fn bucket(&self) -> Option<&Bucket> {
        let buckets = self.buckets.value()?;
        buckets
            .iter()
            .find(|bucket| bucket.name == self.options.bucket.as_str())
    }

    pub(super) fn load_buckets(&mut self, service: &Service) {
        self.buckets
            .start(service.load(|service| async move { service.buckets().await }));
    }

    /// Takes in what has arrived, and asks for what is missing. Never waits.
    pub fn poll(&mut self, service: &Service) -> Outcome {
        if self.buckets.poll() {
            if let Some(problem) = self.buckets.problem() {
                self.problem = Some(problem.clone());
            }
            self.judge_again();
        }
        self.take_files(service);
        self.take_met();
        self.take_made();
        if let Some(job) = self.take_begun() {
            return Outcome::Begun(job);
        }
        if self.sheet.settle() {
            self.may_aim = true;
            self.filter();
        }
        self.make(service);
        self.meet(service);
        self.be_silent(service)
    }

    fn take_files(&mut self, service: &Service) {
        let mut found = Vec::new();
        let mut problem = None;
        self.looking.retain(|feed| {
            let arrived = feed.take();
            found.extend(arrived.found);
            match arrived.end {
                None => true,
                Some(Ok(unseen)) => {
                    found.extend(unseen.into_iter().map(not_seen));
                    false
                }
                Some(Err(failed)) => {
                    problem = Some(failed);
                    false
                }
            }
        });
        if !found.is_empty() {
            self.sheet.add(found);
        }
        let mut kept = Vec::new();
        for pasting in std::mem::take(&mut self.pasting) {
            match pasting.take() {
                Err(pasting) => self.pasting.push(pasting),
                Ok(Ok(path)) => kept.push(path),
                Ok(Err(failed)) => problem = Some(failed),
            }
        }
        self.add(service, kept);
        if problem.is_some() {
            self.problem = problem;
        }
    }

    fn take_met(&mut self) {
        let Some(feed) = &self.meeting else { return };
        let arrived = feed.take();
        self.sheet.take_met(arrived.found);
        match arrived.end {
            None => {}
            Some(Ok(())) => {
                self.meeting = None;
                self.may_aim = true;
            }
            Some(Err(problem)) => {
                self.meeting = None;
                self.may_aim = false;
                self.problem = Some(problem);
            }
        }
    }

    fn take_made(&mut self) {
        for (row, recipe, made) in std::mem::take(&mut self.making) {
            match made.take() {
                Err(made) => self.making.push((row, recipe, made)),
                Ok(Ok(made)) => self.sheet.take_made(row, recipe, Ok(made)),
                Ok(Err(problem)) => self.sheet.take_made(row, recipe, Err(problem.what)),
            }
        }
    }

    fn take_begun(&mut self) -> Option<JobId> {
        match self.starting.take()?.take() {
            Err(starting) => self.starting = Some(starting),
            Ok(Ok(Begun::Job(job))) => return Some(job),
            Ok(Ok(Begun::Changed(files))) => {
                self.changed = files.len();
                for (row, source) in files {
                    self.sheet.look(row, source);
                }
            }
            Ok(Err(problem)) => self.problem = Some(problem),
        }
        None
    }

    fn prepared(&mut self, service: &Service) -> Result<Prepared, Problem> {
        if let Some(prepared) = &self.prepared {
            return Ok(prepared.clone());
        }
        let prepared = service.prepare()?;
        Ok(self.prepared.insert(prepared).clone())
    }

    fn make(&mut self, service: &Service) {
        if self.making.len() >= MAKING || !self.may_aim {
            return;
        }
        for (row, recipe) in self.sheet.to_make() {
            if self.making.len() >= MAKING {
                break;
            }
            if self.making.iter().any(|(at, ..)| *at == row) {
                continue;
            }
            let Some(source) = self.sheet.rows().get(row as usize).map(|row| row.source().clone()) else {
                continue;
            };
            match self.prepared(service) {
                Ok(prepared) => self
                    .making
                    .push((row, recipe, service.make_file(&prepared, source, recipe))),
                Err(problem) => self.sheet.take_made(row, recipe, Err(problem.what)),
            }
        }
    }

    fn meet(&mut self, service: &Service) {
        let typing = self.typed_at.is_some_and(|at| at.elapsed() < TYPING);
        if self.meeting.is_some() || !self.may_aim || typing || self.is_looking() {
            return;
        }
        self.typed_at = None;
        let aims = self.sheet.aims();
        if aims.is_empty() {
            self.may_aim = !self.making.is_empty();
            return;
        }
        self.meeting = Some(service.look_in_bucket(self.options.bucket.clone(), aims));
    }

    /// When keys are asked for that are being typed.
    pub(super) fn asks_in(&self) -> Option<Duration> {
        Some(TYPING.saturating_sub(self.typed_at?.elapsed()))
    }

    fn be_silent(&mut self, service: &Service) -> Outcome {
        if !self.silent || self.is_looking() || self.buckets.is_loading() || self.starting.is_some() {
            return Outcome::Open;
        }
        let counts = self.sheet.counts();
        let nothing_else = counts.ready == counts.all && counts.all > 0 && self.problem.is_none();
        if nothing_else {
            self.start(service);
        } else if counts.checking == 0 || counts.needs_choice > 0 || counts.fixed > 0 || self.problem.is_some() {
            let rows = self.sheet.rows();
            let all_there = !rows.is_empty() && self.problem.is_none();
            let same = |row: &crate::transfer::plan::fix::Row| {
                let first = row.standings().first();
                first.is_some_and(|one| one.trouble.kind() == TroubleKind::Identical && one.fix == Some(Fix::Skip))
            };
            if all_there && rows.iter().all(same) {
                return Outcome::Needless(match rows.len() {
                    1 => "It is there already, with the same bytes".to_owned(),
                    many => format!("All {many} are there already, with the same bytes"),
                });
            }
            self.silent = false;
        }
        Outcome::Open
    }

    /// Whether files are still looked for.
    pub(super) fn is_looking(&self) -> bool {
        !self.looking.is_empty() || !self.pasting.is_empty()
    }

    pub(super) fn is_starting(&self) -> bool {
        self.starting.is_some()
    }

    pub(super) fn is_made(&self, row: u32) -> bool {
        self.making.iter().any(|(at, ..)| *at == row)
    }

    /// Conversions that are under way or to come.
    pub(super) fn conversions(&self) -> usize {
        self.sheet
            .rows()
            .iter()
            .filter(|row| row.to_make().is_some() || row.made().is_some())
            .count()
    }

    /// What of the options has changed is taken over; `typed` if letters were typed, which go on.
    pub(super) fn options_changed(&mut self, typed: bool) {
        self.typed_at = typed.then(Instant::now);
        self.problem = None;
        self.judge_again();
        // What is asked for is not wanted any more, or it is asked for again.
        self.meeting = None;
    }

    fn judge_again(&mut self) {
        self.sheet.set_terms(self.options.terms(self.bucket()));
        self.may_aim = true;
        self.settle();
    }

    /// Tries again what could not be asked for.
    pub(super) fn retry(&mut self, service: &Service) {
        self.problem = None;
        self.may_aim = true;
        if self.buckets.value().is_none() {
            self.load_buckets(service);
        }
    }

    pub(super) fn choose(&mut self, row: u32, kind: TroubleKind, fix: Fix) {
        self.sheet.choose(row, kind, fix);
        self.last = Some((kind, fix));
        self.settle();
    }

    pub(super) fn choose_for_alike(&mut self) -> usize {
        let Some((kind, fix)) = self.last else { return 0 };
        let many = self.sheet.choose_for_alike(kind, fix);
        self.settle();
        many
    }

    /// How many more could be helped like the last one.
    pub(super) fn alike(&self) -> usize {
        self.last.map_or(0, |(kind, fix)| self.sheet.alike(kind, fix).len())
    }

    pub(super) fn toggle(&mut self, row: u32) {
        let Some(skip) = self.sheet.rows().get(row as usize).map(|row| row.choice().skip) else {
            return;
        };
        self.sheet.skip(row, !skip);
        self.settle();
    }

    pub(super) fn rename(&mut self, row: u32, name: &str) {
        let name = name.trim();
        self.sheet.call(row, (!name.is_empty()).then(|| name.to_owned()));
        self.settle();
    }

    pub(super) fn open_tab(&mut self, tab: Tab) {
        self.tab = tab;
        self.filter();
    }

    fn settle(&mut self) {
        self.changed = 0;
        if self.sheet.settle() {
            self.may_aim = true;
            self.filter();
        }
    }

    fn filter(&mut self) {
        let rows = self.sheet.rows().iter().zip(0_u32..);
        let shown = rows.filter(|(row, _)| self.tab.shows(row.state()));
        self.shown = shown.map(|(_, at)| at).collect();
    }

    /// Why it cannot begin; nothing if it can.
    pub(super) fn why_not(&self) -> Option<String> {
        let counts = self.sheet.counts();
        if self.starting.is_some() {
            return Some("It is about to begin".to_owned());
        }
        if self.is_looking() {
            return Some("The files are still looked at".to_owned());
        }
        if let Some(problem) = self
            .options
            .folder_problem()
            .or_else(|| self.options.template_problem())
        {
            return Some(problem);
        }
        if counts.needs_choice > 0 {
            return Some(match counts.needs_choice {
                1 => {
                    let row = self.sheet.rows().iter().find(|row| row.state() == State::NeedsChoice);
                    let name = row.map(|row| row.source().name().to_owned()).unwrap_or_default();
                    format!("{name} needs a choice before you can start")
                }
                many => format!(
                    "{} files need a choice before you can start",
                    crate::gui::words::grouped(many)
                ),
            });
        }
        if counts.uploads() == 0 {
            return Some("Nothing is left to upload".to_owned());
        }
        if counts.checking > 0 || self.typed_at.is_some() {
            return Some(match counts.checking {
                1 => "1 file is still checked".to_owned(),
                many => format!("{} files are still checked", crate::gui::words::grouped(many)),
            });
        }
        None
    }

    /// Begins what was reviewed, if it can.
    pub(super) fn start(&mut self, service: &Service) {
        if self.why_not().is_some() {
            return;
        }
        self.problem = None;
        self.changed = 0;
        let rules = self.options.rules();
        self.starting = Some(service.begin_reviewed(self.sheet.clone(), rules, self.prepared.clone()));
    }
}

/// A place that could not be looked at is a row too: nothing is left out in silence.
/// A file that could not be looked at, with the reason.
pub(in crate::gui) fn not_seen(unseen: Unseen) -> Source {
    let name = PathBuf::from(&unseen.place);
    let relative = name.file_name().map(|name| name.to_string_lossy().into_owned());
    Source {
        relative: relative.unwrap_or(unseen.place),
        path: name,
        size: 0,
        modified: None,
        kind: None,
        media_type: String::new(),
        dimensions: None,
        has_location: false,
        refused: Some(unseen.why),
    }
}
