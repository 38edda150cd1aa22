//! What an index answers.

use super::*;
use crate::supabase::{BucketName, Entry};

fn entry(key: &str, size: Option<u64>) -> Entry {
    Entry {
        key: key.to_owned(),
        id: None,
        size,
        content_type: None,
        etag: None,
        cache_control: None,
        created_at: None,
        updated_at: None,
    }
}

fn index(keys: &[&str]) -> Index {
    let entries = keys.iter().map(|key| entry(key, Some(10))).collect();
    let state = Coverage::Complete {
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    Index::new(BucketName::parse("b").unwrap(), 1, state, entries)
}

fn keys<'a>(index: &'a Index, contents: &Contents) -> Vec<&'a str> {
    contents.objects.iter().map(|id| index.row(*id).unwrap().key).collect()
}

#[test]
fn folders_are_made_of_keys_and_count_everything_below() {
    let index = index(&[
        "cover.png",
        "pip/1.png",
        "pip/drafts/2.png",
        "pip/drafts/3.png",
        "pip.png",
        "zoo/4.png",
    ]);
    let root = index.answer(&Query::default()).unwrap();
    let folders: Vec<_> = root
        .folders
        .iter()
        .map(|f| (f.name.as_str(), f.total.objects))
        .collect();
    assert_eq!(folders, [("pip", 3), ("zoo", 1)]);
    assert_eq!(keys(&index, &root), ["cover.png", "pip.png"]);
}
