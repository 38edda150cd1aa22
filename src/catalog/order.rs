//! Objects in the order of a column. The order of all is found out once an index and column, when it pays.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::row::name_of;
use super::segment::{NO_SIZE, NO_WORD, Segment};
use super::threads::{at_once, pieces};
use super::{Index, Order, SortBy, UseCounts, natural};

/// The ids of all rows, ascending, by the order of [`SortBy::ALL`].
#[derive(Debug, Default)]
pub(super) struct Orders([OnceLock<Arc<[u32]>>; SortBy::ALL.len()]);

/// Of so many rows, the order of all is not found out for their sake.
const FEW: usize = 4_096;

/// What a row is compared by: the value of a column, what its name begins with, its id.
#[derive(Clone, Copy)]
struct Sorted {
    beginning: (u64, u64),
    id: u32,
}

impl Index {
    /// Sorts rows, given by ascending id.
    pub(super) fn sort(&self, objects: Vec<u32>, order: Order) -> Vec<u32> {
        let by = match order.by {
            SortBy::Match | SortBy::UsedBy => SortBy::Name,
            by => by,
        };
        let place = SortBy::ALL.iter().position(|known| *known == by).unwrap_or(0);
        let mut sorted = if objects.len() <= FEW && self.orders().0[place].get().is_none() {
            self.sort_few(objects, by)
        } else {
            let all = self.order_of_all(by);
            if objects.len() == self.len() {
                all.to_vec()
            } else {
                let mut wanted = vec![0_u64; self.len().div_ceil(64)];
                for id in &objects {
                    wanted[*id as usize / 64] |= 1 << (id % 64);
                }
                let is_wanted = |id: &u32| wanted[*id as usize / 64] & 1 << (id % 64) != 0;
                let mut sorted = Vec::with_capacity(objects.len());
                sorted.extend(all.iter().copied().filter(is_wanted));
                sorted
            }
        };
        if order.descending {
            sorted.reverse();
        }
        sorted
    }

    /// Makes what the first search and the first large folder would wait for. It takes a while.
    pub fn warm(&self) {
        at_once(pieces(self.segments().len()), |segments| {
            for segment in &self.segments()[segments] {
                segment.folded();
                segment.bags();
            }
        });
        self.order_of_all(SortBy::Name);
    }

    /// Sorts rows by how well they match, and then by name.
    pub(super) fn sort_by_match(&self, mut objects: Vec<(u32, i32)>, descending: bool) -> Vec<u32> {
        let compare = |a: &(u32, i32), b: &(u32, i32)| {
            let by_name = || self.compare_names(a.0, b.0);
            Reverse(a.1).cmp(&Reverse(b.1)).then_with(by_name)
        };
        objects.sort_unstable_by(compare);
        if descending {
            objects.reverse();
        }
        objects.into_iter().map(|(id, _)| id).collect()
    }

    /// Sorts rows by how often they are used, and then by name. Those that are used are few beside all.
    pub(super) fn sort_by_use(&self, objects: Vec<u32>, uses: &UseCounts, descending: bool) -> Vec<u32> {
        let counts: HashMap<u32, usize> = uses
            .iter()
            .filter_map(|(key, count)| Some((self.position(key)?, count)))
            .collect();
        let by_name = self.sort(objects, Order::default());
        let (mut used, mut sorted): (Vec<u32>, Vec<u32>) = by_name.into_iter().partition(|id| counts.contains_key(id));
        used.sort_by_key(|id| counts.get(id));
        sorted.extend(used);
        if descending {
            sorted.reverse();
        }
        sorted
    }

    fn sort_few(&self, mut objects: Vec<u32>, by: SortBy) -> Vec<u32> {
        let compare = |a: u32, b: u32| -> Ordering {
            let (Some((left, l)), Some((right, r))) = (self.place(a as usize), self.place(b as usize)) else {
                return a.cmp(&b);
            };
            let first = match by {
                SortBy::Name | SortBy::Match | SortBy::UsedBy => Ordering::Equal,
                SortBy::Size => rising(left.size(l)).cmp(&rising(right.size(r))),
                SortBy::Modified => left.columns().modified[l].cmp(&right.columns().modified[r]),
                SortBy::Type => word(left, left.columns().types[l]).cmp(&word(right, right.columns().types[r])),
                SortBy::CacheControl => {
                    word(left, left.columns().caches[l]).cmp(&word(right, right.columns().caches[r]))
                }
            };
            first.then_with(|| self.compare_names(a, b))
        };
        objects.sort_unstable_by(|a, b| compare(*a, *b));
        objects
    }

    fn compare_names(&self, a: u32, b: u32) -> Ordering {
        let name = |id| name_of(self.key(id).unwrap_or_default());
        natural::compare(name(a), name(b)).then(a.cmp(&b))
    }

    /// The ids of all rows in the order of a column.
    pub(super) fn order_of_all(&self, by: SortBy) -> Arc<[u32]> {
        let place = SortBy::ALL.iter().position(|known| *known == by).unwrap_or(0);
        let order = self.orders().0[place].get_or_init(|| match by {
            SortBy::Name | SortBy::Match | SortBy::UsedBy => self.all_by_name(),
            SortBy::Size => self.all_by(|segment| segment.columns().sizes.iter().map(|size| rising(*size)).collect()),
            SortBy::Modified => self.all_by(|segment| {
                let times = segment.columns().modified.iter();
                // The sign is turned, so that the order of the numbers is that of the times.
                times.map(|time| *time as u64 ^ 1 << 63).collect()
            }),
            SortBy::Type => self.all_by_word(|segment| &segment.columns().types),
            SortBy::CacheControl => self.all_by_word(|segment| &segment.columns().caches),
        });
        Arc::clone(order)
    }

    fn all_by_name(&self) -> Arc<[u32]> {
        let compare = |a: &Sorted, b: &Sorted| {
            let by_name = || self.compare_names(a.id, b.id);
            a.beginning.cmp(&b.beginning).then_with(by_name)
        };
        let mut parts = at_once(pieces(self.segments().len()), |segments| {
            let rows: usize = self.segments()[segments.clone()]
                .iter()
                .map(|segment| segment.len())
                .sum();
            let mut sorted = Vec::with_capacity(rows);
            for at in segments {
                let (segment, start) = (&self.segments()[at], self.segment_start(at));
                sorted.extend((0..segment.len()).map(|row| {
                    let beginning = natural::beginning(name_of(segment.key(row)));
                    Sorted {
                        beginning: ((beginning >> 64) as u64, beginning as u64),
                        id: (start + row) as u32,
                    }
                }));
            }
            // Stable, which is the faster one where much is in order already, as names of one folder are.
            sorted.sort_by(compare);
            sorted
        });
        while parts.len() > 1 {
            let (Some(right), Some(left)) = (parts.pop(), parts.pop()) else {
                break;
            };
            parts.push(merge(left, right, compare));
        }
        let all = parts.pop().unwrap_or_default();
        all.into_iter().map(|sorted| sorted.id).collect()
    }

    /// All rows by a value of each; what is alike, by name.
    fn all_by(&self, values: impl Fn(&Segment) -> Vec<u64>) -> Arc<[u32]> {
        let mut value: Vec<u64> = Vec::with_capacity(self.len());
        for segment in self.segments() {
            value.extend(values(segment));
        }
        let by_name = self.order_of_all(SortBy::Name);
        let mut sorted: Vec<(u64, u32)> = by_name.iter().map(|id| (value[*id as usize], *id)).collect();
        drop(value);
        sorted.sort_by_key(|(value, _)| *value);
        sorted.into_iter().map(|(_, id)| id).collect()
    }

    /// All rows by a word of each, of which there are few.
    fn all_by_word(&self, places: impl Fn(&Segment) -> &[u16]) -> Arc<[u32]> {
        let mut words: Vec<&str> = Vec::new();
        for segment in self.segments() {
            words.extend(segment.columns().words.iter().map(AsRef::as_ref));
            words.sort_unstable();
            words.dedup();
        }
        let rank = |word: &str| words.binary_search(&word).map_or(0, |rank| rank as u64 + 1);
        self.all_by(|segment| {
            let ranks: Vec<u64> = segment.columns().words.iter().map(|word| rank(word)).collect();
            let places = places(segment).iter();
            places
                .map(|place| ranks.get(usize::from(*place)).copied().unwrap_or(0))
                .collect()
        })
    }
}

/// What is not known comes first.
fn rising(size: u64) -> u64 {
    if size == NO_SIZE { 0 } else { size + 1 }
}

fn word(segment: &Segment, place: u16) -> Option<&str> {
    if place == NO_WORD {
        return None;
    }
    segment.columns().words.get(usize::from(place)).map(AsRef::as_ref)
}

fn merge(left: Vec<Sorted>, right: Vec<Sorted>, compare: impl Fn(&Sorted, &Sorted) -> Ordering) -> Vec<Sorted> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let mut right = right.into_iter().peekable();
    for a in left {
        while let Some(b) = right.next_if(|b| compare(b, &a) == Ordering::Less) {
            merged.push(b);
        }
        merged.push(a);
    }
    merged.extend(right);
    merged
}
