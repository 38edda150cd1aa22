//! What is known of the object that the inspector shows, and what is being changed of it there. No egui.

mod declared;
mod look;
mod metadata;
mod signing;

pub use declared::should_be;
pub use look::Look;
pub use metadata::{MetadataForm, shown};
pub use signing::{Expiry, LinkForm, left};

use std::sync::Arc;
use std::time::Duration;

use super::model::Entry;
use super::state::State;
use crate::service::{Load, Peek, Problem, Provenance, Service, Uses};
use crate::supabase::{BucketName, ObjectInfo, ObjectKey};

/// Whoever walks through objects with the arrow keys does not ask the server for each of them.
const PAUSE: Duration = Duration::from_millis(120);
/// How long the beginning of an object is waited for before the rest is told without it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of an object. All of it comes at once, so that nothing that is shown already moves by what comes later.
struct Known {
    info: ObjectInfo,
    /// Its beginning, if it could be read in time.
    peek: Option<Peek>,
    /// What wrote it, as far as this program did.
    provenance: Option<Provenance>,
}

impl Known {
    async fn read(service: &Service, bucket: &BucketName, key: &ObjectKey) -> Result<Self, Problem> {
        let info = service.object_info(bucket, key).await?;
        let peek = tokio::time::timeout(PATIENCE, service.peek(bucket, key, info.size));
        let (peek, provenance) = tokio::join!(peek, service.provenance_of(bucket, key, &info));
        Ok(Self {
            peek: peek.ok().and_then(Result::ok),
            provenance: provenance.ok().flatten(),
            info,
        })
    }
}

/// The object that is looked at.
#[derive(Debug, Default)]
pub struct Inspect {
    of: Option<(BucketName, ObjectKey)>,
    stale: bool,
    /// Which of several chosen objects is looked at, from 0; none of them is all of them together.
    nth: Option<usize>,
    known: Load<Known>,
    uses: Load<Arc<Uses>>,
    uses_stale: bool,
    /// A link that is signed.
    pub link: LinkForm,
    /// The metadata that is being edited.
    pub metadata: Option<MetadataForm>,
    /// The rule for caches that is being typed.
    pub caching: Option<String>,
    /// How the picture is looked at in the inspector.
    pub look: Look,
    /// How it is looked at over the whole place, while it is.
    pub enlarged: Option<Look>,
}

impl Inspect {
    /// Takes in what has arrived, and asks for what is needed of the object that is looked at now.
    pub(super) fn poll(&mut self, service: &Service, wanted: Option<(BucketName, ObjectKey)>) {
        if wanted != self.of {
            let enlarged = self.enlarged.is_some() && wanted.is_some();
            let (uses, nth, uses_stale) = (std::mem::take(&mut self.uses), self.nth, self.uses_stale);
            let expiry = self.link.expiry;
            *self = Self {
                of: wanted,
                nth,
                stale: true,
                uses,
                uses_stale,
                enlarged: enlarged.then(Look::default),
                ..Self::default()
            };
            self.link.expiry = expiry;
        }
        self.poll_uses(service);
        let Some((bucket, key)) = self.of.clone() else { return };
        if self.stale {
            self.stale = false;
            self.read(service, &bucket, &key);
        }
        if self.known.poll()
            && let (Some(known), Some(form)) = (self.known.value(), &mut self.metadata)
        {
            form.theirs(&known.info);
        }
        self.link.poll(service, &bucket, &key);
        if let Some(form) = &mut self.metadata {
            form.poll(service, &bucket, &key);
        }
    }

    fn read(&mut self, service: &Service, bucket: &BucketName, key: &ObjectKey) {
        let (bucket, key) = (bucket.clone(), key.clone());
        self.known.start(service.load(|service| async move {
            tokio::time::sleep(PAUSE).await;
            Known::read(&service, &bucket, &key).await
        }));
    }

    fn poll_uses(&mut self, service: &Service) {
        if self.of.is_some() && !self.uses.is_loading() && (self.uses.is_idle() || self.uses_stale) {
            self.uses_stale = false;
            self.uses
                .start(service.load(|service| async move { service.uses().await }));
        }
        self.uses.poll();
    }

    /// What is stored may not be what it was.
    pub(super) fn changed(&mut self, bucket: &BucketName) {
        self.stale |= self.of.as_ref().is_some_and(|(of, _)| of == bucket);
    }

    /// A story may show other objects than before.
    pub(super) fn story_changed(&mut self) {
        self.uses_stale = true;
    }

    /// Reads everything again.
    pub fn reload(&mut self) {
        self.stale = true;
        self.uses_stale = true;
    }

    /// What the server knows of it; none while that is not read.
    #[must_use]
    pub fn info(&self) -> Option<&ObjectInfo> {
        Some(&self.known.value()?.info)
    }

    /// Its beginning.
    #[must_use]
    pub fn peek(&self) -> Option<&Peek> {
        self.known.value()?.peek.as_ref()
    }

    /// What wrote it, as far as this program did.
    #[must_use]
    pub fn provenance(&self) -> Option<&Provenance> {
        self.known.value()?.provenance.as_ref()
    }

    /// Why nothing is known of it, or not what is there now.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.known.problem()
    }

    /// Whether nothing is known of it yet, not even why.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.info().is_none() && self.problem().is_none()
    }

    /// Which scenes show which objects; none while that is not known.
    #[must_use]
    pub fn uses(&self) -> Option<&Arc<Uses>> {
        self.uses.value()
    }

    /// Why it is not known which scenes show it.
    #[must_use]
    pub fn uses_problem(&self) -> Option<&Problem> {
        self.uses.problem()
    }

    /// Begins to edit the metadata.
    pub fn edit_metadata(&mut self) {
        self.metadata = self.info().map(MetadataForm::of);
    }

    /// Begins to edit the rule for caches.
    pub fn edit_caching(&mut self) {
        let now = self.info().and_then(|info| info.cache_control.clone());
        self.caching = Some(now.unwrap_or_else(|| "max-age=3600".to_owned()));
    }
}

impl State {
    /// The object that is looked at: the only one chosen, or one of those that are.
    #[must_use]
    pub fn looked_at(&self) -> Option<(BucketName, Entry)> {
        if let Some((bucket, entry)) = self.single() {
            return Some((bucket.clone(), entry));
        }
        let object = self.selection().iter().nth(self.inspect.nth?)?;
        Some((self.bucket()?.clone(), self.entry(object)?))
    }

    pub(super) fn poll_inspect(&mut self, service: &Service) {
        if self.selection().len() < 2 || self.inspect.nth >= Some(self.selection().len()) {
            self.inspect.nth = None;
        }
        let wanted = self
            .looked_at()
            .and_then(|(bucket, entry)| Some((bucket, ObjectKey::parse(&entry.key).ok()?)));
        self.inspect.poll(service, wanted);
    }

    /// Which of how many is looked at, for "1 of 3".
    #[must_use]
    pub fn place(&self) -> Option<(usize, usize)> {
        let many = self.selection().len();
        match self.inspect.nth {
            Some(nth) if many > 1 => Some((nth + 1, many)),
            _ => None,
        }
    }

    /// Looks at the next of several chosen objects, or the previous one; before the first and after the last come all of
    /// them together.
    pub fn look_on(&mut self, forward: bool) {
        let many = self.selection().len();
        self.inspect.nth = match (self.inspect.nth, forward) {
            (None, true) => Some(0),
            (None, false) => many.checked_sub(1),
            (Some(nth), true) => Some(nth + 1).filter(|nth| *nth < many),
            (Some(nth), false) => nth.checked_sub(1),
        };
    }
}
