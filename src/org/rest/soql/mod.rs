//! A subset of SOQL over rows in memory: `SELECT` fields (parent paths `A.B`, `COUNT()`), `FROM`, `WHERE` (`=` `!=` `<` `>` `<=` `>=`
//! `LIKE` `[NOT] IN` with a list or a semi-join, `AND` `OR` `NOT`, parentheses, date literals), `ORDER BY`, `LIMIT`, `OFFSET`.
//! Child subqueries, aggregates, `GROUP BY` and binds are refused as `MALFORMED_QUERY`, and so is `AND` beside `OR` without parentheses,
//! as Salesforce refuses it. All rows come at once: there is no `nextRecordsUrl`.

mod date;
mod parse;
mod run;
mod token;

pub use run::{Found, Run, run};
pub(crate) use run::{render, time};

use jiff::Timestamp;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Text, picklist value or id.
    Text(String),
    /// A checkbox.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A point in time.
    Time(Timestamp),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Timestamp> for Cell {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The type of a field, as describe names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of describe")]
pub enum FieldType {
    Id,
    Reference,
    Text,
    Boolean,
    Int,
    DateTime,
}

impl FieldType {
    /// The word in describe.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Reference => "reference",
            Self::Text => "string",
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::DateTime => "datetime",
        }
    }
}

/// A field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// As Salesforce spells it.
    pub name: &'static str,
    /// Its type.
    pub of: FieldType,
    /// Whether `WHERE` and `ORDER BY` take it.
    pub filterable: bool,
}

/// A parent relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relation {
    /// The name in paths.
    pub name: &'static str,
    /// The field that holds the parent's id.
    pub via: &'static str,
    /// The parent's object.
    pub target: &'static str,
}

/// An object with its rows. The first field is `Id`; each row has one cell a field.
#[derive(Debug, Clone)]
pub struct Table {
    /// As Salesforce spells it.
    pub name: &'static str,
    /// Key prefix of its ids.
    pub prefix: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
    /// Its parents.
    pub relations: &'static [Relation],
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// Where tables come from.
pub trait Tables {
    /// The object of a name, case ignored; `None` where there is none, or none for the caller.
    fn table(&self, name: &str) -> Option<Table>;
}

/// A refusal, as the body of a 400 answer carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// `errorCode`.
    pub code: &'static str,
    /// `message`.
    pub message: String,
}

impl QueryError {
    /// A refusal that points at a place of the query: the line, a caret, `ERROR at Row:…:Column:…`, then the sentence.
    /// Standing: recorded by clients of real orgs (apache/camel-quarkus issue 3022, airbytehq/airbyte issue 62877).
    fn at(code: &'static str, query: &str, offset: usize, sentence: &str) -> Self {
        let before = query.get(..offset).unwrap_or(query);
        let row = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[line_start..].chars().count() + 1;
        let line = query[line_start..].lines().next().unwrap_or_default();
        // Long lines are shown from near the place.
        let skip = column.saturating_sub(40);
        let shown: String = line.chars().skip(skip).take(80).collect();
        Self {
            code,
            message: format!(
                "\n{shown}\n{caret:>width$}\nERROR at Row:{row}:Column:{column}\n{sentence}",
                caret = '^',
                width = column - skip,
            ),
        }
    }

    fn malformed(query: &str, offset: usize, sentence: &str) -> Self {
        Self::at("MALFORMED_QUERY", query, offset, sentence)
    }
}

#[cfg(test)]
mod tests;
