//! Are the tables of stories there, and do they have the columns that stories need?

use serde_json::{Map, Value};

use super::{Draft, Fix, Found, counted};
use crate::service::Problem;
use crate::story::layout::{self, Column, SCENE_COLUMNS, STORY_COLUMNS};
use crate::supabase::{Counted, Error as WireError, Supabase};
use crate::workspace::TableName;

/// What the tables lack.
pub(super) struct Layout {
    scenes_lack: Vec<Column>,
}

type Row = Map<String, Value>;

/// A table that answers.
struct Table {
    rows: u64,
    lacks: Vec<Column>,
}

/// The row of the stories.
pub(super) async fn stories(draft: &Draft, supabase: &Supabase) -> (Found, Option<Layout>) {
    let tables = &draft.tables;
    let stories = match table(supabase, &tables.stories, STORY_COLUMNS).await {
        Ok(stories) => stories,
        Err(error) => return (no_table(draft, supabase, &tables.stories, error).await, None),
    };
    let scenes = match table(supabase, &tables.scenes, SCENE_COLUMNS).await {
        Ok(scenes) => scenes,
        Err(error) => return (no_table(draft, supabase, &tables.scenes, error).await, None),
    };
    let words = format!(
        "public.{}, {}, public.{}, {}",
        tables.stories,
        counted(stories.rows, "row"),
        tables.scenes,
        counted(scenes.rows, "row")
    );
    if let Err(error) = connected(draft, supabase).await {
        return (not_connected(draft, &words, error), None);
    }
    let alt_text = |column: &Column| column.name == "alt_text";
    let lacks = |table: &TableName, columns: &[Column]| -> Vec<(TableName, Column)> {
        let others = columns.iter().filter(|column| !alt_text(column));
        others.map(|column| (table.clone(), *column)).collect()
    };
    let mut missing = lacks(&tables.stories, &stories.lacks);
    missing.extend(lacks(&tables.scenes, &scenes.lacks));
    let names: Vec<String> = missing
        .iter()
        .map(|(table, column)| format!("{table}.{}", column.name))
        .collect();
    let sql = || {
        let add = |table: &TableName, lacks: &[Column]| match lacks {
            [] => String::new(),
            lacks => layout::add_columns_sql(table, lacks),
        };
        Fix::CopySql(add(&tables.stories, &stories.lacks) + &add(&tables.scenes, &scenes.lacks))
    };
    let found = if missing.iter().any(|(_, column)| !column.optional) {
        Found::failed(
            format!("{words}; another layout, without {}", names.join(", ")),
            "Stories cannot be kept in these tables. Choose others, or add the columns with the SQL.",
        )
        .with(sql())
    } else if !missing.is_empty() {
        Found::warning(
            format!("{words}; an older layout, without {}", names.join(", ")),
            "Stories work; what these columns would hold is not stored. The SQL adds them.",
        )
        .with(sql())
    } else if stories.rows == 0 && !draft.key.is_service() {
        Found::warning(
            format!("{words}: none is visible"),
            "There are no stories yet, or the access rules hide them from this key.",
        )
        .with(Fix::SignIn)
    } else {
        Found::ok(words)
    };
    (
        found,
        Some(Layout {
            scenes_lack: scenes.lacks,
        }),
    )
}

/// How many rows can be seen, and which columns are not there.
async fn table(supabase: &Supabase, name: &TableName, columns: &[Column]) -> Result<Table, WireError> {
    let counted: Counted<Row> = supabase
        .rest()
        .from(name.as_str())
        .select("*")
        .range(0, 0)
        .operation("Test tables")
        .fetch_counted()
        .await?;
    let lacks = match counted.rows.first() {
        Some(row) => columns
            .iter()
            .filter(|column| !row.contains_key(column.name))
            .copied()
            .collect(),
        None => lacking(supabase, name, columns).await?,
    };
    Ok(Table {
        rows: counted.total,
        lacks,
    })
}

/// Finds out which columns an empty table lacks: the server names one at a time.
async fn lacking(supabase: &Supabase, name: &TableName, columns: &[Column]) -> Result<Vec<Column>, WireError> {
    let mut asked: Vec<Column> = columns.to_vec();
    let mut lacks = Vec::new();
    while !asked.is_empty() {
        let names: Vec<&str> = asked.iter().map(|column| column.name).collect();
        let answer: Result<Vec<Row>, WireError> = supabase
            .rest()
            .from(name.as_str())
            .select(&names.join(","))
            .limit(0)
            .operation("Test columns")
            .fetch()
            .await;
        let Err(error) = answer else { break };
        // "column scenes.alt_text does not exist"
        let named = |column: &Column| {
            let words = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
            error.message.split(words).any(|word| word == column.name)
        };
        match asked.iter().position(named) {
            Some(at) if error.code.as_deref() == Some("42703") => lacks.push(asked.remove(at)),
            _ => return Err(error),
        }
    }
    Ok(lacks)
}

/// Whether scenes can be read together with their stories, as the app reads them.
async fn connected(draft: &Draft, supabase: &Supabase) -> Result<(), WireError> {
    let select = match draft.tables.scenes.as_str() {
        "scenes" => "*,scenes(*)".to_owned(),
        other => format!("*,scenes:{other}(*)"),
    };
    let stories = supabase.rest().from(draft.tables.stories.as_str());
    let query = stories.select(&select).limit(1).operation("Test tables");
    query.fetch::<Row>().await.map(|_| ())
}

fn not_connected(draft: &Draft, words: &str, error: WireError) -> Found {
    if error.code.as_deref() == Some("PGRST200") {
        let advice = "Connect them with the SQL, so that a story is read with its scenes.";
        let words = format!("{words}; no foreign key connects them");
        return Found::failed(words, advice).with(Fix::CopySql(layout::connect_sql(&draft.tables)));
    }
    Found::problem(&Problem::from(error))
}

async fn no_table(draft: &Draft, supabase: &Supabase, name: &TableName, error: WireError) -> Found {
    match error.code.as_deref() {
        Some("PGRST205" | "42P01") => {
            let other = supabase.rest().from("public_stories");
            let other = other.select("*").limit(1).operation("Test tables");
            let words = if other.fetch::<Row>().await.is_ok() {
                format!(
                    "There is no table public.{name}; public_stories has its scenes inside its rows, another layout"
                )
            } else {
                format!("There is no table public.{name}")
            };
            let advice = "Type the names of the tables that you use, or make them with the SQL.";
            Found::failed(words, advice).with(Fix::CopySql(layout::create_sql(&draft.tables)))
        }
        Some("42501") => Found::failed(
            format!("This key may not read public.{name}"),
            "Sign in as somebody who may, or ask an admin for a rule.",
        )
        .with(Fix::SignIn),
        _ => Found::problem(&Problem::from(error)),
    }
}

/// The row of the alternative texts.
pub(super) fn alt_text(draft: &Draft, layout: &Layout) -> Found {
    let scenes = &draft.tables.scenes;
    let missing: Vec<Column> = layout
        .scenes_lack
        .iter()
        .filter(|column| column.name == "alt_text")
        .copied()
        .collect();
    if missing.is_empty() {
        return Found::ok(format!("{scenes}.alt_text"));
    }
    Found::warning(
        format!("{scenes}.alt_text is missing, so alternative texts are not stored"),
        "The SQL adds the column.",
    )
    .with(Fix::CopySql(layout::add_columns_sql(scenes, &missing)))
}
