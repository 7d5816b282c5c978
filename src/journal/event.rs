//! The records of a journal, one a line.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::{ErrorKind, RunInfo, ScenarioReport, Status, StepReport};

/// One record. A later version may add kinds; a reader passes over them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first record.
    RunStarted {
        /// The version of the records.
        schema_version: u32,
        /// The run.
        run: RunInfo,
    },
    /// A run that had ended too early goes on.
    RunResumed {
        /// When, in RFC 3339.
        at: String,
    },
    /// A scenario begins. The same place again begins it anew.
    ScenarioStarted {
        /// Its place in the plan, from 0.
        scenario: usize,
        /// What the file says of it.
        opening: Opening,
    },
    /// A step has ended.
    StepFinished {
        /// The place of its scenario.
        scenario: usize,
        /// The step.
        step: Box<StepReport>,
    },
    /// A scenario has ended.
    ScenarioFinished {
        /// Its place.
        scenario: usize,
        /// How.
        status: Status,
        /// Why, where no step tells it.
        reason: Option<String>,
        /// Whose fault an error is.
        error_kind: Option<ErrorKind>,
        /// Real time.
        took_ms: u64,
    },
    /// An invariant of ours is broken.
    Bug {
        /// In a sentence.
        text: String,
    },
    /// The last record.
    RunFinished {
        /// Real time, of all parts of a resumed run.
        took_ms: u64,
        /// Somebody stopped it.
        interrupted: bool,
    },
    /// A record of a later version.
    #[serde(other)]
    Unknown,
}

/// What a scenario file says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Opening {
    /// The file.
    pub file: String,
    /// The story, with the combination in parentheses.
    pub name: String,
    /// The prose.
    pub about: Option<String>,
    /// The tags.
    pub tags: Vec<String>,
    /// The combination.
    pub matrix: BTreeMap<String, String>,
}

impl From<Opening> for ScenarioReport {
    fn from(opening: Opening) -> Self {
        Self {
            file: opening.file,
            name: opening.name,
            about: opening.about,
            tags: opening.tags,
            matrix: opening.matrix,
            ..Self::default()
        }
    }
}
