//! What the state promises, without a window.

use super::super::dialog::Deletion;
use super::*;
use crate::catalog::{Coverage, Index};
use crate::supabase::Entry as Row;
use crate::transfer::plan::KeySource;

fn row(key: &str) -> Row {
    Row {
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

/// A state that shows a bucket with these objects.
fn showing(keys: &[&str]) -> State {
    let mut state = State::default();
    list(&mut state, keys);
    state
}

fn list(state: &mut State, keys: &[&str]) {
    let bucket = BucketName::parse("story-images").unwrap();
    if state.open.is_none() {
        state.open_bucket(bucket.clone());
    }
    let version = state.index().map_or(1, |index| index.version() + 1);
    let at = jiff::Timestamp::UNIX_EPOCH;
    let rows = keys.iter().map(|key| row(key)).collect();
    state.show_index(Index::new(bucket, version, Coverage::Complete { at }, rows));
}

/// Shows what is asked for now.
fn answer(state: &mut State) {
    let index = state.index().unwrap().clone();
    state.show_index(index);
}

fn chosen(state: &State) -> Vec<String> {
    let entries = state.selection.iter().filter_map(|object| state.entry(object));
    entries.map(|entry| entry.key).collect()
}

#[test]
fn a_newer_index_keeps_the_selection_by_key() {
    let mut state = showing(&["b.png", "c.png", "d.png"]);
    state.choose(1, Choice::Only);
    state.choose(2, Choice::Toggle);
    list(&mut state, &["a.png", "b.png", "c.png"]);
    assert_eq!(chosen(&state), ["c.png"]);
    assert_eq!(state.selected_total().objects, 1);
}

#[test]
fn a_search_lets_go_of_what_it_hides_before_anything_is_deleted() {
    let mut state = showing(&["cover.png", "scene_1.png", "scene_2.png"]);
    state.choose_all();
    "scene".clone_into(&mut state.search.text);
    answer(&mut state);
    state.ask_delete();
    let Some(Dialog::Delete(Deletion { chosen, .. })) = state.dialog else {
        panic!()
    };
    let key = |key: &str| KeySource::Key(ObjectKey::parse(key).unwrap());
    assert_eq!(chosen.sources(), [key("scene_1.png"), key("scene_2.png")]);
    assert_eq!((chosen.objects, chosen.bytes), (Some(2), Some(20)));
}

#[test]
fn an_object_is_shown_once_it_is_listed() {
    let mut state = State::default();
    let bucket = BucketName::parse("story-images").unwrap();
    state.open_object(bucket, &ObjectKey::parse("pip/scene_1.png").unwrap());
    assert!(state.single().is_none());
    list(&mut state, &["cover.png", "pip/scene_0.png", "pip/scene_1.png"]);
    assert_eq!(state.folder(), "pip/");
    assert_eq!(chosen(&state), ["pip/scene_1.png"]);
    assert!(state.scroll_to.is_some());
}

#[test]
fn objects_that_cannot_be_addressed_are_not_deleted() {
    let mut state = showing(&["ä.png"]);
    state.choose_all();
    state.ask_delete();
    assert!(state.dialog.is_none());
}

#[test]
fn the_parent_of_a_folder_without_a_name_is_found() {
    let mut state = showing(&["a//b.png"]);
    state.open_folder("a//");
    answer(&mut state);
    assert_eq!(state.contents().objects.len(), 1);
    state.open_parent();
    assert_eq!(state.folder(), "a/");
    state.open_parent();
    state.open_parent();
    assert_eq!(state.folder(), "");
}

#[test]
fn names_of_new_buckets_are_checked() {
    let state = State::default();
    assert_eq!(state.name_problem("covers"), None);
    assert!(
        state
            .name_problem("list-v2")
            .unwrap()
            .contains("word of the Storage API")
    );
    assert!(state.name_problem("").unwrap().starts_with("The bucket name"));
}

#[test]
fn the_trash_is_shown_only_when_somebody_asks() {
    let mut state = showing(&["_trash/2026-11-25/j/fox.png", "_trashy/a.png", "fox.png"]);
    let shown = |state: &State| {
        let folders = state.contents().folders.iter().map(|folder| folder.prefix.clone());
        (folders.collect::<Vec<_>>(), state.contents().objects.len())
    };
    assert!(state.has_trash());
    assert_eq!(shown(&state), (vec!["_trashy/".to_owned()], 1));
    "fox".clone_into(&mut state.search.text);
    answer(&mut state);
    assert_eq!(state.contents().total.objects, 1, "nor is it found");
    state.search.clear();
    state.toggle_trash();
    answer(&mut state);
    assert_eq!(shown(&state).0, ["_trash/", "_trashy/"]);
    state.open_folder("_trash/");
    state.toggle_trash();
    assert_eq!(state.folder(), "", "what is hidden is left");
}

#[test]
fn a_refresh_while_something_is_chosen_by_hand_keeps_both() {
    let mut state = showing(&["b.png", "c.png", "d.png"]);
    state.choose(0, Choice::Only);
    let index = state.index().unwrap().clone();
    let along = state.along();
    // While the answer is on its way, another one is chosen.
    state.choose(2, Choice::Toggle);
    let newer = Index::new(
        index.bucket().clone(),
        9,
        index.state().clone(),
        ["a.png", "b.png", "c.png", "d.png"].map(row).into(),
    );
    let query = state.query();
    let contents = newer.answer(&query).unwrap();
    state.show(contents::Answer::new(newer, query, contents, along));
    assert_eq!(chosen(&state), ["b.png", "d.png"]);
    assert_eq!(state.selected_total().bytes, 20);
}

#[test]
fn everything_is_chosen_first_here_and_then_below() {
    let mut state = showing(&["a.png", "b.png", "pip/c.png", "pip/d.png"]);
    assert_eq!(state.more_to_choose(), None, "nothing is chosen yet");
    state.choose(0, Choice::Only);
    assert_eq!(state.more_to_choose(), Some(2));
    state.choose_more();
    assert_eq!((chosen(&state).len(), state.more_to_choose()), (2, Some(4)));
    state.choose_more();
    answer(&mut state);
    assert_eq!((chosen(&state).len(), state.more_to_choose()), (4, None));
    assert!(state.is_deep(), "what is chosen is seen");
    assert_eq!(state.selected_total(), state.contents().total);
}

#[test]
fn keys_walk_from_folders_to_objects() {
    let mut state = showing(&["a/1.png", "b/2.png", "c.png"]);
    let raster = Raster::rows(10);
    state.walk(Walk::Down, Choice::Only, raster);
    state.walk(Walk::Down, Choice::Only, raster);
    assert_eq!((state.folder_cursor(), chosen(&state)), (Some(1), vec![]));
    state.walk(Walk::Down, Choice::Only, raster);
    assert_eq!(
        (state.folder_cursor(), chosen(&state)),
        (None, vec!["c.png".to_owned()])
    );
    state.walk(Walk::Up, Choice::Only, raster);
    assert_eq!((state.cursor(), chosen(&state)), (Some(1), vec![]));
    list(&mut state, &["a/1.png", "aa/1.png", "b/2.png", "c.png"]);
    assert_eq!(state.folder_cursor(), Some(2), "the keyboard stays with its folder");
}

#[test]
fn another_place_begins_at_its_top_and_another_order_does_not() {
    let mut state = showing(&["a.png", "b/c.png"]);
    state.to_top = false;
    state.sort(SortBy::Size);
    answer(&mut state);
    assert!(!state.to_top);
    state.open_folder("b/");
    answer(&mut state);
    assert!(state.to_top);
}

#[test]
fn of_another_bucket_nothing_stays_chosen() {
    let mut state = showing(&["a.png"]);
    state.choose_all();
    state.open_bucket(BucketName::parse("covers").unwrap());
    assert!(state.selection().is_empty() && state.index().is_none() && state.single().is_none());
}
