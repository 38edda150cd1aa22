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

/// What a name begins with, as a number: if those of two names differ, the names are in the same order.
pub(super) fn beginning(name: &str) -> u128 {
    let mut bytes = [0; 16];
    let mut at = 0;
    let mut put = |byte: u8| {
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        at += 1;
        at < 16
    };
    let mut rest = name.as_bytes();
    while let Some(byte) = rest.first() {
        if !byte.is_ascii_digit() {
            rest = &rest[1..];
            if !put(byte.to_ascii_lowercase()) {
                break;
            }
            continue;
        }
        let digits = number(rest);
        rest = &rest[digits.len()..];
        let digits = significant(digits);
        // Whatever digit there is, compared with what is none; then the greater number is the one with more digits.
        let length = u8::try_from(digits.len()).unwrap_or(u8::MAX);
        if !put(b'0') || !put(length) || length == u8::MAX || !digits.iter().all(|digit| put(*digit)) {
            break;
        }
    }
    u128::from_be_bytes(bytes)
}

fn number(text: &[u8]) -> &[u8] {
    &text[..text.iter().take_while(|byte| byte.is_ascii_digit()).count()]
}

fn significant(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|digit| **digit == b'0').count()..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_in_the_order_that_people_expect() {
        let mut names = [
            "scene_10", "scene_2", "Scene_1", "scene_02", "cover", "scene", "10", "9", "a-b",
        ];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            [
                "9", "10", "a-b", "cover", "scene", "Scene_1", "scene_02", "scene_2", "scene_10"
            ]
        );
    }

    proptest! {
        #[test]
        fn it_is_an_order_and_beginnings_agree_with_it(
            a in "[aB0-3_\u{0}:ä]{0,20}", b in "[aB0-3_\u{0}:ä]{0,20}", c in "[aB0-3_\u{0}:ä]{0,20}"
        ) {
            let order = compare(&a, &b);
            prop_assert_eq!(order, compare(&b, &a).reverse());
            prop_assert_eq!(order == Ordering::Equal, a == b);
            let differ = beginning(&a).cmp(&beginning(&b));
            prop_assert!(differ == Ordering::Equal || differ == order, "{:?} {:?}", differ, order);
            if order != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                prop_assert_ne!(compare(&a, &c), Ordering::Greater);
            }
        }
    }
}
