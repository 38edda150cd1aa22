//! What the buckets' place knows and remembers. No egui.

mod trash;

use std::collections::HashMap;
use std::sync::Arc;

use super::dialog::{Act, Ask, Dialog};
use super::inspect::Inspect;
use super::listing::{Contents, Entry, Listing, Order, Total};
use super::model::{BucketRow, Shape};
use super::selection::{Choice, Selection};
use crate::gui::action::{Action, Command};
use crate::service::{Event, Load, Problem, Service, Subject};
use crate::supabase::{BucketName, ObjectKey, url};

/// The reading of one bucket.
#[derive(Debug, Default)]
struct Shelf {
    load: Load<Arc<Listing>>,
    /// Tells one listing from the next.
    version: u64,
    /// It changed after it was read, or while it is being read.
    stale: bool,
}

/// What the contents shown were made from.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    bucket: BucketName,
    version: u64,
    folder: String,
    search: String,
    order: Order,
    trash: bool,
}

/// The buckets' place.
#[derive(Debug, Default)]
pub struct State {
    buckets: Load<Vec<BucketRow>>,
    buckets_stale: bool,
    open: Option<BucketName>,
    shelves: HashMap<BucketName, Shelf>,
    /// The folder shown, empty or ending with `/`.
    folder: String,
    asked: Option<Question>,
    contents: Contents,
    /// An object to show as soon as the listing has it.
    wanted: Option<String>,
    /// What is known of the object that is looked at.
    pub(super) inspect: Inspect,
    selection: Selection,
    selected_total: Total,
    /// The object to scroll to in the next frame.
    pub(super) scroll_to: Option<u32>,
    /// Whether to put the cursor into the search field in the next frame.
    pub(super) focus_search: bool,
    /// What is typed above the list of buckets.
    pub(super) filter: String,
    /// What is typed above the objects.
    pub(super) search: String,
    /// The order of the objects.
    pub(super) order: Order,
    /// Whether what is in the trash is shown like everything else.
    pub(super) show_trash: bool,
    /// How objects are shown.
    pub(super) shape: Shape,
    /// The question that is open.
    pub(super) dialog: Option<Dialog>,
    /// A path of this machine that is typed for an upload.
    pub(super) path: String,
    /// Whether the inspector is hidden where there is room for it.
    pub(super) inspector_hidden: bool,
    /// Whether the inspector lies over the objects where there is no room beside them.
    pub(super) inspector_over: bool,
    /// Whether there is room for the inspector beside the objects, as the last frame found.
    pub(super) roomy: bool,
    /// Whether there is room for the list of buckets, as the last frame found.
    pub(super) has_room_for_list: bool,
    /// Whether the list of buckets lies over the objects where there is no room beside them.
    pub(super) list_over: bool,
}

impl State {
    /// Takes in what has arrived, and asks for what is needed.
    pub fn poll(&mut self, service: &Service) {
        if self.buckets.poll() {
            self.open_something(service);
        }
        if self.buckets.is_idle() || (self.buckets_stale && !self.buckets.is_loading()) {
            self.buckets_stale = false;
            self.buckets.start(service.load(|service| async move {
                Ok(service.buckets().await?.into_iter().map(BucketRow::from).collect())
            }));
        }
        self.poll_listings();
        for (bucket, shelf) in &mut self.shelves {
            let open = self.open.as_ref() == Some(bucket);
            // A refresh is not broken off by the next change: with many uploads none would ever end.
            if open && !shelf.load.is_loading() && (shelf.stale || shelf.load.is_idle()) {
                shelf.stale = false;
                let bucket = bucket.clone();
                shelf
                    .load
                    .start(service.load(|service| async move { read(&service, &bucket).await }));
            }
        }
        self.refresh();
        self.poll_inspect(service);
        if let Some(dialog) = &mut self.dialog {
            dialog.poll(service);
        }
    }

    /// Takes in listings; what is chosen is chosen by its key.
    fn poll_listings(&mut self) {
        for (bucket, shelf) in &mut self.shelves {
            let before = shelf.load.value().cloned();
            if shelf.load.poll() {
                shelf.version += 1;
                let open = self.open.as_ref() == Some(bucket);
                if let (true, Some(before), Some(now)) = (open, before, shelf.load.value()) {
                    self.selection = self.selection.moved(|index| now.position(&before.entry(index)?.key));
                }
            }
        }
    }

    /// Learns what changed.
    pub fn event(&mut self, event: &Event, _service: &Service) {
        if let Event::Changed(Subject::Bucket(bucket)) = event {
            if !self
                .buckets
                .value()
                .is_some_and(|rows| rows.iter().any(|row| row.parsed.as_ref() == Some(bucket)))
            {
                self.buckets_stale = true;
            }
            if let Some(shelf) = self.shelves.get_mut(bucket) {
                shelf.stale = true;
            }
            // An upload may have replaced what is shown.
            self.inspect.changed(bucket);
        }
        if let Event::Changed(subject) = event
            && subject.story().is_some()
        {
            self.inspect.story_changed();
        }
    }

    /// Carries out a command of the window; what it asks for others to do comes back.
    pub fn command(&mut self, command: Command) -> Option<Action> {
        match command {
            Command::Refresh => self.reload(),
            Command::Filter => self.focus_search = true,
            Command::ToggleInspector => self.toggle_inspector(),
            Command::Previous => self.step(-1, Choice::Only),
            Command::Next => self.step(1, Choice::Only),
            Command::Upload => return self.choose_uploads(),
            _ => {}
        }
        None
    }

    /// Whether the inspector is shown.
    pub fn is_inspector_open(&self) -> bool {
        if self.roomy {
            !self.inspector_hidden
        } else {
            self.inspector_over
        }
    }

    /// The buckets that are loaded and can be addressed.
    pub fn names(&self) -> impl Iterator<Item = &BucketName> {
        self.buckets
            .value()
            .into_iter()
            .flatten()
            .filter_map(|bucket| bucket.parsed.as_ref())
    }

    /// Objects of the open bucket whose key has the longest word of `query` in it, at most so many; none for an empty
    /// query.
    pub fn find(&self, query: &str, most: usize) -> impl Iterator<Item = (&BucketName, ObjectKey)> {
        let word = query
            .split_whitespace()
            .max_by_key(|word| word.len())
            .unwrap_or_default();
        let open = self.open.as_ref().zip(self.listing());
        open.into_iter().flat_map(move |(bucket, listing)| {
            let mut found = listing.search(word, self.order);
            listing.leave_out(&mut found, trash::is_in);
            let found = found.objects.into_iter().take(most);
            let keys = found.filter_map(|index| ObjectKey::parse(&listing.entry(index)?.key).ok());
            keys.map(move |key| (bucket, key))
        })
    }

    /// Shows or hides the inspector, beside the objects or over them: the view uses what there is room for.
    pub fn toggle_inspector(&mut self) {
        let shown = if self.roomy {
            !self.inspector_hidden
        } else {
            self.inspector_over
        };
        self.inspector_hidden = shown;
        self.inspector_over = !shown && !self.roomy;
        self.list_over = false;
    }

    /// The action that lets the user choose files for the folder shown.
    pub fn choose_uploads(&self) -> Option<Action> {
        Some(Action::ChooseUploads {
            bucket: self.open.clone()?,
            folder: self.folder.clone(),
        })
    }

    /// Reads buckets and objects again.
    pub fn reload(&mut self) {
        self.buckets_stale = true;
        if let Some(shelf) = self.open.as_ref().and_then(|open| self.shelves.get_mut(open)) {
            shelf.stale = true;
        }
        self.inspect.reload();
    }

    /// Shows a bucket from its top.
    pub fn open_bucket(&mut self, bucket: BucketName) {
        self.shelves.entry(bucket.clone()).or_default();
        if self.open.as_ref() != Some(&bucket) {
            self.selection = Selection::default();
            self.search.clear();
        }
        self.open = Some(bucket);
        self.list_over = false;
        self.open_folder("");
    }

    /// Shows an object in its folder, now or as soon as it is listed.
    pub fn open_object(&mut self, bucket: BucketName, key: &ObjectKey) {
        self.open_bucket(bucket);
        let folder = key.as_str().rfind('/').map_or("", |slash| &key.as_str()[..=slash]);
        self.open_folder(folder);
        self.wanted = Some(key.to_string());
        self.show_trash |= trash::is_in(key.as_str());
        self.inspector_hidden = false;
    }

    /// Shows a folder of the open bucket: empty, or ending with `/`.
    pub fn open_folder(&mut self, folder: &str) {
        if self.folder != folder {
            folder.clone_into(&mut self.folder);
        }
        self.search.clear();
        self.wanted = None;
        self.selection.clear();
        self.count_selected();
        self.refresh();
    }

    /// Shows the folder that holds the folder shown.
    pub fn open_parent(&mut self) {
        if let Some(inside) = self.folder.strip_suffix('/') {
            let parent = inside.rfind('/').map_or("", |slash| &inside[..=slash]).to_owned();
            self.open_folder(&parent);
        }
    }

    fn open_something(&mut self, service: &Service) {
        let Some(rows) = self.buckets.value() else { return };
        let there = |name: &BucketName| rows.iter().any(|row| row.parsed.as_ref() == Some(name));
        if self.open.as_ref().is_some_and(there) {
            return;
        }
        let own = Some(service.bucket().clone()).filter(there);
        match own.or_else(|| rows.iter().find_map(|row| row.parsed.clone())) {
            Some(bucket) => self.open_bucket(bucket),
            None => self.open = None,
        }
    }

    /// Makes the contents shown anew if anything they depend on has changed.
    pub(super) fn refresh(&mut self) {
        let Some(bucket) = &self.open else { return };
        let Some(shelf) = self.shelves.get(bucket) else { return };
        let Some(listing) = shelf.load.value() else {
            if self.asked.take().is_some() {
                self.contents = Contents::default();
            }
            return;
        };
        let same = self.asked.as_ref().is_some_and(|asked| {
            asked.bucket == *bucket
                && asked.version == shelf.version
                && asked.folder == self.folder
                && asked.search == self.search
                && asked.order == self.order
                && asked.trash == self.show_trash
        });
        if !same {
            let mut contents = if self.search.trim().is_empty() {
                listing.folder(&self.folder, self.order)
            } else {
                listing.search(&self.search, self.order)
            };
            if !self.show_trash && !trash::is_in(&self.folder) {
                listing.leave_out(&mut contents, trash::is_in);
            }
            self.contents = contents;
            self.asked = Some(Question {
                bucket: bucket.clone(),
                version: shelf.version,
                folder: self.folder.clone(),
                search: self.search.clone(),
                order: self.order,
                trash: self.show_trash,
            });
        }
        let found = self.wanted.as_deref().and_then(|key| listing.position(key));
        if let Some(index) = found {
            self.wanted = None;
            self.selection.choose(index, Choice::Only, &self.contents.objects);
            self.scroll_to = Some(index);
        }
        if !same || found.is_some() {
            self.selection.keep(&self.contents.objects);
            self.count_selected();
        }
    }

    fn count_selected(&mut self) {
        self.selected_total = self
            .listing()
            .map(|listing| listing.total_of_each(self.selection.iter()))
            .unwrap_or_default();
    }

    /// All buckets, and whether they are being read or failed to be.
    pub fn buckets(&self) -> &Load<Vec<BucketRow>> {
        &self.buckets
    }

    /// What the open bucket says of itself.
    pub fn open_row(&self) -> Option<&BucketRow> {
        let open = self.open.as_ref()?;
        self.buckets
            .value()?
            .iter()
            .find(|row| row.parsed.as_ref() == Some(open))
    }

    /// The bucket that is shown.
    pub fn bucket(&self) -> Option<&BucketName> {
        self.open.as_ref()
    }

    /// The folder shown, empty or ending with `/`.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// What a bucket holds, once it was listed.
    pub fn total(&self, bucket: &BucketName) -> Option<Total> {
        self.shelves.get(bucket)?.load.value().map(|listing| listing.total())
    }

    /// The objects of the open bucket, once they were listed.
    pub fn listing(&self) -> Option<&Listing> {
        self.shelves.get(self.open.as_ref()?)?.load.value().map(Arc::as_ref)
    }

    /// Why the open bucket could not be listed.
    pub fn listing_problem(&self) -> Option<&Problem> {
        self.shelves.get(self.open.as_ref()?)?.load.problem()
    }

    /// Whether the open bucket is being listed.
    pub fn is_listing(&self) -> bool {
        self.open
            .as_ref()
            .and_then(|open| self.shelves.get(open))
            .is_some_and(|shelf| shelf.load.is_loading())
    }

    /// Whether a search is shown and not a folder.
    pub fn is_search(&self) -> bool {
        !self.search.trim().is_empty()
    }

    /// What is shown.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Which objects are chosen.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// How high the bar is that tells what is chosen.
    pub const SELECTION_BAR: f32 = 48.0;

    /// How high what is docked to the lower edge of the content is.
    pub fn docked_height(&self) -> f32 {
        if self.selection.is_empty() {
            0.0
        } else {
            Self::SELECTION_BAR
        }
    }

    /// What the chosen objects come to.
    pub fn selected_total(&self) -> Total {
        self.selected_total
    }

    /// An object of the open bucket.
    pub fn entry(&self, object: u32) -> Option<Entry> {
        self.listing()?.entry(object).cloned()
    }

    /// The one chosen object.
    pub fn single(&self) -> Option<(&BucketName, &Entry)> {
        Some((self.open.as_ref()?, self.listing()?.entry(self.selection.single()?)?))
    }

    /// Chooses an object.
    pub fn choose(&mut self, object: u32, choice: Choice) {
        self.selection.choose(object, choice, &self.contents.objects);
        self.count_selected();
    }

    /// Chooses the object `steps` further on, and scrolls to it.
    pub fn step(&mut self, steps: isize, choice: Choice) {
        if let Some(object) = self.selection.step(steps, choice, &self.contents.objects) {
            self.scroll_to = Some(object);
            self.count_selected();
        }
    }

    /// Chooses every object shown.
    pub fn choose_all(&mut self) {
        self.selection.all(&self.contents.objects);
        self.count_selected();
    }

    /// Chooses nothing.
    pub fn choose_none(&mut self) {
        self.selection.clear();
        self.count_selected();
    }

    /// The keys of the chosen objects that can be addressed.
    fn chosen_keys(&self) -> Vec<ObjectKey> {
        let Some(listing) = self.listing() else {
            return Vec::new();
        };
        let entries = self.selection.iter().filter_map(|index| listing.entry(index));
        entries.filter_map(|entry| ObjectKey::parse(&entry.key).ok()).collect()
    }

    /// The public URLs of the chosen objects, one a line.
    pub fn chosen_urls(&self, service: &Service) -> String {
        let Some(bucket) = &self.open else { return String::new() };
        let project = &service.workspace().url;
        let urls = self
            .chosen_keys()
            .into_iter()
            .map(|key| url::public_url(project, bucket, &key));
        urls.collect::<Vec<_>>().join("\n")
    }

    /// Asks whether to move the chosen objects to the trash.
    pub fn ask_delete(&mut self) {
        self.ask(Ask::Chosen(Act::Trash));
    }

    /// Why a new bucket cannot have this name; `None` if it can.
    pub fn name_problem(&self, name: &str) -> Option<String> {
        let parsed = match BucketName::parse_new(name) {
            Ok(parsed) => parsed,
            Err(error) => {
                let text = error.to_string();
                let mut letters = text.chars();
                return letters
                    .next()
                    .map(|first| first.to_uppercase().chain(letters).collect());
            }
        };
        let taken = self
            .buckets
            .value()
            .is_some_and(|rows| rows.iter().any(|row| row.name == parsed.as_str()));
        taken.then(|| "A bucket of this name is there already".to_owned())
    }
}

/// Reads a bucket and makes its listing, all off the window's thread.
async fn read(service: &Service, bucket: &BucketName) -> Result<Arc<Listing>, Problem> {
    let rows = service.objects(bucket, "").await?;
    tokio::task::spawn_blocking(move || Arc::new(Listing::new(rows)))
        .await
        .map_err(|_| Problem::stopped())
}

#[cfg(test)]
mod tests;
