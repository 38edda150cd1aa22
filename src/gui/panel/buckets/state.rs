//! What the buckets' place knows and remembers. No egui.

mod columns;
mod contents;
mod everywhere;
mod indexes;
mod palette;
mod path;
mod search;
mod trash;
mod uses;
mod walk;

pub use columns::{Column, Columns};
pub use everywhere::FoundIn;
pub use path::PathEdit;
pub use search::{Age, FileKind, Filter, Scope, Search, parse_size};
pub use uses::UsedBy;
pub use walk::{Raster, Walk};

use contents::{Asking, Shown};
use everywhere::Everywhere;
use indexes::Indexes;
use palette::Palette;
use uses::UsesOfAll;

use super::dialog::{Act, Ask, Dialog};
use super::inspect::Inspect;
use super::model::{BucketRow, Entry, Shape};
use super::selection::{Choice, Selection};
use crate::catalog::{Contents, Order, PLACEHOLDER, SortBy, Total};
use crate::gui::action::{Action, Command};
use crate::service::{Event, Load, Service, Subject};
use crate::supabase::{BucketName, ObjectKey, url};

/// The buckets' place.
#[derive(Debug, Default)]
pub struct State {
    buckets: Load<Vec<BucketRow>>,
    buckets_stale: bool,
    open: Option<BucketName>,
    indexes: Indexes,
    /// The folder shown, empty or ending with `/`.
    folder: String,
    asking: Asking,
    shown: Option<Shown>,
    /// What is shown while nothing is.
    nothing: Contents,
    /// An object to show as soon as the index has it.
    wanted: Option<String>,
    /// Everything is to be chosen as soon as the contents asked for are there.
    choose_all_of_it: bool,
    /// What is known of the object that is looked at.
    pub(super) inspect: Inspect,
    selection: Selection,
    selected_total: Total,
    /// Counts the changes of the selection by hand.
    touched: u64,
    /// The folder that keys move from, by its place, and its prefix.
    folder_cursor: Option<(usize, String)>,
    palette: Palette,
    everywhere: Everywhere,
    uses: UsesOfAll,
    /// The place to scroll to in the next frame: folders first, then objects.
    pub(super) scroll_to: Option<usize>,
    /// Whether to scroll to the top in the next frame.
    pub(super) to_top: bool,
    /// The place whose menu is to be opened in the next frame.
    pub(super) menu_at: Option<usize>,
    /// Whether to put the cursor into the search field in the next frame.
    pub(super) focus_search: bool,
    /// What is typed above the list of buckets.
    pub(super) filter: String,
    /// What is looked for.
    pub(super) search: Search,
    /// Sizes that are typed into the menu of filters, at least and at most.
    pub(super) sizes: [String; 2],
    /// The order of the objects.
    pub(super) order: Order,
    /// Whether what is in folders of the folder is shown beside its own objects.
    pub(super) flat: bool,
    /// Whether what is in the trash is shown like everything else.
    pub(super) show_trash: bool,
    /// Whether the empty objects that keep folders alive are shown.
    pub(super) show_placeholders: bool,
    /// How objects are shown.
    pub(super) shape: Shape,
    /// Which columns the table has, and how wide they are.
    pub(super) columns: Columns,
    /// The path that is typed in the place of the breadcrumb.
    pub(super) path_edit: Option<PathEdit>,
    /// The question that is open.
    pub(super) dialog: Option<Dialog>,
    /// A path of this machine that is typed for an upload.
    pub(super) path: String,
    /// Whether that field was only opened just now, and is to have the keyboard.
    pub(super) path_fresh: bool,
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
    /// What takes the space, in the place of the inspector.
    pub(super) usage: super::usage::UsagePane,
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
        self.poll_indexes(service);
        self.look(service);
        self.poll_everywhere(service);
        self.poll_path(service);
        self.uses.poll(service);
        self.count_uses();
        self.poll_inspect(service);
        if let Some(dialog) = &mut self.dialog {
            dialog.poll(service);
        }
    }

    /// Learns what changed.
    pub fn event(&mut self, event: &Event, service: &Service) {
        match event {
            Event::Changed(Subject::Bucket(bucket)) => {
                let is_known = |rows: &Vec<BucketRow>| rows.iter().any(|row| row.parsed.as_ref() == Some(bucket));
                if !self.buckets.value().is_some_and(is_known) {
                    self.buckets_stale = true;
                }
                // An upload may have replaced what is shown.
                self.inspect.changed(bucket);
            }
            Event::Changed(subject) if subject.story().is_some() => {
                self.inspect.story_changed();
                self.uses.changed();
            }
            Event::Indexed(bucket) => self.indexes.indexed(bucket, service),
            _ => {}
        }
    }

    /// Carries out a command of the window; what it asks for others to do comes back.
    pub fn command(&mut self, command: Command) -> Option<Action> {
        match command {
            Command::Refresh => self.reload(),
            Command::Filter => self.look_for(Scope::Bucket),
            Command::SearchAll => self.look_for(Scope::Everywhere),
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

    /// Puts the cursor into the search field; where a text is looked for is kept if it is narrower.
    fn look_for(&mut self, scope: Scope) {
        self.focus_search = true;
        self.path_edit = None;
        if scope == Scope::Everywhere || self.search.scope == Scope::Everywhere {
            self.search.scope = scope;
        }
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

    /// Shows what takes the space in the place of the inspector, or the inspector again.
    pub fn toggle_usage(&mut self) {
        if !self.is_inspector_open() {
            self.toggle_inspector();
            self.usage.open = true;
        } else {
            self.usage.open = !self.usage.open;
        }
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
        if let Some(open) = &self.open {
            self.indexes.list_again(open);
        }
        self.inspect.reload();
    }

    /// Shows a bucket from its top.
    pub fn open_bucket(&mut self, bucket: BucketName) {
        if self.open.as_ref() != Some(&bucket) {
            self.show_nothing();
            self.open = Some(bucket);
        }
        self.list_over = false;
        self.open_folder("");
    }

    /// Shows an object in its folder, now or as soon as it is listed.
    pub fn open_object(&mut self, bucket: BucketName, key: &ObjectKey) {
        self.open_bucket(bucket);
        let folder = key.as_str().rfind('/').map_or("", |slash| &key.as_str()[..=slash]);
        self.open_folder(folder);
        self.wanted = Some(key.to_string());
        self.search.clear();
        self.show_trash |= trash::is_in(key.as_str());
        self.show_placeholders |= key.file_name() == PLACEHOLDER;
        self.inspector_hidden = false;
        self.ask_again();
    }

    /// Shows a folder of the open bucket: empty, or ending with `/`.
    pub fn open_folder(&mut self, folder: &str) {
        if self.folder != folder {
            folder.clone_into(&mut self.folder);
            self.folder_cursor = None;
        }
        self.search.text.clear();
        self.flat = false;
        self.wanted = None;
        self.path_edit = None;
        self.choose_none();
    }

    /// Shows the folder that holds the folder shown; instead of what was found in all folders, the folder shown.
    pub fn open_parent(&mut self) {
        if self.flat || self.search.has_text() {
            let folder = self.folder.clone();
            self.open_folder(&folder);
        } else if let Some(inside) = self.folder.strip_suffix('/') {
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
            None => {
                self.open = None;
                self.show_nothing();
            }
        }
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

    /// The one chosen object.
    pub fn single(&self) -> Option<(&BucketName, Entry)> {
        Some((self.open.as_ref()?, self.entry(self.selection.single()?)?))
    }

    /// The columns of the table, as they are remembered.
    pub fn columns(&self) -> Columns {
        self.columns
    }

    /// The columns of the table as they were remembered.
    pub fn set_columns(&mut self, columns: Columns) {
        self.columns = columns.mended();
    }

    /// Sorts by a column; by the one that is sorted by already, the other way round.
    pub fn sort(&mut self, by: SortBy) {
        if self.order.by == by {
            self.order.descending = !self.order.descending;
        } else {
            // The newest and the largest are what one looks for.
            let descending = matches!(by, SortBy::Size | SortBy::Modified | SortBy::UsedBy);
            self.order = Order { by, descending };
        }
    }

    /// Chooses the object at a place of those shown.
    pub fn choose(&mut self, place: usize, choice: Choice) {
        let Some(shown) = &self.shown else { return };
        self.folder_cursor = None;
        self.selection.choose(place, choice, &shown.contents.objects);
        self.touch();
    }

    /// Chooses the object `steps` further on, and scrolls to it.
    pub fn step(&mut self, steps: isize, choice: Choice) {
        let Some(shown) = &self.shown else { return };
        if let Some(place) = self.selection.step(steps, choice, &shown.contents.objects) {
            self.folder_cursor = None;
            self.scroll_to = Some(shown.contents.folders.len() + place);
            self.touch();
        }
    }

    /// The place that has the keyboard: folders first, then objects.
    pub fn cursor(&self) -> Option<usize> {
        let contents = self.contents();
        match &self.folder_cursor {
            Some((place, _)) => Some(*place),
            None => Some(contents.folders.len() + self.selection.place(&contents.objects)?),
        }
    }

    /// The folder that has the keyboard, by its place.
    pub fn folder_cursor(&self) -> Option<usize> {
        self.folder_cursor.as_ref().map(|(place, _)| *place)
    }

    /// Moves the keyboard to where a key leads, and scrolls to it. Objects are chosen on the way, folders are not.
    pub fn walk(&mut self, walk: Walk, choice: Choice, raster: Raster) {
        let contents = self.contents();
        let (folders, objects) = (contents.folders.len(), contents.objects.len());
        let Some(to) = raster.walk(walk, self.cursor(), folders, objects) else {
            return;
        };
        match contents.folders.get(to) {
            Some(folder) => {
                self.folder_cursor = Some((to, folder.prefix.clone()));
                if choice == Choice::Only {
                    self.choose_none();
                }
            }
            None => self.choose(to - folders, choice),
        }
        self.scroll_to = Some(to);
    }

    /// Chooses every object shown.
    pub fn choose_all(&mut self) {
        if let Some(shown) = &self.shown {
            self.selection.all(&shown.all, &shown.contents.objects);
            self.touch();
        }
    }

    /// Chooses nothing.
    pub fn choose_none(&mut self) {
        self.selection.clear();
        self.touch();
    }

    /// How many objects could be chosen at once beside those that are: the rest of those shown, or else those of the
    /// folders shown.
    pub fn more_to_choose(&self) -> Option<usize> {
        let shown = self.shown.as_ref().filter(|_| !self.selection.is_empty())?;
        let all = shown.all.len();
        if self.selection.len() < all {
            return Some(all);
        }
        let below = shown
            .contents
            .folders
            .iter()
            .map(|folder| folder.total.objects)
            .sum::<u64>();
        (below > 0).then(|| all + usize::try_from(below).unwrap_or(usize::MAX - all))
    }

    /// Chooses [`Self::more_to_choose`]. Those of folders are shown for it: nothing is chosen that is not seen.
    pub fn choose_more(&mut self) {
        if self.selection.len() < self.contents().objects.len() {
            self.choose_all();
        } else {
            self.flat = true;
            self.choose_all_of_it = true;
        }
    }

    /// The keys of the chosen objects that can be addressed.
    fn chosen_keys(&self) -> Vec<ObjectKey> {
        let Some(index) = self.index() else {
            return Vec::new();
        };
        let rows = self.selection.iter().filter_map(|object| index.row(object));
        rows.filter_map(|row| ObjectKey::parse(row.key).ok()).collect()
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

#[cfg(test)]
mod tests;
