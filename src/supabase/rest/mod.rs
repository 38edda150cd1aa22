//! The tables of a project through PostgREST: read, insert, change, delete.

mod condition;
mod write;

use std::fmt::{Display, Write as _};

use ::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::client::Answer;
use super::url::encode_segment;
use super::{Error, Supabase};
use crate::http::Call;

pub use condition::Condition;
use write::Writing;

/// The tables of a project.
#[derive(Clone, Debug)]
pub struct Rest {
    project: Supabase,
    schema: Option<String>,
}

/// A question about one table, built step by step.
#[derive(Clone, Debug)]
#[must_use = "nothing is asked before fetch, insert, upsert, update or delete"]
pub struct Query {
    project: Supabase,
    table: String,
    select: Option<String>,
    schema: Option<String>,
    /// Conditions, with the embedded table that they are about.
    filters: Vec<(Option<String>, Condition)>,
    order: Vec<String>,
    /// Parameters of embedded tables.
    embedded: Vec<(String, String)>,
    writing: Writing,
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
    /// Smallest first, absent values before them.
    AscAbsentFirst,
    /// Largest first, absent values before them.
    DescAbsentFirst,
}

impl Order {
    fn text(self, column: &str) -> String {
        match self {
            Self::Asc => format!("{column}.asc.nullslast"),
            Self::Desc => format!("{column}.desc.nullslast"),
            Self::AscAbsentFirst => format!("{column}.asc.nullsfirst"),
            Self::DescAbsentFirst => format!("{column}.desc.nullsfirst"),
        }
    }
}

/// How rows are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// One by one; slow for large tables.
    Exact,
    /// As the database's planner guesses.
    Planned,
    /// Exactly up to some thousands, guessed above.
    Estimated,
}

impl Count {
    fn preference(self) -> &'static str {
        match self {
            Self::Exact => "count=exact",
            Self::Planned => "count=planned",
            Self::Estimated => "count=estimated",
        }
    }
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
        Self { project, schema: None }
    }

    /// The tables of another schema than the API's first one. The project must expose it.
    #[must_use]
    pub fn schema(mut self, name: &str) -> Self {
        self.schema = Some(name.to_owned());
        self
    }

    /// One table or view.
    pub fn from(&self, table: &str) -> Query {
        Query {
            project: self.project.clone(),
            table: table.to_owned(),
            schema: self.schema.clone(),
            select: None,
            filters: Vec::new(),
            order: Vec::new(),
            embedded: Vec::new(),
            writing: Writing::default(),
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

    /// Rows for which the condition holds, besides those already named.
    pub fn filter(mut self, condition: Condition) -> Self {
        self.filters.push((None, condition));
        self
    }

    /// Rows of an embedded table for which the condition holds. Rows of the table itself stay, with fewer embedded ones,
    /// unless the table is embedded with `!inner`.
    pub fn filter_embedded(mut self, table: &str, condition: Condition) -> Self {
        self.filters.push((Some(table.to_owned()), condition));
        self
    }

    /// Rows whose column equals the value.
    pub fn eq(self, column: &str, value: impl Display) -> Self {
        self.filter(Condition::eq(column, value))
    }

    /// Rows whose column differs from the value.
    pub fn neq(self, column: &str, value: impl Display) -> Self {
        self.filter(Condition::neq(column, value))
    }

    /// Rows whose column is greater.
    pub fn gt(self, column: &str, value: impl Display) -> Self {
        self.filter(Condition::gt(column, value))
    }

    /// Rows whose column is greater or equal.
    pub fn gte(self, column: &str, value: impl Display) -> Self {
        self.filter(Condition::gte(column, value))
    }

    /// Rows whose column is smaller.
    pub fn lt(self, column: &str, value: impl Display) -> Self {
        self.filter(Condition::lt(column, value))
    }

    /// Rows whose column is smaller or equal.
    pub fn lte(self, column: &str, value: impl Display) -> Self {
        self.filter(Condition::lte(column, value))
    }

    /// Rows whose column has no value.
    pub fn is_null(self, column: &str) -> Self {
        self.filter(Condition::is_null(column))
    }

    /// Rows whose column is one of the values. Of no values, there are no such rows.
    pub fn is_in<V: Display>(self, column: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.filter(Condition::is_in(column, values))
    }

    /// Rows whose column contains the text, whatever its case: [`Condition::contains`].
    pub fn contains(self, column: &str, text: &str) -> Self {
        self.filter(Condition::contains(column, text))
    }

    /// Sorts by a column, after those already named.
    pub fn order(mut self, column: &str, order: Order) -> Self {
        self.order.push(order.text(column));
        self
    }

    /// Sorts the rows of an embedded table.
    pub fn order_embedded(mut self, table: &str, column: &str, order: Order) -> Self {
        self.embedded.push((format!("{table}.order"), order.text(column)));
        self
    }

    /// Only so many rows of an embedded table for each row of the table itself.
    pub fn limit_embedded(mut self, table: &str, rows: u64) -> Self {
        self.embedded.push((format!("{table}.limit"), rows.to_string()));
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

    /// The one row that the filters leave.
    ///
    /// # Errors
    /// [`Class::NotFound`](super::Class::NotFound) with code `PGRST116` if there is none, or more than one.
    pub async fn fetch_one<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let call = self
            .call("Read row", Method::GET, &self.read_query())
            .header("accept", "application/vnd.pgrst.object+json");
        self.project.send(call).await?.json()
    }

    /// The one row that the filters leave, or none.
    ///
    /// # Errors
    /// As [`Query::fetch_one`], but for no row.
    pub async fn fetch_optional<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        // Two are enough to know that it is not one; asked for as a list, so that none and many are told apart.
        let mut query = self.clone();
        query.range = Some((self.range.map_or(0, |(first, _)| first), 2));
        let mut rows: Vec<T> = query.fetch().await?;
        if rows.len() > 1 {
            let why = "there is more than one such row";
            return Err(Error::refused("Read row", self.table.as_str(), why));
        }
        Ok(rows.pop())
    }

    /// How many rows the filters leave, without reading them.
    ///
    /// # Errors
    /// As [`Query::fetch`]; the server says no reason with a refusal of this kind.
    pub async fn count(&self, how: Count) -> Result<u64, Error> {
        let call = self
            .call("Count rows", Method::HEAD, &self.read_query())
            .header("prefer", how.preference());
        let answer = self.project.send(call).await?;
        total(&answer).ok_or_else(|| answer.unreadable("it does not say how many rows there are"))
    }

    /// The rows of the range, with the number of all.
    ///
    /// # Errors
    /// As [`Query::fetch`].
    pub async fn fetch_counted<T: DeserializeOwned>(&self) -> Result<Counted<T>, Error> {
        self.fetch_counted_by(Count::Exact).await
    }

    /// The rows of the range, with the number of all, counted in another way.
    ///
    /// # Errors
    /// As [`Query::fetch`].
    pub async fn fetch_counted_by<T: DeserializeOwned>(&self, how: Count) -> Result<Counted<T>, Error> {
        let call = self
            .call("Read rows", Method::GET, &self.read_query())
            .header("prefer", how.preference());
        let answer = match self.project.send(call).await {
            Ok(answer) => answer,
            // A range that begins after the last row is an error to PostgREST; to us it is no rows.
            Err(error)
                if error.code.as_deref() == Some("PGRST103") && self.range.is_some_and(|(first, _)| first > 0) =>
            {
                let mut head = self.clone();
                head.range = Some((0, 0));
                let counted: Counted<T> = Box::pin(head.fetch_counted_by(how)).await?;
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

    fn call(&self, operation: &'static str, method: Method, query: &str) -> Call {
        let url = format!("{}/rest/v1/{}{query}", self.project.url(), encode_segment(&self.table));
        let reads = matches!(method, Method::GET | Method::HEAD);
        let call = Call::new(self.operation.unwrap_or(operation), self.table.as_str(), method, url)
            .classify(super::fault::retry);
        match &self.schema {
            Some(schema) if reads => call.header("accept-profile", schema),
            Some(schema) => call.header("content-profile", schema),
            None => call,
        }
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

    fn push_filters(&self, query: &mut String) {
        for (table, condition) in &self.filters {
            // A group of nothing is all rows for PostgREST's readers and an error for PostgREST.
            if !condition.is_empty() {
                let (name, value) = condition.parameter(table.as_deref());
                push(query, &name, &value);
            }
        }
        for (name, value) in &self.embedded {
            push(query, name, value);
        }
    }
}

fn push(query: &mut String, name: &str, value: &str) {
    let separator = if query.is_empty() { '?' } else { '&' };
    // Writing to a String cannot fail.
    let _ = write!(query, "{separator}{}={}", encode_segment(name), encode_segment(value));
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
mod tests;
