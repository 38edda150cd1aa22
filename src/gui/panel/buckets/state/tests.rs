//! What the state promises, without a window.

use super::super::dialog::Deletion;
use super::*;
use crate::service::{Pending, Wake};
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
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bucket = BucketName::parse("story-images").unwrap();
    if state.open.is_none() {
        state.open_bucket(bucket.clone());
    }
    let listing = Arc::new(Listing::new(keys.iter().map(|key| row(key)).collect()));
    let wake: Wake = Arc::new(|| ());
    let shelf = state.shelves.get_mut(&bucket).unwrap();
    shelf
        .load
        .start(Pending::spawn(runtime.handle(), wake, async { Ok(listing) }));
    runtime.block_on(tokio::task::yield_now());
    state.poll_listings();
    state.refresh();
}

fn chosen(state: &State) -> Vec<String> {
    let listing = state.listing().unwrap();
    state
        .selection
        .iter()
        .filter_map(|index| listing.entry(index))
        .map(|entry| entry.key.clone())
        .collect()
}

#[test]
fn a_new_listing_keeps_the_selection_by_key() {
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
    "scene".clone_into(&mut state.search);
    state.refresh();
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
    assert_eq!(state.single().map(|(_, entry)| entry.key.as_str()), None);
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
    "fox".clone_into(&mut state.search);
    state.refresh();
    assert_eq!(state.contents().total.objects, 1, "nor is it found");
    assert_eq!(state.find("fox", 9).count(), 1);
    state.search.clear();
    state.toggle_trash();
    state.refresh();
    assert_eq!(shown(&state).0, ["_trash/", "_trashy/"]);
    state.open_folder("_trash/");
    state.toggle_trash();
    assert_eq!(state.folder(), "", "what is hidden is left");
}
