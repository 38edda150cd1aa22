//! A scripted project for the engine's tests: it knows what became of each item in truth, and notes what must not be.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::executor::{Executor, Work};
use super::{Engine, Limits};
use crate::http::testing::impatient;
use crate::journal::Journal;
use crate::supabase::Supabase;
use crate::transfer::carry::{Carried, Carry};
use crate::transfer::job::{Content, Failure, FailureKind, Item, Proof};
use crate::transfer::plan::{Action, Kind, Place, Plan, PlanItem, Rules, Seen};
use crate::transfer::queue::source_bucket;
use crate::workspace::{ApiKey, ProjectUrl};

/// How an attempt at an item goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    Lands,
    LandsProven,
    Identical,
    /// It has its effect, and the answer is lost.
    LandsUnheard,
    /// The request is lost; nobody can tell from the outside.
    LostOnTheWay,
    Panics,
    Fails(FailureKind),
}

/// What became of an item in truth.
#[derive(Clone, Debug, Default)]
pub(super) struct Truth {
    pub(super) effects: u32,
    pub(super) attempts: u32,
    pub(super) discarded: u32,
    /// An attempt was begun whose end the engine does not know, and it has not asked.
    unsure: bool,
}

#[derive(Default)]
pub(super) struct World {
    pub(super) moves: Mutex<HashMap<u32, VecDeque<Move>>>,
    pub(super) items: Mutex<HashMap<u32, Truth>>,
    pub(super) wrong: Mutex<Vec<String>>,
    pub(super) requests: AtomicU64,
    pub(super) proofs: AtomicU64,
    pub(super) now: AtomicU64,
    pub(super) most_at_once: AtomicU64,
    /// In the order in which they had their effect.
    pub(super) order: Mutex<Vec<u32>>,
    /// From when to when nothing answers.
    pub(super) outage: Mutex<Option<(Instant, Instant)>>,
    /// When the first answer after the outage came.
    pub(super) answered_again: Mutex<Option<Instant>>,
    /// How many items may be on their way without the server asking for less.
    pub(super) throttles_above: Mutex<Option<u64>>,
    pub(super) takes: Mutex<Option<Duration>>,
    pub(super) bytes: u64,
    /// The server tells no hash of every other item.
    pub(super) sizes_only: bool,
    /// How often the file of an item was changed: its size, too, since the first time.
    pub(super) changes: Mutex<HashMap<u32, u64>>,
    /// Files that are not there any more.
    pub(super) gone: Mutex<HashSet<u32>>,
}

pub(super) fn failure(kind: FailureKind) -> Failure {
    Failure {
        kind,
        what: format!("{kind:?} happened."),
        hint: String::new(),
    }
}

impl World {
    fn wrong(&self, what: String) {
        self.wrong.lock().unwrap().push(what);
    }

    pub(super) fn truth(&self, number: u32) -> Truth {
        self.items.lock().unwrap().get(&number).cloned().unwrap_or_default()
    }

    fn change(&self, number: u32, change: impl FnOnce(&mut Truth)) {
        change(self.items.lock().unwrap().entry(number).or_default());
    }

    fn is_out(&self) -> bool {
        let out = self.outage.lock().unwrap();
        out.is_some_and(|(from, to)| (from..to).contains(&Instant::now()))
    }

    /// One request; fails if nothing answers.
    async fn request(&self) -> Result<(), Failure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let takes = self.takes.lock().unwrap().unwrap_or(Duration::from_millis(20));
        sleep(takes).await;
        if self.is_out() {
            return Err(failure(FailureKind::Passing));
        }
        if let Some((_, to)) = *self.outage.lock().unwrap()
            && Instant::now() >= to
        {
            self.answered_again.lock().unwrap().get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    async fn attempt(&self, item: &Item, carry: Carry<'_>) -> Result<Carried, Failure> {
        let number = item.number;
        let truth = self.truth(number);
        if truth.unsure {
            self.wrong(format!(
                "{number} is done again, and nobody has looked what became of it"
            ));
        }
        self.change(number, |truth| {
            truth.unsure = true;
            truth.attempts += 1;
        });
        let settled = |result| {
            self.change(number, |truth| truth.unsure = false);
            result
        };
        if carry.stop.is_cancelled() {
            return settled(Ok(Carried::Stopped));
        }
        if self.bytes > 0 {
            carry.way.admit(self.bytes).await;
        }
        let is_gone = self.gone.lock().unwrap().contains(&number);
        if is_gone || item.plan.seen.size != self.size(number) {
            return settled(Err(failure(FailureKind::SourceChanged)));
        }
        let next = self
            .moves
            .lock()
            .unwrap()
            .get_mut(&number)
            .and_then(VecDeque::pop_front);
        let next = next.unwrap_or(Move::Lands);
        if next == Move::Panics {
            panic!("scripted");
        }
        let throttles = *self.throttles_above.lock().unwrap();
        if throttles.is_some_and(|most| self.now.load(Ordering::Relaxed) > most) {
            self.requests.fetch_add(1, Ordering::Relaxed);
            sleep(Duration::from_millis(5)).await;
            return settled(Err(failure(FailureKind::Throttled)));
        }
        // The first half of the way can be given up.
        tokio::select! {
            biased;
            () = carry.stop.cancelled() => {
                carry.way.keep(Some("half".to_owned())).await?;
                return settled(Ok(Carried::Stopped));
            }
            () = sleep(Duration::from_millis(u64::from(number % 7))) => {}
        }
        if let Err(failure) = self.request().await {
            return settled(Err(failure));
        }
        if matches!(next, Move::Lands | Move::LandsProven | Move::LandsUnheard) {
            if self.truth(number).effects > 0 {
                self.wrong(format!("{number} is done twice"));
            }
            self.change(number, |truth| truth.effects += 1);
            self.order.lock().unwrap().push(number);
            carry.way.arrived(self.bytes);
            // The answer is on its way.
            sleep(Duration::from_millis(3)).await;
        }
        let content = Content {
            size: Some(u64::from(number)),
            ..Content::default()
        };
        match next {
            Move::Lands => settled(Ok(Carried::Landed(content, None))),
            Move::LandsProven => settled(Ok(Carried::Landed(content, Some(Proof::ServerHash)))),
            Move::Identical => settled(Ok(Carried::Identical)),
            Move::LandsUnheard | Move::LostOnTheWay | Move::Panics => Err(failure(FailureKind::Ambiguous)),
            Move::Fails(kind) => {
                if kind == FailureKind::SourceChanged {
                    *self.changes.lock().unwrap().entry(number).or_default() += 1;
                }
                settled(Err(failure(kind)))
            }
        }
    }

    /// The size of a file, if it is another one than was planned.
    pub(super) fn size(&self, number: u32) -> Option<u64> {
        self.changes.lock().unwrap().get(&number).copied()
    }

    /// Counts who is on the way until it is dropped.
    fn on_the_way(&self) -> impl Drop + '_ {
        struct Guard<'a>(&'a AtomicU64);
        impl Drop for Guard<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_at_once.fetch_max(now, Ordering::Relaxed);
        Guard(&self.now)
    }
}

impl Executor for World {
    fn carry<'a>(&'a self, _: Work, carry: Carry<'a>) -> BoxFuture<'a, Result<Carried, Failure>> {
        Box::pin(async move {
            let _guard = self.on_the_way();
            self.attempt(carry.item, carry).await
        })
    }

    fn delete_forever<'a>(
        &'a self,
        _: &'a Supabase,
        items: &'a [&'a Item],
    ) -> BoxFuture<'a, Vec<(u32, Result<Carried, Failure>)>> {
        Box::pin(async move {
            if items.len() > 500 {
                self.wrong(format!("{} at once", items.len()));
            }
            let asked = self.request().await;
            let mut results = Vec::new();
            for item in items {
                if source_bucket(item) != source_bucket(items[0]) {
                    self.wrong("two buckets in one request".to_owned());
                }
                let next = self
                    .moves
                    .lock()
                    .unwrap()
                    .get_mut(&item.number)
                    .and_then(VecDeque::pop_front);
                let result = match (&asked, next) {
                    (Err(failure), _) => Err(failure.clone()),
                    (Ok(()), Some(Move::Fails(kind))) => Err(failure(kind)),
                    (Ok(()), _) => {
                        // It looks first: what is gone is gone.
                        self.change(item.number, |truth| truth.effects = 1);
                        Ok(Carried::Landed(Content::default(), Some(Proof::ReadBack)))
                    }
                };
                results.push((item.number, result));
            }
            results
        })
    }

    fn reconcile<'a>(&'a self, _: Work, carry: Carry<'a>) -> BoxFuture<'a, Result<Option<Carried>, Failure>> {
        Box::pin(async move {
            let _guard = self.on_the_way();
            self.request().await?;
            let number = carry.item.number;
            self.change(number, |truth| truth.unsure = false);
            let landed = self.truth(number).effects > 0;
            Ok(landed.then(|| Carried::Landed(Content::default(), None)))
        })
    }

    fn verify<'a>(
        &'a self,
        _: &'a Supabase,
        items: &'a [&'a Item],
    ) -> BoxFuture<'a, Vec<(u32, Result<Proof, Failure>)>> {
        Box::pin(async move {
            self.proofs.fetch_add(1, Ordering::Relaxed);
            let asked = self.request().await;
            let mut results = Vec::new();
            for item in items {
                if self.truth(item.number).effects == 0 {
                    self.wrong(format!("{} is proven and is not there", item.number));
                }
                let odd = self.sizes_only && item.number % 2 == 1;
                let proof = if odd { Proof::SizeOnly } else { Proof::ServerHash };
                results.push((item.number, asked.clone().map(|()| proof)));
            }
            results
        })
    }

    fn read_back<'a>(&'a self, carry: Carry<'a>) -> BoxFuture<'a, Result<Option<Proof>, Failure>> {
        Box::pin(async move {
            self.request().await?;
            carry.way.admit(self.bytes).await;
            Ok(Some(Proof::ReadBack))
        })
    }

    fn discard<'a>(&'a self, carry: Carry<'a>) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let number = carry.item.number;
            let truth = self.truth(number);
            if truth.unsure {
                self.wrong(format!(
                    "{number} is thrown away, and nobody has looked what became of it"
                ));
            }
            if truth.effects > 0 {
                self.wrong(format!("{number} is there and is thrown away"));
            }
            self.change(number, |truth| truth.discarded += 1);
            Ok(())
        })
    }

    fn ask<'a>(&'a self, _: &'a Supabase, bucket: Option<&'a str>) -> BoxFuture<'a, Result<(), Failure>> {
        assert!(bucket.is_some());
        Box::pin(self.request())
    }

    fn look_again<'a>(&'a self, planned: &'a PlanItem) -> BoxFuture<'a, Result<PlanItem, Failure>> {
        Box::pin(async move {
            let Place::File { file } = &planned.from else {
                panic!("{planned:?}")
            };
            let number: u32 = file.file_name().unwrap().to_str().unwrap().parse().unwrap();
            if self.gone.lock().unwrap().contains(&number) {
                return Err(failure(FailureKind::Refused));
            }
            let size = self.size(number);
            let modified = Some(Timestamp::now());
            Ok(PlanItem {
                size,
                seen: Seen {
                    size,
                    modified,
                    etag: None,
                },
                ..planned.clone()
            })
        })
    }
}

const HERE: &str = "http://127.0.0.1:9";

/// An engine on the journal in a folder, as a new process would open it.
pub(super) fn engine(folder: &std::path::Path, world: &Arc<World>, limits: Limits) -> Engine {
    let key = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl";
    let project = Supabase::new(
        impatient(),
        ProjectUrl::parse(HERE).unwrap(),
        ApiKey::parse(key).unwrap(),
    );
    let world: Arc<World> = Arc::clone(world);
    Engine::with(project, Journal::open(folder).unwrap(), limits, world)
}

/// A plan of so many items.
pub(in crate::transfer) fn plan(kind: Kind, items: u32) -> Plan {
    let object = |number: u32| Place::Object {
        bucket: if number % 1_000 == 999 { "other" } else { "b" }.to_owned(),
        key: format!("k/{number}"),
    };
    let file = |number: u32| Place::File {
        file: format!("/f/{number}").into(),
    };
    let items = (0..items).map(|number| PlanItem {
        from: if kind == Kind::Upload {
            file(number)
        } else {
            object(number)
        },
        to: match kind {
            Kind::Upload => Some(object(number)),
            Kind::Delete => None,
            _ => Some(file(number)),
        },
        action: Action::New,
        why: String::new(),
        media_type: None,
        size: Some(10),
        dimensions: None,
        seen: Seen::default(),
        replaces: None,
        renamed_from: None,
    });
    Plan {
        format: Plan::FORMAT,
        project: HERE.to_owned(),
        made_at: Timestamp::now(),
        kind,
        title: "Test".to_owned(),
        rules: Rules {
            keep_trash: false,
            ..Rules::default()
        },
        items: items.collect(),
        unseen: Vec::new(),
    }
}
