//! Pictures that were made, in memory and within bounds: a picture costs a moment of a core, and pages ask for the same ones
//! again and again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

/// Remembers what was asked for last.
pub struct Cache {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    entries: HashMap<String, (u64, Bytes)>,
    /// Keys by when they were last asked for.
    order: BTreeMap<u64, String>,
    bytes: usize,
    clock: u64,
}

impl Cache {
    /// Of at most `most` bytes.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            kept: Mutex::new(Kept::default()),
        }
    }

    /// What was kept under the key.
    pub fn get(&self, key: &str) -> Option<Bytes> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let now = kept.clock;
        let (used, bytes) = kept.entries.get_mut(key)?;
        let (before, bytes) = (std::mem::replace(used, now), bytes.clone());
        kept.order.remove(&before);
        kept.order.insert(now, key.to_owned());
        Some(bytes)
    }

    /// Keeps bytes, and lets go of what was asked for longest ago. What would take a quarter of the room alone is not kept.
    pub fn put(&self, key: String, bytes: Bytes) {
        if bytes.len() > self.most / 4 {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let now = kept.clock;
        kept.bytes += bytes.len();
        if let Some((used, replaced)) = kept.entries.insert(key.clone(), (now, bytes)) {
            kept.order.remove(&used);
            kept.bytes -= replaced.len();
        }
        kept.order.insert(now, key);
        while kept.bytes > self.most
            && let Some((_, oldest)) = kept.order.pop_first()
            && let Some((_, dropped)) = kept.entries.remove(&oldest)
        {
            kept.bytes -= dropped.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_longest_ago_goes_first() {
        let cache = Cache::new(100);
        let bytes = |filling: u8| Bytes::from(vec![filling; 25]);
        for (at, key) in ["a", "b", "c", "d"].iter().enumerate() {
            cache.put((*key).to_owned(), bytes(at as u8));
        }
        assert!(cache.get("a").is_some());
        cache.put("e".into(), bytes(9));
        assert!(cache.get("b").is_none());
        for key in ["a", "c", "d", "e"] {
            assert!(cache.get(key).is_some(), "{key}");
        }
        cache.put("e".into(), bytes(8));
        assert_eq!(cache.get("e").unwrap(), bytes(8));
        assert!(cache.get("a").is_some(), "replacing takes no room");
        cache.put("large".into(), Bytes::from(vec![0; 26]));
        assert!(cache.get("large").is_none());
    }
}
