//! Transfers for both faces: planning, running, steering, their ends, and taking them back.
//!
//! The command line plans, submits and runs one job. The window submits, and lets the engine run what there is; it sees
//! [`Moving`].

mod acts;
mod elsewhere;
mod left_out;
mod manifest;
mod moving;
mod prepared;
mod report;
mod review;
mod show;
mod steer;
mod undo;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use tokio_util::sync::CancellationToken;

pub use acts::Renaming;
pub(super) use manifest::Manifests;
pub use moving::{Moving, MovingItem, MovingJob};
pub use prepared::Prepared;
pub(super) use prepared::root as prepared_root;
pub use report::{Proven, Report};
pub use review::Begun;
use show::Showing;
pub use steer::Wish;
pub use undo::Undoing;

use super::{AdminAction, Event, Problem, Service, Subject};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::names::LocalPath;
use crate::transfer::plan::{
    DeleteOrder, DownloadOrder, EditOrder, KeySource, ManifestOrder, PlanError, Planner, Planning, RelocateOrder,
    SyncOrder, SyncPlan, Taken, UploadOrder,
};
use crate::transfer::{Action, Engine, JobId, JobState, Kind, Plan, Rules};

/// Is told how far planning is.
pub(super) type Observe<'a> = &'a (dyn Fn(Planning) + Send + Sync);

impl Service {
    /// The engine of this workspace: its jobs, and how they are steered.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(super) fn planner<'a>(&'a self, observe: Observe<'a>, stop: &'a CancellationToken) -> Planner<'a> {
        Planner {
            project: &self.inner.supabase,
            stop,
            observe,
        }
    }

    /// Plans an upload.
    ///
    /// # Errors
    /// If something that was named is not there, the bucket is not, or it was stopped.
    pub async fn plan_upload(
        &self,
        order: &UploadOrder,
        observe: Observe<'_>,
        stop: &CancellationToken,
    ) -> Result<Plan, Problem> {
        Ok(self.planner(observe, stop).upload(order).await?)
    }

    /// Plans an upload of a folder by its manifest: each file to the key that it was downloaded from.
    ///
    /// # Errors
    /// If the folder has no manifest or one that cannot be believed; as [`Service::plan_upload`].
    pub async fn plan_upload_by_manifest(
        &self,
        order: &ManifestOrder,
        observe: Observe<'_>,
        stop: &CancellationToken,
    ) -> Result<Plan, Problem> {
        Ok(self.planner(observe, stop).upload_by_manifest(order).await?)
    }

    /// Plans what makes a folder of a bucket like one of this machine.
    ///
    /// # Errors
    /// As [`Service::plan_upload`].
    pub async fn plan_sync(
        &self,
        order: &SyncOrder,
        observe: Observe<'_>,
        stop: &CancellationToken,
    ) -> Result<SyncPlan, Problem> {
        Ok(self.planner(observe, stop).sync(order).await?)
    }

    /// Plans a download.
    ///
    /// # Errors
    /// If nothing was found of something that was named, the folder is no folder, or it was stopped.
    pub async fn plan_download(
        &self,
        order: &DownloadOrder,
        observe: Observe<'_>,
        stop: &CancellationToken,
    ) -> Result<Plan, Problem> {
        Ok(self.planner(observe, stop).download(order).await?)
    }

    /// Plans a move, a renaming or a copy.
    ///
    /// # Errors
    /// If nothing was found of something that was named, or a bucket is not there.
    pub async fn plan_relocation(
        &self,
        order: &RelocateOrder,
        observe: Observe<'_>,
        stop: &CancellationToken,
    ) -> Result<Plan, Problem> {
        Ok(self.planner(observe, stop).relocate(order).await?)
    }

    /// Plans an edit of headers and metadata.
    ///
    /// # Errors
    /// If nothing was found of something that was named, the edit cannot be made, or the bucket is not there.
    pub async fn plan_edit(
        &self,
        order: &EditOrder,
        observe: Observe<'_>,
        stop: &CancellationToken,
    ) -> Result<Plan, Problem> {
        Ok(self.planner(observe, stop).edit(order).await?)
    }

    /// Plans a deletion.
    ///
    /// # Errors
    /// If nothing was found of something that was named, or the bucket is not there.
    pub async fn plan_deletion(
        &self,
        order: &DeleteOrder,
        observe: Observe<'_>,
        stop: &CancellationToken,
    ) -> Result<Plan, Problem> {
        Ok(self.planner(observe, stop).delete(order).await?)
    }

    /// Plans saving one object as a file of a name that was chosen; it takes the place of what is there.
    ///
    /// # Errors
    /// If there is no such object, or the name is none that files have everywhere.
    pub async fn plan_saving(&self, bucket: BucketName, key: ObjectKey, path: &Path) -> Result<Plan, Problem> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = LocalPath::parse(&name.unwrap_or_default()).map_err(Problem::from)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let order = DownloadOrder {
            sources: vec![KeySource::Key(key)],
            bucket,
            folder: folder.unwrap_or(Path::new(".")).to_owned(),
            name: Some(name),
            taken: Taken::Replace,
            rules: Rules::default(),
        };
        self.plan_download(&order, &|_| {}, &CancellationToken::new()).await
    }

    /// Reads the plan that was saved in a file, or all that are in it: they are carried out one after the other.
    ///
    /// # Errors
    /// If it is none, is for another project, or must not be carried out; with the item that is wrong.
    pub async fn read_plans(&self, path: &Path) -> Result<Vec<Plan>, Problem> {
        let (path, url): (PathBuf, _) = (path.to_owned(), self.inner.supabase.url().clone());
        let read = tokio::task::spawn_blocking(move || {
            let mut plans = Plan::read_all(&path, &url)?;
            plans.iter_mut().for_each(Plan::refuse_what_changed);
            Ok::<_, PlanError>(plans)
        });
        Ok(read.await.map_err(|_| Problem::stopped())??)
    }

    /// Makes a job of a plan. It is on disk when this answers.
    ///
    /// # Errors
    /// If the plan is for another project, nothing of it can be done, admin mode is locked for what it does, or the journal
    /// cannot be written.
    pub async fn submit(&self, plan: Plan) -> Result<JobId, Problem> {
        self.permit(&plan)?;
        Ok(self.inner.engine.submit(plan).await?)
    }

    /// What cannot be undone by everybody is for an unlocked admin mode, where there is one.
    fn permit(&self, plan: &Plan) -> Result<(), Problem> {
        let acts = plan.items.iter().filter(|item| item.action.acts());
        let replaces = acts.clone().any(|item| item.action == Action::Replace);
        if replaces && plan.kind != Kind::Download {
            self.admin().permit(AdminAction::Overwrite)?;
        }
        if acts.count() == 0 {
            return Ok(());
        }
        match plan.kind {
            Kind::Delete | Kind::Move => self.admin().permit(AdminAction::DeleteObjects),
            Kind::Edit => self.admin().permit(AdminAction::Overwrite),
            Kind::Empty | Kind::DeleteBucket => self.admin().permit(AdminAction::EmptyBucket),
            Kind::Upload | Kind::Download | Kind::Copy | Kind::Restore => Ok(()),
        }
    }

    /// Runs a job to its end, or until it is to wait. What a download brought is in the manifest of its folder then.
    ///
    /// # Errors
    /// If somebody else runs it, the journal cannot be written, or the server was waited for as long as is allowed.
    pub async fn run_transfer(&self, job: JobId) -> Result<Report, Problem> {
        let ran = self.inner.engine.run(job).await;
        self.tell_of(job).await;
        let manifest = self.inner.manifests.keep(job).await;
        ran?;
        let mut report = self.report(job).await?;
        match manifest {
            Ok(path) => report.manifest = path,
            Err(problem) => report.manifest_problem = Some(problem),
        }
        Ok(report)
    }

    /// Forgets a job that is over.
    ///
    /// # Errors
    /// If there is no such job, it is not over, somebody else runs it, or the journal cannot be written.
    pub async fn forget_transfer(&self, job: JobId) -> Result<(), Problem> {
        Ok(self.inner.engine.forget(job).await?)
    }

    /// Tells whoever shows a bucket that a job has changed it.
    async fn tell_of(&self, job: JobId) {
        let Ok(items) = self.inner.engine.items(job, 0..1).await else {
            return;
        };
        for plan in items.into_iter().map(|item| item.plan) {
            for place in [Some(plan.from), plan.to].into_iter().flatten() {
                if let Some(bucket) = place.bucket()
                    && let Ok(bucket) = BucketName::parse(bucket)
                {
                    self.changed(Subject::Bucket(bucket));
                }
            }
        }
    }

    /// Runs what there is and what comes, and shows it, until this service is closed. For the window.
    pub fn keep_transferring(&self) {
        let (engine, events, manifests) = (
            self.inner.engine.clone(),
            self.inner.events.clone(),
            self.inner.manifests.clone(),
        );
        let showing = Showing::new(
            engine.clone(),
            self.inner.stories.trash().clone(),
            events.clone(),
            self.inner.taken_back.clone(),
        );
        let tidying = prepared::keep_tidy(self.inner.engine.clone(), self.inner.prepared_root.clone());
        let work = async move {
            let ran = tokio::select! {
                ran = engine.run_always() => ran,
                () = showing.show() => return,
                () = manifests.keep_all(&events) => return,
                () = tidying => return,
            };
            // Those of the downloads that ended last.
            manifests.keep_due(&mut HashMap::new(), &events).await;
            if let Err(error) = ran {
                events.send(Event::TransfersStopped(error.into()));
            }
        };
        let mut transferring = self.inner.transferring.lock().unwrap_or_else(PoisonError::into_inner);
        transferring.get_or_insert_with(|| self.inner.runtime.spawn(work));
    }

    /// Brings transfers to a safe place. What is left goes on when the workspace is opened again.
    pub(super) async fn stop_transferring(&self) {
        self.inner.engine.stop();
        let transferring = self
            .inner
            .transferring
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(task) = transferring {
            // It ends by itself, soon; that it panicked has been told.
            let _ = task.await;
        }
    }

    /// Whether any job is under way or waits for its turn.
    pub async fn is_transferring(&self) -> bool {
        let jobs = self.inner.engine.jobs().await.unwrap_or_default();
        jobs.iter()
            .any(|job| matches!(job.state, JobState::Running | JobState::Waiting))
    }
}
