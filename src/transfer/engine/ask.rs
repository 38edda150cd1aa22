//! Whether it is an item that fails, or the server. While others succeed between its failures it is the item; one that is
//! alone has no others, so that the server is asked something small before the item is tried again.

use super::executor::guarded;
use super::line::Probe;
use super::task::{Task, is_trouble};
use crate::transfer::job::Item;
use crate::transfer::plan::Place;

impl Task {
    /// Whether what is to see if the server is back may be tried. If one of the items was the last to fail, and nothing has
    /// succeeded since, the server is asked first: an answer counts as a success of others, and without one nothing more is
    /// sent.
    pub(super) async fn may_try(&self, items: &[Item], probe: Option<&Probe>) -> bool {
        let (line, running) = (&self.running.line, &self.running);
        let successes = line.successes();
        let failed_last = items.iter().find(|item| running.has_failed_at(item.number, successes));
        let (Some(item), Some(_)) = (failed_last, probe) else {
            return true;
        };
        let asked = async {
            // Both have to work for what goes from one to the other.
            if let (Some(there), Some(Place::Elsewhere { bucket, .. })) = (&running.there, &item.plan.to) {
                guarded(self.shared.executor.ask(there, Some(bucket))).await?;
            }
            guarded(self.shared.executor.ask(&self.shared.project, bucket(item))).await
        };
        match asked.await {
            Err(failure) if is_trouble(&failure) => {
                self.trouble(&failure, true);
                false
            }
            // A refusal is an answer, too.
            Ok(()) | Err(_) => {
                line.answers();
                true
            }
        }
    }
}

/// A bucket that an item is about.
fn bucket(item: &Item) -> Option<&str> {
    let places = [item.plan.to.as_ref(), Some(&item.plan.from)];
    places.into_iter().flatten().find_map(Place::bucket)
}
