//! One item's way through an attempt: begun in the journal, carried out, and what came of it in the journal again.

use std::sync::Arc;

use futures_util::StreamExt as _;

use super::concurrency::Slot;
use super::executor::{guarded, guarded_many};
use super::line::Probe;
use super::running::{Hold, Running};
use super::way::ItemWay;
use super::{Shared, aside};
use crate::journal::JournalError;
use crate::transfer::carry::{Carried, Carry};
use crate::transfer::job::{Content, Failure, FailureKind, Item, ItemState, Proof};
use crate::transfer::plan::Kind;
use crate::transfer::queue::{Change, LANDED, WAITING};

/// Items that are read back at once.
const READ_BACK_AT_ONCE: usize = 4;

/// Where a task left an item.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum After {
    /// Nothing was done: it is not wanted any more.
    NotBegun,
    /// As the item's state says.
    As,
    /// In flight, and it is to be found out what became of it.
    Doubtful,
}

pub(super) type Ended = Result<Vec<(Item, After)>, JournalError>;

/// What a task needs.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) shared: Arc<Shared>,
    pub(super) running: Arc<Running>,
}

impl Task {
    /// Carries out an item that waits.
    pub(super) async fn carry(self, mut item: Item, slot: Slot, probe: Option<Probe>, hold: Hold) -> Ended {
        let may_try = tokio::select! {
            biased;
            () = hold.stop.cancelled() => false,
            may_try = self.may_try(std::slice::from_ref(&item), probe.as_ref()) => may_try,
        };
        if !may_try {
            return Ok(vec![(item, After::NotBegun)]);
        }
        let begun = self.journal_begin(vec![item.number]).await?;
        if begun.is_empty() {
            return Ok(vec![(item, After::NotBegun)]);
        }
        begin(&mut item);
        let kind = self.running.kept.job.kind;
        if let Some(record) = aside::of_move(&item, kind, self.shared.limits().trash_days) {
            self.shared.queue.journal().trash_begin(record).await?;
        }
        let way = ItemWay::new(&self, &item, slot);
        let work = self.running.work(&item);
        let carry = self.order(&item, &hold, &way);
        let result = guarded(self.shared.executor.carry(work, carry)).await;
        if let Ok(Carried::Landed(content, _)) = &result {
            let (journal, aside) = (self.shared.queue.journal(), way.asides());
            aside::done(journal, &item, kind, aside.as_ref(), content).await?;
        }
        if let Some(resume) = way.resume() {
            item.resume = resume;
        }
        let changed = match &result {
            Err(failure) if failure.kind == FailureKind::SourceChanged => failure.clone(),
            _ => {
                let result = self.settled(&item, result, &hold, &way).await;
                if result.is_ok() {
                    way.carried();
                }
                drop(way);
                return self.end(item, result, probe.is_some()).await;
            }
        };
        // Neither a place nor the server is needed to look at a file.
        drop((way, probe));
        if let Some(change) = self.plan_again(&mut item, &changed, &hold).await {
            self.journal_change(vec![(item.number, change)]).await?;
            return Ok(vec![(item, After::As)]);
        }
        let way = ItemWay::without_a_place(&self, &item);
        let result = self.settled(&item, Ok(Carried::Stopped), &hold, &way).await;
        drop(way);
        self.end(item, result, false).await
    }

    /// Finds out what became of an item that was in flight.
    pub(super) async fn reconcile(self, item: Item, slot: Slot, probe: Option<Probe>, hold: Hold) -> Ended {
        if !self.may_try(std::slice::from_ref(&item), probe.as_ref()).await {
            return Ok(vec![(item, After::Doubtful)]);
        }
        let way = ItemWay::new(&self, &item, slot);
        let work = self.running.work(&item);
        let carry = self.order(&item, &hold, &way);
        let found = guarded(self.shared.executor.reconcile(work, carry)).await;
        let result = match found {
            Ok(Some(carried)) => self.settled(&item, Ok(carried), &hold, &way).await,
            Ok(None) => {
                self.running.line.works();
                self.settled(&item, Ok(Carried::Stopped), &hold, &way).await
            }
            // Nothing is known yet, whatever the reason.
            Err(failure) if is_trouble(&failure) => Err(Failure {
                kind: FailureKind::Ambiguous,
                ..failure
            }),
            Err(failure) => Err(failure),
        };
        drop(way);
        self.end(item, result, probe.is_some()).await
    }

    /// Throws away what was kept of an item that waits, and ends it.
    pub(super) async fn discard(self, mut item: Item, slot: Slot) -> Ended {
        let (way, hold) = (ItemWay::new(&self, &item, slot), Hold::default());
        self.throw_away(&item, &hold, &way).await;
        drop(way);
        item.state = ItemState::Cancelled;
        let change = Change {
            from: WAITING,
            ..Change::landed(ItemState::Cancelled, None)
        };
        self.journal_change(vec![(item.number, change)]).await?;
        Ok(vec![(item, After::As)])
    }

    /// Deletes objects of one bucket for good.
    pub(super) async fn delete(self, items: Vec<Item>, slot: Slot, probe: Option<Probe>) -> Ended {
        if !self.may_try(&items, probe.as_ref()).await {
            return Ok(items.into_iter().map(|item| (item, After::NotBegun)).collect());
        }
        let begun = self
            .journal_begin(items.iter().map(|item| item.number).collect())
            .await?;
        let (mut begun, not_begun): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| begun.contains(&item.number));
        begun.iter_mut().for_each(begin);
        if begun.is_empty() {
            return Ok(not_begun.into_iter().map(|item| (item, After::NotBegun)).collect());
        }
        let refs: Vec<_> = begun.iter().collect();
        let asked = self.shared.executor.delete_forever(&self.shared.project, &refs);
        let results = guarded_many(&refs, asked).await;
        slot.carried();
        drop(slot);
        let mut ended: Vec<_> = not_begun.into_iter().map(|item| (item, After::NotBegun)).collect();
        let mut changes = Vec::with_capacity(begun.len());
        for (item, result) in begun.into_iter().zip(results) {
            let (item, after, change) = self.judge(item, result, probe.is_some());
            changes.extend(change.map(|change| (item.number, change)));
            ended.push((item, after));
        }
        self.journal_change(changes).await?;
        Ok(ended)
    }

    /// Proves items that have landed.
    pub(super) async fn verify(self, items: Vec<Item>, probe: Option<Probe>) -> Ended {
        if !self.may_try(&items, probe.as_ref()).await {
            return Ok(items.into_iter().map(|item| (item, After::As)).collect());
        }
        let refs: Vec<_> = items.iter().collect();
        let asked = self.shared.executor.verify(&self.shared.project, &refs);
        let results = guarded_many(&refs, asked).await;
        let results = self.read_back(&items, results).await;
        if results.iter().any(|result| !result.as_ref().is_err_and(is_trouble)) {
            self.running.line.works();
        }
        let (mut ended, mut changes) = (Vec::with_capacity(items.len()), Vec::new());
        let mut told = false;
        for (mut item, result) in items.into_iter().zip(results) {
            let state = match result {
                Ok(proof) => ItemState::Done { proof },
                Err(failure) if is_trouble(&failure) => {
                    if !std::mem::replace(&mut told, true) {
                        self.trouble(&failure, probe.is_some());
                    }
                    if self.running.strike(item.number, self.running.line.successes()) {
                        // It is there, and the server will not say how.
                        ItemState::Done {
                            proof: Proof::Unverified,
                        }
                    } else {
                        ItemState::Landed
                    }
                }
                Err(failure) => failed(failure),
            };
            if state != ItemState::Landed {
                self.running.forgive(item.number);
                let change = Change {
                    from: LANDED,
                    ..Change::landed(state.clone(), None)
                };
                changes.push((item.number, change));
            }
            item.state = state;
            ended.push((item, After::As));
        }
        self.journal_change(changes).await?;
        Ok(ended)
    }

    /// Reads back what the server tells no hash of, where that is wanted.
    async fn read_back(&self, items: &[Item], mut results: Vec<Result<Proof, Failure>>) -> Vec<Result<Proof, Failure>> {
        let job = &self.running.kept.job;
        if !job.rules.read_back || job.kind != Kind::Upload {
            return results;
        }
        let weak = |result: &Result<Proof, Failure>| result.as_ref().is_ok_and(|proof| *proof < Proof::ReadBack);
        let reads = items.iter().zip(&mut results).filter(|(_, result)| weak(result));
        let reads = reads.map(|(item, result)| async move {
            let (way, hold) = (ItemWay::without_a_place(self, item), Hold::default());
            match guarded(self.shared.executor.read_back(self.order(item, &hold, &way))).await {
                Ok(Some(proof)) => *result = Ok(proof),
                // Nobody stops it.
                Ok(None) => {}
                Err(failure) => *result = Err(failure),
            }
        });
        futures_util::stream::iter(reads)
            .for_each_concurrent(READ_BACK_AT_ONCE, |read| read)
            .await;
        results
    }

    fn order<'a>(&'a self, item: &'a Item, hold: &'a Hold, way: &'a ItemWay) -> Carry<'a> {
        Carry {
            project: &self.shared.project,
            there: self.running.there.as_ref(),
            kind: self.running.kept.job.kind,
            item,
            rules: &self.running.kept.job.rules,
            stop: &hold.stop,
            way,
            disk: &self.shared.disk,
        }
    }

    /// Throws away what is left of an item that was stopped and is to end: None.
    async fn settled(
        &self,
        item: &Item,
        result: Result<Carried, Failure>,
        hold: &Hold,
        way: &ItemWay,
    ) -> Result<Option<Carried>, Failure> {
        match result {
            Ok(Carried::Stopped) if hold.is_to_end() => {
                let fresh = Hold::default();
                self.throw_away(item, &fresh, way).await;
                Ok(None)
            }
            result => result.map(Some),
        }
    }

    /// What cannot be thrown away now is thrown away by the server when its time is over.
    async fn throw_away(&self, item: &Item, hold: &Hold, way: &ItemWay) {
        if let Err(failure) = guarded(self.shared.executor.discard(self.order(item, hold, way))).await {
            tracing::warn!(job = %item.job, item = item.number, what = failure.what, "left something behind");
        }
    }

    async fn end(&self, item: Item, result: Result<Option<Carried>, Failure>, by_probe: bool) -> Ended {
        let number = item.number;
        let (item, after, change) = match result {
            Ok(None) => {
                let mut item = item;
                item.state = ItemState::Cancelled;
                (item, After::As, Some(Change::landed(ItemState::Cancelled, None)))
            }
            Ok(Some(carried)) => self.judge(item, Ok(carried), by_probe),
            Err(failure) => self.judge(item, Err(failure), by_probe),
        };
        if let Some(change) = change {
            self.journal_change(vec![(number, change)]).await?;
        }
        Ok(vec![(item, after)])
    }

    /// Decides what becomes of an item that is in flight.
    fn judge(&self, mut item: Item, result: Result<Carried, Failure>, by_probe: bool) -> (Item, After, Option<Change>) {
        let line = &self.running.line;
        let work = self.running.work(&item);
        let (state, content, to_the_back) = match result {
            Ok(Carried::Landed(content, proof)) => {
                line.works();
                self.running.forgive(item.number);
                let state = proof.map_or(ItemState::Landed, |proof| ItemState::Done { proof });
                (state, Some(content), false)
            }
            Ok(Carried::Identical) => {
                line.works();
                let why = work.needless().to_owned();
                (ItemState::Skipped { why }, None, false)
            }
            Ok(Carried::Stopped) => (ItemState::Waiting, None, false),
            Err(failure) if is_trouble(&failure) => {
                let to_blame = self.running.strike(item.number, line.successes());
                self.trouble(&failure, by_probe);
                match failure.kind {
                    FailureKind::Ambiguous if !work.looks_itself() && !to_blame => {
                        return (item, After::Doubtful, None);
                    }
                    FailureKind::Ambiguous if to_blame => {
                        let why = format!("It cannot be found out whether this was done. {}", failure.what);
                        (ItemState::Undecided { why }, None, false)
                    }
                    _ if to_blame => (ItemState::Failed(failure), None, false),
                    _ => (ItemState::Waiting, None, true),
                }
            }
            Err(failure) => {
                if failure.kind == FailureKind::Corrupt {
                    line.works();
                }
                (failed(failure), None, false)
            }
        };
        if state.is_over() {
            self.running.forgive(item.number);
        }
        merge(&mut item.content, content.as_ref());
        item.state = state.clone();
        let change = Change {
            to_the_back,
            ..Change::landed(state, content)
        };
        (item, After::As, Some(change))
    }

    pub(super) fn trouble(&self, failure: &Failure, by_probe: bool) {
        if failure.kind == FailureKind::Throttled {
            self.shared.slots.throttled();
        }
        self.running.line.fails(failure, by_probe);
    }

    async fn journal_begin(&self, numbers: Vec<u32>) -> Result<Vec<u32>, JournalError> {
        let journal = self.shared.queue.journal();
        journal.begin_transfer_items(self.running.kept.number, numbers).await
    }

    async fn journal_change(&self, changes: Vec<(u32, Change)>) -> Result<(), JournalError> {
        if !changes.is_empty() {
            self.shared.queue.change(self.running.kept.number, changes).await?;
        }
        Ok(())
    }
}

fn begin(item: &mut Item) {
    item.attempts += 1;
    item.state = ItemState::InFlight;
}

pub(super) fn is_trouble(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Passing | FailureKind::Throttled | FailureKind::Ambiguous
    )
}

/// The end of what will not succeed by itself.
fn failed(failure: Failure) -> ItemState {
    match failure.kind {
        FailureKind::Changed | FailureKind::SourceChanged => ItemState::Undecided {
            why: [failure.what, failure.hint].join(" ").trim().to_owned(),
        },
        _ => ItemState::Failed(failure),
    }
}

fn merge(content: &mut Content, found: Option<&Content>) {
    if let Some(found) = found {
        content.clone_from(found);
    }
}
