//! The rows of `data/causes.csv` (our facts, each with its public source) and of `data/own.csv` (ids with our prefixes).

use std::sync::LazyLock;

use serde::Deserialize;

use super::{CauseId, Standing};

/// One cause of the catalogue, in prose.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The id.
    pub id: CauseId,
    /// Former ids.
    pub aliases: Vec<&'static str>,
    /// Where the fix is made: `app_setting`, `app_policy`, `org_setting`, `user`, `request`, `environment`, `platform`.
    pub locus: &'static str,
    /// What the rule rests on.
    pub rule: Standing,
    /// What the words on the wire rest on.
    pub wording: Standing,
    /// What is wrong, in a sentence.
    pub setting: &'static str,
    /// Click path in Setup.
    pub setup_path: &'static str,
    /// `Type.field`.
    pub metadata_field: &'static str,
    /// Codes that were named for it, each by itself: no pair of code and sentence may be made of these two lists.
    pub codes: Vec<&'static str>,
    /// Sentences that were named for it, each by itself.
    pub sentences: Vec<&'static str>,
    /// Whether it shows by something that is missing from a good answer.
    pub is_silent: bool,
    /// Flows that fail, in the words of the facts files.
    pub flows_failing: Vec<&'static str>,
    /// Flows that still work, and a remark.
    pub flows_working: Vec<&'static str>,
    /// How to tell it from its rivals.
    pub probe: &'static str,
    /// The smallest fix.
    pub fix: &'static str,
    /// The grade as written.
    pub grade: &'static str,
    /// Public sources.
    pub sources: Vec<&'static str>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    aliases: String,
    locus: String,
    standing: String,
    setting: String,
    setup_path: String,
    metadata_field: String,
    flows_failing: String,
    error: String,
    error_description: String,
    channel: String,
    flows_working: String,
    discriminating_probe: String,
    fix: String,
    grade: String,
    source: String,
}

const CAUSES: &str = include_str!("data/causes.csv");
const OWN: &str = include_str!("data/own.csv");

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut entries: Vec<Entry> = [CAUSES, OWN]
        .into_iter()
        .flat_map(|text| {
            csv::Reader::from_reader(text.as_bytes())
                .into_deserialize::<Row>()
                .map(|row| read(row.expect("invariant: the embedded catalogue is well-formed CSV")))
                .collect::<Vec<_>>()
        })
        .collect();
    entries.sort_by_key(|entry| entry.id);
    entries
});

/// Every cause, in the order of the ids.
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The entry of an id.
///
/// # Panics
///
/// Where an id has no row: a broken invariant, which a test holds.
pub fn entry(id: CauseId) -> &'static Entry {
    let at = ENTRIES
        .binary_search_by_key(&id, |entry| entry.id)
        .expect("invariant: each id has a row (held by a test)");
    &ENTRIES[at]
}

/// The causes of a former id: an older word may have been wider than one cause.
pub fn by_alias(word: &str) -> Vec<CauseId> {
    ENTRIES
        .iter()
        .filter(|entry| entry.aliases.contains(&word))
        .map(|entry| entry.id)
        .collect()
}

fn read(row: Row) -> Entry {
    let id = CauseId::parse(&row.id)
        .expect("invariant: each row of the catalogue has its id in the enum");
    // The catalogue lives as long as the program: leaking its few texts spares an owner beside each.
    let keep = |text: String| -> &'static str { text.leak() };
    let list = |text: String| -> Vec<&'static str> {
        let text = keep(text);
        text.split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect()
    };
    let sources = keep(row.source);
    Entry {
        id,
        aliases: list(row.aliases),
        locus: keep(row.locus),
        rule: Standing::of_grade(&row.grade),
        wording: Standing::parse(&row.standing),
        setting: keep(row.setting),
        setup_path: keep(row.setup_path),
        metadata_field: keep(row.metadata_field),
        codes: words(keep(row.error)),
        sentences: words(keep(row.error_description)),
        is_silent: row.channel.contains("silent"),
        flows_failing: list(row.flows_failing),
        flows_working: list(row.flows_working),
        probe: keep(row.discriminating_probe),
        fix: keep(row.fix),
        grade: keep(row.grade),
        sources: sources.split(" ; ").collect(),
    }
}

/// The literal words of a list: remarks in parentheses are none, a semicolon of a sentence is written `\\;`.
fn words(text: &'static str) -> Vec<&'static str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    for (at, _) in text.match_indices(';') {
        if !text[..at].ends_with('\\') {
            parts.push(&text[begin..at]);
            begin = at + 1;
        }
    }
    parts.push(&text[begin..]);
    parts
        .into_iter()
        .map(|part| part.split(" (").next().unwrap_or_default().trim())
        .filter(|part| {
            !part.is_empty() && !part.starts_with('(') && !matches!(*part, "none" | "unknown")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_has_one_row_and_each_row_an_id() {
        assert_eq!(ENTRIES.len(), CauseId::ALL.len());
        for id in CauseId::ALL {
            assert_eq!(entry(*id).id, *id);
        }
    }
}
