//! Changing rows: insert, upsert, update, delete. What comes back is what really changed.

use ::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::Error;
use super::{Condition, Query, push};

/// How rows are written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Writing {
    /// Columns that a row leaves out get their default instead of no value.
    missing_default: bool,
    /// Rows that may change at most.
    most: Option<u64>,
}

impl Query {
    /// Columns that a written row leaves out get their default, instead of no value. It matters for lists of rows that do
    /// not all have the same columns.
    pub fn missing_default(mut self) -> Self {
        self.writing.missing_default = true;
        self
    }

    /// A change or deletion of more rows than this is refused by the server as a whole.
    pub fn at_most(mut self, rows: u64) -> Self {
        self.writing.most = Some(rows);
        self
    }

    /// Adds a row, or each row of a list, and gives them back as stored.
    ///
    /// # Errors
    /// [`Class::Exists`](super::super::Class::Exists) if a unique value is taken; [`Class::Ambiguous`](super::super::Class::Ambiguous) if the answer was lost.
    pub async fn insert<T: DeserializeOwned>(&self, rows: &(impl Serialize + ?Sized)) -> Result<Vec<T>, Error> {
        const OPERATION: &str = "Add rows";
        let query = self.select_query();
        let call = self
            .call(OPERATION, Method::POST, &query)
            .header("prefer", &self.prefer(None));
        self.project.send(call.json(self.body(OPERATION, rows)?)).await?.json()
    }

    /// Adds a row, or each row of a list; one that has the same values in `on_conflict` (columns, by comma) is changed
    /// instead. Gives them back as stored.
    ///
    /// # Errors
    /// As [`Class`](super::super::Class) says.
    pub async fn upsert<T: DeserializeOwned>(
        &self,
        rows: &(impl Serialize + ?Sized),
        on_conflict: &str,
    ) -> Result<Vec<T>, Error> {
        self.write_resolving(rows, on_conflict, "resolution=merge-duplicates")
            .await
    }

    /// Adds a row, or each row of a list, but for those that have the same values in `on_conflict` (columns, by comma):
    /// these are left as they are, and do not come back.
    ///
    /// # Errors
    /// As [`Class`](super::super::Class) says.
    pub async fn insert_missing<T: DeserializeOwned>(
        &self,
        rows: &(impl Serialize + ?Sized),
        on_conflict: &str,
    ) -> Result<Vec<T>, Error> {
        self.write_resolving(rows, on_conflict, "resolution=ignore-duplicates")
            .await
    }

    async fn write_resolving<T: DeserializeOwned>(
        &self,
        rows: &(impl Serialize + ?Sized),
        on_conflict: &str,
        how: &'static str,
    ) -> Result<Vec<T>, Error> {
        const OPERATION: &str = "Add or change rows";
        let mut query = self.select_query();
        push(&mut query, "on_conflict", on_conflict);
        let call = self
            .call(OPERATION, Method::POST, &query)
            .idempotent(true)
            .header("prefer", &self.prefer(Some(how)));
        self.project.send(call.json(self.body(OPERATION, rows)?)).await?.json()
    }

    /// Changes the rows that the filters leave, and gives back those that really changed. A policy that hides rows is
    /// no error to the server: compare how many came back with how many were meant.
    ///
    /// # Errors
    /// [`Class::Invalid`](super::super::Class::Invalid) without a filter, which would change every row of the table.
    pub async fn update<T: DeserializeOwned>(&self, patch: &(impl Serialize + ?Sized)) -> Result<Vec<T>, Error> {
        const OPERATION: &str = "Change rows";
        let query = self.write_query(OPERATION)?;
        let body = self.body(OPERATION, patch)?;
        // Setting values twice is setting them once, unless the rows are found by what is set: then the second time
        // finds none, and a change that worked would be reported as none.
        let moves = |column: &str| body.get(column).is_some();
        let call = self
            .call(OPERATION, Method::PATCH, &query)
            .idempotent(!self.filters.iter().flat_map(|(_, filter)| filter.columns()).any(moves))
            .header("prefer", &self.prefer(None));
        self.project.send(call.json(body)).await?.json()
    }

    /// Deletes the rows that the filters leave, and gives back those that were really deleted.
    ///
    /// # Errors
    /// [`Class::Invalid`](super::super::Class::Invalid) without a filter, which would delete every row of the table.
    pub async fn delete<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        const OPERATION: &str = "Delete rows";
        let query = self.write_query(OPERATION)?;
        let call = self
            .call(OPERATION, Method::DELETE, &query)
            // The second time would report no rows although the first had deleted them.
            .idempotent(false)
            .header("prefer", &self.prefer(None));
        self.project.send(call).await?.json()
    }

    /// The `Prefer` header of a write.
    fn prefer(&self, resolution: Option<&str>) -> String {
        let mut parts: Vec<String> = resolution.map(str::to_owned).into_iter().collect();
        parts.push("return=representation".to_owned());
        if self.writing.missing_default {
            parts.push("missing=default".to_owned());
        }
        if let Some(most) = self.writing.most {
            // Without strictness the server ignores the limit.
            parts.push(format!("handling=strict,max-affected={most}"));
        }
        parts.join(",")
    }

    fn write_query(&self, operation: &'static str) -> Result<String, Error> {
        // Conditions on embedded tables choose what is shown, not what is changed, and a group of nothing chooses nothing.
        let chosen = |(table, filter): &(Option<String>, Condition)| table.is_none() && !filter.is_empty();
        if !self.filters.iter().any(chosen) {
            let why = format!(
                "without a filter this would touch every row of “{}”; nothing was sent",
                self.table
            );
            return Err(Error::refused(operation, self.table.as_str(), why));
        }
        // PostgREST ignores a range here unless there is an order, and then touches every row of the filter.
        if self.range.is_some() {
            let why = "a range cannot limit which rows are changed; name them by a filter";
            return Err(Error::refused(operation, self.table.as_str(), why));
        }
        let mut query = self.select_query();
        self.push_filters(&mut query);
        Ok(query)
    }
}
