//! The comparison as a comment of a pull request (GitHub's Markdown). Nothing that stands in a file has a meaning there.

use std::fmt::Write as _;

use super::document::{ChangeView, Document};
use super::group::{Group, groups, heading, mark, notes};
use super::text::side;
use crate::report::markdown::{code, escape};
use crate::what_if::count;

/// The rows of one table: what is longer is not read, and GitHub takes no comment of more than 65,536 characters.
const MOST: usize = 30;

/// The comment.
pub fn markdown(document: &Document) -> String {
    let mut text = format!(
        "### grantproof: {}\n\n{} → {}\n",
        escape(&document.verdict),
        code(&side(&document.from)),
        code(&side(&document.to))
    );
    let groups = groups(document);
    let (certain, possible): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group.certain());
    flows(document, &certain, &mut text);
    for note in notes(document, safe) {
        let _ = writeln!(text, "\n{note}");
    }
    if !document.new_findings.is_empty() {
        let newly = count(document.new_findings.len(), "new finding");
        let _ = writeln!(
            text,
            "\n**{newly} in the files**; a value that cannot be read is not compared:\n"
        );
        for finding in document.new_findings.iter().take(MOST) {
            let place = code(&format!("{}:{}", finding.file, finding.line));
            let (message, help) = (safe(&finding.message), safe(&finding.help));
            let _ = writeln!(text, "- {place}: {message} ({help})");
        }
        more(document.new_findings.len(), &mut text);
    }
    if !possible.is_empty() {
        let flows_ = count(document.counts.possible, "flow");
        fold(
            &format!("Only if there are such clients: {flows_} more"),
            &mut text,
            |text| flows(document, &possible, text),
        );
    }
    if !document.changes.is_empty() {
        let idle = document.changes.iter().filter(|change| change.flips == 0);
        let idle = match idle.count() {
            0 => String::new(),
            idle => format!(", {idle} of them without effect on a flow"),
        };
        let changed = count(document.changes.len(), "changed value");
        fold(&format!("{changed}{idle}"), &mut text, |text| {
            changes(document, text);
        });
    }
    if !document.assumed.is_empty() {
        fold("What was assumed", &mut text, |text| {
            text.push('\n');
            for sentence in &document.assumed {
                let _ = writeln!(text, "- {}", safe(sentence));
            }
        });
    }
    text
}

fn flows(document: &Document, groups: &[&Group<'_>], text: &mut String) {
    if groups.is_empty() {
        return;
    }
    text.push_str(
        "\n| | App | Grant (user) | Before | After | Why | Line |\n|---|---|---|---|---|---|---|\n",
    );
    for group in groups.iter().take(MOST) {
        let lines: Vec<String> = group
            .because(document)
            .into_iter()
            .map(|change| format!("{}<br>{}", told(change), place(change)))
            .collect();
        let _ = writeln!(
            text,
            "| {} {} | {} | {} | {} | {} | {} | {} |",
            mark(group.flip()),
            heading(group),
            safe(group.app()),
            safe(&group.who()),
            escape(&group.before()),
            escape(&group.after()),
            group.why(safe),
            lines.join("<br>")
        );
    }
    more(groups.len(), text);
}

fn changes(document: &Document, text: &mut String) {
    text.push_str("\n| Of | Change | Line | Flips |\n|---|---|---|--:|\n");
    for change in document.changes.iter().take(MOST) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            safe(&change.whose()),
            told(change),
            place(change),
            change.flips
        );
    }
    more(document.changes.len(), text);
}

fn told(change: &ChangeView) -> String {
    format!("{} {}", code(&change.factor), safe(&change.step()))
}

/// A text that may come out of a file. GitHub makes links of mentions, issues and addresses in the finished page, where no escape is left; in
/// code it makes none.
fn safe(text: &str) -> String {
    if text.contains(['@', '#', '<', '>', '&', '`']) || text.contains("//") || text.contains("www.")
    {
        code(text)
    } else {
        escape(text)
    }
}

fn place(change: &ChangeView) -> String {
    change
        .place()
        .map_or_else(String::new, |place| code(&place))
}

/// Says what was left out of a table.
fn more(length: usize, text: &mut String) {
    if length > MOST {
        let _ = writeln!(text, "\n{} more.", length - MOST);
    }
}

fn fold(summary: &str, text: &mut String, inside: impl FnOnce(&mut String)) {
    let _ = writeln!(text, "\n<details><summary>{}</summary>", escape(summary));
    inside(text);
    text.push_str("\n</details>\n");
}
