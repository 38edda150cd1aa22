//! A search of all buckets: what each of their indexes answers, one after the other, off the window's thread.

use super::{Scope, State};
use crate::catalog::{Contents, Index, Query, Total};
use crate::service::{Load, Problem, Service};
use crate::supabase::{BucketName, ObjectKey};

/// What was found in a bucket.
#[derive(Clone, Debug)]
pub struct FoundIn {
    /// The index that was asked.
    pub index: Index,
    /// What it answered.
    pub contents: Contents,
}

/// The search, and what it found last.
#[derive(Debug, Default)]
pub(super) struct Everywhere {
    asked: Option<(Query, Vec<(BucketName, u64)>)>,
    found: Load<Vec<FoundIn>>,
}

impl State {
    /// Whether a text is looked for in all buckets.
    pub fn is_everywhere(&self) -> bool {
        self.search.has_text() && self.search.scope == Scope::Everywhere
    }

    /// Asks all indexes what is not answered yet, and takes in what was. Never waits.
    pub fn poll_everywhere(&mut self, service: &Service) {
        if !self.is_everywhere() {
            if self.everywhere.asked.is_some() {
                self.everywhere = Everywhere::default();
            }
            return;
        }
        if !self.selection.is_empty() {
            // What is not seen is not chosen.
            self.choose_none();
        }
        self.everywhere.found.poll();
        let query = self.query();
        let indexes: Vec<Index> = self.names().filter_map(|bucket| service.index(bucket)).collect();
        let versions: Vec<_> = indexes
            .iter()
            .map(|index| (index.bucket().clone(), index.version()))
            .collect();
        let due = match &self.everywhere.asked {
            None => true,
            Some((asked, _)) if *asked != query => true,
            // Newer indexes wait for the answer of the older ones: while buckets are listed, none would ever come.
            Some((_, of)) => *of != versions && !self.everywhere.found.is_loading(),
        };
        if due {
            self.everywhere.asked = Some((query.clone(), versions));
            self.everywhere.found.start(service.load(|service| async move {
                let mut found = Vec::new();
                for index in indexes {
                    let contents = service.answer(index.clone(), query.clone()).await?;
                    if !contents.objects.is_empty() {
                        found.push(FoundIn { index, contents });
                    }
                }
                Ok(found)
            }));
        }
    }

    /// What was found in all buckets; `None` before there is an answer.
    pub fn found_everywhere(&self) -> Option<&[FoundIn]> {
        self.everywhere.found.value().map(Vec::as_slice)
    }

    /// Why nothing could be looked for.
    pub fn everywhere_problem(&self) -> Option<&Problem> {
        self.everywhere.found.problem()
    }

    /// What was found comes to, and of how many buckets all is known.
    pub fn everywhere_total(&self) -> (Total, usize, usize) {
        let found = self.found_everywhere().unwrap_or_default();
        let total = found
            .iter()
            .fold(Total::default(), |sum, part| sum.and(part.contents.total));
        let whole = self
            .names()
            .filter(|bucket| self.held(bucket).is_some_and(|held| held.is_whole));
        (total, whole.count(), self.names().count())
    }

    /// Shows what was found in one bucket, to be worked on there.
    pub fn search_in(&mut self, bucket: BucketName) {
        let search = std::mem::take(&mut self.search);
        self.open_bucket(bucket);
        self.search = search;
        self.search.scope = Scope::Bucket;
    }

    /// Shows an object that was found.
    pub fn open_found(&mut self, bucket: BucketName, key: &str) {
        match ObjectKey::parse(key) {
            Ok(key) => self.open_object(bucket, &key),
            // It cannot be addressed; it is shown among what was found there.
            Err(_) => self.search_in(bucket),
        }
    }
}
