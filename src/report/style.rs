//! Colour and marks of the terminal report. Without either, every word is still there.

use super::Status;

/// How a terminal is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Uses SGR colours.
    pub colour: bool,
    /// Uses characters outside ASCII for marks and arrows.
    pub unicode: bool,
}

impl Style {
    /// No colour, Unicode marks.
    pub const PLAIN: Self = Self {
        colour: false,
        unicode: true,
    };

    /// The mark of a status, coloured.
    pub fn mark(self, status: &Status) -> String {
        let (unicode, ascii) = status.marks();
        let mark = if self.unicode { unicode } else { ascii };
        let code = match status {
            Status::Passed => "32",
            Status::Failed | Status::Error => "31",
            Status::Inconclusive | Status::Other(_) => "33",
            Status::Skipped => "2",
        };
        self.sgr(code, mark)
    }

    /// The width of the column of marks.
    pub const fn mark_width(self) -> usize {
        if self.unicode { 1 } else { 4 }
    }

    /// `→`, or `->`.
    pub const fn arrow(self) -> &'static str {
        if self.unicode { "→" } else { "->" }
    }

    /// What a reader should see first.
    pub fn strong(self, text: &str) -> String {
        self.sgr("1", text)
    }

    /// What a reader may skip.
    pub fn faint(self, text: &str) -> String {
        self.sgr("2", text)
    }

    /// What is wrong.
    pub fn bad(self, text: &str) -> String {
        self.sgr("31", text)
    }

    /// What is right, or makes it right.
    pub fn good(self, text: &str) -> String {
        self.sgr("32", text)
    }

    /// What is not sure.
    pub fn doubt(self, text: &str) -> String {
        self.sgr("33", text)
    }

    fn sgr(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
