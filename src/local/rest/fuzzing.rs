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

    /// How the database would find the rows of a query.
    fn plan(queries: &Queries, text: &str) -> String {
        let table = Table::find("stories").unwrap();
        let statement = Statement::count(table, &Query::parse(table, text).unwrap());
        let mut explain = queries
            .0
            .prepare(&format!("EXPLAIN QUERY PLAN {}", statement.text))
            .unwrap();
        let rows = explain.query_map(params_from_iter(&statement.values), |row| row.get::<_, String>(3));
        rows.unwrap().collect::<Result<Vec<_>, _>>().unwrap().join("\n")
    }

    /// As `story/repository` asks for them.
    #[test]
    fn stories_with_something_to_be_seen_to_are_found_by_the_indices_of_their_scenes() {
        let folder = tempfile::tempdir().unwrap();
        let queries = Queries::new(folder.path()).unwrap();
        let missing = "select=story_id,scene_rows:scenes(),chosen:scenes()&chosen.or=(image_url.is.null,image_url.eq.\"\")\
                       &or=(chosen.not.is.null,scene_rows.is.null)";
        let said = plan(&queries, missing);
        assert!(
            said.contains("USING INDEX scenes_without_picture (story_id=?)"),
            "{said}"
        );
        assert!(
            said.contains("USING COVERING INDEX scenes_by_story (story_id=?)"),
            "{said}"
        );
        let no_alt = "select=story_id,scene_rows:scenes(),chosen:scenes()&chosen.and=(image_url.not.is.null,\
                      image_url.neq.\"\",or(alt_text.is.null,alt_text.eq.\"\"))&chosen=not.is.null";
        let said = plan(&queries, no_alt);
        assert!(
            said.contains("USING INDEX scenes_without_alt_text (story_id=?)"),
            "{said}"
        );
    }

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
