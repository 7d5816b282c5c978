//! Clues beyond the model, all of one kind: a predicate on the named facts of a report, a cause, a likelihood ratio, a reason, a source.
//! The rows stand in `data/clues.csv`; the grammar of the predicate is that of [`Atom`].

use std::sync::LazyLock;

use serde::Deserialize;

use crate::cause::CauseId;
use crate::evidence::{Fact, Sheet};

/// One row of the table.
#[derive(Debug, Clone)]
pub struct Clue {
    /// The cause it speaks for or against.
    pub cause: CauseId,
    /// What must hold, all of it.
    pub when: Vec<Atom>,
    /// How much likelier the facts are under this cause than under a rival with the same words.
    pub ratio: f64,
    /// Why, in a sentence for a person.
    pub reason: &'static str,
    /// Public source, or `inferred`.
    pub source: &'static str,
}

/// One test of one fact. A fact that is not known fails every test but `unknown`.
#[derive(Debug, Clone, PartialEq)]
pub struct Atom {
    /// The key.
    pub key: &'static str,
    /// The test.
    pub test: Test,
}

/// What is asked of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// It is one of these words.
    Is(Vec<&'static str>),
    /// It is known and none of these words.
    IsNot(Vec<&'static str>),
    /// It contains one of these.
    Contains(Vec<&'static str>),
    /// It is a list without the item.
    Lacks(&'static str),
    /// It is a number of at least this.
    AtLeast(f64),
    /// It is a number of at most this.
    AtMost(f64),
    /// It is known.
    Known,
    /// It is not known.
    Unknown,
}

impl Atom {
    /// Reads `KEY = a|b`, `KEY != a`, `KEY ~ a|b`, `KEY lacks a`, `KEY >= 1`, `KEY <= 1`, `KEY known`, `KEY unknown`.
    fn parse(text: &'static str) -> Option<Self> {
        let text = text.trim();
        let words = |list: &'static str| list.split('|').map(str::trim).collect::<Vec<_>>();
        for (sign, make) in [
            (" != ", Test::IsNot as fn(Vec<&'static str>) -> Test),
            (" = ", Test::Is),
            (" ~ ", Test::Contains),
        ] {
            if let Some((key, list)) = text.split_once(sign) {
                return Some(Self {
                    key: key.trim(),
                    test: make(words(list)),
                });
            }
        }
        if let Some((key, item)) = text.split_once(" lacks ") {
            return Some(Self {
                key: key.trim(),
                test: Test::Lacks(item.trim()),
            });
        }
        for (sign, make) in [
            (" >= ", Test::AtLeast as fn(f64) -> Test),
            (" <= ", Test::AtMost),
        ] {
            if let Some((key, number)) = text.split_once(sign) {
                return Some(Self {
                    key: key.trim(),
                    test: make(number.trim().parse().ok()?),
                });
            }
        }
        let (key, word) = text.rsplit_once(' ')?;
        let asks = match word {
            "known" => Test::Known,
            "unknown" => Test::Unknown,
            _ => return None,
        };
        Some(Self {
            key: key.trim(),
            test: asks,
        })
    }

    /// Whether it holds.
    pub fn holds(&self, sheet: &Sheet) -> bool {
        let fact = sheet.get(self.key);
        let Some(fact) = fact else {
            return self.test == Test::Unknown;
        };
        match &self.test {
            Test::Is(words) => words.iter().any(|word| fact.is(word)),
            Test::IsNot(words) => !words.iter().any(|word| fact.is(word)),
            Test::Contains(parts) => parts.iter().any(|part| fact.contains(part)),
            Test::Lacks(item) => matches!(fact, Fact::List(_)) && !fact.is(item),
            Test::AtLeast(least) => fact.number().is_some_and(|number| number >= *least),
            Test::AtMost(most) => fact.number().is_some_and(|number| number <= *most),
            Test::Known => true,
            Test::Unknown => false,
        }
    }
}

impl Clue {
    /// Whether all of it holds.
    pub fn holds(&self, sheet: &Sheet) -> bool {
        self.when.iter().all(|atom| atom.holds(sheet))
    }
}

#[derive(Deserialize)]
struct Row {
    cause: String,
    when: String,
    ratio: f64,
    reason: String,
    source: String,
}

static CLUES: LazyLock<Vec<Clue>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("data/clues.csv").as_bytes())
        .into_deserialize::<Row>()
        .map(|row| read(row.expect("invariant: clues.csv is well-formed")))
        .collect()
});

/// Every clue, in the order of the table.
pub fn clues() -> &'static [Clue] {
    &CLUES
}

fn read(row: Row) -> Clue {
    let when: &'static str = row.when.leak();
    Clue {
        cause: CauseId::parse(&row.cause)
            .expect("invariant: clues.csv names causes of the catalogue"),
        when: when
            .split(" & ")
            .map(|atom| Atom::parse(atom).expect("invariant: clues.csv holds well-formed tests"))
            .collect(),
        ratio: row.ratio,
        reason: row.reason.leak(),
        source: row.source.leak(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_holds_only_of_what_is_known() {
        let mut sheet = Sheet::new();
        sheet.learn("request.pkce", "none");
        sheet.learn(
            "request.scopes",
            Fact::List(vec!["api".to_owned(), "web".to_owned()]),
        );
        sheet.learn("http_status", Fact::Number(405.0));
        for (text, holds) in [
            ("request.pkce = none|plain", true),
            ("request.pkce = s256", false),
            ("request.pkce != s256", true),
            ("request.pkce known", true),
            ("request.aud unknown", true),
            ("request.aud != x", false),
            ("request.scopes = api", true),
            ("request.scopes lacks refresh_token", true),
            ("request.scopes lacks api", false),
            ("request.aud lacks api", false),
            ("http_status >= 400", true),
            ("http_status <= 400", false),
            ("request.scopes ~ we", true),
        ] {
            let atom = Atom::parse(text).expect("a test");
            assert_eq!(atom.holds(&sheet), holds, "{text}");
        }
        assert_eq!(Atom::parse("nonsense"), None);
    }

    #[test]
    fn each_row_of_the_table_is_read() {
        assert!(!clues().is_empty());
        for clue in clues() {
            assert!(clue.ratio > 0.0, "{clue:?}");
            assert!(!clue.reason.is_empty(), "{clue:?}");
        }
    }
}
