//! What takes the space of a bucket: by folder, by type, by age, the largest and the oldest, and what has come since it was
//! listed last. Every part of it adds up to the index.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::segment::{NO_SIZE, NO_TIME, Sum};
use super::{Index, Total};

/// How closely usage is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageQuery {
    /// Of which folder: empty, or the beginning of keys with a `/` at its end.
    pub folder: String,
    /// Folders in folders to this depth; 1 are those of the folder itself.
    pub depth: usize,
    /// Folders of a folder that are told one by one, the largest; the others are told together.
    pub folders: usize,
    /// The largest and the oldest objects, so many.
    pub objects: usize,
    /// The time that ages are counted from.
    pub now: Timestamp,
}

impl Default for UsageQuery {
    fn default() -> Self {
        Self {
            folder: String::new(),
            depth: 3,
            folders: 100,
            objects: 20,
            now: Timestamp::now(),
        }
    }
}

/// What takes the space. Ids are those of the index that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Everything.
    pub total: Total,
    /// By folder, nested.
    pub tree: FolderUsage,
    /// By declared type without its parameters, the most bytes first; "" for none declared.
    pub types: Vec<Share>,
    /// By when objects were last written, in the order of [`Age::ALL`].
    pub ages: Vec<(Age, Total)>,
    /// The largest, the largest first. Of unknown size is none.
    pub largest: Vec<u32>,
    /// The oldest, the oldest first. Of unknown time is none.
    pub oldest: Vec<u32>,
}

/// A folder and what is in it. Its total is that of its folders, its own objects and the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderUsage {
    /// The beginning of all keys in it, with its last `/`.
    pub prefix: String,
    /// What is in it at any depth.
    pub total: Total,
    /// The objects directly in it.
    pub own: Total,
    /// Its largest folders, the largest first; none at the greatest depth that was asked for.
    pub folders: Vec<FolderUsage>,
    /// How many folders are not among them.
    pub other_folders: usize,
    /// What is in those.
    pub others: Total,
}

/// A name and what it comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Its name.
    pub name: String,
    /// What it comes to.
    pub total: Total,
}

/// How long ago an object was last written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Age {
    /// Less than a week.
    Week,
    /// Less than 30 days.
    Month,
    /// Less than 90 days.
    Quarter,
    /// Less than 365 days.
    Year,
    /// Longer.
    Older,
    /// It is not known.
    Unknown,
}

impl Age {
    /// All of them, the youngest first.
    pub const ALL: [Self; 6] = [
        Self::Week,
        Self::Month,
        Self::Quarter,
        Self::Year,
        Self::Older,
        Self::Unknown,
    ];

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Week => "Under a week",
            Self::Month => "Under 30 days",
            Self::Quarter => "Under 90 days",
            Self::Year => "Under a year",
            Self::Older => "Over a year",
            Self::Unknown => "Not known",
        }
    }

    /// The days after which an object is older than that.
    const fn days(self) -> Option<i64> {
        match self {
            Self::Week => Some(7),
            Self::Month => Some(30),
            Self::Quarter => Some(90),
            Self::Year => Some(365),
            Self::Older | Self::Unknown => None,
        }
    }
}

/// A bucket as it was when it was listed whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// When that listing ended.
    pub at: Timestamp,
    /// Everything.
    pub total: Total,
    /// What it was made of.
    pub summary: Summary,
}

/// What a bucket was made of: objects and bytes by name. Of very many names, the largest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// By folder of the bucket's top level; "" for the objects that are in none.
    pub folders: BTreeMap<String, (u64, u64)>,
    /// By declared type.
    pub types: BTreeMap<String, (u64, u64)>,
}

/// Names that a summary has of each kind, at most.
const NAMES: usize = 1_000;

/// How a bucket has grown since it was listed last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Growth {
    /// Since when.
    pub since: Timestamp,
    /// Objects more or fewer.
    pub objects: i64,
    /// Bytes more or fewer.
    pub bytes: i64,
    /// Folders of the top level with more or fewer bytes or objects, the greatest change first.
    pub folders: Vec<Change>,
    /// The same by type.
    pub types: Vec<Change>,
}

/// What has come or gone under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The name.
    pub name: String,
    /// Objects more or fewer.
    pub objects: i64,
    /// Bytes more or fewer.
    pub bytes: i64,
}

impl Index {
    /// What takes the space of a folder. It may take a while: not for the window's thread.
    #[must_use]
    pub fn usage(&self, query: &UsageQuery) -> Usage {
        let range = self.range_from(&query.folder, self.lower(&query.folder));
        let mut types: HashMap<String, Total> = HashMap::new();
        let limits = Age::ALL.map(|age| {
            let days = age.days()?;
            let since = query.now.checked_sub(SignedDuration::from_hours(24 * days)).ok()?;
            Some(since.as_microsecond())
        });
        let mut ages = [(0, Sum::default()); Age::ALL.len()];
        let mut largest: BinaryHeap<Reverse<(u64, Reverse<u32>)>> = BinaryHeap::new();
        let mut oldest: BinaryHeap<(i64, u32)> = BinaryHeap::new();
        let mut at = range.start;
        while at < range.end {
            let Some((segment, first)) = self.place(at) else { break };
            let columns = segment.columns();
            let end = (first + range.end - at).min(segment.len());
            let mut by_word = vec![(0_u64, Sum::default()); columns.words.len() + 1];
            for row in first..end {
                let id = (at + row - first) as u32;
                let (size, modified) = (columns.sizes[row], columns.modified[row]);
                let word = usize::from(columns.types[row]).min(columns.words.len());
                by_word[word] = (by_word[word].0 + 1, by_word[word].1.with(size));
                let age = if modified == NO_TIME {
                    Age::ALL.len() - 1
                } else {
                    let younger = limits
                        .iter()
                        .position(|limit| limit.is_some_and(|limit| modified > limit));
                    younger.unwrap_or(Age::ALL.len() - 2)
                };
                ages[age] = (ages[age].0 + 1, ages[age].1.with(size));
                if size != NO_SIZE {
                    keep_best(&mut largest, Reverse((size, Reverse(id))), query.objects);
                }
                if modified != NO_TIME {
                    keep_best(&mut oldest, (modified, id), query.objects);
                }
            }
            for (word, (objects, sum)) in by_word.into_iter().enumerate() {
                if objects > 0 {
                    let word = columns.words.get(word).map_or("", AsRef::as_ref);
                    let total = types.entry(bare(word)).or_default();
                    *total = total.and(sum.total(objects));
                }
            }
            at += end - first;
        }
        let mut types: Vec<Share> = types.into_iter().map(|(name, total)| Share { name, total }).collect();
        types.sort_by(|a, b| {
            by_size(b.total)
                .cmp(&by_size(a.total))
                .then_with(|| a.name.cmp(&b.name))
        });
        Usage {
            total: self.total_of(range),
            tree: self.folder_usage(&query.folder, query.depth, query.folders),
            types,
            ages: Age::ALL
                .into_iter()
                .zip(ages.map(|(objects, sum)| sum.total(objects)))
                .collect(),
            largest: largest
                .into_sorted_vec()
                .into_iter()
                .map(|Reverse((_, Reverse(id)))| id)
                .collect(),
            oldest: oldest.into_sorted_vec().into_iter().map(|(_, id)| id).collect(),
        }
    }

    fn folder_usage(&self, prefix: &str, depth: usize, most: usize) -> FolderUsage {
        let range = self.range_from(prefix, self.lower(prefix));
        let mut usage = FolderUsage {
            prefix: prefix.to_owned(),
            total: self.total_of(range.clone()),
            ..FolderUsage::default()
        };
        let (mut folders, mut own) = (Vec::new(), Vec::new());
        self.walk(range, prefix, &mut folders, &mut own);
        usage.own = self.total_of_each(own);
        folders.sort_by(|a, b| {
            by_size(b.total)
                .cmp(&by_size(a.total))
                .then_with(|| a.prefix.cmp(&b.prefix))
        });
        let told = if depth == 0 { 0 } else { most.min(folders.len()) };
        for other in folders.split_off(told) {
            usage.other_folders += 1;
            usage.others = usage.others.and(other.total);
        }
        usage.folders = folders
            .iter()
            .map(|folder| self.folder_usage(&folder.prefix, depth - 1, most))
            .collect();
        usage
    }

    /// What to remember of it as it is now.
    #[must_use]
    pub fn scan(&self, at: Timestamp) -> Scan {
        let query = UsageQuery {
            depth: 1,
            folders: NAMES,
            objects: 0,
            now: at,
            ..UsageQuery::default()
        };
        let usage = self.usage(&query);
        let numbers = |total: Total| (total.objects, total.bytes);
        let mut folders: BTreeMap<_, _> = usage
            .tree
            .folders
            .iter()
            .map(|folder| (folder.prefix.clone(), numbers(folder.total)))
            .collect();
        if usage.tree.own.objects > 0 {
            folders.insert(String::new(), numbers(usage.tree.own));
        }
        let types = usage.types.iter().take(NAMES);
        Scan {
            at,
            total: usage.total,
            summary: Summary {
                folders,
                types: types.map(|share| (share.name.clone(), numbers(share.total))).collect(),
            },
        }
    }
}

impl Scan {
    /// How the bucket has grown since an older one.
    #[must_use]
    pub fn since(&self, older: &Self) -> Growth {
        Growth {
            since: older.at,
            objects: difference(self.total.objects, older.total.objects),
            bytes: difference(self.total.bytes, older.total.bytes),
            folders: changes(&self.summary.folders, &older.summary.folders),
            types: changes(&self.summary.types, &older.summary.types),
        }
    }
}

fn changes(now: &BTreeMap<String, (u64, u64)>, before: &BTreeMap<String, (u64, u64)>) -> Vec<Change> {
    let names: std::collections::BTreeSet<&String> = now.keys().chain(before.keys()).collect();
    let change = |name: &String| {
        let of = |names: &BTreeMap<String, (u64, u64)>| names.get(name).copied().unwrap_or_default();
        let (now, before) = (of(now), of(before));
        Change {
            name: name.clone(),
            objects: difference(now.0, before.0),
            bytes: difference(now.1, before.1),
        }
    };
    let changed = |change: &Change| change.objects != 0 || change.bytes != 0;
    let mut changes: Vec<Change> = names.into_iter().map(change).filter(changed).collect();
    changes.sort_by_key(|change| Reverse((change.bytes.unsigned_abs(), change.objects.unsigned_abs())));
    changes
}

fn difference(now: u64, before: u64) -> i64 {
    let difference = i128::from(now) - i128::from(before);
    i64::try_from(difference).unwrap_or(if difference > 0 { i64::MAX } else { i64::MIN })
}

fn by_size(total: Total) -> (u64, u64) {
    (total.bytes, total.objects)
}

/// A type without parameters, in lower case.
fn bare(word: &str) -> String {
    word.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Puts one into a heap of the least, of which the greatest goes when there are too many.
fn keep_best<T: Ord>(heap: &mut BinaryHeap<T>, one: T, most: usize) {
    if heap.len() < most {
        heap.push(one);
    } else if heap.peek().is_some_and(|worst| one < *worst) {
        heap.pop();
        heap.push(one);
    }
}
