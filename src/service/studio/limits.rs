//! How much an engine may be asked for: how many pictures at once, and how much they may cost in a month.

use crate::workspace::Money;

/// What an engine may be asked for in one pass over the queue.
#[derive(Clone, Debug)]
pub(super) struct Room {
    /// The name shown.
    pub(super) name: String,
    /// Pictures at once, at least one.
    pub(super) concurrent: usize,
    /// What a picture costs, as far as known.
    pub(super) price: Option<Money>,
    /// What may be spent in a month.
    pub(super) budget: Option<Money>,
    /// Pictures that it is being asked for.
    pub(super) asked: usize,
    /// What these are expected to cost.
    pub(super) expected: Money,
    /// What was spent this month besides.
    pub(super) spent: Money,
}

/// Whether the next picture is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Now.
    Now,
    /// When one of those that are under way is there.
    Later,
    /// Not before a person has decided something; a sentence says what.
    Held(String),
}

impl Room {
    /// Whether the next picture is asked for. What is under way may cost less than it is expected to, so nothing is held up
    /// before it is there.
    pub(super) fn turn(&self) -> Turn {
        if self.asked >= self.concurrent.max(1) {
            return Turn::Later;
        }
        let Some(budget) = self.budget else { return Turn::Now };
        let next = self.spent + self.expected + self.price.unwrap_or(Money::ZERO);
        let passes = match self.price {
            Some(_) => next > budget,
            // What it costs is seen only when it is there: one after the other, until there is nothing left.
            None => next >= budget,
        };
        match (passes, self.asked, self.price) {
            (false, 1.., None) | (true, 1.., _) => Turn::Later,
            (false, ..) => Turn::Now,
            (true, ..) => Turn::Held(format!(
                "The next picture would pass the budget of {budget} a month for {}: {} is spent. Raise the budget, or go on \
                 next month.",
                self.name, self.spent
            )),
        }
    }

    /// One more was asked for.
    pub(super) fn ask(&mut self) {
        self.asked += 1;
        self.expected += self.price.unwrap_or(Money::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> Room {
        Room {
            name: "P".to_owned(),
            concurrent: 4,
            price: Money::parse("0.04").ok(),
            budget: Money::parse("0.10").ok(),
            asked: 0,
            expected: Money::ZERO,
            spent: Money::ZERO,
        }
    }

    #[test]
    fn a_budget_is_never_passed_and_holds_nothing_up_before_it_is_used_up() {
        let mut room = room();
        for _ in 0..2 {
            assert_eq!(room.turn(), Turn::Now);
            room.ask();
        }
        assert_eq!(room.turn(), Turn::Later, "those under way may cost less");
        let cheaper = Room {
            asked: 0,
            expected: Money::ZERO,
            spent: Money::from_micros(60_000),
            ..room.clone()
        };
        assert_eq!(cheaper.turn(), Turn::Now, "exactly the budget is within it");
        let used_up = Room {
            spent: Money::from_micros(80_000),
            ..cheaper
        };
        let Turn::Held(why) = used_up.turn() else {
            panic!("{:?}", used_up.turn())
        };
        assert!(why.contains("$0.10 a month for P: $0.08 is spent"), "{why}");
    }

    #[test]
    fn without_a_price_it_is_one_after_the_other_until_nothing_is_left() {
        let mut room = Room { price: None, ..room() };
        assert_eq!(room.turn(), Turn::Now);
        room.ask();
        assert_eq!(room.turn(), Turn::Later);
        room = Room {
            asked: 0,
            spent: Money::from_micros(99_999),
            ..room
        };
        assert_eq!(room.turn(), Turn::Now);
        room.spent = Money::from_micros(100_000);
        assert!(matches!(room.turn(), Turn::Held(_)));
        room.budget = None;
        assert_eq!(room.turn(), Turn::Now);
        room.asked = 4;
        assert_eq!(room.turn(), Turn::Later);
    }
}
