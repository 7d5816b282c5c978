//! Lists and sentences as the pages write them: short, and what is left out is counted.

use super::hints;
use crate::cause::{CauseId, entry};

/// How many lines a list shows before it only counts.
const LISTED: usize = 8;
/// How many causes a list tells apart before it only names them.
const TOLD: usize = 10;
/// Characters of a statement in a list.
const STATEMENT: usize = 110;

/// The ids.
pub(super) fn names(causes: &[CauseId]) -> Vec<&'static str> {
    causes.iter().map(|cause| cause.name()).collect()
}

/// Each thing once, at its first place.
pub(super) fn unique<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

/// Each cause with what tells it from the others; beyond ten, the rest by name.
pub(super) fn told(causes: &[CauseId]) -> Vec<String> {
    told_by(causes, |cause| cause.name().to_owned())
}

/// As [`told`], with a name that says more than the id.
pub(super) fn told_by(causes: &[CauseId], name: impl Fn(CauseId) -> String) -> Vec<String> {
    at_most(causes, TOLD, |cause| {
        format!("{}: {}", name(cause), hints::tell(cause))
    })
}

/// Each cause with what is wrong; beyond eight, the rest by name.
pub(super) fn stated(causes: &[CauseId]) -> Vec<String> {
    at_most(causes, LISTED, |cause| {
        format!("{cause}: {}", statement(entry(cause).setting))
    })
}

fn at_most(causes: &[CauseId], most: usize, line: impl Fn(CauseId) -> String) -> Vec<String> {
    // A lone rest takes the line that would count it.
    if causes.len() <= most + 1 {
        return causes.iter().copied().map(line).collect();
    }
    let mut lines: Vec<String> = causes[..most].iter().copied().map(line).collect();
    let rest = &causes[most..];
    lines.push(if rest.len() > LISTED {
        format!("and {} more, each by its id with --format json", rest.len())
    } else {
        format!("also {}", short(rest, LISTED))
    });
    lines
}

/// Ids in a row, at most so many, the rest only counted.
pub(super) fn short(causes: &[CauseId], most: usize) -> String {
    let shown = names(&causes[..causes.len().min(most)]).join(", ");
    match causes.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// At most eight lines, the rest only counted.
pub(super) fn capped(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > LISTED {
        let more = lines.len() - (LISTED - 1);
        lines.truncate(LISTED - 1);
        lines.push(format!("and {more} more"));
    }
    lines
}

/// A statement cut at a word, for a list.
pub(super) fn statement(text: &str) -> String {
    if text.chars().count() <= STATEMENT {
        return text.to_owned();
    }
    let mut cut = String::new();
    for word in text.split(' ') {
        if cut.chars().count() + word.chars().count() + 2 > STATEMENT {
            break;
        }
        if !cut.is_empty() {
            cut.push(' ');
        }
        cut.push_str(word);
    }
    cut.trim_end_matches([',', ';', ':']).to_owned() + " …"
}

/// A text with a full stop at its end.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// The sentences of a text, each once and with its full stop.
pub(super) fn points(text: &str) -> Vec<String> {
    unique(text.split(". ").map(sentence))
}

/// A path, a field or a probe; words in parentheses say that there is none.
pub(super) fn unless_remark(text: &str) -> Option<&str> {
    let is_remark = text.starts_with('(') && text.ends_with(')');
    (!is_remark && !text.is_empty()).then_some(text)
}

/// `1 cause`, `2 causes`.
pub(super) fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    }
}
