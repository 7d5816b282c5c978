//! What the catalogue does not say of a cause: one line that tells it from the other causes of the same answer, the metadata that lifts it
//! where the catalogue names no value, and a remark. Read from `data/hints.csv`, drawn from the sources of the cause.

use std::sync::LazyLock;

use serde::Deserialize;

use super::list::{points, statement, unless_remark};
use crate::cause::{CauseId, Entry, entry};

/// One row.
#[derive(Debug)]
pub(super) struct Hint {
    cause: CauseId,
    tell: &'static str,
    /// `Type.field=value`, `Type.field+item` of a list; `-` where no metadata lifts it, empty where the catalogue says it.
    pub(super) write: Vec<&'static str>,
    /// A remark, in whole sentences.
    pub(super) note: &'static str,
    /// How to confirm it, where the catalogue points to its own files or is long.
    confirm: &'static str,
}

#[derive(Deserialize)]
struct Row {
    cause: String,
    tell: String,
    write: String,
    note: String,
    confirm: String,
}

static HINTS: LazyLock<Vec<Hint>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("data/hints.csv").as_bytes())
        .into_deserialize::<Row>()
        .map(|row| read(row.expect("invariant: hints.csv is well-formed")))
        .collect()
});

fn read(row: Row) -> Hint {
    let write: &'static str = row.write.leak();
    Hint {
        cause: CauseId::parse(&row.cause).expect("invariant: hints.csv names known causes"),
        tell: row.tell.leak(),
        write: write.split(" ; ").filter(|part| !part.is_empty()).collect(),
        note: row.note.leak(),
        confirm: row.confirm.leak(),
    }
}

/// The row of a cause, where it has one.
pub(super) fn hint(cause: CauseId) -> Option<&'static Hint> {
    HINTS.iter().find(|hint| hint.cause == cause)
}

/// What tells a cause from the others that give the same answer: a line without a full stop.
pub(super) fn tell(cause: CauseId) -> String {
    if let Some(hint) = hint(cause).filter(|hint| !hint.tell.is_empty()) {
        return hint.tell.to_owned();
    }
    let about = entry(cause);
    let probe = about.probe.split(". ").next().unwrap_or_default();
    statement(if probe.starts_with('(') {
        about.setting
    } else {
        probe
    })
}

/// How to confirm a cause, a point each; none for advice.
pub(super) fn confirm(about: &Entry) -> Vec<String> {
    let hint = hint(about.id).map_or("", |hint| hint.confirm);
    let probe = if hint.is_empty() { about.probe } else { hint };
    unless_remark(probe).map(points).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cause::wordings;

    #[test]
    fn the_causes_of_one_answer_are_told_apart_in_one_line_each() {
        let mut answers: BTreeMap<(&str, Option<&str>), Vec<CauseId>> = BTreeMap::new();
        for wording in wordings() {
            let causes = answers.entry((wording.code, wording.text)).or_default();
            if !causes.contains(&wording.cause) {
                causes.push(wording.cause);
            }
        }
        for (answer, causes) in answers {
            let mut tells: Vec<String> = causes.iter().map(|cause| tell(*cause)).collect();
            for line in &tells {
                assert!(!line.is_empty() && line.chars().count() <= 112, "{line}");
                assert!(!line.ends_with('.'), "{line}");
            }
            tells.sort();
            tells.dedup();
            assert_eq!(tells.len(), causes.len(), "{answer:?}");
        }
    }
}
