//! The tables that stories need, as this program's own SQL makes them, and, for tests, as services of the past have made them.

use super::schema::{Column, Default, Kind, Relation, Table};

const fn column(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        required: false,
        default: Default::Null,
    }
}

const fn required(name: &'static str, kind: Kind, default: Default) -> Column {
    Column {
        name,
        kind,
        required: true,
        default,
    }
}

static STORIES: Table = Table {
    name: "stories",
    stored: "stories",
    key: "story_id",
    columns: &[
        required("story_id", Kind::Uuid, Default::RandomUuid),
        required("title", Kind::Text, Default::Null),
        required("prompt", Kind::Text, Default::Null),
        required("status", Kind::Text, Default::Text("pending")),
        column("user_id", Kind::Text),
        required("created_at", Kind::Time, Default::Now),
        required("updated_at", Kind::Time, Default::Now),
        column("story_metadata", Kind::Json),
        column("source", Kind::Text),
        column("updated_by", Kind::Text),
        column("cover_image_url", Kind::Text),
        column("approved_by", Kind::Text),
        column("approved_at", Kind::Time),
    ],
    relations: &[Relation {
        table: &SCENES,
        many: true,
        column: "story_id",
        constraint: "scenes_story_id_fkey",
    }],
};

pub(super) static SCENES: Table = Table {
    name: "scenes",
    stored: "scenes",
    key: "scene_id",
    columns: &[
        required("scene_id", Kind::Uuid, Default::RandomUuid),
        required("story_id", Kind::Uuid, Default::Null),
        required("sequence", Kind::Integer, Default::Null),
        column("title", Kind::Text),
        required("text", Kind::Text, Default::Null),
        column("image_prompt", Kind::Text),
        column("image_url", Kind::Text),
        column("audio_url", Kind::Text),
        column("alt_text", Kind::Text),
        column("image_error", Kind::Text),
        column("user_id", Kind::Text),
        required("created_at", Kind::Time, Default::Now),
        required("updated_at", Kind::Time, Default::Now),
    ],
    relations: &[Relation {
        table: &STORIES,
        many: false,
        column: "story_id",
        constraint: "scenes_story_id_fkey",
    }],
};

const PUBLIC_COLUMNS: &[Column] = &[
    required("id", Kind::Uuid, Default::RandomUuid),
    required("title", Kind::Text, Default::Null),
    column("description", Kind::Text),
    column("cover_image_url", Kind::Text),
    column("tags", Kind::Json),
    column("duration", Kind::Text),
    column("featured", Kind::Boolean),
    required("view_count", Kind::Integer, Default::Number(0)),
    column("age_rating", Kind::Text),
    column("language", Kind::Text),
    column("category", Kind::Text),
    column("difficulty_level", Kind::Text),
    required("published", Kind::Boolean, Default::Number(0)),
    column("scenes", Kind::Json),
    required("created_at", Kind::Time, Default::Now),
    required("updated_at", Kind::Time, Default::Now),
];

static PUBLIC_STORIES: Table = Table {
    name: "public_stories",
    stored: "public_stories",
    key: "id",
    columns: PUBLIC_COLUMNS,
    relations: &[],
};

/// All tables of a usual project.
pub(super) static TABLES: &[&Table] = &[&STORIES, &SCENES, &PUBLIC_STORIES];

/// How the tables of stories are laid out. All but the first are for tests of projects that others have made.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TableLayout {
    /// As this program's SQL makes them.
    #[default]
    Usual,
    /// As the service's backend wrote them: no alternative texts, any word for a status.
    Backend,
    /// As the guide has it: `id`, and scenes as JSON in the story's row; no status and no cover.
    Guide,
    /// Stories numbered by the database, scenes as JSON, and public copies.
    Numbered,
    /// Ids that are any text, scenes numbered by the database, and no relationship between the two tables.
    Unrelated,
    /// No other table than that of public stories.
    PublicOnly,
    /// The scenes' JSON in a column of type `text`.
    TextColumn,
}

impl TableLayout {
    /// The tables that there are.
    pub(super) fn tables(self) -> &'static [&'static Table] {
        static BACKEND: &[&Table] = &[&BACKEND_STORIES, &BACKEND_SCENES, &PUBLIC_STORIES];
        static GUIDE: &[&Table] = &[&GUIDE_STORIES];
        static NUMBERED: &[&Table] = &[&NUMBERED_STORIES, &PUBLIC_STORIES];
        static UNRELATED: &[&Table] = &[&TEXT_STORIES, &LOOSE_SCENES];
        static PUBLIC: &[&Table] = &[&PUBLIC_STORIES];
        static TEXT: &[&Table] = &[&COLUMN_STORIES];
        match self {
            Self::Usual => TABLES,
            Self::Backend => BACKEND,
            Self::Guide => GUIDE,
            Self::Numbered => NUMBERED,
            Self::Unrelated => UNRELATED,
            Self::PublicOnly => PUBLIC,
            Self::TextColumn => TEXT,
        }
    }

    /// The SQL that makes those tables that a usual project lacks.
    pub(in crate::local) fn sql(self) -> String {
        let usual = |table: &Table| TABLES.iter().any(|usual| usual.stored == table.stored);
        let tables = self.tables().iter().filter(|table| !usual(table));
        tables.map(|table| create(table)).collect()
    }
}

fn create(table: &Table) -> String {
    let columns = table.columns.iter().map(|column| {
        let kind = match column.kind {
            Kind::Integer | Kind::BigInt | Kind::Boolean => "INTEGER",
            Kind::Uuid | Kind::Text | Kind::Time | Kind::Json => "TEXT",
        };
        let key = if column.name == table.key { " PRIMARY KEY" } else { "" };
        let required = if column.required && key.is_empty() {
            " NOT NULL"
        } else {
            ""
        };
        format!("{} {kind}{key}{required}", column.name)
    });
    let up = table
        .relations
        .iter()
        .filter(|relation| !relation.many)
        .map(|relation| {
            let (column, other) = (relation.column, relation.table.stored);
            format!("FOREIGN KEY ({column}) REFERENCES {other} ({column}) ON DELETE CASCADE")
        });
    let parts: Vec<String> = columns.chain(up).collect();
    format!(
        "CREATE TABLE IF NOT EXISTS {} ({}) STRICT;\n",
        table.stored,
        parts.join(", ")
    )
}

static BACKEND_STORIES: Table = Table {
    name: "stories",
    stored: "backend_stories",
    key: "story_id",
    columns: &[
        required("story_id", Kind::Uuid, Default::RandomUuid),
        column("title", Kind::Text),
        column("prompt", Kind::Text),
        column("status", Kind::Text),
        column("user_id", Kind::Text),
        required("created_at", Kind::Time, Default::Now),
        column("updated_at", Kind::Time),
        column("story_metadata", Kind::Json),
        column("source", Kind::Text),
        column("updated_by", Kind::Text),
        column("cover_image_url", Kind::Text),
    ],
    relations: &[Relation {
        table: &BACKEND_SCENES,
        many: true,
        column: "story_id",
        constraint: "scenes_story_id_fkey",
    }],
};

static BACKEND_SCENES: Table = Table {
    name: "scenes",
    stored: "backend_scenes",
    key: "scene_id",
    columns: &[
        required("scene_id", Kind::Uuid, Default::RandomUuid),
        required("story_id", Kind::Uuid, Default::Null),
        column("sequence", Kind::Integer),
        column("title", Kind::Text),
        column("text", Kind::Text),
        column("image_prompt", Kind::Text),
        column("image_url", Kind::Text),
        column("audio_url", Kind::Text),
        required("created_at", Kind::Time, Default::Now),
    ],
    relations: &[Relation {
        table: &BACKEND_STORIES,
        many: false,
        column: "story_id",
        constraint: "scenes_story_id_fkey",
    }],
};

static GUIDE_STORIES: Table = Table {
    name: "stories",
    stored: "guide_stories",
    key: "id",
    columns: &[
        required("id", Kind::Uuid, Default::RandomUuid),
        column("title", Kind::Text),
        column("prompt", Kind::Text),
        column("scenes", Kind::Json),
        column("user_id", Kind::Text),
        required("created_at", Kind::Time, Default::Now),
        required("updated_at", Kind::Time, Default::Now),
    ],
    relations: &[],
};

static NUMBERED_STORIES: Table = Table {
    name: "stories",
    stored: "numbered_stories",
    key: "story_id",
    columns: &[
        required("story_id", Kind::BigInt, Default::Identity),
        column("title", Kind::Text),
        column("prompt", Kind::Text),
        column("status", Kind::Text),
        column("scenes", Kind::Json),
        column("story_metadata", Kind::Json),
        column("cover_image_url", Kind::Text),
        required("created_at", Kind::Time, Default::Now),
    ],
    relations: &[],
};

static TEXT_STORIES: Table = Table {
    name: "stories",
    stored: "text_stories",
    key: "id",
    columns: &[
        required("id", Kind::Text, Default::Null),
        column("title", Kind::Text),
        column("prompt", Kind::Text),
        column("status", Kind::Text),
        column("cover_image_url", Kind::Text),
        required("created_at", Kind::Time, Default::Now),
    ],
    relations: &[],
};

static LOOSE_SCENES: Table = Table {
    name: "scenes",
    stored: "loose_scenes",
    key: "id",
    columns: &[
        required("id", Kind::BigInt, Default::Identity),
        column("story_id", Kind::Text),
        column("scene_number", Kind::Integer),
        column("text", Kind::Text),
        column("image_prompt", Kind::Text),
        column("image_url", Kind::Text),
    ],
    relations: &[],
};

static COLUMN_STORIES: Table = Table {
    name: "stories",
    stored: "column_stories",
    key: "story_id",
    columns: &[
        required("story_id", Kind::Uuid, Default::RandomUuid),
        column("title", Kind::Text),
        column("prompt", Kind::Text),
        column("status", Kind::Text),
        column("scenes", Kind::Text),
        required("created_at", Kind::Time, Default::Now),
        column("updated_at", Kind::Time),
    ],
    relations: &[],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::store::Store;

    #[test]
    fn every_layout_is_one_that_the_database_takes() {
        let folder = tempfile::tempdir().unwrap();
        drop(Store::open(folder.path()).unwrap());
        let database = rusqlite::Connection::open(folder.path().join("project.sqlite3")).unwrap();
        for layout in [
            TableLayout::Usual,
            TableLayout::Backend,
            TableLayout::Guide,
            TableLayout::Numbered,
            TableLayout::Unrelated,
            TableLayout::PublicOnly,
            TableLayout::TextColumn,
        ] {
            database.execute_batch(&layout.sql()).unwrap();
            for table in layout.tables() {
                let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
                let read = format!("SELECT {} FROM {}", columns.join(", "), table.stored);
                database
                    .prepare(&read)
                    .unwrap_or_else(|error| panic!("{layout:?} {}: {error}", table.name));
            }
        }
    }
}
