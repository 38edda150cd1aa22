//! A plan in numbers.

use serde::Serialize;

use super::{Action, Plan};

/// How many items, and how many bytes, by what happens to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// One row an action that occurs, in the order in which the actions are declared.
    pub rows: Vec<SummaryRow>,
    /// Places that could not be looked at.
    pub unseen: usize,
}

/// The items of one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SummaryRow {
    /// What happens to them.
    pub action: Action,
    /// How many they are.
    pub items: u64,
    /// Bytes of those whose size is known.
    pub bytes: u64,
    /// How many of them have no known size.
    pub unsized_items: u64,
}

impl Plan {
    /// The plan in numbers.
    #[must_use]
    pub fn summary(&self) -> Summary {
        const ACTIONS: [Action; 6] = [
            Action::New,
            Action::Identical,
            Action::Replace,
            Action::Rename,
            Action::Refuse,
            Action::Skip,
        ];
        let mut rows = ACTIONS.map(|action| SummaryRow {
            action,
            items: 0,
            bytes: 0,
            unsized_items: 0,
        });
        for item in &self.items {
            let Some(row) = rows.iter_mut().find(|row| row.action == item.action) else {
                continue;
            };
            row.items += 1;
            row.bytes = row.bytes.saturating_add(item.size.unwrap_or(0));
            row.unsized_items += u64::from(item.size.is_none());
        }
        Summary {
            rows: rows.into_iter().filter(|row| row.items > 0).collect(),
            unseen: self.unseen.len(),
        }
    }
}

impl Summary {
    /// The items of an action; none are a row of zeros.
    #[must_use]
    pub fn of(&self, action: Action) -> SummaryRow {
        let row = self.rows.iter().find(|row| row.action == action).copied();
        row.unwrap_or(SummaryRow {
            action,
            items: 0,
            bytes: 0,
            unsized_items: 0,
        })
    }

    /// Items that something is done for, and their bytes.
    #[must_use]
    pub fn acting(&self) -> (u64, u64) {
        self.rows
            .iter()
            .filter(|row| row.action.acts())
            .fold((0, 0), |(items, bytes), row| {
                (items + row.items, bytes.saturating_add(row.bytes))
            })
    }
}
