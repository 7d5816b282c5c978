//! The comparison for people, and in lines for other programs.

use std::fmt::Write as _;

use super::document::{Document, SideView};
use super::group::{Group, STANDING, groups, heading, mark, needed_by, notes};
use crate::what_if::{Flip, hang_words, push};

/// As many lines that nothing depends on are shown.
const MOST: usize = 20;

/// For people. Without colour; lines of at most `width` characters where the names allow it.
pub fn to_text(document: &Document, width: usize) -> String {
    let mut text = format!("{}.\n", document.verdict);
    let sides = format!("{} → {}", side(&document.from), side(&document.to));
    hang_words("", &sides, width, &mut text);
    let groups = groups(document);
    let (certain, possible): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group.certain());
    apps(document, &certain, width, &mut text);
    for (whom, groups) in by_whom(&possible) {
        text.push('\n');
        hang_words("", &only_if(&whom, &groups), width, &mut text);
        apps(document, &groups, width, &mut text);
    }
    let idle: Vec<_> = document
        .changes
        .iter()
        .filter(|change| change.flips == 0)
        .collect();
    if !idle.is_empty() {
        let within = match &document.filter {
            Some(filter) => format!(" within the filter ({filter})"),
            None => String::new(),
        };
        let _ = writeln!(text, "\nFlips nothing{within}:");
        for change in idle {
            let mut line = format!("{}: {} {}", change.whose(), change.factor, change.step());
            if let Some(needed) = needed_by(document, change) {
                let _ = write!(line, ", {needed}");
            }
            hang_words("  ", &line, width, &mut text);
            if let Some(place) = change.place() {
                push(&mut text, &format!("    {place}"));
            }
        }
    }
    if !document.other_lines.is_empty() {
        text.push_str("\nChanged, and no flow depends on it:\n");
        for line in document.other_lines.iter().take(MOST) {
            push(&mut text, &format!("  {} {}", line.field, line.change));
            push(&mut text, &format!("    {}:{}", line.file, line.line));
        }
        if document.other_lines.len() > MOST {
            let _ = writeln!(text, "  {} more.", document.other_lines.len() - MOST);
        }
    }
    if !document.new_findings.is_empty() {
        text.push_str(
            "\nNewly wrong with the files; a value that cannot be read is not compared:\n",
        );
        for finding in &document.new_findings {
            push(&mut text, &format!("  {}:{}", finding.file, finding.line));
            hang_words("    ", &finding.message, width, &mut text);
            hang_words("    help: ", &finding.help, width, &mut text);
        }
    }
    let notes = notes(document, str::to_owned);
    if !notes.is_empty() {
        text.push('\n');
        for note in notes {
            hang_words("", &note, width, &mut text);
        }
    }
    if !document.assumed.is_empty() {
        text.push('\n');
        hang_words("Assumed: ", &document.assumed.join("; "), width, &mut text);
    }
    if !document.flows.is_empty() {
        push(&mut text, STANDING);
    }
    text
}

/// Groups that may not exist, by whom they are for.
pub(super) fn by_whom<'g, 'd>(possible: &[&'g Group<'d>]) -> Vec<(String, Vec<&'g Group<'d>>)> {
    let mut all: Vec<(String, Vec<&Group<'_>>)> = Vec::new();
    for group in possible {
        let whom = group.whom();
        match all.iter_mut().find(|(own, _)| *own == whom) {
            Some((_, groups)) => groups.push(group),
            None => all.push((whom, vec![group])),
        }
    }
    all
}

/// The heading of those.
pub(super) fn only_if(whom: &str, groups: &[&Group<'_>]) -> String {
    let counts =
        if whom.starts_with("client") && groups.iter().any(|group| group.flip() == Flip::Breaks) {
            " (with --all-clients, --fail-on-newly-blocked counts them)"
        } else {
            ""
        };
    format!("Only for {whom}, if there are any{counts}:")
}

/// `main (3f2a1b0)`, or the folder.
pub(super) fn side(side: &SideView) -> String {
    match &side.commit {
        Some(commit) if commit.starts_with(&side.given) => short(commit).to_owned(),
        Some(commit) => format!("{} ({})", side.given, short(commit)),
        None => side.given.clone(),
    }
}

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

/// The groups, app by app.
fn apps(document: &Document, groups: &[&Group<'_>], width: usize, text: &mut String) {
    let mut names: Vec<&str> = Vec::new();
    for group in groups {
        if !names.contains(&group.app()) {
            names.push(group.app());
        }
    }
    for name in names {
        let _ = writeln!(text, "\n{name}");
        for group in groups.iter().filter(|group| group.app() == name) {
            one(document, group, width, text);
        }
    }
}

fn one(document: &Document, group: &Group<'_>, width: usize, text: &mut String) {
    let line = format!(
        "{}: {}",
        heading(group),
        group.who(str::to_owned, str::to_owned)
    );
    hang_words(&format!("  {} ", mark(group.flip())), &line, width, text);
    let (before, after) = (group.before(str::to_owned), group.after(str::to_owned));
    let outcome = format!("{after}; before: {before}");
    hang_words("      ", &outcome, width, text);
    let why = group.why(str::to_owned);
    if !why.is_empty() {
        hang_words("      ", &why, width, text);
    }
    for change in group.because(document) {
        let owner = match &change.app {
            Some(_) => String::new(),
            None => format!("{}: ", change.whose()),
        };
        let line = format!("by {owner}{} {}", change.factor, change.step());
        hang_words("      ", &line, width, text);
        if let Some(place) = change.place() {
            push(text, &format!("         {place}"));
        }
    }
    for fix in group.fixes() {
        hang_words("      fix: ", fix, width, text);
    }
}

/// A line for each flow: `flow`, app, grant, user, party, how it flips, before, after, check, and the places of the changes; then one for each
/// change and each new finding.
pub fn plain(document: &Document) -> String {
    let mut text = String::new();
    let cell = |text: &str| -> String {
        text.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect()
    };
    for flow in &document.flows {
        let said = |outcome: &Option<crate::what_if::Outcome>| {
            outcome
                .as_ref()
                .map_or_else(|| "no app".to_owned(), crate::what_if::Outcome::say)
        };
        let places: Vec<String> = flow
            .because
            .iter()
            .filter_map(|number| document.changes[*number].place())
            .collect();
        let _ = writeln!(
            text,
            "flow\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            cell(&flow.app),
            flow.grant,
            cell(&flow.user),
            cell(flow.party.as_deref().unwrap_or_default()),
            flow.flip.name(),
            said(&flow.before),
            said(&flow.after),
            flow.why.as_ref().map_or("", |why| &why.check),
            cell(&places.join(", ")),
            cell(flow.fix.as_deref().unwrap_or_default()),
        );
    }
    for change in &document.changes {
        let _ = writeln!(
            text,
            "change\t{}\t{}\t{}\t{}\t{}",
            cell(&change.whose()),
            change.field,
            cell(&change.step()),
            cell(&change.place().unwrap_or_default()),
            change.flips,
        );
    }
    for finding in &document.new_findings {
        let _ = writeln!(
            text,
            "finding\t{}:{}\t{}\t{}",
            cell(&finding.file),
            finding.line,
            finding.kind,
            cell(&finding.message),
        );
    }
    text
}
