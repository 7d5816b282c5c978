//! `doctor`: what of this machine, and of a target, would stand in the way of a run. The [`Facts`] are gathered at the border; each check
//! is a pure judgement of them, so that every state of every check can be tried without the machine that has it.

mod facts;
mod local;
mod programs;
mod proxy;
mod target;
mod text;
mod trust;

use schemars::JsonSchema;
use serde::Serialize;

pub use facts::{
    Answer, Authority, Bound, Browser, CallbackFact, Database, Facts, Folder, Handshake, HostFact,
    Kept, Loopback, Name, Program, ReferenceFact, Source, System, Trust,
};
pub use proxy::VARIABLES as PROXY_VARIABLES;
pub use text::{to_plain, to_text};

/// The version of these shapes. Raised when a field changes its meaning or goes, not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// Some runs or clients will stumble over it.
    Warn,
    /// A run will fail over it.
    Fail,
    /// It could not be found out; the remedy says what is missing.
    Unknown,
}

impl State {
    /// The word in plain output and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// Its name, which does not change: `callback_port`.
    pub id: &'static str,
    /// Which of several: a callback URL, a host, a folder. `null` where there is one.
    pub about: Option<String>,
    /// How it came out.
    pub state: State,
    /// What was seen.
    pub seen: String,
    /// What to do; `null` where nothing is to be done.
    pub remedy: Option<String>,
}

impl Check {
    fn ok(id: &'static str, seen: impl Into<String>) -> Self {
        Self::new(id, State::Ok, seen, None)
    }

    fn warn(id: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(id, State::Warn, seen, Some(remedy.into()))
    }

    fn fail(id: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(id, State::Fail, seen, Some(remedy.into()))
    }

    fn unknown(id: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(id, State::Unknown, seen, Some(remedy.into()))
    }

    fn new(
        id: &'static str,
        state: State,
        seen: impl Into<String>,
        remedy: Option<String>,
    ) -> Self {
        Self {
            id,
            about: None,
            state,
            seen: seen.into(),
            remedy,
        }
    }

    fn about(mut self, which: impl Into<String>) -> Self {
        self.about = Some(which.into());
        self
    }
}

/// What `doctor --format json` writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Document {
    /// The version of these shapes.
    pub schema_version: u32,
    /// How many checks came out how.
    pub summary: Summary,
    /// Every check, in the order of a run: this machine, trust, programs, the target.
    pub checks: Vec<Check>,
}

/// How many checks came out how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are the states")]
pub struct Summary {
    pub ok: usize,
    pub warn: usize,
    pub fail: usize,
    pub unknown: usize,
}

/// Judges what was found.
pub fn examine(facts: &Facts) -> Document {
    let mut checks = local::checks(facts);
    checks.extend(trust::checks(facts));
    checks.extend(proxy::checks(&facts.variables));
    checks.extend(programs::checks(facts));
    checks.extend(target::checks(facts));
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    Document {
        schema_version: SCHEMA_VERSION,
        summary: Summary {
            ok: count(State::Ok),
            warn: count(State::Warn),
            fail: count(State::Fail),
            unknown: count(State::Unknown),
        },
        checks,
    }
}

#[cfg(test)]
mod tests;
