//! Batches of pictures: the plan before one is begun, and those that are under way.

use std::collections::HashSet;

use super::Choices;
use crate::service::{BatchScope, Event, Load, Service, Spending};
use crate::story::{Batch, BatchId, BatchPlan, BatchSettings, BatchState, StoryId};
use crate::workspace::Money;

/// The dialog before a batch.
pub struct Planning {
    /// Which stories.
    pub scope: BatchScope,
    /// Whether the first variant of a scene is put into it.
    pub place: bool,
    plan: Load<BatchPlan>,
    /// The settings that the plan is of.
    of: Option<BatchSettings>,
}

impl Planning {
    /// A plan to be made.
    pub fn new(scope: BatchScope) -> Self {
        Self {
            scope,
            place: true,
            plan: Load::default(),
            of: None,
        }
    }

    /// The plan, if it is of what is chosen now.
    pub fn plan(&self) -> Option<&BatchPlan> {
        self.plan.value().filter(|_| !self.plan.is_loading())
    }

    /// How the plan is being made.
    pub fn load(&self) -> &Load<BatchPlan> {
        &self.plan
    }

    /// Makes the plan again if something else is chosen, and takes it in.
    pub fn poll(&mut self, choices: &Choices, service: &Service) -> bool {
        if let Some(engine) = choices.engine(service) {
            let mut settings = BatchSettings::missing(engine);
            settings.style.clone_from(&choices.style);
            settings.per_scene = choices.variants as usize;
            settings.place = self.place;
            if self.of.as_ref() != Some(&settings) {
                self.of = Some(settings.clone());
                let scope = self.scope.clone();
                self.plan
                    .start(service.load(move |service| async move { service.plan_batch(&scope, &settings).await }));
            }
        }
        self.plan.poll()
    }

    /// Makes the plan again.
    pub fn again(&mut self) {
        self.of = None;
    }

    /// Takes the plan out, to begin it.
    pub fn take(&self) -> Option<BatchPlan> {
        self.plan().filter(|plan| plan.pictures > 0).cloned()
    }
}

/// All batches, and the plan of the next one.
#[derive(Default)]
pub struct Batches {
    all: Load<Vec<Batch>>,
    spending: Load<Spending>,
    stale: bool,
    /// Titles of the plans that were begun here. What is asked for on a bench tells its end there.
    begun: HashSet<String>,
    /// Of those, the batches that were seen at work and whose end nobody has put away.
    followed: HashSet<BatchId>,
    /// The dialog before one is begun.
    pub planning: Option<Planning>,
    /// Whether the list of them is shown.
    pub listed: bool,
    /// Stories that were marked in the list.
    pub marked: HashSet<StoryId>,
}

impl Batches {
    /// Starts what is due and takes in what has arrived; true if something changed.
    pub fn poll(&mut self, choices: &Choices, service: &Service) -> bool {
        let mut changed = self.all.poll();
        if changed {
            self.follow();
        }
        if (self.stale || self.all.is_idle()) && !self.all.is_loading() {
            self.stale = false;
            self.all
                .start(service.load(|service| async move { service.batches().await }));
            self.spending
                .start(service.load(|service| async move { service.spending().await }));
        }
        changed |= self.spending.poll();
        if let Some(planning) = &mut self.planning {
            changed |= planning.poll(choices, service);
        }
        changed
    }

    /// Takes in an event.
    pub fn take(&mut self, event: &Event) {
        if let Event::Batch(_) = event {
            self.stale = true;
        }
    }

    /// Every batch, in the order of their turns; those that are over come last.
    pub fn all(&self) -> &[Batch] {
        self.all.value().map_or(&[], Vec::as_slice)
    }

    /// Remembers what is at work, and forgets what has come to a good end.
    fn follow(&mut self) {
        let Some(all) = self.all.value() else { return };
        for batch in all {
            if !batch.is_over() {
                if self.begun.contains(&batch.title) {
                    self.followed.insert(batch.id);
                }
            } else if !has_failed(batch) {
                self.followed.remove(&batch.id);
            }
        }
    }

    /// The batch that the bar shows: the first that is at work, else the first that is not over, else the last that has ended
    /// since the program began, with pictures that were not made.
    pub fn shown(&self) -> Option<&Batch> {
        let open = || self.all().iter().filter(|batch| !batch.is_over());
        let failed = |batch: &&Batch| self.followed.contains(&batch.id) && batch.is_over() && has_failed(batch);
        open()
            .find(|batch| batch.state == BatchState::Running)
            .or_else(|| open().next())
            .or_else(|| self.all().iter().filter(failed).max_by_key(|batch| batch.ended_at))
    }

    /// A plan is begun.
    pub fn begin(&mut self, plan: &BatchPlan) {
        self.begun.insert(plan.title.clone());
    }

    /// It was seen how a batch ended.
    pub fn dismiss(&mut self, id: BatchId) {
        self.followed.remove(&id);
    }

    /// How many pictures are being made, and how many wait for their turn.
    pub fn at_work(&self) -> (u64, u64) {
        let open = self.all().iter().filter(|batch| !batch.is_over());
        open.fold((0, 0), |(drawing, queued), batch| {
            (drawing + batch.counts.drawing, queued + batch.counts.queued)
        })
    }

    /// What was spent on pictures since midnight, if anything was.
    pub fn spent_today(&self) -> Option<Money> {
        self.spending
            .value()
            .map(|spending| spending.today)
            .filter(|spent| spent.micros() > 0)
    }

    /// How many are not over.
    pub fn open(&self) -> usize {
        self.all().iter().filter(|batch| !batch.is_over()).count()
    }

    /// Marks a story for the next batch, or takes the mark away.
    pub fn mark(&mut self, story: &StoryId) {
        if !self.marked.remove(story) {
            self.marked.insert(story.clone());
        }
    }

    #[cfg(test)]
    pub(super) fn with(all: Vec<Batch>) -> Self {
        Self {
            all: Load::ready(all),
            ..Self::default()
        }
    }
}

/// Whether not all of its pictures were made and put where they were to be, though nobody called it off.
pub fn has_failed(batch: &Batch) -> bool {
    let counts = &batch.counts;
    counts.failed + counts.refused + counts.uncertain + counts.not_placed > 0
}

/// "12 of 24 · 1 failed": how far a batch is.
pub fn progress_words(batch: &Batch) -> String {
    let counts = &batch.counts;
    let mut words = vec![format!("{} of {}", counts.made, counts.all())];
    for (count, word) in [
        (counts.drawing, "generating"),
        (counts.refused, "refused"),
        (counts.failed, "failed"),
        (counts.uncertain, "uncertain"),
        (counts.cancelled, "cancelled"),
        (counts.not_placed, "not placed"),
    ] {
        if count > 0 {
            words.push(format!("{count} {word}"));
        }
    }
    words.join(" · ")
}

/// The share of a batch that nothing more happens to.
pub fn share(batch: &Batch) -> f32 {
    batch.counts.over() as f32 / batch.counts.all().max(1) as f32
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::story::VariantCounts;

    fn batch(state: BatchState, made: u64, queued: u64) -> Batch {
        Batch {
            id: BatchId::fresh(),
            title: "12 scenes × 2 variants".to_owned(),
            state,
            counts: VariantCounts {
                made,
                queued,
                ..VariantCounts::default()
            },
            waiting: None,
            cost: Money::ZERO,
            estimate: None,
            left: None,
            created_at: Timestamp::now(),
            ended_at: None,
        }
    }

    #[test]
    fn the_bar_shows_what_is_at_work_before_what_waits_and_nothing_that_is_over() {
        let (over, paused, running) = (
            batch(BatchState::Ended, 3, 0),
            batch(BatchState::Paused, 1, 2),
            batch(BatchState::Running, 0, 4),
        );
        let shown = |all: &[&Batch]| {
            let batches = Batches::with(all.iter().map(|batch| (*batch).clone()).collect());
            batches.shown().map(|batch| batch.id)
        };
        assert_eq!(shown(&[&over]), None);
        assert_eq!(shown(&[&over, &paused]), Some(paused.id));
        assert_eq!(shown(&[&paused, &running]), Some(running.id));
    }

    #[test]
    fn a_batch_of_which_something_failed_is_shown_until_it_is_put_away() {
        let mut running = batch(BatchState::Running, 0, 2);
        let mut batches = Batches::with(vec![running.clone()]);
        batches.begun.insert(running.title.clone());
        batches.follow();
        running.state = BatchState::Ended;
        (running.counts.queued, running.counts.made, running.counts.failed) = (0, 1, 1);
        let ended = |batches: &mut Batches, batch: &Batch| {
            batches.all = Load::ready(vec![batch.clone()]);
            batches.follow();
            batches.shown().map(|batch| batch.id)
        };
        assert_eq!(ended(&mut batches, &running), Some(running.id));
        batches.dismiss(running.id);
        assert_eq!(ended(&mut batches, &running), None);
        // One that ended before the program began is told of in the list only.
        assert_eq!(ended(&mut Batches::default(), &running), None);
        // One of a bench is told of there.
        let mut of_a_bench = Batches::with(vec![batch(BatchState::Running, 1, 1)]);
        of_a_bench.follow();
        assert!(of_a_bench.followed.is_empty());
        // And one that ended well is nothing to tell.
        let mut batches = Batches::with(vec![batch(BatchState::Running, 1, 1)]);
        batches.begun.insert(running.title.clone());
        batches.follow();
        running.id = batches.all()[0].id;
        running.counts.failed = 0;
        assert_eq!(ended(&mut batches, &running), None);
    }

    #[test]
    fn a_batch_says_what_became_of_its_pictures() {
        let mut batch = batch(BatchState::Running, 5, 2);
        batch.counts.refused = 1;
        batch.counts.drawing = 2;
        assert_eq!(progress_words(&batch), "5 of 10 · 2 generating · 1 refused");
        assert!((share(&batch) - 0.6).abs() < 1e-6);
    }
}
