//! A request's query and headers, read as PostgREST reads them.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, RANGE};
use url::form_urlencoded;

use super::error::RestError;
use super::filter::Filter;
use super::schema::{Column, Table};
use super::select::{self, Item};

/// Rows of one answer, at most. Supabase's projects have the same limit.
pub const MAX_ROWS: u64 = 1000;

/// What is asked of one table, and of the tables embedded in it.
#[derive(Debug, Default)]
pub struct Scope {
    /// Which rows.
    pub filters: Vec<Filter>,
    /// In which order.
    pub order: Vec<Order>,
    /// At most so many.
    pub limit: Option<u64>,
    /// After so many.
    pub offset: u64,
}

/// One column of an order.
#[derive(Debug)]
pub struct Order {
    /// The column.
    pub column: &'static Column,
    /// The other way round.
    pub descending: bool,
    /// Where nulls go. Postgres counts null as the greatest value.
    pub nulls_first: bool,
}

/// A query.
#[derive(Debug)]
pub struct Query {
    /// What is wanted of each row.
    pub items: Vec<Item>,
    /// What is asked of the table itself.
    pub scope: Scope,
    /// What is asked of embedded tables, by the name that they have in the answer.
    pub embedded: Vec<(String, Scope)>,
    /// `on_conflict`
    pub on_conflict: Option<String>,
    /// `columns`
    pub columns: Option<Vec<String>>,
}

impl Query {
    /// Reads the text behind the question mark.
    ///
    /// # Errors
    /// As [`Filter::parse`] and [`select::parse`].
    pub fn parse(table: &'static Table, text: &str) -> Result<Self, RestError> {
        let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
        let select = pairs.iter().find(|(name, _)| name == "select");
        let items = select::parse(table, select.map_or("", |(_, value)| value))?;
        let mut query = Self {
            items,
            scope: Scope::default(),
            embedded: Vec::new(),
            on_conflict: None,
            columns: None,
        };
        for (name, value) in &pairs {
            match name.as_ref() {
                // The key may stand in the query; the gateway takes it out.
                "select" | "apikey" => {}
                "on_conflict" => query.on_conflict = Some(value.clone().into_owned()),
                "columns" => {
                    let names = value.split(',').map(|name| name.trim_matches('"').to_owned());
                    query.columns = Some(names.collect());
                }
                name => query.scoped(table, name, value)?,
            }
        }
        Ok(query)
    }

    /// A parameter of the table, or `embedded.parameter`.
    fn scoped(&mut self, table: &'static Table, name: &str, value: &str) -> Result<(), RestError> {
        if let Some((target, rest)) = name.split_once('.')
            && target != "not"
        {
            let embedded = self.items.iter().find_map(|item| match item {
                Item::Embed { name, relation, .. } if name == target || relation.table.name == target => {
                    Some((name.clone(), relation.table))
                }
                _ => None,
            });
            let Some((target, inner)) = embedded else {
                return Err(RestError::parse("filter", name, "an embedded table"));
            };
            let mut scope = match self.embedded.iter().position(|(name, _)| *name == target) {
                Some(at) => self.embedded.swap_remove(at).1,
                None => Scope::default(),
            };
            scope.read(inner, &[], rest, value)?;
            self.embedded.push((target, scope));
            return Ok(());
        }
        self.scope.read(table, &self.items, name, value)
    }

    /// Takes over `Range: 0-24`, which PostgREST understands besides `limit` and `offset`.
    pub fn apply_range(&mut self, headers: &HeaderMap) {
        let range = headers.get(RANGE).and_then(|value| value.to_str().ok());
        let Some((first, last)) = range.and_then(|range| range.split_once('-')) else {
            return;
        };
        let Ok(first) = first.trim().parse::<u64>() else {
            return;
        };
        if self.scope.limit.is_none() && self.scope.offset == 0 {
            self.scope.offset = first;
            let last = last.trim().parse::<u64>().ok();
            self.scope.limit = last.map(|last| last.saturating_sub(first).saturating_add(1));
        }
    }

    /// What is asked of an embedded table.
    #[must_use]
    pub fn embedded(&self, name: &str) -> Option<&Scope> {
        self.embedded
            .iter()
            .find(|(embedded, _)| embedded == name)
            .map(|(_, scope)| scope)
    }
}

impl Scope {
    fn read(&mut self, table: &'static Table, embedded: &[Item], name: &str, value: &str) -> Result<(), RestError> {
        let number = || {
            value
                .parse::<u64>()
                .map_err(|_| RestError::not_a_value("integer", value))
        };
        match name {
            "limit" => self.limit = Some(number()?),
            "offset" => self.offset = number()?,
            "order" => self.order = parse_order(table, value)?,
            _ => self.filters.push(Filter::parse(table, embedded, name, value)?),
        }
        Ok(())
    }
}

/// `created_at.desc.nullslast,title`
fn parse_order(table: &'static Table, text: &str) -> Result<Vec<Order>, RestError> {
    let mut orders: Vec<Order> = Vec::new();
    for part in text.split(',') {
        let order = parse_one_order(table, part, text)?;
        // A column that decided already decides nothing more; and a statement may have some thousands at most.
        if !orders.iter().any(|known| known.column.name == order.column.name) {
            orders.push(order);
        }
    }
    Ok(orders)
}

fn parse_one_order(table: &'static Table, part: &str, text: &str) -> Result<Order, RestError> {
    let mut words = part.trim().split('.');
    let column = table.column(words.next().unwrap_or_default())?;
    let (mut descending, mut nulls_first) = (false, None);
    for word in words {
        match word {
            "asc" => descending = false,
            "desc" => descending = true,
            "nullsfirst" => nulls_first = Some(true),
            "nullslast" => nulls_first = Some(false),
            _ => {
                return Err(RestError::parse("order", text, "asc, desc, nullsfirst or nullslast"));
            }
        }
    }
    Ok(Order {
        column,
        descending,
        nulls_first: nulls_first.unwrap_or(descending),
    })
}

/// What comes back from a change.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Return {
    /// Nothing.
    #[default]
    Minimal,
    /// Where the new row is.
    HeadersOnly,
    /// The changed rows.
    Representation,
}

/// What an insert does about a key that is taken.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Resolution {
    /// Fails.
    #[default]
    Fail,
    /// Changes the row that is there.
    Merge,
    /// Leaves the row that is there.
    Ignore,
}

/// The headers that steer an answer.
#[derive(Debug, Default)]
pub struct Preferences {
    /// `return=`
    pub returning: Return,
    /// `resolution=`
    pub resolution: Resolution,
    /// `count=`: whether the total is wanted. Estimates are exact here.
    pub count: bool,
    /// `missing=default`: columns that an object leaves out get their default, not null.
    pub missing_default: bool,
    /// `max-affected=`
    pub max_affected: Option<usize>,
    /// What was understood, to be said in `Preference-Applied`.
    pub applied: Vec<String>,
    /// Whether one object is wanted instead of an array.
    pub single: bool,
}

impl Preferences {
    /// Reads `Prefer` and `Accept`. What is not known is passed over, as PostgREST does.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        let mut found = Self::default();
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        found.single = accept.is_some_and(|accept| accept.contains("application/vnd.pgrst.object"));
        for header in headers.get_all("prefer") {
            for preference in header.to_str().unwrap_or_default().split(',') {
                let preference = preference.trim();
                if found.take(preference) {
                    found.applied.push(preference.to_owned());
                }
            }
        }
        found
    }

    fn take(&mut self, preference: &str) -> bool {
        match preference {
            "return=minimal" => self.returning = Return::Minimal,
            "return=headers-only" => self.returning = Return::HeadersOnly,
            "return=representation" => self.returning = Return::Representation,
            "resolution=merge-duplicates" => self.resolution = Resolution::Merge,
            "resolution=ignore-duplicates" => self.resolution = Resolution::Ignore,
            "count=exact" | "count=planned" | "count=estimated" => self.count = true,
            "missing=default" => self.missing_default = true,
            "missing=null" => self.missing_default = false,
            other => {
                let most = other.strip_prefix("max-affected=").and_then(|most| most.parse().ok());
                if most.is_none() {
                    return false;
                }
                self.max_affected = most;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_query() {
        let table = Table::find("stories").unwrap();
        let text = "select=title,scenes(*)&status=in.(failed,pending)&scenes.order=sequence.desc&order=created_at.desc\
                    &limit=5&offset=2";
        let query = Query::parse(table, text).unwrap();
        assert_eq!(query.scope.filters.len(), 1);
        assert_eq!((query.scope.limit, query.scope.offset), (Some(5), 2));
        assert!(query.scope.order[0].descending && query.scope.order[0].nulls_first);
        assert!(query.embedded("scenes").unwrap().order[0].descending);
    }

    #[test]
    fn nothing_unknown_is_passed_over() {
        let table = Table::find("stories").unwrap();
        let code = |text: &str| Query::parse(table, text).unwrap_err().code();
        assert_eq!(code("nope=eq.1"), "42703");
        assert_eq!(code("order=nope"), "42703");
        assert_eq!(code("order=title.upwards"), "PGRST100");
        assert_eq!(code("limit=-1"), "22P02");
        assert_eq!(code("scenes.order=sequence"), "PGRST100");
    }
}
