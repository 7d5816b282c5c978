//! Named facts: what is known beside the answer itself, by one vocabulary for field reports and for our own records.
//!
//! Keys are dotted words: `flow`, `app_kind`, `channel`, `http_status`, `error`, `error_description`, `login_host`, `request.pkce`,
//! `declared.ExtlClntAppOauthConfigurablePolicies.permittedUsersPolicyType`, `facts.worked_before`. A key that is not there is not known.

use std::collections::BTreeMap;
use std::fmt;

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Yes or no.
    Flag(bool),
    /// A count, or a share.
    Number(f64),
    /// A word or a sentence.
    Text(String),
    /// Several.
    List(Vec<String>),
}

impl Fact {
    /// Whether it is the word, or holds it; letters of either case.
    pub fn is(&self, word: &str) -> bool {
        match self {
            Self::Flag(flag) => word.eq_ignore_ascii_case(if *flag { "true" } else { "false" }),
            Self::Number(number) => word.parse() == Ok(*number),
            Self::Text(text) => text.trim().eq_ignore_ascii_case(word),
            Self::List(items) => items.iter().any(|item| item.eq_ignore_ascii_case(word)),
        }
    }

    /// Whether it contains the text; letters of either case.
    pub fn contains(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        match self {
            Self::Flag(_) | Self::Number(_) => self.is(&text),
            Self::Text(own) => own.to_ascii_lowercase().contains(&text),
            Self::List(items) => items
                .iter()
                .any(|item| item.to_ascii_lowercase().contains(&text)),
        }
    }

    /// The number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Flag(_) | Self::List(_) => None,
        }
    }

    /// The items: those of a list, else itself.
    pub fn items(&self) -> Vec<String> {
        match self {
            Self::List(items) => items.clone(),
            other => vec![other.to_string()],
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => f.write_str(&items.join(", ")),
        }
    }
}

impl From<bool> for Fact {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Facts by key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet(BTreeMap<String, Fact>);

impl Sheet {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns a fact; a later one replaces an earlier one.
    pub fn learn(&mut self, key: impl Into<String>, fact: impl Into<Fact>) {
        self.0.insert(key.into(), fact.into());
    }

    /// Learns a fact unless the key is known.
    pub fn suppose(&mut self, key: &str, fact: impl Into<Fact>) {
        if !self.0.contains_key(key) {
            self.learn(key, fact);
        }
    }

    /// Forgets a fact.
    pub fn forget(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// The fact of a key.
    pub fn get(&self, key: &str) -> Option<&Fact> {
        self.0.get(key)
    }

    /// All facts, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.0.iter().map(|(key, fact)| (key.as_str(), fact))
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Everything that one input of `diagnose` brings.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The input as the user named it: a file, `-`, or the text itself where it is short.
    pub input: String,
    /// The id inside the input, where it has one.
    pub id: Option<String>,
    /// What was seen, in order; for a field report one observation, for a text each error that was found, for a record each step.
    pub observations: Vec<super::Observation>,
    /// What is known beside it.
    pub sheet: Sheet,
    /// Settings that are known, by factor.
    pub known: crate::factor::Known,
}
