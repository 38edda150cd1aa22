//! What goes from this workspace into another one: which there are, what is in them, and the plan.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Observe;
use crate::service::folders::folders_in;
use crate::service::workspaces::{Clients, Listed, Workspaces};
use crate::service::{Problem, Service};
use crate::supabase::{Bucket, BucketName, Supabase};
use crate::transfer::Plan;
use crate::transfer::plan::{Other, RelocateOrder};
use crate::workspace::WorkspaceId;

impl Service {
    /// Says which other workspaces this user has, of a service that was opened by itself. Only the first call counts.
    pub fn know_others(&self, workspaces: Workspaces) {
        let http = self.inner.http.clone();
        self.inner.engine.know_others(Arc::new(Clients {
            workspaces: workspaces.clone(),
            http,
        }));
        let _first = self.inner.others.set(workspaces);
    }

    /// The workspaces that objects of this one can be moved or copied into: all that lead to another project.
    ///
    /// # Errors
    /// If the file of profiles is there and cannot be read.
    pub async fn other_workspaces(&self) -> Result<Vec<Listed>, Problem> {
        let Some(workspaces) = self.inner.others.get() else {
            return Ok(Vec::new());
        };
        let mut list = workspaces.list().await?.workspaces;
        list.retain(|listed| match &listed.profile {
            Some(profile) => profile.url != *self.inner.supabase.url(),
            None => !self.workspace().is_local,
        });
        Ok(list)
    }

    /// The workspace of an id or a name.
    ///
    /// # Errors
    /// If there is none, or the name is not the only one of its kind.
    pub async fn find_workspace(&self, name: &str) -> Result<WorkspaceId, Problem> {
        self.others()?.find(name).await
    }

    /// The buckets of another workspace.
    ///
    /// # Errors
    /// If it cannot be opened or read.
    pub async fn buckets_elsewhere(&self, workspace: &WorkspaceId) -> Result<Vec<Bucket>, Problem> {
        let (client, _) = self.client_of(workspace).await?;
        Ok(client.buckets().list().await?)
    }

    /// As [`Service::folders`], of another workspace.
    ///
    /// # Errors
    /// If it cannot be opened, or the bucket cannot be read.
    pub async fn folders_elsewhere(
        &self,
        workspace: &WorkspaceId,
        bucket: &BucketName,
        folder: &str,
    ) -> Result<Vec<String>, Problem> {
        let (client, _) = self.client_of(workspace).await?;
        folders_in(&client, bucket, folder).await
    }

    /// Plans a move or a copy into a bucket of another workspace. Nothing is replaced there. A workspace that leads to this
    /// project is this one.
    ///
    /// # Errors
    /// As [`Service::plan_relocation`]; if the workspace cannot be opened, or the order is to replace.
    pub async fn plan_relocation_into(
        &self,
        workspace: &WorkspaceId,
        order: &RelocateOrder,
        observe: Observe<'_>,
        stop: &CancellationToken,
    ) -> Result<Plan, Problem> {
        let (client, name) = self.client_of(workspace).await?;
        if client.url() == self.inner.supabase.url() {
            return self.plan_relocation(order, observe, stop).await;
        }
        let other = Other {
            workspace,
            name: &name,
            project: &client,
        };
        Ok(self.planner(observe, stop).relocate_into(other, order).await?)
    }

    async fn client_of(&self, workspace: &WorkspaceId) -> Result<(Supabase, String), Problem> {
        self.others()?.client(workspace, self.inner.http.clone()).await
    }

    fn others(&self) -> Result<&Workspaces, Problem> {
        self.inner.others.get().ok_or_else(|| {
            Problem::new(
                "No other workspaces are known here.",
                "Save the other project as a workspace first.",
            )
        })
    }
}
