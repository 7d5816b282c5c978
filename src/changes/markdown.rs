//! The comparison as a comment of a pull request (GitHub's Markdown). Nothing that stands in a file has a meaning there.

use std::fmt::Write as _;

use super::document::{ChangeView, Document};
use super::group::{Group, STANDING, groups, heading, mark, needed_by, notes};
use super::text::{by_whom, only_if, side};
use crate::report::markdown::{code, escape};
use crate::what_if::count;

/// The rows of one table: what is longer is not read, and GitHub takes no comment of more than 65,536 characters.
const MOST: usize = 30;

/// The comment.
pub fn markdown(document: &Document) -> String {
    let mut text = format!(
        "### grantproof: {}\n\n{} → {}\n",
        prose(&document.verdict),
        code(&side(&document.from)),
        code(&side(&document.to))
    );
    let groups = groups(document);
    let (certain, possible): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group.certain());
    flows(document, &certain, &mut text);
    for (whom, groups) in by_whom(&possible) {
        let _ = writeln!(text, "\n{}", prose(&only_if(&whom, &groups)));
        flows(document, &groups, &mut text);
    }
    for note in notes(document, code) {
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
            let (message, help) = (prose(&finding.message), prose(&finding.help));
            let _ = writeln!(text, "- {place}: {message} ({help})");
        }
        more(document.new_findings.len(), &mut text);
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
    if !document.other_lines.is_empty() {
        let lines = count(document.other_lines.len(), "line");
        let summary = format!("{lines} changed that no flow depends on");
        fold(&summary, &mut text, |text| {
            text.push('\n');
            for line in document.other_lines.iter().take(MOST) {
                let place = code(&format!("{}:{}", line.file, line.line));
                let _ = writeln!(text, "- {} {}: {place}", code(&line.field), line.change);
            }
            more(document.other_lines.len(), text);
        });
    }
    if !document.assumed.is_empty() {
        fold("What was assumed", &mut text, |text| {
            text.push('\n');
            for sentence in &document.assumed {
                let _ = writeln!(text, "- {}", prose(sentence));
            }
        });
    }
    if !document.flows.is_empty() {
        let _ = writeln!(text, "\n{STANDING}");
    }
    text
}

fn flows(document: &Document, groups: &[&Group<'_>], text: &mut String) {
    if groups.is_empty() {
        return;
    }
    text.push_str(
        "\n| | App | Grant (user) | Before | After | Why | Line | Fix |\n|---|---|---|---|---|---|---|---|\n",
    );
    for group in groups.iter().take(MOST) {
        let lines: Vec<String> = group
            .because(document)
            .into_iter()
            .map(|change| format!("{}<br>{}", told(change), place(change)))
            .collect();
        let fixes: Vec<String> = group.fixes().into_iter().map(prose).collect();
        let _ = writeln!(
            text,
            "| {} {} | {} | {} | {} | {} | {} | {} | {} |",
            mark(group.flip()),
            heading(group),
            code(group.app()),
            group.who(code, prose),
            group.before(code),
            group.after(code),
            group.why(prose),
            lines.join("<br>"),
            fixes.join("<br>")
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
            prose(&change.whose()),
            told_with(document, change),
            place(change),
            change.flips
        );
    }
    more(document.changes.len(), text);
}

fn told(change: &ChangeView) -> String {
    format!("{} {}", code(&change.factor), prose(&change.step()))
}

fn told_with(document: &Document, change: &ChangeView) -> String {
    match needed_by(document, change) {
        Some(needed) => format!("{}, {needed}", told(change)),
        None => told(change),
    }
}

/// A sentence that may hold what comes out of a file: its names as code, so that they are copied as they are. GitHub makes links of mentions,
/// issues and addresses in the finished page, where no escape is left; in code it makes none.
fn prose(text: &str) -> String {
    let marks = ['@', '#', '<', '>', '&', '`', '\\', '*', '[', ']', '|', '~'];
    if text.contains(marks) || text.contains("//") || text.contains("www.") {
        return code(text);
    }
    let word = |word: &str| {
        let bare = word.trim_matches(['(', ')', ',', ';', ':', '.']);
        if bare.contains('_') {
            word.replacen(bare, &code(bare), 1)
        } else {
            escape(word)
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
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
