//! What planners are given, and what all of them ask.

use futures_util::{Stream, StreamExt as _};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::check::TEXT_MAX;
use super::keys::reachable;
use super::{Kind, Plan, PlanError, PlanItem, Rules, Unseen};
use crate::supabase::{ObjectKey, Supabase};
use crate::transfer::names::is_invisible;

/// Makes plans. Nothing is changed by that, neither here nor in the project.
#[derive(Clone, Copy)]
pub struct Planner<'a> {
    /// The project.
    pub project: &'a Supabase,
    /// Stops the planning.
    pub stop: &'a CancellationToken,
    /// Is told how far it is, now and then. It must not block.
    pub observe: &'a (dyn Fn(Planning) + Send + Sync),
}

/// How far planning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planning {
    /// At what it is.
    pub step: Step,
    /// Things done of it.
    pub done: u64,
    /// Things in all, if known.
    pub of: Option<u64>,
}

/// What is done while planning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Files are looked for.
    Finding,
    /// Types and dimensions are read.
    Looking,
    /// Objects are listed.
    Listing,
    /// Files are compared with objects of the same size.
    Comparing,
}

/// What becomes of an item whose target is there already, with other bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Taken {
    /// It is not done.
    #[default]
    Refuse,
    /// What is there makes room.
    Replace,
    /// It goes beside it, with a number in its name.
    Rename,
}

/// What becomes of an item whose name is no legal key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BadNames {
    /// It is not done; a key that would do is told.
    #[default]
    Refuse,
    /// It gets a key from which its name can be computed again.
    Escape,
}

/// Where objects go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyTarget {
    /// One object, to exactly this key.
    Exact(ObjectKey),
    /// Each below this folder, with the path that it has below what was named. Empty is the bucket itself.
    Under(String),
}

impl KeyTarget {
    /// Reads what somebody typed: with a slash at the end, or empty, it is a folder.
    ///
    /// # Errors
    /// If it is no beginning of a key.
    pub fn typed(text: &str) -> Result<Self, PlanError> {
        if text.is_empty() {
            return Ok(Self::Under(String::new()));
        }
        let key = ObjectKey::parse(text)?;
        Ok(if text.ends_with('/') {
            Self::Under(text.to_owned())
        } else {
            Self::Exact(key)
        })
    }

    /// The folder as a prefix: empty, or ending in a slash.
    pub(super) fn prefix(&self) -> String {
        match self {
            Self::Exact(_) => String::new(),
            Self::Under(folder) if folder.is_empty() || folder.ends_with('/') => folder.clone(),
            Self::Under(folder) => format!("{folder}/"),
        }
    }

    /// Refuses prefixes that no key can begin with, and one key for several things.
    pub(super) fn check(&self, sources: usize) -> Result<(), PlanError> {
        let prefix = self.prefix();
        let key = match self {
            Self::Exact(key) if sources > 1 => return Err(PlanError::OneTarget(sources, key.to_string())),
            Self::Exact(key) => key.as_str(),
            Self::Under(_) if prefix.is_empty() => return Ok(()),
            Self::Under(_) => &prefix,
        };
        reachable(key).map(drop).map_err(|why| PlanError::Unreachable {
            key: key.to_owned(),
            why,
        })
    }

    /// In words: the bucket with the folder or key.
    pub(super) fn words(&self, bucket: &str) -> String {
        match self {
            Self::Exact(key) => format!("{bucket}/{key}"),
            Self::Under(_) => format!("{bucket}/{}", self.prefix()).trim_end_matches('/').to_owned(),
        }
    }
}

/// Items that a plan can have: they are numbered with 32 bits.
pub(super) const ITEMS_MAX: usize = u32::MAX as usize;

impl Planner<'_> {
    pub(super) fn tell(&self, step: Step, done: usize, of: Option<usize>) {
        (self.observe)(Planning {
            step,
            done: done as u64,
            of: of.map(|of| of as u64),
        });
    }

    /// A plan of this project, with texts that can be shown whatever files and keys are called.
    pub(super) fn plan(
        &self,
        kind: Kind,
        title: String,
        rules: &Rules,
        mut items: Vec<PlanItem>,
        mut unseen: Vec<Unseen>,
    ) -> Plan {
        for item in &mut items {
            item.why = presentable(std::mem::take(&mut item.why));
        }
        for one in &mut unseen {
            one.why = presentable(std::mem::take(&mut one.why));
        }
        Plan {
            format: Plan::FORMAT,
            project: self.project.url().to_string(),
            made_at: Timestamp::now(),
            kind,
            title: presentable(title),
            rules: rules.clone(),
            items,
            unseen,
        }
    }

    pub(super) fn go_on(&self) -> Result<(), PlanError> {
        if self.stop.is_cancelled() {
            return Err(PlanError::Stopped);
        }
        Ok(())
    }

    /// Waits for something, or for being stopped.
    pub(super) async fn wait<T>(&self, future: impl Future<Output = T>) -> Result<T, PlanError> {
        self.stop.run_until_cancelled(future).await.ok_or(PlanError::Stopped)
    }

    /// Takes a stream to its end and tells how far it is.
    pub(super) async fn gather<T>(
        &self,
        step: Step,
        of: usize,
        stream: impl Stream<Item = Result<T, PlanError>>,
    ) -> Result<Vec<T>, PlanError> {
        let mut all = Vec::new();
        let mut stream = std::pin::pin!(stream);
        while let Some(one) = self.wait(stream.next()).await? {
            all.push(one?);
            if all.len().is_multiple_of(16) || all.len() == of {
                self.tell(step, all.len(), Some(of));
            }
        }
        Ok(all)
    }
}

/// Runs what blocks off the runtime's threads.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // Blocking tasks are not cancelled once they run: this is a panic, which goes on where it would have.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// A text without characters that do something, and not longer than what is shown.
fn presentable(text: String) -> String {
    let good = |c: char| !is_invisible(c);
    if text.len() <= TEXT_MAX && text.chars().all(good) {
        return text;
    }
    let mut shown = String::new();
    for c in text.chars() {
        if shown.len() > TEXT_MAX - 16 {
            shown.push('…');
            break;
        }
        if good(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

/// "1 file", "3 files".
pub(super) fn counted(count: usize, what: &str) -> String {
    let number = crate::media::group_thousands(count as u64);
    if count == 1 {
        format!("{number} {what}")
    } else {
        format!("{number} {what}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_can_be_shown() {
        assert_eq!(presentable("a “b” ö".to_owned()), "a “b” ö");
        assert_eq!(presentable("a\nb\u{202e}".to_owned()), "a\\u{a}b\\u{202e}");
        let long = presentable("ö".repeat(5_000));
        assert!(long.len() <= TEXT_MAX && long.ends_with('…'));
    }

    #[test]
    fn targets_are_read_as_typed() {
        assert_eq!(KeyTarget::typed("").unwrap(), KeyTarget::Under(String::new()));
        assert_eq!(KeyTarget::typed("a/b/").unwrap(), KeyTarget::Under("a/b/".to_owned()));
        assert!(matches!(KeyTarget::typed("a/b").unwrap(), KeyTarget::Exact(_)));
        assert!(KeyTarget::typed("ö/").is_err());
        assert_eq!(KeyTarget::Under("a".to_owned()).prefix(), "a/");
        assert!(KeyTarget::Under("ö".to_owned()).check(1).is_err());
        assert!(KeyTarget::Under("a/../b".to_owned()).check(1).is_err());
        assert!(KeyTarget::typed("..").unwrap().check(1).is_err());
        assert!(KeyTarget::typed("a").unwrap().check(2).is_err());
        assert_eq!(KeyTarget::Under("a/".to_owned()).words("b"), "b/a");
    }
}
