//! A set of objects of one index, a bit each: a million chosen objects take 125 KB and are counted in no time.

/// Objects by their place in an index.
#[derive(Clone, Debug, Default)]
pub struct ObjectSet {
    words: Vec<u64>,
    len: usize,
}

/// The word and the bit of an object.
fn place(object: u32) -> (usize, u64) {
    (object as usize / 64, 1 << (object % 64))
}

impl ObjectSet {
    /// Whether an object is in it.
    pub fn contains(&self, object: u32) -> bool {
        let (word, bit) = place(object);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts an object in; false if it was there.
    pub fn insert(&mut self, object: u32) -> bool {
        let (word, bit) = place(object);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        self.len += usize::from(new);
        new
    }

    /// Takes an object out; false if it was not there.
    pub fn remove(&mut self, object: u32) -> bool {
        let there = self.contains(object);
        if there {
            let (word, bit) = place(object);
            self.words[word] &= !bit;
            self.len -= 1;
        }
        there
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.words.clear();
        self.len = 0;
    }

    /// The first object.
    pub fn first(&self) -> Option<u32> {
        self.iter().next()
    }

    /// All objects, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(at as u32 * 64 + bit)
            })
        })
    }

    /// Keeps only what is in `other` as well.
    pub fn keep(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        let mut len = 0;
        for (word, kept) in self.words.iter_mut().zip(&other.words) {
            *word &= kept;
            len += word.count_ones() as usize;
        }
        self.len = len;
    }
}

impl FromIterator<u32> for ObjectSet {
    fn from_iter<I: IntoIterator<Item = u32>>(objects: I) -> Self {
        let mut set = Self::default();
        set.extend(objects);
        set
    }
}

impl Extend<u32> for ObjectSet {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, objects: I) {
        for object in objects {
            self.insert(object);
        }
    }
}

impl PartialEq for ObjectSet {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl Eq for ObjectSet {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set_in_the_order_of_its_numbers(
            changes in proptest::collection::vec((any::<bool>(), 0_u32..300), 0..200),
            other in proptest::collection::btree_set(0_u32..300, 0..100),
        ) {
            let (mut set, mut model) = (ObjectSet::default(), BTreeSet::new());
            for (put, object) in changes {
                if put {
                    prop_assert_eq!(set.insert(object), model.insert(object));
                } else {
                    prop_assert_eq!(set.remove(object), model.remove(&object));
                }
                prop_assert_eq!(set.len(), model.len());
            }
            prop_assert!(set.iter().eq(model.iter().copied()));
            set.keep(&other.iter().copied().collect());
            model.retain(|object| other.contains(object));
            prop_assert!(set.iter().eq(model.iter().copied()));
            prop_assert_eq!((set.len(), set.is_empty(), set.first()), (model.len(), model.is_empty(), model.first().copied()));
            prop_assert!((0..300).all(|object| set.contains(object) == model.contains(&object)));
        }
    }
}
