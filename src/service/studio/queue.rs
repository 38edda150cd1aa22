//! What the faces and whoever runs the queue share of it in this process. What is queued is in the journal.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::story::{BatchId, SceneId, StoryId, Variant, VariantId, Variants};
use crate::workspace::{EngineId, Money};

/// The queue of a workspace, as this process knows it.
pub(crate) struct Queue {
    pub(super) variants: Variants,
    /// There may be something to do, or something else is wanted.
    pub(super) news: Notify,
    /// Ends the run at a safe place.
    pub(super) stop: CancellationToken,
    pub(super) task: Mutex<Option<JoinHandle<()>>>,
    live: Mutex<Live>,
}

#[derive(Default)]
struct Live {
    waits: HashMap<String, EngineWait>,
    under_way: HashMap<VariantId, UnderWay>,
    /// How often in a row the project could not be read for what was to be drawn.
    out_of_reach: u32,
}

/// An engine is left alone for a while.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EngineWait {
    /// Until when.
    pub(super) until: Timestamp,
    /// A sentence, without the time.
    pub(super) why: String,
}

/// A variant that is being made, or put into its scene, in this process.
pub(super) struct UnderWay {
    pub(super) story: StoryId,
    pub(super) scene: SceneId,
    pub(super) batch: Option<BatchId>,
    pub(super) engine: Option<EngineId>,
    pub(super) price: Money,
    pub(super) free: bool,
    /// Gives up what was asked for.
    pub(super) give_up: CancellationToken,
    pub(super) since: Timestamp,
    pub(super) fraction: Option<f32>,
    pub(super) left: Option<Duration>,
    /// Whether it is made and is put into its scene.
    pub(super) placing: bool,
}

/// A variant that is being made just now, in this process.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drawing {
    /// Which.
    pub variant: VariantId,
    /// The story.
    pub story: StoryId,
    /// The scene.
    pub scene: SceneId,
    /// Since when.
    pub since: Timestamp,
    /// How far it is, from 0 to 1, if the engine says so.
    pub fraction: Option<f32>,
    /// How much longer it takes, if the engine says so.
    pub left: Option<Duration>,
    /// Whether it is made, and is put into its scene.
    pub placing: bool,
}

impl Queue {
    pub(crate) fn new(variants: Variants) -> Self {
        Self {
            variants,
            news: Notify::new(),
            stop: CancellationToken::new(),
            task: Mutex::default(),
            live: Mutex::default(),
        }
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        // What is done under the lock cannot panic half-way.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something else is wanted, or there is more to do.
    pub(super) fn tell(&self) {
        self.news.notify_one();
    }

    /// Notes that a variant is taken care of; false if it is already.
    pub(super) fn take(&self, variant: &Variant, price: Money, free: bool, placing: bool) -> Option<CancellationToken> {
        let mut live = self.live();
        if live.under_way.contains_key(&variant.id) {
            return None;
        }
        let give_up = CancellationToken::new();
        let under_way = UnderWay {
            story: variant.story.clone(),
            scene: variant.scene.clone(),
            batch: variant.batch,
            engine: variant.wanted.as_ref().map(|wanted| wanted.engine.clone()),
            price,
            free,
            give_up: give_up.clone(),
            since: Timestamp::now(),
            fraction: None,
            left: None,
            placing,
        };
        live.under_way.insert(variant.id, under_way);
        Some(give_up)
    }

    /// Notes that a variant is not taken care of any more.
    pub(super) fn let_go(&self, id: VariantId) {
        self.live().under_way.remove(&id);
    }

    /// Notes how far a variant is.
    pub(super) fn progressed(&self, id: VariantId, fraction: Option<f32>, left: Option<Duration>) {
        if let Some(under_way) = self.live().under_way.get_mut(&id) {
            (under_way.fraction, under_way.left) = (fraction, left);
        }
    }

    /// How many pictures an engine is asked for, and what they are expected to cost.
    pub(super) fn asked_of(&self, engine: &EngineId) -> (usize, Money) {
        let live = self.live();
        let ours = live
            .under_way
            .values()
            .filter(|one| !one.placing && one.engine.as_ref().is_some_and(|other| other.is(engine)));
        ours.fold((0, Money::ZERO), |(count, sum), one| (count + 1, sum + one.price))
    }

    /// The batches for which an engine is asked just now.
    pub(super) fn batches_of(&self, engine: &EngineId) -> Vec<BatchId> {
        let live = self.live();
        let ours = live
            .under_way
            .values()
            .filter(|one| one.engine.as_ref().is_some_and(|other| other.is(engine)));
        let mut batches: Vec<BatchId> = ours.filter_map(|one| one.batch).collect();
        batches.sort_unstable();
        batches.dedup();
        batches
    }

    /// How many are put into their scenes.
    pub(super) fn placing(&self) -> usize {
        self.live().under_way.values().filter(|one| one.placing).count()
    }

    /// What is being made here.
    pub(super) fn drawing(&self) -> Vec<Drawing> {
        let live = self.live();
        let mut drawing: Vec<Drawing> = live
            .under_way
            .iter()
            .map(|(id, one)| Drawing {
                variant: *id,
                story: one.story.clone(),
                scene: one.scene.clone(),
                since: one.since,
                fraction: one.fraction,
                left: one.left,
                placing: one.placing,
            })
            .collect();
        drawing.sort_by_key(|one| (one.since, one.variant));
        drawing
    }

    /// Gives up what was asked for of a batch: all of it, or only what costs nothing.
    pub(super) fn give_up(&self, batch: BatchId, free_only: bool) {
        for one in self.live().under_way.values() {
            if one.batch == Some(batch) && !one.placing && (one.free || !free_only) {
                one.give_up.cancel();
            }
        }
    }

    /// Gives up one variant.
    pub(super) fn give_up_one(&self, id: VariantId) {
        if let Some(one) = self.live().under_way.get(&id).filter(|one| !one.placing) {
            one.give_up.cancel();
        }
    }

    /// Leaves an engine alone for a while.
    pub(super) fn wait(&self, engine: &EngineId, wait: EngineWait) {
        self.live().waits.insert(engine.as_str().to_lowercase(), wait);
    }

    /// Why and until when an engine is left alone, if it is.
    pub(super) fn waits(&self, engine: &EngineId, now: Timestamp) -> Option<EngineWait> {
        let mut live = self.live();
        let name = engine.as_str().to_lowercase();
        let wait = live.waits.get(&name)?.clone();
        if wait.until > now {
            return Some(wait);
        }
        live.waits.remove(&name);
        None
    }

    /// The project could not be read; how often in a row by now.
    pub(super) fn not_reached(&self) -> u32 {
        let mut live = self.live();
        live.out_of_reach += 1;
        live.out_of_reach
    }

    /// The project was read, or somebody is to decide how it goes on.
    pub(super) fn reached(&self) {
        self.live().out_of_reach = 0;
    }

    /// When the first engine that is left alone may be asked again.
    pub(super) fn next_wait(&self) -> Option<Timestamp> {
        self.live().waits.values().map(|wait| wait.until).min()
    }
}
