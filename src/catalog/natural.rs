//! As people order names: numbers by their value, letters without their case.

use std::cmp::Ordering;

/// Compares two names; what is alike otherwise goes by its bytes.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.as_bytes(), b.as_bytes());
    while let (Some(x), Some(y)) = (left.first(), right.first()) {
        let step = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (m, n) = (number(left), number(right));
            left = &left[m.len()..];
            right = &right[n.len()..];
            let (m, n) = (significant(m), significant(n));
            m.len().cmp(&n.len()).then_with(|| m.cmp(n))
        } else {
            left = &left[1..];
            right = &right[1..];
            x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase())
        };
        if step != Ordering::Equal {
            return step;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

fn number(text: &[u8]) -> &[u8] {
    &text[..text.iter().take_while(|byte| byte.is_ascii_digit()).count()]
}

fn significant(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|digit| **digit == b'0').count()..]
}
