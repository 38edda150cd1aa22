//! An index against a naive model of it.

mod answers;
mod changes;
mod disk;
mod sums;

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::row::Row;
use super::segment::{Columns, Segment};
use super::*;
use crate::supabase::{BucketName, Entry};

/// What a bucket holds, by key.
type Model = BTreeMap<String, Entry>;

fn bucket() -> BucketName {
    BucketName::parse("b").unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn complete() -> Coverage {
    Coverage::Complete { at: at(1_000) }
}

fn entry(key: &str) -> Entry {
    Entry {
        key: key.to_owned(),
        id: None,
        size: Some(10),
        content_type: None,
        etag: None,
        cache_control: None,
        created_at: None,
        updated_at: None,
    }
}

fn index(keys: &[&str]) -> Index {
    Index::new(bucket(), 1, complete(), keys.iter().map(|key| entry(key)).collect())
}

fn keys<'a>(index: &'a Index, contents: &Contents) -> Vec<&'a str> {
    contents.objects.iter().map(|id| index.row(*id).unwrap().key).collect()
}

/// Keys that share folders, have odd slashes, letters with case and line breaks.
fn some_key() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[aBc/ä0-9]{0,6}",
        2 => "(a|B|_trash)/[ab/]{0,3}(\\.emptyFolderPlaceholder)?",
        1 => "[a\n/.]{0,4}",
    ]
}

fn some_entry() -> impl Strategy<Value = Entry> {
    (
        some_key(),
        prop_oneof![Just(None), (0_u64..4).prop_map(Some), Just(Some(u64::MAX))],
        prop_oneof![
            Just(None),
            Just(Some("image/png")),
            Just(Some("Text/Plain; charset=utf-8")),
            Just(Some(""))
        ],
        proptest::option::of(0_i64..4),
        proptest::option::of(0_i64..4),
        prop_oneof![Just(None), Just(Some("no-cache")), Just(Some("max-age=3600"))],
        prop_oneof![
            Just(None),
            Just(Some("\"x\"".to_owned())),
            "\"[0-9a-f]{32}(-[0-9]{1,3})?\"".prop_map(Some)
        ],
    )
        .prop_map(|(key, size, kind, updated, created, cache, etag)| Entry {
            key,
            id: None,
            size,
            content_type: kind.map(str::to_owned),
            etag,
            cache_control: cache.map(str::to_owned),
            created_at: created.map(at),
            updated_at: updated.map(at),
        })
}

fn some_model() -> impl Strategy<Value = Model> {
    proptest::collection::vec(some_entry(), 0..40)
        .prop_map(|entries| entries.into_iter().map(|entry| (entry.key.clone(), entry)).collect())
}

/// An index of a model, in segments of so many rows.
fn index_of(model: &Model, rows: usize) -> Index {
    let entries: Vec<&Entry> = model.values().collect();
    let segments = entries.chunks(rows.max(1)).map(|entries| {
        let mut columns = Columns::default();
        entries.iter().for_each(|entry| columns.push(&Row::from(*entry)));
        Segment::new(columns)
    });
    Index::of(bucket(), 1, complete(), false, segments.collect())
}

fn rows_of(model: &Model) -> Vec<Row<'_>> {
    model.values().map(|entry| Row::from(entry).kept()).collect()
}

fn same(index: &Index, model: &Model) -> Result<(), TestCaseError> {
    prop_assert_eq!(index.rows().collect::<Vec<_>>(), rows_of(model));
    prop_assert_eq!(index.len(), model.len());
    for (id, key) in model.keys().enumerate() {
        prop_assert_eq!(index.position(key), Some(id as u32));
        prop_assert_eq!(index.key(id as u32), Some(key.as_str()));
    }
    prop_assert_eq!(index.row(model.len() as u32), None);
    prop_assert_eq!(index.total(), total(index.rows()));
    Ok(())
}

fn total<'a>(rows: impl Iterator<Item = Row<'a>>) -> Total {
    rows.fold(Total::default(), |total, row| total.with(row.size))
}
