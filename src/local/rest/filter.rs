//! Filters: `column=eq.value`, `or=(a.eq.1,b.is.null)`, `column=not.in.(1,2)`.
//!
//! Hostile texts end up as parameters of a statement or as an error, never as SQL: names are looked up among the table's
//! columns, operators in a list.

use rusqlite::types::Value as Sql;

use super::error::RestError;
use super::schema::{Column, Kind, Relation, Table};
use super::select::Item;
use crate::local::jsonb;

/// Parentheses in parentheses, at most.
const DEPTH: usize = 16;

/// A condition on the rows of one table.
#[derive(Debug)]
pub enum Filter {
    /// All hold.
    And(Vec<Filter>),
    /// One holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A column against a value.
    Compare(Target, Compare, Sql),
    /// A column among values.
    In(Target, Vec<Sql>),
    /// A column against a pattern with `%` and `_`.
    Like {
        /// The column.
        target: Target,
        /// The pattern.
        pattern: String,
        /// Whether case matters.
        case_sensitive: bool,
    },
    /// A column is null.
    IsNull(Target),
    /// An embedded table, under the name that it has in the answer, has no rows.
    NoRows(String, &'static Relation),
}

/// What a condition is about: a column, or a part of its JSON, `scenes->0->>image_url`.
#[derive(Debug)]
pub struct Target {
    /// The column.
    pub column: &'static Column,
    /// The way into its JSON.
    pub path: Vec<Step>,
    /// Whether the part is taken as a text: `->>`.
    pub as_text: bool,
}

/// One step into JSON.
#[derive(Debug)]
pub enum Step {
    /// A field of an object.
    Field(String),
    /// An item of a list, from 0.
    Item(u32),
}

impl Target {
    fn is_json(&self) -> bool {
        if self.path.is_empty() {
            self.column.kind == Kind::Json
        } else {
            !self.as_text
        }
    }

    fn parse(&self, text: &str) -> Result<Sql, RestError> {
        if self.path.is_empty() {
            return self.column.parse(text);
        }
        if text.contains('\0') {
            return Err(RestError::nul());
        }
        if self.as_text {
            return Ok(Sql::Text(text.to_owned()));
        }
        match serde_json::from_str(text) {
            Ok(value) => Ok(Sql::Text(jsonb::normal(value).to_string())),
            Err(_) => Err(RestError::not_a_value("json", text)),
        }
    }
}

/// How to compare.
#[derive(Clone, Copy, Debug)]
pub enum Compare {
    /// `eq`
    Equal,
    /// `neq`
    NotEqual,
    /// `gt`
    Greater,
    /// `gte`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `lte`
    LessOrEqual,
}

impl Compare {
    /// The operator in SQL.
    #[must_use]
    pub fn sql(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }
}

impl Filter {
    /// Reads `name=value` of a query: a column and its condition, or `and`, `or`, `not.and`, `not.or` and a list.
    ///
    /// # Errors
    /// PGRST100 if the grammar is not kept, 42703 for an unknown column, 22P02 and its like for a bad value.
    pub fn parse(table: &Table, embedded: &[Item], name: &str, value: &str) -> Result<Self, RestError> {
        let mut parser = Parser {
            text: value,
            at: 0,
            embedded,
        };
        let filter = match name {
            "and" | "or" | "not.and" | "not.or" => parser.group(table, name, 0)?,
            _ => match relation(embedded, name) {
                Some(relation) => parser.rows(name, relation)?,
                None => {
                    let mut names = Parser {
                        text: name,
                        at: 0,
                        embedded: &[],
                    };
                    let target = names.target(table)?;
                    if names.at < name.len() {
                        return Err(names.unexpected("end of filter"));
                    }
                    parser.condition(target, Values::Whole)?
                }
            },
        };
        if parser.at < value.len() {
            return Err(parser.unexpected("end of filter"));
        }
        Ok(filter)
    }
}

/// Where a value ends.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Values {
    /// With the text: `column=eq.a,b` is one value.
    Whole,
    /// At a comma or a parenthesis, unless it is quoted.
    Listed,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// What is embedded, whose rows may be asked about.
    embedded: &'a [Item],
}

/// The relation of an embedded table, by the name that it has in the answer.
fn relation(embedded: &[Item], wanted: &str) -> Option<&'static Relation> {
    embedded.iter().find_map(|item| match item {
        Item::Embed { name, relation, .. } if name == wanted => Some(*relation),
        _ => None,
    })
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn unexpected(&self, expected: &str) -> RestError {
        RestError::parse("filter", self.text, expected)
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), RestError> {
        if self.take(token) {
            Ok(())
        } else {
            Err(self.unexpected(token))
        }
    }

    /// Letters, digits and underscores.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// `(…,…)` after `and`, `or`, `not.and` or `not.or`.
    fn group(&mut self, table: &Table, name: &str, depth: usize) -> Result<Filter, RestError> {
        if depth > DEPTH {
            return Err(self.unexpected("fewer parentheses"));
        }
        self.expect("(")?;
        let mut members = vec![self.member(table, depth)?];
        while self.take(",") {
            members.push(self.member(table, depth)?);
        }
        self.expect(")")?;
        let joined = if name.ends_with("or") {
            Filter::Or(members)
        } else {
            Filter::And(members)
        };
        Ok(if name.starts_with("not.") {
            Filter::Not(Box::new(joined))
        } else {
            joined
        })
    }

    /// One part of a group: a group, or `column.condition`.
    fn member(&mut self, table: &Table, depth: usize) -> Result<Filter, RestError> {
        for name in ["and", "or", "not.and", "not.or"] {
            if self.rest().strip_prefix(name).is_some_and(|rest| rest.starts_with('(')) {
                self.at += name.len();
                return self.group(table, name, depth + 1);
            }
        }
        let start = self.at;
        let name = self.word();
        if let Some(relation) = relation(self.embedded, name) {
            self.expect(".")?;
            return self.rows(name, relation);
        }
        // The grammar comes first: a word alone is no condition on a column that does not exist.
        if !self.rest().starts_with("->") && !self.rest().starts_with('.') {
            return Err(self.unexpected("."));
        }
        self.at = start;
        let target = self.target(table)?;
        self.expect(".")?;
        self.condition(target, Values::Listed)
    }

    /// A column, perhaps with a way into its JSON.
    fn target(&mut self, table: &Table) -> Result<Target, RestError> {
        let rest = self.rest();
        let end = rest.find("->").unwrap_or(rest.len());
        // A column alone ends where the condition begins, or with the text.
        let end = rest[..end].find(['.', ',', '(', ')']).unwrap_or(end);
        self.at += end;
        let column = table.column(&rest[..end])?;
        let mut target = Target {
            column,
            path: Vec::new(),
            as_text: false,
        };
        while !target.as_text && self.take("->") {
            target.as_text = self.take(">");
            let step = self.word();
            target.path.push(match step.parse() {
                Ok(number) => Step::Item(number),
                Err(_) if step.is_empty() => return Err(self.unexpected("a field or a number")),
                Err(_) => Step::Field(step.to_owned()),
            });
        }
        if !target.path.is_empty() && column.kind != Kind::Json {
            return Err(RestError::no_operator(&format!("{} -> unknown", column.kind.name())));
        }
        if target.path.len() > DEPTH {
            return Err(self.unexpected("a shorter path"));
        }
        Ok(target)
    }

    /// `is.null` or `not.is.null` of an embedded table.
    fn rows(&mut self, name: &str, relation: &'static Relation) -> Result<Filter, RestError> {
        let not = self.take("not.");
        if !self.take("is.null") {
            return Err(RestError::only_null_of_embedded(name));
        }
        let none = Filter::NoRows(name.to_owned(), relation);
        Ok(if not { Filter::Not(Box::new(none)) } else { none })
    }

    /// `operator.value`, perhaps after `not.`.
    fn condition(&mut self, target: Target, values: Values) -> Result<Filter, RestError> {
        // Once, as in PostgREST: a text of thousands would be as deep as it is long.
        if self.take("not.") {
            return Ok(Filter::Not(Box::new(self.comparison(target, values)?)));
        }
        self.comparison(target, values)
    }

    /// `operator.value`.
    fn comparison(&mut self, target: Target, values: Values) -> Result<Filter, RestError> {
        let start = self.at;
        let operator = self.word();
        let compare = match operator {
            "eq" => Some(Compare::Equal),
            "neq" => Some(Compare::NotEqual),
            "gt" => Some(Compare::Greater),
            "gte" => Some(Compare::GreaterOrEqual),
            "lt" => Some(Compare::Less),
            "lte" => Some(Compare::LessOrEqual),
            "like" | "ilike" | "in" | "is" => None,
            _ => {
                self.at = start;
                return Err(self.unexpected("operator (eq, neq, gt, gte, lt, lte, like, ilike, in, is)"));
            }
        };
        self.expect(".")?;
        if let Some(compare) = compare {
            let value = target.parse(&self.value(values)?)?;
            return Ok(Filter::Compare(target, compare, value));
        }
        match operator {
            "in" => self.list(target),
            "is" => self.is(target),
            _ => {
                if target.is_json() {
                    return Err(RestError::no_operator("jsonb ~~ unknown"));
                }
                let pattern = self.value(values)?.replace('*', "%");
                if pattern.contains('\0') {
                    return Err(RestError::nul());
                }
                Ok(Filter::Like {
                    target,
                    pattern,
                    case_sensitive: operator == "like",
                })
            }
        }
    }

    /// `(a,b,"c,d")`; may be empty.
    fn list(&mut self, target: Target) -> Result<Filter, RestError> {
        self.expect("(")?;
        let mut values = Vec::new();
        if self.take(")") {
            return Ok(Filter::In(target, values));
        }
        loop {
            values.push(target.parse(&self.value(Values::Listed)?)?);
            if !self.take(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(Filter::In(target, values))
    }

    fn is(&mut self, target: Target) -> Result<Filter, RestError> {
        match self.word() {
            "null" => Ok(Filter::IsNull(target)),
            "not_null" => Ok(Filter::Not(Box::new(Filter::IsNull(target)))),
            word @ ("true" | "false") if target.column.kind == Kind::Boolean => {
                let value = Sql::Integer(i64::from(word == "true"));
                Ok(Filter::Compare(target, Compare::Equal, value))
            }
            "true" | "false" | "unknown" => Err(RestError::not_a_value("boolean", target.column.name)),
            _ => Err(self.unexpected("null or not_null")),
        }
    }

    fn value(&mut self, values: Values) -> Result<String, RestError> {
        let rest = self.rest();
        if values == Values::Whole {
            self.at = self.text.len();
            return Ok(rest.to_owned());
        }
        if self.take("\"") {
            return self.quoted();
        }
        let end = rest.find([',', ')']).unwrap_or(rest.len());
        self.at += end;
        Ok(rest[..end].to_owned())
    }

    /// The inside of quotes, where a backslash makes the next character plain.
    fn quoted(&mut self) -> Result<String, RestError> {
        let mut value = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Ok(value);
                }
                '\\' => value.extend(chars.next().map(|(_, c)| c)),
                _ => value.push(c),
            }
        }
        Err(self.unexpected("\""))
    }
}

/// A LIKE pattern as a GLOB pattern, which knows case: SQLite's LIKE does not.
#[must_use]
pub fn like_to_glob(pattern: &str) -> String {
    let mut glob = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let plain = match c {
            '%' => {
                glob.push('*');
                continue;
            }
            '_' => {
                glob.push('?');
                continue;
            }
            '\\' => chars.next().unwrap_or('\\'),
            c => c,
        };
        if matches!(plain, '*' | '?' | '[') {
            glob.extend(['[', plain, ']']);
        } else {
            glob.push(plain);
        }
    }
    glob
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stories() -> &'static Table {
        Table::find("stories").unwrap()
    }

    fn code(name: &str, value: &str) -> &'static str {
        Filter::parse(stories(), &[], name, value).unwrap_err().code()
    }

    #[test]
    fn a_value_of_its_own_keeps_its_commas() {
        let filter = Filter::parse(stories(), &[], "title", "eq.a,b)(\"c").unwrap();
        let Filter::Compare(_, Compare::Equal, Sql::Text(value)) = filter else {
            panic!("{filter:?}")
        };
        assert_eq!(value, "a,b)(\"c");
    }

    #[test]
    fn groups_nest_and_quotes_protect() {
        let filter = Filter::parse(
            stories(),
            &[],
            "or",
            r#"(title.eq."a,\"b\")",not.and(status.in.(failed,pending),title.not.is.null))"#,
        )
        .unwrap();
        let Filter::Or(members) = filter else { panic!() };
        assert!(matches!(&members[0], Filter::Compare(_, _, Sql::Text(text)) if text == "a,\"b\")"));
        assert!(matches!(&members[1], Filter::Not(inner) if matches!(&**inner, Filter::And(all) if all.len() == 2)));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert_eq!(code("x\" OR 1=1 --", "eq.1"), "42703");
        assert_eq!(code("title", "1; DROP TABLE stories"), "PGRST100");
        assert_eq!(code("title", "eq"), "PGRST100");
        assert_eq!(code("title", "in.a"), "PGRST100");
        assert_eq!(code("title", "in.(a"), "PGRST100");
        assert_eq!(code("or", "(title.eq.\"a"), "PGRST100");
        assert_eq!(code("or", "(title.eq.a)x"), "PGRST100");
        assert_eq!(code("story_id", "eq.nope"), "22P02");
        assert_eq!(code("title", "is.true"), "22P02");
        assert_eq!(code("or", &"(and".repeat(1000)), "PGRST100");
        assert_eq!(code("or", "(nonsense)"), "PGRST100");
        assert_eq!(code("or", "(nonsense.eq.1)"), "42703");
        assert_eq!(code("title", "not.not.eq.a"), "PGRST100");
        assert_eq!(code("title", &"not.".repeat(100_000)), "PGRST100");
        assert_eq!(code("title->0", "eq.a"), "42883");
        assert_eq!(code("story_metadata", "like.*a*"), "42883");
        assert_eq!(code("story_metadata->", "eq.1"), "PGRST100");
        assert_eq!(code("story_metadata->>a->>b", "eq.1"), "PGRST100");
        assert_eq!(code(&format!("story_metadata{}", "->a".repeat(20)), "eq.1"), "PGRST100");
        assert_eq!(code("story_metadata->a", "eq.{"), "22P02");
        assert_eq!(code("or", "(story_metadata->a)"), "PGRST100");
    }

    #[test]
    fn parts_of_json_and_embedded_tables_can_be_asked_about() {
        let filter = Filter::parse(
            stories(),
            &[],
            "or",
            r#"(story_metadata->a->2->>b.like."x*",title.eq.y)"#,
        )
        .unwrap();
        let Filter::Or(members) = filter else {
            panic!("{filter:?}")
        };
        let Filter::Like { target, .. } = &members[0] else {
            panic!("{members:?}")
        };
        assert!(target.as_text && target.path.len() == 3);
        assert!(matches!(&target.path[1], Step::Item(2)));
        let embedded = super::super::select::parse(stories(), "*,pages:scenes()").unwrap();
        let filter = Filter::parse(stories(), &embedded, "or", "(pages.not.is.null,title.eq.a)").unwrap();
        let Filter::Or(members) = filter else {
            panic!("{filter:?}")
        };
        assert!(
            matches!(&members[0], Filter::Not(inner) if matches!(&**inner, Filter::NoRows(name, _) if name == "pages"))
        );
        let refused = Filter::parse(stories(), &embedded, "pages", "eq.1").unwrap_err();
        assert_eq!(refused.code(), "PGRST120");
    }

    #[test]
    fn patterns() {
        assert_eq!(like_to_glob("%a_b\\%c*[d"), "*a?b%c[*][[]d");
    }
}
