//! One file of an upload that is reviewed: what is wrong, what is done about it, where it goes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::name::{Places, escaped, impossible, readable, risk, with_extension, wrong_extension};
use super::sheet::{IfTaken, Terms};
use super::source::Source;
use super::there::Met;
use super::trouble::{Fix, Kind, Trouble};
use crate::media::{Limits, MediaType};
use crate::supabase::ObjectKey;
use crate::transfer::names::numbered;
use crate::transfer::plan::{Action, Place, PlanItem, Seen};

/// Numbers tried for a free key before somebody is asked.
const NUMBERS: usize = 64;

/// What was chosen for a file. By default a rule decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// It is left out.
    pub skip: bool,
    /// Its path below the folder, as it was typed.
    pub name: Option<String>,
    fixes: BTreeMap<Kind, Fix>,
}

/// How the bytes that are sent are made from those of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Recipe {
    /// What it is made into; None: it stays what it is.
    pub into: Option<MediaType>,
    /// Bytes that it may have then.
    pub most: Option<u64>,
    /// Whether it is not to say where it was taken.
    pub without_location: bool,
}

/// A file that was made for an upload.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// Where.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// When it was written.
    pub modified: Option<Timestamp>,
    /// What it is.
    pub kind: MediaType,
    /// Pixels across and down.
    pub dimensions: Option<(u32, u32)>,
}

/// What is at the key that a file goes to.
#[derive(Clone, Debug, PartialEq)]
enum There {
    /// Nobody has looked.
    Unknown,
    /// Nothing.
    Free,
    /// Something.
    Taken { seen: Seen, same: Option<bool> },
}

/// What becomes of a file, as things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Something is looked at or made, without which it cannot be said.
    Checking,
    /// It is uploaded as it is.
    Ready,
    /// It is uploaded, and something was done about it.
    Fixed,
    /// Somebody has to choose.
    NeedsChoice,
    /// It is not uploaded.
    Skipped,
}

/// A trouble, and what is done about it; None: somebody has to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What is wrong.
    pub trouble: Trouble,
    /// What is done.
    pub fix: Option<Fix>,
}

/// A file.
#[derive(Clone, Debug)]
pub struct Row {
    source: Source,
    choice: Choice,
    index: usize,
    uuid: Uuid,
    /// What its own name would have given.
    own: String,
    /// The key that it has without a number.
    base: Option<ObjectKey>,
    number: usize,
    key: Option<ObjectKey>,
    recipe: Option<Recipe>,
    made: Option<(Recipe, Result<Made, String>)>,
    bytes: Arc<PathBuf>,
    there: There,
    same_as: Option<u32>,
    /// Why it has a number.
    numbered_for: Option<Trouble>,
    /// What is known without looking at the bucket or at other files.
    of_itself: Vec<Standing>,
    standings: Vec<Standing>,
    state: State,
    note: Option<String>,
}

impl Row {
    pub(super) fn new(source: Source, index: usize) -> Self {
        Self {
            bytes: Arc::new(source.path.clone()),
            source,
            choice: Choice::default(),
            index,
            uuid: Uuid::new_v4(),
            own: String::new(),
            base: None,
            number: 1,
            key: None,
            recipe: None,
            made: None,
            there: There::Unknown,
            same_as: None,
            numbered_for: None,
            of_itself: Vec::new(),
            standings: Vec::new(),
            state: State::Checking,
            note: None,
        }
    }

    /// The file.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What was chosen.
    #[must_use]
    pub fn choice(&self) -> &Choice {
        &self.choice
    }

    /// What its own name would have given.
    #[must_use]
    pub fn own_key(&self) -> &str {
        &self.own
    }

    /// Where it goes.
    #[must_use]
    pub fn key(&self) -> Option<&ObjectKey> {
        self.key.as_ref()
    }

    /// What becomes of it.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// All that is wrong, what is to be decided first.
    #[must_use]
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// What else there is to know, as a sentence.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// What was made of it, if something is sent that was.
    #[must_use]
    pub fn made(&self) -> Option<&Made> {
        let (recipe, made) = self.made.as_ref()?;
        made.as_ref().ok().filter(|_| self.recipe == Some(*recipe))
    }

    /// How it is made, while it is not.
    #[must_use]
    pub fn to_make(&self) -> Option<Recipe> {
        let known = self.made.as_ref().map(|(recipe, _)| *recipe);
        self.recipe.filter(|recipe| known != Some(*recipe))
    }

    /// Bytes that are sent, as far as that is known.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.made().map_or(self.source.size, |made| made.size)
    }

    /// Pixels of what is sent.
    #[must_use]
    pub fn dimensions(&self) -> Option<(u32, u32)> {
        self.made().map_or(self.source.dimensions, |made| made.dimensions)
    }

    /// Whether it is uploaded, once everything is known.
    #[must_use]
    pub fn will_upload(&self) -> bool {
        matches!(self.state, State::Ready | State::Fixed | State::Checking)
    }

    /// The file whose bytes are looked for in the bucket, and the key, if nobody has looked yet.
    pub(super) fn aim(&self) -> Option<(&Arc<PathBuf>, u64, &ObjectKey)> {
        let unknown =
            self.there == There::Unknown && self.is_in() && self.to_make().is_none() && self.same_as.is_none();
        let key = self.key.as_ref().filter(|_| unknown)?;
        Some((&self.bytes, self.size(), key))
    }

    /// Whether it takes part: what is left out takes no key from anybody.
    pub(super) fn is_in(&self) -> bool {
        let left_out = |standing: &Standing| standing.fix == Some(Fix::Skip);
        !self.choice.skip && !self.of_itself.iter().any(left_out)
    }

    pub(super) fn choose(&mut self, kind: Kind, fix: Fix) {
        self.choice.skip = false;
        if kind == Kind::LeftOut {
            self.choice.skip = fix == Fix::Skip;
            return;
        }
        self.choice.fixes.insert(kind, fix);
        if matches!(kind, Kind::Taken | Kind::SameKey | Kind::Identical) {
            // What was there is the same whichever of the three it was called.
            for alike in [Kind::Taken, Kind::SameKey, Kind::Identical] {
                self.choice.fixes.remove(&alike);
            }
            self.choice.fixes.insert(kind, fix);
            self.without_number();
        }
    }

    pub(super) fn skip(&mut self, skip: bool) {
        self.choice.skip = skip;
    }

    pub(super) fn call(&mut self, name: Option<String>) {
        self.choice.name = name;
        self.without_number();
    }

    pub(super) fn look(&mut self, source: Source) {
        self.bytes = Arc::new(source.path.clone());
        self.source = source;
        self.made = None;
        self.there = There::Unknown;
    }

    pub(super) fn take_made(&mut self, recipe: Recipe, made: Result<Made, String>) {
        if self.recipe == Some(recipe) {
            self.made = Some((recipe, made));
            self.there = There::Unknown;
        }
    }

    /// Takes in what is at its key; says whether that was the question.
    pub(super) fn take_met(&mut self, met: Met) -> bool {
        let asked = self.key.as_ref() == Some(&met.aim.key) && Arc::ptr_eq(&self.bytes, &met.aim.path);
        if !asked || self.there != There::Unknown {
            return false;
        }
        self.there = match met.seen {
            None => There::Free,
            Some(seen) => There::Taken { seen, same: met.same },
        };
        if met.twin.is_some() {
            self.note = met.twin;
        }
        true
    }

    pub(super) fn forget_there(&mut self) {
        self.without_number();
        self.there = There::Unknown;
    }

    pub(super) fn without_number(&mut self) {
        self.number = 1;
        self.numbered_for = None;
        self.take_key(self.base.clone());
    }

    fn take_key(&mut self, key: Option<ObjectKey>) {
        if self.key != key {
            self.key = key;
            self.there = There::Unknown;
        }
    }

    /// Whether its key was made here, so that a number more changes nothing for anybody.
    fn has_own_name(&self) -> bool {
        self.base.as_ref().is_some_and(|base| base.as_str() == self.own)
    }

    /// What follows from the file, the rules and what was chosen.
    pub(super) fn derive(&mut self, terms: &Terms) {
        self.of_itself.clear();
        self.note = None;
        if let Some(why) = self.source.refused.clone() {
            self.own = format!("{}{}", terms.prefix(), self.source.relative);
            self.stand(Trouble::Refused { why });
            self.recipe = None;
            self.base = None;
            self.without_number();
            return;
        }
        if self.source.size == 0 {
            let is_picture = self.source.media_type.starts_with("image/");
            self.stand(Trouble::Empty { is_picture });
        }
        let into = self.content(terms);
        let strip = into.is_none() && self.location(terms);
        let recipe = (into.is_some() || strip).then_some(Recipe {
            into,
            most: into.and(terms.limit),
            without_location: strip,
        });
        if let Some((known, Err(why))) = &self.made
            && Some(*known) == recipe
        {
            let why = why.clone();
            self.stand(Trouble::NotMade { why });
        }
        self.name(terms, into);
        self.recipe = recipe.filter(|_| self.is_in());
        let bytes = self.made().map_or(&self.source.path, |made| &made.path);
        if **bytes != **self.bytes {
            self.bytes = Arc::new(bytes.clone());
            self.there = There::Unknown;
        }
    }

    /// Whether the bucket takes it; what it is made into, if it is.
    fn content(&mut self, terms: &Terms) -> Option<MediaType> {
        let source = &self.source;
        let kind = source.kind.filter(|kind| kind.is_picture_we_show());
        let can_be_made = kind.is_some() && source.size <= Limits::default().max_bytes;
        let into = if can_be_made { terms.pictures() } else { Vec::new() };
        let fix = if !terms.takes(&source.media_type) {
            let what = match source.kind {
                Some(kind) => kind.name().to_owned(),
                None => source.media_type.clone(),
            };
            self.stand(Trouble::NotAllowed { what, into })
        } else if let Some(most) = terms.limit.filter(|most| source.size > *most) {
            // As what it is, where that can be written.
            let mut into = into;
            if let Some(same) = into.iter().position(|one| Some(*one) == kind) {
                into.swap(0, same);
            }
            self.stand(Trouble::TooLarge { most, into })
        } else {
            return None;
        };
        match fix {
            Some(Fix::Convert(kind) | Fix::Resize(kind)) => Some(kind),
            _ => None,
        }
    }

    /// Whether it says where it was taken, and is not to.
    fn location(&mut self, terms: &Terms) -> bool {
        if !self.source.has_location || !terms.remove_location {
            return false;
        }
        let can_be_removed = self.source.size <= Limits::default().max_bytes;
        self.stand(Trouble::Location { can_be_removed }) == Some(Fix::RemoveLocation)
    }

    fn name(&mut self, terms: &Terms, into: Option<MediaType>) {
        let prefix = terms.prefix();
        let places = Places {
            relative: &self.source.relative,
            index: self.index,
            uuid: self.uuid,
        };
        let mut name = match &self.choice.name {
            Some(name) => name.clone(),
            None => terms.template.fill(places),
        };
        self.own = format!("{prefix}{}", self.source.relative);
        match into {
            Some(kind) if Some(kind) != self.source.kind => name = with_extension(&name, kind),
            _ => {
                if let Some(says) = wrong_extension(&name, self.source.kind).map(ToOwned::to_owned)
                    && let Some(is) = self.source.kind
                    && self.stand(Trouble::WrongExtension { says, is }) == Some(Fix::RenameExtension)
                {
                    name = with_extension(&name, is);
                }
            }
        }
        let whole = format!("{prefix}{name}");
        let base = match impossible(&whole) {
            None => ObjectKey::parse(&whole).ok(),
            Some(why) => {
                let (read, exact) = (readable(&prefix, &name), escaped(&prefix, &name));
                let can_be_suggested = read.is_some();
                match self.stand(Trouble::BadName { why, can_be_suggested }) {
                    Some(Fix::UseSuggestion) => read,
                    Some(Fix::Escape) => exact,
                    _ => None,
                }
            }
        };
        self.note = base.as_ref().and_then(|key| risk(key.as_str()));
        if base != self.base {
            self.base = base;
            self.without_number();
        }
    }

    fn stand(&mut self, trouble: Trouble) -> Option<Fix> {
        let chosen = self.choice.fixes.get(&trouble.kind()).copied();
        let fix = chosen.filter(|fix| trouble.fixes().contains(fix));
        let fix = fix.or_else(|| trouble.usual());
        self.of_itself.push(Standing { trouble, fix });
        fix
    }

    /// Goes out of the way of the other files: `taken` says which has a key.
    pub(super) fn settle(&mut self, terms: &Terms, me: u32, taken: &dyn Fn(&str) -> Option<u32>) {
        let other = |key: &ObjectKey| taken(key.as_str()).filter(|other| *other != me);
        self.same_as = self.key.as_ref().and_then(other);
        for _ in 0..NUMBERS {
            let Some(trouble) = self.in_the_way() else { break };
            if self.fix_of(&trouble, terms) != Some(Fix::KeepBoth) || self.number >= NUMBERS {
                break;
            }
            self.number += 1;
            self.numbered_for.get_or_insert(trouble);
            let number = self.number;
            let next = self
                .base
                .as_ref()
                .and_then(|base| ObjectKey::parse(&numbered(base.as_str(), number)).ok());
            self.take_key(next);
            self.same_as = self.key.as_ref().and_then(other);
        }
    }

    /// What has the key that it wants.
    fn in_the_way(&self) -> Option<Trouble> {
        if let Some(other) = self.same_as {
            return Some(Trouble::SameKey { other });
        }
        match &self.there {
            There::Taken { same: Some(true), .. } => Some(Trouble::Identical),
            There::Taken { same, .. } => Some(Trouble::Taken {
                was_compared: same.is_some(),
            }),
            There::Unknown | There::Free => None,
        }
    }

    fn fix_of(&self, trouble: &Trouble, terms: &Terms) -> Option<Fix> {
        let alike = [Kind::Taken, Kind::SameKey, Kind::Identical];
        let chosen = alike.iter().find_map(|kind| self.choice.fixes.get(kind)).copied();
        let chosen = chosen.filter(|fix| trouble.fixes().contains(fix));
        let by_rule = || match (trouble, terms.taken) {
            (Trouble::Identical, _) => Some(Fix::Skip),
            // It was numbered, and that number is taken as well.
            _ if self.numbered_for.is_some() => Some(Fix::KeepBoth),
            (Trouble::SameKey { .. }, IfTaken::KeepBoth) => Some(Fix::KeepBoth),
            // Two names of which we have made one: nobody asked for just that.
            (Trouble::SameKey { .. }, _) if !self.has_own_name() => Some(Fix::KeepBoth),
            (_, IfTaken::Skip) => Some(Fix::Skip),
            (Trouble::Taken { .. }, IfTaken::Replace) => Some(Fix::Replace),
            (Trouble::Taken { .. }, IfTaken::KeepBoth) => Some(Fix::KeepBoth),
            _ => None,
        };
        chosen.or_else(by_rule)
    }

    /// Sums up, when everything that is known is known.
    pub(super) fn judge(&mut self, terms: &Terms) {
        let mut standings = self.of_itself.clone();
        if self.is_in() {
            if let Some(trouble) = self.in_the_way() {
                let fix = self.fix_of(&trouble, terms).filter(|fix| *fix != Fix::KeepBoth);
                standings.push(Standing { trouble, fix });
            } else if let Some(trouble) = self.numbered_for.clone() {
                let fix = Some(Fix::KeepBoth);
                standings.push(Standing { trouble, fix });
            }
        }
        let skipped = self.choice.skip || standings.iter().any(|one| one.fix == Some(Fix::Skip));
        if standings.is_empty() && self.choice.skip {
            let (trouble, fix) = (Trouble::LeftOut, Some(Fix::Skip));
            standings.push(Standing { trouble, fix });
        }
        // What has to be decided first, then what decides; else in the order in which it was found.
        standings.sort_by_key(|one| match one.fix {
            None => 0,
            Some(Fix::Skip) => 1,
            Some(_) => 2,
        });
        self.state = if skipped {
            State::Skipped
        } else if standings.iter().any(|one| one.fix.is_none()) {
            State::NeedsChoice
        } else if self.to_make().is_some() || self.there == There::Unknown {
            State::Checking
        } else if standings.is_empty() {
            State::Ready
        } else {
            State::Fixed
        };
        self.standings = standings;
    }

    /// The row of the plan.
    pub(super) fn item(&self, bucket: &str) -> PlanItem {
        let made = self.made();
        let (size, modified) = match made {
            Some(made) => (made.size, made.modified),
            None => (self.source.size, self.source.modified),
        };
        let media_type = match made {
            Some(made) => made.kind.mime().to_owned(),
            None => self.source.media_type.clone(),
        };
        let renamed = self.key.as_ref().is_some_and(|key| key.as_str() != self.own);
        let (action, replaces) = match (&self.there, self.state) {
            (There::Taken { seen, .. }, State::Fixed) => (Action::Replace, Some(seen.clone())),
            (_, State::Ready | State::Fixed) if renamed => (Action::Rename, None),
            (_, State::Ready | State::Fixed) => (Action::New, None),
            (There::Taken { same: Some(true), .. }, _) => (Action::Identical, None),
            _ => (Action::Skip, None),
        };
        let why = match (&self.source.refused, action) {
            (Some(why), _) => why.clone(),
            (None, Action::Skip) => "left out when the upload was reviewed".to_owned(),
            _ => self.note.clone().unwrap_or_default(),
        };
        let refused = self.source.refused.is_some();
        PlanItem {
            from: Place::file(self.bytes.as_path()),
            to: self.key.as_ref().map(|key| Place::object(bucket, key.as_str())),
            action,
            why,
            media_type: (!refused && !media_type.is_empty()).then_some(media_type),
            size: (!refused).then_some(size),
            dimensions: self.dimensions(),
            seen: Seen {
                size: (!refused).then_some(size),
                modified,
                etag: None,
            },
            replaces,
            renamed_from: renamed.then(|| self.own.clone()),
        }
    }
}
