//! A field case: a failure that was reported, written down as named facts in TOML.
//!
//! ```toml
//! id = "client-without-pkce"
//! flow = "authorization_code"
//! app_kind = "external_client_app"
//! [observed]
//! channel = "callback"
//! error = "invalid_request"
//! error_description = "missing required code challenge"
//! [request]
//! pkce = "none"
//! [declared]
//! "OauthOidcSettings.isPkceRequired" = true
//! [facts]
//! worked_before = false
//! ```
//!
//! The keys are those of [`vocabulary`](super::vocabulary()). A key that it has not, and a value outside its list, are taken all the same. `[cause]` and
//! `[remarks]` are for people, and `[trial]` nearly names the cause: they are read over.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{InputError, place};
use super::reported;
use super::sheet::{Fact, Report, Sheet};
use super::vocabulary::{Sort, flag, known_key};

/// The tables that are read, and the prefix of their keys in the sheet.
const TABLES: [(&str, &str); 4] = [
    ("observed", ""),
    ("request", "request."),
    ("declared", "declared."),
    ("facts", "facts."),
];
const TRIAL: (&str, &str) = ("trial", "trial.");
/// Keys of the top level that are facts; `id` names the report, `source` and `date` are for people.
const TOP_LEVEL: [&str; 2] = ["flow", "app_kind"];

/// Reads a case. `name` is what errors and the report call it.
///
/// # Errors
///
/// [`InputError::Toml`] with line and column, [`InputError::CaseValue`] for a known key with a value of another sort,
/// [`InputError::NoCase`] where neither `flow` nor `[observed]` is there.
pub fn from_case(name: &str, toml: &str) -> Result<Report, InputError> {
    read(name, toml, &TABLES)
}

/// Reads a case with its `[trial]`: what was tried and passed.
///
/// # Errors
///
/// As [`from_case`].
pub fn from_case_with_trial(name: &str, toml: &str) -> Result<Report, InputError> {
    let mut tables = TABLES.to_vec();
    tables.push(TRIAL);
    read(name, toml, &tables)
}

fn read(name: &str, text: &str, tables: &[(&str, &str)]) -> Result<Report, InputError> {
    let document = DeTable::parse(text).map_err(|error| {
        let (line, column) = place(text, error.span().map_or(0, |span| span.start));
        InputError::Toml {
            input: name.to_owned(),
            line,
            column,
            reason: error.message().trim().to_owned(),
        }
    })?;
    let document = document.get_ref();
    if !document.contains_key("flow") && !document.contains_key("observed") {
        return Err(InputError::NoCase {
            input: name.to_owned(),
        });
    }
    let mut reading = Reading {
        name,
        text,
        sheet: Sheet::new(),
    };
    for key in TOP_LEVEL {
        if let Some(value) = document.get(key) {
            reading.learn(key.to_owned(), value)?;
        }
    }
    for (table, prefix) in tables {
        if let Some(value) = document.get(*table) {
            let Some(inner) = value.get_ref().as_table() else {
                return Err(reading.wrong(&format!("[{table}]"), value, "a table"));
            };
            reading.table(prefix, inner)?;
        }
    }
    let id = document.get("id").and_then(|id| id.get_ref().as_str());
    Ok(reported::report(name, id.map(str::to_owned), reading.sheet))
}

struct Reading<'a> {
    name: &'a str,
    text: &'a str,
    sheet: Sheet,
}

impl Reading<'_> {
    /// Learns the keys of a table; a table inside of it is a dotted key without its quotes.
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) -> Result<(), InputError> {
        for (key, value) in table {
            let key = format!("{prefix}{}", key.get_ref());
            match value.get_ref().as_table() {
                Some(inner) => self.table(&format!("{key}."), inner)?,
                None => self.learn(key, value)?,
            }
        }
        Ok(())
    }

    fn learn(&mut self, key: String, value: &Spanned<DeValue<'_>>) -> Result<(), InputError> {
        let sort = known_key(&key).map(|known| known.sort);
        let fact = fact(value.get_ref()).ok_or_else(|| {
            self.wrong(
                &key,
                value,
                "a text, a number, true or false, or a list of texts",
            )
        })?;
        let fact = match sort {
            Some(sort) => {
                of_sort(sort, fact).map_err(|()| self.wrong(&key, value, wanted(sort)))?
            }
            None => fact,
        };
        self.sheet.learn(key, fact);
        Ok(())
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &'static str) -> InputError {
        let (line, column) = place(self.text, value.span().start);
        let remedy = match known_key(key) {
            Some(known) => format!("{}: {}", known.meaning, known.takes()),
            None => "the keys and what they take stand in src/evidence/data/vocabulary.csv of the sources".to_owned(),
        };
        InputError::CaseValue {
            input: self.name.to_owned(),
            line,
            column,
            key: key.to_owned(),
            found: value.get_ref().type_str(),
            wanted,
            remedy,
        }
    }
}

const fn wanted(sort: Sort) -> &'static str {
    match sort {
        Sort::Flag => "true or false",
        Sort::Integer | Sort::Number => "a number",
        Sort::List => "a list of texts",
        Sort::Word | Sort::Text => "a text",
    }
}

/// A value as a fact; `None` for a list of anything but texts, numbers and flags.
fn fact(value: &DeValue<'_>) -> Option<Fact> {
    Some(match value {
        DeValue::String(text) => Fact::Text(text.to_string()),
        DeValue::Boolean(flag) => Fact::Flag(*flag),
        DeValue::Integer(_) | DeValue::Float(_) => Fact::Number(number(value)?),
        DeValue::Datetime(time) => Fact::Text(time.to_string()),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| match fact(item.get_ref())? {
                Fact::List(_) => None,
                one => Some(one.to_string()),
            });
            Fact::List(items.collect::<Option<Vec<_>>>()?)
        }
        DeValue::Table(_) => return None,
    })
}

fn number(value: &DeValue<'_>) -> Option<f64> {
    if let Some(integer) = value.as_integer() {
        let whole = i64::from_str_radix(integer.as_str(), integer.radix()).ok()?;
        return i32::try_from(whole).ok().map(f64::from);
    }
    let number: f64 = value.as_float()?.as_str().parse().ok()?;
    number.is_finite().then_some(number)
}

/// The fact as the sort of its key has it: `"400"` is a number where one is wanted, and one text is a list of one.
fn of_sort(sort: Sort, fact: Fact) -> Result<Fact, ()> {
    match (sort, fact) {
        (Sort::Flag, Fact::Flag(is)) => Ok(Fact::Flag(is)),
        (Sort::Flag, Fact::Text(text)) => flag(&text).map(Fact::Flag).ok_or(()),
        (Sort::Integer | Sort::Number, fact) => fact.number().map(Fact::Number).ok_or(()),
        (Sort::List, Fact::List(items)) => Ok(Fact::List(items)),
        (Sort::List, Fact::Text(text)) => Ok(Fact::List(vec![text])),
        // `new_token_helps = true` for "yes": the words of a flag are words too.
        (Sort::Word, Fact::Flag(is)) => Ok(Fact::from(if is { "yes" } else { "no" })),
        (Sort::Word | Sort::Text, Fact::List(_)) | (Sort::Flag | Sort::List, _) => Err(()),
        (Sort::Word | Sort::Text, fact) => Ok(Fact::Text(fact.to_string())),
    }
}
