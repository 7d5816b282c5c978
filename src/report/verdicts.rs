//! What `diagnose` prints: one verdict for each input, in order.

use schemars::JsonSchema;
use serde::Serialize;

use super::DiagnosisReport;
use super::human::Layout;

/// The JSON of `diagnose`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Verdicts {
    /// The version of this shape.
    pub schema_version: u32,
    /// One for each input, in order.
    pub results: Vec<Verdict>,
}

/// What one input means.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Verdict {
    /// The input, as it was named.
    pub input: String,
    /// The id inside of it, where it has one.
    pub id: Option<String>,
    /// Which causes explain it. Weights and `unexplained` sum to 1, unless nothing failed.
    #[serde(flatten)]
    pub diagnosis: DiagnosisReport,
    /// Where a declared setting and what was seen disagree.
    pub disagreements: Vec<String>,
    /// What the user may want to know of the input itself.
    pub notes: Vec<String>,
}

impl Verdict {
    /// The verdict for a person.
    pub fn to_text(&self, layout: &Layout) -> String {
        super::human::verdict(self, layout)
    }

    /// One line for each candidate: input, cause, certainty, weight.
    pub fn to_plain(&self) -> String {
        let line = |cause: &str, certainty: &str, weight: f64| {
            format!("{}\t{cause}\t{certainty}\t{weight:.4}\n", self.input)
        };
        let mut text: String = self
            .diagnosis
            .candidates
            .iter()
            .map(|one| line(&one.cause, one.certainty.name(), one.weight))
            .collect();
        text.push_str(&line("unexplained", "-", self.diagnosis.unexplained));
        text
    }
}
