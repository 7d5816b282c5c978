//! The vocabulary of named facts: key, sort of value, values, meaning. One table for field cases, flags and our own records.

use std::sync::LazyLock;

use serde::Deserialize;

use super::declared;
use super::error::InputError;
use super::sheet::Fact;
use crate::factor::{Factor, FactorKind};

/// What sort of value a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Yes or no.
    Flag,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// One of the values.
    Word,
    /// Some of the values; any words where the table has no values.
    List,
    /// Any text.
    Text,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The whole key: `flow`, `request.pkce`, `declared.OauthOidcSettings.isPkceRequired`, `facts.worked_before`.
    pub key: &'static str,
    /// What it takes.
    pub sort: Sort,
    /// The values of a word or of the items of a list; empty where any will do. Files may hold others: reports come up with new ones.
    pub values: Vec<&'static str>,
    /// What it means.
    pub meaning: &'static str,
}

#[derive(Deserialize)]
struct Row {
    key: String,
    #[serde(rename = "type")]
    sort: Sort,
    values: String,
    meaning: String,
}

static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("data/vocabulary.csv").as_bytes())
        .into_deserialize::<Row>()
        .map(|row| {
            let row = row.expect("invariant: vocabulary.csv is well-formed");
            let values: &'static str = row.values.leak();
            Key {
                key: row.key.leak(),
                sort: row.sort,
                values: values.split('|').filter(|one| !one.is_empty()).collect(),
                meaning: row.meaning.leak(),
            }
        })
        .collect()
});

/// Where a short name may belong, the likeliest first.
const SECTIONS: [&str; 4] = ["facts.", "request.", "declared.", "trial."];

/// Every key, in the order of the sections.
pub fn vocabulary() -> &'static [Key] {
    &KEYS
}

/// The key of this very name.
pub fn known_key(key: &str) -> Option<&'static Key> {
    KEYS.iter().find(|known| known.key == key)
}

/// What a person's name for a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// A key of the table.
    Key(&'static Key),
    /// The metadata field of a factor that the table does not list.
    Field(Factor),
}

/// Finds the key that a person means: the whole key, the key without its section, a `Type.field`, or the bare name of a field.
pub(super) fn find(name: &str) -> Option<Named> {
    let name = name.trim();
    if let Some(key) = known_key(name) {
        return Some(Named::Key(key));
    }
    let in_section = |section: &&str| known_key(&format!("{section}{name}"));
    if let Some(key) = SECTIONS.iter().find_map(in_section) {
        return Some(Named::Key(key));
    }
    let field = name.strip_prefix("declared.").unwrap_or(name);
    let is_setting = |factor: &Factor| {
        let kind = factor.kind();
        // In parentheses there is no field.
        !matches!(kind, FactorKind::Request | FactorKind::Environment)
            && !factor.field().starts_with('(')
    };
    let of_settings = || Factor::ALL.iter().copied().filter(is_setting);
    let factor = of_settings()
        .find(|factor| factor.field() == field)
        .or_else(|| of_settings().find(|factor| factor.key() == field))?;
    let listed = known_key(&format!("declared.{}", factor.field()));
    Some(listed.map_or(Named::Field(factor), Named::Key))
}

/// The keys nearest to a name that is not known, the nearest first: by its letters, else by the words that it shares with names and meanings.
pub(super) fn nearest(name: &str) -> Vec<&'static str> {
    // No key is as long; the comparison grows with the length.
    let name = name.trim();
    if name.len() > 100 {
        return Vec::new();
    }
    let name = name.to_ascii_lowercase();
    let mut scored: Vec<(f64, &'static str)> = KEYS
        .iter()
        .map(|known| {
            let whole = strsim::jaro_winkler(&name, &known.key.to_ascii_lowercase());
            let bare = strsim::jaro_winkler(&name, &short(known.key).to_ascii_lowercase());
            (whole.max(bare), known.key)
        })
        .filter(|(score, _)| *score >= 0.9)
        .collect();
    if scored.is_empty() {
        scored = by_words(&name);
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.truncate(NEAR);
    scored.into_iter().map(|(_, key)| key).collect()
}

/// How many near keys are offered.
const NEAR: usize = 3;

fn short(key: &'static str) -> &'static str {
    let mut sections = SECTIONS.iter();
    sections
        .find_map(|section| key.strip_prefix(section))
        .unwrap_or(key)
}

/// Keys that share words with a name, each by its part of the words: a word that few keys have counts more.
fn by_words(name: &str) -> Vec<(f64, &'static str)> {
    let words: Vec<&str> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() > 2)
        // `seconds` and `second`, `passes` and `passed`: the beginning tells.
        .map(|word| &word[..word.len().min(6)])
        .collect();
    let texts: Vec<(String, &'static str)> = KEYS
        .iter()
        .map(|key| {
            let text = format!("{} {}", key.key.replace(['_', '.'], " "), key.meaning);
            (text.to_ascii_lowercase(), key.key)
        })
        .collect();
    let has = |text: &str, word: &str| {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|own| own.starts_with(word))
    };
    texts
        .iter()
        .filter_map(|(text, key)| {
            let shared: f64 = words
                .iter()
                .filter(|word| has(text, word))
                .map(|word| {
                    let holders = texts.iter().filter(|(text, _)| has(text, word)).count();
                    1.0 / f64::from(u32::try_from(holders).unwrap_or(u32::MAX))
                })
                .sum();
            (shared > 0.0).then_some((shared, *key))
        })
        .collect()
}

impl Named {
    /// The key in a sheet.
    pub(super) fn key(self) -> String {
        match self {
            Self::Key(known) => known.key.to_owned(),
            Self::Field(factor) => format!("declared.{}", factor.field()),
        }
    }

    /// Reads a value that a person typed. `Err` says what the key takes.
    pub(super) fn read(self, value: &str) -> Result<Fact, InputError> {
        let value = value.trim();
        let fact = match self {
            Self::Key(known) => known.read(value),
            Self::Field(factor) => {
                let fact = Fact::Text(value.to_owned());
                declared::value(factor, &fact).map(|value| declared::fact(&value))
            }
        };
        fact.ok_or_else(|| InputError::FactValue {
            key: self.key(),
            value: value.chars().take(60).collect(),
            remedy: self.takes(),
        })
    }

    fn takes(self) -> String {
        match self {
            Self::Key(known) => known.takes(),
            Self::Field(factor) => match factor.values() {
                "flag" => "it takes yes or no".to_owned(),
                "number" => "it takes a whole number".to_owned(),
                "names" => "it takes names with commas between them".to_owned(),
                "text" => "it takes a text".to_owned(),
                words => format!("it takes {}", words.replace('|', ", ")),
            },
        }
    }
}

impl Key {
    fn read(&self, value: &str) -> Option<Fact> {
        match self.sort {
            Sort::Flag => flag(value).map(Fact::Flag),
            Sort::Integer => {
                let whole = value.parse::<i32>().ok()?;
                Some(Fact::Number(f64::from(whole)))
            }
            Sort::Number => {
                let number = value.parse::<f64>().ok()?;
                number.is_finite().then_some(Fact::Number(number))
            }
            Sort::Word => self
                .word(value)
                .or_else(|| self.word(if flag(value)? { "yes" } else { "no" }))
                .map(|word| Fact::Text(word.to_owned())),
            Sort::List => {
                let items = value.trim_matches(['[', ']']).split(',');
                let items = items.map(|item| item.trim().trim_matches(['"', '\'']));
                let items = items.filter(|item| !item.is_empty());
                let words: Option<Vec<String>> = items
                    .map(|item| self.word(item).map(str::to_owned))
                    .collect();
                words.map(Fact::List)
            }
            Sort::Text => (!value.is_empty()).then(|| Fact::Text(value.to_owned())),
        }
    }

    /// The value as the table spells it; the value itself where the table has none.
    fn word<'a>(&'a self, value: &'a str) -> Option<&'a str> {
        if self.values.is_empty() {
            return (!value.is_empty()).then_some(value);
        }
        let mut values = self.values.iter().copied();
        values.find(|known| known.eq_ignore_ascii_case(value))
    }

    /// What it takes, as a remedy.
    pub fn takes(&self) -> String {
        let values = self.values.join(", ");
        match (self.sort, self.values.is_empty()) {
            (Sort::Flag, _) => "it takes yes or no".to_owned(),
            (Sort::Integer, _) => "it takes a whole number".to_owned(),
            (Sort::Number, _) => "it takes a number".to_owned(),
            (Sort::Word, _) => format!("it takes {values}"),
            (Sort::List, false) => format!("it takes some of {values}, with commas between them"),
            (Sort::List, true) => "it takes words with commas between them".to_owned(),
            (Sort::Text, _) => "it takes a text".to_owned(),
        }
    }
}

/// Reads yes and no as people write them.
pub(super) fn flag(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_key_stands_once_with_its_meaning() {
        let mut seen = HashSet::new();
        for key in vocabulary() {
            assert!(seen.insert(key.key), "{}", key.key);
            assert!(!key.meaning.is_empty(), "{}", key.key);
            assert_eq!(
                key.sort == Sort::Word,
                key.sort != Sort::List && !key.values.is_empty(),
                "{}",
                key.key
            );
        }
    }

    #[test]
    fn a_short_name_finds_its_section() {
        let key = |name| find(name).map(Named::key);
        for (name, wanted) in [
            ("flow", "flow"),
            ("worked_before", "facts.worked_before"),
            ("pkce", "request.pkce"),
            ("facts.login_ok", "facts.login_ok"),
            ("works_on_host", "trial.works_on_host"),
            ("app_scopes_lacking", "declared.app_scopes_lacking"),
            (
                "OauthOidcSettings.isPkceRequired",
                "declared.OauthOidcSettings.isPkceRequired",
            ),
            ("User.IsActive", "declared.User.IsActive"),
            ("declared.User.IsActive", "declared.User.IsActive"),
            (
                "permittedUsersPolicyType",
                "declared.ExtlClntAppOauthConfigurablePolicies.permittedUsersPolicyType",
            ),
        ] {
            assert_eq!(key(name).as_deref(), Some(wanted), "{name}");
        }
        assert_eq!(key("worked_befor"), None);
        assert_eq!(
            nearest("worked_befor").first(),
            Some(&"facts.worked_before")
        );
        assert_eq!(nearest("pkec").first(), Some(&"request.pkce"));
        assert_eq!(nearest("zzzz"), Vec::<&str>::new());
        for (name, meant) in [
            ("seconds_since_login", "facts.seconds_since_token"),
            ("idle_days", "facts.token_idle_days_min"),
            (
                "rotation",
                "declared.ExtlClntAppGlobalOauthSettings.isRefreshTokenRotationEnabled",
            ),
        ] {
            assert!(
                nearest(name).contains(&meant),
                "{name}: {:?}",
                nearest(name)
            );
        }
    }

    #[test]
    fn yes_and_no_are_taken_in_every_form() {
        for (key, value, fact) in [
            ("worked_before", "yes", Fact::Flag(true)),
            ("facts.worked_before", "false", Fact::Flag(false)),
            ("refresh_works", "true", Fact::Text("yes".to_owned())),
            ("new_token_helps", "false", Fact::Text("no".to_owned())),
        ] {
            let key = find(key).expect("a key");
            assert_eq!(key.read(value).ok(), Some(fact), "{value}");
        }
    }
}
