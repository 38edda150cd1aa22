//! JSON as Postgres' `jsonb` keeps it, so that it reads back from here as from a real project.

use serde_json::Value;

/// The value with the keys of its objects in `jsonb`'s order: short ones first, then by bytes.
#[must_use]
pub fn normal(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().collect();
            fields.sort_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
            fields.into_iter().map(|(name, value)| (name, normal(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(normal).collect(),
        plain => plain,
    }
}
