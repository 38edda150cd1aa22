//! Rows put and removed, and listings that take the place of what was known.

use super::*;

fn some_changes() -> impl Strategy<Value = Changes> {
    let put = proptest::collection::vec(some_entry(), 0..12);
    let removed = proptest::collection::vec(some_key(), 0..12);
    (put, removed).prop_map(|(put, removed)| Changes { put, removed })
}

fn change(model: &mut Model, changes: &Changes) {
    for key in &changes.removed {
        model.remove(key);
    }
    for entry in &changes.put {
        model.insert(entry.key.clone(), entry.clone());
    }
}

#[test]
fn what_a_change_does_not_touch_is_shared() {
    let model: Model = (0..90)
        .map(|n| (format!("{n:02}"), entry(&format!("{n:02}"))))
        .collect();
    let index = index_of(&model, 10);
    let changed = index.with(Changes {
        put: vec![entry("35")],
        removed: vec!["71".to_owned()],
    });
    let shared = |at: usize| std::sync::Arc::ptr_eq(&index.segments()[at], &changed.segments()[at]);
    assert_eq!((0..9).filter(|at| !shared(*at)).collect::<Vec<_>>(), [3, 7]);
    assert_eq!(changed.version(), index.version() + 1);
}

#[test]
fn many_new_rows_make_segments_of_a_bearable_size() {
    let many = (0..40_000).map(|n| entry(&format!("{n:05}"))).collect();
    let index = Index::new(bucket(), 1, complete(), many);
    assert!(index.segments().len() >= 3);
    assert!(
        index
            .segments()
            .iter()
            .all(|segment| segment.len() <= 2 * segment::ROWS)
    );
    // More than are sorted one by one, by all ways.
    for by in SortBy::ALL {
        let query = Query {
            deep: true,
            text: "1".to_owned(),
            order: Order { by, descending: true },
            ..Query::default()
        };
        let contents = index.answer(&query).unwrap();
        assert_eq!(index.key(contents.objects[0]), Some("39991"));
        assert!(contents.objects.is_sorted_by(|a, b| a > b));
    }
}

proptest! {
    #[test]
    fn changes_do_what_they_say(
        model in some_model(), rows in 1_usize..9, changes in proptest::collection::vec(some_changes(), 1..4)
    ) {
        let mut model = model;
        let mut index = index_of(&model, rows);
        for some in changes {
            change(&mut model, &some);
            index = index.with(some);
            same(&index, &model)?;
        }
    }

    #[test]
    fn a_folder_that_was_listed_is_as_it_was_listed(model in some_model(), listed in some_model(), rows in 1_usize..9, folder in "(a|B|a/|)") {
        let index = index_of(&model, rows);
        let mut expected: Model = model.clone();
        expected.retain(|key, _| !key.starts_with(&folder));
        expected.extend(listed.clone().into_iter().filter(|(key, _)| key.starts_with(&folder)));
        same(&index.with_folder(&folder, listed.into_values().collect()), &expected)?;
        // What is as it was is no change.
        let same_again = model.values().cloned().collect();
        prop_assert!(index.changes_of_folder("", same_again).is_empty());
    }

    #[test]
    fn a_listing_shows_what_was_listed_and_then_what_was_known(
        known in some_model(), listed in some_model(), page in 1_usize..7, rows in 1_usize..9, has_known: bool
    ) {
        let base = has_known.then(|| index_of(&known, rows));
        let mut builder = Builder::new(bucket(), base);
        let entries: Vec<Entry> = listed.values().cloned().collect();
        for page in entries.chunks(page) {
            builder.page(page.to_vec(), false);
            let last = &page[page.len() - 1].key;
            let mut expected: Model = listed.range(..=last.clone()).map(|(k, v)| (k.clone(), v.clone())).collect();
            let snapshot = builder.snapshot(7);
            if has_known {
                let rest = known.iter().filter(|(key, _)| *key > last);
                expected.extend(rest.map(|(k, v)| (k.clone(), v.clone())));
                prop_assert!(matches!(snapshot.state(), Coverage::Refreshing { .. }), "{:?}", snapshot.state());
            } else {
                prop_assert!(matches!(snapshot.state(), Coverage::Partial { .. }), "{:?}", snapshot.state());
            }
            same(&snapshot, &expected)?;
        }
        let finished = builder.finish(8, at(9)).index;
        same(&finished, &listed)?;
        prop_assert_eq!(finished.state(), &Coverage::Complete { at: at(9) });
    }

    #[test]
    fn pages_in_any_order_make_the_same_index(
        listed in some_model(), page in 1_usize..7, turn in any::<prop::sample::Index>(), known in some_model()
    ) {
        let mut entries: Vec<Entry> = listed.values().cloned().collect();
        let at_entry = if entries.is_empty() { 0 } else { turn.index(entries.len()) };
        entries.rotate_left(at_entry);
        let mut builder = Builder::new(bucket(), Some(index_of(&known, 5)));
        for page in entries.chunks(page) {
            builder.page(page.to_vec(), true);
            // Never fewer than were known, while it is not known where the listing is.
            prop_assert!(builder.snapshot(2).state().complete_at().is_some());
        }
        let finished = builder.finish(8, at(9)).index;
        same(&finished, &listed)?;
        prop_assert_eq!(finished.may_miss(), !listed.is_empty());
    }
}
