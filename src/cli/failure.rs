//! What ends a command early. The exit codes are those of the report.

use std::fmt::Write as _;

use miette::Diagnostic;

use crate::edge;
use crate::report::json::{FailureDetail, FailureReport};

pub use crate::report::exit::{AS_EXPECTED as OK, BUG, COULD_NOT_RUN, INVALID as USAGE};

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

    /// The document that `--format json` prints on stdout.
    pub fn to_report(&self) -> FailureReport {
        FailureReport::new(FailureDetail {
            message: self.to_text(),
            exit_code: self.code,
            ..FailureDetail::default()
        })
    }

    /// What the person reads.
    pub fn to_text(&self) -> String {
        self.text.trim_end().to_owned()
    }
}

/// Writes a result to stdout.
pub fn print(text: &str) -> Result<(), Failure> {
    crate::edge::terminal::out(text).map_err(|error| {
        Failure::new(
            COULD_NOT_RUN,
            format!("failed to write the result to stdout: {error}"),
            "send it elsewhere; `grantproof report` shows a stored run again",
        )
    })
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
