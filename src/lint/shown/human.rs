//! Findings for people: by file, each with what is declared, what is needed, what it blocks and what to do; what many apps share is told once.

use std::fmt::Write as _;

use super::super::finding::{Document, Finding, Severity};
use super::sentence;
use crate::cause::CauseId;
use crate::report::{Style, count, one_line, wrap};

/// From so many findings of one cause on, which are no errors, one tells for all.
const MANY: usize = 5;
/// Places that are named of them.
const NAMED: usize = 3;
const INDENT: &str = "          ";

/// How the text is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Colours.
    pub style: Style,
    /// Columns.
    pub width: usize,
    /// Each finding by itself, however many are alike.
    pub verbose: bool,
}

/// The report for a terminal.
pub fn human(document: &Document, layout: Layout) -> String {
    let (many, each): (Vec<&Finding>, Vec<&Finding>) = document
        .findings
        .iter()
        .partition(|finding| !layout.verbose && is_one_of_many(document, finding));
    let mut text = String::new();
    let mut file = None;
    for finding in each {
        if file != Some(finding.file.as_str()) {
            if file.is_some() {
                text.push('\n');
            }
            let _ = writeln!(text, "{}", layout.style.strong(&one_line(&finding.file)));
            file = Some(finding.file.as_str());
        }
        block(&mut text, finding, layout);
    }
    together(&mut text, &many, layout);
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&summary(document, layout.style));
    text
}

fn is_one_of_many(document: &Document, finding: &Finding) -> bool {
    let alike = |other: &&Finding| (other.cause, &other.field) == (finding.cause, &finding.field);
    finding.severity != Severity::Error && document.findings.iter().filter(alike).count() >= MANY
}

fn severity(severity: Severity, style: Style) -> String {
    let word = format!("{:<7}", severity.name());
    match severity {
        Severity::Error => style.bad(&word),
        Severity::Warning => style.doubt(&word),
        Severity::Note => style.faint(&word),
    }
}

fn block(text: &mut String, finding: &Finding, layout: Layout) {
    let style = layout.style;
    let place = format!("{}:{}", finding.line, finding.column);
    let app = finding
        .app
        .as_deref()
        .map_or_else(String::new, |app| format!("  {}", one_line(app)));
    let _ = writeln!(
        text,
        "  {place:<7} {} {}{app}",
        severity(finding.severity, style),
        style.strong(finding.cause.name()),
    );
    lines(text, "", &sentence(&finding.message), layout);
    values(text, finding, layout);
    if !finding.flows.is_empty() {
        let label = if finding.severity == Severity::Error {
            "blocks  "
        } else {
            "touches "
        };
        lines(text, label, &finding.flows.join(", "), layout);
    }
    lines(text, "fix     ", &fix(finding), layout);
}

/// The narrowest change of the files, or what a person does.
fn fix(finding: &Finding) -> String {
    match finding.remedies.first() {
        Some(remedy) => format!("{} (`--fix` does it)", remedy.does),
        None => sentence(&finding.fix),
    }
}

fn values(text: &mut String, finding: &Finding, layout: Layout) {
    let Some(field) = &finding.field else {
        return;
    };
    let arrow = layout.style.arrow();
    let said = match (&finding.declared, &finding.needed) {
        (Some(declared), Some(needed)) => format!("{field}: {declared} {arrow} {needed}"),
        (Some(value), None) | (None, Some(value)) => format!("{field}: {value}"),
        (None, None) => field.clone(),
    };
    lines(text, "", &one_line(&said), layout);
}

/// Wrapped lines under a finding, the first behind a label.
fn lines(text: &mut String, label: &str, said: &str, layout: Layout) {
    let room = layout
        .width
        .saturating_sub(INDENT.len() + label.len())
        .max(20);
    for (at, line) in wrap(said, room).into_iter().enumerate() {
        let head = if at == 0 { label } else { "" };
        let _ = writeln!(
            text,
            "{INDENT}{}{line}",
            layout
                .style
                .faint(&format!("{head:<width$}", width = label.len()))
        );
    }
}

/// What many apps share, told once a cause.
fn together(text: &mut String, many: &[&Finding], layout: Layout) {
    let mut causes: Vec<(CauseId, &Option<String>)> = Vec::new();
    for finding in many {
        if !causes.contains(&(finding.cause, &finding.field)) {
            causes.push((finding.cause, &finding.field));
        }
    }
    for (cause, field) in causes {
        let own: Vec<&&Finding> = many
            .iter()
            .filter(|finding| (finding.cause, &finding.field) == (cause, field))
            .collect();
        let Some(first) = own.first() else {
            continue;
        };
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(
            text,
            "{} {} {}",
            severity(first.severity, layout.style),
            layout.style.strong(cause.name()),
            count(own.len(), "time"),
        );
        lines(text, "", &sentence(&first.message), layout);
        for finding in own.iter().take(NAMED) {
            let _ = writeln!(
                text,
                "{INDENT}{}:{}:{}",
                one_line(&finding.file),
                finding.line,
                finding.column
            );
        }
        if own.len() > NAMED {
            let rest = own.len() - NAMED;
            let _ = writeln!(text, "{INDENT}and {rest} more (`--verbose` lists each)");
        }
        lines(text, "fix     ", &fix(first), layout);
    }
}

/// The last line, and where to go from it.
fn summary(document: &Document, style: Style) -> String {
    let counts = document.summary;
    let apps = count(counts.apps, "app");
    if document.findings.is_empty() {
        return format!("{}\n", style.good(&format!("{apps}: nothing found")));
    }
    let parts: Vec<String> = [
        (counts.error, Severity::Error),
        (counts.warning, Severity::Warning),
        (counts.note, Severity::Note),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, severity)| {
        let said = count(number, severity.name());
        match severity {
            Severity::Error => style.bad(&said),
            Severity::Warning => style.doubt(&said),
            Severity::Note => said,
        }
    })
    .collect();
    let mut text = format!("{apps}: {}\n", parts.join(", "));
    let mendable = |finding: &&Finding| !finding.remedies.is_empty();
    let mendable = document.findings.iter().filter(mendable).count();
    if mendable > 0 {
        let _ = writeln!(
            text,
            "{}",
            style.faint(&format!(
                "`--fix` offers a change of the files for {mendable}; `grantproof explain ID` tells more of a cause"
            ))
        );
    }
    text
}
