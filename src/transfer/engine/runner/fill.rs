//! Starts what may be started: as many items as there are places, in their order, while the server can be reached.

use super::{Active, DELETED_TOGETHER, Mode, PROVEN_TOGETHER, PROVEN_WITHIN, Runner};
use crate::transfer::engine::concurrency::{Class, Slot};
use crate::transfer::engine::executor::Work;
use crate::transfer::engine::line::{Leave, Probe};
use crate::transfer::engine::running::Hold;
use crate::transfer::error::TransferError;
use crate::transfer::queue::source_bucket;

/// Which items are read ahead.
#[derive(Clone, Copy)]
pub(super) enum Kindred {
    /// Those that wait and are to be cancelled; all that wait, if so.
    ToCancel(bool),
    Next(Class),
}

impl Runner {
    /// Starts as much as may be started now: what is doubtful first, then proofs, then what waits.
    pub(super) async fn fill(&mut self) -> Result<(), TransferError> {
        self.wake = None;
        if matches!(self.mode, Mode::Stop(_)) {
            return Ok(());
        }
        while self.leftovers.has_doubtful() {
            let Some((slot, probe)) = self.leave_with_slot(Class::Small) else {
                break;
            };
            if let Some(item) = self.leftovers.next_doubtful() {
                let (number, hold) = (item.number, Hold::default());
                if matches!(self.mode, Mode::Cancel) {
                    hold.will_end();
                }
                let task = self.task.clone().reconcile(item, slot, probe, hold.clone());
                let abort = Some(self.tasks.spawn(task));
                self.active.insert(number, Active { hold, abort });
            }
        }
        if self.is_proof_due() {
            let Some(probe) = self.leave() else { return Ok(()) };
            let items = self.leftovers.take_landed(PROVEN_TOGETHER);
            self.verifying = Some(self.tasks.spawn(self.task.clone().verify(items, probe)));
        }
        let cancels_all = matches!(self.mode, Mode::Cancel);
        if !matches!(self.mode, Mode::Pause) {
            while self.refill(Kindred::ToCancel(cancels_all)).await? {
                let Some(slot) = self.task.shared.slots.take(Class::Small) else {
                    break;
                };
                if let Some(item) = self.to_cancel.pop() {
                    let number = item.number;
                    let abort = Some(self.tasks.spawn(self.task.clone().discard(item, slot)));
                    let hold = Hold::default();
                    self.active.insert(number, Active { hold, abort });
                }
            }
        }
        if matches!(self.mode, Mode::Run) {
            for class in [Class::Large, Class::Small] {
                while self.refill(Kindred::Next(class)).await? {
                    let Some((slot, probe)) = self.leave_with_slot(class) else {
                        break;
                    };
                    self.start(class, slot, probe);
                }
            }
        }
        Ok(())
    }

    fn start(&mut self, class: Class, slot: Slot, probe: Option<Probe>) {
        let window = match class {
            Class::Small => &mut self.small,
            Class::Large => &mut self.large,
        };
        let Some(item) = window.pop() else { return };
        let running = &self.task.running;
        if running.work(&item) != Work::DeleteForever {
            let (number, hold) = (item.number, Hold::default());
            self.tasks
                .spawn(self.task.clone().carry(item, slot, probe, hold.clone()));
            self.active.insert(number, Active { hold, abort: None });
            return;
        }
        let mut items = vec![item];
        while items.len() < DELETED_TOGETHER
            && let Some(next) = window.pop_if(|next| {
                running.work(next) == Work::DeleteForever && source_bucket(next) == source_bucket(&items[0])
            })
        {
            items.push(next);
        }
        let numbers: Vec<_> = items.iter().map(|item| item.number).collect();
        let abort = self.tasks.spawn(self.task.clone().delete(items, slot, probe));
        for number in numbers {
            let (hold, abort) = (Hold::default(), Some(abort.clone()));
            self.active.insert(number, Active { hold, abort });
        }
    }

    /// Sees to it that the next items are read, if there are any; false if there are none.
    pub(super) async fn refill(&mut self, kindred: Kindred) -> Result<bool, TransferError> {
        let window = match kindred {
            Kindred::ToCancel(_) => &mut self.to_cancel,
            Kindred::Next(Class::Small) => &mut self.small,
            Kindred::Next(Class::Large) => &mut self.large,
        };
        if window.is_to_be_read() {
            let (queue, kept) = (&self.task.shared.queue, &self.task.running.kept);
            let most = window.ask_for(self.active.len());
            let items = match kindred {
                Kindred::ToCancel(all) => queue.to_cancel(kept, all, most).await?,
                Kindred::Next(class) => queue.next(kept, class == Class::Large, most).await?,
            };
            window.fill(items, |number| self.active.contains_key(&number));
        }
        Ok(!window.is_empty())
    }

    /// A place and the leave to send something.
    fn leave_with_slot(&mut self, class: Class) -> Option<(Slot, Option<Probe>)> {
        // In this order, because a leave or a place that is given back is news to all.
        if !self.task.shared.slots.is_free(class) {
            return None;
        }
        let probe = self.leave()?;
        Some((self.task.shared.slots.take(class)?, probe))
    }

    /// Whether something may be sent now, and whether it is to see if the server is back.
    fn leave(&mut self) -> Option<Option<Probe>> {
        match self.task.running.line.ask() {
            Leave::Go => Some(None),
            Leave::Try(probe) => Some(Some(probe)),
            Leave::At(at) => {
                self.wake = Some(at);
                None
            }
            Leave::Later => None,
        }
    }

    fn is_proof_due(&self) -> bool {
        if self.verifying.is_some() || self.leftovers.landed() == 0 {
            return false;
        }
        let nothing_else = self.active.is_empty()
            && !self.leftovers.has_doubtful()
            && (!matches!(self.mode, Mode::Run) || (self.small.is_done() && self.large.is_done()));
        nothing_else
            || self.leftovers.landed() >= PROVEN_TOGETHER
            || self.leftovers.oldest().is_some_and(|age| age >= PROVEN_WITHIN)
    }
}
