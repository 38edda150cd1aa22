//! What a batch will do, seen before it is begun: which scenes, how many pictures, what they cost, how long they take.

use std::collections::HashSet;

use super::{compose, is_free};
use crate::ai::Ai;
use crate::service::{Problem, Service};
use crate::story::{
    BatchPlan, BatchSettings, DrawnScene, DrawnStory, PlannedScene, SceneId, StoryId, Style, VariantState, Wanted,
};
use crate::workspace::{EngineId, Money};

/// The scenes that a batch is to be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchScope {
    /// Those of all stories.
    All,
    /// Those of these stories.
    Stories(Vec<StoryId>),
    /// These.
    Scenes(Vec<(StoryId, SceneId)>),
}

/// What so many pictures of an engine will cost and take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// What they cost, if the engine's price is known.
    pub cost: Option<Money>,
    /// Seconds, by what the engine took lately; unknown if it has made nothing yet.
    pub seconds: Option<u64>,
}

/// Pictures of one batch at most.
const MOST: usize = 20_000;

/// Variants of one scene in a batch at most.
pub const MOST_VARIANTS: usize = 16;

/// Whatever is left out is told of, but not a thousand times.
const MOST_SENTENCES: usize = 20;

impl Service {
    /// Plans a batch. Nothing is kept or asked for.
    ///
    /// # Errors
    /// If there is no such engine or style, a story cannot be read, or it would be too many pictures.
    pub async fn plan_batch(&self, scope: &BatchScope, settings: &BatchSettings) -> Result<BatchPlan, Problem> {
        let ai = self.drawing_engine(&settings.engine)?;
        check_style(settings.style.as_deref())?;
        let per_scene = settings.per_scene.clamp(1, MOST_VARIANTS);
        let mut plan = BatchPlan {
            title: String::new(),
            items: Vec::new(),
            pictures: 0,
            made_before: 0,
            uncertain: 0,
            cost: None,
            seconds: None,
            place: settings.place,
            engine: settings.engine.clone(),
            left_out: Vec::new(),
        };
        let mut left_out = 0;
        match scope {
            BatchScope::All => {
                let mut offset = 0;
                loop {
                    let page = self.stories(offset).await?;
                    let last = (page.len() as u64) < crate::service::STORIES_PAGE;
                    offset += page.len() as u64;
                    for story in page {
                        let drawn = DrawnStory::of_story(&story);
                        let of = (&story.story_id, &drawn, None);
                        self.plan_story(&mut plan, &mut left_out, of, &ai, settings).await?;
                    }
                    if last {
                        break;
                    }
                }
            }
            BatchScope::Stories(stories) => {
                for id in stories {
                    let drawn = self.inner.stories.drawn_story(id).await?;
                    self.plan_story(&mut plan, &mut left_out, (id, &drawn, None), &ai, settings)
                        .await?;
                }
            }
            BatchScope::Scenes(scenes) => {
                let mut seen = HashSet::new();
                for (id, _) in scenes {
                    if !seen.insert(id) {
                        continue;
                    }
                    let drawn = self.inner.stories.drawn_story(id).await?;
                    let only: HashSet<&SceneId> = scenes
                        .iter()
                        .filter(|(other, _)| other == id)
                        .map(|(_, scene)| scene)
                        .collect();
                    if let Some(gone) = only
                        .iter()
                        .find(|scene| !drawn.scenes.iter().any(|other| other.scene_id == ***scene))
                    {
                        return Err(crate::story::StoryError::NoSuchScene {
                            story: id.clone(),
                            scene: gone.to_string(),
                        }
                        .into());
                    }
                    self.plan_story(&mut plan, &mut left_out, (id, &drawn, Some(&only)), &ai, settings)
                        .await?;
                }
            }
        }
        if left_out > plan.left_out.len() {
            plan.left_out
                .push(format!("{} more are left out.", left_out - plan.left_out.len()));
        }
        let estimate = self
            .estimate(&settings.engine, (plan.pictures - plan.made_before) as u64)
            .await?;
        (plan.cost, plan.seconds) = (estimate.cost, estimate.seconds);
        plan.title = titled(&plan, per_scene);
        Ok(plan)
    }

    /// A story as it is drawn: its draft if it is not published yet, else the project's rows.
    ///
    /// # Errors
    /// If there is neither, or one cannot be read.
    pub async fn drawn_story(&self, id: &StoryId) -> Result<DrawnStory, Problem> {
        Ok(self.inner.stories.drawn_story(id).await?)
    }

    /// What so many pictures of an engine will cost and take.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn estimate(&self, engine: &EngineId, pictures: u64) -> Result<Estimate, Problem> {
        Ok(Estimate {
            cost: self.price_of(engine).map(|price| price * pictures),
            seconds: self
                .takes(engine, pictures)
                .await?
                .map(|takes| takes.as_millis().div_ceil(1_000) as u64),
        })
    }

    /// The engine of that name, if it draws.
    pub(super) fn drawing_engine(&self, engine: &EngineId) -> Result<Ai, Problem> {
        let ai = self.engine_ai(engine).ok_or_else(|| {
            Problem::new(
                format!("There is no engine “{engine}” in this workspace."),
                "List them with: storymimi-studio ai providers",
            )
            .beside("engine")
        })?;
        if ai.provider().draws() {
            return Ok(ai);
        }
        Err(Problem::new(
            format!("“{engine}” has no model that draws."),
            "Choose another engine, or name its image model in the workspace's settings.",
        )
        .beside("engine"))
    }

    async fn plan_story(
        &self,
        plan: &mut BatchPlan,
        left_out: &mut usize,
        (id, story, only): (&StoryId, &DrawnStory, Option<&HashSet<&SceneId>>),
        ai: &Ai,
        settings: &BatchSettings,
    ) -> Result<(), Problem> {
        let mut leave = |plan: &mut BatchPlan, scene: &DrawnScene, why: &str| {
            *left_out += 1;
            if plan.left_out.len() < MOST_SENTENCES {
                plan.left_out
                    .push(format!("{}, scene {}: {why}", story.title, scene.index + 1));
            }
        };
        // A manuscript has no rows: what is made for it is chosen by hand.
        let place = settings.place && story.is_published;
        // A style that the story has no more is no reason to draw nothing.
        let own_style = story.style.clone().filter(|name| Style::find(name).is_some());
        for scene in &story.scenes {
            let is_meant = only.is_none_or(|only| only.contains(&scene.scene_id));
            if !is_meant || (settings.missing_only && scene.has_picture) {
                continue;
            }
            if scene.prompt.is_empty() {
                leave(plan, scene, "it has neither a prompt nor a text to draw from.");
                continue;
            }
            let others = self.variants(id, &scene.scene_id).await?;
            if place && others.iter().any(crate::story::Variant::is_on_its_way_to_its_scene) {
                leave(plan, scene, "its picture is in a batch already.");
                continue;
            }
            let seed = settings.seed.or(story.seed);
            let wanted: Vec<Wanted> = (0..settings.per_scene.clamp(1, MOST_VARIANTS))
                .map(|at| Wanted {
                    style: settings.style.clone().or_else(|| own_style.clone()),
                    negative: settings.negative.clone(),
                    model: settings.model.clone(),
                    seed: Some(match seed {
                        Some(seed) => seed.wrapping_add(u32::try_from(at).unwrap_or(0)),
                        None => super::fresh_seed(),
                    }),
                    ..Wanted::new(settings.engine.clone(), scene.prompt.as_str())
                })
                .collect();
            plan.pictures += wanted.len();
            if plan.pictures > MOST {
                return Err(Problem::new(
                    format!("This would be more than {MOST} pictures at once."),
                    "Choose some of the stories, and the others after that.",
                ));
            }
            plan.uncertain += others
                .iter()
                .filter(|other| matches!(other.state, VariantState::Uncertain { .. }))
                .count();
            for one in &wanted {
                if let Some(recipe) = compose::recipe(ai, scene.scene_id.as_str(), story, one)
                    && self.journal().run(move |journal| journal.has_picture(&recipe)).await?
                {
                    plan.made_before += 1;
                }
            }
            plan.items.push(PlannedScene {
                story: id.clone(),
                story_title: story.title.clone(),
                scene: scene.scene_id.clone(),
                index: scene.index,
                place,
                wanted,
            });
        }
        Ok(())
    }

    /// Keeps what was planned. It is on disk when this answers, and is asked for by whoever runs the queue.
    pub(super) async fn queue(&self, plan: &BatchPlan) -> Result<(crate::story::BatchId, i64), Problem> {
        let ai = self.drawing_engine(&plan.engine)?;
        let provider = ai.provider();
        let id = crate::story::BatchId::fresh();
        let how = (is_free(Some(provider)), self.price_of(&plan.engine));
        let queue = &self.inner.queue;
        let number = queue.variants.queue(id, plan.title.clone(), &plan.items, how).await?;
        for item in &plan.items {
            let event = crate::service::Event::Variants(item.story.clone(), item.scene.clone());
            self.inner.events.send(event);
        }
        self.inner.events.send(crate::service::Event::Batch(id));
        queue.tell();
        Ok((id, number))
    }
}

/// "Pip and the Lost Star: 3 scenes × 2 variants", "40 scenes of 12 stories".
fn titled(plan: &BatchPlan, per_scene: usize) -> String {
    let stories: HashSet<&StoryId> = plan.items.iter().map(|item| &item.story).collect();
    let scenes = match plan.items.len() {
        1 => "1 scene".to_owned(),
        many => format!("{many} scenes"),
    };
    let variants = if per_scene > 1 {
        format!(" × {per_scene} variants")
    } else {
        String::new()
    };
    match (stories.len(), plan.items.first()) {
        (1, Some(item)) if plan.items.len() == 1 => format!("{}, scene {}{variants}", item.story_title, item.index + 1),
        (1, Some(item)) => format!("{}: {scenes}{variants}", item.story_title),
        (0, _) => "Nothing to draw".to_owned(),
        (many, _) => format!("{scenes} of {many} stories{variants}"),
    }
}

/// Styles are data that old batches name; a new one names one that there is.
pub(super) fn check_style(style: Option<&str>) -> Result<(), Problem> {
    match style {
        Some(name) if Style::find(name).is_none() => {
            let names: Vec<&str> = crate::story::STYLES.iter().map(|style| style.name).collect();
            Err(Problem::new(
                format!("There is no style “{name}”."),
                format!("There are: {}.", names.join(", ")),
            )
            .beside("style"))
        }
        _ => Ok(()),
    }
}
