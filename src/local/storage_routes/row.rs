//! Rows of objects as JSON, in the forms that the routes answer with.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::local::reply::iso;
use crate::local::store::object::Object;

/// What the server knows of the bytes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata<'a> {
    e_tag: &'a str,
    size: u64,
    mimetype: &'a str,
    cache_control: &'a str,
    last_modified: String,
    content_length: u64,
    http_status_code: u16,
}

/// What the server knows of the bytes.
pub fn metadata(object: &Object) -> Metadata<'_> {
    Metadata {
        e_tag: &object.etag,
        size: object.size,
        mimetype: &object.mimetype,
        cache_control: &object.cache_control,
        last_modified: iso(object.last_modified),
        content_length: object.size,
        http_status_code: 200,
    }
}

/// What the client keeps with the object, `null` if it never did.
pub fn user_metadata(object: &Object) -> Value {
    object
        .user_metadata
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or(Value::Null)
}

/// The whole row, as removing and copying answer with.
pub fn full(object: &Object) -> Map<String, Value> {
    let fields = [
        ("name", json!(object.name)),
        ("bucket_id", json!(object.bucket_id)),
        ("owner", json!(object.owner)),
        ("owner_id", json!(object.owner)),
        ("version", json!(object.version)),
        ("id", json!(object.id)),
        ("updated_at", json!(iso(object.updated_at))),
        ("created_at", json!(iso(object.created_at))),
        ("last_accessed_at", json!(iso(object.last_accessed_at))),
        ("metadata", json!(metadata(object))),
        ("user_metadata", user_metadata(object)),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
