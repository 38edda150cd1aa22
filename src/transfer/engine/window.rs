//! A few of the items that are next, read ahead from the journal, so that memory does not grow with a job.

use std::collections::VecDeque;

use crate::transfer::job::Item;

#[derive(Debug)]
pub(super) struct Window {
    items: VecDeque<Item>,
    most: usize,
    /// That there were no more when it was read last.
    ended: bool,
}

impl Window {
    /// Items that are read ahead, usually.
    pub(super) const MOST: usize = 64;

    pub(super) fn of(most: usize) -> Self {
        Self {
            items: VecDeque::new(),
            most,
            ended: false,
        }
    }

    pub(super) fn is_to_be_read(&self) -> bool {
        self.items.is_empty() && !self.ended
    }

    /// How many to read when so many that are being worked on may be among them.
    pub(super) fn ask_for(&self, active: usize) -> u32 {
        u32::try_from(self.most + active).unwrap_or(u32::MAX)
    }

    /// Takes in what was read, without what is being worked on.
    pub(super) fn fill(&mut self, items: Vec<Item>, is_active: impl Fn(u32) -> bool) {
        self.items
            .extend(items.into_iter().filter(|item| !is_active(item.number)));
        self.ended = self.items.is_empty();
    }

    pub(super) fn pop(&mut self) -> Option<Item> {
        self.items.pop_front()
    }

    pub(super) fn pop_if(&mut self, fits: impl FnOnce(&Item) -> bool) -> Option<Item> {
        if self.items.front().is_some_and(fits) {
            self.items.pop_front()
        } else {
            None
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether there was nothing more when it was looked last.
    pub(super) fn is_done(&self) -> bool {
        self.items.is_empty() && self.ended
    }

    /// What was read is old.
    pub(super) fn forget(&mut self) {
        self.items.clear();
        self.ended = false;
    }

    /// There may be more now; what was read holds.
    pub(super) fn look_again(&mut self) {
        self.ended = false;
    }
}
