//! The report of a run as data: the shapes of `run --format json`, of the journal and of the JSON report.
//!
//! Times are RFC 3339 in UTC, durations whole milliseconds, words open. Absent values are `null`, empty lists `[]`: a field of this version is
//! always there. A reader takes any of them as absent, and skips fields that it does not know.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Certainty, ErrorKind, Judgement, Status, StepKind};

/// The version of these shapes. Raised when a field changes its meaning or goes, not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunReport {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The run itself.
    pub run: RunInfo,
    /// Counts over all scenarios.
    pub summary: Summary,
    /// Every scenario, in the order of the plan.
    pub scenarios: Vec<ScenarioReport>,
}

impl Default for RunReport {
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            run: RunInfo::default(),
            summary: Summary::default(),
            scenarios: Vec::new(),
        }
    }
}

impl RunReport {
    /// A report of these scenarios, with its summary counted.
    pub fn new(run: RunInfo, scenarios: Vec<ScenarioReport>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            summary: Summary::of(&scenarios),
            run,
            scenarios,
        }
    }
}

/// What a run was started with, and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunInfo {
    /// The id, which is also the name of its folder.
    pub id: String,
    /// When it began.
    #[schemars(extend("format" = "date-time"))]
    pub started_at: String,
    /// How long it took, real time.
    pub took_ms: u64,
    /// The version of grantproof.
    pub version: String,
    /// The name of the target.
    pub target: String,
    /// The seed of the simulated org's choices.
    pub seed: u64,
    /// The arguments of the command line, redacted.
    pub arguments: Vec<String>,
    /// How many scenarios were to run; 0 where that is not known.
    pub planned: usize,
    /// The run was interrupted or killed before its end.
    pub interrupted: bool,
    /// Broken invariants of ours, each in a sentence. Any of them makes the exit code 70.
    pub bugs: Vec<String>,
}

/// Counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Summary {
    /// Scenarios that ended as expected.
    pub passed: usize,
    /// Scenarios that ended otherwise.
    pub failed: usize,
    /// Scenarios that could not be run.
    pub error: usize,
    /// Scenarios that cannot be judged.
    pub inconclusive: usize,
    /// Scenarios that were not run.
    pub skipped: usize,
    /// Steps that were run.
    pub steps: usize,
    /// Requests that were sent.
    pub exchanges: usize,
}

impl Summary {
    /// Counts scenarios. A status of a later version counts as inconclusive.
    pub fn of(scenarios: &[ScenarioReport]) -> Self {
        let mut summary = Self::default();
        for scenario in scenarios {
            summary.add(scenario);
        }
        summary
    }

    /// Counts one more scenario.
    pub fn add(&mut self, scenario: &ScenarioReport) {
        match scenario.status {
            Status::Passed => self.passed += 1,
            Status::Failed => self.failed += 1,
            Status::Error => self.error += 1,
            Status::Inconclusive | Status::Other(_) => self.inconclusive += 1,
            Status::Skipped => self.skipped += 1,
        }
        self.steps += scenario
            .steps
            .iter()
            .filter(|step| step.status != Status::Skipped)
            .count();
        self.exchanges += scenario
            .steps
            .iter()
            .map(|step| step.exchanges.len())
            .sum::<usize>();
    }

    /// How many scenarios there are.
    pub const fn scenarios(&self) -> usize {
        self.passed + self.failed + self.error + self.inconclusive + self.skipped
    }
}

impl std::ops::AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.error += other.error;
        self.inconclusive += other.inconclusive;
        self.skipped += other.skipped;
        self.steps += other.steps;
        self.exchanges += other.exchanges;
    }
}

/// One scenario, or one combination of its matrix.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ScenarioReport {
    /// The file, as the user named it.
    pub file: String,
    /// The story, with the combination in parentheses.
    pub name: String,
    /// The prose of the file.
    pub about: Option<String>,
    /// The tags of the file.
    pub tags: Vec<String>,
    /// The combination, by variable.
    pub matrix: BTreeMap<String, String>,
    /// How it ended.
    pub status: Status,
    /// Why, where no step tells it: why it was skipped, could not run, cannot be judged.
    pub reason: Option<String>,
    /// Whose fault an `error` of the whole scenario is.
    pub error_kind: Option<ErrorKind>,
    /// How long it took, real time.
    pub took_ms: u64,
    /// Its steps, in order, those that were not reached left out.
    pub steps: Vec<StepReport>,
}

/// One step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StepReport {
    /// Its place in the file, from 1.
    pub index: usize,
    /// The title of the file, or one made from the step.
    pub title: String,
    /// What it does.
    pub kind: StepKind,
    /// The grant, by its name; `null` for a step that drives none.
    pub grant: Option<String>,
    /// The host kind that took the requests.
    pub host: Option<String>,
    /// How it ended.
    pub status: Status,
    /// What came of it; `null` for a step that drives no grant.
    pub outcome: Option<OutcomeReport>,
    /// The expectation, in one line.
    pub expected: String,
    /// Where the expectation was not met.
    pub mismatches: Vec<Mismatch>,
    /// Every exchange, in order, redacted.
    pub exchanges: Vec<ExchangeReport>,
    /// Checks of the token and of our own request.
    pub checks: Vec<CheckReport>,
    /// What the token's uses answered.
    pub uses: Vec<UseReport>,
    /// Callbacks that were turned away.
    pub turned_away: Vec<String>,
    /// Which causes explain it.
    pub diagnosis: Option<DiagnosisReport>,
    /// What is better done otherwise, though nothing failed.
    pub advice: Vec<Advice>,
    /// What a simulated org judged, request by request, where it was asked for (`run --trace`). No diagnosis ever sees it.
    pub trace: Vec<Judgement>,
    /// How long it took, real time.
    pub took_ms: u64,
}

/// How a grant ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OutcomeReport {
    /// `granted`, `refused`, `off_protocol`, `unanswered`, `not_sent`.
    pub name: String,
    /// The endpoint that decided, by its name.
    pub at: Option<String>,
    /// The error code of a refusal, as spelt by the server.
    pub error: Option<String>,
    /// The sentence of a refusal, as spelt by the server.
    pub error_description: Option<String>,
    /// Why no answer came: `dns`, `tls`, `timeout`, `no_callback`, …
    pub fault: Option<String>,
    /// How the answer left the protocol, in a sentence.
    pub breach: Option<String>,
    /// The fault, or why nothing was sent, in a sentence.
    pub detail: Option<String>,
    /// The granted scope.
    pub scope: Option<String>,
    /// The names of the members of the token response, in order.
    pub members: Vec<String>,
}

/// One expectation that was not met.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Mismatch {
    /// What was compared: `outcome`, `scope`, `api`, `cause`, …
    pub what: String,
    /// The expected value.
    pub expected: String,
    /// The value found.
    pub found: String,
}

/// A request as sent, and what came back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ExchangeReport {
    /// The part of the flow, by its name.
    pub endpoint: String,
    /// When it was sent, by the clock of the scenario.
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// How long until the last octet of the answer, real time.
    pub took_ms: u64,
    /// What was sent.
    pub sent: SentReport,
    /// What came back; `null` where nothing did.
    pub received: Option<ReceivedReport>,
    /// Why nothing came back.
    pub fault: Option<FaultReport>,
}

/// A request as kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SentReport {
    /// GET, POST, …
    pub method: String,
    /// The address with its query.
    pub url: String,
    /// Header fields, in order.
    pub headers: Vec<Pair>,
    /// Form fields, in order.
    pub fields: Vec<Pair>,
    /// A body that is no form.
    pub body: Option<String>,
}

/// A response as kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ReceivedReport {
    /// The status code.
    pub status: u16,
    /// Header fields, in order.
    pub headers: Vec<Pair>,
    /// The body as text, cut for keeping.
    pub body: String,
    /// The whole length in octets.
    pub length: usize,
}

impl ReceivedReport {
    /// A header field, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|pair| pair.name.eq_ignore_ascii_case(name))
            .map(|pair| pair.value.as_str())
    }
}

/// A name and its value. Names may repeat.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// The value, redacted.
    pub value: String,
}

/// Why no answer came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FaultReport {
    /// `dns`, `connect`, `tls`, `timeout`, …
    pub name: String,
    /// In a sentence.
    pub text: String,
}

/// One check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CheckReport {
    /// `scope_granted`, `signature`, `id_token`, …
    pub name: String,
    /// `null` where it could not be made.
    pub passed: Option<bool>,
    /// What was found and what was needed.
    pub detail: String,
}

/// What one use of the token answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UseReport {
    /// The endpoint, by its name.
    pub at: String,
    /// The status code; `null` without an answer.
    pub status: Option<u16>,
    /// The error code of a refusal.
    pub error: Option<String>,
    /// The sentence of a refusal.
    pub error_description: Option<String>,
}

impl UseReport {
    /// Whether the use was refused or got no answer.
    pub fn is_refused(&self) -> bool {
        self.error.is_some() || self.status.is_none_or(|status| status >= 400)
    }
}

/// Which causes explain a step. Weights and `unexplained` sum to 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DiagnosisReport {
    /// The named set: the causes that fit, the heaviest first. Several where nothing seen so far separates them.
    pub candidates: Vec<Candidate>,
    /// What is excluded, with the evidence.
    pub ruled_out: Vec<RuledOut>,
    /// The weight of "no known cause".
    #[serde(deserialize_with = "number_or_zero")]
    pub unexplained: f64,
    /// What failed, each in a line: quoted where no cause fits.
    pub seen: Vec<String>,
    /// The cheapest probe that would tell more.
    pub next: Option<NextProbe>,
}

/// One possible cause.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Candidate {
    /// Its id; `explain` knows it.
    pub cause: String,
    /// What is wrong, in a sentence.
    pub label: String,
    /// The word of certainty.
    pub certainty: Certainty,
    /// From 0 to 1.
    #[serde(deserialize_with = "number_or_zero")]
    pub weight: f64,
    /// What the match rests on: `words`, `code`, `page`, `lack`, `rfc`, `records`, `simulator`, …
    pub basis: Option<String>,
    /// What speaks for it, each in a line.
    pub evidence_for: Vec<String>,
    /// What speaks against it, each in a line.
    pub evidence_against: Vec<String>,
    /// Whether everything that makes it is declared in the metadata.
    pub declared: bool,
    /// Other candidates that give the same answers to every flow: no probe tells them apart. What is declared and what is not are told apart
    /// by that.
    pub tied_with: Vec<String>,
    /// A second cause beside it, where it takes both to explain what was seen.
    pub together_with: Option<String>,
    /// The smallest change that lifts it.
    pub fix: Fix,
    /// What rule and wording rest on.
    pub standing: StandingReport,
}

/// The smallest change that lifts a cause.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Fix {
    /// What to do, in a sentence.
    pub text: String,
    /// The click path in Setup.
    pub setup_path: Option<String>,
    /// The label of the setting on that page.
    pub setting: Option<String>,
    /// `Type.field` of metadata.
    pub metadata_field: Option<String>,
    /// The value found, where it is known.
    pub current: Option<String>,
    /// Where that value was read: `file:line`, a query, `declared`, `default`.
    pub current_from: Option<String>,
    /// The value needed.
    pub value: Option<String>,
}

/// What a statement rests on: `recorded`, `documented`, `reported`, `assumed`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StandingReport {
    /// That the platform refuses so.
    pub rule: String,
    /// That it says so in these words.
    pub wording: String,
}

/// A cause that the evidence excludes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RuledOut {
    /// Its id.
    pub cause: String,
    /// The evidence, in a line.
    pub because: String,
}

/// A probe that would tell more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NextProbe {
    /// What to do or to look at.
    pub probe: String,
    /// The causes that it tells apart, by their ids.
    pub separates: Vec<String>,
    /// What it does to a live org: `reads`, `leaves_a_trace`, `spends`, `ends`.
    pub class: Option<String>,
}

/// Something that works and is better done otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Advice {
    /// Its id, `bcp_…`.
    pub id: String,
    /// In a sentence.
    pub text: String,
}

/// A weight that is no number is written as `null` by JSON, and must not make the whole record unreadable.
fn number_or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_takes_missing_and_unknown_fields() {
        let read: RunReport = serde_json::from_str(
            r#"{"schema_version": 7, "new": 1, "scenarios": [{"status": "flaky", "steps": [{"outcome": {"name": "postponed"}}]}]}"#,
        )
        .unwrap();
        assert_eq!(read.schema_version, 7);
        assert_eq!(read.scenarios[0].status.name(), "flaky");
        assert_eq!(Summary::of(&read.scenarios).inconclusive, 1);
    }
}
