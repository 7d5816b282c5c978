//! What a lint finds, and the document that `lint --format json` writes.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::fix::Remedy;
use crate::cause::CauseId;

/// The version of these shapes. Raised when a field changes its meaning or goes, not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// How much a finding matters. Errors come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A flow that cannot pass, a deploy that fails, a secret in a file.
    Error,
    /// A flow that fails for some, or after a time; a weakness.
    Warning,
    /// Something to know.
    Note,
}

impl Severity {
    /// The word in all formats.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A finding, at its place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// The id of the cause; `grantproof explain` has a page for each.
    #[serde(serialize_with = "name_of")]
    #[schemars(with = "String")]
    pub cause: CauseId,
    /// The app, by its developer name; `null` where it is about a file of the org.
    pub app: Option<String>,
    /// How much it matters.
    pub severity: Severity,
    /// The file.
    pub file: String,
    /// Line, from 1; of the root element where the element that decides is absent.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// `Type.field` of the element that decides, whether it is there or not; `null` where the file as a whole is meant.
    pub field: Option<String>,
    /// What the files declare. Never the text of a secret.
    pub declared: Option<String>,
    /// What is needed.
    pub needed: Option<String>,
    /// The flows that fail or are touched: grants by their names, `api_call`, `code_credentials`, `metadata_deploy`.
    pub flows: Vec<&'static str>,
    /// What found it: a static check (`L1` to `L30`), the policy `model`, or the reading of the `file`.
    pub check: &'static str,
    /// What is the matter, in a sentence without a stop.
    pub message: String,
    /// What to do, in a sentence without a stop.
    pub fix: String,
    /// The changes of files that `--fix` can make, narrowest first; empty where only a person can help.
    #[serde(skip)]
    pub remedies: Vec<Remedy>,
}

impl Finding {
    /// The order of reports: by place, errors first.
    pub(super) fn order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |finding: &Self| {
            (
                finding.line,
                finding.column,
                finding.severity,
                finding.cause,
            )
        };
        self.file
            .cmp(&other.file)
            .then_with(|| key(self).cmp(&key(other)))
            .then_with(|| self.app.cmp(&other.app))
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field over by reference"
)]
fn name_of<S: Serializer>(cause: &CauseId, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(cause.name())
}

/// How many findings of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Findings of severity error.
    pub error: usize,
    /// Findings of severity warning.
    pub warning: usize,
    /// Findings of severity note.
    pub note: usize,
    /// Apps that were judged.
    pub apps: usize,
}

/// What `lint --format json` writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Document {
    /// The version of these shapes.
    pub schema_version: u32,
    /// How many.
    pub summary: Counts,
    /// The findings, by file and line.
    pub findings: Vec<Finding>,
}

impl Document {
    /// A document of findings about a number of apps.
    pub fn new(findings: Vec<Finding>, apps: usize) -> Self {
        let count = |severity| {
            let of = |finding: &&Finding| finding.severity == severity;
            findings.iter().filter(of).count()
        };
        Self {
            schema_version: SCHEMA_VERSION,
            summary: Counts {
                error: count(Severity::Error),
                warning: count(Severity::Warning),
                note: count(Severity::Note),
                apps,
            },
            findings,
        }
    }
}
