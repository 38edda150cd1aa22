//! The tables that stories need: their columns, which of them a project may lack, how a project keeps its stories, and the SQL that
//! makes the tables.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::model::Kept;
use super::repository::{Asker, Shape};
use crate::supabase::{Error as WireError, Supabase};
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
    optional("prompt", "text"),
    optional("status", "text not null default 'pending'"),
    optional("user_id", "text"),
    optional("cover_image_url", "text"),
    optional("story_metadata", "jsonb"),
    optional("created_at", "timestamptz not null default now()"),
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

/// A new project's tables, rules and bucket, under the names that this program gives them by itself.
const SQL: &str = include_str!("../../assets/sql/stories.sql");

/// The bucket there.
const BUCKET: &str = "story-images";

/// Characters of a table's name that the names of its indexes and triggers begin with: PostgreSQL cuts names off after 63.
const PREFIX: usize = 40;

/// How a project keeps its stories, as its answers show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The table with a row a story.
    pub stories: String,
    /// Where the scenes of a new story go.
    pub kept: Kept,
    /// Whether scenes are JSON in the rows of stories, of all of them or of some.
    pub json: bool,
    /// The table with a row a scene, if there is one that is about scenes.
    pub scenes: Option<String>,
    /// Whether the project can read scenes together with their stories.
    pub joined: bool,
    /// The key of the stories' table.
    key: String,
    /// The key of the scenes' table, and its column for a scene's number.
    scene_key_and_number: Option<(String, String)>,
}

impl Layout {
    /// Asks a project, reading only; None if it has no stories under any name that is known.
    ///
    /// # Errors
    /// If the project does not answer, or refuses to.
    pub async fn of(supabase: &Supabase, tables: &Tables) -> Result<Option<Self>, WireError> {
        Ok(Asker { supabase, tables }.shape().await?.map(Self::from))
    }

    /// The columns that its table of stories should have, by the names that it has for them.
    #[must_use]
    pub fn story_columns(&self) -> Vec<Column> {
        let own = [("story_id", self.key.as_str())];
        columns_called(STORY_COLUMNS, &own)
    }

    /// The columns that its table of scenes should have, by the names that it has for them.
    #[must_use]
    pub fn scene_columns(&self) -> Vec<Column> {
        match &self.scene_key_and_number {
            Some((key, number)) => columns_called(SCENE_COLUMNS, &[("scene_id", key), ("sequence", number)]),
            None => SCENE_COLUMNS.to_vec(),
        }
    }

    /// Connects scenes to their stories, so that the API can read them together.
    #[must_use]
    pub fn connect_sql(&self, tables: &Tables) -> String {
        let (stories, scenes, key) = (&tables.stories, &tables.scenes, &self.key);
        format!(
            "alter table public.{scenes} add constraint {scenes}_story_id_fkey\n  \
             foreign key (story_id) references public.{stories} ({key}) on delete cascade;\n{RELOAD}"
        )
    }
}

impl From<Shape> for Layout {
    fn from(shape: Shape) -> Self {
        let scenes = shape.scenes.as_ref();
        Self {
            kept: shape.kept,
            json: shape.column == Some(true),
            joined: scenes.is_some_and(|scenes| scenes.joined),
            scene_key_and_number: scenes.map(|scenes| (scenes.id.clone(), scenes.number.clone())),
            scenes: shape.scenes.map(|scenes| scenes.name),
            stories: shape.stories,
            key: shape.id,
        }
    }
}

/// Columns, some of them under the names that a project has for them.
fn columns_called(columns: &[Column], own: &[(&str, &str)]) -> Vec<Column> {
    let called = |column: &Column| {
        let name = own
            .iter()
            .find(|(usual, _)| *usual == column.name)
            .map(|(_, name)| *name);
        let name = Shape::NAMES.into_iter().find(|known| Some(*known) == name);
        Column {
            name: name.unwrap_or(column.name),
            ..*column
        }
    };
    columns.iter().map(called).collect()
}

/// Makes all tables, their rules for editors and visitors, and the bucket, where they are missing: `assets/sql/stories.sql` under the
/// names of a workspace.
#[must_use]
pub fn create_sql(tables: &Tables, bucket: &str) -> String {
    let mut sql = String::with_capacity(SQL.len());
    let template = if tables.are_called(Shape::COPIES) {
        Cow::Owned(without_copies())
    } else {
        Cow::Borrowed(SQL)
    };
    // Words and what is between them, in turns.
    let mut rest: &str = &template;
    while !rest.is_empty() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        sql += &renamed(&rest[..word], sql.ends_with("public."), tables);
        rest = &rest[word..];
        let between = rest.find(is_word).unwrap_or(rest.len());
        sql += &rest[..between];
        rest = &rest[between..];
    }
    if bucket == BUCKET {
        return sql;
    }
    // Rules of the same name for another bucket of the project stay.
    let (text, name) = (bucket.replace('\'', "''"), bucket.replace('"', "\"\""));
    sql.replace(&format!("'{BUCKET}'"), &format!("'{text}'"))
        .replace("the bucket of stories\"", &format!("the bucket {name}\""))
        .replace("pictures of stories\"", &format!("pictures in {name}\""))
}

/// The SQL without what is about public copies: for a workspace one of whose own tables has their name. It has none then, and none are
/// looked for.
fn without_copies() -> String {
    let copies = format!("public.{}", Shape::COPIES);
    let (mut sql, mut statement, mut quoted) = (String::with_capacity(SQL.len()), String::new(), false);
    for line in SQL.split_inclusive('\n') {
        statement += line;
        // The body of a function has statements of its own.
        quoted ^= line.matches("$$").count() % 2 == 1;
        if line.trim_end().ends_with(';') && !quoted {
            if !statement.contains(&copies) {
                sql += &statement;
            }
            statement.clear();
        }
    }
    sql + &statement
}

/// A word of the SQL under a workspace's names; a table's name is only one after its schema's.
fn renamed(word: &str, is_table: bool, tables: &Tables) -> String {
    for (usual, name) in [("stories", &tables.stories), ("scenes", &tables.scenes)] {
        match word.strip_prefix(usual) {
            Some("") if is_table => return name.as_str().to_owned(),
            Some(of_table) if of_table.starts_with('_') => {
                let prefix: String = name.as_str().chars().take(PREFIX).collect();
                return prefix + of_table;
            }
            _ => {}
        }
    }
    word.to_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_everything_under_the_names_of_the_workspace() {
        let tables = Tables {
            stories: "tales".parse().unwrap(),
            scenes: "pages".parse().unwrap(),
        };
        let sql = create_sql(&tables, "it's mine");
        for part in [
            "create table if not exists public.tales (\n    story_id uuid primary key",
            "create table if not exists public.pages (",
            "story_id uuid not null references public.tales (story_id) on delete cascade",
            "create index if not exists tales_newest_first on public.tales",
            "create or replace trigger pages_note_change before update on public.pages",
            "alter table public.pages enable row level security;",
            "create policy \"Editors work on stories\" on public.tales\n",
            "create policy \"Editors work on scenes\" on public.pages\n",
            "create policy \"Everybody reads what is published\" on public.public_stories\n",
            "values ('it''s mine', 'it''s mine', true,",
            "bucket_id = 'it''s mine'",
            "drop policy if exists \"Editors work on pictures in it's mine\" on storage.objects",
            "create policy \"Editors work on pictures in it's mine\" on storage.objects",
            "create policy \"Editors see the bucket it's mine\" on storage.buckets",
            "notify pgrst",
        ] {
            assert!(sql.contains(part), "{part}\n{sql}");
        }
        for usual in [
            "public.stories",
            "public.scenes",
            " stories_",
            " scenes_",
            "story-images",
        ] {
            assert!(!sql.contains(usual), "{usual}\n{sql}");
        }
        assert_eq!(create_sql(&Tables::default(), BUCKET), SQL);
    }

    #[test]
    fn a_workspace_whose_own_table_is_called_as_the_public_copies_has_none() {
        for (stories, scenes) in [("public_stories", "scenes"), ("stories", "public_stories")] {
            let tables = Tables {
                stories: stories.parse().unwrap(),
                scenes: scenes.parse().unwrap(),
            };
            let sql = create_sql(&tables, BUCKET);
            assert_eq!(
                sql.matches("create table if not exists public.public_stories (")
                    .count(),
                1,
                "{sql}"
            );
            assert!(
                !sql.contains("using (published)") && !sql.contains("public copies"),
                "{sql}"
            );
            for part in [
                format!("create table if not exists public.{stories} (\n    story_id uuid primary key"),
                format!("create table if not exists public.{scenes} (\n    scene_id uuid primary key"),
                format!("create or replace trigger {stories}_note_change before update on public.{stories}\n"),
                "create or replace function public.note_change() returns trigger".to_owned(),
                format!("create policy \"Editors work on stories\" on public.{stories}\n"),
                "notify pgrst".to_owned(),
            ] {
                assert!(sql.contains(&part), "{part}\n{sql}");
            }
        }
    }

    #[test]
    fn long_names_stay_different_where_the_database_cuts_them_off() {
        let tables = Tables {
            stories: "s".repeat(63).parse().unwrap(),
            scenes: "p".repeat(63).parse().unwrap(),
        };
        let sql = create_sql(&tables, "b");
        let names: Vec<&str> = sql
            .lines()
            .filter_map(|line| line.strip_prefix("create index if not exists "))
            .filter_map(|line| line.split(' ').next())
            .collect();
        let distinct: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        assert!(names.len() > 5 && distinct.len() == names.len(), "{names:?}");
        assert!(names.iter().all(|name| name.len() <= 63), "{names:?}");
    }

    #[test]
    fn every_column_that_is_needed_is_made() {
        let of_table = |table: &str| {
            let (_, rest) = SQL
                .split_once(&format!("create table if not exists public.{table} ("))
                .unwrap();
            rest.split_once("\n);").unwrap().0
        };
        for (table, columns) in [("stories", STORY_COLUMNS), ("scenes", SCENE_COLUMNS)] {
            let made = of_table(table);
            for column in columns {
                let line = format!("\n    {} {}", column.name, column.definition);
                assert!(made.contains(&line), "{table}: {line}");
            }
        }
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
