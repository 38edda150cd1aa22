//! Uploads that a person looks through before they begin.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::prepared::Prepared;
use crate::media::{self, Limits, Pixels};
use crate::service::feed::Feed;
use crate::service::loads::Wake;
use crate::service::{Pending, Problem, Service};
use crate::supabase::BucketName;
use crate::transfer::plan::fix::{Aim, Met, Sheet, Source, State};
use crate::transfer::plan::{FileSource, Links};
use crate::transfer::{JobId, Rules, Unseen};

/// What became of the wish to begin.
#[derive(Clone, Debug)]
pub enum Begun {
    /// It has begun.
    Job(JobId),
    /// Nothing has: these files are not what was reviewed any more, and this is what they are.
    Changed(Vec<(u32, Source)>),
}

impl Service {
    fn wake(&self) -> Wake {
        let events = self.inner.events.clone();
        Arc::new(move || events.wake())
    }

    /// Looks at files and at all that is in folders. In the end: what could not be looked at.
    #[must_use]
    pub fn look_at_files(&self, paths: Vec<PathBuf>) -> Feed<Source, Vec<Unseen>> {
        let service = self.clone();
        Feed::spawn(&self.inner.runtime, self.wake(), |found, stop| async move {
            let sources: Vec<FileSource> = paths.into_iter().map(FileSource::Named).collect();
            let planner = service.planner(&|_| {}, &stop);
            Ok(planner
                .look_at(&sources, Links::Refuse, &|more| found.add(more))
                .await?)
        })
    }

    /// Looks what is at keys of a bucket, and compares.
    #[must_use]
    pub fn look_in_bucket(&self, bucket: BucketName, aims: Vec<Aim>) -> Feed<Met, ()> {
        let service = self.clone();
        Feed::spawn(&self.inner.runtime, self.wake(), |found, stop| async move {
            let planner = service.planner(&|_| {}, &stop);
            Ok(planner.meet(&bucket, aims, &|more| found.add(more)).await?)
        })
    }

    /// Begins what was reviewed, if the files still are what they were.
    pub fn begin_reviewed(&self, sheet: Sheet, mut rules: Rules, prepared: Option<Prepared>) -> Pending<Begun> {
        self.load(move |service| async move {
            let looked = tokio::task::spawn_blocking(move || {
                let changed = changed(&sheet);
                (sheet, changed)
            });
            let (sheet, changed) = looked.await.map_err(|_| Problem::stopped())?;
            if !changed.is_empty() {
                return Ok(Begun::Changed(changed));
            }
            let stop = CancellationToken::new();
            let needed = prepared.filter(|prepared| uses(&sheet, prepared));
            rules.prepared = needed.as_ref().map(Prepared::id);
            let plan = service.planner(&|_| {}, &stop).reviewed(&sheet, &rules);
            let job = service.submit(plan).await?;
            if let Some(prepared) = needed {
                prepared.begun();
            }
            Ok(Begun::Job(job))
        })
    }
}

impl Service {
    /// A picture of this machine, scaled down to fit `(width, height)` pixels; never enlarged.
    ///
    /// # Errors
    /// If it cannot be read, is no picture, or is larger than can be decoded safely.
    pub async fn file_picture(&self, path: PathBuf, fit: (u32, u32)) -> Result<Pixels, Problem> {
        let made = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            let limits = Limits::default();
            // One that has more is told by the decoder to be too large.
            let read = File::open(&path).and_then(|file| file.take(limits.max_bytes + 1).read_to_end(&mut bytes));
            read.map_err(|error| Problem::new(format!("It cannot be read: {error}."), ""))?;
            let whole = media::decode(&bytes, &limits)?;
            Ok::<_, Problem>(media::thumbnail(&whole, fit)?)
        });
        made.await.map_err(|_| Problem::stopped())?
    }
}

/// The files that are to be sent and are not what they were. Blocks.
fn changed(sheet: &Sheet) -> Vec<(u32, Source)> {
    let rows = sheet.rows().iter().zip(0_u32..);
    let sent = rows.filter(|(row, _)| matches!(row.state(), State::Ready | State::Fixed));
    sent.filter(|(row, _)| row.source().was_changed())
        .map(|(row, at)| (at, Source::look(&row.source().path, &row.source().relative)))
        .collect()
}

/// Whether something is sent that was made for it.
fn uses(sheet: &Sheet, prepared: &Prepared) -> bool {
    sheet.rows().iter().any(|row| {
        let made = row.made().is_some_and(|made| prepared.has(&made.path));
        row.will_upload() && (made || prepared.has(&row.source().path))
    })
}
