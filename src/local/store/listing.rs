//! Listing: what lies directly in a folder, or everything below a prefix.
//!
//! Folders do not exist; they are what keys have before a slash. They are found by skipping: at the first key of a
//! folder, the next key that is looked at is the first one behind the folder. So a page costs as many index seeks as it
//! has entries, however much lies in the folders, and no entry is lost or doubled at the edge of a page.
//!
//! Deliberately unlike the real server, which seeks wrongly at the edges of its internal batches: there, files such as
//! `cover-2.png` behind `cover` are missing from some pages (list v1), and most rows from small pages with a delimiter
//! (list v2).

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::object::{self, Object};
use super::{Micros, Store, StoreError};

/// Above every character that a key can hold: `prefix` + this is behind all keys with the prefix.
const LAST: char = '\u{10FFFF}';

/// Objects below a prefix from which on a listing by time walks by time.
const WIDE: u32 = 10_000;

/// The column that a listing is sorted by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ListOrder {
    /// The key.
    Name,
    /// When it was made.
    Created,
    /// When it was last changed.
    Updated,
    /// When it was last read, as far as the server knows.
    Accessed,
}

impl ListOrder {
    fn column(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Created => "created_at",
            Self::Updated => "updated_at",
            Self::Accessed => "last_accessed_at",
        }
    }

    /// The time that an object is sorted by.
    #[must_use]
    pub fn time(self, object: &Object) -> Micros {
        match self {
            Self::Name => 0,
            Self::Created => object.created_at,
            Self::Updated => object.updated_at,
            Self::Accessed => object.last_accessed_at,
        }
    }
}

/// One line of a listing.
#[derive(Debug)]
pub enum Entry {
    /// A folder, by its whole path with the slash at the end.
    Folder(String),
    /// An object.
    Object(Box<Object>),
}

impl Entry {
    /// The whole path.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Folder(path) => path,
            Self::Object(object) => &object.name,
        }
    }
}

/// What to list.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// The bucket's id. A bucket that is not there lists as empty.
    pub bucket: String,
    /// What all keys begin with.
    pub prefix: String,
    /// Whether keys with a slash behind the prefix are gathered into folders.
    pub folders: bool,
    /// Whether upper and lower case are the same (list v1).
    pub fold_case: bool,
    /// What it is sorted by. By time, folders come first.
    pub order: ListOrder,
    /// The other way round. Folders stay first and in their order when sorted by time.
    pub descending: bool,
    /// Where to go on.
    pub after: Option<After>,
    /// Entries to pass over.
    pub offset: u64,
    /// At most so many.
    pub limit: usize,
}

/// The last entry of the page before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct After {
    /// Its path; a folder's ends in a slash.
    pub path: String,
    /// Its time, if the listing is sorted by time and it was an object.
    pub time: Option<Micros>,
}

impl Store {
    /// Lists.
    ///
    /// # Errors
    /// That the database failed.
    pub async fn list(&self, query: ListQuery) -> Result<Vec<Entry>, StoreError> {
        self.read(move |connection| list(connection, &query)).await
    }
}

fn list(connection: &Connection, query: &ListQuery) -> Result<Vec<Entry>, StoreError> {
    let mut page = Page::new(query);
    if query.order == ListOrder::Name {
        by_name(connection, query, &mut page, Wanted::Everything)?;
        return Ok(page.entries);
    }
    let in_objects = query.after.as_ref().is_some_and(|after| after.time.is_some());
    if query.folders && !in_objects {
        by_name(connection, query, &mut page, Wanted::Folders)?;
    }
    by_time(connection, query, &mut page)?;
    Ok(page.entries)
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Wanted {
    Everything,
    Folders,
}

/// Gathers entries between offset and limit.
struct Page {
    entries: Vec<Entry>,
    to_skip: u64,
    limit: usize,
}

impl Page {
    fn new(query: &ListQuery) -> Self {
        Self {
            entries: Vec::new(),
            to_skip: query.offset,
            limit: query.limit,
        }
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= self.limit
    }

    fn push(&mut self, entry: impl FnOnce() -> Result<Entry, StoreError>) -> Result<(), StoreError> {
        if self.to_skip > 0 {
            self.to_skip -= 1;
        } else {
            self.entries.push(entry()?);
        }
        Ok(())
    }
}

/// Walks the index of names. `from` is the edge that the walk has reached; keys on its near side are done.
fn by_name(connection: &Connection, query: &ListQuery, page: &mut Page, wanted: Wanted) -> Result<(), StoreError> {
    // Folders stay in ascending order in listings by time.
    let descending = query.descending && wanted == Wanted::Everything;
    let sql = walk_sql(query.fold_case, descending);
    let end = format!("{}{LAST}", query.prefix);
    let (mut low, mut high) = (Bound::At(query.prefix.clone()), Bound::Before(end));
    if let Some(after) = &query.after {
        let below_prefix = after.path.get(query.prefix.len()..).unwrap_or_default();
        let is_folder = query.folders && below_prefix.contains('/');
        let edge = edge_behind(&after.path, is_folder, descending);
        if descending { high = edge } else { low = edge }
    }
    loop {
        let mut select = connection.prepare_cached(&sql)?;
        let mut rows = select.query([
            query.bucket.as_str(),
            low.text(),
            if low.is_after() { "1" } else { "0" },
            high.text(),
        ])?;
        let mut folder = None;
        while !page.is_full() {
            let Some(row) = rows.next()? else { break };
            let name: String = row.get(2)?;
            if query.folders
                && let Some(slash) = name.get(query.prefix.len()..).and_then(|rest| rest.find('/'))
            {
                let path = name[..=query.prefix.len() + slash].to_owned();
                page.push(|| Ok(Entry::Folder(path.clone())))?;
                folder = Some(path);
                break;
            }
            if wanted == Wanted::Everything {
                page.push(|| Ok(Entry::Object(Box::new(object::read(row)?))))?;
            }
        }
        match folder {
            Some(path) if descending => high = edge_behind(&path, true, true),
            Some(path) => low = edge_behind(&path, true, false),
            None => return Ok(()),
        }
    }
}

/// One edge of a walk.
enum Bound {
    /// The key itself belongs to the walk.
    At(String),
    /// The walk begins behind the key.
    After(String),
    /// The walk ends before the key.
    Before(String),
}

impl Bound {
    fn text(&self) -> &str {
        let (Self::At(text) | Self::After(text) | Self::Before(text)) = self;
        text
    }

    fn is_after(&self) -> bool {
        matches!(self, Self::After(_))
    }
}

/// The edge behind an entry: behind everything in a folder, or behind the key.
fn edge_behind(path: &str, is_folder: bool, descending: bool) -> Bound {
    match (is_folder, descending) {
        (_, true) => Bound::Before(path.to_owned()),
        (true, false) => Bound::After(format!("{path}{LAST}")),
        (false, false) => Bound::After(path.to_owned()),
    }
}

fn walk_sql(fold_case: bool, descending: bool) -> String {
    let collate = if fold_case { "COLLATE NOCASE" } else { "" };
    let direction = if descending { "DESC" } else { "ASC" };
    format!(
        "SELECT {} FROM objects
         WHERE bucket_id = ?1 AND name >= ?2 {collate} AND (?3 = '0' OR name > ?2 {collate}) AND name < ?4 {collate}
         ORDER BY name {collate} {direction}, name {direction}",
        object::columns()
    )
}

/// Objects by time, then by name, so that equal times have one order.
fn by_time(connection: &Connection, query: &ListQuery, page: &mut Page) -> Result<(), StoreError> {
    if page.is_full() {
        return Ok(());
    }
    let limit = (page.limit - page.entries.len()) as u64;
    let limit = i64::try_from(limit + page.to_skip).unwrap_or(i64::MAX);
    let (sql, values) = by_time_sql(query, is_wide(connection, query)?, limit);
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        page.push(|| Ok(Entry::Object(Box::new(object::read(row)?))))?;
    }
    Ok(())
}

/// Whether so much lies below the prefix that looking through it for a page, and sorting it, costs more than walking by time
/// and passing over what lies elsewhere.
fn is_wide(connection: &Connection, query: &ListQuery) -> Result<bool, StoreError> {
    if query.prefix.is_empty() {
        return Ok(true);
    }
    let collate = if query.fold_case { "COLLATE NOCASE" } else { "" };
    let sql = format!(
        "SELECT 1 FROM objects WHERE bucket_id = ?1 AND name >= ?2 {collate} AND name < ?3 {collate} LIMIT 1 OFFSET {WIDE}"
    );
    let end = format!("{}{LAST}", query.prefix);
    let mut select = connection.prepare_cached(&sql)?;
    Ok(select.exists([&query.bucket, &query.prefix, &end])?)
}

/// The query, and what its parameters are. The index is named, because the planner cannot know what the prefix is worth.
fn by_time_sql(query: &ListQuery, wide: bool, limit: i64) -> (String, Vec<Value>) {
    let column = query.order.column();
    let collate = if query.fold_case { "COLLATE NOCASE" } else { "" };
    let (direction, beyond) = if query.descending { ("DESC", "<") } else { ("ASC", ">") };
    let index = match (wide, query.order) {
        (true, ListOrder::Created) => "INDEXED BY objects_by_creation",
        (true, ListOrder::Updated) => "INDEXED BY objects_by_update",
        _ => "",
    };
    let mut sql = format!(
        "SELECT {} FROM objects {index} WHERE bucket_id = ?1 AND name >= ?2 {collate} AND name < ?3 {collate}",
        object::columns()
    );
    let mut values = vec![
        Value::from(query.bucket.clone()),
        Value::from(query.prefix.clone()),
        Value::from(format!("{}{LAST}", query.prefix)),
    ];
    if query.folders {
        sql.push_str(" AND instr(substr(name, ?4), '/') = 0");
        let behind_prefix = query.prefix.chars().count() + 1;
        values.push(Value::from(i64::try_from(behind_prefix).unwrap_or(i64::MAX)));
    } else {
        sql.push_str(" AND ?4 IS NULL");
        values.push(Value::Null);
    }
    if let Some(After { path, time: Some(time) }) = &query.after {
        use std::fmt::Write as _;
        // Writing to a String cannot fail.
        let _ = write!(sql, " AND ({column}, name) {beyond} (?5, ?6)");
        values.extend([Value::from(*time), Value::from(path.clone())]);
    }
    sql.push_str(&format!(
        " ORDER BY {column} {direction}, name {direction} LIMIT {limit}"
    ));
    (sql, values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::store::schema;

    fn query(order: ListOrder, descending: bool, after: bool) -> ListQuery {
        ListQuery {
            bucket: "b".into(),
            prefix: String::new(),
            folders: false,
            fold_case: false,
            order,
            descending,
            after: after.then(|| After {
                path: "k5".into(),
                time: Some(5),
            }),
            offset: 0,
            limit: 3,
        }
    }

    fn plan(connection: &Connection, sql: &str, values: Vec<Value>) -> String {
        let mut select = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines = select
            .query_map(params_from_iter(values), |row| row.get::<_, String>(3))
            .unwrap();
        lines.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_page_costs_what_it_shows() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = Connection::open(folder.path().join("db")).unwrap();
        schema::prepare(&mut connection).unwrap();
        for order in [ListOrder::Created, ListOrder::Updated] {
            for (descending, after) in [(false, false), (true, false), (false, true), (true, true)] {
                let (sql, values) = by_time_sql(&query(order, descending, after), true, 3);
                let plan = plan(&connection, &sql, values);
                assert!(plan.starts_with("SEARCH objects USING INDEX objects_by_"), "{plan}");
                assert!(!plan.contains("TEMP B-TREE"), "nothing is sorted: {plan}");
                assert_eq!(plan.contains(",name)"), after, "it goes on where it was: {plan}");
            }
        }
        for (fold_case, descending) in [(false, false), (false, true), (true, false), (true, true)] {
            let values = ["b", "", "0", "z"].map(|text| Value::from(text.to_owned()));
            let plan = plan(&connection, &walk_sql(fold_case, descending), values.into());
            assert!(plan.contains("bucket_id=? AND name>? AND name<?"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
