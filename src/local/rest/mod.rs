//! `/rest/v1`: the part of PostgREST that stories and scenes need, over the same database as the storage API.
//!
//! Reading with columns, aliases, embedded tables, filters, order, pages and exact counts; inserting, changing, upserting and
//! deleting, with the changed rows on request; errors with Postgres' codes. As in a fresh Supabase project, row level
//! security is on and has no policies: only the service key sees and writes rows, unless the server was started with the
//! policy for editors.
//!
//! - [`schema`], [`tables`]: what tables are and which there are; the only source of names in SQL
//! - [`query`], [`select`], [`filter`]: the grammar
//! - [`sql`]: from a query to a statement
//! - [`mod@write`]: inserts, changes and deletes
//!
//! Conditions reach into JSON (`scenes->0->>image_url=eq.…`) and ask whether an embedded table has rows (`scenes=is.null`).
//!
//! Not served: functions (`/rpc`), full-text search, ranges and arrays, JSON paths in what is read, aggregates, `PUT`.

mod error;
mod filter;
#[doc(hidden)]
pub mod fuzzing;
mod query;
mod schema;
mod select;
mod sql;
mod tables;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, RawQuery, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value, json};

use super::access::{self, Role, bearer};
use super::jwt::Leeway;
use super::reply::json as reply;
use super::server::App;
use error::RestError;
use query::{Preferences, Query, Return};
use schema::{Default, Kind, Table};
use sql::Statement;
pub use tables::TableLayout;

/// Where the rest API lives.
pub(super) const PREFIX: &str = "/rest/v1";

/// Bodies above this are refused.
const BODY_LIMIT: usize = 32 * 1024 * 1024;
const CONTENT_RANGE: HeaderName = HeaderName::from_static("content-range");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The routes below [`PREFIX`].
pub(super) fn router() -> Router<Arc<App>> {
    let table = MethodRouter::new()
        .get(read)
        .post(insert)
        .patch(update)
        .delete(delete)
        .fallback(no_method);
    Router::new()
        .route("/", get(description))
        .route("/{table}", table)
        .fallback(no_path)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

/// The route at `/rest/v1/`, where clients look for the description; nested routes do not match the slash.
pub(super) fn root() -> MethodRouter<Arc<App>> {
    get(description)
}

/// Who calls. The gateway in front of a real project wants a key in any case; the database then goes by the token.
struct Caller(access::Caller);

/// What the gateway says to a request without a key.
struct NoKey;

impl IntoResponse for NoKey {
    fn into_response(self) -> Response {
        let body = json!({
            "message": "No API key found in request",
            "hint": "No `apikey` request header or url param was found.",
        });
        reply(StatusCode::UNAUTHORIZED, &body)
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let key = parts.headers.get("apikey").and_then(|value| value.to_str().ok());
        let token = bearer(&parts.headers).or(key).ok_or_else(|| NoKey.into_response())?;
        access::Caller::from_token(app, token, Leeway::POSTGREST)
            .map(Self)
            .map_err(|error| RestError::jwt(error).into_response())
    }
}

impl Caller {
    fn may_insert(&self, table: &Table) -> Result<(), RestError> {
        if self.0.works_on_stories() {
            return Ok(());
        }
        let signed_in = self.0.role() == Role::Authenticated;
        Err(RestError::row_level_security(table.name, signed_in))
    }
}

/// Everything that a call on a table has in common.
struct Call {
    table: &'static Table,
    query: Query,
    preferences: Preferences,
}

impl Call {
    fn read(app: &App, table: &str, query: Option<&str>, headers: &HeaderMap) -> Result<Self, RestError> {
        // The one is for reading, the other for changes; clients send the one that is meant.
        let schema = ["accept-profile", "content-profile"].map(|name| headers.get(name));
        let schema = schema.into_iter().flatten().filter_map(|name| name.to_str().ok());
        if let Some(other) = schema.into_iter().find(|name| *name != "public") {
            return Err(RestError::no_schema(other));
        }
        let table = Table::find_in(app.tables.tables(), table)?;
        Ok(Self {
            table,
            query: Query::parse(table, query.unwrap_or_default())?,
            preferences: Preferences::read(headers),
        })
    }
}

type Answer = Result<Response, RestError>;

async fn read(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(table): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let mut call = Call::read(&app, &table, query.as_deref(), &headers)?;
    call.query.apply_range(&headers);
    let (offset, wants_count) = (call.query.scope.offset, call.preferences.count);
    let preferences = std::mem::take(&mut call.preferences);
    let (rows, total) = if caller.0.works_on_stories() {
        app.store
            .read(move |connection| page(connection, &call, wants_count))
            .await?
    } else {
        (Vec::new(), wants_count.then_some(0))
    };
    if let Some(total) = total
        && offset > 0
        && offset >= total
    {
        return Err(RestError::range(offset, total));
    }
    let count = rows.len() as u64;
    let status = match total {
        Some(total) if count < total => StatusCode::PARTIAL_CONTENT,
        _ => StatusCode::OK,
    };
    let range = content_range(offset, count, total);
    answer(status, &preferences, Some(rows), &range)
}

/// The rows, and the total if it is wanted: from one moment, since a read transaction sees one state.
fn page(connection: &Connection, call: &Call, count: bool) -> Result<(Vec<String>, Option<u64>), RestError> {
    let snapshot = connection.unchecked_transaction()?;
    let rows = run(&snapshot, &Statement::select(call.table, &call.query))?;
    let total = if count {
        let statement = Statement::count(call.table, &call.query);
        let mut prepared = snapshot.prepare(&statement.text)?;
        let total: i64 = prepared.query_row(params_from_iter(statement.values), |row| row.get(0))?;
        Some(u64::try_from(total).unwrap_or_default())
    } else {
        None
    };
    Ok((rows, total))
}

/// Runs a statement whose rows are one text.
fn run(connection: &Connection, statement: &Statement) -> Result<Vec<String>, RestError> {
    let mut prepared = connection.prepare(&statement.text)?;
    let rows = prepared.query_map(params_from_iter(&statement.values), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

async fn insert(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(table): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let mut call = Call::read(&app, &table, query.as_deref(), &headers)?;
    let plan = write::Insert::read(call.table, &call.query, &call.preferences, &body)?;
    caller.may_insert(call.table)?;
    let preferences = std::mem::take(&mut call.preferences);
    let single = single_row(&preferences);
    let wants_rows = preferences.returning == Return::Representation;
    let done = app
        .store
        .write(move |transaction| {
            let inserted = plan.run(transaction)?;
            let rows = represent(transaction, &call, wants_rows, single, &inserted.keys)?;
            let location = match inserted.keys.as_slice() {
                [key] => Some(format!("/{}?{}=eq.{key}", call.table.name, call.table.key)),
                _ => None,
            };
            Ok::<_, RestError>((rows, inserted.created, location, inserted.keys.len()))
        })
        .await;
    let (rows, created, location, count) = done?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let range = content_range(0, 0, preferences.count.then_some(count as u64));
    let mut response = answer(status, &preferences, rows, &range)?;
    if preferences.returning == Return::HeadersOnly
        && let Some(location) = location.and_then(|location| HeaderValue::from_str(&location).ok())
    {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

async fn update(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(table): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let call = Call::read(&app, &table, query.as_deref(), &headers)?;
    let plan = write::Update::read(call.table, &body)?;
    change(app, caller, call, "UPDATE", move |transaction, keys| {
        plan.run(transaction, keys)
    })
    .await
}

async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(table): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let call = Call::read(&app, &table, query.as_deref(), &headers)?;
    let table = call.table;
    change(app, caller, call, "DELETE", move |transaction, keys| {
        write::delete(transaction, table, keys)
    })
    .await
}

/// Changes the rows that the filters leave. Rows that the caller may not see are left alone, silently, as row level
/// security does. `work` returns the keys that the rows have afterwards; a deleted row is shown as it was.
async fn change(
    app: Arc<App>,
    caller: Caller,
    mut call: Call,
    verb: &'static str,
    work: impl FnOnce(&rusqlite::Transaction<'_>, &[String]) -> Result<Vec<String>, RestError> + Send + 'static,
) -> Answer {
    if call.query.scope.filters.is_empty() {
        return Err(RestError::no_filter(verb));
    }
    let preferences = std::mem::take(&mut call.preferences);
    let wants_rows = preferences.returning == Return::Representation;
    let (single, most) = (single_row(&preferences), preferences.max_affected);
    let (rows, count) = if caller.0.works_on_stories() {
        app.store
            .write(move |transaction| {
                let keys = run(transaction, &Statement::keys(call.table, &call.query))?;
                if most.is_some_and(|most| keys.len() > most) {
                    return Err(RestError::too_many_affected(keys.len()));
                }
                if verb == "DELETE" {
                    let rows = represent(transaction, &call, wants_rows, single, &keys)?;
                    work(transaction, &keys)?;
                    return Ok((rows, keys.len()));
                }
                let keys = work(transaction, &keys)?;
                represent(transaction, &call, wants_rows, single, &keys).map(|rows| (rows, keys.len()))
            })
            .await?
    } else {
        (wants_rows.then(Vec::new), 0)
    };
    let status = if rows.is_some() {
        StatusCode::OK
    } else {
        StatusCode::NO_CONTENT
    };
    // PostgREST names the rows of an update, and those of a delete not.
    let (shown, count) = (if verb == "DELETE" { 0 } else { count as u64 }, count as u64);
    let range = content_range(0, shown, preferences.count.then_some(count));
    answer(status, &preferences, rows, &range)
}

fn single_row(preferences: &Preferences) -> bool {
    preferences.single && preferences.returning == Return::Representation
}

/// The rows with these keys, if they are wanted. Inside the transaction, so that "not one row" undoes the change.
fn represent(
    connection: &Connection,
    call: &Call,
    wanted: bool,
    single: bool,
    keys: &[String],
) -> Result<Option<Vec<String>>, RestError> {
    if single && keys.len() != 1 {
        return Err(RestError::not_one_row(keys.len()));
    }
    if !wanted {
        return Ok(None);
    }
    run(connection, &Statement::by_keys(call.table, &call.query, keys.to_vec())).map(Some)
}

/// An answer with rows that are JSON already, or without any.
fn answer(status: StatusCode, preferences: &Preferences, rows: Option<Vec<String>>, range: &str) -> Answer {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Ok(range) = HeaderValue::from_str(range) {
        headers.insert(CONTENT_RANGE, range);
    }
    if let Ok(applied) = HeaderValue::from_str(&preferences.applied.join(", "))
        && !applied.is_empty()
    {
        headers.insert(PREFERENCE_APPLIED, applied);
    }
    let Some(rows) = rows else {
        return Ok(response);
    };
    let (content_type, text) = if preferences.single {
        let [row] = <[String; 1]>::try_from(rows).map_err(|rows| RestError::not_one_row(rows.len()))?;
        ("application/vnd.pgrst.object+json; charset=utf-8", row)
    } else {
        ("application/json; charset=utf-8", format!("[{}]", rows.join(",\n ")))
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    *response.body_mut() = Body::from(text);
    Ok(response)
}

/// `0-24/3573`
fn content_range(offset: u64, count: u64, total: Option<u64>) -> String {
    let total = total.map_or_else(|| "*".to_owned(), |total| total.to_string());
    if count == 0 {
        format!("*/{total}")
    } else {
        format!("{offset}-{}/{total}", offset + count - 1)
    }
}

async fn no_method(method: Method) -> RestError {
    RestError::method(method.as_str())
}

async fn no_path(uri: Uri) -> RestError {
    RestError::no_table(uri.path().trim_start_matches('/'), None)
}

/// What tables there are: as much of PostgREST's OpenAPI document as tells tables and columns.
async fn description(State(app): State<Arc<App>>, _: Caller) -> Response {
    let mut definitions = Map::new();
    for table in app.tables.tables() {
        let mut properties = Map::new();
        for column in table.columns {
            let json_type = match column.kind {
                Kind::Uuid | Kind::Text | Kind::Time => "string",
                Kind::Integer | Kind::BigInt => "integer",
                Kind::Boolean => "boolean",
                Kind::Json => "object",
            };
            let property = json!({ "format": column.kind.name(), "type": json_type });
            properties.insert(column.name.to_owned(), property);
        }
        let is_required = |column: &&schema::Column| column.required && matches!(column.default, Default::Null);
        let required: Vec<_> = table.columns.iter().filter(is_required).map(|c| c.name).collect();
        let definition = json!({ "type": "object", "required": required, "properties": Value::Object(properties) });
        definitions.insert(table.name.to_owned(), definition);
    }
    let body = json!({
        "swagger": "2.0",
        "info": { "title": "StoryMimi local workspace", "version": env!("CARGO_PKG_VERSION") },
        "basePath": "/",
        "definitions": Value::Object(definitions),
    });
    reply(StatusCode::OK, &body)
}
