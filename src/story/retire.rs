//! Pictures that are shown no more. Their objects stay for a while, so that a replacement can be undone at once, and then go
//! to the trash, unless a row points at them after all.
//!
//! Nobody can look at rows and move an object in one step. So whoever takes an object away looks at the rows once more
//! afterwards, and whoever lets a row point at an object looks at the object once more: whichever comes second sees the other.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::model::{SceneId, StoryId};
use super::naming::is_picture_key;
use super::{Stories, StoryError};
use crate::journal::{Journal, Retired};
use crate::supabase::url::{Context, MediaRef, ProblemKind, public_url};
use crate::supabase::{BucketName, Class, ObjectInfo, ObjectKey, Objects};
use crate::transfer::JobId;
use crate::transfer::trash::{Record, Recovered, TrashError};

/// Notes that are dealt with at once.
const BATCH: usize = 100;

/// What became of pictures whose time was over.
#[derive(Debug, Default)]
pub struct Retirement {
    /// They went to the trash.
    pub trashed: Vec<Record>,
    /// Rows point at them after all, nobody knows them as pictures of ours, or they were gone already: nothing was done.
    pub left: usize,
}

impl Stories {
    /// How long a picture that was replaced stays in its place.
    pub const GRACE: SignedDuration = SignedDuration::from_hours(24);

    /// Moves pictures to the trash whose time is over and at which no row points. Where rows may be hidden from this key,
    /// nothing can be said to be unused, and nothing is moved.
    ///
    /// # Errors
    /// If the project cannot be asked. What is left to do is done the next time.
    pub async fn retire_due(&self, now: Timestamp) -> Result<Retirement, StoryError> {
        let mut done = Retirement::default();
        if !self.sees_every_row() {
            return Ok(done);
        }
        let job = JobId(Uuid::new_v4());
        loop {
            let claimed = self
                .journal
                .run(move |journal| journal.claim_retired(now, BATCH))
                .await?;
            let last = claimed.len() < BATCH;
            for retired in claimed {
                match self.retire_one(&retired, job).await? {
                    Some(record) => done.trashed.push(record),
                    None => done.left += 1,
                }
                let note = retired.note;
                self.journal.run(move |journal| journal.end_retired(&note)).await?;
            }
            if last {
                return Ok(done);
            }
        }
    }

    /// The pictures that are kept for a while, the one whose time is over first at the front.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn retired(&self) -> Result<Vec<Retired>, StoryError> {
        Ok(self.journal.run(Journal::retired).await?)
    }

    /// Puts a picture into the trash if it is one of ours and no row points at it.
    async fn retire_one(&self, retired: &Retired, job: JobId) -> Result<Option<Record>, StoryError> {
        let (Ok(bucket), Ok(key)) = (BucketName::parse(&retired.bucket), ObjectKey::parse(&retired.key)) else {
            return Ok(None);
        };
        let objects = self.supabase.bucket(&bucket);
        if self.rows.in_use(&key).await? {
            // A run before this one may have been interrupted after it had moved it.
            self.trash.recover(&objects, &key).await?;
            return Ok(None);
        }
        let note = retired.note.clone();
        if !self.journal.run(move |journal| journal.is_claimed(&note)).await? {
            return Ok(None);
        }
        let info = match objects.info(&key).await {
            Ok(info) => info,
            Err(error) if error.class == Class::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if !self.is_picture(&key, &info) {
            return Ok(None);
        }
        let record = match self.trash.put(&objects, &key, job, info.etag.as_deref()).await {
            Ok(record) => record,
            Err(TrashError::NotThere(_) | TrashError::InTrash(_) | TrashError::Changed(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if self.rows.in_use(&key).await? {
            self.trash.recover(&objects, &key).await?;
            return Ok(None);
        }
        Ok(Some(record))
    }

    /// Notes that a picture's time begins to run now.
    pub(super) async fn retire(
        &self,
        story: &StoryId,
        scene: &SceneId,
        key: &ObjectKey,
        replaced_by: Option<&str>,
    ) -> Result<String, StoryError> {
        let note = Uuid::new_v4().to_string();
        let bucket = &self.settings.bucket;
        let retired = Retired {
            note: note.clone(),
            bucket: bucket.to_string(),
            key: key.to_string(),
            url: public_url(self.supabase.url(), bucket, key),
            story: story.to_string(),
            scene: scene.to_string(),
            replaced_by: replaced_by.map(str::to_owned),
            due_at: Timestamp::now().checked_add(Self::GRACE).unwrap_or(Timestamp::MAX),
        };
        self.journal.run(move |journal| journal.retire(&retired)).await?;
        Ok(note)
    }

    /// The object that a row's link means, if it is one of the bucket of this workspace's pictures.
    pub(super) fn own(&self, link: &str) -> Option<ObjectKey> {
        let context = Context {
            project: Some(self.supabase.url()),
            default_bucket: Some(&self.settings.bucket),
            ..Context::default()
        };
        let media = MediaRef::parse(link, &context).ok()?;
        let ours = media.object.bucket == self.settings.bucket && !media.has(ProblemKind::OtherProject);
        ours.then_some(media.object.key)
    }

    /// Fetches an object from the trash if it is not in its place.
    pub(super) async fn ensure_there(&self, key: &ObjectKey) -> Result<(), StoryError> {
        match self.trash.recover(&self.objects(), key).await? {
            Recovered::There | Recovered::Returned => Ok(()),
            Recovered::Missing => Err(StoryError::PictureGone(key.to_string())),
        }
    }

    /// As [`Stories::ensure_there`], once a row points at it: that it cannot be looked at is no failure of what is done.
    pub(super) async fn still_there(&self, key: &ObjectKey) -> Result<(), StoryError> {
        match self.ensure_there(key).await {
            Err(StoryError::Wire(_) | StoryError::Trash(TrashError::Wire(_))) => Ok(()),
            result => result,
        }
    }

    fn objects(&self) -> Objects {
        self.supabase.bucket(&self.settings.bucket)
    }

    /// Whether an object was stored as a picture of a scene. A row may point at anything; what is somebody's logo elsewhere, too,
    /// is not ours to take away.
    pub(super) fn is_picture(&self, key: &ObjectKey, info: &ObjectInfo) -> bool {
        info.metadata.contains_key("story_id") || is_picture_key(&self.settings.key_template, key)
    }

    /// A user sees the rows that policies show them, and others may point at the same picture.
    pub(super) fn sees_every_row(&self) -> bool {
        self.supabase.key().is_service() && self.supabase.session().is_none()
    }
}
