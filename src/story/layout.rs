//! The tables that stories need: their columns, which of them a project may lack, and the SQL that makes them.

use std::fmt::Write as _;

use crate::workspace::{TableName, Tables};

/// A column of one of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type and what it holds if nothing is given, as in `create table`.
    definition: &'static str,
    /// Whether stories can be kept without it; older projects lack some of those.
    pub optional: bool,
}

const fn needed(name: &'static str, definition: &'static str) -> Column {
    Column {
        name,
        definition,
        optional: false,
    }
}

const fn optional(name: &'static str, definition: &'static str) -> Column {
    Column {
        name,
        definition,
        optional: true,
    }
}

/// The columns of the table of stories.
pub const STORY_COLUMNS: &[Column] = &[
    needed("story_id", "uuid primary key default gen_random_uuid()"),
    needed("title", "text not null"),
    needed("prompt", "text not null"),
    needed("status", "text not null default 'pending'"),
    optional("user_id", "text"),
    optional("cover_image_url", "text"),
    optional("story_metadata", "jsonb"),
    needed("created_at", "timestamptz not null default now()"),
    optional("updated_at", "timestamptz not null default now()"),
];

/// The columns of the table of scenes, but for `story_id`, whose type names the other table.
pub const SCENE_COLUMNS: &[Column] = &[
    needed("scene_id", "uuid primary key default gen_random_uuid()"),
    needed("story_id", "uuid not null"),
    needed("sequence", "integer not null"),
    optional("title", "text"),
    needed("text", "text not null"),
    optional("image_prompt", "text"),
    needed("image_url", "text"),
    optional("alt_text", "text"),
    optional("image_error", "text"),
    optional("updated_at", "timestamptz not null default now()"),
];

/// Without it the API would not see the change for a while.
const RELOAD: &str = "notify pgrst, 'reload schema';\n";

/// Makes both tables, with row security on: until there are policies, only the service key sees their rows.
#[must_use]
pub fn create_sql(tables: &Tables) -> String {
    let (stories, scenes) = (&tables.stories, &tables.scenes);
    let list = |columns: &[Column]| {
        let lines: Vec<String> = columns
            .iter()
            .map(|column| match column.name {
                "story_id" if !column.definition.contains("primary") => {
                    format!("  story_id uuid not null references public.{stories} (story_id) on delete cascade")
                }
                name => format!("  {name} {}", column.definition),
            })
            .collect();
        lines.join(",\n")
    };
    let mut sql = String::new();
    for (table, columns) in [(stories, STORY_COLUMNS), (scenes, SCENE_COLUMNS)] {
        // Writing to a text does not fail.
        let _ = write!(
            sql,
            "create table if not exists public.{table} (\n{}\n);\nalter table public.{table} enable row level security;\n",
            list(columns)
        );
    }
    let _ = writeln!(
        sql,
        "create index if not exists {scenes}_story_id_idx on public.{scenes} (story_id);"
    );
    sql + RELOAD
}

/// Adds columns to a table that lacks them.
#[must_use]
pub fn add_columns_sql(table: &TableName, missing: &[Column]) -> String {
    let mut sql = String::new();
    for column in missing {
        // A column of rows that are there already cannot be told to have a value without one to give.
        let definition = match column.definition {
            "text not null" => "text not null default ''",
            "uuid not null" => "uuid",
            "integer not null" => "integer not null default 0",
            other => other,
        };
        let _ = writeln!(
            sql,
            "alter table public.{table} add column if not exists {} {definition};",
            column.name
        );
    }
    sql + RELOAD
}

/// Connects scenes to their stories, so that the API can read them together.
#[must_use]
pub fn connect_sql(tables: &Tables) -> String {
    let (stories, scenes) = (&tables.stories, &tables.scenes);
    format!(
        "alter table public.{scenes} add constraint {scenes}_story_id_fkey\n  \
         foreign key (story_id) references public.{stories} (story_id) on delete cascade;\n{RELOAD}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_both_tables_under_the_names_of_the_workspace() {
        let tables = Tables {
            stories: "tales".parse().unwrap(),
            scenes: "pages".parse().unwrap(),
        };
        let sql = create_sql(&tables);
        for part in [
            "create table if not exists public.tales (\n  story_id uuid primary key",
            "create table if not exists public.pages (",
            "story_id uuid not null references public.tales (story_id) on delete cascade",
            "alter table public.pages enable row level security;",
            "notify pgrst",
        ] {
            assert!(sql.contains(part), "{part}\n{sql}");
        }
        assert!(connect_sql(&tables).contains("alter table public.pages"));
    }

    #[test]
    fn adds_what_is_missing_to_rows_that_are_there() {
        let missing: Vec<Column> = SCENE_COLUMNS
            .iter()
            .filter(|column| ["alt_text", "text"].contains(&column.name))
            .copied()
            .collect();
        assert_eq!(
            add_columns_sql(&"scenes".parse().unwrap(), &missing),
            "alter table public.scenes add column if not exists text text not null default '';\n\
             alter table public.scenes add column if not exists alt_text text;\n\
             notify pgrst, 'reload schema';\n"
        );
    }
}
