//! Are the tables of stories there, however a project lays them out, and do they have the columns that stories need?

use serde_json::{Map, Value};

use super::{Draft, Fix, Found, counted};
use crate::service::Problem;
use crate::story::Kept;
use crate::story::layout::{self, Column, Layout};
use crate::supabase::{Counted, Error as WireError, Supabase};
use crate::workspace::TableName;

/// Where alternative texts go.
pub(super) enum AltText {
    /// Into a column of the scenes' table, if it has it.
    Column(Option<Column>),
    /// Into the scenes' JSON.
    Json,
}

type Row = Map<String, Value>;

/// Columns that a table lacks.
struct Lacks<'a> {
    table: &'a str,
    columns: Vec<Column>,
}

impl Lacks<'_> {
    /// Their names with the table's, without that of the alternative texts, which have a row of their own.
    fn names(&self) -> impl Iterator<Item = String> {
        let others = self.columns.iter().filter(|column| !is_alt_text(column));
        others.map(|column| format!("{}.{}", self.table, column.name))
    }

    fn sql(&self) -> String {
        match (self.columns.as_slice(), self.table.parse::<TableName>()) {
            ([], _) | (_, Err(_)) => String::new(),
            (columns, Ok(table)) => layout::add_columns_sql(&table, columns),
        }
    }
}

/// The row of the stories.
pub(super) async fn stories(draft: &Draft, supabase: &Supabase) -> (Found, Option<AltText>) {
    match looked_at(draft, supabase).await {
        Ok((found, alt_text)) => (found, Some(alt_text)),
        Err(found) => (found, None),
    }
}

async fn looked_at(draft: &Draft, supabase: &Supabase) -> Result<(Found, AltText), Found> {
    let (stories, scenes) = (draft.tables.stories.as_str(), draft.tables.scenes.as_str());
    let read = async |name: &str| rows(supabase, name).await.map_err(|error| refused(name, error));
    let story_rows = read(stories).await?;
    let scene_rows = read(scenes).await?;
    let layout = Box::pin(Layout::of(supabase, &draft.tables))
        .await
        .map_err(|error| Found::problem(&Problem::from(error)))?
        .ok_or_else(|| no_table(draft, &draft.tables.stories))?;
    if layout.scenes.is_none() && !layout.json && scene_rows.is_none() {
        return Err(no_table(draft, &draft.tables.scenes));
    }
    let story_rows = match layout.kept {
        Kept::Public => read(&layout.stories).await?,
        Kept::Rows | Kept::Json => story_rows,
    };
    let story_rows = story_rows.ok_or_else(|| no_table(draft, &draft.tables.stories))?;
    let words = words(&layout, &story_rows, scene_rows.as_ref());
    let of_stories = Lacks {
        table: &layout.stories,
        columns: lacking(supabase, &layout.stories, &story_rows, &layout.story_columns()).await?,
    };
    // A table that has the name and no scenes of stories counts only where there is no other place for scenes.
    let columns = match &scene_rows {
        Some(rows) if layout.scenes.is_some() || !layout.json => {
            lacking(supabase, scenes, rows, &layout.scene_columns()).await?
        }
        _ => Vec::new(),
    };
    let of_scenes = Lacks { table: scenes, columns };
    let found = judged(draft, &layout, words, story_rows.total, [&of_stories, &of_scenes]);
    let alt_text = if layout.scenes.is_some() || !layout.json {
        AltText::Column(of_scenes.columns.into_iter().find(is_alt_text))
    } else {
        AltText::Json
    };
    Ok((found, alt_text))
}

/// "public.stories, 38 rows, public.scenes, 1,261 rows"
fn words(layout: &Layout, stories: &Counted<Row>, scenes: Option<&Counted<Row>>) -> String {
    let mut words = format!("public.{}, {}", layout.stories, counted(stories.total, "row"));
    if let (Some(name), Some(scenes)) = (&layout.scenes, scenes) {
        words += &format!(", public.{name}, {}", counted(scenes.total, "row"));
    }
    words += match (layout.json, &layout.scenes) {
        (true, None) => ", scenes as JSON in each",
        (true, Some(_)) => ", scenes as JSON in some",
        (false, _) => "",
    };
    words
}

/// What is to be said of tables that can be read.
fn judged(draft: &Draft, layout: &Layout, words: String, stories: u64, lacks: [&Lacks<'_>; 2]) -> Found {
    let missing: Vec<String> = lacks.iter().flat_map(|lacks| lacks.names()).collect();
    let sql = || Fix::CopySql(lacks.map(Lacks::sql).concat());
    let needed = |lacks: &&Lacks<'_>| lacks.columns.iter().any(|column| !column.optional);
    if lacks.iter().any(needed) {
        return Found::failed(
            format!("{words}; another layout, without {}", missing.join(", ")),
            "Stories cannot be kept in these tables. Choose others, or add the columns with the SQL.",
        )
        .with(sql());
    }
    if layout.scenes.is_some() && !layout.joined {
        return Found::warning(
            format!("{words}; no foreign key connects them"),
            "Stories work; their scenes are read by themselves, which takes longer. The SQL connects them.",
        )
        .with(Fix::CopySql(layout.connect_sql(&draft.tables)));
    }
    if stories == 0 && !draft.key.is_service() {
        return Found::warning(
            format!("{words}: none is visible"),
            "There are no stories yet, or the access rules hide them from this key.",
        )
        .with(Fix::SignIn);
    }
    if missing.is_empty() {
        return Found::ok(words);
    }
    if layout.json {
        // A layout that others made as it is: nothing is to be done.
        return Found::ok(format!("{words}; there is no {}", missing.join(", ")));
    }
    Found::warning(
        format!("{words}; an older layout, without {}", missing.join(", ")),
        "Stories work; what these columns would hold is not stored. The SQL adds them.",
    )
    .with(sql())
}

fn is_alt_text(column: &Column) -> bool {
    column.name == "alt_text"
}

/// The first row that can be seen, and how many can; None if there is no such table.
async fn rows(supabase: &Supabase, name: &str) -> Result<Option<Counted<Row>>, WireError> {
    let query = supabase.rest().from(name).select("*").range(0, 0);
    match query.operation("Test tables").fetch_counted().await {
        Ok(counted) => Ok(Some(counted)),
        Err(error) if is_no_table(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_no_table(error: &WireError) -> bool {
    matches!(error.code.as_deref(), Some("PGRST205" | "42P01"))
}

/// Which of the columns a table lacks, by a row of it or by asking.
async fn lacking(
    supabase: &Supabase,
    name: &str,
    rows: &Counted<Row>,
    columns: &[Column],
) -> Result<Vec<Column>, Found> {
    let lacks = match rows.rows.first() {
        Some(row) => {
            let lacks = columns.iter().filter(|column| !row.contains_key(column.name));
            Ok(lacks.copied().collect())
        }
        None => not_answered(supabase, name, columns).await,
    };
    lacks.map_err(|error| refused(name, error))
}

/// Finds out which columns an empty table lacks: the server names one at a time.
async fn not_answered(supabase: &Supabase, name: &str, columns: &[Column]) -> Result<Vec<Column>, WireError> {
    let mut asked: Vec<Column> = columns.to_vec();
    let mut lacks = Vec::new();
    while !asked.is_empty() {
        let names: Vec<&str> = asked.iter().map(|column| column.name).collect();
        let answer: Result<Vec<Row>, WireError> = supabase
            .rest()
            .from(name)
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

fn no_table(draft: &Draft, name: &TableName) -> Found {
    let words = format!("There is no table public.{name}");
    let advice = "Type the names of the tables that you use, or make them with the SQL.";
    Found::failed(words, advice).with(Fix::CopySql(layout::create_sql(&draft.tables, &draft.bucket)))
}

fn refused(name: &str, error: WireError) -> Found {
    if error.code.as_deref() == Some("42501") {
        let words = format!("This key may not read public.{name}");
        let advice = "Sign in as somebody who may, or ask an admin for a rule.";
        return Found::failed(words, advice).with(Fix::SignIn);
    }
    Found::problem(&Problem::from(error))
}

/// The row of the alternative texts.
pub(super) fn alt_text(draft: &Draft, alt_text: &AltText) -> Found {
    let scenes = &draft.tables.scenes;
    match alt_text {
        AltText::Json => Found::ok("In the JSON of each scene"),
        AltText::Column(None) => Found::ok(format!("{scenes}.alt_text")),
        AltText::Column(Some(column)) => Found::warning(
            format!("{scenes}.alt_text is missing, so alternative texts are not stored"),
            "The SQL adds the column.",
        )
        .with(Fix::CopySql(layout::add_columns_sql(scenes, &[*column]))),
    }
}
