//! The two listing APIs, a page each. [`super::Listing`] and [`super::Browse`] go from page to page.
//!
//! Both always ask for 1,000 rows. With fewer, the real server leaves rows out: the first API at each of its batches, the
//! second one with a delimiter below 50 rows (supabase/storage 4fa61fb, `migrations/tenant/0063…sql`).

use std::collections::HashSet;

use ::http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::client::Answer;
use super::{Error, NameError, ObjectKey, Objects, lenient};

/// Rows asked for at once: the most that the second API gives.
pub(super) const PAGE: usize = 1_000;

/// An object in a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The whole key, as the server has it. It may be longer than [`ObjectKey`] allows.
    pub key: String,
    /// The row in the project's database.
    pub id: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
    /// The type it was stored with.
    pub content_type: Option<String>,
    /// Changes with the bytes, quoted.
    pub etag: Option<String>,
    /// As stored.
    pub cache_control: Option<String>,
    /// When it was first stored.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

impl Entry {
    /// The key as one that calls can be made with.
    ///
    /// # Errors
    /// If it is longer than can be asked for.
    pub fn object_key(&self) -> Result<ObjectKey, NameError> {
        ObjectKey::parse(&self.key)
    }
}

/// By what a listing is sorted. Both APIs have an order of their own for equal times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ListSort {
    /// By key.
    #[default]
    Name,
    /// By when it was first stored.
    Created,
    /// By when it was last changed.
    Updated,
}

impl ListSort {
    fn column(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Created => "created_at",
            Self::Updated => "updated_at",
        }
    }
}

/// What is asked of the second API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlatQuery {
    /// How keys begin, exactly.
    pub prefix: String,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Whether what lies behind the next `/` is told as one folder.
    pub by_folder: bool,
    /// By what it is sorted.
    pub sort: ListSort,
    /// The other way round.
    pub descending: bool,
}

/// A page of the second API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlatPage {
    /// Objects, with whole keys.
    pub entries: Vec<Entry>,
    /// Folders as prefixes that end in `/`.
    pub folders: Vec<String>,
    /// Where the next page begins; None at the end.
    pub next: Option<String>,
}

/// What is asked of the first API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelQuery {
    /// The folder, without a `/` at its beginning or end; the API compares it whatever its case.
    pub folder: String,
    /// Only what begins with this text, whatever its case.
    pub search: Option<String>,
    /// After so many rows.
    pub offset: usize,
    /// By what it is sorted.
    pub sort: ListSort,
    /// The other way round.
    pub descending: bool,
}

/// A page of the first API: one level of folders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelPage {
    /// Objects of the folder, with whole keys.
    pub entries: Vec<Entry>,
    /// Folders in the folder, as prefixes that end in `/`.
    pub folders: Vec<String>,
    /// There is a folder without a name: objects behind two slashes, which this API cannot reach.
    pub nameless: bool,
    /// Whether there may be more rows.
    pub full: bool,
}

/// A row of either API. Folders have no id.
#[derive(Debug, Deserialize)]
struct Row {
    name: String,
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::time")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::time")]
    updated_at: Option<Timestamp>,
    #[serde(default)]
    metadata: Option<RowFacts>,
}

#[derive(Debug, Default, Deserialize)]
struct RowFacts {
    #[serde(default, deserialize_with = "lenient::number")]
    size: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    mimetype: Option<String>,
    #[serde(default, rename = "eTag", deserialize_with = "lenient::text")]
    etag: Option<String>,
    #[serde(default, rename = "cacheControl", deserialize_with = "lenient::text")]
    cache_control: Option<String>,
}

impl Row {
    fn entry(self, folder: &str) -> Entry {
        let facts = self.metadata.unwrap_or_default();
        Entry {
            key: if folder.is_empty() {
                self.name
            } else {
                format!("{folder}{}", self.name)
            },
            id: self.id,
            size: facts.size,
            content_type: facts.mimetype,
            etag: facts.etag,
            cache_control: facts.cache_control,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl Objects {
    /// A page of the second API.
    ///
    /// # Errors
    /// [`Class::NotFound`](super::Class::NotFound) with HTTP 404 on servers that have the first API only.
    pub async fn flat_page(&self, query: &FlatQuery) -> Result<FlatPage, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Page {
            #[serde(default)]
            has_next: bool,
            #[serde(default, deserialize_with = "lenient::text")]
            next_cursor: Option<String>,
            #[serde(default)]
            folders: Vec<Row>,
            objects: Vec<Row>,
        }
        let mut body = json!({
            "prefix": query.prefix,
            "limit": PAGE,
            "with_delimiter": query.by_folder,
            "sortBy": { "column": query.sort.column(), "order": order(query.descending) },
        });
        if let Some(cursor) = &query.cursor {
            body["cursor"] = Value::String(cursor.clone());
        }
        let answer = self.post_list("object/list-v2", &query.prefix, body).await?;
        let page: Page = answer.json()?;
        if page.has_next && (page.next_cursor.is_none() || page.next_cursor == query.cursor) {
            return Err(answer.unreadable("it has another page but does not say where"));
        }
        Ok(FlatPage {
            entries: page.objects.into_iter().map(|row| row.entry("")).collect(),
            folders: page
                .folders
                .into_iter()
                .map(|row| {
                    if row.name.ends_with('/') {
                        row.name
                    } else {
                        format!("{}/", row.name)
                    }
                })
                .collect(),
            next: page.next_cursor.filter(|_| page.has_next),
        })
    }

    /// A page of the first API. Folders of more than a page may miss objects in it, so nothing should be called missing by
    /// it. A bucket that is not there is an empty page.
    ///
    /// # Errors
    /// As [`Class`](super::Class) says.
    pub async fn level_page(&self, query: &LevelQuery) -> Result<LevelPage, Error> {
        let mut body = json!({
            "prefix": query.folder,
            "limit": PAGE,
            "offset": query.offset,
            "sortBy": { "column": query.sort.column(), "order": order(query.descending) },
        });
        if let Some(search) = &query.search {
            body["search"] = search.as_str().into();
        }
        let rows: Vec<Row> = self.post_list("object/list", &query.folder, body).await?.json()?;
        let folder = match query.folder.as_str() {
            "" => String::new(),
            name => format!("{name}/"),
        };
        let mut page = LevelPage {
            full: rows.len() >= PAGE,
            ..LevelPage::default()
        };
        for row in rows {
            if row.id.is_some() {
                page.entries.push(row.entry(&folder));
            } else if row.name.is_empty() {
                // Doubled slashes show as a folder without a name, which would lead back to its own parent.
                page.nameless = true;
            } else {
                page.folders.push(format!("{folder}{}/", row.name));
            }
        }
        Ok(page)
    }

    /// What of a folder begins with a text, whatever its case: names, not the words within them. On one level, by the
    /// first API.
    ///
    /// # Errors
    /// [`Class::BucketNotFound`](super::Class::BucketNotFound) if nothing is found because there is no such bucket.
    pub async fn search(&self, folder: &str, text: &str) -> Result<LevelPage, Error> {
        let mut query = LevelQuery {
            folder: folder.trim_matches('/').to_owned(),
            search: Some(text.to_owned()),
            ..LevelQuery::default()
        };
        let mut found = LevelPage::default();
        let mut folders = HashSet::new();
        loop {
            let page = self.level_page(&query).await?;
            found.entries.extend(page.entries);
            found.nameless |= page.nameless;
            let new = page.folders.into_iter().filter(|folder| folders.insert(folder.clone()));
            found.folders.extend(new);
            if !page.full {
                break;
            }
            query.offset += PAGE;
        }
        if found.entries.is_empty() && found.folders.is_empty() {
            // The same answer as for a bucket that does not exist.
            self.project.buckets().get(&self.bucket).await?;
        }
        Ok(found)
    }

    async fn post_list(&self, route: &str, shown: &str, body: Value) -> Result<Answer, Error> {
        const OPERATION: &str = "List objects";
        let path = format!("{route}/{}", self.path(OPERATION)?);
        let target = format!("{}/{shown}", self.bucket);
        self.project
            .send(
                self.project
                    .storage(OPERATION, target, Method::POST, &path)
                    .json(body)
                    .idempotent(true)
                    .changes(false),
            )
            .await
    }
}

fn order(descending: bool) -> &'static str {
    if descending { "desc" } else { "asc" }
}
