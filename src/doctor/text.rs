//! The checks for people, a line each, and for scripts.

use std::fmt::Write as _;

use super::{Check, Document, State};
use crate::report::{Style, count, one_line, wrap};

/// The column of what was seen.
const LABEL: usize = 20;

/// A line a check, with its mark; the remedy below.
pub fn to_text(document: &Document, style: Style, width: usize) -> String {
    let mut text = String::new();
    for check in &document.checks {
        one(check, style, width, &mut text);
    }
    let summary = document.summary;
    let mut parts = vec![format!("{} ok", summary.ok)];
    let told = [
        (summary.warn, count(summary.warn, "warning")),
        (summary.fail, format!("{} failed", summary.fail)),
        (summary.unknown, format!("{} not known", summary.unknown)),
    ];
    parts.extend(
        told.into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(_, words)| words),
    );
    let _ = writeln!(
        text,
        "\n{}: {}.",
        count(document.checks.len(), "check"),
        parts.join(", ")
    );
    text
}

fn one(check: &Check, style: Style, width: usize, text: &mut String) {
    let mark = match check.state {
        State::Ok => style.good("✓"),
        State::Warn => style.doubt("!"),
        State::Fail => style.bad("✗"),
        State::Unknown => style.doubt("?"),
    };
    let room = width.saturating_sub(LABEL + 3).max(20);
    let label = check.id.replace('_', " ");
    let seen = wrap(&one_line(&check.seen), room);
    for (number, line) in seen.iter().enumerate() {
        if number == 0 {
            let _ = writeln!(text, "{mark} {label:<LABEL$} {line}");
        } else {
            let _ = writeln!(text, "  {:<LABEL$} {line}", "");
        }
    }
    let Some(remedy) = &check.remedy else {
        return;
    };
    for (number, line) in wrap(&one_line(remedy), room.saturating_sub(2))
        .iter()
        .enumerate()
    {
        let arrow = if number == 0 { style.arrow() } else { " " };
        let _ = writeln!(text, "  {:<LABEL$} {arrow} {line}", "");
    }
}

/// State, id, which of several, what was seen, remedy, separated by tabs.
pub fn to_plain(document: &Document) -> String {
    let mut text = String::new();
    for check in &document.checks {
        let fields = [
            check.state.name(),
            check.id,
            check.about.as_deref().unwrap_or("-"),
            &check.seen,
            check.remedy.as_deref().unwrap_or("-"),
        ];
        text.push_str(&fields.map(one_line).join("\t"));
        text.push('\n');
    }
    text
}
