//! The tables of a project through PostgREST: read, insert, change, delete.

use std::fmt::{Display, Write as _};

use ::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::client::Answer;
use super::url::encode_segment;
use super::{Error, Supabase};
use crate::http::Call;

/// The tables of a project.
#[derive(Clone, Debug)]
pub struct Rest {
    project: Supabase,
}

/// A question about one table, built step by step.
#[derive(Clone, Debug)]
#[must_use = "nothing is asked before fetch, insert, upsert, update or delete"]
pub struct Query {
    project: Supabase,
    table: String,
    select: Option<String>,
    filters: Vec<(String, String)>,
    order: Vec<String>,
    range: Option<(u64, u64)>,
    operation: Option<&'static str>,
}

/// Which way rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Smallest first, absent values last.
    Asc,
    /// Largest first, absent values last.
    Desc,
}

/// Rows with how many there are in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted<T> {
    /// Those of the range.
    pub rows: Vec<T>,
    /// All that the filters leave, exactly.
    pub total: u64,
}

impl Rest {
    pub(super) fn new(project: Supabase) -> Self {
        Self { project }
    }

    /// One table or view.
    pub fn from(&self, table: &str) -> Query {
        Query {
            project: self.project.clone(),
            table: table.to_owned(),
            select: None,
            filters: Vec::new(),
            order: Vec::new(),
            range: None,
            operation: None,
        }
    }
}

impl Query {
    /// Rows asked for at once by [`Query::fetch_all`]: what hosted projects give at most unless told otherwise.
    const PAGE: u64 = 1_000;

    /// Which columns and which rows of other tables come with them: `*,scenes(*)`.
    pub fn select(mut self, columns: &str) -> Self {
        self.select = Some(columns.to_owned());
        self
    }

    /// Rows whose column equals the value.
    pub fn eq(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "eq", value)
    }

    /// Rows whose column differs from the value.
    pub fn neq(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "neq", value)
    }

    /// Rows whose column is greater.
    pub fn gt(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "gt", value)
    }

    /// Rows whose column is greater or equal.
    pub fn gte(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "gte", value)
    }

    /// Rows whose column is smaller.
    pub fn lt(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "lt", value)
    }

    /// Rows whose column is smaller or equal.
    pub fn lte(self, column: &str, value: impl Display) -> Self {
        self.filter(column, "lte", value)
    }

    /// Rows whose column has no value.
    pub fn is_null(self, column: &str) -> Self {
        self.filter(column, "is", "null")
    }

    /// Rows whose column is one of the values. Of no values, there are no such rows.
    pub fn is_in<V: Display>(self, column: &str, values: impl IntoIterator<Item = V>) -> Self {
        let list: Vec<String> = values.into_iter().map(|value| quote(&value.to_string())).collect();
        self.filter(column, "in", format_args!("({})", list.join(",")))
    }

    /// Rows whose column contains the text, whatever its case. PostgREST takes `*` for any text and offers no way to
    /// ask for the character itself; each `*` in the text therefore stands for any one character.
    pub fn contains(self, column: &str, text: &str) -> Self {
        let mut pattern = String::with_capacity(text.len() + 2);
        for c in text.chars() {
            match c {
                '\\' | '%' | '_' => pattern.extend(['\\', c]),
                '*' => pattern.push('_'),
                _ => pattern.push(c),
            }
        }
        self.filter(column, "ilike", format_args!("*{pattern}*"))
    }

    /// Sorts by a column, after those already named.
    pub fn order(mut self, column: &str, order: Order) -> Self {
        self.order.push(match order {
            Order::Asc => format!("{column}.asc.nullslast"),
            Order::Desc => format!("{column}.desc.nullslast"),
        });
        self
    }

    /// Only the rows from the first to the last number, both included, counted from 0.
    pub fn range(mut self, first: u64, last: u64) -> Self {
        self.range = Some((first, last.saturating_sub(first).saturating_add(1)));
        self
    }

    /// Only so many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        let first = self.range.map_or(0, |(first, _)| first);
        self.range = Some((first, rows));
        self
    }

    /// What is shown for it in the log, where "Read rows" says too little.
    pub fn operation(mut self, operation: &'static str) -> Self {
        self.operation = Some(operation);
        self
    }

    fn filter(mut self, column: &str, operator: &str, value: impl Display) -> Self {
        self.filters.push((column.to_owned(), format!("{operator}.{value}")));
        self
    }

    /// The rows. A project gives no more than its own limit at once (1,000 unless set otherwise): use
    /// [`Query::fetch_all`] where there may be more.
    ///
    /// # Errors
    /// As [`Class`](super::Class) says; [`Class::Unexpected`](super::Class::Unexpected) if the rows are not what `T` expects.
    pub async fn fetch<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        self.project
            .send(self.call("Read rows", Method::GET, &self.read_query()))
            .await?
            .json()
    }

    /// All rows, page by page, however many. Give an order that tells rows apart, or pages may overlap.
    ///
    /// # Errors
    /// As [`Query::fetch`].
    pub async fn fetch_all<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        let (first, most) = self.range.unwrap_or((0, u64::MAX));
        let mut rows = Vec::new();
        loop {
            let got = rows.len() as u64;
            let ask = Self::PAGE.min(most - got);
            if ask == 0 {
                return Ok(rows);
            }
            let mut page = self.clone();
            page.range = Some((first + got, ask));
            let counted: Counted<T> = page.fetch_counted().await?;
            // A project may give fewer rows a page than asked for; only the total says whether more follow.
            let last = counted.rows.is_empty() || first + got + counted.rows.len() as u64 >= counted.total;
            rows.extend(counted.rows);
            if last {
                return Ok(rows);
            }
        }
    }

    /// The rows of the range, with the number of all.
    ///
    /// # Errors
    /// As [`Query::fetch`].
    pub async fn fetch_counted<T: DeserializeOwned>(&self) -> Result<Counted<T>, Error> {
        let call = self
            .call("Read rows", Method::GET, &self.read_query())
            .header("prefer", "count=exact");
        let answer = match self.project.send(call).await {
            Ok(answer) => answer,
            // A range that begins after the last row is an error to PostgREST; to us it is no rows.
            Err(error)
                if error.code.as_deref() == Some("PGRST103") && self.range.is_some_and(|(first, _)| first > 0) =>
            {
                let mut head = self.clone();
                head.range = Some((0, 0));
                let counted: Counted<T> = Box::pin(head.fetch_counted()).await?;
                return Ok(Counted {
                    rows: Vec::new(),
                    total: counted.total,
                });
            }
            Err(error) => return Err(error),
        };
        let total = total(&answer).ok_or_else(|| answer.unreadable("it does not say how many rows there are"))?;
        Ok(Counted {
            rows: answer.json()?,
            total,
        })
    }

    /// Adds a row, or each row of a list, and gives them back as stored.
    ///
    /// # Errors
    /// [`Class::Exists`](super::Class::Exists) if a unique value is taken; [`Class::Ambiguous`](super::Class::Ambiguous) if the answer was lost.
    pub async fn insert<T: DeserializeOwned>(&self, rows: &(impl Serialize + ?Sized)) -> Result<Vec<T>, Error> {
        const OPERATION: &str = "Add rows";
        let query = self.select_query();
        let call = self
            .call(OPERATION, Method::POST, &query)
            .header("prefer", "return=representation");
        self.project.send(call.json(self.body(OPERATION, rows)?)).await?.json()
    }

    /// Adds a row, or each row of a list; one that has the same values in `on_conflict` (columns, by comma) is changed
    /// instead. Gives them back as stored.
    ///
    /// # Errors
    /// As [`Class`](super::Class) says.
    pub async fn upsert<T: DeserializeOwned>(
        &self,
        rows: &(impl Serialize + ?Sized),
        on_conflict: &str,
    ) -> Result<Vec<T>, Error> {
        const OPERATION: &str = "Add or change rows";
        let mut query = self.select_query();
        push(&mut query, "on_conflict", on_conflict);
        let call = self
            .call(OPERATION, Method::POST, &query)
            .idempotent(true)
            .header("prefer", "resolution=merge-duplicates,return=representation");
        self.project.send(call.json(self.body(OPERATION, rows)?)).await?.json()
    }

    /// Changes the rows that the filters leave, and gives back those that really changed. A policy that hides rows is
    /// no error to the server: compare how many came back with how many were meant.
    ///
    /// # Errors
    /// [`Class::Invalid`](super::Class::Invalid) without a filter, which would change every row of the table.
    pub async fn update<T: DeserializeOwned>(&self, patch: &(impl Serialize + ?Sized)) -> Result<Vec<T>, Error> {
        const OPERATION: &str = "Change rows";
        let query = self.write_query(OPERATION)?;
        let body = self.body(OPERATION, patch)?;
        // Setting values twice is setting them once, unless the rows are found by what is set: then the second time
        // finds none, and a change that worked would be reported as none.
        let moves = |column: &String| body.get(column.as_str()).is_some();
        let call = self
            .call(OPERATION, Method::PATCH, &query)
            .idempotent(!self.filters.iter().any(|(column, _)| moves(column)))
            .header("prefer", "return=representation");
        self.project.send(call.json(body)).await?.json()
    }

    /// Deletes the rows that the filters leave, and gives back those that were really deleted.
    ///
    /// # Errors
    /// [`Class::Invalid`](super::Class::Invalid) without a filter, which would delete every row of the table.
    pub async fn delete<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        const OPERATION: &str = "Delete rows";
        let query = self.write_query(OPERATION)?;
        let call = self
            .call(OPERATION, Method::DELETE, &query)
            // The second time would report no rows although the first had deleted them.
            .idempotent(false)
            .header("prefer", "return=representation");
        self.project.send(call).await?.json()
    }

    fn call(&self, operation: &'static str, method: Method, query: &str) -> Call {
        let url = format!("{}/rest/v1/{}{query}", self.project.url(), encode_segment(&self.table));
        Call::new(self.operation.unwrap_or(operation), self.table.as_str(), method, url).classify(super::fault::retry)
    }

    fn body(&self, operation: &'static str, value: &(impl Serialize + ?Sized)) -> Result<Value, Error> {
        serde_json::to_value(value).map_err(|error| {
            Error::refused(
                operation,
                self.table.as_str(),
                format!("the row cannot be written as JSON: {error}"),
            )
        })
    }

    fn select_query(&self) -> String {
        let mut query = String::new();
        if let Some(select) = &self.select {
            push(&mut query, "select", select);
        }
        query
    }

    fn read_query(&self) -> String {
        let mut query = self.select_query();
        self.push_filters(&mut query);
        if !self.order.is_empty() {
            push(&mut query, "order", &self.order.join(","));
        }
        if let Some((first, rows)) = self.range {
            push(&mut query, "offset", &first.to_string());
            push(&mut query, "limit", &rows.to_string());
        }
        query
    }

    fn write_query(&self, operation: &'static str) -> Result<String, Error> {
        if self.filters.is_empty() {
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

    fn push_filters(&self, query: &mut String) {
        for (column, condition) in &self.filters {
            push(query, column, condition);
        }
    }
}

fn push(query: &mut String, name: &str, value: &str) {
    let separator = if query.is_empty() { '?' } else { '&' };
    // Writing to a String cannot fail.
    let _ = write!(query, "{separator}{}={}", encode_segment(name), encode_segment(value));
}

/// A value within a list, in which commas, parentheses and quotes have a meaning of their own.
fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `Content-Range: 0-24/3573`, or `*/0` for no rows.
fn total(answer: &Answer) -> Option<u64> {
    answer
        .reply
        .header("content-range")?
        .rsplit('/')
        .next()?
        .trim()
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use ::http::StatusCode;
    use axum::response::IntoResponse as _;
    use serde::Deserialize;
    use serde_json::json;

    use super::super::Class;
    use super::super::testing::{json, project};
    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Row {
        id: u64,
    }

    fn decoded(path: &str) -> String {
        percent_encoding::percent_decode_str(path)
            .decode_utf8()
            .unwrap()
            .into_owned()
    }

    #[tokio::test]
    async fn writes_questions_as_postgrest_reads_them() {
        let (project, seen) = project(|_| json(200, json!([{"id": 1, "unknown": true}]))).await;
        let rows: Vec<Row> = project
            .rest()
            .from("stories")
            .select("*,scenes(*)")
            .eq("story_id", "a&b=c d")
            .is_in("status", ["a,b", "say \"hi\"", "c)", "back\\slash"])
            .contains("title", "50%_*")
            .is_null("deleted_at")
            .order("created_at", Order::Desc)
            .range(0, 99)
            .fetch()
            .await
            .unwrap();
        assert_eq!(rows, [Row { id: 1 }]);
        let path = seen.lock().unwrap()[0].path.clone();
        assert!(path.contains("story_id=eq.a%26b%3Dc%20d"), "{path}");
        assert_eq!(
            decoded(&path),
            "/rest/v1/stories?select=*,scenes(*)&story_id=eq.a&b=c d&status=in.(\"a,b\",\"say \\\"hi\\\"\",\"c)\",\"back\\\\slash\")\
             &title=ilike.*50\\%\\__*&deleted_at=is.null&order=created_at.desc.nullslast&offset=0&limit=100"
        );
    }

    #[tokio::test]
    async fn a_write_without_a_filter_is_refused() {
        let (project, seen) = project(|_| json(200, json!([]))).await;
        let table = project.rest().from("stories");
        assert_eq!(
            table.update::<Row>(&json!({"a": 1})).await.unwrap_err().class,
            Class::Invalid
        );
        assert_eq!(table.delete::<Row>().await.unwrap_err().class, Class::Invalid);
        assert_eq!(
            table
                .clone()
                .eq("id", 1)
                .limit(1)
                .delete::<Row>()
                .await
                .unwrap_err()
                .class,
            Class::Invalid
        );
        assert!(seen.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_write_tells_which_rows_it_changed() {
        let (project, seen) = project(|_| json(200, json!([]))).await;
        let table = project.rest().from("stories");
        // Hidden by a policy: a success that changed nothing.
        assert!(
            table
                .clone()
                .eq("id", 1)
                .update::<Row>(&json!({"title": "x"}))
                .await
                .unwrap()
                .is_empty()
        );
        table.clone().eq("id", 1).delete::<Row>().await.unwrap();
        table.insert::<Row>(&[json!({"id": 1})]).await.unwrap();
        table.upsert::<Row>(&json!({"id": 1}), "id").await.unwrap();
        let seen = seen.lock().unwrap();
        let lines: Vec<_> = seen.iter().map(super::super::testing::Seen::line).collect();
        assert_eq!(
            lines,
            [
                "PATCH /rest/v1/stories?id=eq.1",
                "DELETE /rest/v1/stories?id=eq.1",
                "POST /rest/v1/stories",
                "POST /rest/v1/stories?on_conflict=id"
            ]
        );
        assert!(
            seen.iter()
                .all(|request| request.header("prefer").unwrap().contains("return=representation"))
        );
    }

    #[tokio::test]
    async fn a_change_found_by_what_it_changes_is_not_repeated() {
        let (project, seen) = project(|_| StatusCode::BAD_GATEWAY.into_response()).await;
        let row = project.rest().from("scenes").eq("id", 1);
        let error = row
            .clone()
            .eq("image_url", "old")
            .update::<Row>(&json!({"image_url": "new"}))
            .await
            .unwrap_err();
        assert_eq!((error.class, seen.lock().unwrap().len()), (Class::Ambiguous, 1));
        let error = row.update::<Row>(&json!({"image_url": "new"})).await.unwrap_err();
        assert_eq!((error.class, seen.lock().unwrap().len()), (Class::Busy, 5));
    }

    #[tokio::test]
    async fn reads_all_rows_of_a_project_that_gives_few_at_once() {
        let (project, seen) = project(|request| {
            let offset: u64 = request
                .path
                .split("offset=")
                .nth(1)
                .unwrap()
                .split('&')
                .next()
                .unwrap()
                .parse()
                .unwrap();
            let rows: Vec<_> = (offset..(offset + 400).min(1_000))
                .map(|id| json!({"id": id}))
                .collect();
            let range = format!("{offset}-{}/1000", offset + rows.len() as u64 - 1);
            (
                StatusCode::PARTIAL_CONTENT,
                [("content-range", range)],
                axum::Json(rows),
            )
                .into_response()
        })
        .await;
        let rows: Vec<Row> = project
            .rest()
            .from("scenes")
            .order("id", Order::Asc)
            .fetch_all()
            .await
            .unwrap();
        assert_eq!((rows.len(), rows[999].id, seen.lock().unwrap().len()), (1_000, 999, 3));
    }

    #[tokio::test]
    async fn a_range_after_the_last_row_is_no_rows() {
        let (project, _) = project(|request| {
            if request.path.contains("offset=0") {
                (StatusCode::OK, [("content-range", "*/7")], "[]").into_response()
            } else {
                json(
                    416,
                    json!({"code": "PGRST103", "message": "Requested range not satisfiable"}),
                )
            }
        })
        .await;
        let counted: Counted<Row> = project
            .rest()
            .from("scenes")
            .range(100, 199)
            .fetch_counted()
            .await
            .unwrap();
        assert_eq!(
            counted,
            Counted {
                rows: Vec::new(),
                total: 7
            }
        );
    }

    #[tokio::test]
    async fn errors_of_the_database_are_understood() {
        let (project, _) = project(|_| {
            json(404, json!({"code": "PGRST205", "details": null, "hint": "Perhaps you meant the table 'public.stories'", "message": "Could not find the table"}))
        })
        .await;
        let error = project.rest().from("storys").fetch::<Row>().await.unwrap_err();
        assert_eq!(
            (error.class, error.code.as_deref()),
            (Class::NotFound, Some("PGRST205"))
        );
        assert!(error.message.contains("Perhaps you meant") && error.hint().contains("no such table"));
    }
}
