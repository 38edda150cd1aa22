//! Folders, search, filters and order.

use super::*;

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
    assert_eq!(index.folder_total("pip/").bytes, 30);
}

#[test]
fn hostile_keys_keep_every_object_reachable() {
    let all = [
        "",
        "/",
        "//",
        "/a.png",
        "a//b.png",
        "a/",
        "a/../b.png",
        "ä/ö.png",
        "a\nb/c.png",
        "😀",
    ];
    let index = index(&all);
    let mut seen = 0;
    let mut open = vec![String::new()];
    while let Some(folder) = open.pop() {
        let query = Query {
            folder: folder.clone(),
            ..Query::default()
        };
        let contents = index.answer(&query).unwrap();
        seen += contents.objects.len();
        for inner in contents.folders {
            assert!(inner.prefix.len() > folder.len(), "{folder:?} must get longer");
            open.push(inner.prefix);
        }
    }
    assert_eq!(seen, all.len());
    assert_eq!(index.answer(&Query::default()).unwrap().folders[0].shown(), "(no name)");
}

#[test]
fn what_is_used_most_is_at_one_end_and_the_rest_by_name() {
    let index = index(&["b2.png", "b10.png", "a.png", "c.png"]);
    let uses = [("c.png", 2), ("b10.png", 7), ("gone.png", 9)];
    let uses = UseCounts::new(uses.map(|(key, count)| (key.to_owned(), count)).into());
    let keys = |descending| {
        let query = Query {
            order: Order {
                by: SortBy::UsedBy,
                descending,
            },
            uses: uses.clone(),
            ..Query::default()
        };
        let found = index.answer(&query).unwrap().objects;
        found
            .iter()
            .map(|id| index.row(*id).unwrap().key.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(false), ["a.png", "b2.png", "c.png", "b10.png"]);
    assert_eq!(keys(true), ["b10.png", "c.png", "b2.png", "a.png"]);
}

#[test]
fn the_trash_and_placeholders_are_hidden_unless_asked_for() {
    let index = index(&["_trash/1/x", "a/.emptyFolderPlaceholder", "b"]);
    let ask = |query: Query| {
        let contents = index.answer(&query).unwrap();
        let folders: Vec<String> = contents.folders.iter().map(|folder| folder.prefix.clone()).collect();
        (
            folders,
            keys(&index, &contents)
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
    };
    let folder = |folder: &str| Query {
        folder: folder.to_owned(),
        ..Query::default()
    };
    assert_eq!(ask(folder("")), (vec!["a/".to_owned()], vec!["b".to_owned()]));
    assert_eq!(ask(folder("a/")), (vec![], vec![]));
    assert_eq!(ask(folder("_trash/")).0, ["_trash/1/"]);
    let everything = Query {
        trash: true,
        placeholders: true,
        deep: true,
        ..Query::default()
    };
    assert_eq!(ask(everything).1.len(), 3);
    assert_eq!(index.total_without_trash().objects, 2);
}

#[test]
fn a_regular_expression_that_is_none_is_an_error_and_one_with_capitals_minds_them() {
    let index = index(&["a.PNG", "b.png", "b.png.txt"]);
    let ask = |text: &str| {
        let query = Query {
            text: text.to_owned(),
            mode: Mode::Regex,
            deep: true,
            ..Query::default()
        };
        index.answer(&query).map(|contents| contents.objects.len())
    };
    assert_eq!(
        (ask("png$"), ask("PNG$"), ask("^b"), ask(r"\Ab"), ask(r"png\z")),
        (Ok(2), Ok(1), Ok(2), Ok(2), Ok(2))
    );
    assert!(matches!(ask("("), Err(QueryError::NotARegex { .. })));
    assert_eq!(ask(&"a".repeat(2_000)), Err(QueryError::TooLong(1_024)));
}

#[test]
fn a_question_that_was_taken_back_is_not_answered() {
    let stopped = std::sync::atomic::AtomicBool::new(true);
    let answer = index(&["a"]).answer_unless(&Query::default(), &stopped);
    assert_eq!(answer.unwrap_err(), QueryError::Stopped);
}

fn some_query() -> impl Strategy<Value = Query> {
    let text = prop_oneof![
        Just(String::new()),
        "[aBc/ä ]{1,3}",
        "(a|b)\\.?[*+$]?",
        "\\^?[a-c]\\|?b?\\$?",
        "\\[\\^a\\]c?",
        "\\[abc/\\]\\+?[aBbc/]{3}"
    ];
    let by = prop_oneof![
        Just(SortBy::Name),
        Just(SortBy::Size),
        Just(SortBy::Type),
        Just(SortBy::Modified),
        Just(SortBy::CacheControl)
    ];
    let mode = prop_oneof![Just(Mode::Substring), Just(Mode::Fuzzy), Just(Mode::Regex)];
    let folder = prop_oneof![3 => Just(String::new()), 1 => Just("a/".to_owned()), 1 => Just("B/".to_owned()), 1 => Just("_trash/".to_owned())];
    let kinds = prop_oneof![
        4 => Just(vec![]),
        1 => Just(vec!["image/*".to_owned()]),
        1 => Just(vec!["TEXT/plain".to_owned(), "image/png".to_owned()]),
    ];
    let bounds = proptest::option::of(0_u64..4);
    let times = proptest::option::of((0_i64..4).prop_map(at));
    let filters =
        (bounds.clone(), bounds, times.clone(), times, kinds).prop_map(|(min_size, max_size, after, before, kinds)| {
            Filters {
                min_size,
                max_size,
                after,
                before,
                kinds,
            }
        });
    let filters = prop_oneof![2 => Just(Filters::default()), 1 => filters];
    (
        folder,
        any::<bool>(),
        text,
        mode,
        filters,
        by,
        any::<bool>(),
        any::<(bool, bool)>(),
    )
        .prop_map(
            |(folder, deep, text, mode, filters, by, descending, (trash, placeholders))| Query {
                folder,
                deep,
                text,
                mode,
                filters,
                order: Order { by, descending },
                uses: UseCounts::default(),
                trash,
                placeholders,
            },
        )
}

/// Whether a text matches, found out as simply as can be.
fn matches(text: &str, query: &Query) -> bool {
    let (folded, wanted) = (text.to_lowercase(), query.text.to_lowercase());
    let mut words = wanted.split_whitespace();
    if query.text.trim().is_empty() {
        return true;
    }
    match query.mode {
        Mode::Substring => words.all(|word| folded.contains(word)),
        Mode::Fuzzy => words.all(|word| {
            let mut letters = folded.chars();
            word.chars().all(|c| letters.any(|letter| letter == c))
        }),
        Mode::Regex => regex::RegexBuilder::new(query.text.trim())
            .case_insensitive(!query.text.contains('B'))
            .multi_line(true)
            .build()
            .is_ok_and(|regex| regex.is_match(text)),
    }
}

fn passes(row: &Row<'_>, query: &Query) -> bool {
    let filters = &query.filters;
    let kind = row.content_type.map(str::to_lowercase);
    let is_kind = |wanted: &String| {
        let wanted = wanted.to_lowercase();
        kind.as_ref().is_some_and(|kind| match wanted.as_str() {
            "image/*" => kind.starts_with("image/"),
            wanted => kind.split(';').next() == Some(wanted),
        })
    };
    filters
        .min_size
        .is_none_or(|min| row.size.is_some_and(|size| size >= min))
        && filters
            .max_size
            .is_none_or(|max| row.size.is_some_and(|size| size <= max))
        && filters
            .after
            .is_none_or(|after| row.modified.is_some_and(|at| at >= after))
        && filters
            .before
            .is_none_or(|before| row.modified.is_some_and(|at| at < before))
        && (filters.kinds.is_empty() || filters.kinds.iter().any(is_kind))
        && (query.placeholders || row.name() != PLACEHOLDER)
}

proptest! {
    #[test]
    fn a_query_is_answered_as_by_looking_at_each_key(model in some_model(), rows in 1_usize..9, query in some_query()) {
        let index = index_of(&model, rows);
        same(&index, &model)?;
        let Ok(contents) = index.answer(&query) else {
            prop_assert!(query.mode == Mode::Regex && regex::Regex::new(query.text.trim()).is_err());
            return Ok(());
        };
        let hides_trash = !query.trash && !query.folder.starts_with(TRASH);
        let (mut folders, mut objects) = (BTreeMap::<String, Total>::new(), Vec::new());
        for (id, row) in rows_of(&model).into_iter().enumerate() {
            let Some(rest) = row.key.strip_prefix(query.folder.as_str()) else { continue };
            if hides_trash && row.key.starts_with(TRASH) {
                continue;
            }
            match rest.find('/').filter(|_| !query.deep) {
                Some(slash) if matches(&rest[..slash], &query) => {
                    let total = folders.entry(row.key[..=query.folder.len() + slash].to_owned()).or_default();
                    *total = total.with(row.size);
                }
                None if matches(rest, &query) && passes(&row, &query) => objects.push(id as u32),
                Some(_) | None => {}
            }
        }
        prop_assert_eq!(contents.total, total(objects.iter().filter_map(|id| index.row(*id))));
        let found: BTreeMap<_, _> = contents.folders.iter().map(|folder| (folder.prefix.clone(), folder.total)).collect();
        prop_assert_eq!(found.len(), contents.folders.len());
        prop_assert_eq!(found, folders);
        // Whichever way it is found out, the order is the same.
        let key = |id: &u32| {
            let row = index.row(*id).unwrap();
            match query.order.by {
                SortBy::Size => (row.size.map_or(0, |size| size + 1), None),
                SortBy::Modified => (row.modified.map_or(0, |at| at.as_second() as u64 + 1), None),
                SortBy::Type => (0, row.content_type),
                SortBy::CacheControl => (0, row.cache_control),
                SortBy::Name | SortBy::Match | SortBy::UsedBy => (0, None),
            }
        };
        let mut sorted = objects.clone();
        sorted.sort_by(|a, b| {
            let name = |id: &u32| index.row(*id).unwrap().name();
            key(a).cmp(&key(b)).then_with(|| natural::compare(name(a), name(b))).then(a.cmp(b))
        });
        if query.order.descending {
            sorted.reverse();
        }
        prop_assert_eq!(&*contents.objects, sorted.as_slice());
        index.order_of_all(query.order.by);
        prop_assert_eq!(&*index.answer(&query).unwrap().objects, sorted.as_slice());
    }

    #[test]
    fn a_fuzzy_text_puts_the_better_match_first(model in some_model(), text in "[abc]{1,3}") {
        let index = index_of(&model, 3);
        let query = Query {
            text: text.clone(),
            mode: Mode::Fuzzy,
            deep: true,
            trash: true,
            placeholders: true,
            order: Order { by: SortBy::Match, descending: false },
            ..Query::default()
        };
        let contents = index.answer(&query).unwrap();
        let matcher = search::Matcher::new(&text, Mode::Fuzzy).unwrap().unwrap();
        let scores: Vec<_> = keys(&index, &contents).into_iter().map(|key| matcher.matches(key)).collect();
        prop_assert!(scores.iter().all(Option::is_some) && scores.is_sorted_by(|a, b| a >= b), "{:?}", scores);
        prop_assert_eq!(scores.len(), model.keys().filter(|key| matches(key, &query)).count());
    }
}
