//! The objects of a bucket as they are shown: folders made from keys, found by text, sorted. No egui, no network.
//!
//! A listing is made once, off the window's thread, with everything that makes questions about it cheap: keys in the
//! order of their bytes (so that a folder is a range), sums of sizes, one text to search in, and a rank an order.

use std::cmp::Ordering;
use std::ops::Range;

use jiff::Timestamp;

use crate::supabase::Entry as Row;

/// An object of the listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key as the server says it, whatever that is.
    pub key: String,
    /// Bytes, if the server says so.
    pub size: Option<u64>,
    /// The type declared for it.
    pub content_type: Option<String>,
    /// When it was last written.
    pub modified: Option<Timestamp>,
}

impl Entry {
    /// What follows the last `/`; empty for a key that ends with one.
    pub fn name(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }

    /// What comes before the name, without the `/` between them.
    pub fn folder(&self) -> &str {
        self.key.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        Self {
            key: row.key,
            size: row.size,
            content_type: row.content_type,
            modified: row.updated_at.or(row.created_at),
        }
    }
}

/// What objects are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortBy {
    /// The name, numbers in it by their value.
    #[default]
    Name,
    /// Bytes.
    Size,
    /// When it was last written.
    Modified,
    /// The declared type, then the name.
    Type,
}

impl SortBy {
    /// Every order, as the menu shows them.
    pub const ALL: [Self; 4] = [Self::Name, Self::Size, Self::Modified, Self::Type];

    /// What it is called.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Size => "Size",
            Self::Modified => "Modified",
            Self::Type => "Type",
        }
    }
}

/// An order and its direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Order {
    /// What it goes by.
    pub by: SortBy,
    /// The last first.
    pub descending: bool,
}

/// How many objects there are and how large they are together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Objects.
    pub objects: usize,
    /// Bytes of those whose size is known.
    pub bytes: u64,
    /// Whether some size is not known, so that `bytes` is a lower bound.
    pub partial: bool,
}

impl Total {
    /// The bytes as they are shown: "6.7 MB", "≥ 6.7 MB" while some size is not known.
    pub fn size(self) -> String {
        format!(
            "{}{}",
            if self.partial { "≥ " } else { "" },
            crate::media::format_bytes(self.bytes)
        )
    }
}

/// A folder that some keys make up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Its name, which may be empty: keys may begin with `/` or have `//` in them.
    pub name: String,
    /// The beginning of all keys in it, with its last `/`.
    pub prefix: String,
    /// What is in it, at any depth.
    pub total: Total,
}

impl Folder {
    /// The name to show.
    pub fn shown(&self) -> &str {
        shown_name(&self.name)
    }
}

/// What is shown for a name that may be empty.
pub fn shown_name(name: &str) -> &str {
    if name.is_empty() { "(no name)" } else { name }
}

/// What is in a folder or what a search found: folders first, then indexes of objects, both in the order asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Folders directly in the folder; none for a search.
    pub folders: Vec<Folder>,
    /// Objects, as indexes into the listing.
    pub objects: Vec<u32>,
    /// What the objects come to, without those in folders.
    pub total: Total,
}

/// All objects of a bucket at one time.
#[derive(Debug, Default)]
pub struct Listing {
    entries: Vec<Entry>,
    /// Sums of the sizes before each entry, and of the entries without a size.
    sums: Vec<(u64, u32)>,
    /// The place of each entry in each order of [`SortBy::ALL`], ascending.
    ranks: [Vec<u32>; 4],
    /// All keys in lower case, one after the other with a line break between, and where each begins.
    text: String,
    starts: Vec<usize>,
}

impl Listing {
    /// Makes a listing of rows in any order. Takes a while for very many; not for the window's thread.
    pub fn new(rows: Vec<Row>) -> Self {
        Self::from_entries(rows.into_iter().map(Entry::from).collect())
    }

    fn from_entries(mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        // Pages of a listing overlap if objects are added while it is read.
        entries.dedup_by(|a, b| a.key == b.key);
        entries.truncate(u32::MAX as usize);

        let mut sums = Vec::with_capacity(entries.len() + 1);
        let mut sum = (0_u64, 0_u32);
        sums.push(sum);
        let mut text = String::new();
        let mut starts = Vec::with_capacity(entries.len());
        for entry in &entries {
            sum = (
                sum.0.saturating_add(entry.size.unwrap_or(0)),
                sum.1 + u32::from(entry.size.is_none()),
            );
            sums.push(sum);
            starts.push(text.len());
            text.push_str(&entry.key.to_lowercase());
            text.push('\n');
        }
        let by_name = rank(entries.len(), |a, b| {
            let (a, b) = (&entries[a], &entries[b]);
            natural(a.name(), b.name()).then_with(|| a.key.cmp(&b.key))
        });
        // What is alike otherwise goes by name, whose order is known by now.
        let ranked = |compare: fn(&Entry, &Entry) -> Ordering| {
            rank(entries.len(), |a, b| {
                compare(&entries[a], &entries[b]).then_with(|| by_name[a].cmp(&by_name[b]))
            })
        };
        let by_size = ranked(|a, b| a.size.cmp(&b.size));
        let by_time = ranked(|a, b| a.modified.cmp(&b.modified));
        let by_type = ranked(|a, b| a.content_type.cmp(&b.content_type));
        let ranks = [by_name, by_size, by_time, by_type];
        Self {
            entries,
            sums,
            ranks,
            text,
            starts,
        }
    }

    /// An object.
    pub fn entry(&self, index: u32) -> Option<&Entry> {
        self.entries.get(index as usize)
    }

    /// Where an object is.
    pub fn position(&self, key: &str) -> Option<u32> {
        self.entries
            .binary_search_by(|entry| entry.key.as_str().cmp(key))
            .ok()
            .map(|index| index as u32)
    }

    /// Everything in it.
    pub fn total(&self) -> Total {
        self.total_of(0..self.entries.len())
    }

    /// What is directly in the folder whose keys begin with `prefix` (empty, or ending with `/`).
    pub fn folder(&self, prefix: &str, order: Order) -> Contents {
        let range = self.range(prefix, 0);
        let mut folders = Vec::new();
        let mut objects = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let key = &self.entries[at].key;
            match key[prefix.len()..].find('/') {
                Some(length) => {
                    // Keys are in the order of their bytes, so all of a folder stand together and are skipped at once.
                    let inside = &key[..=prefix.len() + length];
                    let end = self.range(inside, at).end;
                    let name = inside[prefix.len()..inside.len() - 1].to_owned();
                    folders.push(Folder {
                        name,
                        prefix: inside.to_owned(),
                        total: self.total_of(at..end),
                    });
                    at = end;
                }
                None => {
                    objects.push(at as u32);
                    at += 1;
                }
            }
        }
        sort_folders(&mut folders, order);
        self.contents(folders, objects, order)
    }

    /// All objects whose key has `text` in it, upper and lower case alike.
    pub fn search(&self, text: &str, order: Order) -> Contents {
        let wanted = text.trim().to_lowercase();
        let mut objects: Vec<u32> = Vec::new();
        if wanted.is_empty() || wanted.contains('\n') {
            return Contents::default();
        }
        let mut from = 0;
        while let Some(found) = self.text[from..].find(&wanted) {
            let index = self.starts.partition_point(|start| *start <= from + found) - 1;
            objects.push(index as u32);
            let Some(next) = self.starts.get(index + 1) else { break };
            from = *next;
        }
        self.contents(Vec::new(), objects, order)
    }

    /// Whether any key begins with `prefix`.
    pub fn has_any(&self, prefix: &str) -> bool {
        !self.range(prefix, 0).is_empty()
    }

    /// Takes folders and objects out of what is shown, by the keys' beginnings or by the keys.
    pub fn leave_out(&self, contents: &mut Contents, is_left_out: fn(&str) -> bool) {
        contents.folders.retain(|folder| !is_left_out(&folder.prefix));
        let before = contents.objects.len();
        let is_shown = |index: &u32| self.entry(*index).is_none_or(|entry| !is_left_out(&entry.key));
        contents.objects.retain(is_shown);
        if contents.objects.len() != before {
            contents.total = self.total_of_each(contents.objects.iter().copied());
        }
    }

    fn contents(&self, folders: Vec<Folder>, mut objects: Vec<u32>, order: Order) -> Contents {
        let ranks = &self.ranks[SortBy::ALL.iter().position(|by| *by == order.by).unwrap_or(0)];
        objects.sort_unstable_by_key(|index| ranks[*index as usize]);
        if order.descending {
            objects.reverse();
        }
        let total = self.total_of_each(objects.iter().copied());
        Contents {
            folders,
            objects,
            total,
        }
    }

    /// What some objects come to.
    pub fn total_of_each(&self, objects: impl Iterator<Item = u32>) -> Total {
        objects
            .filter_map(|index| self.entry(index))
            .fold(Total::default(), |total, entry| Total {
                objects: total.objects + 1,
                bytes: total.bytes.saturating_add(entry.size.unwrap_or(0)),
                partial: total.partial || entry.size.is_none(),
            })
    }

    fn total_of(&self, range: Range<usize>) -> Total {
        let sum = |at: usize| self.sums.get(at).copied().unwrap_or_default();
        let (from, to) = (sum(range.start), sum(range.end));
        Total {
            objects: range.len(),
            bytes: to.0.saturating_sub(from.0),
            partial: to.1 > from.1,
        }
    }

    /// The entries from `from` on whose key begins with `prefix`.
    fn range(&self, prefix: &str, from: usize) -> Range<usize> {
        let tail = &self.entries[from..];
        let start = from + tail.partition_point(|entry| entry.key.as_str() < prefix);
        let length = self.entries[start..].partition_point(|entry| entry.key.starts_with(prefix));
        start..start + length
    }
}

/// Folders have no time and no type of their own: those orders leave them by name.
fn sort_folders(folders: &mut [Folder], order: Order) {
    folders.sort_by(|a, b| match order.by {
        SortBy::Size => a
            .total
            .bytes
            .cmp(&b.total.bytes)
            .then_with(|| natural(&a.name, &b.name)),
        SortBy::Name | SortBy::Modified | SortBy::Type => natural(&a.name, &b.name),
    });
    if order.descending && matches!(order.by, SortBy::Name | SortBy::Size) {
        folders.reverse();
    }
}

/// The place of each of `many` in the order of `compare`.
fn rank(many: usize, compare: impl Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let mut order: Vec<u32> = (0..many as u32).collect();
    order.sort_unstable_by(|a, b| compare(*a as usize, *b as usize));
    let mut ranks = vec![0; many];
    for (place, index) in order.into_iter().enumerate() {
        ranks[index as usize] = place as u32;
    }
    ranks
}

/// As people order names: numbers by their value, letters without their case, and then by their bytes.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.as_bytes(), b.as_bytes());
    while let (Some(x), Some(y)) = (left.first(), right.first()) {
        let step = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (m, n) = (number(left), number(right));
            left = &left[m.len()..];
            right = &right[n.len()..];
            let (m, n) = (significant(m), significant(n));
            m.len().cmp(&n.len()).then_with(|| m.cmp(n))
        } else {
            left = &left[1..];
            right = &right[1..];
            x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase())
        };
        if step != Ordering::Equal {
            return step;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

fn number(text: &[u8]) -> &[u8] {
    &text[..text.iter().take_while(|byte| byte.is_ascii_digit()).count()]
}

fn significant(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|digit| **digit == b'0').count()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, size: Option<u64>) -> Entry {
        Entry {
            key: key.to_owned(),
            size,
            content_type: None,
            modified: None,
        }
    }

    fn listing(keys: &[&str]) -> Listing {
        Listing::from_entries(keys.iter().map(|key| entry(key, Some(10))).collect())
    }

    fn names(listing: &Listing, contents: &Contents) -> Vec<String> {
        contents
            .objects
            .iter()
            .filter_map(|index| listing.entry(*index))
            .map(|entry| entry.key.clone())
            .collect()
    }

    #[test]
    fn folders_are_made_of_keys_and_count_everything_below() {
        let listing = listing(&[
            "cover.png",
            "pip/1.png",
            "pip/drafts/2.png",
            "pip/drafts/3.png",
            "pip.png",
            "zoo/4.png",
        ]);
        let root = listing.folder("", Order::default());
        assert_eq!(
            root.folders
                .iter()
                .map(|f| (f.name.as_str(), f.total.objects))
                .collect::<Vec<_>>(),
            [("pip", 3), ("zoo", 1)]
        );
        assert_eq!(names(&listing, &root), ["cover.png", "pip.png"]);
        let pip = listing.folder("pip/", Order::default());
        assert_eq!(
            (pip.folders[0].prefix.as_str(), pip.folders[0].total.bytes),
            ("pip/drafts/", 20)
        );
        assert_eq!(names(&listing, &pip), ["pip/1.png"]);
        assert_eq!(listing.folder("nowhere/", Order::default()), Contents::default());
    }

    #[test]
    fn hostile_keys_keep_every_object_reachable() {
        let keys = [
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
        let listing = listing(&keys);
        let mut seen = 0;
        let mut open = vec![String::new()];
        while let Some(prefix) = open.pop() {
            let contents = listing.folder(&prefix, Order::default());
            seen += contents.objects.len();
            for folder in contents.folders {
                assert!(folder.prefix.len() > prefix.len(), "{prefix:?} must get longer");
                open.push(folder.prefix);
            }
        }
        assert_eq!(seen, keys.len());
        let top = listing.folder("", Order::default());
        assert_eq!(top.folders[0].shown(), "(no name)");
    }

    #[test]
    fn a_prefix_is_not_taken_for_a_folder_of_a_longer_name() {
        let listing = listing(&["a-b/1.png", "a/2.png", "ab/3.png"]);
        assert_eq!(names(&listing, &listing.folder("a/", Order::default())), ["a/2.png"]);
        assert_eq!(listing.folder("", Order::default()).folders.len(), 3);
    }

    #[test]
    fn names_are_sorted_as_people_do() {
        let listing = listing(&[
            "scene_10.png",
            "scene_2.png",
            "Scene_1.png",
            "scene_02.png",
            "cover.png",
        ]);
        let sorted = names(&listing, &listing.folder("", Order::default()));
        assert_eq!(
            sorted,
            [
                "cover.png",
                "Scene_1.png",
                "scene_02.png",
                "scene_2.png",
                "scene_10.png"
            ]
        );
        let last_first = Order {
            by: SortBy::Name,
            descending: true,
        };
        assert_eq!(names(&listing, &listing.folder("", last_first))[0], "scene_10.png");
    }

    #[test]
    fn sizes_and_times_sort_and_unknown_ones_make_a_total_partial() {
        let mut entries = vec![entry("a", Some(30)), entry("b", None), entry("c", Some(5))];
        entries[0].modified = Some("2026-01-02T00:00:00Z".parse().unwrap());
        entries[2].modified = Some("2026-01-03T00:00:00Z".parse().unwrap());
        let listing = Listing::from_entries(entries);
        let by = |by, descending| names(&listing, &listing.folder("", Order { by, descending }));
        assert_eq!(by(SortBy::Size, false), ["b", "c", "a"]);
        assert_eq!(by(SortBy::Modified, true), ["c", "a", "b"]);
        assert_eq!(
            listing.total(),
            Total {
                objects: 3,
                bytes: 35,
                partial: true
            }
        );
    }

    #[test]
    fn a_search_finds_each_object_once_wherever_it_is() {
        let listing = listing(&["pip/scene_1.png", "pip/SCENE/scene.png", "zoo/cover.png"]);
        assert_eq!(names(&listing, &listing.search(" scene", Order::default())).len(), 2);
        assert_eq!(
            names(&listing, &listing.search("ZOO/c", Order::default())),
            ["zoo/cover.png"]
        );
        assert_eq!(listing.search("g\npip", Order::default()), Contents::default());
        assert_eq!(
            listing.search("png\n", Order::default()).objects.len(),
            3,
            "white space around is not searched for"
        );
    }

    #[test]
    fn overlapping_pages_do_not_double_objects() {
        let listing = listing(&["a", "b", "a"]);
        assert_eq!(listing.total().objects, 2);
        assert_eq!(listing.position("b"), Some(1));
        assert_eq!(listing.position("c"), None);
    }
}
