//! Listing objects: v1 by folder and offset, v2 by prefix and cursor.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::error::StorageError;
use super::request::{Caller, Fields, JsonBody, Target};
use super::row;
use crate::local::reply::{iso, ok};
use crate::local::server::App;
use crate::local::store::listing::{After, Entry, ListOrder, ListQuery};
use crate::local::store::object::Object;

type Answer = Result<Response, StorageError>;

/// Rows of a v1 listing if the request says nothing.
const V1_DEFAULT: u64 = 100;
/// Most rows of a v1 listing. The real server caps it there, too, and silently.
const V1_MOST: u64 = 1500;
/// Rows of a v2 listing if the request says nothing, and the most.
const V2_MOST: u64 = 1000;

/// `POST /object/list/{bucket}`: one folder, without regard to case. An unknown bucket lists as empty.
pub async fn v1(State(app): State<Arc<App>>, caller: Caller, target: Target, JsonBody(fields): JsonBody) -> Answer {
    let mut prefix = fields.text("prefix")?.ok_or_else(|| Fields::missing("prefix"))?;
    if !prefix.is_empty() && !prefix.ends_with('/') {
        prefix.push('/');
    }
    let search = fields.text("search")?.unwrap_or_default();
    let limit = fields.integer("limit", 1)?.unwrap_or(V1_DEFAULT);
    let offset = fields.integer("offset", 0)?.unwrap_or(0);
    let columns = ["name", "updated_at", "created_at", "last_accessed_at"];
    let sort = Sort::read(&fields, &columns)?.unwrap_or_default();
    if !caller.sees(&target.bucket) {
        return Ok(ok(&json!([])));
    }
    // A search is a prefix on its own level; names are told relative to that level.
    let full_prefix = format!("{prefix}{search}");
    let level = full_prefix.rfind('/').map_or(0, |slash| slash + 1);
    let query = ListQuery {
        bucket: target.bucket,
        prefix: full_prefix,
        folders: true,
        fold_case: true,
        order: sort.order,
        descending: sort.descending,
        after: None,
        offset,
        limit: usize::try_from(limit.min(V1_MOST)).unwrap_or_default(),
    };
    let rows: Vec<Value> = app
        .store
        .list(query)
        .await?
        .iter()
        .map(|entry| v1_row(entry, level))
        .collect();
    Ok(ok(&rows))
}

fn v1_row(entry: &Entry, level: usize) -> Value {
    let name = entry.path().get(level..).unwrap_or_default();
    match entry {
        Entry::Folder(_) => json!({
            "name": name.trim_end_matches('/'),
            "id": null,
            "updated_at": null,
            "created_at": null,
            "last_accessed_at": null,
            "metadata": null,
        }),
        Entry::Object(object) => json!({
            "name": name,
            "id": object.id,
            "updated_at": iso(object.updated_at),
            "created_at": iso(object.created_at),
            "last_accessed_at": iso(object.last_accessed_at),
            "metadata": row::metadata(object),
        }),
    }
}

/// `POST /object/list-v2/{bucket}`: everything below a prefix, or one level with `with_delimiter`.
pub async fn v2(State(app): State<Arc<App>>, caller: Caller, target: Target, JsonBody(fields): JsonBody) -> Answer {
    let prefix = fields.text("prefix")?.unwrap_or_default();
    let folders = fields.boolean("with_delimiter")?.unwrap_or(false);
    let limit = fields.integer("limit", 1)?.unwrap_or(V2_MOST).min(V2_MOST);
    let sort = Sort::read(&fields, &["name", "updated_at", "created_at"])?;
    let cursor = match fields.text("cursor")? {
        Some(cursor) => Some(Cursor::decode(&cursor)?),
        None => None,
    };
    if !caller.sees(&target.bucket) {
        return Ok(ok(&json!({ "hasNext": false, "folders": [], "objects": [] })));
    }
    // A cursor goes on as the listing began, whatever this request says.
    let sort = cursor.as_ref().map_or(sort, |cursor| cursor.sort);
    let effective = sort.unwrap_or_default();
    let limit = usize::try_from(limit).unwrap_or_default();
    let query = ListQuery {
        bucket: target.bucket,
        prefix: prefix.clone(),
        folders,
        fold_case: false,
        order: effective.order,
        descending: effective.descending,
        after: cursor.map(|cursor| cursor.after),
        offset: 0,
        limit: limit + 1,
    };
    let mut entries = app.store.list(query).await?;
    let has_next = entries.len() > limit;
    entries.truncate(limit);
    let (mut next_cursor, mut next_cursor_key) = (None, None);
    if has_next && let Some(last) = entries.last() {
        let time = match last {
            Entry::Object(object) if effective.order != ListOrder::Name => Some(effective.order.time(object)),
            _ => None,
        };
        let after = After {
            path: last.path().to_owned(),
            time,
        };
        next_cursor = Some(Cursor { after, sort }.encode());
        next_cursor_key = Some(last.path());
    }
    let mut page = Page {
        has_next,
        next_cursor,
        next_cursor_key,
        folders: Vec::new(),
        objects: Vec::with_capacity(entries.len()),
    };
    for entry in &entries {
        match entry {
            Entry::Folder(path) => page.folders.push(PageRow::folder(path)),
            Entry::Object(object) if folders => page.objects.push(PageRow::keyed(object)),
            Entry::Object(object) => page.objects.push(PageRow::flat(object)),
        }
    }
    Ok(ok(&page))
}

/// A page of v2. Written from the rows as they are: a page has a thousand.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    has_next: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor_key: Option<&'a str>,
    folders: Vec<PageRow<'a>>,
    objects: Vec<PageRow<'a>>,
}

/// A row of v2. In flat listings it has another order, and no key.
#[derive(Serialize)]
#[serde(untagged)]
enum PageRow<'a> {
    Keyed {
        key: &'a str,
        name: &'a str,
        id: Option<&'a str>,
        updated_at: Option<String>,
        created_at: Option<String>,
        last_accessed_at: Option<String>,
        metadata: Option<row::Metadata<'a>>,
    },
    Flat {
        id: &'a str,
        name: &'a str,
        metadata: row::Metadata<'a>,
        updated_at: String,
        created_at: String,
        last_accessed_at: String,
    },
}

impl<'a> PageRow<'a> {
    fn folder(path: &'a str) -> Self {
        Self::Keyed {
            key: last_segment(path.trim_end_matches('/')),
            name: path,
            id: None,
            updated_at: None,
            created_at: None,
            last_accessed_at: None,
            metadata: None,
        }
    }

    fn keyed(object: &'a Object) -> Self {
        Self::Keyed {
            key: last_segment(&object.name),
            name: &object.name,
            id: Some(&object.id),
            updated_at: Some(iso(object.updated_at)),
            created_at: Some(iso(object.created_at)),
            last_accessed_at: Some(iso(object.last_accessed_at)),
            metadata: Some(row::metadata(object)),
        }
    }

    fn flat(object: &'a Object) -> Self {
        Self::Flat {
            id: &object.id,
            name: &object.name,
            metadata: row::metadata(object),
            updated_at: iso(object.updated_at),
            created_at: iso(object.created_at),
            last_accessed_at: iso(object.last_accessed_at),
        }
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// What a listing is sorted by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Sort {
    order: ListOrder,
    descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self {
            order: ListOrder::Name,
            descending: false,
        }
    }
}

impl Sort {
    fn read(fields: &Fields, columns: &[&str]) -> Result<Option<Self>, StorageError> {
        let Some(sort) = fields.object("sortBy")? else {
            return Ok(None);
        };
        let refuse =
            |name: &str| StorageError::schema(format!("body/sortBy/{name} must be equal to one of the allowed values"));
        let column = sort.text("column")?;
        let column = column.as_deref().unwrap_or("name");
        if !columns.contains(&column) {
            return Err(refuse("column"));
        }
        let descending = match sort.text("order")?.as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(refuse("order")),
        };
        let order = order_named(column).ok_or_else(|| refuse("column"))?;
        Ok(Some(Self { order, descending }))
    }
}

fn order_named(column: &str) -> Option<ListOrder> {
    match column {
        "name" => Some(ListOrder::Name),
        "created_at" => Some(ListOrder::Created),
        "updated_at" => Some(ListOrder::Updated),
        "last_accessed_at" => Some(ListOrder::Accessed),
        _ => None,
    }
}

/// Where a v2 listing goes on: base64 of lines, `l:` the last key, and if the request named an order, `o:` its
/// direction, `c:` its column and `a:` the last time. Unlike the real server's, the time has microseconds, so that rows
/// of one millisecond are not lost.
#[derive(Debug, Eq, PartialEq)]
struct Cursor {
    after: After,
    sort: Option<Sort>,
}

impl Cursor {
    fn encode(&self) -> String {
        let mut lines = vec![format!("l:{}", self.after.path)];
        if let Some(sort) = self.sort {
            lines.push(format!("o:{}", if sort.descending { "desc" } else { "asc" }));
            lines.push(format!(
                "c:{}",
                match sort.order {
                    ListOrder::Name => "name",
                    ListOrder::Created => "created_at",
                    ListOrder::Updated => "updated_at",
                    ListOrder::Accessed => "last_accessed_at",
                }
            ));
        }
        if let Some(time) = self.after.time {
            let time = Timestamp::from_microsecond(time).unwrap_or_default();
            lines.push(format!("a:{time}"));
        }
        STANDARD.encode(lines.join("\n"))
    }

    fn decode(text: &str) -> Result<Self, StorageError> {
        let refuse = || StorageError::invalid_parameter("continuation token");
        let bytes = STANDARD.decode(text).map_err(|_| refuse())?;
        let lines = String::from_utf8(bytes).map_err(|_| refuse())?;
        let mut path = None;
        let (mut column, mut descending, mut time) = (None, None, None);
        for line in lines.lines() {
            match line.split_once(':').ok_or_else(refuse)? {
                ("l", value) => path = Some(value.to_owned()),
                ("o", "asc") => descending = Some(false),
                ("o", "desc") => descending = Some(true),
                ("c", value) => column = Some(order_named(value).ok_or_else(refuse)?),
                ("a", value) => {
                    let time_text: Timestamp = value.parse().map_err(|_| refuse())?;
                    time = Some(time_text.as_microsecond());
                }
                _ => return Err(refuse()),
            }
        }
        let sort = match (column, descending) {
            (None, None) => None,
            (order, descending) => Some(Sort {
                order: order.unwrap_or(ListOrder::Name),
                descending: descending.unwrap_or(false),
            }),
        };
        let after = After {
            path: path.ok_or_else(refuse)?,
            time,
        };
        Ok(Self { after, sort })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_looks_like_the_real_one() {
        let plain = Cursor {
            after: After {
                path: "A.png".into(),
                time: None,
            },
            sort: None,
        };
        assert_eq!(plain.encode(), "bDpBLnBuZw==");
        let timed = Cursor {
            after: After {
                path: "a:b/2.png".into(),
                time: Some(1_769_860_800_123_456),
            },
            sort: Some(Sort {
                order: ListOrder::Updated,
                descending: true,
            }),
        };
        for cursor in [plain, timed] {
            assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        }
    }

    #[test]
    fn a_made_up_cursor_is_refused() {
        for text in [
            "%%%",
            "",
            "bDo",
            &STANDARD.encode("o:desc"),
            &STANDARD.encode("l:a\nc:size"),
        ] {
            assert!(Cursor::decode(text).is_err(), "{text}");
        }
    }
}
