//! Runs a parsed query over tables.

use std::cmp::Ordering;
use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::date::{self, Period};
use super::parse::{Comparison, Condition, Literal, Name, Operand, Query, Select, Set, parse};
use super::{Cell, Field, FieldType, QueryError, Table, Tables};
use crate::org::rest::ids;

/// What a query runs on.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The objects.
    pub tables: &'a dyn Tables,
    /// For date literals.
    pub now: Timestamp,
    /// Path of the sObjects for `attributes.url`, such as `/services/data/v60.0/sobjects`.
    pub sobjects: &'a str,
}

/// What a query found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The object.
    pub entity: &'static str,
    /// Its key prefix.
    pub prefix: &'static str,
    /// Number of rows.
    pub total: usize,
    /// Rows as REST renders them; empty for `COUNT()`.
    pub records: Vec<Value>,
    /// Selected paths with the type of their last field.
    pub columns: Vec<(Vec<&'static str>, FieldType)>,
}

/// Parses and runs a query.
pub fn run(text: &str, on: &Run<'_>) -> Result<Found, QueryError> {
    let query = parse(text)?;
    let mut scope = Scope::open(text, &query, on)?;
    let routes = match &query.select {
        Select::Count => Vec::new(),
        Select::Fields(names) => names
            .iter()
            .map(|name| scope.route(name))
            .collect::<Result<Vec<_>, _>>()?,
    };
    let rows = scope.select(&query)?;
    let records = match query.select {
        Select::Count => Vec::new(),
        Select::Fields(_) => rows.iter().map(|&row| scope.render(row, &routes)).collect(),
    };
    Ok(Found {
        entity: scope.tables[0].name,
        prefix: scope.tables[0].prefix,
        total: rows.len(),
        records,
        columns: routes
            .into_iter()
            .map(|route| (route.names, route.field.of))
            .collect(),
    })
}

/// A point in time as REST writes it.
pub(crate) fn time(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

/// A path, resolved.
#[derive(Debug, Clone)]
struct Route {
    /// Column that holds a parent's id, and the parent's table.
    hops: Vec<(usize, usize)>,
    column: usize,
    field: Field,
    /// Canonical spelling.
    names: Vec<&'static str>,
}

/// A value, typed by the field that it is compared with.
enum Typed {
    Null,
    Id(String),
    Text(String),
    Flag(bool),
    Number(f64),
    Period(Period),
}

enum Filter {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare(Route, Comparison, Typed),
    In(Route, bool, Vec<Typed>),
    SemiJoin(Route, bool, HashSet<String>),
}

struct Scope<'a> {
    text: &'a str,
    on: &'a Run<'a>,
    alias: Option<String>,
    /// The queried table first, then parents as paths need them.
    tables: Vec<Table>,
}

impl<'a> Scope<'a> {
    fn open(text: &'a str, query: &Query, on: &'a Run<'a>) -> Result<Self, QueryError> {
        let table = on.tables.table(&query.from.text).ok_or_else(|| {
            QueryError::at(
                "INVALID_TYPE",
                text,
                query.from.at,
                &format!(
                    "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
                    query.from.text
                ),
            )
        })?;
        Ok(Self {
            text,
            on,
            alias: query.alias.clone(),
            tables: vec![table],
        })
    }

    fn route(&mut self, name: &Name) -> Result<Route, QueryError> {
        let mut parts: Vec<&str> = name.text.split('.').collect();
        let own = self.tables[0].name;
        if parts.len() > 1
            && (parts[0].eq_ignore_ascii_case(own)
                || self
                    .alias
                    .as_deref()
                    .is_some_and(|alias| alias.eq_ignore_ascii_case(parts[0])))
        {
            parts.remove(0);
        }
        let mut route = Route {
            hops: Vec::new(),
            column: 0,
            field: self.tables[0].fields[0],
            names: Vec::new(),
        };
        let mut table = 0;
        let (last, relations) = parts.split_last().unwrap_or((&"", &[]));
        for part in relations {
            let relation = self.tables[table]
                .relations
                .iter()
                .find(|relation| relation.name.eq_ignore_ascii_case(part))
                .copied();
            let parent = relation.and_then(|relation| self.parent(relation.target));
            let (Some(relation), Some(parent)) = (relation, parent) else {
                return Err(self.invalid_field(
                    name.at,
                    &format!("Didn't understand relationship '{part}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names."),
                ));
            };
            let via = self.tables[table]
                .fields
                .iter()
                .position(|field| field.name == relation.via)
                .expect("invariant: a relation goes by a field of its object");
            route.hops.push((via, parent));
            route.names.push(relation.name);
            table = parent;
        }
        let found = self.tables[table]
            .fields
            .iter()
            .position(|field| field.name.eq_ignore_ascii_case(last));
        let Some(column) = found else {
            return Err(self.invalid_field(
                name.at,
                &format!(
                    "No such column '{last}' on entity '{}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
                    self.tables[table].name
                ),
            ));
        };
        route.column = column;
        route.field = self.tables[table].fields[column];
        route.names.push(route.field.name);
        Ok(route)
    }

    /// The position of a parent's table, opened once.
    fn parent(&mut self, target: &str) -> Option<usize> {
        if let Some(at) = self.tables.iter().position(|table| table.name == target) {
            return Some(at);
        }
        self.tables.push(self.on.tables.table(target)?);
        Some(self.tables.len() - 1)
    }

    /// The positions of the rows that a query selects, in its order.
    fn select(&mut self, query: &Query) -> Result<Vec<usize>, QueryError> {
        let filter = match &query.condition {
            Some(condition) => Some(self.filter(condition)?),
            None => None,
        };
        let mut order = Vec::new();
        for by in &query.order {
            let route = self.route(&by.field)?;
            if !route.field.filterable {
                return Err(self.invalid_field(
                    by.field.at,
                    &format!(
                        "field '{}' can not be sorted in a query call",
                        route.field.name
                    ),
                ));
            }
            order.push((route, by.descending, by.nulls_last));
        }
        let mut rows: Vec<usize> = (0..self.tables[0].rows.len())
            .filter(|&row| {
                filter
                    .as_ref()
                    .is_none_or(|filter| self.passes(row, filter))
            })
            .collect();
        rows.sort_by(|&one, &other| {
            order
                .iter()
                .map(|(route, descending, nulls_last)| {
                    let (one, other) = (self.cell(one, route), self.cell(other, route));
                    match (one == &Cell::Null, other == &Cell::Null) {
                        (true, true) => Ordering::Equal,
                        (true, false) if *nulls_last => Ordering::Greater,
                        (true, false) => Ordering::Less,
                        (false, true) if *nulls_last => Ordering::Less,
                        (false, true) => Ordering::Greater,
                        (false, false) if *descending => compare(other, one),
                        (false, false) => compare(one, other),
                    }
                })
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        });
        let limit = query.limit.unwrap_or(usize::MAX);
        Ok(rows.into_iter().skip(query.offset).take(limit).collect())
    }

    fn filter(&mut self, condition: &Condition) -> Result<Filter, QueryError> {
        Ok(match condition {
            Condition::All(terms) => Filter::All(self.filters(terms)?),
            Condition::Any(terms) => Filter::Any(self.filters(terms)?),
            Condition::Not(term) => Filter::Not(Box::new(self.filter(term)?)),
            Condition::Compare(field, how, operand) => {
                let route = self.filtered(field)?;
                let value = self.typed(&route.field, operand, *how)?;
                Filter::Compare(route, *how, value)
            }
            Condition::In {
                field,
                negated,
                set: Set::List(list),
            } => {
                let route = self.filtered(field)?;
                let values = list
                    .iter()
                    .map(|operand| self.typed(&route.field, operand, Comparison::Equal))
                    .collect::<Result<Vec<_>, _>>()?;
                Filter::In(route, *negated, values)
            }
            Condition::In {
                field,
                negated,
                set: Set::Query(query),
            } => {
                let route = self.filtered(field)?;
                Filter::SemiJoin(route, *negated, self.keys(query)?)
            }
        })
    }

    fn filters(&mut self, terms: &[Condition]) -> Result<Vec<Filter>, QueryError> {
        terms.iter().map(|term| self.filter(term)).collect()
    }

    /// A field that may stand in `WHERE`. The sentence is recorded (airbytehq/airbyte issue 62877).
    fn filtered(&mut self, name: &Name) -> Result<Route, QueryError> {
        let route = self.route(name)?;
        if route.field.filterable {
            Ok(route)
        } else {
            Err(self.invalid_field(
                name.at,
                &format!(
                    "field '{}' can not be filtered in a query call",
                    route.field.name
                ),
            ))
        }
    }

    /// The values of a semi-join.
    fn keys(&self, query: &Query) -> Result<HashSet<String>, QueryError> {
        let mut inner = Scope::open(self.text, query, self.on)?;
        let Select::Fields(names) = &query.select else {
            return Err(QueryError::malformed(
                self.text,
                query.from.at,
                "a semi join sub-select selects one field",
            ));
        };
        let [name] = names.as_slice() else {
            return Err(QueryError::malformed(
                self.text,
                query.from.at,
                "a semi join sub-select selects one field",
            ));
        };
        let route = inner.route(name)?;
        let rows = inner.select(query)?;
        Ok(rows
            .into_iter()
            .filter_map(|row| key(inner.cell(row, &route)))
            .collect())
    }

    /// Reads a literal as the type of the field. The sentences are well known; standing: reported.
    fn typed(
        &self,
        field: &Field,
        operand: &Operand,
        how: Comparison,
    ) -> Result<Typed, QueryError> {
        let wrong = |kind: &str, quotes: &str| {
            self.invalid_field(
                operand.at,
                &format!(
                    "value of filter criterion for field '{}' must be of type {kind} and should {quotes}be enclosed in quotes",
                    field.name
                ),
            )
        };
        let bare = match &operand.value {
            Literal::Bare(word) if word.eq_ignore_ascii_case("null") => return Ok(Typed::Null),
            Literal::Bare(word) => Some(word.as_str()),
            Literal::Text(_) => None,
        };
        match (field.of, &operand.value) {
            (FieldType::Id | FieldType::Reference, Literal::Text(text))
                if how != Comparison::Like =>
            {
                // An empty text stands for no id.
                if text.is_empty() {
                    return Ok(Typed::Null);
                }
                ids::shorten(text)
                    .map(|id| Typed::Id(id.to_owned()))
                    .ok_or_else(|| QueryError {
                        code: "INVALID_QUERY_FILTER_OPERATOR",
                        ..QueryError::malformed(
                            self.text,
                            operand.at,
                            &format!("invalid ID field: {text}"),
                        )
                    })
            }
            (FieldType::Text, Literal::Text(text)) => Ok(if how == Comparison::Like {
                Typed::Text(text.to_lowercase())
            } else {
                Typed::Text(text.replace("\\%", "%").replace("\\_", "_").to_lowercase())
            }),
            (FieldType::Id | FieldType::Reference | FieldType::Text, _) => {
                if how == Comparison::Like && field.of != FieldType::Text {
                    return Err(QueryError {
                        code: "INVALID_QUERY_FILTER_OPERATOR",
                        ..QueryError::malformed(
                            self.text,
                            operand.at,
                            "invalid operator on id field",
                        )
                    });
                }
                Err(wrong("string", ""))
            }
            (FieldType::Boolean, _) => bare
                .and_then(|word| word.to_ascii_lowercase().parse().ok())
                .map(Typed::Flag)
                .ok_or_else(|| wrong("boolean", "not ")),
            (FieldType::Int, _) => bare
                .and_then(|word| word.parse().ok())
                .map(Typed::Number)
                .ok_or_else(|| wrong("int", "not ")),
            (FieldType::DateTime, _) => bare
                .and_then(|word| date::read(word, self.on.now))
                .map(Typed::Period)
                .ok_or_else(|| wrong("dateTime", "not ")),
        }
    }

    fn passes(&self, row: usize, filter: &Filter) -> bool {
        match filter {
            Filter::All(filters) => filters.iter().all(|filter| self.passes(row, filter)),
            Filter::Any(filters) => filters.iter().any(|filter| self.passes(row, filter)),
            Filter::Not(filter) => !self.passes(row, filter),
            Filter::Compare(route, how, value) => holds(self.cell(row, route), *how, value),
            Filter::In(route, negated, values) => {
                let cell = self.cell(row, route);
                let found = values
                    .iter()
                    .any(|value| holds(cell, Comparison::Equal, value));
                found != *negated
            }
            Filter::SemiJoin(route, negated, keys) => {
                let found = key(self.cell(row, route)).is_some_and(|key| keys.contains(&key));
                found != *negated
            }
        }
    }

    fn cell(&self, row: usize, route: &Route) -> &Cell {
        const NULL: &Cell = &Cell::Null;
        let mut at = (0, row);
        for &(via, parent) in &route.hops {
            match self.up(at, via, parent) {
                Some(row) => at = (parent, row),
                None => return NULL,
            }
        }
        self.tables[at.0].rows[at.1]
            .get(route.column)
            .unwrap_or(NULL)
    }

    /// The row of a parent.
    fn up(&self, (table, row): (usize, usize), via: usize, parent: usize) -> Option<usize> {
        let id = self.tables[table].rows[row].get(via)?;
        if id == &Cell::Null {
            return None;
        }
        self.tables[parent]
            .rows
            .iter()
            .position(|row| row.first() == Some(id))
    }

    fn render(&self, row: usize, routes: &[Route]) -> Value {
        let mut record = self.attributes(0, row);
        for route in routes {
            self.insert(&mut record, (0, row), &route.hops, &route.names, route);
        }
        Value::Object(record)
    }

    /// Puts the value of a path into a record, making the parents on the way; a parent that is not there is `null`.
    fn insert(
        &self,
        into: &mut Map<String, Value>,
        at: (usize, usize),
        hops: &[(usize, usize)],
        names: &[&'static str],
        route: &Route,
    ) {
        let (Some((name, names)), Some((&(via, parent), hops))) =
            (names.split_first(), hops.split_first())
        else {
            let cell = self.tables[at.0].rows[at.1].get(route.column);
            into.insert(
                route.field.name.to_owned(),
                cell.map_or(Value::Null, render),
            );
            return;
        };
        let Some(row) = self.up(at, via, parent) else {
            into.insert((*name).to_owned(), Value::Null);
            return;
        };
        let slot = into
            .entry(*name)
            .or_insert_with(|| Value::Object(self.attributes(parent, row)));
        if let Value::Object(map) = slot {
            self.insert(map, (parent, row), hops, names, route);
        }
    }

    fn attributes(&self, table: usize, row: usize) -> Map<String, Value> {
        let table = &self.tables[table];
        let mut attributes = json!({ "type": table.name });
        if let Some(Cell::Text(id)) = table.rows[row].first() {
            attributes["url"] = format!("{}/{}/{id}", self.on.sobjects, table.name).into();
        }
        let mut record = Map::new();
        record.insert("attributes".to_owned(), attributes);
        record
    }

    fn invalid_field(&self, at: usize, sentence: &str) -> QueryError {
        QueryError::at("INVALID_FIELD", self.text, at, sentence)
    }
}

/// A cell as REST renders it.
pub(crate) fn render(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => text.as_str().into(),
        Cell::Flag(flag) => (*flag).into(),
        Cell::Number(number) => (*number).into(),
        Cell::Time(moment) => time(*moment).into(),
    }
}

/// What two cells of a semi-join have in common.
fn key(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Text(text) => {
            Some(ids::shorten(text).map_or_else(|| text.to_lowercase(), |id| format!("id {id}")))
        }
        other => Some(render(other).to_string()),
    }
}

fn compare(one: &Cell, other: &Cell) -> Ordering {
    match (one, other) {
        (Cell::Text(one), Cell::Text(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        (Cell::Flag(one), Cell::Flag(other)) => one.cmp(other),
        (Cell::Number(one), Cell::Number(other)) => one.cmp(other),
        (Cell::Time(one), Cell::Time(other)) => one.cmp(other),
        _ => Ordering::Equal,
    }
}

fn holds(cell: &Cell, how: Comparison, value: &Typed) -> bool {
    let order = match (cell, value) {
        (Cell::Null, Typed::Null) => Some(Ordering::Equal),
        (Cell::Text(text), Typed::Text(pattern)) if how == Comparison::Like => {
            return like(&text.to_lowercase(), pattern);
        }
        (Cell::Text(text), Typed::Text(value)) => Some(text.to_lowercase().cmp(value)),
        (Cell::Text(text), Typed::Id(id)) => ids::shorten(text).map(|own| own.cmp(id.as_str())),
        (Cell::Flag(flag), Typed::Flag(value)) => Some(flag.cmp(value)),
        (Cell::Number(number), Typed::Number(value)) => {
            #[expect(
                clippy::cast_precision_loss,
                reason = "counts of the simulated org are far below 2^53"
            )]
            let number = *number as f64;
            number.partial_cmp(value)
        }
        (Cell::Time(moment), Typed::Period(period)) => Some(place(*moment, *period)),
        _ => None,
    };
    match (how, order) {
        (Comparison::Equal, order) => order == Some(Ordering::Equal),
        // A row without a value is unequal to every value.
        (Comparison::Unequal, order) => order != Some(Ordering::Equal),
        (Comparison::Less, Some(order)) => order.is_lt(),
        (Comparison::Greater, Some(order)) => order.is_gt(),
        (Comparison::AtMost, Some(order)) => order.is_le(),
        (Comparison::AtLeast, Some(order)) => order.is_ge(),
        (Comparison::Like, _) | (_, None) => false,
    }
}

/// Before, within or after a period; to the millisecond, as REST shows times.
fn place(moment: Timestamp, period: Period) -> Ordering {
    let shown = moment.as_millisecond();
    if shown < period.from.as_millisecond() {
        Ordering::Less
    } else if shown < period.to.as_millisecond() {
        Ordering::Equal
    } else {
        Ordering::Greater
    }
}

/// `%` any number of characters, `_` one, a backslash takes the meaning away. Linear in text times pattern.
pub(super) fn like(text: &str, pattern: &str) -> bool {
    enum Part {
        Any,
        One,
        Letter(char),
    }
    let mut parts = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        parts.push(match letter {
            '%' => Part::Any,
            '_' => Part::One,
            '\\' => Part::Letter(letters.next().unwrap_or('\\')),
            letter => Part::Letter(letter),
        });
    }
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut part) = (0, 0);
    // Where to go on when what follows the last `%` does not fit.
    let mut again = None;
    while at < text.len() {
        match parts.get(part) {
            Some(Part::Any) => {
                part += 1;
                again = Some((at, part));
            }
            Some(Part::One) => {
                at += 1;
                part += 1;
            }
            Some(Part::Letter(letter)) if *letter == text[at] => {
                at += 1;
                part += 1;
            }
            _ => match again {
                Some((from, after)) => {
                    at = from + 1;
                    part = after;
                    again = Some((at, after));
                }
                None => return false,
            },
        }
    }
    parts[part..].iter().all(|part| matches!(part, Part::Any))
}
