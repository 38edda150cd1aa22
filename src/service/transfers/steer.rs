//! What somebody wants of transfers, from the window: asked at once, carried out at the next safe place.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::left_out::LeftOut;
use crate::service::{Event, Problem, Service};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::plan::{BadNames, DeleteOrder, FileSource, KeySource, KeyTarget, Links, Taken, UploadOrder};
use crate::transfer::{JobId, Plan, Rules, Target};

/// What is wanted of transfers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// That they wait.
    Pause,
    /// That they go on.
    Resume,
    /// That they end.
    Cancel,
    /// That what failed is tried once more.
    Retry,
    /// That it is done before the others.
    First,
    /// Of a job: that it changes places with the next one that is not over.
    Later,
}

impl Service {
    /// Wants something of all transfers, of one, or of an item. What goes wrong comes as an event.
    pub fn wish(&self, target: Target, wish: Wish) {
        let service = self.clone();
        self.inner.runtime.spawn(async move {
            if let Err(problem) = service.carry_out(target, wish).await {
                service.inner.events.send(Event::TransferRefused(problem));
            }
        });
    }

    /// As [`Service::wish`], for those who wait for it.
    ///
    /// # Errors
    /// If there is no such job, the item is over, or the journal cannot be written.
    pub async fn carry_out(&self, target: Target, wish: Wish) -> Result<(), Problem> {
        let engine = self.engine();
        match (wish, target) {
            (Wish::Pause, target) => engine.pause(target).await?,
            (Wish::Resume, target) => engine.resume(target).await?,
            (Wish::Cancel, target) => engine.cancel(target).await?,
            (Wish::Retry, target) => _ = engine.retry(target).await?,
            (Wish::First, Target::Job(job)) => engine.place(job, 0).await?,
            (Wish::First, Target::Item(job, number)) => engine.put_first(job, number).await?,
            (Wish::Later, Target::Job(job)) => engine.put_later(job).await?,
            (Wish::First, Target::Everything) | (Wish::Later, Target::Everything | Target::Item(..)) => {}
        }
        Ok(())
    }

    /// Makes a job of a plan that is still being made, and lets it run. What goes wrong comes as an event, and so does what
    /// the plan leaves out; [`Event::TransferPlanned`] comes in any case.
    pub fn start_transfer<F>(&self, plan: impl FnOnce(Self) -> F + Send + 'static)
    where
        F: Future<Output = Result<Plan, Problem>> + Send,
    {
        let service = self.clone();
        self.inner.runtime.spawn(async move {
            let news = match plan(service.clone()).await {
                Ok(plan) => service.begin(plan).await,
                Err(problem) => Some(Event::TransferRefused(problem)),
            };
            service.inner.events.send(Event::TransferPlanned);
            if let Some(news) = news {
                service.inner.events.send(news);
            }
        });
    }

    /// Submits what of a plan can be done, and says what cannot.
    async fn begin(&self, plan: Plan) -> Option<Event> {
        let left_out = LeftOut::of(&plan);
        if !plan.items.iter().any(|item| item.action.acts()) {
            return Some(match left_out.problem() {
                Some(problem) => Event::TransferRefused(problem),
                None => Event::TransferNeedless(left_out.needless()),
            });
        }
        match self.submit(plan).await {
            Ok(_) => left_out.problem().map(Event::TransferLeftOut),
            Err(problem) => Some(Event::TransferRefused(problem)),
        }
    }

    /// Uploads files and folders of this machine into a folder of a bucket. What is there already stays.
    pub fn start_upload(&self, paths: Vec<PathBuf>, bucket: BucketName, folder: String) {
        self.start_transfer(move |service| async move {
            let order = UploadOrder {
                sources: paths.iter().map(|path| FileSource::Named(path.clone())).collect(),
                bucket,
                target: KeyTarget::Under(folder),
                bad_names: BadNames::Refuse,
                taken: Taken::Refuse,
                links: Links::Refuse,
                rules: Rules::default(),
            };
            service.plan_upload(&order, &|_| {}, &CancellationToken::new()).await
        });
    }

    /// Deletes objects; they can be taken back from the trash.
    pub fn start_deletion(&self, bucket: BucketName, keys: Vec<ObjectKey>) {
        self.start_transfer(move |service| async move {
            let order = DeleteOrder {
                sources: keys.into_iter().map(KeySource::Key).collect(),
                bucket,
                rules: Rules::default(),
            };
            service.plan_deletion(&order, &|_| {}, &CancellationToken::new()).await
        });
    }

    /// Saves an object as a file; it takes the place of what is there.
    pub fn start_saving(&self, bucket: BucketName, key: ObjectKey, path: PathBuf) {
        self.start_transfer(move |service| async move { service.plan_saving(bucket, key, &path).await });
    }

    /// Takes back what a transfer did, as far as that can be done.
    pub fn start_undo(&self, job: JobId) {
        let service = self.clone();
        self.inner.runtime.spawn(async move {
            match service.undo_transfer(job, &|_| {}).await {
                Ok(undoing) => service.inner.events.send(Event::TransferUndone(undoing)),
                Err(problem) => service.inner.events.send(Event::TransferRefused(problem)),
            }
        });
    }
}
