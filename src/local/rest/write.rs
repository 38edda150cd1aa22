//! Inserts, changes and deletes. Each runs within the caller's transaction.

use jiff::Timestamp;
use rusqlite::types::Value as Sql;
use rusqlite::{Transaction, params_from_iter};
use serde_json::{Map, Value};

use super::error::RestError;
use super::query::{Preferences, Query, Resolution};
use super::schema::{Column, Default, Table, format_time};

/// Rows to insert.
pub struct Insert {
    table: &'static Table,
    resolution: Resolution,
    /// Columns that the body names, which are those that a merge changes.
    given: Vec<&'static Column>,
    /// A value for each column of the table.
    rows: Vec<Vec<Sql>>,
}

/// What an insert did.
pub struct Inserted {
    /// Keys of the rows that were inserted or merged, in the order of the body.
    pub keys: Vec<String>,
    /// Whether any row is new; a merge may only have changed rows.
    pub created: bool,
}

impl Insert {
    /// Reads one object or an array of objects that all have the same keys.
    ///
    /// # Errors
    /// PGRST102 if the body is nothing of the kind, PGRST204 for unknown columns, 22P02 and its like for bad values, 23502
    /// where a value must be.
    pub fn read(
        table: &'static Table,
        query: &Query,
        preferences: &Preferences,
        body: &[u8],
    ) -> Result<Self, RestError> {
        let objects = match parse(body)? {
            Value::Array(items) => items
                .into_iter()
                .map(|item| match item {
                    Value::Object(fields) => Ok(fields),
                    _ => Err(RestError::body("All rows must be JSON objects")),
                })
                .collect::<Result<Vec<_>, _>>()?,
            Value::Object(fields) => vec![fields],
            _ => return Err(RestError::body("The body must be a JSON object or an array of them")),
        };
        let key = query.on_conflict.as_deref().map(str::trim);
        if preferences.resolution != Resolution::Fail && key.is_some_and(|key| key != table.key) {
            return Err(RestError::no_unique_constraint());
        }
        let given = given_columns(table, query, &objects)?;
        let now = format_time(Timestamp::now());
        let rows = objects
            .iter()
            .map(|fields| row(table, &given, fields, preferences, &now))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            table,
            resolution: preferences.resolution,
            given,
            rows,
        })
    }

    /// Inserts.
    ///
    /// # Errors
    /// 23505 if a key is taken and nothing else was asked for, 23503 if a foreign key leads nowhere, 23514.
    pub fn run(self, transaction: &Transaction<'_>) -> Result<Inserted, RestError> {
        let table = self.table;
        let names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
        let places: Vec<_> = (1..=names.len()).map(|n| format!("?{n}")).collect();
        let mut sql = format!(
            "INSERT INTO {} ({}) VALUES ({})",
            table.stored,
            names.join(", "),
            places.join(", ")
        );
        match self.resolution {
            Resolution::Fail => {}
            Resolution::Ignore => sql.push_str(&format!(" ON CONFLICT ({}) DO NOTHING", table.key)),
            Resolution::Merge => {
                let mut changes: Vec<_> = self
                    .given
                    .iter()
                    .map(|column| format!("{0} = excluded.{0}", column.name))
                    .collect();
                if changes.is_empty() {
                    changes.push(format!("{0} = excluded.{0}", table.key));
                }
                sql.push_str(&format!(
                    " ON CONFLICT ({}) DO UPDATE SET {}",
                    table.key,
                    changes.join(", ")
                ));
            }
        }
        let mut insert = transaction.prepare_cached(&sql)?;
        let exists = format!("SELECT 1 FROM {} WHERE {} = ?1", table.stored, table.key);
        let mut exists = transaction.prepare_cached(&exists)?;
        let key_at = table.columns.iter().position(|column| column.name == table.key);
        let mut done = Inserted {
            keys: Vec::with_capacity(self.rows.len()),
            created: self.rows.is_empty(),
        };
        for row in self.rows {
            let key = match key_at.and_then(|at| row.get(at)) {
                Some(Sql::Text(key)) => key.clone(),
                Some(Sql::Integer(key)) => key.to_string(),
                _ => String::new(),
            };
            let existed = self.resolution != Resolution::Fail && exists.exists([&key])?;
            let changed = insert
                .execute(params_from_iter(row))
                .map_err(|error| RestError::constraint(error, table, Some(&key)))?;
            if changed > 0 {
                let given = key.is_empty().then(|| transaction.last_insert_rowid().to_string());
                done.keys.push(given.unwrap_or(key));
                done.created |= !existed;
            }
        }
        Ok(done)
    }
}

/// The columns that an insert names: those of `columns=`, or those of the first object, which all others must have, too.
fn given_columns(
    table: &'static Table,
    query: &Query,
    objects: &[Map<String, Value>],
) -> Result<Vec<&'static Column>, RestError> {
    let names: Vec<&str> = match (&query.columns, objects.first()) {
        (Some(names), _) => names.iter().map(String::as_str).collect(),
        (None, None) => Vec::new(),
        (None, Some(first)) => {
            let same_keys = |other: &Map<String, Value>| {
                other.len() == first.len() && first.keys().all(|name| other.contains_key(name))
            };
            if !objects.iter().all(same_keys) {
                return Err(RestError::body("All object keys must match"));
            }
            first.keys().map(String::as_str).collect()
        }
    };
    names.into_iter().map(|name| body_column(table, name)).collect()
}

fn body_column(table: &'static Table, name: &str) -> Result<&'static Column, RestError> {
    table
        .columns
        .iter()
        .find(|column| column.name == name)
        .ok_or_else(|| RestError::no_body_column(table.name, name))
}

fn row(
    table: &Table,
    given: &[&'static Column],
    fields: &Map<String, Value>,
    preferences: &Preferences,
    now: &str,
) -> Result<Vec<Sql>, RestError> {
    table
        .columns
        .iter()
        .map(|column| {
            let is_given = given.iter().any(|given| given.name == column.name);
            let value = match fields.get(column.name).filter(|_| is_given) {
                Some(value) => column.read_json(value)?,
                None if is_given && !preferences.missing_default => Sql::Null,
                None => column.default_value(now),
            };
            not_null(table, column, value)
        })
        .collect()
}

fn not_null(table: &Table, column: &Column, value: Sql) -> Result<Sql, RestError> {
    if column.required && value == Sql::Null && !matches!(column.default, Default::Identity) {
        Err(RestError::null_value(table.name, column.name))
    } else {
        Ok(value)
    }
}

/// A change of rows.
pub struct Update {
    table: &'static Table,
    changes: Vec<(&'static Column, Sql)>,
}

impl Update {
    /// Reads one object.
    ///
    /// # Errors
    /// As [`Insert::read`].
    pub fn read(table: &'static Table, body: &[u8]) -> Result<Self, RestError> {
        let Value::Object(fields) = parse(body)? else {
            return Err(RestError::body("The body must be a JSON object"));
        };
        let changes = fields
            .iter()
            .map(|(name, value)| {
                let column = body_column(table, name)?;
                Ok((column, not_null(table, column, column.read_json(value)?)?))
            })
            .collect::<Result<_, RestError>>()?;
        Ok(Self { table, changes })
    }

    /// Changes the rows with these keys, and returns their keys as they are afterwards.
    ///
    /// # Errors
    /// 23503, 23505, 23514 if a constraint is broken.
    pub fn run(self, transaction: &Transaction<'_>, keys: &[String]) -> Result<Vec<String>, RestError> {
        if self.changes.is_empty() {
            return Ok(keys.to_vec());
        }
        let table = self.table;
        let sets: Vec<_> = self
            .changes
            .iter()
            .enumerate()
            .map(|(at, (column, _))| format!("{} = ?{}", column.name, at + 2))
            .collect();
        let sql = format!(
            "UPDATE {0} SET {1} WHERE {2} = ?1 RETURNING CAST({2} AS TEXT)",
            table.stored,
            sets.join(", "),
            table.key
        );
        let mut update = transaction.prepare_cached(&sql)?;
        let mut changed = Vec::with_capacity(keys.len());
        for key in keys {
            let values = std::iter::once(Sql::Text(key.clone())).chain(self.changes.iter().map(|(_, v)| v.clone()));
            let key = update
                .query_row(params_from_iter(values), |row| row.get(0))
                .map_err(|error| RestError::constraint(error, table, None))?;
            changed.push(key);
        }
        Ok(changed)
    }
}

/// Deletes the rows with these keys, and what hangs on them.
///
/// # Errors
/// That the database failed.
pub fn delete(transaction: &Transaction<'_>, table: &Table, keys: &[String]) -> Result<Vec<String>, RestError> {
    let sql = format!("DELETE FROM {} WHERE {} = ?1", table.stored, table.key);
    let mut delete = transaction.prepare_cached(&sql)?;
    for key in keys {
        delete.execute([key])?;
    }
    Ok(Vec::new())
}

fn parse(body: &[u8]) -> Result<Value, RestError> {
    serde_json::from_slice(body).map_err(|error| {
        if body.is_empty() {
            RestError::body("Empty or invalid json")
        } else {
            RestError::body(format!("Empty or invalid json: {error}"))
        }
    })
}
