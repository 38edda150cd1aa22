//! What of each row is wanted: `select=title,scenes(sequence,image_url)`.

use super::error::RestError;
use super::schema::{Column, Relation, Table};

/// Tables in tables, at most.
const DEPTH: usize = 4;
/// Columns of one row, at most; SQLite's functions take 127 arguments or more.
const WIDTH: usize = 60;

/// One thing that is wanted of a row.
#[derive(Debug)]
pub enum Item {
    /// A column, under a name.
    Column {
        /// The name in the answer.
        name: String,
        /// The column.
        column: &'static Column,
    },
    /// Rows of another table.
    Embed {
        /// The name in the answer.
        name: String,
        /// The other table.
        relation: &'static Relation,
        /// Whether rows without a match are left out.
        inner: bool,
        /// What is wanted of them.
        items: Vec<Item>,
    },
}

/// Reads a `select`. Nothing means every column.
///
/// # Errors
/// PGRST100 if the grammar is not kept, 42703 for an unknown column, PGRST200 for a table that is not related.
pub fn parse(table: &'static Table, text: &str) -> Result<Vec<Item>, RestError> {
    if text.trim().is_empty() {
        return parse(table, "*");
    }
    items(table, text, 0)
}

fn items(table: &'static Table, text: &str, depth: usize) -> Result<Vec<Item>, RestError> {
    let mut found = Vec::new();
    for part in split(text)? {
        let part = part.trim();
        if part == "*" {
            found.extend(table.columns.iter().map(|column| Item::Column {
                name: column.name.to_owned(),
                column,
            }));
        } else {
            found.push(item(table, part, depth)?);
        }
        if found.len() > WIDTH {
            return Err(RestError::parse("select parameter", text, "fewer columns"));
        }
    }
    Ok(found)
}

/// `column`, `alias:column`, `column::text`, `alias:table!hint(…)`.
fn item(table: &'static Table, part: &str, depth: usize) -> Result<Item, RestError> {
    let refuse = || RestError::parse("select parameter", part, "field name (* or [a..z0..9_$])");
    let (head, inside) = match part.split_once('(') {
        Some((head, rest)) => (head, Some(rest.strip_suffix(')').ok_or_else(refuse)?)),
        None => (part, None),
    };
    let head = head.strip_suffix("::text").unwrap_or(head);
    let (alias, head) = match head.split_once(':') {
        Some((alias, head)) => (Some(alias), head),
        None => (None, head),
    };
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_$ -".contains(c));
    if alias.is_some_and(|alias| !is_name(alias)) {
        return Err(refuse());
    }
    let Some(inside) = inside else {
        let column = table.column(head)?;
        let name = alias.unwrap_or(column.name).to_owned();
        return Ok(Item::Column { name, column });
    };
    if depth >= DEPTH {
        return Err(RestError::parse("select parameter", part, "fewer embedded tables"));
    }
    let mut hints = head.split('!');
    let target = hints.next().unwrap_or_default();
    let relation = table
        .relations
        .iter()
        .find(|relation| relation.table.name == target)
        .ok_or_else(|| RestError::no_relationship(table.name, target))?;
    let mut inner = false;
    for hint in hints {
        match hint {
            "inner" => inner = true,
            "left" => {}
            hint if hint == relation.constraint || hint == relation.column => {}
            _ => return Err(RestError::no_relationship(table.name, target)),
        }
    }
    // Embedded without columns: it is there to be asked about, and is not in the answer.
    let items = match inside.trim() {
        "" => Vec::new(),
        inside => items(relation.table, inside, depth + 1)?,
    };
    Ok(Item::Embed {
        name: alias.unwrap_or(target).to_owned(),
        relation,
        inner,
        items,
    })
}

/// Splits at the commas that stand in no parentheses.
fn split(text: &str) -> Result<Vec<&str>, RestError> {
    let refuse = || RestError::parse("select parameter", text, "balanced parentheses");
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1).ok_or_else(refuse)?,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err(refuse());
    }
    parts.push(&text[start..]);
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stories() -> &'static Table {
        Table::find("stories").unwrap()
    }

    #[test]
    fn columns_aliases_and_embedded_tables() {
        let items = parse(stories(), "id:story_id,title,pages:scenes!inner(sequence,text)").unwrap();
        assert!(matches!(&items[0], Item::Column { name, column } if name == "id" && column.name == "story_id"));
        assert!(matches!(
            &items[2],
            Item::Embed { name, inner: true, items, .. } if name == "pages" && items.len() == 2
        ));
    }

    #[test]
    fn what_is_not_there_is_refused_with_postgrests_codes() {
        let code = |text: &str| parse(stories(), text).unwrap_err().code();
        assert_eq!(code("nope"), "42703");
        assert_eq!(code("users(*)"), "PGRST200");
        assert_eq!(code("scenes(nope)"), "42703");
        assert_eq!(code("scenes(*"), "PGRST100");
        assert_eq!(code("title)"), "PGRST100");
        assert_eq!(code("a\"b:title"), "PGRST100");
        assert_eq!(code("scenes!other(*)"), "PGRST200");
        assert_eq!(code(&"scenes(stories(".repeat(5000)), "PGRST100");
        let deep = "scenes(stories(scenes(stories(scenes(stories(title))))))";
        assert_eq!(code(deep), "PGRST100");
        assert_eq!(code(&"title,".repeat(100)), "PGRST100");
    }
}
