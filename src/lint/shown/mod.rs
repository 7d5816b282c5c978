//! Findings as texts: for people, for lines, for CI servers and code hosts.

mod ci;
mod human;
mod sarif;

pub use ci::{github, junit, markdown};
pub use human::{Layout, human};
pub use sarif::sarif;

use super::finding::{Document, Finding};
use crate::report::one_line;

/// One line a finding, separated by tabs: severity, cause, app, file, line, column, field, declared, needed, flows, message.
pub fn plain(document: &Document) -> String {
    let line = |finding: &Finding| {
        let or_dash = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or("-");
            one_line(text)
        };
        let cells = [
            finding.severity.name().to_owned(),
            finding.cause.name().to_owned(),
            or_dash(&finding.app),
            one_line(&finding.file),
            finding.line.to_string(),
            finding.column.to_string(),
            or_dash(&finding.field),
            or_dash(&finding.declared),
            or_dash(&finding.needed),
            finding.flows.join(","),
            one_line(&finding.message),
        ];
        cells.join("\t") + "\n"
    };
    document.findings.iter().map(line).collect()
}

/// A sentence with its stop, with a capital where it begins with a word; the name of a grant or of an element keeps its letters.
fn sentence(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    let is_name = word.contains('_') || word.chars().skip(1).any(char::is_uppercase);
    let mut letters = text.chars();
    let first = letters.next();
    let mut said: String = match first {
        Some(first) if !is_name => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    };
    if !said.ends_with(['.', '?', '!']) {
        said.push('.');
    }
    said
}
