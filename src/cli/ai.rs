//! `ai providers`, `ai models`, `ai test`, `ai nearby`: who can write and draw in a workspace. None of them costs anything.

use clap::Subcommand;
use serde::Serialize;

use super::output::{Output, table};
use crate::ai::{ModelInfo, Nearby};
use crate::service::{Engine, Problem, Service};
use crate::workspace::EngineId;

/// The commands about models.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List who can write and draw in the workspace, the usual one first
    Providers,
    /// List the models that a provider offers; what it asks for pictures, where it says so
    Models {
        /// The provider's name; the workspace's usual one unless given
        name: Option<String>,
        /// Only those that draw, as far as the provider tells
        #[arg(long, conflicts_with = "writing")]
        drawing: bool,
        /// Only those that write, as far as the provider tells
        #[arg(long)]
        writing: bool,
    },
    /// Ask providers for their models, which costs nothing, and look for the ones that are used here
    Test {
        /// The provider's name; all of them unless given
        name: Option<String>,
    },
    /// Look for servers of models on this computer
    Nearby,
}

/// How a provider answered.
#[derive(Serialize)]
struct Tested {
    id: EngineId,
    works: bool,
    /// Models that it lists.
    models: usize,
    /// Models that are used here and that it does not list.
    missing: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

pub(super) async fn run(command: &Command, service: &Service, output: &mut Output) -> Result<(), Problem> {
    match command {
        Command::Providers => {
            let engines = service.engines();
            output.result(&engines, |engines| providers(engines))
        }
        Command::Models { name, drawing, writing } => {
            let id = named(name.as_deref(), service);
            let mut models = service.models(&id).await?;
            // What the provider does not tell may be either.
            models.retain(|model| !(*drawing && model.draws == Some(false) || *writing && model.writes == Some(false)));
            output.result(&models, |models| listed(models))
        }
        Command::Test { name } => {
            let tested = test(name.as_deref(), service).await?;
            output.result(&tested, |tested| table(&["PROVIDER", "WORKS", ""], &rows(tested)))?;
            let failed = tested.iter().filter(|tested| !tested.works).count();
            if failed == 0 {
                return Ok(());
            }
            Err(Problem::new(
                format!("{failed} of {} providers cannot be used.", tested.len()),
                "See above what each of them says.",
            ))
        }
        Command::Nearby => {
            let found = service.nearby_models().await;
            output.result(&found, |found| nearby(found))
        }
    }
}

/// The provider of that name, else the usual one.
fn named(name: Option<&str>, service: &Service) -> EngineId {
    name.map_or_else(|| service.workspace().provider.id(), EngineId::new)
}

async fn test(name: Option<&str>, service: &Service) -> Result<Vec<Tested>, Problem> {
    let mut engines = service.engines();
    if let Some(name) = name {
        let id = EngineId::new(name);
        service.expect_engine(&id)?;
        engines.retain(|engine| engine.id.is(&id));
    }
    let mut all = Vec::new();
    for engine in engines {
        let answer = service.models(&engine.id).await;
        let used = [&engine.text_model, &engine.image_model];
        all.push(match answer {
            Ok(models) => {
                let unknown = |name: &&&String| !name.is_empty() && !models.iter().any(|model| model.is(name));
                Tested {
                    id: engine.id,
                    works: true,
                    models: models.len(),
                    missing: used.iter().filter(unknown).map(|name| (*name).clone()).collect(),
                    problem: None,
                }
            }
            Err(problem) => Tested {
                id: engine.id,
                works: false,
                models: 0,
                missing: Vec::new(),
                problem: Some(problem),
            },
        });
    }
    Ok(all)
}

fn rows(tested: &[Tested]) -> Vec<Vec<String>> {
    let row = |tested: &Tested| {
        let words = match &tested.problem {
            Some(problem) => problem.sentences(),
            None if tested.missing.is_empty() => format!("{} models", tested.models),
            None => format!(
                "{} models; not among them: {}",
                tested.models,
                tested.missing.join(", ")
            ),
        };
        let works = if tested.works { "yes" } else { "no" };
        vec![tested.id.to_string(), works.to_owned(), words]
    };
    tested.iter().map(row).collect()
}

fn providers(engines: &[Engine]) -> String {
    let rows: Vec<Vec<String>> = engines
        .iter()
        .map(|engine| {
            let model = |does: bool, model: &str| match (does, model) {
                (false, _) => "–".to_owned(),
                (true, "") => "by its workflow".to_owned(),
                (true, model) => model.to_owned(),
            };
            let budget = engine.budget.map(|budget| format!(" of {budget}")).unwrap_or_default();
            vec![
                engine.id.to_string(),
                model(engine.writes, &engine.text_model),
                model(engine.draws, &engine.image_model),
                engine.price.map_or_else(|| "?".to_owned(), |price| price.to_string()),
                format!("{}{budget}", engine.spent_this_month),
            ]
        })
        .collect();
    let mut text = table(
        &["PROVIDER", "WRITES WITH", "DRAWS WITH", "A PICTURE", "THIS MONTH"],
        &rows,
    );
    for engine in engines {
        if let Some(notice) = engine.notice {
            text.push_str(&format!("\n{}: {notice}\n", engine.name));
        }
    }
    text
}

fn listed(models: &[ModelInfo]) -> String {
    if models.is_empty() {
        return "The provider lists no models.".to_owned();
    }
    let told = |does: Option<bool>| match does {
        Some(true) => "yes",
        Some(false) => "no",
        None => "?",
    };
    let row = |model: &ModelInfo| {
        let price = model.price.map(|price| price.to_string()).unwrap_or_default();
        vec![
            model.id.clone(),
            told(model.writes).to_owned(),
            told(model.draws).to_owned(),
            price,
        ]
    };
    table(
        &["MODEL", "WRITES", "DRAWS", "A PICTURE"],
        &models.iter().map(row).collect::<Vec<_>>(),
    )
}

fn nearby(found: &[Nearby]) -> String {
    if found.is_empty() {
        return "No server of models answers on this computer at the ports they usually have.".to_owned();
    }
    let row = |server: &Nearby| {
        let models = server.models.iter().take(5).map(String::as_str).collect::<Vec<_>>();
        vec![
            server.name.clone(),
            server.base_url.clone(),
            server.dialect.to_string(),
            models.join(", "),
        ]
    };
    table(
        &["SERVER", "ADDRESS", "DIALECT", "MODELS"],
        &found.iter().map(row).collect::<Vec<_>>(),
    )
}
