//! Errors as PostgREST writes them: `{code, details, hint, message}`, with Postgres' own codes where the database refuses.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::schema::Table;
use crate::local::jwt::JwtError;
use crate::local::reply::json;
use crate::local::store::StoreError;

/// An error of the rest API.
#[derive(Debug)]
pub struct RestError {
    status: StatusCode,
    body: Box<Body>,
}

#[derive(Debug, Serialize)]
struct Body {
    code: &'static str,
    details: Option<String>,
    hint: Option<String>,
    message: String,
}

impl RestError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let body = Body {
            code,
            details: None,
            hint: None,
            message: message.into(),
        };
        Self {
            status,
            body: Box::new(body),
        }
    }

    fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    fn details(mut self, details: impl Into<String>) -> Self {
        self.body.details = Some(details.into());
        self
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.body.hint = Some(hint.into());
        self
    }

    /// The database's code, or PostgREST's.
    #[cfg(test)]
    pub fn code(&self) -> &'static str {
        self.body.code
    }

    /// A token that does not verify.
    pub fn jwt(cause: JwtError) -> Self {
        let unauthorized = |message: &str| Self::new(StatusCode::UNAUTHORIZED, "PGRST301", message);
        match cause {
            JwtError::NotYet => unauthorized("JWT not yet valid"),
            JwtError::Expired => unauthorized("JWT expired"),
            JwtError::Malformed | JwtError::BadSignature => {
                unauthorized("No suitable key or wrong key type").details("None of the keys was able to decode the JWT")
            }
        }
    }

    /// A part of the query that cannot be read.
    pub fn parse(what: &str, text: &str, expected: &str) -> Self {
        Self::bad_request(
            "PGRST100",
            format!("\"failed to parse {what} ({text})\" (line 1, column 1)"),
        )
        .details(format!("expecting {expected}"))
    }

    /// A body that is no JSON, or not of rows.
    pub fn body(message: impl Into<String>) -> Self {
        Self::bad_request("PGRST102", message)
    }

    /// A range that lies behind the last row.
    pub fn range(offset: u64, total: u64) -> Self {
        Self::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "PGRST103",
            "Requested range not satisfiable",
        )
        .details(format!(
            "An offset of {offset} was requested, but there are only {total} rows."
        ))
    }

    /// One row was asked for, and there are not one.
    pub fn not_one_row(rows: usize) -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            "PGRST116",
            "Cannot coerce the result to a single JSON object",
        )
        .details(format!("The result contains {rows} rows"))
    }

    /// A method that tables do not have here.
    pub fn method(method: &str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "PGRST117",
            format!("Unsupported HTTP method: {method}"),
        )
    }

    /// More rows would change than `max-affected` allows.
    pub fn too_many_affected(rows: usize) -> Self {
        Self::bad_request("PGRST124", "Query result exceeds max-affected preference constraint")
            .details(format!("The query affects {rows} rows"))
    }

    /// An embedded table that has nothing to do with the outer one.
    pub fn no_relationship(table: &str, other: &str) -> Self {
        Self::bad_request(
            "PGRST200",
            format!("Could not find a relationship between '{table}' and '{other}' in the schema cache"),
        )
        .details(format!(
            "Searched for a foreign key relationship between '{table}' and '{other}' in the schema 'public', \
             but no matches were found."
        ))
    }

    /// A column of the body that the table does not have.
    pub fn no_body_column(table: &str, column: &str) -> Self {
        Self::bad_request(
            "PGRST204",
            format!("Could not find the '{column}' column of '{table}' in the schema cache"),
        )
    }

    /// A table that is not there; `near` is one that may be meant.
    pub fn no_table(table: &str, near: Option<&str>) -> Self {
        let error = Self::new(
            StatusCode::NOT_FOUND,
            "PGRST205",
            format!("Could not find the table 'public.{table}' in the schema cache"),
        );
        match near {
            Some(near) => error.hint(format!("Perhaps you meant the table 'public.{near}'")),
            None => error,
        }
    }

    /// A schema that is not exposed. As in a fresh Supabase project, only `public` holds tables.
    pub fn no_schema(schema: &str) -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            "PGRST106",
            format!("Invalid schema: {schema}"),
        )
        .hint("Only the following schemas are exposed: public, graphql_public".to_owned())
    }

    /// A column of the query that the table does not have.
    pub fn no_column(table: &str, column: &str) -> Self {
        Self::bad_request("42703", format!("column {table}.{column} does not exist"))
    }

    /// Values that cannot be compared in this way.
    pub fn no_operator(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "42883",
            format!("operator does not exist: {what}"),
        )
        .hint("No operator matches the given name and argument types. You might need to add explicit type casts.")
    }

    /// A condition on an embedded table that is none on whether it has rows.
    pub fn only_null_of_embedded(name: &str) -> Self {
        Self::bad_request("PGRST120", "Bad operator on an embedded resource").details(format!(
            "Only is null or not is null filters are allowed on the embedded resource '{name}'"
        ))
    }

    /// A text that is no value of the type.
    pub fn not_a_value(kind: &str, text: &str) -> Self {
        Self::bad_request("22P02", format!("invalid input syntax for type {kind}: \"{text}\""))
    }

    /// A text that is no time.
    pub fn not_a_time(text: &str) -> Self {
        Self::bad_request(
            "22007",
            format!("invalid input syntax for type timestamp with time zone: \"{text}\""),
        )
    }

    /// A number that is too large for the type.
    pub fn out_of_range(text: &str) -> Self {
        Self::bad_request("22003", format!("value \"{text}\" is out of range for type integer"))
    }

    /// A NUL in a text, which Postgres cannot keep.
    pub fn nul() -> Self {
        Self::bad_request("22P05", "unsupported Unicode escape sequence")
            .details("\\u0000 cannot be converted to text.")
    }

    /// Null where there must be a value.
    pub fn null_value(table: &str, column: &str) -> Self {
        Self::bad_request(
            "23502",
            format!("null value in column \"{column}\" of relation \"{table}\" violates not-null constraint"),
        )
    }

    /// A change of all rows at once, which Supabase's databases refuse.
    pub fn no_filter(verb: &str) -> Self {
        Self::bad_request("21000", format!("{verb} requires a WHERE clause"))
    }

    /// `on_conflict` names columns that are not unique together.
    pub fn no_unique_constraint() -> Self {
        Self::bad_request(
            "42P10",
            "there is no unique or exclusion constraint matching the ON CONFLICT specification",
        )
    }

    /// A row that the caller may not write: 401 for visitors, 403 for those who signed in.
    pub fn row_level_security(table: &str, signed_in: bool) -> Self {
        let status = if signed_in {
            StatusCode::FORBIDDEN
        } else {
            StatusCode::UNAUTHORIZED
        };
        Self::new(
            status,
            "42501",
            format!("new row violates row-level security policy for table \"{table}\""),
        )
    }

    /// What SQLite says of a changed row, in Postgres' words.
    pub fn constraint(error: rusqlite::Error, table: &Table, key: Option<&str>) -> Self {
        use rusqlite::ffi;
        let code = match &error {
            rusqlite::Error::SqliteFailure(failure, _) => failure.extended_code,
            _ => 0,
        };
        let conflict = |code, message: String| Self::new(StatusCode::CONFLICT, code, message);
        let name = table.name;
        match code {
            ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_UNIQUE => {
                let error = conflict(
                    "23505",
                    format!("duplicate key value violates unique constraint \"{name}_pkey\""),
                );
                match key {
                    Some(key) => error.details(format!("Key ({})=({key}) already exists.", table.key)),
                    None => error,
                }
            }
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => conflict(
                "23503",
                format!(
                    "insert or update on table \"{name}\" violates foreign key constraint \"scenes_story_id_fkey\""
                ),
            )
            .details("Key (story_id) is not present in table \"stories\"."),
            ffi::SQLITE_CONSTRAINT_CHECK => Self::bad_request(
                "23514",
                format!("new row for relation \"{name}\" violates check constraint \"{name}_status_check\""),
            ),
            _ => StoreError::from(error).into(),
        }
    }
}

impl From<StoreError> for RestError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        let code = match error {
            StoreError::DiskFull => "53100",
            _ => "XX000",
        };
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, error.to_string())
    }
}

impl From<rusqlite::Error> for RestError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl RestError {
    /// The body, for the fuzz targets.
    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::json!(*self.body)
    }
}

impl IntoResponse for RestError {
    fn into_response(self) -> Response {
        json(self.status, &self.body)
    }
}
