//! What rows are asked for: conditions on columns, and how PostgREST wants them written (postgrest.org, "Horizontal
//! filtering" and "Reserved characters").

use std::fmt::Display;

/// A condition on rows. The same one is written differently as a parameter of its own and inside `or` and `and`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Column {
        column: String,
        operator: &'static str,
        value: Operand,
        not: bool,
    },
    Group {
        word: &'static str,
        members: Vec<Condition>,
        not: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operand {
    /// As it is, in quotes inside a group.
    Text(String),
    /// A word of PostgREST's own, never in quotes: `null`.
    Word(&'static str),
    /// `(…)`, each in quotes.
    List(Vec<String>),
}

impl Condition {
    /// The column equals the value.
    #[must_use]
    pub fn eq(column: &str, value: impl Display) -> Self {
        Self::text(column, "eq", value)
    }

    /// The column differs from the value.
    #[must_use]
    pub fn neq(column: &str, value: impl Display) -> Self {
        Self::text(column, "neq", value)
    }

    /// The column is greater.
    #[must_use]
    pub fn gt(column: &str, value: impl Display) -> Self {
        Self::text(column, "gt", value)
    }

    /// The column is greater or equal.
    #[must_use]
    pub fn gte(column: &str, value: impl Display) -> Self {
        Self::text(column, "gte", value)
    }

    /// The column is smaller.
    #[must_use]
    pub fn lt(column: &str, value: impl Display) -> Self {
        Self::text(column, "lt", value)
    }

    /// The column is smaller or equal.
    #[must_use]
    pub fn lte(column: &str, value: impl Display) -> Self {
        Self::text(column, "lte", value)
    }

    /// The column has no value.
    #[must_use]
    pub fn is_null(column: &str) -> Self {
        Self::column(column, "is", Operand::Word("null"))
    }

    /// The column is one of the values. Of no values, there are no such rows.
    #[must_use]
    pub fn is_in<V: Display>(column: &str, values: impl IntoIterator<Item = V>) -> Self {
        let values = values.into_iter().map(|value| value.to_string()).collect();
        Self::column(column, "in", Operand::List(values))
    }

    /// The column is like the pattern, whatever its case: `*` is any text, `_` any one character.
    #[must_use]
    pub fn ilike(column: &str, pattern: &str) -> Self {
        Self::text(column, "ilike", pattern)
    }

    /// The column is like the pattern, case and all.
    #[must_use]
    pub fn like(column: &str, pattern: &str) -> Self {
        Self::text(column, "like", pattern)
    }

    /// The column contains the text, whatever its case. PostgREST takes `*` for any text and offers no way to ask for the
    /// character itself; each `*` in the text therefore stands for any one character.
    #[must_use]
    pub fn contains(column: &str, text: &str) -> Self {
        Self::text(column, "ilike", format_args!("*{}*", literal(text)))
    }

    /// The column begins with the text, whatever its case.
    #[must_use]
    pub fn begins(column: &str, text: &str) -> Self {
        Self::text(column, "ilike", format_args!("{}*", literal(text)))
    }

    /// The column begins with the text, case and all, but for `*`: see [`Condition::contains`].
    #[must_use]
    pub fn begins_exactly(column: &str, text: &str) -> Self {
        Self::text(column, "like", format_args!("{}*", literal(text)))
    }

    /// One of the conditions holds.
    #[must_use]
    pub fn any(members: impl IntoIterator<Item = Self>) -> Self {
        Self::group("or", members)
    }

    /// All of the conditions hold.
    #[must_use]
    pub fn all(members: impl IntoIterator<Item = Self>) -> Self {
        Self::group("and", members)
    }

    /// The contrary.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "it reads as PostgREST's own word in a chain"
    )]
    pub fn not(mut self) -> Self {
        match &mut self.0 {
            Kind::Column { not, .. } | Kind::Group { not, .. } => *not = !*not,
        }
        self
    }

    fn text(column: &str, operator: &'static str, value: impl Display) -> Self {
        Self::column(column, operator, Operand::Text(value.to_string()))
    }

    fn column(column: &str, operator: &'static str, value: Operand) -> Self {
        Self(Kind::Column {
            column: column.to_owned(),
            operator,
            value,
            not: false,
        })
    }

    fn group(word: &'static str, members: impl IntoIterator<Item = Self>) -> Self {
        Self(Kind::Group {
            word,
            members: members.into_iter().collect(),
            not: false,
        })
    }

    /// Name and value of a parameter of its own. A group about an embedded table has the table before its name.
    pub(super) fn parameter(&self, table: Option<&str>) -> (String, String) {
        let (name, value) = match &self.0 {
            Kind::Column {
                column,
                operator,
                value,
                not,
            } => (
                column.clone(),
                format!("{}{operator}.{}", negation(*not), value.plain()),
            ),
            Kind::Group { word, members, not } => (format!("{}{word}", negation(*not)), group(members)),
        };
        match table {
            Some(table) => (format!("{table}.{name}"), value),
            None => (name, value),
        }
    }

    /// As a member of a group.
    fn member(&self) -> String {
        match &self.0 {
            Kind::Column {
                column,
                operator,
                value,
                not,
            } => format!("{}.{}{operator}.{}", name(column), negation(*not), value.quoted()),
            Kind::Group { word, members, not } => format!("{}{word}{}", negation(*not), group(members)),
        }
    }

    /// Whether it is a group of nothing, which PostgREST cannot read.
    pub(super) fn is_empty(&self) -> bool {
        match &self.0 {
            Kind::Column { .. } => false,
            Kind::Group { members, .. } => members.is_empty() || members.iter().any(Self::is_empty),
        }
    }

    /// Columns that it asks about, also where it asks about a part of their JSON.
    pub(super) fn columns(&self) -> Vec<&str> {
        match &self.0 {
            Kind::Column { column, .. } => vec![column.split("->").next().unwrap_or(column)],
            Kind::Group { members, .. } => members.iter().flat_map(Self::columns).collect(),
        }
    }
}

impl Operand {
    fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Word(word) => (*word).to_owned(),
            Self::List(_) => self.quoted(),
        }
    }

    fn quoted(&self) -> String {
        match self {
            Self::Text(text) => quote(text),
            Self::Word(word) => (*word).to_owned(),
            Self::List(values) => {
                let values: Vec<_> = values.iter().map(|value| quote(value)).collect();
                format!("({})", values.join(","))
            }
        }
    }
}

fn negation(not: bool) -> &'static str {
    if not { "not." } else { "" }
}

fn group(members: &[Condition]) -> String {
    let members: Vec<_> = members.iter().map(Condition::member).collect();
    format!("({})", members.join(","))
}

/// A column inside a group; in quotes if its name has reserved characters.
fn name(column: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '>');
    if column.chars().all(plain) {
        column.to_owned()
    } else {
        quote(column)
    }
}

/// A value within a list, in which commas, parentheses and quotes have a meaning of their own.
fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A text as a pattern that only it is like.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        match c {
            '\\' | '%' | '_' => pattern.extend(['\\', c]),
            '*' => pattern.push('_'),
            _ => pattern.push(c),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_a_parameter_and_as_a_member() {
        let text = |condition: Condition| {
            let (name, value) = condition.parameter(None);
            format!("{name}={value}")
        };
        assert_eq!(text(Condition::eq("title", "a,b")), "title=eq.a,b");
        assert_eq!(text(Condition::is_null("deleted_at").not()), "deleted_at=not.is.null");
        assert_eq!(
            text(Condition::any([
                Condition::eq("title", "a,b"),
                Condition::contains("title", "say \"hi\" 50%").not(),
                Condition::all([Condition::gte("scenes", 3), Condition::is_null("deleted_at")]),
                Condition::is_in("status", ["a", "b)"]),
            ])),
            r#"or=(title.eq."a,b",title.not.ilike."*say \"hi\" 50\\%*",and(scenes.gte."3",deleted_at.is.null),status.in.("a","b)"))"#
        );
        assert_eq!(
            text(Condition::all([Condition::lt("a", 1)]).not()),
            "not.and=(a.lt.\"1\")"
        );
        let embedded = Condition::any([Condition::eq("sequence", 1)]).parameter(Some("scenes"));
        assert_eq!(embedded, ("scenes.or".to_owned(), "(sequence.eq.\"1\")".to_owned()));
        let path = Condition::any([
            Condition::eq("scenes->0->>image_url", "a"),
            Condition::begins_exactly("text", "50% *_"),
        ]);
        assert_eq!(path.columns(), ["scenes", "text"]);
        assert_eq!(
            text(path),
            r#"or=(scenes->0->>image_url.eq."a",text.like."50\\% _\\_*")"#
        );
        assert!(Condition::any([]).is_empty() && Condition::all([Condition::any([])]).is_empty());
    }
}
