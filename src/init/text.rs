//! What was written and what is left, for people and for scripts.

use std::fmt::Write as _;

use super::{Document, Fate, Step};
use crate::report::{Style, count, wrap};

/// The files, the notes, the steps.
pub fn to_text(document: &Document, style: Style, width: usize) -> String {
    let mut text = String::new();
    for file in &document.files {
        let mark = match file.fate {
            Fate::Written | Fate::Extended => style.good("+"),
            Fate::Kept => style.faint("="),
        };
        let purpose = match file.fate {
            Fate::Written => file.purpose.clone(),
            Fate::Extended => format!("{} (lines added)", file.purpose),
            Fate::Kept => "kept as it was".to_owned(),
        };
        let path = &file.path;
        let between = if path.len() + purpose.chars().count() + 4 > width {
            "\n    "
        } else {
            "  "
        };
        let _ = writeln!(text, "{mark} {path}{between}{}", style.faint(&purpose));
    }
    let of = |fate: Fate| {
        document
            .files
            .iter()
            .filter(|file| file.fate == fate)
            .count()
    };
    let kept = of(Fate::Kept);
    let new = document.files.len() - kept;
    let told = match (new, kept) {
        (0, _) => "nothing is new".to_owned(),
        (new, 0) => format!("{} written", count(new, "file")),
        (new, kept) => format!("{} written, {kept} kept", count(new, "file")),
    };
    let _ = writeln!(text, "\n{}: {told}.", document.app);
    for note in &document.notes {
        paragraph(&mut text, note, &style.doubt("!"), width);
    }
    let place = match document.folder.as_str() {
        "." => String::new(),
        folder => format!(", commands in {folder}"),
    };
    let _ = writeln!(text, "\n{}{place}", style.strong("What is left to do"));
    for step in &document.steps {
        one(&mut text, step, style, width);
    }
    text
}

fn paragraph(text: &mut String, words: &str, mark: &str, width: usize) {
    for (number, line) in wrap(words, width.saturating_sub(2)).iter().enumerate() {
        let lead = if number == 0 { mark } else { " " };
        let _ = writeln!(text, "{lead} {line}");
    }
}

fn one(text: &mut String, step: &Step, style: Style, width: usize) {
    let _ = writeln!(
        text,
        "\n{}",
        style.strong(&format!("{}. {}", step.number, step.title))
    );
    let room = width.saturating_sub(5);
    for line in step.path.iter().flat_map(|path| wrap(path, room)) {
        let _ = writeln!(text, "   {}", style.faint(&line));
    }
    for line in &step.lines {
        for (number, line) in wrap(line, room).iter().enumerate() {
            let lead = if number == 0 { "-" } else { " " };
            let _ = writeln!(text, "   {lead} {line}");
        }
    }
    for command in &step.commands {
        // On one line, however long: it is to be copied.
        let _ = writeln!(text, "   $ {command}");
    }
}

/// A line a file and a step, separated by tabs.
pub fn to_plain(document: &Document) -> String {
    let mut text = String::new();
    for file in &document.files {
        let _ = writeln!(text, "file\t{}\t{}", file.fate.name(), file.path);
    }
    for note in &document.notes {
        let _ = writeln!(text, "note\t{note}");
    }
    for step in &document.steps {
        let path = step.path.as_deref().unwrap_or("");
        let _ = writeln!(text, "step\t{}\t{}\t{path}", step.number, step.title);
        for command in &step.commands {
            let _ = writeln!(text, "command\t{}\t{command}", step.number);
        }
    }
    text
}
