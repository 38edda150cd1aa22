//! A door for the fuzz targets in `fuzz/`: what queries become, run on a database without rows.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::error::RestError;
use super::query::Query;
use super::schema::Table;
use super::sql::Statement;
use crate::local::store::{Store, StoreError};

/// The rest API's reader of queries, and a database to try their statements on.
pub struct Queries(Connection);

impl Queries {
    /// Over a new database in `folder`, which is opened for reading alone: a statement that writes fails.
    ///
    /// # Errors
    /// [`StoreError`] if the folder cannot be used.
    pub fn new(folder: &Path) -> Result<Self, StoreError> {
        drop(Store::open(folder)?);
        let file = folder.join("project.sqlite3");
        Ok(Self(Connection::open_with_flags(
            file,
            OpenFlags::SQLITE_OPEN_READ_ONLY,
        )?))
    }

    /// Reads a query on a table and runs every statement that is made of it.
    ///
    /// # Errors
    /// The body that a client is sent.
    pub fn run(&self, table: &str, text: &str) -> Result<(), serde_json::Value> {
        self.statements(table, text).map_err(|error| error.to_json())
    }

    fn statements(&self, table: &str, text: &str) -> Result<(), RestError> {
        let table = Table::find(table)?;
        let query = Query::parse(table, text)?;
        for statement in [
            Statement::select(table, &query),
            Statement::count(table, &query),
            Statement::keys(table, &query),
            Statement::by_keys(table, &query, vec!["a key".to_owned()]),
        ] {
            let mut prepared = self.0.prepare(&statement.text)?;
            let mut rows = prepared.query(params_from_iter(&statement.values))?;
            while rows.next()?.is_some() {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hyper takes addresses of up to 64 KB.
    #[test]
    fn a_query_as_long_as_an_address_may_be_is_a_statement_that_the_database_takes() {
        let folder = tempfile::tempdir().unwrap();
        let queries = Queries::new(folder.path()).unwrap();
        let row = |what: &str, count: usize| vec![what; count].join(",");
        let many = row("title.eq.", 5000);
        let deep = (0..15).fold(row("title.eq.a", 300), |inner, _| {
            format!("and({inner}),{}", row("title.eq.a", 300))
        });
        for query in [
            format!("or=({many})"),
            format!("and=({many})"),
            format!("or=({deep})"),
            vec!["title=eq."; 5000].join("&"),
            format!("order={}", row("title", 9000)),
            format!("select=*,scenes(*)&{}", vec!["scenes.text=eq."; 3000].join("&")),
        ] {
            let done = queries.run("stories", &query);
            assert_eq!(done, Ok(()), "{}…", &query[..40]);
        }
    }
}
