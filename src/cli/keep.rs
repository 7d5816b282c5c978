//! Keeps each step in the journal before the next begins, scanned against the scenario's and the run's secrets.

use std::sync::{Mutex, PoisonError};

use super::failure::{COULD_NOT_RUN, Failure};
use crate::edge::dirs::Dirs;
use crate::edge::entropy::SystemEntropy;
use crate::journal::{Event, Journal, Opening, run_id};
use crate::ports::Entropy as _;
use crate::report::{RunInfo, ScenarioReport, StepReport, scrub};
use crate::run::Keep;
use crate::secret::Register;

/// What a run keeps.
pub(super) struct Kept {
    info: RunInfo,
    journal: Option<Journal>,
    secrets: Register,
    bugs: Mutex<Vec<String>>,
}

impl From<crate::journal::Error> for Failure {
    fn from(error: crate::journal::Error) -> Self {
        let help = miette::Diagnostic::help(&error)
            .map(|help| help.to_string())
            .unwrap_or_default();
        Self::new(
            COULD_NOT_RUN,
            format!("failed to {}", super::failure::line(&error)),
            &help,
        )
    }
}

impl Kept {
    /// Opens the journal of a new run, unless none is wanted.
    pub(super) fn open(
        mut info: RunInfo,
        wanted: bool,
        started: jiff::Timestamp,
        secrets: Register,
    ) -> Result<Self, Failure> {
        let mut chance = [0; 4];
        SystemEntropy.fill(&mut chance);
        info.id = run_id(started, u32::from_le_bytes(chance));
        let journal = if wanted {
            Some(Journal::create(
                &Dirs::find()?.state,
                info.clone(),
                &secrets,
            )?)
        } else {
            None
        };
        Ok(Self {
            info,
            journal,
            secrets,
            bugs: Mutex::default(),
        })
    }

    /// The keeper of one scenario, whose beginning it notes.
    pub(super) fn of(&self, number: usize, opening: Opening) -> Result<KeepOne<'_>, Failure> {
        if let Some(journal) = &self.journal {
            journal.append(
                &Event::ScenarioStarted {
                    scenario: number,
                    opening,
                },
                &[&self.secrets],
            )?;
        }
        Ok(KeepOne { kept: self, number })
    }

    /// A scenario ended. What cannot be written any more is told on stderr: its steps are in the report of this run all the same.
    pub(super) fn scenario(&self, number: usize, report: &ScenarioReport) {
        let event = Event::ScenarioFinished {
            scenario: number,
            status: report.status.clone(),
            reason: report.reason.clone(),
            error_kind: report.error_kind.clone(),
            took_ms: report.took_ms,
        };
        if let Some(journal) = &self.journal
            && let Err(error) = journal.append(&event, &[&self.secrets])
        {
            crate::edge::terminal::err(&Failure::from(error).to_text());
        }
    }

    /// The run ended.
    pub(super) fn close(mut self, took_ms: u64, interrupted: bool) -> (RunInfo, Register) {
        self.info.took_ms = took_ms;
        self.info.interrupted = interrupted;
        self.info.bugs = self
            .bugs
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(journal) = self.journal
            && let Err(error) = journal.finish(took_ms, interrupted)
        {
            crate::edge::terminal::err(&Failure::from(error).to_text());
        }
        (self.info, self.secrets)
    }
}

/// Keeps the steps of one scenario.
pub(super) struct KeepOne<'a> {
    kept: &'a Kept,
    number: usize,
}

impl Keep for KeepOne<'_> {
    fn step(&self, step: StepReport, secrets: &Register) -> Result<StepReport, String> {
        let registers = [secrets, &self.kept.secrets];
        let Some(journal) = &self.kept.journal else {
            let (step, scan) = scrub(&step, &registers);
            if scan.withheld > 0 {
                let text = format!(
                    "a text of step {} still held a secret after its redaction, and was withheld",
                    step.index
                );
                self.kept
                    .bugs
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(text);
            }
            return Ok(step);
        };
        let event = Event::StepFinished {
            scenario: self.number,
            step: Box::new(step),
        };
        match journal.append(&event, &registers) {
            Ok(Event::StepFinished { step, .. }) => Ok(*step),
            Ok(_) => Err("the journal gave back another record than it was given".to_owned()),
            Err(error) => Err(format!("failed to {}", super::failure::line(&error))),
        }
    }
}
