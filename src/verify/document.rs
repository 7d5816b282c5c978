//! What `verify --format json` writes.

use schemars::JsonSchema;
use serde::Serialize;

use crate::lint::Finding;
use crate::report::{DiagnosisReport, ExchangeReport};
use crate::what_if::BlockersView;

/// The version of these shapes. Raised when a field changes its meaning or goes, not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// The verdict on a folder of metadata.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Document {
    /// The version of these shapes.
    pub schema_version: u32,
    /// Where the flows were driven.
    pub target: String,
    /// Whether that is the simulated org, built from the files.
    pub simulated: bool,
    /// Whether the diagnosis was kept from what the files declare.
    pub blind: bool,
    /// The apps, by name.
    pub apps: Vec<AppVerdict>,
}

/// The word of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every grant that is meant passes.
    Verified,
    /// One of them is blocked.
    Blocked,
    /// None is blocked, and not all could be told.
    Inconclusive,
}

/// The verdict on one app.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AppVerdict {
    /// Its developer name.
    pub app: String,
    /// `external_client_app` or `connected_app`.
    pub kind: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// The same in a sentence.
    pub summary: String,
    /// Every probe, in the order in which it was made.
    pub ladder: Vec<StepView>,
    /// Each grant, with what was checked.
    pub matrix: Vec<RowView>,
    /// What explains the failures: of the users whom the app is meant for first.
    pub diagnosis: Vec<About>,
    /// What `lint` finds in the files of this app.
    pub findings: Vec<Finding>,
    /// What stands in the way, and the smallest set of changes that opens least; `null` where nothing does.
    pub blockers: Option<BlockersView>,
    /// What an admin has to do, in order.
    pub handover: Vec<Task>,
    /// The same as a change of the files, as a unified diff; `null` where no file can hold it.
    pub patch: Option<String>,
    /// What could not be told, and what is missing.
    pub cannot_tell: Vec<Untold>,
    /// Where the policy model said otherwise than the target.
    pub model_differs: Vec<Difference>,
    /// What had to be assumed, in sentences.
    pub assumed: Vec<String>,
}

/// What came of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// It passed.
    Passed,
    /// It was refused, as it had to be: that is what it tells.
    Expected,
    /// It was refused.
    Refused,
    /// It could not be sent: what it needs was not given before.
    NotSent,
    /// There was no answer.
    Unanswered,
}

/// One probe.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StepView {
    /// Its number on the ladder.
    pub rung: u8,
    /// The grant.
    pub grant: &'static str,
    /// What was done, in words.
    pub does: String,
    /// The user who acted; `null` where none did.
    pub user: Option<String>,
    /// What it does to an org: `reads`, `leaves_a_trace`, `spends`, `ends`.
    pub class: &'static str,
    /// What came of it.
    pub came: Came,
    /// The answer in one line: endpoint, code and sentence of a refusal.
    pub answer: Option<String>,
    /// What it tells beside the matrix; `null` where nothing.
    pub tells: Option<String>,
    /// How many requests were sent.
    pub requests: usize,
}

/// One grant of the matrix.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RowView {
    /// The grant.
    pub grant: &'static str,
    /// Its checks, the same for each grant.
    pub cells: Vec<Cell>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It passed.
    Passed,
    /// Something blocks it.
    Blocked,
    /// What was seen does not decide it.
    CannotTell,
    /// The app is not meant for this grant, or its tokens not for this use.
    NotEnabled,
    /// Nothing was tried.
    NotEvaluated,
}

/// One check of one grant.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Cell {
    /// `token` (it is given), `checks` (it is what it says), `api` (a REST call takes it).
    pub check: &'static str,
    /// How it ended.
    pub state: State,
    /// The cause of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Other causes that give the same answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<String>,
    /// What is wrong, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// What would decide it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

/// A diagnosis, and of whom.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct About {
    /// Whose flows it explains.
    pub about: &'static str,
    /// The diagnosis.
    #[serde(flatten)]
    pub diagnosis: DiagnosisReport,
}

/// Something for an admin to do.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Task {
    /// What to do, in words.
    pub does: String,
    /// The click path in Setup; `null` where the files alone are wrong.
    pub click_path: Option<String>,
    /// The words on that page.
    pub label: String,
    /// `Type.field` of metadata.
    pub field: String,
    /// The file that holds it; `null` where none does.
    pub file: Option<String>,
    /// The line in it.
    pub line: Option<usize>,
    /// The value now; `null` where none is known.
    pub now: Option<String>,
    /// The value needed; `null` where a person acts.
    pub needed: Option<String>,
    /// Why no file of the folder can hold it; `null` where one can.
    pub not_in_files: Option<String>,
    /// What it opens beside that, in words.
    pub opens: String,
    /// Whether it does for the files what an act before it does for a user: one of the two is enough.
    pub instead: bool,
}

/// Something that could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Untold {
    /// The grant.
    pub grant: &'static str,
    /// What is missing.
    pub missing: String,
}

/// A probe that came out otherwise than the model said.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Difference {
    /// Its number on the ladder.
    pub rung: u8,
    /// What was done.
    pub does: String,
    /// What the model said.
    pub predicted: String,
    /// What came.
    pub observed: String,
    /// The exchange that decided, redacted.
    pub exchange: Option<ExchangeReport>,
}
