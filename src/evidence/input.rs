//! What an input is, and its reports: a field case, a recording, a login history, one answer, or any text.

use std::borrow::Cow;

use super::error::{InputError, LIMIT};
use super::sheet::Report;
use super::{case, derived, har, login_history, text};

/// What an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A field case (TOML).
    Case,
    /// A recording of HTTP (HAR).
    Har,
    /// A login history (CSV).
    LoginHistory,
    /// One answer: an address, a body, a response with its headers.
    Answer,
    /// Any other text: a log, a stack trace, the output of a tool.
    Text,
    /// No text at all.
    Binary,
}

impl Kind {
    /// The word in messages and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Har => "har",
            Self::LoginHistory => "login_history",
            Self::Answer => "answer",
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }
}

/// Beginnings of files that are no text: what they are, and what to do with them.
const MAGIC: [(&[u8], &str, &str); 7] = [
    (
        b"\x1f\x8b",
        "it is packed by gzip",
        "unpack it first: `gunzip -c FILE | grantproof diagnose -`",
    ),
    (
        b"PK\x03\x04",
        "it is a ZIP archive or a spreadsheet",
        "unpack it, or save the sheet as CSV",
    ),
    (
        b"%PDF",
        "it is a PDF",
        "copy the words of the error out of it",
    ),
    (
        b"\x89PNG",
        "it is a picture",
        "type the words of the error: `--error` and `--description`",
    ),
    (
        b"\xff\xd8\xff",
        "it is a picture",
        "type the words of the error: `--error` and `--description`",
    ),
    (
        b"GIF8",
        "it is a picture",
        "type the words of the error: `--error` and `--description`",
    ),
    (
        b"\xd4\xc3\xb2\xa1",
        "it is a capture of packets",
        "record the requests as HAR: TLS hides them from a capture",
    ),
];

/// Tells what an input is, by its name and by what it holds.
pub fn detect(name: &str, bytes: &[u8]) -> Kind {
    match decode(bytes) {
        Ok(text) => kind(name, &text),
        Err(_) => Kind::Binary,
    }
}

/// Reads an input, whatever it is. A case, an answer and a text give one report, a recording and a login history one for each failure.
///
/// # Errors
///
/// [`InputError::TooLong`] beyond [`LIMIT`], [`InputError::Binary`], [`InputError::Empty`], and those of the reader that the input goes to.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Report>, InputError> {
    let input = || name.to_owned();
    if bytes.len() > LIMIT {
        return Err(InputError::TooLong { input: input() });
    }
    let text = decode(bytes).map_err(|(reason, remedy)| InputError::Binary {
        input: input(),
        reason,
        remedy,
    })?;
    if text.trim().is_empty() {
        return Err(InputError::Empty { input: input() });
    }
    match kind(name, &text) {
        Kind::Case => Ok(vec![case::from_case(name, &text)?]),
        Kind::Har => har::from_har(name, &text),
        Kind::LoginHistory => login_history::from_login_history(name, &text),
        Kind::Answer | Kind::Text | Kind::Binary => Ok(vec![from_any_text(name, &text)]),
    }
}

/// The report of a text: each error that it shows, and the facts beside them.
fn from_any_text(name: &str, text: &str) -> Report {
    let observations = text::from_text_all(text);
    // What the text names itself says more than what its answers imply.
    let mut sheet = text::sheet_beside(text, &observations);
    for (key, fact) in derived::sheet_of(&observations).iter() {
        // That no token is in a log does not mean that none was issued.
        if key != "facts.token_issued" || fact.is("true") {
            sheet.suppose(key, fact.clone());
        }
    }
    Report {
        input: name.to_owned(),
        observations,
        sheet,
        ..Report::default()
    }
}

/// The text of an input: UTF-8, or UTF-16 with its mark, as PowerShell writes. Single wrong octets of a log are replaced.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, (&'static str, &'static str)> {
    if let Some((_, reason, remedy)) = MAGIC.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return Err((reason, remedy));
    }
    let little = bytes.strip_prefix(b"\xff\xfe");
    let big = bytes.strip_prefix(b"\xfe\xff");
    if let Some(units) = little.or(big) {
        let is_little = little.is_some();
        let unit = |pair: &[u8]| match pair {
            [a, b] if is_little => u16::from_le_bytes([*a, *b]),
            [a, b] => u16::from_be_bytes([*a, *b]),
            _ => u16::from(b'?'),
        };
        let units: Vec<u16> = units.chunks(2).map(unit).collect();
        return Ok(String::from_utf16_lossy(&units).into());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = &bytes[..bytes.len().min(8192)];
    let odd = |octet: &&u8| **octet < 9 || (14..27).contains(*octet) || (28..32).contains(*octet);
    if head.contains(&0) || head.iter().filter(odd).count() * 20 > head.len() {
        return Err((
            "it holds octets that no text has",
            "give the answer, the log or the recording as text",
        ));
    }
    Ok(String::from_utf8_lossy(bytes))
}

fn kind(name: &str, text: &str) -> Kind {
    let lower = name.to_ascii_lowercase();
    let ends = |ending: &str| lower.ends_with(ending);
    let first = text.trim_start().lines().next().unwrap_or_default();
    if ends(".har") || is_har(text) {
        Kind::Har
    } else if ends(".toml") || is_case(text) {
        Kind::Case
    } else if login_history::is_header(first) || ends(".csv") || lower.contains("loginhistory") {
        Kind::LoginHistory
    } else if text::is_answer(text) {
        Kind::Answer
    } else {
        Kind::Text
    }
}

/// `{"log": {… "entries": …`, in the first octets.
fn is_har(text: &str) -> bool {
    let head: String = text
        .chars()
        .take(200)
        .filter(|c| !c.is_whitespace())
        .collect();
    head.starts_with("{\"log\":{") && text.contains("\"entries\"")
}

/// A table of a case on a line of its own.
fn is_case(text: &str) -> bool {
    let is_table = |line: &str| matches!(line.trim(), "[observed]" | "[request]" | "[facts]");
    text.lines().any(is_table) && text.lines().any(|line| line.contains(" = "))
}
