//! Amounts of money, exact: millionths of a US dollar, which is what providers charge in.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in millionths of a US dollar. Sums stay at the largest amount there is instead of wrapping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// A text that is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an amount is a number of US dollars, e.g. 0.04")]
pub struct NotAnAmount;

/// Millionths of a dollar.
const DOLLAR: i64 = 1_000_000;

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many millionths of a dollar.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The amount in millionths of a dollar.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }

    /// What a provider says in dollars as a number of JSON, to the nearest millionth. None for what is no amount: below
    /// zero, or more than can be counted.
    #[must_use]
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "a bound, not an amount")]
        let most = (i64::MAX / DOLLAR) as f64;
        if !dollars.is_finite() || dollars < 0.0 || dollars >= most {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "within the bounds, and rounded")]
        Some(Self((dollars * 1e6).round() as i64))
    }

    /// Reads an amount in dollars: "0.04", "$12", "0.0000025". What is finer than a millionth is rounded.
    ///
    /// # Errors
    /// If it is none, below zero, or more than can be counted.
    pub fn parse(text: &str) -> Result<Self, NotAnAmount> {
        let text = text.trim();
        let text = text.strip_prefix('$').unwrap_or(text).trim_start();
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) || text.ends_with('.') {
            return Err(NotAnAmount);
        }
        let whole: i64 = if whole.is_empty() {
            0
        } else {
            whole.parse().map_err(|_| NotAnAmount)?
        };
        let place = |at: usize| part.as_bytes().get(at).map_or(0, |digit| i64::from(digit - b'0'));
        let micros = (0..6).fold(0, |sum, at| sum * 10 + place(at)) + i64::from(place(6) >= 5);
        let whole = whole.checked_mul(DOLLAR).ok_or(NotAnAmount)?;
        whole.checked_add(micros).map(Self).ok_or(NotAnAmount)
    }

    /// The amount in dollars as plain digits, as [`Money::parse`] reads it: "0.04".
    #[must_use]
    pub fn dollars(self) -> String {
        self.to_string().replacen('$', "", 1)
    }
}

/// "$0.04", "$12.00", "$0.0030", "$0.000002": cents, or as many digits as it takes.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let (whole, part) = (micros / DOLLAR.unsigned_abs(), micros % DOLLAR.unsigned_abs());
        if part.is_multiple_of(10_000) {
            write!(f, "{sign}${whole}.{:02}", part / 10_000)
        } else if part.is_multiple_of(100) {
            write!(f, "{sign}${whole}.{:04}", part / 100)
        } else {
            write!(f, "{sign}${whole}.{part:06}")
        }
    }
}

impl FromStr for Money {
    type Err = NotAnAmount;

    fn from_str(text: &str) -> Result<Self, NotAnAmount> {
        Self::parse(text)
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul<u64> for Money {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(i64::try_from(times).unwrap_or(i64::MAX)))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.dollars())
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Number(f64),
        }
        let read = match Written::deserialize(deserializer)? {
            Written::Text(text) => Self::parse(&text).ok(),
            Written::Number(dollars) => Self::from_dollars(dollars),
        };
        read.ok_or_else(|| serde::de::Error::custom(NotAnAmount))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_and_shown_to_the_millionth() {
        for (text, micros, shown) in [
            ("0.04", 40_000, "$0.04"),
            ("$12", 12_000_000, "$12.00"),
            (".003", 3_000, "$0.0030"),
            ("0.0000025", 3, "$0.000003"),
            (" 1.5 ", 1_500_000, "$1.50"),
            ("0", 0, "$0.00"),
        ] {
            let money = Money::parse(text).unwrap();
            assert_eq!((money.micros(), money.to_string().as_str()), (micros, shown), "{text}");
        }
        for bad in [
            "",
            "$",
            ".",
            "1.",
            "-1",
            "1,5",
            "1e3",
            "٣",
            "99999999999999999999",
            "NaN",
        ] {
            assert_eq!(Money::parse(bad), Err(NotAnAmount), "{bad}");
        }
        assert_eq!(Money::from_micros(-40_000).to_string(), "-$0.04");
    }

    #[test]
    fn what_a_provider_says_as_a_number_is_believed_within_reason() {
        assert_eq!(Money::from_dollars(0.039), Some(Money::from_micros(39_000)));
        for bad in [-0.1, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(Money::from_dollars(bad), None, "{bad}");
        }
        let read: Money = serde_json::from_str("0.04").unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), "\"0.04\"");
    }

    #[test]
    fn sums_do_not_wrap() {
        let most = Money::from_micros(i64::MAX);
        assert_eq!([most, Money::from_micros(1)].into_iter().sum::<Money>(), most);
        assert_eq!(most * 2, most);
        assert_eq!(Money::from_micros(40_000) * 3, Money::from_micros(120_000));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(micros in 0..i64::MAX) {
            let money = Money::from_micros(micros);
            prop_assert_eq!(Money::parse(&money.dollars()), Ok(money));
            prop_assert_eq!(Money::parse(&money.to_string()), Ok(money));
        }
    }
}
