//! Plain words of settings (`refresh token: until revoked`), as scenario files take them: what they set, and what the platform does where they
//! have no true value.

use super::list::{capped, count, names, sentence, unique};
use super::page::Sections;
use super::words::plain;
use super::{Kind, Page, element};
use crate::cause::{CauseId, conditions};
use crate::factor::plain::{self as table, PLAIN, Plain, Truth};
use crate::factor::{Delta, Factor};

/// A key, and words of it where some are meant.
pub(super) type PlainWords = (&'static str, Option<(String, &'static Plain)>);

/// The words of a row, with 30 days where a number and a unit go.
fn example(row: &Plain) -> String {
    row.words.replace("UNIT", "days").replace('N', "30")
}

/// `refresh token: until revoked`, where plain words set the factor.
pub(super) fn of_factor(factor: Factor) -> Vec<String> {
    let rows = PLAIN.iter().filter(|row| {
        let words = example(row);
        table::parse(row.key, &words).is_ok_and(|reading| {
            reading
                .deltas
                .first()
                .is_some_and(|first| first.factor == factor)
        })
    });
    capped(
        rows.map(|row| format!("{}: {}", row.key, row.words))
            .collect(),
    )
}

/// The key of plain words, or the key with its words, or words that one key takes alone. Words with a number come with it.
pub(super) fn named(topic: &str) -> Option<PlainWords> {
    let wanted = plain(topic);
    if let Some(key) = table::key(&wanted) {
        return Some((key, None));
    }
    for key in table::keys() {
        let lower = key.to_lowercase();
        let rest = wanted.strip_prefix(&lower).unwrap_or(&wanted);
        let rest = rest.trim_start_matches([':', ' ']);
        if let Ok(reading) = table::parse(key, rest) {
            let is_pattern = reading.row.words.contains('N');
            let words = if is_pattern { rest } else { reading.row.words };
            return Some((key, Some((words.to_owned(), reading.row))));
        }
    }
    // The words of the table itself, `expires N UNIT after issue`.
    let row = PLAIN.iter().find(|row| plain(row.words) == wanted)?;
    Some((row.key, Some((example(row), row))))
}

/// The page of plain words: what they set, and what the platform does where they have no true value.
pub(super) fn page(key: &'static str, words: Option<&(String, &'static Plain)>) -> Page {
    let rows: Vec<(String, &'static Plain)> = match words {
        Some((words, row)) => vec![(words.clone(), *row)],
        None => PLAIN
            .iter()
            .filter(|row| row.key == key)
            .map(|row| (example(row), row))
            .collect(),
    };
    let mut page = Sections::default();
    let mut causes: Vec<CauseId> = Vec::new();
    let alone = rows.len() == 1;
    for (words, row) in &rows {
        let deltas = table::parse(key, words).map_or_else(|_| Vec::new(), |reading| reading.deltas);
        let made = made_by(&deltas);
        page.group();
        if !alone {
            page.line("Words", format!("{key}: {words}"));
        }
        page.add("Sets", deltas.iter().map(set_by).collect());
        page.line("But", but(row));
        page.line(
            "Can cause",
            made.iter()
                .map(|cause| cause.name())
                .collect::<Vec<_>>()
                .join(", "),
        );
        causes.extend(made);
    }
    let causes = unique(causes);
    Page {
        topic: match words {
            Some((words, _)) => format!("{key}: {words}"),
            None => key.to_owned(),
        },
        kind: Kind::Setting,
        summary: if alone {
            "Plain words for a setting.".to_owned()
        } else {
            format!(
                "Plain words for a setting, {}.",
                count(rows.len(), "choice")
            )
        },
        causes: names(&causes),
        rivals: Vec::new(),
        sections: page.into_vec(),
    }
}

fn set_by(delta: &Delta) -> String {
    let value = delta.value.to_string();
    element::line(delta.factor.field(), &value).unwrap_or_else(|| {
        format!(
            "{} = {value}, a switch of the simulated org",
            delta.factor.key()
        )
    })
}

/// How the words stand to the platform, where they are not exact.
fn but(row: &Plain) -> String {
    let how = match row.truth {
        Truth::Exact => return String::new(),
        Truth::Nearest => "the nearest true setting",
        Truth::Beyond => "beyond the platform; the simulated org has it as a switch",
        Truth::None => "nothing can be set so",
    };
    format!("{how}: {}", sentence(row.instead))
}

/// The causes that one of the values makes.
fn made_by(deltas: &[Delta]) -> Vec<CauseId> {
    let makes = |cause: &CauseId| {
        conditions(*cause).any(|row| {
            row.conditions.iter().any(|condition| {
                deltas.iter().any(|delta| {
                    delta.factor == condition.factor && delta.value.to_string() == condition.value
                })
            })
        })
    };
    CauseId::ALL.iter().copied().filter(makes).collect()
}
