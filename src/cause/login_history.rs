//! Status texts and codes of LoginHistory, and the causes that each one names. The text stands in LoginHistory and in the download of
//! Setup > Login History, the code in event log files.

use std::sync::LazyLock;

use serde::Deserialize;

use super::CauseId;

/// One status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRow {
    /// The words of the column Status; empty where only the code is known.
    pub text: &'static str,
    /// The code of an event log; empty where none is known.
    pub code: &'static str,
    /// The causes that it names, the usual one first; none for a success, and where it names none of the catalogue.
    pub causes: Vec<CauseId>,
    /// Public source.
    pub source: &'static str,
}

#[derive(Deserialize)]
struct Row {
    text: String,
    code: String,
    causes: String,
    source: String,
}

static ROWS: LazyLock<Vec<StatusRow>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("data/login_history.csv").as_bytes())
        .into_deserialize::<Row>()
        .map(|row| read(row.expect("invariant: login_history.csv is well-formed")))
        .collect()
});

/// Every status that is known.
pub fn login_history_rows() -> &'static [StatusRow] {
    &ROWS
}

/// The row of a status, by its text or by its code. Letter case, white space, a `Failed: ` before and a full stop behind do not matter.
pub fn login_history(status: &str) -> Option<&'static StatusRow> {
    let wanted = plain(status);
    if wanted.is_empty() {
        return None;
    }
    ROWS.iter()
        .find(|row| plain(row.text) == wanted || row.code.eq_ignore_ascii_case(&wanted))
}

/// The rows that name a cause, the plainest first.
pub fn login_history_of(cause: CauseId) -> Vec<&'static StatusRow> {
    let mut rows: Vec<&StatusRow> = ROWS
        .iter()
        .filter(|row| row.causes.contains(&cause) && !row.text.is_empty())
        .collect();
    rows.sort_by_key(|row| row.causes.len());
    rows
}

/// The words that count.
fn plain(status: &str) -> String {
    let words: Vec<&str> = status.split_whitespace().collect();
    let line = words.join(" ").to_lowercase();
    let line = line.strip_prefix("failed:").unwrap_or(&line);
    line.trim().trim_end_matches('.').to_owned()
}

fn read(row: Row) -> StatusRow {
    let causes = row.causes.split(';').filter(|id| !id.is_empty());
    StatusRow {
        text: row.text.leak(),
        code: row.code.leak(),
        causes: causes
            .map(|id| CauseId::parse(id).expect("invariant: login_history.csv names known causes"))
            .collect(),
        source: row.source.leak(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::cause::{Channel, wordings};

    #[test]
    fn every_wording_of_the_login_history_has_its_row() {
        let known = wordings()
            .iter()
            .filter(|wording| wording.channel == Channel::LoginHistory);
        for wording in known {
            let text = wording.text.expect("a status has words");
            let row = login_history(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((row.text, row.code), (text, wording.code));
            assert!(row.causes.contains(&wording.cause), "{text}");
        }
    }

    #[test]
    fn a_status_is_found_as_people_write_it() {
        let causes = |status| login_history(status).map(|row| row.causes.clone());
        let not_approved = Some(vec![CauseId::UserNotPreauthorized]);
        assert_eq!(causes("Failed: Not approved for access"), not_approved);
        assert_eq!(causes("  not approved  for access. "), not_approved);
        let no_key = Some(vec![CauseId::ClientIdNotSent]);
        assert_eq!(causes("Failed: Missing Consumer Key Parameter"), no_key);
        assert_eq!(causes("login_oauth_no_consumer"), no_key);
        assert_eq!(causes("User Is Frozen"), Some(vec![CauseId::UserFrozen]));
        assert_eq!(causes("Success"), Some(Vec::new()));
        assert_eq!(causes("Failed: something new"), None);
        assert_eq!(causes("Failed:"), None);
    }

    #[test]
    fn a_row_can_be_found_and_names_its_source() {
        let mut seen = HashSet::new();
        for row in login_history_rows() {
            assert!(!row.source.is_empty());
            for name in [row.text, row.code]
                .into_iter()
                .filter(|name| !name.is_empty())
            {
                assert_eq!(login_history(name), Some(row), "{name}");
                assert!(seen.insert(plain(name)), "{name} stands twice");
            }
        }
    }
}
