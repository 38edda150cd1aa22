//! Conditions that a row still is what somebody saw, so that of two editors neither loses what the other wrote.

use serde_json::Value;

use crate::supabase::Condition;

/// Times that a change is tried whose conditions seem to hold.
pub(super) const TRIES: usize = 5;

/// The column still is what somebody saw. Some services write an empty text for none.
pub(super) fn still(column: &str, seen: Option<&str>) -> Condition {
    match seen {
        Some(text) => Condition::eq(column, text),
        None => Condition::any([Condition::is_null(column), Condition::eq(column, "")]),
    }
}

/// Characters of a text that a condition compares: a whole one may be longer than an address.
pub(super) const BEGINNING: usize = 80;

/// The column still begins as it was read. None if there is nothing to compare.
pub(super) fn still_begins(column: &str, read: Option<&Value>) -> Option<Condition> {
    let text = match read? {
        Value::Null => return Some(Condition::is_null(column)),
        Value::String(text) => text,
        _ => return None,
    };
    if text.chars().count() <= BEGINNING {
        return Some(Condition::eq(column, text));
    }
    let beginning: String = text.chars().take(BEGINNING).collect();
    Some(Condition::begins_exactly(column, &beginning))
}

/// The row was not changed since it was read, as far as it keeps the time of that.
pub(super) fn unchanged(row: &Value) -> Option<Condition> {
    match row.get("updated_at")? {
        Value::String(time) => Some(Condition::eq("updated_at", time)),
        Value::Null => Some(Condition::is_null("updated_at")),
        _ => None,
    }
}
