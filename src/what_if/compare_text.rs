//! A comparison as a table of grants and users, with a note for each reason.

use std::fmt::Write as _;

use super::compare::{Cell, Flip};
use super::layout::{hang_words, push};
use super::names::{labelled, whose};
use super::outcome::{Came, Outcome};

/// Cells as text: the table, the notes, and what is blocked before and after. `changed`: whether anything was changed at all. Without colour; lines of at most `width` characters where the
/// names allow it.
pub fn table(cells: &[Cell], changed: bool, width: usize) -> String {
    let notes = notes(cells);
    let users = columns(cells);
    let grants = rows(cells);
    let first = grants.iter().map(|grant| grant.len()).max().unwrap_or(0);
    let mut text = String::new();
    let widths: Vec<usize> = users
        .iter()
        .map(|users| {
            let cells = grants
                .iter()
                .map(|grant| mark(cells, grant, users, &notes).chars().count());
            cells
                .chain([users.join(", ").chars().count()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    // Columns that do not fit stand under one another.
    for block in blocks(first, &widths, width) {
        let mut line = format!("{:first$}", "");
        for place in block.clone() {
            let _ = write!(
                line,
                "  {:width$}",
                users[place].join(", "),
                width = widths[place]
            );
        }
        push(&mut text, &line);
        for grant in &grants {
            let mut line = format!("{grant:first$}");
            for place in block.clone() {
                let cell = mark(cells, grant, &users[place], &notes);
                let _ = write!(line, "  {cell:width$}", width = widths[place]);
            }
            push(&mut text, &line);
        }
        text.push('\n');
    }
    if notes.is_empty() && changed {
        text.push_str("Nothing flips.\n");
    }
    for (place, note) in notes.iter().enumerate() {
        note.write(place + 1, width, &mut text);
    }
    blocked(cells, width, &mut text);
    text
}

/// Why something flips. One note for all grants and users that flip alike.
#[derive(PartialEq, Eq)]
struct Note {
    head: String,
    check: String,
}

impl Note {
    fn of(cell: &Cell) -> Option<Self> {
        let cause = |outcome: &Outcome| outcome.cause.map_or("nothing", |cause| cause.name());
        let head = match cell.flip {
            Flip::None => return None,
            Flip::Breaks => format!("{} {}", verb(&cell.after), cause(&cell.after)),
            Flip::Mends => format!("no longer {} {}", verb(&cell.before), cause(&cell.before)),
            Flip::OtherCause => format!(
                "{} {} in place of {}",
                verb(&cell.after),
                cause(&cell.after),
                cause(&cell.before)
            ),
            Flip::Uses => format!("{}, before: {}", cell.after.say(), cell.before.say()),
        };
        let check = cell.why.as_ref().map_or_else(String::new, |why| {
            format!(
                "{}: found {}, needed {}",
                labelled(why.label, &why.check),
                why.found,
                why.needed
            )
        });
        Some(Self { head, check })
    }

    fn write(&self, number: usize, width: usize, text: &mut String) {
        hang_words(&format!("{number:>2}  "), &self.head, width, text);
        if !self.check.is_empty() {
            hang_words("    ", &self.check, width, text);
        }
    }
}

/// How an outcome stops short of passing.
const fn verb(outcome: &Outcome) -> &'static str {
    match outcome.state {
        Came::Lacking => "without all that was wanted:",
        Came::UseRefused => "the use is blocked by",
        Came::Page => "stopped on a page by",
        _ => "blocked by",
    }
}

fn notes(cells: &[Cell]) -> Vec<Note> {
    let mut notes = Vec::new();
    for note in cells.iter().filter_map(Note::of) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

/// Users whose cells are alike share a column.
fn columns(cells: &[Cell]) -> Vec<Vec<&str>> {
    let mut columns: Vec<Vec<&str>> = Vec::new();
    for cell in cells {
        if columns
            .iter()
            .any(|users| users.contains(&cell.user.as_str()))
        {
            continue;
        }
        let of = |user: &str| -> Vec<(&str, &Outcome, &Outcome)> {
            cells
                .iter()
                .filter(|cell| cell.user == user)
                .map(|cell| (cell.grant, &cell.before, &cell.after))
                .collect()
        };
        let own = of(&cell.user);
        match columns.iter_mut().find(|users| of(users[0]) == own) {
            Some(users) => users.push(&cell.user),
            None => columns.push(vec![&cell.user]),
        }
    }
    columns
}

fn rows(cells: &[Cell]) -> Vec<&str> {
    let mut grants: Vec<&str> = Vec::new();
    for cell in cells {
        if !grants.contains(&cell.grant) {
            grants.push(cell.grant);
        }
    }
    grants
}

/// Ranges of columns that fit beside the first.
fn blocks(first: usize, widths: &[usize], width: usize) -> Vec<std::ops::Range<usize>> {
    let mut blocks = Vec::new();
    let mut begin = 0;
    let mut used = first;
    for (place, own) in widths.iter().enumerate() {
        if used + 2 + own > width && place > begin {
            blocks.push(begin..place);
            (begin, used) = (place, first);
        }
        used += 2 + own;
    }
    blocks.push(begin..widths.len());
    blocks
}

/// `✓`, or `✓ → ✗ 1` with the number of the note.
fn mark(cells: &[Cell], grant: &str, users: &[&str], notes: &[Note]) -> String {
    let cell = cells
        .iter()
        .find(|cell| cell.grant == grant && cell.user == users[0]);
    let Some(cell) = cell else {
        return "-".to_owned();
    };
    let (was, is) = (sign(&cell.before), sign(&cell.after));
    let note = Note::of(cell).and_then(|note| notes.iter().position(|own| *own == note));
    match note {
        Some(note) => format!("{was} → {is} {}", note + 1),
        None => is.to_string(),
    }
}

/// Passes, passes in part, does not pass.
const fn sign(outcome: &Outcome) -> char {
    match outcome.state {
        Came::Passes => '✓',
        Came::Lacking | Came::UseRefused => '!',
        Came::Refused | Came::Page | Came::NotTried => '✗',
    }
}

/// What does not pass and did not pass before, for the same cause.
fn blocked(cells: &[Cell], width: usize, text: &mut String) {
    let mut lines: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    for cell in cells {
        let Some(cause) = cell.after.cause.filter(|_| cell.flip == Flip::None) else {
            continue;
        };
        let who = (cell.grant, cell.user.as_str());
        match lines.iter_mut().find(|(own, _)| *own == cause.name()) {
            Some((_, whose)) => whose.push(who),
            None => lines.push((cause.name(), vec![who])),
        }
    }
    if lines.is_empty() {
        return;
    }
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
    text.push_str("As before:\n");
    for (cause, grants) in lines {
        let line = format!("{cause}: {}", whose(grants));
        hang_words("    ", &line, width, text);
    }
}
