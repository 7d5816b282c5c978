//! Names close to a topic that has no page.

use std::collections::BTreeSet;

use super::topic::codes;
use super::words::plain;
use super::{flow, scope, setting, status};
use crate::cause::{entries, wordings};

/// From which likeness a name is offered, 0 to 1.
const NEAR: f64 = 0.82;
/// Octets of the longest topic that can be a slip of a name.
const LONGEST: usize = 200;
/// How many names are offered.
const OFFERED: usize = 5;

/// Names close to a topic, the closest first; at most five.
pub fn near(topic: &str) -> Vec<String> {
    let topic = plain(topic);
    if topic.is_empty() || topic.len() > LONGEST {
        return Vec::new();
    }
    let mut scored: Vec<(f64, &str)> = names()
        .into_iter()
        .map(|name| (score(&topic, name), name))
        .filter(|(score, _)| *score >= NEAR)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored
        .into_iter()
        .take(OFFERED)
        .map(|(_, name)| name.to_owned())
        .collect()
}

fn score(topic: &str, name: &str) -> f64 {
    let lower = name.to_lowercase();
    let whole = strsim::jaro_winkler(topic, &lower);
    // A part of a name is often what a person remembers.
    let part = if topic.len() > 3 && lower.contains(topic) {
        0.9
    } else {
        0.0
    };
    whole.max(part)
}

/// Everything that has a page.
fn names() -> BTreeSet<&'static str> {
    let mut names: BTreeSet<&str> = codes().collect();
    for about in entries() {
        names.insert(about.id.name());
        names.extend(about.aliases.iter().copied());
    }
    names.extend(wordings().iter().filter_map(|wording| wording.text));
    names.extend(setting::near_names());
    names.extend(flow::near_names());
    names.extend(scope::near_names());
    names.extend(status::rows().flat_map(|row| [row.text, row.code]));
    names.remove("");
    names
}
