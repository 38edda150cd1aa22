//! What is shown: a question, which is asked of the newest index off the window's thread, and the answer to it.
//!
//! The previous contents stay in view until there are newer ones. What is chosen belongs to the index that is shown and
//! moves with it: an answer brings both, so that no frame sees objects of one index in another.

use super::State;
use crate::catalog::{Contents, Index, Query, Total};
use crate::gui::panel::buckets::model::Entry;
use crate::gui::panel::buckets::selection::{ObjectSet, Selection};
use crate::service::{Pending, Problem, Service};
use crate::supabase::BucketName;

/// Chosen objects that are moved to another index, or summed up, within a frame; more of them are off its thread.
const FEW: usize = 4_096;

/// What is shown: an answer, with the index it was asked of.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) index: Index,
    pub(super) query: Query,
    pub(super) contents: Contents,
    /// The objects of the contents, as a set.
    pub(super) all: ObjectSet,
}

/// What contents were asked for, or are on their way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Question {
    bucket: BucketName,
    version: u64,
    query: Query,
}

/// Contents with what is chosen of them.
pub(super) struct Answer {
    shown: Shown,
    selection: Selection,
    /// What the chosen objects come to.
    total: Total,
    /// How often the selection had been touched when the question was asked.
    touched: u64,
    /// The object that was to be shown as soon as it is listed, and its place.
    wanted: Option<(String, usize)>,
    /// The folder that has the keyboard, and its place.
    folder: Option<(usize, String)>,
}

/// What is on its way, and why there is nothing new.
#[derive(Default)]
pub(super) struct Asking {
    pending: Option<(Question, Pending<Answer>)>,
    /// The last question that was answered, or refused.
    answered: Option<Question>,
    /// Why it was refused.
    problem: Option<Problem>,
    counting: Option<Pending<Total>>,
    /// What the chosen objects come to has to be found out.
    uncounted: bool,
}

impl std::fmt::Debug for Asking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asking")
            .field("pending", &self.pending.as_ref().map(|(question, _)| question))
            .field("answered", &self.answered)
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}

/// What goes along with a question.
pub(super) struct Along {
    selection: Selection,
    /// What the selection is of.
    of: Option<Index>,
    touched: u64,
    wanted: Option<String>,
    folder: Option<(usize, String)>,
}

impl Answer {
    /// Everything that depends on how many objects there are. Takes a while for very many; not for the window's thread.
    pub(super) fn new(index: Index, query: Query, contents: Contents, along: Along) -> Self {
        let all: ObjectSet = contents.objects.iter().copied().collect();
        let mut selection = along.selection;
        if let Some(of) = along.of.filter(|of| of.version() != index.version()) {
            selection = selection.moved(mover(&of, &index));
        }
        selection.keep(&all);
        selection.settle(&contents.objects);
        let wanted = along.wanted.and_then(|key| {
            let object = index.position(&key)?;
            let place = contents.objects.iter().position(|known| *known == object)?;
            Some((key, place))
        });
        let folder = along.folder.and_then(|(_, prefix)| {
            let place = contents.folders.iter().position(|folder| folder.prefix == prefix)?;
            Some((place, prefix))
        });
        let total = if selection.len() == all.len() {
            contents.total
        } else {
            index.total_of_each(selection.iter())
        };
        Self {
            total,
            selection,
            touched: along.touched,
            wanted,
            folder,
            shown: Shown {
                index,
                query,
                contents,
                all,
            },
        }
    }
}

/// Finds objects of one index in another. Neighbours stay neighbours mostly: those are found without a search.
fn mover<'a>(from: &'a Index, to: &'a Index) -> impl FnMut(u32) -> Option<u32> + 'a {
    let mut drift = 0_i64;
    move |object| {
        let key = from.row(object)?.key;
        let guess = u32::try_from(i64::from(object) + drift).ok();
        if let Some(guess) = guess.filter(|guess| to.row(*guess).is_some_and(|row| row.key == key)) {
            return Some(guess);
        }
        let found = to.position(key)?;
        drift = i64::from(found) - i64::from(object);
        Some(found)
    }
}

impl State {
    /// What is asked for now.
    pub(super) fn query(&self) -> Query {
        let has_text = self.search.has_text();
        let everywhere = has_text && self.search.scope != super::Scope::Folder;
        Query {
            folder: if everywhere { String::new() } else { self.folder.clone() },
            deep: has_text || self.flat,
            text: self.search.text.trim().to_owned(),
            mode: self.search.mode,
            filters: self.search.filtering.filters(),
            order: self.order,
            uses: self.use_counts(),
            trash: self.show_trash,
            placeholders: self.show_placeholders,
        }
    }

    /// Asks what is not answered yet, and takes in what was. Never waits.
    pub fn look(&mut self, service: &Service) {
        self.take_answer();
        self.count(service);
        if self.is_everywhere() {
            return;
        }
        let Some(bucket) = &self.open else { return };
        let Some(index) = service.index(bucket) else { return };
        let question = Question {
            bucket: bucket.clone(),
            version: index.version(),
            query: self.query(),
        };
        let asked = match &self.asking.pending {
            // A newer index has to wait for the answer of the older one: while a bucket is listed, none would ever come.
            Some((asked, _)) => asked.bucket == question.bucket && asked.query == question.query,
            None => self.asking.answered.as_ref() == Some(&question),
        };
        if asked {
            return;
        }
        let along = self.along();
        let query = question.query.clone();
        let pending = service.load(|service| async move {
            let contents = service.answer(index.clone(), query.clone()).await?;
            tokio::task::spawn_blocking(move || Answer::new(index, query, contents, along))
                .await
                .map_err(|_| Problem::stopped())
        });
        self.asking.pending = Some((question, pending));
    }

    pub(super) fn along(&self) -> Along {
        Along {
            selection: self.selection.clone(),
            of: self.shown.as_ref().map(|shown| shown.index.clone()),
            touched: self.touched,
            wanted: self.wanted.clone(),
            folder: self.folder_cursor.clone(),
        }
    }

    /// Forgets what was asked: an answer that is there or on its way does not say where the wanted object is.
    pub(super) fn ask_again(&mut self) {
        self.asking.pending = None;
        self.asking.answered = None;
    }

    fn take_answer(&mut self) {
        let Some((question, pending)) = self.asking.pending.take() else {
            return;
        };
        match pending.take() {
            Err(pending) => self.asking.pending = Some((question, pending)),
            Ok(Err(problem)) => {
                self.asking.answered = Some(question);
                self.asking.problem = Some(problem);
            }
            Ok(Ok(answer)) => {
                if answer.touched != self.touched && self.selection.len() > FEW && !self.is_shown(&answer.shown.index) {
                    // Too much was chosen meanwhile to be looked up here: once more, with that.
                    self.asking.answered = None;
                    return;
                }
                self.asking.answered = Some(question);
                self.asking.problem = None;
                self.show(answer);
            }
        }
    }

    fn is_shown(&self, index: &Index) -> bool {
        self.shown
            .as_ref()
            .is_some_and(|shown| shown.index.version() == index.version())
    }

    pub(super) fn show(&mut self, answer: Answer) {
        let other_place = self.shown.as_ref().is_none_or(|shown| {
            let (old, new) = (&shown.query, &answer.shown.query);
            old.folder != new.folder || old.deep != new.deep || old.text != new.text || old.filters != new.filters
        });
        if answer.touched == self.touched {
            self.selection = answer.selection;
            self.selected_total = answer.total;
            self.folder_cursor = answer.folder;
            self.asking.counting = None;
            self.asking.uncounted = false;
        } else {
            // A few objects were chosen while the answer was on its way.
            if let Some(shown) = &self.shown
                && shown.index.version() != answer.shown.index.version()
            {
                self.selection = self.selection.moved(mover(&shown.index, &answer.shown.index));
            }
            self.selection.keep(&answer.shown.all);
            self.asking.uncounted = true;
            let folders = &answer.shown.contents.folders;
            self.folder_cursor = self.folder_cursor.take().and_then(|(_, prefix)| {
                let place = folders.iter().position(|folder| folder.prefix == prefix)?;
                Some((place, prefix))
            });
        }
        self.shown = Some(answer.shown);
        if other_place {
            self.scroll_to = None;
            self.to_top = true;
        }
        if std::mem::take(&mut self.choose_all_of_it) {
            self.choose_all();
        }
        if let Some((key, place)) = answer.wanted
            && self.wanted.as_ref() == Some(&key)
        {
            self.wanted = None;
            self.choose(place, super::Choice::Only);
            self.scroll_to = Some(self.contents().folders.len() + place);
        }
        self.count_few();
    }

    /// Shows nothing: another bucket is opened.
    pub(super) fn show_nothing(&mut self) {
        self.shown = None;
        self.asking = Asking::default();
        self.selection = Selection::default();
        self.selected_total = Total::default();
        self.folder_cursor = None;
        self.touched += 1;
    }

    /// What is chosen has changed: what it comes to is known at once if it is little, or everything.
    pub(super) fn touch(&mut self) {
        self.touched += 1;
        self.asking.counting = None;
        self.asking.uncounted = true;
        self.count_few();
    }

    fn count_few(&mut self) {
        let Some(shown) = self.shown.as_ref().filter(|_| self.asking.uncounted) else {
            return;
        };
        let many = self.selection.len();
        let total = if many == shown.all.len() {
            shown.contents.total
        } else if many <= FEW {
            shown.index.total_of_each(self.selection.iter())
        } else {
            self.selected_total.objects = many as u64;
            self.selected_total.partial = true;
            return;
        };
        self.selected_total = total;
        self.asking.uncounted = false;
    }

    fn count(&mut self, service: &Service) {
        if let Some(pending) = self.asking.counting.take() {
            match pending.take() {
                Err(pending) => self.asking.counting = Some(pending),
                Ok(Ok(total)) => self.selected_total = total,
                // It did not go through; the number stays a lower bound.
                Ok(Err(_)) => {}
            }
        }
        if let Some(shown) = self.shown.as_ref().filter(|_| self.asking.uncounted) {
            self.asking.uncounted = false;
            let (index, chosen) = (shown.index.clone(), self.selection.clone());
            self.asking.counting = Some(service.load(|_| async move {
                tokio::task::spawn_blocking(move || index.total_of_each(chosen.iter()))
                    .await
                    .map_err(|_| Problem::stopped())
            }));
        }
    }

    /// What is shown.
    pub fn contents(&self) -> &Contents {
        self.shown.as_ref().map_or(&self.nothing, |shown| &shown.contents)
    }

    /// The index that what is shown, and chosen, is of.
    pub fn index(&self) -> Option<&Index> {
        self.shown.as_ref().map(|shown| &shown.index)
    }

    /// An object of what is shown.
    pub fn entry(&self, object: u32) -> Option<Entry> {
        Some(Entry::from(self.index()?.row(object)?))
    }

    /// Whether objects of several folders are shown, so that each has to say where it is.
    pub fn is_deep(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.query.deep)
    }

    /// Whether what is shown is what a text was found in.
    pub fn shows_matches(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| !shown.query.text.is_empty())
    }

    /// Whether what is shown answers another question than the one that is asked.
    pub fn is_answering(&self) -> bool {
        self.asking.pending.is_some()
    }

    /// Why there is no answer to what is asked: the text to look for is wrong in itself.
    pub fn question_problem(&self) -> Option<&Problem> {
        self.asking.problem.as_ref()
    }

    /// Shows what an index of the open bucket answers, at once: for tests and measurements, which have no server.
    #[doc(hidden)]
    pub fn show_index(&mut self, index: Index) {
        let query = self.query();
        let Ok(contents) = index.answer(&query) else { return };
        let along = self.along();
        self.show(Answer::new(index, query, contents, along));
    }
}
