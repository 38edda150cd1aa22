//! Buckets.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Micros, Store, StoreError, now};

/// A bucket's row.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// What it is addressed by.
    pub id: String,
    /// What it is called; the same as the id unless a client said otherwise.
    pub name: String,
    /// Empty for the service key.
    pub owner: String,
    /// Whether anybody may read its objects.
    pub public: bool,
    /// In bytes; `None` leaves it to the server's own limit.
    pub file_size_limit: Option<u64>,
    /// `None` or empty allows every type.
    pub allowed_mime_types: Option<Vec<String>>,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
}

impl Bucket {
    /// Whether an object of this type may be stored here. As in storage-api, an entry is the very type, or
    /// `kind/*`; nothing is folded or stripped, and `*/*` matches nothing.
    #[must_use]
    pub fn allows_mime_type(&self, mime_type: &str) -> bool {
        let Some(allowed) = self.allowed_mime_types.as_deref().filter(|a| !a.is_empty()) else {
            return true;
        };
        let kind = mime_type.split('/').next().unwrap_or_default();
        allowed
            .iter()
            .any(|entry| entry == mime_type || entry.strip_suffix("/*").is_some_and(|allowed| allowed == kind))
    }
}

/// What to change about a bucket; `None` leaves a thing as it is.
#[derive(Debug, Default)]
pub struct BucketChange {
    /// Whether anybody may read its objects.
    pub public: Option<bool>,
    /// `Some(None)` removes the limit.
    pub file_size_limit: Option<Option<u64>>,
    /// `Some(None)` allows every type.
    pub allowed_mime_types: Option<Option<Vec<String>>>,
}

/// Columns that buckets can be sorted by.
#[derive(Clone, Copy, Debug)]
pub enum BucketOrder {
    /// In the order of creation.
    Created,
    /// By id.
    Id,
    /// By name.
    Name,
    /// By last change.
    Updated,
}

/// Which buckets to list.
#[derive(Debug)]
pub struct BucketQuery {
    /// Part of the name, in any case.
    pub search: Option<String>,
    /// What comes first.
    pub order: BucketOrder,
    /// The other way round.
    pub descending: bool,
    /// At most so many.
    pub limit: Option<u64>,
    /// After so many.
    pub offset: u64,
}

const COLUMNS: &str = "id, name, owner, public, file_size_limit, allowed_mime_types, created_at, updated_at";

impl Store {
    /// Makes a bucket; its times are set here.
    ///
    /// # Errors
    /// [`StoreError::BucketExists`] if the id or the name is taken.
    pub async fn create_bucket(&self, bucket: Bucket) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO buckets (id, name, owner, public, file_size_limit, allowed_mime_types, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) ON CONFLICT DO NOTHING",
            )?;
            let inserted = insert.execute(params![
                bucket.id,
                bucket.name,
                bucket.owner,
                bucket.public,
                bucket.file_size_limit.map(clamp),
                mime_types_to_text(bucket.allowed_mime_types.as_deref()),
                now(),
            ])?;
            if inserted == 0 { Err(StoreError::BucketExists) } else { Ok(()) }
        })
        .await
    }

    /// Reads one bucket.
    ///
    /// # Errors
    /// [`StoreError::NoSuchBucket`].
    pub async fn bucket(&self, id: &str) -> Result<Bucket, StoreError> {
        let (known, version) = self.recent.bucket(id);
        if let Some(bucket) = known {
            return Ok(bucket);
        }
        let id = id.to_owned();
        let bucket = self.read(move |connection| find(connection, &id)).await?;
        self.recent.keep_bucket(version, &bucket);
        Ok(bucket)
    }

    /// Lists buckets.
    ///
    /// # Errors
    /// That the database failed.
    pub async fn buckets(&self, query: BucketQuery) -> Result<Vec<Bucket>, StoreError> {
        self.read(move |connection| {
            let column = match query.order {
                BucketOrder::Created => "created_at",
                BucketOrder::Id => "id",
                BucketOrder::Name => "name",
                BucketOrder::Updated => "updated_at",
            };
            let direction = if query.descending { "DESC" } else { "ASC" };
            let sql = format!(
                "SELECT {COLUMNS} FROM buckets WHERE ?1 IS NULL OR instr(lower(name), lower(?1)) > 0
                 ORDER BY {column} {direction}, rowid {direction} LIMIT ?2 OFFSET ?3"
            );
            let mut select = connection.prepare_cached(&sql)?;
            let limit = query.limit.map_or(-1, clamp);
            let rows = select.query_map(params![query.search, limit, clamp(query.offset)], read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Whether there is anything in a bucket.
    ///
    /// # Errors
    /// [`StoreError::NoSuchBucket`].
    pub async fn bucket_has_objects(&self, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.read(move |connection| {
            find(connection, &id)?;
            let mut select = connection.prepare_cached("SELECT 1 FROM objects WHERE bucket_id = ?1")?;
            Ok(select.exists([&id])?)
        })
        .await
    }

    /// Changes a bucket.
    ///
    /// # Errors
    /// [`StoreError::NoSuchBucket`].
    pub async fn update_bucket(&self, id: &str, change: BucketChange) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |transaction| {
            let bucket = find(transaction, &id)?;
            let limit = change.file_size_limit.unwrap_or(bucket.file_size_limit);
            let types = change.allowed_mime_types.unwrap_or(bucket.allowed_mime_types);
            transaction.execute(
                "UPDATE buckets SET public = ?2, file_size_limit = ?3, allowed_mime_types = ?4, updated_at = ?5
                 WHERE id = ?1",
                params![
                    id,
                    change.public.unwrap_or(bucket.public),
                    limit.map(clamp),
                    mime_types_to_text(types.as_deref()),
                    now(),
                ],
            )?;
            Ok(())
        })
        .await
    }

    /// Deletes an empty bucket.
    ///
    /// # Errors
    /// [`StoreError::NoSuchBucket`] or [`StoreError::BucketNotEmpty`].
    pub async fn delete_bucket(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |transaction| {
            find(transaction, &id)?;
            let full: bool = transaction.query_row(
                "SELECT EXISTS (SELECT 1 FROM objects WHERE bucket_id = ?1)",
                [&id],
                |row| row.get(0),
            )?;
            if full {
                return Err(StoreError::BucketNotEmpty);
            }
            transaction.execute("DELETE FROM buckets WHERE id = ?1", [&id])?;
            Ok(())
        })
        .await
    }
}

/// Reads one bucket within a transaction.
pub(super) fn find(connection: &Connection, id: &str) -> Result<Bucket, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM buckets WHERE id = ?1");
    connection
        .prepare_cached(&sql)?
        .query_row([id], read)
        .optional()?
        .ok_or(StoreError::NoSuchBucket)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Bucket> {
    let types: Option<String> = row.get(5)?;
    Ok(Bucket {
        id: row.get(0)?,
        name: row.get(1)?,
        owner: row.get(2)?,
        public: row.get(3)?,
        file_size_limit: row
            .get::<_, Option<i64>>(4)?
            .and_then(|limit| u64::try_from(limit).ok()),
        allowed_mime_types: types.and_then(|types| serde_json::from_str(&types).ok()),
        created_at: row.get(6)?,
        updated_at: row.get(7)?,
    })
}

fn mime_types_to_text(types: Option<&[String]>) -> Option<String> {
    types.map(|types| serde_json::Value::from(types).to_string())
}

/// SQLite's integers end at 2^63.
fn clamp(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(types: &[&str]) -> Bucket {
        Bucket {
            id: String::new(),
            name: String::new(),
            owner: String::new(),
            public: false,
            file_size_limit: None,
            allowed_mime_types: Some(types.iter().map(ToString::to_string).collect()),
            created_at: 0,
            updated_at: 0,
        }
    }

    #[test]
    fn mime_types_are_matched_as_the_real_server_does() {
        assert!(bucket(&[]).allows_mime_type("anything"));
        assert!(bucket(&["image/*"]).allows_mime_type("image/gif"));
        assert!(!bucket(&["image/*"]).allows_mime_type("imagery/gif"));
        assert!(!bucket(&["image/png"]).allows_mime_type("IMAGE/PNG"));
        assert!(!bucket(&["text/plain"]).allows_mime_type("text/plain;charset=UTF-8"));
        assert!(!bucket(&["*/*", "*"]).allows_mime_type("image/png"));
    }
}
