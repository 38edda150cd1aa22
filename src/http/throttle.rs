//! How often each server has said that it was too much. Whoever sends many requests at once learns from it that fewer would
//! do, also where the request was made again and all went well.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Of all servers.
#[derive(Debug, Default)]
pub(super) struct Throttles {
    all: Mutex<HashMap<String, u64>>,
}

impl Throttles {
    pub(super) fn count(&self, origin: &str) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry(origin.to_owned()).or_default() += 1;
    }

    pub(super) fn get(&self, origin: &str) -> u64 {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(origin).copied().unwrap_or_default()
    }
}
