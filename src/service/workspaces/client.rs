//! Clients of workspaces that are not open: for what goes from an open one into another.

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::Workspaces;
use crate::http::Http;
use crate::service::Problem;
use crate::supabase::{Auth, Session, Supabase};
use crate::transfer::plan::OtherWorkspace;
use crate::transfer::{Failure, FailureKind, Others};
use crate::workspace::{Access, WorkspaceId};

impl Workspaces {
    /// The client of a workspace, whose requests go out by `http`, and the workspace's name.
    ///
    /// # Errors
    /// If it is not there, its key is not, nobody is signed in to it, or the embedded server cannot be started.
    pub(in crate::service) async fn client(&self, id: &WorkspaceId, http: Http) -> Result<(Supabase, String), Problem> {
        let id = match id {
            WorkspaceId::Local => {
                let local = self.local().await?;
                return Ok((Supabase::new(http, local.url, local.key), super::LOCAL_NAME.to_owned()));
            }
            WorkspaceId::Profile(id) => id,
        };
        let profile = self.profile(id).await?;
        let key = self.key(&profile).await?;
        let url = profile.url.clone();
        let client = match profile.access {
            Access::Key => Supabase::new(http, url, key),
            Access::SignIn { .. } => {
                let (tokens, keeper) = self.kept_session(&profile).await?;
                let auth = Auth::new(http.clone(), url.clone(), key.clone());
                Supabase::signed_in(http, url, key, Session::new(auth, tokens, keeper))
            }
        };
        Ok((client, profile.name))
    }
}

/// The other workspaces, as the engine of an open one asks for them.
pub(in crate::service) struct Clients {
    pub(in crate::service) workspaces: Workspaces,
    /// The open one's, so that its transcript has all that is sent.
    pub(in crate::service) http: Http,
}

impl Others for Clients {
    fn client<'a>(&'a self, other: &'a OtherWorkspace) -> BoxFuture<'a, Result<Supabase, Failure>> {
        Box::pin(async move {
            let found = self.workspaces.client(&other.workspace, self.http.clone()).await;
            let (client, name) = found.map_err(|problem| closed(problem.what, problem.advice))?;
            if other.is_at(client.url()) {
                return Ok(client);
            }
            Err(closed(
                format!(
                    "“{name}” leads to {} now, and this was planned for {}.",
                    client.url(),
                    other.project
                ),
                "Set its address as it was, or cancel this and plan it anew.".to_owned(),
            ))
        })
    }

    fn news(&self) -> watch::Receiver<()> {
        self.workspaces.inner.opened.subscribe()
    }
}

fn closed(what: String, hint: String) -> Failure {
    Failure {
        kind: FailureKind::Refused,
        what,
        hint,
    }
}
