//! A patch as a unified diff, without the secrets of its files.

use std::fmt::Write as _;
use std::ops::Range;

use similar::TextDiff;

use super::super::document::Document;
use super::super::parse::names_a_secret;
use super::{FileChange, Patch};

/// Unchanged lines around a change.
const CONTEXT: usize = 3;
const HIDDEN: &str = "(not shown)";
const HIDDEN_NEW: &str = "(new, not shown)";
const NOWHERE: &str = "/dev/null";

impl Patch {
    /// The changes as a unified diff. What a secret or a certificate is does not stand in it, only that it changes.
    pub fn diff(&self) -> String {
        self.files().map(FileChange::diff).collect()
    }
}

impl FileChange {
    /// The change as a unified diff, as [`Patch::diff`] has it.
    pub fn diff(&self) -> String {
        let before = shown(self.before(), &[]);
        let after = shown(self.after(), &hidden_texts(self.before()));
        let name = header(&self.file);
        let side = |octets: Option<&[u8]>, letter: char| {
            octets.map_or_else(|| NOWHERE.to_owned(), |_| format!("{letter}/{name}"))
        };
        let diff = TextDiff::from_lines(before.as_str(), after.as_str());
        let mut unified = diff.unified_diff();
        let (from, to) = (side(self.before(), 'a'), side(self.after(), 'b'));
        let hunks = unified.context_radius(CONTEXT).to_string();
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = write!(text, "--- {from}\n+++ {to}\n{hunks}");
        text
    }
}

/// A file name in a header: below the folder that a patch is applied in, on one line.
fn header(file: &str) -> String {
    let file = file.trim_start_matches("./").trim_start_matches('/');
    file.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

/// The text of a file with what must not be seen hidden line by line, so that its lines keep their numbers. A text that is not among the
/// known ones is said to be new.
fn shown(octets: Option<&[u8]>, known: &[String]) -> String {
    let Some(text) = octets.map(String::from_utf8_lossy) else {
        return String::new();
    };
    let mut shown = String::new();
    let mut kept = 0;
    for range in hidden(&text) {
        let secret = &text[range.clone()];
        shown.push_str(&text[kept..range.start]);
        let is_new = !known.is_empty() && !known.iter().any(|known| known == secret);
        let word = if is_new { HIDDEN_NEW } else { HIDDEN };
        for line in secret.split_inclusive('\n') {
            let end = &line[line.trim_end_matches(['\r', '\n']).len()..];
            shown.push_str(word);
            shown.push_str(end);
        }
        kept = range.end;
    }
    shown.push_str(&text[kept..]);
    visible(&shown)
}

/// Without the characters that move a terminal's cursor, but for tabs and the ends of lines.
fn visible(text: &str) -> String {
    let mut characters = text.chars().peekable();
    let mut visible = String::with_capacity(text.len());
    while let Some(c) = characters.next() {
        let ends_a_line = c == '\n' || c == '\r' && characters.peek() == Some(&'\n');
        let moves = c.is_control() && c != '\t' && !ends_a_line;
        visible.push(if moves {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        });
    }
    visible
}

fn hidden_texts(octets: Option<&[u8]>) -> Vec<String> {
    let text = octets.map(String::from_utf8_lossy).unwrap_or_default();
    hidden(&text)
        .into_iter()
        .map(|range| text[range].to_owned())
        .collect()
}

/// The places that hold a secret or a certificate, in order and apart.
fn hidden(text: &str) -> Vec<Range<usize>> {
    let mut ranges = pem_blocks(text);
    ranges.extend(comments(text).filter(|range| speaks_of_a_secret(&text[range.clone()])));
    if let Ok(document) = Document::parse(text.as_bytes().to_vec()) {
        let elements = document.tree.elements.iter();
        ranges.extend(
            elements
                .filter(|element| {
                    element.secret().is_some()
                        || element.name() == "certificate"
                        || names_a_secret(element.name()) && element.has_children()
                })
                .map(|element| element.spans.content.clone()),
        );
    }
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// From `-----BEGIN` to the end of the line of `-----END`, wherever it stands; without an end, all that follows.
fn pem_blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    let mut from = 0;
    while let Some(begin) = text[from..].find("-----BEGIN").map(|at| from + at) {
        let end = text[begin..]
            .find("-----END")
            .map_or(text.len(), |at| begin + at);
        let end = text[end..]
            .find(['\n', '<'])
            .map_or(text.len(), |at| end + at);
        blocks.push(begin..end);
        from = end.max(begin + 1);
    }
    blocks
}

fn comments(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("<!--").map(|(begin, _)| {
        let end = text[begin..]
            .find("-->")
            .map_or(text.len(), |at| begin + at);
        begin + "<!--".len()..end.max(begin + "<!--".len())
    })
}

/// An element that was taken out as a comment is still one that holds a secret.
fn speaks_of_a_secret(comment: &str) -> bool {
    comment.to_ascii_lowercase().contains("secret")
}
