//! `story generate`: pictures for scenes, as candidates or into the scenes that have none.

use std::collections::HashMap;

use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::cli::output::{Output, table};
use crate::service::{BatchScope, Problem, Service};
use crate::story::{
    Batch, BatchPlan, BatchSettings, BatchState, DrawnStory, Placement, SceneId, StoryId, Variant, VariantSource,
    VariantState,
};
use crate::workspace::EngineId;

/// What a shell expects of a program that Ctrl+C has ended.
const INTERRUPTED: i32 = 130;

/// What is to be drawn, and by whom.
#[derive(Debug, Args)]
pub struct Generate {
    /// The stories' ids
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    ids: Vec<String>,
    /// All stories
    #[arg(long)]
    all: bool,
    /// Only this scene, counted from 1; repeat it for several
    #[arg(long = "scene", value_name = "N", conflicts_with = "all")]
    scenes: Vec<usize>,
    /// Only scenes that have no picture
    #[arg(long)]
    missing: bool,
    /// Variants a scene
    #[arg(long, default_value_t = 1, value_name = "N")]
    count: usize,
    /// Who draws; see `ai providers`. The workspace's usual one unless given
    #[arg(long, value_name = "NAME")]
    engine: Option<String>,
    /// The model, if not the engine's usual one
    #[arg(long)]
    model: Option<String>,
    /// The first variant's seed; the others follow it. The story's own unless given
    #[arg(long)]
    seed: Option<u32>,
    /// A style whose words are added, such as “Watercolour”
    #[arg(long, value_name = "NAME")]
    style: Option<String>,
    /// What must not be seen, for engines that take that
    #[arg(long, value_name = "WORDS")]
    negative: Option<String>,
    /// Put the first variant of each scene into it, if it has no picture then
    #[arg(long)]
    place: bool,
    /// Only say what would be drawn, what it costs and how long it takes
    #[arg(long)]
    estimate: bool,
}

/// What became of a batch.
#[derive(Serialize)]
pub(super) struct Drawn {
    pub(super) batch: Batch,
    pub(super) variants: Vec<Value>,
    #[serde(skip)]
    rows: Vec<Variant>,
    #[serde(skip)]
    is_draft: bool,
    #[serde(skip)]
    numbers: HashMap<SceneId, usize>,
    left_out: Vec<String>,
}

pub(super) async fn command(words: &Generate, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let settings = BatchSettings {
        engine: words.engine.as_deref().map_or_else(|| usual(service), EngineId::new),
        model: words.model.clone(),
        style: words.style.clone(),
        negative: words.negative.clone(),
        seed: words.seed,
        per_scene: words.count,
        place: words.place,
        missing_only: words.missing,
    };
    if words.count == 0 || words.count > crate::service::MOST_VARIANTS {
        let most = crate::service::MOST_VARIANTS;
        return Err(Problem::new(format!("A scene can be given 1 to {most} variants at once."), "").beside("count"));
    }
    let plan = service.plan_batch(&scope(words, service).await?, &settings).await?;
    if words.estimate {
        return output.result(&plan, estimated);
    }
    if plan.items.is_empty() {
        return output.result(
            &json!({ "batch": null, "variants": [], "left_out": plan.left_out }),
            |_| {
                let mut text = "Nothing is to be drawn.".to_owned();
                plan.left_out.iter().for_each(|why| text.push_str(&format!("\n{why}")));
                text
            },
        );
    }
    let line = output.progress();
    let ran = service
        .run_batch(&plan, &|batch| line.show(&under_way(batch)), &pause_on_interrupt())
        .await;
    line.clear();
    finished(ran?, plan.left_out, service, output).await
}

/// Ctrl+C pauses the batch: what was asked for is waited for, because it is paid for. Pressed again it ends the program at once;
/// the next one finds in the journal what may have been charged for.
pub(super) fn pause_on_interrupt() -> CancellationToken {
    let pause = CancellationToken::new();
    let signal = pause.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            signal.cancel();
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(INTERRUPTED);
        }
    });
    pause
}

/// The engine that draws unless another one is named.
fn usual(service: &Service) -> EngineId {
    let engines = service.engines();
    let draws = engines.iter().find(|engine| engine.draws).or(engines.first());
    draws.map_or_else(EngineId::built_in, |engine| engine.id.clone())
}

async fn scope(words: &Generate, service: &Service) -> Result<BatchScope, Problem> {
    if words.all {
        return Ok(BatchScope::All);
    }
    let ids = words.ids.iter().map(|id| StoryId::parse(id).map_err(Problem::from));
    let ids = ids.collect::<Result<Vec<StoryId>, Problem>>()?;
    if words.scenes.is_empty() {
        return Ok(BatchScope::Stories(ids));
    }
    let mut scenes = Vec::new();
    for id in ids {
        let story = service.drawn_story(&id).await?;
        for number in &words.scenes {
            let scene = number
                .checked_sub(1)
                .and_then(|index| story.scenes.get(index))
                .ok_or_else(|| {
                    Problem::new(
                        format!(
                            "“{}” has no scene {number}; it has {}.",
                            story.title,
                            story.scenes.len()
                        ),
                        "Scenes are counted from 1.",
                    )
                    .beside("scene")
                })?;
            scenes.push((id.clone(), scene.scene_id.clone()));
        }
    }
    Ok(BatchScope::Scenes(scenes))
}

fn estimated(plan: &BatchPlan) -> String {
    let mut text = format!("{}, drawn by {}.", plan.title, plan.engine);
    text.push_str(&match (plan.pictures, plan.made_before) {
        (pictures, 0) => format!("\n{pictures} pictures."),
        (pictures, before) => {
            format!("\n{pictures} pictures, of which {before} were made before and are not paid for again.")
        }
    });
    text.push_str(&match plan.cost {
        Some(cost) => format!("\nAbout {cost}."),
        None => "\nWhat it costs is not known: this engine has no price.".to_owned(),
    });
    text.push_str(&match plan.seconds {
        Some(seconds) => format!("\nAbout {}.", time(seconds)),
        None => "\nHow long it takes is not known yet.".to_owned(),
    });
    if plan.uncertain > 0 {
        text.push_str(&format!(
            "\n{} earlier pictures of these scenes may have been charged for, though none came.",
            plan.uncertain
        ));
    }
    plan.left_out.iter().for_each(|why| text.push_str(&format!("\n{why}")));
    text
}

fn time(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

pub(super) fn under_way(batch: &Batch) -> String {
    let counts = &batch.counts;
    let mut text = format!("{} of {} pictures", counts.over(), counts.all());
    if counts.drawing > 0 {
        text.push_str(&format!(", {} being drawn", counts.drawing));
    }
    if batch.cost.micros() > 0 {
        text.push_str(&format!(" · {}", batch.cost));
    }
    if let Some(left) = batch.left.filter(|left| !left.is_zero()) {
        text.push_str(&format!(" · about {}", time(left.as_secs().max(1))));
    }
    if let Some(why) = &batch.waiting {
        text.push_str(&format!(" · {why}"));
    }
    text
}

/// Prints what a batch came to, also if that is not all that was wanted: what is there was paid for.
pub(super) async fn finished(
    batch: Batch,
    left_out: Vec<String>,
    service: &Service,
    output: &mut Output,
) -> Result<(), Problem> {
    let rows = service.batch_variants(&batch.id).await?;
    let story = only_story(&rows, service).await;
    let numbers: HashMap<SceneId, usize> = story
        .iter()
        .flat_map(|story| &story.scenes)
        .map(|scene| (scene.scene_id.clone(), scene.index + 1))
        .collect();
    let variants = rows
        .iter()
        .map(|variant| {
            let mut value = serde_json::to_value(variant).unwrap_or_default();
            value["letter"] = json!(variant.letter());
            value["number"] = json!(numbers.get(&variant.scene));
            value
        })
        .collect();
    let drawn = Drawn {
        batch,
        variants,
        is_draft: story.is_some_and(|story| !story.is_published),
        rows,
        numbers,
        left_out,
    };
    output.result(&drawn, text)?;
    ending(&drawn.batch).map_or(Ok(()), Err)
}

/// The story that a batch is about, if it is only one: commands take its scenes by their numbers.
async fn only_story(rows: &[Variant], service: &Service) -> Option<DrawnStory> {
    let first = rows.first()?;
    if rows.iter().any(|row| row.story != first.story) {
        return None;
    }
    // What was drawn is told all the same if the story is gone meanwhile.
    service.drawn_story(&first.story).await.ok()
}

fn text(drawn: &Drawn) -> String {
    let rows: Vec<Vec<String>> = drawn.rows.iter().map(|variant| row(variant, &drawn.numbers)).collect();
    let mut text = table(&["SCENE", "VARIANT", "STATE", "SEED", "COST", ""], &rows);
    text.push_str(&format!("\n{}", drawn.batch.title));
    let counts = &drawn.batch.counts;
    text.push_str(&format!(": {} of {} made", counts.made, counts.all()));
    if counts.placed > 0 {
        text.push_str(&format!(", {} in their scenes", counts.placed));
    }
    text.push_str(&format!(", {}", drawn.batch.cost));
    drawn.left_out.iter().for_each(|why| text.push_str(&format!("\n{why}")));
    if let Some(made) = drawn
        .rows
        .iter()
        .find(|row| row.picture.is_some())
        .filter(|_| drawn.is_draft)
    {
        text.push_str(&format!(
            "\nChoose the pictures with: storymimi-studio story draft picture {} --scene NUMBER --variant ID",
            made.story
        ));
    }
    text
}

fn row(variant: &Variant, numbers: &HashMap<SceneId, usize>) -> Vec<String> {
    let mut more = match &variant.state {
        VariantState::Refused { message } => message.clone(),
        VariantState::Failed { sentence, hint, .. } => format!("{sentence} {hint}").trim().to_owned(),
        VariantState::Uncertain { sentence } if sentence.is_empty() => {
            "The answer never came; it may have been charged for.".to_owned()
        }
        VariantState::Uncertain { sentence } => format!("{sentence} It may have been charged for."),
        _ => String::new(),
    };
    match &variant.place {
        Placement::Done => more.push_str("In its scene."),
        Placement::Taken => more.push_str("The scene had another picture by then; this one stays a candidate."),
        Placement::Failed { sentence, hint } => more.push_str(format!("{sentence} {hint}").trim()),
        Placement::Candidate | Placement::Wanted => {}
    }
    vec![
        match numbers.get(&variant.scene) {
            Some(number) => number.to_string(),
            None => variant.scene.to_string(),
        },
        format!("{} {}", variant.letter(), variant.id),
        state(variant).to_owned(),
        variant.seed.map(|seed| seed.to_string()).unwrap_or_default(),
        variant.cost.map(|cost| cost.to_string()).unwrap_or_default(),
        more,
    ]
}

pub(super) fn state(variant: &Variant) -> &'static str {
    match (&variant.state, &variant.source) {
        (VariantState::Made, VariantSource::Brought { .. }) => "Brought",
        (VariantState::Queued, _) => "Queued",
        (VariantState::Drawing, _) => "Drawing",
        (VariantState::Made, _) => "Made",
        (VariantState::Refused { .. }, _) => "Refused",
        (VariantState::Failed { .. }, _) => "Failed",
        (VariantState::Cancelled, _) => "Cancelled",
        (VariantState::Uncertain { .. }, _) => "Uncertain",
    }
}

/// What is wrong with how a batch ended; none if everything that was wanted is there.
fn ending(batch: &Batch) -> Option<Problem> {
    let go_on = format!("Go on with: storymimi-studio story batch resume {}", batch.id);
    let counts = &batch.counts;
    match (batch.state, &batch.waiting) {
        (BatchState::Paused, _) => return Some(Problem::new("Paused before every picture was made.", go_on)),
        (BatchState::Held, Some(why)) => return Some(Problem::new(why.clone(), go_on)),
        _ => {}
    }
    let parts = [
        (counts.refused, "refused"),
        (counts.failed, "failed"),
        (counts.uncertain, "may have been charged for and did not come"),
        (counts.cancelled, "cancelled"),
        (counts.not_placed, "made and not put into their scenes"),
    ];
    let wrong: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if wrong.is_empty() {
        return None;
    }
    let what = format!("Not every picture is as it was wanted: {}.", wrong.join(", "));
    let again = format!(
        "Ask again for what failed with: storymimi-studio story batch retry {}",
        batch.id
    );
    Some(Problem::new(
        what,
        if counts.failed + counts.cancelled + counts.not_placed > 0 {
            again
        } else {
            String::new()
        },
    ))
}
