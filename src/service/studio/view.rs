//! What is shown of batches and of what they cost.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{Timestamp, Unit};
use serde::Serialize;

use super::ask::seconds;
use super::lock::QueueLock;
use crate::journal::{BatchRow, Spent};
use crate::service::{Problem, Service};
use crate::story::{Batch, BatchId, BatchState, StoryError, counts, since_began};
use crate::workspace::{EngineId, Money};

/// Pictures by which it is judged how long the next ones take.
const LATELY: u32 = 20;

/// What was spent on pictures.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Spending {
    /// Since midnight, by the clock of this computer.
    pub today: Money,
    /// Since the first of the month, by engine.
    pub this_month: Vec<EngineSpending>,
}

/// What an engine has cost in a month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EngineSpending {
    /// Which.
    pub engine: EngineId,
    /// Its pictures.
    pub pictures: u64,
    /// What they cost, as the provider said, or by its price.
    pub spent: Money,
    /// What may have been charged besides: requests whose answer never came, and those that are under way.
    pub perhaps: Money,
    /// What may be spent in a month.
    pub budget: Option<Money>,
}

impl Service {
    /// The batches, in their order; those that have ended too.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn batches(&self) -> Result<Vec<Batch>, Problem> {
        let rows = self.journal().batches().await?;
        let held = self.is_drawing_anywhere().await;
        let mut batches = Vec::with_capacity(rows.len());
        let mut pace = Pace::default();
        for row in rows {
            batches.extend(self.seen(&row, held, &mut pace).await?);
        }
        Ok(batches)
    }

    /// One batch.
    ///
    /// # Errors
    /// If the journal cannot be read or has no such batch.
    pub async fn batch(&self, id: &BatchId) -> Result<Batch, Problem> {
        let row = self.journal().batch(id.uuid()).await?;
        let held = self.is_drawing_anywhere().await;
        let batch = match row {
            Some(row) => self.seen(&row, held, &mut Pace::default()).await?,
            None => None,
        };
        Ok(batch.ok_or(StoryError::NoSuchBatch(*id))?)
    }

    /// What was spent on pictures in this workspace.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn spending(&self) -> Result<Spending, Problem> {
        let today = self.journal().generations_spent(since_began(Unit::Day)).await?;
        let month = self.journal().generations_spent(since_began(Unit::Month)).await?;
        Ok(Spending {
            today: today.iter().map(|spent| Money::from_micros(spent.cost)).sum(),
            this_month: month.into_iter().map(|spent| self.of_engine(&spent)).collect(),
        })
    }

    /// How long so many pictures of an engine will take, by what it took lately; none if it has made none yet.
    pub(super) async fn takes(&self, engine: &EngineId, pictures: u64) -> Result<Option<Duration>, Problem> {
        let times = self.journal().generation_times(engine.to_string(), LATELY).await?;
        let Some(sum) = Some(times.iter().sum::<u64>()).filter(|_| !times.is_empty()) else {
            return Ok(None);
        };
        let at_once = self.engine_ai(engine).map_or(1, |ai| ai.provider().concurrent.max(1)) as u64;
        let each = sum / times.len() as u64;
        Ok(Some(Duration::from_millis(each * pictures.div_ceil(at_once))))
    }

    /// What each engine has cost this month, with what may have been charged; what is under way is not in it.
    pub(super) async fn spent_since_month_began(&self) -> Result<HashMap<String, Money>, Problem> {
        let spent = self.journal().generations_charged(since_began(Unit::Month)).await?;
        let by_engine = spent.into_iter().fold(HashMap::new(), |mut sums, (engine, micros)| {
            *sums.entry(engine.to_lowercase()).or_insert(Money::ZERO) += Money::from_micros(micros);
            sums
        });
        Ok(by_engine)
    }

    /// Notes what was spent, for those who cannot wait for it.
    pub(super) async fn sum_up(&self) -> Result<(), Problem> {
        for (engine, spent) in self.spent_since_month_began().await? {
            if let Some(ai) = self.engine_ai(&EngineId::new(&engine)) {
                self.spent_on(&ai.provider().id(), spent);
            }
        }
        Ok(())
    }

    fn of_engine(&self, spent: &Spent) -> EngineSpending {
        let engine = EngineId::new(&spent.engine);
        EngineSpending {
            budget: self.engine_ai(&engine).and_then(|ai| ai.provider().budget),
            engine,
            pictures: spent.pictures,
            spent: Money::from_micros(spent.cost),
            perhaps: Money::from_micros(spent.perhaps),
        }
    }

    /// Whether any process runs the queue of this workspace.
    async fn is_drawing_anywhere(&self) -> bool {
        let folder = self.journal().folder().to_owned();
        let held = tokio::task::spawn_blocking(move || QueueLock::is_held(&folder)).await;
        held.unwrap_or(false)
    }

    async fn seen(&self, row: &BatchRow, held: bool, pace: &mut Pace) -> Result<Option<Batch>, Problem> {
        let Ok(id) = BatchId::parse(&row.id) else {
            return Ok(None);
        };
        let time = |at: i64| Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        let counts = counts(row);
        let state = match (row.wanted.as_str(), &row.held) {
            _ if row.ended_at.is_some() => BatchState::Ended,
            ("pause", _) => BatchState::Paused,
            ("cancel" | "abandon", _) => BatchState::Cancelling,
            (_, Some(_)) => BatchState::Held,
            _ if held => BatchState::Running,
            _ => BatchState::Waiting,
        };
        let (mut left, mut waiting) = (None, row.held.clone());
        let open = |state: &str| matches!(state, "queued" | "drawing");
        if matches!(state, BatchState::Running | BatchState::Waiting) {
            let mut slowest = Duration::ZERO;
            let mut known = true;
            for count in row.counts.iter().filter(|count| open(&count.state)) {
                let engine = EngineId::new(&count.engine);
                match pace.of(self, &engine, count.pictures).await? {
                    Some(takes) => slowest = slowest.max(takes),
                    None => known = false,
                }
                if waiting.is_none() {
                    waiting = self.waits_for(&engine);
                }
            }
            left = Some(slowest).filter(|_| known);
        }
        let expected: i64 = row.counts.iter().map(|count| count.estimate).sum();
        let priced = row.counts.iter().all(|count| count.priced);
        Ok(Some(Batch {
            id,
            title: row.title.clone(),
            state,
            counts,
            waiting,
            cost: row.counts.iter().map(|count| Money::from_micros(count.cost)).sum(),
            estimate: Some(Money::from_micros(expected)).filter(|_| priced),
            left,
            created_at: time(row.created_at),
            ended_at: row.ended_at.map(time),
        }))
    }

    fn waits_for(&self, engine: &EngineId) -> Option<String> {
        let now = Timestamp::now();
        let wait = self.inner.queue.waits(engine, now)?;
        let left = Duration::try_from(wait.until.duration_since(now)).unwrap_or_default();
        Some(format!("{} Goes on in {}.", wait.why, seconds(left)))
    }
}

/// How long each engine took lately, read once.
#[derive(Default)]
struct Pace {
    one: HashMap<String, Option<Duration>>,
}

impl Pace {
    async fn of(&mut self, service: &Service, engine: &EngineId, pictures: u64) -> Result<Option<Duration>, Problem> {
        let name = engine.as_str().to_lowercase();
        let one = match self.one.get(&name) {
            Some(one) => *one,
            None => {
                let one = service.takes(engine, 1).await?;
                self.one.insert(name, one);
                one
            }
        };
        let at_once = service
            .engine_ai(engine)
            .map_or(1, |ai| ai.provider().concurrent.max(1)) as u64;
        let rounds = u32::try_from(pictures.div_ceil(at_once)).unwrap_or(u32::MAX);
        Ok(one.map(|one| one.saturating_mul(rounds)))
    }
}
