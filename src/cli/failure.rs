//! What ends a command early, and the exit codes. Never renumbered.

use std::fmt::Write as _;

use miette::Diagnostic;

use crate::edge;

/// As expected.
pub const OK: u8 = 0;
/// An expectation failed, or a wanted grant is blocked.
pub const FAILED: u8 = 1;
/// Usage, configuration or scenario invalid.
pub const USAGE: u8 = 2;
/// Could not run: network, TLS, port, permission.
pub const COULD_NOT_RUN: u8 = 3;
/// Our bug.
pub const BUG: u8 = 70;
/// Interrupted.
pub const INTERRUPTED: u8 = 130;

/// A command that ends early: a text for the person, and the code.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    /// A failure in words that follow "error: ", with a remedy.
    pub fn new(code: u8, text: impl Into<String>, help: &str) -> Self {
        let mut text = format!("error: {}", text.into());
        if !help.is_empty() {
            let _ = write!(text, "\n  help: {help}");
        }
        Self { code, text }
    }

    /// A failure that is already a whole text, such as the report of a wrong file.
    pub fn rendered(code: u8, text: String) -> Self {
        Self { code, text }
    }

    /// The exit code.
    pub const fn code(&self) -> u8 {
        self.code
    }

    /// What the person reads.
    pub fn to_text(&self) -> String {
        self.text.trim_end().to_owned()
    }
}

/// The words of an error, with those of its sources, as one line.
pub fn line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

impl From<edge::Error> for Failure {
    fn from(error: edge::Error) -> Self {
        let help = error
            .help()
            .map(|help| help.to_string())
            .unwrap_or_default();
        Self::new(COULD_NOT_RUN, format!("failed to {}", line(&error)), &help)
    }
}
