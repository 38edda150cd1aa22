//! What takes the space adds up to all there is.

use super::*;

fn adds_up(folder: &FolderUsage, index: &Index) -> Result<(), TestCaseError> {
    prop_assert_eq!(folder.total, index.folder_total(&folder.prefix));
    let sum = folder
        .folders
        .iter()
        .fold(folder.own.and(folder.others), |sum, inner| sum.and(inner.total));
    prop_assert_eq!(sum, folder.total);
    folder.folders.iter().try_for_each(|inner| adds_up(inner, index))
}

#[test]
fn growth_is_told_by_folder_and_type() {
    let before = index(&["a/1", "b/1", "c"]).scan(at(1));
    let after = index(&["a/1", "a/2", "c", "d"]).scan(at(2));
    let growth = after.since(&before);
    assert_eq!((growth.objects, growth.bytes, growth.since), (1, 10, at(1)));
    let folders: Vec<_> = growth
        .folders
        .iter()
        .map(|change| (change.name.as_str(), change.bytes))
        .collect();
    assert_eq!(folders, [("", 10), ("a/", 10), ("b/", -10)]);
    assert_eq!(growth.types.len(), 1);
}

proptest! {
    #[test]
    fn every_part_of_usage_adds_up(model in some_model(), rows in 1_usize..9, depth in 0_usize..4, most in 0_usize..3) {
        let index = index_of(&model, rows);
        let query = UsageQuery { folder: String::new(), depth, folders: most, objects: 5, now: at(3 + 7 * 86_400) };
        let usage = index.usage(&query);
        prop_assert_eq!(usage.total, index.total());
        adds_up(&usage.tree, &index)?;
        let sum = |totals: Vec<Total>| totals.into_iter().fold(Total::default(), Total::and);
        prop_assert_eq!(sum(usage.types.iter().map(|share| share.total).collect()), usage.total);
        prop_assert_eq!(sum(usage.ages.iter().map(|(_, total)| *total).collect()), usage.total);
        let rows = || index.rows().enumerate();
        let mut sizes: Vec<_> = rows().filter_map(|(id, row)| Some((std::cmp::Reverse(row.size?), id as u32))).collect();
        sizes.sort_unstable();
        prop_assert_eq!(usage.largest, sizes.into_iter().take(5).map(|(_, id)| id).collect::<Vec<_>>());
        let mut times: Vec<_> = rows().filter_map(|(id, row)| Some((row.modified?, id as u32))).collect();
        times.sort_unstable();
        prop_assert_eq!(usage.oldest, times.into_iter().take(5).map(|(_, id)| id).collect::<Vec<_>>());
        let scan = index.scan(at(5));
        prop_assert_eq!(scan.summary.folders.values().map(|(objects, _)| objects).sum::<u64>(), model.len() as u64);
        prop_assert_eq!(scan.since(&scan).folders, vec![]);
    }

    #[test]
    fn folders_and_ranges_come_to_what_is_in_them(model in some_model(), rows in 1_usize..9, prefix in "[aB/]{0,2}") {
        let index = index_of(&model, rows);
        let inside = || index.rows().filter(|row| row.key.starts_with(&prefix));
        prop_assert_eq!(index.folder_total(&prefix), total(inside()));
        prop_assert_eq!(index.total_of_each(index.range(&prefix)), total(inside()));
    }
}
