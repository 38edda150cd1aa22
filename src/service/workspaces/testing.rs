//! What is asked before a workspace is opened, for the window: the connection test, and the models of its providers.

use std::sync::{Arc, Mutex, PoisonError};

use super::Workspaces;
use crate::ai::{Ai, ModelInfo, Nearby, nearby};
use crate::http::Http;
use crate::service::connection::{Check, CheckId, CheckState, Draft, test};
use crate::service::{Pending, Problem};
use crate::workspace::{Profile, Provider, ProviderProfile, ProviderSecrets};

/// A connection test whose rows can be looked at while it runs. Dropping it stops the test.
pub struct RunningTest {
    checks: Arc<Mutex<Vec<Check>>>,
    pending: Option<Pending<()>>,
}

impl RunningTest {
    /// The rows as they are now, in their order. Never waits.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether all rows have ended. Never waits.
    pub fn is_over(&mut self) -> bool {
        if let Some(pending) = self.pending.take() {
            self.pending = pending.take().err();
        }
        self.pending.is_none()
    }

    /// Rows that ended well, and rows that were asked.
    #[must_use]
    pub fn passed(&self) -> (usize, usize) {
        let checks = self.checks();
        let count = |states: &[CheckState]| checks.iter().filter(|check| states.contains(&check.state)).count();
        let asked = checks.len() - count(&[CheckState::Skipped]);
        (count(&[CheckState::Ok]), asked)
    }
}

impl Workspaces {
    /// Runs the rows of a connection test one by one and reports each as it begins and as it ends; gives back how all of
    /// them ended.
    ///
    /// Nothing is created or changed, and the key is sent nowhere if its own words say that it is another project's or has
    /// ended. Dropping the future stops the test.
    pub async fn test(&self, draft: &Draft, report: &(dyn Fn(Check) + Send + Sync)) -> Vec<Check> {
        test(draft, self.transcript(), report).await
    }

    /// The servers of models that answer on this computer. Only for somebody who asked for it.
    ///
    /// # Errors
    /// Never; the result is one for [`Workspaces::load`].
    pub async fn nearby_models(self) -> Result<Vec<Nearby>, Problem> {
        Ok(nearby(Arc::clone(self.transcript())).await)
    }

    /// The models that a provider offers whose form is being filled in; what was not typed of its secrets is taken
    /// from what is kept for it.
    ///
    /// # Errors
    /// If it cannot be reached or refuses the key.
    pub async fn models_of(
        self,
        profile: Option<Profile>,
        provider: ProviderProfile,
        typed: ProviderSecrets,
    ) -> Result<Vec<ModelInfo>, Problem> {
        let secrets = match &profile {
            Some(profile) => self.of_provider(profile, &provider, typed).await?,
            None => typed,
        };
        let http = Http::new(Arc::clone(self.transcript()))?;
        let ai = Ai::new(http, Provider::of_profile(&provider, secrets));
        Ok(ai.models().await?)
    }

    /// Starts a connection test. Whoever draws is woken at each row.
    pub fn start_test(&self, draft: Draft) -> RunningTest {
        let checks: Arc<Mutex<Vec<Check>>> =
            Arc::new(Mutex::new(CheckId::ALL.into_iter().map(Check::waiting).collect()));
        let rows = Arc::clone(&checks);
        let pending = self.load(move |workspaces| async move {
            let report = |check: Check| {
                let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(row) = rows.iter_mut().find(|row| row.id == check.id) {
                    *row = check;
                }
                drop(rows);
                workspaces.wake();
            };
            workspaces.test(&draft, &report).await;
            Ok(())
        });
        RunningTest {
            checks,
            pending: Some(pending),
        }
    }
}
