//! How causes show at servers other than Salesforce: what the RFCs give each code, and what single servers say beside them. Rows come from
//! `data/rfc.csv`; a row without a server is the RFC's own.

use std::sync::LazyLock;

use serde::Deserialize;

use super::CauseId;
use crate::oauth::GrantKind;

/// One answer that a cause gives.
#[derive(Debug, Clone)]
pub struct RfcAnswer {
    /// The cause.
    pub cause: CauseId,
    /// The server that says so; `None` for the RFC.
    pub server: Option<&'static str>,
    /// The grants it can happen in; empty for all.
    pub grants: Vec<GrantKind>,
    /// Where it shows: `authorize` (on the spot), `callback` (by redirect), `token`, `device_authorization`, `introspect`, `revoke`,
    /// `resource`; empty for anywhere.
    pub places: Vec<&'static str>,
    /// The status that the answer must have.
    pub status: Option<StatusRule>,
    /// The code; `None` for an answer by status alone.
    pub code: Option<&'static str>,
    /// The sentence, where it matters: to the letter, or the beginning where it ends in `…`.
    pub text: Option<&'static str>,
    /// Section of the RFC, or where the server was seen to say it.
    pub source: &'static str,
}

/// A status code, or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusRule {
    /// This one.
    Is(u16),
    /// Any from 400 to 499.
    ClientError,
}

impl StatusRule {
    /// Whether a status is meant.
    pub fn holds(self, status: u16) -> bool {
        match self {
            Self::Is(own) => own == status,
            Self::ClientError => (400..500).contains(&status),
        }
    }
}

impl RfcAnswer {
    /// Whether a sentence is the one of the row; a row without a sentence takes any, and none.
    pub fn has_text(&self, text: Option<&str>) -> bool {
        match (self.text, text) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(text)) => match own.strip_suffix('…') {
                Some(begin) => text.starts_with(begin),
                None => own == text,
            },
        }
    }
}

#[derive(Deserialize)]
struct Row {
    cause: String,
    server: String,
    grant: String,
    place: String,
    status: String,
    code: String,
    text: String,
    source: String,
}

static ANSWERS: LazyLock<Vec<RfcAnswer>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("data/rfc.csv").as_bytes())
        .into_deserialize::<Row>()
        .map(|row| read(row.expect("invariant: rfc.csv is well-formed")))
        .collect()
});

/// Every answer, those of the RFCs first.
pub fn rfc_answers() -> &'static [RfcAnswer] {
    &ANSWERS
}

fn read(row: Row) -> RfcAnswer {
    // As in the catalogue: the table lives as long as the program.
    let some = |text: String| -> Option<&'static str> {
        (!text.is_empty()).then(|| -> &'static str { text.leak() })
    };
    let list = |text: String| -> Vec<&'static str> {
        some(text).map_or_else(Vec::new, |text| text.split(';').collect())
    };
    RfcAnswer {
        cause: CauseId::parse(&row.cause).expect("invariant: rfc.csv names known causes"),
        server: some(row.server),
        grants: list(row.grant)
            .into_iter()
            .map(|name| GrantKind::parse(name).expect("invariant: rfc.csv names known grants"))
            .collect(),
        places: list(row.place),
        status: match &*row.status {
            "" => None,
            "4xx" => Some(StatusRule::ClientError),
            status => Some(StatusRule::Is(
                status.parse().expect("invariant: a status is a number"),
            )),
        },
        code: some(row.code),
        text: some(row.text),
        source: some(row.source).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_of_an_rfc_cause_with_a_source_and_says_something() {
        for row in rfc_answers() {
            assert!(row.cause.name().starts_with("rfc_"), "{row:?}");
            assert!(row.source.starts_with("https://"), "{row:?}");
            assert!(row.code.is_some() || row.status.is_some(), "{row:?}");
            assert!(row.server.is_some() || row.text.is_none(), "{row:?}");
        }
    }

    #[test]
    fn a_sentence_is_taken_to_the_letter_or_by_its_beginning() {
        let mut row = rfc_answers()[0].clone();
        assert!(row.has_text(None) && row.has_text(Some("any")));
        row.text = Some("to the letter");
        assert!(row.has_text(Some("to the letter")) && !row.has_text(Some("to the letters")));
        assert!(!row.has_text(None));
        row.text = Some("begins so…");
        assert!(row.has_text(Some("begins so, and goes on")) && !row.has_text(Some("begins")));
    }
}
