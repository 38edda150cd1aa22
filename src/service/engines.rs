//! Who can write and draw in a workspace: its providers and the built-in engines.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::{Problem, Service};
use crate::ai::{self, Abilities, Ai, ModelInfo, Nearby};
use crate::http::{Http, Rate};
use crate::workspace::{EngineId, Money, Workspace};

/// One of those who can write or draw.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Engine {
    /// By which it is chosen and remembered.
    pub id: EngineId,
    /// The name shown.
    pub name: String,
    /// Whether it is part of this program, so that its work is never called AI.
    pub built_in: bool,
    /// The model that writes; empty if none does.
    pub text_model: String,
    /// The model that draws; empty if none does, or a workflow names it.
    pub image_model: String,
    /// Whether it writes.
    pub writes: bool,
    /// Whether it draws.
    pub draws: bool,
    /// What a picture can be asked for with.
    pub abilities: Abilities,
    /// What a picture costs, as far as it is known.
    pub price: Option<Money>,
    /// What was spent in this calendar month, as far as it is known.
    pub spent_this_month: Money,
    /// What may be spent in a calendar month.
    pub budget: Option<Money>,
    /// Whether names and ages of people are replaced in what is sent to it.
    pub masks_people: bool,
    /// What should be known before children's stories are sent there.
    pub notice: Option<&'static str>,
}

/// The models of a workspace and what is known of them. One for the whole service: what models were found to understand,
/// and how many pictures are on their way, is shared by all who ask.
pub(super) struct Engines {
    all: Vec<(EngineId, Ai)>,
    known: Mutex<HashMap<EngineId, Known>>,
}

#[derive(Clone, Copy, Default)]
struct Known {
    spent_this_month: Money,
    /// What the provider's own list says.
    price: Option<Money>,
}

impl Engines {
    pub(super) fn new(http: &Http, workspace: &Workspace) -> Self {
        let mut all: Vec<(EngineId, Ai)> = Vec::new();
        for (at, provider) in workspace.providers.iter().enumerate() {
            let id = provider.id();
            if all.iter().any(|(other, _)| other.is(&id)) {
                continue;
            }
            let usual = workspace
                .requests_per_minute
                .filter(|_| at == 0 && !provider.is_built_in());
            let rate = provider.per_minute.or(usual).map(Rate::per_minute);
            if rate.is_some() {
                http.set_rate(&provider.base_url, rate);
            }
            all.push((id, Ai::new(http.clone(), provider.clone())));
        }
        Self {
            all,
            known: Mutex::default(),
        }
    }

    /// The usual one: the first.
    pub(super) fn usual(&self) -> Option<&Ai> {
        self.all.first().map(|(_, ai)| ai)
    }

    fn find(&self, id: &EngineId) -> Option<&Ai> {
        self.all.iter().find(|(known, _)| known.is(id)).map(|(_, ai)| ai)
    }

    fn known(&self, id: &EngineId) -> Known {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).copied().unwrap_or_default()
    }

    fn learn(&self, id: &EngineId, change: impl FnOnce(&mut Known)) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        change(known.entry(id.clone()).or_default());
    }
}

impl Service {
    /// Everybody who can write or draw here, the usual one first. Never waits.
    #[must_use]
    pub fn engines(&self) -> Vec<Engine> {
        let engines = &self.inner.engines;
        let engine = |(id, ai): &(EngineId, Ai)| {
            let (provider, known) = (ai.provider(), engines.known(id));
            Engine {
                id: id.clone(),
                name: provider.name.clone(),
                built_in: provider.is_built_in(),
                text_model: provider.text_model.clone(),
                image_model: provider.image_model.clone(),
                writes: provider.writes(),
                draws: provider.draws(),
                abilities: ai.abilities(),
                price: provider.price.or(known.price),
                spent_this_month: known.spent_this_month,
                budget: provider.budget,
                masks_people: provider.mask_people && !provider.is_built_in(),
                notice: provider.dialect.notice(),
            }
        };
        engines.all.iter().map(engine).collect()
    }

    /// One of them, by its name in any case.
    #[must_use]
    pub fn find_engine(&self, id: &EngineId) -> Option<Engine> {
        self.engines().into_iter().find(|engine| engine.id.is(id))
    }

    /// What asks that engine.
    #[must_use]
    pub fn engine_ai(&self, id: &EngineId) -> Option<Ai> {
        self.inner.engines.find(id).cloned()
    }

    /// The same, or the words for why it cannot be.
    ///
    /// # Errors
    /// If there is no such engine.
    pub fn expect_engine(&self, id: &EngineId) -> Result<Ai, Problem> {
        self.engine_ai(id).ok_or_else(|| {
            let names = self.inner.engines.all.iter().map(|(id, _)| id.to_string());
            let names = names.collect::<Vec<_>>().join(", ");
            Problem::new(
                format!("This workspace has no engine “{id}”."),
                format!("It has: {names}. Add others in the workspace's settings."),
            )
            .beside("engine")
        })
    }

    /// The models that an engine offers. Costs nothing, so it is also the test whether it can be used.
    ///
    /// # Errors
    /// If there is no such engine, or its provider cannot be reached or refuses the key.
    pub async fn models(&self, id: &EngineId) -> Result<Vec<ModelInfo>, Problem> {
        let ai = self.expect_engine(id)?;
        let models = ai.models().await?;
        let used = models.iter().find(|model| model.is(&ai.provider().image_model));
        if let Some(price) = used.and_then(|model| model.price) {
            self.inner
                .engines
                .learn(&ai.provider().id(), |known| known.price = Some(price));
        }
        Ok(models)
    }

    /// The servers of models that answer on this computer, at the ports they usually have. Only for somebody who asked for
    /// it.
    pub async fn nearby_models(&self) -> Vec<Nearby> {
        ai::nearby(Arc::clone(&self.inner.transcript)).await
    }

    /// Says what was spent on an engine in this calendar month, for [`Service::engines`].
    pub fn spent_on(&self, id: &EngineId, this_month: Money) {
        self.inner
            .engines
            .learn(id, |known| known.spent_this_month = this_month);
    }
}
