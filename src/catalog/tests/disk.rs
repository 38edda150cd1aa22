//! What is kept on disk comes back as it was, or not at all.

use super::*;
use crate::catalog::encode::{decode, encode};

fn columns_of(model: &Model) -> Columns {
    let mut columns = Columns::default();
    model.values().for_each(|entry| columns.push(&Row::from(entry)));
    columns
}

fn listed(keys: std::ops::Range<usize>) -> Vec<Entry> {
    keys.map(|n| entry(&format!("{n:06}"))).collect()
}

/// Lists whole buckets in pages of a thousand, and keeps what can be gone on with. Ends before the page `until`.
fn list(store: &Store, generation: Generation, builder: &mut Builder, pages: std::ops::Range<usize>) {
    for page in pages {
        builder.page(listed(page * 1_000..(page + 1) * 1_000), false);
        if let Some(closed) = builder.closed() {
            store
                .keep(
                    &bucket(),
                    generation,
                    &closed,
                    builder.rows(),
                    &format!("c{}", page + 1),
                )
                .unwrap();
        }
    }
}

fn finish(store: &Store, generation: Generation, builder: Builder, second: i64) -> bool {
    let finished = builder.finish(1, at(second));
    let scan = finished.index.scan(at(second));
    store.finish(generation, &finished, &scan).unwrap()
}

#[test]
fn a_listing_goes_on_where_it_broke_off_at_any_page() {
    for broken in [0, 3, 9, 17, 21, 29] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let generation = Generation::new(at(10));
        list(&store, generation, &mut Builder::new(bucket(), None), 0..broken);
        drop(store);

        let store = Store::open(folder.path()).unwrap();
        let kept = store.load(&bucket(), 1).unwrap();
        assert!(kept.complete.is_none());
        let (mut builder, from) = match kept.unfinished {
            Some(unfinished) => {
                assert_eq!(unfinished.generation, generation);
                let from: usize = unfinished.cursor[1..].parse().unwrap();
                assert_eq!(unfinished.listed.len(), from * 1_000);
                assert!(
                    from <= broken && broken - from < 10,
                    "{from} of {broken} pages are kept"
                );
                (Builder::go_on(bucket(), None, &unfinished.listed), from)
            }
            None => {
                assert!(broken < 10);
                (Builder::new(bucket(), None), 0)
            }
        };
        list(&store, generation, &mut builder, from..30);
        assert!(finish(&store, generation, builder, 20));
        let kept = store.load(&bucket(), 1).unwrap();
        assert!(kept.unfinished.is_none());
        let whole = kept.complete.unwrap();
        assert_eq!(
            (whole.index.state(), whole.generation),
            (&Coverage::Complete { at: at(20) }, generation)
        );
        let expected: Model = listed(0..30_000)
            .into_iter()
            .map(|entry| (entry.key.clone(), entry))
            .collect();
        assert!(same(&whole.index, &expected).is_ok());
    }
}

#[test]
fn the_listing_that_began_later_stays_and_all_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (Store::open(folder.path()).unwrap(), Store::open(folder.path()).unwrap());
    let (earlier, later) = (Generation::new(at(10)), Generation::new(at(11)));
    let mut slow = Builder::new(bucket(), None);
    list(&one, earlier, &mut slow, 0..12);
    let mut fast = Builder::new(bucket(), None);
    fast.page(listed(0..5), false);
    assert!(finish(&two, later, fast, 12));
    assert!(!finish(&one, earlier, slow, 30), "it began before the one that is kept");
    let kept = one.load(&bucket(), 1).unwrap();
    assert_eq!(
        (kept.complete.unwrap().index.len(), kept.unfinished.is_none()),
        (5, true)
    );
    let scans: Vec<u64> = two
        .scans(&bucket())
        .unwrap()
        .iter()
        .map(|scan| scan.total.objects)
        .collect();
    assert_eq!(scans, [12_000, 5], "the newest first");
    two.forget(&bucket()).unwrap();
    assert!(one.load(&bucket(), 1).unwrap().complete.is_none());
}

#[test]
fn changes_are_kept_of_the_listing_they_are_of_only() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let generation = Generation::new(at(10));
    let mut builder = Builder::new(bucket(), None);
    list(&store, generation, &mut builder, 0..20);
    assert!(finish(&store, generation, builder, 20));
    let before = store.load(&bucket(), 1).unwrap().complete.unwrap().index;
    let after = before.with(Changes {
        put: vec![entry("000000a"), entry("zzz")],
        removed: vec!["000000".to_owned(), "012345".to_owned(), "012346".to_owned()],
    });
    assert!(store.change(generation, &before, &after).unwrap());
    let kept = store.load(&bucket(), 1).unwrap().complete.unwrap().index;
    assert_eq!(kept.rows().collect::<Vec<_>>(), after.rows().collect::<Vec<_>>());
    // Another process has changed it since.
    assert!(!store.change(generation, &before, &after).unwrap());
    assert!(!store.change(Generation::new(at(11)), &after, &before).unwrap());
    let kept = store.load(&bucket(), 1).unwrap().complete.unwrap().index;
    assert_eq!(kept.len(), after.len());
}

#[test]
fn a_file_that_is_damaged_is_thrown_away_and_wrong_rows_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite3");
    std::fs::write(&path, vec![7; 9_000]).unwrap();
    let store = Store::open(folder.path()).unwrap();
    let generation = Generation::new(at(10));
    let mut builder = Builder::new(bucket(), None);
    list(&store, generation, &mut builder, 0..20);
    assert!(finish(&store, generation, builder, 20));
    drop(store);
    let damages = [
        "UPDATE segment SET data = substr(data, 1, 1000) || x'00' || substr(data, 1002) WHERE rowid = (SELECT min(rowid) FROM segment)",
        "UPDATE segment SET data = x''",
        "UPDATE segment SET data = 'text'",
        "DELETE FROM segment WHERE rowid = (SELECT max(rowid) FROM segment)",
        "UPDATE segment SET first = 'z' WHERE rowid = (SELECT min(rowid) FROM segment)",
        "UPDATE bucket SET objects = objects - 1",
        "UPDATE bucket SET begun_at = 9223372036854775807",
    ];
    for damage in damages {
        let copy = tempfile::tempdir().unwrap();
        std::fs::copy(&path, copy.path().join("catalog.sqlite3")).unwrap();
        let db = rusqlite::Connection::open(copy.path().join("catalog.sqlite3")).unwrap();
        assert!(db.execute(damage, []).unwrap() > 0, "{damage}");
        drop(db);
        let store = Store::open(copy.path()).unwrap();
        assert!(store.load(&bucket(), 1).unwrap().complete.is_none(), "{damage}");
    }
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.load(&bucket(), 1).unwrap().complete.unwrap().index.len(), 20_000);
    // One of another form is of no use either.
    drop(store);
    rusqlite::Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    assert!(
        Store::open(folder.path())
            .unwrap()
            .load(&bucket(), 1)
            .unwrap()
            .complete
            .is_none()
    );
}

#[test]
fn one_process_at_a_time_keeps_a_listing() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (Store::open(folder.path()).unwrap(), Store::open(folder.path()).unwrap());
    let turn = one.turn(&bucket()).unwrap();
    assert!(turn.is_some() && two.turn(&bucket()).unwrap().is_none());
    drop(turn);
    assert!(two.turn(&bucket()).unwrap().is_some());
}

proptest! {
    #[test]
    fn a_segment_comes_back_as_it_was_or_not_at_all(
        model in some_model(), place in any::<prop::sample::Index>(), flip in 1_u8.., cut in any::<prop::sample::Index>()
    ) {
        prop_assume!(!model.is_empty());
        let columns = columns_of(&model);
        let bytes = encode(&columns, "b");
        prop_assert_eq!(decode(&bytes, "b"), Some(columns));
        prop_assert_eq!(decode(&bytes, "c"), None, "of another bucket");
        prop_assert_eq!(decode(&bytes[..cut.index(bytes.len())], "b"), None);
        let mut damaged = bytes;
        let at = place.index(damaged.len());
        damaged[at] ^= flip;
        prop_assert_eq!(decode(&damaged, "b"), None);
        // With a sum that is right, what is read is still in order, or it is none.
        let end = damaged.len() - 4;
        let mut sum = crc32fast::Hasher::new();
        sum.update(b"b");
        sum.update(&damaged[..end]);
        damaged[end..].copy_from_slice(&sum.finalize().to_le_bytes());
        if let Some(columns) = decode(&damaged, "b") {
            let segment = Segment::new(columns);
            let keys: Vec<&str> = (0..segment.len()).map(|row| segment.row(row).key).collect();
            prop_assert!(keys.is_sorted_by(|a, b| a < b));
        }
    }
}
