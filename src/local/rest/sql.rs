//! From a query to SQL. Names come from the schema, everything that a client sent is a parameter.
//!
//! The database makes the JSON: a row is one `json_object(…)`, an embedded table a subquery in it.

use std::fmt::Write as _;

use rusqlite::types::Value as Sql;

use super::filter::{Filter, Step, Target, like_to_glob};
use super::query::{MAX_ROWS, Query, Scope};
use super::schema::{Column, Kind, Relation, Table};
use super::select::Item;

/// Conditions that are joined side by side. SQLite takes a row of them for a tree as deep as the row is long, and takes
/// trees of a depth of 1,000; more of them are joined by halves.
const ABREAST: usize = 16;

/// A statement with its parameters.
#[derive(Debug, Default)]
pub struct Statement {
    /// The text.
    pub text: String,
    /// What stands for `?1`, `?2`, …
    pub values: Vec<Sql>,
    aliases: usize,
}

impl Statement {
    fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a placeholder for a value.
    pub fn value(&mut self, value: Sql) -> &mut Self {
        self.values.push(value);
        // Writing to a String cannot fail.
        let _ = write!(self.text, "?{}", self.values.len());
        self
    }

    /// An alias that no other table of the statement has.
    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases - 1)
    }

    /// One JSON object a row, with the filters, the order and the page of the query.
    #[must_use]
    pub fn select(table: &Table, query: &Query) -> Self {
        let mut statement = Self::default();
        let alias = statement.alias();
        statement.push("SELECT ");
        statement.row(&query.items, query, &alias, true);
        let _ = write!(statement.text, " FROM {} AS {alias}", table.stored);
        statement.condition(query, &alias);
        statement.order(&query.scope, &alias);
        let limit = query.scope.limit.map_or(MAX_ROWS, |limit| limit.min(MAX_ROWS));
        statement.page(Some(limit), query.scope.offset);
        statement
    }

    /// How many rows the filters of the query leave.
    #[must_use]
    pub fn count(table: &Table, query: &Query) -> Self {
        let mut statement = Self::default();
        let alias = statement.alias();
        let _ = write!(statement.text, "SELECT count(*) FROM {} AS {alias}", table.stored);
        statement.condition(query, &alias);
        statement
    }

    /// The rows with these keys (a JSON array), in the order of the keys unless the query has one.
    #[must_use]
    pub fn by_keys(table: &Table, query: &Query, keys: Vec<String>) -> Self {
        let mut statement = Self::default();
        let alias = statement.alias();
        statement.push("SELECT ");
        statement.row(&query.items, query, &alias, true);
        statement.push(" FROM json_each(");
        statement.value(Sql::Text(serde_json::Value::from(keys).to_string()));
        let (name, key) = (table.stored, table.key);
        let _ = write!(
            statement.text,
            ") AS wanted JOIN {name} AS {alias} ON {alias}.{key} = wanted.value"
        );
        if query.scope.order.is_empty() {
            statement.push(" ORDER BY wanted.key");
        } else {
            statement.order(&query.scope, &alias);
        }
        statement
    }

    /// The keys of the rows that the filters leave.
    #[must_use]
    pub fn keys(table: &Table, query: &Query) -> Self {
        let mut statement = Self::default();
        let alias = statement.alias();
        let _ = write!(
            statement.text,
            "SELECT CAST({alias}.{} AS TEXT) FROM {} AS {alias}",
            table.key, table.stored
        );
        statement.condition(query, &alias);
        statement.order(&query.scope, &alias);
        statement
    }

    /// `json_object('a', t0.a, …)`
    fn row(&mut self, items: &[Item], query: &Query, alias: &str, outermost: bool) {
        self.push("json_object(");
        // What is embedded without columns is not in the answer.
        let shown = items
            .iter()
            .filter(|item| !matches!(item, Item::Embed { items, .. } if items.is_empty()));
        for (at, item) in shown.enumerate() {
            if at > 0 {
                self.push(", ");
            }
            match item {
                Item::Column { name, column } => {
                    self.value(Sql::Text(name.clone())).push(", ");
                    self.column(column, alias);
                }
                Item::Embed {
                    name, relation, items, ..
                } => {
                    self.value(Sql::Text(name.clone())).push(", ");
                    // Parameters such as `scenes.order` reach one table deep.
                    let scope = query.embedded(name).filter(|_| outermost);
                    self.embed(relation, items, query, scope, alias);
                }
            }
        }
        self.push(")");
    }

    /// A column's value as JSON has it.
    fn column(&mut self, column: &Column, alias: &str) {
        let name = column.name;
        // Writing to a String cannot fail.
        let _ = match column.kind {
            Kind::Json => write!(self.text, "json({alias}.{name})"),
            // Postgres prints no zeros at the end of a fraction.
            Kind::Time => write!(
                self.text,
                "rtrim(rtrim(substr({alias}.{name}, 1, 26), '0'), '.') || '+00:00'"
            ),
            // SQLite has no booleans, and its JSON has.
            Kind::Boolean => write!(
                self.text,
                "json(CASE {alias}.{name} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END)"
            ),
            Kind::Uuid | Kind::Text | Kind::Integer | Kind::BigInt => write!(self.text, "{alias}.{name}"),
        };
    }

    fn embed(&mut self, relation: &Relation, items: &[Item], query: &Query, scope: Option<&Scope>, outer: &str) {
        let alias = self.alias();
        let (table, column) = (relation.table.stored, relation.column);
        if relation.many {
            self.push("json((SELECT json_group_array(json(j)) FROM (SELECT ");
        } else {
            self.push("json((SELECT ");
        }
        self.row(items, query, &alias, false);
        let _ = write!(
            self.text,
            " AS j FROM {table} AS {alias} WHERE {alias}.{column} = {outer}.{column}"
        );
        if let Some(scope) = scope {
            self.filters(&scope.filters, &alias, &[]);
            self.order(scope, &alias);
            self.page(scope.limit, scope.offset);
        }
        self.push(if relation.many { ")))" } else { "))" });
    }

    /// `WHERE` with the filters of the query, and with a match in each table that is embedded by `!inner`.
    fn condition(&mut self, query: &Query, alias: &str) {
        self.push(" WHERE TRUE");
        self.filters(&query.scope.filters, alias, &query.embedded);
        for item in &query.items {
            let Item::Embed {
                name,
                relation,
                inner: true,
                ..
            } = item
            else {
                continue;
            };
            let inner = self.alias();
            let (table, column) = (relation.table.stored, relation.column);
            let _ = write!(
                self.text,
                " AND EXISTS (SELECT 1 FROM {table} AS {inner} WHERE {inner}.{column} = {alias}.{column}"
            );
            if let Some(scope) = query.embedded(name) {
                self.filters(&scope.filters, &inner, &[]);
            }
            self.push(")");
        }
    }

    /// `embedded` is what is asked of the tables that are embedded in this one.
    fn filters(&mut self, filters: &[Filter], alias: &str, embedded: &[(String, Scope)]) {
        if !filters.is_empty() {
            self.push(" AND ");
            self.joined(filters, " AND ", alias, embedded);
        }
    }

    /// A column, or the part of its JSON that a path leads to.
    fn target(&mut self, target: &Target, alias: &str) {
        let column = target.column.name;
        if target.path.is_empty() {
            let _ = write!(self.text, "{alias}.{column}");
            return;
        }
        // A number in a text is a text, as it is to Postgres.
        self.push(if target.as_text { "CAST(" } else { "(" });
        let _ = write!(self.text, "{alias}.{column}");
        for (at, step) in target.path.iter().enumerate() {
            let is_last = at + 1 == target.path.len();
            self.push(if target.as_text && is_last { " ->> " } else { " -> " });
            self.value(match step {
                Step::Field(name) => Sql::Text(name.clone()),
                Step::Item(number) => Sql::Integer(i64::from(*number)),
            });
        }
        self.push(if target.as_text { " AS TEXT)" } else { ")" });
    }

    fn filter(&mut self, filter: &Filter, alias: &str, embedded: &[(String, Scope)]) {
        match filter {
            Filter::And(members) => self.joined(members, " AND ", alias, embedded),
            Filter::Or(members) => self.joined(members, " OR ", alias, embedded),
            Filter::Not(inner) => {
                self.push("NOT (");
                self.filter(inner, alias, embedded);
                self.push(")");
            }
            Filter::NoRows(name, relation) => {
                let inner = self.alias();
                let (table, column) = (relation.table.stored, relation.column);
                let _ = write!(
                    self.text,
                    "NOT EXISTS (SELECT 1 FROM {table} AS {inner} WHERE {inner}.{column} = {alias}.{column}"
                );
                if let Some((_, scope)) = embedded.iter().find(|(other, _)| other == name) {
                    self.filters(&scope.filters, &inner, &[]);
                }
                self.push(")");
            }
            Filter::Compare(target, compare, value) => {
                self.target(target, alias);
                let _ = write!(self.text, " {} ", compare.sql());
                match value {
                    // SQLite sees that an index of some rows only is enough where their condition stands there as it is.
                    Sql::Text(text) if text.is_empty() => self.push("''"),
                    value => self.value(value.clone()),
                };
            }
            Filter::In(target, values) => {
                self.target(target, alias);
                self.push(" IN (SELECT value FROM json_each(");
                self.value(Sql::Text(json_array(values))).push("))");
            }
            Filter::Like {
                target,
                pattern,
                case_sensitive: true,
            } => {
                self.target(target, alias);
                self.push(" GLOB ");
                self.value(Sql::Text(like_to_glob(pattern)));
            }
            // SQLite folds the case of ASCII letters only.
            Filter::Like { target, pattern, .. } => {
                self.target(target, alias);
                self.push(" LIKE ");
                self.value(Sql::Text(pattern.clone())).push(" ESCAPE '\\'");
            }
            Filter::IsNull(target) => {
                self.target(target, alias);
                self.push(" IS NULL");
            }
        }
    }

    fn joined(&mut self, members: &[Filter], with: &str, alias: &str, embedded: &[(String, Scope)]) {
        self.push("(");
        if members.len() > ABREAST {
            let (first, second) = members.split_at(members.len() / 2);
            self.joined(first, with, alias, embedded);
            self.push(with);
            self.joined(second, with, alias, embedded);
        } else {
            for (at, member) in members.iter().enumerate() {
                if at > 0 {
                    self.push(with);
                }
                self.filter(member, alias, embedded);
            }
        }
        self.push(")");
    }

    fn order(&mut self, scope: &Scope, alias: &str) {
        for (at, order) in scope.order.iter().enumerate() {
            let _ = write!(
                self.text,
                "{} {alias}.{} {}",
                if at == 0 { " ORDER BY" } else { "," },
                order.column.name,
                if order.descending { "DESC" } else { "ASC" },
            );
            // SQLite takes null for the smallest value. It reads no index where it is told otherwise, so it is told only if it must be.
            if !order.column.required && order.nulls_first == order.descending {
                self.push(if order.nulls_first {
                    " NULLS FIRST"
                } else {
                    " NULLS LAST"
                });
            }
        }
    }

    fn page(&mut self, limit: Option<u64>, offset: u64) {
        let number = |number: u64| Sql::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        self.push(" LIMIT ")
            .value(limit.map_or(Sql::Integer(-1), number))
            .push(" OFFSET ")
            .value(number(offset));
    }
}

/// Values as one JSON array: a list may be longer than a statement may have parameters.
fn json_array(values: &[Sql]) -> String {
    let items = values.iter().map(|value| match value {
        Sql::Text(text) => serde_json::Value::from(text.as_str()),
        Sql::Integer(number) => serde_json::Value::from(*number),
        _ => serde_json::Value::Null,
    });
    items.collect::<serde_json::Value>().to_string()
}
