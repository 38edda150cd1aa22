//! The tables that the rest API serves, and how their values come in. Names in SQL come from here alone.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::Date};
use rusqlite::types::Value as Sql;
use serde_json::Value as Json;
use uuid::Uuid;

use super::error::RestError;
use crate::local::jsonb;

/// The Postgres type of a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `uuid`
    Uuid,
    /// `text`
    Text,
    /// `integer`
    Integer,
    /// `timestamp with time zone`
    Time,
    /// `jsonb`
    Json,
}

/// What a column holds if an insert leaves it out.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// Null.
    Null,
    /// `gen_random_uuid()`
    RandomUuid,
    /// `now()`
    Now,
    /// A text.
    Text(&'static str),
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Its name, safe to stand in SQL.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// `NOT NULL`
    pub required: bool,
    /// For inserts.
    pub default: Default,
}

/// How one table can be embedded in another.
#[derive(Debug)]
pub struct Relation {
    /// The other table.
    pub table: &'static Table,
    /// Whether there are many rows of it, or at most one.
    pub many: bool,
    /// The column of the same name in both tables that joins them.
    pub column: &'static str,
    /// The foreign key's name, which may stand as a hint.
    pub constraint: &'static str,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Its name, safe to stand in SQL.
    pub name: &'static str,
    /// Its primary key.
    pub key: &'static str,
    /// All columns, in order.
    pub columns: &'static [Column],
    /// What can be embedded.
    pub relations: &'static [Relation],
}

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
    ],
    relations: &[Relation {
        table: &SCENES,
        many: true,
        column: "story_id",
        constraint: "scenes_story_id_fkey",
    }],
};

static SCENES: Table = Table {
    name: "scenes",
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

/// All tables.
pub static TABLES: [&Table; 2] = [&STORIES, &SCENES];

impl Table {
    /// The table of this name.
    ///
    /// # Errors
    /// PGRST205, naming a table that begins alike if there is one.
    pub fn find(name: &str) -> Result<&'static Self, RestError> {
        TABLES.into_iter().find(|table| table.name == name).ok_or_else(|| {
            let begins_alike = |table: &&Self| name.get(..2).is_some_and(|start| table.name.starts_with(start));
            let near = TABLES.into_iter().find(begins_alike).map(|table| table.name);
            RestError::no_table(name, near)
        })
    }

    /// The column of this name, for a query.
    ///
    /// # Errors
    /// 42703
    pub fn column(&self, name: &str) -> Result<&'static Column, RestError> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .ok_or_else(|| RestError::no_column(self.name, name))
    }
}

impl Column {
    /// A value of this column from the text of a filter.
    ///
    /// # Errors
    /// 22P02 and its like if the text is no value of the type.
    pub fn parse(&self, text: &str) -> Result<Sql, RestError> {
        if text.contains('\0') {
            return Err(RestError::nul());
        }
        Ok(match self.kind {
            Kind::Text => Sql::Text(text.to_owned()),
            Kind::Uuid => match Uuid::try_parse(text.trim()) {
                Ok(id) => Sql::Text(id.to_string()),
                Err(_) => return Err(RestError::not_a_value("uuid", text)),
            },
            Kind::Integer => Sql::Integer(parse_integer(text)?),
            Kind::Time => Sql::Text(parse_time(text)?),
            Kind::Json => match serde_json::from_str(text) {
                Ok(value) => Sql::Text(jsonb::normal(value).to_string()),
                Err(_) => return Err(RestError::not_a_value("json", text)),
            },
        })
    }

    /// A value of this column from a body.
    ///
    /// # Errors
    /// As [`Column::parse`].
    pub fn read_json(&self, value: &Json) -> Result<Sql, RestError> {
        match (self.kind, value) {
            (_, Json::Null) => Ok(Sql::Null),
            (Kind::Json, value) => {
                let text = jsonb::normal(value.clone()).to_string();
                if text.contains("\\u0000") {
                    return Err(RestError::nul());
                }
                Ok(Sql::Text(text))
            }
            (_, Json::String(text)) => self.parse(text),
            // Other values are cast through their text, as Postgres' json_populate_recordset does.
            (_, other) => self.parse(&other.to_string()),
        }
    }

    /// What an insert without this column stores.
    #[must_use]
    pub fn default_value(&self, now: &str) -> Sql {
        match self.default {
            Default::Null => Sql::Null,
            Default::RandomUuid => Sql::Text(Uuid::new_v4().to_string()),
            Default::Now => Sql::Text(now.to_owned()),
            Default::Text(text) => Sql::Text(text.to_owned()),
        }
    }
}

fn parse_integer(text: &str) -> Result<i64, RestError> {
    let digits = text.trim();
    match digits.parse::<i32>() {
        Ok(number) => Ok(number.into()),
        Err(error) => match error.kind() {
            std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => {
                Err(RestError::out_of_range(digits))
            }
            _ => Err(RestError::not_a_value("integer", text)),
        },
    }
}

/// Times with an offset; times and dates without one are in UTC, as in Supabase's databases.
fn parse_time(text: &str) -> Result<String, RestError> {
    let text = text.trim();
    let utc = |date_time: DateTime| TimeZone::UTC.to_timestamp(date_time).ok();
    let time = match text {
        "now" => Some(Timestamp::now()),
        _ => (text.parse::<Timestamp>().ok())
            .or_else(|| utc(text.parse::<DateTime>().ok()?))
            .or_else(|| utc(text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight()))),
    };
    // Four digits of a year: all texts have one width.
    time.filter(|time| time.as_second() >= -62_135_596_800)
        .map(format_time)
        .ok_or_else(|| RestError::not_a_time(text))
}

/// The text that a time is kept as: of one width, so that it sorts, with microseconds and an offset of zero.
#[must_use]
pub fn format_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_of_all_forms_are_kept_in_one() {
        for text in [
            "2026-01-31T12:00:00Z",
            "2026-01-31T13:00:00+01:00",
            "2026-01-31 12:00:00+00",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00:00.000000+00:00",
        ] {
            assert_eq!(parse_time(text).unwrap(), "2026-01-31T12:00:00.000000+00:00", "{text}");
        }
        assert_eq!(parse_time("2026-01-31").unwrap(), "2026-01-31T00:00:00.000000+00:00");
        for bad in ["", "yesterday", "2026-13-01", "-5000-01-01", "12:00"] {
            assert_eq!(parse_time(bad).unwrap_err().code(), "22007", "{bad}");
        }
    }

    #[test]
    fn values_are_of_their_type_or_refused_with_postgres_code() {
        let column = |name| SCENES.column(name).unwrap();
        assert_eq!(column("sequence").parse("x").unwrap_err().code(), "22P02");
        assert_eq!(column("sequence").parse("99999999999").unwrap_err().code(), "22003");
        assert_eq!(column("sequence").read_json(&json!(1.5)).unwrap_err().code(), "22P02");
        assert_eq!(column("scene_id").parse("x").unwrap_err().code(), "22P02");
        assert_eq!(column("text").parse("a\0b").unwrap_err().code(), "22P05");
        assert_eq!(column("text").read_json(&json!(5)).unwrap(), Sql::Text("5".into()));
    }

    #[test]
    fn a_missing_table_is_told_with_a_near_one() {
        assert_eq!(Table::find("story").unwrap_err().code(), "PGRST205");
        assert!(Table::find("é").is_err());
    }
}
