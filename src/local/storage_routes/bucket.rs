//! `/bucket`.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::StorageError;
use super::request::{Caller, Fields, JsonBody, Target};
use crate::local::names;
use crate::local::reply::{iso, message, ok};
use crate::local::server::App;
use crate::local::store::StoreError;
use crate::local::store::bucket::{Bucket, BucketChange, BucketOrder, BucketQuery};

type Answer = Result<Response, StorageError>;

/// Longest entry in a list of MIME types.
const MIME_TYPE_LENGTH: usize = 1000;

/// `POST /bucket`
pub async fn create(State(app): State<Arc<App>>, caller: Caller, JsonBody(fields): JsonBody) -> Answer {
    let name = fields.required_text("name")?;
    let id = fields.text("id")?.unwrap_or_else(|| name.clone());
    let public = fields.boolean("public")?.unwrap_or(false);
    let limit = size_limit(&fields)?.flatten();
    if !names::is_bucket_name(&name) || !names::is_bucket_name(&id) {
        return Err(StorageError::invalid_bucket_name());
    }
    check_limit(&app, limit)?;
    let types = mime_types(&fields)?.flatten();
    if !caller.is_service() {
        return Err(StorageError::row_level_security());
    }
    let bucket = Bucket {
        id,
        name: name.clone(),
        owner: String::new(),
        public,
        file_size_limit: limit,
        allowed_mime_types: types,
        created_at: 0,
        updated_at: 0,
    };
    app.store.create_bucket(bucket).await?;
    Ok(ok(&json!({ "name": name })))
}

/// The query of `GET /bucket`, as texts: they are checked in the words of the real server's schema.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListParams {
    limit: Option<String>,
    offset: Option<String>,
    sort_column: Option<String>,
    sort_order: Option<String>,
    search: Option<String>,
}

/// `GET /bucket`
pub async fn list(State(app): State<Arc<App>>, caller: Caller, Query(params): Query<ListParams>) -> Answer {
    let query = BucketQuery {
        search: params.search.filter(|search| !search.is_empty()),
        order: match params.sort_column.as_deref() {
            None => BucketOrder::Created,
            Some("id") => BucketOrder::Id,
            Some("name") => BucketOrder::Name,
            Some("created_at") => BucketOrder::Created,
            Some("updated_at") => BucketOrder::Updated,
            Some(_) => return Err(not_allowed("sortColumn")),
        },
        descending: match params.sort_order.as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(not_allowed("sortOrder")),
        },
        limit: integer("limit", params.limit.as_deref(), 1)?,
        offset: integer("offset", params.offset.as_deref(), 0)?.unwrap_or(0),
    };
    let page = (query.offset, query.limit);
    // What cannot be seen must not count for the page: then all are read, and the page is cut here.
    let (query, page) = if caller.is_service() {
        (query, None)
    } else {
        let all = BucketQuery {
            limit: None,
            offset: 0,
            ..query
        };
        (all, Some(page))
    };
    let mut buckets = app.store.buckets(query).await?;
    if let Some((offset, limit)) = page {
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        buckets.retain(|bucket| caller.sees(&bucket.id));
        buckets.drain(..number(offset).min(buckets.len()));
        buckets.truncate(limit.map_or(usize::MAX, number));
    }
    let rows: Vec<Value> = buckets.iter().map(|bucket| row(bucket, true)).collect();
    Ok(ok(&rows))
}

/// `GET /bucket/{id}`
pub async fn get(State(app): State<Arc<App>>, caller: Caller, target: Target) -> Answer {
    let bucket = visible(&app, &caller, &target.bucket).await?;
    Ok(ok(&row(&bucket, false)))
}

/// `PUT /bucket/{id}`
pub async fn update(State(app): State<Arc<App>>, caller: Caller, target: Target, JsonBody(fields): JsonBody) -> Answer {
    if fields.is_empty() {
        return Err(StorageError::schema("body must NOT have fewer than 1 properties"));
    }
    let change = BucketChange {
        public: fields.boolean("public")?,
        file_size_limit: size_limit(&fields)?,
        allowed_mime_types: mime_types(&fields)?,
    };
    check_limit(&app, change.file_size_limit.flatten())?;
    if !caller.is_service() {
        return Err(StorageError::no_such_bucket());
    }
    app.store.update_bucket(&target.bucket, change).await?;
    Ok(message("Successfully updated"))
}

/// `DELETE /bucket/{id}`
pub async fn delete(State(app): State<Arc<App>>, caller: Caller, target: Target) -> Answer {
    if !caller.is_service() {
        // The real server counts the objects before row level security has a say.
        if app.store.bucket_has_objects(&target.bucket).await? {
            return Err(StoreError::BucketNotEmpty.into());
        }
        return Err(StorageError::no_such_bucket());
    }
    app.store.delete_bucket(&target.bucket).await?;
    Ok(message("Successfully deleted"))
}

/// `POST /bucket/{id}/empty`. The real server queues the work and says so; here it is done when the answer comes.
pub async fn empty(State(app): State<Arc<App>>, caller: Caller, target: Target) -> Answer {
    if !caller.is_service() {
        return Err(StorageError::role_required());
    }
    app.store.empty_bucket(&target.bucket).await?;
    Ok(message(
        "Empty bucket has been queued. Completion may take up to an hour.",
    ))
}

/// A bucket, if the caller may see it. Others learn nothing, not even whether there is one.
async fn visible(app: &App, caller: &Caller, id: &str) -> Result<Bucket, StorageError> {
    if !caller.sees(id) {
        return Err(StorageError::no_such_bucket());
    }
    Ok(app.store.bucket(id).await?)
}

/// A bucket's row. Only lists name its type.
fn row(bucket: &Bucket, with_type: bool) -> Value {
    let mut row = json!({
        "id": bucket.id,
        "name": bucket.name,
        "owner": bucket.owner,
        "public": bucket.public,
    });
    if with_type {
        row["type"] = json!("STANDARD");
    }
    row["file_size_limit"] = json!(bucket.file_size_limit);
    row["allowed_mime_types"] = json!(bucket.allowed_mime_types);
    row["created_at"] = json!(iso(bucket.created_at));
    row["updated_at"] = json!(iso(bucket.updated_at));
    row
}

fn not_allowed(parameter: &str) -> StorageError {
    StorageError::schema(format!(
        "querystring/{parameter} must be equal to one of the allowed values"
    ))
}

fn integer(name: &str, text: Option<&str>, least: u64) -> Result<Option<u64>, StorageError> {
    let Some(text) = text else { return Ok(None) };
    let number: i64 = text
        .parse()
        .map_err(|_| StorageError::schema(format!("querystring/{name} must be integer")))?;
    match u64::try_from(number) {
        Ok(value) if value >= least => Ok(Some(value)),
        _ => Err(StorageError::schema(format!("querystring/{name} must be >= {least}"))),
    }
}

fn check_limit(app: &App, limit: Option<u64>) -> Result<(), StorageError> {
    if limit.is_some_and(|limit| limit > app.resumable_limit) {
        return Err(StorageError::too_large());
    }
    Ok(())
}

/// `file_size_limit`: bytes, a text such as `100MB` (decimal units), or null for none. Zero means none, too.
fn size_limit(fields: &Fields) -> Result<Option<Option<u64>>, StorageError> {
    let limit = match fields.get("file_size_limit") {
        None => return Ok(None),
        Some(Value::Null) => None,
        Some(Value::Number(number)) => Some(number.as_u64()),
        Some(Value::String(text)) => Some(parse_size(text)),
        Some(_) => Some(None),
    };
    match limit {
        None | Some(Some(0)) => Ok(Some(None)),
        Some(Some(limit)) => Ok(Some(Some(limit))),
        Some(None) => Err(StorageError::schema(concat!(
            "body/file_size_limit must be integer, ",
            "body/file_size_limit must pass \"finite\" keyword validation, ",
            "body/file_size_limit must match pattern ",
            "\"^[0-9]+(?:\\.[0-9]+)?(?:[gG][bB]|[mM][bB]|[kK][bB]|[bB])$\", ",
            "body/file_size_limit must match a schema in anyOf",
        ))),
    }
}

/// `1KB` is 1000 bytes.
fn parse_size(text: &str) -> Option<u64> {
    let number_ends = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(number_ends);
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" => return number.parse().ok(),
        "b" => 1_f64,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        _ => return None,
    };
    let amount: f64 = number.parse().ok().filter(|_| !number.starts_with('.'))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and a size beyond 2^64 saturates"
    )]
    let bytes = (amount * factor).floor() as u64;
    Some(bytes)
}

/// `allowed_mime_types`: a list of `kind/type`, or entries ending in `*`; null or an empty list allows all.
fn mime_types(fields: &Fields) -> Result<Option<Option<Vec<String>>>, StorageError> {
    let items = match fields.get("allowed_mime_types") {
        None => return Ok(None),
        Some(Value::Null) => return Ok(Some(None)),
        Some(Value::Array(items)) => items,
        Some(_) => {
            return Err(StorageError::schema("body/allowed_mime_types must be array"));
        }
    };
    let mut types = Vec::new();
    for item in items {
        let Some(entry) = item.as_str() else {
            return Err(StorageError::schema("body/allowed_mime_types/0 must be string"));
        };
        let is_type = entry
            .split_once('/')
            .is_some_and(|(kind, sub)| !kind.is_empty() && !sub.is_empty());
        if entry.len() > MIME_TYPE_LENGTH || !(is_type || entry.ends_with('*')) {
            return Err(StorageError::invalid_mime_type(entry));
        }
        types.push(entry.to_owned());
    }
    Ok(Some(Some(types)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal() {
        assert_eq!(parse_size("1KB"), Some(1000));
        assert_eq!(parse_size("1.5mb"), Some(1_500_000));
        assert_eq!(parse_size("20"), Some(20));
        for bad in ["five", "", "KB", "1.2.3MB", "-1MB", "1 MB", ".5MB", "1TB"] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
    }
}
